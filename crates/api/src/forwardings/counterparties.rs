//! `/counterparties`: who is at the other end.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use app::forwardings::counterparties::CounterpartyGiven;
use domain::calendar::swedish_date;
use domain::fault::Reason;
use domain::forwarding::Counterparty;
use domain::ids::CounterpartyId;
use domain::policy::Act;
use wire::Problem;
use wire::forwarding::{CounterpartyRequest, CounterpartyView};
use wire::page::Page;

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, page, paging, send, shown, wrong};
use crate::state::ApiState;

fn given(state: &ApiState, request: CounterpartyRequest) -> CounterpartyGiven {
    let details = request.details(|| state.app.new_id());
    CounterpartyGiven {
        name: request.name,
        kind: request.kind,
        hsa_id: request.hsa_id,
        answer_days: request.answer_days,
        valid_from: request.valid_from,
        valid_to: request.valid_to,
        details,
    }
}

/// List counterparties.
///
/// The register, also what has ended, in the order entered.
#[utoipa::path(
    tag = "forwardings",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("kind" = Option<String>, Query, description = "Kinds of the list `counterparty`, by comma"),
        ("valid" = Option<bool>, Query, description = "Only those something may be sent to today, or only the others"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<CounterpartyView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/counterparties")]
pub async fn list_counterparties(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (mut kinds, mut valid): (Vec<String>, Option<bool>) = (Vec::new(), None);
    let paging = paging(&request, |name, value| match name {
        "kind" => {
            kinds.extend(value.split(',').map(str::to_owned));
            Ok(())
        }
        "valid" => {
            valid = Some(value.parse::<bool>().map_err(|_| wrong("true | false"))?);
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let mut found = state.app.list_counterparties(&caller).await?;
    let today = swedish_date(caller.now);
    found.retain(|it| {
        (kinds.is_empty() || kinds.contains(&it.kind))
            && valid.is_none_or(|valid| it.valid_on(today) == valid)
    });
    let key = |it: &Counterparty| it.id.to_string();
    found.sort_by_key(key);
    Ok(page(&request, &paging, &found, key, |it| CounterpartyView::from(it)))
}

/// Enter a counterparty.
///
/// A caregiver, a provider, or another board of the same municipality. By MAS, MAR, SAS or an admin. Contacts
/// are roles and functions: no person need be named.
#[utoipa::path(
    tag = "forwardings",
    request_body = CounterpartyRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Entered", body = CounterpartyView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not entered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not entered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties")]
pub async fn enter_counterparty(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageCounterparties)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: CounterpartyRequest = body.parse_desk(&state, &caller)?;
    let render = |it: &Counterparty| {
        let at = format!("/api/v1/counterparties/{}", it.id);
        created(&CounterpartyView::from(it), at, Some(it.version))
    };
    let given = given(&state, request);
    Ok(send(state.app.enter_counterparty(&caller, given, once, render).await?))
}

/// Read a counterparty.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The counterparty's id")),
    responses(
        (status = 200, description = "The counterparty", body = CounterpartyView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/counterparties/{id}")]
pub async fn read_counterparty(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let it = state.app.read_counterparty(&caller, CounterpartyId(id(&path)?)).await?;
    Ok(shown(&CounterpartyView::from(&it), it.version))
}

/// Change a counterparty.
///
/// The whole entry is put in the place of the one that was read. One that is no counterparty any more gets a last
/// day (`valid_to`); none is ever removed.
#[utoipa::path(
    tag = "forwardings",
    request_body = CounterpartyRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = CounterpartyView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/counterparties/{id}")]
pub async fn change_counterparty(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageCounterparties)?;
    let before = state.app.read_counterparty(&caller, CounterpartyId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: CounterpartyRequest = body.parse_desk(&state, &caller)?;
    let given = given(&state, request);
    let changed = state.app.change_counterparty(&caller, &before, given).await?;
    Ok(shown(&CounterpartyView::from(&changed), changed.version))
}
