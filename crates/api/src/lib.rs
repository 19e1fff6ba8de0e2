//! HTTP: routes, extractors, problem details, the OpenAPI description. Only here are there status
//! codes.

mod cases;
mod extract;
mod health;
mod middleware;
mod openapi;
mod problem;
mod routes;
mod schema;
mod setup;
mod state;
mod statistics;

pub use middleware::around;
pub use openapi::document;
pub use routes::{admin, service};
pub use state::{ApiState, Readiness};
