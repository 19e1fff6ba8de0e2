//! One name for one meaning: tables name the same cases by different dimensions, and whoever calculates
//! knows that.

use crate::code_lists;
use crate::table::Limit;

/// What is counted, apart from limits: what one of the things is, of which set, in which year.
pub(super) type Set = (u8, String, Option<i16>);

/// No injury, and an injury of which nobody knows.
const UNHURT: &str = "ING";
const UNKNOWN: &str = "OKA";

/// Codes of injuries stand below whether there was one, those of SoL and LSS below social services: what
/// tables tell of either adds up.
fn nested(dimension: &str, code: Option<String>) -> (String, Option<String>) {
    let name = |dimension: &str| dimension.to_owned();
    match (dimension, code.as_deref()) {
        ("category_top", _) => (name("category"), code),
        // What is of this category and none below.
        ("subcategory", Some(exact)) => (name("category"), Some(format!("{exact}.="))),
        ("subcategory", None) => (name("category"), None),
        ("injured", Some("true")) => (name("injury"), Some("yes".into())),
        ("injured", Some("false")) | ("injury", Some(UNHURT)) => {
            (name("injury"), Some("no".into()))
        }
        ("injured", None) => (name("injury"), Some("unknown".into())),
        ("injury", None) => (name("injury"), Some("unknown.none".into())),
        ("injury", Some(UNKNOWN)) => (name("injury"), Some("unknown.said".into())),
        ("injury", Some(injury)) => (name("injury"), Some(format!("yes.{injury}"))),
        ("law", Some(law @ ("SOL" | "LSS"))) => (name("law"), Some(format!("social.{law}"))),
        _ => (name(dimension), code),
    }
}

/// Whether the codes of a dimension stand below each other.
fn is_nested(dimension: &str) -> bool {
    matches!(dimension, "category" | "complaint" | "injury" | "law")
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
        if limit.dimension == "year" && set.2.is_none() && year.is_some() {
            set.2 = year;
            continue;
        }
        let (dimension, code) = nested(&limit.dimension, limit.code);
        found.push(Limit { dimension, code });
    }
    if set.1 == "deviations_social" {
        set.1 = "deviations".to_owned();
        found.push(Limit { dimension: "law".into(), code: Some("social".into()) });
    }
    (set, tidy(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(dimension: &str, code: Option<&str>) -> Limit {
        Limit { dimension: dimension.into(), code: code.map(str::to_owned) }
    }

    #[test]
    fn what_means_the_same_has_one_name() {
        let set = |name: &str| (0, name.to_owned(), Some(2025));
        let one = named(set("deviations_social"), [limit("law", Some("SOL"))]);
        assert_eq!(one, named(set("deviations"), [limit("law", Some("SOL"))]));
        let rows = (0, "deviations".to_owned(), None);
        let one =
            named(rows, [limit("year", Some("2025")), limit("category_top", Some("HSL.FAL"))]);
        assert_eq!(one, named(set("deviations"), [limit("category", Some("HSL.FAL"))]));
        let below = [limit("category", Some("HSL.FAL")), limit("subcategory", Some("HSL.FAL.TIL"))];
        let (_, below) = named(set("deviations"), below);
        assert_eq!(below, [limit("category", Some("HSL.FAL.TIL.="))]);
        assert!(lies_within(&below[0], &limit("category", Some("HSL.FAL"))));
    }

    #[test]
    fn an_injury_lies_within_whether_there_was_one() {
        let of = |dimension: &str, code: Option<&str>| {
            let (_, limits) = named((0, String::new(), None), [limit(dimension, code)]);
            limits[0].clone()
        };
        assert!(lies_within(&of("injury", Some("FRA")), &of("injured", Some("true"))));
        assert_eq!(of("injury", Some("ING")), of("injured", Some("false")));
        assert!(lies_within(&of("injury", None), &of("injured", None)));
        assert!(lies_within(&of("injury", Some("OKA")), &of("injured", None)));
        // Units and areas do not lie within each other by their codes.
        assert!(!lies_within(&of("area", Some("SBO.DEM")), &of("area", Some("SBO"))));
    }
}
