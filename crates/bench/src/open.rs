//! Load at a rate that does not wait for the service.
//!
//! Whoever asks again as soon as they are answered asks less while the service is slow, and so never
//! sees how long a queue would have been. Here each request has a moment at which it should leave,
//! laid down beforehand, and its latency is counted from that moment: one that left late because all
//! connections were waiting for answers has waited, too.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::failure::{Context as _, Failure, Result};
use crate::load::{Ask, Client, Numbers};
use crate::measure::{Latencies, Sample};

/// Connections among which the requests are shared: enough that a queue stands in the service.
pub const CONNECTIONS: usize = 64;
/// What a rate met.
#[derive(Clone, Copy, Debug)]
pub struct Met {
    /// Requests a second that were to leave.
    pub rate: f64,
    /// What came of them, counted from when they should have left.
    pub intended: Sample,
    /// The same counted from when they left.
    pub sent: Sample,
}

/// Asks at a rate for some time. Every request that was due is sent and answered, however late.
///
/// # Errors
/// The first answer that is not the expected one.
pub async fn run(
    address: SocketAddr,
    rate: f64,
    time: Duration,
    ask: Ask,
    numbers: &Numbers,
) -> Result<Met> {
    let schedule = Schedule::new(rate, time)?;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address).await?);
    }
    let (intended, sent) = (latencies()?, latencies()?);
    let (next, ask, started) = (Rc::new(Cell::new(0)), Rc::new(ask), Instant::now());
    let mut tasks = JoinSet::new();
    for mut client in clients {
        let (next, ask, numbers) = (Rc::clone(&next), Rc::clone(&ask), numbers.clone());
        let (intended, sent) = (Rc::clone(&intended), Rc::clone(&sent));
        tasks.spawn_local(async move {
            while let Some(due) = schedule.due(next.replace(next.get() + 1)) {
                let due = started + due;
                // To the millisecond, and never too early.
                tokio::time::sleep_until(due.into()).await;
                let left = Instant::now();
                client.ask(&ask, numbers.next()).await?;
                intended.borrow_mut().add(due.elapsed());
                sent.borrow_mut().add(left.elapsed());
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("load")??;
    }
    let took = started.elapsed();
    let (intended, sent) = (intended.borrow().sample(took), sent.borrow().sample(took));
    Ok(Met { rate, intended, sent })
}

fn latencies() -> Result<Rc<RefCell<Latencies>>> {
    Ok(Rc::new(RefCell::new(Latencies::new()?)))
}

/// When each request should leave, from the beginning: evenly, so that what is measured is the queue
/// that the service makes and not one that chance made.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    apart: Duration,
    time: Duration,
}

impl Schedule {
    fn new(rate: f64, time: Duration) -> Result<Self> {
        let apart = Duration::try_from_secs_f64(1.0 / rate).context("a rate above 0")?;
        Ok(Self { apart, time })
    }

    /// When the request with this number should leave; `None` where the time is over.
    fn due(self, number: u32) -> Option<Duration> {
        let due = self.apart.checked_mul(number)?;
        (due < self.time).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn requests_are_due_evenly_until_the_time_is_over() {
        let schedule = Schedule::new(500.0, Duration::from_millis(10)).unwrap();
        let due: Vec<_> = (0..).map_while(|number| schedule.due(number)).collect();
        assert_eq!(due, [0, 2, 4, 6, 8].map(Duration::from_millis));
        assert!(Schedule::new(0.0, Duration::from_secs(1)).is_err());
    }

    /// A server that answers everybody at once, but for a pause in the midst, in which it answers
    /// nobody.
    fn halting(pause_after: usize, pause: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let turn = std::sync::Arc::new(std::sync::Mutex::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, turn) = (stream.unwrap(), std::sync::Arc::clone(&turn));
                std::thread::spawn(move || {
                    let mut buffer = [0; 4096];
                    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                        let mut answered = turn.lock().unwrap();
                        *answered += 1;
                        if *answered == pause_after {
                            std::thread::sleep(pause);
                        }
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        if stream.write_all(answer).is_err() {
                            break;
                        }
                    }
                });
            }
        });
        address
    }

    #[test]
    fn a_pause_is_felt_by_all_who_should_have_asked_meanwhile() {
        let pause = Duration::from_millis(700);
        let address = halting(100, pause);
        let ask = Ask::get(&HeaderValue::from_static("Bearer x"), vec!["/".to_owned()]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let numbers = Numbers::default();
        let run = run(address, 400.0, Duration::from_secs(1), ask, &numbers);
        let met = tokio::task::LocalSet::new().block_on(&runtime, run).unwrap();
        assert_eq!((met.intended.done, met.sent.done), (400, 400), "each is sent in the end");
        // Two in three should have left during the pause, and most of them found no connection.
        assert!(met.intended.p50 > 100.0, "{met:?}");
        assert!(met.sent.p50 < met.intended.p50 / 2.0, "{met:?}");
    }
}
