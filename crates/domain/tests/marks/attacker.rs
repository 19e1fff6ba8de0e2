//! Somebody who reads a public report and knows by definition which figures of its tables are one figure, which
//! add to which, and which are no more than others. Written apart from what it attacks: what a cell counts
//! is said here table by table.

use std::collections::{BTreeMap, BTreeSet};

use domain::table::{Cell, Column, Holds, Row, Table};
use domain::yearly::Yearly;

/// A modulus in which sums are solved.
const PRIME: i128 = (1 << 61) - 1;
/// More than any count.
const MANY: i128 = 1_000_000_000;

/// How many values of a figure are supposed from either end.
const SUPPOSED: usize = 6;

/// What lies in what: units in areas, areas in groups.
pub type Places = BTreeMap<String, (Option<String>, Option<String>)>;

/// A sum of figures: exactly that, or at least that.
#[derive(Clone, Debug)]
struct Sum {
    terms: BTreeMap<usize, i128>,
    is: i128,
    exact: bool,
}

/// What the reader knows.
#[derive(Default)]
pub struct Reader {
    names: BTreeMap<String, usize>,
    sums: Vec<Sum>,
    known: BTreeMap<usize, i128>,
}

fn code(row: Option<&Row>, at: usize) -> String {
    row.map_or_else(String::new, |row| row.keys[at].code.clone().unwrap_or_else(|| "–".to_owned()))
}

/// What a cell counts; `None` where it is no count that hangs together with any other.
fn name(table: &Table, column: &Column, row: Option<&Row>, year: i16) -> Option<String> {
    let id = column.id.as_str();
    let plain = id.strip_suffix(&format!("_{year}")).unwrap_or(id);
    let with = |set: &str, dimension: &str| match row {
        None => set.to_owned(),
        Some(_) => format!("{set} {dimension}={}", code(row, 0)),
    };
    let said = match table.id.as_str() {
        "totals_by_year" => match id {
            "deviations" => "dev".to_owned(),
            "hsl" => "dev law=HSL".to_owned(),
            "sol" => "dev law=SOL".to_owned(),
            "lss" => "dev law=LSS".to_owned(),
            "no_law" => "dev law=–".to_owned(),
            "falls" => "dev category=HSL.FAL".to_owned(),
            "medication" => "dev category=HSL.LKM".to_owned(),
            "controlled_drugs" => "dev category=HSL.LKM.NAR".to_owned(),
            "opinions" => "op".to_owned(),
            other => panic!("a column nobody knows: {other}"),
        },
        "statutory_counts" => match code(row, 0).as_str() {
            kind @ ("lex_maria" | "lex_sarah" | "riskperson") => format!("notified of={kind}"),
            other => format!("law {other}"),
        },
        "escalations_by_kind" => match plain {
            "count" => with("raised", "of"),
            _ => with("notified", "of"),
        },
        "opinions_by_year" => match id {
            "count" => "op".to_owned(),
            "complaints" => "op kind=KLA".to_owned(),
            other => format!("op {other}"),
        },
        "opinions_by_category" => with("op", "category"),
        "opinions_by_kind" => with("op", "kind"),
        "deviations_by_subcategory" => match code(row, 1).as_str() {
            "" => "dev".to_owned(),
            "HSL.LKM.NAR" => "dev category=HSL.LKM.NAR".to_owned(),
            below => format!("dev only={} {below}", code(row, 0)),
        },
        "deviations_by_cause" => match code(row, 0).as_str() {
            "–" => "dev without cause".to_owned(),
            cause => format!("cause {cause}"),
        },
        "falls_by_unit" => with("dev category=HSL.FAL", "unit"),
        "medication_by_unit" if plain == "controlled" => with("dev category=HSL.LKM.NAR", "unit"),
        "medication_by_unit" => with("dev category=HSL.LKM", "unit"),
        "social_by_law" => match row {
            None => "soc".to_owned(),
            Some(_) => with("dev", "law"),
        },
        "social_by_unit" => with("soc", "unit"),
        "social_by_category" => with("soc", "category"),
        "reports_and_injury_by_unit" if plain == "count" => with("dev", "unit"),
        "reports_and_injury_by_unit" => with(&format!("dev {id}"), "unit"),
        "silent_units" => with("dev", "unit"),
        "lead_times_by_unit" => with(&format!("lead {id}"), "unit"),
        "clocks_kept" | "measures_by_effect" | "reviews_by_unit" => {
            with(&format!("{} {id}", table.id), "of")
        }
        "forwardings_by_counterparty" => with(&format!("forwarded {plain}"), "of"),
        "rates_by_unit" => {
            // In all months it is what other tables count, in some a part of that.
            let months = table.column("months").zip(row).map(|(at, row)| &row.cells[at]);
            let (unit, kind) = (code(row, 0), code(row, 1));
            let of = match months {
                Some(Cell::Count(12)) => String::new(),
                _ => format!(" in={kind}"),
            };
            match id {
                "deviations" => format!("dev{of} unit={unit}"),
                "falls" => format!("dev falls{of} unit={unit}"),
                "medication" => format!("dev category=HSL.LKM{of} unit={unit}"),
                _ => return None,
            }
        }
        "unsigned_doses" if id == "reported" => with("dev category=HSL.LKM in=doses", "unit"),
        "unsigned_doses" => with(&format!("doses {id}"), "at"),
        by => {
            let dimension = by.strip_prefix("deviations_by_")?;
            with("dev", dimension)
        }
    };
    Some(said)
}

/// What the rates of a row are made with: so much of what is counted is so much of a rate in hundredths.
fn made_with(table: &Table, row: &Row) -> Option<(i128, i128)> {
    let cell = |id: &str| table.column(id).map(|at| &row.cells[at]);
    match (cell("exposure")?, cell("months")?) {
        (Cell::Count(all), _) => Some((1_000 * 20_000, i128::from(*all) * 100)),
        // Of an average for a whole year.
        (Cell::Hundredths(average), Cell::Count(months)) => {
            Some((100 * 12 * 20_000, i128::from(*average) * i128::from(*months)))
        }
        _ => None,
    }
}

/// The year of a cell.
fn year_of(table: &Table, column: &Column, row: Option<&Row>) -> Option<i16> {
    let at = table.heads.iter().position(|head| head.id == "year");
    column.year.or_else(|| row?.keys[at?].code.as_deref()?.parse().ok())
}

/// What a cell counts, with its year.
pub fn meaning(table: &Table, column: usize, row: Option<&Row>) -> Option<String> {
    let column = &table.columns[column];
    if column.holds != Holds::Count {
        return None;
    }
    let year = year_of(table, column, row).unwrap_or_default();
    name(table, column, row, year).map(|name| format!("{year} {name}"))
}

impl Reader {
    /// Reads a report; `places` says which unit lies where.
    pub fn new(report: &Yearly, places: &Places) -> Self {
        let mut reader = Self::default();
        for table in report.tables() {
            reader.read(table);
        }
        for table in report.tables().filter(|table| table.id == "silent_units") {
            reader.silent(table, report.year);
        }
        for table in report.tables() {
            reader.absent(table);
        }
        reader.rates(report);
        reader.relate(places);
        for sum in &mut reader.sums {
            for (at, value) in &reader.known {
                if let Some(by) = sum.terms.remove(at) {
                    sum.is -= by * value;
                }
            }
            sum.terms.retain(|_, by| *by != 0);
        }
        reader.sums.retain(|sum| !sum.terms.is_empty());
        reader
    }

    fn at(&mut self, name: &str) -> usize {
        let next = self.names.len();
        *self.names.entry(name.to_owned()).or_insert(next)
    }

    /// That a sum of what is named is, or is at least, so much. What is printed nowhere may be anything.
    fn say(&mut self, terms: &[(String, i128)], is: i128, exact: bool) {
        let mut sum = Sum { terms: BTreeMap::new(), is, exact };
        for (name, by) in terms {
            *sum.terms.entry(self.at(name)).or_insert(0) += by;
        }
        self.sums.push(sum);
    }

    /// That what is `part` is no more than what is `whole`, where both are printed.
    fn at_most(&mut self, part: &str, whole: &str) {
        if self.names.contains_key(part) && self.names.contains_key(whole) {
            self.say(&[(whole.to_owned(), 1), (part.to_owned(), -1)], 0, false);
        }
    }

    fn read(&mut self, table: &Table) {
        let rows = table.rows.iter().map(|row| (Some(row), &row.cells));
        let lines: Vec<_> = rows.chain(table.total.iter().map(|total| (None, total))).collect();
        for (nth, column) in table.columns.iter().enumerate() {
            let mut adds = Vec::new();
            for (row, cells) in &lines {
                let Some(name) = meaning(table, nth, *row) else { continue };
                match &cells[nth] {
                    Cell::Count(count) => {
                        let at = self.at(&name);
                        self.known.insert(at, i128::from(*count));
                    }
                    Cell::Suppressed => {
                        self.at(&name);
                    }
                    _ => continue,
                }
                adds.push((name, if row.is_some() { 1 } else { -1 }));
            }
            if column.adds && adds.last().is_some_and(|(_, by)| *by < 0) {
                self.say(&adds, 0, true);
            }
        }
        for (row, cells) in &lines {
            for (nth, column) in table.columns.iter().enumerate() {
                match (&cells[nth], column.from.as_slice()) {
                    (Cell::Change(change), from) => self.change(table, *row, from, *change),
                    (Cell::Tenths(tenths), from) if column.holds == Holds::Share => {
                        self.share(table, *row, (nth, from), *tenths);
                    }
                    _ => {}
                }
            }
            // A row stands there because something is counted in it.
            let of_counts = ["by_area", "by_unit", "by_category", "by_subcategory", "by_injury"];
            let forced = ["opinions_by_category", "reviews_by_unit", "lead_times_by_unit"];
            let counted = of_counts.iter().any(|it| table.id.ends_with(it));
            if row.is_some() && counted && !forced.contains(&table.id.as_str()) {
                let names = (0..table.columns.len()).filter_map(|nth| {
                    let year = table.columns[nth].year;
                    let plain = year.is_some_and(|year| {
                        table.columns[nth].id == format!("count_{year}") && cells[nth] != Cell::None
                    });
                    plain.then(|| meaning(table, nth, *row)).flatten()
                });
                let names: Vec<_> = names.map(|name| (name, 1)).collect();
                self.say(&names, 1, false);
            }
        }
        self.within(table, &lines.iter().map(|(row, _)| *row).collect::<Vec<_>>());
    }

    /// Who stands among the silent reported nothing, and all others something, where it is said how many do.
    fn silent(&mut self, table: &Table, year: i16) {
        let units = format!("{year} dev unit=");
        let silent: BTreeSet<String> =
            table.rows.iter().map(|row| format!("{units}{}", code(Some(row), 0))).collect();
        let known: Vec<String> =
            self.names.keys().filter(|name| name.starts_with(&units)).cloned().collect();
        for name in known {
            if silent.contains(&name) {
                self.say(&[(name, 1)], 0, true);
            } else if !table.notes.is_empty() {
                self.say(&[(name, 1)], 1, false);
            }
        }
    }

    /// Where a table has all rows in which something is counted, of what has none nothing is.
    fn absent(&mut self, table: &Table) {
        let of_units = match table.id.as_str() {
            "falls_by_unit" => "dev category=HSL.FAL unit=",
            "medication_by_unit" => "dev category=HSL.LKM unit=",
            _ => "",
        };
        for column in table.columns.iter().filter(|_| !of_units.is_empty()) {
            let Some(year) = column.year.filter(|year| column.id == format!("count_{year}")) else {
                continue;
            };
            let start = format!("{year} {of_units}");
            let stands = |unit: &str| table.rows.iter().any(|row| code(Some(row), 0) == unit);
            let none = self
                .names
                .keys()
                .filter(|name| name.strip_prefix(&start).is_some_and(|unit| !stands(unit)));
            for name in none.cloned().collect::<Vec<_>>() {
                self.say(&[(name, 1)], 0, true);
            }
        }
        let wanted: &[(&str, &str)] = match table.id.as_str() {
            "opinions_by_kind" => &[("KLA", "op kind=KLA")],
            "social_by_law" | "deviations_by_law" => {
                &[("SOL", "dev law=SOL"), ("LSS", "dev law=LSS")]
            }
            _ => &[],
        };
        for (wanted, name) in wanted {
            if table.rows.iter().any(|row| code(Some(row), 0) == *wanted) {
                continue;
            }
            for (nth, column) in table.columns.iter().enumerate() {
                let counted = table.total.as_ref().is_some_and(|total| total[nth] != Cell::None);
                if let Some(year) = column.year.filter(|_| column.holds == Holds::Count && counted)
                {
                    self.say(&[(format!("{year} {name}"), 1)], 0, true);
                }
            }
        }
    }

    /// What holds between the columns of a row.
    fn within(&mut self, table: &Table, rows: &[Option<&Row>]) {
        type Whole = (&'static str, &'static [&'static str]);
        let groups: &[Whole] = match table.id.as_str() {
            "reports_and_injury_by_unit" => &[("count", &["injured", "unhurt", "injury_unknown"])],
            "clocks_kept" => &[("count", &["kept", "missed", "running"])],
            "measures_by_effect" => &[("count", &["yes", "partly", "no", "not_yet"])],
            "unsigned_doses" => &[("to_sign", &["signed", "unsigned"])],
            _ => &[],
        };
        let find = |id: &str| {
            let same =
                |it: &Column| it.id == id || it.year.is_some_and(|y| it.id == format!("{id}_{y}"));
            table.columns.iter().position(same)
        };
        for row in rows {
            let of = |id: &str| find(id).and_then(|at| meaning(table, at, *row));
            for (whole, parts) in groups {
                let mut terms: Vec<(String, i128)> =
                    parts.iter().filter_map(|part| Some((of(part)?, 1))).collect();
                terms.extend(of(whole).map(|whole| (whole, -1)));
                if terms.len() == parts.len() + 1 {
                    self.say(&terms, 0, true);
                }
            }
            if table.id == "rates_by_unit" {
                for part in ["falls", "medication"] {
                    if let (Some(whole), Some(part)) = (of("deviations"), of(part)) {
                        self.say(&[(whole, 1), (part, -1)], 0, false);
                    }
                }
            }
            if table.id == "measures_by_effect" {
                let named = |ids: &[(&str, i128)]| -> Vec<(String, i128)> {
                    ids.iter().filter_map(|(id, by)| Some((of(id)?, *by))).collect()
                };
                self.say(&named(&[("count", 1), ("done", -1), ("overdue", -1)]), 0, false);
                let judged = [("done", 1), ("yes", -1), ("partly", -1), ("no", -1)];
                self.say(&named(&judged), 0, false);
            }
        }
    }

    fn change(&mut self, table: &Table, row: Option<&Row>, from: &[usize], change: i64) {
        let Some(now) = meaning(table, from[0], row) else { return };
        let before = match from {
            [_, before] => meaning(table, *before, row),
            _ => now.split_once(' ').and_then(|(year, rest)| {
                let year: i16 = year.parse().ok()?;
                Some(format!("{} {rest}", year - 1))
            }),
        };
        if let Some(before) = before {
            self.say(&[(now, 1), (before, -1)], i128::from(change), true);
        }
    }

    /// Half a tenth of a per cent either way.
    fn share(
        &mut self,
        table: &Table,
        row: Option<&Row>,
        (nth, from): (usize, &[usize]),
        tenths: i64,
    ) {
        let of = |at: usize| meaning(table, at, row);
        let all = |at: usize| meaning(table, at, None);
        let id = table.columns[nth].id.as_str();
        type Terms = Vec<(Option<String>, i128)>;
        let (part, whole): (Terms, Terms) = match (table.id.as_str(), id, from) {
            ("deviations_by_cause", _, _) => {
                let year = table.columns[0].year.unwrap_or_default();
                let without = Some(format!("{year} dev without cause"));
                (vec![(of(0), 1)], vec![(Some(format!("{year} dev")), 1), (without, -1)])
            }
            ("reports_and_injury_by_unit" | "clocks_kept", _, [part, rest]) => {
                (vec![(of(*part), 1)], vec![(of(*part), 1), (of(*rest), 1)])
            }
            ("measures_by_effect", _, [all, open]) => {
                (vec![(of(*all), 1), (of(*open), -1)], vec![(of(*all), 1)])
            }
            ("opinions_by_year", _, [part, whole]) => (vec![(of(*part), 1)], vec![(of(*whole), 1)]),
            ("forwardings_by_counterparty" | "unsigned_doses", _, [whole, part]) => {
                (vec![(of(*part), 1)], vec![(of(*whole), 1)])
            }
            (_, "share", [part]) => (vec![(of(*part), 1)], vec![(all(*part), 1)]),
            other => panic!("a share nobody knows: {other:?}"),
        };
        let tenths = i128::from(tenths);
        for sign in [1, -1] {
            let part = part.iter().map(|(name, by)| (name.clone(), sign * 2000 * by));
            let whole = whole.iter().map(|(name, by)| (name.clone(), (1 - sign * 2 * tenths) * by));
            let terms = part.chain(whole).map(|(name, by)| Some((name?, by)));
            if let Some(terms) = terms.collect::<Option<Vec<_>>>() {
                self.say(&terms, 0, false);
            }
        }
    }

    /// Whoever knows how much care there was knows of a rate what it is a rate of.
    fn rates(&mut self, report: &Yearly) {
        for table in report.tables().filter(|table| table.id == "rates_by_unit") {
            for row in &table.rows {
                let Some(with) = made_with(table, row) else { continue };
                for (nth, column) in table.columns.iter().enumerate() {
                    if let (Cell::Hundredths(rate), [.., of]) =
                        (&row.cells[nth], column.from.as_slice())
                    {
                        self.rate(meaning(table, *of, Some(row)), with, *rate);
                    }
                }
                let id = match code(Some(row), 1).as_str() {
                    "staff" => "per_staff",
                    "persons" => "per_persons",
                    _ => continue,
                };
                let Some(beside) = report.table("reports_and_injury_by_unit") else { continue };
                let unit = code(Some(row), 0);
                let line = beside.rows.iter().find(|it| code(Some(it), 0) == unit);
                let (Some(at), Some(line)) = (beside.column(id), line) else { continue };
                let counted = table.column("deviations");
                let name = counted.and_then(|nth| meaning(table, nth, Some(row)));
                if let Cell::Hundredths(rate) = &line.cells[at] {
                    self.rate(name, with, *rate);
                }
            }
        }
        for table in report.tables().filter(|table| table.id == "unsigned_doses") {
            let rows = table.rows.iter().map(|row| (Some(row), &row.cells));
            let of = [table.column("unsigned"), table.column("reported")];
            let ([Some(unsigned), Some(reported)], Some(rate)) =
                (of, table.column("reported_rate"))
            else {
                continue;
            };
            for (row, cells) in rows.chain(table.total.iter().map(|total| (None, total))) {
                if let (Cell::Count(all), Cell::Hundredths(rate)) = (&cells[unsigned], &cells[rate])
                {
                    let with = (1_000 * 200, i128::from(*all));
                    self.rate(meaning(table, reported, row), with, *rate);
                }
            }
        }
    }

    /// Half a hundredth either way.
    fn rate(&mut self, name: Option<String>, (by, of): (i128, i128), rate: i64) {
        let Some(name) = name else { return };
        let least = 2 * of * i128::from(rate) - of;
        self.say(&[(name.clone(), by)], least, false);
        self.say(&[(name, -by)], 1 - least - 2 * of, false);
    }

    /// What is true by definition, whichever tables say it.
    fn relate(&mut self, places: &Places) {
        let all: Vec<String> = self.names.keys().cloned().collect();
        let years: BTreeSet<&str> =
            all.iter().filter_map(|name| Some(name.split_once(' ')?.0)).collect();
        for year in years {
            let of = |prefix: &str| -> Vec<(String, String)> {
                let start = format!("{year} {prefix}");
                let found = all.iter().filter_map(|name| {
                    let rest = name.strip_prefix(&start)?;
                    (!rest.contains('=')).then(|| (name.clone(), rest.to_owned()))
                });
                found.collect()
            };
            let known = |name: &String| all.binary_search(name).is_ok();
            let mut sums: Vec<(String, Vec<String>)> = Vec::new();
            for (top, category) in of("dev category=") {
                let start = format!("{year} dev only={category} ");
                let mut below: Vec<String> =
                    all.iter().filter(|name| name.starts_with(&start)).cloned().collect();
                let controlled = format!("{year} dev category=HSL.LKM.NAR");
                if category == "HSL.LKM" && known(&controlled) {
                    below.push(controlled);
                }
                if category != "HSL.LKM.NAR" && !below.is_empty() {
                    sums.push((top, below));
                }
            }
            let mut by_injury: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (name, injury) in of("dev injury=") {
                let is = match injury.as_str() {
                    "ING" | "OBE" => "unhurt",
                    "OKA" | "–" => "injury_unknown",
                    _ => "injured",
                };
                by_injury.entry(is).or_default().push(name);
            }
            for (is, parts) in by_injury {
                sums.push((format!("{year} dev {is}"), parts));
            }
            let mut by_place: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, unit) in of("dev unit=") {
                let Some((area, group)) = places.get(&unit) else { continue };
                let area = area.clone().unwrap_or_else(|| "–".to_owned());
                by_place.entry(format!("{year} dev area={area}")).or_default().push(name.clone());
                if let Some(group) = group {
                    let group = format!("{year} dev area_group={group}");
                    by_place.entry(group).or_default().push(name);
                }
            }
            // Where no unit lies nothing is counted.
            for prefix in ["dev area=", "dev area_group="] {
                for (place, _) in of(prefix) {
                    by_place.entry(place).or_default();
                }
            }
            sums.extend(by_place);
            for (whole, parts) in sums {
                if known(&whole) {
                    let mut terms: Vec<_> = parts.into_iter().map(|part| (part, 1)).collect();
                    terms.push((whole, -1));
                    self.say(&terms, 0, true);
                }
            }
            // Parts that are no more than their wholes.
            let mut least: Vec<(String, String)> = Vec::new();
            for (name, unit) in all.iter().filter_map(|name| {
                let (what, unit) = name.strip_prefix(year)?.trim_start().split_once(" unit=")?;
                Some(((name, what), unit))
            }) {
                let (name, what) = name;
                let whole = format!("{year} dev unit={unit}");
                match what {
                    "dev" => {}
                    "dev category=HSL.LKM.NAR" => {
                        least.push((
                            name.clone(),
                            format!("{year} dev category=HSL.LKM unit={unit}"),
                        ));
                    }
                    "lead triage_n" | "lead investigation_n" | "lead close_n" => {
                        least.push((name.clone(), format!("{year} lead report_n unit={unit}")));
                    }
                    "dev category=HSL.FAL" => {
                        least.push((name.clone(), format!("{year} dev falls unit={unit}")));
                        least.push((name.clone(), whole));
                    }
                    "dev category=HSL.LKM in=doses" => {
                        let medication = format!("{year} dev category=HSL.LKM unit={unit}");
                        least.push((name.clone(), medication));
                    }
                    _ => least.push((name.clone(), whole)),
                }
            }
            for (part, whole) in [
                ("op closed_at_year_end", "op closed"),
                ("op closed", "op"),
                ("op kind=KLA", "op"),
                ("dev law=SOL", "soc"),
                ("dev law=LSS", "soc"),
                ("law serious_harm", "law harm"),
                ("law harm", "dev vardskada=yes"),
                ("law serious_risk", "dev vardskada=could_have"),
                ("lead report_n", "dev"),
                ("dev category=HSL.LKM.NAR", "dev category=HSL.LKM"),
                ("clocks_kept count of=triage", "dev"),
                ("clocks_kept count of=complaint_answer", "op kind=KLA"),
                ("clocks_kept count of=complaint_acknowledgement", "op kind=KLA"),
                ("clocks_kept count of=lex_maria_screening", "raised of=lex_maria"),
                ("clocks_kept count of=lex_sarah_screening", "raised of=lex_sarah"),
                ("clocks_kept count of=lex_sarah_receipt", "raised of=lex_sarah"),
                ("clocks_kept count of=lex_sarah_investigation", "raised of=lex_sarah"),
                ("dev without cause", "dev"),
            ] {
                least.push((format!("{year} {part}"), format!("{year} {whole}")));
            }
            for direction in ["sent", "received"] {
                let start = format!("{year} forwarded {direction}_answered");
                for name in all.iter().filter(|name| name.starts_with(&start)) {
                    least.push((name.clone(), name.replace("_answered", "")));
                }
            }
            for (part, whole) in least {
                self.at_most(&part, &whole);
            }
            let causes: Vec<String> = all
                .iter()
                .filter(|it| it.starts_with(&format!("{year} cause ")))
                .cloned()
                .collect();
            let (dev, none) = (format!("{year} dev"), format!("{year} dev without cause"));
            if self.names.contains_key(&dev) && self.names.contains_key(&none) {
                for cause in &causes {
                    let terms = [(dev.clone(), 1), (none.clone(), -1), (cause.clone(), -1)];
                    self.say(&terms, 0, false);
                }
                let mentions = causes.into_iter().map(|cause| (cause, 1));
                let terms: Vec<_> = mentions.chain([(dev, -1), (none, 1)]).collect();
                self.say(&terms, 0, false);
            }
        }
    }

    /// The sums in which a figure stands, for whoever wants to know how it is calculated.
    #[allow(dead_code, reason = "shared with the tests of whole services, which mark less")]
    pub fn sums_of(&self, name: &str) -> String {
        let names: BTreeMap<usize, &String> =
            self.names.iter().map(|(name, at)| (*at, name)).collect();
        let Some(wanted) = self.names.get(name) else { return String::new() };
        let near: BTreeSet<usize> = self
            .sums
            .iter()
            .filter(|sum| sum.exact && sum.terms.contains_key(wanted))
            .flat_map(|sum| sum.terms.keys().copied())
            .collect();
        let sums = self.sums.iter().filter(|sum| sum.terms.keys().any(|at| near.contains(at)));
        let told = |sum: &Sum| {
            let terms = sum.terms.iter().map(|(at, by)| format!("{by:+}·[{}]", names[at]));
            let is = if sum.exact { "=" } else { "≥" };
            format!("{} {is} {}", terms.collect::<Vec<_>>().join(" "), sum.is)
        };
        sums.filter(|sum| sum.terms.len() < 12).map(told).collect::<Vec<_>>().join("\n")
    }

    /// Whether a figure can be read in the report.
    pub fn reads(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|at| self.known.contains_key(at))
    }

    /// The only value a figure can have, where it can be calculated.
    pub fn calculates(&self, name: &str) -> Option<i128> {
        let (low, high) = self.range(name)?;
        (low == high).then_some(low)
    }

    /// The least and the most that a figure can be, as far as is known.
    pub fn range(&self, name: &str) -> Option<(i128, i128)> {
        let wanted = *self.names.get(name)?;
        if let Some(known) = self.known.get(&wanted) {
            return Some((*known, *known));
        }
        // What hangs together with it.
        let mut near = BTreeSet::from([wanted]);
        let mut before = 0;
        while near.len() > before {
            before = near.len();
            for sum in &self.sums {
                if sum.terms.keys().any(|at| near.contains(at)) {
                    near.extend(sum.terms.keys());
                }
            }
        }
        let sums: Vec<&Sum> =
            self.sums.iter().filter(|sum| sum.terms.keys().any(|at| near.contains(at))).collect();
        let mut sums: Vec<Sum> = sums.into_iter().cloned().collect();
        let mut bounds: BTreeMap<usize, (i128, i128)> =
            near.iter().map(|at| (*at, (0, MANY))).collect();
        let contradiction = "nothing agrees with what is published";
        assert!(narrow_all(&sums, &mut bounds), "{contradiction}: {sums:?}");
        // What is known by then is no unknown of the sums any more, and these are solved together.
        for sum in &mut sums {
            let known = |at: &usize| Some(bounds[at].0).filter(|low| *low == bounds[at].1);
            sum.is -= sum.terms.iter().filter_map(|(at, by)| Some(by * known(at)?)).sum::<i128>();
            sum.terms.retain(|at, _| known(at).is_none());
        }
        sums.retain(|sum| !sum.terms.is_empty());
        let solved = solved(&sums);
        sums.extend(solved);
        assert!(narrow_all(&sums, &mut bounds), "{contradiction}: {sums:?}");
        // Whoever supposes a value finds out that nothing agrees with it.
        let (mut low, mut high) = bounds[&wanted];
        let agrees = |from: i128, to: i128| {
            let mut bounds = bounds.clone();
            bounds.insert(wanted, (from, to));
            narrow_all(&sums, &mut bounds)
        };
        for _ in 0..SUPPOSED {
            if low < high && !agrees(low, low) {
                low += 1;
            }
            if low < high && !agrees(high, high) {
                high -= 1;
            }
        }
        if low < high && !agrees(low + 1, high) {
            high = low;
        }
        Some((low, high))
    }
}

/// The largest factor and the largest sum that solved sums may have.
const LARGE: i128 = 1_000_000;

/// Exact sums solved: each for an unknown that is in no other of them. Of a factor that is no small number
/// nothing is said.
fn solved(sums: &[Sum]) -> Vec<Sum> {
    let mut rows: BTreeMap<usize, Solving> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.exact) {
        let terms = sum.terms.iter().map(|(at, by)| (*at, by.rem_euclid(PRIME))).collect();
        let mut row = Solving { terms, is: sum.is.rem_euclid(PRIME) };
        let pivots: Vec<usize> =
            row.terms.keys().filter(|at| rows.contains_key(at)).copied().collect();
        for pivot in pivots {
            row.take(row.terms[&pivot], &rows[&pivot]);
        }
        let Some((pivot, by)) = row.terms.first_key_value().map(|(at, by)| (*at, *by)) else {
            continue;
        };
        row.times(inverse(by));
        for other in rows.values_mut() {
            if let Some(by) = other.terms.get(&pivot).copied() {
                other.take(by, &row);
            }
        }
        rows.insert(pivot, row);
    }
    let small = |value: i128| {
        let value = if value > PRIME / 2 { value - PRIME } else { value };
        (value.abs() < LARGE).then_some(value)
    };
    let told = rows.into_values().filter_map(|row| {
        let terms = row.terms.into_iter().map(|(at, by)| Some((at, small(by)?)));
        Some(Sum { terms: terms.collect::<Option<_>>()?, is: small(row.is)?, exact: true })
    });
    told.collect()
}

/// A sum in the modulus.
struct Solving {
    terms: BTreeMap<usize, i128>,
    is: i128,
}

impl Solving {
    fn take(&mut self, factor: i128, other: &Self) {
        for (at, by) in &other.terms {
            let entry = self.terms.entry(*at).or_insert(0);
            *entry = (*entry - factor * by % PRIME).rem_euclid(PRIME);
        }
        self.terms.retain(|_, by| *by != 0);
        self.is = (self.is - factor * other.is % PRIME).rem_euclid(PRIME);
    }

    fn times(&mut self, factor: i128) {
        self.terms.values_mut().for_each(|by| *by = *by * factor % PRIME);
        self.is = self.is * factor % PRIME;
    }
}

fn inverse(value: i128) -> i128 {
    let (mut result, mut base, mut left) = (1, value.rem_euclid(PRIME), PRIME - 2);
    while left > 0 {
        if left & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        left >>= 1;
    }
    result
}

/// Goes through all sums until none narrows anything; `false` where nothing agrees with them.
fn narrow_all(sums: &[Sum], bounds: &mut BTreeMap<usize, (i128, i128)>) -> bool {
    for _ in 0..40 {
        let mut narrowed = false;
        for sum in sums {
            match narrow(sum, bounds) {
                Some(it) => narrowed |= it,
                None => return false,
            }
        }
        if !narrowed {
            break;
        }
    }
    true
}

/// Whether a sum narrows anything; `None` where it cannot be.
fn narrow(sum: &Sum, bounds: &mut BTreeMap<usize, (i128, i128)>) -> Option<bool> {
    let most = |by: i128, (low, high): (i128, i128)| if by > 0 { by * high } else { by * low };
    let least = |by: i128, (low, high): (i128, i128)| if by > 0 { by * low } else { by * high };
    let mut high: i128 = sum.terms.iter().map(|(at, by)| most(*by, bounds[at])).sum();
    let mut low: i128 = sum.terms.iter().map(|(at, by)| least(*by, bounds[at])).sum();
    let mut narrowed = false;
    for (at, by) in &sum.terms {
        let own = bounds[at];
        let (others_high, others_low) = (high - most(*by, own), low - least(*by, own));
        // by × figure ≥ is − high, and where it is exact ≤ is − low.
        let (from, to) = (sum.is - others_high, sum.is - others_low);
        let mut bound = own;
        let ceil = |a: i128, b: i128| -(-a).div_euclid(b);
        if *by > 0 {
            bound.0 = bound.0.max(ceil(from, *by));
            if sum.exact {
                bound.1 = bound.1.min(to.div_euclid(*by));
            }
        } else {
            bound.1 = bound.1.min((-from).div_euclid(-by));
            if sum.exact {
                bound.0 = bound.0.max(ceil(-to, -by));
            }
        }
        if bound.0 > bound.1 {
            return None;
        }
        if bound != own {
            narrowed = true;
            (high, low) = (others_high + most(*by, bound), others_low + least(*by, bound));
            bounds.insert(*at, bound);
        }
    }
    Some(narrowed)
}
