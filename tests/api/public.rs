//! What people outside leave and follow, without a login.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::ids::CaseId;
use domain::organisation::Role;
use jiff::SignedDuration;
use mailer::{Mail, Transport};
use serde_json::{Value, json};
use server::MailConfig;
use testkit::{Client, Database, Response, Service, on_each_database};

use crate::{House, house, house_of};

const BASE: &str = "/api/v1/public/provby";

fn complaint() -> Value {
    json!({"kind": "klagomal", "text": "Hon fick vänta i två timmar.", "unit": "gran", "anonymous": true})
}

fn known() -> Value {
    json!({
        "kind": "klagomal", "text": "Maten var kall.", "unit": "gran", "anonymous": false,
        "sender": {"kind": "NAR", "name": "Anna Andersson", "email": "Anna@Example.se",
            "phone": "070-123 45 67", "reach": "phone", "when": "kvällar",
            "speaks_as": "narstaende", "speaks_for": "Bertil Andersson"},
    })
}

/// Leaves an opinion, and gives its receipt code and number.
#[track_caller]
fn left(client: &Client, body: Value) -> (String, String) {
    let left = client.post(&format!("{BASE}/opinions"), body).expect(201).json();
    let text = |name: &str| left[name].as_str().expect("a text").to_owned();
    (text("receipt"), text("number"))
}

#[track_caller]
fn follow(client: &Client, code: &str) -> Value {
    client.post(&format!("{BASE}/receipts"), json!({"code": code})).expect(200).json()
}

/// The case of a number.
fn case_of(house: &House, number: &str) -> String {
    let cases = house.manager.get("/api/v1/cases").expect(200).json();
    let found = cases["items"].as_array().expect("items").iter().find(|it| it["number"] == number);
    found.expect("the case")["id"].as_str().expect("an id").to_owned()
}

#[test]
fn an_anonymous_complaint_is_asked_about_answered_and_read_by_its_code() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        house.service.holder(of, "chef", Role::AreaManager, &[], &[]);
        let registrator = house.service.holder(of, "reg", Role::Registrator, &[], &[]);
        let outside = house.service.anonymous();
        let (code, number) = left(&outside, complaint());
        assert_eq!(code.len(), 16);
        assert!(number.starts_with("KLA-2026-"), "{number}");
        let first = follow(&outside, &code);
        assert_eq!((&first["status"], &first["number"]), (&json!("received"), &json!(number)));
        assert_eq!(first["text"], "Hon fick vänta i två timmar.");

        let case = case_of(&house, &number);
        registrator.command(&case, "opinion/register", json!({})).expect(200);
        let me = house.manager.get("/api/v1/me").expect(200).json()["staff"].clone();
        registrator.command(&case, "opinion/assign", json!({"staff": me})).expect(200);
        let gates = json!({"avvikelse": false, "lex_sarah": "no"});
        house.manager.command(&case, "opinion/investigate", gates).expect(200);
        house
            .manager
            .command(&case, "opinion/ask", json!({"text": "Vilken dag var det?"}))
            .expect(200);

        let asked = follow(&outside, &code);
        assert_eq!(
            (&asked["status"], &asked["question_waits"]),
            (&json!("being_handled"), &json!(true))
        );
        assert_eq!(asked["messages"][0]["text"], "Vilken dag var det?");
        let reply = json!({"code": code, "text": "I onsdags. Jag heter 640823-3234."});
        let after = outside.post(&format!("{BASE}/receipts/messages"), reply).expect(201).json();
        assert_eq!(after["question_waits"], false);
        assert_eq!(after["messages"][1]["kind"], "reply");
        assert!(!after["messages"][1]["text"].as_str().expect("a text").contains("640823"));

        let answer = json!({"explanation": "Larmet var trasigt.", "measures": "Det är utbytt.",
            "secrecy_ground": "Inget om någon enskild nämns.", "channel": "receipt_page"});
        house.manager.command(&case, "opinion/answer", answer).expect(200);
        let answered = follow(&outside, &code);
        assert_eq!(answered["status"], "answered");
        assert_eq!(answered["answer"]["explanation"], "Larmet var trasigt.");
        assert_eq!(answered["answer"]["measures"], "Det är utbytt.");
        assert_eq!(answered["answer"]["given_by"], "receipt_page");
        let next = answered["answer"]["next_steps"].as_array().expect("next steps");
        assert!(next.iter().any(|step| step["code"] == "IVO"), "{next:?}");

        let again = json!({"code": code, "text": "Det stämmer inte.", "asks_again": true});
        let again = outside.post(&format!("{BASE}/receipts/messages"), again).expect(201).json();
        assert_eq!(again["status"], "being_handled");
    });
}

#[test]
fn a_code_is_kept_as_a_keyed_hash_and_asked_twice_it_is_the_same() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous();
        let keyed = outside.with("idempotency-key", "b8c1a0c6-2f0a-4d55-9d4a-0f9a2f6d7e11");
        let to = format!("{BASE}/opinions");
        let first = keyed.post(&to, complaint()).expect(201);
        let second = keyed.post(&to, complaint()).expect(201);
        assert_eq!(first.text, second.text, "the code, too");
        let mut other = complaint();
        other["text"] = json!("Något annat.");
        let refused = keyed.post(&to, other.clone()).expect(422).json();
        assert_eq!(refused["code"], "idempotency_key_reused");
        // The keys of one tenant are nothing to another.
        house.service.tenant("annan");
        let elsewhere = keyed.post("/api/v1/public/annan/opinions", other).expect(201).json();
        let first = first.json();
        assert_ne!(elsewhere["receipt"], first["receipt"]);
        let code = elsewhere["receipt"].as_str().expect("a code");
        outside.post(&format!("{BASE}/receipts"), json!({"code": code})).expect(404);

        // After three days the key is forgotten, and what was left is still there.
        house.service.clock.advance(SignedDuration::from_hours(73));
        let anew = keyed.post(&to, complaint()).expect(201).json();
        assert_ne!(anew["number"], first["number"]);
        follow(&outside, first["receipt"].as_str().expect("a code"));
        // Tokens are over by then, too.
        let manager = house.service.reporter("provby", "chef");
        let cases = manager.get("/api/v1/cases").expect(200).json();
        assert_eq!(cases["items"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn what_is_wrong_is_kept_out_and_named_and_a_personal_number_is_taken_out() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous().with("accept-language", "en");
        let body = json!({
            "kind": "synpunkt", "subkind": "FOR", "unit": "finns-inte", "occurred_on": "2026-03-09",
            "text": "Fråga 640823-3234 om det.", "details": {"opinion_reply": true},
        });
        let told = outside.post(&format!("{BASE}/opinions"), body).expect(201);
        assert!(!told.text.contains("640823"), "{}", told.text);
        let faults = told.faults();
        assert!(faults.contains(&("/text".into(), "personal_number".into())), "{faults:?}");
        assert!(faults.contains(&("/unit".into(), "unknown_unit".into())), "{faults:?}");
        let number = told.json()["number"].as_str().expect("a number").to_owned();
        assert!(number.starts_with("SYN-"), "{number}");
        let kept = house.manager.get(&format!("/api/v1/cases/{}", case_of(&house, &number)));
        let kept = kept.expect(200).json();
        assert_eq!(kept["description"], "Fråga [personnummer] om det.");
        assert_eq!((&kept["reported_by"], &kept["registered_by"]), (&Value::Null, &Value::Null));
        assert_eq!(kept["subkind"], "FOR");
        assert_eq!(kept["occurred_at"], "2026-03-08T23:00:00Z");
        // What is not there is not a fault; what is no request is.
        let least = json!({"kind": "klagomal", "text": "x"});
        let least = outside.post(&format!("{BASE}/opinions"), least).expect(201).json();
        assert_eq!(least["warnings"], json!([]));
        for (wrong, field) in [
            (json!({"kind": "avvikelse", "text": "x"}), "/kind"),
            (json!({"kind": "klagomal"}), "/text"),
            (json!({"kind": "klagomal", "text": "x", "nej": 1}), "/nej"),
        ] {
            let refused = outside.post(&format!("{BASE}/opinions"), wrong).expect(422);
            assert_eq!(refused.faults()[0].0, field);
        }
        let empty = json!({"kind": "klagomal", "text": "  "});
        let refused = outside.post(&format!("{BASE}/opinions"), empty).expect(422);
        assert_eq!(refused.faults(), [("/description".into(), "required".into())]);
    });
}

#[test]
fn a_tenant_that_is_not_there_and_one_that_is_suspended_look_alike() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous();
        let suspended = house.service.tenant("stangd");
        let at = app::Clock::now(&house.service.clock);
        house
            .service
            .run(house.service.app.store.set_suspended(suspended, Some(at)))
            .expect("suspended");
        let told = |path: &str| {
            let mut answer = outside.post(path, complaint()).expect(404).json();
            answer["request_id"] = Value::Null;
            answer
        };
        assert_eq!(told("/api/v1/public/stangd/opinions"), told("/api/v1/public/nagon/opinions"));
        for path in ["/stangd/synpunkt", "/nagon/synpunkt", "/nagon/receipts"] {
            let page = outside.with("accept", "text/html").get(path).expect(404);
            assert!(page.text.contains("<h1>"), "a page for whoever reads pages: {}", page.text);
        }
        outside.get("/provby/synpunkt").expect(200);
        assert_eq!(outside.get("/nagon/synpunkt").expect(404).json()["code"], "not_found");
    });
}

#[test]
fn who_gives_a_name_is_sealed_and_who_does_not_leaves_none() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous();
        let mut hidden = known();
        hidden["anonymous"] = json!(true);
        let told = outside.post(&format!("{BASE}/opinions"), hidden).expect(201);
        assert_eq!(told.faults()[0].1, "anonymous_sender_not_kept");
        let (_, named) = left(&outside, known());
        let store = &house.service.app.store;
        let sealed = |number: &str| {
            let id = CaseId(case_of(&house, number).parse().expect("an id"));
            let read = store.read(house.tenant, move |tx| tx.opinion_sender(id));
            house.service.run(read).expect("reads").is_some()
        };
        assert!(!sealed(told.json()["number"].as_str().expect("a number")));
        assert!(sealed(&named));
        let view = house.manager.get(&format!("/api/v1/cases/{}", case_of(&house, &named)));
        assert!(!view.expect(200).text.contains("Andersson"), "apart from the text");
    });
}

#[test]
fn files_of_a_sender_go_the_way_of_all_files() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous();
        let (code, number) = left(&outside, complaint());
        let to = format!("{BASE}/receipts/files");
        let with = outside.with("receipt-code", &code);
        let kept = with.upload(&to, ("../anteckning", "text/plain"), b"Klockan sju.", &[]);
        assert_eq!(kept.expect(201).json()["name"], "anteckning.txt");
        let page = b"<!doctype html><script>alert(1)</script>";
        let refused = with.upload(&to, ("bild.jpg", "image/jpeg"), page, &[]).expect(415).json();
        assert_eq!(refused["code"], "file_kind_not_allowed");
        outside.upload(&to, ("a.txt", "text/plain"), b"x", &[]).expect(422);
        assert_eq!(follow(&outside, &code)["files"], json!(["anteckning.txt"]));
        let path = format!("/api/v1/cases/{}/attachments", case_of(&house, &number));
        let files = house.manager.get(&path).expect(200).json();
        assert_eq!(files["items"][0]["added_by"], Value::Null);
        let id = files["items"][0]["id"].as_str().expect("an id");
        let file = house.manager.get(&format!("{path}/{id}")).expect(200);
        assert_eq!(file.bytes, b"Klockan sju.");
    });
}

/// A service whose mail stays in memory.
fn mailed(database: Database) -> (House, Arc<Mutex<Vec<Mail>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let transport = Transport::Memory(Arc::clone(&sent));
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(database, now, |config| {
        config.mail = Some(MailConfig {
            transport,
            from: "Avvikelse <avvikelse@kommun.se>".parse().expect("a sender"),
            public_url: "https://avvikelse.kommun.se".to_owned(),
            host: "avvikelse.kommun.se".to_owned(),
            timeout: Duration::from_secs(5),
            first_retry: Duration::from_secs(60),
        });
    });
    (house_of(service), sent)
}

/// Asks for a new code, and gives the mails that came of it to the sender.
fn lose(house: &House, sent: &Mutex<Vec<Mail>>, email: &str) -> (Response, Vec<Mail>) {
    let before = sent.lock().expect("mails").len();
    let outside = house.service.anonymous();
    let answer =
        outside.post(&format!("{BASE}/receipts/lost"), json!({"email": email})).expect(202);
    // It is queued beside the answer, and sent by a job: nothing tells when there is nothing to wait for.
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(25));
        house
            .service
            .run(house.service.app.deliver_mail(&AtomicBool::new(false)))
            .expect("mail is delivered");
        let mails = sent.lock().expect("mails")[before..].to_vec();
        let ours: Vec<Mail> =
            mails.into_iter().filter(|it| it.text.contains("/receipts/new/")).collect();
        if !ours.is_empty() {
            return (answer, ours);
        }
    }
    (answer, Vec::new())
}

#[test]
fn a_lost_code_is_replaced_by_a_link_that_opens_once() {
    on_each_database(|database| {
        let (house, sent) = mailed(database);
        let outside = house.service.anonymous();
        let (code, number) = left(&outside, known());
        let (_, hidden) = left(&outside, complaint());
        let (to_nobody, none) = lose(&house, &sent, "nagon@example.se");
        assert!(none.is_empty());
        let (to_anna, mails) = lose(&house, &sent, " anna@example.SE ");
        assert_eq!(to_nobody.text, to_anna.text, "nobody is told whether there is somebody");
        assert_eq!(mails.len(), 1, "{mails:?}");
        let mail = &mails[0];
        assert_eq!(mail.to.to_string(), "Anna@Example.se");
        for secret in [code.as_str(), &number, &hidden, "Maten", "Andersson", "klagomål"] {
            assert!(
                !mail.text.contains(secret) && !mail.subject.contains(secret),
                "{secret}: {mail:?}"
            );
        }
        let token = mail.text.split("/provby/receipts/new/").nth(1).expect("a link");
        let token = token.split_whitespace().next().expect("a token").to_owned();
        // Until the link is used the code that was thought lost holds: nobody is locked out by another.
        follow(&outside, &code);
        assert!(lose(&house, &sent, "anna@example.se").1.is_empty(), "one an hour");
        let renew =
            |token: &str| outside.post(&format!("{BASE}/receipts/renew"), json!({"token": token}));
        let mut altered = token.clone();
        altered.replace_range(3..4, if &altered[3..4] == "A" { "B" } else { "A" });
        renew(&altered).expect(404);
        house.service.tenant("annan");
        let elsewhere = "/api/v1/public/annan/receipts/renew";
        outside.post(elsewhere, json!({"token": token})).expect(404);
        let new = renew(&token).expect(200).json()["receipt"].as_str().expect("a code").to_owned();
        renew(&token).expect(404);
        assert_ne!(new, code);
        assert_eq!(follow(&outside, &new)["number"], json!(number));
        outside.post(&format!("{BASE}/receipts"), json!({"code": code})).expect(404);

        // A link that nobody used is over after a day.
        house.service.clock.advance(SignedDuration::from_hours(2));
        let (_, mails) = lose(&house, &sent, "anna@example.se");
        let token = mails[0].text.split("/receipts/new/").nth(1).expect("a link");
        let token = token.split_whitespace().next().expect("a token").to_owned();
        let page = outside.get(&format!("/provby/receipts/new/{token}")).expect(200);
        assert!(page.text.contains("<button"), "a look at the link uses nothing up");
        house.service.clock.advance(SignedDuration::from_hours(25));
        outside.get(&format!("/provby/receipts/new/{token}")).expect(404);
        renew(&token).expect(404);
    });
}

#[test]
fn pages_let_nothing_in_and_tell_nobody() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous().with("accept", "text/html");
        for path in [
            "/provby/synpunkt",
            "/provby/receipts",
            "/provby/receipts/lost",
            "/provby/receipts/saved",
        ] {
            let page = outside.get(path).expect(200);
            let policy = page.header("content-security-policy").expect("a policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
            assert!(
                policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'")
            );
            assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert!(
                page.header("ratelimit").is_some() && page.header("ratelimit-policy").is_some()
            );
            assert!(!page.text.contains("<script") && !page.text.contains("://"), "{}", page.text);
        }
        // A unit is filled in by its code, and only by one there is.
        let page = outside.get("/provby/synpunkt?enhet=gran&lang=en").expect(200);
        assert!(page.text.contains("<option value=\"gran\" selected>"), "{}", page.text);
        assert!(page.text.contains("<html lang=\"en\">"));
        let odd = outside.get("/provby/synpunkt?enhet=%22%3E%3Cscript%3E").expect(200);
        assert!(!odd.text.contains("<script"), "{}", odd.text);
        // A form without its token is not taken, and what was written is still there.
        let kind = "application/x-www-form-urlencoded";
        let body = b"what=klagomal&text=Kall+mat".to_vec();
        let page = outside.send("POST", "/provby/synpunkt", Some((kind, body.clone()))).expect(403);
        assert!(page.text.contains("Kall mat"), "{}", page.text);
        let foreign = outside.with("sec-fetch-site", "cross-site");
        let page = foreign.send("POST", "/provby/synpunkt", Some((kind, body))).expect(403);
        assert!(!page.text.contains("Kall mat"), "{}", page.text);
        let cases = house.manager.get("/api/v1/cases").expect(200).json();
        assert_eq!(cases["items"], json!([]));
    });
}

#[test]
fn a_unit_has_a_qr_code_of_its_link() {
    let house = house(Database::Sqlite);
    let path = "/api/v1/units/gran/qr";
    let image = house.service.reporter("provby", "usk").get(path).expect(200);
    assert_eq!(image.header("content-type"), Some("image/svg+xml"));
    assert!(image.text.contains("<svg"), "{}", image.text);
    let link = image.header("link").expect("a link");
    assert!(link.contains("/provby/synpunkt?enhet=gran>"), "{link}");
    house.service.anonymous().get(path).expect(401);
    house.manager.get("/api/v1/units/nagon/qr").expect(404);
}
