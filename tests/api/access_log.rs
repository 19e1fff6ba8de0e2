//! The access log: what is kept, searching it, the extract of a person, and reading across on a ground.

use domain::law::Law;
use domain::organisation::Role;
use serde_json::{Value, json};
use store::AccessEntry;
use testkit::{Client, on_each_database};

use crate::{House, fall, file, house, id, standard_triage};

/// All entries, oldest first.
pub(crate) fn entries(house: &House) -> Vec<AccessEntry> {
    let read = house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 1_000));
    let found: Result<_, store::Error> = house.service.run(read);
    found.expect("entries")
}

const ASKED: &str = "purpose=incident&reason=Anm%C3%A4lan";

fn search(client: &Client, more: &str) -> Value {
    client.get(&format!("/api/v1/access-log?{ASKED}{more}")).expect(200).json()
}

fn acts(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["act"].as_str().expect("an act").to_owned()).collect()
}

/// A filing about a person.
fn about(personal_id: &str) -> Value {
    let mut filing = fall();
    filing["subject"] = json!({"personal_id": personal_id});
    filing
}

#[test]
fn an_entry_says_who_as_what_where_when_from_where_and_of_whom() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let filed = file(&house.manager, about("640823-3234"));
        let case = id(&filed);
        house.manager.get(&format!("/api/v1/cases/{case}/subject")).expect(200);
        let auditor = house.service.holder(of, "granskare", Role::Auditor, &[], &[]);
        let page = search(&auditor, &format!("&case={case}"));
        assert_eq!(acts(&page), ["subject.read"]);
        let line = &page["items"][0];
        assert_eq!(line["role"], "unit_manager");
        assert_eq!(line["unit"]["name"], "GRAN");
        assert_eq!(line["from"], "127.0.0.0/24", "a network, not an address");
        assert_eq!(line["act_text"], "läste vem ärendet gäller");
        assert_eq!(line["refused"], false);
        assert_eq!(line["cases"][0]["number"], filed["number"]);
        assert_eq!(line["at"], "2026-03-10T11:00:00Z");
        // Neither text nor identity.
        for hidden in ["Gled ner", "640823", "196408"] {
            assert!(!page.to_string().contains(hidden), "{hidden}");
        }
        // The search is in the log, with why, and names what it showed.
        let page = search(&auditor, "");
        assert_eq!(acts(&page), ["access_log.search", "subject.read"]);
        let own = &page["items"][0];
        assert_eq!(own["search"], json!({"purpose": "incident", "reason": "Anmälan"}));
        assert_eq!(own["cases"][0]["id"], case);
        assert_eq!(own["role"], "auditor");
        // By whom, and refused or not.
        assert_eq!(
            acts(&search(
                &auditor,
                &format!("&staff={}", line["staff"]["id"].as_str().expect("an id"))
            )),
            ["subject.read"]
        );
        assert_eq!(acts(&search(&auditor, "&refused=true")), [""; 0]);
        assert_eq!(acts(&search(&auditor, "&to=2026-03-09")), [""; 0]);
        assert_eq!(
            search(&auditor, "&from=2026-03-10&limit=500")["items"].as_array().map(Vec::len),
            Some(6)
        );
    });
}

#[test]
fn what_is_refused_is_logged_as_refused_and_once() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let mut filing = about("640823-3234");
        filing["unit"] = json!("syd");
        let case = id(&file(&house.manager, filing));
        let own = id(&file(&house.manager, fall()));
        let nurse = house.service.holder(of, "ssk", Role::Team, &["gran"], &[]);
        let path = format!("/api/v1/cases/{case}");
        let refused = |client: &Client, path: &str, status: u16| -> Vec<AccessEntry> {
            let answer = client.get(path).expect(status);
            let request = answer.header("x-request-id").expect("an id").to_owned();
            let of_it = |entry: &AccessEntry| entry.request.to_string() == request;
            entries(&house).into_iter().filter(of_it).collect()
        };
        for (suffix, act) in
            [("", "case.read"), ("/subject", "subject.read"), ("/history", "case.history")]
        {
            let found = refused(&nurse, &format!("{path}{suffix}"), 404);
            assert_eq!(found.len(), 1, "{suffix}");
            assert!(found[0].refused && found[0].act == act, "{:?}", found[0]);
            assert_eq!(found[0].exposed.len(), 1);
            assert!(found[0].exposed[0].1.is_some(), "whom it is about");
            assert_eq!(found[0].unit, Some(house.service.unit(house.tenant, "syd")));
        }
        // Forbidden though known.
        let found = refused(&nurse, &format!("/api/v1/cases/{own}/record"), 403);
        assert_eq!(found.len(), 1);
        assert!(found[0].refused && found[0].act == "case.record");
        let closed = nurse
            .with("if-match", "\"1\"")
            .post(&format!("/api/v1/cases/{own}/reopen"), json!({"reason": "x"}));
        closed.expect(403);
        assert_eq!(entries(&house).last().map(|it| it.act.clone()).as_deref(), Some("case.reopen"));
        // What does not exist was refused to nobody.
        let before = entries(&house).len();
        nurse.get(&format!("/api/v1/cases/{}", uuid::Uuid::now_v7())).expect(404);
        assert_eq!(entries(&house).len(), before);
        // A shared phone is not told where from.
        let phone = house.service.holder(of, "telefon", Role::Intake, &[], &[]);
        let found = refused(&phone, &path, 404);
        assert_eq!(found[0].from, None);
        // Some of many.
        let many = json!({"cases": [{"id": case, "version": 1}, {"id": own, "version": 1}],
            "action": {"triage": standard_triage()}});
        let answer = nurse.post("/api/v1/cases/actions", many).expect(200);
        let request = answer.header("x-request-id").expect("an id");
        let found: Vec<AccessEntry> =
            entries(&house).into_iter().filter(|it| it.request.to_string() == request).collect();
        let named = |refused: bool| -> Vec<String> {
            let some = found.iter().filter(|it| it.refused == refused);
            some.flat_map(|it| &it.exposed).map(|it| it.0.to_string()).collect()
        };
        assert_eq!((named(true), named(false)), (vec![case.clone()], vec![own.clone()]));
    });
}

#[test]
fn a_search_states_its_purpose_and_a_source_is_none() {
    on_each_database(|database| {
        let house = house(database);
        let auditor = house.service.holder(("provby", house.tenant), "g", Role::Auditor, &[], &[]);
        let faults =
            |query: &str| auditor.get(&format!("/api/v1/access-log{query}")).expect(422).faults();
        assert_eq!(faults(""), [("purpose".to_owned(), "required".to_owned())]);
        assert_eq!(faults("?purpose=incident")[0].0, "reason");
        assert_eq!(faults("?purpose=media_source&reason=x")[0].0, "purpose");
        assert_eq!(
            faults("?purpose=incident&reason=19640823-3234")[0],
            ("reason".into(), "personal_number".into())
        );
        assert_eq!(faults("?purpose=incident&reason=x&from=2026-02-02&to=2026-02-01")[0].0, "/to");
        assert_eq!(faults("?purpose=incident&reason=x&cursor=eA")[0].0, "cursor");
        let body = json!({"purpose": "complaint", "reason": "19640823-3234"});
        let told = auditor.post("/api/v1/access-log/search", body).expect(422).faults();
        assert_eq!(told[0], ("/reason".into(), "personal_number".into()));
        assert_eq!(entries(&house).len(), 0, "nothing was searched");
    });
}

#[test]
fn a_search_by_person_finds_every_filing_about_them() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let auditor = house.service.holder(of, "g", Role::Auditor, &[], &[]);
        let cases = ["640823-3234", "19640823-3234", "196803241113"].map(|number| {
            let case = id(&file(&house.manager, about(number)));
            house.manager.get(&format!("/api/v1/cases/{case}")).expect(200);
            case
        });
        let body = |number: &str| json!({"purpose": "complaint", "reason": "dnr 1", "subject": {"personal_id": number}});
        let find = |body: Value| auditor.post("/api/v1/access-log/search", body).expect(200).json();
        let found = find(body("640823-3234"));
        let named: Vec<&Value> = found["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|it| &it["cases"][0]["id"])
            .collect();
        assert_eq!(named, [&json!(cases[1]), &json!(cases[0])]);
        // Page by page.
        let mut paged = body("640823-3234");
        paged["limit"] = json!(1);
        paged["to"] = json!("2026-03-10");
        let first = find(paged.clone());
        assert_eq!(first["items"].as_array().map(Vec::len), Some(1));
        // Each page is a search of its own, of the same person: what is asked is which readings.
        paged["cursor"] = first["next_cursor"].clone();
        let second = find(paged.clone());
        assert!(second["items"][0]["id"] != first["items"][0]["id"]);
        let stranger = find(body("20000101-2384"));
        assert_eq!(stranger["items"], json!([]));
        // Whom was searched for is nowhere but in the cases shown.
        let log = entries(&house);
        let last = log.last().expect("an entry");
        assert_eq!((last.act.as_str(), last.exposed.len()), ("access_log.search", 0));
    });
}

#[test]
fn a_search_finds_by_what_one_may_see_and_by_nothing_beside_it() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let auditor = house.service.holder(of, "g", Role::Auditor, &[], &[]);
        let cases = ["SOL", "HSL"].map(|law| {
            let mut filing = if law == "SOL" { about("640823-3234") } else { fall() };
            filing["law"] = json!([law]);
            let case = id(&file(&house.manager, filing));
            house.manager.get(&format!("/api/v1/cases/{case}")).expect(200);
            case
        });
        // One entry that names both.
        search(&auditor, "");
        let body = json!({"purpose": "complaint", "reason": "x", "subject": {"personal_id": "640823-3234"}});
        let find = |client: &Client| {
            client.post("/api/v1/access-log/search", body.clone()).expect(200).json()
        };
        assert_eq!(find(&house.mas)["items"], json!([]));
        assert_eq!(search(&house.mas, &format!("&case={}", cases[0]))["items"], json!([]));
        assert_eq!(acts(&find(&auditor)), ["access_log.search", "case.read"]);
        // What is kept from somebody (jäv) is kept in the log as well.
        let other = house.service.holder(of, "mas 2", Role::Mas, &[], &[]);
        let of_case = format!("&case={}", cases[1]);
        assert_ne!(search(&other, &of_case)["items"], json!([]));
        let me = house.service.run(house.service.app.store.read(house.tenant, |tx| tx.all_staff()));
        let me: Result<_, store::Error> = me;
        let me = me.expect("staff").into_iter().find(|it| it.subject == "mas 2").expect("known").id;
        let kept = json!({"staff": me.0, "reason": "jäv"});
        house.manager.post(&format!("/api/v1/cases/{}/conflicts", cases[1]), kept).expect(200);
        assert_eq!(search(&other, &of_case)["items"], json!([]));
        assert!(!search(&other, "").to_string().contains(&cases[1]));
    });
}

#[test]
fn whoever_answers_for_a_law_sees_the_log_of_that_law_and_of_their_units() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let cases = [("gran", "HSL"), ("gran", "SOL"), ("syd", "HSL")].map(|(unit, law)| {
            let mut filing = fall();
            (filing["unit"], filing["law"]) = (json!(unit), json!([law]));
            let case = id(&file(&house.manager, filing));
            house.manager.get(&format!("/api/v1/cases/{case}")).expect(200);
            case
        });
        let seen = |client: &Client| -> Vec<String> {
            let page = search(client, "&refused=false");
            let items = page["items"].as_array().expect("items").iter();
            let read = items.filter(|it| it["act"] == "case.read");
            let mut cases: Vec<String> =
                read.map(|it| it["cases"][0]["id"].as_str().expect("an id").to_owned()).collect();
            cases.reverse();
            cases
        };
        let holder = |name: &str, role, units: &[&str], laws: &[Law]| {
            house.service.holder(of, name, role, units, laws)
        };
        assert_eq!(seen(&holder("g", Role::Auditor, &[], &[])), cases);
        assert_eq!(seen(&holder("dso", Role::Privacy, &[], &[])), cases);
        assert_eq!(seen(&holder("admin", Role::Admin, &[], &[])), cases);
        assert_eq!(seen(&house.mas), [cases[0].clone(), cases[2].clone()]);
        assert_eq!(seen(&holder("sas", Role::Sas, &[], &[])), [cases[1].clone()]);
        assert_eq!(seen(&holder("mas norr", Role::Mas, &["norr"], &[])), [cases[0].clone()]);
        assert_eq!(
            seen(&holder("g syd", Role::Auditor, &["syd"], &[Law::Hsl])),
            [cases[2].clone()]
        );
        for role in [Role::UnitManager, Role::Team, Role::Director, Role::Analyst, Role::Board] {
            let client = holder(role.code(), role, &[], &[]);
            client.get(&format!("/api/v1/access-log?{ASKED}")).expect(403);
        }
    });
}

#[test]
fn a_person_is_told_in_plain_swedish_who_has_read() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let filed = file(&house.manager, about("640823-3234"));
        let other = id(&file(&house.manager, about("196803241113")));
        let case = id(&filed);
        house.service.holder(of, "enhetschef", Role::UnitManager, &["gran"], &[]);
        let head = house.service.reporter("provby", "enhetschef");
        head.get(&format!("/api/v1/cases/{case}")).expect(200);
        house.mas.get(&format!("/api/v1/cases/{case}/subject")).expect(200);
        house.mas.get(&format!("/api/v1/cases/{other}/subject")).expect(200);
        house
            .service
            .reporter("provby", "nyfiken")
            .get(&format!("/api/v1/cases/{case}"))
            .expect(404);
        let dso = house.service.holder(of, "dso", Role::Privacy, &[], &[]);
        let body = json!({"subject": {"personal_id": "640823-3234"}, "reason": "dnr VON 2026/91"});
        let to = "/api/v1/access-log/extract";
        let made = dso.post(to, body.clone()).expect(200).json();
        let lines: Vec<&str> = made["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|it| it["text"].as_str().expect("a text"))
            .collect();
        let number = filed["number"].as_str().expect("a number");
        assert_eq!(
            lines,
            [
                format!(
                    "10 mars 2026 kl. 12.00. Enhet: GRAN. Roll: enhetschef. Läste ärendet {number}."
                ),
                format!(
                    "10 mars 2026 kl. 12.00. Enhet: hela verksamheten. Roll: medicinskt ansvarig sjuksköterska (MAS). Läste vem ärendet gäller {number}."
                ),
            ]
        );
        let text = dso.with("accept", "text/plain").post(to, body.clone()).expect(200);
        assert!(
            text.text.contains(lines[0]) && text.text.contains("Vem har läst uppgifter om dig?")
        );
        assert!(!text.text.contains("640823"), "{}", text.text);
        let page = dso.with("accept", "text/html").post(to, body.clone()).expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text.contains("<td>GRAN</td>") && page.text.contains(number));
        // Names where the tenant tells them.
        let keeper = house.service.holder(of, "admin", Role::Admin, &[], &[]);
        let staff = keeper.get("/api/v1/staff?limit=500").expect(200).json();
        let known = staff["items"]
            .as_array()
            .expect("staff")
            .iter()
            .find(|it| it["subject"] == "enhetschef")
            .expect("known")
            .clone();
        let at = format!("/api/v1/staff/{}", known["id"].as_str().expect("an id"));
        let tag = keeper.get(&at).expect(200).etag();
        keeper.with("if-match", &tag).patch(&at, json!({"name": "Eva Ek"})).expect(200);
        let named = dso.post(to, body.clone()).expect(200).json();
        assert_eq!(named["lines"][0]["name"], Value::Null);
        let tag = keeper.get("/api/v1/settings").expect(200).etag();
        let chosen = json!({"access": {"names_staff": true}});
        keeper.with("if-match", &tag).put("/api/v1/settings", chosen).expect(200);
        let named = dso.post(to, body.clone()).expect(200).json();
        assert_eq!(named["lines"][0]["name"], "Eva Ek");
        // The extracts are in the log, and in the next extract.
        let acts: Vec<String> = entries(&house)
            .into_iter()
            .map(|it| it.act)
            .filter(|act| act == "access_log.extract")
            .collect();
        assert_eq!(acts.len(), 5);
        assert_eq!(named["lines"].as_array().map(Vec::len), Some(2 + 4));
        keeper.post(to, body).expect(403);
    });
}

#[test]
fn the_other_branch_reads_on_a_ground_that_is_stated_and_shows() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let case = id(&file(&house.manager, about("640823-3234")));
        let path = format!("/api/v1/cases/{case}");
        let sas = house.service.holder(of, "sas", Role::Sas, &[], &[]);
        sas.get(&path).expect(404);
        let ground = json!({"case": case, "kind": "consent", "on": "2026-03-01",
            "reason": "SIP med samtycke", "until": "2026-04-01"});
        let to = "/api/v1/reading-grounds";
        // Who may not, what is readable already, and what is not there.
        house
            .service
            .holder(of, "ssk", Role::Team, &["syd"], &[])
            .post(to, ground.clone())
            .expect(403);
        let told = house.mas.post(to, ground.clone()).expect(422).faults();
        assert_eq!(told[0].0, "/case");
        let mut nothing = ground.clone();
        nothing["case"] = json!(uuid::Uuid::now_v7());
        sas.post(to, nothing).expect(404);
        let mut decision = ground.clone();
        decision["kind"] = json!("decision");
        assert_eq!(sas.post(to, decision).expect(422).faults()[0].0, "/reference");

        let stated = sas.post(to, ground).expect(201);
        let (tag, stated) = (stated.etag(), stated.json());
        let at = format!("{to}/{}", stated["id"].as_str().expect("an id"));
        let read = sas.get(&path).expect(200);
        assert_eq!(read.json()["id"], case.as_str());
        sas.get(&format!("{path}/history")).expect(200);
        // Reading alone: neither who it is, nor anything done to it.
        sas.get(&format!("{path}/subject")).expect(404);
        let lead = json!({"reason": "x"});
        sas.with("if-match", &read.etag()).post(&format!("{path}/lead"), lead).expect(403);
        assert_eq!(sas.get("/api/v1/cases").expect(200).json()["items"], json!([]));
        // It shows in the log.
        let auditor = house.service.holder(of, "g", Role::Auditor, &[], &[]);
        let page = search(&auditor, &format!("&case={case}&refused=false"));
        assert_eq!(page["items"][1]["act"], "case.read");
        assert_eq!(page["items"][1]["ground"], json!({"id": stated["id"], "kind": "consent"}));
        assert_eq!(page["items"][1]["role"], "sas");
        let listed = auditor.get(&format!("{to}?case={case}")).expect(200).json();
        assert_eq!(listed["items"][0]["reason"], "SIP med samtycke");
        house.service.reporter("provby", "nyfiken").get(&at).expect(404);
        // Taken back, it opens nothing.
        sas.post(&format!("{at}/revoke"), json!({})).expect(428);
        let gone =
            auditor.with("if-match", &tag).post(&format!("{at}/revoke"), json!({})).expect(200);
        assert!(gone.json()["revoked_at"].is_string());
        sas.get(&path).expect(404);
        sas.with("if-match", &gone.etag()).post(&format!("{at}/revoke"), json!({})).expect(409);
    });
}

#[test]
fn a_ground_of_a_unit_opens_its_cases_under_that_law_until_it_ends() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let filed = |unit: &str, law: &str| {
            let mut filing = fall();
            (filing["unit"], filing["law"]) = (json!(unit), json!([law]));
            format!("/api/v1/cases/{}", id(&file(&house.manager, filing)))
        };
        let (here, there, other) =
            (filed("gran", "HSL"), filed("syd", "HSL"), filed("gran", "LSS"));
        let head = house.service.holder(of, "ec", Role::UnitManager, &["gran"], &[Law::Sol]);
        let ground = |unit: &str| {
            json!({"unit": unit, "law": "HSL", "kind": "decision", "on": "2026-01-01",
            "reference": "VON 2026/5 § 12", "reason": "Gemensam utredning", "until": "2026-03-12"})
        };
        let to = "/api/v1/reading-grounds";
        assert_eq!(head.post(to, ground("syd")).expect(422).faults()[0].0, "/unit");
        head.post(to, ground("gran")).expect(201);
        head.get(&here).expect(200);
        head.get(&there).expect(404);
        head.get(&other).expect(404);
        // From whom a case is kept, no ground opens it.
        let me = house.service.run(house.service.app.store.read(house.tenant, |tx| tx.all_staff()));
        let me: Result<_, store::Error> = me;
        let me = me.expect("staff").into_iter().find(|it| it.subject == "ec").expect("known").id;
        let kept = format!("/api/v1/cases/{}", here.rsplit('/').next().expect("an id"));
        let body = json!({"staff": me.0, "reason": "jäv"});
        house.manager.post(&format!("{kept}/conflicts"), body).expect(200);
        head.get(&here).expect(404);
        let again = filed("gran", "HSL");
        head.get(&again).expect(200);
        house.service.clock.set("2026-03-12T22:59:00Z".parse().expect("a time"));
        house.service.reporter("provby", "ec").get(&again).expect(200);
        house.service.clock.set("2026-03-12T23:00:00Z".parse().expect("a time"));
        house.service.reporter("provby", "ec").get(&again).expect(404);
    });
}
