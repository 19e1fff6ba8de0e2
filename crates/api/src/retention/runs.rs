//! `/retention/runs`: the list of what would go, and the decision that it does.

use actix_web::http::header::{ETAG, LINK};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::Answer;
use app::retention::RunShown;
use domain::fault::Reason;
use domain::ids::RunId;
use domain::policy::Act;
use domain::record::hex;
use domain::retention::Run;
use wire::Problem;
use wire::page::Page;
use wire::retention::{RetentionItemView, RetentionOrderRequest, RetentionRunView};

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, cursor, id, next_link, page, paging, send, wrong};
use crate::state::ApiState;

fn tag(run: &Run) -> String {
    format!("\"{}\"", hex(&run.hash))
}

fn shown(shown: &RunShown) -> HttpResponse {
    let view = RetentionRunView::of(&shown.run, &shown.outcomes);
    HttpResponse::Ok().insert_header((ETAG, tag(&shown.run))).json(view)
}

/// List runs.
///
/// In the order made. For registrators and admins of the whole tenant.
#[utoipa::path(
    tag = "retention",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<RetentionRunView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/retention/runs")]
pub async fn list_retention_runs(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageRetention)?;
    let paging = paging(&request, |_, _| Err(Reason::UnknownField))?;
    let mut found = Vec::new();
    for run in state.app.retention_runs(&caller).await? {
        found.push(state.app.retention_run(&caller, run.id).await?);
    }
    let key = |shown: &RunShown| shown.run.id.to_string();
    let view = |shown: &RunShown| RetentionRunView::of(&shown.run, &shown.outcomes);
    Ok(page(&request, &paging, &found, key, view))
}

/// Make the list of what would go today.
///
/// By the plan: every case, and what else the plan has lines for, whose time is over, with its number, when it ended, the
/// line of the plan and what would go with it; and what is held back all the same, with why. Nothing goes.
#[utoipa::path(
    tag = "retention",
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Made", body = RetentionRunView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/retention/runs")]
pub async fn make_retention_run(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageRetention)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let render = |shown: &RunShown| {
        let view = RetentionRunView::of(&shown.run, &shown.outcomes);
        let at = format!("/api/v1/retention/runs/{}", shown.run.id);
        Answer { etag: Some(tag(&shown.run)), ..created(&view, at, None) }
    };
    Ok(send(state.app.list_retention(&caller, once, render).await?))
}

/// Read a run.
#[utoipa::path(
    tag = "retention",
    params(("id" = Uuid, Path, description = "The run's id")),
    responses(
        (status = 200, description = "The run", body = RetentionRunView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/retention/runs/{id}")]
pub async fn read_retention_run(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageRetention)?;
    Ok(shown(&state.app.retention_run(&caller, RunId(id(&path)?)).await?))
}

/// Read the lines of a run's list.
#[utoipa::path(
    tag = "retention",
    params(
        ("id" = Uuid, Path, description = "The run's id"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<RetentionItemView>, headers(("Link" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/retention/runs/{id}/items")]
pub async fn read_retention_items(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageRetention)?;
    let run = RunId(id(&path)?);
    let paging = paging(&request, |_, _| Err(Reason::UnknownField))?;
    let after = match &paging.after {
        Some(after) => after.parse::<i64>().map_err(|_| {
            ApiError::Invalid(vec![domain::fault::Fault::at("cursor", wrong("next_cursor"))])
        })?,
        None => 0,
    };
    let limit = i64::try_from(paging.limit).unwrap_or(i64::MAX);
    let mut items = state.app.retention_items(&caller, run, after, limit + 1).await?;
    let more = items.len() > paging.limit;
    items.truncate(paging.limit);
    let next_cursor =
        items.last().filter(|_| more).map(|(position, _)| cursor(&position.to_string()));
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page {
        items: items.iter().map(|(at, item)| RetentionItemView::at(*at, item)).collect(),
        next_cursor,
        next_updated_since: None,
    }))
}

/// Order that what is listed goes.
///
/// By the number of a gallringsbeslut, and with the hash of the list as `If-Match`: what goes is what stands on that list,
/// less what has changed or is held back since. It is carried out at once in the background, case by case; the run tells
/// how far it has come. Whoever made the list may order it.
#[utoipa::path(
    tag = "retention",
    request_body = RetentionOrderRequest,
    params(
        ("id" = Uuid, Path, description = "The run's id"),
        ("If-Match" = String, Header, description = "The ETag of the run: the hash of its list, in quotes"),
    ),
    responses(
        (status = 200, description = "Ordered", body = RetentionRunView, headers(("ETag" = String))),
        (status = "4XX", description = "Not ordered", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not ordered", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/retention/runs/{id}/order")]
pub async fn order_retention_run(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageRetention)?;
    let found = state.app.retention_run(&caller, RunId(id(&path)?)).await?;
    conditions.matches_tag(&tag(&found.run))?;
    let body = body.read(&state, &mut caller).await?;
    let request: RetentionOrderRequest = body.parse_desk(&state, &caller)?;
    let run = state.app.order_retention(&caller, found.run, &request.decision).await?;
    Ok(shown(&RunShown { run, outcomes: Vec::new() }))
}
