//! The avvikelser of the year as they are read one by one: what only single cases tell.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::swedish_date;
use crate::case::Track;
use crate::clock::{ClockSettings, Due, Kind, Target};
use crate::code_lists::{CodeLists, within};
use crate::exposure::counts::{self, Counts, Reported, injured};
use crate::ids::UnitId;
use crate::law::Law;
use crate::statistics::lead_time::Spans;
use crate::yearly::sources::DeviationFact;

/// How many clocks were kept, were missed, still run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Done in time.
    pub kept: u64,
    /// Done too late, or not done and time is up.
    pub missed: u64,
    /// Not done, and there is time.
    pub running: u64,
}

/// Injuries of a unit's cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Injuries {
    pub injured: u64,
    pub unhurt: u64,
    pub unknown: u64,
}

/// How the assessor's category stood to the reporter's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Agreement {
    pub same: u64,
    pub within: u64,
    pub other: u64,
    pub not_assessed: u64,
}

/// What was counted while the year's avvikelser went by.
#[derive(Clone, Debug, Default)]
pub struct YearsCases {
    pub(super) spans: BTreeMap<UnitId, Spans>,
    pub(super) injuries: BTreeMap<UnitId, Injuries>,
    pub(super) laws: BTreeMap<(Option<Law>, Option<Law>), u64>,
    pub(super) categories: BTreeMap<Option<String>, Agreement>,
    pub(super) triage: Kept,
    pub(super) investigation: Kept,
    pub(super) imported: u64,
    pub(super) counts: Counts,
    dues: Dues,
}

/// When clocks are up, each day once: a year has few days and many cases, and working days are slow to count.
#[derive(Clone, Debug, Default)]
struct Dues(BTreeMap<(Kind, Date), Option<Due>>);

impl Dues {
    fn of(&mut self, kind: Kind, from: Timestamp, chosen: &ClockSettings) -> Option<Due> {
        let target = chosen.target(kind);
        let due = || target.due(from, &chosen.working_days, chosen.rolls);
        match target {
            Target::None | Target::Hours(_) | Target::On(_) => due(),
            Target::Days(_) | Target::WorkingDays(_) | Target::Months(_) => {
                *self.0.entry((kind, swedish_date(from))).or_insert_with(due)
            }
        }
    }
}

/// Counts a clock that is up at some time, or never.
pub(super) fn keep(into: &mut Kept, due: Option<Due>, met: Option<Timestamp>, now: Timestamp) {
    let passed = due.is_some_and(|due| due.passed(met.unwrap_or(now)));
    match (passed, met) {
        (true, _) => into.missed += 1,
        (false, Some(_)) => into.kept += 1,
        (false, None) => into.running += 1,
    }
}

impl YearsCases {
    /// Takes in one case, as it stands at `now`, an instant of the day that ends at `cutoff`.
    pub fn add(
        &mut self,
        case: &DeviationFact,
        codes: &CodeLists,
        chosen: &ClockSettings,
        (now, cutoff): (Timestamp, Timestamp),
    ) {
        let times = &case.times;
        self.spans.entry(case.unit).or_default().add(times, cutoff);
        let injury = case.injury.as_deref().filter(|code| codes.get("injury", code).is_some());
        let unit = self.injuries.entry(case.unit).or_default();
        match injured(injury) {
            Some(true) => unit.injured += 1,
            Some(false) => unit.unhurt += 1,
            None => unit.unknown += 1,
        }
        let is = |wanted: &str| case.category.as_deref().is_some_and(|code| within(code, wanted));
        self.counts.add(
            case.unit,
            case.month,
            Reported {
                all: 1,
                falls: u64::from(counts::FALLS.iter().any(|code| is(code))),
                medication: u64::from(is(counts::MEDICATION)),
                injury_known: u64::from(injured(injury).is_some()),
                injured: u64::from(injured(injury) == Some(true)),
            },
        );
        *self.laws.entry((case.law_reported, case.law_assessed)).or_default() += 1;
        let known = |code: &Option<String>| -> Option<String> {
            code.clone().filter(|code| codes.get("category", code).is_some())
        };
        let (reported, assessed) = (known(&case.category_reported), known(&case.category_assessed));
        let top = |code: &String| codes.top("category", code).to_owned();
        let row = self.categories.entry(reported.as_ref().map(top)).or_default();
        match (&reported, &assessed) {
            (_, None) => row.not_assessed += 1,
            (Some(one), Some(other)) if one == other => row.same += 1,
            (Some(one), Some(other)) if top(one) == top(other) => row.within += 1,
            (_, Some(_)) => row.other += 1,
        }
        if case.imported {
            self.imported += 1;
            return;
        }
        let by = |at: Option<Timestamp>| at.filter(|at| *at < cutoff);
        let ended = by(times.closed);
        let triaged = by(times.triaged);
        let met = triaged.or(ended);
        keep(&mut self.triage, self.dues.of(Kind::Triage, times.reported, chosen), met, now);
        if let (Some(start), Some(Track::Standard | Track::Deep)) = (triaged, case.track) {
            let met = by(times.investigated).or(ended);
            let due = self.dues.of(Kind::Investigation, start, chosen);
            keep(&mut self.investigation, due, met, now);
        }
    }
}
