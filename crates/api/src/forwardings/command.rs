//! The commands of a forwarding: each goes the same way, and differs in its body.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, patch, post};
use app::forwardings::{Assigning, ForwardingCommand, OpenedForwarding};
use domain::forwarding::{Channel, Command, Side};
use domain::ids::{ExchangeId, ForwardingId, MeasureId};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Problem;
use wire::command::ReasonRequest;
use wire::forwarding::{
    AcknowledgeForwardingRequest, AnswerLetterRequest, ApproveForwardingAnswerRequest,
    AssignReceivedRequest, CheckForwardingRequest, CloseForwardingRequest, FinishMeasureRequest,
    ForwardingEditRequest, ForwardingFindingsRequest, ForwardingMessageRequest, ForwardingView,
    JointMeasureRequest, PassOnForwardingRequest, RemindForwardingRequest,
    SendForwardingAnswerRequest, SendForwardingRequest, ShareAnswerRequest, SharedEventRequest,
    WrongRecipientRequest,
};

use super::answer;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{id, send};
use crate::state::ApiState;

/// Everything a command handler is handed.
pub struct Handed {
    state: Data<ApiState>,
    caller: CalledBy,
    id: String,
    conditions: Conditions,
    body: Body,
}

impl FromRequest for Handed {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default().to_owned();
        let parts = <(Data<ApiState>, CalledBy, Conditions, Body)>::from_request(request, payload);
        Box::pin(async move {
            let (state, caller, conditions, body) = parts.await?;
            Ok(Self { state, caller, id, conditions, body })
        })
    }
}

/// What a command is made with besides its body.
struct With<'a> {
    opened: &'a OpenedForwarding,
    /// An id for what is said, or put down.
    new: Uuid,
    now: Timestamp,
}

impl With<'_> {
    /// The way given, or the usual one of the counterparty, or a letter.
    fn channel(&self, given: Option<Channel>) -> Channel {
        let usual = self.opened.counterparty.details.channels.first().copied();
        given.or(usual).unwrap_or(Channel::Post)
    }
}

/// The way of every command: existence and access, `If-Match`, body, guard. A request that was
/// answered before gets that answer.
async fn run<T: DeserializeOwned + ToSchema>(
    handed: Handed,
    asked: Command,
    command: impl FnOnce(T, With<'_>) -> Result<ForwardingCommand, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let Handed { state, mut caller, id: given, conditions, body } = handed;
    let opened = state.app.open_forwarding(&caller, ForwardingId(id(&given)?)).await?;
    opened.permit(&caller, asked)?;
    if conditions.key.is_none() {
        conditions.matches(opened.forwarding.version)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_forwarding_access(&caller, "forwarding.replay", &opened).await?;
        return Ok(send(kept));
    }
    conditions.matches(opened.forwarding.version)?;
    let with = With { opened: &opened, new: state.app.new_id(), now: caller.now };
    let command = command(body.parse_desk(&state, &caller)?, with)?;
    let render = |opened: &OpenedForwarding| answer(opened, &caller, 200);
    Ok(send(state.app.execute_forwarding(&caller, opened, command, once, render).await?))
}

/// Write a draft on.
///
/// A decision made about the text of before holds no more.
#[utoipa::path(
    tag = "forwardings",
    request_body = ForwardingEditRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/forwardings/{id}")]
pub async fn edit_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Edit, |request: ForwardingEditRequest, with| {
        Ok(ForwardingCommand::Edit(request.over(&with.opened.forwarding.document)))
    })
    .await
}

/// Decide what may leave.
///
/// By name and date, about the document as it stands: on what ground, why, and whether who the person is goes along
/// (sealed, shown after the second factor only). Whoever writes it on afterwards needs a new decision.
#[utoipa::path(
    tag = "forwardings",
    request_body = CheckForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/check")]
pub async fn check_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Check, |request: CheckForwardingRequest, _| {
        Ok(ForwardingCommand::Check(request.into()))
    })
    .await
}

/// Let it leave.
///
/// By a way agreed with the counterparty. Due is its agreed time, or else the tenant's. A letter and a package for
/// the SDK client are made of it (`letter`, `package`).
#[utoipa::path(
    tag = "forwardings",
    request_body = SendForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/send")]
pub async fn send_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Send, |request: SendForwardingRequest, with| {
        Ok(ForwardingCommand::Send { channel: with.channel(request.channel.map(Into::into)) })
    })
    .await
}

/// Put down that it has arrived.
///
/// Of what we sent: that they said so. Of what we received: that we say so, and perhaps until when it is looked into.
#[utoipa::path(
    tag = "forwardings",
    request_body = AcknowledgeForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/acknowledge")]
pub async fn acknowledge_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Acknowledge, |request: AcknowledgeForwardingRequest, with| {
        Ok(ForwardingCommand::Acknowledge(request.answer(with.new, with.now)))
    })
    .await
}

/// Remind them.
///
/// By hand, at any time after it left; the service reminds by itself when it is due.
#[utoipa::path(
    tag = "forwardings",
    request_body = RemindForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/remind")]
pub async fn remind_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Remind, |request: RemindForwardingRequest, with| {
        let sent = with.opened.forwarding.channel;
        let channel = request.channel.map(Into::into).or(sent);
        Ok(ForwardingCommand::Remind { channel: with.channel(channel) })
    })
    .await
}

/// Put it on the list for the samverkansmöte.
///
/// When it is due and was reminded of twice; the service does so by itself.
#[utoipa::path(
    tag = "forwardings",
    request_body = RemindForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/escalate")]
pub async fn escalate_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Escalate, |_: RemindForwardingRequest, _| Ok(ForwardingCommand::Escalate))
        .await
}

/// Register an answer that came.
///
/// By letter, telephone, at a meeting or any other way: it counts the same. A word that it has come acknowledges;
/// anything else answers, also after it was given up.
#[utoipa::path(
    tag = "forwardings",
    request_body = AnswerLetterRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/register_answer")]
pub async fn register_answer(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::RegisterAnswer, |request: AnswerLetterRequest, with| {
        let answer = request.answer(with.new, with.now).map_err(ApiError::Invalid)?;
        Ok(ForwardingCommand::RegisterAnswer(answer))
    })
    .await
}

/// Ask, reply, or put down what they say.
///
/// Both sides see it. It answers nothing.
#[utoipa::path(
    tag = "forwardings",
    request_body = ForwardingMessageRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/messages")]
pub async fn say_to_counterparty(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Converse, |request: ForwardingMessageRequest, with| {
        Ok(ForwardingCommand::Converse(request.remark(with.new, with.now)))
    })
    .await
}

/// Put down that the unit knows the answer.
///
/// How, or at which meeting.
#[utoipa::path(
    tag = "forwardings",
    request_body = ShareAnswerRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/share_with_unit")]
pub async fn share_answer_with_unit(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::ShareWithUnit, |request: ShareAnswerRequest, _| {
        Ok(ForwardingCommand::ShareWithUnit { how: request.how })
    })
    .await
}

/// End it.
///
/// What we sent when the unit knows the answer; what we received when it is answered.
#[utoipa::path(
    tag = "forwardings",
    request_body = CloseForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/close")]
pub async fn close_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Close, |request: CloseForwardingRequest, _| {
        Ok(ForwardingCommand::Close { summary: request.summary })
    })
    .await
}

/// Give up waiting.
///
/// With a reason. It counts as not answered, unless an answer comes after all.
#[utoipa::path(
    tag = "forwardings",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/close_without_answer")]
pub async fn close_without_answer(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::CloseWithoutAnswer, |request: ReasonRequest, _| {
        Ok(ForwardingCommand::CloseWithoutAnswer { reason: request.reason })
    })
    .await
}

/// Take it back.
///
/// With a reason. The other side sees no more of it, and it counts nowhere. What we received is taken back by whoever
/// sent it: then it is put down here.
#[utoipa::path(
    tag = "forwardings",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/recall")]
pub async fn recall_forwarding(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Recall, |request: ReasonRequest, _| {
        Ok(ForwardingCommand::Recall { reason: request.reason })
    })
    .await
}

/// Put down what was found.
///
/// Of what we received, for us alone: what is answered is a text of its own.
#[utoipa::path(
    tag = "forwardings",
    request_body = ForwardingFindingsRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/investigated")]
pub async fn investigate_received(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Investigate, |request: ForwardingFindingsRequest, _| {
        Ok(ForwardingCommand::Investigate { text: request.text })
    })
    .await
}

/// Approve what is answered.
///
/// A text of its own, and a decision by name that it may leave.
#[utoipa::path(
    tag = "forwardings",
    request_body = ApproveForwardingAnswerRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/approve_answer")]
pub async fn approve_answer(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::ApproveAnswer, |request: ApproveForwardingAnswerRequest, _| {
        Ok(ForwardingCommand::ApproveAnswer(request.into()))
    })
    .await
}

/// Let the approved answer leave.
///
/// By which way it goes.
#[utoipa::path(
    tag = "forwardings",
    request_body = SendForwardingAnswerRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/answer")]
pub async fn answer_received(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Answer, |request: SendForwardingAnswerRequest, with| {
        Ok(ForwardingCommand::Answer { id: ExchangeId(with.new), channel: request.channel.into() })
    })
    .await
}

/// Say that it is not ours.
///
/// And whose it is; whoever sent it is told so.
#[utoipa::path(
    tag = "forwardings",
    request_body = WrongRecipientRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/wrong_recipient")]
pub async fn say_wrong_recipient(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::WrongRecipient, |request: WrongRecipientRequest, with| {
        Ok(ForwardingCommand::WrongRecipient {
            id: ExchangeId(with.new),
            whom: request.whom,
            channel: request.channel.into(),
        })
    })
    .await
}

/// Let what is not ours go to whose it is.
///
/// Back to whoever sent it, or to somebody else by a decision that it may.
#[utoipa::path(
    tag = "forwardings",
    request_body = PassOnForwardingRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/pass_on")]
pub async fn pass_on_received(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::PassOn, |request: PassOnForwardingRequest, _| {
        Ok(ForwardingCommand::PassOn(request.into()))
    })
    .await
}

/// Share what happened.
///
/// Joint: as one side saw it. Both sides see it.
#[utoipa::path(
    tag = "forwardings",
    request_body = SharedEventRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/events")]
pub async fn share_event(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::ShareEvent, |request: SharedEventRequest, with| {
        Ok(ForwardingCommand::ShareEvent(request.event(with.new, with.now)))
    })
    .await
}

/// Put a joint measure down.
///
/// Joint: with its owner on either side.
#[utoipa::path(
    tag = "forwardings",
    request_body = JointMeasureRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/measures")]
pub async fn add_joint_measure(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::AddMeasure, |request: JointMeasureRequest, with| {
        Ok(ForwardingCommand::AddMeasure(request.measure(with.new)))
    })
    .await
}

/// Say that a joint measure is done.
///
/// Joint: by the side that owns it.
#[utoipa::path(
    tag = "forwardings",
    request_body = FinishMeasureRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/measures/finish")]
pub async fn finish_joint_measure(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::FinishMeasure, |request: FinishMeasureRequest, with| {
        let today = domain::calendar::swedish_date(with.now);
        Ok(ForwardingCommand::FinishMeasure {
            id: MeasureId(request.measure),
            side: request.owner.map_or(Side::Us, Into::into),
            on: request.done_on.unwrap_or(today),
        })
    })
    .await
}

/// Give what came to a unit.
///
/// It becomes a case of ours (`source` VG) from the day it reached us, and perhaps our own lex Maria.
#[utoipa::path(
    tag = "forwardings",
    request_body = AssignReceivedRequest,
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/assign")]
pub async fn assign_received(handed: Handed) -> Result<HttpResponse, ApiError> {
    let Handed { state, mut caller, id: given, conditions, body } = handed;
    let opened = state.app.open_forwarding(&caller, ForwardingId(id(&given)?)).await?;
    opened.permit(&caller, Command::Assign)?;
    if conditions.key.is_none() {
        conditions.matches(opened.forwarding.version)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_forwarding_access(&caller, "forwarding.replay", &opened).await?;
        return Ok(send(kept));
    }
    conditions.matches(opened.forwarding.version)?;
    let request: AssignReceivedRequest = body.parse_desk(&state, &caller)?;
    let assigning = Assigning::at(&caller, &request.unit, request.category)?;
    let render = |opened: &OpenedForwarding| answer(opened, &caller, 200);
    Ok(send(state.app.assign_forwarding(&caller, opened, assigning, once, render).await?))
}
