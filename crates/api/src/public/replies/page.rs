//! `/{tenant}/svar`: the page of a contact, for people. It needs no script.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use app::Error;
use app::portal::{Let, Reply, SaidByContact, Saying, Visitor};
use domain::fault::Fault;
use domain::ids::{ExchangeId, ForwardingId};
use jiff::civil::Date;
use pages::{Field, Flaw, Input, Markup, Page, Switch, button, hidden, html, query_with};
use uuid::Uuid;
use wire::Language;
use wire::fault::FaultView;
use wire::portal::ShortAnswer;

use super::fields::{Fields, Sent};
use super::parts::{Matter, answering, document, handing_over, leaving};
use super::words as w;
use super::{forgets, keeps, request_id, short, visitor};
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::public::form::{Form, Issued, Refused};
use crate::public::limit::Budget;
use crate::public::page::answer;
use crate::state::ApiState;

pub(super) use crate::public::form::TOKEN;

/// The name of these forms.
const NAME: &str = "reply";

/// What every page needs to know.
struct Frame<'a> {
    state: &'a ApiState,
    request: &'a HttpRequest,
    language: Language,
    /// The tenant's slug, and what it is called.
    slug: &'a str,
    site: &'a str,
    /// Path of the page, without a query.
    address: String,
    /// What its forms are bound to.
    about: &'a str,
}

impl Frame<'_> {
    fn form(&self) -> Form<'_> {
        Form { tenant: self.slug, name: NAME, about: self.about.as_bytes() }
    }

    /// A token for the forms of the page.
    fn issue(&self) -> Result<Issued, ApiError> {
        let (state, now) = (self.state, self.state.app.now());
        self.form()
            .issue(&state.app.sealer, state.limits.proxies(), self.request, now)
            .ok_or_else(|| ApiError::App(Error::Internal("no randomness".into())))
    }

    /// What is wrong with the token of a form that came.
    fn flaw_of_token(&self, fields: &Fields) -> Result<Option<Flaw>, ApiError> {
        let (state, now) = (self.state, self.state.app.now());
        match self.form().hold(&state.app.sealer, self.request, fields.get(TOKEN), now) {
            Ok(_) => Ok(None),
            Err(Refused::Old) => Ok(Some(Flaw::at("", w::OLD.to(self.language)))),
            Err(Refused::Elsewhere) => Err(ApiError::FromElsewhere),
        }
    }

    fn action(&self) -> String {
        query_with(&self.address, self.language)
    }

    fn render(
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
    fn redirect(&self, address: &str, mark: Option<(&str, usize)>) -> HttpResponse {
        let mut to = query_with(address, self.language);
        if let Some((name, count)) = mark {
            to.push_str(&format!("&{name}={count}"));
        }
        HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
    }
}

/// Says kindly that a link opens nothing, whichever way it came to that.
fn gone(language: Language) -> HttpResponse {
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

fn kindly(
    done: Result<HttpResponse, ApiError>,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    match done {
        Err(ApiError::App(Error::Gone)) => Ok(gone(language)),
        done => done,
    }
}

fn with_cookie(mut response: HttpResponse, cookie: &str) -> HttpResponse {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The faults of an answer as flaws of the fields of its matter.
fn flaws_of(error: Error, id: Uuid, language: Language) -> Result<Vec<Flaw>, ApiError> {
    let at = |fault: &Fault| {
        let field = match fault.field.as_str() {
            "/until" => "until",
            "/whom" => "whom",
            "/text" => "text",
            "/diary_number" => "diary",
            _ => "short",
        };
        Flaw::at(format!("{field}.{id}"), FaultView::new(fault, language).message)
    };
    match error {
        Error::Faults(faults) => Ok(faults.iter().map(at).collect()),
        Error::State { .. } | Error::NotFound => {
            Ok(vec![Flaw::at(format!("short.{id}"), w::TOO_LATE.to(language))])
        }
        other => Err(other.into()),
    }
}

/// Reads one answer of a form; `None` where there is none.
fn read_answer(fields: &Fields, id: Uuid, language: Language) -> Result<Option<Saying>, Flaw> {
    let name = |field: &str| format!("{field}.{id}");
    let text = fields.filled(&name("text"));
    let diary_number = fields.filled(&name("diary"));
    let answer = match fields.get(&name("short")) {
        "received" => ShortAnswer::Received,
        "investigating" => ShortAnswer::Investigating,
        "not_ours" => ShortAnswer::NotOurs,
        "done" => ShortAnswer::Done,
        _ if text.is_some() || diary_number.is_some() => {
            return Err(Flaw::at(name("short"), w::CHOOSE.to(language)));
        }
        _ => return Ok(None),
    };
    let no_day = || Flaw::at(name("until"), w::NO_DAY.to(language));
    let until = match fields.filled(&name("until")) {
        Some(day) if answer == ShortAnswer::Investigating => {
            Some(day.parse::<Date>().map_err(|_| no_day())?)
        }
        _ => None,
    };
    let short = short(answer, until, fields.filled(&name("whom"))).map_err(|_| no_day())?;
    Ok(Some(Saying::Answer { short, text, diary_number }))
}

/// Takes every answer that a form has. Gives how many were taken, and what is wrong with the others.
async fn take_answers(
    state: &ApiState,
    visitor: &Visitor,
    fields: &Fields,
    language: Language,
) -> Result<(usize, Vec<Flaw>), ApiError> {
    let (mut taken, mut flaws) = (0, Vec::new());
    for id in fields.matters() {
        let what = match read_answer(fields, id, language) {
            Ok(Some(what)) => what,
            Ok(None) => continue,
            Err(flaw) => {
                flaws.push(flaw);
                continue;
            }
        };
        let as_id = fields.get(&format!("as.{id}")).parse::<Uuid>();
        let said =
            SaidByContact { id: ExchangeId(as_id.unwrap_or_else(|_| state.app.new_id())), what };
        match state.app.say_by_portal(visitor, ForwardingId(id), said).await {
            Ok(_) => taken += 1,
            Err(error) => flaws.extend(flaws_of(error, id, language)?),
        }
    }
    Ok((taken, flaws))
}

/// What somebody is asked besides the link.
fn factor(frame: &Frame<'_>, kept: &Fields, flaws: &[Flaw]) -> Result<HttpResponse, ApiError> {
    let (language, issued) = (frame.language, frame.issue()?);
    let holds = kept.matters().next().is_some();
    let content = html! {
        p { (w::FACTOR_WHY.to(language)) }
        @if holds { p.box { (w::KEPT.to(language)) } }
        form method="post" action=(frame.action()) {
            (hidden(TOKEN, &issued.token))
            (hidden("do", "factor"))
            // What was typed before the session ended goes along.
            @for (name, value) in kept.of_matters() { (hidden(name, value)) }
            (Field {
                required: true,
                hint: Some(w::FACTOR_HINT.to(language)),
                ..Field::new("code", w::FACTOR_FIELD.to(language))
            }.within(flaws).input(Input::Secret, ""))
            (button(w::GO_ON.to(language)))
        }
    };
    Ok(frame.render(w::FACTOR_TITLE.to(language), content, flaws, Some(&issued)))
}

/// The matters of some replies, as far as they are still to be shown.
fn matters<'a>(visitor: &Visitor, replies: &'a [Reply]) -> Vec<Matter<'a>> {
    let shown = |reply: &'a Reply| {
        let view = reply.forwarding.shown_to(visitor.counterparty.id).ok()?;
        let (id, identity) = (reply.forwarding.id.0, reply.identity.as_ref());
        Some(Matter { id, view, sight: reply.sight, identity })
    };
    replies.iter().filter_map(shown).collect()
}

/// Everything on one page.
async fn all(
    frame: &Frame<'_>,
    visitor: &Visitor,
    typed: &Fields,
    flaws: &[Flaw],
    note: Option<String>,
) -> Result<HttpResponse, ApiError> {
    let language = frame.language;
    let session = visitor.session()?;
    let shown = frame.state.app.read_replies(visitor).await?;
    let (open, answered): (Vec<_>, Vec<_>) =
        matters(visitor, &shown.replies).into_iter().partition(|matter| matter.sight.open);
    let issued = frame.issue()?;
    let (action, token) = (frame.action(), issued.token.as_str());
    let article = |matter: &Matter<'_>, answer: bool| {
        let number = matter.number();
        let id = format!("matter-{}", matter.id);
        let more = query_with(&format!("{}/{}", frame.address, matter.id), language);
        html! {
            article aria-labelledby=(id) {
                h3 id=(id) { (number) " – " (matter.view.document.matter) }
                (document(matter, language))
                p.screen { a href=(more) { (w::MORE.to(language)) " (" (number) ")" } }
                @if answer {
                    (answering(matter, frame.state.app.new_id(), typed, flaws, language))
                }
            }
        }
    };
    let content = html! {
        @if let Some(note) = note { p.box role="status" { (note) } }
        p { (w::FOR_WHOM.to(language)) " " strong { (visitor.counterparty.name) } "." }
        (leaving(session.ends_at, (&action, token), language))
        h2 { (w::OPEN.to(language)) " (" (open.len()) ")" }
        @if open.is_empty() {
            p { (w::NOTHING_OPEN.to(language)) }
        } @else {
            p { (w::HOW.to(language)) }
            form id="answers" method="post" action=(action) {
                (hidden(TOKEN, token))
                (hidden("do", "answers"))
                @for matter in &open { (article(matter, true)) }
                (button(w::SEND.to(language)))
            }
        }
        @if !answered.is_empty() {
            h2 { (w::ANSWERED.to(language)) " (" (answered.len()) ")" }
            @for matter in &answered { (article(matter, false)) }
        }
        @if session.factor.is_second() {
            (handing_over(typed, flaws, (&action, token), language))
        }
    };
    Ok(frame.render(w::TITLE.to(language), content, flaws, Some(&issued)))
}

/// One matter, to be read, printed, asked about.
fn one(
    frame: &Frame<'_>,
    visitor: &Visitor,
    reply: &Reply,
    (typed, flaws): (&Fields, &[Flaw]),
    note: Option<String>,
) -> Result<HttpResponse, ApiError> {
    let language = frame.language;
    let replies = std::slice::from_ref(reply);
    let matter = matters(visitor, replies).pop().ok_or(ApiError::App(Error::NotFound))?;
    let issued = frame.issue()?;
    let (action, token) = (frame.action(), issued.token.as_str());
    let title = format!("{} – {}", matter.number(), matter.view.document.matter);
    let up = frame.address.rsplit_once('/').map_or("", |(up, _)| up);
    let ask_id = frame.state.app.new_id().to_string();
    let content = html! {
        @if let Some(note) = note { p.box role="status" { (note) } }
        p.screen { a href=(query_with(up, language)) { (w::BACK.to(language)) } }
        (document(&matter, language))
        p.screen { (w::PRINT.to(language)) }
        @if matter.sight.open {
            h2.screen { (w::SHORT.to(language)) }
            form.screen method="post" action=(action) {
                (hidden(TOKEN, token))
                (hidden("do", "answers"))
                (answering(&matter, frame.state.app.new_id(), typed, flaws, language))
                (button(w::SEND_ONE.to(language)))
            }
        }
        h2.screen { (w::ASK.to(language)) }
        form.screen method="post" action=(action) {
            (hidden(TOKEN, token))
            (hidden("do", "ask"))
            (hidden("as", &ask_id))
            (Field {
                required: true,
                longest: Some(10_000),
                hint: Some(w::TEXT_HINT.to(language)),
                ..Field::new("question", w::ASK_FIELD.to(language))
            }.within(flaws).area(typed.get("question")))
            (button(w::ASK_SEND.to(language)))
        }
    };
    Ok(frame.render(&title, content, flaws, Some(&issued)))
}

/// The frame of the page of a link.
fn framed<'a>(
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
fn note(request: &HttpRequest, language: Language) -> Option<String> {
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

/// `GET /{tenant}/svar`: where the code of a letter is typed.
pub async fn letter_page(
    state: Data<ApiState>,
    path: Path<String>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    letter(&state, &request, language, &path, &[])
}

fn letter(
    state: &ApiState,
    request: &HttpRequest,
    language: Language,
    slug: &str,
    flaws: &[Flaw],
) -> Result<HttpResponse, ApiError> {
    // The same for every name, also one that nobody has.
    let frame = letter_frame(state, request, language, slug);
    let issued = frame.issue()?;
    let content = html! {
        p { (w::LETTER_WHY.to(language)) }
        form method="post" action=(frame.action()) {
            (hidden(TOKEN, &issued.token))
            (Field {
                required: true,
                hint: Some(w::LETTER_HINT.to(language)),
                ..Field::new("code", w::LETTER_FIELD.to(language))
            }.within(flaws).input(Input::Text, ""))
            (button(w::GO_ON.to(language)))
        }
    };
    Ok(frame.render(w::LETTER_TITLE.to(language), content, flaws, Some(&issued)))
}

fn letter_frame<'a>(
    state: &'a ApiState,
    request: &'a HttpRequest,
    language: Language,
    slug: &'a str,
) -> Frame<'a> {
    let address = format!("/{slug}/svar");
    Frame { state, request, language, slug, site: "Avvikelse", address, about: "letter" }
}

/// `POST /{tenant}/svar`: the code of a letter.
pub async fn enter_letter_code(
    state: Data<ApiState>,
    path: Path<String>,
    request: HttpRequest,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Factor, state.app.now())?;
    let fields = sent.read().await?;
    let frame = letter_frame(&state, &request, language, &path);
    if let Some(flaw) = frame.flaw_of_token(&fields)? {
        return letter(&state, &request, language, &path, &[flaw]);
    }
    let id = request_id(&request);
    match state.app.come_by_letter(&path, fields.get("code"), id).await {
        Ok(let_in) => {
            let to = format!("/{}/svar/{}", *path, let_in.token);
            Ok(with_cookie(frame.redirect(&to, None), &keeps(&state, &request, &let_in)))
        }
        Err(Error::Faults(faults)) => {
            let flaws = code_flaws(&faults, language);
            letter(&state, &request, language, &path, &flaws)
        }
        Err(error) => kindly(Err(error.into()), language),
    }
}

fn code_flaws(faults: &[Fault], language: Language) -> Vec<Flaw> {
    faults.iter().map(|it| Flaw::at("code", FaultView::new(it, language).message)).collect()
}

/// `GET /{tenant}/svar/{token}`: everything on one page, or what is asked besides the link.
pub async fn replies_page(
    state: Data<ApiState>,
    path: Path<(String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let shown = async {
        let visitor = visitor(&state, &request, Budget::Page, (&path.0, &path.1)).await?;
        let frame = framed(&state, &request, language, (&path.0, &path.1, None), &visitor);
        let none = Fields::default();
        match visitor.session {
            Some(_) => all(&frame, &visitor, &none, &[], note(&request, language)).await,
            None => factor(&frame, &none, &[]),
        }
    };
    kindly(shown.await, language)
}

/// `POST /{tenant}/svar/{token}`: the factor, answers, a colleague, or leaving.
pub async fn act_on_page(
    state: Data<ApiState>,
    path: Path<(String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    let done = async {
        let fields = sent.read().await?;
        let shows_factor = fields.get("do") == "factor";
        let budget = if shows_factor { Budget::Factor } else { Budget::Reply };
        let mut visitor = visitor(&state, &request, budget, (&path.0, &path.1)).await?;
        let sender = visitor.clone();
        let frame = framed(&state, &request, language, (&path.0, &path.1, None), &sender);
        if let Some(flaw) = frame.flaw_of_token(&fields)? {
            return match visitor.session {
                Some(_) => all(&frame, &visitor, &fields, &[flaw], None).await,
                None => factor(&frame, &fields, &[flaw]),
            };
        }
        let mut let_in: Option<Let> = None;
        if shows_factor {
            match state.app.show_factor(&visitor, fields.get("code")).await {
                Ok(new) => {
                    visitor.session = Some(new.session.clone());
                    let_in = Some(new);
                }
                Err(Error::Faults(faults)) => {
                    return factor(&frame, &fields, &code_flaws(&faults, language));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if visitor.session.is_none() {
            return factor(&frame, &fields, &[]);
        }
        let answered = acted(&frame, &visitor, &fields).await?;
        Ok(match let_in {
            Some(let_in) => with_cookie(answered, &keeps(&state, &request, &let_in)),
            None => answered,
        })
    };
    kindly(done.await, language)
}

/// Does what a form of the page asks for.
async fn acted(
    frame: &Frame<'_>,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<HttpResponse, ApiError> {
    let (state, language) = (frame.state, frame.language);
    match fields.get("do") {
        "leave" => {
            state.app.leave_portal(visitor).await?;
            let forgets = forgets(state, frame.request);
            Ok(with_cookie(frame.redirect(&frame.address, None), &forgets))
        }
        "hand_over" => {
            let name = fields.filled("name");
            let (email, name) = (fields.get("email"), name.as_deref());
            match state.app.hand_over_portal(visitor, email, name).await {
                Ok(()) => Ok(frame.redirect(&frame.address, Some(("handed", 1)))),
                Err(Error::Faults(faults)) => {
                    let flaw = |it: &Fault| {
                        let field = it.field.trim_start_matches('/');
                        Flaw::at(field, FaultView::new(it, language).message)
                    };
                    let flaws: Vec<Flaw> = faults.iter().map(flaw).collect();
                    all(frame, visitor, fields, &flaws, None).await
                }
                Err(error) => Err(error.into()),
            }
        }
        _ => {
            let (taken, flaws) = take_answers(state, visitor, fields, language).await?;
            if flaws.is_empty() {
                let mark = (taken > 0).then_some(("saved", taken));
                return Ok(frame.redirect(&frame.address, mark));
            }
            let note = (taken > 0).then(|| format!("{}: {taken}", w::SAVED.to(language)));
            all(frame, visitor, fields, &flaws, note).await
        }
    }
}

/// `GET /{tenant}/svar/{token}/{id}`: one matter, to be read and printed.
pub async fn one_page(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let shown = async {
        let visitor = visitor(&state, &request, Budget::Page, (&path.0, &path.1)).await?;
        let below = (path.0.as_str(), path.1.as_str(), Some(path.2.as_str()));
        let frame = framed(&state, &request, language, below, &visitor);
        if visitor.session.is_none() {
            let above = framed(&state, &request, language, (&path.0, &path.1, None), &visitor);
            return factor(&above, &Fields::default(), &[]);
        }
        let id = matter_id(&path.2)?;
        let reply = state.app.read_reply(&visitor, id).await?;
        let none = (&Fields::default(), &[][..]);
        one(&frame, &visitor, &reply, none, note(&request, language))
    };
    kindly(shown.await, language)
}

fn matter_id(text: &str) -> Result<ForwardingId, ApiError> {
    text.parse().map_err(|_| ApiError::NoSuchPath)
}

/// `POST /{tenant}/svar/{token}/{id}`: an answer or a question about one matter.
pub async fn say_on_page(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    let done = async {
        let fields = sent.read().await?;
        let visitor = visitor(&state, &request, Budget::Reply, (&path.0, &path.1)).await?;
        let below = (path.0.as_str(), path.1.as_str(), Some(path.2.as_str()));
        let frame = framed(&state, &request, language, below, &visitor);
        if visitor.session.is_none() {
            let above = framed(&state, &request, language, (&path.0, &path.1, None), &visitor);
            return factor(&above, &fields, &[]);
        }
        let id = matter_id(&path.2)?;
        let mut flaws: Vec<Flaw> = frame.flaw_of_token(&fields)?.into_iter().collect();
        if flaws.is_empty() && fields.get("do") == "ask" {
            let as_id = fields.get("as").parse::<Uuid>();
            let said = SaidByContact {
                id: ExchangeId(as_id.unwrap_or_else(|_| state.app.new_id())),
                what: Saying::Question { text: fields.get("question").trim().to_owned() },
            };
            match state.app.say_by_portal(&visitor, id, said).await {
                Ok(_) => return Ok(frame.redirect(&frame.address, Some(("done", 1)))),
                Err(Error::Faults(faults)) => flaws.extend(
                    faults
                        .iter()
                        .map(|it| Flaw::at("question", FaultView::new(it, language).message)),
                ),
                Err(Error::State { .. }) => {
                    flaws.push(Flaw::at("question", w::TOO_LATE.to(language)));
                }
                Err(error) => return Err(error.into()),
            }
        } else if flaws.is_empty() {
            let (taken, wrong) = take_answers(&state, &visitor, &fields, language).await?;
            if wrong.is_empty() {
                let mark = (taken > 0).then_some(("done", 1));
                return Ok(frame.redirect(&frame.address, mark));
            }
            flaws = wrong;
        }
        let reply = state.app.read_reply(&visitor, id).await?;
        one(&frame, &visitor, &reply, (&fields, &flaws), None)
    };
    kindly(done.await, language)
}
