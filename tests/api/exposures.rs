//! How much care there was, the rates that follow, the signals, and what of the cube came with them.

use std::path::Path;

use app::Clock as _;
use domain::ids::{CaseId, StaffId, TenantId};
use domain::organisation::Role;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::{Client, Database, Service, on_each_database};
use uuid::Uuid;

use crate::{House, fall, file, house, id, standard_triage};

const ROOT: &str = "/api/v1/exposures";

fn days(unit: &str, from: &str, to: &str, amount: f64) -> Value {
    json!({"unit": unit, "kind": "bed_days", "from": from, "to": to, "amount": amount,
        "source": "Treserva"})
}

fn csv(client: &Client, text: &str) -> testkit::Response {
    client.send("POST", &format!("{ROOT}/import"), Some(("text/csv", text.as_bytes().to_vec())))
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect()
}

fn count(client: &Client) -> usize {
    client.get(ROOT).expect(200).json()["items"].as_array().map_or(0, Vec::len)
}

fn holder(house: &House, name: &str, role: Role, units: &[&str]) -> Client {
    house.service.holder(("provby", house.tenant), name, role, units, &[])
}

#[test]
fn an_exposure_is_given_changed_and_taken_away_by_who_answers_for_the_unit() {
    on_each_database(|database| {
        let house = house(database);
        let below = holder(&house, "norrchef", Role::UnitManager, &["norr"]);
        let key = below.with("idempotency-key", "one");
        let body = days("gran", "2025-01", "2025-12", 3650.0);
        let made = key.post(ROOT, body.clone()).expect(201);
        let at = made.header("location").expect("a place").to_owned();
        assert_eq!(key.post(ROOT, body.clone()).expect(201).text, made.text, "once");
        let view = made.json();
        assert_eq!((&view["unit"]["name"], &view["amount"]), (&json!("GRAN"), &json!(3650.0)));

        // Twice the same months, months that go on, another's unit, halves of days: all at once.
        let again = below.post(ROOT, days("gran", "2025-06", "2025-06", 300.0)).expect(422);
        assert_eq!(again.faults(), pairs(&[("/from", "not_unique")]));
        let above = below.post(ROOT, days("norr", "2025-06", "2026-03", 300.5)).expect(422);
        let told = pairs(&[
            ("/to", "two_years"),
            ("/amount", "not_whole"),
            ("/unit", "covered_elsewhere"),
        ]);
        assert_eq!(above.faults(), told);
        // What cannot be is told in words that say it.
        let huge = below.post(ROOT, days("gran", "2025-07", "2025-07", 1e300)).expect(422);
        assert_eq!(huge.faults(), pairs(&[("/amount", "out_of_range")]));
        assert_eq!(huge.json()["errors"][0]["message"], "Värdet ska vara högst 1000000000.");
        let no_month = below.post(ROOT, days("gran", "juli", "2025-07", 1.0)).expect(422);
        assert_eq!(
            no_month.json()["errors"][0]["message"],
            "Värdet har fel form. Förväntat: en månad, ÅÅÅÅ-MM."
        );
        let going_on = below.post(ROOT, days("tall", "2026-03", "2026-03", 300.0)).expect(422);
        assert_eq!(going_on.faults(), pairs(&[("/to", "month_not_over")]));
        let beside = below.post(ROOT, days("syd", "2025-06", "2025-06", 300.0)).expect(422);
        assert_eq!(beside.faults(), pairs(&[("/unit", "outside_your_units")]));
        let unknown = below.post(ROOT, days("ingen", "2025-06", "2025-06", 300.0)).expect(422);
        assert_eq!(unknown.faults(), pairs(&[("/unit", "unknown_unit")]));
        let person = json!({"unit": "tall", "kind": "bed_days", "from": "2025-01",
            "to": "2025-01", "amount": 1, "source": "Frågade 640823-3234"});
        assert_eq!(below.post(ROOT, person).expect(422).faults().len(), 1);

        let other = days("gran", "2025-01", "2025-12", 3651.0);
        below.put(&at, other.clone()).expect(428);
        below.with("if-match", "\"7\"").put(&at, other.clone()).expect(412);
        let changed = below.with("if-match", "\"1\"").put(&at, other).expect(200);
        assert_eq!((changed.etag().as_str(), &changed.json()["amount"]), ("\"2\"", &json!(3651.0)));
        // It is not to be seen at the unit beside, nor given by who only sees figures.
        let beside = holder(&house, "sydchef", Role::UnitManager, &["syd"]);
        beside.get(&at).expect(404);
        assert_eq!(count(&beside), 0);
        let nurse = holder(&house, "ssk", Role::Team, &["norr"]);
        nurse.get(&at).expect(200);
        nurse.with("if-match", "\"2\"").put(&at, body.clone()).expect(403);
        nurse.post(ROOT, body).expect(403);
        house.service.reporter("provby", "anna").get(ROOT).expect(403);
        below.with("if-match", "\"1\"").delete(&at, json!({})).expect(412);
        below.with("if-match", "\"2\"").delete(&at, json!({})).expect(204);
        below.get(&at).expect(404);
        assert_eq!(count(&house.mas), 0);
    });
}

#[test]
fn a_file_is_taken_in_whole_or_not_at_all() {
    on_each_database(|database| {
        let house = house(database);
        let mas = &house.mas;
        let wrong = "\u{feff}enhet;slag;från;till;antal;källa\r\n\
            gran;bed_days;2025-01;2025-12;3650;Treserva\r\n\
            ingen;vårddygn;2025-01;2025-12;3650;\r\n\
            tall;dygn;2025-13;2025-12;3,655;\r\n\
            \r\n\
            tall;doser att signera;2025-01;2025-12;1000;\r\n\
            tall;signerade doser;2025-01;2025-12;1001;\r\n\
            tall;persons;2025-01;2025-12\r\n\
            gran;bed_days;2025-12;2025-12;310;\r\n";
        let told = pairs(&[
            ("/3/enhet", "unknown_unit"),
            ("/4/slag", "unknown_code"),
            ("/4/fran", "wrong_type"),
            ("/4/antal", "wrong_type"),
            ("/8", "wrong_number_of_fields"),
            ("/7/antal", "more_signed_than_due"),
            ("/9/fran", "not_unique"),
        ]);
        assert_eq!(csv(mas, wrong).expect(422).faults(), told);
        assert_eq!(count(mas), 0);
        let headings = csv(mas, "enhet;slag;antal;antal;typ\r\n").expect(422).faults();
        let told = [
            ("/1/antal", "not_unique"),
            ("/1/5", "unknown_field"),
            ("/1/fran", "required"),
            ("/1/till", "required"),
        ];
        assert_eq!(headings, pairs(&told));
        csv(&mas.with("content-encoding", "gzip"), "x").expect(415);
        mas.post(&format!("{ROOT}/import"), json!({})).expect(415);

        let right = "enhet;slag;fran;till;antal\n\
            GRAN;vårddygn;2025-01;2025-06;1 810\n\
            gran;bed_days;2025-07;2025-12;1840\n\
            syd;staff;2025-01;2025-12;42,5\n";
        let told = |added, changed, unchanged| json!({"added": added, "changed": changed, "unchanged": unchanged});
        assert_eq!(csv(mas, right).expect(200).json(), told(3, 0, 0));
        assert_eq!(csv(mas, right).expect(200).json(), told(0, 0, 3));
        let more = right.replace("1840", "1841");
        assert_eq!(csv(mas, &more).expect(200).json(), told(0, 1, 2));
        let staff = mas.get(&format!("{ROOT}?kind=staff&year=2025")).expect(200).json();
        assert_eq!(staff["items"][0]["amount"], json!(42.5));
        assert_eq!(count(mas), 3);
        // One's own units only.
        let below = holder(&house, "norrchef", Role::UnitManager, &["norr"]);
        let outside = csv(&below, &more).expect(422).faults();
        assert_eq!(outside, pairs(&[("/4/enhet", "outside_your_units")]));
    });
}

#[test]
fn two_who_give_the_same_at_once_give_it_once() {
    on_each_database(|database| {
        let house = house(database);
        let give = || house.mas.post(ROOT, days("gran", "2025-01", "2025-01", 310.0)).status;
        let mut given = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(give)).collect();
            all.into_iter().map(|one| one.join().expect("an answer")).collect::<Vec<_>>()
        });
        given.sort_unstable();
        assert_eq!(given, [201, 422, 422, 422]);
        assert_eq!(count(&house.mas), 1);
    });
}

#[test]
fn rates_are_of_the_months_that_are_known() {
    on_each_database(|database| {
        let now: Timestamp = "2026-05-10T11:00:00Z".parse().expect("a time");
        let service = Service::start_at(database, now);
        let tenant = service.tenant("provby");
        let mas = service.holder(("provby", tenant), "mas", Role::Mas, &[], &[]);
        let mut filing = fall();
        for (category, received) in [
            ("HSL.FAL", "2026-03-02T10:00:00Z"),
            ("HSL.LKM.UTE", "2026-04-02T10:00:00Z"),
            ("HSL.LKM.TID", "2026-05-02T10:00:00Z"),
        ] {
            filing["category"] = json!(category);
            filing["received_at"] = json!(received);
            filing["received_reason"] = json!("Brevet låg på fel hylla.");
            filing["channel"] = json!("BLA");
            file(&mas, filing.clone());
        }
        let lines = "enhet;slag;fran;till;antal\n\
            norr;bed_days;2026-01;2026-04;1000\n\
            gran;doses_to_sign;2026-03;2026-04;5000\n\
            gran;signed_doses;2026-03;2026-04;4900\n";
        csv(&mas, lines).expect(200);
        let rates = mas.get(&format!("{ROOT}/rates?year=2026")).expect(200).json();
        let row = &rates["rates"][0];
        // The third is of May, which is not known.
        assert_eq!(
            (&row["deviations"], &row["rate"], &row["months"]),
            (&json!(2), &json!(2.0), &json!(4))
        );
        assert_eq!((&row["falls"], &row["medication"]), (&json!(1), &json!(1)));
        let doses = &rates["unsigned_doses"][0];
        assert_eq!((&doses["unsigned"], &doses["unsigned_share"]), (&json!(100), &json!(2.0)));
        assert_eq!((&doses["reported"], &doses["reported_rate"]), (&json!(1), &json!(10.0)));
        assert_eq!(rates["unsigned_total"]["unsigned"], json!(100));
        assert!(rates["notes"].to_string().contains("ännu ingen avvikelse"), "{rates}");
        let beside =
            service.holder(("provby", tenant), "sydchef", Role::UnitManager, &["syd"], &[]);
        let none = beside.get(&format!("{ROOT}/rates?year=2026")).expect(200).json();
        assert_eq!((&none["rates"], &none["unsigned_doses"]), (&json!([]), &json!([])));
        let told = mas.get(&format!("{ROOT}/rates?yaer=2026")).expect(422).faults();
        assert_eq!(told, pairs(&[("yaer", "unknown_field")]));
    });
}

fn askersund(database: Database) -> (Service, Client) {
    let now: Timestamp = "2026-02-10T08:00:00Z".parse().expect("a time");
    let service = Service::start_at(database, now);
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025");
    let seed = || Uuid::new_v4().as_u64_pair().1;
    let store = &service.app.store;
    let now = service.clock.now();
    let named = Some("Askersund");
    service
        .run(app::transfer::import(
            store,
            "askersund",
            named,
            &dir,
            now,
            &Uuid::now_v7,
            &seed,
            &|_| (),
        ))
        .expect("imports");
    let tenant = service.run(store.tenant_by_slug("askersund")).expect("a tenant").id;
    let mas = service.holder(("askersund", tenant), "mas", Role::Mas, &[], &[]);
    (service, mas)
}

#[test]
fn the_falls_of_a_year_that_differ_are_signals_with_everything_they_are_made_of() {
    on_each_database(|database| {
        let (_service, mas) = askersund(database);
        let ask = |query: &str| mas.get(&format!("/api/v1/signals?{query}")).expect(200).json();
        let falls = ask("year=2025&category=HSL.FAL&limit=500");
        let of = |name: &str| {
            let all = falls["items"].as_array().expect("items");
            all.iter().find(|it| it["unit"]["name"] == name).expect(name).clone()
        };
        // 172 more than the year before, and 120 fewer.
        for (unit, mark) in [("Hemtjänsten", "above"), ("Smedsgården", "below")] {
            let chart = of(unit);
            assert_eq!((&chart["chart"], &chart["marked"]), (&json!("u"), &json!(true)), "{unit}");
            let marks = chart["points"].to_string();
            assert!(marks.contains(mark) || marks.contains(&format!("run_{mark}")), "{chart}");
        }
        let chart = of("Hemtjänsten");
        assert_eq!(chart["baseline"]["from"], "2024-01");
        assert_eq!(chart["baseline"]["exposure"], json!(366.0));
        let baseline = chart["baseline"]["events"].as_f64().expect("a count");
        let centre = (baseline / 366.0 * 30.0 * 10_000.0).round() / 10_000.0;
        assert_eq!(chart["centre"], json!(centre));
        // What is watched adds to the figures of the year.
        let watched: u64 = chart["points"]
            .as_array()
            .expect("points")
            .iter()
            .map(|point| point["events"].as_u64().expect("a count"))
            .sum();
        let figures = mas
            .get("/api/v1/statistics?year=2025&category=HSL.FAL&group_by=unit")
            .expect(200)
            .json();
        let row = figures["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .find(|row| row["keys"]["unit"]["name"] == "Hemtjänsten")
            .expect("a row")
            .clone();
        assert_eq!(row["count"], json!(watched));
        assert_eq!(chart["false_alarms_in_100"], json!(10));
        assert!(chart["formula"].as_str().is_some_and(|it| it.contains("1/n + 1/N")));

        let all = ask("year=2025&limit=500");
        let states: std::collections::BTreeSet<String> = all["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|it| format!("{} {}", it["state"], it["chart"]))
            .collect();
        assert!(
            states.contains("\"charted\" \"u\"") && states.contains("\"charted\" \"t\""),
            "{states:?}"
        );
        let marked = ask("year=2025&limit=500&marked=true");
        let many = |page: &Value| page["items"].as_array().map_or(0, Vec::len);
        assert!(many(&marked) > 0 && many(&marked) < many(&all));
        let injury = ask("year=2025&category=HSL.FAL&of=injury");
        assert!(injury["items"].to_string().contains("\"chart\":\"p\""), "{injury}");
        let page = ask("year=2025&limit=2");
        let next = page["next_cursor"].as_str().expect("another page");
        assert_ne!(ask(&format!("year=2025&limit=2&cursor={next}"))["items"], page["items"]);
        let told = mas.get("/api/v1/signals?category=NEJ&of=x&unit=?").expect(422).faults();
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(mas.get("/api/v1/signals").expect(422).faults(), pairs(&[("year", "required")]));

        // The cube: what is grouped by the tenant's groups adds to the total.
        let groups = mas.get("/api/v1/statistics?year=2025&group_by=area_group").expect(200).json();
        let rows = groups["rows"].as_array().expect("rows");
        assert_eq!(rows[0]["keys"]["area_group"], "SABO");
        let sum: u64 = rows.iter().filter_map(|row| row["count"].as_u64()).sum();
        assert_eq!(groups["total"]["count"], json!(sum));
    });
}

fn sender(house: &House, case: &Value) -> testkit::Sender {
    let unit = house.service.unit(house.tenant, "gran");
    let me = house.mas.get("/api/v1/me").expect(200).json();
    let by: StaffId = me["staff"].as_str().expect("an id").parse().expect("an id");
    let case: CaseId = id(case).parse().expect("an id");
    let tenant: TenantId = house.tenant;
    testkit::Sender { tenant, by, case, unit }
}

#[test]
fn causes_counterparties_and_answers_are_counted() {
    on_each_database(|database| {
        let house = house(database);
        let ask = |query: &str| {
            house.mas.get(&format!("/api/v1/statistics?year=2026&{query}")).expect(200).json()
        };
        let cases: Vec<Value> = (0..4).map(|_| file(&house.manager, fall())).collect();
        // Two causes, one of them twice; one cause; an investigation without any; none at all.
        for (case, causes) in cases.iter().zip([
            json!([{"code": "ORS.KOM"}, {"code": "ORS.TEK"}, {"code": "ORS.KOM", "text": "Igen."}]),
            json!([{"code": "ORS.TEK"}]),
        ]) {
            let at = id(case);
            house.manager.command(&at, "triage", standard_triage()).expect(200);
            let body = json!({"course_of_events": "x", "causes": causes});
            house.manager.command(&at, "investigation", body).expect(200);
        }
        let keyed = |answer: &Value, name: &str| -> Vec<(Value, Value)> {
            let rows = answer["rows"].as_array().expect("rows").iter();
            rows.map(|row| (row["keys"][name].clone(), row["count"].clone())).collect()
        };
        let causes = ask("of=mentions&group_by=cause");
        let expected =
            [("ORS.KOM", 1), ("ORS.TEK", 2)].map(|(code, count)| (json!(code), json!(count)));
        let found = keyed(&causes, "cause");
        assert_eq!(found[..2], expected);
        assert_eq!(found[2..], [(json!(null), json!(2))]);
        assert_eq!(causes["total"]["count"], json!(5));
        assert_eq!(ask("cause=ORS.TEK")["total"]["count"], json!(2));

        let (one, two) = (
            house.service.counterparty(house.tenant, "Åmåls vårdcentral"),
            house.service.counterparty(house.tenant, "Zinkgruvans vårdcentral"),
        );
        for (case, end) in [(0, one), (0, one), (0, two), (1, two)] {
            let from = sender(&house, &cases[case]);
            house.service.send_forwarding(from, end, ("Insulin", "Dosen uteblev."), None);
        }
        let taken_back = sender(&house, &cases[2]);
        let gone = house.service.send_forwarding(taken_back, one, ("Insulin", "Fel."), None);
        house.service.recall_forwarding(taken_back, gone);
        let ends = ask("of=mentions&group_by=counterparty");
        let names: Vec<_> = ends["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| (row["keys"]["counterparty"]["name"].clone(), row["count"].clone()))
            .collect();
        let expected = [
            (json!("Zinkgruvans vårdcentral"), json!(2)),
            (json!("Åmåls vårdcentral"), json!(1)),
            (json!(null), json!(2)),
        ];
        assert_eq!(names, expected);
        assert_eq!(ask(&format!("counterparty={two}"))["total"]["count"], json!(2));
        assert_eq!(ask("counterparty=VC")["total"]["count"], json!(2));
        assert_eq!(ask("counterparty=null")["total"]["count"], json!(2));
        assert_eq!(ask(&format!("counterparty={one},null"))["total"]["count"], json!(3));
        let only = ask(&format!("of=mentions&group_by=counterparty&counterparty={one}"));
        assert_eq!(only["total"]["count"], json!(1));
        let text = house.mas.get("/api/v1/statistics?year=2026&of=mentions&group_by=counterparty,cause,area_group&format=csv").expect(200).text;
        assert!(text.contains("Åmåls vårdcentral") && text.contains("Särskilt boende"), "{text}");

        // One opinion is answered, one is not, and no avvikelse ever is.
        let opinion = |answered: bool| {
            let body = json!({"kind": "klagomal", "unit": "gran", "law": ["SOL"],
                "description": "Fick vänta i två timmar.",
                "opinion": {"sender": {"kind": "NAR", "name": "Vera", "reach": "letter", "address": "Storgatan 1"}}});
            let case = file(&house.manager, body);
            if answered {
                let answer = json!({"explanation": "Larmet gick fel.", "measures": "Rättat.",
                    "secrecy_ground": "Samtycke.", "channel": "letter", "avvikelse": false, "lex_sarah": "no"});
                house.manager.command(&id(&case), "opinion/answer", answer).expect(200);
            }
        };
        opinion(true);
        opinion(false);
        let answered = ask("group_by=kind&measures=answered");
        let told: Vec<_> = answered["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| (row["keys"]["kind"].clone(), row["count"].clone(), row["answered"].clone()))
            .collect();
        let expected =
            [(json!("avvikelse"), json!(4), json!(0)), (json!("klagomal"), json!(2), json!(1))];
        assert_eq!(told, expected);
        let each = ask("measures=answered,lead_time")["total"].clone();
        assert_eq!((&each["count"], &each["answered"]), (&json!(6), &json!(1)));
        assert_eq!(ask("measures=answered&as_of=2026-03-09")["total"]["count"], json!(0));
    });
}

#[test]
fn a_tenant_groups_its_areas_itself() {
    on_each_database(|database| {
        let house = house(database);
        let admin = holder(&house, "admin", Role::Admin, &[]);
        file(&house.manager, fall());
        let by_group = || {
            house.mas.get("/api/v1/statistics?year=2026&group_by=area_group").expect(200).json()["rows"][0]["keys"].clone()
        };
        assert_eq!(by_group(), json!({"area_group": "SABO"}));
        let read = admin.get("/api/v1/settings").expect(200);
        let mut chosen = read.json();
        assert_eq!(chosen["area_groups"][1]["name"], "Ordinärt boende");
        let own = json!([{"code": "HEMMA", "name": "Hemma", "areas": ["SABO", "ORD"]}]);
        chosen["area_groups"] = own;
        admin.with("if-match", &read.etag()).put("/api/v1/settings", chosen).expect(200);
        assert_eq!(by_group(), json!({"area_group": "HEMMA"}));
        let filter = |value: &str| {
            house.mas.get(&format!("/api/v1/statistics?year=2026&area_group={value}"))
        };
        assert_eq!(filter("HEMMA").expect(200).json()["total"]["count"], json!(1));
        assert_eq!(filter("null").expect(200).json()["total"]["count"], json!(0));
        assert_eq!(filter("SABO").expect(422).faults(), pairs(&[("area_group", "unknown_code")]));
    });
}
