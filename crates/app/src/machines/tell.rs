//! Telling the other side: what has happened to a forwarding since it was last told becomes messages,
//! sealed, in one transaction with the mark how far it has been told.

use domain::forwarding::{Direction, Forwarding};
use domain::ids::{ForwardingId, MessageId};
use domain::machine::{Delivery, Peer, Thread, Told};
use domain::organisation::Tenant;
use exchange::message::{CONTRACT, Content, Envelope};
use store::Sealed;

use super::content::telling;
use super::send::give_up_at;
use super::{MESSAGES, machine_id};
use crate::context::App;
use crate::error::Error;

/// What telling starts from.
struct Known {
    forwarding: Forwarding,
    thread: Option<Thread>,
    peer: Peer,
    subject: Option<Sealed>,
}

impl App {
    /// Makes messages of what has happened to a forwarding.
    ///
    /// # Errors
    /// [`Error::Internal`] for an identity that does not open; else those of the store. That somebody
    /// else told it meanwhile is none.
    pub(super) async fn tell_forwarding(
        &self,
        tenant: &Tenant,
        id: ForwardingId,
    ) -> Result<(), Error> {
        let read = move |tx: &mut store::Tx<'_>| {
            let forwarding = tx.forwarding(id)?;
            let peer = tx.machine_peer(forwarding.counterparty)?;
            let thread = tx.machine_thread(id)?;
            let subject = tx.forwarding_subject(id)?;
            Ok::<_, store::Error>(Known { forwarding, thread, peer, subject })
        };
        let Known { forwarding, thread, peer, subject } = self.store.read(tenant.id, read).await?;
        let before = thread.clone().unwrap_or(Thread {
            forwarding: id,
            counterparty: forwarding.counterparty,
            // Whoever begins it gives it its name.
            id: id.0,
            told_version: 0,
            told: Told::default(),
            sent: 0,
            taken: 0,
            their_status: None,
        });
        let identity = match (&subject, forwarding.direction, before.told.document) {
            (Some(sealed), Direction::Sent, false) => {
                self.identity_sealed(tenant.id, id, sealed)?
            }
            _ => None,
        };
        let telling = telling(&forwarding, &before.told, identity.as_ref());
        let mut after = before.clone();
        (after.told, after.told_version) = (telling.told, forwarding.version);
        let mut messages = Vec::with_capacity(telling.contents.len());
        for content in &telling.contents {
            after.sent += 1;
            messages.push(self.message(tenant, &after, &peer, content)?);
        }
        let recalled = telling.contents.iter().any(|it| matches!(it, Content::Recall(_)));
        let blank = if recalled { self.blanked(tenant, id).await? } else { Vec::new() };
        let work = move |tx: &mut store::Tx<'_>| {
            for (message, sealed) in &blank {
                tx.reseal_machine_message(*message, sealed)?;
            }
            match thread {
                Some(_) => tx.tell_machine_thread(&before, &after)?,
                None => tx.insert_machine_thread(&after)?,
            }
            messages
                .iter()
                .try_for_each(|(delivery, sealed)| tx.insert_machine_message(delivery, sealed))
        };
        match self.store.write(tenant.id, work).await {
            // Whoever told it meanwhile has told it.
            Ok(()) | Err(store::Error::Stale) => Ok(()),
            Err(error) if error.conflict() == Some("machine_threads_forwarding_id_key") => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// What still waits about a forwarding that is taken back, without its texts. It must go, since the
    /// other side may have it already; what it says need not.
    async fn blanked(
        &self,
        tenant: &Tenant,
        id: ForwardingId,
    ) -> Result<Vec<(MessageId, Sealed)>, Error> {
        let waiting =
            self.store.ask(tenant.id, move |tx| tx.unsettled_machine_messages(id)).await?;
        let broken = |what: &dyn std::fmt::Display| Error::Internal(format!("a message: {what}"));
        waiting
            .into_iter()
            .map(|(message, sealed)| {
                let name = message.to_string();
                let body = self.sealer.open(tenant.id, MESSAGES, &name, &sealed);
                let body = body.map_err(|error| broken(&error))?;
                let mut envelope = Envelope::read(&body).map_err(|error| broken(&error))?;
                blank(&mut envelope.content);
                let body = envelope.write().map_err(|error| broken(&error))?;
                let sealed = self.sealer.seal(tenant.id, MESSAGES, &name, &body);
                Ok((message, sealed.map_err(|error| broken(&error))?))
            })
            .collect()
    }

    /// One message, sealed, the next of its thread.
    fn message(
        &self,
        tenant: &Tenant,
        thread: &Thread,
        peer: &Peer,
        content: &Content,
    ) -> Result<(Delivery, Sealed), Error> {
        let now = self.now();
        let id = MessageId(self.new_id());
        let broken = |what: &dyn std::fmt::Display| Error::Internal(format!("a message: {what}"));
        let envelope = Envelope {
            contract: CONTRACT.to_owned(),
            id: id.0,
            thread: thread.id,
            sequence: thread.sent,
            sent_at: now,
            sender: machine_id(tenant),
            receiver: peer.id.clone(),
            kind: content.kind().to_owned(),
            content: serde_json::to_value(content).map_err(|error| broken(&error))?,
        };
        let body = zeroize::Zeroizing::new(envelope.write().map_err(|error| broken(&error))?);
        let sealed = self.sealer.seal(tenant.id, MESSAGES, &id.to_string(), &body);
        let delivery = Delivery {
            message: id,
            forwarding: thread.forwarding,
            sequence: thread.sent,
            kind: content.kind().to_owned(),
            made_at: now,
            give_up_at: give_up_at(peer, now),
            next_try_at: Some(now),
            attempts: 0,
            tried_at: None,
            problem: None,
            settled: None,
        };
        Ok((delivery, sealed.map_err(|error| broken(&error))?))
    }
}

/// What stands where a text was that was taken back before it was delivered.
const TAKEN_BACK: &str = "Återkallat innan det lämnades över.";

/// Takes the texts out of a content, and who it is about.
fn blank(content: &mut serde_json::Value) {
    let Some(fields) = content.as_object_mut() else { return };
    for gone in ["question", "unit", "event_on", "identity", "number", "diary_number"] {
        fields.remove(gone);
    }
    for text in ["matter", "text", "who", "whom"] {
        if let Some(field) = fields.get_mut(text) {
            *field = TAKEN_BACK.into();
        }
    }
}
