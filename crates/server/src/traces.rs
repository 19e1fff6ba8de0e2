//! Requests as spans for a trace collector: OTLP over HTTP, encoded as JSON.
//!
//! Only what `api::TRACE` tells leaves the house: method, route, status, the tenant's id and the request's.
//! Spans wait in a bounded queue; what finds it full, or the collector away, is counted and lost: no request
//! waits for a collector. See docs/adr/0022.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use api::Parent;
use app::Clock as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use uuid::Uuid;

use crate::clock::SystemClock;
use crate::failure::Failure;

/// How many spans wait at most; some 300 bytes each.
const QUEUE: usize = 2048;
/// How many go in one message.
const BATCH: usize = 512;
/// How long the first of a message waits for others.
const GATHER: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(5);
/// Where collectors listen when the address says nothing more.
const PATH: &str = "/v1/traces";

/// Where spans go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector(Uri);

impl Collector {
    /// Reads the address of a collector.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::usage(
                "--traces-url: right would be an address such as http://127.0.0.1:4318".to_owned(),
            )
        };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let host = uri.host().filter(|host| !host.is_empty());
        let known = matches!(uri.scheme_str(), Some("http" | "https"));
        // A password would end up in logs.
        let bare = !uri.authority().is_some_and(|it| it.as_str().contains('@'));
        if host.is_none() || !known || !bare {
            return Err(wrong());
        }
        if uri.path() == "/" && uri.query().is_none() {
            let whole = format!("{}{PATH}", text.trim_end_matches('/'));
            return whole.parse().map(Self).map_err(|_| wrong());
        }
        Ok(Self(uri))
    }
}

/// What is told of a request so far.
#[derive(Debug)]
struct Span {
    began: Timestamp,
    ended: Timestamp,
    trace: Uuid,
    id: u64,
    parent: Option<Parent>,
    method: String,
    route: String,
    status: u64,
    tenant: Option<String>,
    request: String,
}

impl Span {
    fn begin(now: Timestamp) -> Self {
        // The first half of a random id, which has 60 random bits.
        let (id, _) = Uuid::new_v4().as_u64_pair();
        Self {
            began: now,
            ended: now,
            trace: Uuid::new_v4(),
            id,
            parent: None,
            method: String::new(),
            route: String::new(),
            status: 0,
            tenant: None,
            request: String::new(),
        }
    }

    /// Whether it is to be told: not where the caller keeps nothing of the trace.
    fn wanted(&self) -> bool {
        self.parent.is_none_or(|parent| parent.sampled)
    }

    fn to_json(&self) -> Value {
        let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let mut attributes = vec![
            text("http.request.method", &self.method),
            text("http.route", &self.route),
            // OTLP writes whole numbers as texts.
            json!({"key": "http.response.status_code", "value": {"intValue": self.status.to_string()}}),
            text("avvikelse.request.id", &self.request),
        ];
        attributes.extend(self.tenant.as_deref().map(|id| text("avvikelse.tenant.id", id)));
        let trace = self.parent.map_or(self.trace.as_u128(), |parent| parent.trace);
        let mut span = json!({
            "traceId": format!("{trace:032x}"),
            "spanId": format!("{:016x}", self.id),
            "name": format!("{} {}", self.method, self.route),
            // SERVER
            "kind": 2,
            "startTimeUnixNano": self.began.as_nanosecond().to_string(),
            "endTimeUnixNano": self.ended.as_nanosecond().to_string(),
            "attributes": attributes,
            // ERROR, where it is ours; else unset.
            "status": if self.status >= 500 { json!({"code": 2}) } else { json!({}) },
        });
        if let Some(parent) = self.parent {
            span["parentSpanId"] = format!("{:016x}", parent.span).into();
        }
        span
    }
}

impl Visit for Span {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "status" {
            self.status = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "method" => self.method = value.to_owned(),
            "route" => self.route = value.to_owned(),
            "tenant" => self.tenant = Some(value.to_owned()),
            "request_id" => self.request = value.to_owned(),
            "parent" => self.parent = Parent::read(value),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

enum Told {
    Span(Box<Span>),
    /// Send what there is, and say so.
    Flush(SyncSender<()>),
}

/// Makes spans of what the service tells.
pub struct Spans {
    queue: SyncSender<Told>,
}

impl Spans {
    /// Whether something is a span for the collector.
    pub fn are(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target() == api::TRACE
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut told = Span::begin(SystemClock.now());
            attributes.record(&mut told);
            span.extensions_mut().insert(told);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(told) = span.extensions_mut().get_mut::<Span>()
        {
            values.record(told);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let told = context.span(&id).and_then(|span| span.extensions_mut().remove::<Span>());
        if let Some(mut told) = told.filter(Span::wanted) {
            told.ended = SystemClock.now();
            if self.queue.try_send(Told::Span(Box::new(told))).is_err() {
                lost(1);
            }
        }
    }
}

fn lost(spans: usize) {
    metrics::counter!("avvikelse_traces_lost_total").increment(spans as u64);
}

/// What goes on sending until the program ends.
pub struct Traces {
    queue: SyncSender<Told>,
}

impl Traces {
    /// Begins to send; nothing is sent before there are spans.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn begin(collector: Collector) -> Result<(Self, Spans), Failure> {
        let (queue, told) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("traces".to_owned())
            .spawn(move || Sender::new(collector).run(&told))
            .map_err(|error| Failure::new(format!("no thread to send traces: {error}")))?;
        Ok((Self { queue: queue.clone() }, Spans { queue }))
    }

    /// Sends what waits, as far as the collector takes it in time.
    pub fn finish(self) {
        let (done, sent) = sync_channel(1);
        if self.queue.try_send(Told::Flush(done)).is_ok() {
            let _ = sent.recv_timeout(TIMEOUT);
        }
    }
}

struct Sender {
    agent: Agent,
    collector: Collector,
    away: bool,
}

impl Sender {
    fn new(collector: Collector) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::WebPki)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            // The collector is where the configuration says.
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .user_agent("avvikelse")
            .build();
        Self { agent: agent.into(), collector, away: false }
    }

    fn run(mut self, told: &Receiver<Told>) {
        while let Ok(first) = told.recv() {
            let (mut spans, mut waiting) = (Vec::new(), Vec::new());
            let until = Instant::now() + GATHER;
            let mut next = Some(first);
            while let Some(told_now) = next.take() {
                match told_now {
                    Told::Span(span) => spans.push(span.to_json()),
                    Told::Flush(done) => waiting.push(done),
                }
                if spans.len() >= BATCH || !waiting.is_empty() {
                    break;
                }
                let left = until.saturating_duration_since(Instant::now());
                next = told.recv_timeout(left).ok();
            }
            if !spans.is_empty() {
                self.send(spans);
            }
            for done in waiting {
                let _ = done.try_send(());
            }
        }
    }

    fn send(&mut self, spans: Vec<Value>) {
        let number = spans.len();
        let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let message = json!({"resourceSpans": [{
            "resource": {"attributes": [
                text("service.name", "avvikelse"),
                text("service.version", env!("CARGO_PKG_VERSION")),
            ]},
            "scopeSpans": [{"scope": {"name": "avvikelse"}, "spans": spans}],
        }]});
        match self.agent.post(&self.collector.0).send_json(&message) {
            Ok(_) => {
                metrics::counter!("avvikelse_traces_sent_total").increment(number as u64);
                self.away = false;
            }
            Err(error) => {
                lost(number);
                // Once, not with every message.
                if !std::mem::replace(&mut self.away, true) {
                    tracing::warn!(%error, "the trace collector takes nothing");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_means_the_usual_path() {
        let read = |text| Collector::read(text).map(|collector| collector.0.to_string());
        assert_eq!(read("http://127.0.0.1:4318").unwrap(), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(read("https://otel.example.se/").unwrap(), "https://otel.example.se/v1/traces");
        assert_eq!(read("http://h:1/own").unwrap(), "http://h:1/own");
        for wrong in ["", "127.0.0.1:4318", "grpc://h:4317", "http://", "http://u:secret@h"] {
            let error = read(wrong).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_trace_that_the_caller_does_not_keep_is_not_told() {
        let mut span = Span::begin(SystemClock.now());
        assert!(span.wanted());
        span.parent = Parent::read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
        assert!(!span.wanted());
    }
}
