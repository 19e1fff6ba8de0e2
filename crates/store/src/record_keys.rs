//! The keys of records about persons, in a table apart from the records: what is left out of a backup,
//! and kept beside it for a shorter time.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::dsl;
use diesel::prelude::*;
use domain::ids::TenantId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::additions::Additions;
use crate::backup::BackupError;
use crate::connection::{AnyConnection, Connector, DatabaseUrl};
use crate::error::Error;
use crate::schema::{record_keys, tenant_keys, tenants};
use crate::sql_types::Db;
use crate::subjects::Sealed;
use crate::tenant_keys::TenantKey;
use crate::{Store, Tx};

/// Rows read at once.
const PAGE: i64 = 1000;

/// What a record is about whose key lies apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyed {
    /// Whom a case is about; by the id of the subject.
    Subject,
    /// Who left an opinion; by that of the case.
    Sender,
    /// Whom a forwarding is about; by its id.
    Forwarding,
    /// Who a riskperson is; by the id of the escalation.
    Person,
}

impl Keyed {
    /// All.
    pub const ALL: [Self; 4] = [Self::Subject, Self::Sender, Self::Forwarding, Self::Person];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Sender => "sender",
            Self::Forwarding => "forwarding",
            Self::Person => "person",
        }
    }
}

/// A key that lies apart, as it is read beside its record.
pub(crate) type Apart = (Option<i32>, Option<Vec<u8>>);

/// The columns of a key that lies apart, in a query that joins them.
pub(crate) fn apart()
-> (dsl::Nullable<record_keys::key_version>, dsl::Nullable<record_keys::wrapped_key>) {
    (record_keys::key_version.nullable(), record_keys::wrapped_key.nullable())
}

/// An envelope with the key that lies apart, or with the one inside, as it was kept before.
pub(crate) fn keyed(
    apart: Apart,
    inside: (i32, Vec<u8>),
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
) -> Sealed {
    let (key_version, wrapped_key) = match apart {
        (Some(version), Some(wrapped)) => (version, wrapped),
        (None, _) | (_, None) => inside,
    };
    Sealed { key_version, wrapped_key, nonce, ciphertext }
}

impl Additions {
    /// Adds the key of a record about a person.
    pub(crate) fn record_key(&mut self, kind: Keyed, record: Uuid, sealed: &Sealed) {
        self.push(diesel::insert_into(record_keys::table).values((
            record_keys::tenant_id.eq(Db(self.tenant)),
            record_keys::kind.eq(kind.code()),
            record_keys::record_id.eq(Db(record)),
            record_keys::key_version.eq(sealed.key_version),
            record_keys::wrapped_key.eq(sealed.wrapped_key.clone()),
        )));
    }
}

impl Tx<'_> {
    /// Erases the key of a record: what it sealed opens no more, here and in every backup.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erase_record_key(&mut self, kind: Keyed, record: Uuid) -> Result<(), Error> {
        let here = record_keys::tenant_id
            .eq(Db(self.tenant))
            .and(record_keys::kind.eq(kind.code()))
            .and(record_keys::record_id.eq(Db(record)));
        diesel::delete(record_keys::table.filter(here)).execute(self.conn)?;
        Ok(())
    }

    /// Puts a key back that was taken out of a backup, unless the record has one.
    fn put_record_key(&mut self, kind: Keyed, key: &Line) -> Result<(), Error> {
        let record = key.record.unwrap_or_default();
        let there: i64 = record_keys::table
            .filter(record_keys::tenant_id.eq(Db(self.tenant)))
            .filter(record_keys::kind.eq(kind.code()))
            .filter(record_keys::record_id.eq(Db(record)))
            .count()
            .get_result(self.conn)?;
        if there == 0 {
            let (key_version, wrapped_key) = (key.version, unhex(&key.key)?);
            let empty = Vec::new();
            let sealed =
                Sealed { key_version, wrapped_key, nonce: empty.clone(), ciphertext: empty };
            self.add_rows(|rows| rows.record_key(kind, record, &sealed))?;
        }
        Ok(())
    }
}

/// How many keys were taken out, or put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenOut {
    /// Keys of tenants.
    pub tenants: u64,
    /// Keys of records.
    pub records: u64,
}

/// A line of the file of keys.
#[derive(Serialize, Deserialize)]
struct Line {
    tenant: Uuid,
    /// Of a record's key: what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Keyed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<Uuid>,
    /// Of a tenant's key: its number, and when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_at: Option<Timestamp>,
    /// Which key wrapped it.
    version: i32,
    /// The wrapped key in hexadecimal.
    key: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, Error> {
    let bad = || Error::Corrupt("a key in the file of keys".to_owned());
    if !text.len().is_multiple_of(2) {
        return Err(bad());
    }
    (0..text.len())
        .step_by(2)
        .map(|at| {
            let two = text.get(at..at + 2).ok_or_else(bad)?;
            u8::from_str_radix(two, 16).map_err(|_| bad())
        })
        .collect()
}

/// Writes the keys of a database to a file: those of tenants and of records about persons.
fn write_out(conn: &mut AnyConnection, to: &Path, fresh: bool) -> Result<TakenOut, BackupError> {
    let failed = |source| BackupError::File { path: to.to_owned(), source };
    // A backup has made it already, on its way to its name.
    let made = OpenOptions::new().write(true).create_new(fresh).truncate(true).mode(0o600).open(to);
    let mut out = BufWriter::new(made.map_err(failed)?);
    let mut taken = TakenOut::default();
    let tenants: Vec<Db<TenantId>> = tenants::table
        .select(tenants::tenant_id)
        .order(tenants::slug)
        .load(conn)
        .map_err(Error::from)?;
    let mut tell = |line: &Line| -> Result<(), BackupError> {
        let text = serde_json::to_string(line).map_err(|why| Error::Corrupt(why.to_string()))?;
        writeln!(out, "{text}").map_err(failed)
    };
    for tenant in tenants {
        conn.turn_to(tenant.get())?;
        type Own = (i32, i32, Vec<u8>, Db<Timestamp>);
        let own: Vec<Own> = tenant_keys::table
            .select((
                tenant_keys::number,
                tenant_keys::master_version,
                tenant_keys::wrapped_key,
                tenant_keys::made_at,
            ))
            .filter(tenant_keys::tenant_id.eq(tenant))
            .order(tenant_keys::number)
            .load(conn)
            .map_err(Error::from)?;
        for (number, version, wrapped, made_at) in own {
            tell(&Line {
                tenant: tenant.0.0,
                kind: None,
                record: None,
                number: Some(number),
                made_at: Some(made_at.get()),
                version,
                key: hex(&wrapped),
            })?;
            taken.tenants += 1;
        }
        for kind in Keyed::ALL {
            let mut after = Uuid::nil();
            loop {
                let rows: Vec<(Db<Uuid>, i32, Vec<u8>)> = record_keys::table
                    .select((
                        record_keys::record_id,
                        record_keys::key_version,
                        record_keys::wrapped_key,
                    ))
                    .filter(record_keys::tenant_id.eq(tenant))
                    .filter(record_keys::kind.eq(kind.code()))
                    .filter(record_keys::record_id.gt(Db(after)))
                    .order(record_keys::record_id)
                    .limit(PAGE)
                    .load(conn)
                    .map_err(Error::from)?;
                let Some(last) = rows.last() else { break };
                after = last.0.0;
                for (record, version, wrapped) in &rows {
                    tell(&Line {
                        tenant: tenant.0.0,
                        kind: Some(kind),
                        record: Some(record.0),
                        number: None,
                        made_at: None,
                        version: *version,
                        key: hex(wrapped),
                    })?;
                    taken.records += 1;
                }
            }
        }
    }
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(taken)
}

/// Takes the keys of records out of a copy of a database, so that not a byte of them is left in it, and
/// puts them into a file of their own, with those of the tenants. Blocks.
pub(crate) fn take_out(copy: &Path, to: &Path) -> Result<TakenOut, BackupError> {
    let mut conn = Connector::new(DatabaseUrl::Sqlite(copy.to_owned()), false)?.connect()?;
    let taken = write_out(&mut conn, to, false)?;
    let all: Vec<Db<TenantId>> =
        tenants::table.select(tenants::tenant_id).load(&mut conn).map_err(Error::from)?;
    for tenant in all {
        diesel::delete(record_keys::table.filter(record_keys::tenant_id.eq(tenant)))
            .execute(&mut conn)
            .map_err(Error::from)?;
    }
    // Written anew without what was deleted, and nothing of it left in the log.
    let clean = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").and_then(|()| {
        conn.batch_execute("VACUUM")?;
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
    });
    clean.map_err(Error::from)?;
    Ok(taken)
}

impl Store {
    /// Writes the keys of records about persons, and of tenants, to a new file, mode 0600: what a copy
    /// of the database without them needs to be opened.
    ///
    /// # Errors
    /// When the file is there already, or cannot be written.
    pub async fn write_record_keys(&self, to: &Path) -> Result<TakenOut, BackupError> {
        let (connector, to) = (self.database.connector().clone(), to.to_owned());
        let task = tokio::task::spawn_blocking(move || {
            let mut conn = connector.connect()?;
            write_out(&mut conn, &to, true)
        });
        task.await.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string()).into()))
    }

    /// Puts back the keys of such a file. Tenants' keys take the place of those of the same number, which
    /// may be wrapped by a master key that is gone; keys of tenants that are not there are left out.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a file that is none.
    pub async fn put_record_keys(&self, from: &Path) -> Result<TakenOut, BackupError> {
        let path = from.to_owned();
        let failed = |source| BackupError::File { path: path.clone(), source };
        let lines = BufReader::new(File::open(from).map_err(failed)?).lines();
        let known: BTreeMap<Uuid, TenantId> =
            self.tenants().await?.into_iter().map(|tenant| (tenant.id.0, tenant.id)).collect();
        let mut put = TakenOut::default();
        let mut waiting: Vec<Line> = Vec::new();
        for line in lines {
            let line = line.map_err(failed)?;
            let line: Line = serde_json::from_str(&line)
                .map_err(|_| Error::Corrupt("a line of the file of keys".to_owned()))?;
            if !known.contains_key(&line.tenant) {
                continue;
            }
            let another = waiting.first().is_some_and(|first| first.tenant != line.tenant);
            if another || waiting.len() >= 500 {
                self.put_some(&known, std::mem::take(&mut waiting), &mut put).await?;
            }
            waiting.push(line);
        }
        self.put_some(&known, waiting, &mut put).await?;
        Ok(put)
    }

    /// Lines of one tenant.
    async fn put_some(
        &self,
        known: &BTreeMap<Uuid, TenantId>,
        lines: Vec<Line>,
        put: &mut TakenOut,
    ) -> Result<(), Error> {
        let Some(tenant) = lines.first().and_then(|line| known.get(&line.tenant)) else {
            return Ok(());
        };
        for line in &lines {
            match line.kind {
                Some(_) => put.records += 1,
                None => put.tenants += 1,
            }
        }
        let write = move |tx: &mut Tx<'_>| {
            for line in &lines {
                match (line.kind, line.number) {
                    (Some(kind), _) => tx.put_record_key(kind, line)?,
                    (None, Some(number)) => tx.put_tenant_key(&TenantKey {
                        number,
                        master_version: line.version,
                        wrapped_key: unhex(&line.key)?,
                        made_at: line.made_at.unwrap_or(Timestamp::UNIX_EPOCH),
                    })?,
                    (None, None) => {
                        return Err(Error::Corrupt("a line of the file of keys".to_owned()));
                    }
                }
            }
            Ok(())
        };
        self.write(*tenant, write).await
    }
}
