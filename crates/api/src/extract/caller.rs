//! Who calls: the token, and the person and grants behind it.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use app::{Caller, Identity, Vouched};
use auth::TokenError;
use uuid::Uuid;
use wire::Language;

use crate::middleware::RequestId;
use crate::problem::ApiError;
use crate::state::ApiState;
use crate::trace::Traced;

/// The caller of this request, let in.
#[derive(Clone, Debug)]
pub struct CalledBy(pub Caller);

impl Deref for CalledBy {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

fn token(request: &HttpRequest) -> Result<String, ApiError> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (header, more) = (headers.next(), headers.next());
    if more.is_some() {
        return Err(ApiError::Unauthenticated("several Authorization headers"));
    }
    let text = header
        .ok_or(ApiError::Unauthenticated("no Authorization header"))?
        .to_str()
        .map_err(|_| ApiError::Unauthenticated("an Authorization header that is no text"))?;
    let (scheme, token) =
        text.split_once(' ').ok_or(ApiError::Unauthenticated("no bearer token"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::Unauthenticated("no bearer token"));
    }
    Ok(token.trim().to_owned())
}

impl FromRequest for CalledBy {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request
                .app_data::<Data<ApiState>>()
                .ok_or_else(|| ApiError::App(app::Error::Internal("no state".into())))?;
            let token = token(&request)?;
            let id = request.extensions().get::<RequestId>().map_or_else(Uuid::now_v7, |id| id.0);
            let verified = state.verifier.verify(&token, state.app.now()).await;
            let identity = verified.map_err(|error| {
                if error.is_unavailable() {
                    ApiError::KeysUnavailable
                } else if error == TokenError::GroupsElsewhere {
                    // Whoever runs the issuer can mend it, and only they.
                    tracing::warn!(
                        code = error.code(),
                        "a token was refused: its issuer left the groups out, since they are too many"
                    );
                    ApiError::GroupsElsewhere
                } else {
                    ApiError::Unauthenticated(error.code())
                }
            })?;
            let person = (identity.issuer.as_str(), identity.subject.as_str());
            state.paces.admit(&request, &identity.tenant, person, state.app.now())?;
            let identity = Identity {
                issuer: identity.issuer,
                subject: identity.subject,
                tenant: identity.tenant,
                name: identity.name,
                more: Vouched {
                    email: identity.email,
                    personal: identity.personal,
                    groups: identity.groups.map(|groups| (groups.names, groups.issued_at)),
                },
            };
            let from = state.limits.proxies().network(&request);
            let caller = state.app.enter_from(&identity, id, Some(from)).await?;
            if let Some(traced) = request.extensions().get::<Traced>() {
                traced.tenant(caller.tenant.id.0);
            }
            request.extensions_mut().insert(Arc::clone(&caller.trail));
            Ok(CalledBy(caller))
        })
    }
}

/// What an answer with texts in the caller's language depends on, for `Vary`.
pub const VARIES_BY: &str = "Accept-Language, Authorization";

/// The language the caller wants messages in.
#[derive(Clone, Copy, Debug)]
pub struct Spoken(pub Language);

impl FromRequest for Spoken {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let language = request.extensions().get::<Language>().copied().unwrap_or_default();
        std::future::ready(Ok(Spoken(language)))
    }
}
