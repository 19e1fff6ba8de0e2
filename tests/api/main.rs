//! The service over HTTP, on both databases.

mod bad_input;
mod conditions;
mod figures;
mod idempotency;
mod ownership;
mod privacy;
mod race;
mod story;

use domain::ids::TenantId;
use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Database, Service};

/// A service with one tenant, a manager of everything under HSL and SoL alike, and a MAS.
struct House {
    service: Service,
    tenant: TenantId,
    manager: Client,
    mas: Client,
}

fn house(database: Database) -> House {
    let service = Service::start(database);
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    let manager = service.holder(of, "chef", Role::UnitManager, &[], &[]);
    let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
    House { service, tenant, manager, mas }
}

fn fall() -> Value {
    json!({
        "kind": "avvikelse",
        "unit": "gran",
        "description": "Gled ner från sängkanten, ingen smärta.",
        "category": "HSL.FAL",
        "law": ["HSL"],
    })
}

/// Files, and gives the case as it came back.
#[track_caller]
fn file(client: &Client, body: Value) -> Value {
    client.post("/api/v1/cases", body).expect(201).json()
}

fn id(case: &Value) -> String {
    case["id"].as_str().expect("an id").to_owned()
}

fn standard_triage() -> Value {
    json!({
        "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 2}, "probability": 2,
        "harm": {"vardskada": "could_have"}, "lex": {"lex_maria": "no"}, "track": "standard",
    })
}
