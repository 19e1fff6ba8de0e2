//! PostgreSQL to a point in time, as the guide has it: a base backup, the archived log, and a moment. Everything that
//! was answered by then is there, and nothing later.

use serde_json::json;

use crate::http::Connection;
use crate::postmaster::{Cluster, wanted};
use crate::program::Home;

fn filed(home: &Home, number: usize) -> String {
    let token = home.token("usk");
    let mut connection = Connection::new(&home.address, &token);
    let body = json!({"kind": "avvikelse", "unit": "gran", "description": format!("nr {number}")});
    let answer = connection.file("", &body).expect("an answer");
    assert_eq!(answer.status, 201);
    answer.json()["id"].as_str().expect("an id").to_owned()
}

#[test]
fn everything_by_a_moment_comes_back_and_nothing_later() {
    if !wanted() {
        return;
    }
    let cluster = Cluster::archiving();
    let home = Home::over(|_| cluster.url());
    let served = home.serve();
    let before_base: Vec<String> = (0..5).map(|number| filed(&home, number)).collect();
    cluster.base_backup();
    let by_then: Vec<String> = (5..15).map(|number| filed(&home, number)).collect();
    // Whole seconds apart, as a person would name the moment.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let moment = cluster.now();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let later: Vec<String> = (15..20).map(|number| filed(&home, number)).collect();
    served.stop();
    cluster.archive_the_rest();

    let begun = std::time::Instant::now();
    let restored = cluster.restored_to(&moment);
    let there = |id: &String| {
        restored.counts(&format!("SELECT count(*) FROM cases WHERE case_id = '{id}'")) == 1
    };
    assert!(before_base.iter().chain(&by_then).all(there), "everything by {moment}");
    assert!(!later.iter().any(there), "nothing after {moment}");
    for table in ["case_facts", "case_history", "audit_entries"] {
        let whole = restored.counts(&format!("SELECT count(*) FROM {table}"));
        assert!(whole >= 15, "{table}: {whole}");
    }
    println!("restored to {moment} in {:.1} s", begun.elapsed().as_secs_f64());
    // The service goes on with it.
    let again = home.moved_to(restored.url());
    let served = again.serve();
    filed(&again, 99);
    served.stop();
}
