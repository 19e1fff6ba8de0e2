//! From the parameters of a request to a question, with every fault told at once.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::base::{Condition, Held};
use super::dimension::{Dimension, FIRST_YEAR, HOUR_BANDS, LAST_YEAR, half, hour_band, tertial};
use super::months::{Month, Months};
use super::query::{CountBy, CubeQuery, Format, Measure, Of};
use crate::calendar::{parse_date, swedish_date};
use crate::case::{Kind, Status, Subkind};
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::forwarding::counterparty;
use crate::ids::{CounterpartyId, UnitId};
use crate::law::Law;
use crate::organisation::UnitTree;
use crate::suggest::Hit;
use crate::survey::Satisfied;

/// What stands for no value in a filter.
const NO_VALUE: &str = "null";

impl CubeQuery {
    /// Reads the parameters of a request, each by its name and its decoded value.
    ///
    /// # Errors
    ///
    /// Every fault; its field is the name of the parameter.
    pub fn parse(
        params: &[(String, String)],
        units: &UnitTree,
        codes: &CodeLists,
        now: Timestamp,
    ) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::new(units, codes);
        let today = swedish_date(now);
        let mut query = Self {
            period: Months::years(FIRST_YEAR, FIRST_YEAR),
            compare: false,
            count_by: CountBy::default(),
            as_of: today,
            as_of_is_past: false,
            group_by: Vec::new(),
            measures: vec![Measure::Count],
            of: Of::default(),
            duplicates: false,
            conditions: Vec::new(),
            laws: None,
            format: Format::default(),
        };
        let mut given = BTreeSet::new();
        let (mut years, mut from, mut to) = (None, None, None);
        for (name, value) in params {
            if !given.insert(name.as_str()) {
                reader.fault(name, Reason::NotUnique);
                continue;
            }
            match name.as_str() {
                "year" => years = reader.years(value),
                "from" => from = reader.month(name, value),
                "to" => to = reader.month(name, value),
                "as_of" => match parse_date(value) {
                    Ok(day) => query.as_of = day,
                    Err(_) => reader.wrong_type(name, "a day, YYYY-MM-DD"),
                },
                "count_by" => reader.coded(name, value, &mut query.count_by),
                "of" => reader.coded(name, value, &mut query.of),
                "format" => reader.coded(name, value, &mut query.format),
                "compare" => query.compare = reader.only(name, value, "previous_year"),
                "duplicates" => query.duplicates = reader.only(name, value, "all"),
                "group_by" => query.group_by = reader.group_by(value),
                "measures" => query.measures = reader.measures(value),
                "law" => query.laws = reader.laws(value),
                other => match other.parse::<Dimension>() {
                    Ok(dimension) => query.conditions.extend(reader.filter(dimension, value)),
                    Err(()) => reader.fault(name, Reason::UnknownField),
                },
            }
        }
        let several = query.group_by.iter().any(|dimension| dimension.several());
        if several && query.of != Of::Mentions {
            reader.fault("of", Reason::inconsistent("dimension_needs_mentions"));
        }
        query.as_of_is_past = query.as_of < today;
        if let Some(period) = reader.period(&given, years, (from, to)) {
            query.period = period;
        }
        if reader.faults.is_empty() { Ok(query) } else { Err(reader.faults) }
    }
}

pub(super) struct Reader<'a> {
    units: &'a UnitTree,
    codes: &'a CodeLists,
    faults: Vec<Fault>,
}

/// What a filter may be: values, and no value.
#[derive(Default)]
struct Wanted {
    of: BTreeSet<Held>,
    or_none: bool,
}

impl<'a> Reader<'a> {
    /// Nothing is wrong yet.
    pub(super) fn new(units: &'a UnitTree, codes: &'a CodeLists) -> Self {
        Self { units, codes, faults: Vec::new() }
    }

    /// The period that a request asks for, a year or years, or months from and to. `given` names the
    /// parameters it has; `None` where one is wrong or missing, with a fault for each.
    pub(super) fn period(
        &mut self,
        given: &BTreeSet<&str>,
        years: Option<Months>,
        (from, to): (Option<Month>, Option<Month>),
    ) -> Option<Months> {
        let has = |name| given.contains(name);
        if has("year") && (has("from") || has("to")) {
            self.fault("year", Reason::inconsistent("year_and_months"));
        } else if !has("year") && !has("from") && !has("to") {
            self.fault("year", Reason::Required);
        } else if has("from") != has("to") {
            self.fault(if has("from") { "to" } else { "from" }, Reason::Required);
        }
        if years.is_some() {
            return years;
        }
        let (from, to) = (from?, to?);
        if to < from {
            self.fault("to", Reason::Before { other: "from".to_owned() });
        }
        Some(Months { from, to })
    }

    /// Adds to `wanted` the units that a filter names, each with all below it.
    pub(super) fn below(&mut self, name: &str, value: &str, wanted: &mut BTreeSet<UnitId>) {
        for value in self.values(name, value) {
            match self.units.find(value) {
                Some(unit) => wanted.extend(self.units.with_descendants(unit.id)),
                None => self.fault(name, Reason::UnknownUnit { given: value.to_owned() }),
            }
        }
    }

    /// Everything that was wrong.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Codes by comma.
    pub(super) fn each<T: std::str::FromStr + Ord>(
        &mut self,
        name: &str,
        value: &str,
        into: &mut BTreeSet<T>,
    ) {
        for value in self.values(name, value) {
            match value.parse() {
                Ok(code) => {
                    into.insert(code);
                }
                Err(_) => self.unknown(name, name, value),
            }
        }
    }

    pub(super) fn fault(&mut self, name: &str, reason: Reason) {
        self.faults.push(Fault::at(name, reason));
    }

    fn wrong_type(&mut self, name: &str, expected: &str) {
        self.fault(name, Reason::WrongType { expected: expected.to_owned() });
    }

    pub(super) fn unknown(&mut self, name: &str, list: &str, given: &str) {
        let (list, given) = (list.to_owned(), given.to_owned());
        self.fault(name, Reason::UnknownCode { list, given });
    }

    /// The values of a list by comma; an empty one is a fault.
    pub(super) fn values<'v>(&mut self, name: &str, value: &'v str) -> Vec<&'v str> {
        let values: Vec<_> = value.split(',').map(str::trim).collect();
        if values.contains(&"") {
            self.fault(name, Reason::Required);
        }
        values.into_iter().filter(|value| !value.is_empty()).collect()
    }

    fn number(&mut self, name: &str, value: &str, (min, max): (i16, i16)) -> Option<i16> {
        match value.parse::<i64>() {
            Err(_) => self.wrong_type(name, "a number"),
            Ok(number) => match i16::try_from(number) {
                Ok(number) if (min..=max).contains(&number) => return Some(number),
                _ => self.fault(name, Reason::OutOfRange { min: min.into(), max: max.into() }),
            },
        }
        None
    }

    /// One year, or several that follow each other.
    pub(super) fn years(&mut self, value: &str) -> Option<Months> {
        let mut years = BTreeSet::new();
        for value in self.values("year", value) {
            years.insert(self.number("year", value, (FIRST_YEAR, LAST_YEAR))?);
        }
        let (first, last) = (*years.first()?, *years.last()?);
        if years.len() != usize::from(first.abs_diff(last)) + 1 {
            self.fault("year", Reason::inconsistent("years_not_consecutive"));
        }
        Some(Months::years(first, last))
    }

    pub(super) fn month(&mut self, name: &str, value: &str) -> Option<Month> {
        let Ok(month) = value.parse::<Month>() else {
            self.wrong_type(name, "a month, YYYY-MM");
            return None;
        };
        if !(FIRST_YEAR..=LAST_YEAR).contains(&month.year) {
            let (min, max) = (FIRST_YEAR.into(), LAST_YEAR.into());
            self.fault(name, Reason::OutOfRange { min, max });
            return None;
        }
        Some(month)
    }

    pub(super) fn coded<T: std::str::FromStr>(&mut self, name: &str, value: &str, into: &mut T) {
        match value.parse() {
            Ok(value) => *into = value,
            Err(_) => self.unknown(name, name, value),
        }
    }

    /// A switch with one value.
    fn only(&mut self, name: &str, value: &str, only: &str) -> bool {
        if value != only {
            self.unknown(name, name, value);
        }
        value == only
    }

    fn group_by(&mut self, value: &str) -> Vec<Dimension> {
        let mut found = Vec::new();
        for value in self.values("group_by", value) {
            match value.parse::<Dimension>() {
                Ok(dimension) if found.contains(&dimension) => {
                    self.fault("group_by", Reason::NotUnique);
                }
                Ok(dimension) => found.push(dimension),
                Err(()) => self.unknown("group_by", "dimension", value),
            }
        }
        found
    }

    fn measures(&mut self, value: &str) -> Vec<Measure> {
        let mut found = BTreeSet::from([Measure::Count]);
        for value in self.values("measures", value) {
            match value.parse::<Measure>() {
                Ok(measure) => {
                    found.insert(measure);
                }
                Err(()) => self.unknown("measures", "measure", value),
            }
        }
        found.into_iter().collect()
    }

    fn laws(&mut self, value: &str) -> Option<BTreeSet<Option<Law>>> {
        let mut found = BTreeSet::new();
        for value in self.values("law", value) {
            match value.parse::<Law>() {
                Ok(law) => {
                    found.insert(Some(law));
                }
                Err(()) if value == NO_VALUE => {
                    found.insert(None);
                }
                Err(()) => self.unknown("law", "law", value),
            }
        }
        Some(found)
    }

    /// A filter on a dimension as a condition on its column.
    fn filter(&mut self, dimension: Dimension, value: &str) -> Option<Condition> {
        let name = dimension.code();
        let values = self.values(name, value);
        if dimension == Dimension::Kind {
            return Some(Condition::Kinds(self.kinds(&values)));
        }
        let mut wanted = Wanted::default();
        for value in values {
            if value != NO_VALUE {
                self.value(dimension, value, &mut wanted.of);
            } else if dimension == Dimension::Area {
                let without = self.units.iter().filter(|it| self.units.area_of(it.id).is_none());
                wanted.of.extend(without.map(|unit| Held::Unit(unit.id)));
            } else if dimension == Dimension::AreaGroup {
                wanted.of.extend(self.units_of_group(None));
            } else {
                wanted.or_none = true;
            }
        }
        let column = dimension.column();
        Some(Condition::Any { column, of: wanted.of, or_none: wanted.or_none })
    }

    /// Kinds by their name in JSON or their code, subkinds by their code.
    fn kinds(&mut self, values: &[&str]) -> BTreeSet<(Kind, Option<Subkind>)> {
        let mut found = BTreeSet::new();
        for value in values {
            let kind = match *value {
                "AVV" => Some((Kind::Avvikelse, None)),
                "SYN" => Some((Kind::Synpunkt, None)),
                "KLA" => Some((Kind::Klagomal, None)),
                "SYN.BER" => Some((Kind::Synpunkt, Some(Subkind::Praise))),
                "SYN.FOR" => Some((Kind::Synpunkt, Some(Subkind::Proposal))),
                // Every case is of some kind.
                NO_VALUE => continue,
                name => name.parse().ok().map(|kind| (kind, None)),
            };
            match kind {
                Some(kind) => {
                    found.insert(kind);
                }
                None => self.unknown("kind", "kind", value),
            }
        }
        found
    }

    /// What the column may hold for one value of the dimension.
    fn value(&mut self, dimension: Dimension, value: &str, of: &mut BTreeSet<Held>) {
        let name = dimension.code();
        let code = |code: &str| Held::Code(code.to_owned());
        if let Some(range) = dimension.range() {
            let Some(number) = self.number(name, value, range) else { return };
            // Of a part of the year, its months.
            let part_of =
                |part: fn(i16) -> i16| (1..=12).filter(move |month| part(*month) == number);
            match dimension {
                Dimension::Half => of.extend(part_of(half).map(Held::Number)),
                Dimension::Tertial => of.extend(part_of(tertial).map(Held::Number)),
                _ => {
                    of.insert(Held::Number(number));
                }
            }
            return;
        }
        match dimension {
            Dimension::HourBand if HOUR_BANDS.contains(&value) => {
                of.extend((0..24).filter(|hour| hour_band(*hour) == value).map(Held::Number));
            }
            Dimension::HourBand => self.unknown(name, name, value),
            Dimension::Serious | Dimension::ReachedPerson => match value {
                "true" => _ = of.insert(Held::Flag(true)),
                "false" => _ = of.insert(Held::Flag(false)),
                _ => self.wrong_type(name, "true, false or null"),
            },
            Dimension::Unit | Dimension::ReportingUnit => match self.units.find(value) {
                Some(unit) => {
                    of.extend(self.units.with_descendants(unit.id).into_iter().map(Held::Unit));
                }
                None => self.fault(name, Reason::UnknownUnit { given: value.to_owned() }),
            },
            Dimension::Area => {
                let Some(areas) = self.with_descendants(dimension, value) else { return };
                let within = |id| self.units.area_of(id).is_some_and(|area| areas.contains(area));
                let units = self.units.iter().map(|unit| unit.id).filter(|id| within(*id));
                of.extend(units.map(Held::Unit));
            }
            Dimension::AreaGroup => {
                if self.units.area_groups().iter().any(|group| group.code == value) {
                    of.extend(self.units_of_group(Some(value)));
                } else {
                    self.unknown(name, name, value);
                }
            }
            // By id, or all of a kind by its code.
            Dimension::Counterparty => match value.parse::<CounterpartyId>() {
                Ok(id) => _ = of.insert(Held::Counterparty(id)),
                Err(_) if self.codes.get(counterparty::LIST, value).is_some() => {
                    let kinds = self.codes.with_descendants(counterparty::LIST, value);
                    of.extend(kinds.into_iter().map(Held::Code));
                }
                Err(_) => self.unknown(name, counterparty::LIST, value),
            },
            Dimension::CategoryTop => {
                let Some(codes) = self.with_descendants(dimension, value) else { return };
                let parent = |list: &&str| self.codes.get(list, value)?.parent.as_ref();
                if dimension.lists().iter().find_map(parent).is_some() {
                    self.fault(name, Reason::inconsistent("not_a_top_code"));
                }
                of.extend(codes.into_iter().map(Held::Code));
            }
            Dimension::Suggestion | Dimension::SuggestionReported => {
                match Hit::ALL.into_iter().find(|hit| hit.code() == value) {
                    Some(hit) => _ = of.insert(code(hit.code())),
                    None => self.unknown(name, "suggestion", value),
                }
            }
            Dimension::Understood | Dimension::Helped => match value.parse::<Satisfied>() {
                Ok(said) => _ = of.insert(code(said.code())),
                Err(()) => self.unknown(name, name, value),
            },
            Dimension::Answer(asked) if asked.question().option(value).is_some() => {
                of.insert(code(value));
            }
            Dimension::Status => match value.parse::<Status>() {
                Ok(status) => _ = of.insert(code(status.code())),
                Err(()) => self.unknown(name, name, value),
            },
            _ => {
                let Some(codes) = self.with_descendants(dimension, value) else { return };
                of.extend(codes.into_iter().map(Held::Code));
            }
        }
    }

    /// The units of a group of areas; without one, those of none.
    fn units_of_group(&self, wanted: Option<&str>) -> BTreeSet<Held> {
        let group = |id| self.units.area_group_of(id).map(|group| group.code.as_str());
        let units = self.units.iter().map(|unit| unit.id).filter(|id| group(*id) == wanted);
        units.map(Held::Unit).collect()
    }

    /// A code with all below it, the tenant's own included.
    fn with_descendants(&mut self, dimension: Dimension, value: &str) -> Option<BTreeSet<String>> {
        let list = dimension.lists().iter().find(|list| self.codes.get(list, value).is_some());
        if let Some(list) = list {
            return Some(self.codes.with_descendants(list, value));
        }
        let list = dimension.lists().first().copied().unwrap_or(dimension.code());
        self.unknown(dimension.code(), list, value);
        None
    }
}
