//! The commands by which an opinion is handled. Each goes the way of every command of a case, and answers
//! with the case.

use actix_web::{HttpResponse, post};
use app::cases::CaseCommand;
use app::opinions::{OpinionCommand, SpinOff};
use domain::ids::{CaseId, StaffId};
use domain::policy::Act;
use wire::Problem;
use wire::case::CaseView;
use wire::opinion::{
    AcknowledgeOpinionRequest, AskSenderRequest, AssignOpinionRequest, ContactAttemptRequest,
    HandOverOpinionRequest, InvestigateOpinionRequest, OpinionAnswerRequest, PassOnOpinionRequest,
    RegisterOpinionRequest, SpinOffRequest,
};

use crate::cases::command::{Handed, run};
use crate::cases::{answer_new, send};
use crate::problem::ApiError;
use crate::setup::id;

fn opinion(command: OpinionCommand) -> CaseCommand {
    CaseCommand::Opinion(Box::new(command))
}

/// Put an opinion into the register.
///
/// What came through the public form is received until somebody has looked at it. Whom it is about gets to see
/// nothing of it from now on.
#[utoipa::path(
    tag = "opinions",
    request_body = RegisterOpinionRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/register")]
pub async fn register_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::RegisterOpinion, |_, request: RegisterOpinionRequest| {
        Ok(opinion(OpinionCommand::Register(request.into())))
    })
    .await
}

/// Tell the sender that it has come.
///
/// Whoever has left an address of e-mail is written to. Nobody is told twice, nor who cannot be told.
#[utoipa::path(
    tag = "opinions",
    request_body = AcknowledgeOpinionRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/acknowledge")]
pub async fn acknowledge_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::RegisterOpinion, |_, request: AcknowledgeOpinionRequest| {
        Ok(opinion(OpinionCommand::Acknowledge { way: request.way }))
    })
    .await
}

/// Give an opinion to whoever is to handle it.
///
/// They lead the case. Nobody handles what is about themselves.
#[utoipa::path(
    tag = "opinions",
    request_body = AssignOpinionRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/assign")]
pub async fn assign_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::RegisterOpinion, |_, request: AssignOpinionRequest| {
        let (staff, reason) = (request.staff.map(StaffId), request.reason);
        Ok(opinion(OpinionCommand::Assign { staff, reason }))
    })
    .await
}

/// Answer the two gates and find out what happened.
///
/// Is it an avvikelse? Then one is made of it before it is answered. May it be lex Sarah? Anything but no raises a
/// flag. Asked again, the answers are given anew.
#[utoipa::path(
    tag = "opinions",
    request_body = InvestigateOpinionRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/investigate")]
pub async fn investigate_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |_, request: InvestigateOpinionRequest| {
        let (gates, lex_reason) = (request.gates(), request.lex_sarah_reason);
        Ok(opinion(OpinionCommand::Investigate { gates, lex_reason }))
    })
    .await
}

/// Ask the sender something.
///
/// They read it, and answer, by their receipt.
#[utoipa::path(
    tag = "opinions",
    request_body = AskSenderRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/ask")]
pub async fn ask_sender(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |_, request: AskSenderRequest| {
        Ok(opinion(OpinionCommand::Ask { text: request.text }))
    })
    .await
}

/// Write down that somebody tried in vain to reach the sender.
///
/// After so many attempts (a setting) they count as out of reach.
#[utoipa::path(
    tag = "opinions",
    request_body = ContactAttemptRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/attempt")]
pub async fn note_attempt(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::RegisterOpinion, |caller, request: ContactAttemptRequest| {
        let attempt = request.into_attempt(caller.staff.id, caller.now);
        Ok(opinion(OpinionCommand::Attempt(attempt)))
    })
    .await
}

/// Answer an opinion, or keep a draft of the answer.
///
/// Whoever investigates writes the draft; who answers is a question of role. Of a klagomål everything that is
/// missing is told at once. A mail to the sender says that there is an answer, and nothing of it.
#[utoipa::path(
    tag = "opinions",
    request_body = OpinionAnswerRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/answer")]
pub async fn answer_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |_, request: OpinionAnswerRequest| {
        let (draft, lex_reason) = (request.draft, request.lex_sarah_reason.clone());
        let answer = request.into();
        Ok(opinion(match draft {
            true => OpinionCommand::Draft(answer),
            false => OpinionCommand::Answer { answer: Box::new(answer), lex_reason },
        }))
    })
    .await
}

/// Hand an opinion over to whom it concerns.
///
/// Another caregiver, or another body (PSL 3 kap. 8 e §). That ends the case here; the day by which it was to be
/// answered stays visible.
#[utoipa::path(
    tag = "opinions",
    request_body = HandOverOpinionRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/hand_over")]
pub async fn hand_over_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::AnswerOpinion, |_, request: HandOverOpinionRequest| {
        Ok(opinion(OpinionCommand::HandOver(request.into())))
    })
    .await
}

/// Pass an opinion on to the patientnämnd or IVO.
///
/// It is handled here all the same.
#[utoipa::path(
    tag = "opinions",
    request_body = PassOnOpinionRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/pass_on")]
pub async fn pass_on_opinion(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::AnswerOpinion, |caller, request: PassOnOpinionRequest| {
        let passed = request.into_passed(caller.staff.id, caller.now);
        Ok(opinion(OpinionCommand::PassOn(passed)))
    })
    .await
}

/// Make an avvikelse of an opinion.
///
/// A case of its own, linked to it, whose text does not tell who the sender is. Both clocks run. Making one says
/// that it is one.
#[utoipa::path(
    tag = "opinions",
    request_body = SpinOffRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Done", body = CaseView, headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/opinion/spin_off")]
pub async fn spin_off(handed: Handed) -> Result<HttpResponse, ApiError> {
    let Handed { state, mut caller, case, conditions, spoken, body } = handed;
    let case = CaseId(id(&case)?);
    let opened = state.app.open(&caller, case, Act::Read).await?;
    if conditions.key.is_none() {
        opened.permit(&caller, Act::Investigate)?;
        conditions.matches(opened.case.version)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "case.replay", &opened).await?;
        return Ok(send(kept));
    }
    opened.permit(&caller, Act::Investigate)?;
    conditions.matches(opened.case.version)?;
    let request: SpinOffRequest = body.parse_desk(&state, &caller)?;
    let new = SpinOff {
        description: request.description,
        category: request.category,
        law: request.law,
        unit: request.unit,
        immediate_action: request.immediate_action,
        severity: request.severity.into(),
    };
    let render = |case: &domain::case::Case| answer_new(case, &caller, spoken.0);
    Ok(send(state.app.spin_off(&caller, &opened, new, once, render).await?))
}
