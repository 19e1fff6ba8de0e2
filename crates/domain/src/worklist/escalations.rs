//! What escalations make of work: for whoever answers for the law, whoever the register lets decide, and
//! those a riskperson was opened to.

use std::collections::BTreeSet;

use super::roster::{Holder, Place, Seat};
use super::rules::Desk;
use super::{Asked, Group, Item, Task, WaitingFor};
use crate::case::Kind;
use crate::clock::due_of_escalation;
use crate::escalation::Escalation;
use crate::escalation::next::{Todo, Whose};
use crate::organisation::Role;

fn asked(todo: Todo) -> Option<(Group, Asked)> {
    Some(match todo {
        Todo::Screen => (Group::Screening, Asked::Screen),
        Todo::Receive => (Group::Escalations, Asked::Receive),
        Todo::Protect => (Group::Escalations, Asked::Protect),
        Todo::Investigate => (Group::Escalations, Asked::Investigate),
        Todo::Propose => (Group::Escalations, Asked::Propose),
        Todo::Decide => (Group::Decisions, Asked::Decide),
        Todo::Notify => (Group::Escalations, Asked::NotifyIvo),
        Todo::SubmitInquiry => (Group::Escalations, Asked::SubmitInquiry),
        Todo::Supplement => (Group::Escalations, Asked::Supplement),
        Todo::FollowUp => (Group::Escalations, Asked::FollowUp),
        Todo::Close => (Group::Escalations, Asked::CloseEscalation),
        Todo::AwaitIvo => return None,
    })
}

impl Desk<'_> {
    /// One task an open escalation, for those it waits for. What came by import waits for nobody.
    pub(super) fn of_escalations(&mut self) {
        let facts = self.facts;
        for escalation in facts.escalations.iter().filter(|it| !it.quiet()) {
            let Some((todo, whose)) = escalation.waits_for() else { continue };
            let Some((group, asked)) = asked(todo) else { continue };
            if let Some(waiting_for) = self.waits_for_me(escalation, whose) {
                let task = self.of_escalation(escalation, (group, asked), waiting_for);
                self.tasks.push(task);
            }
        }
    }

    /// For whom it waits, when the person is one of them. Nobody whom it criticises is, nor whom its
    /// case is kept from.
    fn waits_for_me(&self, escalation: &Escalation, whose: Whose) -> Option<WaitingFor> {
        let me = self.me.actor.staff;
        let matter = &escalation.matter;
        let case = escalation.case.and_then(|id| self.facts.cases.get(&id));
        let mut without: BTreeSet<_> = matter.criticised.clone();
        without.extend(case.iter().flat_map(|case| &case.kept_from));
        if without.contains(&me) {
            return None;
        }
        let named = WaitingFor { staff: Some(me), ..WaitingFor::default() };
        let deciders = match whose {
            Whose::Deciders(of) => {
                escalation.deciders(of, &self.facts.register, &without, self.day)
            }
            Whose::Role(_) | Whose::Readers | Whose::Ivo => BTreeSet::new(),
        };
        let delegation_missing = matches!(whose, Whose::Deciders(_)) && deciders.is_empty();
        let whose = if delegation_missing { escalation.instead_of_deciders() } else { whose };
        let named = WaitingFor { delegation_missing, ..named };
        match whose {
            Whose::Role(role) => {
                let investigates =
                    matter.inquiry.as_ref().is_some_and(|it| it.investigator == Some(me));
                if investigates && !delegation_missing {
                    return Some(named);
                }
                let laws = [escalation.law];
                let place = Place { unit: escalation.unit, laws: &laws, kind: Kind::Avvikelse };
                let seat: Seat = self.roster.who_gets(place, role, self.day, &without);
                // Only those who may: MAS and MAR, or SAS.
                if !matches!(seat.role, Role::Mas | Role::Mar | Role::Sas) {
                    return None;
                }
                let Holder { stands_in_for, .. } = seat.holder(me)?;
                Some(WaitingFor {
                    role: Some(seat.role),
                    instead_of: seat.instead_of,
                    stands_in_for,
                    delegation_missing,
                    ..WaitingFor::default()
                })
            }
            Whose::Deciders(_) => deciders.contains(&me).then_some(named),
            Whose::Readers => escalation.readers.contains(&me).then_some(named),
            Whose::Ivo => None,
        }
    }

    fn of_escalation(
        &self,
        escalation: &Escalation,
        (group, asked): (Group, Asked),
        waiting_for: WaitingFor,
    ) -> Task {
        let case = escalation.case.and_then(|id| self.facts.cases.get(&id));
        Task {
            duty: None,
            group,
            asked,
            case: case.cloned(),
            unit: None,
            item: Item::Escalation(escalation.id),
            awaits: Vec::new(),
            due_on: due_of_escalation(escalation, &self.settings.clocks),
            waiting_for,
            inherited: false,
            // As grave as what is at the threshold, or graver.
            weight: case
                .map_or(0, |case| case.risk_score.unwrap_or_default())
                .max(self.settings.risk_threshold),
            since: escalation.flagged_at,
        }
    }
}
