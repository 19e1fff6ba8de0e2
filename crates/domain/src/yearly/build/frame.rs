//! What every table of a report shares: its years, and how codes and units are named and ordered.

use jiff::civil::Date;

use super::{Asked, YEARS_BESIDE};
use crate::calendar::swedish_date;
use crate::ids::UnitId;
use crate::law::Law;
use crate::statistics::order::swedish_key;
use crate::table::{Head, Label};
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

/// The report's year and what it is read by.
pub(super) struct Frame<'a> {
    pub asked: &'a Asked<'a>,
    /// The year, then the earlier ones, latest first, as far as there are figures.
    pub years: Vec<i16>,
    pub as_of: Date,
}

impl<'a> Frame<'a> {
    pub fn new(asked: &'a Asked<'a>, sources: &Sources) -> Self {
        let first = asked.year.saturating_sub(YEARS_BESIDE);
        let oldest = sources.cases.iter().map(|row| row.year).filter(|year| *year >= first).min();
        let oldest = oldest.unwrap_or(asked.year).min(asked.year);
        let years = (oldest..=asked.year).rev().collect();
        Self { asked, years, as_of: swedish_date(asked.now) }
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
    const MONTHS: [&str; 12] = [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ];
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
