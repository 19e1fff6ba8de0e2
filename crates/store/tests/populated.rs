//! A database with data in it, brought up from an earlier schema: from the first that had cases, from every one after
//! it, and from the one before the newest. What was there is there afterwards.

mod common;
#[path = "common/old_town.rs"]
mod old_town;

use common::{TestDatabase, runtime};
use domain::ids::{CaseId, TenantId};
use old_town::{CASES, FIRST, TABLE, TENANT, filled, folders, script, version};
use uuid::Uuid;

fn databases() -> impl Iterator<Item = TestDatabase> {
    [Some(TestDatabase::sqlite()), TestDatabase::postgres()].into_iter().flatten()
}

/// Everything that was put in is there, and can be read as today's.
fn whole(database: &TestDatabase) {
    runtime().block_on(async {
        let store = database.open();
        let tenant = TenantId(Uuid::from_u128(TENANT));
        let (cases, counts, sent, lex) = store
            .read(tenant, |tx| {
                let ids = (0..CASES).map(|at| CaseId(Uuid::from_u128(FIRST + at))).collect();
                let cases = tx.cases(&ids)?;
                Ok::<_, store::Error>((
                    cases,
                    tx.record_counts()?,
                    tx.forwardings()?,
                    tx.escalations()?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(cases.len() as u128, CASES);
        for (at, case) in cases.iter().enumerate() {
            assert_eq!(case.filing.description, format!("Fall nr {at}"));
            assert_eq!(case.closed_at().is_some(), at % 2 == 0);
            let inquiry = case.investigation.as_ref().unwrap();
            assert_eq!(inquiry.course_of_events.as_deref(), Some(&*format!("Larmet var av {at}")));
            assert_eq!((inquiry.causes.len(), inquiry.measures.len()), (1, 1));
            assert_eq!(inquiry.measures[0].causes, [inquiry.causes[0].id]);
            assert!(case.subject.is_some());
        }
        let count = i64::try_from(CASES).unwrap();
        let counted =
            (counts.cases, counts.facts, counts.history, counts.audit_of_cases, counts.messages);
        assert_eq!(counted, (count, count, count, count, count));
        assert_eq!((sent.len(), lex.len()), (5, 5));
        assert!(sent.iter().all(|(it, key)| it.document.matter == "Läkemedel" && key.is_some()));
    });
}

#[test]
fn a_town_of_the_first_schema_comes_up_whole() {
    for database in databases() {
        let all = folders(database.backend);
        database.execute_as_owner(TABLE).unwrap();
        for folder in &all[..2] {
            database.execute_as_owner(&script(folder)).unwrap();
        }
        database.execute_as_owner(&filled(database.backend)).unwrap();
        let migrated = runtime().block_on(async { database.open().migrate().await.unwrap() });
        assert_eq!(migrated.len(), all.len() - 2);
        whole(&database);
    }
}

#[test]
fn it_comes_up_in_steps_from_every_schema_in_between() {
    for database in databases() {
        let all = folders(database.backend);
        database.execute_as_owner(TABLE).unwrap();
        for folder in &all[..2] {
            database.execute_as_owner(&script(folder)).unwrap();
        }
        database.execute_as_owner(&filled(database.backend)).unwrap();
        // As if each release had been installed, the newest by the program.
        for folder in &all[2..all.len() - 1] {
            database.execute_as_owner(&script(folder)).unwrap();
        }
        let migrated = runtime().block_on(async { database.open().migrate().await.unwrap() });
        assert_eq!(migrated, [version(all.last().unwrap())]);
        whole(&database);
    }
}

/// Taken down to the schema before the newest two and up again, nothing of what is older is lost.
#[test]
fn what_is_new_goes_down_and_up_around_the_data() {
    for database in databases() {
        let all = folders(database.backend);
        database.execute_as_owner(TABLE).unwrap();
        for folder in &all[..2] {
            database.execute_as_owner(&script(folder)).unwrap();
        }
        database.execute_as_owner(&filled(database.backend)).unwrap();
        runtime().block_on(async { database.open().migrate().await.unwrap() });
        for folder in all.iter().rev().take(2) {
            let down = std::fs::read_to_string(folder.join("down.sql")).unwrap();
            let version = version(folder);
            let forgotten =
                format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}';");
            database.execute_as_owner(&format!("BEGIN;\n{down}\n{forgotten}\nCOMMIT;")).unwrap();
        }
        let migrated = runtime().block_on(async { database.open().migrate().await.unwrap() });
        assert_eq!(migrated.len(), 2);
        whole(&database);
    }
}
