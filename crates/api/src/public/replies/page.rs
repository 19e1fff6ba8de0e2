//! `/{tenant}/svar/{token}`: the page of a contact, for people. It needs no script.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use app::Error;
use app::portal::{Let, Reply, Visitor};
use domain::fault::Fault;
use pages::{Field, Flaw, Input, button, hidden, html, query_with};
use wire::fault::FaultView;

use super::answers::take_answers;
use super::fields::{Fields, Sent};
use super::frame::{Frame, TOKEN, code_flaws, framed, kindly, note, with_cookie};
use super::parts::{Matter, answering, document, handing_over, leaving};
use super::words as w;
use super::{forgets, keeps, visitor};
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::public::limit::Budget;
use crate::state::ApiState;

/// What somebody is asked besides the link.
pub(super) fn factor(
    frame: &Frame<'_>,
    kept: &Fields,
    flaws: &[Flaw],
) -> Result<HttpResponse, ApiError> {
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
pub(super) fn matters<'a>(visitor: &Visitor, replies: &'a [Reply]) -> Vec<Matter<'a>> {
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
