//! Half-yearly reviews as their readers see them.

use std::collections::BTreeSet;

use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::reviews::{ReviewQuery, tag};
use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::review::{Review, State, Status};
use wire::Problem;
use wire::case::ChangeView;
use wire::learning::CaseNumberView;
use wire::page::Page;
use wire::reviews::{
    ImprovementView, PersonAgainView, PersonsAgainView, ReviewHistoryEntryView, ReviewHistoryView,
    ReviewLineView, ReviewPageView,
};

use super::sheet::{Form, of_review};
use super::{review_id, view};
use crate::cases::list::form_pairs;
use crate::extract::{CalledBy, etag};
use crate::problem::ApiError;
use crate::setup::{page, paging, wrong};
use crate::state::ApiState;

fn flag(value: &str) -> Result<bool, Reason> {
    value.parse().map_err(|_| wrong("true | false"))
}

/// List half-yearly reviews.
///
/// Those of a year at the units one may review or answers for: which are signed, which are not, and which
/// are late. One is made of each unit where care is given, or of small units together, when a half of the
/// year has ended. Neither analysis nor decisions are in the list. `due_on` is the tenant's own target.
#[utoipa::path(
    tag = "reviews",
    params(
        ("year" = Option<i16>, Query, description = "The year; that of the last half that has ended unless given"),
        ("half" = Option<String>, Query, description = "A half, such as `2026-H1`"),
        ("unit" = Option<String>, Query, description = "A unit by id or code, with all below it"),
        ("status" = Option<String>, Query, description = "By comma: `open`, `written`, `signed`"),
        ("missing" = Option<bool>, Query, description = "Only those that are not signed"),
        ("overdue" = Option<bool>, Query, description = "Only those whose day has passed"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<ReviewLineView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reviews")]
pub async fn list_reviews(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let units = &caller.set_up.units;
    let mut query = ReviewQuery::default();
    let paging = paging(&request, |name, value| {
        match name {
            "year" => {
                let year = value.parse().ok().filter(|year| (1900..=9998).contains(year));
                query.year = Some(year.ok_or_else(|| wrong("a year"))?);
            }
            "half" => query.half = Some(value.parse().map_err(|()| wrong("YYYY-H1 | YYYY-H2"))?),
            "unit" => {
                let given = || Reason::UnknownUnit { given: value.to_owned() };
                let unit = units.find(value).ok_or_else(given)?;
                let below = units.with_descendants(unit.id);
                query.units.get_or_insert_with(BTreeSet::new).extend(below);
            }
            "status" => {
                for code in value.split(',') {
                    let known = Status::ALL.map(Status::code).join(" | ");
                    query.statuses.push(code.parse().map_err(|()| wrong(&known))?);
                }
            }
            "missing" => query.missing = flag(value)?,
            "overdue" => query.overdue = flag(value)?,
            _ => return Err(Reason::UnknownField),
        }
        Ok(())
    })?;
    let found = state.app.reviews(&caller, query).await?;
    let today = swedish_date(caller.now);
    let key = |review: &Review| format!("{}{}{}", review.half, review.due_on, review.id);
    let line = |review: &Review| ReviewLineView::new(review, units, today);
    Ok(page(&request, &paging, &found, key, line))
}

/// Read a half-yearly review with its figures.
///
/// Tables of the half beside earlier ones: how many by category, law and severity; what is open, late and
/// untouched, by step; causes, places and persons that come again, persons as a number; measures and whether
/// they helped. Until the review is signed the figures are those of now; a signature keeps those it was given
/// for. The `ETag` names the version and, until it is signed, the figures that were shown: `sign` asks for it, the
/// other commands for the version in it. No text of a case and no person is among them.
#[utoipa::path(
    tag = "reviews",
    params(
        ("id" = Uuid, Path, description = "The review's id"),
        ("format" = Option<String>, Query, description = "`json` (default), or `html`: a page to read together, with control charts; as a header Accept of text/html asks for, too"),
    ),
    responses(
        (status = 200, description = "The review", content((ReviewPageView = "application/json"), (String = "text/html")), headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reviews/{id}")]
pub async fn read_review(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut form = Form::accepted(&request);
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "format" => form = Form::parse(&value).map_err(fault)?,
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let found = state.app.read_review(&caller, review_id(&path)?).await?;
    let today = swedish_date(caller.now);
    let review = &found.shown.review;
    let earlier = found.earlier.iter();
    let body = ReviewPageView {
        review: view(&found.shown, &caller),
        figures: (&found.page).into(),
        frozen: match &review.state {
            State::Signed { .. } => true,
            State::Open | State::Written { .. } => false,
        },
        earlier: earlier.map(|(half, it)| ImprovementView::new(*half, it, today)).collect(),
    };
    // A signature is for the figures that were shown: until it is signed the tag says which they were.
    let etag = match body.frozen {
        true => etag(review.version),
        false => format!("\"{}-{}\"", review.version, tag(&found.page)?),
    };
    match form {
        Form::Json => Ok(HttpResponse::Ok().insert_header((ETAG, etag)).json(body)),
        Form::Page => {
            let units = review.subject.units.iter().copied().collect();
            let signals = state.app.page_signals(&caller, review.half.year(), units).await?;
            let all = review.improvements.iter().chain(found.earlier.iter().map(|(_, it)| it));
            let names = state.app.owner_names(&caller, all).await?;
            Ok(of_review(&caller, &found, &signals, &names, etag))
        }
    }
}

/// Read a half-yearly review's history.
///
/// Who did what when, oldest first.
#[utoipa::path(
    tag = "reviews",
    params(("id" = Uuid, Path, description = "The review's id")),
    responses(
        (status = 200, description = "The history", body = ReviewHistoryView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reviews/{id}/history")]
pub async fn read_review_history(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let history = state.app.review_history(&caller, review_id(&path)?).await?;
    let items = history
        .into_iter()
        .map(|entry| ReviewHistoryEntryView {
            version: entry.version,
            at: entry.at,
            by: entry.by.map(|staff| staff.0),
            command: entry.command,
            from: entry.from.map(Into::into),
            to: entry.to.into(),
            changes: entry
                .changes
                .into_iter()
                .map(|it| ChangeView { field: it.field, old: it.old, new: it.new })
                .collect(),
            reason: entry.reason,
        })
        .collect();
    Ok(HttpResponse::Ok().json(ReviewHistoryView { items }))
}

/// Read which cases are of persons who come again.
///
/// Their numbers, by person, for who may read whom these cases are about; to everybody else the review tells
/// how many there are. Who a person is stands in none of it. Leaves an access entry before the answer leaves.
#[utoipa::path(
    tag = "reviews",
    params(("id" = Uuid, Path, description = "The review's id")),
    responses(
        (status = 200, description = "The cases", body = PersonsAgainView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reviews/{id}/persons")]
pub async fn read_review_persons(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.persons_again(&caller, review_id(&path)?).await?;
    let person = |cases: &Vec<domain::case::Case>| PersonAgainView {
        cases: cases
            .iter()
            .map(|case| CaseNumberView { id: case.id.0, number: case.number.to_string() })
            .collect(),
    };
    let items = found.persons.iter().map(person).collect();
    Ok(HttpResponse::Ok().json(PersonsAgainView { items }))
}
