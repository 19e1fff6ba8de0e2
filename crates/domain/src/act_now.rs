//! What whoever files is told to do now, where the tenant has said nothing. A filing is no alarm:
//! nobody may be reading it tonight. Local advice, never law.

use crate::case::Case;
use crate::organisation::UnitTree;
use crate::settings::{ActNow, Settings};

/// The severity from which something is to be done at once.
const GRAVE: u8 = 3;

fn advice(sv: &str, easy: &str, en: &str) -> ActNow {
    ActNow {
        unit: None,
        severity: Some(GRAVE),
        category: None,
        sv: sv.to_owned(),
        easy: Some(easy.to_owned()),
        en: Some(en.to_owned()),
    }
}

/// The advice for a filing that is grave: to call, and whom to tell when it names nobody who knows.
fn built_in(case: &Case) -> Vec<ActNow> {
    let severity = case.assessment.severity;
    let mut told = Vec::new();
    if severity.actual.is_some_and(|it| it >= GRAVE) {
        told.push(advice(
            "Fara för liv: ring 112. Annars: ring sjuksköterskan nu. Rapporten är inget larm.",
            "Är det fara för liv? Ring 112. Ring annars sjuksköterskan nu. Rapporten är inget larm.",
            "Danger to life: call 112. Otherwise: call the nurse now. The report is no alarm.",
        ));
    }
    let worst = severity.potential().max(severity.actual);
    if worst.is_some_and(|it| it >= GRAVE) && case.filing.informed.is_empty() {
        told.push(advice(
            "Ingen anges som informerad: berätta för sjuksköterskan och chefen i tjänst nu.",
            "Berätta nu för sjuksköterskan och för chefen.",
            "Nobody is named as told: tell the nurse and the manager on call now.",
        ));
    }
    told
}

/// What whoever files `case` is told to do now: what the tenant has chosen; the built-in advice only
/// where it has chosen nothing at all.
pub fn act_now(settings: &Settings, case: &Case, units: &UnitTree) -> Vec<ActNow> {
    if settings.act_now.is_empty() {
        built_in(case)
    } else {
        settings.act_now(case, units).cloned().collect()
    }
}
