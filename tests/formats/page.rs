//! The page, taken apart where a figure or a sentence has its place.

use domain::table::{Cell, Table};
use domain::yearly::Yearly;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::paper::{self, Laid};
use crate::said;

/// What stands between two marks, the first of which stands there once.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let mut parts = page.split(from);
    let rest = parts.nth(1).unwrap_or_else(|| panic!("no {from}"));
    assert!(parts.next().is_none(), "{from} stands there twice");
    rest.split_once(to).unwrap_or_else(|| panic!("no {to} after {from}")).0
}

/// The words of each element of these names, in order of their ends; elements inside are read with them.
fn words(html: &str, wanted: &[&str]) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(html);
    let (mut found, mut open): (Vec<(String, String)>, Option<String>) = (Vec::new(), None);
    loop {
        match reader.read_event().expect("elements that are closed in order") {
            Event::Eof => return found,
            Event::Start(tag) if wanted.iter().any(|it| it.as_bytes() == tag.name().as_ref()) => {
                assert!(open.is_none(), "one inside another");
                open = Some(String::new());
            }
            Event::End(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                if wanted.contains(&name.as_str()) {
                    found.push((name, open.take().expect("begun")));
                } else if name == "tr" {
                    found.push((name, String::new()));
                }
            }
            Event::Text(text) => {
                if let Some(said) = &mut open {
                    said.push_str(&text.decode().expect("text"));
                }
            }
            Event::GeneralRef(name) => {
                let name = name.decode().expect("a name");
                let known = quick_xml::escape::unescape(&format!("&{name};")).map(String::from);
                if let Some(said) = &mut open {
                    said.push_str(&known.expect("an entity"));
                }
            }
            _ => {}
        }
    }
}

/// The cells of the table that an article holds.
fn cells(article: &str) -> Laid {
    let table = between(article, "<caption>", "</table>");
    let table = table.split_once("</caption>").expect("a caption that ends").1;
    let mut laid = vec![Vec::new()];
    for (name, said) in words(table, &["th", "td"]) {
        if name == "tr" {
            laid.push(Vec::new());
        } else {
            laid.last_mut().expect("a row").push(said);
        }
    }
    assert_eq!(laid.pop(), Some(Vec::new()), "the last row ends");
    laid
}

/// A figure as it is seen and heard: what is kept back is said in words to whoever listens.
fn printed(cell: &Cell) -> String {
    match cell {
        Cell::Suppressed => "..redovisas inte".to_owned(),
        other => other.swedish(),
    }
}

fn table_agrees(table: &Table, page: &str) {
    let article = between(page, &format!(" id=\"t-{}\"", table.id), "</article>");
    assert_eq!(element(article, "<h4 ", "h4"), table.title);
    let mut read = cells(article);
    if table.rows.is_empty() {
        let said = read.remove(1);
        assert_eq!(said, ["Det finns inget att redovisa."], "{}", table.id);
    }
    // The name of the total stands across all keys.
    let spans = table.heads.len().saturating_sub(1);
    if let Some(last) = read.last_mut().filter(|_| table.total.is_some() && spans > 0) {
        assert!(article.contains(&format!("colspan=\"{}\"", spans + 1)), "{}", table.id);
        last.splice(1..1, vec![String::new(); spans]);
    }
    paper::agrees(table, &read, &printed);
}

/// The sentences of a section: one is a paragraph, several are a list.
fn sentences(section: &str) -> Vec<String> {
    let of = |html: &str, name: &str| -> Vec<String> {
        words(html, &[name]).into_iter().map(|(_, said)| said).collect()
    };
    if section.contains("<p class=\"said\">") {
        let one = between(section, "<p class=\"said\">", "</p>");
        return of(&format!("<p>{one}</p>"), "p");
    }
    if section.contains("<ul class=\"said\">") {
        return of(between(section, "<ul class=\"said\">", "</ul>"), "li");
    }
    Vec::new()
}

/// The words of one element, by what it begins with.
fn element(page: &str, begins: &str, name: &str) -> String {
    let inside = between(page, begins, &format!("</{name}>"));
    let found = words(&format!("{begins}{inside}</{name}>"), &[name]);
    found.into_iter().next().expect("an element").1
}

/// Holds a page to its report: headings, sentences, and every table cell by cell.
pub fn holds(report: &Yearly, page: &str) {
    assert_eq!(page.matches(" id=\"t-").count(), report.tables().count());
    for table in report.tables() {
        table_agrees(table, page);
    }
    let mut places = Vec::new();
    for (nth, (chapter, sections)) in (1..).zip(said::TEMPLATE) {
        let begins = format!("<h2 id=\"kapitel-{nth}\">");
        assert_eq!(element(page, &begins, "h2"), format!("{nth} {chapter}"));
        places.push(page.find(&begins));
        for (below, (code, heading)) in (1..).zip(sections) {
            let begins = format!("<h3 id=\"{code}\">");
            assert_eq!(element(page, &begins, "h3"), format!("{nth}.{below} {heading}"));
            places.push(page.find(&begins));
        }
    }
    assert!(places.is_sorted(), "the template's order");
    for (code, _, wanted) in said::sentences(report) {
        let section = between(page, &format!("<h3 id=\"{code}\">"), "</section>");
        assert_eq!(sentences(section), wanted, "{code}");
    }
}
