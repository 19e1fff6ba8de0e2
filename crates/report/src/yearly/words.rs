//! What every format says in the same words: what the report is called, where it stands, what signs mean.

use domain::calendar::{format_local, in_words as day, swedish_date};
use domain::table::{Cell, Column, Holds, Table};
use domain::yearly::{About, Chapter, Goal, Reached, Section, Yearly};

use super::Stamp;

/// What stands for a figure that is kept back, and what it means.
pub(crate) const KEPT_BACK: &str =
    ".. betyder att uppgiften inte redovisas, till skydd för enskilda.";

/// What a section says that has nothing to say.
pub(crate) const EMPTY: &str = "Här finns varken text eller siffror för året.";

/// What stands beside the sum of all rows.
pub(crate) const TOTAL: &str = "Totalt";

/// The report's name.
pub(crate) fn title(report: &Yearly) -> String {
    format!("Patientsäkerhets- och kvalitetsberättelse {}", report.year)
}

/// What of the tenant it is about, where it is not all of it.
pub(crate) fn part(report: &Yearly) -> Option<String> {
    match &report.about {
        About::Whole => None,
        About::Area { name, .. } => Some(format!("Verksamhetsområde: {name}")),
        About::Unit { name, .. } => Some(format!("Enhet: {name}")),
    }
}

/// Where the report stands, in words.
pub(crate) fn state<'a>(stamp: &Stamp<'a>) -> &'a str {
    match stamp.state {
        "open" => "Utkast: siffrorna kan ändras",
        "locked" => "Låst version",
        "established" => "Fastställd",
        other => other,
    }
}

/// What is known of the report itself, a term and its words each.
pub(crate) fn facts(report: &Yearly, stamp: &Stamp<'_>) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Avser", report.tenant.clone())];
    match &report.about {
        About::Whole => {}
        About::Area { name, .. } => facts.push(("Verksamhetsområde", name.clone())),
        About::Unit { name, .. } => facts.push(("Enhet", name.clone())),
    }
    facts.push(("År", report.year.to_string()));
    if !report.beside.is_empty() {
        let years: Vec<String> = report.beside.iter().map(i16::to_string).collect();
        facts.push(("Jämförs med", years.join(", ")));
    }
    facts.push(("Läge", state(stamp).to_owned()));
    facts.extend(stamp.version.map(|version| ("Version", version.to_string())));
    facts.extend(stamp.locked_at.map(|at| ("Låst", format_local(at))));
    facts.push(("Uppgifterna lästa", format_local(report.read_at)));
    facts.push(("Öppet och avslutat räknat till och med", report.as_of.to_string()));
    facts.push(("Definitioner, version", report.definitions.to_string()));
    facts.extend(stamp.sha256.map(|sum| ("Kontrollsumma (SHA-256)", sum.to_owned())));
    facts
}

/// What a table counts, how, and until when.
pub(crate) fn counted(table: &Table) -> String {
    let mut said = format!("Räknar {}.", table.counts.swedish());
    if !table.definition.is_empty() {
        said.push(' ');
        said.push_str(table.definition.trim());
    }
    if !said.ends_with(['.', '!', '?']) {
        said.push('.');
    }
    said.push_str(&format!(" Till och med {}.", day(table.as_of)));
    said
}

/// What a column's cells hold, for whoever reads them by program.
pub(crate) fn holds(column: &Column) -> &'static str {
    match column.holds {
        Holds::Count => "antal",
        Holds::Change => "förändring",
        Holds::Share => "andel i procent",
        Holds::Days => "dagar",
        Holds::Rate => "kvot",
        Holds::Text => "text",
    }
}

/// Whether anything in the table is kept back.
pub(crate) fn keeps_back(table: &Table) -> bool {
    let rows = table.rows.iter().map(|row| &row.cells).chain(&table.total);
    rows.flatten().any(|cell| *cell == Cell::Suppressed)
}

/// What must be known to read a table: its notes, and what its signs mean.
pub(crate) fn notes(table: &Table) -> Vec<&str> {
    let mut notes: Vec<&str> = table.notes.iter().map(String::as_str).collect();
    if keeps_back(table) {
        notes.push(KEPT_BACK);
    }
    notes
}

/// What a goal came to.
pub(crate) fn reached(reached: Reached) -> &'static str {
    match reached {
        Reached::Yes => "Uppnått",
        Reached::Partly => "Delvis uppnått",
        Reached::No => "Inte uppnått",
        Reached::NotFollowedUp => "Inte uppföljt",
    }
}

/// The goals of a section by year, earlier first.
pub(crate) fn goals(section: &Section) -> Vec<(i16, Vec<&Goal>)> {
    let mut years: Vec<i16> = section.goals.iter().map(|goal| goal.year).collect();
    years.sort_unstable();
    years.dedup();
    let of = |year: i16| section.goals.iter().filter(move |goal| goal.year == year).collect();
    years.into_iter().map(|year| (year, of(year))).collect()
}

/// The chapters with their sections, in order.
pub(crate) fn chapters(report: &Yearly) -> Vec<(Chapter, Vec<&Section>)> {
    let mut chapters: Vec<(Chapter, Vec<&Section>)> = Vec::new();
    for section in &report.sections {
        let chapter = section.id.chapter();
        match chapters.last_mut() {
            Some((last, sections)) if *last == chapter => sections.push(section),
            _ => chapters.push((chapter, vec![section])),
        }
    }
    chapters
}

/// Whether a section says anything.
pub(crate) fn is_empty(section: &Section) -> bool {
    section.sentences.is_empty()
        && section.tables.is_empty()
        && section.text.is_none()
        && section.paragraphs.is_empty()
        && section.goals.is_empty()
}

/// Who wrote something, and when.
pub(crate) fn written(written: &domain::yearly::Written) -> String {
    format!("{}, {}", written.by, day(swedish_date(written.at)))
}

/// A part of a text somebody wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A paragraph, a line each.
    Paragraph(Vec<&'a str>),
    /// Points of a list.
    List(Vec<&'a str>),
}

/// What somebody wrote, as paragraphs and lists: a blank line ends a paragraph, and lines that begin with a
/// dash or a bullet are a list.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            open = false;
            continue;
        }
        let point = ["- ", "– ", "• ", "* "].iter().find_map(|mark| line.strip_prefix(mark));
        match (point.map(str::trim), pieces.last_mut()) {
            (Some(point), Some(Piece::List(points))) if open => points.push(point),
            (Some(point), _) => pieces.push(Piece::List(vec![point])),
            (None, Some(Piece::Paragraph(lines))) if open => lines.push(line),
            (None, _) => pieces.push(Piece::Paragraph(vec![line])),
        }
        open = true;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    #[test]
    fn a_text_falls_into_paragraphs_and_lists() {
        let text = "Vi ser\r\nett mönster.\n\nDärför:\n- fler kontroller\n– ny rutin\n\n- senare\n";
        let expected = [
            Piece::Paragraph(vec!["Vi ser", "ett mönster."]),
            Piece::Paragraph(vec!["Därför:"]),
            Piece::List(vec!["fler kontroller", "ny rutin"]),
            Piece::List(vec!["senare"]),
        ];
        assert_eq!(pieces(text), expected);
        assert_eq!(pieces(" \n"), []);
    }

    #[test]
    fn a_day_is_said_as_people_say_it() {
        assert_eq!(day(Date::constant(2024, 2, 29)), "29\u{a0}februari\u{a0}2024");
    }
}
