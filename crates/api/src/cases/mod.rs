//! The operations of a case.

pub mod command;
pub mod draft;
pub mod file;
pub mod list;
pub mod measures;
pub mod read;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue, LOCATION, VARY};
use app::cases::Opened;
use app::{Answer, Caller};
use domain::case::Case;
use domain::policy::Access;
use wire::Language;
use wire::case::CaseView;

use crate::extract::{VARIES_BY, etag};

/// The path of a case.
fn location(case: &Case) -> String {
    format!("/api/v1/cases/{}", case.id)
}

/// The entity tag of a view: what a reporter sees of a case has one of its own, for it is not what
/// `If-Match` asks about. A draft has one view only.
fn tag(case: &Case, own: bool) -> String {
    if own && !case.private() { format!("\"{}-own\"", case.version) } else { etag(case.version) }
}

/// A case as an answer.
fn answer(case: &Case, caller: &Caller, language: Language, own: bool, status: u16) -> Answer {
    let view = CaseView::new(case, &caller.set_up.units, language, own);
    Answer {
        status,
        location: (status == 201).then(|| location(case)),
        etag: Some(tag(case, own)),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(&view).unwrap_or_default(),
    }
}

/// A case that was opened, as an answer.
fn answer_opened(opened: &Opened, caller: &Caller, language: Language) -> Answer {
    answer(&opened.case, caller, language, opened.access == Access::Own, 200)
}

/// An answer on its way out.
fn send(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json").insert_header((VARY, VARIES_BY));
    let header = |text: Option<String>| text.and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(tag) = header(answer.etag) {
        response.insert_header((ETAG, tag));
    }
    if let Some(place) = header(answer.location) {
        response.insert_header((LOCATION, place));
    }
    response.body(answer.body)
}
