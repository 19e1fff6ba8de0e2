//! `/setup/retention`: the information plan.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use domain::policy::Act;
use domain::retention::Plan;
use wire::Problem;
use wire::retention::{RetentionPlanRequest, RetentionPlanView};

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::shown;
use crate::state::ApiState;

async fn view(state: &ApiState, caller: &CalledBy) -> Result<RetentionPlanView, ApiError> {
    let kept = state.app.retention_plan(caller).await?;
    Ok(RetentionPlanView {
        rules: kept.plan.rules.iter().map(Into::into).collect(),
        set_by: kept.set.map(|(by, _)| by.0),
        set_at: kept.set.map(|(_, at)| at),
        version: kept.version,
    })
}

/// Read how long things are kept.
///
/// The lines of the municipality's information plan (dokumenthanteringsplan), kind by kind. A kind without a line is
/// preserved: nothing ever goes by default. For registrators and admins of the whole tenant.
#[utoipa::path(
    tag = "retention",
    responses(
        (status = 200, description = "The plan", body = RetentionPlanView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/setup/retention")]
pub async fn read_retention_plan(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let view = view(&state, &caller).await?;
    Ok(shown(&view, view.version))
}

/// Set how long things are kept.
///
/// All lines at once, each with the paragraph and decision it rests on. Setting a plan erases nothing: that takes a list
/// and a decision (`/retention/runs`). `If-Match` is asked for once a plan is set.
#[utoipa::path(
    tag = "retention",
    request_body = RetentionPlanRequest,
    params(("If-Match" = Option<String>, Header, description = "The ETag that was read, once a plan is set")),
    responses(
        (status = 200, description = "Set", body = RetentionPlanView, headers(("ETag" = String))),
        (status = "4XX", description = "Not set", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not set", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/setup/retention")]
pub async fn set_retention_plan(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageRetention)?;
    let before = state.app.retention_plan(&caller).await?.version;
    match before {
        0 => conditions.matches_if_given(0)?,
        version => conditions.matches(version)?,
    }
    let body = body.read(&state, &mut caller).await?;
    let request: RetentionPlanRequest = body.parse_desk(&state, &caller)?;
    let plan = Plan { rules: request.rules.into_iter().map(Into::into).collect() };
    state.app.set_retention_plan(&caller, plan, before).await?;
    let view = view(&state, &caller).await?;
    Ok(shown(&view, view.version))
}
