//! Which cells of two versions of a report differ, and which sections say something else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{FirstPart, SectionId, Yearly};
use crate::table::{Cell, Label, Table};

/// A cell that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table's name.
    pub table: String,
    /// The keys of the row; `None` for the total.
    pub row: Option<Vec<Label>>,
    /// The column's name.
    pub column: String,
    /// What stood there; `None` where there was no such cell.
    pub before: Option<Cell>,
    /// What stands there now; `None` where there is no such cell any more.
    pub after: Option<Cell>,
}

/// What two versions of a report differ by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The cells, in the order of the newer report; those that are gone last in their table.
    pub cells: Vec<Difference>,
    /// The sections whose words differ: text, paragraphs, goals or what is noted of tables.
    pub sections: Vec<SectionId>,
    /// The two were made by different definitions: a cell that differs may be counted otherwise.
    pub redefined: bool,
}

impl Differences {
    /// Whether the two say the same.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.sections.is_empty() && !self.redefined
    }
}

/// A row's codes, or none for the total; a column's name.
type Place<'a> = (Option<Vec<Option<&'a str>>>, &'a str);

/// Every cell by its place, in the order of the table, the total last.
fn cells(table: &Table) -> Vec<(Place<'_>, Option<&[Label]>, &Cell)> {
    let mut found = Vec::new();
    for row in &table.rows {
        let codes: Vec<_> = row.keys.iter().map(|key| key.code.as_deref()).collect();
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            let place = (Some(codes.clone()), column.id.as_str());
            found.push((place, Some(row.keys.as_slice()), cell));
        }
    }
    for (column, cell) in table.columns.iter().zip(table.total.iter().flatten()) {
        found.push(((None, column.id.as_str()), None, cell));
    }
    found
}

fn differ_in(id: &str, before: Option<&Table>, after: Option<&Table>, found: &mut Vec<Difference>) {
    let old = before.map(cells).unwrap_or_default();
    let new = after.map(cells).unwrap_or_default();
    let mut stood: BTreeMap<_, _> =
        old.iter().map(|(place, _, cell)| (place.clone(), *cell)).collect();
    let mut note = |keys: Option<&[Label]>, column: &str, was: Option<&Cell>, is: Option<&Cell>| {
        found.push(Difference {
            table: id.to_owned(),
            row: keys.map(<[Label]>::to_vec),
            column: column.to_owned(),
            before: was.cloned(),
            after: is.cloned(),
        });
    };
    for (place, keys, cell) in &new {
        let was = stood.remove(place);
        if was != Some(*cell) {
            note(*keys, place.1, was, Some(cell));
        }
    }
    for (place, keys, cell) in &old {
        if stood.contains_key(place) {
            note(*keys, place.1, Some(cell), None);
        }
    }
}

/// What `after` says otherwise than `before`. When figures were read, and up to which day, is no
/// difference by itself.
pub fn differ(before: &Yearly, after: &Yearly) -> Differences {
    let mut found = Vec::new();
    for table in after.tables() {
        differ_in(&table.id, before.table(&table.id), Some(table), &mut found);
    }
    for table in before.tables().filter(|table| after.table(&table.id).is_none()) {
        differ_in(&table.id, Some(table), None, &mut found);
    }
    let same_words = |section: &SectionId| {
        let of = |report: &Yearly| report.sections.iter().find(|it| it.id == *section).map(words);
        of(before) == of(after)
    };
    let differs = |id: &SectionId| {
        !same_words(id) || (*id == SectionId::Summary && !same_page(before, after))
    };
    let sections = SectionId::ALL.iter().copied().filter(differs).collect();
    Differences { cells: found, sections, redefined: before.definitions != after.definitions }
}

/// Whether what was decided last time, and why years may differ, say the same: both stand before the
/// sections, and are told as the summary's.
fn same_page(before: &Yearly, after: &Yearly) -> bool {
    let decided = |report: &Yearly| -> Vec<String> {
        let pages = report.first_page.iter().filter(|page| page.part == FirstPart::Decided);
        pages.flat_map(|page| page.lines.clone()).collect()
    };
    decided(before) == decided(after) && before.breaks == after.breaks
}

/// What a section says besides its figures, and the sentences made of them.
fn words(section: &super::Section) -> super::Section {
    let mut section = section.clone();
    section.sentences.clear();
    for table in &mut section.tables {
        table.rows.clear();
        table.columns.clear();
        table.total = None;
        table.chart = None;
        table.as_of = Date::constant(2000, 1, 1);
        // Definitions name the day up to which they hold.
        table.definition.clear();
        table.notes.clear();
        table.title.clear();
    }
    let anonymous = |written: &mut super::Written| written.at = Timestamp::UNIX_EPOCH;
    section.text.iter_mut().for_each(anonymous);
    section.paragraphs.iter_mut().filter_map(|it| it.written.as_mut()).for_each(anonymous);
    section
}

#[cfg(test)]
mod tests {
    use super::super::samples::{counted, yearly};
    use super::*;

    #[test]
    fn a_cell_is_named_by_table_row_and_column_with_both_values() {
        let before = yearly(vec![counted("falls", &[("gran", 3), ("tall", 4)])]);
        let after = yearly(vec![counted("falls", &[("gran", 5), ("alm", 4)])]);
        let found = differ(&before, &after);
        let told = found.cells.iter().map(|it| {
            let row = it.row.as_ref().map(|keys| keys[0].text.as_str());
            (row, it.column.as_str(), it.before.clone(), it.after.clone())
        });
        let count = |count| Some(Cell::Count(count));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (Some("gran"), "count", count(3), count(5)),
                (Some("alm"), "count", None, count(4)),
                (None, "count", count(7), count(9)),
                (Some("tall"), "count", count(4), None),
            ]
        );
        assert!(found.sections.is_empty() && !found.redefined);
        assert!(differ(&after, &after).is_empty());
    }

    #[test]
    fn a_table_that_came_or_went_differs_in_every_cell_and_words_by_section() {
        let none = yearly(Vec::new());
        let mut some = yearly(vec![counted("falls", &[("gran", 3)])]);
        assert_eq!(differ(&none, &some).cells.len(), 2);
        assert_eq!(differ(&some, &none).cells.len(), 2);
        let same = some.clone();
        some.read_at = Timestamp::UNIX_EPOCH;
        assert!(differ(&same, &some).is_empty());
        some.sections[1].text = Some(super::super::Written {
            text: "Mål".into(),
            by: "Anna".into(),
            at: Timestamp::UNIX_EPOCH,
        });
        assert_eq!(differ(&same, &some).sections, [some.sections[1].id]);
        some.definitions += 1;
        assert!(differ(&same, &some).redefined);
    }
}
