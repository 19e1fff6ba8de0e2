//! A whole matter as a page to print: one document, nothing from elsewhere.

use domain::calendar::format_local;
use domain::record::{Block, Record, Section};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The one style sheet. Nothing is told by colour alone, and tables break between rows.
const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
h1{font-size:1.6rem}h2{font-size:1.25rem;border-bottom:1px solid #444;margin-top:2rem}h3{font-size:1.05rem;margin-bottom:0}\
dt{font-weight:600;margin-top:.75rem}dd{margin:0 0 0 1rem;white-space:pre-line;overflow-wrap:anywhere}\
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}\
th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top;white-space:pre-line;overflow-wrap:anywhere}\
.warning{border:2px solid #8a0000;padding:.5rem;font-weight:600}\
@media print{body{margin:0;max-width:none;font-size:10pt}h2,h3{break-after:avoid}dt,tr{break-inside:avoid}.wide{overflow:visible}}";

fn facts(facts: &[(String, String)]) -> Markup {
    html! {
        dl { @for (term, text) in facts { dt { (term) } dd { (text) } } }
    }
}

fn block(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Facts(known) => { (facts(known)) }
            Block::Part { heading, facts: known } => { h3 { (heading) } (facts(known)) }
            Block::Note(text) => { p { (text) } }
            Block::Table { caption, head, rows } => {
                // What is wider than the window scrolls by keyboard, too.
                div.wide tabindex="0" role="group" aria-label=(caption) {
                    table {
                        caption { (caption) }
                        thead { tr { @for cell in head { th scope="col" { (cell) } } } }
                        tbody {
                            @for row in rows { tr { @for cell in row { td { (cell) } } } }
                        }
                    }
                }
            }
        }
    }
}

fn section(section: &Section) -> Markup {
    html! {
        section aria-labelledby=(section.id) {
            h2 id=(section.id) { (section.heading) }
            @for one in &section.blocks { (block(one)) }
        }
    }
}

/// The page, in Swedish: it goes to a Swedish register.
pub fn page(record: &Record) -> String {
    let title = match &record.diary_number {
        Some(number) => format!("{number}, ärende {}", record.number),
        None => format!("Ärende {}", record.number),
    };
    let page = html! {
        (DOCTYPE)
        html lang="sv" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p {
                        (record.tenant) ". Uttaget " (format_local(record.taken_at))
                        " av " (record.taken_by) "."
                    }
                    @if record.protected {
                        p.warning { "Någon i ärendet har skyddade personuppgifter. Lämna inte ut utan prövning." }
                    }
                    @for one in &record.sections { (section(one)) }
                }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let text = "<script>alert('x')</script> & \"mer\"".to_owned();
        Record {
            number: "KLA-2026-00000000".into(),
            diary_number: Some("VON 2026/1 <b>".into()),
            tenant: "Provby".into(),
            taken_at: "2026-03-10T08:00:00Z".parse().expect("a time"),
            taken_by: "Kim Ek".into(),
            protected: false,
            sections: vec![Section {
                id: "arende",
                heading: "Ärendet",
                blocks: vec![
                    Block::Facts(vec![("Vad".into(), text.clone())]),
                    Block::Table {
                        caption: "Historik",
                        head: vec!["När", "Vad"],
                        rows: vec![vec!["i dag".into(), text]],
                    },
                    Block::Note("Slut."),
                ],
            }],
        }
    }

    #[test]
    fn a_page_escapes_what_was_written_and_fetches_nothing() {
        let page = page(&record());
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        assert!(page.contains("<html lang=\"sv\">") && page.contains("VON 2026/1 &lt;b&gt;"));
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        for outside in ["http:", "https:", "src=", "href=", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        assert!(!page.contains("skyddade"));
        let protected = Record { protected: true, ..record() };
        assert!(super::page(&protected).contains("skyddade personuppgifter"));
    }
}
