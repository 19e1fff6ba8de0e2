//! The register of counterparties.

use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::forwarding::{Counterparty, Details, HsaId};
use domain::ids::CounterpartyId;
use domain::policy::Act;
use jiff::civil::Date;
use serde_json::json;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace};

/// What a register entry is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterpartyGiven {
    /// Its name.
    pub name: String,
    /// A code of the list `counterparty`.
    pub kind: String,
    /// Its HSA-id, as given.
    pub hsa_id: Option<String>,
    /// The agreed time for an answer, in days.
    pub answer_days: Option<u16>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// The rest.
    pub details: Details,
}

impl CounterpartyGiven {
    fn into_counterparty(
        self,
        caller: &Caller,
        id: CounterpartyId,
        version: i64,
    ) -> Result<Counterparty, Error> {
        let hsa: Option<Result<HsaId, ()>> = self.hsa_id.as_deref().map(str::parse);
        let counterparty = Counterparty {
            id,
            name: self.name.trim().to_owned(),
            kind: self.kind,
            hsa_id: hsa.clone().and_then(Result::ok),
            answer_days: self.answer_days,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            details: self.details,
            version,
            updated_at: caller.now,
        };
        let mut faults = counterparty.faults(&caller.set_up.codes, swedish_date(caller.now));
        if hsa.is_some_and(|it| it.is_err()) {
            faults.push(Fault::at("/hsa_id", Reason::inconsistent("not_an_hsa_id")));
        }
        if faults.is_empty() { Ok(counterparty) } else { Err(Error::Faults(faults)) }
    }
}

/// What is wrong where a row was refused.
fn refused(refused: Refused) -> Error {
    let fault = |field: &str| Error::Faults(vec![Fault::at(field, Reason::NotUnique)]);
    match refused.conflict() {
        Some("counterparties_name_key") => fault("/name"),
        Some("counterparties_hsa_id_key") => fault("/hsa_id"),
        _ => refused.into_error(),
    }
}

impl App {
    /// The register, by name, also what has ended.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_counterparties(&self, caller: &Caller) -> Result<Vec<Counterparty>, Error> {
        self.reads_counterparties(caller)?;
        Ok(self.store.read(caller.tenant_id(), |tx| tx.counterparties()).await?)
    }

    /// A counterparty.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn read_counterparty(
        &self,
        caller: &Caller,
        id: CounterpartyId,
    ) -> Result<Counterparty, Error> {
        self.reads_counterparties(caller)?;
        Ok(self.store.read(caller.tenant_id(), move |tx| tx.counterparty(id)).await?)
    }

    fn reads_counterparties(&self, caller: &Caller) -> Result<(), Error> {
        let may = caller.may(Act::ReadForwarding).is_ok();
        if may || caller.may(Act::ManageCounterparties).is_ok() {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    }

    /// Enters a counterparty. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn enter_counterparty(
        &self,
        caller: &Caller,
        given: CounterpartyGiven,
        once: Option<Once>,
        render: impl Fn(&Counterparty) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageCounterparties)?;
        let id = CounterpartyId(self.new_id());
        let counterparty = given.into_counterparty(caller, id, 1)?;
        let answer = render(&counterparty);
        let details = json!({ "kind": counterparty.kind });
        let object = ("counterparty", counterparty.id.0);
        let trace = Trace::new(self, caller, "counterparty.enter", object, details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.insert_counterparty(&counterparty)?);
        self.make(caller, trace, once.as_ref(), answer, work).await.map_err(refused)
    }

    /// Puts another entry in the place of one that was read.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`] when somebody else was faster.
    pub async fn change_counterparty(
        &self,
        caller: &Caller,
        before: &Counterparty,
        given: CounterpartyGiven,
    ) -> Result<Counterparty, Error> {
        caller.may(Act::ManageCounterparties)?;
        let version = before.version;
        let changed = given.into_counterparty(caller, before.id, version + 1)?;
        let details = json!({ "version": changed.version });
        let object = ("counterparty", changed.id.0);
        let trace = Trace::new(self, caller, "counterparty.change", object, details);
        let row = changed.clone();
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.save_counterparty(&row, version)?);
        self.change_set_up(caller, trace, work).await.map_err(refused)?;
        Ok(changed)
    }
}
