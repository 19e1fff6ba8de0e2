//! HTTP: routes, extractors, problem details, the OpenAPI description. Only here are there status
//! codes.

mod allowed;
mod board;
mod cases;
mod clocks;
mod connection;
mod contacts;
mod escalations;
mod exposures;
mod extract;
mod forwardings;
mod handovers;
mod health;
mod learning;
mod machines;
mod measures;
mod middleware;
mod openapi;
mod opinions;
mod pace;
mod problem;
mod public;
mod publications;
mod register;
mod reporter;
mod reports;
mod reviews;
mod routes;
mod schema;
mod setup;
mod signals;
mod state;
mod statistics;
mod survey;
mod tighten;
mod trace;
mod worklist;

pub use connection::Connections;
pub use middleware::around;
pub use openapi::document;
pub use pace::Pace;
pub use public::source::{Network, Proxies};
pub use routes::{admin, service};
pub use state::{ApiState, Readiness};
pub use trace::{Parent, TARGET as TRACE};
