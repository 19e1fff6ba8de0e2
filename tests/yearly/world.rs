//! Tenants full of cases that look random.

use std::collections::BTreeMap;

use domain::calendar::parse_local;
use domain::case::investigation::Cause;
use domain::case::measure::{Effect, Measure};
use domain::case::triage::Vardskada;
use domain::case::{Case, Filing, Investigation, Kind, Progress, State, Status, Subkind, Track};
use domain::escalation::Escalation;
use domain::ids::{CaseId, CauseId, InvestigationId, MeasureId, StaffId, TenantId};
use domain::law::Law;
use domain::number::CaseNumber;
use domain::opinion::{Acknowledged, EntryWay, Opinion, Stage};
use domain::organisation::Unit;
use domain::statistics::{Fact, Period};
use jiff::{SignedDuration, Timestamp};
use testkit::Service;
use uuid::Uuid;

use crate::beside::{Beside, Raised};
use crate::lex::{self, Run};
use crate::swedish;

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).expect("small")].clone()
    }

    /// One of them, or now and then none.
    fn code(&mut self, from: &[&str]) -> Option<String> {
        (self.roll(5) > 0).then(|| self.pick(from).to_owned())
    }

    fn flag(&mut self) -> Option<bool> {
        self.pick(&[Some(true), Some(false), None])
    }
}

/// A tenant, and what was put into it.
pub struct World {
    pub tenant: TenantId,
    pub units: Vec<Unit>,
    pub facts: Vec<Fact>,
    pub investigations: Vec<Investigation>,
    /// The events that two cases share, by the second: the first.
    pub shared: Vec<(CaseId, CaseId)>,
    /// What is no case.
    pub beside: Beside,
    /// How the clocks ran of each lex Maria and lex Sarah that was handled here.
    pub lex: Vec<(Raised, Vec<Run>)>,
    /// What became of complaints that came through the form.
    pub said: BTreeMap<CaseId, Said>,
}

/// A complaint that came through the form and has no answer yet.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// When whoever left it was told that it has come.
    pub told_at: Option<Timestamp>,
    pub asked_again_at: Option<Timestamp>,
}

impl Said {
    /// Of about half of all complaints.
    fn any(dice: &mut Dice, facts: &[Fact]) -> BTreeMap<CaseId, Self> {
        let end = swedish::begins(jiff::civil::date(2026, 2, 1));
        let complaints = facts.iter().filter(|fact| fact.kind == Kind::Klagomal);
        let some = complaints.filter_map(|fact| {
            let mut later = |most: u64| {
                let hours = i64::try_from(dice.roll(most)).expect("small");
                let then = fact.reported_at + SignedDuration::from_hours(hours);
                Some(then).filter(|then| *then < end && dice.roll(3) > 0)
            };
            let (told_at, asked_again_at) = (later(150), later(2_000));
            let said =
                Self { told_at, asked_again_at: asked_again_at.filter(|_| dice.roll(2) == 0) };
            (dice.roll(2) == 0).then_some((fact.case, said))
        });
        some.collect()
    }

    fn opinion(self) -> Opinion {
        let told = |at| Acknowledged { at, by: StaffId(Uuid::now_v7()), way: None };
        Opinion {
            acknowledged: self.told_at.map(told),
            asked_again_at: self.asked_again_at,
            ..Opinion::bare(EntryWay::Public, Stage::Registered)
        }
    }
}

/// Units of several areas, some below others, one that has no area and one that nobody reports to.
fn some_units() -> Vec<Unit> {
    let unit = |code: &str, area: Option<&str>, parent: Option<&Unit>| Unit {
        id: Uuid::now_v7().into(),
        code: code.to_owned(),
        name: format!("Enhet {code}"),
        area: area.map(str::to_owned),
        parent: parent.map(|unit| unit.id),
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    let house = unit("hus", Some("SABO"), None);
    let floor = unit("våning", None, Some(&house));
    vec![
        floor,
        house,
        unit("hemtjänst", Some("ORD.HTJ"), None),
        unit("korttid", Some("KORT"), None),
        unit("grupp", Some("FUN.GRP"), None),
        unit("barn", Some("IFO.BOF"), None),
        unit("tyst", Some("SABO"), None),
    ]
}

/// The instants at which days, years and clocks turn, in Sweden.
const EDGES: [&str; 9] = [
    "2024-12-31 23:59",
    "2025-01-01 00:00",
    "2024-02-29 12:00",
    "2024-02-29 23:30",
    "2025-03-30 03:00",
    "2025-10-26 02:30",
    "2025-12-31 23:59",
    "2023-12-31 23:00",
    "2024-03-31 01:59",
];

fn any_fact(dice: &mut Dice, units: &[Unit], inquiries: &[InvestigationId]) -> Fact {
    let hours = |hours: u64| SignedDuration::from_hours(i64::try_from(hours).expect("small"));
    let at = |text: &str| parse_local(text).expect("a time");
    // A year before those that stand beside the report's is never seen.
    let reported_at: Timestamp = match dice.roll(6) {
        0 => at(EDGES[usize::try_from(dice.roll(9)).expect("small")]),
        _ => at("2018-06-01 00:00") + hours(dice.roll(66_000)),
    };
    let later = |dice: &mut Dice, least: u64, most: u64| {
        // Nothing has happened that lies ahead.
        let then = reported_at + hours(least + dice.roll(most));
        Some(then).filter(|then| *then < at("2026-02-01 00:00") && dice.roll(3) > 0)
    };
    let occurred_at = (dice.roll(8) > 0).then(|| reported_at - hours(dice.roll(1_500)));
    let triaged_at = later(dice, 0, 300);
    let investigated_at = triaged_at.and_then(|_| later(dice, 300, 4_000));
    let closed_at = later(dice, 300, 9_000);
    let kind = dice.pick(&[
        Kind::Avvikelse,
        Kind::Avvikelse,
        Kind::Avvikelse,
        Kind::Synpunkt,
        Kind::Klagomal,
    ]);
    let subkinds = [None, Some(Subkind::Praise), Some(Subkind::Proposal)];
    let mut laws = Law::ALL.to_vec();
    laws.rotate_left(usize::try_from(dice.roll(3)).expect("small"));
    laws.truncate(usize::try_from(dice.roll(4)).expect("small"));
    let deviations = [
        "HSL.FAL",
        "HSL.FAL.TIL",
        "HSL.LKM",
        "HSL.LKM.TID",
        "HSL.LKM.NAR",
        "SOC.BMT",
        "SOC.OVG.EKO",
        "SOC.FAL",
    ];
    let complaints = ["K.OMV", "K.OMV.TID", "K.KOM", "K.HAN.AVG"];
    let categories: &[&str] = if kind == Kind::Avvikelse { &deviations } else { &complaints };
    let number = |dice: &mut Dice| {
        (dice.roll(4) > 0).then(|| u8::try_from(1 + dice.roll(4)).expect("small"))
    };
    Fact {
        case: CaseId(Uuid::now_v7()),
        counted: dice.roll(20) > 0,
        duplicate: dice.roll(15) == 0,
        reported: reported_at.into(),
        occurred: occurred_at.map(Period::from),
        kind,
        subkind: if kind == Kind::Synpunkt { dice.pick(&subkinds) } else { None },
        unit: dice.pick(&units[..7]).id,
        reporting_unit: dice.pick(units).id,
        law_reported: dice.pick(&[None, Some(Law::Hsl), Some(Law::Sol), Some(Law::Lss)]),
        law_assessed: laws.first().copied().filter(|_| dice.roll(3) > 0),
        laws,
        category: dice.code(categories),
        category_reported: dice.code(categories),
        category_assessed: dice.code(categories),
        nature: None,
        severity: number(dice),
        probability: number(dice),
        vardskada: dice.pick(&Vardskada::ALL),
        serious: dice.flag(),
        injury: dice.code(&["ING", "OBE", "SAR", "FRA", "OKA"]),
        reached_person: dice.flag(),
        track: dice.pick(&[Some(Track::Simple), Some(Track::Standard), Some(Track::Deep), None]),
        outcome: None,
        status: dice.pick(&[Status::Reported, Status::Triaged, Status::Closed]),
        source: None,
        channel: None,
        profession: None,
        sex: dice.code(&["K", "M", "O"]),
        age_band: None,
        suggestion: None,
        suggestion_reported: None,
        understood: None,
        helped: None,
        patientnamnd: None,
        answers: Vec::new(),
        investigation: (dice.roll(3) == 0).then(|| dice.pick(inquiries)),
        imported: reported_at < at("2023-01-01 00:00"),
        occurred_at,
        reported_at,
        triaged_at,
        investigated_at,
        closed_at,
    }
}

fn any_investigation(dice: &mut Dice, started_at: Timestamp) -> Investigation {
    let mut inquiry = Investigation::begin(InvestigationId(Uuid::now_v7()), None, started_at);
    for _ in 0..dice.roll(3) {
        inquiry.causes.push(Cause {
            id: CauseId(Uuid::now_v7()),
            code: dice.pick(&["ORS.KOM", "ORS.TEK", "ORS.IND", "ORS.OKA"]).to_owned(),
            text: None,
            waiver: None,
        });
    }
    for _ in 0..dice.roll(3) {
        let done = dice.roll(2) == 0;
        let day = |dice: &mut Dice| {
            jiff::civil::date(2025, 1, 1)
                + jiff::ToSpan::days(i64::try_from(dice.roll(700)).expect("small"))
        };
        inquiry.measures.push(Measure {
            id: MeasureId(Uuid::now_v7()),
            kind: dice.pick(&["ATG.RUT", "ATG.UTB", "ATG.MIL"]).to_owned(),
            text: "x".to_owned(),
            causes: Vec::new(),
            owner: None,
            due_on: (dice.roll(4) > 0).then(|| day(dice)),
            follow_up_on: None,
            done_on: done.then(|| day(dice)),
            effect: if done { dice.pick(&Effect::ALL) } else { Effect::NotYet },
            effect_note: None,
        });
    }
    inquiry
}

/// The least case a fact can hang on.
pub fn case_of(fact: &Fact, number: u64) -> Case {
    Case {
        id: fact.case,
        number: CaseNumber::from_random(fact.kind.number_kind(), fact.reported.year, number),
        external_number: None,
        diary_number: None,
        kind: fact.kind,
        subkind: fact.subkind,
        unit: fact.unit,
        reporting_unit: fact.reporting_unit,
        also_units: Vec::new(),
        reported_by: None,
        registered_by: None,
        occurred_at: None,
        occurred_until: None,
        discovered_at: None,
        reported_at: fact.reported_at,
        registered_at: fact.reported_at,
        filing: Filing::default(),
        assessment: Default::default(),
        progress: Progress::default(),
        state: State::Reported,
        investigation: None,
        feedback: Vec::new(),
        links: Vec::new(),
        watches: Vec::new(),
        conflicts: Vec::new(),
        opinion: None,
        subject: None,
        imported: fact.imported,
        version: 1,
        updated_at: fact.reported_at,
    }
}

/// Lex Maria and lex Sarah that were handled here, beside cases that have none by import.
fn put_lex(
    service: &Service,
    tenant: TenantId,
    dice: &mut Dice,
    facts: &[Fact],
) -> Vec<(Raised, Vec<Run>)> {
    // Where avvikelser began after these years, what is beside them would be older than they are.
    let early = facts.iter().any(|fact| {
        let counts = fact.counted && !fact.duplicate && fact.kind == Kind::Avvikelse;
        counts && swedish::year(fact.reported_at) < 2024
    });
    let hosts =
        facts.iter().skip(16).filter(|_| early).take(usize::from(dice.roll(2) == 0) * 12 + 2);
    let made = lex::any(dice, &hosts.collect::<Vec<_>>());
    let rows: Vec<Escalation> = made.iter().map(|(_, it, _)| it.clone()).collect();
    let work = move |tx: &mut store::Tx<'_>| {
        rows.iter().try_for_each(|it| tx.add_rows(|into| into.escalation(it)))?;
        Ok::<_, store::Error>(())
    };
    service.run(service.app.store.write(tenant, work)).expect("written");
    made.into_iter().map(|(raised, _, runs)| (raised, runs)).collect()
}

impl World {
    /// A tenant with so many cases.
    pub fn new(service: &Service, slug: &str, seed: u64, cases: usize) -> Self {
        let mut dice = Dice(seed);
        let now = parse_local("2018-01-01 00:00").expect("a time");
        let made = app::tenants::create_tenant(&service.app.store, slug, slug, now, &Uuid::now_v7);
        let tenant = service.run(made).expect("a tenant").id;
        let own = service.run(service.app.store.read(tenant, |tx| tx.units())).expect("units");
        let mut units = own;
        units.extend(some_units());
        let began = parse_local("2025-02-01 08:00").expect("a time");
        let investigations: Vec<Investigation> =
            (0..6 + dice.roll(10)).map(|_| any_investigation(&mut dice, began)).collect();
        let ids: Vec<InvestigationId> = investigations.iter().map(|it| it.id).collect();
        let facts: Vec<Fact> = (0..cases).map(|_| any_fact(&mut dice, &units, &ids)).collect();
        // Each case at most once, so that an event has two.
        let pairs = facts.chunks_exact(2).filter(|_| dice.roll(10) == 0);
        let shared: Vec<(CaseId, CaseId)> =
            pairs.map(|pair| (pair[0].case, pair[1].case)).collect();
        // With dice of their own, so that everything else stays as it falls.
        let said = Said::any(&mut Dice(seed ^ 0x5DEE_CE66), &facts);
        let opinions = said.clone();
        let (put, inquiries, rows, joined) =
            (units.clone(), investigations.clone(), facts.clone(), shared.clone());
        let work = move |tx: &mut store::Tx<'_>| {
            put.iter()
                .skip(1)
                .filter(|unit| unit.parent.is_none())
                .try_for_each(|unit| tx.insert_unit(unit))?;
            put.iter()
                .filter(|unit| unit.parent.is_some())
                .try_for_each(|unit| tx.insert_unit(unit))?;
            tx.add_rows(|into| inquiries.iter().for_each(|inquiry| into.investigation(inquiry)))?;
            for (number, fact) in (1u64..).zip(&rows) {
                let mut case = case_of(fact, seed.wrapping_mul(1_000) + number * 7_919);
                case.opinion = opinions.get(&fact.case).map(|said| Box::new(said.opinion()));
                tx.add_rows(|into| {
                    into.case(&case);
                    into.fact(fact);
                })?;
            }
            joined.iter().try_for_each(|(one, other)| tx.join_events(*one, *other))?;
            Ok::<_, store::Error>(())
        };
        service.run(service.app.store.write(tenant, work)).expect("written");
        let mut beside = Beside::put(service, (slug, tenant), &mut dice, &units, &facts);
        let lex = put_lex(service, tenant, &mut dice, &facts);
        beside.raised.extend(lex.iter().map(|(raised, _)| raised.clone()));
        Self { tenant, units, facts, investigations, shared, beside, lex, said }
    }
}
