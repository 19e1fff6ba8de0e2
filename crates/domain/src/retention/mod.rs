//! How long things are kept (gallring): what the municipality's information plan says, kind by kind; what holds a
//! matter back although its time is over; what is listed before anything goes; and what stays of it afterwards.
//!
//! Nothing goes by default: a kind without a line in the plan is preserved (bevaras). The law names no period for
//! these documents; the plan of the nämnd does.

mod hold;
mod remains;
mod run;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::swedish_date;
use crate::case;
use crate::fault::{Fault, Reason};
use crate::law::Law;

pub use hold::{LegalHold, Lifted};
pub use remains::remains;
pub use run::{Held, Item, Outcome, Rejected, Run, RunState, Standing, hold_together};

/// The longest paragraph of the plan or number of a decision, in characters.
pub const LONGEST_BASIS: usize = 200;
/// The longest reason of a hold, in characters.
pub const LONGEST_REASON: usize = 2000;
/// The longest period of a plan, in years.
pub const LONGEST_PERIOD: u16 = 200;
/// The most lines of a plan.
pub const MOST_RULES: usize = 200;

/// What the plan has lines for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An avvikelse under HSL.
    AvvikelseHsl,
    /// An avvikelse under SoL.
    AvvikelseSol,
    /// An avvikelse under LSS.
    AvvikelseLss,
    /// A synpunkt.
    Synpunkt,
    /// A klagomål.
    Klagomal,
    /// A case with a lex Maria, lex Sarah or riskperson beside it, whatever it is otherwise.
    Lex,
    /// A draft that was never handed in; the period runs from its last change.
    Draft,
    /// What another caregiver sent, where it became no case; from its end.
    ForwardingReceived,
    /// Notices that were sent or given up; from the day they were made.
    Notice,
    /// The receipts of a closed opinion, and with them the way in for who left it; from its end.
    Receipt,
    /// The files of a closed case, where the case itself is kept longer; from its end.
    Attachment,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::AvvikelseHsl,
        Kind::AvvikelseSol,
        Kind::AvvikelseLss,
        Kind::Synpunkt,
        Kind::Klagomal,
        Kind::Lex,
        Kind::Draft,
        Kind::ForwardingReceived,
        Kind::Notice,
        Kind::Receipt,
        Kind::Attachment,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Kind::AvvikelseHsl => "avvikelse_hsl",
            Kind::AvvikelseSol => "avvikelse_sol",
            Kind::AvvikelseLss => "avvikelse_lss",
            Kind::Synpunkt => "synpunkt",
            Kind::Klagomal => "klagomal",
            Kind::Lex => "lex",
            Kind::Draft => "draft",
            Kind::ForwardingReceived => "forwarding_received",
            Kind::Notice => "notice",
            Kind::Receipt => "receipt",
            Kind::Attachment => "attachment",
        }
    }

    /// Whether it is a case as a whole that goes.
    pub fn is_case(self) -> bool {
        match self {
            Kind::AvvikelseHsl
            | Kind::AvvikelseSol
            | Kind::AvvikelseLss
            | Kind::Synpunkt
            | Kind::Klagomal
            | Kind::Lex
            | Kind::Draft => true,
            Kind::ForwardingReceived | Kind::Notice | Kind::Receipt | Kind::Attachment => false,
        }
    }

    fn of_law(law: Law) -> Self {
        match law {
            Law::Hsl => Kind::AvvikelseHsl,
            Law::Sol => Kind::AvvikelseSol,
            Law::Lss => Kind::AvvikelseLss,
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// So many years from the end.
    Years(u16),
    /// For good (bevaras).
    Preserved,
}

/// A line of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Of what.
    pub kind: Kind,
    /// How long.
    pub keep: Keep,
    /// The paragraph of the plan, and the decision that adopted it.
    pub basis: String,
    /// The first day on which the line is applied.
    pub valid_from: Date,
}

/// The information plan (dokumenthanteringsplan), as far as it is about what is kept here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its lines; of two of one kind the later one holds from its day on.
    pub rules: Vec<Rule>,
}

impl Plan {
    /// Everything that is wrong with the plan.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.rules.len() > MOST_RULES {
            let max = MOST_RULES as i64;
            faults.push(Fault::at("/rules", Reason::OutOfRange { min: 0, max }));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            let field = |name: &str| format!("/rules/{at}/{name}");
            if let Keep::Years(years) = rule.keep
                && !(1..=LONGEST_PERIOD).contains(&years)
            {
                let range = Reason::OutOfRange { min: 1, max: LONGEST_PERIOD.into() };
                faults.push(Fault::at(field("years"), range));
            }
            // Nothing goes without a decision to point at.
            if rule.basis.trim().is_empty() {
                faults.push(Fault::at(field("basis"), Reason::Required));
            } else if rule.basis.chars().count() > LONGEST_BASIS {
                faults.push(Fault::at(field("basis"), Reason::TooLong { max: LONGEST_BASIS }));
            }
            let same =
                |other: &&Rule| other.kind == rule.kind && other.valid_from == rule.valid_from;
            if self.rules[..at].iter().any(|other| same(&other)) {
                faults.push(Fault::at(field("valid_from"), Reason::NotUnique));
            }
        }
        faults
    }

    /// The line that holds for a kind on a day; `None` is preserved.
    pub fn rule(&self, kind: Kind, day: Date) -> Option<&Rule> {
        let held = self.rules.iter().filter(|rule| rule.kind == kind && rule.valid_from <= day);
        held.max_by_key(|rule| rule.valid_from)
    }

    /// The line that keeps a case longest, and as what it is kept; `None` where any kind it is of is preserved.
    /// A lex case follows the line of lex cases alone. An avvikelse of several laws, or of none, follows the
    /// longest of those it could be of.
    pub fn rule_of_case(&self, case: &CaseTraits, day: Date) -> Option<(Kind, &Rule)> {
        let kinds = case.kinds();
        let mut longest: Option<(Kind, &Rule)> = None;
        for kind in kinds {
            let rule = self.rule(kind, day).filter(|rule| rule.keep != Keep::Preserved)?;
            if longest.is_none_or(|(_, held)| rule.keep > held.keep) {
                longest = Some((kind, rule));
            }
        }
        longest
    }
}

/// What the plan needs to know of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTraits {
    /// What it is.
    pub kind: case::Kind,
    /// Where it stands.
    pub status: case::Status,
    /// The laws it is under.
    pub laws: Vec<Law>,
    /// An escalation stands, or stood, beside it.
    pub lex: bool,
}

impl CaseTraits {
    /// The lines it could come under.
    fn kinds(&self) -> Vec<Kind> {
        if self.lex {
            return vec![Kind::Lex];
        }
        if self.status == case::Status::Draft {
            return vec![Kind::Draft];
        }
        match self.kind {
            case::Kind::Synpunkt => vec![Kind::Synpunkt],
            case::Kind::Klagomal => vec![Kind::Klagomal],
            case::Kind::Avvikelse if self.laws.is_empty() => Law::ALL.map(Kind::of_law).to_vec(),
            case::Kind::Avvikelse => self.laws.iter().copied().map(Kind::of_law).collect(),
        }
    }
}

/// The first day on which something may go that ended at `since`; `None` is never.
pub fn due_on(keep: Keep, since: Timestamp) -> Option<Date> {
    match keep {
        Keep::Preserved => None,
        Keep::Years(years) => {
            swedish_date(since).checked_add(Span::new().try_years(years).ok()?).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn rule(kind: Kind, keep: Keep, from: Date) -> Rule {
        Rule { kind, keep, basis: "Dhp 4.2, KS 2025/11 § 7".into(), valid_from: from }
    }

    fn traits(laws: &[Law], lex: bool) -> CaseTraits {
        let status = case::Status::Closed;
        CaseTraits { kind: case::Kind::Avvikelse, status, laws: laws.to_vec(), lex }
    }

    #[test]
    fn nothing_goes_without_a_line_and_the_longest_line_holds() {
        let (day, from) = (date(2030, 5, 1), date(2026, 1, 1));
        let none = Plan::default();
        assert_eq!(none.rule_of_case(&traits(&[Law::Hsl], false), day), None);
        let plan = Plan {
            rules: vec![
                rule(Kind::AvvikelseHsl, Keep::Years(10), from),
                rule(Kind::AvvikelseSol, Keep::Years(5), from),
                rule(Kind::AvvikelseHsl, Keep::Years(7), date(2029, 1, 1)),
            ],
        };
        let of =
            |laws: &[Law], day| plan.rule_of_case(&traits(laws, false), day).map(|it| it.1.keep);
        assert_eq!(of(&[Law::Hsl], date(2028, 1, 1)), Some(Keep::Years(10)));
        assert_eq!(of(&[Law::Hsl], day), Some(Keep::Years(7)));
        assert_eq!(of(&[Law::Sol, Law::Hsl], day), Some(Keep::Years(7)));
        // Of no law yet, or of one without a line: LSS is preserved, so all of it is.
        assert_eq!(of(&[], day), None);
        assert_eq!(of(&[Law::Hsl, Law::Lss], day), None);
        assert_eq!(of(&[Law::Hsl], date(2025, 1, 1)), None);
        // Lex cases have a line of their own, and are preserved without it.
        assert_eq!(plan.rule_of_case(&traits(&[Law::Sol], true), day), None);
    }

    #[test]
    fn a_period_is_counted_in_swedish_days() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(due_on(Keep::Preserved, at("2026-01-01T00:00:00Z")), None);
        let due = |text| due_on(Keep::Years(5), at(text)).unwrap();
        assert_eq!(due("2025-12-31T23:30:00Z"), date(2031, 1, 1));
        assert_eq!(due("2024-02-29T12:00:00Z"), date(2029, 2, 28));
    }

    #[test]
    fn every_line_has_its_ground() {
        let mut plan = Plan { rules: vec![rule(Kind::Draft, Keep::Years(0), date(2026, 1, 1))] };
        plan.rules.push(Rule { basis: " ".into(), ..plan.rules[0].clone() });
        let told: Vec<_> =
            plan.faults().iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect();
        assert_eq!(
            told,
            [
                "/rules/0/years out_of_range",
                "/rules/1/years out_of_range",
                "/rules/1/basis required",
                "/rules/1/valid_from not_unique",
            ]
        );
    }
}
