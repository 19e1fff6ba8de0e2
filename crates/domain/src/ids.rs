//! Identifiers. Each is a UUID of its own type, so that one cannot be passed for another.
//!
//! New identifiers are UUIDv7: they sort by the time they were made, which keeps primary keys
//! append-only on both databases. The caller draws them; the domain has no randomness.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

id! {
    /// The body that answers for the care (huvudman, vårdgivare).
    TenantId,
    /// A place in the tenant's tree (enhet).
    UnitId,
    /// A person who works for the tenant and has been seen with a token, or was imported.
    StaffId,
    /// A role given to a staff member over units, laws and time (behörighet).
    GrantId,
    /// What members of a group at the identity provider are given.
    GroupGrantId,
    /// One filed matter (ärende).
    CaseId,
    /// A ground on which somebody reads what lies with the other branch.
    GroundId,
    /// A check of the access log (stickprov).
    SpotCheckId,
    /// The sealed identity of the person a case is about.
    SubjectId,
    /// Course of events and why (utredning); one may serve several cases.
    InvestigationId,
    /// One cause found by an investigation (orsak).
    CauseId,
    /// What is done, by whom, until when (åtgärd).
    MeasureId,
    /// Who was told what came of it (återkoppling).
    FeedbackId,
    /// A file that goes with a case (bilaga).
    AttachmentId,
    /// The sealed bytes of a file, wherever they lie.
    ContentId,
    /// A request to someone to read, contribute or act (bevakning).
    WatchId,
    /// Something said about a case (kommentar).
    CommentId,
    /// An entry of a history, an audit trail or an access log.
    EntryId,
    /// A message waiting to leave the house.
    MessageId,
    /// A caregiver at the other end of a forwarding (motpart).
    CounterpartyId,
    /// A minimised copy sent to, or received from, another caregiver.
    ForwardingId,
    /// Something said between us and a counterparty about a forwarding.
    ExchangeId,
    /// Where a counterparty is reached: a role or a function, seldom a person.
    ContactId,
    /// A lex Maria, lex Sarah or riskperson process beside a case.
    EscalationId,
    /// Who may decide what, from when to when (delegation).
    DelegationId,
    /// Units handed over from one hand to another (överlämning).
    HandoverId,
    /// What was learnt, without persons or unit (lärkort).
    LearningCardId,
    /// The team's half-yearly analysis of a unit (halvårssammanställning).
    ReviewId,
    /// What a review decided to be better (förbättring).
    ImprovementId,
    /// A link by which a contact answers without an account.
    LinkId,
    /// A one-time code shown besides such a link.
    CodeId,
    /// A contact who has shown both, for a while.
    SessionId,
    /// A paragraph of a unit in the report of a year.
    ParagraphId,
    /// A goal or decision that is carried to the next year (mål).
    GoalId,
    /// A figure that was counted elsewhere.
    OwnFigureId,
    /// How much care was given at a unit in some months.
    ExposureId,
    /// A legal hold: what stays whatever the plan says.
    HoldId,
    /// A run of what goes by the information plan (gallring).
    RunId,
    /// A copy of a matter that was given out, or refused (utlämnande).
    DisclosureId,
}
