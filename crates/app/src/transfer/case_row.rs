//! One line of cases as a case, but for what the database gives it.

use domain::calendar::{self, swedish_date};
use domain::case::triage::{Harm, Severity, Vardskada};
use domain::case::{Assessment, Case, Closing, Filing, Kind, Progress, State, Subkind};
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, UnitId};
use domain::law::Law;
use domain::number::CaseNumber;
use domain::opinion::Opinion;
use jiff::Timestamp;
use jiff::civil::Date;

use super::cells::Cells;

/// The words of the column `vardskada`, each with what it says of serious harm.
pub(super) const VARDSKADA: [(&str, (Vardskada, Option<bool>)); 5] = [
    ("nej", (Vardskada::No, None)),
    ("risk", (Vardskada::CouldHave, Some(false))),
    ("ja", (Vardskada::Yes, Some(false))),
    ("allvarlig_risk", (Vardskada::CouldHave, Some(true))),
    ("allvarlig", (Vardskada::Yes, Some(true))),
];

/// The words of the column `typ`.
pub(super) const KINDS: [(&str, (Kind, Option<Subkind>)); 5] = [
    ("AVV", (Kind::Avvikelse, None)),
    ("KLA", (Kind::Klagomal, None)),
    ("SYN", (Kind::Synpunkt, None)),
    ("SYN.BER", (Kind::Synpunkt, Some(Subkind::Praise))),
    ("SYN.FOR", (Kind::Synpunkt, Some(Subkind::Proposal))),
];

/// The word for a closed case, and for every other.
pub(super) const CLOSED: &str = "avslutad";
pub(super) const OPEN: &str = "pågår";

/// A case as its line says it.
#[derive(Clone, Debug)]
pub(super) struct CaseRow {
    /// Its number in the old system.
    pub number: String,
    /// The unit, as given.
    pub unit: String,
    /// The unit's area, where given.
    pub area: Option<String>,
    kind: Kind,
    subkind: Option<Subkind>,
    occurred_at: Option<Timestamp>,
    discovered_at: Option<Timestamp>,
    reported_at: Timestamp,
    filing: Filing,
    assessment: Assessment,
    progress: Progress,
    state: State,
}

impl CaseRow {
    /// The kind of its number, and the Swedish year of the report.
    pub fn number_for(&self, random: u64) -> CaseNumber {
        let year = calendar::swedish(self.reported_at).year;
        CaseNumber::from_random(self.kind.number_kind(), year, random)
    }

    /// The case, once the database has told what it must.
    pub fn into_case(self, id: CaseId, number: CaseNumber, unit: UnitId, now: Timestamp) -> Case {
        let mut case = Case {
            id,
            number,
            external_number: Some(self.number),
            kind: self.kind,
            subkind: self.subkind,
            unit,
            reporting_unit: unit,
            also_units: Vec::new(),
            reported_by: None,
            registered_by: None,
            occurred_at: self.occurred_at,
            occurred_until: None,
            discovered_at: self.discovered_at,
            reported_at: self.reported_at,
            registered_at: now,
            filing: self.filing,
            assessment: self.assessment,
            progress: self.progress,
            state: self.state,
            investigation: None,
            feedback: Vec::new(),
            links: Vec::new(),
            watches: Vec::new(),
            conflicts: Vec::new(),
            opinion: None,
            subject: None,
            imported: true,
            version: 1,
            updated_at: now,
        };
        case.opinion = Opinion::imported(&case);
        case
    }
}

/// Reads one line. `None` when anything in it is wrong; every fault is noted.
pub(super) fn read(cells: &mut Cells<'_>, codes: &CodeLists) -> Option<CaseRow> {
    let number = cells.required("arendenummer").map(str::to_owned);
    cells.required("typ");
    let kind = cells.one_of("typ", &KINDS);
    let occurred_at = cells.time("handelse_intraffade");
    let discovered_at = cells.time("upptacktes");
    let reported_at = cells.required_time("rapporterades");
    let unit = cells.required("enhet").map(str::to_owned);
    // Codes are judged on the day of the event. Without one the row is faulty anyway, and today
    // still finds the codes that never were.
    let on = occurred_at.or(reported_at).map_or(cells.today(), swedish_date);
    let area = cells.code("verksamhetsomrade", codes, "area", on);

    let reported_laws = laws(cells, "lagrum_rapporterat", codes, on);
    let assessed_laws = laws(cells, "lagrum_bedomt", codes, on);
    let category = |cells: &mut Cells<'_>, column: &str| {
        // Without a kind nobody knows which list it should be in.
        let list = kind?.0.category_list();
        cells.code(column, codes, list, on)
    };
    let reported_category = category(cells, "kategori_rapporterad");
    let assessed_category = category(cells, "kategori_bedomd");

    let (vardskada, serious) = cells.one_of("vardskada", &VARDSKADA).unwrap_or_default();
    let filing = Filing {
        law: reported_laws.iter().map(|law| law.code().to_owned()).collect(),
        category: reported_category,
        source: cells.code("kalla", codes, "source", on),
        channel: cells.code("kanal", codes, "channel", on),
        sex: cells.code("kon", codes, "sex", on),
        age_band: cells.code("aldersgrupp", codes, "age_band", on),
        immediate_action: cells.text("omedelbar_atgard"),
        description: cells.required_text("beskrivning").unwrap_or_default(),
        ..Filing::default()
    };
    let assessment = Assessment {
        law: assessed_laws,
        category: assessed_category,
        nature: cells.code("art", codes, "nature", on),
        severity: Severity { actual: cells.level("allvarlighetsgrad"), potential: None },
        probability: cells.level("sannolikhet"),
        harm: Harm {
            injury: cells.code("skada", codes, "injury", on),
            vardskada,
            serious,
            ..Harm::default()
        },
        ..Assessment::default()
    };
    let (progress, state) = progress(cells, kind.map(|it| it.0), reported_at, codes, on)?;
    if !cells.sound() {
        return None;
    }
    let (kind, subkind) = kind?;
    Some(CaseRow {
        number: number?,
        unit: unit?,
        area,
        kind,
        subkind,
        occurred_at,
        discovered_at,
        reported_at: reported_at?,
        filing,
        assessment,
        progress,
        state,
    })
}

/// Where the case stands, by status, times and outcome together.
fn progress(
    cells: &mut Cells<'_>,
    kind: Option<Kind>,
    reported_at: Option<Timestamp>,
    codes: &CodeLists,
    on: Date,
) -> Option<(Progress, State)> {
    let started = cells.time("utredning_paborjad");
    let ended = cells.time("avslutad");
    let outcome = cells.code("utfall", codes, "outcome", on);
    cells.required("status");
    let closed = cells.one_of("status", &[(CLOSED, true), (OPEN, false)]);
    let mut progress = Progress { investigation_started_at: started, ..Progress::default() };
    if let (Some(reported), Some(ended)) = (reported_at, ended)
        && ended < reported
    {
        cells.fault("avslutad", "closed before it was reported", "not before rapporterades");
    }
    if closed? {
        // Old systems close a view, praise or proposal without saying how it ended. It keeps that:
        // an outcome made up here would be counted.
        let may_lack_outcome = kind.is_none_or(|kind| kind == Kind::Synpunkt);
        let may_lack_outcome = may_lack_outcome && cells.given("utfall").is_none();
        for (column, needed) in [("avslutad", true), ("utfall", !may_lack_outcome)] {
            if needed && cells.given(column).is_none() {
                let expected = "a closed case has a time and an outcome";
                cells.fault(column, "empty for a closed case", expected);
            }
        }
        progress.investigation_done_at = started.and(ended);
        let (summary, action_taken, by) = (None, None, None);
        if outcome.is_none() && !may_lack_outcome {
            return None;
        }
        let closing = Closing { outcome, summary, action_taken, at: ended?, by };
        return Some((progress, State::Closed(closing)));
    }
    for column in ["avslutad", "utfall"] {
        if cells.given(column).is_some() {
            let expected = format!("empty, or the status {CLOSED}");
            cells.fault(column, format!("given for a case that is {OPEN}"), expected);
        }
    }
    Some((progress, if started.is_some() { State::Investigating } else { State::Reported }))
}

/// Laws by comma, the first counts.
fn laws(cells: &mut Cells<'_>, column: &str, codes: &CodeLists, on: Date) -> Vec<Law> {
    let mut found = Vec::new();
    for code in cells.given(column).into_iter().flat_map(|given| given.split(',')).map(str::trim) {
        if !cells.check_code(column, code, codes, "law", on) {
            continue;
        }
        match code.parse::<Law>() {
            Ok(law) if found.contains(&law) => {
                cells.fault(column, format!("{law} is named twice"), "name each law once");
            }
            Ok(law) => found.push(law),
            Err(()) => {
                let reason = format!("no law: {}", cells.shown(code));
                cells.fault(column, reason, "right would be HSL, SOL or LSS");
            }
        }
    }
    found
}
