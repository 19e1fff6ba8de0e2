//! What was made public of the reports of the years, as it was. It is never made anew: of two makings, what one
//! keeps back the other might give back.

use diesel::prelude::*;
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::schema::report_issues;
use crate::sql_types::Db;

/// A public version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportIssue {
    /// Its number among all of the tenant's, from 1.
    pub issue: i32,
    /// The year of the report.
    pub year: i16,
    /// The frozen version it was made from.
    pub version: u32,
    /// What it says: the report as JSON.
    pub content: String,
}

impl Tx<'_> {
    /// Everything that was made public, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a version that is none.
    pub fn report_issues(&mut self) -> Result<Vec<ReportIssue>, Error> {
        let rows: Vec<(i32, i16, i32, String)> = report_issues::table
            .select((
                report_issues::issue,
                report_issues::year,
                report_issues::report_version,
                report_issues::content,
            ))
            .filter(report_issues::tenant_id.eq(Db(self.tenant)))
            .order(report_issues::issue)
            .load(self.conn)?;
        let read = |(issue, year, version, content): (i32, i16, i32, String)| {
            let version = u32::try_from(version)
                .map_err(|_| Error::Corrupt("report_issues.report_version".to_owned()))?;
            Ok(ReportIssue { issue, year, version, content })
        };
        rows.into_iter().map(read).collect()
    }

    /// The number of the last that was made public; 0 where nothing was. They are numbered without a gap.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a number that is none.
    pub fn last_report_issue(&mut self) -> Result<usize, Error> {
        let last: Option<i32> = report_issues::table
            .select(diesel::dsl::max(report_issues::issue))
            .filter(report_issues::tenant_id.eq(Db(self.tenant)))
            .get_result(self.conn)?;
        usize::try_from(last.unwrap_or(0))
            .map_err(|_| Error::Corrupt("report_issues.issue".to_owned()))
    }

    /// Keeps what is made public now.
    ///
    /// # Errors
    /// [`Error::Conflict`] where its number is taken.
    pub fn insert_report_issue(&mut self, issue: &ReportIssue, at: Timestamp) -> Result<(), Error> {
        let version = i32::try_from(issue.version)
            .map_err(|_| Error::Corrupt("the number of a version".to_owned()))?;
        let mut rows = Additions::to(self.tenant);
        rows.push(diesel::insert_into(report_issues::table).values((
            report_issues::tenant_id.eq(Db(self.tenant)),
            report_issues::issue.eq(issue.issue),
            report_issues::year.eq(issue.year),
            report_issues::report_version.eq(version),
            report_issues::content.eq(issue.content.clone()),
            report_issues::issued_at.eq(Db(at)),
        )));
        self.add(rows)
    }
}
