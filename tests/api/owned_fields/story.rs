//! Requests that are done, one after another.

use serde_json::{Value, json};

use crate::{fall, standard_triage};

/// A request that is done, and where what it does is read.
pub struct Done {
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
    pub read: &'static str,
}

fn done(method: &'static str, path: &'static str, body: Value, read: &'static str) -> Done {
    Done { method, path, body, read }
}

/// What is sent in this order; `{case}`, `{draft}`, `{other}`, `{spare}`, `{staff}`, `{end}` stand
/// for ids.
pub fn story() -> Vec<Done> {
    let case = "/api/v1/cases/{case}";
    let of_case = |path, body| done("POST", path, body, case);
    let mut changed = fall();
    (changed["draft"], changed["description"]) = (json!(true), json!("Gled ner sakta."));
    vec![
        done("POST", "/api/v1/cases", fall(), "/api/v1/cases?limit=500"),
        done("PATCH", "/api/v1/cases/{draft}", changed, "/api/v1/cases/{draft}"),
        of_case("/api/v1/cases/{case}/triage", standard_triage()),
        of_case("/api/v1/cases/{case}/comments", json!({"text": "x"})),
        of_case("/api/v1/cases/{case}/lead", json!({"staff": "{staff}", "reason": "x"})),
        of_case("/api/v1/cases/{case}/links", json!({"kind": "related", "case": "{other}"})),
        of_case("/api/v1/cases/{case}/transfer", json!({"unit": "tall", "reason": "x"})),
        of_case("/api/v1/cases/{case}/feedback", json!({"audience": "reporter", "text": "x"})),
        of_case("/api/v1/cases/{case}/investigation", json!({"course_of_events": "x"})),
        of_case(
            "/api/v1/cases/{case}/measures",
            json!({"measures": [{"type": "ATG.RUT", "text": "x",
            "owner": "Enhetschef", "due_on": "2026-04-01"}]}),
        ),
        of_case(
            "/api/v1/cases/{case}/corrections",
            json!({"occurred_at": "2026-03-01T10:00:00Z", "reason": "x"}),
        ),
        of_case("/api/v1/cases/{case}/diary-number", json!({"diary_number": "SN 2026/1"})),
        of_case(
            "/api/v1/cases/{case}/waiting",
            json!({"reason": "x", "for": "police", "until": "2026-05-01"}),
        ),
        done(
            "POST",
            "/api/v1/cases/{case}/escalations",
            json!({"kind": "lex_maria", "reason": "x"}),
            "/api/v1/escalations",
        ),
        done(
            "POST",
            "/api/v1/escalations",
            json!({"kind": "riskperson", "unit": "tall", "person": "x", "reason": "x"}),
            "/api/v1/escalations",
        ),
        done("POST", "/api/v1/cases/{draft}/void", json!({"reason": "x"}), "/api/v1/cases/{draft}"),
        done(
            "POST",
            "/api/v1/cases/{other}/close",
            json!({"outcome": "UTF.DIR", "summary": "x",
            "action_taken": "x", "feedback": {"audience": "reporter", "text": "x"},
            "triage": {"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1}, "probability": 1,
                "harm": {"vardskada": "no"}, "lex": {"lex_maria": "no"}, "track": "simple"}}),
            "/api/v1/cases/{other}",
        ),
        done(
            "POST",
            "/api/v1/exposures",
            json!({"unit": "gran", "kind": "persons", "from": "2025-01",
            "to": "2025-12", "amount": 12}),
            "/api/v1/exposures",
        ),
        done(
            "POST",
            "/api/v1/own-figures",
            json!({"name": "Kontroller", "unit": "gran", "from": "2025-01-01",
            "to": "2025-12-31", "value": 1, "source": "Bok"}),
            "/api/v1/own-figures",
        ),
        done(
            "POST",
            "/api/v1/units",
            json!({"code": "syrenen", "name": "Syrenen"}),
            "/api/v1/units",
        ),
        done(
            "POST",
            "/api/v1/grants",
            json!({"staff": "{staff}", "role": "team", "units": ["syd"]}),
            "/api/v1/grants",
        ),
        done(
            "POST",
            "/api/v1/codes/category",
            json!({"code": "HSL.FAL.SANG", "parent": "HSL.FAL", "sv": "Fall ur säng"}),
            "/api/v1/codes/category",
        ),
        done(
            "POST",
            "/api/v1/counterparties",
            json!({"name": "Vårdcentralen", "kind": "VC"}),
            "/api/v1/counterparties",
        ),
        done(
            "POST",
            "/api/v1/forwardings",
            json!({"counterparty": "{end}", "matter": "x", "text": "x",
            "channel": "post", "unit": "gran"}),
            "/api/v1/forwardings",
        ),
        done(
            "POST",
            "/api/v1/cases/{spare}/forwardings",
            json!({"counterparty": "{end}", "matter": "x", "text": "x"}),
            "/api/v1/forwardings",
        ),
        done("POST", "/api/v1/cases/{spare}/triage", standard_triage(), "/api/v1/cases/{spare}"),
        done(
            "POST",
            "/api/v1/investigations",
            json!({"cases": ["{spare}"], "reason": "place"}),
            "/api/v1/cases/{spare}",
        ),
        done(
            "POST",
            "/api/v1/delegations",
            json!({"staff": "{staff}", "matter": "lex_maria",
            "reference": "SN 2025/401", "decided_by": "Socialnämnden"}),
            "/api/v1/delegations",
        ),
        done(
            "POST",
            "/api/v1/legal-holds",
            json!({"case": "{case}", "reason": "x"}),
            "/api/v1/legal-holds",
        ),
        done(
            "POST",
            "/api/v1/reading-grounds",
            json!({"unit": "gran", "law": "SOL", "kind": "consent",
            "on": "2026-03-01", "reason": "x", "until": "2026-03-31"}),
            "/api/v1/reading-grounds",
        ),
        done(
            "POST",
            "/api/v1/reports/yearly/2025/goals",
            json!({"section": "learning", "text": "x"}),
            "/api/v1/reports/yearly/2025/draft",
        ),
        done("PUT", "/api/v1/settings", json!({"simple_sample_percent": 17}), "/api/v1/settings"),
        done("PUT", "/api/v1/me/mail", json!({"digest": false}), "/api/v1/me/mail"),
        done(
            "PATCH",
            "/api/v1/staff/{staff}",
            json!({"name": "Eva Lind"}),
            "/api/v1/staff/{staff}",
        ),
    ]
}
