//! How often who is logged in may ask: each person by themselves, and all of a tenant together.
//!
//! Against a program that has gone wild and against a stolen token, not against people: what somebody may
//! do in a minute is far more than a hand can. Filing is counted apart, so that nobody who looked around
//! too much is kept from telling what went wrong, and what a tenant does together keeps no filing back.
//! In memory, in this process; who somebody is stays in it as a keyed hash.

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpMessage as _, HttpRequest};
use governor::clock::{Clock, Reference as _};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use jiff::Timestamp;

use crate::problem::ApiError;
use crate::public::limit::{Standing, Told};

/// How many filings there may be for each other request: a ward may share one account, and a telephone sends what a
/// night without a network left it with.
const FILINGS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// After how many requests those who have their whole budget again are forgotten.
const TIDY_AFTER: u64 = 4096;

/// How many requests a minute there may be; `None` is any number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Of one person, without filings; of those ten times as many.
    pub person: Option<NonZeroU32>,
    /// Of all at one tenant, without filings.
    pub tenant: Option<NonZeroU32>,
}

impl Pace {
    /// What the files of `deploy/` set: twenty a second, and a hundred times as many for a tenant.
    pub const ADVISED: Pace =
        Pace { person: NonZeroU32::new(1_200), tenant: NonZeroU32::new(120_000) };
}

type Counter = RateLimiter<u64, HashMapStateStore<u64>, Told, StateInformationMiddleware>;

/// A rate: the requests of half a minute at once, and then one after the other.
struct Budget {
    name: &'static str,
    burst: NonZeroU32,
    /// Between two, when the burst is spent.
    every: Duration,
    counter: Counter,
}

impl Budget {
    fn new(name: &'static str, a_minute: NonZeroU32, told: &Told) -> Self {
        let every = Duration::from_secs(60) / a_minute.get();
        let burst = NonZeroU32::new(a_minute.get() / 2).unwrap_or(NonZeroU32::MIN);
        let quota =
            Quota::with_period(every).unwrap_or(Quota::per_minute(a_minute)).allow_burst(burst);
        let counter = Counter::new(quota, HashMapStateStore::default(), told.clone());
        Self { name, burst, every, counter }
    }

    fn take(&self, whose: u64, told: &Told) -> Result<Standing, Standing> {
        let standing = |left: u32, next: Duration| Standing {
            name: self.name,
            burst: self.burst.get(),
            window: seconds(self.every * self.burst.get()),
            left,
            next: seconds(next),
        };
        match self.counter.check_key(&whose) {
            Ok(state) => Ok(standing(state.remaining_burst_capacity(), self.every)),
            Err(until) => {
                let wait: Duration = until.earliest_possible().duration_since(told.now()).into();
                Err(standing(0, wait.max(Duration::from_secs(1))))
            }
        }
    }
}

/// Whole seconds, rather too many than too few.
fn seconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// What was asked lately, by whom.
#[derive(Default)]
pub struct Paces {
    hasher: RandomState,
    told: Told,
    asked: AtomicU64,
    requests: Option<Budget>,
    filings: Option<Budget>,
    tenants: Option<Budget>,
}

impl std::fmt::Debug for Paces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paces").finish_non_exhaustive()
    }
}

impl Paces {
    /// Nothing asked yet.
    pub fn new(pace: Pace) -> Self {
        let told = Told::default();
        let budget = |name, a_minute: Option<NonZeroU32>| {
            a_minute.map(|a_minute| Budget::new(name, a_minute, &told))
        };
        Self {
            requests: budget("person", pace.person),
            filings: budget("person-filings", pace.person.map(|rate| rate.saturating_mul(FILINGS))),
            tenants: budget("tenant", pace.tenant),
            told: told.clone(),
            ..Self::default()
        }
    }

    /// Admits a request of a person, known by issuer and subject, or says when to come again. What is left
    /// is told in the answer.
    ///
    /// # Errors
    /// [`ApiError::TooMany`].
    pub fn admit(
        &self,
        request: &HttpRequest,
        tenant: &str,
        person: (&str, &str),
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let files = request.method() == Method::POST && request.path() == "/api/v1/cases";
        let (standing, answer) = match self.take(tenant, person, files, now) {
            Ok(standing) => (standing, Ok(())),
            Err(standing) => (Some(standing), Err(ApiError::TooMany { after: standing.next })),
        };
        if let Some(standing) = standing {
            request.extensions_mut().insert(standing);
        }
        answer
    }

    /// Takes one: what is left to the person, or what is spent.
    fn take(
        &self,
        tenant: &str,
        person: (&str, &str),
        files: bool,
        now: Timestamp,
    ) -> Result<Option<Standing>, Standing> {
        let Ok(nanoseconds) = u64::try_from(now.as_nanosecond()) else { return Ok(None) };
        self.told.reach(Nanos::new(nanoseconds));
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.tidy();
        }
        let budget = if files { &self.filings } else { &self.requests };
        let standing = budget
            .as_ref()
            .map(|budget| budget.take(self.hasher.hash_one((tenant, person)), &self.told))
            .transpose()?;
        if let Some(tenants) = self.tenants.as_ref().filter(|_| !files) {
            tenants.take(self.hasher.hash_one(tenant), &self.told)?;
        }
        Ok(standing)
    }

    /// Forgets who has the whole of their budget again.
    fn tidy(&self) {
        for budget in [&self.requests, &self.filings, &self.tenants].into_iter().flatten() {
            budget.counter.retain_recent();
            budget.counter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn paces(person: u32, tenant: u32) -> Paces {
        Paces::new(Pace { person: NonZeroU32::new(person), tenant: NonZeroU32::new(tenant) })
    }

    fn noon() -> Timestamp {
        "2026-03-10T11:00:00Z".parse().expect("a time")
    }

    #[test]
    fn a_burst_is_admitted_to_the_last_and_no_further() {
        let paces = paces(100, 0);
        let admitted = (0..100).filter(|_| paces.take("ort", ("i", "anna"), false, noon()).is_ok());
        assert_eq!(admitted.count(), 50);
        let spent = paces.take("ort", ("i", "anna"), false, noon()).expect_err("spent");
        assert_eq!((spent.left, spent.next), (0, 1));
        // Others, the same person elsewhere, and filings have theirs.
        assert!(paces.take("ort", ("i", "bo"), false, noon()).is_ok());
        assert!(paces.take("by", ("i", "anna"), false, noon()).is_ok());
        assert!(paces.take("ort", ("i", "anna"), true, noon()).is_ok());
        let later = noon() + SignedDuration::from_secs(6);
        let admitted = (0..100).filter(|_| paces.take("ort", ("i", "anna"), false, later).is_ok());
        assert_eq!(admitted.count(), 10);
    }

    #[test]
    fn a_tenant_that_has_spent_its_own_still_files() {
        let paces = paces(100, 100);
        for number in 0..50 {
            let person = number.to_string();
            assert!(paces.take("ort", ("i", &person), false, noon()).is_ok());
        }
        assert!(paces.take("ort", ("i", "another"), false, noon()).is_err());
        assert!(paces.take("ort", ("i", "another"), true, noon()).is_ok());
        assert!(paces.take("by", ("i", "another"), false, noon()).is_ok());
    }

    #[test]
    fn a_night_shift_never_meets_a_limit() {
        let paces = Paces::new(Pace::ADVISED);
        // Five thousand at once after a night without a network, from one account that a ward shares; and
        // beside it three thousand people who look at ten things a minute each, for ten minutes.
        for _ in 0..5_000 {
            assert!(paces.take("ort", ("i", "ward"), true, noon()).is_ok());
        }
        for minute in 0..10 {
            for request in 0..10 {
                let now = noon() + SignedDuration::from_secs(minute * 60 + request * 6);
                for person in 0..3000 {
                    let person = person.to_string();
                    assert!(paces.take("ort", ("i", &person), false, now).is_ok());
                }
            }
        }
    }

    #[test]
    fn who_has_been_away_is_forgotten() {
        let paces = paces(100, 100);
        for number in 0..1000 {
            let person = number.to_string();
            let _ = paces.take("ort", ("i", &person), true, noon());
        }
        let later = noon() + SignedDuration::from_mins(2);
        let _ = paces.take("ort", ("i", "anna"), true, later);
        paces.tidy();
        let kept = paces.filings.as_ref().map(|budget| budget.counter.len());
        assert_eq!(kept, Some(1));
    }

    #[test]
    fn without_a_pace_nothing_is_counted() {
        let paces = Paces::new(Pace::default());
        assert!((0..10_000).all(|_| paces.take("ort", ("i", "a"), false, noon()) == Ok(None)));
    }
}
