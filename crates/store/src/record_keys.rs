//! The keys of records about persons, in a table apart from the records: what is left out of a backup,
//! and kept beside it for a shorter time.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::Path;

use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::dsl;
use diesel::prelude::*;
use domain::ids::TenantId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::additions::Additions;
use crate::backup::{BackupError, Part};
use crate::connection::{AnyConnection, Connector, DatabaseUrl};
use crate::error::Error;
use crate::migrate::applied;
use crate::schema::{record_keys, tenant_keys, tenants};
use crate::sql_types::Db;
use crate::subjects::Sealed;
use crate::tenant_keys::TenantKey;
use crate::{Store, Tx};

/// Rows read at once.
const PAGE: i64 = 1000;
/// The migration since which keys lie apart.
const APART_SINCE: &str = "20261127000030";

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

impl Line {
    /// The key of a tenant that it holds.
    fn tenant_key(&self, number: i32) -> Result<TenantKey, Error> {
        Ok(TenantKey {
            number,
            master_version: self.version,
            wrapped_key: unhex(&self.key)?,
            made_at: self.made_at.unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

/// What a line of the file of keys says.
enum Said {
    /// A key.
    Key(Line),
    /// How many keys were before it: that was the last.
    End(TakenOut),
}

fn said(text: &str) -> Result<Said, Error> {
    if let Ok(counts) = serde_json::from_str::<TakenOut>(text) {
        return Ok(Said::End(counts));
    }
    let bad = || Error::Corrupt("a line of the file of keys".to_owned());
    let line: Line = serde_json::from_str(text).map_err(|_| bad())?;
    let named = if line.kind.is_some() { line.record.is_some() } else { line.number.is_some() };
    if !named {
        return Err(bad());
    }
    unhex(&line.key)?;
    Ok(Said::Key(line))
}

/// Reads a file of keys to its end. Whole is one whose last line counts what is before it.
fn hold_whole(file: &File, path: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::File { path: path.to_owned(), source };
    let (mut found, mut end) = (TakenOut::default(), None);
    for text in BufReader::new(file).lines() {
        if end.is_some() {
            return Err(Error::Corrupt("the file of keys goes on after its end".to_owned()).into());
        }
        match said(&text.map_err(failed)?)? {
            Said::Key(line) if line.kind.is_some() => found.records += 1,
            Said::Key(_) => found.tenants += 1,
            Said::End(counts) => end = Some(counts),
        }
    }
    if end == Some(found) {
        return Ok(());
    }
    let broken = "the file of keys is not whole: its last line does not count what is in it";
    Err(Error::Corrupt(broken.to_owned()).into())
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

/// Writes the keys of a database to a file that is made already, on its way to its name: those of tenants and of
/// records about persons, and how many there are.
fn write_out(conn: &mut AnyConnection, to: &Path) -> Result<TakenOut, BackupError> {
    let failed = |source| BackupError::File { path: to.to_owned(), source };
    let made = OpenOptions::new().write(true).truncate(true).open(to);
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
    let end = serde_json::to_string(&taken).map_err(|why| Error::Corrupt(why.to_string()))?;
    writeln!(out, "{end}").map_err(failed)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(taken)
}

/// Takes the keys of records out of a copy of a database, so that not a byte of them is left in it, and
/// puts them into a file of their own, with those of the tenants. Blocks.
pub(crate) fn take_out(copy: &Path, to: &Path) -> Result<TakenOut, BackupError> {
    let mut conn = Connector::new(DatabaseUrl::Sqlite(copy.to_owned()), false)?.connect()?;
    let taken = write_out(&mut conn, to)?;
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
    /// Whether the keys of records about persons lie in a table of their own, which a backup leaves out; in a database
    /// of an earlier release each lies in its record.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn keys_lie_apart(&self) -> Result<bool, Error> {
        Ok(self.database.read(None, applied).await?.contains(APART_SINCE))
    }

    /// Writes the keys of records about persons, and of tenants, to a new file, mode 0600: what a copy
    /// of the database without them needs to be opened. The file appears when it is whole.
    ///
    /// # Errors
    /// When the file is there already, or cannot be written; nothing is left then.
    pub async fn write_record_keys(&self, to: &Path) -> Result<TakenOut, BackupError> {
        let (connector, to) = (self.database.connector().clone(), to.to_owned());
        let task = tokio::task::spawn_blocking(move || {
            let part = Part::new(&to)?;
            let mut conn = connector.connect()?;
            // One transaction, which alone can be turned to a tenant wherever the rows lie. Changes nothing: it ends
            // with the connection.
            AnyConnection::begin_transaction(&mut conn).map_err(Error::from)?;
            let taken = write_out(&mut conn, &part.path)?;
            part.keep()?;
            Ok::<_, BackupError>(taken)
        });
        task.await.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string()).into()))
    }

    /// Puts back the keys of such a file. A tenant's key takes the place of one of the same number only where `opens`
    /// says that this one does not: the one in the file may be wrapped by a master key that is gone since, or the one
    /// here may. Keys of tenants that are not there are left out.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a file that is none, or not whole; nothing is put then.
    pub async fn put_record_keys(
        &self,
        from: &Path,
        opens: &(dyn Fn(TenantId, &TenantKey) -> bool + Sync),
    ) -> Result<TakenOut, BackupError> {
        let path = from.to_owned();
        let failed = |source| BackupError::File { path: path.clone(), source };
        let mut file = File::open(from).map_err(failed)?;
        hold_whole(&file, from)?;
        file.rewind().map_err(failed)?;
        let lines = BufReader::new(file).lines();
        let known: BTreeMap<Uuid, TenantId> =
            self.tenants().await?.into_iter().map(|tenant| (tenant.id.0, tenant.id)).collect();
        let mut put = TakenOut::default();
        let mut waiting: Vec<Line> = Vec::new();
        for line in lines {
            let Said::Key(line) = said(&line.map_err(failed)?)? else { break };
            if !known.contains_key(&line.tenant) {
                continue;
            }
            let another = waiting.first().is_some_and(|first| first.tenant != line.tenant);
            if another || waiting.len() >= 500 {
                self.put_some(&known, std::mem::take(&mut waiting), opens, &mut put).await?;
            }
            waiting.push(line);
        }
        self.put_some(&known, waiting, opens, &mut put).await?;
        Ok(put)
    }

    /// Lines of one tenant.
    async fn put_some(
        &self,
        known: &BTreeMap<Uuid, TenantId>,
        lines: Vec<Line>,
        opens: &(dyn Fn(TenantId, &TenantKey) -> bool + Sync),
        put: &mut TakenOut,
    ) -> Result<(), Error> {
        let Some(tenant) = lines.first().and_then(|line| known.get(&line.tenant)).copied() else {
            return Ok(());
        };
        let kept = self.ask::<_, Error, _>(tenant, |tx| tx.tenant_keys()).await?;
        // Tried before the write, which does no cryptography.
        let mut own: Vec<(Option<TenantKey>, TenantKey)> = Vec::new();
        for line in &lines {
            let Some(number) = line.number.filter(|_| line.kind.is_none()) else {
                put.records += 1;
                continue;
            };
            let (new, here) =
                (line.tenant_key(number)?, kept.iter().find(|key| key.number == number));
            let stays =
                |here: &TenantKey| here.wrapped_key == new.wrapped_key || opens(tenant, here);
            if !here.is_some_and(stays) {
                own.push((here.cloned(), new));
                put.tenants += 1;
            }
        }
        let write = move |tx: &mut Tx<'_>| {
            let kept = if own.is_empty() { Vec::new() } else { tx.tenant_keys()? };
            for (before, new) in &own {
                // Not over one that somebody else has made, or wrapped anew, meanwhile.
                if kept.iter().find(|key| key.number == new.number) == before.as_ref() {
                    tx.put_tenant_key(new)?;
                }
            }
            for line in &lines {
                if let Some(kind) = line.kind {
                    tx.put_record_key(kind, line)?;
                }
            }
            Ok::<_, Error>(())
        };
        self.write(tenant, write).await
    }
}
