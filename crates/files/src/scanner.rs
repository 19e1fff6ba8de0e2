//! Asking clamd whether a file holds malware: its protocol INSTREAM, each file over a connection of
//! its own.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The longest that connecting, or a step of the conversation, may take. What comes last is the
/// verdict, which takes some seconds for a large document.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is sent at once.
const CHUNK: usize = 64 * 1024;
/// The longest answer read.
const LONGEST_ANSWER: u64 = 1024;

/// Where a scanner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// A socket of this machine.
    Unix(PathBuf),
    /// A host and a port.
    Tcp(String),
}

/// What a scanner found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Clean,
    /// Malware.
    Infected,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It cannot be reached, or is too slow.
    #[error("the scanner is away: {0}")]
    Away(#[from] io::Error),
    /// It answers something else.
    #[error("the scanner says {0:?}")]
    Answer(String),
}

impl FromStr for Scanner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp", address)) if address.contains(':') => Ok(Self::Tcp(address.to_owned())),
            _ => Err("right would be unix:/PATH or tcp:HOST:PORT".to_owned()),
        }
    }
}

impl Scanner {
    /// Has a file looked at. Blocks.
    ///
    /// # Errors
    /// [`ScanError`] when there is no verdict; the file may be either.
    pub fn scan(&self, bytes: &[u8]) -> Result<Verdict, ScanError> {
        match self {
            Self::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                ask(stream, bytes)
            }
            Self::Tcp(address) => {
                let address = address.to_socket_addrs()?.next();
                let address =
                    address.ok_or(io::ErrorKind::AddrNotAvailable).map_err(io::Error::from)?;
                let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                ask(stream, bytes)
            }
        }
    }
}

/// The conversation: a command, chunks each behind its length, a length of nothing; then the answer.
fn ask(mut stream: impl Read + Write, bytes: &[u8]) -> Result<Verdict, ScanError> {
    stream.write_all(b"zINSTREAM\0")?;
    for chunk in bytes.chunks(CHUNK) {
        let length = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(chunk)?;
    }
    stream.write_all(&[0; 4])?;
    stream.flush()?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    if answer == "stream: OK" {
        Ok(Verdict::Clean)
    } else if answer.starts_with("stream: ") && answer.ends_with(" FOUND") {
        Ok(Verdict::Infected)
    } else {
        Err(ScanError::Answer(answer.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A scanner that answers one file with `answer`, and gives back what it was sent.
    fn answering(answer: &'static [u8]) -> (Scanner, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let scanner = Scanner::Tcp(listener.local_addr().expect("an address").to_string());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut command = [0; 10];
            stream.read_exact(&mut command).expect("a command");
            assert_eq!(&command, b"zINSTREAM\0");
            let mut file = Vec::new();
            loop {
                let mut length = [0; 4];
                stream.read_exact(&mut length).expect("a length");
                let length = u32::from_be_bytes(length) as usize;
                if length == 0 {
                    break;
                }
                let start = file.len();
                file.resize(start + length, 0);
                stream.read_exact(&mut file[start..]).expect("a chunk");
            }
            stream.write_all(answer).expect("answers");
            file
        });
        (scanner, thread)
    }

    #[test]
    fn a_file_is_sent_whole_and_its_verdict_read() {
        let file: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
        let (scanner, thread) = answering(b"stream: OK\0");
        assert_eq!(scanner.scan(&file).expect("a verdict"), Verdict::Clean);
        assert_eq!(thread.join().expect("ends"), file);
        let (scanner, _thread) = answering(b"stream: Win.Test.EICAR_HDB-1 FOUND\0");
        assert_eq!(scanner.scan(b"x").expect("a verdict"), Verdict::Infected);
        let (scanner, _thread) = answering(b"INSTREAM size limit exceeded. ERROR\0");
        assert!(matches!(scanner.scan(b"x"), Err(ScanError::Answer(_))));
        let (scanner, _thread) = answering(b"");
        assert!(matches!(scanner.scan(b"x"), Err(ScanError::Answer(_))));
        let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
        let away = Scanner::Tcp(closed.expect("an address").to_string());
        assert!(matches!(away.scan(b"x"), Err(ScanError::Away(_))));
    }

    #[test]
    fn an_address_says_how_to_get_there() {
        assert_eq!("unix:/run/clamd.sock".parse(), Ok(Scanner::Unix("/run/clamd.sock".into())));
        assert_eq!("tcp:av:3310".parse(), Ok(Scanner::Tcp("av:3310".into())));
        for wrong in ["av:3310", "unix:clamd", "tcp:av", ""] {
            assert!(wrong.parse::<Scanner>().is_err(), "{wrong}");
        }
    }
}
