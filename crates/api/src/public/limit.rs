//! How often who has no login may ask.
//!
//! In memory, in this process, and forgotten within the hour. What is counted goes by is an HMAC of
//! the prefix of an address, of which two bytes are kept: the key is drawn anew each full hour and
//! the old one is gone with what was counted, so that nothing here says afterwards who was there.
//! Two bytes also bound the memory, whoever comes from wherever; two strangers who meet in one of
//! 65,536 places share a budget for the rest of the hour.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest};
use aws_lc_rs::{hmac, rand};
use governor::clock::{Clock, Reference as _};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use jiff::Timestamp;

use super::source::{Proxies, prefix};
use crate::problem::ApiError;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// What is counted apart. A budget is a burst, and what comes back of it with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Looking at pages.
    Page,
    /// Leaving something: a ward, a library, a telephone company's block of addresses share it.
    Filing,
    /// Files, each of which is work.
    Upload,
    /// Opening something by a receipt code.
    Receipt,
    /// The first tries of a prefix with a receipt code: they are its own, whatever others do.
    FirstReceipts,
    /// Tries with receipt codes at one tenant beyond those, whoever makes them.
    AllReceipts,
    /// Asking for a new code.
    Renewal,
    /// Asking for a new code at one tenant, whoever asks.
    AllRenewals,
    /// Opening something by a link, and answering.
    Reply,
    /// Giving the second factor of a link.
    Factor,
    /// Sending a signed message, machine to machine.
    Message,
}

/// How many there are.
const BUDGETS: usize = 11;

impl Budget {
    const ALL: [Budget; BUDGETS] = [
        Budget::Page,
        Budget::Filing,
        Budget::Upload,
        Budget::Receipt,
        Budget::FirstReceipts,
        Budget::AllReceipts,
        Budget::Renewal,
        Budget::AllRenewals,
        Budget::Reply,
        Budget::Factor,
        Budget::Message,
    ];

    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Budget::Page => "pages",
            Budget::Filing => "filing",
            Budget::Upload => "uploads",
            Budget::Receipt | Budget::FirstReceipts => "receipts",
            Budget::AllReceipts => "receipts-all",
            Budget::Renewal => "renewals",
            Budget::AllRenewals => "renewals-all",
            Budget::Reply => "replies",
            Budget::Factor => "factors",
            Budget::Message => "messages",
        }
    }

    /// How many at once, and the milliseconds after which one more may follow.
    const fn measure(self) -> (u32, u64) {
        match self {
            Budget::Page => (240, 500),
            Budget::Filing => (60, 20_000),
            Budget::Upload => (30, 20_000),
            Budget::Receipt => (30, 10_000),
            // Once an hour, that is, for with the hour everything begins anew.
            Budget::FirstReceipts => (5, 3_600_000),
            Budget::AllReceipts => (300, 500),
            Budget::Renewal => (5, 120_000),
            Budget::AllRenewals => (60, 10_000),
            Budget::Reply => (60, 5_000),
            Budget::Factor => (10, 60_000),
            // A region's backlog after a night's stand-still comes at once.
            Budget::Message => (600, 100),
        }
    }

    fn quota(self) -> Quota {
        let (burst, every) = self.measure();
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        Quota::with_period(Duration::from_millis(every))
            .unwrap_or(Quota::per_hour(NonZeroU32::MIN))
            .allow_burst(burst)
    }

    /// The seconds in which all of it comes back.
    fn window(self) -> u64 {
        let (burst, every) = self.measure();
        (u64::from(burst) * every).div_ceil(1000)
    }
}

/// The time that the limits go by: that of the service, and never back within an epoch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(Arc<AtomicU64>);

impl Told {
    /// Tells the time, unless it was later before.
    pub(crate) fn reach(&self, now: Nanos) {
        self.0.fetch_max(now.as_u64(), Ordering::SeqCst);
    }
}

impl Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::SeqCst))
    }
}

/// Where somebody is counted.
type Slot = u16;
type Counter = RateLimiter<Slot, HashMapStateStore<Slot>, Told, StateInformationMiddleware>;

/// An hour: its key, and what was counted under it.
struct Epoch {
    hour: i64,
    key: hmac::Key,
    told: Told,
    counters: [Counter; BUDGETS],
}

impl Epoch {
    /// `None` when the system gives no randomness.
    fn begin(hour: i64) -> Option<Self> {
        let mut key = [0; 32];
        rand::fill(&mut key).ok()?;
        let told = Told::default();
        let counter = |budget: Budget| {
            Counter::new(budget.quota(), HashMapStateStore::default(), told.clone())
        };
        let counters = Budget::ALL.map(counter);
        Some(Self { hour, key: hmac::Key::new(hmac::HMAC_SHA256, &key), told, counters })
    }

    fn slot(&self, whose: &[u8]) -> Slot {
        let tag = hmac::sign(&self.key, whose);
        match tag.as_ref() {
            [a, b, ..] => Slot::from_be_bytes([*a, *b]),
            _ => 0,
        }
    }
}

/// What is left of a budget, for the headers of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The name of the budget.
    pub(crate) name: &'static str,
    /// How many at once.
    pub(crate) burst: u32,
    /// Seconds in which all of it comes back.
    pub(crate) window: u64,
    /// How many are left.
    pub(crate) left: u32,
    /// Seconds until there is one more.
    pub(crate) next: u64,
}

impl Standing {
    fn of(budget: Budget, left: u32, next: u64) -> Self {
        let (name, burst) = (budget.name(), budget.measure().0);
        Self { name, burst, window: budget.window(), left, next }
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let Self { name, burst, window, left, next } = self;
        let policy = format!("\"{name}\";q={burst};w={window}");
        let left = format!("\"{name}\";r={left};t={next}");
        for (header, text) in [(POLICY, policy), (LEFT, left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }
}

/// The limits of a process.
#[derive(Default)]
pub struct Limits {
    proxies: Proxies,
    epoch: Mutex<Option<Arc<Epoch>>>,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

impl Limits {
    /// Nothing counted yet. The `proxies` are believed on whom they pass on.
    pub fn behind(proxies: Proxies) -> Self {
        Self { proxies, epoch: Mutex::default() }
    }

    /// The proxies that are believed.
    pub(crate) fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    /// The hour that `now` lies in, begun anew if it is another than before.
    fn epoch(&self, now: Timestamp) -> Option<Arc<Epoch>> {
        let hour = now.as_second().div_euclid(3600);
        let mut kept = self.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|epoch| epoch.hour != hour) {
            *kept = Epoch::begin(hour).map(Arc::new);
        }
        let epoch = kept.clone()?;
        let within = now.as_nanosecond() - i128::from(hour) * 3_600_000_000_000;
        // Governor's time begins at an epoch's start; a zero would be "before all time" to it.
        let told = u64::try_from(within).unwrap_or(0).saturating_add(7_200_000_000_000);
        epoch.told.reach(Nanos::new(told));
        Some(epoch)
    }

    /// Takes one from a budget of `whose`.
    ///
    /// # Errors
    /// When there is none left: the seconds until there is.
    fn take(&self, budget: Budget, whose: &[u8], now: Timestamp) -> Result<Standing, u64> {
        let Some(epoch) = self.epoch(now) else { return Err(60) };
        let slot = epoch.slot(whose);
        let Some(counter) = Budget::ALL
            .iter()
            .position(|known| *known == budget)
            .and_then(|at| epoch.counters.get(at))
        else {
            return Err(60);
        };
        match counter.check_key(&slot) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let next = budget.measure().1.div_ceil(1000);
                Ok(Standing::of(budget, left, next))
            }
            Err(until) => {
                let wait = until.earliest_possible().duration_since(epoch.told.now());
                Err(Duration::from(wait).as_millis().div_ceil(1000).try_into().unwrap_or(60).max(1))
            }
        }
    }

    /// Admits a request, or says when to come again. What is left is told in the answer.
    ///
    /// # Errors
    /// [`ApiError::TooMany`].
    pub fn admit(
        &self,
        request: &HttpRequest,
        budget: Budget,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let whose = prefix(self.proxies.origin(request));
        self.told(request, budget, self.take(budget, &whose, now))
    }

    /// Admits a request to what all at one tenant share.
    ///
    /// # Errors
    /// [`ApiError::TooMany`].
    pub fn admit_shared(
        &self,
        request: &HttpRequest,
        budget: Budget,
        tenant: &str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let whose = [b"tenant\0", tenant.as_bytes()].concat();
        self.told(request, budget, self.take(budget, &whose, now))
    }

    /// Admits a try with a receipt code. A prefix has its budget; its first tries in the hour are its
    /// own, so that somebody else's guessing locks nobody out; what goes beyond them takes from what
    /// all at the tenant share, so that guessing from many places is no faster than that.
    ///
    /// # Errors
    /// [`ApiError::TooMany`].
    pub fn admit_try(
        &self,
        request: &HttpRequest,
        tenant: &str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.admit(request, Budget::Receipt, now)?;
        let whose = prefix(self.proxies.origin(request));
        if self.take(Budget::FirstReceipts, &whose, now).is_ok() {
            return Ok(());
        }
        self.admit_shared(request, Budget::AllReceipts, tenant, now)
    }

    fn told(
        &self,
        request: &HttpRequest,
        budget: Budget,
        taken: Result<Standing, u64>,
    ) -> Result<(), ApiError> {
        let (standing, answer) = match taken {
            Ok(standing) => (standing, Ok(())),
            Err(after) => {
                let standing = Standing::of(budget, 0, after);
                (standing, Err(ApiError::TooMany { after }))
            }
        };
        request.extensions_mut().insert(standing);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_budget_is_a_burst_and_what_comes_back() {
        let limits = Limits::default();
        let now = at("2026-03-10T11:00:00Z");
        let (burst, every) = Budget::Receipt.measure();
        for left in (0..burst).rev() {
            let taken = limits.take(Budget::Receipt, b"a", now).expect("some left");
            assert_eq!(taken.left, left);
        }
        let wait = limits.take(Budget::Receipt, b"a", now).expect_err("none left");
        assert_eq!(wait * 1000, every);
        // Others have theirs, and so has everything else.
        assert!(limits.take(Budget::Receipt, b"b", now).is_ok());
        assert!(limits.take(Budget::Filing, b"a", now).is_ok());
        let later = now + jiff::SignedDuration::from_secs(i64::try_from(wait).expect("seconds"));
        assert!(limits.take(Budget::Receipt, b"a", later).is_ok());
        assert!(limits.take(Budget::Receipt, b"a", later).is_err());
        // A clock put back gives nothing back.
        assert!(limits.take(Budget::Receipt, b"a", now).is_err());
    }

    #[test]
    fn with_the_hour_the_key_and_all_that_was_counted_is_gone() {
        let limits = Limits::default();
        let now = at("2026-03-10T11:59:59Z");
        let before = limits.epoch(now).expect("an hour");
        while limits.take(Budget::Receipt, b"a", now).is_ok() {}
        let next = at("2026-03-10T12:00:00Z");
        assert!(limits.take(Budget::Receipt, b"a", next).is_ok());
        let after = limits.epoch(next).expect("an hour");
        let slots = |epoch: &Epoch| [b"a", b"b", b"c", b"d"].map(|whose| epoch.slot(whose));
        assert_ne!(slots(&before), slots(&after));
        assert_eq!(Arc::strong_count(&before), 1, "nobody keeps the old hour");
    }

    #[test]
    fn however_many_come_the_memory_is_bounded() {
        let limits = Limits::default();
        let now = at("2026-03-10T11:00:00Z");
        for number in 0..200_000_u32 {
            let _ = limits.take(Budget::Page, &number.to_be_bytes(), now);
        }
        let epoch = limits.epoch(now).expect("an hour");
        assert!(epoch.counters[0].len() <= usize::from(Slot::MAX) + 1);
    }
}
