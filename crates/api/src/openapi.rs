//! The description of the contract, made from the routes.

use actix_web::App;
use actix_web::dev::ResourceDef;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi};
use utoipa_actix_web::AppExt as _;

/// The whole contract, OpenAPI 3.1.
pub fn document() -> OpenApi {
    let (_, mut document) =
        App::new().into_utoipa_app().configure(crate::routes::described).split_for_parts();
    document.info = InfoBuilder::new()
        .title("Avvikelse")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(LicenseBuilder::new().name("EUPL-1.2").identifier(Some("EUPL-1.2")).build()))
        .contact(Some(ContactBuilder::new().name(Some("Avvikelse")).build()))
        .build();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A JWT of a registered issuer, or of the local issuer: avvikelse token."))
        .build();
    document
        .components
        .get_or_insert_default()
        .security_schemes
        .insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    document
}

const DESCRIPTION: &str = "\
Reporting what goes wrong in municipal health and social care (HSL, SoL, LSS), and learning from it.

Checks run in this order: authentication, existence and access, `If-Match`, body, guard. A request \
with an `Idempotency-Key` that was answered before gets the same answer again as long as its case may \
be read. Every answer \
that is not a success is problem details (RFC 9457) with all faults at once. Messages come in the \
language of `Accept-Language`: `sv` (default), `en`, `sv-x-easy`; codes are stable. A request body \
is at most 256 KiB, that of an attachment 20 MiB. What one may not read answers 404.";

/// The methods each path takes, for 405.
pub fn methods(description: &Value) -> Vec<(ResourceDef, Vec<String>)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .map(|(template, item)| {
            let methods = item.as_object().into_iter().flatten().map(|(method, _)| method);
            (ResourceDef::new(template.as_str()), methods.map(|m| m.to_uppercase()).collect())
        })
        .collect()
}
