//! Clocks, neighbouring duties and waiting, over HTTP and over time.

use app::Clock as _;
use domain::escalation::Kind;
use domain::escalation::raise::{Beside, Brought, imported};
use domain::ids::{CaseId, EscalationId};
use domain::law::Law;
use domain::organisation::Role;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::worklist::{items, on};
use crate::{House, fall, file, house, id, standard_triage};

/// The clocks of a list, in order.
fn clocks(client: &Client, query: &str) -> Vec<Value> {
    let list = client.get(&format!("/api/v1/clocks?{query}")).expect(200).json();
    list["items"].as_array().expect("items").clone()
}

fn kinds(clocks: &[Value]) -> Vec<&str> {
    clocks.iter().map(|clock| clock["kind"].as_str().expect("a kind")).collect()
}

fn of(category: &str) -> Value {
    let mut filing = fall();
    filing["category"] = json!(category);
    filing
}

fn triage_as(category: &str) -> Value {
    let mut triage = standard_triage();
    triage["category"] = json!(category);
    triage
}

/// Lets the clock stand at an instant; tokens are new then.
fn at(house: &House, instant: Timestamp) -> Client {
    house.service.clock.set(instant);
    house.service.reporter("provby", "chef")
}

#[test]
fn a_case_is_due_then_late_then_done() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        house.service.holder(of, "ec-syd", Role::UnitManager, &["syd"], &[]);
        house.service.holder(of, "sas", Role::Sas, &[], &[]);
        let reporter = house.service.reporter("provby", "anmälare");
        // Tuesday 10 March: the third working day is Friday.
        let case = id(&file(&reporter, fall()));
        let found = clocks(&house.manager, "");
        assert_eq!(kinds(&found), ["triage"]);
        let clock = &found[0];
        assert_eq!(clock["case"], case.as_str());
        assert_eq!(clock["due_on"], "2026-03-13");
        assert_eq!(clock["due_at"], "2026-03-13T23:00:00Z");
        assert_eq!(clock["target"], json!({"unit": "working_days", "amount": 3}));
        assert_eq!((&clock["state"], &clock["late"]), (&json!("running"), &json!(false)));
        assert_eq!((&clock["binding"], &clock["law"]), (&json!("local"), &Value::Null));
        assert_eq!(
            (&clock["role"], &clock["unit"]["code"]),
            (&json!("unit_manager"), &json!("gran"))
        );
        let text = house.manager.get("/api/v1/clocks").expect(200).text;
        assert!(!text.contains("sängkanten"), "{text}");
        assert_eq!(items(&house.manager)[0]["due_on"], "2026-03-13");

        // Whoever may not read it sees no clock of it.
        for subject in ["ec-syd", "sas", "anmälare"] {
            let client = house.service.reporter("provby", subject);
            assert!(clocks(&client, "").is_empty(), "{subject}");
        }
        reporter.get(&format!("/api/v1/cases/{case}/clocks")).expect(403);
        house
            .service
            .reporter("provby", "ec-syd")
            .get(&format!("/api/v1/cases/{case}/clocks"))
            .expect(404);

        let chef = on(&house, date(2026, 3, 13))("chef");
        assert!(clocks(&chef, "state=late").is_empty());
        assert_eq!(clocks(&chef, "state=due&unit=norr&role=unit_manager&kind=triage").len(), 1);
        for other in ["unit=syd", "role=mas", "kind=duty", &format!("case={}", uuid::Uuid::nil())] {
            assert!(clocks(&chef, other).is_empty(), "{other}");
        }
        let chef = on(&house, date(2026, 3, 14))("chef");
        let late = clocks(&chef, &format!("state=late&case={case}"));
        assert_eq!((&late[0]["state"], &late[0]["late"]), (&json!("missed"), &json!(true)));
        assert_eq!(items(&chef)[0]["overdue"], true);
        let counts = chef.get("/api/v1/clocks/counts").expect(200).json();
        assert_eq!(counts["total"], json!({"open": 1, "late": 1, "due_soon": 0}));
        assert_eq!(counts["kinds"]["triage"]["late"], 1);

        // Assessed too late; its investigation runs from now: 30 days are 13 April, a Monday.
        chef.command(&case, "triage", standard_triage()).expect(200);
        let found = clocks(&chef, "");
        assert_eq!(kinds(&found), ["investigation"]);
        assert_eq!(found[0]["due_on"], "2026-04-13");
        let law = json!({"statute": "2010:659", "paragraph": "3 kap. 3 §", "legal_word": null});
        assert_eq!(found[0]["law"], law);
        assert_eq!(kinds(&clocks(&chef, "state=missed")), ["triage"]);
        assert!(clocks(&chef, "state=kept").is_empty());
        let own = chef.get(&format!("/api/v1/cases/{case}/clocks")).expect(200).json();
        let states: Vec<_> = own["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|clock| (clock["kind"].clone(), clock["state"].clone()))
            .collect();
        assert_eq!(
            states,
            [(json!("triage"), json!("missed")), (json!("investigation"), json!("running"))]
        );

        let lines = chef.with("accept", "application/x-ndjson").get("/api/v1/clocks").expect(200);
        assert_eq!(lines.text.lines().count(), 1);
        let wrong = "/api/v1/clocks?state=x&unit=nej&kind=x&role=x&case=x&since=x&sort=x";
        assert_eq!(chef.get(wrong).expect(422).faults().len(), 7);
    });
}

#[test]
fn targets_are_the_tenants_own_and_stay_local() {
    on_each_database(|database| {
        let house = house(database);
        let admin = house.service.holder(("provby", house.tenant), "admin", Role::Admin, &[], &[]);
        let tag = admin.get("/api/v1/settings").expect(200).etag();
        let chosen = json!({"clocks": {"triage_working_days": 1,
            "working_days": {"days_off": ["2026-03-11"], "half_days": ["walpurgis"]}}});
        admin.with("if-match", &tag).put("/api/v1/settings", chosen).expect(200);
        file(&house.service.reporter("provby", "anmälare"), fall());
        let found = clocks(&house.manager, "");
        assert_eq!(
            (&found[0]["due_on"], &found[0]["binding"]),
            (&json!("2026-03-12"), &json!("local"))
        );
        let tag = admin.get("/api/v1/settings").expect(200).etag();
        let wrong =
            json!({"clocks": {"triage_working_days": 0}, "ladder": {"triage": [5, 3, 8, 10]}});
        let faults =
            admin.with("if-match", &tag).put("/api/v1/settings", wrong).expect(422).faults();
        assert!(faults.iter().any(|(field, _)| field.starts_with("/clocks/")), "{faults:?}");
        let wrong = json!({"ladder": {"triage": [5, 3, 8, 10]}});
        let faults =
            admin.with("if-match", &tag).put("/api/v1/settings", wrong).expect(422).faults();
        assert_eq!(faults, [("/ladder/triage/1".to_owned(), "out_of_range".to_owned())]);
    });
}

#[test]
fn a_device_event_asks_for_its_duty_and_does_not_close_without_an_answer() {
    on_each_database(|database| {
        let house = house(database);
        let chef = &house.manager;
        let reporter = house.service.reporter("provby", "anmälare");
        let case = id(&file(&reporter, of("HSL.MTP.FEL")));
        let path = format!("/api/v1/cases/{case}/duties");
        assert_eq!(chef.get(&path).expect(200).json(), json!({"items": []}));
        let seen = chef.command(&case, "triage", triage_as("HSL.MTP.FEL")).expect(200).json();
        assert_eq!(seen["open_duties"], json!(["MTP"]));
        let duties = chef.get(&path).expect(200).json();
        let duty = &duties["items"][0];
        assert_eq!((&duty["duty"], &duty["state"]), (&json!("MTP"), &json!("asked")));
        assert_eq!((&duty["binding"], &duty["by_rule"]), (&json!("local"), &json!(true)));
        assert_eq!(duty["law"]["statute"], "HSLF-FS 2021:52");
        reporter.get(&path).expect(403);
        let own = reporter.get(&format!("/api/v1/cases/{case}")).expect(200).json();
        assert_eq!(own["open_duties"], json!([]));

        let task = items(chef).into_iter().find(|item| item["group"] == "duties").expect("a task");
        assert_eq!((&task["duty"], &task["asked"]), (&json!("MTP"), &json!("answer_duty")));
        assert_eq!((&task["due_on"], &task["case"]), (&json!("2026-03-11"), &json!(case)));
        assert_eq!(clocks(chef, "kind=duty")[0]["duty"], "MTP");

        // Asked for by hand, too; needs the version that was read.
        chef.post(&path, json!({"duty": "POL"})).expect(428);
        chef.command(&case, "duties", json!({"duty": "POL"})).expect(200);
        let twice = chef.command(&case, "duties", json!({"duty": "POL"})).expect(422).faults();
        assert_eq!(twice, [("/duty".to_owned(), "not_unique".to_owned())]);
        let mixed = json!({"duty": "POL", "answer": "done", "reason": "x"});
        let faults = chef.command(&case, "duties", mixed).expect(422).faults();
        assert_eq!(faults, [("/reason".to_owned(), "not_with_this_answer".to_owned())]);

        let end = json!({"outcome": "UTF.ATE", "summary": "Togs tillbaka."});
        let faults = chef.command(&case, "close", end.clone()).expect(422).faults();
        let open = |code: &str| (format!("/duties/{code}"), "duty_not_answered".to_owned());
        assert_eq!(faults, [open("MTP"), open("POL")]);
        let done = json!({"duty": "MTP", "answer": "done", "reference": "2026/17",
            "done_at": "2026-03-10T11:00:00Z"});
        chef.command(&case, "duties", done).expect(200);
        let faults = chef.command(&case, "close", end.clone()).expect(422).faults();
        assert_eq!(faults, [open("POL")]);
        let blank = json!({"duty": "POL", "answer": "not_needed"});
        let faults = chef.command(&case, "duties", blank).expect(422).faults();
        assert_eq!(faults, [("/reason".to_owned(), "required".to_owned())]);
        let needless = json!({"duty": "POL", "answer": "not_needed", "reason": "Inget brott."});
        chef.command(&case, "duties", needless).expect(200);
        let duties = chef.get(&path).expect(200).json();
        assert_eq!(duties["items"][0]["reference"], "2026/17");
        assert_eq!(duties["items"][1]["reason"], "Inget brott.");
        assert!(items(chef).iter().all(|item| item["group"] != "duties"));
        assert_eq!(kinds(&clocks(chef, "kind=duty&state=kept")), ["duty", "duty"]);
        chef.command(&case, "close", end).expect(200);
        chef.command(&case, "duties", json!({"duty": "AML"})).expect(409);
        let history = chef.get(&format!("/api/v1/cases/{case}/history")).expect(200).json();
        let commands = history["items"].as_array().expect("items");
        assert_eq!(commands.iter().filter(|entry| entry["command"] == "duty").count(), 3);
    });
}

#[test]
fn a_breach_has_72_hours_from_knowledge_by_statute() {
    on_each_database(|database| {
        let house = house(database);
        let mut filing = of("HSL.SEK");
        let known: Timestamp = "2026-03-10T06:30:00Z".parse().expect("a time");
        filing["discovered_at"] = json!(known.to_string());
        let case = id(&file(&house.service.reporter("provby", "anmälare"), filing));
        house.manager.command(&case, "triage", triage_as("HSL.SEK")).expect(200);
        let clock = clocks(&house.manager, "kind=duty")[0].clone();
        assert_eq!((&clock["duty"], &clock["binding"]), (&json!("GDPR33"), &json!("statutory")));
        assert_eq!(
            (&clock["start"], &clock["started_at"]),
            (&json!("known"), &json!(known.to_string()))
        );
        assert_eq!(clock["due_at"], "2026-03-13T06:30:00Z");
        let up = known + SignedDuration::from_hours(72);
        assert!(clocks(&at(&house, up), "kind=duty&state=late").is_empty());
        let chef = at(&house, up + SignedDuration::from_secs(1));
        assert_eq!(clocks(&chef, "kind=duty&state=late").len(), 1);
        // Every other clock of the tenant's cases is local.
        assert!(
            clocks(&chef, "")
                .iter()
                .all(|it| { (it["binding"] == "statutory") == (it["duty"] == "GDPR33") })
        );
    });
}

#[test]
fn a_device_event_that_is_lex_maria_too_has_its_clocks_side_by_side() {
    on_each_database(|database| {
        let house = house(database);
        let sas =
            house.service.holder(("provby", house.tenant), "sas", Role::Sas, &[], &[Law::Sol]);
        let mut filing = of("HSL.MTP.FEL");
        filing["occurred_at"] = json!("2026-03-02T08:00:00Z");
        let case = id(&file(&house.service.reporter("provby", "anmälare"), filing));
        house.manager.command(&case, "triage", triage_as("HSL.MTP.FEL")).expect(200);
        // One raised, one that an import brought, and a riskperson, who is nobody's clock.
        let by_hand = json!({"kind": "lex_maria", "reason": "x"});
        house.mas.post(&format!("/api/v1/cases/{case}/escalations"), by_hand).expect(201);
        let apart = json!({"kind": "riskperson", "unit": "gran", "person": "x", "reason": "x"});
        house.mas.post("/api/v1/escalations", apart).expect(201);
        let (number, now) = (CaseId(case.parse().expect("an id")), house.service.clock.now());
        let bring = house.service.app.store.write(house.tenant, move |tx| {
            let brought = Brought {
                kind: Kind::LexMaria,
                flagged_at: now,
                decided_at: None,
                notified_at: None,
                ivo_decided_at: None,
                motivation: None,
            };
            let (id, beside) = (EscalationId(uuid::Uuid::now_v7()), Beside::of(&tx.case(number)?));
            tx.add_rows(|rows| rows.escalation(&imported(id, brought, beside, now)))
        });
        house.service.run(bring).expect("an import");
        let side_by_side =
            ["triage", "duty", "lex_maria_screening", "investigation", "lex_maria_notification"];
        let found = house.mas.get(&format!("/api/v1/cases/{case}/clocks")).expect(200).json();
        let found = found["items"].as_array().expect("items").clone();
        let mut known = kinds(&found);
        known.sort_unstable();
        let mut expected = side_by_side.to_vec();
        expected.sort_unstable();
        assert_eq!(known, expected);
        let notify = found.iter().find(|it| it["kind"] == "lex_maria_notification").expect("one");
        // From the event: 60 days from 2 March are 1 May, a holiday, so that it is Monday the 4th.
        assert_eq!(
            (&notify["start"], &notify["due_on"]),
            (&json!("occurred"), &json!("2026-05-04"))
        );
        assert_eq!(
            (&notify["binding"], &notify["law"]["legal_word"]),
            (&json!("local"), &json!("snarast"))
        );
        // The unit's manager sees none of it; nor does SAS, whose law it is not.
        let managers = clocks(&house.manager, "");
        assert!(kinds(&managers).iter().all(|kind| !kind.starts_with("lex")), "{managers:?}");
        assert!(clocks(&sas, "").is_empty());
        assert_eq!(clocks(&house.mas, "kind=lex_maria_screening").len(), 1);
    });
}

#[test]
fn waiting_for_somebody_shows_and_stops_no_clock() {
    on_each_database(|database| {
        let house = house(database);
        let chef = &house.manager;
        let case = id(&file(&house.service.reporter("provby", "anmälare"), fall()));
        let wait = json!({"for": "police", "until": "2026-05-01", "reason": "Förundersökning."});
        let seen = chef.command(&case, "waiting", wait).expect(200).json();
        assert_eq!(seen["waiting_for"]["for"], "police");
        assert_eq!(seen["waiting_for"]["until"], "2026-05-01");
        let clock = &clocks(chef, "")[0];
        assert_eq!(
            (&clock["state"], &clock["waiting_until"]),
            (&json!("waiting"), &json!("2026-05-01"))
        );
        for (body, fields) in [
            (json!({"reason": "x"}), vec!["/for", "/until"]),
            (json!({"for": "ivo", "until": "2026-03-09", "reason": "x"}), vec!["/until"]),
            (json!({"for": "ivo", "until": "2028-01-01", "reason": "x"}), vec!["/until"]),
            (json!({"for": "ivo", "end": true, "reason": "x"}), vec!["/for"]),
        ] {
            let faults = chef.command(&case, "waiting", body.clone()).expect(422).faults();
            let named: Vec<_> = faults.iter().map(|(field, _)| field.as_str()).collect();
            assert_eq!(named, fields, "{body}");
        }
        let chef = on(&house, date(2026, 3, 14))("chef");
        assert_eq!(clocks(&chef, "state=late").len(), 1);
        let end = json!({"end": true, "reason": "Beslut har kommit."});
        let seen = chef.command(&case, "waiting", end.clone()).expect(200).json();
        assert_eq!(seen["waiting_for"], Value::Null);
        let faults = chef.command(&case, "waiting", end).expect(422).faults();
        assert_eq!(faults[0].1, "does_not_wait");
    });
}

#[test]
fn a_lex_sarah_report_has_its_clock_whatever_becomes_of_its_case() {
    on_each_database(|database| {
        let house = house(database);
        let over = ("provby", house.tenant);
        let sas = house.service.holder(over, "sas", Role::Sas, &[], &[Law::Sol, Law::Lss]);
        let elsewhere = house.service.holder(over, "sas2", Role::Sas, &["syd"], &[Law::Sol]);
        let reporter = house.service.reporter("provby", "usk");
        let receipts = |client: &Client| clocks(client, "kind=lex_sarah_receipt");
        // Nobody has said which law it is; the report is one under SoL.
        let new = json!({"kind": "avvikelse", "unit": "gran", "lex_sarah": true,
            "description": "Lämnades utan tillsyn hela natten."});
        let case = id(&file(&reporter, new));
        assert_eq!(receipts(&sas)[0]["law"]["statute"], "2025:400");
        // Found to be health care's, it is SAS's all the same, and the case's own clocks are not.
        house.manager.command(&case, "triage", standard_triage()).expect(200);
        let found = clocks(&sas, "");
        assert_eq!(kinds(&found), ["lex_sarah_receipt"]);
        assert_eq!((&found[0]["case"], &found[0]["due_on"]), (&json!(case), &json!("2026-03-11")));
        assert_eq!(found[0]["law"]["statute"], "2025:400");
        assert!(clocks(&elsewhere, "").is_empty());
        assert!(clocks(&house.mas, "kind=lex_sarah_receipt").is_empty());

        // A report on a case that is closed, at another unit: of each the oldest climbs.
        let mut south = fall();
        south["unit"] = json!("syd");
        let ended = id(&file(&reporter, south));
        house.manager.command(&ended, "triage", standard_triage()).expect(200);
        let end = json!({"outcome": "UTF.ATE", "summary": "x"});
        house.manager.command(&ended, "close", end).expect(200);
        let report = json!({"kind": "lex_sarah", "report": true, "reason": "Jag såg det."});
        reporter.post(&format!("/api/v1/cases/{ended}/escalations"), report).expect(201);
        assert_eq!(receipts(&sas).len(), 2);

        // Both climb, to those who answer for the law, though nobody touches a closed case.
        let climbing = date(2026, 4, 1);
        on(&house, climbing)("chef");
        house.service.run(house.service.app.climb_ladders()).expect("climbs");
        let read = house.service.app.store.read(house.tenant, |tx| tx.queued(Some("ladder")));
        let notices = house.service.run(read).expect("messages");
        let of_ended = notices.iter().filter(|it| {
            it.case.is_some_and(|of| of.to_string() == ended)
                && it.payload["notice"]["about"]["escalation"].is_string()
        });
        let to: Vec<_> =
            of_ended.map(|it| it.payload["notice"]["to"]["role"]["laws"].clone()).collect();
        assert!(!to.is_empty() && to.iter().all(|laws| *laws == json!(["SOL"])), "{to:?}");
    });
}
