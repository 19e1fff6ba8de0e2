//! `/escalations`, and those beside a case.

pub mod command;

use actix_web::http::header::{ACCEPT, ETAG, LINK};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::escalations::{
    EscalationPage, EscalationQuery, NewEscalation, NewRiskperson, OpenedEscalation,
    ScreeningAsked, Told,
};
use app::{Answer, Caller};
use domain::escalation::{Kind, Status};
use domain::fault::{Fault, Reason};
use domain::ids::{EscalationId, StaffId};
use domain::policy::{Access, Act, Sight};
use jiff::Timestamp;
use wire::case::{ChangeView, HistoryEntryView, HistoryView};
use wire::escalation::{
    DossierView, EscalationRequest, EscalationView, EscalationsView, RiskpersonRequest,
    ScreeningResultView, ScreeningsRequest, ScreeningsView, Shown,
};
use wire::fault::FaultView;
use wire::many::ActionResult;
use wire::page::Page;
use wire::{Language, Problem};

use crate::cases::list::form_pairs;
use crate::extract::{Body, CalledBy, Conditions, Spoken, etag};
use crate::problem::ApiError;
use crate::setup::{id, next_link, send, wrong};
use crate::state::ApiState;

/// Items of a page, unless asked otherwise, and at most.
const PAGE: (usize, usize) = (50, 500);

fn view(opened: &OpenedEscalation, caller: &Caller) -> EscalationView {
    let number = opened.case.as_ref().map(|case| case.number.to_string());
    let shown = match opened.sight {
        Sight::State => Shown::State,
        Sight::Facts => Shown::Facts,
        Sight::Whole => Shown::Whole(opened.person.as_deref()),
    };
    let units = &caller.set_up.units;
    EscalationView::new(&opened.escalation, number, &opened.commands, shown, units)
}

fn answer(opened: &OpenedEscalation, caller: &Caller, status: u16) -> Answer {
    let escalation = &opened.escalation;
    Answer {
        status,
        // Whoever reported, and may not read it, follows it under `/me/cases`.
        location: (status == 201 && opened.access != Access::Own)
            .then(|| format!("/api/v1/escalations/{}", escalation.id)),
        etag: Some(etag(escalation.version)),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(&view(opened, caller)).unwrap_or_default(),
    }
}

/// List the escalations beside a case.
///
/// As far as one sees them: whoever handles the case sees that they are there and where they stand. A
/// riskperson is never among them.
#[utoipa::path(
    tag = "escalations",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The escalations", body = EscalationsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/escalations")]
pub async fn list_beside_case(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let case = domain::ids::CaseId(id(&path)?);
    let found = state.app.escalations_of(&caller, case).await?;
    let items = found.iter().map(|opened| view(opened, &caller)).collect();
    Ok(HttpResponse::Ok().json(EscalationsView { items }))
}

/// Raise lex Maria or lex Sarah beside a case.
///
/// A flag asks that MAS, MAR or SAS screen it; a report under lex Sarah (`report`: one's own, also by
/// whoever filed the case; `oral`: told by mouth) goes straight to whoever receives it. One of each kind is
/// open at a time; a report of what is open already is added to it, and makes a flag reported. Nothing is
/// raised beside a draft or a void case.
#[utoipa::path(
    tag = "escalations",
    request_body = EscalationRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Raised, or reported; no `Location` for whoever may not read it", body = EscalationView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not raised", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not raised", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/escalations")]
pub async fn raise_beside_case(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let case = domain::ids::CaseId(id(&path)?);
    let opened = state.app.open(&caller, case, Act::Read).await?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        state.app.keep_access(&caller, "escalation.replay", &opened).await?;
        return Ok(send(kept));
    }
    let request: EscalationRequest = body.parse_desk(&state, &caller)?;
    let report = match (request.report, request.oral) {
        (false, None) => None,
        (true, None) => Some(Told::Own),
        (false, Some(oral)) => Some(Told::Oral { from: oral.from, at: oral.at }),
        (true, Some(_)) => {
            let reason = Reason::inconsistent("report_or_oral");
            return Err(ApiError::Invalid(vec![Fault::at("", reason)]));
        }
    };
    let text = request.reason.unwrap_or_default();
    let new = NewEscalation { kind: request.kind.into(), text, report };
    let render = |opened: &OpenedEscalation| answer(opened, &caller, 201);
    Ok(send(state.app.raise_escalation(&caller, &opened, new, once, render).await?))
}

/// The query of a list, every fault named.
fn query(caller: &Caller, text: &str) -> Result<EscalationQuery, ApiError> {
    let mut query = EscalationQuery { limit: PAGE.0, ..EscalationQuery::default() };
    let (mut faults, mut open) = (Vec::new(), None);
    let units = &caller.set_up.units;
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
            "kind" => {
                let kinds: Result<Vec<Kind>, ()> = value.split(',').map(str::parse).collect();
                let known = Kind::ALL.map(Kind::code).join(" | ");
                kinds.map(|kinds| query.kinds = kinds).map_err(|()| wrong(&known))
            }
            "status" => {
                let found: Result<Vec<Status>, ()> = value.split(',').map(str::parse).collect();
                let known = Status::ALL.map(Status::code).join(" | ");
                found.map(|found| query.statuses = found).map_err(|()| wrong(&known))
            }
            "open" => match value.parse::<bool>() {
                Ok(given) => {
                    open = Some(given);
                    Ok(())
                }
                Err(_) => Err(wrong("true | false")),
            },
            "unit" => match units.find(&value) {
                Some(unit) => {
                    let below = units.with_descendants(unit.id);
                    query.units.get_or_insert_default().extend(below);
                    Ok(())
                }
                None => Err(Reason::UnknownUnit { given: value }),
            },
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if let Some(open) = open {
        let named = query.statuses.clone();
        let wanted =
            |status: &Status| status.open() == open && (named.is_empty() || named.contains(status));
        query.statuses = Status::ALL.into_iter().filter(wanted).collect();
        if query.statuses.is_empty() {
            faults.push(Fault::at("status", Reason::inconsistent("never_both")));
        }
    }
    if faults.is_empty() { Ok(query) } else { Err(ApiError::Invalid(faults)) }
}

/// The place behind a cursor.
fn place(cursor: &str) -> Option<(Timestamp, EscalationId)> {
    let (at, id) = cursor.split_once('_')?;
    Some((Timestamp::from_microsecond(at.parse().ok()?).ok()?, id.parse().ok()?))
}

/// List escalations.
///
/// Those one sees by role or by the register of delegations, newest first; a riskperson only for those
/// it was opened to. Where each stands, and no text.
#[utoipa::path(
    tag = "escalations",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("kind" = Option<String>, Query, description = "`lex_maria`, `lex_sarah`, `riskperson`, by comma"),
        ("status" = Option<String>, Query, description = "Statuses, by comma"),
        ("open" = Option<bool>, Query, description = "Only those in which something is to be done, or only those that have ended"),
        ("unit" = Option<String>, Query, description = "A unit by id or code, with those below"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<EscalationView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/escalations")]
pub async fn list_escalations(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let query = query(&caller, request.query_string())?;
    let EscalationPage { items, next } = state.app.list_escalations(&caller, query).await?;
    let units = &caller.set_up.units;
    let items: Vec<EscalationView> = items
        .into_iter()
        .map(|(it, number)| EscalationView::new(&it, number, &[], Shown::State, units))
        .collect();
    let next_cursor = next.map(|(at, id)| format!("{}_{id}", at.as_microsecond()));
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(&request, next)) {
        response.insert_header((LINK, link));
    }
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}

/// Raise a riskperson (PSL 3 kap. 7 §).
///
/// A matter of its own, beside no case: it exists for nobody but those named by name.
#[utoipa::path(
    tag = "escalations",
    request_body = RiskpersonRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Raised", body = EscalationView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not raised", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not raised", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations")]
pub async fn raise_riskperson(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.app.may_raise_riskperson(&caller, None)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        // From whom it was closed meanwhile, it is not shown again either.
        if let Some(raised) = kept.made() {
            let opened = state.app.open_escalation(&caller, EscalationId(id(raised)?)).await?;
            state.app.keep_escalation_access(&caller, "escalation.replay", &opened).await?;
        }
        return Ok(send(kept));
    }
    // Who it is goes sealed, and is the place for a personal identity number.
    let request: RiskpersonRequest = body.parse_beside(&state, &caller, &["person"])?;
    let fault = |field: &str, reason| ApiError::Invalid(vec![Fault::at(field, reason)]);
    if Kind::from(request.kind) != Kind::Riskperson {
        return Err(fault("/kind", Reason::inconsistent("only_riskperson_here")));
    }
    let unit = caller.set_up.units.find(&request.unit).map(|unit| unit.id);
    let given = || Reason::UnknownUnit { given: request.unit.clone() };
    let unit = unit.ok_or_else(|| fault("/unit", given()))?;
    let new = NewRiskperson {
        unit,
        person: request.person,
        text: request.reason,
        readers: request.readers.into_iter().map(StaffId).collect(),
    };
    let render = |opened: &OpenedEscalation| answer(opened, &caller, 201);
    Ok(send(state.app.raise_riskperson(&caller, new, once, render).await?))
}

/// Read an escalation.
///
/// As far as one sees it: where it stands; for whom it criticises, what was reported and what protects
/// the person; or all of it. Leaves an access entry before the answer leaves.
#[utoipa::path(
    tag = "escalations",
    params(("id" = Uuid, Path, description = "The escalation's id")),
    responses(
        (status = 200, description = "The escalation", body = EscalationView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/escalations/{id}")]
pub async fn read_escalation(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let opened = state.app.read_escalation(&caller, EscalationId(id(&path)?)).await?;
    Ok(send(answer(&opened, &caller, 200)))
}

/// Read an escalation's history.
///
/// Who did what when, oldest first; what was said only for those who see all of it.
#[utoipa::path(
    tag = "escalations",
    params(("id" = Uuid, Path, description = "The escalation's id")),
    responses(
        (status = 200, description = "The history", body = HistoryView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/escalations/{id}/history")]
pub async fn read_escalation_history(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let history = state.app.escalation_history(&caller, EscalationId(id(&path)?)).await?;
    let items = history
        .into_iter()
        .map(|entry| HistoryEntryView {
            version: entry.version,
            at: entry.at,
            by: entry.by.map(|staff| staff.0),
            command: entry.command,
            from: entry.from,
            to: entry.to,
            changes: entry
                .changes
                .into_iter()
                .map(|it| ChangeView { field: it.field, old: it.old, new: it.new })
                .collect(),
            reason: entry.reason,
        })
        .collect();
    Ok(HttpResponse::Ok().json(HistoryView { items }))
}

/// Read the dossier for IVO.
///
/// Everything the notification asks for, filled from the case, with what is missing; who it is about
/// only for those who may read that. `Accept: text/html` or `format=html` gives a page to print.
#[utoipa::path(
    tag = "escalations",
    params(
        ("id" = Uuid, Path, description = "The escalation's id"),
        ("format" = Option<String>, Query, description = "`json` (default) or `html`"),
    ),
    responses(
        (status = 200, description = "The dossier", body = DossierView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/escalations/{id}/dossier")]
pub async fn read_dossier(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let mut format = None;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match (name.as_str(), value.as_str()) {
            ("format", "html" | "json") => format = Some(value == "html"),
            ("format", _) => return Err(fault(wrong("html | json"))),
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let html = format.unwrap_or_else(|| accepted.is_some_and(|it| it.contains("text/html")));
    let shown = state.app.escalation_dossier(&caller, EscalationId(id(&path)?)).await?;
    let tag = (ETAG, etag(shown.escalation.version));
    if html {
        let number = shown.number.as_deref();
        let page = report::dossier::html(&shown.escalation, number, &shown.dossier);
        return Ok(HttpResponse::Ok()
            .insert_header(tag)
            .insert_header((
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'",
            ))
            .content_type("text/html; charset=utf-8")
            .body(page));
    }
    let english = language == Language::En;
    let view = DossierView::new(&shown.escalation, shown.number, &shown.dossier, english);
    Ok(HttpResponse::Ok().insert_header(tag).json(view))
}

/// Screen many flags at once.
///
/// Each on the version that was read and guarded by itself; what was refused is named, the rest is done
/// together.
#[utoipa::path(
    tag = "escalations",
    request_body = ScreeningsRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 200, description = "What became of each", body = ScreeningsView),
        (status = "4XX", description = "Nothing done", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Nothing done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/escalations/screenings")]
pub async fn screen_many(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::Screen)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: ScreeningsRequest = body.parse_desk(&state, &caller)?;
    let mut asked: Vec<ScreeningAsked> = Vec::new();
    for (at, one) in request.items.into_iter().enumerate() {
        let id = EscalationId(one.id);
        if asked.iter().any(|known| known.id == id) {
            let field = format!("/items/{at}/id");
            return Err(ApiError::Invalid(vec![Fault::at(field, Reason::NotUnique)]));
        }
        let version = one.version;
        asked.push(ScreeningAsked { id, version, screen: one.screen() });
    }
    let request_id = caller.request;
    let render = |each: Vec<app::escalations::OfScreening>| {
        let told = |one: app::escalations::OfScreening| {
            let (mut view, refused) = match one.result {
                Ok((version, status)) => (result(one.id, Some((version, status))), None),
                Err(error) => (result(one.id, None), Some(ApiError::App(error))),
            };
            if let Some(refused) = refused {
                let problem = refused.problem(language, request_id);
                view.code = Some(problem.code);
                view.title = Some(problem.title);
                view.errors = match &refused {
                    ApiError::App(app::Error::Faults(faults)) => FaultView::all(faults, language),
                    _ => Vec::new(),
                };
            }
            view
        };
        let items: Vec<ScreeningResultView> = each.into_iter().map(told).collect();
        let done = items.iter().filter(|it| it.result == ActionResult::Done).count();
        let view = ScreeningsView { done, refused: items.len() - done, items };
        let body = serde_json::to_vec(&view).unwrap_or_default();
        Answer { status: 200, location: None, etag: None, body }
    };
    Ok(send(state.app.screen_each(&caller, &asked, once, render).await?))
}

fn result(id: EscalationId, done: Option<(i64, Status)>) -> ScreeningResultView {
    ScreeningResultView {
        id: id.0,
        result: if done.is_some() { ActionResult::Done } else { ActionResult::Refused },
        version: done.map(|(version, _)| version),
        status: done.map(|(_, status)| status.into()),
        code: None,
        title: None,
        errors: Vec::new(),
    }
}
