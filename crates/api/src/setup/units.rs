//! `/units`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use app::setup;
use domain::fault::Reason;
use domain::organisation::Unit;
use domain::policy::Act;
use jiff::civil::Date;
use wire::Problem;
use wire::page::Page;
use wire::setup::{UnitChange, UnitRequest, UnitView};

use super::{created, page, paging, send, shown, wrong};
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The unit in a path, by id or code.
fn unit<'a>(caller: &'a CalledBy, given: &str) -> Result<&'a Unit, ApiError> {
    caller.set_up.units.find(given).ok_or(ApiError::App(app::Error::NotFound))
}

/// List units.
///
/// By code; for anyone with a token of the tenant, since anyone may file for any unit.
/// `Accept: application/x-ndjson` gives all of them, one a line.
#[utoipa::path(
    tag = "setup",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("open_on" = Option<String>, Query, description = "Only units open on this day, Swedish time"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<UnitView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/units")]
pub async fn list_units(caller: CalledBy, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadSetup)?;
    let mut open_on = None;
    let paging = paging(&request, |name, value| match name {
        "open_on" => {
            open_on = Some(value.parse::<Date>().map_err(|_| wrong("date"))?);
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let tree = &caller.set_up.units;
    let mut units: Vec<&Unit> =
        tree.iter().filter(|unit| open_on.is_none_or(|day| unit.open_on(day))).collect();
    units.sort_by(|one, other| one.code.cmp(&other.code));
    let key = |unit: &&Unit| unit.code.clone();
    Ok(page(&request, &paging, &units, key, |unit| UnitView::new(unit, tree)))
}

/// Make a unit.
#[utoipa::path(
    tag = "setup",
    request_body = UnitRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Made", body = UnitView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/units")]
pub async fn create_unit(
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
    let request: UnitRequest = body.parse_desk(&state, &caller)?;
    let new = setup::NewUnit {
        code: request.code,
        name: request.name,
        area: request.area,
        parent: request.parent,
        successor: request.successor,
        valid_from: request.valid_from,
        valid_to: request.valid_to,
    };
    let render = |unit: &Unit| {
        let view = UnitView::new(unit, &caller.set_up.units);
        created(&view, format!("/api/v1/units/{}", unit.id), Some(unit.version))
    };
    Ok(send(state.app.create_unit(&caller, new, once, render).await?))
}

/// Read a unit.
#[utoipa::path(
    tag = "setup",
    params(("id" = String, Path, description = "The unit's id or its own code")),
    responses(
        (status = 200, description = "The unit", body = UnitView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/units/{id}")]
pub async fn read_unit(caller: CalledBy, path: Path<String>) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadSetup)?;
    let unit = unit(&caller, &path)?;
    Ok(shown(&UnitView::new(unit, &caller.set_up.units), unit.version))
}

/// Change a unit.
///
/// Rename it, move it, or close it by its last day; filings for a closed unit go to its successor,
/// else to the unit above. The unknown unit is renamed only. No unit is ever removed.
#[utoipa::path(
    tag = "setup",
    request_body = UnitChange,
    params(
        ("id" = String, Path, description = "The unit's id or its own code"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = UnitView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/units/{id}")]
pub async fn change_unit(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let before = unit(&caller, &path)?.clone();
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: UnitChange = body.parse_desk(&state, &caller)?;
    let change = setup::UnitChange {
        code: request.code,
        name: request.name,
        area: request.area,
        parent: request.parent,
        successor: request.successor,
        valid_from: request.valid_from,
        valid_to: request.valid_to,
    };
    let unit = state.app.change_unit(&caller, &before, change).await?;
    Ok(shown(&UnitView::new(&unit, &caller.set_up.units), unit.version))
}
