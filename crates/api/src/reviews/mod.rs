//! `/reviews`, `/follow-up`.

pub mod command;
pub mod follow_up;
pub mod read;
mod sheet;

use app::reviews::ReviewShown;
use app::{Answer, Caller};
use domain::calendar::swedish_date;
use domain::ids::{ImprovementId, ReviewId};
use wire::reviews::ReviewView;

use crate::extract::etag;
use crate::problem::ApiError;
use crate::setup::id;

fn review_id(text: &str) -> Result<ReviewId, ApiError> {
    id(text).map(ReviewId)
}

fn improvement_id(text: &str) -> Result<ImprovementId, ApiError> {
    id(text).map(ImprovementId)
}

fn view(shown: &ReviewShown, caller: &Caller) -> ReviewView {
    ReviewView::new(&shown.review, &caller.set_up.units, swedish_date(caller.now))
}

/// A review after a command.
fn answer(shown: &ReviewShown, caller: &Caller, status: u16) -> Answer {
    Answer {
        status,
        location: None,
        etag: Some(etag(shown.review.version)),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(&view(shown, caller)).unwrap_or_default(),
    }
}
