//! A run: first the list of what would go, then, by a decision that names that list, what is on it and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{Kind, LONGEST_BASIS};
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, InvestigationId, RunId, StaffId};

/// Why something whose time is over stays all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// A legal hold is on it, or on whom it is about.
    LegalHold,
    /// It is open.
    NotEnded,
    /// A lex Maria, lex Sarah or riskperson beside it is open.
    OpenEscalation,
    /// Something sent to, or received from, another caregiver is open.
    OpenForwarding,
    /// A case it is linked with is open.
    LinkedOpen,
    /// A measure is not done, or nobody has looked whether it helped.
    OpenMeasure,
    /// It is picked for the sample of closings, and nobody has looked.
    SpotCheck,
    /// Its investigation serves a case that stays.
    JointInvestigation,
}

impl Held {
    /// Every reason.
    pub const ALL: [Held; 8] = [
        Held::LegalHold,
        Held::NotEnded,
        Held::OpenEscalation,
        Held::OpenForwarding,
        Held::LinkedOpen,
        Held::OpenMeasure,
        Held::SpotCheck,
        Held::JointInvestigation,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Held::LegalHold => "legal_hold",
            Held::NotEnded => "not_ended",
            Held::OpenEscalation => "open_escalation",
            Held::OpenForwarding => "open_forwarding",
            Held::LinkedOpen => "linked_open",
            Held::OpenMeasure => "open_measure",
            Held::SpotCheck => "spot_check",
            Held::JointInvestigation => "joint_investigation",
        }
    }
}

impl std::str::FromStr for Held {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Held::ALL.into_iter().find(|held| held.code() == code).ok_or(())
    }
}

/// What stands around a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// A legal hold holds.
    pub on_hold: bool,
    /// It has ended, or is a draft.
    pub ended: bool,
    /// An escalation beside it is open.
    pub open_escalation: bool,
    /// A forwarding beside it is open.
    pub open_forwarding: bool,
    /// A linked case is open.
    pub linked_open: bool,
    /// A measure is open, or its effect not looked at.
    pub open_measure: bool,
    /// It is in the sample, and not looked at.
    pub unchecked: bool,
}

impl Standing {
    /// What holds it back: the first reason.
    pub fn held(&self) -> Option<Held> {
        [
            (self.on_hold, Held::LegalHold),
            (!self.ended, Held::NotEnded),
            (self.open_escalation, Held::OpenEscalation),
            (self.open_forwarding, Held::OpenForwarding),
            (self.linked_open, Held::LinkedOpen),
            (self.open_measure, Held::OpenMeasure),
            (self.unchecked, Held::SpotCheck),
        ]
        .into_iter()
        .find_map(|(holds, held)| holds.then_some(held))
    }
}

/// What came of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is erased.
    Erased,
    /// It had changed since the list was made, and stays.
    Changed,
    /// Something holds it back that did not when the list was made, and it stays.
    Held,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 3] = [Outcome::Erased, Outcome::Changed, Outcome::Held];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Erased => "erased",
            Outcome::Changed => "changed",
            Outcome::Held => "held",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Outcome::ALL.into_iter().find(|outcome| outcome.code() == code).ok_or(())
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Which: of a case, of a forwarding, of a message; of receipts and files their case.
    pub object: Uuid,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// Its number, for people.
    pub number: Option<String>,
    /// When it ended.
    pub since: Timestamp,
    /// The first day on which it may go.
    pub due_on: Date,
    /// The line of the plan.
    pub basis: String,
    /// The version it had when the list was made.
    pub version: i64,
    /// The investigation it shares with others.
    pub investigation: Option<InvestigationId>,
    /// What would go with it: how many of what.
    pub parts: BTreeMap<String, u64>,
    /// Why it stays.
    pub held: Option<Held>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// When.
    pub settled_at: Option<Timestamp>,
}

impl Item {
    /// The line as it is hashed: what a decision is about.
    fn line(&self) -> String {
        let held = self.held.map_or("-", Held::code);
        let (kind, object, version) = (self.kind.code(), self.object, self.version);
        format!("{kind}\t{object}\t{version}\t{}\t{held}\n", self.due_on)
    }
}

/// Holds back whoever shares an investigation with a case that stays: `others` has the cases of each investigation
/// that are not on the list at all.
pub fn hold_together(items: &mut [Item], others: &BTreeSet<InvestigationId>) {
    let mut stays = others.clone();
    stays.extend(items.iter().filter(|it| it.held.is_some()).filter_map(|it| it.investigation));
    for item in items.iter_mut().filter(|it| it.held.is_none()) {
        if item.investigation.is_some_and(|id| stays.contains(&id)) {
            item.held = Some(Held::JointInvestigation);
        }
    }
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// The list is made.
    Listed,
    /// Somebody decided that it goes; it is being carried out.
    Ordered {
        /// The gallringsbeslut: its number.
        decision: String,
        /// By whom.
        by: StaffId,
        /// When.
        at: Timestamp,
    },
    /// It is carried out.
    Done {
        /// The gallringsbeslut: its number.
        decision: String,
        /// By whom.
        by: StaffId,
        /// When it was ordered.
        ordered_at: Timestamp,
        /// When it was done.
        at: Timestamp,
    },
}

impl RunState {
    /// The value in JSON and in tables.
    pub fn code(&self) -> &'static str {
        match self {
            RunState::Listed => "listed",
            RunState::Ordered { .. } => "ordered",
            RunState::Done { .. } => "done",
        }
    }

    /// The decision, once there is one.
    pub fn decision(&self) -> Option<&str> {
        match self {
            RunState::Listed => None,
            RunState::Ordered { decision, .. } | RunState::Done { decision, .. } => Some(decision),
        }
    }
}

/// Why a run does not take a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It does not where it stands.
    State(&'static str),
    /// Something is missing or wrong.
    Guard(Vec<Fault>),
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Which version of the plan it was made by.
    pub plan: i64,
    /// The day it looks from.
    pub as_of: Date,
    /// Who made the list.
    pub made_by: StaffId,
    /// When.
    pub made_at: Timestamp,
    /// How many are on the list and would go.
    pub listed: u64,
    /// How many are held back.
    pub held: u64,
    /// SHA-256 over the list; the ETag, which a decision names.
    pub hash: Vec<u8>,
    /// Where it stands.
    pub state: RunState,
}

impl Run {
    /// The text that is hashed: the run, the plan, the day, and every line in order.
    pub fn hashed_text(id: RunId, plan: i64, as_of: Date, items: &[Item]) -> String {
        let lines: String = items.iter().map(Item::line).collect();
        format!("{id}\t{plan}\t{as_of}\n{lines}")
    }

    /// Orders that what is listed goes.
    ///
    /// # Errors
    /// Where that is done already; without the number of a decision.
    pub fn order(self, decision: &str, by: StaffId, at: Timestamp) -> Result<Self, Rejected> {
        match self.state {
            RunState::Listed => {}
            RunState::Ordered { .. } | RunState::Done { .. } => {
                return Err(Rejected::State(self.state.code()));
            }
        }
        let decision = decision.trim();
        let fault = if decision.is_empty() {
            Some(Reason::Required)
        } else if decision.chars().count() > LONGEST_BASIS {
            Some(Reason::TooLong { max: LONGEST_BASIS })
        } else {
            None
        };
        if let Some(reason) = fault {
            return Err(Rejected::Guard(vec![Fault::at("/decision", reason)]));
        }
        Ok(Self { state: RunState::Ordered { decision: decision.to_owned(), by, at }, ..self })
    }

    /// Everything on the list is settled.
    ///
    /// # Errors
    /// Where it was not ordered, or is done already.
    pub fn finish(self, now: Timestamp) -> Result<Self, Rejected> {
        match self.state {
            RunState::Ordered { decision, by, at } => {
                let state = RunState::Done { decision, by, ordered_at: at, at: now };
                Ok(Self { state, ..self })
            }
            RunState::Listed | RunState::Done { .. } => Err(Rejected::State(self.state.code())),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn item(object: u128, investigation: Option<u128>, held: Option<Held>) -> Item {
        Item {
            kind: Kind::AvvikelseHsl,
            object: Uuid::from_u128(object),
            case: Some(CaseId(Uuid::from_u128(object))),
            number: None,
            since: Timestamp::UNIX_EPOCH,
            due_on: date(2031, 1, 1),
            basis: "4.2".into(),
            version: 3,
            investigation: investigation.map(|id| InvestigationId(Uuid::from_u128(id))),
            parts: BTreeMap::new(),
            held,
            outcome: None,
            settled_at: None,
        }
    }

    #[test]
    fn the_first_reason_is_told_and_an_ended_case_alone_goes() {
        let free = Standing { ended: true, ..Standing::default() };
        assert_eq!(free.held(), None);
        assert_eq!(Standing::default().held(), Some(Held::NotEnded));
        let hold = Standing { on_hold: true, open_measure: true, ..free };
        assert_eq!(hold.held(), Some(Held::LegalHold));
        for (standing, held) in [
            (Standing { open_escalation: true, ..free }, Held::OpenEscalation),
            (Standing { open_forwarding: true, ..free }, Held::OpenForwarding),
            (Standing { linked_open: true, ..free }, Held::LinkedOpen),
            (Standing { open_measure: true, ..free }, Held::OpenMeasure),
            (Standing { unchecked: true, ..free }, Held::SpotCheck),
        ] {
            assert_eq!(standing.held(), Some(held));
        }
    }

    #[test]
    fn an_investigation_goes_with_all_its_cases_or_not_at_all() {
        let mut items = vec![
            item(1, Some(1), None),
            item(2, Some(1), Some(Held::LegalHold)),
            item(3, Some(2), None),
            item(4, Some(3), None),
            item(5, None, None),
        ];
        let elsewhere = BTreeSet::from([InvestigationId(Uuid::from_u128(2))]);
        hold_together(&mut items, &elsewhere);
        let held: Vec<_> = items.iter().map(|it| it.held).collect();
        let joint = Some(Held::JointInvestigation);
        assert_eq!(held, [joint, Some(Held::LegalHold), joint, None, None]);
    }

    #[test]
    fn a_list_is_carried_out_once_and_by_a_decision() {
        let (id, by) = (RunId(Uuid::nil()), StaffId(Uuid::nil()));
        let now = Timestamp::UNIX_EPOCH;
        let run = Run {
            id,
            plan: 1,
            as_of: date(2032, 1, 1),
            made_by: by,
            made_at: now,
            listed: 1,
            held: 0,
            hash: Vec::new(),
            state: RunState::Listed,
        };
        let fault = vec![Fault::at("/decision", Reason::Required)];
        assert_eq!(run.clone().order(" ", by, now), Err(Rejected::Guard(fault)));
        assert_eq!(run.clone().finish(now), Err(Rejected::State("listed")));
        let ordered = run.order("SN 2032/17", by, now).unwrap();
        assert_eq!(ordered.clone().order("x", by, now), Err(Rejected::State("ordered")));
        let done = ordered.finish(now).unwrap();
        assert_eq!(done.state.decision(), Some("SN 2032/17"));
        assert_eq!(done.clone().finish(now), Err(Rejected::State("done")));
        // Any line that differs makes another list.
        let text = |version| {
            Run::hashed_text(id, 1, done.as_of, &[Item { version, ..item(1, None, None) }])
        };
        assert_ne!(text(3), text(4));
        assert_eq!(text(3), text(3));
    }
}
