//! `/{tenant}/svar/{token}/{id}`: one matter, to be read and printed, asked about, and given a file.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use app::Error;
use app::portal::{FileHanded, Reply, SaidByContact, Saying, Visitor};
use domain::case::Attachment;
use domain::ids::{ExchangeId, ForwardingId};
use pages::{Field, Files, Flaw, button, hidden, html, query_with};
use uuid::Uuid;
use wire::fault::FaultView;

use super::answers::take_answers;
use super::fields::{Fields, Sent};
use super::frame::{Frame, TOKEN, framed, kindly, note};
use super::json::fetched;
use super::page::{factor, matters};
use super::parts::{answering, document};
use super::visitor;
use super::words as w;
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::public::limit::Budget;
use crate::public::posted::Sent as Multipart;
use crate::state::ApiState;

/// What a browser offers to attach; what a file is its content decides.
const KINDS: &str = ".pdf,.docx,.xlsx,.odt,.txt,image/jpeg,image/png,image/webp,image/heic";

/// One matter, to be read, printed, asked about.
fn one(
    frame: &Frame<'_>,
    visitor: &Visitor,
    reply: &Reply,
    files: &[Attachment],
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
    let attach = query_with(&format!("{}/fil", frame.address), language);
    let ask_id = frame.state.app.new_id().to_string();
    let content = html! {
        @if let Some(note) = note { p.box role="status" { (note) } }
        p.screen { a href=(query_with(up, language)) { (w::BACK.to(language)) } }
        (document(&matter, language))
        @if !files.is_empty() {
            p { strong { (w::FILES.to(language)) ":" } }
            ul {
                @for file in files {
                    li { a href=(format!("{}/fil/{}", frame.address, file.id)) { (file.name) } }
                }
            }
        }
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
        h2.screen { (w::ATTACH.to(language)) }
        form.screen method="post" action=(attach) enctype="multipart/form-data" {
            (hidden(TOKEN, token))
            (Field { hint: Some(w::ATTACH_HINT.to(language)), ..Field::new("file", w::FILE.to(language)) }
                .within(flaws).files(Files { accept: KINDS, several: false }))
            (button(w::ATTACH_SEND.to(language)))
        }
    };
    Ok(frame.render(&title, content, flaws, Some(&issued)))
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
        let files = state.app.files_by_portal(&visitor, id).await?;
        let none = (&Fields::default(), &[][..]);
        one(&frame, &visitor, &reply, &files, none, note(&request, language))
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
        let files = state.app.files_by_portal(&visitor, id).await?;
        one(&frame, &visitor, &reply, &files, (&fields, &flaws), None)
    };
    kindly(done.await, language)
}

/// `POST /{tenant}/svar/{token}/{id}/fil`: a file for the answer.
pub async fn attach_on_page(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
    sent: Multipart,
) -> Result<HttpResponse, ApiError> {
    let done = async {
        let visitor = visitor(&state, &request, Budget::Upload, (&path.0, &path.1)).await?;
        let below = (path.0.as_str(), path.1.as_str(), Some(path.2.as_str()));
        let frame = framed(&state, &request, language, below, &visitor);
        if visitor.session.is_none() {
            let above = framed(&state, &request, language, (&path.0, &path.1, None), &visitor);
            return factor(&above, &Fields::default(), &[]);
        }
        let id = matter_id(&path.2)?;
        let mut posted = sent.read(&state).await?;
        let mut flaws: Vec<Flaw> = frame.flaw_of(posted.get(TOKEN))?.into_iter().collect();
        if flaws.is_empty() {
            let Some(file) = posted.files.pop() else {
                flaws.push(Flaw::at("file", w::NO_FILE.to(language)));
                return shown_again(&state, &frame, &visitor, id, &flaws).await;
            };
            let handed = FileHanded { name: file.name, bytes: file.bytes, room: file.room };
            match state.app.attach_by_portal(&visitor, id, handed).await {
                Ok(_) => return Ok(frame.redirect(&frame.address, Some(("done", 1)))),
                Err(Error::Faults(faults)) => flaws.extend(
                    faults.iter().map(|it| Flaw::at("file", FaultView::new(it, language).message)),
                ),
                Err(Error::FileKind) => flaws.push(Flaw::at("file", w::FILE_KIND.to(language))),
                Err(Error::State { .. }) => {
                    flaws.push(Flaw::at("file", w::TOO_LATE.to(language)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        shown_again(&state, &frame, &visitor, id, &flaws).await
    };
    kindly(done.await, language)
}

/// The page of a matter once more, with what is wrong.
async fn shown_again(
    state: &ApiState,
    frame: &Frame<'_>,
    visitor: &Visitor,
    id: ForwardingId,
    flaws: &[Flaw],
) -> Result<HttpResponse, ApiError> {
    let reply = state.app.read_reply(visitor, id).await?;
    let files = state.app.files_by_portal(visitor, id).await?;
    one(frame, visitor, &reply, &files, (&Fields::default(), flaws), None)
}

/// `GET /{tenant}/svar/{token}/{id}/fil/{file}`: a file that came with an answer, to be saved.
pub async fn file_of_page(
    state: Data<ApiState>,
    path: Path<(String, String, String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let link = (path.0.as_str(), path.1.as_str());
    kindly(fetched(&state, &request, link, (&path.2, &path.3)).await, language)
}
