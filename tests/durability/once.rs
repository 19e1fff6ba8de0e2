//! Does a key make one case, however often and from wherever it is sent?

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::on_each_database;

use crate::books::whole_cases;
use crate::http::{Answer, Connection};
use crate::program::Home;
use crate::{between, times};

/// How long one may take to get an answer, with a restart in between.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_key_sent_many_times_at_once_over_a_restart_makes_one_case_for_each_who_sent_it() {
    on_each_database(|database| {
        let home = Home::over(|dir| database.url(dir));
        let (keys, posts) = (times(50, 200), times(20, 50));
        let tokens = [home.token("anna"), home.token("karin")];
        let served = home.serve();
        let begun = AtomicUsize::new(0);
        // Two of the lanes are somebody else, who happens upon the same keys with the same words.
        let answers = thread::scope(|scope| {
            let lane = |lane: usize| {
                let who = usize::from(lane >= posts);
                let mut connection = Connection::new(&home.address, &tokens[who]);
                let begun = &begun;
                scope.spawn(move || {
                    let file = |key| {
                        begun.fetch_max(key, Ordering::Relaxed);
                        (who, key, file_once(&mut connection, key))
                    };
                    (0..keys).map(file).collect::<Vec<_>>()
                })
            };
            let lanes: Vec<_> = (0..posts + 2).map(lane).collect();
            while begun.load(Ordering::Relaxed) < keys / 2 {
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(between(0, 50));
            served.kill();
            let served = home.serve();
            let answers: Vec<_> =
                lanes.into_iter().flat_map(|lane| lane.join().expect("answers")).collect();
            served.stop();
            answers
        });
        assert_eq!(answers.len(), keys * (posts + 2));
        let mut first: HashMap<(usize, usize), String> = HashMap::new();
        for (who, key, answer) in answers {
            let kept = first.entry((who, key)).or_insert_with(|| answer.body.clone());
            assert_eq!(*kept, answer.body, "key {key} is answered the same each time");
        }
        let ids: HashSet<String> = first.values().map(|body| id(body)).collect();
        assert_eq!(ids.len(), 2 * keys, "nobody is answered with another's case");
        assert_eq!(usize::try_from(whole_cases(&home)), Ok(2 * keys));
    });
}

fn id(body: &str) -> String {
    let case: serde_json::Value = serde_json::from_str(body).expect("a case");
    case["id"].as_str().expect("an id").to_owned()
}

/// Sends a filing until it is answered.
fn file_once(connection: &mut Connection, key: usize) -> Answer {
    let body = json!({"kind": "avvikelse", "unit": "gran", "description": format!("Fall {key}.")});
    let begun = Instant::now();
    loop {
        match connection.file(&format!("Idempotency-Key: nyckel-{key}\r\n"), &body) {
            Ok(answer) if answer.status == 201 => return answer,
            Ok(answer) => assert!(answer.is_later(), "{}: {}", answer.status, answer.body),
            Err(_) => {}
        }
        assert!(begun.elapsed() < PATIENCE, "no answer to key {key}");
        thread::sleep(Duration::from_millis(15));
    }
}
