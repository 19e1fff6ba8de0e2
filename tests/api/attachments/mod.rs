//! Files of a case: what is taken, what comes out of it, who sees it, and that nothing is left of
//! what goes.

mod kept;
mod taken;

use serde_json::Value;
use testkit::{Client, Response};

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn path(case: &str) -> String {
    format!("/api/v1/cases/{case}/attachments")
}

fn send(client: &Client, case: &str, name: &str, bytes: &[u8]) -> Response {
    client.upload(&path(case), (name, "application/octet-stream"), bytes, &[])
}

fn items(client: &Client, case: &str) -> Vec<Value> {
    let list = client.get(&path(case)).expect(200).json();
    list["items"].as_array().expect("items").clone()
}
