//! Figures in lines and columns, before they are a file: of cases, and of what stands beside them.

mod beside;

use std::borrow::Cow;

use domain::case::{Kind, Status};
use domain::code_lists::CodeLists;
use domain::statistics::{
    CountBy, Cube, Days, Dimension, Figures, Key, LeadTime, Measure, Months, NamedUnit, Of,
};

pub use beside::{escalations, forwardings};

/// What stands where a case has no value.
const NO_VALUE: &str = "Saknas";

/// What stands in a cell of a file of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// Nothing.
    Empty,
    /// Words, as they are: what a format must guard against is its own.
    Text(Cow<'a, str>),
    /// A number that is a name: a year, a week, a degree.
    Name(i16),
    /// How many.
    Count(u64),
    /// How many more or fewer.
    Change(i64),
    /// Tenths of a day.
    Tenths(i64),
}

/// Figures in lines and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid<'a> {
    /// What stands above the columns.
    pub headings: Vec<String>,
    /// How many of the columns say what a line is about.
    pub keys: usize,
    /// The lines.
    pub rows: Vec<Vec<Entry<'a>>>,
    /// All of it, where the lines are more than that.
    pub total: Option<Vec<Entry<'a>>>,
    /// What was asked, a term and its words each, so that the figures can be asked for again.
    pub asked: Vec<(&'static str, String)>,
}

/// The whole cube: headings, rows, and the total last. A dimension of codes has a column for the text and one
/// for the code; a unit has its name and its id.
pub fn cube<'a>(cube: &'a Cube, codes: &'a CodeLists) -> Laid<'a> {
    let mut headings: Vec<String> = Vec::new();
    for dimension in &cube.group_by {
        let (name, second) = heading(*dimension);
        headings.push(name.to_owned());
        headings.extend(second.map(|second| format!("{name} ({second})")));
    }
    let keys = headings.len();
    headings.extend(figure_headings(cube));
    let mut rows = Vec::with_capacity(cube.rows.len());
    for row in &cube.rows {
        let mut cells = Vec::with_capacity(headings.len());
        for (dimension, key) in cube.group_by.iter().zip(&row.keys) {
            key_cells(*dimension, key, codes, &mut cells);
        }
        figure_cells(cube, &row.figures, &mut cells);
        rows.push(cells);
    }
    // Without a grouping the one row is the total.
    let total = (!cube.group_by.is_empty() || cube.rows.is_empty()).then(|| {
        let mut cells = total_of(keys);
        figure_cells(cube, &cube.total, &mut cells);
        cells
    });
    Laid { headings, keys, rows, total, asked: asked(cube) }
}

/// The keys of a line that is all of it.
fn total_of<'a>(keys: usize) -> Vec<Entry<'a>> {
    let mut cells = vec![Entry::Empty; keys];
    if let Some(first) = cells.first_mut() {
        *first = Entry::Text(Cow::Borrowed("Totalt"));
    }
    cells
}

/// Months from and to.
fn span(months: Months) -> String {
    let Months { from, to } = months;
    format!("{}-{:02} – {}-{:02}", from.year, from.month, to.year, to.month)
}

/// The units that figures are limited to.
fn only(units: Option<&Vec<NamedUnit>>) -> Option<(&'static str, String)> {
    let names: Vec<&str> = units?.iter().map(|unit| unit.name.as_str()).collect();
    Some(("Bara enheterna", names.join(", ")))
}

/// What was asked of a cube.
fn asked(cube: &Cube) -> Vec<(&'static str, String)> {
    let by = match cube.count_by {
        CountBy::Reported => "När det rapporterades",
        CountBy::Occurred => "När det hände",
    };
    let of = match cube.of {
        Of::Cases => "Ärenden",
        Of::Events => "Händelser, var och en en gång",
        Of::Mentions => "Omnämnanden: ett ärende kan räknas flera gånger",
    };
    let mut lines = vec![("Månader", span(cube.period))];
    lines.extend(cube.previous_period.map(|earlier| ("Jämförs med", span(earlier))));
    lines.push(("Räknas", of.to_owned()));
    lines.push(("Tidpunkt", by.to_owned()));
    lines.push(("Öppet och avslutat till och med", cube.as_of.to_string()));
    lines.extend(cube.unplaced.map(|count| ("Utan känd händelsetid, inte med", count.to_string())));
    lines.extend(only(cube.scope.as_ref()));
    lines
}

/// The heading of a dimension, and what its second column holds, where it has one.
fn heading(dimension: Dimension) -> (&'static str, Option<&'static str>) {
    const CODE: Option<&str> = Some("kod");
    match dimension {
        Dimension::Year => ("År", None),
        Dimension::Half => ("Halvår", None),
        Dimension::Tertial => ("Tertial", None),
        Dimension::Month => ("Månad", None),
        Dimension::Week => ("Vecka", None),
        Dimension::Weekday => ("Veckodag", Some("nr")),
        Dimension::HourBand => ("Tid på dygnet", CODE),
        Dimension::Kind => ("Ärendetyp", CODE),
        Dimension::Unit => ("Enhet", Some("id")),
        Dimension::ReportingUnit => ("Rapporterande enhet", Some("id")),
        Dimension::Area => ("Verksamhetsområde", CODE),
        Dimension::AreaGroup => ("Områdesgrupp", CODE),
        Dimension::Law => ("Lagrum", CODE),
        Dimension::Category => ("Kategori", CODE),
        Dimension::CategoryTop => ("Huvudkategori", CODE),
        Dimension::Nature => ("Art", CODE),
        Dimension::Severity => ("Allvarlighetsgrad", Some("nr")),
        Dimension::Probability => ("Sannolikhet", Some("nr")),
        Dimension::Vardskada => ("Vårdskada", CODE),
        Dimension::Serious => ("Allvarlig vårdskada", None),
        Dimension::Injury => ("Skada", CODE),
        Dimension::ReachedPerson => ("Nådde personen", None),
        Dimension::Track => ("Handläggningsväg", CODE),
        Dimension::Outcome => ("Utfall", CODE),
        Dimension::Status => ("Status", CODE),
        Dimension::Source => ("Källa", CODE),
        Dimension::Channel => ("Kanal", CODE),
        Dimension::Profession => ("Yrke", CODE),
        Dimension::Sex => ("Kön", CODE),
        Dimension::AgeBand => ("Åldersgrupp", CODE),
        Dimension::Suggestion => ("Förslag mot bedömd kategori", CODE),
        Dimension::SuggestionReported => ("Förslag mot rapporterad kategori", CODE),
        Dimension::Understood => ("Förstod svaret", CODE),
        Dimension::Helped => ("Svaret hjälpte", CODE),
        Dimension::Patientnamnd => ("Patientnämndens kategori", CODE),
        Dimension::Cause => ("Orsak", CODE),
        Dimension::Counterparty => ("Motpart", Some("id")),
        Dimension::Answer(asked) => (&asked.question().text.sv, CODE),
    }
}

/// One cell of a key, or two, as the headings say.
fn key_cells<'a>(
    dimension: Dimension,
    key: &'a Key,
    codes: &'a CodeLists,
    cells: &mut Vec<Entry<'a>>,
) {
    let (_, second) = heading(dimension);
    let borrowed = |text: &'a str| Entry::Text(Cow::Borrowed(text));
    cells.push(match key {
        Key::None => borrowed(NO_VALUE),
        Key::Flag(true) => borrowed("Ja"),
        Key::Flag(false) => borrowed("Nej"),
        Key::Unit(unit) => borrowed(&unit.name),
        Key::Group { name, .. } | Key::Counterparty { name, .. } => borrowed(name),
        Key::Code(code) => borrowed(label(dimension, code, codes)),
        Key::Number(number) if second.is_none() => Entry::Name(*number),
        Key::Number(number) => match (dimension, weekday(*number)) {
            (Dimension::Weekday, Some(name)) => borrowed(name),
            _ => {
                let number = number.to_string();
                Entry::Text(Cow::Owned(label(dimension, &number, codes).to_owned()))
            }
        },
    });
    if second.is_some() {
        cells.push(match key {
            Key::None => Entry::Empty,
            Key::Flag(flag) => Entry::Text(Cow::Owned(flag.to_string())),
            Key::Unit(unit) => Entry::Text(Cow::Owned(unit.id.to_string())),
            Key::Counterparty { id, .. } => Entry::Text(Cow::Owned(id.to_string())),
            Key::Code(code) | Key::Group { code, .. } => borrowed(code),
            Key::Number(number) => Entry::Name(*number),
        });
    }
}

/// The Swedish text of a code, or the code itself where nobody has one.
fn label<'a>(dimension: Dimension, code: &'a str, codes: &'a CodeLists) -> &'a str {
    let listed = dimension.lists().iter().find_map(|list| codes.get(list, code));
    if let Some(listed) = listed {
        return &listed.sv;
    }
    match dimension {
        Dimension::Kind => match code.parse::<Kind>() {
            Ok(Kind::Avvikelse) => "Avvikelse",
            Ok(Kind::Synpunkt) => "Synpunkt",
            Ok(Kind::Klagomal) => "Klagomål",
            Err(()) => code,
        },
        Dimension::Status => match code.parse::<Status>() {
            Ok(Status::Draft) => "Utkast",
            Ok(Status::Reported) => "Rapporterad",
            Ok(Status::Triaged) => "Bedömd",
            Ok(Status::Investigating) => "Utreds",
            Ok(Status::MeasuresDecided) => "Åtgärder beslutade",
            Ok(Status::FollowingUp) => "Följs upp",
            Ok(Status::Closed) => "Avslutad",
            Ok(Status::Void) => "Makulerad",
            Err(()) => code,
        },
        Dimension::Suggestion | Dimension::SuggestionReported => match code {
            "first" => "Första förslaget",
            "top3" => "Bland de tre första",
            "missed" => "Inte föreslagen",
            "none" => "Inget förslag",
            _ => code,
        },
        Dimension::Understood | Dimension::Helped => match code {
            "yes" => "Ja",
            "partly" => "Delvis",
            "no" => "Nej",
            _ => code,
        },
        Dimension::Answer(asked) => {
            asked.question().option(code).map_or(code, |option| option.text.sv.as_str())
        }
        // Written so that no spreadsheet takes it for a day of a month.
        Dimension::HourBand => match code {
            "00-06" => "kl. 00–06",
            "06-12" => "kl. 06–12",
            "12-18" => "kl. 12–18",
            "18-24" => "kl. 18–24",
            _ => code,
        },
        _ => code,
    }
}

fn weekday(number: i16) -> Option<&'static str> {
    const DAYS: [&str; 7] = ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"];
    usize::try_from(number - 1).ok().and_then(|index| DAYS.get(index)).copied()
}

fn figure_headings(cube: &Cube) -> Vec<String> {
    let mut headings = vec!["Antal".to_owned()];
    if cube.previous_period.is_some() {
        headings.extend(["Antal föregående år".to_owned(), "Förändring".to_owned()]);
    }
    for measure in &cube.measures {
        match measure {
            Measure::Count => {}
            Measure::Open => headings.push(format!("Öppna {}", cube.as_of)),
            Measure::Closed => headings.push(format!("Avslutade {}", cube.as_of)),
            Measure::Answered => headings.push(format!("Besvarade {}", cube.as_of)),
            Measure::LeadTime => {
                for stage in ["rapport", "bedömning", "utredning", "avslut"] {
                    headings.push(format!("Dagar till {stage}: antal"));
                    headings.push(format!("Dagar till {stage}: median"));
                    headings.push(format!("Dagar till {stage}: 90:e percentil"));
                }
            }
        }
    }
    headings
}

fn figure_cells(cube: &Cube, figures: &Figures, cells: &mut Vec<Entry<'_>>) {
    let mut push = |entry: Option<Entry<'static>>| cells.push(entry.unwrap_or(Entry::Empty));
    let days = |days: Option<Days>| days.map(|days| Entry::Tenths(days.tenths));
    push(Some(Entry::Count(figures.count)));
    if cube.previous_period.is_some() {
        push(figures.previous.map(Entry::Count));
        push(figures.change().map(Entry::Change));
    }
    for measure in &cube.measures {
        match measure {
            Measure::Count => {}
            Measure::Open => push(figures.open.map(Entry::Count)),
            Measure::Closed => push(figures.closed.map(Entry::Count)),
            Measure::Answered => push(figures.answered.map(Entry::Count)),
            Measure::LeadTime => {
                let times = figures.lead_time.as_deref().copied().unwrap_or_default();
                for stage in [times.report, times.triage, times.investigation, times.close] {
                    let LeadTime { n, median, p90 } = stage;
                    push(Some(Entry::Count(n)));
                    push(days(median));
                    push(days(p90));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_text() {
        let codes = CodeLists::shared();
        for (dimension, code, expected) in [
            (Dimension::Kind, "klagomal", "Klagomål"),
            (Dimension::Status, "measures_decided", "Åtgärder beslutade"),
            (Dimension::HourBand, "06-12", "kl. 06–12"),
            (Dimension::Category, "K.OMV.TID", "Tider/kontinuitet"),
            (Dimension::Track, "simple", "Enkel handläggning"),
            (Dimension::Sex, "?", "?"),
        ] {
            assert_eq!(label(dimension, code, &codes), expected);
        }
        assert_eq!((weekday(1), weekday(7), weekday(8)), (Some("måndag"), Some("söndag"), None));
    }
}
