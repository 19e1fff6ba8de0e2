//! `/public/{tenant}/machine`: what the systems of others read and send. Nobody logs in here: messages
//! are signed.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, get, post};
use exchange::Request;
use exchange::message::{Description, Envelope, LARGEST, Receipt};
use uuid::Uuid;
use wire::Problem;

use crate::extract::Body;
use crate::middleware::RequestId;
use crate::problem::ApiError;
use crate::public::limit::Budget;
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
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let description = state.app.describe_machine(&tenant).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(description))
}

/// Take a message from another system.
///
/// Signed by HTTP Message Signatures (RFC 9421) with Ed25519 over method, target URI, content digest,
/// content type and receiver, with created, expires, nonce, keyid and the tag `avvikelse-exchange`. The
/// same message again is answered the same; a later one before its turn is told which number comes next.
/// With the code `exchange_not_possible` its number was taken and it is refused for good; after any other
/// refusal nothing is kept, and it may be sent again. See the guide to machine exchange.
#[utoipa::path(
    tag = "machines",
    request_body = Envelope,
    params(
        ("tenant" = String, Path, description = "The tenant's name in paths"),
        ("Signature-Input" = String, Header, description = "What is signed, and by which key"),
        ("Signature" = String, Header, description = "The signature"),
        ("Content-Digest" = String, Header, description = "SHA-256 of the content (RFC 9530)"),
        ("Avvikelse-Receiver" = String, Header, description = "The id of the tenant"),
    ),
    responses(
        (status = 200, description = "Taken, now or before", body = Receipt),
        (status = "4XX", description = "Not taken", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/public/{tenant}/machine/messages")]
pub async fn take_message(
    state: Data<ApiState>,
    tenant: Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (app, now) = (&state.app, state.app.now());
    state.limits.admit(&request, Budget::Message, now)?;
    let exchanging = app.exchanging().ok_or(ApiError::NoSuchPath)?;
    let head = head(&request, &exchanging.base);
    let admitted = app.admit_message(&tenant, &head).await.map_err(counted)?;
    // Whoever is known may send much; nobody else's content is read.
    let body = body.read_signed(LARGEST).await?;
    let id = request.extensions().get::<RequestId>().map_or_else(Uuid::now_v7, |id| id.0);
    let receipt = app.take_message(admitted, &body, id).await.map_err(counted)?;
    Ok(HttpResponse::Ok().json(receipt))
}

/// The head of a request, with the address that whoever sent it knows this service by.
fn head(request: &HttpRequest, base: &exchange::Target) -> Request {
    let path = request.uri().path_and_query().map_or(request.path(), |path| path.as_str());
    let field = |(name, value): (&actix_web::http::header::HeaderName, &_)| {
        let value: &actix_web::http::header::HeaderValue = value;
        // What is no text was not signed as one: it is a value that no signature fits.
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Request {
        method: request.method().as_str().to_owned(),
        target: base.below(path),
        headers: request.headers().iter().map(field).collect(),
        body: Vec::new(),
    }
}

/// Counts what was not taken, by its reason.
fn counted(error: app::Error) -> ApiError {
    if let app::Error::NotTaken(why) = &error {
        metrics::counter!("avvikelse_exchange_not_taken_total", "reason" => why.code())
            .increment(1);
    }
    error.into()
}
