//! `/chain/head`: where the chain over audit and access entries ends.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::policy::Act;
use wire::Problem;
use wire::chain::ChainHeadView;

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Read where the chain of the tenant ends.
///
/// Everything that was changed or read leaves an entry, and each entry is linked to the one before it within
/// some seconds. Whoever keeps this answer elsewhere can tell later, with `avvikelse verify --heads`, whether the
/// end of the chain was cut off or the chain made anew. For auditors, the data protection officer and administrators.
#[utoipa::path(
    tag = "setup",
    responses(
        (status = 200, description = "Where it ends", body = ChainHeadView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/chain/head")]
pub async fn read_chain_head(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadChain)?;
    let head = state.app.signed_head(&caller.tenant).await?;
    Ok(HttpResponse::Ok().json(ChainHeadView {
        tenant: head.tenant,
        tenant_id: head.tenant_id.0,
        sequence: head.sequence,
        hash: head.hash,
        at: head.at,
        mac: head.mac,
    }))
}
