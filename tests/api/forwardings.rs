//! Avvikelser between caregivers over HTTP: sending, answering by letter, receiving, silence, access.

use std::io::Read as _;

use domain::organisation::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Client, Response, on_each_database};

use crate::{House, fall, file, house, id};

/// A name that stands in the case's text, and was not put into what leaves.
const PLANTED: &str = "Planterad Hemlig";

/// A vårdcentral that takes letters and SDK messages, and answers within 30 days.
pub fn counterparty(client: &Client, name: &str, kind: &str) -> String {
    let body = json!({"name": name, "kind": kind, "answer_days": 30, "channels": ["post", "sdk"],
        "address": [name, "696 82 Askersund"], "sdk_address": "0203:1234",
        "contacts": [{"role": "Avvikelsesamordnare", "email": "avvikelse@region.example"}]});
    id(&client.post("/api/v1/counterparties", body).expect(201).json())
}

pub fn draft(client: &Client, case: &str, counterparty: &str) -> Value {
    let body = json!({"counterparty": counterparty, "matter": "Läkemedelslista saknades",
        "text": "Vid hemgång följde ingen aktuell läkemedelslista med.",
        "question": "Hur säkras listan nästa gång?"});
    client.post(&format!("/api/v1/cases/{case}/forwardings"), body).expect(201).json()
}

/// A command on the newest version.
pub fn go(client: &Client, forwarding: &str, command: &str, body: Value) -> Response {
    let path = format!("/api/v1/forwardings/{forwarding}");
    let etag = client.get(&path).expect(200).etag();
    client.with("if-match", &etag).post(&format!("{path}/{command}"), body)
}

pub fn decision() -> Value {
    json!({"ground": "no_harm", "motivation": "Behövs för vården, till ingen skada."})
}

/// One sent to a counterparty by letter.
pub fn sent(client: &Client, case: &str, counterparty: &str) -> String {
    let at = id(&draft(client, case, counterparty));
    go(client, &at, "check", decision()).expect(200);
    go(client, &at, "send", json!({"channel": "post"})).expect(200);
    at
}

/// The MAS once more, with a token of today.
fn today(house: &House) -> Client {
    house.service.reporter("provby", "mas")
}

fn holder(house: &House, name: &str, role: Role) -> Client {
    house.service.holder(("provby", house.tenant), name, role, &[], &[])
}

/// A fall whose text names somebody.
fn told(house: &House) -> String {
    let mut filing = fall();
    filing["description"] = json!(format!("{PLANTED} gled ner, listan saknades."));
    filing["subject"] = json!({"personal_id": "640823-3234"});
    id(&file(&house.manager, filing))
}

#[test]
fn a_document_leaves_by_a_decision_and_a_letter_answers_it() {
    on_each_database(|database| {
        let house = house(database);
        let (mas, case) = (&house.mas, told(&house));
        let vc = counterparty(mas, "Askersunds vårdcentral", "VC");
        let made = draft(&house.manager, &case, &vc);
        let at = id(&made);
        assert!(made["number"].as_str().expect("a number").starts_with("VG-2026-"));
        let whole = json!("Askersunds vårdcentral");
        assert_eq!((&made["status"], &made["counterparty_unit"]), (&json!("draft"), &whole));
        // A personal identity number is refused with its position, and never kept.
        let numbered = json!({"counterparty": vc, "text": "Gäller 640823-3234."});
        let refused = house.manager.post(&format!("/api/v1/cases/{case}/forwardings"), numbered);
        assert_eq!(refused.expect(422).faults(), [("/text".into(), "personal_number".into())]);

        // What is missing is named; nothing leaves without a decision.
        let path = format!("/api/v1/forwardings/{at}");
        let tag = mas.get(&path).etag();
        mas.with("if-match", &tag).patch(&path, json!({"counterparty_unit": " "})).expect(200);
        let refused = go(mas, &at, "check", decision()).expect(422);
        assert_eq!(refused.faults(), [("/counterparty_unit".into(), "required".into())]);
        assert_eq!(go(mas, &at, "send", json!({})).expect(409).json()["code"], "invalid_state");
        let tag = mas.get(&path).etag();
        let on = json!({"counterparty_unit": "Mottagningen"});
        mas.with("if-match", &tag).patch(&path, on).expect(200);
        let with = json!({"ground": "no_harm", "motivation": "Behövs.", "identity": true});
        let checked = go(mas, &at, "check", with).expect(200).json();
        assert_eq!((&checked["status"], &checked["identity"]), (&json!("checked"), &json!(true)));
        assert_eq!(checked["decision"]["on"], "2026-03-10");

        // Exactly what leaves, and who the person is nowhere in it.
        let preview = mas.get(&format!("{path}/preview")).expect(200).json();
        assert_eq!(
            (&preview["receiver"], &preview["identity"]),
            (&json!("Askersunds vårdcentral"), &json!(true))
        );
        let letter = preview["letter"].as_str().expect("a letter");
        assert!(letter.contains("Hur säkras listan") && letter.contains("696 82 Askersund"));
        mas.get(&format!("{path}/letter")).expect(409);
        let left = go(mas, &at, "send", json!({})).expect(200).json();
        assert_eq!((&left["channel"], &left["due_on"]), (&json!("post"), &json!("2026-04-09")));
        let printed = mas.get(&format!("{path}/letter")).expect(200);
        assert!(printed.text.contains(left["number"].as_str().expect("a number")));
        assert!(!printed.text.contains("0823") && !printed.text.contains(PLANTED));

        // A letter answers, with its scan; the same counts as any other way.
        let scan = house.manager.upload(
            &format!("/api/v1/cases/{case}/attachments"),
            ("svar.txt", "text/plain"),
            b"Svar",
            &[],
        );
        let scan = scan.expect(201).json()["id"].clone();
        house.service.clock.advance(SignedDuration::from_hours(24 * 10));
        let mas = &today(&house);
        let nowhere =
            json!({"channel": "post", "short": "done", "attachments": [uuid::Uuid::now_v7()]});
        let refused = go(mas, &at, "register_answer", nowhere).expect(422);
        assert_eq!(refused.faults(), [("/attachments/0".into(), "not_found".into())]);
        let answer = json!({"channel": "post", "short": "done", "on": "2026-03-18", "text": "Rutinen är ändrad.",
            "diary_number": "RS 2026/12", "attachments": [scan]});
        let answered = go(mas, &at, "register_answer", answer).expect(200).json();
        assert_eq!(
            (&answered["status"], &answered["answer_channel"]),
            (&json!("answered"), &json!("post"))
        );
        assert_eq!(answered["answered_at"], "2026-03-17T23:00:00Z");
        assert_eq!(
            (&answered["diary_number"], &answered["todo"]),
            (&json!("RS 2026/12"), &json!("share_with_unit"))
        );
        assert_eq!(answered["exchanges"][0]["attachments"], json!([scan]));
        assert_eq!(
            go(mas, &at, "close", json!({"summary": "x"})).expect(409).json()["code"],
            "invalid_state"
        );
        go(mas, &at, "share_with_unit", json!({"how": "På APT 20 mars"})).expect(200);
        let ended = go(mas, &at, "close", json!({"summary": "Klart."})).expect(200).json();
        assert_eq!((&ended["status"], &ended["ending"]), (&json!("closed"), &json!("Klart.")));
        let history = mas.get(&format!("{path}/history")).expect(200).json();
        let commands: Vec<&str> = history["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|it| it["command"].as_str().expect("a command"))
            .collect();
        assert_eq!(
            commands,
            [
                "draft",
                "edit",
                "edit",
                "check",
                "send",
                "register_answer",
                "share_with_unit",
                "close"
            ]
        );
        // The case has them beside it, and one case may have several.
        counterparty(mas, "Lasarettet", "SPE");
        let manager = house.service.reporter("provby", "chef");
        let beside = manager.get(&format!("/api/v1/cases/{case}/forwardings")).expect(200).json();
        assert_eq!(beside["items"].as_array().expect("items").len(), 1);
    });
}

#[test]
fn a_name_that_was_not_put_into_the_document_leaves_nowhere() {
    on_each_database(|database| {
        let house = house(database);
        let (mas, case) = (&house.mas, told(&house));
        let vc = counterparty(mas, "Askersunds vårdcentral", "VC");
        let at = id(&draft(mas, &case, &vc));
        let path = format!("/api/v1/forwardings/{at}");
        let tag = mas.get(&path).etag();
        mas.with("if-match", &tag)
            .patch(&path, json!({"counterparty_unit": "Mottagningen"}))
            .expect(200);
        let with = json!({"ground": "consent", "motivation": "Samtycker.", "identity": true});
        go(mas, &at, "check", with).expect(200);
        go(mas, &at, "send", json!({"channel": "sdk"})).expect(200);
        house.service.clock.advance(SignedDuration::from_hours(24 * 31));
        house.service.run(house.service.app.watch_silence()).expect("sees to silence");
        let mas = &today(&house);
        let mut left = vec![
            mas.get(&format!("{path}/preview")).expect(200).text,
            mas.get(&format!("{path}/letter")).expect(200).text,
        ];
        let package = mas.get(&format!("{path}/package")).expect(200);
        assert_eq!(package.header("content-type"), Some("application/zip"));
        let mut zip =
            zip::ZipArchive::new(std::io::Cursor::new(package.bytes.clone())).expect("a ZIP");
        for name in ["brev.html", "meddelande.txt"] {
            let mut text = String::new();
            zip.by_name(name).expect(name).read_to_string(&mut text).expect("a text");
            assert!(text.contains("Läkemedelslista saknades"), "{text}");
            left.push(text);
        }
        for format in ["json", "csv", "html"] {
            let ledger =
                format!("/api/v1/forwardings/ledger?from=2026-01-01&to=2026-12-31&format={format}");
            left.push(mas.get(&ledger).expect(200).text);
        }
        left.push(mas.get("/api/v1/forwardings").expect(200).text);
        left.push(
            mas.get("/api/v1/statistics?of=forwardings&year=2026&group_by=counterparty")
                .expect(200)
                .text,
        );
        let queued =
            house.service.run(house.service.app.store.read(house.tenant, |tx| tx.queued(None)));
        let queued: Vec<String> = queued
            .expect("messages")
            .iter()
            .filter(|message| message.topic.starts_with("forwarding."))
            .map(|message| message.payload.to_string())
            .collect();
        assert!(queued.len() >= 4, "draft, edit, check, send, remind: {queued:?}");
        left.extend(queued);
        // The export holds what went between caregivers, and of it no text of the case.
        let dir = house.service.dir().join("ut");
        let (store, tenant) = (&house.service.app.store, house.tenant);
        house
            .service
            .run(app::transfer::export(store, tenant, &dir, app::transfer::Format::Csv))
            .expect("exports");
        let exported = std::fs::read_to_string(dir.join("mellan_vardgivare.csv")).expect("a file");
        assert!(exported.contains("Läkemedelslista saknades"));
        left.push(exported);
        for text in &left {
            assert!(!text.contains("Planterad") && !text.contains("Hemlig"), "{text}");
            assert!(!text.contains("640823") && !text.contains("3234"), "{text}");
        }
    });
}

fn received(client: &Client, counterparty: &str) -> String {
    let body = json!({"counterparty": counterparty, "matter": "Otydlig rapport", "unit": "gran",
        "text": "Rapporten till ambulansen saknade uppgift om blodförtunnande.", "channel": "post",
        "received_on": "2026-03-05", "event_on": "2026-03-01", "diary_number": "A-17",
        "subject": {"personal_id": "640823-3234"}});
    id(&client.post("/api/v1/forwardings", body).expect(201).json())
}

#[test]
fn what_came_counts_as_received_and_is_a_case_once_a_unit_has_it() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        let amb = counterparty(mas, "Ambulansen", "AMB");
        let numbered = json!({"counterparty": amb, "matter": "x", "text": "Om 640823-3234", "channel": "phone"});
        let refused = mas.post("/api/v1/forwardings", numbered).expect(422);
        assert_eq!(refused.faults(), [("/text".into(), "personal_number".into())]);
        let at = received(mas, &amb);
        let cases = |year: &str| -> i64 {
            let cube = format!("/api/v1/statistics?year={year}&kind=avvikelse");
            mas.get(&cube).expect(200).json()["total"]["count"].as_i64().expect("a count")
        };
        let came = || -> Value {
            let cube = "/api/v1/statistics?of=forwardings&year=2026&direction=received&measures=count,answered";
            mas.get(cube).expect(200).json()["total"].clone()
        };
        assert_eq!((cases("2026"), came()), (0, json!({"count": 1, "answered": 0})));
        let shown = mas.get(&format!("/api/v1/forwardings/{at}")).expect(200).json();
        assert_eq!((&shown["status"], &shown["case"]), (&json!("received"), &Value::Null));
        assert_eq!((&shown["due_on"], &shown["identity"]), (&json!("2026-05-04"), &json!(true)));
        let who = mas.get(&format!("/api/v1/forwardings/{at}/subject")).expect(200).json();
        assert_eq!(who["personal_id"], "196408233234");
        // It waits for MAS, with a day, among the clocks and on the worklist.
        let clocks = mas.get("/api/v1/clocks?kind=forwarding_answer").expect(200).json();
        assert_eq!(
            (&clocks["items"][0]["due_on"], &clocks["items"][0]["binding"]),
            (&json!("2026-05-04"), &json!("local"))
        );
        let list = mas.get("/api/v1/worklist?group=forwardings").expect(200).json();
        assert_eq!(list["items"][0]["asked"], "acknowledge_forwarding", "{list}");

        go(mas, &at, "acknowledge", json!({"channel": "post", "until": "2026-04-01"})).expect(200);
        let assigned = go(mas, &at, "assign", json!({"unit": "gran", "category": "HSL.INF"}))
            .expect(200)
            .json();
        assert_eq!(
            (&assigned["status"], &assigned["unit"]["code"]),
            (&json!("assigned"), &json!("gran"))
        );
        assert_eq!(
            (cases("2026"), came()["count"].clone()),
            (1, json!(1)),
            "a case, and still received"
        );
        let case = assigned["case"].as_str().expect("a case").to_owned();
        let whole = mas.get(&format!("/api/v1/cases/{case}")).expect(200).json();
        assert_eq!((&whole["source"], &whole["channel"]), (&json!("VG"), &json!("BRV")));
        assert_eq!(whole["reported_at"], "2026-03-04T23:00:00Z", "from the day it reached us");
        let subject = mas.get(&format!("/api/v1/cases/{case}/subject")).expect(200).text;
        assert!(subject.contains("196408233234"), "{subject}");
        // Perhaps our own lex Maria.
        let raise = json!({"kind": "lex_maria", "reason": "Kunde ha gått illa."});
        mas.post(&format!("/api/v1/cases/{case}/escalations"), raise).expect(201);
        assert_eq!(
            go(mas, &at, "assign", json!({"unit": "gran"})).expect(409).json()["code"],
            "invalid_state"
        );

        go(mas, &at, "investigated", json!({"text": "Vi missade att skriva det."})).expect(200);
        let text = "Rapportmallen har fått en ruta för blodförtunnande.";
        let approved =
            json!({"text": text, "ground": "no_person", "motivation": "Ingen kan kännas igen."});
        go(mas, &at, "approve_answer", approved).expect(200);
        let answered = go(mas, &at, "answer", json!({"channel": "post"})).expect(200).json();
        assert_eq!(
            (&answered["status"], &answered["exchanges"][1]["text"]),
            (&json!("answered"), &json!(text))
        );
        assert_eq!(came(), json!({"count": 1, "answered": 1}));
        go(mas, &at, "close", json!({})).expect(200);
        assert_eq!(
            mas.get("/api/v1/clocks?kind=forwarding_answer").expect(200).json()["items"],
            json!([])
        );
    });
}

#[test]
fn what_is_not_ours_goes_back_or_on_by_a_decision() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        let amb = counterparty(mas, "Ambulansen", "AMB");
        let at = received(mas, &amb);
        go(mas, &at, "pass_on", json!({"to": "Ambulansen", "returned": true})).expect(409);
        let not_ours = json!({"whom": "Lasarettet", "channel": "post"});
        let said = go(mas, &at, "wrong_recipient", not_ours).expect(200).json();
        assert_eq!(
            (&said["exchanges"][0]["short"], &said["todo"]),
            (&json!("not_ours"), &json!("pass_on"))
        );
        let refused = go(mas, &at, "pass_on", json!({"to": "Lasarettet"})).expect(422);
        assert_eq!(refused.faults(), [("/ground".into(), "required".into())]);
        let on = json!({"to": "Lasarettet", "ground": "consent", "motivation": "Samtycker."});
        let gone = go(mas, &at, "pass_on", on).expect(200).json();
        assert_eq!(
            (&gone["status"], &gone["passed_on_to"]),
            (&json!("passed_on"), &json!("Lasarettet"))
        );
        let back = received(mas, &amb);
        go(mas, &back, "recall", json!({"reason": "De tog tillbaka den."})).expect(200);
        let ledger =
            mas.get("/api/v1/forwardings/ledger?from=2026-03-01&to=2026-03-31").expect(200).json();
        assert_eq!(
            (&ledger["received"]["total"], &ledger["received"]["recalled"]),
            (&json!(1), &json!(1))
        );
    });
}

#[test]
fn silence_is_reminded_of_escalated_and_counted() {
    on_each_database(|database| {
        let house = house(database);
        let (mas, service) = (&house.mas, &house.service);
        let (vc, spe) = (
            counterparty(mas, "Askersunds vårdcentral", "VC"),
            counterparty(mas, "Lasarettet", "SPE"),
        );
        let case = told(&house);
        let complete = |end: &str| {
            let body = json!({"counterparty": end, "matter": "m", "text": "t", "counterparty_unit": "Mottagningen"});
            let at = id(&mas
                .post(&format!("/api/v1/cases/{case}/forwardings"), body)
                .expect(201)
                .json());
            go(mas, &at, "check", decision()).expect(200);
            go(mas, &at, "send", json!({})).expect(200);
            at
        };
        let silent = complete(&vc);
        let (answered, recalled) = (complete(&spe), complete(&spe));
        let own = received(mas, &vc);
        let turn = || {
            let turn = service.run(service.app.watch_silence()).expect("sees to silence");
            (turn.reminded, turn.escalated)
        };
        let days = |days: i64| service.clock.advance(SignedDuration::from_hours(24 * days));
        assert_eq!(turn(), (0, 0));
        days(12);
        let mas = &today(&house);
        let answer = json!({"channel": "phone", "short": "not_ours", "whom": "Ambulansen"});
        go(mas, &answered, "register_answer", answer).expect(200);
        go(mas, &recalled, "recall", json!({"reason": "Fel mottagare"})).expect(200);
        days(18);
        assert_eq!(turn(), (0, 0), "due today");
        days(1);
        assert_eq!((turn(), turn()), ((1, 0), (0, 0)));
        let mas = &today(&house);
        let overdue = mas.get("/api/v1/forwardings?overdue=true").expect(200).json();
        assert_eq!(overdue["items"][0]["id"], json!(silent));
        days(14);
        assert_eq!(turn(), (1, 0));
        days(14);
        assert_eq!((turn(), turn()), ((0, 1), (0, 0)));
        let mas = &today(&house);
        let list = mas.get("/api/v1/forwardings?status=escalated_unanswered").expect(200).json();
        assert_eq!(
            (&list["items"][0]["id"], &list["items"][0]["reminders"]),
            (&json!(silent), &json!(2))
        );
        let told = service
            .run(service.app.store.read(house.tenant, |tx| tx.queued(Some("forwarding.escalate"))));
        let steps: Vec<Value> = told
            .expect("messages")
            .iter()
            .filter_map(|it| it.payload.get("notice").cloned())
            .map(|notice| notice["step"].clone())
            .collect();
        assert!(steps.contains(&json!("forwarding_silent")), "{steps:?}");

        // 59 days after it left; our own debt, three days older, stands in the same table.
        let ledger = |format: &str| {
            mas.get(&format!(
                "/api/v1/forwardings/ledger?from=2026-03-01&to=2026-03-31&format={format}"
            ))
            .expect(200)
        };
        let table = ledger("json").json();
        let of = |name: &str| -> Value {
            table["lines"]
                .as_array()
                .expect("lines")
                .iter()
                .find(|line| line["counterparty"]["name"] == name)
                .expect("a line")
                .clone()
        };
        let vc_line = of("Askersunds vårdcentral");
        let figures = |tally: &Value| {
            ["total", "answered", "silent_30", "silent_60", "silent_90", "escalated", "recalled"]
                .map(|name| tally[name].as_i64().expect("a figure"))
        };
        assert_eq!(figures(&vc_line["sent"]), [1, 0, 1, 0, 0, 1, 0]);
        assert_eq!(figures(&vc_line["received"]), [1, 0, 1, 1, 0, 0, 0]);
        assert_eq!(figures(&of("Lasarettet")["sent"]), [1, 1, 0, 0, 0, 0, 1]);
        assert_eq!(of("Lasarettet")["sent"]["median_days"], 12);
        assert_eq!(figures(&table["sent"]), [2, 1, 1, 0, 0, 1, 1]);
        let csv = ledger("csv").text;
        assert!(
            csv.contains("Lasarettet;Specialistvård;Skickade av oss;1;1;1;12;0;0;0;0;0\r\n"),
            "{csv}"
        );
        let html = ledger("html").text;
        assert!(
            html.contains("<th scope=\"row\">Lasarettet</th>") && html.contains("inte lagstadgade")
        );
        let gone = json!({"reason": "Vårdcentralen är nedlagd."});
        go(mas, &silent, "close_without_answer", gone).expect(200);
        go(mas, &own, "acknowledge", json!({"channel": "phone"})).expect(200);
        // The settings are the tenant's own: what it may not choose is refused.
        let admin = holder(&house, "adm", Role::Admin);
        let etag = admin.get("/api/v1/settings").expect(200).etag();
        let bad = json!({"forwardings": {"remind_every_days": 0}});
        admin.with("if-match", &etag).put("/api/v1/settings", bad).expect(422);
    });
}

#[test]
fn each_sees_and_does_what_is_theirs() {
    on_each_database(|database| {
        let house = house(database);
        let (mas, service, of) = (&house.mas, &house.service, ("provby", house.tenant));
        let vc = counterparty(mas, "Askersunds vårdcentral", "VC");
        let case = told(&house);
        let team = service.holder(of, "ssk", Role::Team, &["gran"], &[]);
        let deputy = service.holder(of, "ers", Role::Deputy, &["gran"], &[]);
        let elsewhere = service.holder(of, "syd", Role::UnitManager, &["syd"], &[]);
        let registrar = service.holder(of, "reg", Role::Registrator, &[], &[]);
        let reporter = service.reporter("provby", "anna");
        let sas = service.holder(of, "sas", Role::Sas, &[], &[]);
        // The team drafts and puts down what came back, and lets nothing leave.
        let body = json!({"counterparty": vc, "matter": "m", "text": "t", "counterparty_unit": "Mottagningen"});
        let to = format!("/api/v1/cases/{case}/forwardings");
        let at = id(&team.post(&to, body.clone()).expect(201).json());
        let path = format!("/api/v1/forwardings/{at}");
        go(&team, &at, "check", decision()).expect(403);
        go(&deputy, &at, "check", decision()).expect(403);
        let admin = holder(&house, "adm", Role::Admin);
        let etag = admin.get("/api/v1/settings").expect(200).etag();
        let may = json!({"deputy_sends_forwardings": true});
        admin.with("if-match", &etag).put("/api/v1/settings", may).expect(200);
        go(&deputy, &at, "check", decision()).expect(200);
        go(&deputy, &at, "send", json!({})).expect(200);
        go(&team, &at, "register_answer", json!({"channel": "phone", "short": "received"}))
            .expect(200);
        // Others do not learn that it exists.
        for other in [&elsewhere, &registrar, &reporter, &sas] {
            other.get(&path).expect(404);
            assert_eq!(other.get("/api/v1/forwardings").expect(200).json()["items"], json!([]));
            other.post(&to, body.clone()).expect(404);
        }
        reporter.get("/api/v1/counterparties").expect(403);
        // Whoever reports follows the case, not what is written of it.
        let own = id(&file(&reporter, fall()));
        sent(&holder(&house, "ovan", Role::UnitManager), &own, &vc_with_unit(mas));
        reporter.get(&format!("/api/v1/cases/{own}/forwardings")).expect(403);
        // From whom the case is kept, it is kept too.
        let boss = holder(&house, "jav", Role::UnitManager);
        boss.get(&path).expect(200);
        let staff = boss.get("/api/v1/me").expect(200).json()["staff"].clone();
        mas.post(
            &format!("/api/v1/cases/{case}/conflicts"),
            json!({"staff": staff, "reason": "Jäv"}),
        )
        .expect(200);
        boss.get(&path).expect(404);
        let seen = boss.get("/api/v1/forwardings").expect(200).json();
        assert!(seen["items"].as_array().expect("items").iter().all(|it| it["id"] != json!(at)));

        // What came is for its unit and law, and of no unit for those it comes in through.
        let came = received(&registrar, &vc);
        let unplaced = json!({"counterparty": vc, "matter": "m", "text": "t", "channel": "phone"});
        let unplaced = id(&mas.post("/api/v1/forwardings", unplaced).expect(201).json());
        team.get(&format!("/api/v1/forwardings/{came}")).expect(200);
        registrar.get(&format!("/api/v1/forwardings/{came}")).expect(200);
        for (client, path) in
            [(&elsewhere, &came), (&team, &unplaced), (&sas, &came), (&reporter, &came)]
        {
            client.get(&format!("/api/v1/forwardings/{path}")).expect(404);
            client.get(&format!("/api/v1/forwardings/{path}/subject")).expect(404);
        }
        registrar.get(&format!("/api/v1/forwardings/{unplaced}")).expect(200);
        go(&registrar, &came, "assign", json!({"unit": "gran"})).expect(403);
        let mine = |client: &Client| -> Vec<Value> {
            let list = client.get("/api/v1/forwardings?waiting_for_me=true").expect(200).json();
            list["items"].as_array().expect("items").iter().map(|it| it["id"].clone()).collect()
        };
        assert!(mine(&registrar).contains(&json!(came)) && mine(&team).contains(&json!(came)));
        go(&registrar, &came, "acknowledge", json!({"channel": "post"})).expect(200);
        assert!(!mine(&registrar).contains(&json!(came)) && mine(&deputy).contains(&json!(came)));
        // Another tenant's is not there.
        let other = service.tenant("annan");
        let stranger = service.holder(("annan", other), "mas", Role::Mas, &[], &[]);
        stranger.get(&path).expect(404);
        stranger.get(&format!("/api/v1/counterparties/{vc}")).expect(404);
        let theirs = id(&file(&stranger, fall()));
        let across = json!({"counterparty": vc, "matter": "m", "text": "t"});
        let refused =
            stranger.post(&format!("/api/v1/cases/{theirs}/forwardings"), across).expect(422);
        assert_eq!(refused.faults(), [("/counterparty".into(), "not_found".into())]);
    });
}

/// Another counterparty, whose unit needs no naming.
fn vc_with_unit(client: &Client) -> String {
    counterparty(client, "Fjugesta vårdcentral", "VC")
}

#[test]
fn both_sides_put_together_what_happened_and_who_does_what() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        let vc = counterparty(mas, "Askersunds vårdcentral", "VC");
        let case = told(&house);
        let body = json!({"counterparty": vc, "kind": "joint", "matter": "m", "text": "t", "counterparty_unit": "M"});
        let at =
            id(&mas.post(&format!("/api/v1/cases/{case}/forwardings"), body).expect(201).json());
        let event =
            |from: &str, at: &str| json!({"from": from, "happened_at": at, "text": "Hemgång"});
        go(mas, &at, "events", event("us", "2026-03-01T10:00:00Z")).expect(409);
        go(mas, &at, "check", decision()).expect(200);
        go(mas, &at, "send", json!({})).expect(200);
        go(mas, &at, "events", event("us", "2026-03-01T10:00:00Z")).expect(200);
        let joint =
            go(mas, &at, "events", event("them", "2026-03-01T08:00:00Z")).expect(200).json();
        assert_eq!(joint["timeline"][0]["from"], "them", "in the order of time");
        let measure = json!({"owner": "them", "who": "Verksamhetschef", "text": "Ny checklista", "due_on": "2026-05-01"});
        let joint = go(mas, &at, "measures", measure).expect(200).json();
        let done = json!({"measure": joint["measures"][0]["id"], "owner": "us"});
        let refused = go(mas, &at, "measures/finish", done).expect(422);
        assert_eq!(refused.faults(), [("/measure".into(), "owned_by_other_side".into())]);
        let done = json!({"measure": joint["measures"][0]["id"], "owner": "them"});
        let joint = go(mas, &at, "measures/finish", done).expect(200).json();
        assert_eq!(joint["measures"][0]["done_on"], "2026-03-10");
        go(
            mas,
            &at,
            "messages",
            json!({"channel": "phone", "from": "them", "asks": true, "text": "När?"}),
        )
        .expect(200);
        let asked = mas.get(&format!("/api/v1/forwardings/{at}")).expect(200).json();
        assert_eq!(asked["todo"], "reply");
        go(mas, &at, "messages", json!({"channel": "post", "text": "Kl. 10."})).expect(200);
        let single = id(&draft(mas, &case, &vc));
        let path = format!("/api/v1/forwardings/{single}");
        let tag = mas.get(&path).etag();
        mas.with("if-match", &tag).patch(&path, json!({"counterparty_unit": "M"})).expect(200);
        go(mas, &single, "check", decision()).expect(200);
        go(mas, &single, "send", json!({})).expect(200);
        let refused = go(mas, &single, "events", event("us", "2026-03-01T10:00:00Z")).expect(422);
        assert_eq!(refused.faults(), [(String::new(), "not_joint".into())]);
    });
}

#[test]
fn of_two_at_once_one_wins_and_a_key_does_once() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        let vc = counterparty(mas, "Askersunds vårdcentral", "VC");
        let case = told(&house);
        for _ in 0..5 {
            let at = with_unit(mas, &case, &vc);
            let path = format!("/api/v1/forwardings/{at}");
            let tag = mas.get(&path).etag();
            let both = [
                ("recall", json!({"reason": "x"})),
                ("register_answer", json!({"channel": "phone", "short": "done"})),
            ];
            let answers: Vec<u16> = std::thread::scope(|scope| {
                let each = both.map(|(command, body)| {
                    let (client, to) = (mas.with("if-match", &tag), format!("{path}/{command}"));
                    scope.spawn(move || client.post(&to, body).status)
                });
                each.into_iter().map(|it| it.join().expect("answers")).collect()
            });
            let won = answers.iter().filter(|status| **status == 200).count();
            assert_eq!(won, 1, "{answers:?}");
            assert!(answers.iter().all(|status| [200, 409, 412].contains(status)), "{answers:?}");
            let history = mas.get(&format!("{path}/history")).expect(200).json();
            assert_eq!(history["items"].as_array().expect("items").len(), 4);
        }
        let once = mas.with("idempotency-key", "en-gang");
        let body = json!({"counterparty": vc, "matter": "m", "text": "t", "channel": "phone"});
        let one = once.post("/api/v1/forwardings", body.clone()).expect(201).json();
        let two = once.post("/api/v1/forwardings", body).expect(201).json();
        assert_eq!(one["id"], two["id"]);
        let at = with_unit(mas, &case, &vc);
        let path = format!("/api/v1/forwardings/{at}");
        let keyed = mas.with("if-match", &mas.get(&path).etag()).with("idempotency-key", "svar");
        let answer = json!({"channel": "phone", "short": "done"});
        let one = keyed.post(&format!("{path}/register_answer"), answer.clone()).expect(200);
        let two = keyed.post(&format!("{path}/register_answer"), answer).expect(200);
        assert_eq!(one.json()["version"], two.json()["version"]);
        let shown = mas.get(&path).expect(200).json();
        assert_eq!(shown["exchanges"].as_array().expect("said").len(), 1);
    });
}

/// One sent, complete.
fn with_unit(client: &Client, case: &str, end: &str) -> String {
    let body = json!({"counterparty": end, "matter": "m", "text": "t", "counterparty_unit": "Mottagningen"});
    let at =
        id(&client.post(&format!("/api/v1/cases/{case}/forwardings"), body).expect(201).json());
    go(client, &at, "check", decision()).expect(200);
    go(client, &at, "send", json!({})).expect(200);
    at
}

#[test]
fn the_register_says_who_is_there_and_how_they_are_reached() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        let body = json!({"name": "Byggnadsnämnden", "kind": "NAM", "hsa_id": "se2321000016-1abc",
            "contacts": [{"role": "Registrator", "email": "bn@kommun.example"}], "channels": ["portal"],
            "valid_from": "2026-01-01"});
        let made = mas.post("/api/v1/counterparties", body.clone()).expect(201);
        let (at, one) = (id(&made.json()), made.json());
        assert_eq!(one["hsa_id"], "SE2321000016-1ABC");
        assert!(one["contacts"][0]["id"].is_string());
        let refused = mas.post("/api/v1/counterparties", body.clone()).expect(422);
        assert_eq!(refused.faults()[0].1, "not_unique");
        let wrong = json!({"name": "Om 640823-3234", "kind": "XYZ", "hsa_id": "SE12-x", "channels": ["post", "phone"],
            "contacts": [{"role": "x", "email": "ingen"}], "valid_from": "2026-02-01", "valid_to": "2026-01-01"});
        let refused = mas.post("/api/v1/counterparties", wrong).expect(422);
        assert_eq!(refused.faults(), [("/name".into(), "personal_number".into())]);
        let wrong = json!({"name": " ", "kind": "XYZ", "hsa_id": "SE12-x", "channels": ["post", "phone"],
            "contacts": [{"role": "x", "email": "ingen"}], "valid_from": "2026-02-01", "valid_to": "2026-01-01"});
        let mut fields: Vec<String> = mas
            .post("/api/v1/counterparties", wrong)
            .expect(422)
            .faults()
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        fields.sort();
        assert_eq!(
            fields,
            [
                "/channels/0",
                "/channels/1",
                "/contacts/0/email",
                "/hsa_id",
                "/kind",
                "/name",
                "/valid_to"
            ]
        );
        let path = format!("/api/v1/counterparties/{at}");
        let mut changed = one.clone();
        for name in ["id", "version", "updated_at"] {
            changed.as_object_mut().expect("an object").remove(name);
        }
        changed["valid_to"] = json!("2026-03-01");
        house.manager.with("if-match", "\"1\"").put(&path, changed.clone()).expect(403);
        mas.put(&path, changed.clone()).expect(428);
        let over = mas.with("if-match", "\"1\"").put(&path, changed.clone()).expect(200).json();
        assert_eq!(
            (&over["version"], &over["contacts"][0]["id"]),
            (&json!(2), &one["contacts"][0]["id"])
        );
        mas.with("if-match", "\"1\"").put(&path, changed).expect(412);
        let valid = mas.get("/api/v1/counterparties?valid=true").expect(200).json();
        assert_eq!(valid["items"], json!([]));
        // To one that has ended nothing is sent.
        let case = told(&house);
        let body =
            json!({"counterparty": at, "matter": "m", "text": "t", "counterparty_unit": "M"});
        let draft =
            id(&mas.post(&format!("/api/v1/cases/{case}/forwardings"), body).expect(201).json());
        go(mas, &draft, "check", decision()).expect(200);
        let refused = go(mas, &draft, "send", json!({})).expect(422);
        assert_eq!(refused.faults(), [("/counterparty".into(), "counterparty_ended".into())]);
    });
}
