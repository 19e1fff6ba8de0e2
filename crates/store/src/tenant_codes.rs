//! The tenant's own codes, below the shared ones.

use diesel::prelude::*;
use domain::code_lists::Code;

use crate::Tx;
use crate::error::Error;
use crate::schema::tenant_codes;
use crate::sql_types::Db;

type Row = (
    String,
    String,
    String,
    String,
    String,
    Option<Db<jiff::civil::Date>>,
    Option<Db<jiff::civil::Date>>,
);

impl Tx<'_> {
    /// Every code of the tenant's own.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn tenant_codes(&mut self) -> Result<Vec<Code>, Error> {
        let rows: Vec<Row> = tenant_codes::table
            .select((
                tenant_codes::list,
                tenant_codes::code,
                tenant_codes::sv,
                tenant_codes::en,
                tenant_codes::parent,
                tenant_codes::valid_from,
                tenant_codes::valid_to,
            ))
            .filter(tenant_codes::tenant_id.eq(Db(self.tenant)))
            .order((tenant_codes::list, tenant_codes::code))
            .load(self.conn)?;
        let code = |(list, code, sv, en, parent, valid_from, valid_to): Row| Code {
            list,
            code,
            sv,
            en,
            parent: Some(parent),
            valid_from: valid_from.map(Db::get),
            valid_to: valid_to.map(Db::get),
            basis: String::new(),
            own: true,
        };
        Ok(rows.into_iter().map(code).collect())
    }

    /// Takes in a code of the tenant's own. Codes are never reused or removed; they end.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `tenant_codes_list_code_key`.
    pub fn insert_tenant_code(&mut self, code: &Code) -> Result<(), Error> {
        diesel::insert_into(tenant_codes::table)
            .values((
                tenant_codes::tenant_id.eq(Db(self.tenant)),
                tenant_codes::list.eq(&code.list),
                tenant_codes::code.eq(&code.code),
                tenant_codes::sv.eq(&code.sv),
                tenant_codes::en.eq(&code.en),
                tenant_codes::parent.eq(code.parent.clone().unwrap_or_default()),
                tenant_codes::valid_from.eq(code.valid_from.map(Db)),
                tenant_codes::valid_to.eq(code.valid_to.map(Db)),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}
