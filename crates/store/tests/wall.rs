//! The second wall between tenants holds by itself, on PostgreSQL: past every statement of the store.

mod common;

use common::{OWNER, SERVICE, TestDatabase, now, runtime, tenant, unit};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::ids::TenantId;
use store::{Config, Error, Settings, Store, Tx, Wall};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A migrated database with two tenants, where there is a server.
fn two_tenants() -> Option<(TestDatabase, TenantId, TenantId)> {
    let database = TestDatabase::postgres()?;
    let (one, other) = (tenant("one"), tenant("other"));
    let ids = (one.id, other.id);
    runtime().block_on(async {
        let store = database.open();
        store.migrate().await.unwrap();
        for tenant in [one, other] {
            store.insert_tenant(tenant, now()).await.unwrap();
        }
    });
    Some((database, ids.0, ids.1))
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("a server")
}

fn names(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Name> = diesel::sql_query(sql).load(conn).expect(sql);
    rows.into_iter().map(|row| row.name).collect()
}

fn number(conn: &mut PgConnection, sql: &str) -> i64 {
    diesel::sql_query(sql).get_result::<Number>(conn).expect(sql).number
}

fn turn(conn: &mut PgConnection, tenant: TenantId) {
    conn.batch_execute(&format!("SET avvikelse.tenant = '{}'", tenant.0)).unwrap();
}

const TABLES: &str = "SELECT CAST(c.relname AS text) AS name FROM pg_class c \
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
    AND c.relname <> '__diesel_schema_migrations' ORDER BY 1";

#[test]
fn every_table_is_walled_for_its_owner_too() {
    let Some((database, ..)) = two_tenants() else { return };
    let mut conn = connect(&database.url);
    let tables = names(&mut conn, TABLES);
    assert!(tables.len() > 60, "{tables:?}");
    let open = names(
        &mut conn,
        &format!(
            "{} ",
            TABLES.replace(
                "ORDER BY 1",
                "AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p \
                 WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polroles = '{0}' AND \
                 pg_get_expr(p.polqual, c.oid) = pg_get_expr(p.polwithcheck, c.oid) AND \
                 pg_get_expr(p.polqual, c.oid) = '(tenant_id = (NULLIF(current_setting(''avvikelse.tenant''::text, \
                 true), ''''::text))::uuid)')) ORDER BY 1"
            )
        ),
    );
    assert_eq!(open, Vec::<String>::new());
    // The one door: everybody may find a tenant, and nobody may change another's.
    let others = names(
        &mut conn,
        "SELECT polrelid::regclass || ' ' || polname || ' ' || CAST(polcmd AS text) AS name FROM pg_policy \
         WHERE polname <> 'tenant_wall'",
    );
    assert_eq!(others, ["tenants tenants_found r"]);
    let owned = format!(
        "SELECT CAST(c.relname AS text) AS name FROM pg_class c WHERE pg_get_userbyid(c.relowner) = '{SERVICE}'"
    );
    assert_eq!(names(&mut conn, &owned), Vec::<String>::new());
}

#[test]
fn each_table_shows_the_tenant_it_is_turned_to_and_takes_no_row_of_another() {
    let Some((database, one, other)) = two_tenants() else { return };
    let mut admin = connect(&database.url);
    let tables = names(&mut admin, TABLES);
    // A row of each tenant in every table, whatever else a row must have: constraints are not what is asked here.
    admin
        .batch_execute(
            "DO $$ DECLARE it record; BEGIN
               FOR it IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
                 WHERE connamespace = 'public'::regnamespace AND contype = 'f' LOOP
                 EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.t, it.conname); END LOOP;
               FOR it IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
                 WHERE connamespace = 'public'::regnamespace AND contype <> 'f'
                 AND conrelid <> '__diesel_schema_migrations'::regclass LOOP
                 EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.t, it.conname); END LOOP;
               FOR it IN SELECT attrelid::regclass AS t, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND attnum > 0
                 AND attnotnull AND c.relname <> '__diesel_schema_migrations' LOOP
                 EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', it.t, it.attname); END LOOP;
             END $$; DELETE FROM tenants",
        )
        .unwrap();
    let (a, b) = (one.0, other.0);
    for table in &tables {
        let fill = format!("INSERT INTO {table} (tenant_id) VALUES ('{a}'), ('{b}')");
        admin.batch_execute(&fill).expect(table);
    }
    for url in [&database.service_url, &database.owner_url] {
        let mut conn = connect(url);
        for table in &tables {
            let shown = if table == "tenants" { 2 } else { 0 };
            let count = format!("SELECT count(*) AS number FROM {table}");
            conn.batch_execute("RESET avvikelse.tenant").unwrap();
            assert_eq!(number(&mut conn, &count), shown, "{table}, of nobody");
            conn.batch_execute("SET avvikelse.tenant = ''").unwrap();
            assert_eq!(number(&mut conn, &count), shown, "{table}, turned away");
            refused(&mut conn, &format!("INSERT INTO {table} (tenant_id) VALUES ('{a}')"));
            for (own, strange) in [(one, b), (other, a)] {
                turn(&mut conn, own);
                assert_eq!(number(&mut conn, &count), shown.max(1), "{table}");
                let theirs = format!("{count} WHERE tenant_id = '{strange}'");
                assert_eq!(number(&mut conn, &theirs), shown / 2, "{table}, another's");
                refused(
                    &mut conn,
                    &format!("INSERT INTO {table} (tenant_id) VALUES ('{strange}')"),
                );
                refused(&mut conn, &format!("UPDATE {table} SET tenant_id = '{strange}'"));
                let reach = format!("DELETE FROM {table} WHERE tenant_id = '{strange}'");
                assert_eq!(
                    diesel::sql_query(&reach).execute(&mut conn).expect(table),
                    0,
                    "{table}"
                );
                let reach = format!(
                    "UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = '{strange}'"
                );
                assert_eq!(
                    diesel::sql_query(&reach).execute(&mut conn).expect(table),
                    0,
                    "{table}"
                );
            }
        }
        let all = format!("SELECT count(*) AS number FROM {}", tables[0]);
        assert_eq!(number(&mut admin, &all), 2, "nothing is gone");
    }
}

/// Refused by the wall, and by nothing else.
fn refused(conn: &mut PgConnection, sql: &str) {
    let error = diesel::sql_query(sql).execute(conn).expect_err(sql).to_string();
    assert!(error.contains("row-level security"), "{sql}: {error}");
}

#[test]
fn the_role_of_the_service_has_rows_and_nothing_else() {
    let Some((database, one, _)) = two_tenants() else { return };
    let mut conn = connect(&database.service_url);
    turn(&mut conn, one);
    for sql in [
        "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE cases NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_wall ON cases",
        "CREATE POLICY mine ON cases USING (true)",
        "ALTER TABLE cases ADD COLUMN x int",
        "CREATE TABLE x (y int)",
        "TRUNCATE comments",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('1')",
        "DELETE FROM __diesel_schema_migrations",
        "ALTER ROLE avvikelse_test_service BYPASSRLS",
        "SET ROLE avvikelse_test_owner",
    ] {
        let error = diesel::sql_query(sql).execute(&mut conn).expect_err(sql).to_string();
        assert!(
            ["must be owner", "permission denied", "must be superuser"]
                .iter()
                .any(|word| error.contains(word)),
            "{sql}: {error}"
        );
    }
    // Where the wall is switched off for a statement it is refused, and not answered without it.
    let off = "SET row_security = off; SELECT count(*) FROM cases";
    assert!(conn.batch_execute(off).unwrap_err().to_string().contains("row-level security"));
}

#[test]
fn tables_of_later_migrations_are_walled_by_the_step_after_them() {
    let Some((database, one, other)) = two_tenants() else { return };
    let later =
        "CREATE TABLE later (tenant_id uuid NOT NULL, n int NOT NULL, PRIMARY KEY (tenant_id, n))";
    connect(&database.owner_url).batch_execute(later).unwrap();
    runtime().block_on(async {
        let mut alone = Config::new(database.service_url.parse().unwrap());
        alone.read_connections = 1;
        let served = Store::open(alone).unwrap();
        // Who owns nothing says what to do instead.
        let Err(Error::Schema(text)) = served.migrate().await else { panic!("it may not") };
        assert!(text.contains("--migrate-database-url") && text.contains(SERVICE), "{text}");
        let Settings::Postgres { wall, .. } = served.settings().await.unwrap() else { panic!() };
        let open = vec!["later".to_owned()];
        assert_eq!(wall, Wall { role: SERVICE.into(), bypasses: false, owns: false, open });

        assert_eq!(database.open().migrate().await.unwrap(), Vec::<String>::new());
        assert_eq!(served.migrate().await.unwrap(), Vec::<String>::new());
        let Settings::Postgres { wall, .. } = served.settings().await.unwrap() else { panic!() };
        assert_eq!(wall.open, Vec::<String>::new());
    });
    let mut conn = connect(&database.service_url);
    turn(&mut conn, one);
    conn.batch_execute(&format!("INSERT INTO later VALUES ('{}', 1)", one.0)).unwrap();
    refused(&mut conn, &format!("INSERT INTO later VALUES ('{}', 1)", other.0));

    // A policy that lets more in is found, and goes.
    connect(&database.owner_url).batch_execute("CREATE POLICY more ON later USING (true)").unwrap();
    runtime().block_on(async { database.open().migrate().await.unwrap() });
    turn(&mut conn, other);
    assert_eq!(number(&mut conn, "SELECT count(*) AS number FROM later"), 0);
}

#[test]
fn one_role_for_everything_is_walled_as_well() {
    let Some(database) = TestDatabase::postgres() else { return };
    runtime().block_on(async {
        let store = Store::open(Config::new(database.owner_url.parse().unwrap())).unwrap();
        assert!(!store.migrate().await.unwrap().is_empty());
        assert!(store.migrate().await.unwrap().is_empty());
        let tenant = tenant("one");
        let id = tenant.id;
        store.insert_tenant(tenant, now()).await.unwrap();
        store.write(id, |tx| tx.insert_unit(&unit("a"))).await.unwrap();
        assert_eq!(store.read(id, |tx| tx.units()).await.unwrap().len(), 1);
        let Settings::Postgres { wall, .. } = store.settings().await.unwrap() else { panic!() };
        let open = Vec::new();
        assert_eq!(wall, Wall { role: OWNER.into(), bypasses: false, owns: true, open });
        let mut conn = connect(&database.owner_url);
        assert_eq!(number(&mut conn, "SELECT count(*) AS number FROM units"), 0);
        // Taking all back needs to see all rows.
        assert!(!store.revert_all_migrations().await.unwrap().is_empty());
    });
    runtime().block_on(async {
        let store = Store::open(Config::new(database.url.parse().unwrap())).unwrap();
        let Settings::Postgres { wall, .. } = store.settings().await.unwrap() else { panic!() };
        assert!(wall.bypasses);
    });
}

/// Three tenants of a unit each, and a pool of two connections by a role that owns nothing.
fn three_tenants(test: impl AsyncFnOnce(Store, [TenantId; 3])) {
    let Some(database) = TestDatabase::postgres() else { return };
    runtime().block_on(async {
        let mut config = database.config();
        config.read_connections = 2;
        let store = Store::open(config).unwrap();
        store.migrate().await.unwrap();
        let tenants = ["one", "two", "three"].map(tenant);
        let ids = tenants.clone().map(|tenant| tenant.id);
        for tenant in tenants {
            let id = tenant.id;
            store.insert_tenant(tenant, now()).await.unwrap();
            store.write(id, |tx| tx.insert_unit(&unit("a"))).await.unwrap();
        }
        test(store, ids).await;
    });
}

#[test]
fn a_connection_never_carries_a_tenant_over() {
    three_tenants(async |store, tenants| {
        let calls: Vec<_> = (0..300)
            .map(|number: usize| {
                let (store, tenant) = (store.clone(), tenants[number * 7 % 11 % 3]);
                let own = [tenant.0.to_string()];
                tokio::spawn(async move {
                    let look = |tx: &mut Tx<'_>| tx.tenants_in_sight();
                    match number % 6 {
                        0 | 1 => assert_eq!(store.read(tenant, look).await?, own),
                        2 => assert_eq!(store.ask(tenant, look).await?, own),
                        3 => assert_eq!(store.write(tenant, look).await?, own),
                        // Taken back, given up, gone wrong: the next one sees its own all the same.
                        4 => {
                            let failing = store.write(tenant, move |tx| {
                                tx.insert_unit(&unit(&number.to_string()))?;
                                let seen = tx.tenants_in_sight()?;
                                Err::<(), _>(Error::Corrupt(format!("{seen:?}")))
                            });
                            let failed = failing.await;
                            let Err(Error::Corrupt(text)) = failed else { panic!("{failed:?}") };
                            assert_eq!(text, format!("{own:?}"));
                        }
                        _ => {
                            assert_eq!(store.tenants_in_sight().await?, Vec::<String>::new());
                            let panicking = store.read(tenant, |tx| -> Result<(), Error> {
                                assert!(tx.tenants_in_sight()?.is_empty(), "on purpose");
                                Ok(())
                            });
                            assert!(matches!(panicking.await, Err(Error::Panicked(_))));
                        }
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_connection_is_turned_only_when_the_tenant_is_another() {
    three_tenants(async |store, [one, other, _]| {
        let work = async |tenant, code: String| {
            store.write(tenant, move |tx| tx.insert_unit(&unit(&code))).await.unwrap();
            store.ask(tenant, |tx| tx.own_tenant()).await.unwrap();
            store.read(tenant, |tx| tx.units()).await.unwrap();
        };
        let before = store.turns_made();
        for number in 0..50 {
            work(one, format!("b{number}")).await;
        }
        // Each connection of the pool, once.
        let turns = store.turns_made() - before;
        assert!((1..=2).contains(&turns), "{turns}");
        let before = store.turns_made();
        for number in 0..10 {
            work(other, format!("c{number}")).await;
            work(one, format!("c{number}")).await;
        }
        let turns = store.turns_made() - before;
        assert!((20..=60).contains(&turns), "{turns}");
    });
}
