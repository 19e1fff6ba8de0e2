//! `GET /reports/yearly/{year}`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::reports::{Which, YearlyQuery, YearlyShown};
use domain::calendar::swedish;
use domain::fault::{Fault, Reason};
use domain::policy::reads_report;
use domain::yearly::{About, Yearly};
use report::yearly::Stamp;
use wire::Problem;
use wire::reports::YearlyAnswer;

use super::state::parts;
use super::year_until;
use crate::cases::list::form_pairs;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::reports::format::Format;
use crate::setup::wrong;
use crate::state::ApiState;

/// What somebody asks for, every fault named.
fn asked(caller: &CalledBy, year: &str, text: &str) -> Result<(YearlyQuery, Format), ApiError> {
    let (units, codes) = (&caller.set_up.units, &caller.set_up.codes);
    let mut about = About::Whole;
    let mut format = Format::Json;
    let mut version = Which::default();
    let mut faults = Vec::new();
    let this = swedish(caller.now).year;
    let year = year_until(this, year).unwrap_or_else(|reason| {
        faults.push(Fault::at("year", reason));
        this
    });
    let mut limited = false;
    for (name, value) in form_pairs(text) {
        let read = match name.as_str() {
            "area" | "unit" if std::mem::replace(&mut limited, true) => {
                Err(Reason::inconsistent("area_and_unit"))
            }
            "area" => match codes.get("area", &value) {
                Some(area) => {
                    about = About::Area { code: area.code.clone(), name: area.sv.clone() };
                    Ok(())
                }
                None => Err(Reason::UnknownCode { list: "area".to_owned(), given: value.clone() }),
            },
            "unit" => match units.find(&value) {
                Some(unit) => {
                    about = About::Unit { id: unit.id.to_string(), name: unit.name.clone() };
                    Ok(())
                }
                None => Err(Reason::UnknownUnit { given: value.clone() }),
            },
            "version" => match (value.as_str(), value.parse()) {
                ("open", _) => {
                    version = Which::Open;
                    Ok(())
                }
                (_, Ok(number)) if number > 0 => {
                    version = Which::Number(number);
                    Ok(())
                }
                _ => Err(wrong("open | the number of a version")),
            },
            "format" => match Format::parse(&value) {
                Some(known) => {
                    format = known;
                    Ok(())
                }
                None => Err(wrong(Format::NAMES)),
            },
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if about != About::Whole && matches!(version, Which::Number(_)) {
        faults.push(Fault::at("version", Reason::inconsistent("only_the_whole_is_frozen")));
    }
    if faults.is_empty() {
        Ok((YearlyQuery { year, about, version }, format))
    } else {
        Err(ApiError::Invalid(faults))
    }
}

/// Read the report of a year.
///
/// The newest frozen version that one may read, byte by byte as it was frozen, where there is one and the whole
/// tenant is asked for; else, or with `version=open`, the figures of the year as they stand now, with up to five earlier years beside them, under the headings of the
/// national template for the patientsäkerhetsberättelse and the kvalitetsberättelse: for the whole tenant, an
/// area or a unit with those below it. Every table adds to its total, what is unknown has its own row, and the
/// sentences are made from the tables. What is live is for those who see the figures of all of it: all of the tenant
/// needs a grant over all of it. The nämnd reads what is established or was submitted to it, and finds nothing
/// before that; a delegate who may establish it reads what is frozen.
#[utoipa::path(
    tag = "reports",
    params(
        ("year" = String, Path, description = "The year, not after this one"),
        ("area" = Option<String>, Query, description = "Only this area, a code of the list `area`, with those below it"),
        ("unit" = Option<String>, Query, description = "Only this unit, by id or code, with those below it"),
        ("format" = Option<String>, Query, description = "`json` (default), `csv` (a zip with a file a table), `xlsx`, `docx`, `html`"),
        ("version" = Option<String>, Query, description = "The number of a frozen version of the whole tenant's report, or `open` for what is live"),
    ),
    responses(
        (status = 200, description = "The report", body = YearlyAnswer),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}")]
pub async fn read_yearly_report(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    if !reads_report(&caller.actor, true) && caller.figures_scope().is_err() {
        // Who establishes it by the register of delegations may have no role for it.
        let year: i16 = path.parse().map_err(|_| app::Error::Forbidden)?;
        state.app.may_read_versions(&caller, year).await?;
    }
    let (query, format) = asked(&caller, &path, request.query_string())?;
    let shown = state.app.yearly_report(&caller, query).await?;
    let broken = |error: serde_json::Error| app::Error::Internal(error.to_string());
    match (format, shown) {
        (Format::Json, YearlyShown::Live { report, board }) => {
            Ok(HttpResponse::Ok().json(YearlyAnswer::live(report, board)))
        }
        (Format::File(file), YearlyShown::Live { report, .. }) => {
            let stamp = Stamp { locked_at: None, version: None, state: "open", sha256: None };
            file.answer(&report, &stamp)
        }
        (Format::Json, YearlyShown::Frozen { version, board }) => {
            let (year, parts) = (version.head.year, parts(&version.head));
            let answer =
                YearlyAnswer::frozen(year, &parts, version.content, board).map_err(broken)?;
            Ok(HttpResponse::Ok().json(answer))
        }
        (Format::File(file), YearlyShown::Frozen { version, .. }) => {
            let head = &version.head;
            let report: Yearly = serde_json::from_str(&version.content).map_err(broken)?;
            let stamp = Stamp {
                locked_at: Some(head.lock.done.at),
                version: Some(head.lock.version),
                // Not what became of it since: a version is the same file for ever.
                state: "locked",
                sha256: Some(&head.sha256),
            };
            file.answer(&report, &stamp)
        }
    }
}
