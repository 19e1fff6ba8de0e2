//! Setting a tenant up: units, staff, grants, codes of its own.
//!
//! Every change goes the same way. What can be judged beforehand is judged beforehand, all faults at
//! once; what another change may have upset meanwhile is judged again inside the transaction, behind
//! the tenant's row, which such changes take in turn.

mod codes;
mod grants;
mod group_grants;
mod leaving;
mod settings;
mod staff;
mod units;

use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::ids::EntryId;
use domain::organisation::Grant;
use domain::policy::{Act, role_may};
use jiff::civil::Date;
use serde_json::Value;
use store::{Additions, AuditEntry, KeptAnswer, Tx};
use uuid::Uuid;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

pub use codes::NewCode;
pub use grants::{NewGrant, WhoGiven};
pub use group_grants::NewGroupGrant;
pub use staff::StaffChange;
pub use units::{NewUnit, UnitChange};

/// Why a change was not written. Keeps the store's own error apart, since a conflict over one
/// constraint means something else than over another.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The database said so.
    Store(store::Error),
    /// We said so, inside the transaction.
    Own(Error),
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Refused::Store(error)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Own(error)
    }
}

impl Refused {
    pub(crate) fn faults(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Refused::Own(Error::Faults(faults))) }
    }

    /// The unique constraint that was hit, if that is what happened.
    pub(crate) fn conflict(&self) -> Option<&str> {
        match self {
            Refused::Store(error) => error.conflict(),
            Refused::Own(_) => None,
        }
    }

    pub(crate) fn into_error(self) -> Error {
        match self {
            Refused::Store(error) => error.into(),
            Refused::Own(error) => error,
        }
    }
}

/// What a change leaves behind beside itself.
pub(crate) struct Trace {
    audit: AuditEntry,
    kept: Option<KeptAnswer>,
}

impl Trace {
    /// The trace of `action` on `object`. The details outlive whom they tell of: codes, days and
    /// names of fields, never what somebody wrote about a person.
    pub(crate) fn new(
        app: &App,
        caller: &Caller,
        action: &str,
        (object_kind, object): (&'static str, Uuid),
        details: Value,
    ) -> Self {
        let audit = AuditEntry {
            id: EntryId(app.new_id()),
            at: caller.now,
            by: Some(caller.staff.id),
            action: action.to_owned(),
            object_kind,
            object,
            details,
            request: caller.request,
        };
        Self { audit, kept: None }
    }
}

/// Today, in Sweden.
pub(crate) fn today(caller: &Caller) -> Date {
    swedish_date(caller.now)
}

/// A line of text without outer blanks; what is wrong with it goes to `faults`.
fn line(text: &str, field: &str, max: usize, faults: &mut Vec<Fault>) -> String {
    let text = text.trim();
    if text.is_empty() {
        faults.push(Fault::at(field, Reason::Required));
    } else if text.chars().count() > max {
        faults.push(Fault::at(field, Reason::TooLong { max }));
    } else if text.chars().any(char::is_control) {
        let expected = "one line of text".to_owned();
        faults.push(Fault::at(field, Reason::WrongType { expected }));
    }
    text.to_owned()
}

/// The fault of a validity that ends before it begins.
fn ends_too_early(from: Option<Date>, to: Option<Date>) -> Option<Fault> {
    let (from, to) = (from?, to?);
    let reason = || Reason::Before { other: "/valid_from".into() };
    (to < from).then(|| Fault::at("/valid_to", reason()))
}

/// Whether a grant lets its holder manage grants on `day`.
fn manages_grants(grant: &Grant, day: Date) -> bool {
    role_may(grant.role, Act::ManageGrants) && grant.units.is_empty() && grant.valid_on(day)
}

/// Makes sure, behind the tenant's row, that the caller still manages grants: two who shut each
/// other out at the same moment would leave the tenant with nobody who can let anyone in.
fn still_manages(tx: &mut Tx<'_>, caller: &Caller) -> Result<(), Refused> {
    tx.bump_config_version()?;
    let active = tx.staff(caller.staff.id)?.deactivated_at.is_none();
    let grants = tx.grants_of(caller.staff.id)?;
    if active && grants.iter().any(|grant| manages_grants(grant, today(caller))) {
        Ok(())
    } else {
        Err(Error::Forbidden.into())
    }
}

impl App {
    /// Writes a change with its trace. The kept answer comes first: it is what another request with
    /// the same Idempotency-Key collides with.
    pub(crate) async fn change_set_up(
        &self,
        caller: &Caller,
        trace: Trace,
        work: impl FnOnce(&mut Tx<'_>) -> Result<(), Refused> + Send + 'static,
    ) -> Result<(), Refused> {
        self.store
            .write(caller.tenant_id(), move |tx| {
                let mut rows = Additions::to(tx.tenant());
                if let Some(kept) = &trace.kept {
                    rows.answer(kept);
                }
                rows.audit(&trace.audit);
                tx.add(rows)?;
                work(tx)
            })
            .await
    }

    /// As [`App::change_set_up`], for what makes something new: the answer is kept under its
    /// Idempotency-Key, and the answer of the same request that came first holds for both.
    pub(crate) async fn make(
        &self,
        caller: &Caller,
        mut trace: Trace,
        once: Option<&Once>,
        answer: Answer,
        work: impl FnOnce(&mut Tx<'_>) -> Result<(), Refused> + Send + 'static,
    ) -> Result<Answer, Refused> {
        if let Some(once) = once {
            trace.kept = Some(self.to_keep(caller, once, &answer, None)?);
        }
        match self.change_set_up(caller, trace, work).await {
            Ok(()) => Ok(answer),
            Err(refused) if refused.conflict() == Some("idempotency_keys_principal_key_key") => {
                let given = match once {
                    Some(once) => self.answered(caller, once).await?,
                    None => None,
                };
                given.ok_or_else(|| Error::Unavailable("an answer is being kept".into()).into())
            }
            Err(refused) => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::calendar::swedish_date;
    use domain::ids::{GrantId, StaffId};
    use domain::organisation::Role;
    use jiff::Timestamp;
    use jiff::civil::date;
    use store::{Config, Store};

    use super::*;
    use crate::context::{Clock, Identity, Vouched};
    use crate::sealing::Sealer;

    struct Stopped(Timestamp);

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    /// A service with one tenant, gone when this is dropped.
    pub(super) struct World {
        pub app: App,
        _dir: tempfile::TempDir,
    }

    /// Runs a test against a service with one tenant, `test`, on 10 March 2026.
    pub(super) fn in_a_world<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", dir.path().join("test.db").display());
            let store = Store::open(Config::new(url.parse().unwrap())).unwrap();
            store.migrate().await.unwrap();
            let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
            crate::tenants::create_tenant(&store, "test", "Test", now, &Uuid::now_v7)
                .await
                .unwrap();
            let sealer = Sealer::from_file(&dir.path().join("keys.json"), true).unwrap();
            let app = App::new(store, sealer, Box::new(Stopped(now)));
            test(World { app, _dir: dir }).await;
        });
    }

    impl World {
        /// The person with this subject, as they come in now.
        pub async fn enter(&self, subject: &str) -> Result<Caller, Error> {
            let identity = Identity {
                issuer: "https://id.example".to_owned(),
                subject: subject.to_owned(),
                tenant: "test".to_owned(),
                name: None,
                more: Vouched::default(),
            };
            self.app.enter(&identity, Uuid::now_v7()).await
        }

        /// A person who is an admin.
        pub async fn admin(&self, subject: &str) -> Caller {
            let caller = self.enter(subject).await.unwrap();
            let grant = held(Role::Admin, caller.staff.id);
            self.app
                .store
                .write(caller.tenant_id(), move |tx| tx.insert_grant(&grant))
                .await
                .unwrap();
            self.enter(subject).await.unwrap()
        }
    }

    /// A grant that holds, over everything.
    pub(super) fn held(role: Role, staff: StaffId) -> Grant {
        Grant {
            id: GrantId(Uuid::now_v7()),
            staff,
            role,
            units: Vec::new(),
            laws: Vec::new(),
            valid_from: date(2026, 1, 1),
            valid_to: None,
            stands_in_for: None,
            revoked_at: None,
            version: 1,
        }
    }

    /// The answer of a test: the thing itself would stand in it.
    pub(super) fn made(version: i64) -> Answer {
        let etag = Some(format!("\"{version}\""));
        Answer { status: 201, location: None, etag, body: b"{}".to_vec() }
    }

    /// The faults of an error, as field and code.
    pub(super) fn told(error: &Error) -> Vec<(String, String)> {
        let Error::Faults(faults) = error else { panic!("{error:?}") };
        faults.iter().map(|fault| (fault.field.clone(), fault.reason.code().to_owned())).collect()
    }

    /// [`told`] as a test writes it.
    pub(super) fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
        told.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
    }

    #[test]
    fn a_validity_ends_after_it_begins() {
        let (one, two) = (Some(date(2026, 1, 1)), Some(date(2026, 1, 2)));
        for (from, to) in [(None, None), (one, None), (None, one), (one, one), (one, two)] {
            assert_eq!(ends_too_early(from, to), None);
        }
        assert_eq!(ends_too_early(two, one).unwrap().field, "/valid_to");
    }

    #[test]
    fn a_line_has_no_outer_blanks_and_no_breaks() {
        let mut faults = Vec::new();
        assert_eq!(line(" Syrenen ", "/name", 7, &mut faults), "Syrenen");
        assert_eq!(faults, []);
        line("  ", "/a", 7, &mut faults);
        line("Syrenerna", "/b", 7, &mut faults);
        line("Sy\nren", "/c", 7, &mut faults);
        let codes: Vec<_> = faults.iter().map(|fault| fault.reason.code()).collect();
        assert_eq!(codes, ["required", "too_long", "wrong_type"]);
    }

    #[test]
    fn today_is_the_day_in_sweden() {
        in_a_world(async |world| {
            let caller = world.enter("anna").await.unwrap();
            assert_eq!(today(&caller), swedish_date(world.app.now()));
        });
    }
}
