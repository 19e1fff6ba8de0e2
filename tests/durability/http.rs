//! A client that tells a request that may have arrived from one that cannot have. The usual ones
//! open new connections and send again behind one's back.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::Address;

/// Longer than anything the service may take.
const TIMEOUT: Duration = Duration::from_secs(40);

/// One keep-alive connection, opened anew when it was lost.
pub struct Connection {
    address: Address,
    token: String,
    stream: Option<BufReader<TcpStream>>,
    /// When the last request had been sent whole.
    pub sent_at: Option<Instant>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    problem: bool,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Whether it is "not now, try again", told as it should be.
    pub fn is_later(&self) -> bool {
        [503, 507].contains(&self.status) && self.problem
    }
}

/// There was no answer.
#[derive(Debug)]
pub struct Lost {
    /// Whether the service may have got the request.
    pub sent: bool,
    /// Why.
    pub error: io::Error,
}

impl Connection {
    /// A client of the service, wherever it listens.
    pub fn new(address: &Address, token: &str) -> Self {
        Self { address: Arc::clone(address), token: token.to_owned(), stream: None, sent_at: None }
    }

    /// GET.
    pub fn get(&mut self, path: &str) -> Result<Answer, Lost> {
        self.ask("GET", path, "", "")
    }

    /// POST of a filing. `headers` end in `\r\n` each.
    pub fn file(&mut self, headers: &str, body: &Value) -> Result<Answer, Lost> {
        self.post("/api/v1/cases", headers, body)
    }

    /// POST of JSON. `headers` end in `\r\n` each.
    pub fn post(&mut self, path: &str, headers: &str, body: &Value) -> Result<Answer, Lost> {
        self.ask("POST", path, headers, &body.to_string())
    }

    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer, Lost> {
        self.sent_at = None;
        let asked = self.try_ask(method, path, headers, body);
        asked.map_err(|error| {
            self.stream = None;
            Lost { sent: self.sent_at.is_some(), error }
        })
    }

    fn try_ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> io::Result<Answer> {
        if self.stream.is_none() {
            let address = *self.address.read().unwrap_or_else(PoisonError::into_inner);
            let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            self.stream = Some(BufReader::new(stream));
        }
        let Some(stream) = self.stream.as_mut() else { return Err(io::ErrorKind::Other.into()) };
        let token = &self.token;
        let length = body.len();
        // In one piece, so that head and body are read together.
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        stream.get_mut().write_all(request.as_bytes())?;
        self.sent_at = Some(Instant::now());
        let answer = receive(stream)?;
        if answer.1 {
            self.stream = None;
        }
        Ok(answer.0)
    }
}

/// An answer, and whether the connection is closed after it.
fn receive(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = || -> io::Result<String> {
        let mut line = String::new();
        match stream.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    };
    let first = line()?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| broken(&first))?;
    let (mut length, mut closes, mut problem) = (0, false, false);
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(|| broken(&header))?;
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", value) => length = value.parse().map_err(|_| broken(&header))?,
            ("connection", value) => closes = value.eq_ignore_ascii_case("close"),
            ("content-type", value) => problem = value.starts_with("application/problem+json"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let body = String::from_utf8(body).map_err(|_| broken("the body is not text"))?;
    Ok((Answer { status, body, problem }, closes))
}
