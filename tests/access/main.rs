//! The access matrix: every operation of the description × roles × relation to the case, over HTTP.
//! The expected answers stand in a reviewed file; an operation that is not in it fails the test.

mod bodies;
mod log;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Database, Response, Service};

use bodies::{body, own_figure};
use log::{Canaries, Watched};

/// What an answer says of access: hidden, forbidden, or let in (whatever the guard then said).
fn letter(status: u16) -> char {
    match status {
        401 => 'u',
        403 => 'f',
        404 | 410 => 'h',
        200..=299 | 304 | 400 | 409 | 412 | 422 | 428 => 'A',
        other => panic!("an answer nobody expects: {other}"),
    }
}

/// A refusal without what is of this request alone; whether the connection closes goes by how much of the body had
/// come by then.
fn without_request(answer: &Response) -> (u16, Vec<(String, String)>, Value) {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date" | "connection"));
    headers.sort();
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (answer.status, headers, body)
}

#[test]
fn every_operation_lets_in_exactly_whom_the_reviewed_table_says() {
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(Database::Sqlite, now, |config| {
        let own = vec!["127.0.0.1".parse().expect("an address")];
        config.trusted_proxies = server::Proxies::new(own);
    });
    let tenant = service.tenant("provby");
    let other = service.tenant("annan");
    let of = ("provby", tenant);

    let mut clients: BTreeMap<String, Client> = BTreeMap::new();
    clients.insert("00 nobody".into(), service.anonymous());
    clients.insert("01 reporter".into(), service.reporter("provby", "reporter"));
    for (at, role) in Role::ALL.into_iter().enumerate() {
        let name = format!("{:02} {}", at + 2, role.code());
        // Administration is of the whole tenant or not at all.
        let units: &[&str] = if role == Role::Admin { &[] } else { &["norr"] };
        clients.insert(name, service.holder(of, role.code(), role, units, &[]));
    }
    // The report of the whole is for whoever holds all of the tenant.
    for role in [Role::Mas, Role::Director, Role::Board] {
        let name = format!("90 {} of all", role.code());
        let subject = format!("{}-all", role.code());
        clients.insert(name, service.holder(of, &subject, role, &[], &[]));
    }
    let stranger = service.holder(("annan", other), "mas", Role::Mas, &[], &[]);
    clients.insert("99 other tenant's mas".into(), stranger);

    let filer = service.reporter("provby", "reporter");
    let canaries = Canaries::default();
    let file = |unit: &str, law: &str, draft: bool| -> String {
        let word = canaries.word();
        let body = json!({
            "kind": "avvikelse", "unit": unit, "law": [law], "description": word, "draft": draft,
            "subject": {"personal_id": "640823-3234"},
        });
        let case = filer.post("/api/v1/cases", body).expect(201).json();
        let id = case["id"].as_str().expect("an id").to_owned();
        canaries.of(&word, &id);
        id
    };
    let relations = [
        ("unit below", file("gran", "HSL", false)),
        ("sibling unit", file("syd", "HSL", false)),
        ("unit below, SoL", file("gran", "SOL", false)),
        ("a draft", file("gran", "HSL", true)),
        ("no such case", uuid::Uuid::now_v7().to_string()),
    ];

    // What nobody may know of has no files either.
    let attachments: Vec<String> = relations
        .iter()
        .map(|(_, case)| {
            let to = format!("/api/v1/cases/{case}/attachments");
            let added = filer.upload(&to, ("a.txt", "text/plain"), b"x", &[]).json();
            added["id"].as_str().unwrap_or(case).to_owned()
        })
        .collect();

    let author = service.holder(of, "author", Role::Mas, &[], &[]);
    let reviewer = service.holder(of, "reviewer", Role::Mas, &[], &[]);
    let card = |approved: bool| -> String {
        let body =
            json!({"title": "x", "text": "x", "category": "HSL.FAL", "cases": [relations[0].1]});
        let made = author.post("/api/v1/learning-cards", body).expect(201).json();
        let id = made["id"].as_str().expect("an id").to_owned();
        if approved {
            let to = format!("/api/v1/learning-cards/{id}/approve");
            reviewer.with("if-match", "\"1\"").post(&to, json!({})).expect(200);
        }
        id
    };
    let cards = [("a draft", card(false)), ("an approved card", card(true))];

    // Investigations and closings, each of a case somewhere.
    let handler = service.holder(of, "handler", Role::Mas, &[], &[]);
    let keeper = service.holder(of, "keeper", Role::Admin, &[], &[]);
    let tag = keeper.get("/api/v1/settings").expect(200).etag();
    let every = json!({"simple_sample_percent": 100, "publishes_answers": true});
    keeper.with("if-match", &tag).put("/api/v1/settings", every).expect(200);
    let triage = |track: &str| {
        json!({"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1},
            "probability": 1, "lex": {"lex_maria": "no"}, "track": track})
    };
    // The case behind what has an id of its own.
    let behind = RefCell::new(BTreeMap::<String, String>::new());
    let inquiry = |unit: &str| -> String {
        let case = file(unit, "HSL", false);
        handler.command(&case, "triage", triage("standard")).expect(200);
        let body = json!({"cases": [case], "reason": "place"});
        let begun = handler.post("/api/v1/investigations", body).expect(201).json();
        let id = begun["id"].as_str().expect("an id").to_owned();
        behind.borrow_mut().insert(id.clone(), case);
        id
    };
    let closing = |unit: &str| -> String {
        let case = file(unit, "HSL", false);
        let end = json!({"outcome": "UTF.DIR", "summary": "x", "action_taken": "x",
            "triage": triage("simple"), "feedback": {"audience": "reporter", "text": "x"}});
        handler.command(&case, "close", end).expect(200);
        case
    };
    let inquiries = [("of a unit below", inquiry("gran")), ("of a sibling unit", inquiry("syd"))];
    let closings = [("at a unit below", closing("gran")), ("at a sibling unit", closing("syd"))];

    // An escalation below and beside, under each law, and a riskperson opened to the MAS above alone.
    let sas = service.holder(of, "sas above", Role::Sas, &[], &[]);
    let raise = |unit: &str, law: &str, kind: &str, by: &Client| -> String {
        let (case, word) = (file(unit, law, false), canaries.word());
        canaries.of(&word, &case);
        let to = format!("/api/v1/cases/{case}/escalations");
        let body = json!({"kind": kind, "reason": word});
        let made = by.post(&to, body).expect(201).json();
        let id = made["id"].as_str().expect("an id").to_owned();
        behind.borrow_mut().insert(id.clone(), case);
        id
    };
    let apart = json!({"kind": "riskperson", "unit": "gran", "person": "x", "reason": "x"});
    let apart = handler.post("/api/v1/escalations", apart).expect(201).json();
    let escalations = [
        ("lex Maria below", raise("gran", "HSL", "lex_maria", &handler)),
        ("lex Maria beside", raise("syd", "HSL", "lex_maria", &handler)),
        ("lex Sarah below", raise("gran", "SOL", "lex_sarah", &sas)),
        ("a riskperson", apart["id"].as_str().expect("an id").to_owned()),
    ];

    // What goes between caregivers: sent of a case below and beside, received for a unit below, and for
    // nobody knows which.
    let end = json!({"name": "x", "kind": "VC"});
    let end = handler.post("/api/v1/counterparties", end).expect(201).json()["id"].clone();
    let to = format!("/api/v1/counterparties/{}/contacts", end.as_str().expect("an id"));
    let contact = json!({"email": "a@region.example"});
    let contact = keeper.post(&to, contact).expect(201).json()["id"].clone();
    let machine = format!("/api/v1/counterparties/{}/machine", end.as_str().expect("an id"));
    let peer = json!({"peer_id": "x", "endpoint": "https://x.example/m"});
    keeper.post(&machine, peer).expect(201);
    let write = |unit: &str| -> String {
        let (case, word) = (file(unit, "HSL", false), canaries.word());
        canaries.of(&word, &case);
        let to = format!("/api/v1/cases/{case}/forwardings");
        let body = json!({"counterparty": end, "matter": "x", "text": word});
        let made = handler.post(&to, body).expect(201).json();
        let id = made["id"].as_str().expect("an id").to_owned();
        behind.borrow_mut().insert(id.clone(), case);
        id
    };
    let came = |unit: Value| -> String {
        let body = json!({"counterparty": end, "matter": "x", "text": "x", "channel": "post", "unit": unit,
            "subject": {"personal_id": "640823-3234"}});
        let made = handler.post("/api/v1/forwardings", body).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let forwardings = [
        ("sent below", write("gran")),
        ("sent beside", write("syd")),
        ("received below", came(json!("gran"))),
        ("received for no unit", came(Value::Null)),
    ];

    // What the public has left, below and beside.
    let opinion = |unit: &str| -> String {
        let word = canaries.word();
        let body = json!({"kind": "klagomal", "unit": unit, "law": ["HSL"], "description": word});
        let case = filer.post("/api/v1/cases", body).expect(201).json();
        let id = case["id"].as_str().expect("an id").to_owned();
        canaries.of(&word, &id);
        id
    };
    let opinions = [("a klagomål below", opinion("gran")), ("a klagomål beside", opinion("syd"))];

    let reviews = [
        ("of a unit below", service.review(tenant, "gran")),
        ("of a sibling unit", service.review(tenant, "syd")),
    ];
    // The report of a year with a paragraph, a goal and a figure below and beside, frozen and reopened so that
    // there is a version; and that of another tenant, which it has shared.
    let report = "/api/v1/reports/yearly/2025";
    let written = |client: &Client| {
        let section = format!("{report}/sections/leadership");
        let tag = client.put(&section, json!({"text": "x"})).expect(200).etag();
        client.with("if-match", &tag).put(&section, json!({"text": "y"})).expect(200);
    };
    let advance = |client: &Client, command: &str, body: Value| {
        let tag = client.get(&format!("{report}/draft")).expect(200).etag();
        client.with("if-match", &tag).post(&format!("{report}/{command}"), body).expect(200);
    };
    written(&handler);
    let ask = json!({"units": ["gran", "syd"]});
    let asked = handler.post(&format!("{report}/sections/leadership/paragraphs"), ask);
    let asked = asked.expect(201).json();
    let paragraph = |at: usize| asked["items"][at]["id"].as_str().expect("an id").to_owned();
    let paragraphs = [("of a unit below", paragraph(0)), ("of a sibling unit", paragraph(1))];
    let goal = json!({"section": "learning", "text": "x"});
    let goal = handler.post(&format!("{report}/goals"), goal).expect(201).json();
    let goals = [("", goal["id"].as_str().expect("an id").to_owned())];
    let counted = |unit: &str| {
        let mut body = own_figure();
        (body["unit"], body["name"]) = (json!(unit), json!("y"));
        let made = handler.post("/api/v1/own-figures", body).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let counted = [("of a unit below", counted("gran")), ("of a sibling unit", counted("syd"))];
    advance(&handler, "lock", json!({}));
    advance(&handler, "reopen", json!({"reason": "x"}));
    service.holder(("annan", other), "head", Role::Mas, &[], &[]);
    let theirs = service.holder(("annan", other), "head", Role::Director, &[], &[]);
    written(&theirs);
    for command in ["lock", "check"] {
        advance(&theirs, command, json!({}));
    }
    advance(&theirs, "establish", body("establish"));
    let head = service.holder(of, "head", Role::Director, &[], &[]);
    let to = |tenant: &str| format!("/api/v1/reports/partners/{tenant}");
    head.put(&to("annan"), json!({"side": "buyer"})).expect(200);
    theirs.put(&to("provby"), json!({"side": "provider"})).expect(200);
    theirs.post(&format!("{report}/share"), json!({"to": "provby"})).expect(200);
    // How much care there was, below and beside.
    let exposure = |unit: &str| -> String {
        let body = json!({"unit": unit, "kind": "persons", "from": "2025-01", "to": "2025-01", "amount": 1});
        let made = handler.post("/api/v1/exposures", body).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let exposures = [("of a unit below", exposure("gran")), ("of a unit beside", exposure("syd"))];

    // A check of the log of what lies below, and one of what lies beside; a ground below, and one beside.
    let check = |unit: &str| -> String {
        let by = service.holder(of, &format!("checks {unit}"), Role::Auditor, &[unit], &[]);
        let body = json!({"from": "2026-03-01", "to": "2026-03-10", "sample": 3, "reason": "x"});
        let made = by.post("/api/v1/spot-checks", body).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let checks = [("of what lies below", check("gran")), ("of what lies beside", check("syd"))];
    let ground = |unit: &str| -> String {
        let body = json!({"unit": unit, "law": "SOL", "kind": "consent", "on": "2026-03-01",
            "reason": "x", "until": "2026-03-31"});
        let made = author.post("/api/v1/reading-grounds", body).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let grounds = [("of a unit below", ground("gran")), ("of a unit beside", ground("syd"))];

    // Who may read which case, to tell what is refused from what is not there.
    let mut log = Watched::begin(&service, tenant, &canaries);
    let known = {
        let opened = [&relations[..4], &closings[..], &opinions[..]].concat();
        let mut known: Vec<String> = opened.into_iter().map(|(_, id)| id).collect();
        known.extend(behind.borrow().values().cloned());
        known
    };
    for (role, client) in &clients {
        let may = |case: &&String| client.get(&format!("/api/v1/cases/{case}")).status == 200;
        log.readable.insert(role.clone(), known.iter().filter(may).cloned().collect());
    }
    let mut log = log.anew();
    let description = service.anonymous().get("/openapi.json").expect(200).json();
    let mut table = String::from(
        "Operation × role × relation to the case, whose reporter is `reporter` and whose unit lies\n\
         below `norr`, which the roles' grants cover (admin, and who is so named: the whole tenant). A let in, f forbidden, h hidden (404),\n\
         u unauthenticated. A wrong version is sent, so that nothing changes.\n",
    );
    // The rest of an address, which is the same for everybody.
    let filled = |target: &str| -> String {
        let target = match target.contains("/partners/") {
            true => target.replace("{tenant}", "annan"),
            false => target.to_owned(),
        };
        target
            .replace("{year}", "2025")
            .replace("{section}", "leadership")
            .replace("{version}", "1")
            .replace("{provider}", "annan")
            .replace("{measure}", &uuid::Uuid::nil().to_string())
            .replace("{staff}", &uuid::Uuid::nil().to_string())
            .replace("{watch}", &uuid::Uuid::nil().to_string())
            .replace("{list}", "category")
            .replace("{key}", "x")
            .replace("{tenant}", "provby")
            .replace("{kind}", "avvikelse")
            .replace("{id}", &uuid::Uuid::nil().to_string())
            .replace("{tenant}", "provby")
            .replace("{contact}", contact.as_str().expect("an id"))
            .replace("{token}", "x")
            .replace("{file}", &uuid::Uuid::nil().to_string())
            .replace("{disclosure_id}", &uuid::Uuid::nil().to_string())
            .replace("{link}", "x")
    };
    let (mut cells, mut hidden, mut told_apart) = (0, 0, Vec::new());
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, _) in item.as_object().expect("methods") {
            let of_case =
                path.starts_with("/api/v1/cases/{id}") || path.starts_with("/api/v1/me/cases/{id}");
            let of_escalation = path.starts_with("/api/v1/escalations/{id}");
            let of_forwarding = path.starts_with("/api/v1/forwardings/{id}");
            let of_card = path.starts_with("/api/v1/learning-cards/{id}");
            let several = if path.starts_with("/api/v1/cases/{id}/opinion") {
                Some(&opinions)
            } else if path.starts_with("/api/v1/investigations/{id}") {
                Some(&inquiries)
            } else if path.contains("/yearly/{year}/paragraphs/{id}") {
                Some(&paragraphs)
            } else if path.starts_with("/api/v1/own-figures/{id}") {
                Some(&counted)
            } else if path.starts_with("/api/v1/samples/{id}") {
                Some(&closings)
            } else if path.starts_with("/api/v1/exposures/{id}") {
                Some(&exposures)
            } else if path.starts_with("/api/v1/spot-checks/{id}") {
                Some(&checks)
            } else if path.starts_with("/api/v1/reading-grounds/{id}") {
                Some(&grounds)
            } else {
                None
            };
            let targets: Vec<(&str, String)> = if let Some(several) = several {
                several.iter().map(|(name, id)| (*name, path.replace("{id}", id))).collect()
            } else if of_escalation {
                let each = escalations.iter();
                each.map(|(name, id)| (*name, path.replace("{id}", id))).collect()
            } else if of_forwarding {
                let each = forwardings.iter();
                each.map(|(name, id)| (*name, path.replace("{id}", id))).collect()
            } else if path.starts_with("/api/v1/counterparties/{id}") {
                let end = end.as_str().expect("an id");
                vec![("", path.replace("{id}", end))]
            } else if path.starts_with("/api/v1/reviews/{id}") {
                let each = reviews.iter().map(|(name, (review, improvement))| {
                    let path = path.replace("{id}", &review.to_string());
                    (*name, path.replace("{improvement}", &improvement.to_string()))
                });
                each.collect()
            } else if path.contains("/yearly/{year}/goals/{id}") {
                goals.iter().map(|(name, id)| (*name, path.replace("{id}", id))).collect()
            } else if of_card {
                cards.iter().map(|(name, id)| (*name, path.replace("{id}", id))).collect()
            } else if of_case {
                let named = relations.iter().zip(&attachments);
                named
                    .map(|((name, id), attachment)| {
                        let path = path.replace("{id}", id);
                        (*name, path.replace("{attachment}", attachment))
                    })
                    .collect()
            } else {
                vec![("", path.clone())]
            };
            // What each is answered of an id that nobody has.
            let nowhere = path.replace("{id}", &uuid::Uuid::now_v7().to_string());
            let nowhere =
                filled(&nowhere.replace("{attachment}", &uuid::Uuid::now_v7().to_string()));
            let nowhere = nowhere.replace("{improvement}", &uuid::Uuid::now_v7().to_string());
            let mut of_nothing: BTreeMap<usize, Response> = BTreeMap::new();
            for (relation, target) in targets {
                let target = filled(&target);
                writeln!(table, "\n{} {path} {relation}", method.to_uppercase()).expect("writes");
                for (at, (role, client)) in clients.iter().enumerate() {
                    if role.starts_with("90")
                        && !["/reports/", "/board/"].iter().any(|it| path.contains(it))
                    {
                        continue;
                    }
                    // Each from a place of their own: what needs no login is limited by place.
                    let client = client.with("x-forwarded-for", &format!("192.0.{at}.1"));
                    // A version nobody has: whoever is let in meets 412 or a fault, and nothing moves.
                    let client = client.with("if-match", "\"0\"");
                    let body = if path.starts_with("/{tenant}/") {
                        // A form without the token of one that was shown.
                        ("application/x-www-form-urlencoded", b"code=x".to_vec())
                    } else if path.ends_with("/import") {
                        // A file with a fault, so that nothing is taken in.
                        ("text/csv", b"x".to_vec())
                    } else if path.ends_with("/receipts/files") {
                        ("multipart/form-data; boundary=x", b"--x--".to_vec())
                    } else {
                        ("application/json", body(path).to_string().into_bytes())
                    };
                    let sent = (method != "get").then_some(body);
                    let ask =
                        |target: &str| client.send(&method.to_uppercase(), target, sent.clone());
                    let answer = ask(&target);
                    writeln!(table, "  {} {role}", letter(answer.status)).expect("writes");
                    let cell = format!("{} {path} {relation}", method.to_uppercase());
                    let ours = at > 0 && at + 1 < clients.len();
                    let asked = target.split('/').find_map(|part| {
                        let behind = behind.borrow().get(part).cloned();
                        behind.or_else(|| known.iter().find(|case| *case == part).cloned())
                    });
                    log.hold(&cell, role, asked.as_deref().filter(|_| ours), &answer);
                    cells += 1;
                    // What one may not know is not to be told from what is not there.
                    if answer.status == 404 && path.contains("{id}") {
                        hidden += usize::from(!["", "no such case"].contains(&relation));
                        let nothing = of_nothing.entry(at).or_insert_with(|| ask(&nowhere));
                        let (one, other) = (without_request(&answer), without_request(nothing));
                        if one != other {
                            told_apart.push(format!("{cell} {role}: {one:?} and {other:?}"));
                        }
                    }
                }
            }
        }
    }
    println!("{cells} cells, {hidden} of them of what is there and hidden");
    assert!(cells >= 14_000, "only {cells} cells for {} roles", clients.len());
    assert!(hidden >= 7_000, "only {hidden} are hidden");
    assert_eq!(told_apart, Vec::<String>::new(), "{} are told apart", told_apart.len());
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/access/matrix.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, &table).expect("writes");
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    for (at, (old, new)) in kept.lines().zip(table.lines()).enumerate() {
        assert!(
            old == new,
            "access/matrix.txt line {}: was {old:?}, is {new:?}; review it and run with UPDATE_SNAPSHOTS=1",
            at + 1
        );
    }
    assert_eq!(
        kept.lines().count(),
        table.lines().count(),
        "operations came or went: review access/matrix.txt"
    );
    log.end();
}
