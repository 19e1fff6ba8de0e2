//! What whoever reported a case is shown of it: where it stands in a sentence, what came of it, and
//! what happens next. Never who it is about, nor what the assessors wrote to each other.

use domain::case::{self as d, Command, State, Status as At};
use domain::code_lists::CodeLists;
use domain::escalation::matter::Reported;
use domain::organisation::{Role as Held, UnitTree};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::{Audience, Effect, Kind, Role, Status};
use crate::language::Language;
use crate::words::{self, Case as Words};

/// A case in the list of what one reported.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OwnCaseLine {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "AVV-2026-7K3Q9D2F")]
    pub number: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// Where it stands, in a sentence.
    #[schema(example = "Enhetschefen läser din rapport.")]
    pub standing: String,
    /// Where it happened.
    pub unit: UnitRef,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl OwnCaseLine {
    /// The line of a case that `lead` has in hand.
    pub fn new(
        case: &d::Case,
        lead: Held,
        units: &UnitTree,
        codes: &CodeLists,
        language: Language,
    ) -> Self {
        Self {
            id: case.id.0,
            number: case.number.to_string(),
            kind: case.kind.into(),
            status: case.status().into(),
            standing: words_of(case, lead, codes, language).standing(),
            unit: UnitRef::of(units, case.unit),
            occurred_at: case.occurred_at,
            reported_at: case.reported_at,
            updated_at: case.updated_at,
        }
    }
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NextView {
    /// In a sentence.
    #[schema(example = "Enhetschefen tar reda på vad som hände och varför.")]
    pub text: String,
    /// By whom; `null` is oneself.
    pub by: Option<Role>,
}

/// What was decided when the case ended.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecidedView {
    /// How it ended: a code of the list `outcome`.
    pub outcome: Option<String>,
    /// The same in words.
    pub text: Option<String>,
    /// In a sentence, by whoever ended it.
    pub summary: Option<String>,
    /// What was done.
    pub action_taken: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What is done, without names and without what the assessors wrote.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangedView {
    /// A code of the list `measure_type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in words.
    pub text: String,
    /// Until which day.
    pub due_on: Option<Date>,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// Whether it helped.
    pub effect: Effect,
}

/// What was told.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToldView {
    /// Who was told: the reporter, the unit, or everybody.
    pub audience: Audience,
    /// The day of the meeting.
    pub meeting_on: Option<Date>,
    /// What was said.
    pub text: String,
    /// When it was given.
    pub at: Timestamp,
}

/// Something with its time: what somebody says to the reporter, what the reporter added.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SaidView {
    /// In words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StepView {
    /// When.
    pub at: Timestamp,
    /// What was done: as in the history.
    pub command: String,
    /// In words.
    #[schema(example = "Åtgärder beslutades.")]
    pub text: String,
}

/// A case as whoever reported it follows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OwnCaseView {
    /// Its id: that of the case it goes on as, where it was filed again as another kind.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The numbers it had before, the last before first.
    pub numbers_before: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// Where it stands, in a sentence.
    #[schema(example = "Åtgärder är beslutade: rutin, utbildning/handledning.")]
    pub standing: String,
    /// What happens next; `null` when nothing more does.
    pub next: Option<NextView>,
    /// Where one's own lex Sarah report stands, in a sentence; `null` where one made none.
    #[schema(example = "Din rapport enligt lex Sarah har kommit in.")]
    pub lex_sarah: Option<String>,
    /// Where it happened.
    pub unit: UnitRef,
    /// When it happened; `null` is unknown.
    pub occurred_at: Option<Timestamp>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// What happened, in one's own words.
    pub description: String,
    /// What was done at once, in one's own words.
    pub immediate_action: Option<String>,
    /// What one added afterwards, oldest first.
    pub supplements: Vec<SaidView>,
    /// Whether one may still add something: `POST …/cases/{id}/supplements`.
    pub may_supplement: bool,
    /// What was decided; `null` until the case has ended.
    pub decided: Option<DecidedView>,
    /// What is changed, from when it is decided.
    pub changed: Vec<ChangedView>,
    /// What was told, oldest first.
    pub feedback: Vec<ToldView>,
    /// What was said to one, oldest first.
    pub comments: Vec<SaidView>,
    /// What was done, oldest first.
    pub steps: Vec<StepView>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A step of a case's history, as far as it is told.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// When.
    pub at: Timestamp,
    /// The command's code.
    pub command: &'a str,
    /// The status before.
    pub from: Option<&'a str>,
    /// The status after.
    pub to: &'a str,
    /// Whether it was said to the reporter, of a comment.
    pub to_reporter: bool,
}

/// What a case is told from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The case.
    pub case: &'a d::Case,
    /// The numbers it had before.
    pub numbers_before: &'a [String],
    /// What was said to the reporter.
    pub said: &'a [d::Comment],
    /// The steps, oldest first.
    pub steps: &'a [Step<'a>],
    /// Who has it in hand.
    pub lead: Held,
    /// Where one's own lex Sarah report stands.
    pub lex_sarah: Option<Reported>,
}

fn words_of<'a>(case: &'a d::Case, lead: Held, codes: &CodeLists, language: Language) -> Words<'a> {
    let word = |list: &str, code: &str| words::of_code(codes, list, code, language);
    Words {
        case,
        lead,
        measures: decided_measures(case)
            .map(|measure| word("measure_type", &measure.kind))
            .collect(),
        outcome: case.outcome().map(|code| word("outcome", code)),
        language,
    }
}

/// The measures that are decided.
fn decided_measures(case: &d::Case) -> impl Iterator<Item = &d::measure::Measure> {
    let decided = match case.status() {
        At::MeasuresDecided | At::FollowingUp | At::Closed => true,
        At::Draft | At::Reported | At::Triaged | At::Investigating | At::Void => false,
    };
    let inquiry = case.investigation.as_ref().filter(|_| decided);
    inquiry.into_iter().flat_map(|inquiry| &inquiry.measures)
}

impl OwnCaseView {
    /// The case in a language.
    pub fn new(told: Told<'_>, units: &UnitTree, codes: &CodeLists, language: Language) -> Self {
        let case = told.case;
        let words = words_of(case, told.lead, codes, language);
        let word = |list: &str, code: &str| words::of_code(codes, list, code, language);
        let decided = match &case.state {
            State::Closed(closing) => Some(DecidedView {
                outcome: closing.outcome.clone(),
                text: closing.outcome.as_deref().map(|code| word("outcome", code)),
                summary: closing.summary.clone(),
                action_taken: closing.action_taken.clone(),
                at: closing.at,
            }),
            State::Void(voiding) => Some(DecidedView {
                outcome: None,
                text: None,
                summary: Some(voiding.reason.clone()),
                action_taken: None,
                at: voiding.at,
            }),
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp => None,
        };
        let step = |step: &Step<'_>| {
            Some(StepView {
                at: step.at,
                command: step.command.to_owned(),
                text: words.step(step)?,
            })
        };
        let mut said: Vec<_> = told.said.iter().filter(|comment| comment.to_reporter).collect();
        said.sort_by_key(|comment| comment.at);
        Self {
            id: case.id.0,
            number: case.number.to_string(),
            numbers_before: told.numbers_before.to_vec(),
            kind: case.kind.into(),
            status: case.status().into(),
            standing: words.standing(),
            next: words.next().map(|(text, by)| NextView { text, by: by.map(Into::into) }),
            lex_sarah: told.lex_sarah.map(|it| words::lex_sarah(it, language).to_owned()),
            unit: UnitRef::of(units, case.unit),
            occurred_at: case.occurred_at,
            reported_at: case.reported_at,
            description: case.filing.description.clone(),
            immediate_action: case.filing.immediate_action.clone(),
            supplements: case
                .filing
                .supplements
                .iter()
                .map(|added| SaidView { text: added.text.clone(), at: added.at })
                .collect(),
            may_supplement: case.status().admits(Command::Supplement),
            decided,
            changed: decided_measures(case)
                .map(|measure| ChangedView {
                    kind: measure.kind.clone(),
                    text: word("measure_type", &measure.kind),
                    due_on: measure.due_on,
                    done_on: measure.done_on,
                    effect: measure.effect.into(),
                })
                .collect(),
            feedback: case
                .feedback
                .iter()
                .map(|given| ToldView {
                    audience: given.audience.into(),
                    meeting_on: given.meeting_on,
                    text: given.text.clone(),
                    at: given.at,
                })
                .collect(),
            comments: said
                .into_iter()
                .map(|comment| SaidView { text: comment.text.clone(), at: comment.at })
                .collect(),
            steps: told.steps.iter().filter_map(step).collect(),
            updated_at: case.updated_at,
        }
    }
}
