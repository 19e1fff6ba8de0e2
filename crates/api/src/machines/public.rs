//! `/public/{tenant}/machine`: what the systems of others read and send. Nobody logs in here: messages
//! are signed.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use exchange::message::Description;
use wire::Problem;

use crate::problem::ApiError;
use crate::state::ApiState;

/// Read how to reach a tenant from machine to machine.
///
/// Its id, its endpoint, and the keys it signs with. Whoever registers a key compares its fingerprint
/// over another way: this page alone proves nothing.
#[utoipa::path(
    tag = "machines",
    params(("tenant" = String, Path, description = "The tenant's name in paths")),
    responses(
        (status = 200, description = "The description", body = Description),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/public/{tenant}/machine")]
pub async fn describe_machine(
    state: Data<ApiState>,
    tenant: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let description = state.app.describe_machine(&tenant).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(description))
}
