//! `/group-grants`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::setup::NewGroupGrant;
use domain::fault::Reason;
use domain::ids::GroupGrantId;
use domain::organisation::GroupGrant;
use domain::policy::Act;
use wire::Problem;
use wire::page::Page;
use wire::setup::{EndGroupGrantRequest, GroupGrantRequest, GroupGrantView};

use super::{created, id, page, paging, send, shown};
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// List what groups give.
///
/// Also what has ended. For admins. `Accept: application/x-ndjson` gives all of it, one a line.
#[utoipa::path(
    tag = "setup",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<GroupGrantView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/group-grants")]
pub async fn list_group_grants(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageGrants)?;
    let paging = paging(&request, |_, _| Err(Reason::UnknownField))?;
    let given = state.app.list_group_grants(&caller).await?;
    let units = &caller.set_up.units;
    let key = |given: &GroupGrant| given.id.to_string();
    Ok(page(&request, &paging, &given, key, |given| GroupGrantView::new(given, units)))
}

/// Give something to a group.
///
/// Whoever comes with a token of the issuer that names the group is given a grant from then on, and loses it with the
/// first token that does not. Such a grant stands among the others, with `group_grant`. Nobody becomes an admin so.
#[utoipa::path(
    tag = "setup",
    request_body = GroupGrantRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Given", body = GroupGrantView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/group-grants")]
pub async fn give_to_group(
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
    let asked: GroupGrantRequest = body.parse_desk(&state, &caller)?;
    let new = NewGroupGrant {
        issuer: asked.issuer,
        group: asked.group,
        role: asked.role.into(),
        units: asked.units.unwrap_or_default(),
        laws: asked.laws.unwrap_or_default().into_iter().map(Into::into).collect(),
    };
    let render = |given: &GroupGrant| {
        let view = GroupGrantView::new(given, &caller.set_up.units);
        created(&view, format!("/api/v1/group-grants/{}", given.id), Some(given.version))
    };
    Ok(send(state.app.give_to_group(&caller, new, once, render).await?))
}

/// Read what a group gives.
#[utoipa::path(
    tag = "setup",
    params(("id" = Uuid, Path, description = "Its id")),
    responses(
        (status = 200, description = "What it gives", body = GroupGrantView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/group-grants/{id}")]
pub async fn read_group_grant(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let given = state.app.read_group_grant(&caller, GroupGrantId(id(&path)?)).await?;
    Ok(shown(&GroupGrantView::new(&given, &caller.set_up.units), given.version))
}

/// End what a group gives.
///
/// At once, with every grant that came by it; what was done with them stands.
#[utoipa::path(
    tag = "setup",
    request_body = EndGroupGrantRequest,
    params(
        ("id" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Ended", body = GroupGrantView, headers(("ETag" = String))),
        (status = "4XX", description = "Not ended", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not ended", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/group-grants/{id}/end")]
pub async fn end_group_grant(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.read_group_grant(&caller, GroupGrantId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let EndGroupGrantRequest {} = body.read(&state, &mut caller).await?.parse(&state)?;
    let given = state.app.end_group_grant(&caller, &before).await?;
    Ok(shown(&GroupGrantView::new(&given, &caller.set_up.units), given.version))
}
