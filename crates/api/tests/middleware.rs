//! Whatever a handler does, the answer is one a client can read and nothing internal leaves.
#![allow(clippy::disallowed_methods, reason = "a service made for this test")]

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, test, web};
use serde_json::Value;

/// What must never be seen outside.
const CANARY: &str = "SELECT secret FROM subjects at /srv/avvikelse.db";

async fn panics() -> HttpResponse {
    if CANARY.len() > 1 {
        panic!("{CANARY}");
    }
    HttpResponse::Ok().finish()
}

async fn fails() -> Result<HttpResponse, actix_web::Error> {
    Err(actix_web::error::ErrorInternalServerError(CANARY))
}

async fn takes_a_number(_: web::Path<u32>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn every_failure_is_told_as_a_problem_without_internal_text() {
    let service = test::init_service(
        App::new()
            .wrap(from_fn(api::around))
            .route("/panics", web::get().to(panics))
            .route("/fails", web::get().to(fails))
            .route("/number/{n}", web::get().to(takes_a_number)),
    )
    .await;
    for (path, status, code) in [
        ("/panics", StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ("/fails", StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ("/number/x", StatusCode::NOT_FOUND, "not_found"),
        ("/nothing", StatusCode::NOT_FOUND, "not_found"),
    ] {
        let request = test::TestRequest::get().uri(path).to_request();
        let response = test::try_call_service(&service, request).await;
        let response = match response {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        };
        assert_eq!(response.status(), status, "{path}");
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        assert_eq!(header("content-type").as_deref(), Some("application/problem+json"), "{path}");
        let id = header("x-request-id").unwrap_or_else(|| panic!("{path}: no request id"));
        let body = actix_web::body::to_bytes(response.into_body()).await.expect("a body");
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(!text.contains("secret") && !text.contains("srv"), "{path}: {text}");
        let problem: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(problem["code"], code, "{path}");
        assert_eq!(problem["request_id"], id, "{path}");
        assert_eq!(problem["status"], status.as_u16(), "{path}");
    }
    // The worker lives on.
    let again = test::TestRequest::get().uri("/number/1").to_request();
    assert_eq!(test::call_service(&service, again).await.status(), StatusCode::OK);
}
