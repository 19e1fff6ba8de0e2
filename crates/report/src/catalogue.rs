//! What is published of the report of each year, described by DCAT-AP-SE 3.0.1 in RDF/XML: what the national
//! data portal (dataportal.se) fetches once a day.
//!
//! Every address is absolute. The catalogue, its data sets, what they are fetched as, the publisher and the
//! contact have names of their own, since the portal takes none without.

use domain::yearly::SectionId;
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};

/// What is published of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The year.
    pub year: i16,
    /// Which version.
    pub version: u32,
    /// The day it was established.
    pub established_on: Date,
}

/// What a tenant has published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue<'a> {
    /// The tenant's name.
    pub publisher: &'a str,
    /// Whether it is a private provider and no municipality.
    pub private: bool,
    /// The ten digits by which the portal knows it.
    pub organisation_number: Option<&'a str>,
    /// Where questions go.
    pub contact: Option<&'a str>,
    /// The address of the catalogue itself.
    pub address: &'a str,
    /// The address that years are added to, for programs.
    pub data: &'a str,
    /// The address that years are added to, for people.
    pub pages: &'a str,
    /// What is published, latest year first.
    pub datasets: &'a [Dataset],
}

/// A way to fetch a year's figures.
struct Form {
    /// Its name in the address.
    name: &'static str,
    /// Its media type.
    media: &'static str,
    /// In Swedish and English.
    title: (&'static str, &'static str),
}

const FORMS: [Form; 5] = [
    Form { name: "json", media: "application/json", title: ("JSON", "JSON") },
    Form {
        name: "csv",
        media: "application/zip",
        title: ("CSV, en fil per tabell", "CSV, a file a table"),
    },
    Form {
        name: "xlsx",
        media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        title: ("Kalkylbok", "Workbook"),
    },
    Form {
        name: "docx",
        media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        title: ("Dokument", "Document"),
    },
    Form { name: "html", media: "text/html", title: ("Webbsida", "Web page") },
];

const PUBLIC_DOMAIN: &str = "http://creativecommons.org/publicdomain/zero/1.0/";
const SWEDISH: &str = "http://publications.europa.eu/resource/authority/language/SWE";
const THEMES: &str = "http://publications.europa.eu/resource/authority/data-theme";
const HEALTH: &str = "http://publications.europa.eu/resource/authority/data-theme/HEAL";
const PUBLIC: &str = "http://publications.europa.eu/resource/authority/access-right/PUBLIC";
const DATE: &str = "http://www.w3.org/2001/XMLSchema#date";
const NAMESPACES: [(&str, &str); 5] = [
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
];

impl Catalogue<'_> {
    /// The description. A catalogue without data sets is none: `None`.
    pub fn rdf_xml(&self) -> Option<String> {
        let latest = self.datasets.iter().map(|it| it.established_on).max()?;
        let first = self.datasets.iter().map(|it| it.established_on).min()?;
        let publisher = self.publisher_address();
        let kind = if self.private { "Company" } else { "LocalAuthority" };
        let content = html! {
            dcat:Catalog rdf:about=(self.address) {
                (both("dcterms:title", "Vårdens och omsorgens kvalitet och säkerhet", "Quality and safety of health and social care"))
                (both("dcterms:description",
                    "Siffror ur de årliga patientsäkerhets- och kvalitetsberättelserna, utan uppgifter som pekar ut människor.",
                    "Figures of the yearly reports on patient safety and quality, without those that point at persons."))
                dcterms:publisher rdf:resource=(publisher) {}
                dcterms:license rdf:resource=(PUBLIC_DOMAIN) {}
                dcterms:language rdf:resource=(SWEDISH) {}
                (day("dcterms:issued", first))
                (day("dcterms:modified", latest))
                foaf:homepage rdf:resource=(self.pages) {}
                dcat:themeTaxonomy rdf:resource=(THEMES) {}
                @for it in self.datasets { dcat:dataset rdf:resource=(self.dataset(it)) {} }
            }
            foaf:Agent rdf:about=(publisher) {
                foaf:name xml:lang="sv" { (self.publisher) }
                dcterms:type rdf:resource=(format!("http://purl.org/adms/publishertype/{kind}")) {}
                @if let Some(number) = self.organisation_number { dcterms:identifier { (number) } }
            }
            @if let Some(contact) = self.contact {
                vcard:Organization rdf:about=(self.contact_address()) {
                    vcard:fn { (self.publisher) }
                    vcard:hasEmail rdf:resource=(format!("mailto:{contact}")) {}
                }
            }
            @for it in self.datasets { (self.described(it, &publisher)) }
        };
        let names: String =
            NAMESPACES.iter().map(|(name, at)| format!("\n\txmlns:{name}=\"{at}\"")).collect();
        let document = html! {
            (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
            (PreEscaped(format!("<rdf:RDF{names}>\n")))
            (content)
            (PreEscaped("\n</rdf:RDF>\n"))
        };
        Some(document.into_string())
    }

    fn publisher_address(&self) -> String {
        match self.organisation_number {
            Some(number) => format!("http://dataportal.se/organisation/SE{number}"),
            None => format!("{}#publisher", self.address),
        }
    }

    fn contact_address(&self) -> String {
        format!("{}#contact", self.address)
    }

    fn dataset(&self, it: &Dataset) -> String {
        format!("{}/{}#dataset", self.data, it.year)
    }

    fn described(&self, it: &Dataset, publisher: &str) -> Markup {
        let year = it.year;
        let (sv, en) = (
            format!("Patientsäkerhets- och kvalitetsberättelse {year}"),
            format!("Report on patient safety and quality {year}"),
        );
        let sections: Vec<&str> = SectionId::ALL.iter().map(|section| section.heading()).collect();
        let about = format!(
            "Avvikelser, vårdskador, synpunkter och klagomål, åtgärder och ledtider under {year}, med upp till fem \
             tidigare år bredvid. Uppgifter som skulle kunna peka ut en människa är inte med. Avsnitt: {}.",
            sections.join("; ")
        );
        let about_en = format!(
            "Incidents, harm, complaints, measures and lead times in {year}, with up to five earlier years beside. \
             Figures that could point at a person are left out."
        );
        let of_form = |form: &Form| format!("{}/{year}#{}", self.data, form.name);
        html! {
            dcat:Dataset rdf:about=(self.dataset(it)) {
                (both("dcterms:title", &sv, &en))
                (both("dcterms:description", &about, &about_en))
                dcterms:publisher rdf:resource=(publisher) {}
                @if self.contact.is_some() { dcat:contactPoint rdf:resource=(self.contact_address()) {} }
                @for (sv, en) in [("patientsäkerhet", "patient safety"), ("avvikelser", "incidents"), ("klagomål", "complaints")] {
                    (both("dcat:keyword", sv, en))
                }
                dcat:theme rdf:resource=(HEALTH) {}
                dcterms:accessRights rdf:resource=(PUBLIC) {}
                dcterms:language rdf:resource=(SWEDISH) {}
                (day("dcterms:issued", it.established_on))
                dcat:version { (it.version) }
                dcat:landingPage rdf:resource=(format!("{}/{year}", self.pages)) {}
                dcterms:temporal {
                    dcterms:PeriodOfTime {
                        (day("dcat:startDate", Date::new(year, 1, 1).unwrap_or(it.established_on)))
                        (day("dcat:endDate", Date::new(year, 12, 31).unwrap_or(it.established_on)))
                    }
                }
                @for form in &FORMS { dcat:distribution rdf:resource=(of_form(form)) {} }
            }
            @for form in &FORMS {
                @let address = format!("{}/{year}?format={}", self.data, form.name);
                dcat:Distribution rdf:about=(of_form(form)) {
                    (both("dcterms:title", form.title.0, form.title.1))
                    dcat:accessURL rdf:resource=(address) {}
                    dcat:downloadURL rdf:resource=(address) {}
                    dcterms:format { (form.media) }
                    dcterms:license rdf:resource=(PUBLIC_DOMAIN) {}
                    dcterms:language rdf:resource=(SWEDISH) {}
                }
            }
        }
    }
}

/// A property in Swedish and in English.
fn both(name: &str, sv: &str, en: &str) -> Markup {
    html! {
        @for (language, text) in [("sv", sv), ("en", en)] {
            (PreEscaped(format!("<{name} xml:lang=\"{language}\">"))) (text) (PreEscaped(format!("</{name}>")))
        }
    }
}

fn day(name: &str, day: Date) -> Markup {
    html! { (PreEscaped(format!("<{name} rdf:datatype=\"{DATE}\">{day}</{name}>"))) }
}
