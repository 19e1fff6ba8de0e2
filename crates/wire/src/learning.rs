//! Learning cards, measures across cases, and meetings.

use domain::learning as d;
use domain::organisation::UnitTree;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::CardStatus;

/// What is learnt, on half a page: no persons, no unit.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Larmet står av efter städning",
    "text": "Tre fall samma månad: larmmattan hade kopplats ur vid städning. Nu kontrollerar den som städar larmet.",
    "category": "HSL.FAL", "cases": ["0199a1b2-0000-7000-8000-000000000001"],
}))]
pub struct LearningCardRequest {
    /// In a line.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// On half a page.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
    /// What it is about: a code of the list `category` or `complaint`.
    #[schema(min_length = 1, max_length = 40)]
    pub category: String,
    /// The ids of the cases it was learnt from, which one may read.
    #[schema(min_items = 1, max_items = 50)]
    pub cases: Vec<Uuid>,
}

/// A unit that discussed a card.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardMeetingRequest {
    /// The unit's id or its own code.
    #[schema(min_length = 1, max_length = 200)]
    pub unit: String,
    /// The day of the meeting.
    pub meeting_on: Date,
}

/// A meeting that discussed a card.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CardMeetingView {
    /// The unit.
    pub unit: UnitRef,
    /// The day.
    pub meeting_on: Date,
}

/// A learning card.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LearningCardView {
    /// Its id.
    pub id: Uuid,
    /// In a line.
    pub title: String,
    /// On half a page.
    pub text: String,
    /// What it is about.
    pub category: String,
    /// Where it stands.
    pub status: CardStatus,
    /// The ids of the cases it was learnt from, as far as one may read them.
    pub cases: Vec<Uuid>,
    /// How many meetings discussed it.
    pub discussed: usize,
    /// Which.
    pub meetings: Vec<CardMeetingView>,
    /// When it was begun.
    pub written_at: Timestamp,
    /// The staff id of its author; for the author and those who approve.
    pub written_by: Option<Uuid>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// The staff id of who approved it; for the author and those who approve.
    pub approved_by: Option<Uuid>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl LearningCardView {
    /// The card with those of its cases that may be named; `inside` names who wrote and approved it.
    pub fn new(
        card: &d::LearningCard,
        readable: impl Iterator<Item = Uuid>,
        inside: bool,
        units: &UnitTree,
    ) -> Self {
        let done = |done: &d::Done| done.by.0;
        Self {
            id: card.id.0,
            title: card.content.title.clone(),
            text: card.content.text.clone(),
            category: card.content.category.clone(),
            status: card.status().into(),
            cases: readable.collect(),
            discussed: card.meetings.len(),
            meetings: card
                .meetings
                .iter()
                .map(|meeting| CardMeetingView {
                    unit: UnitRef::of(units, meeting.unit),
                    meeting_on: meeting.on,
                })
                .collect(),
            written_at: card.written.at,
            written_by: inside.then(|| done(&card.written)),
            approved_at: card.approved.as_ref().map(|done| done.at),
            approved_by: card.approved.as_ref().filter(|_| inside).map(done),
            withdrawn_at: card.withdrawn.as_ref().map(|(done, _)| done.at),
            withdrawn_reason: card.withdrawn.as_ref().map(|(_, reason)| reason.clone()),
            version: card.version,
            updated_at: card.updated_at,
        }
    }
}

/// A card that fits a filing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CardHeadView {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: String,
}

impl From<&d::CardHead> for CardHeadView {
    fn from(card: &d::CardHead) -> Self {
        Self { id: card.id.0, title: card.title.clone() }
    }
}

/// A case as a list across cases names it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaseNumberView {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
}

/// What was told and discussed at a meeting of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MeetingView {
    /// The unit.
    pub unit: UnitRef,
    /// The day.
    pub meeting_on: Date,
    /// The cases that feedback was given on, as far as one may read them.
    pub cases: Vec<CaseNumberView>,
    /// The learning cards that were discussed.
    pub learning_cards: Vec<CardHeadView>,
}

/// Meetings, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MeetingsView {
    /// The meetings.
    pub items: Vec<MeetingView>,
}
