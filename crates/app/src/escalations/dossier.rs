//! The dossier for IVO: everything the notification asks for, filled from the case.

use std::collections::BTreeMap;

use domain::escalation::Escalation;
use domain::escalation::dossier::{Dossier, Known};
use domain::ids::{EscalationId, StaffId};
use domain::personnummer::SubjectIdentity;
use domain::policy::Sight;

use crate::context::{App, Caller};
use crate::error::Error;

/// A dossier, with what its page says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct DossierShown {
    /// The escalation.
    pub escalation: Escalation,
    /// The case's number.
    pub number: Option<String>,
    /// What it holds.
    pub dossier: Dossier,
}

impl App {
    /// The dossier of an escalation as it stands, for those who see all of it. Who the case is about
    /// stands in it for those who may read that.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for those who see only where it stands.
    pub async fn escalation_dossier(
        &self,
        caller: &Caller,
        id: EscalationId,
    ) -> Result<DossierShown, Error> {
        let mut opened = self.open_escalation(caller, id).await?;
        match opened.sight {
            Sight::Whole => {}
            Sight::Facts | Sight::State => return Err(Error::Forbidden),
        }
        self.show_person(caller, &mut opened).await?;
        let mut person = opened.person.clone();
        let mut person_hidden = false;
        if let Some(case) = &opened.case
            && case.subject.is_some()
        {
            // For whoever may read it; the entry of the dossier names the person.
            match self.open_subject(caller, case.id).await {
                Ok((_, subject)) => {
                    person = Some(match subject.identity {
                        SubjectIdentity::Personal(id) => id.canonical(),
                        SubjectIdentity::Other { id, .. } => id,
                    });
                }
                Err(Error::NotFound | Error::Forbidden) => person_hidden = true,
                Err(other) => return Err(other),
            }
        }
        let staff = self.store.read(caller.tenant_id(), |tx| tx.all_staff()).await?;
        let names: BTreeMap<StaffId, String> = staff
            .into_iter()
            .map(|staff| (staff.id, staff.name.unwrap_or(staff.subject)))
            .collect();
        let name = |id: StaffId| names.get(&id).cloned().unwrap_or_default();
        let unit = caller.set_up.units.get(opened.escalation.unit);
        let known = Known {
            tenant: &caller.tenant.name,
            unit: unit.map_or("", |unit| &unit.name),
            person: person.as_deref(),
            person_hidden,
            name: &name,
            codes: &caller.set_up.codes,
        };
        let dossier = Dossier::of(&opened.escalation, opened.case.as_deref(), &known);
        self.keep_escalation_access(caller, "escalation.dossier", &opened).await?;
        let number = opened.case.as_ref().map(|case| case.number.to_string());
        Ok(DossierShown { escalation: opened.escalation, number, dossier })
    }
}
