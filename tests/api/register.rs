//! Opinions after the answer: the register, two questions, the patientnämnd's category, what is published.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::{House, fall, file, house, id};

fn holder(house: &House, name: &str, role: Role) -> Client {
    house.service.holder(("provby", house.tenant), name, role, &[], &[])
}

fn complaint(text: &str) -> Value {
    json!({
        "kind": "klagomal", "unit": "gran", "law": ["HSL"], "description": text, "category": "K.BEM",
        "opinion": {"sender": {"kind": "NAR", "name": "Vera Sjögren", "email": "vera@example.se"}},
    })
}

fn answer(channel: &str) -> Value {
    json!({"explanation": "Vi var för få.", "measures": "Fler i tjänst.", "channel": channel,
        "secrecy_ground": "Samtycke.", "avvikelse": false, "lex_sarah": "no"})
}

fn settle(house: &House, settings: Value) {
    let admin = holder(house, "admin", Role::Admin);
    let tag = admin.get("/api/v1/settings").expect(200).etag();
    admin.with("if-match", &tag).put("/api/v1/settings", settings).expect(200);
}

/// A klagomål that was handled and answered by letter.
fn answered(house: &House, text: &str) -> String {
    let case = id(&file(&house.manager, complaint(text)));
    house.manager.command(&case, "opinion/assign", json!({})).expect(200);
    house.manager.command(&case, "opinion/answer", answer("letter")).expect(200);
    case
}

fn count(client: &Client, query: &str) -> Vec<(Value, i64)> {
    let found = client.get(&format!("/api/v1/statistics?year=2026&{query}")).expect(200).json();
    let rows = found["rows"].as_array().expect("rows").clone();
    let count = |row: &Value| row["count"].as_i64().expect("a count");
    rows.iter().map(|row| (row["keys"].clone(), count(row))).collect()
}

#[test]
fn the_register_tells_what_anybody_may_read_and_nobody_is_known_by_it() {
    on_each_database(|database| {
        let house = house(database);
        let auditor = holder(&house, "revisor", Role::Auditor);
        let at = |query: &str| -> Vec<Value> {
            let page = auditor.get(&format!("/api/v1/register?{query}")).expect(200).json();
            page["items"].as_array().expect("items").clone()
        };
        let mut mine = complaint("Vera var otrevlig mot Elsa.");
        mine["opinion"]["diary_number"] = json!("VON 2026/1");
        let mut hidden = complaint("x");
        hidden["subject"] = json!({"personal_id": "640823-3234", "protected": "SEK"});
        hidden["opinion"]["sender"]["kind"] = json!("BRU");
        file(&house.manager, mine);
        file(&house.manager, hidden);
        let praise =
            json!({"kind": "synpunkt", "subkind": "BER", "unit": "gran", "description": "Tack!"});
        file(&house.manager, praise);
        file(&house.manager, fall());
        let done = answered(&house, "Sen hjälp.");

        let lines = at("year=2026");
        assert_eq!(lines.len(), 4, "avvikelser are not in it: {lines:?}");
        let text = serde_json::to_string(&lines).expect("JSON");
        for unsaid in ["Vera", "Elsa", "otrevlig", "640823", "GRAN", "rukare"] {
            assert!(!text.contains(unsaid), "{unsaid}: {text}");
        }
        // The last that came in first.
        let number = house.manager.get(&format!("/api/v1/cases/{done}")).expect(200).json();
        assert_eq!(lines[0]["number"], number["number"]);
        assert_eq!(
            (&lines[0]["state"], &lines[0]["state_text"], &lines[0]["handler"]),
            (&json!("answered"), &json!("Besvarat"), &json!("Enhetschef, Särskilt boende"))
        );
        assert_eq!((&lines[1]["what"], &lines[1]["from"]), (&json!("Beröm"), &json!("Enskild")));
        assert_eq!(
            (&lines[2]["from"], &lines[2]["about"]),
            (&json!("Enskild"), &json!("Bemötande/tillgänglighet"))
        );
        assert_eq!(lines[3]["diary_number"], "VON 2026/1");
        assert_eq!(lines[3]["from"], "Närstående eller företrädare");
        assert_eq!(lines[3]["received_on"], "2026-03-10");

        // Units, where the settings say so; never of a protected person.
        settle(&house, json!({"register": {"names_units": true}}));
        let named = at("year=2026");
        assert_eq!(named[3]["handler"], "Förvaltningen, GRAN");
        assert_eq!(named[2]["handler"], "Förvaltningen");
        settle(&house, json!({"register": {"names_units": true, "small_units": ["norr"]}}));
        let area = "Förvaltningen, Särskilt boende";
        assert_eq!(at("year=2026")[3]["handler"], area, "below a small one");

        assert_eq!(at("state=answered,closed").len(), 1);
        assert_eq!(at("state=registered").len(), 3);
        assert_eq!((at("kind=synpunkt").len(), at("year=2025").len()), (1, 0));
        let first = auditor.get("/api/v1/register?limit=3").expect(200);
        assert!(first.header("link").expect("a link").contains("rel=\"next\""));
        let cursor = first.json()["next_cursor"].as_str().expect("a cursor").to_owned();
        assert_eq!(at(&format!("limit=3&cursor={cursor}")).len(), 1);
        let wrong = auditor.get("/api/v1/register?kind=avvikelse&state=x&year=0&foo=1").expect(422);
        assert_eq!(wrong.faults().len(), 4, "{}", wrong.text);

        let csv = auditor.get("/api/v1/register?year=2026&format=csv").expect(200);
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(
            csv.text.starts_with('\u{feff}') && csv.text.contains(";Beröm;Enskild;"),
            "{}",
            csv.text
        );
        assert_eq!(csv.text.lines().count(), 5);
        house.service.reporter("provby", "usk").get("/api/v1/register").expect(403);
    });
}

#[test]
fn a_number_is_held_to_its_series_by_whatever_door_it_comes() {
    on_each_database(|database| {
        let house = house(database);
        settle(
            &house,
            json!({"diary": [{"board": "VON", "pattern": "VON {year}/{number}", "least_digits": 5,
                "most_digits": 5}]}),
        );
        let registrar = holder(&house, "reg", Role::Registrator);
        // With a filing it is kept, with what is wrong as a warning.
        let mut odd = complaint("x");
        odd["opinion"]["diary_number"] = json!("VON 26/1");
        let kept = file(&registrar, odd);
        let warned: Vec<&Value> =
            kept["warnings"].as_array().expect("warnings").iter().map(|it| &it["code"]).collect();
        assert_eq!(warned, ["wrong_type", "diary_year", "diary_digits"]);
        assert_eq!(kept["diary_number"], "VON 26/1");
        let mut right = complaint("x");
        right["opinion"]["diary_number"] = json!("von 2026/00007");
        let right = file(&registrar, right);
        assert_eq!(
            (&right["warnings"], &right["diary_number"]),
            (&json!([]), &json!("VON 2026/00007"))
        );
        // By its own command it is refused.
        let one = id(&right);
        let give = |number: &str| json!({"diary_number": number, "reason": "Rättat."});
        registrar.command(&id(&kept), "diary-number", give("VON 26/1")).expect(422);
        let taken =
            registrar.command(&id(&kept), "diary-number", give("VON 2026/00007")).expect(422);
        assert_eq!(taken.faults(), [("/diary_number".to_owned(), "not_unique".to_owned())]);
        registrar.command(&one, "diary-number", give("VON 2026/00008")).expect(200);
        let path = format!("/api/v1/cases/{one}/opinion");
        assert_eq!(registrar.get(&path).expect(200).json()["diary_number"], "VON 2026/00008");
        // From klagomål to synpunkt it goes along.
        let anew = json!({"kind": "synpunkt", "reason": "Ingen klagar."});
        let anew = registrar.command(&one, "refile", anew).expect(201).json();
        assert_eq!(anew["diary_number"], "VON 2026/00008");
    });
}

#[test]
fn what_a_sender_thinks_of_the_answer_is_asked_once_and_counted() {
    on_each_database(|database| {
        let house = house(database);
        let outside = house.service.anonymous();
        let base = "/api/v1/public/provby";
        let left =
            json!({"kind": "klagomal", "text": "Sen hjälp.", "unit": "gran", "anonymous": true});
        let left = outside.post(&format!("{base}/opinions"), left).expect(201).json();
        let code = left["receipt"].as_str().expect("a code").to_owned();
        let cases = house.manager.get("/api/v1/cases").expect(200).json();
        let case = cases["items"][0]["id"].as_str().expect("an id").to_owned();
        let survey = |body: Value| outside.post(&format!("{base}/receipts/survey"), body);
        let said = json!({"code": code, "understood": "yes", "helped": "partly"});
        let early = survey(said.clone()).expect(422);
        assert_eq!(early.faults(), [(String::new(), "opinion_not_answered".to_owned())]);

        house.manager.command(&case, "opinion/register", json!({})).expect(200);
        house.manager.command(&case, "opinion/assign", json!({})).expect(200);
        house.manager.command(&case, "opinion/answer", answer("receipt_page")).expect(200);
        let follow =
            || outside.post(&format!("{base}/receipts"), json!({"code": code})).expect(200);
        assert_eq!(follow().json()["may_answer_survey"], true);
        survey(json!({"code": code})).expect(422);
        survey(json!({"code": code, "understood": "perhaps"})).expect(422);
        let version = house.manager.get(&format!("/api/v1/cases/{case}")).etag();
        let kept = survey(said.clone()).expect(201).json();
        assert_eq!(
            (&kept["survey"]["helped"], &kept["may_answer_survey"]),
            (&json!("partly"), &json!(false))
        );
        let again = survey(said).expect(422);
        assert_eq!(again.faults(), [(String::new(), "survey_given_already".to_owned())]);
        // It changes nothing of the matter.
        assert_eq!(house.manager.get(&format!("/api/v1/cases/{case}")).etag(), version);

        let by = |query: &str| count(&house.mas, &format!("kind=klagomal&group_by={query}"));
        assert_eq!(
            by("understood,helped"),
            [(json!({"understood": "yes", "helped": "partly"}), 1)]
        );
        // What is done with the case later does not take it away.
        let end = json!({"outcome": "UTF.BER", "summary": "x", "triage": {"category": "K.OMV"}});
        house.manager.command(&case, "close", end).expect(200);
        assert_eq!(by("understood"), [(json!({"understood": "yes"}), 1)]);

        // Of a letter somebody writes it down.
        let letter = answered(&house, "Kall mat.");
        assert_eq!(by("helped"), [(json!({"helped": "partly"}), 1), (json!({"helped": null}), 1)]);
        let path = format!("/api/v1/cases/{letter}/survey");
        assert_eq!(house.manager.get(&path).expect(200).json()["at"], Value::Null);
        house.manager.post(&path, json!({"helped": "no"})).expect(200);
        house.manager.post(&path, json!({"understood": "no"})).expect(422);
        assert_eq!(house.manager.get(&path).expect(200).json()["helped"], "no");
        assert_eq!(by("helped"), [(json!({"helped": "partly"}), 1), (json!({"helped": "no"}), 1)]);
        let record = house.manager.get(&format!("/api/v1/cases/{letter}/record")).expect(200).text;
        for said in ["Vera Sjögren", "Vi var för få.", "Hjälpte svaret?", "Brev 2026-03-10"] {
            assert!(record.contains(said), "{said}: {record}");
        }
        let open = id(&file(&house.manager, fall()));
        house
            .manager
            .post(&format!("/api/v1/cases/{open}/survey"), json!({"helped": "no"}))
            .expect(422);
    });
}

#[test]
fn the_patientnamnds_category_is_mapped_where_the_lists_meet_and_else_chosen() {
    on_each_database(|database| {
        let house = house(database);
        let of = |category: &str, law: &str| {
            let mut body = complaint("x");
            (body["category"], body["law"]) = (json!(category), json!([law]));
            file(&house.manager, body)
        };
        let fees = of("K.HAN.AVG", "HSL");
        assert_eq!(fees["patientnamnd"]["category"], "PN5.1");
        let conduct = of("K.BEM", "HSL");
        assert_eq!(
            conduct["patientnamnd"],
            json!({"category": null, "candidates": ["PN3.4", "PN6.1"]})
        );
        let social = of("K.HAN.AVG", "SOL");
        assert_eq!(social["patientnamnd"], json!({"category": null, "candidates": []}));
        let chosen = json!({"category": "K.BEM", "patientnamnd": "PN3.4"});
        let chosen = house.manager.command(&id(&conduct), "triage", chosen).expect(200).json();
        assert_eq!(chosen["patientnamnd"]["category"], "PN3.4");
        let wrong = json!({"patientnamnd": "PN99"});
        house.manager.command(&id(&fees), "triage", wrong).expect(422);
        let incident = id(&file(&house.manager, fall()));
        let refused =
            house.manager.command(&incident, "triage", json!({"patientnamnd": "PN1"})).expect(422);
        assert_eq!(refused.faults(), [("/patientnamnd".to_owned(), "only_of_opinions".to_owned())]);
        let by = count(&house.mas, "kind=klagomal&group_by=patientnamnd");
        assert_eq!(
            by,
            [
                (json!({"patientnamnd": "PN3.4"}), 1),
                (json!({"patientnamnd": "PN5.1"}), 1),
                (json!({"patientnamnd": null}), 1),
            ]
        );
        assert_eq!(
            count(&house.mas, "kind=klagomal&patientnamnd=PN3").iter().map(|it| it.1).sum::<i64>(),
            1
        );
    });
}

#[test]
fn an_answer_is_published_by_two_and_never_beside_an_avvikelse_or_a_lex_matter() {
    on_each_database(|database| {
        let house = house(database);
        let (anna, bo) = (&house.manager, &house.mas);
        let outside = house.service.anonymous();
        let public = || outside.get("/api/v1/public/provby/published");
        let case = answered(&house, "Varför kommer ni sent?");
        let path = format!("/api/v1/cases/{case}/publication");
        let text =
            json!({"question": "Varför kommer hjälpen sent?", "answer": "Vi har blivit fler."});
        // Off unless chosen, inside and outside.
        let off = anna.put(&path, text.clone()).expect(422);
        assert_eq!(off.faults(), [(String::new(), "publication_switched_off".to_owned())]);
        public().expect(404);
        outside.get("/provby/published").expect(404);
        settle(&house, json!({"publishes_answers": true}));
        assert_eq!(public().expect(200).json()["items"], json!([]));

        let number = json!({"question": "Om 640823-3234?", "answer": "x"});
        let named = anna.put(&path, number).expect(422);
        assert_eq!(named.faults(), [("/question".to_owned(), "personal_number".to_owned())]);
        let draft = anna.put(&path, text.clone()).expect(201);
        assert_eq!(draft.json()["status"], "draft");
        anna.put(&path, text.clone()).expect(428);
        assert_eq!(
            bo.get("/api/v1/publications?status=draft").expect(200).json()["items"][0]["case"],
            case.as_str()
        );
        let approve = |by: &Client, body: Value| {
            let tag = by.get(&path).expect(200).etag();
            by.with("if-match", &tag).post(&format!("{path}/approve"), body)
        };
        let own = approve(anna, json!({"names_checked": true})).expect(422);
        assert_eq!(own.faults(), [(String::new(), "publication_is_ones_own".to_owned())]);
        let unread = approve(bo, json!({})).expect(422);
        assert_eq!(unread.faults(), [("/names_checked".to_owned(), "required".to_owned())]);
        approve(bo, json!({"names_checked": true})).expect(200);
        let out = public().expect(200).json();
        assert_eq!(
            out["items"],
            json!([{"question": "Varför kommer hjälpen sent?", "answer": "Vi har blivit fler.",
                "about": "Bemötande/tillgänglighet", "published_on": "2026-03-10"}])
        );
        let page = outside.get("/provby/published?lang=en").expect(200);
        assert!(
            page.text.contains("Vi har blivit fler.") && page.text.contains("<html lang=\"en\">")
        );
        assert!(!page.text.contains("KLA-") && !page.text.contains(&case));

        // What comes beside it later takes it away at once, and so does its own withdrawal.
        let incident = id(&file(anna, fall()));
        anna.command(&incident, "links", json!({"kind": "related", "case": case})).expect(200);
        assert_eq!(public().expect(200).json()["items"], json!([]));
        let held = anna.get(&path).expect(200).json();
        assert_eq!(held["status"], "published");
        assert_eq!(held["held_back"][0]["code"], "linked_to_avvikelse");

        let other = answered(&house, "Dyrt.");
        let path = format!("/api/v1/cases/{other}/publication");
        anna.put(&path, text.clone()).expect(201);
        let tag = bo.get(&path).expect(200).etag();
        let out = bo.with("if-match", &tag);
        out.post(&format!("{path}/approve"), json!({"names_checked": true})).expect(200);
        assert_eq!(public().expect(200).json()["items"].as_array().map(Vec::len), Some(1));
        let flag = json!({"kind": "lex_maria", "reason": "Kan vara allvarligt."});
        bo.post(&format!("/api/v1/cases/{other}/escalations"), flag).expect(201);
        assert_eq!(public().expect(200).json()["items"], json!([]));
        let tag = bo.get(&path).expect(200).etag();
        let back =
            bo.with("if-match", &tag).post(&format!("{path}/withdraw"), json!({"reason": "Fel."}));
        assert_eq!(back.expect(200).json()["status"], "withdrawn");

        // What has no answer, and what a protected person is in, never gets that far.
        let open = id(&file(anna, complaint("x")));
        let refused =
            anna.put(&format!("/api/v1/cases/{open}/publication"), text.clone()).expect(422);
        assert_eq!(refused.faults(), [(String::new(), "opinion_not_answered".to_owned())]);
        let incident = anna.put(&format!("/api/v1/cases/{incident}/publication"), text).expect(422);
        assert!(incident.faults().iter().any(|it| it.1 == "only_opinions_are_published"));
        holder(&house, "usk", Role::Team).get(&path).expect(403);
    });
}
