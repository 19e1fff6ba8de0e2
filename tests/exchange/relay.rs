//! What stands in front of an installation: it has the address that others know, as a proxy would, and
//! makes trouble with one message when told to.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::end::End;

/// What happens to a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Who should take it dies before it comes.
    ReceiverBefore,
    /// Who took it dies before its answer is on the way: whoever sent it knows nothing.
    ReceiverAfter,
    /// Who sent it dies before it arrives.
    SenderBefore,
    /// Who sent it dies while the answer is on the way.
    SenderAfter,
    /// Who sent it dies with the answer just in its hands.
    SenderAnswered,
    /// Somebody on the way sends it a second time; that is refused.
    Replayed,
}

impl Trouble {
    /// Every trouble that is one.
    pub const ALL: [Trouble; 6] = [
        Trouble::ReceiverAfter,
        Trouble::SenderAfter,
        Trouble::SenderAnswered,
        Trouble::ReceiverBefore,
        Trouble::Replayed,
        Trouble::SenderBefore,
    ];
}

/// The way to an installation.
pub struct Relay {
    next: Arc<Mutex<Trouble>>,
    taken_twice: Arc<AtomicBool>,
}

/// Longer than the service takes over a message.
const PATIENCE: Duration = Duration::from_secs(10);

impl Relay {
    /// Takes what comes for `receiver` from `sender`.
    pub fn start(listener: TcpListener, sender: Arc<End>, receiver: Arc<End>) -> Self {
        let (next, taken_twice) =
            (Arc::new(Mutex::new(Trouble::None)), Arc::<AtomicBool>::default());
        let (its, twice) = (Arc::clone(&next), Arc::clone(&taken_twice));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let (next, sender, receiver) =
                    (Arc::clone(&its), Arc::clone(&sender), Arc::clone(&receiver));
                let twice = Arc::clone(&twice);
                // Whoever is cut off tries again: what failed here is no news.
                std::thread::spawn(move || pass(stream, &next, &twice, &sender, &receiver));
            }
        });
        Self { next, taken_twice }
    }

    /// Whether the trouble has been met, and nothing that came a second time was taken.
    pub fn is_over(&self) -> bool {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next == Trouble::None && !self.taken_twice.load(Ordering::SeqCst)
    }

    /// Has the next message meet a trouble.
    pub fn meets(&self, trouble: Trouble) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

fn pass(
    mut from: TcpStream,
    next: &Mutex<Trouble>,
    taken_twice: &AtomicBool,
    sender: &End,
    receiver: &End,
) -> io::Result<()> {
    from.set_read_timeout(Some(PATIENCE))?;
    let request = whole(&mut from)?;
    let trouble = if request.starts_with(b"POST") {
        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *next, Trouble::None)
    } else {
        Trouble::None
    };
    match trouble {
        Trouble::None => from.write_all(&asked(receiver, &request)?),
        Trouble::ReceiverBefore => {
            receiver.restart();
            Ok(())
        }
        Trouble::ReceiverAfter => {
            asked(receiver, &request)?;
            receiver.restart();
            Ok(())
        }
        Trouble::SenderBefore => {
            sender.restart();
            Ok(())
        }
        Trouble::SenderAfter => {
            asked(receiver, &request)?;
            sender.restart();
            Ok(())
        }
        Trouble::SenderAnswered => {
            from.write_all(&asked(receiver, &request)?)?;
            sender.restart();
            Ok(())
        }
        Trouble::Replayed => {
            let answer = asked(receiver, &request)?;
            let again = asked(receiver, &request)?;
            if !String::from_utf8_lossy(&again).contains("exchange_replayed") {
                taken_twice.store(true, Ordering::SeqCst);
            }
            from.write_all(&answer)
        }
    }
}

/// What the installation answers.
fn asked(receiver: &End, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut to = TcpStream::connect(receiver.address())?;
    to.set_read_timeout(Some(PATIENCE))?;
    to.write_all(request)?;
    whole(&mut to)
}

/// A request or an answer, whole: its head, and as much of a body as it says.
fn whole(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Ok(bytes);
            }
        }
        match stream.read(&mut part)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
}
