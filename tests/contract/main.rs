//! The description is the file, every operation is asked, and every answer keeps to it.

mod logged;
mod reports;

use std::collections::BTreeSet;

use domain::ids::TenantId;
use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Database, Response, Sender, Service};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/avvikelse.json");

#[test]
fn the_description_is_the_file() {
    let service = Service::start(Database::Sqlite);
    let served = service.anonymous().get("/openapi.json").expect(200).json();
    assert_eq!(served["openapi"], "3.1.0");
    let text = std::fs::read_to_string(FILE).expect("openapi/avvikelse.json");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    assert!(served == file, "the contract has changed: just openapi writes the file");
}

#[test]
fn the_reference_is_served_from_the_program_itself() {
    let service = Service::start(Database::Sqlite);
    let page = service.anonymous().get("/docs/").expect(200);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'self'"), "{policy}");
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        let part = service.anonymous().get(&format!("/docs/{file}")).expect(200);
        assert!(!part.text.contains("cdn."), "{file}");
    }
}

/// Asks, and holds the answer to the description.
struct Holder<'a> {
    description: &'a Value,
    asked: BTreeSet<(String, String)>,
}

impl Holder<'_> {
    /// The template of a path that was asked.
    fn template(&self, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |template: &&String| {
            let (a, b): (Vec<_>, Vec<_>) =
                (template.split('/').collect(), path.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
        };
        let paths = self.description["paths"].as_object().expect("paths");
        let mut fitting: Vec<&String> = paths.keys().filter(fits).collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        fitting
            .first()
            .map(|template| (*template).clone())
            .unwrap_or_else(|| panic!("not described: {path}"))
    }

    fn hold(&mut self, method: &str, path: &str, answer: &Response) {
        let template = self.template(path);
        self.asked.insert((template.clone(), method.to_lowercase()));
        let operation = &self.description["paths"][&template][method.to_lowercase()];
        let responses = &operation["responses"];
        let exact = answer.status.to_string();
        let class = format!("{}XX", answer.status / 100);
        let described =
            [&exact, &class].into_iter().find(|key| responses[key.as_str()].is_object());
        let key = described.unwrap_or_else(|| {
            panic!("{method} {template}: {exact} is not described: {}", answer.text)
        });
        let kind =
            if answer.status >= 400 { "application/problem+json" } else { "application/json" };
        let schema = &responses[key.as_str()]["content"][kind]["schema"];
        if schema.is_null() {
            return;
        }
        assert_eq!(answer.header("content-type"), Some(kind), "{method} {template}");
        let mut schema = schema.clone();
        schema["components"] = self.description["components"].clone();
        let validator =
            jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
        let body = answer.json();
        let faults: Vec<String> = validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            faults.is_empty(),
            "{method} {template} {}: {faults:#?}\n{}",
            answer.status,
            answer.text
        );
        // Nothing leaves that the description does not name.
        closed(self.description, &schema, &body, &format!("{method} {template}"));
    }

    fn get(&mut self, client: &Client, path: &str) -> Response {
        let answer = client.get(path);
        self.hold("GET", path, &answer);
        answer
    }

    fn post(&mut self, client: &Client, path: &str, body: Value) -> Response {
        let answer = client.post(path, body);
        self.hold("POST", path, &answer);
        answer
    }

    fn patch(&mut self, client: &Client, path: &str, body: Value) -> Response {
        let answer = client.patch(path, body);
        self.hold("PATCH", path, &answer);
        answer
    }
}

/// Every field of an answer is one the description names.
fn closed(description: &Value, schema: &Value, body: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => {
            description.pointer(reference.trim_start_matches('#')).expect("a schema")
        }
        None => schema,
    };
    if let Some(options) = schema["oneOf"].as_array() {
        if !body.is_null()
            && let Some(option) = options.iter().find(|option| option["$ref"].is_string())
        {
            closed(description, option, body, at);
        }
        return;
    }
    if let (Some(parts), Some(fields)) = (schema["allOf"].as_array(), body.as_object()) {
        // Each part names its own; together they name all.
        let of = |part: &Value| -> serde_json::Map<String, Value> {
            let reference = part["$ref"].as_str().map(|it| it.trim_start_matches('#'));
            let part = reference.map_or(Some(part), |it| description.pointer(it));
            part.and_then(|part| part["properties"].as_object()).cloned().unwrap_or_default()
        };
        let named: Vec<_> = parts.iter().map(of).collect();
        for (name, value) in fields {
            let property = named.iter().find_map(|part| part.get(name));
            let property = property.unwrap_or_else(|| panic!("{at}: {name} is not described"));
            closed(description, property, value, &format!("{at}.{name}"));
        }
        return;
    }
    if let (Some(fields), Some(properties)) = (body.as_object(), schema["properties"].as_object()) {
        for (name, value) in fields {
            let property =
                properties.get(name).unwrap_or_else(|| panic!("{at}: {name} is not described"));
            closed(description, property, value, &format!("{at}.{name}"));
        }
    }
    if let (Some(items), true) = (body.as_array(), schema["items"].is_object()) {
        for item in items {
            closed(description, &schema["items"], item, at);
        }
    }
}

#[test]
fn every_operation_is_asked_and_keeps_to_its_description() {
    let service = Service::start(Database::Sqlite);
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    let description = service.anonymous().get("/openapi.json").expect(200).json();
    let mut hold = Holder { description: &description, asked: BTreeSet::new() };
    let nobody = service.anonymous();
    // A nurse, too, as many are: she gives both parts of a triage.
    service.holder(of, "chef", Role::Team, &[], &[]);
    let boss = service.holder(of, "chef", Role::UnitManager, &[], &[]);
    let admin = service.holder(of, "admin", Role::Admin, &[], &[]);

    hold.get(&nobody, "/livez").expect(200);
    hold.get(&nobody, "/readyz").expect(200);
    hold.get(&nobody, "/api/v1/cases").expect(401);
    hold.get(&boss, "/api/v1/cases?foo=1").expect(422);
    joint(&mut hold, &boss, &service.holder(of, "mas", Role::Mas, &[], &[]), &admin);
    for kind in ["avvikelse", "synpunkt", "klagomal"] {
        hold.get(&boss, &format!("/api/v1/forms/{kind}")).expect(200);
    }
    hold.get(&boss, "/api/v1/forms/avvikelse?category=NEJ").expect(422);
    let text = json!({"text": "Ramlade i badrummet", "unit": "gran", "area": "NEJ"});
    hold.post(&boss, "/api/v1/cases/suggest", text).expect(200);

    let filing = json!({
        "kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"], "category": "NEJ",
        "subject": {"personal_id": "640823-3234"}, "details": {"a": [1, "två"], "fall_place": "PLA.BAD"},
    });
    let mut draft = filing.clone();
    draft["draft"] = json!(true);
    let case = hold.post(&boss, "/api/v1/cases", draft.clone()).expect(201).json();
    let path = format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"));
    hold.patch(&boss.with("if-match", "\"1\""), &path, draft).expect(200);
    let go = |hold: &mut Holder<'_>, command: &str, body: Value| -> Value {
        let etag = boss.get(&path).etag();
        hold.post(&boss.with("if-match", &etag), &format!("{path}/{command}"), body)
            .expect(200)
            .json()
    };
    go(&mut hold, "submit", json!({}));
    go(&mut hold, "lead", json!({"reason": "Tar över."}));
    let to = format!("{path}/attachments");
    let pdf = ("a.pdf", "image/png");
    let added = boss.upload(&to, pdf, b"%PDF-1.7", &[("description", "x")]).expect(201);
    hold.hold("POST", &to, &added);
    hold.hold("POST", &to, &boss.upload(&to, pdf, b"MZ\0", &[]).expect(415));
    hold.get(&boss, &to).expect(200);
    let one = format!("{to}/{}", added.json()["id"].as_str().expect("an id"));
    hold.get(&boss, &one).expect(200);
    let gone = boss.delete(&one, json!({"reason": "x"})).expect(204);
    hold.hold("DELETE", &one, &gone);
    hold.hold("DELETE", &one, &boss.delete(&one, json!({"reason": "x"})).expect(404));
    let triage = json!({
        "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 2}, "probability": 2,
        "harm": {"vardskada": "yes"}, "lex": {"lex_maria": "no"}, "track": "standard",
    });
    go(&mut hold, "triage", triage);
    go(&mut hold, "transfer", json!({"unit": "tall", "reason": "Hör dit."}));
    go(
        &mut hold,
        "corrections",
        json!({"occurred_at": null, "discovered_at": "2026-03-01T10:00:00Z", "reason": "Fel dag."}),
    );
    let other = hold.post(&boss, "/api/v1/cases", filing).expect(201).json();
    go(&mut hold, "links", json!({"kind": "same_event", "case": other["id"]}));
    let inquiry = json!({"course_of_events": "a", "assessment": "b", "causes": [{"code": "ORS.OKA"}], "complete": true});
    let found = go(&mut hold, "investigation", inquiry);
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let planned = go(
        &mut hold,
        "measures",
        json!({"measures": [{"type": "ATG.RUT", "text": "x", "causes": [cause],
        "owner": "Chef", "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
    );
    let measure = planned["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
    go(&mut hold, "measures/decision", json!({}));
    go(&mut hold, "follow-up", json!({}));
    let etag = boss.get(&path).etag();
    let target = format!("{path}/measures/{measure}");
    hold.patch(
        &boss.with("if-match", &etag),
        &target,
        json!({"done_on": "2026-03-09", "effect": "yes"}),
    )
    .expect(200);
    go(&mut hold, "feedback", json!({"audience": "unit", "meeting_on": "2026-03-09", "text": "x"}));
    let end = json!({"outcome": "UTF.ATG", "summary": "x", "patient_information": {
        "points": ["happened", "measures", "complaint", "patient_board", "ivo", "compensation"],
        "informed_at": "2026-03-09T10:00:00Z", "how": "Vid besök", "journal_note_confirmed": true}});
    go(&mut hold, "close", end);
    hold.get(&boss, &path).expect(200);
    hold.get(&boss, &format!("{path}/history")).expect(200);
    hold.get(&boss, &format!("{path}/subject")).expect(200);
    hold.get(&boss, "/api/v1/cases?limit=1").expect(200);
    hold.get(&boss, "/api/v1/cases?updated_since=2026-01-01T00:00:00Z").expect(200);
    go(&mut hold, "reopen", json!({"reason": "x"}));
    go(&mut hold, "void", json!({"reason": "x"}));
    hold.post(&boss.with("if-match", "\"1\""), &format!("{path}/close"), json!({"outcome": "x"}))
        .expect(412);
    let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
    learnt(&mut hold, &boss, &mas);
    escalated(&mut hold, &boss, &mas, &admin);
    forwarded(&mut hold, &mas);
    exposed(&mut hold, &mas);
    exchanged(&mut hold, &service, &mas, &admin);
    hold.get(&boss, "/api/v1/statistics?year=2026&group_by=unit,law,month,serious&compare=previous_year&measures=count,open,closed,lead_time").expect(200);
    hold.get(&boss, "/api/v1/statistics?year=2026&group_by=x").expect(422);
    hold.get(&boss, "/api/v1/statistics?year=2026&group_by=fall_surroundings,suggestion,suggestion_reported&of=mentions").expect(200);

    hold.get(&boss, "/api/v1/me").expect(200);
    hold.get(&boss, "/api/v1/me/mail").expect(200);
    let off = boss.put("/api/v1/me/mail", json!({"digest": false})).expect(200);
    hold.hold("PUT", "/api/v1/me/mail", &off);
    hold.get(&boss, "/api/v1/laws").expect(200);
    hold.get(&boss, "/api/v1/codes").expect(200);
    hold.get(&boss, "/api/v1/codes/category").expect(200);
    let own = json!({"code": "HSL.FAL.SANG", "sv": "Fall ur säng", "en": "Fall from bed", "parent": "HSL.FAL"});
    hold.post(&admin, "/api/v1/codes/category", own).expect(201);
    hold.get(&boss, "/api/v1/units").expect(200);
    let made = hold
        .post(&admin, "/api/v1/units", json!({"code": "ny", "name": "Nya huset", "area": "SABO"}))
        .expect(201);
    let unit = format!("/api/v1/units/{}", made.json()["id"].as_str().expect("an id"));
    let etag = hold.get(&admin, &unit).expect(200).etag();
    hold.patch(&admin.with("if-match", &etag), &unit, json!({"name": "Nyare huset"})).expect(200);
    hold.get(&admin, "/api/v1/chain/head").expect(200);
    let staff = hold.get(&admin, "/api/v1/staff").expect(200).json();
    let person = staff["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|one| one["subject"] == "chef")
        .expect("the boss");
    let person = format!("/api/v1/staff/{}", person["id"].as_str().expect("an id"));
    let etag = hold.get(&admin, &person).expect(200).etag();
    hold.patch(&admin.with("if-match", &etag), &person, json!({"name": "Kim Chef"})).expect(200);
    hold.get(&admin, "/api/v1/grants").expect(200);
    let given = json!({"issuer": "urn:avvikelse:local", "subject": "ssk", "role": "team", "units": ["gran"]});
    let grant = hold.post(&admin, "/api/v1/grants", given).expect(201);
    let at = format!("/api/v1/grants/{}", grant.json()["id"].as_str().expect("an id"));
    let etag = hold.get(&admin, &at).expect(200).etag();
    hold.post(&admin.with("if-match", &etag), &format!("{at}/revoke"), json!({"reason": "left"}))
        .expect(200);
    let groups = "/api/v1/group-grants";
    let given =
        json!({"issuer": "https://id.example", "group": "ssk", "role": "team", "units": ["gran"]});
    let given = hold.post(&admin, groups, given).expect(201);
    hold.get(&admin, groups).expect(200);
    let at = format!("{groups}/{}", given.json()["id"].as_str().expect("an id"));
    let etag = hold.get(&admin, &at).expect(200).etag();
    hold.post(&admin.with("if-match", &etag), &format!("{at}/end"), json!({})).expect(200);

    hands(&mut hold, &service, of, &boss);
    reviewed(&mut hold, &service, tenant, &boss);
    opinions(&mut hold, &service, &boss);
    outside(&mut hold, &nobody, &boss);
    afterwards(&mut hold, &nobody, &boss, (&mas, &admin));
    answers(&mut hold, &service, tenant, &mas);
    retained(&mut hold, &service, tenant, &boss);
    logged::logged(&mut hold, &service, tenant);
    reports::reports(&mut hold, &service, of);

    let mut left = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            if !hold.asked.contains(&(path.clone(), method.clone())) {
                left.push(format!("{method} {path}"));
            }
        }
    }
    assert!(left.is_empty(), "never asked: {left:?}");
}

/// How long things are kept, what is held back, what goes, what is given out.
fn retained(hold: &mut Holder<'_>, service: &Service, tenant: TenantId, boss: &Client) {
    let of = ("provby", tenant);
    let admin = service.holder(of, "admin", Role::Admin, &[], &[]);
    let privacy = service.holder(of, "ombud", Role::Privacy, &[], &[]);
    let plan = "/api/v1/setup/retention";
    hold.get(&admin, plan).expect(200);
    hold.get(boss, plan).expect(403);
    let rule = |kind: &str, years: Value| json!({"kind": kind, "years": years, "basis": "4.2", "valid_from": "2020-01-01"});
    let rules = json!({"rules": [rule("klagomal", json!(1)), rule("lex", Value::Null)]});
    let set = admin.put(plan, rules).expect(200);
    hold.hold("PUT", plan, &set);
    let wrong = admin.with("if-match", &set.etag());
    let wrong = wrong.put(plan, json!({"rules": [rule("notice", json!(0))]})).expect(422);
    hold.hold("PUT", plan, &wrong);

    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "Ring 070-123 45 67.",
        "law": ["HSL"], "subject": {"personal_id": "640823-3234"}});
    let case = boss.post("/api/v1/cases", filing).expect(201).json();
    let holds = "/api/v1/legal-holds";
    hold.post(&admin, holds, json!({"reason": "x"})).expect(422);
    hold.post(&admin, holds, json!({"case": "AVV-0", "reason": "x"})).expect(422);
    let person = json!({"subject": {"personal_id": "640823-3234"}, "reason": "x"});
    hold.post(&admin, holds, person).expect(201);
    let placed = json!({"case": case["number"], "reason": "x", "until": "2027-01-01"});
    let placed = hold.post(&admin, holds, placed).expect(201);
    let one = format!("{holds}/{}", placed.json()["id"].as_str().expect("an id"));
    hold.get(&admin, &format!("{holds}?holds=true&limit=1")).expect(200);
    let tag = hold.get(&admin, &one).expect(200).etag();
    let lift = format!("{one}/lift");
    hold.post(&admin.with("if-match", &tag), &lift, json!({"reason": "x"})).expect(200);
    hold.post(&admin.with("if-match", &tag), &lift, json!({"reason": "x"})).expect(412);

    let runs = "/api/v1/retention/runs";
    let made = hold.post(&admin, runs, json!({})).expect(201);
    hold.get(&admin, runs).expect(200);
    let run = format!("{runs}/{}", made.json()["id"].as_str().expect("an id"));
    hold.get(&admin, &run).expect(200);
    hold.get(&admin, &format!("{run}/items")).expect(200);
    let order = json!({"decision": "SN 2026/1"});
    hold.post(&admin.with("if-match", &made.etag()), &format!("{run}/order"), order).expect(200);

    let given = format!("/api/v1/cases/{}/disclosures", case["id"].as_str().expect("an id"));
    let proposal = hold.get(boss, &format!("{given}/proposal")).expect(200);
    let found = proposal.json()["found"].clone();
    let phone = found.as_array().and_then(|all| all.iter().find(|it| it["what"] == "phone"));
    let phone = phone.unwrap_or_else(|| panic!("{found}"));
    let boss_now = boss.with("if-match", &proposal.etag());
    let refused = json!({"decision": "refused", "asked_on": "2026-03-09"});
    hold.post(&boss_now, &given, refused).expect(422);
    let partly = json!({"decision": "partly", "asked_on": "2026-03-09", "motivation": "x", "appeal": "x",
        "accept": [{"what": "phone", "ground": "x"}],
        "masks": [{"field": phone["field"], "ground": "x"}]});
    let decided = hold.post(&boss_now, &given, partly).expect(201).json();
    hold.get(boss, &given).expect(200);
    let one = format!("{given}/{}", decided["id"].as_str().expect("an id"));
    hold.get(boss, &one).expect(200);
    let export =
        json!({"subject": {"personal_id": "640823-3234"}, "email": "x@example.se", "reason": "x"});
    let taken = privacy.post("/api/v1/person-exports", export).expect(200);
    assert_eq!(taken.header("content-type"), Some("application/zip"));
    let ask = ("/api/v1/person-exports".to_owned(), "post".to_owned());
    hold.asked.insert(ask);
    hold.post(boss, "/api/v1/person-exports", json!({})).expect(403);
}

/// What a counterparty's contact is given, and does without an account.
fn answers(hold: &mut Holder<'_>, service: &Service, tenant: TenantId, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let case = mas.post("/api/v1/cases", filing).expect(201).json();
    let me = mas.get("/api/v1/me").expect(200).json();
    let id = |value: &Value| value.as_str().expect("an id").to_owned();
    let sender = Sender {
        tenant,
        by: id(&me["staff"]).parse().expect("an id"),
        case: id(&case["id"]).parse().expect("an id"),
        unit: service.unit(tenant, "gran"),
    };
    let end = service.counterparty(tenant, "Vårdcentralen Eken");
    let about = service.send_forwarding(sender, end, ("x", "x"), Some("19640823-3234"));
    let at = format!("/api/v1/counterparties/{end}");
    let contacts = format!("{at}/contacts");
    let email = json!({"email": "avvikelser@region.example"});
    let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
    let contact = hold.post(&admin, &contacts, email.clone()).expect(201).json();
    hold.post(&admin, &contacts, email).expect(422);
    let contact = format!("{contacts}/{}", id(&contact["id"]));
    let word = json!({"code_word": "röda stugan"});
    hold.post(mas, &format!("{at}/code-word"), word).expect(200);
    hold.post(mas, &format!("{contact}/codes"), json!({})).expect(201);
    let link = hold.post(mas, &format!("{contact}/links"), json!({})).expect(201).json();
    hold.get(mas, &contacts).expect(200);
    let tag = hold.get(mas, &contact).expect(200).etag();

    let token = service.app.sealer.link_token(tenant, id(&link["id"]).parse().expect("an id"));
    let nobody = service.anonymous();
    let page = format!("/api/v1/public/provby/replies/{token}");
    hold.get(&nobody, &page).expect(200);
    hold.get(&nobody, "/api/v1/public/provby/replies/x").expect(410);
    hold.post(&nobody, "/api/v1/public/provby/replies", json!({"code": "x"})).expect(422);
    hold.post(&nobody, &format!("{page}/factor"), json!({"code": "x"})).expect(422);
    let code = json!({"code": "röda stugan"});
    let let_in = hold.post(&nobody, &format!("{page}/factor"), code).expect(200);
    let cookie = let_in.header("set-cookie").and_then(|it| it.split(';').next());
    let visitor = nobody.with("cookie", cookie.expect("a cookie"));
    hold.get(&visitor, &page).expect(200);
    let matter = format!("{page}/matters/{about}");
    let answer = json!({"answer": "done", "text": "x"});
    hold.post(&nobody, &format!("{matter}/answer"), answer.clone()).expect(403);
    hold.post(&visitor, &format!("{matter}/ask"), json!({"text": "x"})).expect(200);
    let files = format!("{matter}/files");
    let added = visitor.upload(&files, ("a.txt", "text/plain"), b"x", &[]).expect(201);
    hold.hold("POST", &files, &added);
    hold.get(&visitor, &files).expect(200);
    let file = id(&added.json()["id"]);
    hold.get(&visitor, &format!("{files}/{file}")).expect(200);
    hold.post(&visitor, &format!("{matter}/answer"), answer).expect(200);
    let colleague = json!({"email": "kollega@region.example"});
    hold.post(&visitor, &format!("{page}/hand-over"), colleague).expect(204);
    hold.get(&visitor, &page).expect(200);
    hold.post(&visitor, &format!("{page}/leave"), json!({})).expect(204);

    let ours = format!("/api/v1/forwardings/{about}");
    hold.get(mas, &format!("{ours}/files")).expect(200);
    hold.get(mas, &format!("{ours}/files/{file}")).expect(200);
    hold.post(mas, &format!("{ours}/letter"), json!({})).expect(200);
    hold.get(mas, &format!("{at}/portal-log?limit=2")).expect(200);
    let why = json!({"reason": "x"});
    let revoke = format!("{contact}/links/{}/revoke", id(&link["id"]));
    hold.post(mas, &revoke, why.clone()).expect(200);
    hold.post(&mas.with("if-match", &tag), &format!("{contact}/revoke"), why).expect(200);
}

/// What somebody without a login leaves and follows, in JSON and on pages.
fn outside(hold: &mut Holder<'_>, nobody: &Client, boss: &Client) {
    let base = "/api/v1/public/provby";
    let opinions = format!("{base}/opinions");
    let complaint = json!({"kind": "klagomal", "text": "x", "unit": "gran", "occurred_on": "2026-03-09",
        "sender": {"name": "Anna", "email": "a@example.se", "reach": "email"}});
    let left = hold.post(nobody, &opinions, complaint).expect(201).json();
    hold.post(nobody, &opinions, json!({"kind": "klagomal"})).expect(422);
    hold.post(nobody, "/api/v1/public/nagon/opinions", json!({})).expect(404);
    let code = left["receipt"].as_str().expect("a code");
    let receipts = format!("{base}/receipts");
    hold.post(nobody, &receipts, json!({"code": code})).expect(200);
    hold.post(nobody, &receipts, json!({"code": "1234567890123452"})).expect(404);
    let more = json!({"code": code, "text": "y"});
    hold.post(nobody, &format!("{receipts}/messages"), more).expect(201);
    let to = format!("{receipts}/files");
    let with = nobody.with("receipt-code", code);
    let kept = with.upload(&to, ("a.txt", "text/plain"), b"x", &[]).expect(201);
    hold.hold("POST", &to, &kept);
    let early = json!({"code": code, "helped": "yes"});
    hold.post(nobody, &format!("{receipts}/survey"), early).expect(422);
    let lost = json!({"email": "a@example.se"});
    hold.post(nobody, &format!("{receipts}/lost"), lost).expect(202);
    hold.post(nobody, &format!("{receipts}/renew"), json!({"token": "x"})).expect(404);
    hold.get(boss, "/api/v1/units/gran/qr").expect(200);

    for page in ["synpunkt", "receipts", "receipts/saved", "receipts/lost"] {
        hold.get(nobody, &format!("/provby/{page}")).expect(200);
    }
    hold.get(nobody, "/provby/receipts/new/x").expect(404);
    // Without the token of a form that was shown: nothing is taken.
    for page in [
        "synpunkt",
        "receipts",
        "receipts/messages",
        "receipts/survey",
        "receipts/lost",
        "receipts/new/x",
    ] {
        let path = format!("/provby/{page}");
        let sent = ("application/x-www-form-urlencoded", b"code=1".to_vec());
        let answer = nobody.send("POST", &path, Some(sent));
        hold.hold("POST", &path, &answer);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
}

/// What comes after the answer: two questions, the register, the record, what is published.
fn afterwards(
    hold: &mut Holder<'_>,
    nobody: &Client,
    boss: &Client,
    (mas, admin): (&Client, &Client),
) {
    let etag = admin.get("/api/v1/settings").etag();
    let chosen = json!({"publishes_answers": true, "register": {"names_units": true},
        "diary": [{"board": "VON", "pattern": "VON {year}/{number}"}]});
    let put = admin.with("if-match", &etag).put("/api/v1/settings", chosen).expect(200);
    hold.hold("PUT", "/api/v1/settings", &put);
    let filing = json!({"kind": "klagomal", "unit": "gran", "law": ["HSL"], "description": "x",
        "category": "K.BEM"});
    let case = boss.post("/api/v1/cases", filing).expect(201).json();
    let path = format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"));
    let go = |hold: &mut Holder<'_>, command: &str, body: Value| {
        let etag = boss.get(&path).etag();
        hold.post(&boss.with("if-match", &etag), &format!("{path}/{command}"), body)
    };
    go(hold, "diary-number", json!({"diary_number": "VON 26"})).expect(422);
    go(hold, "diary-number", json!({"diary_number": "VON 2026/77"})).expect(200);
    hold.get(boss, &format!("{path}/survey")).expect(200);
    go(hold, "opinion/assign", json!({})).expect(200);
    let answer = json!({"explanation": "x", "no_measures": true, "secrecy_ground": "x",
        "channel": "letter", "avvikelse": false, "lex_sarah": "no"});
    go(hold, "opinion/answer", answer).expect(200);
    go(hold, "survey", json!({"understood": "partly"})).expect(200);
    go(hold, "survey", json!({"understood": "no"})).expect(422);
    let publication = format!("{path}/publication");
    hold.get(boss, &publication).expect(404);
    let text = json!({"question": "x", "answer": "y"});
    let written = boss.put(&publication, text).expect(201);
    hold.hold("PUT", &publication, &written);
    hold.get(boss, "/api/v1/publications?status=draft").expect(200);
    hold.get(boss, "/api/v1/publications?status=x").expect(422);
    let with = mas.with("if-match", "\"1\"");
    hold.post(&with, &format!("{publication}/approve"), json!({})).expect(422);
    let checked = json!({"names_checked": true});
    hold.post(&with, &format!("{publication}/approve"), checked).expect(200);
    hold.get(nobody, "/api/v1/public/provby/published").expect(200);
    hold.get(nobody, "/api/v1/public/provby/published?cursor=x").expect(422);
    hold.get(nobody, "/provby/published").expect(200);
    let with = mas.with("if-match", "\"2\"");
    hold.post(&with, &format!("{publication}/withdraw"), json!({"reason": "x"})).expect(200);
    hold.get(boss, &publication).expect(200);
    hold.get(boss, "/api/v1/register?year=2026&limit=1").expect(200);
    hold.get(boss, "/api/v1/register?state=x").expect(422);
    hold.get(boss, &format!("{path}/record")).expect(200);
    hold.get(boss, &format!("{path}/record?format=zip")).expect(200);
    hold.get(boss, &format!("{path}/record?format=x")).expect(422);
}

/// What is done to several cases at once, and the sample of closings.
fn joint(hold: &mut Holder<'_>, boss: &Client, mas: &Client, admin: &Client) {
    let tag = hold.get(admin, "/api/v1/settings").expect(200).etag();
    let every = json!({"simple_sample_percent": 100});
    let change = admin.with("if-match", &tag);
    hold.hold("PUT", "/api/v1/settings", &change.put("/api/v1/settings", every).expect(200));
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let triage = |track: &str, severity: u8| {
        json!({"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": severity},
            "probability": 2, "lex": {"lex_maria": "no"}, "track": track})
    };
    let cases: Vec<Value> =
        (0..4).map(|_| boss.post("/api/v1/cases", filing.clone()).expect(201).json()).collect();
    let named = |cases: &[Value]| -> Vec<Value> {
        cases.iter().map(|it| json!({"id": it["id"], "version": it["version"]})).collect()
    };
    let to = "/api/v1/cases/actions";
    let close = json!({"outcome": "UTF.DIR", "summary": "x", "action_taken": "x",
        "triage": triage("simple", 1), "feedback": {"audience": "reporter", "text": "x"}});
    let body = json!({"cases": named(&cases[..1]), "action": {"close": close}});
    assert_eq!(hold.post(boss, to, body.clone()).expect(200).json()["done"], 1);
    assert_eq!(hold.post(boss, to, body).expect(200).json()["refused"], 1);
    hold.post(boss, to, json!({"cases": [], "action": {}})).expect(422);
    hold.get(mas, "/api/v1/samples").expect(200);
    let one = format!("/api/v1/samples/{}", cases[0]["id"].as_str().expect("an id"));
    hold.post(mas, &one, json!({"verdict": "talk", "text": "x"})).expect(200);
    hold.post(mas, &one, json!({"verdict": "fine"})).expect(409);

    let body = json!({"cases": named(&cases[1..]), "action": {"triage": triage("standard", 2)}});
    hold.post(boss, to, body).expect(200);
    beside(hold, boss, &format!("/api/v1/cases/{}", cases[1]["id"].as_str().expect("an id")));
    let root = "/api/v1/investigations";
    hold.post(boss, root, json!({"cases": [], "reason": "place"})).expect(422);
    let ids = [&cases[1]["id"], &cases[2]["id"]];
    let begun = hold.post(boss, root, json!({"cases": ids, "reason": "place"})).expect(201);
    let at = begun.header("location").expect("a location").to_owned();
    let on = |hold: &mut Holder<'_>, below: &str, body: Value| -> Value {
        let tag = hold.get(boss, &at).expect(200).etag();
        hold.post(&boss.with("if-match", &tag), &format!("{at}{below}"), body).expect(200).json()
    };
    on(hold, "/cases", json!({"case": cases[3]["id"]}));
    let found = on(
        hold,
        "",
        json!({"course_of_events": "a", "assessment": "b",
        "causes": [{"code": "ORS.OKA"}], "complete": true}),
    );
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let planned = on(
        hold,
        "/measures",
        json!({"measures": [{"type": "ATG.RUT", "text": "x",
        "causes": [cause], "owner": "Chef", "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
    );
    let measure = planned["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
    on(hold, "/measures/decision", json!({}));
    on(hold, "/follow-up", json!({}));
    let tag = boss.get(&at).expect(200).etag();
    let done = json!({"done_on": "2026-03-09", "effect": "yes"});
    hold.patch(&boss.with("if-match", &tag), &format!("{at}/measures/{measure}"), done).expect(200);
}

/// A klagomål from its registration to its end, and one for each other way.
fn opinions(hold: &mut Holder<'_>, service: &Service, boss: &Client) {
    let filing = json!({"kind": "klagomal", "unit": "gran", "law": ["SOL"],
        "description": "Ingen kom.", "channel": "MUN",
        "opinion": {"taken_down": {"said_at": "2026-03-10T10:00:00Z"}, "concerns_manager": false,
            "sender": {"kind": "NAR", "name": "Vera", "phone": "070-123 45 67",
                "reach": "phone", "interpreter": "arabiska", "speaks_as": "god_man"}}});
    let made = |hold: &mut Holder<'_>| {
        let made = hold.post(boss, "/api/v1/cases", filing.clone()).expect(201).json();
        format!("/api/v1/cases/{}", made["id"].as_str().expect("an id"))
    };
    let go = |hold: &mut Holder<'_>, case: &str, command: &str, body: Value| {
        let tag = hold.get(boss, case).expect(200).etag();
        hold.post(&boss.with("if-match", &tag), &format!("{case}/{command}"), body)
    };
    let case = made(hold);
    go(hold, &case, "opinion/register", json!({})).expect(409);
    go(hold, &case, "opinion/acknowledge", json!({"way": "TEL"})).expect(200);
    go(hold, &case, "opinion/assign", json!({"reason": "x"})).expect(200);
    let gates = json!({"avvikelse": true, "lex_sarah": "perhaps", "lex_sarah_reason": "x"});
    go(hold, &case, "opinion/investigate", gates).expect(200);
    go(hold, &case, "opinion/ask", json!({"text": "När?"})).expect(200);
    go(hold, &case, "opinion/attempt", json!({"on": "2026-03-10", "way": "TEL"})).expect(200);
    go(hold, &case, "opinion/pass_on", json!({"to": "ivo", "number": "1"})).expect(200);
    go(hold, &case, "opinion/spin_off", json!({"description": ""})).expect(422);
    go(hold, &case, "opinion/spin_off", json!({"description": "Larmet gick fel."})).expect(201);
    go(hold, &case, "opinion/answer", json!({"draft": true, "explanation": "x"})).expect(200);
    hold.get(boss, &format!("{case}/opinion")).expect(200);
    go(hold, &case, "opinion/answer", json!({})).expect(422);
    let answer = json!({"explanation": "x", "no_measures": true, "secrecy_ground": "x",
        "channel": "oral", "told_to": "x", "told_at": "2026-03-10T10:00:00Z"});
    go(hold, &case, "opinion/answer", answer.clone()).expect(200);
    go(hold, &case, "reopen", json!({"reason": "x"})).expect(200);
    hold.get(boss, &format!("{case}/opinion")).expect(200);
    let case = made(hold);
    let away = json!({"to": "Regionen", "reason": "x", "sender_told_on": "2026-03-10"});
    go(hold, &case, "opinion/hand_over", away).expect(200);
    hold.get(boss, &format!("{case}/opinion")).expect(200);
    let case = made(hold);
    let end = json!({"outcome": "UTF.ATE", "ending": {"kind": "withdrawn", "reason": "x"}});
    go(hold, &case, "close", end).expect(200);
    hold.get(boss, &format!("{case}/opinion")).expect(200);
    // What the public leaves is received first.
    let app = &service.app;
    let left = service.run(async {
        let door = app.door("provby", uuid::Uuid::now_v7()).await.expect("the tenant");
        let filing = domain::case::Filing { description: "x".into(), ..Default::default() };
        let intake =
            domain::case::filing::Intake { unit: "gran".into(), filing, ..Default::default() };
        let kind = domain::case::Kind::Klagomal;
        let new = app::opinions::NewOpinion { kind, intake, warnings: Vec::new() };
        let taken = app.take_opinion(&door, new).await.expect("is taken in");
        app.store.add(taken.rows).await.expect("is kept");
        taken.case.id
    });
    let case = format!("/api/v1/cases/{left}");
    go(hold, &case, "opinion/register", json!({"diary_number": "VON 1"})).expect(200);
}

/// Neighbouring duties, waiting for somebody, and the board's figures.
fn clocks(hold: &mut Holder<'_>, boss: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "category": "HSL.MTP.FEL"});
    let made = hold.post(boss, "/api/v1/cases", filing).expect(201).json();
    let case = format!("/api/v1/cases/{}", made["id"].as_str().expect("an id"));
    let go = |hold: &mut Holder<'_>, command: &str, body: Value| {
        let tag = hold.get(boss, &case).expect(200).etag();
        let path = format!("{case}/{command}");
        hold.post(&boss.with("if-match", &tag), &path, body)
    };
    let assessed = json!({"law": ["HSL"], "category": "HSL.MTP.FEL", "severity": {"actual": 2},
        "probability": 1, "lex": {"lex_maria": "no"}, "track": "standard"});
    go(hold, "triage", assessed).expect(200);
    go(hold, "duties", json!({"duty": "NEJ"})).expect(422);
    go(hold, "duties", json!({"duty": "POL"})).expect(200);
    let needless = json!({"duty": "POL", "answer": "not_needed", "reason": "x"});
    go(hold, "duties", needless).expect(200);
    let done = json!({"duty": "MTP", "answer": "done", "reference": "2026/17"});
    go(hold, "duties", done).expect(200);
    go(hold, "waiting", json!({"reason": "x"})).expect(422);
    let wait = json!({"for": "ivo", "until": "2026-05-01", "reason": "x"});
    go(hold, "waiting", wait).expect(200);
    go(hold, "waiting", json!({"end": true, "reason": "x"})).expect(200);
    hold.get(boss, &format!("{case}/duties")).expect(200);
    hold.get(boss, &format!("{case}/clocks")).expect(200);
    hold.get(mas, "/api/v1/board/figures").expect(200);
    hold.get(mas, "/api/v1/board/figures?month=2126-01").expect(422);
}

/// What one reported, filing again, and what was learnt.
fn learnt(hold: &mut Holder<'_>, boss: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "category": "HSL.FAL", "severity": {"actual": 3}});
    let case = hold.post(boss, "/api/v1/cases", filing.clone()).expect(201).json();
    let card = json!({"title": "x", "text": "y", "category": "HSL.FAL", "cases": [case["id"]]});
    let all = "/api/v1/learning-cards";
    let made = hold.post(boss, all, card.clone()).expect(201).json();
    let path = format!("{all}/{}", made["id"].as_str().expect("an id"));
    hold.patch(&boss.with("if-match", "\"1\""), &path, card.clone()).expect(200);
    hold.post(&mas.with("if-match", "\"2\""), &format!("{path}/approve"), json!({})).expect(200);
    let told = json!({"unit": "gran", "meeting_on": "2026-03-09"});
    hold.post(boss, &format!("{path}/meetings"), told).expect(200);
    hold.get(boss, &path).expect(200);
    hold.get(boss, all).expect(200);
    hold.get(boss, &format!("{all}?nej=1")).expect(422);
    assert!(
        !hold.post(boss, "/api/v1/cases", filing.clone()).expect(201).json()["learning_cards"]
            .as_array()
            .expect("cards")
            .is_empty()
    );
    let gone = json!({"reason": "x"});
    hold.post(&mas.with("if-match", "\"4\""), &format!("{path}/withdraw"), gone).expect(200);

    let path = format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"));
    hold.get(boss, &format!("{path}/similar")).expect(200);
    hold.get(boss, "/api/v1/measures").expect(200);
    hold.get(boss, "/api/v1/meetings").expect(200);
    let again = json!({"kind": "klagomal", "reason": "x"});
    hold.post(&boss.with("if-match", "\"1\""), &format!("{path}/refile"), again).expect(201);
    hold.get(boss, "/api/v1/me/cases").expect(200);
    hold.get(boss, &path.replace("/cases", "/me/cases")).expect(200);
}

/// Every operation of escalations, the register and the flags: where it does not fit, what is refused
/// keeps to the description too.
fn escalated(hold: &mut Holder<'_>, boss: &Client, mas: &Client, admin: &Client) {
    let me = mas.get("/api/v1/me").expect(200).json()["staff"].clone();
    let line = |matter: &str| {
        json!({"staff": me, "matter": matter, "valid_from": "2026-01-01", "reference": "SN 1",
            "decided_by": "SN"})
    };
    let made = hold.post(admin, "/api/v1/delegations", line("notify")).expect(201);
    hold.post(admin, "/api/v1/delegations", line("lex_maria")).expect(201);
    hold.post(admin, "/api/v1/delegations", line("lex_sarah")).expect(201);
    let register = format!("/api/v1/delegations/{}", made.json()["id"].as_str().expect("an id"));
    hold.get(boss, "/api/v1/delegations").expect(200);
    hold.get(boss, &register).expect(200);
    let over = json!({"reason": "x"});
    hold.post(&admin.with("if-match", "\"1\""), &format!("{register}/end"), over).expect(200);
    hold.post(admin, "/api/v1/settings/flags/preview", json!({"risk_score": null})).expect(200);

    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let case = hold.post(boss, "/api/v1/cases", filing).expect(201).json();
    let beside = format!("/api/v1/cases/{}/escalations", case["id"].as_str().expect("an id"));
    let raise = json!({"kind": "lex_maria", "reason": "x"});
    let raised = hold.post(boss, &beside, raise.clone()).expect(201).json();
    hold.post(boss, &beside, raise).expect(422);
    hold.get(boss, &beside).expect(200);
    hold.get(mas, "/api/v1/escalations?open=true&unit=norr").expect(200);
    hold.get(mas, "/api/v1/escalations?kind=x&open=2").expect(422);
    let at = format!("/api/v1/escalations/{}", raised["id"].as_str().expect("an id"));
    let many = json!({"items": [{"id": raised["id"], "version": 9, "outcome": "take_up"}]});
    hold.post(mas, "/api/v1/escalations/screenings", many).expect(200);
    let on = |hold: &mut Holder<'_>, command: &str, body: Value, status: u16| {
        let tag = hold.get(mas, &at).expect(200).etag();
        hold.post(&mas.with("if-match", &tag), &format!("{at}/{command}"), body).expect(status);
    };
    let sent = || json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "post"});
    on(hold, "screen", json!({"outcome": "out", "reasons": ["x"]}), 422);
    on(hold, "screen", json!({"outcome": "out", "reasons": ["SCR.EJA"], "text": "x"}), 200);
    on(hold, "reassess", json!({"reason": "x"}), 200);
    on(hold, "propose", json!({"notify": true, "text": "x"}), 200);
    on(hold, "decide", json!({"notify": true, "test": "death", "motivation": "x"}), 200);
    let mut notify = sent();
    notify["diary_number"] = json!("x");
    on(hold, "notify", notify, 200);
    on(hold, "inquiry", sent(), 422);
    let received = json!({"received": {"received_at": "2026-03-10T10:00:00Z", "number": "x"}});
    on(hold, "ivo", received, 200);
    on(hold, "ivo", json!({}), 422);
    let asked = json!({"requested": {"what": "x", "requested_at": "2026-03-10T10:00:00Z",
        "due_on": "2026-04-01"}});
    on(hold, "supplement", asked.clone(), 200);
    on(hold, "supplement", asked, 409);
    on(hold, "supplement", json!({"sent": sent()}), 200);
    on(hold, "close", json!({"summary": "x"}), 409);
    on(hold, "withdraw", json!({"reason": "x"}), 200);
    // What only lex Sarah has, and what only a riskperson.
    on(hold, "receive", json!({}), 409);
    on(hold, "immediate-action", json!({"text": "x"}), 409);
    on(hold, "investigate", json!({"causes": "x"}), 409);
    on(hold, "assess", json!({"degree": "none", "motivation": "x"}), 409);
    on(hold, "dismiss", json!({"motivation": "x"}), 409);
    on(hold, "follow-up", json!({"put_right": "x"}), 409);
    on(hold, "readers", json!({"readers": []}), 403);
    hold.get(mas, &format!("{at}/history")).expect(200);
    hold.get(mas, &format!("{at}/dossier")).expect(200);
    let apart = json!({"kind": "riskperson", "unit": "gran", "person": "x", "reason": "x"});
    let apart = hold.post(mas, "/api/v1/escalations", apart).expect(201).json();
    hold.get(mas, &format!("/api/v1/escalations/{}", apart["id"].as_str().expect("an id")))
        .expect(200);
    hold.get(mas, "/api/v1/worklist").expect(200);
    let cube = "/api/v1/statistics?of=escalations&year=2026&group_by=";
    hold.get(mas, &format!("{cube}escalation_kind,unit,month")).expect(200);
    hold.get(mas, &format!("{cube}x")).expect(422);
}

/// Every operation of what goes from machine to machine.
fn exchanged(hold: &mut Holder<'_>, service: &Service, mas: &Client, admin: &Client) {
    let keys = "/api/v1/machine/keys";
    let made = hold.post(admin, keys, json!({})).expect(201).json();
    hold.post(admin, keys, json!({"overlap_days": 91})).expect(422);
    hold.get(admin, keys).expect(200);
    let page = "/api/v1/public/provby/machine";
    let page = hold.get(&service.anonymous(), page).expect(200).json();
    let end = json!({"name": "VC Syd", "kind": "VC", "channels": ["machine"]});
    let end = hold.post(mas, "/api/v1/counterparties", end).expect(201).json();
    let end = end["id"].as_str().expect("an id").to_owned();
    let at = format!("/api/v1/counterparties/{end}/machine");
    let peer = json!({"peer_id": "syd", "endpoint": "https://syd.example/m"});
    hold.post(admin, &at, json!({"peer_id": "", "endpoint": "x"})).expect(422);
    hold.post(admin, &at, peer.clone()).expect(201);
    hold.get(admin, &at).expect(200);
    let changed = admin.with("if-match", "\"1\"").put(&at, peer);
    hold.hold("PUT", &at, &changed);
    changed.expect(200);
    let key = exchange::SigningKey::from_seed(&[7; 32]).expect("a key");
    let public = key.public();
    let body = json!({"jwk": public.jwk(), "fingerprint": public.fingerprint()});
    hold.post(admin, &format!("{at}/keys"), body).expect(201);

    let receiver = page["id"].as_str().expect("an id");
    let now = service.app.now();
    let message = json!({
        "contract": "avvikelse-exchange/1", "id": uuid::Uuid::now_v7(),
        "thread": uuid::Uuid::now_v7(), "sequence": 1, "sent_at": now, "sender": "syd",
        "receiver": receiver, "kind": "document", "content": {
            "form": "single", "matter": "x", "text": "x", "ground": "no_person",
            "decided_on": "2026-03-10",
        },
    });
    let claims = exchange::signature::Claims {
        key_id: public.id(),
        created: now,
        expires: now + jiff::SignedDuration::from_secs(60),
        nonce: uuid::Uuid::new_v4().to_string(),
    };
    let to = page["endpoint"].as_str().expect("an endpoint");
    let bytes = message.to_string().into_bytes();
    let signed = exchange::signature::sign("POST", to, receiver, bytes, &claims, &key);
    let mut client = service.anonymous();
    for (name, value) in signed.expect("signed").headers {
        if name != "content-type" {
            client = client.with(&name, &value);
        }
    }
    let messages = "/api/v1/public/provby/machine/messages";
    hold.post(&client, messages, message.clone()).expect(200);
    hold.post(&client, messages, message).expect(403);
    let came = format!("/api/v1/forwardings?direction=received&counterparty={end}");
    let came = mas.get(&came).expect(200).json()["items"][0].clone();
    let one = format!("/api/v1/forwardings/{}", came["id"].as_str().expect("an id"));
    hold.get(mas, &format!("{one}/deliveries")).expect(200);
    hold.post(mas, &format!("{one}/deliveries/retry"), json!({})).expect(409);
    hold.post(admin, &format!("{at}/keys/{}/revoke", public.id()), json!({"reason": "x"}))
        .expect(200);
    let own = made["id"].as_str().expect("an id");
    hold.post(admin, &format!("{keys}/{own}/withdraw"), json!({"reason": "x"})).expect(200);
}

/// How much care there was, rates and signals.
fn exposed(hold: &mut Holder<'_>, mas: &Client) {
    let all = "/api/v1/exposures";
    let of = |kind: &str, amount: f64| {
        json!({"unit": "norr", "kind": kind, "from": "2025-01", "to": "2025-12", "amount": amount,
            "source": "x"})
    };
    let made = hold.post(mas, all, of("staff", 12.5)).expect(201).json();
    hold.post(mas, all, of("staff", 12.5)).expect(422);
    hold.get(mas, &format!("{all}?year=2025&kind=staff&unit=norr")).expect(200);
    hold.get(mas, &format!("{all}?year=x&kind=x")).expect(422);
    let one = format!("{all}/{}", made["id"].as_str().expect("an id"));
    hold.get(mas, &one).expect(200);
    let changed = mas.with("if-match", "\"1\"").put(&one, of("staff", 13.25)).expect(200);
    hold.hold("PUT", &one, &changed);
    let import = format!("{all}/import");
    let lines = "enhet;slag;fran;till;antal\nnorr;doses_to_sign;2025-01;2025-12;100\n\
        norr;signed_doses;2025-01;2025-12;90\nnorr;bed_days;2025-01;2025-12;0\n";
    for (lines, status) in [(lines, 200), ("x", 422)] {
        let sent = Some(("text/csv", lines.as_bytes().to_vec()));
        hold.hold("POST", &import, &mas.send("POST", &import, sent).expect(status));
    }
    hold.get(mas, &format!("{all}/rates?year=2025")).expect(200);
    hold.get(mas, &format!("{all}/rates")).expect(422);
    let gone = mas.with("if-match", "\"2\"").delete(&one, json!({})).expect(204);
    hold.hold("DELETE", &one, &gone);
    // Nothing was reported before: too short.
    let signals =
        hold.get(mas, "/api/v1/signals?year=2026&unit=gran&of=reports").expect(200).json();
    assert_eq!(signals["items"][0]["state"], "too_short");
    hold.get(mas, "/api/v1/signals?year=2026&category=HSL.FAL&of=injury&marked=true").expect(200);
    hold.get(mas, "/api/v1/signals").expect(422);
    let cube = "/api/v1/statistics?year=2026&of=mentions&measures=answered";
    hold.get(mas, &format!("{cube}&group_by=cause,counterparty,area_group")).expect(200);
}

/// Every operation of what goes between caregivers.
fn forwarded(hold: &mut Holder<'_>, mas: &Client) {
    let end = json!({"name": "VC Öst", "kind": "VC", "answer_days": 30, "channels": ["post"], "address": ["VC"],
        "contacts": [{"role": "Samordnare", "email": "x@region.example", "phone": "1"}]});
    let made = hold.post(mas, "/api/v1/counterparties", end.clone()).expect(201).json();
    hold.post(mas, "/api/v1/counterparties", end.clone()).expect(422);
    hold.get(mas, "/api/v1/counterparties?kind=VC&valid=true").expect(200);
    let path = format!("/api/v1/counterparties/{}", made["id"].as_str().expect("an id"));
    hold.get(mas, &path).expect(200);
    let answer = mas.with("if-match", "\"1\"").put(&path, end);
    hold.hold("PUT", &path, &answer);
    answer.expect(200);
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let case = hold.post(mas, "/api/v1/cases", filing).expect(201).json();
    let beside = format!("/api/v1/cases/{}/forwardings", case["id"].as_str().expect("an id"));
    let body = json!({"counterparty": made["id"], "kind": "joint", "matter": "x", "text": "x"});
    let sent = hold.post(mas, &beside, body).expect(201).json();
    hold.get(mas, &beside).expect(200);
    let body = json!({"counterparty": made["id"], "matter": "x", "text": "x", "channel": "phone"});
    let came = hold.post(mas, "/api/v1/forwardings", body.clone()).expect(201).json();
    let mut about = body;
    about["subject"] = json!({"personal_id": "640823-3234"});
    let wrong = hold.post(mas, "/api/v1/forwardings", about).expect(201).json();
    let who = format!("/api/v1/forwardings/{}/subject", wrong["id"].as_str().expect("an id"));
    hold.get(mas, &who).expect(200);
    hold.get(mas, "/api/v1/forwardings?direction=sent&overdue=false&waiting_for_me=true")
        .expect(200);
    hold.get(mas, "/api/v1/forwardings?status=x&counterparty=y").expect(422);
    let on =
        |hold: &mut Holder<'_>, of: &Value, command: &str, body: Value, status: u16| -> Value {
            let at = format!("/api/v1/forwardings/{}", of["id"].as_str().expect("an id"));
            let tag = hold.get(mas, &at).expect(200).etag();
            hold.post(&mas.with("if-match", &tag), &format!("{at}/{command}"), body)
                .expect(status)
                .json()
        };
    let at = format!("/api/v1/forwardings/{}", sent["id"].as_str().expect("an id"));
    hold.patch(&mas.with("if-match", "\"1\""), &at, json!({"question": "x"})).expect(200);
    let ground = || json!({"ground": "no_person", "motivation": "x"});
    on(hold, &sent, "check", json!({"ground": "no_person", "motivation": ""}), 422);
    on(hold, &sent, "check", ground(), 200);
    hold.get(mas, &format!("{at}/preview")).expect(200);
    hold.get(mas, &format!("{at}/letter")).expect(409);
    hold.get(mas, &format!("{at}/package")).expect(409);
    on(hold, &sent, "send", json!({}), 200);
    on(hold, &sent, "remind", json!({}), 200);
    on(hold, &sent, "escalate", json!({}), 422);
    on(hold, &sent, "acknowledge", json!({"channel": "phone", "until": "2026-04-01"}), 200);
    on(hold, &sent, "messages", json!({"channel": "phone", "asks": true, "text": "x"}), 200);
    let event = json!({"happened_at": "2026-03-01T10:00:00Z", "text": "x"});
    on(hold, &sent, "events", event, 200);
    let with = on(hold, &sent, "measures", json!({"owner": "us", "who": "x", "text": "x"}), 200);
    let done = json!({"measure": with["measures"][0]["id"]});
    on(hold, &sent, "measures/finish", done, 200);
    on(hold, &sent, "close_without_answer", json!({"reason": "x"}), 200);
    on(
        hold,
        &sent,
        "register_answer",
        json!({"channel": "post", "short": "not_ours", "whom": "x"}),
        200,
    );
    on(hold, &sent, "recall", json!({"reason": ""}), 422);
    on(hold, &sent, "share_with_unit", json!({"how": "x"}), 200);
    on(hold, &sent, "close", json!({}), 200);
    hold.get(mas, &format!("{at}/history")).expect(200);
    on(hold, &came, "acknowledge", json!({"channel": "phone"}), 200);
    on(hold, &came, "assign", json!({"unit": "gran"}), 200);
    on(hold, &came, "investigated", json!({"text": "x"}), 200);
    let mut answer = ground();
    answer["text"] = json!("x");
    on(hold, &came, "approve_answer", answer, 200);
    on(hold, &came, "answer", json!({"channel": "post"}), 200);
    on(hold, &wrong, "wrong_recipient", json!({"whom": "x", "channel": "phone"}), 200);
    on(hold, &wrong, "pass_on", json!({"to": "x", "returned": true}), 200);
    hold.get(mas, "/api/v1/forwardings/ledger?from=2026-01-01&to=2026-12-31").expect(200);
    hold.get(mas, "/api/v1/forwardings/ledger?from=x").expect(422);
    let cube = "/api/v1/statistics?of=forwardings&year=2026&measures=answered&group_by=";
    hold.get(
        mas,
        &format!("{cube}direction,counterparty,counterparty_kind,answered,status,unit,month"),
    )
    .expect(200);
    hold.get(mas, &format!("{cube}x")).expect(422);
    hold.get(mas, "/api/v1/worklist?group=forwardings").expect(200);
}

/// Half-yearly reviews, and the page of a month.
fn reviewed(hold: &mut Holder<'_>, service: &Service, tenant: TenantId, boss: &Client) {
    let (review, _) = service.review(tenant, "gran");
    let path = format!("/api/v1/reviews/{review}");
    hold.get(boss, "/api/v1/reviews?limit=1").expect(200);
    hold.get(boss, "/api/v1/reviews?half=x").expect(422);
    hold.get(boss, &path).expect(200);
    let on =
        |below: &str| (boss.with("if-match", &boss.get(&path).etag()), format!("{path}{below}"));
    let (client, to) = on("/analysis");
    hold.hold("PUT", &to, &client.put(&to, json!({"text": "x"})).expect(200));
    hold.hold("PUT", &to, &client.put(&to, json!({"text": "x"})).expect(412));
    let (client, to) = on("/improvements");
    let new = json!({"text": "x", "owner": {"role": "team"}, "due_on": "2026-04-01"});
    let decided = hold.post(&client, &to, new).expect(201).json();
    let improvement = decided["improvements"][1]["id"].as_str().expect("an id").to_owned();
    let (client, to) = on(&format!("/improvements/{improvement}"));
    let said = json!({"done_on": "2026-03-10", "effect": "yes", "note": "x"});
    hold.patch(&client, &to, said).expect(200);
    let (client, to) = on("/sign");
    hold.post(&client, &to, json!({})).expect(200);
    hold.get(boss, &path).expect(200);
    let (client, to) = on("/sign");
    hold.post(&client, &to, json!({})).expect(409);
    let (client, to) = on("/reopen");
    hold.post(&client, &to, json!({"reason": "x"})).expect(200);
    hold.get(boss, &format!("{path}/history")).expect(200);
    hold.get(boss, &format!("{path}/persons")).expect(200);
    hold.get(boss, "/api/v1/follow-up?month=2026-03").expect(200);
    hold.get(boss, "/api/v1/follow-up?unit=gran").expect(200);
    hold.get(boss, "/api/v1/follow-up?month=x").expect(422);
    hold.get(boss, "/api/v1/worklist?group=reviews").expect(200);
    hold.get(boss, "/api/v1/clocks?kind=review,improvement").expect(200);
}

/// What waits, and units handed over.
fn hands(hold: &mut Holder<'_>, service: &Service, of: (&str, TenantId), boss: &Client) {
    let filing =
        json!({"kind": "avvikelse", "unit": "gran", "description": "x", "category": "NEJ"});
    service.reporter("provby", "ny").post("/api/v1/cases", filing).expect(201);
    let taker = service.holder(of, "vc", Role::AreaManager, &[], &[]);
    let to = taker.get("/api/v1/me").expect(200).json()["staff"].clone();
    let body = json!({"units": ["gran"], "to": to, "note": "x"});
    let made = hold.post(boss, "/api/v1/handovers", body).expect(201);
    let path = format!("/api/v1/handovers/{}", made.json()["id"].as_str().expect("an id"));
    hold.post(boss, "/api/v1/handovers", json!({"units": [], "to": to})).expect(422);
    hold.get(boss, "/api/v1/worklist").expect(200);
    hold.get(boss, "/api/v1/worklist?group=x").expect(422);
    hold.get(boss, "/api/v1/clocks").expect(200);
    hold.get(boss, "/api/v1/clocks?state=kept,missed,due,late").expect(200);
    hold.get(boss, "/api/v1/clocks?state=x").expect(422);
    hold.get(boss, "/api/v1/clocks/counts").expect(200);
    hold.get(boss, "/api/v1/units/silent?days=1").expect(200);
    hold.get(boss, "/api/v1/board/figures").expect(403);
    clocks(hold, boss, &service.holder(of, "mas-clocks", Role::Mas, &[], &[]));
    hold.get(boss, "/api/v1/worklist/counts").expect(200);
    hold.get(boss, &path).expect(200);
    hold.post(boss, &format!("{path}/sign"), json!({})).expect(200);
    hold.get(boss, "/api/v1/handovers?unit=gran").expect(200);
}

/// What stands beside the handling of a case.
fn beside(hold: &mut Holder<'_>, boss: &Client, case: &str) {
    let asking = json!({"profession": "SSK", "wish": "read"});
    let asked = hold.post(boss, &format!("{case}/watches"), asking).expect(200).json();
    let watch = asked["watches"][0]["id"].as_str().expect("an id").to_owned();
    hold.post(boss, &format!("{case}/watches/{watch}/answer"), json!({"answer": "done"}))
        .expect(422);
    hold.post(boss, &format!("{case}/comments"), json!({"text": "x"})).expect(200);
    hold.get(boss, &format!("{case}/comments")).expect(200);
    hold.post(boss, &format!("{case}/supplements"), json!({"text": "x"})).expect(200);
    let nobody = uuid::Uuid::now_v7();
    let keeping = json!({"staff": nobody, "reason": "x"});
    hold.post(boss, &format!("{case}/conflicts"), keeping).expect(422);
    hold.post(boss, &format!("{case}/conflicts/{nobody}/lift"), json!({"reason": "x"})).expect(422);
}
