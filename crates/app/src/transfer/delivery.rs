//! What the files hold, in the order it can be put into the database.

use domain::calendar::swedish_date;
use domain::forwarding::Direction;
use domain::law::Law;
use domain::organisation::Role;
use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::case_row::CaseRow;
use super::cells::Cells;
use domain::code_lists::CodeLists;

/// The issuer of whoever's identity is given without one: the service's own.
pub const LOCAL_ISSUER: &str = "urn:avvikelse:local";

/// The first day of a grant that is given without one. A fixed day, so that the same line means the
/// same grant whenever it is read.
pub(super) const SINCE_EVER: Date = date(1900, 1, 1);

/// The words of the column `riktning`, with the direction they mean.
pub(super) const DIRECTIONS: [(&str, Direction); 2] =
    [("skickad", Direction::Sent), ("mottagen", Direction::Received)];

/// The words of the column `lag`.
pub(super) const ESCALATIONS: [(&str, &str); 3] =
    [("lex_maria", "lex_maria"), ("lex_sarah", "lex_sarah"), ("riskperson", "riskperson")];

/// A unit.
#[derive(Clone, Debug)]
pub(super) struct UnitRow {
    pub line: u64,
    pub code: String,
    pub name: String,
    pub area: Option<String>,
    pub parent: Option<String>,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// A person.
#[derive(Clone, Debug)]
pub(super) struct StaffRow {
    pub issuer: String,
    pub subject: String,
    pub name: Option<String>,
    pub profession: Option<String>,
    pub email: Option<String>,
}

/// A grant.
#[derive(Clone, Debug)]
pub(super) struct GrantRow {
    pub issuer: String,
    pub subject: String,
    pub role: Role,
    /// Codes of units.
    pub units: Vec<String>,
    pub laws: Vec<Law>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
}

/// A forwarding.
#[derive(Clone, Debug)]
pub(super) struct ForwardingRow {
    pub number: Option<String>,
    pub direction: Direction,
    pub counterparty: String,
    pub counterparty_kind: String,
    pub sent_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub matter: String,
}

impl ForwardingRow {
    /// Everything of the line in one text, to tell it from others by.
    pub fn content(&self) -> String {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        [
            self.number.as_deref().unwrap_or_default(),
            self.direction.code(),
            &self.counterparty,
            &self.counterparty_kind,
            &self.sent_at.to_string(),
            &time(self.answered_at),
            &self.matter,
        ]
        .join("\u{1F}")
    }
}

/// An escalation.
#[derive(Clone, Debug)]
pub(super) struct EscalationRow {
    pub number: String,
    pub kind: &'static str,
    pub flagged_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub notified_at: Option<Timestamp>,
    pub ivo_decided_at: Option<Timestamp>,
    pub motivation: Option<String>,
}

/// Everything the files hold.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// Units that the tenant has not; those above before those below.
    pub units: Vec<UnitRow>,
    /// Staff.
    pub staff: Vec<StaffRow>,
    /// Grants.
    pub grants: Vec<GrantRow>,
    /// Cases, each number once.
    pub cases: Vec<CaseRow>,
    /// Forwardings.
    pub forwardings: Vec<ForwardingRow>,
    /// Escalations, each once.
    pub escalations: Vec<EscalationRow>,
    /// Lines of cases that say the same as one before them.
    pub cases_repeated: u64,
}

pub(super) fn unit(cells: &mut Cells<'_>, codes: &CodeLists) -> Option<UnitRow> {
    let code = cells.required("kod").map(str::to_owned);
    let name = cells.required_text("namn");
    let valid_from = cells.date("giltig_fran");
    let valid_to = cells.date("giltig_till");
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
        cells.fault("giltig_till", "before giltig_fran", "not before giltig_fran");
    }
    let on = cells.today().min(valid_to.unwrap_or(Date::MAX)).max(valid_from.unwrap_or(Date::MIN));
    let area = cells.code("verksamhetsomrade", codes, "area", on);
    let parent = cells.given("overordnad").map(str::to_owned);
    if parent.is_some() && parent == code {
        cells.fault("overordnad", "the unit is above itself", "another unit, or empty");
    }
    let line = cells.line();
    let sound = cells.sound();
    let row = UnitRow { line, code: code?, name: name?, area, parent, valid_from, valid_to };
    sound.then_some(row)
}

pub(super) fn staff(cells: &mut Cells<'_>, codes: &CodeLists) -> Option<StaffRow> {
    let issuer = issuer(cells);
    let subject = cells.required("identitet").map(str::to_owned);
    let today = cells.today();
    let row = StaffRow {
        issuer,
        subject: subject?,
        name: cells.text("namn"),
        profession: cells.code("yrke", codes, "profession", today),
        email: cells.given("epost").map(str::to_owned),
    };
    if row.email.as_deref().is_some_and(|email| !email.contains('@')) {
        cells.fault("epost", "no e-mail address", "an address such as anna@kommunen.se, or empty");
    }
    cells.sound().then_some(row)
}

/// Who signs for the person a line is about.
pub(super) fn issuer(cells: &Cells<'_>) -> String {
    cells.given("utfardare").unwrap_or(LOCAL_ISSUER).to_owned()
}

/// Reads a grant; its units as given, to be looked up by the caller.
pub(super) fn grant(cells: &mut Cells<'_>) -> Option<GrantRow> {
    let issuer = issuer(cells);
    let subject = cells.required("identitet").map(str::to_owned);
    cells.required("roll");
    let words = Role::ALL.map(|role| (role.code(), role));
    let role = cells.one_of("roll", &words);
    let list = |value: Option<&str>| {
        let parts = value.unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    // An empty cell means everything: one that was meant to name something must not be read so.
    for column in ["enheter", "lagrum"] {
        if cells.given(column).is_some() && list(cells.given(column)).is_empty() {
            cells.fault(column, "names nothing", "names by comma, or an empty cell for all");
        }
    }
    let units = list(cells.given("enheter"));
    let mut laws = Vec::new();
    for code in list(cells.given("lagrum")) {
        match code.parse::<Law>() {
            Ok(law) => laws.push(law),
            Err(()) => {
                let reason = format!("no law: {}", cells.shown(&code));
                cells.fault("lagrum", reason, "right would be HSL, SOL or LSS, or empty for all");
            }
        }
    }
    laws.sort_unstable();
    laws.dedup();
    let valid_from = cells.date("giltig_fran").unwrap_or(SINCE_EVER);
    let valid_to = cells.date("giltig_till");
    if valid_to.is_some_and(|to| to < valid_from) {
        cells.fault("giltig_till", "before giltig_fran", "not before giltig_fran");
    }
    let sound = cells.sound();
    let row =
        GrantRow { issuer, subject: subject?, role: role?, units, laws, valid_from, valid_to };
    sound.then_some(row)
}

pub(super) fn forwarding(cells: &mut Cells<'_>, codes: &CodeLists) -> Option<ForwardingRow> {
    cells.required("riktning");
    let direction = cells.one_of("riktning", &DIRECTIONS);
    let number = cells.given("arendenummer").map(str::to_owned);
    if direction == Some(Direction::Sent) && number.is_none() {
        cells.fault("arendenummer", "empty", "what was sent has the number of its case");
    }
    let counterparty = cells.required_text("motpart").map(|name| name.trim().to_owned());
    let sent_at = cells.required_time("skickad");
    let on = sent_at.map_or(cells.today(), swedish_date);
    cells.required("motpart_typ");
    let counterparty_kind = cells.code("motpart_typ", codes, "counterparty", on);
    let answered_at = cells.time("svar");
    let matter = cells.text("amne").unwrap_or_default();
    let sound = cells.sound();
    let row = ForwardingRow {
        number,
        direction: direction?,
        counterparty: counterparty?,
        counterparty_kind: counterparty_kind?,
        sent_at: sent_at?,
        answered_at,
        matter,
    };
    sound.then_some(row)
}

pub(super) fn escalation(cells: &mut Cells<'_>) -> Option<EscalationRow> {
    let number = cells.required("arendenummer").map(str::to_owned);
    cells.required("lag");
    let kind = cells.one_of("lag", &ESCALATIONS);
    let flagged_at = cells.required_time("flaggad");
    let decided_at = cells.time("beslut");
    let notified_at = cells.time("anmald");
    let ivo_decided_at = cells.time("ivo_beslut");
    let motivation = cells.text("motivering");
    let sound = cells.sound();
    let row = EscalationRow {
        number: number?,
        kind: kind?,
        flagged_at: flagged_at?,
        decided_at,
        notified_at,
        ivo_decided_at,
        motivation,
    };
    sound.then_some(row)
}
