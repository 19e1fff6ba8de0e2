//! A case about a protected person, and everybody who has nothing to do with it: no reading of any operation says a word
//! of it.

use domain::organisation::Role;
use serde_json::json;
use testkit::{Client, Database, Service};
use uuid::Uuid;

#[test]
fn nobody_who_may_not_read_it_learns_of_a_protected_person_by_any_reading() {
    let service = Service::start(Database::Sqlite);
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    let boss = service.holder(of, "chef", Role::UnitManager, &["gran"], &[]);
    let filing = json!({
        "kind": "avvikelse", "unit": "gran", "law": ["HSL"], "category": "HSL.FAL",
        "description": "Zzkanarie bor på Skyddsvägen 17.", "immediate_action": "Zzkanarie",
        "subject": {"personal_id": "640823-3234", "protected": "SKF"},
    });
    let case = boss.post("/api/v1/cases", filing).expect(201).json();
    let id = case["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/cases/{id}");
    let file = ("zzkanarie.pdf", "application/pdf");
    let added = boss.upload(&format!("{path}/attachments"), file, b"%PDF-1.7 x", &[]).expect(201);
    let attachment = added.json()["id"].as_str().expect("an id").to_owned();
    boss.post(&format!("{path}/comments"), json!({"text": "Zzkanarie"})).expect(200);
    let raised = json!({"kind": "lex_maria", "reason": "Zzkanarie"});
    let raised = boss.post(&format!("{path}/escalations"), raised).expect(201).json();
    let escalation = raised["id"].as_str().expect("an id").to_owned();
    let number = case["number"].as_str().expect("a number").to_owned();
    let canaries =
        ["zzkanarie", "skyddsvägen", "640823", "196408233234", &number.to_lowercase(), &id];

    // Everybody, over the other units; whoever sees the whole tenant by their office sees no case by it.
    let mut readers: Vec<(String, Client)> = vec![
        ("nobody".into(), service.anonymous()),
        ("a reporter".into(), service.reporter("provby", "usk")),
    ];
    for role in Role::ALL {
        let whole = matches!(
            role,
            Role::Admin | Role::Privacy | Role::Auditor | Role::Analyst | Role::Board
        );
        let units: &[&str] = if whole { &[] } else { &["tall", "syd"] };
        let client = service.holder(of, &format!("other {}", role.code()), role, units, &[]);
        readers.push((role.code().to_owned(), client));
    }
    let description = service.anonymous().get("/openapi.json").expect(200).json();
    let (mut asked, mut leaks) = (0, Vec::new());
    for (path, item) in description["paths"].as_object().expect("paths") {
        if item["get"].is_null() || path == "/openapi.json" {
            continue;
        }
        let target = match path.starts_with("/api/v1/escalations/{id}") {
            true => path.replace("{id}", &escalation),
            false => path.replace("{id}", &id),
        };
        let target = target
            .replace("{attachment}", &attachment)
            .replace("{tenant}", "provby")
            .replace("{year}", "2026")
            .replace("{kind}", "avvikelse")
            .replace("{list}", "category")
            .replace("{section}", "leadership")
            .replace("{version}", "1");
        let target: Vec<String> = target
            .split('/')
            .map(|part| match part.starts_with('{') {
                true => Uuid::nil().to_string(),
                false => part.to_owned(),
            })
            .collect();
        let mut targets = vec![target.join("/")];
        if path == "/api/v1/cases" {
            targets.push(format!("/api/v1/cases?number={number}"));
            targets.push(format!("/api/v1/cases?same_subject_as={id}"));
            targets.push("/api/v1/cases?unit=gran".to_owned());
        }
        if path == "/api/v1/statistics" {
            targets.push("/api/v1/statistics?year=2026&group_by=category,month".to_owned());
        }
        for target in targets {
            for (who, client) in &readers {
                let answer = client.get(&target);
                let text = answer.text.to_lowercase();
                asked += 1;
                // A problem says back nothing of the path either.
                let told = canaries.iter().filter(|canary| text.contains(**canary));
                leaks.extend(told.map(|canary| format!("{who} {target}: {canary}")));
            }
        }
    }
    assert!(asked > 1_500, "{asked}");
    assert_eq!(leaks, [""; 0]);
    // It can be found at all.
    let text = boss.get(&path).expect(200).text.to_lowercase();
    assert!(text.contains("zzkanarie") && text.contains(&number.to_lowercase()));
    assert!(boss.get("/api/v1/cases?unit=gran").expect(200).text.contains(&number));
}
