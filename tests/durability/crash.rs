//! Is what was acknowledged there after crashes, and once?

use std::time::Duration;

use crate::books::balance;
use crate::http::Connection;
use crate::load::{Filing, Ledger, Load};
use crate::postmaster::{self, Cluster};
use crate::program::Home;
use crate::{between, times, wait_until};

/// Acknowledged filings that the long form waits for, beside the number of its kills.
const LONG_ACKNOWLEDGED: usize = 50_000;
/// One in this many is read and sent again over HTTP; each is looked up in the database.
const SAMPLE: usize = 20;

#[test]
fn the_service_is_killed_on_sqlite_and_every_acknowledged_case_is_there_once() {
    kill_again_and_again(&Home::new(), None);
}

#[test]
fn the_service_and_postgresql_are_killed_and_every_acknowledged_case_is_there_once() {
    if postmaster::wanted() {
        let cluster = Cluster::start();
        kill_again_and_again(&Home::over(|_| cluster.url()), Some(&cluster));
    }
}

fn kill_again_and_again(home: &Home, cluster: Option<&Cluster>) {
    let (kills, wanted) = (times(20, 100), times(1, LONG_ACKNOWLEDGED));
    let token = home.token("anna");
    let mut served = home.serve();
    let load = Load::start(&home.address, &token);
    let mut round = 0;
    while round < kills || load.acknowledged() < wanted {
        std::thread::sleep(between(50, 500));
        match (cluster, round % 5) {
            (Some(cluster), 1 | 3) => {
                cluster.hang_up();
                goes_on(&load);
            }
            (Some(cluster), 4) => {
                cluster.crash();
                std::thread::sleep(between(0, 100));
                cluster.go_on();
                // Half of the time the service dies before it has found its way back.
                if round % 2 == 0 {
                    goes_on(&load);
                }
            }
            _ => {}
        }
        served.kill();
        served = home.serve();
        round += 1;
    }
    goes_on(&load);
    let ledger = load.finish();
    let (acknowledged, lost) = (ledger.acknowledged.len(), ledger.lost);
    eprintln!("{round} kills, {acknowledged} acknowledged, {lost} requests without an answer");
    assert!(lost >= round, "the kills met requests that were under way: {lost}");
    answers_again(home, &token, &ledger);
    served.stop();
    balance(home, "anna", &ledger);
    // Whatever moment the kills met: nothing is twice in the chain, nothing changed or missing.
    let verified = home.says(&["verify"]);
    assert!(verified.contains("all is as it was written down"), "{verified}");
}

/// Waits until more is acknowledged: the service goes on by itself.
fn goes_on(load: &Load) {
    let before = load.acknowledged();
    wait_until("filings are acknowledged again", Duration::from_secs(30), || {
        load.acknowledged() > before
    });
}

/// Over HTTP: the case is there, and its key still gets the answer it got.
fn answers_again(home: &Home, token: &str, ledger: &Ledger) {
    let mut connection = Connection::new(&home.address, token);
    for filing in ledger.acknowledged.iter().step_by(SAMPLE) {
        let Filing { id, .. } = filing;
        let read = connection.get(&format!("/api/v1/cases/{id}")).expect("an answer");
        assert_eq!(read.status, 200, "{}", read.body);
        let again = filing.send(&mut connection).expect("an answer");
        assert_eq!((again.status, &again.json()["id"]), (201, &read.json()["id"]));
    }
}
