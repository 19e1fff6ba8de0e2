//! What nobody touches climbs; the board's figures; units that report nothing; an import wakes nothing.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use app::Clock as _;
use domain::organisation::Role;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use testkit::{Client, on_each_database};

use crate::worklist::on;
use crate::{House, fall, file, house, id, standard_triage};

/// Runs the job, and gives how many notices it queued.
fn climb(house: &House) -> usize {
    house.service.run(house.service.app.climb_ladders()).expect("climbs")
}

/// To whom the notices of a topic go: the role, or that it is a person.
fn told(house: &House, topic: &'static str) -> Vec<String> {
    let read = house.service.app.store.read(house.tenant, move |tx| tx.queued(Some(topic)));
    let messages = house.service.run(read).expect("messages");
    let to = |notice: &Value| {
        let role = notice["to"]["role"]["role"].as_str().map(str::to_owned);
        role.unwrap_or_else(|| "a person".to_owned())
    };
    messages.iter().map(|message| to(&message.payload["notice"])).collect()
}

fn with_everybody(house: &House) {
    let of = ("provby", house.tenant);
    house.service.holder(of, "vc", Role::AreaManager, &[], &[]);
    house.service.holder(of, "fc", Role::Director, &[], &[]);
}

fn stand(house: &House, day: Date) -> Client {
    on(house, day)("chef")
}

#[test]
fn what_nobody_touches_climbs_once_a_rung_until_somebody_does() {
    on_each_database(|database| {
        let house = house(database);
        with_everybody(&house);
        let reporter = house.service.reporter("provby", "anmälare");
        let case = id(&file(&reporter, fall()));
        assert_eq!(climb(&house), 0);
        // The third, fifth, eighth and tenth working day after Tuesday 10 March.
        for (day, rungs) in [
            (date(2026, 3, 12), 0),
            (date(2026, 3, 13), 1),
            (date(2026, 3, 16), 1),
            (date(2026, 3, 17), 2),
            (date(2026, 3, 20), 3),
            (date(2026, 3, 24), 4),
            (date(2026, 4, 24), 4),
        ] {
            let before = told(&house, "ladder").len();
            let chef = stand(&house, day);
            assert_eq!(climb(&house), rungs - before, "{day}");
            // Asking twice tells once.
            assert_eq!(climb(&house), 0, "{day}");
            drop(chef);
        }
        assert_eq!(told(&house, "ladder"), ["unit_manager", "area_manager", "mas", "director"]);
        let read = house.service.app.store.read(house.tenant, |tx| tx.queued(Some("ladder")));
        let message = &house.service.run(read).expect("messages")[0];
        let notice = &message.payload["notice"];
        assert_eq!((&notice["step"], &notice["while_open"]), (&json!("untouched"), &json!(true)));
        assert_eq!(notice["about"]["case"], case.as_str());
        let text = message.payload.to_string();
        assert!(!text.contains("sängkanten"), "{text}");

        // Touched on Friday 24 April, it starts anew: the third working day is Wednesday 29 April.
        let chef = stand(&house, date(2026, 4, 24));
        chef.post(&format!("/api/v1/cases/{case}/comments"), json!({"text": "Ser på det."}))
            .expect(200);
        stand(&house, date(2026, 4, 28));
        assert_eq!(climb(&house), 0);
        stand(&house, date(2026, 4, 29));
        assert_eq!(climb(&house), 1);

        // Waiting for the police it stays where it is; after that day it goes on.
        let chef = stand(&house, date(2026, 4, 29));
        let wait = json!({"for": "police", "until": "2026-06-01", "reason": "x"});
        chef.command(&case, "waiting", wait).expect(200);
        stand(&house, date(2026, 6, 1));
        assert_eq!(climb(&house), 0);
        stand(&house, date(2026, 6, 2));
        assert_eq!(climb(&house), 4);

        // Closed, it climbs no more.
        let chef = stand(&house, date(2026, 6, 2));
        chef.command(&case, "close", json!({"outcome": "UTF.ATE", "summary": "x"})).expect(200);
        stand(&house, date(2026, 12, 1));
        assert_eq!(climb(&house), 0);
    });
}

#[test]
fn of_a_unit_the_oldest_climbs_and_a_duty_sooner_than_its_case() {
    on_each_database(|database| {
        let house = house(database);
        with_everybody(&house);
        let reporter = house.service.reporter("provby", "anmälare");
        let mut device = fall();
        device["category"] = json!("HSL.MTP.FEL");
        let first = id(&file(&reporter, device));
        file(&reporter, fall());
        file(&reporter, fall());
        let mut triage = standard_triage();
        triage["category"] = json!("HSL.MTP.FEL");
        house.manager.command(&first, "triage", triage).expect(200);
        stand(&house, date(2026, 3, 11));
        // The duty, after a day.
        assert_eq!(climb(&house), 1);
        stand(&house, date(2026, 3, 13));
        // The duty's next two rungs, and the oldest of the two that nobody has assessed.
        assert_eq!(climb(&house), 3);
        let standing = house.service.app.standing();
        let steps = &standing.iter().find(|it| it.tenant == "provby").expect("the tenant").steps;
        let lies = |step| {
            let lying = steps[&step];
            (lying.open, lying.late)
        };
        use domain::ladder::LadderStep;
        assert_eq!(lies(LadderStep::Triage), (2, 0));
        assert_eq!(lies(LadderStep::Investigation), (1, 0));
        assert_eq!(lies(LadderStep::Duty), (1, 1));
        let ready = house.service.operator().get("/readyz").expect(200).json();
        let tenant = &ready["tenants"][0];
        assert_eq!(tenant["steps"]["triage"]["open"], 2);
        assert_eq!(tenant["steps"]["triage"]["oldest_untouched_seconds"], 3 * 24 * 3600);
        assert!(house.service.anonymous().get("/readyz").expect(200).json()["tenants"].is_null());
    });
}

#[test]
fn where_there_is_nobody_it_goes_on_at_once() {
    on_each_database(|database| {
        let house = house(database);
        let mut social = fall();
        social["law"] = json!(["SOL"]);
        social["category"] = json!("SOC.FAL");
        house.service.holder(("provby", house.tenant), "sas", Role::Sas, &[], &[]);
        let case = file(&house.service.reporter("provby", "anmälare"), social);
        // The manager may not know of it, and there is no area manager.
        let who = house.manager.get("/api/v1/me").expect(200).json()["staff"].clone();
        let path = format!("/api/v1/cases/{}/conflicts", id(&case));
        house.manager.post(&path, json!({"staff": who, "reason": "Gäller mig."})).expect(200);
        stand(&house, date(2026, 3, 13));
        assert_eq!(climb(&house), 1);
        assert_eq!(told(&house, "ladder"), ["sas"]);
    });
}

#[test]
fn the_board_is_told_once_a_month_and_reads_figures() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        house.service.holder(of, "ledamot", Role::Board, &[], &[]);
        let reporter = house.service.reporter("provby", "anmälare");
        let first = id(&file(&reporter, fall()));
        file(&reporter, fall());
        let end = json!({"outcome": "UTF.ATE", "summary": "x"});
        house.manager.command(&first, "close", end).expect(200);
        assert_eq!(climb(&house), 1, "February's figures");
        assert_eq!(climb(&house), 0);
        // 1 April is a Wednesday; the ladder has something to tell then, too.
        stand(&house, date(2026, 4, 1));
        climb(&house);
        climb(&house);
        assert_eq!(told(&house, "board.figures"), ["a person", "a person"]);

        let board = house.service.reporter("provby", "ledamot");
        let figures = board.get("/api/v1/board/figures?month=2026-03").expect(200).json();
        assert_eq!((&figures["filed"], &figures["closed"]), (&json!(2), &json!(1)));
        assert_eq!(
            (&figures["open"], &figures["as_of"]),
            (&json!(1), &json!("2026-03-31T22:00:00Z"))
        );
        let triage = json!({"step": "triage", "open": 1, "late": 1, "oldest_days": 22});
        assert_eq!(figures["steps"][0], triage);
        // Without a month, the last.
        let last = board.get("/api/v1/board/figures").expect(200).json();
        assert_eq!(last, figures);
        let april = board.get("/api/v1/board/figures?month=2026-04").expect(200).json();
        assert_eq!((&april["filed"], &april["open"]), (&json!(0), &json!(1)));
        let february = board.get("/api/v1/board/figures?month=2026-02").expect(200).json();
        assert_eq!((&february["filed"], &february["open"]), (&json!(0), &json!(0)));
        board.get("/api/v1/board/figures?month=2026-05").expect(422);
        board.get("/api/v1/board/figures?month=mars").expect(422);
        stand(&house, date(2026, 4, 1)).get("/api/v1/board/figures").expect(403);
        let text = figures.to_string();
        assert!(!text.contains("gran") && !text.contains("AVV-"), "{text}");
    });
}

#[test]
fn units_that_report_nothing_are_listed() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        house.service.holder(of, "ec", Role::UnitManager, &["norr"], &[]);
        file(&house.service.reporter("provby", "anmälare"), fall());
        let silent = |client: &Client, query: &str| -> Vec<(String, bool)> {
            let list = client.get(&format!("/api/v1/units/silent{query}")).expect(200).json();
            let items = list["items"].as_array().expect("items").clone();
            let unit = |item: &Value| {
                let code = item["unit"]["code"].as_str().expect("a code").to_owned();
                (code, item["last_reported_at"].is_null())
            };
            let mut units: Vec<_> = items.iter().map(unit).collect();
            units.sort();
            units
        };
        let never = |code: &str| (code.to_owned(), true);
        // `norr` has units below it, and the unit nobody knows is no place.
        assert_eq!(silent(&house.manager, ""), [never("syd"), never("tall")]);
        stand(&house, date(2026, 6, 8));
        let boss = house.service.reporter("provby", "ec");
        assert_eq!(silent(&boss, ""), [never("tall")]);
        stand(&house, date(2026, 6, 9));
        let boss = house.service.reporter("provby", "ec");
        let gran = ("gran".to_owned(), false);
        assert_eq!(silent(&boss, "?days=90"), [gran, never("tall")]);
        assert_eq!(silent(&boss, "?days=91"), [never("tall")]);
        boss.get("/api/v1/units/silent?days=0").expect(422);
        house.service.reporter("provby", "anmälare").get("/api/v1/units/silent").expect(403);
    });
}

#[test]
fn importing_a_year_tells_nobody_and_wakes_no_clock() {
    static SEED: AtomicU64 = AtomicU64::new(1);
    on_each_database(|database| {
        let house = house(database);
        with_everybody(&house);
        let seed = || SEED.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8;
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025");
        let now = house.service.clock.now();
        let store = &house.service.app.store;
        let ids = uuid::Uuid::now_v7;
        let work = app::transfer::import(store, "provby", None, &dir, now, &ids, &seed, &|_| {});
        house.service.run(work).expect("imports");
        stand(&house, date(2026, 11, 2));
        assert_eq!(climb(&house), 0);
        let mas = house.service.reporter("provby", "mas");
        let found = mas.get("/api/v1/clocks?state=due,late,kept,missed").expect(200).json();
        assert_eq!(found["items"], json!([]));
        // Somebody takes one up: that one has its clocks, and climbs.
        let open = mas.get("/api/v1/cases?status=investigating&limit=1").expect(200).json();
        let case = open["items"][0]["id"].as_str().expect("a case that is not closed").to_owned();
        mas.post(&format!("/api/v1/cases/{case}/comments"), json!({"text": "Tas upp."}))
            .expect(200);
        let found = mas.get("/api/v1/clocks").expect(200).json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        stand(&house, date(2026, 11, 23));
        assert!(climb(&house) > 0);
    });
}
