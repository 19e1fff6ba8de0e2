//! Changes to several cases that are written together or not at all.

use domain::case::{Case, Investigation};
use domain::fault::{Fault, Reason};
use store::{AccessEntry, KeptAnswer, Tx};

use super::execute::{Prepared, lost_a_race};
use super::record::Record;
use super::samples::Look;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::opinions::DIARY_NUMBER;

/// An investigation that several cases share, as a change writes it.
pub(super) enum Inquiry {
    /// It stays as it is, or belongs to one case alone, with which it is written.
    Apart,
    /// It begins.
    Begun(Box<Investigation>),
    /// It changed, or another case joins it.
    Changed(Box<Investigation>),
}

impl Inquiry {
    /// The investigation as it is written.
    pub(super) fn after(&self) -> Option<&Investigation> {
        match self {
            Inquiry::Apart => None,
            Inquiry::Begun(inquiry) | Inquiry::Changed(inquiry) => Some(inquiry),
        }
    }
}

/// A case before its change, and everything that the change writes.
pub(super) type Recorded = (Case, Record);

/// Several changed cases.
pub(super) struct Together {
    inquiry: Inquiry,
    records: Vec<Recorded>,
    /// The answer to keep, where it is about all of them.
    pub kept: Option<KeptAnswer>,
    /// The reading that the answer is.
    pub access: Option<AccessEntry>,
    /// A look at a closing of the sample.
    pub look: Option<Look>,
}

impl Together {
    /// Some changes, and the investigation that the cases share. They are written by the ids of the
    /// cases, as everywhere, so that nobody waits for somebody who waits.
    pub(super) fn of(inquiry: Inquiry, mut records: Vec<Recorded>) -> Self {
        records.sort_by_key(|(before, _)| before.id);
        for (_, record) in &mut records {
            record.joint = !matches!(inquiry, Inquiry::Apart);
        }
        Self { inquiry, records, kept: None, access: None, look: None }
    }

    /// Writes everything. The investigation goes first: its version decides between those who change
    /// it through different cases, and one of them alone goes on to the cases.
    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        match &self.inquiry {
            Inquiry::Apart => {}
            Inquiry::Begun(inquiry) => tx.add_rows(|rows| rows.investigation(inquiry))?,
            Inquiry::Changed(inquiry) => tx.save_investigation(inquiry)?,
        }
        if let Some(look) = &self.look {
            look.write(tx)?;
        }
        if self.kept.is_some() || self.access.is_some() {
            tx.add_rows(|rows| {
                if let Some(kept) = &self.kept {
                    rows.answer(kept);
                }
                if let Some(access) = &self.access {
                    rows.access(access);
                }
            })?;
        }
        self.records.iter().try_for_each(|(before, record)| record.write(before, tx))
    }
}

impl App {
    /// Writes changes to several cases, and gives the answer: the one made for them, or the one that
    /// the same request got a moment before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster with any of them.
    pub(super) async fn write_together(
        &self,
        caller: &Caller,
        together: Together,
        answer: Answer,
        once: Option<Once>,
    ) -> Result<Answer, Error> {
        let written = self.store.write(caller.tenant_id(), move |tx| together.write(tx)).await;
        match (written, once) {
            (Ok(()), _) => Ok(answer),
            (Err(error), once) if lost_a_race(&error) => match once {
                // The same request, twice at once: the first one's answer holds for both.
                Some(once) => self.answered(caller, &once).await?.ok_or(Error::Stale),
                None => Err(Error::Stale),
            },
            (Err(error), _) if error.conflict() == Some(DIARY_NUMBER) => {
                Err(Error::Faults(vec![Fault::at("/diary_number", Reason::NotUnique)]))
            }
            (Err(other), _) => Err(other.into()),
        }
    }

    /// What a prepared change to the investigation of one case makes of the other cases it serves.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody changed it through one of them meanwhile;
    /// [`Error::Forbidden`] when it becomes complete for a case that the caller may not investigate;
    /// [`Error::Faults`] when it would lack what the track of one of them asks for.
    pub(super) async fn reflected(
        &self,
        caller: &Caller,
        prepared: &Prepared,
    ) -> Result<(Inquiry, Vec<Recorded>), Error> {
        let (before, changed) = (&prepared.before, &prepared.changed);
        let inquiry = changed.case.investigation.clone();
        let (Some(old), Some(new)) = (&before.investigation, inquiry) else {
            return Ok((Inquiry::Apart, Vec::new()));
        };
        if *old == new {
            return Ok((Inquiry::Apart, Vec::new()));
        }
        let (id, main) = (new.id, before.id);
        let tenant = caller.tenant_id();
        let others =
            self.store.read(tenant, move |tx| tx.cases_investigated(id, Some(main))).await?;
        if others.is_empty() {
            return Ok((Inquiry::Apart, Vec::new()));
        }
        let changes = self.spread(caller, before, changed, others)?;
        let record = |(before, changed)| (before, Record::new(self, caller, changed));
        let records = changes.into_iter().map(record).collect();
        Ok((Inquiry::Changed(Box::new(new)), records))
    }
}
