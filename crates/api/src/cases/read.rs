//! `GET /cases/{id}`, its history and its subject.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use domain::ids::CaseId;
use domain::personnummer::SubjectIdentity;
use uuid::Uuid;
use wire::Problem;
use wire::case::{CaseView, ChangeView, HistoryEntryView, HistoryView, SubjectView};

use super::{answer_read, send};
use crate::extract::{CalledBy, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The id in the path; anything else is simply not there.
pub(super) fn id(text: &str) -> Result<CaseId, ApiError> {
    Uuid::parse_str(text).map(CaseId).map_err(|_| ApiError::NoSuchPath)
}

/// Read a case.
///
/// Leaves an access entry before the answer leaves. Reporters read their own filings without what
/// the assessors found and without links, under an ETag of its own. What one may not read does not
/// exist: 404; links to it are left out.
#[utoipa::path(
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The case", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}")]
pub async fn read_case(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.read_case(&caller, id(&path)?).await?;
    let series = state.app.series(&caller, &opened).await?;
    Ok(send(answer_read(&opened, &series, &caller, language)))
}

/// Read a case's history.
///
/// Who did what when, oldest first, with old and new values and reasons. What names a case that one
/// may not read is left out.
#[utoipa::path(
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The history", body = HistoryView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/history")]
pub async fn read_history(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let entries = state.app.read_history(&caller, id(&path)?).await?;
    let items = entries
        .into_iter()
        .map(|entry| HistoryEntryView {
            version: entry.version,
            at: entry.at,
            by: entry.by.map(|staff| staff.0),
            command: entry.command,
            from: entry.from,
            to: entry.to,
            changes: entry
                .changes
                .into_iter()
                .map(|change| ChangeView { field: change.field, old: change.old, new: change.new })
                .collect(),
            reason: entry.reason,
        })
        .collect();
    Ok(HttpResponse::Ok().json(HistoryView { items }))
}

/// Read who a case is about.
///
/// For those who handle the case. Leaves an access entry of its own.
#[utoipa::path(
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The identity", body = SubjectView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/subject")]
pub async fn read_subject(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (_, subject) = state.app.read_subject(&caller, id(&path)?).await?;
    let (confirmed, protected) = (subject.confirmed, subject.protected);
    Ok(HttpResponse::Ok().json(subject_view(subject.identity, confirmed, protected)))
}

/// Who somebody is, as it is shown.
pub(crate) fn subject_view(
    identity: SubjectIdentity,
    confirmed: bool,
    protected: Option<String>,
) -> SubjectView {
    let (personal_id, other_id, issuer) = match identity {
        SubjectIdentity::Personal(id) => (Some(id.canonical()), None, None),
        SubjectIdentity::Other { id, issuer } => (None, Some(id), issuer),
    };
    SubjectView { personal_id, other_id, issuer, confirmed, protected }
}
