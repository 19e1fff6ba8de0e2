//! A case comes back as it was, and is saved only from where it stood.

use std::collections::BTreeSet;

use domain::case::closing::Closing;
use domain::case::event::FieldChange;
use domain::case::{Case, Command, Event, State, Status};
use domain::ids::{CaseId, CauseId, InvestigationId};
use serde_json::json;
use store::{Error, HistoryEntry};
use uuid::Uuid;

use crate::common::{now, tenant};
use crate::samples::{Place, at, bare, full, insert, neighbours, on_each_database, state};

#[test]
fn a_case_comes_back_as_it_was_in_every_status() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let (subject, to) = neighbours(&store, tenant, &place).await;
        for (number, status) in (1u64..).zip(Status::ALL) {
            let mut rich = full(&place, 2 * number, subject, to);
            rich.state = state(status, &place, true);
            if status == Status::Draft {
                rich.opinion = None;
            }
            let mut poor = bare(&place, 2 * number + 1);
            poor.state = state(status, &place, false);
            insert(&store, tenant, vec![rich.clone(), poor.clone()]).await;
            for case in [&rich, &poor] {
                let id = case.id;
                let read = store.read(tenant, move |tx| tx.case(id)).await.unwrap();
                assert_eq!(&read, case, "{status}");
            }

            // Each becomes what the other was, but for what never changes and what is unique.
            let swap = |from: &Case, to: &Case| Case {
                id: from.id,
                number: from.number,
                external_number: from.external_number.clone(),
                investigation: from.investigation.clone(),
                feedback: from.feedback.clone(),
                links: from.links.clone(),
                watches: from.watches.clone(),
                conflicts: from.conflicts.clone(),
                version: from.version + 1,
                ..to.clone()
            };
            let swapped = [(rich.clone(), swap(&rich, &poor)), (poor.clone(), swap(&poor, &rich))];
            for (before, after) in swapped {
                let saved = after.clone();
                let expected = (before.status(), before.version);
                store.write(tenant, move |tx| tx.save_case(&saved, expected)).await.unwrap();
                let id = after.id;
                let read = store.read(tenant, move |tx| tx.case(id)).await.unwrap();
                assert_eq!(read, after, "{status}");
            }
        }
    });
}

#[test]
fn cases_read_together_are_those_read_one_by_one() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let (subject, to) = neighbours(&store, tenant, &place).await;
        let mut kept = Vec::new();
        for number in 1u64..=4 {
            kept.push(full(&place, 2 * number, subject, to));
            kept.push(bare(&place, 2 * number + 1));
        }
        assert!(kept[0].investigation.is_some() && !kept[0].conflicts.is_empty());
        insert(&store, tenant, kept.clone()).await;
        let mut ids: BTreeSet<CaseId> = kept.iter().map(|case| case.id).collect();
        // One that is not there, and one that is not asked for.
        ids.insert(CaseId(Uuid::nil()));
        ids.remove(&kept[3].id);
        let read = store.read(tenant, move |tx| tx.cases(&ids)).await.unwrap();
        let mut expected = kept.clone();
        expected.remove(3);
        expected.sort_by_key(|case| case.id);
        assert_eq!(read, expected);
        let backwards: Vec<CaseId> = kept.iter().rev().map(|case| case.id).collect();
        let read = store.read(tenant, move |tx| tx.cases_there(&backwards)).await.unwrap();
        kept.reverse();
        assert_eq!(read, kept);
        let none = store.read(tenant, |tx| tx.cases(&BTreeSet::new())).await.unwrap();
        assert_eq!(none, []);
    });
}

#[test]
fn an_imported_case_may_be_closed_without_an_outcome() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let mut case = bare(&place, 1);
        case.imported = true;
        case.state = State::Closed(Closing {
            outcome: None,
            summary: None,
            action_taken: None,
            at: at(3),
            by: None,
        });
        insert(&store, tenant, vec![case.clone()]).await;
        let id = case.id;
        assert_eq!(store.read(tenant, move |tx| tx.case(id)).await.unwrap(), case);
    });
}

#[test]
fn an_investigation_is_written_anew_and_loses_nothing() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let (subject, to) = neighbours(&store, tenant, &place).await;
        let case = full(&place, 1, subject, to);
        let id = case.id;
        insert(&store, tenant, vec![case.clone()]).await;

        let mut inquiry = case.investigation.unwrap();
        inquiry.investigator = None;
        inquiry.completed_at = None;
        inquiry.course_of_events = None;
        inquiry.support_offered = Some(false);
        inquiry.causes.reverse();
        inquiry.measures.rotate_left(1);
        inquiry.measures[0].causes = vec![inquiry.causes[1].id];
        inquiry.measures.pop();
        inquiry.version += 1;
        let saved = inquiry.clone();
        store.write(tenant, move |tx| tx.save_investigation(&saved)).await.unwrap();
        let read = store.read(tenant, move |tx| tx.case(id)).await.unwrap().investigation.unwrap();
        // A measure's causes stand in the order of the investigation's.
        inquiry.measures[1].causes.reverse();
        assert_eq!(read, inquiry);

        // Twice the same cause is once.
        let cause = inquiry.causes[0].id;
        inquiry.measures[0].causes = vec![cause, cause];
        inquiry.version += 1;
        let saved = inquiry.clone();
        store.write(tenant, move |tx| tx.save_investigation(&saved)).await.unwrap();
        let inquiry_id = inquiry.id;
        let read = store.read(tenant, move |tx| tx.investigation(inquiry_id)).await.unwrap();
        assert_eq!(read.measures[0].causes, [cause]);

        // One version behind, somebody else was faster.
        let saved = inquiry.clone();
        let refused = store.write(tenant, move |tx| tx.save_investigation(&saved)).await;
        assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
        inquiry.version += 1;

        // A cause that is not there, and an investigation that is not there.
        inquiry.measures[0].causes = vec![CauseId(Uuid::now_v7())];
        let saved = inquiry.clone();
        let refused = store.write(tenant, move |tx| tx.save_investigation(&saved)).await;
        assert!(matches!(refused, Err(Error::Reference { .. })), "{refused:?}");
        inquiry.id = InvestigationId(Uuid::now_v7());
        let refused = store.write(tenant, move |tx| tx.save_investigation(&inquiry)).await;
        assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
    });
}

#[test]
fn a_case_is_saved_only_from_its_status_and_version() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let case = bare(&place, 1);
        let id = case.id;
        insert(&store, own, vec![case.clone()]).await;
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();

        let mut changed = case.clone();
        changed.version = 2;
        changed.state = State::Triaged;
        changed.filing.description = "Nytt".to_owned();
        let stranger = Case { id: CaseId(Uuid::now_v7()), ..changed.clone() };
        for (tenant, case, expected) in [
            (own, &changed, (Status::Reported, 2)),
            (own, &changed, (Status::Reported, 0)),
            (own, &changed, (Status::Triaged, 1)),
            (own, &changed, (Status::Draft, 1)),
            (own, &stranger, (Status::Reported, 1)),
            (other.id, &changed, (Status::Reported, 1)),
        ] {
            let case = case.clone();
            let refused = store.write(tenant, move |tx| tx.save_case(&case, expected)).await;
            assert!(matches!(refused, Err(Error::Stale)), "{expected:?}: {refused:?}");
        }
        assert_eq!(store.read(own, move |tx| tx.case(id)).await.unwrap(), case);
        let hidden = store.read(other.id, move |tx| tx.case(id)).await;
        assert!(matches!(hidden, Err(Error::NotFound)));

        let saved = changed.clone();
        let save = move |tx: &mut store::Tx<'_>| tx.save_case(&saved, (Status::Reported, 1));
        store.write(own, save.clone()).await.unwrap();
        assert_eq!(store.read(own, move |tx| tx.case(id)).await.unwrap(), changed);
        assert!(matches!(store.write(own, save).await, Err(Error::Stale)));
    });
}

#[test]
fn numbers_and_ids_are_taken_once_a_tenant() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let mut case = bare(&place, 1);
        case.external_number = Some("A-1".to_owned());
        insert(&store, own, vec![case.clone()]).await;
        for (clash, constraint) in [
            (Case { number: bare(&place, 2).number, ..case.clone() }, "cases_case_id_key"),
            (Case { number: case.number, ..bare(&place, 2) }, "cases_number_key"),
            (
                Case { external_number: Some("A-1".to_owned()), ..bare(&place, 3) },
                "cases_external_number_key",
            ),
        ] {
            // One clash at a time, whichever the database finds first.
            let clash = match constraint {
                "cases_case_id_key" => Case { external_number: None, ..clash },
                _ => clash,
            };
            let refused = store
                .write(own, move |tx| tx.add_rows(|rows| rows.case(&clash)))
                .await
                .unwrap_err();
            assert_eq!(refused.conflict(), Some(constraint));
        }
        insert(&store, own, vec![bare(&place, 4)]).await;
        let numbers = store.read(own, |tx| tx.external_numbers()).await.unwrap();
        assert_eq!(numbers, [("A-1".to_owned(), case.id)]);

        // Another tenant may have the same, all of it.
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let there = Place::new(&store, other.id).await;
        let unit = there.units[0];
        insert(&store, other.id, vec![Case { unit, reporting_unit: unit, ..case.clone() }]).await;

        // Ours does not take its units, nor its cases for links.
        let stray = Case { unit, ..bare(&place, 5) };
        let refused = store.write(own, move |tx| tx.add_rows(|rows| rows.case(&stray))).await;
        assert!(matches!(refused, Err(Error::Reference { .. })), "{refused:?}");
    });
}

#[test]
fn cases_are_read_through_in_the_order_of_their_ids() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let cases: Vec<Case> = (1..=25).map(|number| bare(&place, number)).collect();
        insert(&store, tenant, cases.iter().rev().cloned().collect()).await;
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = store.read(tenant, move |tx| tx.cases_after(after, 10)).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            read.extend(page);
        }
        assert_eq!(read, cases);
    });
}

#[test]
fn a_history_goes_by_version_and_has_each_once() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let (case, other) = (bare(&place, 1), bare(&place, 2));
        let (id, other_id) = (case.id, other.id);
        insert(&store, tenant, vec![case, other]).await;
        let event = |command, from, to, reason: Option<&str>| Event {
            command,
            from,
            to,
            changes: vec![FieldChange {
                field: "severity".to_owned(),
                old: json!(null),
                new: json!({ "actual": 3, "text": "Å" }),
            }],
            reason: reason.map(str::to_owned),
        };
        // Written, and timed, in another order than they are read.
        let written = [
            (10, event(Command::Close, Some(Status::Triaged), Status::Closed, None), 1),
            (2, event(Command::Triage, Some(Status::Reported), Status::Triaged, Some("Så")), 3),
            (1, event(Command::File, None, Status::Reported, None), 2),
        ];
        let by = place.staff[0];
        let entries = written.clone();
        store
            .write(tenant, move |tx| {
                for (version, event, hours) in &entries {
                    let by = (*version > 1).then_some(by);
                    tx.add_rows(|rows| rows.history((id, *version), event, by, at(*hours), None))?;
                }
                tx.add_rows(|rows| rows.history((other_id, 1), &entries[2].1, None, at(0), None))
            })
            .await
            .unwrap();
        let entry = |(version, event, hours): &(i64, Event, i64)| HistoryEntry {
            version: *version,
            at: at(*hours),
            by: (*version > 1).then_some(by),
            command: event.command.code().to_owned(),
            from: event.from.map(|status| status.code().to_owned()),
            to: event.to.code().to_owned(),
            changes: event.changes.clone(),
            reason: event.reason.clone(),
        };
        let expected: Vec<HistoryEntry> = written.iter().rev().map(entry).collect();
        assert_eq!(store.read(tenant, move |tx| tx.history_of(id)).await.unwrap(), expected);

        let again = written[1].1.clone();
        let refused = store
            .write(tenant, move |tx| {
                tx.add_rows(|rows| rows.history((id, 2), &again, None, at(9), None))
            })
            .await;
        assert_eq!(refused.unwrap_err().conflict(), Some("case_history_case_id_version_key"));
    });
}

#[test]
fn a_link_is_made_taken_away_and_found_from_its_end() {
    use domain::case::Link;
    use domain::case::link::LinkKind;
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let (case, other) = (bare(&place, 1), bare(&place, 2));
        let (from, to) = (case.id, other.id);
        insert(&store, tenant, vec![case, other]).await;
        let [duplicate, related] = [LinkKind::DuplicateOf, LinkKind::Related].map(|kind| Link {
            kind,
            to,
            at: at(if kind == LinkKind::Related { 1 } else { 2 }),
        });
        for link in [duplicate.clone(), related.clone()] {
            store
                .write(tenant, move |tx| tx.add_rows(|rows| rows.link(from, &link)))
                .await
                .unwrap();
        }
        let links = store.read(tenant, move |tx| tx.links_of(from)).await.unwrap();
        assert_eq!(links, [related.clone(), duplicate.clone()]);
        // Only what is closed as one is a duplicate; made void, it is one no longer.
        for (status, is_one) in
            [(Status::Reported, false), (Status::Closed, true), (Status::Void, false)]
        {
            let before = store.read(tenant, move |tx| tx.case(from)).await.unwrap();
            let expected = (before.status(), before.version);
            let version = before.version + 1;
            let state = state(status, &place, false);
            let after = Case { version, state, ..before };
            store.write(tenant, move |tx| tx.save_case(&after, expected)).await.unwrap();
            let of = async |id| store.read(tenant, move |tx| tx.has_duplicates(id)).await.unwrap();
            assert_eq!((of(to).await, of(from).await), (is_one, false), "{status}");
        }

        let again = Link { at: at(9), ..related.clone() };
        let refused =
            store.write(tenant, move |tx| tx.add_rows(|rows| rows.link(from, &again))).await;
        let name = "case_links_case_id_kind_to_case_id_key";
        assert_eq!(refused.unwrap_err().conflict(), Some(name));
        let nowhere = Link { to: CaseId(Uuid::now_v7()), ..related.clone() };
        let refused =
            store.write(tenant, move |tx| tx.add_rows(|rows| rows.link(from, &nowhere))).await;
        assert!(matches!(refused, Err(Error::Reference { .. })), "{refused:?}");

        store.write(tenant, move |tx| tx.delete_link(from, &duplicate)).await.unwrap();
        let links = store.read(tenant, move |tx| tx.links_of(from)).await.unwrap();
        assert_eq!(links, [related]);
        assert!(!store.read(tenant, move |tx| tx.has_duplicates(to)).await.unwrap());
    });
}
