//! The bare SQLite: one connection that writes the rows the service writes, a durable commit for
//! each filing.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Statement};

use crate::failure::{Context as _, Result};
use crate::measure::{Latencies, Sample};
use crate::rows::{self, Column, Insert, Part, Row, Table, inserts, unique};

/// A row as it was written.
pub type Written = Row<Value>;

impl rows::Cell for Value {
    fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// An id is a blob of 16 bytes.
    fn id(&self, _: &Column) -> Option<String> {
        match self {
            Self::Blob(bytes) if bytes.len() == 16 => {
                Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
            }
            _ => None,
        }
    }

    fn text(&self, _: &Column) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// The version of the library, which is the service's, too.
pub fn version() -> &'static str {
    rusqlite::version()
}

/// A connection that only reads.
///
/// # Errors
/// When the file cannot be opened.
pub fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).context(path.display())?;
    conn.busy_timeout(Duration::from_secs(5)).context(path.display())?;
    Ok(conn)
}

/// Copies a database as it stands, also while the service has it open.
///
/// # Errors
/// When there is something at `to` already, and what else may hinder it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let text = to.to_str().context("path in UTF-8")?;
    reader(from)?.execute("VACUUM INTO ?1", [text]).context("copy of the database")?;
    // The service does not serve what others can read.
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).context(text)
}

/// The rows of all tables that `now` has and `before` has not.
///
/// # Errors
/// What the database says.
pub fn new_rows(now: &Path, before: &Path) -> Result<Vec<Written>> {
    let read = || -> rusqlite::Result<Vec<Written>> {
        let conn = Connection::open_with_flags(now, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        conn.execute("ATTACH ?1 AS before", [before.to_string_lossy()])?;
        let mut rows = Vec::new();
        for table in tables(&conn)? {
            let names: Vec<_> =
                table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            let select =
                |schema| format!("SELECT {} FROM {schema}.\"{}\"", names.join(", "), table.name);
            let sql = format!("{} EXCEPT {}", select("main"), select("before"));
            let mut statement = conn.prepare(&sql)?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let values =
                    (0..names.len()).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
                rows.push(Row { table: table.clone(), values });
            }
        }
        Ok(rows)
    };
    read().context("rows of a filing")
}

/// The tables of a database, as its catalogue has them.
///
/// # Errors
/// What the database says.
pub fn tables_of(path: &Path) -> Result<Vec<Table>> {
    tables(&reader(path)?).context("catalogue")
}

/// The same over a connection.
///
/// # Errors
/// What the database says.
pub fn tables(conn: &Connection) -> rusqlite::Result<Vec<Table>> {
    let texts = |sql: &str, of: &str| -> rusqlite::Result<Vec<String>> {
        conn.prepare(sql)?.query_map([of], |row| row.get(0))?.collect()
    };
    let names = texts(
        "SELECT name FROM main.sqlite_schema WHERE type = ?1 AND name NOT LIKE 'sqlite%' ORDER BY 1",
        "table",
    )?;
    let mut tables = Vec::new();
    for name in names {
        let columns = conn
            .prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")?
            .query_map([&name], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }))?
            .collect::<rusqlite::Result<_>>()?;
        let unique = texts(
            "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND NOT partial",
            &name,
        )?
        .iter()
        .map(|index| texts("SELECT name FROM pragma_index_info(?1) WHERE name IS NOT NULL", index))
        .collect::<rusqlite::Result<_>>()?;
        let references =
            texts("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1)", &name)?;
        tables.push(Table { name, columns, unique, references });
    }
    Ok(tables)
}

/// A database of its own with one connection.
pub struct Baseline {
    path: PathBuf,
    inserts: Vec<Insert<Value>>,
    copies: Rc<Cell<u64>>,
}

impl Baseline {
    /// Writes copies of a filing into the database at `path`, which already holds what they refer
    /// to.
    ///
    /// # Errors
    /// See [`inserts`].
    pub fn new(path: PathBuf, first: Vec<Written>, second: &[Written]) -> Result<Self> {
        Ok(Self { path, inserts: inserts(first, second)?, copies: Rc::default() })
    }

    /// Copies of another filing in the same database, with the rows of those tables alone that are
    /// asked for.
    ///
    /// # Errors
    /// See [`inserts`].
    pub fn of(
        &self,
        first: Vec<Written>,
        second: &[Written],
        of: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut inserts = inserts(first, second)?;
        inserts.retain(|insert| of(&insert.table.name));
        Ok(Self { path: self.path.clone(), inserts, copies: Rc::clone(&self.copies) })
    }

    /// Files copies for some time.
    ///
    /// # Errors
    /// When one of them fails.
    pub fn filings(&self, time: Duration) -> Result<Sample> {
        let conn = writer(&self.path)?;
        let mut latencies = Latencies::new()?;
        let started = Instant::now();
        self.write(&conn, started, time, &mut latencies).context("bare database")?;
        Ok(latencies.sample(started.elapsed()))
    }

    fn write(
        &self,
        conn: &Connection,
        started: Instant,
        within: Duration,
        latencies: &mut Latencies,
    ) -> rusqlite::Result<()> {
        let mut begin = conn.prepare("BEGIN IMMEDIATE")?;
        let mut commit = conn.prepare("COMMIT")?;
        let mut statements = self
            .inserts
            .iter()
            .map(|insert| prepared(conn, insert))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        while started.elapsed() < within {
            let at = Instant::now();
            let copy = self.copies.get() + 1;
            self.copies.set(copy);
            begin.execute([])?;
            for ((statement, own), insert) in statements.iter_mut().zip(&self.inserts) {
                for index in own.iter() {
                    let value = value(insert.parts.get(*index), copy);
                    statement.raw_bind_parameter(index + 1, value)?;
                }
                statement.raw_execute()?;
            }
            commit.execute([])?;
            latencies.add(at.elapsed());
        }
        Ok(())
    }
}

/// A connection that writes as the service's does.
///
/// # Errors
/// When the file cannot be opened.
pub fn writer(path: &Path) -> Result<Connection> {
    let conn = Connection::open(path).context(path.display())?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
    )
    .context("settings of the bare database")?;
    Ok(conn)
}

/// Runs statements that change something. Nothing of it need last longer than this run, and what is
/// written refers to what is there.
///
/// # Errors
/// What the database says.
pub fn execute(path: &Path, sql: &str) -> Result<()> {
    let conn = Connection::open(path).context(path.display())?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; \
         PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY",
    )
    .context("settings")?;
    conn.execute_batch(sql).context(sql.chars().take(200).collect::<String>())
}

/// The statement with all bound that stays the same, and the columns that do not.
fn prepared<'c>(
    conn: &'c Connection,
    insert: &Insert<Value>,
) -> rusqlite::Result<(Statement<'c>, Vec<usize>)> {
    let names: Vec<_> =
        insert.table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let sql =
        format!("INSERT INTO \"{}\" ({}) VALUES ({marks})", insert.table.name, names.join(", "));
    let mut statement = conn.prepare(&sql)?;
    let mut own = Vec::new();
    for (index, part) in insert.parts.iter().enumerate() {
        match part {
            Part::Same(value) => statement.raw_bind_parameter(index + 1, value)?,
            Part::Id(_) | Part::Text(..) => own.push(index),
        }
    }
    Ok((statement, own))
}

/// What a copy has of its own in a column.
fn value(part: Option<&Part<Value>>, copy: u64) -> Value {
    match part {
        Some(Part::Id(place)) => {
            let digits = unique::id(copy, 0, *place);
            // It is made of hexadecimal digits alone.
            Value::Blob(u128::from_str_radix(&digits, 16).unwrap_or(0).to_be_bytes().to_vec())
        }
        Some(Part::Text(beginning, more)) => Value::Text(unique::text(copy, 0, beginning, *more)),
        Some(Part::Same(value)) => value.clone(),
        None => Value::Null,
    }
}

/// Runs one query so many times, one after the other, and reads every row.
///
/// # Errors
/// When one of them fails.
pub fn queries(path: &Path, sql: &str, times: u32) -> Result<Sample> {
    let conn = reader(path)?;
    let mut latencies = Latencies::new()?;
    let started = Instant::now();
    let mut run = || -> rusqlite::Result<()> {
        let mut statement = conn.prepare(sql)?;
        for _ in 0..times {
            let at = Instant::now();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for index in 0..row.as_ref().column_count() {
                    std::hint::black_box(row.get_ref(index)?);
                }
            }
            latencies.add(at.elapsed());
        }
        Ok(())
    };
    run().context("query")?;
    Ok(latencies.sample(started.elapsed()))
}

/// The one value of a query.
///
/// # Errors
/// When there is none.
pub fn value_of<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> Result<T> {
    reader(path)?.query_row(sql, [], |row| row.get(0)).context(sql)
}

/// The texts that a query gives, one a row.
///
/// # Errors
/// What the database says.
pub fn texts(path: &Path, sql: &str) -> Result<Vec<String>> {
    let read = |conn: &Connection| -> rusqlite::Result<Vec<String>> {
        conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
    };
    read(&reader(path)?).context(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filing_is_found_and_copied() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let conn = Connection::open(path("now")).unwrap();
        conn.execute_batch(
            "CREATE TABLE history (id BLOB PRIMARY KEY REFERENCES matters (id), note TEXT)
                 WITHOUT ROWID;
             CREATE TABLE matters (id BLOB PRIMARY KEY, number TEXT NOT NULL UNIQUE) WITHOUT ROWID;
             INSERT INTO matters VALUES (zeroblob(16), 'A-1');",
        )
        .unwrap();
        let file = |id: u8, number: &str, before: &str| {
            copy(&path("now"), &path(before)).unwrap();
            let id = vec![id; 16];
            conn.execute("INSERT INTO matters VALUES (?1, ?2)", (&id, number)).unwrap();
            conn.execute("INSERT INTO history VALUES (?1, 'filed')", [&id]).unwrap();
            new_rows(&path("now"), &path(before)).unwrap()
        };
        let first = file(1, "A-22", "before");
        let second = file(2, "A-33", "between");
        assert_eq!((first.len(), second.len()), (2, 2));
        let bare = Baseline::new(path("between"), first, &second).unwrap();
        let tables: Vec<_> = bare.inserts.iter().map(|insert| insert.table.name.clone()).collect();
        assert_eq!(tables, ["matters", "history"]);
        let sample = bare.filings(Duration::ZERO).unwrap();
        assert_eq!(sample.done, 0);
        bare.copies.set(1);
        let conn = Connection::open(path("between")).unwrap();
        for insert in &bare.inserts {
            let (mut statement, own) = prepared(&conn, insert).unwrap();
            for index in own {
                let value = value(insert.parts.get(index), bare.copies.get());
                statement.raw_bind_parameter(index + 1, value).unwrap();
            }
            statement.raw_execute().unwrap();
        }
        let numbers: String =
            value_of(&path("between"), "SELECT group_concat(number ORDER BY number) FROM matters")
                .unwrap();
        let made = unique::text(1, 0, "A-", 2);
        assert_eq!(numbers, format!("A-{},A-1,A-22", &made[2..]));
    }
}
