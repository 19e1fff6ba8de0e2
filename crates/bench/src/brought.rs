//! The rows of a tenant, taken by the bare database: COPY on PostgreSQL, a loop of prepared INSERTs on
//! SQLite; one transaction, with all constraints and indexes.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;

use crate::command::output;
use crate::failure::{Context as _, Failure, Result};
use crate::own::Own;
use crate::rows::{Table, in_order};
use crate::{pgbench, postgres, sqlite};

/// Rows that are held in memory while the clock does not run.
const AT_ONCE: i64 = 20_000;

/// Takes the rows of a tenant from one database into another, and tells how many there were and how
/// many seconds it took. Reading them does not count.
///
/// # Errors
/// What either database says.
pub async fn take(from: &Own, to: &Own, tenant: &str, dir: &Path) -> Result<(u64, f64)> {
    match (from, to) {
        (Own::Sqlite(from), Own::Sqlite(to)) => by_insert(from, to, tenant),
        (Own::Postgres { url: from, .. }, Own::Postgres { url: to, .. }) => {
            by_copy(from, to, tenant, dir).await
        }
        _ => Err(Failure::new("rows of the same kind of database")),
    }
}

/// The tables that have rows of a tenant, each after those it refers to.
fn of_tenants(tables: Vec<Table>) -> Vec<Table> {
    let of_a_tenant = |table: &Table| table.columns.iter().any(|it| it.name == "tenant_id");
    in_order(tables.into_iter().filter(of_a_tenant).collect(), |table| table)
}

async fn by_copy(from: &str, to: &str, tenant: &str, dir: &Path) -> Result<(u64, f64)> {
    let (mut script, mut rows) = ("BEGIN;\n".to_owned(), 0);
    for table in of_tenants(pgbench::tables(from).await?) {
        let name = &table.name;
        let file = dir.join(format!("{name}.copy"));
        let file = file.to_str().context("path in UTF-8")?;
        let sql =
            format!("\\copy (SELECT * FROM \"{name}\" WHERE tenant_id = {tenant}) TO '{file}'");
        // Without -q it says how many.
        let copied = output(postgres::client("psql").args([from, "-Xc", &sql])).await?;
        let copied: u64 =
            copied.trim().strip_prefix("COPY ").and_then(|it| it.parse().ok()).context("COPY")?;
        if copied > 0 {
            rows += copied;
            script += &format!("\\copy \"{name}\" FROM '{file}'\n");
        } else {
            fs::remove_file(file).context(file)?;
        }
    }
    let file = dir.join("copy.sql");
    fs::write(&file, script + "COMMIT;\n").context("script for psql")?;
    let mut psql = postgres::client("psql");
    psql.args([to, "-qX", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&file);
    let started = Instant::now();
    output(&mut psql).await?;
    Ok((rows, started.elapsed().as_secs_f64()))
}

fn by_insert(from: &Path, to: &Path, tenant: &str) -> Result<(u64, f64)> {
    let (reader, writer) = (sqlite::reader(from)?, sqlite::writer(to)?);
    let mut spent = Duration::ZERO;
    let mut timed = |work: &mut dyn FnMut() -> rusqlite::Result<()>| {
        let at = Instant::now();
        let done = work();
        spent += at.elapsed();
        done
    };
    let mut take = || -> rusqlite::Result<u64> {
        let mut rows = 0;
        // A unit may come before the one that it is below.
        timed(&mut || writer.execute_batch("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON"))?;
        for table in of_tenants(sqlite::tables(&reader)?) {
            let name = &table.name;
            let marks = vec!["?"; table.columns.len()].join(", ");
            let mut insert = writer.prepare(&format!("INSERT INTO \"{name}\" VALUES ({marks})"))?;
            let mut select =
                reader.prepare(&format!("SELECT * FROM \"{name}\" WHERE tenant_id = {tenant}"))?;
            let mut found = select.query([])?;
            loop {
                let mut held: Vec<Vec<Value>> = Vec::new();
                while held.len() < usize::try_from(AT_ONCE).unwrap_or(1)
                    && let Some(row) = found.next()?
                {
                    let values = (0..table.columns.len()).map(|at| row.get(at));
                    held.push(values.collect::<rusqlite::Result<_>>()?);
                }
                if held.is_empty() {
                    break;
                }
                timed(&mut || {
                    for row in &held {
                        insert.execute(rusqlite::params_from_iter(row))?;
                        rows += 1;
                    }
                    Ok(())
                })?;
            }
        }
        timed(&mut || writer.execute_batch("COMMIT"))?;
        Ok(rows)
    };
    let rows = take().context("rows of the import")?;
    Ok((rows, spent.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn the_rows_of_one_tenant_are_taken_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let schema = "
            CREATE TABLE units (tenant_id BLOB, unit_id BLOB, parent_id BLOB,
                PRIMARY KEY (tenant_id, unit_id),
                FOREIGN KEY (tenant_id, parent_id) REFERENCES units (tenant_id, unit_id))
                WITHOUT ROWID;
            CREATE TABLE cases (tenant_id BLOB, case_id BLOB, unit_id BLOB, number TEXT,
                PRIMARY KEY (tenant_id, case_id),
                FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id));
            CREATE TABLE migrations (version TEXT);";
        for path in [&from, &to] {
            Connection::open(path).unwrap().execute_batch(schema).unwrap();
        }
        let rows = "
            INSERT INTO units VALUES (x'01', x'0b', NULL), (x'01', x'0a', x'0b'), (x'02', x'0a', NULL);
            INSERT INTO cases VALUES (x'01', x'0c', x'0a', 'A-1'), (x'02', x'0c', x'0a', 'A-2');
            INSERT INTO migrations VALUES ('1');";
        Connection::open(&from).unwrap().execute_batch(rows).unwrap();
        let (taken, seconds) = by_insert(&from, &to, "x'01'").unwrap();
        assert_eq!(taken, 3);
        assert!(seconds > 0.0);
        let number: String =
            sqlite::value_of(&to, "SELECT group_concat(number) FROM cases").unwrap();
        assert_eq!(number, "A-1");
        assert!(by_insert(&from, &to, "x'01'").is_err(), "the same rows are refused");
    }
}
