//! Searching the log, and the extract of one person.

use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, LINK};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::access_log::{ExtractAsked, LogAsked, LogLine, LogPage};
use domain::access_log::{Purpose, Stated};
use domain::calendar::{parse_date, swedish_date};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, EntryId, StaffId};
use domain::organisation::UnitTree;
use domain::personnummer::find_in;
use domain::policy::Act;
use jiff::Timestamp;
use report::log_extract;
use wire::Problem;
use wire::access_log::{
    LogEntryParts, LogEntryView, LogExtractRequest, LogExtractView, LogSearchRequest,
};
use wire::page::Page;

use super::person;
use crate::extract::{Body, CalledBy};
use crate::problem::ApiError;
use crate::setup::{cursor, next_link, paging, place, wrong};
use crate::state::ApiState;

/// The place that a cursor names: a time and an entry.
fn after(key: &str) -> Result<(Timestamp, EntryId), Reason> {
    let named = key.split_once(' ').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    named.ok_or_else(|| wrong("next_cursor"))
}

fn line(line: &LogLine, units: &UnitTree) -> LogEntryView {
    let entry = &line.entry;
    let parts = LogEntryParts {
        id: entry.id.0,
        at: entry.at,
        staff: (entry.by, line.reader.as_deref()),
        role: entry.role.as_deref(),
        unit: entry.unit,
        act: &entry.act,
        refused: entry.refused,
        from: entry.from.as_deref(),
        ground: line.ground,
        stated: line.stated.as_ref(),
        cases: &line.cases,
        request: entry.request,
    };
    LogEntryView::of(parts, units)
}

fn page_of(found: &LogPage, units: &UnitTree) -> Page<LogEntryView> {
    Page {
        items: found.lines.iter().map(|it| line(it, units)).collect(),
        next_cursor: found.next.map(|(at, id)| cursor(&format!("{at} {id}"))),
        next_updated_since: None,
    }
}

/// A period that ends before it begins is a fault.
fn period(from: Option<jiff::civil::Date>, to: Option<jiff::civil::Date>) -> Result<(), ApiError> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => {
            let reason = Reason::Before { other: "/from".into() };
            Err(ApiError::Invalid(vec![Fault::at("/to", reason)]))
        }
        _ => Ok(()),
    }
}

/// Search the access log.
///
/// Who read what, in which role, at which unit, when and from which network; what was refused, too, and who
/// searched the log. For logggranskare (`auditor`), dataskyddsombud, admin, and MAS, MAR and SAS for their
/// law, within the units of their grants. A `purpose` from the list and a `reason` in words are asked for, and
/// the search itself is logged with both. Finding out who has spoken to the press is no purpose and never
/// lawful (TF 3 kap. 5 §). Neither text nor identity is shown. To search by person, see
/// `POST /access-log/search`: an identity has no place in an address.
#[utoipa::path(
    tag = "access-log",
    params(
        ("purpose" = wire::access_log::LogPurpose, Query, description = "Why"),
        ("reason" = String, Query, description = "Why, in words; at most 500 characters, without personal identity numbers"),
        ("staff" = Option<Uuid>, Query, description = "Only by this reader"),
        ("case" = Option<Uuid>, Query, description = "Only of this case"),
        ("from" = Option<String>, Query, description = "The first day, YYYY-MM-DD"),
        ("to" = Option<String>, Query, description = "The last day, YYYY-MM-DD"),
        ("refused" = Option<bool>, Query, description = "Only what was refused, or only what was shown"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page, the latest first", body = Page<LogEntryView>, headers(("Link" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/access-log")]
pub async fn search_access_log(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadAccessLog)?;
    let (mut purpose, mut reason) = (None, String::new());
    let (mut staff, mut case, mut from, mut to, mut refused) = (None, None, None, None, None);
    let day = |value: &str| parse_date(value).map_err(|_| wrong("YYYY-MM-DD"));
    let paging = paging(&request, |name, value| {
        match name {
            "purpose" => {
                let known = Purpose::ALL.map(Purpose::code).join(" | ");
                purpose = Some(value.parse::<Purpose>().map_err(|()| wrong(&known))?);
            }
            "reason" => reason = value.to_owned(),
            "staff" => staff = Some(value.parse::<StaffId>().map_err(|_| wrong("uuid"))?),
            "case" => case = Some(value.parse::<CaseId>().map_err(|_| wrong("uuid"))?),
            "from" => from = Some(day(value)?),
            "to" => to = Some(day(value)?),
            "refused" => refused = Some(value.parse::<bool>().map_err(|_| wrong("true | false"))?),
            _ => return Err(Reason::UnknownField),
        }
        Ok(())
    })?;
    let invalid = |field: &str, reason| ApiError::Invalid(vec![Fault::at(field, reason)]);
    let purpose = purpose.ok_or_else(|| invalid("purpose", Reason::Required))?;
    // What is stated here stands in an address on its way: nobody is named by number.
    if let Some(found) = find_in(&reason, swedish_date(caller.now)).first() {
        let found = Reason::PersonalNumber { position: found.position, length: found.length };
        return Err(invalid("reason", found));
    }
    let stated = Stated::new(purpose, &reason);
    let stated = stated.map_err(|fault| invalid("reason", fault.reason))?;
    period(from, to)?;
    let after = paging.after.as_deref().map(after).transpose();
    let after = after.map_err(|reason| invalid("cursor", reason))?;
    let asked = LogAsked {
        stated,
        staff,
        case,
        person: None,
        from,
        to,
        refused,
        after,
        limit: paging.limit,
    };
    let found = state.app.search_log(&caller, asked).await?;
    let page = page_of(&found, &caller.set_up.units);
    let mut response = HttpResponse::Ok();
    if let Some(link) = page.next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    Ok(response.json(page))
}

/// Search the access log by person.
///
/// As `GET /access-log`, with everything in the body, so that an identity stands in no address. Persons are
/// compared by a keyed hash: nothing is opened, and nobody is kept in the log as searched for but by the cases
/// that were shown.
#[utoipa::path(
    tag = "access-log",
    request_body = LogSearchRequest,
    responses(
        (status = 200, description = "A page, the latest first", body = Page<LogEntryView>),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/access-log/search")]
pub async fn search_access_log_for(
    state: Data<ApiState>,
    mut caller: CalledBy,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadAccessLog)?;
    let body = body.read(&state, &mut caller).await?;
    let request: LogSearchRequest = body.parse_desk(&state, &caller)?;
    let invalid = |fault| ApiError::Invalid(vec![fault]);
    let stated = Stated::new(request.purpose.into(), &request.reason).map_err(invalid)?;
    period(request.from, request.to)?;
    let named = |given: String| place(&given).ok_or_else(|| wrong("next_cursor"));
    let after =
        request.cursor.map(named).transpose().and_then(|key| key.as_deref().map(after).transpose());
    let after = after.map_err(|reason| invalid(Fault::at("/cursor", reason)))?;
    let asked = LogAsked {
        stated,
        staff: request.staff.map(StaffId),
        case: request.case.map(CaseId),
        person: request.subject.as_ref().map(|given| person(&caller, given)).transpose()?,
        from: request.from,
        to: request.to,
        refused: request.refused,
        after,
        limit: request.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50),
    };
    let found = state.app.search_log(&caller, asked).await?;
    Ok(HttpResponse::Ok().json(page_of(&found, &caller.set_up.units)))
}

/// In which form an extract is wanted.
enum Form {
    Json,
    Text,
    Page,
}

fn form(request: &HttpRequest) -> Form {
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    match accepted {
        Some(it) if it.contains("text/html") => Form::Page,
        Some(it) if it.contains("text/plain") => Form::Text,
        Some(_) | None => Form::Json,
    }
}

/// Give a person the extract of who has read what is about them.
///
/// When, from which unit, in which role, and what was done (PDL 8 kap. 5 §), in Swedish that anyone
/// understands; names of staff only where the tenant has chosen so. `Accept: text/plain` gives it as text,
/// `text/html` as a page to print. What was refused is not in it, since nothing was read; nor are others whom
/// the same request showed. That it was made is logged. For logggranskare (`auditor`), dataskyddsombud, and
/// MAS, MAR and SAS for their law.
#[utoipa::path(
    tag = "access-log",
    request_body = LogExtractRequest,
    responses(
        (status = 200, description = "The extract", content(
            (LogExtractView = "application/json"), (String = "text/plain"), (String = "text/html"),
        )),
        (status = "4XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not made", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/access-log/extract")]
pub async fn extract_access_log(
    state: Data<ApiState>,
    mut caller: CalledBy,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::GiveLogExtract)?;
    let body = body.read(&state, &mut caller).await?;
    let given: LogExtractRequest = body.parse_desk(&state, &caller)?;
    period(given.from, given.to)?;
    let asked = ExtractAsked {
        person: person(&caller, &given.subject)?,
        from: given.from,
        to: given.to,
        reason: given.reason,
    };
    let made = state.app.log_extract(&caller, asked).await?;
    let heading = log_extract::Heading {
        tenant: &made.tenant,
        made_at: made.made_at,
        from: made.from,
        to: made.to,
        laws: &made.laws,
    };
    let mut response = HttpResponse::Ok();
    Ok(match form(&request) {
        Form::Json => response.json(LogExtractView {
            tenant: made.tenant.clone(),
            made_at: made.made_at,
            from: made.from,
            to: made.to,
            laws: made.laws.iter().copied().map(Into::into).collect(),
            lines: made.lines.iter().map(Into::into).collect(),
        }),
        Form::Text => response
            .content_type("text/plain; charset=utf-8")
            .body(log_extract::text(&heading, &made.lines)),
        Form::Page => response
            .insert_header((
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ))
            .content_type("text/html; charset=utf-8")
            .body(log_extract::page(&heading, &made.lines)),
    })
}
