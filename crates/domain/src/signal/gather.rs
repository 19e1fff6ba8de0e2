//! From what the facts say to signals: pure, so that a test can count by hand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::between;
use super::question::SignalQuery;
use super::shewhart::{self, Base, Law};
use super::{
    Against, Chart, FREQUENT, MONTHS_FOR_AN_EVENT, Of, SHORTEST_BASELINE, Signal, days_of,
};
use crate::calendar::swedish_date;
use crate::code_lists::CodeLists;
use crate::exposure::counts::injured;
use crate::exposure::{Exposure, Kind};
use crate::ids::UnitId;
use crate::organisation::UnitTree;
use crate::statistics::order::in_swedish_order;
use crate::statistics::{BaseQuery, BaseRow, CaseRow, Month, NamedUnit};

/// The series of a unit and a category.
type Series = (UnitId, Option<String>);

/// What was counted in a month.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    reports: u64,
    known: u64,
    injured: u64,
}

/// What is known by month, before the days of rare events are.
#[derive(Debug)]
pub struct Gathered<'a> {
    query: &'a SignalQuery,
    units: &'a UnitTree,
    codes: &'a CodeLists,
    exposures: &'a [Exposure],
    today: Date,
    counted: BTreeMap<Series, BTreeMap<Month, Counted>>,
    /// The first month in which anything was reported at a unit.
    first: BTreeMap<UnitId, Month>,
}

/// The series whose events are looked at one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rare {
    series: BTreeSet<Series>,
}

/// The days of rare events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RareEvents {
    days: BTreeMap<Series, Vec<Date>>,
}

impl<'a> Gathered<'a> {
    /// Of what [`SignalQuery::base`] found. `today` is the day in Sweden.
    pub fn of(
        rows: &[BaseRow],
        query: &'a SignalQuery,
        exposures: &'a [Exposure],
        (units, codes): (&'a UnitTree, &'a CodeLists),
        today: Date,
    ) -> Self {
        let (counted, first) = (BTreeMap::new(), BTreeMap::new());
        let mut gathered = Self { query, units, codes, exposures, today, counted, first };
        for row in rows {
            gathered.add(row);
        }
        gathered
    }

    fn add(&mut self, row: &BaseRow) {
        let month = row.at.month.and_then(|month| i8::try_from(month).ok());
        let (Some(unit), Some(year), Some(month)) = (row.at.unit, row.at.year, month) else {
            return;
        };
        let month = Month { year, month };
        let first = self.first.entry(unit).or_insert(month);
        *first = month.min(*first);
        let Some(category) = self.series_of(row.at.category.as_deref()) else { return };
        let counted = self.counted.entry((unit, category)).or_default().entry(month).or_default();
        counted.reports += row.count;
        if let Some(injured) = injured(row.at.injury.as_deref()) {
            counted.known += row.count;
            counted.injured += if injured { row.count } else { 0 };
        }
    }

    /// The series a category belongs to; `None` where it is not asked for.
    fn series_of(&self, category: Option<&str>) -> Option<Option<String>> {
        match (&self.query.category, category) {
            (None, None) => Some(None),
            (None, Some(code)) => Some(Some(self.codes.top("category", code).to_owned())),
            (Some(_), None) => None,
            (Some(wanted), Some(code)) => {
                let below = self.codes.with_descendants("category", wanted);
                below.contains(code).then(|| Some(wanted.clone()))
            }
        }
    }

    /// The months of the baseline that are known of a unit.
    fn baseline(&self, unit: UnitId) -> Vec<Month> {
        let whole = self.query.baseline();
        let first = self.first.get(&unit).copied().unwrap_or(whole.to);
        let years = whole.from.year..=whole.to.year;
        let months = years.flat_map(|year| (1..=12).map(move |month| Month { year, month }));
        months.filter(|month| *month >= first).collect()
    }

    fn signal(&self, series: &Series, rare: Option<&RareEvents>) -> Signal {
        let (unit, category) = series;
        let months = self.baseline(*unit);
        let watched: Vec<Month> = self.query.watched(self.today).collect();
        let all: Vec<Month> = months.iter().chain(&watched).copied().collect();
        let (against, exposed) = self.against(*unit, &all);
        let by_month = self.counted.get(series);
        let of = |month: &Month| -> (Month, u64, u64) {
            let counted = by_month.and_then(|it| it.get(month)).copied().unwrap_or_default();
            match self.query.of {
                Of::Reports => (*month, counted.reports, exposed(month)),
                Of::Injury => (*month, counted.injured, counted.known),
            }
        };
        let before: Vec<_> = months.iter().map(of).collect();
        let watched: Vec<_> = watched.iter().map(of).collect();
        let base = Base {
            events: before.iter().map(|(_, events, _)| events).sum(),
            exposed: before.iter().map(|(_, _, exposed)| exposed).sum(),
        };
        let known = before.len() as u64;
        let frequent = |events: u64| events >= FREQUENT * known;
        let rest = base.exposed.saturating_sub(base.events);
        let chart = match self.query.of {
            _ if known < SHORTEST_BASELINE => Chart::TooShort,
            Of::Injury if frequent(base.events) && frequent(rest) => {
                Chart::P(shewhart::draw(Law::P, against, base, &watched))
            }
            Of::Injury => Chart::TooFew,
            Of::Reports if frequent(base.events) => {
                Chart::U(shewhart::draw(Law::U, against, base, &watched))
            }
            Of::Reports if base.events * MONTHS_FOR_AN_EVENT < known => Chart::TooFew,
            Of::Reports => {
                let days = rare.and_then(|rare| rare.days.get(series));
                self.between(base, &months, days.map_or(&[], Vec::as_slice))
            }
        };
        let edge = |month: Option<&Month>| month.copied().unwrap_or(self.query.baseline().to);
        Signal {
            unit: *unit,
            category: category.clone(),
            of: self.query.of,
            baseline: crate::statistics::Months {
                from: edge(months.first()),
                to: edge(months.last()),
            },
            events: base.events,
            against: if matches!(chart, Chart::T(_)) { Against::Days } else { against },
            exposed: base.exposed,
            before,
            chart,
        }
    }

    /// The chart of days between events, of the days of a series, which are in order.
    fn between(&self, base: Base, months: &[Month], days: &[Date]) -> Chart {
        let base_days = months.iter().map(|month| days_of(*month)).sum();
        let year = self.query.year;
        let start = Date::new(year, 1, 1).unwrap_or(Date::MAX);
        let over = self.query.watched(self.today).count();
        let end = start.saturating_add(jiff::Span::new().months(i64::try_from(over).unwrap_or(0)));
        let first = days.partition_point(|day| *day < start);
        let (before, after) = days.split_at(first);
        let watched = &after[..after.partition_point(|day| *day < end)];
        Chart::T(between::draw(base.events, base_days, before.last().copied(), watched, end))
    }

    /// What events at a unit are set against in each of these months: bed-days, else visits, where they are
    /// known of the unit by itself in all of them; else days. Those of several months are spread by days.
    fn against(&self, unit: UnitId, months: &[Month]) -> (Against, impl Fn(&Month) -> u64 + use<>) {
        if self.query.of == Of::Injury {
            let none: BTreeMap<Month, u64> = BTreeMap::new();
            return (Against::Reports, exposed_by(none));
        }
        let alone = self.units.with_descendants(unit).len() == 1;
        for (kind, against) in
            [(Kind::BedDays, Against::BedDays), (Kind::Interventions, Against::Interventions)]
        {
            let of_kind = |it: &&Exposure| it.unit == unit && it.kind == kind;
            let spread: BTreeMap<Month, u64> =
                self.exposures.iter().filter(of_kind).flat_map(spread_by_days).collect();
            let known = |month: &Month| spread.get(month).is_some_and(|it| *it > 0);
            if alone && !months.is_empty() && months.iter().all(known) {
                return (against, exposed_by(spread));
            }
        }
        let days = months.iter().map(|month| (*month, days_of(*month))).collect();
        (Against::Days, exposed_by(days))
    }

    /// The series of which the days are needed.
    pub fn rare(&self) -> Rare {
        let needed = |series: &&Series| matches!(self.signal(series, None).chart, Chart::T(_));
        Rare { series: self.counted.keys().filter(needed).cloned().collect() }
    }

    /// The reading that tells their days; `None` where none is rare.
    pub fn events(&self, rare: &Rare) -> Option<BaseQuery> {
        if rare.series.is_empty() {
            return None;
        }
        let units = rare.series.iter().map(|(unit, _)| *unit).collect();
        let categories: BTreeSet<&String> =
            rare.series.iter().filter_map(|(_, category)| category.as_ref()).collect();
        let below = |code: &&String| self.codes.with_descendants("category", code);
        let categories = categories.iter().flat_map(below).collect();
        let uncategorised = rare.series.iter().any(|(_, category)| category.is_none());
        Some(self.query.events(units, categories, uncategorised))
    }

    /// Takes in one fact of that reading, of a series that is rare.
    pub fn take(&self, row: &CaseRow, rare: &Rare, events: &mut RareEvents) {
        let Some(unit) = row.at.unit else { return };
        let Some(category) = self.series_of(row.at.category.as_deref()) else { return };
        let series = (unit, category);
        if rare.series.contains(&series) {
            events.days.entry(series).or_default().push(swedish_date(row.times.reported));
        }
    }

    /// The signals, by the name of the unit and the place of the category. Every category of which anything
    /// was reported has one, also where it is too few.
    pub fn finish(&self, mut rare: RareEvents) -> Vec<Signal> {
        rare.days.values_mut().for_each(|days| days.sort_unstable());
        let named = |unit: UnitId| NamedUnit {
            id: unit,
            name: self.units.get(unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        };
        let units: BTreeSet<UnitId> = self.counted.keys().map(|(unit, _)| *unit).collect();
        let sorted = in_swedish_order(units.into_iter().map(named));
        let place: BTreeMap<UnitId, usize> =
            sorted.into_iter().enumerate().map(|(place, unit)| (unit.id, place)).collect();
        let mut signals: Vec<Signal> =
            self.counted.keys().map(|series| self.signal(series, Some(&rare))).collect();
        signals.retain(|signal| !self.query.marked || signal.chart.marked());
        signals.sort_by_cached_key(|signal| {
            let category = signal.category.as_deref();
            let category = category.and_then(|code| self.codes.place("category", code));
            (
                place.get(&signal.unit).copied(),
                category.unwrap_or(usize::MAX),
                signal.category.clone(),
            )
        });
        signals
    }
}

fn exposed_by(by_month: BTreeMap<Month, u64>) -> impl Fn(&Month) -> u64 {
    move |month| by_month.get(month).copied().unwrap_or(0)
}

/// An exposure's hundredths by month, by the days of each.
fn spread_by_days(it: &Exposure) -> Vec<(Month, u64)> {
    let year = it.year();
    let months: Vec<Month> = it
        .covered()
        .filter_map(|month| Some(Month { year, month: i8::try_from(month).ok()? }))
        .collect();
    let all: u64 = months.iter().map(|month| days_of(*month)).sum();
    let part = |month: &Month| {
        let part = u128::from(it.amount.hundredths) * u128::from(days_of(*month));
        u64::try_from(part / u128::from(all.max(1))).unwrap_or(u64::MAX)
    };
    months.iter().map(|month| (*month, part(month))).collect()
}
