//! What is filed: the reports that a care unit sees most of.

use hyper::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Category, what happened, what was done. Some 300 signs, as people write.
const REPORTS: [(&str, &str, &str); 3] = [
    (
        "HSL.FAL",
        "Kunden hittades sittande på golvet bredvid sängen vid morgontillsynen. Hon berättar att \
         hon skulle gå på toaletten och att mattan gled undan. Rullatorn stod utom räckhåll vid \
         fönstret. Ingen smärta vid rörelse, inga synliga skador, men hon är orolig för att det \
         ska hända igen och vill inte gå upp själv.",
        "Hjälpte henne upp med lyftkudde, tog bort mattan och ställde rullatorn vid sängen.",
    ),
    (
        "HSL.LKM",
        "Kvällsdosen låg kvar i dosetten när nattpersonalen kom. Signeringslistan var inte ifylld \
         och ingen visste om kunden hade tackat nej eller om dosen hade glömts bort. Kunden sov \
         och kunde inte svara. Det är andra gången på kort tid, och samma lucka fanns i \
         schemat för kvällspersonalen båda gångerna.",
        "Ringde sjuksköterskan i beredskap, som bedömde att dosen skulle hoppas över.",
    ),
    (
        "HSL.HYG",
        "Vid förflyttningen i förmiddags användes varken handskar eller plastförkläde, trots att \
         det hänger en skylt på dörren sedan i måndags. Handspriten i hallen var slut och \
         ingen ny stod framme. Två kollegor hann gå vidare till nästa kund innan det \
         upptäcktes, och båda hade kortärmat utan att byta om.",
        "Hämtade ny handsprit och påminde om rutinen; kontakt med hygienombudet är tagen.",
    ),
];

/// How many different filings there are at least. No two have a rare word in common, so that what the service remembers
/// of words, it has forgotten when they come again.
const DIFFERENT: usize = 2400;

/// The place of rare words among all, one in so many: in texts that people write, nine words of ten stood in the few
/// thousand words before them.
const RARE: usize = 7;

/// More words than a report has.
const LONGEST: usize = 100;

/// A word that nobody else writes.
fn rare(number: usize) -> String {
    const SYLLABLES: [&str; 10] = ["ba", "de", "fo", "gi", "ku", "lä", "må", "nö", "ry", "ta"];
    let digit = |place: u32| SYLLABLES[number / 10_usize.pow(place) % 10];
    (0..6).map(digit).collect()
}

/// A text of its own, of as many words as `text`.
fn written_otherwise(text: &str, number: usize) -> String {
    let otherwise = |(at, word): (usize, &str)| match at % RARE {
        0 => rare(number * LONGEST + at),
        _ => word.to_owned(),
    };
    text.split_whitespace().enumerate().map(otherwise).collect::<Vec<_>>().join(" ")
}

/// Filings of every unit in turn. The first of them is the one that the bare database copies.
pub fn bodies(units: &[String], now: Timestamp) -> Vec<Bytes> {
    let earlier = |hours| (now - SignedDuration::from_hours(hours)).to_string();
    let (occurred, discovered) = (earlier(3), earlier(2));
    let of_each = DIFFERENT.div_ceil(REPORTS.len() * units.len().max(1));
    let every = (0..of_each).flat_map(|_| {
        REPORTS.iter().flat_map(move |report| units.iter().map(move |unit| (report, unit)))
    });
    every
        .enumerate()
        .map(|(number, ((category, happened, done), unit))| {
            let body = json!({
                "kind": "avvikelse",
                "unit": unit,
                "description": written_otherwise(happened, number),
                "immediate_action": done,
                "occurred_at": occurred,
                "discovered_at": discovered,
                "law": ["HSL"],
                "category": category,
                "severity": {"actual": 2},
                "probability": 2,
            });
            Bytes::from(body.to_string())
        })
        .collect()
}

/// The filings of the first unit alone, with two categories: what they count falls in two cells.
pub fn two_cells(bodies: &[Bytes]) -> Vec<Bytes> {
    let cell = |body: &Bytes| {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        (body["unit"].clone(), body["category"].clone())
    };
    let Some((unit, _)) = bodies.first().map(cell) else { return Vec::new() };
    let [one, other, _] = REPORTS.map(|(category, ..)| (unit.clone(), Value::from(category)));
    let of_two = |body: &&Bytes| [&one, &other].contains(&&cell(body));
    bodies.iter().filter(of_two).cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_description_is_as_long_as_people_write() {
        for (category, happened, _) in REPORTS {
            let length = happened.chars().count();
            assert!((280..=330).contains(&length), "{category}: {length}");
        }
    }

    #[test]
    fn every_unit_files_everything_in_words_of_its_own() {
        let units = ["a".to_owned(), "b".to_owned()];
        let bodies = bodies(&units, "2026-03-10T12:00:00Z".parse().unwrap());
        assert_eq!(bodies.len(), DIFFERENT);
        let first: Value = serde_json::from_slice(&bodies[0]).unwrap();
        assert_eq!(first["occurred_at"], "2026-03-10T09:00:00Z");
        assert_eq!(first["unit"], "a");
        let mut rare = BTreeSet::new();
        for body in &bodies {
            let body: Value = serde_json::from_slice(body).unwrap();
            let text = body["description"].as_str().unwrap().to_owned();
            for word in text.split(' ').step_by(RARE) {
                assert!(rare.insert(word.to_owned()), "{word} twice");
            }
        }
        let two: Vec<Value> =
            two_cells(&bodies).iter().map(|body| serde_json::from_slice(body).unwrap()).collect();
        let cells: BTreeSet<_> =
            two.iter().map(|it| (it["unit"].to_string(), it["category"].to_string())).collect();
        assert_eq!((two.len(), cells.len()), (DIFFERENT / 3, 2));
        assert!(cells.iter().all(|(unit, _)| unit == "\"a\""));
    }
}
