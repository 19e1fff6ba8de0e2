//! What an escalation waits for, and for whom.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Delegated, Delegation, Escalation, Kind, Status};
use crate::ids::StaffId;
use crate::law::Law;
use crate::notice::Step;
use crate::organisation::Role;

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Todo {
    /// Screen a flag.
    Screen,
    /// Receive a lex Sarah report.
    Receive,
    /// Protect the person.
    Protect,
    /// Investigate a report.
    Investigate,
    /// Propose a decision.
    Propose,
    /// Decide.
    Decide,
    /// Notify IVO.
    Notify,
    /// Send the investigation to IVO.
    SubmitInquiry,
    /// Await IVO.
    AwaitIvo,
    /// Send what IVO asks for.
    Supplement,
    /// Follow up and put right.
    FollowUp,
    /// End it.
    Close,
}

impl Todo {
    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Todo::Screen => "screen",
            Todo::Receive => "receive",
            Todo::Protect => "protect",
            Todo::Investigate => "investigate",
            Todo::Propose => "propose",
            Todo::Decide => "decide",
            Todo::Notify => "notify",
            Todo::SubmitInquiry => "submit_inquiry",
            Todo::AwaitIvo => "await_ivo",
            Todo::Supplement => "supplement",
            Todo::FollowUp => "follow_up",
            Todo::Close => "close",
        }
    }

    /// The step of a notice about it.
    pub fn step(self) -> Step {
        match self {
            Todo::Screen => Step::Screen,
            Todo::Receive => Step::ReceiveReport,
            Todo::Decide => Step::Decide,
            Todo::Notify => Step::NotifyIvo,
            Todo::SubmitInquiry => Step::SubmitInquiry,
            Todo::Supplement => Step::Supplement,
            Todo::Protect
            | Todo::Investigate
            | Todo::Propose
            | Todo::AwaitIvo
            | Todo::FollowUp
            | Todo::Close => Step::Escalation,
        }
    }
}

/// For whom it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Whoever answers for the law: MAS (or MAR) under HSL, SAS under SoL and LSS.
    Role(Role),
    /// Whoever the register lets decide.
    Deciders(Delegated),
    /// Those a riskperson was opened to.
    Readers,
    /// Nobody here.
    Ivo,
}

/// Who answers for a law.
pub fn answers_for(law: Law) -> Role {
    match law {
        Law::Hsl => Role::Mas,
        Law::Sol | Law::Lss => Role::Sas,
    }
}

impl Escalation {
    /// What is to be done next; `None` when it has ended.
    pub fn todo(&self) -> Option<Todo> {
        let matter = &self.matter;
        let proposed = matter.standing_proposal().is_some();
        let inquired = matter.inquiry.as_ref().is_some_and(|it| it.completed_at.is_some());
        let assess = || match (inquired, proposed) {
            (false, _) => Todo::Investigate,
            (true, false) => Todo::Propose,
            (true, true) => Todo::Decide,
        };
        Some(match self.status() {
            Status::Flagged => Todo::Screen,
            Status::Reported => Todo::Receive,
            Status::Received => Todo::Protect,
            Status::ImmediateAction => Todo::Investigate,
            Status::Investigating => assess(),
            Status::Assessed => match matter.decision.as_ref().is_some_and(|it| it.yes) {
                true => Todo::Notify,
                false => Todo::FollowUp,
            },
            Status::Assessing | Status::Reassessing if proposed => Todo::Decide,
            Status::Assessing | Status::Reassessing => Todo::Propose,
            Status::DecidedYes => Todo::Notify,
            Status::Notified => match self.kind {
                Kind::Riskperson => Todo::AwaitIvo,
                _ if matter.submission.is_some() => Todo::AwaitIvo,
                Kind::LexMaria => Todo::SubmitInquiry,
                Kind::LexSarah if matter.protections.is_empty() => Todo::Protect,
                Kind::LexSarah if matter.decision.is_some() => Todo::SubmitInquiry,
                Kind::LexSarah => assess(),
            },
            Status::InquirySubmitted | Status::InquirySupplemented | Status::AtIvo => {
                Todo::AwaitIvo
            }
            Status::SupplementRequested => Todo::Supplement,
            Status::IvoDecided => match self.kind {
                Kind::LexSarah => Todo::FollowUp,
                Kind::LexMaria | Kind::Riskperson => Todo::Close,
            },
            Status::FollowingUp => Todo::Close,
            Status::ScreenedOut
            | Status::NotTakenUp
            | Status::DecidedNo
            | Status::Closed
            | Status::Withdrawn => return None,
        })
    }

    /// For whom the next thing waits.
    pub fn waits_for(&self) -> Option<(Todo, Whose)> {
        let todo = self.todo()?;
        let whose = match (todo, self.kind) {
            (Todo::AwaitIvo, _) => Whose::Ivo,
            (Todo::Decide, kind) => Whose::Deciders(kind.into()),
            (_, Kind::Riskperson) => Whose::Readers,
            (_, Kind::LexMaria | Kind::LexSarah) => Whose::Role(answers_for(self.law)),
        };
        Some((todo, whose))
    }

    /// Those of `register` who may decide it on a day: nobody whom it criticises, nor one of
    /// `without`; of a riskperson only those it was opened to.
    pub fn deciders(
        &self,
        matter: Delegated,
        register: &[Delegation],
        without: &BTreeSet<StaffId>,
        day: Date,
    ) -> BTreeSet<StaffId> {
        let may = |line: &&Delegation| {
            line.matter == matter
                && line.valid_on(day)
                && !self.matter.criticised.contains(&line.staff)
                && !without.contains(&line.staff)
                && (self.kind != Kind::Riskperson || self.readers.contains(&line.staff))
        };
        register.iter().filter(may).map(|line| line.staff).collect()
    }

    /// For whom a decision waits that nobody may make: they see to it that somebody may.
    pub fn instead_of_deciders(&self) -> Whose {
        match self.kind {
            Kind::Riskperson => Whose::Readers,
            Kind::LexMaria | Kind::LexSarah => Whose::Role(answers_for(self.law)),
        }
    }
}
