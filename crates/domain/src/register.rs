//! The register of opinions as anybody may read it (allmänna handlingar): when one came in, from whom
//! in neutral words, about what, who handles it and where it stands. Never a name, never a text; where
//! a person is protected, or so few live somewhere that the place would tell who it is, no place either.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::swedish_date;
use crate::case::{Kind, Subkind};
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::ids::UnitId;
use crate::organisation::{Role, UnitTree};

/// What a tenant lets its register show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterRules {
    /// Whether units are named; else their area is.
    pub names_units: bool,
    /// Codes of units that are never named, those below them included.
    pub small_units: Vec<String>,
}

impl RegisterRules {
    /// Everything that is wrong with the rules, below `field`.
    pub fn faults(&self, units: &UnitTree, field: &str) -> Vec<Fault> {
        let unknown = |(at, code): (usize, &String)| {
            let known = units.find(code).is_some();
            (!known).then(|| Fault::at(format!("{field}/small_units/{at}"), Reason::NotFound))
        };
        self.small_units.iter().enumerate().filter_map(unknown).collect()
    }

    /// Whether a unit may be named.
    fn names(&self, unit: UnitId, units: &UnitTree) -> bool {
        let small =
            |id: UnitId| units.get(id).is_some_and(|unit| self.small_units.contains(&unit.code));
        let known = units.get(unit).is_some_and(|unit| !unit.unknown);
        self.names_units && known && !units.with_ancestors(unit).into_iter().any(small)
    }
}

/// Where an opinion stands, as the register says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It has come in.
    Received,
    /// It is in the register, and its sender may have been told so.
    Registered,
    /// Somebody handles it.
    Handled,
    /// It is answered.
    Answered,
    /// It is ended.
    Closed,
    /// Another caregiver or tenant handles it.
    HandedOver,
}

impl Standing {
    /// Every one, in order.
    pub const ALL: [Standing; 6] = [
        Standing::Received,
        Standing::Registered,
        Standing::Handled,
        Standing::Answered,
        Standing::Closed,
        Standing::HandedOver,
    ];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Standing::Received => "received",
            Standing::Registered => "registered",
            Standing::Handled => "handled",
            Standing::Answered => "answered",
            Standing::Closed => "closed",
            Standing::HandedOver => "handed_over",
        }
    }

    /// In Swedish.
    pub fn words(self) -> &'static str {
        match self {
            Standing::Received => "Inkommet",
            Standing::Registered => "Registrerat",
            Standing::Handled => "Handläggs",
            Standing::Answered => "Besvarat",
            Standing::Closed => "Avslutat",
            Standing::HandedOver => "Överlämnat",
        }
    }
}

impl std::str::FromStr for Standing {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Standing::ALL.into_iter().find(|standing| standing.code() == code).ok_or(())
    }
}

/// What is kept of an opinion that its line in the register is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterFact {
    /// Its number.
    pub number: String,
    /// The register's number.
    pub diary_number: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// More closely.
    pub subkind: Option<Subkind>,
    /// When it came in.
    pub reported_at: Timestamp,
    /// Who it came from: a code of the list `source`.
    pub source: Option<String>,
    /// What it is about: a code of the list `complaint`.
    pub category: Option<String>,
    /// The responsible unit.
    pub unit: UnitId,
    /// As what its handler handles it, where it has one.
    pub handled_as: Option<Role>,
    /// Where it stands.
    pub standing: Standing,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// The data of a person in it are protected.
    pub protected: bool,
}

/// A line of the register. Everything in it may be read by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterLine {
    /// The matter's number.
    pub number: String,
    /// The register's number.
    pub diary_number: Option<String>,
    /// The day it came in.
    pub received_on: Date,
    /// What it is.
    pub what: &'static str,
    /// From whom, in neutral words.
    pub from: &'static str,
    /// About what.
    pub about: String,
    /// Who handles it: a role, and where it may be said, where.
    pub handler: String,
    /// Where it stands.
    pub standing: Standing,
    /// The day it ended.
    pub closed_on: Option<Date>,
}

/// Who an opinion comes from, so that nobody is known by it.
fn from(source: Option<&str>) -> &'static str {
    match source {
        Some("NAR" | "GOD") => "Närstående eller företrädare",
        Some("PER" | "STU") => "Personal",
        Some("VG" | "SOC") => "Annan vårdgivare eller verksamhet",
        Some("MYND") => "Myndighet",
        Some("PN") => "Patientnämnd",
        Some("IVO") => "Inspektionen för vård och omsorg",
        Some("FOR") => "Förening",
        // Users and the public alike: that somebody is a user may be secret (OSL 25, 26 kap.).
        Some(_) | None => "Enskild",
    }
}

fn what(kind: Kind, subkind: Option<Subkind>) -> &'static str {
    match (kind, subkind) {
        (Kind::Synpunkt, Some(Subkind::Praise)) => "Beröm",
        (Kind::Synpunkt, Some(Subkind::Proposal)) => "Förslag",
        (Kind::Synpunkt, None) => "Synpunkt",
        (Kind::Klagomal, _) => "Klagomål",
        (Kind::Avvikelse, _) => "Avvikelse",
    }
}

/// A role, as a register names it.
fn role(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::Mas) => "Medicinskt ansvarig sjuksköterska",
        Some(Role::Mar) => "Medicinskt ansvarig för rehabilitering",
        Some(Role::Sas) => "Socialt ansvarig samordnare",
        Some(Role::AreaManager) => "Verksamhetschef",
        Some(Role::Director) => "Förvaltningschef",
        Some(Role::UnitManager | Role::Deputy | Role::Team) => "Enhetschef",
        Some(Role::Registrator) => "Registrator",
        Some(
            Role::Intake
            | Role::Decider
            | Role::Board
            | Role::Analyst
            | Role::Auditor
            | Role::Privacy
            | Role::Admin,
        )
        | None => "Förvaltningen",
    }
}

impl RegisterLine {
    /// The line of an opinion.
    pub fn of(
        fact: &RegisterFact,
        rules: &RegisterRules,
        units: &UnitTree,
        codes: &CodeLists,
    ) -> Self {
        let words = |list: &str, code: &str| codes.get(list, code).map(|code| code.sv.clone());
        let category = fact.category.as_deref().map(|code| match fact.protected {
            // The finer one is, the fewer it fits.
            true => codes.top("complaint", code),
            false => code,
        });
        let about = category.and_then(|code| words("complaint", code));
        let place = match fact.protected {
            true => None,
            false if rules.names(fact.unit, units) => {
                units.get(fact.unit).map(|unit| unit.name.clone())
            }
            // The only group home of a town is a place, too.
            false => {
                let area = units.area_of(fact.unit).map(|area| codes.top("area", area));
                area.and_then(|area| words("area", area))
            }
        };
        let role = role(fact.handled_as);
        Self {
            number: fact.number.clone(),
            diary_number: fact.diary_number.clone(),
            received_on: swedish_date(fact.reported_at),
            what: what(fact.kind, fact.subkind),
            from: if fact.protected { "Enskild" } else { from(fact.source.as_deref()) },
            about: about.unwrap_or_else(|| "Inte bedömt".to_owned()),
            handler: place.map_or_else(|| role.to_owned(), |place| format!("{role}, {place}")),
            standing: fact.standing,
            closed_on: fact.closed_at.map(swedish_date),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::organisation::Unit;

    fn units() -> UnitTree {
        let unit = |number: u128, code: &str, parent: Option<u128>| Unit {
            id: UnitId(Uuid::from_u128(number)),
            code: code.to_owned(),
            name: code.to_uppercase(),
            area: Some("FUN.GRP".to_owned()),
            parent: parent.map(|id| UnitId(Uuid::from_u128(id))),
            successor: None,
            valid_from: None,
            valid_to: None,
            unknown: false,
            version: 1,
        };
        UnitTree::new([unit(1, "norr", None), unit(2, "grupp", Some(1)), unit(3, "syd", None)])
    }

    fn fact(unit: u128) -> RegisterFact {
        RegisterFact {
            number: "KLA-2026-00000000".into(),
            diary_number: Some("VON 2026/1".into()),
            kind: Kind::Klagomal,
            subkind: None,
            reported_at: "2026-03-10T23:30:00Z".parse().expect("a time"),
            source: Some("NAR".into()),
            category: Some("K.OMV.MAT".into()),
            unit: UnitId(Uuid::from_u128(unit)),
            handled_as: Some(Role::UnitManager),
            standing: Standing::Handled,
            closed_at: None,
            protected: false,
        }
    }

    fn line(fact: &RegisterFact, rules: &RegisterRules) -> RegisterLine {
        RegisterLine::of(fact, rules, &units(), &CodeLists::shared())
    }

    #[test]
    fn a_place_is_named_only_where_it_tells_nobody() {
        let area = "Enhetschef, Funktionsstöd/LSS";
        let none = RegisterRules::default();
        let named = RegisterRules { names_units: true, small_units: vec!["norr".into()] };
        assert_eq!(line(&fact(3), &none).handler, area, "areas unless chosen");
        assert_eq!(line(&fact(3), &named).handler, "Enhetschef, SYD");
        assert_eq!(line(&fact(1), &named).handler, area);
        assert_eq!(line(&fact(2), &named).handler, area, "what lies below a small unit is smaller");
        assert_eq!(line(&fact(9), &named).handler, "Enhetschef", "a unit nobody knows");
        let wrong = RegisterRules { small_units: vec!["syd".into(), "nej".into()], ..none };
        let faults = wrong.faults(&units(), "/register");
        assert_eq!(faults, [Fault::at("/register/small_units/1", Reason::NotFound)]);
    }

    #[test]
    fn of_a_protected_person_nothing_is_told_that_places_them() {
        let named = RegisterRules { names_units: true, small_units: Vec::new() };
        let open = line(&fact(3), &named);
        assert_eq!(
            (open.from, open.about.as_str()),
            ("Närstående eller företrädare", "Mat/måltid")
        );
        assert_eq!(open.received_on.to_string(), "2026-03-11", "the day in Sweden");
        let shut = line(&RegisterFact { protected: true, ..fact(3) }, &named);
        assert_eq!((shut.from, shut.handler.as_str()), ("Enskild", "Enhetschef"));
        assert_eq!(shut.about, "Omvårdnad/kvalitet/service");
    }

    #[test]
    fn senders_are_told_so_that_nobody_is_known_by_it() {
        let codes = CodeLists::shared();
        for source in codes.list("source").expect("a list") {
            let line = line(
                &RegisterFact { source: Some(source.code.clone()), ..fact(3) },
                &RegisterRules::default(),
            );
            assert!(!line.from.is_empty() && !line.from.contains("rukare"), "{}", source.code);
        }
        for user in [Some("BRU"), Some("ALL"), None] {
            assert_eq!(from(user), "Enskild");
        }
        for standing in Standing::ALL {
            assert_eq!(standing.code().parse(), Ok(standing));
        }
    }
}
