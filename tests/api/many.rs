//! Many cases at once, the parts of a triage, and the sample of simple closings.

use std::thread;

use domain::ids::UnitId;
use domain::organisation::{Role, Unit};
use serde_json::{Value, json};
use testkit::{Client, Database, Service, on_each_database};
use uuid::Uuid;

use crate::{fall, file, house, id};

/// A ward: a manager who is no nurse, a nurse, a MAS and a reporter.
struct Ward {
    service: Service,
    manager: Client,
    nurse: Client,
    mas: Client,
    reporter: Client,
}

fn ward(database: Database) -> Ward {
    let service = Service::start(database);
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    // The nurse has ten units, as many have.
    let below = service.unit(tenant, "norr");
    let codes: Vec<String> = (1..=9).map(|at| format!("avd{at}")).collect();
    let units: Vec<Unit> = codes.iter().map(|code| unit(code, below)).collect();
    service
        .run(service.app.store.write(tenant, move |tx| {
            units.iter().try_for_each(|unit| tx.insert_unit(unit))?;
            tx.bump_config_version().map(|_| ())
        }))
        .expect("units");
    let mut hers: Vec<&str> = codes.iter().map(String::as_str).collect();
    hers.push("gran");
    let manager = service.holder(of, "chef", Role::UnitManager, &["norr"], &[]);
    let nurse = service.holder(of, "ssk", Role::Team, &hers, &[]);
    let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
    let reporter = service.reporter("provby", "anna");
    Ward { service, manager, nurse, mas, reporter }
}

fn unit(code: &str, parent: UnitId) -> Unit {
    Unit {
        id: UnitId(Uuid::now_v7()),
        code: code.into(),
        name: code.to_uppercase(),
        area: Some("SABO".into()),
        parent: Some(parent),
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    }
}

/// Six persons; some of whose numbers are made up by the tax agency for tests.
const PERSONS: [&str; 6] = [
    "640823-3234",
    "19900101-2385",
    "19121212-1212",
    "19811218-9876",
    "19670919-9530",
    "19460324-0289",
];

fn versions(list: &Value) -> Vec<Value> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|it| json!({"id": it["id"], "version": it["version"]})).collect()
}

/// The lines of a list whose category begins so.
fn of_category(list: &Value, category: &str) -> Value {
    let items = list["items"].as_array().expect("items").iter();
    let fits = |it: &&Value| it["category"].as_str().is_some_and(|it| it.starts_with(category));
    json!({ "items": items.filter(fits).cloned().collect::<Vec<_>>() })
}

#[track_caller]
fn act(client: &Client, cases: Vec<Value>, action: Value) -> Value {
    client
        .post("/api/v1/cases/actions", json!({"cases": cases, "action": action}))
        .expect(200)
        .json()
}

fn harmless() -> Value {
    json!({
        "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1}, "probability": 2,
        "lex": {"lex_maria": "no"}, "track": "simple",
    })
}

fn end(triage: Option<Value>) -> Value {
    json!({"close": {
        "outcome": "UTF.DIR", "summary": "Genomgångna på enhetens möte.",
        "action_taken": "Larmmattor kontrollerade.", "triage": triage,
        "feedback": {"audience": "unit", "meeting_on": "2026-03-09", "text": "Genomgångna."},
    }})
}

#[test]
fn sixty_cases_are_emptied_with_twelve_requests() {
    on_each_database(|database| {
        let ward = ward(database);
        for at in 0..60 {
            let mut body = fall();
            if at < 40 {
                body["subject"] = json!({"personal_id": PERSONS[at % PERSONS.len()]});
            } else {
                body["category"] = json!("HSL.LKM");
                body["description"] = json!("Dosen gavs två timmar för sent.");
            }
            file(&ward.reporter, body);
        }
        let (mut asked, manager, nurse) = (0, &ward.manager, &ward.nurse);
        let list = manager.get("/api/v1/cases?status=reported&limit=500").expect(200).json();
        asked += 1;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(60));

        // The falls: assessed, told back at one meeting and closed in one request.
        let falls = of_category(&list, "HSL.FAL");
        let done = act(manager, versions(&falls), end(Some(harmless())));
        asked += 1;
        assert_eq!((&done["done"], &done["refused"]), (&json!(40), &json!(0)), "{done}");

        // The rest: the health part by the nurse, the unit's part by the manager, one investigation.
        let late = of_category(&list, "HSL.LKM");
        let health = json!({"triage": {"harm": {"vardskada": "could_have", "injury": "ING"}}});
        let done = act(nurse, versions(&late), health);
        asked += 1;
        assert_eq!(done["done"], 20, "{done}");
        assert_eq!(done["items"][0]["status"], "reported");
        let rest = json!({"triage": {
            "law": ["HSL"], "category": "HSL.LKM", "severity": {"actual": 2}, "probability": 2,
            "lex": {"lex_maria": "no"}, "track": "standard",
        }});
        let done = act(manager, versions(&done), rest);
        asked += 1;
        assert_eq!(done["done"], 20, "{done}");
        assert_eq!(done["items"][0]["status"], "triaged");
        let ids: Vec<&Value> =
            done["items"].as_array().expect("items").iter().map(|it| &it["id"]).collect();
        let begun = manager
            .post("/api/v1/investigations", json!({
                "cases": ids, "reason": "round", "course_of_events": "Kvällsrundan blev sen.",
                "assessment": "För få delegerade.", "causes": [{"code": "ORS.OKA"}], "complete": true,
            }))
            .expect(201);
        asked += 1;
        let path = begun.header("location").expect("a location").to_owned();
        let cause = begun.json()["investigation"]["causes"][0]["id"].clone();
        let planned = manager
            .with("if-match", &begun.etag())
            .post(
                &format!("{path}/measures"),
                json!({"measures": [{
                    "type": "ATG.RUT", "text": "Två delegerade på kvällen.", "causes": [cause],
                    "owner": "Chef", "due_on": "2026-04-01", "follow_up_on": "2026-05-01",
                }]}),
            )
            .expect(200);
        asked += 1;
        let decided = manager
            .with("if-match", &planned.etag())
            .post(&format!("{path}/measures/decision"), json!({}))
            .expect(200)
            .json();
        asked += 1;
        let cases = versions(&json!({ "items": decided["cases"] }));
        let done = act(manager, cases, end(None));
        asked += 1;
        assert_eq!(done["done"], 20, "{done}");
        let left = "/api/v1/cases?status=reported,triaged,investigating,measures_decided";
        let left = manager.get(left).expect(200).json();
        asked += 1;
        assert_eq!(left["items"], json!([]));
        assert!(asked <= 12, "{asked} requests");

        // Each case has its whole history, and the manager's acts stand in it.
        for line in list["items"].as_array().expect("items") {
            let path = format!("/api/v1/cases/{}", line["id"].as_str().expect("an id"));
            let case = manager.get(&path).expect(200).json();
            assert_eq!(case["status"], "closed");
            assert_eq!(case["feedback"][0]["audience"], "unit");
            let history = manager.get(&format!("{path}/history")).expect(200).json();
            let steps = history["items"].as_array().expect("items");
            let made: Vec<i64> = steps.iter().filter_map(|step| step["version"].as_i64()).collect();
            let whole: Vec<i64> = (1..=case["version"].as_i64().expect("a version")).collect();
            assert_eq!(made, whole);
            assert_eq!(steps[steps.len() - 1]["command"], "close");
        }
        let closed = "/api/v1/statistics?year=2026&measures=count,closed";
        let total = manager.get(closed).expect(200).json()["total"].clone();
        assert_eq!((&total["count"], &total["closed"]), (&json!(60), &json!(60)));
    });
}

#[test]
fn each_is_guarded_by_itself_and_the_refused_are_named() {
    on_each_database(|database| {
        let ward = ward(database);
        let (manager, nurse) = (&ward.manager, &ward.nurse);
        let cases: Vec<String> = (0..4).map(|_| id(&file(&ward.reporter, fall()))).collect();
        let elsewhere = {
            let mut body = fall();
            body["unit"] = json!("syd");
            id(&file(&ward.reporter, body))
        };
        // The nurse is not sure of the second; the third moves on.
        let doubt = json!({"lex": {"lex_maria": "perhaps"}});
        nurse.command(&cases[1], "triage", doubt).expect(200);
        manager.command(&cases[2], "lead", json!({"reason": "x"})).expect(200);
        let missing = Uuid::now_v7().to_string();
        let asked: Vec<Value> = [
            (&cases[0], 1),
            (&cases[1], 2),
            (&cases[2], 1),
            (&cases[3], 1),
            (&elsewhere, 1),
            (&missing, 1),
        ]
        .iter()
        .map(|(id, version)| json!({"id": id, "version": version}))
        .collect();
        let body = json!({"cases": asked, "action": end(Some(harmless()))});
        let client = manager.with("accept-language", "en").with("idempotency-key", "mote-1");
        let first = client.post("/api/v1/cases/actions", body.clone()).expect(200);
        let done = first.json();
        let items = done["items"].as_array().expect("items");
        let told: Vec<(&str, &str)> = items
            .iter()
            .map(|it| {
                (it["result"].as_str().unwrap_or_default(), it["code"].as_str().unwrap_or_default())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("done", ""),
                ("refused", "invalid_request"),
                ("refused", "stale"),
                ("done", ""),
                ("refused", "not_found"),
                ("refused", "not_found"),
            ]
        );
        assert_eq!((&done["done"], &done["refused"]), (&json!(2), &json!(4)));
        assert_eq!(items[1]["errors"][0]["code"], "lex_question_open");
        assert_eq!(items[1]["errors"][0]["field"], "/action/close");
        assert!(items[1]["number"].is_string());
        assert!(
            items[1]["errors"][0]["message"].as_str().is_some_and(|it| it.starts_with("A lex"))
        );
        // What one may not read is refused like what is not there.
        let mut hidden = items[4].clone();
        hidden["id"] = items[5]["id"].clone();
        assert_eq!(hidden, items[5]);
        assert_eq!(
            manager.get(&format!("/api/v1/cases/{}", cases[1])).json()["status"],
            "reported"
        );

        // The whole request again is answered again, and nothing is done twice.
        let again = client.post("/api/v1/cases/actions", body.clone()).expect(200);
        assert_eq!(again.text, first.text);
        assert_eq!(manager.get(&format!("/api/v1/cases/{}", cases[0])).json()["version"], 2);
        let mut other = body.clone();
        other["action"]["close"]["summary"] = json!("Annat.");
        let refused = client.post("/api/v1/cases/actions", other).expect(422).json();
        assert_eq!(refused["code"], "idempotency_key_reused");

        // No action, two actions, a case twice, too many, a number in a text.
        let wrong = |body: Value, field: &str, code: &str| {
            let answer = manager.post("/api/v1/cases/actions", body).expect(422);
            assert_eq!(answer.faults(), [(field.to_owned(), code.to_owned())], "{}", answer.text);
        };
        let one = json!([{"id": cases[1], "version": 2}]);
        wrong(json!({"cases": one, "action": {}}), "/action", "one_action");
        let both = json!({"lead": {"reason": "x"}, "transfer": {"unit": "tall", "reason": "x"}});
        wrong(json!({"cases": one, "action": both}), "/action", "one_action");
        let twice = json!([one[0], one[0]]);
        let lead = json!({"lead": {"reason": "x"}});
        wrong(json!({"cases": twice, "action": lead}), "/cases/1/id", "not_unique");
        let number = json!({"lead": {"reason": "Om 640823-3234."}});
        wrong(json!({"cases": one, "action": number}), "/action/lead/reason", "personal_number");
        let nowhere = json!({"transfer": {"unit": "finns-inte", "reason": "x"}});
        wrong(json!({"cases": one, "action": nowhere}), "/action/transfer/unit", "unknown_unit");
        let many: Vec<Value> =
            (0..201).map(|_| json!({"id": Uuid::now_v7(), "version": 1})).collect();
        wrong(json!({"cases": many, "action": lead}), "/cases", "out_of_range");
    });
}

#[test]
fn three_reports_of_one_fall_end_as_duplicates_of_the_first() {
    on_each_database(|database| {
        let ward = ward(database);
        let cases: Vec<String> = (0..4).map(|_| id(&file(&ward.reporter, fall()))).collect();
        let at: Vec<Value> = cases.iter().map(|id| json!({"id": id, "version": 1})).collect();
        let end = |original: Option<&str>| json!({"close": {"outcome": "UTF.DUB", "summary": "Samma fall.", "duplicate_of": original}});
        let done = act(&ward.manager, at.clone(), end(None));
        assert_eq!(done["refused"], 4);
        assert_eq!(done["items"][0]["errors"][0]["field"], "/action/close/duplicate_of");
        // The first is none of itself, and is refused alone.
        let done = act(&ward.manager, at.clone(), end(Some(&cases[0])));
        assert_eq!((&done["done"], &done["refused"]), (&json!(3), &json!(1)), "{done}");
        assert_eq!(done["items"][0]["errors"][0]["code"], "link_to_itself");
        let hidden = act(&ward.manager, at[..1].to_vec(), end(Some(&Uuid::nil().to_string())));
        assert_eq!(hidden["items"][0]["errors"][0]["code"], "not_found");
        let year = ward.manager.get("/api/v1/statistics?year=2026").expect(200).json();
        assert_eq!(year["total"]["count"], 1);
    });
}

#[test]
fn every_action_of_one_is_an_action_of_many() {
    on_each_database(|database| {
        let ward = ward(database);
        let manager = &ward.manager;
        let cases: Vec<String> = (0..3).map(|_| id(&file(&ward.reporter, fall()))).collect();
        let mut at: Vec<Value> = cases.iter().map(|id| json!({"id": id, "version": 1})).collect();
        for action in [
            json!({"lead": {"reason": "Tar dem."}}),
            json!({"triage": {"severity": {"actual": 1}, "probability": 1}}),
            json!({"feedback": {"audience": "unit", "meeting_on": "2026-03-09", "text": "Mötet."}}),
            json!({"watch": {"profession": "SSK", "wish": "read"}}),
            json!({"transfer": {"unit": "tall", "reason": "Hör dit."}}),
        ] {
            let done = act(manager, at, action);
            assert_eq!(done["done"], 3, "{done}");
            at = versions(&done);
        }
        // Nobody judges many at once milder than somebody judged one of them.
        let graver = json!({"severity": {"actual": 3}, "reason": "Höftfraktur."});
        manager.command(&cases[0], "triage", graver).expect(200);
        at[0]["version"] = json!(7);
        let done = act(
            manager,
            at.clone(),
            json!({"triage": {"severity": {"actual": 1}, "nature": "NEG"}}),
        );
        assert_eq!(done["items"][0]["errors"][0]["code"], "judged_graver_before", "{done}");
        // What is not for the caller is forbidden, case by case; what is kept from them is not there.
        let lead = json!({"lead": {"reason": "x"}});
        let refused = act(&ward.reporter, at.clone(), lead.clone());
        assert_eq!(refused["items"][1]["code"], "forbidden", "{refused}");
        let who = manager.get("/api/v1/me").expect(200).json()["staff"].clone();
        let kept = format!("/api/v1/cases/{}/conflicts", cases[2]);
        let kept = ward.mas.post(&kept, json!({"staff": who, "reason": "Jäv."})).expect(200).json();
        at[2]["version"] = kept["version"].clone();
        let mut missing = at[2].clone();
        missing["id"] = json!(Uuid::now_v7());
        let refused = act(manager, vec![at[2].clone(), missing], lead);
        let told = |which: usize| {
            let mut item = refused["items"][which].clone();
            item["id"] = Value::Null;
            item
        };
        assert_eq!((told(0), &told(0)["code"]), (told(1), &json!("not_found")), "{refused}");
    });
}

#[test]
fn two_who_act_on_many_at_once_do_each_case_once() {
    on_each_database(|database| {
        let ward = ward(database);
        let cases: Vec<Value> = (0..12)
            .map(|_| json!({"id": id(&file(&ward.reporter, fall())), "version": 1}))
            .collect();
        let backwards: Vec<Value> = cases.iter().rev().cloned().collect();
        let answers: Vec<Value> = thread::scope(|scope| {
            let of = |cases: Vec<Value>| {
                let manager = &ward.manager;
                scope.spawn(move || act(manager, cases, end(Some(harmless()))))
            };
            let writers = [of(cases.clone()), of(backwards)];
            writers.into_iter().map(|writer| writer.join().expect("answers")).collect()
        });
        let done: u64 = answers.iter().filter_map(|answer| answer["done"].as_u64()).sum();
        assert_eq!(done, 12, "{answers:?}");
        for case in &cases {
            let path = format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"));
            assert_eq!(ward.manager.get(&path).expect(200).json()["version"], 2);
        }
    });
}

#[test]
fn both_parts_of_a_triage_are_kept_in_either_order() {
    on_each_database(|database| {
        let ward = ward(database);
        let health = json!({"harm": {"vardskada": "could_have", "injury": "ING"}});
        let rest = json!({
            "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 2}, "probability": 2,
            "lex": {"lex_maria": "no"}, "track": "standard",
        });
        let parts = |path: &str| ward.manager.get(path).expect(200).json()["awaits_parts"].clone();
        for nurse_first in [true, false] {
            let path = format!("/api/v1/cases/{}", id(&file(&ward.reporter, fall())));
            assert_eq!(parts(&path), json!(["health", "unit"]));
            // Both have read the same version.
            let nurse = ward.nurse.with("if-match", &ward.nurse.get(&path).expect(200).etag());
            let manager =
                ward.manager.with("if-match", &ward.manager.get(&path).expect(200).etag());
            let triage = format!("{path}/triage");
            let order = [(&nurse, &ward.nurse, &health), (&manager, &ward.manager, &rest)];
            let (first, second) =
                if nurse_first { (order[0], order[1]) } else { (order[1], order[0]) };
            first.0.post(&triage, first.2.clone()).expect(200);
            let missing = if nurse_first { json!(["unit"]) } else { json!(["health"]) };
            assert_eq!(parts(&path), missing);
            second.0.post(&triage, second.2.clone()).expect(412);
            let newest = second.1.get(&path).expect(200).etag();
            second.1.with("if-match", &newest).post(&triage, second.2.clone()).expect(200);
            let case = ward.manager.get(&path).expect(200).json();
            assert_eq!(case["harm"]["vardskada"], "could_have");
            assert_eq!(case["severity"]["actual"], 2);
            assert_eq!((&case["status"], &case["awaits_parts"]), (&json!("triaged"), &json!([])));
        }
        // At the same moment: one of them meets 412, repeats, and nothing is lost.
        let path = format!("/api/v1/cases/{}", id(&file(&ward.reporter, fall())));
        let triage = format!("{path}/triage");
        let give = |client: &Client, part: &Value| loop {
            let tag = client.get(&path).expect(200).etag();
            match client.with("if-match", &tag).post(&triage, part.clone()).status {
                412 => {}
                status => break status,
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| assert_eq!(give(&ward.nurse, &health), 200));
            scope.spawn(|| assert_eq!(give(&ward.manager, &rest), 200));
        });
        let case = ward.manager.get(&path).expect(200).json();
        assert_eq!((&case["version"], &case["status"]), (&json!(3), &json!("triaged")));
        assert_eq!(case["harm"]["vardskada"], "could_have");

        // The simple track asks for no health part; what is the social services' neither.
        let path = format!("/api/v1/cases/{}", id(&file(&ward.reporter, fall())));
        ward.manager.command(&path[14..], "triage", harmless()).expect(200);
        assert_eq!(parts(&path), json!([]));
        let mut social = fall();
        social["law"] = json!(["SOL"]);
        social["category"] = Value::Null;
        let path = format!("/api/v1/cases/{}", id(&file(&ward.reporter, social)));
        assert_eq!(parts(&path), json!(["unit"]));
    });
}

#[test]
fn a_share_of_simple_closings_is_looked_at_by_mas() {
    on_each_database(|database| {
        let ward = ward(database);
        let of = ("provby", house_tenant(&ward));
        let admin = ward.service.holder(of, "admin", Role::Admin, &[], &[]);
        let sas = ward.service.holder(of, "sas", Role::Sas, &[], &[]);
        let settings = admin.get("/api/v1/settings").expect(200);
        let every = json!({"simple_sample_percent": 100});
        admin.with("if-match", &settings.etag()).put("/api/v1/settings", every).expect(200);
        let cases: Vec<Value> = (0..4)
            .map(|_| json!({"id": id(&file(&ward.reporter, fall())), "version": 1}))
            .collect();
        assert_eq!(act(&ward.manager, cases[..3].to_vec(), end(Some(harmless())))["done"], 3);
        // Ended otherwise than by handling: that is no simple closing.
        let withdrawn = json!({"close": {"outcome": "UTF.ATE", "summary": "x"}});
        assert_eq!(act(&ward.manager, cases[3..].to_vec(), withdrawn)["done"], 1);

        ward.manager.get("/api/v1/samples").expect(403);
        let listed = |client: &Client| -> Vec<String> {
            let list = client.get("/api/v1/samples").expect(200).json();
            list["items"].as_array().expect("items").iter().map(id).collect()
        };
        assert_eq!(listed(&sas), [""; 0]);
        let picked = listed(&ward.mas);
        assert_eq!(picked.len(), 3);
        let page = ward.mas.get("/api/v1/samples?limit=2").expect(200);
        let next = page.json()["next_cursor"].as_str().expect("a next page").to_owned();
        let rest =
            ward.mas.get(&format!("/api/v1/samples?limit=2&cursor={next}")).expect(200).json();
        assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
        ward.mas.get("/api/v1/samples?foo=1").expect(422);

        let look = |client: &Client, case: &str, body: Value| {
            client.post(&format!("/api/v1/samples/{case}"), body)
        };
        look(&ward.manager, &picked[0], json!({"verdict": "fine"})).expect(403);
        look(&sas, &picked[0], json!({"verdict": "fine"})).expect(404);
        look(&ward.mas, cases[3]["id"].as_str().expect("an id"), json!({"verdict": "fine"}))
            .expect(404);
        look(&ward.mas, &picked[0], json!({"verdict": "fine"})).expect(200);
        let again = look(&ward.mas, &picked[0], json!({"verdict": "fine"})).expect(409).json();
        assert_eq!(again["detail"], "looked_at_already");

        look(&ward.mas, &picked[1], json!({"verdict": "talk"})).expect(422);
        let word = json!({"verdict": "talk", "text": "Tredje fallet på en vecka."});
        let keyed = ward.mas.with("idempotency-key", "sample");
        let talked = look(&keyed, &picked[1], word.clone()).expect(200);
        assert_eq!(talked.json()["status"], "closed");
        assert_eq!(look(&keyed, &picked[1], word).expect(200).text, talked.text);
        let said =
            ward.manager.get(&format!("/api/v1/cases/{}/comments", picked[1])).expect(200).json();
        assert_eq!(said["items"][0]["text"], "Tredje fallet på en vecka.");
        assert_eq!(said["items"].as_array().map(Vec::len), Some(1));

        let up = json!({"verdict": "reopen", "text": "Slog i huvudet enligt journalen."});
        let reopened = look(&ward.mas, &picked[2], up).expect(200).json();
        assert_ne!(reopened["status"], "closed");
        let path = format!("/api/v1/cases/{}", picked[2]);
        let history = ward.manager.get(&format!("{path}/history")).expect(200).json();
        let steps = history["items"].as_array().expect("items");
        assert_eq!(steps[steps.len() - 1]["command"], "reopen");
        assert_eq!(listed(&ward.mas), [""; 0]);
        // Closed again it is picked again, and nobody looks at their own closing.
        ward.service.clock.advance(jiff::SignedDuration::from_secs(60));
        let version = ward.manager.get(&path).expect(200).json()["version"].clone();
        let closing = json!([{"id": picked[2], "version": version}]);
        let done = act(&ward.mas, closing.as_array().expect("one").clone(), end(None));
        assert_eq!(done["done"], 1, "{done}");
        assert_eq!(listed(&ward.mas), [""; 0]);
        look(&ward.mas, &picked[2], json!({"verdict": "fine"})).expect(403);
    });
}

fn house_tenant(ward: &Ward) -> domain::ids::TenantId {
    ward.service.run(ward.service.app.store.tenants()).expect("tenants")[0].id
}

#[test]
fn a_request_for_many_leaves_one_access_entry_that_names_everyone() {
    on_each_database(|database| {
        let house = house(database);
        let cases: Vec<Value> = PERSONS[..3]
            .iter()
            .map(|person| {
                let mut body = fall();
                body["subject"] = json!({"personal_id": person});
                json!({"id": id(&file(&house.manager, body)), "version": 1})
            })
            .collect();
        let entries = || {
            let read =
                house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 100));
            house.service.run(read).expect("entries")
        };
        let before = entries().len();
        act(&house.mas, cases, json!({"feedback": {"audience": "reporter", "text": "Tack."}}));
        let after = entries();
        assert_eq!(after.len(), before + 1);
        let entry = &after[after.len() - 1];
        assert_eq!(entry.act, "cases.feedback");
        assert_eq!(entry.role.as_deref(), Some("mas"));
        assert_eq!(entry.exposed.len(), 3);
        assert!(entry.exposed.iter().all(|(_, subject)| subject.is_some()));
    });
}
