//! Exactly what leaves: the document, and what stands around it in a letter. Nothing of the case is
//! known here.

use domain::calendar::swedish_date;
use domain::forwarding::leaving::{Leaving, ReplyLink};
use domain::forwarding::{Direction, Forwarding, Status};
use domain::ids::ForwardingId;

use super::read::OpenedForwarding;
use crate::context::{App, Caller};
use crate::error::Error;

impl OpenedForwarding {
    /// What leaves of it.
    fn leaving(&self, caller: &Caller, reply: Option<ReplyLink>) -> Leaving {
        let (opened, tenant) = (self, &caller.tenant);
        let (forwarding, end) = (&opened.forwarding, &opened.counterparty);
        let today = swedish_date(caller.now);
        let rules = &caller.set_up.settings.forwardings;
        let days = i32::from(end.answer_days.unwrap_or(rules.answer_days));
        let due = forwarding.due_on.unwrap_or_else(|| domain::calendar::add_days(today, days));
        Leaving {
            sender: tenant.name.clone(),
            letterhead: caller.set_up.settings.letterhead.clone(),
            number: forwarding.number.map(|number| number.to_string()),
            receiver: end.name.clone(),
            address: end.details.address.clone(),
            sdk_address: end.details.sdk_address.clone(),
            document: forwarding.document.clone(),
            on: forwarding.sent_at.map_or(today, swedish_date),
            due_on: Some(due),
            identity: forwarding.matter.decision.as_ref().is_some_and(|it| it.identity),
            reply,
        }
    }
}

/// Whether it has left and was not taken back.
fn has_left(forwarding: &Forwarding) -> bool {
    forwarding.direction == Direction::Sent && forwarding.status().counted()
}

impl App {
    /// Shows exactly what leaves, or would.
    ///
    /// # Errors
    /// Those of [`App::open_forwarding`]; [`Error::State`] for a received one, and for what was taken back;
    /// and no answer without its access entry.
    pub async fn preview_forwarding(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<(OpenedForwarding, Leaving), Error> {
        let opened = self.open_forwarding(caller, id).await?;
        let status = opened.forwarding.status();
        if opened.forwarding.direction != Direction::Sent || status == Status::Recalled {
            return Err(Error::State { status: status.code(), command: "preview" });
        }
        self.keep_forwarding_access(caller, "forwarding.preview", &opened).await?;
        let leaving = opened.leaving(caller, None);
        Ok((opened, leaving))
    }

    /// What left, to be printed or handed to the SDK client. `reply` is made by whoever gives out links.
    ///
    /// # Errors
    /// Those of [`App::open_forwarding`]; [`Error::State`] before it has left; and no answer without its
    /// access entry.
    pub async fn forwarding_letter(
        &self,
        caller: &Caller,
        id: ForwardingId,
        reply: Option<ReplyLink>,
    ) -> Result<(OpenedForwarding, Leaving), Error> {
        let opened = self.open_forwarding(caller, id).await?;
        if !has_left(&opened.forwarding) {
            let status = opened.forwarding.status().code();
            return Err(Error::State { status, command: "letter" });
        }
        self.keep_forwarding_access(caller, "forwarding.letter", &opened).await?;
        let leaving = opened.leaving(caller, reply);
        Ok((opened, leaving))
    }
}
