//! Whether a notice may leave, and to whom: asked when it leaves, not when it was queued.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::case::{Case, Kind, Status};
use domain::escalation::Escalation;
use domain::forwarding::Forwarding;
use domain::ids::{CaseId, StaffId};
use domain::mail::Outcome;
use domain::notice::{About, Audience, Notice, Step};
use domain::organisation::Staff;
use domain::policy::{Act, Actor, Target, allow, allow_forwarding, allow_review, sight};
use domain::review::Review;
use domain::worklist::{Place, Roster};
use jiff::Timestamp;
use mailer::Address;
use store::{Sealed, Tx, WaitingMessage};

use super::portal::link_of;
use crate::context::SetUp;

/// What is to be done with a notice now.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is settled already.
    Gone,
    /// There is nothing to send.
    Settle(Outcome),
    /// Not before then.
    Wait(Timestamp),
    /// A notice for each of them.
    Spread(Vec<StaffId>),
    /// A mail to this address.
    Send(Address),
    /// A mail to whoever left the opinion of this case.
    Unseal(CaseId, Sealed),
}

/// Decides on a notice that is due, in one look at the database.
pub(super) fn judge(
    tx: &mut Tx<'_>,
    set_up: &SetUp,
    message: &WaitingMessage,
    notice: &Notice,
    now: Timestamp,
) -> Result<Verdict, store::Error> {
    if !tx.message_waits(message.id)? {
        return Ok(Verdict::Gone);
    }
    let case = match (notice.about, message.case) {
        (About::Case(id), _) | (About::Escalation(_) | About::Forwarding(_), Some(id)) => {
            match tx.case(id) {
                Err(store::Error::NotFound) => return Ok(Verdict::Settle(Outcome::Ended)),
                other => Some(other?),
            }
        }
        (About::Escalation(_) | About::Forwarding(_), None)
        | (About::Everything | About::Review(_), _) => None,
    };
    let escalation = match notice.about {
        About::Escalation(id) => match tx.escalation(id) {
            Err(store::Error::NotFound) => return Ok(Verdict::Settle(Outcome::Ended)),
            other => Some(other?),
        },
        About::Case(_) | About::Everything | About::Forwarding(_) | About::Review(_) => None,
    };
    let forwarding = match notice.about {
        About::Forwarding(id) => match tx.forwarding(id) {
            Err(store::Error::NotFound) => return Ok(Verdict::Settle(Outcome::Ended)),
            other => Some(other?),
        },
        About::Case(_) | About::Everything | About::Escalation(_) | About::Review(_) => None,
    };
    let review = match notice.about {
        About::Review(id) => match tx.review(id) {
            Err(store::Error::NotFound) => return Ok(Verdict::Settle(Outcome::Ended)),
            other => Some(other?),
        },
        About::Case(_) | About::Everything | About::Escalation(_) | About::Forwarding(_) => None,
    };
    // What goes between caregivers goes on beside its case.
    let over = match (&forwarding, &review) {
        (Some(forwarding), _) => !forwarding.open(),
        (None, Some(review)) => !review.missing(),
        (None, None) => ended(case.as_ref(), escalation.as_ref()),
    };
    if notice.while_open && over {
        return Ok(Verdict::Settle(Outcome::Ended));
    }
    let kept_from: BTreeSet<StaffId> =
        case.iter().flat_map(|case| &case.conflicts).map(|conflict| conflict.staff).collect();
    match &notice.to {
        Audience::Role { role, unit, laws, kind } => {
            let day = swedish_date(now);
            let roster = Roster::new(tx.grants_on(day)?, &BTreeSet::new(), &set_up.units);
            let place = Place { unit: *unit, laws, kind: *kind };
            let told = roster.who_is_told(place, *role, day, &kept_from);
            Ok(if told.is_empty() {
                Verdict::Settle(Outcome::Nobody)
            } else {
                Verdict::Spread(told)
            })
        }
        Audience::Contact(id) => {
            let contact = match tx.contact(*id) {
                Err(store::Error::NotFound) => {
                    return Ok(Verdict::Settle(Outcome::MayNotRead));
                }
                other => other?,
            };
            let link = match link_of(&message.payload) {
                Some(link) => tx.link(link)?,
                None => None,
            };
            if !contact.active() || link.is_none_or(|link| link.admits(now).is_err()) {
                return Ok(Verdict::Settle(Outcome::MayNotRead));
            }
            let address = contact.address.mail().and_then(|email| email.parse().ok());
            Ok(address.map_or(Verdict::Settle(Outcome::NoAddress), Verdict::Send))
        }
        Audience::Sender => {
            let Some(case) = case.filter(|case| case.status() != Status::Void) else {
                return Ok(Verdict::Settle(Outcome::Ended));
            };
            let sealed = tx.opinion_sender(case.id)?;
            Ok(sealed
                .map_or(Verdict::Settle(Outcome::NoAddress), |it| Verdict::Unseal(case.id, it)))
        }
        Audience::Staff(id) => {
            let staff = match tx.staff(*id) {
                Err(store::Error::NotFound) => {
                    return Ok(Verdict::Settle(Outcome::MayNotRead));
                }
                other => other?,
            };
            let about = (case.as_ref(), escalation.as_ref(), forwarding.as_ref(), review.as_ref());
            if staff.deactivated_at.is_some() || !may_read(tx, set_up, notice, about, &staff, now)?
            {
                return Ok(Verdict::Settle(Outcome::MayNotRead));
            }
            let address = staff.email.as_deref().and_then(|email| email.parse().ok());
            Ok(address.map_or(Verdict::Settle(Outcome::NoAddress), Verdict::Send))
        }
    }
}

/// Whether what a notice is about has ended. An escalation goes on beside its case.
fn ended(case: Option<&Case>, escalation: Option<&Escalation>) -> bool {
    match (escalation, case) {
        (Some(escalation), _) => !escalation.open(),
        (None, Some(case)) => !case.status().open(),
        (None, None) => false,
    }
}

/// Whether a person may read what a notice is about, today.
fn may_read(
    tx: &mut Tx<'_>,
    set_up: &SetUp,
    notice: &Notice,
    (case, escalation, forwarding, review): (
        Option<&Case>,
        Option<&Escalation>,
        Option<&Forwarding>,
        Option<&Review>,
    ),
    staff: &Staff,
    now: Timestamp,
) -> Result<bool, store::Error> {
    if case.is_some_and(|case| case.conflicts.iter().any(|it| it.staff == staff.id)) {
        return Ok(false);
    }
    let today = swedish_date(now);
    let mut actor = || {
        let grants = tx.grants_of(staff.id)?;
        let actor = Actor::new(staff.id, &grants, &set_up.units, today);
        Ok::<_, store::Error>(actor.under(set_up.settings.role_rules()))
    };
    if let Some(review) = review {
        let owner = review.owned_by(staff.id);
        let units = &review.subject.units;
        return Ok(allow_review(&actor()?, Act::ReadReview, units, owner).allowed());
    }
    // The ladder ends with those who read no cases, and who see to it that somebody does: whoever holds
    // anything over the place.
    if let Some(forwarding) = forwarding {
        let target = case.map(Target::from);
        let read = Act::ReadForwarding;
        let access = allow_forwarding(&actor()?, read, forwarding, target.as_ref(), &[]);
        return Ok(access.allowed());
    }
    let climbs = matches!((notice.step, escalation), (Step::Untouched, _) | (Step::Decide, None));
    match (escalation, case) {
        (Some(it), _) if climbs => {
            let (unit, laws) = (it.unit, [it.law]);
            let reaches =
                actor()?.held.iter().any(|held| held.reaches(unit, &laws, Kind::Avvikelse));
            Ok(reaches && !it.matter.criticised.contains(&staff.id))
        }
        (None, Some(case)) if climbs => {
            let (unit, laws) = (case.unit, case.laws());
            Ok(actor()?.held.iter().any(|held| held.reaches(unit, &laws, case.kind)))
        }
        (Some(escalation), _) => {
            let actor = actor()?;
            let register = tx.delegations_of(staff.id)?;
            Ok(sight(&actor, escalation, case, &register, today).is_some())
        }
        (None, Some(case)) => Ok(allow(&actor()?, Act::Read, &Target::from(case)).allowed()),
        (None, None) => Ok(true),
    }
}
