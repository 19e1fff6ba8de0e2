//! The same person again: found by the blind index, without opening who it is.

use std::collections::BTreeSet;

use domain::case::Status;
use domain::ids::{CaseId, SubjectId};
use domain::policy::{Access, Act};
use jiff::SignedDuration;

use super::list::ListQuery;
use super::read::Opened;
use crate::context::{App, Caller};
use crate::error::Error;

/// How many cases of one person within the days are looked at; more than these are a series anyway.
const MOST: u32 = 200;

impl App {
    /// The cases that are a series together with one that was opened, as far as the caller may read
    /// them: enough events of one person and one kind within the days that the tenant's settings name.
    /// Empty where there is none, and for whoever only filed it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn series(&self, caller: &Caller, opened: &Opened) -> Result<Vec<CaseId>, Error> {
        let (case, codes) = (&opened.case, &caller.set_up.codes);
        let (Some(subject), Some(category), Access::Role(_)) =
            (case.subject, case.category(), opened.access)
        else {
            return Ok(Vec::new());
        };
        let list = case.kind.category_list();
        let top = codes.top(list, category);
        let rule = caller.set_up.settings.series;
        let span = SignedDuration::from_hours(24 * i64::from(rule.days));
        let query = ListQuery {
            subjects: Some(self.same_person(caller, subject).await?),
            categories: Some(codes.with_descendants(list, top)),
            kinds: vec![case.kind],
            statuses: Status::ALL
                .into_iter()
                .filter(|status| !matches!(status, Status::Draft | Status::Void))
                .collect(),
            limit: MOST,
            ..ListQuery::default()
        };
        let lines = self.list_cases(caller, query).await?.lines;
        let here = case.event_time();
        let times: Vec<_> = lines
            .iter()
            .map(|line| (line.id, line.occurred_at.unwrap_or(line.reported_at)))
            .filter(|(_, at)| at.duration_since(here).abs() < span)
            .collect();
        Ok(rule.series(case.id, &times))
    }

    /// The sealed identities of whoever a case is about, for a list of that person's cases. Leaves an
    /// access entry.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the case is not there for the caller; [`Error::Forbidden`] for who
    /// may not know who it is about. A case about nobody in particular gives nobody.
    pub async fn same_subjects(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<BTreeSet<SubjectId>, Error> {
        let opened = self.open(caller, id, Act::ReadSubject).await?;
        let Some(subject) = opened.case.subject else { return Ok(BTreeSet::new()) };
        let same = self.same_person(caller, subject).await?;
        self.keep_access(caller, "subject.same", &opened).await?;
        Ok(same)
    }

    async fn same_person(
        &self,
        caller: &Caller,
        subject: SubjectId,
    ) -> Result<BTreeSet<SubjectId>, Error> {
        let tenant = caller.tenant_id();
        Ok(self.store.read(tenant, move |tx| tx.same_person(subject)).await?)
    }
}
