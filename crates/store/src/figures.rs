//! Figures: the facts counted by columns. Which rules make of them what is shown is the domain's.
//!
//! Diesel's own `GROUP BY` is part of a query's type; one that is only known when it is asked needs
//! a statement of our own. Values are bound, never written into it.
//!
//! Answers to forms are rows beside the facts. A question that is grouped by is joined; of several
//! answers each makes a row, which is what mentions are. One that only filters is looked up. Causes and
//! counterparties are read in the same way from where they stand, so that nothing need be kept twice.

pub(crate) mod cell;
pub(crate) mod statement;
mod sums;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};
use domain::forms::Coded;
use domain::ids::{CaseId, CounterpartyId, UnitId};
use domain::statistics::{BaseQuery, BaseRow, CaseRow, Times, Values};
use jiff::Timestamp;

use crate::Tx;
use crate::cases::laws_of;
use crate::error::Error;
use crate::sql_types::{Db, SqlInstant, SqlUuid};
use statement::{Piece, Statement, asked};
pub use sums::MOST_UNFOLDED;

type SqlNumber = Nullable<SmallInt>;
type SqlNumbers = (SqlNumber, SqlNumber, SqlNumber, SqlNumber, SqlNumber, SqlNumber, SqlNumber);
type SqlCode = Nullable<Text>;
type SqlCodes = (
    (SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode),
    (SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode),
);
/// The columns of a statement as they come back, and the answers.
type SqlValues = (
    SqlNumbers,
    (Nullable<Bool>, Nullable<Bool>),
    (Nullable<SqlUuid>, Nullable<SqlUuid>, Nullable<SqlUuid>),
    SqlCodes,
    (SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode),
);
/// The event, the report, triage, investigation, the close, the answer.
type SqlTimes = (
    Nullable<SqlInstant>,
    SqlInstant,
    Nullable<SqlInstant>,
    Nullable<SqlInstant>,
    Nullable<SqlInstant>,
    Nullable<SqlInstant>,
);

type Number = Option<i16>;
type Code = Option<String>;
type ValuesRow = (
    (Number, Number, Number, Number, Number, Number, Number),
    (Option<bool>, Option<bool>),
    (Option<Db<UnitId>>, Option<Db<UnitId>>, Option<Db<CounterpartyId>>),
    ((Code, Code, Code, Code, Code, Code, Code), (Code, Code, Code, Code, Code, Code, Code)),
    (Code, Code, Code, Code, Code, Code, Code),
);
type Instant = Option<Db<Timestamp>>;
type TimesRow = (Instant, Db<Timestamp>, Instant, Instant, Instant, Instant);

/// How many facts, how many of them closed, and how many answered.
type Grouped = (SqlValues, BigInt, Nullable<BigInt>, Nullable<BigInt>);
/// Case, event, whether the event is shared.
type Single = (SqlValues, SqlUuid, SqlUuid, Bool, SqlTimes);
type SingleRow = (ValuesRow, Db<CaseId>, Db<CaseId>, bool, TimesRow);

fn values(row: ValuesRow, query: &BaseQuery) -> Result<Values, Error> {
    let (numbers, (serious, reached_person), ids, (some, others), last) = row;
    let (unit, reporting_unit, counterparty) = ids;
    let (suggestion, suggestion_reported, understood, helped, patientnamnd, cause, answers) = last;
    let answers = answers.unwrap_or_default();
    let answers = asked(query).zip(answers.split(',')).filter(|(_, code)| !code.is_empty());
    let answers = answers.map(|(asked, code)| Coded { asked, code: code.to_owned() }).collect();
    let (year, month, week, weekday, hour, severity, probability) = numbers;
    let (laws, kind, category, nature, vardskada, injury, track) = some;
    let (outcome, status, source, channel, profession, sex, age_band) = others;
    Ok(Values {
        year,
        month,
        week,
        weekday,
        hour,
        kind,
        unit: unit.map(Db::get),
        reporting_unit: reporting_unit.map(Db::get),
        laws: laws.map_or(Ok(Vec::new()), |laws| laws_of(&laws))?,
        category,
        nature,
        severity,
        probability,
        vardskada,
        serious,
        injury,
        reached_person,
        track,
        outcome,
        status,
        source,
        channel,
        profession,
        sex,
        age_band,
        suggestion,
        suggestion_reported,
        understood,
        helped,
        patientnamnd,
        cause,
        counterparty: counterparty.map(Db::get),
        answers,
    })
}

/// No count is negative.
fn counted(count: i64) -> Result<u64, Error> {
    u64::try_from(count).map_err(|_| Error::Corrupt("a negative count".to_owned()))
}

impl Tx<'_> {
    /// Counts the facts by the columns asked for, in no order: from the sums where they answer. With no
    /// column there is one row, also when nothing was found.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for laws that nobody knows; [`Error::Unavailable`] and the like.
    pub fn figures(&mut self, query: &BaseQuery) -> Result<Vec<BaseRow>, Error> {
        match self.summed_figures(query)? {
            Some(rows) => Ok(rows),
            None => self.plain_figures(query),
        }
    }

    /// The same, from the facts themselves.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for laws that nobody knows; [`Error::Unavailable`] and the like.
    pub fn plain_figures(&mut self, query: &BaseQuery) -> Result<Vec<BaseRow>, Error> {
        let mut statement = Statement::<Grouped>::new(query);
        statement.select(query);
        statement.sql(", COUNT(*), ");
        match query.closed_before {
            Some(before) => {
                statement.sql("COUNT(CASE WHEN closed_at < ").bind(Piece::Instant(Db(before)));
                statement.sql(" THEN 1 END)");
            }
            None => _ = statement.sql("NULL"),
        }
        match query.answered_before {
            Some(before) => {
                statement.sql(", COUNT(CASE WHEN ").answered_at(self.tenant).sql(" < ");
                statement.bind(Piece::Instant(Db(before))).sql(" THEN 1 END)");
            }
            None => _ = statement.sql(", NULL"),
        }
        statement.matching(self.tenant, query);
        statement.group_by(query);
        let rows: Vec<(ValuesRow, i64, Option<i64>, Option<i64>)> = statement.load(self.conn)?;
        rows.into_iter()
            .map(|(at, count, closed, answered)| {
                let closed = counted(closed.unwrap_or(0))?;
                let answered = counted(answered.unwrap_or(0))?;
                Ok(BaseRow { at: values(at, query)?, count: counted(count)?, closed, answered })
            })
            .collect()
    }

    /// Hands every fact by itself to `each`, in no order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for laws that nobody knows; [`Error::Unavailable`] and the like.
    pub fn figure_rows(
        &mut self,
        query: &BaseQuery,
        mut each: impl FnMut(CaseRow),
    ) -> Result<(), Error> {
        let mut statement = Statement::<Single>::new(query);
        statement.select(query);
        statement.sql(", case_id, event_id, event_shared");
        statement.sql(", occurred_at, reported_at, triaged_at, investigated_at, closed_at, ");
        match query.answered_before {
            Some(_) => _ = statement.answered_at(self.tenant),
            None => _ = statement.sql("NULL"),
        }
        statement.matching(self.tenant, query);
        let rows = statement.load_iter::<SingleRow, _>(self.conn)?;
        for row in rows {
            let (at, case, event, shared, times) = row?;
            let (occurred, reported, triaged, investigated, closed, answered) = times;
            each(CaseRow {
                at: values(at, query)?,
                case: case.get(),
                shared_event: shared.then_some(event.get()),
                times: Times {
                    occurred: occurred.map(Db::get),
                    reported: reported.get(),
                    triaged: triaged.map(Db::get),
                    investigated: investigated.map(Db::get),
                    closed: closed.map(Db::get),
                },
                answered: answered.map(Db::get),
            });
        }
        Ok(())
    }
}
