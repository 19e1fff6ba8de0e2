//! Bytes on a wire, as no decent client sends them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What came back before the connection ended or fell silent.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// 0 when there was none.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub text: String,
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        // What was to be gone on with is no answer.
        let text = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&text);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            status: status.unwrap_or_default(),
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            text: body.to_owned(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Whether head and body are there whole.
    fn complete(&self) -> bool {
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        self.status > 0 && length.is_some_and(|length: usize| self.text.len() >= length)
    }
}

/// A connection that waits for nothing.
pub fn connect(addr: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect_timeout(&addr, Duration::from_secs(10)).expect("a connection");
    socket.set_nonblocking(true).expect("a socket");
    socket
}

/// Reads what is there; false when the other end has closed.
pub fn hear(socket: &mut TcpStream, heard: &mut Vec<u8>) -> bool {
    let mut part = [0; 16 * 1024];
    loop {
        match socket.read(&mut part) {
            Ok(0) => return false,
            Ok(length) => heard.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(_) => return false,
        }
    }
}

/// Sends these bytes and gives the answer, or what there was of it within `patience`.
pub fn ask(addr: SocketAddr, bytes: &[u8], patience: Duration) -> Answer {
    let (mut socket, mut heard, mut sent) = (connect(addr), Vec::new(), 0);
    let started = Instant::now();
    while started.elapsed() < patience {
        let open = hear(&mut socket, &mut heard);
        let answer = Answer::parse(&heard);
        if !open || answer.complete() {
            return answer;
        }
        match socket.write(&bytes[sent..]) {
            Ok(length) if length > 0 => sent += length,
            _ => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    Answer::parse(&heard)
}

/// The head of a filing with these further lines.
pub fn head(token: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!(
        "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{lines}\r\n"
    )
}
