//! A draft: its author's alone, until handed in.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, patch};
use domain::policy::Act;
use wire::Problem;
use wire::case::CaseView;
use wire::filing::FilingRequest;

use super::file::new_case;
use super::read::id;
use super::{answer, send};
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Change a draft.
///
/// The body is the whole filing anew; id, number and author stay.
#[utoipa::path(
    tag = "cases",
    request_body = FilingRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Changed", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/cases/{id}")]
pub async fn edit_draft(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open(&caller, id(&path)?, Act::EditDraft).await?;
    conditions.matches(opened.case.version)?;
    let request: FilingRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    if domain::case::Kind::from(request.kind) != opened.case.kind {
        let expected = opened.case.kind.code().to_owned();
        let reason = domain::fault::Reason::WrongType { expected };
        return Err(ApiError::Invalid(vec![domain::fault::Fault::at("/kind", reason)]));
    }
    let new = new_case(request, &caller, conditions.strict);
    let case = state.app.edit_draft(&caller, opened.case, new).await?;
    Ok(send(answer(&case, &caller, language, false, 200)))
}
