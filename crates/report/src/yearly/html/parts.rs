//! What sections are made of: sentences, texts, tables with their charts, goals.

use domain::table::{Cell, Chart, Column, Table};
use domain::yearly::{Paragraph, Section, Written};
use maud::{Markup, html};

use crate::yearly::chart;
use crate::yearly::grid::Grid;
use crate::yearly::words::{self, Piece};

/// The figures in words.
pub(super) fn sentences(sentences: &[String]) -> Markup {
    html! {
        @match sentences {
            [] => {}
            [one] => p.said { (one) },
            several => ul.said { @for one in several { li { (one) } } },
        }
    }
}

/// What somebody wrote, as it was written.
pub(super) fn pieces(text: &str) -> Markup {
    html! {
        @for piece in words::pieces(text) {
            @match piece {
                Piece::Paragraph(lines) => p {
                    @for (at, line) in lines.iter().enumerate() {
                        @if at > 0 { br; }
                        (line)
                    }
                },
                Piece::List(points) => ul { @for point in points { li { (point) } } },
            }
        }
    }
}

/// The author's own text.
pub(super) fn text(written: &Written) -> Markup {
    html! {
        div.text {
            (pieces(&written.text))
            p.by { (words::written(written)) }
        }
    }
}

/// What the units wrote.
pub(super) fn paragraphs(paragraphs: &[Paragraph]) -> Markup {
    html! {
        @if !paragraphs.is_empty() {
            h4 { "Enheternas egna ord" }
            @for one in paragraphs {
                div.unit {
                    h5 { (one.unit) }
                    @match &one.written {
                        Some(written) => { (pieces(&written.text)) p.by { (words::written(written)) } },
                        None => p.quiet { "Enheten har inte lämnat någon text." },
                    }
                }
            }
        }
    }
}

/// Goals by year, with what they came to.
pub(super) fn goals(section: &Section) -> Markup {
    html! {
        @for (year, goals) in words::goals(section) {
            h4 { "Mål för " (year) }
            ul.goals {
                @for goal in goals {
                    li {
                        p.goal { (goal.text) }
                        @if let Some(answer) = &goal.answer {
                            p { strong.reached { (words::reached(answer.reached)) } " " (answer.text) }
                        }
                    }
                }
            }
        }
    }
}

/// A table under its heading: what it counts, its chart, its figures, what must be known.
pub(super) fn table(table: &Table, number: usize) -> Markup {
    let id = format!("tabell-{number}");
    let heading = format!("{id}-rubrik");
    let grid = Grid::of(table);
    html! {
        article.table.short[grid.rows.len() < 20] id=(format!("t-{}", table.id)) aria-labelledby=(heading) {
            h4 id=(heading) { (table.title) }
            @if let Some(drawn) = chart::figure(table, &format!("diagram-{number}")) {
                figure {
                    (drawn)
                    figcaption { "Diagram till tabell " (number) ": " (drawn_columns(table)) }
                }
            }
            p.counted { strong { "Tabell " (number) "." } " " (words::counted(table)) }
            // What is wider than the window scrolls, by keyboard too.
            div.wide tabindex="0" role="group" aria-label=(format!("Tabell {number}, {}", table.title)) {
                table.many[grid.heads.len() > 8] id=(id) {
                    caption { span.heard { "Tabell " (number) ". " (table.title) } }
                    thead {
                        tr {
                            @for (title, words) in &grid.heads { th.n[!*words] scope="col" { (title) } }
                        }
                    }
                    tbody {
                        @for line in &grid.rows {
                            tr {
                                @for key in &line.keys { th scope="row" { (key) } }
                                @for (cell, words) in &line.cells { (figure(cell, *words)) }
                            }
                        }
                        @if grid.rows.is_empty() {
                            tr { td colspan=(grid.heads.len()) { "Det finns inget att redovisa." } }
                        }
                    }
                    @if let Some(total) = &grid.total {
                        tfoot {
                            tr {
                                @if grid.keys > 0 {
                                    th scope="row" colspan=(grid.keys) { (words::TOTAL) }
                                }
                                @for (cell, words) in &total.cells { (figure(cell, *words)) }
                            }
                        }
                    }
                }
            }
            @let notes = words::notes(table);
            @if !notes.is_empty() { ul.notes { @for note in notes { li { (note) } } } }
        }
    }
}

fn figure(cell: &Cell, words: bool) -> Markup {
    html! {
        @match cell {
            Cell::Suppressed => td.n {
                span aria-hidden="true" { (cell.swedish()) }
                span.heard { "redovisas inte" }
            },
            Cell::None | Cell::Count(_) | Cell::Change(_) | Cell::Tenths(_) | Cell::Hundredths(_) | Cell::Text(_) => {
                td.n[!words] { (cell.swedish()) }
            }
        }
    }
}

/// Which columns are drawn: their years, or what they are called.
fn drawn_columns(table: &Table) -> String {
    let columns = match &table.chart {
        None => Vec::new(),
        Some(Chart::Bars { column }) => chart::by_year(table, &[*column]),
        Some(Chart::Grouped { columns } | Chart::Line { columns }) => {
            chart::by_year(table, columns)
        }
    };
    let drawn: Vec<&Column> = columns.into_iter().map(|at| &table.columns[at]).collect();
    let years: Option<Vec<i16>> = drawn.iter().map(|column| column.year).collect();
    match years.as_deref() {
        Some([year]) => format!("år {year}"),
        Some([first, .., last]) => format!("åren {first}–{last}"),
        _ => drawn.iter().map(|column| column.title.as_str()).collect::<Vec<_>>().join(", "),
    }
}
