//! Bounds against clients that are slow, silent, or many.
//!
//! They are no settings: nobody who runs the service knows better, and a proxy in front has its own.

use std::num::NonZeroU32;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How long clients may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To send the head of a request.
    pub head: Duration,
    /// Between two requests on a connection.
    pub idle: Duration,
    /// To take note of an answer that came before their body ended, and to go.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A head is a few hundred bytes: this is patient with the worst telephone line.
            head: Duration::from_secs(10),
            // Longer than the usual proxies keep theirs, so that none of them sends a request into
            // a connection that is just being closed.
            idle: Duration::from_secs(75),
            // A connection closed while its body still comes is reset, and the answer lost with
            // it: so what comes is read and dropped for some round trips.
            farewell: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// How long nothing need be heard on a connection after an answer: it may idle, and then take
    /// its time over the next head.
    pub(crate) fn unheard(&self) -> Duration {
        self.idle + self.head
    }
}

/// How many connections the system keeps until the service takes them: it takes them at once, so
/// that this is for a burst. The system cuts it to its own limit.
pub(crate) const BACKLOG: u32 = 2048;

/// How many connections the operator's address takes: a few probes and whoever looks at metrics.
pub(crate) const OPERATORS: usize = 64;

/// How many connections the public address takes at most, whatever the system allows: each costs
/// some 20 KB.
const MOST: usize = 20_000;

/// Descriptors for everything that is neither a client nor the database.
const RESERVED: u64 = 128;

/// How many connections the public address may take, so that descriptors remain for the database:
/// above it clients wait to be taken, instead of requests failing halfway. Raises the limit of the
/// process to what it may have, since shells and systemd begin with 1,024 for the sake of programs
/// that know no better.
pub(crate) fn connections(database: NonZeroU32) -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if setrlimit(Resource::Nofile, raised).is_ok() {
        limit = raised;
    }
    let descriptors = limit.current.unwrap_or(u64::MAX);
    within(descriptors, database)
}

fn within(descriptors: u64, database: NonZeroU32) -> usize {
    // SQLite: a connection is the file, its log and the index of that.
    let kept = RESERVED + 4 * u64::from(database.get());
    // Each connection is held twice: by the framework, and by what shuts it when it is overdue.
    let free = descriptors.saturating_sub(kept) / 2;
    usize::try_from(free).unwrap_or(MOST).clamp(16, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_remain_for_the_database() {
        let eight = NonZeroU32::new(8).unwrap();
        assert_eq!(within(1024, eight), 432);
        assert_eq!(within(0, eight), 16);
        assert_eq!(within(u64::MAX, eight), MOST);
        assert!(connections(eight) >= 16);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
