//! `/public/{tenant}/replies`: the page of a contact, in JSON.

use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::portal::{FileHanded, SaidByContact, Saying};
use domain::fault::{Fault, Reason};
use domain::forwarding::Forwarding;
use domain::ids::{AttachmentId, ExchangeId, ForwardingId};
use uuid::Uuid;
use wire::Problem;
use wire::attachment::{AttachmentUpload, AttachmentView, AttachmentsView, FileContent};
use wire::portal::{
    FactorRequest, HandOverRequest, LetView, LetterRequest, QuestionRequest, RepliesView,
    ReplyAnswerRequest, ReplyView,
};

use super::{forgets, keeps, request_id, short, visitor};
use crate::cases::attachments::to_be_saved;
use crate::extract::{Body, Spoken, Upload};
use crate::problem::ApiError;
use crate::public::limit::Budget;
use crate::state::ApiState;

/// A forwarding as the contact sees it after they did something; who it is about is not shown again.
fn view(forwarding: &Forwarding) -> Result<ReplyView, ApiError> {
    let shown = forwarding
        .shown_to(forwarding.counterparty)
        .map_err(|_| ApiError::App(app::Error::NotFound))?;
    Ok(ReplyView::new(forwarding.id.0, &shown, shown.awaits_answer, None))
}

fn id(text: &str) -> Result<ForwardingId, ApiError> {
    Uuid::parse_str(text).map(ForwardingId).map_err(|_| ApiError::NoSuchPath)
}

/// Read what waits for an answer.
///
/// By the token of a link in a mail, without an account. Before the second thing is shown, nothing is
/// told but who asks. Afterwards everything open from this sender to the counterparty, and for a while
/// what is answered; who it is about only where that was decided. Each showing leaves an access entry.
/// What is over, spent, revoked or made up is 410, whichever it is.
#[utoipa::path(
    tag = "public",
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
    ),
    responses(
        (status = 200, description = "The page", body = RepliesView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/replies/{token}")]
pub async fn read_replies(
    state: Data<ApiState>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Page, (&path.0, &path.1)).await?;
    let sender = visitor.tenant.name.clone();
    let Some(session) = &visitor.session else {
        return Ok(HttpResponse::Ok().json(RepliesView {
            sender,
            factor_needed: true,
            counterparty: None,
            ends_at: None,
            replies: Vec::new(),
        }));
    };
    let shown = state.app.read_replies(&visitor).await?;
    let mut replies = Vec::new();
    for reply in &shown.replies {
        // What was taken back between the two looks is left out.
        if let Ok(view) = reply.forwarding.shown_to(visitor.counterparty.id) {
            let (id, identity) = (reply.forwarding.id.0, reply.identity.as_ref());
            replies.push(ReplyView::new(id, &view, reply.sight.open, identity));
        }
    }
    Ok(HttpResponse::Ok().json(RepliesView {
        sender,
        factor_needed: false,
        counterparty: Some(visitor.counterparty.name.clone()),
        ends_at: Some(session.ends_at),
        replies,
    }))
}

/// Show the second thing.
///
/// The counterparty's code word, or a one-time code from a letter or the telephone, which is spent by it.
/// The session is in a cookie (`HttpOnly`, `SameSite=Strict`, this host alone) and lasts two hours. After
/// five wrong ones in a row the link opens nothing any more.
#[utoipa::path(
    tag = "public",
    request_body = FactorRequest,
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
    ),
    responses(
        (status = 200, description = "Let in", body = LetView, headers(("Set-Cookie" = String))),
        (status = "4XX", description = "Not let in", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not let in", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies/{token}/factor")]
pub async fn show_factor(
    state: Data<ApiState>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Factor, (&path.0, &path.1)).await?;
    let given: FactorRequest = body.read_from_anybody().await?.parse(&state)?;
    let let_in = state.app.show_factor(&visitor, &given.code).await?;
    Ok(HttpResponse::Ok()
        .insert_header((SET_COOKIE, keeps(&state, &request, &let_in)))
        .json(LetView { token: let_in.token, ends_at: let_in.session.ends_at }))
}

/// Come with the code of a letter.
///
/// Without a link: the code opens what that letter is about, once, and without who it is about, since
/// link and code came in one envelope.
#[utoipa::path(
    tag = "public",
    request_body = LetterRequest,
    params(("tenant" = String, Path, description = "The sender's short name")),
    responses(
        (status = 200, description = "Let in", body = LetView, headers(("Set-Cookie" = String))),
        (status = "4XX", description = "Not let in", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not let in", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies")]
pub async fn come_by_letter(
    state: Data<ApiState>,
    path: Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Factor, state.app.now())?;
    let given: LetterRequest = body.read_from_anybody().await?.parse(&state)?;
    let let_in = state.app.come_by_letter(&path, &given.code, request_id(&request)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((SET_COOKIE, keeps(&state, &request, &let_in)))
        .json(LetView { token: let_in.token, ends_at: let_in.session.ends_at }))
}

/// Answer one matter.
///
/// In a word: it has arrived, it is looked into until a day, it is somebody else's, it is done. Text and
/// one's own diarienummer may follow. The same `id` twice is one answer.
#[utoipa::path(
    tag = "public",
    request_body = ReplyAnswerRequest,
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
        ("id" = Uuid, Path, description = "The matter's id"),
    ),
    responses(
        (status = 200, description = "Answered", body = ReplyView),
        (status = "4XX", description = "Not answered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not answered", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies/{token}/matters/{id}/answer")]
pub async fn answer_reply(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Reply, (&path.0, &path.1)).await?;
    visitor.session()?;
    let about = id(&path.2)?;
    let given: ReplyAnswerRequest = body.read_from_anybody().await?.parse(&state)?;
    let short = short(given.answer, given.until, given.whom).map_err(|field| {
        ApiError::Invalid(vec![Fault::at(format!("/{field}"), Reason::Required)])
    })?;
    let what = Saying::Answer { short, text: given.text, diary_number: given.diary_number };
    let id = ExchangeId(given.id.unwrap_or_else(|| state.app.new_id()));
    let said = SaidByContact { id, what };
    let forwarding = state.app.say_by_portal(&visitor, about, said).await?;
    Ok(HttpResponse::Ok().json(view(&forwarding)?))
}

/// Ask back about one matter.
#[utoipa::path(
    tag = "public",
    request_body = QuestionRequest,
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
        ("id" = Uuid, Path, description = "The matter's id"),
    ),
    responses(
        (status = 200, description = "Asked", body = ReplyView),
        (status = "4XX", description = "Not asked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not asked", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies/{token}/matters/{id}/ask")]
pub async fn ask_back(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Reply, (&path.0, &path.1)).await?;
    visitor.session()?;
    let about = id(&path.2)?;
    let given: QuestionRequest = body.read_from_anybody().await?.parse(&state)?;
    let id = ExchangeId(given.id.unwrap_or_else(|| state.app.new_id()));
    let said = SaidByContact { id, what: Saying::Question { text: given.text } };
    let forwarding = state.app.say_by_portal(&visitor, about, said).await?;
    Ok(HttpResponse::Ok().json(view(&forwarding)?))
}

/// Add a file to the answer of one matter.
///
/// As `multipart/form-data` with one part `file`. Taken are JPEG, PNG, WebP, HEIC, PDF, DOCX, XLSX and ODT
/// without macros, and plain text in UTF-8; what a file is its content decides. Metadata (place, time,
/// device, author) are taken out, but not of PDF. At most 20 MiB a file and 20 files a matter.
#[utoipa::path(
    tag = "public",
    request_body(content = AttachmentUpload, content_type = "multipart/form-data"),
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
        ("id" = Uuid, Path, description = "The matter's id"),
    ),
    responses(
        (status = 201, description = "Added", body = AttachmentView),
        (status = "4XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies/{token}/matters/{id}/files")]
pub async fn attach_to_reply(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
    upload: Upload,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Upload, (&path.0, &path.1)).await?;
    visitor.session()?;
    let about = id(&path.2)?;
    let handed = upload.read_from_anybody(&state).await?;
    let handed = FileHanded { name: handed.name, bytes: handed.bytes, room: handed.room };
    let file = state.app.attach_by_portal(&visitor, about, handed).await?;
    Ok(HttpResponse::Created().json(AttachmentView::new(&file, &[], language)))
}

/// Read which files came with the answers to one matter.
#[utoipa::path(
    tag = "public",
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
        ("id" = Uuid, Path, description = "The matter's id"),
    ),
    responses(
        (status = 200, description = "The files", body = AttachmentsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/replies/{token}/matters/{id}/files")]
pub async fn list_reply_files(
    state: Data<ApiState>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Page, (&path.0, &path.1)).await?;
    let files = state.app.files_by_portal(&visitor, id(&path.2)?).await?;
    let items = files.iter().map(|file| AttachmentView::new(file, &[], language)).collect();
    Ok(HttpResponse::Ok().json(AttachmentsView { items }))
}

/// Fetch one of those files. It leaves an access entry.
#[utoipa::path(
    tag = "public",
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
        ("id" = Uuid, Path, description = "The matter's id"),
        ("file" = Uuid, Path, description = "The file's id"),
    ),
    responses(
        (status = 200, description = "The file", body = FileContent, content_type = "application/octet-stream",
            headers(("Content-Disposition" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/replies/{token}/matters/{id}/files/{file}")]
pub async fn read_reply_file(
    state: Data<ApiState>,
    path: Path<(String, String, String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    fetched(&state, &request, (&path.0, &path.1), (&path.2, &path.3)).await
}

/// A file of a matter, on its way to the contact.
pub(super) async fn fetched(
    state: &ApiState,
    request: &HttpRequest,
    link: (&str, &str),
    (matter, file): (&str, &str),
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(state, request, Budget::Page, link).await?;
    let file = file.parse::<AttachmentId>().map_err(|_| ApiError::NoSuchPath)?;
    let found = state.app.file_by_portal(&visitor, id(matter)?, file).await?;
    Ok(to_be_saved(&found.file, found.bytes, found.room))
}

/// Hand over to a colleague.
///
/// Registers another address of the same organisation, which gets a link of its own by mail and shows
/// the code word itself. The sender is told.
#[utoipa::path(
    tag = "public",
    request_body = HandOverRequest,
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
    ),
    responses(
        (status = 204, description = "Handed over"),
        (status = "4XX", description = "Not handed over", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not handed over", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies/{token}/hand-over")]
pub async fn hand_over(
    state: Data<ApiState>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Reply, (&path.0, &path.1)).await?;
    visitor.session()?;
    let given: HandOverRequest = body.read_from_anybody().await?.parse(&state)?;
    state.app.hand_over_portal(&visitor, &given.email, given.name.as_deref()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Leave: end the session.
#[utoipa::path(
    tag = "public",
    params(
        ("tenant" = String, Path, description = "The sender's short name"),
        ("token" = String, Path, description = "The token of the link"),
    ),
    responses(
        (status = 204, description = "Left", headers(("Set-Cookie" = String))),
        (status = "4XX", description = "Not left", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not left", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/replies/{token}/leave")]
pub async fn leave(
    state: Data<ApiState>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let visitor = visitor(&state, &request, Budget::Reply, (&path.0, &path.1)).await?;
    state.app.leave_portal(&visitor).await?;
    Ok(HttpResponse::NoContent().insert_header((SET_COOKIE, forgets(&state, &request))).finish())
}
