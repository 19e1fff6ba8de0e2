//! What is not folded is found by its index, and a year's cells by theirs, as the databases plan for themselves.
#![cfg(debug_assertions)]

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::statistics::{BaseQuery, Column, Months, Part, Placed};
use store::{Backend, Tx};

use crate::common::{TestDatabase, now, with_each_database};

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

/// How the database goes about a statement, a line a step.
fn plan(database: &TestDatabase, statement: &str) -> String {
    match database.backend {
        Backend::Sqlite => {
            let mut conn = SqliteConnection::establish(database.path()).unwrap();
            let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
            let steps: Vec<SqliteStep> = steps.load(&mut conn).unwrap();
            steps.into_iter().map(|step| step.detail + "\n").collect()
        }
        Backend::Postgres => {
            let mut conn = PgConnection::establish(&database.url).unwrap();
            let nulls = vec!["NULL"; statement.matches('$').count()].join(", ");
            conn.batch_execute(&format!(
                "SET random_page_cost = 1.1; SET plan_cache_mode = force_generic_plan; PREPARE asked AS {statement}"
            ))
            .unwrap();
            let steps = diesel::sql_query(format!("EXPLAIN EXECUTE asked({nulls})"));
            let steps: Vec<Step> = steps.load(&mut conn).unwrap();
            steps.into_iter().map(|step| step.postgres + "\n").collect()
        }
    }
}

/// Thirty thousand facts of five years, of no case: what refers to what is not asked here.
fn fill(database: &TestDatabase, tenant: uuid::Uuid) {
    let columns = "tenant_id, case_id, counted, duplicate, event_id, event_shared, reported_on, reported_year, \
         reported_month, reported_week, reported_weekday, reported_hour, kind, unit_id, reporting_unit_id, laws, \
         category, vardskada, status, reported_at, imported";
    let sql = match database.backend {
        Backend::Postgres => {
            let id = "encode(lpad(n::text, 16, '0')::bytea, 'hex')::uuid";
            let unit = "encode(lpad((n % 40)::text, 16, '0')::bytea, 'hex')::uuid";
            format!(
                "SET session_replication_role = replica; INSERT INTO case_facts ({columns}) SELECT '{tenant}', {id}, \
                 true, false, {id}, false, '2025-01-01', 2021 + n % 5, 1 + n % 12, 1, 1, 1, 'avvikelse', {unit}, \
                 {unit}, 'HSL', 'C' || (n % 7), 'no', 'reported', '2025-01-01', false FROM generate_series(1, 30000) AS n"
            )
        }
        Backend::Sqlite => {
            let tenant = tenant.simple();
            let id = "CAST(printf('%016d', n) AS BLOB)";
            let unit = "CAST(printf('%016d', n % 40) AS BLOB)";
            format!(
                "PRAGMA foreign_keys = OFF; INSERT INTO case_facts ({columns}) SELECT x'{tenant}', {id}, 1, 0, {id}, 0, '2025-01-01', \
                 2021 + n % 5, 1 + n % 12, 1, 1, 1, 'avvikelse', {unit}, {unit}, 'HSL', 'C' || (n % 7), 'no', 'reported', \
                 0, 0 FROM (WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 30000) \
                 SELECT n FROM up)"
            )
        }
    };
    database.execute(&sql).unwrap();
}

#[test]
fn sums_and_what_is_not_folded_are_found_by_their_indexes() {
    with_each_database(async |database, store, tenant| {
        fill(&database, tenant.0);
        let holder = uuid::Uuid::now_v7();
        let (mut last, mut seen) = (None, Vec::new());
        loop {
            let step = store.write(tenant, move |tx| {
                tx.take_lease("figures", holder, now(), now())?;
                tx.fold_facts(last, 2_000)
            });
            last = step.await.unwrap().last;
            seen.extend(
                store.last_statements().into_iter().filter(|it| it.contains("ORDER BY case_id")),
            );
            if last.is_none() {
                break;
            }
        }
        let query = BaseQuery {
            columns: BTreeSet::from([Column::Unit, Column::Category, Column::Laws, Column::Month]),
            placed: Placed::Reported,
            spans: vec![Months::years(2025, 2025)],
            conditions: Vec::new(),
            duplicates: false,
            reported_before: None,
            closed_before: None,
            answered_before: None,
            part: Part::All,
        };
        // A few are not folded, so that the statement has all its parts.
        database.execute("UPDATE case_facts SET reported_month = 1 + reported_month % 12 WHERE category = 'C3' AND reported_year = 2024 AND reported_month < 4").unwrap();
        database.execute("ANALYZE").unwrap();
        let mut rows = 0;
        let answered = store
            .read(tenant, move |tx: &mut Tx<'_>| tx.sums(&query, |row| rows += row.count))
            .await;
        assert!(answered.unwrap());
        seen.extend(store.last_statements().into_iter().rev().take(2));
        seen.dedup();
        let mut unfolded = 0;
        for statement in &seen {
            let plan = plan(&database, statement);
            let by_index = plan.matches("case_facts_unfolded_ix").count();
            let otherwise = [
                "Seq Scan",
                "SCAN case_facts",
                "SCAN fact_sums",
                "case_facts_case_id_key",
                "case_facts_yearly_ix",
                "case_facts_reported_ix",
            ];
            let otherwise = otherwise.into_iter().find(|way| plan.contains(way));
            assert!(by_index > 0 && otherwise.is_none(), "{statement}\n{plan}");
            unfolded += by_index;
            if statement.contains("fact_sums") {
                let cells = match database.backend {
                    Backend::Postgres => plan.contains("fact_sums_cell_key"),
                    Backend::Sqlite => plan.contains(
                        "SEARCH fact_sums USING PRIMARY KEY (tenant_id=? AND cell>? AND cell<?)",
                    ),
                };
                assert!(
                    cells && plan.matches("case_facts_unfolded_ix").count() == 2,
                    "{statement}\n{plan}"
                );
            }
        }
        assert!(unfolded >= 4, "{seen:#?}");
    });
}
