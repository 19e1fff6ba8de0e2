//! A whole matter, laid out for the municipality's diary: in Swedish, in the order somebody reads it,
//! with every code in words. What it is printed or packed as is the report's.

mod history;
mod matter;
pub mod opinion;

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::calendar::format_local;
use crate::case::attachment::Attachment;
use crate::case::{Case, FieldChange};
use crate::code_lists::CodeLists;
use crate::ids::{CaseId, StaffId};
use crate::organisation::UnitTree;

/// A part of a record, under its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its place on the page: lower-case ASCII.
    pub id: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// Something that stands in a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Terms, each with what stands for it.
    Facts(Vec<(String, String)>),
    /// A part of its own, with its heading.
    Part {
        /// Its heading.
        heading: String,
        /// Terms, each with what stands for it.
        facts: Vec<(String, String)>,
    },
    /// Rows under headings.
    Table {
        /// What it shows.
        caption: &'static str,
        /// The headings.
        head: Vec<&'static str>,
        /// The rows, each as long as the headings.
        rows: Vec<Vec<String>>,
    },
    /// A sentence.
    Note(&'static str),
}

/// One step of the history, as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The version it made.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for an import, and for a sender.
    pub by: Option<StaffId>,
    /// The command's code.
    pub command: String,
    /// The status after.
    pub to: String,
    /// What changed.
    pub changes: Vec<FieldChange>,
    /// Why.
    pub reason: Option<String>,
}

/// Somebody in the clear, or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Named {
    /// Nobody is named.
    #[default]
    Nobody,
    /// In the clear, term by term.
    Clear(Vec<(String, String)>),
    /// Somebody is, and not to whoever reads.
    Hidden,
}

/// What a case does not say itself.
pub struct Known<'a> {
    /// The tenant's name.
    pub tenant: &'a str,
    /// Its units.
    pub units: &'a UnitTree,
    /// The code lists.
    pub codes: &'a CodeLists,
    /// The names of staff.
    pub name: &'a dyn Fn(StaffId) -> String,
    /// The numbers of the cases it is linked to, as far as they may be read.
    pub number: &'a dyn Fn(CaseId) -> Option<String>,
    /// Who it is about.
    pub subject: Named,
    /// The data of whom it is about, or of who left it, are protected.
    pub protected: bool,
    /// Its history, oldest first.
    pub history: &'a [Step],
    /// Its files, oldest first.
    pub attachments: &'a [Attachment],
}

/// A whole matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The case's number.
    pub number: String,
    /// The register's number.
    pub diary_number: Option<String>,
    /// The tenant's name.
    pub tenant: String,
    /// When it was taken out.
    pub taken_at: Timestamp,
    /// By whom.
    pub taken_by: String,
    /// Someone in it has protected data.
    pub protected: bool,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

impl Record {
    /// The matter of a case as it stands; `more` is what hangs on it besides, put before the
    /// investigation.
    pub fn of(
        case: &Case,
        known: &Known<'_>,
        more: Vec<Section>,
        by: StaffId,
        now: Timestamp,
    ) -> Self {
        let writer = Writer { case, known };
        let mut sections = vec![writer.matter(), writer.filing(), writer.people()];
        sections.extend(more);
        sections.extend([
            writer.assessment(),
            writer.investigation(),
            writer.measures(),
            writer.feedback(),
            writer.ending(),
            writer.links(),
            writer.attachments(),
            writer.history(),
        ]);
        sections.retain(|section| !section.blocks.is_empty());
        Self {
            number: case.number.to_string(),
            diary_number: case.registered_as().map(str::to_owned),
            tenant: known.tenant.to_owned(),
            taken_at: now,
            taken_by: (known.name)(by),
            protected: known.protected,
            sections,
        }
    }
}

/// Terms with what stands for them, without those for which nothing does.
#[derive(Debug, Default)]
pub struct Facts(Vec<(String, String)>);

impl Facts {
    /// Adds a term.
    pub fn put(&mut self, term: &str, text: impl Into<String>) -> &mut Self {
        let text = text.into();
        if !text.trim().is_empty() {
            self.0.push((term.to_owned(), text));
        }
        self
    }

    /// Adds a term, where there is anything.
    pub fn put_if(&mut self, term: &str, text: Option<impl Into<String>>) -> &mut Self {
        if let Some(text) = text {
            self.put(term, text);
        }
        self
    }

    /// Adds a time.
    pub fn time(&mut self, term: &str, at: Option<Timestamp>) -> &mut Self {
        self.put_if(term, at.map(format_local))
    }

    /// Adds yes or no.
    pub fn flag(&mut self, term: &str, flag: Option<bool>) -> &mut Self {
        self.put_if(term, flag.map(|flag| if flag { "Ja" } else { "Nej" }))
    }

    /// What was put.
    pub fn into_vec(self) -> Vec<(String, String)> {
        self.0
    }

    /// As a block; none where nothing was put.
    pub fn into_block(self) -> Option<Block> {
        (!self.0.is_empty()).then_some(Block::Facts(self.0))
    }

    /// As a part of its own; none where nothing was put.
    pub fn into_part(self, heading: impl Into<String>) -> Option<Block> {
        (!self.0.is_empty()).then(|| Block::Part { heading: heading.into(), facts: self.0 })
    }
}

/// Writes the sections of a case.
struct Writer<'a> {
    case: &'a Case,
    known: &'a Known<'a>,
}

impl Writer<'_> {
    /// A code in Swedish; the code itself where nobody knows it.
    fn word(&self, list: &str, code: &str) -> String {
        self.known.codes.get(list, code).map_or_else(|| code.to_owned(), |it| it.sv.clone())
    }

    fn words(&self, list: &str, codes: &[String]) -> String {
        codes.iter().map(|code| self.word(list, code)).collect::<Vec<_>>().join(", ")
    }

    fn unit(&self, id: crate::ids::UnitId) -> String {
        self.known.units.get(id).map(|unit| unit.name.clone()).unwrap_or_default()
    }

    fn who(&self, id: Option<StaffId>) -> String {
        id.map(self.known.name).unwrap_or_default()
    }
}

/// SHA-256 as hexadecimal digits.
pub fn hex(digest: &[u8]) -> String {
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
