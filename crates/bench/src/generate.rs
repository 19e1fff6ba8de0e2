//! Many cases, made in the database of those that are there.
//!
//! The demo's year is copied again and again with new ids and numbers: into one after another of the
//! last six years, and into towns beside the first one, each with units of its own. So shares of
//! kinds, units, statuses, categories and months are those of the demo, and what is open is open in
//! the newest two years alone. One set-based statement a table and some dozens of copies; how a
//! column is carried over follows from its name, so that a new one is copied as it stands.

use std::ops::Range;

use crate::failure::{Failure, Result};
use crate::own::{Database, Own};
use crate::rows::Table;
use crate::{pgbench, sqlite};

/// What a case consists of as it was imported, with the column that says of which case a row is.
const TABLES: [(&str, &str); 6] = [
    ("cases", "case_id"),
    ("case_facts", "case_id"),
    ("case_history", "case_id"),
    ("case_answers", "case_id"),
    ("opinions", "case_id"),
    ("audit_entries", "object_id"),
];
/// Ids that belong to a case and are made anew with it.
const IDS: [&str; 5] = ["case_id", "event_id", "entry_id", "object_id", "cause_id"];
/// Units, which each town has of its own.
const UNITS: [&str; 2] = ["unit_id", "reporting_unit_id"];
/// Moments and days that are not called so.
const MOMENTS: [&str; 2] = ["at", "occurred_until"];
const DAYS: [&str; 1] = ["waiting_until"];
/// What a copy has not: its place in sums that are not made of it yet.
const LEFT_OUT: [&str; 1] = ["folded_as"];

/// How many towns there are at most: with seven units each, what the largest city has.
const TOWNS: u64 = 100;
/// Copies that are shifted by so many years each.
const SHIFTS: u64 = 3;
const YEARS_APART: u64 = 2;
/// Copies of one statement.
const AT_ONCE: u64 = 40;
/// Where the year in a number begins, of what is no year of a case anywhere.
const FIRST_NUMBER: u64 = 2_100;
/// How many there are of those.
const MOST_COPIES: u64 = 7_900;
/// The first four bytes of ids: below those of ids that are made of today's time.
const FIRST_CASE: u64 = 0x0100_0000;
const FIRST_UNIT: u64 = 0x0110_0000;

/// How the two databases say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// What makes the copies.
pub struct Generator {
    dialect: Dialect,
    tenant: String,
    tables: Vec<Table>,
}

impl Generator {
    /// For a database in which the demo's year is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn new(own: &Own) -> Result<Self> {
        let tenant = own.tenant().await?;
        let (dialect, tables) = match own {
            Own::Sqlite(path) => (Dialect::Sqlite, sqlite::tables_of(path)?),
            Own::Postgres { url, .. } => (Dialect::Postgres, pgbench::tables(url).await?),
        };
        Ok(Self { dialect, tenant, tables })
    }

    /// Makes copies until there are about so many cases, and tells the database to know its rows.
    ///
    /// # Errors
    /// When there are more than can be numbered, or none to copy, and what the database says.
    pub async fn fill(&self, own: &Own, cases: u64, said: impl Fn(u64)) -> Result<()> {
        let there = own.number("SELECT COUNT(*) FROM cases").await?;
        let there = u64::try_from(there).unwrap_or(0);
        // Those that are closed are copied each time, the others each third time.
        let of_a_copy = own.number(&self.counted("AND c.closed_at IS NOT NULL")).await?;
        let of_a_copy = u64::try_from(of_a_copy).unwrap_or(0);
        if of_a_copy == 0 {
            return Err(Failure::new("there are no cases to make more of"));
        }
        let copies = cases.saturating_sub(there).div_ceil(of_a_copy);
        if copies > MOST_COPIES {
            let most = MOST_COPIES * of_a_copy;
            return Err(Failure::new(format!("more than {most} cases have no number")));
        }
        own.execute(&self.units()).await?;
        // Made of all rows at the end, which takes a fraction of keeping them meanwhile.
        let indexes = if copies > AT_ONCE { own.texts(&self.indexes()).await? } else { Vec::new() };
        for index in &indexes {
            let name = index.split_whitespace().skip_while(|word| *word != "INDEX").nth(1);
            own.execute(&format!("DROP INDEX {}", name.unwrap_or_default())).await?;
        }
        let mut from = 0;
        while from < copies {
            let until = copies.min(from + AT_ONCE);
            own.execute(&self.statements(from..until)).await?;
            from = until;
            said(there + from * of_a_copy);
        }
        for index in &indexes {
            own.execute(index).await?;
        }
        own.execute(match self.dialect {
            Dialect::Sqlite => "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);",
            Dialect::Postgres => "VACUUM (ANALYZE)",
        })
        .await?;
        if self.dialect == Dialect::Postgres {
            own.execute("CHECKPOINT").await?;
        }
        Ok(())
    }

    /// What makes the indexes that nothing is found by while copies are made.
    fn indexes(&self) -> String {
        match self.dialect {
            Dialect::Sqlite => "SELECT replace(sql, char(10), ' ') FROM sqlite_schema \
                 WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('cases', 'case_facts')"
                .to_owned(),
            Dialect::Postgres => "SELECT translate(i.indexdef, chr(10), ' ') FROM pg_indexes AS i \
                 WHERE i.schemaname = current_schema() AND i.tablename IN ('cases', 'case_facts') \
                 AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conname = i.indexname)"
                .to_owned(),
        }
    }

    /// How many cases there are to copy.
    fn counted(&self, and: &str) -> String {
        format!("SELECT COUNT(*) FROM cases AS c WHERE {} {and}", self.copied())
    }

    /// Which cases are copied: those that came by import, at a unit that is known.
    fn copied(&self) -> String {
        let (tenant, first) = (&self.tenant, self.id_from(0x0180_0000));
        format!(
            "c.tenant_id = {tenant} AND c.imported AND c.case_id >= {first} AND NOT EXISTS \
             (SELECT 1 FROM units AS u WHERE u.tenant_id = {tenant} AND u.is_unknown \
             AND u.unit_id IN (c.unit_id, c.reporting_unit_id))"
        )
    }

    /// The lowest id that begins so.
    fn id_from(&self, first: u64) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("x'{first:08x}000000000000000000000000'"),
            Dialect::Postgres => format!("'{first:08x}-0000-0000-0000-000000000000'::uuid"),
        }
    }

    /// An id with another beginning, which is a number in SQL.
    fn id(&self, id: &str, first: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => {
                format!("CAST(unhex(printf('%08x', {first})) || substr({id}, 5) AS BLOB)")
            }
            Dialect::Postgres => {
                format!("(lpad(to_hex({first}), 8, '0') || substr({id}::text, 9))::uuid")
            }
        }
    }

    fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The numbers of a range as `ks (k)`.
    fn numbers(&self, range: &Range<u64>) -> String {
        let (first, last) = (range.start, range.end.saturating_sub(1));
        match self.dialect {
            Dialect::Sqlite => format!(
                "(WITH RECURSIVE up (k) AS (SELECT {first} UNION ALL SELECT k + 1 FROM up \
                 WHERE k < {last}) SELECT k FROM up) AS ks"
            ),
            Dialect::Postgres => format!("generate_series({first}::bigint, {last}) AS ks (k)"),
        }
    }

    /// The units of the other towns.
    fn units(&self) -> String {
        let Some(units) = self.table("units") else { return String::new() };
        let of = |name: &str| match name {
            "unit_id" | "parent_id" => self.id(&format!("s.{name}"), &format!("{FIRST_UNIT} + k")),
            "successor_id" => "NULL".to_owned(),
            "code" | "name" => format!("s.{name} || ' ' || k"),
            other => format!("s.\"{other}\""),
        };
        let (names, values) = columns(units, of);
        format!(
            "INSERT INTO units ({names}) SELECT {values} FROM units AS s CROSS JOIN {} \
             WHERE s.tenant_id = {} AND NOT s.is_unknown",
            self.numbers(&(1..TOWNS)),
            self.tenant
        )
    }

    /// What makes the copies with these numbers.
    fn statements(&self, copies: Range<u64>) -> String {
        let (tenant, numbers) = (&self.tenant, self.numbers(&copies));
        let mut sql = match self.dialect {
            Dialect::Sqlite => "BEGIN;\n".to_owned(),
            // Rows refer to rows of the same copy: asking of each costs as much as writing it.
            Dialect::Postgres => "SET session_replication_role = replica; \
                                  SET synchronous_commit = off; SET work_mem = '256MB';\n"
                .to_owned(),
        };
        for (name, case) in TABLES {
            let Some(table) = self.table(name) else { continue };
            let (names, values) = columns(table, |column| self.column(column));
            sql += &format!(
                "INSERT INTO \"{name}\" ({names}) SELECT {values} FROM {numbers} \
                 CROSS JOIN cases AS c JOIN \"{name}\" AS s ON s.tenant_id = c.tenant_id \
                 AND s.{case} = c.case_id WHERE {} \
                 AND (k % {SHIFTS} = 0 OR c.status IN ('closed', 'void')) ORDER BY k, c.reported_at;\n",
                self.copied()
            );
        }
        // Else the service would spend its time on linking them.
        let linked = format!(
            "FROM audit_entries AS a WHERE a.tenant_id = {tenant} AND a.entry_id >= {} \
             AND a.entry_id < {}",
            self.id_from(FIRST_CASE + copies.start),
            self.id_from(FIRST_CASE + copies.end)
        );
        let (hash, now) = match self.dialect {
            Dialect::Sqlite => ("zeroblob(32)", "a.at"),
            Dialect::Postgres => ("decode(repeat('00', 32), 'hex')", "a.at"),
        };
        let last = format!(
            "COALESCE((SELECT MAX(sequence) FROM chain_links WHERE tenant_id = {tenant}), 0)"
        );
        sql += &format!(
            "INSERT INTO chain_links (tenant_id, sequence, log, entry_id, format, linked_at, hash) \
             SELECT a.tenant_id, {last} + row_number() OVER (ORDER BY a.entry_id), 'audit', \
             a.entry_id, 1, {now}, {hash} {linked};\n\
             INSERT INTO chain_heads (tenant_id, sequence, hash, linked_at) \
             SELECT tenant_id, sequence, hash, linked_at FROM chain_links \
             WHERE tenant_id = {tenant} AND sequence = {last} \
             ON CONFLICT (tenant_id) DO UPDATE SET sequence = excluded.sequence, \
             hash = excluded.hash, linked_at = excluded.linked_at;\n"
        );
        if self.dialect == Dialect::Sqlite {
            sql += "COMMIT;";
        }
        sql
    }

    /// What a copy has in a column.
    fn column(&self, name: &str) -> String {
        let of = format!("s.\"{name}\"");
        if IDS.contains(&name) {
            return self.id(&of, &format!("{FIRST_CASE} + k"));
        }
        if UNITS.contains(&name) {
            let town = format!("k / {SHIFTS} % {TOWNS}");
            let elsewhere = self.id(&of, &format!("{FIRST_UNIT} + {town}"));
            return format!("CASE WHEN {town} = 0 THEN {of} ELSE {elsewhere} END");
        }
        let earlier = format!("(k % {SHIFTS} * {YEARS_APART})");
        match (name, self.dialect) {
            // The letters after the year have a check sign of their own.
            ("number", Dialect::Sqlite) => {
                format!("substr({of}, 1, 4) || ({FIRST_NUMBER} + k) || substr({of}, 9)")
            }
            ("number", Dialect::Postgres) => {
                format!("substr({of}, 1, 4) || ({FIRST_NUMBER} + k)::text || substr({of}, 9)")
            }
            ("external_number" | "diary_number", _) => format!("{of} || '-' || k"),
            ("reported_year" | "occurred_year", Dialect::Sqlite) => format!("{of} - {earlier}"),
            ("reported_year" | "occurred_year", Dialect::Postgres) => {
                format!("({of} - {earlier})::smallint")
            }
            (name, _) if LEFT_OUT.contains(&name) => "NULL".to_owned(),
            (name, Dialect::Postgres) if name.ends_with("_at") || MOMENTS.contains(&name) => {
                format!("{of} - make_interval(years => {earlier}::int)")
            }
            (name, Dialect::Sqlite) if name.ends_with("_at") || MOMENTS.contains(&name) => format!(
                "unixepoch({of} / 1000000, 'unixepoch', '-' || {earlier} || ' years') * 1000000"
            ),
            (name, Dialect::Postgres) if name.ends_with("_on") || DAYS.contains(&name) => {
                format!("({of} - make_interval(years => {earlier}::int))::date")
            }
            (name, Dialect::Sqlite) if name.ends_with("_on") || DAYS.contains(&name) => {
                format!("date({of}, '-' || {earlier} || ' years')")
            }
            _ => of,
        }
    }
}

/// The columns of a table, and what stands for each.
fn columns(table: &Table, of: impl Fn(&str) -> String) -> (String, String) {
    let names = table.columns.iter().map(|column| format!("\"{}\"", column.name));
    let values = table.columns.iter().map(|column| of(&column.name));
    (names.collect::<Vec<_>>().join(", "), values.collect::<Vec<_>>().join(", "))
}

/// Waits until the service has made its sums of all that was written past it.
///
/// # Errors
/// When it does not come to an end with it.
pub async fn summed(database: &Database<'_>, own: &Own) -> Result<()> {
    let kept = match database {
        Database::Sqlite => {
            "SELECT COUNT(*) FROM pragma_table_info('case_facts') WHERE name = 'folded_as'"
        }
        Database::Postgres(_) => {
            "SELECT COUNT(*) FROM pg_attribute WHERE attrelid = 'case_facts'::regclass \
             AND attname = 'folded_as'"
        }
    };
    if own.number(kept).await? == 0 {
        return Ok(());
    }
    let (mut left, mut still) = (i64::MAX, 0);
    while left > 0 {
        let now = own.number("SELECT COUNT(*) FROM case_facts WHERE folded_as IS NULL").await?;
        still = if now < left { 0 } else { still + 1 };
        if still > 120 {
            return Err(Failure::new(format!("{now} facts are not in the sums, and stay so")));
        }
        left = now;
        if left > 0 {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "generate_tests.rs"]
mod tests;
