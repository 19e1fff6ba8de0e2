//! `/staff`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch};
use app::setup;
use domain::fault::Reason;
use domain::ids::StaffId;
use domain::organisation::Staff;
use domain::policy::Act;
use wire::Problem;
use wire::page::Page;
use wire::setup::{StaffChange, StaffView};

use super::{id, page, paging, shown, wrong};
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// List staff.
///
/// Everyone who ever came with a token, also who has left; in the order in which they came. For
/// admins. `Accept: application/x-ndjson` gives all of them, one a line.
#[utoipa::path(
    tag = "setup",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("active" = Option<bool>, Query, description = "Only those who are let in, or only those who are not"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<StaffView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/staff")]
pub async fn list_staff(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageGrants)?;
    let mut active = None;
    let paging = paging(&request, |name, value| match name {
        "active" => {
            active = Some(value.parse::<bool>().map_err(|_| wrong("true | false"))?);
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let mut staff = state.app.list_staff(&caller).await?;
    staff.retain(|person| active.is_none_or(|active| person.deactivated_at.is_none() == active));
    let key = |person: &Staff| person.id.to_string();
    Ok(page(&request, &paging, &staff, key, |person| StaffView::from(person)))
}

/// Read a member of the staff.
#[utoipa::path(
    tag = "setup",
    params(("id" = Uuid, Path, description = "The staff id")),
    responses(
        (status = 200, description = "The person", body = StaffView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/staff/{id}")]
pub async fn read_staff(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let person = state.app.read_staff(&caller, StaffId(id(&path)?)).await?;
    Ok(shown(&StaffView::from(&person), person.version))
}

/// Change a member of the staff.
///
/// `{"active": false}` keeps the person out from their next request on, `{"active": true}` lets
/// them in again with the grants they have. Nobody deactivates themselves. A manager over open cases is
/// deactivated as a manager's grant ends: when another manager or a deputy is there, a handover is signed
/// by both, or `taken_over_by` names an area manager who takes over. In a hurry the grants are taken back
/// first, with the reason `misuse`.
#[utoipa::path(
    tag = "setup",
    request_body = StaffChange,
    params(
        ("id" = Uuid, Path, description = "The staff id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = StaffView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/staff/{id}")]
pub async fn change_staff(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.read_staff(&caller, StaffId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: StaffChange = body.parse_desk(&state, &caller)?;
    let change = setup::StaffChange {
        name: request.name,
        profession: request.profession,
        email: request.email,
        active: request.active,
        taken_over_by: request.taken_over_by.map(StaffId),
    };
    let person = state.app.change_staff(&caller, &before, change).await?;
    Ok(shown(&StaffView::from(&person), person.version))
}
