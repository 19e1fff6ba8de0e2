//! The sample of simple closings: its list, and a word back to the unit.

use actix_web::http::header::LINK;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::Answer;
use app::cases::{ListQuery, Opened};
use domain::case::sample::Looked;
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use wire::Problem;
use wire::case::CaseLineView;
use wire::page::Page;
use wire::sample::{SampleRequest, SampleView};

use super::command::Handed;
use super::list::{PAGE, cursor, form_pairs, lines, place};
use super::read::id;
use super::send;
use crate::extract::{CalledBy, Spoken, etag};
use crate::problem::ApiError;
use crate::state::ApiState;

/// List the sample of simple closings.
///
/// A random share of what a unit closes on the simple track, as the tenant's settings say, that nobody
/// has looked at: for MAS and MAR what is health care's, for SAS what is social services'; newest report
/// first, neither text nor subject. One's own closings are for others to look at.
#[utoipa::path(
    tag = "samples",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<CaseLineView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/samples")]
pub async fn list_samples(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::Sample)?;
    let mut query = ListQuery { limit: PAGE.0, sampled: true, ..ListQuery::default() };
    let mut faults = Vec::new();
    for (name, value) in form_pairs(request.query_string()) {
        match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => query.limit = limit,
                _ => {
                    faults.push(Fault::at(&name, Reason::OutOfRange { min: 1, max: PAGE.1.into() }))
                }
            },
            "cursor" => match place(&value) {
                Some(place) => query.after = Some(place),
                None => {
                    let expected = "next_cursor".to_owned();
                    faults.push(Fault::at(&name, Reason::WrongType { expected }));
                }
            },
            _ => faults.push(Fault::at(&name, Reason::UnknownField)),
        }
    }
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let limit = query.limit;
    let list = state.app.list_cases(&caller, query).await?;
    let next_cursor = list.next.map(|(at, id)| cursor(at, id));
    let mut response = HttpResponse::Ok();
    if let Some(next) = &next_cursor {
        let link = format!("<{}?limit={limit}&cursor={next}>; rel=\"next\"", request.path());
        response.insert_header((LINK, link));
    }
    let items = lines(&caller, &list);
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}

/// Say what was found of a closing.
///
/// Once for each closing. A text goes back to the unit as a comment on the case; with `reopen` it is the
/// reason, and the case is taken up again. Needs no `If-Match`.
#[utoipa::path(
    tag = "samples",
    request_body = SampleRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 200, description = "Done", body = SampleView, headers(("ETag" = String))),
        (status = "4XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/samples/{id}")]
pub async fn look_at_sample(handed: Handed) -> Result<HttpResponse, ApiError> {
    let Handed { state, mut caller, case, conditions, spoken: Spoken(_), body } = handed;
    let case = id(&case)?;
    let opened = match state.app.open_sample(&caller, case).await {
        // The first try may have taken the closing out of the sample: its answer holds all the same.
        Err(app::Error::NotFound) if conditions.key.is_some() => {
            let body = body.read(&state, &mut caller).await?;
            let once = body.once(&state, &caller, &conditions);
            let once = once.ok_or(ApiError::App(app::Error::NotFound))?;
            let kept = state.app.answered(&caller, &once).await?;
            let kept = kept.ok_or(ApiError::App(app::Error::NotFound))?;
            state.app.keep_replay(&caller, case).await?;
            return Ok(send(kept));
        }
        opened => opened?,
    };
    conditions.matches_if_given(opened.0.case.version)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "case.replay", &opened.0).await?;
        return Ok(send(kept));
    }
    let SampleRequest { verdict, text } = body.parse_desk(&state, &caller)?;
    let render = |opened: &Opened, looked: &Looked| {
        let view = SampleView::new(&opened.case, looked);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(opened.case.version)),
            body: serde_json::to_vec(&view).unwrap_or_default(),
        }
    };
    let verdict = (verdict.into(), text);
    Ok(send(state.app.look_at_sample(&caller, opened, verdict, once, render).await?))
}
