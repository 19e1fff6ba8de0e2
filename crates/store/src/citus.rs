//! Citus: the rows of the tenants spread over several nodes.
//!
//! Every table with a `tenant_id` is distributed by it, and all of them together: the rows of one tenant lie on one
//! node, whatever the table, so that a statement, which names its tenant, goes to that node alone, and so does a foreign
//! key. [`REFERENCE`] are copied to every node, [`LOCAL`] stay where the service is connected. A table that is neither, or whose
//! keys do not have the tenant, is found by [`faults`], which needs no Citus.
//!
//! A table cannot be distributed while a key points from it to one that is not. So the keys are taken, kept with
//! their definitions in a table of our own ([`KEPT`]), in one transaction; then the tables are distributed, one at a
//! time; then each key is given back and its line deleted, in one transaction. Every step asks the catalogue what is left to do,
//! so it may end anywhere and begin anew.
//!
//! On a database that is distributed a migration goes statement by statement ([`migrate`]): a new table is distributed
//! before it gets its foreign keys.

use std::any::Any;
use std::time::{Duration, Instant};

use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::Migration;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::error::Error;
use crate::wall::{self, texts};

/// A copy on every node: what is found before anybody knows the tenant.
pub(crate) const REFERENCE: [&str; 1] = ["tenants"];
/// Where the service is connected and nowhere else.
pub(crate) const LOCAL: [&str; 2] = [wall::MIGRATIONS, KEPT];
/// The keys that were taken and not given back; there only while that is so.
const KEPT: &str = "__avvikelse_keys_taken";

/// The tables of our schema.
const OURS: &str = "pg_class c WHERE c.relkind IN ('r', 'p') \
     AND c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace)";

/// Names may be this long: Citus puts the number of a shard behind each, and PostgreSQL keeps 63 bytes.
const LONGEST_NAME: usize = 55;

/// How long other sessions of the service may take to end.
const OTHERS_END_WITHIN: Duration = Duration::from_secs(5);

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

fn is(conn: &mut PgConnection, condition: &str) -> Result<bool, Error> {
    Ok(diesel::sql_query(format!("SELECT {condition} AS found")).get_result::<Found>(conn)?.found)
}

/// Names as they stand in a list of SQL. They are of our own making: letters and `_`.
fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

/// Whether the database has the extension.
pub(crate) fn is_there(conn: &mut PgConnection) -> Result<bool, Error> {
    is(conn, "EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')")
}

/// Whether tables of ours are distributed.
pub(crate) fn is_distributed(conn: &mut PgConnection) -> Result<bool, Error> {
    Ok(is_there(conn)?
        && is(
            conn,
            &format!(
                "EXISTS (SELECT 1 FROM {OURS} AND c.oid IN (SELECT logicalrelid FROM pg_dist_partition))"
            ),
        )?)
}

/// Whether keys are still to be given back.
pub(crate) fn is_half_done(conn: &mut PgConnection) -> Result<bool, Error> {
    is(conn, &format!("to_regclass('{KEPT}') IS NOT NULL"))
}

/// Refuses a database whose keys were taken: what is written now might point nowhere.
pub(crate) fn refuse_half_done(conn: &mut PgConnection) -> Result<(), Error> {
    if is_half_done(conn)? {
        let text = "the tables are being distributed, or that was broken off: run avvikelse migrate --distribute";
        return Err(Error::Schema(text.to_owned()));
    }
    Ok(())
}

/// What keeps a table from being distributed, or a statement from one node, a line each.
pub(crate) fn faults(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    let (reference, local) = (listed(&REFERENCE), listed(&LOCAL));
    // Distributed, or to be.
    let ours = format!("(SELECT c.oid, c.relname FROM {OURS})");
    let has_tenant = "EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)";
    let spread = format!(
        "(SELECT t.* FROM {ours} t WHERE {has_tenant} AND t.relname NOT IN ({reference}, {local}))"
    );
    let tenant_of = |table: &str| {
        format!(
            "(SELECT attnum FROM pg_attribute WHERE attrelid = {table} AND attname = 'tenant_id')"
        )
    };
    let schema = "CAST(CAST(current_schema() AS text) AS regnamespace)";
    texts(
        conn,
        &format!(
            "SELECT relname || ' has no tenant_id, and is in no list of tables without' AS value FROM {ours} t
               WHERE NOT {has_tenant} AND t.relname NOT IN ({reference}, {local})
             UNION ALL SELECT t.relname || '.tenant_id is not uuid NOT NULL' FROM {spread} t
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id'
               WHERE NOT a.attnotnull OR a.atttypid <> CAST('uuid' AS regtype)
             UNION ALL SELECT t.relname || ' has no primary key' FROM {spread} t
               WHERE NOT EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = t.oid AND x.indisprimary)
             UNION ALL SELECT t.relname || ': ' || i.relname || ' is unique without tenant_id' FROM {spread} t
               JOIN pg_index x ON x.indrelid = t.oid AND x.indisunique JOIN pg_class i ON i.oid = x.indexrelid
               WHERE NOT EXISTS (SELECT 1 FROM unnest(CAST(x.indkey AS smallint[])) WITH ORDINALITY k (attnum, nth)
                 WHERE k.nth <= x.indnkeyatts AND k.attnum = {own_tenant})
             UNION ALL SELECT t.relname || ': ' || k.conname || ' is an exclusion' FROM {spread} t
               JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'x'
             UNION ALL SELECT t.relname || ': ' || k.conname || ' points to ' || CAST(k.confrelid AS regclass)
                 || ' without tenant_id in the same place on both sides' FROM {spread} t
               JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' JOIN {spread} o ON o.oid = k.confrelid
               WHERE NOT EXISTS (SELECT 1 FROM unnest(k.conkey, k.confkey) p (here, there)
                 WHERE p.here = {own_tenant} AND p.there = {other_tenant})
             UNION ALL SELECT t.relname || ': ' || k.conname || ' points to ' || CAST(k.confrelid AS regclass)
                 || ', which lies elsewhere' FROM {ours} t
               JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
               JOIN pg_class o ON o.oid = k.confrelid
               WHERE o.oid NOT IN (SELECT oid FROM {ours} x WHERE x.relname IN ({reference}))
                 AND NOT (t.oid IN (SELECT s.oid FROM {spread} s) AND o.oid IN (SELECT s.oid FROM {spread} s))
             UNION ALL SELECT t.relname || ': ' || k.conname || ' would change a tenant_id' FROM {ours} t
               JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
               AND (k.confdeltype IN ('n', 'd') OR k.confupdtype NOT IN ('a', 'r'))
             UNION ALL SELECT t.relname || ' has the trigger ' || g.tgname FROM {ours} t
               JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
               AND g.tgname NOT LIKE 'truncate\\_trigger\\_%'
             UNION ALL SELECT t.relname || '.' || a.attname || ' counts by a sequence' FROM {ours} t
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
               LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
               WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, t.oid) LIKE '%nextval(%'
             UNION ALL SELECT t.relname || ' has parts, or is one' FROM {ours} t
               WHERE EXISTS (SELECT 1 FROM pg_inherits h WHERE t.oid IN (h.inhrelid, h.inhparent))
             UNION ALL SELECT c.relname || ' is no table' FROM pg_class c
               WHERE c.relkind IN ('S', 'v', 'm', 'f') AND c.relnamespace = {schema}
               AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
             UNION ALL SELECT n.name || ' is too long a name' FROM (
                 SELECT CAST(t.relname AS text) AS name FROM {ours} t
                 UNION SELECT CAST(i.relname AS text) FROM {ours} t
                   JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
                 UNION SELECT CAST(k.conname AS text) FROM {ours} t
                   JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f') n
               WHERE octet_length(n.name) > {LONGEST_NAME}
             ORDER BY 1",
            own_tenant = tenant_of("t.oid"),
            other_tenant = tenant_of("o.oid"),
        ),
    )
}

/// Spreads the tables that are not yet spread, and tells what was done. The migrations were run, the wall is raised again by
/// whoever called.
pub(crate) fn distribute(conn: &mut PgConnection, shards: u32) -> Result<Vec<String>, Error> {
    if !is_there(conn)? {
        return Err(Error::Config(
            "this database has no Citus: put citus first in shared_preload_libraries of every node, and run CREATE \
             EXTENSION citus in this database on each, as a superuser"
                .to_owned(),
        ));
    }
    let faults = faults(conn)?;
    if !faults.is_empty() {
        return Err(Error::Schema(format!("not ready to be distributed: {}", faults.join("; "))));
    }
    if whole(conn)? {
        return Ok(Vec::new());
    }
    refuse_others(conn)?;
    // What is copied to a shard is written by the owner, who must see and write rows of all tenants meanwhile.
    wall::lower(conn)?;
    take_keys(conn)?;
    let mut done = copy_to_all(conn)?;
    done.extend(spread(conn, shards)?);
    clear_left_behind(conn)?;
    give_keys_back(conn)?;
    Ok(done)
}

/// Whether nothing is left to do but to raise the wall.
fn whole(conn: &mut PgConnection) -> Result<bool, Error> {
    Ok(!is_half_done(conn)?
        && undistributed(conn)?.is_empty()
        && to_copy(conn)?.is_empty()
        && left_behind(conn)?.is_empty())
}

/// Sessions of the service that were there before would go on as if nothing had happened, while the keys are away.
fn refuse_others(conn: &mut PgConnection) -> Result<(), Error> {
    #[derive(QueryableByName)]
    struct Others {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let begun = Instant::now();
    loop {
        let others: Others = diesel::sql_query(
            "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()",
        )
        .get_result(conn)?;
        if others.number == 0 {
            return Ok(());
        }
        if begun.elapsed() > OTHERS_END_WITHIN {
            return Err(Error::Config(format!(
                "{} sessions of the service are open: stop every instance before the tables are distributed",
                others.number
            )));
        }
        std::thread::sleep(OTHERS_END_WITHIN / 50);
    }
}

/// Takes the foreign keys of tables that are to be distributed, and keeps what they were: all, or none.
fn take_keys(conn: &mut PgConnection) -> Result<(), Error> {
    conn.transaction(|conn| {
        if is_half_done(conn)? {
            // What is written there is carried out by the owner.
            if !is(conn, &format!("pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('{KEPT}')), 'USAGE')"))? {
                return Err(Error::Schema(format!("{KEPT} is another's")));
            }
        } else {
            conn.batch_execute(&format!(
                "CREATE TABLE {KEPT} (of text NOT NULL, name text NOT NULL, definition text NOT NULL, PRIMARY KEY (of, name))"
            ))?;
            let others = texts(
                conn,
                &format!(
                    "SELECT DISTINCT quote_ident(pg_get_userbyid(r.grantee)) AS value FROM pg_class c, \
                     aclexplode(c.relacl) r WHERE c.oid = to_regclass('{KEPT}') AND r.grantee NOT IN (0, c.relowner)"
                ),
            )?;
            for other in others {
                conn.batch_execute(&format!("REVOKE ALL ON {KEPT} FROM {other}"))?;
            }
        }
        // Not those between tables that are distributed: they may stay.
        let keys = format!(
            "pg_constraint k JOIN (SELECT c.oid FROM {OURS}) c ON c.oid = k.conrelid WHERE k.contype = 'f' \
             AND (k.conrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition) \
             OR k.confrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition))"
        );
        diesel::sql_query(format!(
            "INSERT INTO {KEPT} SELECT CAST(k.conrelid AS regclass), quote_ident(k.conname), \
             pg_get_constraintdef(k.oid) FROM {keys} ON CONFLICT DO NOTHING"
        ))
        .execute(conn)?;
        let drops = texts(
            conn,
            &format!(
                "SELECT 'ALTER TABLE ' || CAST(k.conrelid AS regclass) || ' DROP CONSTRAINT ' || quote_ident(k.conname) \
                 AS value FROM {keys}"
            ),
        )?;
        drops.iter().try_for_each(|drop| Ok(conn.batch_execute(drop)?))
    })
}

/// The tables of which every node has a copy, and does not yet.
fn to_copy(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    texts(
        conn,
        &format!(
            "SELECT quote_ident(c.relname) AS value FROM {OURS} AND c.relname IN ({}) \
             AND c.oid NOT IN (SELECT logicalrelid FROM pg_dist_partition) ORDER BY 1",
            listed(&REFERENCE)
        ),
    )
}

fn copy_to_all(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    let tables = to_copy(conn)?;
    for table in &tables {
        conn.batch_execute(&format!("SELECT create_reference_table('{table}')"))?;
        tracing::info!(table, "a copy on every node");
    }
    Ok(tables.into_iter().map(|table| format!("{table}: on every node")).collect())
}

/// The tables with rows of tenants that are not distributed yet.
fn undistributed(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    texts(
        conn,
        &format!(
            "SELECT quote_ident(c.relname) AS value FROM {OURS} AND c.relname NOT IN ({}, {}) \
             AND c.oid NOT IN (SELECT logicalrelid FROM pg_dist_partition) ORDER BY 1",
            listed(&REFERENCE),
            listed(&LOCAL)
        ),
    )
}

/// Distributes by tenant what is not, beside what is: the first alone says into how many shards.
fn spread(conn: &mut PgConnection, shards: u32) -> Result<Vec<String>, Error> {
    let first = format!(
        "SELECT quote_ident(c.relname) AS value FROM {OURS} AND c.oid IN (SELECT logicalrelid FROM pg_dist_partition \
         WHERE partmethod = 'h') ORDER BY 1 LIMIT 1"
    );
    let tables = undistributed(conn)?;
    for table in &tables {
        let place = match texts(conn, &first)?.pop() {
            Some(first) => format!("colocate_with => '{first}'"),
            None => format!("colocate_with => 'none', shard_count => {shards}"),
        };
        conn.batch_execute(&format!(
            "SELECT create_distributed_table('{table}', 'tenant_id', {place})"
        ))?;
        tracing::info!(table, "distributed by tenant");
    }
    Ok(tables.into_iter().map(|table| format!("{table}: by tenant")).collect())
}

/// Distributed tables whose rows from before still lie where they lay, seen by nobody.
fn left_behind(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    texts(
        conn,
        &format!(
            "SELECT quote_ident(c.relname) AS value FROM {OURS} AND pg_relation_size(c.oid) > 0 \
             AND c.oid IN (SELECT logicalrelid FROM pg_dist_partition) ORDER BY 1"
        ),
    )
}

/// What is erased later must not go on lying there.
fn clear_left_behind(conn: &mut PgConnection) -> Result<(), Error> {
    for table in left_behind(conn)? {
        conn.batch_execute(&format!(
            "SELECT truncate_local_data_after_distributing_table('{table}')"
        ))?;
    }
    Ok(())
}

/// Gives each key back that was taken; then nothing is kept any more.
fn give_keys_back(conn: &mut PgConnection) -> Result<(), Error> {
    #[derive(QueryableByName)]
    struct Key {
        #[diesel(sql_type = Text)]
        of: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        definition: String,
    }
    if !is_half_done(conn)? {
        return Ok(());
    }
    let keys: Vec<Key> =
        diesel::sql_query(format!("SELECT of, name, definition FROM {KEPT} ORDER BY of, name"))
            .load(conn)?;
    for Key { of, name, definition } in keys {
        conn.transaction::<_, Error, _>(|conn| {
            conn.batch_execute(&format!("ALTER TABLE {of} ADD CONSTRAINT {name} {definition}"))?;
            diesel::sql_query(format!("DELETE FROM {KEPT} WHERE of = $1 AND name = $2"))
                .bind::<Text, _>(&of)
                .bind::<Text, _>(&name)
                .execute(conn)?;
            Ok(())
        })?;
    }
    Ok(conn.batch_execute(&format!("DROP TABLE {KEPT}"))?)
}

/// Runs a migration on a database that is distributed, in one transaction.
pub(crate) fn migrate(
    conn: &mut PgConnection,
    migration: &dyn Migration<Pg>,
) -> Result<String, Error> {
    let version = migration.name().version().to_string();
    let failed = |error: &dyn std::fmt::Display| Error::Schema(format!("{version}: {error}"));
    let mut script = Script(String::new());
    migration.run(&mut script).map_err(|error| failed(&error))?;
    conn.transaction(|conn| {
        for statement in statements(&script.0) {
            let (alone, keys) = without_keys(statement).map_err(|error| failed(&error))?;
            conn.batch_execute(&alone).map_err(|error| failed(&error))?;
            if makes_table(statement).is_some() {
                // There is a table to lie beside, so the number is not asked.
                spread(conn, 1)?;
            }
            for key in keys {
                conn.batch_execute(&key).map_err(|error| failed(&error))?;
            }
        }
        diesel::sql_query(format!("INSERT INTO {} (version) VALUES ($1)", wall::MIGRATIONS))
            .bind::<Text, _>(&version)
            .execute(conn)?;
        Ok(version.clone())
    })
}

/// In place of a connection: keeps the text that would be carried out.
struct Script(String);

impl SimpleConnection for Script {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.0.push_str(query);
        Ok(())
    }
}

impl BoxableConnection<Pg> for Script {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// Where the parts of a text end: each `sign` that stands in no quotes, comment or brackets deeper than `depth`.
fn ends(text: &str, sign: u8, depth: i32) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut found, mut at, mut deep) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let rest = &text[at..];
        let past = |end: Option<usize>| end.unwrap_or(rest.len());
        at += match bytes[at] {
            quote @ (b'\'' | b'"') => {
                let quote = char::from(quote);
                past(rest[1..].find(quote).map(|end| end + 2))
            }
            b'-' if rest.starts_with("--") => past(rest.find('\n')),
            b'/' if rest.starts_with("/*") => past(rest.find("*/").map(|end| end + 2)),
            b'$' => match rest[1..].find('$') {
                Some(end)
                    if rest[1..=end]
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
                {
                    let tag = &rest[..end + 2];
                    past(rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len()))
                }
                _ => 1,
            },
            byte => {
                match byte {
                    b'(' => deep += 1,
                    b')' => deep -= 1,
                    _ => {}
                }
                if byte == sign && deep == depth {
                    found.push(at);
                }
                // What follows the first byte of a character is none of these signs.
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
    }
    found
}

/// The statements of a script. What has no word is none.
fn statements(script: &str) -> Vec<&str> {
    let mut from = 0;
    let mut found: Vec<&str> = Vec::new();
    for end in ends(script, b';', 0).into_iter().chain([script.len()]) {
        found.push(script.get(from..end).unwrap_or_default());
        from = end + 1;
    }
    found.retain(|statement| !words(statement).is_empty());
    found
}

/// The words of a text up to the first bracket, without comments, in small letters.
fn words(text: &str) -> Vec<String> {
    let without: Vec<&str> =
        text.lines().map(|line| line.split_once("--").map_or(line, |(line, _)| line)).collect();
    let without = without.join(" ");
    let plain = without.split('(').next().unwrap_or_default();
    plain.split_whitespace().map(str::to_lowercase).collect()
}

/// The table a statement makes.
fn makes_table(statement: &str) -> Option<String> {
    let words = words(statement);
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["create", "table", name] | ["create", "table", "if", "not", "exists", name] => {
            Some(name.to_owned())
        }
        _ => None,
    }
}

/// A statement that makes a table, without the foreign keys, and what gives it those; any other as it is.
fn without_keys(statement: &str) -> Result<(String, Vec<String>), String> {
    let Some(table) = makes_table(statement) else { return Ok((statement.to_owned(), Vec::new())) };
    let not_understood = || format!("not understood as the making of a table: {table}");
    let ([end, ..], Some(open)) = (&ends(statement, b')', 0)[..], open_bracket(statement)) else {
        return Err(not_understood());
    };
    let body = statement.get(open + 1..*end).ok_or_else(not_understood)?;
    let (mut kept, mut keys, mut from) = (Vec::new(), Vec::new(), 0);
    for end in ends(body, b',', 0).into_iter().chain([body.len()]) {
        let part = body.get(from..end).ok_or_else(not_understood)?;
        from = end + 1;
        let words = words(part);
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["constraint", _, "foreign", "key", ..] | ["foreign", "key", ..] => {
                keys.push(format!("ALTER TABLE {table} ADD {part}"));
            }
            _ if words.iter().any(|word| word == "references") => {
                return Err(format!(
                    "a foreign key of {table} is no constraint with a name: {part}"
                ));
            }
            _ => kept.push(part),
        }
    }
    let (before, after) = (&statement[..=open], &statement[*end..]);
    Ok((format!("{before}{}{after}", kept.join(",")), keys))
}

/// Where the columns begin.
fn open_bracket(statement: &str) -> Option<usize> {
    // Deeper by one is what stands after it.
    ends(statement, b'(', 1).first().copied()
}

#[cfg(test)]
mod tests {
    use diesel::migration::MigrationSource;

    use super::*;
    use crate::migrate::POSTGRES;

    #[test]
    fn a_script_is_taken_apart_where_its_statements_end() {
        let script = "-- One; two\nCREATE TABLE a (b text DEFAULT ';' /* ; */); DO $$ BEGIN; END $$;\n \
                      DO $x$ ; $$ ; $x$; UPDATE a SET b = 'it''s; å' WHERE \"c;\" = 1; -- The end; \n";
        let found: Vec<String> =
            statements(script).iter().map(|statement| statement.trim().to_owned()).collect();
        assert_eq!(
            found,
            [
                "-- One; two\nCREATE TABLE a (b text DEFAULT ';' /* ; */)",
                "DO $$ BEGIN; END $$",
                "DO $x$ ; $$ ; $x$",
                "UPDATE a SET b = 'it''s; å' WHERE \"c;\" = 1",
            ]
        );
    }

    #[test]
    fn a_table_is_made_without_its_foreign_keys_and_then_gets_them() {
        let (alone, keys) = without_keys(
            "-- Of a.\nCREATE TABLE a (b int DEFAULT f(1, 2), -- FOREIGN KEY, no\n c int, CONSTRAINT a_fk FOREIGN KEY (b, c) \
             REFERENCES d (b, c), CONSTRAINT a_check CHECK (b IN (1, 2)))",
        )
        .unwrap();
        assert_eq!(
            alone,
            "-- Of a.\nCREATE TABLE a (b int DEFAULT f(1, 2), -- FOREIGN KEY, no\n c int, CONSTRAINT a_check CHECK (b IN (1, 2)))"
        );
        assert_eq!(
            keys,
            ["ALTER TABLE a ADD  CONSTRAINT a_fk FOREIGN KEY (b, c) REFERENCES d (b, c)"]
        );
        let other = "ALTER TABLE a ADD CONSTRAINT a_fk FOREIGN KEY (b) REFERENCES d (b)";
        assert_eq!(without_keys(other).unwrap(), (other.to_owned(), Vec::new()));
        without_keys("CREATE TABLE a (b int REFERENCES d)").unwrap_err();
    }

    #[test]
    fn every_migration_is_understood() {
        let migrations = MigrationSource::<Pg>::migrations(&POSTGRES).unwrap();
        let mut taken = 0;
        for migration in migrations {
            let mut script = Script(String::new());
            migration.run(&mut script).unwrap();
            for statement in statements(&script.0) {
                let (alone, keys) = without_keys(statement).unwrap();
                assert!(
                    makes_table(statement).is_none() || !alone.contains("FOREIGN KEY"),
                    "{alone}"
                );
                taken += keys.len();
            }
        }
        assert!(taken > 150, "{taken}");
    }
}
