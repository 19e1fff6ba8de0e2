//! Log and metrics. Neither holds personal data: requests are told by id, route and status.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use app::chain::Waiting;
use app::jobs::{Standing, Unfolded};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use crate::config::{Config, LogFormat};
use crate::failure::Failure;
use crate::traces::{Spans, Traces};

/// Bounds of the buckets for durations, in seconds.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Starts the log, on stderr: stdout is for what a command was asked for. Where traces are wanted, what
/// sends them comes back.
///
/// # Errors
/// When the filter is none.
pub fn log(config: &Config) -> Result<Option<Traces>, Failure> {
    let filter = EnvFilter::builder()
        .parse(&config.log)
        .map_err(|error| Failure::usage(format!("--log: {error}")))?;
    if let Some(collector) = &config.traces {
        let (traces, spans) = Traces::begin(collector.clone())?;
        let lines =
            fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
        let lines = match config.log_format {
            LogFormat::Text => lines.with_filter(filter).boxed(),
            LogFormat::Json => lines.json().with_filter(filter).boxed(),
        };
        let both = registry().with(lines).with(spans.with_filter(filter_fn(Spans::are)));
        let _ = both.try_init();
        return Ok(Some(traces));
    }
    let subscriber = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Whoever runs the program inside another one may have a log already; that one stays.
    let _ = match config.log_format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    Ok(None)
}

/// The metrics of this process; installed at the first call.
pub fn metrics() -> &'static PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| {
        let builder = || {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
                .unwrap_or_default()
        };
        // Another recorder may be there already, inside another program: then ours stays empty.
        builder().install_recorder().unwrap_or_else(|_| builder().build_recorder().handle())
    })
}

/// Tells what waits to be linked into the chain of each tenant.
pub fn unlinked(waiting: &[Waiting]) {
    for waiting in waiting {
        let labels = [("tenant", waiting.tenant.clone())];
        // More than a float holds exactly waits nowhere.
        metrics::gauge!("avvikelse_unchained_entries", &labels).set(waiting.entries as f64);
        let seconds = waiting.oldest_seconds as f64;
        metrics::gauge!("avvikelse_unchained_oldest_seconds", &labels).set(seconds);
    }
}

/// Tells how many facts the sums of each tenant do not hold yet.
pub fn unfolded(unfolded: &[Unfolded]) {
    for unfolded in unfolded {
        let labels = [("tenant", unfolded.tenant.clone())];
        metrics::gauge!("avvikelse_unfolded_facts", &labels).set(unfolded.facts as f64);
    }
}

/// Tells how much lies untouched at each tenant, by step: neither unit nor case.
pub fn lying(standings: &[Standing]) {
    for standing in standings {
        for (step, lying) in &standing.steps {
            let labels = [("tenant", standing.tenant.clone()), ("step", step.code().to_owned())];
            let gauge = |name: &'static str, value: f64| metrics::gauge!(name, &labels).set(value);
            // More than a float holds exactly lies nowhere.
            gauge("avvikelse_open", lying.open as f64);
            gauge("avvikelse_late", lying.late as f64);
            gauge("avvikelse_oldest_untouched_seconds", lying.oldest_seconds as f64);
        }
    }
}

/// Tells how old the newest backup is.
pub fn backup_age(age: std::time::Duration) {
    metrics::gauge!("avvikelse_backup_age_seconds").set(age.as_secs_f64());
}
