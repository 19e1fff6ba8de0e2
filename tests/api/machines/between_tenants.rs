//! Two tenants of one service: the same way as between two services, signed and verified alike.

use std::sync::atomic::AtomicBool;

use app::forwardings::{Acting, ForwardingRecord};
use domain::forwarding::{
    Answer, Approving, Around, Changed, Channel, Deciding, Document, Forwarding, Ground, Hand,
    JointMeasure, Kind, NewDraft, Rejected, Remark, Sending, SharedEvent, Short, Side,
};
use domain::ids::{CaseId, CounterpartyId, ExchangeId, ForwardingId, MeasureId, StaffId, TenantId};
use domain::law::Law;
use domain::machine::DeliveryState;
use domain::organisation::Role;
use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::json;
use testkit::{Client, Database, Service, on_each_database};
use uuid::Uuid;

use crate::{fall, file, id};

use super::{counterparty, known, registered};

/// One of two tenants that know each other.
struct End {
    tenant: TenantId,
    slug: &'static str,
    admin: Client,
    staff: StaffId,
    other: CounterpartyId,
}

struct Two {
    service: Service,
    kommun: End,
    region: End,
}

fn side(service: &Service, slug: &'static str, other: &str) -> End {
    let tenant = service.tenant(slug);
    let admin = service.holder((slug, tenant), "admin", Role::Admin, &[], &[]);
    let all = service.run(service.app.store.read(tenant, |tx| tx.all_staff())).expect("read");
    let staff = all[0].id;
    let other = known(service, tenant, other);
    admin.post("/api/v1/machine/keys", json!({})).expect(201);
    End { tenant, slug, admin, staff, other }
}

/// A service that looks only when it is told to.
fn quiet(database: Database) -> Service {
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    Service::start_with(database, now, |config| {
        config.exchange.look_every = std::time::Duration::from_secs(3600);
    })
}

fn two(service: Service) -> Two {
    let kommun = side(&service, "kommun", "Regionen");
    let region = side(&service, "region", "Kommunen");
    for (one, other) in [(&kommun, &region), (&region, &kommun)] {
        let page = format!("/api/v1/public/{}/machine", other.slug);
        let page = service.anonymous().get(&page).expect(200).json();
        let endpoint = page["endpoint"].as_str().expect("an endpoint");
        registered(&one.admin, one.other, page["id"].as_str().expect("an id"), endpoint)
            .expect(201);
        let key = &page["keys"][0];
        let body = json!({ "jwk": key["jwk"], "fingerprint": key["fingerprint"] });
        one.admin
            .post(&format!("/api/v1/counterparties/{}/machine/keys", one.other), body)
            .expect(201);
    }
    Two { service, kommun, region }
}

impl Two {
    /// Sends everything there is to send. What answers is told in the next round.
    fn exchange(&self) {
        let stop = AtomicBool::new(false);
        for _ in 0..10 {
            self.service.run(self.service.app.exchange_messages(&stop)).expect("exchanged");
        }
    }

    fn acting(&self, side: &End) -> Acting {
        let tenant = self.service.run(self.service.app.store.tenant_by_slug(side.slug));
        let mut acting = self
            .service
            .run(self.service.app.counterparty_acts(
                &tenant.expect("a tenant"),
                None,
                Uuid::now_v7(),
            ))
            .expect("acts");
        acting.hand = Hand::Staff(side.staff);
        acting
    }

    fn keep(&self, side: &End, before: Option<Forwarding>, changed: Changed) -> Forwarding {
        let acting = self.acting(side);
        let after = changed.forwarding.clone();
        let record = ForwardingRecord::new(&self.service.app, &acting, before, changed);
        let work = move |tx: &mut store::Tx<'_>| record.write(tx);
        self.service.run(self.service.app.store.write(side.tenant, work)).expect("written");
        after
    }

    fn act(
        &self,
        side: &End,
        id: ForwardingId,
        what: impl FnOnce(Forwarding, Around<'_>) -> Result<Changed, Rejected>,
    ) -> Forwarding {
        let before = self.forwarding(side, id);
        let acting = self.acting(side);
        let changed = what(before.clone(), acting.around()).expect("taken");
        self.keep(side, Some(before), changed)
    }

    fn forwarding(&self, side: &End, id: ForwardingId) -> Forwarding {
        self.service
            .run(self.service.app.store.read(side.tenant, move |tx| tx.forwarding(id)))
            .expect("there")
    }

    fn received(&self, side: &End) -> Vec<Forwarding> {
        let all = self.service.app.store.read(side.tenant, |tx| tx.forwardings());
        self.service.run(all).expect("read").into_iter().map(|(it, _)| it).collect()
    }

    /// A forwarding on its way from the kommun to the region.
    fn sent(&self, kind: Kind, planted: &str) -> Forwarding {
        let (side, service) = (&self.kommun, &self.service);
        let reporter = service.reporter(side.slug, "anna");
        let mut filed = fall();
        filed["description"] = json!(format!("{planted} gled ner från sängkanten."));
        let case: CaseId = id(&file(&reporter, filed)).parse().expect("an id");
        let acting = self.acting(side);
        let new = NewDraft {
            id: ForwardingId(Uuid::now_v7()),
            seed: Uuid::new_v4().as_u64_pair().0,
            case,
            unit: service.unit(side.tenant, "gran"),
            law: Law::Hsl,
            counterparty: side.other,
            kind,
            document: Document {
                matter: "Läkemedelslista saknades".to_owned(),
                text: "Ingen läkemedelslista följde med hem.".to_owned(),
                question: None,
                unit: Some("Avdelning 3".to_owned()),
                event_on: Some(date(2026, 3, 1)),
            },
        };
        let begun = Forwarding::draft(new, acting.around()).expect("a draft");
        let draft = self.keep(side, None, begun);
        let deciding = Deciding {
            ground: Ground::NoPerson,
            motivation: "Ingen går att känna igen.".to_owned(),
            identity: false,
        };
        self.act(side, draft.id, |it, around| it.check(deciding, false, around));
        let to = counterparty("Regionen");
        let to = domain::forwarding::Counterparty { id: side.other, ..to };
        let rules = acting.set_up.settings.forwardings;
        let sending = Sending { channel: Channel::Machine, counterparty: &to, rules: &rules };
        self.act(side, draft.id, |it, around| it.send(sending, around))
    }

    fn deliveries(&self, side: &End, id: ForwardingId) -> Vec<(String, DeliveryState)> {
        let all = self.service.app.store.read(side.tenant, move |tx| tx.machine_deliveries(id));
        let all = self.service.run(all).expect("read");
        all.into_iter().map(|it| (it.kind.clone(), it.state())).collect()
    }
}

fn remark(text: &str, asks: bool) -> Remark {
    Remark {
        id: ExchangeId(Uuid::now_v7()),
        from: Side::Us,
        channel: Channel::Machine,
        asks,
        text: text.to_owned(),
        at: None,
        attachments: Vec::new(),
        contact: None,
    }
}

fn received_word() -> Answer {
    Answer {
        id: ExchangeId(Uuid::now_v7()),
        channel: Channel::Machine,
        short: Short::Received,
        text: None,
        diary_number: None,
        at: None,
        attachments: Vec::new(),
        contact: None,
    }
}

#[test]
fn sent_acknowledged_asked_back_and_answered() {
    on_each_database(|database| {
        let it = two(quiet(database));
        let sent = it.sent(Kind::Single, "Planterad Namnsson");
        it.exchange();
        let there = it.received(&it.region).remove(0);
        assert_eq!(there.document, sent.document);
        assert_eq!(there.due_on, sent.due_on);
        assert_eq!(there.matter.their_number, sent.number.map(|number| number.to_string()));
        let whole = format!("{there:?}");
        assert!(!whole.contains("Namnsson"), "nothing of the case leaves");

        it.act(&it.region, there.id, |f, around| f.acknowledge(received_word(), around));
        it.exchange();
        let here = it.forwarding(&it.kommun, sent.id);
        assert_eq!(here.status().code(), "acknowledged");
        assert_eq!(here.matter.their_number, there.number.map(|number| number.to_string()));

        it.act(&it.region, there.id, |f, around| f.converse(remark("Vilken dag?", true), around));
        it.exchange();
        assert!(it.forwarding(&it.kommun, sent.id).asked(Side::Us));
        it.act(&it.kommun, sent.id, |f, around| f.converse(remark("Den första.", false), around));
        it.exchange();
        assert!(!it.forwarding(&it.region, there.id).asked(Side::Us));

        it.act(&it.region, there.id, |f, around| f.investigated("Listan glömdes.".into(), around));
        let approving = Approving {
            text: "Rutinen är ändrad.".to_owned(),
            deciding: Deciding {
                ground: Ground::NoPerson,
                motivation: "Ingen går att känna igen.".to_owned(),
                identity: false,
            },
        };
        it.act(&it.region, there.id, |f, around| f.approve_answer(approving, around));
        it.exchange();
        let here = it.forwarding(&it.kommun, sent.id);
        assert_eq!(here.status().code(), "acknowledged", "an approved answer has not left");
        let id = ExchangeId(Uuid::now_v7());
        it.act(&it.region, there.id, |f, around| f.answer(id, Channel::Machine, around));
        it.exchange();
        let here = it.forwarding(&it.kommun, sent.id);
        assert_eq!(here.status().code(), "answered");
        assert_eq!(here.matter.answer_channel, Some(Channel::Machine));
        let last = here.last_answer().expect("an answer");
        assert_eq!(last.text.as_deref(), Some("Rutinen är ändrad."));
        assert!(!format!("{here:?}").contains("glömdes"), "findings stay at home");
        let kinds = |side, id| -> Vec<String> {
            let all = it.deliveries(side, id);
            assert!(all.iter().all(|(_, state)| *state == DeliveryState::Delivered), "{all:?}");
            all.into_iter().map(|(kind, _)| kind).collect()
        };
        assert_eq!(kinds(&it.kommun, sent.id), ["document", "remark"]);
        assert_eq!(
            kinds(&it.region, there.id),
            ["acknowledgement", "question", "status", "answer"]
        );
    });
}

#[test]
fn both_put_a_joint_one_together() {
    on_each_database(|database| {
        let it = two(quiet(database));
        let sent = it.sent(Kind::Joint, "Anna");
        it.exchange();
        let there = it.received(&it.region).remove(0);
        assert_eq!(there.kind, Kind::Joint);
        let event = |text: &str| SharedEvent {
            id: ExchangeId(Uuid::now_v7()),
            from: Side::Us,
            happened_at: "2026-03-01T10:00:00Z".parse().expect("a time"),
            text: text.to_owned(),
            shared_at: it.service.app.now(),
        };
        let measure = |owner: Side, text: &str| JointMeasure {
            id: MeasureId(Uuid::now_v7()),
            owner,
            who: "Avdelningschef".to_owned(),
            text: text.to_owned(),
            due_on: Some(date(2026, 5, 1)),
            from: Side::Us,
            done_on: None,
        };
        it.act(&it.kommun, sent.id, |f, around| f.share_event(event("Hemgång utan lista"), around));
        it.act(&it.region, there.id, |f, around| f.share_event(event("Listan låg kvar"), around));
        let theirs = measure(Side::Them, "Ändra rutinen");
        let measure_id = theirs.id;
        it.act(&it.kommun, sent.id, |f, around| f.add_measure(theirs, around));
        it.exchange();
        let there = it.forwarding(&it.region, there.id);
        let seen: Vec<_> =
            there.matter.joint.timeline.iter().map(|it| (it.from, it.text.as_str())).collect();
        assert!(seen.contains(&(Side::Us, "Listan låg kvar")), "{seen:?}");
        assert!(seen.contains(&(Side::Them, "Hemgång utan lista")), "{seen:?}");
        assert_eq!(there.matter.joint.measures[0].owner, Side::Us, "theirs, seen from there");
        it.act(&it.region, there.id, |f, around| {
            f.finish_measure(measure_id, Side::Us, date(2026, 3, 10), around)
        });
        it.exchange();
        let here = it.forwarding(&it.kommun, sent.id);
        assert_eq!(here.matter.joint.measures[0].done_on, Some(date(2026, 3, 10)));
        assert_eq!(here.matter.joint.timeline.len(), 2);
    });
}

#[test]
fn what_is_recalled_is_recalled_there_and_what_never_left_is_never_told() {
    on_each_database(|database| {
        let it = two(quiet(database));
        let unsent = it.sent(Kind::Single, "Anna");
        it.act(&it.kommun, unsent.id, |f, around| f.recall("Fel mottagare".into(), around));
        it.exchange();
        assert!(it.received(&it.region).is_empty());
        let sent = it.sent(Kind::Single, "Anna");
        it.exchange();
        let there = it.received(&it.region).remove(0);
        // Both at once, and the recall cannot leave: the question meets what is recalled, and is refused
        // for good.
        let keys = it.kommun.admin.get("/api/v1/machine/keys").expect(200).json();
        let key = keys["items"][0]["id"].as_str().expect("an id").to_owned();
        let withdraw = format!("/api/v1/machine/keys/{key}/withdraw");
        it.kommun.admin.post(&withdraw, json!({"reason": "Låg i ett mejl"})).expect(200);
        it.act(&it.kommun, sent.id, |f, around| f.recall("Fel mottagare".into(), around));
        it.act(&it.region, there.id, |f, around| f.converse(remark("Vilken dag?", true), around));
        it.exchange();
        let told = it.deliveries(&it.region, there.id);
        assert_eq!(told, [("question".to_owned(), DeliveryState::Refused)]);
        assert!(it.forwarding(&it.kommun, sent.id).matter.exchanges.is_empty());
        assert_eq!(it.forwarding(&it.region, there.id).status().code(), "received");
        // With a key that the region knows the recall gets there.
        let made = it.kommun.admin.post("/api/v1/machine/keys", json!({})).expect(201).json();
        let body = json!({ "jwk": made["jwk"], "fingerprint": made["fingerprint"] });
        let at = format!("/api/v1/counterparties/{}/machine/keys", it.region.other);
        it.region.admin.post(&at, body).expect(201);
        it.service.clock.advance(SignedDuration::from_secs(30));
        it.exchange();
        assert_eq!(it.forwarding(&it.region, there.id).status().code(), "recalled");
    });
}

#[test]
fn what_is_recalled_before_it_was_delivered_arrives_without_its_text() {
    on_each_database(|database| {
        let it = two(quiet(database));
        let keys = it.kommun.admin.get("/api/v1/machine/keys").expect(200).json();
        let key = keys["items"][0]["id"].as_str().expect("an id").to_owned();
        let withdraw = format!("/api/v1/machine/keys/{key}/withdraw");
        it.kommun.admin.post(&withdraw, json!({"reason": "Låg i ett mejl"})).expect(200);
        let sent = it.sent(Kind::Single, "Anna");
        it.exchange();
        assert_eq!(it.delivery(sent.id).state(), DeliveryState::Waiting);
        it.act(&it.kommun, sent.id, |f, around| f.recall("Fel mottagare".into(), around));
        it.exchange();
        let made = it.kommun.admin.post("/api/v1/machine/keys", json!({})).expect(201).json();
        let body = json!({ "jwk": made["jwk"], "fingerprint": made["fingerprint"] });
        let at = format!("/api/v1/counterparties/{}/machine/keys", it.region.other);
        it.region.admin.post(&at, body).expect(201);
        it.service.clock.advance(SignedDuration::from_secs(60));
        it.exchange();
        let there = it.received(&it.region).remove(0);
        assert_eq!(there.status().code(), "recalled");
        let all = format!("{there:?}");
        assert!(!all.contains("läkemedelslista") && !all.contains("Avdelning 3"), "{all}");
    });
}

#[test]
fn what_cannot_be_delivered_is_tried_again_and_then_stands_for_somebody_to_see() {
    on_each_database(|database| {
        let it = two(quiet(database));
        // The region's administrators have revoked the key.
        let at = format!("/api/v1/counterparties/{}/machine", it.region.other);
        let keys = it.region.admin.get(&at).expect(200).json();
        let key = keys["keys"][0]["id"].as_str().expect("an id").to_owned();
        it.region
            .admin
            .post(&format!("{at}/keys/{key}/revoke"), json!({"reason": "Stulen"}))
            .expect(200);
        let sent = it.sent(Kind::Single, "Anna");
        it.exchange();
        let first = it.delivery(sent.id);
        assert_eq!(first.state(), DeliveryState::Waiting);
        assert_eq!(first.problem.as_deref(), Some("exchange_revoked_key"));
        assert_eq!(first.attempts, 1, "it waits before it is tried again");
        it.service.clock.advance(SignedDuration::from_secs(30));
        it.exchange();
        assert_eq!(it.delivery(sent.id).attempts, 2);
        it.service.clock.advance(SignedDuration::from_hours(72));
        it.exchange();
        let last = it.delivery(sent.id);
        assert_eq!(last.state(), DeliveryState::NotDelivered);
        // A new key, registered at the other end, and it is sent again.
        let kommun = it.service.with_token(&it.service.token("kommun", "admin"));
        let region = it.service.with_token(&it.service.token("region", "admin"));
        let made =
            kommun.post("/api/v1/machine/keys", json!({"overlap_days": 0})).expect(201).json();
        let body = json!({ "jwk": made["jwk"], "fingerprint": made["fingerprint"] });
        region.post(&format!("{at}/keys"), body).expect(201);
        let (forwarding, now) = (sent.id, it.service.app.now());
        let retry = it.service.app.store.write(it.kommun.tenant, move |tx| {
            tx.retry_machine_messages(forwarding, now, now + SignedDuration::from_hours(72))
        });
        assert_eq!(it.service.run(retry).expect("retried"), 1);
        it.exchange();
        assert_eq!(it.delivery(sent.id).state(), DeliveryState::Delivered);
        assert_eq!(it.received(&it.region).len(), 1);
    });
}

impl Two {
    fn delivery(&self, id: ForwardingId) -> domain::machine::Delivery {
        let all =
            self.service.app.store.read(self.kommun.tenant, move |tx| tx.machine_deliveries(id));
        self.service.run(all).expect("read").remove(0)
    }
}
