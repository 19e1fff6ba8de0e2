//! Where a part of the measuring takes place: a service over a database, and who asks it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::filing::bodies;
use crate::load::{self, Ask, Client, Numbers, Until, bearer};
use crate::machine;
use crate::measure::Sample;
use crate::own::{Database, Own};
use crate::plan::Plan;
use crate::service::{Home, Service, Tokens};

/// Connections that ask at once where nothing else is said.
pub const USUAL: usize = 16;

/// A database of the service, with what is known of it.
pub struct Stage<'r> {
    /// Which kind of database.
    pub database: &'r Database<'r>,
    /// What it and its copies are called.
    pub name: String,
    /// What the database and its version are called.
    pub version: String,
    /// The binary over it.
    pub home: Home,
    /// The database.
    pub own: Own,
    /// Where files may lie.
    pub dir: PathBuf,
    /// How much.
    pub plan: &'r Plan,
    /// Who asks.
    pub tokens: Tokens,
    /// What they file.
    pub filing: Ask,
    /// The numbers of requests.
    pub numbers: Numbers,
}

impl Stage<'_> {
    /// So that whoever waits sees how far it is.
    pub fn said(&self, what: &str) {
        eprintln!("{}: {what}", self.version);
    }

    /// Asks over as many connections as usual for some time.
    ///
    /// # Errors
    /// See [`load::run`].
    pub async fn asks(&self, service: &Service, ask: Ask, time: Duration) -> Result<Sample> {
        let until = Until::Elapsed(time);
        load::run(service.address, USUAL, until, ask, &self.numbers).await
    }

    /// Files until the service runs as it does in the long run.
    ///
    /// # Errors
    /// See [`load::run`].
    pub async fn warm_up(&self, service: &Service) -> Result<()> {
        self.asks(service, self.filing.clone(), self.plan.warm_up).await.map(drop)
    }

    /// What one request is answered.
    ///
    /// # Errors
    /// When it is not answered as it should be.
    pub async fn answer(&self, service: &Service, token: &str, path: &str) -> Result<Value> {
        let ask = Ask::get(&bearer(token)?, vec![path.to_owned()]);
        Client::connect(service.address).await?.json(&ask, self.numbers.next()).await
    }

    /// The same service over a copy of the database, which must be stopped on PostgreSQL.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn copy(&self, end: &str) -> Result<Self> {
        let own = self.own.copy(self.database, &format!("{}_{end}", self.name)).await?;
        Ok(Self {
            database: self.database,
            name: format!("{}_{end}", self.name),
            version: self.version.clone(),
            home: self.home.over(&own.url()),
            own,
            dir: self.dir.clone(),
            plan: self.plan,
            tokens: self.tokens.clone(),
            filing: self.filing.clone(),
            numbers: self.numbers.clone(),
        })
    }

    /// Takes the database away again.
    ///
    /// # Errors
    /// When it stays.
    pub async fn end(self) -> Result<()> {
        self.own.drop(self.database).await
    }
}

/// Paths of the cases of a list.
pub fn cases_of(list: &Value) -> Vec<String> {
    items(list)
        .filter_map(|case| case["id"].as_str().map(|id| format!("/api/v1/cases/{id}")))
        .collect()
}

/// The lines of a list.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().into_iter().flatten()
}

/// The base filing, for every unit of a service in turn.
///
/// # Errors
/// When the tenant has no units.
pub async fn base_filing(client: &mut Client, tokens: &Tokens) -> Result<Ask> {
    let ask = Ask::get(&bearer(&tokens.director)?, vec!["/api/v1/units?limit=50".to_owned()]);
    let units = client.json(&ask, 0).await?;
    let units: Vec<String> = items(&units)
        .filter(|unit| unit["unknown"] != true)
        .filter_map(|unit| unit["code"].as_str().map(str::to_owned))
        .collect();
    if units.is_empty() {
        return Err(Failure::new("the tenant has no units"));
    }
    Ok(Ask::post(&bearer(&tokens.reporter)?, "/api/v1/cases", bodies(&units, machine::now()?)))
}

/// A directory of one part's own.
///
/// # Errors
/// When it cannot be made.
pub fn directory(within: &Path, name: &str) -> Result<PathBuf> {
    use crate::failure::Context as _;
    let dir = within.join(name);
    std::fs::create_dir_all(&dir).context(dir.display())?;
    Ok(dir)
}
