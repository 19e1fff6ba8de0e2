//! The pages around a code: where it is given, that it is saved, and how a lost one is replaced.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::opinions::Door;
use pages::{Field, Flaw, Input, Markup, Page, Switch, button, hidden, html, query_with};
use wire::Language;

use super::form::{Form, Issued, Refused, TOKEN};
use super::limit::Budget;
use super::opinion_page::{code_box, looks_like_mail, saved_form};
use super::posted::{Posted, Sent};
use super::receipts::send_new_codes;
use super::{door, page, said};
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The form in which a code is given.
pub(super) fn open_form(slug: &str) -> Form<'_> {
    Form { tenant: slug, name: "open", about: b"" }
}

fn lost_form(slug: &str) -> Form<'_> {
    Form { tenant: slug, name: "lost", about: b"" }
}

/// A token for a form.
pub(super) fn issue(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    form: Form<'_>,
) -> Result<Issued, ApiError> {
    form.issue(&state.app.sealer, state.limits.proxies(), request, door.now)
        .ok_or_else(|| ApiError::App(app::Error::Internal("no randomness".into())))
}

/// Holds a form to its token. `false`: it lay too long, and is to be sent once more.
pub(super) fn hold(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    form: Form<'_>,
    posted: &Posted,
) -> Result<bool, ApiError> {
    match form.hold(&state.app.sealer, request, posted.get(TOKEN), door.now) {
        Ok(_) => Ok(true),
        Err(Refused::Old) => Ok(false),
        Err(Refused::Elsewhere) => Err(ApiError::FromElsewhere),
    }
}

/// Where a code is given.
#[utoipa::path(
    tag = "pages",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("lang" = Option<String>, Query, description = "`sv`, `en` or `sv-x-easy`"),
    ),
    responses(
        (status = 200, description = "The form", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown"),
    ),
    security(()),
)]
#[get("/{tenant}/receipts")]
pub async fn show_code_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    code_asked(&state, &request, &door, language, ("", &[]), StatusCode::OK)
}

/// The page where a code is given, with what is wrong with the one that was.
pub(super) fn code_asked(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    language: Language,
    (code, flaws): (&str, &[Flaw]),
    status: StatusCode,
) -> Result<HttpResponse, ApiError> {
    let slug = &door.tenant.slug;
    let issued = issue(state, request, door, open_form(slug))?;
    let address = format!("/{slug}/receipts");
    let field = Field {
        hint: Some(said::OPEN_CODE_ABOUT.to(language)),
        required: true,
        longest: Some(40),
        ..Field::new("code", said::OPEN_CODE.to(language)).within(flaws)
    };
    let content = html! {
        form method="post" action=(query_with(&address, language)) {
            (hidden(TOKEN, &issued.token))
            (field.input(Input::Digits, code))
            (button(said::OPEN.to(language)))
        }
        p { a href=(query_with(&format!("/{slug}/receipts/lost"), language)) {
            (said::LOST.to(language))
        } }
        p { a href=(query_with(&format!("/{slug}/synpunkt"), language)) {
            (said::OPINION.to(language))
        } }
    };
    let page = Page {
        language,
        site: &door.tenant.name,
        title: said::OPEN_TITLE.to(language),
        switch: Switch::Links { address: &address },
        flaws,
        content,
    };
    Ok(page::answer(status, page, Some(&issued)))
}

/// That the code is saved: what happens next.
#[utoipa::path(
    tag = "pages",
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown"),
    ),
    security(()),
)]
#[get("/{tenant}/receipts/saved")]
pub async fn show_saved(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let slug = &door.tenant.slug;
    let content = html! {
        p { (said::SAVED_ABOUT.to(language)) }
        p { a href=(query_with(&format!("/{slug}/receipts"), language)) {
            (said::TO_STATUS.to(language))
        } }
        p.hint { (said::LEAVE_ABOUT.to(language)) }
    };
    let address = format!("/{slug}/receipts/saved");
    let title = said::SAVED_TITLE.to(language);
    Ok(plain(&door, language, (title, &address), &[], content, None))
}

/// A page that can be had in another language by its address.
fn plain(
    door: &Door,
    language: Language,
    (title, address): (&str, &str),
    flaws: &[Flaw],
    content: Markup,
    issued: Option<&Issued>,
) -> HttpResponse {
    let switch = Switch::Links { address };
    let page = Page { language, site: &door.tenant.name, title, switch, flaws, content };
    let status = if flaws.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page::answer(status, page, issued)
}

/// How a lost code is replaced.
#[utoipa::path(
    tag = "pages",
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "The form", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown"),
    ),
    security(()),
)]
#[get("/{tenant}/receipts/lost")]
pub async fn show_lost_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    lost_asked(&state, &request, &door, language, ("", &[]))
}

fn lost_asked(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    language: Language,
    (email, flaws): (&str, &[Flaw]),
) -> Result<HttpResponse, ApiError> {
    let slug = &door.tenant.slug;
    let issued = issue(state, request, door, lost_form(slug))?;
    let address = format!("/{slug}/receipts/lost");
    let field = Field {
        required: true,
        fills: Some("email"),
        longest: Some(254),
        ..Field::new("email", said::EMAIL.to(language)).within(flaws)
    };
    let content = html! {
        p { (said::LOST_ABOUT.to(language)) }
        form method="post" action=(query_with(&address, language)) {
            (hidden(TOKEN, &issued.token))
            (field.input(Input::Email, email))
            (button(said::LOST_SEND.to(language)))
        }
    };
    let title = said::LOST.to(language);
    Ok(plain(door, language, (title, &address), flaws, content, Some(&issued)))
}

/// Asks for a new code.
///
/// The page is the same whether there was such an address or not.
#[utoipa::path(
    tag = "pages",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "Taken", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not taken"),
    ),
    security(()),
)]
#[post("/{tenant}/receipts/lost")]
pub async fn send_lost_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Renewal, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let posted = sent.read(&state).await?;
    let slug = door.tenant.slug.clone();
    let email = posted.get("email").to_owned();
    if !hold(&state, &request, &door, lost_form(&slug), &posted)? {
        let flaw = [Flaw::at("", said::SEND_AGAIN.to(language))];
        return lost_asked(&state, &request, &door, language, (&email, &flaw));
    }
    if !looks_like_mail(&email) {
        let flaw = [Flaw::at("email", said::BAD_EMAIL.to(language))];
        return lost_asked(&state, &request, &door, language, (&email, &flaw));
    }
    state.limits.admit_shared(&request, Budget::AllRenewals, &slug, door.now)?;
    send_new_codes(&state, door.clone(), email);
    let content = html! { p { (said::LOST_TAKEN.to(language)) } };
    let address = format!("/{slug}/receipts/lost");
    let title = said::LOST.to(language);
    Ok(plain(&door, language, (title, &address), &[], content, None))
}

/// Where the link of a mail leads.
///
/// Shows a button: programs that look at the links of mails beforehand use none up.
#[utoipa::path(
    tag = "pages",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("link" = String, Path, description = "What the mail has"),
    ),
    responses(
        (status = 200, description = "The button", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown"),
    ),
    security(()),
)]
#[get("/{tenant}/receipts/new/{link}")]
pub async fn show_new_code_form(
    state: Data<ApiState>,
    request: HttpRequest,
    path: Path<(String, String)>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Reply, state.app.now())?;
    let (tenant, link) = path.into_inner();
    let door = door(&state, &request, &tenant).await?;
    match state.app.new_code_waits(&door, &link).await {
        Ok(()) => new_asked(&state, &request, &door, language, (&link, &[])),
        Err(app::Error::NotFound) => Ok(spent(&door, language)),
        Err(other) => Err(other.into()),
    }
}

fn new_asked(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    language: Language,
    (link, flaws): (&str, &[Flaw]),
) -> Result<HttpResponse, ApiError> {
    let form = Form { tenant: &door.tenant.slug, name: "new", about: link.as_bytes() };
    let issued = issue(state, request, door, form)?;
    let address = format!("/{}/receipts/new/{link}", door.tenant.slug);
    let content = html! {
        p { (said::NEW_ABOUT.to(language)) }
        form method="post" action=(query_with(&address, language)) {
            (hidden(TOKEN, &issued.token))
            (button(said::NEW_SHOW.to(language)))
        }
    };
    let title = said::NEW_TITLE.to(language);
    Ok(plain(door, language, (title, &address), flaws, content, Some(&issued)))
}

/// A link that does not open says so kindly, and what to do.
fn spent(door: &Door, language: Language) -> HttpResponse {
    let slug = &door.tenant.slug;
    let content = html! {
        p { (said::NEW_SPENT.to(language)) }
        p { a href=(query_with(&format!("/{slug}/receipts/lost"), language)) {
            (said::LOST_SEND.to(language))
        } }
    };
    let title = said::NEW_TITLE.to(language);
    let page = Page {
        language,
        site: &door.tenant.name,
        title,
        switch: Switch::None,
        flaws: &[],
        content,
    };
    page::answer(StatusCode::NOT_FOUND, page, None)
}

/// Shows a new code, once.
#[utoipa::path(
    tag = "pages",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("link" = String, Path, description = "What the mail has"),
    ),
    responses(
        (status = 200, description = "The code", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown"),
    ),
    security(()),
)]
#[post("/{tenant}/receipts/new/{link}")]
pub async fn send_new_code_form(
    state: Data<ApiState>,
    request: HttpRequest,
    path: Path<(String, String)>,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Reply, state.app.now())?;
    let (tenant, link) = path.into_inner();
    let door = door(&state, &request, &tenant).await?;
    let posted = sent.read(&state).await?;
    let form = Form { tenant: &tenant, name: "new", about: link.as_bytes() };
    if !hold(&state, &request, &door, form, &posted)? {
        let flaw = [Flaw::at("", said::SEND_AGAIN.to(language))];
        return new_asked(&state, &request, &door, language, (&link, &flaw));
    }
    let code = match state.app.take_new_code(&door, &link).await {
        Ok(code) => code,
        Err(app::Error::NotFound) => return Ok(spent(&door, language)),
        Err(other) => return Err(other.into()),
    };
    let content = html! {
        (code_box(&code.digits(), language))
        p { (said::LEFT_ABOUT.to(language)) }
        (saved_form(&door, language))
    };
    let page = Page {
        language,
        site: &door.tenant.name,
        title: said::NEW_TITLE.to(language),
        switch: Switch::None,
        flaws: &[],
        content,
    };
    Ok(page::answer(StatusCode::OK, page, None))
}
