//! The figures of the whole: totals by year, and those the law asks for first.

use super::frame::{Dim, Frame, Register};
use super::series::{Spec, changed, count};
use crate::case::Kind;
use crate::code_lists::within;
use crate::escalation;
use crate::law::Law;
use crate::table::{Cell, Chart, Column, Counted, Head, Holds, Label, Row, Table};
use crate::yearly::About;
use crate::yearly::sources::{CaseCount, Sources};

/// The category of falls.
pub(super) const FALLS: &str = "HSL.FAL";
/// The category of medication.
pub(super) const MEDICATION: &str = "HSL.LKM";
/// The category of what is missing of controlled drugs.
pub(super) const CONTROLLED: &str = "HSL.LKM.NAR";

/// Whether the case is of a category or one below.
pub(super) fn of_category(row: &CaseCount, category: &str) -> bool {
    row.kind == Kind::Avvikelse && row.category.as_deref().is_some_and(|it| within(it, category))
}

/// Whether it falls under SoL or LSS.
pub(super) fn social(law: Option<Law>) -> bool {
    matches!(law, Some(Law::Sol | Law::Lss))
}

pub(super) fn tables(frame: &Frame<'_>, sources: &Sources) -> impl Iterator<Item = Table> + use<> {
    [totals_by_year(frame, sources), statutory(frame, sources)].into_iter()
}

type Counts = fn(&CaseCount) -> bool;

/// The columns of [`totals_by_year`]: name, title, set, limits, what is counted.
type Total = (
    &'static str,
    &'static str,
    &'static str,
    Option<(&'static str, Option<&'static str>)>,
    Counts,
);

const TOTALS: [Total; 9] = [
    ("deviations", "Avvikelser", "deviations", None, |row| row.kind == Kind::Avvikelse),
    ("hsl", "HSL", "deviations", Some(("law", Some("HSL"))), |row| {
        row.kind == Kind::Avvikelse && row.law == Some(Law::Hsl)
    }),
    ("sol", "SoL", "deviations", Some(("law", Some("SOL"))), |row| {
        row.kind == Kind::Avvikelse && row.law == Some(Law::Sol)
    }),
    ("lss", "LSS", "deviations", Some(("law", Some("LSS"))), |row| {
        row.kind == Kind::Avvikelse && row.law == Some(Law::Lss)
    }),
    ("no_law", "Inget lagrum", "deviations", Some(("law", None)), |row| {
        row.kind == Kind::Avvikelse && row.law.is_none()
    }),
    ("falls", "Fall", "deviations", Some(("category", Some(FALLS))), |row| of_category(row, FALLS)),
    ("medication", "Läkemedel", "deviations", Some(("category", Some(MEDICATION))), |row| {
        of_category(row, MEDICATION)
    }),
    (
        "controlled_drugs",
        "Narkotikasaldo",
        "deviations",
        Some(("category", Some(CONTROLLED))),
        |row| of_category(row, CONTROLLED),
    ),
    ("opinions", "Synpunkter, förslag och klagomål", "opinions", None, |row| {
        row.kind != Kind::Avvikelse
    }),
];

fn totals_by_year(frame: &Frame<'_>, sources: &Sources) -> Table {
    let mut columns: Vec<Column> = Vec::new();
    let mut counted: Vec<Vec<Cell>> = vec![Vec::new(); frame.years.len()];
    for (id, title, set, limit, wanted) in TOTALS {
        let mut column = count(id, title, set).not_adding();
        if let Some((dimension, code)) = limit {
            column = column.limited(dimension, code);
        }
        columns.push(column);
        for (year, into) in frame.years.iter().zip(&mut counted) {
            let of_year = sources.cases.iter().filter(|row| row.year == *year && wanted(row));
            let sum = of_year.map(|row| row.count).sum();
            into.push(frame.cell(Register::of(set), *year, sum));
        }
    }
    let figures = columns.len();
    for at in 0..figures {
        let (id, title) =
            (format!("{}_change", columns[at].id), format!("{}, förändring", columns[at].title));
        let set = columns[at].set.clone();
        let limits = columns[at].limits.clone();
        let column = count(id, title, &set).made(Holds::Change, &[at]).not_adding();
        columns.push(Column { limits, ..column });
    }
    let row =
        |(nth, year): (usize, &i16)| {
            let (_, label) = frame.label(Dim::Year, Some(&year.to_string()));
            let mut cells = counted[nth].clone();
            let before = counted.get(nth + 1);
            cells.extend((0..figures).map(|at| {
                before.map_or(Cell::None, |before| changed(&counted[nth][at], &before[at]))
            }));
            Row { keys: vec![label], cells }
        };
    let rows = frame.years.iter().enumerate().map(row).collect();
    let spec = Spec::new("totals_by_year", "Avvikelser och synpunkter per år", &[Dim::Year])
        .defined("Ärenden räknas det år de rapporterades. Utkast och makulerade ärenden räknas inte, en dubblett räknas en gång och av flera lagrum räknas det först nämnda. Det som kommit från andra vårdgivare räknas för sig.")
        .asked_for();
    let mut table = spec.table(frame, columns, rows, None);
    table.chart = Some(Chart::Grouped { columns: vec![0, 1, 2, 3] });
    table
}

/// A row of the figures that law asks for: its name, its title, one figure a year.
struct Statutory {
    code: &'static str,
    text: &'static str,
    figures: Vec<Cell>,
}

fn statutory(frame: &Frame<'_>, sources: &Sources) -> Table {
    let harm = |of: fn(&crate::yearly::sources::HarmCount) -> u64| -> Vec<Cell> {
        let figure = |year: &i16| {
            let found = sources.harm.iter().find(|it| it.year == *year);
            frame.cell(Register::Deviations, *year, found.map_or(0, of))
        };
        frame.years.iter().map(figure).collect()
    };
    let done = |year: &i16| {
        let found = sources.investigated_in.iter().find(|(it, _)| it == year);
        found.map_or(Cell::None, |(_, count)| frame.cell(Register::Deviations, *year, *count))
    };
    let notified = |kind: escalation::Kind| -> Vec<Cell> {
        let figure = |year: &i16| {
            let count = super::outside::notified(sources, kind, *year);
            frame.cell(Register::Escalations, *year, count)
        };
        frame.years.iter().map(figure).collect()
    };
    let mut rows = vec![
        Statutory {
            code: "investigated",
            text: "Händelser utredda enligt 3 kap. 3 § PSL, rapporterade under året",
            figures: harm(|it| it.investigated),
        },
        Statutory {
            code: "investigated_in_year",
            text: "Utredningar enligt 3 kap. 3 § PSL som blev klara under året, oavsett när händelsen rapporterades",
            figures: frame.years.iter().map(done).collect(),
        },
        Statutory { code: "harm", text: "Vårdskador", figures: harm(|it| it.harm) },
        Statutory {
            code: "serious_harm",
            text: "Vårdskador som bedömts som allvarliga",
            figures: harm(|it| it.serious),
        },
        Statutory {
            code: "serious_risk",
            text: "Händelser som hade kunnat medföra allvarlig vårdskada",
            figures: harm(|it| it.serious_risk),
        },
        Statutory {
            code: "lex_maria",
            text: "Anmälningar enligt lex Maria",
            figures: notified(escalation::Kind::LexMaria),
        },
        Statutory {
            code: "lex_sarah",
            text: "Anmälningar enligt lex Sarah",
            figures: notified(escalation::Kind::LexSarah),
        },
    ];
    if matches!(frame.asked.about, About::Whole) {
        rows.push(Statutory {
            code: "riskperson",
            text: "Anmälningar av riskperson",
            figures: notified(escalation::Kind::Riskperson),
        });
    }
    let mut columns: Vec<Column> = Vec::new();
    for year in &frame.years {
        let column = count(format!("count_{year}"), year.to_string(), "statutory");
        columns.push(column.of_year(*year).not_adding());
    }
    if frame.years.len() > 1 {
        let title = format!("Förändring från {}", frame.years[1]);
        let column = count("change", title, "statutory").made(Holds::Change, &[0, 1]);
        columns.push(column.not_adding());
    }
    let row = |it: Statutory| {
        let mut cells = it.figures;
        if let [now, before, ..] = cells.as_slice() {
            let change = changed(now, before);
            cells.push(change);
        }
        Row { keys: vec![Label { code: Some(it.code.into()), text: it.text.into() }], cells }
    };
    let rows = rows.into_iter().map(row).collect();
    let spec = Spec::new("statutory_counts", "Det som lagen frågar efter", &[])
        .counting(Counted::Events)
        .defined("Händelser där HSL är det lagrum som räknas. En händelse räknas en gång, hur många som än rapporterade den. Utredd är den händelse som medförde eller hade kunnat medföra en vårdskada och vars utredning är klar. Anmälningar räknas det år de lämnades till IVO.")
        .asked_for();
    let mut table = spec.table(frame, columns, rows, None);
    table.heads = vec![Head { id: "statutory".into(), title: "Uppgift".into() }];
    table
}
