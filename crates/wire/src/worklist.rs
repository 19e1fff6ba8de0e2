//! What waits for a person.

use std::collections::BTreeSet;

use domain::ids::CaseId;
use domain::organisation::UnitTree;
use domain::worklist::{Group, Task, counts};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::{Role, Status, WorkAsked, WorkGroup};

/// For whom something waits: a role, a person, or a profession.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WaitingForView {
    /// The role it waits for.
    pub role: Option<Role>,
    /// The staff id of the person it waits for.
    pub staff: Option<Uuid>,
    /// The profession it waits for.
    pub profession: Option<String>,
    /// The role it would wait for, where nobody is there, or it is kept from whoever is.
    pub instead_of: Option<Role>,
    /// The staff id of whom one stands in for, where it is on one's list for that.
    pub stands_in_for: Option<Uuid>,
    /// A decision that nobody holds a delegation to make: it waits for the role that somebody is given
    /// one.
    pub delegation_missing: bool,
}

/// One thing that waits. Neither text nor subject.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorklistItemView {
    /// What kind of work it is.
    pub group: WorkGroup,
    /// What is asked.
    pub asked: WorkAsked,
    /// The id of the case; `null` for a handover, a riskperson and a review.
    pub case: Option<Uuid>,
    /// The case's number.
    pub number: Option<String>,
    /// The id of the measure, watch, comment, handover, escalation, forwarding, review or improvement that is
    /// meant.
    pub item: Option<Uuid>,
    /// The responsible unit; `null` where the data of whom the case is about are protected.
    pub unit: Option<UnitRef>,
    /// That unit's area: a code of the list `area`.
    pub area: Option<String>,
    /// The category that holds.
    pub category: Option<String>,
    /// The laws that hold.
    pub law: Vec<String>,
    /// Where the case stands.
    pub status: Option<Status>,
    /// Its risk score; `null` while nobody has judged it.
    pub risk_score: Option<u8>,
    /// How many days ago the case was reported; of a handover, made.
    pub age_days: i64,
    /// What of triage is needed, as JSON pointers into a triage body.
    pub awaits: Vec<String>,
    /// The neighbouring duty that is meant: a code of the list `duty`.
    pub duty: Option<String>,
    /// Until which day: of a case to assess or handle, the first of its clocks.
    pub due_on: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// For whom it waits.
    pub waiting_for: WaitingForView,
    /// Whether it came here since the unit has no manager. Such things come first.
    pub inherited: bool,
}

impl WorklistItemView {
    /// A task as it stands on a day. Of the `protected` cases it tells the area alone.
    pub fn new(task: &Task, units: &UnitTree, day: Date, protected: &BTreeSet<CaseId>) -> Self {
        let case = task.case.as_ref();
        let unit = case.map(|case| case.unit).or(task.unit);
        let hidden = case.is_some_and(|case| protected.contains(&case.id));
        let waiting = &task.waiting_for;
        Self {
            group: task.group.into(),
            asked: task.asked.into(),
            case: case.map(|case| case.id.0),
            number: case.map(|case| case.number.clone()),
            item: task.item.id(),
            unit: unit.filter(|_| !hidden).map(|unit| UnitRef::of(units, unit)),
            area: unit.and_then(|unit| units.get(unit)).and_then(|unit| unit.area.clone()),
            category: case.and_then(|case| case.category.clone()),
            law: case
                .map(|case| case.laws.iter().map(|law| law.code().to_owned()).collect())
                .unwrap_or_default(),
            status: case.map(|case| case.status.into()),
            risk_score: case.and_then(|case| case.risk_score),
            age_days: task.age_on(day),
            awaits: task.awaits.clone(),
            duty: task.duty.clone(),
            due_on: task.due_on,
            overdue: task.overdue(day),
            waiting_for: WaitingForView {
                role: waiting.role.map(Into::into),
                staff: waiting.staff.map(|staff| staff.0),
                profession: waiting.profession.clone(),
                instead_of: waiting.instead_of.map(Into::into),
                stands_in_for: waiting.stands_in_for.map(|staff| staff.0),
                delegation_missing: waiting.delegation_missing,
            },
            inherited: task.inherited,
        }
    }
}

/// How many things wait in each group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkGroupCounts {
    /// Reported, and nobody has looked yet.
    pub new: usize,
    /// Parts of triage.
    pub triage: usize,
    /// Cases one leads, or that by rule wait for one's role.
    pub lead: usize,
    /// Measures due within ten days or overdue.
    pub measures: usize,
    /// Measures whose effect is to be judged.
    pub follow_ups: usize,
    /// What one was asked.
    pub watches: usize,
    /// Filings kept with warnings.
    pub corrections: usize,
    /// Comments that mention one, not answered.
    pub questions: usize,
    /// Simple closings to look at.
    pub samples: usize,
    /// Handovers not signed by both.
    pub handovers: usize,
    /// Flags not screened.
    pub screening: usize,
    /// Escalations to receive, propose, notify, follow up.
    pub escalations: usize,
    /// Escalations to decide.
    pub decisions: usize,
    /// Neighbouring duties not answered.
    pub duties: usize,
    /// What goes between caregivers.
    pub forwardings: usize,
    /// What the public has left.
    pub opinions: usize,
    /// Half-yearly reviews to write and sign, and what they decided.
    pub reviews: usize,
}

/// How many things wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorklistCountsView {
    /// All together.
    pub total: usize,
    /// Those whose day has passed.
    pub overdue: usize,
    /// By group.
    pub groups: WorkGroupCounts,
}

impl WorklistCountsView {
    /// The counts of tasks on a day.
    pub fn new(tasks: &[Task], day: Date) -> Self {
        let counts = counts(tasks);
        let of = |group: Group| counts.get(&group).copied().unwrap_or_default();
        Self {
            total: tasks.len(),
            overdue: tasks.iter().filter(|task| task.overdue(day)).count(),
            groups: WorkGroupCounts {
                new: of(Group::New),
                triage: of(Group::Triage),
                lead: of(Group::Lead),
                measures: of(Group::Measures),
                follow_ups: of(Group::FollowUps),
                watches: of(Group::Watches),
                corrections: of(Group::Corrections),
                questions: of(Group::Questions),
                samples: of(Group::Samples),
                handovers: of(Group::Handovers),
                screening: of(Group::Screening),
                escalations: of(Group::Escalations),
                decisions: of(Group::Decisions),
                duties: of(Group::Duties),
                forwardings: of(Group::Forwardings),
                opinions: of(Group::Opinions),
                reviews: of(Group::Reviews),
            },
        }
    }
}
