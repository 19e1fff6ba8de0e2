//! What the framework leaves without an end. Its limit of time for a head holds for the first one
//! of a connection only, an answer that nobody takes is held for ever, and the rest of a chunked
//! body that nobody wants is read to its end, wherever that is.

use std::any::Any;
use std::cell::RefCell;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::HttpMessage as _;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};

/// The slowest that an answer may be taken, in bytes a second: a bad mobile connection.
const SLOWEST: u64 = 8 * 1024;

/// The connections of a server.
#[derive(Clone, Debug)]
pub struct Connections {
    unheard: Duration,
    open: Arc<Mutex<Vec<Weak<Connection>>>>,
}

/// A connection that a request came on. The framework holds it by the data of the connection, and
/// lets go of it with the connection itself.
#[derive(Debug)]
struct Connection {
    unheard: Duration,
    // The same socket under another descriptor: the framework's own is out of reach.
    socket: TcpStream,
    due: Mutex<Due>,
}

#[derive(Clone, Copy, Debug)]
enum Due {
    /// The framework minds the first head; a request that runs has limits of its own.
    Never,
    /// A request was answered: by then the answer must be taken and the next request have come.
    By(Instant),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connections {
    /// None yet. `unheard` is how long a connection may take from an answer to the next request.
    pub fn new(unheard: Duration) -> Self {
        Self { unheard, open: Arc::default() }
    }

    /// Takes a new connection into `data`, where [`crate::around`] finds it.
    pub fn watch(&self, io: &dyn Any, data: &mut Extensions) {
        let Some(io) = io.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        match io.as_fd().try_clone_to_owned() {
            Ok(socket) => {
                let (socket, due) = (TcpStream::from(socket), Mutex::new(Due::Never));
                let connection = Arc::new(Connection { unheard: self.unheard, socket, due });
                lock(&self.open).push(Arc::downgrade(&connection));
                data.insert(connection);
            }
            Err(error) => tracing::warn!(%error, "a connection goes without a limit"),
        }
    }

    /// Shuts every connection that is overdue.
    pub fn shut_overdue(&self, now: Instant) {
        lock(&self.open).retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            let overdue = matches!(*lock(&connection.due), Due::By(due) if due < now);
            if overdue {
                // The framework sees its end closed and lets go. An error says it is closed already.
                let _ = connection.socket.shutdown(Shutdown::Both);
            }
            !overdue
        });
    }
}

/// A request that runs: its connection, and the rest of its body.
pub(crate) struct Held {
    connection: Option<Arc<Connection>>,
    _rest: Option<Rc<RefCell<Payload>>>,
}

impl Held {
    /// From the coming of the request on.
    pub(crate) fn begin(request: &mut ServiceRequest) -> Self {
        let connection = request.conn_data::<Arc<Connection>>().cloned();
        if let Some(connection) = &connection {
            *lock(&connection.due) = Due::Never;
        }
        // A body whose length is known the framework closes upon by itself. Of a chunked one it
        // reads all that comes once nobody holds it any more: so it is held until it is answered.
        let rest = request.headers().contains_key(TRANSFER_ENCODING).then(|| {
            let rest = Rc::new(RefCell::new(request.take_payload()));
            let payload = Shared(Rc::clone(&rest)).boxed_local();
            request.set_payload(Payload::Stream { payload });
            rest
        });
        Self { connection, _rest: rest }
    }

    /// To the answer being taken.
    pub(crate) fn answer(self, body: BoxBody) -> BoxBody {
        let expect = |size: u64| {
            if let Some(connection) = &self.connection {
                connection.expect(size);
            }
        };
        match body.size() {
            BodySize::Sized(size) => expect(size),
            BodySize::None | BodySize::Stream => expect(0),
        }
        BoxBody::new(Answer { body, held: self })
    }
}

impl Connection {
    /// The client has an answer of this size to take, and then to ask again.
    fn expect(&self, size: u64) {
        let taking = Duration::from_secs(size / SLOWEST);
        *lock(&self.due) = Due::By(Instant::now() + taking + self.unheard);
    }
}

/// What is left of a body, read by the handler and held by the middleware.
struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(cx)
    }
}

/// The body of an answer on its way.
struct Answer {
    body: BoxBody,
    held: Held,
}

impl MessageBody for Answer {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    /// Asked when what came before is written, so that an answer that is streamed may take as long
    /// as it goes on.
    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_next(cx);
        if let (Poll::Ready(Some(Ok(part))), Some(connection)) = (&polled, &self.held.connection) {
            connection.expect(u64::try_from(part.len()).unwrap_or(u64::MAX));
        }
        polled
    }
}
