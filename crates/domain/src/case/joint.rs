//! One investigation over several cases: what they have in common, on what ground the other branch
//! reads, and what a change through one of them makes of the others. Each case keeps number, law,
//! clocks, status and count.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults, FieldChange};
use super::investigation::Investigation;
use super::lifecycle::Command;
use super::{Case, Changed, Event, Rejected, State, Status};
use crate::fault::{Fault, Reason};
use crate::ids::StaffId;
use crate::law::Law;

/// What the cases of one investigation have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InCommon {
    /// The person they are about.
    SamePerson,
    /// Where they happened.
    Place,
    /// The round (rond, tur) on which they happened.
    Round,
    /// What lies behind them.
    Cause,
}

impl InCommon {
    /// Every value.
    pub const ALL: [InCommon; 4] =
        [InCommon::SamePerson, InCommon::Place, InCommon::Round, InCommon::Cause];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            InCommon::SamePerson => "same_person",
            InCommon::Place => "place",
            InCommon::Round => "round",
            InCommon::Cause => "cause",
        }
    }
}

impl std::str::FromStr for InCommon {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        InCommon::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

/// On what the other branch reads: health care and social services of one body are separate
/// branches, with secrecy between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroundKind {
    /// The person agreed (samtycke).
    Consent,
    /// It was judged that nobody suffers by it (menprövning).
    HarmTest,
    /// The tenant has decided so, with a date.
    Decision,
}

impl GroundKind {
    /// Every ground.
    pub const ALL: [GroundKind; 3] =
        [GroundKind::Consent, GroundKind::HarmTest, GroundKind::Decision];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            GroundKind::Consent => "consent",
            GroundKind::HarmTest => "harm_test",
            GroundKind::Decision => "decision",
        }
    }
}

impl std::str::FromStr for GroundKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        GroundKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

/// A ground on which the other branch reads, recorded once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// Which.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// In words.
    pub text: String,
    /// Who recorded it.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// Whether some case, but not every case, lies in one of the two branches: then one branch reads
/// what is the other's.
pub fn spans_branches(cases: &[Case]) -> bool {
    let health = |case: &Case| case.laws().contains(&Law::Hsl);
    let social = |case: &Case| case.laws().iter().any(|law| matches!(law, Law::Sol | Law::Lss));
    let some_only = |lies: &dyn Fn(&Case) -> bool| {
        cases.iter().any(lies) && cases.iter().any(|case| !case.laws().is_empty() && !lies(case))
    };
    some_only(&health) || some_only(&social)
}

impl Investigation {
    /// What is missing for it to be complete, by the track of a case it serves.
    fn lacks_for(&self, case: &Case) -> Vec<&'static str> {
        self.missing(case.assessment.track)
    }

    /// The investigation, one version on, for another case to join: with what they have in common and
    /// the ground on which the other branch reads, where these are given.
    #[must_use]
    pub fn widened(self, in_common: Option<InCommon>, ground: Option<Ground>) -> Self {
        let mut wider = self.next();
        wider.in_common = in_common.or(wider.in_common);
        wider.grounds.extend(ground);
        wider
    }
}

impl Case {
    /// Joins the case to an investigation that others have begun. It is under investigation from now
    /// on; an investigation that is complete is so for this case, too.
    ///
    /// # Errors
    /// [`Rejected`] before triage or after the end; where the case has an investigation already; and
    /// where one that is complete lacks what the track of this case asks for.
    pub fn join(mut self, inquiry: &Investigation, now: Timestamp) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Investigate)?;
        if from == Status::Triaged {
            self.by_opinion("use_opinion_investigate")?;
        }
        let mut faults = Faults::default();
        let alone = self.investigation.is_none();
        faults.require(alone, "", Reason::inconsistent("investigated_already"));
        if alone && inquiry.completed_at.is_some() {
            for field in inquiry.lacks_for(&self) {
                faults.push(field, Reason::Required);
            }
        }
        faults.into_result()?;
        let mut changes = Changes::default();
        changes.note("investigation", &None, &Some(inquiry.id));
        self.progress.investigation_started_at.get_or_insert(now);
        self.progress.investigation_done_at = inquiry.completed_at.map(|_| now);
        self.investigation = Some(inquiry.clone());
        if from == Status::Triaged {
            self.state = State::Investigating;
        }
        Ok(self.changed(Command::Investigate, from, changes, None, now))
    }

    /// Takes over what was changed in the investigation through another of its cases. A case that has
    /// ended stays so; its history tells what changed.
    ///
    /// # Errors
    /// [`Rejected::Guard`] when the investigation becomes complete, or loses something, without what
    /// the track of this case asks for.
    pub fn reflect(
        mut self,
        inquiry: &Investigation,
        event: &Event,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let status = self.status();
        if status.admits(Command::Investigate) && inquiry.completed_at.is_some() {
            let old = self.investigation.as_ref().filter(|old| old.completed_at.is_some());
            // What it lacked before was no fault of this change.
            let lacked = old.map(|old| old.lacks_for(&self)).unwrap_or_default();
            let missing = inquiry.lacks_for(&self).into_iter().filter(|it| !lacked.contains(it));
            let missing: Vec<_> = missing.map(|field| Fault::at(field, Reason::Required)).collect();
            if !missing.is_empty() {
                return Err(Rejected::Guard(missing));
            }
            if old.is_none() {
                self.progress.investigation_done_at = inquiry.completed_at;
            }
        }
        self.investigation = Some(inquiry.clone());
        self.version += 1;
        self.updated_at = now;
        let changes: Vec<FieldChange> = event.changes.clone();
        let event =
            Event { command: event.command, from: Some(status), to: status, changes, reason: None };
        Ok(Changed { case: self, event })
    }
}
