//! The schema goes up, down and up again, and keeps to the house's rules.

mod common;

use common::{TestDatabase, runtime, tenant};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use store::{Error, Store};

fn databases() -> impl Iterator<Item = TestDatabase> {
    [Some(TestDatabase::sqlite()), TestDatabase::postgres()].into_iter().flatten()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[test]
fn migrations_go_up_down_and_up() {
    for database in databases() {
        runtime().block_on(async {
            let store = database.open();
            assert_eq!(store.schema_version().await.unwrap(), None);
            let pending = store.pending_migrations().await.unwrap();
            let run = store.migrate().await.unwrap();
            assert!(!run.is_empty() && run == pending);
            assert_eq!(store.schema_version().await.unwrap(), run.last().cloned());
            assert!(store.pending_migrations().await.unwrap().is_empty());
            assert!(store.migrate().await.unwrap().is_empty());
            store.insert_tenant(tenant("test"), common::now()).await.unwrap();

            let mut reverted = store.revert_all_migrations().await.unwrap();
            reverted.reverse();
            assert_eq!(reverted, run);
            assert_eq!(store.schema_version().await.unwrap(), None);
            assert_eq!(store.migrate().await.unwrap(), run);
            assert!(store.tenants().await.unwrap().is_empty());
        });
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let Some(postgres) = TestDatabase::postgres() else { return };
    let sqlite = TestDatabase::sqlite();
    runtime().block_on(async {
        let (sqlite, postgres) = (sqlite.open(), postgres.open());
        assert_eq!(
            sqlite.pending_migrations().await.unwrap(),
            postgres.pending_migrations().await.unwrap()
        );
    });
}

#[test]
fn services_that_start_at_once_migrate_once() {
    for database in databases() {
        runtime().block_on(async {
            let stores: Vec<Store> = (0..4).map(|_| database.open()).collect();
            let mut run = 0;
            let calls: Vec<_> = stores
                .iter()
                .cloned()
                .map(|store| tokio::spawn(async move { store.migrate().await }))
                .collect();
            for call in calls {
                run += usize::from(!call.await.unwrap().unwrap().is_empty());
            }
            assert_eq!(run, 1);
        });
    }
}

#[test]
fn a_newer_database_is_refused() {
    const NEWER: &str =
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')";
    for database in databases() {
        runtime().block_on(async {
            let store = database.open();
            store.migrate().await.unwrap();
            match database.url.strip_prefix("sqlite:") {
                Some(path) => {
                    SqliteConnection::establish(path).unwrap().batch_execute(NEWER).unwrap()
                }
                None => {
                    PgConnection::establish(&database.url).unwrap().batch_execute(NEWER).unwrap()
                }
            }
            for result in [store.migrate().await, store.pending_migrations().await] {
                let Err(Error::Schema(text)) = result else { panic!("{result:?}") };
                assert!(text.contains("29991231000001") && text.contains("newer"), "{text}");
            }
        });
    }
}

#[test]
fn unique_constraints_are_named_after_their_columns() {
    let Some(database) = TestDatabase::postgres() else { return };
    runtime().block_on(async { database.open().migrate().await.unwrap() });
    let mut conn = PgConnection::establish(&database.url).unwrap();
    let wrong: Vec<Name> = diesel::sql_query(
        "SELECT i.relname || ' should be ' || expected AS name FROM pg_index x
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid,
         LATERAL (SELECT t.relname || coalesce(string_agg('_' || a.attname, '' ORDER BY k.ord)
                     FILTER (WHERE a.attname <> 'tenant_id'), '') || '_key' AS expected
                  FROM unnest(x.indkey::smallint[]) WITH ORDINALITY k (attnum, ord)
                  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) e
         WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace
           AND t.relname <> '__diesel_schema_migrations' AND i.relname <> expected",
    )
    .load(&mut conn)
    .unwrap();
    assert!(wrong.is_empty(), "{:?}", wrong.iter().map(|row| &row.name).collect::<Vec<_>>());
}

#[test]
fn every_key_begins_with_the_tenant() {
    let Some(database) = TestDatabase::postgres() else { return };
    runtime().block_on(async { database.open().migrate().await.unwrap() });
    let mut conn = PgConnection::establish(&database.url).unwrap();
    // Keys that do not begin with tenant_id; the two exceptions are named here and nowhere else.
    let wrong: Vec<Name> = diesel::sql_query(
        "SELECT c.conname AS name FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
         WHERE c.contype IN ('p', 'u', 'f') AND t.relnamespace = 'public'::regnamespace
           AND a.attname <> 'tenant_id'
           AND c.conname NOT IN ('tenants_slug_key', '__diesel_schema_migrations_pkey')",
    )
    .load(&mut conn)
    .unwrap();
    assert!(wrong.is_empty(), "{:?}", wrong.iter().map(|row| &row.name).collect::<Vec<_>>());
    // Also no trigger, no ON DELETE SET NULL, and no indexed text in the order of a language.
    let loose: Vec<Name> = diesel::sql_query(
        "SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal
         UNION ALL SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'n'
         UNION ALL SELECT t.relname || '.' || a.attname FROM pg_index x
         JOIN pg_class t ON t.oid = x.indrelid AND t.relnamespace = 'public'::regnamespace
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey::smallint[])
         JOIN pg_collation c ON c.oid = a.attcollation
         WHERE c.collname <> 'C' AND t.relname <> '__diesel_schema_migrations'",
    )
    .load(&mut conn)
    .unwrap();
    assert!(loose.is_empty(), "{:?}", loose.iter().map(|row| &row.name).collect::<Vec<_>>());
}
