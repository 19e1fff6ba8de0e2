//! What stands beside the cases of a random tenant: how much care there was, what was counted elsewhere, what
//! was notified to IVO, and what went between caregivers.

use domain::calendar::parse_local;
use domain::case::Kind as CaseKind;
use domain::escalation::raise::{Beside as OfCase, Brought, imported};
use domain::escalation::{Escalation, Kind as Process};
use domain::exposure::{Amount, Exposure};
use domain::forwarding::import::Brought as BroughtForwarding;
use domain::forwarding::{Counterparty, Details, Direction, Ending, Forwarding, State};
use domain::ids::{CounterpartyId, EscalationId, ExposureId, ForwardingId, TenantId, UnitId};
use domain::law::Law;
use domain::organisation::{Role, Unit};
use domain::statistics::{Fact, Month, Months};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use testkit::{Client, Service};
use uuid::Uuid;

use crate::world::Dice;

/// How much of a kind there was at a unit and below it, from a month to another of one year.
#[derive(Clone, Debug)]
pub struct Care {
    pub unit: UnitId,
    pub kind: &'static str,
    pub year: i16,
    pub from: i8,
    pub to: i8,
    pub hundredths: u64,
}

/// A figure that was counted elsewhere, at a unit or of the whole: a number, of so many, or tenths of a per cent.
#[derive(Clone, Debug)]
pub struct Own {
    pub name: &'static str,
    pub unit: Option<UnitId>,
    pub unit_code: String,
    pub from: Date,
    pub to: Date,
    pub value: Option<u64>,
    pub of: Option<u64>,
    pub tenths: Option<u64>,
}

/// Something that was raised, and perhaps notified.
#[derive(Clone, Debug)]
pub struct Raised {
    pub kind: &'static str,
    pub unit: UnitId,
    pub flagged_at: Timestamp,
    pub notified_at: Option<Timestamp>,
}

/// Something that went to another caregiver or came from one.
#[derive(Clone, Debug)]
pub struct Went {
    /// The kind of the other end.
    pub to: &'static str,
    pub unit: Option<UnitId>,
    /// Sent, or else received.
    pub sent: bool,
    /// When; a draft has not gone.
    pub at: Option<Timestamp>,
    pub answered: bool,
    pub taken_back: bool,
}

/// All of it.
pub struct Beside {
    pub care: Vec<Care>,
    pub own: Vec<Own>,
    pub raised: Vec<Raised>,
    pub went: Vec<Went>,
    /// Who gave the own figures, and reads them in the report.
    pub mas: Option<Client>,
}

/// The parts of a year that figures are given for, by their first and last month; never one twice.
fn spans(dice: &mut Dice) -> Vec<(i8, i8)> {
    dice.pick(&[
        vec![(1, 12)],
        vec![(1, 12)],
        vec![(3, 8)],
        vec![(1, 6), (7, 12)],
        vec![(2, 2), (5, 11)],
        vec![(12, 12)],
    ])
}

fn any_care(dice: &mut Dice, units: &[Unit]) -> Vec<Care> {
    let mut found = Vec::new();
    if dice.roll(4) == 0 {
        return found;
    }
    for year in [2023_i16, 2024, 2025] {
        for kind in ["bed_days", "interventions", "persons", "staff"] {
            // The house stands for its floor, or the floor for itself.
            let home: usize = dice.pick(&[1, 2]);
            for at in [home, 3, 4, 7] {
                if dice.roll(2) == 0 {
                    continue;
                }
                for (from, to) in spans(dice) {
                    let whole = dice.roll(20_000);
                    let hundredths = match kind {
                        "persons" | "staff" => dice.pick(&[0, 33, whole]),
                        _ => dice.pick(&[0, 100, whole * 100, whole * 100]),
                    };
                    found.push(Care { unit: units[at].id, kind, year, from, to, hundredths });
                }
            }
        }
        let home: usize = dice.pick(&[1, 2]);
        for at in [home, 3, 5] {
            if dice.roll(2) == 0 {
                continue;
            }
            let unit = units[at].id;
            let due = spans(dice);
            let amounts: Vec<u64> = due.iter().map(|_| dice.roll(9_000)).collect();
            for ((from, to), amount) in due.iter().copied().zip(&amounts) {
                let hundredths = amount * 100;
                found.push(Care { unit, kind: "doses_to_sign", year, from, to, hundredths });
            }
            // Mostly of the same months, and mostly fewer.
            let same = dice.roll(4) > 0;
            let signed = if same { due } else { spans(dice) };
            for (nth, (from, to)) in signed.into_iter().enumerate() {
                let due = amounts.get(nth).copied().unwrap_or(50);
                let amount = match dice.roll(6) {
                    0 => due + dice.roll(40),
                    _ => due.saturating_sub(dice.roll(300)),
                };
                let hundredths = amount * 100;
                found.push(Care { unit, kind: "signed_doses", year, from, to, hundredths });
            }
        }
    }
    found
}

fn any_own(dice: &mut Dice, units: &[Unit]) -> Vec<Own> {
    let mut found = Vec::new();
    if dice.roll(2) == 0 {
        return found;
    }
    for year in [2023_i16, 2024, 2025] {
        for name in ["Narkotikakontroller", "Hygien", "Signerade insatser"] {
            for place in [None, Some(1_usize), Some(2), Some(3)] {
                if dice.roll(2) == 0 {
                    continue;
                }
                let unit = place.map(|at| units[at].id);
                let unit_code = place.map(|at| units[at].code.clone()).unwrap_or_default();
                for (first, last) in spans(dice) {
                    let (from, to) = (date(year, first, 1), date(year, last, 1).last_of_month());
                    let all = dice.roll(300);
                    let part = dice.roll(all + 1);
                    let (value, of, tenths) = match name {
                        "Signerade insatser" => (None, None, Some(dice.roll(1_001))),
                        "Hygien" if dice.roll(3) == 0 => (Some(part), None, None),
                        _ => (Some(part), Some(all), None),
                    };
                    let unit_code = unit_code.clone();
                    found.push(Own { name, unit, unit_code, from, to, value, of, tenths });
                }
            }
        }
    }
    found
}

/// When the tenant's avvikelser began, or else the last year: what comes of them is never older here.
fn first_year(facts: &[Fact]) -> i16 {
    let counted = facts.iter().filter(|it| it.counted && !it.duplicate);
    let years = counted.filter(|it| it.kind == CaseKind::Avvikelse).map(|it| it.reported.year);
    years.min().unwrap_or(2025)
}

/// A time from the start of a year to the day before the report, often where a year turns.
fn any_time(dice: &mut Dice, first_year: i16) -> Timestamp {
    let at = |text: &str| parse_local(text).expect("a time");
    let (start, end) = (at(&format!("{first_year}-01-01 00:00")), at("2026-01-31 00:00"));
    let hours = u64::try_from((end.as_second() - start.as_second()) / 3_600).expect("later");
    let edge = dice.pick(&["2025-01-01 00:00", "2024-12-31 23:59", "2025-12-31 23:59"]);
    let any = start + SignedDuration::from_hours(i64::try_from(dice.roll(hours)).expect("small"));
    if dice.roll(5) == 0 { at(edge).max(start) } else { any }
}

/// Later by some days, or never; nothing has happened that lies ahead.
fn later(dice: &mut Dice, from: Timestamp, days: u64) -> Option<Timestamp> {
    let hours = i64::try_from(dice.roll(days * 24)).expect("small");
    let then = from + SignedDuration::from_hours(hours);
    let passed = then < parse_local("2026-02-01 00:00").expect("a time");
    (dice.roll(3) > 0 && passed).then_some(then)
}

fn process(code: &str) -> Process {
    match code {
        "lex_maria" => Process::LexMaria,
        "lex_sarah" => Process::LexSarah,
        _ => Process::Riskperson,
    }
}

/// What is raised: at most once of a case, but for a riskperson of no case.
fn any_raised(dice: &mut Dice, units: &[Unit], facts: &[Fact]) -> Vec<(Raised, Escalation)> {
    let first = first_year(facts);
    let many = usize::try_from(dice.roll(16)).expect("small").min(facts.len());
    let mut hosts: Vec<Option<&Fact>> = facts.iter().take(many).map(Some).collect();
    hosts.extend((0..dice.roll(4)).map(|_| None));
    let mut found = Vec::new();
    for host in hosts {
        let kind = match host {
            Some(_) => dice.pick(&["lex_maria", "lex_maria", "lex_sarah"]),
            None => "riskperson",
        };
        let unit = host.map_or_else(|| dice.pick(&units[1..]).id, |fact| fact.unit);
        let flagged_at = any_time(dice, first);
        let decided_at = later(dice, flagged_at, 200);
        let notified_at = decided_at.and_then(|at| later(dice, at, 200));
        let brought = Brought {
            kind: process(kind),
            flagged_at,
            decided_at,
            notified_at,
            ivo_decided_at: None,
            motivation: None,
        };
        // A riskperson stands beside no case.
        let case = host.map(|fact| fact.case);
        let of = OfCase {
            case: case.unwrap_or_else(|| Uuid::now_v7().into()),
            unit,
            laws: vec![if kind == "lex_sarah" { Law::Sol } else { Law::Hsl }],
            event_at: flagged_at,
            reported_at: flagged_at,
        };
        let made = imported(EscalationId(Uuid::now_v7()), brought, of, flagged_at);
        let made = Escalation { case, ..made };
        found.push((Raised { kind, unit, flagged_at, notified_at }, made));
    }
    found
}

/// Two of one kind, so that ends are added.
const ENDS: [&str; 4] = ["VC", "VC", "SPE", "NAM"];

fn ends(now: Timestamp) -> Vec<Counterparty> {
    let end = |(nth, kind): (usize, &&str)| Counterparty {
        id: CounterpartyId(Uuid::now_v7()),
        name: format!("Motpart {nth}"),
        kind: (*kind).to_owned(),
        hsa_id: None,
        answer_days: None,
        valid_from: None,
        valid_to: None,
        details: Details::default(),
        version: 1,
        updated_at: now,
    };
    ENDS.iter().enumerate().map(end).collect()
}

fn any_went(
    dice: &mut Dice,
    units: &[Unit],
    facts: &[Fact],
    ends: &[Counterparty],
) -> Vec<(Went, Forwarding)> {
    let first = first_year(facts).max(2023);
    let mut found = Vec::new();
    for number in 0..dice.roll(30) {
        let at = any_time(dice, first);
        let to = usize::try_from(dice.roll(4)).expect("small");
        // What is sent rests on a case; what comes in may be for no unit yet.
        let host = facts.get(usize::try_from(number).expect("small")).filter(|_| dice.roll(2) == 0);
        let answered_at = later(dice, at, 90);
        let brought = BroughtForwarding {
            id: ForwardingId(Uuid::now_v7()),
            seed: number * 7_919 + 1,
            direction: if host.is_some() { Direction::Sent } else { Direction::Received },
            counterparty: ends[to].id,
            case: host.map(|fact| (fact.case, fact.unit, Law::Hsl)),
            matter: "Läkemedelslista".to_owned(),
            sent_at: at,
            answered_at,
        };
        let mut made = Forwarding::imported(brought, at);
        if host.is_none() && dice.roll(3) > 0 {
            made.unit = Some(dice.pick(&units[1..]).id);
        }
        let ending = || Ending { reason: Some("Fel".to_owned()), by: None, at };
        let (mut gone, mut taken_back) = (Some(at), false);
        match (dice.roll(8), answered_at) {
            (0, _) => {
                made.state = State::Recalled(ending());
                taken_back = true;
            }
            (1, None) if host.is_some() => {
                made.state = State::Draft;
                made.sent_at = None;
                gone = None;
            }
            (2, None) if host.is_some() => made.state = State::ClosedWithoutAnswer(ending()),
            (3, Some(_)) => made.state = State::Closed(ending()),
            _ => {}
        }
        let went = Went {
            to: ENDS[to],
            unit: made.unit,
            sent: host.is_some(),
            at: gone,
            answered: answered_at.is_some(),
            taken_back,
        };
        found.push((went, made));
    }
    found
}

fn exposure(care: &Care, now: Timestamp) -> Exposure {
    let month = |month: i8| Month { year: care.year, month };
    Exposure {
        id: ExposureId(Uuid::now_v7()),
        unit: care.unit,
        kind: care.kind.parse().expect("a kind"),
        period: Months { from: month(care.from), to: month(care.to) },
        amount: Amount { hundredths: care.hundredths },
        source: None,
        version: 1,
        updated_at: now,
    }
}

/// A line of the file in which own figures are given.
fn line(own: &Own) -> String {
    let number = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
    let percent = own.tenths.map(|it| format!("{},{}", it / 10, it % 10)).unwrap_or_default();
    let Own { name, unit_code, from, to, value, of, .. } = own;
    format!("{name};{unit_code};{from};{to};{};{};{percent};Pärm\n", number(*value), number(*of))
}

impl Beside {
    /// Puts all of it into a tenant that has its units and cases.
    pub fn put(
        service: &Service,
        (slug, tenant): (&str, TenantId),
        dice: &mut Dice,
        units: &[Unit],
        facts: &[Fact],
    ) -> Self {
        let now = parse_local("2026-01-31 12:00").expect("a time");
        let care = any_care(dice, units);
        let exposures: Vec<Exposure> = care.iter().map(|it| exposure(it, now)).collect();
        let (raised, escalations): (Vec<Raised>, Vec<Escalation>) =
            any_raised(dice, units, facts).into_iter().unzip();
        let ends = ends(now);
        let (went, forwardings): (Vec<Went>, Vec<Forwarding>) =
            any_went(dice, units, facts, &ends).into_iter().unzip();
        let work = move |tx: &mut store::Tx<'_>| {
            // One statement takes so many values and no more.
            exposures.chunks(20).try_for_each(|some| tx.insert_exposures(some))?;
            ends.iter().try_for_each(|end| tx.insert_counterparty(end))?;
            for escalation in &escalations {
                tx.add_rows(|into| into.escalation(escalation))?;
            }
            for forwarding in &forwardings {
                tx.add_rows(|into| into.forwarding(forwarding))?;
            }
            Ok::<_, store::Error>(())
        };
        service.run(service.app.store.write(tenant, work)).expect("written");
        let own = any_own(dice, units);
        let mas = (!own.is_empty()).then(|| {
            let mas = service.holder((slug, tenant), "mas", Role::Mas, &[], &[]);
            let lines: String = own.iter().map(line).collect();
            let file = format!("namn;enhet;från;till;antal;av;procent;källa\n{lines}");
            let path = "/api/v1/own-figures/import";
            mas.send("POST", path, Some(("text/csv", file.into_bytes()))).expect(200);
            mas
        });
        Self { care, own, raised, went, mas }
    }
}
