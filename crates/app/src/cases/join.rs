//! Beginning one investigation over several cases, and adding a case to one.

use domain::case::investigation::Findings;
use domain::case::joint::spans_branches;
use domain::case::{Case, Command};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, InvestigationId};
use domain::policy::Act;

use super::execute::CaseCommand;
use super::investigations::{Joining, OpenedInvestigation, Rewritten, TRIES, may_investigate};
use super::read::permitted;
use super::together::Inquiry;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

impl App {
    /// Begins one investigation over several cases: all of them, or none.
    ///
    /// # Errors
    /// [`Error::Faults`] with every case that cannot join, one that the caller may not read included,
    /// and where the ground is missing on which the other branch reads; [`Error::Forbidden`] where the
    /// caller may not investigate one of them.
    pub async fn begin_investigation(
        &self,
        caller: &Caller,
        ids: &[CaseId],
        joining: Joining,
        findings: Findings,
        once: Option<Once>,
        render: impl Fn(&OpenedInvestigation) -> Answer,
    ) -> Result<Answer, Error> {
        let id = InvestigationId(self.new_id());
        for _ in 0..TRIES {
            let cases = self.joinable(caller, ids).await?;
            ground_given(&joining, false, &cases)?;
            let (main, others) = cases.split_first().ok_or_else(|| missing("/cases"))?;
            let command = CaseCommand::Investigate(findings.clone());
            let mut changed = self.decide(caller, main.clone(), command, None).await?;
            let Some(inquiry) = &mut changed.case.investigation else {
                return Err(Error::Internal("an investigation did not begin".into()));
            };
            inquiry.id = id;
            inquiry.in_common = joining.in_common;
            inquiry.grounds.extend(joining.ground.clone());
            let inquiry = inquiry.clone();
            let mut changes = vec![(main.clone(), changed)];
            for case in others {
                let joined = case.clone().join(&inquiry, caller.now)?;
                changes.push((case.clone(), joined));
            }
            let access = permitted(caller, Act::Investigate, main)?;
            let none = OpenedInvestigation { inquiry: inquiry.clone(), cases: Vec::new(), access };
            let after = none.after(inquiry.clone(), &changes);
            let inquiry = Inquiry::Begun(Box::new(inquiry));
            let written = Rewritten { after, inquiry, changes, act: "begin" };
            match self.write_inquiry(caller, written, &once, &render).await {
                Err(Error::Stale) => {}
                done => return done,
            }
        }
        Err(Error::Unavailable("others keep changing these cases".into()))
    }

    /// Adds a case to an investigation.
    ///
    /// # Errors
    /// As [`App::begin_investigation`]; [`Error::Stale`] when somebody changed it meanwhile.
    pub async fn join_investigation(
        &self,
        caller: &Caller,
        mut opened: OpenedInvestigation,
        case: CaseId,
        joining: Joining,
        once: Option<Once>,
        render: impl Fn(&OpenedInvestigation) -> Answer,
    ) -> Result<Answer, Error> {
        let (id, read) = (opened.inquiry.id, opened.inquiry.version);
        for _ in 0..TRIES {
            let found = self.joinable(caller, &[case]).await.map_err(of_one)?;
            let before = found.into_iter().next().ok_or_else(|| missing("/case"))?;
            if opened.inquiry.in_common.is_none() && joining.in_common.is_none() {
                return Err(missing("/reason"));
            }
            let all = [opened.cases.as_slice(), std::slice::from_ref(&before)].concat();
            ground_given(&joining, !opened.inquiry.grounds.is_empty(), &all)?;
            let inquiry = opened.inquiry.clone().widened(joining.in_common, joining.ground.clone());
            let changed = before.clone().join(&inquiry, caller.now).map_err(|_| {
                // All else was asked before: what is complete for the others lacks what this track asks.
                let reason = Reason::inconsistent("investigation_lacks_for_track");
                Error::Faults(vec![Fault::at("/case", reason)])
            })?;
            let changes = vec![(before, changed)];
            let after = opened.after(inquiry.clone(), &changes);
            let inquiry = Inquiry::Changed(Box::new(inquiry));
            let written = Rewritten { after, inquiry, changes, act: "join" };
            match self.write_inquiry(caller, written, &once, &render).await {
                Err(Error::Stale) => {
                    opened = self.open_investigation(caller, id).await?;
                    if opened.inquiry.version != read {
                        return Err(Error::Stale);
                    }
                }
                done => return done,
            }
        }
        Err(Error::Unavailable("others keep changing these cases".into()))
    }

    /// The cases that are to be investigated together, by id.
    async fn joinable(&self, caller: &Caller, ids: &[CaseId]) -> Result<Vec<Case>, Error> {
        let wanted = ids.to_vec();
        let tenant = caller.tenant_id();
        let mut found = self.store.read(tenant, move |tx| tx.cases_there(&wanted)).await?;
        let (mut faults, mut forbidden) = (Vec::new(), false);
        for (at, id) in ids.iter().enumerate() {
            let mut fault = |reason| faults.push(Fault::at(format!("/cases/{at}"), reason));
            let case = found.iter().find(|case| case.id == *id);
            let readable = |case: &&Case| {
                let readable = permitted(caller, Act::Read, case);
                readable.inspect_err(|_| caller.trail.refused(case)).is_ok()
            };
            match case.filter(readable) {
                None => fault(Reason::NotFound),
                Some(case) if !may_investigate(caller, case) => forbidden = true,
                Some(case) if case.investigation.is_some() => {
                    fault(Reason::inconsistent("investigated_already"));
                }
                Some(case) if !case.status().admits(Command::Investigate) => {
                    fault(Reason::inconsistent("not_to_be_investigated"));
                }
                Some(_) => {}
            }
        }
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        if forbidden {
            return Err(Error::Forbidden);
        }
        found.sort_by_key(|case| case.id);
        Ok(found)
    }
}

fn missing(field: &str) -> Error {
    Error::Faults(vec![Fault::at(field, Reason::Required)])
}

/// The faults of one case, which the request does not give in a list.
fn of_one(error: Error) -> Error {
    match error {
        Error::Faults(faults) => {
            Error::Faults(faults.into_iter().map(|it| Fault::at("/case", it.reason)).collect())
        }
        other => other,
    }
}

/// Cases in both branches need the ground on which the other one reads; once is enough.
fn ground_given(joining: &Joining, recorded: bool, cases: &[Case]) -> Result<(), Error> {
    if recorded || joining.ground.is_some() || !spans_branches(cases) {
        return Ok(());
    }
    let reason = Reason::inconsistent("ground_for_both_branches");
    Err(Error::Faults(vec![Fault::at("/ground", reason)]))
}
