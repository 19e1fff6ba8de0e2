//! The real service on a port of its own, over either database, with a client. For tests only.

mod client;
mod database;
mod sending;
mod service;

pub use client::{Client, Response};
pub use database::{Database, on_each_database};
pub use sending::Sender;
pub use service::{Service, TestClock};
