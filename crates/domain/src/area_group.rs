//! Groups of areas in figures, as the tenant groups them: särskilt boende, ordinärt boende. A local
//! grouping, not law.

use serde::{Deserialize, Serialize};

use crate::code_lists::{CodeLists, within};
use crate::fault::{Fault, Reason};

/// The longest code of a group, in characters.
const LONGEST_CODE: usize = 40;

/// The longest name of a group, in characters.
const LONGEST_NAME: usize = 100;

/// Areas that stand together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaGroup {
    /// Its code in figures.
    pub code: String,
    /// Its name, in Swedish.
    pub name: String,
    /// Codes of the list `area`; each with those below it that no other group names.
    pub areas: Vec<String>,
}

/// A tenant's groups, in the order they are shown. An area need not be in any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AreaGroups(pub Vec<AreaGroup>);

impl Default for AreaGroups {
    fn default() -> Self {
        let group = |code: &str, name: &str, areas: &[&str]| AreaGroup {
            code: code.to_owned(),
            name: name.to_owned(),
            areas: areas.iter().map(|area| (*area).to_owned()).collect(),
        };
        Self(vec![
            group("SABO", "Särskilt boende", &["SABO", "KORT"]),
            group("ORD", "Ordinärt boende", &["ORD", "DAG", "LAR"]),
            group("FUN", "Funktionsstöd", &["FUN", "SOP"]),
            group("IFO", "Individ- och familjeomsorg", &["IFO", "MYN"]),
        ])
    }
}

impl AreaGroups {
    /// The place of the group an area is in: the one that names it, or the nearest area above it.
    pub fn place(&self, area: &str) -> Option<usize> {
        let named = self.0.iter().enumerate().flat_map(|(place, group)| {
            group
                .areas
                .iter()
                .filter(|code| within(area, code))
                .map(move |code| (code.len(), place))
        });
        named.max_by_key(|(length, _)| *length).map(|(_, place)| place)
    }

    /// Everything that is wrong with them, below the JSON pointer `at`.
    pub fn faults(&self, codes: &CodeLists, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (nth, group) in self.0.iter().enumerate() {
            let field = |name: &str| format!("{at}/{nth}/{name}");
            let code = &group.code;
            let letter = |it: char| {
                it.is_ascii_uppercase() || it.is_ascii_digit() || matches!(it, '.' | '_' | '-')
            };
            if code.is_empty() {
                faults.push(Fault::at(field("code"), Reason::Required));
            } else if code.chars().count() > LONGEST_CODE {
                faults.push(Fault::at(field("code"), Reason::TooLong { max: LONGEST_CODE }));
            } else if !code.chars().all(letter) {
                let expected = "A-Z, 0-9, `.`, `_`, `-`".to_owned();
                faults.push(Fault::at(field("code"), Reason::WrongType { expected }));
            } else if self.0[..nth].iter().any(|other| other.code == *code) {
                faults.push(Fault::at(field("code"), Reason::NotUnique));
            }
            if group.name.trim().is_empty() {
                faults.push(Fault::at(field("name"), Reason::Required));
            } else if group.name.chars().count() > LONGEST_NAME {
                faults.push(Fault::at(field("name"), Reason::TooLong { max: LONGEST_NAME }));
            }
            for (place, area) in group.areas.iter().enumerate() {
                let field = field(&format!("areas/{place}"));
                let earlier = self.0[..nth].iter().flat_map(|group| &group.areas);
                if codes.get("area", area).is_none() {
                    let (list, given) = ("area".to_owned(), area.clone());
                    faults.push(Fault::at(field, Reason::UnknownCode { list, given }));
                } else if earlier.chain(&group.areas[..place]).any(|other| other == area) {
                    faults.push(Fault::at(field, Reason::NotUnique));
                }
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(code: &str, areas: &[&str]) -> AreaGroup {
        let areas = areas.iter().map(|area| (*area).to_owned()).collect();
        AreaGroup { code: code.to_owned(), name: code.to_owned(), areas }
    }

    #[test]
    fn an_area_is_in_the_group_that_names_it_most_closely() {
        let usual = AreaGroups::default();
        let code = |groups: &AreaGroups, area: &str| {
            groups.place(area).map(|place| groups.0[place].code.clone())
        };
        for (area, group) in [
            ("SABO", Some("SABO")),
            ("KORT", Some("SABO")),
            ("ORD.HTJ", Some("ORD")),
            ("ORD.HTJ.NORR", Some("ORD")),
            ("ORDNING", None),
            ("HSE", None),
        ] {
            assert_eq!(code(&usual, area).as_deref(), group, "{area}");
        }
        let own = AreaGroups(vec![group("ALLT", &["ORD", "SABO"]), group("NATT", &["ORD.NAT"])]);
        assert_eq!(code(&own, "ORD.NAT").as_deref(), Some("NATT"));
        assert_eq!(code(&own, "ORD.HTJ").as_deref(), Some("ALLT"));
        assert_eq!(usual.faults(&CodeLists::shared(), "/area_groups"), []);
    }

    #[test]
    fn every_fault_is_told() {
        let groups = AreaGroups(vec![
            group("A", &["SABO", "SABO", "NEJ"]),
            group("A", &["SABO"]),
            AreaGroup { code: String::new(), name: " ".into(), areas: Vec::new() },
            group("å", &[]),
        ]);
        let faults = groups.faults(&CodeLists::shared(), "/area_groups");
        let fields: Vec<_> =
            faults.iter().map(|it| (it.field.as_str(), it.reason.code())).collect();
        assert_eq!(
            fields,
            [
                ("/area_groups/0/areas/1", "not_unique"),
                ("/area_groups/0/areas/2", "unknown_code"),
                ("/area_groups/1/code", "not_unique"),
                ("/area_groups/1/areas/0", "not_unique"),
                ("/area_groups/2/code", "required"),
                ("/area_groups/2/name", "required"),
                ("/area_groups/3/code", "wrong_type"),
            ]
        );
    }
}
