//! One investigation over several cases.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use app::cases::{CaseCommand, Joining, OpenedInvestigation};
use app::{Answer, Caller, Once};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, InvestigationId, MeasureId};
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Problem;
use wire::command::{EmptyRequest, InvestigationRequest, MeasureProgressRequest, MeasuresRequest};
use wire::investigation::{
    BeginInvestigationRequest, GroundRequest, InvestigatedCaseView, JoinInvestigationRequest,
    SharedInvestigationView,
};

use super::command::Handed;
use super::send;
use crate::extract::{Body, CalledBy, Conditions, etag};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The id in the path; anything else is simply not there.
fn id(text: &str) -> Result<InvestigationId, ApiError> {
    Uuid::parse_str(text).map(InvestigationId).map_err(|_| ApiError::NoSuchPath)
}

/// An investigation as an answer.
fn answer(opened: &OpenedInvestigation, caller: &Caller, status: u16) -> Answer {
    let inquiry = &opened.inquiry;
    let cases = opened.readable(caller);
    let units = &caller.set_up.units;
    let cases = cases.iter().map(|it| InvestigatedCaseView::new(&it.case, units)).collect();
    let view = SharedInvestigationView::new(inquiry, cases);
    Answer {
        status,
        location: (status == 201).then(|| format!("/api/v1/investigations/{}", inquiry.id)),
        etag: Some(etag(inquiry.version)),
        body: serde_json::to_vec(&view).unwrap_or_default(),
    }
}

fn joining(
    caller: &Caller,
    reason: Option<wire::code::InCommon>,
    ground: Option<GroundRequest>,
) -> Joining {
    let ground = ground.map(|ground| ground.into_ground(caller.staff.id, caller.now));
    Joining { in_common: reason.map(Into::into), ground }
}

/// A request about an investigation that was found, on the version that was read, with its body.
struct Ready<T> {
    state: Data<ApiState>,
    caller: CalledBy,
    opened: OpenedInvestigation,
    once: Option<Once>,
    body: T,
}

/// The way of every change: existence and access, `If-Match`, body. A request that was answered before
/// gets that answer again.
async fn ready<T: DeserializeOwned + ToSchema>(
    handed: Handed,
) -> Result<Result<Ready<T>, HttpResponse>, ApiError> {
    let Handed { state, mut caller, case, conditions, body, .. } = handed;
    let opened = state.app.open_investigation(&caller, id(&case)?).await?;
    opened.permit(&caller)?;
    if conditions.key.is_none() {
        conditions.matches(opened.inquiry.version)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.read_investigation(&caller, opened.inquiry.id).await?;
        return Ok(Err(send(kept)));
    }
    conditions.matches(opened.inquiry.version)?;
    let body = body.parse_desk(&state, &caller)?;
    Ok(Ok(Ready { state, caller, opened, once, body }))
}

async fn change<T: DeserializeOwned + ToSchema>(
    handed: Handed,
    command: impl FnOnce(&Data<ApiState>, T) -> CaseCommand,
) -> Result<HttpResponse, ApiError> {
    let Ready { state, caller, opened, once, body } = match ready(handed).await? {
        Ok(ready) => ready,
        Err(kept) => return Ok(kept),
    };
    let command = command(&state, body);
    let render = |opened: &OpenedInvestigation| answer(opened, &caller, 200);
    Ok(send(state.app.change_investigation(&caller, opened, command, once, render).await?))
}

/// Begin one investigation over several cases.
///
/// All of them or none: each triaged, without an investigation of its own, and for the caller to
/// investigate. They share course of events, causes and measures; each keeps number, law, clocks, status
/// and count, and is closed by itself. Where they lie in health care and in social services, the ground
/// is recorded on which the other branch reads. Each case is under investigation from now on.
#[utoipa::path(
    tag = "investigations",
    request_body = BeginInvestigationRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Begun", body = SharedInvestigationView, headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not begun", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not begun", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/investigations")]
pub async fn begin_investigation(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        let request: BeginInvestigationRequest = body.parse_desk(&state, &caller)?;
        let shown = request.into_parts().0.into_iter().map(CaseId).collect();
        state.app.keep_investigation_replay(&caller, shown).await?;
        return Ok(send(kept));
    }
    let request: BeginInvestigationRequest = body.parse_desk(&state, &caller)?;
    let (cases, reason, ground, findings) = request.into_parts();
    let ids: Vec<CaseId> = cases.into_iter().map(CaseId).collect();
    let twice = |at: &usize| ids[..*at].contains(&ids[*at]);
    let faults: Vec<_> = (0..ids.len())
        .filter(twice)
        .map(|at| Fault::at(format!("/cases/{at}"), Reason::NotUnique))
        .collect();
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let joining = joining(&caller, Some(reason), ground);
    let findings = findings.into_findings(|| state.app.new_id());
    let render = |opened: &OpenedInvestigation| answer(opened, &caller, 201);
    let begun =
        state.app.begin_investigation(&caller, &ids, joining, findings, once, render).await?;
    Ok(send(begun))
}

/// Read an investigation.
///
/// With the cases it serves, as far as one may read them; for whoever may read one of them as more than
/// its reporter. Leaves an access entry.
#[utoipa::path(
    tag = "investigations",
    params(("id" = Uuid, Path, description = "The investigation's id, as a case shows it")),
    responses(
        (status = 200, description = "The investigation", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/investigations/{id}")]
pub async fn read_investigation(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.read_investigation(&caller, id(&path)?).await?;
    Ok(send(answer(&opened, &caller, 200)))
}

/// Add a case to an investigation.
///
/// The case is under investigation from now on; for one that is complete it must have what the track of
/// the case asks for.
#[utoipa::path(
    tag = "investigations",
    request_body = JoinInvestigationRequest,
    params(
        ("id" = Uuid, Path, description = "The investigation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/investigations/{id}/cases")]
pub async fn join_investigation(handed: Handed) -> Result<HttpResponse, ApiError> {
    let Ready { state, caller, opened, once, body } =
        match ready::<JoinInvestigationRequest>(handed).await? {
            Ok(ready) => ready,
            Err(kept) => return Ok(kept),
        };
    let joining = joining(&caller, body.reason, body.ground);
    let case = CaseId(body.case);
    let render = |opened: &OpenedInvestigation| answer(opened, &caller, 200);
    Ok(send(state.app.join_investigation(&caller, opened, case, joining, once, render).await?))
}

/// Write or complete an investigation.
///
/// For all its cases, which get a new version each. It is complete for all of them at once, judged by the
/// track of each: with one on the deep track it needs what that asks for.
#[utoipa::path(
    tag = "investigations",
    request_body = InvestigationRequest,
    params(
        ("id" = Uuid, Path, description = "The investigation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/investigations/{id}")]
pub async fn write_investigation(handed: Handed) -> Result<HttpResponse, ApiError> {
    change(handed, |state, request: InvestigationRequest| {
        CaseCommand::Investigate(request.into_findings(|| state.app.new_id()))
    })
    .await
}

/// Add measures, and waive causes.
///
/// One set of measures for all the cases.
#[utoipa::path(
    tag = "investigations",
    request_body = MeasuresRequest,
    params(
        ("id" = Uuid, Path, description = "The investigation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/investigations/{id}/measures")]
pub async fn add_measures(handed: Handed) -> Result<HttpResponse, ApiError> {
    change(handed, |state, request: MeasuresRequest| {
        let (measures, waivers) = request.into_parts(|| state.app.new_id());
        CaseCommand::AddMeasures { measures, waivers }
    })
    .await
}

/// Decide the measures.
///
/// For every case that is being investigated: all of them go on, or none does.
#[utoipa::path(
    tag = "investigations",
    request_body = EmptyRequest,
    params(
        ("id" = Uuid, Path, description = "The investigation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/investigations/{id}/measures/decision")]
pub async fn decide_measures(handed: Handed) -> Result<HttpResponse, ApiError> {
    change(handed, |_, _: EmptyRequest| CaseCommand::DecideMeasures).await
}

/// Begin to follow the measures up.
///
/// For every case whose measures are decided: all of them go on, or none does.
#[utoipa::path(
    tag = "investigations",
    request_body = EmptyRequest,
    params(
        ("id" = Uuid, Path, description = "The investigation's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/investigations/{id}/follow-up")]
pub async fn follow_up(handed: Handed) -> Result<HttpResponse, ApiError> {
    change(handed, |_, _: EmptyRequest| CaseCommand::FollowUp).await
}

/// Write down how a measure goes.
///
/// Also after the cases are closed: a measure outlives them.
#[utoipa::path(
    tag = "investigations",
    request_body = MeasureProgressRequest,
    params(
        ("id" = Uuid, Path, description = "The investigation's id"),
        ("measure" = Uuid, Path, description = "The measure's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SharedInvestigationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/investigations/{id}/measures/{measure}")]
pub async fn progress_measure(
    handed: Handed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let measure = Uuid::parse_str(&path.1).map(MeasureId).map_err(|_| ApiError::NoSuchPath)?;
    change(handed, |_, request: MeasureProgressRequest| CaseCommand::ProgressMeasure {
        measure,
        progress: request.into(),
    })
    .await
}
