//! `GET /cases/{id}/record`: a whole matter to print, or as an archive with its files.

use std::collections::VecDeque;
use std::sync::Arc;

use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use app::cases::{RecordFile, TakenRecord, sha256};
use app::keeping::Room;
use app::{App, Caller};
use domain::fault::{Fault, Reason};
use domain::record::hex;
use futures_util::Stream;
use futures_util::stream::unfold;
use report::archive::Archive;
use wire::Problem;
use wire::record::{ManifestFileView, ManifestView, RecordContent};

use super::attachments::disposition;
use super::list::form_pairs;
use super::read::id;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// How much is handed to the connection at once.
const SLICE: usize = 64 * 1024;
/// The page in the archive.
const PAGE: &str = "arende.html";
/// What lies in the archive, for programs and for people (`sha256sum --check`).
const LISTS: [&str; 2] = ["manifest.json", "SHA256SUMS"];

/// What somebody wants of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Page,
    Archive,
}

fn form(request: &HttpRequest) -> Result<Form, ApiError> {
    let mut form = None;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        match (name.as_str(), value.as_str()) {
            ("format", "html") => form = Some(Form::Page),
            ("format", "zip") => form = Some(Form::Archive),
            ("format", _) => {
                return Err(fault(Reason::WrongType { expected: "html | zip".to_owned() }));
            }
            _ => return Err(fault(Reason::UnknownField)),
        }
    }
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let zip = accepted.is_some_and(|it| it.contains("application/zip"));
    Ok(form.unwrap_or(if zip { Form::Archive } else { Form::Page }))
}

/// Take a whole matter out for the municipality's diary.
///
/// Everything that was said and done: what came in, the opinion with messages and answer, assessment,
/// investigation, measures, feedback, links, files and history. `format=html` (default) is a page to
/// print; `format=zip` (or `Accept: application/zip`) that page with every file, and `manifest.json` and
/// `SHA256SUMS` with the SHA-256 of each. For registrator, managers, MAS, MAR and SAS who may read the
/// case. Who it is about stands in it for those who may read that, cases one may not read do not, and
/// working notes (comments, watches) never. Leaves access entries that name whom it is about.
#[utoipa::path(
    tag = "cases",
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("format" = Option<String>, Query, description = "`html` (default) or `zip`"),
    ),
    responses(
        (status = 200, description = "The matter",
            content((String = "text/html"), (RecordContent = "application/zip")),
            headers(("Content-Disposition" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/record")]
pub async fn take_record(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let case = id(&path)?;
    let form = form(&request)?;
    let taken = state.app.take_record(&caller, case).await?;
    let page = report::record::page(&taken.record);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    match form {
        Form::Page => Ok(response
            .insert_header((
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ))
            .content_type("text/html; charset=utf-8")
            .body(page)),
        Form::Archive => {
            let name = format!("{}.zip", taken.record.number);
            let packing = Packing::begin(&state.app, &caller, taken, page)?;
            Ok(response
                .insert_header((CONTENT_DISPOSITION, disposition(&name)))
                .content_type("application/zip")
                .streaming(packed(packing)))
        }
    }
}

/// Where a file lies in the archive: numbered, so that no two have one name.
fn place(at: usize, file: &RecordFile) -> String {
    format!("bilagor/{:02}-{}", at + 1, file.attachment.name)
}

fn manifest(taken: &TakenRecord, page: &str) -> ManifestView {
    let record = &taken.record;
    let page = ManifestFileView {
        path: PAGE.to_owned(),
        size: u64::try_from(page.len()).unwrap_or(u64::MAX),
        sha256: hex(&sha256(page.as_bytes())),
        media_type: "text/html; charset=utf-8".to_owned(),
        description: None,
    };
    let files = taken.files.iter().enumerate().map(|(at, file)| ManifestFileView {
        path: place(at, file),
        size: file.attachment.size,
        sha256: hex(&file.attachment.sha256),
        media_type: file.attachment.kind.media_type().to_owned(),
        description: file.attachment.description.clone(),
    });
    ManifestView {
        number: record.number.clone(),
        diary_number: record.diary_number.clone(),
        tenant: record.tenant.clone(),
        taken_at: record.taken_at,
        taken_by: record.taken_by.clone(),
        version: taken.version,
        files: [page].into_iter().chain(files).collect(),
    }
}

/// An archive on its way to a client that may be slow: one file at a time is opened.
struct Packing {
    app: Arc<App>,
    caller: Caller,
    archive: Option<Archive>,
    files: VecDeque<(String, RecordFile)>,
    ready: Bytes,
    _room: Room,
}

impl Packing {
    fn begin(
        app: &Arc<App>,
        caller: &Caller,
        taken: TakenRecord,
        page: String,
    ) -> Result<Self, ApiError> {
        let room = app.room_for_record(&taken)?;
        let failed = |error: std::io::Error| app::Error::Internal(error.to_string());
        let manifest = manifest(&taken, &page);
        // A view is made of strings and numbers only: this cannot fail.
        let listed = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        let sums: String =
            manifest.files.iter().map(|file| format!("{}  {}\n", file.sha256, file.path)).collect();
        let mut archive = Archive::begin(taken.record.taken_at);
        let mut ready = archive.add(PAGE, page.as_bytes(), true).map_err(failed)?;
        for (name, bytes) in LISTS.into_iter().zip([listed.as_slice(), sums.as_bytes()]) {
            ready.extend(archive.add(name, bytes, true).map_err(failed)?);
        }
        let files = taken.files.into_iter().enumerate();
        Ok(Self {
            app: Arc::clone(app),
            caller: caller.clone(),
            archive: Some(archive),
            files: files.map(|(at, file)| (place(at, &file), file)).collect(),
            ready: ready.into(),
            _room: room,
        })
    }

    /// Makes more ready; `false` when there is no more.
    async fn more(&mut self) -> Result<bool, app::Error> {
        let failed = |error: std::io::Error| app::Error::Internal(error.to_string());
        let Some(mut archive) = self.archive.take() else { return Ok(false) };
        self.ready = match self.files.pop_front() {
            Some((path, file)) => {
                let bytes = self.app.record_file(&self.caller, &file).await?;
                let packed = archive.add(&path, &bytes, false).map_err(failed)?;
                self.archive = Some(archive);
                packed.into()
            }
            None => archive.end().map_err(failed)?.into(),
        };
        Ok(true)
    }
}

/// The archive, slice by slice. What fails on the way cuts it off, so that nobody takes it for whole.
fn packed(packing: Packing) -> impl Stream<Item = Result<Bytes, app::Error>> {
    unfold(packing, |mut packing| async move {
        while packing.ready.is_empty() {
            match packing.more().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    tracing::error!(%error, "a record was cut off");
                    return Some((Err(error), packing));
                }
            }
        }
        let length = packing.ready.len().min(SLICE);
        Some((Ok(packing.ready.split_to(length)), packing))
    })
}
