//! Units handed over from one hand to another.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use domain::handover::Handover;
use domain::ids::{HandoverId, StaffId, TenantId, UnitId};
use domain::worklist::HandoverBrief;
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{handover_units, handovers};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = handovers, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct HandoverRow {
    tenant_id: Db<TenantId>,
    handover_id: Db<HandoverId>,
    giver_id: Db<StaffId>,
    taker_id: Db<StaffId>,
    note: Option<String>,
    content: Db<Value>,
    made_at: Db<Timestamp>,
    giver_signed_at: Option<Db<Timestamp>>,
    taker_signed_at: Option<Db<Timestamp>>,
    version: i64,
}

impl HandoverRow {
    fn into_handover(self, units: Vec<UnitId>) -> Result<Handover, Error> {
        Ok(Handover {
            id: self.handover_id.get(),
            units,
            giver: self.giver_id.get(),
            taker: self.taker_id.get(),
            note: self.note,
            content: serde_json::from_value(self.content.get())
                .map_err(|error| Error::Corrupt(format!("handovers.content: {error}")))?,
            made_at: self.made_at.get(),
            giver_signed_at: self.giver_signed_at.map(Db::get),
            taker_signed_at: self.taker_signed_at.map(Db::get),
            version: self.version,
        })
    }
}

impl Additions {
    /// Adds a handover.
    pub fn handover(&mut self, handover: &Handover) {
        let content = match serde_json::to_value(&handover.content) {
            Ok(content) => content,
            Err(fault) => return self.refuse(Error::Corrupt(fault.to_string())),
        };
        self.push(diesel::insert_into(handovers::table).values(HandoverRow {
            tenant_id: Db(self.tenant),
            handover_id: Db(handover.id),
            giver_id: Db(handover.giver),
            taker_id: Db(handover.taker),
            note: handover.note.clone(),
            content: Db(content),
            made_at: Db(handover.made_at),
            giver_signed_at: handover.giver_signed_at.map(Db),
            taker_signed_at: handover.taker_signed_at.map(Db),
            version: handover.version,
        }));
        for unit in handover.units.iter().collect::<BTreeSet<_>>() {
            self.push(diesel::insert_into(handover_units::table).values((
                handover_units::tenant_id.eq(Db(self.tenant)),
                handover_units::handover_id.eq(Db(handover.id)),
                handover_units::unit_id.eq(Db(*unit)),
            )));
        }
    }
}

impl Tx<'_> {
    /// A handover.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn handover(&mut self, id: HandoverId) -> Result<Handover, Error> {
        let row: HandoverRow = handovers::table
            .select(HandoverRow::as_select())
            .filter(handovers::tenant_id.eq(Db(self.tenant)))
            .filter(handovers::handover_id.eq(Db(id)))
            .get_result(self.conn)?;
        let units: Vec<Db<UnitId>> = handover_units::table
            .select(handover_units::unit_id)
            .filter(handover_units::tenant_id.eq(Db(self.tenant)))
            .filter(handover_units::handover_id.eq(Db(id)))
            .order(handover_units::unit_id)
            .load(self.conn)?;
        row.into_handover(units.into_iter().map(Db::get).collect())
    }

    /// Every handover, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a content that is none.
    pub fn handovers(&mut self) -> Result<Vec<Handover>, Error> {
        let rows: Vec<HandoverRow> = handovers::table
            .select(HandoverRow::as_select())
            .filter(handovers::tenant_id.eq(Db(self.tenant)))
            .order((handovers::made_at, handovers::handover_id))
            .load(self.conn)?;
        let pairs: Vec<(Db<HandoverId>, Db<UnitId>)> = handover_units::table
            .select((handover_units::handover_id, handover_units::unit_id))
            .filter(handover_units::tenant_id.eq(Db(self.tenant)))
            .order((handover_units::handover_id, handover_units::unit_id))
            .load(self.conn)?;
        let mut units: HashMap<HandoverId, Vec<UnitId>> = HashMap::new();
        for (Db(handover), Db(unit)) in pairs {
            units.entry(handover).or_default().push(unit);
        }
        let handover = |row: HandoverRow| {
            let units = units.remove(&row.handover_id.get()).unwrap_or_default();
            row.into_handover(units)
        };
        rows.into_iter().map(handover).collect()
    }

    /// The handovers that a person gives or takes and that lack a signature.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn unsigned_handovers(&mut self, me: StaffId) -> Result<Vec<HandoverBrief>, Error> {
        type Row = (
            Db<HandoverId>,
            Db<StaffId>,
            Db<StaffId>,
            Db<Timestamp>,
            Option<Db<Timestamp>>,
            Option<Db<Timestamp>>,
        );
        let mine = handovers::giver_id.eq(Db(me)).or(handovers::taker_id.eq(Db(me)));
        let unsigned =
            handovers::giver_signed_at.is_null().or(handovers::taker_signed_at.is_null());
        let rows: Vec<Row> = handovers::table
            .select((
                handovers::handover_id,
                handovers::giver_id,
                handovers::taker_id,
                handovers::made_at,
                handovers::giver_signed_at,
                handovers::taker_signed_at,
            ))
            .filter(handovers::tenant_id.eq(Db(self.tenant)))
            .filter(mine)
            .filter(unsigned)
            .load(self.conn)?;
        let brief = |(id, giver, taker, made_at, given, taken): Row| HandoverBrief {
            id: id.get(),
            giver: giver.get(),
            taker: taker.get(),
            made_at: made_at.get(),
            giver_signed: given.is_some(),
            taker_signed: taken.is_some(),
        };
        Ok(rows.into_iter().map(brief).collect())
    }

    /// Saves the signatures of a handover if it still has the expected version.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_signatures(&mut self, handover: &Handover, expected: i64) -> Result<(), Error> {
        let here = handovers::tenant_id
            .eq(Db(self.tenant))
            .and(handovers::handover_id.eq(Db(handover.id)))
            .and(handovers::version.eq(expected));
        let changed = diesel::update(handovers::table.filter(here))
            .set((
                handovers::giver_signed_at.eq(handover.giver_signed_at.map(Db)),
                handovers::taker_signed_at.eq(handover.taker_signed_at.map(Db)),
                handovers::version.eq(handover.version),
            ))
            .execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
