//! Logging in with a real OpenID Connect provider, the npm package `oidc-provider`: tokens by authorization code with
//! PKCE and by client credentials, its keys as they turn, and what its tokens say of groups and machines.
//!
//! Needs Node and `npm ci` in this directory, which `./test` sees to. Without them nothing is tested, unless
//! `AVVIKELSE_TEST_REQUIRE_LOGIN` says that it must be.

mod groups;
mod hostile;
mod keys;
mod machines;
mod people;
mod provider;

use domain::ids::{GrantId, StaffId, TenantId};
use domain::organisation::{Grant, Role, Staff};
use jiff::Timestamp;
use provider::Provider;
use serde_json::{Value, json};
use testkit::{Client, Database, Service};
use uuid::Uuid;

/// The provider goes by the clock of the machine, so the service does, too.
#[allow(clippy::disallowed_methods, reason = "the provider reads the clock")]
fn machine_clock() -> Timestamp {
    Timestamp::now()
}

/// A service that takes the provider's tokens for the tenant `provby`, with an admin.
struct House {
    provider: Provider,
    service: Service,
    tenant: TenantId,
}

impl House {
    /// `None` where there is no provider to be had.
    fn open(database: Database) -> Option<Self> {
        Self::with(database, json!({}))
    }

    /// The same with more settings of the issuer.
    fn with(database: Database, settings: Value) -> Option<Self> {
        let provider = Provider::start()?;
        let mut issuer = json!({
            "issuer": provider.issuer, "audience": "avvikelse", "tenants": "provby", "require_typ": "at+jwt",
            "keys_serve_seconds": 600,
        });
        let more = settings.as_object().expect("settings").clone();
        issuer.as_object_mut().expect("an object").extend(more);
        let now = machine_clock();
        let service = Service::start_with(database, now, |config| {
            config.issuers = vec![serde_json::from_value(issuer).expect("an issuer")];
        });
        let tenant = service.tenant("provby");
        let house = Self { provider, service, tenant };
        house.grant("admin", Role::Admin);
        Some(house)
    }

    /// Gives somebody who was never seen a grant over everything.
    fn grant(&self, subject: &str, role: Role) -> StaffId {
        let staff = Staff {
            id: StaffId(Uuid::now_v7()),
            issuer: self.provider.issuer.clone(),
            subject: subject.to_owned(),
            name: None,
            profession: None,
            email: None,
            deactivated_at: None,
            version: 1,
        };
        let grant = Grant {
            id: GrantId(Uuid::now_v7()),
            staff: staff.id,
            role,
            units: Vec::new(),
            laws: Vec::new(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_to: None,
            stands_in_for: None,
            revoked_at: None,
            version: 1,
        };
        let id = staff.id;
        let write = self.service.app.store.write(self.tenant, move |tx| {
            tx.insert_staff(&staff)?;
            tx.insert_grant(&grant)
        });
        self.service.run(write).expect("a grant");
        id
    }

    /// Somebody who logs in.
    fn login(&self, account: &str) -> Client {
        self.service.with_token(&self.provider.token(account))
    }

    /// The admin.
    fn admin(&self) -> Client {
        self.login("admin")
    }
}

/// What a token opens: the status of `GET /me`.
fn opens(client: &Client) -> u16 {
    client.get("/api/v1/me").status
}

/// The roles somebody holds, by `GET /me`.
fn roles(client: &Client) -> Vec<String> {
    let me = client.get("/api/v1/me").expect(200).json();
    let mut roles: Vec<String> = me["grants"]
        .as_array()
        .expect("grants")
        .iter()
        .map(|grant| provider::text(&grant["role"]))
        .collect();
    roles.sort();
    roles
}
