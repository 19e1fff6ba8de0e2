//! The files of a case.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use app::Answer;
use app::cases::Opened;
use app::keeping::Room;
use domain::case::Attachment;
use domain::case::attachment::FileKind;
use domain::fault::Fault;
use domain::ids::{AttachmentId, CaseId};
use domain::policy::Act;
use uuid::Uuid;
use wire::Problem;
use wire::attachment::{AttachmentUpload, AttachmentView, AttachmentsView, FileContent};
use wire::command::ReasonRequest;

use super::read::id;
use super::send;
use crate::extract::{Body, CalledBy, Conditions, Spoken, Upload};
use crate::problem::ApiError;
use crate::state::ApiState;

/// How much of a file is handed to the connection at once.
const SLICE: usize = 64 * 1024;

/// The ids in the path; anything else is simply not there.
fn ids((case, attachment): &(String, String)) -> Result<(CaseId, AttachmentId), ApiError> {
    let attachment = Uuid::parse_str(attachment).map_err(|_| ApiError::NoSuchPath)?;
    Ok((id(case)?, AttachmentId(attachment)))
}

/// Add a file to a case.
///
/// An addition: no `If-Match` is asked for (one that is given holds), and whatever others change
/// meanwhile, the file is added to that. Open to those who handle the case, to whoever reported it until
/// it is closed, and for an hour to the shared phone it was registered on, which sees nothing of it. Taken are JPEG, PNG, WebP, HEIC, PDF, DOCX, XLSX and ODT without macros,
/// and plain text in UTF-8; what a file is its content decides. Metadata (place, time, device,
/// author) are taken out, but not of PDF. At most 20 MiB a file, 20 files and 100 MiB a case.
#[utoipa::path(
    tag = "cases",
    request_body(content = AttachmentUpload, content_type = "multipart/form-data"),
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = Option<String>, Header, description = "The case's ETag that was read"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Added", body = AttachmentView, headers(("Location" = String))),
        (status = "4XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/attachments")]
pub async fn attach(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    upload: Upload,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.open_to_attach(&caller, id(&path)?).await?;
    let admit = |caller: &CalledBy, opened: &Opened| -> Result<(), ApiError> {
        opened.permit(caller, Act::Attach)?;
        conditions.matches_if_given(opened.case.version)
    };
    if conditions.key.is_none() {
        admit(&caller, &opened)?;
    }
    let upload = upload.read(&state, &mut caller).await?;
    let once = upload.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "case.replay", &opened).await?;
        return Ok(send(kept));
    }
    admit(&caller, &opened)?;
    let render = |case: CaseId, file: &Attachment, warnings: &[Fault]| Answer {
        status: 201,
        location: Some(format!("/api/v1/cases/{case}/attachments/{}", file.id)),
        etag: None,
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(&AttachmentView::new(file, warnings, language))
            .unwrap_or_default(),
    };
    Ok(send(state.app.attach(&caller, &opened, upload.0, once, render).await?))
}

/// Read which files a case has.
///
/// Leaves an access entry. Whoever only reported the case sees the files they added themselves.
/// Those withdrawn are left out; the history has them.
#[utoipa::path(
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The files", body = AttachmentsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/attachments")]
pub async fn read_attachments(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let files = state.app.read_attachments(&caller, id(&path)?).await?;
    let items = files.iter().map(|file| AttachmentView::new(file, &[], language)).collect();
    Ok(HttpResponse::Ok().json(AttachmentsView { items }))
}

/// Fetch a file of a case.
///
/// Leaves an access entry before the first byte leaves. To be saved, never to be shown in place: it
/// comes as an attachment, and a browser that opens it all the same runs nothing of it.
#[utoipa::path(
    tag = "cases",
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("attachment" = Uuid, Path, description = "The attachment's id"),
    ),
    responses(
        (status = 200, description = "The file", body = FileContent, content_type = "application/octet-stream",
            headers(("Content-Disposition" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/attachments/{attachment}")]
pub async fn read_attachment(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (case, attachment) = ids(&path)?;
    let found = state.app.read_attachment(&caller, case, attachment).await?;
    Ok(to_be_saved(&found.attachment, found.bytes, found.room))
}

/// A file on its way out: to be saved, never to be shown in place.
pub(crate) fn to_be_saved(file: &Attachment, bytes: Bytes, room: Room) -> HttpResponse {
    let kind = match file.kind {
        FileKind::Text => "text/plain; charset=utf-8",
        kind => kind.media_type(),
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, disposition(&file.name)))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .body(Leaving { bytes, _room: room })
}

/// Withdraw a file of a case.
///
/// Its content is erased, and the history keeps that it was there and why it went. For whoever added
/// it, and for those who lead the case, until the case is closed. A file never changes, so no
/// `If-Match` is asked for; one that is given holds.
#[utoipa::path(
    tag = "cases",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("attachment" = Uuid, Path, description = "The attachment's id"),
        ("If-Match" = Option<String>, Header, description = "The case's ETag that was read"),
    ),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = "4XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not withdrawn", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/cases/{id}/attachments/{attachment}")]
pub async fn withdraw_attachment(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (case, attachment) = ids(&path)?;
    let opened = state.app.open(&caller, case, Act::Read).await?;
    state.app.withdrawable(&caller, &opened, attachment).await?;
    conditions.matches_if_given(opened.case.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    let version = conditions.is_conditional().then_some(opened.case.version);
    let app = &state.app;
    app.withdraw_attachment(&caller, case, attachment, request.reason, version).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What tells a browser to save a file under its name (RFC 6266): in ASCII for the old ones, in
/// UTF-8 (RFC 5987) for the others.
pub(super) fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(
            |c| if c.is_ascii() && !c.is_ascii_control() && !"\"\\%".contains(c) { c } else { '_' },
        )
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// A file on its way to a client that may be slow: it is handed on in slices, so that its memory is
/// counted for as long as it takes any up.
struct Leaving {
    bytes: Bytes,
    _room: Room,
}

impl MessageBody for Leaving {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.bytes.len().min(SLICE);
        Poll::Ready(Some(Ok(self.bytes.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("Å \"b\"\r\nSet-Cookie: x%2F.jpg"),
            "attachment; filename=\"_ _b___Set-Cookie: x_2F.jpg\"; \
             filename*=UTF-8''%C3%85%20%22b%22%0D%0ASet-Cookie%3A%20x%252F.jpg"
        );
    }
}
