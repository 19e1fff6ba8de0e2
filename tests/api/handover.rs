//! Handing units over, and leaving them.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Response, Service, on_each_database};

use crate::worklist::{items, staff, waiting};
use crate::{fall, file, id};

/// A manager of `gran`, an area manager of `norr`, an admin and a newcomer.
struct Hands {
    service: Service,
    boss: Client,
    area: Client,
    admin: Client,
    new: Client,
    mas: Client,
}

fn hands(database: testkit::Database) -> Hands {
    let service = Service::start(database);
    let of = ("provby", service.tenant("provby"));
    let boss = service.holder(of, "ec", Role::UnitManager, &["gran"], &[]);
    let area = service.holder(of, "vc", Role::AreaManager, &["norr"], &[]);
    let admin = service.holder(of, "admin", Role::Admin, &[], &[]);
    let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
    let new = service.reporter("provby", "ny");
    Hands { service, boss, area, admin, new, mas }
}

impl Hands {
    fn file(&self) -> Value {
        file(&self.service.reporter("provby", "anmälare"), fall())
    }

    /// Revokes the manager's grant.
    fn revoke(&self, body: Value) -> Response {
        let who = staff(&self.boss);
        let list = self.admin.get(&format!("/api/v1/grants?staff={who}")).expect(200).json();
        let of_boss = list["items"].as_array().expect("items").iter();
        let held = of_boss.clone().find(|grant| grant["revoked_at"].is_null()).expect("a grant");
        let path = format!("/api/v1/grants/{}", held["id"].as_str().expect("an id"));
        let tag = self.admin.get(&path).expect(200).etag();
        self.admin.with("if-match", &tag).post(&format!("{path}/revoke"), body)
    }

    fn hand_over(&self, body: Value) -> Response {
        self.boss.post("/api/v1/handovers", body)
    }
}

fn sign(client: &Client, path: &str) -> Response {
    client.post(&format!("{path}/sign"), json!({}))
}

#[test]
fn a_handover_is_frozen_and_signed_by_both() {
    on_each_database(|database| {
        let hands = hands(database);
        let number = hands.file()["number"].clone();
        let tenant = hands.service.run(hands.service.app.store.tenant_by_slug("provby"));
        hands.service.review(tenant.expect("a tenant").id, "gran");
        let to = staff(&hands.new);
        let made = hands
            .hand_over(json!({"units": ["gran"], "to": to, "note": "Ett fall väntar."}))
            .expect(201);
        let path = made.header("location").expect("a location").to_owned();
        let page = made.json();
        assert_eq!(page["content"]["counts"]["cases"], 1);
        assert_eq!(page["content"]["counts"]["by_age"]["days_0_7"], 1);
        assert_eq!(page["content"]["counts"]["by_risk"]["not_assessed"], 1);
        assert_eq!(page["content"]["cases"][0]["number"], number);
        assert!(!made.text.contains("sängkanten"), "{}", made.text);
        // A review that is not signed goes along.
        assert_eq!(page["content"]["counts"]["reviews"], 1);
        assert_eq!(page["content"]["reviews"][0]["half"], "2025-H2");
        assert_eq!(page["content"]["reviews"][0]["overdue"], false);

        // Both see it until both have signed.
        let of = |client: &Client| {
            let all = items(client);
            let found = all.iter().find(|item| item["group"] == "handovers").cloned();
            found.map(|item| (item["asked"].clone(), item["waiting_for"]["staff"].clone()))
        };
        assert_eq!(of(&hands.boss), Some((json!("sign"), json!(staff(&hands.boss)))));
        assert_eq!(of(&hands.new), Some((json!("sign"), json!(to))));
        assert_eq!(of(&hands.area), None);
        sign(&hands.boss, &path).expect(200);
        assert_eq!(of(&hands.boss), Some((json!("await_signature"), json!(to))));
        sign(&hands.mas, &path).expect(404);
        sign(&hands.area, &path).expect(403);
        hands.file();
        let signed = sign(&hands.new, &path).expect(200).json();
        assert_eq!(signed["content"], page["content"]);
        assert!(signed["signed_at"].is_string());
        assert_eq!(sign(&hands.new, &path).expect(200).json(), signed);
        assert_eq!((of(&hands.boss), of(&hands.new)), (None, None));

        let list = hands.area.get("/api/v1/handovers?unit=gran").expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["open"]["counts"]["cases"], 2);
        let list = hands.new.get("/api/v1/handovers?unit=gran").expect(200).json();
        assert_eq!(
            (list["items"].as_array().map(Vec::len), &list["open"]),
            (Some(1), &Value::Null)
        );
        let list = hands.mas.get("/api/v1/handovers").expect(200).json();
        assert_eq!(list["items"], json!([]));
        let list = hands.boss.get("/api/v1/handovers?unit=tall").expect(200).json();
        assert_eq!(list["items"], json!([]));
    });
}

#[test]
fn a_handover_names_every_fault_and_is_for_those_who_have_units() {
    on_each_database(|database| {
        let hands = hands(database);
        let to = staff(&hands.boss);
        let wrong = hands.hand_over(json!({"units": ["gran", "syd", "finns-inte"], "to": to}));
        let told = |fault: &str, code: &str| (fault.to_owned(), code.to_owned());
        assert_eq!(
            wrong.expect(422).faults(),
            [
                told("/units/1", "unit_not_yours"),
                told("/units/2", "unknown_unit"),
                told("/to", "hands_over_to_oneself"),
            ]
        );
        let nobody = json!({"units": ["gran"], "to": uuid::Uuid::nil()});
        assert_eq!(hands.hand_over(nobody).expect(422).faults(), [told("/to", "not_found")]);
        let body = json!({"units": ["gran"], "to": to});
        for client in [&hands.mas, &hands.new, &hands.admin] {
            client.post("/api/v1/handovers", body.clone()).expect(403);
        }
        // Twice is once.
        let body = json!({"units": ["gran"], "to": staff(&hands.new)});
        let once = hands.boss.with("idempotency-key", "k");
        let first = once.post("/api/v1/handovers", body.clone()).expect(201).json();
        assert_eq!(once.post("/api/v1/handovers", body).expect(201).json(), first);
    });
}

#[test]
fn what_is_kept_from_giver_taker_or_reader_is_in_no_handover_of_theirs() {
    on_each_database(|database| {
        let hands = hands(database);
        let cases: Vec<Value> = (0..3).map(|_| hands.file()).collect();
        let keep = |case: &Value, from: &Client| {
            let path = format!("/api/v1/cases/{}/conflicts", id(case));
            hands.mas.post(&path, json!({"staff": staff(from), "reason": "Jäv."})).expect(200);
        };
        keep(&cases[0], &hands.boss);
        keep(&cases[1], &hands.new);
        let body = json!({"units": ["gran"], "to": staff(&hands.new)});
        let made = hands.hand_over(body).expect(201);
        let path = made.header("location").expect("a location").to_owned();
        let shown = |client: &Client| {
            let page = client.get(&path).expect(200).json();
            assert_eq!(
                page["content"]["counts"]["cases"].as_u64(),
                page["content"]["cases"].as_array().map(|cases| cases.len() as u64)
            );
            page["content"]["cases"].as_array().expect("cases").iter().map(id).collect::<Vec<_>>()
        };
        for client in [&hands.boss, &hands.new, &hands.area] {
            assert_eq!(shown(client), [id(&cases[2])]);
        }
        // What is kept from them later is gone for them, and for nobody else.
        keep(&cases[2], &hands.new);
        assert_eq!(shown(&hands.new), [""; 0]);
        assert_eq!(shown(&hands.area), [id(&cases[2])]);
        let open = hands.area.get("/api/v1/handovers?unit=gran").expect(200).json();
        assert_eq!(open["open"]["counts"]["cases"], 3);
    });
}

#[test]
fn a_manager_leaves_no_open_case_alone() {
    on_each_database(|database| {
        let hands = hands(database);
        let told = |answer: Response| answer.expect(422).json()["errors"][0].clone();
        hands.file();
        hands.file();
        let fault = told(hands.revoke(json!({"reason": "left"})));
        assert_eq!(
            (&fault["field"], &fault["code"]),
            (&json!("/taken_over_by"), &json!("cases_open"))
        );
        assert_eq!(fault["values"]["count"], 2);
        assert!(
            fault["message"].as_str().expect("words").starts_with("2 öppna ärenden"),
            "{fault}"
        );
        let by_nobody = json!({"reason": "left", "taken_over_by": staff(&hands.new)});
        assert_eq!(told(hands.revoke(by_nobody))["code"], "no_area_manager_there");

        // A handover that is begun is ended first.
        let body = json!({"units": ["gran"], "to": staff(&hands.area)});
        let made = hands.hand_over(body).expect(201);
        let path = made.header("location").expect("a location").to_owned();
        assert_eq!(told(hands.revoke(json!({"reason": "left"})))["code"], "handover_not_signed");
        sign(&hands.area, &path).expect(200);
        assert_eq!(told(hands.revoke(json!({"reason": "left"})))["code"], "handover_not_signed");
        sign(&hands.boss, &path).expect(200);
        hands.revoke(json!({"reason": "left"})).expect(200);

        // They wait for the area manager now, and come first.
        assert_eq!(waiting(&hands.boss), []);
        let found = items(&hands.area);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|item| item["inherited"] == true));
    });
}

#[test]
fn an_area_manager_takes_over_and_misuse_waits_for_nothing() {
    on_each_database(|database| {
        let hands = hands(database);
        hands.file();
        let by = json!({"reason": "left", "taken_over_by": staff(&hands.area)});
        hands.revoke(by).expect(200);
        assert_eq!(items(&hands.area).len(), 1);

        let give = |role: &str| {
            let who = staff(&hands.boss);
            let body = json!({"staff": who, "role": role, "units": ["gran"]});
            hands.admin.post("/api/v1/grants", body).expect(201);
        };
        // Two managers, or a deputy: one of them may go.
        give("unit_manager");
        let other = json!({"staff": staff(&hands.new), "role": "deputy", "units": ["gran"]});
        hands.admin.post("/api/v1/grants", other).expect(201);
        hands.revoke(json!({"reason": "other_duties"})).expect(200);
        assert_eq!((waiting(&hands.new).len(), waiting(&hands.area).len()), (1, 0));
        give("unit_manager");
        hands.revoke(json!({"reason": "misuse"})).expect(200);
    });
}

#[test]
fn a_manager_is_not_deactivated_over_open_cases_either() {
    on_each_database(|database| {
        let hands = hands(database);
        hands.file();
        let path = format!("/api/v1/staff/{}", staff(&hands.boss));
        let change = |body: Value| {
            let tag = hands.admin.get(&path).expect(200).etag();
            hands.admin.with("if-match", &tag).patch(&path, body)
        };
        let fault = |code: &str| [("/taken_over_by".to_owned(), code.to_owned())];
        let gone = json!({"active": false});
        assert_eq!(change(gone.clone()).expect(422).faults(), fault("cases_open"));
        let by_nobody = json!({"active": false, "taken_over_by": staff(&hands.new)});
        assert_eq!(change(by_nobody).expect(422).faults(), fault("no_area_manager_there"));
        let for_nothing = json!({"name": "Eva", "taken_over_by": staff(&hands.area)});
        assert_eq!(change(for_nothing).expect(422).faults(), fault("nobody_leaves"));
        assert_eq!(waiting(&hands.boss).len(), 1, "still there");
        // A second grant of one's own keeps nothing in hand.
        let more = json!({"staff": staff(&hands.boss), "role": "unit_manager", "units": ["gran"]});
        hands.admin.post("/api/v1/grants", more).expect(201);
        assert_eq!(change(gone.clone()).expect(422).faults(), fault("cases_open"));
        let taken = json!({"active": false, "taken_over_by": staff(&hands.area)});
        change(taken).expect(200);
        hands.boss.get("/api/v1/worklist").expect(401);
        assert_eq!(items(&hands.area).len(), 1);
        // Back again, with a deputy there: then it needs nobody else.
        change(json!({"active": true})).expect(200);
        let deputy = json!({"staff": staff(&hands.new), "role": "deputy", "units": ["gran"]});
        hands.admin.post("/api/v1/grants", deputy).expect(201);
        change(gone).expect(200);
    });
}
