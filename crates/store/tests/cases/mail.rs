//! What waits to be delivered, and who does it.

use domain::ids::{MessageId, StaffId, TenantId};
use domain::mail::Outcome;
use domain::organisation::Staff;
use jiff::civil::date;
use serde_json::{Value, json};
use store::{Error, Message, Store};
use uuid::Uuid;

use crate::common::{now, tenant};
use crate::samples::{at, on_each_database};

async fn queue(store: &Store, tenant: TenantId, minutes: i64, payload: Value) -> MessageId {
    let id = MessageId(Uuid::now_v7());
    let message = Message { id, at: at(minutes), topic: "x".into(), case: None, payload };
    store.write(tenant, move |tx| tx.add_rows(|rows| rows.message(&message))).await.unwrap();
    id
}

#[test]
fn only_what_has_a_notice_waits_and_only_until_it_is_settled() {
    on_each_database(async |store, own| {
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        queue(&store, own, 0, json!({ "number": "1" })).await;
        let first = queue(&store, own, 1, json!({ "notice": {} })).await;
        let second = queue(&store, own, 2, json!({ "notice": {} })).await;
        queue(&store, other.id, 1, json!({ "notice": {} })).await;

        let backlog = store.ask(own, |tx| tx.mail_backlog()).await.unwrap();
        assert_eq!((backlog.waiting, backlog.oldest, backlog.next), (2, Some(at(1)), Some(at(1))));
        let due = async |by: i64| {
            let due = store.ask(own, move |tx| tx.due_messages(at(by), 10)).await.unwrap();
            due.into_iter().map(|it| (it.id, it.attempts)).collect::<Vec<_>>()
        };
        assert_eq!(due(0).await, []);
        assert_eq!(due(5).await, [(first, 0), (second, 0)]);

        store.write(own, move |tx| tx.postpone_message(first, at(60), 1)).await.unwrap();
        assert_eq!(due(5).await, [(second, 0)]);
        assert_eq!(due(60).await, [(second, 0), (first, 1)]);

        let settle = async |id, outcome| {
            store.write(own, move |tx| tx.settle_message(id, outcome, at(61))).await.unwrap()
        };
        assert!(settle(second, Outcome::Sent).await);
        // Once and for all: nobody settles or postpones it again.
        assert!(!settle(second, Outcome::Refused).await);
        store.write(own, move |tx| tx.postpone_message(second, at(0), 9)).await.unwrap();
        assert_eq!(due(90).await, [(first, 1)]);
        assert!(!store.ask(own, move |tx| tx.message_waits(second)).await.unwrap());
        assert!(store.ask(own, move |tx| tx.message_waits(first)).await.unwrap());

        let old = |before| {
            store.write(own, move |tx| tx.settle_messages_before(before, Outcome::GivenUp, at(62)))
        };
        assert_eq!(old(at(1)).await.unwrap(), 0);
        assert_eq!(old(at(2)).await.unwrap(), 1);
        assert_eq!(store.ask(own, |tx| tx.mail_backlog()).await.unwrap().waiting, 0);
        assert_eq!(store.ask(other.id, |tx| tx.mail_backlog()).await.unwrap().waiting, 1);
    });
}

#[test]
fn every_outcome_may_be_kept() {
    on_each_database(async |store, own| {
        for outcome in Outcome::ALL {
            let id = queue(&store, own, 0, json!({ "notice": {} })).await;
            let settled = store.write(own, move |tx| tx.settle_message(id, outcome, at(1))).await;
            assert!(settled.unwrap(), "{outcome:?}");
        }
    });
}

#[test]
fn a_lease_has_one_holder_until_it_ends() {
    on_each_database(async |store, own| {
        let other = tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let (anna, bo) = (Uuid::now_v7(), Uuid::now_v7());
        let take = async |tenant, who, from: i64, to: i64| {
            let take = move |tx: &mut store::Tx<'_>| tx.take_lease("mail", who, at(from), at(to));
            store.write(tenant, take).await.unwrap()
        };
        let renew = async |who, from: i64, to: i64| {
            let renew = move |tx: &mut store::Tx<'_>| tx.renew_lease("mail", who, at(from), at(to));
            store.write(own, renew).await.unwrap()
        };
        assert!(!renew(anna, 0, 5).await, "nobody holds what nobody took");
        assert!(take(own, anna, 0, 10).await);
        assert!(!take(own, bo, 9, 20).await);
        assert!(take(other.id, bo, 9, 20).await, "another tenant's is another");
        assert!(take(own, anna, 9, 12).await, "one's own may be taken again");
        assert!(renew(anna, 11, 15).await);
        assert!(!renew(bo, 11, 15).await);
        assert!(!renew(anna, 15, 20).await, "what has run out is lost");
        assert!(take(own, bo, 15, 20).await);
        assert!(!take(own, anna, 16, 20).await);
        store.write(own, move |tx| tx.give_back_lease("mail", anna, at(16))).await.unwrap();
        assert!(!take(own, anna, 16, 20).await, "not theirs to give back");
        store.write(own, move |tx| tx.give_back_lease("mail", bo, at(16))).await.unwrap();
        assert!(take(own, anna, 16, 20).await);
    });
}

#[test]
fn of_many_who_take_a_lease_at_once_one_has_it() {
    on_each_database(async |store, own| {
        for round in 0..20_i64 {
            let (from, to) = (at(round * 10), at(round * 10 + 10));
            let takers = (0..8).map(|_| {
                let who = Uuid::now_v7();
                let write = store.write(own, move |tx| tx.take_lease("mail", who, from, to));
                tokio::spawn(write)
            });
            let mut taken = 0;
            for taker in takers.collect::<Vec<_>>() {
                match taker.await.unwrap() {
                    Ok(has) => taken += usize::from(has),
                    Err(Error::Conflict { .. }) => assert_eq!(round, 0),
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(taken, 1, "round {round}");
        }
    });
}

#[test]
fn a_digest_begins_once_a_day_for_those_who_want_it() {
    on_each_database(async |store, own| {
        let person = |subject: &str, email: Option<&str>, left: bool| Staff {
            id: StaffId(Uuid::now_v7()),
            issuer: "i".into(),
            subject: subject.into(),
            name: None,
            profession: None,
            email: email.map(str::to_owned),
            deactivated_at: left.then(now),
            version: 1,
        };
        let anna = person("anna", Some("a@b.se"), false);
        let bo = person("bo", Some("b@b.se"), false);
        let (gone, silent) = (person("gone", Some("c@b.se"), true), person("silent", None, false));
        let (a, b) = (anna.id, bo.id);
        for staff in [anna, bo, gone, silent] {
            store.write(own, move |tx| tx.insert_staff(&staff)).await.unwrap();
        }
        let day = date(2026, 3, 10);
        let open = async |day| {
            let found = store.ask(own, move |tx| tx.without_digest(day, 10)).await.unwrap();
            found.into_iter().map(|staff| staff.id).collect::<Vec<_>>()
        };
        let begin =
            async |who, day| store.write(own, move |tx| tx.begin_digest(who, day)).await.unwrap();
        assert_eq!(open(day).await, [a, b]);
        assert!(begin(a, day).await);
        assert!(!begin(a, day).await);
        assert_eq!(open(day).await, [b]);
        assert!(store.ask(own, move |tx| tx.wants_digest(b)).await.unwrap());
        store.write(own, move |tx| tx.want_digest(b, false)).await.unwrap();
        assert!(!store.ask(own, move |tx| tx.wants_digest(b)).await.unwrap());
        assert_eq!(open(day).await, []);
        let next = date(2026, 3, 11);
        assert_eq!(open(next).await, [a]);
        assert!(begin(a, next).await);
        assert!(!begin(a, day).await, "no day comes again");
        let nobody = StaffId(Uuid::now_v7());
        let unknown = store.write(own, move |tx| tx.want_digest(nobody, false)).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
    });
}
