//! A message that does not reach the other side's system is given up after the agreed time: then
//! somebody must look after it, whoever takes the forwarding further.

use super::rules::Desk;
use super::{Asked, Task};

impl Desk<'_> {
    /// One task a forwarding, however many of its messages wait behind the one that was given up.
    pub(super) fn of_undelivered(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        for (forwarding, role, since) in &self.facts.undelivered {
            if !seen.insert(forwarding.id) {
                continue;
            }
            if let Some(waiting_for) = self.forwarding_waits_for_me(forwarding, *role) {
                let task = self.of_forwarding(forwarding, Asked::DeliverForwarding, waiting_for);
                self.tasks.push(Task { due_on: None, since: *since, ..task });
            }
        }
    }
}
