//! What lies between caregivers, as far as an import brings it.

use diesel::prelude::*;
use domain::ids::{CaseId, CounterpartyId, ForwardingId, TenantId};
use jiff::Timestamp;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{counterparties, forwardings};
use crate::sql_types::Db;

/// A caregiver at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterparty {
    /// Its id.
    pub id: CounterpartyId,
    /// Its name.
    pub name: String,
    /// A code of the list `counterparty`.
    pub kind: String,
}

/// One forwarding, sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// Its id.
    pub id: ForwardingId,
    /// `sent` or `received`.
    pub direction: String,
    /// The case sent; received ones have none yet.
    pub case: Option<CaseId>,
    /// The other end.
    pub counterparty: CounterpartyId,
    /// What it is about, in a few words.
    pub matter: String,
    /// When it was sent, or came.
    pub sent_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// What tells an imported line from another, so that it is taken in once.
    pub import_key: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = forwardings, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct ForwardingRow {
    tenant_id: Db<TenantId>,
    forwarding_id: Db<ForwardingId>,
    direction: String,
    case_id: Option<Db<CaseId>>,
    counterparty_id: Db<CounterpartyId>,
    matter: String,
    sent_at: Db<Timestamp>,
    answered_at: Option<Db<Timestamp>>,
    import_key: Option<String>,
}

impl Tx<'_> {
    /// Every counterparty, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn counterparties(&mut self) -> Result<Vec<Counterparty>, Error> {
        let rows: Vec<(Db<CounterpartyId>, String, String)> = counterparties::table
            .select((counterparties::counterparty_id, counterparties::name, counterparties::kind))
            .filter(counterparties::tenant_id.eq(Db(self.tenant)))
            .order(counterparties::name)
            .load(self.conn)?;
        let counterparty = |(id, name, kind): (Db<CounterpartyId>, String, String)| Counterparty {
            id: id.get(),
            name,
            kind,
        };
        Ok(rows.into_iter().map(counterparty).collect())
    }

    /// Takes a counterparty in.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `counterparties_name_key`.
    pub fn insert_counterparty(&mut self, counterparty: &Counterparty) -> Result<(), Error> {
        diesel::insert_into(counterparties::table)
            .values((
                counterparties::tenant_id.eq(Db(self.tenant)),
                counterparties::counterparty_id.eq(Db(counterparty.id)),
                counterparties::name.eq(&counterparty.name),
                counterparties::kind.eq(&counterparty.kind),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Every forwarding, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forwardings(&mut self) -> Result<Vec<Forwarding>, Error> {
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .order((forwardings::sent_at, forwardings::forwarding_id))
            .load(self.conn)?;
        let forwarding = |row: ForwardingRow| Forwarding {
            id: row.forwarding_id.get(),
            direction: row.direction,
            case: row.case_id.map(Db::get),
            counterparty: row.counterparty_id.get(),
            matter: row.matter,
            sent_at: row.sent_at.get(),
            answered_at: row.answered_at.map(Db::get),
            import_key: row.import_key,
        };
        Ok(rows.into_iter().map(forwarding).collect())
    }

    /// Takes a forwarding in.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `forwardings_import_key_key`.
    pub fn insert_forwarding(&mut self, forwarding: &Forwarding) -> Result<(), Error> {
        let row = ForwardingRow {
            tenant_id: Db(self.tenant),
            forwarding_id: Db(forwarding.id),
            direction: forwarding.direction.clone(),
            case_id: forwarding.case.map(Db),
            counterparty_id: Db(forwarding.counterparty),
            matter: forwarding.matter.clone(),
            sent_at: Db(forwarding.sent_at),
            answered_at: forwarding.answered_at.map(Db),
            import_key: forwarding.import_key.clone(),
        };
        diesel::insert_into(forwardings::table).values(row).execute(self.conn)?;
        Ok(())
    }
}
