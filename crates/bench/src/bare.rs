//! The bare database beside the service, whichever it is.

use std::path::{Path, PathBuf};

use crate::failure::{Context as _, Result};
use crate::load::{Ask, Client, Numbers};
use crate::measure::Sample;
use crate::postgres::Server;
use crate::rows::Row;
use crate::service::TENANT;
use crate::{pgbench, postgres, sqlite};

/// Which database.
pub enum Database<'s> {
    /// A file.
    Sqlite,
    /// A server.
    Postgres(&'s Server),
}

/// The database of the service.
pub enum Own {
    /// Its file.
    Sqlite(PathBuf),
    /// Its address.
    Postgres(String),
}

/// A copy of it, to which the bare database writes.
pub enum Bare {
    /// One connection.
    Sqlite(sqlite::Baseline),
    /// `pgbench`.
    Postgres(pgbench::Baseline),
}

/// The rows of two filings.
pub enum Copies {
    /// As SQLite hands them out.
    Sqlite(Vec<sqlite::Written>, Vec<sqlite::Written>),
    /// As PostgreSQL does.
    Postgres(Vec<pgbench::Written>, Vec<pgbench::Written>),
}

impl Copies {
    /// The tables they stand in.
    pub fn tables(&self) -> Vec<String> {
        match self {
            Self::Sqlite(first, _) => first.iter().map(|row| row.table.name.clone()).collect(),
            Self::Postgres(first, _) => first.iter().map(|row| row.table.name.clone()).collect(),
        }
    }
}

impl Own {
    /// As the service takes it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Files the same report twice through the service, and reads which rows it wrote each time.
    ///
    /// # Errors
    /// When a filing is not taken, or is taken with a warning.
    pub async fn file_twice(
        &self,
        client: &mut Client,
        ask: &Ask,
        numbers: &Numbers,
        dir: &Path,
    ) -> Result<Copies> {
        // Always the same body: what differs is then the service's doing.
        let mut ask = ask.clone();
        ask.bodies.truncate(1);
        // The first makes the reporter known.
        client.ask(&ask, numbers.next()).await?;
        match self {
            Self::Sqlite(path) => {
                let before = [dir.join("before.db"), dir.join("between.db")];
                let mut rows = Vec::new();
                for before in before {
                    sqlite::copy(path, &before)?;
                    file(client, &ask, numbers).await?;
                    rows.push(of_the_filing(sqlite::new_rows(path, &before)?));
                    std::fs::remove_file(&before).context("copy of the database")?;
                }
                let second = rows.pop().unwrap_or_default();
                Ok(Copies::Sqlite(rows.pop().unwrap_or_default(), second))
            }
            Self::Postgres(url) => {
                let mark = pgbench::mark(url).await?;
                file(client, &ask, numbers).await?;
                let first = of_the_filing(pgbench::rows_since(url, mark).await?);
                let mark = pgbench::mark(url).await?;
                file(client, &ask, numbers).await?;
                Ok(Copies::Postgres(first, of_the_filing(pgbench::rows_since(url, mark).await?)))
            }
        }
    }

    /// The one number of a query.
    ///
    /// # Errors
    /// When there is none.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        match self {
            Self::Sqlite(path) => sqlite::value_of(path, sql),
            Self::Postgres(url) => postgres::query(url, sql).await?.trim().parse().context(sql),
        }
    }

    /// The tenant's id as it is written in SQL.
    ///
    /// # Errors
    /// When there is none.
    pub async fn tenant(&self) -> Result<String> {
        let of = format!("FROM tenants WHERE slug = '{TENANT}'");
        match self {
            Self::Sqlite(path) => {
                let digits: String =
                    sqlite::value_of(path, &format!("SELECT hex(tenant_id) {of}"))?;
                Ok(format!("x'{digits}'"))
            }
            Self::Postgres(url) => {
                let id = postgres::query(url, &format!("SELECT tenant_id {of}")).await?;
                Ok(format!("'{}'::uuid", id.trim()))
            }
        }
    }

    /// Runs a query so many times.
    ///
    /// # Errors
    /// When it fails.
    pub async fn queries(&self, sql: &str, times: u32, dir: &Path) -> Result<Sample> {
        match self {
            Self::Sqlite(path) => sqlite::queries(path, sql, times),
            Self::Postgres(url) => pgbench::queries(url, sql, times, dir).await,
        }
    }
}

impl Bare {
    /// Writes copies into a copy of the service's database, which nobody may have open just now.
    ///
    /// # Errors
    /// When the database cannot be copied, or the rows cannot.
    pub async fn beside(
        own: &Own,
        database: &Database<'_>,
        name: &str,
        copies: Copies,
        dir: &Path,
    ) -> Result<Self> {
        match (own, database, copies) {
            (Own::Sqlite(path), _, Copies::Sqlite(first, second)) => {
                let to = dir.join("bare.db");
                sqlite::copy(path, &to)?;
                Ok(Self::Sqlite(sqlite::Baseline::new(to, first, &second)?))
            }
            (_, Database::Postgres(server), Copies::Postgres(first, second)) => {
                let script = pgbench::script(first, &second)?;
                let url = server.create(&bare_name(name), Some(name)).await?;
                Ok(Self::Postgres(pgbench::Baseline::new(url, &script, dir)?))
            }
            _ => None.context("bare database of this kind"),
        }
    }

    /// Files copies for some seconds; on SQLite there is always one connection.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn filings(&mut self, clients: usize, seconds: u64) -> Result<Sample> {
        match self {
            Self::Sqlite(baseline) => baseline.filings(seconds),
            Self::Postgres(baseline) => baseline.filings(clients, seconds).await,
        }
    }
}

/// What the copy of a database on a server is called.
pub fn bare_name(name: &str) -> String {
    format!("{name}_bare")
}

/// Tables that jobs of the service write to beside any filing. What they cost is the service's own.
const OF_JOBS: [&str; 5] = ["chain_heads", "chain_links", "leases", "tenant_keys", "tenants"];

fn of_the_filing<V>(rows: Vec<Row<V>>) -> Vec<Row<V>> {
    rows.into_iter().filter(|row| !OF_JOBS.contains(&row.table.name.as_str())).collect()
}

/// Files one report, which must be one that nothing is wrong with.
async fn file(client: &mut Client, ask: &Ask, numbers: &Numbers) -> Result<()> {
    let answer = client.json(ask, numbers.next()).await?;
    match answer["warnings"].as_array() {
        Some(warnings) if !warnings.is_empty() => {
            None.context(format!("filing without warnings; {warnings:?}"))
        }
        _ => Ok(()),
    }
}
