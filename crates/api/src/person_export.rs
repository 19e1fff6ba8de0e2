//! `/person-exports`: everything that is held about a person, for that person.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use app::person_export::{PersonCase, WhoAsks};
use domain::fault::{Fault, Reason};
use domain::opinion::Contact;
use domain::policy::Act;
use report::archive::Archive;
use wire::Problem;
use wire::disclosure::{
    CopyView, PersonCaseView, PersonContactView, PersonExportRequest, PersonExportView,
};
use wire::record::RecordContent;

use crate::cases::command::subjected;
use crate::extract::{Body, CalledBy};
use crate::problem::ApiError;
use crate::state::ApiState;

fn contact(it: &Contact) -> PersonContactView {
    PersonContactView {
        name: it.name.clone(),
        email: it.email.clone(),
        phone: it.phone.clone(),
        address: it.address.clone(),
    }
}

fn role(case: &PersonCase) -> String {
    let roles = [
        case.as_subject.then_some("Ärendet rör personen."),
        case.as_sender.is_some().then_some("Personen har lämnat ärendet."),
    ];
    roles.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Take out everything that is held about a person.
///
/// The matters they are the subject of (`subject`), and the opinions they left under an address or a number they gave
/// (`email`, `phone`), over all units and laws of the tenant: the person's own right (GDPR art. 15). A zip archive with
/// `uppgifter.json` and a page to print. Others who are named in texts are not masked: look through it first. For privacy
/// officers; leaves one access entry that names every matter. Who read about the person is an extract of its own.
#[utoipa::path(
    tag = "retention",
    request_body = PersonExportRequest,
    responses(
        (status = 200, description = "The archive", body = RecordContent, content_type = "application/zip",
            headers(("Content-Disposition" = String))),
        (status = "4XX", description = "Not taken out", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken out", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/person-exports")]
pub async fn export_person(
    state: Data<ApiState>,
    mut caller: CalledBy,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ExportPerson)?;
    let body = body.read(&state, &mut caller).await?;
    let request: PersonExportRequest = body.parse_desk(&state, &caller)?;
    let subject = request.subject.as_ref().map(|given| subjected(&caller, given)).transpose()?;
    let who = WhoAsks {
        identity: subject.map(|subject| subject.identity),
        email: request.email.filter(|it| !it.trim().is_empty()),
        phone: request.phone.filter(|it| !it.trim().is_empty()),
    };
    if who.identity.is_none() && who.email.is_none() && who.phone.is_none() {
        return Err(ApiError::Invalid(vec![Fault::at("/subject", Reason::Required)]));
    }
    let found = state.app.export_person(&caller, who, request.reason.trim()).await?;
    let view = PersonExportView {
        tenant: caller.tenant.name.clone(),
        taken_at: caller.now,
        cases: found
            .iter()
            .map(|case| PersonCaseView {
                as_subject: case.as_subject,
                as_sender: case.as_sender.as_ref().map(contact),
                copy: CopyView::from(&case.copy),
            })
            .collect(),
    };
    let pages: Vec<_> = found.iter().map(|case| (role(case), &case.copy)).collect();
    let page = report::disclosure::person_page(&caller.tenant.name, caller.now, &pages);
    let failed = |error: std::io::Error| app::Error::Internal(error.to_string());
    // A view is made of strings, numbers and lists only: this cannot fail.
    let listed = serde_json::to_vec_pretty(&view).unwrap_or_default();
    let mut archive = Archive::begin(caller.now);
    let mut bytes = archive.add("uppgifter.json", &listed, true).map_err(failed)?;
    bytes.extend(archive.add("uppgifter.html", page.as_bytes(), true).map_err(failed)?);
    bytes.extend(archive.end().map_err(failed)?);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"personuppgifter.zip\""))
        .content_type("application/zip")
        .body(bytes))
}
