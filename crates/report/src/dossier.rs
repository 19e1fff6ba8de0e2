//! The dossier for IVO as a page to print: one document, nothing from elsewhere.

use domain::calendar::format_local;
use domain::escalation::dossier::Dossier;
use domain::escalation::{Escalation, Kind};

/// The headings, in the order of the parts.
const SECTIONS: [(&str, &str); 5] = [
    ("who", "Vem det gäller"),
    ("event", "Händelsen"),
    ("inquiry", "Utredning och åtgärder"),
    ("information", "Information"),
    ("decision", "Bedömning och beslut"),
];

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
h1{font-size:1.6rem}h2{font-size:1.2rem;border-bottom:1px solid #444;margin-top:2rem}\
dt{font-weight:600;margin-top:.75rem}dd{margin:0 0 0 1rem;white-space:pre-line}\
.missing{font-style:italic;border-left:.25rem solid #8a0000;padding-left:.5rem}\
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}dt,dd{break-inside:avoid}}";

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::LexMaria => "Lex Maria",
        Kind::LexSarah => "Lex Sarah",
        Kind::Riskperson => "Riskperson",
    }
}

/// The page, in Swedish: it goes to a Swedish authority. `number` is the case's.
pub fn html(escalation: &Escalation, number: Option<&str>, dossier: &Dossier) -> String {
    let title = match number {
        Some(number) => format!("{}: underlag till IVO, {number}", name(escalation.kind)),
        None => format!("{}: underlag till IVO", name(escalation.kind)),
    };
    let title = escaped(&title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    if let Some((paragraph, sfs)) = &dossier.provision {
        let (paragraph, sfs) = (escaped(paragraph), escaped(sfs));
        page.push_str(&format!("<p>Lagrum: {paragraph}, SFS {sfs}.</p>\n"));
    }
    let missing: Vec<String> =
        dossier.missing().map(|part| format!("<li>{}</li>", escaped(&part.sv))).collect();
    page.push_str("<section aria-labelledby=\"saknas\">\n<h2 id=\"saknas\">Saknas</h2>\n");
    if missing.is_empty() {
        page.push_str("<p>Inget saknas enligt mallen.</p>\n");
    } else {
        page.push_str(&format!("<ul>{}</ul>\n", missing.concat()));
    }
    page.push_str("</section>\n");
    for (section, heading) in SECTIONS {
        let parts: Vec<_> =
            dossier.parts.iter().filter(|filled| filled.part.section == section).collect();
        if parts.is_empty() {
            continue;
        }
        page.push_str(&format!(
            "<section aria-labelledby=\"{section}\">\n<h2 id=\"{section}\">{heading}</h2>\n<dl>\n"
        ));
        for filled in parts {
            let term = escaped(&filled.part.sv);
            let text = match &filled.text {
                Some(text) => format!("<dd>{}</dd>", escaped(text)),
                None if filled.hidden => "<dd>Finns, visas inte för dig</dd>".to_owned(),
                None if filled.missing() => "<dd class=\"missing\">Saknas</dd>".to_owned(),
                None => "<dd>–</dd>".to_owned(),
            };
            page.push_str(&format!("<dt>{term}</dt>{text}\n"));
        }
        page.push_str("</dl>\n</section>\n");
    }
    page.push_str("<section aria-labelledby=\"ivo\">\n<h2 id=\"ivo\">Hos IVO</h2>\n<dl>\n");
    let number = dossier.ivo_number.as_deref().unwrap_or("–");
    page.push_str(&format!("<dt>IVO:s diarienummer</dt><dd>{}</dd>\n", escaped(number)));
    for (what, due_on, sent_at) in &dossier.supplements {
        let sent = sent_at.map_or_else(|| "inte skickad".to_owned(), format_local);
        page.push_str(&format!(
            "<dt>Komplettering till {due_on}</dt><dd>{} ({})</dd>\n",
            escaped(what),
            escaped(&sent)
        ));
    }
    if let Some((decision, at)) = &dossier.ivo_decision {
        let at = escaped(&format_local(*at));
        page.push_str(&format!("<dt>IVO:s beslut {at}</dt><dd>{}</dd>\n", escaped(decision)));
    }
    page.push_str(
        "</dl>\n</section>\n<p>Rubrikerna är en lokal mall. Stäm av mot IVO:s formulär innan anmälan skickas.</p>\n\
         </main>\n</body>\n</html>\n",
    );
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::code_lists::CodeLists;
    use domain::escalation::dossier::Known;
    use domain::escalation::raise;
    use domain::ids::{EscalationId, StaffId, UnitId};

    use super::*;

    #[test]
    fn a_page_escapes_what_was_written_and_says_what_is_missing() {
        let by = StaffId("00000000-0000-0000-0000-000000000001".parse().expect("an id"));
        let at = "2026-03-10T08:00:00Z".parse().expect("a time");
        let text = "<script>alert('x')</script> & \"mer\"".to_owned();
        let (id, unit) = (EscalationId(by.0), UnitId(by.0));
        let raised = raise::riskperson(id, unit, text, BTreeSet::new(), by, at).expect("raises");
        let known = Known {
            tenant: "Provby",
            unit: "Gran",
            person: Some("Ssk <Kim>"),
            person_hidden: false,
            name: &|_| "Mas".to_owned(),
            codes: &CodeLists::shared(),
        };
        let dossier = Dossier::of(&raised.escalation, None, &known);
        let page = html(&raised.escalation, None, &dossier);
        assert!(page.starts_with("<!doctype html>\n<html lang=\"sv\">"));
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(page.contains("Ssk &lt;Kim&gt;"));
        assert!(page.contains("<dd class=\"missing\">Saknas</dd>"));
        assert!(page.contains("<li>Beslut</li>") && !page.contains("<li>Verksamhet</li>"));
        assert!(page.contains("3 kap. 7 §, SFS 2010:659"), "read at its source");
        for outside in ["http:", "https:", "src=", "href=", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
    }
}
