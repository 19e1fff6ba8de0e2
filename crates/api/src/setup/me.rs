//! `/me`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use wire::Problem;
use wire::setup::{GrantView, MeView, TenantView};

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Read who one is.
///
/// And what one holds today.
#[utoipa::path(
    tag = "setup",
    responses(
        (status = 200, description = "Who one is", body = MeView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/me")]
pub async fn me(state: Data<ApiState>, caller: CalledBy) -> Result<HttpResponse, ApiError> {
    let grants = state.app.own_grants(&caller).await?;
    let units = &caller.set_up.units;
    let staff = &caller.staff;
    Ok(HttpResponse::Ok().json(MeView {
        staff: staff.id.0,
        issuer: staff.issuer.clone(),
        subject: staff.subject.clone(),
        name: staff.name.clone(),
        tenant: TenantView { slug: caller.tenant.slug.clone(), name: caller.tenant.name.clone() },
        grants: grants.iter().map(|grant| GrantView::new(grant, units)).collect(),
    }))
}
