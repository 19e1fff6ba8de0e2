//! What the operator may ask of the database: how it is set, and whether there is room.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::Store;
use crate::connection::{AnyConnection, Backend};
use crate::dialect;
use crate::error::Error;
use crate::wall::Wall;

/// How the database is set, as far as what was answered depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// On a connection of ours to a file.
    Sqlite {
        /// `wal`, or readers and the writer would wait for each other.
        journal_mode: String,
        /// Whether every commit is on disk before it is answered.
        synchronous_full: bool,
        /// Whether references are held to.
        foreign_keys: bool,
    },
    /// Of a server.
    Postgres {
        /// Its version as a number, such as 150004.
        version: u32,
        /// Whether commits are put on disk at all.
        fsync: bool,
        /// Whether a page half written can be mended.
        full_page_writes: bool,
        /// `off` would answer before the commit is on disk.
        synchronous_commit: String,
        /// What its clock says.
        now: Timestamp,
        /// How its role stands to the rows of the tenants.
        wall: Wall,
    },
}

impl Store {
    /// How the database is set.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn settings(&self) -> Result<Settings, Error> {
        let backend = self.backend();
        self.database
            .read(None, move |conn| match backend {
                Backend::Sqlite => sqlite(conn),
                Backend::Postgres => postgres(conn),
            })
            .await
    }
}

impl Store {
    /// How many rows each table has, of all tenants together. Exact on SQLite; on PostgreSQL as it last estimated.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn table_sizes(&self) -> Result<BTreeMap<String, i64>, Error> {
        self.database.read(None, dialect::table_sizes).await
    }
}

/// How many bytes the file system of `path` still takes from us.
///
/// # Errors
/// What the system says, such as that there is no `path`.
pub fn free_space(path: &Path) -> io::Result<u64> {
    fs4::available_space(path)
}

fn sqlite(conn: &mut AnyConnection) -> Result<Settings, Error> {
    Ok(Settings::Sqlite {
        journal_mode: dialect::setting(conn, "journal_mode")?,
        // 2 is FULL; 3, EXTRA, does even more.
        synchronous_full: ["2", "3"].contains(&dialect::setting(conn, "synchronous")?.as_str()),
        foreign_keys: dialect::setting(conn, "foreign_keys")? == "1",
    })
}

fn postgres(conn: &mut AnyConnection) -> Result<Settings, Error> {
    let number = |text: &str| {
        text.parse::<i64>().map_err(|_| Error::Corrupt(format!("{text:?} is no number")))
    };
    let version = number(&dialect::setting(conn, "server_version_num")?)?;
    let now = number(&dialect::clock(conn)?)?;
    Ok(Settings::Postgres {
        version: u32::try_from(version).unwrap_or_default(),
        fsync: dialect::setting(conn, "fsync")? == "on",
        full_page_writes: dialect::setting(conn, "full_page_writes")? == "on",
        synchronous_commit: dialect::setting(conn, "synchronous_commit")?,
        wall: dialect::wall(conn)?,
        now: Timestamp::from_microsecond(now).map_err(|error| Error::Corrupt(error.to_string()))?,
    })
}
