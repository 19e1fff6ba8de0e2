//! The report of a year in its formats, opened by the programs that people open them with: LibreOffice gives back
//! the same numbers and headings, and the archive of CSV files adds up.

mod askersund;
mod csv;
mod document;
mod office;
mod page;
mod paper;
mod said;
mod sample;
mod workbook;

use domain::yearly::Yearly;
use report::yearly::Stamp;

/// How the report was frozen.
fn stamp() -> Stamp<'static> {
    Stamp {
        locked_at: Some("2026-02-12T10:00:31Z".parse().expect("a time")),
        version: Some(1),
        state: "established",
        sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    }
}

/// A way to write a report.
type Writer = fn(&Yearly, &Stamp<'_>) -> Result<Vec<u8>, report::yearly::Error>;

const WRITERS: [(&str, Writer); 4] = [
    ("csv", report::yearly::csv_zip),
    ("xlsx", report::yearly::xlsx),
    ("docx", report::yearly::docx),
    ("html", report::yearly::html),
];

#[test]
fn the_sample_is_a_report_that_may_be_shown() {
    assert_eq!(sample::report().flaws(), []);
}

#[test]
fn the_same_report_is_the_same_bytes() {
    let report = sample::report();
    // What is in memory differs from one thread to the next; nothing of it may show.
    for (name, write) in WRITERS {
        let first = write(&report, &stamp()).expect("written");
        let again = std::thread::spawn(move || write(&sample::report(), &stamp()));
        let again = again.join().expect("no panic").expect("written");
        assert!(first == again, "{name} differs");
        let later = Stamp { version: Some(2), ..stamp() };
        assert!(first != write(&report, &later).expect("written"), "{name} says no version");
    }
}

#[test]
fn every_file_is_as_old_as_the_lock() {
    let report = sample::report();
    for (name, write) in WRITERS.into_iter().filter(|(name, _)| *name != "html") {
        let bytes = write(&report, &stamp()).expect("written");
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        for at in 0..zip.len() {
            let file = zip.by_index(at).expect("a file");
            let age = file.last_modified().expect("a time").to_string();
            // Swedish time, and zip counts in steps of two seconds.
            assert_eq!(age, "2026-02-12 11:00:30", "{name}: {:?}", file.name());
        }
        let open = Stamp { locked_at: None, version: None, state: "open", sha256: None };
        let bytes = write(&report, &open).expect("written");
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        let age = zip.by_index(0).expect("a file").last_modified().expect("a time").to_string();
        assert_eq!(age, "2026-02-01 08:15:08", "{name}: when it was read");
    }
}

#[test]
fn the_page_holds_every_figure_escapes_what_was_written_and_fetches_nothing() {
    let report = sample::report();
    let page = report::yearly::html(&report, &stamp()).expect("written");
    let page = String::from_utf8(page).expect("UTF-8");
    page::holds(&report, &page);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    assert!(!page.contains(" style=") && !page.contains(" on"), "what a policy would stop");
    for outside in ["src=", "@import", "url(h", "url(/", "href=\"h", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<h1>").count(), 1);
    // Each chart twice, for paper and for a phone, with title and description.
    let charts = report.tables().filter(|table| table.chart.is_some()).count();
    assert_eq!(page.matches("role=\"img\"").count(), charts * 2);
    assert_eq!(page.matches("<desc ").count(), charts * 2);
}
