//! Code lists: the shared ones, which are built in, and what a tenant adds below them.
//!
//! Codes are ASCII, never reused, and dated. A tenant may add children and never alters what it
//! adds them to, so figures of all tenants can be summed by the shared codes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use serde::Deserialize;

use crate::fault::{Fault, Reason};
use crate::law::Law;

/// The lists a tenant may add codes to.
pub const EXTENSIBLE: [&str; 9] = [
    "category",
    "complaint",
    "area",
    "cause",
    "measure_type",
    "source",
    "channel",
    "place",
    "activity",
];

/// Longest code, in characters.
const MAX_CODE: usize = 40;

/// Longest text of a tenant's code, in characters.
const MAX_TEXT: usize = 200;

/// One code of one list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Code {
    /// Name of its list.
    pub list: String,
    /// The code itself, unique within the list.
    pub code: String,
    /// Swedish text.
    pub sv: String,
    /// English text; may be empty for a tenant's own code.
    pub en: String,
    /// The code above it in the same list.
    pub parent: Option<String>,
    /// First day of validity; `None` is since ever.
    pub valid_from: Option<Date>,
    /// Last day of validity; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// Where a shared code comes from: S (seed), F (found at its source), M (from memory, verify
    /// before print). Empty for a tenant's own.
    pub basis: String,
    /// Whether it is the tenant's own.
    #[serde(skip)]
    pub own: bool,
}

impl Code {
    /// Whether the code is valid on `day`.
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// One list, in the order of the file; a tenant's own codes come last, by code.
#[derive(Clone, Debug, Default)]
struct List {
    codes: Vec<Code>,
    by_code: HashMap<String, usize>,
    children: HashMap<String, Vec<usize>>,
}

impl List {
    fn push(&mut self, code: Code) {
        let at = self.codes.len();
        self.by_code.insert(code.code.clone(), at);
        if let Some(parent) = &code.parent {
            self.children.entry(parent.clone()).or_default().push(at);
        }
        self.codes.push(code);
    }

    fn get(&self, code: &str) -> Option<&Code> {
        self.by_code.get(code).map(|&at| &self.codes[at])
    }

    fn children(&self, code: &str) -> impl Iterator<Item = &Code> {
        self.children.get(code).into_iter().flatten().map(|&at| &self.codes[at])
    }
}

#[derive(Debug)]
struct Lists {
    /// In the order of the file.
    names: Vec<String>,
    by_name: HashMap<String, Arc<List>>,
    version: String,
}

/// The shared lists merged with a tenant's own codes. Never changes once built; a clone costs a
/// reference count, and lists without own codes are shared by all tenants.
#[derive(Clone, Debug)]
pub struct CodeLists(Arc<Lists>);

static SHARED: LazyLock<CodeLists> = LazyLock::new(|| {
    read_shared(include_str!("data/codes.csv")).expect("the built-in code lists are well formed")
});

impl CodeLists {
    /// The shared lists alone.
    pub fn shared() -> Self {
        SHARED.clone()
    }

    /// The shared lists with a tenant's own codes, whatever `own` says of them. A code of a list that
    /// takes none, or that a shared code already has, is left out: after an upgrade the shared
    /// list wins over what an older [`validate_own`] let in.
    pub fn with_own(mut own: Vec<Code>) -> Self {
        let shared = &SHARED.0;
        if own.is_empty() {
            return SHARED.clone();
        }
        // The order given must not show in the lists nor in their version.
        own.sort_by(|a, b| (&a.list, &a.code).cmp(&(&b.list, &b.code)));
        let mut by_name = shared.by_name.clone();
        for mut code in own {
            code.own = true;
            if !EXTENSIBLE.contains(&code.list.as_str()) {
                continue;
            }
            if let Some(list) = by_name.get_mut(&code.list)
                && list.get(&code.code).is_none()
            {
                Arc::make_mut(list).push(code);
            }
        }
        Self::build(shared.names.clone(), by_name)
    }

    fn build(names: Vec<String>, by_name: HashMap<String, Arc<List>>) -> Self {
        let codes = names.iter().filter_map(|name| by_name.get(name)).flat_map(|list| &list.codes);
        let version = fingerprint(codes);
        Self(Arc::new(Lists { names, by_name, version }))
    }

    /// The code, whether valid today or not.
    pub fn get(&self, list: &str, code: &str) -> Option<&Code> {
        self.0.by_name.get(list)?.get(code)
    }

    /// The code, if it is valid on `on`: the day of the event, in Swedish time, for it is at the
    /// event that a code must have been valid.
    ///
    /// # Errors
    ///
    /// [`Reason::UnknownCode`] when the list (or no such list) has it, [`Reason::ExpiredCode`] when
    /// it was not valid that day; a code valid since ever is then given 1900-01-01 as first day.
    pub fn check(&self, list: &str, code: &str, on: Date) -> Result<&Code, Reason> {
        let Some(known) = self.get(list, code) else {
            return Err(Reason::UnknownCode { list: list.to_owned(), given: code.to_owned() });
        };
        if known.valid_on(on) {
            return Ok(known);
        }
        Err(Reason::ExpiredCode {
            list: list.to_owned(),
            given: code.to_owned(),
            valid_from: known.valid_from,
            valid_to: known.valid_to,
        })
    }

    /// The codes directly below `code`, in order.
    pub fn children(&self, list: &str, code: &str) -> Vec<&Code> {
        let list = self.0.by_name.get(list);
        list.into_iter().flat_map(|list| list.children(code)).collect()
    }

    /// The code itself and all below it: what a filter on the code matches. An unknown code is
    /// alone, so that a filter on it matches what was kept with it.
    pub fn with_descendants(&self, list: &str, code: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([code.to_owned()]);
        let Some(list) = self.0.by_name.get(list) else {
            return found;
        };
        let mut stack = vec![code];
        while let Some(code) = stack.pop() {
            for child in list.children(code) {
                if found.insert(child.code.clone()) {
                    stack.push(&child.code);
                }
            }
        }
        found
    }

    /// The highest code above `code`, or `code` itself when there is none above it or it is unknown.
    pub fn top<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        let Some(list) = self.0.by_name.get(list) else { return code };
        let mut top = code;
        let mut seen = Vec::new();
        while let Some(parent) = list.get(top).and_then(|code| code.parent.as_deref()) {
            seen.push(top);
            // A ring of parents has no top; stop where it closes.
            if list.get(parent).is_none() || seen.contains(&parent) {
                break;
            }
            top = parent;
        }
        top
    }

    /// Where a code stands in its list, from 0; `None` when the list does not have it.
    pub fn place(&self, list: &str, code: &str) -> Option<usize> {
        self.0.by_name.get(list)?.by_code.get(code).copied()
    }

    /// All codes of a list, in order; `None` when there is no such list.
    pub fn list(&self, name: &str) -> Option<&[Code]> {
        self.0.by_name.get(name).map(|list| list.codes.as_slice())
    }

    /// The names of all lists, in the order they are shown.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.0.names.iter().map(String::as_str)
    }

    /// Sixteen hexadecimal digits that differ when any code differs, and are the same on every
    /// machine for the same codes: an ETag, and what is stored beside codes. No protection against
    /// someone who makes two contents collide.
    pub fn version(&self) -> String {
        self.0.version.clone()
    }
}

/// Whether `code` is `wanted` or stands below it, as the codes themselves say: `HSL.FAL.SANG` within
/// `HSL.FAL`, and `HSL.FALL` not.
pub fn within(code: &str, wanted: &str) -> bool {
    code.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The law a category suggests: `HSL.` health care, `SOC.` social services. A suggestion only; a
/// fall may be either.
pub fn suggested_law(category: &str) -> &'static [Law] {
    match category.split('.').next() {
        Some("HSL") => &[Law::Hsl],
        Some("SOC") => &[Law::Sol],
        _ => &[],
    }
}

/// What is wrong with all own codes of a tenant, taken together; a fault's field points into the
/// array, such as `/0/code`. An own code belongs to a list of [`EXTENSIBLE`]; has a parent in the
/// same list, shared or own; is its parent's code, `.`, and ASCII letters, digits, `-` or `_`; is
/// nobody else's, compared without case; and has a Swedish text.
pub fn validate_own(own: &[Code]) -> Vec<Fault> {
    let shared = &SHARED.0;
    let own_codes: HashSet<(&str, &str)> =
        own.iter().map(|code| (code.list.as_str(), code.code.as_str())).collect();
    let mut taken: HashSet<(String, String)> = EXTENSIBLE
        .iter()
        .filter_map(|name| shared.by_name.get(*name))
        .flat_map(|list| &list.codes)
        .map(folded)
        .collect();

    let mut faults = Vec::new();
    for (at, code) in own.iter().enumerate() {
        let mut fault =
            |field: &str, reason| faults.push(Fault::at(format!("/{at}/{field}"), reason));

        if !shared.by_name.contains_key(&code.list) {
            fault("list", Reason::NotFound);
            continue;
        }
        if !EXTENSIBLE.contains(&code.list.as_str()) {
            fault("list", Reason::inconsistent("list_takes_no_own_codes"));
            continue;
        }

        match code.parent.as_deref() {
            None | Some("") => fault("parent", Reason::Required),
            Some(parent) => {
                let known = SHARED.get(&code.list, parent).is_some()
                    || own_codes.contains(&(code.list.as_str(), parent));
                if !known {
                    let list = code.list.clone();
                    fault("parent", Reason::UnknownCode { list, given: parent.to_owned() });
                }
                if !code.code.is_empty() && !is_below(&code.code, parent) {
                    fault("code", Reason::inconsistent("code_not_below_parent"));
                }
            }
        }
        if code.code.is_empty() {
            fault("code", Reason::Required);
        } else if code.code.chars().count() > MAX_CODE {
            fault("code", Reason::TooLong { max: MAX_CODE });
        }
        if !taken.insert(folded(code)) {
            fault("code", Reason::NotUnique);
        }
        if code.sv.trim().is_empty() {
            fault("sv", Reason::Required);
        }
        for (field, text) in [("sv", &code.sv), ("en", &code.en)] {
            if text.chars().count() > MAX_TEXT {
                fault(field, Reason::TooLong { max: MAX_TEXT });
            }
        }
        if let (Some(from), Some(to)) = (code.valid_from, code.valid_to)
            && to < from
        {
            fault("valid_to", Reason::Before { other: format!("/{at}/valid_from") });
        }
    }
    faults
}

fn is_below(code: &str, parent: &str) -> bool {
    let last = code.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.'));
    last.is_some_and(|last| {
        !last.is_empty()
            && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

fn folded(code: &Code) -> (String, String) {
    (code.list.clone(), code.code.to_ascii_uppercase())
}

fn read_shared(text: &str) -> Result<CodeLists, csv::Error> {
    let mut names = Vec::new();
    let mut lists: HashMap<String, List> = HashMap::new();
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    for code in reader.deserialize() {
        let code: Code = code?;
        if !lists.contains_key(&code.list) {
            names.push(code.list.clone());
        }
        lists.entry(code.list.clone()).or_default().push(code);
    }
    let by_name = lists.into_iter().map(|(name, list)| (name, Arc::new(list))).collect();
    Ok(CodeLists::build(names, by_name))
}

/// Over every field of every code. FNV, since the standard library's hashers are not the same from
/// release to release.
fn fingerprint<'a>(codes: impl Iterator<Item = &'a Code>) -> String {
    let mut hash = FNV_START;
    let mut feed = |field: &[u8]| {
        hash = fnv_1a(hash, field);
        // No UTF-8 text holds this byte: it keeps "a", "b" apart from "ab", "".
        hash = fnv_1a(hash, &[0xFF]);
    };
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    for code in codes {
        feed(code.list.as_bytes());
        feed(code.code.as_bytes());
        feed(code.sv.as_bytes());
        feed(code.en.as_bytes());
        feed(code.parent.as_deref().unwrap_or_default().as_bytes());
        feed(day(code.valid_from).as_bytes());
        feed(day(code.valid_to).as_bytes());
        feed(code.basis.as_bytes());
        feed(&[u8::from(code.own)]);
    }
    format!("{hash:016x}")
}

/// The same over whole texts, such as data files.
pub(crate) fn fingerprint_of(texts: &[&str]) -> String {
    let hash =
        texts.iter().fold(FNV_START, |hash, text| fnv_1a(fnv_1a(hash, text.as_bytes()), &[0xFF]));
    format!("{hash:016x}")
}

const FNV_START: u64 = 0xCBF2_9CE4_8422_2325;

/// FNV-1a, 64 bits, continued from `hash`.
fn fnv_1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const DAY: Date = date(2026, 3, 10);

    fn own(list: &str, code: &str, parent: &str) -> Code {
        Code {
            list: list.into(),
            code: code.into(),
            sv: "Egen".into(),
            en: String::new(),
            parent: (!parent.is_empty()).then(|| parent.into()),
            valid_from: None,
            valid_to: None,
            basis: String::new(),
            own: true,
        }
    }

    #[test]
    fn the_built_in_lists_are_sound() {
        let lists = CodeLists::shared();
        let mut count = 0;
        for name in lists.lists() {
            let codes = lists.list(name).unwrap();
            assert!(!codes.is_empty());
            let mut seen = HashSet::new();
            for code in codes {
                count += 1;
                assert_eq!(code.list, name);
                assert!(code.code.is_ascii() && code.code.len() <= MAX_CODE);
                assert!(seen.insert(code.code.to_ascii_uppercase()), "{name} {} twice", code.code);
                assert!(!code.sv.is_empty() && !code.en.is_empty());
                assert!(["S", "F", "M"].contains(&code.basis.as_str()), "{}", code.basis);
                assert!(!code.own);
                if let Some(parent) = &code.parent {
                    assert!(lists.get(name, parent).is_some(), "{name}: parent of {}", code.code);
                }
                assert!(lists.get(name, lists.top(name, &code.code)).unwrap().parent.is_none());
            }
        }
        let rows = include_str!("data/codes.csv").lines().count() - 1;
        assert_eq!(count, rows);
        for name in EXTENSIBLE {
            assert!(lists.list(name).is_some(), "{name}");
        }
        let kinds: Vec<_> = lists.list("kind").unwrap().iter().map(|c| c.code.as_str()).collect();
        assert_eq!(kinds, ["AVV", "SYN", "SYN.BER", "SYN.FOR", "KLA"]);
        for law in Law::ALL {
            assert!(lists.get("law", law.code()).is_some());
        }
        for sex in ["K", "M"] {
            assert!(lists.get("sex", sex).is_some());
        }
        for age in [0, 18, 65, 80] {
            assert!(lists.get("age_band", crate::personnummer::age_band(age)).is_some());
        }
    }

    #[test]
    fn the_tree_is_walked() {
        let lists = CodeLists::shared();
        assert_eq!(lists.get("category", "HSL.FAL").unwrap().sv, "Fall");
        assert_eq!(lists.top("category", "HSL.LKM.DOS"), "HSL.LKM");
        assert_eq!(lists.top("category", "HSL.LKM"), "HSL.LKM");
        assert_eq!(lists.top("category", "finns inte"), "finns inte");
        assert_eq!(lists.top("cause", "ORS.BMN"), "ORS.OMG");
        let falls = lists.with_descendants("category", "HSL.FAL");
        assert_eq!(falls, BTreeSet::from(["HSL.FAL".to_owned(), "HSL.FAL.TIL".to_owned()]));
        assert_eq!(lists.with_descendants("category", "HSL.LKM").len(), 16);
        assert_eq!(lists.with_descendants("nej", "x"), BTreeSet::from(["x".to_owned()]));
        let home: Vec<_> = lists.children("area", "ORD").iter().map(|c| c.code.as_str()).collect();
        assert_eq!(home, ["ORD.HTJ", "ORD.HSV", "ORD.HEM", "ORD.NAT", "ORD.REH"]);
        assert!(lists.children("nej", "x").is_empty());
        assert!(lists.list("nej").is_none());
    }

    #[test]
    fn a_code_is_judged_on_the_day_of_the_event() {
        let mut code = own("category", "HSL.FAL.SANG", "HSL.FAL");
        code.valid_from = Some(date(2025, 1, 1));
        code.valid_to = Some(date(2025, 12, 31));
        let lists = CodeLists::with_own(vec![code.clone()]);
        let check = |day| lists.check("category", "HSL.FAL.SANG", day);
        assert!(check(date(2025, 1, 1)).is_ok());
        assert!(check(date(2025, 12, 31)).is_ok());
        let expired = Reason::ExpiredCode {
            list: "category".into(),
            given: "HSL.FAL.SANG".into(),
            valid_from: Some(date(2025, 1, 1)),
            valid_to: Some(date(2025, 12, 31)),
        };
        assert_eq!(check(date(2024, 12, 31)), Err(expired.clone()));
        assert_eq!(check(date(2026, 1, 1)), Err(expired));
        for (list, given) in [("category", "HSL.NEJ"), ("nej", "HSL.FAL"), ("category", "")] {
            let unknown = Reason::UnknownCode { list: list.into(), given: given.into() };
            assert_eq!(lists.check(list, given, DAY), Err(unknown));
        }
        assert!(lists.check("category", "HSL.FAL", DAY).is_ok());

        code.valid_from = None;
        let lists = CodeLists::with_own(vec![code]);
        let Err(Reason::ExpiredCode { valid_from, .. }) =
            lists.check("category", "HSL.FAL.SANG", DAY)
        else {
            panic!("must have expired");
        };
        assert_eq!(valid_from, None);
    }

    #[test]
    fn own_codes_come_below_the_shared_ones() {
        let lists = CodeLists::with_own(vec![
            own("category", "HSL.FAL.TIL.X", "HSL.FAL.TIL"),
            own("category", "HSL.FAL.SANG", "HSL.FAL"),
            // Left out: shared already, no such list, a list that takes none.
            own("category", "HSL.FAL", ""),
            own("nej", "A.B", "A"),
            own("severity", "1.5", "1"),
        ]);
        assert!(lists.get("category", "HSL.FAL.SANG").unwrap().own);
        assert!(!lists.get("category", "HSL.FAL").unwrap().own);
        assert_eq!(lists.with_descendants("category", "HSL.FAL").len(), 4);
        assert_eq!(lists.top("category", "HSL.FAL.TIL.X"), "HSL.FAL");
        assert_eq!(lists.list("severity").unwrap().len(), 4);
        assert!(lists.list("nej").is_none());
        assert!(CodeLists::shared().get("category", "HSL.FAL.SANG").is_none());
        // Lists without own codes are the very same.
        let shared = CodeLists::shared();
        assert!(Arc::ptr_eq(&lists.0.by_name["area"], &shared.0.by_name["area"]));
        assert!(Arc::ptr_eq(&lists.0, &lists.clone().0));
    }

    #[test]
    fn a_ring_of_parents_ends() {
        let lists =
            CodeLists::with_own(vec![own("category", "A.B", "A.C"), own("category", "A.C", "A.B")]);
        assert_eq!(lists.with_descendants("category", "A.B").len(), 2);
        assert_eq!(lists.top("category", "A.B"), "A.C");
    }

    #[test]
    fn the_version_follows_the_content_only() {
        let a = || own("area", "ORD.A", "ORD");
        let b = || own("area", "ORD.B", "ORD");
        let shared = CodeLists::shared().version();
        assert_eq!(shared.len(), 16);
        assert_eq!(CodeLists::with_own(vec![]).version(), shared);
        let version = CodeLists::with_own(vec![a(), b()]).version();
        assert_ne!(version, shared);
        assert_eq!(CodeLists::with_own(vec![b(), a()]).version(), version);
        let mut renamed = a();
        renamed.sv = "Annan".into();
        assert_ne!(CodeLists::with_own(vec![renamed, b()]).version(), version);
        let mut ended = a();
        ended.valid_to = Some(DAY);
        assert_ne!(CodeLists::with_own(vec![ended, b()]).version(), version);
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // Published test vectors.
        assert_eq!(fnv_1a(FNV_START, b""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(fnv_1a(FNV_START, b"a"), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(fnv_1a(FNV_START, b"foobar"), 0x8594_4171_F739_67E8);
    }

    #[test]
    fn good_own_codes_pass() {
        let faults = validate_own(&[
            own("category", "HSL.FAL.SANG.HOG", "HSL.FAL.SANG"),
            own("category", "HSL.FAL.SANG", "HSL.FAL"),
            own("area", "ORD.HTJ.norr_1-A", "ORD.HTJ"),
            own("source", "BRU.RAD", "BRU"),
            own("cause", "ORS.BMN.NATT", "ORS.BMN"),
        ]);
        assert_eq!(faults, []);
    }

    #[test]
    fn each_fault_of_an_own_code_is_named() {
        let long = format!("HSL.FAL.{}", "X".repeat(40));
        let mut backwards = own("place", "PLA.SOV.A", "PLA.SOV");
        backwards.valid_from = Some(DAY);
        backwards.valid_to = Some(date(2026, 3, 9));
        let mut silent = own("place", "PLA.SOV.B", "PLA.SOV");
        silent.sv = "  ".into();
        for (code, field, reason) in [
            (own("nej", "A.B", "A"), "/0/list", Reason::NotFound),
            (
                own("severity", "4.5", "4"),
                "/0/list",
                Reason::inconsistent("list_takes_no_own_codes"),
            ),
            (own("category", "EGEN", ""), "/0/parent", Reason::Required),
            (
                own("category", "NEJ.A", "NEJ"),
                "/0/parent",
                Reason::UnknownCode { list: "category".into(), given: "NEJ".into() },
            ),
            (
                own("category", "HSL.X", "HSL.FAL"),
                "/0/code",
                Reason::inconsistent("code_not_below_parent"),
            ),
            (
                own("category", "HSL.FALL", "HSL.FAL"),
                "/0/code",
                Reason::inconsistent("code_not_below_parent"),
            ),
            (
                own("category", "HSL.FAL.", "HSL.FAL"),
                "/0/code",
                Reason::inconsistent("code_not_below_parent"),
            ),
            (
                own("category", "HSL.FAL.A.B", "HSL.FAL"),
                "/0/code",
                Reason::inconsistent("code_not_below_parent"),
            ),
            (
                own("category", "HSL.FAL.SÄNG", "HSL.FAL"),
                "/0/code",
                Reason::inconsistent("code_not_below_parent"),
            ),
            (own("category", "HSL.FAL.TIL", "HSL.FAL"), "/0/code", Reason::NotUnique),
            (own("category", "HSL.FAL.til", "HSL.FAL"), "/0/code", Reason::NotUnique),
            (own("category", "", "HSL.FAL"), "/0/code", Reason::Required),
            (own("category", &long, "HSL.FAL"), "/0/code", Reason::TooLong { max: MAX_CODE }),
            (backwards, "/0/valid_to", Reason::Before { other: "/0/valid_from".into() }),
            (silent, "/0/sv", Reason::Required),
        ] {
            let given = code.code.clone();
            assert_eq!(validate_own(&[code]), [Fault::at(field, reason)], "{given}");
        }
        let twice = [own("area", "ORD.A", "ORD"), own("area", "ORD.a", "ORD")];
        assert_eq!(validate_own(&twice), [Fault::at("/1/code", Reason::NotUnique)]);
    }

    #[test]
    fn a_category_suggests_a_law() {
        assert_eq!(suggested_law("HSL.FAL.TIL"), [Law::Hsl]);
        assert_eq!(suggested_law("SOC.FAL"), [Law::Sol]);
        assert_eq!(suggested_law("HSLX.FAL"), []);
        assert_eq!(suggested_law("K.OMV"), []);
        assert_eq!(suggested_law(""), []);
        for code in CodeLists::shared().list("category").unwrap() {
            assert_eq!(suggested_law(&code.code).len(), 1);
        }
    }
}
