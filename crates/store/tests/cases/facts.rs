//! The fact of a case follows it, and events grow together.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::{Case, Kind, Progress, State, Status};
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, StaffId, TenantId};
use domain::statistics::{
    BaseQuery, CaseRow, Column, CountBy, Fact, Month, Months, Part, Placed, Times, Values,
};
use store::{Error, Store};
use uuid::Uuid;

use crate::samples::{
    Place, at, bare, full, insert, neighbours, on_each_database, state, with_each_database,
};

/// Every column of every fact.
fn everything(placed: Placed) -> BaseQuery {
    let month = |year, month| Month { year, month };
    BaseQuery {
        columns: BTreeSet::from([
            Column::Year,
            Column::Month,
            Column::Week,
            Column::Weekday,
            Column::Hour,
            Column::Kind,
            Column::Unit,
            Column::ReportingUnit,
            Column::Laws,
            Column::Category,
            Column::Nature,
            Column::Severity,
            Column::Probability,
            Column::Vardskada,
            Column::Serious,
            Column::Injury,
            Column::ReachedPerson,
            Column::Track,
            Column::Outcome,
            Column::Status,
            Column::Source,
            Column::Channel,
            Column::Profession,
            Column::Sex,
            Column::AgeBand,
            Column::Suggestion,
            Column::SuggestionReported,
            Column::Understood,
            Column::Helped,
            Column::Patientnamnd,
        ]),
        placed,
        spans: vec![Months { from: month(2020, 1), to: month(2030, 12) }],
        conditions: Vec::new(),
        duplicates: true,
        reported_before: None,
        closed_before: None,
        part: Part::All,
    }
}

async fn rows(store: &Store, tenant: TenantId, query: BaseQuery) -> BTreeMap<CaseId, CaseRow> {
    let rows = store.read(tenant, move |tx| {
        let mut rows = BTreeMap::new();
        tx.figure_rows(&query, |row| _ = rows.insert(row.case, row))?;
        Ok::<_, Error>(rows)
    });
    rows.await.unwrap()
}

fn times(fact: &Fact) -> Times {
    Times {
        occurred: fact.occurred_at,
        reported: fact.reported_at,
        triaged: fact.triaged_at,
        investigated: fact.investigated_at,
        closed: fact.closed_at,
    }
}

#[test]
fn a_fact_says_what_its_case_says_after_every_change() {
    on_each_database(async |store, tenant| {
        let codes = CodeLists::shared();
        let place = Place::new(&store, tenant).await;
        let (subject, to) = neighbours(&store, tenant, &place).await;
        let (rich, poor) = (full(&place, 1, subject, to), bare(&place, 2));
        insert(&store, tenant, vec![rich.clone(), poor.clone()]).await;
        let facts = [Fact::of(&rich, &codes), Fact::of(&poor, &codes)];
        store
            .write(tenant, move |tx| {
                facts.iter().try_for_each(|fact| tx.add_rows(|rows| rows.fact(fact)))
            })
            .await
            .unwrap();

        // Each is in turn what the other was, in every status.
        let mut now = [rich.clone(), poor.clone()];
        for status in [None].into_iter().chain(Status::ALL.map(Some)) {
            if let Some(status) = status {
                let [a, b] = now.clone();
                now = [Case { id: rich.id, ..b }, Case { id: poor.id, ..a }];
                now[0].state = state(status, &place, true);
                let facts = now.each_ref().map(|case| Fact::of(case, &codes));
                store
                    .write(tenant, move |tx| facts.iter().try_for_each(|fact| tx.update_fact(fact)))
                    .await
                    .unwrap();
            }
            for (placed, count_by) in
                [(Placed::Reported, CountBy::Reported), (Placed::Occurred, CountBy::Occurred)]
            {
                let found = rows(&store, tenant, everything(placed)).await;
                let expected: BTreeMap<CaseId, CaseRow> = now
                    .iter()
                    .filter(|case| !case.uncounted())
                    .filter(|case| placed == Placed::Reported || case.occurred_at.is_some())
                    .map(|case| {
                        let fact = Fact::of(case, &codes);
                        let at = Values::of(&fact, count_by);
                        let row = CaseRow {
                            at,
                            case: case.id,
                            shared_event: None,
                            times: times(&fact),
                            answered: None,
                        };
                        (case.id, row)
                    })
                    .collect();
                assert_eq!(found, expected, "{status:?}");
            }
        }

        let again = Fact::of(&rich, &codes);
        let refused =
            store.write(tenant, move |tx| tx.add_rows(|rows| rows.fact(&again))).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("case_facts_case_id_key"));
        let nobody = Fact::of(&Case { id: CaseId(Uuid::now_v7()), ..rich }, &codes);
        let refused = store.write(tenant, move |tx| tx.update_fact(&nobody)).await;
        assert!(matches!(refused, Err(Error::NotFound)));
    });
}

#[test]
fn a_duplicate_and_its_times_are_kept() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let mut case = bare(&place, 1);
        case.kind = Kind::Avvikelse;
        case.progress = Progress { triaged_at: Some(at(1)), ..Progress::default() };
        if let State::Closed(mut closing) = state(Status::Closed, &place, true) {
            closing.outcome = Some("UTF.DUB".to_owned());
            case.state = State::Closed(closing);
        }
        let id = case.id;
        let fact = Fact::of(&case, &CodeLists::shared());
        insert(&store, tenant, vec![case]).await;
        store.write(tenant, move |tx| tx.add_rows(|rows| rows.fact(&fact))).await.unwrap();
        let all = everything(Placed::Reported);
        let found = rows(&store, tenant, all.clone()).await;
        assert_eq!(found[&id].times.closed, Some(at(20)));
        assert!(rows(&store, tenant, BaseQuery { duplicates: false, ..all }).await.is_empty());
        assert!(!store.read(tenant, move |tx| tx.is_counted(id)).await.unwrap());
    });
}

#[test]
fn a_case_counts_from_when_it_is_handed_in_until_it_is_void() {
    on_each_database(async |store, tenant| {
        let (codes, ids) = (CodeLists::shared(), cases(&store, tenant, 1).await);
        let id = ids[0];
        let counted = async |id| store.read(tenant, move |tx| tx.is_counted(id)).await.unwrap();
        let case = store.read(tenant, move |tx| tx.case(id)).await.unwrap();
        let place = Place { units: [case.unit; 3], staff: [StaffId(Uuid::now_v7()); 2] };
        for status in Status::ALL {
            let fact =
                Fact::of(&Case { state: state(status, &place, false), ..case.clone() }, &codes);
            store.write(tenant, move |tx| tx.update_fact(&fact)).await.unwrap();
            let expected = !matches!(status, Status::Draft | Status::Void);
            assert_eq!(counted(id).await, expected, "{status}");
        }
        assert!(!counted(CaseId(Uuid::now_v7())).await);
    });
}

/// Takes in cases with their facts.
async fn cases(store: &Store, tenant: TenantId, number: u64) -> Vec<CaseId> {
    let place = Place::new(store, tenant).await;
    let cases: Vec<Case> = (1..=number).map(|number| bare(&place, number)).collect();
    let ids = cases.iter().map(|case| case.id).collect();
    store
        .write(tenant, move |tx| {
            let codes = CodeLists::shared();
            cases.iter().try_for_each(|case| {
                tx.add_rows(|rows| rows.case(case))?;
                tx.add_rows(|rows| rows.fact(&Fact::of(case, &codes)))
            })
        })
        .await
        .unwrap();
    ids
}

/// The event of each case, where it shares it.
async fn events(store: &Store, tenant: TenantId, ids: &[CaseId]) -> Vec<Option<CaseId>> {
    let rows = rows(store, tenant, everything(Placed::Reported)).await;
    ids.iter().map(|id| rows[id].shared_event).collect()
}

#[test]
fn events_grow_together_whichever_way_they_are_joined() {
    on_each_database(async |store, tenant| {
        let ids = cases(&store, tenant, 8).await;
        let join = async |one: usize, other: usize| {
            let (one, other) = (ids[one], ids[other]);
            store.write(tenant, move |tx| tx.join_events(one, other)).await.unwrap();
        };
        assert_eq!(events(&store, tenant, &ids).await, [None; 8]);
        // Three become one through the one in the middle, the last first.
        join(2, 1).await;
        join(1, 0).await;
        let first = Some(ids[0]);
        let expected = [first, first, first, None, None, None, None, None];
        assert_eq!(events(&store, tenant, &ids).await, expected);

        // Two events of several cases each; again, and the other way round, changes nothing.
        join(5, 4).await;
        join(4, 3).await;
        let second = Some(ids[3]);
        let expected = [first, first, first, second, second, second, None, None];
        assert_eq!(events(&store, tenant, &ids).await, expected);
        join(2, 5).await;
        join(0, 4).await;
        join(3, 1).await;
        let expected = [first, first, first, first, first, first, None, None];
        assert_eq!(events(&store, tenant, &ids).await, expected);

        // A change of the case leaves its event alone.
        let id = ids[5];
        let fact = store.read(tenant, move |tx| tx.case(id)).await.unwrap();
        let fact = Fact::of(&fact, &CodeLists::shared());
        store.write(tenant, move |tx| tx.update_fact(&fact)).await.unwrap();
        assert_eq!(events(&store, tenant, &ids).await, expected);

        let (known, nobody) = (ids[7], CaseId(Uuid::now_v7()));
        let refused = store.write(tenant, move |tx| tx.join_events(known, nobody)).await;
        assert!(matches!(refused, Err(Error::NotFound)));
    });
}

#[test]
fn joins_at_the_same_time_lose_none() {
    with_each_database(async |database, store, tenant| {
        let another = database.open();
        let ids = cases(&store, tenant, 150).await;
        for three in ids.chunks(3) {
            let (a, b, c) = (three[0], three[1], three[2]);
            let one = tokio::spawn(store.write(tenant, move |tx| tx.join_events(a, b)));
            let two = tokio::spawn(another.write(tenant, move |tx| tx.join_events(b, c)));
            let (one, two): (Result<(), Error>, Result<(), Error>) =
                (one.await.unwrap(), two.await.unwrap());
            one.unwrap();
            two.unwrap();
            assert_eq!(events(&store, tenant, three).await, [Some(a); 3]);
        }
    });
}
