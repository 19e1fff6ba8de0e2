//! The access log, checks of it, and reading across on a ground.

use domain::ids::TenantId;
use domain::organisation::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Service;

use super::Holder;

pub fn logged(hold: &mut Holder<'_>, service: &Service, tenant: TenantId) {
    let of = ("provby", tenant);
    let auditor = service.holder(of, "granskare", Role::Auditor, &[], &[]);
    let sas = service.holder(of, "sas", Role::Sas, &[], &[]);
    let person = json!({"personal_id": "640823-3234"});
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"], "subject": person});
    let case = service.reporter("provby", "anna").post("/api/v1/cases", filing).expect(201).json();

    let grounds = "/api/v1/reading-grounds";
    let ground = json!({"case": case["id"], "kind": "consent", "on": "2026-03-01", "reason": "x", "until": "2026-04-01"});
    hold.post(&sas, grounds, json!({"kind": "consent"})).expect(422);
    let ground = hold.post(&sas, grounds, ground).expect(201).json();
    let one = format!("{grounds}/{}", ground["id"].as_str().expect("an id"));
    hold.get(&sas, grounds).expect(200);
    let tag = hold.get(&sas, &one).expect(200).etag();
    hold.post(&sas, &format!("{one}/revoke"), json!({})).expect(428);
    hold.post(&sas.with("if-match", &tag), &format!("{one}/revoke"), json!({})).expect(200);

    let log = "/api/v1/access-log";
    hold.get(&auditor, &format!("{log}?purpose=incident&reason=x&limit=20")).expect(200);
    hold.get(&auditor, log).expect(422);
    hold.get(&sas.with("authorization", "Bearer x"), log).expect(401);
    let search = json!({"purpose": "complaint", "reason": "x", "subject": person, "limit": 20});
    hold.post(&auditor, &format!("{log}/search"), search).expect(200);
    let extract = json!({"reason": "x", "subject": person});
    hold.post(&auditor, &format!("{log}/extract"), extract).expect(200);

    // What is read in the instant of a draw is not drawn; nobody judges what they have read themselves.
    service.clock.advance(SignedDuration::from_mins(1));
    let auditor = service.holder(of, "kontrollant", Role::Auditor, &[], &[]);
    let checks = "/api/v1/spot-checks";
    let asked =
        json!({"from": "2026-03-01", "to": "2026-03-10", "sample": 3, "rules": [], "reason": "x"});
    hold.post(&auditor, checks, json!({})).expect(422);
    let drawn = hold.post(&auditor, checks, asked).expect(201);
    let (check, tag) = (drawn.json(), drawn.etag());
    let one = format!("{checks}/{}", check["id"].as_str().expect("an id"));
    hold.get(&auditor, checks).expect(200);
    hold.get(&auditor, &one).expect(200);
    let readings = check["readings"].as_array().expect("readings");
    assert!(!readings.is_empty(), "{check}");
    let judged = |it: &Value| json!({"entry": it["entry"], "verdict": "proper", "reason": "x"});
    let judged = json!({"judgements": readings.iter().map(judged).collect::<Vec<_>>()});
    let with = auditor.with("if-match", &tag);
    let tag = hold.post(&with, &format!("{one}/judgements"), judged).expect(200).etag();
    let with = auditor.with("if-match", &tag);
    hold.post(&with, &format!("{one}/close"), json!({"summary": "x"})).expect(200);
}
