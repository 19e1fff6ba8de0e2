//! The cell of the sums in which a fact lies, as a text: what it is made of, and what a fact is that is not folded.
//!
//! The two texts of SQL stand in the index of the migration as well, word by word: a planner takes the index only for
//! a condition that is the same.

use domain::ids::UnitId;
use domain::statistics::{BaseQuery, Column, Condition, Part, Placed};
use uuid::Uuid;

use crate::error::Error;

/// What stands between the columns of a cell: no code has it.
const BETWEEN: char = '|';
/// The cell of facts that are not counted at all.
pub(crate) const UNCOUNTED: &str = "-";

/// SQL over a fact, in one dialect.
pub(crate) struct CellSql {
    /// The cell in which the fact lies as it is now.
    pub cell: &'static str,
    /// That the fact was last folded as something else, or never.
    pub unfolded: &'static str,
    /// How a reading is told to go by the index over such facts.
    pub hint: &'static str,
    /// How the cell is looked up in which a fact was counted, around the tenant: by its key, one after the other, and never
    /// by going through all cells for each.
    pub look_up: (&'static str, &'static str),
    /// How rows are taken that nobody else has at the moment.
    pub take: &'static str,
}

macro_rules! postgres_cell {
    () => {
        "(CASE WHEN counted THEN CAST(reported_year AS text) || '|' || CAST(unit_id AS text) || '|' || \
         COALESCE(category, '') || '|' || laws || '|' || CAST(reported_month AS text) || '|' || kind || '|' || \
         COALESCE(subkind, '') || '|' || CASE WHEN duplicate THEN 'd' ELSE '' END ELSE '-' END)"
    };
}

macro_rules! sqlite_cell {
    () => {
        "(CASE WHEN counted THEN reported_year || '|' || hex(unit_id) || '|' || COALESCE(category, '') || '|' || \
         laws || '|' || reported_month || '|' || kind || '|' || COALESCE(subkind, '') || '|' || \
         CASE WHEN duplicate THEN 'd' ELSE '' END ELSE '-' END)"
    };
}

/// On PostgreSQL. It knows nothing of how often a comparison of two expressions fails and would take nearly all facts for
/// unfolded, and read them all to find the few; of a number that comes out of an expression it believes that it is rare.
pub(crate) const POSTGRES: CellSql = CellSql {
    cell: postgres_cell!(),
    unfolded: concat!(
        "(CASE WHEN folded_as IS NOT DISTINCT FROM ",
        postgres_cell!(),
        " THEN 0 ELSE 1 END) = 1"
    ),
    hint: "",
    look_up: (
        " CROSS JOIN LATERAL (SELECT * FROM fact_sums WHERE tenant_id = ",
        " AND cell = was.folded_as OFFSET 0) AS there",
    ),
    take: " FOR UPDATE SKIP LOCKED",
};

/// On SQLite, where nobody else writes meanwhile.
pub(crate) const SQLITE: CellSql = CellSql {
    cell: sqlite_cell!(),
    unfolded: concat!("folded_as IS NOT ", sqlite_cell!()),
    hint: " INDEXED BY case_facts_unfolded_ix",
    look_up: (
        " CROSS JOIN (SELECT * FROM fact_sums WHERE tenant_id = ",
        ") AS there ON there.cell = was.folded_as",
    ),
    take: "",
};

/// A cell, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    pub year: i16,
    pub unit: UnitId,
    pub category: Option<&'a str>,
    pub laws: &'a str,
    pub month: i16,
    pub kind: &'a str,
    pub subkind: Option<&'a str>,
    pub duplicate: bool,
}

impl<'a> Cell<'a> {
    /// Reads the text of either dialect.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let corrupt = || Error::Corrupt(format!("case_facts.folded_as {text:?}"));
        let mut parts = text.split(BETWEEN);
        let mut next = || parts.next().ok_or_else(corrupt);
        let some = |code: &'a str| (!code.is_empty()).then_some(code);
        let cell = Self {
            year: next()?.parse().map_err(|_| corrupt())?,
            unit: UnitId(Uuid::try_parse(next()?).map_err(|_| corrupt())?),
            category: some(next()?),
            laws: next()?,
            month: next()?.parse().map_err(|_| corrupt())?,
            kind: next()?,
            subkind: some(next()?),
            duplicate: match next()? {
                "" => false,
                "d" => true,
                _ => return Err(corrupt()),
            },
        };
        if parts.next().is_some() { Err(corrupt()) } else { Ok(cell) }
    }
}

/// Whether a column stands in the cells.
fn is_summed(column: Column) -> bool {
    matches!(
        column,
        Column::Year
            | Column::Month
            | Column::Unit
            | Column::Category
            | Column::Laws
            | Column::Kind
    )
}

/// Whether the sums can answer a reading: whether it asks for what stands in the cells and nothing else.
pub(crate) fn answers(query: &BaseQuery) -> bool {
    let condition = |condition: &Condition| match condition {
        Condition::Any { column, .. } => is_summed(*column),
        Condition::Kinds(_) => true,
    };
    query.placed == Placed::Reported
        && query.part == Part::All
        && query.reported_before.is_none()
        && query.closed_before.is_none()
        && query.answered_before.is_none()
        && query.columns.iter().all(|column| is_summed(*column))
        && query.conditions.iter().all(condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_either_dialect_is_read() {
        let id = "0190a0b0-0000-7000-8000-00000000000a";
        let plain = id.replace('-', "").to_uppercase();
        for unit in [id, plain.as_str()] {
            let text = format!("2025|{unit}|HSL.FAL|HSL,SOL|3|avvikelse||");
            let cell = Cell::parse(&text).unwrap();
            assert_eq!((cell.year, cell.month, cell.unit.0.to_string().as_str()), (2025, 3, id));
            assert_eq!((cell.category, cell.laws), (Some("HSL.FAL"), "HSL,SOL"));
            assert_eq!((cell.kind, cell.subkind, cell.duplicate), ("avvikelse", None, false));
        }
        let cell = Cell::parse("2025|0190a0b0000070008000000000000001|||12|synpunkt|praise|d");
        let cell = cell.unwrap();
        assert_eq!((cell.category, cell.laws, cell.subkind), (None, "", Some("praise")));
        assert!(cell.duplicate);
    }

    #[test]
    fn what_is_no_cell_is_told() {
        let unit = "0190a0b0000070008000000000000001";
        let whole = format!("2025|{unit}||||avvikelse||");
        for text in ["", UNCOUNTED, "2025", &whole, &format!("2025|{unit}|||1|avvikelse||x")] {
            assert!(matches!(Cell::parse(text), Err(Error::Corrupt(_))), "{text}");
        }
        let longer = format!("2025|{unit}|||1|avvikelse|||");
        assert!(matches!(Cell::parse(&longer), Err(Error::Corrupt(_))));
    }
}
