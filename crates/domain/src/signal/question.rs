//! What is asked of signals.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{BASELINE_YEARS, Of};
use crate::case::Kind;
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::ids::UnitId;
use crate::organisation::UnitTree;
use crate::policy::Scope;
use crate::statistics::dimension::{FIRST_YEAR, LAST_YEAR};
use crate::statistics::{BaseQuery, Column, Condition, Held, Month, Months, Part, Placed};

/// A question about signals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignalQuery {
    /// The year that is watched; 0 until it is given.
    pub year: i16,
    /// What is watched.
    pub of: Of,
    /// The units, those below included; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// The one category, with those below; `None` is each of the highest.
    pub category: Option<String>,
    /// Only what is marked.
    pub marked: bool,
}

impl SignalQuery {
    /// Takes in a parameter of a request.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn set(
        &mut self,
        name: &str,
        value: &str,
        units: &UnitTree,
        codes: &CodeLists,
    ) -> Result<(), Reason> {
        match name {
            "year" => {
                let wrong = || Reason::WrongType { expected: "a year".to_owned() };
                let year: i16 = value.parse().map_err(|_| wrong())?;
                // The baseline lies before it.
                let first = FIRST_YEAR + BASELINE_YEARS;
                if !(first..=LAST_YEAR).contains(&year) {
                    let (min, max) = (first.into(), LAST_YEAR.into());
                    return Err(Reason::OutOfRange { min, max });
                }
                self.year = year;
            }
            "of" => {
                let unknown =
                    || Reason::UnknownCode { list: "of".to_owned(), given: value.to_owned() };
                let found = Of::ALL.into_iter().find(|of| of.code() == value);
                self.of = found.ok_or_else(unknown)?;
            }
            "unit" => {
                for value in value.split(',') {
                    let unknown = || Reason::UnknownUnit { given: value.to_owned() };
                    let unit = units.find(value).ok_or_else(unknown)?;
                    let below = units.with_descendants(unit.id);
                    self.units.get_or_insert_default().extend(below);
                }
            }
            "category" => {
                let list = "category".to_owned();
                if codes.get(&list, value).is_none() {
                    return Err(Reason::UnknownCode { list, given: value.to_owned() });
                }
                self.category = Some(value.to_owned());
            }
            "marked" => {
                let wrong = || Reason::WrongType { expected: "true | false".to_owned() };
                self.marked = value.parse().map_err(|_| wrong())?;
            }
            _ => return Err(Reason::UnknownField),
        }
        Ok(())
    }

    /// What is missing.
    pub fn missing(&self) -> Option<Fault> {
        (self.year == 0).then(|| Fault::at("year", Reason::Required))
    }

    /// The months of the baseline, were all of them known.
    pub fn baseline(&self) -> Months {
        Months::years(self.year - BASELINE_YEARS, self.year - 1)
    }

    /// The months that are watched: those of the year that are over on `today`, the day in Sweden.
    pub fn watched(&self, today: Date) -> impl Iterator<Item = Month> + use<> {
        let year = self.year;
        let over = move |month: &i8| (year, *month) < (today.year(), today.month());
        (1..=12).filter(over).map(move |month| Month { year, month })
    }

    fn conditions(&self, scope: &Scope<UnitId>) -> Vec<Condition> {
        let units = match (scope, &self.units) {
            (Scope::All, None) => None,
            (Scope::All, Some(wanted)) => Some(wanted.clone()),
            (Scope::Only(seen), None) => Some(seen.clone()),
            (Scope::Only(seen), Some(wanted)) => Some(seen & wanted),
        };
        let mut conditions = vec![Condition::Kinds(BTreeSet::from([(Kind::Avvikelse, None)]))];
        if let Some(units) = units {
            let of = units.into_iter().map(Held::Unit).collect();
            conditions.push(Condition::Any { column: Column::Unit, of, or_none: false });
        }
        conditions
    }

    fn reading(&self, columns: BTreeSet<Column>, conditions: Vec<Condition>) -> BaseQuery {
        BaseQuery {
            columns,
            placed: Placed::Reported,
            spans: vec![Months::years(self.year - BASELINE_YEARS, self.year)],
            conditions,
            duplicates: false,
            reported_before: None,
            closed_before: None,
            answered_before: None,
            part: Part::All,
        }
    }

    /// The reading of the facts by month. Every category is read: the first month of a unit is that of its
    /// first avvikelse at all.
    pub fn base(&self, scope: &Scope<UnitId>) -> BaseQuery {
        let mut columns =
            BTreeSet::from([Column::Unit, Column::Year, Column::Month, Column::Category]);
        if self.of == Of::Injury {
            columns.insert(Column::Injury);
        }
        self.reading(columns, self.conditions(scope))
    }

    /// The reading of each fact of these units and categories; no category is a value, too.
    pub(super) fn events(
        &self,
        units: BTreeSet<UnitId>,
        categories: BTreeSet<String>,
        uncategorised: bool,
    ) -> BaseQuery {
        let columns = BTreeSet::from([Column::Unit, Column::Category]);
        let mut conditions = self.conditions(&Scope::Only(units));
        conditions.push(Condition::Any {
            column: Column::Category,
            of: categories.into_iter().map(Held::Code).collect(),
            or_none: uncategorised,
        });
        self.reading(columns, conditions)
    }
}
