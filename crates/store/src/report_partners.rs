//! With which other tenants reports are shared, what was shared, and what was shared with us.

use diesel::prelude::*;
use domain::ids::{StaffId, TenantId};
use domain::learning::Done;
use domain::yearly::shared::{Noted, Partner, SharedReport, Side, Withdrawn};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::reports::{done, kept, number};
use crate::schema::{report_partners, report_shares, shared_reports};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = report_partners, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, other_id), treat_none_as_null = true)]
struct PartnerRow {
    tenant_id: Db<TenantId>,
    other_id: Db<TenantId>,
    slug: String,
    name: String,
    side: String,
    agreed_by: Db<StaffId>,
    agreed_at: Db<Timestamp>,
    ended_by: Option<Db<StaffId>>,
    ended_at: Option<Db<Timestamp>>,
    version: i64,
}

impl PartnerRow {
    fn of(tenant: TenantId, it: &Partner) -> Self {
        Self {
            tenant_id: Db(tenant),
            other_id: Db(it.other),
            slug: it.slug.clone(),
            name: it.name.clone(),
            side: it.side.code().to_owned(),
            agreed_by: Db(it.agreed.by),
            agreed_at: Db(it.agreed.at),
            ended_by: it.ended.as_ref().map(|done| Db(done.by)),
            ended_at: it.ended.as_ref().map(|done| Db(done.at)),
            version: it.version,
        }
    }

    fn into_partner(self) -> Result<Partner, Error> {
        Ok(Partner {
            other: self.other_id.get(),
            slug: self.slug,
            name: self.name,
            side: code::<Side>(&self.side, "report_partners.side")?,
            agreed: Done { by: self.agreed_by.get(), at: self.agreed_at.get() },
            ended: done(self.ended_by, self.ended_at),
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = shared_reports, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, provider_id, year, report_version), treat_none_as_null = true)]
struct SharedRow {
    tenant_id: Db<TenantId>,
    provider_id: Db<TenantId>,
    year: i16,
    report_version: i32,
    slug: String,
    name: String,
    content: String,
    sha256: String,
    locked_at: Db<Timestamp>,
    established_on: Db<Date>,
    shared_at: Db<Timestamp>,
    noted_on: Option<Db<Date>>,
    noted_paragraph: Option<String>,
    noted_by: Option<Db<StaffId>>,
    noted_at: Option<Db<Timestamp>>,
    withdrawn_at: Option<Db<Timestamp>>,
    withdrawn_reason: Option<String>,
    version: i64,
}

impl SharedRow {
    fn of(tenant: TenantId, it: &SharedReport) -> Self {
        let noted = it.noted.as_ref();
        Self {
            tenant_id: Db(tenant),
            provider_id: Db(it.provider),
            year: it.year,
            report_version: kept(it.report_version),
            slug: it.slug.clone(),
            name: it.name.clone(),
            content: it.content.clone(),
            sha256: it.sha256.clone(),
            locked_at: Db(it.locked_at),
            established_on: Db(it.established_on),
            shared_at: Db(it.shared_at),
            noted_on: noted.map(|noted| Db(noted.on)),
            noted_paragraph: noted.map(|noted| noted.paragraph.clone()),
            noted_by: noted.map(|noted| Db(noted.done.by)),
            noted_at: noted.map(|noted| Db(noted.done.at)),
            withdrawn_at: it.withdrawn.as_ref().map(|it| Db(it.at)),
            withdrawn_reason: it.withdrawn.as_ref().map(|it| it.reason.clone()),
            version: it.version,
        }
    }

    fn into_shared(self) -> Result<SharedReport, Error> {
        let noted = (self.noted_on, self.noted_paragraph, done(self.noted_by, self.noted_at));
        Ok(SharedReport {
            provider: self.provider_id.get(),
            slug: self.slug,
            name: self.name,
            year: self.year,
            report_version: number(self.report_version, "shared_reports.report_version")?,
            content: self.content,
            sha256: self.sha256,
            locked_at: self.locked_at.get(),
            established_on: self.established_on.get(),
            shared_at: self.shared_at.get(),
            noted: match noted {
                (Some(on), Some(paragraph), Some(done)) => {
                    Some(Noted { on: on.get(), paragraph, done })
                }
                (_, _, _) => None,
            },
            withdrawn: withdrawn(self.withdrawn_at, self.withdrawn_reason),
            version: self.version,
        })
    }
}

/// That it was taken back, and why.
fn withdrawn(at: Option<Db<Timestamp>>, reason: Option<String>) -> Option<Withdrawn> {
    let at = at?.get();
    Some(Withdrawn { at, reason: reason.unwrap_or_default() })
}

/// What a list says of a report that was shared with us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLine {
    /// The provider's name in paths.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The year.
    pub year: i16,
    /// Which of its versions.
    pub report_version: u32,
    /// SHA-256 over its content.
    pub sha256: String,
    /// When it was frozen.
    pub locked_at: Timestamp,
    /// When it was established there.
    pub established_on: Date,
    /// When it was shared.
    pub shared_at: Timestamp,
    /// When it was noted, and by which paragraph.
    pub noted: Option<(Date, String)>,
    /// That the provider took it back.
    pub withdrawn: Option<Withdrawn>,
    /// The ETag.
    pub version: i64,
}

impl Additions {
    /// Adds that a version was shared with another tenant.
    pub fn report_share(&mut self, year: i16, version: u32, other: TenantId, shared: &Done) {
        self.push(diesel::insert_into(report_shares::table).values((
            report_shares::tenant_id.eq(Db(self.tenant)),
            report_shares::year.eq(year),
            report_shares::report_version.eq(kept(version)),
            report_shares::other_id.eq(Db(other)),
            report_shares::shared_by.eq(Db(shared.by)),
            report_shares::shared_at.eq(Db(shared.at)),
        )));
    }

    /// Adds a report that a provider has shared with us; a conflict over
    /// `shared_reports_provider_id_year_report_version_key` where it was shared before.
    pub fn shared_report(&mut self, it: &SharedReport) {
        let row = SharedRow::of(self.tenant, it);
        self.push(diesel::insert_into(shared_reports::table).values(row));
    }
}

impl Tx<'_> {
    /// Those with whom reports are shared, or were, by name in paths.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn report_partners(&mut self) -> Result<Vec<Partner>, Error> {
        let rows: Vec<PartnerRow> = report_partners::table
            .select(PartnerRow::as_select())
            .filter(report_partners::tenant_id.eq(Db(self.tenant)))
            .order(report_partners::slug)
            .load(self.conn)?;
        rows.into_iter().map(PartnerRow::into_partner).collect()
    }

    /// Our word about another tenant; `None` where nobody has given it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn report_partner(&mut self, other: TenantId) -> Result<Option<Partner>, Error> {
        let row: Option<PartnerRow> = report_partners::table
            .select(PartnerRow::as_select())
            .filter(report_partners::tenant_id.eq(Db(self.tenant)))
            .filter(report_partners::other_id.eq(Db(other)))
            .get_result(self.conn)
            .optional()?;
        row.map(PartnerRow::into_partner).transpose()
    }

    /// Adds our word, or saves a changed one if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_report_partner(&mut self, it: &Partner) -> Result<(), Error> {
        let row = PartnerRow::of(self.tenant, it);
        if it.version == 1 {
            let added = diesel::insert_into(report_partners::table).values(row).execute(self.conn);
            return match added.map_err(Error::from) {
                Ok(_) => Ok(()),
                Err(Error::Conflict { .. }) => Err(Error::Stale),
                Err(other) => Err(other),
            };
        }
        let here = report_partners::tenant_id
            .eq(Db(self.tenant))
            .and(report_partners::other_id.eq(Db(it.other)))
            .and(report_partners::version.eq(it.version - 1));
        let changed =
            diesel::update(report_partners::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// What was shared with us, of one year or of all, the newest year first; of a provider's versions the
    /// newest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a number that is none.
    pub fn shared_lines(&mut self, year: Option<i16>) -> Result<Vec<SharedLine>, Error> {
        type Row = (
            String,
            String,
            i16,
            i32,
            String,
            Db<Timestamp>,
            Db<Date>,
            Db<Timestamp>,
            Option<Db<Date>>,
            Option<String>,
            (Option<Db<Timestamp>>, Option<String>),
            i64,
        );
        let mut query = shared_reports::table
            .select((
                shared_reports::slug,
                shared_reports::name,
                shared_reports::year,
                shared_reports::report_version,
                shared_reports::sha256,
                shared_reports::locked_at,
                shared_reports::established_on,
                shared_reports::shared_at,
                shared_reports::noted_on,
                shared_reports::noted_paragraph,
                (shared_reports::withdrawn_at, shared_reports::withdrawn_reason),
                shared_reports::version,
            ))
            .filter(shared_reports::tenant_id.eq(Db(self.tenant)))
            .order((
                shared_reports::year.desc(),
                shared_reports::slug,
                shared_reports::report_version.desc(),
            ))
            .into_boxed();
        if let Some(year) = year {
            query = query.filter(shared_reports::year.eq(year));
        }
        let rows: Vec<Row> = query.load(self.conn)?;
        let line = |row: Row| {
            Ok(SharedLine {
                slug: row.0,
                name: row.1,
                year: row.2,
                report_version: number(row.3, "shared_reports.report_version")?,
                sha256: row.4,
                locked_at: row.5.get(),
                established_on: row.6.get(),
                shared_at: row.7.get(),
                noted: row.8.map(Db::get).zip(row.9),
                withdrawn: withdrawn(row.10.0, row.10.1),
                version: row.11,
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// The reports of a year that were shared with us, with their content: of each provider the newest
    /// version that was not taken back.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a number that is none.
    pub fn shared_of_year(&mut self, year: i16) -> Result<Vec<SharedReport>, Error> {
        let rows: Vec<SharedRow> = shared_reports::table
            .select(SharedRow::as_select())
            .filter(shared_reports::tenant_id.eq(Db(self.tenant)))
            .filter(shared_reports::year.eq(year))
            .filter(shared_reports::withdrawn_at.is_null())
            .order((shared_reports::slug, shared_reports::report_version.desc()))
            .load(self.conn)?;
        let mut found: Vec<SharedReport> =
            rows.into_iter().map(SharedRow::into_shared).collect::<Result<_, _>>()?;
        found.dedup_by_key(|report| report.provider);
        Ok(found)
    }

    /// A report that was shared with us: the version asked for, also where it was taken back, or the newest that
    /// was not.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn shared_report(
        &mut self,
        slug: &str,
        year: i16,
        version: Option<u32>,
    ) -> Result<SharedReport, Error> {
        let query = shared_reports::table
            .select(SharedRow::as_select())
            .filter(shared_reports::tenant_id.eq(Db(self.tenant)))
            .filter(shared_reports::year.eq(year))
            .filter(shared_reports::slug.eq(slug.to_owned()))
            .order(shared_reports::report_version.desc())
            .limit(1)
            .into_boxed();
        let query = match version {
            Some(version) => query.filter(shared_reports::report_version.eq(kept(version))),
            None => query.filter(shared_reports::withdrawn_at.is_null()),
        };
        let row: SharedRow = query.get_result(self.conn)?;
        row.into_shared()
    }

    /// Notes that a provider took back what it had shared with us, or (`None`) shares it again. Gives whether
    /// that changed anything.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn withdraw_shared(
        &mut self,
        (provider, year, version): (TenantId, i16, u32),
        withdrawn: Option<&Withdrawn>,
    ) -> Result<bool, Error> {
        let here = shared_reports::tenant_id
            .eq(Db(self.tenant))
            .and(shared_reports::provider_id.eq(Db(provider)))
            .and(shared_reports::year.eq(year))
            .and(shared_reports::report_version.eq(kept(version)));
        let values = (
            shared_reports::withdrawn_at.eq(withdrawn.map(|it| Db(it.at))),
            shared_reports::withdrawn_reason.eq(withdrawn.map(|it| it.reason.clone())),
            shared_reports::version.eq(shared_reports::version + 1),
        );
        let changed = match withdrawn {
            Some(_) => diesel::update(
                shared_reports::table.filter(here.and(shared_reports::withdrawn_at.is_null())),
            )
            .set(values)
            .execute(self.conn)?,
            None => diesel::update(
                shared_reports::table.filter(here.and(shared_reports::withdrawn_at.is_not_null())),
            )
            .set(values)
            .execute(self.conn)?,
        };
        Ok(changed == 1)
    }

    /// Saves a shared report that was noted if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_shared_report(&mut self, it: &SharedReport) -> Result<(), Error> {
        let row = SharedRow::of(self.tenant, it);
        let here = shared_reports::tenant_id
            .eq(Db(self.tenant))
            .and(shared_reports::provider_id.eq(Db(it.provider)))
            .and(shared_reports::year.eq(it.year))
            .and(shared_reports::report_version.eq(kept(it.report_version)))
            .and(shared_reports::version.eq(it.version - 1));
        let changed =
            diesel::update(shared_reports::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
