//! Reviews as their readers see them, and the page of a month.

use std::collections::BTreeSet;

use domain::board::Month;
use domain::calendar::swedish_date;
use domain::ids::{ReviewId, UnitId};
use domain::policy::{Access, Act, Scope, allow_review};
use domain::review::{About, Half, Improvement, Page, Period, Review, State, Status};
use domain::table::Limit;
use jiff::civil::Date;
use store::{ReviewEntry, Tx};

use super::gather::gather;
use crate::context::{App, Caller};
use crate::error::Error;

/// A review that the caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewShown {
    /// The review.
    pub review: Review,
    /// By what they see it.
    pub access: Access,
}

/// A review with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewPage {
    /// The review.
    pub shown: ReviewShown,
    /// The figures: as they were signed, or as they are now.
    pub page: Page,
    /// What earlier reviews of the same decided that is not settled, and everything that the last one
    /// did; oldest first.
    pub earlier: Vec<(Half, Improvement)>,
}

/// The page of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The month.
    pub month: Month,
    /// The figures.
    pub page: Page,
    /// What reviews of these units decided that is not settled, by half.
    pub owed: Vec<(Review, Improvement)>,
}

/// Which reviews a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewQuery {
    /// Of which year; the year of the last half that has ended unless said.
    pub year: Option<i16>,
    /// Of which half.
    pub half: Option<Half>,
    /// Of any of these units; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Where they stand; empty is all.
    pub statuses: Vec<Status>,
    /// Only those that are not signed.
    pub missing: bool,
    /// Only those whose day has passed.
    pub overdue: bool,
}

impl ReviewQuery {
    fn holds(&self, review: &Review, day: Date) -> bool {
        self.half.is_none_or(|half| review.half == half)
            && (self.statuses.is_empty() || self.statuses.contains(&review.status()))
            && (!self.missing || review.missing())
            && (!self.overdue || review.overdue(day))
            && self
                .units
                .as_ref()
                .is_none_or(|units| review.subject.units.iter().any(|unit| units.contains(unit)))
    }
}

/// Whether the caller may do `act` to a review.
pub(super) fn access(caller: &Caller, act: Act, review: &Review) -> Access {
    let owner = review.owned_by(caller.staff.id);
    allow_review(&caller.actor, act, &review.subject.units, owner)
}

/// What the columns of a review's page are limited to: its unit, or its group.
pub(super) fn about(review: &Review) -> About {
    let (dimension, code) = match review.subject.units.as_slice() {
        [one] => ("unit", one.to_string()),
        _ => ("review_group", review.subject.key.clone()),
    };
    About { limit: Some(Limit { dimension: dimension.to_owned(), code: Some(code) }) }
}

/// The figures of a review as they stand: those a signature binds, else those of now.
pub(super) fn figures(
    tx: &mut Tx<'_>,
    caller: &Caller,
    review: &Review,
) -> Result<Page, store::Error> {
    match &review.state {
        State::Signed { signature, .. } => tx.review_page(review.id, signature.version),
        State::Open | State::Written { .. } => {
            let units: BTreeSet<UnitId> = review.subject.units.iter().copied().collect();
            let period = Period::Half(review.half);
            gather(tx, &caller.set_up, period, (&about(review), &units), caller.now)
        }
    }
}

impl App {
    /// Finds a review and lets the caller see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not there, or not theirs to see.
    pub async fn find_review(&self, caller: &Caller, id: ReviewId) -> Result<ReviewShown, Error> {
        let review = self.store.ask(caller.tenant_id(), move |tx| tx.review(id)).await?;
        match access(caller, Act::ReadReview, &review) {
            access @ (Access::Role(_) | Access::Asked | Access::Own) => {
                Ok(ReviewShown { review, access })
            }
            Access::Forbidden | Access::Hidden => Err(Error::NotFound),
        }
    }

    /// Whether the caller may do `act` to a review they see.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may_review(&self, caller: &Caller, act: Act, shown: &ReviewShown) -> Result<(), Error> {
        match access(caller, act, &shown.review) {
            Access::Role(_) | Access::Asked | Access::Own => Ok(()),
            Access::Forbidden | Access::Hidden => Err(Error::Forbidden),
        }
    }

    /// Reads a review with its figures.
    ///
    /// # Errors
    /// As [`App::find_review`].
    pub async fn read_review(&self, caller: &Caller, id: ReviewId) -> Result<ReviewPage, Error> {
        let asking = caller.clone();
        let read = move |tx: &mut Tx<'_>| {
            let review = tx.review(id)?;
            let by = access(&asking, Act::ReadReview, &review);
            if !by.allowed() {
                return Err(store::Error::NotFound);
            }
            let page = figures(tx, &asking, &review)?;
            let before = review.half.before();
            let earlier = tx.reviews_of(&review.subject.key)?;
            // A group's code may have been another group's before, of other units.
            let earlier = earlier.into_iter().filter(|it| {
                it.half < review.half && access(&asking, Act::ReadReview, it).allowed()
            });
            let earlier = earlier.flat_map(|it| {
                let half = it.half;
                let kept = move |it: &Improvement| it.state.owed() || half == before;
                it.improvements.into_iter().filter(kept).map(move |it| (half, it))
            });
            let earlier = earlier.collect();
            Ok(ReviewPage { shown: ReviewShown { review, access: by }, page, earlier })
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// Who did what to a review, oldest first.
    ///
    /// # Errors
    /// As [`App::find_review`].
    pub async fn review_history(
        &self,
        caller: &Caller,
        id: ReviewId,
    ) -> Result<Vec<ReviewEntry>, Error> {
        self.find_review(caller, id).await?;
        Ok(self.store.ask(caller.tenant_id(), move |tx| tx.review_history(id)).await?)
    }

    /// The reviews of a year that the caller may see, those that are due first first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who sees none.
    pub async fn reviews(&self, caller: &Caller, query: ReviewQuery) -> Result<Vec<Review>, Error> {
        let today = swedish_date(caller.now);
        let year = query.half.map(Half::year).or(query.year);
        let year = year.unwrap_or_else(|| Half::ended_before(today).year());
        let mut found = self.store.ask(caller.tenant_id(), move |tx| tx.reviews(year)).await?;
        found.retain(|review| {
            access(caller, Act::ReadReview, review).allowed() && query.holds(review, today)
        });
        if found.is_empty() {
            caller.may(Act::ReadReview)?;
        }
        found.sort_by_key(|review| (review.half, review.due_on, review.id));
        Ok(found)
    }

    /// The page of a month, of a unit with all below it or of everything the caller sees figures of; with
    /// what reviews of these units decided and is not settled, where they may read those.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who sees no figures, or none of that unit.
    pub async fn follow_up(
        &self,
        caller: &Caller,
        month: Month,
        unit: Option<UnitId>,
    ) -> Result<FollowUp, Error> {
        let scope = caller.figures_scope()?;
        let tree = &caller.set_up.units;
        let wanted: BTreeSet<UnitId> = match unit {
            Some(unit) => tree.with_descendants(unit),
            None => tree.iter().map(|unit| unit.id).collect(),
        };
        let units: BTreeSet<UnitId> = match scope {
            Scope::All => wanted,
            Scope::Only(only) => &wanted & &only,
        };
        if units.is_empty() {
            return Err(Error::Forbidden);
        }
        let limit =
            unit.map(|unit| Limit { dimension: "unit".to_owned(), code: Some(unit.to_string()) });
        let asking = caller.clone();
        let read = move |tx: &mut Tx<'_>| {
            let about = About { limit };
            let period = Period::Month(month);
            let page = gather(tx, &asking.set_up, period, (&about, &units), asking.now)?;
            let reviews = tx.reviews_awaiting(None)?.into_iter().filter(|review| {
                review.subject.units.iter().any(|unit| units.contains(unit))
                    && access(&asking, Act::ReadReview, review).allowed()
            });
            let mut owed: Vec<(Review, Improvement)> = reviews
                .flat_map(|review| {
                    let owed: Vec<Improvement> = review.owed().cloned().collect();
                    owed.into_iter().map(move |it| (review.clone(), it))
                })
                .collect();
            owed.sort_by_key(|(review, it)| (review.half, it.due_on, it.id));
            Ok::<_, store::Error>(FollowUp { month, page, owed })
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }
}
