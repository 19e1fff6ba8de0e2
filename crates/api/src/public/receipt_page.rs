//! What somebody sees of what they left, by its code, and where they say more.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post};
use app::opinions::Door;
use domain::ids::CaseId;
use domain::opinion::SenderSays;
use domain::receipt::{NoCode, ReceiptCode};
use jiff::Timestamp;
use pages::{Field, Files, Flaw, Markup, Page, Say, Switch, button, hidden, html, query_with};
use wire::Language;
use wire::public::{FollowedOpinionView, SenderAnswer};

use super::code_page::{code_asked, hold, issue, open_form};
use super::form::{Form, Issued, TOKEN};
use super::limit::Budget;
use super::opinion_page::{ACCEPT, file_flaw};
use super::posted::{Posted, Sent};
use super::receipts::view;
use super::survey::questions;
use super::{door, page, said};
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The longest thing said, in characters.
const LONGEST: usize = 10_000;

/// The form of a receipt that was opened. Who has its token has had the code, lately: what they do further
/// with it is no try.
fn opened_form<'a>(slug: &'a str, code: &'a [u8]) -> Form<'a> {
    Form { tenant: slug, name: "receipt", about: code }
}

/// Opens what a code opens, and shows it.
#[utoipa::path(
    tag = "pages",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "How it stands", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not opened"),
    ),
    security(()),
)]
#[post("/{tenant}/receipts")]
pub async fn open_receipt(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let posted = sent.read(&state).await?;
    match admitted(&state, &request, &door, language, &posted).await? {
        Ok((code, case)) => {
            shown(&state, &request, (&door, case), language, &code, Told::default()).await
        }
        Err(page) => Ok(page),
    }
}

/// The case of a code that was sent with a form: by a form in which a code is given, which is a try, or by
/// one that was shown for it. Else the page that says what is wrong.
pub(super) async fn admitted(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    language: Language,
    posted: &Posted,
) -> Result<Result<(String, CaseId), HttpResponse>, ApiError> {
    let slug = &door.tenant.slug;
    let given = posted.get("code").to_owned();
    let parsed = ReceiptCode::parse(&given);
    let digits = parsed.map_or_else(|_| String::new(), ReceiptCode::digits);
    let again = |field: &str, say: Say, status: StatusCode| {
        let flaws = [Flaw::at(field, say.to(language))];
        code_asked(state, request, door, language, (&given, &flaws), status).map(Err)
    };
    let known = !digits.is_empty()
        && hold(state, request, door, opened_form(slug, digits.as_bytes()), posted)?;
    if !known {
        if !hold(state, request, door, open_form(slug), posted)? {
            return again("", said::SEND_AGAIN, StatusCode::FORBIDDEN);
        }
        state.limits.admit_try(request, slug, door.now)?;
    }
    let code = match parsed {
        Ok(code) => code,
        Err(NoCode::Length) => {
            return again("code", said::BAD_CODE, StatusCode::UNPROCESSABLE_ENTITY);
        }
        Err(NoCode::Check) => {
            return again("code", said::MISTYPED, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    match state.app.open_receipt(door, code).await {
        Ok(case) => Ok(Ok((digits, case))),
        Err(app::Error::NotFound) => again("code", said::NO_SUCH_CODE, StatusCode::NOT_FOUND),
        Err(other) => Err(other.into()),
    }
}

/// Says more about what a code opens: an answer to a question, an addition, files.
#[utoipa::path(
    tag = "pages",
    request_body(content = String, content_type = "multipart/form-data"),
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "Said; how it stands", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not taken"),
    ),
    security(()),
)]
#[post("/{tenant}/receipts/messages")]
pub async fn send_message_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Upload, state.app.now())?;
    let mut door = door(&state, &request, &tenant).await?;
    let mut posted = sent.read(&state).await?;
    door.now = state.app.now();
    let (code, case) = match admitted(&state, &request, &door, language, &posted).await? {
        Ok(found) => found,
        Err(page) => return Ok(page),
    };
    let text = posted.raw("text").to_owned();
    let mut flaws = Vec::new();
    if text.trim().is_empty() && posted.files.is_empty() {
        flaws.push(Flaw::at("text", said::NEEDS_MORE.to(language)));
    }
    if text.chars().count() > LONGEST {
        flaws.push(Flaw::at("text", said::TOO_LONG.to(language)));
    }
    let mut looked = Vec::new();
    for file in std::mem::take(&mut posted.files) {
        let name = file.name.clone();
        match state.app.look_at_file(file).await {
            Ok(file) => looked.push(file),
            Err(error @ (app::Error::Faults(_) | app::Error::FileKind)) => {
                flaws.push(Flaw::at("files", file_flaw(&name, error, language)));
            }
            Err(other) => return Err(other.into()),
        }
    }
    if flaws.is_empty() && !text.trim().is_empty() {
        let says = SenderSays { text: text.clone(), asks: posted.has("again") };
        match state.app.hear_sender(&door, case, says).await {
            Ok(_) => {}
            Err(app::Error::State { .. }) => {
                flaws.push(Flaw::at("", said::ENDED.to(language)));
            }
            Err(other) => return Err(other.into()),
        }
    }
    for file in looked.into_iter().filter(|_| flaws.is_empty()).collect::<Vec<_>>() {
        if let Err(error) = state.app.attach_from_sender(&door, case, file).await {
            match error {
                app::Error::Faults(_) | app::Error::State { .. } => {
                    flaws.push(Flaw::at("files", file_flaw("", error, language)));
                }
                other => return Err(other.into()),
            }
        }
    }
    let done = flaws.is_empty();
    let text = if done { "" } else { &text };
    let told = Told { flaws: &flaws, text, done };
    shown(&state, &request, (&door, case), language, &code, told).await
}

/// What a page says of what was just sent.
#[derive(Clone, Copy, Default)]
pub(super) struct Told<'a> {
    pub(super) flaws: &'a [Flaw],
    pub(super) text: &'a str,
    pub(super) done: bool,
}

pub(super) async fn shown(
    state: &ApiState,
    request: &HttpRequest,
    (door, case): (&Door, CaseId),
    language: Language,
    code: &str,
    told: Told<'_>,
) -> Result<HttpResponse, ApiError> {
    let view = view(state, door, case, language).await?;
    let issued = issue(state, request, door, opened_form(&door.tenant.slug, code.as_bytes()))?;
    let at = At { door, language, code, issued: &issued };
    let content = html! {
        @if told.done { div.box role="status" { p { (said::SAID.to(language)) } } }
        (standing(&view, language))
        @if let Some(answer) = &view.answer { (answered(answer, language)) }
        (questions(at, &view, told))
        (said_so_far(&view, language))
        @if view.may_write || view.may_ask_again { (more(at, &view, told)) }
        (left_first(&view, language))
        p.hint.screen { (said::LEAVE_ABOUT.to(language)) }
    };
    let action = format!("/{}/receipts", door.tenant.slug);
    let fields = [("code", code), (TOKEN, issued.token.as_str())];
    let page = Page {
        language,
        site: &door.tenant.name,
        title: said::STATUS.to(language),
        switch: Switch::Post { action: &action, fields: &fields },
        flaws: told.flaws,
        content,
    };
    let status =
        if told.flaws.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page::answer(status, page, Some(&issued)))
}

/// Where a form on the page leads, and what it carries.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) door: &'a Door,
    pub(super) language: Language,
    pub(super) code: &'a str,
    pub(super) issued: &'a Issued,
}

/// A day, as it is written in Sweden.
fn day(at: Timestamp) -> String {
    domain::calendar::swedish_date(at).to_string()
}

fn standing(view: &FollowedOpinionView, language: Language) -> Markup {
    let to = |say: Say| say.to(language);
    html! {
        p { strong { (view.status_text) } }
        @if let Some(ending) = &view.ending { p { (ending) } }
        dl {
            dt { (to(said::NUMBER)) }
            dd { (view.number) }
            dt { (to(said::RECEIVED)) }
            dd { (day(view.received_at)) }
            @if let Some(due) = view.answer_due_on {
                dt { (to(said::DUE)) }
                dd { (due) }
            }
        }
    }
}

fn answered(answer: &SenderAnswer, language: Language) -> Markup {
    let to = |say: Say| say.to(language);
    let given = match answer.given_by.as_str() {
        "letter" => Some(said::GIVEN_LETTER),
        "secure_message" => Some(said::GIVEN_SECURE),
        "oral" => Some(said::GIVEN_ORAL),
        _ => None,
    };
    html! {
        section aria-labelledby="answer" {
            h2 id="answer" { (to(said::ANSWER)) }
            @if let Some(given) = given { p { (to(given)) " " (answer.given_on) "." } }
            h3 { (to(said::HAPPENED)) }
            p.said { (answer.explanation) }
            h3 { (to(said::MEASURES)) }
            @match &answer.measures {
                Some(measures) => p.said { (measures) },
                None => p { (to(said::NO_MEASURES)) },
            }
            @if !answer.next_steps.is_empty() || answer.next_text.is_some() {
                h3 { (to(said::NEXT)) }
                @if !answer.next_steps.is_empty() {
                    ul { @for step in &answer.next_steps { li { (step.text) } } }
                }
                @if let Some(text) = &answer.next_text { p.said { (text) } }
            }
        }
    }
}

fn said_so_far(view: &FollowedOpinionView, language: Language) -> Markup {
    html! {
        @if !view.messages.is_empty() {
            section aria-labelledby="messages" {
                h2 id="messages" { (said::MESSAGES.to(language)) }
                @for message in &view.messages {
                    @let who = match (message.from_sender, message.kind.as_str()) {
                        (true, _) => said::FROM_YOU,
                        (false, "question") => said::ASKED,
                        (false, _) => said::FROM_US,
                    };
                    h3 { (who.to(language)) " " (day(message.at)) }
                    blockquote { p.said { (message.text) } }
                }
            }
        }
    }
}

fn more(at: At<'_>, view: &FollowedOpinionView, told: Told<'_>) -> Markup {
    let language = at.language;
    let to = |say: Say| say.to(language);
    let title = if view.question_waits { said::REPLY_TITLE } else { said::ADD_TITLE };
    let text = Field {
        hint: Some(to(said::MORE_ABOUT)),
        longest: Some(LONGEST),
        ..Field::new("text", to(said::MORE)).within(told.flaws)
    };
    let files = Field {
        hint: Some(to(said::FILES_ABOUT)),
        ..Field::new("files", to(said::FILES)).within(told.flaws)
    };
    let action = format!("/{}/receipts/messages", at.door.tenant.slug);
    html! {
        section aria-labelledby="more" {
            h2 id="more" { (to(title)) }
            form method="post" enctype="multipart/form-data" action=(query_with(&action, language)) {
                (hidden(TOKEN, &at.issued.token))
                (hidden("code", at.code))
                (text.area(told.text))
                (files.files(Files { accept: ACCEPT, several: true }))
                @if view.may_ask_again { (Field::new("again", to(said::AGAIN)).check(false)) }
                (button(to(said::SEND)))
            }
        }
    }
}

fn left_first(view: &FollowedOpinionView, language: Language) -> Markup {
    html! {
        section aria-labelledby="yours" {
            h2 id="yours" { (said::YOURS.to(language)) }
            blockquote { p.said { (view.text) } }
            @if !view.files.is_empty() {
                h3 { (said::YOUR_FILES.to(language)) }
                ul { @for name in &view.files { li { (name) } } }
            }
        }
    }
}
