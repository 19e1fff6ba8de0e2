//! What must be asked of one database differently from the other.
//!
//! # Names of constraints
//!
//! SQLite names the columns of a broken unique constraint where PostgreSQL names the constraint.
//! So every unique constraint, primary keys included, is named after its table and its columns
//! without `tenant_id`: `staff_issuer_subject_key` is unique over `staff (tenant_id, issuer,
//! subject)`. On SQLite the name is put together by the same rule. A partial unique index that
//! would have no column but `tenant_id` takes the column of its condition as well. Catalogue tests
//! hold every table to it.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::DatabaseErrorInformation;
use diesel::sql_types::Text;

use crate::additions::Rows;
use crate::chain::LinkRow;
use crate::connection::AnyConnection;
use crate::error::Error;
use crate::figures::cell::{self, CellSql};
use crate::schema::chain_links;
use crate::wall::{self, Wall};

/// The name of the broken unique constraint, by the rule above, on either database.
pub(crate) fn unique_constraint(
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Option<String> {
    if let Some(columns) = info.message().strip_prefix("UNIQUE constraint failed: ") {
        return unique_name(columns);
    }
    constraint(info, "_key")
}

/// The name of the broken foreign key; SQLite gives none.
pub(crate) fn foreign_key(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<String> {
    constraint(info, "_fk")
}

/// The name of the broken check: PostgreSQL gives it apart, SQLite in the message.
pub(crate) fn check_constraint(
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Option<String> {
    match info.message().strip_prefix("CHECK constraint failed: ") {
        Some(name) => Some(name.to_owned()),
        None => constraint(info, "_check"),
    }
}

/// The name PostgreSQL gives apart, or that stands in its message, where another node of Citus said it: in any
/// language it is a word of ours with this ending.
fn constraint(info: &(dyn DatabaseErrorInformation + Send + Sync), ending: &str) -> Option<String> {
    let in_message = || {
        let words = info.message().split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
        words.map(without_shard).rfind(|word| word.ends_with(ending))
    };
    info.constraint_name().map(without_shard).or_else(in_message).map(str::to_owned)
}

/// The name of a constraint without what Citus puts behind it: the number of the shard, as in
/// `units_code_key_102011`. No name of ours ends in a number.
fn without_shard(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((own, shard))
            if !shard.is_empty() && shard.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            own
        }
        _ => name,
    }
}

/// Whether an error without a kind of its own will go away by itself: a lock that was not given in
/// time, a statement that took too long, a server that is going down.
pub(crate) fn is_passing(message: &str) -> bool {
    const SIGNS: [&str; 13] = [
        "database is locked",
        "database table is locked",
        "disk is full",
        "disk I/O error",
        "unable to open database file",
        "due to statement timeout",
        "due to lock timeout",
        "deadlock detected",
        "distributed deadlock",
        "connection to the remote node",
        "terminating connection",
        "server closed the connection",
        "too many connections",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

/// Asks for texts, under the name `value`; the statement takes no values.
pub(crate) fn texts(conn: &mut AnyConnection, sql: &str) -> Result<Vec<String>, Error> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        value: String,
    }

    let rows: Vec<Row> = match conn {
        AnyConnection::Postgres(conn) => diesel::sql_query(sql).load(conn)?,
        AnyConnection::Sqlite(conn) => diesel::sql_query(sql).load(conn)?,
    };
    Ok(rows.into_iter().map(|row| row.value).collect())
}

fn text(conn: &mut AnyConnection, sql: &str) -> Result<String, Error> {
    texts(conn, sql)?.pop().ok_or(Error::NotFound)
}

/// A setting of the database as this connection has it: of `PRAGMA` or `SHOW`.
pub(crate) fn setting(conn: &mut AnyConnection, name: &'static str) -> Result<String, Error> {
    let sql = match conn {
        AnyConnection::Postgres(_) => format!("SELECT current_setting('{name}') AS value"),
        AnyConnection::Sqlite(_) => {
            format!("SELECT CAST({name} AS TEXT) AS value FROM pragma_{name}()")
        }
    };
    text(conn, &sql)
}

/// How many rows each table has, whosever they are.
pub(crate) fn table_sizes(conn: &mut AnyConnection) -> Result<BTreeMap<String, i64>, Error> {
    #[cfg(debug_assertions)]
    crate::statements::migrating(conn, true);
    let sizes = sizes(conn);
    #[cfg(debug_assertions)]
    crate::statements::migrating(conn, false);
    sizes
}

fn sizes(conn: &mut AnyConnection) -> Result<BTreeMap<String, i64>, Error> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }

    let found: Vec<Row> = match conn {
        AnyConnection::Postgres(conn) => {
            let sql = "SELECT relname::text AS name, greatest(reltuples, 0)::bigint AS rows FROM pg_class \
                       WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace";
            diesel::sql_query(sql).load(conn)?
        }
        AnyConnection::Sqlite(_) => {
            let names = "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
            let names = texts(conn, names)?;
            let mut found = Vec::new();
            for name in names {
                let count = format!("SELECT CAST(count(*) AS TEXT) AS value FROM \"{name}\"");
                let rows = text(conn, &count)?.parse().unwrap_or_default();
                found.push(Row { name, rows });
            }
            found
        }
    };
    Ok(found.into_iter().map(|row| (row.name, row.rows)).collect())
}

/// What the clock of the database says, in microseconds since 1970. SQLite has that of the machine.
pub(crate) fn clock(conn: &mut AnyConnection) -> Result<String, Error> {
    let sql = match conn {
        AnyConnection::Postgres(_) => {
            "SELECT CAST(CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) AS text) AS value"
        }
        AnyConnection::Sqlite(_) => {
            "SELECT CAST(CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS TEXT) AS value"
        }
    };
    text(conn, sql)
}

/// How SQLite is told by which index to read the facts of a year, when it would choose another. PostgreSQL reads each
/// page once, whatever the index.
pub(crate) fn by_index(conn: &AnyConnection, hint: &'static str) -> &'static str {
    match conn {
        AnyConnection::Postgres(_) => "",
        AnyConnection::Sqlite(_) => hint,
    }
}

/// What tells in the words of the database which facts are not folded.
pub(crate) fn cell_sql(conn: &AnyConnection) -> &'static CellSql {
    match conn {
        AnyConnection::Postgres(_) => &cell::POSTGRES,
        AnyConnection::Sqlite(_) => &cell::SQLITE,
    }
}

/// Whether a database that answers would take a write. SQLite always does, as long as there is room.
pub(crate) fn takes_writes(conn: &mut AnyConnection) -> Result<(), Error> {
    let sql = match conn {
        AnyConnection::Postgres(_) => {
            "SELECT CASE WHEN pg_is_in_recovery() THEN 'it stands by for another server' \
             WHEN current_setting('default_transaction_read_only') = 'on' THEN 'it is read-only' ELSE '' END AS value"
        }
        AnyConnection::Sqlite(_) => "SELECT '' AS value",
    };
    let why = text(conn, sql)?;
    if why.is_empty() { Ok(()) } else { Err(Error::Unavailable(why)) }
}

/// How our role stands to the rows of the tenants.
pub(crate) fn wall(conn: &mut AnyConnection) -> Result<Wall, Error> {
    match conn {
        AnyConnection::Postgres(conn) => wall::standing(conn),
        AnyConnection::Sqlite(_) => Err(Error::Config("SQLite has no roles".to_owned())),
    }
}

/// Writes a copy of the whole database into an empty file, as of one moment.
pub(crate) fn vacuum_into(conn: &mut AnyConnection, path: &Path) -> Result<(), Error> {
    let AnyConnection::Sqlite(conn) = conn else { return Err(not_a_file()) };
    let name = path.to_str().ok_or_else(|| Error::Config("the path is not UTF-8".to_owned()))?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(conn)?;
    Ok(())
}

/// Writes the whole file anew, without what was deleted.
pub(crate) fn vacuum(conn: &mut AnyConnection) -> Result<(), Error> {
    let AnyConnection::Sqlite(conn) = conn else { return Err(not_a_file()) };
    diesel::sql_query("VACUUM").execute(conn)?;
    Ok(())
}

/// Moves the whole log into the file, and cuts it to nothing. Whether nobody who reads was in the way.
pub(crate) fn empty_log(conn: &mut AnyConnection) -> Result<bool, Error> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }

    let AnyConnection::Sqlite(conn) = conn else { return Err(not_a_file()) };
    let row: Row = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn)?;
    Ok(row.busy == 0)
}

/// What SQLite finds wrong with the make of a file.
pub(crate) fn integrity_faults(conn: &mut AnyConnection) -> Result<Vec<String>, Error> {
    if let AnyConnection::Postgres(_) = conn {
        return Err(not_a_file());
    }
    let sql = "SELECT integrity_check AS value FROM pragma_integrity_check()";
    let mut found = texts(conn, sql)?;
    found.retain(|line| line != "ok");
    Ok(found)
}

/// Rows of a file that point to none.
pub(crate) fn reference_faults(conn: &mut AnyConnection) -> Result<Vec<String>, Error> {
    if let AnyConnection::Postgres(_) = conn {
        return Err(not_a_file());
    }
    let sql = "SELECT \"table\" || ' points to no row of ' || parent AS value FROM pragma_foreign_key_check()";
    texts(conn, sql)
}

/// Says a thing to each database in its own terms: prepared once a connection, by the statement's type. Over the
/// connection that is either, Diesel puts the text of a statement together three times for each execution, which is
/// felt only where every request asks.
macro_rules! either {
    ($conn:expr, postgres: |$postgres:ident| $one:expr, sqlite: |$sqlite:ident| $other:expr) => {
        match $conn {
            $crate::connection::AnyConnection::Postgres($postgres) => $one,
            $crate::connection::AnyConnection::Sqlite($sqlite) => $other,
        }
    };
}
pub(crate) use either;

/// Inserts in order: on PostgreSQL as one statement, on SQLite one after the other.
pub(crate) fn insert_together(conn: &mut AnyConnection, callers: &[Rows<'_>]) -> Result<(), Error> {
    match conn {
        AnyConnection::Postgres(_) if callers.iter().all(Vec::is_empty) => {}
        AnyConnection::Postgres(conn) => {
            Together(callers).execute(conn)?;
        }
        AnyConnection::Sqlite(conn) => {
            for insert in callers.iter().flatten() {
                insert.run(conn)?;
            }
        }
    }
    Ok(())
}

/// Inserts links of a chain: on PostgreSQL as one statement, on SQLite one after the other.
pub(crate) fn insert_links(conn: &mut AnyConnection, rows: Vec<LinkRow>) -> Result<(), Error> {
    match conn {
        AnyConnection::Postgres(conn) => {
            diesel::insert_into(chain_links::table).values(rows).execute(conn)?;
        }
        AnyConnection::Sqlite(conn) => {
            for row in rows {
                diesel::insert_into(chain_links::table).values(row).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// Inserts of several callers, all of the same make, as one statement. Those into one table are one insert of several rows:
/// PostgreSQL reads the checks of a table anew for each insert. Each insert stands in a `WITH`, which it carries out to its
/// end whether or not the rest asks for it; foreign keys between them are checked when all are done.
struct Together<'a>(&'a [Rows<'a>]);

impl Together<'_> {
    /// The insert in this place, with the rows of all callers.
    fn insert<'b>(&'b self, place: usize, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let rows = self.0.iter().filter_map(|rows| rows.get(place));
        for (index, insert) in rows.enumerate() {
            if index == 0 {
                insert.part().walk_ast(out.reborrow())?;
            } else {
                out.push_sql(", (");
                insert.values(out.reborrow())?;
                out.push_sql(")");
            }
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for Together<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let inserts = self.0.first().map_or(0, Vec::len);
        if inserts == 1 {
            return self.insert(0, out);
        }
        for place in 0..inserts {
            out.push_sql(if place == 0 { "WITH a" } else { ", a" });
            out.push_sql(&place.to_string());
            out.push_sql(" AS (");
            self.insert(place, out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT 1");
        Ok(())
    }
}

// Prepared all the same: without a static id Diesel keeps a statement by its text, which is the same
// for every filing of the same make.
impl QueryId for Together<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for Together<'_> {}

fn not_a_file() -> Error {
    Error::Config("the database is not a file".to_owned())
}

/// `table.column, table.column` to the name the constraint has by the rule. An index over
/// expressions is given by its name instead: `index 'name'`.
fn unique_name(columns: &str) -> Option<String> {
    if let Some(index) = columns.strip_prefix("index '") {
        return index.strip_suffix('\'').map(str::to_owned);
    }
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.')?;
        if name.is_empty() {
            name.push_str(table);
        }
        if column != "tenant_id" {
            name.push('_');
            name.push_str(column);
        }
    }
    name.push_str("_key");
    Some(name)
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorInformation;

    use super::{check_constraint, foreign_key, unique_constraint, unique_name, without_shard};

    /// What another node said, as Citus passes it on: a text.
    struct Said(&'static str);

    impl DatabaseErrorInformation for Said {
        fn message(&self) -> &str {
            self.0
        }
        fn details(&self) -> Option<&str> {
            None
        }
        fn hint(&self) -> Option<&str> {
            None
        }
        fn table_name(&self) -> Option<&str> {
            None
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            None
        }
        fn statement_position(&self) -> Option<i32> {
            None
        }
    }

    #[test]
    fn a_constraint_is_found_in_what_another_node_says() {
        let said =
            Said(r#"duplicate key value violates unique constraint "units_code_key_102011""#);
        assert_eq!(unique_constraint(&said).as_deref(), Some("units_code_key"));
        let said = Said(
            r#"insert or update on table "units_102011" violates foreign key constraint "units_parent_fk_102011""#,
        );
        assert_eq!(foreign_key(&said).as_deref(), Some("units_parent_fk"));
        let said = Said(
            r#"new row for relation "units_102011" violates check constraint "units_validity_check""#,
        );
        assert_eq!(check_constraint(&said).as_deref(), Some("units_validity_check"));
        assert_eq!(unique_constraint(&said), None);
    }

    #[test]
    fn a_constraint_of_a_shard_is_that_of_its_table() {
        assert_eq!(without_shard("units_code_key_102011"), "units_code_key");
        for own in ["units_code_key", "units_parent_fk", "key", "units_code_key_"] {
            assert_eq!(without_shard(own), own);
        }
    }

    #[test]
    fn a_unique_constraint_is_named_after_its_columns() {
        for (columns, name) in [
            ("staff.tenant_id, staff.issuer, staff.subject", "staff_issuer_subject_key"),
            ("tenants.slug", "tenants_slug_key"),
            ("tenants.tenant_id", "tenants_key"),
            ("index 'units_lower_key'", "units_lower_key"),
        ] {
            assert_eq!(unique_name(columns).as_deref(), Some(name));
        }
        assert_eq!(unique_name("nonsense"), None);
    }
}
