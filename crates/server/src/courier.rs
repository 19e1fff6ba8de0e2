//! Messages from machine to machine: what an operator says about them, and the task that sends them.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::App;
use app::machines::Exchanging;
use clap::Args;
use exchange::{Carrier, Rules, Target};
use jiff::SignedDuration;
use store::Backend;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::failure::Failure;

/// How often it is looked at what is to be told and sent.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the message under way may take at the end, beyond its own time.
const STOP_WITHIN: Duration = Duration::from_secs(5);
const TIMEOUT_SECONDS: NonZeroU32 = NonZeroU32::new(20).unwrap();
const RETRY_SECONDS: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Settings about messages from machine to machine.
#[derive(Args, Clone, Debug, Default)]
pub struct ExchangeFlags {
    /// Lets messages go unencrypted, and to addresses inside: for services that meet in one network
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_EXCHANGE_PLAINTEXT",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub exchange_plaintext: Option<bool>,
    /// How long one message to another system may take [default: 20]
    #[arg(long, global = true, env = "AVVIKELSE_EXCHANGE_TIMEOUT_SECONDS", value_name = "SECONDS")]
    pub exchange_timeout_seconds: Option<NonZeroU32>,
    /// How long after a first failure a message is sent again; then twice as long each time, up to an
    /// hour [default: 30]
    #[arg(long, global = true, env = "AVVIKELSE_EXCHANGE_RETRY_SECONDS", value_name = "SECONDS")]
    pub exchange_retry_seconds: Option<NonZeroU32>,
}

/// How messages go from machine to machine.
#[derive(Clone, Debug)]
pub struct ExchangeConfig {
    /// Where others see the service; `None` is where it listens.
    pub base: Option<Target>,
    /// How far messages may go.
    pub rules: Rules,
    /// How long after a first failure a message is sent again.
    pub first_retry: Duration,
    /// How often it is looked at what is to be told and sent; no setting.
    pub look_every: Duration,
}

impl ExchangeConfig {
    /// What flags and file say together.
    ///
    /// # Errors
    /// When `public_url` is none.
    pub(crate) fn read(
        flags: ExchangeFlags,
        file: ExchangeFlags,
        public_url: Option<String>,
    ) -> Result<Self, Failure> {
        let base = public_url.map(|url| Target::parse(&url)).transpose();
        let base = base.map_err(|why| {
            Failure::usage(format!(
                "--public-url: {why}; right would be https://avvikelse.kommun.se"
            ))
        })?;
        let seconds = |given: Option<NonZeroU32>, usual: NonZeroU32| {
            Duration::from_secs(given.unwrap_or(usual).get().into())
        };
        let plaintext = flags.exchange_plaintext.or(file.exchange_plaintext);
        let timeout = flags.exchange_timeout_seconds.or(file.exchange_timeout_seconds);
        let retry = flags.exchange_retry_seconds.or(file.exchange_retry_seconds);
        Ok(Self {
            base,
            rules: Rules {
                plaintext: plaintext.unwrap_or_default(),
                timeout: seconds(timeout, TIMEOUT_SECONDS),
            },
            first_retry: seconds(retry, RETRY_SECONDS),
            look_every: LOOK_EVERY,
        })
    }
}

/// How messages go, now that it is known where the service listens.
pub(crate) fn exchanging(
    config: &ExchangeConfig,
    backend: Backend,
    addr: SocketAddr,
) -> Result<Exchanging, Failure> {
    let base = match &config.base {
        Some(base) => base.clone(),
        None => Target::parse(&format!("http://{addr}"))
            .map_err(|why| Failure::new(format!("{addr}: {why}")))?,
    };
    let holder = match backend {
        // Whoever serves the file holds its lock: what a killed one held is free at once.
        Backend::Sqlite => Uuid::nil(),
        Backend::Postgres => Uuid::now_v7(),
    };
    let first_retry = SignedDuration::try_from(config.first_retry).unwrap_or(SignedDuration::MAX);
    Ok(Exchanging::new(base, Carrier::new(config.rules), first_retry, holder))
}

/// The task that tells and sends.
pub(crate) struct Courier {
    stop: Arc<AtomicBool>,
    wake: Arc<Notify>,
    task: JoinHandle<()>,
    longest: Duration,
}

impl Courier {
    /// Starts it.
    pub(crate) fn start(app: Arc<App>, every: Duration) -> Self {
        let (stop, wake) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let timeout = app.exchanging().map(|it| it.carrier.rules().timeout);
        let longest = timeout.unwrap_or_default() + STOP_WITHIN;
        let task = tokio::spawn(work(app, every, Arc::clone(&stop), Arc::clone(&wake)));
        Self { stop, wake, task, longest }
    }

    /// Lets it come to its end, and does not wait.
    pub(crate) fn tell_to_stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Waits for its end: the message under way is sent and marked.
    pub(crate) async fn stopped(self) {
        self.tell_to_stop();
        let mut task = self.task;
        match tokio::time::timeout(self.longest, &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the task that sends messages broke"),
            Err(_) => task.abort(),
        }
    }
}

async fn work(app: Arc<App>, every: Duration, stop: Arc<AtomicBool>, wake: Arc<Notify>) {
    let mut more = false;
    while !stop.load(Ordering::Relaxed) {
        if !more {
            let _ = tokio::time::timeout(every, wake.notified()).await;
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        more = match app.exchange_messages(&stop).await {
            Ok(turn) => {
                for (state, number) in [
                    ("delivered", turn.delivered),
                    ("refused", turn.refused),
                    ("not_delivered", turn.given_up),
                    ("failed", turn.failed),
                ] {
                    metrics::counter!("avvikelse_exchange_messages_total", "state" => state)
                        .increment(number);
                }
                tell(&app, turn.waiting, turn.oldest);
                turn.more
            }
            Err(error) => {
                tracing::warn!(%error, "messages could not be looked after; trying again");
                false
            }
        };
    }
}

/// What waits, for the operator.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn tell(app: &App, waiting: i64, oldest: Option<jiff::Timestamp>) {
    let age = oldest.map_or(0.0, |oldest| app.now().duration_since(oldest).as_secs_f64());
    metrics::gauge!("avvikelse_exchange_waiting").set(waiting as f64);
    metrics::gauge!("avvikelse_exchange_oldest_seconds").set(age.max(0.0));
}
