//! `/settings`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post, put};
use domain::policy::Act;
use domain::settings::Settings;
use wire::Problem;
use wire::delegation::{FlagPreviewView, FlagRulesView};
use wire::settings::SettingsView;

use super::shown;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Read the tenant's settings.
///
/// Local rules about handling, never law. The defaults while nobody has chosen.
#[utoipa::path(
    tag = "setup",
    responses(
        (status = 200, description = "The settings", body = SettingsView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/settings")]
pub async fn read_settings(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let (chosen, version) = state.app.settings(&caller).await?;
    Ok(shown(&SettingsView::from(&chosen), version))
}

/// Change the tenant's settings.
///
/// Puts the whole document in place of the old one; what is left out has its default. Holds from the
/// next request on, also for cases that are under way; what was decided stays decided.
#[utoipa::path(
    tag = "setup",
    request_body = SettingsView,
    params(("If-Match" = String, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "Changed", body = SettingsView, headers(("ETag" = String))),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/settings")]
pub async fn change_settings(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let (_, version) = state.app.settings(&caller).await?;
    conditions.matches(version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: SettingsView = body.parse_desk(&state, &caller)?;
    let chosen = Settings::from(request);
    let version = state.app.change_settings(&caller, chosen.clone(), version).await?;
    Ok(shown(&SettingsView::from(&chosen), version))
}

/// See what rules of flagging would have flagged.
///
/// Among the avvikelser of the last twelve months, by what is assessed of them today: each rule by itself,
/// and all together. Figures only; nothing is changed.
#[utoipa::path(
    tag = "setup",
    request_body = FlagRulesView,
    responses(
        (status = 200, description = "The figures", body = FlagPreviewView),
        (status = "4XX", description = "Not counted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not counted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/settings/flags/preview")]
pub async fn preview_flags(
    state: Data<ApiState>,
    mut caller: CalledBy,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    let body = body.read(&state, &mut caller).await?;
    let rules: FlagRulesView = body.parse_desk(&state, &caller)?;
    let preview = state.app.preview_flags(&caller, rules.into()).await?;
    Ok(HttpResponse::Ok().json(FlagPreviewView::from(preview)))
}
