//! What a person is told of who has read what is about them: as text, and as a page to print.

use std::fmt::Write as _;

use domain::access_log::{Line, act_in_words, role_in_words, sentence, written};
use domain::law::Law;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::page::{escaped, whole};

/// What an extract says beside its lines.
#[derive(Clone, Debug)]
pub struct Heading<'a> {
    /// The tenant's name.
    pub tenant: &'a str,
    /// When it was made.
    pub made_at: Timestamp,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// The laws it is limited to; empty is all.
    pub laws: &'a [Law],
}

const TITLE: &str = "Vem har läst uppgifter om dig?";

/// The sentences above the lines.
fn introduction(heading: &Heading<'_>, lines: &[Line]) -> Vec<String> {
    let period = match (heading.from, heading.to) {
        (None, None) => "Utdraget gäller all tid som loggen har sparats.".to_owned(),
        (Some(from), None) => format!("Utdraget gäller från och med {from}."),
        (None, Some(to)) => format!("Utdraget gäller till och med {to}."),
        (Some(from), Some(to)) => format!("Utdraget gäller {from} till {to}."),
    };
    let mut said = vec![
        format!("{} har tagit fram utdraget {} åt dig.", heading.tenant, written(heading.made_at)),
        period,
    ];
    if !heading.laws.is_empty() {
        let laws: Vec<&str> = heading.laws.iter().map(|law| law.code()).collect();
        said.push(format!("Det gäller bara ärenden enligt {}.", laws.join(" och ")));
    }
    said.push(
        "Här står när någon som arbetar hos oss har läst eller handlagt avvikelser, synpunkter eller \
         klagomål som gäller dig, vid vilken enhet och i vilken roll. Journalen har en egen logg."
            .to_owned(),
    );
    said.push(match lines.len() {
        0 => "Ingen har läst sådana uppgifter under tiden.".to_owned(),
        1 => "Det har hänt en gång.".to_owned(),
        times => format!("Det har hänt {times} gånger."),
    });
    said
}

/// What is said below the lines.
const AFTER: &str = "Undrar du över något, eller tror du att någon har läst utan skäl? Hör av dig till oss, \
     så undersöker vi det. Du kan också vända dig till Integritetsskyddsmyndigheten (IMY).";

/// The extract as text.
pub fn text(heading: &Heading<'_>, lines: &[Line]) -> String {
    let mut out = format!("{TITLE}\n\n");
    for said in introduction(heading, lines) {
        out.push_str(&said);
        out.push('\n');
    }
    out.push('\n');
    for line in lines {
        out.push_str(&sentence(line));
        out.push('\n');
    }
    if !lines.is_empty() {
        out.push('\n');
    }
    out.push_str(AFTER);
    out.push('\n');
    out
}

/// The extract as a page to print.
pub fn page(heading: &Heading<'_>, lines: &[Line]) -> String {
    let mut body = format!("<h1>{TITLE}</h1>\n");
    for said in introduction(heading, lines) {
        // Writing to a string cannot fail.
        let _ = writeln!(body, "<p>{}</p>", escaped(&said));
    }
    if !lines.is_empty() {
        body.push_str(
            "<table>\n<thead><tr><th scope=\"col\">När</th><th scope=\"col\">Enhet</th>\
             <th scope=\"col\">Roll</th><th scope=\"col\">Vad</th><th scope=\"col\">Ärende</th></tr></thead>\n<tbody>\n",
        );
        for line in lines {
            let units = match line.units.as_slice() {
                [] => "hela verksamheten".to_owned(),
                units => units.join(", "),
            };
            let role = role_in_words(line.role);
            let who = match &line.name {
                Some(name) => format!("{name}, {role}"),
                None => role.to_owned(),
            };
            let cells =
                [written(line.at), units, who, act_in_words(&line.act), line.numbers.join(", ")];
            body.push_str("<tr>");
            for cell in cells {
                let _ = write!(body, "<td>{}</td>", escaped(&cell));
            }
            body.push_str("</tr>\n");
        }
        body.push_str("</tbody>\n</table>\n");
    }
    let _ = writeln!(body, "<p>{AFTER}</p>");
    whole(TITLE, &body)
}

#[cfg(test)]
mod tests {
    use domain::organisation::Role;
    use jiff::civil::date;

    use super::*;

    fn heading() -> Heading<'static> {
        Heading {
            tenant: "Granby & Co",
            made_at: "2026-04-01T08:00:00Z".parse().expect("a time"),
            from: Some(date(2026, 1, 1)),
            to: None,
            laws: &[Law::Hsl],
        }
    }

    fn line(name: Option<&str>) -> Line {
        Line {
            at: "2026-03-12T13:05:40Z".parse().expect("a time"),
            units: vec!["Granen <1>".into()],
            role: Some(Role::UnitManager),
            name: name.map(str::to_owned),
            act: "case.read".into(),
            numbers: vec!["AVV-2026-7K3Q9D2F".into()],
        }
    }

    #[test]
    fn the_text_is_understood_without_knowing_the_service() {
        let told = text(&heading(), &[line(None)]);
        assert!(
            told.contains("Granby & Co har tagit fram utdraget 1 april 2026 kl. 10.00 åt dig.")
        );
        assert!(told.contains("Utdraget gäller från och med 2026-01-01."));
        assert!(told.contains("Det gäller bara ärenden enligt HSL."));
        assert!(told.contains("Det har hänt en gång."));
        assert!(told.contains(
            "12 mars 2026 kl. 14.05. Enhet: Granen <1>. Roll: enhetschef. Läste ärendet AVV-2026-7K3Q9D2F."
        ));
        let none = text(&heading(), &[]);
        assert!(none.contains("Ingen har läst sådana uppgifter"));
    }

    #[test]
    fn the_page_escapes_what_it_is_given() {
        let page = page(&heading(), &[line(Some("Bo <b>")), line(None)]);
        assert!(page.contains("Granby &amp; Co") && page.contains("Granen &lt;1&gt;"));
        assert!(page.contains("Bo &lt;b&gt;, enhetschef") && !page.contains("<b>"));
        assert!(page.contains("Det har hänt 2 gånger."));
    }
}
