//! The access log: searched within what one may see, page by page; checks and grounds as they were written.

use std::collections::BTreeSet;

use domain::access_log::{Purpose, Stated};
use domain::case::joint::GroundKind;
use domain::case::{Case, Kind, Status};
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, EntryId, GroundId, SpotCheckId, SubjectId};
use domain::law::Law;
use domain::organisation::{Role, UnitTree};
use domain::policy::{LogScope, Scope};
use domain::reading_ground::{GroundOf, ReadingGround};
use domain::spot_check::{
    CaseShown, Draw, GrantShown, Looked, Reach, Reader, Reading, Relation, Rule, Shown, SpotCheck,
    Verdict, Weeks,
};
use domain::statistics::Fact;
use jiff::civil::date;
use store::{AccessEntry, Error, LogFilter, LogOrder, Store, Tx};
use uuid::Uuid;

use crate::common::{now, tenant};
use crate::samples::{Place, at, bare, insert, on_each_database, subject};

fn wide() -> LogScope {
    LogScope { units: Scope::All, laws: Scope::All }
}

fn all() -> LogFilter {
    LogFilter {
        scopes: vec![wide()],
        staff: None,
        case: None,
        subjects: None,
        from: None,
        before: None,
        refused: None,
        after: None,
        order: LogOrder::Newest,
        limit: 1_000,
    }
}

fn entry(place: &Place, nth: usize, exposed: Vec<(CaseId, Option<SubjectId>)>) -> AccessEntry {
    AccessEntry {
        id: EntryId(Uuid::now_v7()),
        // Three at each time, so that times meet.
        at: at(i64::try_from(nth / 3).expect("small")),
        by: place.staff[nth % 2],
        act: "case.read".to_owned(),
        role: Some("mas".to_owned()),
        request: Uuid::now_v7(),
        unit: None,
        from: Some("192.0.2.0/24".to_owned()),
        refused: nth.is_multiple_of(5),
        ground: None,
        exposed,
    }
}

/// Cases at each unit under each law, with their facts.
async fn cases(store: &Store, own: domain::ids::TenantId, place: &Place) -> Vec<Case> {
    let mut cases = Vec::new();
    for (nth, law) in ["HSL", "SOL", "", "HSL,SOL"].into_iter().enumerate() {
        for (at, unit) in place.units.iter().enumerate() {
            let mut case = bare(place, (nth * 10 + at) as u64);
            (case.unit, case.reporting_unit) = (*unit, *unit);
            case.filing.law =
                law.split(',').filter(|law| !law.is_empty()).map(str::to_owned).collect();
            cases.push(case);
        }
    }
    insert(store, own, cases.clone()).await;
    let codes = CodeLists::shared();
    let facts: Vec<Fact> = cases.iter().map(|case| Fact::of(case, &codes)).collect();
    let write = move |tx: &mut Tx<'_>| {
        facts.iter().try_for_each(|fact| tx.add_rows(|rows| rows.fact(fact)))
    };
    store.write(own, write).await.unwrap();
    cases
}

async fn found(store: &Store, own: domain::ids::TenantId, filter: LogFilter) -> Vec<EntryId> {
    let entries = store.read(own, move |tx| tx.log_entries(&filter)).await.unwrap();
    entries.into_iter().map(|entry| entry.id).collect()
}

#[test]
fn a_search_holds_exactly_what_its_filter_says() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let cases = cases(&store, own, &place).await;
        let (anna, bo) = (subject(), subject());
        let persons = [anna.id, bo.id];
        store
            .write(own, move |tx| {
                tx.add_rows(|rows| rows.subject(&anna))?;
                tx.add_rows(|rows| rows.subject(&bo))
            })
            .await
            .unwrap();
        let mut entries: Vec<AccessEntry> = (0..40)
            .map(|nth| {
                let (one, other) = (&cases[nth % cases.len()], &cases[(nth * 7 + 1) % cases.len()]);
                let person = [None, Some(persons[0]), Some(persons[1])][nth % 3];
                let mut exposed = vec![(one.id, person)];
                if nth % 4 == 0 && one.id != other.id {
                    exposed.push((other.id, None));
                }
                exposed.sort();
                entry(&place, nth, if nth == 11 { Vec::new() } else { exposed })
            })
            .collect();
        let written = entries.clone();
        store
            .write(own, move |tx| {
                written.iter().try_for_each(|entry| tx.add_rows(|rows| rows.access(entry)))
            })
            .await
            .unwrap();
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
        let of = |keep: &dyn Fn(&AccessEntry) -> bool| -> Vec<EntryId> {
            entries.iter().filter(|entry| keep(entry)).map(|entry| entry.id).collect()
        };
        let case_of = |id: &CaseId| cases.iter().find(|case| case.id == *id).expect("a case");
        let exposes = |entry: &AccessEntry, keep: &dyn Fn(&Case) -> bool| {
            entry.exposed.iter().any(|(case, _)| keep(case_of(case)))
        };

        assert_eq!(found(&store, own, all()).await, of(&|_| true));
        let staff = Some(place.staff[1]);
        let by = LogFilter { staff, ..all() };
        assert_eq!(found(&store, own, by).await, of(&|it| it.by == place.staff[1]));
        let one = cases[3].id;
        let by = LogFilter { case: Some(one), ..all() };
        assert_eq!(found(&store, own, by).await, of(&|it| exposes(it, &|case| case.id == one)));
        let by = LogFilter { subjects: Some(BTreeSet::from([persons[0]])), ..all() };
        let about = |it: &AccessEntry| it.exposed.iter().any(|of| of.1 == Some(persons[0]));
        assert_eq!(found(&store, own, by).await, of(&about));
        let by = LogFilter { subjects: Some(BTreeSet::new()), ..all() };
        assert_eq!(found(&store, own, by).await, []);
        let by = LogFilter { from: Some(at(3)), before: Some(at(7)), ..all() };
        assert_eq!(found(&store, own, by).await, of(&|it| it.at >= at(3) && it.at < at(7)));
        for refused in [true, false] {
            let by = LogFilter { refused: Some(refused), ..all() };
            assert_eq!(found(&store, own, by).await, of(&|it| it.refused == refused));
        }
        // Within units and laws; a case under no law is of every law.
        let unit = place.units[1];
        let here = LogScope { units: Scope::Only(BTreeSet::from([unit])), laws: Scope::All };
        let by = LogFilter { scopes: vec![here.clone()], ..all() };
        assert_eq!(found(&store, own, by).await, of(&|it| exposes(it, &|case| case.unit == unit)));
        let social = LogScope { units: Scope::All, laws: Scope::Only([Law::Sol].into()) };
        let of_law = |case: &Case| case.laws().is_empty() || case.laws().contains(&Law::Sol);
        let by = LogFilter { scopes: vec![social.clone()], ..all() };
        assert_eq!(found(&store, own, by).await, of(&|it| exposes(it, &of_law)));
        let either = |case: &Case| case.unit == unit || of_law(case);
        let by = LogFilter { scopes: vec![here, social], ..all() };
        assert_eq!(found(&store, own, by).await, of(&|it| exposes(it, &either)));
        assert_eq!(found(&store, own, LogFilter { scopes: Vec::new(), ..all() }).await, []);

        // Pages have neither gaps nor repeats, in either order.
        for order in [LogOrder::Newest, LogOrder::Oldest] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let filter = LogFilter { order, after, limit: 7, staff, ..all() };
                let page = store.read(own, move |tx| tx.log_entries(&filter)).await.unwrap();
                after = page.last().map(|last| (last.at, last.id));
                seen.extend(page.iter().map(|entry| entry.id));
                if page.len() < 7 {
                    break;
                }
            }
            let mut wanted = of(&|it| it.by == place.staff[1]);
            if order == LogOrder::Oldest {
                wanted.reverse();
            }
            assert_eq!(seen, wanted, "{order:?}");
        }

        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        assert_eq!(found(&store, other.id, all()).await, []);
        let by = LogFilter { case: Some(one), ..all() };
        assert_eq!(found(&store, other.id, by).await, []);
    });
}

#[test]
fn what_is_known_of_logged_cases_outlives_nothing_but_facts() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let cases = cases(&store, own, &place).await;
        let person = subject();
        let (id, index) = (person.id, person.blind_index.clone());
        let seen = entry(&place, 1, vec![(cases[0].id, Some(id)), (cases[4].id, None)]);
        let logged = seen.clone();
        let stated = Stated { purpose: Purpose::Complaint, reason: "dnr 1".into() };
        let search = stated.clone();
        let entry_id = seen.id;
        store
            .write(own, move |tx| {
                tx.add_rows(|rows| rows.subject(&person))?;
                tx.add_rows(|rows| {
                    rows.access(&seen);
                    rows.access_search(seen.id, &search);
                })
            })
            .await
            .unwrap();
        let load = move |tx: &mut Tx<'_>| {
            let found = tx.log_entries_named(&[entry_id])?;
            let known = tx.logged_cases(&found)?;
            let who = tx.subjects_of_person(&index)?;
            Ok::<_, Error>((found, known, who, tx.log_searches(&[entry_id])?, tx.log_begins()?))
        };
        let (found, known, who, searches, begins) = store.read(own, load).await.unwrap();
        assert_eq!(found, [logged]);
        assert_eq!(known.len(), 2);
        let first = &known[&cases[0].id];
        assert_eq!((first.read.unit, first.read.laws.clone()), (place.units[0], vec![Law::Hsl]));
        assert!(first.read.protected && first.persons.len() == 1);
        assert_eq!(first.read.number, Some(cases[0].number.to_string()));
        let second = &known[&cases[4].id];
        assert!(!second.read.protected && second.persons.is_empty());
        assert_eq!(who, BTreeSet::from([id]));
        assert_eq!(searches.get(&entry_id), Some(&stated));
        assert_eq!(begins, Some(found[0].at));
    });
}

#[test]
fn a_ground_comes_back_as_it_was_stated_and_is_taken_back_once() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let ground = |of: GroundOf| ReadingGround {
            id: GroundId(Uuid::now_v7()),
            staff: place.staff[0],
            of,
            kind: GroundKind::Decision,
            on: date(2026, 3, 1),
            reference: Some("VON 2026/1".into()),
            reason: "Gemensam utredning".into(),
            until: date(2026, 4, 1),
            stated_at: at(0),
            revoked: None,
            version: 1,
        };
        let both = [
            ground(GroundOf::Case(CaseId(Uuid::now_v7()))),
            ground(GroundOf::Unit(place.units[0], Law::Lss)),
        ];
        let written = both.clone();
        store
            .write(own, move |tx| {
                written.iter().try_for_each(|it| tx.add_rows(|rows| rows.reading_ground(it)))
            })
            .await
            .unwrap();
        let staff = place.staff;
        let load = move |tx: &mut Tx<'_>| {
            Ok::<_, Error>((
                tx.reading_grounds(Some(staff[0]))?,
                tx.reading_grounds(Some(staff[1]))?,
            ))
        };
        let (own_grounds, others) = store.read(own, load).await.unwrap();
        assert_eq!(own_grounds, [both[1].clone(), both[0].clone()]);
        assert_eq!(others, []);
        let gone = both[0].clone().revoke(place.staff[1], at(1)).expect("taken back");
        let saved = gone.clone();
        store.write(own, move |tx| tx.revoke_reading_ground(&saved)).await.unwrap();
        let id = gone.id;
        let read = store.read(own, move |tx| tx.reading_ground(id)).await.unwrap();
        assert_eq!(read, gone);
        let again = gone.clone();
        let stale = store.write(own, move |tx| tx.revoke_reading_ground(&again)).await;
        assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    });
}

/// A draw over what the store gives.
async fn drawn(store: &Store, own: domain::ids::TenantId, seed: i64) -> Vec<EntryId> {
    let mut draw = Draw::new(seed, 6, Rule::ALL);
    let mut after = None;
    loop {
        let filter = LogFilter { order: LogOrder::Oldest, after, limit: 7, ..all() };
        let page = store.read(own, move |tx| tx.log_entries(&filter)).await.unwrap();
        after = page.last().map(|last| (last.at, last.id));
        for entry in &page {
            let reading = Reading {
                entry: entry.id,
                at: entry.at,
                reader: entry.by,
                act: entry.act.clone(),
                role: None,
                unit: None,
                refused: false,
                on_ground: false,
                cases: Vec::new(),
            };
            let reader = Reader { ended_at: None, grants: Vec::new() };
            draw.offer(&reading, &reader, &Weeks::default(), &UnitTree::default());
        }
        if page.len() < 7 {
            break;
        }
    }
    draw.drawn().0.into_iter().map(|drawn| drawn.entry).collect()
}

#[test]
fn a_draw_over_the_log_is_repeated_by_its_seed() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let entries: Vec<AccessEntry> = (0..30).map(|nth| entry(&place, nth, Vec::new())).collect();
        store
            .write(own, move |tx| {
                entries.iter().try_for_each(|entry| tx.add_rows(|rows| rows.access(entry)))
            })
            .await
            .unwrap();
        let first = drawn(&store, own, 4711).await;
        // Night is a rule of its own here: nobody has read by day before.
        assert!(first.len() >= 6, "{first:?}");
        assert_eq!(drawn(&store, own, 4711).await, first);
        assert_ne!(drawn(&store, own, 4712).await, first);
    });
}

#[test]
fn a_check_comes_back_as_it_was_drawn_and_judged() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let looked = |nth: usize| Looked {
            entry: EntryId(Uuid::now_v7()),
            reader: place.staff[0],
            reasons: if nth == 0 { vec![Rule::OwnCase, Rule::AtNight] } else { Vec::new() },
            shown: Shown {
                at: at(0),
                act: "case.read".into(),
                role: Some(Role::Mas),
                from: Some("192.0.2.0/24".into()),
                refused: false,
                ground: Some(GroundKind::Consent),
                ended_at: None,
                grants: vec![GrantShown {
                    role: Role::Mas,
                    units: Vec::new(),
                    laws: vec![Law::Hsl],
                }],
                cases: vec![CaseShown {
                    number: None,
                    unit: place.units[0],
                    laws: vec![Law::Hsl],
                    kind: Kind::Klagomal,
                    status: Status::Closed,
                    closed_at: Some(at(-4)),
                    relation: Relation::Outside,
                    asked: false,
                    leads: true,
                    own: false,
                    works: 2,
                    protected: true,
                    about_reader: false,
                    same_surname: true,
                }],
                of: 1,
            },
            judged: None,
        };
        let check = SpotCheck {
            id: SpotCheckId(Uuid::now_v7()),
            from: date(2026, 1, 1),
            to: date(2026, 3, 31),
            seed: 4_503_599_627_370_495,
            sample: 20,
            rules: Rule::ALL.to_vec(),
            reach: Reach {
                laws: vec![Law::Hsl],
                units: vec![place.units[0]],
                met: [(Rule::OwnCase, 3)].into(),
            },
            considered: 400,
            reason: "Kvartal 1".into(),
            by: place.staff[1],
            at: at(0),
            readings: vec![looked(0), looked(1)],
            closed: None,
            version: 1,
        };
        let written = check.clone();
        store.write(own, move |tx| tx.insert_spot_check(&written)).await.unwrap();
        let read = async |id| store.read(own, move |tx| tx.spot_check(id)).await;
        assert_eq!(read(check.id).await.unwrap(), check);
        let judge = |verdict| {
            let all = check.readings.iter().map(|it| (it.entry, verdict, "x".to_owned()));
            check.clone().judge(place.staff[1], at(1), all.collect()).expect("judged")
        };
        let judged = judge(Verdict::Improper);
        let saved = judged.clone();
        store.write(own, move |tx| tx.save_spot_check(&saved)).await.unwrap();
        assert_eq!(read(check.id).await.unwrap(), judged);
        // Two judge at once: one of them finds that the other was faster.
        let late = judge(Verdict::Proper);
        let stale = store.write(own, move |tx| tx.save_spot_check(&late)).await;
        assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
        assert_eq!(read(check.id).await.unwrap(), judged);
        let closed = judged.close(place.staff[1], at(2), "samtal").expect("closed");
        let saved = closed.clone();
        store.write(own, move |tx| tx.save_spot_check(&saved)).await.unwrap();
        let list = store.read(own, |tx| tx.spot_checks()).await.unwrap();
        assert_eq!(list, std::slice::from_ref(&closed));
        let year = store.read(own, |tx| tx.spot_checks_closed(2026)).await.unwrap();
        assert_eq!(year, [closed]);
        assert_eq!(store.read(own, |tx| tx.spot_checks_closed(2025)).await.unwrap(), []);
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let hidden = store.read(other.id, move |tx| tx.spot_check(check.id)).await;
        assert!(matches!(hidden, Err(Error::NotFound)), "{hidden:?}");
    });
}
