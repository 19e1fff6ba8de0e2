//! Figures on both databases against a count by hand.

mod common;
#[path = "figures/plans.rs"]
mod plans;
#[path = "figures/sums.rs"]
mod sums;
#[path = "figures/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use common::on_each_database;
use domain::calendar::start_of_day;
use domain::case::triage::Vardskada;
use domain::case::{Kind, Subkind};
use domain::forms::Asked;
use domain::ids::CaseId;
use domain::law::Law;
use domain::policy::Scope;
use domain::statistics::{Dimension, Fact, Period};
use jiff::Timestamp;
use jiff::civil::date;
use world::{World, by_hand, shown, tally};

#[test]
fn every_dimension_counts_as_by_hand() {
    on_each_database(async |store, tenant| {
        let world = World::new(store, tenant).await;
        let several = [Dimension::Cause, Dimension::Counterparty];
        for dimension in Dimension::ALL.into_iter().filter(|one| !several.contains(one)) {
            let expected =
                tally(world.of_2025().map(|fact| vec![by_hand(fact, &world.units, dimension)]));
            let text = format!("year=2025&group_by={dimension}");
            assert_eq!(world.counts(&text).await, expected, "{dimension}");
        }
        for group_by in [
            [Dimension::Unit, Dimension::Month],
            [Dimension::Area, Dimension::Kind],
            [Dimension::CategoryTop, Dimension::Unit],
            [Dimension::Law, Dimension::Tertial],
            [Dimension::Severity, Dimension::Serious],
        ] {
            let keys = |fact| group_by.map(|one| by_hand(fact, &world.units, one)).to_vec();
            let text = format!("year=2025&group_by={},{}", group_by[0], group_by[1]);
            assert_eq!(world.counts(&text).await, tally(world.of_2025().map(keys)), "{text}");
        }
        let none = tally(world.of_2025().map(|_| Vec::<String>::new()));
        assert_eq!(world.counts("year=2025").await, none);
        assert_eq!(world.counts("year=1999").await, BTreeMap::new());
    });
}

#[test]
fn answers_count_as_by_hand() {
    on_each_database(async |store, tenant| {
        let world = World::new(store, tenant).await;
        let place = Dimension::Answer(Asked::find("fall_place").unwrap());
        let expected = tally(world.of_2025().map(|fact| vec![by_hand(fact, &world.units, place)]));
        assert!(expected.contains_key(&vec!["null".to_owned()]) && expected.len() == 4);
        for of in ["cases", "mentions"] {
            let text = format!("year=2025&group_by=fall_place&of={of}");
            assert_eq!(world.counts(&text).await, expected, "{text}");
        }
        // Crossed with a column, compared, and of events.
        let keys = |fact| [place, Dimension::Unit].map(|one| by_hand(fact, &world.units, one));
        let crossed = tally(world.of_2025().map(|fact| keys(fact).to_vec()));
        assert_eq!(world.counts("year=2025&group_by=fall_place,unit").await, crossed);
        for more in ["of=events", "measures=count,open,closed,lead_time", "compare=previous_year"] {
            let total = |counts: BTreeMap<Vec<String>, u64>| counts.values().sum::<u64>();
            let plain = total(world.counts(&format!("year=2025&{more}")).await);
            let split = total(world.counts(&format!("year=2025&group_by=fall_place&{more}")).await);
            assert_eq!(split, plain, "{more}");
        }

        // Of several answers each is a mention; who gave none is one, too.
        let asked = Asked::find("fall_surroundings").unwrap();
        let of_fact = |fact: &Fact| {
            let answers = fact.answers.iter().filter(|answer| answer.asked == asked);
            answers.map(|answer| answer.code.clone()).collect::<Vec<_>>()
        };
        let mentions = |fact: &Fact| {
            let mut found = of_fact(fact);
            if found.is_empty() {
                found.push("null".to_owned());
            }
            found.into_iter().map(|code| vec![code])
        };
        let text = "year=2025&of=mentions&group_by=fall_surroundings";
        let expected = tally(world.of_2025().flat_map(mentions));
        assert_eq!(world.counts(text).await, expected);
        assert_eq!(world.counts(&format!("{text}&measures=count,lead_time")).await, expected);
        // A filter on what is grouped by keeps only what it names.
        let rugs = world.of_2025().filter(|fact| of_fact(fact).contains(&"rug".to_owned()));
        let rugs = u64::try_from(rugs.count()).unwrap();
        let only = world.counts(&format!("{text}&fall_surroundings=rug")).await;
        assert_eq!(only, BTreeMap::from([(vec!["rug".to_owned()], rugs)]));
        // One on something else keeps the cases.
        let total = |counts: BTreeMap<Vec<String>, u64>| counts.values().sum::<u64>();
        assert_eq!(total(world.counts("year=2025&fall_surroundings=rug").await), rugs);
        let none = world.of_2025().filter(|fact| of_fact(fact).is_empty()).count() as u64;
        assert_eq!(total(world.counts("year=2025&fall_surroundings=null").await), none);
        let either = total(world.counts("year=2025&fall_surroundings=rug,null").await);
        assert_eq!(either, rugs + none);
        let both = world.of_2025().filter(|fact| {
            of_fact(fact).contains(&"rug".to_owned())
                && by_hand(fact, &world.units, place) == "PLA.BAD"
        });
        let both = both.count() as u64;
        let text = "year=2025&fall_surroundings=rug&fall_place=PLA.BAD&group_by=fall_place";
        assert_eq!(total(world.counts(text).await), both);
    });
}

#[test]
fn causes_count_as_by_hand() {
    on_each_database(async |store, tenant| {
        let world = World::new(store, tenant).await;
        // Found twice, a cause is one; without any, a case is one of no cause.
        let of_case = |fact: &Fact| -> BTreeSet<String> {
            world.causes.get(&fact.case).into_iter().flatten().cloned().collect()
        };
        let mentions = |fact: &Fact| -> Vec<String> {
            let found = of_case(fact);
            if found.is_empty() { vec!["null".to_owned()] } else { found.into_iter().collect() }
        };
        let total = |counts: BTreeMap<Vec<String>, u64>| counts.values().sum::<u64>();
        let each = |fact: &Fact| mentions(fact).into_iter().map(|code| vec![code]);
        let expected = tally(world.of_2025().flat_map(each));
        assert_eq!(expected.len(), 4, "{expected:?}");
        let text = "year=2025&of=mentions&group_by=cause";
        assert_eq!(world.counts(text).await, expected);
        assert_eq!(
            world.counts(&format!("{text}&measures=count,lead_time,closed")).await,
            expected
        );
        assert_eq!(world.counts(&format!("{text}&compare=previous_year")).await.len(), 4);
        let crossed = |fact: &Fact| {
            let unit = by_hand(fact, &world.units, Dimension::Unit);
            mentions(fact).into_iter().map(move |code| vec![code, unit.clone()])
        };
        assert_eq!(
            world.counts("year=2025&of=mentions&group_by=cause,unit").await,
            tally(world.of_2025().flat_map(crossed))
        );
        // Beside the answers of a form, each pair is a mention.
        let place = Dimension::Answer(Asked::find("fall_place").unwrap());
        let beside = |fact: &Fact| {
            let place = by_hand(fact, &world.units, place);
            mentions(fact).into_iter().map(move |code| vec![place.clone(), code])
        };
        assert_eq!(
            world.counts("year=2025&of=mentions&group_by=fall_place,cause").await,
            tally(world.of_2025().flat_map(beside))
        );
        let with =
            |code: &str| world.of_2025().filter(|fact| of_case(fact).contains(code)).count() as u64;
        let only = world.counts(&format!("{text}&cause=ORS.TEK")).await;
        assert_eq!(only, BTreeMap::from([(vec!["ORS.TEK".to_owned()], with("ORS.TEK"))]));
        assert_eq!(total(world.counts("year=2025&cause=ORS.TEK").await), with("ORS.TEK"));
        let none = world.of_2025().filter(|fact| of_case(fact).is_empty()).count() as u64;
        assert_eq!(total(world.counts("year=2025&cause=null").await), none);
        assert_eq!(
            total(world.counts("year=2025&cause=ORS.TEK,null").await),
            with("ORS.TEK") + none
        );
        // Nobody was told of any of them, and none was answered.
        let plain = total(world.counts("year=2025").await);
        let ends = world.counts("year=2025&of=mentions&group_by=counterparty").await;
        assert_eq!(ends, BTreeMap::from([(vec!["null".to_owned()], plain)]));
        for filter in ["VC", "00000000-0000-7000-8000-000000000000", "VC,AMB"] {
            let text = format!("year=2025&counterparty={filter}");
            assert_eq!(total(world.counts(&text).await), 0, "{text}");
        }
        let total = world.ask("year=2025&measures=answered", Scope::All).await.total;
        assert_eq!((total.count, total.answered), (plain, Some(0)));
    });
}

#[test]
fn filters_keep_what_they_name() {
    on_each_database(async |store, tenant| {
        let world = World::new(store, tenant).await;
        let (first, second) = (world.unit("u1"), world.unit("u2"));
        let fourth = world.unit("u4");
        let within = |code: &str, of: &str| code == of || code.starts_with(&format!("{of}."));
        type Keep<'a> = Box<dyn Fn(&Fact) -> bool + 'a>;
        let filters: Vec<(String, Keep<'_>)> = vec![
            ("month=1,2".into(), Box::new(|fact| fact.reported.month <= 2)),
            ("half=2".into(), Box::new(|fact| fact.reported.month > 6)),
            ("weekday=7".into(), Box::new(|fact| fact.reported.weekday == 7)),
            ("hour_band=18-24".into(), Box::new(|fact| fact.reported.hour >= 18)),
            ("kind=klagomal".into(), Box::new(|fact| fact.kind == Kind::Klagomal)),
            (
                "kind=AVV,SYN.BER".into(),
                Box::new(|fact| {
                    fact.kind == Kind::Avvikelse || fact.subkind == Some(Subkind::Praise)
                }),
            ),
            ("kind=null".into(), Box::new(|_| false)),
            ("unit=u1".into(), Box::new(move |fact| [first, second].contains(&fact.unit))),
            (format!("unit={second}"), Box::new(move |fact| fact.unit == second)),
            ("reporting_unit=u4".into(), Box::new(move |fact| fact.reporting_unit == fourth)),
            ("area=SABO".into(), Box::new(move |fact| [first, second].contains(&fact.unit))),
            ("area=null".into(), Box::new(move |fact| fact.unit == fourth)),
            ("law=SOL".into(), Box::new(|fact| fact.laws.first() == Some(&Law::Sol))),
            (
                "law=null,LSS".into(),
                Box::new(|fact| matches!(fact.laws.first(), None | Some(Law::Lss))),
            ),
            (
                "category=HSL.FAL".into(),
                Box::new(move |fact| {
                    fact.category.as_ref().is_some_and(|it| within(it, "HSL.FAL"))
                }),
            ),
            (
                "category_top=K.OMV,null".into(),
                Box::new(move |fact| fact.category.as_ref().is_none_or(|it| within(it, "K.OMV"))),
            ),
            ("severity=3,4".into(), Box::new(|fact| fact.severity >= Some(3))),
            ("severity=null".into(), Box::new(|fact| fact.severity.is_none())),
            ("serious=true".into(), Box::new(|fact| fact.serious == Some(true))),
            (
                "reached_person=false,null".into(),
                Box::new(|fact| fact.reached_person != Some(true)),
            ),
            ("vardskada=yes".into(), Box::new(|fact| fact.vardskada == Vardskada::Yes)),
            (
                "sex=K&unit=u3,u4&nature=NEG".into(),
                Box::new(move |fact| {
                    fact.sex.as_deref() == Some("K")
                        && ![first, second].contains(&fact.unit)
                        && fact.nature.as_deref() == Some("NEG")
                }),
            ),
        ];
        for (filter, keep) in &filters {
            let expected = world.of_2025().filter(|fact| keep(fact)).count() as u64;
            let found = world.counts(&format!("year=2025&{filter}")).await;
            assert_eq!(found.values().sum::<u64>(), expected, "{filter}");
        }
        let scope = Scope::Only(BTreeSet::from([second, fourth]));
        let expected = world.of_2025().filter(|fact| [second, fourth].contains(&fact.unit)).count();
        let cube = world.ask("year=2025&group_by=month", scope).await;
        assert_eq!(cube.total.count, expected as u64);
        let nothing = world.ask("year=2025", Scope::Only(BTreeSet::new())).await;
        assert_eq!((nothing.total.count, nothing.rows.len()), (0, 0));
    });
}

#[test]
fn what_is_counted_and_when() {
    on_each_database(async |store, tenant| {
        let world = World::new(store, tenant).await;

        let all = world.facts.iter().filter(|fact| fact.counted && fact.reported.year == 2025);
        let found = world.counts("year=2025&duplicates=all").await;
        assert_eq!(found, tally(all.map(|_| Vec::<String>::new())));

        let mentions = world.of_2025().flat_map(|fact| {
            let laws: Vec<_> = fact.laws.iter().map(|law| vec![law.code().to_owned()]).collect();
            if laws.is_empty() { vec![vec!["null".to_owned()]] } else { laws }
        });
        assert_eq!(world.counts("year=2025&of=mentions&group_by=law").await, tally(mentions));
        let any = world.of_2025().filter(|fact| fact.laws.contains(&Law::Sol));
        let found = world.counts("year=2025&of=mentions&law=SOL").await;
        assert_eq!(found, tally(any.map(|_| Vec::<String>::new())));

        // An event counts where its first case is: the earliest, then the least id.
        for filter in ["", "&unit=u3,u4"] {
            let keep = |fact: &&Fact| {
                filter.is_empty() || [world.unit("u3"), world.unit("u4")].contains(&fact.unit)
            };
            let mut first: BTreeMap<CaseId, &Fact> = BTreeMap::new();
            for fact in world.of_2025().filter(keep) {
                let event = world.events.get(&fact.case).copied().unwrap_or(fact.case);
                let kept = first.entry(event).or_insert(fact);
                if (fact.reported_at, fact.case) < (kept.reported_at, kept.case) {
                    *kept = fact;
                }
            }
            assert!(first.len() < world.of_2025().filter(keep).count(), "some events are shared");
            let expected = tally(first.values().map(|fact| vec![fact.reported.month.to_string()]));
            let text = format!("year=2025&of=events&group_by=month{filter}");
            assert_eq!(world.counts(&text).await, expected, "{text}");
        }

        let cube = world.ask("from=2024-11&to=2025-02&count_by=occurred", Scope::All).await;
        let within = |at: Period| matches!((at.year, at.month), (2024, 11 | 12) | (2025, 1 | 2));
        let expected = world.counted().filter(|fact| fact.occurred.is_some_and(within)).count();
        let unknown =
            world.counted().filter(|fact| fact.occurred.is_none() && within(fact.reported));
        assert_eq!(
            (cube.total.count, cube.unplaced),
            (expected as u64, Some(unknown.count() as u64))
        );

        let end = start_of_day(date(2025, 7, 1));
        let text =
            "from=2024-05&to=2025-12&group_by=kind&as_of=2025-06-30&measures=open,closed,lead_time";
        let slow = world.ask(text, Scope::All).await;
        let quick = world.ask(&text.replace(",lead_time", ""), Scope::All).await;
        for (row, same) in slow.rows.iter().zip(&quick.rows) {
            assert_eq!(
                (row.figures.count, row.figures.closed),
                (same.figures.count, same.figures.closed)
            );
        }
        let there: Vec<&Fact> = world
            .counted()
            .filter(|fact| {
                fact.reported_at >= start_of_day(date(2024, 5, 1)) && fact.reported_at < end
            })
            .collect();
        let done = |at: Option<Timestamp>| at.is_some_and(|at| at < end);
        let closed = there.iter().filter(|fact| done(fact.closed_at)).count() as u64;
        let total = slow.total;
        assert_eq!((total.count, total.closed), (there.len() as u64, Some(closed)));
        assert_eq!(total.open, Some(there.len() as u64 - closed));
        assert_eq!(quick.total.open, total.open);
        let triaged =
            there.iter().filter(|fact| fact.occurred_at.is_some() && done(fact.triaged_at));
        let lead_time = total.lead_time.unwrap();
        assert_eq!(lead_time.triage.n, triaged.count() as u64);
        assert!(lead_time.triage.median <= lead_time.triage.p90);
        assert_eq!((lead_time.investigation.n, lead_time.investigation.median), (0, None));
    });
}

#[test]
fn the_year_before_stands_beside() {
    on_each_database(async |store, tenant| {
        let world = World::new(store, tenant).await;
        // Years that follow each other, months apart, a span over the turn of the year.
        for (text, from, months) in [
            ("year=2025", (2025, 1), 12),
            ("year=2024,2025&group_by=year,unit", (2024, 1), 24),
            ("year=2025&group_by=month", (2025, 1), 12),
            ("from=2025-03&to=2025-05&group_by=month,sex", (2025, 3), 3),
            ("from=2024-11&to=2025-02&group_by=tertial", (2024, 11), 4),
            ("from=2024-05&to=2025-08&group_by=year,half", (2024, 5), 16),
        ] {
            let first = from.0 * 12 + from.1;
            let dimensions: Vec<Dimension> = text
                .split_once("group_by=")
                .map(|(_, names)| names.split(',').map(|name| name.parse().unwrap()).collect())
                .unwrap_or_default();
            let rows = |later: i16| {
                tally(world.counted().filter_map(|fact| {
                    let mut fact = fact.clone();
                    fact.reported.year += later;
                    let index = fact.reported.year * 12 + fact.reported.month - first;
                    let key = |dimension: &Dimension| by_hand(&fact, &world.units, *dimension);
                    (0..months)
                        .contains(&index)
                        .then(|| dimensions.iter().map(key).collect::<Vec<_>>())
                }))
            };
            let (current, previous) = (rows(0), rows(1));
            let cube = world.ask(&format!("{text}&compare=previous_year"), Scope::All).await;
            let side = |of: fn(&domain::statistics::Figures) -> u64| {
                let rows = cube.rows.iter().map(|row| (shown(row), of(&row.figures)));
                rows.filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>()
            };
            assert_eq!(side(|figures| figures.count), current, "{text}");
            assert_eq!(side(|figures| figures.previous.unwrap()), previous, "{text}");
            assert_eq!(cube.total.previous, Some(previous.values().sum()), "{text}");
        }
    });
}
