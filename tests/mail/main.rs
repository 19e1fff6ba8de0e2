//! Mail against a real mail server that misbehaves, with the real program killed in between; and the
//! rules of night, digest and ending, by a clock that the test sets.
//!
//! `./test` runs the short forms. `AVVIKELSE_LONG=1` has a thousand notices for each misbehaviour.

#[allow(dead_code, reason = "shared with the tests of durability, each of which uses its part")]
#[path = "../durability/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the tests of durability, each of which uses its part")]
#[path = "../durability/program.rs"]
mod program;
mod rules;
mod server;
mod town;

use std::time::{Duration, Instant};

use testkit::on_each_database;

use mailer::{Mail, Session, Smtp, SmtpSettings, Transport, Undelivered};
use server::Server;
use town::{CANARIES, PEOPLE, Town};

/// Longer than any wait that ends well.
const WITHIN: Duration = Duration::from_secs(120);

/// How many times everybody is told of something.
fn rounds() -> usize {
    if std::env::var_os("AVVIKELSE_LONG").is_some() { 1000 / PEOPLE } else { 200 / PEOPLE }
}

/// Waits until something holds.
#[track_caller]
fn wait_until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

/// What a run came to.
struct Books {
    notices: usize,
    kills: usize,
    again: usize,
}

/// Tells everybody of many things while the program is killed three times, and counts what arrived.
fn through(server: &Server, town: &mut Town, expected: impl Fn(&str) -> bool) -> Books {
    let kills = 3;
    let mut served = town.home.serve();
    let manager = town.manager();
    town.file(&manager);
    let rounds = rounds();
    for round in 0..rounds {
        town.call(&manager);
        if round % 5 == 0 {
            town.fail_to_call(&manager);
        }
    }
    let notices = town.notices();
    assert_eq!(notices.len(), rounds * PEOPLE);
    for kill in 1..=kills {
        let enough = notices.len() * kill / (kills + 2);
        wait_until("some mail has come", WITHIN, || server.kept().len() >= enough);
        served.kill();
        served = town.home.serve();
    }
    town.wait_for_all(WITHIN);
    served.stop();

    let (times, kept) = (server.times(), server.kept());
    let lost: Vec<_> = notices.iter().filter(|id| !times.contains_key(*id)).collect();
    let wanted: Vec<_> = lost.iter().filter(|id| expected(id)).collect();
    assert!(wanted.is_empty(), "lost {} of {}: {wanted:?}", wanted.len(), notices.len());
    let invented: Vec<_> = times.keys().filter(|id| !notices.contains(*id)).collect();
    assert!(invented.is_empty(), "mail for nothing: {invented:?}");
    hold_no_canary(&kept);
    let again = kept.len() - times.len();
    Books { notices: notices.len(), kills, again }
}

/// No mail holds a text, a name or a unit, plain or encoded.
fn hold_no_canary(kept: &[server::Kept]) {
    for mail in kept {
        for canary in CANARIES {
            for text in [&mail.subject, &mail.text, &mail.raw] {
                assert!(!text.contains(canary), "{canary} in {}", mail.raw);
            }
        }
        assert!(mail.text.contains("https://avvikelse.kommun.se/cases/"), "{}", mail.text);
        assert_eq!(mail.host, "avvikelse.kommun.se");
    }
}

fn all(_: &str) -> bool {
    true
}

#[test]
fn nothing_is_lost_when_the_service_is_killed() {
    on_each_database(|database| {
        let server = Server::start("accepting");
        let mut town = Town::new(database, &server);
        let books = through(&server, &mut town, all);
        assert!(books.again <= books.kills, "{} again of {} kills", books.again, books.kills);
        eprintln!("accepting: {} notices, {} again", books.notices, books.again);
    });
}

#[test]
fn a_server_that_says_later_gets_it_later() {
    let server = Server::start("later");
    let mut town = Town::new(testkit::Database::Sqlite, &server);
    let books = through(&server, &mut town, all);
    assert!(books.again <= books.kills, "{} again of {} kills", books.again, books.kills);
    eprintln!("later: {} notices, {} again", books.notices, books.again);
}

#[test]
fn whom_the_server_refuses_keeps_nobody_else_from_theirs() {
    let server = Server::start("refusing");
    let mut town = Town::new(testkit::Database::Sqlite, &server);
    // Which notice is for whom, the rows know; that all others came, the numbers tell.
    let books = through(&server, &mut town, |_| false);
    let refused = rounds() * (PEOPLE / 10);
    assert_eq!(server.ids().len(), books.notices - refused);
    assert!(server.kept().iter().all(|mail| !mail.to.starts_with("nix")));
    assert!(books.again <= books.kills, "{} again of {} kills", books.again, books.kills);
}

/// What a server says of one recipient is a word about that mail, though the same number would be one
/// about everybody where it answers the login.
#[test]
fn whom_the_server_does_not_relay_to_keeps_nobody_else_waiting() {
    let server = Server::start("relaying");
    let url = format!("smtp://localhost:{}", server.port());
    let settings = SmtpSettings {
        url: url.parse().expect("an address"),
        password: None,
        plaintext: false,
        trusted: None,
        timeout: Duration::from_secs(10),
        host: "avvikelse.kommun.se".to_owned(),
    };
    let smtp = Smtp::new(settings).expect("settings");
    let mut session = Session::over(Transport::Smtp(Box::new(smtp)));
    let mail = |to: &str| Mail {
        id: uuid::Uuid::now_v7(),
        host: "avvikelse.kommun.se".to_owned(),
        from: "Avvikelse <avvikelse@kommun.se>".parse().expect("a sender"),
        to: to.parse().expect("a recipient"),
        subject: "x".to_owned(),
        text: "x".to_owned(),
        urgent: false,
        at: "2026-03-10T11:00:00Z".parse().expect("a time"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let refused = session.deliver(&mail("nix@region.se")).await;
        assert!(matches!(refused, Err(Undelivered::Later(_))), "{refused:?}");
        session.deliver(&mail("anna@kommun.se")).await.expect("goes on");
    });
    assert_eq!(server.kept().len(), 1);
}

#[test]
fn a_server_that_hangs_holds_up_what_it_hangs_on() {
    let server = Server::start("hanging");
    let mut town = Town::new(testkit::Database::Sqlite, &server);
    let books = through(&server, &mut town, all);
    assert!(books.again <= books.kills, "{} again of {} kills", books.again, books.kills);
    eprintln!("hanging: {} notices, {} again", books.notices, books.again);
}

#[test]
fn a_server_that_drops_the_line_after_the_data_gets_it_again() {
    let server = Server::start("dropping");
    let mut town = Town::new(testkit::Database::Sqlite, &server);
    let books = through(&server, &mut town, all);
    let unanswered = server.kept().iter().filter(|mail| !mail.answered).count();
    assert!(unanswered > 0, "the server never dropped the line");
    assert!(books.again <= books.kills + unanswered, "{} again", books.again);
    eprintln!("dropping: {} notices, {} again, {unanswered} cut", books.notices, books.again);
}

#[test]
fn with_starttls_and_login_and_never_without() {
    let server = Server::with_tls();
    let mut town = Town::new(testkit::Database::Sqlite, &server);
    let password = server.file("password");
    std::fs::write(&password, "hemligt losenord\n").expect("a password");
    let place =
        format!("smtp://avvikelse%40kommun.se@localhost:{}?starttls=required", server.port());
    let shown = |name: &str| server.file(name).display().to_string();
    let set = |town: &mut Town, more: &[&str]| {
        town.home.settings[1].clone_from(&place);
        town.home.settings.truncate(10);
        town.home.settings.extend(more.iter().map(|it| (*it).to_owned()));
    };
    // A certificate nobody vouches for, and a wrong password: nothing leaves, and doctor says why.
    let (file, ca) = (shown("password"), shown("cert.pem"));
    set(&mut town, &["--smtp-password-file", &file]);
    let told = town.home.fails(&["doctor"]);
    assert!(told.contains("fail  mail goes to") && told.contains("--smtp-ca-file"), "{told}");
    std::fs::write(&password, "fel").expect("a password");
    set(&mut town, &["--smtp-password-file", &file, "--smtp-ca-file", &ca]);
    let told = town.home.fails(&["doctor"]);
    assert!(told.contains("login") && told.contains("--smtp-password-file"), "{told}");
    assert!(!told.contains("fel:") && server.kept().is_empty(), "{told}");

    std::fs::write(&password, "hemligt losenord\n").expect("a password");
    let told = town.home.says(&["doctor"]);
    assert!(told.contains("ok    mail goes to smtp://localhost"), "{told}");
    assert!(server.kept().is_empty(), "doctor sends nothing");
    let served = town.home.serve();
    let manager = town.manager();
    town.file(&manager);
    town.call(&manager);
    town.wait_for_all(WITHIN);
    assert!(!served.whole_log().contains("hemligt"), "{}", served.whole_log());
    served.stop();
    let kept = server.kept();
    assert_eq!(kept.len(), PEOPLE);
    assert!(kept.iter().all(|mail| mail.tls));
    hold_no_canary(&kept);
}

#[test]
fn two_instances_send_nothing_twice_and_one_goes_on_for_the_other() {
    on_each_database(|database| {
        // SQLite is served by one.
        if matches!(database, testkit::Database::Sqlite) {
            return;
        }
        let server = Server::start("accepting");
        let mut town = Town::new(database, &server);
        let one = town.home.serve();
        let two = town.home.serve();
        let manager = town.manager();
        town.file(&manager);
        for _ in 0..rounds() {
            town.call(&manager);
        }
        town.wait_for_all(WITHIN);
        let notices = town.notices();
        assert_eq!(server.ids(), notices);
        assert_eq!(server.kept().len(), notices.len(), "something came twice");

        // One of them is killed in the midst of it.
        for _ in 0..rounds() {
            town.call(&manager);
        }
        let half = notices.len() + notices.len() / 2;
        wait_until("some mail has come", WITHIN, || server.kept().len() >= half);
        one.kill();
        town.wait_for_all(WITHIN);
        two.stop();
        assert_eq!(server.ids(), town.notices());
        let again = server.kept().len() - server.ids().len();
        assert!(again <= 1, "{again} came twice");
    });
}
