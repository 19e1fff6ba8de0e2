//! What a change and a reading leave behind.

use domain::case::Feedback;
use domain::case::feedback::Audience;
use domain::code_lists::Code;
use domain::ids::{CaseId, EntryId, FeedbackId, GroundId, MessageId, StaffId, SubjectId};
use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::json;
use store::{AccessEntry, AuditEntry, Error, KeptAnswer, Message, RecordCounts, Sealed};
use uuid::Uuid;

use crate::common::{now, tenant};
use crate::samples::{Place, at, bare, insert, on_each_database, subject};

fn kept(principal: Uuid, key: &str) -> KeptAnswer {
    KeptAnswer {
        principal,
        key: key.to_owned(),
        request_mac: vec![9; 32],
        status: 201,
        location: Some("/api/v1/cases/1".to_owned()),
        etag: Some("\"1\"".to_owned()),
        case: Some(CaseId(Uuid::now_v7())),
        body: Sealed {
            key_version: 2,
            wrapped_key: vec![1, 0],
            nonce: vec![0; 12],
            ciphertext: vec![0, 255, 0],
        },
        at: at(0),
    }
}

#[test]
fn an_answer_is_kept_once_until_it_is_old() {
    on_each_database(async |store, own| {
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let (anna, bo) = (Uuid::now_v7(), Uuid::now_v7());
        let full = kept(anna, "nyckel");
        let poor = KeptAnswer { location: None, etag: None, case: None, ..kept(anna, "Nyckel") };
        for (tenant, answer) in [
            (own, full.clone()),
            // Other keys: in other letters, of somebody else, of another tenant.
            (own, poor.clone()),
            (own, kept(bo, "nyckel")),
            (other.id, kept(anna, "nyckel")),
        ] {
            store.write(tenant, move |tx| tx.add_rows(|rows| rows.answer(&answer))).await.unwrap();
        }
        let again = KeptAnswer { status: 200, at: at(1), ..full.clone() };
        let answer = again.clone();
        let refused =
            store.write(own, move |tx| tx.add_rows(|rows| rows.answer(&answer))).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("idempotency_keys_principal_key_key"));

        let find = async |key: &'static str| {
            store.ask(own, move |tx| tx.kept_answer(anna, key)).await.unwrap()
        };
        let microsecond = SignedDuration::from_micros(1);
        assert_eq!(find("nyckel").await, Some(full.clone()));
        assert_eq!(find("Nyckel").await, Some(poor.clone()));
        assert_eq!(find("annan").await, None);

        // Just not old enough, then old enough: everybody's here go, and nobody's elsewhere.
        assert_eq!(store.write(own, move |tx| tx.forget_answers(at(0))).await.unwrap(), 0);
        assert_eq!(find("nyckel").await, Some(full));
        let answer = again.clone();
        store
            .write(own, move |tx| {
                assert_eq!(tx.forget_answers(at(0) + microsecond)?, 3);
                tx.add_rows(|rows| rows.answer(&answer))
            })
            .await
            .unwrap();
        assert_eq!(find("nyckel").await, Some(again));
        assert_eq!(find("Nyckel").await, None);
        for (tenant, principal, status) in [(own, bo, None), (other.id, anna, Some(201))] {
            let left = move |tx: &mut store::Tx<'_>| tx.kept_answer(principal, "nyckel");
            let kept = store.ask(tenant, left).await.unwrap();
            assert_eq!(kept.map(|kept| kept.status), status);
        }
    });
}

#[test]
fn a_reading_names_everyone_it_exposed() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let entry = |role: Option<&str>, exposed: usize| AccessEntry {
            id: EntryId(Uuid::now_v7()),
            at: at(0),
            by: place.staff[0],
            act: "case.read".to_owned(),
            role: role.map(str::to_owned),
            request: Uuid::now_v7(),
            unit: role.map(|_| place.units[0]),
            from: role.map(|_| "192.0.2.0/24".to_owned()),
            refused: exposed == 1,
            ground: role.map(|_| GroundId(Uuid::now_v7())),
            exposed: (0..exposed)
                .map(|number| {
                    let subject = (number % 2 == 0).then(|| SubjectId(Uuid::now_v7()));
                    (CaseId(Uuid::now_v7()), subject)
                })
                .collect(),
        };
        let entries = vec![entry(Some("mas"), 3), entry(None, 0), entry(Some("auditor"), 1)];
        let written = entries.clone();
        store
            .write(own, move |tx| {
                written.iter().rev().try_for_each(|entry| tx.add_rows(|rows| rows.access(entry)))
            })
            .await
            .unwrap();
        let read = store.read(own, |tx| tx.access_entries(None, 10)).await.unwrap();
        assert_eq!(read, entries);
        let first = store.read(own, |tx| tx.access_entries(None, 2)).await.unwrap();
        assert_eq!(first, entries[..2]);
        let after = Some(first[1].id);
        let rest = store.read(own, move |tx| tx.access_entries(after, 2)).await.unwrap();
        assert_eq!(rest, entries[2..]);

        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let theirs = store.read(other.id, |tx| tx.access_entries(None, 10)).await.unwrap();
        assert_eq!(theirs, []);
        let stranger = AccessEntry { by: StaffId(Uuid::now_v7()), ..entry(None, 1) };
        let refused = store.write(own, move |tx| tx.add_rows(|rows| rows.access(&stranger))).await;
        assert!(matches!(refused, Err(Error::Reference { .. })), "{refused:?}");
        assert_eq!(store.read(own, |tx| tx.access_entries(None, 10)).await.unwrap().len(), 3);
    });
}

#[test]
fn a_sealed_person_comes_back_as_it_was() {
    on_each_database(async |store, own| {
        let full = subject();
        let mut poor = subject();
        poor.confirmed = false;
        poor.protected = None;
        poor.sealed.ciphertext = Vec::new();
        for one in [full.clone(), poor.clone()] {
            store.write(own, move |tx| tx.add_rows(|rows| rows.subject(&one))).await.unwrap();
        }
        for one in [&full, &poor] {
            let id = one.id;
            assert_eq!(&store.read(own, move |tx| tx.subject(id)).await.unwrap(), one);
        }
        let again = full.clone();
        let refused =
            store.write(own, move |tx| tx.add_rows(|rows| rows.subject(&again))).await.unwrap_err();
        // Which of the two rows is refused first, PostgreSQL does not say.
        let either = ["record_keys_kind_record_id_key", "subjects_subject_id_key"];
        assert!(refused.conflict().is_some_and(|it| either.contains(&it)), "{refused:?}");

        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let id = full.id;
        let hidden = store.read(other.id, move |tx| tx.subject(id)).await;
        assert!(matches!(hidden, Err(Error::NotFound)));
        // Nor does a case there take it.
        let there = Place::new(&store, other.id).await;
        let mut case = bare(&there, 1);
        case.subject = Some(id);
        let refused = store.write(other.id, move |tx| tx.add_rows(|rows| rows.case(&case))).await;
        assert!(matches!(refused, Err(Error::Reference { .. })), "{refused:?}");
    });
}

#[test]
fn records_are_counted_for_their_tenant_alone() {
    on_each_database(async |store, own| {
        let place = Place::new(&store, own).await;
        let case = bare(&place, 1);
        let id = case.id;
        insert(&store, own, vec![case]).await;
        let audit = move |object_kind| AuditEntry {
            id: EntryId(Uuid::now_v7()),
            at: at(0),
            by: None,
            action: "case.file".to_owned(),
            object_kind,
            object: id.0,
            details: json!({ "to": "reported" }),
            request: Uuid::now_v7(),
        };
        let message = move |case| Message {
            id: MessageId(Uuid::now_v7()),
            at: at(0),
            topic: "case.filed".to_owned(),
            case,
            payload: json!({}),
        };
        store
            .write(own, move |tx| {
                tx.add_rows(|rows| rows.audit(&audit("case")))?;
                tx.add_rows(|rows| rows.audit(&audit("case")))?;
                tx.add_rows(|rows| rows.audit(&audit("unit")))?;
                tx.add_rows(|rows| rows.message(&message(Some(id))))?;
                tx.add_rows(|rows| rows.message(&message(None)))
            })
            .await
            .unwrap();
        let counts = store.read(own, |tx| tx.record_counts()).await.unwrap();
        let expected = RecordCounts {
            cases: 1,
            facts: 0,
            history: 0,
            audit_of_cases: 2,
            messages: 1,
            answers: 0,
        };
        assert_eq!(counts, expected);

        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let none = RecordCounts {
            cases: 0,
            facts: 0,
            history: 0,
            audit_of_cases: 0,
            messages: 0,
            answers: 0,
        };
        assert_eq!(store.read(other.id, |tx| tx.record_counts()).await.unwrap(), none);
    });
}

#[test]
fn a_tenants_own_codes_come_back_in_order_and_stay_its_own() {
    on_each_database(async |store, own| {
        let code = |list: &str, code: &str| Code {
            list: list.to_owned(),
            code: code.to_owned(),
            sv: "Åska".to_owned(),
            en: "Thunder".to_owned(),
            parent: Some("HSL.FAL".to_owned()),
            valid_from: Some(date(2026, 1, 1)),
            valid_to: None,
            basis: String::new(),
            own: true,
        };
        let codes = [code("category", "B"), code("category", "a"), code("cause", "A")];
        let written = codes.clone();
        store
            .write(own, move |tx| {
                written.iter().rev().try_for_each(|code| tx.insert_tenant_code(code))
            })
            .await
            .unwrap();
        assert_eq!(store.read(own, |tx| tx.tenant_codes()).await.unwrap(), codes);
        let again = codes[0].clone();
        let refused = store.write(own, move |tx| tx.insert_tenant_code(&again)).await;
        assert_eq!(refused.unwrap_err().conflict(), Some("tenant_codes_list_code_key"));
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        assert_eq!(store.read(other.id, |tx| tx.tenant_codes()).await.unwrap(), []);
    });
}

#[test]
fn feedback_comes_back_oldest_first() {
    on_each_database(async |store, tenant| {
        let place = Place::new(&store, tenant).await;
        let case = bare(&place, 1);
        let id = case.id;
        insert(&store, tenant, vec![case]).await;
        let given = |hours| Feedback {
            id: FeedbackId(Uuid::now_v7()),
            audience: Audience::Reporter,
            meeting_on: None,
            text: format!("{hours}"),
            at: at(hours),
            by: place.staff[1],
        };
        let all = [given(1), given(2), given(3)];
        let written = all.clone();
        store
            .write(tenant, move |tx| {
                [2, 0, 1]
                    .into_iter()
                    .try_for_each(|it| tx.add_rows(|rows| rows.feedback(id, &written[it])))
            })
            .await
            .unwrap();
        assert_eq!(store.read(tenant, move |tx| tx.feedback_of(id)).await.unwrap(), all);
        assert_eq!(store.read(tenant, move |tx| tx.case(id)).await.unwrap().feedback, all);
        let nowhere = given(4);
        let refused = store.write(tenant, move |tx| {
            tx.add_rows(|rows| rows.feedback(CaseId(Uuid::now_v7()), &nowhere))
        });
        assert!(matches!(refused.await, Err(Error::Reference { .. })));
    });
}
