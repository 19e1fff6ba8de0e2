//! What is published of opinions and their answers: `/cases/{id}/publication` and `/publications`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use app::Caller;
use app::cases::Opened;
use app::publications::{PublicationCommand, PublicationShown};
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use domain::publication::{Publication, PublicationStatus, PublicationText};
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use wire::command::ReasonRequest;
use wire::publication::{PublicationRequest, PublicationView, PublicationsView, PublishRequest};
use wire::{Language, Problem};

use crate::cases::list::form_pairs;
use crate::cases::read::id;
use crate::extract::{Body, CalledBy, Conditions, Spoken, etag};
use crate::problem::ApiError;
use crate::state::ApiState;

/// How many are listed at most.
const LISTED: usize = 500;

fn answer(shown: &PublicationShown, language: Language, created: bool) -> HttpResponse {
    let view = PublicationView::new(&shown.publication, Some(&shown.held_back), language);
    let mut response = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.insert_header(("ETag", etag(shown.publication.version))).json(view)
}

/// Opens the case and finds what is to be published of it, for whoever may do `act`.
async fn found(
    state: &ApiState,
    caller: &Caller,
    case: &str,
    act: Act,
) -> Result<(Opened, Option<Publication>), ApiError> {
    let opened = state.app.open(caller, id(case)?, Act::Read).await?;
    opened.permit(caller, act)?;
    let shown = state.app.publication(caller, &opened).await?;
    Ok((opened, shown.map(|shown| shown.publication)))
}

/// Read what is to be published of a case.
///
/// Or was, with what keeps it back now.
#[utoipa::path(
    tag = "opinions",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The publication", body = PublicationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/publication")]
pub async fn read_publication(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open(&caller, id(&path)?, Act::Read).await?;
    let shown = state.app.publication(&caller, &opened).await?;
    let shown = shown.ok_or(ApiError::App(app::Error::NotFound))?;
    state.app.keep_access(&caller, "publication.read", &opened).await?;
    Ok(answer(&shown, language, false))
}

/// Write what is to be published of a case.
///
/// A question and an answer in words of one's own; personal identity numbers are refused with their place.
/// `If-Match` is asked for once something is written. Only of an answered synpunkt or klagomål, where the
/// settings say so (`publishes_answers`), and never where an avvikelse is linked, lex Maria, lex Sarah or a
/// riskperson stands or stood beside it, or a person in it is protected.
#[utoipa::path(
    tag = "opinions",
    request_body = PublicationRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag that was read, once something is written"),
    ),
    responses(
        (status = 200, description = "Written anew", body = PublicationView, headers(("ETag" = String))),
        (status = 201, description = "Written", body = PublicationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/cases/{id}/publication")]
pub async fn write_publication(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (opened, before) = found(&state, &caller, &path, Act::WritePublication).await?;
    match &before {
        Some(before) => conditions.matches(before.version)?,
        None => conditions.matches_if_given(0)?,
    }
    let body = body.read(&state, &mut caller).await?;
    let request: PublicationRequest = body.parse_desk(&state, &caller)?;
    let text = PublicationText {
        question: request.question.trim().to_owned(),
        answer: request.answer.trim().to_owned(),
    };
    let created = before.is_none();
    let command = PublicationCommand::Write(text);
    let shown = state.app.publish(&caller, &opened, before, command).await?;
    Ok(answer(&shown, language, created))
}

/// What is sent with a command.
struct Sent {
    state: Data<ApiState>,
    caller: CalledBy,
    case: String,
    conditions: Conditions,
    language: Language,
    body: Body,
}

async fn command<T: DeserializeOwned + ToSchema>(
    sent: Sent,
    command: impl FnOnce(T) -> PublicationCommand,
) -> Result<HttpResponse, ApiError> {
    let Sent { state, mut caller, case, conditions, language, body } = sent;
    let (opened, before) = found(&state, &caller, &case, Act::Publish).await?;
    let before = before.ok_or(ApiError::App(app::Error::NotFound))?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let command = command(body.parse_desk(&state, &caller)?);
    let shown = state.app.publish(&caller, &opened, Some(before), command).await?;
    Ok(answer(&shown, language, false))
}

/// Publish.
///
/// By a manager, MAS, MAR or SAS other than who wrote it, who says that nobody can be known by it. From
/// then on everybody reads it at `/public/{tenant}/published`, unless something comes beside the case that
/// keeps it back.
#[utoipa::path(
    tag = "opinions",
    request_body = PublishRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Published", body = PublicationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not published", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not published", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/publication/approve")]
pub async fn approve_publication(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let sent = Sent { state, caller, case: path.into_inner(), conditions, language, body };
    command(sent, |request: PublishRequest| PublicationCommand::Approve {
        names_checked: request.names_checked,
    })
    .await
}

/// Take a publication back.
///
/// Or put a draft away. It can be written anew.
#[utoipa::path(
    tag = "opinions",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Withdrawn", body = PublicationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/publication/withdraw")]
pub async fn withdraw_publication(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let sent = Sent { state, caller, case: path.into_inner(), conditions, language, body };
    let withdraw = |request: ReasonRequest| PublicationCommand::Withdraw { reason: request.reason };
    command(sent, withdraw).await
}

/// List publications.
///
/// Of the cases one may read, the last changed first: drafts that wait for somebody's approval, what is
/// out, what was withdrawn. At most 500.
#[utoipa::path(
    tag = "opinions",
    params(("status" = Option<wire::code::PublicationStatus>, Query, description = "`draft`, `published` or `withdrawn`")),
    responses(
        (status = 200, description = "The publications", body = PublicationsView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/publications")]
pub async fn list_publications(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let mut status = None;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "status" => {
                let expected = "draft | published | withdrawn".to_owned();
                let parsed = value.parse::<PublicationStatus>();
                status = Some(parsed.map_err(|()| fault(Reason::WrongType { expected }))?);
            }
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let found = state.app.publications(&caller, status, LISTED).await?;
    let view = |it: &Publication| PublicationView::new(it, None, language);
    let items = found.iter().map(view).collect();
    Ok(HttpResponse::Ok().json(PublicationsView { items }))
}
