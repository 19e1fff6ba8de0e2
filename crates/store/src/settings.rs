//! What a tenant decides for itself.

use diesel::prelude::*;
use domain::settings::Settings;
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::error::Error;
use crate::schema::settings;
use crate::sql_types::Db;

impl Tx<'_> {
    /// The tenant's settings with their version; the defaults with version 0 where nobody has chosen.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a document that is none.
    pub fn settings(&mut self) -> Result<(Settings, i64), Error> {
        let row: Option<(Db<Value>, i64)> = settings::table
            .select((settings::document, settings::version))
            .filter(settings::tenant_id.eq(Db(self.tenant)))
            .get_result(self.conn)
            .optional()?;
        let Some((document, version)) = row else { return Ok((Settings::default(), 0)) };
        let chosen = serde_json::from_value(document.get())
            .map_err(|error| Error::Corrupt(format!("settings.document: {error}")))?;
        Ok((chosen, version))
    }

    /// Saves the tenant's settings if they still have the expected version, and gives the new one.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_settings(
        &mut self,
        chosen: &Settings,
        expected: i64,
        at: Timestamp,
    ) -> Result<i64, Error> {
        let document =
            serde_json::to_value(chosen).map_err(|error| Error::Corrupt(error.to_string()))?;
        let version = expected + 1;
        let values = (
            settings::document.eq(Db(document)),
            settings::version.eq(version),
            settings::updated_at.eq(Db(at)),
        );
        if expected == 0 {
            let first = (settings::tenant_id.eq(Db(self.tenant)), values);
            return match diesel::insert_into(settings::table).values(first).execute(self.conn) {
                Ok(_) => Ok(version),
                Err(error) => Err(match Error::from(error) {
                    Error::Conflict { .. } => Error::Stale,
                    other => other,
                }),
            };
        }
        let here = settings::tenant_id.eq(Db(self.tenant)).and(settings::version.eq(expected));
        let changed =
            diesel::update(settings::table.filter(here)).set(values).execute(self.conn)?;
        if changed == 1 { Ok(version) } else { Err(Error::Stale) }
    }
}
