//! Taking messages: the signature first, then once and in order what it says.
//!
//! Nonce, message, number and what the message does to the forwarding are one transaction: whoever sends
//! it again finds all of it or nothing. What is refused leaves nothing here, save where a well signed
//! message in its order says what cannot be done: that its number was taken is kept, and nothing else.

use domain::calendar::swedish_date;
use domain::forwarding::{Changed, Channel, Forwarding, NewReceived, Status};
use domain::ids::{ForwardingId, MessageId};
use domain::law::Law;
use domain::machine::{Peer, Thread, Told};
use domain::organisation::Tenant;
use exchange::message::{Content, Document, Envelope, Receipt, WrongContent};
use exchange::signature::{self, Verified};
use exchange::{PublicKey, Refused, Request, digest};
use jiff::Timestamp;
use store::{Sealed, TakenMessage};
use uuid::Uuid;

use super::content::{document_of, identity_of};
use super::follow::{follow, not_possible, rejected};
use super::{NotTaken, machine_id};
use crate::context::App;
use crate::error::Error;
use crate::forwardings::{Acting, ForwardingRecord, Identity, SUBJECTS};

/// How often a message is taken anew when others change its forwarding at the same moment.
const TRIES: usize = 5;

/// A request whose signature holds: what it says may be read now.
#[derive(Debug)]
pub struct Admitted {
    tenant: Tenant,
    peer: Peer,
    verified: Verified,
}

/// What is known here about a message.
struct Known {
    used: bool,
    taken: Option<TakenMessage>,
    thread: Option<(Thread, Forwarding)>,
    document_refused: bool,
}

/// What a message does.
#[derive(Default)]
pub(super) struct Effect {
    /// The forwarding it is about, as it stands.
    pub before: Option<Forwarding>,
    /// What becomes of it.
    pub changed: Option<Changed>,
    /// Who it is about, sealed.
    pub subject: Option<Sealed>,
    /// Where it stands at the other end, and since when.
    pub their_status: Option<(String, Timestamp)>,
    /// The thread it begins.
    pub begins: Option<Thread>,
}

impl App {
    /// Holds the head of a request to the tenant's messages to its signature. The content need not have
    /// been read: nobody need read that of a stranger.
    ///
    /// # Errors
    /// [`Error::NotFound`] for no such tenant; [`Error::NotTaken`] with [`NotTaken::Refused`].
    pub async fn admit_message(&self, slug: &str, head: &Request) -> Result<Admitted, Error> {
        if self.exchanging().is_none() {
            return Err(Error::NotFound);
        }
        let tenant = self.store.tenant_by_slug(slug).await?;
        if tenant.suspended_at.is_some() {
            return Err(Error::NotFound);
        }
        let refused = |refused: Refused| {
            let key = signature::read(head).ok().map(|it| it.claims().key_id.clone());
            // The one trace it leaves.
            tracing::warn!(
                tenant = tenant.slug,
                key = key.as_deref().unwrap_or("none"),
                reason = refused.code(),
                "a message is refused"
            );
            Error::NotTaken(refused.into())
        };
        let unverified = signature::read(head).map_err(refused)?;
        let key = unverified.claims().key_id.clone();
        let signer = self.store.ask(tenant.id, move |tx| tx.machine_signer(&key)).await?;
        let (key, peer) = signer.ok_or_else(|| refused(Refused::UnknownKey))?;
        if key.revoked.is_some() {
            return Err(refused(Refused::RevokedKey));
        }
        let public = PublicKey::from_bytes(&key.public)
            .map_err(|error| Error::Internal(format!("key {}: {error}", key.id)))?;
        let verified =
            unverified.verify(head, &public, &machine_id(&tenant), self.now()).map_err(refused)?;
        Ok(Admitted { tenant, peer, verified })
    }

    /// Takes a request whole: one that comes from another tenant of this service.
    pub(super) async fn take_request(
        &self,
        slug: &str,
        request: Request,
    ) -> Result<Receipt, Error> {
        let admitted = self.admit_message(slug, &request).await?;
        self.take_message(admitted, &request.body, self.new_id()).await
    }

    /// Takes a message: does what it says, once.
    ///
    /// # Errors
    /// [`Error::NotTaken`]; [`Error::Unavailable`] when others are faster again and again.
    pub async fn take_message(
        &self,
        admitted: Admitted,
        body: &[u8],
        request: Uuid,
    ) -> Result<Receipt, Error> {
        let refuse = |refused: Refused| {
            let (tenant, peer) = (&admitted.tenant.slug, &admitted.peer.id);
            tracing::warn!(tenant, peer, reason = refused.code(), "a message is refused");
            Error::NotTaken(refused.into())
        };
        admitted.verified.hold(body).map_err(refuse)?;
        let envelope =
            Envelope::read(body).map_err(|_| Error::NotTaken(NotTaken::NotUnderstood))?;
        if envelope.sender != admitted.peer.id {
            return Err(refuse(Refused::WrongSender));
        }
        if envelope.receiver != machine_id(&admitted.tenant) {
            return Err(refuse(Refused::WrongReceiver));
        }
        let acting = self.counterparty_acts(&admitted.tenant, None, request).await?;
        let mut last = Error::Unavailable("others change the forwarding".into());
        for _ in 0..TRIES {
            match self.take_once(&admitted, &acting, &envelope, body).await {
                Err(Lost::Race(error)) => last = error,
                Err(Lost::For(Error::NotTaken(NotTaken::Refused(refused)))) => {
                    return Err(refuse(refused));
                }
                Err(Lost::For(error)) => return Err(error),
                Ok(receipt) => return Ok(receipt),
            }
        }
        Err(last)
    }

    async fn take_once(
        &self,
        admitted: &Admitted,
        acting: &Acting,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Receipt, Lost> {
        let Admitted { tenant, peer, verified } = admitted;
        let claims = verified.claims();
        let known = self.known(admitted, envelope).await?;
        if known.used {
            return Err(Lost::For(Error::NotTaken(Refused::Replayed.into())));
        }
        let (key, nonce, expires) = (claims.key_id.clone(), claims.nonce.clone(), claims.expires);
        let use_up = move |tx: &mut store::Tx<'_>| tx.use_nonce(&key, &nonce, expires);
        let digest = digest::sha256(body);
        if let Some(taken) = known.taken {
            if taken.digest != digest {
                return Err(Lost::For(Error::NotTaken(NotTaken::IdReused)));
            }
            self.store.write(tenant.id, use_up).await.map_err(Lost::of)?;
            return match taken.refused {
                Some(why) => Err(Lost::For(Error::NotTaken(NotTaken::NotPossible(why)))),
                None => {
                    let number = known.thread.and_then(|(_, forwarding)| forwarding.number);
                    let number = number.map(|number| number.to_string());
                    Ok(Receipt { id: envelope.id, again: true, number })
                }
            };
        }
        in_order(&known, envelope).map_err(|why| Lost::For(Error::NotTaken(why)))?;
        let now = acting.now;
        let done = self.effect(admitted, acting, &known, envelope);
        let (effect, refused) = match done {
            Ok(effect) => (effect, None),
            Err(Lost::For(Error::NotTaken(NotTaken::NotPossible(why)))) => {
                (Effect::default(), Some(why))
            }
            Err(other) => return Err(other),
        };
        let thread = known.thread.map(|(thread, _)| thread);
        let begun = effect.begins.as_ref().or(thread.as_ref());
        let taken = TakenMessage {
            counterparty: peer.counterparty,
            message: MessageId(envelope.id),
            thread: envelope.thread,
            forwarding: begun.map(|thread| thread.forwarding),
            sequence: envelope.sequence,
            kind: envelope.kind.chars().take(64).collect(),
            digest,
            at: now,
            refused: refused.clone(),
        };
        let forwarding = effect.changed.as_ref().map(|changed| &changed.forwarding);
        let number = forwarding.or(effect.before.as_ref()).and_then(|it| it.number);
        let number = number.map(|number| number.to_string());
        let Effect { before, changed, subject, their_status, begins } = effect;
        let record = match changed {
            Some(changed) => {
                // What was taken back is nowhere any more.
                let recalled = changed.forwarding.status() == Status::Recalled;
                let mut record = ForwardingRecord::new(self, acting, before, changed);
                record.identity = match subject {
                    Some(sealed) => Identity::Put(sealed),
                    None if recalled => Identity::Drop,
                    None => Identity::Keep,
                };
                Some(record)
            }
            None => None,
        };
        let work = move |tx: &mut store::Tx<'_>| {
            use_up(tx)?;
            if let Some(record) = &record {
                record.write(tx)?;
            }
            match (&thread, &begins) {
                (Some(thread), _) => tx.take_machine_sequence(thread, their_status)?,
                (None, Some(begins)) => tx.insert_machine_thread(begins)?,
                (None, None) => {}
            }
            tx.insert_machine_taken(&taken)
        };
        self.store.write(tenant.id, work).await.map_err(Lost::of)?;
        match refused {
            Some(why) => {
                tracing::info!(
                    tenant = tenant.slug,
                    peer = peer.id,
                    why,
                    "a message cannot be done"
                );
                Err(Lost::For(Error::NotTaken(NotTaken::NotPossible(why))))
            }
            None => Ok(Receipt { id: envelope.id, again: false, number }),
        }
    }

    async fn known(&self, admitted: &Admitted, envelope: &Envelope) -> Result<Known, Lost> {
        let claims = admitted.verified.claims();
        let (key, nonce) = (claims.key_id.clone(), claims.nonce.clone());
        let (from, message, named) =
            (admitted.peer.counterparty, MessageId(envelope.id), envelope.thread);
        let read = move |tx: &mut store::Tx<'_>| {
            let used = tx.nonce_used(&key, &nonce)?;
            let taken = tx.machine_taken(from, message)?;
            let thread = match tx.machine_thread_named(from, named)? {
                Some(thread) => {
                    let forwarding = tx.forwarding(thread.forwarding)?;
                    Some((thread, forwarding))
                }
                None => None,
            };
            let document_refused = thread.is_none() && tx.machine_thread_refused(from, named)?;
            Ok::<_, store::Error>(Known { used, taken, thread, document_refused })
        };
        self.store.read(admitted.tenant.id, read).await.map_err(Lost::of)
    }

    /// What a message does, by what is known. Nothing is written.
    fn effect(
        &self,
        admitted: &Admitted,
        acting: &Acting,
        known: &Known,
        envelope: &Envelope,
    ) -> Result<Effect, Lost> {
        let content = envelope.content().map_err(|wrong| match wrong {
            WrongContent::UnknownKind => not_possible("unknown_kind"),
            WrongContent::Malformed => not_possible("malformed_content"),
        })?;
        let around = acting.around();
        match (&known.thread, content) {
            (None, Content::Document(document)) => {
                self.begin(admitted, acting, envelope, &document)
            }
            (Some(_), Content::Document(_)) => Err(not_possible("document_again")),
            (None, _) => Err(not_possible("document_refused")),
            (Some((_, forwarding)), content) => follow(forwarding, envelope, content, around),
        }
    }

    /// A document: it is received, under a number of ours.
    fn begin(
        &self,
        admitted: &Admitted,
        acting: &Acting,
        envelope: &Envelope,
        given: &Document,
    ) -> Result<Effect, Lost> {
        let Admitted { tenant, peer, .. } = admitted;
        let (document, kind) = document_of(given);
        let kind = kind.ok_or_else(|| not_possible("unknown_form"))?;
        let law = given.law.as_deref().and_then(|code| code.parse::<Law>().ok());
        let today = swedish_date(acting.now);
        let identity = match &given.identity {
            None => None,
            Some(identity) => {
                let known = identity_of(identity, today);
                Some(known.ok_or_else(|| not_possible("not_an_identity"))?)
            }
        };
        let id = ForwardingId(self.new_id());
        let new = NewReceived {
            id,
            seed: self.new_seed(),
            counterparty: peer.counterparty,
            kind,
            document,
            unit: None,
            law: law.unwrap_or(Law::Hsl),
            channel: Channel::Machine,
            received_at: None,
            due_on: given.due_on,
            their_number: given.number.clone(),
            identity: identity.is_some(),
        };
        let rules = &acting.set_up.settings.forwardings;
        let changed = Forwarding::register(new, rules, acting.around()).map_err(rejected)?;
        let subject = identity.map(|identity| {
            let text = serde_json::to_vec(&identity).map(zeroize::Zeroizing::new);
            let text = text.map_err(|error| Error::Internal(error.to_string()))?;
            let sealed = self.sealer.seal(tenant.id, SUBJECTS, &id.to_string(), &text);
            sealed.map_err(|error| Error::Internal(error.to_string()))
        });
        let begins = Thread {
            forwarding: id,
            counterparty: peer.counterparty,
            id: envelope.thread,
            told_version: changed.forwarding.version,
            told: Told::default(),
            sent: 0,
            taken: envelope.sequence,
            their_status: None,
        };
        Ok(Effect {
            changed: Some(changed),
            subject: subject.transpose().map_err(Lost::For)?,
            begins: Some(begins),
            ..Effect::default()
        })
    }
}

/// Whether it is this message's turn.
fn in_order(known: &Known, envelope: &Envelope) -> Result<(), NotTaken> {
    let expected = match &known.thread {
        Some((thread, _)) => thread.taken + 1,
        // Nothing follows a document that was refused: each is refused in its turn.
        None if known.document_refused => return Ok(()),
        None => 1,
    };
    // A thread begins with its document, and nothing else is its first message.
    let begins = known.thread.is_some() || envelope.kind == "document";
    if envelope.sequence == expected && begins {
        Ok(())
    } else {
        Err(NotTaken::OutOfOrder { expected })
    }
}

/// Why a message was not taken this time.
pub(super) enum Lost {
    /// Somebody else was faster: look again.
    Race(Error),
    /// For this reason.
    For(Error),
}

impl Lost {
    fn of(error: store::Error) -> Self {
        if error.conflict() == Some("machine_nonces_key_id_nonce_key") {
            return Lost::For(Error::NotTaken(Refused::Replayed.into()));
        }
        match error {
            // Another number of its year, or the same message at the same moment.
            error @ (store::Error::Stale | store::Error::Conflict { .. }) => {
                Lost::Race(Error::Unavailable(error.to_string()))
            }
            other => Lost::For(other.into()),
        }
    }
}
