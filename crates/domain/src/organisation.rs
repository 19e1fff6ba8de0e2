//! The tenant, its units, its staff, and what they have been given to do.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::area_group::{AreaGroup, AreaGroups};
use crate::ids::{GrantId, GroupGrantId, StaffId, TenantId, UnitId};
use crate::law::Law;

/// The body that answers for the care (huvudman, vårdgivare).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, first in every key.
    pub id: TenantId,
    /// Its name in public paths and in tokens: lower-case ASCII letters, digits and `-`.
    pub slug: String,
    /// Its name as people write it.
    pub name: String,
    /// Nobody gets in while this is set.
    pub suspended_at: Option<Timestamp>,
    /// Grows with every change of units, tenant codes or settings, so that copies kept in memory
    /// are known to be fresh.
    pub config_version: i64,
}

/// A place in the tenant's tree (enhet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The tenant's own code for it, unique within the tenant.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its area (verksamhetsområde), a code of the list `area`.
    pub area: Option<String>,
    /// The unit above it.
    pub parent: Option<UnitId>,
    /// The unit that took over when this one closed.
    pub successor: Option<UnitId>,
    /// First day of validity; `None` is since ever.
    pub valid_from: Option<Date>,
    /// Last day of validity; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// Takes the filings whose unit nobody knows. Exactly one a tenant.
    pub unknown: bool,
    /// Grows with every change.
    pub version: i64,
}

impl Unit {
    /// Whether the unit is open on `day`.
    pub fn open_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// All units of one tenant, with the questions one asks of a tree.
#[derive(Clone, Debug, Default)]
pub struct UnitTree {
    units: HashMap<UnitId, Unit>,
    by_code: HashMap<String, UnitId>,
    children: HashMap<UnitId, Vec<UnitId>>,
    unknown: Option<UnitId>,
    area_groups: AreaGroups,
    /// The place of the group of each unit that has one.
    grouped: HashMap<UnitId, usize>,
}

impl UnitTree {
    /// Builds the tree. A parent outside the set makes its child a root.
    pub fn new(units: impl IntoIterator<Item = Unit>) -> Self {
        let mut tree = Self::default();
        for unit in units {
            tree.by_code.insert(unit.code.clone(), unit.id);
            if let Some(parent) = unit.parent {
                tree.children.entry(parent).or_default().push(unit.id);
            }
            if unit.unknown {
                tree.unknown = Some(unit.id);
            }
            tree.units.insert(unit.id, unit);
        }
        tree.grouped(AreaGroups::default())
    }

    /// The same tree, where the tenant groups areas so.
    #[must_use]
    pub fn grouped(mut self, groups: AreaGroups) -> Self {
        let place = |id: &UnitId| Some((*id, groups.place(self.area_of(*id)?)?));
        self.grouped = self.units.keys().filter_map(place).collect();
        self.area_groups = groups;
        self
    }

    /// The tenant's groups of areas, in order.
    pub fn area_groups(&self) -> &[AreaGroup] {
        &self.area_groups.0
    }

    /// The place, among those, of the group that a unit's area is in.
    pub fn area_group_place(&self, id: UnitId) -> Option<usize> {
        self.grouped.get(&id).copied()
    }

    /// The group that a unit's area is in.
    pub fn area_group_of(&self, id: UnitId) -> Option<&AreaGroup> {
        self.area_groups.0.get(self.area_group_place(id)?)
    }

    /// The unit with this id.
    pub fn get(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// The unit a caller names by its id or by its own code.
    pub fn find(&self, id_or_code: &str) -> Option<&Unit> {
        let by_code = self.by_code.get(id_or_code);
        let id = by_code.copied().or_else(|| id_or_code.parse().ok())?;
        self.units.get(&id)
    }

    /// The unit that takes filings whose unit nobody knows.
    pub fn unknown(&self) -> Option<&Unit> {
        self.unknown.and_then(|id| self.units.get(&id))
    }

    /// Every unit, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// The area of a unit: its own, else that of the nearest unit above that has one.
    pub fn area_of(&self, id: UnitId) -> Option<&str> {
        self.with_ancestors(id).into_iter().find_map(|unit| self.get(unit)?.area.as_deref())
    }

    /// The unit itself and those above it, nearest first. Ends even where parents form a ring.
    pub fn with_ancestors(&self, id: UnitId) -> Vec<UnitId> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(unit) = next.and_then(|id| self.units.get(&id)) {
            if path.contains(&unit.id) {
                break;
            }
            path.push(unit.id);
            next = unit.parent;
        }
        path
    }

    /// The unit itself and all below it.
    pub fn with_descendants(&self, id: UnitId) -> BTreeSet<UnitId> {
        let mut found = BTreeSet::new();
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            if self.units.contains_key(&id) && found.insert(id) {
                stack.extend(self.children.get(&id).into_iter().flatten());
            }
        }
        found
    }

    /// Where a filing for `unit` about `day` goes: the unit itself when open, else its first open
    /// successor, else its first open unit above; `None` when there is none.
    pub fn open_instead(&self, unit: UnitId, day: Date) -> Option<&Unit> {
        let mut seen = BTreeSet::new();
        let mut next = self.units.get(&unit);
        while let Some(candidate) = next {
            if candidate.open_on(day) {
                return Some(candidate);
            }
            if !seen.insert(candidate.id) {
                return None;
            }
            next = candidate.successor.or(candidate.parent).and_then(|id| self.units.get(&id));
        }
        None
    }
}

/// A person who works for the tenant: (issuer, subject) of their token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Its id.
    pub id: StaffId,
    /// The issuer of the tokens the person comes with.
    pub issuer: String,
    /// The person's `sub` at that issuer.
    pub subject: String,
    /// Name, when the token or an import gave one.
    pub name: Option<String>,
    /// Profession, a code of the list `profession`.
    pub profession: Option<String>,
    /// E-mail address for notices.
    pub email: Option<String>,
    /// Set when the person has left: no token lets them in any more.
    pub deactivated_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// What someone may be at the tenant. The implicit role of reporter needs no grant and is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A shared phone or kiosk that files for whoever holds it.
    Intake,
    /// Nurse, occupational therapist or physiotherapist; often over many units.
    Team,
    /// Stands in for a unit manager.
    Deputy,
    /// Enhetschef.
    UnitManager,
    /// Verksamhetschef over several units.
    AreaManager,
    /// Förvaltningschef.
    Director,
    /// Registers synpunkter and klagomål.
    Registrator,
    /// Medicinskt ansvarig sjuksköterska (HSL).
    Mas,
    /// Medicinskt ansvarig för rehabilitering (HSL).
    Mar,
    /// Socialt ansvarig samordnare (SoL, LSS).
    Sas,
    /// Decides lex questions by the delegation register.
    Decider,
    /// Sees approved figures.
    Board,
    /// Sees figures.
    Analyst,
    /// Logggranskare: searches and checks the logs; sees no case text.
    Auditor,
    /// Dataskyddsombud; sees logs.
    Privacy,
    /// Sets up units, staff, grants and codes; sees no case text.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 16] = [
        Role::Intake,
        Role::Team,
        Role::Deputy,
        Role::UnitManager,
        Role::AreaManager,
        Role::Director,
        Role::Registrator,
        Role::Mas,
        Role::Mar,
        Role::Sas,
        Role::Decider,
        Role::Board,
        Role::Analyst,
        Role::Auditor,
        Role::Privacy,
        Role::Admin,
    ];

    /// The role's code in JSON, tables and commands.
    pub fn code(self) -> &'static str {
        match self {
            Role::Intake => "intake",
            Role::Team => "team",
            Role::Deputy => "deputy",
            Role::UnitManager => "unit_manager",
            Role::AreaManager => "area_manager",
            Role::Director => "director",
            Role::Registrator => "registrator",
            Role::Mas => "mas",
            Role::Mar => "mar",
            Role::Sas => "sas",
            Role::Decider => "decider",
            Role::Board => "board",
            Role::Analyst => "analyst",
            Role::Auditor => "auditor",
            Role::Privacy => "privacy",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Role::ALL.into_iter().find(|role| role.code() == code).ok_or(())
    }
}

/// A role given to a staff member over units, laws and time (behörighet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who has it.
    pub staff: StaffId,
    /// As what.
    pub role: Role,
    /// The units it covers, each with all below it; empty is the whole tenant.
    pub units: Vec<UnitId>,
    /// The laws it covers; empty is every law the role may see.
    pub laws: Vec<Law>,
    /// First day, in Swedish time.
    pub valid_from: Date,
    /// Last day, in Swedish time; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// Whom the holder stands in for.
    pub stands_in_for: Option<StaffId>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl Grant {
    /// Whether the grant holds on `day` (Swedish time).
    pub fn valid_on(&self, day: Date) -> bool {
        self.revoked_at.is_none()
            && self.valid_from <= day
            && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether the grant held at an instant, whatever became of it since. `day` is that of the instant, in
    /// Swedish time.
    pub fn held_at(&self, at: Timestamp, day: Date) -> bool {
        self.valid_from <= day
            && self.valid_to.is_none_or(|to| day <= to)
            && self.revoked_at.is_none_or(|revoked| at < revoked)
    }
}

/// What whoever is in a group at the identity provider is given, for as long as their tokens say that they are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupGrant {
    /// Its id.
    pub id: GroupGrantId,
    /// Who signs the tokens.
    pub issuer: String,
    /// The group, as the tokens name it.
    pub group: String,
    /// As what.
    pub role: Role,
    /// The units it covers, each with all below it; empty is the whole tenant.
    pub units: Vec<UnitId>,
    /// The laws it covers; empty is every law the role may see.
    pub laws: Vec<Law>,
    /// When it ended, and every grant that came by it.
    pub ended_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl GroupGrant {
    /// Whether somebody whose token of `issuer` names these groups is given it.
    pub fn reaches(&self, issuer: &str, groups: &[String]) -> bool {
        self.ended_at.is_none() && self.issuer == issuer && groups.contains(&self.group)
    }

    /// The grant that one person gets by it, from `day` on.
    pub fn grant(&self, id: GrantId, staff: StaffId, day: Date) -> Grant {
        Grant {
            id,
            staff,
            role: self.role,
            units: self.units.clone(),
            laws: self.laws.clone(),
            valid_from: day,
            valid_to: None,
            stands_in_for: None,
            revoked_at: None,
            version: 1,
        }
    }
}

/// How the subject of a machine begins; that of a person never does.
const MACHINE: &str = "machine:";

/// Whether a subject is a machine's: of a client of the identity provider that speaks for nobody but itself.
pub fn is_machine(subject: &str) -> bool {
    subject.starts_with(MACHINE)
}

impl Staff {
    /// Whether it is a machine.
    pub fn is_machine(&self) -> bool {
        is_machine(&self.subject)
    }
}

impl Role {
    /// Whether a machine may hold it: file for whoever it says, and see figures. What asks for judgement, or shows what
    /// somebody wrote, is for people.
    pub fn is_for_machines(self) -> bool {
        matches!(self, Role::Intake | Role::Analyst)
    }
}
