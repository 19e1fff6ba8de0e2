//! `/handovers`: units handed over from one hand to another.

use actix_web::http::header::LINK;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::handovers::NewHandover;
use domain::fault::Reason;
use domain::handover::Handover;
use domain::ids::{HandoverId, StaffId};
use domain::policy::Act;
use wire::Problem;
use wire::command::EmptyRequest;
use wire::handover::{HandoverContentView, HandoverRequest, HandoverView, HandoversView};

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, next_link, paging, part, send, shown};
use crate::state::ApiState;

/// List handovers.
///
/// Those one gives or takes, and those of units one may hand over; newest first. With `unit` those it
/// lies in, and in `open` the page as it would be made now: open cases by age and risk, measures not
/// done, watches not answered. No texts of cases, and nothing that is kept from whoever reads.
#[utoipa::path(
    tag = "worklist",
    params(
        ("unit" = Option<String>, Query, description = "A unit by id or code"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = HandoversView, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/handovers")]
pub async fn list_handovers(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let units = &caller.set_up.units;
    let mut unit = None;
    let paging = paging(&request, |name, value| match name {
        "unit" => match units.find(value) {
            Some(found) => {
                unit = Some(found.id);
                Ok(())
            }
            None => Err(Reason::UnknownUnit { given: value.to_owned() }),
        },
        _ => Err(Reason::UnknownField),
    })?;
    let list = state.app.list_handovers(&caller, unit).await?;
    // Ids grow with time, and the newest come first.
    let key = |handover: &Handover| format!("{:032x}", !handover.id.0.as_u128());
    let (items, next_cursor) = part(&paging, &list.items, key);
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    Ok(response.json(HandoversView {
        items: items.iter().map(|handover| HandoverView::new(handover, units)).collect(),
        next_cursor,
        open: list.open.map(|open| HandoverContentView::new(&open, units)),
    }))
}

/// Hand units over.
///
/// By whoever is manager, deputy or area manager there. What is open is frozen as it stands now: ids,
/// numbers, age and risk, no texts, without what is kept from giver or taker. Both sign it; until then
/// it stands on both worklists.
#[utoipa::path(
    tag = "worklist",
    request_body = HandoverRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Made", body = HandoverView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/handovers")]
pub async fn make_handover(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::HandOver)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: HandoverRequest = body.parse_desk(&state, &caller)?;
    let new = NewHandover { units: request.units, to: StaffId(request.to), note: request.note };
    let render = |handover: &Handover| {
        let view = HandoverView::new(handover, &caller.set_up.units);
        created(&view, format!("/api/v1/handovers/{}", handover.id), Some(handover.version))
    };
    Ok(send(state.app.make_handover(&caller, new, once, render).await?))
}

/// Read a handover.
#[utoipa::path(
    tag = "worklist",
    params(("id" = Uuid, Path, description = "The handover's id")),
    responses(
        (status = 200, description = "The handover", body = HandoverView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/handovers/{id}")]
pub async fn read_handover(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let handover = state.app.read_handover(&caller, HandoverId(id(&path)?)).await?;
    Ok(shown(&HandoverView::new(&handover, &caller.set_up.units), handover.version))
}

/// Sign a handover.
///
/// By giver and taker, in any order. What is signed never changes, so no `If-Match` is asked for, and
/// signing twice does once.
#[utoipa::path(
    tag = "worklist",
    request_body = EmptyRequest,
    params(("id" = Uuid, Path, description = "The handover's id")),
    responses(
        (status = 200, description = "Signed", body = HandoverView, headers(("ETag" = String))),
        (status = "4XX", description = "Not signed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not signed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/handovers/{id}/sign")]
pub async fn sign_handover(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let handover = HandoverId(id(&path)?);
    state.app.read_handover(&caller, handover).await?;
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let signed = state.app.sign_handover(&caller, handover).await?;
    Ok(shown(&HandoverView::new(&signed, &caller.set_up.units), signed.version))
}
