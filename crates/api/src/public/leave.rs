//! `POST /public/{tenant}/opinions`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post};
use app::opinions::NewOpinion;
use app::opinions::public::{AskedOnce, Left};
use domain::case::Case;
use wire::public::{OpinionLeft, PublicOpinionRequest};
use wire::{Language, Problem};

use super::door;
use super::limit::Budget;
use crate::extract::{Body, Conditions, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// What is kept to be told of an opinion that was left: everything but its code.
pub(super) fn told(case: &Case, language: Language) -> Vec<u8> {
    // A view is made of strings, numbers and lists only: this cannot fail.
    serde_json::to_vec(&OpinionLeft::new(case, language)).unwrap_or_default()
}

/// What is told of an opinion that was left, with its code.
pub(super) fn with_code(left: &Left) -> Result<OpinionLeft, ApiError> {
    let told: OpinionLeft = serde_json::from_slice(&left.body)
        .map_err(|error| ApiError::App(app::Error::Internal(error.to_string())))?;
    Ok(OpinionLeft { receipt: left.code.digits(), ..told })
}

/// Leave a synpunkt or a klagomål.
///
/// Without a login. Never refused for its content: what is wrong is kept out and named in `warnings`, and
/// a personal identity number in the text is taken out and sealed. The answer has a code of sixteen digits
/// by which whoever left it, known or unknown, follows it: it is shown now and never again, but to the
/// same request with the same `Idempotency-Key`. Nothing is kept of where a request came from.
#[utoipa::path(
    tag = "public",
    request_body = PublicOpinionRequest,
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours, as a keyed hash. The tenant's: draw a long one at random"),
    ),
    responses(
        (status = 201, description = "Left", body = OpinionLeft,
            headers(("RateLimit" = String), ("RateLimit-Policy" = String))),
        (status = "4XX", description = "Not left", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not left", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/opinions")]
pub async fn leave_opinion(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Filing, state.app.now())?;
    let mut door = door(&state, &request, &tenant).await?;
    let body = body.read_from_anybody().await?;
    door.now = state.app.now();
    let (_, path) = &conditions.target;
    let once = conditions.key.as_deref();
    let once = once.map(|key| AskedOnce::new(&state.app, &door, key, path, &body.0));
    let given: PublicOpinionRequest = body.parse(&state)?;
    let (kind, intake) = given.into_intake(door.now);
    let new = NewOpinion { kind, intake, warnings: Vec::new() };
    let left = state.app.leave_opinion(&door, new, once, |case| told(case, language)).await?;
    Ok(HttpResponse::Created().json(with_code(&left)?))
}
