//! What has ended and is no case: it has lines of its own in the plan.

use diesel::prelude::*;
use domain::forwarding::Direction;
use domain::ids::{CaseId, ForwardingId};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::Tx;
use crate::error::Error;
use crate::schema::{attachments, cases, forwardings, outbox, receipts};
use crate::sql_types::Db;

/// Something that has ended and is no case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseEnd {
    /// Which: of receipts and files their case.
    pub object: Uuid,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// Its number.
    pub number: Option<String>,
    /// When it ended.
    pub since: Timestamp,
    /// Its version; 0 of what has none.
    pub version: i64,
    /// How many they are.
    pub count: u64,
    /// A legal hold holds it; of receipts and files their case is asked.
    pub on_hold: bool,
}

impl Tx<'_> {
    /// What came from other caregivers, became no case, and ended before a moment. `day` says which holds hold.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn ended_received(&mut self, before: Timestamp, day: Date) -> Result<Vec<LooseEnd>, Error> {
        type Row = (Db<Uuid>, Option<String>, Option<Db<Timestamp>>, i64);
        let held = self.received_on_hold(day)?;
        let rows: Vec<Row> = forwardings::table
            .select((
                forwardings::forwarding_id,
                forwardings::number,
                forwardings::ended_at,
                forwardings::version,
            ))
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::direction.eq(Direction::Received.code()))
            .filter(forwardings::case_id.is_null())
            .filter(forwardings::erased_at.is_null())
            .filter(forwardings::ended_at.is_not_null())
            .filter(forwardings::ended_at.assume_not_null().lt(Db(before)))
            .order(forwardings::forwarding_id)
            .load(self.conn)?;
        let end = |(id, number, ended, version): Row| {
            let (object, since) = (id.get(), ended?.get());
            let on_hold = held.contains(&ForwardingId(object));
            Some(LooseEnd { object, case: None, number, since, version, count: 1, on_hold })
        };
        Ok(rows.into_iter().filter_map(end).collect())
    }

    /// Notices that wait for nothing, made before a moment. `day` says which holds hold.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn old_notices(&mut self, before: Timestamp, day: Date) -> Result<Vec<LooseEnd>, Error> {
        type Row = (Db<Uuid>, Option<Db<CaseId>>, Db<Timestamp>);
        let held = self.cases_on_hold(day)?;
        let rows: Vec<Row> = outbox::table
            .select((outbox::message_id, outbox::case_id, outbox::created_at))
            .filter(outbox::tenant_id.eq(Db(self.tenant)))
            .filter(outbox::next_try_at.is_null())
            .filter(outbox::created_at.lt(Db(before)))
            .order(outbox::message_id)
            .load(self.conn)?;
        let end = |(id, case, at): Row| LooseEnd {
            object: id.get(),
            case: case.map(Db::get),
            number: None,
            since: at.get(),
            version: 0,
            count: 1,
            on_hold: case.is_some_and(|case| held.contains(&case.get())),
        };
        Ok(rows.into_iter().map(end).collect())
    }

    /// The closed cases, among those that ended before a moment, that have receipts.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn old_receipts(&mut self, before: Timestamp) -> Result<Vec<LooseEnd>, Error> {
        let of_case =
            cases::tenant_id.eq(receipts::tenant_id).and(cases::case_id.eq(receipts::case_id));
        let rows: Vec<OfCase> = receipts::table
            .inner_join(cases::table.on(of_case))
            .select((cases::case_id, cases::number, cases::closed_at, cases::version))
            .filter(receipts::tenant_id.eq(Db(self.tenant)))
            .filter(cases::closed_at.is_not_null())
            .filter(cases::closed_at.assume_not_null().lt(Db(before)))
            .order(cases::case_id)
            .load(self.conn)?;
        Ok(counted(rows))
    }

    /// The closed cases, among those that ended before a moment, that have files.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn old_attachments(&mut self, before: Timestamp) -> Result<Vec<LooseEnd>, Error> {
        let of_case = cases::tenant_id
            .eq(attachments::tenant_id)
            .and(cases::case_id.eq(attachments::case_id));
        let rows: Vec<OfCase> = attachments::table
            .inner_join(cases::table.on(of_case))
            .select((cases::case_id, cases::number, cases::closed_at, cases::version))
            .filter(attachments::tenant_id.eq(Db(self.tenant)))
            .filter(cases::closed_at.is_not_null())
            .filter(cases::closed_at.assume_not_null().lt(Db(before)))
            .order(cases::case_id)
            .load(self.conn)?;
        Ok(counted(rows))
    }
}

/// A case, its number, when it ended, its version.
type OfCase = (Db<CaseId>, String, Option<Db<Timestamp>>, i64);

/// One end a case, of rows in the order of their cases.
fn counted(rows: Vec<OfCase>) -> Vec<LooseEnd> {
    let mut found: Vec<LooseEnd> = Vec::new();
    for (id, number, closed, version) in rows {
        let Some(since) = closed.map(Db::get) else { continue };
        match found.last_mut().filter(|last| last.case == Some(id.get())) {
            Some(last) => last.count += 1,
            None => found.push(LooseEnd {
                object: id.get().0,
                case: Some(id.get()),
                number: Some(number),
                since,
                version,
                count: 1,
                on_hold: false,
            }),
        }
    }
    found
}
