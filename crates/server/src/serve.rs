//! The service: everything put together, started, and stopped without losing a request.

use std::fs::{DirBuilder, OpenOptions};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{App as Web, HttpServer};
use api::{ApiState, Connections};
use app::jobs::{Folding, RetentionTurn, SilenceTurn};
use app::keeping::Keeping;
use app::{App, Clock};
use auth::{LocalIssuer, Verifier};
use files::{Depot, DepotUrl};
use store::{DatabaseUrl, ServingLock, Store};
use tokio::task::JoinHandle;

use crate::backups;
use crate::chain;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::courier::{Courier, exchanging};
use crate::failure::Failure;
use crate::keys::{self, open_keys};
use crate::limits::{self, BACKLOG, Limits};
use crate::mail::{self, Post};
use crate::safety;
use crate::telemetry;

/// How often connections that are overdue are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How many seconds running requests have at the end.
const STOP_WITHIN: u64 = 30;
/// How often issuers' keys are looked after, so that no request waits for them.
const WARM_EVERY: Duration = Duration::from_secs(60);
/// How often answers that were kept long enough are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);
/// How long after the start for the first time.
const FORGET_FIRST: Duration = Duration::from_secs(60);
/// How often contents that no attachment holds are looked for, and those that wait for the scanner.
const MIND_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked at what nobody touches.
const CLIMB_EVERY: Duration = Duration::from_secs(15 * 60);
/// How long after the start for the first time.
const CLIMB_FIRST: Duration = Duration::from_secs(90);
/// How often it is looked at whom something waits for, at counterparties.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// How often the metrics are tidied: what was measured waits in memory until then.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked how old the newest backup is.
const BACKUPS_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked for what was ordered to go.
const RETAIN_EVERY: Duration = Duration::from_secs(30);

/// The service while it runs. Without [`Running::stop`] it runs on until its runtime ends.
pub struct Running {
    /// The address of the service.
    pub addr: SocketAddr,
    /// The operator's address, if there is one.
    pub admin_addr: Option<SocketAddr>,
    /// The use cases behind it.
    pub app: Arc<App>,
    state: ApiState,
    handles: Vec<ServerHandle>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
    tasks: Vec<JoinHandle<()>>,
    post: Post,
    courier: Courier,
    drain: Duration,
    // Held to the end: nobody else serves this database.
    _lock: ServingLock,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Makes the data directory, for its owner alone, unless it is there.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_data_dir(config: &Config) -> Result<(), Failure> {
    let data_dir = &config.data_dir;
    let mut builder = DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .map_err(|error| Failure::new(format!("data directory {}: {error}", data_dir.display())))
}

/// Opens the database, made for its owner alone where it is a file that is not there yet.
///
/// # Errors
/// When the data directory cannot be made or the database does not answer.
pub(crate) fn open_store(config: &Config) -> Result<Store, Failure> {
    make_data_dir(config)?;
    if let DatabaseUrl::Sqlite(path) = &config.database_url {
        // SQLite would make it readable to all. An error comes up again when it is opened.
        let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    }
    connect_store(config)
}

/// Opens a database that is there.
///
/// # Errors
/// When it does not answer.
pub(crate) fn connect_store(config: &Config) -> Result<Store, Failure> {
    let mut opened = store::Config::new(config.database_url.clone());
    opened.migrate_url = config.migrate_database_url.clone();
    opened.grant_to = config.grant_to.clone();
    opened.read_connections = config.database_connections.get();
    opened.allow_plaintext = config.database_plaintext;
    Ok(Store::open(opened)?)
}

/// Opens the place of the contents of attachments, where that is not the database.
///
/// # Errors
/// When it cannot be used.
fn open_depot(config: &Config) -> Result<Option<Depot>, Failure> {
    let opened = match &config.attachments {
        DepotUrl::Database => return Ok(None),
        DepotUrl::Directory(path) => Depot::directory(path),
        DepotUrl::Bucket { bucket, prefix } => Depot::bucket(
            bucket,
            prefix,
            config.attachments_endpoint.as_deref(),
            config.attachments_region.as_deref(),
        ),
    };
    opened.map(Some).map_err(|error| Failure::new(error.to_string()))
}

/// Starts the service; it takes requests when this returns. Needs a Tokio runtime.
///
/// # Errors
/// When another process serves the database, when it cannot be migrated, when keys or issuers
/// cannot be used, or when an address is taken.
pub async fn start(config: Config, clock: Box<dyn Clock>) -> Result<Running, Failure> {
    let store = open_store(&config)?;
    let lock = store.lock_for_serving()?;
    safety::hold_safe(&config, &store).await?;
    let migrated = store.migrate().await?;
    if !migrated.is_empty() {
        tracing::info!(migrations = migrated.join(","), "migrated the database");
    }
    let sealer = open_keys(&config, &store).await?;
    keys::hold_fit(&config, &store, &sealer).await?;
    let backend = store.backend();
    let local = config.issuers.is_empty().then(|| LocalIssuer::open(&config.data_dir));
    let verifier = Arc::new(Verifier::new(config.issuers.clone(), local.transpose()?)?);
    let keeping = Keeping::new(open_depot(&config)?, config.clamd.clone());
    let mailing = mail::mailing(&config, backend);
    let by_number = config.issuers.iter().filter(|issuer| issuer.names_by_number());
    let app = App::new(store, sealer, clock)
        .with_keeping(keeping)
        .with_mailing(mailing)
        .with_personal_issuers(by_number.map(|issuer| issuer.issuer.clone()));
    let app = Arc::new(app);
    let state = ApiState::new(Arc::clone(&app), verifier).map_err(|error| {
        Failure::new(format!("the description of the service cannot be read: {error}"))
    })?;
    let room = app::Room { places: config.places(), least: config.least_room };
    let state = state.behind(config.trusted_proxies.clone()).at_pace(config.pace).within(room);

    let connections = Connections::new(config.limits.unheard());
    let (server, addr) = public(&config, state.clone(), connections.clone())?;
    // Before the first request: nothing is served until the servers are spawned.
    app.begin_exchange(exchanging(&config.exchange, backend, addr)?);
    let mut bound = vec![server];
    let mut admin_addr = None;
    if let Some(listen) = &config.admin_listen {
        let (server, addr) = admin(listen, &config.limits, state.clone(), connections.clone())?;
        bound.push(server);
        admin_addr = Some(addr);
    }
    let handles = bound.iter().map(Server::handle).collect();
    let servers = bound.into_iter().map(tokio::spawn).collect();
    let mut tasks = vec![
        tokio::spawn(tidy_metrics()),
        tokio::spawn(tell_backups(config.backup_dir.clone())),
        tokio::spawn(warm_issuers(state.clone())),
        tokio::spawn(forget_old_answers(Arc::clone(&app))),
        tokio::spawn(mind_contents(Arc::clone(&app))),
        tokio::spawn(climb_ladders(Arc::clone(&app))),
        tokio::spawn(tell_contacts(Arc::clone(&app))),
        tokio::spawn(watch_silence(Arc::clone(&app))),
        tokio::spawn(make_reviews(Arc::clone(&app))),
        tokio::spawn(carry_out_retention(Arc::clone(&app))),
        tokio::spawn(fold_figures(Arc::clone(&app), config.fold_every)),
        tokio::spawn(shut_overdue(connections)),
        tokio::spawn(keys::keep(Arc::clone(&app), config.keys_every)),
        tokio::spawn(chain::link_entries(Arc::clone(&app), config.chain_every)),
    ];
    let heads = config.chain_heads_dir.clone();
    tasks.extend(heads.map(|dir| tokio::spawn(chain::export_heads(Arc::clone(&app), dir))));

    let post = Post::start(Arc::clone(&app));
    let courier = Courier::start(Arc::clone(&app), config.exchange.look_every);

    let admin = admin_addr.map(|addr| format!("http://{addr}"));
    tracing::info!(
        listen = %format_args!("http://{addr}"),
        admin = admin.as_deref().unwrap_or("off"),
        %backend,
        mail = app.mailing.plan().map_or("off".to_owned(), |plan| plan.transport.name()),
        issuer = if config.issuers.is_empty() { "local" } else { "registered" },
        "serving"
    );
    let drain = config.drain;
    Ok(Running {
        addr,
        admin_addr,
        app,
        state,
        handles,
        servers,
        tasks,
        post,
        courier,
        drain,
        _lock: lock,
    })
}

/// The first address behind a name, such as `localhost:8080`.
pub(crate) fn resolve(flag: &str, listen: &str) -> Result<SocketAddr, Failure> {
    let expected = "right would be an address and a port, such as 127.0.0.1:8080";
    listen
        .to_socket_addrs()
        .map_err(|error| Failure::usage(format!("{flag} {listen}: {error}; {expected}")))?
        .next()
        .ok_or_else(|| Failure::usage(format!("{flag} {listen}: no such address; {expected}")))
}

fn taken(flag: &str, addr: SocketAddr) -> impl Fn(std::io::Error) -> Failure {
    let flag = flag.to_owned();
    move |error| Failure::new(format!("{flag} {addr}: {error}"))
}

fn public(
    config: &Config,
    state: ApiState,
    connections: Connections,
) -> Result<(Server, SocketAddr), Failure> {
    let wanted = resolve("--listen", &config.listen)?;
    let limits = config.limits;
    let workers = config.workers.or_else(|| std::thread::available_parallelism().ok());
    let workers = workers.unwrap_or(NonZeroUsize::MIN);
    let server = HttpServer::new(move || {
        Web::new().wrap(from_fn(api::around)).configure(api::service(state.clone()))
    })
    .client_request_timeout(limits.head)
    .client_disconnect_timeout(limits.farewell)
    .keep_alive(limits.idle)
    .backlog(BACKLOG)
    .max_connections((limits::connections(config.database_connections) / workers).max(1))
    .on_connect(move |io, data| connections.watch(io, data))
    .shutdown_timeout(STOP_WITHIN)
    .disable_signals()
    .workers(workers.get());
    let server = server.bind(wanted).map_err(taken("--listen", wanted))?;
    let addr = server.addrs().first().copied().unwrap_or(wanted);
    Ok((server.run(), addr))
}

fn admin(
    listen: &str,
    limits: &Limits,
    state: ApiState,
    connections: Connections,
) -> Result<(Server, SocketAddr), Failure> {
    let wanted = resolve("--admin-listen", listen)?;
    let render = || telemetry::metrics().render();
    // Before the first request, which would else go uncounted.
    telemetry::metrics();
    let server = HttpServer::new(move || {
        Web::new().wrap(from_fn(api::around)).configure(api::admin(state.clone(), render))
    })
    .client_request_timeout(limits.head)
    .client_disconnect_timeout(limits.farewell)
    .keep_alive(limits.idle)
    .max_connections(limits::OPERATORS)
    .on_connect(move |io, data| connections.watch(io, data))
    .shutdown_timeout(STOP_WITHIN)
    .disable_signals()
    .workers(1)
    .bind(wanted)
    .map_err(taken("--admin-listen", wanted))?;
    let addr = server.addrs().first().copied().unwrap_or(wanted);
    Ok((server.run(), addr))
}

async fn tidy_metrics() {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        telemetry::metrics().run_upkeep();
    }
}

/// Tells how old the newest backup is, where it is known where they are put.
async fn tell_backups(dir: Option<PathBuf>) {
    let Some(dir) = dir else { return };
    let mut newest = None;
    loop {
        // One that can no longer be seen grows older all the same. Where there never was one, there is no figure,
        // which an alarm can ask for too.
        newest = backups::newest(&dir).ok().flatten().or(newest);
        if let Some(copy) = &newest {
            telemetry::backup_age(copy.age(SystemClock.now()));
        }
        tokio::time::sleep(BACKUPS_EVERY).await;
    }
}

async fn shut_overdue(connections: Connections) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        connections.shut_overdue(Instant::now());
    }
}

async fn forget_old_answers(app: Arc<App>) {
    // Not among what a start has to do.
    tokio::time::sleep(FORGET_FIRST).await;
    loop {
        match app.forget_old_answers().await {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "answers kept long enough are forgotten"),
            Err(error) => tracing::warn!(%error, "could not forget old answers; trying again"),
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}

/// Erases contents that no attachment holds, and has those scanned that wait for it.
async fn mind_contents(app: Arc<App>) {
    loop {
        tokio::time::sleep(MIND_EVERY).await;
        match app.sweep_contents().await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "contents that no attachment held are erased"),
            Err(error) => tracing::warn!(%error, "could not erase contents; trying again"),
        }
        match app.scan_again().await {
            Ok(0) => {}
            Ok(scanned) => tracing::info!(scanned, "attachments that waited are scanned"),
            Err(error) => tracing::warn!(%error, "could not scan attachments; trying again"),
        }
    }
}

/// Tells those above of what nobody touches, and the operator how much that is.
async fn climb_ladders(app: Arc<App>) {
    // Not among what a start has to do.
    tokio::time::sleep(CLIMB_FIRST).await;
    loop {
        match app.climb_ladders().await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "notices of what nobody touched are queued"),
            Err(error) => tracing::warn!(%error, "could not climb the ladders; trying again"),
        }
        telemetry::lying(&app.standing());
        tokio::time::sleep(CLIMB_EVERY).await;
    }
}

/// Tells contacts of counterparties what waits for their answer.
async fn tell_contacts(app: Arc<App>) {
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        match app.tell_contacts().await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "mails to contacts of counterparties are queued"),
            Err(error) => tracing::warn!(%error, "could not tell contacts; trying again"),
        }
    }
}

/// Reminds other caregivers of what they have not answered, and puts what did not help on the list for the
/// samverkansmöte.
async fn watch_silence(app: Arc<App>) {
    // Not among what a start has to do.
    tokio::time::sleep(CLIMB_FIRST).await;
    loop {
        match app.watch_silence().await {
            Ok(turn) if turn == SilenceTurn::default() => {}
            Ok(SilenceTurn { reminded, escalated }) => {
                tracing::info!(reminded, escalated, "silence of other caregivers is seen to");
            }
            Err(error) => tracing::warn!(%error, "could not see to silence; trying again"),
        }
        tokio::time::sleep(CLIMB_EVERY).await;
    }
}

/// Makes the reviews of the half of the year that has ended.
async fn make_reviews(app: Arc<App>) {
    // Not among what a start has to do.
    tokio::time::sleep(CLIMB_FIRST).await;
    loop {
        match app.make_reviews().await {
            Ok(0) => {}
            Ok(made) => tracing::info!(made, "half-yearly reviews are made"),
            Err(error) => tracing::warn!(%error, "could not make reviews; trying again"),
        }
        tokio::time::sleep(CLIMB_EVERY).await;
    }
}

/// Carries out what was ordered to go by the information plan.
async fn carry_out_retention(app: Arc<App>) {
    loop {
        tokio::time::sleep(RETAIN_EVERY).await;
        match app.carry_out_retention().await {
            Ok(turn) if turn == RetentionTurn::default() => {}
            Ok(RetentionTurn { erased, kept, done }) => {
                tracing::info!(erased, kept, done, "what was ordered to go is carried out");
            }
            Err(error) => tracing::warn!(%error, "could not carry out what goes; trying again"),
        }
    }
}

/// Counts facts into the sums that figures are read from.
async fn fold_figures(app: Arc<App>, every: Duration) {
    let folding = Folding::default();
    loop {
        // At once where there is more than a turn takes: it rests while it folds.
        let more = match folding.turn(&app).await {
            Ok(turn) => {
                telemetry::unfolded(&turn.unfolded);
                turn.more
            }
            Err(error) => {
                tracing::warn!(%error, "could not fold figures; trying again");
                false
            }
        };
        if !more {
            tokio::time::sleep(every).await;
        }
    }
}

async fn warm_issuers(state: ApiState) {
    loop {
        let without = state.verifier.warm(state.app.now()).await;
        if !without.is_empty() {
            let issuers = without.join(" ");
            tracing::warn!(issuers, "no keys: these issuers' tokens cannot be verified");
        }
        tokio::time::sleep(WARM_EVERY).await;
    }
}

impl Running {
    /// Waits until the service ends by itself, which it never should.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(&mut self) -> Failure {
        let Some(server) = self.servers.first_mut() else {
            return Failure::new("there is no server");
        };
        match server.await {
            Ok(Ok(())) => Failure::new("the service ended by itself"),
            Ok(Err(error)) => Failure::new(format!("the service ended: {error}")),
            Err(error) => Failure::new(format!("the service broke: {error}")),
        }
    }

    /// Stops: readiness turns red, so that nobody sends anything new; then requests that run come
    /// to their end, and what was written is on disk.
    ///
    /// # Errors
    /// When a server ended with an error.
    pub async fn stop(self) -> Result<(), Failure> {
        self.state.readiness.drain();
        // No mail is begun any more; the one under way is sent and marked.
        self.post.tell_to_stop();
        self.courier.tell_to_stop();
        tokio::time::sleep(self.drain).await;
        for handle in &self.handles {
            handle.stop(true).await;
        }
        for task in &self.tasks {
            task.abort();
        }
        self.post.stopped().await;
        self.courier.stopped().await;
        for server in self.servers {
            let ended = server.await;
            let ended =
                ended.map_err(|error| Failure::new(format!("the service broke: {error}")))?;
            ended.map_err(|error| Failure::new(format!("the service ended: {error}")))?;
        }
        Ok(())
    }
}
