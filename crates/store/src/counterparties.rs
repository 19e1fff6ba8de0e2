//! Who is at the other end of forwardings.

use diesel::prelude::*;
use domain::forwarding::{Counterparty, Details};
use domain::ids::{CounterpartyId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::counterparties;
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = counterparties, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, counterparty_id), treat_none_as_null = true)]
struct CounterpartyRow {
    tenant_id: Db<TenantId>,
    counterparty_id: Db<CounterpartyId>,
    name: String,
    kind: String,
    hsa_id: Option<String>,
    answer_days: Option<i32>,
    valid_from: Option<Db<Date>>,
    valid_to: Option<Db<Date>>,
    details: Db<Value>,
    version: i64,
    updated_at: Db<Timestamp>,
}

impl CounterpartyRow {
    fn of(tenant: TenantId, it: &Counterparty) -> Result<Self, Error> {
        Ok(Self {
            tenant_id: Db(tenant),
            counterparty_id: Db(it.id),
            name: it.name.clone(),
            kind: it.kind.clone(),
            hsa_id: it.hsa_id.as_ref().map(ToString::to_string),
            answer_days: it.answer_days.map(i32::from),
            valid_from: it.valid_from.map(Db),
            valid_to: it.valid_to.map(Db),
            details: Db(document(&it.details)?),
            version: it.version,
            updated_at: Db(it.updated_at),
        })
    }

    fn into_counterparty(self) -> Result<Counterparty, Error> {
        let details: Details = from_document(self.details.get(), "counterparties.details")?;
        let hsa_id = self.hsa_id.map(|text| code(&text, "counterparties.hsa_id")).transpose()?;
        let days = self.answer_days.map(u16::try_from).transpose();
        let days = days.map_err(|_| Error::Corrupt("counterparties.answer_days".into()))?;
        Ok(Counterparty {
            id: self.counterparty_id.get(),
            name: self.name,
            kind: self.kind,
            hsa_id,
            answer_days: days,
            valid_from: self.valid_from.map(Db::get),
            valid_to: self.valid_to.map(Db::get),
            details,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

impl Tx<'_> {
    /// Every counterparty, by name.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn counterparties(&mut self) -> Result<Vec<Counterparty>, Error> {
        let rows: Vec<CounterpartyRow> = counterparties::table
            .select(CounterpartyRow::as_select())
            .filter(counterparties::tenant_id.eq(Db(self.tenant)))
            .order(counterparties::name)
            .load(self.conn)?;
        rows.into_iter().map(CounterpartyRow::into_counterparty).collect()
    }

    /// A counterparty.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn counterparty(&mut self, id: CounterpartyId) -> Result<Counterparty, Error> {
        let row: CounterpartyRow = counterparties::table
            .select(CounterpartyRow::as_select())
            .filter(counterparties::tenant_id.eq(Db(self.tenant)))
            .filter(counterparties::counterparty_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_counterparty()
    }

    /// Takes a counterparty in.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `counterparties_name_key` or `counterparties_hsa_id_key`.
    pub fn insert_counterparty(&mut self, counterparty: &Counterparty) -> Result<(), Error> {
        let row = CounterpartyRow::of(self.tenant, counterparty)?;
        diesel::insert_into(counterparties::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed counterparty if it still has the version the change began with.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Conflict`] as for a new one.
    pub fn save_counterparty(
        &mut self,
        counterparty: &Counterparty,
        before: i64,
    ) -> Result<(), Error> {
        let row = CounterpartyRow::of(self.tenant, counterparty)?;
        let here = counterparties::tenant_id
            .eq(Db(self.tenant))
            .and(counterparties::counterparty_id.eq(Db(counterparty.id)))
            .and(counterparties::version.eq(before));
        let changed =
            diesel::update(counterparties::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
