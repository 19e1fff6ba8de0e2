//! Two installations that send to each other, as two processes of the program: one on SQLite, and the
//! other on PostgreSQL where there is one. Between any two steps one of them is killed and started
//! again: nothing is lost, and nothing comes twice.
//!
//! `./test` runs the short form: each kind of trouble meets some of the messages. `AVVIKELSE_LONG=1`
//! has each kind meet each message.

mod end;
#[allow(dead_code, reason = "shared with the tests of durability, each of which uses its part")]
#[path = "../durability/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the tests of durability, each of which uses its part")]
#[path = "../durability/program.rs"]
mod program;
mod relay;

use std::time::{Duration, Instant};

use end::{End, Pair};
use relay::Trouble;
use serde_json::{Value, json};
use testkit::on_each_database;

/// Longer than any wait that ends well: a lease that was held by a killed process, and some tries.
const WITHIN: Duration = Duration::from_secs(60);

/// Waits until something holds.
#[track_caller]
fn wait_until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    begun.elapsed()
}

/// The troubles of one run: of the message that comes first, second, and so on.
fn runs() -> Vec<Vec<Trouble>> {
    let all = Trouble::ALL;
    if std::env::var_os("AVVIKELSE_LONG").is_some() {
        return all.iter().map(|trouble| vec![*trouble; MESSAGES]).collect();
    }
    vec![(0..MESSAGES).map(|at| all[at % all.len()]).collect()]
}

/// How many messages go between the two: document, acknowledgement, question, reply, status, answer.
const MESSAGES: usize = 6;

#[test]
fn two_installations_that_are_killed_lose_nothing_and_take_nothing_twice() {
    on_each_database(|database| {
        for troubles in runs() {
            let pair = Pair::start(&database);
            let begun = Instant::now();
            through(&pair, &troubles);
            eprintln!("{troubles:?} in {:?}", begun.elapsed());
        }
    });
}

/// From the first word to the answer, with one trouble a message, and kills between steps.
fn through(pair: &Pair, troubles: &[Trouble]) {
    let (kommun, region) = (&pair.kommun, &pair.region);
    let mut troubles = troubles.iter().copied();
    let mut next = || troubles.next().expect("a trouble for each message");

    pair.to_region.meets(next());
    let sent = kommun.sends();
    kommun.restart();
    wait_until("the document has come", WITHIN, || region.received().len() == 1);
    let there = region.received().remove(0);

    assert!(pair.to_region.is_over() && pair.to_kommun.is_over());
    pair.to_kommun.meets(next());
    region.acts(&there, "acknowledge", &json!({"channel": "machine"}));
    wait_until("it is acknowledged", WITHIN, || kommun.status(&sent) == "acknowledged");

    assert!(pair.to_region.is_over() && pair.to_kommun.is_over());
    pair.to_kommun.meets(next());
    region.acts(
        &there,
        "messages",
        &json!({"channel": "machine", "asks": true, "text": "Vilken dag var det?"}),
    );
    region.restart();
    wait_until("the question has come", WITHIN, || kommun.said(&sent).len() == 2);

    assert!(pair.to_region.is_over() && pair.to_kommun.is_over());
    pair.to_region.meets(next());
    kommun.acts(&sent, "messages", &json!({"channel": "machine", "text": "Den första mars."}));
    wait_until("the reply has come", WITHIN, || region.said(&there).len() == 3);

    assert!(pair.to_region.is_over() && pair.to_kommun.is_over());
    pair.to_kommun.meets(next());
    region.acts(&there, "investigated", &json!({"text": "Listan glömdes i skrivaren."}));
    wait_until("the status has come", WITHIN, || kommun.their_status(&sent) == "investigated");

    assert!(pair.to_region.is_over() && pair.to_kommun.is_over());
    pair.to_kommun.meets(next());
    let approved = json!({
        "text": "Rutinen är ändrad.", "ground": "no_person", "motivation": "Ingen går att känna igen.",
    });
    region.acts(&there, "approve_answer", &approved);
    region.acts(&there, "answer", &json!({"channel": "machine"}));
    region.restart();
    wait_until("it is answered", WITHIN, || kommun.status(&sent) == "answered");
    assert!(pair.to_region.is_over() && pair.to_kommun.is_over());
    balance(kommun, &sent, region, &there);
}

/// Nothing is lost and nothing is there twice, on either side.
fn balance(kommun: &End, sent: &str, region: &End, there: &str) {
    for (end, id) in [(kommun, sent), (region, there)] {
        wait_until("everything is marked", WITHIN, || {
            end.deliveries(id).iter().all(|it| it["state"] == "delivered")
        });
    }
    let kinds = |end: &End, id: &str| -> Vec<Value> {
        end.deliveries(id).iter().map(|it| it["kind"].clone()).collect()
    };
    assert_eq!(kinds(kommun, sent), ["document", "remark"]);
    assert_eq!(kinds(region, there), ["acknowledgement", "question", "status", "answer"]);
    assert_eq!(region.received().len(), 1, "one document, one matter");
    let told = |end: &End, id: &str| -> Vec<(Value, Value, Value)> {
        let all = end.said(id).into_iter();
        all.map(|it| (it["id"].clone(), it["act"].clone(), it["text"].clone())).collect()
    };
    let (here, over) = (told(kommun, sent), told(region, there));
    assert_eq!(here, over, "both have heard the same, in the same order");
    let acts: Vec<&Value> = here.iter().map(|it| &it.1).collect();
    assert_eq!(acts, ["answer", "question", "remark", "answer"]);
    let (mine, theirs) = (kommun.forwarding(sent), region.forwarding(there));
    assert_eq!(mine["diary_number"], theirs["number"]);
    assert_eq!(theirs["diary_number"], mine["number"]);
    assert_eq!(mine["answer_channel"], "machine");
    let all = mine.to_string();
    assert!(!all.contains("skrivaren"), "findings stay where they were made");
}
