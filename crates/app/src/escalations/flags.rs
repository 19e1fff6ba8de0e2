//! What some rules of flagging would have flagged last year.

use domain::escalation::flag::{FlagPreview, FlagRules};
use domain::policy::Act;
use jiff::ToSpan as _;
use store::Tx;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::today;

impl App {
    /// Counts which of the avvikelser reported in the last twelve months each rule would have flagged,
    /// by what is assessed of them today. Figures only.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] for rules that are none.
    pub async fn preview_flags(
        &self,
        caller: &Caller,
        rules: FlagRules,
    ) -> Result<FlagPreview, Error> {
        caller.may(Act::ManageSetup)?;
        let faults = rules.faults("");
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let today = today(caller);
        let from = domain::calendar::start_of_day(today.saturating_sub(1.year()));
        let before = domain::calendar::end_of_day(today);
        let load = move |tx: &mut Tx<'_>| {
            let mut preview = FlagPreview::default();
            tx.assessments_reported(from, before, |laws, assessment| {
                preview.count(&rules, laws, assessment);
            })?;
            Ok::<_, store::Error>(preview)
        };
        Ok(self.store.read(caller.tenant_id(), load).await?)
    }
}
