//! One reading of the log, as a check sees it: who, as what, and how it stands to the case. No text, no
//! identity.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::calendar::{swedish, swedish_date};
use crate::case::{Kind, Status};
use crate::ids::{CaseId, EntryId, StaffId, UnitId};
use crate::law::Law;
use crate::organisation::{Grant, Role, UnitTree};
use crate::policy::{Act, Held, role_may};

/// A reading of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its entry.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub reader: StaffId,
    /// By which operation.
    pub act: String,
    /// In which role; `None` is as reporter, or because one was asked by name.
    pub role: Option<Role>,
    /// The unit of what was read, where there is one.
    pub unit: Option<UnitId>,
    /// Nothing was shown.
    pub refused: bool,
    /// On a ground that the reader stated.
    pub on_ground: bool,
    /// What was read.
    pub cases: Vec<CaseRead>,
}

/// A case that was read, with what tells how the reader stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRead {
    /// Which.
    pub case: CaseId,
    /// Its number, while the case is kept.
    pub number: Option<String>,
    /// Where it is.
    pub unit: UnitId,
    /// Where it was reported.
    pub reporting_unit: UnitId,
    /// Other units concerned.
    pub also_units: Vec<UnitId>,
    /// The laws it falls under.
    pub laws: Vec<Law>,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Who reported, or registered, it.
    pub reported_by: Option<StaffId>,
    /// Who leads it.
    pub lead: Option<StaffId>,
    /// Who was asked by name, and since when.
    pub asked: Vec<(StaffId, Timestamp)>,
    /// A lex Maria or lex Sarah rests on it.
    pub lex: bool,
    /// The person's data are protected.
    pub protected: bool,
    /// It is about the reader, or was left by them.
    pub about_reader: bool,
    /// Whoever left it has the reader's surname.
    pub same_surname: bool,
}

/// How a reader stands to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// A grant of that day covers the unit responsible.
    Unit,
    /// A grant of that day covers the unit that reported it, or another concerned.
    Concerned,
    /// They were asked by name.
    Asked,
    /// They lead it.
    Leads,
    /// They reported or registered it.
    Own,
    /// They stated a ground.
    Ground,
    /// They handle a lex Maria or lex Sarah that rests on it.
    Lex,
    /// None of these.
    Outside,
}

/// A member of the staff, with every grant they ever held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// When they left.
    pub ended_at: Option<Timestamp>,
    /// The grants.
    pub grants: Vec<Grant>,
}

impl Reader {
    /// The grants that held at an instant.
    pub fn held_at(&self, at: Timestamp) -> impl Iterator<Item = &Grant> {
        let day = swedish_date(at);
        self.grants.iter().filter(move |grant| grant.held_at(at, day))
    }

    /// Whether they had left at an instant, or had held something and held nothing any more.
    fn had_left(&self, at: Timestamp) -> bool {
        let began = |day: Date| day <= swedish_date(at);
        self.ended_at.is_some_and(|ended| ended <= at)
            || (self.grants.iter().any(|grant| began(grant.valid_from))
                && self.held_at(at).next().is_none())
    }
}

/// The act that lets at what an entry tells of.
fn act_of(reading: &Reading) -> Act {
    let log = ["access_log.", "spot_check."];
    match log.iter().any(|start| reading.act.starts_with(start)) {
        true => Act::ReadAccessLog,
        false => Act::Read,
    }
}

impl Reading {
    /// How the reader stood to one of the cases.
    pub fn relation(&self, case: &CaseRead, reader: &Reader, units: &UnitTree) -> Relation {
        let act = act_of(self);
        let held: Vec<Held> = reader
            .held_at(self.at)
            .filter(|grant| role_may(grant.role, act))
            .map(|grant| Held::of(grant, units))
            .collect();
        let reaches =
            |unit: &UnitId| held.iter().any(|held| held.reaches(*unit, &case.laws, case.kind));
        let asked = |(who, since): &(StaffId, Timestamp)| *who == self.reader && *since <= self.at;
        if reaches(&case.unit) {
            Relation::Unit
        } else if reaches(&case.reporting_unit) || case.also_units.iter().any(reaches) {
            Relation::Concerned
        } else if case.lead == Some(self.reader) {
            Relation::Leads
        } else if case.asked.iter().any(asked) {
            Relation::Asked
        } else if case.reported_by == Some(self.reader) {
            Relation::Own
        } else if self.on_ground {
            Relation::Ground
        } else if case.lex && held.iter().any(|held| role_may(held.role, Act::HandleEscalation)) {
            Relation::Lex
        } else {
            Relation::Outside
        }
    }

    /// The rules that the reading meets, but for those that compare with earlier weeks.
    pub(super) fn meets(&self, reader: &Reader, units: &UnitTree) -> BTreeSet<Rule> {
        let mut met = BTreeSet::new();
        let mut meet = |rule, holds: bool| {
            if holds {
                met.insert(rule);
            }
        };
        // Whoever follows what they reported as its reporter does what everybody may.
        let own = |case: &CaseRead| {
            case.about_reader || (self.role.is_some() && case.reported_by == Some(self.reader))
        };
        meet(Rule::OwnCase, self.cases.iter().any(own));
        let outside = |case: &CaseRead| self.relation(case, reader, units) == Relation::Outside;
        meet(Rule::OutsideGrants, !self.refused && self.cases.iter().any(outside));
        meet(Rule::Protected, self.cases.iter().any(|case| case.protected));
        meet(Rule::AfterLeaving, reader.had_left(self.at));
        meet(Rule::SameSurname, self.cases.iter().any(|case| case.same_surname));
        meet(Rule::OnGround, self.on_ground);
        meet(Rule::Refused, self.refused);
        met
    }

    /// Whether it was at night: from 22 to 6.
    pub fn at_night(&self) -> bool {
        at_night(self.at)
    }
}

pub(super) fn at_night(at: Timestamp) -> bool {
    !(6..22).contains(&swedish(at).hour)
}
