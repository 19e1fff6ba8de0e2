//! A town in which some things have happened.

use app::chain::{Chaining, SignedHead, Verdict, verify};
use domain::ids::TenantId;
use domain::organisation::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Client, Database, Service};

pub struct Town {
    pub service: Service,
    pub tenant: TenantId,
    pub manager: Client,
    pub mas: Client,
    pub anna: Client,
}

impl Town {
    /// Nothing is linked in it unless a test says so.
    pub fn new(database: Database) -> Self {
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        let service = Service::start_with(database, now, |config| {
            config.chain_every = std::time::Duration::from_secs(3600);
        });
        Self::of(service)
    }

    pub fn of(service: Service) -> Self {
        let tenant = service.tenant("provby");
        let of = ("provby", tenant);
        service.holder(of, "chef", Role::UnitManager, &[], &[]);
        let manager = service.holder(of, "chef", Role::Team, &[], &[]);
        let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
        let anna = service.reporter("provby", "anna");
        Self { service, tenant, manager, mas, anna }
    }

    pub fn file(&self, words: &str) -> String {
        let body = json!({"kind": "avvikelse", "unit": "gran", "description": words,
            "category": "HSL.FAL", "law": ["HSL"], "subject": {"personal_id": "640823-3234"}});
        let made = self.anna.post("/api/v1/cases", body).expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Changes a case, and reads it and whom it is about.
    pub fn handle(&self, case: &str) {
        let at = format!("/api/v1/cases/{case}");
        let change = |client: &Client, below: &str, body: Value| {
            let etag = client.get(&at).expect(200).etag();
            client.with("if-match", &etag).post(&format!("{at}{below}"), body).expect(200);
        };
        let assessed = json!({"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 2}, "probability": 2,
            "harm": {"vardskada": "could_have"}, "lex": {"lex_maria": "no"}, "track": "standard"});
        change(&self.manager, "/triage", assessed);
        change(&self.manager, "/transfer", json!({"unit": "tall", "reason": "Hör dit"}));
        let found = json!({"discovered_at": "2026-03-01T10:00:00Z", "reason": "Fel dag"});
        change(&self.manager, "/corrections", found);
        self.mas.get(&at).expect(200);
        self.manager.get(&format!("{at}/subject")).expect(200);
    }

    /// Somebody asks who has read what, and says why.
    pub fn search_the_log(&self) {
        let of = ("provby", self.tenant);
        let auditor = self.service.holder(of, "granskare", Role::Auditor, &[], &[]);
        let why = "purpose=complaint&reason=x&limit=5";
        auditor.get(&format!("/api/v1/access-log?{why}")).expect(200);
    }

    /// So many turns of the job, of an instance that nobody has seen before.
    pub fn link(&self, turns: usize) -> u64 {
        // Whoever did it last has gone.
        self.service.clock.advance(SignedDuration::from_secs(6));
        let mut chaining = Chaining::default();
        let mut linked = 0;
        for _ in 0..turns {
            linked += self.service.run(chaining.turn(&self.service.app)).expect("a turn").linked;
        }
        linked
    }

    pub fn verify(&self, heads: &[SignedHead]) -> Verdict {
        let app = &self.service.app;
        self.service.run(verify(&app.store, self.tenant, heads, app.now())).expect("a verdict")
    }

    pub fn head(&self) -> SignedHead {
        let app = &self.service.app;
        let tenant = self.service.run(app.store.tenant_by_slug("provby")).expect("the tenant");
        self.service.run(app.signed_head(&tenant)).expect("a head")
    }

    #[track_caller]
    pub fn is_whole(&self, heads: &[SignedHead]) -> Verdict {
        let verdict = self.verify(heads);
        assert_eq!(verdict.faulty, 0, "{:#?}", verdict.faults);
        verdict
    }
}
