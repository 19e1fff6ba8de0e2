//! The policy, printed as a table of roles × acts × relation to the case, and held to it.

mod beside;
#[path = "../common/mod.rs"]
mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use common::*;
use domain::case::Kind;
use domain::ids::{GrantId, StaffId, UnitId};
use domain::law::Law;
use domain::organisation::{Grant, Role};
use domain::policy::{
    Access, Act, Actor, OpenLex, Scope, Target, allow, allow_beside, allow_in_tenant, figures,
    owns, readings,
};
use jiff::civil::date;

const ME: u128 = 50;

/// The acts that are not done to a case.
const IN_TENANT: [Act; 35] = [
    Act::File,
    Act::RegisterForAnother,
    Act::HandOver,
    Act::ReadFigures,
    Act::ReadSetup,
    Act::ManageSetup,
    Act::ManageGrants,
    Act::ReadLearning,
    Act::WriteLearning,
    Act::ApproveLearning,
    Act::ReadRegister,
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
    Act::ExportPerson,
    Act::ReadAccessLog,
    Act::CheckAccessLog,
    Act::GiveLogExtract,
    Act::StateGround,
];

fn grant(role: Role, units: &[u128], laws: &[Law]) -> Grant {
    Grant {
        id: GrantId(id(60)),
        staff: StaffId(id(ME)),
        role,
        units: units.iter().map(|n| UnitId(id(*n))).collect(),
        laws: laws.to_vec(),
        valid_from: date(2026, 1, 1),
        valid_to: None,
        stands_in_for: None,
        revoked_at: None,
        version: 1,
    }
}

fn actor(grants: &[Grant]) -> Actor {
    Actor::new(StaffId(id(ME)), grants, &units(), date(2026, 3, 10))
}

fn target(unit: u128, laws: &[Law]) -> Target {
    Target {
        unit: UnitId(id(unit)),
        reporting_unit: UnitId(id(unit)),
        laws: laws.to_vec(),
        kind: Kind::Avvikelse,
        owner: Some(StaffId(id(REPORTER))),
        registered_only: false,
        private: false,
        also_units: Vec::new(),
        asked: BTreeSet::new(),
        kept_from: BTreeSet::new(),
    }
}

/// How the case stands to someone whose grant is over `norr`, which lies over `gran` and `tall`.
fn relations() -> Vec<(&'static str, Target)> {
    let hsl = &[Law::Hsl];
    vec![
        ("own filing, elsewhere", Target { owner: Some(StaffId(id(ME))), ..target(13, hsl) }),
        (
            "registered by me, elsewhere",
            Target { owner: Some(StaffId(id(ME))), registered_only: true, ..target(13, hsl) },
        ),
        ("own unit", target(10, hsl)),
        ("unit below", target(11, hsl)),
        ("sibling unit", target(13, hsl)),
        ("reported by own unit", Target { reporting_unit: UnitId(id(11)), ..target(13, hsl) }),
        ("own unit concerned, too", Target { also_units: vec![UnitId(id(11))], ..target(13, hsl) }),
        ("asked by name", Target { asked: BTreeSet::from([StaffId(id(ME))]), ..target(13, hsl) }),
        (
            "own unit, kept from me",
            Target { kept_from: BTreeSet::from([StaffId(id(ME))]), ..target(10, hsl) },
        ),
        (
            "own filing and unit, kept from me",
            Target {
                owner: Some(StaffId(id(ME))),
                kept_from: BTreeSet::from([StaffId(id(ME))]),
                ..target(10, hsl)
            },
        ),
        ("own unit, SoL", target(10, &[Law::Sol])),
        ("own unit, HSL and SoL", target(10, &[Law::Hsl, Law::Sol])),
        ("own unit, no law", target(10, &[])),
        ("own unit, klagomål", Target { kind: Kind::Klagomal, ..target(10, &[]) }),
        ("own unit, another's draft", Target { private: true, ..target(10, hsl) }),
        ("own draft", Target { private: true, owner: Some(StaffId(id(ME))), ..target(10, hsl) }),
    ]
}

fn reviewed(name: &str, text: &str) {
    let path = format!("{}/tests/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).expect("writes");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} has changed; review it and run with UPDATE_SNAPSHOTS=1");
}

#[test]
fn the_policy_is_the_reviewed_table() {
    let mut text = String::from(
        "Who may do what to a case: each role with a grant over the unit `norr`.\n\
         ● yes, by the role   ◐ yes, asked by name   ○ yes, as one's own   – forbidden   · hidden: 404\n\n",
    );
    let of_case: Vec<Act> = Act::ALL.into_iter().filter(|act| !IN_TENANT.contains(act)).collect();
    for (at, act) in of_case.iter().enumerate() {
        writeln!(text, "{:>2} {act:?}", at + 1).expect("writes");
    }
    let mut actors: Vec<(String, Actor)> = vec![("no grant".into(), actor(&[]))];
    actors.extend(
        Role::ALL
            .into_iter()
            .map(|role| (role.code().to_owned(), actor(&[grant(role, &[10], &[])]))),
    );
    for (relation, target) in relations() {
        let numbers: String = (1..=of_case.len()).map(|at| format!("{at:>3}")).collect();
        writeln!(text, "\n{relation:<34}{numbers}").expect("writes");
        for (name, actor) in &actors {
            let marks: String = of_case
                .iter()
                .map(|act| match allow(actor, *act, &target) {
                    Access::Role(_) => "  ●",
                    Access::Own => "  ○",
                    Access::Asked => "  ◐",
                    Access::Forbidden => "  –",
                    Access::Hidden => "  ·",
                })
                .collect();
            writeln!(text, "{name:<34}{marks}").expect("writes");
        }
    }
    writeln!(text, "\n## in the tenant, with a grant over all of it\n").expect("writes");
    let mut whole: Vec<(String, Actor)> = vec![("no grant".into(), actor(&[]))];
    whole.extend(
        Role::ALL.into_iter().map(|role| (role.code().to_owned(), actor(&[grant(role, &[], &[])]))),
    );
    for (name, actor) in &whole {
        let may: Vec<String> = Act::ALL
            .into_iter()
            .filter(|act| IN_TENANT.contains(act))
            .filter(|act| allow_in_tenant(actor, *act).allowed())
            .map(|act| format!("{act:?}"))
            .collect();
        writeln!(text, "{name:<13} {}", may.join(" ")).expect("writes");
    }
    reviewed("policy.txt", &text);
}

#[test]
fn what_may_be_listed_is_what_may_be_read() {
    let all = relations();
    for role in Role::ALL {
        for laws in [&[][..], &[Law::Hsl], &[Law::Sol, Law::Lss]] {
            for units in [&[][..], &[10], &[11], &[13]] {
                let actor = actor(&[grant(role, units, laws)]);
                for (relation, target) in &all {
                    let listed = readings(&actor).iter().any(|reading| {
                        reading.kinds.contains(&target.kind)
                            && (reading.units.covers(&target.unit)
                                || reading.units.covers(&target.reporting_unit)
                                || target.also_units.iter().any(|it| reading.units.covers(it)))
                            && (target.laws.is_empty()
                                || target.laws.iter().any(|law| reading.laws.covers(law)))
                            && !target.private
                    });
                    let kept = target.kept_from.contains(&actor.staff);
                    let asked = target.asked.contains(&actor.staff);
                    let listed = (listed || asked) && !kept || owns(&actor, target);
                    let read = allow(&actor, Act::Read, target).allowed();
                    assert_eq!(listed, read, "{role} {laws:?} {units:?}: {relation}");
                }
            }
        }
    }
}

#[test]
fn whoever_handles_what_stands_beside_a_case_reads_it_and_lists_it() {
    let lex = |unit, law| OpenLex { unit: UnitId(id(unit)), law };
    let beside = [
        vec![],
        vec![lex(10, Law::Sol)],
        vec![lex(11, Law::Lss)],
        vec![lex(11, Law::Hsl)],
        vec![lex(13, Law::Sol), lex(13, Law::Hsl)],
    ];
    let mut by_it = 0;
    for role in Role::ALL {
        for units in [&[][..], &[10], &[11], &[13]] {
            let actor = actor(&[grant(role, units, &[])]);
            for (relation, target) in &relations() {
                for open in &beside {
                    let listed = readings(&actor).iter().any(|reading| {
                        reading.lex
                            && open.iter().any(|it| {
                                reading.units.covers(&it.unit) && reading.laws.covers(&it.law)
                            })
                    });
                    let open_to = !target.private && !target.kept_from.contains(&actor.staff);
                    let before = allow(&actor, Act::Read, target);
                    let read = allow_beside(&actor, Act::Read, target, open);
                    let expected = before.allowed() || (listed && open_to);
                    assert_eq!(read.allowed(), expected, "{role} {units:?} {open:?}: {relation}");
                    by_it += u32::from(before == Access::Hidden && read.allowed());
                    // They do nothing to it but read.
                    for act in Act::ALL.into_iter().filter(|act| !IN_TENANT.contains(act)) {
                        let more = allow_beside(&actor, act, target, open).allowed()
                            && !allow(&actor, act, target).allowed();
                        assert!(!more || matches!(act, Act::Read | Act::ReadSubject), "{act:?}");
                    }
                }
            }
        }
    }
    assert!(by_it > 20, "{by_it}");
}

#[test]
fn a_grant_holds_only_on_its_days_and_until_it_is_taken_back() {
    let me = |grant: Grant, day| Actor::new(StaffId(id(ME)), &[grant], &units(), day).held.len();
    let held = grant(Role::Team, &[10], &[]);
    assert_eq!(me(held.clone(), date(2025, 12, 31)), 0);
    assert_eq!(me(held.clone(), date(2026, 1, 1)), 1);
    let ended = Grant { valid_to: Some(date(2026, 2, 1)), ..held.clone() };
    assert_eq!(me(ended.clone(), date(2026, 2, 1)), 1);
    assert_eq!(me(ended, date(2026, 2, 2)), 0);
    let revoked = Grant { revoked_at: Some(now()), ..held.clone() };
    assert_eq!(me(revoked, date(2026, 1, 1)), 0);
    let anothers = Grant { staff: StaffId(id(51)), ..held };
    assert_eq!(me(anothers, date(2026, 1, 1)), 0);
}

#[test]
fn branches_do_not_read_each_other() {
    let mas = actor(&[grant(Role::Mas, &[], &[])]);
    let sas = actor(&[grant(Role::Sas, &[], &[])]);
    let both = actor(&[grant(Role::Mas, &[], &[Law::Sol])]);
    assert!(allow(&mas, Act::Read, &target(10, &[Law::Hsl])).allowed());
    assert_eq!(allow(&mas, Act::Read, &target(10, &[Law::Sol])), Access::Hidden);
    assert_eq!(allow(&sas, Act::Read, &target(10, &[Law::Hsl])), Access::Hidden);
    assert!(allow(&sas, Act::Read, &target(10, &[Law::Lss])).allowed());
    assert_eq!(
        allow(&both, Act::Read, &target(10, &[Law::Sol])),
        Access::Hidden,
        "a grant narrows a role and never widens it"
    );
}

#[test]
fn figures_cover_the_units_of_the_grants() {
    assert_eq!(figures(&actor(&[])), None);
    assert_eq!(figures(&actor(&[grant(Role::Admin, &[], &[])])), None);
    assert_eq!(figures(&actor(&[grant(Role::Mas, &[], &[])])), Some(Scope::All));
    let Some(Scope::Only(units)) = figures(&actor(&[grant(Role::UnitManager, &[10], &[])])) else {
        panic!("a unit manager sees the units granted");
    };
    assert!(units.contains(&UnitId(id(11))) && !units.contains(&UnitId(id(13))));
}

#[test]
fn whoever_only_registers_owns_nothing_and_a_discarded_draft_stays_private() {
    let kiosk = StaffId(id(ME));
    let mut case = reported();
    case.registered_by = Some(kiosk);
    case.reported_by = None;
    let phone = actor(&[grant(Role::Intake, &[], &[])]);
    assert_eq!(allow(&phone, Act::Read, &Target::from(&case)), Access::Hidden);
    let clerk = actor(&[grant(Role::Registrator, &[], &[])]);
    assert_eq!(
        allow(&clerk, Act::Read, &Target::from(&case)),
        Access::Own,
        "whoever registers for someone without a token can follow it"
    );

    let mut draft = standing(domain::case::Status::Draft);
    draft.registered_by = Some(kiosk);
    let discarded = draft.void("Ångrade mig.".into(), kiosk, false, now()).expect("voids").case;
    let target = Target::from(&discarded);
    assert_eq!(allow(&phone, Act::Read, &target), Access::Own);
    let manager = Actor::new(
        StaffId(id(77)),
        &[Grant { staff: StaffId(id(77)), ..grant(Role::UnitManager, &[], &[]) }],
        &units(),
        date(2026, 3, 10),
    );
    assert_eq!(allow(&manager, Act::Read, &target), Access::Hidden);
    let void = standing(domain::case::Status::Void);
    assert!(
        allow(&manager, Act::Read, &Target::from(&void)).allowed(),
        "what was handed in stays readable"
    );
}

#[test]
fn only_who_administers_the_whole_tenant_gives_grants() {
    let part = actor(&[grant(Role::Admin, &[10], &[])]);
    assert_eq!(allow_in_tenant(&part, Act::ManageGrants), Access::Forbidden);
    let whole = actor(&[grant(Role::Admin, &[], &[])]);
    assert!(allow_in_tenant(&whole, Act::ManageGrants).allowed());
}

#[test]
fn a_machine_has_of_its_grants_what_is_for_machines() {
    let all: Vec<Grant> = Role::ALL.into_iter().map(|role| grant(role, &[], &[])).collect();
    let machine = actor(&all).as_machine();
    let held: BTreeSet<&str> = machine.held.iter().map(|held| held.role.code()).collect();
    assert_eq!(held, BTreeSet::from(["analyst", "intake"]));
    // It files only where it was given that; a person always may.
    let analyst = [grant(Role::Analyst, &[], &[])];
    assert_eq!(allow_in_tenant(&actor(&analyst), Act::File), Access::Own);
    assert_eq!(allow_in_tenant(&actor(&analyst).as_machine(), Act::File), Access::Forbidden);
    assert_eq!(allow_in_tenant(&machine, Act::File), Access::Own);
    let case = target(1, &[Law::Hsl]);
    for act in [Act::Read, Act::ReadSubject, Act::Triage, Act::CloseSimple] {
        assert_eq!(allow(&machine, act, &case), Access::Hidden, "{act:?}");
    }
}
