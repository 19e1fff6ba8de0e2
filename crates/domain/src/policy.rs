//! Who may do what: one policy for every door into the service.
//!
//! A grant names a role, units (each with all below) and laws. Reading is by law as well as by unit:
//! health care and social services of one body are separate branches. What someone may not read does
//! not exist for them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::case::watch::Watcher;
use crate::case::{Case, Kind, Track};
use crate::escalation;
use crate::escalation::{Delegation, Escalation};
use crate::forwarding;
use crate::forwarding::Forwarding;
use crate::ids::{StaffId, UnitId};
use crate::law::Law;
use crate::organisation::{Grant, Role, UnitTree};
use crate::settings::Settings;

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

impl Held {
    /// What a grant gives while it is valid.
    pub fn of(grant: &Grant, units: &UnitTree) -> Self {
        Self {
            role: grant.role,
            units: if grant.units.is_empty() {
                Scope::All
            } else {
                let below = grant.units.iter().flat_map(|unit| units.with_descendants(*unit));
                Scope::Only(below.collect())
            },
            laws: role_laws(grant.role, &grant.laws),
        }
    }

    /// Whether the grant reaches cases of a kind under these laws at a unit.
    pub fn reaches(&self, unit: UnitId, laws: &[Law], kind: Kind) -> bool {
        role_kinds(self.role, kind)
            && self.units.covers(&unit)
            && (laws.is_empty() || laws.iter().any(|law| self.laws.covers(law)))
    }

    /// Whether the grant reaches a case that stands at one of `units`.
    fn covers(&self, target: &Target, units: &[UnitId]) -> bool {
        units.iter().any(|unit| self.reaches(*unit, &target.laws, target.kind))
    }
}

/// The person behind a request, with what they hold today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub staff: StaffId,
    /// The grants that are valid today.
    pub held: Vec<Held>,
    /// What the tenant lets some roles do beside what all tenants do.
    pub rules: RoleRules,
    /// Whether it is a machine, which files only where it is given that.
    pub machine: bool,
}

/// The tenant's choices in the table of roles (see [`role_may`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleRules {
    /// The team gives the unit's part of triage, too.
    pub team_assesses: bool,
    /// The team closes on the simple track.
    pub team_closes_simple: bool,
    /// A deputy closes on the standard track.
    pub deputy_closes_standard: bool,
    /// A deputy lets leave what goes to another caregiver, and answers what came from one.
    pub deputy_sends_forwardings: bool,
    /// A deputy answers opinions.
    pub deputy_answers: bool,
}

impl Actor {
    /// The actor with the grants that hold on `today` (Swedish time).
    pub fn new(staff: StaffId, grants: &[Grant], units: &UnitTree, today: Date) -> Self {
        let held = grants
            .iter()
            .filter(|grant| grant.staff == staff && grant.valid_on(today))
            .map(|grant| Held::of(grant, units))
            .collect();
        Self { staff, held, rules: Settings::default().role_rules(), machine: false }
    }

    /// The actor where the tenant has chosen so.
    #[must_use]
    pub fn under(self, rules: RoleRules) -> Self {
        Self { rules, ..self }
    }

    /// The actor as a machine: of what it was given, what a machine may hold.
    #[must_use]
    pub fn as_machine(mut self) -> Self {
        self.held.retain(|held| held.role.is_for_machines());
        Self { machine: true, ..self }
    }

    /// Whether this tenant lets a role do an act.
    fn role_may(&self, role: Role, act: Act) -> bool {
        match (role, act) {
            (Role::Team, Act::TriageUnit) => self.rules.team_assesses,
            (Role::Team, Act::CloseSimple) => self.rules.team_closes_simple,
            (Role::Deputy, Act::CloseStandard) => self.rules.deputy_closes_standard,
            (Role::Deputy, Act::SendForwarding | Act::AnswerForwarding) => {
                self.rules.deputy_sends_forwardings
            }
            (Role::Deputy, Act::AnswerOpinion) => self.rules.deputy_answers,
            _ => role_may(role, act),
        }
    }

    /// Whether the actor holds one of `roles` over the case.
    pub fn holds(&self, roles: &[Role], target: &Target) -> bool {
        self.held
            .iter()
            .any(|held| roles.contains(&held.role) && held.covers(target, &[target.unit]))
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
    /// Assess, in any part.
    Triage,
    /// Give the health part of an assessment under HSL: injury, vårdskada, death.
    TriageHealth,
    /// Give the unit's part of an assessment: everything else.
    TriageUnit,
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
    /// Add a file, and take away one's own.
    Attach,
    /// Ask someone to read, contribute or act.
    Watch,
    /// Say something about it, or answer what one was asked.
    Comment,
    /// Add to what one reported.
    Supplement,
    /// Keep it from someone it concerns.
    KeepFrom,
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
    /// File again as another kind.
    Refile,
    /// Look at the sample of simple closings.
    Sample,
    /// Read what was learnt, once it is approved.
    ReadLearning,
    /// Write a learning card, and note that one's unit discussed one.
    WriteLearning,
    /// Read the drafts of others, approve them, and withdraw.
    ApproveLearning,
    /// Hand units over to someone else.
    HandOver,
    /// Read the figures.
    ReadFigures,
    /// Read units and code lists.
    ReadSetup,
    /// Change units and the tenant's own codes.
    ManageSetup,
    /// Read and change staff and grants.
    ManageGrants,
    /// See that an escalation is there and where it stands.
    ReadEscalation,
    /// Raise a flag by hand, or put down a lex Sarah report.
    RaiseFlag,
    /// Screen flags: take them up or out.
    Screen,
    /// Handle an escalation: receive, investigate, propose, follow IVO, end.
    HandleEscalation,
    /// Put down what protects a person at once.
    ProtectPerson,
    /// Decide an escalation: by the register of delegations, never by role.
    DecideLex,
    /// Raise a riskperson.
    RaiseRiskperson,
    /// Read the month's figures for the board.
    ReadBoard,
    /// Read what is sent to, and received from, other caregivers.
    ReadForwarding,
    /// Write what is sent to another caregiver.
    DraftForwarding,
    /// Decide what may leave for another caregiver, let it leave, follow it up and end it.
    SendForwarding,
    /// Take in what another caregiver sends, and say that it has arrived.
    ReceiveForwarding,
    /// Give what came to a unit, look into it, answer it, pass it on.
    AnswerForwarding,
    /// Change the register of other caregivers.
    ManageCounterparties,
    /// Register an address of a counterparty that links go to.
    RegisterContacts,
    /// Register an opinion, acknowledge it, give it to somebody, try to reach its sender.
    RegisterOpinion,
    /// Answer an opinion, hand it over, pass it on.
    AnswerOpinion,
    /// End an opinion as not seriously meant.
    DismissOpinion,
    /// Give a case its number in the municipality's register.
    GiveNumber,
    /// Read the register of opinions, as the public may.
    ReadRegister,
    /// Take a whole matter out, for the municipality's diary.
    ReadRecord,
    /// Write what may be published of an opinion and its answer.
    WritePublication,
    /// Publish that, and take it back.
    Publish,
    /// Write in the report of a year: texts, goals, and asking units for a paragraph.
    WriteReport,
    /// Freeze the report of a year, and open it again.
    LockReport,
    /// Say that what was frozen is checked.
    CheckReport,
    /// Note that the vårdgivare has established the report.
    EstablishReport,
    /// Note what the nämnd has done with a report, ours or a provider's.
    NoteBoard,
    /// Write the paragraph that one's unit was asked for.
    GiveParagraph,
    /// Read the report of the whole tenant, once it is established.
    ReadReport,
    /// Enter figures that are counted elsewhere.
    WriteOwnFigures,
    /// Say with which other tenant reports are shared.
    ManagePartners,
    /// Share a report with the nämnd that buys the care.
    ShareReport,
    /// Read the reports that providers have shared.
    ReadShared,
    /// Give how much care there was: what reports are set against.
    ManageExposures,
    /// Keep figures back from the public version of a report.
    MarkReport,
    /// Read the half-yearly reviews of units.
    ReadReview,
    /// Write the analysis of one, decide improvements, and say how far they have come.
    WriteReview,
    /// Sign one, and take up again what is signed.
    SignReview,
    /// Read where the chain over audit and access entries ends, to keep it elsewhere.
    ReadChain,
    /// Set the information plan, list what goes by it, and order that it does.
    ManageRetention,
    /// Place and lift legal holds.
    PlaceHold,
    /// Give a matter out as a public record, masked, or refuse it.
    Disclose,
    /// Take out everything that is held about a person, for that person.
    ExportPerson,
    /// Search the access log, for a purpose that is stated.
    ReadAccessLog,
    /// Draw readings from the access log, judge them, and say what came of it.
    CheckAccessLog,
    /// Give a person the extract of who has read what is about them.
    GiveLogExtract,
    /// State a ground on which one reads what lies with the other branch, or another unit.
    StateGround,
}

impl Act {
    /// Every act.
    pub const ALL: [Act; 82] = [
        Act::File,
        Act::RegisterForAnother,
        Act::Read,
        Act::ReadSubject,
        Act::EditDraft,
        Act::Triage,
        Act::TriageHealth,
        Act::TriageUnit,
        Act::Lead,
        Act::Investigate,
        Act::Feedback,
        Act::Correct,
        Act::Transfer,
        Act::Link,
        Act::Attach,
        Act::Watch,
        Act::Comment,
        Act::Supplement,
        Act::KeepFrom,
        Act::CloseSimple,
        Act::CloseStandard,
        Act::CloseDeep,
        Act::Reopen,
        Act::Void,
        Act::Refile,
        Act::Sample,
        Act::ReadLearning,
        Act::WriteLearning,
        Act::ApproveLearning,
        Act::HandOver,
        Act::ReadFigures,
        Act::ReadSetup,
        Act::ManageSetup,
        Act::ManageGrants,
        Act::ReadEscalation,
        Act::RaiseFlag,
        Act::Screen,
        Act::HandleEscalation,
        Act::ProtectPerson,
        Act::DecideLex,
        Act::RaiseRiskperson,
        Act::ReadBoard,
        Act::ReadForwarding,
        Act::DraftForwarding,
        Act::SendForwarding,
        Act::ReceiveForwarding,
        Act::AnswerForwarding,
        Act::ManageCounterparties,
        Act::RegisterContacts,
        Act::RegisterOpinion,
        Act::AnswerOpinion,
        Act::DismissOpinion,
        Act::GiveNumber,
        Act::ReadRegister,
        Act::ReadRecord,
        Act::WritePublication,
        Act::Publish,
        Act::WriteReport,
        Act::LockReport,
        Act::CheckReport,
        Act::EstablishReport,
        Act::NoteBoard,
        Act::GiveParagraph,
        Act::ReadReport,
        Act::WriteOwnFigures,
        Act::ManagePartners,
        Act::ShareReport,
        Act::ReadShared,
        Act::ManageExposures,
        Act::MarkReport,
        Act::ReadReview,
        Act::WriteReview,
        Act::SignReview,
        Act::ReadChain,
        Act::ManageRetention,
        Act::PlaceHold,
        Act::Disclose,
        Act::ExportPerson,
        Act::ReadAccessLog,
        Act::CheckAccessLog,
        Act::GiveLogExtract,
        Act::StateGround,
    ];
}

/// Whether a role may do an act at all, within its units and laws. Where tenants choose, it says what
/// holds by default ([`RoleRules`]).
pub fn role_may(role: Role, act: Act) -> bool {
    use Role::*;
    match act {
        // Anyone with a token of the tenant; no grant is asked for.
        Act::File | Act::ReadSetup | Act::ReadLearning => true,
        // A draft is its author's alone, whatever roles others hold; so are the reporter's words.
        Act::EditDraft | Act::Supplement => false,
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
        // By whoever has the training for it, whatever else they are.
        Act::TriageHealth => matches!(role, Team | Mas | Mar),
        Act::TriageUnit => {
            matches!(role, Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::Lead => matches!(role, AreaManager | UnitManager | Mas | Mar | Sas),
        Act::KeepFrom => matches!(role, Deputy | UnitManager | AreaManager | Mas | Mar | Sas),
        Act::Correct | Act::Link | Act::Transfer | Act::Attach | Act::Watch | Act::Comment => {
            matches!(
                role,
                Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
            )
        }
        Act::CloseSimple => matches!(role, Deputy | UnitManager | AreaManager | Mas | Mar | Sas),
        Act::CloseStandard => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::CloseDeep => matches!(role, Mas | Mar | Sas),
        Act::Reopen => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::Void | Act::Refile => {
            matches!(role, UnitManager | AreaManager | Mas | Mar | Sas | Registrator)
        }
        Act::WriteLearning => {
            matches!(role, Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::ApproveLearning => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::Sample => matches!(role, Mas | Mar | Sas),
        // A deputy hands back what was stood in for.
        Act::HandOver => matches!(role, Deputy | UnitManager | AreaManager),
        // The nämnd reads what is established, or was submitted to it, and the list for its agenda.
        Act::ReadFigures => matches!(
            role,
            Team | Deputy
                | UnitManager
                | AreaManager
                | Director
                | Mas
                | Mar
                | Sas
                | Analyst
                | Registrator
        ),
        Act::ManageSetup | Act::ManageGrants => matches!(role, Admin),
        Act::ReadEscalation | Act::RaiseFlag => {
            matches!(role, Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::Screen | Act::HandleEscalation => matches!(role, Mas | Mar | Sas),
        Act::ProtectPerson => {
            matches!(role, Deputy | UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::DecideLex => false,
        Act::RaiseRiskperson => matches!(role, UnitManager | AreaManager | Director | Mas | Mar),
        Act::ReadBoard => matches!(role, Board | Director | Mas | Mar | Sas),
        Act::ReadForwarding | Act::ReceiveForwarding => matches!(
            role,
            Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
        ),
        Act::DraftForwarding => {
            matches!(role, Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::SendForwarding | Act::AnswerForwarding => {
            matches!(role, UnitManager | AreaManager | Mas | Mar | Sas)
        }
        Act::ManageCounterparties => matches!(role, Mas | Mar | Sas | Admin),
        // Whoever sets the code word registers no address, or could answer in the other's name.
        Act::RegisterContacts => matches!(role, Admin),
        Act::RegisterOpinion => matches!(
            role,
            Team | Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator
        ),
        // The team writes the draft.
        Act::AnswerOpinion => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::DismissOpinion => matches!(role, AreaManager),
        Act::GiveNumber | Act::ReadRecord | Act::WritePublication => {
            matches!(role, Deputy | UnitManager | AreaManager | Mas | Mar | Sas | Registrator)
        }
        // It holds what anybody may ask for.
        Act::ReadRegister => matches!(
            role,
            Deputy
                | UnitManager
                | AreaManager
                | Director
                | Mas
                | Mar
                | Sas
                | Registrator
                | Board
                | Analyst
                | Auditor
                | Privacy
        ),
        Act::Publish => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
        Act::WriteReport | Act::LockReport => matches!(role, Director | Mas | Mar | Sas),
        Act::CheckReport => matches!(role, Mas | Mar | Sas),
        // For the vårdgivare; a delegate does it by the register, whatever role they have.
        Act::EstablishReport => matches!(role, Director),
        Act::NoteBoard => matches!(role, Director | Mas | Mar | Sas | Registrator),
        Act::GiveParagraph => {
            matches!(role, Deputy | UnitManager | AreaManager | Director | Mas | Mar | Sas)
        }
        Act::ReadReport | Act::ReadShared => {
            matches!(role, Board | Director | Mas | Mar | Sas | Analyst)
        }
        Act::WriteOwnFigures => {
            matches!(role, Deputy | UnitManager | AreaManager | Director | Mas | Mar | Sas)
        }
        Act::ManagePartners => matches!(role, Director | Admin),
        Act::ShareReport => matches!(role, Director | Mas | Mar | Sas),
        Act::ManageExposures => {
            matches!(role, UnitManager | AreaManager | Mas | Mar | Sas | Admin)
        }
        Act::MarkReport => matches!(role, Mas | Mar | Sas),
        Act::ReadReview => {
            matches!(role, Team | Deputy | UnitManager | AreaManager | Director | Mas | Mar | Sas)
        }
        // It is the team's own; those who answer for the law read it and see which are missing.
        Act::WriteReview => matches!(role, Team | Deputy | UnitManager | AreaManager),
        Act::SignReview => matches!(role, Deputy | UnitManager | AreaManager),
        Act::ReadChain => matches!(role, Auditor | Privacy | Admin),
        // The list has numbers and kinds, and no text.
        Act::ManageRetention => matches!(role, Registrator | Admin),
        Act::PlaceHold => matches!(role, Registrator | Privacy | Admin),
        Act::Disclose => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas | Registrator),
        // Over units and laws alike: it is the person's own right (GDPR art. 15), whoever handled the matters.
        Act::ExportPerson => matches!(role, Privacy),
        // No text is shown there, and what was looked for is logged.
        Act::ReadAccessLog => matches!(role, Mas | Mar | Sas | Auditor | Privacy | Admin),
        // Whoever gives the grants does not check how they are used.
        Act::CheckAccessLog => matches!(role, Mas | Mar | Sas | Auditor),
        Act::GiveLogExtract => matches!(role, Mas | Mar | Sas | Auditor | Privacy),
        // Those who lead; whoever else is needed is asked by name (a watch).
        Act::StateGround => matches!(role, UnitManager | AreaManager | Mas | Mar | Sas),
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
    /// Other units concerned: they may read.
    pub also_units: Vec<UnitId>,
    /// Who was asked by name to read, contribute or act.
    pub asked: BTreeSet<StaffId>,
    /// Whom it is kept from, whatever they hold.
    pub kept_from: BTreeSet<StaffId>,
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
            also_units: case.also_units.clone(),
            asked: case
                .watches
                .iter()
                .filter_map(|watch| match watch.to {
                    Watcher::Staff(staff) if watch.lets_read(staff) => Some(staff),
                    Watcher::Staff(_) | Watcher::Profession(_) => None,
                })
                .collect(),
            kept_from: case.conflicts.iter().map(|conflict| conflict.staff).collect(),
        }
    }
}

impl Target {
    /// What the policy needs to know of an escalation: it is at one unit, under one law, and kept from
    /// whom its case is kept from. Nobody reported it by having filed the case.
    pub fn of_escalation(escalation: &Escalation, case: Option<&Case>) -> Self {
        Self {
            unit: escalation.unit,
            reporting_unit: escalation.unit,
            laws: vec![escalation.law],
            kind: Kind::Avvikelse,
            owner: None,
            registered_only: false,
            private: false,
            also_units: Vec::new(),
            asked: BTreeSet::new(),
            kept_from: case
                .iter()
                .flat_map(|case| case.conflicts.iter().map(|conflict| conflict.staff))
                .collect(),
        }
    }
}

/// The answer of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes, by this role.
    Role(Role),
    /// Yes, because one was asked by name.
    Asked,
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
        matches!(self, Access::Role(_) | Access::Asked | Access::Own)
    }
}

/// Whether a case is one's own filing. What a shared phone registered for somebody is nobody's.
pub fn owns(actor: &Actor, target: &Target) -> bool {
    let shared = target.registered_only && actor.is(Role::Intake);
    target.owner == Some(actor.staff) && !shared
}

/// Whether a case was registered on this shared phone, for somebody without a token.
pub fn registered_here(actor: &Actor, target: &Target) -> bool {
    target.registered_only && actor.is(Role::Intake) && target.owner == Some(actor.staff)
}

/// Whether `actor` may do `act` to a case.
pub fn allow(actor: &Actor, act: Act, target: &Target) -> Access {
    let own = owns(actor, target);
    if target.private {
        let of_author =
            matches!(act, Act::Read | Act::EditDraft | Act::ReadSubject | Act::Attach | Act::Void);
        return match (own, of_author) {
            (true, true) => Access::Own,
            (true, false) => Access::Forbidden,
            (false, _) => Access::Hidden,
        };
    }
    // Whoever filed it still sees what they filed; what they hold counts for nothing here.
    let kept = target.kept_from.contains(&actor.staff);
    let by = |act: Act, units: &[UnitId]| {
        let may = |held: &&Held| actor.role_may(held.role, act) && held.covers(target, units);
        actor.held.iter().find(may).filter(|_| !kept)
    };
    let asked = target.asked.contains(&actor.staff) && !kept;
    // The unit responsible acts; the unit that reported it, and others concerned, may read.
    let concerned = || {
        let mut units = vec![target.unit, target.reporting_unit];
        units.extend(&target.also_units);
        units
    };
    match act {
        Act::Read => match by(act, &concerned()) {
            Some(held) => Access::Role(held.role),
            None if asked => Access::Asked,
            None if own => Access::Own,
            None => Access::Hidden,
        },
        // Whoever may read more than one's own filing may say something to it.
        Act::Comment => match allow(actor, Act::Read, target) {
            Access::Own => Access::Forbidden,
            access => access,
        },
        // Only who reported it adds to what was reported.
        Act::Supplement => match allow(actor, Act::Read, target) {
            access if access.allowed() && own => Access::Own,
            access if access.allowed() => Access::Forbidden,
            access => access,
        },
        _ => match by(act, &[target.unit]) {
            Some(held) => Access::Role(held.role),
            // Whoever reported it may still have a picture of it; how long, the case knows.
            None if own && act == Act::Attach => Access::Own,
            // So may who stands at the shared phone, without seeing anything of the case.
            None if act == Act::Attach && registered_here(actor, target) => Access::Own,
            None if allow(actor, Act::Read, target).allowed() => Access::Forbidden,
            None => Access::Hidden,
        },
    }
}

/// Whether `actor` may do `act` to something of the tenant that is not a case.
pub fn allow_in_tenant(actor: &Actor, act: Act) -> Access {
    match act {
        Act::File if actor.machine && !actor.is(Role::Intake) => Access::Forbidden,
        Act::File | Act::ReadSetup | Act::ReadLearning => Access::Own,
        // What holds for the whole tenant is for whoever holds the whole tenant.
        Act::ManageSetup
        | Act::ManageGrants
        | Act::WriteReport
        | Act::LockReport
        | Act::CheckReport
        | Act::EstablishReport
        | Act::MarkReport
        | Act::ShareReport
        | Act::NoteBoard
        | Act::ReadBoard
        | Act::ReadShared
        | Act::ManageRetention
        | Act::PlaceHold
        | Act::ExportPerson => {
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

/// An open lex Maria or lex Sarah beside a case, as the policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLex {
    /// Where it happened.
    pub unit: UnitId,
    /// The law it is judged by.
    pub law: Law,
}

impl OpenLex {
    /// Those that are open among what stands beside a case.
    pub fn among<'a>(beside: impl IntoIterator<Item = &'a Escalation>) -> Vec<Self> {
        let open = beside
            .into_iter()
            .filter(|it| it.open() && it.kind != escalation::Kind::Riskperson)
            .map(|it| Self { unit: it.unit, law: it.law });
        open.collect()
    }
}

/// Whether some of what an actor holds handles lex Maria or lex Sarah at all.
pub fn handles_lex(actor: &Actor) -> bool {
    actor.held.iter().any(|held| role_may(held.role, Act::HandleEscalation))
}

/// As [`allow`], for a case with what stands `open` beside it: whoever handles that reads the case it
/// rests on, and who it is about, whatever laws the case was put under. They do nothing else to it.
pub fn allow_beside(actor: &Actor, act: Act, target: &Target, open: &[OpenLex]) -> Access {
    let access = allow(actor, act, target);
    let better = match access {
        Access::Role(_) | Access::Asked => return access,
        Access::Own => matches!(act, Act::Read | Act::ReadSubject),
        Access::Forbidden => act == Act::ReadSubject,
        Access::Hidden => true,
    };
    if !better || target.private || target.kept_from.contains(&actor.staff) {
        return access;
    }
    let handles = |held: &&Held| {
        role_may(held.role, Act::HandleEscalation)
            && open.iter().any(|it| held.units.covers(&it.unit) && held.laws.covers(&it.law))
    };
    match (actor.held.iter().find(handles), act) {
        (Some(held), Act::Read | Act::ReadSubject) => Access::Role(held.role),
        (Some(_), _) => Access::Forbidden,
        (None, _) => access,
    }
}

/// In which role `actor` may read a case that is hidden from them, once they have stated a ground for it:
/// health care and social services are separate branches with secrecy between them, and so may units be.
/// `None` is never. From whom it is kept, no ground opens it.
pub fn across(actor: &Actor, target: &Target) -> Option<Role> {
    if target.private || target.kept_from.contains(&actor.staff) {
        return None;
    }
    let may = |held: &&Held| role_may(held.role, Act::StateGround);
    actor.held.iter().find(may).map(|held| held.role)
}

/// In which role `actor` may state a ground for all cases of a unit under the other branch's law: only where
/// the unit is theirs.
pub fn across_unit(actor: &Actor, unit: UnitId) -> Option<Role> {
    let may = |held: &&Held| role_may(held.role, Act::StateGround) && held.units.covers(&unit);
    actor.held.iter().find(may).map(|held| held.role)
}

/// What of the tenant's cases an actor may do `act` to the log of: any of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogScope {
    /// Of cases at these units.
    pub units: Scope<UnitId>,
    /// Of cases under these laws, or under none.
    pub laws: Scope<Law>,
}

impl LogScope {
    /// Whether it has no limits: what names no case is of it, too.
    pub fn is_whole(&self) -> bool {
        self.units == Scope::All && self.laws == Scope::All
    }
}

/// What an actor may do `act`, one of the acts on the access log, to. Empty is nothing.
pub fn log_scopes(actor: &Actor, act: Act) -> Vec<LogScope> {
    let may = |held: &&Held| role_may(held.role, act);
    let scope = |held: &Held| LogScope { units: held.units.clone(), laws: held.laws.clone() };
    actor.held.iter().filter(may).map(scope).collect()
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
    /// Also the case that an open lex Maria or lex Sarah at these units and under these laws rests on,
    /// whatever it is itself.
    pub lex: bool,
}

/// The cases an actor may list: any of these, and their own filings. Says the same as [`allow_beside`].
pub fn readings(actor: &Actor) -> Vec<Reading> {
    readings_for(actor, Act::Read)
}

/// The cases an actor may list to do `act` to them: any of these.
pub fn readings_for(actor: &Actor, act: Act) -> Vec<Reading> {
    actor
        .held
        .iter()
        .filter(|held| actor.role_may(held.role, act))
        .map(|held| Reading {
            units: held.units.clone(),
            laws: held.laws.clone(),
            kinds: Kind::ALL.into_iter().filter(|kind| role_kinds(held.role, *kind)).collect(),
            lex: act == Act::Read && role_may(held.role, Act::HandleEscalation),
        })
        .collect()
}

/// The units whose figures an actor may see, over every law: figures name nobody. `None` is no unit
/// at all.
pub fn figures(actor: &Actor) -> Option<Scope<UnitId>> {
    units_for(actor, Act::ReadFigures)
}

/// The units at which an actor may do an act that is about no case, over every law. `None` is no unit at all.
pub fn units_for(actor: &Actor, act: Act) -> Option<Scope<UnitId>> {
    let mut units = BTreeSet::new();
    let mut any = false;
    for held in actor.held.iter().filter(|held| role_may(held.role, act)) {
        any = true;
        match &held.units {
            Scope::All => return Some(Scope::All),
            Scope::Only(only) => units.extend(only.iter().copied()),
        }
    }
    any.then_some(Scope::Only(units))
}

/// Whether an actor may read the whole tenant's report: what is established, whoever answers for all of the
/// tenant or sees the figures of every unit; what is not yet, only those of them who write it. Whoever answers
/// for some units reads the reports of those.
pub fn reads_report(actor: &Actor, established: bool) -> bool {
    let whole = |held: &&Held| held.units == Scope::All;
    let holds = |act: Act| actor.held.iter().filter(whole).any(|held| role_may(held.role, act));
    holds(Act::WriteReport)
        || (established && (holds(Act::ReadReport) || figures(actor) == Some(Scope::All)))
}

/// Whether an actor may do `act` about a unit of which no case is asked, or about the whole tenant where
/// there is none: that is for whoever writes the report, and for all of the tenant.
pub fn allow_at(actor: &Actor, act: Act, unit: Option<UnitId>) -> bool {
    let may = |held: &&Held| role_may(held.role, act);
    let writes = |held: &Held| held.units == Scope::All && role_may(held.role, Act::WriteReport);
    let covers = |held: &Held| unit.is_some_and(|unit| held.units.covers(&unit));
    actor.held.iter().filter(may).any(|held| writes(held) || covers(held))
}

/// Whether `actor` may do `act` to a review of some units, of any of which it is enough to hold one: what
/// is reviewed together is worked on together. `owner` is whether they see to any of what it decided, who
/// may read it and say how far that has come. `act` is one of the acts on reviews.
pub fn allow_review(actor: &Actor, act: Act, units: &[UnitId], owner: bool) -> Access {
    let by = |act: Act| {
        let over = |held: &&Held| {
            actor.role_may(held.role, act) && units.iter().any(|unit| held.units.covers(unit))
        };
        actor.held.iter().find(over).map(|held| Access::Role(held.role))
    };
    match (by(Act::ReadReview), act) {
        (Some(read), Act::ReadReview) => read,
        (Some(_), _) => by(act).unwrap_or(Access::Forbidden),
        (None, Act::ReadReview) if owner => Access::Asked,
        (None, _) if owner => Access::Forbidden,
        (None, _) => Access::Hidden,
    }
}

/// How much of an escalation somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// That it is there, and where it stands.
    State,
    /// Also what was reported and what protects the person: whom it criticises sees no more.
    Facts,
    /// All of it.
    Whole,
}

/// The roles that see all of an escalation they may read.
const SEE_WHOLE: [Role; 6] =
    [Role::Deputy, Role::UnitManager, Role::AreaManager, Role::Mas, Role::Mar, Role::Sas];

/// How much of an escalation `actor` sees, and why; `None` is nothing, not even that it exists.
/// `delegations` are the actor's lines of the register. A riskperson is for those it was opened to. Whoever
/// reads the case by a role sees that it is there, under whatever law.
pub fn sight(
    actor: &Actor,
    escalation: &Escalation,
    case: Option<&Case>,
    delegations: &[Delegation],
    today: Date,
) -> Option<(Sight, Access)> {
    let me = actor.staff;
    if escalation.kind == escalation::Kind::Riskperson {
        return escalation.readers.contains(&me).then_some((Sight::Whole, Access::Asked));
    }
    let target = Target::of_escalation(escalation, case);
    if target.kept_from.contains(&me) {
        return None;
    }
    let access = allow(actor, Act::ReadEscalation, &target);
    let criticised = escalation.matter.criticised.contains(&me);
    let investigates =
        escalation.matter.inquiry.as_ref().is_some_and(|it| it.investigator == Some(me));
    let decides = decides(escalation.kind, delegations, today);
    let role = access.allowed().then_some(access);
    match role {
        Some(access) if criticised => Some((Sight::Facts, access)),
        None if criticised => None,
        Some(access) if actor.holds(&SEE_WHOLE, &target) => Some((Sight::Whole, access)),
        Some(access) if investigates || decides => Some((Sight::Whole, access)),
        None if investigates || decides => Some((Sight::Whole, Access::Asked)),
        Some(access) => Some((Sight::State, access)),
        None => {
            let read = |case| allow(actor, Act::Read, &Target::from(case));
            let role = case.map(read).filter(|access| matches!(access, Access::Role(_)));
            role.map(|access| (Sight::State, access))
        }
    }
}

/// Whether somebody holds a line of the register today by which they decide, or notify, what is of a
/// kind.
pub fn decides(kind: escalation::Kind, delegations: &[Delegation], today: Date) -> bool {
    let of_kind = [kind.into(), escalation::Delegated::Notify];
    delegations.iter().any(|line| of_kind.contains(&line.matter) && line.valid_on(today))
}

/// Whether `actor`, who sees an escalation as `seen`, may carry out `command` on it. What the register
/// gives is asked where it is decided.
pub fn may_command(
    actor: &Actor,
    command: escalation::Command,
    escalation: &Escalation,
    case: Option<&Case>,
    delegations: &[Delegation],
    today: Date,
) -> bool {
    use escalation::Command as C;
    let me = actor.staff;
    if escalation.kind == escalation::Kind::Riskperson {
        let holder = escalation.matter.flag.as_ref().and_then(|flag| flag.by);
        let holds = holder.is_none_or(|it| it == me || !escalation.readers.contains(&it));
        return command != C::ChooseReaders || holds;
    }
    let target = Target::of_escalation(escalation, case);
    let role = |act: Act| allow(actor, act, &target).allowed();
    let investigates =
        escalation.matter.inquiry.as_ref().is_some_and(|it| it.investigator == Some(me));
    let decides = || decides(escalation.kind, delegations, today);
    match command {
        C::ScreenOut | C::TakeUp => role(Act::Screen),
        C::Receive => role(Act::HandleEscalation),
        C::ActAtOnce => role(Act::ProtectPerson) || investigates,
        C::Investigate | C::Propose => role(Act::HandleEscalation) || investigates,
        // The register answers, and says what is missing.
        C::Decide | C::Assess | C::NotTakeUp | C::Notify | C::Withdraw => true,
        C::SubmitInquiry
        | C::IvoReceive
        | C::RequestSupplement
        | C::AnswerSupplement
        | C::IvoDecide
        | C::FollowUp
        | C::Reassess
        | C::Close => role(Act::HandleEscalation) || decides(),
        C::Flag | C::Report | C::ChooseReaders => false,
    }
}

/// One way in which an actor may do something to what came from other caregivers, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedReading {
    /// What concerns these units.
    pub units: Scope<UnitId>,
    /// What is judged by these laws.
    pub laws: Scope<Law>,
    /// Also what nobody has said a unit of.
    pub unplaced: bool,
}

/// What came from other caregivers that an actor may do `act` to: any of these.
pub fn received_for(actor: &Actor, act: Act) -> Vec<ReceivedReading> {
    let may = |held: &&Held| actor.role_may(held.role, act);
    let reading = |held: &Held| ReceivedReading {
        units: held.units.clone(),
        laws: held.laws.clone(),
        unplaced: sees_unplaced(held),
    };
    actor.held.iter().filter(may).map(reading).collect()
}

/// Whether a grant reaches what came for nobody knows which unit: it does where it is for the whole
/// tenant, or of somebody through whom such things come in.
fn sees_unplaced(held: &Held) -> bool {
    held.units == Scope::All
        || matches!(held.role, Role::Mas | Role::Mar | Role::Sas | Role::Registrator)
}

/// Whether `actor` may do `act` to a forwarding. What we send is as its case is; what we received is for
/// whoever handles such things at its unit, and is as its case is too since it became one. From whom the
/// case is kept, its forwardings are. `act` is one of the acts on forwardings.
pub fn allow_forwarding(
    actor: &Actor,
    act: Act,
    forwarding: &Forwarding,
    case: Option<&Target>,
    open: &[OpenLex],
) -> Access {
    if case.is_some_and(|case| case.kept_from.contains(&actor.staff)) {
        return Access::Hidden;
    }
    let received = |act: Act| {
        let reaches = |held: &&Held| {
            actor.role_may(held.role, act)
                && held.laws.covers(&forwarding.law)
                && match forwarding.unit {
                    Some(unit) => held.units.covers(&unit),
                    None => sees_unplaced(held),
                }
        };
        actor.held.iter().find(reaches).map(|held| Access::Role(held.role))
    };
    let came = forwarding.direction == forwarding::Direction::Received;
    let read = match case.map(|case| allow_beside(actor, Act::Read, case, open)) {
        Some(access @ (Access::Role(_) | Access::Asked)) => access,
        _ if came => received(Act::ReadForwarding).unwrap_or(Access::Hidden),
        // Whoever filed the case follows the case, not what is written to others of it.
        Some(Access::Own | Access::Forbidden | Access::Hidden) | None => Access::Hidden,
    };
    if act == Act::ReadForwarding || !read.allowed() {
        return read;
    }
    let by_case = case.map(|case| allow(actor, act, case)).filter(|access| access.allowed());
    by_case.or_else(|| received(act).filter(|_| came)).unwrap_or(Access::Forbidden)
}

/// What is asked of whoever carries out a command on a forwarding.
pub fn forwarding_act(direction: forwarding::Direction, command: forwarding::Command) -> Act {
    use forwarding::Command as C;
    use forwarding::Direction as D;
    match (direction, command) {
        (D::Sent, C::Draft | C::Edit) => Act::DraftForwarding,
        // What comes back is put down by whoever opens the letter.
        (D::Sent, C::Acknowledge | C::RegisterAnswer) => Act::DraftForwarding,
        (D::Received, C::Register | C::Acknowledge | C::Recall) => Act::ReceiveForwarding,
        (
            D::Sent,
            C::Check
            | C::Send
            | C::Remind
            | C::Escalate
            | C::Converse
            | C::ShareWithUnit
            | C::Close
            | C::CloseWithoutAnswer
            | C::Recall
            | C::ShareEvent
            | C::AddMeasure
            | C::FinishMeasure,
        ) => Act::SendForwarding,
        (
            D::Received,
            C::Assign
            | C::Investigate
            | C::ApproveAnswer
            | C::Answer
            | C::WrongRecipient
            | C::PassOn
            | C::Close
            | C::Converse
            | C::ShareEvent
            | C::AddMeasure
            | C::FinishMeasure,
        ) => Act::AnswerForwarding,
        // Commands of the other machine, which is where they are refused.
        (D::Sent, C::Register | C::Assign | C::Investigate | C::ApproveAnswer | C::Answer)
        | (D::Sent, C::WrongRecipient | C::PassOn) => Act::SendForwarding,
        (D::Received, C::Draft | C::Edit | C::Check | C::Send | C::Remind | C::Escalate)
        | (D::Received, C::RegisterAnswer | C::ShareWithUnit | C::CloseWithoutAnswer) => {
            Act::AnswerForwarding
        }
    }
}
