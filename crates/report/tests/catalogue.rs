//! The description of what is published, held to the profile: DCAT-AP-SE 3.0.1, as far as it is used.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};
use report::catalogue::{Catalogue, Dataset};

/// What a property's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    /// Another thing, or an address: absolute.
    Address,
    /// Text in a language.
    Text,
    /// Plain text.
    Plain,
    /// A day.
    Day,
    /// A thing of its own that needs no name.
    Within,
}

/// Class, property, least, most, kind of value: from the profile's own form templates.
const PROFILE: &[(&str, &str, usize, usize, Is)] = &[
    ("dcat:Catalog", "dcterms:title", 1, 99, Is::Text),
    ("dcat:Catalog", "dcterms:description", 1, 99, Is::Text),
    ("dcat:Catalog", "dcterms:publisher", 1, 1, Is::Address),
    ("dcat:Catalog", "dcterms:license", 1, 1, Is::Address),
    ("dcat:Catalog", "dcterms:language", 0, 99, Is::Address),
    ("dcat:Catalog", "dcterms:issued", 0, 1, Is::Day),
    ("dcat:Catalog", "dcterms:modified", 0, 1, Is::Day),
    ("dcat:Catalog", "foaf:homepage", 0, 1, Is::Address),
    ("dcat:Catalog", "dcat:themeTaxonomy", 0, 99, Is::Address),
    ("dcat:Catalog", "dcat:dataset", 1, 99, Is::Address),
    ("foaf:Agent", "foaf:name", 1, 99, Is::Text),
    ("foaf:Agent", "dcterms:type", 1, 1, Is::Address),
    ("foaf:Agent", "dcterms:identifier", 0, 99, Is::Plain),
    ("vcard:Organization", "vcard:fn", 1, 99, Is::Plain),
    ("vcard:Organization", "vcard:hasEmail", 1, 99, Is::Address),
    ("dcat:Dataset", "dcterms:title", 1, 99, Is::Text),
    ("dcat:Dataset", "dcterms:description", 1, 99, Is::Text),
    ("dcat:Dataset", "dcterms:publisher", 1, 1, Is::Address),
    ("dcat:Dataset", "dcat:contactPoint", 0, 99, Is::Address),
    ("dcat:Dataset", "dcat:keyword", 0, 99, Is::Text),
    ("dcat:Dataset", "dcat:theme", 0, 99, Is::Address),
    ("dcat:Dataset", "dcterms:accessRights", 0, 1, Is::Address),
    ("dcat:Dataset", "dcterms:language", 0, 99, Is::Address),
    ("dcat:Dataset", "dcterms:issued", 0, 1, Is::Day),
    ("dcat:Dataset", "dcat:version", 0, 1, Is::Plain),
    ("dcat:Dataset", "dcat:landingPage", 0, 99, Is::Address),
    ("dcat:Dataset", "dcterms:temporal", 0, 99, Is::Within),
    ("dcat:Dataset", "dcat:distribution", 0, 99, Is::Address),
    ("dcterms:PeriodOfTime", "dcat:startDate", 0, 1, Is::Day),
    ("dcterms:PeriodOfTime", "dcat:endDate", 0, 1, Is::Day),
    ("dcat:Distribution", "dcterms:title", 0, 99, Is::Text),
    ("dcat:Distribution", "dcat:accessURL", 1, 1, Is::Address),
    ("dcat:Distribution", "dcat:downloadURL", 0, 99, Is::Address),
    ("dcat:Distribution", "dcterms:format", 1, 1, Is::Plain),
    ("dcat:Distribution", "dcterms:license", 0, 1, Is::Address),
    ("dcat:Distribution", "dcterms:language", 0, 99, Is::Address),
];

/// Namespaces by the prefix that the profile uses, whatever the document calls them.
const PREFIXES: &[(&str, &str)] = &[
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"),
    ("http://purl.org/dc/terms/", "dcterms"),
    ("http://www.w3.org/ns/dcat#", "dcat"),
    ("http://xmlns.com/foaf/0.1/", "foaf"),
    ("http://www.w3.org/2006/vcard/ns#", "vcard"),
];

/// An element.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

fn parse(document: &str) -> Element {
    let mut reader = NsReader::from_str(document);
    let mut stack = vec![Element::default()];
    loop {
        let (namespace, event) = reader.read_resolved_event().expect("well-formed XML");
        match event {
            Event::Start(start) => {
                let ResolveResult::Bound(namespace) = namespace else { panic!("no namespace") };
                let namespace = std::str::from_utf8(namespace.as_ref()).expect("UTF-8");
                let prefix = PREFIXES.iter().find(|(known, _)| *known == namespace);
                let local = start.local_name();
                let local = std::str::from_utf8(local.as_ref()).expect("UTF-8");
                let mut element = Element {
                    name: format!("{}:{local}", prefix.expect("a known namespace").1),
                    ..Element::default()
                };
                for attribute in start.attributes() {
                    let attribute = attribute.expect("an attribute");
                    let key = String::from_utf8(attribute.key.as_ref().to_vec()).expect("UTF-8");
                    let value = attribute
                        .normalized_value(XmlVersion::default())
                        .expect("a value")
                        .into_owned();
                    element.attributes.insert(key, value);
                }
                stack.push(element);
            }
            Event::End(_) => {
                let done = stack.pop().expect("an element");
                stack.last_mut().expect("an element above").children.push(done);
            }
            Event::Text(text) => {
                stack.last_mut().expect("an element").text += &text.decode().expect("text");
            }
            Event::GeneralRef(named) => {
                let named: &[u8] = named.as_ref();
                let text = match named {
                    b"amp" => "&",
                    b"lt" => "<",
                    b"gt" => ">",
                    b"quot" => "\"",
                    other => panic!("unknown entity {other:?}"),
                };
                stack.last_mut().expect("an element").text += text;
            }
            Event::Empty(_) => panic!("an empty element is written with an end"),
            Event::Eof => return stack.pop().expect("the document"),
            Event::Decl(_)
            | Event::Comment(_)
            | Event::CData(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

/// Everything that does not follow the profile.
fn faults(document: &str) -> Vec<String> {
    let root = parse(document);
    let rdf = &root.children[0];
    assert_eq!(rdf.name, "rdf:RDF");
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for thing in &rdf.children {
        match thing.attributes.get("rdf:about") {
            Some(name) if !names.insert(name.clone()) => faults.push(format!("{name} twice")),
            Some(name) => hold(absolute(name), format!("{name} is not absolute"), &mut faults),
            None => faults.push(format!("a {} without a name", thing.name)),
        }
        check(thing, &mut faults);
    }
    // What the description names as its own it describes.
    for thing in &rdf.children {
        let own = ["dcat:dataset", "dcat:distribution", "dcat:contactPoint", "dcterms:publisher"];
        for property in thing.children.iter().filter(|it| own.contains(&it.name.as_str())) {
            let named = &property.attributes["rdf:resource"];
            hold(names.contains(named), format!("{named} is not described"), &mut faults);
        }
    }
    faults
}

fn hold(held: bool, fault: String, faults: &mut Vec<String>) {
    if !held {
        faults.push(fault);
    }
}

fn absolute(address: &str) -> bool {
    let known = ["http://", "https://", "mailto:"];
    known.iter().any(|start| address.starts_with(start))
        && address.bytes().all(|byte| byte.is_ascii_graphic())
}

fn check(thing: &Element, faults: &mut Vec<String>) {
    let class = &thing.name;
    let known: Vec<_> = PROFILE.iter().filter(|(of, ..)| of == class).collect();
    hold(!known.is_empty(), format!("{class} is no class of the profile"), faults);
    for property in &thing.children {
        let found = known.iter().find(|(_, name, ..)| *name == property.name);
        let Some((_, name, _, _, is)) = found else {
            faults.push(format!("{class} has no {}", property.name));
            continue;
        };
        let attribute = |key: &str| property.attributes.get(key).map(String::as_str);
        let fits = match is {
            Is::Address => attribute("rdf:resource").is_some_and(absolute),
            Is::Text => {
                matches!(attribute("xml:lang"), Some("sv" | "en")) && !property.text.is_empty()
            }
            Is::Plain => !property.text.is_empty() && property.attributes.is_empty(),
            Is::Day => {
                attribute("rdf:datatype") == Some("http://www.w3.org/2001/XMLSchema#date")
                    && property.text.parse::<Date>().is_ok()
            }
            Is::Within => {
                property.children.iter().for_each(|it| check(it, faults));
                property.children.len() == 1
            }
        };
        hold(fits, format!("{name} of {class} is no {is:?}"), faults);
    }
    for (_, name, least, most, _) in known {
        let many = thing.children.iter().filter(|it| it.name == *name).count();
        hold((*least..=*most).contains(&many), format!("{many} {name} of {class}"), faults);
    }
}

fn datasets() -> Vec<Dataset> {
    let of = |year: i16, version: u32| Dataset {
        year,
        version,
        established_on: Date::new(year + 1, 2, 24).expect("a day"),
    };
    vec![of(2025, 2), of(2024, 1)]
}

fn catalogue<'a>(datasets: &'a [Dataset]) -> Catalogue<'a> {
    Catalogue {
        publisher: "Vård & omsorg <Provby>",
        private: false,
        organisation_number: Some("2120001892"),
        contact: Some("oppnadata@provby.example"),
        address: "https://avvikelse.example/api/v1/public/provby/reports/catalogue",
        data: "https://avvikelse.example/api/v1/public/provby/reports/yearly",
        pages: "https://avvikelse.example/provby/rapporter",
        datasets,
    }
}

#[test]
fn the_description_follows_the_profile() {
    let datasets = datasets();
    let whole = catalogue(&datasets);
    let document = whole.rdf_xml().expect("a catalogue");
    assert_eq!(faults(&document), [""; 0]);
    let bare = Catalogue { contact: None, organisation_number: None, private: true, ..whole };
    let document = bare.rdf_xml().expect("a catalogue");
    assert_eq!(faults(&document), [""; 0]);
    assert!(document.contains("publishertype/Company"), "{document}");
    assert!(!document.contains("contactPoint"), "{document}");
}

#[test]
fn what_does_not_follow_the_profile_is_found() {
    let datasets = datasets();
    let document = catalogue(&datasets).rdf_xml().expect("a catalogue");
    for (from, to, fault) in [
        (
            "<dcterms:format>application/zip</dcterms:format>",
            "",
            "0 dcterms:format of dcat:Distribution",
        ),
        (
            "https://avvikelse.example/provby/rapporter",
            "/provby/rapporter",
            "foaf:homepage of dcat:Catalog",
        ),
        ("dcat:accessURL", "dcat:accessUrl", "dcat:Distribution has no dcat:accessUrl"),
        ("#dataset\">", "#data\">", "is not described"),
    ] {
        let changed = document.replacen(from, to, 2);
        let found = faults(&changed);
        assert!(found.iter().any(|it| it.contains(fault)), "{fault}: {found:?}");
    }
}

#[test]
fn a_catalogue_of_nothing_is_none() {
    assert_eq!(catalogue(&[]).rdf_xml(), None);
}
