//! Checks of the access log (PDL 4 kap. 3 §, HSLF-FS 2016:40 4 kap.): readings are drawn at random and by
//! rules, looked at one by one, judged by somebody else than their reader, and summed up.
//!
//! No rule needs a register of who is related to whom, and none looks for whoever spoke to the press: that
//! is never a purpose (TF 3 kap. 5 §).

mod draw;
mod reading;
mod weeks;
mod yearly;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::add_days;
use crate::case::event::Faults;
use crate::case::joint::GroundKind;
use crate::case::{Kind, Status};
use crate::fault::{Fault, Reason};
use crate::ids::{EntryId, SpotCheckId, StaffId, UnitId};
use crate::law::Law;
use crate::organisation::Role;

pub use draw::{Draw, Drawn};
pub use reading::{CaseRead, Reader, Reading, Relation};
pub use weeks::{WEEKS_BACK, Weeks};
pub use yearly::log_checks;

/// How many readings a check draws at random at most.
pub const LARGEST_SAMPLE: u16 = 200;
/// How many it draws by each rule at most.
pub const BY_RULE: usize = 10;
/// How many days its period has at most.
pub const LONGEST_DAYS: i32 = 184;
/// The longest reason and summary, in characters.
pub const LONGEST_TEXT: usize = 2_000;
/// How many cases of one reading are shown one by one.
pub const CASES_SHOWN: usize = 20;

/// A rule by which readings are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The reader reported it and read it in a role, or it is about them, or they left it.
    OwnCase,
    /// No grant of that day covers the case, and nothing else explains it.
    OutsideGrants,
    /// The person's data are protected.
    Protected,
    /// The reader had left, or held nothing any more.
    AfterLeaving,
    /// Unusually many cases that week.
    UnusualNumber,
    /// At night, by somebody who hardly ever reads at night.
    AtNight,
    /// Whoever left it has the reader's surname.
    SameSurname,
    /// On a ground that the reader stated.
    OnGround,
    /// It was tried and refused.
    Refused,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 9] = [
        Rule::OwnCase,
        Rule::OutsideGrants,
        Rule::Protected,
        Rule::AfterLeaving,
        Rule::UnusualNumber,
        Rule::AtNight,
        Rule::SameSurname,
        Rule::OnGround,
        Rule::Refused,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Rule::OwnCase => "own_case",
            Rule::OutsideGrants => "outside_grants",
            Rule::Protected => "protected",
            Rule::AfterLeaving => "after_leaving",
            Rule::UnusualNumber => "unusual_number",
            Rule::AtNight => "at_night",
            Rule::SameSurname => "same_surname",
            Rule::OnGround => "on_ground",
            Rule::Refused => "refused",
        }
    }
}

impl std::str::FromStr for Rule {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Rule::ALL.into_iter().find(|rule| rule.code() == code).ok_or(())
    }
}

/// What a grant said on the day of a reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantShown {
    /// As what.
    pub role: Role,
    /// Over which units, with those below; empty is the whole tenant.
    pub units: Vec<UnitId>,
    /// Over which laws; empty is all the role sees.
    pub laws: Vec<Law>,
}

/// What is shown of a case that was read: no text, no identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseShown {
    /// Its number, while the case is kept.
    pub number: Option<String>,
    /// Where it was.
    pub unit: UnitId,
    /// The laws.
    pub laws: Vec<Law>,
    /// What it is.
    pub kind: Kind,
    /// Where it stood when the reading was drawn.
    pub status: Status,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How the reader stood to it.
    pub relation: Relation,
    /// The reader was asked by name.
    pub asked: bool,
    /// The reader leads it.
    pub leads: bool,
    /// The reader reported or registered it.
    pub own: bool,
    /// How many changes the reader made to it within 30 days before or after.
    pub works: u32,
    /// The person's data are protected.
    pub protected: bool,
    /// It is about the reader, or was left by them.
    pub about_reader: bool,
    /// Whoever left it has the reader's surname.
    pub same_surname: bool,
}

/// What the log said of a reading when it was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// When it was.
    pub at: Timestamp,
    /// By which operation.
    pub act: String,
    /// In which role.
    pub role: Option<Role>,
    /// The network it came from.
    pub from: Option<String>,
    /// Nothing was shown.
    pub refused: bool,
    /// The ground that was stated.
    pub ground: Option<GroundKind>,
    /// When the reader left.
    pub ended_at: Option<Timestamp>,
    /// What the reader held then.
    pub grants: Vec<GrantShown>,
    /// The cases, the first of them.
    pub cases: Vec<CaseShown>,
    /// How many cases in all.
    pub of: usize,
}

/// What whoever looked at a reading says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There was reason to read.
    Proper,
    /// There was none.
    Improper,
    /// The reader, or their manager, is asked first.
    Ask,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 3] = [Verdict::Proper, Verdict::Improper, Verdict::Ask];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Proper => "proper",
            Verdict::Improper => "improper",
            Verdict::Ask => "ask",
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Verdict::ALL.into_iter().find(|verdict| verdict.code() == code).ok_or(())
    }
}

/// A judgement of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Which.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// A reading that a check looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Its entry in the log.
    pub entry: EntryId,
    /// Who read.
    pub reader: StaffId,
    /// The rules it was drawn by; empty is at random.
    pub reasons: Vec<Rule>,
    /// What the log said of it.
    pub shown: Shown,
    /// What came of it.
    pub judged: Option<Judged>,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
    /// In words.
    pub summary: String,
}

/// Of whose log a check is, and how many readings met each rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The laws of the cases; empty is all.
    pub laws: Vec<Law>,
    /// The units of the cases, those below included; empty is all.
    pub units: Vec<UnitId>,
    /// How many readings of the period met each rule.
    pub met: BTreeMap<Rule, u32>,
}

/// A check of the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotCheck {
    /// Its id.
    pub id: SpotCheckId,
    /// The first day, in Swedish time.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// What the draw was made with: the same one draws the same readings again.
    pub seed: i64,
    /// How many readings were drawn at random at most.
    pub sample: u16,
    /// The rules.
    pub rules: Vec<Rule>,
    /// Of whose log.
    pub reach: Reach,
    /// How many readings the period has.
    pub considered: u32,
    /// Why it was made.
    pub reason: String,
    /// Who drew.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
    /// What was drawn, the earliest reading first.
    pub readings: Vec<Looked>,
    /// How it ended; `None` while it is open.
    pub closed: Option<Closed>,
    /// Grows with every change; the ETag.
    pub version: i64,
}

/// Why a command is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// The check is closed.
    Closed,
    /// One's own readings are judged by somebody else.
    OwnReading,
    /// What is wrong.
    Faults(Vec<Fault>),
}

/// What a check is asked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// How many at random.
    pub sample: u16,
    /// Why.
    pub reason: String,
}

impl Asked {
    /// What is wrong with it, on `today` in Swedish time.
    pub fn faults(&self, today: Date) -> Vec<Fault> {
        let mut faults = Faults::default();
        let before = Reason::Before { other: "/from".into() };
        faults.require(self.from <= self.to, "/to", before);
        faults.require(self.to <= today, "/to", Reason::inconsistent("day_in_future"));
        let long = self.to > add_days(self.from, LONGEST_DAYS - 1);
        faults.require(!long, "/to", Reason::inconsistent("period_too_long"));
        let range = Reason::OutOfRange { min: 0, max: LARGEST_SAMPLE.into() };
        faults.require(self.sample <= LARGEST_SAMPLE, "/sample", range);
        text(&self.reason, "/reason", &mut faults);
        faults.into_vec()
    }
}

fn text(text: &str, field: impl Into<String>, faults: &mut Faults) {
    let field = field.into();
    faults.require(!text.trim().is_empty(), field.clone(), Reason::Required);
    let short = text.chars().count() <= LONGEST_TEXT;
    faults.require(short, field, Reason::TooLong { max: LONGEST_TEXT });
}

impl SpotCheck {
    /// The check with judgements of some of its readings, all or none. What was judged may be judged anew
    /// while the check is open.
    ///
    /// # Errors
    /// [`Rejected`].
    pub fn judge(
        mut self,
        by: StaffId,
        at: Timestamp,
        given: Vec<(EntryId, Verdict, String)>,
    ) -> Result<Self, Rejected> {
        if self.closed.is_some() {
            return Err(Rejected::Closed);
        }
        let mut faults = Faults::default();
        for (place, (entry, verdict, reason)) in given.into_iter().enumerate() {
            text(&reason, format!("/judgements/{place}/reason"), &mut faults);
            match self.readings.iter_mut().find(|reading| reading.entry == entry) {
                None => faults.push(format!("/judgements/{place}/entry"), Reason::NotFound),
                Some(reading) if reading.reader == by => return Err(Rejected::OwnReading),
                Some(reading) => {
                    let reason = reason.trim().to_owned();
                    reading.judged = Some(Judged { verdict, reason, by, at });
                }
            }
        }
        match faults.into_vec() {
            faults if faults.is_empty() => Ok(Self { version: self.version + 1, ..self }),
            faults => Err(Rejected::Faults(faults)),
        }
    }

    /// The check, closed: when every reading is judged for good.
    ///
    /// # Errors
    /// [`Rejected`].
    pub fn close(self, by: StaffId, at: Timestamp, summary: &str) -> Result<Self, Rejected> {
        if self.closed.is_some() {
            return Err(Rejected::Closed);
        }
        let mut faults = Faults::default();
        text(summary, "/summary", &mut faults);
        let settled = |reading: &Looked| {
            let verdict = reading.judged.as_ref().map(|judged| judged.verdict);
            matches!(verdict, Some(Verdict::Proper | Verdict::Improper))
        };
        let all = self.readings.iter().all(settled);
        faults.require(all, "/readings", Reason::inconsistent("readings_not_judged"));
        match faults.into_vec() {
            faults if faults.is_empty() => {
                let closed = Some(Closed { by, at, summary: summary.trim().to_owned() });
                Ok(Self { closed, version: self.version + 1, ..self })
            }
            faults => Err(Rejected::Faults(faults)),
        }
    }

    /// How many readings have this verdict.
    pub fn counted(&self, verdict: Verdict) -> usize {
        let judged = self.readings.iter().filter_map(|reading| reading.judged.as_ref());
        judged.filter(|judged| judged.verdict == verdict).count()
    }
}

/// When the next check is to be drawn: so many months after the last one that was closed, or after `since`
/// where there was none. A local target, never law: the law says that checks are done again and again.
pub fn next_due(last_closed: Option<Date>, since: Date, every_months: u8) -> Date {
    let from = last_closed.unwrap_or(since);
    from.saturating_add(jiff::Span::new().months(i64::from(every_months)))
}

#[cfg(test)]
mod tests;
