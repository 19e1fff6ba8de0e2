//! Random towns with random cases, and the tables a report would print of them.

use std::collections::BTreeMap;

use domain::table::{Cell, Column, Counted, Head, Holds, Label, Limit, Row, Table, change, share};
use domain::yearly::suppression::{Mark, Rules, Within};
use domain::yearly::{About, Section, SectionId, Yearly};
use jiff::civil::Date;

use crate::dice::Dice;

/// What a table says that has no row of nothing.
pub const LEAVES_OUT: &str = "Rader utan händelser är utelämnade.";

/// A case: its value on each dimension.
pub type Case = BTreeMap<&'static str, String>;

pub struct Town {
    pub cases: Vec<(i16, Case)>,
    pub values: BTreeMap<&'static str, Vec<String>>,
    pub area_of: BTreeMap<String, String>,
    pub rules: Rules,
}

pub fn limit(dimension: &str, code: &str) -> Limit {
    Limit { dimension: dimension.to_owned(), code: Some(code.to_owned()) }
}

impl Town {
    pub fn new(dice: &mut Dice) -> Self {
        let units = 1 + dice.below(6);
        let areas = 1 + dice.below(3.min(units));
        let mut values = BTreeMap::new();
        let named = |name: &str, many: u64| (0..many).map(|at| format!("{name}{at}")).collect();
        let unit_names: Vec<String> = named("u", units);
        values.insert("unit", unit_names.clone());
        values.insert("area", named("a", areas));
        values.insert("injury", named("i", 1 + dice.below(4)));
        values.insert("sex", named("s", 2));
        values.insert("law", named("l", 1 + dice.below(3)));
        let tops = 1 + dice.below(3);
        let mut categories = Vec::new();
        for top in 0..tops {
            categories.push(format!("HSL.C{top}"));
            for below in 0..dice.below(3) {
                categories.push(format!("HSL.C{top}.B{below}"));
            }
        }
        values.insert("category", categories);
        let mut area_of = BTreeMap::new();
        let mut rules = Rules { threshold: 5, small_unit: 20, ..Rules::default() };
        for unit in &unit_names {
            let area = format!("a{}", dice.below(areas));
            rules.within.push(Within { inner: limit("unit", unit), outer: limit("area", &area) });
            area_of.insert(unit.clone(), area);
            if dice.chance(70) {
                rules.sizes.insert(unit.clone(), 5 + dice.below(40));
            }
        }
        let many = match dice.below(4) {
            0 => dice.below(8),
            1 => dice.below(30),
            2 => dice.below(80),
            _ => dice.below(160),
        };
        let skewed = dice.chance(50);
        let mut cases = Vec::new();
        for _ in 0..many {
            let mut case = Case::new();
            for (dimension, values) in &values {
                let end = u64::try_from(values.len()).expect("a length");
                let mut at = dice.below(end);
                if skewed {
                    at = at.min(dice.below(end)).min(dice.below(end));
                }
                case.insert(dimension, values[usize::try_from(at).expect("a place")].clone());
            }
            let area = area_of[&case["unit"]].clone();
            case.insert("area", area);
            let year = if dice.chance(60) { 2025 } else { 2024 };
            cases.push((year, case));
        }
        Self { cases, values, area_of, rules }
    }

    /// How many cases of the year meet all limits.
    pub fn count(&self, year: i16, limits: &[Limit]) -> u64 {
        let meets = |case: &Case, limit: &Limit| {
            let code = limit.code.as_deref().expect("a code");
            let value = &case[limit.dimension.as_str()];
            value == code || value.strip_prefix(code).is_some_and(|rest| rest.starts_with('.'))
        };
        let cases = self.cases.iter().filter(|(of, _)| *of == year);
        let found = cases.filter(|(_, case)| limits.iter().all(|limit| meets(case, limit)));
        u64::try_from(found.count()).expect("a count")
    }

    fn column(&self, id: &str, year: i16, limits: Vec<Limit>) -> Column {
        Column {
            id: id.to_owned(),
            title: id.to_owned(),
            holds: Holds::Count,
            adds: true,
            set: "deviations".to_owned(),
            year: Some(year),
            limits,
            from: Vec::new(),
        }
    }

    /// A table of these heads and columns; calculated columns are filled from those before them.
    fn table(
        &self,
        id: &str,
        heads: &[&'static str],
        columns: Vec<Column>,
        nothing: bool,
    ) -> Table {
        let mut keys: Vec<Vec<String>> = vec![Vec::new()];
        for head in heads {
            let values = self.values[head].iter();
            // Rows exclude each other: of categories those with none above.
            let values: Vec<&String> =
                values.filter(|value| value.matches('.').count() < 2).collect();
            keys = keys
                .into_iter()
                .flat_map(|key| {
                    values.iter().map(move |value| {
                        let mut key = key.clone();
                        key.push((*value).clone());
                        key
                    })
                })
                .collect();
        }
        let cells = |key: &[String]| {
            let mut cells: Vec<Cell> = Vec::new();
            for column in &columns {
                let rows = heads.iter().zip(key).map(|(head, code)| limit(head, code));
                let limits: Vec<Limit> = column.limits.iter().cloned().chain(rows).collect();
                let counted = |at: usize| match &cells[column.from[at]] {
                    Cell::Count(count) => *count,
                    other => panic!("{other:?} is no count"),
                };
                let cell = match column.holds {
                    Holds::Count => Cell::Count(self.count(column.year.expect("a year"), &limits)),
                    Holds::Change if column.from.len() == 1 => {
                        change(counted(0), self.count(column.year.expect("a year") - 1, &limits))
                    }
                    Holds::Change => change(counted(0), counted(1)),
                    Holds::Share => share(counted(0), counted(1)),
                    Holds::Days | Holds::Rate | Holds::Text => Cell::None,
                };
                cells.push(cell);
            }
            cells
        };
        let rows = keys.iter().map(|key| Row {
            keys: key
                .iter()
                .map(|code| Label { code: Some(code.clone()), text: code.clone() })
                .collect(),
            cells: cells(key),
        });
        let counts = |row: &Row| {
            row.cells.iter().any(|cell| matches!(cell, Cell::Count(count) if *count > 0))
        };
        let rows: Vec<Row> = rows.filter(|row| nothing || counts(row)).collect();
        let total = {
            let mut cells: Vec<Cell> = Vec::new();
            for column in &columns {
                let counted = |at: usize| match &cells[column.from[at]] {
                    Cell::Count(count) => *count,
                    other => panic!("{other:?} is no count"),
                };
                let year = column.year.expect("a year");
                let cell = match column.holds {
                    Holds::Count => Cell::Count(self.count(year, &column.limits)),
                    Holds::Change if column.from.len() == 1 => {
                        change(counted(0), self.count(year - 1, &column.limits))
                    }
                    Holds::Change => change(counted(0), counted(1)),
                    Holds::Share => share(counted(0), counted(1)),
                    Holds::Days | Holds::Rate | Holds::Text => Cell::None,
                };
                cells.push(cell);
            }
            cells
        };
        Table {
            id: id.to_owned(),
            title: id.to_owned(),
            counts: Counted::Deviations,
            // Whoever reads such a report each year knows.
            definition: if nothing { "" } else { LEAVES_OUT }.to_owned(),
            as_of: Date::constant(2025, 12, 31),
            asked_for: false,
            heads: heads
                .iter()
                .map(|head| Head { id: (*head).to_owned(), title: (*head).to_owned() })
                .collect(),
            columns,
            rows,
            total: Some(total),
            chart: None,
            notes: Vec::new(),
        }
    }

    fn calculated(&self, id: &str, holds: Holds, from: Vec<usize>) -> Column {
        let base = self.column(id, 2025, Vec::new());
        Column { holds, from, adds: matches!(holds, Holds::Change), ..base }
    }

    /// A report with a random choice of tables.
    pub fn report(&self, dice: &mut Dice) -> Yearly {
        let mut tables = Vec::new();
        // Most are one table or two, some are many.
        let most = match dice.below(10) {
            0..7 => 1 + dice.below(3),
            _ => 12,
        };
        let most = usize::try_from(most).expect("a few");
        let years = || {
            vec![
                self.column("count_2025", 2025, Vec::new()),
                self.column("count_2024", 2024, Vec::new()),
                self.calculated("change", Holds::Change, vec![0, 1]),
            ]
        };
        for dimension in ["unit", "area", "injury", "sex", "law", "category"] {
            if tables.len() < most && dice.chance(40) {
                let mut columns = years();
                let without_earlier = dice.chance(30);
                if without_earlier {
                    columns.remove(1);
                    columns[1].from = vec![0];
                }
                let nothing = without_earlier || dice.chance(50);
                let mut table =
                    self.table(&format!("by_{dimension}"), &[dimension], columns, nothing);
                table.asked_for = dice.chance(30);
                tables.push(table);
            }
        }
        // Parts in columns beside the whole, as the values of a dimension or some of them.
        for (rows, parts) in
            [("unit", "injury"), ("unit", "category"), ("area", "sex"), ("law", "injury")]
        {
            if tables.len() >= most || !dice.chance(40) {
                continue;
            }
            let mut columns = Vec::new();
            if dice.chance(70) {
                columns.push(self.column("count", 2025, Vec::new()));
            }
            let leave_out = dice.chance(40);
            for code in self.values[parts].iter().skip(usize::from(leave_out)) {
                columns.push(self.column(&format!("of_{code}"), 2025, vec![limit(parts, code)]));
                columns.last_mut().expect("a column").id = format!("of_{}", code.replace('.', "_"));
            }
            if columns.len() > 1 && dice.chance(50) {
                columns.push(self.calculated("share", Holds::Share, vec![1, 0]));
            }
            if columns.is_empty() {
                continue;
            }
            let nothing = dice.chance(50);
            tables.push(self.table(&format!("{rows}_{parts}"), &[rows], columns, nothing));
        }
        if tables.is_empty() || (tables.len() < most && dice.chance(30)) {
            let nothing = dice.chance(50);
            let columns = vec![self.column("count_2025", 2025, Vec::new())];
            tables.push(self.table("unit_and_sex", &["unit", "sex"], columns, nothing));
        }
        Yearly {
            tenant: "Provby".to_owned(),
            about: About::Whole,
            year: 2025,
            read_at: "2026-02-01T10:00:00Z".parse().expect("a time"),
            as_of: Date::constant(2025, 12, 31),
            definitions: 1,
            beside: vec![2024],
            breaks: Vec::new(),
            first_page: Vec::new(),
            sections: vec![Section {
                id: SectionId::Summary,
                sentences: Vec::new(),
                tables,
                text: None,
                paragraphs: Vec::new(),
                goals: Vec::new(),
            }],
        }
    }

    /// A figure to be kept back by hand.
    pub fn mark(&self, report: &Yearly, dice: &mut Dice) -> Option<Mark> {
        let tables: Vec<&Table> = report.tables().collect();
        let end = u64::try_from(tables.len()).expect("a length");
        let table = tables[usize::try_from(dice.below(end.max(1))).expect("a place")..].first()?;
        let rows = u64::try_from(table.rows.len()).expect("a length");
        let row = usize::try_from(dice.below(rows + 1)).expect("a place");
        let row = table.rows.get(row);
        Some(Mark {
            table: table.id.clone(),
            row: row.map(|row| row.keys.iter().map(|key| key.code.clone()).collect()),
            column: table.columns[0].id.clone(),
            ground: "Kan pekas ut".to_owned(),
        })
    }
}
