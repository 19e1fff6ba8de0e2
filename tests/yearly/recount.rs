//! A plain recount: what each cell counts is read off its column and its row, and counted one case at a
//! time. Nothing here knows how the report is made.

use std::collections::BTreeSet;

use app::SetUp;
use domain::calendar::parse_local;
use domain::case::Kind;
use domain::code_lists::CodeLists;
use domain::ids::UnitId;
use domain::organisation::UnitTree;
use domain::settings::Settings;
use domain::statistics::Fact;
use domain::table::{Cell, Column, Holds, Row, Table};
use domain::yearly::{About, Yearly};
use jiff::Timestamp;
use testkit::{Client, Service, on_each_database};

use crate::beside::Raised;
use crate::lex::Run;
use crate::swedish;
use crate::world::World;

pub fn now() -> Timestamp {
    parse_local("2026-02-01 12:00").expect("a time")
}

/// The report as the service makes it.
fn report(service: &Service, world: &World, year: i16, about: About) -> Yearly {
    let set_up = SetUp {
        units: UnitTree::new(world.units.clone()).into(),
        codes: CodeLists::shared(),
        settings: Settings::default().into(),
        learning_cards: Vec::new().into(),
    };
    let read = move |tx: &mut store::Tx<'_>| app::reports::gather(tx, &set_up, year, &about, now());
    let report = service.run(service.app.store.read(world.tenant, read)).expect("a report");
    assert_eq!(report.flaws(), []);
    report
}

/// What is recounted, without what is never counted.
pub struct Plain<'a> {
    pub world: &'a World,
    pub facts: Vec<&'a Fact>,
    pub year: i16,
    /// The units it is about, and whether that is the whole tenant.
    pub units: BTreeSet<UnitId>,
    pub whole: bool,
}

/// The first parts of a code, by dots.
fn first(code: &str, parts: usize) -> String {
    code.split('.').take(parts).collect::<Vec<_>>().join(".")
}

impl Plain<'_> {
    fn area(&self, fact: &Fact) -> Option<String> {
        let mut unit = self.world.units.iter().find(|unit| unit.id == fact.unit);
        while let Some(here) = unit {
            if here.area.is_some() {
                return here.area.clone();
            }
            unit = self.world.units.iter().find(|above| Some(above.id) == here.parent);
        }
        None
    }

    /// Whether a case has a value on a dimension.
    fn has(&self, fact: &Fact, dimension: &str, code: Option<&str>) -> bool {
        let is = |value: Option<String>| value.as_deref() == code;
        let law = |law: Option<domain::law::Law>| law.map(|law| law.code().to_owned());
        match dimension {
            "year" => is(Some(swedish::year(fact.reported_at).to_string())),
            "month" => is(Some(swedish::local(fact.reported_at).month().to_string())),
            "unit" => is(Some(fact.unit.to_string())),
            "area" => is(self.area(fact)),
            "area_group" => is(self.area(fact).map(|area| {
                let top = first(&area, 1);
                if top == "KORT" { "SABO".to_owned() } else { top }
            })),
            "law" => is(law(fact.laws.first().copied())),
            "law_reported" => is(law(fact.law_reported)),
            "law_assessed" => is(law(fact.law_assessed)),
            // Two parts make a code of the first order in both lists.
            "category" => match (code, &fact.category) {
                (None, category) => category.is_none(),
                (Some(code), Some(category)) => {
                    *category == code || category.starts_with(&format!("{code}."))
                }
                (Some(_), None) => false,
            },
            "subcategory" => is(fact.category.clone()),
            "category_reported" => is(fact.category_reported.as_deref().map(|it| first(it, 2))),
            "category_agreement" => {
                let said = match (&fact.category_reported, &fact.category_assessed) {
                    (_, None) => "not_assessed",
                    (Some(one), Some(other)) if one == other => "same",
                    (Some(one), Some(other)) if first(one, 2) == first(other, 2) => "within",
                    (_, Some(_)) => "other",
                };
                code == Some(said)
            }
            "severity" => is(fact.severity.map(|it| it.to_string())),
            "vardskada" => is(Some(fact.vardskada.code().to_owned())),
            "injury" => is(fact.injury.clone()),
            "injured" => is(match fact.injury.as_deref() {
                None | Some("OKA") => None,
                Some("ING" | "OBE") => Some("false".to_owned()),
                Some(_) => Some("true".to_owned()),
            }),
            // Whoever says that the sex is not known says no more than whoever says nothing.
            "sex" => is(fact.sex.clone().filter(|it| it != "O")),
            "kind" => is(Some(fact.kind.code().to_owned())),
            "opinion_kind" => {
                let of = match (fact.kind, fact.subkind.map(|it| it.code())) {
                    (Kind::Klagomal, _) => "KLA".to_owned(),
                    (_, Some(subkind)) => format!("SYN.{subkind}"),
                    (_, None) => "SYN".to_owned(),
                };
                code == Some(&of)
            }
            "closed" => fact.closed_at.is_some(),
            "closed_at_year_end" => {
                let end = swedish::year_begins(swedish::year(fact.reported_at) + 1);
                fact.closed_at.is_some_and(|at| at < end)
            }
            other => panic!("a dimension nobody recounts: {other}"),
        }
    }

    /// Whether a year is counted: not when the tenant had none of its kind before, nor in it.
    pub fn counts(&self, deviations: bool, year: i16) -> bool {
        let all = self.world.facts.iter().filter(|it| it.counted && !it.duplicate);
        let mut of_kind = all.filter(|it| (it.kind == Kind::Avvikelse) == deviations);
        year == self.year || of_kind.any(|it| swedish::year(it.reported_at) <= year)
    }

    /// Whether what a column counts in a row is counted at all.
    fn is_counted(&self, table: &Table, column: &Column, row: Option<&Row>) -> bool {
        let in_row = || {
            let at = table.heads.iter().position(|head| head.id == "year")?;
            row?.keys[at].code.as_deref()?.parse().ok()
        };
        let year: Option<i16> = column.year.or_else(in_row);
        year.is_none_or(|year| self.counts(column.set != "opinions", year))
    }

    /// The cases that a column counts, in a row or in all of them.
    fn cases(&self, table: &Table, column: &Column, row: Option<&Row>) -> Vec<&Fact> {
        let of_set = |fact: &&&Fact| match column.set.as_str() {
            "deviations" => fact.kind == Kind::Avvikelse,
            "deviations_social" => {
                fact.kind == Kind::Avvikelse
                    && matches!(fact.laws.first().map(|law| law.code()), Some("SOL" | "LSS"))
            }
            "opinions" => fact.kind != Kind::Avvikelse,
            other => panic!("a set nobody recounts: {other} in {}", table.id),
        };
        let limits = |fact: &&&Fact| {
            column.year.is_none_or(|year| swedish::year(fact.reported_at) == year)
                && column
                    .limits
                    .iter()
                    .all(|limit| self.has(fact, &limit.dimension, limit.code.as_deref()))
        };
        let keys = |fact: &&&Fact| {
            row.is_none_or(|row| {
                let mut keys = table.heads.iter().zip(&row.keys);
                keys.all(|(head, key)| self.has(fact, &head.id, key.code.as_deref()))
            })
        };
        self.facts.iter().filter(of_set).filter(limits).filter(keys).copied().collect()
    }
}

/// Tenths of a per cent, half up.
pub fn per_mille(part: usize, of: usize) -> Cell {
    if of == 0 {
        return Cell::None;
    }
    Cell::Tenths(i64::try_from((part * 2_000 + of) / (of * 2)).expect("small"))
}

pub fn counted(cell: &Cell) -> i64 {
    match cell {
        Cell::Count(count) => i64::try_from(*count).expect("small"),
        other => panic!("no count: {other:?}"),
    }
}

/// What is more in one cell than in another; nothing where one of them is not counted.
pub fn less(now: &Cell, before: &Cell) -> Cell {
    match (now, before) {
        (Cell::None, _) | (_, Cell::None) => Cell::None,
        _ => Cell::Change(counted(now) - counted(before)),
    }
}

/// Tables whose counts are cases of a set, within limits.
const PLAIN: [&str; 21] = [
    "totals_by_year",
    "deviations_by_area_group",
    "deviations_by_area",
    "deviations_by_unit",
    "deviations_by_category",
    "deviations_by_subcategory",
    "deviations_by_month",
    "deviations_by_law",
    "deviations_by_severity",
    "deviations_by_vardskada",
    "deviations_by_injury",
    "deviations_by_sex",
    "falls_by_unit",
    "medication_by_unit",
    "reports_and_injury_by_unit",
    "social_by_unit",
    "social_by_category",
    "social_by_law",
    "opinions_by_year",
    "opinions_by_category",
    "opinions_by_kind",
];

/// Checked by the same rule, and named apart since their shares are of their own.
const FILERS: [&str; 2] = ["law_by_filer_and_assessor", "category_by_filer_and_assessor"];

/// Counted by rules of their own.
const HANDLED: [&str; 8] = [
    "statutory_counts",
    "deviations_by_cause",
    "measures_by_effect",
    "lead_times_by_unit",
    "silent_units",
    "clocks_kept",
    "escalations_by_kind",
    "forwardings_by_counterparty",
];

impl Plain<'_> {
    fn recount(&self, table: &Table) {
        let rows = table.rows.iter().map(|row| (Some(row), &row.cells));
        let total = table.total.as_ref().map(|cells| (None, cells));
        for (row, cells) in rows.chain(total) {
            for (column, cell) in table.columns.iter().zip(cells) {
                let place = || format!("{} {} {:?}", table.id, column.id, row.map(|row| &row.keys));
                match column.holds {
                    Holds::Count if !self.is_counted(table, column, row) => {
                        assert_eq!(*cell, Cell::None, "{}", place());
                    }
                    Holds::Count => {
                        let cases = self.cases(table, column, row).len();
                        assert_eq!(*cell, Cell::Count(cases as u64), "{}", place());
                    }
                    Holds::Change => match column.from.as_slice() {
                        [now, before] => {
                            let (this, then) = (&table.columns[*now], &table.columns[*before]);
                            let years = (Some(self.year), Some(self.year - 1));
                            assert_eq!((this.year, then.year), years, "{}", place());
                            let counted = (&this.set, &this.limits);
                            assert_eq!(counted, (&then.set, &then.limits), "{}", place());
                            assert_eq!(*cell, less(&cells[*now], &cells[*before]), "{}", place());
                        }
                        // The row before is another year's.
                        [now] => self.change_of_year(table, row.expect("a year"), *now, cell),
                        other => panic!("{other:?}"),
                    },
                    Holds::Share => {
                        assert_eq!(*cell, self.share(table, column, row, cells), "{}", place())
                    }
                    Holds::Rate => assert_eq!(*cell, self.per_hundred(column, row), "{}", place()),
                    Holds::Days | Holds::Text => panic!("{}", place()),
                }
            }
        }
        // No case is missing: every case of the set is in a row.
        for column in table.columns.iter().filter(|it| it.holds == Holds::Count && it.adds) {
            if !self.is_counted(table, column, None) {
                continue;
            }
            let all = self.cases(table, column, None).len();
            let rows: i64 = table
                .rows
                .iter()
                .map(|row| counted(&row.cells[table.column(&column.id).expect("it")]))
                .sum();
            if table.id != "silent_units" {
                assert_eq!(rows, i64::try_from(all).expect("small"), "{} {}", table.id, column.id);
            }
        }
    }

    fn change_of_year(&self, table: &Table, row: &Row, now: usize, cell: &Cell) {
        let year: i16 = row.keys[0].code.as_deref().expect("a year").parse().expect("a year");
        let before = table.row(&[Some(&(year - 1).to_string())]);
        let expected =
            before.map_or(Cell::None, |before| less(&row.cells[now], &before.cells[now]));
        assert_eq!(*cell, expected, "{} {year}", table.id);
    }

    fn share(&self, table: &Table, column: &Column, row: Option<&Row>, cells: &[Cell]) -> Cell {
        let at = |id: &str| match &cells[table.column(id).expect("a column")] {
            Cell::None => 0,
            cell => usize::try_from(counted(cell)).expect("small"),
        };
        match (table.id.as_str(), column.id.as_str()) {
            ("reports_and_injury_by_unit", _) => {
                per_mille(at("injured"), at("injured") + at("unhurt"))
            }
            ("opinions_by_year", "share_closed") => per_mille(at("closed"), at("count")),
            ("opinions_by_year", _) => per_mille(at("closed_at_year_end"), at("count")),
            ("category_by_filer_and_assessor", _) => {
                per_mille(at("same"), at("count") - at("not_assessed"))
            }
            ("law_by_filer_and_assessor", _) => {
                let all = self.cases(table, &table.columns[0], row);
                let assessed: Vec<_> = all.iter().filter(|it| it.law_assessed.is_some()).collect();
                let same = assessed.iter().filter(|it| it.law_assessed == it.law_reported).count();
                per_mille(same, assessed.len())
            }
            (_, "share") => {
                let all = self.cases(table, &table.columns[0], None).len();
                per_mille(usize::try_from(counted(&cells[0])).expect("small"), all)
            }
            other => panic!("a share nobody recounts: {other:?}"),
        }
    }

    fn all(&self, report: &Yearly) {
        for table in report.tables() {
            match table.id.as_str() {
                id if PLAIN.contains(&id) || FILERS.contains(&id) => self.recount(table),
                "statutory_counts" => self.statutory(table),
                "deviations_by_cause" => self.causes(table),
                "measures_by_effect" => self.measures(table),
                "lead_times_by_unit" => self.lead_times(table),
                "silent_units" => self.silent(table),
                "clocks_kept" => self.clocks(table),
                "escalations_by_kind" => self.escalations(table),
                "forwardings_by_counterparty" => self.forwardings(table),
                "rates_by_unit" => self.rates(table),
                "unsigned_doses" => self.unsigned(table),
                other => panic!("a table nobody recounts: {other}"),
            }
        }
        // Where nobody said how much care there was, there is nothing to set reports against.
        let given = [
            ("rates_by_unit", !self.expected_rates().is_empty()),
            ("unsigned_doses", !self.expected_doses().is_empty()),
        ];
        let given = given.iter().filter(|(_, is_given)| *is_given).map(|(id, _)| *id);
        let mut wanted: Vec<&str> = given.chain(PLAIN).chain(FILERS).chain(HANDLED).collect();
        wanted.sort_unstable();
        let mut found: Vec<&str> = report.tables().map(|table| table.id.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, wanted);
    }
}

fn hold(service: &Service, world: &World, year: i16, about: About) {
    let report = report(service, world, year, about.clone());
    let tree = UnitTree::new(world.units.clone());
    let inside = |unit: UnitId| match &about {
        About::Whole => true,
        About::Unit { id, .. } => {
            tree.with_ancestors(unit).iter().any(|unit| unit.to_string() == *id)
        }
        About::Area { code, .. } => tree
            .area_of(unit)
            .is_some_and(|area| area == code || area.starts_with(&format!("{code}."))),
    };
    let facts = world.facts.iter().filter(|fact| fact.counted && !fact.duplicate);
    let facts = facts.filter(|fact| inside(fact.unit)).collect();
    let units = world.units.iter().map(|unit| unit.id).filter(|id| inside(*id)).collect();
    let plain = Plain { world, facts, year, units, whole: about == About::Whole };
    plain.all(&report);
    if let Some(mas) = &world.beside.mas {
        let served = served(mas, year, &about);
        plain.own_figures(served.table("own_figures"));
        // Whoever asks gets what was recounted, and nothing beside it but those.
        let others = served.tables().filter(|table| table.id != "own_figures");
        assert!(others.eq(report.tables()), "{about:?}");
    }
}

/// The report as whoever asks for it gets it: figures that are counted elsewhere come to it there.
fn served(mas: &Client, year: i16, about: &About) -> Yearly {
    let part = match about {
        About::Whole => String::new(),
        About::Unit { id, .. } => format!("?unit={id}"),
        About::Area { code, .. } => format!("?area={code}"),
    };
    let answer = mas.get(&format!("/api/v1/reports/yearly/{year}{part}")).expect(200).json();
    let report: Yearly = serde_json::from_value(answer["report"].clone()).expect("a report");
    assert_eq!(report.flaws(), []);
    report
}

#[test]
fn a_plain_recount_of_fifty_tenants_gives_every_cell() {
    on_each_database(|database| {
        let service = Service::start_at(database, now());
        let (mut of_lex, mut told_of) = (Vec::new(), 0);
        for seed in 1..=50_u64 {
            let cases = [0, 1, 7, 60, 150][usize::try_from(seed % 5).expect("small")];
            let slug = format!("kommun-{seed}");
            let world =
                World::new(&service, &slug, seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), cases);
            let in_year = |raised: &Raised| swedish::year(raised.flagged_at) == 2025;
            let here = world.lex.iter().filter(|(raised, _)| in_year(raised));
            of_lex.extend(here.flat_map(|(_, runs)| runs.clone()));
            told_of += world.said.values().filter(|said| said.told_at.is_some()).count();
            let unit = &world.units[2];
            hold(&service, &world, 2025, About::Whole);
            match seed % 3 {
                0 => hold(&service, &world, 2024, About::Whole),
                1 => hold(
                    &service,
                    &world,
                    2025,
                    About::Unit { id: unit.id.to_string(), name: unit.name.clone() },
                ),
                _ => hold(
                    &service,
                    &world,
                    2024,
                    About::Area { code: "ORD".into(), name: "Ordinärt boende".into() },
                ),
            }
        }
        assert!(told_of > 20, "{told_of}");
        // Every clock of lex Maria and lex Sarah ran, and of all states.
        let told = Run::tell(&of_lex, now());
        assert_eq!(told.len(), 8, "{told:?}");
        for state in 1..=3 {
            assert!(told.values().filter(|counts| counts[state] > 0).count() > 2, "{told:?}");
        }
    });
}
