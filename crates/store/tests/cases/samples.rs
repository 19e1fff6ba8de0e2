//! Cases to save: one with everything, one with nothing.

use std::collections::BTreeMap;

use domain::case::closing::Closing;
use domain::case::feedback::Audience;
use domain::case::information::{InformationPoint, PatientInformation};
use domain::case::investigation::Cause;
use domain::case::joint::{Ground, GroundKind, InCommon};
use domain::case::link::LinkKind;
use domain::case::measure::{Effect, Measure};
use domain::case::triage::{Harm, Judgement, LexAnswer, LexQuestion, Severity, Vardskada};
use domain::case::watch::{WatchAnswer, WatchAnswered, Watcher, Wish};
use domain::case::{
    Assessment, Case, Conflict, Feedback, Filing, Investigation, Kind, Link, Progress, State,
    Status, Subkind, Supplement, Track, Voiding, Watch,
};
use domain::case::{CaseDuty, DutyState, Outside, Waiting};
use domain::fault::{Fault, Reason};
use domain::forms::FormVersion;
use domain::ids::{
    CaseId, CauseId, FeedbackId, InvestigationId, MeasureId, StaffId, SubjectId, TenantId, UnitId,
    WatchId,
};
use domain::law::Law;
use domain::number::CaseNumber;
use domain::opinion::{
    Acknowledged, Answer, Arrival, Attempt, EntryWay, Gates, Given, Opinion, OralGiven, Registered,
    SecrecyCheck, Sender, Stage, TakenDown,
};
use domain::suggest::Suggestion;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Sealed, SealedSubject, Store};
use uuid::Uuid;

use crate::common::{now, person, unit};

pub use crate::common::{on_each_database, with_each_database};

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("a small number") % sides
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }
}

/// Three units and two people, in the tenant.
#[derive(Clone)]
pub struct Place {
    pub units: [UnitId; 3],
    pub staff: [StaffId; 2],
}

impl Place {
    pub async fn new(store: &Store, tenant: TenantId) -> Self {
        let units = ["1", "2", "3"].map(unit);
        let staff = ["anna", "bo"].map(person);
        let place = Self {
            units: units.each_ref().map(|it| it.id),
            staff: staff.each_ref().map(|it| it.id),
        };
        store
            .write(tenant, move |tx| {
                units.iter().try_for_each(|unit| tx.insert_unit(unit))?;
                staff.iter().try_for_each(|person| tx.insert_staff(person))
            })
            .await
            .unwrap();
        place
    }
}

/// Some moment, to the microsecond that both databases keep.
pub fn at(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours) + SignedDuration::from_micros(1)
}

pub fn subject() -> SealedSubject {
    SealedSubject {
        id: SubjectId(Uuid::now_v7()),
        sealed: Sealed {
            key_version: 7,
            wrapped_key: vec![0, 1, 255],
            nonce: vec![2; 12],
            ciphertext: (0..=255).collect(),
        },
        blind_index: vec![3; 32],
        confirmed: true,
        protected: Some("SEK".to_owned()),
        at: at(-5),
    }
}

/// A case of which nothing is known.
pub fn bare(place: &Place, number: u64) -> Case {
    Case {
        id: CaseId(Uuid::now_v7()),
        number: CaseNumber::from_random(Kind::Avvikelse.number_kind(), 2026, number),
        external_number: None,
        kind: Kind::Avvikelse,
        subkind: None,
        unit: place.units[0],
        reporting_unit: place.units[0],
        also_units: Vec::new(),
        reported_by: None,
        registered_by: None,
        occurred_at: None,
        occurred_until: None,
        discovered_at: None,
        reported_at: at(0),
        registered_at: at(0),
        filing: Filing::default(),
        assessment: Assessment::default(),
        progress: Progress::default(),
        state: State::Reported,
        investigation: None,
        feedback: Vec::new(),
        links: Vec::new(),
        watches: Vec::new(),
        conflicts: Vec::new(),
        opinion: None,
        subject: None,
        imported: false,
        version: 1,
        updated_at: at(0),
    }
}

/// A case of which everything is known. `subject` and the case `to` stand already.
pub fn full(place: &Place, number: u64, subject: SubjectId, to: CaseId) -> Case {
    Case {
        number: CaseNumber::from_random(Kind::Synpunkt.number_kind(), 2026, number),
        external_number: Some(format!("AVV-{number}/Å'\"\\")),
        kind: Kind::Synpunkt,
        subkind: Some(Subkind::Proposal),
        unit: place.units[1],
        reporting_unit: place.units[2],
        also_units: vec![place.units[2], place.units[0]],
        reported_by: Some(place.staff[0]),
        registered_by: Some(place.staff[1]),
        occurred_at: Some(at(-30)),
        occurred_until: Some(at(-29)),
        discovered_at: Some(at(-20)),
        reported_at: at(-10),
        registered_at: at(-9),
        filing: filing(place),
        assessment: assessment(place),
        progress: Progress {
            triaged_at: Some(at(1)),
            investigation_started_at: Some(at(2)),
            investigation_done_at: Some(at(3)),
            measures_decided_at: Some(at(4)),
            following_up_at: Some(at(5)),
            patient_informed_at: Some(at(6)),
        },
        state: State::FollowingUp,
        investigation: Some(investigation(place)),
        feedback: vec![
            feedback(place, Audience::Unit, 7),
            feedback(place, Audience::Reporter, 8),
            feedback(place, Audience::Tenant, 9),
        ],
        links: vec![
            Link { kind: LinkKind::Related, to, at: at(7) },
            Link { kind: LinkKind::SameEvent, to, at: at(8) },
        ],
        subject: Some(subject),
        imported: true,
        version: 41,
        updated_at: at(10),
        watches: vec![
            Watch {
                id: WatchId(Uuid::now_v7()),
                to: Watcher::Staff(place.staff[1]),
                wish: Wish::Contribute,
                text: Some("Hur ser badrummet ut?".to_owned()),
                due_on: Some(date(2026, 4, 1)),
                by: place.staff[0],
                at: at(3),
                answered: Some(WatchAnswered {
                    answer: WatchAnswer::NotMine,
                    text: Some("Fråga AT.".to_owned()),
                    by: place.staff[1],
                    at: at(4),
                }),
            },
            Watch {
                id: WatchId(Uuid::now_v7()),
                to: Watcher::Profession("AT".to_owned()),
                wish: Wish::Act,
                text: None,
                due_on: None,
                by: place.staff[1],
                at: at(5),
                answered: None,
            },
        ],
        conflicts: vec![Conflict {
            staff: place.staff[1],
            reason: "Jäv".to_owned(),
            by: Some(place.staff[0]),
            at: at(6),
        }],
        opinion: Some(Box::new(opinion(place))),
        ..bare(place, number)
    }
}

/// An opinion of which everything is known.
pub fn opinion(place: &Place) -> Opinion {
    let day = at(7).to_zoned(jiff::tz::TimeZone::UTC).date();
    let answer = Answer {
        explanation: "Larmet gick fel.".to_owned(),
        measures: None,
        secrecy: Some(SecrecyCheck {
            by: place.staff[0],
            at: at(7),
            ground: "Samtycke".to_owned(),
        }),
        next_steps: vec!["IVO".to_owned()],
        next_text: Some("Ring gärna.".to_owned()),
        given: Given::Oral(OralGiven {
            at: at(7),
            by: place.staff[0],
            to: "Vera".to_owned(),
            said: "Förlåt.".to_owned(),
        }),
        at: at(7),
        by: place.staff[0],
    };
    Opinion {
        anonymous: true,
        sender: Sender { kind: Some("NAR".to_owned()), has_email: true, ..Sender::default() },
        arrival: Arrival {
            channel: Some("MUN".to_owned()),
            taken_down: Some(TakenDown { said_at: at(-11), at: at(-10), by: place.staff[1] }),
        },
        registered: Some(Registered { at: at(-9), by: Some(place.staff[1]) }),
        acknowledged: Some(Acknowledged { at: at(-8), by: place.staff[1], way: None }),
        gates: Some(Gates {
            avvikelse: true,
            lex_sarah: LexAnswer::Perhaps,
            at: at(2),
            by: place.staff[0],
        }),
        attempts: vec![Attempt {
            on: day,
            way: "TEL".to_owned(),
            note: None,
            by: place.staff[0],
            at: at(5),
        }],
        asked_again_at: Some(at(6)),
        ..Opinion::bare(EntryWay::Staff, Stage::Answered(Box::new(answer)))
    }
}

fn filing(place: &Place) -> Filing {
    let text = |text: &str| Some(text.to_owned());
    Filing {
        law: vec!["HSL".to_owned(), "XYZ".to_owned(), "SOL".to_owned()],
        category: text("HSL.FAL"),
        reporter_name: text("Åsa Öberg"),
        profession: text("SSK"),
        source: text("PER"),
        channel: text("APP"),
        sex: text("K"),
        age_band: text("80-"),
        informed: vec!["SSK".to_owned(), "NAR".to_owned()],
        details:
            json!({ "b": [1, -2.5, null], "a": { "på": true }, "stor": 9_007_199_254_740_993_i64 })
                .as_object()
                .unwrap()
                .clone(),
        forms: vec![FormVersion { form: "fall".to_owned(), version: 1 }],
        suggestion: Some(Suggestion {
            rules: "0123456789abcdef".to_owned(),
            categories: vec!["HSL.FAL".to_owned()],
            laws: vec![Law::Hsl, Law::Sol],
        }),
        description: "Föll på \"golvet\".\r\n\tDå kom 🚑 %s ' ; -- \\u0041".to_owned(),
        immediate_action: text("Ringde 112"),
        composed_at: Some(at(-12)),
        received_at: Some(at(-11)),
        received_reason: text("Kom per brev"),
        lex_sarah: true,
        supplements: vec![Supplement {
            at: at(2),
            by: place.staff[0],
            text: "Hon hade strumpor på sig.".to_owned(),
        }],
        warnings: vec![
            Fault::at("/occurred_at", Reason::InFuture { given: at(100) }),
            Fault::at("/law/1", Reason::UnknownCode { list: "law".into(), given: "XYZ".into() }),
            Fault::at("/x", Reason::Before { other: "/y".into() }),
        ],
    }
}

fn assessment(place: &Place) -> Assessment {
    Assessment {
        law: vec![Law::Lss, Law::Hsl],
        category: Some("HSL.LKM.TID".to_owned()),
        nature: Some("TIL".to_owned()),
        severity: Severity { actual: Some(3), potential: Some(4) },
        probability: Some(2),
        harm: Harm {
            reached_person: Some(true),
            injury: Some("FRA".to_owned()),
            vardskada: Vardskada::CouldHave,
            serious: Some(false),
            death: Some(false),
        },
        lex: BTreeMap::from([
            (LexQuestion::LexMaria, LexAnswer::Perhaps),
            (LexQuestion::LexSarah, LexAnswer::No),
        ]),
        track: Some(Track::Deep),
        lead: Some(place.staff[1]),
        hops: 2,
        patient_information: Some(PatientInformation {
            points: InformationPoint::ALL.to_vec(),
            informed_at: Some(at(6)),
            how: Some("I samtal".to_owned()),
            impediment: Some("Ville inte".to_owned()),
            journal_note_confirmed: true,
        }),
        duties: vec![
            CaseDuty {
                code: "GDPR33".to_owned(),
                asked_at: at(3),
                asked_by: place.staff[0],
                by_rule: true,
                known_at: at(1),
                state: DutyState::Asked,
            },
            CaseDuty {
                code: "POL".to_owned(),
                asked_at: at(3),
                asked_by: place.staff[1],
                by_rule: false,
                known_at: at(2),
                state: DutyState::Done {
                    done_at: at(4),
                    reference: Some("K-1".to_owned()),
                    by: place.staff[1],
                    noted_at: at(5),
                },
            },
        ],
        waiting: Some(Waiting {
            whom: Outside::Ivo,
            until: jiff::civil::date(2026, 12, 31),
            reason: "Beslut".to_owned(),
            by: place.staff[0],
            since: at(6),
        }),
        judged: BTreeMap::from([
            ("law".to_owned(), Judgement { by: Some(place.staff[0]), at: at(1) }),
            ("track".to_owned(), Judgement { by: None, at: at(2) }),
        ]),
    }
}

fn investigation(place: &Place) -> Investigation {
    // The first by id stands last.
    let [last, first, second] = [0; 3].map(|_| CauseId(Uuid::now_v7()));
    let cause = |id, code: &str, text: Option<&str>, waiver: Option<&str>| Cause {
        id,
        code: code.to_owned(),
        text: text.map(str::to_owned),
        waiver: waiver.map(str::to_owned),
    };
    let measure = |text: &str, causes: Vec<CauseId>| Measure {
        id: MeasureId(Uuid::now_v7()),
        kind: "RUT".to_owned(),
        text: text.to_owned(),
        causes,
        owner: None,
        due_on: None,
        follow_up_on: None,
        done_on: None,
        effect: Effect::NotYet,
        effect_note: None,
    };
    let done = Measure {
        owner: Some("Enhetschefen".to_owned()),
        due_on: Some(date(2026, 12, 31)),
        follow_up_on: Some(date(2027, 2, 28)),
        done_on: Some(date(2024, 2, 29)),
        effect: Effect::Partly,
        effect_note: Some("Delvis".to_owned()),
        ..measure("Ny rutin", vec![first, last])
    };
    Investigation {
        id: InvestigationId(Uuid::now_v7()),
        investigator: Some(place.staff[0]),
        started_at: at(2),
        completed_at: Some(at(3)),
        course_of_events: Some("Först det ena, sedan det andra".to_owned()),
        assessment: Some("Brist i rutin".to_owned()),
        person_account: Some("Jag ramlade".to_owned()),
        support_offered: Some(true),
        causes: vec![
            cause(first, "KOM", Some("Ingen sade något"), None),
            cause(second, "MIL", None, Some("Huset rivs")),
            cause(last, "RUT", None, None),
        ],
        measures: vec![
            measure("Information", Vec::new()),
            done,
            measure("Utbildning", vec![first, second, last]),
        ],
        in_common: Some(InCommon::Place),
        grounds: vec![Ground {
            kind: GroundKind::Consent,
            on: date(2026, 3, 1),
            text: "Samtycke vid besök".to_owned(),
            by: place.staff[0],
            at: at(2),
        }],
        version: 1,
    }
}

fn feedback(place: &Place, audience: Audience, hours: i64) -> Feedback {
    Feedback {
        id: FeedbackId(Uuid::now_v7()),
        audience,
        meeting_on: (audience == Audience::Unit).then(|| date(2026, 9, 30)),
        text: "Tack, så här blev det".to_owned(),
        at: at(hours),
        by: place.staff[0],
    }
}

/// A state of that status, with or without what need not be there.
pub fn state(status: Status, place: &Place, rich: bool) -> State {
    let text = |text: &str| rich.then(|| text.to_owned());
    match status {
        Status::Draft => State::Draft,
        Status::Reported => State::Reported,
        Status::Triaged => State::Triaged,
        Status::Investigating => State::Investigating,
        Status::MeasuresDecided => State::MeasuresDecided,
        Status::FollowingUp => State::FollowingUp,
        Status::Closed => State::Closed(Closing {
            outcome: Some("UTF.ATG".to_owned()),
            summary: text("Klart"),
            action_taken: text("Lagade golvet"),
            at: at(20),
            by: rich.then_some(place.staff[0]),
        }),
        Status::Void => State::Void(Voiding {
            at: at(21),
            by: rich.then_some(place.staff[1]),
            reason: "Fel ärende".to_owned(),
            never_handed_in: rich,
        }),
    }
}

/// Takes cases in.
pub async fn insert(store: &Store, tenant: TenantId, cases: Vec<Case>) {
    store
        .write(tenant, move |tx| {
            cases.iter().try_for_each(|case| tx.add_rows(|rows| rows.case(case)))
        })
        .await
        .unwrap();
}

/// Takes in a person and a case to link to.
pub async fn neighbours(store: &Store, tenant: TenantId, place: &Place) -> (SubjectId, CaseId) {
    let (subject, other) = (subject(), bare(place, 999_999));
    let ids = (subject.id, other.id);
    store
        .write(tenant, move |tx| {
            tx.add_rows(|rows| rows.subject(&subject))?;
            tx.add_rows(|rows| rows.case(&other))
        })
        .await
        .unwrap();
    ids
}
