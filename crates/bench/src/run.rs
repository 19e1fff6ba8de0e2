//! One database from beginning to end.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::bare::{Bare, Database, Own, bare_name};
use crate::failure::{Context as _, Failure, Result};
use crate::filing::bodies;
use crate::load::{self, Ask, Client, Numbers, Until, bearer};
use crate::machine;
use crate::measure::{Around, Sample};
use crate::service::{Home, Memory, Service, Tokens};
use crate::sqlite;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Seconds of each stretch of filing.
    pub seconds: u64,
    /// Seconds of filing before anything is measured.
    pub warm_up: u64,
    /// Seconds of each kind of reading.
    pub reading: u64,
    /// Filings after which memory is read.
    pub filings: u64,
    /// Starts of which the middle one is told.
    pub starts: usize,
    /// Times that a year is counted.
    pub counts: u32,
}

/// Connections at once.
pub const LEVELS: [usize; 3] = [1, 16, 64];
/// Connections that read at once, or file when nothing is compared.
const USUAL: usize = 16;
/// The year that the demo's cases lie in.
const DEMO_YEAR: i64 = 2025;

/// Filing over so many connections, and the bare database before and after.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Connections, or clients.
    pub connections: usize,
    /// Over HTTP.
    pub service: Sample,
    /// Without.
    pub bare: Around,
}

/// A year by unit, category, law and month.
#[derive(Clone, Debug)]
pub struct Cube {
    /// Which.
    pub year: i64,
    /// Cases it counts.
    pub cases: i64,
    /// Rows of the answer.
    pub rows: usize,
    /// Over HTTP, one after the other.
    pub service: Sample,
    /// The statement alone.
    pub bare: Sample,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The database and its version.
    pub database: String,
    /// What the bare database is measured with.
    pub bare: &'static str,
    /// The tables a filing writes a row to, each as often as it does.
    pub tables: Vec<String>,
    /// From the start of the process to `/readyz`, in milliseconds, of each start.
    pub starts: Vec<f64>,
    /// Before the first request.
    pub idle: Memory,
    /// Filing.
    pub levels: Vec<Level>,
    /// How many filings there were when memory was read.
    pub filings: u64,
    /// And what it was.
    pub loaded: Memory,
    /// Reading over 16 connections.
    pub reads: Vec<(&'static str, Sample)>,
    /// Figures.
    pub cubes: Vec<Cube>,
    /// Lines the service logged at `warn` or above.
    pub logged: usize,
}

/// Measures the service on a database, in a directory of its own.
///
/// # Errors
/// When anything fails: one request that is not answered as it should be is enough.
pub async fn run(
    binary: &Path,
    database: &Database<'_>,
    dir: &Path,
    plan: &Plan,
) -> Result<Outcome> {
    fs::create_dir(dir).context(dir.display())?;
    let name = format!("avvikelse_bench_{}", std::process::id());
    let (own, version, bare) = match database {
        Database::Sqlite => (
            Own::Sqlite(dir.join("avvikelse.db")),
            format!("SQLite {}", sqlite::version()),
            "one connection, one durable commit a filing",
        ),
        Database::Postgres(server) => (
            Own::Postgres(server.create(&name, None).await?),
            format!("PostgreSQL {}", server.version),
            "pgbench, as many clients",
        ),
    };
    let measured = Measured { home: Home::new(binary, dir, &own.url()), own, dir, plan };
    let outcome = measured.all(database, &name, version, bare).await;
    if let Database::Postgres(server) = database {
        server.drop_all(&[&name, &bare_name(&name)]).await?;
    }
    outcome
}

struct Measured<'r> {
    home: Home,
    own: Own,
    dir: &'r Path,
    plan: &'r Plan,
}

impl Measured<'_> {
    async fn all(
        &self,
        database: &Database<'_>,
        name: &str,
        version: String,
        bare_is: &'static str,
    ) -> Result<Outcome> {
        said(&version, "migrates, imports a year");
        let tokens = self.home.prepare().await?;
        let numbers = Numbers::default();
        let service = self.home.start().await?;
        let mut client = Client::connect(service.address).await?;
        let filing = self.filing(&mut client, &tokens).await?;
        let copies = self.own.file_twice(&mut client, &filing, &numbers, self.dir).await?;
        let tables = copies.tables();
        drop(client);
        let mut logged = service.stop().await?;
        let mut bare = Bare::beside(&self.own, database, name, copies, self.dir).await?;

        said(&version, "starts");
        let mut starts = Vec::new();
        for _ in 1..self.plan.starts {
            let service = self.home.start().await?;
            starts.push(service.ready_after.as_secs_f64() * 1000.0);
            service.stop().await?;
        }
        let service = self.home.start().await?;
        starts.push(service.ready_after.as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let idle = service.memory()?;

        let warm_up = Until::Elapsed(Duration::from_secs(self.plan.warm_up));
        load::run(service.address, USUAL, warm_up, filing.clone(), &numbers).await?;
        bare.filings(USUAL, self.plan.warm_up).await?;
        let mut levels = Vec::new();
        for connections in LEVELS {
            said(&version, &format!("files over {connections} connections"));
            levels.push(self.level(&service, &mut bare, connections, &filing, &numbers).await?);
        }
        said(&version, &format!("files until there are {}", self.plan.filings));
        let missing = self.plan.filings.saturating_sub(numbers.used());
        load::run(service.address, USUAL, Until::Done(missing), filing, &numbers).await?;
        let (filings, loaded) = (numbers.used(), service.memory()?);
        said(&version, "reads");
        let reads = self.reads(&service, &tokens, &numbers).await?;
        said(&version, "counts");
        let newest = self.own.number("SELECT MAX(reported_year) FROM case_facts").await?;
        let mut cubes = Vec::new();
        for year in [newest, DEMO_YEAR] {
            cubes.push(self.cube(&service, &tokens, year, &numbers).await?);
        }
        logged = service.stop().await?.max(logged);
        Ok(Outcome {
            database: version,
            bare: bare_is,
            tables,
            starts,
            idle,
            levels,
            filings,
            loaded,
            reads,
            cubes,
            logged,
        })
    }

    /// The base filing, for every unit in turn.
    async fn filing(&self, client: &mut Client, tokens: &Tokens) -> Result<Ask> {
        let ask = Ask::get(&bearer(&tokens.director)?, vec!["/api/v1/units?limit=50".to_owned()]);
        let units = client.json(&ask, 0).await?;
        let units: Vec<String> = units["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|unit| unit["unknown"] != true)
            .filter_map(|unit| unit["code"].as_str().map(str::to_owned))
            .collect();
        if units.is_empty() {
            return Err(Failure::new("the tenant has no units"));
        }
        Ok(Ask::post(&bearer(&tokens.reporter)?, "/api/v1/cases", bodies(&units, machine::now()?)))
    }

    /// The bare database, the service, the bare database.
    async fn level(
        &self,
        service: &Service,
        bare: &mut Bare,
        connections: usize,
        filing: &Ask,
        numbers: &Numbers,
    ) -> Result<Level> {
        let seconds = self.plan.seconds;
        let before = bare.filings(connections, seconds).await?;
        let until = Until::Elapsed(Duration::from_secs(seconds));
        let service =
            load::run(service.address, connections, until, filing.clone(), numbers).await?;
        let after = bare.filings(connections, seconds).await?;
        Ok(Level { connections, service, bare: Around { before, after } })
    }

    async fn reads(
        &self,
        service: &Service,
        tokens: &Tokens,
        numbers: &Numbers,
    ) -> Result<Vec<(&'static str, Sample)>> {
        const LIST: &str = "/api/v1/cases?limit=50";
        let (mas, manager) = (bearer(&tokens.mas)?, bearer(&tokens.manager)?);
        let list = Ask::get(&mas, vec![LIST.to_owned()]);
        let page = Client::connect(service.address).await?.json(&list, 0).await?;
        let cases: Vec<String> = page["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|case| case["id"].as_str().map(|id| format!("/api/v1/cases/{id}")))
            .collect();
        let kinds = [
            ("one case, by MAS; leaves an access entry", Ask::get(&mas, cases)),
            ("a list of 50, by a unit manager", Ask::get(&manager, vec![LIST.to_owned()])),
            ("a list of 50, by MAS", list),
        ];
        let mut reads = Vec::new();
        for (kind, ask) in kinds {
            let until = Until::Elapsed(Duration::from_secs(self.plan.reading));
            reads.push((kind, load::run(service.address, USUAL, until, ask, numbers).await?));
        }
        Ok(reads)
    }

    /// A year, over HTTP and as the plainest statement that counts the same.
    async fn cube(
        &self,
        service: &Service,
        tokens: &Tokens,
        year: i64,
        numbers: &Numbers,
    ) -> Result<Cube> {
        let path = format!("/api/v1/statistics?year={year}&group_by=unit,category,law,month");
        let ask = Ask::get(&bearer(&tokens.director)?, vec![path]);
        let answer = Client::connect(service.address).await?.json(&ask, 0).await?;
        let counted = format!(
            "FROM case_facts WHERE tenant_id = {} AND counted AND NOT duplicate \
             AND reported_year = {year}",
            self.own.tenant().await?
        );
        let cases = self.own.number(&format!("SELECT COUNT(*) {counted}")).await?;
        if answer["total"]["count"].as_i64() != Some(cases) {
            let total = &answer["total"]["count"];
            return Err(Failure::new(format!("{year} has {cases} cases, and the cube {total}")));
        }
        let by = "unit_id, category, laws, reported_month";
        let sql = format!("SELECT {by}, COUNT(*) {counted} GROUP BY {by}");
        let times = self.plan.counts;
        let bare = self.own.queries(&sql, times, self.dir).await?;
        let until = Until::Done(times.into());
        let service = load::run(service.address, 1, until, ask, numbers).await?;
        let rows = answer["rows"].as_array().map_or(0, Vec::len);
        Ok(Cube { year, cases, rows, service, bare })
    }
}

/// So that whoever waits sees how far it is.
fn said(database: &str, what: &str) {
    eprintln!("{database}: {what}");
}
