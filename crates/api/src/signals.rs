//! `/signals`: what differs from before by more than chance.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::signal::SignalQuery;
use wire::Problem;
use wire::page::Page;
use wire::signals::SignalView;

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::{page, paging};
use crate::state::ApiState;

/// List signals.
///
/// A control chart for each unit and category of which anything was reported in the year or the two before,
/// which are the baseline: a u-chart where the baseline has five events a month, else the days between them
/// (t-chart) where it has one in two months, else it says that there are too few. Limits, rules, formula and
/// every figure that goes in are told, and of how many charts of years in which nothing changed would be
/// marked. Watched are the months of the year that are over, by the day of the report. Events are set against
/// bed-days, or visits, where `/exposures` has them of all months, else against days.
#[utoipa::path(
    tag = "statistics",
    params(
        ("year" = i16, Query, description = "The year that is watched"),
        ("unit" = Option<String>, Query, description = "Only these units and those below them, by id or code, by comma"),
        ("category" = Option<String>, Query, description = "One category, those below included; each of the highest unless given"),
        ("of" = Option<String>, Query, description = "`reports` (default), or `injury`: the share with injury, as a p-chart"),
        ("marked" = Option<bool>, Query, description = "`true`: only charts in which something is marked"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page, by unit and category", body = Page<SignalView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/signals")]
pub async fn list_signals(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let scope = caller.figures_scope()?;
    let set_up = caller.set_up.clone();
    let mut query = SignalQuery::default();
    let paging =
        paging(&request, |name, value| query.set(name, value, &set_up.units, &set_up.codes))?;
    if let Some(missing) = query.missing() {
        return Err(ApiError::Invalid(vec![missing]));
    }
    let found = state.app.signals(&caller, query, scope).await?;
    let found: Vec<_> = found.into_iter().enumerate().collect();
    let key = |(place, _): &(usize, domain::signal::Signal)| format!("{place:08}");
    Ok(page(&request, &paging, &found, key, |(_, it)| SignalView::of(it, &set_up.units)))
}
