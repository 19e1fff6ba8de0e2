//! `/reports/yearly/{year}/marks`: what the public version leaves out.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, put};
use domain::policy::Act;
use wire::fault::FaultView;
use wire::reports::{MarksRequest, MarksView};
use wire::{Language, Problem};

use super::year;
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::setup::shown;
use crate::state::ApiState;

async fn view(
    state: &ApiState,
    caller: &CalledBy,
    year: i16,
    language: Language,
) -> Result<MarksView, ApiError> {
    let found = state.app.report_marks(caller, year).await?;
    let unconfirmed = state.app.report_unconfirmed(caller, year).await?;
    Ok(MarksView {
        year: found.year,
        marks: found.marks.iter().map(Into::into).collect(),
        marked_by: found.marked.map(|(by, _)| by.0),
        marked_at: found.marked.map(|(_, at)| at),
        kept_back: found.kept_back.iter().map(Into::into).collect(),
        warnings: FaultView::all(&unconfirmed, language),
        version: found.version,
    })
}

/// Read what the public version of a year leaves out.
///
/// By hand, with the ground; because it is small and could point at a person; because one that is could be
/// calculated from it. Of the newest frozen version, or else of the figures as they stand. For MAS, MAR and SAS.
#[utoipa::path(
    tag = "reports",
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "What is left out", body = MarksView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/marks")]
pub async fn read_marks(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::MarkReport)?;
    let year = year(&path, &caller)?;
    let view = view(&state, &caller, year, language).await?;
    Ok(shown(&view, view.version))
}

/// Keep figures of a year back from its public version.
///
/// Each with its ground, also those that law or template asks for; all marks of the year at once, instead of
/// those before. With a marked figure others are left out from which it could be calculated. `If-Match` is asked
/// for once something is marked. For MAS, MAR and SAS.
#[utoipa::path(
    tag = "reports",
    request_body = MarksRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("If-Match" = Option<String>, Header, description = "The ETag that was read, once something is marked"),
    ),
    responses(
        (status = 200, description = "Marked", body = MarksView, headers(("ETag" = String))),
        (status = "4XX", description = "Not marked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not marked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/reports/yearly/{year}/marks")]
pub async fn mark_report(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::MarkReport)?;
    let year = year(&path, &caller)?;
    let before = state.app.marks_version(&caller, year).await?;
    match before {
        0 => conditions.matches_if_given(0)?,
        version => conditions.matches(version)?,
    }
    let body = body.read(&state, &mut caller).await?;
    let request: MarksRequest = body.parse_desk(&state, &caller)?;
    let marks = request.marks.into_iter().map(Into::into).collect();
    state.app.mark_report(&caller, year, marks, before).await?;
    let view = view(&state, &caller, year, language).await?;
    Ok(shown(&view, view.version))
}
