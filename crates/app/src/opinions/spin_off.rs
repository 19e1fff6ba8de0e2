//! Making an avvikelse of an opinion: a case of its own, linked, without a word of who left it. Both
//! clocks run.

use domain::case::Case;
use domain::case::Kind;
use domain::case::filing::{self, Entry, Filing, Intake, Surroundings};
use domain::case::link::{Link, LinkKind};
use domain::case::triage::Severity;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, SubjectId};
use domain::policy::Act;

use crate::cases::{DRAWS, Opened, Record, access_entry, lost_a_race};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// An avvikelse to be made of an opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpinOff {
    /// What happened, without who said so.
    pub description: String,
    /// A code of the list `category`.
    pub category: Option<String>,
    /// The laws; `None` is those of the opinion.
    pub law: Option<Vec<String>>,
    /// Where it happened, by id or code; `None` is where the opinion is.
    pub unit: Option<String>,
    /// What was done at once.
    pub immediate_action: Option<String>,
    /// How grave.
    pub severity: Severity,
}

impl App {
    /// Makes an avvikelse of an opinion that was opened. `render` makes the answer from the new case.
    ///
    /// # Errors
    /// [`Error::Faults`] for a text that tells who the sender is, and for what a filing at a desk gets
    /// wrong; [`Error::State`]; [`Error::Stale`] when somebody else was faster.
    pub async fn spin_off(
        &self,
        caller: &Caller,
        opened: &Opened,
        new: SpinOff,
        once: Option<Once>,
        render: impl Fn(&Case) -> Answer,
    ) -> Result<Answer, Error> {
        let access = opened.permit(caller, Act::Investigate)?;
        let (before, tenant) = (&opened.case, caller.tenant_id());
        if before.opinion.is_none() {
            return Err(Error::NotFound);
        }
        let id = before.id;
        let sealed = self.store.read(tenant, move |tx| tx.opinion_sender(id)).await?;
        let contact = sealed.map(|sealed| self.unseal_sender(tenant, id, &sealed)).transpose()?;
        let contact = contact.flatten();
        let texts = [
            ("/description", Some(&new.description)),
            ("/immediate_action", new.immediate_action.as_ref()),
        ];
        let telling = texts.into_iter().filter_map(|(field, text)| {
            let tells = contact.as_ref()?.told_by(text?);
            let reason = Reason::inconsistent("names_the_sender");
            tells.then(|| Fault::at(field, reason))
        });
        let faults: Vec<Fault> = telling.collect();
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        for _ in 0..DRAWS {
            let filed = self.made_of(caller, before, &new)?;
            let mut made = filed;
            let link = Link { kind: LinkKind::SpunOffFrom, to: id, at: caller.now };
            made.case.links.push(link);
            // Whom the opinion is kept from does not read of it in what is made of it.
            made.case.conflicts.clone_from(&before.conflicts);
            made.case.subject = made.case.subject.or(before.subject);
            let to = made.case.id;
            let noted = before.clone().spin_off_opinion(to, caller.staff.id, caller.now)?;
            let answer = render(&made.case);
            let mut of_new = Record::new(self, caller, made);
            if let Some(once) = &once {
                of_new.kept = Some(self.to_keep(caller, once, &answer, Some(to))?);
            }
            let mut of_old = Record::new(self, caller, noted);
            of_old.access = Some(access_entry(self, caller, "case.spin_off", access, before));
            let before = before.clone();
            let work = move |tx: &mut store::Tx<'_>| {
                tx.add(of_new.of_new(tenant))?;
                of_old.write(&before, tx)
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

    /// The avvikelse, as it would be filed: at a desk, so that what is wrong is refused.
    fn made_of(
        &self,
        caller: &Caller,
        before: &Case,
        new: &SpinOff,
    ) -> Result<domain::case::Changed, Error> {
        let laws = before.laws().iter().map(|law| law.code().to_owned()).collect();
        let intake = Intake {
            unit: new.unit.clone().unwrap_or_else(|| before.unit.to_string()),
            occurred_at: before.occurred_at,
            occurred_until: before.occurred_until,
            severity: new.severity,
            filing: Filing {
                law: new.law.clone().unwrap_or(laws),
                category: new.category.clone(),
                description: new.description.clone(),
                immediate_action: new.immediate_action.clone(),
                ..Filing::default()
            },
            ..Intake::default()
        };
        let entry = Entry {
            id: CaseId(self.new_id()),
            kind: Kind::Avvikelse,
            number_seed: self.new_seed(),
            subject_id: SubjectId(self.new_id()),
            reported_by: Some(caller.staff.id),
            registered_by: Some(caller.staff.id),
            draft: false,
        };
        let around = Surroundings {
            units: &caller.set_up.units,
            codes: &caller.set_up.codes,
            now: caller.now,
            may_backdate: false,
        };
        let filed = filing::file(entry, intake, around).map_err(Error::Faults)?;
        let warnings = &filed.changed.case.filing.warnings;
        if warnings.is_empty() { Ok(filed.changed) } else { Err(Error::Faults(warnings.clone())) }
    }
}
