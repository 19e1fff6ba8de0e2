//! What goes by the information plan: nothing by itself, what stands on the list and nothing else, without a trace of
//! what was said, and without a change to any figure.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use domain::ids::TenantId;
use domain::organisation::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Client, Database, Response, Service, on_each_database};
use uuid::Uuid;

use crate::forwardings::{counterparty, go};
use crate::{House, fall, file, house, id, standard_triage};

/// What stands in every text somebody writes here, and must stand nowhere afterwards.
const CANARY: &str = "Zzkanariefågel";
/// When everything is old.
const LATER: &str = "2040-03-10T11:00:00Z";
const EVERY_KIND: [&str; 11] = [
    "avvikelse_hsl",
    "avvikelse_sol",
    "avvikelse_lss",
    "synpunkt",
    "klagomal",
    "lex",
    "draft",
    "forwarding_received",
    "notice",
    "receipt",
    "attachment",
];

/// A town with a year of imported cases, and a few that people handled here.
struct Town {
    service: Service,
    tenant: TenantId,
    /// Cases that were handled to their end, with a canary in every text.
    told: Vec<String>,
    /// One that is open.
    open: String,
    /// One that is linked with it.
    linked: String,
}

fn imported(database: Database) -> (Service, TenantId) {
    let now: Timestamp = "2026-02-10T08:00:00Z".parse().expect("a time");
    let service = Service::start_with(database, now, |config| {
        let depot = format!("file:{}", config.data_dir.join("depot").display());
        std::fs::create_dir(config.data_dir.join("depot")).expect("a directory");
        config.attachments = depot.parse().expect("a place");
    });
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025");
    let seed = || Uuid::new_v4().as_u64_pair().1;
    let store = &service.app.store;
    let work = app::transfer::import(
        store,
        "askersund",
        Some("Askersund"),
        &dir,
        now,
        &Uuid::now_v7,
        &seed,
        &|_| (),
    );
    service.run(work).expect("imports");
    let tenant = service.run(service.app.store.tenant_by_slug("askersund")).expect("there").id;
    (service, tenant)
}

/// A case with a canary wherever somebody may write, closed.
fn handled(chef: &Client, unit: &str) -> String {
    let mut filing = fall();
    filing["unit"] = json!(unit);
    filing["description"] = json!(format!("{CANARY} gled ner från sängkanten."));
    filing["immediate_action"] = json!(format!("Lyfte {CANARY}"));
    filing["subject"] = json!({"personal_id": "640823-3234"});
    filing["details"] = json!({"fall_place": "PLA.BAD"});
    let case = id(&file(chef, filing));
    let path = format!("/api/v1/cases/{case}");
    let name = format!("{CANARY}.pdf");
    let shown = [("description", CANARY)];
    let to = format!("{path}/attachments");
    let pdf = ("%PDF-1.7 ".to_owned() + CANARY).into_bytes();
    chef.upload(&to, (&name, "application/pdf"), &pdf, &shown).expect(201);
    chef.post(&format!("{path}/comments"), json!({"text": CANARY})).expect(200);
    chef.command(&case, "supplements", json!({"text": CANARY})).expect(200);
    chef.command(&case, "triage", standard_triage()).expect(200);
    let inquiry = json!({"course_of_events": CANARY, "assessment": CANARY,
        "causes": [{"code": "ORS.OKA", "text": CANARY}], "complete": true});
    let found = chef.command(&case, "investigation", inquiry).expect(200).json();
    let cause = found["investigation"]["causes"][0]["id"].clone();
    let planned = json!({"measures": [{"type": "ATG.RUT", "text": CANARY, "causes": [cause],
        "owner": CANARY, "due_on": "2026-03-01", "follow_up_on": "2026-04-01"}]});
    let planned = chef.command(&case, "measures", planned).expect(200).json();
    let measure = planned["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
    chef.command(&case, "measures/decision", json!({})).expect(200);
    let said = json!({"audience": "unit", "meeting_on": "2026-02-09", "text": CANARY});
    chef.command(&case, "feedback", said).expect(200);
    let reporter = json!({"audience": "reporter", "text": CANARY});
    chef.command(&case, "feedback", reporter).expect(200);
    chef.command(&case, "follow-up", json!({})).expect(200);
    let end = json!({"outcome": "UTF.ATE", "summary": CANARY});
    chef.command(&case, "close", end).expect(200);
    // It outlives its case; then it is done, and helped.
    let progress = json!({"done_on": "2026-02-10", "effect": "yes", "effect_note": CANARY});
    let etag = chef.get(&path).etag();
    let to = format!("{path}/measures/{measure}");
    chef.with("if-match", &etag).patch(&to, progress).expect(200);
    case
}

fn holder(service: &Service, tenant: TenantId, name: &str, role: Role) -> Client {
    service.holder(("askersund", tenant), name, role, &[], &[])
}

fn town(database: Database) -> Town {
    let (service, tenant) = imported(database);
    holder(&service, tenant, "chef", Role::UnitManager);
    holder(&service, tenant, "chef", Role::Mas);
    let chef = holder(&service, tenant, "chef", Role::Team);
    holder(&service, tenant, "admin", Role::Admin);
    holder(&service, tenant, "mas", Role::Mas);
    let unit = service
        .run(service.app.store.read(tenant, |tx| tx.units()))
        .expect("units")
        .into_iter()
        .find(|unit| !unit.unknown)
        .expect("a unit")
        .code;
    let told = vec![handled(&chef, &unit), handled(&chef, &unit), handled(&chef, &unit)];
    let mut filing = fall();
    filing["unit"] = json!(unit);
    let open = id(&file(&chef, filing));
    let linked = handled(&chef, &unit);
    let link = json!({"kind": "related", "case": linked});
    chef.command(&open, "links", link).expect(200);
    Town { service, tenant, told, open, linked }
}

impl Town {
    /// Fourteen years on; whoever comes has a token of that day.
    fn later(&self) {
        self.service.clock.set(LATER.parse().expect("a time"));
    }

    fn client(&self, name: &str) -> Client {
        self.service.reporter("askersund", name)
    }

    /// Carries out a run to its end. The service does so by itself, too: whoever has the lease is waited for.
    fn carry_out(&self, client: &Client, run: &Value) -> Value {
        let path = format!("/api/v1/retention/runs/{}", run["id"].as_str().expect("an id"));
        for _ in 0..600 {
            // On a busy machine the lease goes over to the other in the middle: then it is carried out there.
            if let Err(error) = self.service.run(self.service.app.carry_out_retention()) {
                assert!(matches!(error, app::Error::Stale), "{error}");
            }
            let run = client.get(&path).expect(200).json();
            if run["status"] == "done" {
                return run;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        panic!("not carried out");
    }
}

fn plan(years: u16) -> Value {
    let line = |kind: &&str| {
        json!({"kind": kind, "years": years, "basis": "Dhp 4.2, SN 2025/401 § 12",
            "valid_from": "2026-01-01"})
    };
    json!({ "rules": EVERY_KIND.iter().map(line).collect::<Vec<_>>() })
}

fn items(client: &Client, run: &Value) -> Vec<Value> {
    let path = format!("/api/v1/retention/runs/{}/items", run["id"].as_str().expect("an id"));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit=500{cursor}")).expect(200).json();
        found.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Every cell that is asked here, as text.
fn figures(mas: &Client) -> Vec<String> {
    let mut cells = Vec::new();
    let groups = [
        "kind,month",
        "unit,law",
        "category,severity",
        "area,vardskada",
        "injury,sex",
        "age_band,profession",
        "track,outcome",
        "status,source",
        "channel,nature",
        "week",
        "weekday,hour_band",
        "probability,serious",
        "reporting_unit",
        "reached_person,half",
    ];
    for year in [2025, 2026] {
        for group in groups {
            for query in ["", "&count_by=occurred", "&duplicates=all", "&of=events"] {
                cells.push(format!("year={year}&group_by={group}{query}"));
            }
        }
        for more in [
            "group_by=cause&of=mentions",
            "group_by=counterparty&of=mentions",
            "group_by=fall_place&of=mentions",
            "group_by=unit&of=escalations",
            "group_by=month&of=forwardings",
            "group_by=kind&measures=count,open,closed,lead_time,answered",
        ] {
            cells.push(format!("year={year}&{more}"));
        }
    }
    let mut told: Vec<String> = cells
        .into_iter()
        .map(|query| {
            let answer = mas.get(&format!("/api/v1/statistics?{query}"));
            assert!([200, 422].contains(&answer.status), "{query}: {}", answer.text);
            let rows = answer.json();
            // Times of the asking itself are no figures.
            format!("{query} {} {}", rows["rows"], rows["total"])
        })
        .collect();
    let answered = told.iter().filter(|it| !it.ends_with("null null")).count();
    assert!(answered > 100, "{answered} of {} are answered", told.len());
    for year in [2025, 2026] {
        let report = mas.get(&format!("/api/v1/reports/yearly/{year}")).expect(200).json();
        let sections = &report["report"]["sections"];
        assert!(sections.is_array(), "{report}");
        told.push(sections.to_string());
    }
    told
}

/// Whether a text stands in a file below a directory.
fn found_in(dir: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(found_in(&path, text));
            continue;
        }
        let bytes = std::fs::read(&path).expect("reads");
        let there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        found.extend(there.then(|| path.display().to_string()));
    }
    found
}

/// Where a text stands in what the service keeps: its database, log, files, and on PostgreSQL in a dump.
fn kept(service: &Service, text: &str) -> Vec<String> {
    let mut found = found_in(service.dir(), text);
    let url = service.database_url();
    if url.starts_with("postgres") {
        let dump = Command::new("pg_dump").arg(&url).output().expect("pg_dump");
        assert!(dump.status.success(), "pg_dump");
        let there = String::from_utf8_lossy(&dump.stdout).contains(text);
        found.extend(there.then(|| "dump".to_owned()));
    }
    found
}

fn files_below(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).expect("a directory");
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

#[test]
fn what_is_on_the_list_goes_and_nothing_else_and_no_figure_changes() {
    on_each_database(|database| {
        let town = town(database);
        town.later();
        let (admin, mas, chef) = (town.client("admin"), town.client("mas"), town.client("chef"));
        let before = figures(&mas);
        assert!(!kept(&town.service, CANARY).is_empty(), "it can be found");
        assert_eq!(files_below(&town.service.dir().join("depot")), 4);

        // Without a plan nothing can go.
        let none = admin.post("/api/v1/retention/runs", json!({})).expect(409).json();
        assert_eq!(none["detail"], "no_retention_plan");
        chef.put("/api/v1/setup/retention", plan(10)).expect(403);
        admin.put("/api/v1/setup/retention", plan(10)).expect(200);
        admin.put("/api/v1/setup/retention", plan(10)).expect(428);
        // One is held.
        let hold = json!({"case": town.told[2], "reason": "Ersättningsanspråk"});
        let held = admin.post("/api/v1/legal-holds", hold).expect(201);

        let made = admin.post("/api/v1/retention/runs", json!({})).expect(201);
        let run = made.json();
        assert_eq!(run["status"], "listed");
        let list = items(&admin, &run);
        let of =
            |case: &str| list.iter().find(|it| it["object"] == case).expect("is listed").clone();
        let first = of(&town.told[0]);
        assert_eq!(first["kind"], "avvikelse_hsl");
        assert_eq!(first["due_on"], "2036-02-10");
        assert_eq!(first["basis"], "Dhp 4.2, SN 2025/401 § 12");
        assert_eq!(first["parts"]["attachments"], 1);
        assert!(first["held"].is_null(), "{first}");
        assert_eq!(of(&town.told[2])["held"], "legal_hold");
        assert_eq!(of(&town.linked)["held"], "linked_open");
        assert!(
            list.iter().all(|it| it["object"] != town.open.as_str()),
            "what is open is not listed"
        );
        let goes: BTreeSet<String> = list
            .iter()
            .filter(|it| it["held"].is_null())
            .map(|it| it["object"].to_string())
            .collect();
        assert_eq!(goes.len() as u64, run["listed"].as_u64().expect("a count"));
        assert!(goes.len() > 2000, "{}", goes.len());
        assert_eq!(figures(&mas), before, "a list changes nothing");

        // One changes after the list was made.
        let changed = town.told[1].clone();
        let path = format!("/api/v1/cases/{changed}");
        let read = chef.get(&path).expect(200);
        let case = read.json();
        let measure =
            case["investigation"]["measures"][0]["id"].as_str().expect("an id").to_owned();
        let note = json!({"effect_note": format!("{CANARY} igen")});
        let to = format!("{path}/measures/{measure}");
        chef.with("if-match", &read.etag()).patch(&to, note).expect(200);
        let before = figures(&mas);

        let order = format!("/api/v1/retention/runs/{}/order", run["id"].as_str().expect("an id"));
        let decision = json!({"decision": "SN 2040/17"});
        admin.post(&order, decision.clone()).expect(428);
        let other = format!("\"{}\"", "0".repeat(64));
        admin.with("If-Match", &other).post(&order, decision.clone()).expect(412);
        let tagged = admin.with("If-Match", &made.etag());
        tagged.post(&order, json!({"decision": " "})).expect(422);
        tagged.post(&order, decision.clone()).expect(200);
        tagged.post(&order, decision).expect(409);

        // Broken off in the middle: whatever was not done yet is done afterwards, and nothing twice.
        let broken = async {
            let work = town.service.app.carry_out_retention();
            tokio::time::timeout(Duration::from_millis(300), work).await.is_err()
        };
        assert!(town.service.run(broken), "it was broken off");
        let part =
            admin.get(&format!("/api/v1/retention/runs/{}", run["id"].as_str().expect("an id")));
        let part = part.expect(200).json();
        assert_eq!(part["status"], "ordered");
        let erased = part["erased"].as_u64().expect("a count");
        assert!(erased < goes.len() as u64, "{erased}");
        // Whoever broke off holds the lease for a minute.
        town.service.clock.advance(SignedDuration::from_mins(2));
        let done = town.carry_out(&admin, &run);
        assert_eq!(done["decision"], "SN 2040/17");
        let after = items(&admin, &run);
        let erased: BTreeSet<String> = after
            .iter()
            .filter(|it| it["outcome"] == "erased")
            .map(|it| it["object"].to_string())
            .collect();
        let mut expected = goes.clone();
        // What changed stays: the case itself, and what was listed apart from it does not.
        expected.remove(&json!(changed).to_string());
        assert_eq!(erased, expected, "the list is what went");
        let of =
            |case: &str| after.iter().find(|it| it["object"] == case).expect("is listed").clone();
        assert_eq!(of(&changed)["outcome"], "changed");
        assert!(of(&town.told[2])["outcome"].is_null());

        // No figure changes, in any cell.
        let now = figures(&mas);
        let differ = now.iter().zip(&before).filter(|(now, before)| now != before).count();
        assert_eq!(differ, 0, "of {} answers", now.len());

        // It was, it is gone, and by which decision; to nobody else anything.
        let gone = chef.get(&format!("/api/v1/cases/{}", town.told[0])).expect(410).json();
        assert_eq!(gone["code"], "erased");
        let told = gone["detail"].as_str().expect("a detail");
        assert!(told.contains("SN 2040/17") && told.contains("gallrat 2040-03-10"), "{told}");
        town.client("nobody").get(&format!("/api/v1/cases/{}", town.told[0])).expect(404);
        for path in ["history", "subject", "attachments", "comments", "record"] {
            chef.get(&format!("/api/v1/cases/{}/{path}", town.told[0])).expect(410);
        }
        let list = chef.get("/api/v1/cases?limit=500").expect(200).json();
        let listed: Vec<_> =
            list["items"].as_array().expect("items").iter().map(|it| it["id"].clone()).collect();
        assert!(!listed.contains(&json!(town.told[0])), "not in lists");
        assert!(listed.contains(&json!(changed)) && listed.contains(&json!(town.told[2])));
        // What stays is as it was.
        let stays = chef.get(&format!("/api/v1/cases/{}", town.told[2])).expect(200).text;
        assert!(stays.contains(CANARY), "{stays}");
        assert_eq!(files_below(&town.service.dir().join("depot")), 3);

        // The rest goes too: then not a trace is left.
        let id = held.json()["id"].as_str().expect("an id").to_owned();
        let lift = format!("/api/v1/legal-holds/{id}/lift");
        let lifted = admin.with("If-Match", &held.etag()).post(&lift, json!({"reason": "Avgjort"}));
        assert_eq!(lifted.expect(200).json()["holds"], json!(false));
        chef.command(&town.open, "void", json!({"reason": "Fel"})).expect(200);
        town.service.clock.advance(SignedDuration::from_hours(24 * 365 * 11));
        let (admin, mas) = (town.client("admin"), town.client("mas"));
        let before = figures(&mas);
        let made = admin.post("/api/v1/retention/runs", json!({})).expect(201);
        let order =
            format!("/api/v1/retention/runs/{}/order", made.json()["id"].as_str().expect("an id"));
        let decision = json!({"decision": "SN 2051/1"});
        admin.with("If-Match", &made.etag()).post(&order, decision).expect(200);
        town.carry_out(&admin, &made.json());
        assert_eq!(figures(&mas), before);
        // The file is written anew when a run is done, by whoever carried it out.
        let clean = (0..60).any(|_| {
            std::thread::sleep(Duration::from_millis(250));
            kept(&town.service, CANARY).is_empty()
        });
        assert!(clean, "{:?}", kept(&town.service, CANARY));
        assert_eq!(files_below(&town.service.dir().join("depot")), 0);
        // Each case that went has its entry, which names the decision.
        let erased = town
            .service
            .run(town.service.app.store.read(town.tenant, |tx| tx.record_counts()))
            .expect("counts");
        assert_eq!(erased.facts, erased.cases, "the facts stay");
    });
}

/// Fourteen years on, for whoever sees to it.
fn admin_later(house: &House) -> Client {
    house.service.holder(("provby", house.tenant), "adm", Role::Admin, &[], &[]);
    house.service.clock.set(LATER.parse().expect("a time"));
    house.service.reporter("provby", "adm")
}

/// Orders a list and carries it out; gives its lines with what came of them.
#[track_caller]
fn carried_out(house: &House, admin: &Client, made: &Response) -> Vec<Value> {
    let run = made.json();
    let path = format!("/api/v1/retention/runs/{}", id(&run));
    let decision = json!({"decision": "SN 2040/18"});
    admin.with("If-Match", &made.etag()).post(&format!("{path}/order"), decision).expect(200);
    for _ in 0..120 {
        house.service.run(house.service.app.carry_out_retention()).expect("is carried out");
        if admin.get(&path).expect(200).json()["status"] == "done" {
            return items(admin, &run);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    panic!("not carried out");
}

#[track_caller]
fn line(items: &[Value], object: &str) -> Value {
    items.iter().find(|it| it["object"] == object).expect("is listed").clone()
}

#[test]
fn an_old_list_asks_the_plan_and_the_holds_once_more() {
    on_each_database(|database| {
        let house = house(database);
        let cases: Vec<String> = (0..2)
            .map(|_| {
                let mut filing = fall();
                filing["subject"] = json!({"personal_id": "640823-3234"});
                let case = id(&file(&house.manager, filing));
                house.manager.command(&case, "triage", standard_triage()).expect(200);
                case
            })
            .collect();
        let joint = json!({"cases": cases, "reason": "same_person"});
        house.manager.post("/api/v1/investigations", joint).expect(201);
        for case in &cases {
            house.manager.command(case, "void", json!({"reason": "Fel"})).expect(200);
        }
        let from = counterparty(&house.mas, "Ambulansen", "AMB");
        let body = json!({"counterparty": from, "matter": "Otydlig rapport", "unit": "gran",
            "text": "Rapporten saknade uppgift om blodförtunnande.", "channel": "post",
            "received_on": "2026-03-05", "event_on": "2026-03-01",
            "subject": {"personal_id": "640823-3234"}});
        let sent = id(&house.mas.post("/api/v1/forwardings", body).expect(201).json());
        let not_ours = json!({"whom": "Lasarettet", "channel": "post"});
        go(&house.mas, &sent, "wrong_recipient", not_ours).expect(200);
        let on = json!({"to": "Lasarettet", "ground": "consent", "motivation": "Samtycker."});
        go(&house.mas, &sent, "pass_on", on).expect(200);
        let listed = [&cases[0], &cases[1], &sent];

        let admin = admin_later(&house);
        let list = || admin.post("/api/v1/retention/runs", json!({})).expect(201);
        let set = |plan: Value| {
            let etag = admin.get("/api/v1/setup/retention").expect(200).etag();
            admin.with("If-Match", &etag).put("/api/v1/setup/retention", plan).expect(200);
        };
        admin.put("/api/v1/setup/retention", plan(10)).expect(200);
        let old = list();
        let mut preserved = plan(10);
        for line in preserved["rules"].as_array_mut().expect("lines") {
            line["years"] = Value::Null;
        }
        set(preserved);
        let lines = carried_out(&house, &admin, &old);
        for object in listed {
            let line = line(&lines, object);
            assert_eq!((&line["held"], &line["outcome"]), (&Value::Null, &json!("changed")));
        }

        // A hold on one of two cases of an investigation holds the other; one on a person, whoever it is, what
        // other caregivers sent about somebody.
        set(plan(10));
        let old = list();
        let hold = json!({"case": cases[1], "reason": "Ersättningsanspråk"});
        admin.post("/api/v1/legal-holds", hold).expect(201);
        let hold = json!({"subject": {"personal_id": "811218-9876"}, "reason": "Tillsyn"});
        admin.post("/api/v1/legal-holds", hold).expect(201);
        let lines = carried_out(&house, &admin, &old);
        for object in listed {
            let line = line(&lines, object);
            assert_eq!((&line["held"], &line["outcome"]), (&Value::Null, &json!("held")));
        }
        let lines = items(&admin, &list().json());
        let held = listed.map(|object| line(&lines, object)["held"].clone());
        assert_eq!(held, ["joint_investigation", "legal_hold", "legal_hold"]);
    });
}

#[test]
fn whom_it_was_about_before_goes_with_its_key() {
    on_each_database(|database| {
        let house = house(database);
        let keys = || {
            let to = house.service.dir().join(Uuid::now_v7().to_string());
            let taken = house.service.run(house.service.app.store.write_record_keys(&to));
            taken.expect("the keys").records
        };
        let about = |person: &str| {
            let mut filing = fall();
            filing["subject"] = json!({ "personal_id": person });
            filing
        };
        let case = id(&file(&house.manager, about("640823-3234")));
        house.manager.command(&case, "triage", standard_triage()).expect(200);
        let other = json!({"subject": {"personal_id": "811218-9876"}, "reason": "Fel person."});
        house.manager.command(&case, "corrections", other).expect(200);
        house.manager.command(&case, "void", json!({"reason": "Fel"})).expect(200);
        assert_eq!(keys(), 2, "the history names both");

        // Of a draft nothing is kept but what it says now.
        let mut draft = about("640823-3234");
        draft["draft"] = json!(true);
        let path = format!("/api/v1/cases/{}", id(&file(&house.manager, draft.clone())));
        draft["subject"] = json!({"personal_id": "811218-9876"});
        let etag = house.manager.get(&path).expect(200).etag();
        house.manager.with("if-match", &etag).patch(&path, draft).expect(200);
        assert_eq!(keys(), 3);

        let admin = admin_later(&house);
        admin.put("/api/v1/setup/retention", plan(10)).expect(200);
        let made = admin.post("/api/v1/retention/runs", json!({})).expect(201);
        let lines = carried_out(&house, &admin, &made);
        assert_eq!(line(&lines, &case)["outcome"], "erased");
        assert_eq!(keys(), 0);
    });
}

#[test]
fn what_a_lex_matter_came_to_stand_beside_follows_its_own_line() {
    on_each_database(|database| {
        let house = house(database);
        let case = id(&file(&house.manager, fall()));
        let end = json!({"outcome": "UTF.ATE", "summary": "x"});
        house.manager.command(&case, "close", end).expect(200);
        let admin = admin_later(&house);
        let mut lex = plan(10);
        for line in lex["rules"].as_array_mut().expect("lines") {
            if line["kind"] == "lex" {
                line["years"] = Value::Null;
            }
        }
        admin.put("/api/v1/setup/retention", lex).expect(200);
        let made = admin.post("/api/v1/retention/runs", json!({})).expect(201);
        let of_case = |lines: Vec<Value>| line(&lines, &case);
        assert_eq!(of_case(items(&admin, &made.json()))["held"], Value::Null);

        // Raised and screened out after the list was made: the case itself does not change.
        let (manager, mas) =
            (house.service.reporter("provby", "chef"), house.service.reporter("provby", "mas"));
        let raise = json!({"kind": "lex_maria", "reason": "Kunde ha gått illa."});
        let path = format!("/api/v1/cases/{case}/escalations");
        let it = id(&manager.post(&path, raise).expect(201).json());
        let out = json!({"outcome": "out", "reasons": ["SCR.EJA"]});
        crate::escalations::go(&mas, &it, "screen", out).expect(200);
        assert_eq!(of_case(carried_out(&house, &admin, &made))["outcome"], "changed");
    });
}
