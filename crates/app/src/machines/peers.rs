//! The systems of counterparties: registered by an administrator, who has compared the fingerprint of
//! each key over another way than the one the key came by.

use domain::fault::{Fault, Reason};
use domain::ids::CounterpartyId;
use domain::machine::{Peer, PeerKey};
use domain::policy::Act;
use exchange::{Jwk, PublicKey, Target, WrongTarget};
use serde_json::json;

use super::machine_id;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace};

/// What an administrator says of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerChange {
    /// By which name it is known.
    pub id: String,
    /// Where messages go.
    pub endpoint: String,
    /// How long a message is tried, in hours.
    pub give_up_hours: u16,
}

/// A key to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPeerKey {
    /// The key.
    pub jwk: Jwk,
    /// Its fingerprint, as the counterparty told it over another way.
    pub fingerprint: String,
}

/// A system with its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerWithKeys {
    /// The system.
    pub peer: Peer,
    /// Its keys, oldest first, revoked ones included.
    pub keys: Vec<PeerKey>,
}

/// A fingerprint as it is compared: hexadecimal digits in capitals and nothing between.
fn bare(fingerprint: &str) -> String {
    let digits = fingerprint.chars().filter(|letter| !letter.is_whitespace() && *letter != ':');
    digits.collect::<String>().to_ascii_uppercase()
}

impl App {
    /// The system of a counterparty with its keys.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] where none is registered.
    pub async fn machine_peer(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
    ) -> Result<PeerWithKeys, Error> {
        caller.may(Act::ManageSetup)?;
        let read = move |tx: &mut store::Tx<'_>| {
            let peer = tx.machine_peer(counterparty)?;
            Ok::<_, store::Error>(PeerWithKeys { peer, keys: tx.machine_peer_keys(counterparty)? })
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// The address in one spelling, and everything that is wrong with what an administrator says.
    fn checked(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        change: PeerChange,
        version: i64,
    ) -> Result<Peer, Error> {
        let exchanging =
            self.exchanging().ok_or(Error::Unavailable("messages are switched off".into()))?;
        let mut peer = Peer {
            counterparty,
            id: change.id.trim().to_owned(),
            endpoint: change.endpoint.trim().to_owned(),
            give_up_hours: change.give_up_hours,
            version,
            updated_at: caller.now,
        };
        let mut faults = peer.faults();
        let target = Target::parse(&peer.endpoint);
        // What does not leave the service goes over no wire.
        let inside = target.as_ref().is_ok_and(|it| exchanging.own(it.as_str()).is_some());
        match if inside { target } else { exchanging.carrier.target(&peer.endpoint) } {
            Ok(target) => target.as_str().clone_into(&mut peer.endpoint),
            Err(wrong) => {
                let why = match wrong {
                    WrongTarget::NotAUrl => "not_a_web_address",
                    WrongTarget::TooMuch => "more_than_an_address",
                    WrongTarget::Plaintext => "not_https",
                };
                faults.push(Fault::at("/endpoint", Reason::inconsistent(why)));
            }
        }
        if peer.id == machine_id(&caller.tenant) {
            faults.push(Fault::at("/peer_id", Reason::inconsistent("oneself")));
        }
        if faults.is_empty() { Ok(peer) } else { Err(Error::Faults(faults)) }
    }

    /// Registers the system of a counterparty. Nothing is taken from it before a key is registered.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for no counterparty; [`Error::Faults`];
    /// [`Error::Conflict`] where one is registered, or another counterparty has the name.
    pub async fn register_machine_peer(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        change: PeerChange,
        once: Option<Once>,
        render: impl Fn(&PeerWithKeys) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageSetup)?;
        let peer = self.checked(caller, counterparty, change, 1)?;
        let answer = render(&PeerWithKeys { peer: peer.clone(), keys: Vec::new() });
        let details = json!({ "peer": peer.id, "endpoint": peer.endpoint });
        let object = ("counterparty", counterparty.0);
        let trace = Trace::new(self, caller, "machine_peer.register", object, details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.insert_machine_peer(&peer)?);
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        if let Some(exchanging) = self.exchanging() {
            exchanging.wake(caller.tenant_id());
        }
        made.map_err(refused)
    }

    /// Changes the system of a counterparty, read in `version`.
    ///
    /// # Errors
    /// As [`App::register_machine_peer`], and [`Error::Stale`].
    pub async fn change_machine_peer(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        change: PeerChange,
        version: i64,
    ) -> Result<PeerWithKeys, Error> {
        caller.may(Act::ManageSetup)?;
        let peer = self.checked(caller, counterparty, change, version + 1)?;
        let details = json!({
            "peer": peer.id, "endpoint": peer.endpoint, "version": peer.version,
        });
        let object = ("counterparty", counterparty.0);
        let trace = Trace::new(self, caller, "machine_peer.change", object, details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.save_machine_peer(&peer)?);
        self.change_set_up(caller, trace, work).await.map_err(refused)?;
        self.machine_peer(caller, counterparty).await
    }

    /// Registers a key that a counterparty's system signs with.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] where no system is registered; [`Error::Faults`] for no
    /// key, or a fingerprint that is another key's; [`Error::Conflict`] when it is registered already.
    pub async fn register_machine_peer_key(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        new: NewPeerKey,
        once: Option<Once>,
        render: impl Fn(&PeerKey) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageSetup)?;
        self.store.ask(caller.tenant_id(), move |tx| tx.machine_peer(counterparty)).await?;
        let public = PublicKey::from_jwk(&new.jwk).map_err(|wrong| {
            tracing::debug!(%wrong, "a key that is none");
            Error::Faults(vec![Fault::at("/jwk", Reason::inconsistent("not_an_ed25519_key"))])
        })?;
        if bare(&new.fingerprint) != bare(&public.fingerprint()) {
            let reason = Reason::inconsistent("another_keys_fingerprint");
            return Err(Error::Faults(vec![Fault::at("/fingerprint", reason)]));
        }
        let key = PeerKey {
            id: public.id(),
            counterparty,
            public: public.as_bytes().to_vec(),
            registered_at: caller.now,
            registered_by: caller.staff.id,
            revoked: None,
        };
        let answer = render(&key);
        let details = json!({ "key": key.id });
        let object = ("counterparty", counterparty.0);
        let trace = Trace::new(self, caller, "machine_peer.register_key", object, details);
        let work = move |tx: &mut store::Tx<'_>| Ok(tx.insert_machine_peer_key(&key)?);
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(refused)
    }

    /// Revokes a key of a counterparty's system: nothing it signs is taken from now on.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Conflict`] when it was revoked before.
    pub async fn revoke_machine_peer_key(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        id: &str,
        reason: String,
    ) -> Result<PeerWithKeys, Error> {
        let known = self.machine_peer(caller, counterparty).await?;
        let key = known.keys.iter().find(|key| key.id == id).ok_or(Error::NotFound)?;
        if key.revoked.is_some() {
            return Err(Error::Conflict("revoked_already"));
        }
        let details = json!({ "key": id, "reason": reason });
        let object = ("counterparty", counterparty.0);
        let trace = Trace::new(self, caller, "machine_peer.revoke_key", object, details);
        let (id, at, by) = (id.to_owned(), caller.now, caller.staff.id);
        let work = move |tx: &mut store::Tx<'_>| {
            Ok(tx.revoke_machine_peer_key(counterparty, &id, at, by)?)
        };
        self.change_set_up(caller, trace, work).await.map_err(refused)?;
        self.machine_peer(caller, counterparty).await
    }
}

fn refused(refused: Refused) -> Error {
    match refused.conflict() {
        Some("machine_peers_counterparty_id_key") => Error::Conflict("registered_already"),
        Some("machine_peers_peer_id_key") => Error::Conflict("peer_id_taken"),
        Some("machine_peer_keys_key_id_key") => Error::Conflict("key_registered_already"),
        _ => match refused {
            // The one row a system refers to, besides who did it.
            Refused::Store(store::Error::Reference { .. }) => Error::NotFound,
            other => other.into_error(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_fingerprint_is_compared_however_it_was_written_down() {
        assert_eq!(bare("90FA CAFE"), bare("90:fa:ca:fe"));
        assert_ne!(bare("90FA CAFE"), bare("90FA CAFF"));
    }
}
