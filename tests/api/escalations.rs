//! Lex Maria, lex Sarah and riskperson over HTTP.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Service, on_each_database};

use crate::{House, fall, file, house, id, standard_triage};

/// Gives somebody something to decide, from the first of the year.
pub fn delegate(house: &House, to: &Client, matter: &str) -> Value {
    let admin = house.service.holder(("provby", house.tenant), "adm", Role::Admin, &[], &[]);
    let staff = to.get("/api/v1/me").expect(200).json()["staff"].clone();
    let line = json!({"staff": staff, "matter": matter, "valid_from": "2026-01-01",
        "reference": "SN 2025/401", "decided_by": "Socialnämnden"});
    admin.post("/api/v1/delegations", line).expect(201).json()
}

/// Somebody who holds a role everywhere.
pub fn holder(house: &House, name: &str, role: Role) -> Client {
    house.service.holder(("provby", house.tenant), name, role, &[], &[])
}

/// A command on the newest version.
pub fn go(client: &Client, escalation: &str, command: &str, body: Value) -> testkit::Response {
    let path = format!("/api/v1/escalations/{escalation}");
    let etag = client.get(&path).expect(200).etag();
    client.with("if-match", &etag).post(&format!("{path}/{command}"), body)
}

/// The escalations beside a case.
pub fn beside(client: &Client, case: &str) -> Vec<Value> {
    let path = format!("/api/v1/cases/{case}/escalations");
    client.get(&path).expect(200).json()["items"].as_array().expect("items").clone()
}

/// The id of the one of a kind.
pub fn of_kind(client: &Client, case: &str, kind: &str) -> String {
    let all = beside(client, case);
    let found = all.iter().find(|it| it["kind"] == kind).expect("one of the kind");
    id(found)
}

/// What the outbox tells: step, urgency and whom.
fn notices(service: &Service, tenant: domain::ids::TenantId) -> Vec<Value> {
    let queued = service.run(service.app.store.read(tenant, |tx| tx.queued(None)));
    let notice = |message: store::Message| message.payload.get("notice").cloned();
    queued.expect("messages").into_iter().filter_map(notice).collect()
}

/// A triage of what was serious.
pub fn graver(laws: &[&str], lex: Value) -> Value {
    json!({"law": laws, "category": "HSL.FAL", "severity": {"actual": 3}, "probability": 2,
        "harm": {"vardskada": "yes", "serious": true}, "lex": lex, "track": "standard"})
}

/// Investigates a case to the end, with the patient asked, and judges its measures.
fn investigate(client: &Client, case: &str) {
    let found = client
        .command(
            case,
            "investigation",
            json!({"course_of_events": "Dubbel dos.", "assessment": "Ingen dubbelkontroll.",
                "person_account": "Var trött hela natten.", "support_offered": true,
                "causes": [{"code": "ORS.PRO"}], "complete": true}),
        )
        .expect(200)
        .json();
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let planned = client
        .command(
            case,
            "measures",
            json!({"measures": [{"type": "ATG.RUT", "text": "Dubbelkontroll.", "causes": [cause],
                "owner": "Chef", "due_on": "2026-03-10", "follow_up_on": "2026-03-10"}]}),
        )
        .expect(200)
        .json();
    client.command(case, "measures/decision", json!({})).expect(200);
    client.command(case, "follow-up", json!({})).expect(200);
    let measure = planned["investigation"]["measures"][0]["id"].as_str().expect("an id");
    let path = format!("/api/v1/cases/{case}");
    let etag = client.get(&path).etag();
    client
        .with("if-match", &etag)
        .patch(
            &format!("{path}/measures/{measure}"),
            json!({"done_on": "2026-03-10", "effect": "yes"}),
        )
        .expect(200);
}

fn told() -> Value {
    json!({"points": ["happened", "measures", "complaint", "patient_board", "ivo", "compensation"],
        "informed_at": "2026-03-10T10:00:00Z", "how": "Vid besök", "journal_note_confirmed": true})
}

/// From at IVO, or on the way there, to what IVO decided, with a supplement in between.
fn through_ivo(client: &Client, escalation: &str) {
    let received = json!({"received": {"received_at": "2026-03-10T10:30:00Z", "number": "3.1-77"}});
    go(client, escalation, "ivo", received).expect(200);
    let asked = json!({"requested": {"what": "Rutinen.", "requested_at": "2026-03-10T10:40:00Z",
        "due_on": "2026-04-01"}});
    let waits = go(client, escalation, "supplement", asked).expect(200).json();
    assert_eq!(waits["status"], "supplement_requested");
    assert_eq!(waits["supplement_due_on"], "2026-04-01");
    let sent = json!({"sent": {"sent_at": "2026-03-10T10:50:00Z", "channel": "e_service"}});
    assert_eq!(go(client, escalation, "supplement", sent).expect(200).json()["status"], "at_ivo");
    let decided = json!({"decided": {"decided_at": "2026-03-10T10:55:00Z",
        "decision": "Tillräckligt utrett."}});
    let done = go(client, escalation, "ivo", decided).expect(200).json();
    assert_eq!(done["status"], "ivo_decided");
    assert_eq!(done["ivo_number"], "3.1-77");
}

#[test]
fn lex_maria_and_lex_sarah_on_one_event_both_run_to_the_end() {
    on_each_database(|database| {
        let house = house(database);
        let (mas, sas) = (&house.mas, holder(&house, "sas", Role::Sas));
        let decider = house.service.reporter("provby", "chefslakare");
        for matter in ["lex_maria", "lex_sarah", "notify"] {
            delegate(&house, &decider, matter);
        }
        let at = id(&file(&house.manager, fall()));
        let lex = json!({"lex_maria": "perhaps", "lex_sarah": "yes"});
        house.manager.command(&at, "triage", graver(&["HSL", "SOL"], lex)).expect(200);
        let all = beside(&house.manager, &at);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all.iter().all(|it| it["status"] == "flagged"));
        // Each law's own people see their own, and of the other that it is there.
        let (maria, sarah) = (of_kind(mas, &at, "lex_maria"), of_kind(&sas, &at, "lex_sarah"));
        assert_eq!(beside(mas, &at).len(), 2);
        let there = mas.get(&format!("/api/v1/escalations/{sarah}")).expect(200).json();
        assert_eq!((&there["status"], &there["matter"]), (&json!("flagged"), &Value::Null));
        let steps: Vec<Value> =
            notices(&house.service, house.tenant).iter().map(|it| it["step"].clone()).collect();
        assert_eq!(steps, ["screen", "screen"]);

        // While either asks, the case stays open, and is not made void nor filed again.
        investigate(&house.manager, &at);
        let said = json!({"audience": "reporter", "text": "Tack."});
        house.manager.command(&at, "feedback", said).expect(200);
        let end = json!({"outcome": "UTF.ATG", "summary": "Dubbelkontroll införd."});
        let held = [("".to_owned(), "escalation_open".to_owned())];
        assert_eq!(house.manager.command(&at, "close", end.clone()).expect(422).faults(), held);
        let why = json!({"reason": "x"});
        assert_eq!(house.manager.command(&at, "void", why.clone()).expect(422).faults(), held);
        let again = json!({"kind": "klagomal", "reason": "x"});
        assert_eq!(house.manager.command(&at, "refile", again).expect(422).faults(), held);

        // Lex Maria.
        go(mas, &maria, "screen", json!({"outcome": "take_up"})).expect(200);
        let proposal = json!({"notify": true, "text": "Allvarlig vårdskada."});
        go(mas, &maria, "propose", proposal).expect(200);
        let waiting = |client: &Client| -> Vec<(Value, Value)> {
            let list = client.get("/api/v1/worklist").expect(200).json();
            let items = list["items"].as_array().expect("items").clone();
            let of = |it: &Value| (it["group"].clone(), it["asked"].clone());
            let lex = ["screening", "escalations", "decisions"];
            items
                .iter()
                .filter(|it| lex.iter().any(|group| it["group"] == *group))
                .map(of)
                .collect()
        };
        assert_eq!(waiting(&decider), [(json!("decisions"), json!("decide"))]);
        assert_eq!(waiting(&sas), [(json!("screening"), json!("screen"))]);
        assert_eq!(waiting(mas), [], "it is the decider's now");
        let yes = json!({"notify": true, "test": "increased_care", "motivation": "Sjukhusvård."});
        let decided = go(&decider, &maria, "decide", yes).expect(200).json();
        assert_eq!(decided["status"], "decided_yes");
        assert_eq!(decided["matter"]["decision"]["delegation"], "SN 2025/401");
        assert_eq!(waiting(mas), [(json!("escalations"), json!("notify_ivo"))]);
        let by_mail = json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "e_mail",
            "diary_number": "SN 2026/7"});
        go(&decider, &maria, "notify", by_mail).expect(422);
        let sent = json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "e_service",
            "diary_number": "SN 2026/7"});
        go(&decider, &maria, "notify", sent.clone()).expect(200);
        let inquiry = json!({"sent_at": "2026-03-10T10:10:00Z", "channel": "e_service"});
        assert_eq!(
            go(mas, &maria, "inquiry", inquiry.clone()).expect(200).json()["status"],
            "inquiry_submitted"
        );
        through_ivo(mas, &maria);
        let early = go(mas, &maria, "close", json!({})).expect(422);
        assert_eq!(early.faults(), [("/patient_information".into(), "required".into())]);
        let ended = go(mas, &maria, "close", json!({"patient_information": told()}));
        assert_eq!(ended.expect(200).json()["status"], "closed");

        // Lex Sarah goes on, and is decided otherwise; neither erases the other.
        let held_still = house.manager.command(&at, "close", end.clone()).expect(422);
        assert_eq!(held_still.faults(), held);
        assert_eq!(
            go(&sas, &sarah, "screen", json!({"outcome": "take_up"})).expect(200).json()["status"],
            "reported"
        );
        go(&sas, &sarah, "receive", json!({})).expect(200);
        let protected = json!({"text": "Extra tillsyn samma kväll."});
        go(&sas, &sarah, "immediate-action", protected).expect(200);
        let part = json!({"course_of_events": "a", "consequences": "b"});
        go(&sas, &sarah, "investigate", part).expect(200);
        let rest = json!({"causes": "c", "recurrence": "d", "measures": "e", "complete": true});
        go(&sas, &sarah, "investigate", rest).expect(200);
        let degree = json!({"degree": "serious", "text": "Allvarligt."});
        go(&sas, &sarah, "propose", degree).expect(200);
        let assessed = json!({"degree": "serious", "motivation": "Upprepat."});
        go(&decider, &sarah, "assess", assessed).expect(200);
        go(&decider, &sarah, "notify", sent).expect(200);
        // The finished investigation went along.
        through_ivo(&sas, &sarah);
        let remedy = json!({"put_right": "Rutin.", "put_right_on": "2026-03-10",
            "person_informed": true, "file_note_confirmed": true});
        go(&sas, &sarah, "follow-up", remedy).expect(200);
        let missing = go(&sas, &sarah, "close", json!({})).expect(422);
        assert_eq!(missing.faults(), [("/police_considered".into(), "required".into())]);
        let police = json!({"police_considered": "Övervägt, inget brott."});
        go(&sas, &sarah, "follow-up", police).expect(200);
        assert_eq!(go(&sas, &sarah, "close", json!({})).expect(200).json()["status"], "closed");

        let both = beside(&house.manager, &at);
        assert!(both.iter().all(|it| it["status"] == "closed"));
        assert!(both[0]["diary_number"] == "SN 2026/7" && both[1]["diary_number"] == "SN 2026/7");
        // What was told the patient there is not asked for again here.
        house.manager.command(&at, "close", end).expect(200);

        let history = mas.get(&format!("/api/v1/escalations/{maria}/history")).expect(200).json();
        let done: Vec<&str> = history["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|it| it["command"].as_str().expect("a command"))
            .collect();
        assert_eq!(
            done,
            [
                "flag",
                "take_up",
                "propose",
                "decide",
                "notify",
                "submit_inquiry",
                "ivo_receive",
                "request_supplement",
                "answer_supplement",
                "ivo_decide",
                "close"
            ]
        );
        assert_eq!(history["items"][3]["reason"], "Sjukhusvård.");
    });
}

#[test]
fn who_decides_needs_a_delegation_and_a_motivation() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        house.manager.command(&at, "triage", standard_triage()).expect(200);
        let raise = json!({"kind": "lex_maria", "reason": "Kunde ha gått illa."});
        let path = format!("/api/v1/cases/{at}/escalations");
        let once = house.manager.with("idempotency-key", "en");
        let raised = once.post(&path, raise.clone()).expect(201);
        assert_eq!(once.post(&path, raise.clone()).expect(201).json(), raised.json(), "once");
        let twice = house.manager.post(&path, raise).expect(422);
        assert_eq!(twice.faults(), [("/kind".into(), "escalation_open_already".into())]);
        let it = id(&raised.json());
        go(&house.mas, &it, "screen", json!({"outcome": "take_up"})).expect(200);
        let proposal = json!({"notify": false, "text": "Ej allvarlig."});
        go(&house.manager, &it, "propose", proposal.clone()).expect(403);
        go(&house.mas, &it, "propose", proposal).expect(200);

        let no = json!({"notify": false, "test": "none", "motivation": "Ej allvarlig."});
        let refused = go(&house.manager, &it, "decide", no.clone()).expect(403).json();
        assert_eq!(refused["code"], "delegation_missing");
        assert_eq!(refused["detail"], "missing: delegation lex_maria");
        assert_eq!(
            go(&house.mas, &it, "decide", no.clone()).expect(403).json()["code"],
            "delegation_missing"
        );
        let line = delegate(&house, &house.mas, "lex_maria");
        let silent = json!({"notify": false, "test": "none", "motivation": " "});
        let faults = go(&house.mas, &it, "decide", silent).expect(422).faults();
        assert_eq!(faults, [("/motivation".into(), "required".into())]);
        let left_out = json!({"notify": false, "test": "none"});
        let faults = go(&house.mas, &it, "decide", left_out).expect(422).faults();
        assert_eq!(faults, [("/motivation".into(), "required".into())]);
        let path = format!("/api/v1/escalations/{it}/decide");
        house.mas.post(&path, no.clone()).expect(428);
        house.mas.with("if-match", "\"1\"").post(&path, no.clone()).expect(412);
        assert_eq!(
            go(&house.mas, &it, "decide", no.clone()).expect(200).json()["status"],
            "decided_no"
        );

        // A "no" is taken up again; the old one stays. By then the delegation has ended.
        let why = json!({"reason": "Nya uppgifter."});
        let again = go(&house.mas, &it, "reassess", why).expect(200).json();
        assert_eq!(again["matter"]["earlier"][0]["decision"]["motivation"], "Ej allvarlig.");
        let admin = holder(&house, "adm", Role::Admin);
        let register = format!("/api/v1/delegations/{}", id(&line));
        let end = json!({"reason": "Byter tjänst."});
        admin.with("if-match", "\"9\"").post(&format!("{register}/end"), end.clone()).expect(412);
        house
            .mas
            .with("if-match", "\"1\"")
            .post(&format!("{register}/end"), end.clone())
            .expect(403);
        admin.with("if-match", "\"1\"").post(&format!("{register}/end"), end).expect(200);
        let held = house.manager.get("/api/v1/delegations?valid=true").expect(200).json();
        assert_eq!(held["items"], json!([]));
        assert_eq!(
            house.manager.get(&register).expect(200).json()["ended_reason"],
            "Byter tjänst."
        );
        let proposal = json!({"notify": true, "text": "Allvarlig."});
        go(&house.mas, &it, "propose", proposal).expect(200);
        go(&house.mas, &it, "decide", no).expect(403);
    });
}

#[test]
fn a_decision_that_nobody_may_make_waits_for_whoever_answers_for_the_law() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        house.manager.command(&at, "triage", standard_triage()).expect(200);
        let raise = json!({"kind": "lex_maria", "reason": "Kunde ha gått illa."});
        let path = format!("/api/v1/cases/{at}/escalations");
        let it = id(&house.manager.post(&path, raise).expect(201).json());
        go(&house.mas, &it, "screen", json!({"outcome": "take_up"})).expect(200);
        let waiting = |client: &Client| -> Vec<Value> {
            let list = client.get("/api/v1/worklist").expect(200).json();
            let items = list["items"].as_array().expect("items").clone();
            items.into_iter().filter(|item| item["asked"] == "decide").collect()
        };
        let proposal = json!({"notify": true, "text": "Allvarlig."});
        go(&house.mas, &it, "propose", proposal).expect(200);
        let told = notices(&house.service, house.tenant);
        let told = told.iter().find(|notice| notice["step"] == "decide").expect("a notice");
        assert_eq!(told["to"]["role"]["role"], "mas");
        let [task] = &waiting(&house.mas)[..] else { panic!("waits for MAS") };
        assert_eq!(task["waiting_for"]["delegation_missing"], true);
        assert_eq!(task["waiting_for"]["role"], "mas");
        assert!(waiting(&house.manager).is_empty());

        // Somebody is given it, and then has it no more.
        let decider = house.service.reporter("provby", "chefslakare");
        let line = delegate(&house, &decider, "lex_maria");
        let [task] = &waiting(&decider)[..] else { panic!("waits for the decider") };
        assert_eq!(task["waiting_for"]["delegation_missing"], false);
        assert!(waiting(&house.mas).is_empty());
        let admin = holder(&house, "adm", Role::Admin);
        let end = json!({"reason": "Byter tjänst."});
        let register = format!("/api/v1/delegations/{}/end", id(&line));
        admin.with("if-match", "\"1\"").post(&register, end).expect(200);
        assert!(waiting(&decider).is_empty());
        assert_eq!(waiting(&house.mas).len(), 1);
    });
}

#[test]
fn ivo_may_ask_for_more_before_it_has_the_investigation() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        for matter in ["lex_maria", "notify"] {
            delegate(&house, mas, matter);
        }
        let at = id(&file(&house.manager, fall()));
        let lex = json!({"lex_maria": "yes"});
        house.manager.command(&at, "triage", graver(&["HSL"], lex)).expect(200);
        let it = of_kind(mas, &at, "lex_maria");
        go(mas, &it, "screen", json!({"outcome": "take_up"})).expect(200);
        go(mas, &it, "propose", json!({"notify": true, "text": "x"})).expect(200);
        let yes = json!({"notify": true, "test": "death", "motivation": "x"});
        go(mas, &it, "decide", yes).expect(200);
        let sent = json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "e_service",
            "diary_number": "SN 2026/7"});
        go(mas, &it, "notify", sent).expect(200);
        let ask_and_answer = |stands: &str| {
            let asked = json!({"requested": {"what": "Skicka utredningen.",
                "requested_at": "2026-03-10T10:40:00Z", "due_on": "2026-04-01"}});
            let waits = go(mas, &it, "supplement", asked).expect(200).json();
            assert_eq!(waits["status"], "supplement_requested", "from {stands}");
            let clocks = mas.get("/api/v1/clocks?kind=supplement").expect(200).json();
            assert_eq!(clocks["items"][0]["due_on"], "2026-04-01");
            let sent = json!({"sent": {"sent_at": "2026-03-10T10:50:00Z", "channel": "post"}});
            let back = go(mas, &it, "supplement", sent).expect(200).json();
            assert_eq!(back["status"], stands);
        };
        ask_and_answer("notified");
        let received = json!({"received": {"received_at": "2026-03-10T10:30:00Z",
            "number": "3.1-77"}});
        assert_eq!(go(mas, &it, "ivo", received.clone()).expect(200).json()["status"], "notified");
        ask_and_answer("notified");
        investigate(&house.manager, &at);
        let inquiry = json!({"sent_at": "2026-03-10T10:10:00Z", "channel": "e_service"});
        go(mas, &it, "inquiry", inquiry).expect(200);
        ask_and_answer("inquiry_submitted");
        go(mas, &it, "ivo", received).expect(200);
        ask_and_answer("at_ivo");
        let whole = mas.get(&format!("/api/v1/escalations/{it}")).expect(200).json();
        assert_eq!(whole["matter"]["supplements"].as_array().map(Vec::len), Some(4));
    });
}

#[test]
fn a_riskperson_exists_for_nobody_but_those_named() {
    on_each_database(|database| {
        let house = house(database);
        let vc = holder(&house, "vc", Role::AreaManager);
        let admin = holder(&house, "adm", Role::Admin);
        let auditor = holder(&house, "rev", Role::Auditor);
        let mas_id = house.mas.get("/api/v1/me").expect(200).json()["staff"].clone();
        let name = "Sjuksköterska Kim Planterad";
        let new = json!({"kind": "riskperson", "unit": "gran", "person": name,
            "reason": "Upprepade fel vid läkemedelsdelning.", "readers": [mas_id]});
        house
            .service
            .reporter("provby", "usk")
            .post("/api/v1/escalations", new.clone())
            .expect(403);
        let raised = vc.post("/api/v1/escalations", new).expect(201).json();
        let it = id(&raised);
        assert_eq!(raised["matter"]["person"], name);
        assert_eq!(raised["case"], Value::Null);
        assert_eq!(
            house.mas.get(&format!("/api/v1/escalations/{it}")).expect(200).json()["matter"]["person"],
            name
        );

        let decider = house.service.reporter("provby", "beslut");
        for matter in ["lex_maria", "lex_sarah", "riskperson", "notify"] {
            delegate(&house, &decider, matter);
        }
        // Not even whoever decides such, before they are named.
        let strangers = [&house.manager, &admin, &auditor, &decider];
        for stranger in strangers {
            let path = format!("/api/v1/escalations/{it}");
            stranger.get(&path).expect(404);
            stranger.get(&format!("{path}/history")).expect(404);
            stranger.get(&format!("{path}/dossier")).expect(404);
            for (command, body) in [
                ("screen", json!({"outcome": "take_up"})),
                ("decide", json!({"notify": false, "motivation": "x"})),
                ("readers", json!({"readers": []})),
            ] {
                let to = format!("{path}/{command}");
                stranger.with("if-match", "\"1\"").post(&to, body).expect(404);
            }
            assert!(!stranger.get("/api/v1/escalations").expect(200).text.contains(&it));
            assert!(!stranger.get("/api/v1/worklist").expect(200).text.contains(&it));
        }
        let many = json!({"items": [{"id": it, "version": 1, "outcome": "take_up"}]});
        let sas = holder(&house, "sas", Role::Sas);
        let refused = sas.post("/api/v1/escalations/screenings", many).expect(200).json();
        assert_eq!(refused["items"][0]["code"], "not_found");
        let listed = house.mas.get("/api/v1/escalations?kind=riskperson").expect(200).json();
        assert_eq!(listed["items"][0]["id"], json!(it));
        assert_eq!(listed["items"][0]["matter"], Value::Null, "lists tell no text");

        // Nothing of it stands in the clear, nor leaves the house.
        let told = notices(&house.service, house.tenant);
        assert!(told.iter().all(|notice| !notice.to_string().contains("Kim")));
        assert!(told.iter().all(|notice| notice["number"].is_null()));
        let id_of = it.parse().expect("an id");
        let kept = house.service.run(house.service.app.store.read(house.tenant, move |tx| {
            Ok::<_, store::Error>((tx.escalation(id_of)?, tx.escalation_person(id_of)?))
        }));
        let (escalation, sealed) = kept.expect("kept");
        assert!(!format!("{escalation:?}").contains("Kim Planterad"));
        assert!(!sealed.ciphertext.windows(3).any(|window| window == b"Kim"));

        // Named, the decider decides; the holder alone chooses who is named.
        go(&vc, &it, "screen", json!({"outcome": "take_up"})).expect(200);
        go(&house.mas, &it, "propose", json!({"notify": true, "text": "Fara."})).expect(200);
        let decider_id = decider.get("/api/v1/me").expect(200).json()["staff"].clone();
        let readers = json!({"readers": [mas_id, decider_id]});
        go(&house.mas, &it, "readers", readers.clone()).expect(403);
        go(&vc, &it, "readers", readers).expect(200);
        vc.get(&format!("/api/v1/escalations/{it}")).expect(404);
        let yes = json!({"notify": true, "motivation": "Skälig anledning."});
        go(&decider, &it, "decide", yes).expect(200);
        let sent = json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "post",
            "diary_number": "SN 2026/9"});
        go(&decider, &it, "notify", sent).expect(200);
        let page =
            decider.get(&format!("/api/v1/escalations/{it}/dossier?format=html")).expect(200);
        assert!(page.text.contains(name) && page.text.contains("3 kap. 7 §"));
    });
}

#[test]
fn an_employees_report_goes_straight_to_whoever_receives_it() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let nurse = house.service.reporter("provby", "usk");
        let mut filing = json!({"kind": "avvikelse", "unit": "gran", "law": ["SOL"],
            "description": "Lämnades utan tillsyn hela natten.", "lex_sarah": true});
        let at = id(&file(&nurse, filing.clone()));
        let told = notices(&house.service, house.tenant);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (&told[0]["step"], &told[0]["urgency"]),
            (&json!("receive_report"), &json!("urgent"))
        );
        assert_eq!(told[0]["to"]["role"]["role"], "sas");
        let it = of_kind(&sas, &at, "lex_sarah");
        assert_eq!(beside(&sas, &at)[0]["status"], "reported");
        // A triage that asks for it raises no second one.
        let lex = json!({"lex_sarah": "yes"});
        let mut triage = graver(&["SOL"], lex);
        triage["category"] = json!("HSL.FAL");
        house.manager.command(&at, "triage", triage).expect(200);
        assert_eq!(beside(&sas, &at).len(), 1);
        nurse.get(&format!("/api/v1/escalations/{it}")).expect(404);

        // A draft reports when it is handed in; a complaint is none.
        filing["draft"] = json!(true);
        let draft = file(&nurse, filing.clone());
        assert_eq!(notices(&house.service, house.tenant).len(), 1);
        let path = format!("/api/v1/cases/{}/submit", id(&draft));
        nurse.with("if-match", "\"1\"").post(&path, json!({})).expect(200);
        assert_eq!(beside(&sas, &id(&draft))[0]["status"], "reported");
        filing["draft"] = json!(false);
        filing["kind"] = json!("klagomal");
        let complaint = file(&house.manager, filing);
        assert_eq!(complaint["warnings"][0]["field"], "/lex_sarah");

        // By mouth, on a case without any law yet; and one's own, afterwards.
        let bare = json!({"kind": "avvikelse", "unit": "syd", "description": "Hårda ord."});
        let other = id(&file(&nurse, bare.clone()));
        let oral = json!({"kind": "lex_sarah",
            "oral": {"from": "Vikarie", "at": "2026-03-10T09:00:00Z"}});
        let put_down = sas.post(&format!("/api/v1/cases/{other}/escalations"), oral);
        let put_down = put_down.expect(201).json();
        assert_eq!(put_down["matter"]["report"]["oral_from"], "Vikarie");
        assert_eq!(put_down["starts_at"], "2026-03-10T09:00:00Z");
        let third = id(&file(&nurse, bare));
        let own = json!({"kind": "lex_sarah", "report": true, "reason": "Jag såg det."});
        nurse.post(&format!("/api/v1/cases/{third}/escalations"), own).expect(201);
        let flag = json!({"kind": "lex_maria", "reason": "x"});
        nurse.post(&format!("/api/v1/cases/{third}/escalations"), flag).expect(403);

        // It becomes a mere avvikelse only by a reasoned decision.
        go(&sas, &it, "receive", json!({})).expect(200);
        let why = json!({"motivation": "Missförstånd, tillsyn skedde."});
        go(&sas, &it, "dismiss", why.clone()).expect(403);
        delegate(&house, &sas, "lex_sarah");
        go(&sas, &it, "dismiss", json!({})).expect(422);
        assert_eq!(go(&sas, &it, "dismiss", why).expect(200).json()["status"], "not_taken_up");
    });
}

#[test]
fn whom_a_report_criticises_protects_the_person_and_reads_no_investigation() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let boss = house.manager.get("/api/v1/me").expect(200).json()["staff"].clone();
        let filing = json!({"kind": "avvikelse", "unit": "gran", "law": ["SOL"],
            "description": "Chefen svarade inte.", "lex_sarah": true});
        let at = id(&file(&house.service.reporter("provby", "usk"), filing));
        let it = of_kind(&sas, &at, "lex_sarah");
        go(&sas, &it, "receive", json!({"criticised": [boss]})).expect(200);
        let protected = json!({"text": "Annan chef i beredskap."});
        go(&house.manager, &it, "immediate-action", protected).expect(200);
        let by_them = json!({"investigator": boss});
        let unfair = go(&sas, &it, "investigate", by_them).expect(422).faults();
        assert_eq!(unfair, [("/investigator".into(), "investigator_criticised".into())]);
        let found = json!({"course_of_events": "HEMLIG UTREDNING"});
        go(&sas, &it, "investigate", found).expect(200);
        let seen = house.manager.get(&format!("/api/v1/escalations/{it}")).expect(200);
        assert!(!seen.text.contains("HEMLIG"));
        assert_eq!(seen.json()["matter"]["protections"][0]["text"], "Annan chef i beredskap.");
        assert_eq!(seen.json()["matter"]["inquiry"], Value::Null);
        let history = house.manager.get(&format!("/api/v1/escalations/{it}/history"));
        assert!(!history.expect(200).text.contains("HEMLIG"));
        house.manager.get(&format!("/api/v1/escalations/{it}/dossier")).expect(403);
        delegate(&house, &house.manager, "lex_sarah");
        let own = json!({"degree": "none", "motivation": "Jag gjorde rätt."});
        let etag = seen.etag();
        let answer = house
            .manager
            .with("if-match", &etag)
            .post(&format!("/api/v1/escalations/{it}/assess"), own)
            .expect(403)
            .json();
        assert_eq!(answer["code"], "own_matter");
        // Somebody else in the same chair reads on.
        let other = holder(&house, "chef2", Role::UnitManager);
        let whole = other.get(&format!("/api/v1/escalations/{it}")).expect(200);
        assert!(whole.text.contains("HEMLIG"));
        let team = holder(&house, "ssk", Role::Team);
        let state = team.get(&format!("/api/v1/escalations/{it}")).expect(200).json();
        assert_eq!((&state["status"], &state["matter"]), (&json!("investigating"), &Value::Null));
    });
}

#[test]
fn whoever_is_appointed_to_investigate_is_told_and_finds_it() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let new = json!({"kind": "avvikelse", "unit": "gran", "law": ["SOL"],
            "description": "x", "lex_sarah": true});
        let at = id(&file(&house.service.reporter("provby", "usk"), new));
        let it = of_kind(&sas, &at, "lex_sarah");
        let utredare = house.service.reporter("provby", "utredare");
        let me = utredare.get("/api/v1/me").expect(200).json()["staff"].clone();
        let listed = |client: &Client| -> Vec<String> {
            let list = client.get("/api/v1/escalations").expect(200).json();
            list["items"].as_array().expect("items").iter().map(id).collect()
        };
        go(&sas, &it, "receive", json!({})).expect(200);
        go(&sas, &it, "immediate-action", json!({"text": "Extra tillsyn."})).expect(200);
        assert!(listed(&utredare).is_empty());
        let told = || {
            let all = notices(&house.service, house.tenant);
            all.iter().filter(|notice| notice["to"]["staff"] == me).count()
        };
        assert_eq!(told(), 0);
        go(&sas, &it, "investigate", json!({"investigator": me})).expect(200);
        assert_eq!(told(), 1);
        assert_eq!(listed(&utredare), std::slice::from_ref(&it));
        let list = utredare.get("/api/v1/worklist").expect(200).json();
        assert_eq!(list["items"][0]["asked"], "investigate");
        assert_eq!(list["items"][0]["item"], it.as_str());
        // What they write themselves, they are not told.
        let part = json!({"course_of_events": "a"});
        go(&utredare, &it, "investigate", part).expect(200);
        assert_eq!(told(), 1);
        // Another takes over.
        let other = house.manager.get("/api/v1/me").expect(200).json()["staff"].clone();
        go(&sas, &it, "investigate", json!({"investigator": other})).expect(200);
        assert!(listed(&utredare).is_empty());
        utredare.get(&format!("/api/v1/escalations/{it}")).expect(404);
    });
}

#[test]
fn a_list_goes_on_past_what_a_delegate_may_not_see() {
    on_each_database(|database| {
        let house = house(database);
        let sas = holder(&house, "sas", Role::Sas);
        let decider = house.service.reporter("provby", "chefslakare");
        delegate(&house, &decider, "lex_sarah");
        let me = decider.get("/api/v1/me").expect(200).json()["staff"].clone();
        let reporter = house.service.reporter("provby", "usk");
        let report = || {
            let new = json!({"kind": "avvikelse", "unit": "gran", "law": ["SOL"],
                "description": "x", "lex_sarah": true});
            of_kind(&sas, &id(&file(&reporter, new)), "lex_sarah")
        };
        let mut all: Vec<String> = (0..5).map(|_| report()).collect();
        all.sort_unstable();
        all.reverse();
        // The newest, and one between.
        for nth in [0, 2] {
            go(&sas, &all[nth], "receive", json!({"criticised": [me]})).expect(200);
        }
        for limit in [1, 2, 3, 5] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/api/v1/escalations?limit={limit}{cursor}");
                let page = decider.get(&path).expect(200).json();
                seen.extend(page["items"].as_array().expect("items").iter().map(id));
                let Some(next) = page["next_cursor"].as_str() else { break };
                assert_eq!(page["items"].as_array().map(Vec::len), Some(limit), "a whole page");
                cursor = format!("&cursor={next}");
            }
            assert_eq!(seen, [&all[1], &all[3], &all[4]].map(String::clone), "{limit}");
        }
    });
}

#[test]
fn many_flags_are_screened_at_once_and_the_refused_named() {
    on_each_database(|database| {
        let house = house(database);
        let cases: Vec<String> = (0..4)
            .map(|_| {
                let at = id(&file(&house.manager, fall()));
                house
                    .manager
                    .command(&at, "triage", graver(&["HSL"], json!({"lex_maria": "no"})))
                    .expect(200);
                at
            })
            .collect();
        let flags =
            house.mas.get("/api/v1/escalations?open=true&kind=lex_maria").expect(200).json();
        let flags = flags["items"].as_array().expect("items").clone();
        assert_eq!(flags.len(), 4, "by severity, though the answer was no");
        assert_eq!(flags[0]["next"], "screen");
        let out = |it: &Value, version: i64| {
            json!({"id": it["id"], "version": version, "outcome": "out",
                "reasons": ["SCR.EJA", "SCR.EJV"]})
        };
        let mut bare = out(&flags[2], 1);
        bare["reasons"] = json!([]);
        let take = json!({"id": flags[3]["id"], "version": 1, "outcome": "take_up"});
        let body = json!({"items": [out(&flags[0], 1), out(&flags[1], 7), bare, take]});
        let once = house.mas.with("idempotency-key", "flera");
        let done = once.post("/api/v1/escalations/screenings", body.clone()).expect(200).json();
        assert_eq!((&done["done"], &done["refused"]), (&json!(2), &json!(2)));
        let codes: Vec<&Value> =
            done["items"].as_array().expect("items").iter().map(|it| &it["code"]).collect();
        assert_eq!(codes, [&Value::Null, &json!("stale"), &json!("invalid_request"), &Value::Null]);
        assert_eq!(once.post("/api/v1/escalations/screenings", body).expect(200).json(), done);
        house.manager.post("/api/v1/escalations/screenings", json!({"items": []})).expect(403);
        // What was screened out holds its case no more; a later triage raises only what is new.
        let of = |number: &Value| {
            cases.iter().find(|at| {
                house.manager.get(&format!("/api/v1/cases/{at}")).json()["number"] == *number
            })
        };
        let free = of(&flags[0]["number"]).expect("its case");
        let moved = json!({"probability": 1, "reason": "Ovanligt."});
        house.manager.command(free, "triage", moved).expect(200);
        assert_eq!(beside(&house.mas, free).len(), 1);
        let worse = json!({"lex": {"lex_maria": "perhaps"}, "reason": "Ny uppgift."});
        house.manager.command(free, "triage", worse).expect(200);
        assert_eq!(beside(&house.mas, free).len(), 2);
        let page = house.mas.get("/api/v1/escalations?limit=2").expect(200);
        assert!(page.header("link").expect("a link").contains("rel=\"next\""));
        let mut seen = 2;
        let mut next = page.json()["next_cursor"].clone();
        while let Some(cursor) = next.as_str() {
            let path = format!("/api/v1/escalations?limit=2&cursor={cursor}");
            let page = house.mas.get(&path).expect(200).json();
            seen += page["items"].as_array().map_or(0, Vec::len);
            next = page["next_cursor"].clone();
        }
        assert_eq!(seen, 5);
    });
}

#[test]
fn a_device_event_may_be_lex_maria_too() {
    on_each_database(|database| {
        let house = house(database);
        let device = json!({"kind": "avvikelse", "unit": "gran", "law": ["HSL"],
            "category": "HSL.MTP", "description": "Liften släppte.",
            "occurred_at": "2026-03-01T10:00:00Z"});
        let at = id(&file(&house.manager, device));
        let mut triage = graver(&["HSL"], json!({"lex_maria": "yes"}));
        triage["category"] = json!("HSL.MTP");
        house.manager.command(&at, "triage", triage).expect(200);
        let flag = &beside(&house.mas, &at)[0];
        assert_eq!(flag["starts_at"], "2026-03-01T10:00:00Z", "from the event");
        assert_eq!(flag["flagged_at"], "2026-03-10T11:00:00Z");
    });
}

#[test]
fn a_dossier_says_what_is_there_and_what_is_missing() {
    on_each_database(|database| {
        let house = house(database);
        let mut filing = fall();
        filing["subject"] = json!({"personal_id": "640823-3234"});
        let at = id(&file(&house.manager, filing));
        house
            .manager
            .command(&at, "triage", graver(&["HSL"], json!({"lex_maria": "yes"})))
            .expect(200);
        let it = of_kind(&house.mas, &at, "lex_maria");
        let path = format!("/api/v1/escalations/{it}/dossier");
        let empty = house.mas.get(&path).expect(200).json();
        let missing = empty["missing"].as_array().expect("codes").clone();
        for code in ["diary_number", "motivation", "measures", "patient_account"] {
            assert!(missing.contains(&json!(code)), "{code}: {missing:?}");
        }
        assert!(!missing.contains(&json!("patient")));
        // Whom the register lets decide may not read who it is: that is hidden, and not missing.
        let decider = house.service.reporter("provby", "chefslakare");
        delegate(&house, &decider, "lex_maria");
        let theirs = decider.get(&path).expect(200).json();
        let patient = theirs["parts"].as_array().expect("parts");
        let patient = patient.iter().find(|part| part["code"] == "patient").expect("a part");
        assert_eq!(
            (&patient["text"], &patient["missing"], &patient["hidden"]),
            (&Value::Null, &json!(false), &json!(true))
        );
        assert_eq!(theirs["missing"], empty["missing"]);
        let page = decider.with("accept", "text/html").get(&path).expect(200).text;
        assert!(page.contains("Finns, visas inte för dig") && !page.contains("19640823"));
        assert_eq!(empty["provision"], json!({"paragraph": "3 kap. 5 §", "sfs": "2010:659"}));
        investigate(&house.manager, &at);
        let fuller = house.mas.get(&path).expect(200).json();
        assert!(!fuller["missing"].as_array().expect("codes").contains(&json!("measures")));
        let html = house.mas.with("accept", "text/html").get(&path).expect(200);
        assert!(html.header("content-type").expect("a type").starts_with("text/html"));
        assert!(html.text.contains("<html lang=\"sv\">") && html.text.contains("Dubbelkontroll."));
        assert!(html.text.contains("19640823"));
        holder(&house, "ssk", Role::Team).get(&path).expect(403);
        house.mas.get(&format!("{path}?format=pdf")).expect(422);
        let entries = house
            .service
            .run(house.service.app.store.read(house.tenant, |tx| tx.access_entries(None, 1000)));
        let read = entries.expect("entries");
        // One entry, which names the person.
        let shown =
            |entry: &&store::AccessEntry| entry.act == "escalation.dossier" && !entry.refused;
        let dossiers: Vec<_> = read.iter().filter(shown).collect();
        assert!(!dossiers.is_empty());
        for entry in dossiers {
            assert!(entry.exposed.iter().all(|(_, subject)| subject.is_some()), "{entry:?}");
        }
        assert!(!read.iter().any(|entry| entry.act == "subject.read"));
    });
}

#[test]
fn rules_of_flagging_are_tried_on_last_year_before_they_are_chosen() {
    on_each_database(|database| {
        let house = house(database);
        let admin = holder(&house, "adm", Role::Admin);
        for severity in [1, 2, 3] {
            let at = id(&file(&house.manager, fall()));
            let mut triage = standard_triage();
            triage["severity"]["actual"] = json!(severity);
            house.manager.command(&at, "triage", triage).expect(200);
        }
        let preview =
            |rules: Value| admin.post("/api/v1/settings/flags/preview", rules).expect(200).json();
        let now = preview(json!({}));
        assert_eq!((&now["cases"], &now["flagged"]), (&json!(3), &json!(1)));
        assert_eq!(now["by_cause"]["actual_severity"], 1);
        let wider = preview(json!({"actual_severity": 2, "potential_severity": null}));
        assert_eq!((&wider["flagged"], &wider["lex_maria"]), (&json!(2), &json!(2)));
        house.manager.post("/api/v1/settings/flags/preview", json!({})).expect(403);
        admin.post("/api/v1/settings/flags/preview", json!({"risk_score": 17})).expect(422);

        // Chosen, they hold from the next triage on.
        let tag = admin.get("/api/v1/settings").expect(200).etag();
        let chosen = json!({"flags": {"actual_severity": 2}, "private_provider": true});
        let kept = admin.with("if-match", &tag).put("/api/v1/settings", chosen).expect(200).json();
        assert_eq!(kept["flags"]["risk_score"], 8);
        let at = id(&file(&house.manager, fall()));
        house.manager.command(&at, "triage", standard_triage()).expect(200);
        assert_eq!(beside(&house.mas, &at)[0]["status"], "flagged");

        // A private provider tells the nämnd.
        let sas = holder(&house, "sas", Role::Sas);
        let filing = json!({"kind": "avvikelse", "unit": "gran", "law": ["LSS"],
            "description": "x", "lex_sarah": true});
        let at = id(&file(&house.manager, filing));
        let it = of_kind(&sas, &at, "lex_sarah");
        let untold = go(&sas, &it, "receive", json!({})).expect(422).faults();
        assert_eq!(untold, [("/board_informed".into(), "required".into())]);
        let informed = json!({"board_informed": {"on": "2026-03-10", "how": "E-tjänst"}});
        go(&sas, &it, "receive", informed).expect(200);
    });
}

#[test]
fn figures_count_escalations_by_process_state_and_year() {
    on_each_database(|database| {
        let house = house(database);
        delegate(&house, &house.mas, "lex_maria");
        let mut filing = fall();
        filing["occurred_at"] = json!("2026-03-08T11:00:00Z");
        let at = id(&file(&house.manager, filing));
        house
            .manager
            .command(&at, "triage", graver(&["HSL"], json!({"lex_maria": "yes"})))
            .expect(200);
        let it = of_kind(&house.mas, &at, "lex_maria");
        go(&house.mas, &it, "screen", json!({"outcome": "take_up"})).expect(200);
        go(&house.mas, &it, "propose", json!({"notify": true, "text": "x"})).expect(200);
        let yes = json!({"notify": true, "test": "death", "motivation": "x"});
        go(&house.mas, &it, "decide", yes).expect(200);
        let sent =
            json!({"sent_at": "2026-03-10T11:00:00Z", "channel": "post", "diary_number": "x"});
        go(&house.mas, &it, "notify", sent).expect(200);
        let apart = json!({"kind": "riskperson", "unit": "gran", "person": "Kim", "reason": "x"});
        house.mas.post("/api/v1/escalations", apart).expect(201);

        let cube = |client: &Client, query: &str| -> Value {
            let path = format!("/api/v1/statistics?of=escalations&{query}");
            client.get(&path).expect(200).json()
        };
        let by_kind = cube(&house.mas, "year=2026&group_by=escalation_kind,escalation_status,year");
        assert_eq!(by_kind["total"]["count"], 2);
        let rows = by_kind["rows"].as_array().expect("rows");
        assert_eq!(
            rows[0]["keys"],
            json!({"escalation_kind": "lex_maria", "escalation_status": "notified", "year": 2026})
        );
        assert_eq!(rows[0]["days"]["to_decision"], json!({"n": 1, "median": 2.0, "p90": 2.0}));
        assert_eq!(rows[0]["days"]["decision_to_notification"]["median"], 0.0);
        // Of a riskperson nothing but that there is one, and only over the whole tenant and year.
        assert_eq!(
            rows[1]["keys"],
            json!({"escalation_kind": "riskperson", "escalation_status": null, "year": 2026})
        );
        for query in ["year=2026&unit=norr", "from=2026-03&to=2026-03", "year=2026&law=HSL"] {
            assert_eq!(cube(&house.mas, query)["total"]["count"], 1, "{query}");
        }
        let part =
            house.service.holder(("provby", house.tenant), "vc", Role::AreaManager, &["norr"], &[]);
        assert_eq!(cube(&part, "year=2026")["total"]["count"], 1);
        assert_eq!(cube(&house.mas, "year=2025")["total"]["count"], 0);
        let wrong = house.mas.get("/api/v1/statistics?of=escalations&group_by=track&compare=x");
        assert_eq!(wrong.expect(422).faults().len(), 3);
    });
}
