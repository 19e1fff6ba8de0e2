//! The service over HTTP, on both databases.

mod access_log;
mod attachments;
mod bad_input;
mod beside;
mod clocks;
mod conditions;
mod disclosures;
mod escalations;
mod exposures;
mod figures;
mod forms;
mod forwardings;
mod handover;
mod idempotency;
mod investigations;
mod ladder;
mod learning_cards;
mod lex_reports;
mod machines;
mod many;
mod opinions;
mod owned_fields;
mod ownership;
mod portal;
mod privacy;
mod protected;
mod public;
mod public_reports;
mod race;
mod record;
mod refile;
mod register;
mod reporter;
mod reports;
mod reports_read;
mod retention;
mod reviews;
mod spot_checks;
mod story;
mod worklist;

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
    house_of(Service::start(database))
}

fn house_of(service: Service) -> House {
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    // A nurse, too, as many are: she gives both parts of a triage.
    service.holder(of, "chef", Role::UnitManager, &[], &[]);
    let manager = service.holder(of, "chef", Role::Team, &[], &[]);
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
