//! Night and day, digest, ending, deputies, and a service without mail: by a clock that the test sets,
//! with mail that stays in memory.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::jobs::mail::MailTurn;
use auth::LOCAL_ISSUER;
use domain::calendar::parse_local;
use domain::case::Kind;
use domain::ids::{CaseId, GrantId, MessageId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::mail::Outcome;
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::organisation::{Grant, Role};
use mailer::{Mail, Transport};
use serde_json::{Value, json};
use server::MailConfig;
use store::Message;
use testkit::{Client, Database, Service, on_each_database};
use uuid::Uuid;

const TENANT: &str = "provby";

struct House {
    service: Service,
    tenant: TenantId,
    sent: Arc<Mutex<Vec<Mail>>>,
}

fn config(transport: Transport) -> MailConfig {
    MailConfig {
        transport,
        from: "Avvikelse <avvikelse@kommun.se>".parse().expect("a sender"),
        public_url: "https://avvikelse.kommun.se".to_owned(),
        host: "avvikelse.kommun.se".to_owned(),
        timeout: Duration::from_secs(5),
        first_retry: Duration::from_secs(60),
    }
}

/// A house at a Swedish time, such as `2026-03-10 21:00`, a Tuesday.
fn house(database: Database, at: &str) -> House {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let way = Transport::Memory(Arc::clone(&sent));
    let now = parse_local(at).expect("a time");
    let service = Service::start_with(database, now, |it| it.mail = Some(config(way)));
    let tenant = service.tenant(TENANT);
    let house = House { service, tenant, sent };
    // The digest has a test of its own.
    house.choose(json!({ "digest": false }));
    house
}

impl House {
    fn set_clock(&self, at: &str) {
        self.service.clock.set(parse_local(at).expect("a time"));
    }

    fn holder(&self, subject: &str, role: Role, units: &[&str]) -> Client {
        self.service.holder((TENANT, self.tenant), subject, role, units, &[])
    }

    /// Gives somebody an address.
    fn address(&self, subject: &str) -> StaffId {
        // A reporter is known from the first request on.
        self.service.reporter(TENANT, subject).get("/api/v1/me").expect(200);
        let (subject, email) = (subject.to_owned(), format!("{subject}@kommun.se"));
        let write = move |tx: &mut store::Tx<'_>| {
            let known = tx.staff_by_identity(LOCAL_ISSUER, &subject)?;
            let mut staff = known.ok_or(store::Error::NotFound)?;
            staff.email = Some(email);
            tx.update_staff(&staff, staff.version)?;
            Ok::<_, store::Error>(staff.id)
        };
        self.service.run(self.service.app.store.write(self.tenant, write)).expect("an address")
    }

    fn choose(&self, mail: Value) {
        let admin = self.holder("admin", Role::Admin, &[]);
        let tag = admin.get("/api/v1/settings").expect(200).etag();
        let settings = json!({ "mail": mail });
        admin.with("if-match", &tag).put("/api/v1/settings", settings).expect(200);
    }

    fn file(&self, by: &Client) -> String {
        let filing = json!({"kind": "avvikelse", "unit": "gran", "law": ["HSL"],
            "category": "HSL.FAL", "description": "Gled ner från sängkanten."});
        let case = by.post("/api/v1/cases", filing).expect(201).json();
        case["id"].as_str().expect("an id").to_owned()
    }

    /// Queues a notice about a case, as a change would.
    fn queue(&self, case: &str, step: Step, urgency: Urgency, to: Audience) {
        let case: CaseId = case.parse().expect("an id");
        let notice = Notice {
            about: About::Case(case),
            number: Some("A-2026-0001".to_owned()),
            step,
            urgency,
            to,
            due_on: Some(jiff::civil::date(2026, 3, 20)),
            while_open: true,
        };
        let message = Message {
            id: MessageId(Uuid::now_v7()),
            at: self.service.app.now(),
            topic: "test".to_owned(),
            case: Some(case),
            payload: json!({ "notice": notice }),
        };
        let write = move |tx: &mut store::Tx<'_>| tx.add_rows(|rows| rows.message(&message));
        self.service.run(self.service.app.store.write(self.tenant, write)).expect("queued");
    }

    fn role(&self, role: Role) -> Audience {
        let unit: UnitId = self.service.unit(self.tenant, "gran");
        Audience::Role { role, unit, laws: vec![Law::Hsl], kind: Kind::Avvikelse }
    }

    /// Delivers whatever may leave now, and gives what became of it.
    fn deliver(&self) -> MailTurn {
        let mut all = MailTurn::default();
        loop {
            let stop = AtomicBool::new(false);
            let turn = self.service.run(self.service.app.deliver_mail(&stop)).expect("a turn");
            for (outcome, number) in turn.settled {
                *all.settled.entry(outcome).or_default() += number;
            }
            all.failed += turn.failed;
            if !turn.more {
                return all;
            }
        }
    }

    /// The mail that has come since it was last looked at.
    fn post(&self) -> Vec<Mail> {
        self.deliver();
        let mut mail = std::mem::take(&mut *self.sent.lock().expect("nobody panicked"));
        mail.sort_by_key(|mail| mail.to.to_string());
        mail
    }

    fn recipients(&self) -> Vec<String> {
        self.post().iter().map(|mail| mail.to.to_string()).collect()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let turn = self.deliver();
        turn.settled.into_keys().collect()
    }
}

/// The other task of the service may be faster than the test: what became of a notice stands in the
/// operator's figures, and what is waited for here is the end of all.
fn waiting(house: &House) -> i64 {
    house.deliver();
    let ask = house.service.app.store.ask(house.tenant, |tx| tx.mail_backlog());
    let found: Result<_, store::Error> = house.service.run(ask);
    found.expect("a backlog").waiting
}

#[test]
fn what_is_not_urgent_waits_for_the_morning() {
    on_each_database(|database| {
        let house = house(database, "2026-03-10 21:00");
        let manager = house.holder("chef", Role::UnitManager, &["norr"]);
        house.address("anna");
        let chef = house.address("chef");
        let case = house.file(&house.service.reporter(TENANT, "anna"));
        let said = json!({"audience": "reporter", "text": "Tack, vi har sett över rutinen."});
        manager.command(&case, "feedback", said).expect(200);
        assert_eq!(house.recipients(), Vec::<String>::new());
        assert_eq!(waiting(&house), 1);
        house.queue(&case, Step::Screen, Urgency::Urgent, Audience::Staff(chef));
        let urgent = house.post();
        assert_eq!(urgent.len(), 1);
        assert!(urgent[0].subject.starts_with("Brådskande: A-2026-0001"), "{}", urgent[0].subject);
        assert!(urgent[0].text.contains("Senast: 2026-03-20"), "{}", urgent[0].text);
        assert!(urgent[0].urgent);

        house.set_clock("2026-03-11 06:59");
        assert_eq!(house.recipients(), Vec::<String>::new());
        house.set_clock("2026-03-11 07:00");
        let morning = house.post();
        assert_eq!(morning.len(), 1);
        assert_eq!(morning[0].to.to_string(), "anna@kommun.se");
        let link = format!("https://avvikelse.kommun.se/me/cases/{case}");
        assert!(morning[0].text.contains(&link), "{}", morning[0].text);
        assert!(!morning[0].text.contains("rutinen"), "{}", morning[0].text);
        assert_eq!(waiting(&house), 0);
    });
}

#[test]
fn a_reminder_does_not_go_when_the_case_has_ended() {
    on_each_database(|database| {
        let house = house(database, "2026-03-10 21:00");
        let manager = house.holder("chef", Role::UnitManager, &["norr"]);
        let (case, other) = (house.file(&manager), house.file(&manager));
        let chef = house.address("chef");
        for case in [&case, &other] {
            house.queue(case, Step::Handle, Urgency::Normal, Audience::Staff(chef));
        }
        manager.command(&case, "void", json!({"reason": "fel"})).expect(200);
        house.set_clock("2026-03-11 08:00");
        let mail = house.post();
        assert_eq!(mail.len(), 1, "of the one that goes on");
        assert!(mail[0].text.contains(&other), "{}", mail[0].text);
        assert_eq!(waiting(&house), 0);
    });
}

#[test]
fn a_role_is_told_person_by_person_and_deputies_stand_in() {
    on_each_database(|database| {
        let house = house(database, "2026-03-10 12:00");
        let chef = house.holder("chef", Role::UnitManager, &["norr"]);
        house.holder("chef2", Role::UnitManager, &["norr"]);
        house.holder("vikarie", Role::Deputy, &["syd"]);
        house.holder("direktor", Role::Director, &[]);
        let away = house.address("chef");
        for subject in ["vikarie", "direktor"] {
            house.address(subject);
        }
        let case = house.file(&house.service.reporter(TENANT, "anna"));
        house.queue(&case, Step::Triage, Urgency::Normal, house.role(Role::UnitManager));
        // The second manager has no address.
        assert_eq!(house.recipients(), ["chef@kommun.se"]);
        house.queue(&case, Step::Untouched, Urgency::Normal, house.role(Role::Director));
        assert_eq!(house.recipients(), ["direktor@kommun.se"]);
        // A director reads no cases: of any other step they are not told.
        house.queue(&case, Step::Handle, Urgency::Normal, house.role(Role::Director));
        assert_eq!(house.recipients(), Vec::<String>::new());
        assert_eq!(waiting(&house), 0);

        let gran = house.service.unit(house.tenant, "norr");
        let read = move |tx: &mut store::Tx<'_>| tx.staff_by_identity(LOCAL_ISSUER, "vikarie");
        let vikarie = house.service.run(house.service.app.store.read(house.tenant, read));
        let grant = Grant {
            id: GrantId(Uuid::now_v7()),
            staff: vikarie.expect("the database").expect("a deputy").id,
            role: Role::Deputy,
            units: vec![gran],
            laws: Vec::new(),
            valid_from: jiff::civil::date(2026, 3, 1),
            valid_to: Some(jiff::civil::date(2026, 3, 31)),
            stands_in_for: Some(away),
            revoked_at: None,
            version: 1,
        };
        let write = house.service.app.store.write(house.tenant, move |tx| tx.insert_grant(&grant));
        house.service.run(write).expect("a grant");
        house.queue(&case, Step::Triage, Urgency::Normal, house.role(Role::UnitManager));
        assert_eq!(house.recipients(), ["vikarie@kommun.se"]);

        // From whom it is kept, the notice is kept, too.
        let kept = json!({"staff": away, "reason": "jäv"});
        house.address("tvaan");
        let two = house.holder("tvaan", Role::AreaManager, &["norr"]);
        two.command(&case, "conflicts", kept).expect(200);
        house.queue(&case, Step::Handle, Urgency::Normal, Audience::Staff(away));
        assert_eq!(house.recipients(), Vec::<String>::new());
        assert_eq!(waiting(&house), 0);
        chef.get(&format!("/api/v1/cases/{case}")).expect(404);
    });
}

#[test]
fn whoever_is_asked_called_or_given_something_is_told() {
    on_each_database(|database| {
        let house = house(database, "2026-03-10 12:00");
        let manager = house.holder("chef", Role::UnitManager, &["norr"]);
        house.holder("mas", Role::Mas, &[]);
        let (mas, anna, bo) = (house.address("mas"), house.address("anna"), house.address("bo"));
        house.address("chef");
        let case = house.file(&manager);
        let path = format!("/api/v1/cases/{case}");
        let asked = json!({"staff": anna, "wish": "contribute", "due_on": "2026-03-25"});
        manager.post(&format!("{path}/watches"), asked).expect(200);
        let asked = house.post();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].to.to_string(), "anna@kommun.se");
        assert!(asked[0].text.contains("Senast: 2026-03-25"), "{}", asked[0].text);

        // Who is called without being able to read it is told nothing; nor is who calls themselves.
        let me = manager.get("/api/v1/me").expect(200).json()["staff"].clone();
        let called = json!({"text": "Titta.", "mentions": [mas, bo, me]});
        manager.post(&format!("{path}/comments"), called).expect(200);
        assert_eq!(house.recipients(), ["mas@kommun.se"]);

        let lead = json!({"staff": mas, "reason": "allvarligt"});
        manager.command(&case, "lead", lead).expect(200);
        let given = house.post();
        assert_eq!(given.len(), 1);
        assert!(given[0].subject.ends_with("väntar på att handläggas"), "{}", given[0].subject);

        let handover = json!({"units": ["norr"], "to": anna});
        manager.post("/api/v1/handovers", handover).expect(201);
        let handed = house.post();
        assert_eq!(handed.len(), 1);
        assert_eq!(handed[0].subject, "En överlämning väntar på din underskrift");
        assert!(handed[0].text.contains("https://avvikelse.kommun.se/handovers\n"));
        assert_eq!(waiting(&house), 0);
    });
}

#[test]
fn a_digest_comes_once_a_working_day_to_those_for_whom_something_waits() {
    on_each_database(|database| {
        // A Friday.
        let house = house(database, "2026-03-13 05:00");
        house.choose(json!({ "language": "en" }));
        house.holder("chef", Role::UnitManager, &["norr"]);
        house.address("chef");
        let anna = house.service.reporter(TENANT, "anna");
        house.address("anna");
        house.file(&anna);
        house.file(&anna);
        assert_eq!(house.recipients(), Vec::<String>::new());
        house.set_clock("2026-03-13 07:00");
        let digests = house.post();
        assert_eq!(digests.len(), 1, "nothing waits for the reporter");
        assert_eq!(digests[0].subject, "This waits for you");
        let figures = "New cases: 2\nIn all: 2\nRead here: https://avvikelse.kommun.se/worklist";
        assert!(digests[0].text.contains(figures), "{}", digests[0].text);
        house.set_clock("2026-03-13 15:00");
        assert_eq!(house.recipients(), Vec::<String>::new(), "once a day");
        house.set_clock("2026-03-14 09:00");
        assert_eq!(house.recipients(), Vec::<String>::new(), "a Saturday");
        house.set_clock("2026-03-16 09:00");
        assert_eq!(house.recipients(), ["chef@kommun.se"]);

        let manager = house.service.reporter(TENANT, "chef");
        let me = manager.get("/api/v1/me/mail").expect(200).json();
        assert_eq!(me, json!({"email": "chef@kommun.se", "digest": true}));
        let off = manager.put("/api/v1/me/mail", json!({"digest": false})).expect(200).json();
        assert_eq!(off["digest"], false);
        house.set_clock("2026-03-17 09:00");
        assert_eq!(house.recipients(), Vec::<String>::new(), "switched off");
        let manager = house.service.reporter(TENANT, "chef");
        manager.put("/api/v1/me/mail", json!({"digest": true})).expect(200);
        house.set_clock("2026-03-18 09:00");
        assert_eq!(house.recipients(), ["chef@kommun.se"]);
    });
}

#[test]
fn a_tenant_that_sends_no_mail_sends_none() {
    let house = house(Database::Sqlite, "2026-03-10 12:00");
    house.choose(json!({ "enabled": false }));
    let manager = house.holder("chef", Role::UnitManager, &["norr"]);
    let chef = house.address("chef");
    let case = house.file(&manager);
    house.queue(&case, Step::Triage, Urgency::Urgent, Audience::Staff(chef));
    assert_eq!(house.recipients(), Vec::<String>::new());
    assert_eq!(waiting(&house), 0);
}

#[test]
fn without_mail_notices_wait_a_day_and_no_longer() {
    on_each_database(|database| {
        let now = parse_local("2026-03-10 12:00").expect("a time");
        let service = Service::start_at(database, now);
        let tenant = service.tenant(TENANT);
        let house = House { service, tenant, sent: Arc::default() };
        let manager = house.holder("chef", Role::UnitManager, &["norr"]);
        let case = house.file(&manager);
        house.queue(&case, Step::Triage, Urgency::Normal, house.role(Role::UnitManager));
        house.set_clock("2026-03-11 11:00");
        assert_eq!(house.outcomes(), []);
        assert_eq!(waiting(&house), 1);
        house.set_clock("2026-03-11 13:00");
        assert_eq!(house.outcomes(), [Outcome::NoMail]);
        assert_eq!(waiting(&house), 0);
    });
}

#[test]
fn what_a_server_that_is_away_does_not_take_waits_is_told_and_is_given_up_at_last() {
    let dir = tempfile::tempdir().expect("a directory");
    let post = dir.path().join("post");
    let now = parse_local("2026-03-10 12:00").expect("a time");
    let way = Transport::Directory(post.clone());
    let service = Service::start_with(Database::Sqlite, now, |it| it.mail = Some(config(way)));
    let tenant = service.tenant(TENANT);
    let house = House { service, tenant, sent: Arc::default() };
    let manager = house.holder("chef", Role::UnitManager, &["norr"]);
    let chef = house.address("chef");
    let case = house.file(&manager);
    house.choose(json!({ "digest": false }));
    let queue = || house.queue(&case, Step::Triage, Urgency::Normal, Audience::Staff(chef));
    queue();
    assert_eq!(waiting(&house), 1);
    house.set_clock("2026-03-10 13:00");
    assert_eq!(waiting(&house), 1);
    let ready = house.service.operator().get("/readyz").expect(200).json();
    assert_eq!(ready["mail"]["on"], true);
    assert_eq!(ready["mail"]["waiting"], 1);
    assert!(ready["mail"]["oldest_seconds"].as_i64() >= Some(3600), "{ready}");
    assert!(ready["mail"]["server_away"].is_string(), "{ready}");

    // It comes back.
    std::fs::create_dir(&post).expect("a directory");
    house.set_clock("2026-03-10 16:00");
    assert_eq!(waiting(&house), 0);
    let files = || std::fs::read_dir(&post).expect("the directory").count();
    assert_eq!(files(), 1);
    let ready = house.service.operator().get("/readyz").expect(200).json();
    assert!(ready["mail"]["server_away"].is_null(), "{ready}");

    // And goes for good.
    std::fs::remove_dir_all(&post).expect("removed");
    queue();
    house.set_clock("2026-03-15 15:00");
    assert_eq!(waiting(&house), 1);
    house.set_clock("2026-03-15 17:00");
    assert_eq!(waiting(&house), 0, "given up");
    crate::wait_until("the figures tell", Duration::from_secs(20), || {
        let figures = house.service.operator().get("/metrics").expect(200).text;
        figures.contains("avvikelse_mail_waiting ") && figures.contains("avvikelse_mail_oldest_sec")
    });
}

#[test]
fn a_sender_is_told_that_there_is_an_answer_and_nothing_of_it() {
    on_each_database(|database| {
        let house = house(database, "2026-03-10 12:00");
        let boss = house.holder("chef", Role::UnitManager, &[]);
        let filing = |email: Option<&str>, anonymous: bool| {
            json!({"kind": "klagomal", "unit": "gran", "law": ["SOL"],
                "description": "Ingen kom.", "opinion": {"anonymous": anonymous,
                    "sender": {"kind": "NAR", "name": "Vera Sjögren", "email": email}}})
        };
        let answer = json!({"explanation": "Larmet gick fel.", "no_measures": true,
            "secrecy_ground": "Samtycke.", "channel": "letter", "avvikelse": false,
            "lex_sarah": "no"});
        let file = |filing: Value| -> String {
            let case = boss.post("/api/v1/cases", filing).expect(201).json();
            case["id"].as_str().expect("an id").to_owned()
        };
        let at = file(filing(Some("vera@example.se"), false));
        assert_eq!(house.recipients(), Vec::<String>::new(), "a filing writes to nobody");
        boss.command(&at, "opinion/acknowledge", json!({"way": "EPO"})).expect(200);
        boss.command(&at, "opinion/answer", json!({"draft": true})).expect(200);
        boss.command(&at, "opinion/answer", answer.clone()).expect(200);
        let post = house.post();
        assert_eq!(post.len(), 2, "a draft tells nobody");
        for mail in &post {
            assert_eq!(mail.to.to_string(), "vera@example.se");
            let all = format!("{}\n{}", mail.subject, mail.text);
            for secret in ["KLA-", "Vera", "Larmet", "Ingen kom", "GRAN"] {
                assert!(!all.contains(secret), "{secret}: {all}");
            }
            assert!(all.contains(&format!("https://avvikelse.kommun.se/{TENANT}/")), "{all}");
        }
        assert!(post.iter().any(|mail| mail.subject == "Det finns ett svar till dig"));
        // Whoever left no address, or wants to stay unknown, gets none.
        let at = file(filing(None, false));
        boss.command(&at, "opinion/answer", answer.clone()).expect(200);
        let at = file(filing(Some("vera@example.se"), true));
        boss.command(&at, "opinion/attempt", json!({"on": "2026-03-10", "way": "TEL"})).expect(200);
        assert_eq!(house.recipients(), Vec::<String>::new());
    });
}
