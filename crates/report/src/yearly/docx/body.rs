//! What the document says.

use domain::table::Table;
use domain::yearly::{Section, Yearly};

use super::parts::{BETWEEN, MAIN, run, words as said};
use super::xml::Xml;
use crate::yearly::Stamp;
use crate::yearly::grid::{Grid, Line};
use crate::yearly::outline::{Part, outline};
use crate::yearly::words::{self, Piece};

/// The sides of the paper and the margin around the text, in twentieths of a point: A4, two centimetres.
const SHORT: usize = 11906;
const LONG: usize = 16838;
const MARGIN: usize = 1134;

/// How many columns fit on a page that stands.
const FIT: usize = 8;

/// How the page lies that is being written on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Standing,
    Lying,
}

impl Page {
    /// The page a table needs.
    fn for_grid(laid: &Grid<'_>) -> Self {
        if laid.heads.len() > FIT { Self::Lying } else { Self::Standing }
    }

    fn sides(self) -> (usize, usize) {
        match self {
            Self::Standing => (SHORT, LONG),
            Self::Lying => (LONG, SHORT),
        }
    }

    fn width(self) -> usize {
        self.sides().0 - 2 * MARGIN
    }

    /// Goes on on a page that lies like `wanted`.
    fn turn(&mut self, xml: &mut Xml, wanted: Self) {
        if *self != wanted {
            xml.around("w:p", &[], |xml| {
                xml.around("w:pPr", &[], |xml| {
                    xml.empty("w:pStyle", &[("w:val", "AfterTable")]);
                    self.end(xml);
                });
            });
            *self = wanted;
        }
    }

    /// Ends the pages that lie like this.
    fn end(self, xml: &mut Xml) {
        let (width, height) = self.sides();
        let (width, height, margin) = (width.to_string(), height.to_string(), MARGIN.to_string());
        let mut size = vec![("w:w", width.as_str()), ("w:h", height.as_str())];
        match self {
            Self::Standing => {}
            Self::Lying => size.push(("w:orient", "landscape")),
        }
        xml.around("w:sectPr", &[], |xml| {
            xml.empty("w:footerReference", &[("w:type", "default"), ("r:id", "rId4")]);
            xml.empty("w:pgSz", &size);
            let around =
                ["w:top", "w:right", "w:bottom", "w:left"].map(|side| (side, margin.as_str()));
            let edges = [("w:header", "567"), ("w:footer", "567"), ("w:gutter", "0")];
            xml.empty("w:pgMar", &[around.as_slice(), edges.as_slice()].concat());
        });
    }
}

/// A heading: its level, its bookmark, its words.
struct Heading {
    level: usize,
    mark: String,
    words: String,
}

/// The document itself.
pub(super) fn document(report: &Yearly, stamp: &Stamp<'_>) -> String {
    let outline = outline(report);
    let mut marks = 0;
    let mut page = Page::Standing;
    let mut xml = Xml::part();
    xml.around("w:document", &[MAIN, BETWEEN], |xml| {
        xml.around("w:body", &[], |xml| {
            paragraph(xml, "Title", &words::title(report));
            paragraph(xml, "Subtitle", &report.tenant);
            if let Some(part) = words::part(report) {
                paragraph(xml, "Subtitle", &part);
            }
            paragraph(xml, "Note", &state(report, stamp));
            contents(xml, &headings(report, &outline));
            for one in headings_of_front(report) {
                heading(xml, &mut marks, &one);
                if let Some(lines) = front_lines(report, &one) {
                    for line in lines {
                        paragraph(xml, "ListBullet", line);
                    }
                }
            }
            if !report.breaks.is_empty() {
                paragraph(xml, "Lead", "Brott i serien: åren går inte att jämföra rakt av.");
                for one in &report.breaks {
                    paragraph(xml, "ListBullet", &format!("Från {}. {}", one.year, one.why));
                }
            }
            for part in &outline {
                page.turn(xml, Page::Standing);
                heading(xml, &mut marks, &chapter_heading(part));
                for one in &part.sections {
                    page.turn(xml, Page::Standing);
                    heading(xml, &mut marks, &section_heading(&one.number, one.section));
                    section(xml, &mut page, one.section, one.first_table);
                }
            }
            page.turn(xml, Page::Standing);
            heading(xml, &mut marks, &about_heading());
            facts(xml, report, stamp);
            page.end(xml);
        });
    });
    xml.end()
}

fn state(report: &Yearly, stamp: &Stamp<'_>) -> String {
    let version = stamp.version.map(|version| format!(", version {version}")).unwrap_or_default();
    let read = domain::calendar::in_words(domain::calendar::swedish_date(report.read_at));
    format!("{}{version}. Uppgifterna lästa {read}.", words::state(stamp))
}

fn headings_of_front(report: &Yearly) -> Vec<Heading> {
    if report.first_page.is_empty() {
        return Vec::new();
    }
    let first = Heading {
        level: 1,
        mark: "till_namnden".to_owned(),
        words: "Till nämnden: året i korthet".to_owned(),
    };
    let parts = report.first_page.iter().enumerate().map(|(at, part)| Heading {
        level: 2,
        mark: format!("namnden_{at}"),
        words: part.part.heading().to_owned(),
    });
    [first].into_iter().chain(parts).collect()
}

fn front_lines<'a>(report: &'a Yearly, heading: &Heading) -> Option<&'a [String]> {
    let at: usize = heading.mark.strip_prefix("namnden_")?.parse().ok()?;
    report.first_page.get(at).map(|part| part.lines.as_slice())
}

fn chapter_heading(part: &Part<'_>) -> Heading {
    let words = format!("{} {}", part.number, part.chapter.heading());
    Heading { level: 1, mark: format!("kapitel_{}", part.number), words }
}

fn section_heading(number: &str, section: &Section) -> Heading {
    let words = format!("{number} {}", section.id.heading());
    Heading { level: 2, mark: section.id.code().to_owned(), words }
}

fn about_heading() -> Heading {
    let words = "Om den här redovisningen".to_owned();
    Heading { level: 1, mark: "om".to_owned(), words }
}

/// Every heading that the contents list.
fn headings(report: &Yearly, outline: &[Part<'_>]) -> Vec<Heading> {
    let mut headings = headings_of_front(report);
    for part in outline {
        headings.push(chapter_heading(part));
        let sections = part.sections.iter();
        headings.extend(sections.map(|one| section_heading(&one.number, one.section)));
    }
    headings.push(about_heading());
    headings
}

/// The list of contents: a field that the program can make anew, filled in already.
fn contents(xml: &mut Xml, headings: &[Heading]) {
    paragraph(xml, "TOCHeading", "Innehåll");
    let last = headings.len().saturating_sub(1);
    for (at, one) in headings.iter().enumerate() {
        styled(xml, if one.level == 1 { "TOC1" } else { "TOC2" }, |xml| {
            if at == 0 {
                field(xml, "begin");
                xml.around("w:r", &[], |xml| {
                    let code = " TOC \\o \"1-2\" \\n \\h \\z \\u ";
                    xml.around("w:instrText", &[("xml:space", "preserve")], |xml| xml.text(code));
                });
                field(xml, "separate");
            }
            xml.around("w:hyperlink", &[("w:anchor", &one.mark), ("w:history", "1")], |xml| {
                run(xml, &one.words);
            });
            if at == last {
                field(xml, "end");
            }
        });
    }
}

fn field(xml: &mut Xml, part: &str) {
    xml.around("w:r", &[], |xml| xml.empty("w:fldChar", &[("w:fldCharType", part)]));
}

fn heading(xml: &mut Xml, marks: &mut usize, heading: &Heading) {
    let id = marks.to_string();
    *marks += 1;
    styled(xml, &format!("Heading{}", heading.level), |xml| {
        xml.empty("w:bookmarkStart", &[("w:id", &id), ("w:name", &heading.mark)]);
        run(xml, &heading.words);
        xml.empty("w:bookmarkEnd", &[("w:id", &id)]);
    });
}

fn section(xml: &mut Xml, page: &mut Page, section: &Section, first_table: usize) {
    if words::is_empty(section) {
        paragraph(xml, "Note", words::EMPTY);
    }
    for sentence in &section.sentences {
        paragraph(xml, "BodyText", sentence);
    }
    if let Some(written) = &section.text {
        text(xml, &written.text);
        paragraph(xml, "Note", &words::written(written));
    }
    for (at, one) in section.tables.iter().enumerate() {
        let laid = Grid::of(one);
        page.turn(xml, Page::for_grid(&laid));
        table(xml, *page, (one, &laid), first_table + at);
    }
    if !section.paragraphs.is_empty() || !section.goals.is_empty() {
        page.turn(xml, Page::Standing);
    }
    if !section.paragraphs.is_empty() {
        paragraph(xml, "Heading3", "Enheternas egna ord");
        for one in &section.paragraphs {
            paragraph(xml, "Heading4", &one.unit);
            match &one.written {
                Some(written) => {
                    text(xml, &written.text);
                    paragraph(xml, "Note", &words::written(written));
                }
                None => paragraph(xml, "Note", "Enheten har inte lämnat någon text."),
            }
        }
    }
    for (year, goals) in words::goals(section) {
        paragraph(xml, "Heading3", &format!("Mål för {year}"));
        for goal in goals {
            paragraph(xml, "ListBullet", &goal.text);
            if let Some(answer) = &goal.answer {
                let came = format!("{}. {}", words::reached(answer.reached), answer.text);
                paragraph(xml, "ListContinue", &came);
            }
        }
    }
}

/// What somebody wrote.
fn text(xml: &mut Xml, text: &str) {
    for piece in words::pieces(text) {
        match piece {
            Piece::List(points) => points.iter().for_each(|it| paragraph(xml, "ListBullet", it)),
            Piece::Paragraph(lines) => styled(xml, "BodyText", |xml| {
                xml.around("w:r", &[], |xml| {
                    for (at, line) in lines.iter().enumerate() {
                        if at > 0 {
                            xml.empty("w:br", &[]);
                        }
                        said(xml, line);
                    }
                });
            }),
        }
    }
}

/// A table with its number, what it counts, and what must be known.
fn table(xml: &mut Xml, page: Page, (table, laid): (&Table, &Grid<'_>), number: usize) {
    styled(xml, "Caption", |xml| {
        run(xml, "Tabell ");
        let code = [("w:instr", " SEQ Tabell \\* ARABIC ")];
        xml.around("w:fldSimple", &code, |xml| run(xml, &number.to_string()));
        run(xml, &format!(". {}", table.title));
    });
    paragraph(xml, "TableNote", &words::counted(table));
    let small = page == Page::Lying;
    let style = |words: bool| match (words, small) {
        (true, false) => "TableText",
        (true, true) => "TableSmall",
        (false, false) => "TableNumber",
        (false, true) => "TableNumberSmall",
    };
    let widths = widths(laid, page.width());
    grid(xml, table, laid.total.is_some(), &widths, |xml| {
        row(xml, Kind::Head, |xml| {
            for ((title, words), width) in laid.heads.iter().zip(&widths) {
                cell(xml, width, style(*words), title);
            }
        });
        let line = |xml: &mut Xml, kind: Kind, line: &Line<'_>| {
            row(xml, kind, |xml| {
                for (at, width) in widths[..laid.keys].iter().enumerate() {
                    cell(xml, width, style(true), line.keys.get(at).copied().unwrap_or_default());
                }
                for ((figure, words), width) in line.cells.iter().zip(&widths[laid.keys..]) {
                    cell(xml, width, style(*words), &figure.swedish());
                }
            });
        };
        laid.rows.iter().for_each(|one| line(xml, Kind::Body, one));
        laid.total.iter().for_each(|one| line(xml, Kind::Total, one));
    });
    for note in words::notes(table) {
        paragraph(xml, "TableNote", note);
    }
    paragraph(xml, "AfterTable", "");
}

/// The widths of the columns: as much as their longest word or figure asks for, of what there is.
fn widths(laid: &Grid<'_>, width: usize) -> Vec<String> {
    let size = |text: &str| text.chars().count();
    let lines = || laid.rows.iter().chain(&laid.total);
    let share = |(at, (title, _)): (usize, &(&str, bool))| {
        let said = lines().map(|line| match at.checked_sub(laid.keys) {
            None => line.keys.get(at).map_or(0, |key| size(key)),
            Some(at) => line.cells.get(at).map_or(0, |(cell, _)| size(&cell.swedish())),
        });
        let word = title.split_whitespace().map(size).max().unwrap_or(0);
        said.max().unwrap_or(0).min(36).max(word).max(5) + 3
    };
    let shares: Vec<usize> = laid.heads.iter().enumerate().map(share).collect();
    let all = shares.iter().sum::<usize>().max(1);
    shares.into_iter().map(|share| (width * share / all).to_string()).collect()
}

fn grid(xml: &mut Xml, table: &Table, total: bool, widths: &[String], rows: impl FnOnce(&mut Xml)) {
    let last = if total { "1" } else { "0" };
    xml.around("w:tbl", &[], |xml| {
        xml.around("w:tblPr", &[], |xml| {
            xml.empty("w:tblStyle", &[("w:val", "Figures")]);
            xml.empty("w:tblW", &[("w:w", "5000"), ("w:type", "pct")]);
            xml.empty(
                "w:tblLook",
                &[
                    ("w:val", if total { "0660" } else { "0620" }),
                    ("w:firstRow", "1"),
                    ("w:lastRow", last),
                    ("w:firstColumn", "0"),
                    ("w:lastColumn", "0"),
                    ("w:noHBand", "1"),
                    ("w:noVBand", "1"),
                ],
            );
            xml.empty("w:tblCaption", &[("w:val", &table.title)]);
            xml.empty("w:tblDescription", &[("w:val", &words::counted(table))]);
        });
        xml.around("w:tblGrid", &[], |xml| {
            for width in widths {
                xml.empty("w:gridCol", &[("w:w", width)]);
            }
        });
        rows(xml);
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Head,
    Body,
    Total,
}

fn row(xml: &mut Xml, kind: Kind, cells: impl FnOnce(&mut Xml)) {
    xml.around("w:tr", &[], |xml| {
        xml.around("w:trPr", &[], |xml| {
            xml.empty("w:cantSplit", &[]);
            match kind {
                Kind::Head => xml.empty("w:tblHeader", &[]),
                Kind::Body | Kind::Total => {}
            }
        });
        cells(xml);
    });
}

fn cell(xml: &mut Xml, width: &str, style: &str, text: &str) {
    xml.around("w:tc", &[], |xml| {
        xml.around("w:tcPr", &[], |xml| xml.empty("w:tcW", &[("w:w", width), ("w:type", "dxa")]));
        paragraph(xml, style, text);
    });
}

/// What is known of the report, as a table of two columns.
fn facts(xml: &mut Xml, report: &Yearly, stamp: &Stamp<'_>) {
    for (term, said) in words::facts(report, stamp) {
        styled(xml, "BodyText", |xml| {
            xml.around("w:r", &[], |xml| {
                xml.around("w:rPr", &[], |xml| xml.empty("w:b", &[]));
                self::said(xml, &format!("{term}: "));
            });
            run(xml, &said);
        });
    }
}

/// A paragraph of one run.
fn paragraph(xml: &mut Xml, style: &str, text: &str) {
    styled(xml, style, |xml| {
        if !text.is_empty() {
            run(xml, text);
        }
    });
}

fn styled(xml: &mut Xml, style: &str, inside: impl FnOnce(&mut Xml)) {
    xml.around("w:p", &[], |xml| {
        xml.around("w:pPr", &[], |xml| xml.empty("w:pStyle", &[("w:val", style)]));
        inside(xml);
    });
}
