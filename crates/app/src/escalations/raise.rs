//! Raising an escalation: by a triage, at filing, by hand, by an employee's report, as a riskperson.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::case::{Case, Command as CaseCommand, Event};
use domain::escalation::matter::Report;
use domain::escalation::{Changed, Kind, Rejected, raise};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, EscalationId, StaffId, UnitId};
use domain::policy::{Access, Act, Target, allow};
use jiff::Timestamp;

use super::read::{OpenedEscalation, PERSONS};
use super::record::{EscalationRecord, ONE_OPEN, lost_a_race};
use crate::cases::{Opened, access_entry};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How somebody raises an escalation beside a case.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEscalation {
    /// Which process.
    pub kind: Kind,
    /// Why, in words.
    pub text: String,
    /// Lex Sarah: an employee's report rather than a flag.
    pub report: Option<Told>,
}

/// How a lex Sarah report came.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// It is the caller's own.
    Own,
    /// By mouth, to whoever puts it down.
    Oral {
        /// From whom.
        from: String,
        /// When.
        at: Timestamp,
    },
}

/// A riskperson to be raised.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRiskperson {
    /// Where.
    pub unit: UnitId,
    /// Who it is, in words. Sealed, and never in a document in the clear.
    pub person: String,
    /// What has come to light.
    pub text: String,
    /// Who may see it beside the caller.
    pub readers: BTreeSet<StaffId>,
}

/// What a change of a case raises by itself: an employee's report at filing, and what a triage asks
/// for that was not asked before. Where one of the kind is open already, none is added.
pub(crate) fn by_change(
    app: &App,
    caller: &Caller,
    before: Option<&Case>,
    case: &Case,
    event: &Event,
) -> Vec<EscalationRecord> {
    let by = caller.staff.id;
    let mut raised: Vec<Changed> = Vec::new();
    let handed_in = matches!(event.command, CaseCommand::File | CaseCommand::Submit);
    if handed_in && case.filing.lex_sarah && !case.private() {
        let report =
            Report { by: case.reported_by, at: case.reported_at, oral_from: None, text: None };
        let id = EscalationId(app.new_id());
        // A report that came in with its filing is neither from the future nor by mouth.
        raised.extend(raise::report(id, case, report, caller.now).ok());
    }
    if let Some(before) = before.filter(|_| event.command == CaseCommand::Triage) {
        for asking in caller.set_up.settings.flags.newly(before, case) {
            let id = EscalationId(app.new_id());
            raised.push(raise::by_rule(id, &asking, case, by, caller.now));
        }
    }
    let number = case.number.to_string();
    let record = |changed| EscalationRecord::new(app, caller, None, changed, Some(&number), &[]);
    raised.into_iter().map(record).collect()
}

impl App {
    /// Raises an escalation beside a case that was opened. `render` makes the answer from it as it will
    /// stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] from the domain, and where one of the kind is open.
    pub async fn raise_escalation(
        &self,
        caller: &Caller,
        opened: &Opened,
        new: NewEscalation,
        once: Option<Once>,
        render: impl Fn(&OpenedEscalation) -> Answer,
    ) -> Result<Answer, Error> {
        let access = may_raise(caller, &opened.case, &new)?;
        let case = Arc::new(opened.case.clone());
        let (id, now, by) = (EscalationId(self.new_id()), caller.now, caller.staff.id);
        let NewEscalation { kind, text, report } = new;
        let said = Some(text.clone()).filter(|text| !text.trim().is_empty());
        let changed = match report {
            None => raise::by_hand(id, kind, &case, text, by, now)?,
            Some(_) if kind != Kind::LexSarah => {
                let reason = Reason::inconsistent("report_only_of_lex_sarah");
                return Err(Error::Faults(vec![Fault::at("/kind", reason)]));
            }
            Some(Told::Own) => {
                let report = Report { by: Some(by), at: now, oral_from: None, text: said };
                raise::report(id, &case, report, now)?
            }
            Some(Told::Oral { from, at }) => {
                let report = Report { by: None, at, oral_from: Some(from), text: said };
                raise::report(id, &case, report, now)?
            }
        };
        let number = case.number.to_string();
        let mut record =
            EscalationRecord::new(self, caller, None, changed.clone(), Some(&number), &[]);
        record.access.push(access_entry(self, caller, "escalation.raise", access, &case));
        let shown = OpenedEscalation {
            commands: Vec::new(),
            sight: domain::policy::Sight::State,
            access,
            person: None,
            delegations: Vec::new(),
            escalation: changed.escalation.clone(),
            case: Some(Arc::clone(&case)),
        };
        // Whoever raised it sees what they may see, and at least that it is there.
        let seen = OpenedEscalation::of(caller, changed.escalation, Some(case), Vec::new());
        let answer = render(&seen.unwrap_or(shown));
        self.write_raised(caller, record, Some(opened.case.id), answer, once).await
    }

    async fn write_raised(
        &self,
        caller: &Caller,
        mut record: EscalationRecord,
        case: Option<CaseId>,
        answer: Answer,
        once: Option<Once>,
    ) -> Result<Answer, Error> {
        if let Some(once) = &once {
            record.kept = Some(self.to_keep(caller, once, &answer, case)?);
        }
        let work = move |tx: &mut store::Tx<'_>| {
            // Whoever ends the case meanwhile sees it, or has ended it before.
            if let Some(case) = case {
                tx.hold_case(case)?;
            }
            record.write(tx)
        };
        match self.store.write(caller.tenant_id(), work).await {
            Ok(()) => Ok(answer),
            Err(error) if lost_a_race(&error) || error.conflict() == Some(ONE_OPEN) => {
                let given = match &once {
                    Some(once) => self.answered(caller, once).await?,
                    None => None,
                };
                given.ok_or_else(already_open)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Raises a riskperson. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] also for readers who are no staff.
    pub async fn raise_riskperson(
        &self,
        caller: &Caller,
        new: NewRiskperson,
        once: Option<Once>,
        render: impl Fn(&OpenedEscalation) -> Answer,
    ) -> Result<Answer, Error> {
        self.may_raise_riskperson(caller, Some(new.unit))?;
        let mut faults = Vec::new();
        if new.person.trim().is_empty() {
            faults.push(Fault::at("/person", Reason::Required));
        }
        self.unknown_readers(caller, &new.readers, &mut faults).await?;
        let (id, tenant) = (EscalationId(self.new_id()), caller.tenant_id());
        let by = caller.staff.id;
        let raised = raise::riskperson(id, new.unit, new.text, new.readers, by, caller.now);
        let changed = match raised {
            Err(Rejected::Guard(found)) => {
                faults.extend(found);
                return Err(Error::Faults(faults));
            }
            _ if !faults.is_empty() => return Err(Error::Faults(faults)),
            raised => raised?,
        };
        let sealed = self
            .sealer
            .seal(tenant, PERSONS, &id.to_string(), new.person.trim().as_bytes())
            .map_err(|error| Error::Internal(error.to_string()))?;
        let mut record = EscalationRecord::new(self, caller, None, changed.clone(), None, &[]);
        record.person = Some(sealed);
        let (entry, _) = self.escalation_access(
            caller,
            "escalation.raise",
            Access::Asked,
            &changed.escalation,
            None,
        );
        record.access.push(entry);
        let shown = OpenedEscalation::of(caller, changed.escalation, None, Vec::new());
        let mut shown = shown.ok_or(Error::NotFound)?;
        shown.person = Some(new.person.trim().to_owned());
        let answer = render(&shown);
        self.write_raised(caller, record, None, answer, once).await
    }

    /// Whether the caller may raise a riskperson, at a unit or at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may_raise_riskperson(&self, caller: &Caller, unit: Option<UnitId>) -> Result<(), Error> {
        let there = |held: &domain::policy::Held| {
            domain::policy::role_may(held.role, Act::RaiseRiskperson)
                && unit.is_none_or(|unit| held.units.covers(&unit))
        };
        if caller.actor.held.iter().any(there) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Faults for those of some readers who are no staff.
    pub(super) async fn unknown_readers(
        &self,
        caller: &Caller,
        readers: &BTreeSet<StaffId>,
        faults: &mut Vec<Fault>,
    ) -> Result<(), Error> {
        if readers.is_empty() {
            return Ok(());
        }
        let staff = self.store.read(caller.tenant_id(), |tx| tx.all_staff()).await?;
        for (at, reader) in readers.iter().enumerate() {
            if staff.iter().all(|known| known.id != *reader) {
                faults.push(Fault::at(format!("/readers/{at}"), Reason::NotFound));
            }
        }
        Ok(())
    }
}

/// That a case has an open escalation of the kind.
pub(super) fn already_open() -> Error {
    Error::Faults(vec![Fault::at("/kind", Reason::inconsistent("escalation_open_already"))])
}

/// Whether the caller may raise this beside the case: by role; and their own lex Sarah report also who
/// filed it.
fn may_raise(caller: &Caller, case: &Case, new: &NewEscalation) -> Result<Access, Error> {
    let target = Target::from(case);
    match allow(&caller.actor, Act::RaiseFlag, &target) {
        access if access.allowed() => Ok(access),
        Access::Hidden => Err(Error::NotFound),
        _ => {
            let own_report = new.kind == Kind::LexSarah && new.report == Some(Told::Own);
            match allow(&caller.actor, Act::Read, &target) {
                access @ (Access::Own | Access::Asked) if own_report => Ok(access),
                _ => Err(Error::Forbidden),
            }
        }
    }
}
