//! The report as one page, to read on a screen of any width and to print: nothing is fetched, nothing moves, no
//! script. First what the nämnd should see, then the contents, then the template's headings with the figures in
//! words, charts, and under each chart its table.

mod first;
mod parts;
mod sheet;

use domain::yearly::{Section, Yearly};
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use self::sheet::{Decided, Sheet, Watch, sheet};
use super::outline::{Numbered, Part, outline};
use super::{Error, Stamp, chart, words};

/// The one style sheet. It stands in the page, so a policy may name its hash.
pub const STYLE: &str = include_str!("html/style.css");

/// The page, UTF-8.
///
/// # Errors
/// None.
pub fn html(report: &Yearly, stamp: &Stamp<'_>) -> Result<Vec<u8>, Error> {
    let title = words::title(report);
    let outline = outline(report);
    let page = html! {
        (DOCTYPE)
        html lang="sv" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                title { (title) " – " (report.tenant) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#innehall" { "Till innehållsförteckningen" }
                (chart::patterns())
                header.mast {
                    div.inner {
                        p.tenant { (report.tenant) }
                        h1 { (title) }
                        @if let Some(part) = words::part(report) { p.part { (part) } }
                        p.state {
                            strong { (words::state(stamp)) }
                            @if let Some(version) = stamp.version { " · version " (version) }
                            " · uppgifter lästa " (domain::calendar::in_words(domain::calendar::swedish_date(report.read_at)))
                        }
                    }
                }
                main {
                    (first::page(report))
                    (contents(&outline))
                    @if !report.breaks.is_empty() {
                        aside.breaks aria-labelledby="brott" {
                            h2 id="brott" { "Brott i serien" }
                            p { "Åren går inte att jämföra rakt av:" }
                            ul {
                                @for one in &report.breaks { li { strong { "Från " (one.year) "." } " " (one.why) } }
                            }
                        }
                    }
                    @for part in &outline { (chapter(part)) }
                }
                footer {
                    div.inner {
                        h2 { "Om den här redovisningen" }
                        dl {
                            @for (term, said) in words::facts(report, stamp) {
                                div { dt { (term) } dd { (said) } }
                            }
                        }
                        p.quiet {
                            "Ett streck (–) betyder att det inte finns något att räkna. Siffrorna räknas av tabellernas "
                            "underlag, och meningarna av tabellerna."
                        }
                    }
                }
            }
        }
    };
    Ok(page.into_string().into_bytes())
}

fn contents(outline: &[Part<'_>]) -> Markup {
    html! {
        nav.contents aria-labelledby="innehall" {
            h2 id="innehall" tabindex="-1" { "Innehåll" }
            ol {
                @for part in outline {
                    li {
                        a href=(format!("#kapitel-{}", part.number)) {
                            span.number { (part.number) } " " (part.chapter.heading())
                        }
                        ol {
                            @for one in &part.sections {
                                li {
                                    a href=(format!("#{}", one.section.id.code())) {
                                        span.number { (one.number) } " " (one.section.id.heading())
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn chapter(part: &Part<'_>) -> Markup {
    let id = format!("kapitel-{}", part.number);
    // On paper a chapter with figures begins a page.
    let filled = part.sections.iter().any(|one| !one.section.tables.is_empty());
    html! {
        section.chapter.filled[filled] aria-labelledby=(id) {
            h2 id=(id) { span.number { (part.number) } " " (part.chapter.heading()) }
            @for one in &part.sections { (section(one)) }
        }
    }
}

fn section(numbered: &Numbered<'_>) -> Markup {
    let section: &Section = numbered.section;
    let id = section.id.code();
    html! {
        section.section.empty[words::is_empty(section)] aria-labelledby=(id) {
            h3 id=(id) { span.number { (numbered.number) } " " (section.id.heading()) }
            @if words::is_empty(section) { p.quiet { (words::EMPTY) } }
            (parts::sentences(&section.sentences))
            @if let Some(text) = &section.text { (parts::text(text)) }
            @for (at, table) in section.tables.iter().enumerate() {
                (parts::table(table, numbered.first_table + at))
            }
            (parts::paragraphs(&section.paragraphs))
            (parts::goals(section))
        }
    }
}
