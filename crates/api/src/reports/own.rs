//! `/own-figures`: what is counted elsewhere.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use domain::calendar::swedish;
use domain::fault::{Fault, Reason};
use domain::ids::OwnFigureId;
use domain::policy::Act;
use domain::yearly::own::OwnFigure;
use jiff::civil::date;
use wire::Problem;
use wire::command::EmptyRequest;
use wire::reports::{OwnFigureRequest, OwnFigureView, OwnFiguresImported, OwnFiguresView};

use super::year_until;
use crate::cases::list::form_pairs;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, send, shown};
use crate::state::ApiState;

/// List figures that are counted elsewhere.
///
/// Those of a year, at the units whose figures one sees, and those of the whole tenant.
#[utoipa::path(
    tag = "reports",
    params(("year" = Option<u16>, Query, description = "The year; last year unless given")),
    responses(
        (status = 200, description = "The figures", body = OwnFiguresView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/own-figures")]
pub async fn list_own_figures(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.figures_scope()?;
    let this = swedish(caller.now).year;
    let mut year = this - 1;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "year" => year = year_until(this, &value).map_err(fault)?,
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let found = state.app.own_figures(&caller, date(year, 1, 1), date(year, 12, 31)).await?;
    let units = &caller.set_up.units;
    let items = found.iter().map(|it| OwnFigureView::new(it, units)).collect();
    Ok(HttpResponse::Ok().json(OwnFiguresView { items }))
}

/// Enter a figure that is counted elsewhere.
///
/// Such as controlled drugs checked (128 of 156), hygiene, devices, logs: it stands in the report's table
/// `own_figures`, with its source. Of a name, unit and period there is one. Managers for their units; MAS, MAR,
/// SAS and the director for all, and for the whole tenant.
#[utoipa::path(
    tag = "reports",
    request_body = OwnFigureRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Entered", body = OwnFigureView, headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not entered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not entered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/own-figures")]
pub async fn enter_own_figure(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::WriteOwnFigures)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: OwnFigureRequest = body.parse_desk(&state, &caller)?;
    let units = caller.set_up.units.clone();
    let content = request.content(&units).map_err(ApiError::Invalid)?;
    let render = |it: &OwnFigure| {
        let at = format!("/api/v1/own-figures/{}", it.id);
        created(&OwnFigureView::new(it, &units), at, Some(it.version))
    };
    Ok(send(state.app.add_own_figure(&caller, content, once, render).await?))
}

/// Give a file of figures that are counted elsewhere.
///
/// CSV with `;` in UTF-8, with the headings `namn`, `enhet` (id or code; empty is the whole tenant), `från`, `till`
/// (days), `antal`, `av`, `procent` (decimal comma or point) and `källa`, or the same in English. All lines or
/// none: every fault is named by line and heading, such as `/3/value`. A line of the same name, unit and period as
/// a figure that is there takes its place, so that the same file may be given twice.
#[utoipa::path(
    tag = "reports",
    request_body(content = String, content_type = "text/csv", description = "The file, at most 1 MiB"),
    responses(
        (status = 200, description = "All lines taken in", body = OwnFiguresImported),
        (status = "4XX", description = "No line taken in", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "No line taken in", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/own-figures/import")]
pub async fn import_own_figures(
    state: Data<ApiState>,
    mut caller: CalledBy,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::WriteOwnFigures)?;
    let body = body.read_csv(&state, &mut caller).await?;
    let done = state.app.import_own_figures(&caller, &body.0).await?;
    let (added, changed, unchanged) = (done.added, done.changed, done.unchanged);
    Ok(HttpResponse::Ok().json(OwnFiguresImported { added, changed, unchanged }))
}

/// Read a figure that is counted elsewhere.
#[utoipa::path(
    tag = "reports",
    params(("id" = Uuid, Path, description = "The figure's id")),
    responses(
        (status = 200, description = "The figure", body = OwnFigureView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/own-figures/{id}")]
pub async fn read_own_figure(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.own_figure(&caller, OwnFigureId(id(&path)?)).await?;
    Ok(shown(&OwnFigureView::new(&found, &caller.set_up.units), found.version))
}

/// Correct a figure that is counted elsewhere.
#[utoipa::path(
    tag = "reports",
    request_body = OwnFigureRequest,
    params(
        ("id" = Uuid, Path, description = "The figure's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Corrected", body = OwnFigureView, headers(("ETag" = String))),
        (status = "4XX", description = "Not corrected", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not corrected", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/own-figures/{id}")]
pub async fn change_own_figure(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.own_figure(&caller, OwnFigureId(id(&path)?)).await?;
    state.app.may_change_figure(&caller, &before)?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: OwnFigureRequest = body.parse_desk(&state, &caller)?;
    let units = caller.set_up.units.clone();
    let content = request.content(&units).map_err(ApiError::Invalid)?;
    let figure = state.app.change_own_figure(&caller, before, content).await?;
    Ok(shown(&OwnFigureView::new(&figure, &units), figure.version))
}

/// Withdraw a figure that is counted elsewhere.
///
/// One that was a mistake: it counts nowhere from then on. What is frozen keeps it.
#[utoipa::path(
    tag = "reports",
    request_body = EmptyRequest,
    params(
        ("id" = Uuid, Path, description = "The figure's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Withdrawn", body = OwnFigureView, headers(("ETag" = String))),
        (status = "4XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/own-figures/{id}/withdraw")]
pub async fn withdraw_own_figure(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.own_figure(&caller, OwnFigureId(id(&path)?)).await?;
    state.app.may_change_figure(&caller, &before)?;
    conditions.matches(before.version)?;
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let figure = state.app.withdraw_own_figure(&caller, before).await?;
    Ok(shown(&OwnFigureView::new(&figure, &caller.set_up.units), figure.version))
}
