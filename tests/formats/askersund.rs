//! A whole year of a municipality, through the service, in every format.

use std::path::Path;

use app::Clock as _;
use domain::organisation::Role;
use domain::table::Cell;
use domain::yearly::Yearly;
use jiff::Timestamp;
use testkit::{Client, Service, on_each_database};
use uuid::Uuid;

use crate::{csv, document, workbook};

/// The imported year, and somebody who may read all of it.
fn imported(service: &Service) -> Client {
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
    service.holder((slug, tenant), "mas", Role::Mas, &[], &[])
}

#[test]
fn a_year_is_the_same_figures_in_every_format() {
    on_each_database(|database| {
        let now: Timestamp = "2026-02-01T08:00:00Z".parse().expect("a time");
        let service = Service::start_at(database, now);
        let mas = imported(&service);
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

        let files = csv::files(file("csv").bytes);
        for table in report.tables() {
            csv::agrees(table, &files[&format!("tabeller/{}.csv", table.id)]);
        }
        workbook::holds(&report, &file("xlsx").bytes);
        document::holds(&report, &file("docx").bytes);

        let page = file("html");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let page = String::from_utf8(page.bytes).expect("UTF-8");
        for table in report.tables() {
            let rows = table.rows.iter().map(|row| &row.cells).chain(&table.total);
            for cell in rows.flatten() {
                let said = cell.swedish().replace('&', "&amp;");
                assert!(page.contains(&format!(">{said}<")), "{}: {said}", table.id);
            }
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
