//! Random towns with random cases, and the whole report of their year as the service makes it.

use std::collections::BTreeMap;

use domain::calendar::{end_of_day, start_of_day, start_of_year, swedish_date};
use domain::case::measure::Effect;
use domain::case::triage::Vardskada;
use domain::case::{Kind, Subkind, Track};
use domain::clock::{ClockSettings, LexFact, LexKind};
use domain::code_lists::CodeLists;
use domain::escalation::{self, Status};
use domain::exposure::{self, Amount, Exposure};
use domain::forwarding::ledger::ForwardingFact;
use domain::forwarding::{self, Direction};
use domain::ids::{CaseId, CounterpartyId, EscalationId, ExposureId, UnitId};
use domain::law::Law;
use domain::organisation::{Unit, UnitTree};
use domain::policy::Scope;
use domain::statistics::{EscalationFact, Month, Months, Times};
use domain::table::Limit;
use domain::yearly::build::{Asked, YearsCases, yearly};
use domain::yearly::sources::{
    CaseCount, ComplaintFact, DeviationFact, HarmCount, MeasureCount, OpinionCount, Sources,
    TraitCount,
};
use domain::yearly::suppression::{Rules, Within};
use domain::yearly::{About, Yearly};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::attacker::Places;
use crate::dice::Dice;

/// When the year is counted.
fn now() -> Timestamp {
    "2026-02-01T12:00:00Z".parse().expect("a time")
}

/// A town, with what anybody knows of it.
pub struct World {
    units: UnitTree,
    sources: Sources,
    deviations: Vec<DeviationFact>,
    pub rules: Rules,
    pub places: Places,
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// One of them.
fn pick<T: Clone>(dice: &mut Dice, from: &[T]) -> T {
    let at = dice.below(u64::try_from(from.len()).expect("a length"));
    from[usize::try_from(at).expect("a place")].clone()
}

/// One of them, or now and then none.
fn code(dice: &mut Dice, from: &[&str]) -> Option<String> {
    dice.chance(85).then(|| pick(dice, from).to_owned())
}

fn some_units(dice: &mut Dice) -> Vec<Unit> {
    let areas = ["SABO", "SABO", "KORT", "ORD.HTJ", "FUN.GRP"];
    let many = 2 + dice.below(4);
    let unit = |at: u64| Unit {
        id: UnitId(id(u128::from(at) + 1)),
        code: format!("u{at}"),
        name: format!("Enhet {at}"),
        area: Some(areas[usize::try_from(at).expect("a place")].to_owned()),
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    (0..many).map(unit).collect()
}

/// The units in the order of their ids: a tree gives them in another one each time, and dice would fall on others.
fn in_order(units: &UnitTree) -> Vec<&Unit> {
    let mut all: Vec<&Unit> = units.iter().collect();
    all.sort_by_key(|unit| unit.id);
    all
}

/// What is known of the units: where they lie, and how large some are.
fn known(dice: &mut Dice, units: &UnitTree) -> (Places, Rules) {
    let limit = |dimension: &str, code: &str| Limit {
        dimension: dimension.to_owned(),
        code: Some(code.to_owned()),
    };
    let (mut places, mut rules) =
        (Places::new(), Rules { threshold: 5, small_unit: 20, ..Rules::default() });
    for unit in in_order(units) {
        let area = units.area_of(unit.id).map(str::to_owned);
        let group = units.area_group_of(unit.id).map(|group| group.code.clone());
        let inner = limit("unit", &unit.id.to_string());
        for outer in [
            area.as_ref().map(|it| limit("area", it)),
            group.as_ref().map(|it| limit("area_group", it)),
        ] {
            rules.within.extend(outer.map(|outer| Within { inner: inner.clone(), outer }));
        }
        if dice.chance(70) {
            rules.sizes.insert(unit.id.to_string(), 10 + dice.below(40));
        }
        places.insert(unit.id.to_string(), (area, group));
    }
    (places, rules)
}

impl World {
    pub fn new(dice: &mut Dice) -> Self {
        let units = UnitTree::new(some_units(dice));
        let (places, rules) = known(dice, &units);
        let ids: Vec<UnitId> = in_order(&units).iter().map(|unit| unit.id).collect();
        let mut world =
            Self { units, sources: Sources::default(), deviations: Vec::new(), rules, places };
        let (deviations, opinions) = (pick(dice, &[5, 20, 150]), pick(dice, &[0, 4, 30]));
        for _ in 0..deviations {
            world.deviation(dice, &ids);
        }
        for _ in 0..opinions {
            world.opinion(dice, &ids);
        }
        for number in 0..dice.below(9) {
            world.escalation(dice, &ids, u128::from(number));
        }
        world.harm();
        world.beside(dice);
        world
    }

    /// A town of which it is known, too, how much care there was: by unit, in all months or in some.
    pub fn with_care(dice: &mut Dice) -> Self {
        let mut world = Self::new(dice);
        let ids: Vec<UnitId> = in_order(&world.units).iter().map(|unit| unit.id).collect();
        for unit in ids {
            for kind in [exposure::Kind::BedDays, exposure::Kind::Persons, exposure::Kind::Staff] {
                if dice.chance(70) {
                    let from = pick(dice, &[1, 1, 4, 7]);
                    let amount = Amount::whole(10 + dice.below(60));
                    world.care(unit, kind, from, amount);
                }
            }
            if dice.chance(70) {
                let from = pick(dice, &[1, 1, 7]);
                let (signed, unsigned) = (500 + dice.below(9_000), dice.below(30));
                world.care(unit, exposure::Kind::SignedDoses, from, Amount::whole(signed));
                let due = Amount::whole(signed + unsigned);
                world.care(unit, exposure::Kind::DosesToSign, from, due);
            }
        }
        world
    }

    /// How much there was of a kind, from a month to the end of the year.
    fn care(&mut self, unit: UnitId, kind: exposure::Kind, from: i8, amount: Amount) {
        let number = u128::try_from(self.sources.exposures.len()).expect("a length");
        let month = |month: i8| Month { year: 2025, month };
        self.sources.exposures.push(Exposure {
            id: ExposureId(id(3_000 + number)),
            unit,
            kind,
            period: Months { from: month(from), to: month(12) },
            amount,
            source: None,
            version: 1,
            updated_at: start_of_day(date(2026, 1, 15)),
        });
    }

    fn deviation(&mut self, dice: &mut Dice, units: &[UnitId]) {
        let unit = pick(dice, units);
        let year = if dice.chance(60) { 2025 } else { 2024 };
        let month = 1 + i16::try_from(dice.below(12)).expect("small");
        let law =
            pick(dice, &[Some(Law::Hsl), Some(Law::Hsl), Some(Law::Sol), Some(Law::Lss), None]);
        let category =
            code(dice, &["HSL.FAL", "HSL.FAL.TIL", "HSL.LKM.NAR", "HSL.LKM.TID", "SOC.BMT"]);
        let injury = code(dice, &["ING", "OBE", "SAR", "FRA", "OKA"]);
        let reported = start_of_day(date(year, i8::try_from(month).expect("a month"), 3));
        let later = |dice: &mut Dice, days: u64| {
            let days = i64::try_from(days + dice.below(20)).expect("small");
            dice.chance(70).then(|| reported + (days * 24).hours())
        };
        let imported = dice.chance(10);
        self.sources.cases.push(CaseCount {
            year,
            kind: Kind::Avvikelse,
            subkind: None,
            unit,
            law,
            category: category.clone(),
            imported,
            count: 1,
        });
        let vardskada = pick(dice, &Vardskada::ALL);
        self.sources.traits.push(TraitCount {
            year,
            month,
            severity: dice.chance(80).then(|| 1 + i16::try_from(dice.below(4)).expect("small")),
            vardskada,
            injury: injury.clone(),
            sex: code(dice, &["K", "M", "O"]),
            count: 1,
        });
        let times = Times {
            occurred: dice.chance(90).then(|| reported - 5.hours()),
            reported,
            triaged: later(dice, 0),
            investigated: later(dice, 20),
            closed: later(dice, 40),
        };
        // One event a case here: what was, or could have been, a vårdskada under HSL.
        if law == Some(Law::Hsl) && matches!(vardskada, Vardskada::Yes | Vardskada::CouldHave) {
            let serious = u64::from(dice.chance(40));
            let is = |wanted: Vardskada| u64::from(vardskada == wanted);
            self.sources.harm.push(HarmCount {
                year,
                investigated: u64::from(times.investigated.is_some()),
                harm: is(Vardskada::Yes),
                serious: is(Vardskada::Yes) * serious,
                serious_risk: is(Vardskada::CouldHave) * serious,
            });
        }
        if year == 2025 {
            self.deviations.push(DeviationFact {
                unit,
                month,
                category,
                injury,
                law_reported: law,
                law_assessed: law,
                category_reported: None,
                category_assessed: None,
                track: pick(dice, &[None, Some(Track::Simple), Some(Track::Standard)]),
                imported,
                times,
            });
        }
    }

    fn opinion(&mut self, dice: &mut Dice, units: &[UnitId]) {
        let year = if dice.chance(60) { 2025 } else { 2024 };
        let kind = pick(dice, &[Kind::Synpunkt, Kind::Klagomal]);
        let subkind = if kind == Kind::Synpunkt {
            pick(dice, &[None, Some(Subkind::Praise), Some(Subkind::Proposal)])
        } else {
            None
        };
        let category = code(dice, &["K.OMV", "K.OMV.TID", "K.KOM", "K.HAN"]);
        let reported_at = start_of_day(date(year, 6, 1));
        let days = i64::try_from(dice.below(230)).expect("small");
        self.sources.cases.push(CaseCount {
            year,
            kind,
            subkind,
            unit: pick(dice, units),
            law: None,
            category: category.clone(),
            imported: false,
            count: 1,
        });
        let closed_at = dice.chance(80).then(|| reported_at + (days * 24).hours());
        let by = |end| closed_at.is_some_and(|at| at < end);
        self.sources.opinions.push(OpinionCount {
            year,
            kind,
            subkind,
            category,
            closed_at_year_end: by(start_of_year(year + 1)),
            closed: by(end_of_day(swedish_date(now()))),
            count: 1,
        });
        if year == 2025 && kind == Kind::Klagomal {
            self.sources.complaints.push(ComplaintFact { reported_at, closed_at, brief: None });
        }
    }

    fn escalation(&mut self, dice: &mut Dice, units: &[UnitId], number: u128) {
        let (kind, lex) = pick(
            dice,
            &[
                (escalation::Kind::LexMaria, Some(LexKind::LexMaria)),
                (escalation::Kind::LexSarah, Some(LexKind::LexSarah)),
                (escalation::Kind::Riskperson, None),
            ],
        );
        let unit = pick(dice, units);
        let year = if dice.chance(70) { 2025 } else { 2024 };
        let flagged_at = start_of_day(date(year, 3, 1));
        let notified_at = dice.chance(60).then(|| flagged_at + 240.hours());
        let status = if notified_at.is_some() { Status::Notified } else { Status::Assessing };
        let law = if kind == escalation::Kind::LexSarah { Law::Sol } else { Law::Hsl };
        self.sources.escalations.push(EscalationFact {
            kind,
            status,
            unit,
            law,
            starts_at: flagged_at,
            flagged_at,
            decided_at: notified_at,
            notified_at,
        });
        self.sources.lex.extend(lex.map(|kind| LexFact {
            id: EscalationId(id(1_000 + number)),
            kind,
            case: CaseId(id(2_000 + number)),
            unit,
            law,
            status: status.code().to_owned(),
            starts_at: flagged_at,
            flagged_at,
            received_at: Some(flagged_at),
            decided_at: notified_at,
            decided_yes: notified_at.map(|_| true),
            notified_at,
            inquiry_submitted_at: None,
            supplement_due_on: None,
            closed_at: None,
            asleep: false,
            version: 1,
            updated_at: flagged_at,
        }));
    }

    /// The events of each year together.
    fn harm(&mut self) {
        let mut years: BTreeMap<i16, HarmCount> = BTreeMap::new();
        for it in self.sources.harm.drain(..) {
            let of =
                years.entry(it.year).or_insert(HarmCount { year: it.year, ..HarmCount::default() });
            of.investigated += it.investigated;
            of.harm += it.harm;
            of.serious += it.serious;
            of.serious_risk += it.serious_risk;
        }
        self.sources.investigated_in = [2025, 2024]
            .map(|year| (year, years.get(&year).map_or(0, |it| it.investigated)))
            .into();
        self.sources.harm = years.into_values().collect();
    }

    /// Causes, measures and what went between caregivers.
    fn beside(&mut self, dice: &mut Dice) {
        let all = u64::try_from(self.deviations.len()).expect("a length");
        self.sources.with_cause = dice.below(all + 1);
        let mut left = self.sources.with_cause;
        for cause in ["ORS.KOM", "ORS.TEK", "ORS.IND"] {
            let count = if cause == "ORS.IND" { left } else { dice.below(left + 1) };
            left -= count;
            if count > 0 {
                self.sources.causes.push((cause.to_owned(), count));
            }
        }
        for _ in 0..dice.below(12) {
            let done = dice.chance(50);
            let effect = if done { pick(dice, &Effect::ALL) } else { Effect::NotYet };
            self.sources.measures.push(MeasureCount {
                kind: pick(dice, &["ATG.RUT", "ATG.UTB"]).to_owned(),
                effect,
                done,
                overdue: !done && dice.chance(50),
                count: 1 + dice.below(3),
            });
        }
        for _ in 0..dice.below(20) {
            let sent_at = start_of_day(date(if dice.chance(70) { 2025 } else { 2024 }, 5, 1));
            let answered_at = dice.chance(50).then(|| sent_at + 48.hours());
            self.sources.forwardings.push(ForwardingFact {
                counterparty: CounterpartyId(id(1)),
                direction: pick(dice, &[Direction::Sent, Direction::Received]),
                kind: forwarding::Kind::Single,
                status: forwarding::Status::Answered,
                unit: None,
                law: Law::Hsl,
                sent_at,
                acknowledged_at: None,
                answered_at,
            });
        }
    }

    /// The report without what is not public.
    pub fn report(&self) -> Yearly {
        let now = now();
        let (codes, clocks) = (CodeLists::shared(), ClockSettings::default());
        let mut cases = YearsCases::default();
        for case in &self.deviations {
            cases.add(case, &codes, &clocks, (now, now));
        }
        let asked = Asked {
            about: &About::Whole,
            year: 2025,
            scope: &Scope::All,
            units: &self.units,
            codes: &codes,
            clocks: &clocks,
            breaks: &[],
            now,
        };
        let mut report = yearly(&asked, &self.sources, cases);
        for section in &mut report.sections {
            section.tables.retain(|table| !table.id.ends_with("_by_filer_and_assessor"));
        }
        report
    }
}
