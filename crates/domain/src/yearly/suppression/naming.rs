//! One name for one meaning: tables name the same cases by different dimensions, and whoever calculates
//! knows that.

use crate::code_lists;
use crate::exposure::counts::{FALLS, injured};
use crate::table::Limit;
use crate::yearly::own::WHOLE;

/// What is counted, apart from limits: of which set, in which year.
pub(super) type Set = (String, Option<i16>);

/// Values that lie within another are named so that they stand below it: injuries below whether there was one,
/// SoL and LSS below social services, what was closed by a year's end below what is closed.
fn nested(dimension: &str, code: Option<String>) -> (String, Option<String>) {
    let name = |dimension: &str| dimension.to_owned();
    let said = |dimension: &str, code: &str| (name(dimension), Some(code.to_owned()));
    match (dimension, code.as_deref()) {
        ("category_top", _) => (name("category"), code),
        // What is of this category and none below.
        ("subcategory", Some(exact)) => (name("category"), Some(format!("{exact}.="))),
        ("subcategory", None) => (name("category"), None),
        ("injured", Some("true")) => said("injury", "yes"),
        ("injured", Some("false")) => said("injury", "no"),
        ("injured", None) => said("injury", "unknown"),
        ("injury", None) => said("injury", "unknown.none"),
        ("injury", Some(code)) => match injured(Some(code)) {
            Some(true) => (name("injury"), Some(format!("yes.{code}"))),
            Some(false) => (name("injury"), Some(format!("no.{code}"))),
            None => (name("injury"), Some(format!("unknown.{code}"))),
        },
        ("law", Some(law @ ("SOL" | "LSS"))) => (name("law"), Some(format!("social.{law}"))),
        ("closed_at_year_end", Some("true")) => said("closed", "true.at_year_end"),
        // Of measures and improvements: what is late is not done, what was judged is.
        ("overdue" | "late", Some("true")) => said("done", "false.late"),
        ("helped", Some("true")) => said("done", "true.helped"),
        ("effect", Some(effect @ ("yes" | "partly" | "no"))) => {
            (name("done"), Some(format!("true.{effect}")))
        }
        ("signed_in_time", Some("true")) => said("review_status", "signed.in_time"),
        _ => (name(dimension), code),
    }
}

/// Whether the codes of a dimension stand below each other.
fn is_nested(dimension: &str) -> bool {
    matches!(
        dimension,
        "category" | "complaint" | "injury" | "law" | "closed" | "done" | "review_status"
    )
}

/// Whether a set counts nearly what another does: then the two are one figure where they are one number.
pub(super) fn is_nearly(set: &str) -> bool {
    set == "deviations_in_covered_months"
}

/// Whether a set is that of own figures.
pub(super) fn is_own(set: &str) -> bool {
    matches!(set, "own" | OWN_OF)
}

/// Of how many something was counted: another figure than how many it was.
pub(super) const OWN_OF: &str = "own_of";

/// What tables count together that no code stands above: falls of health care and of social services.
pub(super) fn union_above(limit: &Limit) -> Option<Limit> {
    let code = limit.code.as_deref().filter(|_| limit.dimension == "category")?;
    let falls = FALLS.iter().any(|top| code_lists::within(code, top));
    falls.then(|| told("category_group", "falls"))
}

/// Whether what has the one value always has the other, as the codes themselves say.
pub(super) fn lies_within(inner: &Limit, outer: &Limit) -> bool {
    inner.dimension == outer.dimension
        && match (&inner.code, &outer.code) {
            (Some(inner), Some(wide)) if is_nested(&outer.dimension) => {
                code_lists::within(inner, wide)
            }
            (inner, outer) => inner == outer,
        }
}

/// The code above one, if codes of its dimension stand below each other.
pub(super) fn above(limit: &Limit) -> Option<Limit> {
    let code = limit.code.as_deref().filter(|_| is_nested(&limit.dimension))?;
    let (above, _) = code.rsplit_once('.')?;
    Some(Limit { dimension: limit.dimension.clone(), code: Some(above.to_owned()) })
}

/// Limits in order, each once; of two of one dimension the one that lies within the other.
pub(super) fn tidy(limits: impl IntoIterator<Item = Limit>) -> Vec<Limit> {
    let mut tidied: Vec<Limit> = Vec::new();
    for limit in limits {
        let same = tidied
            .iter_mut()
            .find(|known| lies_within(known, &limit) || lies_within(&limit, known));
        match same {
            Some(known) if lies_within(&limit, known) => *known = limit,
            Some(_) => {}
            None => tidied.push(limit),
        }
    }
    tidied.sort();
    tidied
}

/// The set, the year and the limits of a figure by their one name.
pub(super) fn named(mut set: Set, limits: impl IntoIterator<Item = Limit>) -> (Set, Vec<Limit>) {
    let mut found = Vec::new();
    for limit in limits {
        let year = limit.code.as_deref().and_then(|code| code.parse().ok());
        match limit.dimension.as_str() {
            "year" if set.1.is_none() && year.is_some() => set.1 = year,
            // A row of the counts that law asks for says itself what it counts.
            "statutory" => set.0 = statutory(&limit, &mut found),
            // What a unit's reports are set against is no limit of theirs.
            "exposure" if is_nearly(&set.0) => {}
            // What was counted in the whole tenant is of no unit.
            "unit" if is_own(&set.0) && limit.code.as_deref() == Some(WHOLE) => {}
            "kind" if set.0 == "opinions" && limit.code.as_deref() == Some("klagomal") => {
                found.push(told("opinion_kind", "KLA"));
            }
            dimension => {
                let (dimension, code) = nested(dimension, limit.code);
                found.push(Limit { dimension, code });
            }
        }
    }
    let without_cause = |it: &Limit| it.dimension == "cause" && it.code.is_none();
    match set.0.as_str() {
        "deviations_social" => found.push(told("law", "social")),
        // Those of which the time of the event is known, and of them those that reached a step.
        "lead_report" => found.push(told("lead", "known")),
        "lead_triage" | "lead_investigation" | "lead_close" => {
            found.extend([told("lead", "known"), told(&set.0, "true")]);
        }
        "causes" if found.iter().any(without_cause) => {}
        it if is_nearly(it) => {}
        _ => return (set, tidy(found)),
    }
    set.0 = "deviations".to_owned();
    (set, tidy(found))
}

fn told(dimension: &str, code: &str) -> Limit {
    Limit { dimension: dimension.to_owned(), code: Some(code.to_owned()) }
}

/// The set of a row of the counts that law asks for, and what it is limited to.
fn statutory(row: &Limit, limits: &mut Vec<Limit>) -> String {
    let code = row.code.as_deref().unwrap_or_default();
    let events = match code {
        "lex_maria" | "lex_sarah" | "riskperson" => {
            limits.push(told("escalation_kind", code));
            return "escalations_notified".to_owned();
        }
        "investigated" => vec![told("investigated", "true")],
        "harm" => vec![told("vardskada", "yes")],
        "serious_harm" => vec![told("vardskada", "yes"), told("serious", "true")],
        "serious_risk" => vec![told("vardskada", "could_have"), told("serious", "true")],
        other => return format!("statutory_{other}"),
    };
    limits.extend(events);
    "events".to_owned()
}

/// A figure of one year by its set and its limits.
type Told = (&'static str, &'static [(&'static str, &'static str)]);

/// Figures that are nearly always one number, though no definition says so: a clock runs for whatever is
/// not imported, an event is mostly one avvikelse. Of some the second is never more than the first.
const KIN: [(Told, Told, bool); 12] = [
    (("deviations", &[]), ("clocks", &[("clock", "triage")]), true),
    (("opinions", COMPLAINTS), ("clocks", &[("clock", "complaint_answer")]), true),
    (("opinions", COMPLAINTS), ("clocks", &[("clock", "complaint_acknowledgement")]), true),
    (("escalations", LEX_MARIA), ("clocks", &[("clock", "lex_maria_screening")]), true),
    (
        ("escalations_notified", LEX_MARIA),
        ("clocks", &[("clock", "lex_maria_notification")]),
        false,
    ),
    (("escalations_notified", LEX_MARIA), ("clocks", &[("clock", "lex_maria_inquiry")]), false),
    (("escalations", LEX_SARAH), ("clocks", &[("clock", "lex_sarah_screening")]), true),
    (("escalations", LEX_SARAH), ("clocks", &[("clock", "lex_sarah_receipt")]), true),
    (("escalations", LEX_SARAH), ("clocks", &[("clock", "lex_sarah_investigation")]), true),
    (
        ("escalations_notified", LEX_SARAH),
        ("clocks", &[("clock", "lex_sarah_notification")]),
        false,
    ),
    (("deviations", &[("vardskada", "yes")]), ("events", &[("vardskada", "yes")]), true),
    (("events", &[("investigated", "true")]), ("statutory_investigated_in_year", &[]), false),
];
/// Figures of which the second is never more than the first, and which nobody would take for one another: an
/// event that could have been a serious vårdskada is an avvikelse that could have been one.
const NO_MORE: [(Told, Told); 1] = [(
    ("deviations", &[("vardskada", "could_have")]),
    ("events", &[("serious", "true"), ("vardskada", "could_have")]),
)];
const COMPLAINTS: &[(&str, &str)] = &[("opinion_kind", "KLA")];
const LEX_MARIA: &[(&str, &str)] = &[("escalation_kind", "lex_maria")];
const LEX_SARAH: &[(&str, &str)] = &[("escalation_kind", "lex_sarah")];

/// Whether a figure is the one that is told.
fn is(told: &Told, set: &Set, limits: &[Limit]) -> bool {
    let same = |(limit, (dimension, code)): (&Limit, &(&str, &str))| {
        limit.dimension == *dimension && limit.code.as_deref() == Some(*code)
    };
    told.0 == set.0 && told.1.len() == limits.len() && limits.iter().zip(told.1).all(same)
}

fn as_key(of: &Told, year: Option<i16>) -> (Set, Vec<Limit>) {
    let limits = of.1.iter().map(|(dimension, code)| told(dimension, code));
    ((of.0.to_owned(), year), tidy(limits))
}

/// The figures that a figure is never more than, though it is no part of them, by their names.
pub(super) fn no_more_than(set: &Set, limits: &[Limit]) -> Vec<(Set, Vec<Limit>)> {
    let kin = KIN.iter().filter(|(_, _, bound)| *bound).map(|(first, second, _)| (first, second));
    let bound = kin.chain(NO_MORE.iter().map(|(first, second)| (first, second)));
    let mine = bound.filter(|(_, second)| is(second, set, limits));
    mine.map(|(first, _)| as_key(first, set.1)).collect()
}

/// The figures that whoever sees them would take for this one, by their names.
pub(super) fn kin(set: &Set, limits: &[Limit]) -> Vec<(Set, Vec<Limit>)> {
    let mut found = Vec::new();
    for (one, other, _) in &KIN {
        if is(one, set, limits) {
            found.push(as_key(other, set.1));
        }
        if is(other, set, limits) {
            found.push(as_key(one, set.1));
        }
    }
    // Of most avvikelser it is known when the event was.
    if set.0 == "deviations" {
        let known = told("lead", "known");
        let without = limits.iter().filter(|limit| **limit != known).cloned();
        let limits = match limits.contains(&known) {
            true => tidy(without),
            false => tidy(without.chain([known.clone()])),
        };
        found.push((set.clone(), limits));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(dimension: &str, code: Option<&str>) -> Limit {
        Limit { dimension: dimension.into(), code: code.map(str::to_owned) }
    }

    #[test]
    fn what_means_the_same_has_one_name() {
        let set = |name: &str| (name.to_owned(), Some(2025));
        let one = named(set("deviations_social"), [limit("law", Some("SOL"))]);
        assert_eq!(one, named(set("deviations"), [limit("law", Some("SOL"))]));
        let rows = ("deviations".to_owned(), None);
        let one =
            named(rows, [limit("year", Some("2025")), limit("category_top", Some("HSL.FAL"))]);
        assert_eq!(one, named(set("deviations"), [limit("category", Some("HSL.FAL"))]));
        let below = [limit("category", Some("HSL.FAL")), limit("subcategory", Some("HSL.FAL.TIL"))];
        let (_, below) = named(set("deviations"), below);
        assert_eq!(below, [limit("category", Some("HSL.FAL.TIL.="))]);
        assert!(lies_within(&below[0], &limit("category", Some("HSL.FAL"))));
    }

    #[test]
    fn what_is_counted_in_tables_of_another_name_is_one_figure() {
        let set = |name: &str| (name.to_owned(), Some(2025));
        let law = named(set("statutory"), [limit("statutory", Some("lex_maria"))]);
        let kind = limit("escalation_kind", Some("lex_maria"));
        assert_eq!(law, named(set("escalations_notified"), [kind.clone()]));
        let complaints = named(set("opinions"), [limit("kind", Some("klagomal"))]);
        assert_eq!(complaints, named(set("opinions"), [limit("opinion_kind", Some("KLA"))]));
        let by_end = named(set("opinions"), [limit("closed_at_year_end", Some("true"))]);
        assert!(lies_within(&by_end.1[0], &limit("closed", Some("true"))));
        let rates = [limit("unit", Some("u")), limit("exposure", Some("persons"))];
        let rates = named(set("deviations_in_covered_months"), rates);
        assert_eq!(rates, named(set("deviations"), [limit("unit", Some("u"))]));
        let harm = named(set("statutory"), [limit("statutory", Some("harm"))]);
        let by_harm = named(set("deviations"), [limit("vardskada", Some("yes"))]);
        assert!(kin(&harm.0, &harm.1).contains(&by_harm));
        assert!(kin(&by_harm.0, &by_harm.1).contains(&harm));
        let (raised, kinds) = named(set("escalations"), [kind]);
        assert_eq!(kin(&raised, &kinds).len(), 1);
        assert_eq!(kin(&set("opinions"), &[]), []);
        let risk = named(set("statutory"), [limit("statutory", Some("serious_risk"))]);
        let by_harm = named(set("deviations"), [limit("vardskada", Some("could_have"))]);
        assert_eq!(no_more_than(&risk.0, &risk.1), [by_harm]);
        assert_eq!(kin(&risk.0, &risk.1), []);
    }

    #[test]
    fn all_falls_are_more_than_those_of_health_care() {
        let set = || ("deviations".to_owned(), Some(2025));
        let all = named(set(), [limit("category_group", Some("falls"))]);
        let top = named(set(), [limit("category", Some("HSL.FAL"))]);
        assert_ne!(all, top);
        for category in ["HSL.FAL", "SOC.FAL", "HSL.FAL.TIL"] {
            assert_eq!(union_above(&limit("category", Some(category))), Some(all.1[0].clone()));
        }
        assert_eq!(union_above(&limit("category", Some("HSL.LKM"))), None);
    }

    #[test]
    fn an_injury_lies_within_whether_there_was_one() {
        let of = |dimension: &str, code: Option<&str>| {
            let (_, limits) = named((String::new(), None), [limit(dimension, code)]);
            limits[0].clone()
        };
        assert!(lies_within(&of("injury", Some("FRA")), &of("injured", Some("true"))));
        for none in ["ING", "OBE"] {
            assert!(lies_within(&of("injury", Some(none)), &of("injured", Some("false"))));
        }
        assert!(lies_within(&of("injury", None), &of("injured", None)));
        assert!(lies_within(&of("injury", Some("OKA")), &of("injured", None)));
        // Units and areas do not lie within each other by their codes.
        assert!(!lies_within(&of("area", Some("SBO.DEM")), &of("area", Some("SBO"))));
    }
}
