//! What the matrix sends.

use serde_json::{Value, json};

/// A body that passes the schema of an operation, so that only access decides.
pub fn body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "suggest" => json!({"text": "x"}),
        "mail" => json!({"digest": true}),
        "exposures" => {
            json!({"unit": "gran", "kind": "persons", "from": "2099-01", "to": "2099-01", "amount": 1})
        }
        "triage" => json!({"severity": {"actual": 1}, "reason": "x"}),
        "withdraw" if path.contains("/share/") => {
            json!({"to": "annan", "report_version": 1, "reason": "x"})
        }
        "lead" | "reopen" | "void" | "withdraw" | "{attachment}" => json!({"reason": "x"}),
        "refile" => json!({"kind": "klagomal", "reason": "x"}),
        "revoke" if path.contains("/reading-grounds/") => json!({}),
        "revoke" => json!({"reason": "left"}),
        "investigation" => json!({"course_of_events": "x"}),
        "measures" => json!({"measures": [{"type": "ATG.RUT", "text": "x"}]}),
        "duties" => json!({"duty": "POL"}),
        "waiting" => json!({"reason": "x", "end": true}),
        "feedback" => json!({"audience": "reporter", "text": "x"}),
        "corrections" => json!({"occurred_at": "2026-03-01T10:00:00Z", "reason": "x"}),
        "handovers" => json!({"units": ["norr"], "to": uuid::Uuid::nil()}),
        "transfer" => json!({"unit": "tall", "reason": "x"}),
        "links" => json!({"kind": "related", "case": uuid::Uuid::nil()}),
        "close" if path.contains("/spot-checks/") => json!({"summary": "x"}),
        "close" => json!({"outcome": "UTF.ATE", "summary": "x"}),
        "actions" => {
            json!({"cases": [{"id": uuid::Uuid::nil(), "version": 0}], "action": {"lead": {"reason": "x"}}})
        }
        "investigations" => json!({"cases": [uuid::Uuid::nil()], "reason": "same_person"}),
        "escalations" if path.contains("/cases/") => json!({"kind": "lex_maria", "reason": "x"}),
        "escalations" => {
            json!({"kind": "riskperson", "unit": "tall", "person": "x", "reason": ""})
        }
        "screenings" => {
            json!({"items": [{"id": uuid::Uuid::nil(), "version": 0, "outcome": "take_up"}]})
        }
        "screen" => json!({"outcome": "take_up"}),
        "immediate-action" => json!({"text": "x"}),
        "propose" => json!({"text": "x"}),
        "decide" => json!({"notify": false}),
        "assess" => json!({"degree": "none"}),
        "notify" => {
            json!({"sent_at": "2026-03-01T10:00:00Z", "channel": "post", "diary_number": "x"})
        }
        "inquiry" => json!({"sent_at": "2026-03-01T10:00:00Z", "channel": "post"}),
        "reassess" | "end" => json!({"reason": "x"}),
        "readers" => json!({"readers": []}),
        "delegations" => {
            json!({"staff": uuid::Uuid::nil(), "matter": "notify", "reference": "x", "decided_by": "x"})
        }
        "cases" if path.contains("/investigations/") => json!({"case": uuid::Uuid::nil()}),
        "ask" => json!({"text": "x"}),
        "attempt" => json!({"on": "2026-03-10", "way": "TEL"}),
        "pass_on" => json!({"to": "ivo"}),
        "{id}" if path.contains("/samples/") => json!({"verdict": "fine"}),
        "opinions" => json!({"kind": "klagomal", "text": "x"}),
        "receipts" => json!({"code": "1234 5678 9012 3452"}),
        "messages" => json!({"code": "1234 5678 9012 3452", "text": "x"}),
        "survey" if path.contains("/public/") => {
            json!({"code": "1234 5678 9012 3452", "helped": "no"})
        }
        "survey" => json!({"helped": "no"}),
        "marks" => json!({"marks": []}),
        "retention" => json!({"rules": []}),
        "legal-holds" => json!({"case": "x", "reason": "x"}),
        "lift" => json!({"reason": "x"}),
        "order" => json!({"decision": "x"}),
        "disclosures" => json!({"decision": "given", "asked_on": "2026-03-10"}),
        "person-exports" => json!({"subject": {"other_id": "x"}, "reason": "x"}),
        "publication" => json!({"question": "x", "answer": "x"}),
        "diary-number" => json!({"diary_number": "x 1"}),
        "lost" => json!({"email": "nobody@example.se"}),
        "renew" => json!({"token": "x"}),
        _ if path.contains("/sections/") && path.ends_with("/paragraphs") => {
            json!({"units": ["gran"]})
        }
        "{section}" => json!({"text": "x"}),
        "{id}" if path.contains("/yearly/{year}/paragraphs/") => json!({"text": "x"}),
        "goals" => json!({"section": "learning", "text": "x"}),
        "establish" => {
            json!({"on": "2026-03-10", "capacity": "vardgivare", "reference": "x"})
        }
        "board" => json!({"state": "submitted", "on": "2026-03-10"}),
        "share" => json!({"to": "annan"}),
        "note" => json!({"on": "2026-03-10", "paragraph": "x"}),
        "{tenant}" => json!({"side": "provider"}),
        "own-figures" => own_figure(),
        "{id}" if path.contains("/own-figures/") => own_figure(),
        "contacts" => json!({"email": "avvikelser@region.example"}),
        "analysis" => json!({"text": "x"}),
        "improvements" => {
            json!({"text": "x", "owner": {"role": "unit_manager"}, "due_on": "2026-04-01"})
        }
        "{improvement}" => json!({"done_on": "2026-03-10"}),
        "replies" => json!({"code": "0000 0000 0000 0000"}),
        "search" => json!({"purpose": "incident", "reason": "x", "limit": 1}),
        "extract" => json!({"subject": {"personal_id": "19000101-9802"}, "reason": "x"}),
        "spot-checks" => {
            json!({"from": "2020-01-01", "to": "2020-01-02", "sample": 1, "reason": "x"})
        }
        "judgements" => {
            json!({"judgements": [{"entry": uuid::Uuid::nil(), "verdict": "ask", "reason": "x"}]})
        }
        "reading-grounds" => {
            json!({"unit": "gran", "law": "HSL", "kind": "consent", "on": "2020-01-01",
                "reason": "x", "until": "2020-01-02"})
        }
        _ => json!({}),
    }
}

/// A figure that is counted elsewhere, of a unit below the grants.
pub fn own_figure() -> Value {
    json!({"name": "x", "unit": "gran", "from": "2025-01-01", "to": "2025-12-31", "value": 1,
        "source": "x"})
}
