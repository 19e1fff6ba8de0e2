//! Figures from the sums are those of the facts, however many of them are folded, whoever changed them, and while
//! that goes on.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::case::{Kind, Subkind};
use domain::ids::{CaseId, TenantId, UnitId};
use domain::law::Law;
use domain::statistics::{BaseQuery, Column, Condition, Held, Month, Months, Part, Placed, Values};
use store::{Error, Store, Tx};
use uuid::Uuid;

use crate::common::{TestDatabase, now, on_each_database, with_each_database};
use crate::world::{Dice, World, any_fact, case_of};

const JOB: &str = "figures";
/// How the guide has all sums of a tenant made anew.
const TAKEN_BACK: &str =
    "UPDATE case_facts SET folded_as = NULL WHERE folded_as IS NOT NULL; DELETE FROM fact_sums";

/// Folds up to so many facts, as the job does: its lease is taken in the same transaction, for no longer than that.
async fn fold(
    store: &Store,
    tenant: TenantId,
    after: Option<CaseId>,
    most: i64,
) -> Result<Option<CaseId>, Error> {
    let holder = Uuid::now_v7();
    let folded = store.write(tenant, move |tx| {
        if !tx.take_lease(JOB, holder, now(), now())? {
            return Ok(None);
        }
        tx.fold_facts(after, most).map(|folded| folded.last)
    });
    folded.await
}

async fn fold_all(store: &Store, tenant: TenantId) {
    let mut last = None;
    loop {
        last = fold(store, tenant, last, 70).await.unwrap();
        if last.is_none() {
            break;
        }
    }
    let forget = |tx: &mut Tx<'_>| tx.forget_empty_sums();
    store.write(tenant, forget).await.unwrap();
}

/// A question that the sums can answer.
fn any_question(dice: &mut Dice, units: &[UnitId]) -> BaseQuery {
    let columns =
        [Column::Year, Column::Month, Column::Unit, Column::Laws, Column::Category, Column::Kind];
    let month = |dice: &mut Dice| Month {
        year: i16::try_from(2023 + dice.roll(4)).unwrap(),
        month: i8::try_from(1 + dice.roll(12)).unwrap(),
    };
    let (one, other) = (month(dice), month(dice));
    let span = Months { from: one.min(other), to: one.max(other) };
    let mut spans = vec![span];
    if dice.roll(4) == 0 {
        spans = vec![Months::years(2023, 2023), Months { from: month(dice), to: month(dice) }];
        let later = Month { year: 2025, month: 2 };
        spans[1] = Months { from: later, to: Month { month: 11, ..later } };
    } else if dice.roll(3) == 0 {
        spans = vec![Months::years(span.from.year, span.to.year)];
    }
    let mut conditions = Vec::new();
    for column in columns {
        if dice.roll(4) > 0 {
            continue;
        }
        let held = |dice: &mut Dice| match column {
            Column::Year => Held::Number(i16::try_from(2023 + dice.roll(3)).unwrap()),
            Column::Month => Held::Number(i16::try_from(1 + dice.roll(12)).unwrap()),
            Column::Unit => Held::Unit(dice.pick(units)),
            Column::Laws => Held::Laws(dice.pick(&[
                vec![],
                vec![Law::Hsl],
                vec![Law::Sol, Law::Lss],
                vec![Law::Hsl, Law::Sol],
            ])),
            Column::Category => Held::Code(dice.pick(&["HSL.FAL", "K.OMV", "HSL.LKM"]).to_owned()),
            _ => Held::Code(dice.pick(&Kind::ALL).code().to_owned()),
        };
        let of = (0..dice.roll(4)).map(|_| held(dice)).collect();
        conditions.push(Condition::Any { column, of, or_none: dice.roll(3) == 0 });
    }
    if dice.roll(4) == 0 {
        let kinds = [(Kind::Synpunkt, Some(Subkind::Praise)), (Kind::Avvikelse, None)];
        conditions.push(Condition::Kinds((0..2).map(|_| dice.pick(&kinds)).collect()));
    }
    BaseQuery {
        columns: columns.into_iter().filter(|_| dice.roll(2) == 0).collect(),
        placed: Placed::Reported,
        spans,
        conditions,
        duplicates: dice.roll(3) == 0,
        reported_before: None,
        closed_before: None,
        answered_before: None,
        part: Part::All,
    }
}

/// What both ways of counting say, in one snapshot.
async fn both(store: &Store, tenant: TenantId, query: BaseQuery) -> [HashMap<Values, u64>; 2] {
    let read = move |tx: &mut Tx<'_>| -> Result<_, Error> {
        assert!(tx.sums(&query, |_| ())?, "the sums do not answer {query:?}");
        let (summed, plain) = (tx.figures(&query)?, tx.plain_figures(&query)?);
        let found = [summed, plain].map(|rows| {
            let many = rows.len();
            let counts: HashMap<_, _> = rows.into_iter().map(|row| (row.at, row.count)).collect();
            assert_eq!(counts.len(), many, "a row came twice");
            counts
        });
        Ok(found)
    };
    store.read(tenant, read).await.unwrap()
}

async fn agree(world: &World, dice: &mut Dice, state: &str) {
    let units: Vec<UnitId> = world.units.iter().map(|unit| unit.id).collect();
    let mut rows = 0;
    for _ in 0..60 {
        let query = any_question(dice, &units);
        let [summed, plain] = both(&world.store, world.tenant, query.clone()).await;
        assert_eq!(summed, plain, "{state}: {query:?}");
        rows += plain.len();
    }
    assert!(rows > 200, "{state}: questions that find nothing prove nothing");
    let wrong = world.store.read(world.tenant, |tx| tx.wrong_sums()).await.unwrap();
    assert_eq!(wrong, 0, "{state}");
}

#[test]
fn any_question_is_answered_the_same_by_sums_and_by_facts() {
    with_each_database(async |database, store, tenant| {
        let mut world = World::new(store.clone(), tenant).await;
        let mut dice = Dice(0x5DEE_CE66_D1CE_4E5B);
        agree(&world, &mut dice, "nothing folded").await;
        assert_eq!(unfolded(&world).await, 400);
        fold(&store, tenant, None, 150).await.unwrap();
        assert_eq!(unfolded(&world).await, 250);
        agree(&world, &mut dice, "a part folded").await;
        fold_all(&store, tenant).await;
        assert_eq!(unfolded(&world).await, 0);
        agree(&world, &mut dice, "all folded").await;

        // The service changes facts: anything of them may move.
        let units = world.units.clone();
        for at in 0..120 {
            let fact = &mut world.facts[at];
            *fact = domain::statistics::Fact { case: fact.case, ..any_fact(&mut dice, &units) };
        }
        let changed = world.facts[..120].to_vec();
        let change = move |tx: &mut Tx<'_>| changed.iter().try_for_each(|it| tx.update_fact(it));
        store.write(tenant, change).await.unwrap();
        assert!(unfolded(&world).await > 100);
        agree(&world, &mut dice, "changed by the service").await;
        by_hand(&database);
        agree(&world, &mut dice, "changed by hand").await;
        fold(&store, tenant, None, 60).await.unwrap();
        agree(&world, &mut dice, "a part of the changes folded").await;
        fold_all(&store, tenant).await;
        assert_eq!(unfolded(&world).await, 0);
        agree(&world, &mut dice, "all changes folded").await;

        database.execute(TAKEN_BACK).unwrap();
        assert_eq!(unfolded(&world).await, 400);
        agree(&world, &mut dice, "taken back").await;
    });
}

/// What the release before this one writes, and whoever changes a database by hand: plain statements that know
/// nothing of sums.
fn by_hand(database: &TestDatabase) {
    for change in [
        "UPDATE case_facts SET category = 'HSL.LKM' WHERE category = 'HSL.FAL.TIL' AND reported_month < 7",
        "UPDATE case_facts SET category = NULL WHERE category = 'K.OMV' AND reported_year = 2025",
        "UPDATE case_facts SET counted = NOT counted WHERE reported_weekday = 3",
        "UPDATE case_facts SET duplicate = NOT duplicate WHERE reported_weekday = 5 AND laws = ''",
        "UPDATE case_facts SET reported_year = reported_year - 1 WHERE reported_week = 9",
        "UPDATE case_facts SET severity = 4 WHERE reported_weekday = 1",
    ] {
        database.execute(change).unwrap();
    }
}

async fn unfolded(world: &World) -> i64 {
    world.store.read(world.tenant, |tx| tx.unfolded_facts(100_000)).await.unwrap()
}

#[test]
fn a_change_that_no_cell_sees_leaves_a_fact_folded() {
    on_each_database(async |store, tenant| {
        let world = World::new(store.clone(), tenant).await;
        fold_all(&store, tenant).await;
        let mut fact = world.facts[0].clone();
        fact.severity = fact.severity.map_or(Some(2), |_| None);
        fact.closed_at = Some(now());
        store.write(tenant, move |tx| tx.update_fact(&fact)).await.unwrap();
        assert_eq!(unfolded(&world).await, 0);
    });
}

#[test]
fn what_the_sums_do_not_hold_is_counted_plainly() {
    on_each_database(async |store, tenant| {
        World::new(store.clone(), tenant).await;
        fold_all(&store, tenant).await;
        let plain = BaseQuery {
            columns: BTreeSet::from([Column::Year]),
            placed: Placed::Reported,
            spans: vec![Months::years(2025, 2025)],
            conditions: Vec::new(),
            duplicates: false,
            reported_before: None,
            closed_before: None,
            answered_before: None,
            part: Part::All,
        };
        let severe = Condition::Any {
            column: Column::Severity,
            of: BTreeSet::from([Held::Number(4)]),
            or_none: false,
        };
        for query in [
            BaseQuery { columns: BTreeSet::from([Column::Severity]), ..plain.clone() },
            BaseQuery { columns: BTreeSet::from([Column::Week, Column::Unit]), ..plain.clone() },
            BaseQuery { conditions: vec![severe], ..plain.clone() },
            BaseQuery { placed: Placed::Occurred, ..plain.clone() },
            BaseQuery { placed: Placed::ReportedOccurredUnknown, ..plain.clone() },
            BaseQuery { part: Part::OwnEvent, ..plain.clone() },
            BaseQuery { reported_before: Some(now()), ..plain.clone() },
            BaseQuery { closed_before: Some(now()), ..plain.clone() },
            BaseQuery { answered_before: Some(now()), ..plain.clone() },
        ] {
            let asked = query.clone();
            let answered = store.read(tenant, move |tx| tx.sums(&asked, |_| ())).await.unwrap();
            assert!(!answered, "{query:?}");
            let found = store.read(tenant, move |tx| tx.figures(&query)).await.unwrap();
            assert!(!found.is_empty());
        }
        assert!(store.read(tenant, move |tx| tx.sums(&plain, |_| ())).await.unwrap());
    });
}

#[test]
fn another_tenants_facts_are_neither_folded_nor_counted() {
    on_each_database(async |store, tenant| {
        let world = World::new(store.clone(), tenant).await;
        let theirs = store.tenants().await.unwrap();
        let other = theirs.into_iter().find(|one| one.id != tenant).unwrap().id;
        fold_all(&store, tenant).await;
        let count = |tx: &mut Tx<'_>| tx.unfolded_facts(1000);
        assert_eq!(store.read(other, count).await.unwrap(), 50);
        fold_all(&store, other).await;
        assert_eq!((unfolded(&world).await, store.read(other, count).await.unwrap()), (0, 0));
        agree(&world, &mut Dice(77), "both tenants folded").await;
    });
}

#[test]
fn a_fact_that_was_folded_as_what_there_is_none_of_is_told_and_changes_nothing() {
    with_each_database(async |database, store, tenant| {
        let world = World::new(store.clone(), tenant).await;
        fold_all(&store, tenant).await;
        let case = world.facts[3].case.0;
        let id = match database.backend {
            store::Backend::Postgres => format!("'{case}'"),
            store::Backend::Sqlite => format!("x'{}'", case.simple()),
        };
        let gone = "1999|0190a0b0000070008000000000000001|||1|avvikelse||";
        let broken = format!("UPDATE case_facts SET folded_as = '{gone}' WHERE case_id = {id}");
        database.execute(&broken).unwrap();
        // Another that is as it should be, in the same step.
        let moved =
            domain::statistics::Fact { counted: false, ..world.counted().next().unwrap().clone() };
        store.write(tenant, move |tx| tx.update_fact(&moved)).await.unwrap();
        let refused = fold(&store, tenant, None, 100).await;
        assert!(matches!(refused, Err(Error::Corrupt(_))), "{refused:?}");
        assert!(unfolded(&world).await >= 1);
        let wrong = |tx: &mut Tx<'_>| tx.wrong_sums();
        assert_eq!(
            store.read(tenant, wrong).await.unwrap(),
            2,
            "where it is, and where it is said to be"
        );
        // Taking all of it back puts it right.
        database.execute(TAKEN_BACK).unwrap();
        fold_all(&store, tenant).await;
        agree(&world, &mut Dice(78), "put right").await;
    });
}

/// Files, assesses, voids, links, and folds by two at once, for a while; meanwhile every figure that is read is
/// what a recount in the same snapshot says.
#[test]
fn every_cell_is_right_at_any_moment() {
    on_each_database(async |store, tenant| {
        let world = World::new(store.clone(), tenant).await;
        // The first lease is made by one alone.
        fold(&store, tenant, None, 50).await.unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for seed in 1..=2_u64 {
            let (store, units, over) = (store.clone(), world.units.clone(), Arc::clone(&over));
            let mut facts = world.facts.clone();
            tasks.push(tokio::spawn(async move {
                let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (seed << 20));
                let mut number = seed * 1_000_000;
                while !over.load(Ordering::Relaxed) {
                    match dice.roll(4) {
                        0 | 1 => {
                            number += 1;
                            let fact = any_fact(&mut dice, &units);
                            let (case, adding) = (case_of(&fact, number), fact.clone());
                            let file = move |tx: &mut Tx<'_>| {
                                tx.add_rows(|rows| rows.case(&case))?;
                                tx.add_rows(|rows| rows.fact(&adding))
                            };
                            store.write(tenant, file).await.unwrap();
                            facts.push(fact);
                        }
                        2 => {
                            let case = dice.pick(&facts).case;
                            let fact = any_fact(&mut dice, &units);
                            let fact = domain::statistics::Fact { case, ..fact };
                            store.write(tenant, move |tx| tx.update_fact(&fact)).await.unwrap();
                        }
                        _ => {
                            let (one, other) = (dice.pick(&facts).case, dice.pick(&facts).case);
                            store
                                .write(tenant, move |tx| tx.join_events(one, other))
                                .await
                                .unwrap();
                        }
                    }
                }
            }));
        }
        for _ in 0..2 {
            let (store, over) = (store.clone(), Arc::clone(&over));
            tasks.push(tokio::spawn(async move {
                let mut last = None;
                while !over.load(Ordering::Relaxed) {
                    last = fold(&store, tenant, last, 7).await.unwrap();
                    store
                        .write(tenant, |tx| {
                            let held = tx.take_lease(JOB, Uuid::now_v7(), now(), now())?;
                            if held { tx.forget_empty_sums() } else { Ok(0) }
                        })
                        .await
                        .unwrap();
                }
            }));
        }
        let units: Vec<UnitId> = world.units.iter().map(|unit| unit.id).collect();
        let mut dice = Dice(4711);
        let (began, mut asked) = (std::time::Instant::now(), 0);
        while asked < 150 || began.elapsed().as_secs() < 5 {
            let query = any_question(&mut dice, &units);
            let [summed, plain] = both(&store, tenant, query.clone()).await;
            assert_eq!(summed, plain, "{query:?}");
            asked += 1;
        }
        over.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await.unwrap();
        }
        fold_all(&store, tenant).await;
        assert_eq!(unfolded(&world).await, 0);
        agree(&world, &mut dice, "afterwards").await;
    });
}
