//! The bare database beside the service, whichever it is: a copy of the service's, to which nobody
//! but the load writes.

use std::path::Path;
use std::time::Duration;

use crate::failure::{Context as _, Result};
use crate::measure::{Around, Sample};
use crate::own::Own;
use crate::{pgbench, sqlite};

/// Tables that a filing writes to for nothing but the figures.
const OF_FIGURES: [&str; 2] = ["case_facts", "fact_"];

/// The rows of two filings.
#[derive(Clone)]
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

/// What writes to the copy.
pub enum Bare {
    /// One connection.
    Sqlite(sqlite::Baseline),
    /// `pgbench`.
    Postgres(pgbench::Baseline),
}

impl Bare {
    /// Writes copies of a filing into `own`, as plain INSERTs in a transaction.
    ///
    /// # Errors
    /// When the rows cannot be copied.
    pub fn filing(own: &Own, copies: Copies, dir: &Path) -> Result<Self> {
        match (own, copies) {
            (Own::Sqlite(path), Copies::Sqlite(first, second)) => {
                Ok(Self::Sqlite(sqlite::Baseline::new(path.clone(), first, &second)?))
            }
            (Own::Postgres { url, .. }, Copies::Postgres(first, second)) => {
                let script = pgbench::script(first, &second)?;
                Ok(Self::Postgres(pgbench::Baseline::new(url.clone(), &[script], dir)?))
            }
            _ => None.context("rows of the same database"),
        }
    }

    /// The same rows without those that are there for the figures alone, and with them; on PostgreSQL
    /// in one statement each, as the service writes them.
    ///
    /// # Errors
    /// When the rows cannot be copied.
    pub fn without_and_with_figures(&self, copies: &Copies) -> Result<[Self; 2]> {
        let figures = |table: &str| OF_FIGURES.iter().any(|known| table.starts_with(known));
        let one = |with: bool| -> Result<Self> {
            let of = |table: &str| with || !figures(table);
            match (self, copies.clone()) {
                (Self::Sqlite(baseline), Copies::Sqlite(first, second)) => {
                    Ok(Self::Sqlite(baseline.of(first, &second, of)?))
                }
                (Self::Postgres(baseline), Copies::Postgres(first, second)) => {
                    let script = pgbench::script_in_one(first, &second, of)?;
                    let name = if with { "with" } else { "without" };
                    Ok(Self::Postgres(baseline.with(&[script], name)?))
                }
                _ => None.context("rows of the same database"),
            }
        };
        Ok([one(false)?, one(true)?])
    }

    /// Files copies for some time. `clients` at once, where the database takes more than one.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn filings(&self, clients: usize, time: Duration) -> Result<Sample> {
        match self {
            Self::Sqlite(baseline) => baseline.filings(time),
            Self::Postgres(baseline) => baseline.run(clients, time).await,
        }
    }

    /// The same before and after something else.
    ///
    /// # Errors
    /// When either fails.
    pub async fn around<T>(
        &self,
        (clients, time): (usize, Duration),
        between: impl Future<Output = Result<T>>,
    ) -> Result<(T, Around)> {
        let before = self.filings(clients, time).await?;
        let done = between.await?;
        let after = self.filings(clients, time).await?;
        Ok((done, Around { before, after }))
    }

    /// The scripts that `pgbench` runs beside a service on PostgreSQL.
    pub fn pgbench(&self) -> Option<&pgbench::Baseline> {
        if let Self::Postgres(baseline) = self { Some(baseline) } else { None }
    }
}
