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

#[test]
fn every_table_may_be_distributed_by_tenant() {
    let Some(database) = TestDatabase::postgres() else { return };
    runtime().block_on(async {
        let store = database.open();
        store.migrate().await.unwrap();
        assert_eq!(store.distribution_faults().await.unwrap(), Vec::<String>::new());

        // Each of these is found; nothing that is right is.
        database
            .execute_as_owner(
                "CREATE TABLE w_lists (code text NOT NULL, PRIMARY KEY (code));
                 CREATE TABLE w_right (tenant_id uuid NOT NULL, n int NOT NULL, m int, PRIMARY KEY (tenant_id, n),
                     CONSTRAINT w_right_fk FOREIGN KEY (tenant_id, m) REFERENCES w_right (tenant_id, n),
                     CONSTRAINT w_right_tenants_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id));
                 CREATE TABLE w_null (tenant_id uuid, n int, UNIQUE (tenant_id, n));
                 CREATE TABLE w_text (tenant_id text NOT NULL, PRIMARY KEY (tenant_id));
                 CREATE TABLE w_key (tenant_id uuid NOT NULL, n int NOT NULL UNIQUE, PRIMARY KEY (tenant_id, n));
                 CREATE UNIQUE INDEX w_key_index ON w_key (n) INCLUDE (tenant_id);
                 CREATE TABLE w_across (tenant_id uuid NOT NULL, n int NOT NULL, other uuid, PRIMARY KEY (tenant_id, n),
                     CONSTRAINT w_across_fk FOREIGN KEY (other, n) REFERENCES w_right (tenant_id, n),
                     CONSTRAINT w_across_list_fk FOREIGN KEY (tenant_id) REFERENCES tenants ON DELETE CASCADE,
                     CONSTRAINT w_across_away_fk FOREIGN KEY (tenant_id, n) REFERENCES w_right ON DELETE SET NULL);
                 ALTER TABLE w_across ADD COLUMN code text CONSTRAINT w_across_code_fk REFERENCES w_lists;
                 ALTER TABLE w_across ADD CONSTRAINT w_across_once EXCLUDE USING btree (tenant_id WITH =);
                 CREATE TABLE w_counted (tenant_id uuid NOT NULL, n serial, m int GENERATED ALWAYS AS IDENTITY,
                     PRIMARY KEY (tenant_id, n));
                 CREATE FUNCTION w_new() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
                 CREATE TRIGGER w_new BEFORE INSERT ON w_key FOR EACH ROW EXECUTE FUNCTION w_new();
                 CREATE VIEW w_view AS SELECT 1;
                 CREATE INDEX w_a_name_of_so_many_letters_that_no_shard_could_be_put_behind ON w_right (m);
                 CREATE TABLE w_child () INHERITS (w_right)",
            )
            .unwrap();
        let mut faults = store.distribution_faults().await.unwrap();
        faults.sort();
        assert_eq!(
            faults,
            [
                "w_a_name_of_so_many_letters_that_no_shard_could_be_put_behind is too long a name",
                "w_across: w_across_away_fk would change a tenant_id",
                "w_across: w_across_code_fk points to w_lists, which lies elsewhere",
                "w_across: w_across_fk points to w_right without tenant_id in the same place on both sides",
                "w_across: w_across_once is an exclusion",
                "w_child has no primary key",
                "w_child has parts, or is one",
                "w_counted.m counts by a sequence",
                "w_counted.n counts by a sequence",
                "w_counted_m_seq is no table",
                "w_counted_n_seq is no table",
                "w_key has the trigger w_new",
                "w_key: w_key_index is unique without tenant_id",
                "w_key: w_key_n_key is unique without tenant_id",
                "w_lists has no tenant_id, and is in no list of tables without",
                "w_null has no primary key",
                "w_null.tenant_id is not uuid NOT NULL",
                "w_right has parts, or is one",
                "w_text.tenant_id is not uuid NOT NULL",
                "w_view is no table",
            ]
        );
        // And is said by whoever would distribute them; without Citus that comes first.
        let shards = std::num::NonZeroU32::new(4).unwrap();
        let error = database.open().distribute(shards).await.unwrap_err().to_string();
        assert!(error.contains("Citus") || error.contains("w_lists"), "{error}");
    });
}
