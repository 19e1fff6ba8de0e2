//! The span of a request for a trace collector, where there is one.
//!
//! It tells the route's pattern, how it went, the tenant's id and the request's: neither path, person nor
//! text. Where nobody collects, the span is disabled and costs nothing.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use tracing::Span;
use tracing::field::{Empty, display};
use uuid::Uuid;

/// The target of the spans, by which a collector knows them.
pub const TARGET: &str = "avvikelse::trace";

/// Where a trace came from (W3C Trace Context, version 00).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The trace; never zero.
    pub trace: u128,
    /// The span at the caller's; never zero.
    pub span: u64,
    /// Whether the caller keeps what it measures.
    pub sampled: bool,
}

impl Parent {
    /// Reads a `traceparent`. `None` where it is none, so that a trace of our own is begun.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut next = |length: usize| {
            parts.next().filter(|part| {
                part.len() == length
                    && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            })
        };
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        // Version 00 ends here; of later ones the beginning is the same, and ff is none.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let parent = Self {
            trace: u128::from_str_radix(trace, 16).ok()?,
            span: u64::from_str_radix(span, 16).ok()?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        };
        (parent.trace != 0 && parent.span != 0).then_some(parent)
    }

    /// The one of a request.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all("traceparent");
        let only = all.next().filter(|_| all.next().is_none())?;
        Self::read(only.to_str().ok()?)
    }
}

impl std::fmt::Display for Parent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// The span of a request; it ends when the answer is sent and the last of it is dropped.
#[derive(Clone, Debug)]
pub struct Traced(Span);

impl Traced {
    /// Begins the span of a request.
    pub fn begin(request: &ServiceRequest, method: &str, id: Uuid) -> Self {
        let span = tracing::trace_span!(
            target: TARGET,
            "request",
            method,
            route = Empty,
            status = Empty,
            tenant = Empty,
            request_id = %id,
            parent = Empty,
        );
        if !span.is_disabled()
            && keeps_parents(request.path(), request.method())
            && let Some(parent) = Parent::of(request.headers())
        {
            span.record("parent", display(parent));
        }
        Self(span)
    }

    /// Tells at which tenant somebody was let in.
    pub fn tenant(&self, id: Uuid) {
        self.0.record("tenant", display(id));
    }

    /// Tells how it went.
    pub fn answered(&self, route: &str, status: u16) {
        self.0.record("route", route);
        self.0.record("status", status);
    }
}

/// Whether the caller's trace is gone on with: not where people come without a login, whose own traces
/// would tell who they are.
fn keeps_parents(path: &str, method: &Method) -> bool {
    path.starts_with("/api/") && !path.starts_with("/api/v1/public/") && *method != Method::OPTIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_parent_is_read_and_written() {
        let parent = Parent::read(GOOD).expect("a parent");
        assert_eq!(parent.to_string(), GOOD);
        assert!(parent.sampled);
        let later = GOOD.replacen("00", "cc", 1) + "-more";
        assert_eq!(Parent::read(&later), Some(parent), "later versions begin the same");
        let unsampled = Parent::read(&GOOD.replace("-01", "-02")).expect("a parent");
        assert!(!unsampled.sampled);
    }

    #[test]
    fn what_is_no_parent_is_none() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-anna.andersson@kommun.se-och-mera-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Parent::read(text), None, "{text}");
        }
    }

    #[test]
    fn who_comes_without_a_login_brings_no_trace() {
        assert!(keeps_parents("/api/v1/cases", &Method::GET));
        assert!(!keeps_parents("/api/v1/public/provby/opinions", &Method::POST));
        assert!(!keeps_parents("/provby/synpunkt", &Method::GET));
    }
}
