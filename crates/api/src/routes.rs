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

use crate::access_log;
use crate::board;
use crate::cases::{
    attachments, beside, command, draft, duties, file, investigations, list, many,
    measures as case_measures, read, record, refile, samples, suggest,
};
use crate::chain;
use crate::clocks;
use crate::contacts;
use crate::escalations;
use crate::exposures;
use crate::forwardings;
use crate::handovers;
use crate::health;
use crate::learning;
use crate::machines;
use crate::measures;
use crate::openapi::WRITTEN;
use crate::opinions;
use crate::problem::ApiError;
use crate::public::{
    code_page, leave, opinion_page, published, qr, receipt_page, receipts, replies,
    reports as public_reports, survey as sender_survey,
};
use crate::publications;
use crate::register;
use crate::reporter;
use crate::reports;
use crate::retention;
use crate::reviews;
use crate::setup;
use crate::signals;
use crate::state::ApiState;
use crate::statistics;
use crate::survey;
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
        .service(command::give_diary_number)
        .service(record::take_record)
        .service(publications::read_publication)
        .service(publications::write_publication)
        .service(publications::approve_publication)
        .service(publications::withdraw_publication)
        .service(publications::list_publications)
        .service(survey::read_survey)
        .service(survey::note_survey)
        .service(register::read_register)
        .service(command::close)
        .service(command::reopen)
        .service(command::void)
        .service(refile::refile)
        .service(opinions::read_opinion)
        .service(opinions::command::register_opinion)
        .service(opinions::command::acknowledge_opinion)
        .service(opinions::command::assign_opinion)
        .service(opinions::command::investigate_opinion)
        .service(opinions::command::ask_sender)
        .service(opinions::command::note_attempt)
        .service(opinions::command::answer_opinion)
        .service(opinions::command::hand_over_opinion)
        .service(opinions::command::pass_on_opinion)
        .service(opinions::command::spin_off)
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
        .service(reports::read::read_yearly_report)
        .service(signals::list_signals)
        .service(exposures::read_rates)
        .service(exposures::list_exposures)
        .service(exposures::give_exposure)
        .service(exposures::import_exposures)
        .service(exposures::read_exposure)
        .service(exposures::change_exposure)
        .service(exposures::remove_exposure)
        .service(clocks::list_clocks)
        .service(clocks::count_clocks)
        .service(reviews::follow_up::read_follow_up)
        .service(reviews::read::list_reviews)
        .service(reviews::read::read_review_history)
        .service(reviews::read::read_review_persons)
        .service(reviews::command::write_review)
        .service(reviews::command::progress_improvement)
        .service(reviews::command::decide_improvement)
        .service(reviews::command::sign_review)
        .service(reviews::command::reopen_review)
        .service(reviews::read::read_review)
        .service(reports::state::list_reports)
        .service(reports::state::read_report_draft)
        .service(reports::state::lock_report)
        .service(reports::state::check_report)
        .service(reports::state::establish_report)
        .service(reports::state::reopen_report)
        .service(reports::state::note_board)
        .service(reports::state::list_report_versions)
        .service(reports::state::read_report_changes)
        .service(reports::state::read_report_version)
        .service(chain::read_chain_head)
        .service(reports::marks::read_marks)
        .service(reports::marks::mark_report)
        .service(reports::confirm::list_report_texts)
        .service(reports::confirm::confirm_report_text)
        .service(reports::confirm::withdraw_report_text)
        .service(reports::text::write_section)
        .service(reports::text::ask_paragraphs)
        .service(reports::text::list_paragraphs)
        .service(reports::text::give_paragraph)
        .service(reports::text::set_goal)
        .service(reports::text::read_goal)
        .service(reports::text::change_goal)
        .service(reports::own::list_own_figures)
        .service(reports::own::enter_own_figure)
        .service(reports::own::import_own_figures)
        .service(reports::own::withdraw_own_figure)
        .service(reports::own::read_own_figure)
        .service(reports::own::change_own_figure)
        .service(reports::shared::withdraw_share)
        .service(reports::shared::list_partners)
        .service(reports::shared::end_sharing)
        .service(reports::shared::agree_to_share)
        .service(reports::shared::share_report)
        .service(reports::shared::list_shared)
        .service(reports::shared::note_shared)
        .service(reports::shared::read_shared)
        .service(reports::shared::read_beside)
        .service(board::read_board_figures)
        .service(board::list_silent_units)
        .service(contacts::list_contacts)
        .service(contacts::register_contact)
        .service(contacts::read_contact)
        .service(contacts::revoke_contact)
        .service(contacts::set_code_word)
        .service(contacts::issue_link)
        .service(contacts::revoke_link)
        .service(contacts::issue_code)
        .service(contacts::read_portal_log)
        .service(contacts::list_forwarding_files)
        .service(contacts::read_forwarding_file)
        .service(contacts::print_letter);
    let routes = access_log::operations(retention::operations(routes));
    setup::operations(public(machines::operations(routes)))
}

/// The operations of whoever has no login, and what leads to them.
fn public<R: Routes>(routes: R) -> R {
    routes
        .service(leave::leave_opinion)
        .service(receipts::read_receipt)
        .service(receipts::say_more)
        .service(receipts::add_file)
        .service(receipts::lose_receipt)
        .service(receipts::renew_receipt)
        .service(qr::read_unit_qr)
        .service(sender_survey::answer_survey)
        .service(published::list_published)
        .service(public_reports::list_public_reports)
        .service(public_reports::read_catalogue)
        .service(public_reports::read_public_report)
        .service(replies::come_by_letter)
        .service(replies::read_replies)
        .service(replies::show_factor)
        .service(replies::answer_reply)
        .service(replies::ask_back)
        .service(replies::attach_to_reply)
        .service(replies::list_reply_files)
        .service(replies::read_reply_file)
        .service(replies::hand_over)
        .service(replies::leave)
}

/// The pages, outside the base: their addresses stand in letters and on posters. They come last, since
/// each begins with the name of a tenant.
fn pages<R: Routes>(routes: R) -> R {
    routes
        .service(opinion_page::show_opinion_form)
        .service(opinion_page::send_opinion_form)
        .service(code_page::show_code_form)
        .service(receipt_page::open_receipt)
        .service(receipt_page::send_message_form)
        .service(code_page::show_saved)
        .service(code_page::show_lost_form)
        .service(code_page::send_lost_form)
        .service(code_page::show_new_code_form)
        .service(code_page::send_new_code_form)
        .service(sender_survey::send_survey_form)
        .service(published::show_published)
        .service(public_reports::show_public_reports)
        .service(public_reports::show_public_report)
}

/// The operations with their description.
pub fn described(config: &mut ServiceConfig<'_>) {
    config
        .service(operations(scope(BASE)))
        .service(health::livez)
        .service(health::readyz)
        .service(pages(scope("")));
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
            .configure(reply_pages)
            .service(pages(web::scope("")))
            .default_service(web::to(fallback));
    }
}

/// The pages on which a counterparty's contact answers: short enough for a letter.
fn reply_pages(config: &mut web::ServiceConfig) {
    config
        .route("/{tenant}/svar", web::get().to(replies::letter_page))
        .route("/{tenant}/svar", web::post().to(replies::enter_letter_code))
        .route("/{tenant}/svar/{token}", web::get().to(replies::replies_page))
        .route("/{tenant}/svar/{token}", web::post().to(replies::act_on_page))
        .route("/{tenant}/svar/{token}/{id}", web::get().to(replies::one_page))
        .route("/{tenant}/svar/{token}/{id}", web::post().to(replies::say_on_page))
        .route("/{tenant}/svar/{token}/{id}/fil", web::post().to(replies::attach_on_page))
        .route("/{tenant}/svar/{token}/{id}/fil/{file}", web::get().to(replies::file_of_page));
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
async fn description() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(WRITTEN)
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
    let undescribed = UNDESCRIBED.contains(&request.path());
    let methods = match state.methods.of(request.path()) {
        Some(methods) => methods.to_vec(),
        // See the middleware.
        None if undescribed => ["GET", "HEAD"].map(str::to_owned).to_vec(),
        None => Vec::new(),
    };
    if methods.is_empty() {
        Err(ApiError::NoSuchPath)
    } else {
        Err(ApiError::MethodNotAllowed(methods))
    }
}
