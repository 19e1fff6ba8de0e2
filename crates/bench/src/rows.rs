//! The rows that one filing writes, as plain INSERTs of the same rows.
//!
//! Two filings of the same report are compared column by column. What is the same in both, or need
//! not be unique, is copied; ids and what a unique index guards is made anew for each copy. So
//! nothing here knows what a filing consists of: when the service writes other rows, the bare
//! database is measured with those.

use crate::failure::{Failure, Result};

/// A column, as the catalogue names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
}

/// A table that a filing writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The columns of each unique index, the primary key among them.
    pub unique: Vec<Vec<String>>,
    /// The tables its foreign keys point to.
    pub references: Vec<String>,
}

/// A row of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<V> {
    /// Of which table.
    pub table: Table,
    /// The values in the order of its columns.
    pub values: Vec<V>,
}

/// A value as either database hands it out.
pub trait Cell: Clone + PartialEq {
    /// Whether it is NULL.
    fn is_null(&self) -> bool;
    /// The id, if it is one.
    fn id(&self, column: &Column) -> Option<String>;
    /// The text, if it is one.
    fn text(&self, column: &Column) -> Option<&str>;
}

/// What stands in a column of a copy.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<V> {
    /// What the service wrote.
    Same(V),
    /// An id of the copy's own; the same number is the same id wherever it stands.
    Id(usize),
    /// A text of the copy's own: this beginning, and so many signs more.
    Text(String, usize),
}

/// One INSERT of a copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Insert<V> {
    /// Into which table.
    pub table: Table,
    /// What, in the order of its columns.
    pub parts: Vec<Part<V>>,
}

/// The INSERTs that copy a filing, each table after those it refers to.
///
/// # Errors
/// When the two filings did not write rows of the same tables, or when a unique index would refuse
/// the second copy.
pub fn inserts<V: Cell>(first: Vec<Row<V>>, second: &[Row<V>]) -> Result<Vec<Insert<V>>> {
    let names = |rows: &[Row<V>]| {
        rows.iter().map(|row| row.table.name.clone()).collect::<Vec<_>>().join(", ")
    };
    if first.is_empty() || names(&first) != names(second) {
        return Err(Failure::new(format!(
            "two filings should write the same rows, but wrote to: {}; and to: {}",
            names(&first),
            names(second)
        )));
    }
    let mut ids = Vec::new();
    let mut inserts = Vec::new();
    for (row, other) in first.into_iter().zip(second) {
        let parts = row
            .values
            .iter()
            .zip(&other.values)
            .zip(&row.table.columns)
            .map(|((value, other), column)| part(value, other, column, &row.table, &mut ids))
            .collect::<Vec<_>>();
        let named = |name: &String| row.table.columns.iter().position(|it| it.name == *name);
        let own = |name: &String| {
            named(name).is_some_and(|at| !matches!(parts.get(at), Some(Part::Same(_)) | None))
        };
        let nothing =
            |name: &String| named(name).and_then(|at| row.values.get(at)).is_some_and(V::is_null);
        // NULL is never the same as NULL to a unique index.
        let held = |key: &&Vec<String>| !key.iter().any(own) && !key.iter().any(nothing);
        if let Some(key) = row.table.unique.iter().find(held) {
            return Err(Failure::new(format!(
                "{} ({}) must be unique, and two filings had the same or nothing to make new",
                row.table.name,
                key.join(", ")
            )));
        }
        inserts.push(Insert { table: row.table, parts });
    }
    Ok(in_order(inserts, |insert| &insert.table))
}

fn part<V: Cell>(
    value: &V,
    other: &V,
    column: &Column,
    table: &Table,
    ids: &mut Vec<String>,
) -> Part<V> {
    if value == other {
        return Part::Same(value.clone());
    }
    if let (Some(id), Some(_)) = (value.id(column), other.id(column)) {
        let known = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
            ids.push(id);
            ids.len() - 1
        });
        return Part::Id(known);
    }
    let unique = table.unique.iter().flatten().any(|name| *name == column.name);
    match (value.text(column), other.text(column)) {
        (Some(one), Some(other)) if unique => {
            let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
            Part::Text(one.chars().take(same).collect(), one.chars().skip(same).count())
        }
        _ => Part::Same(value.clone()),
    }
}

/// Each after those it refers to; in the order they came where that does not matter.
pub fn in_order<T>(mut waiting: Vec<T>, table: impl Fn(&T) -> &Table) -> Vec<T> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|one| {
            let one = table(one);
            !waiting.iter().any(|other| {
                let other = table(other);
                other.name != one.name && one.references.contains(&other.name)
            })
        });
        // Tables that refer to each other in a ring have no order.
        ordered.push(waiting.remove(free.unwrap_or(0)));
    }
    ordered
}

/// The number of a copy within all copies of a run, and what is made of it.
pub mod unique {
    /// The first half of an id: twelve hexadecimal digits that grow with the copies, as those of
    /// the service grow with time.
    pub const ID_FIRST: u64 = 0x1000_0000_0000;
    /// What stands between: version and variant of a UUIDv7.
    pub const ID_MIDDLE: &str = "70008000";
    /// The last half of an id: twelve digits, of client and place.
    pub const ID_LAST: u64 = 0x8000_0000_0000;
    /// How many ids a copy may have.
    pub const PLACES: u64 = 64;
    /// How many clients there may be.
    pub const CLIENTS: u64 = 256;
    /// The beginning of a unique text before it is turned round: eleven hexadecimal digits.
    pub const TEXT_FIRST: u64 = 0x100_0000_0000;
    /// How many digits that makes.
    pub const TEXT_DIGITS: usize = 11;

    /// The 32 digits of an id of copy `n`.
    pub fn id(n: u64, client: u64, place: usize) -> String {
        let place = u64::try_from(place).unwrap_or(0);
        format!("{:x}{ID_MIDDLE}{:x}", ID_FIRST + n, ID_LAST + client * PLACES + place)
    }

    /// A unique text of copy `n`. Turned round, so that they fall all over an index, as the numbers
    /// that the service draws do.
    pub fn text(n: u64, client: u64, beginning: &str, more: usize) -> String {
        let digits = format!("{:x}", TEXT_FIRST + n * CLIENTS + client);
        let turned: String = digits.chars().rev().collect();
        format!("{beginning}{turned}{}", "0".repeat(more.saturating_sub(TEXT_DIGITS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cell for Option<&'static str> {
        fn is_null(&self) -> bool {
            self.is_none()
        }

        fn id(&self, column: &Column) -> Option<String> {
            (column.kind == "uuid").then(|| (*self).unwrap_or_default().to_owned())
        }

        fn text(&self, column: &Column) -> Option<&str> {
            if column.kind == "text" { *self } else { None }
        }
    }

    fn table(name: &str, columns: &[(&str, &str)], unique: &[&str], references: &[&str]) -> Table {
        let owned = |text: &&str| (*text).to_owned();
        Table {
            name: name.to_owned(),
            columns: columns
                .iter()
                .map(|(name, kind)| Column { name: owned(name), kind: owned(kind) })
                .collect(),
            unique: unique.iter().map(|key| key.split(' ').map(str::to_owned).collect()).collect(),
            references: references.iter().map(owned).collect(),
        }
    }

    fn cases() -> Table {
        let columns = [("tenant", "uuid"), ("id", "uuid"), ("number", "text"), ("other", "text")];
        table("cases", &columns, &["tenant id", "tenant number", "tenant other"], &["units"])
    }

    fn history() -> Table {
        let columns = [("tenant", "uuid"), ("id", "uuid"), ("at", "time"), ("note", "text")];
        table("history", &columns, &["tenant id"], &["cases"])
    }

    type Rows = Vec<Row<Option<&'static str>>>;

    fn filing(id: &'static str, number: &'static str, at: &'static str) -> Rows {
        vec![
            Row { table: history(), values: vec![Some("t"), Some(id), Some(at), Some(number)] },
            Row { table: cases(), values: vec![Some("t"), Some(id), Some(number), None] },
        ]
    }

    #[test]
    fn only_what_must_be_unique_is_made_anew() {
        let first = filing("a", "AVV-2026-1234", "09:00");
        let inserts = inserts(first, &filing("b", "AVV-2026-9876", "09:01")).unwrap();
        // The case comes first, since its history refers to it.
        let [case, history] = inserts.as_slice() else { panic!("{inserts:?}") };
        assert_eq!(case.table.name, "cases");
        let number = Part::Text("AVV-2026-".to_owned(), 4);
        assert_eq!(case.parts, [Part::Same(Some("t")), Part::Id(0), number, Part::Same(None)]);
        assert_eq!(
            history.parts,
            [
                Part::Same(Some("t")),
                Part::Id(0),
                Part::Same(Some("09:00")),
                Part::Same(Some("AVV-2026-1234"))
            ]
        );
    }

    #[test]
    fn filings_that_differ_in_their_tables_are_refused() {
        let mut second = filing("b", "AVV-2", "09:01");
        second.pop();
        let refused = inserts(filing("a", "AVV-1", "09:00"), &second).unwrap_err().to_string();
        assert!(refused.contains("history, cases"), "{refused}");
        assert!(inserts(Vec::<Row<Option<&str>>>::new(), &[]).is_err());
    }

    #[test]
    fn a_copy_that_an_index_would_refuse_is_seen() {
        let refused = inserts(filing("a", "AVV-1", "9"), &filing("b", "AVV-1", "9")).unwrap_err();
        assert!(refused.to_string().starts_with("cases (tenant, number)"), "{refused}");
    }

    #[test]
    fn no_two_copies_have_the_same_id_or_text() {
        let mut seen = std::collections::BTreeSet::new();
        for (n, client) in [(0, 0), (0, 1), (1, 0), (1, 63), (50_000_000, 255)] {
            for place in [0, 1, 63] {
                let id = unique::id(n, client, place);
                assert_eq!(id.len(), 32);
                assert!(seen.insert(id));
            }
            let text = unique::text(n, client, "AVV-", 8);
            assert_eq!(text.len(), 4 + unique::TEXT_DIGITS);
            assert!(seen.insert(text));
            assert_eq!(unique::text(n, client, "", 32).len(), 32);
        }
        // They grow with the copies, as ids made of time do.
        assert!(unique::id(1, 63, 5) < unique::id(2, 0, 0));
    }
}
