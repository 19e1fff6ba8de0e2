//! The ledger of silence for the agenda of a samverkansmöte: a page to print, and a file for a
//! spreadsheet.

use csv::{Terminator, WriterBuilder};
use domain::code_lists::CodeLists;
use domain::forwarding::ledger::{Ledger, Line, Tally};

use crate::csv::{BOM, text};
use crate::page::{escaped, whole};

/// The figures of a direction, as the headings say.
const FIGURES: [&str; 9] = [
    "Antal",
    "Kvitterade",
    "Besvarade",
    "Mediandagar",
    "Utan svar efter 30 dagar",
    "Utan svar efter 60 dagar",
    "Utan svar efter 90 dagar",
    "Avslutade utan svar",
    "Eskalerade",
];

fn figures(tally: &Tally) -> [String; 9] {
    let [d30, d60, d90] = tally.silent;
    [
        tally.total.to_string(),
        tally.acknowledged.to_string(),
        tally.answered.to_string(),
        tally.median_days.map(|days| days.to_string()).unwrap_or_default(),
        d30.to_string(),
        d60.to_string(),
        d90.to_string(),
        tally.given_up.to_string(),
        tally.escalated.to_string(),
    ]
}

fn kind<'a>(codes: &'a CodeLists, code: &'a str) -> &'a str {
    codes.get("counterparty", code).map_or(code, |known| known.sv.as_str())
}

/// The directions with what they are called.
fn sides(line: &Line) -> [(&'static str, &Tally); 2] {
    [("Skickade av oss", &line.sent), ("Mottagna av oss", &line.received)]
}

/// A line a counterparty and direction, the total last.
///
/// # Errors
/// What the writer says; of memory it has nothing to say.
pub fn csv(ledger: &Ledger, codes: &CodeLists) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        WriterBuilder::new().delimiter(b';').terminator(Terminator::CRLF).from_writer(BOM.to_vec());
    let mut headings = vec!["Motpart", "Typ", "Riktning"];
    headings.extend(FIGURES);
    writer.write_record(&headings)?;
    let total = ("Totalt", "", &ledger.total);
    let lines = ledger.lines.iter().map(|it| (it.name.as_str(), it.kind.as_str(), &it.line));
    for (name, code, line) in lines.chain([total]) {
        for (side, tally) in sides(line) {
            let mut cells = vec![
                text(name).into_owned(),
                text(kind(codes, code)).into_owned(),
                side.to_owned(),
            ];
            cells.extend(figures(tally));
            writer.write_record(&cells)?;
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// The page, in Swedish.
pub fn html(ledger: &Ledger, sender: &str, codes: &CodeLists) -> String {
    let title = format!("Avvikelser mellan vårdgivare {}–{}", ledger.from, ledger.to);
    let mut body = format!(
        "<h1>{}</h1>\n<p>{}. Avläst {}.</p>\n",
        escaped(&title),
        escaped(sender),
        domain::calendar::format_local(ledger.as_of)
    );
    for (at, heading) in
        ["Skickade till andra vårdgivare", "Mottagna från andra vårdgivare"].iter().enumerate()
    {
        body.push_str(&format!(
            "<h2>{heading}</h2>\n<table>\n<thead><tr><th scope=\"col\">Motpart</th><th scope=\"col\">Typ</th>"
        ));
        for figure in FIGURES {
            body.push_str(&format!("<th scope=\"col\" class=\"n\">{figure}</th>"));
        }
        body.push_str("</tr></thead>\n<tbody>\n");
        let total = ("Totalt", "", &ledger.total);
        let lines = ledger.lines.iter().map(|it| (it.name.as_str(), it.kind.as_str(), &it.line));
        for (name, code, line) in lines.chain([total]) {
            let (_, tally) = sides(line)[at];
            if tally.total + tally.recalled == 0 && !code.is_empty() {
                continue;
            }
            let (name, code) = (escaped(name), escaped(kind(codes, code)));
            body.push_str(&format!("<tr><th scope=\"row\">{name}</th><td>{code}</td>"));
            for figure in figures(tally) {
                let shown = if figure.is_empty() { "–" } else { &figure };
                body.push_str(&format!("<td class=\"n\">{shown}</td>"));
            }
            body.push_str("</tr>\n");
        }
        body.push_str("</tbody>\n</table>\n");
    }
    body.push_str(
        "<p>Svarstiderna är överenskomna eller egna mål, inte lagstadgade frister.</p>\n",
    );
    whole(&title, &body)
}
