//! Answering without an account: the mail, the link, the second thing, and the page.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::App;
use auth::LOCAL_ISSUER;
use domain::forwarding::Hand;
use domain::ids::{CounterpartyId, ForwardingId, TenantId};
use domain::organisation::Role;
use jiff::SignedDuration;
use mailer::{Mail, Transport};
use serde_json::{Value, json};
use server::MailConfig;
use testkit::{Client, Database, Response, Sender, Service, on_each_database};
use uuid::Uuid;

use crate::{fall, file, id};

const WORD: &str = "Röda stugan vid ån";
const SECRET: &str = "Sothöna";

/// A tenant that sends to a vårdcentral and a hospital, with mail kept in memory.
struct Town {
    service: Service,
    tenant: TenantId,
    sender: Sender,
    mails: Arc<Mutex<Vec<Mail>>>,
    centre: CounterpartyId,
    hospital: CounterpartyId,
}

fn town(database: Database) -> Town {
    let mails: Arc<Mutex<Vec<Mail>>> = Arc::default();
    let transport = Transport::Memory(Arc::clone(&mails));
    // A Tuesday, noon.
    let now = "2026-03-10T11:00:00Z".parse().expect("a time");
    let service = Service::start_with(database, now, |config| {
        config.mail = Some(MailConfig {
            transport,
            from: "Avvikelse <avvikelse@kommun.se>".parse().expect("an address"),
            public_url: "http://svar.example".to_owned(),
            host: "svar.example".to_owned(),
            timeout: Duration::from_secs(5),
            first_retry: Duration::from_secs(1),
        });
    });
    let tenant = service.tenant("provby");
    let mas = service.holder(("provby", tenant), "mas", Role::Mas, &[], &[]);
    let case = id(&file(&mas, fall())).parse().expect("an id");
    let staff =
        service.run(service.app.store.read(tenant, |tx| tx.staff_by_identity(LOCAL_ISSUER, "mas")));
    let by = staff.expect("read").expect("staff").id;
    let sender = Sender { tenant, by, case, unit: service.unit(tenant, "gran") };
    let [centre, hospital] =
        ["Vårdcentralen Eken", "Sjukhuset"].map(|name| service.counterparty(tenant, name));
    Town { service, tenant, sender, mails, centre, hospital }
}

impl Town {
    /// The MAS, with a token of now.
    fn mas(&self) -> Client {
        self.service.reporter("provby", "mas")
    }

    fn app(&self) -> &App {
        &self.service.app
    }

    /// Sends one by hand of the MAS; `person` goes along, sealed.
    fn send(&self, to: CounterpartyId, matter: &str, person: Option<&str>) -> ForwardingId {
        let text = format!("{SECRET}: läkemedelslistan kom inte med.");
        self.service.send_forwarding(self.sender, to, (matter, &text), person)
    }

    fn recall(&self, id: ForwardingId) {
        self.service.recall_forwarding(self.sender, id);
    }

    fn contacts(&self, counterparty: CounterpartyId) -> String {
        format!("/api/v1/counterparties/{counterparty}/contacts")
    }

    /// Registers a contact and sets the code word.
    fn register(&self, counterparty: CounterpartyId, email: &str) -> String {
        let to = self.contacts(counterparty);
        let admin = self.service.holder(("provby", self.tenant), "admin", Role::Admin, &[], &[]);
        let made = admin.post(&to, json!({"email": email, "name": "Samordnare"})).expect(201);
        let word = format!("/api/v1/counterparties/{counterparty}/code-word");
        self.mas().post(&word, json!({"code_word": WORD})).expect(200);
        id(&made.json())
    }

    /// Lets the service tell contacts and send its mail; gives what left since the last time.
    fn mail(&self) -> Vec<Mail> {
        self.service.run(self.app().tell_contacts()).expect("told");
        let stop = AtomicBool::new(false);
        while self.service.run(self.app().deliver_mail(&stop)).expect("mail").more {}
        std::mem::take(&mut *self.mails.lock().expect("mails"))
    }

    fn later(&self, hours: i64) {
        self.service.clock.advance(SignedDuration::from_hours(hours));
    }

    /// The API's address of the link in a mail.
    fn link(mail: &Mail) -> String {
        let (_, rest) = mail.text.split_once("http://svar.example").expect("a link");
        let path = rest.split_whitespace().next().expect("a path");
        let token = path.strip_prefix("/provby/svar/").expect("the page");
        format!("/api/v1/public/provby/replies/{token}")
    }

    fn open(&self, link: &str, code: &str) -> Response {
        self.service.anonymous().post(&format!("{link}/factor"), json!({"code": code}))
    }

    /// Somebody let in by the code word.
    fn let_in(&self, link: &str) -> Client {
        let cookie = cookie(&self.open(link, WORD).expect(200));
        self.service.anonymous().with("cookie", &cookie)
    }
}

/// The cookie of an answer, as a browser sends it back.
fn cookie(answer: &Response) -> String {
    let set = answer.headers.iter().filter(|header| header.0 == "set-cookie");
    let set = set.map(|header| header.1.as_str()).find(|it| it.starts_with("reply="));
    let set = set.expect("a cookie");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    set.split(';').next().expect("a pair").to_owned()
}

fn replies(answer: &Response) -> Vec<Value> {
    answer.json()["replies"].as_array().expect("replies").clone()
}

#[test]
fn a_contact_answers_37_from_one_page_after_one_mail() {
    on_each_database(|database| {
        let town = town(database);
        town.register(town.centre, "avvikelser@region.example");
        town.register(town.hospital, "avvikelser@sjukhus.example");
        for number in 1..=37 {
            town.send(town.centre, &format!("Utskrivning {number}"), Some("19640823-3234"));
        }
        let elsewhere = town.send(town.hospital, "Till någon annan", None);
        assert!(town.mail().is_empty(), "what is sent together is gathered");
        town.later(1);
        let mails = town.mail();
        assert_eq!(mails.len(), 2, "one mail a contact, not one a forwarding");
        let mail = mails.iter().find(|it| it.to.to_string().contains("region")).expect("a mail");
        assert!(mail.text.contains("37"), "{}", mail.text);
        for secret in [SECRET, "Utskrivning", "VG-", "19640823", "Eken", "gran"] {
            assert!(!mail.text.contains(secret) && !mail.subject.contains(secret), "{secret}");
        }
        assert!(town.mail().is_empty(), "and not again");

        // Before the second thing nothing is told.
        let link = Town::link(mail);
        let before = town.service.anonymous().get(&link).expect(200);
        assert_eq!(before.json()["factor_needed"], true);
        assert!(replies(&before).is_empty());
        for secret in [SECRET, "Eken", "19640823"] {
            assert!(!before.text.contains(secret), "{secret}");
        }
        let matter = format!("{link}/matters/{elsewhere}/answer");
        let refused = town.service.anonymous().post(&matter, json!({"answer": "done"}));
        assert_eq!(refused.expect(403).json()["code"], "factor_needed");

        // Afterwards everything, with who it is about.
        let contact = town.let_in(&link);
        let page = contact.get(&link).expect(200);
        let shown = replies(&page);
        assert_eq!(shown.len(), 37);
        assert!(
            shown.iter().all(|it| it["open"] == true && it["identity"]["id"] == "19640823-3234")
        );
        assert!(!page.text.contains("Till någon annan"));
        // What is another's does not exist.
        contact.post(&matter, json!({"answer": "done"})).expect(404);

        for (at, reply) in shown.iter().enumerate() {
            let to = format!("{link}/matters/{}/answer", id(reply));
            let body = match at % 4 {
                0 => json!({"answer": "received"}),
                1 => json!({"answer": "investigating", "until": "2026-04-10"}),
                2 => json!({"answer": "not_ours", "whom": "Tandvården"}),
                _ => json!({"answer": "done", "text": "Ny rutin.", "diary_number": "RS 2026/7"}),
            };
            contact.post(&to, body).expect(200);
        }
        let after = replies(&contact.get(&link).expect(200));
        assert_eq!(after.iter().filter(|it| it["open"] == true).count(), 19);
        assert!(after[..19].iter().all(|it| it["open"] == true), "what is open stands first");
        let done = after.iter().find(|it| it["diary_number"] == "RS 2026/7").expect("one is done");
        assert_eq!(done["exchanges"][0]["text"], "Ny rutin.");

        // The showing is kept: who, through which link, and that persons were shown.
        let log = format!("/api/v1/counterparties/{}/portal-log?limit=500", town.centre);
        let log = town.mas().get(&log).expect(200).json();
        let entries = log["items"].as_array().expect("entries");
        let acts = |act: &str| entries.iter().filter(|it| it["act"] == act).collect::<Vec<_>>();
        let read = acts("replies.read");
        assert_eq!(read.len(), 2);
        let exposed = read[1]["exposed"].as_array().expect("exposed");
        assert_eq!(exposed.iter().filter(|it| it["identity"] == true).count(), 37);
        assert!(read[1]["link"].is_string() && read[1]["contact"].is_string());
        assert_eq!((acts("reply.answered").len(), acts("link.used").len()), (37, 1));

        // And each answer is in the history of its forwarding, by the contact's hand.
        let answered: ForwardingId = id(done).parse().expect("an id");
        let read = town.app().store.read(town.tenant, move |tx| tx.forwarding_history(answered));
        let history = town.service.run(read).expect("a history");
        let last = history.last().expect("an entry");
        assert!(matches!(last.by, Hand::Counterparty(Some(_))), "{last:?}");
        assert_eq!(last.command, "register_answer");
    });
}

#[test]
fn open_ones_are_told_once_a_week_and_nothing_more() {
    on_each_database(|database| {
        let town = town(database);
        town.register(town.centre, "avvikelser@region.example");
        let sent: Vec<_> =
            (1..=3).map(|it| town.send(town.centre, &format!("Ärende {it}"), None)).collect();
        town.later(1);
        assert_eq!(town.mail().len(), 1);
        // Nothing new until Monday; then one digest, and none the rest of the week.
        let mut days = Vec::new();
        for hour in 0..24 * 14 {
            town.later(1);
            for mail in town.mail() {
                days.push((hour, mail.subject.clone(), mail.text.contains(": 3")));
            }
            if hour == 24 * 10 {
                sent.iter().for_each(|it| town.recall(*it));
            }
        }
        let subjects: Vec<_> = days.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(subjects, ["Det här väntar på ert svar"], "{days:?}");
        assert!(days[0].2, "{days:?}");
    });
}

#[test]
fn a_wrong_code_costs_and_the_sixth_finds_nothing() {
    on_each_database(|database| {
        let town = town(database);
        let contact = town.register(town.centre, "avvikelser@region.example");
        town.send(town.centre, "Ärende", None);
        town.later(1);
        let link = Town::link(&town.mail()[0]);
        for _ in 0..4 {
            let refused = town.open(&link, "Gula stugan vid ån").expect(422);
            assert_eq!(refused.faults(), [("/code".to_owned(), "wrong_code".to_owned())]);
        }
        town.open(&link, "Gula stugan vid ån").expect(410);
        // The right one comes too late, and everything else is told the same.
        let late = town.open(&link, WORD).expect(410).json();
        let made_up = format!("/api/v1/public/provby/replies/{}", "A".repeat(43));
        let nowhere = link.replace("provby", "ingenby");
        for path in [&link, &made_up, &nowhere] {
            let mut told = town.service.anonymous().get(path).expect(410).json();
            told["request_id"] = late["request_id"].clone();
            assert_eq!(told, late, "{path}");
        }
        // Our side sees why, and sends another.
        let of = format!("{}/{contact}", town.contacts(town.centre));
        let shown = town.mas().get(&of).expect(200).json();
        assert_eq!(shown["links"][0]["status"], "locked");
        town.mas().post(&format!("{of}/links"), json!({})).expect(201);
        let fresh = Town::link(&town.mail()[0]);
        town.open(&fresh, WORD).expect(200);
    });
}

#[test]
fn what_is_revoked_recalled_or_over_opens_nothing() {
    on_each_database(|database| {
        let town = town(database);
        let contact = town.register(town.centre, "avvikelser@region.example");
        let [first, second] = ["Ett", "Två"].map(|it| town.send(town.centre, it, None));
        town.later(1);
        let link = Town::link(&town.mail()[0]);
        let visitor = town.let_in(&link);
        assert_eq!(replies(&visitor.get(&link).expect(200)).len(), 2);
        // A recalled one is gone from the page at once, and takes no answer.
        town.recall(first);
        let left = replies(&visitor.get(&link).expect(200));
        assert_eq!(left.iter().map(id).collect::<Vec<_>>(), [second.to_string()]);
        let to = format!("{link}/matters/{first}/answer");
        visitor.post(&to, json!({"answer": "done"})).expect(404);
        // A session ends by itself; the link asks for the second thing again.
        town.later(2);
        assert_eq!(visitor.get(&link).expect(200).json()["factor_needed"], true);
        let visitor = town.let_in(&link);
        // Another's cookie opens nothing here, and leaving ends it.
        visitor.post(&format!("{link}/leave"), json!({})).expect(204);
        assert_eq!(visitor.get(&link).expect(200).json()["factor_needed"], true);
        let visitor = town.let_in(&link);
        visitor.get(&link).expect(200);
        // A revoked link closes the sessions begun with it.
        let of = format!("{}/{contact}", town.contacts(town.centre));
        let shown = town.mas().get(&of).expect(200).json();
        let revoke = format!("{of}/links/{}/revoke", id(&shown["links"][0]));
        town.mas().post(&revoke, json!({"reason": "Fel person"})).expect(200);
        visitor.get(&link).expect(410);
        town.mas().post(&revoke, json!({"reason": "igen"})).expect(422);
        // A revoked contact closes everything and is not written to.
        town.mas().post(&format!("{of}/links"), json!({})).expect(201);
        let link = Town::link(&town.mail()[0]);
        let visitor = town.let_in(&link);
        let tag = town.mas().get(&of).expect(200).etag();
        let gone = json!({"reason": "Har slutat"});
        town.mas().with("if-match", &tag).post(&format!("{of}/revoke"), gone).expect(200);
        visitor.get(&link).expect(410);
        town.later(24 * 7);
        assert!(town.mail().is_empty());
        // And by time alone.
        town.register(town.centre, "avvikelser@region.example");
        let link = Town::link(&town.mail()[0]);
        town.later(24 * 30);
        town.open(&link, WORD).expect(410);
    });
}

#[test]
fn a_code_by_telephone_is_spent_by_one_use() {
    on_each_database(|database| {
        let town = town(database);
        let contact = town.register(town.centre, "avvikelser@region.example");
        town.send(town.centre, "Ärende", None);
        town.later(1);
        let link = Town::link(&town.mail()[0]);
        let codes = format!("{}/{contact}/codes", town.contacts(town.centre));
        let read_up = || {
            let made = town.mas().post(&codes, json!({})).expect(201).json();
            made["code"].as_str().expect("a code").to_owned()
        };
        let first = read_up();
        let second = read_up();
        town.open(&link, &first).expect(422);
        town.open(&link, &second).expect(200);
        town.open(&link, &second).expect(422);
        let third = read_up();
        town.later(1);
        town.open(&link, &third).expect(422);
        // Many at once: one has it.
        let fourth = read_up();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..4).map(|_| scope.spawn(|| town.open(&link, &fourth).status)).collect();
            tries.into_iter().map(|it| it.join().expect("a try")).collect()
        });
        assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 1, "{statuses:?}");
    });
}

#[test]
fn a_letter_opens_what_it_is_about_once_and_no_identity() {
    on_each_database(|database| {
        let town = town(database);
        let about = town.send(town.centre, "Brevet", Some("19640823-3234"));
        town.send(town.centre, "Något annat", None);
        let code = town.letter_code(about);
        let enter = |code: &str| {
            let path = "/api/v1/public/provby/replies";
            town.service.anonymous().post(path, json!({"code": code}))
        };
        enter("0000 0000 0000 0000").expect(422);
        let typed = code.to_lowercase().replace(' ', "-");
        let entered = enter(&typed).expect(200);
        let token = entered.json()["token"].as_str().expect("a token").to_owned();
        let link = format!("/api/v1/public/provby/replies/{token}");
        let visitor = town.service.anonymous().with("cookie", &cookie(&entered));
        let shown = replies(&visitor.get(&link).expect(200));
        assert_eq!(shown.iter().map(id).collect::<Vec<_>>(), [about.to_string()]);
        assert!(shown[0]["identity"].is_null(), "link and code came in one envelope");
        let to = format!("{link}/matters/{about}");
        visitor.post(&format!("{to}/ask"), json!({"text": "Vilken dag?"})).expect(200);
        visitor.post(&format!("{to}/answer"), json!({"answer": "done"})).expect(200);
        // Spent: the very same code says so kindly.
        assert_eq!(enter(&code).expect(410).json()["code"], "gone");
        // One for a recalled letter, too; and a letter printed again is the one that holds.
        let recalled = town.send(town.centre, "Tas tillbaka", None);
        let (old, new) = (town.letter_code(recalled), town.letter_code(recalled));
        enter(&old).expect(410);
        town.recall(recalled);
        enter(&new).expect(410);
        // With a link of the same counterparty it is a second thing, of another none.
        town.register(town.hospital, "avvikelser@sjukhus.example");
        town.send(town.hospital, "Deras", None);
        town.later(1);
        let theirs = Town::link(&town.mail()[0]);
        let other = town.letter_code(town.send(town.centre, "Ett till", None));
        town.open(&theirs, &other).expect(422);
        let own = town.letter_code(town.send(town.hospital, "Deras brev", Some("19640823-3234")));
        let opened = town.open(&theirs, &own).expect(200);
        let visitor = town.service.anonymous().with("cookie", &cookie(&opened));
        assert_eq!(replies(&visitor.get(&theirs).expect(200)).len(), 2);
    });
}

impl Town {
    /// The code that would be printed on a letter.
    fn letter_code(&self, about: ForwardingId) -> String {
        let caller = self.service.run(self.app().enter(
            &app::Identity {
                issuer: LOCAL_ISSUER.to_owned(),
                subject: "mas".to_owned(),
                tenant: "provby".to_owned(),
                name: None,
                more: app::Vouched::default(),
            },
            Uuid::now_v7(),
        ));
        let caller = caller.expect("let in");
        let read = self.app().store.read(self.tenant, move |tx| tx.forwarding(about));
        let forwarding = self.service.run(read).expect("a forwarding");
        let made = self.service.run(self.app().issue_letter_code(&caller, &forwarding));
        let made = made.expect("made").expect("a code");
        assert_eq!(made.address, "http://svar.example/provby/svar");
        made.code
    }
}

#[test]
fn the_same_answer_twice_is_one_and_a_personal_number_is_refused() {
    on_each_database(|database| {
        let town = town(database);
        town.register(town.centre, "avvikelser@region.example");
        let about = town.send(town.centre, "Ärende", None);
        town.later(1);
        let link = Town::link(&town.mail()[0]);
        let visitor = town.let_in(&link);
        let to = format!("{link}/matters/{about}/answer");
        let refused = json!({"answer": "done", "text": "Gällde 640823-3234."});
        let faults = visitor.post(&to, refused).expect(422).faults();
        assert_eq!(faults, [("/text".to_owned(), "personal_number".to_owned())]);
        visitor.post(&to, json!({"answer": "investigating"})).expect(422);
        visitor.post(&to, json!({"answer": "not_ours"})).expect(422);
        let body = json!({"id": Uuid::now_v7(), "answer": "done", "text": "Klart."});
        for _ in 0..2 {
            let after = visitor.post(&to, body.clone()).expect(200).json();
            assert_eq!(after["exchanges"].as_array().map(Vec::len), Some(1));
        }
        // Answered ones stay readable for a while.
        assert_eq!(replies(&visitor.get(&link).expect(200))[0]["open"], false);
        town.later(24 * 29);
        let visitor = town.let_in(&link);
        assert_eq!(replies(&visitor.get(&link).expect(200)).len(), 1);
    });
}

#[test]
fn a_file_comes_with_an_answer_and_is_read_by_those_who_may() {
    on_each_database(|database| {
        let town = town(database);
        town.register(town.centre, "avvikelser@region.example");
        let about = town.send(town.centre, "Ärende", None);
        let other = town.send(town.hospital, "Till någon annan", None);
        town.later(1);
        let link = Town::link(&town.mail()[0]);
        let visitor = town.let_in(&link);
        let to = format!("{link}/matters/{about}/files");
        let outside = town.service.anonymous();
        outside.upload(&to, ("a.txt", "text/plain"), b"x", &[]).expect(403);
        visitor.upload(&to, ("a.exe", "application/pdf"), b"MZ\x90\x00\x03", &[]).expect(415);
        let made = visitor.upload(&to, ("rutin.txt", "text/plain"), b"Ny rutin", &[]).expect(201);
        let file = id(&made.json());
        let theirs = format!("{link}/matters/{other}/files");
        visitor.upload(&theirs, ("a.txt", "text/plain"), b"x", &[]).expect(404);
        visitor.get(&theirs).expect(404);
        assert_eq!(visitor.get(&to).expect(200).json()["items"][0]["name"], "rutin.txt");
        assert_eq!(visitor.get(&format!("{to}/{file}")).expect(200).bytes, b"Ny rutin");
        // Both sides see that it came; our side fetches it, and leaves an entry.
        let said = replies(&visitor.get(&link).expect(200))[0]["exchanges"][0]["text"].clone();
        assert_eq!(said, "Fil: rutin.txt");
        let ours = format!("/api/v1/forwardings/{about}/files");
        assert_eq!(town.mas().get(&ours).expect(200).json()["items"][0]["id"], json!(file));
        let fetched = town.mas().get(&format!("{ours}/{file}")).expect(200);
        assert_eq!(fetched.bytes, b"Ny rutin");
        let read = town.app().store.read(town.tenant, |tx| tx.access_entries(None, 500));
        let entries = town.service.run(read).expect("entries");
        assert!(entries.iter().any(|entry| entry.act == "forwarding.file"));
        town.service.reporter("provby", "okänd").get(&ours).expect(404);
    });
}

#[test]
fn a_colleague_of_the_same_house_gets_a_link_of_their_own() {
    on_each_database(|database| {
        let town = town(database);
        town.register(town.centre, "avvikelser@region.example");
        town.send(town.centre, "Ärende", None);
        town.later(1);
        let link = Town::link(&town.mail()[0]);
        let visitor = town.let_in(&link);
        let to = format!("{link}/hand-over");
        let refused = visitor.post(&to, json!({"email": "kollega@annan.example"})).expect(422);
        let told = [("/email".to_owned(), "address_of_another_house".to_owned())];
        assert_eq!(refused.faults(), told);
        visitor.post(&to, json!({"email": "kollega@region.example"})).expect(204);
        visitor.post(&to, json!({"email": "kollega@region.example"})).expect(422);
        let mails = town.mail();
        let to_colleague = mails.iter().find(|it| it.to.to_string() == "kollega@region.example");
        let theirs = Town::link(to_colleague.expect("a mail of their own"));
        assert_ne!(theirs, link);
        // The one's session opens nothing by the other's link; the code word does.
        assert_eq!(visitor.get(&theirs).expect(200).json()["factor_needed"], true);
        let colleague = town.let_in(&theirs);
        assert_eq!(replies(&colleague.get(&theirs).expect(200)).len(), 1);
        let listed = town.mas().get(&town.contacts(town.centre)).expect(200).json();
        assert!(listed["items"][1]["handed_over_by"].is_string(), "{listed}");
    });
}

#[test]
fn whoever_registers_addresses_alone_makes_no_code_word() {
    let town = town(Database::Sqlite);
    let of = ("provby", town.tenant);
    let admin = town.service.holder(of, "admin", Role::Admin, &[], &[]);
    let nurse = town.service.holder(of, "nurse", Role::Team, &[], &[]);
    let to = town.contacts(town.centre);
    let made = admin.post(&to, json!({"email": "a@region.example"})).expect(201).json();
    let word = format!("/api/v1/counterparties/{}/code-word", town.centre);
    admin.post(&word, json!({"code_word": WORD})).expect(403);
    admin.post(&format!("{to}/{}/codes", id(&made)), json!({})).expect(403);
    nurse.post(&to, json!({"email": "b@region.example"})).expect(403);
    // Or one person could answer in the counterparty's name.
    town.mas().post(&to, json!({"email": "c@region.example"})).expect(403);
    nurse.get(&to).expect(403);
    let drawn = town.mas().post(&word, json!({})).expect(200).json();
    assert_eq!(drawn["code_word"].as_str().map(str::len), Some(14), "{drawn}");
    assert!(town.mas().get(&to).expect(200).json()["code_word_set_at"].is_string());
}

#[test]
fn the_page_is_answered_without_a_script() {
    let town = town(Database::Sqlite);
    town.register(town.centre, "avvikelser@region.example");
    let about = town.send(town.centre, "Läkemedelslista", Some("19640823-3234"));
    let second = town.send(town.centre, "Epikris", None);
    town.later(1);
    let page =
        Town::link(&town.mail()[0]).replace("/api/v1/public/provby/replies/", "/provby/svar/");
    let browser = Browser::of(&town);
    let asked = browser.get(&page).expect(200);
    assert!(!asked.text.contains(SECRET) && !asked.text.contains("<script"), "{}", asked.text);
    assert_eq!(asked.header("cache-control"), Some("no-store"));
    let wrong = browser.send(&page, &asked, &[("do", "factor"), ("code", "fel")]);
    assert!(wrong.expect(422).text.contains("aria-invalid"));
    let go = browser.send(&page, &asked, &[("do", "factor"), ("code", WORD)]).expect(303);
    let browser = browser.with(&cookie(&go));
    let all = browser.get(&page).expect(200);
    assert!(all.text.contains("Läkemedelslista") && all.text.contains("19640823-3234"));
    // Two answers in one form: one is right, one lacks its day. What is right is kept.
    let answers = [
        ("do", "answers".to_owned()),
        (&*format!("short.{about}"), "done".to_owned()),
        (&*format!("text.{about}"), "Ny rutin.".to_owned()),
        (&*format!("short.{second}"), "investigating".to_owned()),
        (&*format!("text.{second}"), "Vi <b>letar</b>".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let pairs: Vec<_> = answers.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let told = browser.send(&page, &all, &pairs).expect(422);
    assert!(told.text.contains(&format!("until.{second}-fault")), "{}", told.text);
    assert!(told.text.contains("Vi &lt;b&gt;letar&lt;/b&gt;"), "what was typed stays");
    let again = [
        ("do".to_owned(), "answers".to_owned()),
        (format!("short.{second}"), "investigating".to_owned()),
        (format!("until.{second}"), "2026-04-01".to_owned()),
    ];
    let pairs: Vec<_> = again.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    browser.send(&page, &told, &pairs).expect(303);
    let after = browser.get(&page).expect(200);
    assert!(after.text.contains("2026-04-01") && after.text.contains("Ny rutin."));
    // One matter by itself, to print and to ask about.
    let one = format!("{page}/{second}");
    let shown = browser.get(&one).expect(200);
    let asks = [("do", "ask"), ("question", "Vilken avdelning?")];
    browser.send(&one, &shown, &asks).expect(303);
    assert!(browser.get(&one).expect(200).text.contains("Vilken avdelning?"));
    // A form of another site is not taken, nor one without its token.
    let foreign = browser.client.with("sec-fetch-site", "cross-site");
    let form = "application/x-www-form-urlencoded";
    let body = || Some((form, format!("do=leave&token={}", token_of(&after.text)).into_bytes()));
    foreign.send("POST", &page, body()).expect(403);
    let gone = "/provby/svar/AAAAAAAA";
    let told = town.service.anonymous().get(gone).expect(410);
    assert!(told.text.contains("<h1>") && told.text.contains("gäller inte längre"));
}

/// As much of a browser as a form needs.
struct Browser {
    client: Client,
    cookies: String,
}

fn token_of(text: &str) -> String {
    let (_, rest) = text.split_once("name=\"token\" value=\"").expect("a token");
    rest.split('"').next().expect("a token").to_owned()
}

impl Browser {
    fn of(town: &Town) -> Self {
        Self {
            client: town.service.anonymous().with("accept", "text/html"),
            cookies: String::new(),
        }
    }

    fn with(&self, cookie: &str) -> Self {
        Self { client: self.client.with("cookie", cookie), cookies: cookie.to_owned() }
    }

    fn get(&self, path: &str) -> Response {
        self.client.get(path)
    }

    /// Sends a form of the page that was shown.
    fn send(&self, path: &str, shown: &Response, fields: &[(&str, &str)]) -> Response {
        let set = shown.headers.iter().filter(|header| header.0 == "set-cookie");
        let form = set
            .map(|it| it.1.split(';').next().unwrap_or_default())
            .find(|it| it.starts_with("form="));
        let both = [form.unwrap_or_default(), &self.cookies].join("; ");
        let encode =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let token = token_of(&shown.text);
        let body: Vec<String> = [("token", token.as_str())]
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let client = Client::clone(&self.client).with("cookie", &both);
        let kind = "application/x-www-form-urlencoded";
        client.send("POST", path, Some((kind, body.join("&").into_bytes())))
    }
}
