//! The dossier for IVO as a page to print: one document, nothing from elsewhere.

use domain::calendar::format_local;
use domain::escalation::dossier::{Dossier, Filled};
use domain::escalation::{Escalation, Kind};
use maud::{DOCTYPE, Markup, PreEscaped, html};

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

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::LexMaria => "Lex Maria",
        Kind::LexSarah => "Lex Sarah",
        Kind::Riskperson => "Riskperson",
    }
}

/// What stands for a part of the template.
fn filled(filled: &Filled) -> Markup {
    html! {
        dt { (filled.part.sv) }
        @match &filled.text {
            Some(text) => { dd { (text) } }
            None if filled.hidden => { dd { "Finns, visas inte för dig" } }
            None if filled.missing() => { dd.missing { "Saknas" } }
            None => { dd { "–" } }
        }
    }
}

fn at_ivo(dossier: &Dossier) -> Markup {
    html! {
        section aria-labelledby="ivo" {
            h2 id="ivo" { "Hos IVO" }
            dl {
                dt { "IVO:s diarienummer" }
                dd { (dossier.ivo_number.as_deref().unwrap_or("–")) }
                @for (what, due_on, sent_at) in &dossier.supplements {
                    dt { "Komplettering till " (due_on) }
                    dd {
                        (what) " ("
                        (sent_at.map_or_else(|| "inte skickad".to_owned(), format_local)) ")"
                    }
                }
                @if let Some((decision, at)) = &dossier.ivo_decision {
                    dt { "IVO:s beslut " (format_local(*at)) }
                    dd { (decision) }
                }
            }
        }
    }
}

/// The page, in Swedish: it goes to a Swedish authority. `number` is the case's.
pub fn html(escalation: &Escalation, number: Option<&str>, dossier: &Dossier) -> String {
    let title = match number {
        Some(number) => format!("{}: underlag till IVO, {number}", name(escalation.kind)),
        None => format!("{}: underlag till IVO", name(escalation.kind)),
    };
    let missing: Vec<_> = dossier.missing().collect();
    let of = |section: &str| -> Vec<&Filled> {
        dossier.parts.iter().filter(|filled| filled.part.section == section).collect()
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
                    @if let Some((paragraph, sfs)) = &dossier.provision {
                        p { "Lagrum: " (paragraph) ", SFS " (sfs) "." }
                    }
                    section aria-labelledby="saknas" {
                        h2 id="saknas" { "Saknas" }
                        @if missing.is_empty() {
                            p { "Inget saknas enligt mallen." }
                        } @else {
                            ul { @for part in &missing { li { (part.sv) } } }
                        }
                    }
                    @for (section, heading) in SECTIONS {
                        @let parts = of(section);
                        @if !parts.is_empty() {
                            section aria-labelledby=(section) {
                                h2 id=(section) { (heading) }
                                dl { @for one in parts { (filled(one)) } }
                            }
                        }
                    }
                    (at_ivo(dossier))
                    p {
                        "Rubrikerna är en lokal mall. Stäm av mot IVO:s formulär innan anmälan skickas."
                    }
                }
            }
        }
    };
    page.into_string()
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
        let page = super::html(&raised.escalation, None, &dossier);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"sv\">"), "{page}");
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
