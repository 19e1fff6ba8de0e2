//! The sample of simple closings.

use diesel::prelude::*;
use domain::case::sample::{Looked, Sample};
use domain::ids::{CaseId, StaffId};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::code;
use crate::error::Error;
use crate::schema::samples;
use crate::sql_types::Db;

impl Additions {
    /// Adds a closing to the sample.
    pub fn sample(&mut self, sample: &Sample) {
        self.push(diesel::insert_into(samples::table).values((
            samples::tenant_id.eq(Db(self.tenant)),
            samples::case_id.eq(Db(sample.case)),
            samples::closed_at.eq(Db(sample.closed_at)),
            samples::closed_by.eq(Db(sample.closed_by)),
        )));
    }
}

impl Tx<'_> {
    /// The newest closing of a case that is in the sample.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn sample(&mut self, case: CaseId) -> Result<Sample, Error> {
        type Row = (
            Db<Timestamp>,
            Db<StaffId>,
            Option<String>,
            Option<String>,
            Option<Db<StaffId>>,
            Option<Db<Timestamp>>,
        );
        let row: Row = samples::table
            .select((
                samples::closed_at,
                samples::closed_by,
                samples::verdict,
                samples::text,
                samples::looked_by,
                samples::looked_at,
            ))
            .filter(samples::tenant_id.eq(Db(self.tenant)))
            .filter(samples::case_id.eq(Db(case)))
            .order(samples::closed_at.desc())
            .first(self.conn)?;
        let (closed_at, closed_by, verdict, text, by, at) = row;
        let looked = match (verdict, by, at) {
            (Some(verdict), Some(by), Some(at)) => {
                let verdict = code(&verdict, "samples.verdict")?;
                Some(Looked { verdict, text, by: by.get(), at: at.get() })
            }
            _ => None,
        };
        Ok(Sample { case, closed_at: closed_at.get(), closed_by: closed_by.get(), looked })
    }

    /// Writes down what whoever looked at a closing said of it.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody looked before.
    pub fn look_at_sample(&mut self, sample: &Sample, looked: &Looked) -> Result<(), Error> {
        let here = samples::tenant_id
            .eq(Db(self.tenant))
            .and(samples::case_id.eq(Db(sample.case)))
            .and(samples::closed_at.eq(Db(sample.closed_at)))
            .and(samples::verdict.is_null());
        let changed = diesel::update(samples::table.filter(here))
            .set((
                samples::verdict.eq(Some(looked.verdict.code())),
                samples::text.eq(looked.text.clone()),
                samples::looked_by.eq(Some(Db(looked.by))),
                samples::looked_at.eq(Some(Db(looked.at))),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
