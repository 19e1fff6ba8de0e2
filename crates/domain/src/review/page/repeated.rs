//! What comes again: causes, places, persons as a number; and what was done about it.

use std::collections::BTreeMap;

use super::{Maker, PageFacts, head, label, limit, sums};
use crate::calendar::swedish_date;
use crate::case::Kind;
use crate::case::measure::Effect;
use crate::table::{Cell, Chart, Column, Counted, Row, Table};

/// Persons with so many cases, up to so many.
const BANDS: [(&str, &str, u64, u64); 3] = [
    ("2", "2 händelser", 2, 2),
    ("3-4", "3–4 händelser", 3, 4),
    ("5-", "5 eller fler händelser", 5, u64::MAX),
];

impl Maker<'_> {
    /// The columns of what is counted in this period and the one before.
    fn beside(&self, set: &str) -> Vec<Column> {
        [self.period, self.period.before()].map(|period| self.count(set, period, Vec::new())).into()
    }

    /// Counts of codes of a list beside those of the period before, the most frequent first.
    fn by_code(
        &self,
        list: &str,
        counts: &(BTreeMap<String, u64>, BTreeMap<String, u64>),
        table: &mut Table,
    ) {
        let (now, before) = counts;
        let mut codes: Vec<&String> = now.keys().chain(before.keys()).collect();
        let of =
            |counts: &BTreeMap<String, u64>, code: &str| counts.get(code).copied().unwrap_or(0);
        codes.sort_by_key(|code| {
            (u64::MAX - of(now, code), u64::MAX - of(before, code), self.place(list, code))
        });
        codes.dedup();
        let row = |code: &String| Row {
            keys: vec![label(code, self.word(list, code))],
            cells: vec![Cell::Count(of(now, code)), Cell::Count(of(before, code))],
        };
        table.rows = codes.into_iter().map(row).collect();
        table.total = Some(sums(&table.rows, 2));
        table.chart = Some(Chart::Bars { column: 0 });
    }

    /// Causes that investigations found: what has more than one comes again.
    pub(super) fn by_cause(&self, facts: &PageFacts) -> Table {
        let mut table =
            self.table("deviations_by_cause", "Orsaker", Counted::Mentions, head("cause", "Orsak"));
        table.definition =
            "Orsaker i utredningar av avvikelser som kom in under perioden. En avvikelse kan \
            ha flera orsaker, och varje orsak räknas en gång per avvikelse."
                .to_owned();
        table.columns = self.beside("deviations_mentions");
        self.by_code("cause", &facts.causes, &mut table);
        table
    }

    /// Where falls and the like happened: the same place again.
    pub(super) fn by_place(&self, facts: &PageFacts) -> Table {
        let mut table = self.table(
            "deviations_by_place",
            "Samma plats",
            Counted::Deviations,
            head("place", "Plats"),
        );
        table.definition =
            "Avvikelser där frågan om plats är besvarad, efter svar. De utan svar ingår inte."
                .to_owned();
        table.columns = self.beside("deviations_with_place");
        self.by_code("place", &facts.places, &mut table);
        table
    }

    /// How many persons had several avvikelser. Who they are is in none of it.
    pub(super) fn by_person(&self, facts: &PageFacts) -> Table {
        let mut table = self.table(
            "repeated_persons",
            "Samma person",
            Counted::Deviations,
            head("events", "Antal händelser"),
        );
        table.definition =
            "Personer med minst två avvikelser under perioden. Personerna räknas utan att \
            någon uppgift om vilka de är öppnas; avvikelser utan känd person ingår inte."
                .to_owned();
        let (now, before) = &facts.persons;
        let mut columns = self.beside("repeated_persons");
        for (column, period) in columns.iter_mut().zip([self.period, self.period.before()]) {
            column.id = format!("persons_{}", period.id());
            column.title = format!("Personer, {}", period.swedish());
        }
        let deviations = self.count("deviations_of_repeated_persons", self.period, Vec::new());
        columns
            .push(Column { title: format!("Avvikelser, {}", self.period.swedish()), ..deviations });
        table.columns = columns;
        let row = |(code, text, least, most): (&str, &str, u64, u64)| {
            let those = |persons: &[u64]| -> Vec<u64> {
                persons.iter().copied().filter(|events| (least..=most).contains(events)).collect()
            };
            let (here, earlier) = (those(now), those(before));
            let persons = |those: &[u64]| Cell::Count(those.len() as u64);
            let events = Cell::Count(here.iter().sum());
            Row {
                keys: vec![label(code, text)],
                cells: vec![persons(&here), persons(&earlier), events],
            }
        };
        table.rows = BANDS.into_iter().map(row).collect();
        table.total = Some(sums(&table.rows, 3));
        table
    }

    /// The measures of the period's cases, and whether they helped.
    pub(super) fn by_effect(&self, facts: &PageFacts) -> Table {
        let today = swedish_date(self.now);
        let mut table = self.table(
            "measures_by_effect",
            "Åtgärder och effekt",
            Counted::Measures,
            head("effect", "Effekt"),
        );
        table.definition = format!(
            "Åtgärder för avvikelser som kom in under perioden, efter om de har haft effekt. Försenad är den \
             som inte var gjord den {today} och vars dag har passerat.",
        );
        let of_case = || Self::of_kind(Kind::Avvikelse);
        table.columns = vec![
            self.named("count", "Åtgärder", "measures", vec![of_case()]),
            self.named("done", "Gjorda", "measures", vec![of_case(), limit("done", "true")]),
            self.named("late", "Försenade", "measures", vec![of_case(), limit("late", "true")]),
        ];
        let order = [Effect::Yes, Effect::Partly, Effect::No, Effect::NotYet];
        let row = |effect: Effect| {
            let those = || facts.measures.iter().filter(move |measure| measure.effect == effect);
            let late = |day: jiff::civil::Date| day < today;
            let done = those().filter(|it| it.done_on.is_some()).count();
            let overdue = those().filter(|it| it.done_on.is_none() && it.due_on.is_some_and(late));
            let counts = [those().count(), done, overdue.count()];
            Row {
                keys: vec![label(effect.code(), self.word("measure_effect", effect.code()))],
                cells: counts.map(|count| Cell::Count(count as u64)).into(),
            }
        };
        table.rows = order.into_iter().map(row).collect();
        table.total = Some(sums(&table.rows, 3));
        table
    }
}
