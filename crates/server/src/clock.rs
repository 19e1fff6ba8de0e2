//! The clock on the wall.

use jiff::Timestamp;

/// The system's clock: the only one in the program; everything else is told the time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl app::Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // The databases keep microseconds; what is answered must be what is read back later.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}
