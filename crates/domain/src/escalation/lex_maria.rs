//! Lex Maria (PSL 3 kap. 5 §): the table of its states, and what it asks of the case.

use super::{Command, Matter, Status};
use crate::case::Case;
use crate::case::event::Faults;
use crate::case::measure::Effect;
use crate::case::triage::Vardskada;
use crate::fault::{Fault, Reason};

/// Its states, in the order of its way.
pub(super) const STATUSES: [Status; 13] = [
    Status::Flagged,
    Status::ScreenedOut,
    Status::Assessing,
    Status::Reassessing,
    Status::DecidedNo,
    Status::DecidedYes,
    Status::Notified,
    Status::InquirySubmitted,
    Status::AtIvo,
    Status::SupplementRequested,
    Status::IvoDecided,
    Status::Closed,
    Status::Withdrawn,
];

/// Whether a matter that stands here takes the command at all.
pub(super) fn admits(status: Status, command: Command) -> bool {
    use Command::*;
    match status {
        Status::Flagged => matches!(command, ScreenOut | TakeUp),
        Status::Assessing | Status::Reassessing => matches!(command, Propose | Decide),
        Status::ScreenedOut | Status::DecidedNo => matches!(command, Reassess),
        Status::DecidedYes => matches!(command, Notify),
        Status::Notified => {
            matches!(command, SubmitInquiry | IvoReceive | RequestSupplement | Withdraw)
        }
        Status::InquirySubmitted => matches!(command, IvoReceive | RequestSupplement | Withdraw),
        Status::AtIvo => matches!(command, RequestSupplement | IvoDecide | Withdraw),
        Status::SupplementRequested => matches!(command, AnswerSupplement | Withdraw),
        Status::IvoDecided => matches!(command, Close),
        Status::Closed | Status::Withdrawn => false,
        // States of other machines.
        Status::Reported
        | Status::Received
        | Status::ImmediateAction
        | Status::Investigating
        | Status::Assessed
        | Status::NotTakenUp
        | Status::InquirySupplemented
        | Status::FollowingUp => false,
    }
}

fn of_causes(case: &Case, faults: &mut Faults) {
    for cause in case.investigation.iter().flat_map(|inquiry| inquiry.unanswered_causes()) {
        let code = Reason::inconsistent("cause_without_measure");
        faults.push(format!("/causes/{}", cause.id), code);
    }
}

/// What the case's investigation lacks for IVO: its course of events, a measure or waiver for each
/// cause, and that the patient was asked.
pub(super) fn inquiry_faults(case: Option<&Case>, faults: &mut Faults) {
    let Some(case) = case else { return };
    let inquiry = case.investigation.as_ref();
    let whole = inquiry.is_some_and(|inquiry| {
        inquiry.completed_at.is_some() && inquiry.missing(case.assessment.track).is_empty()
    });
    faults.require(whole, "", Reason::inconsistent("investigation_not_complete"));
    of_causes(case, faults);
    let account = inquiry.and_then(|inquiry| inquiry.person_account.as_deref());
    let asked = account.is_some_and(|text| !super::blank(text));
    faults.require(asked, "", Reason::inconsistent("patient_not_asked"));
}

/// What closing lacks: the information of PSL 3 kap. 8 § or its impediment, with the journal note,
/// where it was a vårdskada; each cause answered; measures followed up.
pub(super) fn close_faults(case: &Case, matter: &Matter, faults: &mut Faults) {
    match case.assessment.harm.vardskada {
        Vardskada::NotAssessed => {
            faults.push("", Reason::inconsistent("vardskada_not_judged"));
        }
        Vardskada::No | Vardskada::CouldHave => {}
        Vardskada::Yes => {
            let of_case = case.assessment.patient_information.as_ref();
            match of_case.or(matter.patient_information.as_ref()) {
                None => faults.push("/patient_information", Reason::Required),
                Some(given) => faults.extend(given.faults("/patient_information")),
            }
        }
    }
    of_causes(case, faults);
    for measure in case.investigation.iter().flat_map(|inquiry| &inquiry.measures) {
        if measure.effect == Effect::NotYet {
            let code = Reason::inconsistent("measure_effect_not_judged");
            faults.extend([Fault::at(format!("/measures/{}", measure.id), code)]);
        }
    }
}
