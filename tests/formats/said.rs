//! The headings of the report and what stands under them in words: the national template's headings, spelt out
//! here, so that none of them goes missing or is renamed unseen.

use domain::yearly::Yearly;

/// A section: its name in requests, and its heading.
type Section = (&'static str, &'static str);

/// The chapters of the template, with what the kvalitetsberättelse and the definitions add.
pub const TEMPLATE: [(&str, &[Section]); 6] = [
    ("Sammanfattning", &[("summary", "Sammanfattning och årets siffror")]),
    (
        "Grundläggande förutsättningar för säker vård",
        &[
            ("leadership", "Engagerad ledning och tydlig styrning"),
            ("cooperation", "Samverkan för att förebygga vårdskador"),
            ("information_security", "Informationssäkerhet"),
            ("radiation_protection", "Strålskydd"),
            ("safety_culture", "God säkerhetskultur"),
            ("competence", "Adekvat kunskap och kompetens"),
            ("patient_as_partner", "Patienten som medskapare"),
        ],
    ),
    (
        "Agera för säker vård",
        &[
            ("knowledge_of_harm", "Öka kunskap om inträffade vårdskador"),
            ("reliable_processes", "Tillförlitliga och säkra system och processer"),
            ("here_and_now", "Säker vård här och nu"),
            ("learning", "Stärka analys, lärande och utveckling"),
            ("opinions_and_complaints", "Synpunkter och klagomål"),
            ("between_caregivers", "Avvikelser mellan vårdgivare"),
            ("risk_awareness", "Öka riskmedvetenhet och beredskap"),
        ],
    ),
    (
        "Kvalitet i socialtjänst och LSS-verksamhet",
        &[("social_services", "Avvikelser enligt SoL och LSS")],
    ),
    (
        "Mål, strategier och utmaningar för kommande år",
        &[("goals_ahead", "Mål och strategier för kommande år")],
    ),
    ("Underlag och definitioner", &[("definitions", "Så är siffrorna räknade")]),
];

/// Headings as they are numbered, with their level: `1 Sammanfattning` on the first, `2.3 …` on the second.
pub fn headings() -> Vec<(u8, String)> {
    let mut found = Vec::new();
    for (nth, (chapter, sections)) in (1..).zip(TEMPLATE) {
        found.push((1, format!("{nth} {chapter}")));
        for (below, (_, heading)) in (1..).zip(sections) {
            found.push((2, format!("{nth}.{below} {heading}")));
        }
    }
    found
}

/// The sections in their order, each with its heading and the figures in words.
pub fn sentences(report: &Yearly) -> Vec<(&'static str, &'static str, &[String])> {
    let template = TEMPLATE.iter().flat_map(|(_, sections)| sections.iter());
    let found: Vec<_> = template
        .map(|(code, heading)| {
            let mut here = report.sections.iter().filter(|it| it.id.code() == *code);
            let section = here.next().unwrap_or_else(|| panic!("no section {code}"));
            assert!(here.next().is_none(), "{code} stands there twice");
            (*code, *heading, section.sentences.as_slice())
        })
        .collect();
    assert_eq!(found.len(), report.sections.len(), "no section beside the template's");
    found
}

/// The chapter and the heading that a section stands under.
pub fn place(code: &str) -> (&'static str, &'static str) {
    let of = |(chapter, sections): &(&'static str, &'static [Section])| {
        let found = sections.iter().find(|(id, _)| *id == code)?;
        Some((*chapter, found.1))
    };
    TEMPLATE.iter().find_map(of).unwrap_or_else(|| panic!("no section {code}"))
}
