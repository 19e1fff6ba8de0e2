//! From machine to machine: keys, registration, and taking messages.

mod between_tenants;
mod refused;
mod set_up;
mod taken;

use domain::forwarding::{Channel, Counterparty, Details, Forwarding};
use domain::ids::{CounterpartyId, TenantId};
use domain::organisation::Role;
use exchange::signature::{Claims, sign};
use exchange::{Request, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Client, Response, Service};
use uuid::Uuid;

/// A service with one tenant, its administrator, and a region that sends messages to it.
struct Post {
    service: Service,
    tenant: TenantId,
    admin: Client,
    region: CounterpartyId,
    key: SigningKey,
}

const REGION: &str = "SE2321000131-E000000000001";
const ELSEWHERE: &str = "https://avvikelse.region.example/messages";

fn counterparty(name: &str) -> Counterparty {
    Counterparty {
        id: CounterpartyId(Uuid::now_v7()),
        name: name.to_owned(),
        kind: "VC".to_owned(),
        hsa_id: None,
        answer_days: Some(30),
        valid_from: None,
        valid_to: None,
        details: Details { channels: vec![Channel::Machine], ..Details::default() },
        version: 1,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

/// Puts a counterparty into a tenant's register.
fn known(service: &Service, tenant: TenantId, name: &str) -> CounterpartyId {
    let row = counterparty(name);
    let id = row.id;
    service
        .run(service.app.store.write(tenant, move |tx| tx.insert_counterparty(&row)))
        .expect("kept");
    id
}

/// Registers a system of a counterparty.
fn registered(admin: &Client, whose: CounterpartyId, id: &str, endpoint: &str) -> Response {
    let body = json!({ "peer_id": id, "endpoint": endpoint });
    admin.post(&format!("/api/v1/counterparties/{whose}/machine"), body)
}

/// Registers a key of it, its fingerprint compared.
fn key_registered(admin: &Client, whose: CounterpartyId, key: &SigningKey) -> Response {
    let public = key.public();
    let body = json!({ "jwk": public.jwk(), "fingerprint": public.fingerprint() });
    admin.post(&format!("/api/v1/counterparties/{whose}/machine/keys"), body)
}

fn post(service: Service) -> Post {
    let tenant = service.tenant("provby");
    let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
    let region = known(&service, tenant, "Region Prov");
    let key = SigningKey::from_seed(&[7; 32]).expect("a key");
    registered(&admin, region, REGION, ELSEWHERE).expect(201);
    key_registered(&admin, region, &key).expect(201);
    Post { service, tenant, admin, region, key }
}

/// A content that is taken.
fn document() -> Value {
    json!({
        "form": "single", "number": "VG-2026-REGION", "law": "HSL", "matter": "Läkemedelslista saknades",
        "text": "Ingen läkemedelslista följde med hem.", "unit": "Hemsjukvården", "event_on": "2026-03-01",
        "due_on": "2026-04-30", "ground": "no_person", "decided_on": "2026-03-09",
    })
}

impl Post {
    fn target(&self) -> String {
        format!("{}/api/v1/public/provby/machine/messages", self.service.base())
    }

    fn message(&self, thread: Uuid, sequence: i64, kind: &str, content: Value) -> Value {
        json!({
            "contract": "avvikelse-exchange/1", "id": Uuid::now_v7(), "thread": thread,
            "sequence": sequence, "sent_at": self.service.app.now(), "sender": REGION,
            "receiver": self.tenant.to_string(), "kind": kind, "content": content,
        })
    }

    fn claims(&self) -> Claims {
        let created = self.service.app.now();
        Claims {
            key_id: self.key.public().id(),
            created,
            expires: created + SignedDuration::from_secs(120),
            nonce: Uuid::new_v4().to_string(),
        }
    }

    fn signed(&self, message: &Value) -> Request {
        let body = message.to_string().into_bytes();
        let to = self.tenant.to_string();
        sign("POST", &self.target(), &to, body, &self.claims(), &self.key).expect("signed")
    }

    /// Sends a request as it is.
    fn deliver(&self, request: &Request) -> Response {
        let mut client = self.service.anonymous();
        let mut kind = "";
        for (name, value) in &request.headers {
            match name.as_str() {
                "content-type" => kind = value,
                _ => client = client.with(name, value),
            }
        }
        let path = request.target.strip_prefix(self.service.base()).expect("here");
        client.send(&request.method, path, Some((kind, request.body.clone())))
    }

    /// Signs and sends a message.
    fn send(&self, thread: Uuid, sequence: i64, kind: &str, content: Value) -> Response {
        self.deliver(&self.signed(&self.message(thread, sequence, kind, content)))
    }

    /// Every forwarding of the tenant.
    fn forwardings(&self) -> Vec<Forwarding> {
        let all = self.service.app.store.read(self.tenant, |tx| tx.forwardings());
        let all = self.service.run(all).expect("read");
        all.into_iter().map(|(forwarding, _)| forwarding).collect()
    }

    fn thread_of(&self, forwarding: &Forwarding) -> domain::machine::Thread {
        let id = forwarding.id;
        let thread = self.service.app.store.read(self.tenant, move |tx| tx.machine_thread(id));
        self.service.run(thread).expect("read").expect("a thread")
    }
}

fn code(response: &Response) -> String {
    response.json()["code"].as_str().unwrap_or_default().to_owned()
}
