//! The numbers that tables, diagrams and headings have, the same in every format.

use domain::yearly::{Chapter, Section, Yearly};

use super::words;

/// A chapter with its number and its sections.
pub(crate) struct Part<'a> {
    /// From 1.
    pub(crate) number: usize,
    /// Which.
    pub(crate) chapter: Chapter,
    /// Its sections.
    pub(crate) sections: Vec<Numbered<'a>>,
}

/// A section with the number of its first table.
pub(crate) struct Numbered<'a> {
    /// As `2.3`.
    pub(crate) number: String,
    /// The section.
    pub(crate) section: &'a Section,
    /// The number of its first table in the report, from 1.
    pub(crate) first_table: usize,
}

/// The report's chapters, with numbers.
pub(crate) fn outline(report: &Yearly) -> Vec<Part<'_>> {
    let mut tables = 1;
    let mut parts = Vec::new();
    for (at, (chapter, sections)) in words::chapters(report).into_iter().enumerate() {
        let number = at + 1;
        let mut numbered = Vec::new();
        for (at, section) in sections.into_iter().enumerate() {
            let first_table = tables;
            tables += section.tables.len();
            numbered.push(Numbered {
                number: format!("{number}.{}", at + 1),
                section,
                first_table,
            });
        }
        parts.push(Part { number, chapter, sections: numbered });
    }
    parts
}
