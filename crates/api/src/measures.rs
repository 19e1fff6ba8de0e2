//! Measures across cases: `/measures`, `/cases/{id}/similar`, `/meetings`.

use std::collections::BTreeSet;

use actix_web::http::header::LINK;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::Caller;
use app::cases::MeasureQuery;
use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, MeasureId, UnitId};
use jiff::civil::Date;
use uuid::Uuid;
use wire::Problem;
use wire::case::UnitRef;
use wire::learning::{CardHeadView, CaseNumberView, MeetingView, MeetingsView};
use wire::measures::{
    CaseAtView, MeasureLineView, SimilarCaseView, SimilarView, TakenCountView, TakenView,
};
use wire::page::Page;

use crate::cases::list::{encode, form_pairs};
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Items of a page, unless asked otherwise, and at most.
const PAGE: (usize, usize) = (50, 500);

/// How far back meetings are listed, unless asked otherwise.
const A_YEAR: i64 = 365;

fn wrong(expected: &str) -> Reason {
    Reason::WrongType { expected: expected.to_owned() }
}

/// Units by comma, each with those below.
fn units(caller: &Caller, value: &str) -> Result<BTreeSet<UnitId>, Reason> {
    let tree = &caller.set_up.units;
    let mut found = BTreeSet::new();
    for given in value.split(',') {
        let unit = tree.find(given);
        let unit = unit.ok_or_else(|| Reason::UnknownUnit { given: given.to_owned() })?;
        found.extend(tree.with_descendants(unit.id));
    }
    Ok(found)
}

/// The query of a list, every fault named.
fn query(caller: &Caller, text: &str) -> Result<MeasureQuery, ApiError> {
    let mut query = MeasureQuery { limit: PAGE.0, ..MeasureQuery::default() };
    let mut faults = Vec::new();
    for (name, value) in form_pairs(text) {
        let read = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => {
                    query.limit = limit;
                    Ok(())
                }
                _ => Err(Reason::OutOfRange { min: 1, max: 500 }),
            },
            "cursor" => Uuid::parse_str(&value)
                .map(|id| query.after = Some(MeasureId(id)))
                .map_err(|_| wrong("next_cursor")),
            "unit" => units(caller, &value).map(|units| query.units = Some(units)),
            "status" => value
                .parse()
                .map(|status| query.status = Some(status))
                .map_err(|()| wrong("open | overdue | done")),
            "type" => {
                let known = |code: &str| caller.set_up.codes.get("measure_type", code).is_some();
                query.kinds = value.split(',').map(str::to_owned).collect();
                match query.kinds.iter().find(|code| !known(code)) {
                    Some(code) => Err(Reason::UnknownCode {
                        list: "measure_type".to_owned(),
                        given: code.clone(),
                    }),
                    None => Ok(()),
                }
            }
            "effect" => {
                let effects: Result<Vec<_>, ()> = value.split(',').map(str::parse).collect();
                effects
                    .map(|effects| query.effects = effects)
                    .map_err(|()| wrong("not_yet | yes | partly | no"))
            }
            "owner" => {
                query.owner = Some(value);
                Ok(())
            }
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if faults.is_empty() { Ok(query) } else { Err(ApiError::Invalid(faults)) }
}

/// List measures.
///
/// Of the cases one may read by what one holds, newest first: what is open, what is overdue, what
/// helped. A measure outlives its case: those of closed cases stand there too. Leaves an access entry
/// that names the cases shown.
#[utoipa::path(
    tag = "measures",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("unit" = Option<String>, Query, description = "Units of the cases by id or code, by comma, each with those below"),
        ("status" = Option<String>, Query, description = "`open`, `overdue` or `done`"),
        ("type" = Option<String>, Query, description = "Codes of the list `measure_type`, by comma"),
        ("effect" = Option<String>, Query, description = "Codes of the list `measure_effect`, by comma"),
        ("owner" = Option<String>, Query, description = "A part of who does it"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<MeasureLineView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/measures")]
pub async fn list_measures(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let query = query(&caller, request.query_string())?;
    let found = state.app.measures(&caller, query).await?;
    let (units, today) = (&caller.set_up.units, swedish_date(caller.now));
    let items = found
        .lines
        .iter()
        .map(|line| {
            let cases = line.cases.iter().map(|case| CaseAtView {
                id: case.id.0,
                number: case.number.clone(),
                unit: UnitRef::of(units, case.unit),
            });
            MeasureLineView::new(&line.measure, cases.collect(), today)
        })
        .collect();
    let next_cursor = found.next.map(|id| id.to_string());
    let mut response = HttpResponse::Ok();
    if let Some(next) = &next_cursor {
        let pairs = form_pairs(request.query_string());
        let rest: String = pairs
            .iter()
            .filter(|(name, _)| name != "cursor")
            .map(|(name, value)| format!("{}={}&", encode(name), encode(value)))
            .collect();
        let link = format!("<{}?{rest}cursor={next}>; rel=\"next\"", request.path());
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}

/// Read what was done in cases like this.
///
/// The last ten closed cases with measures, of the same kind and the same top category, at units of
/// the same area: what was done, and whether it helped. Cases one may not read are only counted.
/// Leaves an access entry.
#[utoipa::path(
    tag = "measures",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "What was done", body = SimilarView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/similar")]
pub async fn read_similar(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::parse_str(&path).map(CaseId).map_err(|_| ApiError::NoSuchPath)?;
    let like = state.app.similar(&caller, id).await?;
    let cases = like.readable.iter().map(|similar| SimilarCaseView {
        case: CaseNumberView { id: similar.case.id.0, number: similar.case.number.clone() },
        closed_on: swedish_date(similar.closed_at),
        outcome: similar.outcome.clone(),
        measures: similar.measures.iter().map(TakenView::from).collect(),
    });
    let cases = cases.collect();
    let count = |((kind, effect), count): ((String, &'static str), u32)| TakenCountView {
        kind,
        effect: effect.to_owned(),
        count,
    };
    Ok(HttpResponse::Ok().json(SimilarView {
        category: like.category,
        area: like.area,
        count: like.cases,
        cases,
        measures: like.counts.into_iter().map(count).collect(),
    }))
}

/// List what was told and discussed at which meeting.
///
/// Feedback with the audience `unit`, by unit and day, with the numbers of the cases one may read, and
/// the learning cards that were discussed. The last year unless given; no text.
#[utoipa::path(
    tag = "measures",
    params(
        ("unit" = Option<String>, Query, description = "Units by id or code, by comma, each with those below"),
        ("from" = Option<String>, Query, description = "First day"),
        ("to" = Option<String>, Query, description = "Last day"),
    ),
    responses(
        (status = 200, description = "The meetings", body = MeetingsView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/meetings")]
pub async fn list_meetings(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(domain::policy::Act::Read)?;
    let tree = &caller.set_up.units;
    let (mut at, mut from, mut to, mut faults) = (None, None, None, Vec::new());
    let day = |value: &str| value.parse::<Date>().map(Some).map_err(|_| wrong("date"));
    for (name, value) in form_pairs(request.query_string()) {
        let read = match name.as_str() {
            "unit" => units(&caller, &value).map(|units| at = Some(units)),
            "from" => day(&value).map(|day| from = day),
            "to" => day(&value).map(|day| to = day),
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let to = to.unwrap_or_else(|| swedish_date(caller.now));
    let from = from.unwrap_or_else(|| to.saturating_sub(jiff::Span::new().days(A_YEAR)));
    let at = at.unwrap_or_else(|| tree.iter().map(|unit| unit.id).collect());
    let found = state.app.meetings(&caller, at, (from, to)).await?;
    let items = found.into_iter().map(|(day, unit, meeting)| MeetingView {
        unit: UnitRef::of(tree, unit),
        meeting_on: day,
        cases: meeting
            .cases
            .into_iter()
            .map(|case| CaseNumberView { id: case.id.0, number: case.number })
            .collect(),
        learning_cards: meeting
            .cards
            .into_iter()
            .map(|(id, title)| CardHeadView { id: id.0, title })
            .collect(),
    });
    Ok(HttpResponse::Ok().json(MeetingsView { items: items.collect() }))
}
