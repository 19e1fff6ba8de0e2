//! How a case ends, and what ending it asks for: a table of track × field.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Changes, Faults};
use super::feedback::Feedback;
use super::information::PatientInformation;
use super::lifecycle::Command;
use super::link::{Link, LinkKind};
use super::measure::Effect;
use super::triage::{Limits, Triage, Vardskada};
use super::{Case, Changed, Kind, Rejected, State, Status, Track};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, StaffId};
use crate::law::Law;
use crate::opinion::EndingGiven;

/// What a closed case has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    /// How it ended: a code of the list `outcome`. `None` only where an import brings none.
    pub outcome: Option<String>,
    /// In a sentence. Imports bring none.
    pub summary: Option<String>,
    /// What was done, where no measures stand in an investigation.
    pub action_taken: Option<String>,
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for an import.
    pub by: Option<StaffId>,
}

/// Kinds of ends, each with its own demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The matter was handled to its end.
    Handled,
    /// It is somebody else's: misfiled.
    Elsewhere,
    /// It was handed to another unit of the tenant.
    OtherUnit,
    /// It turned out to be no deviation, or cannot be investigated.
    Unfounded,
    /// Another case says the same.
    Duplicate,
    /// Whoever filed it took it back.
    Withdrawn,
}

impl Ending {
    /// The kind of end an outcome code stands for.
    pub fn of(outcome: &str) -> Ending {
        match outcome {
            "UTF.DUB" => Ending::Duplicate,
            "UTF.EJA" | "UTF.EJU" => Ending::Unfounded,
            "UTF.ARB" | "UTF.ANN" | "UTF.VG" => Ending::Elsewhere,
            "UTF.ENH" => Ending::OtherUnit,
            "UTF.ATE" => Ending::Withdrawn,
            // ATG, DIR, ING, and BER, DEL, OBE of complaints.
            _ => Ending::Handled,
        }
    }

    /// Whether a case that stands at `status` on `track` may end so.
    pub fn open_from(self, status: Status, kind: Kind, track: Option<Track>) -> bool {
        let open = matches!(
            status,
            Status::Reported
                | Status::Triaged
                | Status::Investigating
                | Status::MeasuresDecided
                | Status::FollowingUp
        );
        match self {
            Ending::Duplicate | Ending::Elsewhere | Ending::Withdrawn => open,
            // An opinion is judged by its gates, not by a triage.
            Ending::OtherUnit | Ending::Unfounded => {
                open && (status != Status::Reported || kind != Kind::Avvikelse)
            }
            Ending::Handled => match (kind, track) {
                (Kind::Synpunkt | Kind::Klagomal, _) => open,
                (Kind::Avvikelse, Some(Track::Simple)) => open,
                (Kind::Avvikelse, Some(Track::Standard)) => {
                    matches!(status, Status::MeasuresDecided | Status::FollowingUp)
                }
                (Kind::Avvikelse, Some(Track::Deep)) => status == Status::FollowingUp,
                (Kind::Avvikelse, None) => false,
            },
        }
    }
}

/// Something closing asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// One sentence on how it ended.
    Summary,
    /// What was done.
    ActionTaken,
    /// A complete triage.
    Triage,
    /// A complete investigation.
    Investigation,
    /// A measure or a waiver for each cause.
    CausesAnswered,
    /// Each measure done, or with owner, day and day of follow-up.
    MeasuresSettled,
    /// Each measure done and its effect judged.
    MeasuresFollowedUp,
    /// Somebody was told.
    Feedback,
    /// The judgement whether it was a vårdskada, for HSL.
    Vardskada,
    /// The information of PSL 3 kap. 8 §, where it was one.
    PatientInformation,
    /// Which case it is a duplicate of.
    DuplicateOf,
    /// A category, as a person has judged it.
    Category,
    /// An answer to every neighbouring duty that is asked for.
    Duties,
}

/// The table: what closing asks for, by kind, track and kind of end.
pub fn asked(kind: Kind, track: Option<Track>, ending: Ending) -> &'static [Asked] {
    use Asked::*;
    match (ending, kind, track) {
        (Ending::Duplicate, ..) => &[DuplicateOf, Duties],
        (Ending::Elsewhere | Ending::OtherUnit | Ending::Unfounded | Ending::Withdrawn, ..) => {
            &[Summary, PatientInformation, Duties]
        }
        (Ending::Handled, Kind::Synpunkt, _) => &[Category, Summary, Duties],
        // That its sender was told is the answer, or the named end: see `opinion::closing`.
        (Ending::Handled, Kind::Klagomal, _) => &[Category, Summary, Duties],
        (Ending::Handled, Kind::Avvikelse, Some(Track::Simple)) => {
            &[Triage, Summary, ActionTaken, Feedback, Duties]
        }
        (Ending::Handled, Kind::Avvikelse, Some(Track::Standard) | None) => &[
            Triage,
            Summary,
            Investigation,
            CausesAnswered,
            MeasuresSettled,
            Feedback,
            Vardskada,
            PatientInformation,
            Duties,
        ],
        (Ending::Handled, Kind::Avvikelse, Some(Track::Deep)) => &[
            Triage,
            Summary,
            Investigation,
            CausesAnswered,
            MeasuresSettled,
            MeasuresFollowedUp,
            Feedback,
            Vardskada,
            PatientInformation,
            Duties,
        ],
    }
}

/// The request to end a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Close {
    /// How it ends.
    pub outcome: String,
    /// In a sentence.
    pub summary: Option<String>,
    /// What was done.
    pub action_taken: Option<String>,
    /// A triage given in the same breath: the simple track in one command.
    pub triage: Option<Triage>,
    /// Feedback given in the same breath.
    pub feedback: Option<Feedback>,
    /// The case this one is a duplicate of, which the caller has found and may read.
    pub duplicate_of: Option<CaseId>,
    /// The information of PSL 3 kap. 8 §.
    pub patient_information: Option<PatientInformation>,
    /// Why an opinion ends without an answer.
    pub ending: Option<EndingGiven>,
}

impl Case {
    /// Ends the case.
    ///
    /// # Errors
    /// [`Rejected`] where it cannot end so from here, or with everything the table asks for that is
    /// missing, all at once.
    pub fn close(
        mut self,
        close: Close,
        codes: &CodeLists,
        limits: Limits,
        by: StaffId,
        now: Timestamp,
    ) -> Result<Changed, Rejected> {
        let from = self.admit(Command::Close)?;
        let mut faults = Faults::default();
        let mut changes = Changes::default();
        if let Err(reason) = codes.check("outcome", &close.outcome, swedish_date(now)) {
            faults.push("/outcome", reason);
        }
        let least = limits.unreachable_attempts;
        let opinion = self.opinion_closed(&close, least, by, now, &mut changes, &mut faults)?;
        let mut summary = close.summary;
        if let Some(ending) = &close.ending
            && summary.as_deref().is_none_or(|text| text.trim().is_empty())
        {
            summary = ending.reason.clone();
        }
        let mut reason = None;
        if let Some(triage) = close.triage {
            reason = triage.reason.clone().filter(|reason| !reason.trim().is_empty());
            match self.judge(triage, codes, limits, by, now) {
                Ok(judged) => {
                    // Judging anew what was judged asks for a reason here as anywhere.
                    let anew = from != Status::Reported && judged.replace_something();
                    faults.require(!anew || reason.is_some(), "/triage/reason", Reason::Required);
                    changes.extend(judged);
                }
                Err(Rejected::Guard(found)) => {
                    faults.extend(
                        found.into_iter().map(|fault| {
                            Fault::at(format!("/triage{}", fault.field), fault.reason)
                        }),
                    );
                }
                Err(rejected @ (Rejected::State { .. } | Rejected::Stage { .. })) => {
                    return Err(rejected);
                }
            }
        }
        if let Some(feedback) = close.feedback {
            faults.extend(feedback.faults("/feedback", swedish_date(now), now));
            changes.note("feedback", &None, &Some(feedback.audience));
            self.feedback.push(feedback);
        }
        if let Some(information) = close.patient_information {
            faults.extend(information.faults("/patient_information"));
            self.progress.patient_informed_at =
                information.informed_at.or(self.progress.patient_informed_at);
            let old = self.assessment.patient_information.replace(information);
            let new = &self.assessment.patient_information;
            changes.note("patient_information", &old, new);
        }

        let ending = Ending::of(&close.outcome);
        let track = self.assessment.track;
        if !ending.open_from(from, self.kind, track) {
            let code = match (ending, track) {
                (Ending::Handled, None) => "no_track_chosen",
                (Ending::Handled, Some(_)) => "measures_not_decided",
                _ => "not_from_this_status",
            };
            faults.push("/outcome", Reason::inconsistent(code));
        }
        for asked in asked(self.kind, track, ending) {
            self.ask(*asked, &summary, &close.action_taken, close.duplicate_of, &mut faults);
        }
        faults.into_result()?;

        if ending == Ending::Duplicate
            && let Some(to) = close.duplicate_of
        {
            changes.note("duplicate_of", &None, &Some(to));
            self.links.push(Link { kind: LinkKind::DuplicateOf, to, at: now });
        }
        if self.progress.triaged_at.is_none() && self.triage_awaits().is_empty() {
            self.progress.triaged_at = Some(now);
        }
        changes.note("outcome", &None, &Some(&close.outcome));
        changes.note("summary", &None, &summary);
        changes.note("action_taken", &None, &close.action_taken);
        self.state = State::Closed(Closing {
            outcome: Some(close.outcome),
            summary,
            action_taken: close.action_taken,
            at: now,
            by: Some(by),
        });
        self.opinion = opinion;
        Ok(self.changed(Command::Close, from, changes, reason, now))
    }

    /// Notes a fault when what is asked for is missing.
    fn ask(
        &self,
        asked: Asked,
        summary: &Option<String>,
        action_taken: &Option<String>,
        duplicate_of: Option<CaseId>,
        faults: &mut Faults,
    ) {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|t| t.trim().is_empty());
        let inquiry = self.investigation.as_ref();
        match asked {
            Asked::Summary => faults.require(!blank(summary), "/summary", Reason::Required),
            Asked::ActionTaken => {
                let done = !blank(action_taken) || !blank(&self.filing.immediate_action);
                faults.require(done, "/action_taken", Reason::Required);
            }
            Asked::Category => {
                let judged = self.assessment.category.is_some();
                faults.require(judged, "/triage/category", Reason::Required);
            }
            Asked::Triage => {
                for field in self.triage_awaits() {
                    faults.push(format!("/triage{field}"), Reason::Required);
                }
            }
            Asked::Investigation => {
                let whole = |inquiry: &super::Investigation| {
                    inquiry.completed_at.is_some()
                        && inquiry.missing(self.assessment.track).is_empty()
                };
                let complete = inquiry.is_some_and(whole);
                faults.require(complete, "", Reason::inconsistent("investigation_not_complete"));
            }
            Asked::CausesAnswered => {
                for cause in inquiry.iter().flat_map(|inquiry| inquiry.unanswered_causes()) {
                    let code = Reason::inconsistent("cause_without_measure");
                    faults.push(format!("/causes/{}", cause.id), code);
                }
            }
            Asked::MeasuresSettled => {
                for measure in inquiry.iter().flat_map(|inquiry| &inquiry.measures) {
                    let code = Reason::inconsistent("measure_not_settled");
                    faults.require(measure.settled(), format!("/measures/{}", measure.id), code);
                }
            }
            Asked::MeasuresFollowedUp => {
                for measure in inquiry.iter().flat_map(|inquiry| &inquiry.measures) {
                    let judged = measure.effect != Effect::NotYet;
                    let code = Reason::inconsistent("measure_effect_not_judged");
                    faults.require(judged, format!("/measures/{}", measure.id), code);
                }
            }
            Asked::Feedback => {
                faults.require(!self.feedback.is_empty(), "/feedback", Reason::Required);
            }
            Asked::Vardskada => {
                let judged = self.assessment.harm.vardskada != Vardskada::NotAssessed;
                let asked = self.laws().contains(&Law::Hsl);
                faults.require(judged || !asked, "/triage/harm/vardskada", Reason::Required);
            }
            Asked::PatientInformation => {
                let suffered = self.assessment.harm.vardskada == Vardskada::Yes;
                let given = self.assessment.patient_information.is_some();
                faults.require(given || !suffered, "/patient_information", Reason::Required);
            }
            Asked::Duties => self.duty_faults(faults),
            Asked::DuplicateOf => {
                faults.require(duplicate_of.is_some(), "/duplicate_of", Reason::Required);
                let other = duplicate_of != Some(self.id);
                let code = Reason::inconsistent("link_to_itself");
                faults.require(other, "/duplicate_of", code);
            }
        }
    }
}
