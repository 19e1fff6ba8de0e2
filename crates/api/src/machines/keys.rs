//! `/machine/keys`: the keys the tenant signs with.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::machines::MachineKey;
use domain::fault::Reason;
use domain::policy::Act;
use wire::Problem;
use wire::command::ReasonRequest;
use wire::machine::{MachineKeyRequest, MachineKeyView};
use wire::page::Page;

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, page, paging, send};
use crate::state::ApiState;

fn view(key: &MachineKey) -> MachineKeyView {
    MachineKeyView::new(&key.key, &key.public, key.state)
}

/// List the keys the tenant signs with.
///
/// Messages to the systems of counterparties are signed with them. Also those that are over. By admins.
#[utoipa::path(
    tag = "machines",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<MachineKeyView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/machine/keys")]
pub async fn list_machine_keys(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let keys = state.app.list_machine_keys(&caller).await?;
    let paging = paging(&request, |_, _| Err(Reason::UnknownField))?;
    let place = |MachineKey { key, .. }: &MachineKey| {
        // Of one width, so that they sort as text.
        let at = |at: jiff::Timestamp| format!("{at:.6}");
        format!("{}/{}/{}", at(key.made_at), at(key.signs_from), key.id)
    };
    Ok(page(&request, &paging, &keys, place, view))
}

/// Make a key.
///
/// The first signs at once. Another is published now and signs after `overlap_days`, so that those at the
/// other end can register it before; the one before it is published for a day more. By admins.
#[utoipa::path(
    tag = "machines",
    request_body = MachineKeyRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Made", body = MachineKeyView, headers(("Location" = String))),
        (status = "4XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/machine/keys")]
pub async fn make_machine_key(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: MachineKeyRequest = body.parse_desk(&state, &caller)?;
    let render = |key: &MachineKey| created(&view(key), "/api/v1/machine/keys".to_owned(), None);
    let made = state.app.make_machine_key(&caller, request.overlap_days, once, render).await?;
    Ok(send(made))
}

/// Withdraw a key.
///
/// For one that may have become known to others: it signs no more and is published no more. Tell those at
/// the other end to revoke it. By admins.
#[utoipa::path(
    tag = "machines",
    request_body = ReasonRequest,
    params(("key" = String, Path, description = "The key's id")),
    responses(
        (status = 200, description = "Withdrawn", body = MachineKeyView),
        (status = "4XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/machine/keys/{key}/withdraw")]
pub async fn withdraw_machine_key(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let key = state.app.withdraw_machine_key(&caller, &path, request.reason).await?;
    Ok(HttpResponse::Ok().json(view(&key)))
}
