//! `/reports/yearly/{year}`: what people write in it.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post, put};
use app::Caller;
use app::reports::{Asking, GoalCommand, NewGoal};
use domain::fault::{Fault, Reason};
use domain::ids::{GoalId, ParagraphId};
use domain::policy::Act;
use domain::yearly::SectionId;
use domain::yearly::text::{AskedParagraph, CarriedGoal};
use wire::Problem;
use wire::reports::{
    AskParagraphsRequest, GoalChange, GoalRequest, GoalView, ParagraphRequest, ParagraphView,
    ParagraphsView, SectionTextRequest, SectionTextView,
};

use super::year;
use crate::extract::{Body, CalledBy, Conditions, etag};
use crate::problem::ApiError;
use crate::setup::{created, id, send, shown};
use crate::state::ApiState;

fn section(code: &str) -> Result<SectionId, ApiError> {
    code.parse().map_err(|()| ApiError::NoSuchPath)
}

/// Write the text of a section.
///
/// Goals, egenkontroll, results and analysis, in the author's own words. `If-Match` is asked for once something
/// is written; each section has a version of its own. Personal identity numbers are refused with their place.
/// Not while the report is frozen. For MAS, MAR, SAS and the director.
#[utoipa::path(
    tag = "reports",
    request_body = SectionTextRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("section" = String, Path, description = "The section, such as `leadership`"),
        ("If-Match" = Option<String>, Header, description = "The ETag that was read, once something is written"),
    ),
    responses(
        (status = 200, description = "Written", body = SectionTextView, headers(("ETag" = String))),
        (status = "4XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/reports/yearly/{year}/sections/{section}")]
pub async fn write_section(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (of, code) = path.into_inner();
    caller.may(Act::WriteReport)?;
    let (year, section) = (year(&of, &caller)?, section(&code)?);
    let before = state.app.section_text(&caller, year, section).await?;
    match &before {
        Some(before) => conditions.matches(before.version)?,
        None => conditions.matches_if_given(0)?,
    }
    let body = body.read(&state, &mut caller).await?;
    let request: SectionTextRequest = body.parse_desk(&state, &caller)?;
    let written = state.app.write_section(&caller, year, section, before, &request.text).await?;
    Ok(shown(&SectionTextView::from(&written), written.version))
}

/// Ask units for a paragraph.
///
/// Each unit's manager gets a notice, and gives it under `/paragraphs`. A unit is asked once a section.
#[utoipa::path(
    tag = "reports",
    request_body = AskParagraphsRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("section" = String, Path, description = "The section, such as `leadership`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Asked", body = ParagraphsView, headers(("Location" = String))),
        (status = "4XX", description = "Not asked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not asked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/sections/{section}/paragraphs")]
pub async fn ask_paragraphs(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (of, code) = path.into_inner();
    caller.may(Act::WriteReport)?;
    let (year, section) = (year(&of, &caller)?, section(&code)?);
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: AskParagraphsRequest = body.parse_desk(&state, &caller)?;
    let asking = Asking { section, units: request.units, due_on: request.due_on };
    let units = caller.set_up.units.clone();
    let render = |asked: &[AskedParagraph]| {
        let items = asked.iter().map(|it| ParagraphView::new(it, &units)).collect();
        let at = format!("/api/v1/reports/yearly/{year}/paragraphs");
        created(&ParagraphsView { items }, at, None)
    };
    Ok(send(state.app.ask_for_paragraphs(&caller, year, asking, once, render).await?))
}

/// List the paragraphs that were asked for.
///
/// All of them for those who write the report; for a unit's manager those of the unit.
#[utoipa::path(
    tag = "reports",
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "The paragraphs", body = ParagraphsView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/paragraphs")]
pub async fn list_paragraphs(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::GiveParagraph)?;
    let found = state.app.paragraphs(&caller, year(&path, &caller)?).await?;
    let units = &caller.set_up.units;
    let items = found.iter().map(|it| ParagraphView::new(it, units)).collect();
    Ok(HttpResponse::Ok().json(ParagraphsView { items }))
}

/// Give a paragraph.
///
/// By the manager of the unit that was asked, or whoever writes the report; may be written anew until the
/// report is frozen.
#[utoipa::path(
    tag = "reports",
    request_body = ParagraphRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("id" = Uuid, Path, description = "The paragraph's id"),
        ("If-Match" = String, Header, description = "Its `version` in quotes, as it was read"),
    ),
    responses(
        (status = 200, description = "Given", body = ParagraphView, headers(("ETag" = String))),
        (status = "4XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/reports/yearly/{year}/paragraphs/{id}")]
pub async fn give_paragraph(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (of, paragraph) = path.into_inner();
    caller.may(Act::GiveParagraph)?;
    let year = year(&of, &caller)?;
    let before = state.app.paragraph(&caller, year, ParagraphId(id(&paragraph)?)).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ParagraphRequest = body.parse_desk(&state, &caller)?;
    let given = state.app.give_paragraph(&caller, before, &request.text).await?;
    Ok(shown(&ParagraphView::new(&given, &caller.set_up.units), given.version))
}

/// Set a goal.
///
/// For the year after the report's: it is carried into that year's report, and must be answered there before
/// that is frozen. Where last year's report was made elsewhere, its goals are set for the report's own year.
#[utoipa::path(
    tag = "reports",
    request_body = GoalRequest,
    params(
        ("year" = String, Path, description = "The year of the report"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Set", body = GoalView, headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not set", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not set", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/goals")]
pub async fn set_goal(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::WriteReport)?;
    let year = year(&path, &caller)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: GoalRequest = body.parse_desk(&state, &caller)?;
    let section = request.section.parse::<SectionId>().map_err(|()| {
        let (list, given) = ("report_section".to_owned(), request.section.clone());
        ApiError::Invalid(vec![Fault::at("/section", Reason::UnknownCode { list, given })])
    })?;
    let new = NewGoal { section, year: request.year, text: request.text };
    let render = |goal: &CarriedGoal| {
        let at = format!("/api/v1/reports/yearly/{year}/goals/{}", goal.id);
        created(&GoalView::from(goal), at, Some(goal.version))
    };
    Ok(send(state.app.set_goal(&caller, year, new, once, render).await?))
}

async fn goal_of(
    state: &ApiState,
    caller: &Caller,
    path: (String, String),
) -> Result<(i16, CarriedGoal), ApiError> {
    caller.may(Act::WriteReport)?;
    let year = year(&path.0, caller)?;
    Ok((year, state.app.goal(caller, year, GoalId(id(&path.1)?)).await?))
}

/// Read a goal.
#[utoipa::path(
    tag = "reports",
    params(
        ("year" = String, Path, description = "The year of a report it stands in"),
        ("id" = Uuid, Path, description = "The goal's id"),
    ),
    responses(
        (status = 200, description = "The goal", body = GoalView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/goals/{id}")]
pub async fn read_goal(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (_, goal) = goal_of(&state, &caller, path.into_inner()).await?;
    Ok(shown(&GoalView::from(&goal), goal.version))
}

/// Write a goal anew, or say how it went.
///
/// Its words in the report it was set in; how it went, or why nobody knows, in that of the year it is for.
#[utoipa::path(
    tag = "reports",
    request_body = GoalChange,
    params(
        ("year" = String, Path, description = "The year of the report"),
        ("id" = Uuid, Path, description = "The goal's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = GoalView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/reports/yearly/{year}/goals/{id}")]
pub async fn change_goal(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (year, before) = goal_of(&state, &caller, path.into_inner()).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: GoalChange = body.parse_desk(&state, &caller)?;
    let mut commands: Vec<GoalCommand> =
        request.text.map(GoalCommand::Rewrite).into_iter().collect();
    let answer = request.answer;
    commands.extend(answer.map(|it| GoalCommand::Answer(it.reached.into(), it.text)));
    if commands.is_empty() {
        return Ok(HttpResponse::Ok()
            .insert_header(("ETag", etag(before.version)))
            .json(GoalView::from(&before)));
    }
    let goal = state.app.change_goal(&caller, year, before, commands).await?;
    Ok(shown(&GoalView::from(&goal), goal.version))
}
