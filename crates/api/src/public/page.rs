//! Pages on their way out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use pages::{Flaw, Page, Say, Switch, html};
use wire::{Language, Problem};

use super::form::Issued;
use crate::middleware::SaysItself;

/// What a page's answer depends on, for `Vary`.
const VARIES_BY: &str = "Accept, Accept-Language, Cookie";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// A page as an answer: nobody keeps it, frames it, or is told where its reader came from. A form on
/// it brings its cookie along.
pub fn answer(status: StatusCode, page: Page<'_>, form: Option<&Issued>) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, pages::policy()))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((OPENER_POLICY, "same-origin"))
        .insert_header((PERMISSIONS, "camera=(), geolocation=(), microphone=()"))
        .insert_header((VARY, VARIES_BY));
    if let Some(form) = form {
        response.insert_header((SET_COOKIE, form.cookie.as_str()));
    }
    let mut response = response.body(page.render());
    // A page that tells of a failure is not to be made a problem document of.
    response.extensions_mut().insert(SaysItself);
    response
}

const REQUEST: Say = Say("Ärendets nummer hos oss", "Our number for this request", "Vårt nummer");
const BACK: Say = Say(
    "Gå tillbaka i webbläsaren för att komma till det du skrev.",
    "Go back in your browser to return to what you wrote.",
    "Gå tillbaka ett steg. Då kommer du till det du skrev.",
);

/// A failure as a page.
pub(crate) fn failed(status: StatusCode, problem: &Problem, language: Language) -> HttpResponse {
    let flaws: Vec<Flaw> =
        problem.errors.iter().map(|fault| Flaw::at("", fault.message.as_str())).collect();
    let content = html! {
        @if status != StatusCode::NOT_FOUND { p { (BACK.to(language)) } }
        p.hint { (REQUEST.to(language)) ": " (problem.request_id) }
    };
    let page = Page {
        language,
        site: "Avvikelse",
        title: &problem.title,
        switch: Switch::None,
        flaws: &flaws,
        content,
    };
    answer(status, page, None)
}
