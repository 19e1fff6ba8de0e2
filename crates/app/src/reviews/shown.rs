//! Which figures somebody was shown. A signature is for what was seen: it names the figures by a tag that
//! stands in the ETag they came with, and tells table by table what has changed since.

use aws_lc_rs::digest::{SHA256, digest};
use domain::fault::{Fault, Reason};
use domain::review::Page;

use crate::error::Error;

/// Digits of the tag that stand for the whole page.
const WHOLE: usize = 16;
/// Digits that name a table, and those that stand for what it says.
const NAME: usize = 4;
const SAYS: usize = 8;

fn digits(text: &[u8], count: usize) -> String {
    let hash = digest(&SHA256, text);
    hash.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]).take(count).map(hex).collect()
}

fn hex(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16).unwrap_or('0')
}

/// The tag of a page's figures, in hexadecimal digits; when they were read is none of it.
///
/// # Errors
/// [`Error::Internal`] for figures that cannot be written.
pub fn tag(page: &Page) -> Result<String, Error> {
    let written = |error: serde_json::Error| Error::Internal(error.to_string());
    let figures = (page.as_of, page.definitions, &page.tables);
    let mut tag = digits(&serde_json::to_vec(&figures).map_err(written)?, WHOLE);
    for table in &page.tables {
        tag += &digits(table.id.as_bytes(), NAME);
        tag += &digits(&serde_json::to_vec(table).map_err(written)?, SAYS);
    }
    Ok(tag)
}

/// What the tables of a tag say, by their names, both in digits.
fn tables(tag: &str) -> Vec<(&str, &str)> {
    let tables = tag.get(WHOLE..).unwrap_or_default().as_bytes();
    let parts = tables.chunks_exact(NAME + SAYS).filter_map(|part| std::str::from_utf8(part).ok());
    parts.filter_map(|part| part.split_at_checked(NAME)).collect()
}

/// Holds the figures that somebody was shown, by their tag, to those there are.
///
/// # Errors
/// [`Error::FiguresChanged`] with every table that says something else than it did, and without a tag.
pub fn hold(shown: Option<&str>, page: &Page) -> Result<(), Error> {
    let changed = |field: String, code| Fault::at(field, Reason::inconsistent(code));
    let Some(shown) = shown else {
        return Err(Error::FiguresChanged(vec![changed("/figures".into(), "figures_not_shown")]));
    };
    let now = tag(page)?;
    if shown == now {
        return Ok(());
    }
    let before = tables(shown);
    let same = |part: &(&str, &str)| before.contains(part);
    let parts = tables(&now);
    let told = page.tables.iter().zip(&parts).filter(|(_, part)| !same(part));
    let mut faults: Vec<Fault> = told
        .map(|(table, _)| changed(format!("/figures/{}", table.id), "figures_changed"))
        .collect();
    if faults.is_empty() {
        faults.push(changed("/figures".into(), "figures_changed"));
    }
    Err(Error::FiguresChanged(faults))
}

#[cfg(test)]
mod tests {
    use domain::table::Cell;
    use domain::yearly::DEFINITIONS;
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;

    fn page(counts: [u64; 2]) -> Page {
        let table = |id: &str, count: u64| {
            let table = serde_json::json!({
                "id": id, "title": id, "counts": "deviations", "definition": "", "as_of": "2026-06-30",
                "asked_for": false, "heads": [], "columns": [], "rows": [], "total": null,
                "chart": null, "notes": [],
            });
            let mut table: domain::table::Table = serde_json::from_value(table).expect("a table");
            table.total = Some(vec![Cell::Count(count)]);
            table
        };
        Page {
            read_at: Timestamp::UNIX_EPOCH,
            as_of: date(2026, 6, 30),
            definitions: DEFINITIONS,
            tables: vec![table("trend", counts[0]), table("by_law", counts[1])],
        }
    }

    fn told(shown: Option<&str>, page: &Page) -> Vec<String> {
        match hold(shown, page) {
            Ok(()) => Vec::new(),
            Err(Error::FiguresChanged(faults)) => {
                faults.into_iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect()
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn what_changed_since_it_was_shown_is_told_by_table() {
        let before = page([1, 2]);
        let shown = tag(&before).expect("a tag");
        assert_eq!(shown.len(), WHOLE + 2 * (NAME + SAYS));
        let later = Page { read_at: Timestamp::MAX, ..before.clone() };
        assert_eq!(told(Some(&shown), &later), Vec::<String>::new());
        assert_eq!(told(Some(&shown), &page([1, 3])), ["/figures/by_law figures_changed"]);
        let both = ["/figures/trend figures_changed", "/figures/by_law figures_changed"];
        assert_eq!(told(Some(&shown), &page([2, 3])), both);
        assert_eq!(told(Some("x"), &before), both);
        assert_eq!(told(None, &before), ["/figures figures_not_shown"]);
        let another_day = Page { as_of: date(2026, 6, 29), ..before };
        assert_eq!(told(Some(&shown), &another_day), ["/figures figures_changed"]);
    }
}
