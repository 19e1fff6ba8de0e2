//! The cases of persons who come again in a review, for who may read whom they are about. Which persons
//! they are is not told: whoever wants to know opens the case.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::Case;
use domain::ids::{CaseId, ReviewId, UnitId};
use domain::policy::{Access, Act, Target, allow};
use store::{Additions, Tx, Within};

use crate::context::{App, Caller};
use crate::error::Error;

/// The cases of each person who has more than one, the person with most first.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonsAgain {
    /// By person, the cases by the day of report.
    pub persons: Vec<Vec<Case>>,
}

impl App {
    /// The cases of the persons who had more than one in a review's half, as far as the caller may read
    /// whom they are about: to others there is only their number. Leaves an access entry.
    ///
    /// # Errors
    /// As [`App::find_review`]; [`Error::Forbidden`] for who may read it of no case there.
    pub async fn persons_again(
        &self,
        caller: &Caller,
        id: ReviewId,
    ) -> Result<PersonsAgain, Error> {
        let review = self.find_review(caller, id).await?.review;
        let units: BTreeSet<UnitId> = review.subject.units.iter().copied().collect();
        let role = caller.actor.held.iter().find(|held| {
            domain::policy::role_may(held.role, Act::ReadSubject)
                && units.iter().any(|unit| held.units.covers(unit))
        });
        let role = role.ok_or(Error::Forbidden)?.role;
        let half = review.half;
        let within = Within { units, from: half.first_day(), to: half.last_day() };
        let read = move |tx: &mut Tx<'_>| {
            let persons = tx.cases_of_persons_again(&within)?;
            let ids: BTreeSet<CaseId> = persons.iter().flatten().copied().collect();
            Ok::<_, store::Error>((persons, tx.cases(&ids)?))
        };
        let (persons, cases) = self.store.read(caller.tenant_id(), read).await?;
        let may = |case: &Case| {
            let access = allow(&caller.actor, Act::ReadSubject, &Target::from(case));
            matches!(access, Access::Role(_))
        };
        let mut readable: BTreeMap<CaseId, Case> =
            cases.into_iter().filter(may).map(|case| (case.id, case)).collect();
        let shown = persons
            .into_iter()
            .map(|cases| cases.iter().filter_map(|id| readable.remove(id)).collect::<Vec<Case>>());
        // One case alone does not come again.
        let persons: Vec<Vec<Case>> = shown.filter(|cases| cases.len() > 1).collect();
        let exposed = persons.iter().flatten().map(|case| (case.id, case.subject)).collect();
        let entry = caller.entry(self, "review.persons", Access::Role(role), exposed);
        let mut rows = Additions::to(caller.tenant_id());
        rows.access(&entry);
        self.store.add(rows).await?;
        Ok(PersonsAgain { persons })
    }
}
