//! Many flags screened at once: each guarded by itself, the refused ones named; what can be done is
//! written together.

use domain::escalation::Status;
use domain::escalation::screening::Screen;
use domain::ids::EscalationId;

use super::execute::{EscalationCommand, decided};
use super::record::{EscalationRecord, lost_a_race};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How often everything is decided anew when somebody else was faster with one of them.
const TRIES: usize = 5;

/// What is asked of one flag.
#[derive(Clone, Debug, PartialEq)]
pub struct ScreeningAsked {
    /// Which.
    pub id: EscalationId,
    /// The version that was read.
    pub version: i64,
    /// What becomes of it.
    pub screen: Screen,
}

/// What became of one.
#[derive(Debug)]
pub struct OfScreening {
    /// Which.
    pub id: EscalationId,
    /// Its new version and status, or why nothing was done.
    pub result: Result<(i64, Status), Error>,
}

impl App {
    /// Screens many flags, each on the version that was read. `render` makes the answer from what became
    /// of each.
    ///
    /// # Errors
    /// Only where nothing at all was done: [`Error::Unavailable`] and the like.
    pub async fn screen_each(
        &self,
        caller: &Caller,
        asked: &[ScreeningAsked],
        once: Option<Once>,
        render: impl Fn(Vec<OfScreening>) -> Answer,
    ) -> Result<Answer, Error> {
        for _ in 0..TRIES {
            let (mut results, mut records) = (Vec::new(), Vec::new());
            for one in asked {
                let result = match self.screen_one(caller, one).await {
                    Ok(record) => {
                        let after = record.escalation();
                        let stands = (after.version, after.status());
                        records.push(record);
                        Ok(stands)
                    }
                    Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
                    Err(refused) => Err(refused),
                };
                results.push(OfScreening { id: one.id, result });
            }
            let answer = render(results);
            let kept = once.as_ref().map(|once| self.to_keep(caller, once, &answer, None));
            let kept = kept.transpose()?;
            // By the ids, as everywhere, so that nobody waits for somebody who waits.
            records.sort_by_key(|record| record.escalation().id);
            let work = move |tx: &mut store::Tx<'_>| {
                if let Some(kept) = &kept {
                    tx.add_rows(|rows| rows.answer(kept))?;
                }
                records.iter().try_for_each(|record| record.write(tx))
            };
            match self.store.write(caller.tenant_id(), work).await {
                Ok(()) => return Ok(answer),
                Err(error) if lost_a_race(&error) => {
                    if let Some(once) = &once
                        && let Some(answer) = self.answered(caller, once).await?
                    {
                        return Ok(answer);
                    }
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("others keep changing these escalations".into()))
    }

    async fn screen_one(
        &self,
        caller: &Caller,
        one: &ScreeningAsked,
    ) -> Result<EscalationRecord, Error> {
        let opened = self.open_escalation(caller, one.id).await?;
        let command = EscalationCommand::Screen(one.screen.clone());
        opened.permit(caller, command.command())?;
        if opened.escalation.version != one.version {
            return Err(Error::Stale);
        }
        let changed = decided(caller, &opened, command)?;
        let act = format!("escalation.{}", changed.event.command.code());
        let (before, case) = (opened.escalation, opened.case.as_deref());
        let number = case.map(|case| case.number.to_string());
        let (access, _) = self.escalation_access(caller, &act, opened.access, &before, case);
        let number = number.as_deref();
        let mut record = EscalationRecord::new(self, caller, Some(before), changed, number, &[]);
        record.access.push(access);
        Ok(record)
    }
}
