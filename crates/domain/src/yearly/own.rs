//! Figures that are counted elsewhere and stand in the report beside ours: controlled drugs checked,
//! hygiene, devices, logs. Given one by one or as a CSV file, all or nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::calendar::parse_date;
use crate::case::event::Faults;
use crate::fault::{Fault, Reason};
use crate::ids::{OwnFigureId, UnitId};
use crate::learning::Done;
use crate::organisation::UnitTree;
use crate::personnummer;
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Row, Table, share};

/// The longest name of a figure, in characters.
pub const LONGEST_NAME: usize = 120;
/// The longest source, in characters.
pub const LONGEST_SOURCE: usize = 300;
/// The largest number taken.
pub const LARGEST: u64 = 1_000_000_000_000;
/// How many lines a file may have at most.
pub const MOST_LINES: usize = 2_000;
/// The name of the table.
pub const TABLE: &str = "own_figures";
/// The code of a row that is of no unit: the whole tenant.
pub const WHOLE: &str = "whole";

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A number, of so many where it is a part of something: 128 of 156.
    Count {
        /// How many.
        value: u64,
        /// Of how many.
        of: Option<u64>,
    },
    /// A share whose parts nobody has, in tenths of a per cent: 977 is 97.7 %.
    Percent {
        /// Tenths.
        tenths: u16,
    },
}

/// What a figure says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnContent {
    /// What is counted, the same from year to year.
    pub name: String,
    /// Of which unit; `None` is the whole tenant.
    pub unit: Option<UnitId>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// How many.
    pub amount: Amount,
    /// Where it was counted.
    pub source: String,
}

/// What makes two figures the same figure.
pub type OwnKey = (String, Option<UnitId>, Date, Date);

/// A figure that is counted elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFigure {
    /// Its id.
    pub id: OwnFigureId,
    /// What it says.
    pub content: OwnContent,
    /// Who entered it last.
    pub entered: Done,
    /// It was a mistake, and counts nowhere.
    pub withdrawn: bool,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

impl OwnContent {
    /// What makes it this figure and no other.
    pub fn key(&self) -> OwnKey {
        (self.name.clone(), self.unit, self.from, self.to)
    }

    /// Whether it counts days that `other` counts, too: periods of one name at one unit are added, so that
    /// no day may be in two. The same period is the same figure.
    pub fn overlaps(&self, other: &Self) -> bool {
        let same = self.name == other.name && self.unit == other.unit;
        let period = |it: &Self| (it.from, it.to);
        same && period(self) != period(other) && self.from <= other.to && other.from <= self.to
    }

    /// Everything that is wrong with it; what a token says of who enters it is asked elsewhere.
    pub fn faults(&self, today: Date) -> Vec<Fault> {
        let mut faults = Faults::default();
        for (field, text, max) in
            [("/name", &self.name, LONGEST_NAME), ("/source", &self.source, LONGEST_SOURCE)]
        {
            faults.require(!text.trim().is_empty(), field, Reason::Required);
            faults.require(text.chars().count() <= max, field, Reason::TooLong { max });
        }
        let ordered = self.to >= self.from;
        faults.require(ordered, "/to", Reason::Before { other: "/from".into() });
        let one_year = self.from.year() == self.to.year();
        faults.require(one_year, "/from", Reason::inconsistent("period_over_two_years"));
        if self.to > today {
            let given = crate::calendar::start_of_day(self.to);
            faults.push("/to", Reason::InFuture { given });
        }
        let max = i64::try_from(LARGEST).unwrap_or(i64::MAX);
        match self.amount {
            Amount::Count { value, of } => {
                let range = || Reason::OutOfRange { min: 0, max };
                faults.require(value <= LARGEST, "/value", range());
                faults.require(of.is_none_or(|of| of <= LARGEST), "/of", range());
                let part = of.is_none_or(|of| value <= of);
                faults.require(part, "/value", Reason::inconsistent("part_more_than_whole"));
            }
            Amount::Percent { tenths } => {
                let range = Reason::OutOfRange { min: 0, max: 100 };
                faults.require(tenths <= 1000, "/percent", range);
            }
        }
        faults.into_vec()
    }
}

/// A year's figures of one name at one unit, put together.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    counted: Option<u64>,
    of: Option<u64>,
    percent: Option<(Date, u16)>,
}

impl Sum {
    /// Periods of a year add; of shares without parts the last one stands.
    fn add(&mut self, content: &OwnContent) {
        match content.amount {
            Amount::Count { value, of } => {
                let first = self.counted.is_none();
                self.counted = Some(self.counted.unwrap_or_default().saturating_add(value));
                self.of = match (first, self.of, of) {
                    (true, _, of) => of,
                    (false, Some(sum), Some(of)) => Some(sum.saturating_add(of)),
                    // A whole of which a part is unknown is unknown.
                    (false, _, _) => None,
                };
            }
            Amount::Percent { tenths } => {
                if self.percent.is_none_or(|(last, _)| last <= content.to) {
                    self.percent = Some((content.to, tenths));
                }
            }
        }
    }

    fn cells(self) -> [Cell; 3] {
        let count = |count: Option<u64>| count.map_or(Cell::None, Cell::Count);
        let share = match (self.counted, self.of, self.percent) {
            (Some(part), Some(of), _) => share(part, of),
            (None, _, Some((_, tenths))) => Cell::Tenths(i64::from(tenths)),
            (_, _, _) => Cell::None,
        };
        [count(self.counted), count(self.of), share]
    }
}

/// The figures of `year` as a table, the year before beside them where the same was counted then. `None`
/// where nothing was counted.
pub fn table(figures: &[OwnFigure], units: &UnitTree, year: i16, as_of: Date) -> Option<Table> {
    let known = figures.iter().filter(|figure| !figure.withdrawn).map(|figure| &figure.content);
    let mut sums: BTreeMap<(&str, Option<UnitId>), [Sum; 2]> = BTreeMap::new();
    let mut sources: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut before = false;
    for content in known {
        let place = match year - content.to.year() {
            0 => 0,
            1 => 1,
            _ => continue,
        };
        before |= place == 1;
        sums.entry((&content.name, content.unit)).or_default()[place].add(content);
        if place == 0 {
            sources.insert((&content.name, &content.source));
        }
    }
    // What was counted last year and is not this year is not dropped silently: it has a dash.
    let any = sums.values().any(|[now, _]| now.counted.is_some() || now.percent.is_some());
    if !any {
        return None;
    }
    let name_of = |unit: Option<UnitId>| match unit {
        Some(id) => units.get(id).map(|unit| unit.name.clone()).unwrap_or_default(),
        None => "Hela verksamheten".to_owned(),
    };
    let years = if before { vec![year, year - 1] } else { vec![year] };
    let mut rows: Vec<Row> = Vec::new();
    for ((name, unit), both) in &sums {
        let code = unit.map_or_else(|| WHOLE.to_owned(), |id| id.to_string());
        let keys = vec![
            Label { code: Some((*name).to_owned()), text: (*name).to_owned() },
            Label { code: Some(code), text: name_of(*unit) },
        ];
        let cells = both.iter().take(years.len()).flat_map(|sum| sum.cells());
        rows.push(Row { keys, cells: cells.collect() });
    }
    let said: Vec<String> =
        sources.iter().map(|(name, source)| format!("{name}: {source}")).collect();
    Some(Table {
        id: TABLE.to_owned(),
        title: "Egna uppgifter: kontroller och mätningar som räknats på annat håll".to_owned(),
        counts: Counted::Own,
        definition:
            "Uppgifterna är lämnade av verksamheten och inte räknade ur ärenden. Perioder under \
                     året är summerade; av andelar utan antal visas årets sista."
                .to_owned(),
        as_of,
        asked_for: true,
        heads: vec![
            Head { id: "figure".into(), title: "Uppgift".into() },
            Head { id: "unit".into(), title: "Enhet".into() },
        ],
        columns: years.iter().enumerate().flat_map(|(at, year)| columns(*year, at * 3)).collect(),
        rows,
        total: None,
        chart: None,
        notes: if said.is_empty() {
            Vec::new()
        } else {
            vec![format!("Källa. {}", said.join("; "))]
        },
    })
}

fn columns(year: i16, first: usize) -> [Column; 3] {
    let column = |id: &str, title: &str, holds: Holds, from: Vec<usize>| Column {
        id: format!("{id}_{year}"),
        title: format!("{title} {year}"),
        holds,
        adds: false,
        set: "own".to_owned(),
        year: Some(year),
        limits: Vec::new(),
        from,
    };
    [
        column("count", "Antal", Holds::Count, Vec::new()),
        column("of", "Av", Holds::Count, Vec::new()),
        column("share", "Andel, %", Holds::Share, vec![first, first + 1]),
    ]
}

/// The columns of a file, each with the names it may have in the header.
const COLUMNS: [(&str, &[&str]); 8] = [
    ("name", &["name", "namn", "uppgift"]),
    ("unit", &["unit", "enhet"]),
    ("from", &["from", "från", "fran"]),
    ("to", &["to", "till"]),
    ("value", &["value", "antal", "värde"]),
    ("of", &["of", "av"]),
    ("percent", &["percent", "procent", "andel"]),
    ("source", &["source", "källa", "kalla"]),
];

/// Reads a file of figures: `;` between fields, a header, UTF-8 with or without BOM, days as
/// `2025-01-31`, a decimal comma or point in shares; an empty unit is the whole tenant.
///
/// # Errors
/// Every fault at once, by `/line/column`; line 1 is the header.
pub fn read_csv(
    bytes: &[u8],
    units: &UnitTree,
    today: Date,
) -> Result<Vec<(u64, OwnContent)>, Vec<Fault>> {
    let wrong = |expected: &str| Reason::WrongType { expected: expected.to_owned() };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| vec![Fault::at("", wrong("text in UTF-8"))])?
        .trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut faults = Faults::default();
    let mut places: Option<[Option<usize>; 8]> = None;
    let mut width = 0;
    let mut found: Vec<(u64, OwnContent)> = Vec::new();
    let mut seen: BTreeMap<OwnKey, u64> = BTreeMap::new();
    for record in reader.records() {
        let Ok(record) = record else {
            faults.push("", wrong("lines of CSV, fields set apart by ;"));
            break;
        };
        let line = record.position().map_or(1, csv::Position::line);
        let Some(places) = &places else {
            width = record.len();
            places = Some(header(&record, &mut faults));
            continue;
        };
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if record.len() != width {
            faults.push(format!("/{line}"), wrong(&format!("{width} fields, as in the header")));
            continue;
        }
        if found.len() >= MOST_LINES {
            let max = i64::try_from(MOST_LINES).unwrap_or(i64::MAX);
            faults.push(format!("/{line}"), Reason::OutOfRange { min: 1, max });
            break;
        }
        let row = Fields { record: &record, places, line };
        if let Some(content) = row.content(units, today, &mut faults) {
            if seen.insert(content.key(), line).is_some() {
                faults.push(format!("/{line}"), Reason::NotUnique);
            }
            found.push((line, content));
        }
    }
    if places.is_none() {
        faults.push("/1", Reason::Required);
    }
    if faults.is_empty() { Ok(found) } else { Err(faults.into_vec()) }
}

fn header(record: &csv::StringRecord, faults: &mut Faults) -> [Option<usize>; 8] {
    let mut places = [None; 8];
    for (place, given) in record.iter().enumerate() {
        let given = given.trim().to_lowercase();
        let at = COLUMNS.iter().position(|(_, names)| names.contains(&given.as_str()));
        match at {
            Some(at) if places[at].is_none() => places[at] = Some(place),
            Some(at) => faults.push(format!("/1/{}", COLUMNS[at].0), Reason::NotUnique),
            None => faults.push(format!("/1/{}", place + 1), Reason::UnknownField),
        }
    }
    for needed in [0, 2, 3, 7] {
        if places[needed].is_none() {
            faults.push(format!("/1/{}", COLUMNS[needed].0), Reason::Required);
        }
    }
    places
}

struct Fields<'a> {
    record: &'a csv::StringRecord,
    places: &'a [Option<usize>; 8],
    line: u64,
}

impl Fields<'_> {
    fn get(&self, name: &str) -> &str {
        let at = COLUMNS.iter().position(|(known, _)| *known == name);
        let place = at.and_then(|at| self.places[at]);
        place.and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }

    fn fault(&self, faults: &mut Faults, column: &str, reason: Reason) {
        faults.push(format!("/{}/{column}", self.line), reason);
    }

    /// What a line says; what is wrong goes to `faults`.
    fn content(&self, units: &UnitTree, today: Date, faults: &mut Faults) -> Option<OwnContent> {
        let before = faults.count();
        let unit = match self.get("unit") {
            "" => None,
            given => {
                let unit = units.find(given).map(|unit| unit.id);
                if unit.is_none() {
                    self.fault(faults, "unit", Reason::UnknownUnit { given: given.to_owned() });
                }
                unit
            }
        };
        let mut day = |column: &str| {
            let given = self.get(column);
            let day = parse_date(given).ok();
            if day.is_none() {
                let reason = if given.is_empty() {
                    Reason::Required
                } else {
                    Reason::WrongType { expected: "a day such as 2025-01-31".to_owned() }
                };
                self.fault(faults, column, reason);
            }
            day.unwrap_or(today)
        };
        let (from, to) = (day("from"), day("to"));
        let amount = self.amount(faults);
        let (name, source) = (self.get("name").to_owned(), self.get("source").to_owned());
        for (column, text) in [("name", &name), ("source", &source)] {
            for found in personnummer::find_in(text, today) {
                let (position, length) = (found.position, found.length);
                self.fault(faults, column, Reason::PersonalNumber { position, length });
            }
        }
        let content = OwnContent { name, unit, from, to, amount: amount?, source };
        if faults.count() > before {
            return None;
        }
        let own = content.faults(today);
        for fault in &own {
            faults.push(format!("/{}{}", self.line, fault.field), fault.reason.clone());
        }
        own.is_empty().then_some(content)
    }

    fn amount(&self, faults: &mut Faults) -> Option<Amount> {
        let number = |faults: &mut Faults, column: &str| -> Option<Option<u64>> {
            let given: String = self.get(column).chars().filter(|it| !it.is_whitespace()).collect();
            if given.is_empty() {
                return Some(None);
            }
            let read = given.parse::<u64>().ok();
            if read.is_none() {
                let expected = "a whole number".to_owned();
                self.fault(faults, column, Reason::WrongType { expected });
            }
            read.map(Some)
        };
        let (value, of) = (number(faults, "value"), number(faults, "of"));
        let given = self.get("percent").trim_end_matches('%').trim();
        let percent = if given.is_empty() {
            Some(None)
        } else {
            let read = tenths(given);
            if read.is_none() {
                let expected = "a share in per cent, such as 97,7".to_owned();
                self.fault(faults, "percent", Reason::WrongType { expected });
            }
            read.map(Some)
        };
        match (value?, of?, percent?) {
            (Some(value), of, None) => Some(Amount::Count { value, of }),
            (None, None, Some(tenths)) => Some(Amount::Percent { tenths }),
            (None, _, None) => {
                self.fault(faults, "value", Reason::Required);
                None
            }
            (_, _, Some(_)) => {
                self.fault(faults, "percent", Reason::inconsistent("count_and_percent"));
                None
            }
        }
    }
}

/// A share with at most one decimal, in tenths.
fn tenths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() != 1 {
        return None;
    }
    whole.parse::<u16>().ok()?.checked_mul(10)?.checked_add(part.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::ids::StaffId;
    use crate::organisation::Unit;

    fn units() -> UnitTree {
        let unit = |id: u128, code: &str| Unit {
            id: UnitId(Uuid::from_u128(id)),
            code: code.into(),
            name: code.to_uppercase(),
            area: None,
            parent: None,
            valid_from: None,
            valid_to: None,
            successor: None,
            unknown: false,
            version: 1,
        };
        UnitTree::new([unit(1, "gran"), unit(2, "tall")])
    }

    const TODAY: Date = date(2026, 2, 1);

    fn read(text: &str) -> Result<Vec<OwnContent>, Vec<String>> {
        let read = read_csv(text.as_bytes(), &units(), TODAY);
        let told = |it: Fault| format!("{} {}", it.field, it.reason.code());
        read.map(|found| found.into_iter().map(|(_, content)| content).collect())
            .map_err(|faults| faults.into_iter().map(told).collect())
    }

    fn figure(content: OwnContent) -> OwnFigure {
        let entered = Done { by: StaffId(Uuid::nil()), at: Timestamp::UNIX_EPOCH };
        OwnFigure { id: OwnFigureId(Uuid::nil()), content, entered, withdrawn: false, version: 1 }
    }

    #[test]
    fn a_file_is_read_and_becomes_a_table_with_the_year_before() {
        let text = "\u{feff}Namn;Enhet;Från;Till;Antal;Av;Procent;Källa\r\n\
            Narkotikakontroller;gran;2025-01-01;2025-06-30;60;78;;Kontrollbok\r\n\
            Narkotikakontroller;gran;2025-07-01;2025-12-31;68;78;;Kontrollbok\r\n\
            Narkotikakontroller;gran;2024-01-01;2024-12-31;100;150;;Kontrollbok\r\n\
            \"Signerade; i tid\";;2025-01-01;2025-12-31;;;97,7;Appva\r\n\
            ;;;;;;;\r\n";
        let read = read(text).expect("a file");
        let figures: Vec<OwnFigure> = read.into_iter().map(figure).collect();
        let table = table(&figures, &units(), 2025, TODAY).expect("a table");
        assert_eq!(table.flaws(), []);
        let ids: Vec<&str> = table.columns.iter().map(|column| column.id.as_str()).collect();
        assert_eq!(
            ids,
            ["count_2025", "of_2025", "share_2025", "count_2024", "of_2024", "share_2024"]
        );
        let gran = UnitId(Uuid::from_u128(1)).to_string();
        let row = table.row(&[Some("Narkotikakontroller"), Some(&gran)]).expect("a row");
        assert_eq!(row.keys[1].text, "GRAN");
        let count = Cell::Count;
        assert_eq!(
            row.cells,
            [count(128), count(156), Cell::Tenths(821), count(100), count(150), Cell::Tenths(667)]
        );
        let row = table.row(&[Some("Signerade; i tid"), Some(WHOLE)]).expect("a row");
        let none = Cell::None;
        assert_eq!(row.cells[..3], [none.clone(), none, Cell::Tenths(977)]);
        assert_eq!(
            table.notes,
            ["Källa. Narkotikakontroller: Kontrollbok; Signerade; i tid: Appva"]
        );
        assert_eq!(super::table(&figures, &units(), 2023, TODAY), None);
    }

    #[test]
    fn every_fault_of_a_file_is_named_by_line_and_column() {
        assert_eq!(read("").expect_err("nothing"), ["/1 required"]);
        assert_eq!(
            read("namn;x;namn\n").expect_err("a header"),
            [
                "/1/2 unknown_field",
                "/1/name not_unique",
                "/1/from required",
                "/1/to required",
                "/1/source required",
            ]
        );
        let head = "name;unit;from;to;value;of;percent;source\n";
        let lines = "a;ek;2025-01-01;x;1;2;;s\n\
            a;;2025-01-01;2025-12-31;3;2;;s\n\
            a;;2025-01-01;2026-01-31;3;;50;s\n\
            ;;2024-12-01;2025-01-31;3;;;\n\
            a;;2025-01-01\n\
            640823-3234;;2025-01-01;2025-01-31;-1;;97,75;s\n\
            b;;2025-01-01;2025-01-31;1;;;s\n\
            b;;2025-01-01;2025-01-31;2;;;s\n";
        assert_eq!(
            read(&format!("{head}{lines}")).expect_err("faults"),
            [
                "/2/unit unknown_unit",
                "/2/to wrong_type",
                "/3/value part_more_than_whole",
                "/4/percent count_and_percent",
                "/5/name required",
                "/5/source required",
                "/5/from period_over_two_years",
                "/6 wrong_type",
                "/7/value wrong_type",
                "/7/percent wrong_type",
                "/7/name personal_number",
                "/9 not_unique",
            ]
        );
    }

    #[test]
    fn parts_of_an_unknown_whole_have_no_share() {
        let of = |value, of| Amount::Count { value, of };
        let content = |amount, month: i8| OwnContent {
            name: "x".into(),
            unit: None,
            from: date(2025, month, 1),
            to: date(2025, month, 2),
            amount,
            source: "s".into(),
        };
        let figures = [content(of(1, Some(2)), 1), content(of(1, None), 2)].map(figure);
        let table = table(&figures, &units(), 2025, TODAY).expect("a table");
        assert_eq!(table.rows[0].cells, [Cell::Count(2), Cell::None, Cell::None]);
        let mut gone = figures.to_vec();
        gone[1].withdrawn = true;
        let table = super::table(&gone, &units(), 2025, TODAY).expect("a table");
        assert_eq!(table.rows[0].cells, [Cell::Count(1), Cell::Count(2), Cell::Tenths(500)]);
        assert_eq!(content(of(0, None), 1).faults(date(2024, 1, 1))[0].reason.code(), "in_future");
    }
}
