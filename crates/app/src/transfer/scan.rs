//! One pass over all files, row by row: every fault is found here, whether the rows are kept or not.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader};
use std::path::Path;

use domain::code_lists::CodeLists;
use domain::number::CaseNumber;
use domain::organisation::Unit;
use jiff::Timestamp;
use jiff::civil::Date;

use super::cells::Cells;
use super::delivery::{self, Delivery};
use super::fault::{Faults, ImportError, LineFault};
use super::sheet::{self, Sheet};
use super::table::{Row, Table};
use super::unit_book::UnitBook;
use super::{Phase, Progress, case_row};
use crate::tenants::UNKNOWN_UNIT;

/// How many rows lie between two reports of progress.
pub(super) const REPORT_EVERY: u64 = 200;

/// What the tenant has already.
#[derive(Debug)]
pub(super) struct Known {
    /// The code lists with the tenant's own.
    pub codes: CodeLists,
    /// Units.
    pub units: Vec<Unit>,
    /// The numbers of its cases, those of old systems and, where the files name such, its own.
    pub numbers: HashSet<String>,
    /// Staff, by issuer and subject.
    pub staff: HashSet<(String, String)>,
}

/// What a pass found.
#[derive(Debug)]
pub(super) struct Scanned {
    /// The rows, where they are kept; without faults only.
    pub delivery: Delivery,
    /// Every fault.
    pub faults: Faults,
    /// Numbers of the form of our own, which may be cases of the tenant.
    pub own: HashSet<String>,
    /// Numbers of that form that point to no line, each with its fault should it be nobody's.
    pub doubtful: Vec<(String, LineFault)>,
}

/// Where and how often to say how far it is.
pub(super) struct Meter<'a> {
    pub report: &'a (dyn Fn(Progress) + Sync),
    pub phase: Phase,
    pub total: u64,
}

struct Scan<'a> {
    known: &'a Known,
    today: Date,
    keep: bool,
    faults: Faults,
    /// For each number of the file a hash of its content and its line.
    numbers: HashMap<Box<str>, (u64, u64)>,
    cases_unreadable: bool,
    units: UnitBook,
    people: HashMap<(String, String), (u64, u64)>,
    people_unreadable: bool,
    counterparties: HashMap<String, String>,
    escalations: HashMap<(String, &'static str, Timestamp), (u64, u64)>,
    own: HashSet<String>,
    doubtful: Vec<(String, LineFault)>,
    delivery: Delivery,
}

/// Goes through the files once. Without `keep`, memory holds a number and a hash a line.
pub(super) fn scan(
    dir: &Path,
    known: &Known,
    today: Date,
    keep: bool,
    meter: &Meter<'_>,
) -> Result<Scanned, ImportError> {
    let mut scan = Scan {
        known,
        today,
        keep,
        faults: Faults::default(),
        numbers: HashMap::new(),
        cases_unreadable: false,
        units: UnitBook::new(&known.units, UNKNOWN_UNIT),
        people: HashMap::new(),
        people_unreadable: false,
        counterparties: HashMap::new(),
        escalations: HashMap::new(),
        own: HashSet::new(),
        doubtful: Vec::new(),
        delivery: Delivery::default(),
    };
    let mut done = 0;
    for sheet in sheet::ALL {
        scan.file(dir, sheet, meter, &mut done)?;
        if sheet.file == sheet::UNITS.file {
            scan.check_parents();
        }
    }
    (meter.report)(Progress { phase: meter.phase, done: meter.total, total: meter.total });
    let Scan { mut delivery, faults, own, doubtful, units, .. } = scan;
    delivery.units = units.into_rows();
    Ok(Scanned { delivery, faults, own, doubtful })
}

/// The bytes of all files together.
pub(super) fn size(dir: &Path) -> u64 {
    let size =
        |sheet: &&Sheet| std::fs::metadata(dir.join(sheet.file)).map_or(0, |data| data.len());
    sheet::ALL.iter().map(size).sum()
}

impl Scan<'_> {
    fn file(
        &mut self,
        dir: &Path,
        sheet: &'static Sheet,
        meter: &Meter<'_>,
        done: &mut u64,
    ) -> Result<(), ImportError> {
        let failed = |source| ImportError::File { file: sheet.file, source };
        let file = match File::open(dir.join(sheet.file)) {
            Ok(file) => file,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && sheet.file != sheet::CASES.file =>
            {
                return Ok(());
            }
            Err(error) => return Err(failed(error)),
        };
        self.units.listed |= sheet.file == sheet::UNITS.file;
        let table = Table::open(sheet, BufReader::new(file), self.today, &mut self.faults);
        let Some(mut table) = table.map_err(failed)? else {
            self.units.unreadable |= sheet.file == sheet::UNITS.file;
            self.people_unreadable |= sheet.file == sheet::STAFF.file;
            self.cases_unreadable |= sheet.file == sheet::CASES.file;
            return Ok(());
        };
        let mut rows = 0;
        while let Some(row) = table.next_row(&mut self.faults).map_err(failed)? {
            self.row(sheet, &row);
            rows += 1;
            if rows % REPORT_EVERY == 0 {
                let done = *done + table.taken();
                (meter.report)(Progress { phase: meter.phase, done, total: meter.total.max(done) });
            }
        }
        *done += table.taken();
        Ok(())
    }

    fn row(&mut self, sheet: &'static Sheet, row: &Row) {
        // Taken out while the cells write into it, since the rest of the scan is needed beside it.
        let mut faults = std::mem::take(&mut self.faults);
        let mut cells = Cells::new(sheet, row, self.today, &mut faults);
        match sheet.file {
            "enheter.csv" => {
                let unit = delivery::unit(&mut cells, &self.known.codes);
                self.units.add(&mut cells, unit);
            }
            "personal.csv" => self.person(&mut cells, row),
            "arenden.csv" => self.case(&mut cells, row),
            "behorigheter.csv" => self.grant(&mut cells),
            "mellan_vardgivare.csv" => self.forwarding(&mut cells),
            _ => self.escalation(&mut cells, row),
        }
        self.faults = faults;
    }

    fn check_parents(&mut self) {
        if self.units.unreadable {
            return;
        }
        for (line, reason) in self.units.misplaced() {
            self.faults.push(LineFault {
                file: sheet::UNITS.file,
                line,
                column: Some("overordnad".to_owned()),
                reason,
                expected: "the code of another unit, of the tenant or of this file".to_owned(),
            });
        }
    }

    fn person(&mut self, cells: &mut Cells<'_>, row: &Row) {
        let Some(person) = delivery::staff(cells, &self.known.codes) else {
            if let (issuer, Some(subject)) = (delivery::issuer(cells), cells.given("identitet")) {
                let key = (issuer, subject.to_owned());
                self.people.entry(key).or_insert((hash(row), row.line));
            }
            return;
        };
        let key = (person.issuer.clone(), person.subject.clone());
        match self.people.get(&key) {
            Some((content, _)) if *content == hash(row) => {}
            Some((_, line)) => {
                let reason = format!("the person stands on line {line} too, with other content");
                cells.fault("identitet", reason, "one line a person");
            }
            None => {
                self.people.insert(key, (hash(row), row.line));
                self.delivery.staff.push(person);
            }
        }
    }

    fn case(&mut self, cells: &mut Cells<'_>, row: &Row) {
        let mut repeated = false;
        if let Some(number) = cells.given("arendenummer") {
            let content = hash(row);
            match self.numbers.get(number) {
                Some((first, _)) if *first == content => repeated = true,
                Some((_, line)) => {
                    let reason = format!(
                        "the number {} stands on line {line} too, with other content",
                        cells.shown(number)
                    );
                    cells.fault("arendenummer", reason, "one line a case");
                }
                None => {
                    self.numbers.insert(number.into(), (content, row.line));
                    if is_own(number) {
                        self.own.insert(number.to_owned());
                    }
                }
            }
        }
        if repeated {
            self.delivery.cases_repeated += 1;
            return;
        }
        let case = case_row::read(cells, &self.known.codes);
        let area = case.as_ref().and_then(|case| case.area.as_deref());
        // Also for a faulty line, so that every fault is told at once.
        let code = cells.given("enhet").and_then(|unit| self.units.of_case(cells, unit, area));
        if let (Some(mut case), Some(code), true) = (case, code, self.keep) {
            case.unit = code;
            self.delivery.cases.push(case);
        }
    }

    fn grant(&mut self, cells: &mut Cells<'_>) {
        let Some(mut grant) = delivery::grant(cells) else { return };
        let person = (grant.issuer.clone(), grant.subject.clone());
        let there = self.people.contains_key(&person) || self.known.staff.contains(&person);
        if !there && !self.people_unreadable {
            let reason = format!("unknown person {}", cells.shown(&grant.subject));
            cells.fault("identitet", reason, "someone in personal.csv, or of the tenant's staff");
        }
        let mut units = self.units.of_grant(cells, &grant.units);
        units.sort_unstable();
        units.dedup();
        grant.units = units;
        self.delivery.grants.push(grant);
    }

    fn forwarding(&mut self, cells: &mut Cells<'_>) {
        self.check_number(cells);
        let Some(row) = delivery::forwarding(cells, &self.known.codes) else { return };
        let known = self.counterparties.entry(row.counterparty.clone());
        let kind = known.or_insert_with(|| row.counterparty_kind.clone());
        if *kind != row.counterparty_kind {
            let reason =
                format!("{} for a counterparty that is {kind} before", row.counterparty_kind);
            cells.fault("motpart_typ", reason, "a counterparty has one type");
        }
        if self.keep {
            self.delivery.forwardings.push(row);
        }
    }

    fn escalation(&mut self, cells: &mut Cells<'_>, row: &Row) {
        self.check_number(cells);
        let Some(found) = delivery::escalation(cells) else { return };
        let key = (found.number.clone(), found.kind, found.flagged_at);
        match self.escalations.get(&key) {
            Some((content, _)) if *content == hash(row) => {}
            Some((_, line)) => {
                let reason = format!("the same stands on line {line} with other content");
                cells.fault("flaggad", reason, "one line for each time a case was flagged");
            }
            None => {
                self.escalations.insert(key, (hash(row), row.line));
                if self.keep {
                    self.delivery.escalations.push(found);
                }
            }
        }
    }

    /// Whether the case a line points to is in the file or the tenant's.
    fn check_number(&mut self, cells: &mut Cells<'_>) {
        let Some(number) = cells.given("arendenummer") else { return };
        let there = self.numbers.contains_key(number) || self.known.numbers.contains(number);
        if there || self.cases_unreadable {
            return;
        }
        let reason = format!("no case has the number {}", cells.shown(number));
        let expected = "a number of arenden.csv, or of a case of the tenant";
        if is_own(number) {
            self.own.insert(number.to_owned());
            let fault = cells.note("arendenummer", &reason, expected);
            self.doubtful.push((number.to_owned(), fault));
        } else {
            cells.fault("arendenummer", reason, expected);
        }
    }
}

/// Whether a number has the form of our own, which an export writes for cases that never had
/// another.
fn is_own(number: &str) -> bool {
    number.parse::<CaseNumber>().is_ok_and(|own| own.to_string() == number)
}

fn hash(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.values().hash(&mut hasher);
    hasher.finish()
}
