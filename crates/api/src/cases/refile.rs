//! `POST /cases/{id}/refile`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use domain::case::refile::Refiling;
use domain::policy::Act;
use wire::Problem;
use wire::case::CaseView;
use wire::refile::RefileRequest;

use super::read::id;
use super::{answer, send};
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// File a case again as another kind.
///
/// What was filed as an avvikelse and is a klagomål, say. A new case of the right kind has the
/// reporter's words, times, person and files, what was judged of the event and the investigation;
/// its year and its clocks are those of the report. The old one becomes void and is linked
/// (`refiled_as`): counted once. For any case that has not ended; between synpunkt and klagomål until
/// it is acknowledged. Category and track are judged anew.
#[utoipa::path(
    tag = "cases",
    request_body = RefileRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Filed again: the new case", body = CaseView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/refile")]
pub async fn refile(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open(&caller, id(&path)?, Act::Read).await?;
    if conditions.key.is_none() {
        opened.permit(&caller, Act::Refile)?;
        conditions.matches(opened.case.version)?;
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "case.replay", &opened).await?;
        return Ok(send(kept));
    }
    opened.permit(&caller, Act::Refile)?;
    conditions.matches(opened.case.version)?;
    let refiling = Refiling::from(body.parse_desk::<RefileRequest>(&state, &caller)?);
    let linked = opened.linked().chain([opened.case.id]).collect();
    let readable = state.app.readable_among(&caller, linked).await?;
    let render = |opened: &app::cases::Opened| {
        let shown = opened.clone().linked_within(&readable);
        let own = shown.access == domain::policy::Access::Own;
        answer(&shown.case, &caller, language, own, 201)
    };
    Ok(send(state.app.refile(&caller, &opened, &refiling, once, render).await?))
}
