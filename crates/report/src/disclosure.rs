//! A copy that is given out, and what is held about a person, as pages to print: one document, nothing from elsewhere.

use domain::calendar::format_local;
use domain::disclosure::{Copy, Decision, Disclosure};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
h1{font-size:1.6rem}h2{font-size:1.25rem;border-bottom:1px solid #444;margin-top:2rem}h3{font-size:1.05rem}\
dt{font-weight:600;margin-top:.75rem}dd{margin:0 0 0 1rem;white-space:pre-line;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}\
th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}\
@media print{body{margin:0;max-width:none;font-size:10pt}h2,h3{break-after:avoid}dt,tr{break-inside:avoid}}";

fn document(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="sv" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    }
    .into_string()
}

fn parts(copy: &Copy) -> Markup {
    html! {
        @for part in &copy.parts {
            section {
                h2 { (part.heading) }
                dl {
                    @for field in &part.fields {
                        dt { (field.label) }
                        dd { (field.text) }
                    }
                }
            }
        }
    }
}

fn named(copy: &Copy) -> String {
    match &copy.diary_number {
        Some(number) => format!("{number}, ärende {}", copy.number),
        None => format!("Ärende {}", copy.number),
    }
}

/// The decision with the copy that was given out, if any was, and the list of what is masked.
pub fn page(number: &str, it: &Disclosure, copy: Option<&Copy>) -> String {
    let title = copy.map_or_else(|| format!("Ärende {number}"), named);
    let decided = match it.decision {
        Decision::Given => "Handlingen lämnas ut.",
        Decision::Partly => "Handlingen lämnas ut med vissa uppgifter maskade.",
        Decision::Refused => "Handlingen lämnas inte ut.",
    };
    let body = html! {
        p { (decided) " Beslutat " (format_local(it.at)) "." }
        @if let Some(reference) = &it.reference { p { "Diarienummer: " (reference) } }
        @if let Some(motivation) = &it.motivation { h2 { "Skäl" } p { (motivation) } }
        @if let Some(appeal) = &it.appeal { h2 { "Hur beslutet överklagas" } p { (appeal) } }
        @if let Some(copy) = copy { (parts(copy)) }
        @if !it.masks.is_empty() {
            h2 { "Maskade uppgifter" }
            table {
                caption { "Var något är maskat, och på vilken grund" }
                thead { tr { th scope="col" { "Uppgift" } th scope="col" { "Grund" } } }
                tbody {
                    @for mask in &it.masks {
                        tr { td { (label(copy, &mask.field)) } td { (mask.ground) } }
                    }
                }
            }
        }
    };
    document(&title, &body)
}

fn label(copy: Option<&Copy>, field: &str) -> String {
    let fields = copy
        .into_iter()
        .flat_map(|it| &it.parts)
        .flat_map(|part| part.fields.iter().map(move |field| (part.heading.as_str(), field)));
    let mut found = fields.filter(|(_, it)| it.field == field);
    found.next().map_or_else(String::new, |(heading, it)| format!("{heading}: {}", it.label))
}

/// Everything that is held about a person; each matter with what the person is in it.
pub fn person_page(tenant: &str, taken_at: jiff::Timestamp, cases: &[(String, &Copy)]) -> String {
    let body = html! {
        p { (tenant) ". Uttaget " (format_local(taken_at)) "." }
        p {
            "Uppgifter om andra personer kan finnas i texterna. Gå igenom dem innan uppgifterna lämnas vidare."
        }
        @if cases.is_empty() { p { "Inga uppgifter om personen finns." } }
        @for (role, copy) in cases {
            article { h2 { (named(copy)) } p { (role) } (parts(copy)) }
        }
    };
    document("Uppgifter om en person", &body)
}
