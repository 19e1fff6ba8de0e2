//! What is public of the reports of the years, for anybody: as data, as files, as pages, and described for the
//! national data portal.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::opinions::Door;
use app::reports::PublicYear;
use domain::fault::{Fault, Reason};
use pages::{Page, Say, Switch, html};
use report::catalogue::{Catalogue, Dataset};
use report::yearly::Stamp;
use wire::Problem;
use wire::reports::{PublicReportLine, PublicReportsView, PublicYearlyView};

use super::limit::Budget;
use super::{door, page};
use crate::cases::list::form_pairs;
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::reports::format::{File, Format};
use crate::setup::wrong;
use crate::state::ApiState;

const TITLE: Say = Say(
    "Årets berättelse om kvalitet och säkerhet",
    "The yearly report on quality and safety",
    "Så gick det i vården och omsorgen",
);
const ABOUT: Say = Say(
    "Här är patientsäkerhets- och kvalitetsberättelserna, år för år. Siffror som skulle kunna peka ut en människa är inte med.",
    "These are the reports on patient safety and quality, year by year. Figures that could point at a person are left out.",
    "Här kan du läsa hur det har gått i vården och omsorgen, år för år. Ingen människa ska kunna pekas ut.",
);
const NOTHING: Say = Say(
    "Ingen berättelse är fastställd ännu.",
    "No report has been established yet.",
    "Här finns inget ännu.",
);
const ESTABLISHED: Say = Say("fastställd", "established", "klar");
const FILES: Say = Say("Som fil:", "As a file:", "Som fil:");

/// How long somebody in between may keep what is public.
const KEPT: (actix_web::http::header::HeaderName, &str) = (CACHE_CONTROL, "public, max-age=300");

/// The tenant, where whoever asks has not asked too often.
async fn entered(state: &ApiState, request: &HttpRequest, tenant: &str) -> Result<Door, ApiError> {
    state.limits.admit(request, Budget::Page, state.app.now())?;
    door(state, request, tenant).await
}

/// Where the service is, from outside: what the operator has set, else the host that was asked.
fn base(state: &ApiState, request: &HttpRequest) -> String {
    match state.app.mailing.plan() {
        Some(plan) => plan.public_url.clone(),
        None => {
            let info = request.connection_info();
            let encrypted = state.limits.proxies().encrypted(request);
            let scheme = if encrypted { "https" } else { "http" };
            format!("{scheme}://{}", info.host())
        }
    }
}

fn data(base: &str, door: &Door) -> String {
    format!("{base}/api/v1/public/{}/reports/yearly", door.tenant.slug)
}

fn pages(base: &str, door: &Door) -> String {
    format!("{base}/{}/rapporter", door.tenant.slug)
}

fn year(text: &str) -> Result<i16, ApiError> {
    text.parse().map_err(|_| ApiError::NoSuchPath)
}

fn stamp(year: &PublicYear) -> Stamp<'_> {
    Stamp {
        locked_at: Some(year.locked_at),
        version: Some(year.version),
        state: "established",
        // That of what was frozen would tell whether a guess at what is kept back is right.
        sha256: None,
    }
}

/// The years whose reports are public.
///
/// Established ones alone, latest first, each in its newest established version.
#[utoipa::path(
    tag = "public",
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "The years", body = PublicReportsView,
            headers(("RateLimit" = String), ("RateLimit-Policy" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/reports/yearly")]
pub async fn list_public_reports(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let door = entered(&state, &request, &tenant).await?;
    let base = base(&state, &request);
    let (data, pages) = (data(&base, &door), pages(&base, &door));
    let line = |it: PublicYear| PublicReportLine {
        page: format!("{pages}/{}", it.year),
        data: format!("{data}/{}", it.year),
        year: it.year,
        version: it.version,
        established_on: it.established_on,
    };
    let items = state.app.public_years(&door).await?.into_iter().map(line).collect();
    let view = PublicReportsView { tenant: door.tenant.name, items };
    Ok(HttpResponse::Ok().insert_header(KEPT).json(view))
}

/// The public version of a year's report.
///
/// Figures that would point at a person are `suppressed`, and with them as many others as it takes that none
/// comes back by sums and differences of what is published, also with other years' reports. 404 until the
/// report is established.
#[utoipa::path(
    tag = "public",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("year" = String, Path, description = "The year"),
        ("format" = Option<String>, Query, description = "`json` (default), `csv` (a zip with a file a table), `xlsx`, `docx`, `html`"),
    ),
    responses(
        (status = 200, description = "The report", body = PublicYearlyView,
            headers(("RateLimit" = String), ("RateLimit-Policy" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/reports/yearly/{year}")]
pub async fn read_public_report(
    state: Data<ApiState>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, of) = path.into_inner();
    let door = entered(&state, &request, &tenant).await?;
    let mut format = Format::Json;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match name.as_str() {
            "format" => {
                format = Format::parse(&value).ok_or_else(|| fault(wrong(Format::NAMES)))?;
            }
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let found = state.app.public_report(&door, year(&of)?).await?;
    match format {
        Format::File(file) => file.answer(&found.report, &stamp(&found.year)),
        Format::Json => {
            let PublicYear { year, version, established_on, .. } = found.year;
            let report = (*found.report).clone().into();
            let view = PublicYearlyView { year, version, established_on, report };
            Ok(HttpResponse::Ok().insert_header(KEPT).json(view))
        }
    }
}

/// What is public, described for the national data portal.
///
/// DCAT-AP-SE 3.0.1 in RDF/XML, as the portal fetches it; 404 until a report is established.
#[utoipa::path(
    tag = "public",
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "The description", body = String, content_type = "application/rdf+xml",
            headers(("RateLimit" = String), ("RateLimit-Policy" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/public/{tenant}/reports/catalogue")]
pub async fn read_catalogue(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let door = entered(&state, &request, &tenant).await?;
    let dataset = |it: PublicYear| Dataset {
        year: it.year,
        version: it.version,
        established_on: it.established_on,
    };
    let datasets: Vec<Dataset> =
        state.app.public_years(&door).await?.into_iter().map(dataset).collect();
    let base = base(&state, &request);
    let settings = &door.set_up.settings;
    let chosen = &settings.report_publication;
    let catalogue = Catalogue {
        publisher: &door.tenant.name,
        private: settings.private_provider,
        organisation_number: chosen.organisation_number.as_deref(),
        contact: chosen.contact.as_deref(),
        address: &format!("{base}/api/v1/public/{}/reports/catalogue", door.tenant.slug),
        data: &data(&base, &door),
        pages: &pages(&base, &door),
        datasets: &datasets,
    };
    let document = catalogue.rdf_xml().ok_or(ApiError::App(app::Error::NotFound))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/rdf+xml; charset=utf-8"))
        .insert_header(KEPT)
        .body(document))
}

/// Shows which years' reports are public.
#[utoipa::path(
    tag = "pages",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("lang" = Option<String>, Query, description = "`sv`, `en` or `sv-x-easy`"),
    ),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/{tenant}/rapporter")]
pub async fn show_public_reports(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    let door = entered(&state, &request, &tenant).await?;
    let years = state.app.public_years(&door).await?;
    let path = format!("/{}/rapporter", door.tenant.slug);
    let data = data("", &door);
    let content = html! {
        p { (ABOUT.to(language)) }
        @if years.is_empty() { p { (NOTHING.to(language)) } }
        ul {
            @for it in &years {
                li {
                    a href=(format!("{path}/{}", it.year)) { (it.year) }
                    " (" (ESTABLISHED.to(language)) " " (it.established_on) "). "
                    (FILES.to(language))
                    @for (name, title) in [("xlsx", "Excel"), ("docx", "Word"), ("csv", "CSV"), ("json", "JSON")] {
                        " " a href=(format!("{data}/{}?format={name}", it.year)) { (title) " " (it.year) }
                    }
                }
            }
        }
    };
    let page = Page {
        language,
        site: &door.tenant.name,
        title: TITLE.to(language),
        switch: Switch::Links { address: &path },
        flaws: &[],
        content,
    };
    Ok(page::answer(StatusCode::OK, page, None))
}

/// Shows the public version of a year's report.
#[utoipa::path(
    tag = "pages",
    params(
        ("tenant" = String, Path, description = "The tenant's short name"),
        ("year" = String, Path, description = "The year"),
    ),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[get("/{tenant}/rapporter/{year}")]
pub async fn show_public_report(
    state: Data<ApiState>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, of) = path.into_inner();
    let door = entered(&state, &request, &tenant).await?;
    let found = state.app.public_report(&door, year(&of)?).await?;
    File::Html.answer(&found.report, &stamp(&found.year))
}
