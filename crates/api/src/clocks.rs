//! `/clocks`: what is due or late.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::Caller;
use domain::calendar::{add_days, parse_date, start_of_day, swedish_date};
use domain::clock::{ClockState, Entry, Kind, entry_place};
use domain::fault::Reason;
use domain::ids::{CaseId, UnitId};
use domain::organisation::Role;
use jiff::Timestamp;
use jiff::civil::Date;
use wire::Problem;
use wire::clocks::{ClockCountsView, ClockView, ClocksView};
use wire::page::Page;

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::{id, page, paging, wrong};
use crate::state::ApiState;

/// How many days back what was done is looked for, unless asked otherwise.
const KEPT_DAYS: i32 = 366;

/// Which clocks are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// To be done, and in time.
    Due,
    /// To be done, and time is up.
    Late,
    /// Done in time.
    Kept,
    /// Done too late.
    Missed,
}

impl Standing {
    const ALL: [(&'static str, Standing); 4] = [
        ("due", Standing::Due),
        ("late", Standing::Late),
        ("kept", Standing::Kept),
        ("missed", Standing::Missed),
    ];

    fn of(entry: &Entry, now: Timestamp) -> Self {
        let passed = entry.clock.state(now) == ClockState::Missed;
        match (entry.clock.met_at.is_some(), passed) {
            (false, false) => Standing::Due,
            (false, true) => Standing::Late,
            (true, false) => Standing::Kept,
            (true, true) => Standing::Missed,
        }
    }
}

/// The filters of a list of clocks.
#[derive(Default)]
struct Filter {
    standings: Vec<Standing>,
    units: Vec<UnitId>,
    roles: Vec<Role>,
    kinds: Vec<Kind>,
    case: Option<CaseId>,
    since: Option<Date>,
}

impl Filter {
    fn read(&mut self, caller: &Caller, name: &str, value: &str) -> Result<(), Reason> {
        let words = || value.split(',');
        match name {
            "state" => {
                let known = Standing::ALL.map(|(code, _)| code).join(" | ");
                for word in words() {
                    let found = Standing::ALL.into_iter().find(|(code, _)| *code == word);
                    self.standings.push(found.ok_or_else(|| wrong(&known))?.1);
                }
            }
            "unit" => {
                let units = &caller.set_up.units;
                for word in words() {
                    let given = || Reason::UnknownUnit { given: word.to_owned() };
                    let unit = units.find(word).ok_or_else(given)?;
                    self.units.extend(units.with_descendants(unit.id));
                }
            }
            "role" => {
                for word in words() {
                    let known = Role::ALL.map(Role::code).join(" | ");
                    self.roles.push(word.parse().map_err(|()| wrong(&known))?);
                }
            }
            "kind" => {
                for word in words() {
                    let known = Kind::ALL.map(Kind::code).join(" | ");
                    self.kinds.push(word.parse().map_err(|()| wrong(&known))?);
                }
            }
            "case" => self.case = Some(value.parse().map_err(|_| wrong("the id of a case"))?),
            "since" => self.since = Some(parse_date(value).map_err(|_| wrong("YYYY-MM-DD"))?),
            _ => return Err(Reason::UnknownField),
        }
        Ok(())
    }

    /// Since when what was done is asked for; `None` where it is not.
    fn kept_since(&self, now: Timestamp) -> Option<Timestamp> {
        let done = [Standing::Kept, Standing::Missed];
        let asked = self.standings.iter().any(|standing| done.contains(standing));
        let since = self.since.unwrap_or_else(|| add_days(swedish_date(now), -KEPT_DAYS));
        asked.then(|| start_of_day(since))
    }

    fn holds(&self, entry: &Entry, now: Timestamp) -> bool {
        let case = entry.case.as_ref();
        let unit = case.map(|case| case.unit).or(entry.unit);
        let standing = Standing::of(entry, now);
        (self.standings.is_empty() || self.standings.contains(&standing))
            && (self.units.is_empty() || unit.is_some_and(|unit| self.units.contains(&unit)))
            && (self.roles.is_empty() || self.roles.contains(&entry.role))
            && (self.kinds.is_empty() || self.kinds.contains(&entry.clock.kind))
            && self.case.is_none_or(|id| case.is_some_and(|case| case.id == id))
    }
}

/// Read what is due or late.
///
/// The clocks of cases at the units one may read, of their measures, neighbouring duties and escalations, and
/// of half-yearly reviews and what they decided,
/// the first to be up first; neither text nor subject. Unless `state` says otherwise those that are still
/// to be done. `binding` tells what a statute sets (72 hours for a personal data breach, 1 March for the
/// yearly report) from the tenant's own targets; the law's word is shown where somebody has read it.
/// Those of lex Maria are shown to MAS and MAR, of lex Sarah to SAS. What came by import wakes no clock
/// until somebody acts on it. `Accept: application/x-ndjson` gives all of it, one a line.
#[utoipa::path(
    tag = "clocks",
    params(
        ("state" = Option<String>, Query, description = "By comma: `due` (to be done, in time), `late` (to be done, time is up), `kept` (done in time), `missed` (done too late); `due,late` unless given"),
        ("unit" = Option<String>, Query, description = "Units by id or code, by comma; those below come along"),
        ("role" = Option<String>, Query, description = "For which role it runs, by comma"),
        ("kind" = Option<String>, Query, description = "What is to be done, by comma"),
        ("case" = Option<String>, Query, description = "The id of a case"),
        ("since" = Option<String>, Query, description = "For `kept` and `missed`: of cases open, or closed since this day; a year back unless given"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<ClockView>, headers(("Link" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/clocks")]
pub async fn list_clocks(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut filter = Filter::default();
    let paging = paging(&request, |name, value| filter.read(&caller, name, value))?;
    let now = caller.now;
    let mut entries = state.app.clocks(&caller, filter.kept_since(now)).await?;
    entries.retain(|entry| filter.holds(entry, now));
    let units = &caller.set_up.units;
    Ok(page(&request, &paging, &entries, entry_place, |entry| ClockView::new(entry, units, now)))
}

/// Count what is due or late.
///
/// Of the same clocks as the list has: how many are to be done, how many are late, and how many have
/// their day within a week.
#[utoipa::path(
    tag = "clocks",
    responses(
        (status = 200, description = "The counts", body = ClockCountsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/clocks/counts")]
pub async fn count_clocks(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let entries = state.app.clocks(&caller, None).await?;
    Ok(HttpResponse::Ok().json(ClockCountsView::new(&entries, caller.now)))
}

/// Read the clocks of a case.
///
/// Also those that were kept or missed, side by side: of its handling, measures, neighbouring duties and
/// escalations. Not for whoever only filed it.
#[utoipa::path(
    tag = "clocks",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The clocks", body = ClocksView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/clocks")]
pub async fn read_case_clocks(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let entries = state.app.clocks_of(&caller, CaseId(id(&path)?)).await?;
    let units = &caller.set_up.units;
    let items = entries.iter().map(|entry| ClockView::new(entry, units, caller.now)).collect();
    Ok(HttpResponse::Ok().json(ClocksView { items }))
}
