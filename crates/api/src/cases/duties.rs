//! Neighbouring duties of a case, and a case that waits for somebody outside.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use app::cases::CaseCommand;
use domain::policy::Act;
use wire::Problem;
use wire::case::CaseView;
use wire::duties::{DutiesView, DutyAsked, DutyRequest, WaitingAsked, WaitingRequest};

use super::command::{Handed, run};
use super::read::id;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Read the neighbouring duties of a case.
///
/// What the law asks of others than those who handle the case, each with its clock: a personal data
/// breach, a device event, police, concern for a child, infection, an adverse reaction, the work
/// environment. Leaves an access entry. Not for whoever only filed it.
#[utoipa::path(
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The duties", body = DutiesView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/duties")]
pub async fn read_duties(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.read_duties(&caller, id(&path)?).await?;
    let chosen = &caller.set_up.settings.clocks;
    Ok(HttpResponse::Ok().json(DutiesView::new(&opened.case, chosen, caller.now)))
}

/// Ask for a neighbouring duty, or answer one.
///
/// Triage asks by category and answers; this asks by hand, and says that a duty is done or why it is
/// not needed. A case does not close while one is not answered.
#[utoipa::path(
    tag = "cases",
    request_body = DutyRequest,
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
#[post("/cases/{id}/duties")]
pub async fn ask_or_answer_duty(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |_, request: DutyRequest| {
        let (code, asked) = request.asked().map_err(ApiError::Invalid)?;
        Ok(match asked {
            DutyAsked::Ask(known_at) => CaseCommand::AskDuty { code, known_at },
            DutyAsked::Answer(answer) => CaseCommand::AnswerDuty { code, answer },
        })
    })
    .await
}

/// Say for whom a case waits, or that it waits no longer.
///
/// For the police, IVO, the region or somebody else, until a day. Until then the case does not climb to
/// those above; its clocks run on.
#[utoipa::path(
    tag = "cases",
    request_body = WaitingRequest,
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
#[post("/cases/{id}/waiting")]
pub async fn wait_for_somebody(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |caller, request: WaitingRequest| {
        let asked = request.asked(caller.staff.id, caller.now).map_err(ApiError::Invalid)?;
        Ok(match asked {
            WaitingAsked::Wait(waiting) => CaseCommand::Wait(waiting),
            WaitingAsked::End(reason) => CaseCommand::StopWaiting { reason },
        })
    })
    .await
}
