//! Ways past the service, into its database: what somebody with the rights of its owner can do.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use uuid::Uuid;

/// A connection of one's own, which no rule of the schema about references binds.
pub enum Past {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Past {
    pub fn open(url: &str) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(path) => {
                let mut conn = SqliteConnection::establish(path).expect("the file");
                let pragmas =
                    "PRAGMA busy_timeout=10000; PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF";
                conn.batch_execute(pragmas).expect("pragmas");
                Self::Sqlite(conn)
            }
            None => {
                let mut conn = PgConnection::establish(url).expect("the server");
                conn.batch_execute("SET session_replication_role = replica").expect("an owner");
                Self::Postgres(conn)
            }
        }
    }

    pub fn run(&mut self, sql: &str) {
        let done = match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        };
        done.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// An id as a word of the language.
    pub fn id(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{}'", id.simple()),
            Self::Postgres(_) => format!("'{id}'::uuid"),
        }
    }

    /// Bytes as a word of the language.
    pub fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// A column of time, moved by so many microseconds.
    pub fn moved(&self, column: &str, micros: i64) -> String {
        match self {
            Self::Sqlite(_) => format!("{column} + {micros}"),
            Self::Postgres(_) => format!("{column} + interval '{micros} microseconds'"),
        }
    }
}
