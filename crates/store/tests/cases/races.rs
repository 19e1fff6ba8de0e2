//! Two writers at one version: exactly one wins.

use domain::case::{Case, State, Status};
use store::Error;

use crate::samples::{Place, bare, insert, with_each_database};

const ROUNDS: i64 = 200;

#[test]
fn of_two_writers_at_one_version_exactly_one_wins() {
    with_each_database(async |database, store, tenant| {
        // Two services on PostgreSQL; on SQLite a service and a command beside it.
        let stores = [store.clone(), database.open()];
        let place = Place::new(&store, tenant).await;
        let mut case = bare(&place, 1);
        let id = case.id;
        insert(&store, tenant, vec![case.clone()]).await;
        let mut wins = [0, 0];
        for round in 0..ROUNDS {
            let expected = (case.status(), case.version);
            let states = [State::Triaged, State::Investigating];
            let calls: Vec<_> = stores
                .iter()
                .zip(states)
                .map(|(store, state)| {
                    let mut changed = Case { state, version: case.version + 1, ..case.clone() };
                    changed.filing.description = format!("{round} {}", changed.status());
                    let saved = changed.clone();
                    let save = store.write(tenant, move |tx| tx.save_case(&saved, expected));
                    (tokio::spawn(save), changed)
                })
                .collect();
            let mut won = Vec::new();
            for (writer, (call, changed)) in calls.into_iter().enumerate() {
                match call.await.unwrap() {
                    Ok(()) => {
                        wins[writer] += 1;
                        won.push(changed);
                    }
                    Err(Error::Stale) => {}
                    Err(other) => panic!("round {round}: {other:?}"),
                }
            }
            assert_eq!(won.len(), 1, "round {round}");
            case = store.read(tenant, move |tx| tx.case(id)).await.unwrap();
            assert_eq!(won, std::slice::from_ref(&case), "round {round}");
        }
        eprintln!("wins: {wins:?}");
        assert_eq!(case.version, 1 + ROUNDS);
        assert_ne!(case.status(), Status::Reported);
    });
}
