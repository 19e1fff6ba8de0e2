//! What anybody reads of the report of a year.

use std::path::Path;

use app::Clock as _;
use domain::organisation::Role;
use domain::table::{Cell, Holds};
use domain::yearly::Yearly;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::{Client, Service, on_each_database};
use uuid::Uuid;

const OWN: &str = "/api/v1/reports/yearly/2025";

fn askersund() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025")
}

/// The imported year, with those who establish its report.
struct Town {
    /// Held so that it runs.
    _service: Service,
    mas: Client,
    director: Client,
    anybody: Client,
}

impl Town {
    fn new(database: testkit::Database) -> Self {
        let now: Timestamp = "2026-02-01T12:00:00Z".parse().expect("a time");
        let service = Service::start_at(database, now);
        let seed = || Uuid::new_v4().as_u64_pair().1;
        let (store, slug, now) = (&service.app.store, "askersund", service.clock.now());
        let (dir, id) = (askersund(), &Uuid::now_v7);
        let work =
            app::transfer::import(store, slug, Some("Askersund"), &dir, now, id, &seed, &|_| ());
        service.run(work).expect("imports");
        let of = ("askersund", service.run(store.tenant_by_slug(slug)).expect("a tenant").id);
        let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
        let director = service.holder(of, "chef", Role::Director, &[], &[]);
        let anybody = service.anonymous();
        Self { _service: service, mas, director, anybody }
    }

    fn command(&self, client: &Client, command: &str, body: Value) -> Value {
        let tag = self.mas.get(&format!("{OWN}/draft")).expect(200).etag();
        client.with("if-match", &tag).post(&format!("{OWN}/{command}"), body).expect(200).json()
    }

    /// Words of the report, as those who confirm them see them.
    fn text(&self, text: &str) -> Value {
        let all = self.mas.get(&format!("{OWN}/texts")).expect(200).json();
        let items = all["items"].as_array().expect("items");
        items
            .iter()
            .find(|it| it["text"] == text)
            .unwrap_or_else(|| panic!("{text}: {all}"))
            .clone()
    }

    fn confirm(&self, text: &str, acknowledged: Value) {
        let id = self.text(text)["id"].as_str().expect("an id").to_owned();
        let body = json!({ "acknowledged": acknowledged });
        self.mas.post(&format!("{OWN}/texts/{id}/confirm"), body).expect(200);
    }

    fn establish(&self) {
        self.command(&self.mas, "lock", json!({}));
        self.command(&self.mas, "check", json!({}));
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 1"});
        self.command(&self.director, "establish", it);
    }

    fn public(&self) -> Yearly {
        let path = "/api/v1/public/askersund/reports/yearly/2025";
        let answer = self.anybody.get(path).expect(200).json();
        serde_json::from_value(answer["report"].clone()).expect("a report")
    }

    fn own(&self) -> Yearly {
        let answer = self.mas.get(OWN).expect(200).json();
        serde_json::from_value(answer["report"].clone()).expect("a report")
    }
}

fn cell<'a>(report: &'a Yearly, table: &str, row: Option<&str>, column: &str) -> &'a Cell {
    let table = report.table(table).unwrap_or_else(|| panic!("no table {table}"));
    let at = table.column(column).unwrap_or_else(|| panic!("no column {column}"));
    let Some(named) = row else { return &table.total.as_ref().expect("a total")[at] };
    let found = table.rows.iter().find(|row| {
        row.keys.last().is_some_and(|key| key.code.as_deref() == Some(named) || key.text == named)
    });
    &found.unwrap_or_else(|| panic!("no row {named} in {}", table.id)).cells[at]
}

/// The figures of the published report that ours keeps back.
const KEPT_BACK: &[(&str, &str, &str)] = &[];

#[test]
fn the_published_figures_are_all_public_and_the_rest_keeps_persons_safe() {
    let text = std::fs::read_to_string(askersund().join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    on_each_database(|database| {
        let town = Town::new(database);
        town.establish();
        let (own, public) = (town.own(), town.public());
        let mut kept = Vec::new();
        let mut hold = |table: &str, row: Option<&str>, column: &str, wanted: Cell| match cell(
            &public, table, row, column,
        ) {
            Cell::Suppressed => {
                kept.push((table.to_owned(), row.unwrap_or("").to_owned(), column.to_owned()))
            }
            shown => assert_eq!(*shown, wanted, "{table} {row:?} {column}"),
        };
        let count = |value: &Value| Cell::Count(value.as_u64().expect("a count"));
        let change = |value: &Value| Cell::Change(value.as_i64().expect("a change"));
        for id in ["deviations", "falls", "medication", "sol"] {
            hold("totals_by_year", Some("2025"), id, count(&expected[id]["2025"]));
            let changed = format!("{id}_change");
            hold("totals_by_year", Some("2025"), &changed, change(&expected[id]["change"]));
        }
        for (unit, by) in expected["falls"]["change_by_unit"].as_object().expect("units") {
            hold("falls_by_unit", Some(unit), "change", change(by));
        }
        for (table, of) in [("falls_by_unit", "falls"), ("medication_by_unit", "medication")] {
            hold(table, None, "count_2025", count(&expected[of]["2025"]));
            hold(table, None, "change", change(&expected[of]["change"]));
        }
        let controlled = count(&expected["medication"]["controlled_drug_count"]);
        hold("medication_by_unit", None, "controlled_2025", controlled);
        let opinions = &expected["comments_and_complaints"];
        for (year, number) in opinions["by_year"].as_object().expect("years") {
            hold("opinions_by_year", Some(year), "count", count(number));
        }
        for (category, number) in opinions["by_category_2025"].as_object().expect("categories") {
            hold("opinions_by_category", Some(category), "count_2025", count(number));
        }
        hold("opinions_by_year", Some("2025"), "share_closed", Cell::Tenths(839));
        hold("opinions_by_year", Some("2025"), "share_closed_at_year_end", Cell::Tenths(806));
        for (direction, kinds) in expected["between_caregivers_2025"].as_object().expect("both") {
            for (kind, pair) in kinds.as_object().expect("kinds") {
                let table = "forwardings_by_counterparty";
                hold(table, Some(kind), &format!("{direction}_2025"), count(&pair[0]));
                hold(table, Some(kind), &format!("{direction}_answered_2025"), count(&pair[1]));
            }
        }
        for (kind, number) in expected["escalations_2025"].as_object().expect("kinds") {
            hold("escalations_by_kind", Some(kind), "count_2025", count(number));
            hold("statutory_counts", Some(kind), "count_2025", count(number));
        }
        let kept: Vec<_> = kept
            .iter()
            .map(|(one, two, three)| (one.as_str(), two.as_str(), three.as_str()))
            .collect();
        assert_eq!(kept, KEPT_BACK);

        // Nothing small that tells of an injury, a person or a part of a category is left.
        let told = ["injury", "injured", "sex", "age_band", "severity", "cause", "subcategory"];
        let (mut small, mut all, mut gone) = (0, 0, 0);
        for table in public.tables() {
            let heads = table.heads.iter().any(|head| told.contains(&head.id.as_str()));
            for (nth, column) in table.columns.iter().enumerate() {
                let limits = column.limits.iter().any(|it| told.contains(&it.dimension.as_str()));
                if column.holds != Holds::Count || table.asked_for {
                    continue;
                }
                for row in &table.rows {
                    all += 1;
                    gone += usize::from(row.cells[nth] == Cell::Suppressed);
                    let few = matches!(row.cells[nth], Cell::Count(1..5));
                    small += usize::from(few && (heads || limits));
                }
            }
        }
        assert_eq!(small, 0, "small figures that tell of persons");
        println!("{gone} of {all} counts are kept back");
        assert!(gone > 0 && gone < all / 2, "{gone} of {all} counts are kept back");
        // The sentences say no figure that the tables keep back, and the figures of the whole are told.
        let said = |report: &Yearly| {
            let lines = report.sections.iter().flat_map(|section| &section.sentences);
            lines.cloned().collect::<Vec<_>>().join("\n")
        };
        assert!(said(&public).contains("2\u{a0}509 avvikelser"), "{}", said(&public));
        assert_ne!(said(&own), said(&public));
        assert!(!said(&own).contains("för få"), "{}", said(&own));
    });
}

#[test]
fn only_what_is_established_is_public_and_in_every_form() {
    on_each_database(|database| {
        let town = Town::new(database);
        let at = "/api/v1/public/askersund/reports";
        let anybody = &town.anybody;
        let hidden = |status: u16| {
            anybody.get(&format!("{at}/yearly/2025")).expect(status);
            anybody.get("/askersund/rapporter/2025").expect(status);
            anybody.get(&format!("{at}/catalogue")).expect(status);
        };
        hidden(404);
        town.command(&town.mas, "lock", json!({}));
        hidden(404);
        town.command(&town.mas, "check", json!({}));
        hidden(404);
        assert_eq!(anybody.get(&format!("{at}/yearly")).expect(200).json()["items"], json!([]));
        anybody.get("/askersund/rapporter").expect(200);
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 1"});
        town.command(&town.director, "establish", it);
        let list = anybody.get(&format!("{at}/yearly")).expect(200).json();
        assert_eq!(list["items"][0]["year"], 2025);
        assert_eq!(list["items"][0]["established_on"], "2026-02-01");
        anybody.get(&format!("{at}/yearly/2024")).expect(404);
        anybody.get(&format!("{at}/yearly/nyss")).expect(404);
        anybody.get("/api/v1/public/finns-inte/reports/yearly").expect(404);

        let path = format!("{at}/yearly/2025");
        anybody.get(&format!("{path}?format=pdf")).expect(422);
        anybody.get(&format!("{path}?x=1")).expect(422);
        for (format, kind) in [
            ("json", "application/json"),
            ("csv", "application/zip"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("html", "text/html; charset=utf-8"),
        ] {
            let ask = || anybody.get(&format!("{path}?format={format}")).expect(200);
            let (first, again) = (ask(), ask());
            assert_eq!(first.header("content-type"), Some(kind));
            assert!(first.bytes == again.bytes, "{format}: the same bytes");
        }
        let page = anybody.get("/askersund/rapporter/2025").expect(200);
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let page = page.text.clone();
        assert!(page.contains("2\u{a0}509") && page.contains(">..<"), "figures, and none");
        let list = anybody.get("/askersund/rapporter").expect(200).text;
        assert!(list.contains("href=\"/askersund/rapporter/2025\""), "{list}");

        let catalogue = anybody.get(&format!("{at}/catalogue")).expect(200);
        assert_eq!(catalogue.header("content-type"), Some("application/rdf+xml; charset=utf-8"));
        let catalogue = catalogue.text;
        assert!(catalogue.contains("reports/yearly/2025?format=csv"), "{catalogue}");
        // Nothing changes for the public until what comes next is established.
        town.command(&town.mas, "reopen", json!({"reason": "Rättas"}));
        let section = format!("{OWN}/sections/leadership");
        town.mas.put(&section, json!({"text": "Ny text"})).expect(200);
        town.command(&town.mas, "lock", json!({}));
        assert!(!anybody.get(&path).expect(200).text.contains("Ny text"));
        town.command(&town.mas, "check", json!({}));
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 2"});
        town.command(&town.director, "establish", it);
        let shown = anybody.get(&path).expect(200);
        assert_eq!(shown.json()["version"], 2);
        assert!(!shown.text.contains("Ny text"), "nobody has said that it may go out");
        town.confirm("Ny text", json!([]));
        let text = anybody.get(&path).expect(200).text;
        assert!(text.contains("Ny text") && text.contains("\"by\":\"Askersund\""), "no names");
    });
}

#[test]
fn words_go_out_only_when_somebody_has_said_so_of_these_very_words() {
    on_each_database(|database| {
        let town = Town::new(database);
        let path = "/api/v1/public/askersund/reports/yearly/2025";
        let (texts, section) = (format!("{OWN}/texts"), |id: &str| format!("{OWN}/sections/{id}"));
        let (plain, telling) = ("Vi har haft ett bra år.", "K.L. föll i mars. Ring inte.");
        town.mas.put(&section("leadership"), json!({ "text": plain })).expect(200);
        town.mas.put(&section("learning"), json!({ "text": telling })).expect(200);
        let goal = json!({"section": "learning", "text": "Färre fall nästa år."});
        town.mas.post(&format!("{OWN}/goals"), goal).expect(201);
        // Before anything is frozen the draft is what is looked at.
        let draft = town.mas.get(&texts).expect(200).json();
        assert_eq!((&draft["report_version"], &draft["unconfirmed"]), (&Value::Null, &json!(3)));
        town.confirm(plain, json!([]));
        town.command(&town.mas, "lock", json!({}));

        let listed = town.mas.get(&texts).expect(200).json();
        assert_eq!((&listed["report_version"], &listed["unconfirmed"]), (&json!(1), &json!(2)));
        town.director.get(&texts).expect(403);
        town.anybody.get(&texts).expect(401);
        let of = |text: &str| town.text(text);
        assert_eq!(of(telling)["found"][0]["sign"], "initials");
        assert_eq!((&of(telling)["found"][0]["position"]), &json!(0));
        let confirm = |text: &str, body: Value| {
            let id = of(text)["id"].as_str().expect("an id").to_owned();
            town.mas.post(&format!("{texts}/{id}/confirm"), body)
        };
        // What a scan found has to be named.
        let told = confirm(telling, json!({})).expect(422);
        assert_eq!(told.faults()[0].1, "text_holds_initials");
        town.mas.post(&format!("{texts}/{}/confirm", "0".repeat(64)), json!({})).expect(404);

        let checked = town.command(&town.mas, "check", json!({}));
        let warned = |answer: &Value| -> Vec<String> {
            let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
            warnings.iter().map(|it| it["field"].as_str().expect("a field").to_owned()).collect()
        };
        let open = ["/sections/learning/text", "/sections/learning/goals"];
        assert_eq!(warned(&checked), open);
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 1"});
        let established = town.command(&town.director, "establish", it);
        assert_eq!(warned(&established), open);
        assert_eq!(established["warnings"][0]["code"], "text_not_confirmed");
        let marks = town.mas.get(&format!("{OWN}/marks")).expect(200).json();
        assert_eq!(warned(&marks), open);

        let public = || town.anybody.get(path).expect(200).text;
        let page = || town.anybody.get("/askersund/rapporter/2025").expect(200).text;
        assert!(public().contains(plain) && page().contains(plain));
        for text in [telling, "Färre fall nästa år."] {
            assert!(!public().contains(text) && !page().contains(text), "{text}");
        }
        let seen = confirm(telling, json!({"acknowledged": ["initials"]})).expect(200).json();
        assert_eq!(
            (&seen["confirmed"], &seen["acknowledged"]),
            (&json!(true), &json!(["initials"]))
        );
        assert!(seen["confirmed_by"].is_string() && seen["confirmed_at"].is_string());
        assert!(public().contains(telling));

        // What is taken back is public no longer, and who had said so stays known.
        let id = seen["id"].as_str().expect("an id").to_owned();
        let back = town.mas.post(&format!("{texts}/{id}/withdraw"), json!({})).expect(200).json();
        assert_eq!((&back["confirmed"], back["withdrawn_by"].is_string()), (&json!(false), true));
        assert_eq!(back["confirmed_by"], seen["confirmed_by"]);
        assert!(!public().contains(telling));
        let again = town.mas.post(&format!("{texts}/{id}/withdraw"), json!({}));
        assert_eq!(again.expect(422).faults()[0].1, "text_is_not_confirmed");

        // A text that is changed is another, which nobody has confirmed.
        town.command(&town.mas, "reopen", json!({"reason": "Rättas"}));
        let changed = town.mas.with("if-match", "\"1\"");
        changed
            .put(&section("leadership"), json!({"text": format!("{plain} Mycket bra.")}))
            .expect(200);
        town.command(&town.mas, "lock", json!({}));
        town.command(&town.mas, "check", json!({}));
        assert!(public().contains(plain), "what was established stays until the next is");
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 2"});
        let established = town.command(&town.director, "establish", it);
        assert_eq!(warned(&established).len(), 3);
        assert!(!public().contains(plain));
    });
}

#[test]
fn a_row_of_own_figures_goes_out_only_when_its_name_is_confirmed() {
    on_each_database(|database| {
        let town = Town::new(database);
        let (plain, telling) = ("Signerade insatser", "Fall hos K.L.");
        for name in [plain, telling] {
            let figure = json!({"name": name, "from": "2025-01-01", "to": "2025-12-31",
                "percent": 97.5, "source": "x"});
            town.mas.post("/api/v1/own-figures", figure).expect(201);
        }
        town.establish();
        let names = |report: &Yearly| -> Vec<String> {
            let rows = report.table("own_figures").into_iter().flat_map(|table| &table.rows);
            rows.map(|row| row.keys[0].text.clone()).collect()
        };
        assert_eq!(names(&town.own()), [telling, plain]);
        assert_eq!(names(&town.public()), [] as [&str; 0]);
        let text = town.text(telling);
        assert_eq!((&text["kind"], &text["confirmed"]), (&json!("own_figure"), &json!(false)));
        assert_eq!(text["found"][0]["sign"], "initials");
        town.confirm(plain, json!([]));
        let public = town.public();
        assert_eq!(names(&public), [plain]);
        let notes = &public.table("own_figures").expect("a table").notes;
        assert!(notes.iter().any(|note| note.contains("utelämnade")), "{notes:?}");
        town.confirm(telling, json!(["initials"]));
        assert_eq!(names(&town.public()), [telling, plain]);
    });
}

#[test]
fn what_is_marked_of_a_year_is_kept_back_in_the_next_that_is_public_already() {
    on_each_database(|database| {
        let town = Town::new(database);
        let last = "/api/v1/reports/yearly/2024";
        let command = |client: &Client, command: &str, body: Value| {
            let tag = town.mas.get(&format!("{last}/draft")).expect(200).etag();
            client.with("if-match", &tag).post(&format!("{last}/{command}"), body).expect(200);
        };
        command(&town.mas, "lock", json!({}));
        command(&town.mas, "check", json!({}));
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 1"});
        command(&town.director, "establish", it);
        town.establish();
        let shown = || cell(&town.public(), "totals_by_year", Some("2024"), "falls").clone();
        assert!(matches!(shown(), Cell::Count(_)));
        let mark = json!({"table": "totals_by_year", "row": ["2024"], "column": "falls",
            "ground": "Känd på orten."});
        town.mas.put(&format!("{last}/marks"), json!({"marks": [mark]})).expect(200);
        assert_eq!(shown(), Cell::Suppressed);
    });
}

#[test]
fn what_is_marked_is_kept_back_with_whatever_tells_it() {
    on_each_database(|database| {
        let town = Town::new(database);
        town.establish();
        let marks = format!("{OWN}/marks");
        let before = town.mas.get(&marks).expect(200);
        assert_eq!((before.etag(), &before.json()["marks"]), ("\"0\"".to_owned(), &json!([])));
        let mark = json!({"table": "opinions_by_category", "row": ["K.HAN"], "column": "count_2025",
            "ground": "En enda händelse, känd på orten."});
        let body = json!({"marks": [mark]});
        town.director.put(&marks, body.clone()).expect(403);
        town.anybody.put(&marks, body.clone()).expect(401);
        let wrong = json!({"marks": [
            {"table": "finns_inte", "row": null, "column": "x", "ground": "x"},
            {"table": "opinions_by_category", "row": ["K.HAN"], "column": "count_2025", "ground": " "},
        ]});
        let told = town.mas.put(&marks, wrong).expect(422).json();
        let fields: Vec<&Value> =
            told["errors"].as_array().expect("errors").iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["/marks/1/ground", "/marks/0"]);
        let public = town.public();
        let of = |report: &Yearly, code: &str| {
            cell(report, "opinions_by_category", Some(code), "count_2025").clone()
        };
        assert_eq!(of(&public, "K.HAN"), Cell::Count(1));
        let marked = town.mas.put(&marks, body.clone()).expect(200);
        assert_eq!(marked.etag(), "\"1\"");
        town.mas.put(&marks, body).expect(428);
        let public = town.public();
        assert_eq!(of(&public, "K.HAN"), Cell::Suppressed);
        // It cannot be what is left of the total.
        let others = ["K.OMV", "K.BEM", "K.KOM", "K.STO", "K.OVR"];
        let gone = others.iter().filter(|code| of(&public, code) == Cell::Suppressed).count();
        let total = cell(&public, "opinions_by_category", None, "count_2025");
        assert!(gone > 0 || *total == Cell::Suppressed);
        let why = marked.json()["kept_back"].to_string();
        assert!(why.contains("\"marked\"") && why.contains("\"complement\""), "{why}");
        let again = town.mas.with("if-match", "\"1\"");
        again.put(&marks, json!({"marks": []})).expect(200);
        // Whoever saved what was public meanwhile could hold the two to each other.
        assert_eq!(of(&town.public(), "K.HAN"), Cell::Suppressed);
    });
}
