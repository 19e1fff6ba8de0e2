//! What was put right, and the end; who may see a riskperson.

use domain::escalation as d;
use domain::escalation::lex_sarah;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::command::PatientInformationView;

/// What was put right under lex Sarah, and who was told. What is left out stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RemedyView {
    /// What was put right.
    #[schema(max_length = 10000)]
    pub put_right: Option<String>,
    /// The day it was.
    pub put_right_on: Option<Date>,
    /// Whether the person or their representative was told.
    pub person_informed: Option<bool>,
    /// How, or why not.
    #[schema(max_length = 4000)]
    pub person_informed_how: Option<String>,
    /// That the personakt holds a note of it.
    pub file_note_confirmed: Option<bool>,
    /// Whether it was considered to report it to the police, and with what result.
    #[schema(max_length = 4000)]
    pub police_considered: Option<String>,
}

impl From<RemedyView> for lex_sarah::Remedy {
    fn from(view: RemedyView) -> Self {
        Self {
            put_right: view.put_right,
            put_right_on: view.put_right_on,
            person_informed: view.person_informed,
            person_informed_how: view.person_informed_how,
            file_note_confirmed: view.file_note_confirmed,
            police_considered: view.police_considered,
        }
    }
}

impl From<&lex_sarah::Remedy> for RemedyView {
    fn from(remedy: &lex_sarah::Remedy) -> Self {
        let remedy = remedy.clone();
        Self {
            put_right: remedy.put_right,
            put_right_on: remedy.put_right_on,
            person_informed: remedy.person_informed,
            person_informed_how: remedy.person_informed_how,
            file_note_confirmed: remedy.file_note_confirmed,
            police_considered: remedy.police_considered,
        }
    }
}

/// The end of an escalation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CloseEscalationRequest {
    /// In a sentence.
    #[schema(max_length = 4000)]
    pub summary: Option<String>,
    /// Lex Maria: the information of PSL 3 kap. 8 §, where it was a vårdskada and the case has none yet.
    pub patient_information: Option<PatientInformationView>,
}

impl From<CloseEscalationRequest> for d::EndingGiven {
    fn from(request: CloseEscalationRequest) -> Self {
        Self {
            summary: request.summary,
            patient_information: request.patient_information.map(Into::into),
        }
    }
}

/// Who may see a riskperson.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadersRequest {
    /// Their staff ids: all of them.
    #[schema(max_items = 50)]
    pub readers: Vec<Uuid>,
}
