//! The tables refuse what the domain could never mean.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use crate::common::TestDatabase;
use crate::samples::{Place, bare, full, insert, neighbours, with_each_database};

/// The check that refuses the statement.
fn refused(database: &TestDatabase, sql: &str) -> String {
    match database.execute(sql) {
        Err(Error::DatabaseError(DatabaseErrorKind::CheckViolation, info)) => name(&*info),
        other => panic!("{sql}: {other:?}"),
    }
}

/// SQLite names the check in its message only.
fn name(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    let message = info.message();
    let named = || message.strip_prefix("CHECK constraint failed: ").unwrap_or(message);
    info.constraint_name().unwrap_or_else(named).to_owned()
}

#[test]
fn no_case_is_in_two_states_at_once() {
    with_each_database(async |database, store, tenant| {
        let place = Place::new(&store, tenant).await;
        insert(&store, tenant, vec![bare(&place, 1)]).await;
        const CLOSED: &str = "status = 'closed', closed_at = updated_at";
        const VOID: &str = "status = 'void', voided_at = updated_at";
        for (set, check) in [
            (format!("{CLOSED}, outcome = 'UTF.ATG'"), "cases_ending_check"),
            ("status = 'closed', outcome = 'UTF.ATG', ending = '{}'".into(), "cases_closed_check"),
            (format!("{CLOSED}, ending = '{{}}'"), "cases_closed_check"),
            ("closed_at = updated_at".into(), "cases_closed_check"),
            ("outcome = 'UTF.ATG'".into(), "cases_closed_check"),
            ("imported = true, outcome = 'UTF.ATG'".into(), "cases_closed_check"),
            (VOID.into(), "cases_ending_check"),
            ("status = 'void', ending = '{}'".into(), "cases_void_check"),
            ("voided_at = updated_at".into(), "cases_void_check"),
            (format!("{VOID}, ending = '{{}}', outcome = 'UTF.ATG'"), "cases_closed_check"),
            (format!("{VOID}, ending = '{{}}', closed_at = updated_at"), "cases_closed_check"),
            ("ending = '{}'".into(), "cases_ending_check"),
            ("status = 'done'".into(), "cases_status_check"),
            ("status = ''".into(), "cases_status_check"),
            ("status = 'draft', private = false".into(), "cases_private_check"),
            ("kind = 'AVV'".into(), "cases_kind_check"),
            ("subkind = 'BER'".into(), "cases_subkind_check"),
            ("kind = 'synpunkt', subkind = 'XYZ'".into(), "cases_subkind_check"),
            ("kind = 'klagomal', subkind = 'FOR'".into(), "cases_subkind_check"),
            ("track = 'fast'".into(), "cases_track_check"),
            ("version = 0".into(), "cases_version_check"),
        ] {
            assert_eq!(refused(&database, &format!("UPDATE cases SET {set}")), check, "{set}");
        }
        for set in [
            format!("{CLOSED}, outcome = 'UTF.ATG', ending = '{{}}'"),
            "outcome = NULL, imported = true".to_owned(),
            "status = 'reported', closed_at = NULL, ending = NULL, imported = false".to_owned(),
            format!("{VOID}, ending = '{{}}'"),
            "kind = 'synpunkt', subkind = 'BER', track = NULL".to_owned(),
        ] {
            database.execute(&format!("UPDATE cases SET {set}")).expect(&set);
        }
    });
}

#[test]
fn no_part_of_a_case_says_what_it_cannot() {
    with_each_database(async |database, store, tenant| {
        let place = Place::new(&store, tenant).await;
        let (subject, to) = neighbours(&store, tenant, &place).await;
        insert(&store, tenant, vec![full(&place, 1, subject, to)]).await;
        for (sql, check) in [
            ("UPDATE measures SET effect = 'maybe'", "measures_effect_check"),
            ("UPDATE measures SET effect = 'yes', done_on = NULL", "measures_effect_done_check"),
            ("UPDATE feedback SET audience = 'everybody'", "feedback_audience_check"),
            ("UPDATE case_links SET kind = 'friend'", "case_links_kind_check"),
            (
                "UPDATE case_links SET to_case_id = case_id WHERE kind = 'related'",
                "case_links_self_check",
            ),
            ("UPDATE subjects SET protected = 'XYZ'", "subjects_protected_check"),
        ] {
            assert_eq!(refused(&database, sql), check, "{sql}");
        }
    });
}

#[test]
fn what_lies_between_caregivers_is_whole() {
    use domain::escalation::raise::{Beside, Brought, by_hand, imported};
    use domain::escalation::{Escalation, Kind};
    use domain::forwarding::import::Brought as BroughtForwarding;
    use domain::forwarding::{Counterparty, Details, Direction, Forwarding};
    use domain::ids::{CounterpartyId, EscalationId, ForwardingId, StaffId};
    use domain::law::Law;
    use uuid::Uuid;

    use crate::samples::at;

    with_each_database(async |database, store, tenant| {
        let place = Place::new(&store, tenant).await;
        let case = bare(&place, 1);
        let id = case.id;
        insert(&store, tenant, vec![case.clone()]).await;
        let counterparty = Counterparty {
            id: CounterpartyId(Uuid::now_v7()),
            name: "Regionen".to_owned(),
            kind: "SPE".to_owned(),
            hsa_id: Some("SE2321000016-A12".parse().unwrap()),
            answer_days: Some(30),
            valid_from: None,
            valid_to: None,
            details: Details { address: vec!["Box 1".to_owned()], ..Details::default() },
            version: 1,
            updated_at: at(0),
        };
        let came = |case, sent_at, answered_at, seed| {
            let (direction, case) = match case {
                Some(case) => (Direction::Sent, Some((case, place.units[0], Law::Hsl))),
                None => (Direction::Received, None),
            };
            let brought = BroughtForwarding {
                id: ForwardingId(Uuid::now_v7()),
                seed,
                direction,
                counterparty: counterparty.id,
                case,
                matter: "Läkemedel".to_owned(),
                sent_at,
                answered_at,
            };
            Forwarding::imported(brought, at(5))
        };
        let received = came(None, at(2), None, 1);
        let sent = came(Some(id), at(1), Some(at(3)), 2);
        let brought = Brought {
            kind: Kind::LexSarah,
            flagged_at: at(1),
            decided_at: Some(at(2)),
            notified_at: Some(at(3)),
            ivo_decided_at: Some(at(4)),
            motivation: Some("Brister".to_owned()),
        };
        let new = || EscalationId(Uuid::now_v7());
        let full = imported(new(), brought, Beside::of(&case), at(5));
        let by = StaffId(Uuid::now_v7());
        let raise = |now| {
            let text = "Kunde ha gått illa.".to_owned();
            by_hand(new(), Kind::LexMaria, &case, text, by, now).unwrap().escalation
        };
        let poor: Escalation = raise(at(0));
        let all =
            (counterparty.clone(), [received.clone(), sent.clone()], [full.clone(), poor.clone()]);
        store
            .write(tenant, move |tx| {
                tx.insert_counterparty(&all.0)?;
                tx.insert_forwarding(&all.1[0], None)?;
                tx.insert_forwarding(&all.1[1], Some("rad 1"))?;
                tx.add_rows(|rows| all.2.iter().for_each(|it| rows.escalation(it)))
            })
            .await
            .unwrap();
        let read = store.read(tenant, |tx| {
            Ok::<_, store::Error>((tx.counterparties()?, tx.forwardings()?, tx.escalations()?))
        });
        let (counterparties, forwardings, escalations) = read.await.unwrap();
        assert_eq!(counterparties, std::slice::from_ref(&counterparty));
        let kept = [(sent.clone(), Some("rad 1".to_owned())), (received, None)];
        assert_eq!(forwardings, kept);
        assert_eq!(escalations, [poor, full.clone()]);

        let id = CounterpartyId(Uuid::now_v7());
        let again = Counterparty { id, hsa_id: None, ..counterparty };
        let error = store.write(tenant, move |tx| tx.insert_counterparty(&again)).await;
        assert_eq!(error.unwrap_err().conflict(), Some("counterparties_name_key"));
        let mut again = sent;
        again.id = ForwardingId(Uuid::now_v7());
        again.number = None;
        let error =
            store.write(tenant, move |tx| tx.insert_forwarding(&again, Some("rad 1"))).await;
        assert_eq!(error.unwrap_err().conflict(), Some("forwardings_import_key_key"));
        // Of a kind a case has one that is open, whatever the program thinks.
        let again = raise(at(2));
        let error =
            store.write(tenant, move |tx| tx.add_rows(|rows| rows.escalation(&again))).await;
        assert_eq!(error.unwrap_err().conflict(), Some("escalations_case_id_kind_key"));

        for (sql, check) in [
            (
                "UPDATE forwardings SET case_id = NULL WHERE direction = 'sent'",
                "forwardings_sent_case_check",
            ),
            (
                "UPDATE forwardings SET direction = 'lost' WHERE direction = 'sent'",
                "forwardings_direction_check",
            ),
            ("UPDATE escalations SET kind = 'lex'", "escalations_kind_check"),
            (
                "UPDATE escalations SET status = 'reported' WHERE kind = 'lex_maria'",
                "escalations_status_check",
            ),
            (
                "UPDATE escalations SET status = 'withdrawn' WHERE kind = 'lex_maria'",
                "escalations_notified_check",
            ),
            (
                "UPDATE escalations SET status = 'decided_no' WHERE kind = 'lex_maria'",
                "escalations_no_check",
            ),
            (
                "UPDATE escalations SET case_id = NULL WHERE kind = 'lex_maria'",
                "escalations_case_check",
            ),
        ] {
            assert_eq!(refused(&database, sql), check, "{sql}");
        }
    });
}
