//! Figures as CSV for Swedish spreadsheets: `;`, decimal comma, UTF-8 with BOM, CRLF.
//!
//! Numbers stand bare. Text that a spreadsheet would take for a formula gets a `'` in front: names
//! and codes of a tenant are somebody's input.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use domain::case::{Kind, Status};
use domain::code_lists::CodeLists;
use domain::statistics::{Cube, Days, Dimension, Figures, Key, LeadTime, Measure};

/// What stands where a case has no value.
const NO_VALUE: &str = "Saknas";

/// The mark by which a spreadsheet knows UTF-8.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What stands in a cell of a file of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
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

/// The cube in lines and columns.
pub(crate) struct Laid<'a> {
    /// What stands above the columns.
    pub(crate) headings: Vec<String>,
    /// How many of the columns say what a line is about.
    pub(crate) keys: usize,
    /// The lines.
    pub(crate) rows: Vec<Vec<Entry<'a>>>,
    /// All of it, where the lines are more than that.
    pub(crate) total: Option<Vec<Entry<'a>>>,
}

/// The whole cube: headings, rows, and the total last. A dimension of codes has a column for the text and one
/// for the code; a unit has its name and its id.
pub(crate) fn laid<'a>(cube: &'a Cube, codes: &'a CodeLists) -> Laid<'a> {
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
        let mut cells = vec![Entry::Empty; keys];
        if let Some(first) = cells.first_mut() {
            *first = Entry::Text(Cow::Borrowed("Totalt"));
        }
        figure_cells(cube, &cube.total, &mut cells);
        cells
    });
    Laid { headings, keys, rows, total }
}

/// The cube as CSV.
///
/// # Errors
/// What the writer says; of memory it has nothing to say.
pub fn cube(cube: &Cube, codes: &CodeLists) -> Result<Vec<u8>, csv::Error> {
    let laid = laid(cube, codes);
    let mut writer = start();
    writer.write_record(&laid.headings)?;
    for row in laid.rows.iter().chain(&laid.total) {
        writer.write_record(row.iter().map(|entry| written(entry).into_owned()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell as CSV has it: digits, a sign and a decimal comma alone, and no text that would be a formula.
fn written<'a>(entry: &'a Entry<'_>) -> Cow<'a, str> {
    match entry {
        Entry::Empty => Cow::Borrowed(""),
        Entry::Text(said) => text(said),
        Entry::Name(number) => Cow::Owned(number.to_string()),
        Entry::Count(count) => Cow::Owned(count.to_string()),
        Entry::Change(change) => Cow::Owned(change.to_string()),
        Entry::Tenths(tenths) => {
            let (sign, size) = (if *tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
            Cow::Owned(format!("{sign}{},{}", size / 10, size % 10))
        }
    }
}

/// A file as Swedish spreadsheets read it, nothing in it yet.
pub(crate) fn start() -> csv::Writer<Vec<u8>> {
    WriterBuilder::new().delimiter(b';').terminator(Terminator::CRLF).from_writer(BOM.to_vec())
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
                let times = figures.lead_time.unwrap_or_default();
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

/// Text that no spreadsheet takes for a formula.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UnitId;
    use domain::statistics::{CountBy, LeadTimes, Months, NamedUnit, Of, Row};

    fn empty(group_by: Vec<Dimension>, measures: Vec<Measure>) -> Cube {
        Cube {
            period: Months::years(2025, 2025),
            previous_period: None,
            count_by: CountBy::Reported,
            of: Of::Cases,
            measures,
            as_of: domain::calendar::parse_date("2026-02-01").unwrap(),
            group_by,
            rows: Vec::new(),
            total: Figures::default(),
            unplaced: None,
            scope: None,
        }
    }

    fn of(count: u64) -> Figures {
        Figures { count, ..Figures::default() }
    }

    fn written(figures: &Cube) -> String {
        let bytes = cube(figures, &CodeLists::shared()).unwrap();
        String::from_utf8(bytes.strip_prefix(BOM).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn texts_beside_codes_and_bare_numbers() {
        let mut cube = empty(
            vec![Dimension::Category, Dimension::Month, Dimension::Severity, Dimension::Serious],
            vec![Measure::Count, Measure::Open, Measure::Closed],
        );
        cube.previous_period = Some(Months::years(2024, 2024));
        let figures = |count, previous| Figures {
            previous: Some(previous),
            open: Some(count),
            closed: Some(0),
            ..of(count)
        };
        let fall = Key::Code("HSL.FAL".to_owned());
        cube.rows = vec![
            Row {
                keys: vec![fall, Key::Number(3), Key::Number(1), Key::Flag(true)],
                figures: figures(41, 44),
            },
            Row {
                keys: vec![Key::None, Key::Number(12), Key::None, Key::None],
                figures: figures(1, 0),
            },
        ];
        cube.total = figures(42, 44);
        let expected = [
            "Kategori;Kategori (kod);Månad;Allvarlighetsgrad;Allvarlighetsgrad (nr);\
             Allvarlig vårdskada;Antal;Antal föregående år;Förändring;Öppna 2026-02-01;\
             Avslutade 2026-02-01",
            "Fall;HSL.FAL;3;Mindre: obehag, ingen eller obetydlig skada;1;Ja;41;44;-3;41;0",
            "Saknas;;12;Saknas;;Saknas;1;0;1;1;0",
            "Totalt;;;;;;42;44;-2;42;0",
            "",
        ];
        assert_eq!(written(&cube), expected.join("\r\n"));
    }

    #[test]
    fn a_name_is_never_a_formula_and_is_quoted_where_it_must_be() {
        let mut cube = empty(vec![Dimension::Unit], vec![Measure::Count]);
        let names = ["=1+1", "+46", "-x", "@a", "\tb", "\rc", "Norr; \"Söder\"", "Åsen"];
        cube.rows = names
            .map(|name| {
                let id = UnitId("00000000-0000-0000-0000-000000000007".parse().unwrap());
                let unit = NamedUnit { id, name: name.to_owned() };
                Row { keys: vec![Key::Unit(unit)], figures: of(1) }
            })
            .to_vec();
        let written = written(&cube);
        let cells: Vec<_> = written
            .split("\r\n")
            .map(|line| line.split(";00000000-").next().unwrap_or_default())
            .collect();
        let expected = [
            "Enhet;Enhet (id);Antal",
            "'=1+1",
            "'+46",
            "'-x",
            "'@a",
            "'\tb",
            "\"'\rc\"",
            "\"Norr; \"\"Söder\"\"\"",
            "Åsen",
            "Totalt;;0",
            "",
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn days_have_a_decimal_comma() {
        let mut cube = empty(Vec::new(), vec![Measure::Count, Measure::LeadTime]);
        let close =
            LeadTime { n: 3, median: Some(Days { tenths: 105 }), p90: Some(Days { tenths: -4 }) };
        cube.total = of(3);
        cube.total.lead_time = Some(LeadTimes { close, ..LeadTimes::default() });
        cube.rows = vec![Row { keys: Vec::new(), figures: cube.total.clone() }];
        let written = written(&cube);
        assert_eq!(written.lines().nth(1), Some("3;0;;;0;;;0;;;3;10,5;-0,4"));
        assert_eq!(written.lines().count(), 2);
    }

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
