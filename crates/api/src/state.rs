//! What every request handler shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::{App, Room};
use auth::Verifier;

use crate::allowed::Allowed;
use crate::openapi::{Described, WRITTEN};
use crate::pace::{Pace, Paces};
use crate::public::limit::Limits;
use crate::public::source::Proxies;
use crate::schema::Schemas;

/// Whether the service takes requests, and why not.
#[derive(Debug, Default)]
pub struct Readiness {
    draining: AtomicBool,
    room: Room,
}

impl Readiness {
    /// Of a service that needs room.
    pub fn within(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// Whether there is too little room: `/readyz` turns red before a filing is turned away, so that somebody
    /// makes room meanwhile.
    pub fn short_of_room(&self) -> bool {
        self.room.is_short()
    }

    /// Says that the service is about to stop: `/readyz` turns red before connections are closed.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Whether the service is about to stop.
    pub fn draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }
}

/// What every request handler shares.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases.
    pub app: Arc<App>,
    /// Whose token is this?
    pub verifier: Arc<Verifier>,
    /// Whether the service is about to stop.
    pub readiness: Arc<Readiness>,
    /// How often who has no login may ask.
    pub(crate) limits: Arc<Limits>,
    /// How often who is logged in may ask.
    pub(crate) paces: Arc<Paces>,
    pub(crate) schemas: Arc<Schemas>,
    /// Methods by path template, for 405.
    pub(crate) methods: Arc<Allowed>,
}

impl ApiState {
    /// The state over a service.
    ///
    /// # Errors
    /// A text when the description cannot be read: a fault of the program.
    pub fn new(app: Arc<App>, verifier: Arc<Verifier>) -> Result<Self, String> {
        let described = Described::of(WRITTEN).map_err(|error| error.to_string())?;
        Ok(Self {
            app,
            verifier,
            readiness: Arc::default(),
            limits: Arc::default(),
            paces: Arc::default(),
            methods: Arc::new(described.methods()),
            schemas: Arc::new(Schemas::of(described.schemas())),
        })
    }

    /// The state of a service that needs room.
    #[must_use]
    pub fn within(self, room: Room) -> Self {
        Self { readiness: Arc::new(Readiness::within(room)), ..self }
    }

    /// The state of a service behind proxies that are believed on whom they pass on.
    #[must_use]
    pub fn behind(self, proxies: Proxies) -> Self {
        Self { limits: Arc::new(Limits::behind(proxies)), ..self }
    }

    /// The state of a service where who is logged in may ask this often; else as often as they like.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { paces: Arc::new(Paces::new(pace)), ..self }
    }
}
