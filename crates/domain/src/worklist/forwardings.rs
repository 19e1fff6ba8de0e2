//! What goes between caregivers makes work: for whoever began it and the unit's manager what we send, for
//! whoever answers for the law what has come in, until a unit has it.

use super::roster::{Holder, Place, Seat};
use super::rules::Desk;
use super::{Asked, Group, Item, Task, WaitingFor};
use crate::case::Kind;
use crate::escalation::next::answers_for;
use crate::forwarding::silence::Todo;
use crate::forwarding::{Direction, Forwarding};
use crate::organisation::Role;

fn asked(todo: Todo) -> Asked {
    match todo {
        Todo::Check => Asked::CheckForwarding,
        Todo::Send => Asked::SendForwarding,
        Todo::Reply => Asked::ReplyForwarding,
        Todo::Settle => Asked::SettleForwarding,
        Todo::Share => Asked::ShareForwarding,
        Todo::Close => Asked::CloseForwarding,
        Todo::Acknowledge => Asked::AcknowledgeForwarding,
        Todo::Assign => Asked::AssignForwarding,
        Todo::Investigate => Asked::InvestigateForwarding,
        Todo::Approve => Asked::ApproveForwarding,
        Todo::Answer => Asked::AnswerForwarding,
        Todo::PassOn => Asked::PassOnForwarding,
    }
}

impl Desk<'_> {
    /// One task each, for those it waits for among those who may do it.
    pub(super) fn of_forwardings(&mut self) {
        for (forwarding, role) in &self.facts.forwardings {
            let Some(todo) = forwarding.todo() else { continue };
            if let Some(waiting_for) = self.forwarding_waits_for_me(forwarding, *role) {
                let task = self.of_forwarding(forwarding, asked(todo), waiting_for);
                self.tasks.push(task);
            }
        }
    }

    /// For whom it waits, when the person is one of them. `role` is as what they may do it.
    pub(super) fn forwarding_waits_for_me(
        &self,
        forwarding: &Forwarding,
        role: Role,
    ) -> Option<WaitingFor> {
        let me = self.me.actor.staff;
        if forwarding.direction == Direction::Sent && forwarding.matter.begun_by == Some(me) {
            return Some(WaitingFor { staff: Some(me), ..WaitingFor::default() });
        }
        let wanted = match (forwarding.direction, forwarding.case) {
            (Direction::Sent, _) | (Direction::Received, Some(_)) => Role::UnitManager,
            (Direction::Received, None) => answers_for(forwarding.law),
        };
        let Some(unit) = forwarding.unit else {
            // Nobody knows where it belongs: it waits for whoever such things come in through.
            let mine = role == wanted || role == Role::Registrator;
            return mine.then_some(WaitingFor { role: Some(role), ..WaitingFor::default() });
        };
        let laws = [forwarding.law];
        let kept_from = forwarding.case.and_then(|id| self.facts.cases.get(&id));
        let kept_from = kept_from.map(|case| case.kept_from.clone()).unwrap_or_default();
        let place = Place { unit, laws: &laws, kind: Kind::Avvikelse };
        let seat: Seat = self.roster.who_gets(place, wanted, self.day, &kept_from);
        let Holder { stands_in_for, .. } = seat.holder(me)?;
        Some(WaitingFor {
            role: Some(seat.role),
            instead_of: seat.instead_of,
            stands_in_for,
            ..WaitingFor::default()
        })
    }

    pub(super) fn of_forwarding(
        &self,
        forwarding: &Forwarding,
        asked: Asked,
        waiting_for: WaitingFor,
    ) -> Task {
        let case = forwarding.case.and_then(|id| self.facts.cases.get(&id));
        // Our own debt has a day; what we are to do about theirs has none.
        let ours = forwarding.direction == Direction::Received && forwarding.awaits_answer();
        Task {
            group: Group::Forwardings,
            asked,
            case: case.cloned(),
            unit: None,
            item: Item::Forwarding(forwarding.id),
            awaits: Vec::new(),
            duty: None,
            due_on: forwarding.awaited_on().filter(|_| ours),
            waiting_for,
            inherited: false,
            weight: case.map_or(0, |case| case.risk_score.unwrap_or_default()),
            since: forwarding.updated_at,
        }
    }
}
