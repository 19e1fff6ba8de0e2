//! What a tenant has published of opinions and their answers, for anybody: as JSON and as a page.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::opinions::Door;
use app::publications::PublishedPage;
use domain::fault::{Fault, Reason};
use pages::{Markup, Page, Say, Switch, html};
use wire::publication::{PublishedPageView, PublishedView};
use wire::{Language, Problem};

use super::limit::Budget;
use super::{door, page};
use crate::cases::list::form_pairs;
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::state::ApiState;

/// How many stand on a page.
const PAGE: usize = 25;
/// How far anybody goes back.
const FARTHEST: usize = 100_000;

const TITLE: Say = Say(
    "Frågor och svar om vården och omsorgen",
    "Questions and answers about the care",
    "Frågor och svar",
);
const ABOUT: Say = Say(
    "Här är synpunkter och klagomål som vi har svarat på, omskrivna så att ingen ska kunna kännas igen.",
    "These are opinions and complaints that we have answered, rewritten so that nobody can be recognised.",
    "Här kan du läsa vad andra har frågat och vad vi svarade. Ingen ska kunna se vem det var.",
);
const NOTHING: Say = Say(
    "Det finns inget publicerat ännu.",
    "Nothing has been published yet.",
    "Här finns inget ännu.",
);
const ASKED: Say = Say("Fråga", "Question", "Fråga");
const ANSWERED: Say = Say("Svar", "Answer", "Svar");
const MORE: Say =
    Say("Äldre frågor och svar", "Older questions and answers", "Fler frågor och svar");
const NEWEST: Say = Say("Till de senaste", "To the latest", "Till de nyaste");
const ON: Say = Say("Publicerat", "Published", "Publicerat");

/// Where the page begins; every fault named. `lang` is read elsewhere.
fn skip(request: &HttpRequest) -> Result<usize, ApiError> {
    let mut skip = 0;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "cursor" => match value.parse() {
                Ok(given) if given <= FARTHEST => skip = given,
                _ => {
                    let expected = "next_cursor".to_owned();
                    return Err(fault(Reason::WrongType { expected }));
                }
            },
            "lang" => {}
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    Ok(skip)
}

async fn found(
    state: &ApiState,
    request: &HttpRequest,
    tenant: &str,
) -> Result<(Door, PublishedPage, usize), ApiError> {
    state.limits.admit(request, Budget::Page, state.app.now())?;
    let door = door(state, request, tenant).await?;
    let skip = skip(request)?;
    let found = state.app.published(&door, skip, PAGE).await?;
    Ok((door, found, skip))
}

/// Read what is published of opinions and their answers.
///
/// Without persons, newest first; 404 where the tenant publishes nothing.
#[utoipa::path(
    tag = "public",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = PublishedPageView,
            headers(("RateLimit" = String), ("RateLimit-Policy" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/published")]
pub async fn list_published(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (door, found, _) = found(&state, &request, &tenant).await?;
    let items = found.items.into_iter().map(|it| PublishedView {
        question: it.question,
        answer: it.answer,
        about: it.about,
        published_on: it.published_on,
    });
    Ok(HttpResponse::Ok().json(PublishedPageView {
        tenant: door.tenant.name,
        items: items.collect(),
        next_cursor: found.next.map(|next| next.to_string()),
    }))
}

/// Shows what is published of opinions and their answers.
#[utoipa::path(
    tag = "pages",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("cursor" = Option<String>, Query, description = "Where the page begins"),
        ("lang" = Option<String>, Query, description = "`sv`, `en` or `sv-x-easy`"),
    ),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/{tenant}/published")]
pub async fn show_published(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let (door, found, skip) = found(&state, &request, &tenant).await?;
    let path = format!("/{}/published", door.tenant.slug);
    let address = if skip > 0 { format!("{path}?cursor={skip}") } else { path.clone() };
    let page = Page {
        language,
        site: &door.tenant.name,
        title: TITLE.to(language),
        switch: Switch::Links { address: &address },
        flaws: &[],
        content: content(&found, &path, skip, language),
    };
    Ok(page::answer(StatusCode::OK, page, None))
}

fn content(found: &PublishedPage, path: &str, skip: usize, language: Language) -> Markup {
    let to = |say: Say| say.to(language);
    // What was written is Swedish, whatever language the page around it is in.
    let written = (language == Language::En).then_some("sv");
    let link = |cursor: Option<usize>| {
        let from = cursor.map(|cursor| format!("cursor={cursor}&")).unwrap_or_default();
        format!("{path}?{from}lang={}", language.tag())
    };
    html! {
        p { (to(ABOUT)) }
        @if found.items.is_empty() { p { (to(NOTHING)) } }
        @for (at, it) in found.items.iter().enumerate() {
            @let id = format!("q{}", skip + at + 1);
            article aria-labelledby=(id) {
                h2 id=(id) {
                    (to(ASKED)) " " (skip + at + 1)
                    @if let Some(about) = &it.about { ": " span lang=[written] { (about) } }
                }
                blockquote lang=[written] { p.said { (it.question) } }
                h3 { (to(ANSWERED)) }
                p.said lang=[written] { (it.answer) }
                p.hint { (to(ON)) " " (it.published_on) }
            }
        }
        @if let Some(next) = found.next { p { a href=(link(Some(next))) { (to(MORE)) } } }
        @if skip > 0 { p { a href=(link(None)) { (to(NEWEST)) } } }
    }
}
