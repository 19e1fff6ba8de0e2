//! What is done to half-yearly reviews.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, patch, post, put};
use app::reviews::{Improved, ReviewCommand, ReviewShown};
use domain::policy::Act;
use wire::Problem;
use wire::command::{EmptyRequest, ReasonRequest};
use wire::reviews::{AnalysisRequest, ImprovementProgress, ImprovementRequest, ReviewView};

use super::{answer, improvement_id, review_id};
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::send;
use crate::state::ApiState;

/// Write the analysis of a half-yearly review.
///
/// What the team makes of the figures, in words and without persons; by the team and its managers, until it
/// is signed.
#[utoipa::path(
    tag = "reviews",
    request_body = AnalysisRequest,
    params(
        ("id" = Uuid, Path, description = "The review's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Written", body = ReviewView, headers(("ETag" = String))),
        (status = "4XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not written", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/reviews/{id}/analysis")]
pub async fn write_review(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.find_review(&caller, review_id(&path)?).await?;
    state.app.may_review(&caller, Act::WriteReview, &shown)?;
    conditions.matches_shown(shown.review.version)?;
    let body = body.read(&state, &mut caller).await?;
    let AnalysisRequest { text } = body.parse_desk(&state, &caller)?;
    let render = |shown: &ReviewShown| answer(shown, &caller, 200);
    let command = ReviewCommand::Write { text };
    Ok(send(state.app.command_review(&caller, shown, command, None, render).await?))
}

/// Decide an improvement in a half-yearly review.
///
/// What is to be better, who sees to it, and until when; by the team and its managers, until the review is
/// signed. It stands on the worklist of who sees to it until it is done, and comes back to be followed up. The
/// day is the unit's own, no law.
#[utoipa::path(
    tag = "reviews",
    request_body = ImprovementRequest,
    params(
        ("id" = Uuid, Path, description = "The review's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Decided", body = ReviewView, headers(("ETag" = String))),
        (status = "4XX", description = "Not decided", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not decided", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reviews/{id}/improvements")]
pub async fn decide_improvement(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.find_review(&caller, review_id(&path)?).await?;
    state.app.may_review(&caller, Act::WriteReview, &shown)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    conditions.matches_shown(shown.review.version)?;
    let request: ImprovementRequest = body.parse_desk(&state, &caller)?;
    let command = ReviewCommand::Improve(Improved {
        text: request.text,
        owner: request.owner.into(),
        due_on: request.due_on,
        follow_up_on: request.follow_up_on,
    });
    let render = |shown: &ReviewShown| answer(shown, &caller, 201);
    Ok(send(state.app.command_review(&caller, shown, command, once, render).await?))
}

/// Say how far an improvement has come.
///
/// That it is done, and later whether it helped; that it has another day or is seen to by another; or that it
/// is given up, and why. By the team, its managers, and who sees to it; also after the review is signed.
#[utoipa::path(
    tag = "reviews",
    request_body = ImprovementProgress,
    params(
        ("id" = Uuid, Path, description = "The review's id"),
        ("improvement" = Uuid, Path, description = "The improvement's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Noted", body = ReviewView, headers(("ETag" = String))),
        (status = "4XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/reviews/{id}/improvements/{improvement}")]
pub async fn progress_improvement(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (review, improvement) = path.into_inner();
    let (review, improvement) = (review_id(&review)?, improvement_id(&improvement)?);
    let shown = state.app.find_review(&caller, review).await?;
    state.app.may_progress(&caller, &shown, improvement)?;
    conditions.matches_shown(shown.review.version)?;
    let body = body.read(&state, &mut caller).await?;
    let said: ImprovementProgress = body.parse_desk(&state, &caller)?;
    let command = ReviewCommand::Progress { improvement, said: said.into() };
    let render = |shown: &ReviewShown| answer(shown, &caller, 200);
    Ok(send(state.app.command_review(&caller, shown, command, None, render).await?))
}

/// Sign a half-yearly review.
///
/// By the unit's manager, a deputy or the area manager, once the analysis is written. The signature binds the
/// version and the figures that `If-Match` names, as `GET` of the review gave both in its `ETag`: neither changes
/// any more. Where the figures have changed since, the answer is 412 and names the tables.
#[utoipa::path(
    tag = "reviews",
    request_body = EmptyRequest,
    params(
        ("id" = Uuid, Path, description = "The review's id"),
        ("If-Match" = String, Header, description = "The ETag that `GET` of the review gave, with its figures"),
    ),
    responses(
        (status = 200, description = "Signed", body = ReviewView, headers(("ETag" = String))),
        (status = "4XX", description = "Not signed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not signed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reviews/{id}/sign")]
pub async fn sign_review(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.find_review(&caller, review_id(&path)?).await?;
    state.app.may_review(&caller, Act::SignReview, &shown)?;
    let figures = conditions.matches_shown(shown.review.version)?.map(str::to_owned);
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let render = |shown: &ReviewShown| answer(shown, &caller, 200);
    let command = ReviewCommand::Sign { shown: figures };
    Ok(send(state.app.command_review(&caller, shown, command, None, render).await?))
}

/// Take a signed half-yearly review up again.
///
/// With a reason, by those who sign. The signature is kept and holds no longer; the figures are those of now
/// until it is signed anew.
#[utoipa::path(
    tag = "reviews",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The review's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Taken up", body = ReviewView, headers(("ETag" = String))),
        (status = "4XX", description = "Not taken up", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken up", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reviews/{id}/reopen")]
pub async fn reopen_review(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let shown = state.app.find_review(&caller, review_id(&path)?).await?;
    state.app.may_review(&caller, Act::SignReview, &shown)?;
    conditions.matches_shown(shown.review.version)?;
    let body = body.read(&state, &mut caller).await?;
    let ReasonRequest { reason } = body.parse_desk(&state, &caller)?;
    let render = |shown: &ReviewShown| answer(shown, &caller, 200);
    let command = ReviewCommand::Reopen { reason };
    Ok(send(state.app.command_review(&caller, shown, command, None, render).await?))
}
