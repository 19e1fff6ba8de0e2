//! Which forwardings somebody may list, and what figures, clocks and jobs ask of many of them.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::forwarding::ledger::ForwardingFact;
use domain::forwarding::{Direction, Forwarding, Status};
use domain::ids::{CaseId, CounterpartyId, ForwardingId, StaffId, UnitId};
use domain::law::Law;
use domain::policy::{Reading, ReceivedReading, Scope};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::among::{Holds, among, codes};
use crate::beside::hidden_from;
use crate::case_lists::{HasCase, acted_on, within_reach};
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::forwardings::ForwardingRow;
use crate::schema::forwardings;
use crate::sql_types::Db;

/// Which forwardings a list holds.
#[derive(Clone, Debug)]
pub struct ForwardingFilter {
    /// Who asks: what is kept from them is not there.
    pub staff: StaffId,
    /// What their roles let them do to cases: to read them, or with `acting` to act on them.
    pub readings: Vec<Reading>,
    /// What their roles let them do to what was received.
    pub received: Vec<ReceivedReading>,
    /// Only what the readings let them act on: what they were asked to read counts for nothing.
    pub acting: bool,
    /// Which way; `None` is both.
    pub direction: Option<Direction>,
    /// To or from this counterparty.
    pub counterparty: Option<CounterpartyId>,
    /// Statuses; empty is all.
    pub statuses: Vec<Status>,
    /// Beside this case.
    pub case: Option<CaseId>,
    /// Only what is late on this day.
    pub overdue_on: Option<Date>,
    /// Only what waits for somebody here.
    pub waiting: bool,
    /// Only what an answer is still to come to.
    pub awaiting: bool,
    /// Changed at or after, and before.
    pub changed: Option<(Timestamp, Timestamp)>,
    /// Go on after this place.
    pub after: Option<(Timestamp, ForwardingId)>,
    /// How many at most.
    pub limit: i64,
}

type Condition = Box<dyn BoxableExpression<forwardings::table, MultiBackend, SqlType = Bool>>;

fn never() -> Condition {
    Box::new(Holds(false))
}

/// What one grant lets do to received ones, as a condition.
fn received(reading: &ReceivedReading) -> Condition {
    let mut condition: Condition = Box::new(forwardings::direction.eq(Direction::Received.code()));
    if let Scope::Only(laws) = &reading.laws {
        let laws = laws.iter().map(|law| law.code());
        condition = Box::new(condition.and(forwardings::law.eq_any(among(laws))));
    }
    if let Scope::Only(units) = &reading.units {
        let units: Vec<_> = units.iter().copied().map(Db).collect();
        let here = forwardings::unit_id
            .is_not_null()
            .and(forwardings::unit_id.assume_not_null().eq_any(among(units)));
        condition = match reading.unplaced {
            true => Box::new(condition.and(here.or(forwardings::unit_id.is_null()))),
            false => Box::new(condition.and(here)),
        };
    }
    condition
}

/// The statuses in which an answer is still to come.
fn awaiting() -> [&'static str; 7] {
    [
        Status::Sent,
        Status::Acknowledged,
        Status::EscalatedUnanswered,
        Status::Received,
        Status::Assigned,
        Status::Investigated,
        Status::AnswerApproved,
    ]
    .map(Status::code)
}

impl Tx<'_> {
    /// A list of forwardings, newest first, as far as somebody may see them.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn forwarding_list(&mut self, filter: &ForwardingFilter) -> Result<Vec<Forwarding>, Error> {
        let hidden = hidden_from(Db(self.tenant), Db(filter.staff));
        let condition = match filter.acting {
            true => acted_on(filter.staff, &filter.readings),
            false => within_reach(filter.staff, &filter.readings),
        };
        let of_case = HasCase { of: "forwardings", by: "case_id", condition };
        let either = |one: Condition, other: Condition| -> Condition { Box::new(one.or(other)) };
        let came = filter.received.iter().map(received).fold(never(), either);
        let open = forwardings::case_id
            .is_null()
            .or(forwardings::case_id.assume_not_null().ne_all(hidden));
        let open: Condition = Box::new(open);
        let mut query = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(of_case.or(came.and(open)))
            .filter(forwardings::erased_at.is_null())
            .order((forwardings::created_at.desc(), forwardings::forwarding_id.desc()))
            .limit(filter.limit)
            .into_boxed();
        if let Some(direction) = filter.direction {
            query = query.filter(forwardings::direction.eq(direction.code()));
        }
        if let Some(counterparty) = filter.counterparty {
            query = query.filter(forwardings::counterparty_id.eq(Db(counterparty)));
        }
        if !filter.statuses.is_empty() {
            let statuses = filter.statuses.iter().map(|status| status.code());
            query = query.filter(forwardings::status.eq_any(among(statuses)));
        }
        if let Some(case) = filter.case {
            query = query.filter(forwardings::case_id.eq(Some(Db(case))));
        }
        if filter.overdue_on.is_some() || filter.awaiting {
            query = query
                .filter(forwardings::status.eq_any(codes(awaiting())))
                .filter(forwardings::awaited_on.is_not_null());
        }
        if let Some(today) = filter.overdue_on {
            query = query.filter(forwardings::awaited_on.assume_not_null().lt(Db(today)));
        }
        if filter.waiting {
            query = query.filter(forwardings::todo.is_not_null());
        }
        if let Some((from, before)) = filter.changed {
            query = query
                .filter(forwardings::updated_at.ge(Db(from)))
                .filter(forwardings::updated_at.lt(Db(before)));
        }
        if let Some((at, id)) = filter.after {
            query =
                query.filter(forwardings::created_at.lt(Db(at)).or(
                    forwardings::created_at.eq(Db(at)).and(forwardings::forwarding_id.lt(Db(id))),
                ));
        }
        let rows: Vec<ForwardingRow> = query.load(self.conn)?;
        rows.into_iter().map(ForwardingRow::into_forwarding).collect()
    }

    /// What we sent and is late on a day, the longest first: for the reminders.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn overdue_forwardings(&mut self, today: Date) -> Result<Vec<Forwarding>, Error> {
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::direction.eq(Direction::Sent.code()))
            .filter(
                forwardings::status
                    .eq_any(codes([Status::Sent, Status::Acknowledged].map(Status::code))),
            )
            .filter(forwardings::awaited_on.is_not_null())
            .filter(forwardings::awaited_on.assume_not_null().lt(Db(today)))
            .order((forwardings::awaited_on, forwardings::forwarding_id))
            .load(self.conn)?;
        rows.into_iter().map(ForwardingRow::into_forwarding).collect()
    }

    /// What the figures ask of the forwardings that left, or came in, in a span, at some units. What came
    /// for no unit yet is there for whoever sees all.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn forwarding_facts(
        &mut self,
        from: Timestamp,
        before: Timestamp,
        units: &Scope<UnitId>,
    ) -> Result<Vec<ForwardingFact>, Error> {
        type Row = (
            Db<CounterpartyId>,
            String,
            String,
            String,
            Option<Db<UnitId>>,
            String,
            Option<Db<Timestamp>>,
            Option<Db<Timestamp>>,
            Option<Db<Timestamp>>,
        );
        let mut query = forwardings::table
            .select((
                forwardings::counterparty_id,
                forwardings::direction,
                forwardings::kind,
                forwardings::status,
                forwardings::unit_id,
                forwardings::law,
                forwardings::sent_at,
                forwardings::acknowledged_at,
                forwardings::answered_at,
            ))
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .filter(forwardings::sent_at.is_not_null())
            .filter(forwardings::sent_at.assume_not_null().ge(Db(from)))
            .filter(forwardings::sent_at.assume_not_null().lt(Db(before)))
            .into_boxed();
        if let Scope::Only(units) = units {
            let units: Vec<_> = units.iter().copied().map(Db).collect();
            query = query
                .filter(forwardings::unit_id.is_not_null())
                .filter(forwardings::unit_id.assume_not_null().eq_any(among(units)));
        }
        let rows: Vec<Row> = query.load(self.conn)?;
        let fact = |row: Row| {
            Ok(ForwardingFact {
                counterparty: row.0.get(),
                direction: code(&row.1, "forwardings.direction")?,
                kind: code(&row.2, "forwardings.kind")?,
                status: code(&row.3, "forwardings.status")?,
                unit: row.4.map(Db::get),
                law: code::<Law>(&row.5, "forwardings.law")?,
                sent_at: row
                    .6
                    .map(Db::get)
                    .ok_or_else(|| Error::Corrupt("forwardings.sent_at".into()))?,
                acknowledged_at: row.7.map(Db::get),
                answered_at: row.8.map(Db::get),
            })
        };
        rows.into_iter().map(fact).collect()
    }
}
