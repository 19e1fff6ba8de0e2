//! Following what was left, by its receipt code: `/public/{tenant}/receipts`. The code comes in the body or
//! in a header, never in an address: addresses are kept by browsers and proxies.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post};
use app::opinions::Door;
use app::opinions::public::HandedFile;
use domain::fault::{Fault, Reason};
use domain::ids::CaseId;
use domain::opinion::SenderSays;
use domain::receipt::{NoCode, ReceiptCode};
use wire::attachment::AttachmentUpload;
use wire::public::{
    FollowedOpinionView, LostReceiptRequest, LostReceiptTaken, ReceiptRequest, RenewalRequest,
    RenewedReceipt, SenderFile, SenderMessageRequest,
};
use wire::{Language, Problem};

use super::door;
use super::limit::Budget;
use super::said;
use crate::extract::{Body, Spoken, Upload};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The header that carries a receipt code where the body is a file.
const CODE: &str = "receipt-code";

/// A code as it was given.
///
/// # Errors
/// [`ApiError::Invalid`] where it cannot be one: a slip of the pen.
pub(super) fn code(given: &str) -> Result<ReceiptCode, ApiError> {
    ReceiptCode::parse(given).map_err(|why| {
        let reason = match why {
            NoCode::Length => Reason::WrongType { expected: "16 digits".into() },
            NoCode::Check => Reason::inconsistent("receipt_mistyped"),
        };
        ApiError::Invalid(vec![Fault::at("/code", reason)])
    })
}

/// What the sender sees of it.
pub(super) async fn view(
    state: &ApiState,
    door: &Door,
    case: CaseId,
    language: Language,
) -> Result<FollowedOpinionView, ApiError> {
    let seen = state.app.sender_view(door, case).await?;
    let files = state.app.files_of_sender(door, case).await?;
    let survey = state.app.survey_of(door.tenant.id, case).await?;
    let may_answer_survey = seen.answer.is_some() && survey.is_none();
    Ok(FollowedOpinionView {
        survey: survey.into(),
        may_answer_survey,
        ..FollowedOpinionView::new(&seen, files, language)
    })
}

/// Where a JSON request with a code is led.
pub(super) async fn opened(
    state: &ApiState,
    request: &HttpRequest,
    door: &Door,
    given: &str,
) -> Result<CaseId, ApiError> {
    state.limits.admit_try(request, &door.tenant.slug, door.now)?;
    Ok(state.app.open_receipt(door, code(given)?).await?)
}

/// Follow what was left.
///
/// By its receipt code. Tries are limited: a code that opens nothing is 404.
#[utoipa::path(
    tag = "public",
    request_body = ReceiptRequest,
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "How it stands", body = FollowedOpinionView,
            headers(("RateLimit" = String), ("RateLimit-Policy" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/receipts")]
pub async fn read_receipt(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let given: ReceiptRequest = body.read_from_anybody().await?.parse(&state)?;
    let case = opened(&state, &request, &door, &given.code).await?;
    Ok(HttpResponse::Ok().json(view(&state, &door, case, language).await?))
}

/// Say something about what was left.
///
/// It answers the question that waits, if one does, and is an addition else. With `asks_again` what was
/// answered, or has ended, is taken up again where that is still possible.
#[utoipa::path(
    tag = "public",
    request_body = SenderMessageRequest,
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 201, description = "Said; how it stands now", body = FollowedOpinionView),
        (status = "4XX", description = "Not taken", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/receipts/messages")]
pub async fn say_more(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let mut door = door(&state, &request, &tenant).await?;
    let given: SenderMessageRequest = body.read_from_anybody().await?.parse(&state)?;
    door.now = state.app.now();
    let case = opened(&state, &request, &door, &given.code).await?;
    let says = SenderSays { text: given.text, asks: given.asks_again.unwrap_or(false) };
    state.app.hear_sender(&door, case, says).await?;
    Ok(HttpResponse::Created().json(view(&state, &door, case, language).await?))
}

/// Add a file to what was left.
///
/// As `multipart/form-data` with one part `file`; the code comes in the header `Receipt-Code`. Taken are
/// JPEG, PNG, WebP, HEIC, PDF, DOCX, XLSX and ODT without macros, and plain text in UTF-8; what a file is
/// its content decides. Metadata (place, time, device, author) are taken out, but not of PDF.
#[utoipa::path(
    tag = "public",
    request_body(content = AttachmentUpload, content_type = "multipart/form-data"),
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("Receipt-Code" = String, Header, description = "The receipt code"),
    ),
    responses(
        (status = 201, description = "Added", body = SenderFile),
        (status = "4XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not added", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/receipts/files")]
pub async fn add_file(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    upload: Upload,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Upload, state.app.now())?;
    let mut door = door(&state, &request, &tenant).await?;
    let given = request.headers().get(CODE).and_then(|value| value.to_str().ok());
    let case = opened(&state, &request, &door, given.unwrap_or_default()).await?;
    let handed = upload.read_from_anybody(&state).await?;
    door.now = state.app.now();
    let (name, bytes, room) = (handed.name, handed.bytes, handed.room);
    let looked = state.app.look_at_file(HandedFile { name, bytes, room }).await?;
    let file = state.app.attach_from_sender(&door, case, looked).await?;
    Ok(HttpResponse::Created().json(SenderFile { name: file.name, size: file.size }))
}

/// Ask for a new code.
///
/// A link to one is sent to the e-mail address that was given with what was left. The answer is the same
/// whether there was such an address or not, and comes as fast.
#[utoipa::path(
    tag = "public",
    request_body = LostReceiptRequest,
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 202, description = "Taken", body = LostReceiptTaken),
        (status = "4XX", description = "Not taken", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/receipts/lost")]
pub async fn lose_receipt(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Renewal, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let given: LostReceiptRequest = body.read_from_anybody().await?.parse(&state)?;
    state.limits.admit_shared(&request, Budget::AllRenewals, &door.tenant.slug, door.now)?;
    send_new_codes(&state, door, given.email);
    let message = said::LOST_TAKEN.to(language).to_owned();
    Ok(HttpResponse::Accepted().json(LostReceiptTaken { message }))
}

/// Has links sent, if there is anybody to send them to. Nobody waits for it: how long it takes would tell.
pub(super) fn send_new_codes(state: &Data<ApiState>, door: Door, email: String) {
    let state = state.clone();
    actix_web::rt::spawn(async move {
        // How many there were is nobody's business.
        if let Err(error) = state.app.send_new_codes(&door, &email).await {
            tracing::error!(%error, "links to new codes could not be queued");
        }
    });
}

/// Take a new code.
///
/// By the last part of the link in the mail. It opens once, for a day; the code before opens nothing any
/// more from then on.
#[utoipa::path(
    tag = "public",
    request_body = RenewalRequest,
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "The new code", body = RenewedReceipt),
        (status = "4XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/receipts/renew")]
pub async fn renew_receipt(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Reply, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let given: RenewalRequest = body.read_from_anybody().await?.parse(&state)?;
    let code = state.app.take_new_code(&door, &given.token).await?;
    Ok(HttpResponse::Ok().json(RenewedReceipt { receipt: code.digits() }))
}
