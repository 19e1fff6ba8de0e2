//! The reports of years on both databases: every state comes back, nothing impossible is kept, and of two
//! writers one wins.

mod common;

use std::sync::Arc;

use common::{TestDatabase, now, on_each_database, person, tenant, unit};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use domain::ids::{GoalId, OwnFigureId, ParagraphId, StaffId, TenantId, UnitId};
use domain::learning::Done;
use domain::yearly::own::{Amount, OwnContent, OwnFigure};
use domain::yearly::shared::{Noted, Partner, SharedReport, Side};
use domain::yearly::state::{Board, Capacity, Establishment, Lock, Meeting, Report, State, Status};
use domain::yearly::text::{AskedParagraph, CarriedGoal, Draft, GoalKind, SectionText};
use domain::yearly::{GoalAnswer, Reached, SectionId};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use store::{Error, FrozenHead, FrozenVersion, Store};
use uuid::Uuid;

fn at(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours) + SignedDuration::from_micros(1)
}

struct Place {
    staff: StaffId,
    unit: UnitId,
}

async fn place(store: &Store, tenant: TenantId) -> Place {
    let (somebody, somewhere) = (person("anna"), unit("1"));
    let place = Place { staff: somebody.id, unit: somewhere.id };
    let write = store.write(tenant, move |tx| {
        tx.insert_staff(&somebody)?;
        tx.insert_unit(&somewhere)
    });
    write.await.unwrap();
    place
}

fn frozen(report: &Report, content: &str) -> FrozenVersion {
    let lock: Lock = report.state.lock().expect("a lock").clone();
    let head = FrozenHead {
        year: report.year,
        lock,
        sha256: "ab".repeat(32),
        read_at: at(1),
        as_of: date(2025, 12, 31),
        definitions: 1,
        checked: None,
        established: None,
    };
    FrozenVersion { head, content: content.to_owned() }
}

/// Saves a change of state with what it keeps of the frozen version.
async fn save(
    store: &Store,
    tenant: TenantId,
    before: &Report,
    after: &Report,
) -> Result<(), Error> {
    let (before, after) = (before.clone(), after.clone());
    store
        .write(tenant, move |tx| {
            tx.save_report(&before, &after)?;
            match after.state {
                State::Locked(_) if after.newest > before.newest => {
                    tx.insert_frozen(&frozen(&after, "{\"ö\":[1,  2]}"))
                }
                _ if after.status() != before.status() => tx.mark_frozen(&after),
                _ => Ok(()),
            }
        })
        .await
}

#[test]
fn a_report_comes_back_in_every_state_and_its_bytes_as_they_were() {
    on_each_database(async |store, tenant| {
        let place = place(&store, tenant).await;
        let done = |hours: i64| Done { by: place.staff, at: at(hours) };
        let load = async || store.read(tenant, |tx| tx.report(2025)).await.unwrap();
        assert_eq!(load().await, None);
        assert_eq!(store.read(tenant, |tx| tx.report_established(2025)).await.unwrap(), None);
        let open = Report::open(2025, at(0));
        let locked = open.clone().lock(Vec::new(), done(1)).unwrap();
        let checked = locked.clone().check(done(2)).unwrap();
        let on = domain::calendar::swedish_date(at(1));
        let (capacity, reference) = (Capacity::Delegate, "§ 1".to_owned());
        let it = Establishment { on, capacity, reference, done: done(3) };
        let established = checked.clone().establish(it).unwrap();
        let submitted = established.clone().submit(on, done(4)).unwrap();
        let meeting = Meeting { on, paragraph: "§ 2".into(), decided: Vec::new() };
        let approved = submitted.clone().minute(true, &meeting, done(5)).unwrap();
        let relocked = approved.clone().lock(Vec::new(), done(6)).unwrap();
        let reopened = relocked.clone().reopen("x", at(7)).unwrap();
        let states = [open, locked, checked, established, submitted, approved, relocked, reopened];
        for pair in states.windows(2) {
            save(&store, tenant, &pair[0], &pair[1]).await.unwrap();
            assert_eq!(load().await.as_ref(), Some(&pair[1]));
            assert!(matches!(save(&store, tenant, &pair[0], &pair[1]).await, Err(Error::Stale)));
        }
        assert_eq!(store.read(tenant, |tx| tx.reports()).await.unwrap(), [states[7].clone()]);
        let known = store.read(tenant, |tx| tx.report_established(2025)).await.unwrap();
        assert_eq!(known, Some(Some(on)));
        // The text is kept as it is: neither order nor blanks are touched.
        let first = store.read(tenant, |tx| tx.established(2025)).await.unwrap();
        assert_eq!((first.head.lock.version, first.content.as_str()), (1, "{\"ö\":[1,  2]}"));
        assert_eq!(first.head.status(), Status::Established);
        let newest = store.read(tenant, |tx| tx.frozen(2025, None)).await.unwrap();
        assert_eq!((newest.head.lock.version, newest.head.status()), (2, Status::Locked));
        let heads = store.read(tenant, |tx| tx.frozen_heads(Some(2025))).await.unwrap();
        assert_eq!(heads, [newest.head, first.head]);
        let none = store.read(tenant, |tx| tx.frozen(2025, Some(3))).await;
        assert!(matches!(none, Err(Error::NotFound)));
        // Another tenant's is not there.
        let other = common::tenant("annan");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        assert_eq!(store.read(other.id, |tx| tx.report(2025)).await.unwrap(), None);
    });
}

#[test]
fn what_people_write_comes_back_and_is_saved_only_from_its_version() {
    on_each_database(async |store, tenant| {
        let place = place(&store, tenant).await;
        let done = Done { by: place.staff, at: at(1) };
        let open = Report::open(2025, at(0));
        let begun = Report { version: 1, ..open.clone() };
        let row = begun.clone();
        store.write(tenant, move |tx| tx.save_report(&open, &row)).await.unwrap();
        let write = |before: Option<&SectionText>, text: &str| {
            SectionText::write(before, SectionId::Learning, text, done.clone(), "Anna").unwrap()
        };
        let first = write(None, "ett");
        let second = write(Some(&first), "två");
        let paragraph = AskedParagraph {
            id: ParagraphId(Uuid::now_v7()),
            year: 2025,
            section: SectionId::Leadership,
            unit: place.unit,
            asked: done.clone(),
            due_on: Some(date(2026, 2, 1)),
            given: None,
            version: 1,
        };
        let given = paragraph.clone().give("Så här", done.clone(), "Bo").unwrap();
        let answer = GoalAnswer { reached: Reached::NotFollowedUp, text: "Vet inte".into() };
        let goal = CarriedGoal {
            id: GoalId(Uuid::now_v7()),
            kind: GoalKind::Decision,
            set_in: 2025,
            year: 2026,
            section: SectionId::Summary,
            text: "Fler larm".into(),
            set: done.clone(),
            answer: None,
            version: 1,
        };
        let answered = CarriedGoal { answer: Some((answer, done)), version: 2, ..goal.clone() };
        let (texts, asked, set) = ([first, second.clone()], given.clone(), answered.clone());
        let (before, touched) = (begun.clone(), begun);
        let work = store.write(tenant, move |tx| {
            tx.touch_report(&touched, at(2))?;
            texts.iter().try_for_each(|text| tx.save_report_text(2025, text))?;
            tx.add_rows(|rows| {
                rows.report_paragraph(&paragraph);
                rows.report_goal(&goal);
            })?;
            tx.save_report_paragraph(&asked)?;
            tx.save_report_goal(&set)
        });
        work.await.unwrap();
        let draft = store.read(tenant, |tx| tx.report_draft(2025)).await.unwrap();
        let (texts, paragraphs) = (vec![second.clone()], vec![given.clone()]);
        assert_eq!(draft, Draft { texts, paragraphs, goals: vec![answered.clone()] });
        // Next year's report has the goal, too, and nothing else of this.
        let next = store.read(tenant, |tx| tx.report_draft(2026)).await.unwrap();
        let goals = vec![answered.clone()];
        assert_eq!(next, Draft { goals, ..Draft::default() });
        for again in 0..3 {
            let (text, asked, set) = (second.clone(), given.clone(), answered.clone());
            let stale = store.write(tenant, move |tx| match again {
                0 => tx.save_report_text(2025, &text),
                1 => tx.save_report_paragraph(&asked),
                _ => tx.save_report_goal(&set),
            });
            assert!(matches!(stale.await, Err(Error::Stale)), "{again}");
        }
        // Words that changed make what was decided before them stale.
        let locked = before.clone().lock(Vec::new(), Done { by: place.staff, at: at(3) }).unwrap();
        assert!(matches!(save(&store, tenant, &before, &locked).await, Err(Error::Stale)));
        let now = store.read(tenant, |tx| tx.report(2025)).await.unwrap().expect("a report");
        assert_eq!(now.edits, 1);
        let locked = now.clone().lock(Vec::new(), Done { by: place.staff, at: at(3) }).unwrap();
        save(&store, tenant, &now, &locked).await.unwrap();
        // And what is frozen takes no words.
        let late = store.write(tenant, move |tx| tx.touch_report(&now, at(4)));
        assert!(matches!(late.await, Err(Error::Stale)));
    });
}

fn figure(place: &Place, unit: Option<UnitId>) -> OwnFigure {
    OwnFigure {
        id: OwnFigureId(Uuid::now_v7()),
        content: OwnContent {
            name: "Kontroller".into(),
            unit,
            from: date(2025, 1, 1),
            to: date(2025, 12, 31),
            amount: Amount::Count { value: 128, of: Some(156) },
            source: "Kontrollbok".into(),
        },
        entered: Done { by: place.staff, at: at(1) },
        withdrawn: false,
        version: 1,
    }
}

#[test]
fn there_is_one_own_figure_of_a_name_place_and_period() {
    on_each_database(async |store, tenant| {
        let place = place(&store, tenant).await;
        let add = async |figure: OwnFigure| {
            store.write(tenant, move |tx| tx.add_rows(|rows| rows.own_figure(&figure))).await
        };
        let (here, whole) = (figure(&place, Some(place.unit)), figure(&place, None));
        add(here.clone()).await.unwrap();
        add(whole.clone()).await.unwrap();
        for (unit, name) in [
            (Some(place.unit), "own_figures_name_unit_id_period_from_period_to_key"),
            (None, "own_figures_name_period_from_period_to_key"),
        ] {
            let twice = add(figure(&place, unit)).await.unwrap_err();
            assert_eq!(twice.conflict(), Some(name));
        }
        let amount = Amount::Percent { tenths: 977 };
        let content = OwnContent { amount, ..here.content.clone() };
        let changed = OwnFigure { content, version: 2, ..here.clone() };
        let gone = OwnFigure { withdrawn: true, version: 2, ..whole };
        for row in [changed.clone(), gone] {
            store.write(tenant, move |tx| tx.save_own_figure(&row)).await.unwrap();
        }
        let year = |year: i16| (date(year, 1, 1), date(year, 12, 31));
        let all = async |(from, to)| store.read(tenant, move |tx| tx.own_figures(from, to)).await;
        assert_eq!(all(year(2025)).await.unwrap(), [changed]);
        assert_eq!(all(year(2024)).await.unwrap(), []);
        // What was withdrawn leaves its place.
        add(figure(&place, None)).await.unwrap();
    });
}

#[test]
fn what_was_shared_is_a_copy_that_is_noted_once() {
    on_each_database(async |store, tenant| {
        let place = place(&store, tenant).await;
        let done = Done { by: place.staff, at: at(1) };
        let provider = TenantId(Uuid::now_v7());
        let partner = Partner {
            other: provider,
            slug: "bolaget".into(),
            name: "Bolaget AB".into(),
            side: Side::Buyer,
            agreed: done.clone(),
            ended: None,
            version: 1,
        };
        let shared = SharedReport {
            provider,
            slug: "bolaget".into(),
            name: "Bolaget AB".into(),
            year: 2025,
            report_version: 1,
            content: "{}".into(),
            sha256: "cd".repeat(32),
            locked_at: at(1),
            established_on: date(2026, 2, 1),
            shared_at: at(2),
            noted: None,
            withdrawn: None,
            version: 1,
        };
        let (ours, copy) = (partner.clone(), shared.clone());
        let alone = copy.clone();
        // Nothing comes from whom nothing was agreed with.
        let early = store.write(tenant, move |tx| tx.add_rows(|rows| rows.shared_report(&alone)));
        assert!(matches!(early.await, Err(Error::Reference { .. })));
        let newer = SharedReport { report_version: 2, content: "{\"a\":1}".into(), ..copy.clone() };
        let second = newer.clone();
        let add = store.write(tenant, move |tx| {
            tx.save_report_partner(&ours)?;
            tx.add_rows(|rows| {
                rows.shared_report(&copy);
                rows.shared_report(&second);
            })
        });
        add.await.unwrap();
        let twice = newer.clone();
        let twice = store.write(tenant, move |tx| tx.add_rows(|rows| rows.shared_report(&twice)));
        let there = "shared_reports_provider_id_year_report_version_key";
        assert_eq!(twice.await.unwrap_err().conflict(), Some(there));
        let noted = Noted { on: date(2026, 3, 1), paragraph: "§ 3".into(), done: done.clone() };
        let noted = SharedReport { noted: Some(noted), version: 2, ..newer };
        let row = noted.clone();
        store.write(tenant, move |tx| tx.save_shared_report(&row)).await.unwrap();
        let found = store.read(tenant, |tx| tx.shared_report("bolaget", 2025, None)).await.unwrap();
        assert_eq!(found, noted);
        assert_eq!(store.read(tenant, |tx| tx.shared_of_year(2025)).await.unwrap(), [noted]);
        let lines = store.read(tenant, |tx| tx.shared_lines(None)).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.report_version).collect::<Vec<_>>(), [2, 1]);
        let ended = partner.clone().end(done);
        let row = ended.clone();
        store.write(tenant, move |tx| tx.save_report_partner(&row)).await.unwrap();
        let known = store.read(tenant, |tx| tx.report_partners()).await.unwrap();
        assert_eq!(known, std::slice::from_ref(&ended));
        let stale = store.write(tenant, move |tx| tx.save_report_partner(&ended));
        assert!(matches!(stale.await, Err(Error::Stale)));
    });
}

fn refused(database: &TestDatabase, sql: &str) -> String {
    let name = |info: &(dyn DatabaseErrorInformation + Send + Sync)| {
        let message = info.message();
        let named = || message.strip_prefix("CHECK constraint failed: ").unwrap_or(message);
        info.constraint_name().unwrap_or_else(named).to_owned()
    };
    match database.execute(sql) {
        Err(DieselError::DatabaseError(DatabaseErrorKind::CheckViolation, info)) => name(&*info),
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn the_tables_refuse_what_the_states_could_never_mean() {
    let databases = [Some(TestDatabase::sqlite()), TestDatabase::postgres()];
    for database in databases.into_iter().flatten() {
        common::runtime().block_on(async {
            let store = database.open();
            store.migrate().await.unwrap();
            let home = tenant("test");
            store.insert_tenant(home.clone(), now()).await.unwrap();
            let place = place(&store, home.id).await;
            let open = Report::open(2025, at(0));
            let done = Done { by: place.staff, at: at(1) };
            let locked = open.clone().lock(Vec::new(), done.clone()).unwrap();
            save(&store, home.id, &open, &locked).await.unwrap();
            let own = figure(&place, None);
            let add = store.write(home.id, move |tx| tx.add_rows(|rows| rows.own_figure(&own)));
            add.await.unwrap();
            for (table, set, check) in [
                ("reports", "status = 'done'", "reports_status_check"),
                ("reports", "newest = 0", "reports_newest_check"),
                ("reports", "status = 'established'", "reports_established_check"),
                ("reports", "board = 'submitted'", "reports_board_check"),
                ("reports", "board_version = 1", "reports_board_check"),
                ("reports", "version = 0", "reports_version_check"),
                ("report_versions", "sha256 = 'x'", "report_versions_sha256_check"),
                ("report_versions", "checked_at = locked_at", "report_versions_checked_check"),
                ("report_versions", "reference = 'x'", "report_versions_established_check"),
                ("own_figures", "percent_tenths = 5", "own_figures_amount_check"),
                ("own_figures", "of_value = 1", "own_figures_amount_check"),
                ("own_figures", "period_to = '2024-12-31'", "own_figures_period_check"),
            ] {
                assert_eq!(refused(&database, &format!("UPDATE {table} SET {set}")), check);
            }
            assert!(matches!(locked.board, Board::None));
        });
    }
}

const ROUNDS: u32 = 40;

#[test]
fn of_two_who_freeze_at_once_exactly_one_wins() {
    let databases = [Some(TestDatabase::sqlite()), TestDatabase::postgres()];
    for database in databases.into_iter().flatten() {
        common::runtime().block_on(async {
            let store = database.open();
            store.migrate().await.unwrap();
            let home = tenant("test");
            store.insert_tenant(home.clone(), now()).await.unwrap();
            let place = Arc::new(place(&store, home.id).await);
            // Two services on PostgreSQL; on SQLite a service and a command beside it.
            let stores = [store.clone(), database.open()];
            let mut report = Report::open(2025, at(0));
            for round in 0..ROUNDS {
                let calls: Vec<_> = stores
                    .iter()
                    .enumerate()
                    .map(|(writer, store)| {
                        let done = Done { by: place.staff, at: at(i64::from(round) + 1) };
                        let (before, store) = (report.clone(), store.clone());
                        let after = before.clone().lock(Vec::new(), done).unwrap();
                        let content = format!("{{\"writer\":{writer}}}");
                        let row = after.clone();
                        let write = store.write(home.id, move |tx| {
                            tx.save_report(&before, &row)?;
                            tx.insert_frozen(&frozen(&row, &content))
                        });
                        (tokio::spawn(write), after)
                    })
                    .collect();
                let mut won = Vec::new();
                for (writer, (call, after)) in calls.into_iter().enumerate() {
                    match call.await.unwrap() {
                        Ok(()) => won.push((writer, after)),
                        Err(Error::Stale | Error::Busy) => {}
                        Err(other) => panic!("round {round}: {other:?}"),
                    }
                }
                let [(writer, after)] = won.as_slice() else { panic!("round {round}: {won:?}") };
                report = store.read(home.id, |tx| tx.report(2025)).await.unwrap().expect("one");
                assert_eq!(&report, after);
                let newest = store.read(home.id, |tx| tx.frozen(2025, None)).await.unwrap();
                assert_eq!(newest.content, format!("{{\"writer\":{writer}}}"));
            }
            assert_eq!(report.newest, ROUNDS);
        });
    }
}
