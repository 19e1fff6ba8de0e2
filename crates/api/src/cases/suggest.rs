//! `POST /cases/suggest`.

use actix_web::http::header::{CACHE_CONTROL, VARY};
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use domain::case::Kind;
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use domain::suggest::suggest;
use wire::Problem;
use wire::case::UnitRef;
use wire::fault::FaultView;
use wire::suggest::{SuggestRequest, SuggestView};

use crate::extract::{Body, CalledBy, Spoken, VARIES_BY};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Suggest category and law for a text.
///
/// Ranks categories and laws by rules that are shown: which word fired, for what it speaks, and how
/// much it weighs. Misspelt words, compounds and other words for the same are understood; the unit's
/// area counts in. The rules are data of this version (`rules`); nothing is learnt from persons, and
/// the text is neither kept nor logged. It decides nothing: category and law are the reporter's and
/// the assessor's, and a category may be filed under any law.
#[utoipa::path(
    tag = "cases",
    request_body = SuggestRequest,
    responses(
        (status = 200, description = "What it suggests", body = SuggestView),
        (status = "4XX", description = "Not suggested", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not suggested", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases/suggest")]
pub async fn suggest_category(
    state: Data<ApiState>,
    mut caller: CalledBy,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::File)?;
    let request: SuggestRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let (units, codes) = (&caller.set_up.units, &caller.set_up.codes);
    let kind: Kind = request.kind.map_or(Kind::Avvikelse, Into::into);
    // It is asked while somebody types: what is not known is told and left out.
    let mut warnings = Vec::new();
    let unit = request.unit.as_deref().and_then(|given| {
        let unit = units.find(given);
        if unit.is_none() {
            warnings.push(Fault::at("/unit", Reason::UnknownUnit { given: given.to_owned() }));
        }
        unit
    });
    let given = request.area.as_deref().and_then(|given| {
        let area = codes.get("area", given);
        if area.is_none() {
            let (list, given) = ("area".to_owned(), given.to_owned());
            warnings.push(Fault::at("/area", Reason::UnknownCode { list, given }));
        }
        area.map(|code| code.code.as_str())
    });
    let area = unit.and_then(|unit| units.area_of(unit.id)).or(given);
    let ranking = suggest(kind, &request.text, area, codes);
    let unit = unit.map(|unit| UnitRef::of(units, unit.id));
    let mut view = SuggestView::new(kind, &ranking, (unit, area), codes, language);
    view.warnings = FaultView::all(&warnings, language);
    Ok(HttpResponse::Ok()
        .insert_header((VARY, VARIES_BY))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(view))
}
