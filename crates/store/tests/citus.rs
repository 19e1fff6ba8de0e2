//! The tables distributed by Citus, on a cluster that `AVVIKELSE_TEST_CITUS` names; without one there is nothing to test.

mod common;

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use common::{TestDatabase, now, person, runtime, tenant, unit};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::ids::TenantId;
use domain::organisation::Tenant;
use store::{Error, Store};

const SHARDS: NonZeroU32 = NonZeroU32::new(4).unwrap();

/// Whether keys are away.
const HALF_DONE: &str =
    "SELECT '' AS value WHERE to_regclass('__avvikelse_keys_taken') IS NOT NULL";

fn texts(url: &str, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let mut conn = PgConnection::establish(url).expect("a node");
    conn.batch_execute("SET citus.override_table_visibility = off").expect("Citus");
    let rows: Vec<Row> = diesel::sql_query(sql).load(&mut conn).expect(sql);
    rows.into_iter().map(|row| row.value).collect()
}

/// Keys and walls, as the catalogue of the first node has them.
fn keys_and_walls(database: &TestDatabase) -> Vec<String> {
    // Not those of shards, whose names end in a number.
    texts(
        &database.url,
        "SELECT c.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) AS value FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = 'public'::regnamespace \
         AND c.relname !~ '_[0-9]+$' \
         UNION ALL SELECT c.relname || ' ' || p.polname || ' ' || c.relrowsecurity || c.relforcerowsecurity \
         FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relname !~ '_[0-9]+$' ORDER BY 1",
    )
}

async fn with_rows(store: &Store, tenant: &Tenant) {
    let id = tenant.id;
    store.insert_tenant(tenant.clone(), now()).await.unwrap();
    store
        .write(id, |tx| {
            tx.insert_unit(&unit("a"))?;
            tx.insert_staff(&person("anna"))
        })
        .await
        .unwrap();
}

#[test]
fn what_is_broken_off_is_brought_to_its_end() {
    let Some(database) = TestDatabase::citus() else { return };
    runtime().block_on(async {
        let tenants = ["one", "other"].map(tenant);
        {
            // Citus alone changes nothing: a database of one node goes on as it is.
            let store = database.open();
            store.migrate().await.unwrap();
            for tenant in &tenants {
                with_rows(&store, tenant).await;
            }
            // While the service runs nothing is taken apart.
            let error = database.open().distribute(SHARDS).await.unwrap_err().to_string();
            assert!(error.contains("stop every instance"), "{error}");
        }
        let before = keys_and_walls(&database);
        assert!(before.len() > 400, "{before:?}");

        let (mut broken_off, mut half_done) = (0, 0);
        loop {
            let store = database.open();
            let running = tokio::spawn(async move { store.distribute(SHARDS).await });
            // Each time a little later.
            tokio::time::sleep(Duration::from_millis(150 + 200 * broken_off)).await;
            let _ = texts(
                &database.url,
                &format!(
                    "SELECT CAST(pg_terminate_backend(pid) AS text) AS value FROM pg_stat_activity \
                     WHERE usename = '{}' AND datname = current_database() AND application_name = 'avvikelse'",
                    common::OWNER
                ),
            );
            match running.await.unwrap() {
                Ok(_) => break,
                Err(error) => {
                    let text = error.to_string();
                    assert!(text.contains("connection"), "{text}");
                    broken_off += 1;
                }
            }
            if !texts(&database.url, HALF_DONE).is_empty() {
                half_done += 1;
                for result in [database.open().migrate().await, {
                    let alone = store::Config::new(database.service_url.parse().unwrap());
                    Store::open(alone).unwrap().migrate().await
                }] {
                    let error = result.unwrap_err().to_string();
                    assert!(error.contains("--distribute"), "{error}");
                }
            }
            assert!(broken_off < 60);
        }
        eprintln!("broken off {broken_off} times, {half_done} of them with keys away");
        assert!(half_done > 3, "{broken_off}");

        assert_eq!(keys_and_walls(&database), before);
        assert_eq!(texts(&database.url, HALF_DONE), Vec::<String>::new());
        let of_kind = |kind: &str| {
            let tables = "SELECT CAST(logicalrelid AS text) AS value FROM pg_dist_partition WHERE partmethod = ";
            texts(&database.url, &format!("{tables}'{kind}'"))
        };
        assert_eq!(of_kind("n"), ["tenants"]);
        assert!(of_kind("h").len() > 95);
        let together =
            "SELECT DISTINCT CAST(colocationid AS text) AS value FROM pg_dist_partition WHERE partmethod = 'h'";
        assert_eq!(texts(&database.url, together).len(), 1);
        // The rows that lay on the first node lie there no longer, but in its shards.
        let left = "SELECT CAST(logicalrelid AS text) AS value FROM pg_dist_partition \
                    WHERE pg_relation_size(logicalrelid) > 0";
        assert_eq!(texts(&database.url, left), Vec::<String>::new());

        assert_eq!(database.open().distribute(SHARDS).await.unwrap(), Vec::<String>::new());
        let store = database.open();
        assert_eq!(store.migrate().await.unwrap(), Vec::<String>::new());
        assert_eq!(store.distribution_faults().await.unwrap(), Vec::<String>::new());
        for tenant in tenants {
            assert_eq!(store.read(tenant.id, |tx| tx.units()).await.unwrap().len(), 1);
        }
        // What runs already needs no stop where nothing is left to do.
        assert_eq!(database.open().distribute(SHARDS).await.unwrap(), Vec::<String>::new());
    });
}

#[test]
fn a_tenant_is_on_one_node_and_sees_itself_alone() {
    let Some(database) = TestDatabase::citus() else { return };
    runtime().block_on(async {
        database.open().distribute(SHARDS).await.unwrap();
        let store = database.open();
        // Until two lie in different shards.
        let shard = |tenant: TenantId| {
            let place = format!(
                "SELECT shardminvalue AS value FROM pg_dist_shard WHERE shardid = \
                 get_shard_id_for_distribution_column('units', '{}')",
                tenant.0
            );
            texts(&database.url, &place).pop().unwrap()
        };
        let one = tenant("one");
        let other = std::iter::repeat_with(|| tenant("other"))
            .find(|other| shard(other.id) != shard(one.id))
            .unwrap();
        for tenant in [&one, &other] {
            with_rows(&store, tenant).await;
        }
        for tenant in [one.id, other.id] {
            let own = [tenant.0.to_string()];
            for _ in 0..3 {
                assert_eq!(store.write(tenant, |tx| tx.tenants_in_sight()).await.unwrap(), own);
                assert_eq!(store.read(tenant, |tx| tx.tenants_in_sight()).await.unwrap(), own);
                assert_eq!(store.ask(tenant, |tx| tx.tenants_in_sight()).await.unwrap(), own);
                assert!(store.tenants_in_sight().await.unwrap().is_empty());
            }
        }
        // A name that is taken is told by its own name, whatever the shard's is.
        let again = store.write(one.id, |tx| tx.insert_unit(&unit("a"))).await;
        assert_eq!(again.unwrap_err().conflict(), Some("units_code_key"));

        // From here on: which shards are touched.
        drop(store);
        tokio::time::sleep(Duration::from_secs(2)).await;
        for node in database.nodes() {
            let _ = texts(&node, "SELECT CAST(pg_stat_reset() AS text) AS value");
        }
        let store = database.open();
        for tenant in [one.id, other.id] {
            store.write(tenant, |tx| tx.insert_unit(&unit("b"))).await.unwrap();
            store.read(tenant, |tx| tx.units()).await.unwrap();
            store.ask(tenant, |tx| tx.own_tenant()).await.unwrap();
            store
                .write(tenant, |tx| {
                    tx.one_at_a_time()?;
                    tx.bump_config_version()?;
                    tx.savepoint(|tx| tx.insert_unit(&unit("c")))
                })
                .await
                .unwrap();
            let gone = store
                .write(tenant, |tx| {
                    tx.insert_unit(&unit("d"))?;
                    Err::<(), _>(Error::Stale)
                })
                .await;
            assert!(matches!(gone, Err(Error::Stale)));
            assert_eq!(store.read(tenant, |tx| tx.units()).await.unwrap().len(), 3);
        }
        drop(store);
        assert_eq!(touched_elsewhere(&database, &[one.id, other.id]).await, Vec::<String>::new());
        // That it would be seen: a statement that names nobody goes everywhere.
        let _ = texts(&database.url, "SELECT CAST(count(*) AS text) AS value FROM staff");
        assert_eq!(touched_elsewhere(&database, &[one.id, other.id]).await.len(), 2);
    });
}

/// The shards that something was asked of or written to since the last reset, but for those of these tenants.
async fn touched_elsewhere(database: &TestDatabase, tenants: &[TenantId]) -> Vec<String> {
    // What a session did is counted a moment after.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let own = tenants.iter().map(|tenant| {
        format!(
            "(SELECT shardminvalue FROM pg_dist_shard WHERE shardid = \
             get_shard_id_for_distribution_column('units', '{}'))",
            tenant.0
        )
    });
    let others = format!(
        "SELECT CAST(logicalrelid AS text) || '_' || shardid AS value FROM pg_dist_shard \
         WHERE shardminvalue NOT IN ({})",
        own.collect::<Vec<_>>().join(", ")
    );
    let others: BTreeSet<String> = texts(&database.url, &others).into_iter().collect();
    let touched = "SELECT CAST(relname AS text) AS value FROM pg_stat_user_tables \
                   WHERE seq_scan + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0";
    let nodes = database.nodes();
    nodes
        .iter()
        .flat_map(|node| texts(node, touched))
        .filter(|name| others.contains(name))
        .collect()
}
