//! Beginning a forwarding, and reading one.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use app::forwardings::{DraftGiven, OpenedForwarding, ReceivedGiven};
use domain::calendar::{start_of_day, swedish_date};
use domain::fault::{Fault, Reason};
use domain::forwarding::{Hand, Kind};
use domain::ids::{CaseId, CounterpartyId, ForwardingId};
use domain::law::Law;
use domain::policy::Act;
use wire::Problem;
use wire::case::{ChangeView, SubjectView};
use wire::forwarding::{
    ForwardingDraftRequest, ForwardingHistoryEntryView, ForwardingHistoryView, ForwardingView,
    ForwardingsView, ReceivedForwardingRequest,
};

use super::{answer, view};
use crate::cases::read::subject_view;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{id, send};
use crate::state::ApiState;

/// List the forwardings of a case.
///
/// What was written to other caregivers of it, and the one it came from. Not for whoever reads only their own
/// filing. Leaves an access entry before the answer leaves.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The forwardings", body = ForwardingsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/forwardings")]
pub async fn list_case_forwardings(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.forwardings_of(&caller, CaseId(id(&path)?)).await?;
    let items = found.iter().map(|opened| view(opened, &caller)).collect();
    Ok(HttpResponse::Ok().json(ForwardingsView { items }))
}

/// Begin to write to another caregiver.
///
/// A document of its own beside the case, written for the reader at the other end: nothing of the case goes
/// along. A personal identity number in it is refused with its position. One case may have several, each to
/// one counterparty. It leaves when somebody has decided that it may (`check`) and sends it.
#[utoipa::path(
    tag = "forwardings",
    request_body = ForwardingDraftRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Begun", body = ForwardingView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not begun", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not begun", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/forwardings")]
pub async fn draft_forwarding(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open(&caller, CaseId(id(&path)?), Act::Read).await?;
    opened.permit(&caller, Act::DraftForwarding)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "forwarding.replay", &opened).await?;
        return Ok(send(kept));
    }
    let request: ForwardingDraftRequest = body.parse_desk(&state, &caller)?;
    let given = DraftGiven {
        counterparty: CounterpartyId(request.counterparty),
        kind: request.kind.map_or(Kind::Single, Into::into),
        law: request.law.map(Into::into),
        document: request.document(),
    };
    let render = |opened: &OpenedForwarding| answer(opened, &caller, 201);
    Ok(send(state.app.draft_forwarding(&caller, &opened, given, once, render).await?))
}

/// Register what came from another caregiver.
///
/// By letter, telephone or any other way. It has a number of its own (`VG-…`) and counts as received; a case
/// it becomes only when it is given to a unit. Who the person is goes sealed, in `subject`.
#[utoipa::path(
    tag = "forwardings",
    request_body = ReceivedForwardingRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Registered", body = ForwardingView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings")]
pub async fn register_forwarding(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReceiveForwarding)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        // From whom it was closed meanwhile, it is not shown again either.
        if let Some(registered) = kept.made() {
            let opened = state.app.open_forwarding(&caller, ForwardingId(id(registered)?)).await?;
            state.app.keep_forwarding_access(&caller, "forwarding.replay", &opened).await?;
        }
        return Ok(send(kept));
    }
    // Who it is goes sealed, and is the place for a personal identity number.
    let request: ReceivedForwardingRequest = body.parse_beside(&state, &caller, &["subject"])?;
    let today = swedish_date(caller.now);
    let unit = match &request.unit {
        None => None,
        Some(given) => match caller.set_up.units.find(given) {
            Some(unit) => Some(unit.id),
            None => {
                let reason = Reason::UnknownUnit { given: given.clone() };
                return Err(ApiError::Invalid(vec![Fault::at("/unit", reason)]));
            }
        },
    };
    let given = ReceivedGiven {
        counterparty: CounterpartyId(request.counterparty),
        kind: request.kind.map_or(Kind::Single, Into::into),
        document: request.document(),
        unit,
        law: request.law.map_or(Law::Hsl, Into::into),
        channel: request.channel.into(),
        received_at: request.received_on.filter(|day| *day != today).map(start_of_day),
        due_on: request.due_on,
        subject: request.identity(today).map_err(ApiError::Invalid)?,
        their_number: request.diary_number,
    };
    let render = |opened: &OpenedForwarding| answer(opened, &caller, 201);
    Ok(send(state.app.register_forwarding(&caller, given, once, render).await?))
}

/// Read a forwarding.
///
/// The document, the decision what may leave, what was said by both sides, and where it stands. Leaves an
/// access entry before the answer leaves.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The forwarding", body = ForwardingView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}")]
pub async fn read_forwarding(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.read_forwarding(&caller, ForwardingId(id(&path)?)).await?;
    Ok(send(answer(&opened, &caller, 200)))
}

/// Read who a forwarding is about.
///
/// Where that goes along by the decision, or came along. For those who handle it; leaves an access entry of its
/// own.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The identity", body = SubjectView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/subject")]
pub async fn read_forwarding_subject(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let forwarding = ForwardingId(id(&path)?);
    let identity = state.app.read_forwarding_subject(&caller, forwarding).await?;
    Ok(HttpResponse::Ok().json(subject_view(identity, true, None)))
}

/// Read a forwarding's history.
///
/// Who did what when, oldest first: one of ours, the counterparty, or the service itself.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The history", body = ForwardingHistoryView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/history")]
pub async fn read_forwarding_history(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let history = state.app.forwarding_history(&caller, ForwardingId(id(&path)?)).await?;
    let items = history
        .into_iter()
        .map(|entry| ForwardingHistoryEntryView {
            version: entry.version,
            at: entry.at,
            hand: match entry.by {
                Hand::Staff(_) => "staff",
                Hand::Counterparty(_) => "counterparty",
                Hand::Job => "job",
            },
            by: entry.by.staff().map(|staff| staff.0),
            command: entry.command,
            from: entry.from.map(Into::into),
            to: entry.to.into(),
            changes: entry
                .changes
                .into_iter()
                .map(|it| ChangeView { field: it.field, old: it.old, new: it.new })
                .collect(),
            reason: entry.reason,
        })
        .collect();
    Ok(HttpResponse::Ok().json(ForwardingHistoryView { items }))
}
