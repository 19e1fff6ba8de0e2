//! `/reports/yearly/{year}/texts`: which of the words of a report may go out.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use app::reports::TextShown;
use domain::policy::Act;
use wire::Problem;
use wire::command::EmptyRequest;
use wire::reports::{ConfirmTextRequest, ReportTextView, ReportTextsView};

use super::year;
use crate::extract::{Body, CalledBy};
use crate::problem::ApiError;
use crate::state::ApiState;

fn view(it: &TextShown) -> ReportTextView {
    let word = it.word.as_ref();
    let withdrawn = word.and_then(|word| word.withdrawn.as_ref());
    ReportTextView {
        id: it.id.clone(),
        kind: it.text.kind.into(),
        section: it.text.section.code().to_owned(),
        unit: it.text.unit.clone(),
        text: it.text.text.clone(),
        written_at: it.text.written_at,
        found: it.found.iter().map(Into::into).collect(),
        in_public: it.in_public,
        confirmed: it.confirmed(),
        confirmed_by: word.map(|word| word.confirmed.by.0),
        confirmed_at: word.map(|word| word.confirmed.at),
        acknowledged: word.map(|word| word.found.clone()).unwrap_or_default(),
        withdrawn_by: withdrawn.map(|done| done.by.0),
        withdrawn_at: withdrawn.map(|done| done.at),
    }
}

/// Read which words of a report may go out.
///
/// Everything that people wrote in the newest frozen version and in what is public: texts of sections, paragraphs
/// of units, goals, what the nämnd decided. Each with what a scan finds in it (personal numbers, initials, names of
/// staff, small units beside numbers) and with who has confirmed it. What nobody has confirmed is left out of the
/// public version. For MAS, MAR and SAS.
#[utoipa::path(
    tag = "reports",
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "The words", body = ReportTextsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/texts")]
pub async fn list_report_texts(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::MarkReport)?;
    let found = state.app.report_words(&caller, year(&path, &caller)?).await?;
    Ok(HttpResponse::Ok().json(ReportTextsView {
        year: found.year,
        report_version: found.version,
        unconfirmed: found.texts.iter().filter(|text| !text.confirmed()).count(),
        items: found.texts.iter().map(view).collect(),
    }))
}

/// Confirm that words of a report may go out.
///
/// Bound to these very words where they stand: words that are changed are another text, which nobody has confirmed.
/// Every sign that the scan found is named in `acknowledged`; words with a personal number are not confirmed at
/// all. What is established shows them from then on. For MAS, MAR and SAS.
#[utoipa::path(
    tag = "reports",
    request_body = ConfirmTextRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("id" = String, Path, description = "The `id` of the words"),
    ),
    responses(
        (status = 200, description = "Confirmed", body = ReportTextView),
        (status = "4XX", description = "Not confirmed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not confirmed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/texts/{id}/confirm")]
pub async fn confirm_report_text(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::MarkReport)?;
    let (of, id) = path.into_inner();
    let year = year(&of, &caller)?;
    let request: ConfirmTextRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let seen: Vec<_> = request.acknowledged.into_iter().map(Into::into).collect();
    let found = state.app.confirm_words(&caller, year, &id, &seen).await?;
    Ok(HttpResponse::Ok().json(view(&found)))
}

/// Take back that words of a report may go out.
///
/// They are left out of what is public at once. Who had confirmed them stays known.
#[utoipa::path(
    tag = "reports",
    request_body = EmptyRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("id" = String, Path, description = "The `id` of the words"),
    ),
    responses(
        (status = 200, description = "Taken back", body = ReportTextView),
        (status = "4XX", description = "Not taken back", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken back", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/texts/{id}/withdraw")]
pub async fn withdraw_report_text(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::MarkReport)?;
    let (of, id) = path.into_inner();
    let year = year(&of, &caller)?;
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let found = state.app.withdraw_words(&caller, year, &id).await?;
    Ok(HttpResponse::Ok().json(view(&found)))
}
