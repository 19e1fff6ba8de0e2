//! What is measured: how many in which time, and how long each took.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::failure::{Context as _, Result};

/// A minute: nothing that takes longer is told apart.
const LONGEST_US: u64 = 60_000_000;

/// How long each of many took, in microseconds, to three digits.
#[derive(Debug)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    /// None yet.
    ///
    /// # Errors
    /// Never with these bounds.
    pub fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, LONGEST_US, 3).context("histogram")?))
    }

    /// One more.
    pub fn add(&mut self, took: Duration) {
        self.add_us(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
    }

    /// One more, in microseconds.
    pub fn add_us(&mut self, took: u64) {
        self.0.saturating_record(took.max(1));
    }

    /// What they come to over a stretch of time.
    pub fn sample(&self, over: Duration) -> Sample {
        let at = |quantile: f64| ms(self.0.value_at_quantile(quantile));
        Sample { done: self.0.len(), seconds: over.as_secs_f64(), p50: at(0.5), p99: at(0.99) }
    }
}

/// Exact far beyond a minute.
#[allow(clippy::cast_precision_loss, reason = "microseconds of a minute fit a double")]
fn ms(us: u64) -> f64 {
    us as f64 / 1000.0
}

/// What was done in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// How many.
    pub done: u64,
    /// In how many seconds.
    pub seconds: f64,
    /// Half took at most this many milliseconds.
    pub p50: f64,
    /// All but one in a hundred took at most this many milliseconds.
    pub p99: f64,
}

impl Sample {
    /// How many a second.
    #[allow(clippy::cast_precision_loss, reason = "a count of requests fits a double")]
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.done as f64 / self.seconds } else { 0.0 }
    }
}

/// What the bare database did just before and just after the service, on the same machine in the
/// same mood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Around {
    /// Before.
    pub before: Sample,
    /// After.
    pub after: Sample,
}

impl Around {
    /// The mean of both rates.
    pub fn rate(&self) -> f64 {
        self.mean(|sample| sample.rate())
    }

    /// The mean of anything of both.
    pub fn mean(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        f64::midpoint(of(&self.before), of(&self.after))
    }
}

/// The middle one; of an even number, the lower middle one. `None` of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_those_that_were_added() {
        let mut latencies = Latencies::new().unwrap();
        (1..=98).for_each(|_| latencies.add(Duration::from_millis(2)));
        latencies.add(Duration::from_millis(30));
        latencies.add(Duration::from_millis(500));
        let sample = latencies.sample(Duration::from_secs(2));
        assert_eq!(sample.done, 100);
        assert!((sample.rate() - 50.0).abs() < 1e-9);
        assert!((sample.p50 - 2.0).abs() < 0.01, "{sample:?}");
        assert!((sample.p99 - 30.0).abs() < 0.05, "{sample:?}");
    }

    #[test]
    fn what_takes_too_long_is_not_lost() {
        let mut latencies = Latencies::new().unwrap();
        latencies.add(Duration::from_secs(600));
        latencies.add_us(0);
        assert_eq!(latencies.sample(Duration::from_secs(1)).done, 2);
    }

    #[test]
    fn around_is_the_mean_of_before_and_after() {
        let sample = |done| Sample { done, seconds: 10.0, p50: 1.0, p99: 4.0 };
        let around = Around { before: sample(1000), after: Sample { p99: 8.0, ..sample(3000) } };
        assert!((around.rate() - 200.0).abs() < 1e-9);
        assert!((around.mean(|sample| sample.p99) - 6.0).abs() < 1e-9);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.0));
    }
}
