//! Forwardings sent by hand of somebody, for tests of what a counterparty then sees.

use app::Clock as _;
use domain::forwarding::{
    Around, Changed, Channel, Counterparty, Deciding, Details, Document, Forwarding,
    ForwardingRules, Ground, Hand, Kind, NewDraft, Sending,
};
use domain::ids::{CaseId, CounterpartyId, ForwardingId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::personnummer::SubjectIdentity;
use uuid::Uuid;

use crate::Service;

/// Who sends, and about which case.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// The tenant.
    pub tenant: TenantId,
    /// By whose hand.
    pub by: StaffId,
    /// The case.
    pub case: CaseId,
    /// The case's unit.
    pub unit: UnitId,
}

impl Service {
    /// Makes a counterparty that is reached by its page and by letter.
    pub fn counterparty(&self, tenant: TenantId, name: &str) -> CounterpartyId {
        let counterparty = Counterparty {
            id: CounterpartyId(Uuid::now_v7()),
            name: name.to_owned(),
            kind: "VC".to_owned(),
            hsa_id: None,
            answer_days: Some(60),
            valid_from: None,
            valid_to: None,
            details: Details {
                channels: vec![Channel::Portal, Channel::Post],
                address: vec![name.to_owned()],
                ..Details::default()
            },
            version: 1,
            updated_at: self.clock.now(),
        };
        let id = counterparty.id;
        let write = move |tx: &mut store::Tx<'_>| tx.insert_counterparty(&counterparty);
        self.run(self.app.store.write(tenant, write)).expect("a counterparty");
        id
    }

    fn save_forwarding(
        &self,
        tenant: TenantId,
        before: Option<Forwarding>,
        changed: Changed,
    ) -> Forwarding {
        let (after, at) = (changed.forwarding.clone(), self.clock.now());
        let write = move |tx: &mut store::Tx<'_>| {
            match &before {
                None => tx.add_rows(|rows| rows.forwarding(&changed.forwarding))?,
                Some(before) => tx.save_forwarding(before, &changed.forwarding)?,
            }
            tx.add_rows(|rows| rows.forwarding_history(&changed.forwarding, &changed.event, at))
        };
        self.run(self.app.store.write(tenant, write)).expect("saved");
        after
    }

    /// Sends a forwarding about `matter` that says `text`; who it is about goes along, sealed.
    pub fn send_forwarding(
        &self,
        from: Sender,
        to: CounterpartyId,
        (matter, text): (&str, &str),
        person: Option<&str>,
    ) -> ForwardingId {
        let Sender { tenant, by, case, unit } = from;
        let around = Around { by: Hand::Staff(by), name: Some("Mas"), now: self.clock.now() };
        let id = ForwardingId(Uuid::now_v7());
        let new = NewDraft {
            id,
            seed: self.app.new_seed(),
            case,
            unit,
            law: Law::Hsl,
            counterparty: to,
            kind: Kind::Single,
            document: Document {
                matter: matter.to_owned(),
                text: text.to_owned(),
                question: Some("Hur gick det till?".to_owned()),
                unit: Some("Mottagningen".to_owned()),
                event_on: None,
            },
        };
        let drafted = Forwarding::draft(new, around).expect("a draft");
        let draft = self.save_forwarding(tenant, None, drafted);
        let deciding = Deciding {
            ground: Ground::NoHarm,
            motivation: "Behövs för vården.".to_owned(),
            identity: person.is_some(),
        };
        let decided = draft.clone().check(deciding, true, around).expect("decided");
        let decided = self.save_forwarding(tenant, Some(draft), decided);
        let read = self.app.store.read(tenant, move |tx| tx.counterparty(to));
        let counterparty = self.run(read).expect("a counterparty");
        let rules = ForwardingRules::default();
        let sending =
            Sending { channel: Channel::Portal, counterparty: &counterparty, rules: &rules };
        let sent = decided.clone().send(sending, around).expect("sent");
        self.save_forwarding(tenant, Some(decided), sent);
        if let Some(person) = person {
            let identity = SubjectIdentity::Other { id: person.to_owned(), issuer: None };
            let content = serde_json::to_vec(&identity).expect("JSON");
            let table = "forwarding_subjects";
            let sealed = self.app.sealer.seal(tenant, table, &id.to_string(), &content);
            let sealed = sealed.expect("sealed");
            let write = move |tx: &mut store::Tx<'_>| {
                tx.add_rows(|rows| rows.forwarding_subject(id, &sealed))
            };
            self.run(self.app.store.write(tenant, write)).expect("kept");
        }
        id
    }

    /// Takes a forwarding back.
    pub fn recall_forwarding(&self, from: Sender, id: ForwardingId) {
        let now = self.clock.now();
        let around = Around { by: Hand::Staff(from.by), name: Some("Mas"), now };
        let read = self.app.store.read(from.tenant, move |tx| tx.forwarding(id));
        let before = self.run(read).expect("it is there");
        let recalled = before.clone().recall("Fel mottagare".to_owned(), around).expect("recalled");
        self.save_forwarding(from.tenant, Some(before), recalled);
    }
}
