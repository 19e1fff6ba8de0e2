//! Filing a case, and changing a draft of one.

use domain::case::filing::{self, Entry, Filed, Intake, Subject, Surroundings};
use domain::case::{Case, Kind};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, StaffId, SubjectId, TenantId};
use domain::organisation::Role;
use domain::policy::Act;
use jiff::Timestamp;
use store::SealedSubject;
use uuid::Uuid;

use super::record::Record;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::opinions::{DIARY_NUMBER, OnTheSpot, Solved};
use crate::sealing::SUBJECTS;

/// How often a number is drawn anew when it was taken: one in 2³⁵ is.
pub(crate) const DRAWS: usize = 5;

/// Who reports, when it is not the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReporterGiven {
    /// The caller.
    Caller,
    /// A member of the staff.
    Staff(StaffId),
    /// Nobody with a token: a name in the filing, or a member of the public.
    NotStaff,
}

/// A filing on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// The client's own id, if it drew one.
    pub id: Option<Uuid>,
    /// What it is.
    pub kind: Kind,
    /// Keep it as a draft.
    pub draft: bool,
    /// Who reports.
    pub reporter: ReporterGiven,
    /// What was said.
    pub intake: Intake,
    /// Faults found while reading the request, that do not keep a filing out.
    pub warnings: Vec<Fault>,
    /// Turns warnings into errors (RFC 7240, `handling=strict`).
    pub strict: bool,
    /// It was answered and ended on the spot.
    pub solved: Option<Solved>,
}

impl App {
    /// Files a case. `render` makes the answer from the case as it will stand.
    ///
    /// # Errors
    /// [`Error::Faults`] for what cannot be mended, and for any fault when strict;
    /// [`Error::Conflict`] for an id that is taken; [`Error::Forbidden`] for a machine that may not file.
    pub async fn file(
        &self,
        caller: &Caller,
        new: NewCase,
        once: Option<Once>,
        render: impl Fn(&Case) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::File)?;
        for _ in 0..DRAWS {
            let tried = self.try_file(caller, &new, once.as_ref(), &render).await;
            if let Ok(Ok(answer)) = tried {
                return Ok(answer);
            }
            // Nothing asks for the key beforehand, since hardly any comes twice. What failed may have
            // failed because the same request had succeeded; then its answer holds for both.
            if let Some(once) = &once
                && let Some(answer) = self.answered(caller, once).await?
            {
                return Ok(answer);
            }
            match tried {
                Ok(settled) => return settled,
                Err(store::Error::Conflict { constraint }) => match constraint.as_deref() {
                    // Drawn anew; or the key had an answer so old that it is forgotten now.
                    Some("cases_number_key" | "idempotency_keys_principal_key_key") => {}
                    // Which of its rows is refused first, PostgreSQL does not say.
                    Some(
                        "cases_case_id_key"
                        | "opinions_case_id_key"
                        | "case_facts_case_id_key"
                        | "case_history_case_id_version_key",
                    ) => return Err(Error::Conflict("id_in_use")),
                    Some(DIARY_NUMBER | "cases_diary_number_key") => {
                        let fault = Fault::at("/opinion/diary_number", Reason::NotUnique);
                        return Err(Error::Faults(vec![fault]));
                    }
                    other => return Err(Error::Internal(format!("conflict over {other:?}"))),
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Internal("no free number was drawn".into()))
    }

    async fn try_file(
        &self,
        caller: &Caller,
        new: &NewCase,
        once: Option<&Once>,
        render: &impl Fn(&Case) -> Answer,
    ) -> Result<Result<Answer, Error>, store::Error> {
        let (filed, sealed) = match self.take_in(caller, new).await {
            Ok(taken) => taken,
            Err(error) => return Ok(Err(error)),
        };
        let done = match &new.solved {
            None => Ok(OnTheSpot { changed: filed.changed, earlier: Vec::new() }),
            Some(solved) => self.solve(caller, filed.changed, solved),
        };
        let OnTheSpot { changed, earlier } = match done {
            Ok(done) => done,
            Err(error) => return Ok(Err(error)),
        };
        let answer = render(&changed.case);
        let id = changed.case.id;
        let mut record = Record::new(self, caller, changed);
        record.put_before(earlier);
        record.subject = sealed;
        if let Some(contact) = &filed.contact {
            match self.seal_sender(caller.tenant_id(), id, contact) {
                Ok(sealed) => record.sender = Some(sealed),
                Err(error) => return Ok(Err(error)),
            }
        }
        if let Some(once) = once {
            match self.to_keep(caller, once, &answer, Some(id)) {
                Ok(kept) => record.kept = Some(kept),
                Err(error) => return Ok(Err(error)),
            }
        }
        self.store.add(record.of_new(caller.tenant_id())).await?;
        Ok(Ok(answer))
    }

    /// Puts a new intake in place of a draft.
    ///
    /// # Errors
    /// As [`App::file`], and [`Error::State`] for what is no draft any more.
    pub async fn edit_draft(
        &self,
        caller: &Caller,
        before: Case,
        new: NewCase,
    ) -> Result<Case, Error> {
        if new.intake.opinion.is_some() {
            let reason = Reason::inconsistent("opinion_of_draft");
            return Err(Error::Faults(vec![Fault::at("/opinion", reason)]));
        }
        let (filed, sealed) = self.take_in(caller, &new).await?;
        let edited = before.clone().edit(filed, caller.now)?;
        let mut case = edited.changed.case.clone();
        let mut changed = edited.changed;
        if let Some(sealed) = &sealed {
            // The identity was sealed for this row, so the case points there.
            case.subject = Some(sealed.id);
            changed.case.subject = Some(sealed.id);
        }
        let mut record = Record::new(self, caller, changed);
        record.subject = sealed;
        self.store.write(caller.tenant_id(), move |tx| record.write(&before, tx)).await?;
        Ok(case)
    }

    /// Takes a filing in without saving it.
    async fn take_in(
        &self,
        caller: &Caller,
        new: &NewCase,
    ) -> Result<(Filed, Option<SealedSubject>), Error> {
        let registering = caller.may(Act::RegisterForAnother).is_ok();
        // A shared phone or kiosk files for whoever holds it: its token is nobody's own.
        let kiosk = caller.actor.is(Role::Intake);
        if new.draft && new.intake.opinion.is_some() {
            let reason = Reason::inconsistent("opinion_of_draft");
            return Err(Error::Faults(vec![Fault::at("/opinion", reason)]));
        }
        if kiosk && new.draft {
            // A draft on a shared phone would be readable to the next who picks it up.
            let reason = Reason::inconsistent("draft_on_shared_device");
            return Err(Error::Faults(vec![Fault::at("/draft", reason)]));
        }
        let mut more = new.warnings.clone();
        let mut not_permitted = |field: &str| {
            more.push(Fault::at(field, Reason::inconsistent("registering_not_permitted")));
            Some(caller.staff.id)
        };
        let reported_by = match &new.reporter {
            ReporterGiven::Caller | ReporterGiven::NotStaff if kiosk => None,
            ReporterGiven::Caller => Some(caller.staff.id),
            ReporterGiven::NotStaff if registering => None,
            ReporterGiven::NotStaff => not_permitted("/reporter_name"),
            ReporterGiven::Staff(_) if !registering => not_permitted("/reported_by"),
            ReporterGiven::Staff(staff) => {
                let staff = *staff;
                let known = self.store.read(caller.tenant_id(), move |tx| tx.staff(staff)).await;
                match known {
                    Ok(_) => Some(staff),
                    Err(store::Error::NotFound) => {
                        more.push(Fault::at("/reported_by", Reason::NotFound));
                        None
                    }
                    Err(other) => return Err(other.into()),
                }
            }
        };
        let entry = Entry {
            id: CaseId(new.id.unwrap_or_else(|| self.new_id())),
            kind: new.kind,
            number_seed: self.new_seed(),
            subject_id: SubjectId(self.new_id()),
            reported_by,
            registered_by: Some(caller.staff.id),
            draft: new.draft,
        };
        let around = Surroundings {
            units: &caller.set_up.units,
            codes: &caller.set_up.codes,
            now: caller.now,
            may_backdate: registering,
        };
        let mut intake = new.intake.clone();
        let tenant = caller.tenant_id();
        if let Some(given) = &mut intake.opinion {
            more.extend(self.known_in(tenant, given).await?);
        }
        self.find_concerned(tenant, &caller.set_up, (&mut intake, new.kind), caller.now).await?;
        let mut filed = filing::file(entry, intake, around).map_err(Error::Faults)?;
        self.number_filed(caller, &mut filed.changed.case, &mut more);
        let warnings = &mut filed.changed.case.filing.warnings;
        warnings.extend(more);
        if new.strict && !warnings.is_empty() {
            return Err(Error::Faults(warnings.clone()));
        }
        let sealed = filed
            .subject
            .as_ref()
            .map(|subject| self.seal_subject(caller, entry.subject_id, subject))
            .transpose()?;
        Ok((filed, sealed))
    }

    /// Seals who a case is about, for the row `id`.
    pub(crate) fn seal_subject(
        &self,
        caller: &Caller,
        id: SubjectId,
        subject: &Subject,
    ) -> Result<SealedSubject, Error> {
        self.seal_identity((caller.tenant_id(), caller.now), id, subject)
    }

    /// As [`App::seal_subject`], whoever files.
    pub(crate) fn seal_identity(
        &self,
        (tenant, now): (TenantId, Timestamp),
        id: SubjectId,
        subject: &Subject,
    ) -> Result<SealedSubject, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
        let content = serde_json::to_vec(&subject.identity).map_err(|error| failed(&error))?;
        let sealed = self
            .sealer
            .seal(tenant, SUBJECTS, &id.to_string(), &content)
            .map_err(|error| failed(&error))?;
        Ok(SealedSubject {
            id,
            sealed,
            blind_index: self.sealer.blind_index(tenant, &subject.identity),
            confirmed: subject.confirmed,
            protected: subject.protected.clone(),
            at: now,
        })
    }
}
