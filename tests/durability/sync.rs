//! Is a case on disk before it is acknowledged? SQLite itself once left out that sync, so what counts
//! is what the process asks of the kernel.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::http::Connection;
use crate::load::Filing;
use crate::program::Home;
use crate::{times, wait_until};

/// How many file at once in the second part.
const AT_ONCE: usize = 16;
/// A page in the log has this many bytes; what is smaller is a header.
const PAGE: u64 = 4096;

#[test]
fn between_a_filing_that_was_read_and_its_201_its_pages_are_written_and_synced() {
    let home = Home::new();
    let token = home.token("anna");
    let trace = tempfile::NamedTempFile::new().expect("a file");
    let path = trace.path().to_str().expect("a path");
    let calls = "trace=fsync,fdatasync,pwrite64,sendto,sendmsg,writev,write,recvfrom,read";
    // -D makes the service the child, so that it is stopped as ever.
    let strace = ["strace", "-D", "-f", "-ttt", "-yy", "-s", "24", "-e", calls, "-o", path];
    let served = home.serve_through(&strace, 0);
    let (alone, each) = (times(20, 500), times(6, 100));
    let mut connection = Connection::new(&home.address, &token);
    file(&mut connection, alone);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| file(&mut Connection::new(&home.address, &token), each));
        }
    });
    served.stop();
    wait_until("the trace is whole", Duration::from_secs(10), || ended(trace.path()));
    let text = std::fs::read_to_string(trace.path()).expect("the trace");
    let trace = Trace::read(&text);
    let together = AT_ONCE * each;
    assert_eq!(trace.answers.len(), alone + together, "every 201 is in the trace");
    for answer in &trace.answers {
        assert!(trace.covers(answer), "acknowledged without a sync: {answer:?}");
    }
    let last = trace.answers[alone - 1].answered;
    let first = trace.syncs.iter().filter(|sync| sync.ended <= last).count();
    let rest = trace.syncs.len() - first;
    eprintln!("{first} syncs for {alone} one by one, {rest} for {together} at once");
    assert!(first >= alone);
}

fn file(connection: &mut Connection, times: usize) {
    for _ in 0..times {
        let filing = Filing { wrong: false, ..Filing::new() };
        let answer = filing.send(connection).expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
}

fn ended(trace: &Path) -> bool {
    let text = std::fs::read_to_string(trace).unwrap_or_default();
    text.lines().next_back().is_some_and(|line| line.contains("+++ exited with 0 +++"))
}

/// A sync of the log that succeeded.
#[derive(Debug)]
struct Sync {
    began: f64,
    ended: f64,
}

/// A filing that was read, and answered with 201. Times are seconds since 1970.
#[derive(Debug)]
struct Answered {
    read: f64,
    answered: f64,
}

/// What the kernel was asked.
#[derive(Debug, Default)]
struct Trace {
    /// When pages were written to the log.
    pages: Vec<f64>,
    syncs: Vec<Sync>,
    answers: Vec<Answered>,
}

impl Trace {
    /// Reads what `strace -f -ttt -yy` wrote: thread, time, call. A call during which another thread
    /// made one stands in two lines.
    fn read(text: &str) -> Self {
        let mut trace = Self::default();
        let mut unfinished: HashMap<&str, (f64, &str)> = HashMap::new();
        let mut read: BTreeMap<String, f64> = BTreeMap::new();
        for line in text.lines() {
            // A short thread number is filled up with blanks.
            let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
            let Some((time, call)) = rest.trim_start().split_once(char::is_whitespace) else {
                continue;
            };
            let call = call.trim_start();
            let time: f64 = time.parse().unwrap_or_else(|_| panic!("no time: {line}"));
            // Answers count from when they are begun, everything else from when it is done.
            if let Some(socket) = socket(call)
                && call.contains("\"HTTP/1.1 201 ")
            {
                let read = read.remove(socket).expect("a filing that was answered was read");
                trace.answers.push(Answered { read, answered: time });
            }
            if call.ends_with("<unfinished ...>") {
                unfinished.insert(thread, (time, call));
                continue;
            }
            let (began, first) = match call.strip_prefix("<... ") {
                Some(_) => unfinished.remove(thread).unwrap_or((time, call)),
                None => (time, call),
            };
            trace.done(began, time, first, call, &mut read);
        }
        trace
    }

    /// A call came to its end. `first` has its name and file, `last` its result.
    fn done(
        &mut self,
        began: f64,
        ended: f64,
        first: &str,
        last: &str,
        read: &mut BTreeMap<String, f64>,
    ) {
        let result = last.rsplit_once(" = ").map_or("", |(_, result)| result);
        let to_the_log = first.split('>').next().is_some_and(|file| file.ends_with("-wal"));
        if first.starts_with("pwrite64(") {
            if to_the_log && result.parse().is_ok_and(|bytes: u64| bytes >= PAGE) {
                self.pages.push(ended);
            }
        } else if first.starts_with("fsync(") || first.starts_with("fdatasync(") {
            if to_the_log && result == "0" {
                self.syncs.push(Sync { began, ended });
            }
        } else if (first.starts_with("recvfrom(") || first.starts_with("read("))
            && let Some(socket) = socket(first)
            && format!("{first}{last}").contains("\"POST /api/v1/cases ")
        {
            read.insert(socket.to_owned(), ended);
        }
    }

    /// Whether pages were written after the filing had been read, and then synced before its answer
    /// was begun.
    fn covers(&self, answer: &Answered) -> bool {
        self.syncs.iter().any(|sync| {
            let written = |at: &f64| answer.read < *at && *at <= sync.began;
            sync.ended <= answer.answered && self.pages.iter().any(written)
        })
    }
}

/// The connection a call is about.
fn socket(call: &str) -> Option<&str> {
    let (_, rest) = call.split_once("<TCP:[")?;
    rest.split_once("]>").map(|(socket, _)| socket)
}

#[test]
fn a_trace_is_read_however_short_the_numbers_of_its_threads_are() {
    let text = r#"
1078  1795436474.9 read(9<TCP:[1->2]>, "POST /api/v1/cases HTTP/1.1\r\n"..., 4096) = 900
18443 1795436475.0 pwrite64(5</data/avvikelse.db-wal>, "x"..., 4096, 32) = 4096
7     1795436475.1 fdatasync(5</data/avvikelse.db-wal> <unfinished ...>
1078  1795436475.2 read(3</proc/self/status>, ""..., 32) = 0
7     1795436475.3 <... fdatasync resumed>) = 0
1078  1795436475.4 sendto(9<TCP:[1->2]>, "HTTP/1.1 201 Created\r\n"..., 80, 0, NULL, 0) = 80
"#;
    let trace = Trace::read(text);
    assert_eq!((trace.pages.len(), trace.syncs.len(), trace.answers.len()), (1, 1, 1));
    assert!(trace.covers(&trace.answers[0]));
}
