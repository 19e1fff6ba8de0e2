//! Backups of a SQLite file: taken while it is in use, checked, and put back.
//!
//! A copy of the live file would lack what still lies in the write-ahead log, so SQLite itself
//! writes the copy. It appears under its name only when it has been checked and is on disk.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use diesel::prelude::*;
use domain::ids::{SubjectId, TenantId};
use jiff::Timestamp;

use crate::connection::{AnyConnection, Connector, DatabaseUrl};
use crate::dialect;
use crate::error::Error;
use crate::migrate::{applied, refuse_newer_file};
use crate::record_keys::{TakenOut, take_out};
use crate::schema::{case_facts, case_history, cases, record_keys, subjects, tenants};
use crate::sql_types::Db;
use crate::subjects::key_of_subject;
use crate::{Store, Tx};

/// How many faults of one kind are told.
const FAULTS_TOLD: usize = 5;
/// What SQLite may keep beside a file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why there is no backup, or nothing was put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Something is there already, and is left as it is.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// SQLite could not write the copy: no room, or the database itself is damaged.
    #[error("{}: cannot be written: {source}", path.display())]
    NotWritten {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        source: Error,
    },
    /// The database is a server's, which has ways of its own.
    #[error("the database is not a file")]
    NoFile,
    /// The copy is not what it should be, and was not kept.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
    /// The database that was to be backed up failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a checked file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The newest migration it has.
    pub schema: String,
    /// Its tenants, by slug.
    pub tenants: Vec<TenantContent>,
    /// Its size.
    pub bytes: u64,
}

/// What a checked file holds of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantContent {
    /// Its short name.
    pub slug: String,
    /// How many cases it has, drafts counted.
    pub cases: i64,
    /// When the newest of them was registered.
    pub newest: Option<Timestamp>,
}

impl Content {
    /// All cases of all tenants.
    pub fn cases(&self) -> i64 {
        self.tenants.iter().map(|tenant| tenant.cases).sum()
    }

    /// When the newest of them was registered.
    pub fn newest(&self) -> Option<Timestamp> {
        self.tenants.iter().filter_map(|tenant| tenant.newest).max()
    }
}

impl Store {
    /// Writes a checked copy of a SQLite database to `path`, mode 0600, while others read and write
    /// it. Whatever was answered before the call is in it. The file appears when it is whole.
    ///
    /// # Errors
    /// [`BackupError::Exists`] for a file that is there; else why there is no backup. Nothing is
    /// left then.
    pub async fn backup_into(&self, path: &Path) -> Result<Content, BackupError> {
        let connector = self.database.connector().clone();
        let path = path.to_owned();
        let task = tokio::task::spawn_blocking(move || back_up(&connector, &path, None));
        let done =
            task.await.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string()).into()));
        done.map(|(content, _)| content)
    }

    /// As [`Store::backup_into`], with the keys of records about persons taken out of the copy and put
    /// into a file of their own.
    ///
    /// # Errors
    /// As [`Store::backup_into`]; also when that file is there.
    pub async fn backup_apart(
        &self,
        path: &Path,
        keys: &Path,
    ) -> Result<(Content, TakenOut), BackupError> {
        let connector = self.database.connector().clone();
        let (path, keys) = (path.to_owned(), keys.to_owned());
        let task = tokio::task::spawn_blocking(move || back_up(&connector, &path, Some(&keys)));
        task.await.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string()).into()))
    }
}

impl Tx<'_> {
    /// The newest sealed identity of the tenant: one to try the keys on.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn newest_subject(&mut self) -> Result<Option<SubjectId>, Error> {
        let id: Option<Db<SubjectId>> = subjects::table
            .left_join(record_keys::table.on(key_of_subject()))
            .select(subjects::subject_id)
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            // Whose key was erased opens with no keys.
            .filter(record_keys::kind.nullable().is_not_null().or(subjects::key_version.ne(0)))
            .order(subjects::created_at.desc())
            .first(self.conn)
            .optional()?;
        Ok(id.map(Db::get))
    }
}

impl Store {
    /// How many identities are sealed by a key that is not here: whoever was erased after the copy this database was
    /// restored from, or everybody whose keys were not put back. An identity that is erased here is gone altogether.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn sealed_without_key(&self) -> Result<u64, Error> {
        let mut number = 0;
        for tenant in self.tenants().await? {
            number += self.read(tenant.id, |tx| tx.sealed_without_key()).await?;
        }
        Ok(number)
    }
}

impl Tx<'_> {
    fn sealed_without_key(&mut self) -> Result<u64, Error> {
        let number: i64 = subjects::table
            .left_join(record_keys::table.on(key_of_subject()))
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(record_keys::kind.nullable().is_null())
            .filter(subjects::key_version.eq(0))
            .count()
            .get_result(self.conn)?;
        u64::try_from(number).map_err(|_| Error::Corrupt("a negative count".to_owned()))
    }
}

/// Puts a backup back as the database `to`, mode 0600, checked. Blocks.
///
/// # Errors
/// [`BackupError::Exists`] when there is a database, or what one left; else why nothing was put
/// back. Nothing is left then.
pub fn restore_file(from: &Path, to: &Path) -> Result<Content, BackupError> {
    // A log of an earlier database would be taken for one of this file.
    for beside in BESIDE.map(|suffix| with_suffix(to, suffix)) {
        refuse_existing(&beside)?;
    }
    let log = with_suffix(from, "-wal");
    if log.metadata().is_ok_and(|log| log.len() > 0) {
        return Err(BackupError::Unsound(format!(
            "{} lies beside it, so it is no backup but a database in use",
            log.display()
        )));
    }
    let mut source = File::open(from).map_err(failed(from))?;
    let part = Part::new(to)?;
    let mut copy = OpenOptions::new().write(true).open(&part.path).map_err(failed(&part.path))?;
    io::copy(&mut source, &mut copy).map_err(failed(&part.path))?;
    drop(copy);
    let content = check_file(&part.path)?;
    part.keep()?;
    Ok(content)
}

/// Whether a file is a sound database of this service, and what it holds. Blocks. Turns on the
/// write-ahead log in it, as the service wants it; for copies, not for a file in use.
///
/// # Errors
/// [`BackupError::Unsound`].
pub fn check_file(path: &Path) -> Result<Content, BackupError> {
    // SQLite would make a file that is not there.
    path.metadata().map_err(failed(path))?;
    let (schema, tenants) = examine(path).map_err(|error| match error {
        BackupError::Store(error) => BackupError::Unsound(error.to_string()),
        other => other,
    })?;
    let bytes = path.metadata().map_err(failed(path))?.len();
    Ok(Content { schema, tenants, bytes })
}

fn back_up(
    connector: &Connector,
    path: &Path,
    keys: Option<&Path>,
) -> Result<(Content, TakenOut), BackupError> {
    if connector.file().is_none() {
        return Err(BackupError::NoFile);
    }
    let part = Part::new(path)?;
    let keys = keys.map(Part::new).transpose()?;
    let mut conn = connector.connect()?;
    let schema = applied(&mut conn)?.pop_last();
    dialect::vacuum_into(&mut conn, &part.path)
        .map_err(|source| BackupError::NotWritten { path: part.path.clone(), source })?;
    drop(conn);
    let mut taken = TakenOut::default();
    if let Some(keys) = &keys {
        taken = take_out(&part.path, &keys.path)?;
    }
    let content = check_file(&part.path)?;
    if schema.as_ref() != Some(&content.schema) {
        return Err(BackupError::Unsound(format!(
            "its schema is {}, that of the database {}",
            content.schema,
            schema.as_deref().unwrap_or("missing")
        )));
    }
    // First the keys: a backup without them would open nothing.
    keys.map(Part::keep).transpose()?;
    part.keep()?;
    Ok((content, taken))
}

fn examine(path: &Path) -> Result<(String, Vec<TenantContent>), BackupError> {
    let mut conn = Connector::new(DatabaseUrl::Sqlite(path.to_owned()), false)?.connect()?;
    let integrity = dialect::integrity_faults(&mut conn)?;
    let references = dialect::reference_faults(&mut conn)?;
    for (what, faults) in [("integrity", integrity), ("foreign keys", references)] {
        if !faults.is_empty() {
            let told: Vec<_> = faults.iter().take(FAULTS_TOLD).map(String::as_str).collect();
            return Err(BackupError::Unsound(format!("{what}: {}", told.join("; "))));
        }
    }
    let mut applied = applied(&mut conn)?;
    refuse_newer_file(&applied)?;
    let Some(schema) = applied.pop_last() else {
        return Err(BackupError::Unsound("it is no database of this service".to_owned()));
    };
    let rows: Vec<(Db<TenantId>, String)> = tenants::table
        .select((tenants::tenant_id, tenants::slug))
        .order(tenants::slug)
        .load(&mut conn)
        .map_err(Error::from)?;
    let mut found = Vec::new();
    for (tenant, slug) in rows {
        found.push(count(&mut conn, tenant.get(), slug)?);
    }
    Ok((schema, found))
}

/// Counts what must be there as often as there are cases.
fn count(
    conn: &mut AnyConnection,
    tenant: TenantId,
    slug: String,
) -> Result<TenantContent, BackupError> {
    let cases: i64 = cases::table
        .filter(cases::tenant_id.eq(Db(tenant)))
        .count()
        .get_result(conn)
        .map_err(Error::from)?;
    let facts: i64 = case_facts::table
        .filter(case_facts::tenant_id.eq(Db(tenant)))
        .count()
        .get_result(conn)
        .map_err(Error::from)?;
    let begun: i64 = case_history::table
        .filter(case_history::tenant_id.eq(Db(tenant)))
        .filter(case_history::version.eq(1))
        .count()
        .get_result(conn)
        .map_err(Error::from)?;
    // Of what is erased the fact stays, and the history goes.
    let erased: i64 = cases::table
        .filter(cases::tenant_id.eq(Db(tenant)))
        .filter(cases::erased_at.is_not_null())
        .count()
        .get_result(conn)
        .map_err(Error::from)?;
    if cases != facts || cases != begun + erased {
        return Err(BackupError::Unsound(format!(
            "{slug} has {cases} cases, {erased} of them erased, {facts} facts and the history of {begun} cases"
        )));
    }
    let newest: Option<Db<Timestamp>> = cases::table
        .select(cases::registered_at)
        .filter(cases::tenant_id.eq(Db(tenant)))
        .order(cases::registered_at.desc())
        .first(conn)
        .optional()
        .map_err(Error::from)?;
    Ok(TenantContent { slug, cases, newest: newest.map(Db::get) })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    // Of a link that leads nowhere, too.
    match path.symlink_metadata() {
        Ok(_) => Err(BackupError::Exists(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(path)(error)),
    }
}

/// A file on its way to its name; gone again unless it is kept.
pub(crate) struct Part {
    /// Where it lies until then, made and empty.
    pub(crate) path: PathBuf,
    target: PathBuf,
    directory: PathBuf,
    kept: bool,
}

impl Part {
    pub(crate) fn new(target: &Path) -> Result<Self, BackupError> {
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        // Absolute, so that no name can be taken for anything but a path.
        let directory = parent.canonicalize().map_err(failed(parent))?;
        let name = target.file_name().ok_or_else(|| ErrorKind::InvalidFilename.into());
        let target = directory.join(name.map_err(failed(target))?);
        refuse_existing(&target)?;
        let path = with_suffix(&target, ".part");
        // Made here, as SQLite would make it readable to all.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => Ok(Self { path, target, directory, kept: false }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(BackupError::Exists(path))
            }
            Err(error) => Err(failed(&path)(error)),
        }
    }

    /// Puts it on disk and gives it its name. Nothing may have it open any more.
    pub(crate) fn keep(mut self) -> Result<(), BackupError> {
        let log = with_suffix(&self.path, "-wal");
        if log.metadata().is_ok_and(|log| log.len() > 0) {
            return Err(BackupError::Unsound("it was not closed".to_owned()));
        }
        let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
        sync(&self.path).map_err(failed(&self.path))?;
        refuse_existing(&self.target)?;
        std::fs::rename(&self.path, &self.target).map_err(failed(&self.target))?;
        self.kept = true;
        sync(&self.directory).map_err(failed(&self.directory))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
        for beside in BESIDE.map(|suffix| with_suffix(&self.path, suffix)) {
            let _ = std::fs::remove_file(beside);
        }
    }
}
