//! Giving matters out: the proposal, the decision, the copy; and what is held about a person.

use domain::disclosure as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::code::wire_enum;
use crate::filing::SubjectRequest;

wire_enum!(
    /// What was decided: all given out, given out with parts masked, not given out.
    DisclosureDecision = d::Decision { Given = "given", Partly = "partly", Refused = "refused" }
);
wire_enum!(
    /// What was found in a text that probably is to be masked.
    FoundWhat = d::What {
        PersonalNumber = "personal_number", Phone = "phone", Email = "email", Address = "address",
        Sender = "sender", Staff = "staff",
    }
);

/// One term of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CopyField {
    /// Its name: what a mask names.
    pub field: String,
    /// The term, in Swedish.
    pub label: String,
    /// What stands for it.
    pub text: String,
}

/// A part of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CopyPart {
    /// Its name.
    pub section: String,
    /// Its heading, in Swedish.
    pub heading: String,
    /// Its terms, in order.
    pub fields: Vec<CopyField>,
}

/// A copy of a matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CopyView {
    /// The case's number.
    pub number: String,
    /// The register's number.
    pub diary_number: Option<String>,
    /// The tenant's name.
    pub tenant: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its parts, in order.
    pub parts: Vec<CopyPart>,
}

impl From<&d::Copy> for CopyView {
    fn from(copy: &d::Copy) -> Self {
        let field = |it: &d::Field| CopyField {
            field: it.field.clone(),
            label: it.label.clone(),
            text: it.text.clone(),
        };
        let part = |it: &d::Part| CopyPart {
            section: it.section.clone(),
            heading: it.heading.clone(),
            fields: it.fields.iter().map(field).collect(),
        };
        Self {
            number: copy.number.clone(),
            diary_number: copy.diary_number.clone(),
            tenant: copy.tenant.clone(),
            made_at: copy.made_at,
            parts: copy.parts.iter().map(part).collect(),
        }
    }
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundView {
    /// In which field.
    pub field: String,
    /// From which character, counted from 0.
    pub from: usize,
    /// To before which.
    pub to: usize,
    /// What it is.
    pub what: FoundWhat,
}

/// What may be masked of a matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisclosureProposalView {
    /// The copy, nothing masked.
    pub copy: CopyView,
    /// What a program found in it. It misses things: look at every field.
    pub found: Vec<FoundView>,
    /// The data of whom it is about are protected.
    pub protected: bool,
    /// The case's version; the ETag is this in quotes.
    pub version: i64,
}

/// Something that is masked by hand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaskRequest {
    /// Which field, by its name in the proposal.
    #[schema(max_length = 100)]
    pub field: String,
    /// From which character, counted from 0; the beginning unless given.
    pub from: Option<u32>,
    /// To before which; with neither `from` nor `to` all of it is masked.
    pub to: Option<u32>,
    /// On which ground it is secret, in the words of whoever decides.
    #[schema(min_length = 1, max_length = 300)]
    pub ground: String,
}

/// Something found that is masked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {
    /// Everything that was found of this.
    pub what: FoundWhat,
    /// On which ground it is secret, in the words of whoever decides.
    #[schema(min_length = 1, max_length = 300)]
    pub ground: String,
}

/// A decision on what somebody asked for. Who asked is not asked, and stands nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisclosureRequest {
    /// What is decided.
    pub decision: DisclosureDecision,
    /// The day somebody asked for it.
    pub asked_on: Date,
    /// The number of the matter in which it is decided.
    #[schema(max_length = 200)]
    pub reference: Option<String>,
    /// Why not all of it; needed unless all is given out.
    #[schema(max_length = 10000)]
    pub motivation: Option<String>,
    /// How the decision is appealed; needed unless all is given out.
    #[schema(max_length = 10000)]
    pub appeal: Option<String>,
    /// What is masked by hand.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub masks: Vec<MaskRequest>,
    /// Which of what the proposal found is masked.
    #[serde(default)]
    #[schema(max_items = 6)]
    pub accept: Vec<AcceptRequest>,
}

/// Something that is masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MaskView {
    /// Which field.
    pub field: String,
    /// From which character; absent where all of it is masked.
    pub from: Option<usize>,
    /// To before which.
    pub to: Option<usize>,
    /// On which ground.
    pub ground: String,
    /// What was found there, where the mask was proposed.
    pub found: Option<FoundWhat>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisclosureView {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// The version it had.
    pub case_version: i64,
    /// What was decided.
    pub decision: DisclosureDecision,
    /// The day somebody asked for it.
    pub asked_on: Date,
    /// The number of the matter in which it was decided.
    pub reference: Option<String>,
    /// Why not all of it.
    pub motivation: Option<String>,
    /// How the decision is appealed.
    pub appeal: Option<String>,
    /// SHA-256 of the copy as it was issued, in hexadecimal digits.
    pub sha256: Option<String>,
    /// What is masked in it, and why.
    pub masks: Vec<MaskView>,
    /// The staff id of who decided.
    pub decided_by: Uuid,
    /// When.
    pub decided_at: Timestamp,
    /// The copy as it was issued, where one disclosure is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<CopyView>,
}

impl DisclosureView {
    /// A disclosure, with its copy where that is shown.
    pub fn of(it: &d::Disclosure, copy: Option<&d::Copy>) -> Self {
        let mask = |mask: &d::Mask| MaskView {
            field: mask.field.clone(),
            from: mask.range.map(|(from, _)| from),
            to: mask.range.map(|(_, to)| to),
            ground: mask.ground.clone(),
            found: mask.found.map(Into::into),
        };
        Self {
            id: it.id.0,
            case: it.case.0,
            case_version: it.case_version,
            decision: it.decision.into(),
            asked_on: it.asked_on,
            reference: it.reference.clone(),
            motivation: it.motivation.clone(),
            appeal: it.appeal.clone(),
            sha256: it.sha256.as_deref().map(domain::record::hex),
            masks: it.masks.iter().map(mask).collect(),
            decided_by: it.by.0,
            decided_at: it.at,
            copy: copy.map(Into::into),
        }
    }
}

/// The disclosures of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisclosuresView {
    /// Oldest first.
    pub items: Vec<DisclosureView>,
}

/// Whose data are taken out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonExportRequest {
    /// The person as the subject of cases.
    pub subject: Option<SubjectRequest>,
    /// Their address of e-mail, as they gave it with an opinion.
    #[schema(max_length = 320)]
    pub email: Option<String>,
    /// Their telephone number, as they gave it with an opinion.
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    /// Why: the number of the matter in which the person asked.
    #[schema(min_length = 1, max_length = 300)]
    pub reason: String,
}

/// What the person said of themselves with an opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonContactView {
    /// Their name.
    pub name: Option<String>,
    /// Their address of e-mail.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their address.
    pub address: Option<String>,
}

/// What is held of the person in one matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonCaseView {
    /// The matter is about the person.
    pub as_subject: bool,
    /// The person left it, and said this of themselves.
    pub as_sender: Option<PersonContactView>,
    /// The matter.
    pub copy: CopyView,
}

/// Everything that is held about a person: `uppgifter.json` in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonExportView {
    /// Who holds it.
    pub tenant: String,
    /// When it was taken out.
    pub taken_at: Timestamp,
    /// The matters.
    pub cases: Vec<PersonCaseView>,
}
