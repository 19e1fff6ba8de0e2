//! Reports under lex Sarah: beside what they may stand, how several meet, and who reads what they rest on.

use std::thread;

use domain::ids::{CaseId, EscalationId};
use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::escalations::{beside, delegate, go, graver, holder, of_kind};
use crate::{fall, file, house, id};

fn sol() -> Value {
    json!({"kind": "avvikelse", "unit": "gran", "law": ["SOL"], "description": "Lämnades ensam."})
}

fn own_report(text: &str) -> Value {
    json!({"kind": "lex_sarah", "report": true, "reason": text})
}

fn report(client: &Client, case: &str, body: Value) -> testkit::Response {
    client.post(&format!("/api/v1/cases/{case}/escalations"), body)
}

fn listed(client: &Client) -> Vec<Value> {
    let list = client.get("/api/v1/escalations").expect(200).json();
    list["items"].as_array().expect("items").clone()
}

fn fault(code: &str) -> [(String, String); 1] {
    [(String::new(), code.to_owned())]
}

#[test]
fn nothing_is_raised_beside_a_draft() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let nurse = house.service.reporter("provby", "usk");
        let mut draft = sol();
        draft["draft"] = json!(true);
        let at = id(&file(&nurse, draft));
        let refused = report(&nurse, &at, own_report("x")).expect(422);
        assert_eq!(refused.faults(), fault("draft_raises_nothing"));
        assert_eq!(listed(&sas), Vec::<Value>::new());
        // Discarded, it is nobody's either.
        nurse.command(&at, "void", json!({"reason": "x"})).expect(200);
        let refused = report(&nurse, &at, own_report("x")).expect(422);
        assert_eq!(refused.faults(), fault("case_is_void"));
        assert_eq!(listed(&sas), Vec::<Value>::new());
    });
}

#[test]
fn nothing_is_raised_nor_taken_up_again_beside_what_is_void() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let at = id(&file(&house.manager, sol()));
        let flag = json!({"kind": "lex_sarah", "reason": "x"});
        report(&sas, &at, flag.clone()).expect(201);
        let it = of_kind(&sas, &at, "lex_sarah");
        let out = json!({"outcome": "out", "reasons": ["SCR.EJM"]});
        assert_eq!(go(&sas, &it, "screen", out).expect(200).json()["status"], "screened_out");
        house.manager.command(&at, "void", json!({"reason": "x"})).expect(200);
        assert_eq!(report(&sas, &at, flag).expect(422).faults(), fault("case_is_void"));
        let oral =
            json!({"kind": "lex_sarah", "oral": {"from": "A", "at": "2026-03-10T09:00:00Z"}});
        assert_eq!(report(&sas, &at, oral).expect(422).faults(), fault("case_is_void"));
        let again = go(&sas, &it, "reassess", json!({"reason": "x"})).expect(422);
        assert_eq!(again.faults(), fault("case_is_void"));
        assert_eq!(beside(&sas, &at)[0]["status"], "screened_out");
    });
}

#[test]
fn a_case_is_made_void_or_something_is_raised_beside_it_never_both() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        for round in 0..12 {
            let at = id(&file(&house.manager, sol()));
            let path = format!("/api/v1/cases/{at}");
            let etag = house.manager.get(&path).etag();
            let (voided, raised) = thread::scope(|scope| {
                let voider = scope.spawn(|| {
                    let client = house.manager.with("if-match", &etag);
                    client.post(&format!("{path}/void"), json!({"reason": "x"})).status
                });
                let raiser = scope.spawn(|| {
                    if round % 2 == 0 {
                        thread::sleep(std::time::Duration::from_millis(round / 2));
                    }
                    report(&sas, &at, json!({"kind": "lex_sarah", "reason": "x"})).status
                });
                (voider.join().expect("answers"), raiser.join().expect("answers"))
            });
            match (voided, raised) {
                (200, 422) => assert_eq!(beside(&sas, &at), Vec::<Value>::new()),
                (412 | 422, 201) => assert_eq!(beside(&sas, &at).len(), 1),
                other => panic!("round {round}: {other:?}"),
            }
        }
    });
}

#[test]
fn a_report_is_never_refused_for_what_is_open_already() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let nurse = house.service.reporter("provby", "usk");
        let at = id(&file(&nurse, sol()));
        let lex = json!({"lex_sarah": "perhaps"});
        house.manager.command(&at, "triage", graver(&["SOL"], lex)).expect(200);
        let it = of_kind(&sas, &at, "lex_sarah");
        assert_eq!(beside(&sas, &at)[0]["status"], "flagged");

        // The flag becomes the report, whose words are kept; asked twice it is done once.
        let once = nurse.with("idempotency-key", "rapport-1");
        let first = report(&once, &at, own_report("Jag såg det.")).expect(201);
        assert_eq!(first.header("location"), None, "nothing that they may not read");
        assert_eq!(report(&once, &at, own_report("Jag såg det.")).expect(201).json(), first.json());
        let path = format!("/api/v1/escalations/{it}");
        let seen = sas.get(&path).expect(200).json();
        assert_eq!(seen["status"], "reported");
        assert_eq!(seen["matter"]["report"]["text"], "Jag såg det.");
        assert_eq!(seen["matter"]["flag"]["causes"][0], "lex_answer");
        assert_eq!(seen["starts_at"], seen["matter"]["report"]["at"]);
        assert_eq!(seen["matter"]["later_reports"], json!([]));

        // Another's, by mouth, is added; so is one after it was received, which changes nothing else.
        let oral = json!({"kind": "lex_sarah", "reason": "Hörde rop.",
            "oral": {"from": "Vikarie", "at": "2026-03-10T09:00:00Z"}});
        report(&house.manager, &at, oral).expect(201);
        go(&sas, &it, "receive", json!({})).expect(200);
        report(&nurse, &at, own_report("Det hände igen.")).expect(201);
        let now = sas.get(&path).expect(200).json();
        assert_eq!((&now["status"], &now["starts_at"]), (&json!("received"), &seen["starts_at"]));
        let later = now["matter"]["later_reports"].as_array().expect("reports");
        let texts: Vec<&Value> = later.iter().map(|it| &it["text"]).collect();
        assert_eq!(texts, ["Hörde rop.", "Det hände igen."]);
        assert_eq!(later[0]["oral_from"], "Vikarie");
        let history = sas.get(&format!("{path}/history")).expect(200).json();
        let done: Vec<&Value> =
            history["items"].as_array().expect("items").iter().map(|it| &it["command"]).collect();
        assert_eq!(done, ["flag", "report", "report", "receive", "report"]);
        // A flag is none.
        let flag = json!({"kind": "lex_sarah", "reason": "x"});
        let twice = report(&house.manager, &at, flag).expect(422).faults();
        assert_eq!(twice, [("/kind".into(), "escalation_open_already".into())]);
        assert_eq!(beside(&sas, &at).len(), 1);
    });
}

#[test]
fn reports_at_once_are_all_kept() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let at = id(&file(&house.manager, sol()));
        let answers: Vec<u16> = thread::scope(|scope| {
            let at = &at;
            let manager = &house.manager;
            let one =
                |n: usize| move || report(manager, at, own_report(&format!("Rapport {n}"))).status;
            let reporters: Vec<_> = (0..3).map(|n| scope.spawn(one(n))).collect();
            reporters.into_iter().map(|it| it.join().expect("answers")).collect()
        });
        assert_eq!(answers, [201, 201, 201]);
        let all = beside(&sas, &at);
        assert_eq!(all.len(), 1);
        let seen = sas.get(&format!("/api/v1/escalations/{}", id(&all[0]))).expect(200);
        assert!((0..3).all(|n| seen.text.contains(&format!("Rapport {n}"))), "{}", seen.text);
    });
}

#[test]
fn correcting_the_law_raises_what_the_case_asks_for_now() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, sol()));
        let mut triage = graver(&["SOL"], json!({"lex_sarah": "no", "lex_maria": "no"}));
        triage["severity"] = json!({"actual": 4});
        house.manager.command(&at, "triage", triage).expect(200);
        let kinds = || {
            let mut kinds: Vec<Value> =
                beside(&house.manager, &at).iter().map(|it| it["kind"].clone()).collect();
            kinds.sort_by_key(Value::to_string);
            kinds
        };
        assert_eq!(kinds(), ["lex_sarah"]);
        let law = json!({"law": ["HSL", "SOL"], "reason": "Även hälso- och sjukvård."});
        house.manager.command(&at, "corrections", law).expect(200);
        assert_eq!(kinds(), ["lex_maria", "lex_sarah"]);
        // Nothing is raised twice.
        let law = json!({"law": ["HSL"], "reason": "x"});
        house.manager.command(&at, "corrections", law).expect(200);
        assert_eq!(kinds(), ["lex_maria", "lex_sarah"]);
    });
}

#[test]
fn whoever_filed_it_reports_whatever_else_they_hold() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let nurse = house.service.holder(of, "ssk", Role::Team, &["gran"], &[]);
        let mut filing = sol();
        filing["unit"] = json!("syd");
        filing["reporting_unit"] = json!("gran");
        let at = id(&file(&nurse, filing.clone()));
        nurse.get(&format!("/api/v1/cases/{at}")).expect(200);
        report(&nurse, &at, own_report("Jag var där.")).expect(201);
        // Another of the unit reads it, and did not file it; nor is a flag a report.
        let other = house.service.holder(of, "ssk2", Role::Team, &["gran"], &[]);
        other.get(&format!("/api/v1/cases/{at}")).expect(200);
        report(&other, &at, own_report("x")).expect(403);
        let second = id(&file(&nurse, filing));
        report(&nurse, &second, json!({"kind": "lex_sarah", "reason": "x"})).expect(403);
    });
}

#[test]
fn whoever_handles_it_reads_the_case_it_rests_on_while_it_is_open() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let sas = holder(&house, "sas", Role::Sas);
        let elsewhere = house.service.holder(of, "sas2", Role::Sas, &["syd"], &[]);
        let mut filing = fall();
        filing["law"] = json!([]);
        filing["lex_sarah"] = json!(true);
        filing["subject"] = json!({"personal_id": "640823-3234"});
        let nurse = house.service.reporter("provby", "usk");
        let at = id(&file(&nurse, filing));
        let triage = graver(&["HSL"], json!({"lex_maria": "perhaps"}));
        house.mas.command(&at, "triage", triage).expect(200);
        let path = format!("/api/v1/cases/{at}");
        let lines = |client: &Client| {
            let list = client.get("/api/v1/cases").expect(200).json();
            let items = list["items"].as_array().expect("items");
            items.iter().filter(|it| it["id"] == json!(at)).count()
        };
        // What the policy answers, lists answer.
        sas.get(&path).expect(200);
        sas.get(&format!("{path}/subject")).expect(200);
        assert_eq!(lines(&sas), 1);
        let seen = beside(&sas, &at);
        assert_eq!(seen.len(), 1, "lex Maria is for those who read the case by their own law");
        let it = of_kind(&sas, &at, "lex_sarah");
        elsewhere.get(&path).expect(404);
        elsewhere.get(&format!("{path}/escalations")).expect(404);
        assert_eq!(lines(&elsewhere), 0);
        // They do nothing else to it.
        sas.command(&at, "comments", json!({"text": "x"})).expect(403);
        sas.command(&at, "lead", json!({"reason": "x"})).expect(403);
        // Whoever reads the case sees that it is there, and no more.
        let sarah = beside(&house.mas, &at);
        let sarah = sarah.iter().find(|it| it["kind"] == "lex_sarah").expect("seen").clone();
        assert_eq!((&sarah["status"], &sarah["matter"]), (&json!("reported"), &Value::Null));
        assert_eq!(sarah["commands"], json!([]), "{sarah}");
        house.mas.get(&format!("/api/v1/escalations/{it}/dossier")).expect(403);
        nurse.get(&format!("/api/v1/escalations/{it}")).expect(404);

        go(&sas, &it, "receive", json!({})).expect(200);
        delegate(&house, &sas, "lex_sarah");
        go(&sas, &it, "dismiss", json!({"motivation": "Avser vården."})).expect(200);
        sas.get(&path).expect(404);
        assert_eq!(lines(&sas), 0);
        // To whom the case is kept from it does not exist, whatever they handle.
        let third = json!({"kind": "avvikelse", "unit": "gran", "law": ["HSL"],
            "description": "x", "lex_sarah": true});
        let third = id(&file(&nurse, third));
        let me = sas.get("/api/v1/me").expect(200).json()["staff"].clone();
        let path = format!("/api/v1/cases/{third}");
        sas.get(&path).expect(200);
        let keep = json!({"staff": me, "reason": "x"});
        house.manager.command(&third, "conflicts", keep).expect(200);
        sas.get(&path).expect(404);
        assert!(!sas.get("/api/v1/cases").expect(200).text.contains(&third));
    });
}

#[test]
fn a_reporter_follows_their_report_in_plain_words() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let nurse = house.service.reporter("provby", "usk");
        let at = id(&file(&nurse, sol()));
        let told = |language: &str| {
            let client = nurse.with("accept-language", language);
            client.get(&format!("/api/v1/me/cases/{at}")).expect(200).json()["lex_sarah"].clone()
        };
        assert_eq!(told("sv"), Value::Null);
        let flag = json!({"kind": "lex_sarah", "reason": "x"});
        report(&sas, &at, flag).expect(201);
        assert_eq!(told("sv"), Value::Null, "a flag is none of theirs");
        let mine = report(&nurse, &at, own_report("Jag såg det.")).expect(201);
        assert_eq!((mine.header("location"), &mine.json()["matter"]), (None, &Value::Null));
        assert_eq!(told("sv"), "Din rapport enligt lex Sarah har kommit in.");
        assert_eq!(told("en"), "Your report under lex Sarah has come in.");
        let it = of_kind(&sas, &at, "lex_sarah");
        go(&sas, &it, "receive", json!({})).expect(200);
        assert_eq!(
            told("en"),
            "Your report under lex Sarah has been received and is being handled."
        );
        delegate(&house, &sas, "lex_sarah");
        go(&sas, &it, "dismiss", json!({"motivation": "HEMLIGT SKÄL"})).expect(200);
        assert_eq!(told("sv"), "Handläggningen av din rapport enligt lex Sarah är avslutad.");
        let all = nurse.get(&format!("/api/v1/me/cases/{at}")).expect(200);
        assert!(!all.text.contains("HEMLIGT"));
        // Another's is none of theirs.
        let other = id(&file(&nurse, sol()));
        report(&house.manager, &other, own_report("x")).expect(201);
        let seen = nurse.get(&format!("/api/v1/me/cases/{other}")).expect(200).json();
        assert_eq!(seen["lex_sarah"], Value::Null);
    });
}

#[test]
fn a_withdrawn_notification_takes_along_what_ivo_said_of_it() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        for matter in ["lex_sarah", "notify"] {
            delegate(&house, &sas, matter);
        }
        let mut filing = sol();
        filing["lex_sarah"] = json!(true);
        let at = id(&file(&house.manager, filing));
        let it = of_kind(&sas, &at, "lex_sarah");
        go(&sas, &it, "receive", json!({})).expect(200);
        let decision = json!({"degree": "serious", "motivation": "Allvarligt."});
        let notify = |sent_at: &str| {
            json!({"sent_at": sent_at, "channel": "post", "diary_number": "SN 2026/7",
                "decision": decision.clone()})
        };
        // Straight after receipt, and not before that.
        let early = go(&sas, &it, "notify", notify("2026-03-09T10:00:00Z")).expect(422);
        assert_eq!(early.faults(), [("/sent_at".into(), "before".into())]);
        go(&sas, &it, "notify", notify("2026-03-10T10:00:00Z")).expect(200);
        let received =
            json!({"received": {"received_at": "2026-03-10T10:30:00Z", "number": "3.1-77"}});
        go(&sas, &it, "ivo", received).expect(200);
        let back = go(&sas, &it, "withdraw", json!({"reason": "Fel person."})).expect(200).json();
        assert_eq!(back["ivo_number"], Value::Null);
        assert_eq!(back["matter"]["ivo_received_at"], Value::Null);
        assert_eq!(back["matter"]["earlier"][0]["ivo_number"], "3.1-77");
        // Notified anew, it waits for IVO's new number.
        go(&sas, &it, "notify", notify("2026-03-10T10:40:00Z")).expect(200);
        let nameless = json!({"received": {"received_at": "2026-03-10T10:50:00Z"}});
        go(&sas, &it, "ivo", nameless).expect(422);
    });
}

#[test]
fn ivo_is_notified_after_the_decision() {
    on_each_database(|database| {
        let house = house(database);
        for matter in ["lex_maria", "notify"] {
            delegate(&house, &house.mas, matter);
        }
        let at = id(&file(&house.manager, fall()));
        report(&house.mas, &at, json!({"kind": "lex_maria", "reason": "x"})).expect(201);
        let it = of_kind(&house.mas, &at, "lex_maria");
        go(&house.mas, &it, "screen", json!({"outcome": "take_up"})).expect(200);
        // Two days on, decided as of the day before.
        house.service.clock.advance(jiff::SignedDuration::from_hours(48));
        let mas = house.service.reporter("provby", "mas");
        go(&mas, &it, "propose", json!({"notify": true, "text": "x"})).expect(200);
        let yes = json!({"notify": true, "test": "death", "motivation": "x",
            "decided_on": "2026-03-11"});
        go(&mas, &it, "decide", yes).expect(200);
        let sent = |at: &str| json!({"sent_at": at, "channel": "post", "diary_number": "SN 1"});
        let early = go(&mas, &it, "notify", sent("2026-03-10T20:00:00Z")).expect(422);
        assert_eq!(early.faults(), [("/sent_at".into(), "before".into())]);
        go(&mas, &it, "notify", sent("2026-03-11T08:00:00Z")).expect(200);
    });
}

#[test]
fn what_was_told_by_mouth_is_neither_older_than_the_event_nor_than_a_year() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, sol()));
        let oral = |case: &str, when: &str| {
            let body = json!({"kind": "lex_sarah", "oral": {"from": "A", "at": when}});
            report(&house.manager, case, body)
        };
        let of = |code: &str| [("/oral/at".to_owned(), code.to_owned())];
        for when in ["1000-01-01T00:00:00Z", "2025-03-09T10:00:00Z"] {
            assert_eq!(oral(&at, when).expect(422).faults(), of("over_a_year_ago"));
        }
        let mut filing = sol();
        filing["occurred_at"] = json!("2026-03-09T12:00:00Z");
        let dated = id(&file(&house.manager, filing));
        assert_eq!(oral(&dated, "2026-03-08T10:00:00Z").expect(422).faults(), of("before"));
        oral(&dated, "2026-03-09T10:00:00Z").expect(201);
        oral(&at, "2025-03-10T12:00:00Z").expect(201);
    });
}

#[test]
fn a_change_of_an_escalation_leaves_it_where_its_case_went() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        report(&house.mas, &at, json!({"kind": "lex_maria", "reason": "x"})).expect(201);
        let it: EscalationId = of_kind(&house.mas, &at, "lex_maria").parse().expect("an id");
        let (case, syd): (CaseId, _) =
            (at.parse().expect("an id"), house.service.unit(house.tenant, "syd"));
        let work = move |tx: &mut store::Tx<'_>| {
            // Read before the case was given to another unit, saved after.
            let before = tx.escalation(it)?;
            tx.move_escalations(case, syd)?;
            let mut after = before.clone();
            after.version += 1;
            tx.save_escalation(&before, &after)?;
            let kept = tx.escalation(it)?;
            Ok::<_, store::Error>((kept.unit, kept.version, after.version))
        };
        let store = &house.service.app.store;
        let (unit, kept, version) =
            house.service.run(store.write(house.tenant, work)).expect("written");
        assert_eq!((unit, kept), (syd, version));
    });
}

#[test]
fn a_riskperson_may_be_named_by_personal_identity_number() {
    on_each_database(|database| {
        let house = house(database);
        let vc = holder(&house, "vc", Role::AreaManager);
        let new = |person: &str, reason: &str| json!({"kind": "riskperson", "unit": "gran", "person": person, "reason": reason});
        let named = vc.post("/api/v1/escalations", new("Kim, 640823-3234", "Fel.")).expect(201);
        assert_eq!(named.json()["matter"]["person"], "Kim, 640823-3234");
        // In the sealed field alone.
        let text = vc.post("/api/v1/escalations", new("Kim", "Gäller 640823-3234.")).expect(422);
        assert_eq!(text.faults()[0].0, "/reason");
        let it = id(&named.json()).parse::<EscalationId>().expect("an id");
        let store = &house.service.app.store;
        let kept = house.service.run(store.read(house.tenant, move |tx| tx.escalation(it)));
        assert!(!format!("{:?}", kept.expect("kept")).contains("640823"));
    });
}
