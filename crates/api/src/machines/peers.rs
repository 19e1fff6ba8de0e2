//! `/counterparties/{id}/machine`: the system of a counterparty and its keys.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post, put};
use app::machines::{NewPeerKey, PeerChange, PeerWithKeys};
use domain::ids::CounterpartyId;
use domain::machine::PeerKey;
use domain::policy::Act;
use wire::Problem;
use wire::command::ReasonRequest;
use wire::machine::{
    MachinePeerKeyRequest, MachinePeerKeyView, MachinePeerRequest, MachinePeerView,
};

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, send, shown};
use crate::state::ApiState;

fn view(found: &PeerWithKeys) -> MachinePeerView {
    MachinePeerView::new(&found.peer, &found.keys)
}

fn change(request: MachinePeerRequest) -> PeerChange {
    PeerChange {
        id: request.peer_id,
        endpoint: request.endpoint,
        give_up_hours: request.give_up_hours,
    }
}

/// Read the system of a counterparty.
///
/// Where messages to it go, and the keys it signs with. By admins.
#[utoipa::path(
    tag = "machines",
    params(("id" = Uuid, Path, description = "The counterparty's id")),
    responses(
        (status = 200, description = "The system", body = MachinePeerView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/counterparties/{id}/machine")]
pub async fn read_machine_peer(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let found = state.app.machine_peer(&caller, CounterpartyId(id(&path)?)).await?;
    Ok(shown(&view(&found), found.peer.version))
}

/// Register the system of a counterparty.
///
/// Its id and endpoint stand in its description, `GET …/public/{tenant}/machine` where it is one of this
/// kind. Nothing is taken from it before a key is registered. By admins.
#[utoipa::path(
    tag = "machines",
    request_body = MachinePeerRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Registered", body = MachinePeerView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/machine")]
pub async fn register_machine_peer(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let counterparty = CounterpartyId(id(&path)?);
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: MachinePeerRequest = body.parse_desk(&state, &caller)?;
    let render = |found: &PeerWithKeys| {
        let at = format!("/api/v1/counterparties/{counterparty}/machine");
        created(&view(found), at, Some(found.peer.version))
    };
    let app = &state.app;
    let made =
        app.register_machine_peer(&caller, counterparty, change(request), once, render).await?;
    Ok(send(made))
}

/// Change the system of a counterparty.
///
/// Where messages to it go from now on, also those that wait. By admins.
#[utoipa::path(
    tag = "machines",
    request_body = MachinePeerRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = MachinePeerView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/counterparties/{id}/machine")]
pub async fn change_machine_peer(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let counterparty = CounterpartyId(id(&path)?);
    let version = state.app.machine_peer(&caller, counterparty).await?.peer.version;
    conditions.matches(version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: MachinePeerRequest = body.parse_desk(&state, &caller)?;
    let app = &state.app;
    let changed = app.change_machine_peer(&caller, counterparty, change(request), version).await?;
    Ok(shown(&view(&changed), changed.peer.version))
}

/// Register a key of a counterparty's system.
///
/// Asks for the key's fingerprint as the counterparty told it over another way. While a new key is
/// registered beside the old one, both are taken. By admins.
#[utoipa::path(
    tag = "machines",
    request_body = MachinePeerKeyRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Registered", body = MachinePeerKeyView, headers(("Location" = String))),
        (status = "4XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/machine/keys")]
pub async fn register_machine_peer_key(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let counterparty = CounterpartyId(id(&path)?);
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    // Keys and fingerprints are digits by chance: no personal identity number is looked for in them.
    let request: MachinePeerKeyRequest = body.parse(&state)?;
    let new = NewPeerKey { jwk: request.jwk, fingerprint: request.fingerprint };
    let render = |key: &PeerKey| {
        let at = format!("/api/v1/counterparties/{counterparty}/machine");
        created(&MachinePeerKeyView::from(key), at, None)
    };
    let app = &state.app;
    let made = app.register_machine_peer_key(&caller, counterparty, new, once, render).await?;
    Ok(send(made))
}

/// Revoke a key of a counterparty's system.
///
/// Nothing it signs is taken from now on. For good: what was revoked is not registered again. By admins.
#[utoipa::path(
    tag = "machines",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("key" = String, Path, description = "The key's id"),
    ),
    responses(
        (status = 200, description = "Revoked", body = MachinePeerView, headers(("ETag" = String))),
        (status = "4XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/machine/keys/{key}/revoke")]
pub async fn revoke_machine_peer_key(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let (counterparty, key) = path.into_inner();
    let counterparty = CounterpartyId(id(&counterparty)?);
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let app = &state.app;
    let left = app.revoke_machine_peer_key(&caller, counterparty, &key, request.reason).await?;
    Ok(shown(&view(&left), left.peer.version))
}
