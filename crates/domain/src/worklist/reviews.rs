//! What half-yearly reviews make of work: for the manager of the unit, until it is signed; and for who
//! sees to what it decided, until it is done and somebody has said whether it helped.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::roster::{Holder, Place, Seat};
use super::rules::Desk;
use super::{Asked, Group, Item, Task, WaitingFor};
use crate::ids::{StaffId, UnitId};
use crate::organisation::Role;
use crate::review::{Improvement, ImprovementState, Owner, Review, Status};

impl Desk<'_> {
    pub(super) fn of_reviews(&mut self) {
        let facts = self.facts;
        for review in &facts.reviews {
            let asked = match review.status() {
                Status::Open => Some(Asked::WriteReview),
                Status::Written => Some(Asked::SignReview),
                Status::Signed => None,
            };
            let manager =
                asked.and_then(|asked| Some((asked, self.seat_at(review, Role::UnitManager)?)));
            if let Some((asked, (unit, waiting_for))) = manager {
                let (item, since) = (Item::Review(review.id), review.created_at);
                let task = self.of_review(asked, item, (unit, waiting_for), review.due_on, since);
                self.tasks.push(task);
            }
            for improvement in &review.improvements {
                self.of_improvement(review, improvement);
            }
        }
    }

    fn of_improvement(&mut self, review: &Review, improvement: &Improvement) {
        let (asked, due_on) = match &improvement.state {
            ImprovementState::Decided => (Asked::Improve, improvement.due_on),
            ImprovementState::Done { .. } if improvement.follow_up_on <= self.day => {
                (Asked::JudgeImprovement, improvement.follow_up_on)
            }
            ImprovementState::Done { .. }
            | ImprovementState::Judged { .. }
            | ImprovementState::Dropped { .. } => return,
        };
        let found = match improvement.owner {
            Owner::Role(role) => self.seat_at(review, role),
            Owner::Staff(staff) => self.by_name(review, staff),
        };
        if let Some(found) = found {
            let (item, since) = (Item::Improvement(improvement.id), improvement.decided.at);
            let task = self.of_review(asked, item, found, due_on, since);
            self.tasks.push(task);
        }
    }

    /// For whom something of a role waits at any of the review's units, when the person is one of them.
    fn seat_at(&self, review: &Review, role: Role) -> Option<(UnitId, WaitingFor)> {
        let nobody = BTreeSet::new();
        review.subject.units.iter().find_map(|unit| {
            let seat: Seat = self.roster.who_gets(Place::at(*unit), role, self.day, &nobody);
            let holder: Holder = seat.holder(self.me.actor.staff)?;
            let waiting_for = WaitingFor {
                role: Some(seat.role),
                instead_of: seat.instead_of,
                stands_in_for: holder.stands_in_for,
                ..WaitingFor::default()
            };
            Some((*unit, waiting_for))
        })
    }

    /// What waits for a person by name: for them, for whoever stands in, and for the manager where they
    /// hold nothing there any more.
    fn by_name(&self, review: &Review, staff: StaffId) -> Option<(UnitId, WaitingFor)> {
        let me = self.me.actor.staff;
        let first = *review.subject.units.first()?;
        let named = WaitingFor { staff: Some(staff), ..WaitingFor::default() };
        if staff == me {
            return Some((first, named));
        }
        let mut there = false;
        for unit in &review.subject.units {
            let holders = self.roster.in_place_of(staff, Place::at(*unit), self.day);
            there |= !holders.is_empty();
            if let Some(holder) = holders.into_iter().find(|holder| holder.staff == me) {
                return Some((*unit, WaitingFor { stands_in_for: holder.stands_in_for, ..named }));
            }
        }
        if there { None } else { self.seat_at(review, Role::UnitManager) }
    }

    fn of_review(
        &self,
        asked: Asked,
        item: Item,
        (unit, waiting_for): (UnitId, WaitingFor),
        due_on: Date,
        since: Timestamp,
    ) -> Task {
        Task {
            group: Group::Reviews,
            asked,
            case: None,
            unit: Some(unit),
            item,
            awaits: Vec::new(),
            duty: None,
            due_on: Some(due_on),
            waiting_for,
            inherited: false,
            // After what is as grave as the threshold.
            weight: self.settings.risk_threshold.saturating_sub(1),
            since,
        }
    }
}
