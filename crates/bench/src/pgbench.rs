//! The bare PostgreSQL: `pgbench` with the rows that the service writes.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::command::output;
use crate::failure::{Context as _, Failure, Result};
use crate::measure::{Latencies, Sample};
use crate::postgres::{client, query};
use crate::rows::{Cell as Value, Column, Insert, Part, Row, Table, inserts, unique};

/// How many copies lie between the first of one run and the first of the next.
const COPIES_OF_A_RUN: u64 = 20_000_000;

/// A value as text, the way PostgreSQL writes and reads it.
pub type Text = Option<String>;

/// A row as it was written.
pub type Written = Row<Text>;

impl Value for Text {
    fn is_null(&self) -> bool {
        self.is_none()
    }

    fn id(&self, column: &Column) -> Option<String> {
        if column.kind == "uuid" { self.clone() } else { None }
    }

    fn text(&self, column: &Column) -> Option<&str> {
        if column.kind == "text" { self.as_deref() } else { None }
    }
}

/// The number of the next transaction; what is written later bears it or a higher one.
///
/// # Errors
/// What the server says.
pub async fn mark(url: &str) -> Result<u64> {
    let mark = query(url, "SELECT txid_current() % 4294967296").await?;
    mark.trim().parse().context("txid_current()")
}

/// The rows of all tables that were written since a mark and are there now.
///
/// # Errors
/// What the server says.
pub async fn rows_since(url: &str, mark: u64) -> Result<Vec<Written>> {
    let mut rows = Vec::new();
    for table in tables(url).await? {
        let values: Vec<_> =
            table.columns.iter().map(|column| format!("\"{}\"::text", column.name)).collect();
        let sql = format!(
            "SELECT made FROM (SELECT json_build_array({}) AS made FROM \"{}\" \
             WHERE xmin::text::bigint > {mark}) AS written ORDER BY made::text",
            values.join(", "),
            table.name
        );
        for line in query(url, &sql).await?.lines() {
            let values = serde_json::from_str(line).context(&table.name)?;
            rows.push(Row { table: table.clone(), values });
        }
    }
    Ok(rows)
}

/// The tables of a database, as its catalogue has them.
///
/// # Errors
/// What the server says.
pub async fn tables(url: &str) -> Result<Vec<Table>> {
    let sql = "
        SELECT json_build_array(c.relname,
            (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod))
                ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
            (SELECT json_agg((SELECT json_agg(a.attname) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)))
             FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL),
            (SELECT json_agg(DISTINCT f.confrelid::regclass::text)
             FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'))
        FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        ORDER BY c.relname";
    type Line = (String, Vec<(String, String)>, Option<Vec<Vec<String>>>, Option<Vec<String>>);
    let read = |line: &str| {
        let (name, columns, unique, references): Line =
            serde_json::from_str(line).context("catalogue")?;
        let columns = columns.into_iter().map(|(name, kind)| Column { name, kind }).collect();
        let (unique, references) = (unique.unwrap_or_default(), references.unwrap_or_default());
        Ok(Table { name, columns, unique, references })
    };
    query(url, sql).await?.lines().map(read).collect()
}

/// The script that writes copies of a filing: as many plain INSERTs as it has rows, between BEGIN
/// and COMMIT.
///
/// # Errors
/// See [`inserts`].
pub fn script(first: Vec<Written>, second: &[Written]) -> Result<String> {
    let mut script = header() + "BEGIN;\n";
    for insert in inserts(first, second)? {
        script.push_str(&statement(&insert));
        script.push_str(";\n");
    }
    script.push_str("COMMIT;\n");
    Ok(script)
}

/// The script that writes copies of a filing in one statement, with the rows of those tables alone
/// that are asked for.
///
/// # Errors
/// See [`inserts`].
pub fn script_in_one(
    first: Vec<Written>,
    second: &[Written],
    of: impl Fn(&str) -> bool,
) -> Result<String> {
    let inserts = inserts(first, second)?;
    let parts: Vec<_> = inserts
        .iter()
        .filter(|insert| of(&insert.table.name))
        .enumerate()
        .map(|(at, insert)| format!("w{at} AS ({})", statement(insert)))
        .collect();
    Ok(format!("{}WITH {} SELECT 1;\n", header(), parts.join(", ")))
}

/// What makes the numbers of which each copy has others.
pub fn header() -> String {
    format!(
        "\\set n :n + 1\n\\set first :n + {}\n\\set last :client_id * {} + {}\n\
         \\set text :n * {} + :client_id + {}\n",
        unique::ID_FIRST,
        unique::PLACES,
        unique::ID_LAST,
        unique::CLIENTS,
        unique::TEXT_FIRST,
    )
}

/// The id that a copy has at a place.
pub fn id(place: usize) -> String {
    format!(
        "(to_hex(:first::bigint) || '{}' || to_hex(:last::bigint + {place}))::uuid",
        unique::ID_MIDDLE
    )
}

fn statement(insert: &Insert<Text>) -> String {
    let mut names = String::new();
    let mut values = String::new();
    for (column, part) in insert.table.columns.iter().zip(&insert.parts) {
        let comma = if names.is_empty() { "" } else { ", " };
        let value = match part {
            Part::Same(None) => "NULL".to_owned(),
            Part::Same(Some(text)) => format!("{}::{}", literal(text), column.kind),
            Part::Id(place) => id(*place),
            Part::Text(beginning, more) => {
                let rest = "0".repeat(more.saturating_sub(unique::TEXT_DIGITS));
                format!("{} || reverse(to_hex(:text::bigint)) || '{rest}'", literal(beginning))
            }
        };
        // Writing into a string cannot fail.
        let _ = write!(names, "{comma}\"{}\"", column.name);
        let _ = write!(values, "{comma}{value}");
    }
    format!("INSERT INTO \"{}\" ({names}) VALUES ({values})", insert.table.name)
}

/// A string as SQL. Without colons: `pgbench` takes what follows one for a variable of its own,
/// inside of strings, too.
pub fn literal(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\'', "''")
        .replace(':', "\\x3a")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    format!("E'{escaped}'")
}

/// The bare database of its own, and what to run against it.
#[derive(Clone)]
pub struct Baseline {
    url: String,
    scripts: Vec<PathBuf>,
    dir: PathBuf,
    runs: Rc<Cell<u64>>,
}

impl Baseline {
    /// Runs scripts in the database `url`, which already holds what they refer to.
    ///
    /// # Errors
    /// When a script cannot be written.
    pub fn new(url: String, scripts: &[String], dir: &Path) -> Result<Self> {
        let (mut baseline, runs) = (Vec::new(), Rc::new(Cell::new(0)));
        put(scripts, "filing", dir, &mut baseline)?;
        Ok(Self { url, scripts: baseline, dir: dir.to_owned(), runs })
    }

    /// Other scripts in the same database; no copy of theirs has what one of these has.
    ///
    /// # Errors
    /// When a script cannot be written.
    pub fn with(&self, scripts: &[String], name: &str) -> Result<Self> {
        let mut other = Vec::new();
        put(scripts, name, &self.dir, &mut other)?;
        let runs = Rc::clone(&self.runs);
        Ok(Self { url: self.url.clone(), scripts: other, dir: self.dir.clone(), runs })
    }

    /// The same as whoever `url` names.
    pub fn by(self, url: String) -> Self {
        Self { url, ..self }
    }

    /// Runs one of the scripts after the other for some time, in whole seconds, over so many
    /// connections.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn run(&self, clients: usize, time: Duration) -> Result<Sample> {
        self.runs.set(self.runs.get() + 1);
        let start = format!("n={}", self.runs.get() * COPIES_OF_A_RUN);
        let (clients, seconds) = (clients.to_string(), time.as_secs().max(1).to_string());
        let words = ["-c", &clients, "-T", &seconds, "-D", &start];
        pgbench(&self.url, &self.scripts, &self.dir, &words).await
    }
}

fn put(scripts: &[String], name: &str, dir: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for (at, script) in scripts.iter().enumerate() {
        let path = dir.join(format!("{name}-{at}.sql"));
        fs::write(&path, script).context("script for pgbench")?;
        into.push(path);
    }
    Ok(())
}

/// Runs one query so many times, one after the other.
///
/// # Errors
/// When one of them fails.
pub async fn queries(url: &str, sql: &str, times: u32, dir: &Path) -> Result<Sample> {
    let script = dir.join("query.sql");
    fs::write(&script, format!("{sql};\n")).context("script for pgbench")?;
    pgbench(url, &[script], dir, &["-c", "1", "-t", &times.to_string()]).await
}

async fn pgbench(url: &str, scripts: &[PathBuf], dir: &Path, words: &[&str]) -> Result<Sample> {
    let log = dir.join("pgbench");
    let mut run = client("pgbench");
    run.args(["-n", "-M", "prepared", "-j", "1", "-l"]).args(words);
    run.arg("--log-prefix").arg(&log);
    for script in scripts {
        run.arg("-f").arg(script);
    }
    let said = output(run.arg(url)).await?;
    let mut latencies = Latencies::new()?;
    let mut read = 0;
    for entry in fs::read_dir(dir).context("log of pgbench")?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("pgbench.") {
            let text = fs::read_to_string(entry.path()).context("log of pgbench")?;
            read += latencies_of(&text, &mut latencies)?;
            fs::remove_file(entry.path()).context("log of pgbench")?;
        }
    }
    let (done, seconds) = summary(&said)?;
    if read != done {
        return Err(Failure::new(format!("pgbench ran {done} transactions, but logged {read}")));
    }
    Ok(latencies.sample(seconds))
}

/// Reads `client transaction microseconds script second microsecond`, a line each.
fn latencies_of(log: &str, latencies: &mut Latencies) -> Result<u64> {
    let mut read = 0;
    for line in log.lines() {
        let took = line.split(' ').nth(2).context("log of pgbench")?;
        latencies.add_us(took.parse().context("log of pgbench")?);
        read += 1;
    }
    Ok(read)
}

/// How many transactions in which time, without the time to connect; none of them failed.
fn summary(said: &str) -> Result<(u64, Duration)> {
    let after = |label: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(label));
        let word = line.and_then(|rest| rest.split([' ', '/']).find(|word| !word.is_empty()));
        word.context(format!("`{label}` in what pgbench says"))
    };
    let done: u64 =
        after("number of transactions actually processed:")?.parse().context("pgbench")?;
    if done == 0 {
        // It says nothing of a rate then.
        return Ok((0, Duration::ZERO));
    }
    let rate: f64 = after("tps =")?.parse().context("pgbench")?;
    // PostgreSQL 14 and before do not say, and end with the first.
    if let Ok(failed) = after("number of failed transactions:")
        && failed != "0"
    {
        return Err(Failure::new(format!("{failed} transactions of pgbench failed")));
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of transactions fits a double")]
    let seconds = if rate > 0.0 { done as f64 / rate } else { 0.0 };
    Ok((done, Duration::try_from_secs_f64(seconds).context("pgbench")?))
}

#[cfg(test)]
#[path = "pgbench_tests.rs"]
mod tests;
