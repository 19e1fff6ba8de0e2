//! Slow and silent clients, by the thousand.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::child::Child;
use crate::raw::{Answer, connect, head, hear};
use crate::{filing, form};

/// How a client wastes a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Says nothing at all.
    Silent,
    /// Sends the head of its first request byte by byte.
    Head,
    /// Is served once, and then sends the next head byte by byte.
    NextHead,
    /// Sends a body byte by byte.
    Body,
    /// As [`Way::Body`], and leaves by itself.
    Leaves,
    /// Asks for much and takes nothing.
    Untaken,
}

struct Attacker {
    way: Way,
    socket: Option<TcpStream>,
    heard: Vec<u8>,
    began: Instant,
    /// When the service had enough.
    ended: Option<Duration>,
}

impl Attacker {
    fn new(way: Way, child: &Child) -> Self {
        let mut socket = connect(child.addr);
        let first = match way {
            Way::Silent => String::new(),
            Way::Head => "GET /livez HTTP/1.1\r\nHost: x\r\nX: ".to_owned(),
            Way::NextHead => "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            Way::Body | Way::Leaves => head(&child.token, &["Content-Length: 200"]),
            Way::Untaken => "GET /docs/swagger-ui.css HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200),
        };
        socket.write_all(first.as_bytes()).expect("the first bytes");
        let (began, mut heard) = (Instant::now(), Vec::new());
        if way == Way::NextHead {
            while heard.is_empty() && began.elapsed() < Duration::from_secs(10) {
                assert!(hear(&mut socket, &mut heard), "the first request is answered");
                thread::sleep(Duration::from_millis(1));
            }
            // From its first byte on it is not idle.
            socket.write_all(b"G").expect("a byte");
        }
        Self { way, socket: Some(socket), heard, began, ended: None }
    }

    fn go_on(&mut self, send: bool) {
        let Some(socket) = &mut self.socket else { return };
        let at = self.began.elapsed();
        let over = match self.way {
            Way::Leaves if at > Duration::from_secs(12) => true,
            // It never reads; that its end is closed it sees when it sends.
            Way::Untaken => send && socket.write(b"x").is_err(),
            _ => !hear(socket, &mut self.heard),
        };
        let slow = matches!(self.way, Way::Head | Way::NextHead | Way::Body | Way::Leaves);
        if over {
            (self.socket, self.ended) = (None, Some(at));
        } else if send && slow {
            // Should it be refused, the next reading tells why.
            let _ = socket.write(b"a");
        }
    }
}

/// Tells the others to stop, also when something fails.
struct SetWhenDropped<'a>(&'a AtomicBool);

impl Drop for SetWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// This process holds the other ends.
fn allow_many_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("descriptors");
}

#[test]
fn slow_and_silent_clients_are_let_go_and_filings_go_on() {
    allow_many_descriptors();
    // What a shell and systemd give by default: the service helps itself to more.
    let child = Child::start(Duration::from_secs(4), "ulimit -Sn 1024");
    let clients: Vec<_> = (0..4).map(|_| child.client()).collect();
    for client in &clients {
        client.post("/api/v1/cases", filing()).expect(201);
    }
    let baseline = child.sockets();

    let many = form(500, 2_000);
    let crowd = [
        (Way::Silent, many),
        (Way::Head, many),
        (Way::Body, many),
        (Way::Leaves, 50),
        (Way::NextHead, 50),
        (Way::Untaken, 5),
    ];
    let over = AtomicBool::new(false);
    let (attackers, mut times) = thread::scope(|scope| {
        let over = &over;
        let at_the_end = SetWhenDropped(over);
        let filers: Vec<_> = clients
            .iter()
            .map(|client| {
                scope.spawn(move || {
                    let mut times = Vec::new();
                    while !over.load(Ordering::SeqCst) {
                        let began = Instant::now();
                        client.post("/api/v1/cases", filing()).expect(201);
                        times.push(began.elapsed());
                        thread::sleep(Duration::from_millis(50));
                    }
                    times
                })
            })
            .collect();
        let mut attackers = Vec::new();
        for (way, number) in crowd {
            attackers.extend((0..number).map(|_| Attacker::new(way, &child)));
        }
        let held = child.sockets();
        let started = Instant::now();
        for second in 0.. {
            attackers.iter_mut().for_each(|attacker| attacker.go_on(second % 5 == 0));
            let left = attackers.iter().filter(|attacker| attacker.socket.is_some()).count();
            if left == 0 || started.elapsed() > Duration::from_secs(90) {
                break;
            }
            thread::sleep(Duration::from_secs(1));
        }
        drop(at_the_end);
        assert!(held > 2 * many, "they were all connected at once: {held}");
        let times =
            filers.into_iter().flat_map(|filer| filer.join().expect("every filing is kept"));
        (attackers, times.collect::<Vec<_>>())
    });

    let mut told = 0;
    for Attacker { way, heard, ended, .. } in &attackers {
        // Seconds: the limit, and what a busy machine needs above it.
        let (least, most) = match way {
            Way::Silent | Way::Head => (9, 20),
            Way::NextHead => (9, 24),
            Way::Body => (29, 45),
            Way::Leaves => (12, 20),
            Way::Untaken => (9, 85),
        };
        let ended = ended.unwrap_or_else(|| panic!("{way:?} goes on for ever")).as_secs();
        assert!((least..most).contains(&ended), "{way:?} after {ended} s");
        let answer = Answer::parse(heard);
        match way {
            Way::Silent | Way::Head | Way::Body => assert_eq!(answer.status, 408, "{way:?}"),
            Way::NextHead => assert_eq!(answer.status, 200),
            Way::Leaves | Way::Untaken => {}
        }
        if *way == Way::Body {
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.json()["code"], "timeout");
            told += 1;
        }
    }
    assert_eq!(told, many);

    times.sort_unstable();
    let slowest = times[times.len() * 99 / 100];
    println!("{} filings, p99 {slowest:?}", times.len());
    assert!(times.len() > 100, "only {} filings", times.len());
    assert!(slowest < Duration::from_secs(1), "p99 {slowest:?}");

    let left = Instant::now();
    while child.sockets() > baseline {
        assert!(left.elapsed() < Duration::from_secs(30), "{} sockets", child.sockets());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_service_short_of_descriptors_keeps_some_for_its_database() {
    // No more than 120 connections may be clients' then.
    let child = Child::start(Duration::from_secs(4), "ulimit -n 400");
    let client = child.client();
    client.post("/api/v1/cases", filing()).expect(201);
    let crowd: Vec<_> = (0..400).map(|_| connect(child.addr)).collect();
    for _ in 0..20 {
        client.post("/api/v1/cases", filing()).expect(201);
    }
    drop(crowd);
    // Who was not taken then is taken now.
    child.client().post("/api/v1/cases", filing()).expect(201);
}
