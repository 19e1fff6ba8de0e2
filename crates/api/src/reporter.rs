//! `/me/cases`: what one reported, and what came of it.

use actix_web::http::header::{LINK, VARY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::case::FieldChange;
use domain::fault::{Fault, Reason};
use domain::ids::CaseId;
use jiff::Timestamp;
use uuid::Uuid;
use wire::Problem;
use wire::page::Page;
use wire::reporter::{OwnCaseLine, OwnCaseView, Step, Told};

use crate::cases::list::{PAGE, cursor, form_pairs, place};
use crate::extract::{CalledBy, Spoken, VARIES_BY};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Which page is asked for, every fault named.
fn paging(text: &str) -> Result<(Option<(Timestamp, CaseId)>, u32), ApiError> {
    let (mut after, mut limit, mut faults) = (None, PAGE.0, Vec::new());
    for (name, value) in form_pairs(text) {
        let reason = match name.as_str() {
            "limit" => match value.parse() {
                Ok(given) if (1..=PAGE.1).contains(&given) => {
                    limit = given;
                    continue;
                }
                _ => Reason::OutOfRange { min: 1, max: PAGE.1.into() },
            },
            "cursor" => match place(&value) {
                Some(place) => {
                    after = Some(place);
                    continue;
                }
                None => Reason::WrongType { expected: "next_cursor".to_owned() },
            },
            _ => Reason::UnknownField,
        };
        faults.push(Fault::at(name, reason));
    }
    if faults.is_empty() { Ok((after, limit)) } else { Err(ApiError::Invalid(faults)) }
}

/// List what one reported.
///
/// Newest first, each with where it stands in a sentence. What was filed again as another kind stands
/// there once. Neither text nor person.
#[utoipa::path(
    tag = "reporter",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<OwnCaseLine>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/me/cases")]
pub async fn list_own_cases(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let (after, limit) = paging(request.query_string())?;
    let found = state.app.own_cases(&caller, after, limit).await?;
    let (units, codes) = (&caller.set_up.units, &caller.set_up.codes);
    let line = |(case, lead): &(domain::case::Case, _)| {
        OwnCaseLine::new(case, *lead, units, codes, language)
    };
    let items = found.cases.iter().map(line).collect();
    let next_cursor = found.next.map(|(at, id)| cursor(at, id));
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, VARIES_BY));
    if let Some(next) = &next_cursor {
        let link = format!("<{}?limit={limit}&cursor={next}>; rel=\"next\"", request.path());
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}

/// Read what came of what one reported.
///
/// Where it stands in a sentence, what was decided and changed, what was told, and what happens next
/// and by whom. Never who it is about, nor what the assessors wrote to each other. What was filed again
/// as another kind is shown as that, by its old id too. Leaves an access entry before the answer
/// leaves. What somebody else reported is not there: 404.
#[utoipa::path(
    tag = "reporter",
    params(("id" = Uuid, Path, description = "The case's id, or that of what it was filed as before")),
    responses(
        (status = 200, description = "The case", body = OwnCaseView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/me/cases/{id}")]
pub async fn read_own_case(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::parse_str(&path).map(CaseId).map_err(|_| ApiError::NoSuchPath)?;
    let found = state.app.follow(&caller, id).await?;
    let to_reporter = |change: &FieldChange| change.field == "comments" && change.new == "reporter";
    let steps: Vec<Step<'_>> = found
        .history
        .iter()
        .map(|entry| Step {
            at: entry.at,
            command: &entry.command,
            from: entry.from.as_deref(),
            to: &entry.to,
            to_reporter: entry.changes.iter().any(to_reporter),
        })
        .collect();
    let told = Told {
        case: &found.case,
        numbers_before: &found.numbers_before,
        said: &found.said,
        steps: &steps,
        lead: found.lead,
        lex_sarah: found.lex_sarah,
    };
    let set_up = &caller.set_up;
    let view = OwnCaseView::new(told, &set_up.units, &set_up.codes, language);
    Ok(HttpResponse::Ok().insert_header((VARY, VARIES_BY)).json(view))
}
