//! Which escalations somebody may list, and what figures and rules ask of many of them.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::case::triage::Assessment;
use domain::case::{Kind as CaseKind, Status as CaseStatus};
use domain::escalation::{Escalation, Kind, Status};
use domain::ids::{CaseId, EscalationId, StaffId, UnitId};
use domain::law::Law;
use domain::policy::Scope;
use domain::statistics::EscalationFact;
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::among::{Holds, among, codes};
use crate::beside::hidden_from;
use crate::cases::{code, from_document, laws_of};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::escalations::EscalationRow;
use crate::schema::{cases, escalation_readers, escalations};
use crate::sql_types::Db;
/// One way in which somebody may see escalations, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationReading {
    /// At these units.
    pub units: Scope<UnitId>,
    /// Judged by these laws.
    pub laws: Scope<Law>,
}

/// Which escalations a list holds.
#[derive(Clone, Debug)]
pub struct EscalationFilter {
    /// Who asks: what is kept from them is not there, a riskperson only where they may see it, and what
    /// they were appointed to investigate whatever they hold.
    pub staff: StaffId,
    /// What their roles let them see.
    pub readings: Vec<EscalationReading>,
    /// What the register lets them decide: they see all of it.
    pub delegated: Vec<Kind>,
    /// Kinds; empty is all.
    pub kinds: Vec<Kind>,
    /// Statuses; empty is all.
    pub statuses: Vec<Status>,
    /// Units with those below; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Beside this case.
    pub case: Option<CaseId>,
    /// Go on after this place.
    pub after: Option<(Timestamp, EscalationId)>,
    /// How many at most.
    pub limit: i64,
}

type Condition = Box<dyn BoxableExpression<escalations::table, MultiBackend, SqlType = Bool>>;

fn never() -> Condition {
    Box::new(Holds(false))
}

fn within(reading: &EscalationReading) -> Condition {
    let mut condition: Condition = Box::new(Holds(true));
    if let Scope::Only(units) = &reading.units {
        let units = units.iter().copied().map(Db);
        condition = Box::new(condition.and(escalations::unit_id.eq_any(among(units))));
    }
    if let Scope::Only(laws) = &reading.laws {
        let laws = laws.iter().map(|law| law.code());
        condition = Box::new(condition.and(escalations::law.eq_any(among(laws))));
    }
    condition
}

impl Tx<'_> {
    /// A list of escalations, newest first, as far as somebody may see them.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn escalation_list(&mut self, filter: &EscalationFilter) -> Result<Vec<Escalation>, Error> {
        let hidden = hidden_from(Db(self.tenant), Db(filter.staff));
        let opened = escalation_readers::table
            .select(escalation_readers::escalation_id)
            .filter(escalation_readers::tenant_id.eq(Db(self.tenant)))
            .filter(escalation_readers::staff_id.eq(Db(filter.staff)));
        let open: Condition = Box::new(escalations::case_id.assume_not_null().ne_all(hidden));
        let let_in: Condition = Box::new(escalations::escalation_id.eq_any(opened));
        let mut seen = never();
        for reading in &filter.readings {
            seen = Box::new(seen.or(within(reading)));
        }
        let delegated = filter.delegated.iter().map(|kind| kind.code());
        seen = Box::new(seen.or(escalations::kind.eq_any(among(delegated))));
        let investigates = escalations::investigator_id.assume_not_null().eq(Db(filter.staff));
        seen = Box::new(seen.or(escalations::investigator_id.is_not_null().and(investigates)));
        let lex = escalations::kind.ne(Kind::Riskperson.code()).and(seen).and(open);
        let apart = escalations::kind.eq(Kind::Riskperson.code()).and(let_in);
        let mut query = escalations::table
            .select(EscalationRow::as_select())
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(lex.or(apart))
            .filter(escalations::erased_at.is_null())
            .order((escalations::flagged_at.desc(), escalations::escalation_id.desc()))
            .limit(filter.limit)
            .into_boxed();
        if !filter.kinds.is_empty() {
            let kinds = filter.kinds.iter().map(|kind| kind.code());
            query = query.filter(escalations::kind.eq_any(among(kinds)));
        }
        if !filter.statuses.is_empty() {
            let statuses = filter.statuses.iter().map(|status| status.code());
            query = query.filter(escalations::status.eq_any(among(statuses)));
        }
        if let Some(units) = &filter.units {
            let units = units.iter().copied().map(Db);
            query = query.filter(escalations::unit_id.eq_any(among(units)));
        }
        if let Some(case) = filter.case {
            query = query.filter(escalations::case_id.eq(Db(case)));
        }
        if let Some((at, id)) = filter.after {
            query =
                query.filter(escalations::flagged_at.lt(Db(at)).or(
                    escalations::flagged_at.eq(Db(at)).and(escalations::escalation_id.lt(Db(id))),
                ));
        }
        let rows: Vec<EscalationRow> = query.load(self.conn)?;
        self.with_readers(rows)
    }

    /// What the figures ask of the escalations raised in a span, at some units.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn escalation_facts(
        &mut self,
        from: Timestamp,
        before: Timestamp,
        units: &Scope<UnitId>,
    ) -> Result<Vec<EscalationFact>, Error> {
        type Row = (
            String,
            String,
            Db<UnitId>,
            String,
            Db<Timestamp>,
            Db<Timestamp>,
            Option<Db<Timestamp>>,
            Option<Db<Timestamp>>,
        );
        let mut query = escalations::table
            .select((
                escalations::kind,
                escalations::status,
                escalations::unit_id,
                escalations::law,
                escalations::starts_at,
                escalations::flagged_at,
                escalations::decided_at,
                escalations::notified_at,
            ))
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::flagged_at.ge(Db(from)))
            .filter(escalations::flagged_at.lt(Db(before)))
            .into_boxed();
        if let Scope::Only(units) = units {
            let units = units.iter().copied().map(Db);
            query = query.filter(escalations::unit_id.eq_any(among(units)));
        }
        let rows: Vec<Row> = query.load(self.conn)?;
        let fact = |row: Row| {
            Ok(EscalationFact {
                kind: code(&row.0, "escalations.kind")?,
                status: code(&row.1, "escalations.status")?,
                unit: row.2.get(),
                law: code(&row.3, "escalations.law")?,
                starts_at: row.4.get(),
                flagged_at: row.5.get(),
                decided_at: row.6.map(Db::get),
                notified_at: row.7.map(Db::get),
            })
        };
        rows.into_iter().map(fact).collect()
    }

    /// Shows the laws and the assessment of each avvikelse reported in a span; drafts and what is void
    /// are none.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn assessments_reported(
        &mut self,
        from: Timestamp,
        before: Timestamp,
        mut each: impl FnMut(&[Law], &Assessment),
    ) -> Result<(), Error> {
        let rows: Vec<(String, Db<Value>)> = cases::table
            .select((cases::laws, cases::assessment))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::kind.eq(CaseKind::Avvikelse.code()))
            .filter(
                cases::status.ne_all(codes([CaseStatus::Draft.code(), CaseStatus::Void.code()])),
            )
            .filter(cases::reported_at.ge(Db(from)))
            .filter(cases::reported_at.lt(Db(before)))
            .load(self.conn)?;
        for (laws, assessment) in rows {
            let assessment: Assessment = from_document(assessment.get(), "cases.assessment")?;
            each(&laws_of(&laws)?, &assessment);
        }
        Ok(())
    }
}
