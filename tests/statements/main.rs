//! How many statements a request of each operation makes, held to a reviewed file. A number that
//! goes up is a decision, not an accident; `UPDATE_SNAPSHOTS=1` writes the file anew.
//!
//! Counted is one request after another of its kind has been answered, so that what stays in memory
//! is there. Debug builds alone count.
#![cfg(debug_assertions)]

mod reports;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::ids::TenantId;
use domain::organisation::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Client, Database, Response, Service, on_each_database};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/statements/statements.txt");

/// Asks, and counts.
struct Counter<'a> {
    service: &'a Service,
    /// By operation, and what is special about the request.
    counted: BTreeMap<String, u64>,
    texts: BTreeMap<String, Vec<String>>,
}

impl Counter<'_> {
    fn ask(&mut self, label: &str, client: &Client, path: &str, body: Option<Value>) -> Value {
        let method = label.split(' ').next().expect("a method");
        let sent = body.map(|body| ("application/json", body.to_string().into_bytes()));
        self.count(label, client, |client| client.send(method, path, sent)).json()
    }

    fn count(
        &mut self,
        label: &str,
        client: &Client,
        ask: impl FnOnce(&Client) -> Response,
    ) -> Response {
        // Somebody let in a moment ago is known.
        client.get("/api/v1/me").expect(200);
        let store = &self.service.app.store;
        let before = store.statements_run();
        let answer = ask(client);
        let number = store.statements_run() - before;
        assert!((200..300).contains(&answer.status), "{label}: {} {}", answer.status, answer.text);
        let texts = store.last_statements();
        let last = texts.len().saturating_sub(usize::try_from(number).expect("few"));
        let made = texts[last..].to_vec();
        // SQLite inserts row by row, and how many cases a drawn reading showed is chance.
        let again = made.windows(2).filter(|two| two[0] == two[1]).count();
        let drawn = label.contains("/spot-checks");
        let number = if drawn { number - u64::try_from(again).expect("few") } else { number };
        self.texts.insert(label.to_owned(), made);
        assert!(self.counted.insert(label.to_owned(), number).is_none(), "{label} twice");
        answer
    }

    fn get(&mut self, label: &str, client: &Client, path: &str) -> Value {
        self.ask(&format!("GET {label}"), client, path, None)
    }

    fn post(&mut self, label: &str, client: &Client, path: &str, body: Value) -> Value {
        self.ask(&format!("POST {label}"), client, path, Some(body))
    }

    /// On the newest version of what is at `at`.
    fn change(
        &mut self,
        label: &str,
        client: &Client,
        at: &str,
        below: &str,
        body: Value,
    ) -> Value {
        let etag = client.get(at).expect(200).etag();
        self.ask(label, &client.with("if-match", &etag), &format!("{at}{below}"), Some(body))
    }

    /// A command to a case.
    fn command(&mut self, client: &Client, case: &str, command: &str, body: Value) -> Value {
        let label = format!("POST /api/v1/cases/{{id}}/{command}");
        self.change(&label, client, case, &format!("/{command}"), body)
    }
}

fn at(what: &str, made: &Value) -> String {
    format!("/api/v1/{what}/{}", made["id"].as_str().expect("an id"))
}

fn cases(counter: &mut Counter<'_>, anna: &Client, boss: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "category": "HSL.FAL"});
    anna.post("/api/v1/cases", filing.clone()).expect(201);
    counter.post("/api/v1/cases", anna, "/api/v1/cases", filing.clone());
    let mut answered = filing.clone();
    answered["details"] = json!({"fall_place": "PLA.BAD", "fall_surroundings": ["rug", "ice"]});
    counter.post("/api/v1/cases, with three answers", boss, "/api/v1/cases", answered);
    let text = json!({"text": "Ramlade", "unit": "gran"});
    counter.post("/api/v1/cases/suggest", boss, "/api/v1/cases/suggest", text);
    let mut sealed = filing.clone();
    sealed["subject"] = json!({"personal_id": "640823-3234"});
    sealed["description"] = json!("Om 640823-3234.");
    counter.post("/api/v1/cases, about a person", anna, "/api/v1/cases", sealed.clone());
    let once = anna.with("idempotency-key", "k");
    counter.post("/api/v1/cases, with a key", &once, "/api/v1/cases", filing.clone());
    counter.post("/api/v1/cases, a key again", &once, "/api/v1/cases", filing.clone());
    sealed["draft"] = json!(true);
    let case = counter.post("/api/v1/cases, a draft", anna, "/api/v1/cases", sealed.clone());
    let path = at("cases", &case);
    counter.change("PATCH /api/v1/cases/{id}", anna, &path, "", sealed);
    counter.command(anna, &path, "submit", json!({}));
    counter.command(boss, &path, "lead", json!({"reason": "x"}));
    let assessed = json!({"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 2}, "probability": 2,
        "harm": {"vardskada": "yes"}, "lex": {"lex_maria": "no"}, "track": "standard"});
    counter.command(mas, &path, "triage", assessed);
    counter.command(boss, &path, "transfer", json!({"unit": "tall", "reason": "x"}));
    counter.command(
        boss,
        &path,
        "corrections",
        json!({"discovered_at": "2026-03-01T10:00:00Z", "reason": "x"}),
    );
    let found = counter.command(
        boss,
        &path,
        "investigation",
        json!({"course_of_events": "a", "assessment": "b", "causes": [{"code": "ORS.OKA"}],
        "complete": true}),
    );
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let planned = counter.command(
        boss,
        &path,
        "measures",
        json!({"measures": [{"type": "ATG.RUT", "text": "x", "causes": [cause], "owner": "Chef",
        "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
    );
    let measure = planned["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
    counter.command(boss, &path, "measures/decision", json!({}));
    counter.command(boss, &path, "follow-up", json!({}));
    let below = format!("/measures/{measure}");
    let done = json!({"done_on": "2026-03-09", "effect": "yes"});
    counter.change("PATCH /api/v1/cases/{id}/measures/{measure}", boss, &path, &below, done);
    counter.get("/api/v1/cases/{id}", boss, &path);
    let other = anna.post("/api/v1/cases", filing).expect(201).json();
    counter.command(boss, &path, "links", json!({"kind": "same_event", "case": other["id"]}));
    counter.command(boss, &path, "feedback", json!({"audience": "reporter", "text": "x"}));
    counter.command(boss, &path, "close",
        json!({"outcome": "UTF.ATG", "summary": "x", "patient_information": {
        "points": ["happened", "measures", "complaint", "patient_board", "ivo", "compensation"],
        "informed_at": "2026-03-09T10:00:00Z", "how": "Vid besök", "journal_note_confirmed": true}}),
    );
    counter.command(boss, &path, "reopen", json!({"reason": "x"}));
    counter.get("/api/v1/cases/{id}, linked", boss, &path);
    let to = format!("{path}/attachments");
    let label = "POST /api/v1/cases/{id}/attachments";
    let added =
        counter.count(label, boss, |boss| boss.upload(&to, ("a.txt", "text/plain"), b"Text", &[]));
    counter.get("/api/v1/cases/{id}/attachments", boss, &to);
    let one = format!("{to}/{}", added.json()["id"].as_str().expect("an id"));
    let label = "/api/v1/cases/{id}/attachments/{attachment}";
    counter.count(&format!("GET {label}"), boss, |boss| boss.get(&one));
    counter
        .count(&format!("DELETE {label}"), boss, |boss| boss.delete(&one, json!({"reason": "x"})));
    counter.get("/api/v1/cases/{id}/history", boss, &format!("{path}/history"));
    counter.get("/api/v1/cases/{id}/subject", boss, &format!("{path}/subject"));
    counter.get("/api/v1/cases", boss, "/api/v1/cases");
    counter.get("/api/v1/cases, a full page", boss, "/api/v1/cases?limit=2");
    counter.command(boss, &path, "void", json!({"reason": "x"}));
    let cube = "/api/v1/statistics?year=2026&group_by=";
    counter.get("/api/v1/statistics", boss, &format!("{cube}unit"));
    counter.get("/api/v1/statistics, by answers", boss, &format!("{cube}fall_place,fall_from"));
    counter.get(
        "/api/v1/statistics, much at once",
        boss,
        &format!("{cube}unit,law,month&compare=previous_year&measures=count,open,closed,lead_time"),
    );
    counter.get(
        "/api/v1/statistics, by causes and counterparties",
        boss,
        &format!("{cube}cause,counterparty&of=mentions&measures=answered"),
    );
}

/// How much care there was, and what follows from it.
fn exposed(counter: &mut Counter<'_>, boss: &Client) {
    let all = "/api/v1/exposures";
    let of =
        json!({"unit": "norr", "kind": "staff", "from": "2025-01", "to": "2025-12", "amount": 2.5});
    let made = counter.post(all, boss, all, of.clone());
    counter.get(all, boss, all);
    let one = format!("{all}/{}", made["id"].as_str().expect("an id"));
    counter.get("/api/v1/exposures/{id}", boss, &one);
    counter.ask("PUT /api/v1/exposures/{id}", &boss.with("if-match", "\"1\""), &one, Some(of));
    let gone = |boss: &Client| boss.with("if-match", "\"2\"").delete(&one, json!({}));
    counter.count("DELETE /api/v1/exposures/{id}", boss, gone);
    let lines =
        "enhet;slag;fran;till;antal\nnorr;staff;2025-01;2025-12;2\nsyd;staff;2025-01;2025-12;2\n";
    let import = |boss: &Client| {
        boss.send("POST", "/api/v1/exposures/import", Some(("text/csv", lines.as_bytes().to_vec())))
    };
    counter.count("POST /api/v1/exposures/import", boss, import);
    counter.get("/api/v1/exposures/rates", boss, "/api/v1/exposures/rates?year=2025");
    counter.get("/api/v1/signals", boss, "/api/v1/signals?year=2026");
}

/// How long things are kept, and what is given out.
fn retained(counter: &mut Counter<'_>, boss: &Client, admin: &Client, privacy: &Client) {
    let plan = "/api/v1/setup/retention";
    let rules =
        json!({"rules": [{"kind": "draft", "years": 1, "basis": "x", "valid_from": "2026-01-01"}]});
    counter.ask("PUT /api/v1/setup/retention", admin, plan, Some(rules));
    counter.get(plan, admin, plan);
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "subject": {"personal_id": "640823-3234"}});
    let case = boss.post("/api/v1/cases", filing).expect(201).json();
    let holds = "/api/v1/legal-holds";
    let person = json!({"subject": {"personal_id": "19121212-1212"}, "reason": "x"});
    counter.post("/api/v1/legal-holds, of a person", admin, holds, person);
    let placed = counter.post(holds, admin, holds, json!({"case": case["number"], "reason": "x"}));
    counter.get(holds, admin, holds);
    let one = at("legal-holds", &placed);
    counter.get("/api/v1/legal-holds/{id}", admin, &one);
    let why = json!({"reason": "x"});
    counter.change("POST /api/v1/legal-holds/{id}/lift", admin, &one, "/lift", why);
    let runs = "/api/v1/retention/runs";
    let made = counter.post(runs, admin, runs, json!({}));
    counter.get(runs, admin, runs);
    let run = at("retention/runs", &made);
    let label = "/api/v1/retention/runs/{id}";
    counter.get(label, admin, &run);
    counter.get(&format!("{label}/items"), admin, &format!("{run}/items"));
    let order = json!({"decision": "x"});
    counter.change(&format!("POST {label}/order"), admin, &run, "/order", order);

    let path = at("cases", &case);
    let label = "/api/v1/cases/{id}/disclosures";
    counter.get(&format!("{label}/proposal"), boss, &format!("{path}/disclosures/proposal"));
    let given = json!({"decision": "given", "asked_on": "2026-03-09"});
    let read = boss.get(&format!("{path}/disclosures/proposal")).expect(200).etag();
    let seen = boss.with("if-match", &read);
    let given = counter.post(label, &seen, &format!("{path}/disclosures"), given);
    counter.get(label, boss, &format!("{path}/disclosures"));
    let one = format!("{path}/disclosures/{}", given["id"].as_str().expect("an id"));
    counter.get(&format!("{label}/{{disclosure_id}}"), boss, &one);
    let export = json!({"subject": {"personal_id": "640823-3234"}, "reason": "x"});
    let export = |client: &Client| client.post("/api/v1/person-exports", export);
    counter.count("POST /api/v1/person-exports", privacy, export);
}

/// Half-yearly reviews, and the page of a month: no number grows with that of the cases.
fn reviewed(counter: &mut Counter<'_>, service: &Service, tenant: TenantId, boss: &Client) {
    let (review, improvement) = service.review(tenant, "gran");
    let path = format!("/api/v1/reviews/{review}");
    let label = "/api/v1/reviews/{id}";
    counter.get("/api/v1/reviews", boss, "/api/v1/reviews");
    counter.get(label, boss, &path);
    let text = json!({"text": "x"});
    counter.change(&format!("PUT {label}/analysis"), boss, &path, "/analysis", text);
    let new = json!({"text": "x", "owner": {"role": "team"}, "due_on": "2026-12-01"});
    counter.change(&format!("POST {label}/improvements"), boss, &path, "/improvements", new);
    counter.change(&format!("POST {label}/sign"), boss, &path, "/sign", json!({}));
    counter.get(&format!("{label}, signed"), boss, &path);
    let below = format!("/improvements/{improvement}");
    let said = json!({"done_on": "2026-03-09"});
    let progress = format!("PATCH {label}/improvements/{{improvement}}");
    counter.change(&progress, boss, &path, &below, said);
    let up = json!({"reason": "x"});
    counter.change(&format!("POST {label}/reopen"), boss, &path, "/reopen", up);
    counter.get(&format!("{label}/history"), boss, &format!("{path}/history"));
    counter.get(&format!("{label}/persons"), boss, &format!("{path}/persons"));
    counter.get("/api/v1/follow-up", boss, "/api/v1/follow-up");
    let of_unit = "/api/v1/follow-up?unit=gran&month=2026-03";
    counter.get("/api/v1/follow-up, of a unit", boss, of_unit);
}

/// The access log, a check of it, and reading across on a ground.
fn logged(counter: &mut Counter<'_>, service: &Service, tenant: TenantId, sas: &Client) {
    let auditor = service.holder(("provby", tenant), "granskare", Role::Auditor, &[], &[]);
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "subject": {"personal_id": "640823-3234"}});
    let case = service.reporter("provby", "anna").post("/api/v1/cases", filing).expect(201).json();
    let case = case["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/cases/{case}");
    counter.count("GET /api/v1/cases/{id}, refused", sas, |sas| {
        assert_eq!(sas.get(&path).status, 404);
        // What is counted is answered well.
        sas.get("/api/v1/me").expect(200)
    });
    let to = "/api/v1/reading-grounds";
    let ground = json!({"case": case, "kind": "consent", "on": "2026-03-01", "reason": "x",
        "until": "2026-04-01"});
    let ground = counter.post(to, sas, to, ground);
    let of_one = format!("{to}/{}", ground["id"].as_str().expect("an id"));
    counter.get("/api/v1/cases/{id}, on a ground", sas, &path);
    counter.get(to, sas, to);
    counter.get(&format!("{to}/{{id}}"), sas, &of_one);
    counter.change(&format!("POST {to}/{{id}}/revoke"), sas, &of_one, "/revoke", json!({}));
    let log = "/api/v1/access-log";
    counter.get(log, &auditor, &format!("{log}?purpose=incident&reason=x&limit=20"));
    let person = json!({"personal_id": "640823-3234"});
    let search = json!({"purpose": "complaint", "reason": "x", "subject": person, "limit": 20});
    counter.post(&format!("{log}/search"), &auditor, &format!("{log}/search"), search);
    let extract = json!({"reason": "x", "subject": person});
    counter.post(&format!("{log}/extract"), &auditor, &format!("{log}/extract"), extract);
    // What is read in the instant of a draw is not drawn; nobody judges what they have read themselves.
    service.clock.advance(SignedDuration::from_mins(1));
    let auditor = service.holder(("provby", tenant), "kontrollant", Role::Auditor, &[], &[]);
    let checks = "/api/v1/spot-checks";
    let asked = json!({"from": "2026-03-01", "to": "2026-03-10", "sample": 3, "rules": [],
        "reason": "x"});
    let check = counter.post(checks, &auditor, checks, asked);
    let of_one = format!("{checks}/{}", check["id"].as_str().expect("an id"));
    counter.get(checks, &auditor, checks);
    counter.get(&format!("{checks}/{{id}}"), &auditor, &of_one);
    let judged: Vec<Value> = check["readings"]
        .as_array()
        .expect("readings")
        .iter()
        .map(|it| json!({"entry": it["entry"], "verdict": "proper", "reason": "x"}))
        .collect();
    let judged = json!({"judgements": judged});
    let label = format!("POST {checks}/{{id}}/judgements");
    counter.change(&label, &auditor, &of_one, "/judgements", judged);
    let label = format!("POST {checks}/{{id}}/close");
    counter.change(&label, &auditor, &of_one, "/close", json!({"summary": "x"}));
}

/// What is done to several cases at once, and the sample of closings.
fn joint(counter: &mut Counter<'_>, anna: &Client, boss: &Client, mas: &Client, admin: &Client) {
    let tag = admin.get("/api/v1/settings").expect(200).etag();
    let every = json!({"simple_sample_percent": 100});
    admin.with("if-match", &tag).put("/api/v1/settings", every).expect(200);
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "category": "HSL.FAL", "subject": {"personal_id": "640823-3234"}});
    let named = |number: usize| -> Vec<Value> {
        let file = |_| anna.post("/api/v1/cases", filing.clone()).expect(201).json();
        let cases = (0..number).map(file);
        cases.map(|it| json!({"id": it["id"], "version": it["version"]})).collect()
    };
    let triage = |track: &str, severity: u8| {
        json!({"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": severity},
            "probability": 2, "lex": {"lex_maria": "no"}, "track": track})
    };
    let to = "/api/v1/cases/actions";
    let close = json!({"outcome": "UTF.DIR", "summary": "x", "action_taken": "x",
        "triage": triage("simple", 1), "feedback": {"audience": "reporter", "text": "x"}});
    let cases = named(10);
    let ended = json!({"cases": cases, "action": {"close": close}});
    counter.post("/api/v1/cases/actions, ten closed", boss, to, ended);
    counter.get("/api/v1/samples", mas, "/api/v1/samples");
    let sample =
        |at: usize| format!("/api/v1/samples/{}", cases[at]["id"].as_str().expect("an id"));
    counter.post("/api/v1/samples/{id}", mas, &sample(0), json!({"verdict": "fine"}));
    let talk = json!({"verdict": "talk", "text": "x"});
    counter.post("/api/v1/samples/{id}, a word back", mas, &sample(1), talk);
    let same = format!("/api/v1/cases?same_subject_as={}", cases[0]["id"].as_str().expect("an id"));
    counter.get("/api/v1/cases, of one person", boss, &same);

    let cases = named(4);
    let assessed = json!({"cases": cases, "action": {"triage": triage("standard", 2)}});
    counter.post("/api/v1/cases/actions, four triaged", boss, to, assessed);
    let begin = json!({"cases": cases[..3].iter().map(|it| &it["id"]).collect::<Vec<_>>(),
        "reason": "same_person"});
    let root = "/api/v1/investigations";
    let made = counter.post("/api/v1/investigations, over three cases", boss, root, begin);
    let at = at("investigations", &made);
    counter.get("/api/v1/investigations/{id}", boss, &at);
    let mut go = |below: &str, body: Value| {
        let label = format!("POST /api/v1/investigations/{{id}}{below}");
        counter.change(&label, boss, &at, below, body)
    };
    go("/cases", json!({"case": cases[3]["id"]}));
    let found = go(
        "",
        json!({"course_of_events": "a", "assessment": "b",
        "causes": [{"code": "ORS.OKA"}], "complete": true}),
    );
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let planned = go(
        "/measures",
        json!({"measures": [{"type": "ATG.RUT", "text": "x",
        "causes": [cause], "owner": "Chef", "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
    );
    let measure = planned["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
    go("/measures/decision", json!({}));
    go("/follow-up", json!({}));
    let below = format!("/measures/{measure}");
    let done = json!({"done_on": "2026-03-09", "effect": "yes"});
    let label = "PATCH /api/v1/investigations/{id}/measures/{measure}";
    counter.change(label, boss, &at, &below, done);
    let one = format!("/api/v1/cases/{}", cases[0]["id"].as_str().expect("an id"));
    let later = json!({"owner": "Någon"});
    let label = "PATCH /api/v1/cases/{id}/measures/{measure}, shared by four cases";
    counter.change(label, boss, &one, &below, later);
}

/// What stands beside the handling: who is asked, whom it is kept from, what is said.
fn beside(counter: &mut Counter<'_>, anna: &Client, boss: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let path = at("cases", &anna.post("/api/v1/cases", filing).expect(201).json());
    let whom = mas.get("/api/v1/me").expect(200).json()["staff"].clone();
    let label = "/api/v1/cases/{id}";
    let mut say = |client: &Client, below: &str, body: Value| {
        counter.post(&format!("{label}/{below}"), client, &format!("{path}/{below}"), body)
    };
    say(boss, "comments", json!({"text": "x", "mentions": [whom]}));
    say(anna, "supplements", json!({"text": "x"}));
    let asked = say(boss, "watches", json!({"staff": whom, "wish": "read"}));
    let watches = asked["watches"].as_array().expect("watches");
    let watch = watches[0]["id"].as_str().expect("an id").to_owned();
    say(boss, "conflicts", json!({"staff": whom, "reason": "x"}));
    let kept = format!("{path}/conflicts/{}", whom.as_str().expect("an id"));
    let lift = json!({"reason": "x"});
    let to = format!("{label}/conflicts/{{staff}}/lift");
    counter.post(&to, boss, &format!("{kept}/lift"), lift);
    let answer = json!({"answer": "done"});
    let to = format!("{label}/watches/{{watch}}/answer");
    counter.post(&to, mas, &format!("{path}/watches/{watch}/answer"), answer);
    counter.get(&format!("{label}/comments"), boss, &format!("{path}/comments"));
}

/// Lex Maria from a triage to IVO's decision, a lex Sarah report, a riskperson, the register.
fn escalated(
    counter: &mut Counter<'_>,
    anna: &Client,
    boss: &Client,
    mas: &Client,
    admin: &Client,
) {
    let me = |client: &Client| client.get("/api/v1/me").expect(200).json()["staff"].clone();
    let line = |matter: &str| {
        json!({"staff": me(mas), "matter": matter, "valid_from": "2026-01-01", "reference": "SN 1",
            "decided_by": "SN"})
    };
    let all = "/api/v1/delegations";
    let made = counter.post(all, admin, all, line("notify"));
    admin.post(all, line("lex_maria")).expect(201);
    let one = at("delegations", &made);
    counter.get(all, boss, all);
    counter.get("/api/v1/delegations/{id}", boss, &one);
    let end = json!({"reason": "x"});
    counter.change("POST /api/v1/delegations/{id}/end", admin, &one, "/end", end);
    let to = "/api/v1/settings/flags/preview";
    counter.post(to, admin, to, json!({}));

    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "category": "HSL.FAL"});
    let mut reported = filing.clone();
    reported["lex_sarah"] = json!(true);
    counter.post("/api/v1/cases, reported under lex Sarah", anna, "/api/v1/cases", reported);
    let graver = json!({"law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 3},
        "probability": 2, "harm": {"vardskada": "could_have"}, "lex": {"lex_maria": "yes"}, "track": "standard"});
    let flagged = |client: &Client| {
        let case = anna.post("/api/v1/cases", filing.clone()).expect(201).json();
        let path = at("cases", &case);
        let label = "POST /api/v1/cases/{id}/triage, raising a flag";
        (path, label, graver.clone(), client.clone())
    };
    let (path, label, body, client) = flagged(mas);
    counter.change(label, &client, &path, "/triage", body);
    let beside = format!("{path}/escalations");
    let found = counter.get("/api/v1/cases/{id}/escalations", mas, &beside);
    let lex = at("escalations", &found["items"][0]);
    let other = anna.post("/api/v1/cases", filing).expect(201).json();
    let raise = json!({"kind": "lex_maria", "reason": "x"});
    let to = format!("{}/escalations", at("cases", &other));
    let second = counter.post("/api/v1/cases/{id}/escalations", mas, &to, raise);
    let many = json!({"items": [{"id": second["id"], "version": 1, "outcome": "out", "reasons": ["SCR.EJA"]}]});
    counter.post("/api/v1/escalations/screenings", mas, "/api/v1/escalations/screenings", many);
    counter.get("/api/v1/escalations", mas, "/api/v1/escalations");
    let label = "/api/v1/escalations/{id}";
    counter.get(label, mas, &lex);
    let mut go = |below: &str, body: Value| {
        counter.change(&format!("POST {label}/{below}"), mas, &lex, &format!("/{below}"), body)
    };
    go("screen", json!({"outcome": "take_up"}));
    go("propose", json!({"notify": true, "text": "x"}));
    go("decide", json!({"notify": true, "test": "death", "motivation": "x"}));
    go(
        "notify",
        json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "post", "diary_number": "x"}),
    );
    let received = json!({"received": {"received_at": "2026-03-10T10:00:00Z", "number": "x"}});
    go("ivo", received);
    counter.get(&format!("{label}/history"), mas, &format!("{lex}/history"));
    counter.get(&format!("{label}/dossier"), mas, &format!("{lex}/dossier"));
    let apart = json!({"kind": "riskperson", "unit": "gran", "person": "x", "reason": "x"});
    let apart = counter.post("/api/v1/escalations", mas, "/api/v1/escalations", apart);
    let apart = at("escalations", &apart);
    counter.get(&format!("{label}, a riskperson"), mas, &apart);
    let readers = json!({"readers": [me(mas), me(boss)]});
    counter.change(&format!("POST {label}/readers"), mas, &apart, "/readers", readers);
    let mut go = |at: &str, below: &str, body: Value| {
        counter.change(&format!("POST {label}/{below}"), mas, at, &format!("/{below}"), body)
    };
    go(&lex, "withdraw", json!({"reason": "x"}));
    let out = at("escalations", &second);
    go(&out, "reassess", json!({"reason": "x"}));
}

/// A lex Sarah report from its receipt to its end, and one that is dismissed.
fn reported(counter: &mut Counter<'_>, anna: &Client, sas: &Client, admin: &Client) {
    let who = sas.get("/api/v1/me").expect(200).json()["staff"].clone();
    let line = json!({"staff": who, "matter": "lex_sarah", "valid_from": "2026-01-01",
        "reference": "SN 2", "decided_by": "SN"});
    admin.post("/api/v1/delegations", line).expect(201);
    let report = || {
        let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["SOL"],
            "lex_sarah": true});
        let case = at("cases", &anna.post("/api/v1/cases", filing).expect(201).json());
        let beside = sas.get(&format!("{case}/escalations")).expect(200).json();
        at("escalations", &beside["items"][0])
    };
    let (first, second) = (report(), report());
    let label = "POST /api/v1/escalations/{id}";
    let mut go = |at: &str, below: &str, body: Value| {
        counter.change(&format!("{label}/{below}"), sas, at, &format!("/{below}"), body)
    };
    go(&first, "receive", json!({}));
    let unlisted = |at: &str, below: &str, body: Value| {
        let tag = sas.get(at).expect(200).etag();
        sas.with("if-match", &tag).post(&format!("{at}/{below}"), body).expect(200);
    };
    unlisted(&second, "receive", json!({}));
    go(&second, "dismiss", json!({"motivation": "x"}));
    go(&first, "immediate-action", json!({"text": "x"}));
    let sent = json!({"sent_at": "2026-03-10T10:00:00Z", "channel": "post", "diary_number": "x",
        "decision": {"degree": "serious", "motivation": "x"}});
    unlisted(&first, "notify", sent);
    go(
        &first,
        "investigate",
        json!({"course_of_events": "a", "consequences": "b", "causes": "c", "recurrence": "d",
            "measures": "e", "complete": true}),
    );
    unlisted(&first, "propose", json!({"degree": "serious", "text": "x"}));
    go(&first, "assess", json!({"degree": "serious", "motivation": "x"}));
    let attached = json!({"sent_at": "2026-03-10T10:10:00Z", "channel": "post"});
    go(&first, "inquiry", attached.clone());
    let received = json!({"received": {"received_at": "2026-03-10T10:30:00Z", "number": "x"}});
    unlisted(&first, "ivo", received);
    let asked = json!({"requested": {"what": "x", "requested_at": "2026-03-10T10:40:00Z",
        "due_on": "2026-04-01"}});
    go(&first, "supplement", asked);
    unlisted(&first, "supplement", json!({"sent": attached}));
    let decided = json!({"decided": {"decided_at": "2026-03-10T10:55:00Z", "decision": "x"}});
    unlisted(&first, "ivo", decided);
    go(
        &first,
        "follow-up",
        json!({"put_right": "x", "put_right_on": "2026-03-10", "person_informed": true,
            "file_note_confirmed": true, "police_considered": "x"}),
    );
    go(&first, "close", json!({}));
}

/// What one reported, filing again, and what was learnt.
fn learnt(counter: &mut Counter<'_>, anna: &Client, boss: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "category": "HSL.FAL"});
    let case = anna.post("/api/v1/cases", filing).expect(201).json();
    let path = at("cases", &case);
    let all = "/api/v1/learning-cards";
    let card = json!({"title": "x", "text": "y", "category": "HSL.FAL", "cases": [case["id"]]});
    let made = counter.post(all, boss, all, card.clone());
    let one = at("learning-cards", &made);
    let label = "/api/v1/learning-cards/{id}";
    counter.change(&format!("PATCH {label}"), boss, &one, "", card);
    counter.change(&format!("POST {label}/approve"), mas, &one, "/approve", json!({}));
    let told = json!({"unit": "gran", "meeting_on": "2026-03-09"});
    counter.change(&format!("POST {label}/meetings"), boss, &one, "/meetings", told);
    counter.get(label, anna, &one);
    counter.get(all, anna, all);
    let gone = json!({"reason": "x"});
    counter.change(&format!("POST {label}/withdraw"), mas, &one, "/withdraw", gone);
    counter.get("/api/v1/cases/{id}/similar", boss, &format!("{path}/similar"));
    counter.get("/api/v1/measures", boss, "/api/v1/measures");
    counter.get("/api/v1/meetings", boss, "/api/v1/meetings");
    counter.command(boss, &path, "refile", json!({"kind": "klagomal", "reason": "x"}));
    counter.get("/api/v1/me/cases", anna, "/api/v1/me/cases");
    counter.get("/api/v1/me/cases/{id}", anna, &path.replace("/cases", "/me/cases"));
}

fn set_up(counter: &mut Counter<'_>, admin: &Client) {
    let settings = "/api/v1/settings";
    counter.get(settings, admin, settings);
    counter.change(&format!("PUT {settings}"), admin, settings, "", json!({}));
    for what in ["me", "me/mail", "laws", "codes", "units", "staff", "grants"] {
        let path = format!("/api/v1/{what}");
        counter.get(&path, admin, &path);
    }
    let mail = "PUT /api/v1/me/mail";
    counter.ask(mail, admin, "/api/v1/me/mail", Some(json!({"digest": false})));
    counter.get("/api/v1/forms/{kind}", admin, "/api/v1/forms/avvikelse");
    counter.get("/api/v1/codes/{list}", admin, "/api/v1/codes/category");
    let code = json!({"code": "HSL.FAL.SANG", "sv": "x", "en": "y", "parent": "HSL.FAL"});
    counter.post("/api/v1/codes/{list}", admin, "/api/v1/codes/category", code);
    let unit = json!({"code": "ny", "name": "Nya huset", "area": "SABO"});
    let unit = at("units", &counter.post("/api/v1/units", admin, "/api/v1/units", unit));
    counter.get("/api/v1/units/{id}", admin, &unit);
    counter.change("PATCH /api/v1/units/{id}", admin, &unit, "", json!({"name": "Ny"}));
    let given = json!({"issuer": "urn:avvikelse:local", "subject": "ssk", "role": "team",
        "units": ["gran"]});
    let made = counter.post("/api/v1/grants", admin, "/api/v1/grants", given);
    let revoke = json!({"reason": "left"});
    let grant = at("grants", &made);
    counter.get("/api/v1/grants/{id}", admin, &grant);
    counter.change("POST /api/v1/grants/{id}/revoke", admin, &grant, "/revoke", revoke);
    let groups = "/api/v1/group-grants";
    let given = json!({"issuer": "https://id.example", "group": "ssk", "role": "team",
        "units": ["gran"]});
    let given = at("group-grants", &counter.post(groups, admin, groups, given));
    counter.get(groups, admin, groups);
    counter.get("/api/v1/group-grants/{id}", admin, &given);
    counter.change("POST /api/v1/group-grants/{id}/end", admin, &given, "/end", json!({}));
    let staff = admin.get("/api/v1/staff").expect(200).json();
    let all = staff["items"].as_array().expect("items");
    let chef = all.iter().find(|one| one["subject"] == "chef").expect("the boss");
    let person = at("staff", chef);
    counter.get("/api/v1/staff/{id}", admin, &person);
    counter.change("PATCH /api/v1/staff/{id}", admin, &person, "", json!({"name": "Kim"}));
}

/// What waits, with few and with many cases, and units handed over.
fn hands(counter: &mut Counter<'_>, anna: &Client, boss: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let label = "/api/v1/worklist";
    counter.get(&format!("{label}, of nobody in particular"), anna, label);
    counter.get(label, boss, label);
    for _ in 0..5 {
        anna.post("/api/v1/cases", filing.clone()).expect(201);
    }
    counter.get(&format!("{label}, with more cases"), boss, label);
    counter.get(&format!("{label}, of MAS"), mas, label);
    counter.get("/api/v1/worklist/counts", boss, "/api/v1/worklist/counts");
    let clocks = "/api/v1/clocks";
    counter.get(clocks, boss, clocks);
    for _ in 0..5 {
        anna.post("/api/v1/cases", filing.clone()).expect(201);
    }
    counter.get(&format!("{clocks}, with more cases"), boss, clocks);
    counter.get(&format!("{clocks}, what was kept"), boss, "/api/v1/clocks?state=kept");
    counter.get("/api/v1/clocks/counts", boss, "/api/v1/clocks/counts");
    let board = "/api/v1/board/figures";
    counter.get(board, mas, &format!("{board}?month=2026-03"));
    counter.get("/api/v1/units/silent", boss, "/api/v1/units/silent");
    let case = at("cases", &anna.post("/api/v1/cases", filing.clone()).expect(201).json());
    counter.command(boss, &case, "duties", json!({"duty": "POL"}));
    let wait = json!({"for": "police", "until": "2026-05-01", "reason": "x"});
    counter.command(boss, &case, "waiting", wait);
    counter.get("/api/v1/cases/{id}/duties", boss, &format!("{case}/duties"));
    counter.get("/api/v1/cases/{id}/clocks", boss, &format!("{case}/clocks"));
    let waiting = "/api/v1/cases?waiting_for_me=true";
    counter.get("/api/v1/cases, what waits for one", boss, waiting);
    let to = mas.get("/api/v1/me").expect(200).json()["staff"].clone();
    let body = json!({"units": ["gran"], "to": to});
    let path = at("handovers", &counter.post("/api/v1/handovers", boss, "/api/v1/handovers", body));
    counter.get("/api/v1/handovers/{id}", boss, &path);
    counter.get("/api/v1/handovers", boss, "/api/v1/handovers");
    counter.post("/api/v1/handovers/{id}/sign", boss, &format!("{path}/sign"), json!({}));
}

/// What goes from machine to machine: setting it up, a message that comes, and one that waits.
fn exchanged(counter: &mut Counter<'_>, service: &Service, mas: &Client, admin: &Client) {
    let keys = "/api/v1/machine/keys";
    counter.post(keys, admin, keys, json!({}));
    counter.get(keys, admin, keys);
    let nobody = service.anonymous();
    let page = "/api/v1/public/provby/machine";
    let label = "GET /api/v1/public/{tenant}/machine";
    let page = counter.count(label, mas, |_| nobody.get(page)).json();
    let end = json!({"name": "VC Syd", "kind": "VC", "channels": ["machine"]});
    let end = mas.post("/api/v1/counterparties", end).expect(201).json();
    let end = end["id"].as_str().expect("an id").to_owned();
    let machine = format!("/api/v1/counterparties/{end}/machine");
    let label = "/api/v1/counterparties/{id}/machine";
    let peer = json!({"peer_id": "syd", "endpoint": "https://syd.example/m"});
    counter.post(label, admin, &machine, peer.clone());
    counter.get(label, admin, &machine);
    let change = admin.with("if-match", "\"1\"");
    counter.ask(&format!("PUT {label}"), &change, &machine, Some(peer));
    let key = exchange::SigningKey::from_seed(&[7; 32]).expect("a key");
    let public = key.public();
    let body = json!({"jwk": public.jwk(), "fingerprint": public.fingerprint()});
    counter.post(&format!("{label}/keys"), admin, &format!("{machine}/keys"), body);

    let receiver = page["id"].as_str().expect("an id");
    let (thread, to) = (uuid::Uuid::now_v7(), page["endpoint"].as_str().expect("an endpoint"));
    let mut send = |what: &str, sequence: u32, kind: &str, content: Value| {
        let now = service.app.now();
        let message = json!({
            "contract": "avvikelse-exchange/1", "id": uuid::Uuid::now_v7(), "thread": thread,
            "sequence": sequence, "sent_at": now, "sender": "syd", "receiver": receiver,
            "kind": kind, "content": content,
        });
        let claims = exchange::signature::Claims {
            key_id: public.id(),
            created: now,
            expires: now + jiff::SignedDuration::from_secs(60),
            nonce: uuid::Uuid::new_v4().to_string(),
        };
        let bytes = message.to_string().into_bytes();
        let signed = exchange::signature::sign("POST", to, receiver, bytes, &claims, &key);
        let mut client = service.anonymous();
        for (name, value) in signed.expect("signed").headers {
            if name != "content-type" {
                client = client.with(&name, &value);
            }
        }
        let label = format!("POST /api/v1/public/{{tenant}}/machine/messages, {what}");
        let path = "/api/v1/public/provby/machine/messages";
        counter.count(&label, mas, |_| client.post(path, message));
    };
    let document = json!({"form": "single", "matter": "x", "text": "x", "ground": "no_person",
        "decided_on": "2026-03-10"});
    send("a document", 1, "document", document);
    let question = json!({"id": uuid::Uuid::now_v7(), "text": "x", "at": "2026-03-10T10:00:00Z"});
    send("a question", 2, "question", question);
    let came = format!("/api/v1/forwardings?direction=received&counterparty={end}");
    let came = mas.get(&came).expect(200).json()["items"][0].clone();
    let one = at("forwardings", &came);
    let word = json!({"channel": "machine"});
    counter.change(
        "POST /api/v1/forwardings/{id}/acknowledge, by machine",
        mas,
        &one,
        "/acknowledge",
        word,
    );
    // What is told waits: nobody answers at that address, and no key is withdrawn yet.
    let stop = std::sync::atomic::AtomicBool::new(false);
    service.run(service.app.exchange_messages(&stop)).expect("told");
    let below = "/api/v1/forwardings/{id}/deliveries";
    counter.get(below, mas, &format!("{one}/deliveries"));
    counter.post(&format!("{below}/retry"), mas, &format!("{one}/deliveries/retry"), json!({}));
    let revoke = format!("{machine}/keys/{}/revoke", public.id());
    counter.post(&format!("{label}/keys/{{key}}/revoke"), admin, &revoke, json!({"reason": "x"}));
    let own = page["keys"][0]["jwk"]["kid"].as_str().expect("an id");
    let withdraw = format!("{keys}/{own}/withdraw");
    counter.post(&format!("{keys}/{{key}}/withdraw"), admin, &withdraw, json!({"reason": "x"}));
}

/// What goes between caregivers: one that is answered, one that comes in and becomes a case, and one that is
/// not ours.
fn forwarded(counter: &mut Counter<'_>, anna: &Client, mas: &Client) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"],
        "subject": {"personal_id": "640823-3234"}});
    let case = at("cases", &anna.post("/api/v1/cases", filing).expect(201).json());
    let ends = "/api/v1/counterparties";
    let entry = json!({"name": "VC", "kind": "VC", "channels": ["post"], "address": ["VC"]});
    let end = counter.post(ends, mas, ends, entry.clone());
    counter.get(ends, mas, ends);
    let one = format!("{ends}/{}", end["id"].as_str().expect("an id"));
    counter.get("/api/v1/counterparties/{id}", mas, &one);
    let change = mas.with("if-match", "\"1\"");
    counter.ask("PUT /api/v1/counterparties/{id}", &change, &one, Some(entry));
    let body = json!({"counterparty": end["id"], "kind": "joint", "matter": "x", "text": "x"});
    let label = "/api/v1/cases/{id}/forwardings";
    let sent = counter.post(label, mas, &format!("{case}/forwardings"), body);
    counter.get(label, mas, &format!("{case}/forwardings"));
    let sent = at("forwardings", &sent);
    let all = "/api/v1/forwardings";
    let body = json!({"counterparty": end["id"], "matter": "x", "text": "x", "channel": "phone",
        "subject": {"personal_id": "640823-3234"}});
    let came = at("forwardings", &counter.post(all, mas, all, body.clone()));
    let wrong = at("forwardings", &mas.post(all, body).expect(201).json());
    counter.get(all, mas, all);
    counter.get(&format!("{all}, what waits for one"), mas, &format!("{all}?waiting_for_me=true"));
    let mut go = |of: &str, below: &str, body: Value| {
        let label = format!("POST /api/v1/forwardings/{{id}}/{below}");
        counter.change(&label, mas, of, &format!("/{below}"), body)
    };
    let ground = json!({"ground": "consent", "motivation": "x", "identity": true});
    go(&sent, "check", ground.clone());
    go(&sent, "send", json!({}));
    go(&sent, "remind", json!({}));
    go(&sent, "acknowledge", json!({"channel": "phone"}));
    go(&sent, "messages", json!({"channel": "phone", "text": "x"}));
    go(&sent, "events", json!({"happened_at": "2026-03-01T10:00:00Z", "text": "x"}));
    let with = go(&sent, "measures", json!({"owner": "us", "who": "x", "text": "x"}));
    go(&sent, "measures/finish", json!({"measure": with["measures"][0]["id"]}));
    go(&sent, "close_without_answer", json!({"reason": "x"}));
    go(&sent, "register_answer", json!({"channel": "post", "short": "done"}));
    go(&sent, "share_with_unit", json!({"how": "x"}));
    go(&sent, "close", json!({}));
    go(&came, "assign", json!({"unit": "gran"}));
    go(&came, "investigated", json!({"text": "x"}));
    let answer = json!({"text": "x", "ground": "no_person", "motivation": "x"});
    go(&came, "approve_answer", answer);
    go(&came, "answer", json!({"channel": "post"}));
    go(&wrong, "wrong_recipient", json!({"whom": "x", "channel": "phone"}));
    go(&wrong, "pass_on", json!({"to": "x", "returned": true}));
    let one = "/api/v1/forwardings/{id}";
    counter.get(one, mas, &sent);
    for part in ["preview", "letter", "history", "subject"] {
        let (label, to) = (format!("GET {one}/{part}"), format!("{sent}/{part}"));
        counter.count(&label, mas, |client| client.get(&to));
    }
    let to = format!("{sent}/package");
    counter.count(&format!("GET {one}/package"), mas, |client| client.get(&to));
    let body = json!({"counterparty": end["id"], "matter": "x", "text": "x"});
    let again = mas.post(&format!("{case}/forwardings"), body).expect(201).json();
    let again = at("forwardings", &again);
    counter.change(&format!("PATCH {one}"), mas, &again, "", json!({"text": "y"}));
    counter.change(&format!("POST {one}/recall"), mas, &again, "/recall", json!({"reason": "x"}));
    let ledger = "/api/v1/forwardings/ledger";
    counter.get(ledger, mas, &format!("{ledger}?from=2026-01-01&to=2026-12-31"));
    let cube = "/api/v1/statistics";
    counter.get(
        &format!("{cube}, of forwardings"),
        mas,
        &format!("{cube}?of=forwardings&year=2026"),
    );
}

/// What a counterparty's contact is given, and does without an account.
fn answers(
    counter: &mut Counter<'_>,
    service: &Service,
    tenant: domain::ids::TenantId,
    mas: &Client,
) {
    let filing = json!({"kind": "avvikelse", "unit": "gran", "description": "x", "law": ["HSL"]});
    let case = mas.post("/api/v1/cases", filing).expect(201).json();
    let me = mas.get("/api/v1/me").expect(200).json();
    let id = |value: &Value| value.as_str().expect("an id").to_owned();
    let sender = testkit::Sender {
        tenant,
        by: id(&me["staff"]).parse().expect("an id"),
        case: id(&case["id"]).parse().expect("an id"),
        unit: service.unit(tenant, "gran"),
    };
    let end = service.counterparty(tenant, "Vårdcentralen Eken");
    let sent: Vec<_> = (0..3)
        .map(|_| service.send_forwarding(sender, end, ("x", "x"), Some("19640823-3234")))
        .collect();
    let (about, label) = (sent[0], "/api/v1/counterparties/{id}");
    let at = format!("/api/v1/counterparties/{end}");
    let contacts = format!("{at}/contacts");
    let email = json!({"email": "avvikelser@region.example"});
    let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
    let contact = counter.post(&format!("{label}/contacts"), &admin, &contacts, email);
    let contact = format!("{contacts}/{}", id(&contact["id"]));
    let word = json!({"code_word": "röda stugan"});
    counter.post(&format!("{label}/code-word"), mas, &format!("{at}/code-word"), word);
    let one = format!("{label}/contacts/{{contact}}");
    counter.post(&format!("{one}/codes"), mas, &format!("{contact}/codes"), json!({}));
    let link = format!("{contact}/links");
    let link = counter.post(&format!("{one}/links"), mas, &link, json!({}));
    counter.get(&format!("{label}/contacts"), mas, &contacts);
    counter.get(&one, mas, &contact);

    let token = service.app.sealer.link_token(tenant, id(&link["id"]).parse().expect("an id"));
    // Nobody of the staff; the counter asks who they are all the same.
    let page = format!("/api/v1/public/provby/replies/{token}");
    let public = "/api/v1/public/{tenant}/replies/{token}";
    counter.get(&format!("{public}, before the factor"), mas, &page);
    let code = json!({"code": "röda stugan"});
    let cookie = {
        let let_in = service.anonymous().post(&format!("{page}/factor"), code.clone()).expect(200);
        let set = let_in.header("set-cookie").and_then(|it| it.split(';').next());
        set.expect("a cookie").to_owned()
    };
    counter.post(&format!("{public}/factor"), mas, &format!("{page}/factor"), code);
    let visitor = mas.with("cookie", &cookie);
    counter.get(public, &visitor, &page);
    let (matter, of) = (format!("{page}/matters/{about}"), format!("{public}/matters/{{id}}"));
    counter.post(&format!("{of}/ask"), &visitor, &format!("{matter}/ask"), json!({"text": "x"}));
    let files = format!("{matter}/files");
    let added = counter.count(&format!("POST {of}/files"), &visitor, |client| {
        client.upload(&files, ("a.txt", "text/plain"), b"x", &[])
    });
    let file = id(&added.json()["id"]);
    counter.get(&format!("{of}/files"), &visitor, &files);
    counter.get(&format!("{of}/files/{{file}}"), &visitor, &format!("{files}/{file}"));
    let answer = json!({"answer": "done", "text": "x"});
    counter.post(&format!("{of}/answer"), &visitor, &format!("{matter}/answer"), answer);
    let colleague = json!({"email": "kollega@region.example"});
    let to = format!("{page}/hand-over");
    counter.post(&format!("{public}/hand-over"), &visitor, &to, colleague);
    counter.post(&format!("{public}/leave"), &visitor, &format!("{page}/leave"), json!({}));

    let (ours, forwarding) = (format!("/api/v1/forwardings/{about}"), "/api/v1/forwardings/{id}");
    counter.get(&format!("{forwarding}/files"), mas, &format!("{ours}/files"));
    let fetch = format!("{ours}/files/{file}");
    counter.get(&format!("{forwarding}/files/{{file}}"), mas, &fetch);
    counter.post(&format!("{forwarding}/letter"), mas, &format!("{ours}/letter"), json!({}));
    counter.get(&format!("{label}/portal-log"), mas, &format!("{at}/portal-log"));
    let why = json!({"reason": "x"});
    let revoke = format!("{contact}/links/{}/revoke", id(&link["id"]));
    counter.post(&format!("{one}/links/{{link}}/revoke"), mas, &revoke, why.clone());
    counter.change(&format!("POST {one}/revoke"), mas, &contact, "/revoke", why);
}

/// What whoever has no login does. A token is nothing to these operations.
fn outside(counter: &mut Counter<'_>, boss: &Client) {
    let base = "/api/v1/public/provby";
    let named = |rest: &str| format!("POST /api/v1/public/{{tenant}}/{rest}");
    let mut post = |rest: &str, body: Value| -> Value {
        let (label, path) = (named(rest), format!("{base}/{rest}"));
        counter.count(&label, boss, |boss| boss.post(&path, body)).json()
    };
    let complaint = json!({"kind": "klagomal", "text": "x", "unit": "gran",
        "sender": {"name": "Anna", "email": "a@example.se"}});
    let left = post("opinions", complaint);
    let code = left["receipt"].as_str().expect("a code").to_owned();
    post("receipts", json!({"code": code}));
    post("receipts/messages", json!({"code": code, "text": "y"}));
    let with = boss.with("receipt-code", &code);
    let path = format!("{base}/receipts/files");
    counter.count(&named("receipts/files"), &with, |with| {
        with.upload(&path, ("a.txt", "text/plain"), b"Text", &[])
    });
    counter.count("GET /api/v1/units/{id}/qr", boss, |boss| boss.get("/api/v1/units/gran/qr"));
}

/// What comes after the answer of a klagomål.
fn afterwards(counter: &mut Counter<'_>, boss: &Client, mas: &Client, admin: &Client) {
    let etag = admin.get("/api/v1/settings").expect(200).etag();
    let chosen = json!({"publishes_answers": true});
    admin.with("if-match", &etag).put("/api/v1/settings", chosen).expect(200);
    let filing = json!({"kind": "klagomal", "unit": "gran", "law": ["HSL"], "description": "x",
        "category": "K.BEM", "subject": {"personal_id": "640823-3234"},
        "opinion": {"sender": {"kind": "NAR", "name": "Vera"}}});
    let case = at("cases", &boss.post("/api/v1/cases", filing).expect(201).json());
    counter.command(boss, &case, "diary-number", json!({"diary_number": "VON 2026/1"}));
    let change = |command: &str, body: Value| {
        let etag = boss.get(&case).expect(200).etag();
        boss.with("if-match", &etag).post(&format!("{case}/{command}"), body).expect(200);
    };
    change("opinion/assign", json!({}));
    let answer = json!({"explanation": "x", "no_measures": true, "secrecy_ground": "x",
        "channel": "letter", "avvikelse": false, "lex_sarah": "no"});
    change("opinion/answer", answer);
    let survey = format!("{case}/survey");
    counter.post("/api/v1/cases/{id}/survey", boss, &survey, json!({"helped": "no"}));
    counter.get("/api/v1/cases/{id}/survey", boss, &survey);
    let publication = format!("{case}/publication");
    let text = json!({"question": "x", "answer": "x"});
    counter.ask("PUT /api/v1/cases/{id}/publication", boss, &publication, Some(text));
    counter.get("/api/v1/cases/{id}/publication", boss, &publication);
    let checked = Some(json!({"names_checked": true}));
    let label = "POST /api/v1/cases/{id}/publication/approve";
    counter.ask(label, &mas.with("if-match", "\"1\""), &format!("{publication}/approve"), checked);
    counter.get("/api/v1/public/{tenant}/published", boss, "/api/v1/public/provby/published");
    counter.get("/api/v1/publications", boss, "/api/v1/publications");
    let reason = Some(json!({"reason": "x"}));
    let label = "POST /api/v1/cases/{id}/publication/withdraw";
    counter.ask(label, &mas.with("if-match", "\"2\""), &format!("{publication}/withdraw"), reason);
    counter.get("/api/v1/register", boss, "/api/v1/register?year=2026");
    let record = format!("{case}/record");
    counter.count("GET /api/v1/cases/{id}/record", boss, |boss| boss.get(&record));
}

/// A klagomål, and what is done to it.
fn opined(counter: &mut Counter<'_>, boss: &Client) {
    let filing = json!({"kind": "klagomal", "unit": "gran", "law": ["SOL"],
        "description": "Ingen kom.", "opinion": {"sender": {"kind": "NAR", "name": "Vera",
            "email": "vera@example.se"}}});
    let label = "/api/v1/cases, a klagomål with its sender";
    let case = at("cases", &counter.post(label, boss, "/api/v1/cases", filing));
    counter.command(boss, &case, "opinion/acknowledge", json!({"way": "TEL"}));
    counter.command(boss, &case, "opinion/assign", json!({}));
    let gates = json!({"avvikelse": true, "lex_sarah": "perhaps", "lex_sarah_reason": "x"});
    counter.command(boss, &case, "opinion/investigate", gates);
    counter.command(boss, &case, "opinion/ask", json!({"text": "När?"}));
    counter.command(boss, &case, "opinion/attempt", json!({"on": "2026-03-10", "way": "TEL"}));
    counter.command(boss, &case, "opinion/pass_on", json!({"to": "ivo"}));
    counter.command(boss, &case, "opinion/spin_off", json!({"description": "Larmet gick fel."}));
    let answer = json!({"explanation": "x", "no_measures": true, "secrecy_ground": "x",
        "channel": "letter"});
    counter.command(boss, &case, "opinion/answer", answer);
    counter.get("/api/v1/cases/{id}/opinion", boss, &format!("{case}/opinion"));
    let filing = json!({"kind": "klagomal", "unit": "gran", "description": "Ingen kom."});
    let case = at("cases", &boss.post("/api/v1/cases", filing).expect(201).json());
    let away = json!({"to": "Regionen", "reason": "x", "sender_told_on": "2026-03-10"});
    counter.command(boss, &case, "opinion/hand_over", away);
    // What the public leaves is received first.
    let app = &counter.service.app;
    let left = counter.service.run(async {
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
    counter.command(boss, &format!("/api/v1/cases/{left}"), "opinion/register", json!({}));
}

/// The number by line and database, as the file has it.
fn kept() -> BTreeMap<String, [Option<u64>; 2]> {
    let text = std::fs::read_to_string(FILE).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with(char::is_uppercase));
    let row = |line: &str| {
        let (rest, postgres) = line.rsplit_once(' ')?;
        let (label, sqlite) = rest.trim_end().rsplit_once(' ')?;
        Some((label.trim_end().to_owned(), [sqlite.parse().ok(), postgres.parse().ok()]))
    };
    lines.filter_map(row).collect()
}

fn written(rows: &BTreeMap<String, [Option<u64>; 2]>) -> String {
    let mut text =
        "# Statements that touch a table, of one request: on SQLite, on PostgreSQL.\n".to_owned();
    for (label, numbers) in rows {
        let [sqlite, postgres] = numbers
            .map(|number| number.map_or_else(|| "-".to_owned(), |number| number.to_string()));
        writeln!(text, "{label:<60}{sqlite:>4}{postgres:>4}").expect("writes");
    }
    text
}

#[test]
fn a_request_of_each_operation_makes_as_many_statements_as_were_reviewed() {
    let old = kept();
    let rows: RefCell<BTreeMap<String, [Option<u64>; 2]>> = RefCell::default();
    let texts = RefCell::new(Vec::new());
    on_each_database(|database| {
        let column = usize::from(matches!(database, Database::Postgres { .. }));
        let now = "2026-03-10T11:00:00Z".parse().expect("a time");
        // What looks by itself would be counted.
        let service = Service::start_with(database, now, |config| {
            config.exchange.look_every = std::time::Duration::from_secs(3600);
            config.chain_every = std::time::Duration::from_secs(3600);
            config.fold_every = std::time::Duration::from_secs(3600);
            config.keys_every = std::time::Duration::from_secs(3600);
        });
        let tenant = service.tenant("provby");
        let boss = service.holder(("provby", tenant), "chef", Role::UnitManager, &[], &[]);
        let mas = service.holder(("provby", tenant), "mas", Role::Mas, &[], &[]);
        let admin = service.holder(("provby", tenant), "admin", Role::Admin, &[], &[]);
        let mut counter =
            Counter { service: &service, counted: BTreeMap::new(), texts: BTreeMap::new() };
        // Nobody handles a case of their own.
        cases(&mut counter, &service.reporter("provby", "anna"), &boss, &mas);
        joint(&mut counter, &service.reporter("provby", "anna"), &boss, &mas, &admin);
        beside(&mut counter, &service.reporter("provby", "anna"), &boss, &mas);
        learnt(&mut counter, &service.reporter("provby", "anna"), &boss, &mas);
        let anna = service.reporter("provby", "anna");
        escalated(&mut counter, &anna, &boss, &mas, &admin);
        let sas = service.holder(("provby", tenant), "sas", Role::Sas, &[], &[]);
        reported(&mut counter, &anna, &sas, &admin);
        hands(&mut counter, &service.reporter("provby", "anna"), &boss, &mas);
        answers(&mut counter, &service, tenant, &mas);
        forwarded(&mut counter, &service.reporter("provby", "anna"), &mas);
        exposed(&mut counter, &boss);
        opined(&mut counter, &boss);
        set_up(&mut counter, &admin);
        counter.get("/api/v1/chain/head", &admin, "/api/v1/chain/head");
        outside(&mut counter, &boss);
        afterwards(&mut counter, &boss, &mas, &admin);
        exchanged(&mut counter, &service, &mas, &admin);
        reviewed(&mut counter, &service, tenant, &boss);
        let privacy = service.holder(("provby", tenant), "ombud", Role::Privacy, &[], &[]);
        retained(&mut counter, &boss, &admin, &privacy);
        logged(&mut counter, &service, tenant, &sas);
        reports::reports(&mut counter, &service, tenant);
        let description = service.anonymous().get("/openapi.json").expect(200).json();
        let asked: BTreeSet<&str> =
            counter.counted.keys().filter_map(|label| label.split(',').next()).collect();
        for (path, item) in description["paths"].as_object().expect("paths") {
            for method in item.as_object().expect("methods").keys() {
                let label = format!("{} {path}", method.to_uppercase());
                if !asked.contains(label.as_str()) && path.starts_with("/api/") {
                    // New since: a dash in the file, until somebody has it asked here.
                    rows.borrow_mut().entry(label).or_default();
                }
            }
        }
        for (label, number) in &counter.counted {
            let was = old.get(label).and_then(|numbers| numbers[column]);
            if was != Some(*number) {
                let made = counter.texts[label].join("\n  ");
                let was = was.map_or_else(|| "nothing".to_owned(), |was| was.to_string());
                texts.borrow_mut().push(format!("{label}: was {was}, is {number}:\n  {made}"));
            }
            // A database that is not there today keeps its column.
            let mut rows = rows.borrow_mut();
            rows.entry(label.clone()).or_insert_with(|| {
                let was = old.get(label).copied().unwrap_or_default();
                [None, was[1]]
            })[column] = Some(*number);
        }
    });
    let new = written(&rows.borrow());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(FILE, &new).expect("writes");
        return;
    }
    let file = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        file == new,
        "statements/statements.txt has changed; review it and run with UPDATE_SNAPSHOTS=1\n{}",
        texts.borrow().join("\n")
    );
}
