//! Synpunkter and klagomål on the staff's side: how they come, the gates, the answer, every other end.

use std::thread;

use app::opinions::{Door, NewOpinion};
use domain::case::Kind;
use domain::case::filing::{Filing, Intake};
use domain::ids::CaseId;
use domain::law::Law;
use domain::opinion::{
    Concerns, Contact, OpinionGiven, PlainStatus, Sender, SenderGiven, SenderSays,
};
use domain::organisation::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Client, on_each_database};
use uuid::Uuid;

use crate::{House, fall, file, house, id};

fn of(house: &House) -> (&'static str, domain::ids::TenantId) {
    ("provby", house.tenant)
}

fn holder(house: &House, name: &str, role: Role) -> Client {
    house.service.holder(of(house), name, role, &[], &[])
}

fn staff(client: &Client) -> Value {
    client.get("/api/v1/me").expect(200).json()["staff"].clone()
}

fn complaint() -> Value {
    json!({
        "kind": "klagomal", "unit": "gran", "law": ["SOL"],
        "description": "Mamma fick vänta i två timmar på hjälp till toaletten.",
        "opinion": {
            "sender": {"kind": "NAR", "name": "Vera Sjögren", "email": "vera@example.se",
                "phone": "070-123 45 67", "address": "Storgatan 1", "reach": "letter",
                "speaks_as": "narstaende", "speaks_for": "Elsa"},
        },
    })
}

fn answer() -> Value {
    json!({
        "explanation": "Larmet gick till en grupp som inte tar emot larm.",
        "measures": "Larmlistan är rättad.", "secrecy_ground": "Elsa har samtyckt.",
        "channel": "letter", "avvikelse": false, "lex_sarah": "no",
    })
}

fn upheld() -> Value {
    json!({"outcome": "UTF.BER", "summary": "Larmet gick fel.", "triage": {"category": "K.OMV"}})
}

fn opinion(client: &Client, at: &str) -> Value {
    client.get(&format!("/api/v1/cases/{at}/opinion")).expect(200).json()
}

fn faults(response: testkit::Response) -> Vec<(String, String)> {
    response.expect(422).faults()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect()
}

/// The manager, with a token that is new.
fn manager(house: &House) -> Client {
    house.service.reporter("provby", "chef")
}

fn door(house: &House) -> Door {
    house.service.run(house.service.app.door("provby", Uuid::now_v7())).expect("the tenant")
}

/// Leaves a klagomål as the public does.
fn left(house: &House, given: OpinionGiven) -> CaseId {
    let intake = Intake {
        unit: "gran".into(),
        filing: Filing {
            description: "Personalen var otrevlig mot pappa 640823-3234.".into(),
            channel: Some("WEB".into()),
            ..Filing::default()
        },
        opinion: Some(given),
        ..Intake::default()
    };
    let new = NewOpinion { kind: Kind::Klagomal, intake, warnings: Vec::new() };
    let app = &house.service.app;
    house.service.run(async {
        let taken = app.take_opinion(&door_of(app).await, new).await.expect("is taken in");
        app.store.add(taken.rows).await.expect("is kept");
        taken.case.id
    })
}

async fn door_of(app: &app::App) -> Door {
    app.door("provby", Uuid::now_v7()).await.expect("the tenant")
}

#[test]
fn a_letter_counts_from_the_day_it_arrived_and_is_answered_by_letter() {
    on_each_database(|database| {
        let house = house(database);
        let registrar = holder(&house, "reg", Role::Registrator);
        let mut letter = complaint();
        letter["received_at"] = json!("2026-02-27T09:00:00Z");
        letter["received_reason"] = json!("Brevet låg på fel hylla.");
        letter["channel"] = json!("BRV");
        letter["reporter_name"] = json!("Vera");
        letter["opinion"]["diary_number"] = json!("VON 2026/12");
        let filed = file(&registrar, letter.clone());
        let at = id(&filed);
        assert_eq!(filed["warnings"], json!([]));
        assert_eq!(filed["opinion"]["stage"], "registered");
        let read = opinion(&registrar, &at);
        assert_eq!(read["arrived_at"], "2026-02-27T09:00:00Z");
        // Two working days, and a month, from a Friday in February.
        assert_eq!(read["acknowledge_by"], "2026-03-03");
        assert_eq!(read["answer_by"], "2026-03-27");
        assert_eq!(read["sender"]["name"], "Vera Sjögren");
        assert_eq!(read["sender"]["kind"], "NAR");
        let same = registrar.post("/api/v1/cases", letter.clone());
        assert_eq!(faults(same), pairs(&[("/opinion/diary_number", "not_unique")]));
        // The sender is sealed: nothing of them stands in the case.
        let case = house.manager.get(&format!("/api/v1/cases/{at}")).expect(200).text;
        assert!(!case.contains("Sjögren") && !case.contains("vera@"), "{case}");

        registrar.command(&at, "opinion/acknowledge", json!({"way": "BRV"})).expect(200);
        let twice = registrar.command(&at, "opinion/acknowledge", json!({})).expect(409);
        assert_eq!(twice.json()["code"], "invalid_state");
        let boss = json!({"staff": staff(&house.manager)});
        let given = registrar.command(&at, "opinion/assign", boss).expect(200).json();
        assert_eq!((&given["status"], &given["lead"]), (&json!("triaged"), &staff(&house.manager)));
        let half = json!({"avvikelse": false});
        let half = house.manager.command(&at, "opinion/investigate", half);
        assert_eq!(faults(half), pairs(&[("/lex_sarah", "required")]));
        let gates = json!({"avvikelse": false, "lex_sarah": "no"});
        house.manager.command(&at, "opinion/investigate", gates).expect(200);

        let bare = house.manager.command(&at, "opinion/answer", json!({"channel": "letter"}));
        assert_eq!(
            faults(bare),
            pairs(&[
                ("/explanation", "required"),
                ("/measures", "required"),
                ("/secrecy_ground", "required"),
            ])
        );
        let mut telling = answer();
        telling["explanation"] = json!("Elsa 640823-3234 fick vänta.");
        let telling = house.manager.command(&at, "opinion/answer", telling).expect(422);
        assert_eq!(telling.faults(), pairs(&[("/explanation", "personal_number")]));
        assert_eq!(telling.json()["errors"][0]["values"]["position"], 5);
        let answered = house.manager.command(&at, "opinion/answer", answer()).expect(200).json();
        assert_eq!(answered["opinion"]["stage"], "answered");
        let read = opinion(&house.manager, &at);
        assert_eq!(read["answer"]["next_steps"], json!(["IVO"]), "under SoL alone");
        assert_eq!(read["answer"]["secrecy"]["ground"], "Elsa har samtyckt.");
        assert_eq!(read["answer"]["sent_on"], "2026-03-10");
        let closed = house.manager.command(&at, "close", upheld()).expect(200).json();
        assert_eq!((&closed["status"], &closed["outcome"]), (&json!("closed"), &json!("UTF.BER")));
        let history = house.manager.get(&format!("/api/v1/cases/{at}/history")).expect(200).json();
        let commands: Vec<_> =
            history["items"].as_array().expect("items").iter().map(|it| &it["command"]).collect();
        assert_eq!(
            commands,
            ["file", "acknowledge", "assign", "inquire", "answer", "close"]
                .map(|it| json!(it))
                .iter()
                .collect::<Vec<_>>()
        );
    });
}

#[test]
fn what_is_said_by_mouth_is_put_down_answered_and_ended_in_one_request() {
    on_each_database(|database| {
        let house = house(database);
        let mut told = complaint();
        told["channel"] = json!("MUN");
        told["opinion"]["taken_down"] = json!({"said_at": "2026-03-10T10:30:00Z"});
        told["opinion"]["solved"] = json!({
            "answer": {"channel": "oral"}, "outcome": "UTF.DIR", "summary": "Löst vid besöket.",
        });
        let bare = house.manager.post("/api/v1/cases", told.clone());
        let at = |field: &str| format!("/opinion/solved{field}");
        let expected: Vec<(String, String)> = [
            "/avvikelse",
            "/lex_sarah",
            "/explanation",
            "/measures",
            "/secrecy_ground",
            "/told_to",
            "/told_at",
        ]
        .map(|field| (at(field), "required".to_owned()))
        .into();
        assert_eq!(faults(bare), expected);
        let none = house.manager.get("/api/v1/cases?kind=klagomal").expect(200).json();
        assert_eq!(none["items"], json!([]), "nothing is kept of it");

        told["opinion"]["solved"] = json!({
            "answer": {"channel": "oral", "told_to": "dottern", "told_at": "2026-03-10T10:40:00Z",
                "said": "Vi beklagar.", "explanation": "Larmet gick fel.", "no_measures": true,
                "secrecy_ground": "Elsa satt med.", "avvikelse": false, "lex_sarah": "no"},
            "outcome": "UTF.DIR", "summary": "Löst vid besöket.", "category": "K.OMV",
        });
        let mut maybe = told.clone();
        maybe["opinion"]["solved"]["answer"]["lex_sarah"] = json!("perhaps");
        let maybe = house.manager.post("/api/v1/cases", maybe);
        assert_eq!(faults(maybe), [(at("/lex_sarah"), "escalation_open".to_owned())]);
        let team = holder(&house, "usk", Role::Team);
        team.post("/api/v1/cases", told.clone()).expect(403);

        let done = file(&house.manager, told);
        let at = id(&done);
        assert_eq!((&done["status"], &done["version"]), (&json!("closed"), &json!(3)));
        let read = opinion(&house.manager, &at);
        assert_eq!(read["stage"], "closed");
        assert_eq!(read["answer"]["oral"]["to"], "dottern");
        assert_eq!(read["answer"]["oral"]["said"], "Vi beklagar.");
        assert_eq!(read["taken_down"]["by"], staff(&house.manager));
        let history = house.manager.get(&format!("/api/v1/cases/{at}/history")).expect(200).json();
        assert_eq!(history["items"].as_array().expect("items").len(), 3);
    });
}

#[test]
fn a_klagomal_ends_with_an_answer_or_a_named_end_by_every_door() {
    on_each_database(|database| {
        let house = house(database);
        let new = || id(&file(&house.manager, complaint()));
        let at = new();
        let needs = "klagomal_needs_answer_or_ending";
        let bare = house.manager.command(&at, "close", upheld());
        assert_eq!(faults(bare), pairs(&[("/ending", needs)]));
        let many = json!({"cases": [{"id": at, "version": 1}],
            "action": {"close": {"outcome": "UTF.ATE", "summary": "x"}}});
        let many = house.manager.post("/api/v1/cases/actions", many).expect(200).json();
        assert_eq!(many["items"][0]["errors"][0]["code"], needs, "{many}");
        for command in ["investigation", "lead", "follow-up"] {
            let body = match command {
                "lead" => json!({"reason": "x"}),
                _ => json!({}),
            };
            let refused = house.manager.command(&at, command, body);
            assert!([409, 422].contains(&refused.status), "{command}: {}", refused.text);
        }
        let ended = |kind: &str, outcome: &str| {
            json!({"outcome": outcome, "triage": {"category": "K.OMV"},
                "ending": {"kind": kind, "reason": "Hon tog tillbaka det.", "explanation": "Ja."}})
        };
        let gone = house.manager.command(&at, "close", ended("withdrawn", "UTF.ATE")).expect(200);
        assert_eq!(gone.json()["outcome"], "UTF.ATE");
        assert_eq!(opinion(&house.manager, &at)["ending"]["kind"], "withdrawn");

        // Not serious is for the area manager to say.
        let at = new();
        let jest = ended("not_serious", "UTF.OBE");
        house.manager.command(&at, "close", jest.clone()).expect(403);
        let area = holder(&house, "vc", Role::AreaManager);
        area.command(&at, "close", jest).expect(200);

        // Out of reach after so many attempts, which is a setting.
        let admin = holder(&house, "adm", Role::Admin);
        let settings = admin.get("/api/v1/settings").expect(200);
        let (tag, mut chosen) = (settings.etag(), settings.json());
        assert_eq!(chosen["opinions"]["unreachable_attempts"], 3);
        chosen["opinions"]["unreachable_attempts"] = json!(1);
        admin.with("if-match", &tag).put("/api/v1/settings", chosen).expect(200);
        let at = new();
        let lost = ended("unreachable", "UTF.EJU");
        let early = house.manager.command(&at, "close", lost.clone());
        assert_eq!(faults(early), pairs(&[("/ending/kind", "too_few_attempts")]));
        let tried = json!({"on": "2026-03-10", "way": "TEL", "note": "Inget svar."});
        house.manager.command(&at, "opinion/attempt", tried).expect(200);
        house.manager.command(&at, "close", lost).expect(200);
        assert_eq!(opinion(&house.manager, &at)["attempts"][0]["way"], "TEL");

        // A synpunkt may end without an answer.
        let mut idea = complaint();
        idea["kind"] = json!("synpunkt");
        let at = id(&file(&house.manager, idea));
        let noted = json!({"outcome": "UTF.ING", "summary": "Noterat.",
            "triage": {"category": "K.OMV"}});
        house.manager.command(&at, "close", noted).expect(200);
        assert_eq!(opinion(&house.manager, &at)["ending"]["kind"], "no_answer_due");
    });
}

#[test]
fn one_about_the_manager_herself_goes_to_the_area_manager() {
    on_each_database(|database| {
        let house = house(database);
        let registrar = holder(&house, "reg", Role::Registrator);
        let area = holder(&house, "vc", Role::AreaManager);
        let mut about_her = complaint();
        about_her["opinion"]["concerns_manager"] = json!(true);
        let at = id(&file(&registrar, about_her));
        let path = format!("/api/v1/cases/{at}");
        house.manager.get(&path).expect(404);
        house.manager.get(&format!("{path}/opinion")).expect(404);
        let list = house.manager.get("/api/v1/cases?kind=klagomal").expect(200).json();
        assert_eq!(list["items"], json!([]));
        let waits = |client: &Client| {
            let list = client.get("/api/v1/worklist?limit=500").expect(200).json();
            let items = list["items"].as_array().expect("items").clone();
            let of_case = items.into_iter().filter(|it| it["case"] == at.as_str());
            of_case
                .map(|it| (it["group"].clone(), it["asked"].clone()))
                .collect::<Vec<(Value, Value)>>()
        };
        assert_eq!(waits(&house.manager), []);
        assert_eq!(waits(&area), [(json!("opinions"), json!("assign"))]);
        assert_eq!(waits(&registrar), [(json!("opinions"), json!("assign"))]);
        let her = json!({"staff": staff(&house.manager)});
        let refused = area.command(&at, "opinion/assign", her);
        assert_eq!(faults(refused), pairs(&[("/staff", "handler_is_concerned")]));
        let analyst = holder(&house, "ana", Role::Analyst);
        let other = json!({"staff": staff(&analyst)});
        let refused = area.command(&at, "opinion/assign", other);
        assert_eq!(faults(refused), pairs(&[("/staff", "handler_may_not_handle")]));
        area.command(&at, "opinion/assign", json!({})).expect(200);
        assert_eq!(waits(&area), [(json!("opinions"), json!("answer_opinion"))]);
        let nobody = json!({"staff": Uuid::now_v7()});
        let refused = area.command(&at, "opinion/assign", nobody);
        assert_eq!(faults(refused), pairs(&[("/staff", "not_found")]));

        // Left by the public, it is kept from her just so: nobody of the staff has said so.
        let concerns = Concerns { manager: true, ..Concerns::default() };
        let at = left(&house, OpinionGiven { concerns, ..OpinionGiven::default() });
        house.manager.get(&format!("/api/v1/cases/{at}")).expect(404);
        let seen = area.get(&format!("/api/v1/cases/{at}")).expect(200).json();
        assert_eq!(seen["conflicts"][0]["by"], Value::Null);

        // Nor is what is made of it hers to read, nor is it hers when it comes to her from elsewhere.
        area.command(&at.to_string(), "opinion/register", json!({})).expect(200);
        let made = json!({"description": "Larmet gick till fel telefon."});
        let made = id(&area.command(&at.to_string(), "opinion/spin_off", made).expect(201).json());
        area.get(&format!("/api/v1/cases/{made}")).expect(200);
        house.manager.get(&format!("/api/v1/cases/{made}")).expect(404);
        let mut elsewhere = complaint();
        elsewhere["unit"] = json!("syd");
        elsewhere["opinion"]["concerns_manager"] = json!(true);
        let at = id(&file(&registrar, elsewhere));
        let back = json!({"unit": "gran", "reason": "Det gällde den enheten."});
        area.command(&at, "transfer", back).expect(200);
        house.manager.get(&format!("/api/v1/cases/{at}")).expect(404);

        // It is neither made void nor filed as something else, nor ended with one that gives no answer.
        let refused = area.command(&at, "void", json!({"reason": "Fel."}));
        assert_eq!(faults(refused), pairs(&[("", "use_a_named_ending")]));
        let same = json!({"outcome": "UTF.DUB", "duplicate_of": made, "summary": "Samma."});
        let refused = area.command(&at, "close", same);
        assert_eq!(faults(refused), pairs(&[("/duplicate_of", "original_gives_no_answer")]));
    });
}

#[test]
fn one_becomes_both_an_avvikelse_and_lex_sarah() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let at = id(&file(&house.manager, complaint()));
        house.manager.command(&at, "opinion/assign", json!({})).expect(200);
        let gates = json!({"avvikelse": true, "lex_sarah": "perhaps"});
        let silent = house.manager.command(&at, "opinion/investigate", gates.clone());
        assert_eq!(faults(silent), pairs(&[("/lex_sarah_reason", "required")]));
        let mut said = gates;
        said["lex_sarah_reason"] = json!("Hon lämnades utan tillsyn.");
        house.manager.command(&at, "opinion/investigate", said).expect(200);
        let beside = sas.get(&format!("/api/v1/cases/{at}/escalations")).expect(200).json();
        assert_eq!(beside["items"][0]["kind"], "lex_sarah");
        assert_eq!(beside["items"][0]["status"], "flagged");

        let unmade = house.manager.command(&at, "opinion/answer", answer());
        // Whoever answers says "no" only where nobody had said "yes" before.
        let mut answer = answer();
        for gate in ["avvikelse", "lex_sarah"] {
            answer.as_object_mut().expect("an object").remove(gate);
        }
        assert_eq!(unmade.status, 200);
        let again = json!({"reason": "Ny fråga."});
        house.manager.command(&at, "reopen", again).expect(200);
        let gates = json!({"avvikelse": true, "lex_sarah": "perhaps", "lex_sarah_reason": "x"});
        house.manager.command(&at, "opinion/investigate", gates).expect(200);
        let unmade = house.manager.command(&at, "opinion/answer", answer.clone());
        assert_eq!(faults(unmade), pairs(&[("/avvikelse", "avvikelse_not_spun_off")]));

        let telling = json!({"description": "Fru Sjögren säger att larmet gick fel."});
        let telling = house.manager.command(&at, "opinion/spin_off", telling);
        assert_eq!(faults(telling), pairs(&[("/description", "names_the_sender")]));
        let silent = json!({"description": "Larmet gick till fel grupp, två timmar utan hjälp.",
            "category": "SOL.OMS"});
        let wrong = house.manager.command(&at, "opinion/spin_off", silent.clone());
        assert_eq!(faults(wrong), pairs(&[("/category", "unknown_code")]));
        house.service.clock.advance(SignedDuration::from_hours(1));
        let made = json!({"description": silent["description"], "severity": {"actual": 2}});
        let made = house.manager.command(&at, "opinion/spin_off", made).expect(201);
        let new = made.json();
        assert_eq!(made.header("location"), Some(format!("/api/v1/cases/{}", id(&new)).as_str()));
        assert_eq!((&new["kind"], &new["status"]), (&json!("avvikelse"), &json!("reported")));
        assert_eq!(new["law"]["reported"], json!(["SOL"]));
        assert_eq!(new["links"][0]["kind"], "spun_off_from");
        assert_eq!(
            new["links"][0]["case"]["id"].as_str().or(new["links"][0]["case"].as_str()),
            Some(at.as_str())
        );
        assert!(!made.text.contains("Sjögren"));
        // Both clocks run, each from its own day.
        let clocks = |at: &str| {
            let path = format!("/api/v1/cases/{at}/clocks");
            let found = house.manager.get(&path).expect(200).json();
            let items = found["items"].as_array().expect("items").clone();
            let of = |kind: &str| {
                let found = items.iter().find(|it| it["kind"] == kind);
                found.map(|it| it["started_at"].clone()).unwrap_or_default()
            };
            (of("complaint_answer"), of("triage"))
        };
        assert_eq!(clocks(&at).0, "2026-03-10T11:00:00Z");
        assert_eq!(clocks(&id(&new)), (Value::Null, json!("2026-03-10T12:00:00Z")));
        assert_eq!(opinion(&house.manager, &at)["spun_off"], json!([new["id"]]));

        house.manager.command(&at, "opinion/answer", answer).expect(200);
        let held = house.manager.command(&at, "close", upheld());
        assert_eq!(faults(held), pairs(&[("", "escalation_open")]));
        let flag = beside["items"][0]["id"].as_str().expect("an id");
        let path = format!("/api/v1/escalations/{flag}");
        let out = json!({"outcome": "out", "reasons": ["SCR.EJA"], "text": "Ingen risk."});
        let tag = sas.get(&path).expect(200).etag();
        sas.with("if-match", &tag).post(&format!("{path}/screen"), out).expect(200);
        house.manager.command(&at, "close", upheld()).expect(200);
    });
}

#[test]
fn of_two_answers_exactly_one_wins() {
    on_each_database(|database| {
        let house = house(database);
        for round in 0..5 {
            let at = id(&file(&house.manager, complaint()));
            let path = format!("/api/v1/cases/{at}");
            let etag = house.manager.get(&path).etag();
            let mut answers: Vec<u16> = thread::scope(|scope| {
                let writers: Vec<_> = ["Det ena.", "Det andra."]
                    .into_iter()
                    .map(|text| {
                        let mut body = answer();
                        body["explanation"] = json!(text);
                        let client = house.manager.with("if-match", &etag);
                        let to = format!("{path}/opinion/answer");
                        scope.spawn(move || client.post(&to, body).status)
                    })
                    .collect();
                writers.into_iter().map(|writer| writer.join().expect("answers")).collect()
            });
            answers.sort_unstable();
            assert_eq!(answers, [200, 412], "round {round}");
            let history = house.manager.get(&format!("{path}/history")).expect(200).json();
            let answered = history["items"].as_array().expect("items").iter();
            assert_eq!(answered.filter(|it| it["command"] == "answer").count(), 1);
        }
    });
}

#[test]
fn who_may_answer_is_a_question_of_role_and_of_law() {
    on_each_database(|database| {
        let house = house(database);
        let team = holder(&house, "usk", Role::Team);
        let registrar = holder(&house, "reg", Role::Registrator);
        let deputy = holder(&house, "stf", Role::Deputy);
        let sas = holder(&house, "sas", Role::Sas);
        let new = || id(&file(&house.manager, complaint()));
        let at = new();
        team.command(&at, "opinion/answer", answer()).expect(403);
        registrar.command(&at, "opinion/answer", answer()).expect(403);
        deputy.command(&at, "opinion/answer", answer()).expect(403);
        house.mas.get(&format!("/api/v1/cases/{at}/opinion")).expect(404);
        // The team writes the draft; it asks for nothing yet, and is nobody's answer.
        let draft = json!({"draft": true, "explanation": "Larmet gick fel."});
        let drafted = team.command(&at, "opinion/answer", draft.clone()).expect(200).json();
        assert_eq!(drafted["opinion"]["stage"], "registered");
        assert_eq!(opinion(&sas, &at)["draft"]["explanation"], "Larmet gick fel.");
        registrar.command(&at, "opinion/answer", draft).expect(403);
        sas.command(&at, "opinion/answer", answer()).expect(200);
        assert_eq!(opinion(&sas, &at)["draft"], Value::Null);

        let admin = holder(&house, "adm", Role::Admin);
        let settings = admin.get("/api/v1/settings").expect(200);
        let (tag, mut chosen) = (settings.etag(), settings.json());
        chosen["opinions"]["deputy_answers"] = json!(true);
        admin.with("if-match", &tag).put("/api/v1/settings", chosen).expect(200);
        deputy.command(&new(), "opinion/answer", answer()).expect(200);

        // Whoever only filed it sees neither the sender nor the answer.
        let nurse = house.service.reporter("provby", "ssk");
        let at = id(&file(&nurse, complaint()));
        nurse.get(&format!("/api/v1/cases/{at}/opinion")).expect(403);
        let fall = id(&file(&house.manager, fall()));
        house.manager.get(&format!("/api/v1/cases/{fall}/opinion")).expect(404);
        house.manager.command(&fall, "opinion/assign", json!({})).expect(404);
        let log = |act: &str| {
            let read = move |tx: &mut store::Tx<'_>| tx.access_entries(None, 500);
            let kept = house.service.run(house.service.app.store.read(house.tenant, read));
            kept.expect("entries").into_iter().filter(|it| it.act == act).count()
        };
        assert!(log("opinion.sender") >= 2, "each reading of a sender is kept");
    });
}

#[test]
fn a_sender_reads_by_the_receipt_adds_and_asks_again() {
    on_each_database(|database| {
        let house = house(database);
        let app = &house.service.app;
        let see = |at: CaseId| {
            house.service.run(async { app.sender_view(&door_of(app).await, at).await })
        };
        let say = |at: CaseId, text: &str, asks: bool| {
            let says = SenderSays { text: text.to_owned(), asks };
            house.service.run(async { app.hear_sender(&door_of(app).await, at, says).await })
        };
        let known = SenderGiven {
            facts: Sender { kind: Some("NAR".into()), ..Sender::default() },
            contact: Contact { name: Some("Vera Sjögren".into()), ..Contact::default() },
        };
        let at = left(&house, OpinionGiven { sender: known, ..OpinionGiven::default() });
        let case = at.to_string();
        let path = format!("/api/v1/cases/{case}");
        let read = house.manager.get(&path).expect(200).json();
        assert_eq!(read["opinion"]["stage"], "received");
        assert_eq!((&read["registered_by"], &read["reported_by"]), (&Value::Null, &Value::Null));
        assert!(!read["description"].as_str().expect("a text").contains("3234"));
        assert_eq!(read["warnings"][0]["code"], "personal_number");
        let early = house.manager.command(&case, "opinion/answer", answer()).expect(409);
        assert_eq!(early.json()["code"], "invalid_state", "it is registered first");
        let view = see(at).expect("is seen");
        assert_eq!((view.status, view.may_write), (PlainStatus::Received, true));

        house.manager.command(&case, "opinion/register", json!({})).expect(200);
        house.manager.command(&case, "opinion/assign", json!({})).expect(200);
        let asked = json!({"text": "Vilken dag var det?"});
        house.manager.command(&case, "opinion/ask", asked).expect(200);
        let view = see(at).expect("is seen");
        assert_eq!(view.messages[0].text, "Vilken dag var det?");
        let taken = say(at, "Den 3 mars. Pappa är 640823-3234.", false).expect("is heard");
        assert_eq!(taken.len(), 1);
        let said = opinion(&house.manager, &case);
        assert_eq!(said["messages"][1]["kind"], "reply");
        assert!(!said["messages"][1]["text"].as_str().expect("a text").contains("3234"));
        assert!(said["said_at"].is_string());
        assert!(opinion(&house.manager, &case)["messages"][1]["read_at"].is_string());
        let waits = house.manager.get("/api/v1/worklist").expect(200).json();
        assert_eq!(waits["items"][0]["asked"], "hear_sender");

        let mut on_page = answer();
        on_page["channel"] = json!("receipt_page");
        house.manager.command(&case, "opinion/answer", on_page).expect(200);
        let view = see(at).expect("is seen");
        assert_eq!(view.status, PlainStatus::Answered);
        assert!(view.answer.expect("is there").explanation.starts_with("Larmet"));
        house.manager.command(&case, "close", upheld()).expect(200);
        say(at, "Tack.", false).expect("is heard");
        assert_eq!(house.manager.get(&path).json()["status"], "closed");
        house.service.clock.advance(SignedDuration::from_hours(240));
        let boss = manager(&house);
        say(at, "Men varför?", true).expect("is heard");
        let again = opinion(&boss, &case);
        assert_eq!((&again["stage"], &again["answer"]), (&json!("investigating"), &Value::Null));
        assert_eq!(again["earlier"][0]["answer"]["channel"], "receipt_page");
        assert_eq!(again["answer_by"], "2026-04-20", "a month from the new question");
        let clock = boss.get(&format!("{path}/clocks")).expect(200).json();
        let clock = clock["items"].as_array().expect("items").clone();
        let clock = clock.iter().find(|it| it["kind"] == "complaint_answer").expect("runs").clone();
        assert_eq!((&clock["start"], &clock["state"]), (&json!("asked_again"), &json!("running")));

        // Whoever wants to stay unknown leaves no row of who they are.
        let unknown = left(&house, OpinionGiven { anonymous: true, ..OpinionGiven::default() });
        let sender = move |tx: &mut store::Tx<'_>| tx.opinion_sender(unknown);
        assert_eq!(house.service.run(app.store.read(house.tenant, sender)).expect("reads"), None);
        assert!(see(CaseId(Uuid::now_v7())).is_err());
        assert_eq!(door(&house).tenant.slug, "provby");
    });
}

#[test]
fn another_unit_another_caregiver_and_an_authority() {
    on_each_database(|database| {
        let mut house = house(database);
        let at = id(&file(&house.manager, complaint()));
        house.manager.command(&at, "opinion/assign", json!({})).expect(200);
        house.service.clock.advance(SignedDuration::from_hours(48));
        house.manager = manager(&house);
        let moved = json!({"unit": "syd", "reason": "Fel enhet."});
        let moved = house.manager.command(&at, "transfer", moved).expect(200).json();
        assert_eq!(
            (&moved["lead"], &moved["opinion"]["stage"]),
            (&Value::Null, &json!("registered"))
        );
        assert_eq!(opinion(&house.manager, &at)["answer_by"], "2026-04-10", "from the arrival");
        let passed = json!({"to": "patientnamnd", "number": "PN 26/7"});
        house.manager.command(&at, "opinion/pass_on", passed).expect(200);
        let untold = json!({"to": "Region Örebro län", "reason": "Det gäller vårdcentralen."});
        let refused = house.manager.command(&at, "opinion/hand_over", untold.clone());
        assert_eq!(faults(refused), pairs(&[("/sender_told_on", "required")]));
        let mut told = untold;
        told["sender_told_on"] = json!("2026-03-12");
        let gone = house.manager.command(&at, "opinion/hand_over", told).expect(200).json();
        assert_eq!((&gone["status"], &gone["outcome"]), (&json!("closed"), &json!("UTF.VG")));
        let read = opinion(&house.manager, &at);
        assert_eq!(read["handed_over"]["to"], "Region Örebro län");
        assert_eq!(read["answer_by"], "2026-04-10", "the day stays visible");
        assert_eq!(read["passed_on"][0]["number"], "PN 26/7");

        // Between synpunkt and klagomål the sender goes along, until they are told what it is.
        let mut idea = complaint();
        idea["kind"] = json!("synpunkt");
        idea["opinion"]["diary_number"] = json!("VON 2026/99");
        let old = id(&file(&house.manager, idea));
        let right = json!({"kind": "klagomal", "reason": "Det är ett klagomål."});
        let new = house.manager.command(&old, "refile", right).expect(201).json();
        let read = opinion(&house.manager, &id(&new));
        assert_eq!(read["sender"]["name"], "Vera Sjögren");
        assert_eq!(read["diary_number"], "VON 2026/99");
        assert_eq!(opinion(&house.manager, &old)["sender"]["name"], Value::Null);
        house.manager.command(&id(&new), "opinion/acknowledge", json!({"way": "EPO"})).expect(200);
        let back = json!({"kind": "synpunkt", "reason": "x"});
        let refused = house.manager.command(&id(&new), "refile", back);
        assert_eq!(faults(refused), pairs(&[("/kind", "acknowledged_already")]));
    });
}

#[test]
fn the_same_matter_from_two_relatives_is_one_event() {
    on_each_database(|database| {
        let house = house(database);
        let (one, two) =
            (id(&file(&house.manager, complaint())), id(&file(&house.manager, complaint())));
        let link = json!({"kind": "same_event", "case": two});
        house.manager.command(&one, "links", link).expect(200);
        let count = |of: &str| {
            let path = format!("/api/v1/statistics?year=2026&kind=klagomal{of}");
            house.manager.get(&path).expect(200).json()["total"]["count"].clone()
        };
        assert_eq!((count(""), count("&of=events")), (json!(2), json!(1)));
        let laws = [Law::Sol];
        let only = house.service.holder(of(&house), "sol", Role::UnitManager, &["gran"], &laws);
        only.get(&format!("/api/v1/cases/{one}/opinion")).expect(200);
    });
}
