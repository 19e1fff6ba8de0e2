//! Publishing an opinion and its answer, without persons: written by one, let out by another, taken
//! back by anybody who may let out.

use domain::calendar::swedish_date;
use domain::case::Case;
use domain::fault::Fault;
use domain::learning::Done;
use domain::policy::{Access, Act, readings};
use domain::publication::{Publication, PublicationStatus, PublicationText, Surroundings, bars};
use jiff::civil::Date;
use serde_json::json;
use store::{Additions, Reader, Tx};

use crate::cases::{Opened, access_entry};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::opinions::Door;
use crate::setup::{Refused, Trace};

/// A publication as those who handle the case see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationShown {
    /// The publication.
    pub publication: Publication,
    /// The case's number.
    pub number: String,
    /// Why nobody outside sees it, whatever its status; empty where nothing keeps it back.
    pub held_back: Vec<Fault>,
}

/// What is done to a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicationCommand {
    /// Write it, or write it anew.
    Write(PublicationText),
    /// Let it out.
    Approve {
        /// The word of who approves that nobody can be known by it.
        names_checked: bool,
    },
    /// Take it back.
    Withdraw {
        /// Why.
        reason: String,
    },
}

impl PublicationCommand {
    fn action(&self) -> &'static str {
        match self {
            PublicationCommand::Write(_) => "publication.write",
            PublicationCommand::Approve { .. } => "publication.approve",
            PublicationCommand::Withdraw { .. } => "publication.withdraw",
        }
    }

    /// The act the policy is asked about.
    pub fn act(&self) -> Act {
        match self {
            PublicationCommand::Write(_) => Act::WritePublication,
            PublicationCommand::Approve { .. } | PublicationCommand::Withdraw { .. } => {
                Act::Publish
            }
        }
    }
}

/// A published opinion, as anybody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedLine {
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// What it is about, in words.
    pub about: Option<String>,
    /// The day it went out.
    pub published_on: Date,
}

/// A page of published opinions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedPage {
    /// The opinions, newest first.
    pub items: Vec<PublishedLine>,
    /// How many to skip for the next page, if there is one.
    pub next: Option<usize>,
}

fn surroundings(
    tx: &mut Tx<'_>,
    case: &Case,
    publishes: bool,
) -> Result<Surroundings, store::Error> {
    let (avvikelse, lex) = tx.near_avvikelse_or_lex(case.id)?;
    let subject = match case.subject {
        Some(subject) => tx.subject(subject)?.protected.is_some(),
        None => false,
    };
    Ok(Surroundings { publishes, answered: answered(case), avvikelse, lex, protected: subject })
}

impl App {
    /// What is to be published of a case that was opened; `None` while nobody has written anything.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who handle no opinions.
    pub async fn publication(
        &self,
        caller: &Caller,
        opened: &Opened,
    ) -> Result<Option<PublicationShown>, Error> {
        opened.permit(caller, Act::WritePublication)?;
        let (case, publishes) = (opened.case.clone(), caller.set_up.settings.publishes_answers);
        let number = case.number.to_string();
        let load = move |tx: &mut Tx<'_>| {
            let found = match tx.publication(case.id) {
                Ok(found) => found,
                Err(store::Error::NotFound) => return Ok(None),
                Err(other) => return Err(other),
            };
            Ok(Some((found, bars(&case, surroundings(tx, &case, publishes)?))))
        };
        let found = self.store.read(caller.tenant_id(), load).await?;
        Ok(found.map(|(publication, held_back)| PublicationShown {
            publication,
            number,
            held_back,
        }))
    }

    /// Does something to what is published of a case that was opened; `before` is what was read.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing was written; [`Error::Faults`] with everything that is wrong,
    /// and what keeps it back; [`Error::Stale`] when somebody else was faster.
    pub async fn publish(
        &self,
        caller: &Caller,
        opened: &Opened,
        before: Option<Publication>,
        command: PublicationCommand,
    ) -> Result<PublicationShown, Error> {
        opened.permit(caller, command.act())?;
        let (case, publishes) = (opened.case.clone(), caller.set_up.settings.publishes_answers);
        let number = case.number.to_string();
        let around = case.clone();
        let around = self
            .store
            .read(caller.tenant_id(), move |tx| surroundings(tx, &around, publishes))
            .await?;
        let held_back = bars(&case, around);
        let (action, done) = (command.action(), Done { by: caller.staff.id, at: caller.now });
        let mut faults = Vec::new();
        let made = match (command, before.clone()) {
            (PublicationCommand::Write(text), None) => {
                faults.extend(held_back.iter().cloned());
                Publication::draft(case.id, text, done)
            }
            (PublicationCommand::Write(text), Some(before)) => {
                faults.extend(held_back.iter().cloned());
                before.rewrite(text, done)
            }
            (_, None) => return Err(Error::NotFound),
            (PublicationCommand::Approve { names_checked }, Some(before)) => {
                faults.extend(held_back.iter().cloned());
                before.approve(done, names_checked)
            }
            // What must not be out is taken back whatever stands beside it.
            (PublicationCommand::Withdraw { reason }, Some(before)) => {
                before.withdraw(done, reason)
            }
        };
        let publication = match made {
            Ok(made) if faults.is_empty() => made,
            Ok(_) => return Err(Error::Faults(faults)),
            Err(wrong) => {
                faults.extend(wrong);
                return Err(Error::Faults(faults));
            }
        };
        let details = json!({
            "from": before.as_ref().map(|it| it.status().code()),
            "to": publication.status().code(),
            "version": publication.version,
        });
        let trace = Trace::new(self, caller, action, ("publication", case.id.0), details);
        let saved = publication.clone();
        // The answer shows what is written, so that whoever changes it reads it.
        let entry = access_entry(self, caller, action, opened.access, &case);
        let write = move |tx: &mut Tx<'_>| {
            if saved.status() == PublicationStatus::Published {
                // What came beside it meanwhile keeps it back, where nobody can add any more unseen.
                tx.one_at_a_time()?;
                let wrong = bars(&case, surroundings(tx, &case, publishes)?);
                Refused::faults(wrong)?;
            }
            tx.save_publication(before.as_ref(), &saved)?;
            let mut rows = Additions::to(tx.tenant());
            rows.access(&entry);
            tx.add(rows)?;
            Ok(())
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(PublicationShown { publication, number, held_back })
    }

    /// What is written, out or withdrawn, of the cases that the caller may read.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who handle no opinions; and no answer without its access entry.
    pub async fn publications(
        &self,
        caller: &Caller,
        status: Option<PublicationStatus>,
        limit: usize,
    ) -> Result<Vec<Publication>, Error> {
        caller.may(Act::WritePublication)?;
        let reader = Reader { staff: caller.staff.id, readings: readings(&caller.actor) };
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let load = move |tx: &mut Tx<'_>| {
            let mut found = tx.publications(status, most)?;
            let ids = found.iter().map(|it| it.case).collect();
            let readable = tx.within_reach_of(&reader, &ids)?;
            found.retain(|it| readable.contains(&it.case));
            let exposed = tx.to_be_exposed(&readable)?;
            Ok::<_, store::Error>((found, exposed))
        };
        let (found, exposed) = self.store.read(caller.tenant_id(), load).await?;
        if !found.is_empty() {
            // Whatever lets at each: there may be several roles.
            let entry = caller.entry(self, "publication.list", Access::Asked, exposed);
            self.keep(caller, &entry).await?;
        }
        Ok(found)
    }

    /// What a tenant has published, for anybody.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it publishes nothing.
    pub async fn published(
        &self,
        door: &Door,
        skip: usize,
        limit: usize,
    ) -> Result<PublishedPage, Error> {
        let set_up = &door.set_up;
        if !set_up.settings.publishes_answers {
            return Err(Error::NotFound);
        }
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let (from, most) = (number(skip), number(limit.saturating_add(1)));
        let mut found = self.store.read(door.tenant.id, move |tx| tx.published(from, most)).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let about = |code: Option<String>| {
            let code = code?;
            set_up.codes.get("complaint", &code).map(|it| it.sv.clone())
        };
        let items = found.into_iter().map(|it| PublishedLine {
            question: it.question,
            answer: it.answer,
            about: about(it.category),
            published_on: swedish_date(it.at),
        });
        let next = more.then(|| skip.saturating_add(limit));
        Ok(PublishedPage { items: items.collect(), next })
    }
}

/// Whether a case has an answer now.
fn answered(case: &Case) -> bool {
    case.opinion.as_ref().is_some_and(|opinion| opinion.answer().is_some())
}
