//! One investigation over several cases: opening it, and changing it for all of them.

use std::collections::BTreeSet;

use domain::case::joint::{Ground, InCommon};
use domain::case::{Case, Changed, Command, Investigation};
use domain::fault::Fault;
use domain::ids::{CaseId, InvestigationId};
use domain::policy::{Access, Act, Target, allow};
use store::{AccessEntry, Tx};

use super::execute::CaseCommand;
use super::read::{Opened, permitted};
use super::record::Record;
use super::together::{Inquiry, Together};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How often something is decided anew when somebody else was faster with one of the cases.
pub(super) const TRIES: usize = 5;

/// What the cases of an investigation have in common, and on what ground the other branch reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joining {
    /// In common.
    pub in_common: Option<InCommon>,
    /// The ground, where the cases lie in both branches.
    pub ground: Option<Ground>,
}

/// An investigation that the caller may read.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedInvestigation {
    /// The investigation.
    pub inquiry: Investigation,
    /// Every case it serves, by id.
    pub(super) cases: Vec<Case>,
    /// Why the caller may.
    pub(super) access: Access,
}

impl OpenedInvestigation {
    /// The cases it serves, as far as the caller may read them.
    pub fn readable(&self, caller: &Caller) -> Vec<Opened> {
        let open = |case: &Case| {
            let access = permitted(caller, Act::Read, case).ok()?;
            Some(Opened { case: case.clone(), access })
        };
        self.cases.iter().filter_map(open).collect()
    }

    /// Lets through who may investigate one of its cases at least.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn permit(&self, caller: &Caller) -> Result<(), Error> {
        let may = self.cases.iter().any(|case| may_investigate(caller, case));
        if may { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// The same after some of its cases changed.
    pub(super) fn after(&self, inquiry: Investigation, changes: &[(Case, Changed)]) -> Self {
        let mut cases = self.cases.clone();
        for (_, changed) in changes {
            match cases.iter_mut().find(|case| case.id == changed.case.id) {
                Some(case) => *case = changed.case.clone(),
                None => cases.push(changed.case.clone()),
            }
        }
        cases.sort_by_key(|case| case.id);
        Self { inquiry, cases, access: self.access }
    }

    /// The access entry of an answer that shows it: the course of events is that of all its cases.
    fn entry(&self, app: &App, caller: &Caller, act: &str) -> AccessEntry {
        let exposed = self.cases.iter().map(|case| (case.id, case.subject)).collect();
        caller.entry(app, format!("investigation.{act}"), self.access, exposed)
    }
}

/// A change to an investigation and its cases, not written yet.
pub(super) struct Rewritten {
    /// How everything stands then.
    pub after: OpenedInvestigation,
    /// What is written of the investigation.
    pub inquiry: Inquiry,
    /// The cases before and after.
    pub changes: Vec<(Case, Changed)>,
    /// By which act.
    pub act: &'static str,
}

/// Whether the caller may investigate a case.
pub(super) fn may_investigate(caller: &Caller, case: &Case) -> bool {
    allow(&caller.actor, Act::Investigate, &Target::from(case)).allowed()
}

impl App {
    /// Finds an investigation for whoever may read one of its cases as more than its reporter. Shows
    /// nothing yet.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn open_investigation(
        &self,
        caller: &Caller,
        id: InvestigationId,
    ) -> Result<OpenedInvestigation, Error> {
        let tenant = caller.tenant_id();
        let cases = self.store.read(tenant, move |tx| tx.cases_investigated(id, None)).await?;
        let access = cases.iter().find_map(|case| match permitted(caller, Act::Read, case) {
            Ok(access @ (Access::Role(_) | Access::Asked)) => Some(access),
            Ok(Access::Own | Access::Forbidden | Access::Hidden) | Err(_) => None,
        });
        let inquiry = cases.first().and_then(|case| case.investigation.clone());
        match (access, inquiry) {
            (Some(access), Some(inquiry)) => {
                cases.iter().for_each(|case| caller.trail.opened(case, None));
                Ok(OpenedInvestigation { inquiry, cases, access })
            }
            _ => {
                cases.iter().for_each(|case| caller.trail.refused(case));
                Err(Error::NotFound)
            }
        }
    }

    /// Reads an investigation.
    ///
    /// # Errors
    /// As [`App::open_investigation`]; and no answer without its access entry.
    pub async fn read_investigation(
        &self,
        caller: &Caller,
        id: InvestigationId,
    ) -> Result<OpenedInvestigation, Error> {
        let opened = self.open_investigation(caller, id).await?;
        self.keep(caller, &opened.entry(self, caller, "read")).await?;
        Ok(opened)
    }

    /// Keeps the access entry of an answer that is given again, of an investigation begun over some cases.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_investigation_replay(
        &self,
        caller: &Caller,
        cases: BTreeSet<CaseId>,
    ) -> Result<(), Error> {
        let load = move |tx: &mut Tx<'_>| tx.to_be_exposed(&cases);
        let exposed = self.store.read(caller.tenant_id(), load).await?;
        let entry = caller.entry(self, "investigation.replay", Access::Own, exposed);
        self.keep(caller, &entry).await
    }

    /// Changes an investigation: its findings and measures for all its cases at once, or the steps of
    /// the cases, which go on together. Each case is guarded by its own state and track.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; [`Error::State`] where no case takes it;
    /// [`Error::Faults`]; [`Error::Forbidden`] for a step of a case that the caller may not
    /// investigate.
    pub async fn change_investigation(
        &self,
        caller: &Caller,
        mut opened: OpenedInvestigation,
        command: CaseCommand,
        once: Option<Once>,
        render: impl Fn(&OpenedInvestigation) -> Answer,
    ) -> Result<Answer, Error> {
        let (id, read) = (opened.inquiry.id, opened.inquiry.version);
        for _ in 0..TRIES {
            let (inquiry, changes) = match &command {
                CaseCommand::DecideMeasures => {
                    self.step(caller, &opened, Command::DecideMeasures, &command).await?
                }
                CaseCommand::FollowUp => {
                    self.step(caller, &opened, Command::FollowUp, &command).await?
                }
                _ => self.rewrite(caller, &opened, &command).await?,
            };
            let now = inquiry.after().unwrap_or(&opened.inquiry).clone();
            let after = opened.after(now, &changes);
            let act = command.act_name();
            let written = Rewritten { after, inquiry, changes, act };
            match self.write_inquiry(caller, written, &once, &render).await {
                Err(Error::Stale) => {
                    opened = self.open_investigation(caller, id).await?;
                    // Where only a case went on by itself, nothing that was read is stale.
                    if opened.inquiry.version != read {
                        return Err(Error::Stale);
                    }
                }
                done => return done,
            }
        }
        Err(Error::Unavailable("others keep changing these cases".into()))
    }

    /// Writes a change, with the answer made of how everything stands after it.
    pub(super) async fn write_inquiry(
        &self,
        caller: &Caller,
        Rewritten { after, inquiry, changes, act }: Rewritten,
        once: &Option<Once>,
        render: &impl Fn(&OpenedInvestigation) -> Answer,
    ) -> Result<Answer, Error> {
        let answer = render(&after);
        let case = changes.first().map(|(before, _)| before.id);
        let kept = once.as_ref().map(|once| self.to_keep(caller, once, &answer, case));
        let record = |(before, changed)| (before, Record::new(self, caller, changed));
        let mut together = Together::of(inquiry, changes.into_iter().map(record).collect());
        together.kept = kept.transpose()?;
        together.access = Some(after.entry(self, caller, act));
        self.write_together(caller, together, answer, once.clone()).await
    }

    /// Findings and measures: decided on one case that takes them, taken over by the others.
    async fn rewrite(
        &self,
        caller: &Caller,
        opened: &OpenedInvestigation,
        command: &CaseCommand,
    ) -> Result<(Inquiry, Vec<(Case, Changed)>), Error> {
        let asked = match command {
            CaseCommand::Investigate(_) => Command::Investigate,
            _ => Command::Measure,
        };
        let mine = || opened.cases.iter().filter(|case| may_investigate(caller, case));
        let taking = mine().find(|case| case.status().admits(asked));
        let Some(main) = taking else {
            let status = mine().next().ok_or(Error::Forbidden)?.status().code();
            return Err(Error::State { status, command: asked.code() });
        };
        let changed = self.decide(caller, main.clone(), command.clone(), None).await?;
        let others = opened.cases.iter().filter(|case| case.id != main.id).cloned().collect();
        let mut changes = self.spread(caller, main, &changed, others)?;
        let inquiry = changed.case.investigation.clone();
        changes.push((main.clone(), changed));
        match inquiry {
            Some(inquiry) => Ok((Inquiry::Changed(Box::new(inquiry)), changes)),
            None => Err(Error::Internal("an investigation has vanished".into())),
        }
    }

    /// What a change to the investigation of one case makes of the others it serves.
    ///
    /// # Errors
    /// As [`App::reflected`].
    pub(super) fn spread(
        &self,
        caller: &Caller,
        before: &Case,
        changed: &Changed,
        others: Vec<Case>,
    ) -> Result<Vec<(Case, Changed)>, Error> {
        let (Some(old), Some(new)) = (&before.investigation, &changed.case.investigation) else {
            return Ok(Vec::new());
        };
        let completes = old.completed_at.is_none() && new.completed_at.is_some();
        let mut changes = Vec::new();
        for case in others {
            if case.investigation.as_ref().is_none_or(|read| read.version != old.version) {
                return Err(Error::Stale);
            }
            let moves = completes && case.status().admits(Command::Investigate);
            if moves && !may_investigate(caller, &case) {
                return Err(Error::Forbidden);
            }
            let reflected = case.clone().reflect(new, &changed.event, caller.now)?;
            changes.push((case, reflected));
        }
        Ok(changes)
    }

    /// A step that each case takes by itself: every case that stands where it is taken goes on, or
    /// none does.
    async fn step(
        &self,
        caller: &Caller,
        opened: &OpenedInvestigation,
        step: Command,
        command: &CaseCommand,
    ) -> Result<(Inquiry, Vec<(Case, Changed)>), Error> {
        let (mut changes, mut faults) = (Vec::new(), Vec::new());
        for case in opened.cases.iter().filter(|case| case.status().admits(step)) {
            if !may_investigate(caller, case) {
                return Err(Error::Forbidden);
            }
            match self.decide(caller, case.clone(), command.clone(), None).await {
                Ok(changed) => changes.push((case.clone(), changed)),
                Err(Error::Faults(found)) => faults.extend(named(case.id, found)),
                Err(other) => return Err(other),
            }
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        if changes.is_empty() {
            let mine = opened.cases.iter().find(|case| may_investigate(caller, case));
            let status = mine.ok_or(Error::Forbidden)?.status().code();
            return Err(Error::State { status, command: step.code() });
        }
        Ok((Inquiry::Apart, changes))
    }
}

/// Faults of one of the cases, under its id.
fn named(case: CaseId, faults: Vec<Fault>) -> impl Iterator<Item = Fault> {
    faults
        .into_iter()
        .map(move |fault| Fault::at(format!("/cases/{case}{}", fault.field), fault.reason))
}
