//! `/cases/{id}/disclosures`: giving a matter out as a public record, masked, or refusing it.

use std::collections::BTreeMap;

use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::disclosures::NewDisclosure;
use domain::disclosure::{Disclosure, Mask};
use domain::fault::{Fault, Reason};
use domain::ids::DisclosureId;
use wire::Problem;
use wire::disclosure::{
    CopyView, DisclosureProposalView, DisclosureRequest, DisclosureView, DisclosuresView,
    FoundView, MaskRequest,
};

use super::list::form_pairs;
use super::read::id;
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, send};
use crate::state::ApiState;

/// Read what may be masked of a case before it is given out.
///
/// The whole matter as a copy, term by term; who it is about and who left it are not in it. With what a program found in
/// the texts: identity numbers, telephone numbers, addresses, names of the sender and of staff. It misses things: whoever
/// decides looks at every field. For registrators, managers, MAS, MAR and SAS who may read the case; leaves an access
/// entry.
#[utoipa::path(
    tag = "retention",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The copy and what was found", body = DisclosureProposalView,
            headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/disclosures/proposal")]
pub async fn propose_disclosure(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let proposal = state.app.propose_disclosure(&caller, id(&path)?).await?;
    let found = proposal.found.iter().map(|it| FoundView {
        field: it.field.clone(),
        from: it.from,
        to: it.to,
        what: it.what.into(),
    });
    let view = DisclosureProposalView {
        copy: CopyView::from(&proposal.copy),
        found: found.collect(),
        protected: proposal.protected,
        version: proposal.version,
    };
    let tag = format!("\"{}-{}\"", proposal.version, proposal.shown);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(view))
}

fn mask(given: MaskRequest) -> Mask {
    let range = match (given.from, given.to) {
        (None, None) => None,
        (from, to) => {
            let to = to.map_or(usize::MAX, |to| usize::try_from(to).unwrap_or(usize::MAX));
            Some((usize::try_from(from.unwrap_or(0)).unwrap_or(usize::MAX), to))
        }
    };
    Mask { field: given.field, range, ground: given.ground.trim().to_owned(), found: None }
}

/// Decide whether a case is given out, and make the copy.
///
/// All of it, with parts masked, or nothing. What is masked has a ground in the words of whoever decides; what is not
/// given out is motivated, with how the decision is appealed. The copy is kept as it was issued, with its hash. Masks
/// name places in the copy as it was read: `If-Match` with the ETag of the proposal. Who asked is not asked.
#[utoipa::path(
    tag = "retention",
    request_body = DisclosureRequest,
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("If-Match" = String, Header, description = "The ETag of the proposal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
    ),
    responses(
        (status = 201, description = "Decided", body = DisclosureView, headers(("Location" = String))),
        (status = "4XX", description = "Not decided", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not decided", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/{id}/disclosures")]
pub async fn disclose_case(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let case = id(&path)?;
    let version = state.app.disclosable(&caller, case).await?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let seen = conditions.matches_shown(version)?.map(str::to_owned);
    let request: DisclosureRequest = body.parse_desk(&state, &caller)?;
    let mut accepted = BTreeMap::new();
    for (at, given) in request.accept.into_iter().enumerate() {
        let what: domain::disclosure::What = given.what.into();
        if accepted.insert(what, given.ground.trim().to_owned()).is_some() {
            let fault = Fault::at(format!("/accept/{at}/what"), Reason::NotUnique);
            return Err(ApiError::Invalid(vec![fault]));
        }
    }
    let new = NewDisclosure {
        decision: request.decision.into(),
        asked_on: request.asked_on,
        reference: request.reference,
        motivation: request.motivation,
        appeal: request.appeal,
        masks: request.masks.into_iter().map(mask).collect(),
        accepted,
    };
    let render = |it: &Disclosure| {
        let at = format!("/api/v1/cases/{case}/disclosures/{}", it.id);
        created(&DisclosureView::of(it, None), at, None)
    };
    Ok(send(state.app.disclose(&caller, case, new, (version, seen, once), render).await?))
}

/// List what was decided about giving a case out.
///
/// Oldest first, without the copies. Leaves an access entry.
#[utoipa::path(
    tag = "retention",
    params(("id" = Uuid, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The decisions", body = DisclosuresView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/disclosures")]
pub async fn list_disclosures(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = state.app.disclosures(&caller, id(&path)?).await?;
    let items = found.iter().map(|it| DisclosureView::of(it, None)).collect();
    Ok(HttpResponse::Ok().json(DisclosuresView { items }))
}

/// Read a decision, with the copy as it was issued.
///
/// As JSON, or with `format=html` (or `Accept: text/html`) as a page to print. Leaves an access entry.
#[utoipa::path(
    tag = "retention",
    params(
        ("id" = Uuid, Path, description = "The case's id"),
        ("disclosure_id" = Uuid, Path, description = "The disclosure's id"),
        ("format" = Option<String>, Query, description = "`json` (default) or `html`"),
    ),
    responses(
        (status = 200, description = "The decision",
            content((DisclosureView = "application/json"), (String = "text/html"))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/cases/{id}/disclosures/{disclosure_id}")]
pub async fn read_disclosure(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (case, disclosure) = path.into_inner();
    let case = id(&case)?;
    let mut html = None;
    for (name, value) in form_pairs(request.query_string()) {
        let fault = |reason| ApiError::Invalid(vec![Fault::at(name.as_str(), reason)]);
        html = match (name.as_str(), value.as_str()) {
            ("format", "html") => Some(true),
            ("format", "json") => Some(false),
            ("format", _) => {
                return Err(fault(Reason::WrongType { expected: "json | html".to_owned() }));
            }
            _ => return Err(fault(Reason::UnknownField)),
        };
    }
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let html = html.unwrap_or_else(|| accepted.is_some_and(|it| it.starts_with("text/html")));
    let disclosure = DisclosureId(crate::setup::id(&disclosure)?);
    let (found, copy) = state.app.disclosure(&caller, case, disclosure).await?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if html {
        let number = copy.as_ref().map(|copy| copy.number.clone()).unwrap_or_default();
        return Ok(response
            .insert_header((
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ))
            .content_type("text/html; charset=utf-8")
            .body(report::disclosure::page(&number, &found, copy.as_ref())));
    }
    Ok(response.json(DisclosureView::of(&found, copy.as_ref())))
}
