//! How an opinion comes: what whoever leaves it, or writes it down, gives.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::sender::{Contact, Sender, SenderGiven};
use super::{EntryWay, Opinion, Registered, Stage};
use crate::calendar::swedish_date;
use crate::case::event::Faults;
use crate::case::{Case, Conflict};
use crate::code_lists::CodeLists;
use crate::fault::Reason;
use crate::ids::StaffId;
use crate::personnummer;

/// Why a case is kept from somebody it is about.
const CONCERNED: &str = "Ärendet gäller den här personen.";

/// How an opinion was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arrival {
    /// How it came: a code of the list `channel`.
    pub channel: Option<String>,
    /// What was said by mouth, written down (FL 27 §).
    pub taken_down: Option<TakenDown>,
}

/// Who wrote down what was said by mouth, and when (FL 27 §).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenDown {
    /// When it was said.
    pub said_at: Timestamp,
    /// When it was written down.
    pub at: Timestamp,
    /// Who wrote it down.
    pub by: StaffId,
}

/// Whom an opinion is about among the staff: it goes elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Concerns {
    /// These persons.
    pub staff: BTreeSet<StaffId>,
    /// Whoever manages the unit.
    pub manager: bool,
}

/// What is given of an opinion beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpinionGiven {
    /// Whether the sender wants to stay unknown.
    pub anonymous: bool,
    /// Who they are.
    pub sender: SenderGiven,
    /// What was said by mouth: when it was said, and when and by whom it was written down.
    pub taken_down: Option<TakenDown>,
    /// Whom it is about.
    pub concerns: Concerns,
    /// Who manages the unit, as whoever files it has found out: kept from them with `concerns.manager`.
    pub managers: BTreeSet<StaffId>,
    /// Its number in the municipality's own diary.
    pub diary_number: Option<String>,
    /// What the patientnämnd would call it.
    pub complaint_pn: Option<String>,
}

/// What taking an opinion in gives beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Who the sender is, to be sealed; `None` for whoever wants to stay unknown, or says nothing.
    pub contact: Option<Contact>,
}

/// Makes the opinion of a case that is being filed, and puts what it says into the case. What is wrong is
/// noted and kept out: a filing is never refused for its content.
pub fn take_in(
    case: &mut Case,
    entry: EntryWay,
    given: OpinionGiven,
    codes: &CodeLists,
    faults: &mut Faults,
    now: Timestamp,
) -> TakenIn {
    let stage = match entry {
        EntryWay::Public => Stage::Received,
        EntryWay::Staff | EntryWay::Import => Stage::Registered,
    };
    let mut opinion = Opinion::bare(entry, stage);
    let today = swedish_date(now);
    let OpinionGiven { anonymous, mut sender, taken_down, concerns, managers, .. } = given;
    let wrong = sender.faults("/opinion/sender", today).into_vec();
    for fault in &wrong {
        // Kept out is what cannot be right, not who said it.
        match fault.field.as_str() {
            "/opinion/sender/email" => sender.contact.email = None,
            "/opinion/sender/evidence"
            | "/opinion/sender/evidence/what"
            | "/opinion/sender/evidence/seen_on" => sender.facts.evidence = None,
            _ => {}
        }
    }
    faults.extend(wrong);
    check_codes(&mut sender.facts, codes, today, faults);
    clean(&mut sender, today, faults);
    if anonymous && !sender.contact.is_empty() {
        // They asked to stay unknown: that is what holds.
        faults.push("/opinion/sender", Reason::inconsistent("anonymous_sender_not_kept"));
        sender.contact = Contact::default();
    }
    sender.contact.noted(&mut sender.facts);
    if anonymous {
        // What an authority calls it, the right to speak, or a language that few speak, tells who it is.
        sender.facts = Sender { kind: sender.facts.kind.take(), ..Sender::default() };
    }
    opinion.anonymous = anonymous;
    if let Some(taken) = &taken_down {
        let late = taken.said_at > now || taken.at > now;
        let given = taken.said_at.max(taken.at);
        faults.require(!late, "/opinion/taken_down", Reason::InFuture { given });
        let order = taken.at >= taken.said_at;
        let other = "/opinion/taken_down/said_at".to_owned();
        faults.require(order, "/opinion/taken_down/at", Reason::Before { other });
    }
    let filing = &mut case.filing;
    if filing.source.is_none() {
        filing.source = sender.facts.kind.clone();
    } else if sender.facts.kind.is_none() {
        sender.facts.kind = filing.source.clone();
    }
    opinion.arrival = Arrival { channel: filing.channel.clone(), taken_down };
    opinion.sender = sender.facts;
    opinion.registered = match entry {
        EntryWay::Public => None,
        EntryWay::Staff | EntryWay::Import => Some(Registered { at: now, by: case.registered_by }),
    };
    opinion.diary_number = given.diary_number.filter(|number| !number.trim().is_empty());
    if let Some(code) = given.complaint_pn {
        match codes.check("patientnamnd", &code, today) {
            Ok(_) => opinion.complaint_pn = Some(code),
            Err(reason) => faults.push("/opinion/complaint_pn", reason),
        }
    }
    case.keep_from_concerned(&concerns, &managers, now);
    opinion.concerns = concerns;
    case.opinion = Some(Box::new(opinion));
    let contact = Some(sender.contact).filter(|contact| !contact.is_empty());
    TakenIn { contact }
}

/// Keeps out a code of the sender's kind that is none.
fn check_codes(
    sender: &mut Sender,
    codes: &CodeLists,
    today: jiff::civil::Date,
    faults: &mut Faults,
) {
    if let Some(code) = &sender.kind
        && let Err(reason) = codes.check("source", code, today)
    {
        faults.push("/opinion/sender/kind", reason);
        sender.kind = None;
    }
}

/// Takes personal identity numbers out of what is said of a sender.
fn clean(sender: &mut SenderGiven, today: jiff::civil::Date, faults: &mut Faults) {
    let SenderGiven { facts, contact } = sender;
    for (field, text) in [
        ("name", &mut contact.name),
        ("email", &mut contact.email),
        ("phone", &mut contact.phone),
        ("address", &mut contact.address),
        ("when", &mut contact.when),
        ("speaks_for", &mut contact.speaks_for),
        ("case_number", &mut facts.case_number),
        ("interpreter", &mut facts.interpreter),
    ] {
        let Some(text) = text else { continue };
        let found = personnummer::find_in(text, today);
        for number in &found {
            let (position, length) = (number.position, number.length);
            let at = format!("/opinion/sender/{field}");
            faults.push(at, Reason::PersonalNumber { position, length });
        }
        *text = personnummer::redact(text, &found);
    }
}

impl Case {
    /// The opinion of a case that somebody of the staff has filed without saying more of it.
    pub(crate) fn of_staff(&self, now: Timestamp) -> Option<Box<Opinion>> {
        let mut opinion = Opinion::imported(self)?;
        opinion.entry = EntryWay::Staff;
        opinion.registered = Some(Registered { at: now, by: self.registered_by });
        Some(opinion)
    }

    /// Keeps it from the managers of a unit it comes to, where it is said to be about whoever manages it.
    pub fn keep_from_managers(&mut self, managers: &BTreeSet<StaffId>, now: Timestamp) {
        let Some(concerns) = self.opinion.as_ref().map(|opinion| opinion.concerns.clone()) else {
            return;
        };
        self.keep_from_concerned(&concerns, managers, now);
    }

    /// Keeps the case from those it is about. If one of them leads it, nobody leads it now.
    pub(super) fn keep_from_concerned(
        &mut self,
        concerns: &Concerns,
        managers: &BTreeSet<StaffId>,
        now: Timestamp,
    ) {
        let managers = managers.iter().filter(|_| concerns.manager);
        for staff in concerns.staff.iter().chain(managers) {
            if self.conflicts.iter().any(|known| known.staff == *staff) {
                continue;
            }
            let by = self.registered_by;
            self.conflicts.push(Conflict {
                staff: *staff,
                reason: CONCERNED.to_owned(),
                by,
                at: now,
            });
            if self.assessment.lead == Some(*staff) {
                self.assessment.lead = None;
            }
        }
    }
}
