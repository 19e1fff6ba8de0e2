//! The order of rows: as the code lists stand, units by name as Swedish sorts them, no value last.

use std::collections::HashMap;

use super::cube::NamedUnit;
use super::dimension::{Dimension, HOUR_BANDS};
use crate::case::{Kind, Status};
use crate::code_lists::CodeLists;
use crate::ids::{CounterpartyId, UnitId};
use crate::organisation::UnitTree;
use crate::suggest::Hit;
use crate::survey::Satisfied;

/// What a row has on one dimension, before units get their names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cell {
    /// No value.
    None,
    /// A number.
    Number(i16),
    /// Yes or no.
    Flag(bool),
    /// A code.
    Code(String),
    /// A group of areas, by its place.
    Group(usize),
    /// A unit.
    Unit(UnitId),
    /// A caregiver at the other end.
    Counterparty(CounterpartyId),
}

/// The values that rows have on one dimension, each under a number: rows are many, values few.
#[derive(Debug, Default)]
pub(super) struct Seen {
    cells: Vec<Cell>,
    codes: QuickMap<String, u32>,
    others: QuickMap<Cell, u32>,
}

/// A map that is asked several times for each of very many rows. Its keys come from code lists and from our own numbers,
/// so that nobody chooses them to collide.
pub(super) type QuickMap<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

impl Seen {
    /// The number of a code.
    pub fn code(&mut self, code: &str) -> u32 {
        if let Some(number) = self.codes.get(code) {
            return *number;
        }
        let number = self.push(Cell::Code(code.to_owned()));
        self.codes.insert(code.to_owned(), number);
        number
    }

    /// The number of any value.
    pub fn cell(&mut self, cell: Cell) -> u32 {
        match cell {
            Cell::Code(code) => self.code(&code),
            other => {
                if let Some(number) = self.others.get(&other) {
                    return *number;
                }
                let number = self.push(other.clone());
                self.others.insert(other, number);
                number
            }
        }
    }

    fn push(&mut self, cell: Cell) -> u32 {
        // Four thousand million values of one dimension are in no memory.
        let number = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.cells.push(cell);
        number
    }

    /// The place of each value by its number, and the values by their places.
    pub fn in_order(&self, ranks: &Ranks) -> (Vec<u32>, Vec<&Cell>) {
        let mut sorted: Vec<(i64, &Cell, usize)> = Vec::with_capacity(self.cells.len());
        sorted.extend(self.cells.iter().enumerate().map(|(at, cell)| (ranks.of(cell), cell, at)));
        sorted.sort_unstable();
        let mut places = vec![0; sorted.len()];
        for (place, (_, _, number)) in (0..).zip(&sorted) {
            places[*number] = place;
        }
        (places, sorted.into_iter().map(|(_, cell, _)| cell).collect())
    }
}

/// The places of the values of one dimension.
#[derive(Debug)]
pub(super) enum Ranks {
    /// Numbers, flags and places are in order by themselves.
    Natural,
    /// Codes by their place in the list.
    Codes(HashMap<String, usize>),
    /// Units by their place among all units of the tenant.
    Units(HashMap<UnitId, usize>),
    /// Counterparties by their place among those that were named.
    Counterparties(HashMap<CounterpartyId, usize>),
}

/// Behind everything that is known.
const UNKNOWN: i64 = i64::MAX - 1;

impl Ranks {
    /// The order of a dimension.
    pub fn new(
        dimension: Dimension,
        units: &UnitTree,
        codes: &CodeLists,
        ends: &[(CounterpartyId, String)],
    ) -> Self {
        match dimension {
            Dimension::Unit | Dimension::ReportingUnit => {
                let sorted = in_swedish_order(
                    units.iter().map(|unit| NamedUnit { id: unit.id, name: unit.name.clone() }),
                );
                let place = |(place, unit): (usize, NamedUnit)| (unit.id, place);
                Ranks::Units(sorted.into_iter().enumerate().map(place).collect())
            }
            Dimension::Counterparty => {
                let mut sorted: Vec<_> = ends.iter().collect();
                sorted.sort_by_cached_key(|(id, name)| (swedish_key(name), name.clone(), *id));
                let place = |(place, (id, _)): (usize, &(CounterpartyId, String))| (*id, place);
                Ranks::Counterparties(sorted.into_iter().enumerate().map(place).collect())
            }
            Dimension::Kind => places(Kind::ALL.map(Kind::code)),
            Dimension::Status => places(Status::ALL.map(Status::code)),
            Dimension::HourBand => places(HOUR_BANDS),
            Dimension::Suggestion | Dimension::SuggestionReported => {
                places(Hit::ALL.map(Hit::code))
            }
            Dimension::Understood | Dimension::Helped => {
                places(Satisfied::ALL.map(Satisfied::code))
            }
            Dimension::Answer(asked) => {
                let question = asked.question();
                let lists = question.lists.iter().filter_map(|list| codes.list(list)).flatten();
                let own = question.options.iter().map(|option| option.code.as_str());
                places(own.chain(lists.map(|code| code.code.as_str())))
            }
            Dimension::Year
            | Dimension::Half
            | Dimension::Tertial
            | Dimension::Month
            | Dimension::Week
            | Dimension::Weekday
            | Dimension::Severity
            | Dimension::Probability
            | Dimension::Serious
            | Dimension::ReachedPerson
            | Dimension::AreaGroup => Ranks::Natural,
            Dimension::Area
            | Dimension::Law
            | Dimension::Category
            | Dimension::CategoryTop
            | Dimension::Nature
            | Dimension::Vardskada
            | Dimension::Injury
            | Dimension::Track
            | Dimension::Outcome
            | Dimension::Source
            | Dimension::Channel
            | Dimension::Profession
            | Dimension::Sex
            | Dimension::AgeBand
            | Dimension::Patientnamnd
            | Dimension::Cause => {
                let lists = dimension.lists().iter().filter_map(|list| codes.list(list)).flatten();
                places(lists.map(|code| code.code.as_str()))
            }
        }
    }

    /// The place of a value. What is not known shares one place and is told apart by itself.
    pub fn of(&self, cell: &Cell) -> i64 {
        let place = match (self, cell) {
            (_, Cell::None) => return i64::MAX,
            (_, Cell::Number(number)) => return i64::from(*number),
            (_, Cell::Flag(flag)) => return i64::from(*flag),
            (_, Cell::Group(place)) => return i64::try_from(*place).unwrap_or(UNKNOWN),
            (Ranks::Codes(places), Cell::Code(code)) => places.get(code.as_str()),
            (Ranks::Units(places), Cell::Unit(unit)) => places.get(unit),
            (Ranks::Counterparties(places), Cell::Counterparty(id)) => places.get(id),
            (_, Cell::Code(_) | Cell::Unit(_) | Cell::Counterparty(_)) => None,
        };
        place.and_then(|place| i64::try_from(*place).ok()).unwrap_or(UNKNOWN)
    }
}

fn places<'a>(codes: impl IntoIterator<Item = &'a str>) -> Ranks {
    let codes = codes.into_iter().enumerate();
    Ranks::Codes(codes.map(|(place, code)| (code.to_owned(), place)).collect())
}

/// Units by name as Swedish sorts them; those of one name by id.
pub(crate) fn in_swedish_order(units: impl IntoIterator<Item = NamedUnit>) -> Vec<NamedUnit> {
    let mut units: Vec<_> = units.into_iter().collect();
    units.sort_by_cached_key(|unit| (swedish_key(&unit.name), unit.name.clone(), unit.id));
    units
}

/// Sorts as Swedish does: å, ä, ö after z; other marks and the case of letters do not matter.
pub(crate) fn swedish_key(name: &str) -> Vec<u32> {
    const AFTER_Z: u32 = 'z' as u32;
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'å' => AFTER_Z + 1,
            'ä' | 'æ' => AFTER_Z + 2,
            'ö' | 'ø' => AFTER_Z + 3,
            'é' | 'è' | 'ê' | 'ë' => 'e'.into(),
            'á' | 'à' | 'â' => 'a'.into(),
            'ü' => 'y'.into(),
            other => other.into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_last_letters_of_the_alphabet() {
        let names = ["Öster", "ärlan", "Zon", "Ås", "aspen", "Ek", "Éden", "Axet", "Almen 2"];
        let unit = |name: &str| NamedUnit { id: UnitId(Uuid::nil()), name: name.to_owned() };
        let sorted = in_swedish_order(names.map(unit)).into_iter().map(|unit| unit.name);
        let expected = ["Almen 2", "aspen", "Axet", "Éden", "Ek", "Zon", "Ås", "ärlan", "Öster"];
        assert_eq!(sorted.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn codes_as_in_their_list_and_no_value_last() {
        let ranks = Ranks::new(Dimension::Area, &UnitTree::default(), &CodeLists::shared(), &[]);
        let code = |code: &str| Cell::Code(code.to_owned());
        let mut cells = vec![Cell::None, code("?"), code("FUN"), code("ORD.HTJ"), code("SABO")];
        cells.sort_by_key(|cell| ranks.of(cell));
        assert_eq!(cells, [code("SABO"), code("ORD.HTJ"), code("FUN"), code("?"), Cell::None]);
    }
}
