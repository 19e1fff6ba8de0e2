//! Clocks: what is due or late, and by which word of the law.

use std::collections::BTreeMap;

use domain::clock as d;
use domain::clock::Entry;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::{Binding, ClockKind, ClockState, Role, StartEvent};

/// How much time there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TargetView {
    /// `hours`, `days`, `working_days`, `months`, `day` (one that somebody has set) or `none`: the legal
    /// word is all there is.
    pub unit: &'static str,
    /// How many of them.
    pub amount: Option<u16>,
}

impl From<d::Target> for TargetView {
    fn from(target: d::Target) -> Self {
        Self { unit: target.unit(), amount: target.amount() }
    }
}

/// A paragraph and its word for how soon. Shown only where somebody has read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockLawView {
    /// The act's number, such as `2010:659`.
    pub statute: String,
    /// The paragraph.
    pub paragraph: Option<String>,
    /// The law's own word, such as `snarast`.
    pub legal_word: Option<String>,
}

/// One clock. Neither text nor subject.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ClockView {
    /// What is to be done.
    pub kind: ClockKind,
    /// The id of the case; `null` for a clock of the tenant's, and of a review.
    pub case: Option<Uuid>,
    /// The case's number, or that of the forwarding; of a review its half.
    pub number: Option<String>,
    /// The responsible unit.
    pub unit: Option<UnitRef>,
    /// The id of the measure, escalation, forwarding, review or improvement.
    pub item: Option<Uuid>,
    /// The neighbouring duty: a code of the list `duty`.
    pub duty: Option<String>,
    /// For which role it runs.
    pub role: Role,
    /// What it runs from.
    pub start: StartEvent,
    /// Since when; `null` where a day was set and nothing else.
    pub started_at: Option<Timestamp>,
    /// The law behind it as it stood on the day of the event.
    pub law: Option<ClockLawView>,
    /// How much time there is.
    pub target: TargetView,
    /// `statutory` where a statute sets the time; `local` where the tenant or a person has.
    pub binding: Binding,
    /// When time is up: of days, the first instant after the last.
    pub due_at: Option<Timestamp>,
    /// The last day, in Sweden.
    pub due_on: Option<Date>,
    /// Where it stands. Waiting for somebody outside stops no clock.
    pub state: ClockState,
    /// Whether it is still to be done, and time is up.
    pub late: bool,
    /// When it was done.
    pub met_at: Option<Timestamp>,
    /// Until when the case waits for somebody outside.
    pub waiting_until: Option<Date>,
}

impl ClockView {
    /// A clock as it stands at an instant.
    pub fn new(entry: &Entry, units: &UnitTree, now: Timestamp) -> Self {
        let (clock, case) = (&entry.clock, entry.case.as_ref());
        Self {
            kind: clock.kind.into(),
            case: case.map(|case| case.id.0),
            number: entry.number.clone().or_else(|| case.map(|case| case.number.clone())),
            unit: case.map(|case| case.unit).or(entry.unit).map(|unit| UnitRef::of(units, unit)),
            item: entry.item,
            duty: entry.duty.clone(),
            role: entry.role.into(),
            start: clock.start.into(),
            started_at: clock.started_at,
            law: clock.law.as_ref().map(|law| ClockLawView {
                statute: law.act.clone(),
                paragraph: law.paragraph.clone(),
                legal_word: law.word.clone(),
            }),
            target: clock.target().into(),
            binding: clock.binding().into(),
            due_at: clock.due().map(|due| due.at),
            due_on: clock.due_on(),
            state: clock.state(now).into(),
            late: clock.late(now),
            met_at: clock.met_at,
            waiting_until: clock.waiting_until,
        }
    }
}

/// The clocks of a case, the first to be up first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ClocksView {
    /// The clocks.
    pub items: Vec<ClockView>,
}

/// How many clocks of a kind stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockCounts {
    /// Still to be done.
    pub open: usize,
    /// Of these, those whose time is up.
    pub late: usize,
    /// Of these, those whose day is today or within a week.
    pub due_soon: usize,
}

/// How many clocks stand where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockCountsView {
    /// All together.
    pub total: ClockCounts,
    /// By kind; kinds of which there are none are left out.
    pub kinds: BTreeMap<String, ClockCounts>,
}

/// How many days ahead is soon.
const SOON_DAYS: i32 = 7;

impl ClockCountsView {
    /// The counts of clocks at an instant.
    pub fn new(entries: &[Entry], now: Timestamp) -> Self {
        let today = domain::calendar::swedish_date(now);
        let soon = domain::calendar::add_days(today, SOON_DAYS);
        let mut total = ClockCounts::default();
        let mut kinds: BTreeMap<String, ClockCounts> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.clock.met_at.is_none()) {
            let late = entry.clock.late(now);
            let near = !late && entry.clock.due_on().is_some_and(|day| day <= soon);
            let of_kind = kinds.entry(entry.clock.kind.code().to_owned()).or_default();
            for counts in [&mut total, of_kind] {
                counts.open += 1;
                counts.late += usize::from(late);
                counts.due_soon += usize::from(near);
            }
        }
        Self { total, kinds }
    }
}
