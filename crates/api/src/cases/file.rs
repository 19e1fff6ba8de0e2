//! `POST /cases`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use app::Caller;
use app::cases::{NewCase, ReporterGiven};
use app::opinions::Solved;
use domain::act_now::act_now;
use domain::case::filing::Intake;
use domain::fault::{Fault, Reason};
use domain::ids::StaffId;
use domain::learning::shown_at_filing;
use wire::Problem;
use wire::case::CaseView;
use wire::filed::{FiledView, advice};
use wire::filing::FilingRequest;

use super::{send, viewed};
use crate::extract::{Body, CalledBy, Conditions, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

/// Turns a request into a filing.
pub(super) fn new_case(mut request: FilingRequest, caller: &Caller, strict: bool) -> NewCase {
    let mut opinion = request.opinion.take();
    let solved = opinion.as_mut().and_then(|given| given.solved.take());
    let mut warnings = Vec::new();
    if request.id.is_some_and(|id| id.get_version_num() != 7) {
        warnings.push(Fault::at("/id", Reason::WrongType { expected: "UUIDv7".into() }));
    }
    let reporter = match (&request.reported_by, &request.reporter_name) {
        (Some(staff), _) => ReporterGiven::Staff(StaffId(*staff)),
        (None, Some(_)) => ReporterGiven::NotStaff,
        (None, None) => ReporterGiven::Caller,
    };
    let (id, kind, draft) = (request.id, request.kind.into(), request.draft.unwrap_or(false));
    let mut intake = Intake::from(request);
    intake.opinion = opinion.map(|given| given.given(caller.staff.id, caller.now));
    let solved = solved.map(|solved| Solved {
        answer: solved.answer.into(),
        outcome: solved.outcome,
        summary: solved.summary,
        category: solved.category,
    });
    NewCase { id, kind, draft, reporter, intake, warnings, strict, solved }
}

/// File a case.
///
/// An avvikelse, a synpunkt or a klagomål. Never refused for its content: what is wrong is kept as
/// given and named in `warnings`; `Prefer: handling=strict` makes warnings errors. A personal
/// identity number in a text is taken out and sealed. Anyone with a token of the tenant may file,
/// for any unit. `opinion` says who left a synpunkt or klagomål, and how it was written down; with
/// `opinion.solved` it is answered and ended in the same breath. A filing is no alarm: `act_now` says what to do at once, `learning_cards` what was
/// learnt from cases like it.
#[utoipa::path(
    tag = "cases",
    request_body = FilingRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours"),
        ("Prefer" = Option<String>, Header, description = "`handling=strict` refuses a filing with faults"),
    ),
    responses(
        (status = 201, description = "Filed", body = FiledView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not filed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not filed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/cases")]
pub async fn file_case(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    let request: FilingRequest = body.parse(&state)?;
    let new = new_case(request, &caller, conditions.strict);
    let render = |case: &domain::case::Case| {
        // One's own words come back whole; what others will write is not there yet.
        let set_up = &caller.set_up;
        let advised = act_now(&set_up.settings, case, &set_up.units);
        let cards = case.known_category(&set_up.codes);
        let cards = cards.map(|code| shown_at_filing(&set_up.learning_cards, code));
        let view = FiledView {
            case: CaseView::new(case, &set_up.units, language, false),
            act_now: advised.iter().map(|rule| advice(rule, language)).collect(),
            learning_cards: cards.into_iter().flatten().map(Into::into).collect(),
        };
        viewed(case, &view, false, 201)
    };
    Ok(send(state.app.file(&caller, new, once, render).await?))
}
