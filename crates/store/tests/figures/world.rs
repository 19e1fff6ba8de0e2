//! A tenant full of facts that look random, and what they are counted as by hand.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::parse_local;
use domain::case::investigation::{Cause, Investigation};
use domain::case::triage::Vardskada;
use domain::case::{Case, Filing, Kind, Progress, State, Status, Subkind, Track};
use domain::code_lists::CodeLists;
use domain::forms::{Asked, Coded};
use domain::ids::{CaseId, CauseId, InvestigationId, TenantId, UnitId};
use domain::law::Law;
use domain::number::CaseNumber;
use domain::organisation::{Unit, UnitTree};
use domain::policy::Scope;
use domain::statistics::Row;
use domain::statistics::{Cube, CubeQuery, Dimension, Fact, Fold, Key, Measure, Of, Part, Period};
use domain::suggest::Hit;
use domain::survey::Satisfied;
use jiff::SignedDuration;
use store::{Error, Store, Tx};
use uuid::Uuid;

use crate::common::{now, tenant, unit};

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
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()].clone()
    }

    /// One of them, or now and then none.
    fn code(&mut self, from: &[&str]) -> Option<String> {
        (self.roll(5) > 0).then(|| self.pick(from).to_owned())
    }

    fn flag(&mut self) -> Option<bool> {
        self.pick(&[Some(true), Some(false), None])
    }
}

/// Three units in two areas, the second below the first, and one that has none.
fn some_units() -> Vec<Unit> {
    let named = |code: &str, name: &str, area: Option<&str>| Unit {
        name: name.to_owned(),
        area: area.map(str::to_owned),
        ..unit(code)
    };
    let first = named("u1", "Ängen", Some("SABO"));
    let second = Unit { parent: Some(first.id), ..named("u2", "Åkern", Some("SABO")) };
    vec![first, second, named("u3", "Bäcken", Some("ORD.HTJ")), named("u4", "Dalen", None)]
}

pub fn any_fact(dice: &mut Dice, units: &[Unit]) -> Fact {
    let hours = |hours: u64| SignedDuration::from_hours(i64::try_from(hours).unwrap());
    let reported_at = parse_local("2023-10-01").unwrap() + hours(dice.roll(20_000));
    let occurred_at = (dice.roll(8) > 0).then(|| reported_at - hours(dice.roll(1_500)));
    let triaged_at = (dice.roll(3) > 0).then(|| reported_at + hours(dice.roll(300)));
    let closed_at = (dice.roll(2) > 0).then(|| reported_at + hours(300 + dice.roll(3_000)));
    let kind = dice.pick(&Kind::ALL);
    let subkinds = [None, Some(Subkind::Praise), Some(Subkind::Proposal)];
    let mut laws = Law::ALL.to_vec();
    laws.rotate_left(usize::try_from(dice.roll(3)).unwrap());
    laws.truncate(usize::try_from(dice.roll(4)).unwrap());
    let categories = ["HSL.FAL", "HSL.FAL.TIL", "HSL.LKM", "HSL.LKM.TID", "K.OMV.TID", "K.OMV"];
    let number =
        |dice: &mut Dice| (dice.roll(4) > 0).then(|| u8::try_from(1 + dice.roll(4)).unwrap());
    Fact {
        case: CaseId(Uuid::now_v7()),
        counted: dice.roll(20) > 0,
        duplicate: dice.roll(15) == 0,
        reported: reported_at.into(),
        occurred: occurred_at.map(Period::from),
        kind,
        subkind: if kind == Kind::Synpunkt { dice.pick(&subkinds) } else { None },
        unit: dice.pick(units).id,
        reporting_unit: dice.pick(units).id,
        laws,
        category: dice.code(&categories),
        law_reported: None,
        law_assessed: None,
        category_reported: None,
        category_assessed: None,
        nature: dice.code(&["NEG", "TIL", "RIS"]),
        severity: number(dice),
        probability: number(dice),
        vardskada: dice.pick(&Vardskada::ALL),
        serious: dice.flag(),
        injury: dice.code(&["ING", "SAR", "FRA"]),
        reached_person: dice.flag(),
        track: dice.pick(&[Some(Track::Simple), Some(Track::Deep), None]),
        outcome: dice.code(&["UTF.ATG", "UTF.DIR"]),
        status: dice.pick(&[Status::Reported, Status::Triaged, Status::Closed]),
        source: dice.code(&["PER", "NAR"]),
        channel: dice.code(&["APP", "TEL"]),
        profession: dice.code(&["SSK", "USK"]),
        sex: dice.code(&["K", "M", "O"]),
        age_band: dice.code(&["0-17", "80-"]),
        suggestion: dice.pick(&[Some(Hit::First), Some(Hit::Missed), None]),
        suggestion_reported: dice.pick(&[Some(Hit::Top3), Some(Hit::None), None]),
        understood: dice.pick(&[Some(Satisfied::Yes), Some(Satisfied::No), None]),
        helped: dice.pick(&[Some(Satisfied::Yes), Some(Satisfied::Partly), None]),
        patientnamnd: dice.code(&["PN1", "PN1.5", "PN3.4"]),
        investigation: None,
        imported: false,
        answers: any_answers(dice),
        occurred_at,
        reported_at,
        triaged_at,
        investigated_at: None,
        closed_at,
    }
}

/// Answers to one question of which there is one, to one of which there may be several, or to none.
fn any_answers(dice: &mut Dice) -> Vec<Coded> {
    let asked = |code: &str| Asked::find(code).unwrap();
    let mut answers = Vec::new();
    if let Some(code) = dice.code(&["PLA.SOV", "PLA.BAD", "PLA.UTE"]) {
        answers.push(Coded { asked: asked("fall_place"), code });
    }
    for code in ["light", "rug", "ice"] {
        if dice.roll(3) == 0 {
            let asked = asked("fall_surroundings");
            answers.push(Coded { asked, code: code.to_owned() });
        }
    }
    answers
}

/// The least case a fact can hang on.
pub fn case_of(fact: &Fact, number: u64) -> Case {
    Case {
        id: fact.case,
        number: CaseNumber::from_random(fact.kind.number_kind(), 2025, number),
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
        imported: false,
        version: 1,
        updated_at: fact.reported_at,
    }
}

/// The codes that the investigation of a case found; some twice. `None` where there is no investigation.
pub type Causes = BTreeMap<CaseId, Vec<String>>;

fn any_causes(dice: &mut Dice, facts: &[Fact]) -> Causes {
    let mut causes = Causes::new();
    for fact in facts {
        if dice.roll(3) > 0 {
            let many = dice.roll(4);
            let codes = (0..many).map(|_| dice.pick(&["ORS.KOM", "ORS.TEK", "ORS.PRO"]).to_owned());
            causes.insert(fact.case, codes.collect());
        }
    }
    causes
}

fn investigation_of(fact: &Fact, codes: &[String]) -> Investigation {
    let id = InvestigationId(Uuid::now_v7());
    let cause = |code: &String| Cause {
        id: CauseId(Uuid::now_v7()),
        code: code.clone(),
        text: None,
        waiver: None,
    };
    let causes = codes.iter().map(cause).collect();
    Investigation { causes, ..Investigation::begin(id, None, fact.reported_at) }
}

fn insert(tx: &mut Tx<'_>, facts: &[Fact], causes: &Causes) -> Result<(), Error> {
    for (number, fact) in (1u64..).zip(facts) {
        let mut case = case_of(fact, number * 7_919);
        if let Some(codes) = causes.get(&fact.case) {
            case.investigation = Some(investigation_of(fact, codes));
        }
        tx.add_rows(|rows| rows.case(&case))?;
        tx.add_rows(|rows| rows.fact(fact))?;
    }
    Ok(())
}

/// A tenant full of facts.
pub struct World {
    pub store: Store,
    pub tenant: TenantId,
    pub units: Vec<Unit>,
    pub facts: Vec<Fact>,
    /// The causes, of the cases that have an investigation.
    pub causes: Causes,
    /// The events that several cases share, by case.
    pub events: BTreeMap<CaseId, CaseId>,
}

impl World {
    pub async fn new(store: Store, own: TenantId) -> Self {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let units = some_units();
        let facts: Vec<Fact> = (0..400).map(|_| any_fact(&mut dice, &units)).collect();
        let shared: Vec<(CaseId, CaseId)> =
            (0..120).map(|_| (dice.pick(&facts).case, dice.pick(&facts).case)).collect();

        // Another tenant's facts are beside them and must never be seen.
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let their_units = some_units();
        let theirs: Vec<Fact> = (0..50).map(|_| any_fact(&mut dice, &their_units)).collect();
        let causes = any_causes(&mut dice, &facts);
        let their_causes = any_causes(&mut dice, &theirs);
        for (tenant, units, facts, causes) in [
            (own, units.clone(), facts.clone(), causes.clone()),
            (other.id, their_units, theirs, their_causes),
        ] {
            store
                .write(tenant, move |tx| {
                    units.iter().try_for_each(|unit| tx.insert_unit(unit))?;
                    insert(tx, &facts, &causes)
                })
                .await
                .unwrap();
        }
        let mut events: BTreeMap<CaseId, CaseId> = BTreeMap::new();
        for (one, other) in &shared {
            let of = |case: &CaseId| events.get(case).copied().unwrap_or(*case);
            let (a, b) = (of(one), of(other));
            let joined: Vec<CaseId> = facts
                .iter()
                .map(|fact| fact.case)
                .filter(|case| [a, b].contains(&of(case)))
                .collect();
            events.extend(joined.into_iter().map(|case| (case, a.min(b))));
        }
        store
            .write(own, move |tx| {
                shared.iter().try_for_each(|(one, other)| tx.join_events(*one, *other))
            })
            .await
            .unwrap();
        Self { store, tenant: own, units, facts, causes, events }
    }

    pub fn unit(&self, code: &str) -> UnitId {
        self.units.iter().find(|unit| unit.code == code).unwrap().id
    }

    /// The answer, made as the service makes it.
    pub async fn ask(&self, text: &str, scope: Scope<UnitId>) -> Cube {
        let (units, codes) = (UnitTree::new(self.units.clone()), CodeLists::shared());
        let pairs: Vec<_> = text.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let params: Vec<_> =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let now = parse_local("2026-02-01 12:00").unwrap();
        let query = CubeQuery::parse(&params, &units, &codes, now).unwrap();
        self.store
            .read(self.tenant, move |tx| -> Result<Cube, Error> {
                let mut fold = Fold::new(&query, &units, &codes);
                let (grouped, single) = match (query.wants(Measure::LeadTime), query.of) {
                    (true, _) => (None, Some(Part::All)),
                    (false, Of::Events) => (Some(Part::OwnEvent), Some(Part::SharedEvent)),
                    (false, Of::Cases | Of::Mentions) => (Some(Part::All), None),
                };
                if let Some(part) = grouped {
                    let base = query.base(&scope, part);
                    if !tx.sums(&base, |row| fold.add_summed(&row))? {
                        tx.plain_figures(&base)?.iter().for_each(|row| fold.add(row));
                    }
                }
                if let Some(part) = single {
                    tx.figure_rows(&query.base(&scope, part), |row| fold.add_case(row))?;
                }
                let unplaced = match query.unplaced(&scope) {
                    Some(base) => Some(tx.figures(&base)?[0].count),
                    None => None,
                };
                Ok(fold.finish(unplaced, &scope))
            })
            .await
            .unwrap()
    }

    /// The counts by key, also the sum of what the rows say against the total.
    pub async fn counts(&self, text: &str) -> BTreeMap<Vec<String>, u64> {
        let cube = self.ask(text, Scope::All).await;
        let sum: u64 = cube.rows.iter().map(|row| row.figures.count).sum();
        assert_eq!(cube.total.count, sum, "{text}");
        assert_eq!(cube.rows.iter().map(shown).collect::<BTreeSet<_>>().len(), cube.rows.len());
        cube.rows.iter().map(|row| (shown(row), row.figures.count)).collect()
    }

    /// The facts that count at all.
    pub fn counted(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| fact.counted && !fact.duplicate)
    }

    /// Those reported in 2025.
    pub fn of_2025(&self) -> impl Iterator<Item = &Fact> {
        self.counted().filter(|fact| fact.reported.year == 2025)
    }
}

pub fn shown(row: &Row) -> Vec<String> {
    let key = |key: &Key| match key {
        Key::None => "null".to_owned(),
        Key::Number(number) => number.to_string(),
        Key::Flag(flag) => flag.to_string(),
        Key::Code(code) | Key::Group { code, .. } => code.clone(),
        Key::Unit(unit) => unit.name.clone(),
        Key::Counterparty { name, .. } => name.clone(),
    };
    row.keys.iter().map(|it| key(it)).collect()
}

pub fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

/// What a fact has on a dimension, said without the code under test.
pub fn by_hand(fact: &Fact, units: &[Unit], dimension: Dimension) -> String {
    let name = |id: UnitId| units.iter().find(|unit| unit.id == id).unwrap();
    let number = |value: Option<u8>| value.map(|value| value.to_string());
    let flag = |value: Option<bool>| value.map(|value| value.to_string());
    let at = fact.reported;
    let value = match dimension {
        Dimension::Year => Some(at.year.to_string()),
        Dimension::Half => Some(if at.month <= 6 { "1" } else { "2" }.to_owned()),
        Dimension::Tertial => {
            Some(["1", "2", "3"][(usize::try_from(at.month).unwrap() - 1) / 4].to_owned())
        }
        Dimension::Month => Some(at.month.to_string()),
        Dimension::Week => Some(at.week.to_string()),
        Dimension::Weekday => Some(at.weekday.to_string()),
        Dimension::HourBand => Some(format!("{:02}-{:02}", at.hour / 6 * 6, at.hour / 6 * 6 + 6)),
        Dimension::Kind => Some(fact.kind.code().to_owned()),
        Dimension::Unit => Some(name(fact.unit).name.clone()),
        Dimension::ReportingUnit => Some(name(fact.reporting_unit).name.clone()),
        Dimension::Area => name(fact.unit).area.clone(),
        Dimension::AreaGroup => {
            let area = name(fact.unit).area.as_deref();
            area.map(|area| if area == "SABO" { "SABO" } else { "ORD" }.to_owned())
        }
        // Of these a case may have several: they are counted by themselves.
        Dimension::Cause | Dimension::Counterparty => None,
        Dimension::Law => fact.laws.first().map(|law| law.code().to_owned()),
        Dimension::Category => fact.category.clone(),
        Dimension::CategoryTop => {
            let two = |code: &String| code.split('.').take(2).collect::<Vec<_>>().join(".");
            fact.category.as_ref().map(two)
        }
        Dimension::Nature => fact.nature.clone(),
        Dimension::Severity => number(fact.severity),
        Dimension::Probability => number(fact.probability),
        Dimension::Vardskada => Some(fact.vardskada.code().to_owned()),
        Dimension::Serious => flag(fact.serious),
        Dimension::Injury => fact.injury.clone(),
        Dimension::ReachedPerson => flag(fact.reached_person),
        Dimension::Track => fact.track.map(|track| track.code().to_owned()),
        Dimension::Outcome => fact.outcome.clone(),
        Dimension::Status => Some(fact.status.code().to_owned()),
        Dimension::Source => fact.source.clone(),
        Dimension::Channel => fact.channel.clone(),
        Dimension::Profession => fact.profession.clone(),
        Dimension::Sex => fact.sex.clone(),
        Dimension::AgeBand => fact.age_band.clone(),
        Dimension::Suggestion => fact.suggestion.map(|hit| hit.code().to_owned()),
        Dimension::SuggestionReported => fact.suggestion_reported.map(|it| it.code().to_owned()),
        Dimension::Understood => fact.understood.map(|it| it.code().to_owned()),
        Dimension::Helped => fact.helped.map(|it| it.code().to_owned()),
        Dimension::Patientnamnd => fact.patientnamnd.clone(),
        Dimension::Answer(asked) => {
            let answer = fact.answers.iter().find(|answer| answer.asked == asked);
            answer.map(|answer| answer.code.clone())
        }
    };
    value.unwrap_or_else(|| "null".to_owned())
}
