//! `GET /cases`.

use std::str::FromStr;

use actix_web::http::header::LINK;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use app::Caller;
use app::cases::{CaseList, ListQuery};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::calendar::{end_of_day, start_of_day};
use domain::fault::{Fault, Reason};
use domain::ids::CaseId;
use domain::number::CaseNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;
use wire::Problem;
use wire::case::{CaseLineView, UnitRef};
use wire::page::Page;

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Items of a page, unless asked otherwise, and at most.
pub(crate) const PAGE: (u32, u32) = (50, 500);

/// How many items are read at a time while everything is streamed.
const STREAMED: u32 = 500;

/// A place in a list as an opaque text.
pub(crate) fn cursor(at: Timestamp, id: CaseId) -> String {
    let mut bytes = at.as_microsecond().to_be_bytes().to_vec();
    bytes.extend(id.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn place(cursor: &str) -> Option<(Timestamp, CaseId)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (at, id) = bytes.split_at_checked(8)?;
    let at = Timestamp::from_microsecond(i64::from_be_bytes(at.try_into().ok()?)).ok()?;
    Some((at, CaseId(Uuid::from_slice(id).ok()?)))
}

/// The query of a list, every fault named, and the case whose person's cases are asked for.
fn query(caller: &Caller, text: &str) -> Result<(ListQuery, Option<CaseId>), ApiError> {
    let set_up = &caller.set_up;
    let mut query = ListQuery { limit: PAGE.0, ..ListQuery::default() };
    let mut same_subject_as = None;
    let mut faults = Vec::new();
    for (name, value) in form_pairs(text) {
        let mut wrong = |expected: &str| {
            faults.push(Fault::at(&name, Reason::WrongType { expected: expected.to_owned() }));
        };
        match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => query.limit = limit,
                _ => {
                    faults.push(Fault::at(&name, Reason::OutOfRange { min: 1, max: PAGE.1.into() }))
                }
            },
            "cursor" => match place(&value) {
                Some(place) => query.after = Some(place),
                None => wrong("next_cursor"),
            },
            "same_subject_as" => match value.parse() {
                Ok(case) => same_subject_as = Some(case),
                Err(_) => wrong("uuid"),
            },
            "mine" => match value.parse() {
                Ok(mine) => query.mine = mine,
                Err(_) => wrong("true | false"),
            },
            "waiting_for_me" => match value.parse() {
                Ok(waiting) => query.waiting_for_me = waiting,
                Err(_) => wrong("true | false"),
            },
            "updated_since" => match value.parse() {
                Ok(since) => query.updated_since = Some(since),
                Err(_) => wrong("date-time"),
            },
            "reported_from" => match value.parse::<Date>() {
                Ok(day) => query.reported_from = Some(start_of_day(day)),
                Err(_) => wrong("date"),
            },
            "reported_to" => match value.parse::<Date>() {
                Ok(day) => query.reported_before = Some(end_of_day(day)),
                Err(_) => wrong("date"),
            },
            "kind" => match each(&value) {
                Some(kinds) => query.kinds = kinds,
                None => wrong("avvikelse | synpunkt | klagomal"),
            },
            "status" => match each(&value) {
                Some(statuses) => query.statuses = statuses,
                None => wrong("status"),
            },
            "track" => match each(&value) {
                Some(tracks) => query.tracks = tracks,
                None => wrong("simple | standard | deep"),
            },
            "law" => match each(&value) {
                Some(laws) => query.laws = laws,
                None => wrong("HSL | SOL | LSS"),
            },
            "unit" => {
                let units = query.units.get_or_insert_default();
                for given in value.split(',') {
                    match set_up.units.find(given) {
                        Some(unit) => units.extend(set_up.units.with_descendants(unit.id)),
                        None => {
                            let given = given.to_owned();
                            faults.push(Fault::at(&name, Reason::UnknownUnit { given }));
                        }
                    }
                }
            }
            "category" => {
                let categories = query.categories.get_or_insert_default();
                for given in value.split(',') {
                    let known = ["category", "complaint"]
                        .into_iter()
                        .find(|list| set_up.codes.get(list, given).is_some());
                    match known {
                        Some(list) => categories.extend(set_up.codes.with_descendants(list, given)),
                        None => {
                            let (list, given) = ("category".to_owned(), given.to_owned());
                            faults.push(Fault::at(&name, Reason::UnknownCode { list, given }));
                        }
                    }
                }
            }
            // As people write it; an old system's number as it stands.
            "number" => {
                let number = CaseNumber::parse_lenient(&value).map(|number| number.to_string());
                query.number = Some(number.unwrap_or(value));
            }
            _ => faults.push(Fault::at(&name, Reason::UnknownField)),
        }
    }
    if faults.is_empty() { Ok((query, same_subject_as)) } else { Err(ApiError::Invalid(faults)) }
}

/// The pairs of a query string, decoded; without U+0000, which no database keeps.
pub(crate) fn form_pairs(text: &str) -> Vec<(String, String)> {
    let mut pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(text)
        .map(actix_web::web::Query::into_inner)
        .unwrap_or_default();
    for (name, value) in &mut pairs {
        name.retain(|letter| letter != '\0');
        value.retain(|letter| letter != '\0');
    }
    pairs
}

fn each<T: FromStr>(value: &str) -> Option<Vec<T>> {
    value.split(',').map(|code| code.parse().ok()).collect()
}

pub(crate) fn lines(caller: &Caller, list: &CaseList) -> Vec<CaseLineView> {
    let unit = |id| UnitRef::of(&caller.set_up.units, id);
    list.lines
        .iter()
        .map(|line| CaseLineView {
            id: line.id.0,
            number: line.number.clone(),
            kind: line.kind.into(),
            status: line.status.into(),
            track: line.track.map(Into::into),
            outcome: line.outcome.clone(),
            unit: unit(line.unit),
            reporting_unit: unit(line.reporting_unit),
            law: line.laws.iter().map(|law| law.code().to_owned()).collect(),
            category: line.category.clone(),
            occurred_at: line.occurred_at,
            reported_at: line.reported_at,
            closed_at: line.closed_at,
            version: line.version,
            updated_at: line.updated_at,
        })
        .collect()
}

/// List cases.
///
/// Those the caller may read, newest report first; neither text nor subject. With `updated_since`:
/// oldest change first, up to five seconds ago, and `next_updated_since` names the next round.
/// `Accept: application/x-ndjson` streams every match, one a line.
#[utoipa::path(
    tag = "cases",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("updated_since" = Option<jiff::Timestamp>, Query, description = "Changed at or after"),
        ("mine" = Option<bool>, Query, description = "Only one's own filings"),
        ("waiting_for_me" = Option<bool>, Query, description = "Only those in which something waits for oneself, by the rules of the worklist"),
        ("same_subject_as" = Option<Uuid>, Query, description = "Cases about the same person as this one, by id; for who may read who it is about, and leaves an access entry"),
        ("kind" = Option<String>, Query, description = "Kinds, by comma"),
        ("status" = Option<String>, Query, description = "Statuses, by comma"),
        ("track" = Option<String>, Query, description = "Tracks, by comma"),
        ("law" = Option<String>, Query, description = "Laws, by comma: any that the case names"),
        ("category" = Option<String>, Query, description = "Categories, by comma, each with those below"),
        ("unit" = Option<String>, Query, description = "Units by id or code, by comma, each with those below"),
        ("reported_from" = Option<String>, Query, description = "First day, Swedish time"),
        ("reported_to" = Option<String>, Query, description = "Last day, Swedish time"),
        ("number" = Option<String>, Query, description = "A case number, or the number of the old system"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<CaseLineView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases")]
pub async fn list_cases(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (mut query, same_subject_as) = query(&caller, request.query_string())?;
    if let Some(case) = same_subject_as {
        let same = state.app.same_subjects(&caller, case).await.map_err(|error| match error {
            app::Error::NotFound => {
                ApiError::Invalid(vec![Fault::at("same_subject_as", Reason::NotFound)])
            }
            other => ApiError::App(other),
        })?;
        query.subjects = Some(same);
    }
    let accepted = request.headers().get("accept").and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("application/x-ndjson")) {
        return Ok(stream(state, caller, ListQuery { limit: STREAMED, ..query }));
    }
    let list = state.app.list_cases(&caller, query).await?;
    let next_cursor = list.next.map(|(at, id)| cursor(at, id));
    let mut response = HttpResponse::Ok();
    if let Some(next) = &next_cursor {
        let mut pairs = form_pairs(request.query_string());
        pairs.retain(|(name, _)| name != "cursor");
        let rest: String = pairs
            .iter()
            .map(|(name, value)| format!("{}={}&", encode(name), encode(value)))
            .collect();
        let link = format!("<{}?{rest}cursor={next}>; rel=\"next\"", request.path());
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page {
        items: lines(&caller, &list),
        next_cursor,
        next_updated_since: list.next_updated_since,
    }))
}

/// A text as part of a query string.
pub(crate) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~,:".contains(&byte);
    let each = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(each).collect()
}

/// Every match, one JSON object a line, read page by page.
fn stream(state: Data<ApiState>, caller: CalledBy, query: ListQuery) -> HttpResponse {
    let pages = futures_util::stream::unfold(Some(query), move |query| {
        let (state, caller) = (state.clone(), caller.clone());
        async move {
            let query = query?;
            match state.app.list_cases(&caller, query.clone()).await {
                Ok(list) => {
                    let mut text = Vec::new();
                    for line in lines(&caller, &list) {
                        text.extend(serde_json::to_vec(&line).unwrap_or_default());
                        text.push(b'\n');
                    }
                    let next = list.next.map(|after| ListQuery { after: Some(after), ..query });
                    Some((Ok(actix_web::web::Bytes::from(text)), next))
                }
                // The stream breaks off, which the client sees: half a list must not look whole.
                Err(error) => Some((Err(ApiError::App(error)), None)),
            }
        }
    });
    HttpResponse::Ok().content_type("application/x-ndjson").streaming(pages)
}
