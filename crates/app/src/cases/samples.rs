//! Looking at a simple closing of the sample, and a word back to the unit.

use domain::case::Comment;
use domain::case::sample::{Looked, Sample, Verdict};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, CommentId, EntryId, MessageId};
use domain::policy::Act;
use serde_json::json;
use store::{AuditEntry, Message, Tx};

use super::execute::CaseCommand;
use super::read::{Opened, access_entry};
use super::together::{Inquiry, Together};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How often it is tried anew when somebody else was faster with the case.
const TRIES: usize = 5;

impl App {
    /// Opens a closing of the sample for whoever may look at it: not for who closed it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the case is not there, was not picked, or is not closed any more;
    /// [`Error::Forbidden`].
    pub async fn open_sample(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<(Opened, Sample), Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        let access = opened.permit(caller, Act::Sample)?;
        let tenant = caller.tenant_id();
        let sample = self.store.ask(tenant, move |tx| tx.sample(id)).await?;
        if opened.case.closed_at() != Some(sample.closed_at) {
            return Err(Error::NotFound);
        }
        if sample.closed_by == caller.staff.id {
            return Err(Error::Forbidden);
        }
        Ok((Opened { access, ..opened }, sample))
    }

    /// Writes down what was found. A text becomes a comment on the case; to take it up again is the
    /// command for that. The unit gets a notice.
    ///
    /// # Errors
    /// [`Error::Conflict`] when somebody has looked at it; [`Error::Faults`] without a text where one
    /// is needed; as [`App::execute`].
    pub async fn look_at_sample(
        &self,
        caller: &Caller,
        (mut opened, mut sample): (Opened, Sample),
        (verdict, text): (Verdict, Option<String>),
        once: Option<Once>,
        render: impl Fn(&Opened, &Looked) -> Answer,
    ) -> Result<Answer, Error> {
        let text = text.filter(|text| !text.trim().is_empty());
        let looked = Looked { verdict, text, by: caller.staff.id, at: caller.now };
        let id = sample.case;
        for _ in 0..TRIES {
            if sample.looked.is_some() {
                return Err(Error::Conflict("looked_at_already"));
            }
            let command = self.word_back(&looked, &sample)?;
            let look = self.look(caller, &opened, sample, &looked);
            let keep = |answer: &Answer| {
                let kept = once.as_ref();
                kept.map(|once| self.to_keep(caller, once, answer, Some(id))).transpose()
            };
            let (answer, mut together) = match command {
                Some(command) => {
                    let prepared = self.prepare(caller, opened.case, command).await?;
                    let answer = render(&prepared.after(caller), &looked);
                    let recorded = self.recorded(caller, prepared, keep(&answer)?);
                    (answer, Together::of(Inquiry::Apart, vec![recorded]))
                }
                None => {
                    let answer = render(&opened, &looked);
                    let mut together = Together::of(Inquiry::Apart, Vec::new());
                    together.kept = keep(&answer)?;
                    let (access, case) = (opened.access, &opened.case);
                    together.access = Some(access_entry(self, caller, "sample.look", access, case));
                    (answer, together)
                }
            };
            together.look = Some(look);
            match self.write_together(caller, together, answer, once.clone()).await {
                // Whoever was faster looked at it, or did something else to the case.
                Err(Error::Stale) => (opened, sample) = self.open_sample(caller, id).await?,
                done => return done,
            }
        }
        Err(Error::Unavailable("others keep changing this case".into()))
    }

    /// What a verdict does to the case.
    fn word_back(&self, looked: &Looked, sample: &Sample) -> Result<Option<CaseCommand>, Error> {
        match (looked.verdict, looked.text.clone()) {
            (Verdict::Talk | Verdict::Reopen, None) => {
                Err(Error::Faults(vec![Fault::at("/text", Reason::Required)]))
            }
            (Verdict::Fine, None) => Ok(None),
            (Verdict::Fine | Verdict::Talk, Some(text)) => {
                Ok(Some(CaseCommand::Comment(Comment {
                    id: CommentId(self.new_id()),
                    text,
                    to_reporter: false,
                    mentions: vec![sample.closed_by],
                    by: looked.by,
                    at: looked.at,
                })))
            }
            (Verdict::Reopen, Some(reason)) => Ok(Some(CaseCommand::Reopen { reason })),
        }
    }

    fn look(&self, caller: &Caller, opened: &Opened, sample: Sample, looked: &Looked) -> Look {
        let case = sample.case;
        let verdict = looked.verdict.code();
        Look {
            sample,
            looked: looked.clone(),
            notice: Message {
                id: MessageId(self.new_id()),
                at: caller.now,
                topic: format!("sample.{verdict}"),
                case: Some(case),
                payload: json!({ "number": opened.case.number }),
            },
            audit: AuditEntry {
                id: EntryId(self.new_id()),
                at: caller.now,
                by: Some(caller.staff.id),
                action: "sample.look".to_owned(),
                object_kind: "case",
                object: case.0,
                details: json!({ "verdict": verdict }),
                request: caller.request,
            },
        }
    }
}

/// A look at a closing as it is written: the word itself, the audit entry, the notice to the unit.
pub(super) struct Look {
    sample: Sample,
    looked: Looked,
    notice: Message,
    audit: AuditEntry,
}

impl Look {
    /// Writes it, unless somebody looked before.
    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        tx.look_at_sample(&self.sample, &self.looked)?;
        tx.add_rows(|rows| {
            rows.audit(&self.audit);
            rows.message(&self.notice);
        })
    }
}
