//! `/forwardings/{id}/deliveries`: what was sent to the counterparty's system, and what became of it.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use app::machines::Deliveries;
use domain::ids::ForwardingId;
use wire::Problem;
use wire::machine::{DeliveriesView, DeliveryView};

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::id;
use crate::state::ApiState;

fn view(found: &Deliveries) -> DeliveriesView {
    let (their_status, their_status_at) = found.their_status.clone().unzip();
    let items = found.items.iter().map(DeliveryView::from).collect();
    DeliveriesView { their_status, their_status_at, items }
}

/// Read what was sent to the counterparty's system.
///
/// Of a forwarding that goes from machine to machine: each message with how often it was tried, why it was
/// not delivered, and when it is tried next; and where the matter stands at the other end. Empty for any
/// other forwarding.
#[utoipa::path(
    tag = "machines",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The messages", body = DeliveriesView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/deliveries")]
pub async fn read_deliveries(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.forwarding_deliveries(&caller, ForwardingId(id(&path)?)).await?;
    Ok(HttpResponse::Ok().json(view(&found)))
}

/// Have it sent again.
///
/// What waits, or was given up after the agreed time, is tried from now on; with the address and the keys as
/// they are registered now. Nothing is taken twice at the other end.
#[utoipa::path(
    tag = "machines",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "It is tried again", body = DeliveriesView),
        (status = "4XX", description = "Not tried", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not tried", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/deliveries/retry")]
pub async fn deliver_again(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open_forwarding(&caller, ForwardingId(id(&path)?)).await?;
    let found = state.app.deliver_again(&caller, &opened).await?;
    Ok(HttpResponse::Ok().json(view(&found)))
}
