//! `/learning-cards`.

use actix_web::http::header::LINK;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use app::learning::{CardCommand, CardDraft, CardQuery, CardShown};
use app::{Answer, Caller};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, LearningCardId};
use domain::learning::CATEGORY_LISTS;
use domain::policy::Act;
use uuid::Uuid;
use wire::Problem;
use wire::command::{EmptyRequest, ReasonRequest};
use wire::learning::{CardMeetingRequest, LearningCardRequest, LearningCardView};
use wire::page::Page;

use crate::cases::list::{encode, form_pairs};
use crate::cases::send;
use crate::extract::{Body, CalledBy, Conditions, etag};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Items of a page, unless asked otherwise, and at most.
const PAGE: (usize, usize) = (50, 500);

fn id(text: &str) -> Result<LearningCardId, ApiError> {
    Uuid::parse_str(text).map(LearningCardId).map_err(|_| ApiError::NoSuchPath)
}

fn view(shown: &CardShown, caller: &Caller) -> LearningCardView {
    let readable = shown.readable.iter().map(|case| case.0);
    LearningCardView::new(&shown.card, readable, shown.inside, &caller.set_up.units)
}

fn answer(shown: &CardShown, caller: &Caller, status: u16) -> Answer {
    Answer {
        status,
        location: (status == 201).then(|| format!("/api/v1/learning-cards/{}", shown.card.id)),
        etag: Some(etag(shown.card.version)),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(&view(shown, caller)).unwrap_or_default(),
    }
}

fn draft(request: LearningCardRequest) -> CardDraft {
    CardDraft {
        title: request.title,
        text: request.text,
        category: request.category,
        cases: request.cases.into_iter().map(CaseId).collect(),
    }
}

/// The query of a list, every fault named.
fn query(caller: &Caller, text: &str) -> Result<CardQuery, ApiError> {
    let set_up = &caller.set_up;
    let mut query = CardQuery { limit: PAGE.0, ..CardQuery::default() };
    let mut faults = Vec::new();
    let wrong = |expected: &str| Reason::WrongType { expected: expected.to_owned() };
    for (name, value) in form_pairs(text) {
        let read = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => {
                    query.limit = limit;
                    Ok(())
                }
                _ => Err(Reason::OutOfRange { min: 1, max: 500 }),
            },
            "cursor" => Uuid::parse_str(&value)
                .map(|id| query.after = Some(LearningCardId(id)))
                .map_err(|_| wrong("next_cursor")),
            "status" => {
                let statuses: Result<Vec<_>, ()> = value.split(',').map(str::parse).collect();
                statuses
                    .map(|statuses| query.statuses = statuses)
                    .map_err(|()| wrong("draft | approved | withdrawn"))
            }
            "category" => {
                let categories = query.categories.get_or_insert_default();
                let mut unknown = None;
                for given in value.split(',') {
                    let codes = &set_up.codes;
                    let known =
                        CATEGORY_LISTS.into_iter().find(|list| codes.get(list, given).is_some());
                    match known {
                        Some(list) => categories.extend(codes.with_descendants(list, given)),
                        None => unknown = Some(given.to_owned()),
                    }
                }
                let list = || CATEGORY_LISTS[0].to_owned();
                let reason = |given| Err(Reason::UnknownCode { list: list(), given });
                unknown.map_or(Ok(()), reason)
            }
            "unit" => match set_up.units.find(&value) {
                Some(unit) => {
                    query.units.get_or_insert_default().insert(unit.id);
                    Ok(())
                }
                None => Err(Reason::UnknownUnit { given: value }),
            },
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if faults.is_empty() { Ok(query) } else { Err(ApiError::Invalid(faults)) }
}

/// List learning cards.
///
/// Those approved, newest first, for everybody of the tenant; drafts and withdrawn ones for their
/// author and those who approve.
#[utoipa::path(
    tag = "learning",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("status" = Option<String>, Query, description = "`draft`, `approved`, `withdrawn`, by comma"),
        ("category" = Option<String>, Query, description = "Categories, by comma, each with those below"),
        ("unit" = Option<String>, Query, description = "A unit by id or code: what was learnt at units of its area"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<LearningCardView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/learning-cards")]
pub async fn list_learning_cards(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let query = query(&caller, request.query_string())?;
    let found = state.app.learning_cards(&caller, query).await?;
    let items = found.cards.iter().map(|shown| view(shown, &caller)).collect();
    let next_cursor = found.next.map(|id| id.to_string());
    let mut response = HttpResponse::Ok();
    if let Some(next) = &next_cursor {
        let pairs = form_pairs(request.query_string());
        let rest: String = pairs
            .iter()
            .filter(|(name, _)| name != "cursor")
            .map(|(name, value)| format!("{}={}&", encode(name), encode(value)))
            .collect();
        let link = format!("<{}?{rest}cursor={next}>; rel=\"next\"", request.path());
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}

/// Write a learning card.
///
/// A draft of half a page from one or several cases one may read. Persons and units are refused with
/// their place: personal identity numbers, names of staff, names and codes of units.
#[utoipa::path(
    tag = "learning",
    request_body = LearningCardRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Written", body = LearningCardView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/learning-cards")]
pub async fn write_learning_card(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::WriteLearning)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let draft = draft(body.parse_desk(&state, &caller)?);
    let render = |shown: &CardShown| answer(shown, &caller, 201);
    Ok(send(state.app.write_card(&caller, draft, once, render).await?))
}

/// Read a learning card.
#[utoipa::path(
    tag = "learning",
    params(("id" = Uuid, Path, description = "The card's id")),
    responses(
        (status = 200, description = "The card", body = LearningCardView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/learning-cards/{id}")]
pub async fn read_learning_card(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.learning_card(&caller, id(&path)?).await?;
    Ok(send(answer(&shown, &caller, 200)))
}

/// Write the draft of a learning card anew.
///
/// Its author's alone, until it is approved.
#[utoipa::path(
    tag = "learning",
    request_body = LearningCardRequest,
    params(
        ("id" = Uuid, Path, description = "The card's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Written", body = LearningCardView, headers(("ETag" = String))),
        (status = "4XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/learning-cards/{id}")]
pub async fn rewrite_learning_card(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.learning_card(&caller, id(&path)?).await?;
    state.app.may_change_card(&caller, &shown, Act::WriteLearning)?;
    conditions.matches(shown.card.version)?;
    let body = body.read(&state, &mut caller).await?;
    let command = CardCommand::Rewrite(draft(body.parse_desk(&state, &caller)?));
    let shown = state.app.change_card(&caller, shown, command).await?;
    Ok(send(answer(&shown, &caller, 200)))
}

/// Approve a learning card.
///
/// By a manager, MAS, MAR or SAS other than its author. From then on everybody of the tenant reads
/// it, and whoever files a case of its category is shown it.
#[utoipa::path(
    tag = "learning",
    request_body = EmptyRequest,
    params(
        ("id" = Uuid, Path, description = "The card's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Approved", body = LearningCardView, headers(("ETag" = String))),
        (status = "4XX", description = "Not approved", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not approved", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/learning-cards/{id}/approve")]
pub async fn approve_learning_card(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.learning_card(&caller, id(&path)?).await?;
    state.app.may_change_card(&caller, &shown, Act::ApproveLearning)?;
    conditions.matches(shown.card.version)?;
    let body = body.read(&state, &mut caller).await?;
    body.parse_desk::<EmptyRequest>(&state, &caller)?;
    let shown = state.app.change_card(&caller, shown, CardCommand::Approve).await?;
    Ok(send(answer(&shown, &caller, 200)))
}

/// Withdraw a learning card.
///
/// A draft, or one that holds no longer; it is kept, and shown at filing no more. By those who approve,
/// and by the author while it is a draft.
#[utoipa::path(
    tag = "learning",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The card's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Withdrawn", body = LearningCardView, headers(("ETag" = String))),
        (status = "4XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/learning-cards/{id}/withdraw")]
pub async fn withdraw_learning_card(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.learning_card(&caller, id(&path)?).await?;
    let by_author = shown.card.approved.is_none()
        && state.app.may_change_card(&caller, &shown, Act::WriteLearning).is_ok();
    if !by_author {
        state.app.may_change_card(&caller, &shown, Act::ApproveLearning)?;
    }
    conditions.matches(shown.card.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let command = CardCommand::Withdraw { reason: request.reason };
    let shown = state.app.change_card(&caller, shown, command).await?;
    Ok(send(answer(&shown, &caller, 200)))
}

/// Note that a unit discussed a learning card.
///
/// At a meeting of a day. Needs no `If-Match`: nothing is replaced.
#[utoipa::path(
    tag = "learning",
    request_body = CardMeetingRequest,
    params(("id" = Uuid, Path, description = "The card's id")),
    responses(
        (status = 200, description = "Noted", body = LearningCardView, headers(("ETag" = String))),
        (status = "4XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/learning-cards/{id}/meetings")]
pub async fn discuss_learning_card(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let mut shown = state.app.learning_card(&caller, id).await?;
    caller.may(Act::WriteLearning)?;
    let body = body.read(&state, &mut caller).await?;
    let request: CardMeetingRequest = body.parse_desk(&state, &caller)?;
    let unit = caller.set_up.units.find(&request.unit).map(|unit| unit.id);
    let unit = unit.ok_or_else(|| {
        let reason = Reason::UnknownUnit { given: request.unit.clone() };
        ApiError::Invalid(vec![Fault::at("/unit", reason)])
    })?;
    state.app.may_note_meeting(&caller, unit)?;
    let command = CardCommand::Discuss { unit, on: request.meeting_on };
    let mut tries = TRIES;
    loop {
        tries -= 1;
        match state.app.change_card(&caller, shown, command.clone()).await {
            Err(app::Error::Stale) if tries > 0 => {
                shown = state.app.learning_card(&caller, id).await?;
            }
            done => return Ok(send(answer(&done?, &caller, 200))),
        }
    }
}

/// How often a meeting is added anew to a card that others keep changing.
const TRIES: usize = 5;
