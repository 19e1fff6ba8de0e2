//! The operations of a case.

pub mod attachments;
pub mod beside;
pub mod command;
pub mod disclosures;
pub mod draft;
pub mod duties;
pub mod file;
pub mod investigations;
pub mod list;
pub mod many;
pub mod measures;
pub mod read;
pub mod record;
pub mod refile;
pub mod samples;
pub mod suggest;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue, LOCATION, VARY};
use app::cases::Opened;
use app::{Answer, Caller};
use domain::case::Case;
use domain::ids::CaseId;
use domain::policy::Access;
use serde::Serialize;
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

/// What is shown of a case, as an answer.
fn viewed(case: &Case, view: &impl Serialize, own: bool, status: u16) -> Answer {
    Answer {
        status,
        location: (status == 201).then(|| location(case)),
        etag: Some(tag(case, own)),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(view).unwrap_or_default(),
    }
}

/// A case as an answer.
fn answer(case: &Case, caller: &Caller, language: Language, own: bool, status: u16) -> Answer {
    viewed(case, &CaseView::new(case, &caller.set_up.units, language, own), own, status)
}

/// A case that was just made, as an answer.
pub(crate) fn answer_new(case: &Case, caller: &Caller, language: Language) -> Answer {
    answer(case, caller, language, false, 201)
}

/// A case that was opened, as an answer.
fn answer_opened(opened: &Opened, caller: &Caller, language: Language) -> Answer {
    answer(&opened.case, caller, language, opened.access == Access::Own, 200)
}

/// A case that was read, as an answer, with the series it is part of.
fn answer_read(opened: &Opened, series: &[CaseId], caller: &Caller, language: Language) -> Answer {
    let own = opened.access == Access::Own;
    let mut view = CaseView::new(&opened.case, &caller.set_up.units, language, own);
    let by_role = matches!(opened.access, Access::Role(_));
    view.series = by_role.then(|| series.iter().map(|id| id.0).collect());
    viewed(&opened.case, &view, own, 200)
}

/// An answer on its way out.
pub(crate) fn send(answer: Answer) -> HttpResponse {
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
