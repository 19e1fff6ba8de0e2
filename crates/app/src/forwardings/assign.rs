//! Giving what came to a unit: it becomes a case of ours, counted from the day it reached us, and
//! perhaps our own lex Maria.

use std::sync::Arc;

use domain::calendar::start_of_day;
use domain::case::filing::{self, Entry, Filing, Intake, Subject, SubjectGiven, Surroundings};
use domain::case::{Case, Kind};
use domain::fault::{Fault, Reason};
use domain::forwarding::{Channel, Command};
use domain::ids::{CaseId, SubjectId, UnitId};
use domain::personnummer::SubjectIdentity;

use super::acting::Acting;
use super::read::OpenedForwarding;
use super::record::{ForwardingRecord, lost_a_race};
use crate::cases::record::Record;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// The code of the list `source` of what came from another caregiver.
const SOURCE: &str = "VG";
/// Why its report is earlier than its registration.
const REASON: &str = "Mottagen från annan vårdgivare";
/// How often a number is drawn anew when it was taken.
const DRAWS: usize = 5;

/// To whom it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigning {
    /// The unit.
    pub unit: UnitId,
    /// The category, where it is plain already.
    pub category: Option<String>,
}

/// The code of the list `channel`.
fn channel(way: Option<Channel>) -> &'static str {
    match way {
        Some(Channel::Post) | None => "BRV",
        Some(Channel::Sdk) => "SDK",
        Some(Channel::Machine) => "API",
        Some(Channel::Portal) => "WEB",
        Some(Channel::Phone) => "TEL",
        Some(Channel::Email) => "EPO",
        Some(Channel::Meeting) => "MUN",
    }
}

impl App {
    /// Gives a received one to a unit. `render` makes the answer from it as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::State`] where it has become a case already; [`Error::Stale`].
    pub async fn assign_forwarding(
        &self,
        caller: &Caller,
        opened: OpenedForwarding,
        assigning: Assigning,
        once: Option<Once>,
        render: impl Fn(&OpenedForwarding) -> Answer,
    ) -> Result<Answer, Error> {
        opened.permit(caller, Command::Assign)?;
        let identity = match opened.forwarding.matter.identity_came {
            true => self.identity_along(caller, opened.forwarding.id).await?,
            false => None,
        };
        for _ in 0..DRAWS {
            let tried =
                self.try_assign(caller, &opened, &assigning, &identity, once.as_ref(), &render);
            match tried.await {
                Err(Tried::Again) => {}
                Err(Tried::Not(error)) => return Err(error),
                Ok(answer) => return Ok(answer),
            }
        }
        Err(Error::Internal("no free number was drawn".into()))
    }

    async fn try_assign(
        &self,
        caller: &Caller,
        opened: &OpenedForwarding,
        assigning: &Assigning,
        identity: &Option<SubjectIdentity>,
        once: Option<&Once>,
        render: &impl Fn(&OpenedForwarding) -> Answer,
    ) -> Result<Answer, Tried> {
        let acting = Acting::from(caller);
        let before = opened.forwarding.clone();
        let id = CaseId(self.new_id());
        let changed = before.clone().assign(assigning.unit, id, acting.around());
        let changed = changed.map_err(Error::from)?;
        let subject_id = SubjectId(self.new_id());
        let entry = Entry {
            id,
            kind: Kind::Avvikelse,
            number_seed: self.new_seed(),
            subject_id,
            reported_by: None,
            registered_by: caller.staff.id,
            draft: false,
        };
        let around = Surroundings {
            units: &caller.set_up.units,
            codes: &caller.set_up.codes,
            now: caller.now,
            may_backdate: true,
        };
        let intake = intake(opened, assigning, identity.as_ref());
        let mut filed = filing::file(entry, intake, around).map_err(Error::Faults)?;
        if let Some(identity) = identity {
            // As it was sealed, also where it is no number of ours.
            let (identity, protected) = (identity.clone(), None);
            filed.subject = Some(Subject { identity, confirmed: true, protected });
            filed.changed.case.subject = Some(subject_id);
        }
        let case: Case = filed.changed.case.clone();
        let mut case_record = Record::new(self, caller, filed.changed);
        case_record.subject = filed
            .subject
            .as_ref()
            .map(|subject| self.seal_subject(caller, subject_id, subject))
            .transpose()?;
        let mut after = opened.clone();
        after.case = Some(Arc::new(case));
        let after = after.after(caller, changed.forwarding.clone());
        let answer = render(&after);
        let mut record = ForwardingRecord::new(self, &acting, Some(before), changed);
        let (access, trail) = self.forwarding_access(caller, "forwarding.assign", opened);
        record.access.push(access);
        record.trail.extend(trail);
        if let Some(once) = once {
            record.kept = Some(self.to_keep(caller, once, &answer, None)?);
        }
        let work = move |tx: &mut store::Tx<'_>| {
            tx.add(case_record.of_new(tx.tenant()))?;
            record.write(tx)
        };
        match self.store.write(caller.tenant_id(), work).await {
            Ok(()) => Ok(answer),
            Err(error) if error.conflict() == Some("cases_number_key") => Err(Tried::Again),
            Err(error) if lost_a_race(&error) => {
                let kept = match once {
                    // The same request, twice at once: the first one's answer holds for both.
                    Some(once) => self.answered(caller, once).await?,
                    None => None,
                };
                kept.ok_or(Tried::Not(Error::Stale))
            }
            Err(other) => Err(Tried::Not(other.into())),
        }
    }
}

/// The filing that a received one becomes.
fn intake(
    opened: &OpenedForwarding,
    assigning: &Assigning,
    identity: Option<&SubjectIdentity>,
) -> Intake {
    let forwarding = &opened.forwarding;
    let document = &forwarding.document;
    let mut parts = vec![document.matter.clone(), document.text.clone()];
    parts.extend(document.question.clone());
    parts.retain(|part| !part.trim().is_empty());
    let given = |identity: &SubjectIdentity| match identity {
        SubjectIdentity::Personal(id) => SubjectGiven::Personal(id.canonical()),
        SubjectIdentity::Other { id, issuer } => {
            SubjectGiven::Other { id: id.clone(), issuer: issuer.clone() }
        }
    };
    Intake {
        unit: assigning.unit.to_string(),
        occurred_at: document.event_on.map(start_of_day),
        received_at: forwarding.sent_at,
        filing: Filing {
            law: vec![forwarding.law.code().to_owned()],
            category: assigning.category.clone(),
            reporter_name: Some(opened.counterparty.name.clone()),
            source: Some(SOURCE.to_owned()),
            channel: Some(channel(forwarding.channel).to_owned()),
            received_reason: Some(REASON.to_owned()),
            description: parts.join("\n\n"),
            ..Filing::default()
        },
        subject: identity.map(given),
        ..Intake::default()
    }
}

/// Why a try made nothing.
enum Tried {
    /// The case's number was taken: another is drawn.
    Again,
    /// For good.
    Not(Error),
}

impl From<Error> for Tried {
    fn from(error: Error) -> Self {
        Self::Not(error)
    }
}

impl Assigning {
    /// What is wrong with it, given what is known of units.
    ///
    /// # Errors
    /// [`Error::Faults`] for a unit that nobody knows.
    pub fn at(caller: &Caller, unit: &str, category: Option<String>) -> Result<Self, Error> {
        let found = caller.set_up.units.find(unit).map(|unit| unit.id);
        let given = || Reason::UnknownUnit { given: unit.to_owned() };
        let fault = || Error::Faults(vec![Fault::at("/unit", given())]);
        Ok(Self { unit: found.ok_or_else(fault)?, category })
    }
}
