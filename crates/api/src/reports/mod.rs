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
use domain::statistics::dimension::FIRST_YEAR;

use crate::problem::ApiError;

/// The year in a path, not after this one; anything else is simply not there.
fn year(text: &str, caller: &Caller) -> Result<i16, ApiError> {
    let this = swedish(caller.now).year;
    let year: i16 = text.parse().map_err(|_| ApiError::NoSuchPath)?;
    if (FIRST_YEAR..=this).contains(&year) { Ok(year) } else { Err(ApiError::NoSuchPath) }
}

/// The number of a frozen version in a path.
fn number(text: &str) -> Result<u32, ApiError> {
    let number: Option<u32> = text.parse().ok();
    number.filter(|number| *number > 0).ok_or(ApiError::NoSuchPath)
}
