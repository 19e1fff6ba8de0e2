//! What is filed: the reports that a care unit sees most of.

use hyper::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

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

/// How many different filings there are for each unit.
#[cfg(test)]
const PER_UNIT: usize = REPORTS.len();

/// Filings of every unit in turn. The first of them is the one that the bare database copies.
pub fn bodies(units: &[String], now: Timestamp) -> Vec<Bytes> {
    let earlier = |hours| (now - SignedDuration::from_hours(hours)).to_string();
    let (occurred, discovered) = (earlier(3), earlier(2));
    REPORTS
        .iter()
        .flat_map(|report| units.iter().map(move |unit| (report, unit)))
        .map(|((category, happened, done), unit)| {
            let body = json!({
                "kind": "avvikelse",
                "unit": unit,
                "description": happened,
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
    let units = bodies.len() / REPORTS.len();
    bodies.iter().step_by(units.max(1)).take(2).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_as_long_as_people_write() {
        for (category, happened, _) in REPORTS {
            let length = happened.chars().count();
            assert!((280..=330).contains(&length), "{category}: {length}");
        }
    }

    #[test]
    fn every_unit_files_everything() {
        let units = ["a".to_owned(), "b".to_owned()];
        let bodies = bodies(&units, "2026-03-10T12:00:00Z".parse().unwrap());
        assert_eq!(bodies.len(), 2 * PER_UNIT);
        let first: serde_json::Value = serde_json::from_slice(&bodies[0]).unwrap();
        assert_eq!(first["occurred_at"], "2026-03-10T09:00:00Z");
        assert_eq!(first["unit"], "a");
        let two: Vec<serde_json::Value> =
            two_cells(&bodies).iter().map(|body| serde_json::from_slice(body).unwrap()).collect();
        let cells: Vec<_> = two.iter().map(|it| (&it["unit"], &it["category"])).collect();
        assert_eq!(cells.len(), 2);
        assert_eq!((cells[0].0, cells[1].0), (cells[1].0, cells[0].0));
        assert_ne!(cells[0].1, cells[1].1);
    }
}
