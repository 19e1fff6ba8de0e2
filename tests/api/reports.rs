//! The report of a year: written, frozen, checked, established, and shared with the nämnd that buys the care.

use std::thread;

use aws_lc_rs::digest::{SHA256, digest};
use domain::ids::TenantId;
use domain::organisation::Role;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::{Client, Database, Response, Service, on_each_database};

use crate::{fall, file};

pub const REPORT: &str = "/api/v1/reports/yearly/2025";

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A tenant with three cases of 2025, in February 2026.
pub struct Town {
    pub service: Service,
    pub tenant: TenantId,
    pub mas: Client,
    pub director: Client,
    pub board: Client,
    manager: Client,
}

pub fn town(database: Database) -> Town {
    let service = Service::start_at(database, at("2025-06-02T08:00:00Z"));
    let tenant = service.tenant("provby");
    let of = ("provby", tenant);
    let reporter = service.reporter("provby", "anmälare");
    for _ in 0..3 {
        file(&reporter, fall());
    }
    service.clock.set(at("2026-02-10T08:00:00Z"));
    let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
    let director = service.holder(of, "chef", Role::Director, &[], &[]);
    let board = service.holder(of, "nämnd", Role::Board, &[], &[]);
    let manager = service.holder(of, "ec", Role::UnitManager, &["gran"], &[]);
    Town { service, tenant, mas, director, board, manager }
}

impl Town {
    /// Some time later: tokens do not last as long.
    pub fn later(&mut self, now: &str) {
        self.service.clock.set(at(now));
        let anew = |subject: &str| self.service.reporter("provby", subject);
        self.mas = anew("mas");
        self.director = anew("chef");
        self.board = anew("nämnd");
        self.manager = anew("ec");
    }

    fn tag(&self) -> String {
        self.mas.get(&format!("{REPORT}/draft")).expect(200).etag()
    }

    pub fn command(&self, client: &Client, command: &str, body: Value) -> Response {
        client.with("if-match", &self.tag()).post(&format!("{REPORT}/{command}"), body)
    }

    /// Locks, checks and establishes.
    pub fn establish(&self) {
        self.command(&self.mas, "lock", json!({})).expect(200);
        self.command(&self.mas, "check", json!({})).expect(200);
        self.command(&self.director, "establish", vardgivare("2026-02-10")).expect(200);
    }

    /// A case of last year comes in by post.
    fn late_letter(&self) {
        let mut body = fall();
        body["received_at"] = json!("2025-12-30T12:00:00Z");
        body["received_reason"] = json!("Kom med posten.");
        body["channel"] = json!("post");
        file(&self.service.holder(("provby", self.tenant), "reg", Role::Mas, &[], &[]), body);
    }
}

pub fn vardgivare(on: &str) -> Value {
    json!({"on": on, "capacity": "vardgivare", "reference": "VN § 12"})
}

fn fault(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

fn sha256(bytes: &[u8]) -> String {
    let hash = digest(&SHA256, bytes);
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The yearly report's clock, as the MAS sees it.
fn clock(town: &Town, state: &str) -> Vec<Value> {
    let all = town.mas.get(&format!("/api/v1/clocks?state={state}")).expect(200).json();
    let items = all["items"].as_array().expect("items").clone();
    items.into_iter().filter(|item| item["kind"] == "yearly_report").collect()
}

#[test]
fn a_report_is_frozen_checked_and_established_and_stays_as_it_was() {
    on_each_database(|database| {
        let mut town = town(database);
        assert_eq!(clock(&town, "due").len(), 1);
        for command in ["check", "establish", "reopen"] {
            let body = match command {
                "establish" => vardgivare("2026-02-10"),
                "reopen" => json!({"reason": "x"}),
                _ => json!({}),
            };
            let by = if command == "establish" { &town.director } else { &town.mas };
            let told = town.command(by, command, body).expect(409);
            assert_eq!(told.json()["code"], "invalid_state", "{command}");
        }
        town.mas.post(&format!("{REPORT}/lock"), json!({})).expect(428);
        let locked = town.command(&town.director, "lock", json!({})).expect(200).json();
        assert_eq!((&locked["state"], &locked["newest"]), (&json!("locked"), &json!(1)));

        let versions = town.mas.get(&format!("{REPORT}/versions")).expect(200).json();
        let known = versions["items"][0]["sha256"].as_str().expect("a hash").to_owned();
        let first = town.mas.get(&format!("{REPORT}/versions/1")).expect(200);
        assert_eq!(sha256(&first.bytes), known);
        assert_eq!(first.etag(), format!("\"{known}\""));
        let again = town.mas.get(&format!("{REPORT}/versions/1")).expect(200);
        assert_eq!(again.bytes, first.bytes);
        let report = first.json();
        assert_eq!(report["read_at"], "2026-02-10T08:00:00Z");
        assert_eq!(report["definitions"], 2);

        // What is frozen is for those who write it until it is established.
        town.board.get(&format!("{REPORT}/versions/1")).expect(404);
        let none = town.board.get(&format!("{REPORT}/versions")).expect(200).json();
        assert_eq!(none["items"], json!([]));
        town.manager.get(&format!("{REPORT}/versions/1")).expect(403);

        let same = town.command(&town.mas, "lock", json!({})).expect(422);
        assert_eq!(same.faults(), [fault("", "report_unchanged")]);
        town.command(&town.director, "check", json!({})).expect(403);
        town.command(&town.mas, "check", json!({})).expect(200);
        town.command(&town.mas, "establish", vardgivare("2026-02-10")).expect(403);
        let wrong = town.command(&town.director, "establish", vardgivare("2026-02-09"));
        assert_eq!(wrong.expect(422).faults(), [fault("/on", "before")]);
        town.later("2026-03-05T08:00:00Z");
        assert_eq!(clock(&town, "missed,late").len(), 1);
        let established =
            town.command(&town.director, "establish", vardgivare("2026-02-24")).expect(200).json();
        assert_eq!(established["established_on"], "2026-02-24");
        assert_eq!(established["established"]["reference"], "VN § 12");
        assert_eq!(clock(&town, "missed,late,due").len(), 0);
        assert_eq!(clock(&town, "kept").len(), 1);

        // A change of cases is a version beside the first, which stays established and is what others see.
        town.late_letter();
        let relocked = town.command(&town.mas, "lock", json!({})).expect(200).json();
        assert_eq!((&relocked["state"], &relocked["newest"]), (&json!("locked"), &json!(2)));
        assert_eq!(relocked["established_on"], "2026-02-24");
        let changes = town.mas.get(&format!("{REPORT}/versions/2/changes")).expect(200).json();
        assert_eq!(changes["against"], 1);
        assert_eq!(changes["redefined"], false);
        let cells = changes["cells"].as_array().expect("cells");
        let total = cells.iter().find(|cell| {
            cell["table"] == "deviations_by_unit"
                && cell["row"].is_null()
                && cell["column"] == "count_2025"
        });
        let total = total.unwrap_or_else(|| panic!("{cells:#?}"));
        assert_eq!(
            (&total["before"], &total["after"]),
            (&json!({"count": 3}), &json!({"count": 4}))
        );
        let first_of_all = town.mas.get(&format!("{REPORT}/versions/1/changes")).expect(200).json();
        assert_eq!((&first_of_all["against"], &first_of_all["cells"]), (&Value::Null, &json!([])));
        let theirs = town.board.get(&format!("{REPORT}/versions/1")).expect(200);
        assert_eq!(theirs.bytes, first.bytes);
        town.board.get(&format!("{REPORT}/versions/2")).expect(404);
        let seen = town.board.get(&format!("{REPORT}/versions")).expect(200).json();
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(seen["items"][0]["state"], "established");
    });
}

#[test]
fn the_answer_has_the_frozen_bytes_and_where_they_stand() {
    on_each_database(|database| {
        let town = town(database);
        town.board.get(REPORT).expect(404);
        let live = town.mas.get(REPORT).expect(200).json();
        assert_eq!((&live["state"], &live["version"]), (&json!("open"), &Value::Null));
        town.command(&town.mas, "lock", json!({})).expect(200);
        town.late_letter();
        let frozen = town.mas.get(REPORT).expect(200);
        let bytes = town.mas.get(&format!("{REPORT}/versions/1")).expect(200).text;
        assert!(frozen.text.contains(&bytes), "{}", frozen.text);
        let told = frozen.json();
        assert_eq!((&told["state"], &told["version"]), (&json!("locked"), &json!(1)));
        assert_eq!(told["sha256"], sha256(bytes.as_bytes()));
        // The board sees what is established; others ask for what is live.
        town.board.get(REPORT).expect(404);
        let open = town.mas.get(&format!("{REPORT}?version=open")).expect(200).json();
        assert_eq!(open["version"], Value::Null);
        assert_ne!(open["report"], told["report"]);
        town.command(&town.mas, "check", json!({})).expect(200);
        town.command(&town.director, "establish", vardgivare("2026-02-10")).expect(200);
        let seen = town.board.get(REPORT).expect(200).json();
        assert_eq!((&seen["state"], &seen["version"]), (&json!("established"), &json!(1)));
        assert_eq!(seen["report"], told["report"]);
        town.mas.get(&format!("{REPORT}?version=2")).expect(404);
        town.mas.get(&format!("{REPORT}?version=0")).expect(422);
        // A unit's figures are never frozen.
        let unit = town.manager.get(&format!("{REPORT}?unit=gran")).expect(200).json();
        assert_eq!(unit["version"], Value::Null);
        town.mas.get(&format!("{REPORT}?unit=gran&version=1")).expect(422);
    });
}

#[test]
fn words_have_versions_of_their_own_and_wait_while_it_is_frozen() {
    on_each_database(|database| {
        let town = town(database);
        let path = format!("{REPORT}/sections/leadership");
        let text = |text: &str| json!({ "text": text });
        let told = town.director.put(&path, text("Om 640823-3234.")).expect(422);
        assert_eq!(told.faults(), [fault("/text", "personal_number")]);
        let first = town.director.put(&path, text("Vi har mål.")).expect(200);
        assert_eq!(first.json()["author"], "chef");
        town.mas.put(&path, text("Andra ord.")).expect(428);
        let second = town.mas.with("if-match", &first.etag()).put(&path, text("Andra ord."));
        let tag = second.expect(200).etag();
        town.director.with("if-match", &first.etag()).put(&path, text("För sent.")).expect(412);
        town.manager.put(&path, text("x")).expect(403);
        town.mas.put(&format!("{REPORT}/sections/nej"), text("x")).expect(404);
        town.mas.put("/api/v1/reports/yearly/2027/sections/leadership", text("x")).expect(404);

        town.command(&town.mas, "lock", json!({})).expect(200);
        let frozen = town.mas.with("if-match", &tag).put(&path, text("Mer."));
        assert_eq!(frozen.expect(409).json()["code"], "invalid_state");
        town.command(&town.mas, "reopen", json!({"reason": "Ett mål saknas."})).expect(200);
        town.mas.with("if-match", &tag).put(&path, text("Mer.")).expect(200);
        town.command(&town.mas, "lock", json!({})).expect(200);
        let changes = town.mas.get(&format!("{REPORT}/versions/2/changes")).expect(200).json();
        assert_eq!(changes["sections"], json!(["leadership"]));
        assert_eq!(changes["cells"], json!([]));
        let texts = |version: u32| {
            let report = town.mas.get(&format!("{REPORT}/versions/{version}")).expect(200).json();
            let sections = report["sections"].as_array().expect("sections").clone();
            let found = sections.iter().find(|section| section["id"] == "leadership");
            found.expect("a section")["text"]["text"].clone()
        };
        assert_eq!((texts(1), texts(2)), (json!("Andra ord."), json!("Mer.")));
    });
}

#[test]
fn goals_and_decisions_are_carried_and_answered_before_it_is_frozen() {
    on_each_database(|database| {
        let town = town(database);
        let set = |year: Value, text: &str| {
            let body = json!({"section": "reliable_processes", "text": text, "year": year});
            town.mas.post(&format!("{REPORT}/goals"), body)
        };
        let carried = set(json!(2025), "Färre fall").expect(201);
        set(Value::Null, "Alla kontroller varje månad").expect(201);
        assert_eq!(set(json!(2027), "x").expect(422).faults(), [fault("/year", "out_of_range")]);
        let goal = carried.header("location").expect("a location").to_owned();
        let id = carried.json()["id"].as_str().expect("an id").to_owned();
        let stopped = town.command(&town.mas, "lock", json!({})).expect(422);
        assert_eq!(stopped.faults(), [fault(&format!("/goals/{id}"), "goal_unanswered")]);
        let draft = town.mas.get(&format!("{REPORT}/draft")).expect(200).json();
        assert_eq!(draft["missing"][0]["code"], "goal_unanswered");
        let answer = json!({"answer": {"reached": "not_followed_up", "text": "Mätningen saknas."}});
        let answered = town.mas.with("if-match", &carried.etag()).put(&goal, answer).expect(200);
        assert_eq!(answered.json()["answer"]["reached"], "not_followed_up");
        town.mas.with("if-match", &carried.etag()).put(&goal, json!({"text": "x"})).expect(412);
        town.command(&town.mas, "lock", json!({})).expect(200);
        let report = town.mas.get(&format!("{REPORT}/versions/1")).expect(200).json();
        let decided = report["first_page"].as_array().expect("pages").last().cloned();
        let decided = decided.expect("a page");
        assert_eq!(decided["part"], "decided");
        let line = "Färre fall. Blev det så? Inte uppföljt. Mätningen saknas.";
        assert_eq!(decided["lines"], json!([line]));

        // The nämnd has it once it is checked; what it decides waits in next year's report.
        let board = |state: &str, decided: Value| {
            let mut body = json!({"state": state, "on": "2026-02-10", "decided": decided});
            if state != "submitted" {
                body["paragraph"] = json!("§ 40");
            }
            town.command(&town.director, "board", body)
        };
        board("submitted", json!([])).expect(409);
        town.command(&town.mas, "check", json!({})).expect(200);
        board("approved", json!([])).expect(409);
        board("submitted", json!([])).expect(200);
        board("submitted", json!(["x"])).expect(422);
        let approved = board("approved", json!(["Fler larm på Gran."])).expect(200).json();
        assert_eq!(approved["board"]["state"], "approved");
        assert_eq!(approved["board"]["paragraph"], "§ 40");
        assert_eq!(approved["state"], "checked");
        let next = town.mas.get("/api/v1/reports/yearly/2026/draft").expect(200).json();
        assert_eq!(next["decisions"][0]["text"], "Fler larm på Gran.");
        assert_eq!(next["missing"].as_array().map(Vec::len), Some(2));
        let next = town.mas.get("/api/v1/reports/yearly/2026/draft").expect(200).etag();
        let next = town.mas.with("if-match", &next);
        let early = next.post("/api/v1/reports/yearly/2026/lock", json!({}));
        assert_eq!(early.expect(422).faults()[0], fault("", "year_not_ended"));
    });
}

#[test]
fn what_is_decided_late_is_answered_in_a_new_version_and_changes_none() {
    on_each_database(|database| {
        let mut town = town(database);
        town.establish();
        let board = |town: &Town, state: &str, decided: Value, on: &str| {
            let mut body = json!({"state": state, "on": on, "decided": decided});
            if state != "submitted" {
                body["paragraph"] = json!("§ 40");
            }
            town.command(&town.director, "board", body).expect(200)
        };
        board(&town, "submitted", json!([]), "2026-02-10");
        // A year on, next year's report was begun, and frozen, before the nämnd has met about this one.
        town.later("2027-02-10T08:00:00Z");
        let next = "/api/v1/reports/yearly/2026";
        let of = |town: &Town, command: &str| {
            let tag = town.mas.get(&format!("{next}/draft")).expect(200).etag();
            town.mas.with("if-match", &tag).post(&format!("{next}/{command}"), json!({}))
        };
        let text = json!({"text": "Påbörjad"});
        town.mas.put(&format!("{next}/sections/leadership"), text).expect(200);
        let begun = town.mas.get(&format!("{next}/draft")).expect(200).etag();
        of(&town, "lock").expect(200);
        let first = town.mas.get(&format!("{next}/versions/1")).expect(200);
        board(&town, "approved", json!(["Fler larm på Gran."]), "2027-02-10");
        let draft = town.mas.get(&format!("{next}/draft")).expect(200);
        assert_ne!(draft.etag(), begun);
        let draft = draft.json();
        assert_eq!(draft["decisions"][0]["text"], "Fler larm på Gran.");
        assert_eq!(draft["missing"].as_array().map(Vec::len), Some(1));
        let after = town.mas.get(&format!("{next}/versions/1")).expect(200);
        assert!(after.bytes == first.bytes, "what is frozen stays as it was");
        assert_eq!(of(&town, "lock").expect(422).faults()[0].1, "goal_unanswered");

        let tag = town.mas.get(&format!("{next}/draft")).expect(200).etag();
        let why = json!({"reason": "Nämnden har beslutat"});
        town.mas.with("if-match", &tag).post(&format!("{next}/reopen"), why).expect(200);
        let decision = draft["decisions"][0]["id"].as_str().expect("an id").to_owned();
        let answer = json!({"answer": {"reached": "yes", "text": "Larmen sitter uppe."}});
        let version = format!("\"{}\"", draft["decisions"][0]["version"]);
        let goal = format!("{next}/goals/{decision}");
        town.mas.with("if-match", &version).put(&goal, answer).expect(200);
        of(&town, "lock").expect(200);
        let changes = town.mas.get(&format!("{next}/versions/2/changes")).expect(200).json();
        assert_eq!(changes["sections"], json!(["summary"]));
        let second = town.mas.get(&format!("{next}/versions/2")).expect(200).text;
        assert!(second.contains("Fler larm på Gran. Blev det så? Ja. Larmen sitter uppe."));
    });
}

#[test]
fn no_year_is_frozen_from_before_there_is_anything() {
    on_each_database(|database| {
        let town = town(database);
        for year in [1989, 1999, 2024] {
            let path = format!("/api/v1/reports/yearly/{year}/lock");
            let told = town.mas.with("if-match", "\"0-0\"").post(&path, json!({})).expect(422);
            assert_eq!(told.faults(), [fault("", "year_before_any_data")], "{year}");
            let said = told.json()["errors"][0]["message"].to_string();
            assert!(said.contains("inga uppgifter från så tidigt"), "{said}");
        }
        // What is counted elsewhere is something.
        let figure = json!({"name": "Kontroller", "from": "2024-01-01", "to": "2024-12-31",
            "value": 1, "source": "Pärm"});
        town.mas.post("/api/v1/own-figures", figure).expect(201);
        let lock = "/api/v1/reports/yearly/2024/lock";
        town.mas.with("if-match", "\"0-0\"").post(lock, json!({})).expect(200);
    });
}

#[test]
fn the_namnd_reads_what_is_approved_and_whoever_has_some_units_reads_of_those() {
    on_each_database(|database| {
        let town = town(database);
        let of = ("provby", town.tenant);
        let small = town.service.holder(of, "mas-gran", Role::Mas, &["gran"], &[]);
        for path in ["?version=open", "?unit=gran"] {
            town.board.get(&format!("{REPORT}{path}")).expect(403);
        }
        town.board.get(REPORT).expect(404);
        for path in
            ["/api/v1/statistics?year=2025", "/api/v1/signals?year=2025", "/api/v1/follow-up"]
        {
            town.board.get(path).expect(403);
        }
        town.board.get("/api/v1/board/figures").expect(200);
        let whole = ["", "?version=open", "/draft", "/marks", "/texts", "/versions"];
        for path in whole {
            small.get(&format!("{REPORT}{path}")).expect(403);
        }
        small.with("if-match", "\"0\"").post(&format!("{REPORT}/lock"), json!({})).expect(403);
        small.get(&format!("{REPORT}?unit=gran")).expect(200);
        small.get(&format!("{REPORT}?unit=syd")).expect(403);

        town.command(&town.mas, "lock", json!({})).expect(200);
        town.command(&town.mas, "check", json!({})).expect(200);
        town.board.get(REPORT).expect(404);
        let submitted = json!({"state": "submitted", "on": "2026-02-10"});
        town.command(&town.mas, "board", submitted).expect(200);
        assert_eq!(town.board.get(REPORT).expect(200).json()["version"], 1);
        town.board.get(&format!("{REPORT}?version=1&format=docx")).expect(200);
        town.board.get(&format!("{REPORT}?version=open")).expect(403);
        small.get(REPORT).expect(403);
        small.get(&format!("{REPORT}/versions/1")).expect(403);
    });
}

#[test]
fn whoever_holds_one_unit_writes_of_that_unit_alone() {
    on_each_database(|database| {
        let town = town(database);
        let of = ("provby", town.tenant);
        let small = town.service.holder(of, "mas-gran", Role::Mas, &["gran"], &[]);
        let list = "/api/v1/own-figures";
        let figure = |unit: Value| {
            json!({"name": "Kontroller", "unit": unit, "from": "2025-01-01", "to": "2025-12-31",
                "value": 1, "source": "Pärm"})
        };
        small.post(list, figure(json!("gran"))).expect(201);
        for unit in [Value::Null, json!("syd")] {
            let told = small.post(list, figure(unit.clone())).expect(422);
            assert_eq!(told.faults(), [fault("/unit", "unit_not_yours")]);
            town.mas.post(list, figure(unit)).expect(201);
        }
        let known = town.mas.get(&format!("{list}?year=2025")).expect(200).json();
        for it in known["items"].as_array().expect("items") {
            let at = format!("{list}/{}", it["id"].as_str().expect("an id"));
            let status = match it["unit"]["code"].as_str() {
                None => 403,
                Some("syd") => 404,
                Some(_) => continue,
            };
            let first = small.with("if-match", "\"1\"");
            first.put(&at, figure(json!("gran"))).expect(status);
            first.post(&format!("{at}/withdraw"), json!({})).expect(status);
        }

        let asked = json!({"units": ["gran", "syd"]});
        town.mas.post(&format!("{REPORT}/sections/learning/paragraphs"), asked).expect(201);
        let theirs = small.get(&format!("{REPORT}/paragraphs")).expect(200).json();
        assert_eq!(theirs["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(theirs["items"][0]["unit"]["code"], "gran");
        let all = town.mas.get(&format!("{REPORT}/paragraphs")).expect(200).json();
        let items = all["items"].as_array().expect("items");
        let other = items.iter().find(|it| it["unit"]["code"] == "syd").expect("one");
        let at = format!("{REPORT}/paragraphs/{}", other["id"].as_str().expect("an id"));
        small.with("if-match", "\"1\"").put(&at, json!({"text": "x"})).expect(404);

        let submitted = json!({"state": "submitted", "on": "2026-02-10"});
        town.command(&small, "board", submitted).expect(403);
        let registrator = town.service.holder(of, "reg-gran", Role::Registrator, &["gran"], &[]);
        let submitted = json!({"state": "submitted", "on": "2026-02-10"});
        town.command(&registrator, "board", submitted).expect(403);
        small.get("/api/v1/board/figures").expect(403);
        small.get("/api/v1/reports/shared").expect(403);
        small.get("/api/v1/reports/beside/2025").expect(403);
    });
}

#[test]
fn nobody_freezes_words_that_they_have_not_seen() {
    on_each_database(|database| {
        let town = town(database);
        let path = format!("{REPORT}/sections/leadership");
        let written = town.mas.put(&path, json!({"text": "Vi har mål."})).expect(200);
        let seen = town.tag();
        let anew = town.director.with("if-match", &written.etag());
        anew.put(&path, json!({"text": "Andra ord."})).expect(200);
        let lock = format!("{REPORT}/lock");
        town.mas.with("if-match", &seen).post(&lock, json!({})).expect(412);
        // Where it stands is not all of it.
        let (version, _) = seen.split_once('-').expect("two parts");
        town.mas.with("if-match", &format!("{version}\"")).post(&lock, json!({})).expect(412);
        let locked = town.command(&town.mas, "lock", json!({})).expect(200);
        town.mas
            .with("if-match", &locked.etag())
            .post(&format!("{REPORT}/check"), json!({}))
            .expect(200);
    });
}

#[test]
fn the_namnd_reads_every_version_it_was_given_in_every_form_and_is_told_what_comes_of_it() {
    on_each_database(|database| {
        let town = town(database);
        let other = town.service.tenant("namnden");
        let of = ("namnden", other);
        let buyer = town.service.holder(of, "direktör", Role::Director, &[], &[]);
        let politician = town.service.holder(of, "politiker", Role::Board, &[], &[]);
        let ours = json!({"side": "provider"});
        town.director.put("/api/v1/reports/partners/namnden", ours).expect(200);
        buyer.put("/api/v1/reports/partners/provby", json!({"side": "buyer"})).expect(200);
        let share = || town.director.post(&format!("{REPORT}/share"), json!({"to": "namnden"}));
        let told = || -> Vec<String> {
            let read = |topic: &'static str| {
                let read = town.service.app.store.read(other, move |tx| tx.queued(Some(topic)));
                town.service.run(read).expect("messages")
            };
            let topics = ["shared_report.received", "shared_report.withdrawn"];
            let all = topics.into_iter().flat_map(read);
            all.map(|it| it.payload["notice"]["step"].as_str().expect("a step").to_owned())
                .collect()
        };
        town.establish();
        share().expect(200);
        share().expect(200);
        assert_eq!(told(), ["report_shared"], "once");
        town.late_letter();
        town.establish();
        share().expect(200);
        assert_eq!(told(), ["report_shared"; 2]);

        let at = "/api/v1/reports/shared/provby/2025";
        let list = || politician.get("/api/v1/reports/shared").expect(200).json()["items"].clone();
        let standing = |list: &Value| -> Vec<(Value, Value)> {
            let items = list.as_array().expect("items").iter();
            items.map(|it| (it["report_version"].clone(), it["superseded"].clone())).collect()
        };
        let both = [(json!(2), json!(false)), (json!(1), json!(true))];
        assert_eq!(standing(&list()), both);
        for version in [1, 2] {
            let theirs = town.mas.get(&format!("{REPORT}/versions/{version}")).expect(200);
            let given = politician.get(&format!("{at}?version={version}")).expect(200);
            assert!(given.bytes == theirs.bytes, "{version}");
            for format in ["csv", "xlsx", "docx", "html"] {
                let path = format!("version={version}&format={format}");
                let given = politician.get(&format!("{at}?{path}")).expect(200);
                let theirs = town.mas.get(&format!("{REPORT}?{path}")).expect(200);
                assert!(given.bytes == theirs.bytes, "{path}");
            }
        }
        politician.get(&format!("{at}?version=3")).expect(404);
        politician.get(&format!("{at}?version=0")).expect(422);
        politician.get(&format!("{at}?x=1")).expect(422);
        assert_eq!(politician.get(at).expect(200).json()["year"], 2025);

        let withdraw = |version: u32, reason: &str| {
            let body = json!({"to": "namnden", "report_version": version, "reason": reason});
            town.director.post(&format!("{REPORT}/share/withdraw"), body)
        };
        withdraw(2, " ").expect(422);
        assert_eq!(withdraw(7, "x").expect(422).faults(), [fault("/report_version", "not_found")]);
        town.manager.post(&format!("{REPORT}/share/withdraw"), json!({})).expect(403);
        withdraw(2, "Fel i tabell 3").expect(200);
        assert_eq!(
            withdraw(2, "igen").expect(422).faults(),
            [fault("/report_version", "not_found")]
        );
        assert_eq!(told(), ["report_shared", "report_shared", "report_withdrawn"]);
        let after = list();
        assert_eq!(standing(&after), [(json!(2), json!(false)), (json!(1), json!(false))]);
        assert_eq!(after[0]["withdrawn_reason"], "Fel i tabell 3");
        // It stays readable as it was given, and the newest that stands is the one before.
        politician.get(&format!("{at}?version=2")).expect(200);
        let first = town.mas.get(&format!("{REPORT}/versions/1")).expect(200);
        assert!(politician.get(at).expect(200).bytes == first.bytes);
        share().expect(200);
        assert_eq!(standing(&list()), both);
        assert_eq!(list()[0]["withdrawn_at"], Value::Null);
    });
}

#[test]
fn a_unit_is_asked_for_a_paragraph_and_gives_it() {
    on_each_database(|database| {
        let town = town(database);
        let path = format!("{REPORT}/sections/learning/paragraphs");
        let ask =
            |units: Value| town.mas.post(&path, json!({"units": units, "due_on": "2026-02-20"}));
        let told = ask(json!(["gran", "nej", "gran"])).expect(422);
        assert_eq!(
            told.faults(),
            [fault("/units/1", "unknown_unit"), fault("/units/2", "not_unique")]
        );
        ask(json!(["gran", "syd"])).expect(201);
        assert_eq!(ask(json!(["gran"])).expect(422).faults(), [fault("/units/0", "not_unique")]);
        let queued = town.service.run(
            town.service
                .app
                .store
                .read(town.tenant, |tx| tx.queued(Some("report.paragraph_asked"))),
        );
        let queued = queued.expect("messages");
        assert_eq!(queued.len(), 2);
        assert_eq!(queued[0].payload["notice"]["step"], "report_paragraph");
        assert!(queued[0].payload["notice"]["to"]["role"]["unit"].is_string());

        let all = town.mas.get(&format!("{REPORT}/paragraphs")).expect(200).json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
        let hers = town.manager.get(&format!("{REPORT}/paragraphs")).expect(200).json();
        assert_eq!(hers["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(hers["items"][0]["unit"]["code"], "gran");
        let of = |list: &Value, at: usize| {
            format!("{REPORT}/paragraphs/{}", list["items"][at]["id"].as_str().expect("an id"))
        };
        let give = |client: &Client, path: &str, tag: &str| {
            client.with("if-match", tag).put(path, json!({"text": "Vi har provat larmmattor."}))
        };
        let other = all["items"]
            .as_array()
            .expect("items")
            .iter()
            .position(|it| it["unit"]["code"] == "syd");
        give(&town.manager, &of(&all, other.expect("one")), "\"1\"").expect(404);
        give(&town.board, &of(&hers, 0), "\"1\"").expect(403);
        let given = give(&town.manager, &of(&hers, 0), "\"1\"").expect(200).json();
        assert_eq!(given["author"], "ec");
        give(&town.manager, &of(&hers, 0), "\"1\"").expect(412);
        town.command(&town.mas, "lock", json!({})).expect(200);
        give(&town.manager, &of(&hers, 0), "\"2\"").expect(409);
        let report = town.mas.get(&format!("{REPORT}/versions/1")).expect(200).json();
        let sections = report["sections"].as_array().expect("sections");
        let learning = sections.iter().find(|it| it["id"] == "learning").expect("a section");
        let words: Vec<_> = learning["paragraphs"]
            .as_array()
            .expect("paragraphs")
            .iter()
            .map(|it| (it["unit"].clone(), it["written"]["text"].clone()))
            .collect();
        assert_eq!(
            words,
            [(json!("GRAN"), json!("Vi har provat larmmattor.")), (json!("SYD"), Value::Null)]
        );
    });
}

const HEAD: &str = "namn;enhet;från;till;antal;av;procent;källa\n";

fn import(client: &Client, lines: &str) -> Response {
    let file = format!("{HEAD}{lines}").into_bytes();
    client.send("POST", "/api/v1/own-figures/import", Some(("text/csv", file)))
}

#[test]
fn own_figures_come_one_by_one_or_as_a_file_and_stand_in_the_report() {
    on_each_database(|database| {
        let town = town(database);
        let figure = |unit: Value| {
            json!({"name": "Narkotikakontroller", "unit": unit, "from": "2025-01-01", "to": "2025-06-30",
                "value": 60, "of": 78, "source": "Kontrollbok"})
        };
        let list = "/api/v1/own-figures";
        town.manager.post(list, figure(Value::Null)).expect(422);
        town.manager.post(list, figure(json!("syd"))).expect(422);
        town.board.post(list, figure(json!("gran"))).expect(403);
        let once = town.manager.with("idempotency-key", "k");
        let made = once.post(list, figure(json!("gran"))).expect(201);
        assert_eq!(once.post(list, figure(json!("gran"))).expect(201).json(), made.json());
        let twice = town.mas.post(list, figure(json!("gran"))).expect(422);
        assert_eq!(twice.faults(), [fault("/name", "not_unique")]);

        let wrong = import(&town.mas, "A;ek;2025-01-01;x;1;;;s\nB;;2025-01-01;2025-02-01;2;1;;s\n");
        let told = [
            fault("/2/unit", "unknown_unit"),
            fault("/2/to", "wrong_type"),
            fault("/3/value", "part_more_than_whole"),
        ];
        assert_eq!(wrong.expect(422).faults(), told);
        let foreign = import(&town.manager, "A;syd;2025-01-01;2025-02-01;1;;;s\n").expect(422);
        assert_eq!(foreign.faults(), [fault("/2/unit", "unit_not_yours")]);
        let file = "Narkotikakontroller;gran;2025-01-01;2025-06-30;61;78;;Kontrollbok\n\
            Narkotikakontroller;gran;2025-07-01;2025-12-31;67;78;;Kontrollbok\n\
            Signerade insatser;;2025-01-01;2025-12-31;;;97,7;Appva\n";
        let done = import(&town.mas, file).expect(200).json();
        assert_eq!(done, json!({"added": 2, "changed": 1, "unchanged": 0}));
        let done = import(&town.mas, file).expect(200).json();
        assert_eq!(done, json!({"added": 0, "changed": 0, "unchanged": 3}));
        town.mas.post("/api/v1/own-figures/import", json!({})).expect(415);

        let path = made.header("location").expect("a location").to_owned();
        let known = town.mas.get(&path).expect(200);
        assert_eq!(known.json()["value"], 61);
        town.mas.with("if-match", &made.etag()).put(&path, figure(json!("gran"))).expect(412);
        let extra = json!({"name": "Fel", "from": "2025-01-01", "to": "2025-01-31", "percent": 12.5,
            "source": "x"});
        let extra = town.mas.post(list, extra).expect(201);
        let gone = extra.header("location").expect("a location").to_owned();
        let withdraw = format!("{gone}/withdraw");
        town.mas.with("if-match", &extra.etag()).post(&withdraw, json!({})).expect(200);
        town.mas.get(&gone).expect(404);
        town.board.get("/api/v1/own-figures?year=2025").expect(403);
        let all = town.mas.get("/api/v1/own-figures?year=2025").expect(200).json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(3));

        town.command(&town.mas, "lock", json!({})).expect(200);
        let report = town.mas.get(&format!("{REPORT}/versions/1")).expect(200).json();
        let tables = report["sections"]
            .as_array()
            .expect("sections")
            .iter()
            .flat_map(|section| section["tables"].as_array().expect("tables").clone());
        let table = tables.into_iter().find(|table| table["id"] == "own_figures").expect("a table");
        let rows = table["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["cells"], json!([{"count": 128}, {"count": 156}, {"tenths": 821}]));
        assert_eq!(rows[1]["cells"], json!(["none", "none", {"tenths": 977}]));
    });
}

#[test]
fn a_break_that_the_tenant_names_is_told_and_warned_of_where_years_are_compared() {
    on_each_database(|database| {
        let service = Service::start_at(database, at("2024-06-03T08:00:00Z"));
        let of = ("provby", service.tenant("provby"));
        let complaint = || {
            json!({"kind": "klagomal", "unit": "gran", "law": ["HSL"], "description": "x",
                "category": "K.BEM"})
        };
        file(&service.holder(of, "chef", Role::UnitManager, &[], &[]), complaint());
        service.clock.set(at("2025-06-02T08:00:00Z"));
        file(&service.reporter("provby", "chef"), complaint());
        service.clock.set(at("2026-02-10T08:00:00Z"));
        let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
        let admin = service.holder(of, "admin", Role::Admin, &[], &[]);
        let choose = |breaks: Value| {
            let tag = admin.get("/api/v1/settings").expect(200).etag();
            let chosen = json!({ "series_breaks": breaks });
            admin.with("if-match", &tag).put("/api/v1/settings", chosen)
        };
        let one = |month: u8, why: &str| json!({"year": 2025, "month": month, "why": why});
        choose(json!([one(13, "x")])).expect(422);
        choose(json!([one(3, &"x".repeat(201))])).expect(422);
        let told = choose(json!([one(3, "Ring 19121212-1212.")])).expect(422).faults();
        assert_eq!(told, [fault("/series_breaks/0/why", "personal_number")]);
        let told = choose(json!([one(3, "x"), one(3, "y")])).expect(422).faults();
        assert_eq!(told, [fault("/series_breaks/1/month", "not_unique")]);

        let report = || mas.get(REPORT).expect(200).json()["report"].clone();
        let warned = |report: &Value, part: usize| {
            let lines = report["first_page"][part]["lines"].as_array().expect("lines").clone();
            lines[0].as_str().is_some_and(|line| line.starts_with("Jämför med 2024 försiktigt"))
        };
        let before = report();
        assert_eq!((&before["breaks"], warned(&before, 1)), (&json!([]), false));
        let kept = choose(json!([one(3, "nytt verktyg")])).expect(200).json();
        assert_eq!(kept["series_breaks"], json!([one(3, "nytt verktyg")]));
        let after = report();
        let why =
            "Brott i serien från mars 2025: nytt verktyg. Skillnader mot tidigare kan bero på det.";
        assert_eq!(after["breaks"], json!([{"year": 2025, "month": 3, "why": why}]));
        assert!(warned(&after, 0) && warned(&after, 1), "{}", after["first_page"]);
        let line = after["first_page"][0]["lines"][0].as_str().expect("a line");
        assert!(line.contains("från mars 2025"), "{line}");
        // What began with the first year that is shown parts none of them.
        choose(json!([{"year": 2024, "month": 1, "why": "nytt verktyg"}])).expect(200);
        let none = report();
        assert_eq!((&none["breaks"], warned(&none, 1)), (&json!([]), false));
    });
}

#[test]
fn a_delegate_establishes_by_the_register_and_nobody_else() {
    on_each_database(|database| {
        let town = town(database);
        let of = ("provby", town.tenant);
        let delegate = town.service.holder(of, "ombud", Role::Analyst, &[], &[]);
        let admin = town.service.holder(of, "adm", Role::Admin, &[], &[]);
        town.command(&town.mas, "lock", json!({})).expect(200);
        town.command(&town.mas, "check", json!({})).expect(200);
        let body = json!({"on": "2026-02-10", "capacity": "delegate", "reference": "VN 7"});
        town.command(&delegate, "establish", body.clone()).expect(403);
        let told = town.command(&town.director, "establish", body.clone()).expect(403);
        assert_eq!(told.json()["code"], "delegation_missing");
        let staff = delegate.get("/api/v1/me").expect(200).json()["staff"].clone();
        let line = json!({"staff": staff, "matter": "yearly_report", "valid_from": "2026-01-01",
            "reference": "VN 7", "decided_by": "VN"});
        admin.post("/api/v1/delegations", line).expect(201);
        // Who decides by the register sees what is to be decided.
        delegate.get(&format!("{REPORT}/versions/1")).expect(200);
        town.command(&delegate, "establish", vardgivare("2026-02-10")).expect(403);
        let established = town.command(&delegate, "establish", body).expect(200).json();
        assert_eq!(established["established"]["capacity"], "delegate");
    });
}

/// Two of the same at one version: one wins. A text and a lock at once: never is a text lost in between.
#[test]
fn of_two_who_change_a_report_exactly_one_wins() {
    on_each_database(|database| {
        let town = town(database);
        let path = format!("{REPORT}/sections/leadership");
        let mut tag = town.mas.put(&path, json!({"text": "0"})).expect(200).etag();
        let race = |one: &(dyn Fn() -> u16 + Sync), other: &(dyn Fn() -> u16 + Sync)| {
            thread::scope(|scope| {
                let writers = [scope.spawn(one), scope.spawn(other)];
                writers.map(|writer| writer.join().expect("answers"))
            })
        };
        for round in 1..=5 {
            let text = json!({"text": round.to_string()});
            let (report, of_text) = (town.tag(), tag.clone());
            let command = |command: &str| {
                let client = town.mas.with("if-match", &report);
                client.post(&format!("{REPORT}/{command}"), json!({})).status
            };
            let write = || town.mas.with("if-match", &of_text).put(&path, text.clone()).status;
            let lock = || command("lock");
            let [locked, written] = race(&lock, &write);
            assert!(locked == 200 || locked == 412, "round {round}: {locked}");
            assert!([200, 409, 412].contains(&written), "round {round}: {written}");
            assert!(locked == 200 || written == 200, "round {round}: nobody won");
            if locked != 200 {
                town.command(&town.mas, "lock", json!({})).expect(200);
            }
            // Whatever was answered as written stands in what was frozen after it, or in the draft.
            let version = town.mas.get(&format!("{REPORT}/draft")).expect(200).json();
            let newest = version["report"]["newest"].clone();
            let frozen = town.mas.get(&format!("{REPORT}/versions/{newest}")).expect(200).json();
            let section = frozen["sections"]
                .as_array()
                .expect("sections")
                .iter()
                .find(|it| it["id"] == "leadership")
                .expect("a section")
                .clone();
            let stands = section["text"]["text"] == text["text"];
            assert_eq!(stands, written == 200, "round {round}: {section}");

            let report = town.tag();
            let check = || {
                let client = town.mas.with("if-match", &report);
                client.post(&format!("{REPORT}/check"), json!({})).status
            };
            let mut both = race(&check, &check);
            both.sort_unstable();
            assert_eq!(both, [200, 412], "round {round}");
            town.command(&town.mas, "reopen", json!({"reason": "x"})).expect(200);
            let draft = town.mas.get(&format!("{REPORT}/draft")).expect(200).json();
            let text = draft["sections"]
                .as_array()
                .expect("sections")
                .iter()
                .find(|it| it["section"] == "leadership")
                .expect("a section")["text"]
                .clone();
            let last = format!("\"{}\"", text["version"]);
            let anew = json!({"text": format!("mellan {round}")});
            tag = town.mas.with("if-match", &last).put(&path, anew).expect(200).etag();
        }
    });
}

#[test]
fn a_provider_shares_its_report_with_the_namnd_by_agreement_of_both() {
    on_each_database(|database| {
        let town = town(database);
        let other = town.service.tenant("namnden");
        let of = ("namnden", other);
        let buyer = town.service.holder(of, "direktör", Role::Director, &[], &[]);
        let politician = town.service.holder(of, "politiker", Role::Board, &[], &[]);
        let nurse = town.service.holder(of, "ssk", Role::Team, &[], &[]);
        let third = town.service.tenant("granne");
        let neighbour = town.service.holder(("granne", third), "x", Role::Director, &[], &[]);
        let agree = |client: &Client, with: &str, side: &str| {
            client.put(&format!("/api/v1/reports/partners/{with}"), json!({ "side": side }))
        };
        let share = |to: &str| town.director.post(&format!("{REPORT}/share"), json!({ "to": to }));

        assert_eq!(share("namnden").expect(422).faults(), [fault("/to", "not_found")]);
        agree(&town.director, "provby", "provider").expect(404);
        agree(&town.director, "finns-inte", "provider").expect(404);
        agree(&town.mas, "namnden", "provider").expect(403);
        let ours = agree(&town.director, "namnden", "provider").expect(200);
        assert_eq!(ours.json()["agreed"], false);
        assert_eq!(share("namnden").expect(422).faults(), [fault("/to", "sharing_not_agreed")]);
        // The wrong end agrees to nothing.
        let theirs = agree(&buyer, "provby", "provider").expect(200);
        assert_eq!(theirs.json()["agreed"], false);
        agree(&buyer, "provby", "buyer").expect(428);
        let theirs = agree(&buyer.with("if-match", &theirs.etag()), "provby", "buyer").expect(200);
        assert_eq!(theirs.json()["agreed"], true);

        let early = share("namnden").expect(409).json();
        assert_eq!(early["code"], "invalid_state");
        town.establish();
        let shared = share("namnden").expect(200).json();
        assert_eq!(share("namnden").expect(200).json(), shared);

        let list = politician.get("/api/v1/reports/shared").expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["items"][0]["provider"], "provby");
        let theirs = politician.get("/api/v1/reports/shared/provby/2025").expect(200);
        let own = town.mas.get(&format!("{REPORT}/versions/1")).expect(200);
        assert_eq!(theirs.bytes, own.bytes);
        assert_eq!(json!(sha256(&theirs.bytes)), shared["sha256"]);
        nurse.get("/api/v1/reports/shared").expect(403);
        nurse.get("/api/v1/reports/shared/provby/2025").expect(403);
        let none = neighbour.get("/api/v1/reports/shared").expect(200).json();
        assert_eq!(none["items"], json!([]));
        neighbour.get("/api/v1/reports/shared/provby/2025").expect(404);
        // Figures, never a case: there is no door to one.
        let cases = town.mas.get("/api/v1/cases").expect(200).json();
        let case = cases["items"][0].clone();
        assert!(!theirs.text.contains(case["number"].as_str().expect("a number")));
        buyer.get(&format!("/api/v1/cases/{}", case["id"].as_str().expect("an id"))).expect(404);

        let beside = politician.get("/api/v1/reports/beside/2025").expect(200).json();
        let columns = beside["table"]["columns"].as_array().expect("columns");
        let names: Vec<_> = columns.iter().map(|column| column["id"].clone()).collect();
        assert_eq!(names, [json!("provby")]);
        assert!(beside["table"]["rows"].as_array().is_some_and(|rows| rows.len() >= 5));

        let note = |client: &Client, tag: &str| {
            let body = json!({"on": "2026-02-10", "paragraph": "§ 9"});
            client.with("if-match", tag).post("/api/v1/reports/shared/provby/2025/note", body)
        };
        note(&politician, "\"1-1\"").expect(403);
        note(&buyer, "\"1\"").expect(412);
        let noted = note(&buyer, "\"1-1\"").expect(200).json();
        assert_eq!(
            (&noted["noted_on"], &noted["noted_paragraph"]),
            (&json!("2026-02-10"), &json!("§ 9"))
        );
        note(&buyer, "\"1-1\"").expect(412);

        // What was shared stays; nothing more is shared once one end takes its word back.
        let end = format!("/api/v1/reports/partners/{}/end", "provby");
        buyer.with("if-match", "\"2\"").post(&end, json!({})).expect(200);
        assert_eq!(share("namnden").expect(422).faults(), [fault("/to", "sharing_not_agreed")]);
        politician.get("/api/v1/reports/shared/provby/2025").expect(200);
        let partners = town.director.get("/api/v1/reports/partners").expect(200).json();
        assert_eq!(partners["items"][0]["agreed"], false);
    });
}
