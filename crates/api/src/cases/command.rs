//! The commands of a case: each goes the same way, and differs in its body.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, post};
use app::Caller;
use app::cases::{CaseCommand, Opened};
use domain::calendar::swedish_date;
use domain::case::correction::Correction;
use domain::case::filing::{Subject, SubjectGiven};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, StaffId, UnitId};
use domain::personnummer::{PersonalId, SubjectIdentity};
use domain::policy::Act;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use wire::Problem;
use wire::case::CaseView;
use wire::command::{
    CloseRequest, CorrectionRequest, DiaryNumberRequest, EmptyRequest, FeedbackRequest,
    InvestigationRequest, LeadRequest, LinkRequest, ReasonRequest, TransferRequest, TriageRequest,
};
use wire::filing::SubjectRequest;

use super::read::id;
use super::{answer_opened, send};
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Everything a command handler is handed.
pub struct Handed {
    pub(crate) state: Data<ApiState>,
    pub(crate) caller: CalledBy,
    pub(crate) case: String,
    pub(crate) conditions: Conditions,
    pub(crate) spoken: Spoken,
    pub(crate) body: Body,
}

impl FromRequest for Handed {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let case = request.match_info().get("id").unwrap_or_default().to_owned();
        let parts =
            <(Data<ApiState>, CalledBy, Conditions, Spoken, Body)>::from_request(request, payload);
        Box::pin(async move {
            let (state, caller, conditions, spoken, body) = parts.await?;
            Ok(Self { state, caller, case, conditions, spoken, body })
        })
    }
}

/// Whether the command is for the caller, on the version that was read.
fn admit(
    opened: &Opened,
    caller: &Caller,
    act: Act,
    conditions: Option<&Conditions>,
) -> Result<(), ApiError> {
    opened.permit(caller, act)?;
    conditions.map_or(Ok(()), |conditions| conditions.matches(opened.case.version))
}

/// The other case that a command names.
fn other(command: &CaseCommand) -> Option<CaseId> {
    match command {
        CaseCommand::Link { to, .. } => Some(*to),
        CaseCommand::Close(end) => end.duplicate_of,
        _ => None,
    }
}

/// The way of every command: existence and access, `If-Match`, body, guard. A request that was
/// answered before gets that answer as soon as its body is known, for the command itself may have
/// taken the case out of the caller's reach.
pub(crate) async fn run<T: DeserializeOwned + ToSchema>(
    handed: Handed,
    act: Act,
    command: impl FnOnce(&Caller, T) -> Result<CaseCommand, ApiError>,
) -> Result<HttpResponse, ApiError> {
    go(handed, act, true, command).await
}

/// The way of what is only added: nobody's version is asked for, and where others are faster it is
/// added to what they made of the case.
pub(super) async fn add<T: DeserializeOwned + ToSchema>(
    handed: Handed,
    act: Act,
    command: impl FnOnce(&Caller, T) -> Result<CaseCommand, ApiError>,
) -> Result<HttpResponse, ApiError> {
    go(handed, act, false, command).await
}

/// How often something is added anew to a case that others keep changing.
const TRIES: usize = 5;

async fn go<T: DeserializeOwned + ToSchema>(
    handed: Handed,
    act: Act,
    versioned: bool,
    command: impl FnOnce(&Caller, T) -> Result<CaseCommand, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let Handed { state, mut caller, case, conditions, spoken: Spoken(language), body } = handed;
    let case = id(&case)?;
    let mut opened = match state.app.open(&caller, case, Act::Read).await {
        // The first try may have taken the case out of sight: its answer holds all the same.
        Err(app::Error::NotFound) if conditions.key.is_some() => {
            let body = body.read(&state, &mut caller).await?;
            let once = body.once(&state, &caller, &conditions);
            let once = once.ok_or(ApiError::App(app::Error::NotFound))?;
            let kept = state.app.answered(&caller, &once).await?;
            let kept = kept.ok_or(ApiError::App(app::Error::NotFound))?;
            state.app.keep_replay(&caller, case).await?;
            return Ok(send(kept));
        }
        opened => opened?,
    };
    let conditions_asked = versioned.then_some(&conditions);
    if conditions.key.is_none() {
        admit(&opened, &caller, act, conditions_asked)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "case.replay", &opened).await?;
        return Ok(send(kept));
    }
    admit(&opened, &caller, act, conditions_asked)?;
    let command = command(&caller, body.parse_desk(&state, &caller)?)?;
    let linked = opened.linked().chain(other(&command)).collect();
    let readable = state.app.readable_among(&caller, linked).await?;
    let render = |opened: &Opened| {
        answer_opened(&opened.clone().linked_within(&readable), &caller, language)
    };
    let (mut tries, read) = (TRIES, opened.case.version);
    loop {
        tries -= 1;
        let done = state.app.execute(&caller, opened, command.clone(), once.clone(), render).await;
        match done {
            Err(app::Error::Stale) if tries > 0 => {
                opened = state.app.open(&caller, case, Act::Read).await?;
                // While the version that was read stands, it was another case of the same
                // investigation that moved.
                if versioned && opened.case.version != read {
                    return Err(ApiError::App(app::Error::Stale));
                }
            }
            done => return Ok(send(done?)),
        }
    }
}

/// A unit that a command names, by id or code.
pub(super) fn unit(caller: &Caller, given: &str, field: &str) -> Result<UnitId, ApiError> {
    caller.set_up.units.find(given).map(|unit| unit.id).ok_or_else(|| {
        let reason = Reason::UnknownUnit { given: given.to_owned() };
        ApiError::Invalid(vec![Fault::at(field, reason)])
    })
}

/// A person that a correction puts to the case.
pub(crate) fn subjected(caller: &Caller, given: &SubjectRequest) -> Result<Subject, ApiError> {
    let wrong = |reason| ApiError::Invalid(vec![Fault::at("/subject/personal_id", reason)]);
    let identity = match given.given() {
        None => return Err(wrong(Reason::Required)),
        Some(SubjectGiven::Other { id, issuer }) => SubjectIdentity::Other { id, issuer },
        Some(SubjectGiven::Personal(text)) => SubjectIdentity::Personal(
            PersonalId::parse(&text, swedish_date(caller.now))
                .map_err(|_| wrong(Reason::BadCheckDigit))?,
        ),
    };
    let protected = given.protected.clone();
    if let Some(code) = &protected
        && let Err(reason) = caller.set_up.codes.check("protected", code, swedish_date(caller.now))
    {
        return Err(ApiError::Invalid(vec![Fault::at("/subject/protected", reason)]));
    }
    Ok(Subject { identity, confirmed: true, protected })
}

fn correction(caller: &Caller, request: CorrectionRequest) -> Result<CaseCommand, ApiError> {
    let named = |given: &Option<String>, field: &str| {
        given.as_deref().map(|given| unit(caller, given, field)).transpose()
    };
    let also_units = request.also_units.map(|given| {
        let each = given.iter().enumerate();
        each.map(|(at, given)| unit(caller, given, &format!("/also_units/{at}"))).collect()
    });
    let correction = Correction {
        unit: named(&request.unit, "/unit")?,
        reporting_unit: named(&request.reporting_unit, "/reporting_unit")?,
        also_units: also_units.transpose()?,
        occurred_at: request.occurred_at,
        occurred_until: request.occurred_until,
        discovered_at: request.discovered_at,
        law: request.law.map(|laws| laws.into_iter().map(Into::into).collect()),
        details: request.details.unwrap_or_default(),
        subject: None,
        sex: None,
        age_band: None,
        reason: request.reason,
    };
    let subject = request.subject.map(|given| subjected(caller, &given)).transpose()?;
    Ok(CaseCommand::Correct { correction: Box::new(correction), subject })
}

/// Hand in a draft.
///
/// It reaches the organisation now.
#[utoipa::path(
    tag = "cases",
    request_body = EmptyRequest,
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
#[post("/cases/{id}/submit")]
pub async fn submit(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::EditDraft, |_, _: EmptyRequest| Ok(CaseCommand::Submit)).await
}

/// Assess a case.
///
/// In whole or in parts, in any order: what is left out stays. The case becomes triaged when nothing is
/// missing; `awaits` says what is. Judging anew what was judged asks for a reason.
#[utoipa::path(
    tag = "cases",
    request_body = TriageRequest,
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
#[post("/cases/{id}/triage")]
pub async fn triage(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Triage, |_, request: TriageRequest| Ok(CaseCommand::Triage(request.into())))
        .await
}

/// Take or give the lead.
///
/// Before triage this is how MAS, MAR or SAS takes a case over.
#[utoipa::path(
    tag = "cases",
    request_body = LeadRequest,
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
#[post("/cases/{id}/lead")]
pub async fn lead_case(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Lead, |_, request: LeadRequest| {
        Ok(CaseCommand::Lead { staff: request.staff.map(StaffId), reason: request.reason })
    })
    .await
}

/// Begin, write or complete the investigation.
///
/// With `complete` the course of events, at least one cause and a judgement must be there (PSL 3 kap. 3 §).
#[utoipa::path(
    tag = "cases",
    request_body = InvestigationRequest,
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
#[post("/cases/{id}/investigation")]
pub async fn investigate(handed: Handed) -> Result<HttpResponse, ApiError> {
    let state = handed.state.clone();
    run(handed, Act::Investigate, |_, request: InvestigationRequest| {
        Ok(CaseCommand::Investigate(request.into_findings(|| state.app.new_id())))
    })
    .await
}

/// Begin to follow the measures up.
///
/// Each measure needs an owner and a day (PSL 3 kap. 2 §).
#[utoipa::path(
    tag = "cases",
    request_body = EmptyRequest,
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
#[post("/cases/{id}/follow-up")]
pub async fn follow_up(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |_, _: EmptyRequest| Ok(CaseCommand::FollowUp)).await
}

/// Give feedback.
///
/// Who was told what came of it.
#[utoipa::path(
    tag = "cases",
    request_body = FeedbackRequest,
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
#[post("/cases/{id}/feedback")]
pub async fn give_feedback(handed: Handed) -> Result<HttpResponse, ApiError> {
    let state = handed.state.clone();
    run(handed, Act::Feedback, |caller, request: FeedbackRequest| {
        Ok(CaseCommand::Feedback(request.into_feedback(
            state.app.new_id(),
            caller.staff.id,
            caller.now,
        )))
    })
    .await
}

/// Give a case to another unit.
///
/// Which then is responsible for it.
#[utoipa::path(
    tag = "cases",
    request_body = TransferRequest,
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
#[post("/cases/{id}/transfer")]
pub async fn transfer(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Transfer, |caller, request: TransferRequest| {
        Ok(CaseCommand::Transfer {
            unit: unit(caller, &request.unit, "/unit")?,
            reason: request.reason,
        })
    })
    .await
}

/// Correct what was put down wrong.
///
/// Person, unit, day, law; the old value stays in the history, the reporter's text is never overwritten.
#[utoipa::path(
    tag = "cases",
    request_body = CorrectionRequest,
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
#[post("/cases/{id}/corrections")]
pub async fn correct(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Correct, |caller, request: CorrectionRequest| correction(caller, request))
        .await
}

/// Link a case to another.
///
/// Two reports of one event (`same_event`) count once with `of=events`.
#[utoipa::path(
    tag = "cases",
    request_body = LinkRequest,
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
#[post("/cases/{id}/links")]
pub async fn link(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Link, |_, request: LinkRequest| {
        Ok(CaseCommand::Link { kind: request.kind.into(), to: CaseId(request.case) })
    })
    .await
}

/// Give a case its diarienummer.
///
/// The number that the municipality's register gave the matter; none is drawn here. Held to the series
/// of the tenant's boards (`/settings`), with everything that is wrong named, and to no other case's.
/// Where another stood a reason is asked for.
#[utoipa::path(
    tag = "cases",
    request_body = DiaryNumberRequest,
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
#[post("/cases/{id}/diary-number")]
pub async fn give_diary_number(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::GiveNumber, |_, request: DiaryNumberRequest| {
        Ok(CaseCommand::GiveNumber { number: request.diary_number, reason: request.reason })
    })
    .await
}

/// End a case.
///
/// What ending asks for is a table of track and outcome; everything missing is named at once. On the
/// simple track this is the one command.
#[utoipa::path(
    tag = "cases",
    request_body = CloseRequest,
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
#[post("/cases/{id}/close")]
pub async fn close(handed: Handed) -> Result<HttpResponse, ApiError> {
    let state = handed.state.clone();
    run(handed, Act::CloseSimple, |caller, request: CloseRequest| {
        Ok(CaseCommand::Close(Box::new(request.into_close(
            state.app.new_id(),
            caller.staff.id,
            caller.now,
        ))))
    })
    .await
}

/// Take a closed case up again.
///
/// It goes on where it stood.
#[utoipa::path(
    tag = "cases",
    request_body = ReasonRequest,
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
#[post("/cases/{id}/reopen")]
pub async fn reopen(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Reopen, |_, request: ReasonRequest| {
        Ok(CaseCommand::Reopen { reason: request.reason })
    })
    .await
}

/// Make a case void.
///
/// Nothing is deleted; it is counted nowhere.
#[utoipa::path(
    tag = "cases",
    request_body = ReasonRequest,
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
#[post("/cases/{id}/void")]
pub async fn void(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Void, |_, request: ReasonRequest| {
        Ok(CaseCommand::Void { reason: request.reason })
    })
    .await
}
