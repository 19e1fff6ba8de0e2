//! Two questions to the sender of an opinion after the answer: by their receipt, or written down by
//! staff, once.

use domain::case::Case;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, EntryId, StaffId, TenantId};
use domain::policy::Act;
use domain::survey::{Survey, SurveyGiven};
use jiff::Timestamp;
use serde_json::json;
use store::{Additions, AuditEntry};
use uuid::Uuid;

use crate::cases::Opened;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::opinions::Door;

impl App {
    /// What the sender of an opinion said of the answer; `None` until they did, and for what is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn survey_of(&self, tenant: TenantId, id: CaseId) -> Result<Option<Survey>, Error> {
        match self.store.read(tenant, move |tx| tx.survey(id)).await {
            Ok(found) => Ok(found),
            // It came without one, and has had no change since.
            Err(store::Error::NotFound) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Writes down what a sender said who was answered by letter or by mouth.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] where there is no answer, and a second time.
    pub async fn note_survey(
        &self,
        caller: &Caller,
        opened: &Opened,
        given: SurveyGiven,
    ) -> Result<Survey, Error> {
        opened.permit(caller, Act::RegisterOpinion)?;
        let by = (Some(caller.staff.id), caller.request);
        self.keep_survey(caller.tenant_id(), &opened.case, given, by, caller.now).await
    }

    /// Keeps what a sender said through their receipt; whoever calls this has opened it by that.
    ///
    /// # Errors
    /// [`Error::Faults`] where there is no answer, and a second time.
    pub async fn survey_by_sender(
        &self,
        door: &Door,
        id: CaseId,
        given: SurveyGiven,
    ) -> Result<Survey, Error> {
        let tenant = door.tenant.id;
        let case = self.store.read(tenant, move |tx| tx.case(id)).await?;
        self.keep_survey(tenant, &case, given, (None, door.request), door.now).await
    }

    async fn keep_survey(
        &self,
        tenant: TenantId,
        case: &Case,
        given: SurveyGiven,
        (by, request): (Option<StaffId>, Uuid),
        now: Timestamp,
    ) -> Result<Survey, Error> {
        let before = self.survey_of(tenant, case.id).await?;
        let survey = given.whole(case, before.as_ref(), now).map_err(Error::Faults)?;
        let audit = AuditEntry {
            id: EntryId(self.new_id()),
            at: now,
            by,
            action: "opinion.survey".to_owned(),
            object_kind: "case",
            object: case.id.0,
            details: json!({ "noted_by_staff": by.is_some() }),
            request,
        };
        let id = case.id;
        let written = self.store.write(tenant, move |tx| {
            let mut rows = Additions::to(tx.tenant());
            rows.audit(&audit);
            tx.add(rows)?;
            tx.save_survey(id, &survey)
        });
        match written.await {
            Ok(()) => Ok(survey),
            Err(store::Error::Stale) => {
                let reason = Reason::inconsistent("survey_given_already");
                Err(Error::Faults(vec![Fault::at("", reason)]))
            }
            Err(other) => Err(other.into()),
        }
    }
}
