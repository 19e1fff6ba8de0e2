//! Tables of figures: the same JSON wherever a table stands, live or frozen.

use domain::table as d;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// What the rows of a table differ by.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TableHeadView {
    /// The dimension's name.
    pub id: String,
    /// In Swedish.
    pub title: String,
}

/// A value of a dimension.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TableLabelView {
    /// The code, the unit's id or the number; `null` is no value: unknown.
    pub code: Option<String>,
    /// In Swedish.
    pub text: String,
}

/// What a column is limited to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TableLimitView {
    /// The dimension's name.
    pub dimension: String,
    /// The value; `null` is no value.
    pub code: Option<String>,
}

/// A column of figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TableColumnView {
    /// Its name, unique in the table.
    pub id: String,
    /// In Swedish.
    pub title: String,
    /// `count`, `change`, `share` (tenths of a per cent), `days` (tenths), `rate` (hundredths) or `text`.
    pub holds: &'static str,
    /// Whether its rows add to the total.
    pub adds: bool,
    /// The set that is counted, before limits; empty for words.
    pub set: String,
    /// The year it is about, where it is about one.
    pub year: Option<i16>,
    /// What it is limited to.
    pub limits: Vec<TableLimitView>,
    /// The columns it is calculated from, by place.
    pub from: Vec<usize>,
}

/// A figure: one of its members, named by what it is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableCellView {
    /// Nothing can be said.
    None,
    /// How many.
    Count(u64),
    /// How many more or fewer.
    Change(i64),
    /// Tenths: 843 is 84.3.
    Tenths(i64),
    /// Hundredths.
    Hundredths(i64),
    /// Words.
    Text(String),
    /// Kept back to protect persons.
    Suppressed,
}

/// Rows that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TableRowView {
    /// Their values, one a head.
    pub keys: Vec<TableLabelView>,
    /// Their figures, one a column.
    pub cells: Vec<TableCellView>,
}

/// How a table is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableChartView {
    /// A bar a row.
    Bars {
        /// The column that is drawn.
        column: usize,
    },
    /// For each row a bar a column.
    Grouped {
        /// The columns that are drawn.
        columns: Vec<usize>,
    },
    /// A line over the rows, which are times in order.
    Line {
        /// The columns that are drawn.
        columns: Vec<usize>,
    },
}

/// A table of figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TableView {
    /// Its name: stable.
    pub id: String,
    /// In Swedish.
    pub title: String,
    /// What is counted, such as `deviations`.
    pub counts: &'static str,
    /// How it is counted, in Swedish.
    pub definition: String,
    /// The last day that is known.
    pub as_of: Date,
    /// Whether law or the national template asks for it.
    pub asked_for: bool,
    /// What the rows differ by.
    pub heads: Vec<TableHeadView>,
    /// The figures of a row.
    pub columns: Vec<TableColumnView>,
    /// The rows, in order; no value last.
    pub rows: Vec<TableRowView>,
    /// All of it, a cell a column; `null` where rows have no sum that says anything.
    pub total: Option<Vec<TableCellView>>,
    /// How it is drawn.
    pub chart: Option<TableChartView>,
    /// What whoever reads it must know, in Swedish.
    pub notes: Vec<String>,
}

impl From<&d::Cell> for TableCellView {
    fn from(cell: &d::Cell) -> Self {
        match cell {
            d::Cell::None => Self::None,
            d::Cell::Count(count) => Self::Count(*count),
            d::Cell::Change(change) => Self::Change(*change),
            d::Cell::Tenths(value) => Self::Tenths(*value),
            d::Cell::Hundredths(value) => Self::Hundredths(*value),
            d::Cell::Text(text) => Self::Text(text.clone()),
            d::Cell::Suppressed => Self::Suppressed,
        }
    }
}

impl From<&d::Chart> for TableChartView {
    fn from(chart: &d::Chart) -> Self {
        match chart {
            d::Chart::Bars { column } => Self::Bars { column: *column },
            d::Chart::Grouped { columns } => Self::Grouped { columns: columns.clone() },
            d::Chart::Line { columns } => Self::Line { columns: columns.clone() },
        }
    }
}

fn counted(counts: d::Counted) -> &'static str {
    match counts {
        d::Counted::Deviations => "deviations",
        d::Counted::Events => "events",
        d::Counted::Mentions => "mentions",
        d::Counted::Opinions => "opinions",
        d::Counted::Escalations => "escalations",
        d::Counted::Forwardings => "forwardings",
        d::Counted::Measures => "measures",
        d::Counted::Clocks => "clocks",
        d::Counted::Units => "units",
        d::Counted::Days => "days",
        d::Counted::Reviews => "reviews",
        d::Counted::Improvements => "improvements",
        d::Counted::LogChecks => "log_checks",
        d::Counted::Own => "own",
    }
}

fn holds(holds: d::Holds) -> &'static str {
    match holds {
        d::Holds::Count => "count",
        d::Holds::Change => "change",
        d::Holds::Share => "share",
        d::Holds::Days => "days",
        d::Holds::Rate => "rate",
        d::Holds::Text => "text",
    }
}

impl From<&d::Column> for TableColumnView {
    fn from(column: &d::Column) -> Self {
        let limit = |limit: &d::Limit| TableLimitView {
            dimension: limit.dimension.clone(),
            code: limit.code.clone(),
        };
        Self {
            id: column.id.clone(),
            title: column.title.clone(),
            holds: holds(column.holds),
            adds: column.adds,
            set: column.set.clone(),
            year: column.year,
            limits: column.limits.iter().map(limit).collect(),
            from: column.from.clone(),
        }
    }
}

impl From<&d::Table> for TableView {
    fn from(table: &d::Table) -> Self {
        let label = |label: &d::Label| TableLabelView {
            code: label.code.clone(),
            text: label.text.clone(),
        };
        let head =
            |head: &d::Head| TableHeadView { id: head.id.clone(), title: head.title.clone() };
        let cells = |cells: &[d::Cell]| cells.iter().map(TableCellView::from).collect();
        let row = |row: &d::Row| TableRowView {
            keys: row.keys.iter().map(label).collect(),
            cells: cells(&row.cells),
        };
        Self {
            id: table.id.clone(),
            title: table.title.clone(),
            counts: counted(table.counts),
            definition: table.definition.clone(),
            as_of: table.as_of,
            asked_for: table.asked_for,
            heads: table.heads.iter().map(head).collect(),
            columns: table.columns.iter().map(TableColumnView::from).collect(),
            rows: table.rows.iter().map(row).collect(),
            total: table.total.as_deref().map(cells),
            chart: table.chart.as_ref().map(TableChartView::from),
            notes: table.notes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::table::{Cell, Chart, Column, Counted, Head, Holds, Label, Limit, Row, Table};

    use super::*;

    #[test]
    fn a_table_is_the_same_json_live_and_frozen() {
        let label = |code: Option<&str>| Label { code: code.map(str::to_owned), text: "x".into() };
        let kinds =
            [Holds::Count, Holds::Change, Holds::Share, Holds::Days, Holds::Rate, Holds::Text];
        let column = |holds: Holds| Column {
            id: format!("{holds:?}"),
            title: "x".into(),
            holds,
            adds: false,
            set: "deviations".into(),
            year: Some(2025),
            limits: vec![Limit { dimension: "unit".into(), code: None }],
            from: vec![0],
        };
        let cells = vec![
            Cell::Count(1),
            Cell::Change(-1),
            Cell::Tenths(843),
            Cell::None,
            Cell::Hundredths(5),
            Cell::Text("x".into()),
        ];
        for chart in [
            None,
            Some(Chart::Bars { column: 0 }),
            Some(Chart::Grouped { columns: vec![0, 1] }),
            Some(Chart::Line { columns: vec![1] }),
        ] {
            let table = Table {
                id: "x".into(),
                title: "x".into(),
                counts: Counted::Deviations,
                definition: "x".into(),
                as_of: Date::constant(2025, 12, 31),
                asked_for: true,
                heads: vec![Head { id: "unit".into(), title: "x".into() }],
                columns: kinds.map(column).into(),
                rows: vec![Row { keys: vec![label(None)], cells: cells.clone() }],
                total: Some(vec![Cell::Suppressed; 6]),
                chart,
                notes: vec!["x".into()],
            };
            let shown = serde_json::to_value(TableView::from(&table)).expect("JSON");
            assert_eq!(shown, serde_json::to_value(&table).expect("JSON"));
        }
    }
}
