//! One investigation over several cases, and the series that proposes it.

use std::thread;

use domain::law::Law;
use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Database, Response, on_each_database};
use uuid::Uuid;

use crate::{House, fall, file, house, id, standard_triage};

const ROOT: &str = "/api/v1/investigations";

/// A house with triaged falls of one person, a day apart.
fn falls(database: Database, number: usize) -> (House, Vec<String>) {
    let house = house(database);
    let reporter = house.service.reporter("provby", "anna");
    let cases = (0..number).map(|at| {
        let mut body = fall();
        body["subject"] = json!({"personal_id": "640823-3234"});
        body["occurred_at"] = json!(format!("2026-03-0{}T20:00:00Z", at + 1));
        let case = id(&file(&reporter, body));
        house.manager.command(&case, "triage", standard_triage()).expect(200);
        case
    });
    let cases = cases.collect();
    (house, cases)
}

#[track_caller]
fn begin(client: &Client, cases: &[String], more: Value) -> Response {
    let mut body = json!({"cases": cases, "reason": "same_person"});
    for (field, value) in more.as_object().expect("fields") {
        body[field] = value.clone();
    }
    client.post(ROOT, body)
}

fn whole() -> Value {
    json!({"course_of_events": "Faller vid sängen på kvällen.", "assessment": "Sängen är för hög.",
        "causes": [{"code": "ORS.OKA"}], "complete": true})
}

fn path(begun: &Response) -> String {
    format!("{ROOT}/{}", begun.json()["id"].as_str().expect("an id"))
}

/// Changes the investigation on its newest version.
#[track_caller]
fn change(client: &Client, path: &str, below: &str, body: Value) -> Response {
    let tag = client.get(path).expect(200).etag();
    client.with("if-match", &tag).post(&format!("{path}{below}"), body)
}

fn case(client: &Client, id: &str) -> Value {
    client.get(&format!("/api/v1/cases/{id}")).expect(200).json()
}

fn measure(text: &str, cause: &Value) -> Value {
    json!({"measures": [{"type": "ATG.RUT", "text": text, "causes": [cause], "owner": "Chef",
        "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]})
}

#[test]
fn five_falls_of_one_person_are_one_investigation_and_five_cases() {
    on_each_database(|database| {
        let (house, cases) = falls(database, 5);
        let manager = &house.manager;
        // The series proposes it, to who handles the case and not to who filed it.
        for at in &cases {
            let series = case(manager, at)["series"].clone();
            assert_eq!(series, json!(cases));
        }
        let reporter = house.service.reporter("provby", "anna");
        assert_eq!(case(&reporter, &cases[0])["series"], Value::Null);
        let same = format!("/api/v1/cases?same_subject_as={}", cases[2]);
        let list = manager.get(&same).expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(5));
        reporter.get(&same).expect(403);
        manager.get(&format!("/api/v1/cases?same_subject_as={}", Uuid::now_v7())).expect(422);

        let begun = begin(manager, &cases, json!({"course_of_events": "Faller på kvällen."}));
        let begun = begun.expect(201);
        let at = path(&begun);
        assert_eq!(begun.header("location"), Some(at.as_str()));
        assert_eq!(begun.json()["cases"].as_array().map(Vec::len), Some(5));
        assert_eq!(begun.json()["reason"], "same_person");
        let done = change(manager, &at, "", whole()).expect(200).json();
        let cause = done["investigation"]["causes"][0]["id"].clone();
        change(manager, &at, "/measures", measure("Sänk sängen.", &cause)).expect(200);
        let decided = change(manager, &at, "/measures/decision", json!({})).expect(200).json();
        let followed = change(manager, &at, "/follow-up", json!({})).expect(200).json();
        for line in followed["cases"].as_array().expect("cases") {
            assert_eq!(line["status"], "following_up");
            assert_eq!(line["investigation_done_at"], done["investigation"]["completed_at"]);
        }
        let one = decided["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
        let tag = manager.get(&at).expect(200).etag();
        let progress = json!({"done_on": "2026-03-10", "effect": "yes"});
        manager.with("if-match", &tag).patch(&format!("{at}/measures/{one}"), progress).expect(200);

        // Each keeps its number and is closed by itself; the measure is one.
        let numbers: Vec<Value> =
            cases.iter().map(|at| case(manager, at)["number"].clone()).collect();
        assert!((1..5).all(|at| !numbers[..at].contains(&numbers[at])));
        let close = json!({"outcome": "UTF.ATG", "summary": "Sängen sänkt.",
            "feedback": {"audience": "reporter", "text": "Tack."}});
        manager.command(&cases[0], "close", close).expect(200);
        let shown: Vec<Value> =
            cases.iter().map(|at| case(manager, at)["investigation"]["measures"].clone()).collect();
        assert!(shown.iter().all(|measures| *measures == shown[0]));
        assert_eq!(shown[0].as_array().map(Vec::len), Some(1));
        assert_eq!(shown[0][0]["effect"], "yes");
        let statuses: Vec<Value> =
            cases.iter().map(|at| case(manager, at)["status"].clone()).collect();
        assert_eq!(statuses[0], "closed");
        assert!(statuses[1..].iter().all(|status| *status == "following_up"));
        let year = "/api/v1/statistics?year=2026&category=HSL.FAL&measures=count,open";
        let total = manager.get(year).expect(200).json()["total"].clone();
        assert_eq!((&total["count"], &total["open"]), (&json!(5), &json!(4)));
        // The measure outlives the closed case, whose history goes on.
        for at in &cases {
            let history = manager.get(&format!("/api/v1/cases/{at}/history")).expect(200).json();
            let steps = history["items"].as_array().expect("items").len();
            assert_eq!(json!(steps), case(manager, at)["version"]);
        }
    });
}

#[test]
fn what_is_changed_through_one_case_is_changed_for_the_others_and_nothing_is_lost() {
    on_each_database(|database| {
        let (house, cases) = falls(database, 2);
        let manager = &house.manager;
        let begun = begin(manager, &cases, whole()).expect(201);
        let cause = begun.json()["investigation"]["causes"][0]["id"].clone();
        let read = |at: &String| manager.get(&format!("/api/v1/cases/{at}")).expect(200).etag();

        // Through the first: the second has another version, and who read it before is told.
        let (first, second) = (read(&cases[0]), read(&cases[1]));
        let add = |at: &String, tag: &str, text: &str| {
            let target = format!("/api/v1/cases/{at}/measures");
            manager.with("if-match", tag).post(&target, measure(text, &cause)).status
        };
        assert_eq!(add(&cases[0], &first, "Ett"), 200);
        assert_ne!(read(&cases[1]), second);
        assert_eq!(add(&cases[1], &second, "Två"), 412);
        // Something else about the other case does not stand in the way.
        let mine = read(&cases[0]);
        manager.command(&cases[1], "lead", json!({"reason": "x"})).expect(200);
        assert_eq!(add(&cases[0], &mine, "Två"), 200);

        // Two cases race: exactly one goes through at a time, and all measures are there.
        let given: Vec<u16> = thread::scope(|scope| {
            let writers: Vec<_> = cases
                .iter()
                .enumerate()
                .map(|(at, case)| {
                    let (add, read) = (&add, &read);
                    scope.spawn(move || {
                        (0..3)
                            .map(|nth| {
                                loop {
                                    match add(case, &read(case), &format!("{at}.{nth}")) {
                                        412 => {}
                                        status => break status,
                                    }
                                }
                            })
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().expect("answers")).collect()
        });
        assert_eq!(given, [200; 6]);
        for at in &cases {
            let shown = case(manager, at);
            let texts: Vec<&str> = shown["investigation"]["measures"]
                .as_array()
                .expect("measures")
                .iter()
                .filter_map(|it| it["text"].as_str())
                .collect();
            assert_eq!(texts.len(), 8, "{texts:?}");
            for text in ["Ett", "Två", "0.0", "0.1", "0.2", "1.0", "1.1", "1.2"] {
                assert!(texts.contains(&text), "{text} is lost: {texts:?}");
            }
        }
        // And at the same version: one of two.
        let tags: Vec<String> = cases.iter().map(&read).collect();
        let mut given: Vec<u16> = thread::scope(|scope| {
            let pairs = cases.iter().zip(&tags);
            let writers: Vec<_> =
                pairs.map(|(at, tag)| scope.spawn(|| add(at, tag, "Sist"))).collect();
            writers.into_iter().map(|writer| writer.join().expect("answers")).collect()
        });
        given.sort_unstable();
        assert_eq!(given, [200, 412]);
    });
}

#[test]
fn each_case_is_guarded_by_its_own_track() {
    on_each_database(|database| {
        let (house, cases) = falls(database, 3);
        let (manager, mas) = (&house.manager, &house.mas);
        let deep = json!({"track": "deep", "reason": "Möjlig vårdskada."});
        mas.command(&cases[1], "triage", deep).expect(200);
        let begun = begin(mas, &cases[..2], json!({})).expect(201);
        let at = path(&begun);
        // The deep one asks for more; neither through the investigation nor through the other case is it
        // complete without.
        let lacking = change(mas, &at, "", whole()).expect(422).faults();
        let required = |field: &str| (field.to_owned(), "required".to_owned());
        assert_eq!(lacking, [required("/person_account"), required("/support_offered")]);
        manager.command(&cases[0], "investigation", whole()).expect(422);
        assert_eq!(case(manager, &cases[0])["investigation_done_at"], Value::Null);
        let mut more = whole();
        more["person_account"] = json!("Minns inte.");
        more["support_offered"] = json!(true);
        manager.command(&cases[0], "investigation", more).expect(200);
        for at in &cases[..2] {
            assert!(case(manager, at)["investigation_done_at"].is_string());
        }
        // A cause without a measure holds both back, and is named for each.
        let held = change(mas, &at, "/measures/decision", json!({})).expect(422).faults();
        assert_eq!(held.len(), 2);
        assert!(held.iter().all(|(field, code)| {
            field.starts_with("/cases/") && code == "cause_without_measure"
        }));
        let shown = mas.get(&at).expect(200).json();
        assert!(
            shown["cases"]
                .as_array()
                .expect("cases")
                .iter()
                .all(|it| it["status"] == "investigating")
        );
        let cause = shown["investigation"]["causes"][0]["id"].clone();
        change(mas, &at, "/measures", measure("Rutin.", &cause)).expect(200);
        // One goes on by itself; the other follows when the investigation does.
        manager.command(&cases[0], "measures/decision", json!({})).expect(200);
        let shown = change(mas, &at, "/measures/decision", json!({})).expect(200).json();
        assert!(
            shown["cases"]
                .as_array()
                .expect("cases")
                .iter()
                .all(|it| it["status"] == "measures_decided")
        );
        change(mas, &at, "/measures/decision", json!({})).expect(409);

        // A third joins what is complete, and is complete.
        let joined = change(mas, &at, "/cases", json!({"case": cases[2]})).expect(200).json();
        assert_eq!(joined["cases"].as_array().map(Vec::len), Some(3));
        let third = case(mas, &cases[2]);
        assert_eq!(third["status"], "investigating");
        assert!(third["investigation_done_at"].is_string());
        let twice = change(mas, &at, "/cases", json!({"case": cases[2]})).expect(422).faults();
        assert_eq!(twice, [("/case".to_owned(), "investigated_already".to_owned())]);
    });
}

#[test]
fn who_may_not_investigate_a_case_joins_none_and_sees_only_their_own() {
    on_each_database(|database| {
        let (house, cases) = falls(database, 2);
        let of = ("provby", house.tenant);
        let service = &house.service;
        let mut south = fall();
        south["unit"] = json!("syd");
        let south = id(&file(&house.manager, south));
        house.mas.command(&south, "triage", standard_triage()).expect(200);
        let nurse = service.holder(of, "ssk-gran", Role::Team, &["gran"], &[]);
        let all = [cases.clone(), vec![south.clone()]].concat();

        // One that she cannot read is not there; one that is not triaged, or taken, is named.
        let hidden = begin(&nurse, &all, json!({})).expect(422).faults();
        assert_eq!(hidden, [("/cases/2".to_owned(), "not_found".to_owned())]);
        let raw = id(&file(&house.manager, fall()));
        let early = begin(&house.mas, &[raw], json!({})).expect(422).faults();
        assert_eq!(early, [("/cases/0".to_owned(), "not_to_be_investigated".to_owned())]);
        let twice = [cases[0].clone(), cases[0].clone()];
        let twice = begin(&house.mas, &twice, json!({})).expect(422).faults();
        assert_eq!(twice, [("/cases/1".to_owned(), "not_unique".to_owned())]);
        begin(&service.reporter("provby", "anna"), &cases, json!({})).expect(403);

        let keyed = house.mas.with("idempotency-key", "inquiry");
        let begun = begin(&keyed, &all, json!({})).expect(201);
        assert_eq!(begin(&keyed, &all, json!({})).expect(201).text, begun.text);
        let taken = begin(&house.mas, &cases[..1], json!({})).expect(422).faults();
        assert_eq!(taken, [("/cases/0".to_owned(), "investigated_already".to_owned())]);

        // She reads the investigation by her own cases, writes in it, and sees no other case.
        let at = path(&begun);
        let shown = nurse.get(&at).expect(200).json();
        assert_eq!(shown["cases"].as_array().map(Vec::len), Some(2));
        change(&nurse, &at, "", json!({"course_of_events": "På kvällen."})).expect(200);
        assert_eq!(case(&house.mas, &south)["investigation"]["course_of_events"], "På kvällen.");
        // What moves a case that is not hers is not for her.
        change(&nurse, &at, "", whole()).expect(403);
        nurse.command(&cases[0], "investigation", whole()).expect(403);
        service.reporter("provby", "anna").get(&at).expect(404);
        service.holder(of, "sas", Role::Sas, &[], &[]).get(&at).expect(404);
        house.mas.get(&format!("{ROOT}/{}", Uuid::now_v7())).expect(404);
        house.mas.post(&at, json!({})).expect(428);
        house.mas.with("if-match", "\"1\"").post(&at, json!({})).expect(412);
    });
}

#[test]
fn the_other_branch_reads_on_a_ground() {
    on_each_database(|database| {
        let (house, mut cases) = falls(database, 1);
        let manager = &house.manager;
        let mut social = fall();
        social["law"] = json!([Law::Sol.code()]);
        social["category"] = Value::Null;
        cases.push(id(&file(&house.service.reporter("provby", "anna"), social)));
        let triage = json!({"law": ["SOL"], "category": "SOC.BMT", "severity": {"actual": 2},
            "probability": 2, "lex": {"lex_sarah": "no"}, "track": "standard"});
        manager.command(&cases[1], "triage", triage).expect(200);
        let refused = begin(manager, &cases, json!({})).expect(422).faults();
        assert_eq!(refused, [("/ground".to_owned(), "ground_for_both_branches".to_owned())]);
        let ground = json!({"kind": "consent", "on": "2026-03-09", "text": "Samtycke vid besök."});
        let begun = begin(manager, &cases, json!({ "ground": ground })).expect(201).json();
        assert_eq!(begun["grounds"][0]["kind"], "consent");
        assert_eq!(begun["grounds"][0]["on"], "2026-03-09");
    });
}
