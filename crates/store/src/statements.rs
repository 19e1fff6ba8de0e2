//! Watches every statement while the program is built and tested: one that could reach another
//! tenant's rows panics, the others are counted. No part of a release build.
//!
//! This reads text and is no parser of SQL. It errs on the side of the panic; a statement it does
//! not understand is written differently, or its form taught here.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::{Connection as _, Instrumentation, InstrumentationEvent};

use crate::connection::AnyConnection;
use crate::wall;

/// By what a statement may go without a tenant.
enum Mark {
    /// It begins with one of these words.
    Begins(&'static [&'static str]),
    /// Every table it touches is one of these.
    Tables(&'static [&'static str]),
    /// Every table it touches begins so.
    TablesOf(&'static [&'static str]),
}

/// What may go without a tenant, each with its reason. What touches no table needs none, such as
/// `SELECT 1` or taking a lock; the statements of a migration are let through by [`migrating`].
const EXCEPTIONS: &[(Mark, &str)] = &[
    (
        Mark::Begins(&["begin", "start", "commit", "end", "rollback"]),
        "begins or ends a transaction",
    ),
    (Mark::Begins(&["savepoint", "release"]), "begins or ends a part of a transaction"),
    (Mark::Begins(&["pragma", "set", "reset", "show"]), "is about the connection"),
    (Mark::Begins(&["create", "alter", "drop"]), "is about the schema, which all tenants share"),
    (Mark::Tables(&["tenants"]), "finds the tenant, by its slug or among all"),
    (Mark::Tables(&["__diesel_schema_migrations"]), "is about the schema, which all tenants share"),
    (Mark::TablesOf(&["pg_", "information_schema", "sqlite_"]), "reads the catalogue"),
];

/// How many texts are kept for whoever wonders which statements were counted.
const KEPT: usize = 256;

/// What was seen on all connections of a store.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    run: u64,
    turns: u64,
    texts: VecDeque<String>,
}

/// The same for every connection of a store.
pub(crate) type SharedSeen = Arc<Mutex<Seen>>;

/// How many statements that touch tables were begun.
pub(crate) fn run(seen: &SharedSeen) -> u64 {
    lock(seen).run
}

/// How often a connection was turned to another tenant.
pub(crate) fn turns(seen: &SharedSeen) -> u64 {
    lock(seen).turns
}

/// The texts of the last of them, oldest first.
pub(crate) fn texts(seen: &SharedSeen) -> Vec<String> {
    lock(seen).texts.iter().cloned().collect()
}

/// Nothing is left half done in it by a panic.
fn lock(seen: &SharedSeen) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The connection, watched from now on.
pub(crate) fn watched(mut conn: AnyConnection, seen: &SharedSeen) -> AnyConnection {
    conn.set_instrumentation(Watch { seen: Arc::clone(seen), migrating: false, left: None });
    conn
}

/// Lets everything through while the connection migrates: a migration changes the rows of all
/// tenants at once.
pub(crate) fn migrating(conn: &mut AnyConnection, migrating: bool) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.migrating = migrating;
    }
}

/// From now until the connection is given back, a second statement that touches a table panics.
pub(crate) fn expect_one(conn: &mut AnyConnection) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.left = Some(1);
    }
}

/// Any number of statements again.
pub(crate) fn expect_any(conn: &mut AnyConnection) {
    if let Some(watch) = conn.instrumentation().downcast_mut::<Watch>() {
        watch.left = None;
    }
}

struct Watch {
    seen: SharedSeen,
    migrating: bool,
    /// How many more statements there may be, where that is held.
    left: Option<u32>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let InstrumentationEvent::StartQuery { query, .. } = event else { return };
        if self.migrating {
            return;
        }
        let text = without_values(query);
        if text.contains(wall::SETTING) {
            lock(&self.seen).turns += 1;
        }
        for tokens in tokens(&text).split(|token| *token == Token::Sign(';')) {
            match judge(tokens) {
                Judgement::Control => {}
                Judgement::Runs => {
                    match &mut self.left {
                        Some(0) => {
                            panic!("a second statement where there is no transaction: {text}")
                        }
                        Some(left) => *left -= 1,
                        None => {}
                    }
                    let mut seen = lock(&self.seen);
                    seen.run += 1;
                    if seen.texts.len() == KEPT {
                        seen.texts.pop_front();
                    }
                    seen.texts.push_back(text.clone());
                }
                Judgement::AnyTenant => panic!("a statement without its tenant: {text}"),
            }
        }
    }
}

/// What Diesel puts between a statement and the values bound to it.
const VALUES: &str = " -- binds: ";

/// The text of a statement. The values bound to it are never made into text.
fn without_values(query: &dyn fmt::Display) -> String {
    struct UpToValues(String);

    impl fmt::Write for UpToValues {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push_str(text);
            match self.0.find(VALUES) {
                None => Ok(()),
                Some(at) => {
                    self.0.truncate(at);
                    Err(fmt::Error)
                }
            }
        }
    }

    let mut text = UpToValues(String::new());
    // It fails where the values would begin.
    let _ = write!(text, "{query}");
    text.0
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A keyword or a name, quoted or not, in small letters.
    Word(String),
    /// A value that is bound, or written.
    Value,
    Sign(char),
}

impl Token {
    fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            Token::Value | Token::Sign(_) => None,
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '\'' => {
                found.push(Token::Value);
                after.split_once('\'').map_or("", |(_, rest)| rest)
            }
            '"' | '`' => {
                let (name, rest) = after.split_once(first).unwrap_or((after, ""));
                found.push(Token::Word(name.to_lowercase()));
                rest
            }
            '?' | '$' | '0'..='9' => {
                found.push(Token::Value);
                after.trim_start_matches(|next: char| next.is_ascii_digit())
            }
            _ if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_');
                let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
                found.push(Token::Word(word.to_lowercase()));
                rest
            }
            _ => {
                if !first.is_whitespace() {
                    found.push(Token::Sign(first));
                }
                after
            }
        };
    }
    found
}

#[derive(Debug, PartialEq)]
enum Judgement {
    /// Touches no table.
    Control,
    /// Keeps to a tenant, or need not.
    Runs,
    /// Could reach rows of any tenant.
    AnyTenant,
}

fn judge(tokens: &[Token]) -> Judgement {
    let touches = Touches::of(tokens);
    let mut tables = touches.read.iter().chain(&touches.written);
    let excepted = EXCEPTIONS.iter().any(|(mark, _)| match mark {
        Mark::Begins(words) => {
            tokens.first().and_then(Token::word).is_some_and(|word| words.contains(&word))
        }
        Mark::Tables(names) => tables.clone().all(|table| names.contains(&table.as_str())),
        Mark::TablesOf(starts) => {
            tables.clone().all(|table| starts.iter().any(|start| table.starts_with(start)))
        }
    });
    if tables.next().is_none() {
        return Judgement::Control;
    }
    // The column among those selected or set is not enough: it must be among the conditions, once
    // a table, and at least once beside a value.
    let read = touches.read.is_empty()
        || (touches.by_value > 0 && touches.conditions >= touches.read.len());
    let written = touches.named >= touches.written.len();
    if excepted || (read && written) { Judgement::Runs } else { Judgement::AnyTenant }
}

/// Which tables a statement touches, and where it says `tenant_id`.
#[derive(Default)]
struct Touches {
    /// Tables whose rows it reads, changes or deletes.
    read: Vec<String>,
    /// Tables it inserts into.
    written: Vec<String>,
    /// How often conditions say `tenant_id`.
    conditions: usize,
    /// How often they hold it against a value.
    by_value: usize,
    /// How many inserts have it among their columns.
    named: usize,
}

/// Where in a statement a word stands.
#[derive(Clone, Copy, PartialEq)]
enum Clause {
    /// Among tables to read.
    From,
    /// Among the columns of an insert.
    Into,
    /// Among conditions.
    Where,
    Other,
}

impl Touches {
    fn of(tokens: &[Token]) -> Self {
        let mut touches = Self::default();
        // Control and schema statements touch no rows, whatever words they have.
        let words = || EXCEPTIONS.iter().filter_map(|(mark, _)| begins(mark)).flatten();
        if tokens.first().and_then(Token::word).is_some_and(|first| words().any(|it| *it == first))
        {
            return touches;
        }
        let (mut clause, mut around, mut table_next) = (Clause::Other, Vec::new(), false);
        for (index, token) in tokens.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| tokens[index].word());
            let next = |by: usize| tokens.get(index + by);
            match token {
                Token::Value => {}
                Token::Sign('(') => {
                    around.push(clause);
                    // The arguments of a function are no tables.
                    if clause == Clause::From && !table_next {
                        clause = Clause::Other;
                    }
                }
                Token::Sign(')') => clause = around.pop().unwrap_or(Clause::Other),
                Token::Sign(',') => table_next |= clause == Clause::From,
                Token::Sign(_) => {}
                Token::Word(word) => match word.as_str() {
                    "select" | "values" | "set" | "returning" | "group" | "order" | "limit" => {
                        (clause, table_next) = (Clause::Other, false);
                    }
                    "where" | "on" | "having" => clause = Clause::Where,
                    "from" if before == Some("distinct") => {}
                    "from" | "join" => (clause, table_next) = (Clause::From, true),
                    "into" => (clause, table_next) = (Clause::Into, true),
                    // Not of `FOR UPDATE`, `FOR NO KEY UPDATE`, `DO UPDATE`.
                    "update" if !matches!(before, Some("for" | "key" | "do")) => {
                        (clause, table_next) = (Clause::From, true);
                    }
                    "tenant_id" => match clause {
                        Clause::Where => {
                            touches.conditions += 1;
                            let held = next(1) == Some(&Token::Sign('='))
                                && next(2) == Some(&Token::Value);
                            touches.by_value += usize::from(held);
                        }
                        Clause::Into => touches.named += 1,
                        Clause::From | Clause::Other => {}
                    },
                    _ if table_next => {
                        table_next = false;
                        match clause {
                            Clause::Into => touches.written.push(word.clone()),
                            _ if next(1) == Some(&Token::Sign('(')) => {}
                            Clause::From | Clause::Where | Clause::Other => {
                                touches.read.push(word.clone());
                            }
                        }
                    }
                    _ => {}
                },
            }
        }
        touches
    }
}

fn begins(mark: &Mark) -> Option<&'static [&'static str]> {
    match mark {
        Mark::Begins(words) => Some(words),
        Mark::Tables(_) | Mark::TablesOf(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::connection::{Connector, DatabaseUrl};

    #[test]
    fn what_could_reach_another_tenant_is_told_from_what_could_not() {
        use Judgement::{AnyTenant, Control, Runs};
        for (text, judgement) in [
            ("BEGIN IMMEDIATE", Control),
            ("ROLLBACK TO SAVEPOINT diesel_savepoint_1", Control),
            ("RELEASE SAVEPOINT diesel_savepoint_1", Control),
            ("PRAGMA foreign_keys = ON", Control),
            ("SET timezone = 'UTC'", Control),
            ("SELECT 1", Control),
            ("SELECT pg_advisory_lock(1)", Control),
            ("CREATE TABLE x AS SELECT * FROM cases", Control),
            ("SELECT count(*) AS number FROM sqlite_master WHERE type = 'table'", Runs),
            ("SELECT version FROM __diesel_schema_migrations", Runs),
            ("SELECT `tenants`.`slug` FROM `tenants` ORDER BY `tenants`.`slug`", Runs),
            ("INSERT INTO tenants (slug) VALUES (?)", Runs),
            (r#"SELECT "u"."x" FROM "u" WHERE (("u"."tenant_id" = $1) AND ("u"."x" = $2))"#, Runs),
            ("SELECT `u`.`x` FROM `u` WHERE (`u`.`tenant_id` = ?) ORDER BY `u`.`x` LIMIT ?", Runs),
            ("SELECT NULL, COUNT(*) FROM case_facts WHERE tenant_id = ? AND counted", Runs),
            ("UPDATE u SET x = ? WHERE tenant_id = ? RETURNING x", Runs),
            ("DELETE FROM u WHERE tenant_id = ?", Runs),
            ("SELECT x FROM u WHERE tenant_id = ? FOR UPDATE", Runs),
            ("INSERT INTO u (tenant_id, x) VALUES (?, ?)", Runs),
            (
                "INSERT INTO u (tenant_id, x) VALUES (?, ?) ON CONFLICT (tenant_id, x) DO NOTHING",
                Runs,
            ),
            (
                "SELECT x FROM u WHERE tenant_id = ? AND y IN (SELECT y FROM v WHERE tenant_id = ?)",
                Runs,
            ),
            (
                "SELECT u.x FROM (u INNER JOIN v ON ((v.tenant_id = u.tenant_id) AND v.y = u.y)) \
                 WHERE u.tenant_id = $1",
                Runs,
            ),
            // Among the columns only.
            ("SELECT `u`.`tenant_id`, `u`.`x` FROM `u` WHERE (`u`.`x` = ?)", AnyTenant),
            ("SELECT x FROM u", AnyTenant),
            ("SELECT x FROM u ORDER BY tenant_id", AnyTenant),
            ("SELECT x FROM u WHERE x IS DISTINCT FROM ?", AnyTenant),
            ("SELECT count(*) FROM tenants, u", AnyTenant),
            ("SELECT x FROM u WHERE tenant_id = ? AND y IN (SELECT y FROM v)", AnyTenant),
            ("SELECT u.x FROM u JOIN v ON v.tenant_id = u.tenant_id", AnyTenant),
            ("SELECT u.x FROM u JOIN v ON v.y = u.y WHERE u.tenant_id = $1", AnyTenant),
            ("UPDATE u SET tenant_id = ? WHERE x = ?", AnyTenant),
            ("UPDATE u SET x = ?", AnyTenant),
            ("DELETE FROM u WHERE x = ?", AnyTenant),
            (
                "WITH a0 AS (INSERT INTO u (tenant_id, x) VALUES ($1, $2)), \
                 a1 AS (INSERT INTO v (tenant_id) VALUES ($3)) SELECT 1",
                Runs,
            ),
            ("INSERT INTO u (x) VALUES (?)", AnyTenant),
            (
                "WITH a0 AS (INSERT INTO u (tenant_id, x) VALUES ($1, $2)), \
                 a1 AS (INSERT INTO v (x) VALUES ($3)) SELECT 1",
                AnyTenant,
            ),
            ("INSERT INTO u (tenant_id, x) SELECT tenant_id, x FROM v", AnyTenant),
        ] {
            assert_eq!(judge(&tokens(text)), judgement, "{text}");
        }
    }

    #[test]
    fn a_watched_connection_panics_with_the_text_and_no_values() {
        use diesel::prelude::*;

        use crate::schema::cases;

        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = DatabaseUrl::Sqlite(directory.path().join("test.db"));
        let connector = Connector::new(url, false).expect("an address");
        let mut conn = connector.connect().expect("a connection");
        conn.batch_execute("SELECT 1").expect("no table is needed");
        assert_eq!(run(connector.seen()), 0);

        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let secret = cases::table.filter(cases::number.eq("very secret"));
            secret.select(cases::version).load::<i64>(&mut conn)
        }));
        let payload = panicked.expect_err("no tenant");
        let text = payload.downcast_ref::<String>().expect("a text");
        assert!(text.contains("FROM `cases` WHERE (`cases`.`number` = ?)"), "{text}");
        assert!(!text.contains("secret"), "{text}");

        // A migration may.
        migrating(&mut conn, true);
        conn.batch_execute("CREATE TABLE cases (x INTEGER) STRICT; UPDATE cases SET x = 1")
            .unwrap();
        migrating(&mut conn, false);
        assert_eq!(run(connector.seen()), 0);
        conn.batch_execute("DELETE FROM units WHERE tenant_id = 1").expect_err("no such table");
        assert_eq!(run(connector.seen()), 1);
        assert_eq!(texts(connector.seen()), ["DELETE FROM units WHERE tenant_id = 1"]);
    }
}
