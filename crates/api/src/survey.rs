//! `/cases/{id}/survey`: what the sender of an opinion said of the answer.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use domain::policy::Act;
use wire::Problem;
use wire::survey::{SurveyRequest, SurveyView};

use crate::cases::read::id;
use crate::extract::{Body, CalledBy};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Read what the sender said of the answer.
///
/// Two questions: was it understood, did it help.
#[utoipa::path(
    tag = "opinions",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "What was said", body = SurveyView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/survey")]
pub async fn read_survey(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open(&caller, id(&path)?, Act::Read).await?;
    opened.permit(&caller, Act::RegisterOpinion)?;
    let survey = state.app.survey_of(caller.tenant_id(), opened.case.id).await?;
    Ok(HttpResponse::Ok().json(SurveyView::from(survey)))
}

/// Write down what a sender said of the answer.
///
/// Who was answered by letter or by mouth. Once: what the sender has said by receipt stays, and so does
/// this.
#[utoipa::path(
    tag = "opinions",
    request_body = SurveyRequest,
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "Kept", body = SurveyView),
        (status = "4XX", description = "Not kept", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not kept", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/survey")]
pub async fn note_survey(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open(&caller, id(&path)?, Act::Read).await?;
    opened.permit(&caller, Act::RegisterOpinion)?;
    let body = body.read(&state, &mut caller).await?;
    let request: SurveyRequest = body.parse_desk(&state, &caller)?;
    let survey = state.app.note_survey(&caller, &opened, request.into()).await?;
    Ok(HttpResponse::Ok().json(SurveyView::from(Some(survey))))
}
