//! `/forms`.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::case::Kind;
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use wire::Problem;
use wire::forms::FormsView;

use super::codes::kept;
use crate::cases::list::form_pairs;
use crate::extract::{CalledBy, Spoken};
use crate::problem::ApiError;

/// The categories a query names. Every fault is told.
fn categories(
    caller: &CalledBy,
    kind: Kind,
    request: &HttpRequest,
) -> Result<Vec<String>, ApiError> {
    let list = kind.category_list();
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in form_pairs(request.query_string()) {
        if name != "category" {
            faults.push(Fault::at(name, Reason::UnknownField));
            continue;
        }
        for code in value.split(',').map(str::trim) {
            match caller.set_up.codes.get(list, code) {
                Some(code) => found.push(code.code.clone()),
                None => {
                    let (list, given) = (list.to_owned(), code.to_owned());
                    faults.push(Fault::at("category", Reason::UnknownCode { list, given }));
                }
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(ApiError::Invalid(faults)) }
}

/// Read the forms of a kind of case.
///
/// The questions to ask by category, with texts in Swedish, easy Swedish and English, their options,
/// and when a follow-up shows. `kind` is `avvikelse`, `synpunkt` or `klagomal`. Answers go into
/// `details` of a filing by the question's code; none is mandatory, and nothing is refused. Every
/// coded question is a dimension of `/statistics`. Keep the forms and ask again with `If-None-Match`.
#[utoipa::path(
    tag = "setup",
    params(
        ("kind" = String, Path, description = "`avvikelse`, `synpunkt` or `klagomal`"),
        ("category" = Option<String>, Query, description = "Only what these categories ask, by comma"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the forms one has"),
    ),
    responses(
        (status = 200, description = "The forms", body = FormsView,
            headers(("ETag" = String), ("Cache-Control" = String))),
        (status = 304, description = "Not changed since the ETag in If-None-Match"),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forms/{kind}")]
pub async fn read_forms(
    caller: CalledBy,
    path: Path<String>,
    Spoken(language): Spoken,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ReadSetup)?;
    let kind: Kind = path.parse().map_err(|()| ApiError::App(app::Error::NotFound))?;
    let categories = categories(&caller, kind, &request)?;
    let codes = &caller.set_up.codes;
    // Options may be a tenant's own codes, so the forms change with them.
    let (forms, lists) = (&domain::forms::forms().version, codes.version());
    let tag = format!("\"{forms}-{lists}-{}\"", language.tag());
    Ok(kept(&request, tag, || FormsView::new(kind, &categories, codes, language)))
}
