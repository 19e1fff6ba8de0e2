//! `/codes` and `/laws`.

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::Answer;
use app::setup::NewCode;
use domain::code_lists::Code;
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use jiff::civil::Date;
use serde::Serialize;
use wire::setup::{CodeListView, CodeRequest, CodeView, CodesView, LawsView};
use wire::{Language, Problem};

use super::{created, send, wrong};
use crate::cases::list::form_pairs;
use crate::extract::{Body, CalledBy, Conditions, Spoken, VARIES_BY};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The entity tag of what the lists say in a language.
fn tag(caller: &CalledBy, language: Language) -> String {
    format!("\"{}-{}\"", caller.set_up.codes.version(), language.tag())
}

/// Whether `If-None-Match` names the tag; compared weakly (RFC 9110 13.1.2).
fn named(given: &str, tag: &str) -> bool {
    given
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// What a client may keep, as long as it asks whether it still holds: 304 when it does.
pub(super) fn kept<T: Serialize>(
    request: &HttpRequest,
    tag: String,
    view: impl FnOnce() -> T,
) -> HttpResponse {
    let given = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = given.is_some_and(|given| named(given, &tag));
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((VARY, VARIES_BY));
    if unchanged { response.finish() } else { response.json(view()) }
}

/// An answer with the texts of a code.
fn spoken(answer: Answer) -> HttpResponse {
    let mut response = send(answer);
    response.headers_mut().insert(VARY, HeaderValue::from_static(VARIES_BY));
    response
}

/// Read all code lists.
///
/// The shared lists and the tenant's own codes below them, with their days of validity, for clients
/// that work without a network: keep them, and ask again with `If-None-Match`.
#[utoipa::path(
    tag = "setup",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of the lists one has")),
    responses(
        (status = 200, description = "The lists", body = CodesView,
            headers(("ETag" = String), ("Cache-Control" = String))),
        (status = 304, description = "Not changed since the ETag in If-None-Match"),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/codes")]
pub async fn list_codes(
    caller: CalledBy,
    Spoken(language): Spoken,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadSetup)?;
    let tag = tag(&caller, language);
    Ok(kept(&request, tag, || CodesView::new(&caller.set_up.codes, language)))
}

/// Read a code list.
#[utoipa::path(
    tag = "setup",
    params(
        ("list" = String, Path, description = "The list's name"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the list one has"),
    ),
    responses(
        (status = 200, description = "The list", body = CodeListView,
            headers(("ETag" = String), ("Cache-Control" = String))),
        (status = 304, description = "Not changed since the ETag in If-None-Match"),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/codes/{list}")]
pub async fn read_code_list(
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadSetup)?;
    let view = CodeListView::new(&caller.set_up.codes, &path, language)
        .ok_or(ApiError::App(app::Error::NotFound))?;
    Ok(kept(&request, tag(&caller, language), || view))
}

/// Add a code of one's own to a list.
///
/// Below a shared code or another of one's own, in the lists that take them (`extensible`). A code
/// is never changed and never used anew: figures of earlier years must go on meaning what they
/// meant.
#[utoipa::path(
    tag = "setup",
    request_body = CodeRequest,
    params(
        ("list" = String, Path, description = "The list's name"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Added", body = CodeView, headers(("Location" = String))),
        (status = "4XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/codes/{list}")]
pub async fn add_code(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageSetup)?;
    if caller.set_up.codes.list(&path).is_none() {
        return Err(ApiError::App(app::Error::NotFound));
    }
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(spoken(kept));
    }
    let request: CodeRequest = body.parse_desk(&state, &caller)?;
    let new = NewCode {
        code: request.code,
        parent: request.parent,
        sv: request.sv,
        en: request.en.unwrap_or_default(),
        valid_from: request.valid_from,
        valid_to: request.valid_to,
    };
    let render = |code: &Code| {
        let view = CodeView::new(code, language);
        created(&view, format!("/api/v1/codes/{}", code.list), None)
    };
    Ok(spoken(state.app.add_code(&caller, &path, new, once, render).await?))
}

/// Read the statutes.
///
/// The acts behind the cases by the days they were in force, with the paragraphs that lay duties.
/// What nobody has read at its source is marked `verified: false` and has no `citation`: it must not
/// be printed as law.
#[utoipa::path(
    tag = "setup",
    params(("on" = Option<String>, Query, description = "Only what was in force on this day")),
    responses(
        (status = 200, description = "The statutes", body = LawsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/laws")]
pub async fn list_laws(caller: CalledBy, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadSetup)?;
    let mut on = None;
    let mut faults = Vec::new();
    for (name, value) in form_pairs(request.query_string()) {
        match (name.as_str(), value.parse::<Date>()) {
            ("on", Ok(day)) => on = Some(day),
            ("on", Err(_)) => faults.push(Fault::at(name, wrong("date"))),
            _ => faults.push(Fault::at(name, Reason::UnknownField)),
        }
    }
    if faults.is_empty() {
        Ok(HttpResponse::Ok().json(LawsView::new(on)))
    } else {
        Err(ApiError::Invalid(faults))
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_tag_is_found_among_others_weak_or_strong() {
        let tag = "\"0123-sv\"";
        for given in ["\"0123-sv\"", "W/\"0123-sv\"", "\"x\", \"0123-sv\"", "*"] {
            assert!(named(given, tag), "{given}");
        }
        for given in ["", "\"0123-en\"", "0123-sv"] {
            assert!(!named(given, tag), "{given}");
        }
    }
}
