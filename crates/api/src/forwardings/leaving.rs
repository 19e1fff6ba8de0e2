//! Exactly what leaves: as JSON, as a letter, as a package for the SDK client.

use actix_web::http::header::{CONTENT_DISPOSITION, ETAG};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use domain::ids::ForwardingId;
use wire::Problem;
use wire::forwarding::ForwardingPreviewView;

use crate::extract::{CalledBy, etag};
use crate::problem::ApiError;
use crate::setup::{id, shown};
use crate::state::ApiState;

/// What a letter in a browser may do: nothing.
const NOTHING: (&str, &str) =
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");

/// Preview what leaves.
///
/// Exactly what the other side will see, and the letter as it would be printed. Nothing of the case is in it.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "What leaves", body = ForwardingPreviewView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/preview")]
pub async fn preview_forwarding(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let forwarding = ForwardingId(id(&path)?);
    let (opened, leaving) = state.app.preview_forwarding(&caller, forwarding).await?;
    let letter = report::letter::html(&leaving);
    let document = leaving.document;
    let view = ForwardingPreviewView {
        sender: leaving.sender,
        number: leaving.number,
        receiver: leaving.receiver,
        matter: document.matter,
        text: document.text,
        question: document.question,
        counterparty_unit: document.unit,
        event_on: document.event_on,
        due_on: leaving.due_on,
        identity: leaving.identity,
        letter,
    };
    Ok(shown(&view, opened.forwarding.version))
}

/// Read the letter.
///
/// A page to print, with the receiver's address and where to answer. Of what has left.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The letter", body = String, content_type = "text/html", headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/letter")]
pub async fn read_letter(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let forwarding = ForwardingId(id(&path)?);
    let (opened, leaving) = state.app.forwarding_letter(&caller, forwarding, None).await?;
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag(opened.forwarding.version)))
        .insert_header(NOTHING)
        .content_type("text/html; charset=utf-8")
        .body(report::letter::html(&leaving)))
}

/// Read the package for the SDK client.
///
/// A ZIP file with the letter (`brev.html`) and what the client asks for (`meddelande.txt`: a `name: value` a
/// line). Of what has left.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The package", body = Vec<u8>, content_type = "application/zip", headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/package")]
pub async fn read_package(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let forwarding = ForwardingId(id(&path)?);
    let (opened, leaving) = state.app.forwarding_letter(&caller, forwarding, None).await?;
    let package = report::letter::package(&leaving)
        .map_err(|error| app::Error::Internal(error.to_string()))?;
    let name = leaving.number.unwrap_or_else(|| forwarding.to_string());
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag(opened.forwarding.version)))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.zip\"")))
        .content_type("application/zip")
        .body(package))
}
