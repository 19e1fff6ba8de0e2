//! The answers to forms that are counted, a row each, beside the fact of the case.

use diesel::prelude::*;
use domain::forms::Coded;
use domain::ids::CaseId;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::schema::case_answers;
use crate::sql_types::Db;

impl Additions {
    /// Adds the answers of a case.
    pub fn answers(&mut self, case: CaseId, answers: &[Coded]) {
        for answer in answers {
            self.push(diesel::insert_into(case_answers::table).values((
                case_answers::tenant_id.eq(Db(self.tenant)),
                case_answers::case_id.eq(Db(case)),
                case_answers::question.eq(answer.asked.code()),
                case_answers::code.eq(answer.code.clone()),
            )));
        }
    }
}

impl Tx<'_> {
    /// Puts these answers in place of those a case has.
    ///
    /// # Errors
    /// [`Error::Reference`] when there is no such case.
    pub fn replace_answers(&mut self, case: CaseId, answers: &[Coded]) -> Result<(), Error> {
        let here =
            case_answers::tenant_id.eq(Db(self.tenant)).and(case_answers::case_id.eq(Db(case)));
        diesel::delete(case_answers::table.filter(here)).execute(self.conn)?;
        self.add_rows(|rows| rows.answers(case, answers))
    }
}
