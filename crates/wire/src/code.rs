//! Closed sets of values as JSON enums, each the same as the domain's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] $variant,)+
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)+ }
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => $name::$variant,)+ }
            }
        }
    };
}

use domain::case as d;
use domain::organisation as o;

wire_enum!(
    /// What a case is.
    Kind = d::Kind { Avvikelse = "avvikelse", Synpunkt = "synpunkt", Klagomal = "klagomal" }
);
wire_enum!(
    /// What a synpunkt is more closely: praise (BER) or proposal (FOR).
    Subkind = d::Subkind { Praise = "BER", Proposal = "FOR" }
);
wire_enum!(
    /// Where a case stands.
    Status = d::Status {
        Draft = "draft", Reported = "reported", Triaged = "triaged", Investigating = "investigating",
        MeasuresDecided = "measures_decided", FollowingUp = "following_up", Closed = "closed",
        Void = "void",
    }
);
wire_enum!(
    /// The way a case is handled.
    Track = d::Track { Simple = "simple", Standard = "standard", Deep = "deep" }
);
wire_enum!(
    /// Whether the event was a vårdskada (PSL 1 kap. 5 §).
    Vardskada = d::triage::Vardskada {
        NotAssessed = "not_assessed", No = "no", CouldHave = "could_have", Yes = "yes",
    }
);
wire_enum!(
    /// The answer to a lex question. Anything but `no` raises the flag and decides nothing.
    LexAnswer = d::triage::LexAnswer { No = "no", Perhaps = "perhaps", Yes = "yes" }
);
wire_enum!(
    /// To whom feedback was given.
    Audience = d::feedback::Audience { Reporter = "reporter", Unit = "unit", Tenant = "tenant" }
);
wire_enum!(
    /// How one case belongs to another.
    LinkKind = d::link::LinkKind {
        SameEvent = "same_event", SamePersonSeries = "same_person_series",
        DuplicateOf = "duplicate_of", SpunOffFrom = "spun_off_from", RefiledAs = "refiled_as",
        Related = "related",
    }
);
wire_enum!(
    /// Whether a measure helped.
    Effect = d::measure::Effect { NotYet = "not_yet", Yes = "yes", Partly = "partly", No = "no" }
);
wire_enum!(
    /// A point of the information of PSL 3 kap. 8 §.
    InformationPoint = d::information::InformationPoint {
        Happened = "happened", Measures = "measures", Complaint = "complaint",
        PatientBoard = "patient_board", Ivo = "ivo", Compensation = "compensation",
    }
);
wire_enum!(
    /// What someone may be at the tenant.
    Role = o::Role {
        Intake = "intake", Team = "team", Deputy = "deputy", UnitManager = "unit_manager",
        AreaManager = "area_manager", Director = "director", Registrator = "registrator", Mas = "mas",
        Mar = "mar", Sas = "sas", Decider = "decider", Board = "board", Analyst = "analyst",
        Auditor = "auditor", Privacy = "privacy", Admin = "admin",
    }
);
wire_enum!(
    /// A law a case falls under.
    Law = domain::law::Law { Hsl = "HSL", Sol = "SOL", Lss = "LSS" }
);
