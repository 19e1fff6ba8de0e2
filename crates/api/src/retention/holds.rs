//! `/legal-holds`: what stays whatever the plan says.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::retention::NewHold;
use domain::calendar::swedish_date;
use domain::fault::Reason;
use domain::ids::HoldId;
use domain::policy::Act;
use domain::retention::LegalHold;
use wire::Problem;
use wire::command::ReasonRequest;
use wire::page::Page;
use wire::retention::{HoldRequest, HoldView};

use crate::cases::command::subjected;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, page, paging, send, shown, wrong};
use crate::state::ApiState;

/// List legal holds.
///
/// Also those that are lifted or over, in the order placed. A hold on a person does not say on whom. For registrators,
/// privacy officers and admins of the whole tenant.
#[utoipa::path(
    tag = "retention",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("holds" = Option<bool>, Query, description = "Only those that hold today, or only those that do not"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<HoldView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/legal-holds")]
pub async fn list_legal_holds(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::PlaceHold)?;
    let mut holds = None;
    let paging = paging(&request, |name, value| match name {
        "holds" => {
            holds = Some(value.parse::<bool>().map_err(|_| wrong("true | false"))?);
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let today = swedish_date(caller.now);
    let mut found = state.app.legal_holds(&caller).await?;
    found.retain(|hold| holds.is_none_or(|holds| hold.holds_on(today) == holds));
    let key = |hold: &LegalHold| hold.id.to_string();
    Ok(page(&request, &paging, &found, key, |hold| HoldView::on(hold, today)))
}

/// Place a legal hold.
///
/// On a case (`case`, by id or number), or on every case about a person (`subject`, of whom a keyed hash is kept). What
/// it is on stays whatever the plan says, until its last day or until it is lifted.
#[utoipa::path(
    tag = "retention",
    request_body = HoldRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Placed", body = HoldView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not placed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not placed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/legal-holds")]
pub async fn place_legal_hold(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::PlaceHold)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: HoldRequest = body.parse_desk(&state, &caller)?;
    let subject = request.subject.as_ref().map(|given| subjected(&caller, given)).transpose()?;
    let new = NewHold {
        case: request.case,
        subject: subject.map(|subject| subject.identity),
        reason: request.reason,
        until: request.until,
    };
    let today = swedish_date(caller.now);
    let render = |hold: &LegalHold| {
        let at = format!("/api/v1/legal-holds/{}", hold.id);
        created(&HoldView::on(hold, today), at, Some(hold.version))
    };
    Ok(send(state.app.place_hold(&caller, new, once, render).await?))
}

/// Read a legal hold.
#[utoipa::path(
    tag = "retention",
    params(("id" = Uuid, Path, description = "The hold's id")),
    responses(
        (status = 200, description = "The hold", body = HoldView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/legal-holds/{id}")]
pub async fn read_legal_hold(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let hold = state.app.legal_hold(&caller, HoldId(id(&path)?)).await?;
    Ok(shown(&HoldView::on(&hold, swedish_date(caller.now)), hold.version))
}

/// Lift a legal hold.
///
/// With a reason. The hold stays readable.
#[utoipa::path(
    tag = "retention",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The hold's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Lifted", body = HoldView, headers(("ETag" = String))),
        (status = "4XX", description = "Not lifted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not lifted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/legal-holds/{id}/lift")]
pub async fn lift_legal_hold(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::PlaceHold)?;
    let hold = state.app.legal_hold(&caller, HoldId(id(&path)?)).await?;
    conditions.matches(hold.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let lifted = state.app.lift_hold(&caller, hold, request.reason).await?;
    Ok(shown(&HoldView::on(&lifted, swedish_date(caller.now)), lifted.version))
}
