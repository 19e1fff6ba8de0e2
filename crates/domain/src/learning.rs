//! What was learnt (lärkort): half a page from one or several cases, without persons or unit, that
//! somebody else than its author approved.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code_lists::{CodeLists, within};
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, LearningCardId, StaffId, UnitId};
use crate::organisation::{Staff, UnitTree};

/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 120;
/// The longest text, in characters: half a page.
pub const LONGEST_TEXT: usize = 2000;
/// From how many cases at most.
pub const MOST_CASES: usize = 50;
/// How many cards are shown at a filing.
pub const SHOWN_AT_FILING: usize = 3;

/// The code lists a category may come from.
pub const CATEGORY_LISTS: [&str; 2] = ["category", "complaint"];

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardStatus {
    /// Being written: for its author and those who approve.
    Draft,
    /// For all staff, and shown at filing.
    Approved,
    /// Holds no longer.
    Withdrawn,
}

impl CardStatus {
    /// Every status.
    pub const ALL: [CardStatus; 3] =
        [CardStatus::Draft, CardStatus::Approved, CardStatus::Withdrawn];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            CardStatus::Draft => "draft",
            CardStatus::Approved => "approved",
            CardStatus::Withdrawn => "withdrawn",
        }
    }
}

impl std::str::FromStr for CardStatus {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        CardStatus::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

/// What somebody writes on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardContent {
    /// In a line.
    pub title: String,
    /// On half a page.
    pub text: String,
    /// What it is about: a code of the list `category` or `complaint`.
    pub category: String,
    /// What it was learnt from.
    pub cases: BTreeSet<CaseId>,
}

/// What somebody did to a card, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// A unit that discussed a card at a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardMeeting {
    /// Which unit.
    pub unit: UnitId,
    /// The day of the meeting.
    pub on: Date,
    /// Who noted it.
    pub noted: Done,
}

/// A learning card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningCard {
    /// Its id.
    pub id: LearningCardId,
    /// What it says.
    pub content: CardContent,
    /// Who wrote it, and when it was begun.
    pub written: Done,
    /// Who approved it.
    pub approved: Option<Done>,
    /// Who withdrew it, with the reason.
    pub withdrawn: Option<(Done, String)>,
    /// The meetings that discussed it, oldest first.
    pub meetings: Vec<CardMeeting>,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A card as it is shown at filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardHead {
    /// Its id.
    pub id: LearningCardId,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub category: String,
}

fn refused(code: &'static str) -> Vec<Fault> {
    vec![Fault::at("", Reason::inconsistent(code))]
}

impl LearningCard {
    /// Where it stands.
    pub fn status(&self) -> CardStatus {
        match (&self.withdrawn, &self.approved) {
            (Some(_), _) => CardStatus::Withdrawn,
            (None, Some(_)) => CardStatus::Approved,
            (None, None) => CardStatus::Draft,
        }
    }

    fn grown(mut self, at: Timestamp) -> Self {
        self.version += 1;
        self.updated_at = at;
        self
    }

    /// Writes a draft anew.
    ///
    /// # Errors
    /// The fault of a card that is no draft.
    pub fn rewrite(mut self, content: CardContent, at: Timestamp) -> Result<Self, Vec<Fault>> {
        match self.status() {
            CardStatus::Draft => {
                self.content = content;
                Ok(self.grown(at))
            }
            CardStatus::Approved | CardStatus::Withdrawn => Err(refused("card_is_no_draft")),
        }
    }

    /// Approves a draft.
    ///
    /// # Errors
    /// The fault of a card that is no draft, or that one wrote oneself: somebody else must have read
    /// it before everybody does.
    pub fn approve(mut self, done: Done) -> Result<Self, Vec<Fault>> {
        if self.status() != CardStatus::Draft {
            return Err(refused("card_is_no_draft"));
        }
        if self.written.by == done.by {
            return Err(refused("card_is_ones_own"));
        }
        let at = done.at;
        self.approved = Some(done);
        Ok(self.grown(at))
    }

    /// Withdraws a draft, or a card that holds no longer.
    ///
    /// # Errors
    /// The fault of a card that is withdrawn, or without a reason.
    pub fn withdraw(mut self, done: Done, reason: String) -> Result<Self, Vec<Fault>> {
        if reason.trim().is_empty() {
            return Err(vec![Fault::at("/reason", Reason::Required)]);
        }
        if self.status() == CardStatus::Withdrawn {
            return Err(refused("card_is_withdrawn"));
        }
        let at = done.at;
        self.withdrawn = Some((done, reason));
        Ok(self.grown(at))
    }

    /// Notes that a unit discussed it.
    ///
    /// # Errors
    /// The faults of a card that is not approved, of a day ahead, or of a meeting that is noted.
    pub fn discuss(mut self, meeting: CardMeeting, today: Date) -> Result<Self, Vec<Fault>> {
        if self.status() != CardStatus::Approved {
            return Err(refused("card_is_not_approved"));
        }
        if meeting.on > today {
            let given = meeting.noted.at;
            return Err(vec![Fault::at("/meeting_on", Reason::InFuture { given })]);
        }
        let same = |known: &CardMeeting| known.unit == meeting.unit && known.on == meeting.on;
        if self.meetings.iter().any(same) {
            return Err(vec![Fault::at("/meeting_on", Reason::NotUnique)]);
        }
        let at = meeting.noted.at;
        self.meetings.push(meeting);
        Ok(self.grown(at))
    }
}

impl CardContent {
    /// Everything that is wrong with it, but for cases: what is missing or too long, a category that
    /// was not valid on `today`, and every name in it.
    pub fn faults(&self, names: &Names, codes: &CodeLists, today: Date) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (field, text, max) in
            [("/title", &self.title, LONGEST_TITLE), ("/text", &self.text, LONGEST_TEXT)]
        {
            if text.trim().is_empty() {
                faults.push(Fault::at(field, Reason::Required));
            } else if text.chars().count() > max {
                faults.push(Fault::at(field, Reason::TooLong { max }));
            }
            faults.extend(names.found_in(text).into_iter().map(|why| Fault::at(field, why)));
        }
        let checked = CATEGORY_LISTS.map(|list| codes.check(list, &self.category, today));
        if let [Err(reason), Err(_)] = checked {
            faults.push(Fault::at("/category", reason));
        }
        if self.cases.is_empty() {
            faults.push(Fault::at("/cases", Reason::Required));
        }
        faults
    }
}

/// The cards to show at a filing of `category`: those about the same, about something above it or
/// below it, as they come.
pub fn shown_at_filing<'a>(
    cards: &'a [CardHead],
    category: &'a str,
) -> impl Iterator<Item = &'a CardHead> {
    let fits = move |card: &&CardHead| {
        within(category, &card.category) || within(&card.category, category)
    };
    cards.iter().filter(fits).take(SHOWN_AT_FILING)
}

/// The shortest code that is looked for: shorter ones stand in any text.
const SHORTEST_CODE: usize = 3;

/// What a card must not hold: the names and codes of units, and the names of staff and what their
/// tokens call them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    units: BTreeSet<String>,
    staff: BTreeSet<String>,
    /// Parts of people's names, which count only as they are written: "stig" is no Stig.
    parts: BTreeSet<String>,
}

impl Names {
    /// The names of a tenant. What an area is called (`hemtjänst`) names no unit, even where one is
    /// called so.
    pub fn of(units: &UnitTree, staff: &[Staff], codes: &CodeLists) -> Self {
        let areas = codes.list("area").unwrap_or_default();
        let areas: BTreeSet<String> = areas.iter().map(|code| code.sv.to_lowercase()).collect();
        let telling = |text: &str| {
            let digits = text.chars().all(|letter| letter.is_ascii_digit());
            text.chars().count() > if digits { SHORTEST_CODE } else { SHORTEST_CODE - 1 }
        };
        let mut names = Self::default();
        for unit in units.iter().filter(|unit| !unit.unknown) {
            for text in [&unit.name, &unit.code].map(|text| text.trim().to_lowercase()) {
                if telling(&text) && !areas.contains(&text) {
                    names.units.insert(text);
                }
            }
        }
        for person in staff {
            // A subject that is a plain word, such as `chef`, says nothing of anybody.
            let coded = |text: &&String| text.chars().any(|letter| !letter.is_alphabetic());
            let subject = Some(&person.subject).filter(coded).map(|text| text.to_lowercase());
            names.staff.extend(subject.filter(|text| telling(text)));
            let Some(name) = person.name.as_deref() else { continue };
            let parts: Vec<&str> = name.split_whitespace().collect();
            if parts.len() > 1 {
                names.staff.insert(parts.join(" ").to_lowercase());
            }
            let written = |part: &&str| part.chars().next().is_some_and(char::is_uppercase);
            let parts = parts.into_iter().filter(written).filter(|part| telling(part));
            names.parts.extend(parts.map(str::to_owned));
        }
        names
    }

    /// Every name in a text, as a reason with its place, in the order of the text.
    pub fn found_in(&self, text: &str) -> Vec<Reason> {
        let letters: Vec<char> = text.chars().collect();
        // Letter by letter, so that places stay what they are in the text as given.
        let lower: Vec<char> = letters.iter().map(|letter| lowered(*letter)).collect();
        let mut found: Vec<(usize, Reason)> = Vec::new();
        let mut search = |within: &[char], names: &BTreeSet<String>, unit: bool| {
            for name in names {
                let name: Vec<char> = name.chars().collect();
                let length = name.len();
                for position in places(within, &name) {
                    let reason = match unit {
                        true => Reason::NamesUnit { position, length },
                        false => Reason::NamesStaff { position, length },
                    };
                    found.push((position, reason));
                }
            }
        };
        search(&lower, &self.units, true);
        search(&lower, &self.staff, false);
        search(&letters, &self.parts, false);
        found.sort_by_key(|(position, _)| *position);
        found.into_iter().map(|(_, reason)| reason).collect()
    }
}

/// A letter in lower case, where that is one letter.
fn lowered(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Where `name` stands as a word of its own, with or without the s of the genitive.
fn places(text: &[char], name: &[char]) -> Vec<usize> {
    let word = |at: usize| text.get(at).is_some_and(|letter| letter.is_alphanumeric());
    let ends = |at: usize| !word(at) || (text[at] == 's' && !word(at + 1));
    let windows = text.windows(name.len().max(1)).enumerate();
    windows
        .filter(|(at, window)| *window == name && (*at == 0 || !word(at - 1)))
        .map(|(at, _)| at)
        .filter(|at| ends(at + name.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Names {
            units: set(&["syrenen", "hus 4"]),
            staff: set(&["stig ek", "ab1234"]),
            parts: set(&["Stig"]),
        }
    }

    #[test]
    fn a_name_is_found_as_a_word_with_its_place() {
        let found = |text: &str| names().found_in(text);
        let unit = |position, length| Reason::NamesUnit { position, length };
        let staff = |position, length| Reason::NamesStaff { position, length };
        assert_eq!(found("På Syrenens natt"), [unit(3, 7)]);
        assert_eq!(found("Åå: HUS 4."), [unit(4, 5)]);
        assert_eq!(found("Ring AB1234"), [staff(5, 6)]);
        assert_eq!(found("Det var Stig"), [staff(8, 4)]);
        assert_eq!(found("Det var stig Ek"), [staff(8, 7)]);
        for fine in ["Syrenenas", "hus 42", "en stig i skogen", "Stigande", ""] {
            assert_eq!(found(fine), [], "{fine}");
        }
    }

    #[test]
    fn cards_of_the_same_category_are_shown_above_and_below() {
        let head = |category: &str| CardHead {
            id: LearningCardId(uuid::Uuid::nil()),
            title: String::new(),
            category: category.into(),
        };
        let cards = ["HSL.FAL", "HSL.FALSK", "HSL", "HSL.FAL.SANG", "HSL.LKM"].map(head);
        let shown = |category| -> Vec<&str> {
            shown_at_filing(&cards, category).map(|card| card.category.as_str()).collect()
        };
        assert_eq!(shown("HSL.FAL"), ["HSL.FAL", "HSL", "HSL.FAL.SANG"]);
        assert_eq!(shown("HSL.LKM.UTE"), ["HSL", "HSL.LKM"]);
    }
}
