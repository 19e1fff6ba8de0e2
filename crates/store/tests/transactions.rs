//! What the store promises about reads and writes, on both databases.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{TestDatabase, on_each_database, person, runtime, tenant, unit};
use store::{Backend, Error, Store};

#[test]
fn a_failing_and_a_panicking_write_lose_only_their_own() {
    on_each_database(async |store, tenant| {
        let calls: Vec<_> = (0..30)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(tenant, move |tx| {
                            tx.insert_unit(&unit(&format!("{number:02}")))?;
                            match number {
                                7 => Err(Error::Corrupt("on purpose".to_owned())),
                                // Inside a savepoint, which must not be left open behind it.
                                13 => tx.savepoint(|tx| {
                                    tx.insert_unit(&unit("inner"))?;
                                    panic!("on purpose")
                                }),
                                21 => tx.insert_unit(&unit("21")),
                                _ => Ok(()),
                            }
                        })
                        .await
                })
            })
            .collect();
        for (number, call) in calls.into_iter().enumerate() {
            match (number, call.await.unwrap()) {
                (7, Err(Error::Corrupt(text))) => assert_eq!(text, "on purpose"),
                (13, Err(Error::Panicked(text))) => assert_eq!(text, "on purpose"),
                (21, Err(error)) => assert_eq!(error.conflict(), Some("units_code_key")),
                (_, result) => result.unwrap(),
            }
        }
        let codes: Vec<String> = store
            .read(tenant, |tx| tx.units())
            .await
            .unwrap()
            .into_iter()
            .map(|unit| unit.code)
            .collect();
        let expected: Vec<String> = (0..30)
            .filter(|number| ![7, 13, 21].contains(number))
            .map(|number| format!("{number:02}"))
            .collect();
        assert_eq!(codes, expected);
    });
}

#[test]
fn a_savepoint_takes_back_its_own_and_the_rest_goes_on() {
    on_each_database(async |store, tenant| {
        store
            .write(tenant, |tx| {
                tx.insert_unit(&unit("a"))?;
                let refused = tx.savepoint(|tx| {
                    tx.insert_unit(&unit("b"))?;
                    tx.insert_unit(&unit("a"))
                });
                assert_eq!(refused.unwrap_err().conflict(), Some("units_code_key"));
                tx.savepoint(|tx| tx.insert_unit(&unit("c")))
            })
            .await
            .unwrap();
        let units = store.read(tenant, |tx| tx.units()).await.unwrap();
        assert_eq!(units.iter().map(|unit| unit.code.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    });
}

#[test]
fn work_that_goes_on_after_a_failed_statement_is_never_lost_quietly() {
    on_each_database(async |store, tenant| {
        let result = store
            .write(tenant, |tx| {
                tx.insert_unit(&unit("a"))?;
                let _ = tx.insert_unit(&unit("a"));
                Ok::<_, Error>(())
            })
            .await;
        let units = store.read(tenant, |tx| tx.units()).await.unwrap();
        match store.backend() {
            // SQLite takes back the one statement.
            Backend::Sqlite => assert!(result.is_ok() && units.len() == 1),
            // PostgreSQL takes back all, and says so.
            Backend::Postgres => assert!(
                matches!(result, Err(Error::Statement(_))) && units.is_empty(),
                "{result:?}"
            ),
        }
        store.write(tenant, |tx| tx.insert_unit(&unit("b"))).await.unwrap();
    });
}

#[test]
fn the_callers_own_error_comes_back() {
    #[derive(Debug)]
    enum Own {
        Refused,
        Store,
    }
    impl From<Error> for Own {
        fn from(_: Error) -> Self {
            Own::Store
        }
    }
    on_each_database(async |store, tenant| {
        let refused = store
            .write(tenant, |tx| {
                tx.insert_unit(&unit("a"))?;
                Err::<(), _>(Own::Refused)
            })
            .await;
        assert!(matches!(refused, Err(Own::Refused)));
        let failed: Result<(), Own> = store
            .write(tenant, |tx| {
                tx.insert_unit(&unit("a"))?;
                tx.insert_unit(&unit("a"))?;
                Ok(())
            })
            .await;
        assert!(matches!(failed, Err(Own::Store)));
        assert!(store.read(tenant, |tx| tx.units()).await.unwrap().is_empty());
    });
}

#[test]
fn writes_from_eight_threads_are_all_there() {
    on_each_database(async |store, tenant| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let store = store.clone();
                std::thread::spawn(move || {
                    runtime().block_on(async {
                        for number in 0..25 {
                            store
                                .write(tenant, move |tx| {
                                    tx.bump_config_version()?;
                                    tx.insert_unit(&unit(&format!("{thread}-{number}")))
                                })
                                .await
                                .unwrap();
                        }
                    })
                })
            })
            .collect();
        for thread in threads {
            tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
        }
        let (tenant, units) =
            store.read(tenant, |tx| Ok::<_, Error>((tx.own_tenant()?, tx.units()?))).await.unwrap();
        assert_eq!((tenant.config_version, units.len()), (201, 200));
    });
}

#[test]
fn of_many_who_save_from_one_version_one_wins() {
    on_each_database(async |store, tenant| {
        let asa = person("asa");
        let inserted = asa.clone();
        store.write(tenant, move |tx| tx.insert_staff(&inserted)).await.unwrap();
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let (store, asa) = (store.clone(), asa.clone());
                tokio::spawn(async move {
                    store.write(tenant, move |tx| tx.update_staff(&asa, 1)).await
                })
            })
            .collect();
        let mut won = 0;
        for call in calls {
            match call.await.unwrap() {
                Ok(version) => {
                    assert_eq!(version, 2);
                    won += 1;
                }
                Err(error) => assert!(matches!(error, Error::Stale), "{error:?}"),
            }
        }
        assert_eq!(won, 1);
    });
}

#[test]
fn a_read_sees_one_moment_and_changes_nothing() {
    on_each_database(async |store, tenant| {
        let (began, go_on) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (began_inside, go_on_inside) = (began.clone(), go_on.clone());
        let reader = store.clone();
        let read = tokio::spawn(async move {
            reader
                .read(tenant, move |tx| {
                    let before = tx.units()?.len();
                    began_inside.store(true, Ordering::SeqCst);
                    while !go_on_inside.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Ok::<_, Error>((before, tx.units()?.len()))
                })
                .await
        });
        while !began.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        store.write(tenant, |tx| tx.insert_unit(&unit("a"))).await.unwrap();
        go_on.store(true, Ordering::SeqCst);
        assert_eq!(read.await.unwrap().unwrap(), (0, 0));

        let refused = store.read(tenant, |tx| tx.insert_unit(&unit("b"))).await;
        assert!(refused.is_err());
        assert!(matches!(
            store.read(tenant, |_| -> Result<(), Error> { panic!("x") }).await,
            Err(Error::Panicked(_))
        ));
        assert_eq!(store.read(tenant, |tx| tx.units()).await.unwrap().len(), 1);
        store.ping().await.unwrap();
    });
}

#[test]
fn a_write_runs_to_its_end_when_nobody_waits_any_more() {
    on_each_database(async |store, tenant| {
        let write = store.write(tenant, |tx| {
            std::thread::sleep(Duration::from_millis(100));
            tx.insert_unit(&unit("a"))
        });
        assert!(tokio::time::timeout(Duration::from_millis(10), write).await.is_err());
        for _ in 0..100 {
            if !store.read(tenant, |tx| tx.units()).await.unwrap().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the write was lost");
    });
}

#[test]
fn a_full_queue_answers_at_once() {
    for database in [Some(TestDatabase::sqlite()), TestDatabase::postgres()].into_iter().flatten() {
        runtime().block_on(async {
            let mut config = database.config();
            config.write_queue = 2;
            let store = Store::open(config).unwrap();
            store.migrate().await.unwrap();
            let tenant = tenant("test");
            let id = tenant.id;
            store.insert_tenant(tenant, common::now()).await.unwrap();

            // One write that holds the writer until told to go on.
            let (began, has_begun) = tokio::sync::oneshot::channel();
            let (let_go, held) = std::sync::mpsc::channel::<()>();
            let holding = store.write(id, move |tx| {
                let _ = began.send(());
                let _ = held.recv();
                tx.insert_unit(&unit("first"))
            });
            let mut accepted = vec![tokio::spawn(holding)];
            has_begun.await.unwrap();
            // Behind it there is room for a few, and then for no more.
            let mut refused = false;
            for number in 0..8 {
                let mut call = tokio::spawn(
                    store.write(id, move |tx| tx.insert_unit(&unit(&number.to_string()))),
                );
                match tokio::time::timeout(Duration::from_millis(200), &mut call).await {
                    Ok(answer) => match answer.unwrap() {
                        Ok(()) => accepted.push(tokio::spawn(async { Ok(()) })),
                        Err(error) => {
                            assert!(matches!(error, Error::Busy), "{error:?}");
                            refused = true;
                            break;
                        }
                    },
                    Err(_) => accepted.push(call),
                }
            }
            // On PostgreSQL the others get past the one that is held, so that nobody is refused.
            assert_eq!(refused, store.backend() == Backend::Sqlite);
            drop(let_go);
            let number = accepted.len();
            for call in accepted {
                call.await.unwrap().unwrap();
            }
            // What was accepted is there, and nothing else.
            assert_eq!(store.read(id, |tx| tx.units()).await.unwrap().len(), number);
        });
    }
}

#[test]
fn dropping_the_last_store_waits_for_what_was_accepted() {
    let database = TestDatabase::sqlite();
    let tenant = tenant("test");
    let id = tenant.id;
    runtime().block_on(async {
        let store = database.open();
        store.migrate().await.unwrap();
        store.insert_tenant(tenant, common::now()).await.unwrap();
        for number in 0..5 {
            let write = store.write(id, move |tx| {
                std::thread::sleep(Duration::from_millis(20));
                tx.insert_unit(&unit(&number.to_string()))
            });
            let _ = tokio::time::timeout(Duration::from_millis(1), write).await;
        }
        drop(store);
        assert_eq!(database.open().read(id, |tx| tx.units()).await.unwrap().len(), 5);
    });
}

#[test]
fn another_process_that_holds_the_file_makes_it_unavailable_for_a_while() {
    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;

    let database = TestDatabase::sqlite();
    runtime().block_on(async {
        let store = database.open();
        store.migrate().await.unwrap();
        let mut other = SqliteConnection::establish(database.path()).unwrap();
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        let error = store.insert_tenant(tenant("test"), common::now()).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        store.ping().await.unwrap();
        other.batch_execute("ROLLBACK").unwrap();
        store.insert_tenant(tenant("test"), common::now()).await.unwrap();
    });
}

#[test]
fn one_service_at_a_time_serves_a_file() {
    let database = TestDatabase::sqlite();
    let (first, second) = (database.open(), database.open());
    let lock = first.lock_for_serving().unwrap();
    assert!(matches!(second.lock_for_serving(), Err(Error::AlreadyServed(_))));
    // And not from another process either: this test run again as a child says what it got.
    let child = || {
        let program = std::env::current_exe().unwrap();
        let mut command = std::process::Command::new(program);
        command
            .args(["--exact", "child_tries_to_serve", "--ignored"])
            .env("AVVIKELSE_TEST_SERVE", &database.url);
        command.output().unwrap().status.success()
    };
    assert!(!child());
    drop(lock);
    assert!(child());
    drop(second.lock_for_serving().unwrap());
}

/// Not a test: the other process of the test above.
#[test]
#[ignore = "run by another test"]
fn child_tries_to_serve() {
    let Ok(url) = std::env::var("AVVIKELSE_TEST_SERVE") else { return };
    let store = Store::open(store::Config::new(url.parse().unwrap())).unwrap();
    drop(store.lock_for_serving().unwrap());
}

#[test]
fn postgres_takes_any_number_of_services() {
    let Some(database) = TestDatabase::postgres() else { return };
    let (first, second) = (database.open(), database.open());
    let _one = first.lock_for_serving().unwrap();
    let _two = second.lock_for_serving().unwrap();
}
