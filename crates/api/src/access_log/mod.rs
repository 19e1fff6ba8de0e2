//! `/access-log`, `/spot-checks`, `/reading-grounds`: who read what, why, and whether they should have.

mod checks;
mod grounds;
mod search;

use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::personnummer::{PersonalId, SubjectIdentity};
use wire::filing::SubjectRequest;

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::routes::Routes;

/// The operations of the log.
pub(crate) fn operations<R: Routes>(routes: R) -> R {
    routes
        .service(search::search_access_log)
        .service(search::search_access_log_for)
        .service(search::extract_access_log)
        .service(checks::list_spot_checks)
        .service(checks::draw_spot_check)
        .service(checks::read_spot_check)
        .service(checks::judge_spot_check)
        .service(checks::close_spot_check)
        .service(grounds::list_reading_grounds)
        .service(grounds::state_reading_ground)
        .service(grounds::read_reading_ground)
        .service(grounds::revoke_reading_ground)
}

/// Whom a search names.
fn person(caller: &CalledBy, given: &SubjectRequest) -> Result<SubjectIdentity, ApiError> {
    let wrong = |reason| ApiError::Invalid(vec![Fault::at("/subject/personal_id", reason)]);
    match (&given.personal_id, &given.other_id) {
        (Some(text), _) => PersonalId::parse(text, swedish_date(caller.now))
            .map(SubjectIdentity::Personal)
            .map_err(|_| wrong(Reason::BadCheckDigit)),
        (None, Some(id)) => {
            Ok(SubjectIdentity::Other { id: id.clone(), issuer: given.issuer.clone() })
        }
        (None, None) => Err(wrong(Reason::Required)),
    }
}
