//! What was sent, and is to be sent, about a forwarding: for those who look after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::forwarding::{Command, Direction, Forwarding};
use domain::ids::ForwardingId;
use domain::machine::{Delivery, DeliveryState};
use domain::organisation::Role;
use domain::policy::{Access, Target, allow_forwarding, forwarding_act};
use domain::worklist::Brief;
use jiff::Timestamp;
use serde_json::json;
use store::Tx;

use super::send::give_up_at;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::forwardings::{Cases, OpenedForwarding, cases_of};
use crate::setup::{Refused, Trace};

/// What was sent, and where it stands at the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Where it stands at the other end, as their system says, and since when.
    pub their_status: Option<(String, Timestamp)>,
    /// The messages, in order.
    pub items: Vec<Delivery>,
}

/// What lets somebody have a message sent again: to send it, or to answer it.
fn command(forwarding: &Forwarding) -> Command {
    match forwarding.direction {
        Direction::Sent => Command::Send,
        Direction::Received => Command::Answer,
    }
}

/// The forwardings of which a message was given up, that the caller may take further; with the cases
/// behind them that are not `known` yet.
#[allow(clippy::type_complexity, reason = "what the worklist is given")]
pub(crate) fn undelivered(
    tx: &mut Tx<'_>,
    caller: &Caller,
    known: &Cases,
) -> Result<(Vec<(Forwarding, Role, Timestamp)>, Cases), store::Error> {
    let found = tx.undelivered_forwardings()?;
    if found.is_empty() {
        return Ok((Vec::new(), Cases::new()));
    }
    let forwardings: Vec<Forwarding> = found.iter().map(|(it, _)| it.clone()).collect();
    let cases = cases_of(tx, &forwardings, known)?;
    let mine = found.into_iter().filter_map(|(forwarding, since)| {
        let case = forwarding.case.and_then(|id| cases.get(&id).or_else(|| known.get(&id)));
        let case: Option<&Brief> = case.map(Arc::as_ref);
        // A case that the caller may not know of has no brief.
        if forwarding.case.is_some() && case.is_none() {
            return None;
        }
        let target: Option<Target> = case.map(|case| case.target(BTreeSet::new()));
        let act = forwarding_act(forwarding.direction, command(&forwarding));
        match allow_forwarding(&caller.actor, act, &forwarding, target.as_ref(), &[]) {
            Access::Role(role) => Some((forwarding, role, since)),
            Access::Asked | Access::Own | Access::Forbidden | Access::Hidden => None,
        }
    });
    Ok((mine.collect(), cases))
}

impl App {
    async fn deliveries(&self, caller: &Caller, id: ForwardingId) -> Result<Deliveries, Error> {
        let read = move |tx: &mut Tx<'_>| {
            let Some(thread) = tx.machine_thread(id)? else { return Ok(Deliveries::default()) };
            let items = tx.machine_deliveries(id)?;
            Ok::<_, store::Error>(Deliveries { their_status: thread.their_status, items })
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// What was sent, and is to be sent, about a forwarding. No text of it.
    ///
    /// # Errors
    /// Those of [`App::open_forwarding`].
    pub async fn forwarding_deliveries(
        &self,
        caller: &Caller,
        id: ForwardingId,
    ) -> Result<Deliveries, Error> {
        self.open_forwarding(caller, id).await?;
        self.deliveries(caller, id).await
    }

    /// Has what waits or was given up about a forwarding sent again, from now on.
    ///
    /// # Errors
    /// Those of [`App::open_forwarding`]; [`Error::Forbidden`]; [`Error::Conflict`] with nothing to send.
    pub async fn deliver_again(
        &self,
        caller: &Caller,
        opened: &OpenedForwarding,
    ) -> Result<Deliveries, Error> {
        let forwarding = &opened.forwarding;
        opened.permit(caller, command(forwarding))?;
        let before = self.deliveries(caller, forwarding.id).await?;
        let waits = |it: &&Delivery| match it.state() {
            DeliveryState::Waiting | DeliveryState::NotDelivered => true,
            DeliveryState::Delivered | DeliveryState::Refused => false,
        };
        let waiting = before.items.iter().filter(waits).count();
        if waiting == 0 {
            return Err(Error::Conflict("nothing_waits"));
        }
        let whose = forwarding.counterparty;
        let peer = self.store.ask(caller.tenant_id(), move |tx| tx.machine_peer(whose)).await?;
        let (id, now, until) = (forwarding.id, caller.now, give_up_at(&peer, caller.now));
        let details = json!({ "messages": waiting });
        let object = ("forwarding", id.0);
        let trace = Trace::new(self, caller, "forwarding.deliver_again", object, details);
        let work = move |tx: &mut Tx<'_>| {
            tx.retry_machine_messages(id, now, until)?;
            Ok(())
        };
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        self.deliveries(caller, id).await
    }
}
