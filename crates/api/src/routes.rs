//! Every route of the service. A handler stands here or nowhere: the description, the access
//! matrix and the contract tests are made from this list.
#![allow(clippy::disallowed_methods, reason = "this is the one place where routes are registered")]

use actix_web::dev::{HttpServiceFactory, ServiceFactory, ServiceRequest};
use actix_web::http::header;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::scope::{Scope, scope};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::board;
use crate::cases::{
    attachments, beside, command, draft, duties, file, investigations, list, many,
    measures as case_measures, read, refile, samples, suggest,
};
use crate::clocks;
use crate::escalations;
use crate::forwardings;
use crate::handovers;
use crate::health;
use crate::learning;
use crate::machines;
use crate::measures;
use crate::problem::ApiError;
use crate::reporter;
use crate::setup;
use crate::state::ApiState;
use crate::statistics;
use crate::worklist;

/// Where operations are registered: in the service, or in the service with its description. One list
/// serves both; what the description takes to make, no worker makes again.
pub(crate) trait Routes: Sized {
    /// Registers an operation.
    #[must_use]
    fn service(self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> Self;
}

impl Routes for actix_web::Scope {
    fn service(self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> Self {
        actix_web::Scope::service(self, operation)
    }
}

impl<T> Routes for Scope<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    fn service(self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> Self {
        Scope::service(self, operation)
    }
}

/// Where the operations stand.
const BASE: &str = "/api/v1";

/// The operations of the contract.
fn operations<R: Routes>(routes: R) -> R {
    let routes = routes
        .service(file::file_case)
        .service(suggest::suggest_category)
        .service(list::list_cases)
        .service(read::read_history)
        .service(read::read_subject)
        .service(read::read_case)
        .service(draft::edit_draft)
        .service(command::submit)
        .service(command::triage)
        .service(command::lead_case)
        .service(command::investigate)
        .service(case_measures::decide_measures)
        .service(case_measures::progress_measure)
        .service(case_measures::add_measures)
        .service(command::follow_up)
        .service(command::give_feedback)
        .service(command::transfer)
        .service(command::correct)
        .service(command::link)
        .service(beside::ask)
        .service(beside::answer_watch)
        .service(beside::say)
        .service(beside::read_comments)
        .service(beside::supplement)
        .service(beside::keep_from)
        .service(beside::let_in)
        .service(duties::read_duties)
        .service(duties::ask_or_answer_duty)
        .service(duties::wait_for_somebody)
        .service(clocks::read_case_clocks)
        .service(attachments::attach)
        .service(attachments::read_attachments)
        .service(attachments::read_attachment)
        .service(attachments::withdraw_attachment)
        .service(command::close)
        .service(command::reopen)
        .service(command::void)
        .service(refile::refile)
        .service(measures::read_similar)
        .service(measures::list_measures)
        .service(measures::list_meetings)
        .service(reporter::list_own_cases)
        .service(reporter::read_own_case)
        .service(learning::list_learning_cards)
        .service(learning::write_learning_card)
        .service(learning::read_learning_card)
        .service(learning::rewrite_learning_card)
        .service(learning::approve_learning_card)
        .service(learning::withdraw_learning_card)
        .service(learning::discuss_learning_card)
        .service(many::act_on_many)
        .service(investigations::begin_investigation)
        .service(investigations::decide_measures)
        .service(investigations::progress_measure)
        .service(investigations::add_measures)
        .service(investigations::follow_up)
        .service(investigations::join_investigation)
        .service(investigations::read_investigation)
        .service(investigations::write_investigation)
        .service(samples::list_samples)
        .service(samples::look_at_sample)
        .service(worklist::read_worklist)
        .service(worklist::count_worklist)
        .service(handovers::list_handovers)
        .service(handovers::make_handover)
        .service(handovers::sign_handover)
        .service(handovers::read_handover)
        .service(escalations::list_beside_case)
        .service(escalations::raise_beside_case)
        .service(escalations::list_escalations)
        .service(escalations::raise_riskperson)
        .service(escalations::screen_many)
        .service(escalations::command::screen_flag)
        .service(escalations::command::receive_report)
        .service(escalations::command::act_at_once)
        .service(escalations::command::investigate_report)
        .service(escalations::command::propose_decision)
        .service(escalations::command::decide_escalation)
        .service(escalations::command::assess_report)
        .service(escalations::command::dismiss_report)
        .service(escalations::command::notify_ivo)
        .service(escalations::command::submit_inquiry)
        .service(escalations::command::supplement_to_ivo)
        .service(escalations::command::note_from_ivo)
        .service(escalations::command::follow_up_report)
        .service(escalations::command::withdraw_notification)
        .service(escalations::command::reassess_escalation)
        .service(escalations::command::close_escalation)
        .service(escalations::command::choose_readers)
        .service(escalations::read_escalation_history)
        .service(escalations::read_dossier)
        .service(escalations::read_escalation)
        .service(forwardings::counterparties::list_counterparties)
        .service(forwardings::counterparties::enter_counterparty)
        .service(forwardings::counterparties::read_counterparty)
        .service(forwardings::counterparties::change_counterparty)
        .service(forwardings::read::list_case_forwardings)
        .service(forwardings::read::draft_forwarding)
        .service(forwardings::list::list_forwardings)
        .service(forwardings::read::register_forwarding)
        .service(forwardings::ledger::read_ledger)
        .service(forwardings::leaving::preview_forwarding)
        .service(forwardings::leaving::read_letter)
        .service(forwardings::leaving::read_package)
        .service(forwardings::read::read_forwarding_history)
        .service(forwardings::read::read_forwarding_subject)
        .service(forwardings::command::edit_forwarding)
        .service(forwardings::command::check_forwarding)
        .service(forwardings::command::send_forwarding)
        .service(forwardings::command::acknowledge_forwarding)
        .service(forwardings::command::remind_forwarding)
        .service(forwardings::command::escalate_forwarding)
        .service(forwardings::command::register_answer)
        .service(forwardings::command::say_to_counterparty)
        .service(forwardings::command::share_answer_with_unit)
        .service(forwardings::command::close_forwarding)
        .service(forwardings::command::close_without_answer)
        .service(forwardings::command::recall_forwarding)
        .service(forwardings::command::investigate_received)
        .service(forwardings::command::approve_answer)
        .service(forwardings::command::answer_received)
        .service(forwardings::command::say_wrong_recipient)
        .service(forwardings::command::pass_on_received)
        .service(forwardings::command::share_event)
        .service(forwardings::command::add_joint_measure)
        .service(forwardings::command::finish_joint_measure)
        .service(forwardings::command::assign_received)
        .service(forwardings::read::read_forwarding)
        .service(statistics::statistics)
        .service(clocks::list_clocks)
        .service(clocks::count_clocks)
        .service(board::read_board_figures)
        .service(board::list_silent_units);
    setup::operations(machines::operations(routes))
}

/// The operations with their description.
pub fn described(config: &mut ServiceConfig<'_>) {
    config.service(operations(scope(BASE))).service(health::livez).service(health::readyz);
}

/// Everything the public address answers.
pub fn service(state: ApiState) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let data = Data::new(state);
        config.app_data(data.clone());
        // The operations come first; what they do not answer falls to the rest.
        config
            .service(operations(web::scope(BASE)))
            .service(health::livez)
            .service(health::readyz)
            .route("/openapi.json", web::get().to(description))
            .service(web::redirect("/docs", "/docs/"))
            .service(reference())
            .default_service(web::to(fallback));
    }
}

/// What the operator's address answers.
pub fn admin(
    state: ApiState,
    render: impl Fn() -> String + Clone + Send + 'static,
) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config
            .app_data(Data::new(state))
            .service(health::livez)
            .service(health::readyz_detail)
            .route(
                "/metrics",
                web::get().to(move || {
                    let text = render();
                    async move {
                        HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
                    }
                }),
            );
    }
}

/// The description, as clients fetch it.
async fn description(state: Data<ApiState>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(state.description.as_str().to_owned())
}

/// The interactive reference, from files inside the program: nothing is fetched from elsewhere.
fn reference() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}")
        .config(Config::from("/openapi.json").validator_url("none").persist_authorization(false))
}

/// Paths that are there to be read, besides those of the description.
const UNDESCRIBED: [&str; 2] = ["/openapi.json", "/docs/"];

/// A known path with another method is 405 with `Allow`; anything else is not there.
async fn fallback(state: Data<ApiState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let known = state.methods.iter().filter(|(path, _)| path.is_match(request.path()));
    let mut methods: Vec<String> = known.flat_map(|(_, methods)| methods.clone()).collect();
    if UNDESCRIBED.contains(&request.path()) {
        methods.push("GET".to_owned());
    }
    if methods.iter().any(|method| method == "GET") {
        // See the middleware.
        methods.push("HEAD".to_owned());
    }
    methods.sort();
    methods.dedup();
    if methods.is_empty() {
        Err(ApiError::NoSuchPath)
    } else {
        Err(ApiError::MethodNotAllowed(methods))
    }
}
