//! The description of the contract: made from the routes by a command, written down, and served as it
//! was written. Making it takes some megabytes, which no start should spend.

use std::collections::BTreeMap;

use actix_web::App;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi};
use utoipa_actix_web::AppExt as _;

use crate::allowed::Allowed;

/// The contract as it was last written down. A test holds it to [`document`].
pub const WRITTEN: &str = include_str!("../../../openapi/avvikelse.json");

/// The whole contract, OpenAPI 3.1, as the routes have it.
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
    crate::tighten::tighten(&mut document);
    document
}

const DESCRIPTION: &str = "\
Reporting what goes wrong in municipal health and social care (HSL, SoL, LSS), and learning from it.

Checks run in this order: authentication, existence and access, `If-Match`, body, guard. A request \
with an `Idempotency-Key` that was answered before gets the same answer again as long as its case may \
be read. Every answer \
that is not a success is problem details (RFC 9457) with all faults at once. Messages come in the \
language of `Accept-Language`: `sv` (default), `en`, `sv-x-easy`; codes are stable. A request body \
is at most 256 KiB, that of an attachment 20 MiB. What one may not read answers 404. Who asks far \
more often than a person can is answered 429, with `Retry-After`; `RateLimit` says what is left.";

/// What the service itself needs of the description, where it stands in the text.
#[derive(Deserialize)]
pub(crate) struct Described<'a> {
    #[serde(borrow)]
    paths: BTreeMap<&'a str, BTreeMap<&'a str, IgnoredAny>>,
    components: Components<'a>,
}

#[derive(Deserialize)]
struct Components<'a> {
    #[serde(borrow)]
    schemas: BTreeMap<&'a str, &'a RawValue>,
}

impl<'a> Described<'a> {
    /// Reads a description.
    ///
    /// # Errors
    /// Where it is none.
    pub(crate) fn of(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The methods each path takes, for 405.
    pub(crate) fn methods(&self) -> Allowed {
        let methods = |item: &BTreeMap<&str, IgnoredAny>| {
            item.keys().map(|method| method.to_uppercase()).collect()
        };
        Allowed::new(self.paths.iter().map(|(path, item)| (*path, methods(item))).collect())
    }

    /// The schemas by name, each as it is written.
    pub(crate) fn schemas(self) -> BTreeMap<&'a str, &'a RawValue> {
        self.components.schemas
    }
}
