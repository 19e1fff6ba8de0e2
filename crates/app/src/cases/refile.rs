//! Filing a case again as another kind: the old one and the new one are written together.

use domain::case::refile::{Refiled, Refiling};
use domain::ids::CaseId;
use domain::policy::{Access, Act, Target, allow};

use super::execute::{escalation_open, lost_a_race};
use super::file::DRAWS;
use super::read::{Opened, access_entry};
use super::record::Record;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

impl App {
    /// Files a case that was opened again as another kind. `render` makes the answer from the new one
    /// as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::State`] and [`Error::Faults`] from the domain; [`Error::Stale`]
    /// when somebody else was faster.
    pub async fn refile(
        &self,
        caller: &Caller,
        opened: &Opened,
        refiling: &Refiling,
        once: Option<Once>,
        render: impl Fn(&Opened) -> Answer,
    ) -> Result<Answer, Error> {
        let access = opened.permit(caller, Act::Refile)?;
        let (before, tenant) = (&opened.case, caller.tenant_id());
        let id = before.id;
        let load = move |tx: &mut store::Tx<'_>| {
            Ok::<_, store::Error>((tx.has_duplicates(id)?, tx.open_escalations(&[id])?))
        };
        let (duplicates, held) = self.store.read(tenant, load).await?;
        if !held.is_empty() {
            return Err(escalation_open());
        }
        for _ in 0..DRAWS {
            let Refiled { old, new } = before.clone().refile(
                refiling.clone(),
                &caller.set_up.codes,
                caller.staff.id,
                duplicates,
                (&mut || self.new_id(), self.new_seed()),
                caller.now,
            )?;
            // Whoever makes it another branch's still sees what they did.
            let shown = match allow(&caller.actor, Act::Read, &Target::from(&new.case)) {
                found @ (Access::Role(_) | Access::Asked) => found,
                Access::Own | Access::Forbidden | Access::Hidden => access,
            };
            let after = Opened { case: new.case.clone(), access: shown };
            let answer = render(&after);
            let to: CaseId = new.case.id;
            let mut entry = access_entry(self, caller, "case.refile", access, before);
            entry.exposed.push((to, new.case.subject));
            let mut of_new = Record::new(self, caller, new);
            if let Some(once) = &once {
                of_new.kept = Some(self.to_keep(caller, once, &answer, Some(to))?);
            }
            let mut of_old = Record::new(self, caller, old);
            of_old.access = Some(entry);
            let before = before.clone();
            let work = move |tx: &mut store::Tx<'_>| {
                tx.add(of_new.of_refiled(tenant))?;
                of_old.write(&before, tx)?;
                tx.move_attachments(before.id, to)?;
                tx.rehang_forwardings(before.id, to)?;
                // One event, whichever of the two others are linked to.
                tx.join_events(to, before.id)
            };
            match self.store.write(tenant, work).await {
                Ok(()) => return Ok(answer),
                Err(error) if error.conflict() == Some("cases_number_key") => {}
                Err(error) if lost_a_race(&error) => {
                    return match &once {
                        // The same request, twice at once: the first one's answer holds for both.
                        Some(once) => self.answered(caller, once).await?.ok_or(Error::Stale),
                        None => Err(Error::Stale),
                    };
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Internal("no free number was drawn".into()))
    }
}
