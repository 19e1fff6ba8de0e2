//! Export: the tenant's cases and set-up in the interchange format, or its cases whole as NDJSON.
//!
//! Everything is read in one snapshot, page by page, and written under other names first, so that
//! a directory never holds half an export.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use domain::calendar::{format_local, swedish_date};
use domain::case::triage::Vardskada;
use domain::case::{Case, Kind, Status, Subkind};
use domain::code_lists::CodeLists;
use domain::forwarding::Direction;
use domain::ids::{CaseId, StaffId, TenantId, UnitId};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Store, Tx};

use super::case_row::{CLOSED, KINDS, OPEN, VARDSKADA};
use super::delivery::{DIRECTIONS, SINCE_EVER};
use super::out::{Rising, make_directory};
use super::sheet::{self, Sheet};
use super::{ndjson, page};

/// What an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The files an import reads.
    Csv,
    /// `arenden.ndjson`: one JSON object a case, with everything but the sealed identity.
    Ndjson,
}

/// What an export wrote, and what the format has no place for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Cases.
    pub cases: u64,
    /// Drafts left out: they are their authors' alone.
    pub drafts_left_out: u64,
    /// Void cases left out of CSV, which has no word for them. NDJSON has them.
    pub void_left_out: u64,
    /// Codes that no list knows, or that did not hold on the day of the event, left empty in CSV: a
    /// filing keeps them, an import would refuse its line. NDJSON has them.
    pub codes_left_out: u64,
    /// Units.
    pub units: u64,
    /// Staff.
    pub staff: u64,
    /// People who have left, left out with their grants: an import would let them in again.
    pub staff_left_out: u64,
    /// Grants.
    pub grants: u64,
    /// Grants taken back, or of people who have left.
    pub grants_left_out: u64,
    /// Forwardings.
    pub forwardings: u64,
    /// Forwardings of cases that are left out.
    pub forwardings_left_out: u64,
    /// Escalations.
    pub escalations: u64,
    /// Escalations of cases that are left out.
    pub escalations_left_out: u64,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file could not be written.
    #[error("the export could not be written: {0}")]
    File(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::File(error.into())
    }
}

impl From<serde_json::Error> for ExportError {
    fn from(error: serde_json::Error) -> Self {
        Self::File(error.into())
    }
}

/// Writes the tenant's data into `dir`, which is made, for its owner only, unless it is there.
///
/// # Errors
/// [`ExportError`]; no file of an earlier export is changed then, unless a name could not be given
/// at the very end.
pub async fn export(
    store: &Store,
    tenant: TenantId,
    dir: &Path,
    format: Format,
) -> Result<Exported, ExportError> {
    let dir: PathBuf = dir.to_owned();
    store
        .read(tenant, move |tx| {
            make_directory(&dir)?;
            match format {
                Format::Csv => to_csv(tx, &dir),
                Format::Ndjson => to_ndjson(tx, &dir),
            }
        })
        .await
}

/// A file of the format while it is written.
struct Writer {
    csv: csv::Writer<Rising>,
}

impl Writer {
    fn begin(dir: &Path, sheet: &Sheet) -> Result<Self, ExportError> {
        let mut file = Rising::begin(dir, sheet.file)?;
        file.write_all("\u{FEFF}".as_bytes())?;
        let csv = csv::WriterBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::CRLF)
            .from_writer(file);
        let mut writer = Self { csv };
        writer.row(sheet.columns.iter().map(|column| column.name))?;
        Ok(writer)
    }

    /// One line. Cells that begin with `=`, `+`, `-` or `@` go out as they are, unlike in the
    /// figures made for spreadsheets: what is exported here is read back, and must be the same.
    fn row<T: AsRef<[u8]>>(
        &mut self,
        cells: impl IntoIterator<Item = T>,
    ) -> Result<(), ExportError> {
        Ok(self.csv.write_record(cells)?)
    }

    fn settle(self) -> Result<Rising, ExportError> {
        let mut file =
            self.csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        file.settle()?;
        Ok(file)
    }
}

fn to_csv(tx: &mut Tx<'_>, dir: &Path) -> Result<Exported, ExportError> {
    let mut exported = Exported::default();
    let mut files = vec![units(tx, dir, &mut exported)?];
    files.extend(people(tx, dir, &mut exported)?);

    let codes = unit_codes(tx)?;
    let lists = CodeLists::with_own(tx.tenant_codes()?);
    let areas: HashMap<UnitId, String> =
        tx.units()?.into_iter().filter_map(|unit| Some((unit.id, unit.area?))).collect();
    let mut numbers: HashMap<CaseId, String> = HashMap::new();
    let mut writer = Writer::begin(dir, &sheet::CASES)?;
    let mut after = None;
    while let Some(cases) = page(tx, &mut after)? {
        for case in &cases {
            match case.status() {
                Status::Draft => exported.drafts_left_out += 1,
                Status::Void => exported.void_left_out += 1,
                Status::Reported
                | Status::Triaged
                | Status::Investigating
                | Status::MeasuresDecided
                | Status::FollowingUp
                | Status::Closed => {
                    let number = number(case);
                    let area = areas.get(&case.unit).map_or("", String::as_str);
                    let mut known = Known { lists: &lists, left_out: 0 };
                    let unit = code(&codes, case.unit);
                    writer.row(case_cells(case, &number, unit, area, &mut known))?;
                    exported.codes_left_out += known.left_out;
                    numbers.insert(case.id, number);
                    exported.cases += 1;
                }
            }
        }
    }
    files.push(writer.settle()?);
    files.push(forwardings(tx, dir, &numbers, &mut exported)?);
    files.push(escalations(tx, dir, &numbers, &mut exported)?);
    for file in files {
        file.finish()?;
    }
    Ok(exported)
}

fn to_ndjson(tx: &mut Tx<'_>, dir: &Path) -> Result<Exported, ExportError> {
    let mut exported = Exported::default();
    let codes = unit_codes(tx)?;
    let mut file = Rising::begin(dir, "arenden.ndjson")?;
    let mut after = None;
    while let Some(cases) = page(tx, &mut after)? {
        for case in cases {
            if case.status() == Status::Draft {
                exported.drafts_left_out += 1;
                continue;
            }
            let whole = tx.case(case.id)?;
            let history = tx.history_of(case.id)?;
            serde_json::to_writer(&mut file, &ndjson::object(&whole, &history, &codes)?)?;
            file.write_all(b"\n")?;
            exported.cases += 1;
        }
    }
    file.finish()?;
    Ok(exported)
}

/// The number a case goes by outside: the one it came with, else our own.
fn number(case: &Case) -> String {
    case.external_number.clone().unwrap_or_else(|| case.number.to_string())
}

fn unit_codes(tx: &mut Tx<'_>) -> Result<HashMap<UnitId, String>, ExportError> {
    Ok(tx.units()?.into_iter().map(|unit| (unit.id, unit.code)).collect())
}

fn code(codes: &HashMap<UnitId, String>, id: UnitId) -> &str {
    codes.get(&id).map_or("", String::as_str)
}

fn kind_word(kind: Kind, subkind: Option<Subkind>) -> &'static str {
    let found = KINDS.iter().find(|(_, value)| *value == (kind, subkind));
    found.map_or(kind.number_kind().code(), |(word, _)| word)
}

fn vardskada_word(vardskada: Vardskada, serious: Option<bool>) -> &'static str {
    let exact = VARDSKADA.iter().find(|(_, value)| *value == (vardskada, serious));
    // A vårdskada of which nobody has said how grave it was goes out as one that was not serious:
    // the format has no third word.
    let near = || VARDSKADA.iter().find(|(_, (value, _))| *value == vardskada);
    exact.or_else(near).map_or("", |(word, _)| word)
}

/// Swedish local time as it is read back; seconds only where there are some.
fn local(at: Timestamp) -> String {
    let second = at.as_second().rem_euclid(60);
    if second == 0 { format_local(at) } else { format!("{}:{second:02}", format_local(at)) }
}

fn local_or_empty(at: Option<Timestamp>) -> String {
    at.map(local).unwrap_or_default()
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn or_empty(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

/// Lets through the codes that an import will know.
struct Known<'a> {
    lists: &'a CodeLists,
    left_out: u64,
}

impl Known<'_> {
    fn or_empty(&mut self, list: &str, code: &Option<String>, on: Date) -> String {
        match code {
            Some(code) if self.lists.check(list, code, on).is_ok() => code.clone(),
            Some(_) => {
                self.left_out += 1;
                String::new()
            }
            None => String::new(),
        }
    }
}

/// A case in the order of the columns of [`sheet::CASES`].
fn case_cells(
    case: &Case,
    number: &str,
    unit: &str,
    area: &str,
    known: &mut Known<'_>,
) -> [String; 26] {
    let on = swedish_date(case.event_time());
    let reported: Vec<_> = case.filing.known_laws().iter().map(|law| law.code()).collect();
    known.left_out += (case.filing.law.len() - reported.len()) as u64;
    let (filing, assessment) = (&case.filing, &case.assessment);
    let level = |level: Option<u8>| level.map(|level| level.to_string()).unwrap_or_default();
    let laws: Vec<_> = assessment.law.iter().map(|law| law.code()).collect();
    let status = if case.closed_at().is_some() { CLOSED } else { OPEN };
    [
        number.to_owned(),
        kind_word(case.kind, case.subkind).to_owned(),
        local_or_empty(case.occurred_at),
        local_or_empty(case.discovered_at),
        local(case.reported_at),
        unit.to_owned(),
        area.to_owned(),
        reported.join(","),
        laws.join(","),
        known.or_empty(case.kind.category_list(), &filing.category, on),
        known.or_empty(case.kind.category_list(), &assessment.category, on),
        known.or_empty("nature", &assessment.nature, on),
        level(assessment.severity.actual),
        level(assessment.probability),
        vardskada_word(assessment.harm.vardskada, assessment.harm.serious).to_owned(),
        known.or_empty("injury", &assessment.harm.injury, on),
        known.or_empty("sex", &filing.sex, on),
        known.or_empty("age_band", &filing.age_band, on),
        known.or_empty("source", &filing.source, on),
        known.or_empty("channel", &filing.channel, on),
        or_empty(&filing.immediate_action),
        filing.description.clone(),
        local_or_empty(case.progress.investigation_started_at),
        local_or_empty(case.closed_at()),
        case.outcome().unwrap_or_default().to_owned(),
        status.to_owned(),
    ]
}

fn units(tx: &mut Tx<'_>, dir: &Path, exported: &mut Exported) -> Result<Rising, ExportError> {
    let codes = unit_codes(tx)?;
    let mut writer = Writer::begin(dir, &sheet::UNITS)?;
    for unit in tx.units()? {
        let parent = unit.parent.map_or("", |parent| code(&codes, parent)).to_owned();
        let (from, to) = (day(unit.valid_from), day(unit.valid_to));
        writer.row([unit.code, unit.name, unit.area.unwrap_or_default(), parent, from, to])?;
        exported.units += 1;
    }
    writer.settle()
}

fn people(
    tx: &mut Tx<'_>,
    dir: &Path,
    exported: &mut Exported,
) -> Result<[Rising; 2], ExportError> {
    let mut writer = Writer::begin(dir, &sheet::STAFF)?;
    let mut identities: HashMap<StaffId, (String, String)> = HashMap::new();
    for person in tx.all_staff()? {
        if person.deactivated_at.is_some() {
            exported.staff_left_out += 1;
            continue;
        }
        let (name, profession) = (or_empty(&person.name), or_empty(&person.profession));
        let email = or_empty(&person.email);
        writer.row([&person.issuer, &person.subject, &name, &profession, &email])?;
        identities.insert(person.id, (person.issuer, person.subject));
        exported.staff += 1;
    }
    let staff = writer.settle()?;

    let codes = unit_codes(tx)?;
    let mut writer = Writer::begin(dir, &sheet::GRANTS)?;
    for grant in tx.all_grants()? {
        let Some((issuer, subject)) =
            identities.get(&grant.staff).filter(|_| grant.revoked_at.is_none())
        else {
            exported.grants_left_out += 1;
            continue;
        };
        let units: Vec<_> = grant.units.iter().map(|unit| code(&codes, *unit)).collect();
        let laws: Vec<_> = grant.laws.iter().map(|law| law.code()).collect();
        let from = day(Some(grant.valid_from).filter(|from| *from != SINCE_EVER));
        let (units, laws, to) = (units.join(","), laws.join(","), day(grant.valid_to));
        writer.row([issuer, subject, grant.role.code(), &units, &laws, &from, &to])?;
        exported.grants += 1;
    }
    Ok([staff, writer.settle()?])
}

fn forwardings(
    tx: &mut Tx<'_>,
    dir: &Path,
    numbers: &HashMap<CaseId, String>,
    exported: &mut Exported,
) -> Result<Rising, ExportError> {
    let ends: HashMap<_, _> =
        tx.counterparties()?.into_iter().map(|end| (end.id, (end.name, end.kind))).collect();
    let mut writer = Writer::begin(dir, &sheet::FORWARDINGS)?;
    for (one, _) in tx.forwardings()? {
        // What has not left, or was taken back, is nothing that went between caregivers.
        let Some(sent_at) = one.sent_at.filter(|_| one.status().counted()) else { continue };
        let number = match (one.direction, one.case) {
            (Direction::Received, _) | (Direction::Sent, None) => "",
            (Direction::Sent, Some(case)) => match numbers.get(&case) {
                Some(number) => number,
                None => {
                    exported.forwardings_left_out += 1;
                    continue;
                }
            },
        };
        let direction = DIRECTIONS.iter().find(|(_, direction)| *direction == one.direction);
        let direction = direction.map_or("", |(word, _)| word);
        let (name, kind) = ends.get(&one.counterparty).map_or(("", ""), |end| (&end.0, &end.1));
        let (sent, answered) = (local(sent_at), local_or_empty(one.matter.answered_at));
        writer.row([number, direction, name, kind, &sent, &answered, &one.document.matter])?;
        exported.forwardings += 1;
    }
    writer.settle()
}

fn escalations(
    tx: &mut Tx<'_>,
    dir: &Path,
    numbers: &HashMap<CaseId, String>,
    exported: &mut Exported,
) -> Result<Rising, ExportError> {
    let mut writer = Writer::begin(dir, &sheet::ESCALATIONS)?;
    for one in tx.escalations()? {
        let Some(number) = one.case.as_ref().and_then(|case| numbers.get(case)) else {
            exported.escalations_left_out += 1;
            continue;
        };
        writer.row([
            number.clone(),
            one.kind.code().to_owned(),
            local(one.flagged_at),
            local_or_empty(one.matter.deciding().map(|decision| decision.at)),
            local_or_empty(one.matter.notification.as_ref().map(|it| it.sent_at)),
            local_or_empty(one.matter.ivo.decided_at),
            or_empty(&one.matter.told()),
        ])?;
        exported.escalations += 1;
    }
    writer.settle()
}
