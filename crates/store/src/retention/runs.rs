//! Runs and their lists.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::ids::{CaseId, InvestigationId, RunId, StaffId, TenantId};
use domain::retention::{Item, Kind, Outcome, Run, RunState};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{retention_items, retention_runs};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = retention_runs, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, run_id), treat_none_as_null = true)]
struct RunRow {
    tenant_id: Db<TenantId>,
    run_id: Db<RunId>,
    plan_version: i64,
    as_of: Db<Date>,
    made_by: Db<StaffId>,
    made_at: Db<Timestamp>,
    listed: i64,
    held: i64,
    hash: Vec<u8>,
    status: String,
    decision: Option<String>,
    ordered_by: Option<Db<StaffId>>,
    ordered_at: Option<Db<Timestamp>>,
    done_at: Option<Db<Timestamp>>,
}

impl RunRow {
    fn of(tenant: TenantId, run: &Run) -> Self {
        let (ordered_by, ordered_at, done_at) = match &run.state {
            RunState::Listed => (None, None, None),
            RunState::Ordered { by, at, .. } => (Some(*by), Some(*at), None),
            RunState::Done { by, ordered_at, at, .. } => (Some(*by), Some(*ordered_at), Some(*at)),
        };
        Self {
            tenant_id: Db(tenant),
            run_id: Db(run.id),
            plan_version: run.plan,
            as_of: Db(run.as_of),
            made_by: Db(run.made_by),
            made_at: Db(run.made_at),
            listed: i64::try_from(run.listed).unwrap_or(i64::MAX),
            held: i64::try_from(run.held).unwrap_or(i64::MAX),
            hash: run.hash.clone(),
            status: run.state.code().to_owned(),
            decision: run.state.decision().map(str::to_owned),
            ordered_by: ordered_by.map(Db),
            ordered_at: ordered_at.map(Db),
            done_at: done_at.map(Db),
        }
    }

    fn into_run(self) -> Result<Run, Error> {
        let wrong = || Error::Corrupt("retention_runs.status".to_owned());
        let ordered = || {
            let ordered = self.decision.clone().zip(self.ordered_by).zip(self.ordered_at);
            ordered.map(|((decision, by), at)| (decision, by.get(), at.get())).ok_or_else(wrong)
        };
        let state = match self.status.as_str() {
            "listed" => RunState::Listed,
            "ordered" => {
                let (decision, by, at) = ordered()?;
                RunState::Ordered { decision, by, at }
            }
            "done" => {
                let (decision, by, ordered_at) = ordered()?;
                let at = self.done_at.ok_or_else(wrong)?.get();
                RunState::Done { decision, by, ordered_at, at }
            }
            _ => return Err(wrong()),
        };
        Ok(Run {
            id: self.run_id.get(),
            plan: self.plan_version,
            as_of: self.as_of.get(),
            made_by: self.made_by.get(),
            made_at: self.made_at.get(),
            listed: self.listed.unsigned_abs(),
            held: self.held.unsigned_abs(),
            hash: self.hash,
            state,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = retention_items, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct ItemRow {
    tenant_id: Db<TenantId>,
    run_id: Db<RunId>,
    position: i64,
    kind: String,
    object_id: Db<Uuid>,
    case_id: Option<Db<CaseId>>,
    number: Option<String>,
    since: Db<Timestamp>,
    due_on: Db<Date>,
    basis: String,
    object_version: i64,
    investigation_id: Option<Db<InvestigationId>>,
    parts: Db<Value>,
    held: Option<String>,
    outcome: Option<String>,
    settled_at: Option<Db<Timestamp>>,
}

impl ItemRow {
    fn into_item(self) -> Result<(i64, Item), Error> {
        let coded = |text: Option<String>| text.map(|it| code(&it, "retention_items.held"));
        let outcome =
            self.outcome.as_deref().map(|it| code::<Outcome>(it, "retention_items.outcome"));
        let item = Item {
            kind: code::<Kind>(&self.kind, "retention_items.kind")?,
            object: self.object_id.get(),
            case: self.case_id.map(Db::get),
            number: self.number,
            since: self.since.get(),
            due_on: self.due_on.get(),
            basis: self.basis,
            version: self.object_version,
            investigation: self.investigation_id.map(Db::get),
            parts: from_document::<BTreeMap<String, u64>>(
                self.parts.get(),
                "retention_items.parts",
            )?,
            held: coded(self.held).transpose()?,
            outcome: outcome.transpose()?,
            settled_at: self.settled_at.map(Db::get),
        };
        Ok((self.position, item))
    }
}

impl Additions {
    /// Adds a run.
    pub fn retention_run(&mut self, run: &Run) {
        let row = RunRow::of(self.tenant, run);
        self.push(diesel::insert_into(retention_runs::table).values(row));
    }

    /// Adds a line of a run's list, counted from 1.
    pub fn retention_item(&mut self, run: RunId, position: i64, item: &Item) {
        let parts = match document(&item.parts) {
            Ok(parts) => parts,
            Err(fault) => return self.refuse(fault),
        };
        self.push(diesel::insert_into(retention_items::table).values(ItemRow {
            tenant_id: Db(self.tenant),
            run_id: Db(run),
            position,
            kind: item.kind.code().to_owned(),
            object_id: Db(item.object),
            case_id: item.case.map(Db),
            number: item.number.clone(),
            since: Db(item.since),
            due_on: Db(item.due_on),
            basis: item.basis.clone(),
            object_version: item.version,
            investigation_id: item.investigation.map(Db),
            parts: Db(parts),
            held: item.held.map(|held| held.code().to_owned()),
            outcome: item.outcome.map(|outcome| outcome.code().to_owned()),
            settled_at: item.settled_at.map(Db),
        }));
    }
}

impl Tx<'_> {
    /// Every run, by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a state that is none.
    pub fn retention_runs(&mut self) -> Result<Vec<Run>, Error> {
        let rows: Vec<RunRow> = retention_runs::table
            .select(RunRow::as_select())
            .filter(retention_runs::tenant_id.eq(Db(self.tenant)))
            .order(retention_runs::run_id)
            .load(self.conn)?;
        rows.into_iter().map(RunRow::into_run).collect()
    }

    /// The runs that are being carried out, by id.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a state that is none.
    pub fn ordered_runs(&mut self) -> Result<Vec<Run>, Error> {
        let rows: Vec<RunRow> = retention_runs::table
            .select(RunRow::as_select())
            .filter(retention_runs::tenant_id.eq(Db(self.tenant)))
            .filter(retention_runs::status.eq("ordered"))
            .order(retention_runs::run_id)
            .load(self.conn)?;
        rows.into_iter().map(RunRow::into_run).collect()
    }

    /// A run.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn retention_run(&mut self, id: RunId) -> Result<Run, Error> {
        let row: RunRow = retention_runs::table
            .select(RunRow::as_select())
            .filter(retention_runs::tenant_id.eq(Db(self.tenant)))
            .filter(retention_runs::run_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_run()
    }

    /// Saves where a run stands, if it still stands where it stood.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_retention_run(&mut self, run: &Run, from: &'static str) -> Result<(), Error> {
        let here = retention_runs::tenant_id
            .eq(Db(self.tenant))
            .and(retention_runs::run_id.eq(Db(run.id)))
            .and(retention_runs::status.eq(from));
        let row = RunRow::of(self.tenant, run);
        let changed =
            diesel::update(retention_runs::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The lines of a run's list after a place, with their places.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn retention_items(
        &mut self,
        run: RunId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Item)>, Error> {
        let rows: Vec<ItemRow> = retention_items::table
            .select(ItemRow::as_select())
            .filter(retention_items::tenant_id.eq(Db(self.tenant)))
            .filter(retention_items::run_id.eq(Db(run)))
            .filter(retention_items::position.gt(after))
            .order(retention_items::position)
            .limit(limit)
            .load(self.conn)?;
        rows.into_iter().map(ItemRow::into_item).collect()
    }

    /// The lines of a run that are still to be carried out, with their places.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_retention_items(
        &mut self,
        run: RunId,
        limit: i64,
    ) -> Result<Vec<(i64, Item)>, Error> {
        let rows: Vec<ItemRow> = retention_items::table
            .select(ItemRow::as_select())
            .filter(retention_items::tenant_id.eq(Db(self.tenant)))
            .filter(retention_items::run_id.eq(Db(run)))
            .filter(retention_items::held.is_null())
            .filter(retention_items::outcome.is_null())
            .order(retention_items::position)
            .limit(limit)
            .load(self.conn)?;
        rows.into_iter().map(ItemRow::into_item).collect()
    }

    /// The line of a run by which a case as a whole is still to be carried out; `None` where it has none, is held
    /// back, or is settled.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_retention_item(&mut self, run: RunId, case: CaseId) -> Result<Option<Item>, Error> {
        let rows: Vec<ItemRow> = retention_items::table
            .select(ItemRow::as_select())
            .filter(retention_items::tenant_id.eq(Db(self.tenant)))
            .filter(retention_items::run_id.eq(Db(run)))
            .filter(retention_items::object_id.eq(Db(case.0)))
            .filter(retention_items::held.is_null())
            .filter(retention_items::outcome.is_null())
            .order(retention_items::position)
            .load(self.conn)?;
        for row in rows {
            // Its receipts and files have lines of the same id.
            let (_, item) = row.into_item()?;
            if item.kind.is_case() {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// How many lines of a run came to what.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn retention_outcomes(&mut self, run: RunId) -> Result<Vec<(Outcome, u64)>, Error> {
        let mut found = Vec::new();
        for outcome in Outcome::ALL {
            let count: i64 = retention_items::table
                .filter(retention_items::tenant_id.eq(Db(self.tenant)))
                .filter(retention_items::run_id.eq(Db(run)))
                .filter(retention_items::outcome.eq(outcome.code()))
                .count()
                .get_result(self.conn)?;
            found.push((outcome, count.unsigned_abs()));
        }
        Ok(found)
    }

    /// Notes what came of a line, if nobody has.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn settle_retention_item(
        &mut self,
        run: RunId,
        position: i64,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<(), Error> {
        let here = retention_items::tenant_id
            .eq(Db(self.tenant))
            .and(retention_items::run_id.eq(Db(run)))
            .and(retention_items::position.eq(position))
            .and(retention_items::outcome.is_null());
        let changed = diesel::update(retention_items::table.filter(here))
            .set((
                retention_items::outcome.eq(Some(outcome.code())),
                retention_items::settled_at.eq(Some(Db(at))),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
