//! What the service decides itself is nobody's to send: every body of the description, with every field that only
//! answers have.

mod description;
mod story;

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::TenantId;
use domain::organisation::Role;
use serde_json::{Map, Value, json};
use testkit::{Client, Database, Service, on_each_database};
use uuid::Uuid;

use crate::{fall, file, house, id, standard_triage};
use description::Description;
use story::{Done, story};

/// Schemas of bodies that take fields they do not name, each with what becomes of those.
const OPEN: [(&str, &str); 6] = [
    ("FilingRequest/details", "answers by the codes of questions; others are kept and warned of"),
    ("PublicOpinionRequest/details", "the same"),
    ("CorrectionRequest/details", "the same, where they are counted"),
    ("OwnerView/0", "a person or a role, never more: another field is refused with the whole"),
    ("OwnerView/1", "the same"),
    ("Exchange", "a message of another system: what version 1 does not know is passed over"),
];

/// Operations that refuse before they read a body, of which no other request makes what they would be about: each
/// with its status. Their bodies are closed like the others.
const UNREAD: [(&str, u16); 16] = [
    ("DELETE /api/v1/cases/{id}/attachments/{attachment}", 404),
    ("POST /api/v1/cases/{id}/publication/approve", 404),
    ("POST /api/v1/cases/{id}/publication/withdraw", 404),
    ("POST /api/v1/escalations/{id}/readers", 403),
    ("POST /api/v1/handovers/{id}/sign", 404),
    ("POST /api/v1/public/{tenant}/machine/messages", 403),
    ("POST /api/v1/public/{tenant}/replies/{token}/factor", 410),
    ("POST /api/v1/public/{tenant}/replies/{token}/hand-over", 410),
    ("POST /api/v1/public/{tenant}/replies/{token}/matters/{id}/answer", 410),
    ("POST /api/v1/public/{tenant}/replies/{token}/matters/{id}/ask", 410),
    ("POST /api/v1/reports/partners/{tenant}/end", 404),
    ("POST /api/v1/reports/shared/{provider}/{year}/note", 404),
    ("POST /api/v1/retention/runs/{id}/order", 404),
    ("POST /api/v1/samples/{id}", 404),
    ("PUT /api/v1/cases/{id}/publication", 412),
    ("PUT /api/v1/reports/partners/{tenant}", 404),
];

/// Somebody who holds every role everywhere, but that of a shared phone, which may less.
fn whoever_may_all(service: &Service, tenant: TenantId) -> Client {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Intake);
    let each = roles.map(|role| service.holder(("provby", tenant), "allt", role, &[], &[]));
    each.last().expect("a client")
}

/// A value that nothing has by itself.
fn planted(field: &str) -> Value {
    match field {
        "version" | "sequence" | "report_version" => json!(987_654_321),
        "status" | "state" => json!("closed"),
        _ if field.ends_with("_at") => json!("2001-02-03T04:05:06Z"),
        _ => json!("00000000-0000-4000-8000-00000000beef"),
    }
}

fn unknown(field: &str) -> (String, String) {
    (format!("/{field}"), "unknown_field".to_owned())
}

#[test]
fn no_body_is_open_but_those_that_are_known_to_be() {
    let service = Service::start(Database::Sqlite);
    let description = Description::of(&service);
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    let bodies = description.bodies();
    for (method, path, schema) in &bodies {
        description.open(schema, &format!("{method} {path}"), &mut seen, &mut found);
    }
    let known = |it: &String| {
        OPEN.iter().any(|(open, _)| it == open || (*open == "Exchange" && it.starts_with(open)))
    };
    let open: Vec<&String> = found.iter().filter(|it| !known(it)).collect();
    assert_eq!(open, Vec::<&String>::new());
    assert!(bodies.len() >= 180 && seen.len() >= 250, "{} of {}", seen.len(), bodies.len());
}

/// Where a command is sent, and the version that it is sent on.
struct Places {
    client: Client,
    /// Of each kind of thing one that is there.
    there: BTreeMap<&'static str, String>,
}

impl Places {
    /// One of everything that a single request makes.
    fn make(service: &Service, tenant: TenantId) -> Self {
        let client = whoever_may_all(service, tenant);
        let made = |path: &str, body: Value| id(&client.post(path, body).expect(201).json());
        let case = made("/api/v1/cases", fall());
        let opinion =
            json!({"kind": "klagomal", "unit": "gran", "law": ["SOL"], "description": "x"});
        let end = made("/api/v1/counterparties", json!({"name": "x", "kind": "VC"}));
        let staff = client.get("/api/v1/me").expect(200).json()["staff"].clone();
        let report = "/api/v1/reports/yearly/2025";
        let asked = json!({"units": ["gran"]});
        let asked = client.post(&format!("{report}/sections/leadership/paragraphs"), asked);
        let mut draft = fall();
        draft["draft"] = json!(true);
        let looked_into = made("/api/v1/cases", fall());
        client.command(&looked_into, "triage", standard_triage()).expect(200);
        let peer = json!({"peer_id": "x", "endpoint": "https://x.example/m"});
        client.post(&format!("/api/v1/counterparties/{end}/machine"), peer).expect(201);
        let (review, improvement) = service.review(tenant, "gran");
        let there = [
            ("opinion", made("/api/v1/cases", opinion)),
            (
                "escalations",
                made(
                    &format!("/api/v1/cases/{case}/escalations"),
                    json!({"kind": "lex_maria", "reason": "x"}),
                ),
            ),
            (
                "forwardings",
                made(
                    &format!("/api/v1/cases/{case}/forwardings"),
                    json!({"counterparty": end, "matter": "x", "text": "x"}),
                ),
            ),
            (
                "exposures",
                made(
                    "/api/v1/exposures",
                    json!({"unit": "gran", "kind": "persons", "from": "2025-01",
                "to": "2025-12", "amount": 12}),
                ),
            ),
            (
                "own-figures",
                made(
                    "/api/v1/own-figures",
                    json!({"name": "x", "unit": "gran", "from": "2025-01-01",
                "to": "2025-12-31", "value": 1, "source": "x"}),
                ),
            ),
            (
                "grants",
                made("/api/v1/grants", json!({"staff": staff, "role": "team", "units": ["syd"]})),
            ),
            (
                "delegations",
                made(
                    "/api/v1/delegations",
                    json!({"staff": staff, "matter": "lex_maria",
                "reference": "x", "decided_by": "x"}),
                ),
            ),
            ("legal-holds", made("/api/v1/legal-holds", json!({"case": case, "reason": "x"}))),
            (
                "reading-grounds",
                made(
                    "/api/v1/reading-grounds",
                    json!({"unit": "gran", "law": "SOL",
                "kind": "consent", "on": "2026-03-01", "reason": "x", "until": "2026-03-31"}),
                ),
            ),
            (
                "learning-cards",
                made(
                    "/api/v1/learning-cards",
                    json!({"title": "x", "text": "x",
                "category": "HSL.FAL", "cases": [case]}),
                ),
            ),
            (
                "spot-checks",
                made(
                    "/api/v1/spot-checks",
                    json!({"from": "2026-03-01", "to": "2026-03-10",
                "sample": 3, "reason": "x"}),
                ),
            ),
            (
                "goals",
                made(&format!("{report}/goals"), json!({"section": "learning", "text": "x"})),
            ),
            ("paragraphs", id(&asked.expect(201).json()["items"][0])),
            ("draft", made("/api/v1/cases", draft)),
            (
                "investigations",
                made("/api/v1/investigations", json!({"cases": [looked_into], "reason": "place"})),
            ),
            (
                "contacts",
                made(
                    &format!("/api/v1/counterparties/{end}/contacts"),
                    json!({"email": "a@b.example"}),
                ),
            ),
            (
                "group-grants",
                made(
                    "/api/v1/group-grants",
                    json!({"issuer": "https://login.example.se",
                "group": "x", "role": "team", "units": ["syd"]}),
                ),
            ),
            ("units", service.unit(tenant, "gran").to_string()),
            ("staff", staff.as_str().expect("an id").to_owned()),
            ("reviews", review.to_string()),
            ("improvements", improvement.to_string()),
            ("counterparties", end),
            ("cases", case),
        ];
        Self { there: there.into(), client }
    }

    /// The address of an operation, and somebody who sends to it on the newest version.
    fn of(&self, path: &str) -> (String, Client) {
        let mut target: Vec<String> = Vec::new();
        for part in path.split('/') {
            let kind = match target.last().map(String::as_str) {
                Some("cases") if path.contains("/opinion/") => "opinion",
                Some("cases") if path.ends_with("/submit") || path.ends_with("/cases/{id}") => {
                    "draft"
                }
                Some(kind) => kind,
                None => "",
            };
            target.push(match part {
                "{year}" => "2025".to_owned(),
                "{section}" => "leadership".to_owned(),
                "{list}" => "category".to_owned(),
                "{tenant}" | "{provider}" => "provby".to_owned(),
                _ if part.starts_with('{') => {
                    self.there.get(kind).cloned().unwrap_or_else(|| Uuid::nil().to_string())
                }
                _ => part.to_owned(),
            });
        }
        let of_report = path.contains("/yearly/{year}/") && !path.contains("{id}");
        let around = match of_report {
            true => "/api/v1/reports/yearly/2025/draft".to_owned(),
            false => target[..target.len().min(5)].join("/"),
        };
        let target = target.join("/");
        // What is put has a version of its own, or none yet.
        let tag = [target.clone(), around].into_iter().find_map(|read| {
            let read = self.client.get(&read);
            read.header("etag").map(str::to_owned)
        });
        let newest = match tag {
            Some(_) if path.ends_with("/sections/{section}") => self.client.clone(),
            Some(tag) => self.client.with("if-match", &tag),
            None => self.client.with("if-match", "\"1\""),
        };
        (target, newest)
    }
}

#[test]
fn every_body_names_each_field_that_is_not_the_callers() {
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(Database::Sqlite, now, |config| {
        let own = vec!["127.0.0.1".parse().expect("an address")];
        config.trusted_proxies = server::Proxies::new(own);
    });
    let places = Places::make(&service, service.tenant("provby"));
    let description = Description::of(&service);
    let (mut fields, mut from, mut unread) = (0, 0_u8, BTreeMap::new());
    for (method, path, schema) in description.bodies() {
        let owned = description.owned(&method, &path);
        // An answer names a hundred faults at most.
        let mut bodies: Vec<(Value, Vec<String>)> = Vec::new();
        for some in owned.chunks(40) {
            let body: Map<String, Value> =
                some.iter().map(|name| (name.clone(), planted(name))).collect();
            bodies.push((body.into(), some.to_vec()));
        }
        let mut inner = Vec::new();
        description.inner(schema, &[], &mut inner);
        bodies.extend(inner.into_iter().map(|(body, at)| (body, vec![at])));
        let (target, client) = places.of(&path);
        for (body, wanted) in bodies {
            // What needs no login is limited by place.
            from = from.wrapping_add(1);
            let client = client.with("x-forwarded-for", &format!("192.0.2.{from}"));
            let body = ("application/json", body.to_string().into_bytes());
            let answer = client.send(&method, &target, Some(body));
            let faults = answer.faults();
            let missing: Vec<&String> =
                wanted.iter().filter(|at| !faults.contains(&unknown(at))).collect();
            assert!(answer.status >= 400, "{method} {path} takes {wanted:?}: {}", answer.text);
            if answer.status == 422 && missing.is_empty() {
                fields += wanted.len();
            } else {
                unread.insert(format!("{method} {path}"), answer.status);
            }
        }
    }
    println!("{fields} fields that are not the caller's");
    let known = UNREAD.map(|(operation, status)| (operation.to_owned(), status));
    assert_eq!(unread, BTreeMap::from(known));
    assert!(fields >= 8_000, "only {fields}");
}

#[test]
fn what_the_service_decides_is_refused_and_nothing_of_it_is_kept() {
    on_each_database(|database| {
        let house = house(database);
        let all = whoever_may_all(&house.service, house.tenant);
        let description = Description::of(&house.service);
        let mut draft = fall();
        draft["draft"] = json!(true);
        let end = json!({"name": "Sjukhuset", "kind": "VC"});
        let end = all.post("/api/v1/counterparties", end).expect(201).json();
        let staff = house.mas.get("/api/v1/me").expect(200).json()["staff"].clone();
        let ids: BTreeMap<&str, String> = [
            ("{case}", id(&file(&all, fall()))),
            ("{other}", id(&file(&all, fall()))),
            ("{spare}", id(&file(&all, fall()))),
            ("{draft}", id(&file(&all, draft))),
            ("{end}", id(&end)),
            ("{staff}", staff.as_str().expect("an id").to_owned()),
        ]
        .into();
        let filled = |text: &str| {
            ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
        };
        let (mut refused, mut wrong) = (0, Vec::new());
        for Done { method, path, body, read } in story() {
            let described = ["{case}", "{draft}", "{other}", "{spare}", "{staff}"];
            let described =
                described.iter().fold(path.to_owned(), |path, name| path.replace(name, "{id}"));
            let described =
                described.replace("codes/category", "codes/{list}").replace("2025", "{year}");
            let owned = description.owned(method, &described);
            let (target, read) = (filled(path), filled(read));
            let body: Value = serde_json::from_str(&filled(&body.to_string())).expect("JSON");
            let before = all.get(&read).expect(200);
            let client = match before.header("etag") {
                Some(tag) => all.with("if-match", tag),
                None => all.clone(),
            };
            let send = |body: &Value| {
                client.send(
                    method,
                    &target,
                    Some(("application/json", body.to_string().into_bytes())),
                )
            };
            // An answer names a hundred faults at most.
            for some in owned.chunks(40) {
                let mut with = body.clone();
                some.iter().for_each(|field| with[field] = planted(field));
                let answer = send(&with);
                let (mut faults, named) = (answer.faults(), some.iter().map(|it| unknown(it)));
                faults.sort();
                if answer.status != 422 || !faults.iter().cloned().eq(named) {
                    wrong.push(format!("{method} {path} with {some:?}: {}", answer.text));
                }
            }
            refused += owned.len();
            if all.get(&read).expect(200).text != before.text {
                wrong.push(format!("{method} {path} changed what it refused"));
            }
            // Without those it is done: nothing else was in the way.
            let made = send(&body);
            let after = all.get(&read).expect(200).text;
            if !(200..300).contains(&made.status) || after == before.text {
                wrong.push(format!("{method} {path} is not done: {} {}", made.status, made.text));
            }
            // Four letters alone stand in one drawn id or another.
            for trace in ["987654321", "2001-02-03", "00000000beef"] {
                if made.text.contains(trace) || after.contains(trace) {
                    wrong.push(format!("{method} {path} kept {trace}"));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
        println!("{refused} refused");
        assert!(refused >= 1_900, "only {refused}");
    });
}

#[test]
fn answers_of_forms_named_as_fields_of_the_case_change_none() {
    on_each_database(|database| {
        let house = house(database);
        let planted = json!({"status": "closed", "version": 987_654_321, "closed_at": "2001-02-03T04:05:06Z"});
        let mut body = fall();
        body["details"] = planted.clone();
        let kept = house.manager.post("/api/v1/cases", body).expect(201);
        let codes: Vec<(String, String)> = kept.faults();
        let warned = ["closed_at", "status", "version"]
            .map(|name| (format!("/details/{name}"), "unknown_question".to_owned()));
        assert_eq!(codes, warned);
        let case =
            house.manager.get(&format!("/api/v1/cases/{}", id(&kept.json()))).expect(200).json();
        assert_eq!((&case["status"], &case["version"]), (&json!("reported"), &json!(1)));
        assert_eq!((&case["closed_at"], &case["details"]), (&Value::Null, &planted));
    });
}

#[test]
fn who_sees_to_something_is_a_person_or_a_role_and_nothing_beside() {
    on_each_database(|database| {
        let house = house(database);
        let (review, _) = house.service.review(house.tenant, "gran");
        let path = format!("/api/v1/reviews/{review}");
        let before = house.manager.get(&path).expect(200);
        let client = house.manager.with("if-match", &before.etag());
        let body = |owner: Value| json!({"text": "x", "owner": owner, "due_on": "2026-04-01"});
        let to = format!("{path}/improvements");
        for more in ["version", "by", "staff"] {
            let owner = json!({"role": "unit_manager", more: Uuid::nil()});
            assert_eq!(client.post(&to, body(owner)).status, 422, "{more}");
        }
        assert_eq!(house.manager.get(&path).expect(200).text, before.text);
        client.post(&to, body(json!({"role": "unit_manager"}))).expect(201);
    });
}
