//! The commands of an escalation: each goes the same way, and differs in its body.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, post};
use app::escalations::{EscalationCommand, OpenedEscalation};
use domain::escalation::Command;
use domain::fault::{Fault, Reason};
use domain::ids::{EscalationId, StaffId};
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use wire::Problem;
use wire::command::ReasonRequest;
use wire::escalation::{
    AssessRequest, CloseEscalationRequest, DecideRequest, DismissRequest, EscalationView,
    ImmediateActionRequest, InquiryRequest, IvoRequest, NotifyRequest, ProposeRequest,
    ReadersRequest, ReceiveRequest, RemedyView, ScreenRequest, SentRequest, SupplementToIvoRequest,
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

/// The way of every command: existence and access, `If-Match`, body, guard. A request that was
/// answered before gets that answer.
async fn run<T: DeserializeOwned + ToSchema>(
    handed: Handed,
    asked: Command,
    command: impl FnOnce(T) -> Result<EscalationCommand, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let Handed { state, mut caller, id: given, conditions, body } = handed;
    let opened = state.app.open_escalation(&caller, EscalationId(id(&given)?)).await?;
    opened.permit(&caller, asked)?;
    if conditions.key.is_none() {
        conditions.matches(opened.escalation.version)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_escalation_access(&caller, "escalation.replay", &opened).await?;
        return Ok(send(kept));
    }
    conditions.matches(opened.escalation.version)?;
    let command = command(body.parse_desk(&state, &caller)?)?;
    let render = |opened: &OpenedEscalation| answer(opened, &caller, 200);
    Ok(send(state.app.execute_escalation(&caller, opened, command, once, render).await?))
}

fn inconsistent(code: &'static str) -> ApiError {
    ApiError::Invalid(vec![Fault::at("", Reason::inconsistent(code))])
}

fn about_supplement(request: SupplementToIvoRequest) -> Result<EscalationCommand, ApiError> {
    match (request.requested, request.sent) {
        (Some(asked), None) => Ok(EscalationCommand::RequestSupplement(asked.into())),
        (None, Some(sent)) => Ok(EscalationCommand::AnswerSupplement {
            sent_at: sent.sent_at,
            channel: sent.channel.into(),
        }),
        (Some(_), Some(_)) | (None, None) => Err(inconsistent("requested_or_sent")),
    }
}

fn from_ivo(request: IvoRequest) -> Result<EscalationCommand, ApiError> {
    match (request.received, request.decided) {
        (Some(received), None) => Ok(EscalationCommand::IvoReceive {
            number: received.number,
            received_at: received.received_at,
        }),
        (None, Some(decided)) => Ok(EscalationCommand::IvoDecide(decided.into())),
        (Some(_), Some(_)) | (None, None) => Err(inconsistent("received_or_decided")),
    }
}

/// Screen a flag.
///
/// By MAS or MAR under HSL, SAS under SoL and LSS: taken up, or out with reasons (list `screening`).
#[utoipa::path(
    tag = "escalations",
    request_body = ScreenRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/screen")]
pub async fn screen_flag(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::TakeUp, |request: ScreenRequest| {
        Ok(EscalationCommand::Screen(request.into()))
    })
    .await
}

/// Receive a lex Sarah report.
///
/// By SAS. A private provider has told the nämnd of it. Those it criticises read no investigation from now on.
#[utoipa::path(
    tag = "escalations",
    request_body = ReceiveRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/receive")]
pub async fn receive_report(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Receive, |request: ReceiveRequest| {
        Ok({
            let (board_informed, criticised) = request.parts();
            EscalationCommand::Receive { board_informed, criticised }
        })
    })
    .await
}

/// Put down what protects the person at once.
///
/// Lex Sarah. What was done, or why nothing was needed; also by a manager whom the report criticises.
#[utoipa::path(
    tag = "escalations",
    request_body = ImmediateActionRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/immediate-action")]
pub async fn act_at_once(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::ActAtOnce, |request: ImmediateActionRequest| {
        Ok(EscalationCommand::ActAtOnce { text: request.text })
    })
    .await
}

/// Write the investigation of a lex Sarah report.
///
/// By SAS or the investigator they name, in parts; `complete` when nothing is missing. Never shown to whom it criticises.
#[utoipa::path(
    tag = "escalations",
    request_body = InquiryRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/investigate")]
pub async fn investigate_report(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Investigate, |request: InquiryRequest| {
        Ok(EscalationCommand::Investigate(request.into()))
    })
    .await
}

/// Propose a decision.
///
/// By MAS, MAR, SAS or the investigator. It decides nothing; whoever the register lets decide is told.
#[utoipa::path(
    tag = "escalations",
    request_body = ProposeRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/propose")]
pub async fn propose_decision(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Propose, |request: ProposeRequest| {
        Ok(EscalationCommand::Propose(request.into()))
    })
    .await
}

/// Decide whether IVO is notified.
///
/// Lex Maria and riskperson, by whoever the register of delegations lets decide that day, after a proposal; with a motivation, also for no.
#[utoipa::path(
    tag = "escalations",
    request_body = DecideRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/decide")]
pub async fn decide_escalation(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Decide, |request: DecideRequest| {
        Ok(EscalationCommand::Decide(request.into()))
    })
    .await
}

/// Decide the degree of a lex Sarah report.
///
/// By whoever the register lets decide, after the investigation and a proposal; with a motivation.
#[utoipa::path(
    tag = "escalations",
    request_body = AssessRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/assess")]
pub async fn assess_report(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Assess, |request: AssessRequest| {
        Ok(EscalationCommand::Assess(request.into()))
    })
    .await
}

/// Decide that a lex Sarah report is a mere avvikelse.
///
/// By whoever the register lets decide; with a motivation.
#[utoipa::path(
    tag = "escalations",
    request_body = DismissRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/dismiss")]
pub async fn dismiss_report(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::NotTakeUp, |request: DismissRequest| {
        Ok(EscalationCommand::NotTakeUp { motivation: request.motivation, on: request.decided_on })
    })
    .await
}

/// Put down that IVO was notified.
///
/// By whoever the register lets decide or notify. Of lex Sarah also straight after receipt, with `decision` in the same breath; the investigation is still done.
#[utoipa::path(
    tag = "escalations",
    request_body = NotifyRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/notify")]
pub async fn notify_ivo(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Notify, |request: NotifyRequest| {
        Ok(EscalationCommand::Notify(Box::new(request.into())))
    })
    .await
}

/// Put down that the investigation went to IVO.
///
/// It is complete: course of events, a measure or waiver for each cause, the patient asked.
#[utoipa::path(
    tag = "escalations",
    request_body = SentRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/inquiry")]
pub async fn submit_inquiry(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::SubmitInquiry, |request: SentRequest| {
        Ok(EscalationCommand::SubmitInquiry {
            sent_at: request.sent_at,
            channel: request.channel.into(),
        })
    })
    .await
}

/// Put down what was put right under lex Sarah, and who was told.
///
/// In parts: what is left out stays.
#[utoipa::path(
    tag = "escalations",
    request_body = RemedyView,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/follow-up")]
pub async fn follow_up_report(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::FollowUp, |request: RemedyView| {
        Ok(EscalationCommand::FollowUp(request.into()))
    })
    .await
}

/// Withdraw a notification.
///
/// By whoever the register lets decide. Lex Maria and riskperson end so; a lex Sarah report is assessed anew.
#[utoipa::path(
    tag = "escalations",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/withdraw")]
pub async fn withdraw_notification(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Withdraw, |request: ReasonRequest| {
        Ok(EscalationCommand::Withdraw { reason: request.reason })
    })
    .await
}

/// Take a "no" up again.
///
/// The old decision is kept.
#[utoipa::path(
    tag = "escalations",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/reassess")]
pub async fn reassess_escalation(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Reassess, |request: ReasonRequest| {
        Ok(EscalationCommand::Reassess { reason: request.reason })
    })
    .await
}

/// End an escalation.
///
/// Everything that is missing is named at once.
#[utoipa::path(
    tag = "escalations",
    request_body = CloseEscalationRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/close")]
pub async fn close_escalation(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::Close, |request: CloseEscalationRequest| {
        Ok(EscalationCommand::Close(request.into()))
    })
    .await
}

/// Choose who may see a riskperson.
///
/// By whoever raised it. All of them; somebody always may.
#[utoipa::path(
    tag = "escalations",
    request_body = ReadersRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/readers")]
pub async fn choose_readers(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::ChooseReaders, |request: ReadersRequest| {
        Ok(EscalationCommand::ChooseReaders(request.readers.into_iter().map(StaffId).collect()))
    })
    .await
}

/// Put down that IVO asks for more, or that it was sent.
///
/// With the day until which IVO wants it. Exactly one of `requested` and `sent`.
#[utoipa::path(
    tag = "escalations",
    request_body = SupplementToIvoRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/supplement")]
pub async fn supplement_to_ivo(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::RequestSupplement, |request: SupplementToIvoRequest| {
        about_supplement(request)
    })
    .await
}

/// Put down what came from IVO.
///
/// That it was received, with IVO's diarienummer; or what IVO decided. Exactly one of `received` and `decided`.
#[utoipa::path(
    tag = "escalations",
    request_body = IvoRequest,
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/{id}/ivo")]
pub async fn note_from_ivo(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Command::IvoReceive, |request: IvoRequest| from_ivo(request)).await
}
