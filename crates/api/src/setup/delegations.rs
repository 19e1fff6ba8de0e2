//! `/delegations`: who may decide what, and by which decision.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::escalations::delegations::NewDelegation;
use domain::calendar::swedish_date;
use domain::escalation::{Delegated, Delegation};
use domain::fault::Reason;
use domain::ids::{DelegationId, StaffId};
use domain::policy::Act;
use wire::Problem;
use wire::command::ReasonRequest;
use wire::delegation::{DelegationRequest, DelegationView};
use wire::page::Page;

use super::{created, id, page, paging, send, shown, wrong};
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// List the register of delegations.
///
/// Also what is over or ended, in the order entered. Everybody of the tenant may see who decides.
#[utoipa::path(
    tag = "setup",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("staff" = Option<Uuid>, Query, description = "Only those of this person, by staff id"),
        ("matter" = Option<String>, Query, description = "`lex_maria`, `lex_sarah`, `riskperson`, `notify`, by comma"),
        ("valid" = Option<bool>, Query, description = "Only what holds today, or only what does not"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<DelegationView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/delegations")]
pub async fn list_delegations(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (mut staff, mut matters, mut valid) = (None, Vec::new(), None);
    let paging = paging(&request, |name, value| match name {
        "staff" => {
            staff = Some(value.parse::<StaffId>().map_err(|_| wrong("uuid"))?);
            Ok(())
        }
        "matter" => {
            for code in value.split(',') {
                let known = Delegated::ALL.map(Delegated::code).join(" | ");
                matters.push(code.parse::<Delegated>().map_err(|()| wrong(&known))?);
            }
            Ok(())
        }
        "valid" => {
            valid = Some(value.parse::<bool>().map_err(|_| wrong("true | false"))?);
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let mut lines = state.app.list_delegations(&caller).await?;
    let today = swedish_date(caller.now);
    lines.retain(|line| {
        staff.is_none_or(|staff| line.staff == staff)
            && (matters.is_empty() || matters.contains(&line.matter))
            && valid.is_none_or(|valid| line.valid_on(today) == valid)
    });
    let key = |line: &Delegation| line.id.to_string();
    Ok(page(&request, &paging, &lines, key, |line| DelegationView::from(line)))
}

/// Enter a delegation.
///
/// Who may decide what, from when to when, by which decision. By admins of the whole tenant. It is never
/// changed: end it, and enter another.
#[utoipa::path(
    tag = "setup",
    request_body = DelegationRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Entered", body = DelegationView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not entered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not entered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/delegations")]
pub async fn enter_delegation(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageGrants)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: DelegationRequest = body.parse_desk(&state, &caller)?;
    let new = NewDelegation {
        staff: StaffId(request.staff),
        matter: request.matter.into(),
        valid_from: request.valid_from,
        valid_to: request.valid_to,
        reference: request.reference,
        decided_by: request.decided_by,
    };
    let render = |line: &Delegation| {
        let at = format!("/api/v1/delegations/{}", line.id);
        created(&DelegationView::from(line), at, Some(line.version))
    };
    Ok(send(state.app.enter_delegation(&caller, new, once, render).await?))
}

/// Read a delegation.
#[utoipa::path(
    tag = "setup",
    params(("id" = Uuid, Path, description = "The delegation's id")),
    responses(
        (status = 200, description = "The delegation", body = DelegationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/delegations/{id}")]
pub async fn read_delegation(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let line = state.app.read_delegation(&caller, DelegationId(id(&path)?)).await?;
    Ok(shown(&DelegationView::from(&line), line.version))
}

/// End a delegation.
///
/// From today on nothing is decided by it. What was decided stands, and the line stays readable.
#[utoipa::path(
    tag = "setup",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The delegation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Ended", body = DelegationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not ended", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not ended", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/delegations/{id}/end")]
pub async fn end_delegation(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageGrants)?;
    let line = state.app.read_delegation(&caller, DelegationId(id(&path)?)).await?;
    conditions.matches(line.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let ended = state.app.end_delegation(&caller, line, request.reason).await?;
    Ok(shown(&DelegationView::from(&ended), ended.version))
}
