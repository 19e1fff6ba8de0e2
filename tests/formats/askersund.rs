//! A whole year of a municipality, through the service, in every format.

use std::path::Path;

use app::Clock as _;
use domain::organisation::Role;
use domain::table::Cell;
use domain::yearly::Yearly;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::{Client, Response, Service, on_each_database};
use uuid::Uuid;

use crate::{csv, document, page, said, workbook};

/// The imported year, and those who may read all of it: who writes the report, and who establishes it.
fn imported(service: &Service) -> (Client, Client) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025");
    let seed = || Uuid::new_v4().as_u64_pair().1;
    let (store, slug, now) = (&service.app.store, "askersund", service.clock.now());
    let work = app::transfer::import(
        store,
        slug,
        Some("Askersund"),
        &dir,
        now,
        &Uuid::now_v7,
        &seed,
        &|_| (),
    );
    service.run(work).expect("imports");
    let tenant = service.run(store.tenant_by_slug(slug)).expect("a tenant").id;
    let holder = |name, role| service.holder((slug, tenant), name, role, &[], &[]);
    (holder("mas", Role::Mas), holder("chef", Role::Director))
}

/// Holds every format to the report; gives back the page.
fn holds(report: &Yearly, file: &dyn Fn(&str) -> Response) -> String {
    csv::holds(report, &csv::files(file("csv").bytes));
    workbook::holds(report, &file("xlsx").bytes);
    document::holds(report, &file("docx").bytes);
    let page = file("html");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let page = String::from_utf8(page.bytes).expect("UTF-8");
    page::holds(report, &page);
    page
}

/// The figures in words.
fn words(report: &Yearly) -> String {
    let sentences = said::sentences(report).into_iter().flat_map(|(_, _, said)| said);
    sentences.map(String::as_str).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_year_is_the_same_figures_in_every_format() {
    on_each_database(|database| {
        let now: Timestamp = "2026-02-01T08:00:00Z".parse().expect("a time");
        let service = Service::start_at(database, now);
        let (mas, _) = imported(&service);
        let file = |format: &str| {
            let path = format!("/api/v1/reports/yearly/2025?format={format}");
            let (first, again) = (mas.get(&path).expect(200), mas.get(&path).expect(200));
            assert!(first.bytes == again.bytes, "{format}: the same bytes");
            first
        };
        let json = file("json").json();
        let report: Yearly = serde_json::from_value(json["report"].clone()).expect("a report");
        assert!(report.tables().count() > 20, "there are tables");
        let count = |id: &str, row: &[Option<&str>], column: &str| {
            let table = report.table(id).expect("a table");
            table.row(row).expect("a row").cells[table.column(column).expect("a column")].clone()
        };
        assert_eq!(count("totals_by_year", &[Some("2025")], "deviations"), Cell::Count(2509));
        assert_eq!(
            count("totals_by_year", &[Some("2025")], "deviations_change"),
            Cell::Change(272)
        );

        let page = holds(&report, &file);
        // What the published report says, and why its changes add to +41 beside a printed +47.
        let words = words(&report);
        for said in ["84 %", "81 %", ", tillsammans +47.", "(+6) blir summan +41"] {
            assert!(words.contains(said), "{said}: {words}");
        }
        assert!(page.contains("Utkast: siffrorna kan ändras"));

        mas.get("/api/v1/reports/yearly/2025?format=pdf").expect(422);
        let figures = "/api/v1/statistics?year=2025&group_by=unit";
        let total = mas.get(figures).expect(200).json()["total"]["count"].as_f64();
        let book = mas.get(&format!("{figures}&format=xlsx")).expect(200);
        if let Some(opened) = crate::office::open(&book.bytes, "xlsx") {
            let mut rows = opened.grids[0].rows.iter().rev();
            let last = rows.find(|row| !row.is_empty()).and_then(|row| row.last());
            assert_eq!(last, total.map(crate::office::Value::Number).as_ref());
        }
    });
}

#[test]
fn what_anybody_reads_of_a_year_is_the_same_in_every_format() {
    on_each_database(|database| {
        let now: Timestamp = "2026-02-01T08:00:00Z".parse().expect("a time");
        let service = Service::start_at(database, now);
        let (mas, director) = imported(&service);
        let own = "/api/v1/reports/yearly/2025";
        let command = |client: &Client, name: &str, body: Value| {
            let tag = mas.get(&format!("{own}/draft")).expect(200).etag();
            client.with("if-match", &tag).post(&format!("{own}/{name}"), body).expect(200);
        };
        command(&mas, "lock", json!({}));
        command(&mas, "check", json!({}));
        let it = json!({"on": "2026-02-01", "capacity": "vardgivare", "reference": "VN § 1"});
        command(&director, "establish", it);

        let anybody = service.anonymous();
        let file = |format: &str| {
            let path = format!("/api/v1/public/askersund/reports/yearly/2025?format={format}");
            anybody.get(&path).expect(200)
        };
        let json = file("json").json();
        let report: Yearly = serde_json::from_value(json["report"].clone()).expect("a report");
        let cells = report.tables().flat_map(|it| &it.rows).flat_map(|row| &row.cells);
        let cells: Vec<&Cell> = cells.collect();
        assert!(cells.len() > 100, "there are figures");
        assert!(cells.contains(&&Cell::Suppressed), "some are kept back");
        let page = holds(&report, &file);
        assert!(page.contains("Fastställd"));
        let words = words(&report);
        for said in ["84 %", "81 %", ", tillsammans +47.", "(+6) blir summan +41"] {
            assert!(words.contains(said), "{said}: {words}");
        }
    });
}
