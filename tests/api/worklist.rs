//! What waits for whom, over HTTP and over time.

use domain::ids::{GrantId, StaffId};
use domain::organisation::{Grant, Role};
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::{House, fall, file, house, id, standard_triage};

/// The staff id of a client.
pub fn staff(client: &Client) -> String {
    let me = client.get("/api/v1/me").expect(200).json();
    me["staff"].as_str().expect("an id").to_owned()
}

/// The items of a client's worklist, in order.
pub fn items(client: &Client) -> Vec<Value> {
    let list = client.get("/api/v1/worklist?limit=500").expect(200).json();
    list["items"].as_array().expect("items").clone()
}

/// Group and number of each item of a client's worklist.
pub fn waiting(client: &Client) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pair = |item: &Value| (text(&item["group"]), text(&item["number"]));
    items(client).iter().map(pair).collect()
}

fn groups(client: &Client) -> Vec<String> {
    waiting(client).into_iter().map(|(group, _)| group).collect()
}

/// Lets the clock stand at noon of a day; tokens are new then.
pub fn on(house: &House, day: Date) -> impl Fn(&str) -> Client {
    let noon = day.at(11, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a time");
    house.service.clock.set(noon.timestamp());
    |subject| house.service.reporter("provby", subject)
}

/// Gives a grant over dates.
pub fn give(
    house: &House,
    to: &str,
    role: Role,
    unit: &str,
    (from, until): (Date, Option<Date>),
    stands_in_for: Option<&str>,
) {
    let id = |text: &str| StaffId(text.parse().expect("an id"));
    let grant = Grant {
        id: GrantId(uuid::Uuid::now_v7()),
        staff: id(to),
        role,
        units: vec![house.service.unit(house.tenant, unit)],
        laws: Vec::new(),
        valid_from: from,
        valid_to: until,
        stands_in_for: stands_in_for.map(id),
        revoked_at: None,
        version: 1,
    };
    let write = house.service.app.store.write(house.tenant, move |tx| tx.insert_grant(&grant));
    house.service.run(write).expect("a grant");
}

#[test]
fn a_case_goes_through_the_worklists_of_those_it_waits_for() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let boss = house.service.holder(of, "ec", Role::UnitManager, &["gran"], &[]);
        let nurse = house.service.holder(of, "ssk", Role::Team, &["gran"], &[]);
        let elsewhere = house.service.holder(of, "ec-syd", Role::UnitManager, &["syd"], &[]);
        let reporter = house.service.reporter("provby", "anmälare");
        let case = file(&reporter, fall());
        let number = case["number"].as_str().expect("a number").to_owned();
        let case = id(&case);

        let first = items(&boss);
        assert_eq!(groups(&boss), ["new"]);
        assert_eq!(first[0]["number"], number.as_str());
        assert_eq!(first[0]["case"], case.as_str());
        assert_eq!(first[0]["unit"]["code"], "gran");
        assert_eq!(first[0]["asked"], "assess");
        assert_eq!(first[0]["waiting_for"]["role"], "unit_manager");
        assert_eq!(first[0]["age_days"], 0);
        // Lists hold neither text nor subject.
        let text = boss.get("/api/v1/worklist").expect(200).text;
        assert!(!text.contains("sängkanten"), "{text}");
        let health = items(&nurse);
        assert_eq!(
            (&health[0]["group"], &health[0]["asked"]),
            (&json!("triage"), &json!("health_part"))
        );
        assert_eq!(health[0]["awaits"], json!(["/harm/vardskada"]));
        assert_eq!(groups(&house.mas), ["triage"]);
        assert_eq!(groups(&elsewhere), [""; 0]);
        assert_eq!(groups(&reporter), [""; 0]);

        let counts = boss.get("/api/v1/worklist/counts").expect(200).json();
        assert_eq!((&counts["total"], &counts["groups"]["new"]), (&json!(1), &json!(1)));
        let mine = |client: &Client| -> Vec<String> {
            let list = client.get("/api/v1/cases?waiting_for_me=true").expect(200).json();
            list["items"].as_array().expect("items").iter().map(id).collect()
        };
        assert_eq!((mine(&boss), mine(&nurse)), (vec![case.clone()], vec![case.clone()]));
        assert_eq!(mine(&reporter), [""; 0]);

        nurse.command(&case, "triage", json!({"harm": {"vardskada": "could_have"}})).expect(200);
        assert_eq!(groups(&nurse), [""; 0]);
        assert_eq!(groups(&boss), ["new"]);
        house.manager.command(&case, "triage", standard_triage()).expect(200);
        assert_eq!(groups(&boss), ["lead"]);
        // Taken by MAS: hers alone.
        house.mas.command(&case, "lead", json!({"reason": "Tar över."})).expect(200);
        assert_eq!(groups(&boss), [""; 0]);
        let led = items(&house.mas);
        assert_eq!(led[0]["group"], "lead");
        assert_eq!(led[0]["waiting_for"]["staff"], staff(&house.mas).as_str());
    });
}

#[test]
fn measures_watches_and_mentions_wait_even_when_the_case_is_closed() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let boss = house.service.holder(of, "ec", Role::UnitManager, &["gran"], &[]);
        let other = house.service.holder(of, "at", Role::Team, &["syd"], &[]);
        let case = id(&file(&house.service.reporter("provby", "anmälare"), fall()));
        let go =
            |command: &str, body: Value| house.manager.command(&case, command, body).expect(200);
        go("triage", standard_triage());
        let found = go(
            "investigation",
            json!({"course_of_events": "a", "assessment": "b",
            "causes": [{"code": "ORS.OKA"}], "complete": true}),
        );
        let cause = found.json()["investigation"]["causes"][0]["id"].clone();
        let planned = go(
            "measures",
            json!({"measures": [{"type": "ATG.RUT", "text": "x",
            "causes": [cause], "owner": "Chef", "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
        );
        let measure = planned.json()["investigation"]["measures"][0]["id"].clone();
        go("measures/decision", json!({}));
        go(
            "close",
            json!({"outcome": "UTF.ATG", "summary": "Rutin ändrad.",
            "feedback": {"audience": "reporter", "text": "Tack."}}),
        );
        assert_eq!(groups(&boss), [""; 0]);

        let path = format!("/api/v1/cases/{case}");
        let who = staff(&other);
        boss.post(&format!("{path}/comments"), json!({"text": "Hur gick det?", "mentions": [who]}))
            .expect(200);
        // To be mentioned lets nobody in.
        assert_eq!(groups(&other), [""; 0]);
        let asked = boss
            .post(
                &format!("{path}/watches"),
                json!({"staff": who, "wish": "contribute", "due_on": "2026-03-09"}),
            )
            .expect(200)
            .json();
        let list = items(&other);
        assert_eq!(groups(&other), ["watches", "questions"]);
        assert_eq!((&list[0]["overdue"], &list[0]["asked"]), (&json!(true), &json!("contribute")));
        let counts = other.get("/api/v1/worklist/counts").expect(200).json();
        assert_eq!((&counts["total"], &counts["overdue"]), (&json!(2), &json!(1)));
        other.post(&format!("{path}/comments"), json!({"text": "Bra."})).expect(200);
        assert_eq!(groups(&other), ["watches"]);
        let watch = asked["watches"][0]["id"].as_str().expect("an id");
        other
            .post(&format!("{path}/watches/{watch}/answer"), json!({"answer": "done"}))
            .expect(200);
        assert_eq!(groups(&other), [""; 0]);

        let then = on(&house, date(2026, 3, 21));
        assert_eq!(groups(&then("ec")), [""; 0]);
        let then = on(&house, date(2026, 3, 22));
        assert_eq!(groups(&then("ec")), ["measures"]);
        let then = on(&house, date(2026, 5, 1));
        let list = items(&then("ec"));
        assert_eq!(groups(&then("ec")), ["measures", "follow_ups"]);
        assert_eq!((&list[0]["item"], &list[0]["overdue"]), (&measure, &json!(true)));
        assert_eq!(list[0]["status"], "closed");
    });
}

#[test]
fn a_deputy_stands_in_over_dates_and_the_area_manager_where_there_is_none() {
    on_each_database(|database| {
        let house = house(database);
        let service = &house.service;
        let ids = ["ec", "stf", "vc"].map(|subject| staff(&service.reporter("provby", subject)));
        let [boss, deputy, area] = &ids;
        let year = (date(2026, 1, 1), None);
        // Leaves with August; on leave for the first half of July.
        let until = Some(date(2026, 8, 31));
        give(&house, boss, Role::UnitManager, "gran", (date(2026, 1, 1), until), None);
        let july = (date(2026, 7, 1), Some(date(2026, 7, 14)));
        give(&house, deputy, Role::Deputy, "gran", july, Some(boss));
        let september = (date(2026, 9, 1), Some(date(2026, 9, 7)));
        give(&house, deputy, Role::Deputy, "gran", september, Some(boss));
        give(&house, area, Role::AreaManager, "norr", year, None);
        // The helper's manager of everything would be one of gran, too.
        let all = service.run(service.app.store.read(house.tenant, |tx| tx.all_grants()));
        for grant in all.expect("grants") {
            if grant.units.is_empty() && grant.role == Role::UnitManager {
                let (id, at) = (grant.id, app::Clock::now(&service.clock));
                let take =
                    service.app.store.write(house.tenant, move |tx| tx.revoke_grant(id, at, 1));
                service.run(take).expect("revoked");
            }
        }
        let case = id(&file(&service.reporter("provby", "anmälare"), fall()));
        for (day, who) in [
            (date(2026, 6, 30), "ec"),
            (date(2026, 7, 1), "stf"),
            (date(2026, 7, 14), "stf"),
            (date(2026, 7, 15), "ec"),
            (date(2026, 8, 31), "ec"),
            (date(2026, 9, 1), "stf"),
            (date(2026, 9, 7), "stf"),
            (date(2026, 9, 8), "vc"),
        ] {
            let then = on(&house, day);
            for subject in ["ec", "stf", "vc"] {
                let found = items(&then(subject));
                assert_eq!(found.len(), usize::from(subject == who), "{day} {subject}");
                if let Some(item) = found.first() {
                    assert_eq!(item["case"], case.as_str());
                    let gone = day > date(2026, 8, 31);
                    assert_eq!(item["inherited"], gone, "{day}");
                    let stands_in = if who == "stf" { json!(boss) } else { Value::Null };
                    assert_eq!(item["waiting_for"]["stands_in_for"], stands_in, "{day}");
                }
            }
        }
    });
}

#[test]
fn a_case_kept_from_the_manager_waits_for_the_area_manager() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let boss = house.service.holder(of, "ec", Role::UnitManager, &["gran"], &[]);
        let area = house.service.holder(of, "vc", Role::AreaManager, &["norr"], &[]);
        let mut body = fall();
        body["category"] = json!("NEJ");
        let case = id(&file(&house.service.reporter("provby", "anmälare"), body));
        assert_eq!(groups(&boss), ["new", "corrections"]);
        assert_eq!(groups(&area), [""; 0]);
        for kept in [&boss, &house.manager] {
            let keeping = json!({"staff": staff(kept), "reason": "Gäller hens beslut."});
            house.mas.post(&format!("/api/v1/cases/{case}/conflicts"), keeping).expect(200);
            assert_eq!(groups(kept), [""; 0]);
            let counts = kept.get("/api/v1/worklist/counts").expect(200).json();
            assert_eq!(counts["total"], 0);
            let list = kept.get("/api/v1/cases?waiting_for_me=true").expect(200).json();
            assert_eq!(list["items"], json!([]));
        }
        let found = items(&area);
        assert_eq!(groups(&area), ["new", "corrections"]);
        assert_eq!(found[0]["waiting_for"]["instead_of"], "unit_manager");
        // There is a manager, who only must not have this one.
        assert_eq!(found[0]["inherited"], false);
    });
}

#[test]
fn twice_refused_a_case_waits_for_the_area_manager() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let area = house.service.holder(of, "vc", Role::AreaManager, &["norr"], &[]);
        let case = id(&file(&house.service.reporter("provby", "anmälare"), fall()));
        for unit in ["tall", "gran"] {
            assert_eq!(groups(&area), [""; 0]);
            let body = json!({"unit": unit, "reason": "Inte vårt."});
            house.manager.command(&case, "transfer", body).expect(200);
        }
        assert_eq!(groups(&area), ["new"]);
        assert_eq!(groups(&house.manager), ["triage"], "only the health part");
    });
}

#[test]
fn a_worklist_has_pages_and_groups() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let boss = house.service.holder(of, "ec", Role::UnitManager, &["norr"], &[]);
        let reporter = house.service.reporter("provby", "anmälare");
        let numbers: Vec<String> = (0..5)
            .map(|_| {
                house.service.clock.advance(jiff::SignedDuration::from_secs(60));
                let case = file(&reporter, fall());
                case["number"].as_str().expect("a number").to_owned()
            })
            .collect();
        let mut path = "/api/v1/worklist?limit=2&group=new,lead".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = boss.get(&path).expect(200);
            let body = page.json();
            for item in body["items"].as_array().expect("items") {
                seen.push(item["number"].as_str().expect("a number").to_owned());
            }
            match body["next_cursor"].as_str() {
                Some(next) => {
                    assert!(page.header("link").is_some());
                    path = format!("/api/v1/worklist?limit=2&group=new,lead&cursor={next}");
                }
                None => break,
            }
        }
        assert_eq!(seen, numbers, "the oldest first");
        assert_eq!(boss.get("/api/v1/worklist?group=lead").json()["items"], json!([]));
        boss.get("/api/v1/worklist?group=nej").expect(422);
        boss.get("/api/v1/worklist?x=1").expect(422);
        house.service.anonymous().get("/api/v1/worklist").expect(401);
    });
}

#[test]
fn a_correction_of_the_units_concerned_holds_for_lists_too() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let south = house.service.holder(of, "at", Role::Team, &["syd"], &[]);
        let case = id(&file(&house.manager, fall()));
        let listed = |client: &Client| {
            let list = client.get("/api/v1/cases").expect(200).json();
            list["items"].as_array().map(Vec::len)
        };
        assert_eq!(listed(&south), Some(0));
        let body = json!({"also_units": ["syd"], "reason": "Gäller även dem."});
        house.manager.command(&case, "corrections", body).expect(200);
        assert_eq!(listed(&south), Some(1));
        let body = json!({"also_units": [], "reason": "Gjorde det inte."});
        house.manager.command(&case, "corrections", body).expect(200);
        assert_eq!(listed(&south), Some(0));
    });
}

#[test]
fn of_a_case_about_a_protected_person_a_list_tells_the_area_alone() {
    on_each_database(|database| {
        let house = house(database);
        let about = |protected: Value| {
            let mut body = fall();
            body["subject"] = json!({"personal_id": "640823-3234", "protected": protected});
            file(&house.manager, body)["number"].clone()
        };
        let (open, shut) = (about(json!(null)), about(json!("SKF")));
        let of = |number: &Value| {
            let item = items(&house.manager).into_iter().find(|item| item["number"] == *number);
            let item = item.expect("it waits");
            (item["unit"]["code"].clone(), item["area"].clone())
        };
        assert_eq!(of(&open), (json!("gran"), json!("SABO")));
        assert_eq!(of(&shut), (json!(null), json!("SABO")));
    });
}
