//! `/spot-checks`: drawing readings, judging them, closing the check.

use actix_web::http::header::LINK;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::access_log::{DrawAsked, Judgement, SeenCheck};
use domain::fault::Reason;
use domain::ids::{EntryId, SpotCheckId};
use domain::policy::Act;
use domain::spot_check::{Asked, Rule, SpotCheck};
use wire::Problem;
use wire::access_log::{
    CheckCloseRequest, CheckLineView, CheckPage, JudgementsRequest, SpotCheckRequest, SpotCheckView,
};

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, next_link, paging, part, send, shown};
use crate::state::ApiState;

/// How many readings are drawn at random unless said otherwise.
const SAMPLE: u16 = 20;

/// List checks of the access log.
///
/// The newest first, with when the next one is to be closed: so many months after the last, as the tenant has
/// chosen (`access.check_months` of the settings). That is a local target; the law says that checks are done
/// again and again (PDL 4 kap. 3 §).
#[utoipa::path(
    tag = "access-log",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = CheckPage, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/spot-checks")]
pub async fn list_spot_checks(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let paging = paging(&request, |_, _| Err(Reason::UnknownField))?;
    let found = state.app.list_spot_checks(&caller).await?;
    // The newest first: the key falls as time goes on.
    let key = |check: &SpotCheck| {
        let past = i64::MAX - check.at.as_microsecond();
        // Those drawn at one instant go by id, the latest first.
        format!("{past:019} {:032x}", u128::MAX - check.id.0.as_u128())
    };
    let (items, next_cursor) = part(&paging, &found.checks, key);
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    Ok(response.json(CheckPage {
        items: items.iter().map(CheckLineView::from).collect(),
        next_cursor,
        next_due_on: found.due_on,
        overdue: found.overdue,
        local_target: true,
    }))
}

/// Draw a check of the access log.
///
/// Readings of a period, `sample` of them at random and up to ten by each of `rules`. The seed is kept: the same
/// one over the same log draws the same again. Each reading is shown as the log told of it: the reader's grants
/// that day, how they stood to the case, whether they were asked, lead it or work on it, and the case's kind and
/// state; neither text nor identity. Surnames are compared sealed, and no register of who is related to whom is
/// kept or needed. For logggranskare (`auditor`), and MAS, MAR and SAS for their law. That it was drawn is
/// logged. Never to find out who has spoken to the press (TF 3 kap. 5 §).
#[utoipa::path(
    tag = "access-log",
    request_body = SpotCheckRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Drawn", body = SpotCheckView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not drawn", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not drawn", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/spot-checks")]
pub async fn draw_spot_check(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::CheckAccessLog)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: SpotCheckRequest = body.parse_desk(&state, &caller)?;
    let rules = match request.rules {
        Some(rules) => rules.into_iter().map(Rule::from).collect(),
        None => Rule::ALL.to_vec(),
    };
    let wanted = DrawAsked {
        asked: Asked {
            from: request.from,
            to: request.to,
            sample: request.sample.unwrap_or(SAMPLE),
            reason: request.reason,
        },
        rules,
        seed: request.seed,
    };
    let units = caller.set_up.units.clone();
    let render = |seen: &SeenCheck| {
        let at = format!("/api/v1/spot-checks/{}", seen.check.id);
        let view = SpotCheckView::of(&seen.check, &seen.names, &units);
        created(&view, at, Some(seen.check.version))
    };
    Ok(send(state.app.draw_spot_check(&caller, wanted, once, render).await?))
}

fn view(seen: &SeenCheck, caller: &CalledBy) -> HttpResponse {
    let view = SpotCheckView::of(&seen.check, &seen.names, &caller.set_up.units);
    shown(&view, seen.check.version)
}

/// Read a check of the access log.
#[utoipa::path(
    tag = "access-log",
    params(("id" = Uuid, Path, description = "The check's id")),
    responses(
        (status = 200, description = "The check", body = SpotCheckView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/spot-checks/{id}")]
pub async fn read_spot_check(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let seen = state.app.read_spot_check(&caller, SpotCheckId(id(&path)?)).await?;
    Ok(view(&seen, &caller))
}

/// Judge readings of a check.
///
/// `proper`, `improper` or `ask`, each with its reason; all are taken or none. Nobody judges what they read
/// themselves (`own_matter`). What was judged may be judged anew while the check is open.
#[utoipa::path(
    tag = "access-log",
    request_body = JudgementsRequest,
    params(
        ("id" = Uuid, Path, description = "The check's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Judged", body = SpotCheckView, headers(("ETag" = String))),
        (status = "4XX", description = "Not judged", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not judged", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/spot-checks/{id}/judgements")]
pub async fn judge_spot_check(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.open_spot_check(&caller, SpotCheckId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: JudgementsRequest = body.parse_desk(&state, &caller)?;
    let given = request.judgements.into_iter().map(|it| Judgement {
        entry: EntryId(it.entry),
        verdict: it.verdict.into(),
        reason: it.reason,
    });
    let seen = state.app.judge_spot_check(&caller, before, given.collect()).await?;
    Ok(view(&seen, &caller))
}

/// Close a check of the access log.
///
/// When every reading is judged `proper` or `improper`, with what came of it. It is counted in the report of the
/// year in which it is closed.
#[utoipa::path(
    tag = "access-log",
    request_body = CheckCloseRequest,
    params(
        ("id" = Uuid, Path, description = "The check's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Closed", body = SpotCheckView, headers(("ETag" = String))),
        (status = "4XX", description = "Not closed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not closed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/spot-checks/{id}/close")]
pub async fn close_spot_check(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.open_spot_check(&caller, SpotCheckId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: CheckCloseRequest = body.parse_desk(&state, &caller)?;
    let seen = state.app.close_spot_check(&caller, before, &request.summary).await?;
    Ok(view(&seen, &caller))
}
