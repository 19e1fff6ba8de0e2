//! `POST /cases/actions`: one action on many cases.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use app::cases::{CaseCommand, ForEach, OfEach};
use app::{Answer, Caller};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, StaffId, WatchId};
use domain::policy::Act;
use wire::many::{ActionRequest, ActionResult, ActionResultView, ActionsRequest, ActionsView};
use wire::{Language, Problem};

use super::beside::watch;
use super::command::unit;
use super::send;
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// An action as it is carried out: its name, what the policy is asked about first, and how the command
/// for one of the cases is made.
struct Action {
    name: &'static str,
    act: Act,
    command: Box<dyn Fn() -> CaseCommand + Sync>,
}

/// The one action of a request.
fn action(
    state: &Data<ApiState>,
    caller: &Caller,
    request: ActionRequest,
) -> Result<Action, ApiError> {
    let given = [
        request.triage.is_some(),
        request.lead.is_some(),
        request.feedback.is_some(),
        request.close.is_some(),
        request.transfer.is_some(),
        request.watch.is_some(),
    ];
    let one_action = || {
        let reason = Reason::inconsistent("one_action");
        ApiError::Invalid(vec![Fault::at("/action", reason)])
    };
    if given.into_iter().filter(|given| *given).count() != 1 {
        return Err(one_action());
    }
    let (app, by, now) = (state.clone(), caller.staff.id, caller.now);
    let new_id = move || app.app.new_id();
    if let Some(triage) = request.triage {
        let command = move || CaseCommand::Triage(triage.clone().into());
        return Ok(Action { name: "triage", act: Act::Triage, command: Box::new(command) });
    }
    if let Some(lead) = request.lead {
        let command = move || CaseCommand::Lead {
            staff: lead.staff.map(StaffId),
            reason: lead.reason.clone(),
        };
        return Ok(Action { name: "lead", act: Act::Lead, command: Box::new(command) });
    }
    if let Some(given) = request.feedback {
        let command = move || CaseCommand::Feedback(given.clone().into_feedback(new_id(), by, now));
        return Ok(Action { name: "feedback", act: Act::Feedback, command: Box::new(command) });
    }
    if let Some(close) = request.close {
        let command = move || CaseCommand::Close(Box::new(close.to_close(new_id(), by, now)));
        return Ok(Action { name: "close", act: Act::CloseSimple, command: Box::new(command) });
    }
    if let Some(transfer) = request.transfer {
        let to = unit(caller, &transfer.unit, "/action/transfer/unit")?;
        let command = move || CaseCommand::Transfer { unit: to, reason: transfer.reason.clone() };
        return Ok(Action { name: "transfer", act: Act::Transfer, command: Box::new(command) });
    }
    let asked = watch(caller, request.watch.ok_or_else(one_action)?, WatchId(state.app.new_id()))
        .map_err(|error| below("watch", error))?;
    let command = move || {
        let mut asked = asked.clone();
        asked.id = WatchId(new_id());
        CaseCommand::Watch(asked)
    };
    Ok(Action { name: "watch", act: Act::Watch, command: Box::new(command) })
}

/// An error whose pointers are into the body of this request rather than of the single command's.
fn below(action: &str, error: ApiError) -> ApiError {
    match error {
        ApiError::Invalid(faults) | ApiError::App(app::Error::Faults(faults)) => {
            let below = |it: Fault| Fault::at(format!("/action/{action}{}", it.field), it.reason);
            ApiError::Invalid(faults.into_iter().map(below).collect())
        }
        other => other,
    }
}

fn told(caller: &Caller, language: Language, action: &str, each: OfEach) -> ActionResultView {
    let mut view = ActionResultView {
        id: each.id.0,
        number: each.number.map(|number| number.to_string()),
        result: ActionResult::Done,
        version: None,
        status: None,
        code: None,
        title: None,
        detail: None,
        errors: Vec::new(),
    };
    match each.result {
        Ok((version, status)) => {
            view.version = Some(version);
            view.status = Some(status.into());
        }
        Err(error) => {
            let problem = below(action, error.into()).problem(language, caller.request);
            view.result = ActionResult::Refused;
            view.code = Some(problem.code);
            view.title = Some(problem.title);
            view.detail = problem.detail;
            view.errors = problem.errors;
        }
    }
    view
}

/// Do one thing to many cases.
///
/// At most 200, each on the version that was read and guarded by itself, as if the command came alone;
/// what is refused is named, and the rest is done. A case with an open lex question is judged and ended
/// by itself; so is one that would be judged milder than somebody judged it. A case that one may not
/// read is refused like one that is not there. Leaves one access entry.
#[utoipa::path(
    tag = "cases",
    request_body = ActionsRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "What became of each", body = ActionsView),
        (status = "4XX", description = "Nothing was done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Nothing was done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/actions")]
pub async fn act_on_many(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: ActionsRequest = body.parse_desk(&state, &caller)?;
    let cases: Vec<_> = request.cases.iter().map(|it| (CaseId(it.id), it.version)).collect();
    let twice = |at: &usize| cases[..*at].iter().any(|(id, _)| *id == cases[*at].0);
    let faults: Vec<_> = (0..cases.len())
        .filter(twice)
        .map(|at| Fault::at(format!("/cases/{at}/id"), Reason::NotUnique))
        .collect();
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let Action { name, act, command } = action(&state, &caller, request.action)?;
    let render = |results: Vec<OfEach>| {
        let items: Vec<_> =
            results.into_iter().map(|each| told(&caller, language, name, each)).collect();
        let done = items.iter().filter(|item| item.result == ActionResult::Done).count();
        let view = ActionsView { done, refused: items.len() - done, items };
        let body = serde_json::to_vec(&view).unwrap_or_default();
        Answer { status: 200, location: None, etag: None, body }
    };
    let each = ForEach { act, command: &*command };
    Ok(send(state.app.execute_each(&caller, &cases, each, once, render).await?))
}
