//! The measures of a case.

use actix_web::web::Path;
use actix_web::{HttpResponse, patch, post};
use app::cases::CaseCommand;
use domain::ids::MeasureId;
use domain::policy::Act;
use uuid::Uuid;
use wire::Problem;
use wire::case::CaseView;
use wire::command::{EmptyRequest, MeasureProgressRequest, MeasuresRequest};

use super::command::{Handed, run};
use crate::problem::ApiError;

/// Add measures, and waive causes.
///
/// Each cause is answered by a measure or by a reason why none is taken.
#[utoipa::path(
    tag = "cases",
    request_body = MeasuresRequest,
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
#[post("/cases/{id}/measures")]
pub async fn add_measures(handed: Handed) -> Result<HttpResponse, ApiError> {
    let state = handed.state.clone();
    run(handed, Act::Investigate, |_, request: MeasuresRequest| {
        let (measures, waivers) = request.into_parts(|| state.app.new_id());
        Ok(CaseCommand::AddMeasures { measures, waivers })
    })
    .await
}

/// Decide the measures.
///
/// The investigation must be complete and each cause answered.
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
#[post("/cases/{id}/measures/decision")]
pub async fn decide_measures(handed: Handed) -> Result<HttpResponse, ApiError> {
    run(handed, Act::Investigate, |_, _: EmptyRequest| Ok(CaseCommand::DecideMeasures)).await
}

/// Write down how a measure goes.
///
/// Also after the case is closed: a measure outlives it.
#[utoipa::path(
    tag = "cases",
    request_body = MeasureProgressRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("measure" = Uuid, Path, description = "The measure's id"),
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
#[patch("/cases/{id}/measures/{measure}")]
pub async fn progress_measure(
    handed: Handed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (_, measure) = path.into_inner();
    let measure = Uuid::parse_str(&measure).map(MeasureId).map_err(|_| ApiError::NoSuchPath)?;
    run(handed, Act::Investigate, |_, request: MeasureProgressRequest| {
        Ok(CaseCommand::ProgressMeasure { measure, progress: request.into() })
    })
    .await
}
