//! Tenants, units, staff and grants on both databases.

mod common;

use std::time::{Duration, Instant};

use common::{grant, now, on_each_database, person, tenant, unit, with_each_database};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use domain::ids::{GrantId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::organisation::{Grant, Role, Staff};
use jiff::Timestamp;
use jiff::civil::date;
use store::{Backend, Error};
use uuid::Uuid;

#[test]
fn tenants_are_found_by_slug_and_suspended() {
    on_each_database(async |store, first| {
        let second = tenant("a-second");
        store.insert_tenant(second.clone(), now()).await.unwrap();
        let slugs: Vec<String> =
            store.tenants().await.unwrap().into_iter().map(|tenant| tenant.slug).collect();
        assert_eq!(slugs, ["a-second", "test"]);
        assert_eq!(store.tenant_by_slug("a-second").await.unwrap(), second);
        assert!(matches!(store.tenant_by_slug("nobody").await, Err(Error::NotFound)));

        let error = store.insert_tenant(tenant("test"), now()).await.unwrap_err();
        assert_eq!(error.conflict(), Some("tenants_slug_key"));
        let mut again = tenant("another");
        again.id = first;
        assert_eq!(
            store.insert_tenant(again, now()).await.unwrap_err().conflict(),
            Some("tenants_key")
        );
        let error = store.insert_tenant(tenant("Not a slug"), now()).await.unwrap_err();
        assert!(
            matches!(&error, Error::Check { constraint: Some(name) } if name == "tenants_slug_check"),
            "{error:?}"
        );

        // Finer than a microsecond is cut off.
        let at = Timestamp::new(1_700_000_000, 123_456_789).unwrap();
        store.set_suspended(first, Some(at)).await.unwrap();
        let suspended = store.tenant_by_slug("test").await.unwrap().suspended_at;
        assert_eq!(suspended, Some(Timestamp::new(1_700_000_000, 123_456_000).unwrap()));
        store.set_suspended(first, None).await.unwrap();
        assert_eq!(store.tenant_by_slug("test").await.unwrap().suspended_at, None);
        let nobody = TenantId(Uuid::now_v7());
        assert!(matches!(store.set_suspended(nobody, None).await, Err(Error::NotFound)));

        store.write(first, |tx| tx.bump_config_version()).await.unwrap();
        let version = store.write(first, |tx| tx.bump_config_version()).await.unwrap();
        assert_eq!(version, 3);
        assert_eq!(store.read(first, |tx| tx.own_tenant()).await.unwrap().config_version, 3);
    });
}

#[test]
fn a_unit_comes_back_as_it_was_and_is_saved_only_from_its_version() {
    on_each_database(async |store, tenant| {
        let mut root = unit("b");
        root.valid_from = Some(date(1999, 12, 31));
        root.valid_to = Some(date(2000, 1, 1));
        let mut child = unit("B");
        child.parent = Some(root.id);
        child.area = Some("hemtjanst".to_owned());
        let mut unknown = unit("ö");
        unknown.unknown = true;
        let all = [root.clone(), child.clone(), unknown];
        let inserted = all.clone();
        store
            .write(tenant, move |tx| inserted.iter().try_for_each(|unit| tx.insert_unit(unit)))
            .await
            .unwrap();
        // By the bytes of the code, on both databases.
        let units = store.read(tenant, |tx| tx.units()).await.unwrap();
        assert_eq!(units, [child.clone(), all[0].clone(), all[2].clone()]);

        child.name = "Nytt namn".to_owned();
        child.parent = None;
        child.area = None;
        let saved = child.clone();
        assert_eq!(store.write(tenant, move |tx| tx.update_unit(&saved, 1)).await.unwrap(), 2);
        let saved = child.clone();
        assert!(matches!(
            store.write(tenant, move |tx| tx.update_unit(&saved, 1)).await,
            Err(Error::Stale)
        ));
        let nobody = unit("nobody");
        assert!(matches!(
            store.write(tenant, move |tx| tx.update_unit(&nobody, 1)).await,
            Err(Error::NotFound)
        ));
        child.version = 2;
        assert_eq!(store.read(tenant, |tx| tx.units()).await.unwrap()[0], child);
    });
}

#[test]
fn a_broken_rule_is_told_by_its_name() {
    on_each_database(async |store, tenant| {
        let mut unknown = unit("okand");
        unknown.unknown = true;
        let first = unknown.clone();
        store.write(tenant, move |tx| tx.insert_unit(&first)).await.unwrap();

        let mut twice = unit("okand-2");
        twice.unknown = true;
        let error = store.write(tenant, move |tx| tx.insert_unit(&twice)).await.unwrap_err();
        assert_eq!(error.conflict(), Some("units_is_unknown_key"));
        let same_code = unit("okand");
        let error = store.write(tenant, move |tx| tx.insert_unit(&same_code)).await.unwrap_err();
        assert_eq!(error.conflict(), Some("units_code_key"));
        let mut same_id = unit("other");
        same_id.id = unknown.id;
        let error = store.write(tenant, move |tx| tx.insert_unit(&same_id)).await.unwrap_err();
        assert_eq!(error.conflict(), Some("units_unit_id_key"));

        let mut orphan = unit("orphan");
        orphan.parent = Some(UnitId(Uuid::now_v7()));
        let error = store.write(tenant, move |tx| tx.insert_unit(&orphan)).await.unwrap_err();
        assert!(matches!(error, Error::Reference { .. }), "{error:?}");

        let mut backwards = unit("backwards");
        backwards.valid_from = Some(date(2026, 2, 1));
        backwards.valid_to = Some(date(2026, 1, 1));
        let error = store.write(tenant, move |tx| tx.insert_unit(&backwards)).await.unwrap_err();
        assert!(
            matches!(&error, Error::Check { constraint: Some(name) } if name == "units_validity_check"),
            "{error:?}"
        );
    });
}

#[test]
fn staff_are_known_by_issuer_and_subject() {
    on_each_database(async |store, tenant| {
        let mut asa = person("asa");
        let inserted = asa.clone();
        store.write(tenant, move |tx| tx.insert_staff(&inserted)).await.unwrap();
        let found = store
            .read(tenant, |tx| tx.staff_by_identity("https://id.example", "asa"))
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&asa));
        assert_eq!(
            store
                .read(tenant, |tx| tx.staff_by_identity("https://id.example", "bo"))
                .await
                .unwrap(),
            None
        );
        let again = person("asa");
        let error = store.write(tenant, move |tx| tx.insert_staff(&again)).await.unwrap_err();
        assert_eq!(error.conflict(), Some("staff_issuer_subject_key"));

        asa.name = None;
        asa.deactivated_at = Some(Timestamp::from_microsecond(-1).unwrap());
        let saved = asa.clone();
        asa.version = store.write(tenant, move |tx| tx.update_staff(&saved, 1)).await.unwrap();
        let saved = asa.clone();
        assert!(matches!(
            store.write(tenant, move |tx| tx.update_staff(&saved, 1)).await,
            Err(Error::Stale)
        ));
        let id = asa.id;
        assert_eq!(store.read(tenant, move |tx| tx.staff(id)).await.unwrap(), asa);
        assert_eq!(store.read(tenant, |tx| tx.all_staff()).await.unwrap(), [asa]);
        let nobody = StaffId(Uuid::now_v7());
        assert!(matches!(
            store.read(tenant, move |tx| tx.staff(nobody)).await,
            Err(Error::NotFound)
        ));
    });
}

#[test]
fn a_grant_keeps_its_units_and_laws_and_is_revoked_once() {
    on_each_database(async |store, tenant| {
        let (asa, bo) = (person("asa"), person("bo"));
        let (one, two) = (unit("1"), unit("2"));
        let wide = Grant {
            role: Role::UnitManager,
            units: vec![one.id, two.id],
            laws: vec![Law::Hsl, Law::Lss],
            valid_to: Some(date(2026, 12, 31)),
            stands_in_for: Some(bo.id),
            ..grant(asa.id)
        };
        let plain = Grant { laws: Vec::new(), ..grant(bo.id) };
        let (first, second) = (wide.clone(), plain.clone());
        let (asa_id, bo_id) = (asa.id, bo.id);
        store
            .write(tenant, move |tx| {
                tx.insert_staff(&asa)?;
                tx.insert_staff(&bo)?;
                tx.insert_unit(&one)?;
                tx.insert_unit(&two)?;
                tx.insert_grant(&first)?;
                tx.insert_grant(&second)
            })
            .await
            .unwrap();
        let id = wide.id;
        assert_eq!(store.read(tenant, move |tx| tx.grant(id)).await.unwrap(), wide);
        assert_eq!(
            store.read(tenant, move |tx| tx.grants_of(asa_id)).await.unwrap(),
            vec![wide.clone()]
        );
        assert_eq!(
            store.read(tenant, move |tx| tx.grants_of(bo_id)).await.unwrap(),
            vec![plain.clone()]
        );
        assert_eq!(store.read(tenant, |tx| tx.all_grants()).await.unwrap(), [wide, plain]);

        let at = Timestamp::from_second(1_800_000_000).unwrap();
        assert_eq!(store.write(tenant, move |tx| tx.revoke_grant(id, at, 1)).await.unwrap(), 2);
        assert!(matches!(
            store.write(tenant, move |tx| tx.revoke_grant(id, at, 1)).await,
            Err(Error::Stale)
        ));
        assert_eq!(store.read(tenant, move |tx| tx.grant(id)).await.unwrap().revoked_at, Some(at));
        let nobody = GrantId(Uuid::now_v7());
        assert!(matches!(
            store.read(tenant, move |tx| tx.grant(nobody)).await,
            Err(Error::NotFound)
        ));
    });
}

#[test]
fn an_entrance_finds_tenant_person_and_grants_at_once() {
    on_each_database(async |store, tenant| {
        let other = common::tenant("another");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let (one, two) = (unit("a"), unit("b"));
        let (anna, bo, same) = (person("anna"), person("bo"), person("anna"));
        let held = |staff, units: &[UnitId]| Grant { units: units.to_vec(), ..grant(staff) };
        let mut over = held(anna.id, &[one.id, two.id]);
        let mut whole = held(anna.id, &[]);
        over.units.sort_unstable();
        whole.role = Role::Mas;
        let mut grants = vec![over, whole, held(bo.id, &[two.id])];
        let (people, held, units) = (vec![anna.clone(), bo.clone()], grants.clone(), [one, two]);
        let insert = store.write(tenant, move |tx| {
            units.iter().try_for_each(|unit| tx.insert_unit(unit))?;
            people.iter().try_for_each(|person| tx.insert_staff(person))?;
            held.iter().try_for_each(|grant| tx.insert_grant(grant))
        });
        insert.await.unwrap();
        let elsewhere = same.clone();
        store.write(other.id, move |tx| tx.insert_staff(&elsewhere)).await.unwrap();

        let of_bo = grants.pop().into_iter().collect::<Vec<_>>();
        grants.sort_by_key(|grant| grant.id);
        let own = store.read(tenant, |tx| tx.own_tenant()).await.unwrap();
        for (at, who, found) in [
            (&own, &anna, Some((anna.clone(), grants))),
            (&own, &bo, Some((bo.clone(), of_bo))),
            (&own, &person("nobody"), None),
            (&other, &anna, Some((same, Vec::new()))),
        ] {
            let coming = store.entrance(at.id, who.issuer.clone(), who.subject.clone());
            let entrance = coming.await.unwrap();
            assert_eq!(entrance.tenant, *at);
            let (staff, grants) = found.unzip();
            assert_eq!(entrance.staff, staff);
            assert_eq!(entrance.grants, grants.unwrap_or_default());
        }
        let nowhere = TenantId(Uuid::now_v7());
        let refused = store.entrance(nowhere, "i".to_owned(), "s".to_owned()).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    });
}

#[test]
fn those_who_come_at_once_each_get_what_is_theirs_and_nothing_older_than_they_asked() {
    on_each_database(async |store, first| {
        let other = tenant("other");
        store.insert_tenant(other.clone(), now()).await.unwrap();
        let tenants = [first, other.id];
        let mut people = Vec::new();
        for tenant in tenants {
            for number in 0..30 {
                // The same name with another issuer is somebody else.
                let twin =
                    Staff { issuer: "https://elsewhere".to_owned(), ..person(&number.to_string()) };
                for staff in [person(&number.to_string()), twin] {
                    let grants: Vec<Grant> = (0..number % 3).map(|_| grant(staff.id)).collect();
                    people.push((tenant, staff, grants));
                }
            }
        }
        for (tenant, staff, grants) in people.clone() {
            let insert = store.write(tenant, move |tx| {
                tx.insert_staff(&staff)?;
                grants.iter().try_for_each(|grant| tx.insert_grant(grant))
            });
            insert.await.unwrap();
        }
        let entrance = |tenant, staff: &Staff| {
            let (store, issuer, subject) =
                (store.clone(), staff.issuer.clone(), staff.subject.clone());
            tokio::spawn(async move { store.entrance(tenant, issuer, subject).await })
        };
        for _ in 0..5 {
            let coming: Vec<_> =
                people.iter().map(|(tenant, staff, _)| entrance(*tenant, staff)).collect();
            // While they come, one more is given something, and asks: it is there.
            let (tenant, staff, grants) = &mut people[7];
            let given = grant(staff.id);
            grants.push(given.clone());
            store.write(*tenant, move |tx| tx.insert_grant(&given)).await.unwrap();
            let last = entrance(*tenant, staff).await.unwrap().unwrap();
            assert_eq!(last.grants.len(), grants.len());
            for (at, (coming, (tenant, staff, grants))) in
                coming.into_iter().zip(&people).enumerate()
            {
                let found = coming.await.unwrap().unwrap();
                assert_eq!((found.tenant.id, found.staff.as_ref()), (*tenant, Some(staff)));
                if at != 7 {
                    let mut grants = grants.clone();
                    grants.sort_by_key(|grant| grant.id);
                    assert_eq!(found.grants, grants);
                }
            }
        }
    });
}

#[test]
fn whoever_comes_while_the_database_stands_still_is_not_kept_waiting() {
    with_each_database(async |database, store, tenant| {
        if store.backend() == Backend::Sqlite {
            return;
        }
        let mut conn = PgConnection::establish(&database.url).unwrap();
        conn.batch_execute("BEGIN; LOCK TABLE staff IN ACCESS EXCLUSIVE MODE").unwrap();
        let began = Instant::now();
        let coming: Vec<_> = (0..400)
            .map(|number| {
                let (store, subject) = (store.clone(), number.to_string());
                tokio::spawn(async move { store.entrance(tenant, "i".to_owned(), subject).await })
            })
            .collect();
        for coming in coming {
            let refused = coming.await.unwrap();
            assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        }
        // Five seconds for a lane, and as many for the lock that those wait for who have one.
        assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
        conn.batch_execute("ROLLBACK").unwrap();
        store.entrance(tenant, "i".to_owned(), "0".to_owned()).await.unwrap();
    });
}

#[test]
fn a_tenant_sees_nothing_of_another() {
    on_each_database(async |store, first| {
        let other = tenant("other");
        let second = other.id;
        store.insert_tenant(other, now()).await.unwrap();
        let (asa, ward) = (person("asa"), unit("1"));
        let given = Grant { units: vec![ward.id], ..grant(asa.id) };
        let (staff_id, grant_id, seen_unit, seen_person) =
            (asa.id, given.id, ward.clone(), asa.clone());
        store
            .write(first, move |tx| {
                tx.insert_staff(&asa)?;
                tx.insert_unit(&ward)?;
                tx.insert_grant(&given)
            })
            .await
            .unwrap();
        store
            .write(second, move |tx| {
                assert!(
                    tx.units()?.is_empty()
                        && tx.all_staff()?.is_empty()
                        && tx.all_grants()?.is_empty()
                );
                assert!(tx.grants_of(staff_id)?.is_empty());
                assert_eq!(tx.staff_by_identity("https://id.example", "asa")?, None);
                assert!(matches!(tx.staff(staff_id), Err(Error::NotFound)));
                assert!(matches!(tx.grant(grant_id), Err(Error::NotFound)));
                assert!(matches!(tx.update_unit(&seen_unit, 1), Err(Error::NotFound)));
                assert!(matches!(tx.update_staff(&seen_person, 1), Err(Error::NotFound)));
                assert!(matches!(tx.revoke_grant(grant_id, now(), 1), Err(Error::NotFound)));
                // The same ids and names are free here: no key reaches over tenants.
                tx.insert_unit(&seen_unit)?;
                tx.insert_staff(&seen_person)
            })
            .await
            .unwrap();
    });
}
