//! Learning cards: written from cases, read by somebody else before everybody reads them.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, LearningCardId, UnitId};
use domain::learning::{CardContent, CardMeeting, CardStatus, Done, LearningCard, Names};
use domain::policy::{Act, readings, role_may};
use jiff::civil::Date;
use serde_json::json;
use store::{CardFilter, Reader, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace};

/// What is asked of a list of cards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardQuery {
    /// Where they stand; empty is all.
    pub statuses: Vec<CardStatus>,
    /// Categories with those below; `None` is all.
    pub categories: Option<BTreeSet<String>>,
    /// Learnt at a unit of the same area as one of these; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Go on after this card.
    pub after: Option<LearningCardId>,
    /// How many at most.
    pub limit: usize,
}

/// A card as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardShown {
    /// The card.
    pub card: LearningCard,
    /// Those of its cases that the caller may read.
    pub readable: BTreeSet<CaseId>,
    /// Whether the caller wrote it, or approves what others write.
    pub inside: bool,
}

/// A page of cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPage {
    /// The cards, newest first.
    pub cards: Vec<CardShown>,
    /// Where the next page begins, if there is one.
    pub next: Option<LearningCardId>,
}

/// What somebody writes, with the cases in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardDraft {
    /// In a line.
    pub title: String,
    /// On half a page.
    pub text: String,
    /// What it is about.
    pub category: String,
    /// What it was learnt from.
    pub cases: Vec<CaseId>,
}

/// What is done to a card that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardCommand {
    /// Write the draft anew.
    Rewrite(CardDraft),
    /// Approve it.
    Approve,
    /// Withdraw it.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Note that a unit discussed it.
    Discuss {
        /// Which unit.
        unit: UnitId,
        /// The day of the meeting.
        on: Date,
    },
}

impl CardCommand {
    fn action(&self) -> &'static str {
        match self {
            CardCommand::Rewrite(_) => "learning_card.change",
            CardCommand::Approve => "learning_card.approve",
            CardCommand::Withdraw { .. } => "learning_card.withdraw",
            CardCommand::Discuss { .. } => "learning_card.discuss",
        }
    }
}

fn reader(caller: &Caller) -> Reader {
    Reader { staff: caller.staff.id, readings: readings(&caller.actor) }
}

fn wrote(caller: &Caller, card: &LearningCard) -> bool {
    card.written.by == caller.staff.id
}

fn approves(caller: &Caller) -> bool {
    caller.may(Act::ApproveLearning).is_ok()
}

fn show(caller: &Caller, card: LearningCard, readable: &BTreeSet<CaseId>) -> CardShown {
    let readable = card.content.cases.intersection(readable).copied().collect();
    let inside = wrote(caller, &card) || approves(caller);
    CardShown { card, readable, inside }
}

impl App {
    /// Lists cards: those approved for everybody, the rest for their author and for those who
    /// approve.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn learning_cards(
        &self,
        caller: &Caller,
        query: CardQuery,
    ) -> Result<CardPage, Error> {
        caller.may(Act::ReadLearning)?;
        let tree = &caller.set_up.units;
        let same_area = |units: BTreeSet<UnitId>| -> BTreeSet<UnitId> {
            let areas: BTreeSet<_> = units.iter().filter_map(|id| tree.area_of(*id)).collect();
            let there = |unit: &&domain::organisation::Unit| {
                tree.area_of(unit.id).is_some_and(|area| areas.contains(area))
            };
            tree.iter().filter(there).map(|unit| unit.id).chain(units.iter().copied()).collect()
        };
        let filter = CardFilter {
            approved_or_by: (!approves(caller)).then_some(caller.staff.id),
            statuses: query.statuses,
            categories: query.categories,
            units: query.units.map(same_area),
            after: query.after,
            // One more than asked tells whether there is another page.
            limit: i64::try_from(query.limit.saturating_add(1)).unwrap_or(i64::MAX),
        };
        let reader = reader(caller);
        let load = move |tx: &mut Tx<'_>| {
            let cards = tx.learning_cards(&filter)?;
            let cases = cards.iter().flat_map(|card| card.content.cases.iter().copied()).collect();
            Ok::<_, store::Error>((tx.within_reach_of(&reader, &cases)?, cards))
        };
        let (readable, mut cards) = self.store.read(caller.tenant_id(), load).await?;
        let more = cards.len() > query.limit;
        cards.truncate(query.limit);
        let next = cards.last().filter(|_| more).map(|card| card.id);
        let cards = cards.into_iter().map(|card| show(caller, card, &readable)).collect();
        Ok(CardPage { cards, next })
    }

    /// A card.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a draft that is not for the caller's eyes.
    pub async fn learning_card(
        &self,
        caller: &Caller,
        id: LearningCardId,
    ) -> Result<CardShown, Error> {
        caller.may(Act::ReadLearning)?;
        let reader = reader(caller);
        let load = move |tx: &mut Tx<'_>| {
            let card = tx.learning_card(id)?;
            Ok::<_, store::Error>((tx.within_reach_of(&reader, &card.content.cases)?, card))
        };
        let (readable, card) = self.store.read(caller.tenant_id(), load).await?;
        let shown = show(caller, card, &readable);
        match shown.card.status() {
            CardStatus::Approved => Ok(shown),
            CardStatus::Draft | CardStatus::Withdrawn if shown.inside => Ok(shown),
            CardStatus::Draft | CardStatus::Withdrawn => Err(Error::NotFound),
        }
    }

    /// Whether the caller may do this to a card they were shown.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may_change_card(
        &self,
        caller: &Caller,
        shown: &CardShown,
        act: Act,
    ) -> Result<(), Error> {
        let own = wrote(caller, &shown.card);
        match act {
            // Its author's alone: whoever approves says yes or no to what another wrote.
            Act::WriteLearning if own => caller.may(Act::WriteLearning).map(|_| ()),
            Act::WriteLearning => Err(Error::Forbidden),
            _ => caller.may(Act::ApproveLearning).map(|_| ()),
        }
    }

    /// Writes a draft. `render` makes the answer from the card as it will stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong, names included.
    pub async fn write_card(
        &self,
        caller: &Caller,
        draft: CardDraft,
        once: Option<Once>,
        render: impl FnOnce(&CardShown) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::WriteLearning)?;
        let card = LearningCard {
            id: LearningCardId(self.new_id()),
            content: self.card_content(caller, draft).await?,
            written: Done { by: caller.staff.id, at: caller.now },
            approved: None,
            withdrawn: None,
            meetings: Vec::new(),
            version: 1,
            updated_at: caller.now,
        };
        let readable = card.content.cases.clone();
        let answer = render(&show(caller, card.clone(), &readable));
        let details = json!({ "version": card.version, "category": card.content.category });
        let object = ("learning_card", card.id.0);
        let trace = Trace::new(self, caller, "learning_card.write", object, details);
        let write = move |tx: &mut Tx<'_>| {
            tx.add_rows(|rows| rows.learning_card(&card))?;
            Ok(())
        };
        let made = self.make(caller, trace, once.as_ref(), answer, write).await;
        made.map_err(Refused::into_error)
    }

    /// What is to stand on a card, when nothing is wrong with it.
    async fn card_content(&self, caller: &Caller, draft: CardDraft) -> Result<CardContent, Error> {
        let CardDraft { title, text, category, cases } = draft;
        let given: BTreeSet<CaseId> = cases.iter().copied().collect();
        let content = CardContent {
            title: title.trim().to_owned(),
            text: text.trim().to_owned(),
            category,
            cases: given.clone(),
        };
        let reader = reader(caller);
        let load = move |tx: &mut Tx<'_>| {
            Ok::<_, store::Error>((tx.all_staff()?, tx.within_reach_of(&reader, &given)?))
        };
        let (staff, readable) = self.store.read(caller.tenant_id(), load).await?;
        let set_up = &caller.set_up;
        let names = Names::of(&set_up.units, &staff, &set_up.codes);
        let mut faults = content.faults(&names, &set_up.codes, swedish_date(caller.now));
        for (at, case) in cases.iter().enumerate() {
            if !readable.contains(case) {
                faults.push(Fault::at(format!("/cases/{at}"), Reason::NotFound));
            }
        }
        if faults.is_empty() { Ok(content) } else { Err(Error::Faults(faults)) }
    }

    /// Does something to a card that the caller was shown.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`]; [`Error::Stale`] when somebody else was faster.
    pub async fn change_card(
        &self,
        caller: &Caller,
        shown: CardShown,
        command: CardCommand,
    ) -> Result<CardShown, Error> {
        let before = shown.card;
        let action = command.action();
        let done = Done { by: caller.staff.id, at: caller.now };
        let mut readable = shown.readable;
        let card = match command {
            CardCommand::Rewrite(draft) => {
                let content = self.card_content(caller, draft).await?;
                readable = content.cases.clone();
                before.clone().rewrite(content, caller.now)
            }
            CardCommand::Approve => before.clone().approve(done),
            CardCommand::Withdraw { reason } => before.clone().withdraw(done, reason),
            CardCommand::Discuss { unit, on } => {
                let meeting = CardMeeting { unit, on, noted: done };
                before.clone().discuss(meeting, swedish_date(caller.now))
            }
        };
        let card = card.map_err(Error::Faults)?;
        let details = json!({
            "from": before.status().code(),
            "to": card.status().code(),
            "version": card.version,
        });
        let trace = Trace::new(self, caller, action, ("learning_card", card.id.0), details);
        let after = show(caller, card.clone(), &readable);
        let write = move |tx: &mut Tx<'_>| {
            // What is shown at filing is kept in memory with the set-up.
            if before.status() != card.status() {
                tx.bump_config_version()?;
            }
            tx.save_learning_card(&before, &card)?;
            Ok(())
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(after)
    }

    /// Whether the caller may note what was discussed at a unit.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may_note_meeting(&self, caller: &Caller, unit: UnitId) -> Result<(), Error> {
        let there = |held: &domain::policy::Held| {
            role_may(held.role, Act::WriteLearning) && held.units.covers(&unit)
        };
        if caller.actor.held.iter().any(there) { Ok(()) } else { Err(Error::Forbidden) }
    }
}
