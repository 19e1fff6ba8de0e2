//! Handing units over: the page of what is open, made by the giver and signed by both.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::case::Kind;
use domain::fault::{Fault, Reason};
use domain::handover::{Content, Handover};
use domain::ids::{CaseId, HandoverId, MessageId, StaffId, UnitId};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::policy::{Act, Held, Reading, Scope, role_may};
use domain::worklist::Place;
use serde_json::json;
use store::{Additions, MeasuresAsked, Message, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace};

/// How often a signature is tried anew when the other side signs at the same moment.
const TRIES: usize = 3;

/// A handover to be made by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHandover {
    /// The units, by id or code, each with all below it.
    pub units: Vec<String>,
    /// Who takes over.
    pub to: StaffId,
    /// In words.
    pub note: Option<String>,
}

/// Handovers, and the page as it would be made now.
#[derive(Clone, Debug, PartialEq)]
pub struct Handovers {
    /// Those there are, newest first.
    pub items: Vec<Handover>,
    /// What is open in the units asked for, when they are the caller's to hand over.
    pub open: Option<Content>,
}

impl App {
    /// The handovers the caller gives, takes, or may make in the same units; with `unit` those that
    /// it lies in, and what is open there now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn list_handovers(
        &self,
        caller: &Caller,
        unit: Option<UnitId>,
    ) -> Result<Handovers, Error> {
        let asked = caller.clone();
        let read = move |tx: &mut Tx<'_>| {
            let mut items = tx.handovers()?;
            items.retain(|handover| may_see(&asked, handover));
            if let Some(unit) = unit {
                let above = asked.set_up.units.with_ancestors(unit);
                items.retain(|handover| handover.units.iter().any(|it| above.contains(it)));
            }
            items.reverse();
            let kept = hidden(tx, &asked)?;
            for handover in &mut items {
                handover.content = std::mem::take(&mut handover.content).without(&kept);
            }
            let here = unit.filter(|unit| is_giver(&asked, *unit));
            let open = match here {
                Some(unit) => Some(open_in(tx, &asked, &[unit], asked.staff.id)?),
                None => None,
            };
            Ok::<_, store::Error>(Handovers { items, open })
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// A handover, without what is kept from the caller.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where it is not to be seen.
    pub async fn read_handover(&self, caller: &Caller, id: HandoverId) -> Result<Handover, Error> {
        let asked = caller.clone();
        let read = move |tx: &mut Tx<'_>| {
            let mut handover = tx.handover(id)?;
            if !may_see(&asked, &handover) {
                return Err(store::Error::NotFound);
            }
            handover.content = handover.content.without(&hidden(tx, &asked)?);
            Ok(handover)
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// Makes a handover of the caller's units. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who has no units to hand over; [`Error::Faults`] with everything
    /// that is wrong.
    pub async fn make_handover(
        &self,
        caller: &Caller,
        new: NewHandover,
        once: Option<Once>,
        render: impl Fn(&Handover) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::HandOver)?;
        let mut faults = Vec::new();
        let units = units_named(caller, &new.units, &mut faults);
        let (to, asked, named) = (new.to, caller.clone(), units.clone());
        let read = move |tx: &mut Tx<'_>| {
            let taker = match tx.staff(to) {
                Err(store::Error::NotFound) => None,
                other => Some(other?),
            };
            let content = match &taker {
                Some(_) => open_in(tx, &asked, &named, to)?,
                None => Content::default(),
            };
            Ok::<_, store::Error>((taker, content))
        };
        let (taker, content) = self.store.read(caller.tenant_id(), read).await?;
        let wrong = match taker {
            None => Some(Reason::NotFound),
            Some(taker) if taker.deactivated_at.is_some() => {
                Some(Reason::inconsistent("staff_deactivated"))
            }
            Some(taker) if taker.id == caller.staff.id => {
                Some(Reason::inconsistent("hands_over_to_oneself"))
            }
            Some(_) => None,
        };
        faults.extend(wrong.map(|reason| Fault::at("/to", reason)));
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let handover = Handover {
            id: HandoverId(self.new_id()),
            units,
            giver: caller.staff.id,
            taker: to,
            note: new.note.filter(|note| !note.trim().is_empty()),
            content,
            made_at: caller.now,
            giver_signed_at: None,
            taker_signed_at: None,
            version: 1,
        };
        let details = json!({
            "units": handover.units,
            "giver": handover.giver,
            "taker": handover.taker,
            "cases": handover.content.cases.len(),
        });
        let object = ("handover", handover.id.0);
        let trace = Trace::new(self, caller, "handover.make", object, details);
        let answer = render(&handover);
        let notice = self.to_taker(caller, &handover);
        let write = self.make(caller, trace, once.as_ref(), answer, move |tx| {
            let mut rows = Additions::to(tx.tenant());
            rows.handover(&handover);
            rows.message(&notice);
            Ok(tx.add(rows)?)
        });
        write.await.map_err(Refused::into_error)
    }

    /// The notice to whoever takes over.
    fn to_taker(&self, caller: &Caller, handover: &Handover) -> Message {
        let notice = Notice {
            about: About::Everything,
            number: None,
            step: Step::Handover,
            urgency: Urgency::Normal,
            to: Audience::Staff(handover.taker),
            due_on: None,
            while_open: false,
        };
        Message {
            id: MessageId(self.new_id()),
            at: caller.now,
            topic: "handover.made".to_owned(),
            case: None,
            payload: json!({ "handover": handover.id, "notice": notice }),
        }
    }

    /// Signs a handover that the caller gives or takes. Signing twice does once.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Forbidden`] for who only may see it.
    pub async fn sign_handover(&self, caller: &Caller, id: HandoverId) -> Result<Handover, Error> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let before = self.read_handover(caller, id).await?;
            let expected = before.version;
            let signed = before.sign(caller.staff.id, caller.now).ok_or(Error::Forbidden)?;
            if signed.version == expected {
                return Ok(signed);
            }
            let details = json!({ "version": signed.version });
            let trace = Trace::new(self, caller, "handover.sign", ("handover", id.0), details);
            let row = signed.clone();
            let write = self.change_set_up(caller, trace, move |tx| {
                tx.save_signatures(&row, expected)?;
                Ok(())
            });
            match write.await.map_err(Refused::into_error) {
                Err(Error::Stale) if tries > 0 => {}
                Err(other) => return Err(other),
                Ok(()) => return Ok(signed),
            }
        }
    }
}

/// The caller's grants by which units are handed over.
fn giving(caller: &Caller) -> impl Iterator<Item = &Held> {
    caller.actor.held.iter().filter(|held| role_may(held.role, Act::HandOver))
}

fn is_giver(caller: &Caller, unit: UnitId) -> bool {
    let place = Place::at(unit);
    giving(caller).any(|held| held.reaches(place.unit, place.laws, place.kind))
}

/// Giver and taker see a handover, and whoever may make one of the same units.
fn may_see(caller: &Caller, handover: &Handover) -> bool {
    let me = caller.staff.id;
    handover.giver == me
        || handover.taker == me
        || handover.units.iter().any(|unit| is_giver(caller, *unit))
}

/// The cases that are kept from the caller.
fn hidden(tx: &mut Tx<'_>, caller: &Caller) -> Result<BTreeSet<CaseId>, store::Error> {
    let kept = tx.kept_from()?.into_iter();
    let from_me = kept.filter(|(_, staff)| staff.contains(&caller.staff.id));
    Ok(from_me.map(|(case, _)| case).collect())
}

/// The units named, each once, which must be the caller's; what is wrong goes to `faults`.
fn units_named(caller: &Caller, given: &[String], faults: &mut Vec<Fault>) -> Vec<UnitId> {
    let mut units = Vec::new();
    for (at, given) in given.iter().enumerate() {
        let wrong = match caller.set_up.units.find(given) {
            None => Some(Reason::UnknownUnit { given: given.clone() }),
            Some(unit) if !is_giver(caller, unit.id) => {
                Some(Reason::inconsistent("unit_not_yours"))
            }
            Some(unit) => {
                if !units.contains(&unit.id) {
                    units.push(unit.id);
                }
                None
            }
        };
        faults.extend(wrong.map(|reason| Fault::at(format!("/units/{at}"), reason)));
    }
    if given.is_empty() {
        faults.push(Fault::at("/units", Reason::Required));
    }
    // In the order in which they come back from the database.
    units.sort_unstable();
    units
}

/// What is open in units, as far as the caller's grants reach, without what is kept from the caller
/// or from `taker`.
fn open_in(
    tx: &mut Tx<'_>,
    caller: &Caller,
    units: &[UnitId],
    taker: StaffId,
) -> Result<Content, store::Error> {
    let tree = &caller.set_up.units;
    let below: BTreeSet<UnitId> =
        units.iter().flat_map(|unit| tree.with_descendants(*unit)).collect();
    let readings: Vec<Reading> = giving(caller)
        .map(|held| Reading {
            units: match &held.units {
                Scope::All => Scope::Only(below.clone()),
                Scope::Only(only) => Scope::Only(only & &below),
            },
            laws: held.laws.clone(),
            kinds: Kind::ALL.to_vec(),
            lex: false,
        })
        .collect();
    let kept = tx.kept_from()?;
    let mut cases = tx.open_briefs(&readings, &kept)?;
    let mut measures = Vec::new();
    let mut known: BTreeSet<CaseId> = cases.iter().map(|case| case.id).collect();
    for (measure, brief) in tx.measures_in(&readings, MeasuresAsked::Undone, &kept)? {
        measures.push(measure);
        if known.insert(brief.id) {
            cases.push(brief);
        }
    }
    // What was asked of a closed case still waits for its answer.
    let watches = tx.open_requests()?;
    let asked = watches.iter().map(|watch| watch.case).filter(|case| !known.contains(case));
    let asked: BTreeSet<CaseId> = asked.collect();
    if !asked.is_empty() {
        let here = tx.briefs_of(&asked, &kept)?.into_iter().filter(|case| {
            below.contains(&case.unit)
                && giving(caller).any(|held| held.reaches(case.unit, &case.laws, case.kind))
        });
        cases.extend(here);
    }
    cases.retain(|case| {
        !case.kept_from.contains(&caller.staff.id) && !case.kept_from.contains(&taker)
    });
    let threshold = caller.set_up.settings.risk_threshold;
    let today = swedish_date(caller.now);
    let reviews = tx.reviews_awaiting(None)?;
    let content = Content::of(&cases, &measures, &watches, threshold, today);
    Ok(content.with_reviews(&reviews, &below, today))
}
