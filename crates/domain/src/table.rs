//! A table of figures as it is printed: what its rows and columns are, what is counted how, and figures
//! that add to the total. What it is printed as is the report's.
//!
//! Everything in it is exact: shares, days and rates are whole numbers of tenths or hundredths, so that
//! the same table is the same bytes wherever it is written.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What one of the things counted is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Avvikelser.
    Deviations,
    /// Events, each once however many reported it.
    Events,
    /// Values of a dimension of which a case may have several.
    Mentions,
    /// Synpunkter, förslag and klagomål.
    Opinions,
    /// Lex Maria, lex Sarah, riskperson.
    Escalations,
    /// What was sent to, or received from, other caregivers.
    Forwardings,
    /// Measures.
    Measures,
    /// Clocks that were kept or missed.
    Clocks,
    /// Units.
    Units,
    /// Days.
    Days,
    /// Reviews of units.
    Reviews,
    /// What was decided in reviews to be better.
    Improvements,
    /// Checks of the access log, and the readings they looked at.
    LogChecks,
    /// What somebody counted elsewhere: the rows say what.
    Own,
}

impl Counted {
    /// In Swedish, as it stands beside a table.
    pub fn swedish(self) -> &'static str {
        match self {
            Self::Deviations => "avvikelser",
            Self::Events => "händelser",
            Self::Mentions => "omnämnanden",
            Self::Opinions => "synpunkter, förslag och klagomål",
            Self::Escalations => "anmälningar",
            Self::Forwardings => "avvikelser mellan vårdgivare",
            Self::Measures => "åtgärder",
            Self::Clocks => "frister",
            Self::Units => "enheter",
            Self::Days => "dagar",
            Self::Reviews => "halvårssammanställningar",
            Self::Improvements => "beslutade förbättringar",
            Self::LogChecks => "kontroller av loggen",
            Self::Own => "egna uppgifter",
        }
    }
}

/// A dimension: what the rows differ by, or what a column is limited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The dimension's name, as in the cube: `unit`, `category`, `law` … Two tables that say the same name
    /// mean the same thing.
    pub id: String,
    /// In Swedish, as it stands above the rows.
    pub title: String,
}

/// A value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label {
    /// The code, the unit's id or the number; `None` is no value: unknown.
    pub code: Option<String>,
    /// In Swedish.
    pub text: String,
}

/// A limit of what a column counts: the cases whose `dimension` has this value. Those of a category
/// have the categories below, those of an area its units.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// The dimension's name.
    pub dimension: String,
    /// The value; `None` is no value.
    pub code: Option<String>,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// How many: adds from row to row, unless the column says otherwise.
    Count,
    /// One count less another.
    Change,
    /// One count of another, in tenths of a per cent.
    Share,
    /// Days, in tenths.
    Days,
    /// Of so many, in hundredths: the title says of how many.
    Rate,
    /// Words.
    Text,
}

/// A column of figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name: unique in the table, stable from year to year.
    pub id: String,
    /// In Swedish.
    pub title: String,
    /// What its cells hold.
    pub holds: Holds,
    /// Whether its rows add to the total. Medians and shares do not; nor do rows that may name one case
    /// several times.
    pub adds: bool,
    /// The set that is counted, before limits: `deviations`, `opinions`, `forwardings_sent` … Two columns of
    /// one set, year and limits say the same number about the same row. Empty for words.
    pub set: String,
    /// The year it is about, where it is about one.
    pub year: Option<i16>,
    /// What it is limited to.
    pub limits: Vec<Limit>,
    /// The columns it is calculated from: whoever has all but one of them and this one has that one, too.
    pub from: Vec<usize>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing can be said: no median of nothing, no share of nothing, no earlier year.
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

impl Cell {
    /// As it is printed in Swedish: a decimal comma, a sign before a change, thousands apart by a no-break
    /// space, a dash for nothing.
    pub fn swedish(&self) -> String {
        match self {
            Self::None => "–".to_owned(),
            Self::Count(count) => grouped(*count),
            Self::Change(0) => "±0".to_owned(),
            Self::Change(change) if *change < 0 => format!("−{}", grouped(change.unsigned_abs())),
            Self::Change(change) => format!("+{}", grouped(change.unsigned_abs())),
            Self::Tenths(value) => decimal(*value, 10, 1),
            Self::Hundredths(value) => decimal(*value, 100, 2),
            Self::Text(text) => text.clone(),
            Self::Suppressed => "..".to_owned(),
        }
    }
}

fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

fn decimal(value: i64, one: u64, places: usize) -> String {
    let sign = if value < 0 { "−" } else { "" };
    let size = value.unsigned_abs();
    format!("{sign}{},{:0places$}", grouped(size / one), size % one)
}

/// Rows that have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Their values on the table's dimensions, one a head.
    pub keys: Vec<Label>,
    /// Their figures, one a column.
    pub cells: Vec<Cell>,
}

/// How a table is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chart {
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

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name: unique in a report, stable from year to year, lower-case ASCII with `_`.
    pub id: String,
    /// In Swedish.
    pub title: String,
    /// What is counted.
    pub counts: Counted,
    /// How it is counted, in a sentence or two.
    pub definition: String,
    /// The last day that is known.
    pub as_of: Date,
    /// Whether law or the national template asks for it as a figure of the whole tenant.
    pub asked_for: bool,
    /// What the rows differ by.
    pub heads: Vec<Head>,
    /// The figures of a row.
    pub columns: Vec<Column>,
    /// The rows, in order; no value last.
    pub rows: Vec<Row>,
    /// All of it, a cell a column; `None` where rows have no sum that says anything.
    pub total: Option<Vec<Cell>>,
    /// How it is drawn.
    pub chart: Option<Chart>,
    /// What whoever reads it must know: breaks, what is not part of it.
    pub notes: Vec<String>,
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The table's name.
    pub table: String,
    /// The column's name, where it is about one.
    pub column: Option<String>,
    /// In English, for the log and for tests.
    pub what: String,
}

impl Table {
    /// The place of a column.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// The row of these codes.
    pub fn row(&self, codes: &[Option<&str>]) -> Option<&Row> {
        let same =
            |row: &&Row| row.keys.iter().map(|key| key.code.as_deref()).eq(codes.iter().copied());
        self.rows.iter().find(same)
    }

    /// Everything that does not fit or does not add up; a table with flaws is never shown or frozen.
    pub fn flaws(&self) -> Vec<Flaw> {
        let flaw = |column: Option<&Column>, what: String| Flaw {
            table: self.id.clone(),
            column: column.map(|column| column.id.clone()),
            what,
        };
        let mut found = Vec::new();
        let (heads, columns) = (self.heads.len(), self.columns.len());
        for (at, row) in self.rows.iter().enumerate() {
            if row.keys.len() != heads || row.cells.len() != columns {
                found.push(flaw(None, format!("row {at} has the wrong length")));
            }
        }
        if self.total.as_ref().is_some_and(|total| total.len() != columns) {
            found.push(flaw(None, "the total has the wrong length".to_owned()));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if self.columns[..at].iter().any(|other| other.id == column.id) {
                found.push(flaw(Some(column), "two columns have one name".to_owned()));
            }
        }
        for (at, row) in self.rows.iter().enumerate() {
            let codes = |row: &Row| row.keys.iter().map(|key| key.code.clone()).collect::<Vec<_>>();
            if self.rows[..at].iter().any(|other| codes(other) == codes(row)) {
                found.push(flaw(None, format!("row {at} has the keys of another")));
            }
        }
        if !found.is_empty() {
            return found;
        }
        let Some(total) = &self.total else { return found };
        for (at, column) in self.columns.iter().enumerate().filter(|(_, column)| column.adds) {
            let sum = self.rows.iter().map(|row| amount(&row.cells[at])).sum::<Option<i128>>();
            if let (Some(sum), Some(total)) = (sum, amount(&total[at]))
                && sum != total
            {
                found.push(flaw(
                    Some(column),
                    format!("the rows add to {sum}, the total is {total}"),
                ));
            }
        }
        found
    }
}

/// What a cell adds; `None` for one that is kept back. Nothing adds nothing.
fn amount(cell: &Cell) -> Option<i128> {
    match cell {
        Cell::None | Cell::Text(_) => Some(0),
        Cell::Count(count) => Some(i128::from(*count)),
        Cell::Change(value) | Cell::Tenths(value) | Cell::Hundredths(value) => {
            Some(i128::from(*value))
        }
        Cell::Suppressed => None,
    }
}

/// A share in tenths of a per cent, half up; nothing of nothing.
pub fn share(part: u64, of: u64) -> Cell {
    match of {
        0 => Cell::None,
        _ => {
            let tenths = (u128::from(part) * 2000 + u128::from(of)) / (u128::from(of) * 2);
            Cell::Tenths(i64::try_from(tenths).unwrap_or(i64::MAX))
        }
    }
}

/// How many for each `per` of `of`, in hundredths, half up; nothing of nothing.
pub fn rate(count: u64, of: u64, per: u64) -> Cell {
    match of {
        0 => Cell::None,
        _ => {
            let scaled = u128::from(count) * u128::from(per) * 200 + u128::from(of);
            Cell::Hundredths(i64::try_from(scaled / (u128::from(of) * 2)).unwrap_or(i64::MAX))
        }
    }
}

/// One count less an earlier one.
pub fn change(now: u64, before: u64) -> Cell {
    let change = i128::from(now) - i128::from(before);
    Cell::Change(i64::try_from(change).unwrap_or(if change < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: &[u64], total: u64) -> Table {
        let column = Column {
            id: "count".into(),
            title: "2025".into(),
            holds: Holds::Count,
            adds: true,
            set: "deviations".into(),
            year: Some(2025),
            limits: Vec::new(),
            from: Vec::new(),
        };
        let row = |(at, count): (usize, &u64)| Row {
            keys: vec![Label { code: Some(at.to_string()), text: format!("Enhet {at}") }],
            cells: vec![Cell::Count(*count)],
        };
        Table {
            id: "by_unit".into(),
            title: "Avvikelser per enhet".into(),
            counts: Counted::Deviations,
            definition: String::new(),
            as_of: Date::constant(2025, 12, 31),
            asked_for: false,
            heads: vec![Head { id: "unit".into(), title: "Enhet".into() }],
            columns: vec![column],
            rows: counts.iter().enumerate().map(row).collect(),
            total: Some(vec![Cell::Count(total)]),
            chart: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn rows_that_do_not_add_to_the_total_are_a_flaw() {
        assert_eq!(table(&[520, 1167], 1687).flaws(), []);
        let flaws = table(&[520, 1167], 1727).flaws();
        assert_eq!(flaws.len(), 1);
        assert_eq!(flaws[0].what, "the rows add to 1687, the total is 1727");
        let mut twice = table(&[1, 2], 3);
        twice.rows[1].keys = twice.rows[0].keys.clone();
        assert_eq!(twice.flaws()[0].what, "row 1 has the keys of another");
    }

    #[test]
    fn a_cell_is_printed_as_swedes_write_it() {
        assert_eq!(Cell::Count(574_108).swedish(), "574\u{a0}108");
        assert_eq!(Cell::Change(-120).swedish(), "−120");
        assert_eq!(Cell::Change(272).swedish(), "+272");
        assert_eq!(Cell::Tenths(977).swedish(), "97,7");
        assert_eq!(Cell::Hundredths(-5).swedish(), "−0,05");
        assert_eq!(Cell::None.swedish(), "–");
    }

    #[test]
    fn shares_and_rates_round_half_up_and_say_nothing_of_nothing() {
        assert_eq!(share(26, 31), Cell::Tenths(839));
        assert_eq!(share(1, 2000), Cell::Tenths(1));
        assert_eq!(share(0, 0), Cell::None);
        assert_eq!(rate(922, 40_000, 1000), Cell::Hundredths(2305));
        assert_eq!(change(2509, 2237), Cell::Change(272));
    }
}
