//! The register of opinions, as the public may read it.

use domain::register as d;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::code::Standing;

/// A line of the register: neutral words alone, never a name nor a text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "number": "KLA-2026-7K3Q9D2F", "diary_number": "VON 2026/00123", "received_on": "2026-03-10",
    "what": "Klagomål", "from": "Närstående eller företrädare", "about": "Bemötande/tillgänglighet",
    "handler": "Enhetschef, Hemtjänst", "state": "handled", "state_text": "Handläggs", "closed_on": null,
}))]
pub struct RegisterLineView {
    /// The matter's number.
    pub number: String,
    /// Its number in the municipality's register.
    pub diary_number: Option<String>,
    /// The day it came in.
    pub received_on: Date,
    /// What it is.
    pub what: String,
    /// From whom.
    pub from: String,
    /// About what.
    pub about: String,
    /// Who handles it: a role, and where it may be said, where.
    pub handler: String,
    /// Where it stands.
    pub state: Standing,
    /// In words.
    pub state_text: String,
    /// The day it ended.
    pub closed_on: Option<Date>,
}

impl From<d::RegisterLine> for RegisterLineView {
    fn from(line: d::RegisterLine) -> Self {
        Self {
            number: line.number,
            diary_number: line.diary_number,
            received_on: line.received_on,
            what: line.what.to_owned(),
            from: line.from.to_owned(),
            about: line.about,
            handler: line.handler,
            state: line.standing.into(),
            state_text: line.standing.words().to_owned(),
            closed_on: line.closed_on,
        }
    }
}
