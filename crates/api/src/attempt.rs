//! What was tried and refused, for the access log: named by the operation, in the words of what is shown.

use std::sync::Arc;

use actix_web::HttpMessage as _;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use app::trail::Trail;

use crate::state::ApiState;

/// What an operation would have done, as entries of the access log say it: `case.read`, `subject.read`,
/// `case.triage`.
fn act_of(method: &Method, pattern: &str) -> String {
    let path = pattern.trim_start_matches("/api/v1/").trim_start_matches("me/");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.starts_with('{')).collect();
    let one = |plural: &str| plural.strip_suffix('s').unwrap_or(plural).replace('-', "_");
    let kind = parts.first().map(|first| one(first)).unwrap_or_default();
    let does = match method.as_str() {
        "GET" | "HEAD" => "read",
        "PATCH" | "PUT" => "change",
        "DELETE" => "remove",
        _ => "add",
    };
    match parts.get(1..).unwrap_or_default() {
        [] => format!("{kind}.{does}"),
        ["subject"] if kind == "case" => format!("subject.{does}"),
        [rest @ .., last] => {
            let last = last.replace('-', "_");
            let sub = rest.iter().map(|part| format!("{}.", part.replace('-', "_")));
            format!("{kind}.{}{last}", sub.collect::<String>())
        }
    }
}

/// Keeps what the request was refused. An answer that shows nothing does not wait for ever on a log that
/// cannot be written: that is told, loudly.
pub(crate) async fn keep_refused<B: MessageBody>(response: &ServiceResponse<B>) {
    let request = response.request();
    let trail = request.extensions().get::<Arc<Trail>>().map(Arc::clone);
    let (Some(trail), Some(state)) = (trail, request.app_data::<Data<ApiState>>()) else { return };
    let forbidden = response.status() == StatusCode::FORBIDDEN;
    let act = || act_of(request.method(), &request.match_pattern().unwrap_or_default());
    if let Err(error) = state.app.keep_refusals(&trail, act, forbidden).await {
        tracing::error!(%error, "a refusal is not in the access log");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_as_what_it_shows_is() {
        let named = |method: Method, path: &str| act_of(&method, &format!("/api/v1/{path}"));
        assert_eq!(named(Method::GET, "cases/{id}"), "case.read");
        assert_eq!(named(Method::GET, "cases/{id}/subject"), "subject.read");
        assert_eq!(named(Method::GET, "cases/{id}/history"), "case.history");
        assert_eq!(named(Method::POST, "cases/{id}/triage"), "case.triage");
        assert_eq!(named(Method::POST, "cases/{id}/opinion/pass_on"), "case.opinion.pass_on");
        assert_eq!(named(Method::GET, "cases/{id}/attachments/{attachment}"), "case.attachments");
        assert_eq!(named(Method::PATCH, "cases/{id}"), "case.change");
        assert_eq!(named(Method::GET, "me/cases/{id}"), "case.read");
        assert_eq!(named(Method::GET, "learning-cards/{id}"), "learning_card.read");
        assert_eq!(named(Method::POST, "cases/{id}/diary-number"), "case.diary_number");
    }
}
