//! Legal holds: placed on a case or a person, lifted with a reason.

use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, HoldId};
use domain::personnummer::SubjectIdentity;
use domain::policy::Act;
use domain::retention::LegalHold;
use jiff::civil::Date;
use serde_json::json;
use store::Tx;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace, today};

/// A hold to be placed.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// The case, by id or number.
    pub case: Option<String>,
    /// The person. Only a keyed hash of who it is is kept.
    pub subject: Option<SubjectIdentity>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Option<Date>,
}

impl App {
    /// Every legal hold, also those that are over, by id.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn legal_holds(&self, caller: &Caller) -> Result<Vec<LegalHold>, Error> {
        caller.may(Act::PlaceHold)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.legal_holds()).await?)
    }

    /// A legal hold.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn legal_hold(&self, caller: &Caller, id: HoldId) -> Result<LegalHold, Error> {
        caller.may(Act::PlaceHold)?;
        Ok(self.store.read(caller.tenant_id(), move |tx| tx.legal_hold(id)).await?)
    }

    /// Places a hold. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn place_hold(
        &self,
        caller: &Caller,
        new: NewHold,
        once: Option<Once>,
        render: impl Fn(&LegalHold) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::PlaceHold)?;
        let mut faults = Vec::new();
        let mut case = None;
        if let Some(given) = &new.case {
            let (id, number) = (given.parse::<CaseId>().ok(), given.trim().to_uppercase());
            let find = move |tx: &mut Tx<'_>| tx.case_named(id, &number);
            case = self.store.read(caller.tenant_id(), find).await?;
            if case.is_none() {
                faults.push(Fault::at("/case", Reason::NotFound));
            }
        }
        let index = |identity| self.sealer.blind_index(caller.tenant_id(), identity);
        let hold = LegalHold {
            id: HoldId(self.new_id()),
            case,
            blind_index: new.subject.as_ref().map(index),
            reason: new.reason.trim().to_owned(),
            placed_by: caller.staff.id,
            placed_at: caller.now,
            until: new.until,
            lifted: None,
            version: 1,
        };
        if faults.is_empty() {
            faults = hold.faults(today(caller));
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let answer = render(&hold);
        // Whom it is about stands nowhere but in the hold, as a hash.
        let details = json!({ "case": hold.case, "until": hold.until });
        let trace = Trace::new(self, caller, "hold.place", ("legal_hold", hold.id.0), details);
        let work = move |tx: &mut Tx<'_>| {
            // What is being erased is gone before this, or is held by it.
            tx.one_at_a_time()?;
            match hold.case {
                Some(case) if tx.case_named(Some(case), "")?.is_none() => {
                    Err(store::Error::NotFound.into())
                }
                Some(_) | None => Ok(tx.insert_legal_hold(&hold)?),
            }
        };
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(Refused::into_error)
    }

    /// Lifts a hold that was read.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`] when somebody else was faster.
    pub async fn lift_hold(
        &self,
        caller: &Caller,
        hold: LegalHold,
        reason: String,
    ) -> Result<LegalHold, Error> {
        caller.may(Act::PlaceHold)?;
        let lifted = hold.lift(reason, caller.staff.id, caller.now).map_err(Error::Faults)?;
        let details = json!({ "version": lifted.version });
        let trace = Trace::new(self, caller, "hold.lift", ("legal_hold", lifted.id.0), details);
        let row = lifted.clone();
        let work = move |tx: &mut Tx<'_>| Ok(tx.save_legal_hold(&row)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(lifted)
    }
}
