//! To IVO and from there.

use domain::escalation as d;
use domain::escalation::ivo;
use domain::escalation::ivo::Notifying;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::handling::{AssessRequest, BoardInformedView};
use crate::code::EscalationChannel;

/// That IVO was notified.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sent_at": "2026-03-10T09:30:00Z", "channel": "e_service", "diary_number": "SN 2026/112",
}))]
pub struct NotifyRequest {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How: never by e-mail or fax.
    pub channel: EscalationChannel,
    /// The tenant's own diarienummer.
    #[schema(max_length = 100)]
    pub diary_number: String,
    /// IVO's diarienummer, where it is known already.
    #[schema(max_length = 100)]
    pub ivo_number: Option<String>,
    /// Lex Sarah: that the nämnd was told; needed from a private provider.
    pub board_informed: Option<BoardInformedView>,
    /// Lex Sarah: the decision, where it is notified before it was investigated.
    pub decision: Option<AssessRequest>,
}

impl From<NotifyRequest> for Notifying {
    fn from(request: NotifyRequest) -> Self {
        Self {
            sent_at: request.sent_at,
            channel: request.channel.into(),
            diary_number: request.diary_number,
            ivo_number: request.ivo_number,
            board_informed: request.board_informed.map(Into::into),
            decision: request.decision.map(Into::into),
        }
    }
}

/// That something was sent to IVO.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SentRequest {
    /// When.
    pub sent_at: Timestamp,
    /// How.
    pub channel: EscalationChannel,
}

/// What IVO asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementAsked {
    /// What.
    #[schema(max_length = 10000)]
    pub what: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until which day.
    pub due_on: Date,
}

impl From<SupplementAsked> for d::SupplementRequest {
    fn from(asked: SupplementAsked) -> Self {
        let SupplementAsked { what, requested_at, due_on } = asked;
        // Where it stands is for the matter to say.
        Self { what, requested_at, due_on, asked_in: d::AskedIn::default() }
    }
}

impl From<&d::SupplementRequest> for SupplementAsked {
    fn from(asked: &d::SupplementRequest) -> Self {
        Self { what: asked.what.clone(), requested_at: asked.requested_at, due_on: asked.due_on }
    }
}

/// A supplement: asked for, or sent. Exactly one of the two.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementToIvoRequest {
    /// IVO asks for it.
    pub requested: Option<SupplementAsked>,
    /// It was sent.
    pub sent: Option<SentRequest>,
}

/// That IVO has received the notification.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IvoReceivedRequest {
    /// When.
    pub received_at: Timestamp,
    /// IVO's diarienummer.
    #[schema(max_length = 100)]
    pub number: Option<String>,
}

/// What IVO decided.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IvoDecidedRequest {
    /// When.
    pub decided_at: Timestamp,
    /// In short.
    #[schema(max_length = 10000)]
    pub decision: String,
    /// IVO's diarienummer, where it was not known.
    #[schema(max_length = 100)]
    pub number: Option<String>,
}

impl From<IvoDecidedRequest> for ivo::IvoDecided {
    fn from(request: IvoDecidedRequest) -> Self {
        Self { at: request.decided_at, decision: request.decision, number: request.number }
    }
}

/// What came from IVO. Exactly one of the two.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IvoRequest {
    /// IVO has received it.
    pub received: Option<IvoReceivedRequest>,
    /// IVO has decided.
    pub decided: Option<IvoDecidedRequest>,
}
