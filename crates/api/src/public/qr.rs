//! The link of a unit to the public form, as a QR code to be put up on a wall.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LINK, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use wire::Problem;

use super::opinion_page::serde_urlencoded;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// A unit's link to the public form, as a QR code.
///
/// As SVG, to be printed. The header `Link` has the same address in words. It begins with the public URL
/// that the operator has set, or else with the host that was asked.
#[utoipa::path(
    tag = "setup",
    params(("id" = String, Path, description = "The unit's id or code")),
    responses(
        (status = 200, description = "The QR code", body = String, content_type = "image/svg+xml",
            headers(("Link" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/units/{id}/qr")]
pub async fn read_unit_qr(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let unit = caller.set_up.units.find(&id).filter(|unit| !unit.unknown);
    let unit = unit.ok_or(ApiError::NoSuchPath)?;
    let base = match state.app.mailing.plan() {
        Some(plan) => plan.public_url.clone(),
        None => {
            let info = request.connection_info();
            let encrypted = state.limits.proxies().encrypted(&request);
            let scheme = if encrypted { "https" } else { "http" };
            format!("{scheme}://{}", info.host())
        }
    };
    let address =
        format!("{base}/{}/synpunkt?enhet={}", caller.tenant.slug, serde_urlencoded(&unit.code));
    let failed = |error: qrcode::types::QrError| {
        ApiError::App(app::Error::Internal(format!("no QR code: {error}")))
    };
    // A poster in a corridor gets scratched.
    let code = QrCode::with_error_correction_level(&address, EcLevel::Q).map_err(failed)?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(300, 300).build();
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((LINK, format!("<{address}>; rel=\"alternate\"")))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(image))
}
