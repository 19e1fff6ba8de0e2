//! A table as it is laid out on paper: as it stands, or turned where it has far more columns than rows and would not
//! fit the page.

use domain::table::{Cell, Holds, Table};

use super::words::TOTAL;

/// The most columns of figures that fit beside each other.
const FIT: usize = 10;

/// A table laid out.
pub(crate) struct Grid<'a> {
    /// What stands above the columns, and whether those hold words.
    pub(crate) heads: Vec<(&'a str, bool)>,
    /// How many columns say what a row is about.
    pub(crate) keys: usize,
    /// The rows.
    pub(crate) rows: Vec<Line<'a>>,
    /// The sum of the rows.
    pub(crate) total: Option<Line<'a>>,
}

/// A row laid out.
pub(crate) struct Line<'a> {
    /// What it is about.
    pub(crate) keys: Vec<&'a str>,
    /// Its figures, and whether they are words.
    pub(crate) cells: Vec<(&'a Cell, bool)>,
}

impl<'a> Grid<'a> {
    /// The table as it fits.
    pub(crate) fn of(table: &'a Table) -> Self {
        let wide = table.columns.len() > FIT && table.rows.len() * 2 < table.columns.len();
        if wide && table.heads.len() == 1 { Self::turned(table) } else { Self::upright(table) }
    }

    fn upright(table: &'a Table) -> Self {
        let words: Vec<bool> = table.columns.iter().map(|one| one.holds == Holds::Text).collect();
        let keys = table.heads.iter().map(|head| (head.title.as_str(), true));
        let columns = table.columns.iter().map(|one| one.title.as_str()).zip(words.clone());
        let line = |keys: Vec<&'a str>, cells: &'a [Cell]| Line {
            keys,
            cells: cells.iter().zip(words.clone()).collect(),
        };
        let rows = table.rows.iter();
        let rows = rows
            .map(|row| line(row.keys.iter().map(|key| key.text.as_str()).collect(), &row.cells));
        Self {
            heads: keys.chain(columns).collect(),
            keys: table.heads.len(),
            rows: rows.collect(),
            total: table.total.as_ref().map(|cells| line(vec![TOTAL], cells)),
        }
    }

    /// A row a column, a column a row.
    fn turned(table: &'a Table) -> Self {
        let corner = table.heads.first().map_or("", |head| head.title.as_str());
        let names =
            table.rows.iter().filter_map(|row| row.keys.first()).map(|key| key.text.as_str());
        let names = names.chain(table.total.as_ref().map(|_| TOTAL)).map(|name| (name, false));
        let rows = table.columns.iter().enumerate().map(|(at, column)| {
            let cells = table.rows.iter().map(|row| &row.cells).chain(&table.total);
            let words = column.holds == Holds::Text;
            Line {
                keys: vec![column.title.as_str()],
                cells: cells.filter_map(|cells| cells.get(at)).map(|cell| (cell, words)).collect(),
            }
        });
        Self {
            heads: [(corner, true)].into_iter().chain(names).collect(),
            keys: 1,
            rows: rows.collect(),
            total: None,
        }
    }
}
