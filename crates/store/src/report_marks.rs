//! What is kept back by hand from the public version of a year's report.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::ids::StaffId;
use domain::yearly::suppression::Mark;
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::schema::report_marks;
use crate::sql_types::Db;

/// What is kept back of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportMarks {
    /// The figures.
    pub marks: Vec<Mark>,
    /// Who marked last, and when; nobody has while the version is 0.
    pub marked: Option<(StaffId, Timestamp)>,
    /// Grows by one with every change.
    pub version: i64,
}

/// The marks, who made them, when, and their version.
type MarksRow = (Db<Value>, Db<StaffId>, Db<Timestamp>, i64);

fn read(marks: Db<Value>) -> Result<Vec<Mark>, Error> {
    serde_json::from_value(marks.get())
        .map_err(|error| Error::Corrupt(format!("report_marks.marks: {error}")))
}

impl Tx<'_> {
    /// What is kept back of a year; nothing, with version 0, where nobody has marked.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a document that is none.
    pub fn report_marks(&mut self, year: i16) -> Result<ReportMarks, Error> {
        let row: Option<MarksRow> = report_marks::table
            .select((
                report_marks::marks,
                report_marks::marked_by,
                report_marks::marked_at,
                report_marks::version,
            ))
            .filter(report_marks::tenant_id.eq(Db(self.tenant)))
            .filter(report_marks::year.eq(year))
            .get_result(self.conn)
            .optional()?;
        let Some((marks, by, at, version)) = row else { return Ok(ReportMarks::default()) };
        Ok(ReportMarks { marks: read(marks)?, marked: Some((by.get(), at.get())), version })
    }

    /// What is kept back of every year that somebody has marked in.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a document that is none.
    pub fn all_report_marks(&mut self) -> Result<BTreeMap<i16, Vec<Mark>>, Error> {
        let rows: Vec<(i16, Db<Value>)> = report_marks::table
            .select((report_marks::year, report_marks::marks))
            .filter(report_marks::tenant_id.eq(Db(self.tenant)))
            .load(self.conn)?;
        rows.into_iter().map(|(year, marks)| Ok((year, read(marks)?))).collect()
    }

    /// Saves what is kept back of a year if it still has the expected version.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_report_marks(
        &mut self,
        year: i16,
        marks: &[Mark],
        (by, at): (StaffId, Timestamp),
        expected: i64,
    ) -> Result<(), Error> {
        let marks =
            serde_json::to_value(marks).map_err(|error| Error::Corrupt(error.to_string()))?;
        let values = (
            report_marks::marks.eq(Db(marks)),
            report_marks::marked_by.eq(Db(by)),
            report_marks::marked_at.eq(Db(at)),
            report_marks::version.eq(expected + 1),
        );
        if expected == 0 {
            let key = (report_marks::tenant_id.eq(Db(self.tenant)), report_marks::year.eq(year));
            let mut rows = Additions::to(self.tenant);
            rows.push(diesel::insert_into(report_marks::table).values((key, values)));
            return self.add(rows).map_err(|error| match error {
                Error::Conflict { .. } => Error::Stale,
                other => other,
            });
        }
        let here = report_marks::tenant_id
            .eq(Db(self.tenant))
            .and(report_marks::year.eq(year))
            .and(report_marks::version.eq(expected));
        let changed =
            diesel::update(report_marks::table.filter(here)).set(values).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
