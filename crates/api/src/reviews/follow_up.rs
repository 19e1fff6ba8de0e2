//! The page of a month.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::board::Month;
use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use wire::Problem;
use wire::case::UnitRef;
use wire::reviews::FollowUpView;

use super::sheet::{Form, of_follow_up};
use crate::cases::list::form_pairs;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::wrong;
use crate::state::ApiState;

/// Read the follow-up of a month.
///
/// The page of a half-yearly review for a month, with nothing to sign: figures beside earlier months, where
/// cases stand still by step, what comes again, measures and whether they helped, and what reviews decided
/// that is not settled. Of a unit with all below it, or of every unit whose figures one sees. Counts only: no
/// text of a case and no person.
#[utoipa::path(
    tag = "reviews",
    params(
        ("month" = Option<String>, Query, description = "`YYYY-MM`; last month unless given"),
        ("unit" = Option<String>, Query, description = "A unit by id or code, with all below it"),
        ("format" = Option<String>, Query, description = "`json` (default), or `html`: a page to read together, with control charts; as a header Accept of text/html asks for, too"),
    ),
    responses(
        (status = 200, description = "The page", content((FollowUpView = "application/json"), (String = "text/html"))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/follow-up")]
pub async fn read_follow_up(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.figures_scope()?;
    let units = &caller.set_up.units;
    let today = swedish_date(caller.now);
    let this = Month::of(today);
    let (mut month, mut unit) = (this.before(), None);
    let mut form = Form::accepted(&request);
    let mut faults = Vec::new();
    for (name, value) in form_pairs(request.query_string()) {
        let read = match name.as_str() {
            "month" => match value.parse::<Month>() {
                Ok(given) if given > this => Err(Reason::InFuture { given: given.start() }),
                Ok(given) if given.year >= 1900 => {
                    month = given;
                    Ok(())
                }
                Ok(_) | Err(()) => Err(wrong("YYYY-MM")),
            },
            "unit" => match units.find(&value) {
                Some(found) => {
                    unit = Some(found.id);
                    Ok(())
                }
                None => Err(Reason::UnknownUnit { given: value }),
            },
            "format" => Form::parse(&value).map(|given| form = given),
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let found = state.app.follow_up(&caller, month, unit).await?;
    if form == Form::Page {
        let below = match unit {
            Some(unit) => units.with_descendants(unit),
            None => units.iter().map(|unit| unit.id).collect(),
        };
        let part = match unit.and_then(|unit| units.get(unit)) {
            Some(unit) => unit.name.clone(),
            None => "Alla enheter".to_owned(),
        };
        let signals = state.app.page_signals(&caller, month.year, below).await?;
        let owed = found.owed.iter().map(|(_, it)| it);
        let names = state.app.owner_names(&caller, owed).await?;
        return Ok(of_follow_up(&caller, &found, part, &signals, &names));
    }
    let unit = unit.map(|unit| UnitRef::of(units, unit));
    Ok(HttpResponse::Ok().json(FollowUpView::new(
        found.month,
        unit,
        &found.page,
        &found.owed,
        today,
    )))
}
