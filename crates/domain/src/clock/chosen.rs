//! The targets a tenant has set for itself. Local, never law.

use serde::{Deserialize, Serialize};

use super::{Kind, Target};
use crate::calendar::holidays::WorkingDays;
use crate::fault::{Fault, Reason};

/// How many days a tenant may rest beside the holidays.
const MOST_DAYS_OFF: usize = 400;

/// A tenant's targets and calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockSettings {
    /// The days on which the tenant works.
    pub working_days: WorkingDays,
    /// Whether a target's day that is no working day gives way to the next that is.
    pub rolls: bool,
    /// Working days from report to triage.
    pub triage_working_days: u16,
    /// Days from triage to the end of the investigation.
    pub investigation_days: u16,
    /// Days from the judgement that it was a vårdskada until the patient is told.
    pub patient_information_days: u16,
    /// Working days from flag to screening.
    pub lex_maria_screening_working_days: u16,
    /// Days from the event to the notification.
    pub lex_maria_notification_days: u16,
    /// Days from the notification until the investigation has gone to IVO, too.
    pub lex_maria_inquiry_days: u16,
    /// Working days from flag to screening.
    pub lex_sarah_screening_working_days: u16,
    /// Working days from report to receipt.
    pub lex_sarah_receipt_working_days: u16,
    /// Days from receipt to the end of the investigation.
    pub lex_sarah_investigation_days: u16,
    /// Days from the decision to notify to the notification; `None` leaves it to the law's word.
    pub lex_sarah_notification_days: Option<u16>,
    /// Working days from report until whoever left a klagomål is told that it has come.
    pub complaint_acknowledgement_working_days: u16,
    /// Months from report until a klagomål is answered.
    pub complaint_answer_months: u16,
}

impl Default for ClockSettings {
    fn default() -> Self {
        Self {
            working_days: WorkingDays::default(),
            rolls: true,
            triage_working_days: 3,
            investigation_days: 30,
            patient_information_days: 30,
            lex_maria_screening_working_days: 3,
            lex_maria_notification_days: 60,
            lex_maria_inquiry_days: 30,
            lex_sarah_screening_working_days: 3,
            lex_sarah_receipt_working_days: 1,
            lex_sarah_investigation_days: 60,
            lex_sarah_notification_days: None,
            complaint_acknowledgement_working_days: 2,
            complaint_answer_months: 1,
        }
    }
}

impl ClockSettings {
    /// The target of a kind of clock. Measures, supplements and reviews have days of their own, duties theirs,
    /// and the yearly report's is set by statute.
    pub fn target(&self, kind: Kind) -> Target {
        match kind {
            Kind::Triage => Target::WorkingDays(self.triage_working_days),
            Kind::Investigation => Target::Days(self.investigation_days),
            Kind::PatientInformation => Target::Days(self.patient_information_days),
            Kind::ComplaintAcknowledgement => {
                Target::WorkingDays(self.complaint_acknowledgement_working_days)
            }
            Kind::ComplaintAnswer => Target::Months(self.complaint_answer_months),
            Kind::LexMariaScreening => Target::WorkingDays(self.lex_maria_screening_working_days),
            Kind::LexMariaNotification => Target::Days(self.lex_maria_notification_days),
            Kind::LexMariaInquiry => Target::Days(self.lex_maria_inquiry_days),
            Kind::LexSarahScreening => Target::WorkingDays(self.lex_sarah_screening_working_days),
            Kind::LexSarahReceipt => Target::WorkingDays(self.lex_sarah_receipt_working_days),
            Kind::LexSarahInvestigation => Target::Days(self.lex_sarah_investigation_days),
            Kind::LexSarahNotification => {
                self.lex_sarah_notification_days.map_or(Target::None, Target::Days)
            }
            Kind::Measure
            | Kind::Supplement
            | Kind::Duty
            | Kind::YearlyReport
            | Kind::ForwardingAnswer
            | Kind::CounterpartyAnswer
            | Kind::Review
            | Kind::Improvement => Target::None,
        }
    }

    /// Everything that is wrong, by JSON pointer below `at`.
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let days = [
            ("triage_working_days", self.triage_working_days, 60),
            ("investigation_days", self.investigation_days, 366),
            ("patient_information_days", self.patient_information_days, 366),
            ("lex_maria_screening_working_days", self.lex_maria_screening_working_days, 60),
            ("lex_maria_notification_days", self.lex_maria_notification_days, 366),
            ("lex_maria_inquiry_days", self.lex_maria_inquiry_days, 366),
            ("lex_sarah_screening_working_days", self.lex_sarah_screening_working_days, 60),
            ("lex_sarah_receipt_working_days", self.lex_sarah_receipt_working_days, 60),
            ("lex_sarah_investigation_days", self.lex_sarah_investigation_days, 366),
            ("lex_sarah_notification_days", self.lex_sarah_notification_days.unwrap_or(1), 366),
            (
                "complaint_acknowledgement_working_days",
                self.complaint_acknowledgement_working_days,
                60,
            ),
            ("complaint_answer_months", self.complaint_answer_months, 12),
        ];
        let wrong = days.into_iter().filter(|(_, value, max)| !(1..=*max).contains(value));
        let mut faults: Vec<Fault> = wrong
            .map(|(name, _, max)| {
                let range = Reason::OutOfRange { min: 1, max: i64::from(max) };
                Fault::at(format!("{at}/{name}"), range)
            })
            .collect();
        if self.working_days.days_off.len() > MOST_DAYS_OFF {
            let most = i64::try_from(MOST_DAYS_OFF).unwrap_or(i64::MAX);
            let range = Reason::OutOfRange { min: 0, max: most };
            faults.push(Fault::at(format!("{at}/working_days/days_off"), range));
        }
        faults
    }
}
