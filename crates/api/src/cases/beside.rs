//! What stands beside the handling of a case: watches, comments, supplements, conflicts.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use app::Caller;
use app::cases::CaseCommand;
use domain::case::watch::{Watch, Watcher};
use domain::case::{Comment, Conflict};
use domain::fault::{Fault, Reason};
use domain::ids::{CommentId, StaffId, WatchId};
use domain::policy::Act;
use uuid::Uuid;
use wire::Problem;
use wire::beside::{
    CommentRequest, CommentsView, ConflictRequest, SupplementRequest, WatchAnswerRequest,
    WatchRequest,
};
use wire::case::CaseView;
use wire::command::ReasonRequest;

use super::command::{Handed, add};
use super::read::id;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Ask someone to read, contribute or act (bevakning).
///
/// A person asked by name may read the case until they answer that it does not concern them. A
/// profession is asked among those who may read it anyway. Needs no `If-Match`.
#[utoipa::path(
    tag = "cases",
    request_body = WatchRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/watches")]
pub async fn ask(handed: Handed) -> Result<HttpResponse, ApiError> {
    let new = WatchId(handed.state.app.new_id());
    add(handed, Act::Watch, |caller, request: WatchRequest| {
        Ok(CaseCommand::Watch(watch(caller, request, new)?))
    })
    .await
}

/// What is asked of whom, as the caller asks it now.
pub(super) fn watch(
    caller: &Caller,
    request: WatchRequest,
    id: WatchId,
) -> Result<Watch, ApiError> {
    let to = match (request.staff, request.profession) {
        (Some(staff), None) => Watcher::Staff(StaffId(staff)),
        (None, Some(profession)) => Watcher::Profession(profession),
        (Some(_), Some(_)) | (None, None) => {
            let reason = Reason::inconsistent("staff_or_profession");
            return Err(ApiError::Invalid(vec![Fault::at("/staff", reason)]));
        }
    };
    Ok(Watch {
        id,
        to,
        wish: request.wish.into(),
        text: request.text,
        due_on: request.due_on,
        by: caller.staff.id,
        at: caller.now,
        answered: None,
    })
}

/// Answer what one was asked: done, or it does not concern me.
///
/// For the person asked, or anybody of the profession asked. Needs no `If-Match`.
#[utoipa::path(
    tag = "cases",
    request_body = WatchAnswerRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("watch" = Uuid, Path, description = "The watch's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/watches/{watch}/answer")]
pub async fn answer_watch(
    handed: Handed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let watch = WatchId(Uuid::parse_str(&path.1).map_err(|_| ApiError::NoSuchPath)?);
    add(handed, Act::Comment, |_, request: WatchAnswerRequest| {
        let (answer, text) = (request.answer.into(), request.text);
        Ok(CaseCommand::AnswerWatch { watch, answer, text })
    })
    .await
}

/// Say something about a case.
///
/// To those who handle it, or to the reporter, too. It decides nothing. Needs no `If-Match`.
#[utoipa::path(
    tag = "cases",
    request_body = CommentRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/comments")]
pub async fn say(handed: Handed) -> Result<HttpResponse, ApiError> {
    let new = CommentId(handed.state.app.new_id());
    add(handed, Act::Comment, |caller, request: CommentRequest| {
        Ok(CaseCommand::Comment(Comment {
            id: new,
            text: request.text,
            to_reporter: request.to_reporter,
            mentions: request.mentions.into_iter().map(StaffId).collect(),
            by: caller.staff.id,
            at: caller.now,
        }))
    })
    .await
}

/// Read what was said about a case, oldest first.
///
/// Reporters read what was said to them. Leaves an access entry.
#[utoipa::path(
    tag = "cases",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The comments", body = CommentsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/comments")]
pub async fn read_comments(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let said = state.app.read_comments(&caller, id(&path)?).await?;
    Ok(HttpResponse::Ok().json(CommentsView::new(&said)))
}

/// Add to what one reported.
///
/// For the reporter, until the case is closed. What was said first stays as it was said. Needs no
/// `If-Match`.
#[utoipa::path(
    tag = "cases",
    request_body = SupplementRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/supplements")]
pub async fn supplement(handed: Handed) -> Result<HttpResponse, ApiError> {
    add(handed, Act::Supplement, |_, request: SupplementRequest| {
        Ok(CaseCommand::Supplement { text: request.text })
    })
    .await
}

/// Keep a case from someone it concerns (jäv).
///
/// To that person it does not exist from now on, whatever they hold; only what they filed themselves
/// they still see as the reporter. Needs no `If-Match`.
#[utoipa::path(
    tag = "cases",
    request_body = ConflictRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/conflicts")]
pub async fn keep_from(handed: Handed) -> Result<HttpResponse, ApiError> {
    add(handed, Act::KeepFrom, |caller, request: ConflictRequest| {
        Ok(CaseCommand::KeepFrom(Conflict {
            staff: StaffId(request.staff),
            reason: request.reason,
            by: Some(caller.staff.id),
            at: caller.now,
        }))
    })
    .await
}

/// Keep a case from someone no longer.
#[utoipa::path(
    tag = "cases",
    request_body = ReasonRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("staff" = Uuid, Path, description = "The staff id of whom"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = CaseView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/conflicts/{staff}/lift")]
pub async fn let_in(
    handed: Handed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let staff = StaffId(Uuid::parse_str(&path.1).map_err(|_| ApiError::NoSuchPath)?);
    add(handed, Act::KeepFrom, |_, request: ReasonRequest| {
        Ok(CaseCommand::LetIn { staff, reason: request.reason })
    })
    .await
}
