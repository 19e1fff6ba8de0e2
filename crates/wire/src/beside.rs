//! What stands beside the handling of a case: watches, comments, supplements, conflicts.

use domain::case as d;
use domain::case::watch::Watcher;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{WatchAnswer, Wish};

/// Asking someone to read, contribute or act. Either `staff` or `profession`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"profession": "AT", "wish": "contribute", "text": "Förflyttning i badrummet?"}))]
pub struct WatchRequest {
    /// The staff id of a person, who thereby may read the case.
    pub staff: Option<Uuid>,
    /// A profession: whoever has it and may read the case anyway.
    #[schema(max_length = 40)]
    pub profession: Option<String>,
    /// What is asked.
    pub wish: Wish,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
    /// Until when.
    pub due_on: Option<Date>,
}

/// Answering what one was asked.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchAnswerRequest {
    /// Done, or it does not concern me.
    pub answer: WatchAnswer,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// A request to someone about a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WatchView {
    /// Its id.
    pub id: Uuid,
    /// The staff id of who is asked.
    pub staff: Option<Uuid>,
    /// The profession that is asked.
    pub profession: Option<String>,
    /// For what.
    pub wish: Wish,
    /// In words.
    pub text: Option<String>,
    /// Until when.
    pub due_on: Option<Date>,
    /// The staff id of who asks.
    pub by: Uuid,
    /// Since when.
    pub at: Timestamp,
    /// How it was answered; `null` as long as it is open.
    pub answer: Option<WatchAnswer>,
    /// The answer in words.
    pub answer_text: Option<String>,
    /// The staff id of who answered.
    pub answered_by: Option<Uuid>,
    /// When.
    pub answered_at: Option<Timestamp>,
}

impl From<&d::Watch> for WatchView {
    fn from(watch: &d::Watch) -> Self {
        let (staff, profession) = match &watch.to {
            Watcher::Staff(staff) => (Some(staff.0), None),
            Watcher::Profession(profession) => (None, Some(profession.clone())),
        };
        let answered = watch.answered.as_ref();
        Self {
            id: watch.id.0,
            staff,
            profession,
            wish: watch.wish.into(),
            text: watch.text.clone(),
            due_on: watch.due_on,
            by: watch.by.0,
            at: watch.at,
            answer: answered.map(|it| it.answer.into()),
            answer_text: answered.and_then(|it| it.text.clone()),
            answered_by: answered.map(|it| it.by.0),
            answered_at: answered.map(|it| it.at),
        }
    }
}

/// Saying something about a case.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentRequest {
    /// What.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
    /// Whether the reporter sees it. Not unless asked for.
    #[serde(default)]
    pub to_reporter: bool,
    /// The staff ids of who is called to it. Nobody gets to read the case by that: see `watches`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub mentions: Vec<Uuid>,
}

/// Something said about a case.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CommentView {
    /// Its id.
    pub id: Uuid,
    /// What was said.
    pub text: String,
    /// Whether the reporter sees it.
    pub to_reporter: bool,
    /// The staff ids of who was called to it.
    pub mentions: Vec<Uuid>,
    /// The staff id of who said it.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// What was said about a case, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CommentsView {
    /// The comments.
    pub items: Vec<CommentView>,
}

impl CommentsView {
    /// The comments.
    pub fn new(said: &[d::Comment]) -> Self {
        let view = |comment: &d::Comment| CommentView {
            id: comment.id.0,
            text: comment.text.clone(),
            to_reporter: comment.to_reporter,
            mentions: comment.mentions.iter().map(|staff| staff.0).collect(),
            by: comment.by.0,
            at: comment.at,
        };
        Self { items: said.iter().map(view).collect() }
    }
}

/// Adding to what one reported.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementRequest {
    /// In one's own words.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

/// What the reporter added.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SupplementView {
    /// When.
    pub at: Timestamp,
    /// The staff id of who added it.
    pub by: Uuid,
    /// In the reporter's words.
    pub text: String,
}

impl From<&d::Supplement> for SupplementView {
    fn from(supplement: &d::Supplement) -> Self {
        Self { at: supplement.at, by: supplement.by.0, text: supplement.text.clone() }
    }
}

/// Keeping a case from someone it concerns.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictRequest {
    /// The staff id of whom.
    pub staff: Uuid,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Someone a case is kept from.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConflictView {
    /// The staff id of whom.
    pub staff: Uuid,
    /// Why.
    pub reason: String,
    /// The staff id of who said so.
    pub by: Option<Uuid>,
    /// Since when.
    pub at: Timestamp,
}

impl From<&d::Conflict> for ConflictView {
    fn from(conflict: &d::Conflict) -> Self {
        Self {
            staff: conflict.staff.0,
            reason: conflict.reason.clone(),
            by: conflict.by.map(|by| by.0),
            at: conflict.at,
        }
    }
}
