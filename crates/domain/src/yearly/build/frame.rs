//! What every table of a report shares: its years, and how codes and units are named and ordered.

use jiff::civil::Date;

use super::{Asked, YEARS_BESIDE};
use crate::calendar::{MONTHS, swedish, swedish_date};
use crate::case::Kind;
use crate::ids::UnitId;
use crate::law::Law;
use crate::statistics::order::swedish_key;
use crate::table::{Cell, Column, Head, Holds, Label, Table};
use crate::yearly::sources::Sources;

/// What rows differ by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dim {
    Year,
    Month,
    Unit,
    Area,
    AreaGroup,
    Law,
    LawReported,
    Category,
    Subcategory,
    CategoryReported,
    Complaint,
    OpinionKind,
    Severity,
    Vardskada,
    Injury,
    Sex,
    Cause,
    MeasureType,
    CounterpartyKind,
    EscalationKind,
    Clock,
}

/// Where a row stands among its like: by place in a list, then by name as Swedish sorts.
pub(super) type Place = (usize, Vec<u32>);

/// What is kept by itself: a tenant may have begun with one before it began with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Register {
    Deviations,
    Opinions,
    Escalations,
    Forwardings,
}

impl Register {
    const ALL: [Self; 4] = [Self::Deviations, Self::Opinions, Self::Escalations, Self::Forwardings];

    /// Where the things of a set are kept.
    pub fn of(set: &str) -> Self {
        match set {
            "opinions" => Self::Opinions,
            "escalations" | "escalations_notified" => Self::Escalations,
            "forwardings_sent" | "forwardings_received" => Self::Forwardings,
            _ => Self::Deviations,
        }
    }

    fn swedish(self) -> &'static str {
        match self {
            Self::Deviations => "Avvikelser",
            Self::Opinions => "Synpunkter och klagomål",
            Self::Escalations => "Anmälningar",
            Self::Forwardings => "Avvikelser mellan vårdgivare",
        }
    }
}

/// The report's year and what it is read by.
pub(super) struct Frame<'a> {
    pub asked: &'a Asked<'a>,
    /// The year, then the earlier ones, latest first, as far as there are figures.
    pub years: Vec<i16>,
    pub as_of: Date,
    /// The first year that is counted, by register, in the order of [`Register::ALL`].
    since: [i16; 4],
}

impl<'a> Frame<'a> {
    pub fn new(asked: &'a Asked<'a>, sources: &Sources) -> Self {
        let first = asked.year.saturating_sub(YEARS_BESIDE);
        let oldest = sources.cases.iter().map(|row| row.year).filter(|year| *year >= first).min();
        let oldest = oldest.unwrap_or(asked.year).min(asked.year);
        let years = (oldest..=asked.year).rev().collect();
        Self { asked, years, as_of: swedish_date(asked.now), since: since(asked.year, sources) }
    }

    /// Whether a year is counted in a register: no year is that lies before the first thing in it.
    pub fn counts(&self, register: Register, year: i16) -> bool {
        year >= self.since[register as usize]
    }

    /// A count of a year; nothing where the year is not counted.
    pub fn cell(&self, register: Register, year: i16, count: u64) -> Cell {
        if self.counts(register, year) { Cell::Count(count) } else { Cell::None }
    }

    /// What a table must say of the years it shows and does not count.
    pub fn uncounted(&self, table: &Table) -> Vec<String> {
        let mut found = Vec::new();
        for register in Register::ALL {
            let since = self.since[register as usize];
            let counts = |column: &&Column| {
                column.holds == Holds::Count
                    && !column.set.is_empty()
                    && Register::of(&column.set) == register
            };
            let in_rows = table.heads.iter().any(|head| head.id == "year");
            let mut shown = table.columns.iter().filter(counts);
            let earlier = |year: i16| year < since;
            let said = shown.any(|column| match column.year {
                Some(year) => earlier(year),
                None => in_rows && self.years.iter().copied().any(earlier),
            });
            if said {
                let what = register.swedish();
                found.push(format!(
                    "{what} är registrerade från och med {since}. Tidigare år är inte räknade och visas med ett streck."
                ));
            }
        }
        found
    }

    pub fn year(&self) -> i16 {
        self.asked.year
    }

    /// The place of a year among those of the report.
    pub fn nth(&self, year: i16) -> Option<usize> {
        self.years.iter().position(|it| *it == year)
    }

    /// The group of areas a unit belongs to, as the tenant groups them. An area in none is `other`.
    pub fn area_group(&self, unit: UnitId) -> Option<String> {
        let units = self.asked.units;
        match units.area_group_of(unit) {
            Some(group) => Some(group.code.clone()),
            None => units.area_of(unit).map(|_| OTHER_AREAS.to_owned()),
        }
    }

    pub fn area(&self, unit: UnitId) -> Option<String> {
        self.asked.units.area_of(unit).map(str::to_owned)
    }

    /// A code of a list; one that nobody knows is none.
    pub fn known(&self, list: &str, code: Option<&str>) -> Option<String> {
        code.filter(|code| self.asked.codes.get(list, code).is_some()).map(str::to_owned)
    }

    /// The highest code above one.
    pub fn top(&self, list: &str, code: Option<&str>) -> Option<String> {
        let code = code.filter(|code| self.asked.codes.get(list, code).is_some())?;
        Some(self.asked.codes.top(list, code).to_owned())
    }

    /// The label of a value, and where it stands.
    pub fn label(&self, dim: Dim, code: Option<&str>) -> (Place, Label) {
        let Some(code) = code else {
            let label = Label { code: None, text: dim.unknown().to_owned() };
            return ((usize::MAX, Vec::new()), label);
        };
        let named = |place: usize, text: String| {
            let key = swedish_key(&text);
            ((place, key), Label { code: Some(code.to_owned()), text })
        };
        let listed = |list: &str| {
            let codes = self.asked.codes;
            let place = codes.place(list, code).unwrap_or(usize::MAX - 1);
            let text = codes.get(list, code).map_or(code, |it| it.sv.as_str());
            named(place, text.to_owned())
        };
        match dim {
            Dim::Year | Dim::Month => {
                let number: usize = code.parse().unwrap_or(usize::MAX - 1);
                // Years latest first, months as they come.
                let place = if dim == Dim::Year { usize::MAX - 2 - number } else { number };
                let text = if dim == Dim::Year { code } else { month(number) };
                named(place, text.to_owned())
            }
            Dim::Unit => {
                let unit = code.parse().ok().and_then(|id| self.asked.units.get(id));
                let place = usize::from(unit.is_none_or(|unit| unit.unknown));
                named(place, unit.map_or_else(|| code.to_owned(), |unit| unit.name.clone()))
            }
            Dim::Area => listed("area"),
            Dim::AreaGroup => {
                let groups = self.asked.units.area_groups();
                let at = groups.iter().position(|group| group.code == code);
                let text = at.map_or("Övriga verksamheter", |at| groups[at].name.as_str());
                named(at.unwrap_or(groups.len()), text.to_owned())
            }
            Dim::Law | Dim::LawReported => {
                let law: Option<Law> = code.parse().ok();
                named(law.map_or(usize::MAX - 1, |law| law as usize), law_name(law).to_owned())
            }
            Dim::Category | Dim::CategoryReported => listed("category"),
            Dim::Subcategory => {
                let (place, mut label) = listed("category");
                if self.asked.codes.get("category", code).is_some_and(|it| it.parent.is_none()) {
                    label.text = format!("{}, inte närmare angivet", label.text);
                }
                (place, label)
            }
            Dim::Complaint => listed("complaint"),
            Dim::OpinionKind => listed("kind"),
            Dim::Severity => {
                let (place, mut label) = listed("severity");
                label.text = format!("{code} – {}", label.text);
                (place, label)
            }
            Dim::Vardskada => listed("vardskada"),
            Dim::Injury => listed("injury"),
            Dim::Sex => listed("sex"),
            Dim::Cause => listed("cause"),
            Dim::MeasureType => listed("measure_type"),
            Dim::CounterpartyKind => listed("counterparty"),
            Dim::EscalationKind => {
                let kinds = [
                    ("lex_maria", "Lex Maria"),
                    ("lex_sarah", "Lex Sarah"),
                    ("riskperson", "Riskperson"),
                ];
                let at = kinds.iter().position(|(kind, _)| *kind == code);
                named(at.unwrap_or(kinds.len()), at.map_or(code, |at| kinds[at].1).to_owned())
            }
            Dim::Clock => {
                let at = CLOCKS.iter().position(|(clock, _)| *clock == code);
                named(at.unwrap_or(CLOCKS.len()), at.map_or(code, |at| CLOCKS[at].1).to_owned())
            }
        }
    }
}

/// The first year that is counted, by register: of avvikelser and of opinions the year of the first one in
/// the tenant, of what comes of avvikelser that of the first avvikelse or of the first one itself. The
/// report's own year is always counted.
fn since(year: i16, sources: &Sources) -> [i16; 4] {
    let first_of = |deviations: bool| {
        let rows = sources.cases.iter().filter(|row| (row.kind == Kind::Avvikelse) == deviations);
        rows.map(|row| row.year).min()
    };
    let earliest = |years: [Option<i16>; 3]| years.into_iter().flatten().min().unwrap_or(year);
    let deviations = earliest([Some(year), first_of(true), sources.first.deviations]);
    let opinions = earliest([Some(year), first_of(false), sources.first.opinions]);
    let raised = sources.escalations.iter().flat_map(|it| [Some(it.flagged_at), it.notified_at]);
    let raised = raised.flatten().map(|at| swedish(at).year).min();
    let sent = sources.forwardings.iter().filter(|it| it.status.counted());
    let sent = sent.map(|it| swedish(it.sent_at).year).min();
    [
        deviations,
        opinions,
        earliest([Some(deviations), raised, None]),
        earliest([Some(deviations), sent, None]),
    ]
}

/// Areas in no group.
const OTHER_AREAS: &str = "other";

/// The clocks that are counted.
const CLOCKS: [(&str, &str); 12] = [
    ("triage", "Bedöma en avvikelse"),
    ("investigation", "Utreda en avvikelse"),
    ("complaint_acknowledgement", "Bekräfta ett klagomål"),
    ("complaint_answer", "Besvara ett klagomål"),
    ("lex_maria_screening", "Granska en flagga för lex Maria"),
    ("lex_maria_notification", "Anmäla enligt lex Maria"),
    ("lex_maria_inquiry", "Lämna utredningen till IVO"),
    ("lex_sarah_screening", "Granska en flagga för lex Sarah"),
    ("lex_sarah_receipt", "Ta emot en rapport enligt lex Sarah"),
    ("lex_sarah_investigation", "Utreda en rapport enligt lex Sarah"),
    ("lex_sarah_notification", "Anmäla enligt lex Sarah"),
    ("supplement", "Komplettera till IVO"),
];

fn law_name(law: Option<Law>) -> &'static str {
    match law {
        Some(Law::Hsl) => "Hälso- och sjukvård (HSL)",
        Some(Law::Sol) => "Socialtjänst (SoL)",
        Some(Law::Lss) => "Stöd och service (LSS)",
        None => "Inget lagrum",
    }
}

/// A month by its number.
fn month(number: usize) -> &'static str {
    number.checked_sub(1).and_then(|at| MONTHS.get(at)).copied().unwrap_or("okänd månad")
}

impl Dim {
    pub fn head(self) -> Head {
        let (id, title) = match self {
            Dim::Year => ("year", "År"),
            Dim::Month => ("month", "Månad"),
            Dim::Unit => ("unit", "Enhet"),
            Dim::Area => ("area", "Verksamhetsområde"),
            Dim::AreaGroup => ("area_group", "Boendeform"),
            Dim::Law => ("law", "Lagrum"),
            Dim::LawReported => ("law_reported", "Rapportörens lagrum"),
            Dim::Category => ("category", "Kategori"),
            Dim::Subcategory => ("subcategory", "Underkategori"),
            Dim::CategoryReported => ("category_reported", "Rapportörens kategori"),
            Dim::Complaint => ("category", "Kategori"),
            Dim::OpinionKind => ("opinion_kind", "Slag"),
            Dim::Severity => ("severity", "Allvarlighetsgrad"),
            Dim::Vardskada => ("vardskada", "Vårdskada"),
            Dim::Injury => ("injury", "Skada"),
            Dim::Sex => ("sex", "Kön"),
            Dim::Cause => ("cause", "Orsak"),
            Dim::MeasureType => ("measure_type", "Slag av åtgärd"),
            Dim::CounterpartyKind => ("counterparty_kind", "Motpart"),
            Dim::EscalationKind => ("escalation_kind", "Anmälan"),
            Dim::Clock => ("clock", "Frist"),
        };
        Head { id: id.to_owned(), title: title.to_owned() }
    }

    /// What stands for no value.
    fn unknown(self) -> &'static str {
        match self {
            Dim::Law | Dim::LawReported => "Inget lagrum",
            Dim::Category | Dim::Subcategory | Dim::CategoryReported | Dim::Complaint => {
                "Ingen kategori"
            }
            Dim::Area | Dim::AreaGroup => "Inget verksamhetsområde",
            Dim::Severity => "Inte bedömd",
            Dim::Cause => "Ingen orsak angiven",
            Dim::Year
            | Dim::Month
            | Dim::Unit
            | Dim::OpinionKind
            | Dim::Vardskada
            | Dim::Injury
            | Dim::Sex
            | Dim::MeasureType
            | Dim::CounterpartyKind
            | Dim::EscalationKind
            | Dim::Clock => "Uppgift saknas",
        }
    }
}
