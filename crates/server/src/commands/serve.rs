//! `avvikelse serve`: the service, until it is told to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::serve::{Running, start};

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let running = tokio::select! {
        started = start(config, Box::new(SystemClock)) => started?,
        () = signals.next() => return Ok(()),
    };
    until_told(running, signals).await
}

/// Keeps the service running until a signal, then stops it; a second signal does so at once.
pub async fn until_told(mut running: Running, mut signals: Signals) -> Result<(), Failure> {
    tokio::select! {
        failure = running.ended() => return Err(failure),
        () = signals.next() => {}
    }
    tracing::info!("stopping: running requests come to their end");
    tokio::select! {
        stopped = running.stop() => stopped?,
        () = signals.next() => return Err(Failure::new("stopped at once, by a second signal")),
    }
    tracing::info!("stopped");
    Ok(())
}

/// The signals that end the service.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on: none that comes while the service starts is lost.
    pub fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::new(format!("cannot listen to signals: {error}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
