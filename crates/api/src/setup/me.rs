//! `/me`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use wire::Problem;
use wire::setup::{GrantView, MeView, MyMailRequest, MyMailView, TenantView};

use crate::extract::{Body, CalledBy};
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

/// Read what one has chosen about one's own mail.
///
/// The address is the tenant's to change.
#[utoipa::path(
    tag = "setup",
    responses(
        (status = 200, description = "One's own mail", body = MyMailView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/me/mail")]
pub async fn read_own_mail(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let digest = state.app.wants_digest(&caller).await?;
    let email = caller.staff.email.clone();
    Ok(HttpResponse::Ok().json(MyMailView { email, digest }))
}

/// Choose about one's own mail.
///
/// Switches the daily summary on or off. What concerns one alone still comes.
#[utoipa::path(
    tag = "setup",
    request_body = MyMailRequest,
    responses(
        (status = 200, description = "Chosen", body = MyMailView),
        (status = "4XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not changed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/me/mail")]
pub async fn choose_own_mail(
    state: Data<ApiState>,
    mut caller: CalledBy,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let body = body.read(&state, &mut caller).await?;
    let MyMailRequest { digest } = body.parse_desk(&state, &caller)?;
    state.app.want_digest(&caller, digest).await?;
    let email = caller.staff.email.clone();
    Ok(HttpResponse::Ok().json(MyMailView { email, digest }))
}
