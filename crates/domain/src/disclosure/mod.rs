//! Giving a matter out as a public record (utlämnande av allmän handling): a copy with what is secret masked, each mask
//! with its ground, and the decision. On which ground something is secret whoever decides says in words: no paragraph
//! is printed of itself.

mod find;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, DisclosureId, StaffId};
use crate::record::{Block, Record};

pub use find::{Found, KnownNames, What, in_text, propose};

/// What stands in the place of what is masked: of one length, so that nothing tells how long it was.
pub const MASK: &str = "██████";
/// The longest ground, in characters.
pub const LONGEST_GROUND: usize = 300;
/// The longest motivation, and how to appeal, in characters.
pub const LONGEST_TEXT: usize = 10_000;
/// The most masks of a copy.
pub const MOST_MASKS: usize = 2_000;

/// One term of a copy, with what stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name, such as `filing/2`: the section and its place in it.
    pub field: String,
    /// The term.
    pub label: String,
    /// What stands for it.
    pub text: String,
}

/// A part of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub section: String,
    /// Its heading.
    pub heading: String,
    /// Its terms, in order.
    pub fields: Vec<Field>,
}

/// A copy of a matter, in the order somebody reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// The case's number.
    pub number: String,
    /// The register's number.
    pub diary_number: Option<String>,
    /// The tenant's name.
    pub tenant: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its parts.
    pub parts: Vec<Part>,
}

impl Copy {
    /// The copy of a record, nothing masked yet.
    pub fn of(record: &Record) -> Self {
        let part = |section: &crate::record::Section| {
            let mut fields: Vec<(String, String)> = Vec::new();
            for block in &section.blocks {
                match block {
                    Block::Facts(facts) => fields.extend(facts.iter().cloned()),
                    Block::Part { heading, facts } => {
                        let named = |(term, text): &(String, String)| {
                            (format!("{heading} – {term}"), text.clone())
                        };
                        fields.extend(facts.iter().map(named));
                    }
                    Block::Table { caption, head, rows } => {
                        for (at, row) in rows.iter().enumerate() {
                            let cells = head.iter().zip(row).filter(|(_, text)| !text.is_empty());
                            fields.extend(cells.map(|(head, text)| {
                                (format!("{caption} {} – {head}", at + 1), text.clone())
                            }));
                        }
                    }
                    Block::Note(text) => fields.push((String::new(), (*text).to_owned())),
                }
            }
            let fields = fields.into_iter().enumerate().map(|(at, (label, text))| Field {
                field: format!("{}/{at}", section.id),
                label,
                text,
            });
            Part {
                section: section.id.to_owned(),
                heading: section.heading.to_owned(),
                fields: fields.collect(),
            }
        };
        Self {
            number: record.number.clone(),
            diary_number: record.diary_number.clone(),
            tenant: record.tenant.clone(),
            made_at: record.taken_at,
            parts: record.sections.iter().map(part).collect(),
        }
    }

    fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parts.iter().flat_map(|part| &part.fields)
    }

    /// The copy with everything that `masks` name masked.
    ///
    /// # Errors
    /// A mask of a field that is not there, of a range that is not in it, or without a ground.
    pub fn masked(mut self, masks: &[Mask]) -> Result<Self, Vec<Fault>> {
        let lengths: BTreeMap<&str, usize> =
            self.fields().map(|it| (it.field.as_str(), it.text.chars().count())).collect();
        let mut faults = Vec::new();
        if masks.len() > MOST_MASKS {
            let max = MOST_MASKS as i64;
            faults.push(Fault::at("/masks", Reason::OutOfRange { min: 0, max }));
        }
        for (at, mask) in masks.iter().enumerate() {
            let field = |name: &str| format!("/masks/{at}/{name}");
            if mask.ground.trim().is_empty() {
                faults.push(Fault::at(field("ground"), Reason::Required));
            } else if mask.ground.chars().count() > LONGEST_GROUND {
                faults.push(Fault::at(field("ground"), Reason::TooLong { max: LONGEST_GROUND }));
            }
            match lengths.get(mask.field.as_str()) {
                None => faults.push(Fault::at(field("field"), Reason::NotFound)),
                Some(length) => {
                    if let Some((from, to)) = mask.range
                        && (from >= to || to > *length)
                    {
                        let max = i64::try_from(*length).unwrap_or(i64::MAX);
                        faults.push(Fault::at(field("to"), Reason::OutOfRange { min: 1, max }));
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        for field in self.parts.iter_mut().flat_map(|part| &mut part.fields) {
            let of_field: Vec<_> = masks.iter().filter(|mask| mask.field == field.field).collect();
            if !of_field.is_empty() {
                field.text = masked(&field.text, &of_field);
            }
        }
        Ok(self)
    }
}

/// A text without what some masks cover; what overlaps, or touches, is one.
fn masked(text: &str, masks: &[&Mask]) -> String {
    let covered = |at: usize| {
        masks.iter().any(|mask| mask.range.is_none_or(|(from, to)| (from..to).contains(&at)))
    };
    let mut shown = String::new();
    let mut inside = false;
    for (at, char) in text.chars().enumerate() {
        match (covered(at), inside) {
            (true, false) => shown.push_str(MASK),
            (true, true) => {}
            (false, _) => shown.push(char),
        }
        inside = covered(at);
    }
    shown
}

/// What is masked, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// Which field.
    pub field: String,
    /// From which character, counted from 0, to before which; `None` is all of it.
    pub range: Option<(usize, usize)>,
    /// On which ground it is secret, in the words of whoever decides.
    pub ground: String,
    /// What was found there, where the mask was proposed.
    pub found: Option<What>,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// All of it is given out.
    Given,
    /// It is given out, with parts masked.
    Partly,
    /// It is not given out.
    Refused,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Decision; 3] = [Decision::Given, Decision::Partly, Decision::Refused];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Decision::Given => "given",
            Decision::Partly => "partly",
            Decision::Refused => "refused",
        }
    }
}

impl std::str::FromStr for Decision {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Decision::ALL.into_iter().find(|decision| decision.code() == code).ok_or(())
    }
}

/// A matter that was asked for, and what was decided. Never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// The case.
    pub case: CaseId,
    /// The version it had.
    pub case_version: i64,
    /// What was decided.
    pub decision: Decision,
    /// The day somebody asked for it. Who is not asked for, and stands nowhere.
    pub asked_on: Date,
    /// The number of the matter in which it was decided.
    pub reference: Option<String>,
    /// Why not all of it.
    pub motivation: Option<String>,
    /// How the decision is appealed.
    pub appeal: Option<String>,
    /// The copy as it was given out: an exact text.
    pub content: Option<String>,
    /// Its SHA-256.
    pub sha256: Option<Vec<u8>>,
    /// What was masked, and why.
    pub masks: Vec<Mask>,
    /// Who decided.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// What is wrong with a decision, whatever it is about.
pub fn faults(
    decision: Decision,
    masks: &[Mask],
    (motivation, appeal): (Option<&str>, Option<&str>),
    (asked_on, today): (Date, Date),
) -> Vec<Fault> {
    let mut faults = Vec::new();
    if asked_on > today {
        faults.push(Fault::at("/asked_on", Reason::inconsistent("day_has_not_come")));
    }
    for (text, field) in [(motivation, "/motivation"), (appeal, "/appeal")] {
        let blank = text.is_none_or(|text| text.trim().is_empty());
        if blank && decision != Decision::Given {
            faults.push(Fault::at(field, Reason::Required));
        } else if text.is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
            faults.push(Fault::at(field, Reason::TooLong { max: LONGEST_TEXT }));
        }
    }
    match (decision, masks.is_empty()) {
        (Decision::Given, false) => {
            faults.push(Fault::at("/decision", Reason::inconsistent("masked_is_partly")));
        }
        (Decision::Partly, true) => faults.push(Fault::at("/masks", Reason::Required)),
        (Decision::Given | Decision::Refused, _) | (Decision::Partly, false) => {}
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(text: &str) -> Copy {
        let field =
            Field { field: "filing/0".into(), label: "Beskrivning".into(), text: text.into() };
        Copy {
            number: "AVV-2026-7K3Q9D2F".into(),
            diary_number: None,
            tenant: "Testnämnden".into(),
            made_at: Timestamp::UNIX_EPOCH,
            parts: vec![Part {
                section: "filing".into(),
                heading: "Anmälan".into(),
                fields: vec![field],
            }],
        }
    }

    fn mask(range: Option<(usize, usize)>) -> Mask {
        let ground = "Enskilds personliga förhållanden".to_owned();
        Mask { field: "filing/0".into(), range, ground, found: None }
    }

    fn shown(masks: &[Mask]) -> String {
        copy("Åke föll i trappan").masked(masks).unwrap().parts[0].fields[0].text.clone()
    }

    #[test]
    fn a_mask_tells_nothing_of_what_is_behind_it() {
        assert_eq!(shown(&[mask(Some((0, 3)))]), format!("{MASK} föll i trappan"));
        assert_eq!(shown(&[mask(None)]), MASK);
        // What overlaps, or touches, is one mask.
        let masks = [mask(Some((0, 3))), mask(Some((2, 6))), mask(Some((6, 8)))];
        assert_eq!(shown(&masks), format!("{MASK} i trappan"));
        assert_eq!(shown(&[]), "Åke föll i trappan");
    }

    #[test]
    fn a_mask_has_a_place_and_a_ground() {
        let wrong = [
            Mask { ground: " ".into(), ..mask(None) },
            Mask { field: "filing/9".into(), ..mask(None) },
            mask(Some((3, 3))),
            mask(Some((0, 19))),
        ];
        let faults = copy("Åke föll i trappan").masked(&wrong).unwrap_err();
        let told: Vec<_> =
            faults.iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect();
        assert_eq!(
            told,
            [
                "/masks/0/ground required",
                "/masks/1/field not_found",
                "/masks/2/to out_of_range",
                "/masks/3/to out_of_range",
            ]
        );
    }

    #[test]
    fn what_is_not_given_whole_is_motivated_and_can_be_appealed() {
        let day = jiff::civil::date(2026, 3, 1);
        let told = |decision, masks: &[Mask], motivation| -> Vec<String> {
            let found = faults(decision, masks, (motivation, motivation), (day, day));
            found.iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect()
        };
        assert_eq!(told(Decision::Given, &[], None), [""; 0]);
        assert_eq!(told(Decision::Given, &[mask(None)], None), ["/decision masked_is_partly"]);
        let both = ["/motivation required", "/appeal required"];
        assert_eq!(told(Decision::Refused, &[], None), both);
        assert_eq!(told(Decision::Partly, &[], Some("x")), ["/masks required"]);
        assert_eq!(told(Decision::Partly, &[mask(None)], Some("x")), [""; 0]);
    }
}
