//! On what condition: `If-Match`, `Idempotency-Key`, `Prefer`.

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, IF_MATCH};
use actix_web::{FromRequest, HttpRequest};
use domain::fault::{Fault, Reason};

use crate::problem::ApiError;

/// The longest Idempotency-Key taken, in characters.
pub(crate) const KEY_LENGTH: usize = 255;

/// The conditions of a request, as given.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    if_match: Option<String>,
    /// The Idempotency-Key.
    pub key: Option<String>,
    /// `Prefer: handling=strict`.
    pub strict: bool,
    /// Method and path, for the MAC of a request with a key.
    pub target: (String, String),
}

/// The strong entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl Conditions {
    /// Holds `version` against `If-Match`.
    ///
    /// # Errors
    /// [`ApiError::PreconditionRequired`] without it, [`ApiError::PreconditionFailed`] when stale.
    pub fn matches(&self, version: i64) -> Result<(), ApiError> {
        self.matches_tag(&etag(version))
    }

    /// As [`Conditions::matches`], for what has another tag than a version.
    ///
    /// # Errors
    /// As [`Conditions::matches`].
    pub fn matches_tag(&self, wanted: &str) -> Result<(), ApiError> {
        let given = self.if_match.as_deref().ok_or(ApiError::PreconditionRequired)?;
        // A weak tag never matches (RFC 9110 13.1.1); `*` would let a stale writer through.
        if given.split(',').any(|tag| tag.trim() == wanted) {
            Ok(())
        } else {
            Err(ApiError::PreconditionFailed)
        }
    }
}

impl Conditions {
    /// Holds `version` against `If-Match` for what is shown with figures that are none of its version: its tag
    /// may tell behind a `-` which figures those were. Gives back what it tells.
    ///
    /// # Errors
    /// As [`Conditions::matches`].
    pub fn matches_shown(&self, version: i64) -> Result<Option<&str>, ApiError> {
        let given = self.if_match.as_deref().ok_or(ApiError::PreconditionRequired)?;
        fn inner(tag: &str) -> Option<&str> {
            tag.trim().strip_prefix('"')?.strip_suffix('"')
        }
        let wanted = version.to_string();
        for tag in given.split(',').filter_map(inner) {
            match tag.split_once('-') {
                Some((known, figures)) if known == wanted => return Ok(Some(figures)),
                None if tag == wanted => return Ok(None),
                Some(_) | None => {}
            }
        }
        Err(ApiError::PreconditionFailed)
    }

    /// Holds `version` against `If-Match`, where it is given, for what asks for none: an addition, or
    /// what can be done once only.
    ///
    /// # Errors
    /// [`ApiError::PreconditionFailed`] when stale.
    pub fn matches_if_given(&self, version: i64) -> Result<(), ApiError> {
        if self.is_conditional() { self.matches(version) } else { Ok(()) }
    }

    /// Whether there is an `If-Match`.
    pub fn is_conditional(&self) -> bool {
        self.if_match.is_some()
    }
}

impl FromRequest for Conditions {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let key = text(headers, "idempotency-key").map(str::to_owned);
        let strict = headers.get_all("prefer").any(|value| {
            value.to_str().is_ok_and(|text| {
                text.split([',', ';'])
                    .any(|part| part.trim().eq_ignore_ascii_case("handling=strict"))
            })
        });
        let given = headers.contains_key("idempotency-key");
        let usable = |key: &String| !key.is_empty() && key.chars().count() <= KEY_LENGTH;
        if given && !key.as_ref().is_some_and(usable) {
            let fault = Fault::at("Idempotency-Key", Reason::TooLong { max: KEY_LENGTH });
            return std::future::ready(Err(ApiError::Invalid(vec![fault])));
        }
        std::future::ready(Ok(Self {
            if_match: headers
                .get(IF_MATCH)
                .map(|tag| String::from_utf8_lossy(tag.as_bytes()).into()),
            key,
            strict,
            target: (request.method().to_string(), request.path().to_owned()),
        }))
    }
}
