//! Opinions and answers that are published without persons.

use domain::fault::Fault;
use domain::publication as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::PublicationStatus;
use crate::fault::FaultView;
use crate::language::Language;

/// What is to be published of an opinion and its answer: in words of one's own, without persons.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "question": "Varför kommer hemtjänsten på olika tider?",
    "answer": "Vi har lagt om schemat, så att tiderna hålls bättre på kvällar och helger.",
}))]
pub struct PublicationRequest {
    /// What was asked.
    #[schema(min_length = 1, max_length = 1000)]
    pub question: String,
    /// What was answered.
    #[schema(min_length = 1, max_length = 4000)]
    pub answer: String,
}

/// Letting a publication out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    /// That one has read it and nobody can be known by it: names are not found by a machine.
    #[serde(default)]
    pub names_checked: bool,
}

/// What is to be published of an opinion, or was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublicationView {
    /// The case's id.
    pub case: Uuid,
    /// Where it stands.
    pub status: PublicationStatus,
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// When it was written last.
    pub written_at: Timestamp,
    /// The staff id of who wrote it last.
    pub written_by: Uuid,
    /// When it was let out.
    pub approved_at: Option<Timestamp>,
    /// The staff id of who let it out.
    pub approved_by: Option<Uuid>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// The staff id of who took it back.
    pub withdrawn_by: Option<Uuid>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// Why nobody outside sees it, whatever its status. Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_back: Option<Vec<FaultView>>,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl PublicationView {
    /// The publication in a language, with what keeps it back, where that was asked.
    pub fn new(it: &d::Publication, held_back: Option<&[Fault]>, language: Language) -> Self {
        let (withdrawn, reason) = match &it.withdrawn {
            Some((done, reason)) => (Some(done), Some(reason.clone())),
            None => (None, None),
        };
        Self {
            case: it.case.0,
            status: it.status().into(),
            question: it.text.question.clone(),
            answer: it.text.answer.clone(),
            written_at: it.written.at,
            written_by: it.written.by.0,
            approved_at: it.approved.as_ref().map(|done| done.at),
            approved_by: it.approved.as_ref().map(|done| done.by.0),
            withdrawn_at: withdrawn.map(|done| done.at),
            withdrawn_by: withdrawn.map(|done| done.by.0),
            withdrawn_reason: reason,
            held_back: held_back.map(|faults| FaultView::all(faults, language)),
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}

/// Publications, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublicationsView {
    /// The publications.
    pub items: Vec<PublicationView>,
}

/// A published opinion with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublishedView {
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// What it is about, in words.
    pub about: Option<String>,
    /// The day it was published.
    pub published_on: Date,
}

/// A page of published opinions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublishedPageView {
    /// The tenant's name.
    pub tenant: String,
    /// The opinions.
    pub items: Vec<PublishedView>,
    /// What `cursor` is for the next page; `null` where this is the last.
    pub next_cursor: Option<String>,
}
