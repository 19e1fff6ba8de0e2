//! What the tenant decides for itself about handling.

use domain::policy::Act;
use domain::settings::Settings;
use serde_json::json;

use super::{Refused, Trace};
use crate::context::{App, Caller};
use crate::error::Error;

impl App {
    /// The tenant's settings with their version; 0 while nobody has chosen.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn settings(&self, caller: &Caller) -> Result<(Settings, i64), Error> {
        caller.may(Act::ReadSetup)?;
        Ok(self.store.ask(caller.tenant_id(), |tx| tx.settings()).await?)
    }

    /// Puts new settings in place of those that were read as version `expected`, and gives the new
    /// version.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Stale`]; [`Error::Faults`] with everything that is wrong.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        chosen: Settings,
        expected: i64,
    ) -> Result<i64, Error> {
        caller.may(Act::ManageSetup)?;
        let set_up = &caller.set_up;
        Refused::faults(chosen.faults(&set_up.codes, &set_up.units))
            .map_err(Refused::into_error)?;
        let details = json!({ "version": expected + 1, "settings": chosen });
        let object = ("settings", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "settings.change", object, details);
        let now = caller.now;
        let work = move |tx: &mut store::Tx<'_>| {
            tx.bump_config_version()?;
            tx.save_settings(&chosen, expected, now)?;
            Ok(())
        };
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)?;
        Ok(expected + 1)
    }
}
