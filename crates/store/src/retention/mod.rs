//! What goes by the information plan: the plan, legal holds, runs with their lists, what stands around a case whose
//! time is over, and the erasing itself.

mod candidates;
mod erase;
mod erase_parts;
mod holds;
mod loose;
mod runs;

use diesel::prelude::*;
use domain::ids::StaffId;
use domain::retention::Plan;
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::cases::{document, from_document};
use crate::error::Error;
use crate::schema::retention_plans;
use crate::sql_types::Db;

pub use candidates::EndedCase;
pub use erase::ErasedCase;
pub use loose::LooseEnd;

/// The plan as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptPlan {
    /// Its lines.
    pub plan: Plan,
    /// Who set it, and when; nobody has while the version is 0.
    pub set: Option<(StaffId, Timestamp)>,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

impl Tx<'_> {
    /// The plan as it stands; without a line, with version 0, where nobody has set one.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a document that is none.
    pub fn retention_plan(&mut self) -> Result<KeptPlan, Error> {
        type Row = (i64, Db<Value>, Db<StaffId>, Db<Timestamp>);
        let row: Option<Row> = retention_plans::table
            .select((
                retention_plans::version,
                retention_plans::rules,
                retention_plans::set_by,
                retention_plans::set_at,
            ))
            .filter(retention_plans::tenant_id.eq(Db(self.tenant)))
            .order(retention_plans::version.desc())
            .first(self.conn)
            .optional()?;
        let Some((version, Db(rules), by, at)) = row else { return Ok(KeptPlan::default()) };
        let plan = Plan { rules: from_document(rules, "retention_plans.rules")? };
        Ok(KeptPlan { plan, set: Some((by.get(), at.get())), version })
    }

    /// Sets the plan, if nobody has since it had the version `expected`.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_retention_plan(
        &mut self,
        plan: &Plan,
        (by, at): (StaffId, Timestamp),
        expected: i64,
    ) -> Result<(), Error> {
        if self.retention_plan()?.version != expected {
            return Err(Error::Stale);
        }
        let rules = document(&plan.rules)?;
        self.add_rows(|rows| {
            rows.push(diesel::insert_into(retention_plans::table).values((
                retention_plans::tenant_id.eq(Db(rows.tenant)),
                retention_plans::version.eq(expected + 1),
                retention_plans::rules.eq(Db(rules)),
                retention_plans::set_by.eq(Db(by)),
                retention_plans::set_at.eq(Db(at)),
            )));
        })
        .map_err(|error| match error {
            Error::Conflict { .. } => Error::Stale,
            other => other,
        })
    }
}
