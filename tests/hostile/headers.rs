//! What every answer says to a browser, whoever asked for what.

use testkit::{Database, Service};

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let service = Service::start(Database::Sqlite);
    let tenant = service.tenant("provby");
    let mas = service.holder(("provby", tenant), "mas", domain::organisation::Role::Mas, &[], &[]);
    let nobody = service.anonymous();
    let answers = [
        mas.get("/api/v1/me"),
        mas.get("/api/v1/cases?limit=none"),
        mas.get("/api/v1/cases/none"),
        mas.send("DELETE", "/api/v1/cases", None),
        mas.send("GET", "/api/v1/escalations/screenings", None),
        mas.post("/api/v1/cases", crate::filing()),
        nobody.get("/api/v1/me"),
        nobody.get("/nowhere"),
        nobody.get("/livez"),
        nobody.get("/openapi.json"),
        nobody.get("/docs/"),
        nobody.get("/provby/synpunkt"),
        nobody.get("/provby/receipts"),
        nobody.get("/ingenstans/synpunkt"),
        nobody.get("/api/v1/public/provby/reports"),
        service.operator().get("/metrics"),
        service.operator().get("/nowhere"),
    ];
    for (number, answer) in answers.iter().enumerate() {
        let place = format!("answer {number}, {}: {:?}", answer.status, answer.headers);
        let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("{name}; {place}"));
        assert_eq!(header("x-content-type-options"), "nosniff", "{place}");
        assert_eq!(header("x-frame-options"), "DENY", "{place}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{place}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{place}");
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
            "{place}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{place}");
        assert!(!header("cache-control").is_empty(), "{place}");
        assert!(!header("x-request-id").is_empty(), "{place}");
        // Nobody is told what it is made with.
        assert_eq!(answer.header("server"), None, "{place}");
        assert_eq!(answer.header("x-powered-by"), None, "{place}");
    }
    assert_eq!(answers[4].status, 405, "a name of its own is no id");
    assert_eq!(answers[4].header("allow"), Some("POST"));
}
