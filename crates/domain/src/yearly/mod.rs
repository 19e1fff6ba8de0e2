//! The report of a year: sections under the national template's headings, each with tables, sentences
//! that say the figures in words, and the author's own text.
//!
//! What is gathered becomes a [`Yearly`]; freezing keeps it as it is, publishing keeps back what would
//! point at a person, printing is the report's. Figures stand in tables alone: a sentence is made from
//! them and never the other way.

pub mod breaks;
pub mod build;
mod canonical;
pub mod confirm;
pub mod differ;
pub mod first_page;
mod heading;
pub mod own;
pub mod publication;
#[cfg(test)]
pub(crate) mod samples;
pub mod sentences;
pub mod shared;
pub mod sources;
pub mod state;
pub mod suppression;
pub mod text;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use canonical::{NotCanonical, canonical};
pub use heading::{Chapter, SectionId};

use crate::table::{Flaw, Table};

/// Which definitions the figures were made by. Another number means that figures of the two cannot be
/// compared cell by cell.
pub const DEFINITIONS: u16 = 2;

/// What of the tenant a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// All of it.
    Whole,
    /// An area and the areas below it.
    Area {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
    },
    /// A unit and the units below it.
    Unit {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
}

/// Why figures of different years may differ for another reason than what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The first year that is counted the new way, be it in part.
    pub year: i16,
    /// The first month of it that is, where the tenant has named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u8>,
    /// In a sentence, in Swedish.
    pub why: String,
}

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The words.
    pub text: String,
    /// The name of who wrote it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A unit's own paragraph in a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// The unit's name.
    pub unit: String,
    /// What its manager wrote; `None` while it was asked for and not given.
    pub written: Option<Written>,
}

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Its name: stable from year to year.
    pub id: String,
    /// The year it is for.
    pub year: i16,
    /// The words.
    pub text: String,
    /// How it went; `None` until somebody said.
    pub answer: Option<GoalAnswer>,
}

/// How it went with a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalAnswer {
    /// Whether it was reached.
    pub reached: Reached,
    /// In words.
    pub text: String,
}

/// Whether a goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// It was.
    Yes,
    /// In part.
    Partly,
    /// It was not.
    No,
    /// Nobody followed it up: the words say why.
    NotFollowedUp,
}

/// A part of the report under a heading of the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Which.
    pub id: SectionId,
    /// The figures in words, made from the tables.
    pub sentences: Vec<String>,
    /// The figures.
    pub tables: Vec<Table>,
    /// The author's own text.
    pub text: Option<Written>,
    /// What the units wrote.
    pub paragraphs: Vec<Paragraph>,
    /// The goals that belong here: last year's, to be answered, and those for the coming year.
    pub goals: Vec<Goal>,
}

/// The report of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Yearly {
    /// The name of the tenant.
    pub tenant: String,
    /// What of it.
    pub about: About,
    /// The year.
    pub year: i16,
    /// When the figures were read: what happened later is not in them.
    pub read_at: Timestamp,
    /// The last day that is known to figures of open and closed.
    pub as_of: Date,
    /// Which definitions it was made by: see [`DEFINITIONS`].
    pub definitions: u16,
    /// Earlier years that stand beside it, latest first.
    pub beside: Vec<i16>,
    /// Why years may differ.
    pub breaks: Vec<Break>,
    /// The first page, for the nämnd: what got better, what did not, what was decided last time and whether
    /// it happened.
    pub first_page: Vec<FirstPage>,
    /// The sections, in the template's order; none is left out, an empty one says so.
    pub sections: Vec<Section>,
}

/// A heading of the first page with what stands below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPage {
    /// Which.
    pub part: FirstPart,
    /// A sentence each.
    pub lines: Vec<String>,
}

/// What the first page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstPart {
    /// What got better.
    Better,
    /// What did not.
    NotBetter,
    /// What was decided last time, and whether it happened.
    Decided,
}

impl FirstPart {
    /// As it stands above.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Better => "Det här blev bättre",
            Self::NotBetter => "Det här blev inte bättre",
            Self::Decided => "Det här bestämdes förra året",
        }
    }
}

impl Yearly {
    /// Every table, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|section| &section.tables)
    }

    /// Whether the year was not over when the figures were read: nothing compares a part with a whole.
    pub fn running(&self) -> bool {
        self.as_of.year() <= self.year && self.as_of < jiff::civil::date(self.year, 12, 31)
    }

    /// A table by its name.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables().find(|table| table.id == id)
    }

    /// Everything that does not fit or does not add up.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut found: Vec<Flaw> = self.tables().flat_map(Table::flaws).collect();
        let ids: Vec<&str> = self.tables().map(|table| table.id.as_str()).collect();
        for (at, id) in ids.iter().enumerate() {
            if ids[..at].contains(id) {
                let what = "two tables have one name".to_owned();
                found.push(Flaw { table: (*id).to_owned(), column: None, what });
            }
        }
        found
    }
}
