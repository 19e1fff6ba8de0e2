//! Which of the words of a report may go out.

use domain::yearly::confirm as d;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::{ReportTextKind, ReportTextSign};

/// Something a scan found in words that are to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundInTextView {
    /// `personal_number`; `initials`; `staff_name`; or `small_unit`: a small unit in one sentence with a number.
    pub sign: ReportTextSign,
    /// Position of its first character in the text, counted in characters from 0.
    pub position: usize,
    /// Its length in characters.
    pub length: usize,
}

impl From<&d::Seen> for FoundInTextView {
    fn from(it: &d::Seen) -> Self {
        Self { sign: it.sign.into(), position: it.position, length: it.length }
    }
}

/// Words of a report, and whether they may go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportTextView {
    /// SHA-256 over where they stand and what they say: words that are changed have another.
    pub id: String,
    /// What they are.
    pub kind: ReportTextKind,
    /// The section they stand in, such as `leadership`.
    pub section: String,
    /// The name of the unit whose paragraph it is.
    pub unit: Option<String>,
    /// The words; of a goal with how it went.
    pub text: String,
    /// When they were written, where that is known.
    pub written_at: Option<Timestamp>,
    /// What a scan finds in them. It finds what it looks for; what nobody looks for is left to whoever reads.
    pub found: Vec<FoundInTextView>,
    /// Whether they stand in the established version that is public, as far as they are confirmed.
    pub in_public: bool,
    /// Whether they may go out.
    pub confirmed: bool,
    /// The staff id of who confirmed them last.
    pub confirmed_by: Option<Uuid>,
    /// When.
    pub confirmed_at: Option<Timestamp>,
    /// What a scan had found in them then.
    pub acknowledged: Vec<String>,
    /// The staff id of who took that back.
    pub withdrawn_by: Option<Uuid>,
    /// When.
    pub withdrawn_at: Option<Timestamp>,
}

/// Everything that people wrote in the report of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportTextsView {
    /// The year.
    pub year: i16,
    /// The frozen version it is taken from; null is the draft, while nothing is frozen.
    pub report_version: Option<u32>,
    /// How many of them nobody has confirmed: these are left out of what is public.
    pub unconfirmed: usize,
    /// The words, in the order of the report.
    pub items: Vec<ReportTextView>,
}

/// That words may go out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"acknowledged": ["small_unit"]}))]
pub struct ConfirmTextRequest {
    /// Every sign that `found` names, to say that it was seen.
    #[schema(max_items = 10)]
    pub acknowledged: Vec<ReportTextSign>,
}
