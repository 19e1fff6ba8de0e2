//! What people write in a report: the author's text of a section, paragraphs of units that were asked for
//! one, and goals and decisions that are carried to the next year and answered there.

use std::str::FromStr;

use jiff::civil::Date;

use super::{Goal, GoalAnswer, Paragraph, Reached, SectionId, Written, Yearly};
use crate::case::event::Faults;
use crate::fault::{Fault, Reason};
use crate::ids::{GoalId, ParagraphId, UnitId};
use crate::learning::Done;
use crate::organisation::UnitTree;
use crate::yearly::state::LONGEST_GOAL;

/// The longest text of a section, in characters.
pub const LONGEST_SECTION: usize = 40_000;
/// The longest paragraph of a unit, in characters.
pub const LONGEST_PARAGRAPH: usize = 4_000;
/// The longest answer to a goal, in characters.
pub const LONGEST_GOAL_ANSWER: usize = 2_000;
/// How many goals a year may have, decisions included.
pub const MOST_GOALS: usize = 100;

/// What an author wrote in a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionText {
    /// Which section.
    pub section: SectionId,
    /// The words.
    pub text: String,
    /// Who wrote them last, and when.
    pub written: Done,
    /// Their name then.
    pub author: String,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

/// A paragraph that a unit's manager was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedParagraph {
    /// Its id.
    pub id: ParagraphId,
    /// In the report of which year.
    pub year: i16,
    /// In which section.
    pub section: SectionId,
    /// Of which unit.
    pub unit: UnitId,
    /// Who asked for it, and when.
    pub asked: Done,
    /// Until when.
    pub due_on: Option<Date>,
    /// What was given: the words, who wrote them and the name they had.
    pub given: Option<(String, Done, String)>,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

/// What a goal came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GoalKind {
    /// The report of the year before set it.
    Goal,
    /// The nämnd decided it when it took up the report of the year before.
    Decision,
}

impl GoalKind {
    /// Both.
    pub const ALL: [GoalKind; 2] = [GoalKind::Goal, GoalKind::Decision];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            GoalKind::Goal => "goal",
            GoalKind::Decision => "decision",
        }
    }
}

impl FromStr for GoalKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        GoalKind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// A goal or decision, from the year it was set in to the year it is answered in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedGoal {
    /// Its id.
    pub id: GoalId,
    /// What it came from.
    pub kind: GoalKind,
    /// In the report of which year it was put down.
    pub set_in: i16,
    /// The year it is for, in whose report it is answered.
    pub year: i16,
    /// In which section.
    pub section: SectionId,
    /// The words.
    pub text: String,
    /// Who set it.
    pub set: Done,
    /// How it went, and who said so.
    pub answer: Option<(GoalAnswer, Done)>,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

/// What is wrong with a text: nothing said, or too much.
fn text_faults(field: &str, text: &str, max: usize) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.require(!text.trim().is_empty(), field, Reason::Required);
    faults.require(text.chars().count() <= max, field, Reason::TooLong { max });
    faults.into_vec()
}

fn held<T>(faults: Vec<Fault>, value: T) -> Result<T, Vec<Fault>> {
    if faults.is_empty() { Ok(value) } else { Err(faults) }
}

impl SectionText {
    /// The text of a section, first or anew. An empty text takes it away.
    ///
    /// # Errors
    /// The fault of one that is too long.
    pub fn write(
        before: Option<&SectionText>,
        section: SectionId,
        text: &str,
        done: Done,
        author: &str,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let fits = text.chars().count() <= LONGEST_SECTION;
        faults.require(fits, "/text", Reason::TooLong { max: LONGEST_SECTION });
        let version = before.map_or(0, |before| before.version) + 1;
        let (text, author) = (text.trim().to_owned(), author.to_owned());
        held(faults.into_vec(), Self { section, text, written: done, author, version })
    }
}

impl AskedParagraph {
    /// Gives it, or writes it anew.
    ///
    /// # Errors
    /// The faults of the text.
    pub fn give(mut self, text: &str, done: Done, author: &str) -> Result<Self, Vec<Fault>> {
        let faults = text_faults("/text", text, LONGEST_PARAGRAPH);
        self.given = Some((text.trim().to_owned(), done, author.to_owned()));
        self.version += 1;
        held(faults, self)
    }
}

impl CarriedGoal {
    /// What is wrong with a new goal, put down in the report of `set_in`: it is for the year after, or
    /// for that year itself where the report before it was made elsewhere.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let near = self.year == self.set_in || self.year == self.set_in.saturating_add(1);
        let (min, max) = (i64::from(self.set_in), i64::from(self.set_in) + 1);
        faults.require(near, "/year", Reason::OutOfRange { min, max });
        faults.extend(text_faults("/text", &self.text, LONGEST_GOAL));
        faults.into_vec()
    }

    /// Writes it anew, in the report it was put down in.
    ///
    /// # Errors
    /// The faults of the text; of a report that only answers it; of what the nämnd decided.
    pub fn rewrite(mut self, text: &str, year: i16) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let own = self.set_in == year;
        faults.require(own, "/text", Reason::inconsistent("goal_of_an_earlier_report"));
        let ours = self.kind == GoalKind::Goal;
        faults.require(ours, "/text", Reason::inconsistent("goal_is_the_boards"));
        faults.extend(text_faults("/text", text, LONGEST_GOAL));
        let text = text.trim();
        if self.text != text {
            // What was said was said of other words.
            self.answer = None;
        }
        self.text = text.to_owned();
        self.version += 1;
        held(faults.into_vec(), self)
    }

    /// Says how it went, in the report of the year it is for; or why nobody knows.
    ///
    /// # Errors
    /// The faults of the words; of a report of another year.
    pub fn answer(
        mut self,
        reached: Reached,
        text: &str,
        year: i16,
        done: Done,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let due = self.year == year;
        faults.require(due, "/answer", Reason::inconsistent("goal_of_another_year"));
        faults.extend(text_faults("/answer/text", text, LONGEST_GOAL_ANSWER));
        self.answer = Some((GoalAnswer { reached, text: text.trim().to_owned() }, done));
        self.version += 1;
        held(faults.into_vec(), self)
    }

    /// As it stands in a report.
    pub fn shown(&self) -> Goal {
        Goal {
            id: self.id.to_string(),
            year: self.year,
            text: self.text.clone(),
            answer: self.answer.as_ref().map(|(answer, _)| answer.clone()),
        }
    }
}

/// Everything that people have written in the report of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The texts, in the order of the sections.
    pub texts: Vec<SectionText>,
    /// The paragraphs that were asked for, by section and unit.
    pub paragraphs: Vec<AskedParagraph>,
    /// The goals and decisions for the year and for the next, oldest first.
    pub goals: Vec<CarriedGoal>,
}

impl Draft {
    /// What keeps the report of `year` from being frozen: goals and decisions that nobody has answered.
    pub fn unanswered(&self, year: i16) -> Vec<Fault> {
        let open = self.goals.iter().filter(|goal| goal.year == year && goal.answer.is_none());
        let fault = |goal: &CarriedGoal| {
            Fault::at(format!("/goals/{}", goal.id), Reason::inconsistent("goal_unanswered"))
        };
        open.map(fault).collect()
    }

    /// The nämnd's decisions that are answered in the report of `year`.
    pub fn decided(&self, year: i16) -> Vec<Goal> {
        let here = |goal: &&CarriedGoal| goal.year == year && goal.kind == GoalKind::Decision;
        self.goals.iter().filter(here).map(CarriedGoal::shown).collect()
    }

    /// Puts it under the headings of a report. What the nämnd decided stands on the first page.
    pub fn write_into(&self, report: &mut Yearly, units: &UnitTree) {
        let written = |text: &str, done: &Done, by: &str| Written {
            text: text.to_owned(),
            by: by.to_owned(),
            at: done.at,
        };
        for section in &mut report.sections {
            let text = self.texts.iter().find(|text| text.section == section.id);
            let text = text.filter(|text| !text.text.is_empty());
            section.text = text.map(|it| written(&it.text, &it.written, &it.author));
            let here = self.paragraphs.iter().filter(|it| it.section == section.id);
            section.paragraphs = here
                .map(|it| Paragraph {
                    unit: units.get(it.unit).map(|unit| unit.name.clone()).unwrap_or_default(),
                    written: it.given.as_ref().map(|(text, done, by)| written(text, done, by)),
                })
                .collect();
            let set = self.goals.iter().filter(|goal| goal.section == section.id);
            let set = set.filter(|goal| goal.kind == GoalKind::Goal);
            section.goals = set.map(CarriedGoal::shown).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::ids::StaffId;
    use crate::yearly::samples::yearly;

    fn done() -> Done {
        Done { by: StaffId(Uuid::from_u128(1)), at: Timestamp::UNIX_EPOCH }
    }

    fn goal(kind: GoalKind, set_in: i16, year: i16) -> CarriedGoal {
        CarriedGoal {
            id: GoalId(Uuid::from_u128(u128::from(set_in.unsigned_abs()))),
            kind,
            set_in,
            year,
            section: SectionId::ReliableProcesses,
            text: "Färre fall".into(),
            set: done(),
            answer: None,
            version: 1,
        }
    }

    fn codes(faults: Vec<Fault>) -> Vec<String> {
        faults.into_iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect()
    }

    #[test]
    fn a_goal_is_answered_in_the_report_of_its_year_and_nowhere_else() {
        let carried = goal(GoalKind::Goal, 2024, 2025);
        let elsewhere = carried.clone().answer(Reached::Yes, "", 2026, done()).expect_err("no");
        assert_eq!(codes(elsewhere), ["/answer goal_of_another_year", "/answer/text required"]);
        let early = carried.clone().rewrite("Inga fall", 2025).expect_err("carried");
        assert_eq!(codes(early), ["/text goal_of_an_earlier_report"]);
        let boards = goal(GoalKind::Decision, 2025, 2026).rewrite("x", 2025).expect_err("no");
        assert_eq!(codes(boards), ["/text goal_is_the_boards"]);
        assert_eq!(codes(goal(GoalKind::Goal, 2025, 2027).faults()), ["/year out_of_range"]);

        let goals = vec![carried.clone(), goal(GoalKind::Decision, 2024, 2025)];
        let mut draft = Draft { goals, ..Draft::default() };
        draft.goals[1].id = GoalId(Uuid::from_u128(7));
        draft.goals.push(goal(GoalKind::Goal, 2025, 2026));
        assert_eq!(draft.unanswered(2025).len(), 2);
        draft.goals[0] = carried.answer(Reached::Partly, "Nästan", 2025, done()).expect("answers");
        assert_eq!(
            codes(draft.unanswered(2025)),
            [format!("/goals/{} goal_unanswered", Uuid::from_u128(7))]
        );
        draft.goals[1].answer = draft.goals[0].answer.clone();
        assert!(draft.unanswered(2025).is_empty());
    }

    #[test]
    fn what_was_written_stands_under_its_heading() {
        let text = SectionText::write(None, SectionId::Leadership, " Mål ", done(), "Anna");
        let goals = vec![goal(GoalKind::Goal, 2025, 2026), goal(GoalKind::Decision, 2024, 2025)];
        let texts = vec![text.expect("fits")];
        let draft = Draft { texts, paragraphs: Vec::new(), goals };
        let mut report = yearly(Vec::new());
        draft.write_into(&mut report, &UnitTree::new([]));
        let of = |id| report.sections.iter().find(|it| it.id == id).expect("a section");
        let text = of(SectionId::Leadership).text.as_ref().expect("a text");
        assert_eq!((text.text.as_str(), text.by.as_str()), ("Mål", "Anna"));
        // The decision is for the first page.
        assert_eq!(of(SectionId::ReliableProcesses).goals.len(), 1);
        assert_eq!(draft.decided(2025).len(), 1);
    }
}
