//! Who sees what of a forwarding without an account, over generated sequences. What is expected is kept
//! apart, in the plainest way: what was sent to whom, what was taken back, and when.

use std::collections::BTreeMap;

use domain::forwarding::{
    Answer, Around, Changed, Channel, Counterparty, Deciding, Details, Document, Forwarding,
    ForwardingRules, Ground, Hand, Kind, NewDraft, Rejected, Sending, Short,
};
use domain::ids::{
    CaseId, CodeId, ContactId, CounterpartyId, ExchangeId, ForwardingId, LinkId, SessionId,
    StaffId, UnitId,
};
use domain::law::Law;
use domain::portal::{
    ANSWERED_READABLE, Addressed, Contact, Factor, LINK_LASTS, Link, MOST_FAILURES, OneTimeCode,
    Registrar, SESSION_LASTS, Session, Shown, Way, enter, sight,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

const STAFF: StaffId = StaffId(Uuid::from_u128(1));

/// What is done next; the numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    /// Written, decided, and sent where it leaves.
    Send {
        to: usize,
        discloses: bool,
        leaves: bool,
    },
    /// Answered: done, or somebody else's.
    Answer {
        forwarding: usize,
        not_ours: bool,
    },
    Recall {
        forwarding: usize,
    },
    /// A contact hands over to a colleague.
    PassOn {
        contact: usize,
    },
    /// Time goes by.
    Expire {
        hours: i64,
    },
    Link {
        contact: usize,
        only: Option<usize>,
    },
    Code {
        contact: usize,
        phone: bool,
        forwarding: usize,
    },
    Enter {
        link: usize,
        with: With,
        right: bool,
    },
    RevokeLink {
        link: usize,
    },
    RevokeContact {
        contact: usize,
    },
}

#[derive(Clone, Debug)]
enum With {
    Word,
    Code(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = 0..8_usize;
    let with = prop_oneof![Just(With::Word), (0..12_usize).prop_map(With::Code)];
    let step = prop_oneof![
        3 => (n.clone(), any::<bool>(), prop::bool::weighted(0.8))
            .prop_map(|(to, discloses, leaves)| Step::Send { to, discloses, leaves }),
        1 => (n.clone(), any::<bool>())
            .prop_map(|(forwarding, not_ours)| Step::Answer { forwarding, not_ours }),
        1 => n.clone().prop_map(|forwarding| Step::Recall { forwarding }),
        1 => n.clone().prop_map(|contact| Step::PassOn { contact }),
        2 => prop_oneof![0..3_i64, 20..80_i64, 200..1500_i64].prop_map(|hours| Step::Expire { hours }),
        3 => (n.clone(), prop::option::weighted(0.2, n.clone()))
            .prop_map(|(contact, only)| Step::Link { contact, only }),
        3 => (n.clone(), any::<bool>(), n.clone())
            .prop_map(|(contact, phone, forwarding)| Step::Code { contact, phone, forwarding }),
        6 => (n.clone(), with, prop::bool::weighted(0.7))
            .prop_map(|(link, with, right)| Step::Enter { link, with, right }),
        1 => n.clone().prop_map(|link| Step::RevokeLink { link }),
        1 => n.prop_map(|contact| Step::RevokeContact { contact }),
    ];
    prop::collection::vec(step, 1..40)
}

/// What was done to a forwarding, as anybody would write it down.
#[derive(Clone, Copy, Debug)]
struct Noted {
    to: CounterpartyId,
    discloses: bool,
    left: bool,
    answered: Option<Timestamp>,
    recalled: bool,
}

struct World {
    now: Timestamp,
    counterparties: [CounterpartyId; 2],
    contacts: Vec<Contact>,
    links: Vec<Link>,
    codes: Vec<OneTimeCode>,
    sessions: Vec<Session>,
    forwardings: Vec<Forwarding>,
    // What is expected.
    noted: BTreeMap<ForwardingId, Noted>,
    opened_with: BTreeMap<CodeId, usize>,
    wrong: BTreeMap<LinkId, u16>,
    revoked_links: Vec<LinkId>,
    revoked_contacts: Vec<ContactId>,
    next: u128,
    seen: usize,
}

impl World {
    fn new() -> Self {
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        let counterparties = [10, 20].map(|id| CounterpartyId(Uuid::from_u128(id)));
        let mut world = Self {
            now,
            counterparties,
            contacts: Vec::new(),
            links: Vec::new(),
            codes: Vec::new(),
            sessions: Vec::new(),
            forwardings: Vec::new(),
            noted: BTreeMap::new(),
            opened_with: BTreeMap::new(),
            wrong: BTreeMap::new(),
            revoked_links: Vec::new(),
            revoked_contacts: Vec::new(),
            next: 100,
            seen: 0,
        };
        for (at, counterparty) in counterparties.into_iter().enumerate() {
            let id = ContactId(world.id());
            let email = format!("a@region{at}.se");
            let by = Registrar::Staff(STAFF);
            let made = Contact::register(id, counterparty, (&email, None), by, &[], now);
            world.contacts.push(made.expect("an address"));
            let id = ContactId(world.id());
            world.contacts.push(Contact::by_post(id, counterparty, STAFF, now));
        }
        world
    }

    fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn ours(&self) -> Around<'static> {
        Around { by: Hand::Staff(STAFF), name: Some("Mas"), now: self.now }
    }

    /// One written and decided, and sent where it leaves.
    fn sent(
        &self,
        id: ForwardingId,
        to: CounterpartyId,
        discloses: bool,
        leaves: bool,
    ) -> Result<Forwarding, Rejected> {
        let around = self.ours();
        let document = Document {
            matter: "x".into(),
            text: "x".into(),
            unit: Some("x".into()),
            ..Document::default()
        };
        let draft = NewDraft {
            id,
            seed: 7,
            case: CaseId(Uuid::nil()),
            unit: UnitId(Uuid::nil()),
            law: Law::Hsl,
            counterparty: to,
            kind: Kind::Single,
            document,
        };
        let deciding =
            Deciding { ground: Ground::NoHarm, motivation: "x".into(), identity: discloses };
        let Changed { forwarding, .. } =
            Forwarding::draft(draft, around)?.forwarding.check(deciding, true, around)?;
        if !leaves {
            return Ok(forwarding);
        }
        let counterparty = Counterparty {
            id: to,
            name: "x".into(),
            kind: "VC".into(),
            hsa_id: None,
            answer_days: None,
            valid_from: None,
            valid_to: None,
            details: Details { channels: vec![Channel::Portal], ..Details::default() },
            version: 1,
            updated_at: self.now,
        };
        let rules = ForwardingRules::default();
        let sending =
            Sending { channel: Channel::Portal, counterparty: &counterparty, rules: &rules };
        Ok(forwarding.send(sending, around)?.forwarding)
    }

    fn pick<T>(items: &[T], at: usize) -> Option<usize> {
        (!items.is_empty()).then(|| at % items.len())
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send { to, discloses, leaves } => {
                let (id, to) = (ForwardingId(self.id()), self.counterparties[to % 2]);
                let sent = self.sent(id, to, discloses, leaves);
                self.forwardings.push(sent.expect("it may be sent"));
                let noted = Noted { to, discloses, left: leaves, answered: None, recalled: false };
                self.noted.insert(id, noted);
            }
            Step::Answer { forwarding, not_ours } => {
                let Some(at) = Self::pick(&self.forwardings, forwarding) else { return };
                let short = match not_ours {
                    true => Short::NotOurs { whom: "Region".into() },
                    false => Short::Done,
                };
                let answer = Answer {
                    id: ExchangeId(self.id()),
                    channel: Channel::Portal,
                    short,
                    text: None,
                    diary_number: None,
                    at: None,
                    attachments: Vec::new(),
                    contact: None,
                };
                let around = Around { by: Hand::Counterparty(None), name: None, now: self.now };
                let Ok(changed) = self.forwardings[at].clone().take_answer(answer, around) else {
                    return;
                };
                self.forwardings[at] = changed.forwarding;
                let noted = self.noted.get_mut(&self.forwardings[at].id).expect("noted");
                noted.answered.get_or_insert(self.now);
            }
            Step::Recall { forwarding } => {
                let Some(at) = Self::pick(&self.forwardings, forwarding) else { return };
                let around = self.ours();
                let recalled = self.forwardings[at].clone().recall("x".into(), around);
                if let Ok(changed) = recalled {
                    self.forwardings[at] = changed.forwarding;
                    let noted = self.noted.get_mut(&self.forwardings[at].id).expect("noted");
                    noted.recalled = true;
                }
            }
            Step::PassOn { contact } => {
                let from = self.contacts[contact % self.contacts.len()].clone();
                if !from.active() {
                    return;
                }
                let (id, number) = (ContactId(self.id()), self.next);
                let of_house = usize::from(from.counterparty == self.counterparties[1]);
                let email = format!("c{number}@region{of_house}.se");
                let others: Vec<Contact> = self
                    .contacts
                    .iter()
                    .filter(|other| other.counterparty == from.counterparty)
                    .cloned()
                    .collect();
                let by = Registrar::Contact(from.id);
                let to = (email.as_str(), None);
                let made = Contact::register(id, from.counterparty, to, by, &others, self.now);
                self.contacts.extend(made);
            }
            Step::Expire { hours } => self.now += SignedDuration::from_hours(hours),
            Step::Link { contact, only } => {
                let contact = self.contacts[contact % self.contacts.len()].id;
                let only = only.and_then(|only| Self::pick(&self.forwardings, only));
                let only = only.map(|at| self.forwardings[at].id);
                let id = LinkId(self.id());
                self.links.push(Link::issue(id, contact, only, Some(STAFF), self.now));
            }
            Step::Code { contact, phone, forwarding } => {
                let contact = self.contacts[contact % self.contacts.len()].id;
                let forwarding = Self::pick(&self.forwardings, forwarding);
                let forwarding = forwarding.map(|at| self.forwardings[at].id);
                let way = if phone { Way::Phone } else { Way::Letter };
                let id = CodeId(self.id());
                let made = OneTimeCode::issue(id, contact, (way, forwarding), STAFF, self.now);
                self.codes.push(made);
            }
            Step::Enter { link, with, right } => self.enter(link, with, right),
            Step::RevokeLink { link } => {
                let Some(at) = Self::pick(&self.links, link) else { return };
                if let Ok(revoked) = self.links[at].clone().revoke(STAFF, "x", self.now) {
                    self.revoked_links.push(revoked.id);
                    self.links[at] = revoked;
                }
            }
            Step::RevokeContact { contact } => {
                let at = contact % self.contacts.len();
                if let Ok(revoked) = self.contacts[at].clone().revoke(STAFF, "x", self.now) {
                    self.revoked_contacts.push(revoked.id);
                    self.contacts[at] = revoked;
                }
            }
        }
    }

    fn enter(&mut self, link: usize, with: With, right: bool) {
        let Some(at) = Self::pick(&self.links, link) else { return };
        let link = self.links[at].clone();
        let contact = self.contact(link.contact);
        let session = SessionId(self.id());
        let tried = match with {
            With::Word => None,
            With::Code(code) => Self::pick(&self.codes, code),
        };
        let owner = tried.map(|code| self.contact(self.codes[code].contact));
        let shown = match (tried, &owner) {
            (Some(code), Some(owner)) => {
                Shown::Code { code: self.codes[code].clone(), owner, right }
            }
            _ => Shown::Word { right },
        };
        let Ok(entered) = enter(session, link.clone(), &contact, shown, self.now) else { return };
        let wrong = self.wrong.entry(link.id).or_default();
        assert!(*wrong < MOST_FAILURES, "a locked link was tried");
        *wrong = if entered.session.is_some() { 0 } else { *wrong + 1 };
        if let (Some(session), Some(code)) = (&entered.session, tried) {
            let code = &self.codes[code];
            assert_eq!(
                self.contact(code.contact).counterparty,
                contact.counterparty,
                "another's code opened it"
            );
            assert!(right && !self.revoked_contacts.contains(&code.contact));
            *self.opened_with.entry(code.id).or_default() += 1;
            assert_ne!(session.factor, Factor::CodeWord);
        }
        self.links[at] = entered.link;
        if let (Some(code), Some(tried)) = (entered.code, tried) {
            self.codes[tried] = code;
        }
        self.sessions.extend(entered.session);
    }

    fn contact(&self, id: ContactId) -> Contact {
        self.contacts.iter().find(|contact| contact.id == id).expect("a contact").clone()
    }

    /// Looks with every session, link and contact there ever were, fitting or not.
    fn look(&mut self) {
        for used in self.opened_with.values() {
            assert_eq!(*used, 1, "a code was used twice");
        }
        for session in &self.sessions {
            for link in &self.links {
                for contact in &self.contacts {
                    for forwarding in &self.forwardings {
                        let addressed = Addressed::from(forwarding);
                        let Some(shown) = sight(contact, link, session, &addressed, self.now)
                        else {
                            continue;
                        };
                        self.seen += 1;
                        let noted = self.noted[&forwarding.id];
                        assert_eq!(noted.to, contact.counterparty, "it is not addressed to them");
                        assert!(noted.left, "it has not left");
                        assert!(!noted.recalled, "it was recalled");
                        assert_eq!((session.link, link.contact), (link.id, contact.id));
                        assert!(!self.revoked_links.contains(&link.id), "the link is revoked");
                        assert!(!self.revoked_contacts.contains(&contact.id));
                        assert!(self.now < session.begun_at + SESSION_LASTS);
                        assert!(self.now < link.issued_at + LINK_LASTS);
                        assert!(link.only.is_none_or(|only| only == forwarding.id));
                        match noted.answered {
                            Some(at) => {
                                assert!(!shown.open && self.now < at + ANSWERED_READABLE);
                            }
                            None => assert!(shown.open),
                        }
                        let second = session.factor != Factor::LetterAlone;
                        assert_eq!(shown.identity, noted.discloses && second);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_sees_what_is_not_addressed_to_them(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.look();
        }
    }
}

#[test]
fn the_generated_sequences_do_show_something() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut seen, mut spent) = (0, 0);
    for _ in 0..500 {
        let mut world = World::new();
        for step in steps().new_tree(&mut runner).expect("steps").current() {
            world.take(step);
            world.look();
        }
        seen += usize::from(world.seen > 0);
        spent += world.opened_with.len();
    }
    assert!(seen > 50 && spent > 50, "seen in {seen}, codes spent {spent}");
}
