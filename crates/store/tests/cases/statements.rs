//! Statements are counted, and the lists go by an index.
#![cfg(debug_assertions)]

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::case::{Case, Kind};
use domain::code_lists::CodeLists;
use domain::ids::TenantId;
use domain::policy::{Reading, Scope};
use domain::statistics::{BaseQuery, Fact, Month, Months, Part, Placed};
use store::{Additions, Backend, CaseFilter, Error, Order, Store};

use crate::common::TestDatabase;
use crate::samples::{Place, at, bare, insert, on_each_database, with_each_database};

#[test]
fn every_statement_counts_but_those_of_control() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let case = bare(&place, 1);
        let id = case.id;
        insert(&store, tenant, vec![case]).await;

        let before = store.statements_run();
        store.ping().await.unwrap();
        store.read(tenant, |_| Ok::<_, Error>(())).await.unwrap();
        store.write(tenant, |tx| tx.savepoint(|_| Ok::<_, Error>(()))).await.unwrap();
        assert_eq!(store.statements_run(), before, "{:#?}", store.last_statements());

        // The case, its feedback, its links, its watches, its conflicts.
        store.read(tenant, move |tx| tx.case(id)).await.unwrap();
        assert_eq!(store.statements_run(), before + 5, "{:#?}", store.last_statements());
        let last = store.last_statements().pop().unwrap();
        assert!(last.contains("conflicts") && !last.contains("binds"), "{last}");

        // A clone is the same store.
        let clone = store.clone();
        clone.write(tenant, |tx| tx.bump_config_version()).await.unwrap();
        assert_eq!(store.statements_run(), before + 6);
    });
}

#[test]
fn additions_are_one_statement_where_that_spares_round_trips() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let codes = CodeLists::shared();
        let file = |case: &Case| {
            let mut rows = Additions::to(tenant);
            rows.case(case);
            rows.fact(&Fact::of(case, &codes));
            rows
        };
        let (one, two) = (bare(&place, 1), bare(&place, 2));
        let before = store.statements_run();
        store.add(file(&one)).await.unwrap();
        let statements = match store.backend() {
            Backend::Postgres => 1,
            Backend::Sqlite => 2,
        };
        assert_eq!(store.statements_run(), before + statements, "{:#?}", store.last_statements());

        // All or nothing: the second row of these does not fit.
        let mut rows = Additions::to(tenant);
        rows.case(&two);
        rows.fact(&Fact::of(&one, &codes));
        let refused = store.add(rows).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("case_facts_case_id_key"));
        let id = two.id;
        let found = store.read(tenant, move |tx| tx.case(id)).await;
        assert!(matches!(found, Err(Error::NotFound)), "{found:?}");

        // Another tenant's rows are refused, whatever they are.
        let rows = file(&two);
        let other = TenantId(uuid::Uuid::now_v7());
        let refused = store.write(other, move |tx| tx.add(rows)).await;
        assert!(matches!(refused, Err(Error::Statement(_))), "{refused:?}");
    });
}

#[test]
fn of_additions_that_come_at_once_those_that_fit_are_kept() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let codes = CodeLists::shared();
        let taken = bare(&place, 1);
        let file = |case: &Case, fact: &Case| {
            let mut rows = Additions::to(tenant);
            rows.case(case);
            rows.fact(&Fact::of(fact, &codes));
            rows
        };
        store.add(file(&taken, &taken)).await.unwrap();
        // Every fourth comes with the fact of a case that has one.
        let cases: Vec<Case> = (2..42).map(|number| bare(&place, number)).collect();
        let adding: Vec<_> = cases
            .iter()
            .enumerate()
            .map(|(at, case)| {
                let rows = file(case, if at % 4 == 0 { &taken } else { case });
                let store = store.clone();
                tokio::spawn(async move { store.add(rows).await })
            })
            .collect();
        for (at, (adding, case)) in adding.into_iter().zip(&cases).enumerate() {
            let (done, id) = (adding.await.unwrap(), case.id);
            let there = store.read(tenant, move |tx| tx.case(id)).await.is_ok();
            assert_eq!((done.is_ok(), there), (at % 4 != 0, at % 4 != 0), "{at}: {done:?}");
        }
    });
}

#[test]
fn what_waits_to_be_added_goes_together_and_each_to_its_own_tenant() {
    on_each_database(async |store, tenant| {
        let other = crate::common::tenant("other");
        let second = other.id;
        store.insert_tenant(other, at(0)).await.unwrap();
        let places = [
            (tenant, Place::new(&store, tenant).await),
            (second, Place::new(&store, second).await),
        ];
        let codes = CodeLists::shared();
        let before = store.statements_run();
        let mut adding = Vec::new();
        for number in 1..=200 {
            for (tenant, place) in &places {
                let case = bare(place, number);
                let mut rows = Additions::to(*tenant);
                rows.case(&case);
                // Some are of another make.
                if number % 5 != 0 {
                    rows.fact(&Fact::of(&case, &codes));
                }
                let store = store.clone();
                let added = tokio::spawn(async move { store.add(rows).await });
                // Whoever stops waiting must not keep the others from being served.
                if number % 7 == 0 {
                    added.abort();
                } else {
                    adding.push((*tenant, case.id, added));
                }
            }
        }
        for (tenant, id, added) in adding {
            added.await.unwrap().unwrap();
            let read = store.read(tenant, move |tx| tx.case(id)).await;
            assert_eq!(read.unwrap().id, id);
        }
        if store.backend() == Backend::Postgres {
            // Two statements a case would read it; five are the reading above.
            let run = store.statements_run() - before - 5 * 344;
            assert!(run < 300, "{run} statements for 400 additions");
        }
    });
}

#[test]
fn a_question_of_two_statements_needs_a_snapshot() {
    on_each_database(async |store, tenant| {
        store.ask(tenant, |tx| tx.own_tenant()).await.unwrap();
        let two = store.ask(tenant, |tx| tx.own_tenant().and_then(|_| tx.units())).await;
        assert!(matches!(two, Err(Error::Panicked(_))), "{two:?}");
        // The connection is not held to it afterwards.
        store.read(tenant, |tx| tx.own_tenant().and_then(|_| tx.units())).await.unwrap();
    });
}

fn filter(place: &Place) -> CaseFilter {
    CaseFilter {
        staff: place.staff[0],
        readings: vec![Reading {
            units: Scope::All,
            laws: Scope::All,
            kinds: Kind::ALL.to_vec(),
            lex: false,
        }],
        mine: false,
        registered_too: false,
        kinds: Vec::new(),
        statuses: Vec::new(),
        units: None,
        laws: Vec::new(),
        categories: None,
        tracks: Vec::new(),
        reported_from: None,
        reported_before: None,
        changed: None,
        number: None,
        ids: None,
        subjects: None,
        sampled: false,
        after: None,
        order: Order::NewestReported,
        limit: 50,
    }
}

/// How the database would go about the statement the store ran last, a line a step.
fn plan(database: &TestDatabase, statement: &str) -> String {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        postgres: String,
    }
    #[derive(QueryableByName)]
    struct SqliteStep {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    match database.backend {
        // Values that are not bound are NULL, which no plan depends on.
        Backend::Sqlite => {
            let mut conn = SqliteConnection::establish(database.path()).unwrap();
            let steps: Vec<SqliteStep> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
                    .load(&mut conn)
                    .unwrap();
            steps.into_iter().map(|step| step.detail + "\n").collect()
        }
        Backend::Postgres => {
            use diesel::connection::SimpleConnection as _;
            let mut conn = PgConnection::establish(&database.url).unwrap();
            let values = statement.matches('$').count();
            let nulls = vec!["NULL"; values].join(", ");
            conn.batch_execute(&format!(
                "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; \
                 PREPARE asked AS {statement}"
            ))
            .unwrap();
            let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN EXECUTE asked({nulls})"))
                .load(&mut conn)
                .unwrap();
            steps.into_iter().map(|step| step.postgres + "\n").collect()
        }
    }
}

async fn fill(database: &TestDatabase, store: &Store, tenant: TenantId) -> Place {
    let place = Place::new(store, tenant).await;
    let cases: Vec<Case> = (1..=600)
        .map(|number| {
            let mut case = bare(&place, number);
            let hours = i64::try_from(number).unwrap();
            case.reported_at = at(hours * 24);
            case.updated_at = at(-hours);
            case.unit = place.units[usize::try_from(number % 3).unwrap()];
            case.reported_by = Some(place.staff[usize::try_from(number % 2).unwrap()]);
            case
        })
        .collect();
    store
        .write(tenant, move |tx| {
            let codes = CodeLists::shared();
            cases.iter().try_for_each(|case| {
                tx.add_rows(|rows| rows.case(case))?;
                tx.add_rows(|rows| rows.fact(&Fact::of(case, &codes)))
            })
        })
        .await
        .unwrap();
    database.execute("ANALYZE").unwrap();
    place
}

#[test]
fn the_lists_and_the_figures_go_by_an_index() {
    with_each_database(async |database, store, tenant| {
        let place = fill(&database, &store, tenant).await;
        let main = filter(&place);
        let case = store.read(tenant, |tx| tx.cases_after(None, 1)).await.unwrap().remove(0);
        let after = Some((case.reported_at, case.id));
        let changed = CaseFilter { order: Order::OldestChanged, ..main.clone() };
        let unit = Some(BTreeSet::from([place.units[0]]));
        for (filter, index) in [
            (main.clone(), "cases_reported_ix"),
            (CaseFilter { after, ..main.clone() }, "cases_reported_ix"),
            (CaseFilter { units: unit, ..main.clone() }, "cases_unit_ix"),
            (CaseFilter { changed: Some((at(-5), at(0))), ..changed.clone() }, "cases_updated_ix"),
            (CaseFilter { after, ..changed }, "cases_updated_ix"),
        ] {
            store.read(tenant, move |tx| tx.case_lines(&filter)).await.unwrap();
            let statement = store.last_statements().pop().unwrap();
            let plan = plan(&database, &statement);
            assert!(plan.contains(index), "{index}: {statement}\n{plan}");
            let sorts = plan.contains("USE TEMP B-TREE") || plan.contains("Sort");
            assert!(!sorts, "{statement}\n{plan}");
        }

        let month = |month| Month { year: 2027, month };
        let query = BaseQuery {
            columns: BTreeSet::new(),
            placed: Placed::Reported,
            spans: vec![Months { from: month(1), to: month(2) }],
            conditions: Vec::new(),
            duplicates: false,
            reported_before: None,
            closed_before: None,
            answered_before: None,
            part: Part::All,
        };
        store.read(tenant, move |tx| tx.plain_figures(&query)).await.unwrap();
        let statement = store.last_statements().pop().unwrap();
        let plan = plan(&database, &statement);
        assert!(plan.contains("case_facts_reported_ix"), "{statement}\n{plan}");
    });
}

#[test]
fn whose_cases_no_list_tells_of_is_not_asked_of_every_case() {
    with_each_database(async |database, store, tenant| {
        fill(&database, &store, tenant).await;
        if store.backend() == Backend::Sqlite {
            // As the service has it: without statistics SQLite would begin a join with the cases.
            database.execute("DROP TABLE sqlite_stat1").unwrap();
        }
        store.read(tenant, |tx| tx.cases_about_protected()).await.unwrap();
        let statement = store.last_statements().pop().unwrap();
        let plan = plan(&database, &statement);
        for index in ["subjects_protected_ix", "cases_subject_ix"] {
            assert!(plan.contains(index), "{index}: {statement}\n{plan}");
        }
    });
}
