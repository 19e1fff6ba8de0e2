//! Carries a signed request to an endpoint: there, and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{self, Uri};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error};

use crate::address::is_public;
use crate::request::Request;
use crate::target::{Target, WrongTarget};

/// How much of an answer is read, in bytes.
pub const LARGEST_REPLY: u64 = 64 * 1024;
/// How much of the head of an answer is read, in bytes.
const LARGEST_HEAD: usize = 16 * 1024;

/// How far a message may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Lets messages go unencrypted, and to addresses inside: for installations that meet in one
    /// network, and for tests.
    pub plaintext: bool,
    /// How long connecting may take, and the whole of one message.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The content, cut at [`LARGEST_REPLY`].
    pub body: Vec<u8>,
}

/// Takes requests to endpoints. Blocks.
#[derive(Clone, Debug)]
pub struct Carrier {
    agent: Agent,
    rules: Rules,
}

/// Finds addresses as usual, and leaves out those inside. What is checked is what is connected to:
/// a name that answers differently the second time leads nowhere else.
#[derive(Debug)]
struct Outside {
    usual: DefaultResolver,
    anywhere: bool,
}

impl Resolver for Outside {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.usual.resolve(uri, config, timeout)?;
        let mut left = self.empty();
        for address in found.iter().filter(|found| self.anywhere || is_public(found.ip())) {
            left.push(*address);
        }
        if left.is_empty() {
            return Err(Error::Other("the address lies inside a network of its own".into()));
        }
        Ok(left)
    }
}

impl Carrier {
    /// A carrier under these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::WebPki)
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(!rules.plaintext)
            // An endpoint is where an administrator registered it.
            .max_redirects(0)
            .http_status_as_error(false)
            // A proxy would look names up by itself, and could lead inside.
            .proxy(None)
            .timeout_connect(Some(rules.timeout))
            .timeout_global(Some(rules.timeout))
            .max_response_header_size(LARGEST_HEAD)
            .max_idle_connections(0)
            .user_agent("avvikelse")
            .accept("application/json")
            .build();
        let resolver = Outside { usual: DefaultResolver::default(), anywhere: rules.plaintext };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver), rules }
    }

    /// The rules it keeps to.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Reads the address of an endpoint that messages may go to.
    ///
    /// # Errors
    /// [`WrongTarget`].
    pub fn target(&self, text: &str) -> Result<Target, WrongTarget> {
        Target::parse_safe(text, self.rules.plaintext)
    }

    /// Takes a request to its target, and brings the answer back, whatever it says.
    ///
    /// # Errors
    /// Why no answer came, in words for whoever looks after it. Nothing of the message.
    pub fn carry(&self, request: &Request) -> Result<Reply, String> {
        let mut builder =
            http::Request::builder().method(request.method.as_str()).uri(request.target.as_str());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let made = builder.body(request.body.as_slice()).map_err(|error| error.to_string())?;
        let answer = self.agent.run(made).map_err(|error| words(&error))?;
        read(answer)
    }
}

fn read(answer: http::Response<Body>) -> Result<Reply, String> {
    let status = answer.status().as_u16();
    let read = answer.into_body().into_with_config().limit(LARGEST_REPLY).read_to_vec();
    match read {
        Ok(body) => Ok(Reply { status, body }),
        // Whoever answers so much has answered all the same.
        Err(Error::BodyExceedsLimit(_)) => Ok(Reply { status, body: Vec::new() }),
        Err(error) => Err(words(&error)),
    }
}

/// An error in words: what the system says, without the address that everybody knows.
fn words(error: &Error) -> String {
    match error {
        Error::Timeout(what) => format!("no answer in time ({what})"),
        Error::HostNotFound => "the name of the host is not known".to_owned(),
        Error::ConnectionFailed => "nobody takes the connection".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    fn carrier(plaintext: bool) -> Carrier {
        Carrier::new(Rules { plaintext, timeout: Duration::from_secs(2) })
    }

    fn request(target: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: b"{}".to_vec(),
        }
    }

    /// A server that answers once, and what it was asked.
    fn once(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/m", listener.local_addr().expect("an address"));
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut asked = vec![0; 4096];
            let read = stream.read(&mut asked).expect("a request");
            stream.write_all(answer.as_bytes()).expect("an answer");
            String::from_utf8_lossy(&asked[..read]).into_owned()
        });
        (address, served)
    }

    #[test]
    fn nothing_goes_inside_or_unencrypted_unless_said() {
        let (address, _) = once("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        assert!(carrier(false).carry(&request(&address)).is_err(), "unencrypted");
        let inside = address.replace("http:", "https:");
        let why = carrier(false).carry(&request(&inside)).expect_err("inside");
        assert!(why.contains("inside"), "{why}");
        let why = carrier(false).carry(&request("https://localhost/m")).expect_err("inside");
        assert!(why.contains("inside"), "{why}");
        assert_eq!(carrier(true).carry(&request(&address)).expect("an answer").status, 200);
    }

    #[test]
    fn redirects_are_answers_and_long_answers_are_cut() {
        let (address, served) =
            once("HTTP/1.1 307 Away\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(carrier(true).carry(&request(&address)).expect("an answer").status, 307);
        assert!(served.join().expect("served").starts_with("POST /m HTTP/1.1\r\n"));
        let long = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(100_000));
        let (address, _) = once(long.leak());
        let reply = carrier(true).carry(&request(&address)).expect("an answer");
        assert_eq!((reply.status, reply.body.len()), (200, 0));
    }
}
