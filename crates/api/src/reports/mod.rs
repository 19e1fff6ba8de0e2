//! `/reports`: the report of a year.

pub mod confirm;
pub(crate) mod format;
pub mod marks;
pub mod own;
pub mod read;
pub mod shared;
pub mod state;
pub mod text;

use app::Caller;
use domain::calendar::swedish;
use domain::fault::Reason;
use domain::statistics::dimension::FIRST_YEAR;

use crate::problem::ApiError;
use crate::setup::wrong;

/// The year in a path, not after this one; anything else is simply not there.
fn year(text: &str, caller: &Caller) -> Result<i16, ApiError> {
    year_until(swedish(caller.now).year, text).map_err(|_| ApiError::NoSuchPath)
}

/// A year that figures may be of, not after `last`; else what is wrong with it.
fn year_until(last: i16, text: &str) -> Result<i16, Reason> {
    let year: i16 = text.parse().map_err(|_| wrong("YYYY"))?;
    let known = (FIRST_YEAR..=last).contains(&year);
    known.then_some(year).ok_or(Reason::OutOfRange { min: FIRST_YEAR.into(), max: last.into() })
}

/// The number of a frozen version in a path.
fn number(text: &str) -> Result<u32, ApiError> {
    let number: Option<u32> = text.parse().ok();
    number.filter(|number| *number > 0).ok_or(ApiError::NoSuchPath)
}
