//! An opinion and its answer, published without persons: written anew for that, approved by somebody
//! else than who wrote it, and taken back at any time.

use jiff::Timestamp;

use crate::case::triage::LexAnswer;
use crate::case::{Case, Kind, Status};
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, StaffId};
use crate::learning::Done;

/// The longest question, in characters.
pub const LONGEST_QUESTION: usize = 1000;
/// The longest answer, in characters.
pub const LONGEST_ANSWER: usize = 4000;

/// Where a publication stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicationStatus {
    /// Being written.
    Draft,
    /// For everybody.
    Published,
    /// Taken back.
    Withdrawn,
}

impl PublicationStatus {
    /// Every status.
    pub const ALL: [PublicationStatus; 3] =
        [PublicationStatus::Draft, PublicationStatus::Published, PublicationStatus::Withdrawn];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            PublicationStatus::Draft => "draft",
            PublicationStatus::Published => "published",
            PublicationStatus::Withdrawn => "withdrawn",
        }
    }
}

impl std::str::FromStr for PublicationStatus {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        PublicationStatus::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

/// What is written to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationText {
    /// What was asked, in words of our own.
    pub question: String,
    /// What was answered, in words of our own.
    pub answer: String,
}

impl PublicationText {
    /// Everything that is wrong with it. Personal identity numbers are found before; names no machine
    /// finds.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (field, text, max) in [
            ("/question", &self.question, LONGEST_QUESTION),
            ("/answer", &self.answer, LONGEST_ANSWER),
        ] {
            if text.trim().is_empty() {
                faults.push(Fault::at(field, Reason::Required));
            } else if text.chars().count() > max {
                faults.push(Fault::at(field, Reason::TooLong { max }));
            }
        }
        faults
    }
}

/// What may be published of an opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Of which case.
    pub case: CaseId,
    /// What it says.
    pub text: PublicationText,
    /// Who wrote it last, and when.
    pub written: Done,
    /// Who let it go out.
    pub approved: Option<Done>,
    /// Who took it back, with the reason.
    pub withdrawn: Option<(Done, String)>,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What stands around an opinion that may keep it from being published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The tenant publishes at all.
    pub publishes: bool,
    /// It is answered.
    pub answered: bool,
    /// An avvikelse is linked to it, from either side.
    pub avvikelse: bool,
    /// Lex Maria, lex Sarah or a riskperson stands, or stood, beside it or beside what is linked to it.
    pub lex: bool,
    /// The data of a person in it are protected.
    pub protected: bool,
}

/// Why a case may not be published; empty when it may.
pub fn bars(case: &Case, around: Surroundings) -> Vec<Fault> {
    let gates = case.opinion.as_ref().and_then(|opinion| opinion.gates.as_ref());
    let held = [
        (around.publishes, "publication_switched_off"),
        (matches!(case.kind, Kind::Synpunkt | Kind::Klagomal), "only_opinions_are_published"),
        (case.status() != Status::Void, "case_is_void"),
        (around.answered, "opinion_not_answered"),
        (!around.avvikelse && !gates.is_some_and(|it| it.avvikelse), "linked_to_avvikelse"),
        (!around.lex && !gates.is_some_and(|it| it.lex_sarah != LexAnswer::No), "linked_to_lex"),
        (!around.protected, "person_protected"),
    ];
    let wrong = held.into_iter().filter(|(held, _)| !held);
    wrong.map(|(_, code)| Fault::at("", Reason::inconsistent(code))).collect()
}

fn refused(code: &'static str) -> Vec<Fault> {
    vec![Fault::at("", Reason::inconsistent(code))]
}

impl Publication {
    /// A draft.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn draft(case: CaseId, text: PublicationText, written: Done) -> Result<Self, Vec<Fault>> {
        let faults = text.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let updated_at = written.at;
        Ok(Self { case, text, written, approved: None, withdrawn: None, version: 1, updated_at })
    }

    /// Where it stands.
    pub fn status(&self) -> PublicationStatus {
        match (&self.withdrawn, &self.approved) {
            (Some(_), _) => PublicationStatus::Withdrawn,
            (None, Some(_)) => PublicationStatus::Published,
            (None, None) => PublicationStatus::Draft,
        }
    }

    fn grown(mut self, at: Timestamp) -> Self {
        self.version += 1;
        self.updated_at = at;
        self
    }

    /// Writes it anew; what was withdrawn becomes a draft again. What is out is withdrawn first.
    ///
    /// # Errors
    /// What is wrong with the text; the fault of one that is out.
    pub fn rewrite(mut self, text: PublicationText, written: Done) -> Result<Self, Vec<Fault>> {
        let mut faults = text.faults();
        if self.status() == PublicationStatus::Published {
            faults.extend(refused("published_already"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let at = written.at;
        (self.text, self.written, self.approved, self.withdrawn) = (text, written, None, None);
        Ok(self.grown(at))
    }

    /// Lets it go out. `names_checked` is the word of who approves that nobody can be known by it.
    ///
    /// # Errors
    /// The faults of what is no draft, of one's own, and without that word.
    pub fn approve(mut self, done: Done, names_checked: bool) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if self.status() != PublicationStatus::Draft {
            faults.extend(refused("publication_is_no_draft"));
        }
        if self.written.by == done.by {
            faults.extend(refused("publication_is_ones_own"));
        }
        if !names_checked {
            faults.push(Fault::at("/names_checked", Reason::Required));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let at = done.at;
        self.approved = Some(done);
        Ok(self.grown(at))
    }

    /// Takes it back, or puts the draft away.
    ///
    /// # Errors
    /// The faults of what is withdrawn, and without a reason.
    pub fn withdraw(mut self, done: Done, reason: String) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if self.status() == PublicationStatus::Withdrawn {
            faults.extend(refused("publication_is_withdrawn"));
        }
        if reason.trim().is_empty() {
            faults.push(Fault::at("/reason", Reason::Required));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let at = done.at;
        self.withdrawn = Some((done, reason));
        Ok(self.grown(at))
    }

    /// Who wrote it last.
    pub fn author(&self) -> StaffId {
        self.written.by
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn done(by: u128) -> Done {
        let at = "2026-03-10T08:00:00Z".parse().expect("a time");
        Done { by: StaffId(Uuid::from_u128(by)), at }
    }

    fn text(question: &str) -> PublicationText {
        PublicationText { question: question.into(), answer: "Vi har ändrat schemat.".into() }
    }

    fn drafted() -> Publication {
        let case = CaseId(Uuid::from_u128(9));
        Publication::draft(case, text("Varför kommer ni sent?"), done(1)).expect("a draft")
    }

    fn codes(faults: Vec<Fault>) -> Vec<String> {
        faults.into_iter().map(|fault| format!("{} {}", fault.field, fault.reason.code())).collect()
    }

    #[test]
    fn somebody_else_lets_it_out_and_says_that_nobody_is_known_by_it() {
        let own = drafted().approve(done(1), false).expect_err("one's own");
        assert_eq!(codes(own), [" publication_is_ones_own", "/names_checked required"]);
        let out = drafted().approve(done(2), true).expect("goes out");
        assert_eq!((out.status(), out.version), (PublicationStatus::Published, 2));
        let again = out.clone().approve(done(2), true).expect_err("is out");
        assert_eq!(codes(again), [" publication_is_no_draft"]);
        let anew = out.clone().rewrite(text(" "), done(2)).expect_err("is out");
        assert_eq!(codes(anew), ["/question required", " published_already"]);
        let back = out.withdraw(done(3), "Fel uppgift.".into()).expect("comes back");
        assert_eq!(back.status(), PublicationStatus::Withdrawn);
        let twice = back.clone().withdraw(done(3), " ".into()).expect_err("is back");
        assert_eq!(codes(twice), [" publication_is_withdrawn", "/reason required"]);
        let anew = back.rewrite(text("Varför?"), done(2)).expect("a draft");
        assert_eq!((anew.status(), anew.version), (PublicationStatus::Draft, 4));
        // Whoever wrote it last does not approve it.
        assert!(anew.approve(done(2), true).is_err());
    }

    #[test]
    fn texts_have_an_end() {
        let long = PublicationText { question: "x".repeat(1001), answer: String::new() };
        assert_eq!(codes(long.faults()), ["/question too_long", "/answer required"]);
    }
}
