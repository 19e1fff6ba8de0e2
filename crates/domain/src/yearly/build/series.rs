//! Tables of counts over the years, and the columns that all tables are put together from.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::{Dim, Frame, Place, Register};
use crate::table::{Cell, Chart, Column, Counted, Holds, Label, Limit, Row, Table, change, share};

/// Counts by the codes of a row and the place of a year.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(BTreeMap<Vec<Option<String>>, Vec<u64>>);

impl Tally {
    /// Counts more in a row, in a column of `of`.
    pub fn add(&mut self, codes: Vec<Option<String>>, nth: usize, of: usize, count: u64) {
        let row = self.0.entry(codes).or_insert_with(|| vec![0; of]);
        if let Some(cell) = row.get_mut(nth) {
            *cell += count;
        }
    }

    /// Makes sure that a row is there, also where nothing is counted.
    pub fn have(&mut self, codes: Vec<Option<String>>, of: usize) {
        self.0.entry(codes).or_insert_with(|| vec![0; of]);
    }

    /// The rows in order, with their labels.
    pub fn rows(self, frame: &Frame<'_>, dims: &[Dim]) -> Vec<(Vec<Label>, Vec<u64>)> {
        let mut rows: Vec<(Vec<Place>, Vec<Label>, Vec<u64>)> = self
            .0
            .into_iter()
            .map(|(codes, counts)| {
                let labels = dims.iter().zip(&codes);
                let labels = labels.map(|(dim, code)| frame.label(*dim, code.as_deref()));
                let (places, labels) = labels.unzip();
                (places, labels, counts)
            })
            .collect();
        rows.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        rows.into_iter().map(|(_, labels, counts)| (labels, counts)).collect()
    }
}

/// What a table is, apart from its figures.
pub(super) struct Spec {
    pub id: &'static str,
    pub title: String,
    pub counts: Counted,
    pub definition: String,
    pub asked_for: bool,
    pub dims: Vec<Dim>,
}

impl Spec {
    pub fn new(id: &'static str, title: impl Into<String>, dims: &[Dim]) -> Self {
        Self {
            id,
            title: title.into(),
            counts: Counted::Deviations,
            definition: String::new(),
            asked_for: false,
            dims: dims.to_vec(),
        }
    }

    pub fn counting(self, counts: Counted) -> Self {
        Self { counts, ..self }
    }

    pub fn defined(self, definition: impl Into<String>) -> Self {
        Self { definition: definition.into(), ..self }
    }

    pub fn asked_for(self) -> Self {
        Self { asked_for: true, ..self }
    }

    /// The table, with what it holds.
    pub fn table(
        self,
        frame: &Frame<'_>,
        columns: Vec<Column>,
        rows: Vec<Row>,
        total: Option<Vec<Cell>>,
    ) -> Table {
        Table {
            id: self.id.to_owned(),
            title: self.title,
            counts: self.counts,
            definition: self.definition,
            as_of: frame.as_of,
            asked_for: self.asked_for,
            heads: self.dims.iter().map(|dim| dim.head()).collect(),
            columns,
            rows,
            total,
            chart: None,
            notes: Vec::new(),
        }
    }
}

/// A column of counts.
pub(super) fn count(id: impl Into<String>, title: impl Into<String>, set: &str) -> Column {
    Column {
        id: id.into(),
        title: title.into(),
        holds: Holds::Count,
        adds: true,
        set: set.to_owned(),
        year: None,
        limits: Vec::new(),
        from: Vec::new(),
    }
}

impl Column {
    pub(super) fn of_year(self, year: i16) -> Self {
        Self { year: Some(year), ..self }
    }

    pub(super) fn limited(mut self, dimension: &str, code: Option<&str>) -> Self {
        self.limits.push(Limit { dimension: dimension.to_owned(), code: code.map(str::to_owned) });
        self
    }

    /// Calculated from others.
    pub(super) fn made(self, holds: Holds, from: &[usize]) -> Self {
        let adds = matches!(holds, Holds::Change);
        Self { holds, adds, from: from.to_vec(), ..self }
    }

    /// Rows that may name one case several times, or figures that are not sums.
    pub(super) fn not_adding(self) -> Self {
        Self { adds: false, ..self }
    }
}

/// One count less an earlier one; nothing where one of them is not counted.
pub(super) fn changed(now: &Cell, before: &Cell) -> Cell {
    match (now, before) {
        (Cell::Count(now), Cell::Count(before)) => change(*now, *before),
        _ => Cell::None,
    }
}

/// What a series over the years counts.
pub(super) struct Over<'a> {
    /// The set.
    pub set: &'a str,
    /// What the whole table is limited to.
    pub limits: &'a [(&'a str, Option<&'a str>)],
    /// Whether each row's share of the year is told.
    pub share: bool,
    /// Whether the rows add to the total.
    pub adds: bool,
}

/// The table of counts: a column a year, the change from the year before, the share of the year.
pub(super) fn series(
    frame: &Frame<'_>,
    spec: Spec,
    over: &Over<'_>,
    tally: Tally,
    totals: Option<Vec<u64>>,
) -> Table {
    let mut columns: Vec<Column> = Vec::new();
    for year in &frame.years {
        let mut column = count(format!("count_{year}"), year.to_string(), over.set).of_year(*year);
        for (dimension, code) in over.limits {
            column = column.limited(dimension, *code);
        }
        column.adds = over.adds;
        columns.push(column);
    }
    let years = columns.len();
    let compared = years > 1;
    if compared {
        let title = format!("Förändring från {}", frame.years[1]);
        let mut column = count("change", title, over.set).made(Holds::Change, &[0, 1]);
        column.adds = over.adds;
        columns.push(column);
    }
    if over.share {
        let title = format!("Andel {} (%)", frame.year());
        columns.push(count("share", title, over.set).made(Holds::Share, &[0]));
    }
    let rows = tally.rows(frame, &spec.dims);
    let sums = |rows: &[(Vec<Label>, Vec<u64>)]| -> Vec<u64> {
        (0..years).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect()
    };
    let total = totals.unwrap_or_else(|| sums(&rows));
    let of = total.first().copied().unwrap_or(0);
    let register = Register::of(over.set);
    let cells = |counts: &[u64]| {
        let of_years = counts.iter().zip(&frame.years);
        let mut cells: Vec<Cell> =
            of_years.map(|(count, year)| frame.cell(register, *year, *count)).collect();
        if compared {
            cells.push(changed(&cells[0], &cells[1]));
        }
        if over.share {
            cells.push(share(counts[0], of));
        }
        cells
    };
    let rows = rows.into_iter().map(|(keys, counts)| Row { cells: cells(&counts), keys }).collect();
    let total = Some(cells(&total));
    spec.table(frame, columns, rows, total)
}

/// The table drawn as a bar a row of its year.
pub(super) fn bars(mut table: Table) -> Table {
    table.chart = Some(Chart::Bars { column: 0 });
    table
}

/// The table drawn with a bar a year in each row, five at most.
pub(super) fn grouped(frame: &Frame<'_>, mut table: Table) -> Table {
    let columns = (0..frame.years.len().min(5)).rev().collect();
    table.chart = Some(Chart::Grouped { columns });
    table
}

/// Every unit that has a row of its own in any of these tallies.
pub(super) fn codes_of(tally: &Tally) -> BTreeSet<Option<String>> {
    tally.0.keys().filter_map(|codes| codes.first().cloned()).collect()
}
