//! Every wrapped key of a record, wherever it lies: to be wrapped anew, and to be counted.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use uuid::Uuid;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::record_keys::Keyed;
use crate::schema::{
    attachments, escalation_persons, forwarding_subjects, idempotency_keys, machine_keys,
    machine_messages, opinion_senders, portal_files, record_keys, subjects,
};
use crate::sql_types::Db;
use crate::subjects::Sealed;

/// Where wrapped keys lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealedTable {
    /// In the table of their own, of one kind.
    Apart(Keyed),
    /// Inside the record, as they were kept before there was that table.
    Inside(Keyed),
    /// Of files of cases.
    Attachments,
    /// Of files of counterparties.
    PortalFiles,
    /// Of the keys that sign messages.
    MachineKeys,
    /// Of messages between systems, until they are delivered.
    MachineMessages,
    /// Of answers kept under an Idempotency-Key. They are forgotten within days, and not wrapped anew.
    Answers,
}

impl SealedTable {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Apart(Keyed::Subject),
        Self::Apart(Keyed::Sender),
        Self::Apart(Keyed::Forwarding),
        Self::Apart(Keyed::Person),
        Self::Inside(Keyed::Subject),
        Self::Inside(Keyed::Sender),
        Self::Inside(Keyed::Forwarding),
        Self::Inside(Keyed::Person),
        Self::Attachments,
        Self::PortalFiles,
        Self::MachineKeys,
        Self::MachineMessages,
        Self::Answers,
    ];

    /// Its name, for whoever counts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apart(Keyed::Subject) | Self::Inside(Keyed::Subject) => "subjects",
            Self::Apart(Keyed::Sender) | Self::Inside(Keyed::Sender) => "senders",
            Self::Apart(Keyed::Forwarding) | Self::Inside(Keyed::Forwarding) => {
                "subjects of forwardings"
            }
            Self::Apart(Keyed::Person) | Self::Inside(Keyed::Person) => "riskpersons",
            Self::Attachments => "attachments",
            Self::PortalFiles => "files of counterparties",
            Self::MachineKeys => "signing keys",
            Self::MachineMessages => "messages",
            Self::Answers => "kept answers",
        }
    }
}

/// A wrapped key, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The row, by its id.
    pub row: String,
    /// What the envelope is bound to.
    pub bound_to: String,
    /// Which key wrapped it; see [`Sealed::key_version`].
    pub version: i32,
    /// The key, with the nonce in front.
    pub wrapped: Vec<u8>,
}

fn uuid(row: &str) -> Result<Db<Uuid>, Error> {
    row.parse().map(Db).map_err(|_| Error::Corrupt(format!("{row:?} is no id")))
}

/// Where one goes on, for a key that is a UUID.
fn from(after: Option<&str>) -> Result<Db<Uuid>, Error> {
    after.map_or(Ok(Db(Uuid::nil())), uuid)
}

/// The keys of a table whose rows are named by a UUID, after one of them.
macro_rules! wrapped_keys {
    ($tx:expr, $table:ident, $id:ident, $bound:ident, $after:expr, $limit:expr) => {{
        let rows: Vec<(Db<Uuid>, Db<Uuid>, i32, Vec<u8>)> = $table::table
            .select(($table::$id, $table::$bound, $table::key_version, $table::wrapped_key))
            .filter($table::tenant_id.eq(Db($tx.tenant)))
            .filter($table::key_version.ne(0))
            .filter($table::$id.gt(from($after)?))
            .order($table::$id)
            .limit($limit)
            .load($tx.conn)?;
        Ok(rows.into_iter().map(of_uuid).collect())
    }};
}

/// The same, where there may be none in a row.
macro_rules! some_wrapped_keys {
    ($tx:expr, $table:ident, $id:ident, $bound:ident, $after:expr, $limit:expr) => {{
        let rows: Vec<(Db<Uuid>, Option<Db<Uuid>>, Option<i32>, Option<Vec<u8>>)> = $table::table
            .select((
                $table::$id,
                $table::$bound.nullable(),
                $table::key_version,
                $table::wrapped_key,
            ))
            .filter($table::tenant_id.eq(Db($tx.tenant)))
            .filter($table::key_version.is_not_null())
            .filter($table::$id.gt(from($after)?))
            .order($table::$id)
            .limit($limit)
            .load($tx.conn)?;
        let whole = |(id, bound, version, wrapped): (_, Option<_>, Option<_>, Option<_>)| {
            Some(of_uuid((id, bound?, version?, wrapped?)))
        };
        Ok(rows.into_iter().filter_map(whole).collect())
    }};
}

fn of_uuid((row, bound_to, version, wrapped): (Db<Uuid>, Db<Uuid>, i32, Vec<u8>)) -> WrappedKey {
    WrappedKey { row: row.0.to_string(), bound_to: bound_to.0.to_string(), version, wrapped }
}

/// Puts another key in the place of one that is there.
macro_rules! rewrap {
    ($tx:expr, $table:ident, $id:ident, $row:expr, $before:expr, $after:expr) => {{
        let here = $table::tenant_id
            .eq(Db($tx.tenant))
            .and($table::$id.eq($row))
            .and($table::wrapped_key.eq($before.wrapped.clone()));
        diesel::update($table::table.filter(here))
            .set(($table::key_version.eq($after.0), $table::wrapped_key.eq($after.1)))
            .execute($tx.conn)?
    }};
}

/// How many there are by version.
macro_rules! count {
    ($tx:expr, $table:ident) => {{
        let rows: Vec<(i32, i64)> = $table::table
            .filter($table::tenant_id.eq(Db($tx.tenant)))
            .filter($table::key_version.ne(0))
            .group_by($table::key_version)
            .select(($table::key_version, count_star()))
            .load($tx.conn)?;
        rows
    }};
}

macro_rules! some_count {
    ($tx:expr, $table:ident) => {{
        let rows: Vec<(Option<i32>, i64)> = $table::table
            .filter($table::tenant_id.eq(Db($tx.tenant)))
            .filter($table::key_version.is_not_null())
            .group_by($table::key_version)
            .select(($table::key_version, count_star()))
            .load($tx.conn)?;
        rows.into_iter().filter_map(|(version, count)| Some((version?, count))).collect()
    }};
}

impl Tx<'_> {
    /// Wrapped keys of a table after a row, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn wrapped_keys(
        &mut self,
        table: SealedTable,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<WrappedKey>, Error> {
        match table {
            SealedTable::Apart(kind) => {
                let rows: Vec<(Db<Uuid>, i32, Vec<u8>)> = record_keys::table
                    .select((
                        record_keys::record_id,
                        record_keys::key_version,
                        record_keys::wrapped_key,
                    ))
                    .filter(record_keys::tenant_id.eq(Db(self.tenant)))
                    .filter(record_keys::kind.eq(kind.code()))
                    .filter(record_keys::record_id.gt(from(after)?))
                    .order(record_keys::record_id)
                    .limit(limit)
                    .load(self.conn)?;
                Ok(rows
                    .into_iter()
                    .map(|(id, version, key)| of_uuid((id, id, version, key)))
                    .collect())
            }
            SealedTable::Inside(Keyed::Subject) => {
                wrapped_keys!(self, subjects, subject_id, subject_id, after, limit)
            }
            SealedTable::Inside(Keyed::Sender) => {
                wrapped_keys!(self, opinion_senders, case_id, case_id, after, limit)
            }
            SealedTable::Inside(Keyed::Forwarding) => {
                wrapped_keys!(self, forwarding_subjects, forwarding_id, forwarding_id, after, limit)
            }
            SealedTable::Inside(Keyed::Person) => {
                wrapped_keys!(self, escalation_persons, escalation_id, escalation_id, after, limit)
            }
            SealedTable::Attachments => {
                some_wrapped_keys!(self, attachments, attachment_id, content_id, after, limit)
            }
            SealedTable::PortalFiles => {
                wrapped_keys!(self, portal_files, file_id, content_id, after, limit)
            }
            SealedTable::MachineKeys => {
                let rows: Vec<(String, i32, Vec<u8>)> = machine_keys::table
                    .select((
                        machine_keys::key_id,
                        machine_keys::key_version,
                        machine_keys::wrapped_key,
                    ))
                    .filter(machine_keys::tenant_id.eq(Db(self.tenant)))
                    .filter(machine_keys::key_id.gt(after.unwrap_or("").to_owned()))
                    .order(machine_keys::key_id)
                    .limit(limit)
                    .load(self.conn)?;
                let key = |(row, version, wrapped): (String, i32, Vec<u8>)| WrappedKey {
                    bound_to: row.clone(),
                    row,
                    version,
                    wrapped,
                };
                Ok(rows.into_iter().map(key).collect())
            }
            SealedTable::MachineMessages => {
                some_wrapped_keys!(self, machine_messages, message_id, message_id, after, limit)
            }
            SealedTable::Answers => Ok(Vec::new()),
        }
    }

    /// Puts a key that was wrapped anew in the place of one; `false` when that is not there any more.
    /// One that lay inside its record lies apart from then on.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn save_wrapped_key(
        &mut self,
        table: SealedTable,
        before: &WrappedKey,
        after: (i32, Vec<u8>),
    ) -> Result<bool, Error> {
        let row = &before.row;
        let done = match table {
            SealedTable::Apart(kind) => {
                let here = record_keys::tenant_id
                    .eq(Db(self.tenant))
                    .and(record_keys::kind.eq(kind.code()))
                    .and(record_keys::record_id.eq(uuid(row)?))
                    .and(record_keys::wrapped_key.eq(before.wrapped.clone()));
                diesel::update(record_keys::table.filter(here))
                    .set((
                        record_keys::key_version.eq(after.0),
                        record_keys::wrapped_key.eq(after.1),
                    ))
                    .execute(self.conn)?
            }
            SealedTable::Inside(kind) => {
                let none = (0, Vec::new());
                let id = uuid(row)?;
                let emptied = match kind {
                    Keyed::Subject => rewrap!(self, subjects, subject_id, id, before, none),
                    Keyed::Sender => rewrap!(self, opinion_senders, case_id, id, before, none),
                    Keyed::Forwarding => {
                        rewrap!(self, forwarding_subjects, forwarding_id, id, before, none)
                    }
                    Keyed::Person => {
                        rewrap!(self, escalation_persons, escalation_id, id, before, none)
                    }
                };
                if emptied == 1 {
                    let (key_version, wrapped_key) = after;
                    let empty = Vec::new();
                    let sealed = Sealed {
                        key_version,
                        wrapped_key,
                        nonce: empty.clone(),
                        ciphertext: empty,
                    };
                    let mut rows = Additions::to(self.tenant);
                    rows.record_key(kind, id.0, &sealed);
                    self.add(rows)?;
                }
                emptied
            }
            SealedTable::Attachments => {
                rewrap!(self, attachments, attachment_id, uuid(row)?, before, after)
            }
            SealedTable::PortalFiles => {
                rewrap!(self, portal_files, file_id, uuid(row)?, before, after)
            }
            SealedTable::MachineKeys => {
                rewrap!(self, machine_keys, key_id, row.clone(), before, after)
            }
            SealedTable::MachineMessages => {
                rewrap!(self, machine_messages, message_id, uuid(row)?, before, after)
            }
            SealedTable::Answers => 0,
        };
        Ok(done == 1)
    }

    /// How many wrapped keys a table has, by version.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn count_wrapped_keys(&mut self, table: SealedTable) -> Result<BTreeMap<i32, i64>, Error> {
        let counted: Vec<(i32, i64)> = match table {
            SealedTable::Apart(kind) => record_keys::table
                .filter(record_keys::tenant_id.eq(Db(self.tenant)))
                .filter(record_keys::kind.eq(kind.code()))
                .group_by(record_keys::key_version)
                .select((record_keys::key_version, count_star()))
                .load(self.conn)?,
            SealedTable::Inside(Keyed::Subject) => count!(self, subjects),
            SealedTable::Inside(Keyed::Sender) => count!(self, opinion_senders),
            SealedTable::Inside(Keyed::Forwarding) => count!(self, forwarding_subjects),
            SealedTable::Inside(Keyed::Person) => count!(self, escalation_persons),
            SealedTable::Attachments => some_count!(self, attachments),
            SealedTable::PortalFiles => count!(self, portal_files),
            SealedTable::MachineKeys => count!(self, machine_keys),
            SealedTable::MachineMessages => some_count!(self, machine_messages),
            SealedTable::Answers => count!(self, idempotency_keys),
        };
        Ok(counted.into_iter().collect())
    }
}
