//! The form by which the public leaves a synpunkt or a klagomål, and the page that shows the code of it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::opinions::public::{AskedOnce, LookedAt};
use app::opinions::{Door, NewOpinion};
use domain::calendar::swedish_date;
use domain::organisation::Unit;
use jiff::civil::Date;
use pages::{
    Choice, Field, Files, Flaw, Input, Markup, Page, SWITCH, Say, Switch, button, hidden, html,
};
use serde_json::Value;
use wire::Language;
use wire::public::{
    OpinionKind, OpinionLeft, OpinionSender, PublicOpinionRequest, ReachBy, SpeaksAs,
};

use super::form::{Form, Issued, Refused, TOKEN};
use super::leave::{told, with_code};
use super::limit::Budget;
use super::posted::{Posted, Sent};
use super::{door, page, said};
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The longest text of an opinion, in characters.
const LONGEST: usize = 20_000;
/// What a browser offers to choose; what a file is its content decides.
pub(super) const ACCEPT: &str = "image/*,.pdf,.docx,.xlsx,.odt,.txt";
/// The parameter of an address that fills a unit in: a link or a QR code of the unit has it.
const UNIT: &str = "enhet";

fn form(slug: &str) -> Form<'_> {
    Form { tenant: slug, name: "opinion", about: b"" }
}

/// The address of the form, with its unit if it has one.
fn address(door: &Door, unit: &str) -> String {
    let slug = &door.tenant.slug;
    if unit.is_empty() {
        return format!("/{slug}/synpunkt");
    }
    let query = serde_urlencoded(unit);
    format!("/{slug}/synpunkt?{UNIT}={query}")
}

/// A value as a query carries it.
pub(super) fn serde_urlencoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The units one may choose, by name.
fn units(door: &Door) -> Vec<&Unit> {
    let today = swedish_date(door.now);
    let open = |unit: &&Unit| !unit.unknown && unit.open_on(today);
    let mut units: Vec<&Unit> = door.set_up.units.iter().filter(open).collect();
    units.sort_by(|a, b| a.name.cmp(&b.name).then(a.code.cmp(&b.code)));
    units
}

/// Shows the form.
///
/// Plain HTML, without script; `enhet` fills in the unit, `lang` chooses the language.
#[utoipa::path(
    tag = "pages",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("enhet" = Option<String>, Query, description = "A unit's code"),
        ("lang" = Option<String>, Query, description = "`sv`, `en` or `sv-x-easy`"),
    ),
    responses(
        (status = 200, description = "The form", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown"),
    ),
    security(()),
)]
#[get("/{tenant}/synpunkt")]
pub async fn show_opinion_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let query = crate::cases::list::form_pairs(request.query_string());
    let unit = query.iter().find(|(name, _)| name == UNIT).map_or("", |(_, unit)| unit);
    let unit = door.set_up.units.find(unit).map_or("", |unit| unit.code.as_str());
    let given = Posted::of(&[("unit", unit)]);
    shown(&state, &request, &door, language, (&given, &[]), StatusCode::OK)
}

/// Leaves what the form says.
///
/// Answers with a page that shows the code, once.
#[utoipa::path(
    tag = "pages",
    request_body(content = String, content_type = "multipart/form-data"),
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "Left; the code", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not left; what is missing"),
    ),
    security(()),
)]
#[post("/{tenant}/synpunkt")]
pub async fn send_opinion_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Filing, state.app.now())?;
    let mut door = door(&state, &request, &tenant).await?;
    let mut posted = sent.read(&state).await?;
    door.now = state.app.now();
    let again = |posted: &Posted, flaws: &[Flaw], status| {
        shown(&state, &request, &door, language, (posted, flaws), status)
    };
    if posted.has(SWITCH) {
        return again(&posted, &[], StatusCode::OK);
    }
    let random = match form(&tenant).hold(&state.app.sealer, &request, posted.get(TOKEN), door.now)
    {
        Ok(random) => random,
        Err(Refused::Elsewhere) => return Err(ApiError::FromElsewhere),
        Err(Refused::Old) => {
            let flaw = [Flaw::at("", said::SEND_AGAIN.to(language))];
            return again(&posted, &flaw, StatusCode::FORBIDDEN);
        }
    };
    let mut flaws = flaws(&posted, language, swedish_date(door.now));
    if !flaws.is_empty() {
        if !posted.files.is_empty() {
            flaws.push(Flaw::at("files", said::FILES_AGAIN.to(language)));
        }
        return again(&posted, &flaws, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Sent twice is left once; sent again after a change it is another.
    let content = posted.content(&[TOKEN]);
    let once = AskedOnce::new(&state.app, &door, &random, request.path(), &content);
    let mut looked: Vec<LookedAt> = Vec::new();
    for file in std::mem::take(&mut posted.files) {
        let name = file.name.clone();
        match state.app.look_at_file(file).await {
            Ok(file) => looked.push(file),
            Err(error @ (app::Error::Faults(_) | app::Error::FileKind)) => {
                let flaw = [Flaw::at("files", file_flaw(&name, error, language))];
                return again(&posted, &flaw, StatusCode::UNPROCESSABLE_ENTITY);
            }
            Err(other) => return Err(other.into()),
        }
    }
    let (kind, intake) = asked(&posted).into_intake(door.now);
    let new = NewOpinion { kind, intake, warnings: Vec::new() };
    let left = state.app.leave_opinion(&door, new, Some(once), |case| told(case, language)).await?;
    let (mut kept, mut lost) = (Vec::new(), false);
    for file in looked.into_iter().filter(|_| left.case.is_some()) {
        let Some(case) = left.case else { break };
        match state.app.attach_from_sender(&door, case, file).await {
            Ok(file) => kept.push(file.name),
            Err(error) => {
                tracing::warn!(%error, "a file of a sender was not kept");
                lost = true;
            }
        }
    }
    let body = left_page(&door, language, &with_code(&left)?, (&kept, lost));
    Ok(page::answer(StatusCode::OK, body, None))
}

/// What is wrong with a file, with its name.
pub(super) fn file_flaw(name: &str, error: app::Error, language: Language) -> String {
    let problem = ApiError::from(error).problem(language, uuid::Uuid::nil());
    let why = problem.errors.first().map_or(problem.title.as_str(), |fault| fault.message.as_str());
    format!("{name}: {why}")
}

/// What keeps the form from being taken: only what its sender would want to mend.
fn flaws(posted: &Posted, language: Language, today: Date) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |wrong: bool, field: &str, say: Say| {
        if wrong {
            flaws.push(Flaw::at(field, say.to(language)));
        }
    };
    flaw(opinion_kind(posted.get("what")).is_none(), "what", said::NEEDS_WHAT);
    flaw(posted.get("text").is_empty(), "text", said::NEEDS_TEXT);
    flaw(posted.raw("text").chars().count() > LONGEST, "text", said::TOO_LONG);
    let day = posted.given("when").map(|day| day.parse::<Date>());
    flaw(day.is_some_and(|day| day.is_ok_and(|day| day > today)), "when", said::BAD_DAY);
    flaw(
        posted.given("when").is_some_and(|day| day.parse::<Date>().is_err()),
        "when",
        said::BAD_DAY,
    );
    let email = posted.given("email").filter(|_| posted.get("anonymous") != "yes");
    flaw(email.is_some_and(|email| !looks_like_mail(&email)), "email", said::BAD_EMAIL);
    flaws
}

/// Whether a text may be an address of e-mail.
pub(super) fn looks_like_mail(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty()
        && host.contains('.')
        && !host.contains('@')
        && !text.contains(char::is_whitespace)
}

/// What the first question was answered.
fn opinion_kind(what: &str) -> Option<(OpinionKind, Option<&'static str>)> {
    match what {
        "klagomal" => Some((OpinionKind::Klagomal, None)),
        "synpunkt" => Some((OpinionKind::Synpunkt, None)),
        "forslag" => Some((OpinionKind::Synpunkt, Some("FOR"))),
        "berom" => Some((OpinionKind::Synpunkt, Some("BER"))),
        _ => None,
    }
}

fn reach(by: &str) -> Option<ReachBy> {
    serde_json::from_value(Value::String(by.to_owned())).ok()
}

fn speaks(by: &str) -> Option<SpeaksAs> {
    serde_json::from_value(Value::String(by.to_owned())).ok()
}

/// At most so many characters of a line.
fn short(text: Option<String>, longest: usize) -> Option<String> {
    text.map(|text| text.chars().take(longest).collect())
}

/// The form as a request.
fn asked(posted: &Posted) -> PublicOpinionRequest {
    let (kind, subkind) = opinion_kind(posted.get("what")).unwrap_or((OpinionKind::Synpunkt, None));
    let line = |name: &str, longest| short(posted.given(name), longest);
    let sender = OpinionSender {
        kind: line("role", 10),
        name: line("name", 200),
        email: line("email", 254),
        phone: line("phone", 50),
        address: line("address", 500),
        reach: reach(posted.get("reach")),
        when: line("reach_when", 200),
        interpreter: line("interpreter", 100),
        speaks_as: speaks(posted.get("speaks_as")),
        speaks_for: line("speaks_for", 200),
    };
    let mut details = serde_json::Map::new();
    match posted.get("reply") {
        "yes" => drop(details.insert("opinion_reply".to_owned(), Value::Bool(true))),
        "no" => drop(details.insert("opinion_reply".to_owned(), Value::Bool(false))),
        _ => {}
    }
    let subkind = subkind.and_then(|code| serde_json::from_value(Value::String(code.into())).ok());
    PublicOpinionRequest {
        kind,
        subkind,
        text: posted.raw("text").to_owned(),
        unit: line("unit", 200),
        occurred_on: posted.get("when").parse().ok(),
        anonymous: match posted.get("anonymous") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        sender: Some(sender),
        about_manager: Some(posted.has("manager")),
        details: Some(details),
    }
}

/// The form, with what was given and what is wrong with it.
fn shown(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    language: Language,
    (given, flaws): (&Posted, &[Flaw]),
    status: StatusCode,
) -> Result<HttpResponse, ApiError> {
    let slug = &door.tenant.slug;
    let issued = form(slug)
        .issue(&state.app.sealer, state.limits.proxies(), request, door.now)
        .ok_or_else(|| ApiError::App(app::Error::Internal("no randomness".into())))?;
    let address = address(door, given.get("unit"));
    let content = html! {
        p { (said::OPINION_ABOUT.to(language)) }
        p { strong { (said::URGENT.to(language)) } }
        p { a href=(pages::query_with(&format!("/{slug}/receipts"), language)) {
            (said::FOLLOW.to(language))
        } }
        (fields(door, language, given, flaws, (&address, &issued)))
        p.hint { (said::PRIVACY.to(language)) }
    };
    let page = Page {
        language,
        site: &door.tenant.name,
        title: said::OPINION.to(language),
        switch: Switch::Form { form: "opinion", action: &address },
        flaws,
        content,
    };
    Ok(page::answer(status, page, Some(&issued)))
}

fn choices<'a>(list: &[(&'a str, Say)], language: Language) -> Vec<Choice<'a>> {
    list.iter().map(|(value, say)| Choice::new(value, say.to(language))).collect()
}

fn fields(
    door: &Door,
    language: Language,
    given: &Posted,
    flaws: &[Flaw],
    (address, issued): (&str, &Issued),
) -> Markup {
    let to = |say: Say| say.to(language);
    let field = |name: &'static str, label: Say, hint: Option<Say>| Field {
        hint: hint.map(to),
        ..Field::new(name, to(label)).within(flaws)
    };
    let line =
        |name: &'static str, label: Say, input: Input, fills: Option<&'static str>, longest| {
            Field { fills, longest: Some(longest), ..field(name, label, None) }
                .input(input, given.get(name))
        };
    let what = [
        Choice {
            hint: Some(to(said::COMPLAINT_ABOUT)),
            ..Choice::new("klagomal", to(said::COMPLAINT))
        },
        Choice::new("synpunkt", to(said::VIEW)),
        Choice::new("forslag", to(said::PROPOSAL)),
        Choice::new("berom", to(said::PRAISE)),
    ];
    let mut places = vec![Choice::new("", to(said::UNKNOWN))];
    places.extend(units(door).into_iter().map(|unit| Choice::new(&unit.code, &unit.name)));
    let anonymous = [
        Choice {
            hint: Some(to(said::ANONYMOUS_YES_ABOUT)),
            ..Choice::new("yes", to(said::ANONYMOUS_YES))
        },
        Choice {
            hint: Some(to(said::ANONYMOUS_NO_ABOUT)),
            ..Choice::new("no", to(said::ANONYMOUS_NO))
        },
    ];
    let roles = choices(
        &[
            ("", said::NOT_SAID),
            ("BRU", said::ROLE_USER),
            ("NAR", said::ROLE_RELATIVE),
            ("GOD", said::ROLE_GUARDIAN),
            ("PER", said::ROLE_STAFF),
            ("ALL", said::ROLE_OTHER),
        ],
        language,
    );
    let speaking = choices(
        &[
            ("", said::SPEAKS_NO),
            ("narstaende", said::SPEAKS_RELATIVE),
            ("god_man", said::SPEAKS_GOD_MAN),
            ("forvaltare", said::SPEAKS_FORVALTARE),
            ("fullmakt", said::SPEAKS_FULLMAKT),
            ("vardnadshavare", said::SPEAKS_PARENT),
        ],
        language,
    );
    let ways = choices(
        &[
            ("", said::ANY),
            ("phone", said::PHONE),
            ("email", said::EMAIL),
            ("letter", said::LETTER),
            ("meeting", said::MEETING),
        ],
        language,
    );
    let yes_no = choices(&[("yes", said::YES), ("no", said::NO)], language);
    html! {
        form id="opinion" method="post" enctype="multipart/form-data"
            action=(pages::query_with(address, language)) {
            (hidden(TOKEN, &issued.token))
            (field("what", said::WHAT, None).radios(&what, given.get("what")))
            (Field { required: true, longest: Some(LONGEST), ..field("text", said::TEXT, Some(said::TEXT_ABOUT)) }
                .area(given.raw("text")))
            (field("unit", said::UNIT, None).select(&places, given.get("unit")))
            (field("when", said::WHEN, Some(said::WHEN_ABOUT)).input(Input::Date, given.get("when")))
            (field("files", said::FILES, Some(said::FILES_ABOUT)).files(Files { accept: ACCEPT, several: true }))
            (field("manager", said::MANAGER, None).check(given.has("manager")))
            (field("reply", said::REPLY, None).radios(&yes_no, given.get("reply")))
            h2 { (to(said::ABOUT_YOU)) }
            (field("anonymous", said::ANONYMOUS, None).radios(&anonymous, given.get("anonymous")))
            (field("role", said::ROLE, None).select(&roles, given.get("role")))
            (field("speaks_as", said::SPEAKS, None).select(&speaking, given.get("speaks_as")))
            (line("speaks_for", said::SPEAKS_FOR, Input::Text, None, 200))
            (line("name", said::NAME, Input::Text, Some("name"), 200))
            (Field {
                fills: Some("email"),
                longest: Some(254),
                ..field("email", said::EMAIL, Some(said::EMAIL_ABOUT))
            }.input(Input::Email, given.get("email")))
            (line("phone", said::PHONE, Input::Tel, Some("tel"), 50))
            (line("address", said::ADDRESS, Input::Text, Some("street-address"), 500))
            (field("reach", said::REACH, None).select(&ways, given.get("reach")))
            (line("reach_when", said::TIME, Input::Text, None, 200))
            (line("interpreter", said::INTERPRETER, Input::Text, None, 100))
            (button(to(said::SEND)))
        }
    }
}

/// The page that shows the code.
fn left_page<'a>(
    door: &'a Door,
    language: Language,
    left: &OpinionLeft,
    (kept, lost): (&[String], bool),
) -> Page<'a> {
    let to = |say: Say| say.to(language);
    let warnings: Vec<String> = left.warnings.iter().filter_map(warned).collect();
    let content = html! {
        (code_box(&left.receipt, language))
        p { (to(said::LEFT_ABOUT)) }
        p { (to(said::NUMBER)) ": " (left.number) }
        @if !kept.is_empty() {
            h2 { (to(said::FILES_KEPT)) }
            ul { @for name in kept { li { (name) } } }
        }
        @if lost { div.box.bad { p { (to(said::FILES_LOST)) } } }
        @if !warnings.is_empty() {
            h2 { (to(said::NOTED)) }
            ul { @for warning in &warnings { li { (warning) } } }
        }
        (saved_form(door, language))
    };
    let title = to(said::LEFT);
    Page { language, site: &door.tenant.name, title, switch: Switch::None, flaws: &[], content }
}

/// A warning in words.
fn warned(warning: &Value) -> Option<String> {
    warning["message"].as_str().map(str::to_owned)
}

/// A code to be saved.
pub(super) fn code_box(digits: &str, language: Language) -> Markup {
    let grouped = domain::receipt::ReceiptCode::parse(digits)
        .map_or_else(|_| digits.to_owned(), |code| code.grouped());
    html! {
        div.box {
            h2 id="code-label" { (said::CODE.to(language)) }
            p.code id="code" aria-labelledby="code-label" { (grouped) }
        }
    }
}

/// The step that says that the code is saved.
pub(super) fn saved_form(door: &Door, language: Language) -> Markup {
    html! {
        form method="get" action=(format!("/{}/receipts/saved", door.tenant.slug)) {
            (hidden("lang", language.tag()))
            (button(said::SAVED.to(language)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_sender_would_mend_keeps_a_form_back() {
        let today = jiff::civil::date(2026, 3, 10);
        let fields = |posted: &[(&str, &str)]| -> Vec<String> {
            let flaws = flaws(&Posted::of(posted), Language::En, today);
            flaws.into_iter().map(|flaw| flaw.field).collect()
        };
        assert_eq!(fields(&[]), ["what", "text"]);
        let whole = [("what", "berom"), ("text", "x")];
        assert!(fields(&whole).is_empty());
        let with = |more: &[(&'static str, &'static str)]| fields(&[&whole[..], more].concat());
        assert_eq!(with(&[("when", "2026-03-11")]), ["when"]);
        assert_eq!(with(&[("when", "i går")]), ["when"]);
        assert!(with(&[("when", "2026-03-10")]).is_empty());
        assert_eq!(with(&[("email", "anna")]), ["email"]);
        assert!(with(&[("email", "anna"), ("anonymous", "yes")]).is_empty());
        assert!(with(&[("email", "anna@example.se"), ("role", "???")]).is_empty());
    }

    #[test]
    fn a_form_is_a_request() {
        let posted = Posted::of(&[
            ("what", "forslag"),
            ("text", " rad 1\nrad 2 "),
            ("unit", "gran"),
            ("anonymous", "no"),
            ("name", "Anna"),
            ("reach", "meeting"),
            ("speaks_as", "god_man"),
            ("reply", "no"),
            ("manager", "yes"),
        ]);
        let asked = asked(&posted);
        assert_eq!(asked.kind, OpinionKind::Synpunkt);
        assert_eq!(asked.text, " rad 1\nrad 2 ");
        assert_eq!((asked.anonymous, asked.about_manager), (Some(false), Some(true)));
        let sender = asked.sender.expect("a sender");
        assert_eq!(sender.reach, Some(ReachBy::Meeting));
        assert_eq!(sender.speaks_as, Some(SpeaksAs::GodMan));
        assert_eq!(sender.email, None);
        assert_eq!(asked.details.expect("details")["opinion_reply"], Value::Bool(false));
    }
}
