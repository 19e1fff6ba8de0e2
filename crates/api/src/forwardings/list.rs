//! The list of forwardings.

use actix_web::http::header::LINK;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use app::forwardings::{ForwardingPage, ForwardingQuery};
use domain::fault::{Fault, Reason};
use domain::forwarding::{Direction, Status};
use domain::ids::{CaseId, CounterpartyId, ForwardingId};
use jiff::Timestamp;
use wire::Problem;
use wire::forwarding::ForwardingLineView;
use wire::page::Page;

use crate::cases::list::form_pairs;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::{next_link, wrong};
use crate::state::ApiState;

/// Items of a page, unless asked otherwise, and at most.
const PAGE: (usize, usize) = (50, 500);

/// The query of a list, every fault named.
fn query(text: &str) -> Result<ForwardingQuery, ApiError> {
    let mut query = ForwardingQuery { limit: PAGE.0, ..ForwardingQuery::default() };
    let mut faults = Vec::new();
    let flag = |value: &str| value.parse::<bool>().map_err(|_| wrong("true | false"));
    for (name, value) in form_pairs(text) {
        let read = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => {
                    query.limit = limit;
                    Ok(())
                }
                _ => Err(Reason::OutOfRange { min: 1, max: 500 }),
            },
            "cursor" => match place(&value) {
                Some(after) => {
                    query.after = Some(after);
                    Ok(())
                }
                None => Err(wrong("next_cursor")),
            },
            "direction" => match value.parse::<Direction>() {
                Ok(direction) => {
                    query.direction = Some(direction);
                    Ok(())
                }
                Err(()) => Err(wrong("sent | received")),
            },
            "counterparty" => match value.parse::<CounterpartyId>() {
                Ok(counterparty) => {
                    query.counterparty = Some(counterparty);
                    Ok(())
                }
                Err(_) => Err(wrong("uuid")),
            },
            "case" => match value.parse::<CaseId>() {
                Ok(case) => {
                    query.case = Some(case);
                    Ok(())
                }
                Err(_) => Err(wrong("uuid")),
            },
            "status" => {
                let found: Result<Vec<Status>, ()> = value.split(',').map(str::parse).collect();
                let known: Vec<_> = Status::ALL.iter().map(|status| status.code()).collect();
                found.map(|found| query.statuses = found).map_err(|()| wrong(&known.join(" | ")))
            }
            "overdue" => flag(&value).map(|given| query.overdue = given),
            "waiting_for_me" => flag(&value).map(|given| query.waiting_for_me = given),
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if faults.is_empty() { Ok(query) } else { Err(ApiError::Invalid(faults)) }
}

/// The place behind a cursor.
fn place(cursor: &str) -> Option<(Timestamp, ForwardingId)> {
    let (at, id) = cursor.split_once('_')?;
    Some((Timestamp::from_microsecond(at.parse().ok()?).ok()?, id.parse().ok()?))
}

/// List what goes between caregivers.
///
/// Those one sees: what is written of cases one reads, and what came for units and laws one handles such things
/// of. Newest first; where each stands, and no text.
#[utoipa::path(
    tag = "forwardings",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("direction" = Option<String>, Query, description = "`sent` or `received`"),
        ("counterparty" = Option<Uuid>, Query, description = "To or from this counterparty"),
        ("case" = Option<Uuid>, Query, description = "Of this case"),
        ("status" = Option<String>, Query, description = "Statuses, by comma; `escalated_unanswered` is the list for the samverkansmöte"),
        ("overdue" = Option<bool>, Query, description = "Only those whose answer, theirs or ours, is late"),
        ("waiting_for_me" = Option<bool>, Query, description = "Only those the caller may take further now"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<ForwardingLineView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings")]
pub async fn list_forwardings(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let query = query(request.query_string())?;
    let ForwardingPage { items, next } = state.app.list_forwardings(&caller, query).await?;
    let (units, now) = (&caller.set_up.units, caller.now);
    let items: Vec<ForwardingLineView> = items
        .into_iter()
        .map(|(it, number, end)| ForwardingLineView::new(&it, number, end, units, now))
        .collect();
    let next_cursor = next.map(|(at, id)| format!("{}_{id}", at.as_microsecond()));
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}
