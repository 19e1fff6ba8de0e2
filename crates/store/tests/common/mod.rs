//! A fresh database for each test: SQLite always, PostgreSQL when `AVVIKELSE_TEST_POSTGRES` names
//! a server on which databases may be made, and one distributed by Citus when `AVVIKELSE_TEST_CITUS` names the nodes of a
//! cluster, the one to connect to first, with a space between.

#![allow(dead_code, reason = "each test file uses its part")]

use std::num::NonZeroU32;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use domain::ids::{GrantId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::organisation::{Grant, Role, Staff, Tenant, Unit};
use jiff::Timestamp;
use store::{Backend, Config, Store};
use uuid::Uuid;

/// Who owns the tables.
pub const OWNER: &str = "avvikelse_test_owner";
/// Who serves them, and owns nothing.
pub const SERVICE: &str = "avvikelse_test_service";

/// One database of its own, gone when this is dropped.
pub struct TestDatabase {
    /// The address to look into it past the store: on PostgreSQL a superuser's.
    pub url: String,
    /// The address of the role that owns the tables.
    pub owner_url: String,
    /// The address of the role that serves them and owns nothing.
    pub service_url: String,
    /// Which it is.
    pub backend: Backend,
    directory: Option<tempfile::TempDir>,
    /// Its name, and the servers that have it.
    servers: Vec<String>,
    name: String,
}

impl TestDatabase {
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("test.db").display());
        Self {
            owner_url: url.clone(),
            service_url: url.clone(),
            url,
            backend: Backend::Sqlite,
            directory: Some(directory),
            servers: Vec::new(),
            name: String::new(),
        }
    }

    /// `None` when no server is named; fails then where one is required.
    pub fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("AVVIKELSE_TEST_POSTGRES") else {
            let required =
                std::env::var("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "AVVIKELSE_TEST_POSTGRES must name a PostgreSQL server");
            return None;
        };
        Some(Self::on(vec![server]))
    }

    /// `None` when no cluster is named. The nodes know of each other; nothing is distributed yet.
    pub fn citus() -> Option<Self> {
        let nodes = std::env::var("AVVIKELSE_TEST_CITUS").ok()?;
        let database = Self::on(nodes.split_whitespace().map(str::to_owned).collect());
        let places: Vec<String> = database
            .nodes()
            .iter()
            .map(|node| {
                let mut conn = PgConnection::establish(node).expect("a node");
                conn.batch_execute("CREATE EXTENSION citus").expect("Citus");
                let (_, place) = node.rsplit_once('@').expect("a user");
                let (host, port) =
                    place.split_once('/').unwrap().0.split_once(':').expect("a port");
                format!("'{host}', {port}")
            })
            .collect();
        for (number, place) in places.iter().enumerate() {
            let how = if number == 0 { "citus_set_coordinator_host" } else { "citus_add_node" };
            let property =
                format!("SELECT citus_set_node_property({place}, 'shouldhaveshards', true)");
            for sql in [format!("SELECT {how}({place})"), property] {
                database.execute(&sql).expect(&sql);
            }
        }
        Some(database)
    }

    /// A database of one name on each of these servers; the first is connected to.
    fn on(servers: Vec<String>) -> Self {
        let name = format!("avvikelse_test_{}", Uuid::now_v7().simple());
        for server in &servers {
            let mut conn = PgConnection::establish(server).expect("the test server");
            for role in [OWNER, SERVICE] {
                // Two tests may make it at once.
                conn.batch_execute(&format!(
                    "DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS; \
                     EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                ))
                .expect("a role");
            }
            conn.batch_execute(&format!("CREATE DATABASE {name} OWNER {OWNER}"))
                .expect("a database");
        }
        let (base, _) = servers[0].rsplit_once('/').expect("a URL that ends in a database");
        let (_, place) = base.rsplit_once('@').expect("a URL with a user");
        Self {
            url: format!("{base}/{name}"),
            owner_url: format!("postgres://{OWNER}@{place}/{name}"),
            service_url: format!("postgres://{SERVICE}@{place}/{name}"),
            backend: Backend::Postgres,
            directory: None,
            servers,
            name,
        }
    }

    /// The addresses of the database on each server, by a superuser.
    pub fn nodes(&self) -> Vec<String> {
        let base = |server: &String| server.rsplit_once('/').expect("a database").0.to_owned();
        self.servers.iter().map(|server| format!("{}/{}", base(server), self.name)).collect()
    }

    pub fn config(&self) -> Config {
        let mut config = Config::new(self.service_url.parse().expect("a valid address"));
        config.migrate_url = Some(self.owner_url.parse().expect("a valid address"));
        config
    }

    pub fn open(&self) -> Store {
        Store::open(self.config()).expect("a store")
    }

    /// Runs SQL past the store.
    pub fn execute(&self, sql: &str) -> QueryResult<()> {
        match self.backend {
            Backend::Sqlite => {
                SqliteConnection::establish(self.path()).expect("a file").batch_execute(sql)
            }
            Backend::Postgres => {
                PgConnection::establish(&self.url).expect("a server").batch_execute(sql)
            }
        }
    }

    /// As [`TestDatabase::execute`], by the role that owns the tables: what it makes is the owner's.
    pub fn execute_as_owner(&self, sql: &str) -> QueryResult<()> {
        match self.backend {
            Backend::Sqlite => self.execute(sql),
            Backend::Postgres => {
                PgConnection::establish(&self.owner_url).expect("a server").batch_execute(sql)
            }
        }
    }

    /// The path of the file, on SQLite.
    pub fn path(&self) -> &str {
        self.url.strip_prefix("sqlite:").expect("SQLite")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        for server in &self.servers {
            if let Ok(mut conn) = PgConnection::establish(server) {
                let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
                let _ = conn.batch_execute(&drop);
            }
        }
    }
}

/// Runs `test` on each database that is at hand, with the schema in place and one tenant.
pub fn on_each_database<F>(test: impl Fn(Store, TenantId) -> F)
where
    F: Future<Output = ()>,
{
    with_each_database(|_, store, tenant| test(store, tenant));
}

/// The same, for a test that also goes past the store.
pub fn with_each_database<F>(test: impl Fn(Arc<TestDatabase>, Store, TenantId) -> F)
where
    F: Future<Output = ()>,
{
    for database in [Some(TestDatabase::sqlite()), TestDatabase::postgres()].into_iter().flatten() {
        eprintln!("on {}", database.backend);
        let database = Arc::new(database);
        runtime().block_on(async {
            let store = database.open();
            store.migrate().await.expect("a schema");
            let tenant = tenant("test");
            store.insert_tenant(tenant.clone(), now()).await.expect("a tenant");
            test(Arc::clone(&database), store, tenant.id).await;
        });
    }
    let Some(database) = TestDatabase::citus() else { return };
    eprintln!("on Citus");
    let database = Arc::new(database);
    runtime().block_on(async {
        // A few shards are as good as many, and made sooner.
        database.open().distribute(NonZeroU32::new(4).unwrap()).await.expect("distributed");
        let store = database.open();
        let tenant = tenant("test");
        store.insert_tenant(tenant.clone(), now()).await.expect("a tenant");
        test(Arc::clone(&database), store, tenant.id).await;
    });
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Some moment.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a moment in range")
}

pub fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: TenantId(Uuid::now_v7()),
        slug: slug.to_owned(),
        name: format!("Nämnden {slug}"),
        suspended_at: None,
        config_version: 1,
    }
}

pub fn unit(code: &str) -> Unit {
    Unit {
        id: UnitId(Uuid::now_v7()),
        code: code.to_owned(),
        name: format!("Enheten {code}"),
        area: None,
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    }
}

pub fn person(subject: &str) -> Staff {
    Staff {
        id: StaffId(Uuid::now_v7()),
        issuer: "https://id.example".to_owned(),
        subject: subject.to_owned(),
        name: Some("Åsa Öberg".to_owned()),
        profession: None,
        email: None,
        deactivated_at: None,
        version: 1,
    }
}

pub fn grant(staff: StaffId) -> Grant {
    Grant {
        id: GrantId(Uuid::now_v7()),
        staff,
        role: Role::Mas,
        units: Vec::new(),
        laws: vec![Law::Hsl],
        valid_from: jiff::civil::date(2026, 1, 1),
        valid_to: None,
        stands_in_for: None,
        revoked_at: None,
        version: 1,
    }
}
