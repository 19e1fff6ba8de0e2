//! What lies open, at which step, and what nobody touches.

use std::collections::BTreeMap;

use super::{Maker, PageFacts, head, label, limit};
use crate::board::step_at;
use crate::calendar::swedish_date;
use crate::case::Status;
use crate::clock::of_case;
use crate::ladder::LadderStep;
use crate::table::{Cell, Column, Counted, Holds, Row, Table};
use crate::worklist::Brief;

/// The steps a case passes, in order.
const STEPS: [(LadderStep, &str); 4] = [
    (LadderStep::Triage, "Väntar på bedömning"),
    (LadderStep::Investigation, "Utreds"),
    (LadderStep::Measures, "Åtgärder beslutade"),
    (LadderStep::FollowUp, "Följs upp"),
];

/// The longest that nobody touches is looked for, in working days.
const LONGEST: u16 = 250;

#[derive(Clone, Copy, Default)]
struct At {
    open_at_end: u64,
    open_now: u64,
    late_now: u64,
    still_now: u64,
    oldest_days: Option<i64>,
}

impl At {
    fn cells(self) -> Vec<Cell> {
        let oldest = self.oldest_days.map_or(Cell::None, |days| Cell::Tenths(days * 10));
        let counts = [self.open_at_end, self.open_now, self.late_now, self.still_now];
        counts.map(Cell::Count).into_iter().chain([oldest]).collect()
    }

    fn take(&mut self, other: Self) {
        self.open_at_end += other.open_at_end;
        self.open_now += other.open_now;
        self.late_now += other.late_now;
        self.still_now += other.still_now;
        self.oldest_days = self.oldest_days.max(other.oldest_days);
    }
}

impl Maker<'_> {
    /// The cases that came before the period's end and were open then, and those of them that are open
    /// now, by the step at which they stand.
    pub(super) fn open_by_step(&self, facts: &PageFacts) -> Table {
        let today = swedish_date(self.now);
        let end = self.period.end().min(self.now);
        let mut found: BTreeMap<LadderStep, At> =
            STEPS.iter().map(|(step, _)| (*step, At::default())).collect();
        let counts = |case: &&Brief| {
            !matches!(case.status, Status::Draft | Status::Void)
                && !case.clocked.duplicate
                && case.reported_at < end
        };
        for case in facts.cases.iter().filter(counts) {
            if case.clocked.closed_at.is_none_or(|at| at >= end) {
                found.entry(step_at(case, end)).or_default().open_at_end += 1;
            }
            if let Some(step) = LadderStep::of(case.status) {
                let at = found.entry(step).or_default();
                at.open_now += 1;
                at.late_now += u64::from(self.late(case));
                at.still_now += u64::from(self.still(case, step));
                at.oldest_days = at.oldest_days.max(Some(case.age_on(today)));
            }
        }
        let mut table = self.table(
            "open_by_step",
            "Öppna ärenden, och var de står stilla",
            Counted::Deviations,
            head("step", "Steg"),
        );
        table.definition = format!(
            "Avvikelser, synpunkter och klagomål som kom in till och med periodens slut. Öppna vid \
             periodens slut, och öppna, försenade och orörda den {today}. Försenat är det vars dag har \
             passerat; orört är det som ingen har rört på så många arbetsdagar att det går vidare till \
             chefen. Dagarna är verksamhetens egna mål, inte lag.",
        );
        let now = |id: &str, title: &str, state: &str| Column {
            year: None,
            ..self.named(id, title, "cases", vec![limit("state", state)])
        };
        table.columns = vec![
            self.named(
                "open_at_end",
                "Öppna vid periodens slut",
                "cases",
                vec![limit("state", "open")],
            ),
            now("open_now", "Öppna nu", "open_now"),
            now("late_now", "Försenade nu", "late_now"),
            now("still_now", "Orörda nu", "still_now"),
            Column {
                holds: Holds::Days,
                adds: false,
                ..now("oldest_days", "Äldsta, dagar", "oldest_now")
            },
        ];
        let mut total = At::default();
        for (step, text) in STEPS {
            let at = found.get(&step).copied().unwrap_or_default();
            total.take(at);
            table.rows.push(Row { keys: vec![label(step.code(), text)], cells: at.cells() });
        }
        table.total = Some(total.cells());
        table
    }

    /// Whether a day of the case has passed.
    fn late(&self, case: &Brief) -> bool {
        of_case(case, &self.words.settings.clocks).iter().any(|clock| clock.late(self.now))
    }

    /// Whether nobody has touched the case for so long that the first above is told.
    fn still(&self, case: &Brief, step: LadderStep) -> bool {
        let settings = self.words.settings;
        let today = swedish_date(self.now);
        let waits = case.clocked.waiting_until.is_some_and(|until| today <= until);
        if case.asleep() || waits {
            return false;
        }
        let touched = swedish_date(case.clocked.updated_at);
        let untouched = settings.clocks.working_days.between(touched, today, LONGEST);
        settings.ladder.limits(step)[0] <= untouched
    }
}
