//! Databases that others hold: whoever files is told to come again, or waits and is served. Nobody
//! hangs, and nobody is told of a fault.

use std::io::{BufRead as _, BufReader};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use testkit::{Client, Database, Service, on_each_database};

use crate::filing;

/// How long the database is held.
const HELD: Duration = Duration::from_secs(8);

/// The longest a filing may take to be answered: a connection of the pool to see who files, then
/// another to write, and a lock, five seconds each.
const LONGEST: Duration = Duration::from_secs(18);

/// Another process that holds the database, from now on and for [`HELD`].
fn hold(service: &Service, postgres: bool) -> Child {
    let url = service.database_url();
    let seconds = HELD.as_secs();
    let mut command = if postgres {
        let mut command = Command::new("psql");
        let lock = "BEGIN; LOCK TABLE cases IN ACCESS EXCLUSIVE MODE";
        let rest = format!("SELECT pg_sleep({seconds}); ROLLBACK");
        command.args([
            &url,
            "-qtX",
            "-c",
            lock,
            "-c",
            "\\echo held",
            "-c",
            "\\o /dev/null",
            "-c",
            &rest,
        ]);
        command
    } else {
        let script = "import sqlite3, sys, time\n\
             conn = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
             conn.execute('BEGIN IMMEDIATE')\n\
             print('held', flush=True)\n\
             time.sleep(int(sys.argv[2]))\n\
             conn.execute('ROLLBACK')";
        let path = url.trim_start_matches("sqlite:").to_owned();
        let mut command = Command::new("python3");
        command.args(["-c", script, &path, &seconds.to_string()]);
        command
    };
    let mut holder = command.stdout(Stdio::piped()).spawn().expect("psql and python3");
    let lines = BufReader::new(holder.stdout.take().expect("a pipe")).lines();
    let held = lines.map_while(Result::ok).any(|line| line.trim() == "held");
    assert!(held, "the database is held");
    holder
}

/// Files, and holds the answer to what may be answered; gives whether it was kept.
fn file(client: &Client) -> bool {
    let began = Instant::now();
    let answer = client.post("/api/v1/cases", filing());
    assert!(began.elapsed() < LONGEST, "answered after {:?}", began.elapsed());
    if answer.status == 201 {
        return true;
    }
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.json()["code"], "unavailable");
    false
}

#[test]
fn while_another_holds_the_database_filings_are_told_to_come_again() {
    on_each_database(|database| {
        let postgres = matches!(database, Database::Postgres { .. });
        let service = Service::start(database);
        service.tenant("provby");
        let clients: Vec<_> =
            (0..24).map(|number| service.reporter("provby", &format!("anna{number}"))).collect();
        for client in &clients {
            assert!(file(client));
        }
        let mut holder = hold(&service, postgres);
        // Three times as many as there are connections in the pool.
        let kept = thread::scope(|scope| {
            let filers: Vec<_> =
                clients.iter().map(|client| scope.spawn(move || file(client))).collect();
            filers.into_iter().map(|filer| filer.join().expect("answered")).collect::<Vec<_>>()
        });
        let kept = kept.into_iter().filter(|kept| *kept).count();
        assert!(kept < clients.len(), "nobody was held up");
        assert!(holder.wait().expect("the holder").success());
        // Nothing is left of it.
        for client in &clients {
            let began = Instant::now();
            assert!(file(client), "the database is free again");
            assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        }
        // What was told to come again was not kept behind the client's back.
        let mine = |client: &Client| {
            let list = client.get("/api/v1/cases?mine=true").expect(200).json();
            list["items"].as_array().expect("items").len()
        };
        assert_eq!(clients.iter().map(mine).sum::<usize>(), 2 * clients.len() + kept);
    });
}

type Write = Pin<Box<dyn Future<Output = Result<(), store::Error>>>>;

/// Has the write accepted, or refused.
fn begin(write: &mut Write) -> Poll<Result<(), store::Error>> {
    write.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn when_too_many_writes_wait_the_next_is_told_to_come_again_at_once() {
    let service = Service::start(Database::Sqlite);
    let tenant = service.tenant("provby");
    let client = service.reporter("provby", "anna");
    assert!(file(&client));
    // The writer is held, and all who may wait for it wait.
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let (began, has_begun) = std::sync::mpsc::channel();
    let store = &service.app.store;
    let mut waiting: Vec<Write> = vec![Box::pin(store.write(tenant, move |_| {
        let _ = began.send(());
        let _ = held.recv();
        Ok(())
    }))];
    assert!(begin(&mut waiting[0]).is_pending());
    has_begun.recv().expect("the writer is held");
    loop {
        let mut next: Write = Box::pin(store.write(tenant, |_| Ok(())));
        match begin(&mut next) {
            Poll::Pending => waiting.push(next),
            Poll::Ready(answer) => {
                assert!(matches!(answer, Err(store::Error::Busy)), "{answer:?}");
                break;
            }
        }
    }
    assert!(waiting.len() > 1_000, "{} wait", waiting.len());
    let began = Instant::now();
    assert!(!file(&client), "there is no room");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    client.get("/api/v1/cases").expect(200);
    drop(let_go);
    for write in waiting {
        service.run(write).expect("what was accepted is done");
    }
    assert!(file(&client));
}
