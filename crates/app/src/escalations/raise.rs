//! Raising an escalation: by a triage, at filing, by hand, by an employee's report, as a riskperson.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::case::{Case, Command as CaseCommand, Event};
use domain::escalation::matter::Report;
use domain::escalation::{Changed, Escalation, Kind, Rejected, raise};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, EscalationId, StaffId, UnitId};
use domain::policy::{Access, Act, Target, allow, owns};
use jiff::Timestamp;
use store::KeptAnswer;

use super::read::{OpenedEscalation, PERSONS};
use super::record::{EscalationRecord, ONE_OPEN, lost_a_race};
use crate::cases::{Opened, access_entry};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How often it is decided anew when somebody else was faster.
const TRIES: usize = 5;

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

/// What a change of a case raises by itself: an employee's report at filing, and what a triage or a
/// correction asks for that was not asked before. Where one of the kind is open already, none is added.
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
    if let Some(before) =
        before.filter(|_| matches!(event.command, CaseCommand::Triage | CaseCommand::Correct))
    {
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
    /// Raises an escalation beside a case that was opened. A report of what is open already is added to
    /// it. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] from the domain, and for a flag where one of the kind is
    /// open; [`Error::Unavailable`] when others keep being faster.
    pub async fn raise_escalation(
        &self,
        caller: &Caller,
        opened: &Opened,
        new: NewEscalation,
        once: Option<Once>,
        render: impl Fn(&OpenedEscalation) -> Answer,
    ) -> Result<Answer, Error> {
        let id = opened.case.id;
        let mut case = Arc::new(opened.case.clone());
        for _ in 0..TRIES {
            let access = may_raise(caller, opened.access, &case, &new)?;
            let load = move |tx: &mut store::Tx<'_>| tx.escalations_of(id);
            let beside = self.store.read(caller.tenant_id(), load).await?;
            let open = beside.into_iter().find(|it| it.kind == new.kind && it.open());
            let (before, changed) = self.raised(caller, &case, &new, open)?;
            let number = case.number.to_string();
            let mut record =
                EscalationRecord::new(self, caller, before, changed.clone(), Some(&number), &[]);
            record.access.push(access_entry(self, caller, "escalation.raise", access, &case));
            let shown = OpenedEscalation {
                commands: Vec::new(),
                sight: domain::policy::Sight::State,
                access: Access::Own,
                person: None,
                delegations: Vec::new(),
                escalation: changed.escalation.clone(),
                case: Some(Arc::clone(&case)),
            };
            // Whoever raised it sees what they may see, and at least that it is there.
            let seen = OpenedEscalation::of(
                caller,
                changed.escalation,
                Some(Arc::clone(&case)),
                Vec::new(),
            );
            let answer = render(&seen.unwrap_or(shown));
            let kept = once.as_ref().map(|once| self.to_keep(caller, once, &answer, Some(id)));
            match self.write_raised(caller, record, Some(id), kept.transpose()?).await {
                Ok(()) => return Ok(answer),
                Err(error) if lost_a_race(&error) || error.conflict() == Some(ONE_OPEN) => {
                    if let Some(once) = &once
                        && let Some(given) = self.answered(caller, once).await?
                    {
                        return Ok(given);
                    }
                    // The case may have been made void, or another have reported.
                    let load = move |tx: &mut store::Tx<'_>| tx.case(id);
                    case = Arc::new(self.store.read(caller.tenant_id(), load).await?);
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("others keep changing what stands beside this case".into()))
    }

    /// What the domain makes of it, with what stood there before where it is added to that.
    fn raised(
        &self,
        caller: &Caller,
        case: &Case,
        new: &NewEscalation,
        open: Option<Escalation>,
    ) -> Result<(Option<Escalation>, Changed), Error> {
        let (id, now, by) = (EscalationId(self.new_id()), caller.now, caller.staff.id);
        let said = Some(new.text.clone()).filter(|text| !text.trim().is_empty());
        let report = match &new.report {
            None if open.is_some() => return Err(already_open()),
            None => {
                let text = new.text.clone();
                return Ok((None, raise::by_hand(id, new.kind, case, text, by, now)?));
            }
            Some(_) if new.kind != Kind::LexSarah => {
                let reason = Reason::inconsistent("report_only_of_lex_sarah");
                return Err(Error::Faults(vec![Fault::at("/kind", reason)]));
            }
            Some(Told::Own) => Report { by: Some(by), at: now, oral_from: None, text: said },
            Some(Told::Oral { from, at }) => {
                Report { by: None, at: *at, oral_from: Some(from.clone()), text: said }
            }
        };
        match open {
            Some(open) => {
                let changed = open.clone().report_too(case, report, now)?;
                Ok((Some(open), changed))
            }
            None => Ok((None, raise::report(id, case, report, now)?)),
        }
    }

    async fn write_raised(
        &self,
        caller: &Caller,
        mut record: EscalationRecord,
        case: Option<CaseId>,
        kept: Option<KeptAnswer>,
    ) -> Result<(), store::Error> {
        record.kept = kept;
        let work = move |tx: &mut store::Tx<'_>| {
            // Whoever ends the case meanwhile sees it, or has ended it before.
            if let Some(case) = case {
                tx.hold_case(case)?;
            }
            record.write(tx)
        };
        self.store.write(caller.tenant_id(), work).await
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
        let kept = once.as_ref().map(|once| self.to_keep(caller, once, &answer, None));
        match self.write_raised(caller, record, None, kept.transpose()?).await {
            Ok(()) => Ok(answer),
            Err(error) if lost_a_race(&error) => match &once {
                // The same request, twice at once: the first one's answer holds for both.
                Some(once) => self.answered(caller, once).await?.ok_or(Error::Stale),
                None => Err(Error::Stale),
            },
            Err(other) => Err(other.into()),
        }
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

/// Whether the caller, who reads the case as `seen`, may raise this beside it: by role; and a lex Sarah
/// report of their own also who filed it or was asked about it, whatever else they hold.
fn may_raise(
    caller: &Caller,
    seen: Access,
    case: &Case,
    new: &NewEscalation,
) -> Result<Access, Error> {
    let target = Target::from(case);
    let own_report = new.kind == Kind::LexSarah && new.report == Some(Told::Own);
    match allow(&caller.actor, Act::RaiseFlag, &target) {
        access if access.allowed() => Ok(access),
        _ if own_report && owns(&caller.actor, &target) => Ok(Access::Own),
        _ if own_report && target.asked.contains(&caller.staff.id) && seen.allowed() => {
            Ok(Access::Asked)
        }
        Access::Hidden if !seen.allowed() => Err(Error::NotFound),
        _ => Err(Error::Forbidden),
    }
}
