//! What every page of a contact has: its address, its forms, and a kind word where a link opens nothing.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use app::Error;
use app::portal::Visitor;
use domain::fault::Fault;
use pages::{Flaw, Markup, Page, Switch, html, query_with};
use wire::Language;
use wire::fault::FaultView;

use super::fields::Fields;
use super::words as w;
use crate::problem::ApiError;
use crate::public::form::{Form, Issued, Refused};
use crate::public::page::answer;
use crate::state::ApiState;

pub(super) use crate::public::form::TOKEN;

/// The name of these forms.
pub(super) const NAME: &str = "reply";

/// What every page needs to know.
pub(super) struct Frame<'a> {
    pub(super) state: &'a ApiState,
    pub(super) request: &'a HttpRequest,
    pub(super) language: Language,
    /// The tenant's slug, and what it is called.
    pub(super) slug: &'a str,
    pub(super) site: &'a str,
    /// Path of the page, without a query.
    pub(super) address: String,
    /// What its forms are bound to.
    pub(super) about: &'a str,
}

impl Frame<'_> {
    pub(super) fn form(&self) -> Form<'_> {
        Form { tenant: self.slug, name: NAME, about: self.about.as_bytes() }
    }

    /// A token for the forms of the page.
    pub(super) fn issue(&self) -> Result<Issued, ApiError> {
        let (state, now) = (self.state, self.state.app.now());
        self.form()
            .issue(&state.app.sealer, state.limits.proxies(), self.request, now)
            .ok_or_else(|| ApiError::App(Error::Internal("no randomness".into())))
    }

    /// What is wrong with the token of a form that came.
    pub(super) fn flaw_of_token(&self, fields: &Fields) -> Result<Option<Flaw>, ApiError> {
        self.flaw_of(fields.get(TOKEN))
    }

    /// What is wrong with a token that came.
    pub(super) fn flaw_of(&self, token: &str) -> Result<Option<Flaw>, ApiError> {
        let (state, now) = (self.state, self.state.app.now());
        match self.form().hold(&state.app.sealer, self.request, token, now) {
            Ok(_) => Ok(None),
            Err(Refused::Old) => Ok(Some(Flaw::at("", w::OLD.to(self.language)))),
            Err(Refused::Elsewhere) => Err(ApiError::FromElsewhere),
        }
    }

    pub(super) fn action(&self) -> String {
        query_with(&self.address, self.language)
    }

    pub(super) fn render(
        &self,
        title: &str,
        content: Markup,
        flaws: &[Flaw],
        issued: Option<&Issued>,
    ) -> HttpResponse {
        let status =
            if flaws.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = Page {
            language: self.language,
            site: self.site,
            title,
            switch: Switch::Links { address: &self.address },
            flaws,
            content,
        };
        answer(status, page, issued)
    }

    /// To a page, as the answer to a form.
    pub(super) fn redirect(&self, address: &str, mark: Option<(&str, usize)>) -> HttpResponse {
        let mut to = query_with(address, self.language);
        if let Some((name, count)) = mark {
            to.push_str(&format!("&{name}={count}"));
        }
        HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
    }
}

/// Says kindly that a link opens nothing, whichever way it came to that.
pub(super) fn gone(language: Language) -> HttpResponse {
    let content = html! {
        p { (w::GONE_WHY.to(language)) }
        p { (w::GONE_DO.to(language)) }
    };
    let page = Page {
        language,
        site: "Avvikelse",
        title: w::GONE_TITLE.to(language),
        switch: Switch::None,
        flaws: &[],
        content,
    };
    answer(StatusCode::GONE, page, None)
}

pub(super) fn kindly(
    done: Result<HttpResponse, ApiError>,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    match done {
        Err(ApiError::App(Error::Gone)) => Ok(gone(language)),
        done => done,
    }
}

pub(super) fn with_cookie(mut response: HttpResponse, cookie: &str) -> HttpResponse {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The frame of the page of a link.
pub(super) fn framed<'a>(
    state: &'a ApiState,
    request: &'a HttpRequest,
    language: Language,
    (slug, token, below): (&'a str, &'a str, Option<&str>),
    visitor: &'a Visitor,
) -> Frame<'a> {
    let below = below.map(|id| format!("/{id}")).unwrap_or_default();
    let address = format!("/{slug}/svar/{token}{below}");
    Frame { state, request, language, slug, site: &visitor.tenant.name, address, about: token }
}

/// What the query of a page says was done just before.
pub(super) fn note(request: &HttpRequest, language: Language) -> Option<String> {
    request.query_string().split('&').find_map(|pair| match pair.split_once('=')? {
        ("saved", count) => {
            let count = count.parse::<usize>().ok()?;
            Some(format!("{}: {count}", w::SAVED.to(language)))
        }
        ("done", _) => Some(w::DONE.to(language).to_owned()),
        ("handed", _) => Some(w::HANDED_OVER.to(language).to_owned()),
        _ => None,
    })
}

pub(super) fn code_flaws(faults: &[Fault], language: Language) -> Vec<Flaw> {
    faults.iter().map(|it| Flaw::at("code", FaultView::new(it, language).message)).collect()
}
