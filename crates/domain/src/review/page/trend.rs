//! How many were reported, beside earlier periods.

use std::collections::BTreeMap;

use super::{Maker, PageFacts, head, label, limit, sums, unknown};
use crate::case::Kind;
use crate::ids::UnitId;
use crate::law::Law;
use crate::review::Period;
use crate::statistics::{BaseRow, Values};
use crate::table::{Cell, Chart, Column, Counted, Holds, Label, Row, Table, change};

fn kind(at: &Values) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| at.kind.as_deref() == Some(kind.code()))
}

/// Whether facts lie in a period.
fn within(row: &BaseRow, period: Period) -> bool {
    row.at.year.is_some_and(|year| period.months().covers(year, row.at.month))
}

fn is_deviation(at: &Values) -> bool {
    kind(at) == Some(Kind::Avvikelse)
}

fn count<'a>(rows: impl Iterator<Item = &'a BaseRow>) -> u64 {
    rows.map(|row| row.count).sum()
}

impl Maker<'_> {
    /// Avvikelser, and what the public left, by period.
    pub(super) fn trend(&self, facts: &PageFacts) -> Table {
        let (dimension, title) = self.period.dimension();
        let mut table =
            self.table("trend", "Utveckling över tid", Counted::Deviations, head(dimension, title));
        table.definition =
            "Rapporterade avvikelser, och synpunkter, förslag och klagomål, efter den dag \
            de kom in. Utkast, makulerade ärenden och dubbletter räknas inte."
                .to_owned();
        let column = |id: &str, title: &str, set: &str| Column {
            id: id.to_owned(),
            title: title.to_owned(),
            holds: Holds::Count,
            adds: true,
            set: set.to_owned(),
            // The rows say when.
            year: None,
            limits: self.about.limit.iter().cloned().collect(),
            from: Vec::new(),
        };
        table.columns = vec![
            column("deviations", "Avvikelser", "deviations"),
            column("opinions", "Synpunkter och klagomål", "opinions"),
        ];
        let row = |period: Period| {
            let here = || facts.over_time.iter().filter(|row| within(row, period));
            let deviations = count(here().filter(|row| is_deviation(&row.at)));
            let opinions = count(here().filter(|row| !is_deviation(&row.at)));
            Row {
                keys: vec![label(&period.code(), period.swedish())],
                cells: vec![Cell::Count(deviations), Cell::Count(opinions)],
            }
        };
        table.rows = self.period.trend().into_iter().map(row).collect();
        table.total = Some(sums(&table.rows, table.columns.len()));
        table.chart = Some(Chart::Line { columns: vec![0, 1] });
        table
    }

    /// Avvikelser by top category: the period, the one before, and the same a year before.
    pub(super) fn by_category(&self, facts: &PageFacts) -> Table {
        let mut table = self.table(
            "deviations_by_category",
            "Avvikelser per kategori",
            Counted::Deviations,
            head("category_top", "Kategori"),
        );
        table.definition =
            "Den bedömda kategorin där det finns en, annars den rapporterade.".to_owned();
        let periods = [self.period, self.period.before(), self.period.a_year_earlier()];
        let list = Kind::Avvikelse.category_list();
        let mut found: BTreeMap<Option<(usize, String)>, [u64; 3]> = BTreeMap::new();
        for row in facts.over_time.iter().filter(|row| is_deviation(&row.at)) {
            let top = row.at.category.as_deref().map(|code| self.words.codes.top(list, code));
            let key = top.map(|code| self.place(list, code));
            for (at, period) in periods.into_iter().enumerate() {
                if within(row, period) {
                    found.entry(key.clone()).or_default()[at] += row.count;
                }
            }
        }
        table.columns = periods.map(|period| self.count("deviations", period, Vec::new())).into();
        table.columns.push(Column {
            id: "change".to_owned(),
            title: "Förändring mot föregående".to_owned(),
            holds: Holds::Change,
            limits: Vec::new(),
            from: vec![0, 1],
            ..self.count("", self.period, Vec::new())
        });
        let cells = |counts: [u64; 3]| {
            let mut cells = counts.map(Cell::Count).to_vec();
            cells.push(change(counts[0], counts[1]));
            cells
        };
        let mut total = [0; 3];
        for counts in found.values() {
            for (sum, count) in total.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        let name = |code: &str| label(code, self.word(list, code));
        table.rows = unknown_last(found)
            .into_iter()
            .map(|(key, counts)| Row {
                keys: vec![key.map_or_else(unknown, |it| name(&it.1))],
                cells: cells(counts),
            })
            .collect();
        table.total = Some(cells(total));
        table.chart = Some(Chart::Grouped { columns: vec![0, 1] });
        table
    }

    /// Avvikelser by the law that counts.
    pub(super) fn by_law(&self, facts: &PageFacts) -> Table {
        let mut table = self.table(
            "deviations_by_law",
            "Avvikelser per lagrum",
            Counted::Deviations,
            head("law", "Lagrum"),
        );
        table.definition = "Av flera lagrum räknas det som står först.".to_owned();
        let label_of = |law: Option<Law>| match law {
            Some(law) => label(law.code(), law_name(law)),
            None => unknown(),
        };
        let mut found: BTreeMap<Option<usize>, (Label, u64)> = BTreeMap::new();
        for row in facts.within.iter().filter(|row| is_deviation(&row.at)) {
            let law = row.at.laws.first().copied();
            let place = law.and_then(|law| Law::ALL.iter().position(|known| *known == law));
            found.entry(place).or_insert_with(|| (label_of(law), 0)).1 += row.count;
        }
        self.counted(table_rows(unknown_last(found).into_iter().map(|(_, it)| it)), &mut table);
        table
    }

    /// Avvikelser by actual severity.
    pub(super) fn by_severity(&self, facts: &PageFacts) -> Table {
        let mut table = self.table(
            "deviations_by_severity",
            "Avvikelser per allvarlighetsgrad",
            Counted::Deviations,
            head("severity", "Allvarlighetsgrad"),
        );
        table.definition =
            "Den faktiska allvarlighetsgraden, 1–4, som den är bedömd nu.".to_owned();
        let mut found: BTreeMap<Option<i16>, u64> = BTreeMap::new();
        for row in facts.within.iter().filter(|row| is_deviation(&row.at)) {
            *found.entry(row.at.severity).or_default() += row.count;
        }
        let rows = unknown_last(found).into_iter().map(|(grade, count)| {
            let code = grade.map(|grade| grade.to_string());
            (code.map_or_else(unknown, |code| label(&code, code.clone())), count)
        });
        self.counted(table_rows(rows), &mut table);
        table
    }

    /// Avvikelser by unit, where there are several.
    pub(super) fn by_unit(&self, facts: &PageFacts) -> Option<Table> {
        let one = self.about.limit.as_ref().is_some_and(|limit| limit.dimension == "unit");
        let mut found: BTreeMap<UnitId, u64> = BTreeMap::new();
        for row in facts.within.iter().filter(|row| is_deviation(&row.at)) {
            if let Some(unit) = row.at.unit {
                *found.entry(unit).or_default() += row.count;
            }
        }
        if one && found.len() < 2 {
            return None;
        }
        let mut table = self.table(
            "deviations_by_unit",
            "Avvikelser per enhet",
            Counted::Deviations,
            head("unit", "Enhet"),
        );
        table.definition = "Den enhet som ansvarar för ärendet.".to_owned();
        let mut rows: Vec<(Label, u64)> = found
            .into_iter()
            .map(|(id, count)| {
                let name = self.words.units.get(id).map(|unit| unit.name.clone());
                (label(&id.to_string(), name.unwrap_or_default()), count)
            })
            .collect();
        rows.sort_by(|a, b| (&a.0.text, &a.0.code).cmp(&(&b.0.text, &b.0.code)));
        self.counted(table_rows(rows.into_iter()), &mut table);
        table.chart = Some(Chart::Bars { column: 0 });
        Some(table)
    }

    /// Fills in rows of one count of this period.
    fn counted(&self, rows: Vec<Row>, table: &mut Table) {
        table.columns = vec![self.count("deviations", self.period, Vec::new())];
        table.total = Some(sums(&rows, 1));
        table.rows = rows;
    }

    /// A limit of this table's columns to a kind of case.
    pub(super) fn of_kind(kind: Kind) -> crate::table::Limit {
        limit("kind", kind.code())
    }
}

fn table_rows(rows: impl Iterator<Item = (Label, u64)>) -> Vec<Row> {
    rows.map(|(key, count)| Row { keys: vec![key], cells: vec![Cell::Count(count)] }).collect()
}

/// In order, what has no value last.
fn unknown_last<K: Ord, V>(mut found: BTreeMap<Option<K>, V>) -> Vec<(Option<K>, V)> {
    let unknown = found.remove(&None).map(|value| (None, value));
    found.into_iter().chain(unknown).collect()
}

/// A law as people call it.
fn law_name(law: Law) -> &'static str {
    match law {
        Law::Hsl => "HSL",
        Law::Sol => "SoL",
        Law::Lss => "LSS",
    }
}
