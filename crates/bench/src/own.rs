//! The database of the service, and copies of it.

use std::path::{Path, PathBuf};

use crate::bare::Copies;
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

/// A database of the service.
pub enum Own {
    /// Its file.
    Sqlite(PathBuf),
    /// On a server.
    Postgres {
        /// What it is called there.
        name: String,
        /// Its address, as one who may do anything.
        url: String,
        /// Its address, as the service takes it.
        service: String,
    },
}

impl Own {
    /// A new one, in a directory.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn new(database: &Database<'_>, name: &str, dir: &Path) -> Result<Self> {
        match database {
            Database::Sqlite => Ok(Self::Sqlite(dir.join(format!("{name}.db")))),
            Database::Postgres(server) => Self::on(server, name, None).await,
        }
    }

    async fn on(server: &Server, name: &str, copy_of: Option<&str>) -> Result<Self> {
        let url = server.create(name, copy_of).await?;
        Ok(Self::Postgres { name: name.to_owned(), service: server.as_service(&url)?, url })
    }

    /// A copy of it as it stands. On PostgreSQL nobody may be connected to it just now.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn copy(&self, database: &Database<'_>, name: &str) -> Result<Self> {
        match (self, database) {
            (Self::Postgres { name: from, .. }, Database::Postgres(server)) => {
                Self::on(server, name, Some(from)).await
            }
            (Self::Sqlite(from), _) => {
                let to = from.with_file_name(format!("{name}.db"));
                sqlite::copy(from, &to)?;
                Ok(Self::Sqlite(to))
            }
            _ => None.context("server of the database"),
        }
    }

    /// Takes it away.
    ///
    /// # Errors
    /// When it stays.
    pub async fn drop(self, database: &Database<'_>) -> Result<()> {
        match (self, database) {
            (Self::Postgres { name, .. }, Database::Postgres(server)) => {
                server.drop_all(&[&name]).await
            }
            (Self::Sqlite(path), _) => {
                for end in ["", "-wal", "-shm"] {
                    let mut file = path.clone().into_os_string();
                    file.push(end);
                    if Path::new(&file).exists() {
                        std::fs::remove_file(&file).context(path.display())?;
                    }
                }
                Ok(())
            }
            _ => None.context("server of the database"),
        }
    }

    /// As the service takes it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres { service, .. } => service.clone(),
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
            Self::Postgres { url, .. } => {
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
            Self::Postgres { url, .. } => {
                postgres::query(url, sql).await?.trim().parse().context(sql)
            }
        }
    }

    /// The tenant's id as it is written in SQL.
    ///
    /// # Errors
    /// When there is none.
    pub async fn tenant(&self) -> Result<String> {
        self.tenant_called(TENANT).await
    }

    /// The id of the tenant with this slug, as it is written in SQL.
    ///
    /// # Errors
    /// When there is none.
    pub async fn tenant_called(&self, slug: &str) -> Result<String> {
        let of = format!("FROM tenants WHERE slug = '{slug}'");
        match self {
            Self::Sqlite(path) => {
                let digits: String =
                    sqlite::value_of(path, &format!("SELECT hex(tenant_id) {of}"))?;
                Ok(format!("x'{digits}'"))
            }
            Self::Postgres { url, .. } => {
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
            Self::Postgres { url, .. } => pgbench::queries(url, sql, times, dir).await,
        }
    }

    /// The texts that a query gives, one a row and on one line each.
    ///
    /// # Errors
    /// What the database says.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(path) => sqlite::texts(path, sql),
            Self::Postgres { url, .. } => {
                Ok(postgres::query(url, sql).await?.lines().map(str::to_owned).collect())
            }
        }
    }

    /// Runs statements that change something, all or none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(path) => sqlite::execute(path, sql),
            Self::Postgres { url, .. } => postgres::query(url, sql).await.map(drop),
        }
    }

    /// How many bytes it takes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn bytes(&self) -> Result<i64> {
        self.number(match self {
            Self::Sqlite(_) => {
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            }
            Self::Postgres { .. } => "SELECT pg_database_size(current_database())",
        })
        .await
    }
}

/// Tables that jobs of the service write to beside any filing. What they cost is the service's own.
const OF_JOBS: [&str; 6] =
    ["chain_heads", "chain_links", "fact_sums", "leases", "tenant_keys", "tenants"];

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
