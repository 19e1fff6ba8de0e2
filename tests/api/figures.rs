//! The figures of a whole year, against what a published report prints, and each rule of counting.

use std::path::Path;

use app::Clock as _;
use domain::organisation::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Client, Service, on_each_database};
use uuid::Uuid;

use crate::{fall, file, house, id};

fn askersund() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025")
}

fn import(service: &Service) {
    let (now, dir) = (service.clock.now(), askersund());
    let seed = || Uuid::new_v4().as_u64_pair().1;
    let work = app::transfer::import(
        &service.app.store,
        "askersund",
        Some("Askersund"),
        &dir,
        now,
        &Uuid::now_v7,
        &seed,
        &|_| (),
    );
    service.run(work).expect("imports");
}

fn ask(client: &Client, query: &str) -> Value {
    let answer = client.get(&format!("/api/v1/statistics?{query}")).expect(200).json();
    for figure in ["count", "previous", "change"] {
        if answer["total"][figure].is_i64() {
            let rows = answer["rows"].as_array().expect("rows");
            let sum: i64 = rows.iter().map(|row| row[figure].as_i64().unwrap_or(0)).sum();
            assert_eq!(Some(sum), answer["total"][figure].as_i64(), "{figure} adds up: {query}");
        }
    }
    answer
}

fn total(client: &Client, query: &str) -> (i64, i64) {
    let total = ask(client, query)["total"].clone();
    (total["count"].as_i64().expect("a count"), total["change"].as_i64().unwrap_or(0))
}

#[test]
fn the_askersund_year_agrees_with_the_published_report() {
    let text = std::fs::read_to_string(askersund().join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    on_each_database(|database| {
        let now: Timestamp = "2026-02-10T08:00:00Z".parse().expect("a time");
        let service = Service::start_at(database, now);
        import(&service);
        let tenant =
            service.run(service.app.store.tenant_by_slug("askersund")).expect("a tenant").id;
        let mas = service.holder(("askersund", tenant), "mas", Role::Mas, &[], &[]);
        let year = "year=2025&compare=previous_year";
        let pair = |value: &Value| {
            (value["2025"].as_i64().expect("a count"), value["change"].as_i64().expect("a change"))
        };
        assert_eq!(total(&mas, &format!("{year}&kind=avvikelse")), pair(&expected["deviations"]));
        let falls = format!("{year}&kind=avvikelse&category=HSL.FAL");
        assert_eq!(total(&mas, &falls), pair(&expected["falls"]));
        let medication = format!("{year}&kind=avvikelse&category=HSL.LKM");
        assert_eq!(total(&mas, &medication), pair(&expected["medication"]));
        assert_eq!(total(&mas, &format!("{year}&kind=avvikelse&law=SOL")), pair(&expected["sol"]));
        let narcotics = total(&mas, "year=2025&category=HSL.LKM.NAR").0;
        assert_eq!(Some(narcotics), expected["medication"]["controlled_drug_count"].as_i64());

        // Between caregivers: sent and answered, received and answered; none of them is a case.
        let between = ask(
            &mas,
            "of=forwardings&year=2025&group_by=direction,counterparty_kind&measures=answered",
        );
        let mut found = 0;
        for (direction, kinds) in expected["between_caregivers_2025"].as_object().expect("both") {
            for (kind, figures) in kinds.as_object().expect("kinds") {
                let row = between["rows"].as_array().expect("rows").iter().find(|row| {
                    row["keys"]["direction"] == *direction
                        && row["keys"]["counterparty_kind"] == *kind
                });
                let row = row.expect("a row");
                assert_eq!(json!([row["count"], row["answered"]]), *figures, "{direction} {kind}");
                found += 1;
            }
        }
        assert_eq!(Some(found), between["rows"].as_array().map(Vec::len), "nothing else");
        // The same as files, as of cases.
        let path = "/api/v1/statistics?of=forwardings&year=2025&group_by=direction,counterparty_kind&measures=answered";
        let text = mas.get(&format!("{path}&format=csv")).expect(200);
        assert_eq!(text.header("content-type"), Some("text/csv; charset=utf-8"));
        let sent = "Skickad;sent;Vårdcentral;VC;37;0";
        assert!(text.text.contains(sent), "{}", text.text);
        for of in [path, "/api/v1/statistics?of=escalations&year=2025&group_by=escalation_kind"] {
            let book = mas.get(&format!("{of}&format=xlsx")).expect(200);
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            assert_eq!(book.header("content-type"), Some(kind));
            assert!(book.bytes.starts_with(b"PK"));
            mas.get(&format!("{of}&format=pdf")).expect(422);
        }
        let by_end =
            ask(&mas, "of=forwardings&year=2025&counterparty=VC&group_by=counterparty,answered");
        assert_eq!(by_end["rows"][0]["keys"]["counterparty"]["name"], "Askersunds vårdcentral");
        assert_eq!(
            (&by_end["rows"][0]["keys"]["answered"], &by_end["total"]["count"]),
            (&json!(false), &json!(37))
        );
        let ledger =
            mas.get("/api/v1/forwardings/ledger?from=2025-01-01&to=2025-12-31").expect(200).json();
        let both = |tally: &Value| (tally["total"].clone(), tally["answered"].clone());
        assert_eq!(both(&ledger["sent"]), (json!(56), json!(12)));
        assert_eq!(both(&ledger["received"]), (json!(3), json!(2)));
        // They wake nothing.
        assert_eq!(
            mas.get("/api/v1/forwardings?waiting_for_me=true").expect(200).json()["items"],
            json!([])
        );
        assert_eq!(
            mas.get("/api/v1/forwardings?overdue=true").expect(200).json()["items"],
            json!([])
        );
        assert_eq!(
            service.run(service.app.watch_silence()).expect("sees to silence"),
            app::jobs::SilenceTurn::default()
        );

        let by_unit = ask(&mas, &format!("{falls}&group_by=unit"));
        for (unit, change) in expected["falls"]["change_by_unit"].as_object().expect("units") {
            let row = by_unit["rows"]
                .as_array()
                .expect("rows")
                .iter()
                .find(|row| row["keys"]["unit"]["name"] == *unit)
                .unwrap_or_else(|| panic!("no row for {unit}"));
            assert_eq!(&row["change"], change, "{unit}");
        }

        let public = "kind=synpunkt,klagomal";
        let by_year = ask(&mas, &format!("from=2022-01&to=2025-12&{public}&group_by=year"));
        for row in by_year["rows"].as_array().expect("rows") {
            let year = row["keys"]["year"].to_string();
            assert_eq!(
                row["count"], expected["comments_and_complaints"]["by_year"][&year],
                "{year}"
            );
        }
        let by_category = ask(&mas, &format!("year=2025&{public}&group_by=category_top"));
        let mut left = expected["comments_and_complaints"]["by_category_2025"].clone();
        for row in by_category["rows"].as_array().expect("rows") {
            let category = row["keys"]["category_top"].as_str().expect("a category");
            assert_eq!(row["count"], left[category], "{category}");
            left.as_object_mut().expect("an object").remove(category);
        }
        assert_eq!(left, json!({"K.KOM": 0}), "no row is made up");

        for (cutoff, share) in [("2025-12-31", 81), ("2026-02-01", 84)] {
            let at =
                ask(&mas, &format!("year=2025&{public}&measures=count,closed,open&as_of={cutoff}"));
            let figure = |name: &str| at["total"][name].as_i64().expect("a figure");
            assert_eq!(figure("count"), 31);
            assert_eq!(figure("open") + figure("closed"), 31);
            let percent = (figure("closed") * 100 + 15) / 31;
            assert_eq!(percent, share, "{cutoff}");
        }

        // Together and apart: synpunkter, förslag and klagomål add up, at any cut-off.
        let apart: i64 = ["KLA", "SYN"]
            .map(|kind| total(&mas, &format!("year=2025&kind={kind}")).0)
            .into_iter()
            .sum();
        assert_eq!(apart, 31);
        for cutoff in ["2025-12-31", "2026-02-01"] {
            let at = format!("year=2025&measures=closed,open&as_of={cutoff}&group_by=kind");
            let each = ask(&mas, &format!("{at}&{public}"));
            let whole = |name: &str| each["total"][name].as_i64().expect("a figure");
            let mut sum = (0, 0);
            for kind in ["synpunkt", "klagomal"] {
                let one = ask(&mas, &format!("{at}&kind={kind}"));
                sum.0 += one["total"]["open"].as_i64().expect("a figure");
                sum.1 += one["total"]["closed"].as_i64().expect("a figure");
            }
            assert_eq!(sum, (whole("open"), whole("closed")), "{cutoff}");
        }
        // Nobody was asked two questions, and the laws of complaints say which have a patientnämnd.
        let unasked = ask(&mas, &format!("year=2025&{public}&group_by=understood,helped"));
        assert_eq!(unasked["rows"].as_array().map(Vec::len), Some(1), "{unasked}");
        assert_eq!(unasked["rows"][0]["keys"], json!({"understood": null, "helped": null}));

        // Every dimension that is due adds to the total.
        for dimension in [
            "half",
            "tertial",
            "month",
            "week",
            "weekday",
            "hour_band",
            "kind",
            "unit",
            "reporting_unit",
            "area",
            "area_group",
            "law",
            "category",
            "category_top",
            "nature",
            "severity",
            "probability",
            "vardskada",
            "serious",
            "injury",
            "track",
            "outcome",
            "status",
            "source",
            "channel",
            "sex",
            "age_band",
            "understood",
            "helped",
            "patientnamnd",
        ] {
            assert_eq!(
                total(&mas, &format!("year=2025&group_by={dimension}")).0,
                2540,
                "{dimension}"
            );
        }
        let lead = ask(&mas, "year=2025&kind=avvikelse&measures=count,lead_time");
        assert!(lead["total"]["lead_time"]["close"]["median"].is_number(), "{lead}");
        let csv = mas.get("/api/v1/statistics?year=2025&group_by=unit,law&format=csv").expect(200);
        assert!(
            csv.text.starts_with('\u{feff}') && csv.text.contains(';') && csv.text.contains("\r\n")
        );
        let wrong = mas
            .get("/api/v1/statistics?year=2025&group_by=cause,foo&bar=1&category=NEJ")
            .expect(422);
        assert_eq!(wrong.faults().len(), 4, "{}", wrong.text);
    });
}

#[test]
fn each_rule_of_counting_has_a_case_that_would_change_a_figure() {
    on_each_database(|database| {
        let house = house(database);
        let count = |query: &str| total(&house.mas, query).0;
        let mut filed = 0;
        let mut add = |body: Value| {
            filed += 1;
            file(&house.manager, body)
        };
        let with = |name: &str, value: Value| {
            let mut body = fall();
            body[name] = value;
            body
        };
        let first = add(fall());
        assert_eq!(count("year=2026"), 1);

        // A draft is not counted; handed in, it is.
        let draft = add(with("draft", json!(true)));
        assert_eq!(count("year=2026"), 1);
        house.manager.command(&id(&draft), "submit", json!({})).expect(200);
        assert_eq!(count("year=2026"), 2);

        // A void case is not counted any more.
        house.manager.command(&id(&draft), "void", json!({"reason": "x"})).expect(200);
        assert_eq!(count("year=2026"), 1);

        // A duplicate counts once, and both with duplicates=all.
        let again = add(fall());
        let duplicate = json!({"outcome": "UTF.DUB", "duplicate_of": id(&first)});
        house.manager.command(&id(&again), "close", duplicate).expect(200);
        assert_eq!((count("year=2026"), count("year=2026&duplicates=all")), (1, 2));

        // Of two laws the first counts; with of=mentions each.
        add(with("law", json!(["SOL", "HSL"])));
        assert_eq!((count("year=2026&law=SOL"), count("year=2026&law=HSL")), (1, 1));
        assert_eq!(count("year=2026&of=mentions&group_by=law"), 3);

        // An unknown category counts under null, and the rows still add up.
        add(with("category", json!("HSL.PÅHITT")));
        assert_eq!((count("year=2026&category=null"), count("year=2026&category=HSL.FAL")), (1, 2));

        // Two reports of one event count once as events.
        let other = add(fall());
        assert_eq!((count("year=2026&of=events"), count("year=2026")), (4, 4));
        let link = json!({"kind": "same_event", "case": id(&first)});
        house.manager.command(&id(&other), "links", link).expect(200);
        assert_eq!((count("year=2026&of=events"), count("year=2026")), (3, 4));

        // What was assessed counts, not what was reported.
        house
            .manager
            .command(&id(&first), "triage", json!({"category": "HSL.LKM.DOS", "law": ["LSS"]}))
            .expect(200);
        assert_eq!((count("year=2026&category=HSL.LKM"), count("year=2026&law=LSS")), (1, 1));

        // A letter counts in the year it came in.
        let letter = json!({
            "kind": "klagomal", "unit": "gran", "description": "Brev.", "channel": "BRV",
            "received_at": "2025-12-30T12:00:00Z", "received_reason": "Kom med posten.",
        });
        add(letter);
        assert_eq!((count("year=2025"), count("year=2026")), (1, 4));

        // One's own units only.
        let of = ("provby", house.tenant);
        let syd = house.service.holder(of, "chef-syd", Role::UnitManager, &["syd"], &[]);
        assert_eq!(total(&syd, "year=2026").0, 0);
        house.service.reporter("provby", "usk").get("/api/v1/statistics?year=2026").expect(403);
    });
}

#[test]
fn half_an_hour_before_midnight_in_sweden_is_the_old_year() {
    on_each_database(|database| {
        let house = house(database);
        for (at, year) in [("2025-12-31T22:30:00Z", 2025), ("2025-12-31T23:00:00Z", 2026)] {
            let at: Timestamp = at.parse().expect("a time");
            house.service.clock.set(at - SignedDuration::from_secs(1));
            let nurse = house.service.reporter("provby", "usk");
            house.service.clock.set(at);
            let case = file(&nurse, fall());
            assert!(
                case["number"].as_str().expect("a number").contains(&year.to_string()),
                "{case}"
            );
        }
        house.service.clock.set("2026-03-10T11:00:00Z".parse().expect("a time"));
        let mas = house.service.with_token(&house.service.token("provby", "mas"));
        assert_eq!((total(&mas, "year=2025").0, total(&mas, "year=2026").0), (1, 1));
    });
}
