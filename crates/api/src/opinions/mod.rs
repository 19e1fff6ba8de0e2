//! `/cases/{id}/opinion`: how synpunkter and klagomål are handled.

pub mod command;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use domain::ids::CaseId;
use wire::Problem;
use wire::opinion::OpinionView;

use crate::extract::{CalledBy, etag};
use crate::problem::ApiError;
use crate::setup::id;
use crate::state::ApiState;

/// Read an opinion.
///
/// Who left it, as far as one may see it, what was said, the gates, the answer or the end. What its sender
/// said counts as read once whoever handles it, or may answer it, has read it. Whoever only filed it does
/// not see it.
#[utoipa::path(
    tag = "opinions",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The opinion", body = OpinionView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/opinion")]
pub async fn read_opinion(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let case = CaseId(id(&path)?);
    let read = state.app.read_opinion(&caller, case).await?;
    let clocks = &caller.set_up.settings.clocks;
    let contact = read.contact.as_ref();
    let view = OpinionView::new(read.case(), contact, &read.messages, &read.made, clocks);
    let view = view.ok_or(ApiError::App(app::Error::NotFound))?;
    let tag = etag(view.version);
    Ok(HttpResponse::Ok().insert_header(("ETag", tag)).json(view))
}
