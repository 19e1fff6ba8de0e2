//! Reading an opinion: who left it, what was said, and where it stands.

use std::collections::BTreeSet;

use domain::case::Case;
use domain::ids::CaseId;
use domain::opinion::{Contact, Message};
use domain::policy::{Access, Act};

use crate::cases::Opened;
use crate::context::{App, Caller};
use crate::error::Error;

/// An opinion as whoever reads it sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OpinionRead {
    /// Its case.
    pub opened: Opened,
    /// Who left it; `None` where nobody knows, or one may not see it.
    pub contact: Option<Contact>,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// Those of the cases that it made which one may read.
    pub made: BTreeSet<CaseId>,
}

impl OpinionRead {
    /// The case.
    pub fn case(&self) -> &Case {
        &self.opened.case
    }
}

impl App {
    /// Reads an opinion, for whoever may read more than their own filing. What its sender said counts as
    /// read once whoever handles it, or may answer it, has read it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for what is no opinion; [`Error::Forbidden`]; and no answer without its
    /// access entry.
    pub async fn read_opinion(&self, caller: &Caller, id: CaseId) -> Result<OpinionRead, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        if opened.case.opinion.is_none() {
            return Err(Error::NotFound);
        }
        if opened.access == Access::Own {
            return Err(Error::Forbidden);
        }
        let tenant = caller.tenant_id();
        let load = move |tx: &mut store::Tx<'_>| {
            Ok::<_, store::Error>((tx.opinion_sender(id)?, tx.opinion_messages(id)?))
        };
        let (sealed, messages) = self.store.read(tenant, load).await?;
        let sealed = sealed.filter(|_| opened.permit(caller, Act::ReadSubject).is_ok());
        let contact = sealed.map(|sealed| self.unseal_sender(tenant, id, &sealed)).transpose()?;
        let contact = contact.flatten();
        let made = opened.case.opinion.iter().flat_map(|it| it.spun_off.iter().copied());
        let made = self.readable_among(caller, made.collect()).await?;
        let act = if contact.is_some() { "opinion.sender" } else { "opinion.read" };
        self.keep_access(caller, act, &opened).await?;
        let handles = opened.case.assessment.lead == Some(caller.staff.id)
            || opened.permit(caller, Act::AnswerOpinion).is_ok();
        if handles && messages.iter().any(|it| it.from_sender && it.read_at.is_none()) {
            let now = caller.now;
            let read = move |tx: &mut store::Tx<'_>| tx.read_opinion_messages(id, true, now);
            self.store.write(tenant, read).await?;
        }
        Ok(OpinionRead { opened, contact, messages, made })
    }
}
