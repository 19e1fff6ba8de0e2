//! `/reports/yearly/{year}`: freezing, checking, establishing; the nämnd; what was frozen.

use actix_web::http::header::{CONTENT_TYPE, ETAG};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::Caller;
use app::reports::{BoardCommand, Establishing, FrozenHead};
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use domain::yearly::state::{BoardStatus, Meeting, Report};
use serde::Serialize;
use wire::command::{EmptyRequest, ReasonRequest};
use wire::fault::FaultView;
use wire::reports::{
    EstablishRequest, ReportBoardRequest, ReportChangesView, ReportDraftView, ReportStateView,
    ReportVersionView, ReportVersionsView, ReportsView, VersionParts, YearlyView,
};
use wire::{Language, Problem};

use super::{number, year};
use crate::cases::list::form_pairs;
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::setup::wrong;
use crate::state::ApiState;

pub(super) fn parts(head: &FrozenHead) -> VersionParts {
    VersionParts {
        state: head.status(),
        sha256: head.sha256.clone(),
        lock: head.lock.clone(),
        read_at: head.read_at,
        as_of: head.as_of,
        definitions: head.definitions,
        checked: head.checked.clone(),
        established: head.established.clone(),
    }
}

fn version_view(head: &FrozenHead) -> ReportVersionView {
    ReportVersionView::new(head.year, &parts(head))
}

/// The tag of a report: where it stands, and behind the `-` how often its words were changed. Freezing asks for
/// both, other commands for the first alone.
fn tag(report: &Report) -> String {
    format!("\"{}-{}\"", report.version, report.edits)
}

fn tagged(view: &impl Serialize, report: &Report) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, tag(report))).json(view)
}

fn answer(report: &Report) -> HttpResponse {
    tagged(&ReportStateView::from(report), report)
}

/// The report with what the public version leaves out, since nobody has confirmed that these words may go out.
async fn answer_with_warnings(
    state: &ApiState,
    caller: &CalledBy,
    report: &Report,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    let unconfirmed = state.app.report_unconfirmed(caller, report.year).await?;
    let mut view = ReportStateView::from(report);
    view.warnings = FaultView::all(&unconfirmed, language);
    Ok(tagged(&view, report))
}

/// Frozen bytes, exactly, whose tag is their hash.
pub(super) fn exactly(content: String, sha256: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((ETAG, format!("\"{sha256}\"")))
        .body(content)
}

/// List the reports of years.
///
/// Every year that was begun, the newest first. Those who write reports or may establish them see all of them,
/// others who answer for the tenant those that were established, and the nämnd what was submitted to it.
#[utoipa::path(
    tag = "reports",
    responses(
        (status = 200, description = "The years", body = ReportsView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly")]
pub async fn list_reports(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.reports(&caller).await?;
    let items = found.iter().map(ReportStateView::from).collect();
    Ok(HttpResponse::Ok().json(ReportsView { items }))
}

/// Read the draft of a report.
///
/// Where it stands, and everything that people have written in it: texts, paragraphs of units, goals that
/// were carried from last year, decisions of the nämnd; and what keeps it from being frozen. Without figures.
/// Its ETag is that of the report, which `lock` and the like ask for: it changes with every word. For MAS, MAR,
/// SAS and the director.
#[utoipa::path(
    tag = "reports",
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "The draft", body = ReportDraftView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/draft")]
pub async fn read_report_draft(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let year = year(&path, &caller)?;
    let (report, draft) = state.app.report_draft(&caller, year).await?;
    let missing = draft.unanswered(year);
    let units = &caller.set_up.units;
    let view = ReportDraftView::new(&report, &draft, &missing, units, language);
    Ok(tagged(&view, &report))
}

/// Opens the report for whoever may do `act`, in the version that was read.
async fn opened(
    state: &ApiState,
    caller: &Caller,
    path: &str,
    act: Act,
    conditions: &Conditions,
) -> Result<Report, ApiError> {
    caller.may(act)?;
    let report = state.app.report(caller, year(path, caller)?, act).await?;
    conditions.matches_shown(report.version)?;
    Ok(report)
}

/// Freeze a report.
///
/// Its figures are counted now, and kept with its words as the next version, with the last day that is known,
/// the definitions and a SHA-256 over its canonical JSON (RFC 8785). Every goal and every decision of the nämnd
/// that was carried from last year must be answered first, if only with why nobody knows. May be done again
/// wherever the report stands, such as when a case has changed since: the version before stays as it was.
#[utoipa::path(
    tag = "reports",
    request_body = EmptyRequest,
    params(
        ("year" = String, Path, description = "The year, which has ended"),
        ("If-Match" = String, Header, description = "The ETag of the report's draft"),
    ),
    responses(
        (status = 200, description = "Frozen", body = ReportStateView, headers(("ETag" = String))),
        (status = "4XX", description = "Not frozen", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not frozen", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/lock")]
pub async fn lock_report(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let report = opened(&state, &caller, &path, Act::LockReport, &conditions).await?;
    // Nobody freezes words that they have not seen.
    conditions.matches_tag(&tag(&report))?;
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let (report, _) = state.app.lock_report(&caller, report).await?;
    Ok(answer(&report))
}

/// Say that a frozen report is checked.
///
/// By MAS, MAR or SAS. `warnings` names the words that nobody has confirmed for publication.
#[utoipa::path(
    tag = "reports",
    request_body = EmptyRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("If-Match" = String, Header, description = "The ETag of the report's draft"),
    ),
    responses(
        (status = 200, description = "Checked", body = ReportStateView, headers(("ETag" = String))),
        (status = "4XX", description = "Not checked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not checked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/check")]
pub async fn check_report(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let report = opened(&state, &caller, &path, Act::CheckReport, &conditions).await?;
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let report = state.app.check_report(&caller, report).await?;
    answer_with_warnings(&state, &caller, &report, language).await
}

/// Establish a report.
///
/// For the vårdgivare, noted by the director; or as a delegate, whom the register of delegations gives
/// `yearly_report` on that day. The clock of 1 March stops on the day given, and the report is public, without the
/// words that `warnings` names: those that nobody has confirmed for publication.
#[utoipa::path(
    tag = "reports",
    request_body = EstablishRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("If-Match" = String, Header, description = "The ETag of the report's draft"),
    ),
    responses(
        (status = 200, description = "Established", body = ReportStateView, headers(("ETag" = String))),
        (status = "4XX", description = "Not established", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not established", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/establish")]
pub async fn establish_report(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let report = state.app.report_to_establish(&caller, year(&path, &caller)?).await?;
    conditions.matches_shown(report.version)?;
    let body = body.read(&state, &mut caller).await?;
    let request: EstablishRequest = body.parse_desk(&state, &caller)?;
    let (on, capacity) = (request.on, request.capacity.into());
    let it = Establishing { on, capacity, reference: request.reference };
    let report = state.app.establish_report(&caller, report, it).await?;
    answer_with_warnings(&state, &caller, &report, language).await
}

/// Open a frozen report again.
///
/// So that its words may be changed. What was frozen stays, and what was established stays established.
#[utoipa::path(
    tag = "reports",
    request_body = ReasonRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("If-Match" = String, Header, description = "The ETag of the report's draft"),
    ),
    responses(
        (status = 200, description = "Open", body = ReportStateView, headers(("ETag" = String))),
        (status = "4XX", description = "Not opened", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not opened", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/reopen")]
pub async fn reopen_report(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let report = opened(&state, &caller, &path, Act::LockReport, &conditions).await?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReasonRequest = body.parse_desk(&state, &caller)?;
    Ok(answer(&state.app.reopen_report(&caller, report, &request.reason).await?))
}

/// Note what the nämnd has done with a report.
///
/// It was submitted to it once it was checked; then it approved it or noted it, by a paragraph. What else it
/// decided stands on the first page of next year's report, with whether it happened.
#[utoipa::path(
    tag = "reports",
    request_body = ReportBoardRequest,
    params(
        ("year" = String, Path, description = "The year"),
        ("If-Match" = String, Header, description = "The ETag of the report's draft"),
    ),
    responses(
        (status = 200, description = "Noted", body = ReportStateView, headers(("ETag" = String))),
        (status = "4XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/board")]
pub async fn note_board(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let report = opened(&state, &caller, &path, Act::NoteBoard, &conditions).await?;
    let body = body.read(&state, &mut caller).await?;
    let request: ReportBoardRequest = body.parse_desk(&state, &caller)?;
    let (on, said) = (request.on, request.paragraph.is_some() || !request.decided.is_empty());
    let paragraph = request.paragraph.unwrap_or_default();
    let meeting = Meeting { on, paragraph, decided: request.decided };
    let command = match BoardStatus::from(request.state) {
        BoardStatus::Submitted if said => {
            let reason = Reason::inconsistent("board_has_not_met");
            return Err(ApiError::Invalid(vec![Fault::at("/paragraph", reason)]));
        }
        BoardStatus::Submitted => BoardCommand::Submit { on },
        BoardStatus::Approved => BoardCommand::Approve(meeting),
        BoardStatus::Noted => BoardCommand::Note(meeting),
        BoardStatus::None => {
            let expected = wrong("submitted | approved | noted");
            return Err(ApiError::Invalid(vec![Fault::at("/state", expected)]));
        }
    };
    Ok(answer(&state.app.note_board(&caller, report, command).await?))
}

/// List the frozen versions of a report.
///
/// The newest first. Those who write reports or may establish them see all of them, others who answer for the
/// tenant those that were established, and the nämnd what was submitted to it. The `ETag` is that of where
/// the report stands, for `establish`.
#[utoipa::path(
    tag = "reports",
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "The versions", body = ReportVersionsView, headers(("ETag" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/versions")]
pub async fn list_report_versions(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (report, found) = state.app.report_versions(&caller, year(&path, &caller)?).await?;
    let items = found.iter().map(version_view).collect();
    Ok(tagged(&ReportVersionsView { items }, &report))
}

/// Read a frozen version, byte by byte.
///
/// The canonical JSON of the report as it was frozen: its SHA-256 is the version's, and the ETag. It is the
/// same bytes whenever it is asked for.
#[utoipa::path(
    tag = "reports",
    params(
        ("year" = String, Path, description = "The year"),
        ("version" = String, Path, description = "The number of the version"),
    ),
    responses(
        (status = 200, description = "The report", body = YearlyView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/versions/{version}")]
pub async fn read_report_version(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (of, version) = path.into_inner();
    let year = year(&of, &caller)?;
    let found = state.app.report_version(&caller, year, Some(number(&version)?)).await?;
    Ok(exactly(found.content, &found.head.sha256))
}

/// Read what a frozen version says otherwise than the one before it.
///
/// Every cell that differs, by table, row and column, with both values; and the sections whose words differ.
#[utoipa::path(
    tag = "reports",
    params(
        ("year" = String, Path, description = "The year"),
        ("version" = String, Path, description = "The number of the version"),
        ("against" = Option<u32>, Query, description = "Another version to compare with; the one before unless given"),
    ),
    responses(
        (status = 200, description = "What differs", body = ReportChangesView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/yearly/{year}/versions/{version}/changes")]
pub async fn read_report_changes(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (of, version) = path.into_inner();
    let (year, version) = (year(&of, &caller)?, number(&version)?);
    // Existence and access come before what was asked of it.
    state.app.report_version(&caller, year, Some(version)).await?;
    let mut against = None;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "against" => {
                let given = value.parse().ok().filter(|given: &u32| *given > 0);
                against = Some(given.ok_or_else(|| fault(wrong("the number of a version")))?);
            }
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let found = state.app.report_changes(&caller, year, version, against).await?;
    Ok(HttpResponse::Ok().json(ReportChangesView::new(year, version, found.as_ref())))
}
