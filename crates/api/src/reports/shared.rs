//! `/reports/partners`, `/reports/shared`: a private provider's report with the nämnd that buys its care.

use std::collections::BTreeMap;

use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use app::reports::{PartnerShown, SharedLine};
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use domain::statistics::dimension::LAST_YEAR;
use domain::yearly::shared::SharedReport;
use report::yearly::Stamp;
use wire::Problem;
use wire::command::EmptyRequest;
use wire::reports::{
    NoteSharedRequest, PartnerRequest, PartnerView, PartnersView, ReportsBesideView, ShareRequest,
    SharedReportView, SharedReportsView, SharedView, TableView, WithdrawShareRequest, YearlyView,
};

use super::format::Format;
use super::state::exactly;
use super::{year, year_until};
use crate::cases::list::form_pairs;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{shown, wrong};
use crate::state::ApiState;

fn view(it: &PartnerShown) -> PartnerView {
    PartnerView::new(&it.partner, it.agreed)
}

fn line(it: SharedLine, newest: &BTreeMap<(String, i16), u32>) -> SharedReportView {
    let last = newest.get(&(it.slug.clone(), it.year));
    let (noted_on, noted_paragraph) = it.noted.unzip();
    SharedReportView {
        provider: it.slug,
        name: it.name,
        year: it.year,
        report_version: it.report_version,
        sha256: it.sha256,
        locked_at: it.locked_at,
        established_on: it.established_on,
        shared_at: it.shared_at,
        noted_on,
        noted_paragraph,
        withdrawn_at: it.withdrawn.as_ref().map(|it| it.at),
        withdrawn_reason: it.withdrawn.map(|it| it.reason),
        superseded: last.is_some_and(|last| *last > it.report_version),
        version: it.version,
    }
}

/// The tag of a provider's report: which of its versions it is, and behind the `-` the state of that.
fn tag(it: &SharedReport) -> String {
    format!("\"{}-{}\"", it.report_version, it.version)
}

/// List those with whom reports are shared.
///
/// The other tenants of the installation about which we have given our word, and whether they have given
/// theirs.
#[utoipa::path(
    tag = "reports",
    responses(
        (status = 200, description = "The tenants", body = PartnersView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/partners")]
pub async fn list_partners(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.report_partners(&caller).await?;
    Ok(HttpResponse::Ok().json(PartnersView { items: found.iter().map(view).collect() }))
}

/// Agree that reports are shared with another tenant.
///
/// One end is the provider of care, the other the nämnd that buys it; it is an agreement once both have said
/// so. By an administrator or the director. `If-Match` is asked for once something was said.
#[utoipa::path(
    tag = "reports",
    request_body = PartnerRequest,
    params(
        ("tenant" = String, Path, description = "The other tenant's name in paths"),
        ("If-Match" = Option<String>, Header, description = "The version that was read, in quotes, once there is one"),
    ),
    responses(
        (status = 200, description = "Agreed to", body = PartnerView, headers(("ETag" = String))),
        (status = "4XX", description = "Not agreed to", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not agreed to", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/reports/partners/{tenant}")]
pub async fn agree_to_share(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.report_partner(&caller, &path).await?;
    match &before {
        Some(before) => conditions.matches(before.version)?,
        None => conditions.matches_if_given(0)?,
    }
    let body = body.read(&state, &mut caller).await?;
    let request: PartnerRequest = body.parse_desk(&state, &caller)?;
    let side = request.side.into();
    let found = state.app.agree_to_share(&caller, &path, before, side).await?;
    Ok(shown(&view(&found), found.partner.version))
}

/// End the sharing of reports with another tenant.
///
/// From then on nothing is shared; what was shared stays where it is.
#[utoipa::path(
    tag = "reports",
    request_body = EmptyRequest,
    params(
        ("tenant" = String, Path, description = "The other tenant's name in paths"),
        ("If-Match" = String, Header, description = "The version that was read, in quotes"),
    ),
    responses(
        (status = 200, description = "Ended", body = PartnerView, headers(("ETag" = String))),
        (status = "4XX", description = "Not ended", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not ended", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/partners/{tenant}/end")]
pub async fn end_sharing(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.report_partner(&caller, &path).await?;
    let before = before.ok_or(ApiError::App(app::Error::NotFound))?;
    conditions.matches(before.version)?;
    let _: EmptyRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let found = state.app.end_sharing(&caller, before).await?;
    Ok(shown(&view(&found), found.partner.version))
}

/// Share an established report.
///
/// With the nämnd that buys the care: a copy of the newest established version. Figures and words, never a
/// case. Both ends must have agreed. Sharing twice does once.
#[utoipa::path(
    tag = "reports",
    request_body = ShareRequest,
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "Shared", body = SharedView),
        (status = "4XX", description = "Not shared", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shared", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/share")]
pub async fn share_report(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ShareReport)?;
    let year = year(&path, &caller)?;
    let body = body.read(&state, &mut caller).await?;
    let request: ShareRequest = body.parse_desk(&state, &caller)?;
    let shared = state.app.share_report(&caller, year, &request.to).await?;
    Ok(HttpResponse::Ok().json(SharedView {
        with: shared.with,
        year: shared.year,
        report_version: shared.version,
        sha256: shared.sha256,
    }))
}

/// Take back a report that was shared.
///
/// The other end keeps the copy it was given, and is told when and why it was taken back; it stands beside its own
/// no longer. Sharing the version again gives it anew.
#[utoipa::path(
    tag = "reports",
    request_body = WithdrawShareRequest,
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "Taken back", body = SharedView),
        (status = "4XX", description = "Not taken back", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken back", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/yearly/{year}/share/withdraw")]
pub async fn withdraw_share(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ShareReport)?;
    let year = year(&path, &caller)?;
    let body = body.read(&state, &mut caller).await?;
    let request: WithdrawShareRequest = body.parse_desk(&state, &caller)?;
    let which = (request.to.as_str(), request.report_version);
    let shared = state.app.withdraw_share(&caller, year, which, &request.reason).await?;
    Ok(HttpResponse::Ok().json(SharedView {
        with: shared.with,
        year: shared.year,
        report_version: shared.version,
        sha256: shared.sha256,
    }))
}

/// List the reports that providers have shared.
///
/// Every version, the newest first: also those that a newer one has taken the place of, or that were taken back.
/// For the board, the director, MAS, MAR, SAS and analysts of the nämnd that buys the care.
#[utoipa::path(
    tag = "reports",
    params(("year" = Option<u16>, Query, description = "Only this year", minimum = 1900, maximum = 2199)),
    responses(
        (status = 200, description = "The reports", body = SharedReportsView),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/shared")]
pub async fn list_shared(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadShared)?;
    let mut year = None;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "year" => year = Some(year_until(LAST_YEAR, &value).map_err(fault)?),
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let found = state.app.shared_reports(&caller, year).await?;
    let mut newest: BTreeMap<(String, i16), u32> = BTreeMap::new();
    for it in found.iter().filter(|it| it.withdrawn.is_none()) {
        let last = newest.entry((it.slug.clone(), it.year)).or_default();
        *last = (*last).max(it.report_version);
    }
    let items = found.into_iter().map(|it| line(it, &newest)).collect();
    Ok(HttpResponse::Ok().json(SharedReportsView { items }))
}

/// Read a report that a provider has shared, byte by byte.
///
/// The version asked for, or the newest that was not taken back, as it was shared; its SHA-256 is the one the
/// provider froze, and the ETag. As a file it is the same as the provider's own.
#[utoipa::path(
    tag = "reports",
    params(
        ("provider" = String, Path, description = "The provider's name in paths"),
        ("year" = String, Path, description = "The year"),
        ("version" = Option<u32>, Query, description = "The number of a version that was shared"),
        ("format" = Option<String>, Query, description = "`json` (default), `csv` (a zip with a file a table), `xlsx`, `docx`, `html`"),
    ),
    responses(
        (status = 200, description = "The report", body = YearlyView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/shared/{provider}/{year}")]
pub async fn read_shared(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (provider, of) = path.into_inner();
    caller.may(Act::ReadShared)?;
    let year = year(&of, &caller)?;
    let (mut version, mut format) = (None, Format::Json);
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "version" => {
                let given = value.parse().ok().filter(|number| *number > 0);
                version = Some(given.ok_or_else(|| fault(wrong("the number of a version")))?);
            }
            "format" => {
                format = Format::parse(&value).ok_or_else(|| fault(wrong(Format::NAMES)))?;
            }
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let which = (year, version);
    let found = state.app.shared_report(&caller, &provider, which, Act::ReadShared).await?;
    match format {
        Format::Json => Ok(exactly(found.content, &found.sha256)),
        Format::File(file) => {
            let read = app::reports::read_content(&found.content);
            let report = read.map_err(|error| app::Error::Internal(error.to_string()))?;
            let stamp = Stamp {
                locked_at: Some(found.locked_at),
                version: Some(found.report_version),
                state: "locked",
                sha256: Some(&found.sha256),
            };
            file.answer(&report, &stamp)
        }
    }
}

/// Note a report that a provider has shared.
///
/// The nämnd notes the version it was given, by a paragraph; it does not approve what another vårdgivare has
/// established.
#[utoipa::path(
    tag = "reports",
    request_body = NoteSharedRequest,
    params(
        ("provider" = String, Path, description = "The provider's name in paths"),
        ("year" = String, Path, description = "The year"),
        ("If-Match" = String, Header, description = "Its `report_version`, `-` and its `version` in quotes, as the list gives them"),
    ),
    responses(
        (status = 200, description = "Noted", body = SharedReportView, headers(("ETag" = String))),
        (status = "4XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not noted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reports/shared/{provider}/{year}/note")]
pub async fn note_shared(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (provider, of) = path.into_inner();
    caller.may(Act::NoteBoard)?;
    let year = year(&of, &caller)?;
    let which = (year, None);
    let newest = state.app.shared_report(&caller, &provider, which, Act::NoteBoard).await?;
    if !conditions.is_conditional() {
        return Err(ApiError::PreconditionRequired);
    }
    // Which version is meant stands in the body.
    let body = body.read(&state, &mut caller).await?;
    let request: NoteSharedRequest = body.parse_desk(&state, &caller)?;
    let last = newest.report_version;
    let before = match request.report_version {
        None => newest,
        Some(number) if number == last => newest,
        Some(number) => {
            let which = (year, Some(number));
            state.app.shared_report(&caller, &provider, which, Act::NoteBoard).await?
        }
    };
    conditions.matches_tag(&tag(&before))?;
    let noted = state.app.note_shared(&caller, before, request.on, &request.paragraph).await?;
    let view = SharedReportView::new(&noted, last > noted.report_version);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(&noted))).json(view))
}

/// Read our own report and those of providers side by side.
///
/// The counts that law asks for, a column a report: our own established one, and what each provider has
/// shared. No sum: whoever gives the care answers for it.
#[utoipa::path(
    tag = "reports",
    params(("year" = String, Path, description = "The year")),
    responses(
        (status = 200, description = "The reports", body = ReportsBesideView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reports/beside/{year}")]
pub async fn read_beside(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadShared)?;
    let year = year(&path, &caller)?;
    let table = state.app.reports_beside(&caller, year).await?;
    Ok(HttpResponse::Ok().json(ReportsBesideView { year, table: TableView(table) }))
}
