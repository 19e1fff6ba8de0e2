//! `/board/figures` and `/units/silent`: what those who answer for the tenant see of it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::board::Month;
use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use wire::Problem;
use wire::board::{BoardFiguresView, SilentUnitView, SilentUnitsView};
use wire::case::UnitRef;

use crate::cases::list::form_pairs;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::wrong;
use crate::state::ApiState;

/// Days of silence, unless asked otherwise, and at most.
const SILENT_DAYS: (u16, u16) = (90, 3660);

/// Reads a query: every fault is named.
fn query(
    request: &HttpRequest,
    mut read: impl FnMut(&str, &str) -> Result<(), Reason>,
) -> Result<(), ApiError> {
    let pairs = form_pairs(request.query_string());
    let read = |(name, value): (String, String)| {
        read(&name, &value).err().map(|reason| Fault::at(name, reason))
    };
    let faults: Vec<Fault> = pairs.into_iter().filter_map(read).collect();
    if faults.is_empty() { Ok(()) } else { Err(ApiError::Invalid(faults)) }
}

/// Read a month's figures for the board.
///
/// Counts of the tenant for the agenda of the board (nämnden): filed, closed and open cases, how many are
/// late at which step and how old the oldest is, neighbouring duties, escalations by state. Never a case,
/// a unit or a person. For the board, the director, MAS, MAR and SAS.
#[utoipa::path(
    tag = "board",
    params(("month" = Option<String>, Query, description = "`YYYY-MM`; last month unless given")),
    responses(
        (status = 200, description = "The figures", body = BoardFiguresView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/board/figures")]
pub async fn read_board_figures(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(domain::policy::Act::ReadBoard)?;
    let this = Month::of(swedish_date(caller.now));
    let mut month = this.before();
    query(&request, |name, value| match name {
        "month" => {
            month = value.parse().map_err(|()| wrong("YYYY-MM"))?;
            if month > this {
                return Err(Reason::InFuture { given: month.start() });
            }
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let figures = state.app.board_figures(&caller, month).await?;
    Ok(HttpResponse::Ok().json(BoardFiguresView::from(&figures)))
}

/// Read which units report nothing.
///
/// Units with none below them that were open all the while and reported no case for so many days, among
/// those whose figures one sees. Silence is no sign that nothing happens.
#[utoipa::path(
    tag = "board",
    params(("days" = Option<u16>, Query, description = "For how many days, 1–3660; 90 unless given")),
    responses(
        (status = 200, description = "The units", body = SilentUnitsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/units/silent")]
pub async fn list_silent_units(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.figures_scope()?;
    let mut days = SILENT_DAYS.0;
    query(&request, |name, value| match name {
        "days" => match value.parse() {
            Ok(given) if (1..=SILENT_DAYS.1).contains(&given) => {
                days = given;
                Ok(())
            }
            _ => Err(Reason::OutOfRange { min: 1, max: SILENT_DAYS.1.into() }),
        },
        _ => Err(Reason::UnknownField),
    })?;
    let silent = state.app.silent_units(&caller, days).await?;
    let units = &caller.set_up.units;
    let view = |silent: &app::board::Silent| SilentUnitView {
        unit: UnitRef::of(units, silent.unit),
        last_reported_at: silent.last_reported_at,
    };
    Ok(HttpResponse::Ok().json(SilentUnitsView {
        since: silent.since,
        of: silent.of,
        items: silent.units.iter().map(view).collect(),
    }))
}
