//! Half-yearly reviews: made by themselves, written, decided, signed with the figures of that moment; the
//! late ones climb; what was decided is owed until it is done; and the page of a month.

use domain::organisation::Role;
use domain::review::{improvements_by_unit, reviews_by_unit};
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use store::Tx;
use testkit::{Client, on_each_database};

use crate::worklist::on;
use crate::{House, fall, file, house, id, standard_triage};

/// The first day after the half on which the house's cases were filed.
const JULY: Date = Date::constant(2026, 7, 1);

/// Lets the clock stand at noon of a day.
fn stand(house: &House, day: Date) {
    drop(on(house, day));
}

/// Runs the job, and gives how many reviews it made.
fn make(house: &House) -> usize {
    house.service.run(house.service.app.make_reviews()).expect("makes")
}

/// Three falls of gran in March: two of one person, two in the bathroom, one investigated.
fn with_cases(house: &House) -> Vec<String> {
    let reporter = house.service.reporter("provby", "anmälare");
    let person = |number: &str| {
        let mut body = fall();
        body["subject"] = json!({ "personal_id": number });
        body["details"] = json!({"fall_place": "PLA.BAD"});
        body
    };
    let cases = [person("640823-3234"), person("640823-3234"), fall()];
    let cases: Vec<String> = cases.into_iter().map(|it| id(&file(&reporter, it))).collect();
    let go = |command: &str, body: Value| {
        house.manager.command(&cases[0], command, body).expect(200).json()
    };
    go("triage", standard_triage());
    let inquiry = json!({"course_of_events": "a", "assessment": "b", "causes": [{"code": "ORS.OKA"}],
        "complete": true});
    let cause = go("investigation", inquiry)["investigation"]["causes"][0]["id"].clone();
    go(
        "measures",
        json!({"measures": [{"type": "ATG.RUT", "text": "x", "causes": [cause], "owner": "Chef",
            "due_on": "2026-04-01", "follow_up_on": "2026-05-01"}]}),
    );
    cases
}

/// The path of the review of a unit.
fn review_of(client: &Client, unit: &str) -> String {
    let list = client.get(&format!("/api/v1/reviews?unit={unit}")).expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    format!("/api/v1/reviews/{}", id(&list["items"][0]))
}

/// Does something to the newest version.
#[track_caller]
fn change(
    client: &Client,
    method: &str,
    path: &str,
    below: &str,
    body: Value,
    status: u16,
) -> Value {
    let newest = client.with("if-match", &client.get(path).expect(200).etag());
    let sent = ("application/json", body.to_string().into_bytes());
    newest.send(method, &format!("{path}{below}"), Some(sent)).expect(status).json()
}

/// A count of a table of a page.
#[track_caller]
fn count(page: &Value, table: &str, key: &str, column: &str) -> Value {
    let tables = page["figures"]["tables"].as_array().expect("tables");
    let table = tables.iter().find(|it| it["id"] == table).expect("the table");
    let columns = table["columns"].as_array().expect("columns");
    let at = columns.iter().position(|it| it["id"] == column).expect("the column");
    let rows = table["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["keys"][0]["code"] == key);
    row.map_or(Value::Null, |row| row["cells"][at]["count"].clone())
}

/// What of reviews waits for somebody.
fn waiting(client: &Client) -> Vec<String> {
    let list = client.get("/api/v1/worklist?group=reviews").expect(200).json();
    let items = list["items"].as_array().expect("items").iter();
    let mut asked: Vec<String> = items
        .map(|it| format!("{} {}", it["asked"].as_str().expect("asked"), it["unit"]["code"]))
        .map(|it| it.replace('"', ""))
        .collect();
    asked.sort();
    asked
}

#[test]
fn they_are_made_once_after_the_half_for_units_that_are_there() {
    on_each_database(|database| {
        let house = house(database);
        with_cases(&house);
        assert_eq!(make(&house), 0, "the tenant was not there in 2025");
        stand(&house, date(2026, 6, 30));
        assert_eq!(make(&house), 0, "the half has not ended");
        // One of several instances makes each, whoever comes first.
        stand(&house, JULY);
        let app = &house.service.app;
        let made: Vec<usize> = std::thread::scope(|scope| {
            let one = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(app.make_reviews()).expect("makes")
            };
            let others: Vec<_> = (0..3).map(|_| scope.spawn(one)).collect();
            others.into_iter().map(|it| it.join().expect("runs")).collect()
        });
        let rest = make(&house);
        assert_eq!(made.iter().sum::<usize>() + rest, 3, "gran, tall and syd");
        assert_eq!(make(&house), 0);
        let queued = |tx: &mut Tx<'_>| tx.queued(Some("review.create"));
        let told = house.service.run(app.store.read(house.tenant, queued)).expect("messages");
        assert_eq!(told.len(), 3);
        let notice = &told[0].payload["notice"];
        assert_eq!(notice["to"]["role"]["role"], "unit_manager");
        assert_eq!((&notice["step"], &notice["number"]), (&json!("review"), &json!("2026-H1")));

        let chef = on(&house, JULY)("chef");
        let list = chef.get("/api/v1/reviews").expect(200).json();
        let items = list["items"].as_array().expect("items");
        assert_eq!(items.len(), 3);
        // Sixty days after 1 July is a Sunday.
        assert!(items.iter().all(|it| it["status"] == "open" && it["due_on"] == "2026-08-31"));
        assert_eq!(chef.get("/api/v1/reviews?year=2025").expect(200).json()["items"], json!([]));
        assert_eq!(chef.get("/api/v1/reviews?overdue=true").expect(200).json()["items"], json!([]));
        chef.get("/api/v1/reviews?half=2026-H3").expect(422);

        // The next half: tall has closed, and syd and gran are small and go together.
        let keeper = house.service.holder(("provby", house.tenant), "adm", Role::Admin, &[], &[]);
        let tall = keeper.get("/api/v1/units").expect(200).json()["items"].clone();
        let tall = tall.as_array().expect("units").iter().find(|it| it["code"] == "tall");
        let path = format!("/api/v1/units/{}", id(tall.expect("tall")));
        change(&keeper, "PATCH", &path, "", json!({"valid_to": "2026-12-30"}), 200);
        let mut settings = keeper.get("/api/v1/settings").expect(200).json();
        settings["reviews"]["groups"] =
            json!([{"code": "sma", "name": "Små", "units": ["syd", "gran"]}]);
        change(&keeper, "PUT", "/api/v1/settings", "", settings.clone(), 200);
        settings["reviews"]["groups"][0]["units"] = json!(["syd", "norr", "gran"]);
        change(&keeper, "PUT", "/api/v1/settings", "", settings, 422);
        assert_eq!(make(&house), 0, "what is reviewed already is not reviewed again");
        stand(&house, date(2027, 1, 1));
        assert_eq!(make(&house), 1);
        let boss = house.service.holder(
            ("provby", house.tenant),
            "gransjef",
            Role::UnitManager,
            &["gran"],
            &[],
        );
        let list = boss.get("/api/v1/reviews?half=2026-H2").expect(200).json();
        assert_eq!(
            (&list["items"][0]["name"], list["items"].as_array().map(Vec::len)),
            (&json!("Små"), Some(1))
        );
        let page =
            boss.get(&format!("/api/v1/reviews/{}", id(&list["items"][0]))).expect(200).json();
        assert_eq!(page["review"]["units"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn the_team_writes_decides_and_signs_and_what_is_signed_stands() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let cases = with_cases(&house);
        house.service.holder(of, "ssk", Role::Team, &["gran"], &[]);
        house.service.holder(of, "syd", Role::UnitManager, &["syd"], &[]);
        house.service.holder(of, "fc", Role::Director, &[], &[]);
        let at = on(&house, JULY);
        make(&house);
        let (chef, ssk, mas, fc) = (at("chef"), at("ssk"), at("mas"), at("fc"));
        let path = review_of(&chef, "gran");
        let page = ssk.get(&path).expect(200).json();
        assert_eq!((&page["frozen"], &page["review"]["status"]), (&json!(false), &json!("open")));
        let falls =
            |page: &Value| count(page, "deviations_by_category", "HSL.FAL", "count_2026_h1");
        let top = |page: &Value| {
            let (exact, top) =
                (falls(page), count(page, "deviations_by_category", "HSL", "count_2026_h1"));
            if exact.is_null() { top } else { exact }
        };
        assert_eq!(top(&page), 3);
        assert_eq!(count(&page, "trend", "2026-H1", "deviations"), 3);
        assert_eq!(count(&page, "trend", "2025-H2", "deviations"), 0);
        assert_eq!(count(&page, "deviations_by_cause", "ORS.OKA", "count_2026_h1"), 1);
        assert_eq!(count(&page, "deviations_by_place", "PLA.BAD", "count_2026_h1"), 2);
        assert_eq!(count(&page, "repeated_persons", "2", "persons_2026_h1"), 1);
        assert_eq!(count(&page, "repeated_persons", "2", "count_2026_h1"), 2);
        assert_eq!(count(&page, "measures_by_effect", "not_yet", "count"), 1);
        assert_eq!(count(&page, "measures_by_effect", "not_yet", "late"), 1);
        assert_eq!(count(&page, "open_by_step", "triage", "open_now"), 2);
        assert_eq!(count(&page, "open_by_step", "triage", "late_now"), 2);
        assert_eq!(count(&page, "open_by_step", "investigation", "open_at_end"), 1);
        let text = page.to_string();
        assert!(!text.contains("sängkanten") && !text.contains("640823") && !text.contains("AVV-"));

        // Who may what.
        let write = json!({"text": "Fallen sker i badrummet på natten."});
        at("syd").get(&path).expect(404);
        at("anmälare").get(&path).expect(404);
        at("anmälare").get("/api/v1/reviews").expect(403);
        mas.with("if-match", "\"1\"").put(&format!("{path}/analysis"), write.clone()).expect(403);
        fc.with("if-match", "\"1\"").put(&format!("{path}/analysis"), write.clone()).expect(403);
        ssk.put(&format!("{path}/analysis"), write.clone()).expect(428);
        ssk.with("if-match", "\"7\"").put(&format!("{path}/analysis"), write.clone()).expect(412);
        let named = json!({"text": "Gäller 640823-3234."});
        change(&ssk, "PUT", &path, "/analysis", named, 422);
        change(&chef, "POST", &path, "/sign", json!({}), 409);
        change(&ssk, "PUT", &path, "/analysis", write.clone(), 200);

        // What is decided is work.
        let nurse = ssk.get("/api/v1/me").expect(200).json()["staff"].clone();
        let improvement = |owner: Value, due_on: &str| json!({"text": "Halkskydd i badrum", "owner": owner, "due_on": due_on});
        let nobody = json!({"staff": uuid::Uuid::now_v7()});
        change(&ssk, "POST", &path, "/improvements", improvement(nobody, "2026-09-01"), 422);
        let late = improvement(json!({"role": "unit_manager"}), "2026-06-30");
        change(&ssk, "POST", &path, "/improvements", late, 422);
        let mine = improvement(json!({ "staff": nurse }), "2026-09-01");
        let etag = chef.get(&path).expect(200).etag();
        let once = chef.with("if-match", &etag).with("idempotency-key", "k");
        let made = once.post(&format!("{path}/improvements"), mine.clone()).expect(201).json();
        let again = once.post(&format!("{path}/improvements"), mine).expect(201).json();
        assert_eq!(made, again, "asking twice does once");
        let theirs = improvement(json!({"role": "unit_manager"}), "2026-08-15");
        change(&chef, "POST", &path, "/improvements", theirs, 201);
        assert_eq!(waiting(&ssk), ["improve gran"]);
        assert_eq!(
            waiting(&chef),
            ["improve gran", "sign_review gran", "write_review syd", "write_review tall"]
        );
        let clocks =
            chef.get("/api/v1/clocks?kind=review,improvement&unit=gran").expect(200).json();
        let clocks = clocks["items"].as_array().expect("items");
        assert_eq!(clocks.len(), 3);
        assert!(clocks.iter().all(|it| it["binding"] == "local" && it["law"].is_null()));

        // A signature binds what was read, figures included.
        change(&ssk, "POST", &path, "/sign", json!({}), 403);
        change(&mas, "POST", &path, "/sign", json!({}), 403);
        chef.with("if-match", &etag).post(&format!("{path}/sign"), json!({})).expect(412);
        let version = chef.get(&path).expect(200).json()["review"]["version"].clone();
        let bare = format!("\"{version}\"");
        let unseen = chef.with("if-match", &bare).post(&format!("{path}/sign"), json!({}));
        assert_eq!(
            unseen.expect(412).faults(),
            [("/figures".to_owned(), "figures_not_shown".to_owned())]
        );
        let signed = change(&chef, "POST", &path, "/sign", json!({}), 200);
        assert_eq!(
            (&signed["status"], &signed["signature"]["version"]),
            (&json!("signed"), &version)
        );
        let frozen = chef.get(&path).expect(200).json();
        change(&chef, "POST", &path, "/sign", json!({}), 409);
        change(&ssk, "PUT", &path, "/analysis", write, 409);
        let new = improvement(json!({"role": "team"}), "2026-09-01");
        change(&ssk, "POST", &path, "/improvements", new, 409);
        chef.command(&cases[2], "void", json!({"reason": "x"})).expect(200);
        let after = on(&house, date(2026, 7, 3))("chef").get(&path).expect(200).json();
        assert_eq!(after["figures"], frozen["figures"]);
        assert_eq!((top(&after), &after["frozen"]), (json!(3), &json!(true)));

        // Taken up again, it has the figures of now; and the first signature is kept.
        let chef = on(&house, date(2026, 7, 3))("chef");
        change(&chef, "POST", &path, "/reopen", json!({"reason": " "}), 422);
        let up = change(&chef, "POST", &path, "/reopen", json!({"reason": "Fel räknat."}), 200);
        assert_eq!(
            (&up["status"], up["superseded"].as_array().map(Vec::len)),
            (&json!("written"), Some(1))
        );
        let shown = chef.get(&path).expect(200);
        assert_eq!(top(&shown.json()), 2);
        chef.command(&cases[1], "void", json!({"reason": "x"})).expect(200);
        let sign = |tag: &str| chef.with("if-match", tag).post(&format!("{path}/sign"), json!({}));
        let told = sign(&shown.etag()).expect(412);
        assert_eq!(told.json()["code"], "figures_changed");
        let tables: Vec<String> = told.faults().into_iter().map(|(field, _)| field).collect();
        assert!(tables.contains(&"/figures/deviations_by_category".to_owned()), "{tables:?}");
        assert!(!tables.contains(&"/figures/measures_by_effect".to_owned()), "{tables:?}");
        let status = chef.get(&path).expect(200).json()["review"]["status"].clone();
        assert_eq!(status, "written", "nothing was signed");
        sign(&chef.get(&path).expect(200).etag()).expect(200);
        assert_eq!(top(&chef.get(&path).expect(200).json()), 1);
        let history = chef.get(&format!("{path}/history")).expect(200).json();
        let commands: Vec<&str> = history["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|it| it["command"].as_str().expect("a command"))
            .collect();
        assert_eq!(commands, ["create", "write", "improve", "improve", "sign", "reopen", "sign"]);
        assert!(history["items"][0]["by"].is_null());

        // What was decided goes on after it is signed: by who sees to it, and by the team.
        let at = on(&house, date(2026, 9, 2));
        let (chef, ssk) = (at("chef"), at("ssk"));
        let mine = made["improvements"][0]["id"].as_str().expect("an id").to_owned();
        let below = format!("/improvements/{mine}");
        change(&at("fc"), "PATCH", &path, &below, json!({"done_on": "2026-09-01"}), 403);
        change(&ssk, "PATCH", &path, &below, json!({"done_on": "2026-09-03"}), 422);
        change(&ssk, "PATCH", &path, &below, json!({"done_on": "2026-09-01"}), 200);
        assert_eq!(waiting(&ssk), Vec::<String>::new());
        let ssk = on(&house, date(2026, 10, 31))("ssk");
        assert_eq!(waiting(&ssk), ["judge_improvement gran"], "60 days after its day");
        change(
            &ssk,
            "PATCH",
            &path,
            &below,
            json!({"effect": "yes", "note": "Inga fall i badrum."}),
            200,
        );
        assert_eq!(waiting(&ssk), Vec::<String>::new());
        drop(chef);

        // The year's report finds them.
        let read = |tx: &mut Tx<'_>| tx.reviews(2026);
        let store = &house.service.app.store;
        let reviews = house.service.run(store.read(house.tenant, read)).expect("reviews");
        let table = reviews_by_unit(2026, &reviews, date(2026, 10, 31));
        assert_eq!(table.flaws(), []);
        let gran = table.rows.iter().find(|row| row.keys[0].text == "GRAN").expect("gran");
        let counts: Vec<String> = gran.cells.iter().map(|cell| cell.swedish()).collect();
        assert_eq!(counts, ["1", "1", "1", "0", "2", "1", "1", "1"]);
        let decided = improvements_by_unit(2026, &reviews, date(2026, 10, 31)).expect("a table");
        assert_eq!(decided.flaws(), []);
        assert_eq!(decided.rows.len(), 2);
        // The next half's review shows what the last one decided.
        let at = on(&house, date(2027, 1, 4));
        make(&house);
        let next = at("chef").get("/api/v1/reviews?half=2026-H2&unit=gran").expect(200).json();
        let next = at("chef").get(&format!("/api/v1/reviews/{}", id(&next["items"][0])));
        let next = next.expect(200).json();
        assert_eq!(next["earlier"].as_array().map(Vec::len), Some(2));
        assert_eq!(next["earlier"][0]["half"], "2026-H1");
    });
}

#[test]
fn who_comes_again_is_a_number_to_whoever_may_not_read_whom_it_is_about() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let cases = with_cases(&house);
        house.service.holder(of, "fc", Role::Director, &[], &[]);
        let at = on(&house, JULY);
        make(&house);
        let (chef, fc) = (at("chef"), at("fc"));
        let path = review_of(&chef, "gran");
        let page = fc.get(&path).expect(200).json();
        assert_eq!(count(&page, "repeated_persons", "2", "persons_2026_h1"), 1);
        assert!(cases.iter().all(|case| !page.to_string().contains(case)));
        fc.get(&format!("{path}/persons")).expect(403);
        let entries = || {
            let read = |tx: &mut Tx<'_>| tx.access_entries(None, 500);
            let store = &house.service.app.store;
            let all = house.service.run(store.read(house.tenant, read)).expect("entries");
            all.into_iter().filter(|it| it.act == "review.persons").collect::<Vec<_>>()
        };
        assert_eq!(entries().len(), 0);
        let persons = chef.get(&format!("{path}/persons")).expect(200).json();
        let named = persons["items"].as_array().expect("items");
        assert_eq!(named.len(), 1);
        let mut found: Vec<&str> = named[0]["cases"]
            .as_array()
            .expect("cases")
            .iter()
            .map(|it| it["id"].as_str().expect("an id"))
            .collect();
        found.sort_unstable();
        let mut wanted = [cases[0].as_str(), cases[1].as_str()];
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        assert!(!persons.to_string().contains("640823"));
        assert_eq!(entries().len(), 1);
        assert_eq!(entries()[0].exposed.len(), 2);
        // Kept from somebody, one of the two is not there, and the other comes again for nobody.
        let who = chef.get("/api/v1/me").expect(200).json()["staff"].clone();
        let keep = json!({"staff": who, "reason": "Gäller mig."});
        at("mas").post(&format!("/api/v1/cases/{}/conflicts", cases[1]), keep).expect(200);
        let persons = chef.get(&format!("{path}/persons")).expect(200).json();
        assert_eq!(persons["items"], json!([]));
    });
}

#[test]
fn a_late_one_climbs_and_those_above_see_which_are_missing() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        house.service.holder(of, "vc", Role::AreaManager, &[], &[]);
        house.service.holder(of, "fc", Role::Director, &[], &[]);
        house.service.holder(of, "sas", Role::Sas, &[], &[]);
        let told = || {
            let read = |tx: &mut Tx<'_>| tx.queued(Some("ladder"));
            let store = &house.service.app.store;
            let all = house.service.run(store.read(house.tenant, read)).expect("messages");
            let notices: Vec<Value> = all.iter().map(|it| it.payload["notice"].clone()).collect();
            assert!(notices.iter().all(|it| it["step"] == "review_overdue"), "{notices:?}");
            let role = |it: &Value| it["to"]["role"]["role"].as_str().expect("a role").to_owned();
            notices.iter().map(role).collect::<Vec<_>>()
        };
        let climb = || house.service.run(house.service.app.climb_ladders()).expect("climbs");
        stand(&house, JULY);
        assert_eq!(make(&house), 3);
        // Until the day has passed nobody is told, however long nobody has touched it.
        stand(&house, date(2026, 8, 31));
        climb();
        assert_eq!(told().len(), 0);
        // Each unit's own: after one, five, ten and twenty working days.
        for (day, rungs) in [
            (date(2026, 9, 1), 0),
            (date(2026, 9, 2), 1),
            (date(2026, 9, 8), 2),
            (date(2026, 9, 15), 3),
            (date(2026, 9, 29), 4),
        ] {
            stand(&house, day);
            climb();
            climb();
            assert_eq!(told().len(), rungs * 3, "{day}");
        }
        assert_eq!(told()[..2], ["unit_manager", "unit_manager"]);
        let at = on(&house, date(2026, 9, 29));
        for who in ["mas", "sas", "fc"] {
            let list = at(who).get("/api/v1/reviews?missing=true&overdue=true").expect(200).json();
            assert_eq!(list["items"].as_array().map(Vec::len), Some(3), "{who}");
        }
        let late = at("mas").get("/api/v1/clocks?kind=review&state=late").expect(200).json();
        assert_eq!(late["items"].as_array().map(Vec::len), Some(3));
        let standing = house.service.app.standing();
        let steps = &standing.iter().find(|it| it.tenant == "provby").expect("the tenant").steps;
        let lying = steps[&domain::ladder::LadderStep::Review];
        assert_eq!((lying.open, lying.late), (3, 3));
        // Signed, it is missing no more.
        let chef = at("chef");
        let path = review_of(&chef, "syd");
        change(&chef, "PUT", &path, "/analysis", json!({"text": "Inget att anmärka."}), 200);
        change(&chef, "POST", &path, "/sign", json!({}), 200);
        let list = at("mas").get("/api/v1/reviews?missing=true").expect(200).json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
        let signed = at("mas").get("/api/v1/reviews?status=signed").expect(200).json();
        assert_eq!(signed["items"][0]["units"][0]["code"], "syd");
    });
}

#[test]
fn of_two_who_sign_or_write_at_once_exactly_one_wins() {
    on_each_database(|database| {
        let house = house(database);
        house.service.holder(("provby", house.tenant), "vc", Role::AreaManager, &[], &[]);
        let at = on(&house, JULY);
        make(&house);
        let (chef, boss) = (at("chef"), at("vc"));
        for (round, unit) in ["gran", "tall", "syd"].into_iter().enumerate() {
            let path = review_of(&chef, unit);
            change(&chef, "PUT", &path, "/analysis", json!({"text": "x"}), 200);
            let etag = chef.get(&path).expect(200).etag();
            let (one, other) = (chef.with("if-match", &etag), boss.with("if-match", &etag));
            let sign = format!("{path}/sign");
            let mut answers: Vec<u16> = std::thread::scope(|scope| {
                let first = scope.spawn(|| one.post(&sign, json!({})).status);
                let second = scope.spawn(|| match round {
                    0 => other.put(&format!("{path}/analysis"), json!({"text": "y"})).status,
                    _ => other.post(&sign, json!({})).status,
                });
                [first, second].into_iter().map(|it| it.join().expect("answers")).collect()
            });
            answers.sort_unstable();
            assert_eq!(answers, [200, 412], "{unit}");
            let history = chef.get(&format!("{path}/history")).expect(200).json();
            assert_eq!(history["items"].as_array().map(Vec::len), Some(3), "{unit}");
        }
    });
}

#[test]
fn a_review_and_a_month_are_pages_for_people_too() {
    on_each_database(|database| {
        let service = testkit::Service::start(database);
        let tenant = service.tenant("provby");
        let chef = service.holder(("provby", tenant), "chef", Role::UnitManager, &["gran"], &[]);
        let (review, _) = service.review(tenant, "gran");
        let path = format!("/api/v1/reviews/{review}");
        let asked = chef.get(&format!("{path}?format=html")).expect(200);
        assert_eq!(asked.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = asked.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(asked.etag(), chef.get(&path).expect(200).etag(), "what it shows may be signed");
        for part in [
            "<h1>Halvårssammanställning, andra halvåret 2025</h1>",
            "Tätare tillsyn",
            "Ansvarig: Enhetschefen",
            "Signaler",
            "id=\"t-deviations_by_category\"",
        ] {
            assert!(asked.text.contains(part), "{part}: {}", asked.text);
        }
        let accepted =
            chef.with("accept", "text/html,application/xhtml+xml").get(&path).expect(200);
        assert_eq!(accepted.text, asked.text);
        chef.get(&format!("{path}?format=pdf")).expect(422);
        let month = chef.get("/api/v1/follow-up?unit=gran&format=html").expect(200).text;
        assert!(month.contains("<h1>Månadsuppföljning, "), "{month}");
        assert!(month.contains("Beslutat och inte klart"), "{month}");
        let told = chef.get("/api/v1/follow-up?month=x&format=html").expect(422).json();
        let said = told["errors"][0]["message"].as_str().expect("a sentence");
        assert!(said.contains("YYYY-MM"), "{said}");
    });
}

#[test]
fn the_page_of_a_month_is_read_without_signing() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        with_cases(&house);
        house.service.holder(of, "syd", Role::UnitManager, &["syd"], &[]);
        house.service.holder(of, "analys", Role::Analyst, &[], &[]);
        let at = on(&house, date(2026, 4, 2));
        let chef = at("chef");
        let page = chef.get("/api/v1/follow-up?month=2026-03&unit=norr").expect(200).json();
        assert_eq!(page["unit"]["code"], "norr");
        assert_eq!(count(&page, "trend", "2026-03", "deviations"), 3);
        assert_eq!(count(&page, "deviations_by_place", "PLA.BAD", "count_2026_03"), 2);
        assert_eq!(count(&page, "open_by_step", "triage", "open_at_end"), 2);
        assert_eq!(count(&page, "open_by_step", "triage", "still_now"), 2);
        assert_eq!(count(&page, "open_by_step", "investigation", "still_now"), 1);
        let tables = page["figures"]["tables"].as_array().expect("tables");
        let trend = tables.iter().find(|it| it["id"] == "trend").expect("the trend");
        assert_eq!(trend["rows"].as_array().map(Vec::len), Some(13));
        assert_eq!(trend["rows"][0]["keys"][0]["code"], "2025-03");
        assert!(!page.to_string().contains("sängkanten") && !page.to_string().contains("AVV-"));
        // Last month unless said, and every unit one sees figures of.
        let all = at("analys").get("/api/v1/follow-up").expect(200).json();
        assert_eq!((&all["month"], &all["unit"]), (&json!("2026-03"), &Value::Null));
        let gran = house.service.unit(house.tenant, "gran").to_string();
        assert_eq!(count(&all, "deviations_by_unit", &gran, "count_2026_03"), 3);
        let syd = at("syd");
        let theirs = syd.get("/api/v1/follow-up").expect(200).json();
        assert_eq!(count(&theirs, "trend", "2026-03", "deviations"), 0);
        syd.get("/api/v1/follow-up?unit=gran").expect(403);
        at("anmälare").get("/api/v1/follow-up").expect(403);
        chef.get("/api/v1/follow-up?month=2026-05").expect(422);
        chef.get("/api/v1/follow-up?month=mars&unit=nej").expect(422);
        // What reviews decided is there for who reads reviews, and for nobody else.
        let at = on(&house, date(2026, 7, 2));
        make(&house);
        let path = review_of(&at("chef"), "gran");
        let new =
            json!({"text": "Halkskydd", "owner": {"role": "unit_manager"}, "due_on": "2026-09-01"});
        change(&at("chef"), "POST", &path, "/improvements", new, 201);
        let june = at("chef").get("/api/v1/follow-up?unit=gran").expect(200).json();
        assert_eq!(june["owed"][0]["improvement"]["text"], "Halkskydd");
        assert_eq!(at("analys").get("/api/v1/follow-up").expect(200).json()["owed"], json!([]));
    });
}
