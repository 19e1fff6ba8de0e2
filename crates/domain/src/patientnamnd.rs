//! The patientnämnd's categories: what a complaint under health care is called there. The mapping is
//! data (`domain/data/patientnamnd.csv`), and says nothing where the lists do not meet.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::case::{Case, Kind};
use crate::law::Law;

/// The code list.
pub const LIST: &str = "patientnamnd";

#[derive(Deserialize)]
struct Line {
    complaint: String,
    patientnamnd: String,
}

static MAPPED: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let text = include_str!("../data/patientnamnd.csv");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').comment(Some(b'#')).from_reader(text.as_bytes());
    let lines: Result<Vec<Line>, csv::Error> = reader.deserialize().collect();
    let lines = lines.expect("the built-in mapping is well formed").into_iter();
    let codes = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    lines.map(|line| (line.complaint, codes(&line.patientnamnd))).collect()
});

/// What a category of complaint may be called there: one code is the one, several are to choose from,
/// none is unknown. A category that is not mapped takes the mapping of the one above it.
pub fn candidates(complaint: &str) -> &'static [String] {
    let mut code = complaint;
    loop {
        if let Some(found) = MAPPED.get(code) {
            return found;
        }
        match code.rsplit_once('.') {
            Some((above, _)) => code = above,
            None => return &[],
        }
    }
}

impl Case {
    /// What the patientnämnd may call it, as far as the mapping says; nothing for what is no opinion, or
    /// falls under other laws than health care's.
    pub fn patientnamnd_candidates(&self) -> &'static [String] {
        match self.kind {
            Kind::Synpunkt | Kind::Klagomal if self.laws().contains(&Law::Hsl) => {
                self.category().map_or(&[], candidates)
            }
            Kind::Synpunkt | Kind::Klagomal | Kind::Avvikelse => &[],
        }
    }

    /// The patientnämnd's category that holds: what somebody chose at triage, or when
    /// it was registered, else the one the mapping gives.
    pub fn patientnamnd(&self) -> Option<&str> {
        let mapped = || match self.patientnamnd_candidates() {
            [one] => Some(one.as_str()),
            _ => None,
        };
        let registered = || self.opinion.as_ref().and_then(|it| it.complaint_pn.as_deref());
        self.assessment.patientnamnd.as_deref().or_else(registered).or_else(mapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code_lists::CodeLists;

    #[test]
    fn every_code_of_the_mapping_exists() {
        let codes = CodeLists::shared();
        for (complaint, mapped) in &*MAPPED {
            assert!(codes.get("complaint", complaint).is_some(), "{complaint}");
            assert!(!mapped.is_empty(), "{complaint}");
            for code in mapped {
                assert!(codes.get(LIST, code).is_some(), "{code}");
            }
        }
    }

    #[test]
    fn a_category_takes_its_own_line_or_the_one_above() {
        assert_eq!(candidates("K.OMV.MIL"), ["PN7.5"]);
        assert_eq!(candidates("K.OMV.MIL.EGEN"), ["PN7.5"], "a tenant's own code");
        assert_eq!(candidates("K.OMV.MAT"), candidates("K.OMV"));
        assert_eq!(candidates("K.BEM").len(), 2, "conduct and access are one category here");
        assert!(candidates("K.KOM").is_empty() && candidates("").is_empty());
    }
}
