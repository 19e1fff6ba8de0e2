//! The three laws a case may fall under, and the statutes behind them by date.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A law a case falls under (lagrum).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Law {
    /// Hälso- och sjukvårdslagen.
    #[serde(rename = "HSL")]
    Hsl,
    /// Socialtjänstlagen.
    #[serde(rename = "SOL")]
    Sol,
    /// Lagen om stöd och service till vissa funktionshindrade.
    #[serde(rename = "LSS")]
    Lss,
}

impl Law {
    /// All three, in the order they are listed.
    pub const ALL: [Law; 3] = [Law::Hsl, Law::Sol, Law::Lss];

    /// The code, as in the code list `law`.
    pub fn code(self) -> &'static str {
        match self {
            Law::Hsl => "HSL",
            Law::Sol => "SOL",
            Law::Lss => "LSS",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Law {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Law::ALL.into_iter().find(|law| law.code() == code).ok_or(())
    }
}

/// An act by its short name: the three laws of a case, and patientsäkerhetslagen, which lays
/// duties on whoever gives care under HSL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Act {
    /// Hälso- och sjukvårdslagen.
    Hsl,
    /// Socialtjänstlagen.
    Sol,
    /// Lagen om stöd och service till vissa funktionshindrade.
    Lss,
    /// Patientsäkerhetslagen.
    Psl,
}

impl From<Law> for Act {
    fn from(law: Law) -> Self {
        match law {
            Law::Hsl => Act::Hsl,
            Law::Sol => Act::Sol,
            Law::Lss => Act::Lss,
        }
    }
}

/// How well a statement about the law is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// Read at its source.
    #[serde(rename = "F")]
    Found,
    /// Quoted by a municipality or an authority.
    #[serde(rename = "S")]
    Seed,
    /// From memory.
    #[serde(rename = "MEM")]
    Memory,
    /// Inferred from a parallel act.
    #[serde(rename = "DES")]
    Inferred,
}

impl Basis {
    /// Whether somebody has read it. What is not verified must be checked before it is printed.
    pub fn verified(self) -> bool {
        match self {
            Basis::Found | Basis::Seed => true,
            Basis::Memory | Basis::Inferred => false,
        }
    }
}

/// An act as it stood over a span of days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Statute {
    /// Which act.
    #[serde(rename = "law")]
    pub act: Act,
    /// Number in Svensk författningssamling, such as `2025:400`.
    pub sfs: String,
    /// Name.
    pub name: String,
    /// What sort of rule it is: `act`.
    pub kind: String,
    /// First day in force.
    pub valid_from: Date,
    /// Last day in force; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// How well this is known.
    pub basis: Basis,
}

impl Statute {
    /// Whether the act was in force on `day`.
    pub fn valid_on(&self, day: Date) -> bool {
        within(self.valid_from, self.valid_to, day)
    }

    /// Whether the act and its dates have been read at the source.
    pub fn verified(&self) -> bool {
        self.basis.verified()
    }
}

/// A duty that the law lays on caregivers, committees or staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Staff report risks of vårdskada, and what caused or could have caused one (PSL 6 kap. 4 §).
    ReportRisk,
    /// The caregiver investigates such events (PSL 3 kap. 3 §).
    Investigate,
    /// Lex Maria: events that caused or could have caused a serious vårdskada are notified to IVO
    /// (PSL 3 kap. 5 §).
    LexMaria,
    /// A licensed person who may endanger patients is notified to IVO (PSL 3 kap. 7 §).
    Riskperson,
    /// A patient who suffered a vårdskada is told (PSL 3 kap. 8 §).
    InformPatient,
    /// A klagomål is answered (PSL 3 kap. 8 b §).
    AnswerComplaint,
    /// A klagomål for another caregiver is handed over (PSL 3 kap. 8 e §).
    HandOverComplaint,
    /// The yearly patientsäkerhetsberättelse (PSL 3 kap. 10 §).
    YearlyReport,
    /// Lex Sarah: whoever notices misconduct, or an obvious risk of it, reports it (SoL 27 kap. 2 §,
    /// LSS 24 b §).
    LexSarahReport,
    /// Lex Sarah: it is documented, investigated and put right (SoL 27 kap. 5 §, LSS 24 e §).
    LexSarahInvestigate,
    /// Lex Sarah: what is serious is notified to IVO (SoL 27 kap. 6 §, LSS 24 f §).
    LexSarahNotify,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Duty; 11] = [
        Duty::ReportRisk,
        Duty::Investigate,
        Duty::LexMaria,
        Duty::Riskperson,
        Duty::InformPatient,
        Duty::AnswerComplaint,
        Duty::HandOverComplaint,
        Duty::YearlyReport,
        Duty::LexSarahReport,
        Duty::LexSarahInvestigate,
        Duty::LexSarahNotify,
    ];

    /// The duty's code.
    pub fn code(self) -> &'static str {
        match self {
            Duty::ReportRisk => "report_risk",
            Duty::Investigate => "investigate",
            Duty::LexMaria => "lex_maria",
            Duty::Riskperson => "riskperson",
            Duty::InformPatient => "inform_patient",
            Duty::AnswerComplaint => "answer_complaint",
            Duty::HandOverComplaint => "hand_over_complaint",
            Duty::YearlyReport => "yearly_report",
            Duty::LexSarahReport => "lex_sarah_report",
            Duty::LexSarahInvestigate => "lex_sarah_investigate",
            Duty::LexSarahNotify => "lex_sarah_notify",
        }
    }
}

/// The paragraph that lays a duty on those a case of a law concerns, over a span of days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Provision {
    /// The duty.
    pub duty: Duty,
    /// The law of the case.
    pub law: Law,
    /// The act the paragraph is in; for a case of HSL that is PSL.
    pub sfs: String,
    /// Chapter and paragraph, such as `27 kap. 2 §`.
    pub paragraph: String,
    /// First day.
    pub valid_from: Date,
    /// Last day; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// The law's own word for how soon, such as `snarast`. Hardly ever a number of days: a target
    /// in days is local and never called statutory.
    pub legal_word: Option<String>,
    /// How well the paragraph is known.
    pub basis: Basis,
}

impl Provision {
    /// Whether the paragraph was in force on `day`.
    pub fn valid_on(&self, day: Date) -> bool {
        within(self.valid_from, self.valid_to, day)
    }

    /// Whether the paragraph has been read at the source.
    pub fn verified(&self) -> bool {
        self.basis.verified()
    }
}

fn within(from: Date, to: Option<Date>, day: Date) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

static STATUTES: LazyLock<Vec<Statute>> = LazyLock::new(|| {
    read(include_str!("data/statutes.csv")).expect("the built-in statutes are well formed")
});

static PROVISIONS: LazyLock<Vec<Provision>> = LazyLock::new(|| {
    read(include_str!("data/provisions.csv")).expect("the built-in provisions are well formed")
});

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, csv::Error> {
    csv::ReaderBuilder::new()
        .delimiter(b';')
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .into_deserialize()
        .collect()
}

/// Every act with its days in force; of one act, the oldest first.
pub fn statutes() -> &'static [Statute] {
    &STATUTES
}

/// Every provision.
pub fn provisions() -> &'static [Provision] {
    &PROVISIONS
}

/// The act behind `law` on `on`, the day of the event in Swedish time. A day before the oldest one
/// known gets the oldest: no case is that old, and a mistyped year must not stop one.
pub fn statute(law: Law, on: Date) -> &'static Statute {
    act(Act::from(law), on)
}

/// As [`statute`], for any act.
pub fn act(act: Act, on: Date) -> &'static Statute {
    let mut versions = STATUTES.iter().filter(|statute| statute.act == act);
    let oldest = versions.next().expect("the built-in statutes hold every act");
    // An act ends where the next begins, so the last to have begun is in force.
    versions.rfind(|statute| statute.valid_from <= on).unwrap_or(oldest)
}

/// The act with this number in Svensk författningssamling.
pub fn statute_by_sfs(sfs: &str) -> Option<&'static Statute> {
    STATUTES.iter().find(|statute| statute.sfs == sfs)
}

/// The paragraph that lays `duty` on those a case of `law` concerns on `on`, in Swedish time.
/// `None` when that law knows no such duty, or the day lies before what was looked up.
pub fn provision(duty: Duty, law: Law, on: Date) -> Option<&'static Provision> {
    PROVISIONS.iter().find(|p| p.duty == duty && p.law == law && p.valid_on(on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const LAST_OLD: Date = date(2025, 6, 30);
    const FIRST_NEW: Date = date(2025, 7, 1);

    #[test]
    fn the_built_in_statutes_are_sound() {
        for act in [Act::Hsl, Act::Sol, Act::Lss, Act::Psl] {
            let versions: Vec<_> = statutes().iter().filter(|s| s.act == act).collect();
            for pair in versions.windows(2) {
                assert_eq!(pair[0].valid_to.unwrap().tomorrow().unwrap(), pair[1].valid_from);
            }
            assert_eq!(versions.last().unwrap().valid_to, None, "{act:?}");
        }
        for statute in statutes() {
            assert!(!statute.name.is_empty());
            assert_eq!(statute.kind, "act");
            assert_eq!(statute_by_sfs(&statute.sfs), Some(statute));
            assert_eq!(super::act(statute.act, statute.valid_from), statute);
            assert_eq!(super::act(statute.act, statute.valid_to.unwrap_or(Date::MAX)), statute);
        }
    }

    #[test]
    fn the_built_in_provisions_are_sound() {
        for one in provisions() {
            let statute = statute_by_sfs(&one.sfs).unwrap();
            let law_of_statute = if statute.act == Act::Psl { Act::Hsl } else { statute.act };
            assert_eq!(law_of_statute, Act::from(one.law));
            assert!(statute.valid_on(one.valid_from), "{one:?}");
            assert!(statute.valid_on(one.valid_to.unwrap_or(Date::MAX)), "{one:?}");
            assert!(one.paragraph.ends_with(" §"));
            assert_ne!(one.legal_word.as_deref(), Some(""));
            // At most one at a time.
            let same = provisions().iter().filter(|other| {
                other.duty == one.duty && other.law == one.law && other.valid_on(one.valid_from)
            });
            assert_eq!(same.count(), 1, "{one:?}");
        }
        for duty in Duty::ALL {
            assert!(provisions().iter().any(|p| p.duty == duty), "{duty:?}");
            let json = serde_json::to_value(duty).unwrap();
            assert_eq!(json, duty.code());
        }
    }

    #[test]
    fn socialtjanstlagen_changed_in_the_summer_of_2025() {
        assert_eq!(statute(Law::Sol, LAST_OLD).sfs, "2001:453");
        assert_eq!(statute(Law::Sol, FIRST_NEW).sfs, "2025:400");
        assert_eq!(statute(Law::Sol, date(2024, 2, 29)).sfs, "2001:453");
        assert_eq!(statute(Law::Sol, date(2002, 1, 1)).sfs, "2001:453");
        for day in [LAST_OLD, FIRST_NEW] {
            assert_eq!(statute(Law::Hsl, day).sfs, "2017:30");
            assert_eq!(statute(Law::Lss, day).sfs, "1993:387");
            assert_eq!(act(Act::Psl, day).sfs, "2010:659");
        }
        assert_eq!(statute(Law::Hsl, date(2017, 3, 31)).sfs, "1982:763");
        assert_eq!(statute(Law::Hsl, date(2017, 4, 1)).sfs, "2017:30");
    }

    #[test]
    fn a_day_before_any_act_gets_the_oldest() {
        assert_eq!(statute(Law::Lss, date(1993, 12, 31)).sfs, "1993:387");
        assert_eq!(statute(Law::Sol, Date::MIN).sfs, "1980:620");
        assert!(!statute(Law::Sol, Date::MIN).valid_on(Date::MIN));
    }

    #[test]
    fn lex_sarah_moved_from_chapter_14_to_27() {
        for (duty, old, new, lss) in [
            (Duty::LexSarahReport, "14 kap. 3 §", "27 kap. 2 §", "24 b §"),
            (Duty::LexSarahInvestigate, "14 kap. 6 §", "27 kap. 5 §", "24 e §"),
            (Duty::LexSarahNotify, "14 kap. 7 §", "27 kap. 6 §", "24 f §"),
        ] {
            let before = provision(duty, Law::Sol, LAST_OLD).unwrap();
            assert_eq!((before.sfs.as_str(), before.paragraph.as_str()), ("2001:453", old));
            let after = provision(duty, Law::Sol, FIRST_NEW).unwrap();
            assert_eq!((after.sfs.as_str(), after.paragraph.as_str()), ("2025:400", new));
            assert_eq!(before.legal_word, after.legal_word);
            for day in [LAST_OLD, FIRST_NEW] {
                let disability = provision(duty, Law::Lss, day).unwrap();
                assert_eq!(disability.paragraph, lss);
                assert_eq!(provision(duty, Law::Hsl, day), None);
            }
        }
    }

    #[test]
    fn patient_safety_duties_follow_cases_of_health_care() {
        for (duty, paragraph, word) in [
            (Duty::ReportRisk, "6 kap. 4 §", None),
            (Duty::Investigate, "3 kap. 3 §", None),
            (Duty::LexMaria, "3 kap. 5 §", Some("snarast")),
            (Duty::Riskperson, "3 kap. 7 §", Some("snarast")),
            (Duty::InformPatient, "3 kap. 8 §", Some("snarast")),
            (Duty::AnswerComplaint, "3 kap. 8 b §", Some("snarast")),
            (Duty::HandOverComplaint, "3 kap. 8 e §", Some("skyndsamt")),
            (Duty::YearlyReport, "3 kap. 10 §", Some("senast den 1 mars")),
        ] {
            let found = provision(duty, Law::Hsl, FIRST_NEW).unwrap();
            assert_eq!((found.sfs.as_str(), found.paragraph.as_str()), ("2010:659", paragraph));
            assert_eq!(found.legal_word.as_deref(), word);
            assert_eq!(provision(duty, Law::Sol, FIRST_NEW), None);
            assert_eq!(provision(duty, Law::Hsl, date(2010, 12, 31)), None);
        }
    }

    #[test]
    fn what_nobody_has_read_is_known_as_such() {
        assert!(provision(Duty::LexSarahNotify, Law::Sol, FIRST_NEW).unwrap().verified());
        assert!(!provision(Duty::LexSarahInvestigate, Law::Sol, FIRST_NEW).unwrap().verified());
        assert!(!statute(Law::Sol, LAST_OLD).verified());
        assert!(statute(Law::Lss, LAST_OLD).verified());
        assert!(Basis::Seed.verified() && !Basis::Memory.verified());
    }
}
