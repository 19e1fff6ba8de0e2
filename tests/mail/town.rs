//! A tenant with people who have addresses, a program that serves it, and notices to them.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Duration;

use auth::LOCAL_ISSUER;
use domain::ids::{CaseId, GrantId, StaffId, TenantId, UnitId};
use domain::mail::MailRules;
use domain::organisation::{Grant, Role, Staff, Unit};
use domain::settings::Settings;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Backlog, Store};
use testkit::{Client, Database};
use uuid::Uuid;

use crate::program::{Home, TENANT};
use crate::server::Server;
use crate::wait_until;

/// What no mail may hold, wherever it stands in the service.
pub const CANARIES: [&str; 5] = ["Kanariefågel", "Gulsparv", "Koltrast", "Sothöna", "640823"];
/// How many people are told of each thing.
pub const PEOPLE: usize = 20;

/// Everything of one test.
pub struct Town {
    /// The program's home.
    pub home: Home,
    store: Store,
    runtime: tokio::runtime::Runtime,
    tenant: TenantId,
    people: Vec<StaffId>,
    case: String,
    // After the store, whose connections would keep it.
    _database: Database,
}

impl Town {
    /// A town whose program sends mail to `server`. Of the people, some have addresses that begin
    /// with `nix`.
    pub fn new(database: Database, server: &Server) -> Self {
        let mut home = Home::over(|dir| database.url(dir));
        home.settings = vec!["--smtp-url".to_owned(), server.url()];
        let from = ["--mail-from", "Avvikelse <avvikelse@kommun.se>"];
        let quick = ["--mail-retry-seconds", "1", "--smtp-timeout-seconds", "1"];
        let seen = ["--public-url", "https://avvikelse.kommun.se"];
        home.settings.extend([from, seen].concat().into_iter().chain(quick).map(str::to_owned));
        let store = home.store();
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let tenant = runtime.block_on(store.tenant_by_slug(TENANT)).expect("the tenant").id;
        let mut town = Self {
            home,
            store,
            runtime,
            tenant,
            people: Vec::new(),
            case: String::new(),
            _database: database,
        };
        town.people_it();
        town
    }

    fn people_it(&mut self) {
        let people: Vec<Staff> = (0..=PEOPLE).map(person).collect();
        let unit = Unit {
            id: UnitId(Uuid::now_v7()),
            code: "holk".into(),
            name: "Gulsparv".into(),
            area: Some("SABO".into()),
            parent: None,
            successor: None,
            valid_from: None,
            valid_to: None,
            unknown: false,
            version: 1,
        };
        let rules = MailRules { quiet_from: 0, quiet_to: 0, digest: false, ..MailRules::default() };
        let settings = Settings { mail: rules, ..Settings::default() };
        self.people = people.iter().skip(1).map(|person| person.id).collect();
        let write = move |tx: &mut store::Tx<'_>| {
            tx.insert_unit(&unit)?;
            for person in &people {
                tx.insert_staff(person)?;
                tx.insert_grant(&everywhere(person.id))?;
            }
            tx.save_settings(&settings, 0, Timestamp::UNIX_EPOCH)?;
            tx.bump_config_version()
        };
        self.runtime.block_on(self.store.write(self.tenant, write)).expect("people");
    }

    /// A client of the program, for the manager.
    pub fn manager(&self) -> Client {
        let token = self.home.token("chef");
        let address = *self.home.address.read().unwrap_or_else(PoisonError::into_inner);
        Client::new(&format!("http://{address}"), Some(token))
    }

    /// Files the case that everything is about.
    pub fn file(&mut self, manager: &Client) {
        let filing = json!({
            "kind": "avvikelse", "unit": "holk", "law": ["HSL"], "category": "HSL.FAL",
            "description": "Kanariefågel gled ner från sängkanten.",
            "subject": {"personal_id": "640823-3234"},
        });
        let case = manager.post("/api/v1/cases", filing).expect(201).json();
        self.case = case["id"].as_str().expect("an id").to_owned();
    }

    fn comment(&self, manager: &Client, mentions: &[Value]) -> testkit::Response {
        manager.post(&self.comments(), json!({"text": "Sothöna, titta här.", "mentions": mentions}))
    }

    /// Where the case is commented on.
    pub fn comments(&self) -> String {
        format!("/api/v1/cases/{}/comments", self.case)
    }

    /// A comment that calls everybody, of whoever sends it themselves.
    #[allow(dead_code, reason = "shared with the tests of durability")]
    pub fn calling(&self) -> Value {
        json!({"text": "Sothöna, titta här.", "mentions": self.people})
    }

    /// Calls everybody to a comment: a notice for each of [`PEOPLE`].
    pub fn call(&self, manager: &Client) {
        let all: Vec<Value> = self.people.iter().map(|person| json!(person)).collect();
        self.comment(manager, &all).expect(200);
    }

    /// Changes that are refused, each of which would have told somebody.
    pub fn fail_to_call(&self, manager: &Client) {
        let (known, unknown) = (json!(self.people[0]), json!(Uuid::nil()));
        self.comment(manager, &[known.clone(), unknown]).expect(422);
        let lead = json!({"staff": known, "reason": "x"});
        let path = format!("/api/v1/cases/{}/lead", self.case);
        manager.with("if-match", "\"0\"").post(&path, lead).expect(412);
    }

    /// The notices there are, by the ids of their rows.
    pub fn notices(&self) -> BTreeSet<String> {
        let case: CaseId = self.case.parse().expect("an id");
        let read = self.store.read(self.tenant, move |tx| tx.messages_about(case));
        let messages: Result<_, store::Error> = self.runtime.block_on(read);
        let messages = messages.expect("messages").into_iter();
        messages
            .filter(|message| message.payload.get("notice").is_some())
            .map(|message| message.id.to_string())
            .collect()
    }

    /// What waits.
    pub fn backlog(&self) -> Backlog {
        self.runtime
            .block_on(self.store.ask(self.tenant, |tx| tx.mail_backlog()))
            .expect("a backlog")
    }

    /// Waits until nothing waits any more.
    #[track_caller]
    pub fn wait_for_all(&self, within: Duration) -> Duration {
        wait_until("everything is delivered", within, || {
            std::thread::sleep(Duration::from_millis(50));
            self.backlog().waiting == 0
        })
    }
}

fn person(number: usize) -> Staff {
    let (subject, email) = match number {
        0 => ("chef".to_owned(), "chef@kommun.se".to_owned()),
        _ if number.is_multiple_of(10) => (format!("p{number}"), format!("nix{number}@kommun.se")),
        _ => (format!("p{number}"), format!("p{number}@kommun.se")),
    };
    Staff {
        id: StaffId(Uuid::now_v7()),
        issuer: LOCAL_ISSUER.into(),
        subject,
        name: Some("Koltrast".into()),
        profession: None,
        email: Some(email),
        deactivated_at: None,
        version: 1,
    }
}

fn everywhere(staff: StaffId) -> Grant {
    Grant {
        id: GrantId(Uuid::now_v7()),
        staff,
        role: Role::UnitManager,
        units: Vec::new(),
        laws: Vec::new(),
        valid_from: jiff::civil::date(2020, 1, 1),
        valid_to: None,
        stands_in_for: None,
        revoked_at: None,
        version: 1,
    }
}
