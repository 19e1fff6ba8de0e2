//! What a patient who suffered a vårdskada is told (PSL 3 kap. 8 §), or why not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::Faults;
use crate::fault::{Fault, Reason};

/// A point of the information that PSL 3 kap. 8 § gives a patient who suffered a vårdskada.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InformationPoint {
    /// That it happened.
    Happened,
    /// What is planned so that it does not happen again.
    Measures,
    /// That one may complain to the caregiver.
    Complaint,
    /// That one may turn to the patientnämnd.
    PatientBoard,
    /// That one may turn to IVO.
    Ivo,
    /// Compensation under patientskadelagen or the medicines insurance.
    Compensation,
}

impl InformationPoint {
    /// All six.
    pub const ALL: [InformationPoint; 6] = [
        InformationPoint::Happened,
        InformationPoint::Measures,
        InformationPoint::Complaint,
        InformationPoint::PatientBoard,
        InformationPoint::Ivo,
        InformationPoint::Compensation,
    ];
}

/// The information of PSL 3 kap. 8 §: given, or lawfully not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatientInformation {
    /// The points given.
    pub points: Vec<InformationPoint>,
    /// When.
    pub informed_at: Option<Timestamp>,
    /// By whom, and how.
    pub how: Option<String>,
    /// The lawful reason why it was not given.
    pub impediment: Option<String>,
    /// That the journal holds a note of it.
    pub journal_note_confirmed: bool,
}

impl PatientInformation {
    /// What is missing, at `pointer`: all six points with time and manner, or the lawful impediment;
    /// and the note in the journal either way.
    pub fn faults(&self, pointer: &str) -> Vec<Fault> {
        let mut faults = Faults::default();
        if self.impediment.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
            let all = InformationPoint::ALL.iter().all(|point| self.points.contains(point));
            faults.require(
                all,
                format!("{pointer}/points"),
                Reason::inconsistent("six_points_of_psl_3_8"),
            );
            faults.require(
                self.informed_at.is_some(),
                format!("{pointer}/informed_at"),
                Reason::Required,
            );
            faults.require(self.how.is_some(), format!("{pointer}/how"), Reason::Required);
        }
        let noted = self.journal_note_confirmed;
        faults.require(noted, format!("{pointer}/journal_note_confirmed"), Reason::Required);
        faults.into_vec()
    }
}
