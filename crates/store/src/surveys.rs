//! What the senders of opinions said of the answer: kept beside the opinion, since it changes nothing of
//! the matter, and in the facts.

use diesel::prelude::*;
use domain::ids::CaseId;
use domain::survey::{Satisfied, Survey};
use jiff::Timestamp;

use crate::Tx;
use crate::cases::code;
use crate::error::Error;
use crate::schema::{case_facts, opinions};
use crate::sql_types::Db;

fn said(text: Option<String>, column: &str) -> Result<Option<Satisfied>, Error> {
    text.map(|text| code(&text, column)).transpose()
}

impl Tx<'_> {
    /// What the sender of a case's opinion said of the answer; `None` until they did.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no opinion.
    pub fn survey(&mut self, case: CaseId) -> Result<Option<Survey>, Error> {
        type Row = (Option<String>, Option<String>, Option<Db<Timestamp>>);
        let (understood, helped, at): Row = opinions::table
            .select((opinions::understood, opinions::helped, opinions::surveyed_at))
            .filter(opinions::tenant_id.eq(Db(self.tenant)))
            .filter(opinions::case_id.eq(Db(case)))
            .get_result(self.conn)?;
        let Some(at) = at else { return Ok(None) };
        Ok(Some(Survey {
            understood: said(understood, "opinions.understood")?,
            helped: said(helped, "opinions.helped")?,
            at: at.get(),
        }))
    }

    /// Keeps what the sender said, once, and counts it.
    ///
    /// # Errors
    /// [`Error::Stale`] where they have said it before.
    pub fn save_survey(&mut self, case: CaseId, survey: &Survey) -> Result<(), Error> {
        let understood = survey.understood.map(Satisfied::code);
        let helped = survey.helped.map(Satisfied::code);
        let here = opinions::tenant_id
            .eq(Db(self.tenant))
            .and(opinions::case_id.eq(Db(case)))
            .and(opinions::surveyed_at.is_null());
        let changed = diesel::update(opinions::table.filter(here))
            .set((
                opinions::understood.eq(understood),
                opinions::helped.eq(helped),
                opinions::surveyed_at.eq(Some(Db(survey.at))),
            ))
            .execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        let fact = case_facts::tenant_id.eq(Db(self.tenant)).and(case_facts::case_id.eq(Db(case)));
        diesel::update(case_facts::table.filter(fact))
            .set((case_facts::understood.eq(understood), case_facts::helped.eq(helped)))
            .execute(self.conn)?;
        Ok(())
    }
}
