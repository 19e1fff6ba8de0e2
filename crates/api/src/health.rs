//! Whether the service lives, whether it takes requests, and its metrics.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::ladder::LadderStep;
use serde::Serialize;
use utoipa::ToSchema;

use crate::middleware::SaysItself;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Whether something holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`, or what is wrong.
    status: &'static str,
}

/// Is the process alive?
///
/// Asks nothing outside the process.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "Alive", body = Health)),
)]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Does the service take requests?
///
/// Red while it stops, its database does not answer or takes no writes, or there is too little room to file into. The
/// detail is on the operator's address.
#[utoipa::path(
    tag = "operations",
    responses(
        (status = 200, description = "Ready", body = Health),
        (status = 503, description = "Not ready", body = wire::Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/readyz")]
pub async fn readyz(state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let readiness = &state.readiness;
    if readiness.draining() || readiness.short_of_room() || state.app.store.ping().await.is_err() {
        return Err(ApiError::NotReady);
    }
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}

/// What readiness is made of, for the operator.
#[derive(Debug, Serialize)]
struct Detail {
    ready: bool,
    draining: bool,
    database: &'static str,
    room: &'static str,
    backend: String,
    schema: Option<String>,
    issuers_without_keys: Vec<String>,
    mail: MailDetail,
    /// Where every tenant stood when the ladders were last looked at: no unit, no case.
    tenants: Vec<Tenant>,
}

/// How mail goes, as this instance last saw it. It makes nothing red: filings do not wait for it.
#[derive(Debug, Serialize)]
struct MailDetail {
    on: bool,
    waiting: i64,
    oldest_seconds: i64,
    server_away: Option<String>,
}

fn mail(state: &ApiState) -> MailDetail {
    let mailing = &state.app.mailing;
    let found = mailing.state();
    let age = |oldest| state.app.now().duration_since(oldest).as_secs().max(0);
    MailDetail {
        on: mailing.plan().is_some(),
        waiting: found.waiting,
        oldest_seconds: found.oldest.map_or(0, age),
        server_away: found.away,
    }
}

/// What lies untouched at a tenant, by step.
#[derive(Debug, Serialize)]
struct Tenant {
    tenant: String,
    steps: BTreeMap<&'static str, Lying>,
}

/// What lies at a step.
#[derive(Debug, Serialize)]
struct Lying {
    open: usize,
    late: usize,
    oldest_untouched_seconds: i64,
}

fn tenants(state: &ApiState) -> Vec<Tenant> {
    let lying = |(step, lying): (&LadderStep, &app::jobs::Lying)| {
        let app::jobs::Lying { open, late, oldest_seconds } = *lying;
        (step.code(), Lying { open, late, oldest_untouched_seconds: oldest_seconds })
    };
    let standing = state.app.standing();
    let tenant = |it: &app::jobs::Standing| Tenant {
        tenant: it.tenant.clone(),
        steps: it.steps.iter().map(lying).collect(),
    };
    standing.iter().map(tenant).collect()
}

/// The detail of readiness, on the operator's address.
#[get("/readyz")]
pub async fn readyz_detail(state: Data<ApiState>) -> HttpResponse {
    let answers = state.app.store.ping().await.is_ok();
    let draining = state.readiness.draining();
    let schema = state.app.store.schema_version().await.ok().flatten();
    let issuers_without_keys = state.verifier.warm(state.app.now()).await;
    let short = state.readiness.short_of_room();
    let ready = answers && !draining && !short;
    let detail = Detail {
        ready,
        draining,
        database: if answers { "ok" } else { "unavailable" },
        room: if short { "short" } else { "ok" },
        backend: format!("{:?}", state.app.store.backend()).to_lowercase(),
        schema,
        issuers_without_keys,
        mail: mail(&state),
        tenants: tenants(&state),
    };
    if ready {
        HttpResponse::Ok().json(detail)
    } else {
        let mut response = HttpResponse::ServiceUnavailable().json(detail);
        response.extensions_mut().insert(SaysItself);
        response
    }
}
