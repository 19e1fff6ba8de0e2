//! `/exposures`: how much care there was, by unit and months.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use app::exposures::{ExposureGiven, Imported};
use domain::exposure::{Exposure, Kind};
use domain::fault::Reason;
use domain::ids::{ExposureId, UnitId};
use domain::policy::Act;
use domain::statistics::dimension::{FIRST_YEAR, LAST_YEAR};
use wire::Problem;
use wire::exposures::{ExposureRequest, ExposureView, ExposuresImported};
use wire::page::Page;

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, page, paging, send, shown, wrong};
use crate::state::ApiState;

fn given(request: ExposureRequest) -> Result<ExposureGiven, ApiError> {
    let (from, to, amount) = request.parsed().map_err(ApiError::Invalid)?;
    let kind: Kind = request.kind.into();
    Ok(ExposureGiven { unit: request.unit, kind, from, to, amount, source: request.source })
}

/// List exposures.
///
/// Of the units whose figures one sees, by year, kind, unit and month. A figure of a unit is also about the
/// units below it.
#[utoipa::path(
    tag = "statistics",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("year" = Option<i16>, Query, description = "Only this year"),
        ("unit" = Option<String>, Query, description = "Only this unit and those below it, by id or code"),
        ("kind" = Option<String>, Query, description = "Kinds by comma: bed_days, interventions, persons, staff, signed_doses, doses_to_sign"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<ExposureView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/exposures")]
pub async fn list_exposures(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let units = caller.set_up.units.clone();
    let mut years = (FIRST_YEAR, LAST_YEAR);
    let mut kinds: Vec<Kind> = Vec::new();
    let mut wanted: Option<std::collections::BTreeSet<UnitId>> = None;
    let paging = paging(&request, |name, value| match name {
        "year" => {
            let year = value.parse::<i16>().map_err(|_| wrong("a year"))?;
            years = (year, year);
            Ok(())
        }
        "unit" => {
            let given = || Reason::UnknownUnit { given: value.to_owned() };
            let unit = units.find(value).ok_or_else(given)?;
            wanted = Some(units.with_descendants(unit.id));
            Ok(())
        }
        "kind" => {
            for code in value.split(',') {
                let unknown =
                    || Reason::UnknownCode { list: "exposure".into(), given: code.to_owned() };
                kinds.push(code.parse().map_err(|()| unknown())?);
            }
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let mut found = state.app.list_exposures(&caller, years).await?;
    found.retain(|it| {
        (kinds.is_empty() || kinds.contains(&it.kind))
            && wanted.as_ref().is_none_or(|units| units.contains(&it.unit))
    });
    let key = |it: &Exposure| format!("{} {} {} {}", it.year(), it.kind, it.unit, it.period.from);
    found.sort_by_key(key);
    Ok(page(&request, &paging, &found, key, |it| ExposureView::of(it, &units)))
}

/// Give an exposure.
///
/// How much of something there was at a unit in some months of one year: bed-days, visits, persons, full-time
/// staff, doses. By MAS, MAR, SAS, an admin, or the manager of the unit. It is also about the units below, so
/// none of them may have one of the same kind for the same months.
#[utoipa::path(
    tag = "statistics",
    request_body = ExposureRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Taken in", body = ExposureView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not taken in", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken in", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/exposures")]
pub async fn give_exposure(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageExposures)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: ExposureRequest = body.parse_desk(&state, &caller)?;
    let units = caller.set_up.units.clone();
    let render = |it: &Exposure| {
        let at = format!("/api/v1/exposures/{}", it.id);
        created(&ExposureView::of(it, &units), at, Some(it.version))
    };
    Ok(send(state.app.enter_exposure(&caller, given(request)?, once, render).await?))
}

/// Give a file of exposures.
///
/// CSV with `;` in UTF-8, with the headings `enhet` (id, code or name), `slag`, `fran`, `till` (months,
/// `YYYY-MM`), `antal` (decimal comma or point) and, if wanted, `kalla`. All lines or none: every fault is
/// named by line and heading, such as `/3/antal`. A line of the same unit, kind and months as a figure that is
/// there takes its place, so that the same file may be given twice.
#[utoipa::path(
    tag = "statistics",
    request_body(content = String, content_type = "text/csv", description = "The file, at most 1 MiB"),
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 200, description = "All lines taken in", body = ExposuresImported),
        (status = "4XX", description = "No line taken in", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "No line taken in", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/exposures/import")]
pub async fn import_exposures(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageExposures)?;
    let body = body.read_csv(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let render = |told: Imported| {
        let Imported { added, changed, unchanged } = told;
        let told = ExposuresImported { added, changed, unchanged };
        app::Answer { status: 200, location: None, ..created(&told, String::new(), None) }
    };
    Ok(send(state.app.import_exposures(&caller, &body.0, once, render).await?))
}

/// Read an exposure.
#[utoipa::path(
    tag = "statistics",
    params(("id" = Uuid, Path, description = "The exposure's id")),
    responses(
        (status = 200, description = "The exposure", body = ExposureView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/exposures/{id}")]
pub async fn read_exposure(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let it = state.app.read_exposure(&caller, ExposureId(id(&path)?)).await?;
    Ok(shown(&ExposureView::of(&it, &caller.set_up.units), it.version))
}

/// Change an exposure.
///
/// The whole figure is put in the place of the one that was read.
#[utoipa::path(
    tag = "statistics",
    request_body = ExposureRequest,
    params(
        ("id" = Uuid, Path, description = "The exposure's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = ExposureView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/exposures/{id}")]
pub async fn change_exposure(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.read_exposure(&caller, ExposureId(id(&path)?)).await?;
    state.app.changes_exposure(&caller, &before)?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ExposureRequest = body.parse_desk(&state, &caller)?;
    let changed = state.app.change_exposure(&caller, &before, given(request)?).await?;
    Ok(shown(&ExposureView::of(&changed, &caller.set_up.units), changed.version))
}

/// Take an exposure away.
///
/// For a figure that should never have been given. What it was stays in the audit.
#[utoipa::path(
    tag = "statistics",
    params(
        ("id" = Uuid, Path, description = "The exposure's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 204, description = "Taken away"),
        (status = "4XX", description = "Not taken away", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken away", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/exposures/{id}")]
pub async fn remove_exposure(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.read_exposure(&caller, ExposureId(id(&path)?)).await?;
    state.app.changes_exposure(&caller, &before)?;
    conditions.matches(before.version)?;
    state.app.remove_exposure(&caller, &before).await?;
    Ok(HttpResponse::NoContent().finish())
}
