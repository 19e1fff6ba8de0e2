//! The service itself, in this process, on a thread of its own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use app::{App, Clock};
use auth::{LOCAL_ISSUER, LocalIssuer};
use domain::calendar::swedish_date;
use domain::ids::{GrantId, ImprovementId, ReviewId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::organisation::{Grant, Role, Staff, Unit};
use domain::review::{Done, Half, NewImprovement, Owner, Review, Subject};
use jiff::{SignedDuration, Timestamp};
use server::Config;
use store::Tx;
use tempfile::TempDir;
use uuid::Uuid;

use crate::client::Client;
use crate::database::Database;

/// A clock that a test sets.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Stands at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// Sets it.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_microsecond(), Ordering::SeqCst);
    }

    /// Lets it go on.
    pub fn advance(&self, by: SignedDuration) {
        self.set(self.now() + by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The running service, with a directory and a database of its own.
pub struct Service {
    /// The clock it goes by.
    pub clock: TestClock,
    /// Its use cases, for what has no operation.
    pub app: Arc<App>,
    base: String,
    admin: String,
    issuer: LocalIssuer,
    runtime: tokio::runtime::Runtime,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    dir: TempDir,
    database: Database,
}

impl Service {
    /// Starts the service at noon of 10 March 2026.
    pub fn start(database: Database) -> Self {
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        Self::start_at(database, now)
    }

    /// Starts the service at a time.
    pub fn start_at(database: Database, now: Timestamp) -> Self {
        Self::start_with(database, now, |_| ())
    }

    /// Starts the service at a time, with something about it changed.
    pub fn start_with(
        database: Database,
        now: Timestamp,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        // A test that fails over an answer of 500 shows what it hides. One that has set up its own log keeps it.
        let errors = tracing_subscriber::fmt().with_env_filter("warn").with_test_writer();
        errors.try_init().ok();
        let dir = tempfile::tempdir().expect("a directory");
        let clock = TestClock::at(now);
        let mut config = Config::local(dir.path()).expect("a configuration");
        config.database_url = database.service_url(dir.path()).parse().expect("a database URL");
        config.migrate_database_url =
            Some(database.url(dir.path()).parse().expect("a database URL"));
        database.make_tables(dir.path());
        change(&mut config);
        let (up, started) = mpsc::channel();
        let (stop, stopped) = mpsc::channel::<()>();
        let its_clock = clock.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let running =
                    server::start(config, Box::new(its_clock)).await.expect("the service starts");
                let addresses = (running.addr, running.admin_addr, Arc::clone(&running.app));
                up.send(addresses).expect("somebody waits");
                while let Err(mpsc::TryRecvError::Empty) = stopped.try_recv() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                running.stop().await.expect("the service stops");
            });
        });
        let (addr, admin_addr, app) = started.recv().expect("the service starts");
        let issuer = LocalIssuer::open(dir.path()).expect("the local issuer");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self {
            clock,
            app,
            base: format!("http://{addr}"),
            admin: admin_addr.map(|addr| format!("http://{addr}")).unwrap_or_default(),
            issuer,
            runtime,
            stop: Some(stop),
            thread: Some(thread),
            dir,
            database,
        }
    }

    /// Where it listens: `http://` with address and port.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Runs something of the store or the use cases to its end.
    pub fn run<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Makes a tenant with units `norr` over `gran` and `tall`, and `syd`; all of area SABO but
    /// `syd`, which is ORD.HTJ. The directory and id come back.
    pub fn tenant(&self, slug: &str) -> TenantId {
        let now = self.clock.now();
        let made =
            self.run(app::tenants::create_tenant(&self.app.store, slug, slug, now, &Uuid::now_v7));
        let id = made.expect("a tenant").id;
        let unit = |code: &str, area: &str, parent: Option<UnitId>| Unit {
            id: UnitId(Uuid::now_v7()),
            code: code.into(),
            name: code.to_uppercase(),
            area: Some(area.into()),
            parent,
            successor: None,
            valid_from: None,
            valid_to: None,
            unknown: false,
            version: 1,
        };
        let norr = unit("norr", "SABO", None);
        let below = Some(norr.id);
        let units = [
            norr,
            unit("gran", "SABO", below),
            unit("tall", "SABO", below),
            unit("syd", "ORD.HTJ", None),
        ];
        self.run(self.app.store.write(id, move |tx| {
            for unit in &units {
                tx.insert_unit(unit)?;
            }
            tx.bump_config_version().map(|_| ())
        }))
        .expect("units");
        id
    }

    /// The id of a unit.
    pub fn unit(&self, tenant: TenantId, code: &str) -> UnitId {
        let units = self.run(self.app.store.read(tenant, |tx| tx.units())).expect("units");
        units.into_iter().find(|unit| unit.code == code).expect("the unit").id
    }

    /// A token of someone never seen before.
    pub fn token(&self, tenant: &str, subject: &str) -> String {
        let (ttl, now) = (Duration::from_secs(3600), self.clock.now());
        self.issuer.sign(subject, tenant, None, ttl, now).expect("a token")
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base, None)
    }

    /// A client for the operator's address.
    pub fn operator(&self) -> Client {
        Client::new(&self.admin, None)
    }

    /// A client with any token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(&self.base, Some(token.to_owned()))
    }

    /// A client for someone who holds nothing.
    pub fn reporter(&self, tenant: &str, subject: &str) -> Client {
        self.with_token(&self.token(tenant, subject))
    }

    /// A client for someone who holds `role` over `units`, by code, and `laws`; empty is all. Who was
    /// named before holds this, too.
    pub fn holder(
        &self,
        tenant: (&str, TenantId),
        subject: &str,
        role: Role,
        units: &[&str],
        laws: &[Law],
    ) -> Client {
        let units: Vec<UnitId> = units.iter().map(|code| self.unit(tenant.1, code)).collect();
        let staff = Staff {
            id: StaffId(Uuid::now_v7()),
            issuer: LOCAL_ISSUER.into(),
            subject: subject.into(),
            name: None,
            profession: None,
            email: None,
            deactivated_at: None,
            version: 1,
        };
        let grant = Grant {
            id: GrantId(Uuid::now_v7()),
            staff: staff.id,
            role,
            units,
            laws: laws.to_vec(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_to: None,
            stands_in_for: None,
            revoked_at: None,
            version: 1,
        };
        self.run(self.app.store.write(tenant.1, move |tx| {
            match tx.staff_by_identity(&staff.issuer, &staff.subject)? {
                Some(known) => tx.insert_grant(&Grant { staff: known.id, ..grant }),
                None => {
                    tx.insert_staff(&staff)?;
                    tx.insert_grant(&grant)
                }
            }
        }))
        .expect("a grant");
        self.with_token(&self.token(tenant.0, subject))
    }

    /// Makes the review of a unit, by code, of the second half of 2025, with one improvement decided that
    /// its manager sees to. The review's id and the improvement's come back.
    pub fn review(&self, tenant: TenantId, unit: &str) -> (ReviewId, ImprovementId) {
        let unit = self.unit(tenant, unit);
        let now = self.clock.now();
        let day = swedish_date(now);
        let (id, improvement) = (ReviewId(Uuid::now_v7()), ImprovementId(Uuid::now_v7()));
        let name = "Enheten".to_owned();
        let subject = Subject { key: unit.to_string(), name, units: vec![unit] };
        let half = Half::new(2025, true).expect("a half");
        let made = Review::create(id, subject, half, day, now);
        let write = move |tx: &mut Tx<'_>| {
            let by = tx.all_staff()?.first().expect("somebody").id;
            let new = NewImprovement {
                id: improvement,
                text: "Tätare tillsyn".to_owned(),
                owner: Owner::Role(Role::UnitManager),
                due_on: day,
                follow_up_on: None,
            };
            let decided = made.review.clone().improve(new, Done { by, at: now });
            let decided = decided.expect("decides");
            tx.add_rows(|rows| {
                rows.review(&decided.review);
                rows.review_history(&made.review, &made.event, None);
                rows.review_history(&decided.review, &decided.event, Some(by));
            })
        };
        self.run(self.app.store.write(tenant, write)).expect("a review");
        (id, improvement)
    }

    /// The URL of its database for who looks at all rows past the service: of a superuser.
    pub fn database_url(&self) -> String {
        self.database.admin_url(self.dir.path())
    }

    /// The URL of its database by the role that serves it: for a second instance.
    pub fn served_url(&self) -> String {
        self.database.service_url(self.dir.path())
    }

    /// The service's directory.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the service ended badly");
        }
    }
}
