//! The units that lines may name: the tenant's, those of the file of units, and those made from
//! lines of cases where no such file came along.

use std::collections::{HashMap, HashSet};

use domain::organisation::Unit;

use super::cells::Cells;
use super::delivery::UnitRow;

/// Where a unit is known from.
#[derive(Debug)]
enum Origin {
    /// The tenant has it: it is left as it is.
    Tenant,
    /// The delivery brings it: an index into the rows.
    Delivered(usize),
    /// Its line in the file of units is faulty.
    Faulty,
}

/// Every unit that may be named.
#[derive(Debug, Default)]
pub(super) struct UnitBook {
    by_code: HashMap<String, Origin>,
    /// Codes by name; `None` for a name that several units have.
    by_name: HashMap<String, Option<String>>,
    rows: Vec<UnitRow>,
    /// A file of units came along, so a unit outside it is a slip.
    pub listed: bool,
    /// That file could not be read, so nothing can be said of a unit that is not known.
    pub unreadable: bool,
}

impl UnitBook {
    pub fn new<'a>(units: impl IntoIterator<Item = &'a Unit>, unknown_code: &str) -> Self {
        let mut book = Self::default();
        // Every tenant has it, also one that is yet to be made.
        book.by_code.insert(unknown_code.to_owned(), Origin::Tenant);
        for unit in units {
            book.by_code.insert(unit.code.clone(), Origin::Tenant);
            book.name(&unit.name, &unit.code);
        }
        book
    }

    fn name(&mut self, name: &str, code: &str) {
        let entry = self.by_name.entry(name.to_owned());
        entry.and_modify(|known| *known = None).or_insert_with(|| Some(code.to_owned()));
    }

    /// Takes in a line of the file of units; `None` is a faulty one.
    pub fn add(&mut self, cells: &mut Cells<'_>, row: Option<UnitRow>) {
        let Some(row) = row else {
            if let Some(code) = cells.given("kod") {
                self.by_code.entry(code.to_owned()).or_insert(Origin::Faulty);
            }
            return;
        };
        match self.by_code.get(&row.code) {
            Some(Origin::Tenant | Origin::Faulty) => {}
            Some(Origin::Delivered(at)) => {
                if let Some(first) = self.rows.get(*at)
                    && !same(first, &row)
                {
                    let reason =
                        format!("the unit stands on line {} too, with other content", first.line);
                    cells.fault("kod", reason, "one line a unit");
                }
            }
            None => {
                self.name(&row.name, &row.code);
                self.by_code.insert(row.code.clone(), Origin::Delivered(self.rows.len()));
                self.rows.push(row);
            }
        }
    }

    /// The code of the unit that a line names by code or by name, if there is one.
    fn find(&self, given: &str) -> Option<String> {
        if self.by_code.contains_key(given) {
            return Some(given.to_owned());
        }
        self.by_name.get(given).cloned().flatten()
    }

    /// The code of the unit a case names; a unit that nobody listed is made, where nobody lists any.
    pub fn of_case(
        &mut self,
        cells: &mut Cells<'_>,
        given: &str,
        area: Option<&str>,
    ) -> Option<String> {
        let code = match self.find(given) {
            Some(code) => code,
            None if self.listed || self.by_name.contains_key(given) => {
                self.unknown(cells, "enhet", given);
                return None;
            }
            None => {
                let at = self.rows.len();
                self.by_code.insert(given.to_owned(), Origin::Delivered(at));
                self.name(given, given);
                self.rows.push(UnitRow {
                    line: cells.line(),
                    code: given.to_owned(),
                    name: given.to_owned(),
                    area: None,
                    parent: None,
                    valid_from: None,
                    valid_to: None,
                });
                given.to_owned()
            }
        };
        if let (Some(area), Some(Origin::Delivered(at))) = (area, self.by_code.get(&code))
            && let Some(row) = self.rows.get_mut(*at)
        {
            match &row.area {
                None => row.area = Some(area.to_owned()),
                Some(known) if known == area => {}
                Some(known) => {
                    let reason = format!("the area {area} for a unit that is in {known} before");
                    cells.fault("verksamhetsomrade", reason, "a unit has one area");
                }
            }
        }
        Some(code)
    }

    /// The codes of the units a grant names.
    pub fn of_grant(&self, cells: &mut Cells<'_>, given: &[String]) -> Vec<String> {
        let mut codes = Vec::new();
        for one in given {
            match self.find(one) {
                Some(code) => codes.push(code),
                None => self.unknown(cells, "enheter", one),
            }
        }
        codes
    }

    fn unknown(&self, cells: &mut Cells<'_>, column: &str, given: &str) {
        if self.unreadable {
            return;
        }
        let shown = cells.shown(given);
        if self.by_name.contains_key(given) {
            cells.fault(
                column,
                format!("several units are named {shown}"),
                "the code of one of them",
            );
        } else {
            let expected = "a unit of the tenant, or a line for it in enheter.csv";
            cells.fault(column, format!("unknown unit {shown}"), expected);
        }
    }

    /// Units whose parent is not there, or that stand above themselves, by line.
    pub fn misplaced(&self) -> Vec<(u64, String)> {
        let mut found = Vec::new();
        for row in &self.rows {
            let mut seen = HashSet::from([row.code.as_str()]);
            let mut next = row.parent.as_deref();
            while let Some(parent) = next {
                next = match self.by_code.get(parent) {
                    None if seen.len() == 1 => {
                        found.push((row.line, "the unit above is not known".to_owned()));
                        None
                    }
                    Some(Origin::Delivered(at)) if seen.insert(parent) => {
                        self.rows.get(*at).and_then(|above| above.parent.as_deref())
                    }
                    Some(Origin::Delivered(_)) if parent == row.code => {
                        found.push((row.line, "the unit stands above itself".to_owned()));
                        None
                    }
                    None | Some(Origin::Tenant | Origin::Faulty | Origin::Delivered(_)) => None,
                };
            }
        }
        found
    }

    /// What the delivery brings, those above before those below.
    pub fn into_rows(self) -> Vec<UnitRow> {
        let mut waiting = self.rows;
        let mut codes: HashSet<String> = waiting.iter().map(|row| row.code.clone()).collect();
        let mut ordered = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let before = waiting.len();
            let (ready, later): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|row| row.parent.as_ref().is_none_or(|parent| !codes.contains(parent)));
            for row in &ready {
                codes.remove(&row.code);
            }
            ordered.extend(ready);
            waiting = later;
            if waiting.len() == before {
                // A ring, which is a fault told elsewhere; the rest in any order.
                ordered.append(&mut waiting);
            }
        }
        ordered
    }
}

fn same(one: &UnitRow, other: &UnitRow) -> bool {
    let content = |row: &UnitRow| {
        (row.name.clone(), row.area.clone(), row.parent.clone(), row.valid_from, row.valid_to)
    };
    content(one) == content(other)
}
