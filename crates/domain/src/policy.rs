//! Who may do what: one policy for every door into the service.
//!
//! A grant names a role, units (each with all below) and laws. Reading is by law as well as by unit:
//! health care and social services of one body are separate branches. What someone may not read does
//! not exist for them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::case::{Case, Kind, Track};
use crate::ids::{StaffId, UnitId};
use crate::law::Law;
use crate::organisation::{Grant, Role, UnitTree};

/// A unit scope or a law scope: everything, or a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope<T: Ord> {
    /// No limit.
    All,
    /// Only these.
    Only(BTreeSet<T>),
}

impl<T: Ord> Scope<T> {
    /// Whether `item` lies within.
    pub fn covers(&self, item: &T) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(items) => items.contains(item),
        }
    }
}

/// One valid grant of an actor, with its units spread over the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// As what.
    pub role: Role,
    /// Over which units, those below included.
    pub units: Scope<UnitId>,
    /// Over which laws.
    pub laws: Scope<Law>,
}

/// The person behind a request, with what they hold today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub staff: StaffId,
    /// The grants that are valid today.
    pub held: Vec<Held>,
}

impl Actor {
    /// The actor with the grants that hold on `today` (Swedish time).
    pub fn new(staff: StaffId, grants: &[Grant], units: &UnitTree, today: Date) -> Self {
        let held = grants
            .iter()
            .filter(|grant| grant.staff == staff && grant.valid_on(today))
            .map(|grant| Held {
                role: grant.role,
                units: if grant.units.is_empty() {
                    Scope::All
                } else {
                    let below = grant.units.iter().flat_map(|unit| units.with_descendants(*unit));
                    Scope::Only(below.collect())
                },
                laws: role_laws(grant.role, &grant.laws),
            })
            .collect();
        Self { staff, held }
    }

    /// Whether any grant has this role.
    pub fn is(&self, role: Role) -> bool {
        self.held.iter().any(|held| held.role == role)
    }
}

/// The laws a role sees, narrowed by what the grant names. MAS and MAR stand on the health care
/// laws (HSF 2017:80 4 kap. 6 §), SAS on the social services'.
fn role_laws(role: Role, named: &[Law]) -> Scope<Law> {
    let of_role: &[Law] = match role {
        Role::Mas | Role::Mar => &[Law::Hsl],
        Role::Sas => &[Law::Sol, Law::Lss],
        Role::Intake
        | Role::Team
        | Role::Deputy
        | Role::UnitManager
        | Role::AreaManager
        | Role::Director
        | Role::Registrator
        | Role::Decider
        | Role::Board
        | Role::Analyst
        | Role::Auditor
        | Role::Privacy
        | Role::Admin => &Law::ALL,
    };
    if named.is_empty() && of_role.len() == Law::ALL.len() {
        return Scope::All;
    }
    let held = of_role.iter().filter(|law| named.is_empty() || named.contains(law));
    Scope::Only(held.copied().collect())
}

/// Everything the policy rules over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// File a case of one's own.
    File,
    /// Say that a filing came in earlier than it was registered, or file for someone else.
    RegisterForAnother,
    /// Read a case.
    Read,
    /// Read who the case is about.
    ReadSubject,
    /// Change or hand in a draft.
    EditDraft,
    /// Assess.
    Triage,
    /// Take over or give the lead.
    Lead,
    /// Investigate, add and follow measures.
    Investigate,
    /// Give feedback.
    Feedback,
    /// Correct person, unit, day, law.
    Correct,
    /// Give to another unit.
    Transfer,
    /// Link to another case.
    Link,
    /// End a case on the simple track, or as duplicate, misfiled or withdrawn.
    CloseSimple,
    /// End a case on the standard track.
    CloseStandard,
    /// End a case on the deep track.
    CloseDeep,
    /// Take up again.
    Reopen,
    /// Make void.
    Void,
    /// Read the figures.
    ReadFigures,
    /// Read units and code lists.
    ReadSetup,
    /// Change units and the tenant's own codes.
    ManageSetup,
    /// Read and change staff and grants.
    ManageGrants,
}

impl Act {
    /// Every act.
    pub const ALL: [Act; 21] = [
        Act::File,
        Act::RegisterForAnother,
        Act::Read,
        Act::ReadSubject,
        Act::EditDraft,
        Act::Triage,
        Act::Lead,
        Act::Investigate,
        Act::Feedback,
        Act::Correct,
        Act::Transfer,
        Act::Link,
        Act::CloseSimple,
        Act::CloseStandard,
        Act::CloseDeep,
        Act::Reopen,
        Act::Void,
        Act::ReadFigures,
        Act::ReadSetup,
        Act::ManageSetup,
        Act::ManageGrants,
    ];
}

/// Whether a role may do an act at all, within its units and laws.
pub fn role_may(role: Role, act: Act) -> bool {
    use Role::*;
    match act {
        // Anyone with a token of the tenant; no grant is asked for.
        Act::File | Act::ReadSetup => true,
        // A draft is its author's alone, whatever roles others hold.
        Act::EditDraft => false,
        Act::RegisterForAnother => matches!(
            role,
            Intake | Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
        ),
        Act::Read => matches!(
            role,
            Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
        ),
        // Those who handle the case, not everyone who may look at it.
        Act::ReadSubject => {
            matches!(
                role,
                Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
            )
        }
        Act::Triage | Act::Investigate | Act::Feedback => {
            matches!(role, Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::Lead => matches!(role, AreaManager | UnitManager | Mas | Mar | Sas),
        Act::Correct | Act::Link | Act::Transfer => matches!(
            role,
            Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
        ),
        Act::CloseSimple => matches!(role, Deputy | UnitManager | AreaManager | Mas | Mar | Sas),
        Act::CloseStandard => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::CloseDeep => matches!(role, Mas | Mar | Sas),
        Act::Reopen => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::Void => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas | Registrator),
        Act::ReadFigures => matches!(
            role,
            Team | Deputy
                | UnitManager
                | AreaManager
                | Director
                | Mas
                | Mar
                | Sas
                | Board
                | Analyst
                | Registrator
        ),
        Act::ManageSetup | Act::ManageGrants => matches!(role, Admin),
    }
}

/// The kinds of case a role has to do with.
fn role_kinds(role: Role, kind: Kind) -> bool {
    match role {
        Role::Registrator => matches!(kind, Kind::Synpunkt | Kind::Klagomal),
        _ => true,
    }
}

/// What the policy needs to know of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The responsible unit.
    pub unit: UnitId,
    /// The unit that reported it: it may read.
    pub reporting_unit: UnitId,
    /// The laws it falls under; empty where nobody has said.
    pub laws: Vec<Law>,
    /// What it is.
    pub kind: Kind,
    /// Whose own it is: the reporter's; the author's, while it is nobody else's; and the registrar's,
    /// where the reporter has no token.
    pub owner: Option<StaffId>,
    /// The owner only registered it for somebody: a shared phone then owns nothing.
    pub registered_only: bool,
    /// A draft, or one that was discarded: its author's alone.
    pub private: bool,
}

impl From<&Case> for Target {
    fn from(case: &Case) -> Self {
        let private = case.private();
        Self {
            unit: case.unit,
            reporting_unit: case.reporting_unit,
            laws: case.laws(),
            kind: case.kind,
            owner: match case.reported_by {
                Some(reporter) if !private => Some(reporter),
                Some(_) | None => case.registered_by,
            },
            registered_only: !private && case.reported_by.is_none(),
            private,
        }
    }
}

/// The answer of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes, by this role.
    Role(Role),
    /// Yes, because it is one's own filing.
    Own,
    /// No, though one may know that it exists.
    Forbidden,
    /// No, and one must not learn whether it exists.
    Hidden,
}

impl Access {
    /// Whether the answer is yes.
    pub fn allowed(self) -> bool {
        matches!(self, Access::Role(_) | Access::Own)
    }
}

/// Whether `actor` may do `act` to a case.
pub fn allow(actor: &Actor, act: Act, target: &Target) -> Access {
    let shared = target.registered_only && actor.is(Role::Intake);
    let own = target.owner == Some(actor.staff) && !shared;
    if target.private {
        let of_author = matches!(act, Act::Read | Act::EditDraft | Act::ReadSubject | Act::Void);
        return match (own, of_author) {
            (true, true) => Access::Own,
            (true, false) => Access::Forbidden,
            (false, _) => Access::Hidden,
        };
    }
    let by = |act: Act, units: &[UnitId]| {
        actor.held.iter().find(|held| {
            role_may(held.role, act)
                && role_kinds(held.role, target.kind)
                && units.iter().any(|unit| held.units.covers(unit))
                && (target.laws.is_empty() || target.laws.iter().any(|law| held.laws.covers(law)))
        })
    };
    // The unit responsible acts; the unit that reported it may read.
    let responsible = [target.unit];
    if act == Act::Read {
        return match by(act, &[target.unit, target.reporting_unit]) {
            Some(held) => Access::Role(held.role),
            None if own => Access::Own,
            None => Access::Hidden,
        };
    }
    match by(act, &responsible) {
        Some(held) => Access::Role(held.role),
        None if allow(actor, Act::Read, target).allowed() => Access::Forbidden,
        None => Access::Hidden,
    }
}

/// Whether `actor` may do `act` to something of the tenant that is not a case.
pub fn allow_in_tenant(actor: &Actor, act: Act) -> Access {
    match act {
        Act::File | Act::ReadSetup => Access::Own,
        // What holds for the whole tenant is for whoever holds the whole tenant.
        Act::ManageSetup | Act::ManageGrants => {
            let whole = |held: &&Held| held.units == Scope::All && role_may(held.role, act);
            match actor.held.iter().find(whole) {
                Some(held) => Access::Role(held.role),
                None => Access::Forbidden,
            }
        }
        _ => match actor.held.iter().find(|held| role_may(held.role, act)) {
            Some(held) => Access::Role(held.role),
            None => Access::Forbidden,
        },
    }
}

/// The act of closing, by how grave the way is.
pub fn closing_act(track: Option<Track>, handled: bool) -> Act {
    match (handled, track) {
        (false, None | Some(Track::Simple | Track::Standard)) | (true, Some(Track::Simple)) => {
            Act::CloseSimple
        }
        (true, None | Some(Track::Standard)) => Act::CloseStandard,
        (_, Some(Track::Deep)) => Act::CloseDeep,
    }
}

/// One way in which an actor may read cases, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Cases at these units.
    pub units: Scope<UnitId>,
    /// Cases under these laws, or under none.
    pub laws: Scope<Law>,
    /// Cases of these kinds.
    pub kinds: Vec<Kind>,
}

/// The cases an actor may list: any of these, and their own filings. Says the same as [`allow`].
pub fn readings(actor: &Actor) -> Vec<Reading> {
    actor
        .held
        .iter()
        .filter(|held| role_may(held.role, Act::Read))
        .map(|held| Reading {
            units: held.units.clone(),
            laws: held.laws.clone(),
            kinds: Kind::ALL.into_iter().filter(|kind| role_kinds(held.role, *kind)).collect(),
        })
        .collect()
}

/// The units whose figures an actor may see, over every law: figures name nobody. `None` is no unit
/// at all.
pub fn figures(actor: &Actor) -> Option<Scope<UnitId>> {
    let mut units = BTreeSet::new();
    let mut any = false;
    for held in actor.held.iter().filter(|held| role_may(held.role, Act::ReadFigures)) {
        any = true;
        match &held.units {
            Scope::All => return Some(Scope::All),
            Scope::Only(only) => units.extend(only.iter().copied()),
        }
    }
    any.then_some(Scope::Only(units))
}
