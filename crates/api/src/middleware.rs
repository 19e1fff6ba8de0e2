//! Around every request: an id, a language, a log line, and problem details for whatever failed.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use futures_util::FutureExt as _;
use tracing::Instrument as _;
use uuid::Uuid;
use wire::Language;

use crate::attempt::keep_refused;
use crate::connection::Held;
use crate::problem::ApiError;
use crate::public::limit::Standing;
use crate::state::ApiState;
use crate::trace::Traced;

/// The id of a request, in its extensions.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub Uuid);

/// Marks an answer that says by itself what is wrong: it is no problem details, and nothing failed
/// in making it.
#[derive(Clone, Copy, Debug)]
pub struct SaysItself;

/// What the interactive reference may load: itself. Its styles are partly inline.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What a browser that opens an answer of data as if it were a page may load: nothing.
const DATA_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers every failure, the framework's own and panics included, as problem details.
pub async fn around<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = Uuid::now_v7();
    let language = language(&request);
    request.extensions_mut().insert(RequestId(id));
    request.extensions_mut().insert(language);
    let method = request.method().clone();
    if method == Method::HEAD {
        // Answered as GET; the framework leaves the body out, since it has seen what was asked.
        request.head_mut().method = Method::GET;
    }
    let traced = Traced::begin(&request, known(&method), id);
    request.extensions_mut().insert(traced.clone());
    let held = Held::begin(&mut request);
    let docs = request.path().starts_with("/docs");
    let reads_pages = reads_pages(&request);
    let started = Instant::now();
    let span = tracing::info_span!("request", request_id = %id);

    // The request is not held here meanwhile: routing needs it to itself.
    let refused = mistaken(&request);
    let called = async {
        match refused {
            Some(methods) => Err(ApiError::MethodNotAllowed(methods).into()),
            None => next.call(request).await,
        }
    };
    let called = AssertUnwindSafe(called).catch_unwind().instrument(span.clone()).await;
    let answered = match called {
        Ok(Ok(response)) => {
            let told = failure(&response).map(|error| error.respond(language, id, reads_pages));
            match told {
                Some(problem) => Ok(response.into_response(problem)),
                None => Ok(response.map_into_boxed_body()),
            }
        }
        Ok(Err(error)) => {
            let status = error.as_response_error().status_code();
            Err(match error.as_error::<ApiError>() {
                Some(error) => error.respond(language, id),
                None => ApiError::Framework(status).respond(language, id),
            })
        }
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            tracing::error!(request_id = %id, panic = text, "a handler panicked");
            Err(ApiError::Panicked.respond(language, id))
        }
    };

    if let Ok(response) = &answered {
        keep_refused(response).await;
    }

    // The pattern, not the path: ids and codes in a path stay out of log and metrics.
    let (status, route) = match &answered {
        Ok(response) => (response.status(), response.request().match_pattern()),
        Err(response) => (response.status(), None),
    };
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let status = status.as_u16();
    let seconds = started.elapsed().as_secs_f64();
    traced.answered(&route, status);
    span.in_scope(|| {
        let milliseconds = seconds * 1000.0;
        tracing::info!(%method, route, status, milliseconds, "answered");
    });
    let labels =
        [("method", known(&method).to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("avvikelse_http_requests_total", &labels).increment(1);
    metrics::histogram!("avvikelse_http_request_seconds", &labels).record(seconds);

    match answered {
        Ok(mut response) => {
            let standing = response.request().extensions().get::<Standing>().copied();
            if let Some(standing) = standing {
                standing.tell(response.headers_mut());
            }
            finish(response.headers_mut(), id, docs);
            Ok(response.map_body(|_, body| held.answer(body)))
        }
        Err(mut response) => {
            finish(response.headers_mut(), id, docs);
            let response = response.map_body(|_, body| held.answer(body));
            Err(InternalError::from_response("told as a problem", response).into())
        }
    }
}

/// The methods of a path that routing would mistake for another one, where this is none of them.
fn mistaken(request: &ServiceRequest) -> Option<Vec<String>> {
    let state = request.app_data::<Data<ApiState>>()?;
    state.methods.refuses(request.method().as_str(), request.path()).map(<[String]>::to_vec)
}

/// A method as a label: what a client makes up must not make new series.
fn known(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    }
}

/// The headers that every answer has.
fn finish(headers: &mut HeaderMap, id: Uuid, docs: bool) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if docs {
        // The reference is served from here and fetches nothing from elsewhere.
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_POLICY));
    } else if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        // Pages say their own; everything else is no page, whatever a browser makes of it.
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DATA_POLICY));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        // What is answered here is about persons: no cache keeps it.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Whether somebody looks at pages: whoever does is told of a failure by one.
fn reads_pages(request: &ServiceRequest) -> bool {
    let header = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    !request.path().starts_with("/api/") && header.is_some_and(|it| it.contains("text/html"))
}

/// The language of the answer: of a page the one chosen on it, else that of the reader's browser.
fn language(request: &ServiceRequest) -> Language {
    if !request.path().starts_with("/api/") {
        let chosen = request.query_string().split('&').find_map(|it| it.strip_prefix("lang="));
        let chosen =
            chosen.and_then(|tag| Language::ALL.into_iter().find(|language| language.tag() == tag));
        if let Some(language) = chosen {
            return language;
        }
    }
    let header = request.headers().get(header::ACCEPT_LANGUAGE);
    header.and_then(|value| value.to_str().ok()).map(Language::accepted).unwrap_or_default()
}

/// What failed, when the answer is a failure that is not yet told as a problem.
fn failure<B>(response: &ServiceResponse<B>) -> Option<ApiErrorRef<'_>> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    if response.response().extensions().contains::<SaysItself>() {
        return None;
    }
    let own = response.response().error().and_then(|error| error.as_error::<ApiError>());
    if let Some(error) = own {
        return Some(ApiErrorRef::Own(error));
    }
    let told = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    (!told).then_some(ApiErrorRef::Framework(status))
}

enum ApiErrorRef<'a> {
    Own(&'a ApiError),
    Framework(actix_web::http::StatusCode),
}

impl ApiErrorRef<'_> {
    fn respond(&self, language: Language, id: Uuid, page: bool) -> actix_web::HttpResponse {
        let framework;
        let error = match self {
            ApiErrorRef::Own(error) => *error,
            ApiErrorRef::Framework(status) => {
                framework = ApiError::Framework(*status);
                &framework
            }
        };
        if page { error.respond_page(language, id) } else { error.respond(language, id) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn an_answer_that_says_itself_what_is_wrong_goes_out_as_it_is() {
        let plain = HttpResponse::ServiceUnavailable().body("x");
        assert!(failure(&TestRequest::default().to_srv_response(plain)).is_some());
        let mut marked = HttpResponse::ServiceUnavailable().body("what is wrong");
        marked.extensions_mut().insert(SaysItself);
        assert!(failure(&TestRequest::default().to_srv_response(marked)).is_none());
    }

    #[test]
    fn a_made_up_method_is_no_label() {
        let label = |name: &[u8]| known(&Method::from_bytes(name).expect("a method")).to_owned();
        assert_eq!(label(b"PATCH"), "PATCH");
        assert_eq!(label(b"GETX"), "other");
        assert_eq!(label(b"TRACE"), "other");
    }
}
