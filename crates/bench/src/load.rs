//! The load: requests over kept connections from one thread, for it shares the machine with what it
//! measures.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::failure::{Context as _, Failure, Result};
use crate::measure::{Latencies, Sample};

/// What is asked, time and again.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Whose token.
    pub token: HeaderValue,
    /// Paths; each request takes the next.
    pub paths: Vec<String>,
    /// Bodies; each request takes the next. With none it is a GET, else a POST with a fresh
    /// `Idempotency-Key`.
    pub bodies: Vec<Bytes>,
    /// What the bodies are.
    pub kind: HeaderValue,
    /// The status every answer must have.
    pub expected: u16,
}

impl Ask {
    /// GET of paths in turn.
    pub fn get(token: &HeaderValue, paths: Vec<String>) -> Self {
        let kind = HeaderValue::from_static("application/json");
        Self { token: token.clone(), paths, bodies: Vec::new(), kind, expected: 200 }
    }

    /// POST of bodies in turn.
    pub fn post(token: &HeaderValue, path: &str, bodies: Vec<Bytes>) -> Self {
        Self { bodies, expected: 201, ..Self::get(token, vec![path.to_owned()]) }
    }

    /// The request with this number.
    fn request(&self, number: u64) -> Result<Request<Full<Bytes>>> {
        let path = turn(&self.paths, number).context("path")?;
        let mut request = Request::builder()
            .uri(path.as_str())
            .header(HOST, HeaderValue::from_static("127.0.0.1"))
            .header(AUTHORIZATION, self.token.clone());
        let body = match turn(&self.bodies, number) {
            None => Bytes::new(),
            Some(body) => {
                let key = HeaderValue::try_from(key(number)).context("key")?;
                request = request
                    .method(Method::POST)
                    .header(CONTENT_TYPE, self.kind.clone())
                    .header(HeaderName::from_static("idempotency-key"), key);
                body.clone()
            }
        };
        request.body(Full::new(body)).context("request")
    }
}

fn turn<T>(of: &[T], number: u64) -> Option<&T> {
    let length = u64::try_from(of.len()).ok().filter(|length| *length > 0)?;
    of.get(usize::try_from(number % length).ok()?)
}

/// A header of whoever holds the token.
///
/// # Errors
/// When it is no token.
pub fn bearer(token: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(format!("Bearer {token}")).context("token")
}

/// Another key for each number, scattered like those that phones draw. Splitmix64: no two numbers
/// have the same.
fn key(number: u64) -> String {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 31;
    format!("{x:016x}{number:016x}")
}

/// One connection to the service.
pub struct Client(SendRequest<Full<Bytes>>);

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("connection to the service")?;
        stream.set_nodelay(true).context("connection to the service")?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.context("connection to the service")?;
        // How it ends is told to whoever waits for an answer.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self(sender))
    }

    /// Asks, and reads the answer to its end.
    ///
    /// # Errors
    /// When the answer is not the expected one.
    pub async fn ask(&mut self, ask: &Ask, number: u64) -> Result<Vec<Bytes>> {
        let request = ask.request(number)?;
        let answer = self.0.send_request(request).await.context("answer of the service")?;
        let status = answer.status().as_u16();
        let mut body = answer.into_body();
        let mut pieces = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.context("answer of the service")?;
            pieces.extend(frame.into_data().ok());
        }
        if status != ask.expected {
            let text = String::from_utf8_lossy(&pieces.concat()).into_owned();
            return Err(Failure::new(format!("the service answered {status}: {text}")));
        }
        Ok(pieces)
    }

    /// The answer as JSON.
    ///
    /// # Errors
    /// When it is none, or not the expected one.
    pub async fn json(&mut self, ask: &Ask, number: u64) -> Result<serde_json::Value> {
        let body = self.ask(ask, number).await?.concat();
        serde_json::from_slice(&body).context("answer of the service")
    }
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// So much time has gone.
    Elapsed(Duration),
    /// So many requests are answered.
    Done(u64),
}

/// The numbers of requests: no two of a run have the same, so no two have the same key.
#[derive(Clone, Debug, Default)]
pub struct Numbers(Rc<RefCell<u64>>);

impl Numbers {
    /// The next one.
    pub fn next(&self) -> u64 {
        let mut next = self.0.borrow_mut();
        *next += 1;
        *next
    }

    /// How many there were.
    pub fn used(&self) -> u64 {
        *self.0.borrow()
    }
}

/// Asks over so many connections at once, each the next as soon as it has its answer. One answer
/// that is not the expected one ends all.
///
/// # Errors
/// That answer.
pub async fn run(
    address: SocketAddr,
    connections: usize,
    until: Until,
    ask: Ask,
    numbers: &Numbers,
) -> Result<Sample> {
    run_in_turn(address, connections, until, vec![ask], numbers).await
}

/// The same of several kinds of request in turn, all told together.
///
/// # Errors
/// The first answer that is not the expected one.
pub async fn run_in_turn(
    address: SocketAddr,
    connections: usize,
    until: Until,
    asks: Vec<Ask>,
    numbers: &Numbers,
) -> Result<Sample> {
    let one = async move |client: &mut Client, number: u64| {
        client.ask(turn(&asks, number).context("request")?, number).await.map(drop)
    };
    work(address, connections, until, numbers, one).await
}

/// The same of several kinds of request, each as often in its turn as its number says. What is told
/// of each is over the whole time, so the rates add up.
///
/// # Errors
/// The first answer that is not the expected one.
pub async fn run_each(
    address: SocketAddr,
    connections: usize,
    until: Until,
    asks: Vec<(u64, Ask)>,
    numbers: &Numbers,
) -> Result<Vec<Sample>> {
    let kinds: Vec<usize> = asks
        .iter()
        .enumerate()
        .flat_map(|(kind, (often, _))| (0..*often).map(move |_| kind))
        .collect();
    let mut latencies = Vec::new();
    for _ in &asks {
        latencies.push(Latencies::new()?);
    }
    let latencies = Rc::new(RefCell::new(latencies));
    let kept = Rc::clone(&latencies);
    let one = async move |client: &mut Client, number: u64| {
        let kind = *turn(&kinds, number).context("kind of request")?;
        let (_, ask) = asks.get(kind).context("kind of request")?;
        let at = Instant::now();
        client.ask(ask, number).await?;
        if let Some(of_kind) = kept.borrow_mut().get_mut(kind) {
            of_kind.add(at.elapsed());
        }
        Ok(())
    };
    let all = work(address, connections, until, numbers, one).await?;
    let over = Duration::from_secs_f64(all.seconds);
    let samples = latencies.borrow().iter().map(|of_kind| of_kind.sample(over)).collect();
    Ok(samples)
}

/// Does anything over so many connections at once, each the next as soon as it is done with one. One
/// failure ends all.
///
/// # Errors
/// That failure.
pub async fn work(
    address: SocketAddr,
    connections: usize,
    until: Until,
    numbers: &Numbers,
    one: impl AsyncFn(&mut Client, u64) -> Result<()> + 'static,
) -> Result<Sample> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address).await?);
    }
    let (one, latencies) = (Rc::new(one), Rc::new(RefCell::new(Latencies::new()?)));
    let (started, begun) = (Instant::now(), Rc::new(RefCell::new(0)));
    let mut tasks = JoinSet::new();
    for mut client in clients {
        let (one, latencies) = (Rc::clone(&one), Rc::clone(&latencies));
        let (numbers, begun) = (numbers.clone(), Rc::clone(&begun));
        tasks.spawn_local(async move {
            loop {
                let at = Instant::now();
                let over = match until {
                    Until::Elapsed(time) => at - started >= time,
                    Until::Done(count) => *begun.borrow() >= count,
                };
                if over {
                    return Ok::<_, Failure>(());
                }
                *begun.borrow_mut() += 1;
                one(&mut client, numbers.next()).await?;
                latencies.borrow_mut().add(at.elapsed());
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("load")??;
    }
    let sample = latencies.borrow().sample(started.elapsed());
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_a_key_of_its_own() {
        let keys: std::collections::BTreeSet<_> = (0..10_000).map(key).collect();
        assert_eq!(keys.len(), 10_000);
        assert!(keys.iter().all(|key| key.len() == 32));
    }

    #[test]
    fn paths_and_bodies_take_turns() {
        assert_eq!(turn(&["a", "b"], 0), Some(&"a"));
        assert_eq!(turn(&["a", "b"], 3), Some(&"b"));
        assert_eq!(turn::<u8>(&[], 3), None);
        let token = HeaderValue::from_static("Bearer x");
        let filing = Ask::post(&token, "/cases", vec![Bytes::from_static(b"{}")]);
        let request = filing.request(7).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.headers()["idempotency-key"], key(7));
        let reading = Ask::get(&token, vec!["/cases/1".to_owned()]).request(7).unwrap();
        assert_eq!(reading.method(), Method::GET);
        assert!(!reading.headers().contains_key("idempotency-key"));
    }

    #[test]
    fn numbers_are_never_given_twice() {
        let numbers = Numbers::default();
        let same = numbers.clone();
        assert_eq!((numbers.next(), same.next(), numbers.next()), (1, 2, 3));
        assert_eq!(same.used(), 3);
    }
}
