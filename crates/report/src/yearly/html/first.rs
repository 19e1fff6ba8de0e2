//! The first page: what the nämnd reads if it reads nothing else.

use domain::table::Cell;
use domain::yearly::{FirstPart, Yearly};
use maud::{Markup, html};

use crate::yearly::words;

/// A figure that stands large.
struct Key<'a> {
    what: &'a str,
    count: &'a Cell,
    before: Option<(i16, &'a Cell)>,
}

/// The columns of the table of all years that stand large, with what they are called.
const TOTALS: [(&str, &str); 4] = [
    ("deviations", "Avvikelser"),
    ("falls", "varav fall"),
    ("medication", "varav läkemedel"),
    ("opinions", "Synpunkter, förslag och klagomål"),
];

/// The rows of what the law asks for that stand large.
const STATUTORY: [(&str, &str); 4] = [
    ("investigated", "Utredda händelser (3 kap. 3 § PSL)"),
    ("serious_harm", "Allvarliga vårdskador"),
    ("lex_maria", "Anmälda enligt lex Maria"),
    ("lex_sarah", "Anmälda enligt lex Sarah"),
];

/// The figures that stand large, of the two tables that sum up the year.
fn keys(report: &Yearly) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    let before = report.year - 1;
    if let Some(table) = report.table("totals_by_year") {
        let row = |year: i16| table.row(&[Some(&year.to_string())]);
        for (id, what) in TOTALS {
            let cell = |year| Some(&row(year)?.cells[table.column(id)?]);
            if let Some(count) = cell(report.year) {
                let then = cell(before).filter(|cell| **cell != Cell::None);
                keys.push(Key { what, count, before: then.map(|cell| (before, cell)) });
            }
        }
    }
    if let Some(table) = report.table("statutory_counts") {
        let column = |year: i16| table.column(&format!("count_{year}"));
        for (code, what) in STATUTORY {
            let cell = |year| Some(&table.row(&[Some(code)])?.cells[column(year)?]);
            if let Some(count) = cell(report.year) {
                let then = cell(before).filter(|cell| **cell != Cell::None);
                keys.push(Key { what, count, before: then.map(|cell| (before, cell)) });
            }
        }
    }
    keys
}

/// The first page, with a heading of its own.
pub(super) fn page(report: &Yearly) -> Markup {
    let keys = keys(report);
    html! {
        section.first aria-labelledby="till-namnden" {
            h2 id="till-namnden" { "Till nämnden: året i korthet" }
            @if !keys.is_empty() {
                dl.keys {
                    @for key in &keys {
                        div {
                            dt { (key.what) }
                            dd {
                                span.figure { (key.count.swedish()) }
                                @if let Some((year, cell)) = key.before {
                                    span.before { (cell.swedish()) " år " (year) }
                                }
                            }
                        }
                    }
                }
            }
            div.three {
                @for part in &report.first_page {
                    div.(class(part.part)) {
                        h3 { (icon(part.part)) (part.part.heading()) }
                        @if part.lines.is_empty() {
                            p.quiet { "Inget att redovisa." }
                        } @else {
                            ul { @for line in &part.lines { li { (line) } } }
                        }
                    }
                }
            }
            @if keys.is_empty() && report.first_page.is_empty() {
                p.quiet { (words::EMPTY) }
            }
        }
    }
}

fn class(part: FirstPart) -> &'static str {
    match part {
        FirstPart::Better => "better",
        FirstPart::NotBetter => "not-better",
        FirstPart::Decided => "decided",
    }
}

/// A sign beside the heading, which says the same.
fn icon(part: FirstPart) -> Markup {
    let path = match part {
        FirstPart::Better => "M4 13l5 5L20 6",
        FirstPart::NotBetter => "M12 4v11M12 19v1",
        FirstPart::Decided => "M5 6h14M5 12h14M5 18h9",
    };
    html! {
        svg.icon width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
            path d=(path) fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}
