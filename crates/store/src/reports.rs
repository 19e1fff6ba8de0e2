//! The reports of years: where each stands, and what was frozen of it.

use diesel::prelude::*;
use domain::ids::{StaffId, TenantId};
use domain::learning::Done;
use domain::yearly::state::{
    Board, BoardStatus, Capacity, Establishment, Lock, Minute, Report, State, Status,
};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{report_versions, reports};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reports, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, year), treat_none_as_null = true)]
struct ReportRow {
    tenant_id: Db<TenantId>,
    year: i16,
    status: String,
    newest: i32,
    established_on: Option<Db<Date>>,
    board: String,
    board_version: Option<i32>,
    board_on: Option<Db<Date>>,
    board_paragraph: Option<String>,
    board_by: Option<Db<StaffId>>,
    board_at: Option<Db<Timestamp>>,
    edits: i64,
    version: i64,
    updated_at: Db<Timestamp>,
}

/// What is known of a frozen version without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenHead {
    /// The year.
    pub year: i16,
    /// Its number, and who locked it.
    pub lock: Lock,
    /// SHA-256 over the content, in hexadecimal digits.
    pub sha256: String,
    /// When its figures were read.
    pub read_at: Timestamp,
    /// The last day that is known to figures of open and closed.
    pub as_of: Date,
    /// By which definitions.
    pub definitions: u16,
    /// Who checked it.
    pub checked: Option<Done>,
    /// Who established it.
    pub established: Option<Establishment>,
}

impl FrozenHead {
    /// Where this version stands, whatever came after it.
    pub fn status(&self) -> Status {
        match (&self.established, &self.checked) {
            (Some(_), _) => Status::Established,
            (None, Some(_)) => Status::Checked,
            (None, None) => Status::Locked,
        }
    }
}

/// A frozen version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenVersion {
    /// What is known of it.
    pub head: FrozenHead,
    /// Its canonical JSON, exactly as it was frozen.
    pub content: String,
}

type HeadRow = (
    i16,
    i32,
    String,
    Db<Timestamp>,
    Db<Date>,
    i32,
    Db<StaffId>,
    Db<Timestamp>,
    (Option<Db<StaffId>>, Option<Db<Timestamp>>),
    (Option<Db<Date>>, Option<Db<StaffId>>, Option<Db<Timestamp>>, Option<String>, Option<String>),
);

type HeadColumns = (
    report_versions::year,
    report_versions::report_version,
    report_versions::sha256,
    report_versions::read_at,
    report_versions::as_of,
    report_versions::definitions,
    report_versions::locked_by,
    report_versions::locked_at,
    (report_versions::checked_by, report_versions::checked_at),
    (
        report_versions::established_on,
        report_versions::established_by,
        report_versions::established_at,
        report_versions::capacity,
        report_versions::reference,
    ),
);

const HEAD: HeadColumns = (
    report_versions::year,
    report_versions::report_version,
    report_versions::sha256,
    report_versions::read_at,
    report_versions::as_of,
    report_versions::definitions,
    report_versions::locked_by,
    report_versions::locked_at,
    (report_versions::checked_by, report_versions::checked_at),
    (
        report_versions::established_on,
        report_versions::established_by,
        report_versions::established_at,
        report_versions::capacity,
        report_versions::reference,
    ),
);

fn corrupt(column: &str) -> Error {
    Error::Corrupt(column.to_owned())
}

/// The number of a version, as the domain counts it.
pub(crate) fn number(value: i32, column: &str) -> Result<u32, Error> {
    u32::try_from(value).map_err(|_| corrupt(column))
}

/// The number of a version, as it is kept.
pub(crate) fn kept(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

pub(crate) fn done(by: Option<Db<StaffId>>, at: Option<Db<Timestamp>>) -> Option<Done> {
    Some(Done { by: by?.get(), at: at?.get() })
}

fn head(row: HeadRow) -> Result<FrozenHead, Error> {
    let (year, version, sha256, read_at, as_of, definitions, by, at, checked, established) = row;
    let (on, noted_by, noted_at, capacity, reference) = established;
    let established = match (on, done(noted_by, noted_at), capacity, reference) {
        (Some(on), Some(done), Some(capacity), Some(reference)) => Some(Establishment {
            on: on.get(),
            capacity: code::<Capacity>(&capacity, "report_versions.capacity")?,
            reference,
            done,
        }),
        (_, _, _, _) => None,
    };
    Ok(FrozenHead {
        year,
        lock: Lock {
            version: number(version, "report_versions.report_version")?,
            done: Done { by: by.get(), at: at.get() },
        },
        sha256,
        read_at: read_at.get(),
        as_of: as_of.get(),
        definitions: u16::try_from(definitions)
            .map_err(|_| corrupt("report_versions.definitions"))?,
        checked: done(checked.0, checked.1),
        established,
    })
}

impl ReportRow {
    fn of(tenant: TenantId, it: &Report) -> Self {
        let (version, on, paragraph, done) = match &it.board {
            Board::None => (None, None, None, None),
            Board::Submitted { version, on, done } => (Some(*version), Some(*on), None, Some(done)),
            Board::Approved(minute) | Board::Noted(minute) => {
                let paragraph = Some(minute.paragraph.clone());
                (Some(minute.version), Some(minute.on), paragraph, Some(&minute.done))
            }
        };
        Self {
            tenant_id: Db(tenant),
            year: it.year,
            status: it.status().code().to_owned(),
            newest: kept(it.newest),
            established_on: it.established_on.map(Db),
            board: it.board.status().code().to_owned(),
            board_version: version.map(kept),
            board_on: on.map(Db),
            board_paragraph: paragraph,
            board_by: done.map(|done| Db(done.by)),
            board_at: done.map(|done| Db(done.at)),
            edits: it.edits,
            version: it.version,
            updated_at: Db(it.updated_at),
        }
    }

    fn board(&self) -> Result<Board, Error> {
        let status = code::<BoardStatus>(&self.board, "reports.board")?;
        let version =
            self.board_version.map(|it| number(it, "reports.board_version")).transpose()?;
        let known = (version, self.board_on, done(self.board_by, self.board_at));
        let minute = |version, on: Db<Date>, done| {
            let paragraph = self.board_paragraph.clone().unwrap_or_default();
            Minute { version, on: on.get(), paragraph, done }
        };
        match (status, known) {
            (BoardStatus::None, _) => Ok(Board::None),
            (BoardStatus::Submitted, (Some(version), Some(on), Some(done))) => {
                Ok(Board::Submitted { version, on: on.get(), done })
            }
            (BoardStatus::Approved, (Some(version), Some(on), Some(done))) => {
                Ok(Board::Approved(minute(version, on, done)))
            }
            (BoardStatus::Noted, (Some(version), Some(on), Some(done))) => {
                Ok(Board::Noted(minute(version, on, done)))
            }
            (BoardStatus::Submitted | BoardStatus::Approved | BoardStatus::Noted, _) => {
                Err(corrupt("reports.board"))
            }
        }
    }

    /// The report, with what is known of its newest frozen version, where there is one.
    fn into_report(self, newest: Option<FrozenHead>) -> Result<Report, Error> {
        let status = code::<Status>(&self.status, "reports.status")?;
        let board = self.board()?;
        let missing = || corrupt("report_versions: the newest is missing");
        let state = match status {
            Status::Open => State::Open,
            Status::Locked => State::Locked(newest.ok_or_else(missing)?.lock),
            Status::Checked => {
                let head = newest.ok_or_else(missing)?;
                let checked = head.checked.ok_or_else(missing)?;
                State::Checked { lock: head.lock, checked }
            }
            Status::Established => {
                let head = newest.ok_or_else(missing)?;
                let checked = head.checked.ok_or_else(missing)?;
                let established = head.established.ok_or_else(missing)?;
                State::Established { lock: head.lock, checked, established }
            }
        };
        Ok(Report {
            year: self.year,
            state,
            board,
            newest: number(self.newest, "reports.newest")?,
            established_on: self.established_on.map(Db::get),
            edits: self.edits,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

impl Tx<'_> {
    /// Where the report of a year stands; `None` while nobody has begun it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a state without what belongs to it.
    pub fn report(&mut self, year: i16) -> Result<Option<Report>, Error> {
        let row: Option<ReportRow> = reports::table
            .select(ReportRow::as_select())
            .filter(reports::tenant_id.eq(Db(self.tenant)))
            .filter(reports::year.eq(year))
            .get_result(self.conn)
            .optional()?;
        let Some(row) = row else { return Ok(None) };
        let newest = match row.newest {
            0 => None,
            newest => Some(self.frozen_head(year, number(newest, "reports.newest")?)?),
        };
        row.into_report(newest).map(Some)
    }

    /// Every report, the newest year first.
    ///
    /// # Errors
    /// As [`Tx::report`].
    pub fn reports(&mut self) -> Result<Vec<Report>, Error> {
        let rows: Vec<ReportRow> = reports::table
            .select(ReportRow::as_select())
            .filter(reports::tenant_id.eq(Db(self.tenant)))
            .order(reports::year.desc())
            .load(self.conn)?;
        let heads: Vec<HeadRow> = report_versions::table
            .select(HEAD)
            .filter(report_versions::tenant_id.eq(Db(self.tenant)))
            .load(self.conn)?;
        let heads: Vec<FrozenHead> = heads.into_iter().map(head).collect::<Result<_, _>>()?;
        let report = |row: ReportRow| {
            let newest = heads
                .iter()
                .find(|head| head.year == row.year && kept(head.lock.version) == row.newest);
            row.into_report(newest.cloned())
        };
        rows.into_iter().map(report).collect()
    }

    /// Whether the report of a year was begun here, and on which day it was first established.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn report_established(&mut self, year: i16) -> Result<Option<Option<Date>>, Error> {
        let row: Option<Option<Db<Date>>> = reports::table
            .select(reports::established_on)
            .filter(reports::tenant_id.eq(Db(self.tenant)))
            .filter(reports::year.eq(year))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(|on| on.map(Db::get)))
    }

    /// Adds a report, or saves a changed one if it still stands where `before` did and none of its words
    /// have changed since.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_report(&mut self, before: &Report, it: &Report) -> Result<(), Error> {
        let row = ReportRow::of(self.tenant, it);
        if before.version == 0 && before.edits == 0 {
            let added = diesel::insert_into(reports::table).values(row).execute(self.conn);
            return match added.map_err(Error::from) {
                Ok(_) => Ok(()),
                Err(Error::Conflict { .. }) => Err(Error::Stale),
                Err(other) => Err(other),
            };
        }
        let here = reports::tenant_id
            .eq(Db(self.tenant))
            .and(reports::year.eq(it.year))
            .and(reports::status.eq(before.status().code()))
            .and(reports::edits.eq(before.edits))
            .and(reports::version.eq(before.version));
        let changed = diesel::update(reports::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Marks that words of an open report change, in the transaction that changes them: whoever freezes it
    /// at the same moment is refused, or refuses this.
    ///
    /// # Errors
    /// [`Error::Stale`] where it is frozen meanwhile, or begun by somebody else at the same moment.
    pub fn touch_report(&mut self, before: &Report, now: Timestamp) -> Result<(), Error> {
        if before.version == 0 {
            let begun = Report { version: 1, edits: 1, updated_at: now, ..before.clone() };
            return self.save_report(before, &begun);
        }
        let here = reports::tenant_id
            .eq(Db(self.tenant))
            .and(reports::year.eq(before.year))
            .and(reports::status.eq(Status::Open.code()));
        let changed = diesel::update(reports::table.filter(here))
            .set(reports::edits.eq(reports::edits + 1))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Keeps what was frozen.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else has frozen a version with this number.
    pub fn insert_frozen(&mut self, it: &FrozenVersion) -> Result<(), Error> {
        let head = &it.head;
        let added = diesel::insert_into(report_versions::table)
            .values((
                report_versions::tenant_id.eq(Db(self.tenant)),
                report_versions::year.eq(head.year),
                report_versions::report_version.eq(kept(head.lock.version)),
                report_versions::content.eq(it.content.clone()),
                report_versions::sha256.eq(head.sha256.clone()),
                report_versions::read_at.eq(Db(head.read_at)),
                report_versions::as_of.eq(Db(head.as_of)),
                report_versions::definitions.eq(i32::from(head.definitions)),
                report_versions::locked_by.eq(Db(head.lock.done.by)),
                report_versions::locked_at.eq(Db(head.lock.done.at)),
            ))
            .execute(self.conn);
        match added.map_err(Error::from) {
            Ok(_) => Ok(()),
            Err(Error::Conflict { .. }) => Err(Error::Stale),
            Err(other) => Err(other),
        }
    }

    /// Notes on the frozen version that it was checked or established, as its report says now.
    ///
    /// # Errors
    /// [`Error::Stale`] where it is not there, or was checked or established before.
    pub fn mark_frozen(&mut self, report: &Report) -> Result<(), Error> {
        let Some(lock) = report.state.lock() else { return Ok(()) };
        let here = report_versions::tenant_id
            .eq(Db(self.tenant))
            .and(report_versions::year.eq(report.year))
            .and(report_versions::report_version.eq(kept(lock.version)));
        let changed = match &report.state {
            State::Open | State::Locked(_) => return Ok(()),
            State::Checked { checked, .. } => {
                let new = here.and(report_versions::checked_at.is_null());
                diesel::update(report_versions::table.filter(new))
                    .set((
                        report_versions::checked_by.eq(Some(Db(checked.by))),
                        report_versions::checked_at.eq(Some(Db(checked.at))),
                    ))
                    .execute(self.conn)?
            }
            State::Established { established, .. } => {
                let new = here.and(report_versions::established_at.is_null());
                diesel::update(report_versions::table.filter(new))
                    .set((
                        report_versions::established_on.eq(Some(Db(established.on))),
                        report_versions::established_by.eq(Some(Db(established.done.by))),
                        report_versions::established_at.eq(Some(Db(established.done.at))),
                        report_versions::capacity.eq(Some(established.capacity.code().to_owned())),
                        report_versions::reference.eq(Some(established.reference.clone())),
                    ))
                    .execute(self.conn)?
            }
        };
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// What is known of a frozen version.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn frozen_head(&mut self, year: i16, version: u32) -> Result<FrozenHead, Error> {
        let row: HeadRow = report_versions::table
            .select(HEAD)
            .filter(report_versions::tenant_id.eq(Db(self.tenant)))
            .filter(report_versions::year.eq(year))
            .filter(report_versions::report_version.eq(kept(version)))
            .get_result(self.conn)?;
        head(row)
    }

    /// A frozen version with its content: the one asked for, or the newest.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn frozen(&mut self, year: i16, version: Option<u32>) -> Result<FrozenVersion, Error> {
        let mut query = report_versions::table
            .select((HEAD, report_versions::content))
            .filter(report_versions::tenant_id.eq(Db(self.tenant)))
            .filter(report_versions::year.eq(year))
            .order(report_versions::report_version.desc())
            .limit(1)
            .into_boxed();
        if let Some(version) = version {
            query = query.filter(report_versions::report_version.eq(kept(version)));
        }
        let (row, content): (HeadRow, String) = query.get_result(self.conn)?;
        Ok(FrozenVersion { head: head(row)?, content })
    }

    /// The newest version of a year that is established, with its content.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn established(&mut self, year: i16) -> Result<FrozenVersion, Error> {
        let (row, content): (HeadRow, String) = report_versions::table
            .select((HEAD, report_versions::content))
            .filter(report_versions::tenant_id.eq(Db(self.tenant)))
            .filter(report_versions::year.eq(year))
            .filter(report_versions::established_on.is_not_null())
            .order(report_versions::report_version.desc())
            .limit(1)
            .get_result(self.conn)?;
        Ok(FrozenVersion { head: head(row)?, content })
    }

    /// The frozen versions of a year, or of every year, the newest first, without their content.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn frozen_heads(&mut self, year: Option<i16>) -> Result<Vec<FrozenHead>, Error> {
        let mut query = report_versions::table
            .select(HEAD)
            .filter(report_versions::tenant_id.eq(Db(self.tenant)))
            .order((report_versions::year.desc(), report_versions::report_version.desc()))
            .into_boxed();
        if let Some(year) = year {
            query = query.filter(report_versions::year.eq(year));
        }
        let rows: Vec<HeadRow> = query.load(self.conn)?;
        rows.into_iter().map(head).collect()
    }
}
