//! The report of a year as it is read: the same files for ever once it is locked, what the half-yearly reviews came
//! to, and the nämnd's own figures beside those of its providers.

use domain::organisation::Role;
use jiff::civil::date;
use serde_json::{Value, json};
use testkit::{Client, Service, on_each_database};

use crate::reports::{REPORT, Town, at, town, vardgivare};
use crate::worklist::on;
use crate::{fall, file, house_of, id, standard_triage};

const FILES: [&str; 4] = ["csv", "xlsx", "docx", "html"];

/// A table of a report, wherever it stands.
#[track_caller]
fn table(report: &Value, id: &str) -> Value {
    let sections = report["sections"].as_array().expect("sections").iter();
    let mut tables = sections.flat_map(|it| it["tables"].as_array().expect("tables"));
    tables.find(|it| it["id"] == id).unwrap_or_else(|| panic!("no table {id}")).clone()
}

/// The cells of a table's row, by the code or the text of its first key.
#[track_caller]
fn row(table: &Value, key: &str) -> Value {
    let mut rows = table["rows"].as_array().expect("rows").iter();
    let found = rows.find(|row| row["keys"][0]["code"] == key || row["keys"][0]["text"] == key);
    found.unwrap_or_else(|| panic!("no row {key} in {table}"))["cells"].clone()
}

/// Where a column stands.
#[track_caller]
fn column(table: &Value, id: &str) -> usize {
    let mut columns = table["columns"].as_array().expect("columns").iter();
    columns.position(|it| it["id"] == id).unwrap_or_else(|| panic!("no column {id}"))
}

fn counts(counts: &[u64]) -> Value {
    counts.iter().map(|count| json!({ "count": count })).collect()
}

/// How many avvikelser of 2025 a report tells of.
#[track_caller]
fn deviations(report: &Value) -> Value {
    let totals = table(report, "totals_by_year");
    row(&totals, "2025")[column(&totals, "deviations")]["count"].clone()
}

/// What five requests give of a year, a format each.
struct Read {
    json: Value,
    text: String,
    files: Vec<Vec<u8>>,
}

/// Asks for a year in the five formats, `of` being what else is asked.
#[track_caller]
fn read(client: &Client, of: &str) -> Read {
    let ask = |format: &str| client.get(&format!("{REPORT}?format={format}{of}")).expect(200);
    let answer = ask("json");
    let files = FILES.map(|format| ask(format).bytes);
    Read { json: answer.json(), text: answer.text, files: files.into() }
}

/// Holds what is read to what was read and frozen when it was locked.
#[track_caller]
fn is_as_locked(read: &Read, locked: &Read, frozen: &str, when: &str) {
    assert!(read.text.contains(frozen), "{when}: json");
    assert_eq!(read.json["report"], locked.json["report"], "{when}");
    assert_eq!(read.json["sha256"], locked.json["sha256"], "{when}");
    for (at, format) in FILES.iter().enumerate() {
        assert!(read.files[at] == locked.files[at], "{when}: {format}");
    }
}

/// Words, an answered goal and a figure from elsewhere, so that each format has all that a report can have.
fn write_words(town: &Town) {
    let section = format!("{REPORT}/sections/leadership");
    town.mas.put(&section, json!({"text": "Vi har mål.\n\n- Färre fall"})).expect(200);
    let goal = json!({"section": "reliable_processes", "text": "Färre fall", "year": 2025});
    let goal = town.mas.post(&format!("{REPORT}/goals"), goal).expect(201);
    let answer = json!({"answer": {"reached": "partly", "text": "Nattens fall är kvar."}});
    let path = goal.header("location").expect("a location");
    town.mas.with("if-match", &goal.etag()).put(path, answer).expect(200);
    let figure = json!({"name": "Signerade insatser", "from": "2025-01-01", "to": "2025-12-31",
        "percent": 97.7, "source": "Appva"});
    town.mas.post("/api/v1/own-figures", figure).expect(201);
}

#[test]
fn last_years_report_is_five_requests_and_the_same_bytes_whatever_comes_after_its_lock() {
    on_each_database(|database| {
        let mut town = town(database);
        write_words(&town);
        town.command(&town.mas, "lock", json!({})).expect(200);
        let frozen = town.mas.get(&format!("{REPORT}/versions/1")).expect(200);
        let snapshot = frozen.json();
        let locked = read(&town.mas, "");
        assert_eq!(locked.json["version"], 1);
        is_as_locked(&locked, &locked, &frozen.text, "just locked");

        // A case that was counted is void, and another is of another category.
        let cases = town.mas.get("/api/v1/cases").expect(200).json();
        town.mas.command(&id(&cases["items"][0]), "void", json!({"reason": "Dubbel."})).expect(200);
        let open = || {
            let open = town.mas.get(&format!("{REPORT}?version=open")).expect(200).json();
            open["report"].clone()
        };
        assert_eq!((deviations(&snapshot), deviations(&open())), (json!(3), json!(2)));
        let changed = read(&town.mas, "");
        is_as_locked(&changed, &locked, &frozen.text, "a case has changed");
        // Each figure of each table, not the total alone.
        let tables = |report: &Value| -> Vec<Value> {
            let sections = report["sections"].as_array().expect("sections");
            sections.iter().map(|it| it["tables"].clone()).collect()
        };
        assert_eq!(tables(&changed.json["report"]), tables(&snapshot));
        assert_ne!(tables(&open()), tables(&snapshot));

        town.command(&town.mas, "check", json!({})).expect(200);
        is_as_locked(&read(&town.mas, ""), &locked, &frozen.text, "checked");
        town.command(&town.director, "establish", vardgivare("2026-02-10")).expect(200);
        let established = read(&town.mas, "");
        assert_eq!(established.json["state"], "established");
        is_as_locked(&established, &locked, &frozen.text, "established");
        is_as_locked(&read(&town.board, ""), &locked, &frozen.text, "for the nämnd");

        // A year on; and then beside a second version, which is another file in every format.
        town.later("2027-02-10T08:00:00Z");
        is_as_locked(&read(&town.mas, ""), &locked, &frozen.text, "a year on");
        town.command(&town.mas, "lock", json!({})).expect(200);
        is_as_locked(&read(&town.mas, "&version=1"), &locked, &frozen.text, "beside a second");
        let second = read(&town.mas, "");
        assert_eq!(deviations(&second.json["report"]), 2);
        for (at, format) in FILES.iter().enumerate() {
            assert!(second.files[at] != locked.files[at], "{format}");
        }
    });
}

#[test]
fn what_half_yearly_reviews_came_to_stands_in_the_year() {
    on_each_database(|database| {
        let house = house_of(Service::start_at(database, at("2025-03-10T11:00:00Z")));
        file(&house.manager, fall());
        let make = || house.service.run(house.service.app.make_reviews()).expect("makes");
        let at = on(&house, date(2025, 7, 1));
        assert_eq!(make(), 3, "gran, tall and syd");
        let chef = at("chef");
        let list = chef.get("/api/v1/reviews?unit=gran").expect(200).json();
        let path = format!("/api/v1/reviews/{}", id(&list["items"][0]));
        let newest =
            |client: &Client| client.with("if-match", &client.get(&path).expect(200).etag());
        let text = json!({"text": "Fallen sker i badrummet på natten."});
        newest(&chef).put(&format!("{path}/analysis"), text).expect(200);
        let improve = |text: &str, due_on: &str| {
            let body = json!({"text": text, "owner": {"role": "unit_manager"}, "due_on": due_on});
            newest(&chef).post(&format!("{path}/improvements"), body).expect(201).json()
        };
        let first = improve("Halkskydd i badrum", "2025-09-01");
        improve("Larm på natten", "2025-09-15");
        newest(&chef).post(&format!("{path}/sign"), json!({})).expect(200);
        let first = first["improvements"][0]["id"].as_str().expect("an id").to_owned();
        let done = |day, body: Value| {
            let chef = on(&house, day)("chef");
            newest(&chef).patch(&format!("{path}/improvements/{first}"), body).expect(200);
        };
        done(date(2025, 9, 2), json!({"done_on": "2025-09-01"}));
        done(date(2025, 11, 20), json!({"effect": "yes", "note": "Inga fall i badrum."}));

        let answer = on(&house, date(2026, 2, 10))("mas").get(REPORT).expect(200);
        let report = answer.json()["report"].clone();
        let reviews = table(&report, "reviews_by_unit");
        let columns = reviews["columns"].as_array().expect("columns").iter();
        let columns: Vec<_> = columns.map(|it| it["id"].as_str().expect("an id")).collect();
        let told = ["reviews", "signed", "in_time", "missing", "improvements", "done", "helped"];
        assert_eq!(columns, [&told[..], &["late"]].concat());
        assert_eq!(row(&reviews, "GRAN"), counts(&[1, 1, 1, 0, 2, 1, 1, 1]));
        assert_eq!(row(&reviews, "SYD"), counts(&[1, 0, 0, 1, 0, 0, 0, 0]));
        assert_eq!(reviews["total"], counts(&[3, 1, 1, 2, 2, 1, 1, 1]));
        let decided = table(&report, "improvements_by_unit");
        let rows = decided["rows"].as_array().expect("rows").iter();
        let lines: Vec<Value> = rows
            .map(|it| json!([it["keys"][0]["text"], it["keys"][2]["text"], it["cells"]]))
            .collect();
        let cells = |day: &str, state: &str| {
            let day = format!("{day}\u{a0}september\u{a0}2025");
            json!([{"text": "Enhetschefen"}, {"text": day}, {"text": state}])
        };
        assert_eq!(
            json!(lines),
            json!([
                ["GRAN", "Halkskydd i badrum", cells("1", "genomförd, hade effekt")],
                ["GRAN", "Larm på natten", cells("15", "försenad")],
            ])
        );
        let said = "Enheterna har gjort 3 halvårssammanställningar, varav 1 är signerade. \
            I dem beslutades 2 förbättringar, varav 1 är genomförda.";
        assert!(answer.text.contains(said), "{}", report["sections"]);
        // What the team wrote to itself stays in the review.
        assert!(!answer.text.contains("badrummet på natten"));
    });
}

#[test]
fn the_namnd_has_its_own_figures_beside_those_of_its_provider() {
    on_each_database(|database| {
        let town = town(database);
        let of = ("namnden", town.service.tenant("namnden"));
        let buyer = town.service.holder(of, "direktör", Role::Director, &[], &[]);
        let mas = town.service.holder(of, "mas-n", Role::Mas, &[], &[]);
        let politician = town.service.holder(of, "politiker", Role::Board, &[], &[]);
        let ours = json!({"side": "provider"});
        town.director.put("/api/v1/reports/partners/namnden", ours).expect(200);
        buyer.put("/api/v1/reports/partners/provby", json!({"side": "buyer"})).expect(200);

        // Two vårdskador at the provider's, one at the nämnd's own.
        let mut harmed = standard_triage();
        harmed["harm"]["vardskada"] = json!("yes");
        let cases = town.mas.get("/api/v1/cases").expect(200).json();
        for at in 0..2 {
            town.mas.command(&id(&cases["items"][at]), "triage", harmed.clone()).expect(200);
        }
        let mut body = fall();
        body["received_at"] = json!("2025-12-30T12:00:00Z");
        body["received_reason"] = json!("Kom med posten.");
        body["channel"] = json!("post");
        let own = id(&file(&mas, body));
        mas.command(&own, "triage", harmed).expect(200);

        town.establish();
        town.director.post(&format!("{REPORT}/share"), json!({"to": "namnden"})).expect(200);
        let beside = || {
            let answer = politician.get("/api/v1/reports/beside/2025").expect(200).json();
            answer["table"].clone()
        };
        let names = |table: &Value| -> Vec<Value> {
            let columns = table["columns"].as_array().expect("columns").iter();
            columns.map(|it| it["id"].clone()).collect()
        };
        let command = |client: &Client, command: &str, body: Value| {
            let tag = mas.get(&format!("{REPORT}/draft")).expect(200).etag();
            client.with("if-match", &tag).post(&format!("{REPORT}/{command}"), body).expect(200);
        };
        command(&mas, "lock", json!({}));
        command(&mas, "check", json!({}));
        assert_eq!(names(&beside()), ["provby"], "ours is not established");
        command(&buyer, "establish", vardgivare("2026-02-10"));

        let both = beside();
        assert_eq!(names(&both), ["namnden", "provby"]);
        assert_eq!(row(&both, "harm"), counts(&[1, 2]));
        // Each column is what that vårdgivare's own report says, row by row.
        let theirs = politician.get("/api/v1/reports/shared/provby/2025").expect(200).json();
        let own = politician.get(REPORT).expect(200).json()["report"].clone();
        let rows = both["rows"].as_array().expect("rows");
        for (at, report) in [own, theirs].iter().enumerate() {
            let asked_for = table(report, "statutory_counts");
            let place = column(&asked_for, "count_2025");
            assert_eq!(asked_for["rows"].as_array().map(Vec::len), Some(rows.len()));
            for line in rows {
                let code = line["keys"][0]["code"].as_str().expect("a code");
                assert_eq!(line["cells"][at], row(&asked_for, code)[place], "{at}: {code}");
            }
        }
    });
}
