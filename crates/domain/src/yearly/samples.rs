//! Reports made by hand, for tests.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{About, DEFINITIONS, Section, SectionId, Yearly};
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Row, Table};

/// A column of counts, without limits.
pub(crate) fn column(id: &str, holds: Holds) -> Column {
    Column {
        id: id.into(),
        title: id.into(),
        holds,
        adds: holds == Holds::Count,
        set: "deviations".into(),
        year: None,
        limits: Vec::new(),
        from: Vec::new(),
    }
}

/// A table of counts by unit that adds up.
pub(crate) fn counted(id: &str, rows: &[(&str, u64)]) -> Table {
    let row = |(name, count): &(&str, u64)| Row {
        keys: vec![Label { code: Some((*name).into()), text: (*name).into() }],
        cells: vec![Cell::Count(*count)],
    };
    Table {
        id: id.into(),
        title: id.into(),
        counts: Counted::Deviations,
        definition: String::new(),
        as_of: Date::constant(2025, 12, 31),
        asked_for: false,
        heads: vec![Head { id: "unit".into(), title: "Enhet".into() }],
        columns: vec![column("count", Holds::Count)],
        rows: rows.iter().map(row).collect(),
        total: Some(vec![Cell::Count(rows.iter().map(|(_, count)| count).sum())]),
        chart: None,
        notes: Vec::new(),
    }
}

/// A report with these tables in its first section.
pub(crate) fn yearly(tables: Vec<Table>) -> Yearly {
    let mut tables = Some(tables);
    let section = |id: &SectionId| Section {
        id: *id,
        sentences: Vec::new(),
        tables: tables.take().unwrap_or_default(),
        text: None,
        paragraphs: Vec::new(),
        goals: Vec::new(),
    };
    let sections = SectionId::ALL.iter().map(section).collect();
    Yearly {
        tenant: "Provby".into(),
        about: About::Whole,
        year: 2025,
        read_at: Timestamp::UNIX_EPOCH,
        as_of: Date::constant(2025, 12, 31),
        definitions: DEFINITIONS,
        beside: vec![2024],
        breaks: Vec::new(),
        first_page: Vec::new(),
        sections,
    }
}
