//! What is taken: once, in order, and only what can be done.

use domain::forwarding::{Said, Side};
use serde_json::json;
use testkit::{Service, on_each_database};
use uuid::Uuid;

use super::{code, document, post};

#[test]
fn a_document_is_received_under_a_number_of_ours() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let receipt = it.send(Uuid::now_v7(), 1, "document", document()).expect(200).json();
        assert_eq!(receipt["again"], false);
        let all = it.forwardings();
        let [received] = all.as_slice() else { panic!("one: {all:?}") };
        let number = received.number.expect("a number").to_string();
        assert_eq!(receipt["number"], number);
        assert!(number.starts_with("VG-2026-"), "{number}");
        assert_eq!(received.status().code(), "received");
        assert_eq!(received.counterparty, it.region);
        assert_eq!(received.document.matter, "Läkemedelslista saknades");
        assert_eq!(received.matter.their_number.as_deref(), Some("VG-2026-REGION"));
        assert_eq!(received.due_on.map(|day| day.to_string()).as_deref(), Some("2026-04-30"));
        assert!(!received.matter.identity_came);
    });
}

#[test]
fn messages_are_taken_once_and_in_order() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let thread = Uuid::now_v7();
        let question =
            |text: &str| json!({"id": Uuid::now_v7(), "text": text, "at": "2026-03-10T10:00:00Z"});
        // Before the document there is nothing to ask about.
        let early = it.send(thread, 1, "question", question("Hur?")).expect(409);
        assert_eq!(code(&early), "exchange_out_of_order");
        let document = it.message(thread, 1, "document", document());
        it.deliver(&it.signed(&document)).expect(200);
        let again = it.deliver(&it.signed(&document)).expect(200).json();
        assert_eq!(again["again"], true);
        assert!(again["number"].is_string());
        // The same id and other words.
        let mut other = document.clone();
        other["content"]["text"] = json!("Något annat.");
        assert_eq!(code(&it.deliver(&it.signed(&other)).expect(409)), "exchange_id_reused");
        // The third before the second.
        let second = it.message(thread, 2, "question", question("När?"));
        let third = it.message(thread, 3, "remark", question("Tack."));
        let late = it.deliver(&it.signed(&third)).expect(409);
        assert_eq!(late.json()["detail"], "expected: 2");
        it.deliver(&it.signed(&second)).expect(200);
        it.deliver(&it.signed(&third)).expect(200);
        it.deliver(&it.signed(&second)).expect(200);
        let all = it.forwardings();
        assert_eq!(all.len(), 1);
        let said: Vec<_> =
            all[0].matter.exchanges.iter().map(|it| (it.from, it.act.clone())).collect();
        assert_eq!(said, [(Side::Them, Said::Question), (Side::Them, Said::Remark)]);
        assert_eq!(all[0].matter.exchanges[0].text.as_deref(), Some("När?"));
    });
}

#[test]
fn what_cannot_be_done_takes_its_number_and_nothing_else() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let thread = Uuid::now_v7();
        it.send(thread, 1, "document", document()).expect(200);
        let before = it.forwardings();
        // To a received one nobody answers; a personal number has no place in a text; and so on.
        let wrong = [
            (
                "answer",
                json!({"id": Uuid::now_v7(), "short": "done", "at": "2026-03-10T10:00:00Z"}),
            ),
            (
                "question",
                json!({"id": Uuid::now_v7(), "text": "Gäller 640823-3234?", "at": "2026-03-10T10:00:00Z"}),
            ),
            ("question", json!({"text": 1})),
            ("poem", json!({"lines": ["ros"]})),
            (
                "event",
                json!({"id": Uuid::now_v7(), "happened_at": "2026-03-01T10:00:00Z", "text": "Föll"}),
            ),
            ("document", document()),
            ("status", json!({"status": "lost", "at": "2026-03-10T10:00:00Z"})),
        ];
        for (at, (kind, content)) in wrong.iter().enumerate() {
            let sequence = i64::try_from(at).expect("a number") + 2;
            let message = it.message(thread, sequence, kind, content.clone());
            let refused = it.deliver(&it.signed(&message)).expect(422);
            assert_eq!(code(&refused), "exchange_not_possible", "{kind}");
            assert!(!refused.text.contains("640823"), "{}", refused.text);
            // Sent again it is answered the same.
            let again = it.deliver(&it.signed(&message)).expect(422);
            assert_eq!(again.json()["detail"], refused.json()["detail"]);
        }
        assert_eq!(it.forwardings(), before);
        assert_eq!(it.thread_of(&before[0]).taken, 8);
        // And it goes on.
        it.send(thread, 9, "recall", json!({"reason": "Fel mottagare"})).expect(200);
        assert_eq!(it.forwardings()[0].status().code(), "recalled");
        let late = json!({"id": Uuid::now_v7(), "text": "Hallå?", "at": "2026-03-10T10:00:00Z"});
        let late = it.send(thread, 10, "remark", late).expect(422);
        assert_eq!(late.json()["detail"], "converse while recalled");
    });
}

#[test]
fn a_document_that_is_refused_takes_those_that_follow_along() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let thread = Uuid::now_v7();
        let mut wrong = document();
        wrong["text"] = json!("Gäller 640823-3234.");
        it.send(thread, 1, "document", wrong).expect(422);
        assert!(it.forwardings().is_empty());
        let recall = it.send(thread, 2, "recall", json!({"reason": "Fel"})).expect(422);
        assert_eq!(recall.json()["detail"], "document_refused");
        it.send(thread, 3, "document", document()).expect(200);
        assert_eq!(it.forwardings().len(), 1);
    });
}

#[test]
fn who_it_is_about_comes_sealed() {
    on_each_database(|database| {
        let it = post(Service::start(database));
        let mut with = document();
        with["ground"] = json!("consent");
        with["identity"] = json!({"id": "640823-3234"});
        it.send(Uuid::now_v7(), 1, "document", with.clone()).expect(200);
        let received = it.forwardings().remove(0);
        assert!(received.matter.identity_came);
        let id = received.id;
        let sealed = it.service.app.store.read(it.tenant, move |tx| tx.forwarding_subject(id));
        let sealed = it.service.run(sealed).expect("read").expect("an identity");
        let opened = it
            .service
            .app
            .sealer
            .open(it.tenant, app::forwardings::SUBJECTS, &id.to_string(), &sealed)
            .expect("opens");
        let text = String::from_utf8(opened.to_vec()).expect("text");
        assert!(text.contains("196408233234"), "{text}");
        with["identity"] = json!({"id": "640823-3235"});
        let wrong = it.send(Uuid::now_v7(), 1, "document", with).expect(422);
        assert_eq!(wrong.json()["detail"], "not_an_identity");
        assert!(!wrong.text.contains("640823"));
    });
}
