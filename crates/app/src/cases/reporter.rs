//! What one reported, as it is followed: where it stands and what came of it.

use std::sync::Arc;

use domain::case::{Case, Comment};
use domain::escalation::matter::{Report, Reported};
use domain::escalation::{Escalation, Kind};
use domain::ids::{CaseId, StaffId};
use domain::organisation::Role;
use domain::policy::{Access, Target, owns};
use jiff::Timestamp;
use store::{HistoryEntry, OwnFilter, Tx};

use super::read::Opened;
use crate::context::{App, Caller};
use crate::error::Error;

/// How often a case is followed to the one it goes on as: nobody files one again more often.
const MOST_REFILED: usize = 20;

/// A case that one reported, with what is told to whoever did.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// The case, as it goes on today.
    pub case: Case,
    /// The numbers it had before, where it was filed again; the last before first.
    pub numbers_before: Vec<String>,
    /// What was done, oldest first, also as what it was before.
    pub history: Vec<HistoryEntry>,
    /// What was said to the reporter, oldest first.
    pub said: Vec<Comment>,
    /// Who has it in hand.
    pub lead: Role,
    /// Where one's own lex Sarah report stands, where one made one.
    pub lex_sarah: Option<Reported>,
}

/// Where a lex Sarah report that `me` made stands: the latest still open, else the latest. What was
/// registered for somebody without a token is reported by whoever follows it.
fn reported(beside: &[Escalation], me: StaffId, filed: bool) -> Option<Reported> {
    let mine = |it: &&Escalation| {
        let matter = &it.matter;
        let first = matter.report.as_ref().filter(|report| report.oral_from.is_none());
        let mut all = first.into_iter().chain(&matter.later_reports);
        let by_me = |report: &Report| match report.by {
            Some(by) => by == me,
            None => filed && report.oral_from.is_none(),
        };
        it.kind == Kind::LexSarah && all.any(by_me)
    };
    let found = || beside.iter().rev().filter(mine);
    found().find(|it| it.open()).or_else(|| found().next()).map(Reported::of)
}

/// A page of what one reported.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPage {
    /// The cases without what hangs on them, each with who has it in hand.
    pub cases: Vec<(Case, Role)>,
    /// Where the next page begins, if there is one.
    pub next: Option<(Timestamp, CaseId)>,
}

impl App {
    /// Lists what the caller reported, newest first; what goes on as another kind stands there once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn own_cases(
        &self,
        caller: &Caller,
        after: Option<(Timestamp, CaseId)>,
        limit: u32,
    ) -> Result<OwnPage, Error> {
        let filter = OwnFilter {
            staff: caller.staff.id,
            registered_too: !caller.actor.is(Role::Intake),
            after,
            // One more than asked tells whether there is another page.
            limit: i64::from(limit) + 1,
        };
        let found = self.store.ask(caller.tenant_id(), move |tx| tx.own_cases(filter)).await;
        let mut found: Vec<Case> = found?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|case| (case.reported_at, case.id));
        let settings = &caller.set_up.settings;
        let with_lead = |case: Case| {
            let lead = settings.lead(&case);
            (case, lead)
        };
        Ok(OwnPage { cases: found.into_iter().map(with_lead).collect(), next })
    }

    /// Reads what came of a case that the caller reported, whatever else they hold. Asked for by what
    /// it was before, it is shown as what it goes on as.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what somebody else reported; and no answer without its access entry.
    pub async fn follow(&self, caller: &Caller, id: CaseId) -> Result<Followed, Error> {
        let (actor, trail) = (caller.actor.clone(), Arc::clone(&caller.trail));
        let load = move |tx: &mut Tx<'_>| {
            let mut case = tx.case(id)?;
            if !owns(&actor, &Target::from(&case)) {
                trail.refused(&case);
                return Err(store::Error::NotFound);
            }
            for _ in 0..MOST_REFILED {
                let Some(next) = case.refiled_as() else { break };
                let goes_on = tx.case(next)?;
                // Corrected since to somebody else's report: then that is theirs alone.
                if !owns(&actor, &Target::from(&goes_on)) {
                    break;
                }
                case = goes_on;
            }
            let before = tx.filed_before_as(case.id)?;
            let (mut history, mut said) = (Vec::new(), Vec::new());
            for id in before.iter().rev().map(|(id, _)| *id).chain([case.id]) {
                history.extend(tx.history_of(id)?);
                said.extend(tx.comments_of(id)?.into_iter().filter(|it| it.to_reporter));
            }
            let beside = tx.escalations_of(case.id)?;
            Ok((case, before, history, said, beside))
        };
        let (case, before, history, said, beside) =
            self.store.read(caller.tenant_id(), load).await?;
        let lead = caller.set_up.settings.lead(&case);
        let lex_sarah = reported(&beside, caller.staff.id, case.filing.lex_sarah);
        let opened = Opened { case, access: Access::Own };
        self.keep_access(caller, "me.case", &opened).await?;
        let numbers_before = before.into_iter().map(|(_, number)| number).collect();
        Ok(Followed { case: opened.case, numbers_before, history, said, lead, lex_sarah })
    }
}
