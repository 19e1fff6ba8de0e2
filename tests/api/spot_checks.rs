//! Checks of the access log: drawing, judging, closing; and an auditor's exam.

use std::collections::BTreeMap;

use app::Clock as _;
use domain::calendar::swedish_date;
use domain::ids::{EntryId, StaffId};
use domain::organisation::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{AccessEntry, Tx};
use testkit::{Client, Response, on_each_database};
use uuid::Uuid;

use crate::access_log::entries;
use crate::{House, fall, file, house, id, standard_triage};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn staff(house: &House, subject: &str) -> StaffId {
    let read = house.service.app.store.read(house.tenant, |tx| tx.all_staff());
    let found: Result<Vec<_>, store::Error> = house.service.run(read);
    found.expect("staff").into_iter().find(|it| it.subject == subject).expect("known").id
}

/// Gives somebody of the staff a name and an address.
fn named(house: &House, subject: &str, name: &str, email: Option<&str>) {
    let (id, name, email) = (staff(house, subject), name.to_owned(), email.map(str::to_owned));
    let write = move |tx: &mut Tx<'_>| {
        let mut person = tx.staff(id)?;
        (person.name, person.email) = (Some(name), email);
        let version = person.version;
        tx.update_staff(&person, version)
    };
    let done: Result<i64, store::Error> =
        house.service.run(house.service.app.store.write(house.tenant, write));
    done.expect("named");
}

fn request(answer: &Response) -> String {
    answer.header("x-request-id").expect("an id").to_owned()
}

/// The entry that a request left of what it read or tried.
fn entry_of(house: &House, request: &str) -> EntryId {
    let found: Vec<AccessEntry> =
        entries(house).into_iter().filter(|it| it.request.to_string() == request).collect();
    assert_eq!(found.len(), 1, "one entry a request");
    found[0].id
}

fn draw(client: &Client, body: Value) -> Response {
    client.post("/api/v1/spot-checks", body).expect(201)
}

fn reasons(check: &Value) -> BTreeMap<String, Vec<String>> {
    let readings = check["readings"].as_array().expect("readings").iter();
    let reason = |reading: &Value| -> Vec<String> {
        let reasons = reading["reasons"].as_array().expect("reasons").iter();
        reasons.map(|it| it.as_str().expect("a rule").to_owned()).collect()
    };
    readings.map(|it| (it["entry"].as_str().expect("an id").to_owned(), reason(it))).collect()
}

#[test]
fn a_check_is_drawn_judged_by_others_and_closed() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        for _ in 0..30 {
            let case = id(&file(&house.service.reporter("provby", "anmälare"), fall()));
            house.manager.get(&format!("/api/v1/cases/{case}")).expect(200);
        }
        let auditor = house.service.holder(of, "granskare", Role::Auditor, &[], &[]);
        let begun = auditor.get("/api/v1/spot-checks").expect(200).json();
        assert_eq!(
            (&begun["next_due_on"], &begun["overdue"], &begun["local_target"]),
            (&json!("2026-06-10"), &json!(false), &json!(true))
        );
        house.service.clock.set(at("2026-03-10T11:30:00Z"));
        let asked = json!({"from": "2026-03-01", "to": "2026-03-10", "sample": 5, "rules": [], "reason": "Kvartal 1"});
        let key = auditor.with("idempotency-key", "k1");
        let drawn = draw(&key, asked.clone());
        let check = drawn.json();
        assert_eq!(draw(&key, asked.clone()).json(), check, "asking twice draws once");
        assert_eq!(check["readings"].as_array().map(Vec::len), Some(5));
        assert_eq!(check["considered"], 30);
        // Again with the same seed, and with another.
        let mut again = asked.clone();
        again["seed"] = check["seed"].clone();
        again["to"] = json!("2026-03-10");
        let same = draw(&auditor, again.clone()).json();
        assert_eq!((&same["considered"], reasons(&same)), (&json!(30), reasons(&check)));
        // No seed is chosen: it repeats a check, of the same period and as many readings, or it is drawn.
        again["seed"] = json!(12);
        let chosen = auditor.post("/api/v1/spot-checks", again.clone()).expect(422).faults();
        assert_eq!(chosen[0].0, "/seed");
        again["seed"] = check["seed"].clone();
        again["sample"] = json!(4);
        auditor.post("/api/v1/spot-checks", again).expect(422);
        let other = draw(&auditor, asked.clone()).json();
        assert_ne!(reasons(&other), reasons(&check));
        for hidden in ["Gled ner", "anmälare"] {
            assert!(!check.to_string().contains(hidden), "{hidden}");
        }
        let reading = &check["readings"][0];
        assert_eq!(reading["cases"][0]["relation"], "unit");
        assert_eq!(reading["grants"].as_array().map(Vec::len), Some(2));
        assert_eq!(reading["role"], "unit_manager");

        let path = format!("/api/v1/spot-checks/{}", check["id"].as_str().expect("an id"));
        let judge = |client: &Client, tag: &str, verdict: &str, which: std::ops::Range<usize>| {
            let judgements: Vec<Value> = check["readings"].as_array().expect("readings")[which]
                .iter()
                .map(
                    |it| json!({"entry": it["entry"], "verdict": verdict, "reason": "arbetar där"}),
                )
                .collect();
            client
                .with("if-match", tag)
                .post(&format!("{path}/judgements"), json!({"judgements": judgements}))
        };
        // Nobody judges their own.
        house.service.holder(of, "chef", Role::Auditor, &[], &[]);
        let own = house.service.reporter("provby", "chef");
        assert_eq!(judge(&own, "\"1\"", "proper", 0..1).expect(403).json()["code"], "own_matter");
        judge(&auditor, "\"9\"", "proper", 0..1).expect(412);
        let tag = judge(&auditor, "\"1\"", "proper", 0..4).expect(200).etag();
        let close = |tag: &str| {
            auditor.with("if-match", tag).post(
                &format!("{path}/close"),
                json!({"summary": "En läsning utan skäl; samtal hölls."}),
            )
        };
        assert_eq!(close(&tag).expect(422).faults()[0].0, "/readings");
        let tag = judge(&auditor, &tag, "ask", 4..5).expect(200).etag();
        close(&tag).expect(422);
        let tag = judge(&auditor, &tag, "improper", 4..5).expect(200).etag();
        let closed = close(&tag).expect(200).json();
        assert_eq!(closed["closed"]["summary"], "En läsning utan skäl; samtal hölls.");
        let tag = format!("\"{}\"", closed["version"]);
        judge(&auditor, &tag, "proper", 0..1).expect(409);
        let list = auditor.get("/api/v1/spot-checks?limit=2").expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
        let next = list["next_cursor"].as_str().expect("a cursor");
        let rest =
            auditor.get(&format!("/api/v1/spot-checks?limit=2&cursor={next}")).expect(200).json();
        assert_eq!(
            (&rest["items"][0]["proper"], &rest["items"][0]["improper"]),
            (&json!(4), &json!(1))
        );
        // The check is itself in the log.
        let acts: Vec<String> = entries(&house)
            .into_iter()
            .map(|it| it.act)
            .filter(|act| act.starts_with("spot_check"))
            .collect();
        assert_eq!(acts.iter().filter(|act| *act == "spot_check.draw").count(), 3);
        assert!(
            acts.contains(&"spot_check.judge".to_owned())
                && acts.contains(&"spot_check.close".to_owned())
        );
        // Three months on it is time again.
        house.service.clock.set(at("2026-06-11T08:00:00Z"));
        let later = house
            .service
            .reporter("provby", "granskare")
            .get("/api/v1/spot-checks")
            .expect(200)
            .json();
        assert_eq!(
            (&later["next_due_on"], &later["overdue"]),
            (&json!("2026-06-10"), &json!(true))
        );
        // Of whom the MAS does not answer, she sees no check.
        house.service.reporter("provby", "mas").get(&path).expect(404);
        house.service.reporter("provby", "nyfiken").get(&path).expect(403);
    });
}

#[test]
fn whoever_checks_by_two_grants_judges_what_they_drew() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        for law in ["HSL", "SOL"] {
            let mut filing = fall();
            filing["law"] = json!([law]);
            let case = id(&file(&house.manager, filing));
            house.manager.get(&format!("/api/v1/cases/{case}")).expect(200);
        }
        house.service.clock.set(at("2026-03-10T11:30:00Z"));
        house.service.holder(of, "båda", Role::Sas, &["norr"], &[]);
        let both = house.service.holder(of, "båda", Role::Mas, &["norr"], &[]);
        let asked = json!({"from": "2026-03-01", "to": "2026-03-10", "sample": 5, "rules": [], "reason": "x"});
        let check = draw(&both, asked).json();
        let path = format!("/api/v1/spot-checks/{}", check["id"].as_str().expect("an id"));
        let tag = both.get(&path).expect(200).etag();
        let readings = check["readings"].as_array().expect("readings").iter();
        let judgements: Vec<Value> = readings
            .map(|it| json!({"entry": it["entry"], "verdict": "proper", "reason": "x"}))
            .collect();
        assert_eq!(judgements.len(), 2);
        let judged = both
            .with("if-match", &tag)
            .post(&format!("{path}/judgements"), json!({"judgements": judgements}))
            .expect(200);
        both.with("if-match", &judged.etag())
            .post(&format!("{path}/close"), json!({"summary": "x"}))
            .expect(200);
        // Who answers for the one law alone does not see what is drawn by both.
        house.service.reporter("provby", "mas").get(&path).expect(404);
    });
}

/// Decides whether a reading was improper, by what the log shows of it and nothing else.
fn improper(reading: &Value) -> bool {
    let rule = |code: &str| reading["reasons"].as_array().expect("reasons").contains(&json!(code));
    if rule("refused") || rule("after_leaving") {
        return true;
    }
    let cases = reading["cases"].as_array().expect("cases");
    cases.iter().any(|case| {
        let has_to_do =
            case["leads"] == true || case["asked"] == true || case["works"].as_u64() > Some(0);
        case["about_reader"] == true
            || case["relation"] == "outside"
            || (case["own"] == true && !reading["role"].is_null())
            || (!has_to_do
                && (case["protected"] == true
                    || case["same_surname"] == true
                    || rule("at_night")
                    || rule("unusual_number")))
    })
}

/// A house where somebody reads: what was planted, by request, and whether it was improper.
struct Exam {
    house: House,
    planted: Vec<(String, bool, &'static str)>,
}

impl Exam {
    fn client(&self, subject: &str) -> Client {
        self.house.service.reporter("provby", subject)
    }

    fn file(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut body = fall();
        change(&mut body);
        id(&file(&self.client("anmälare"), body))
    }

    fn plant(&mut self, what: &'static str, improper: bool, answer: &Response) {
        self.planted.push((request(answer), improper, what));
    }

    fn read(&mut self, what: &'static str, improper: bool, reader: &str, case: &str) {
        let answer = self.client(reader).get(&format!("/api/v1/cases/{case}")).expect(200);
        self.plant(what, improper, &answer);
    }

    /// An entry that the service itself would not have let come about.
    fn put(&mut self, what: &'static str, reader: &str, case: &str) {
        let like = entries(&self.house)
            .into_iter()
            .rev()
            .find(|it| it.exposed.iter().any(|(exposed, _)| exposed.to_string() == case));
        let entry = AccessEntry {
            id: EntryId(Uuid::now_v7()),
            at: self.house.service.clock.now(),
            by: staff(&self.house, reader),
            request: Uuid::now_v7(),
            refused: false,
            ground: None,
            act: "case.read".into(),
            role: Some("team".into()),
            ..like.expect("a reading of the case")
        };
        self.planted.push((entry.request.to_string(), true, what));
        let write = move |tx: &mut Tx<'_>| tx.add_rows(|rows| rows.access(&entry));
        let done: Result<(), store::Error> =
            self.house.service.run(self.house.service.app.store.write(self.house.tenant, write));
        done.expect("planted");
    }

    fn triage(&self, who: &str, case: &str) {
        let mut assessed = standard_triage();
        assessed["reason"] = json!("x");
        self.client(who).command(case, "triage", assessed).expect(200);
    }

    fn end_grants(&self, who: &str) {
        let (id, now) = (staff(&self.house, who), self.house.service.clock.now());
        let write = move |tx: &mut Tx<'_>| {
            for grant in tx.grants_of(id)? {
                let version = grant.version;
                tx.revoke_grant(grant.id, now, version)?;
            }
            Ok::<_, store::Error>(())
        };
        self.house
            .service
            .run(self.house.service.app.store.write(self.house.tenant, write))
            .expect("revoked");
    }
}

#[test]
fn an_auditor_tells_ten_improper_readings_of_twenty_by_what_the_log_shows() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let roles: [(&str, Role, &[&str]); 11] = [
            ("ec gran", Role::UnitManager, &["gran"]),
            ("ec syd", Role::UnitManager, &["syd"]),
            ("ssk gran", Role::Team, &["gran"]),
            ("ssk natt", Role::Team, &["gran"]),
            ("ssk syd", Role::Team, &["syd"]),
            ("ssk flitig", Role::Team, &["gran"]),
            ("196408233234", Role::Team, &["gran"]),
            ("slutat", Role::Team, &["gran"]),
            ("ersättare", Role::Deputy, &["gran"]),
            ("sas", Role::Sas, &[]),
            ("registrator", Role::Registrator, &[]),
        ];
        for (subject, role, units) in roles {
            house.service.holder(of, subject, role, units, &[]);
        }
        named(&house, "mas", "Eva Lindqvist", None);
        named(&house, "ec gran", "Bo Ek", Some("bo.ek@provby.se"));
        let mut exam = Exam { house, planted: Vec::new() };
        // The weeks before: who works nights reads at night, the others by day.
        for day in 2..8 {
            let night = at(&format!("2026-02-{day:02}T01:00:00Z"));
            for (who, hours) in [("ssk natt", 0), ("ssk gran", 9)] {
                exam.house.service.clock.set(night + SignedDuration::from_hours(hours));
                let case = exam.file(|_| ());
                exam.client(who).get(&format!("/api/v1/cases/{case}")).expect(200);
            }
        }
        exam.house.service.clock.set(at("2026-03-10T11:00:00Z"));
        let opinion = |name: &str, email: &str| {
            let (name, email) = (name.to_owned(), email.to_owned());
            move |body: &mut Value| {
                body["kind"] = json!("klagomal");
                body["opinion"] = json!({"anonymous": false, "sender": {"kind": "NAR", "name": name, "email": email}});
            }
        };
        let protected = |body: &mut Value| {
            body["subject"] = json!({"other_id": "R-1", "protected": "SEK"});
        };
        let plain = |_: &mut Value| ();

        // Ten for which there was reason, the tempting ones among them.
        let case = exam.file(plain);
        exam.read("the unit's manager, who assesses it", false, "ec gran", &case);
        exam.triage("ssk gran", &case);
        let case = exam.file(plain);
        exam.read("a nurse of the unit", false, "ssk gran", &case);
        let followed = exam.client("anmälare").get(&format!("/api/v1/me/cases/{case}")).expect(200);
        exam.plant("whoever reported it follows it", false, &followed);
        let case = exam.file(protected);
        exam.triage("ssk gran", &case);
        exam.read("a protected person, by who assessed it", false, "ssk gran", &case);
        let case = exam.file(opinion("Karin Lindqvist", "karin@example.se"));
        exam.client("mas").command(&case, "opinion/acknowledge", json!({"way": "BRV"})).expect(200);
        exam.read("a namesake's klagomål, by who acknowledged it", false, "mas", &case);
        let case = exam.file(|body| body["unit"] = json!("syd"));
        let asking =
            json!({"staff": staff(&exam.house, "ssk gran").0, "wish": "read", "text": "x"});
        exam.client("ec syd").post(&format!("/api/v1/cases/{case}/watches"), asking).expect(200);
        exam.read("at another unit, asked by name", false, "ssk gran", &case);
        let ground = json!({"case": case, "kind": "consent", "on": "2026-03-01", "reason": "SIP", "until": "2026-04-01"});
        exam.client("sas").post("/api/v1/reading-grounds", ground).expect(201);
        exam.read("of the other branch, on a ground", false, "sas", &case);
        let case = exam.file(plain);
        exam.read("a deputy whose grant ended later", false, "ersättare", &case);
        exam.house.service.clock.set(at("2026-03-10T11:30:00Z"));
        exam.end_grants("ersättare");
        let case = exam.file(opinion("Ture Berg", "ture@example.se"));
        exam.read("a klagomål, by the registrar", false, "registrator", &case);
        exam.house.service.clock.set(at("2026-03-11T01:30:00Z"));
        exam.read("at night, by who works nights", false, "ssk natt", &case);

        // Ten for which there was none.
        exam.read("at night, by who works days", true, "ssk gran", &case);
        exam.house.service.clock.set(at("2026-03-11T11:00:00Z"));
        let own = id(&file(&exam.client("ec gran"), fall()));
        exam.read("their own report, in a role", true, "ec gran", &own);
        let case = exam.file(opinion("Nils Lindqvist", "nils@example.se"));
        exam.read("a namesake's klagomål", true, "mas", &case);
        let case = exam.file(opinion("Bo Ek", "BO.EK@provby.se"));
        exam.read("a klagomål they left themselves", true, "ec gran", &case);
        let case = exam.file(protected);
        exam.read("a protected person, without having to do with it", true, "ec gran", &case);
        let case = exam.file(|body| body["subject"] = json!({"personal_id": "640823-3234"}));
        exam.read("what is about themselves", true, "196408233234", &case);
        let tried = exam.client("ssk syd").get(&format!("/api/v1/cases/{case}")).expect(404);
        exam.plant("tried at another unit", true, &tried);
        exam.put("outside every grant", "ssk syd", &case);
        exam.house.service.clock.set(at("2026-03-12T11:00:00Z"));
        exam.end_grants("slutat");
        exam.house.service.clock.set(at("2026-03-12T12:00:00Z"));
        exam.put("after leaving", "slutat", &case);
        for nth in 0..20 {
            let case = exam.file(plain);
            match nth {
                19 => exam.read("one of unusually many", true, "ssk flitig", &case),
                _ => drop(
                    exam.client("ssk flitig").get(&format!("/api/v1/cases/{case}")).expect(200),
                ),
            }
        }
        assert_eq!(exam.planted.len(), 20);
        assert_eq!(exam.planted.iter().filter(|planted| planted.1).count(), 10);

        exam.house.service.clock.set(at("2026-03-13T08:00:00Z"));
        let auditor = exam.house.service.holder(of, "granskare", Role::Auditor, &[], &[]);
        let today = swedish_date(exam.house.service.clock.now());
        let check = draw(
            &auditor,
            json!({"from": "2026-03-10", "to": today, "sample": 200, "reason": "Prov"}),
        )
        .json();
        for hidden in ["Lindqvist", "Berg", "bo.ek", "640823", "196408233234", "R-1", "Gled"] {
            let shown = check["readings"].as_array().expect("readings").iter().map(|it| {
                let mut it = it.clone();
                it["reader"] = Value::Null;
                it.to_string()
            });
            assert!(shown.into_iter().all(|shown| !shown.contains(hidden)), "{hidden}");
        }
        let mut right = 0;
        let mut judgements = Vec::new();
        for (request, truth, what) in &exam.planted {
            let entry = entry_of(&exam.house, request);
            let reading = check["readings"]
                .as_array()
                .expect("readings")
                .iter()
                .find(|it| it["entry"] == entry.to_string());
            let reading = reading.unwrap_or_else(|| panic!("{what}: not drawn"));
            let decided = improper(reading);
            assert_eq!(decided, *truth, "{what}: {reading:#}");
            right += usize::from(decided == *truth);
            let verdict = if decided { "improper" } else { "proper" };
            judgements.push(json!({"entry": entry.0, "verdict": verdict, "reason": "Loggen"}));
        }
        assert_eq!(right, 20);
        let path =
            format!("/api/v1/spot-checks/{}/judgements", check["id"].as_str().expect("an id"));
        let judged = auditor
            .with("if-match", "\"1\"")
            .post(&path, json!({"judgements": judgements}))
            .expect(200)
            .json();
        let listed = auditor.get("/api/v1/spot-checks").expect(200).json();
        assert_eq!(
            (&listed["items"][0]["proper"], &listed["items"][0]["improper"]),
            (&json!(10), &json!(10))
        );
        assert_eq!(judged["version"], 2);
    });
}
