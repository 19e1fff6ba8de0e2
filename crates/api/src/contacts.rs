//! `/counterparties/{id}/contacts`: who answers for a counterparty without an account, and by what.

use actix_web::http::header::LINK;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::portal::{ContactShown, NewContact};
use domain::fault::Reason;
use domain::forwarding::Command;
use domain::forwarding::leaving::ReplyLink;
use domain::ids::{AttachmentId, ContactId, CounterpartyId, EntryId, ForwardingId, LinkId};
use domain::policy::Act;
use domain::portal::Link;
use wire::Problem;
use wire::attachment::{AttachmentView, AttachmentsView, FileContent};
use wire::command::ReasonRequest;
use wire::page::Page;
use wire::portal::{
    CodeWordRequest, CodeWordView, ExposedView, OneTimeCodeView, PortalContactRequest,
    PortalContactView, PortalContactsView, PortalEntryView, PortalLinkView,
};

use crate::cases::attachments::to_be_saved;
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::setup::{created, id, next_link, paging, send, shown};
use crate::state::ApiState;

/// The counterparty and the contact in a path.
fn ids((counterparty, contact): (&str, &str)) -> Result<(CounterpartyId, ContactId), ApiError> {
    Ok((CounterpartyId(id(counterparty)?), ContactId(id(contact)?)))
}

/// List the contacts of a counterparty.
///
/// Who answers without an account: each with the links it was sent, without what is in the mails.
#[utoipa::path(
    tag = "counterparties",
    params(("id" = Uuid, Path, description = "The counterparty's id")),
    responses(
        (status = 200, description = "The contacts", body = PortalContactsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/counterparties/{id}/contacts")]
pub async fn list_contacts(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let counterparty = CounterpartyId(id(&path)?);
    let found = state.app.counterparty_contacts(&caller, counterparty).await?;
    let view = |it: &ContactShown| PortalContactView::new(&it.contact, &it.links, caller.now);
    Ok(HttpResponse::Ok().json(PortalContactsView {
        items: found.contacts.iter().map(view).collect(),
        code_word_set_at: found.word_set_at,
    }))
}

/// Register a contact of a counterparty.
///
/// An e-mail address, once. The service writes to it when something waits for an answer: a number and a
/// link, at most once a day, and once a week of what is still open. The link opens nothing without the
/// counterparty's code word or a one-time code.
#[utoipa::path(
    tag = "counterparties",
    request_body = PortalContactRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Registered", body = PortalContactView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not registered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/contacts")]
pub async fn register_contact(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let counterparty = CounterpartyId(id(&path)?);
    caller.may(Act::RegisterContacts)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: PortalContactRequest = body.parse_desk(&state, &caller)?;
    let new = NewContact { email: request.email, name: request.name };
    let now = caller.now;
    let render = |it: &ContactShown| {
        let at = format!("/api/v1/counterparties/{counterparty}/contacts/{}", it.contact.id);
        let version = Some(it.contact.version);
        created(&PortalContactView::new(&it.contact, &it.links, now), at, version)
    };
    Ok(send(state.app.register_contact(&caller, counterparty, new, once, render).await?))
}

/// Read a contact.
#[utoipa::path(
    tag = "counterparties",
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("contact" = Uuid, Path, description = "The contact's id"),
    ),
    responses(
        (status = 200, description = "The contact", body = PortalContactView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/counterparties/{id}/contacts/{contact}")]
pub async fn read_contact(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (counterparty, contact) = ids((&path.0, &path.1))?;
    let it = state.app.counterparty_contact(&caller, counterparty, contact).await?;
    let view = PortalContactView::new(&it.contact, &it.links, caller.now);
    Ok(shown(&view, it.contact.version))
}

/// Revoke a contact.
///
/// It is not written to any more, and its links and sessions open nothing from this moment on.
#[utoipa::path(
    tag = "counterparties",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("contact" = Uuid, Path, description = "The contact's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Revoked", body = PortalContactView, headers(("ETag" = String))),
        (status = "4XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/contacts/{contact}/revoke")]
pub async fn revoke_contact(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageCounterparties)?;
    let (counterparty, contact) = ids((&path.0, &path.1))?;
    let it = state.app.counterparty_contact(&caller, counterparty, contact).await?;
    conditions.matches(it.contact.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let it = state.app.revoke_contact(&caller, it, &request.reason).await?;
    let view = PortalContactView::new(&it.contact, &it.links, caller.now);
    Ok(shown(&view, it.contact.version))
}

/// Set the code word of a counterparty.
///
/// What its contacts show besides the link. In place of the one before; kept stretched and under a key,
/// so that nobody reads it again. Tell it by telephone, never by mail.
#[utoipa::path(
    tag = "counterparties",
    request_body = CodeWordRequest,
    params(("id" = Uuid, Path, description = "The counterparty's id")),
    responses(
        (status = 200, description = "Set", body = CodeWordView),
        (status = "4XX", description = "Not set", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not set", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/code-word")]
pub async fn set_code_word(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let counterparty = CounterpartyId(id(&path)?);
    caller.may(Act::SendForwarding)?;
    let body = body.read(&state, &mut caller).await?;
    let request: CodeWordRequest = body.parse_desk(&state, &caller)?;
    let set = state.app.set_code_word(&caller, counterparty, request.code_word).await?;
    Ok(HttpResponse::Ok().json(CodeWordView { set_at: set.at, code_word: set.drawn }))
}

/// Send a contact a new link.
///
/// The mail holds the link and nothing else; nobody of ours sees it. Links sent before go on until their
/// time is over or they are revoked.
#[utoipa::path(
    tag = "counterparties",
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("contact" = Uuid, Path, description = "The contact's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "On its way", body = PortalLinkView),
        (status = "4XX", description = "Not sent", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not sent", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/contacts/{contact}/links")]
pub async fn issue_link(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::SendForwarding)?;
    let (counterparty, contact) = ids((&path.0, &path.1))?;
    let it = state.app.counterparty_contact(&caller, counterparty, contact).await?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let now = caller.now;
    let render = |link: &Link| {
        let at = format!("/api/v1/counterparties/{counterparty}/contacts/{contact}");
        created(&PortalLinkView::new(link, now), at, None)
    };
    Ok(send(state.app.issue_link(&caller, &it, once, render).await?))
}

/// Revoke a link.
///
/// It opens nothing from this moment on, nor do the sessions begun with it.
#[utoipa::path(
    tag = "counterparties",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("contact" = Uuid, Path, description = "The contact's id"),
        ("link" = Uuid, Path, description = "The link's id"),
    ),
    responses(
        (status = 200, description = "Revoked", body = PortalLinkView),
        (status = "4XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/contacts/{contact}/links/{link}/revoke")]
pub async fn revoke_link(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String, String)>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::SendForwarding)?;
    let (counterparty, contact) = ids((&path.0, &path.1))?;
    let link = LinkId(id(&path.2)?);
    let it = state.app.counterparty_contact(&caller, counterparty, contact).await?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let link = state.app.revoke_link(&caller, &it, link, &request.reason).await?;
    Ok(HttpResponse::Ok().json(PortalLinkView::new(&link, caller.now)))
}

/// Make a one-time code for a contact.
///
/// To be read up by telephone, to somebody you called on a number you know: eight digits, for an hour,
/// for one use. One made before is taken back. It is shown now and never again.
#[utoipa::path(
    tag = "counterparties",
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("contact" = Uuid, Path, description = "The contact's id"),
    ),
    responses(
        (status = 201, description = "Made", body = OneTimeCodeView),
        (status = "4XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/counterparties/{id}/contacts/{contact}/codes")]
pub async fn issue_code(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::SendForwarding)?;
    let (counterparty, contact) = ids((&path.0, &path.1))?;
    let it = state.app.counterparty_contact(&caller, counterparty, contact).await?;
    let made = state.app.issue_phone_code(&caller, &it).await?;
    let view = OneTimeCodeView { code: made.code, expires_at: made.expires_at };
    Ok(HttpResponse::Created().json(view))
}

/// Read what contacts did and saw.
///
/// The access log of those who have no account: links sent, used, refused and revoked, what was shown of
/// which forwarding through which link, and whether who it is about was shown. Newest first.
#[utoipa::path(
    tag = "counterparties",
    params(
        ("id" = Uuid, Path, description = "The counterparty's id"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<PortalEntryView>, headers(("Link" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/counterparties/{id}/portal-log")]
pub async fn read_portal_log(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let counterparty = CounterpartyId(id(&path)?);
    caller.may(Act::SendForwarding)?;
    let paging = paging(&request, |_, _| Err(Reason::UnknownField))?;
    let before = paging.after.as_deref().and_then(|key| key.parse::<EntryId>().ok());
    let mut found = state.app.portal_log(&caller, counterparty, before, paging.limit + 1).await?;
    let more = found.len() > paging.limit;
    found.truncate(paging.limit);
    let last = found.last().filter(|_| more).map(|entry| entry.id.to_string());
    let next_cursor = last.map(|key| crate::setup::cursor(&key));
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    let items = found.into_iter().map(|entry| PortalEntryView {
        id: entry.id.0,
        at: entry.at,
        contact: entry.contact.0,
        link: entry.link.map(|link| link.0),
        act: entry.act,
        detail: entry.detail,
        exposed: entry
            .exposed
            .into_iter()
            .map(|(forwarding, identity)| ExposedView { forwarding: forwarding.0, identity })
            .collect(),
    });
    Ok(response.json(Page { items: items.collect(), next_cursor, next_updated_since: None }))
}

/// Read which files came with the answers to a forwarding.
///
/// Those that the counterparty added on its page. Leaves an access entry.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The files", body = AttachmentsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/files")]
pub async fn list_forwarding_files(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let files = state.app.forwarding_files(&caller, ForwardingId(id(&path)?)).await?;
    let items = files.iter().map(|file| AttachmentView::new(file, &[], language)).collect();
    Ok(HttpResponse::Ok().json(AttachmentsView { items }))
}

/// Fetch one of those files. Leaves an access entry before the first byte leaves.
#[utoipa::path(
    tag = "forwardings",
    params(
        ("id" = Uuid, Path, description = "The forwarding's id"),
        ("file" = Uuid, Path, description = "The file's id"),
    ),
    responses(
        (status = 200, description = "The file", body = FileContent, content_type = "application/octet-stream",
            headers(("Content-Disposition" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/{id}/files/{file}")]
pub async fn read_forwarding_file(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (forwarding, file) = (ForwardingId(id(&path.0)?), AttachmentId(id(&path.1)?));
    let found = state.app.forwarding_file(&caller, forwarding, file).await?;
    Ok(to_be_saved(&found.file, found.bytes, found.room))
}

/// Print the letter with a code.
///
/// As the letter to be read, with the short address and a one-time code by which whoever opens it answers
/// without an account: for one use, for 90 days, for this forwarding alone. Each printing makes a new code
/// and takes back the one before: the letter printed last is the one to post. Where the service does not
/// know its own address (`--public-url`), the letter asks for an answer by post.
#[utoipa::path(
    tag = "forwardings",
    params(("id" = Uuid, Path, description = "The forwarding's id")),
    responses(
        (status = 200, description = "The letter", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not printed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not printed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/forwardings/{id}/letter")]
pub async fn print_letter(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let forwarding = ForwardingId(id(&path)?);
    let opened = state.app.open_forwarding(&caller, forwarding).await?;
    opened.permit(&caller, Command::Send)?;
    // What has not left has no letter, and gets no code.
    let (_, mut leaving) = state.app.forwarding_letter(&caller, forwarding, None).await?;
    let code = state.app.issue_letter_code(&caller, &opened.forwarding).await?;
    leaving.reply = code.map(|made| ReplyLink { url: made.address, code: made.code });
    Ok(HttpResponse::Ok()
        .insert_header(("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .content_type("text/html; charset=utf-8")
        .body(report::letter::html(&leaving)))
}
