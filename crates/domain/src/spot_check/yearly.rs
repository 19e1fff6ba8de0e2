//! Checks of the access log in the report of a year: how many were closed, what they looked at, what they found.

use jiff::civil::Date;

use super::{SpotCheck, Verdict};
use crate::calendar::swedish_date;
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Limit, Row, Table};

/// The name of the table.
pub const TABLE: &str = "log_checks";

/// A column: name, heading, the set that is counted, and what it is limited to.
type Told = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>);

const COLUMNS: [Told; 4] = [
    ("checks", "Avslutade stickprov", "log_checks", None),
    ("readings", "Granskade läsningar", "log_readings", None),
    ("proper", "Motiverade", "log_readings", Some(("verdict", "proper"))),
    ("improper", "Utan skäl", "log_readings", Some(("verdict", "improper"))),
];

/// The checks that were closed in a year, by quarter; `None` where there was none.
pub fn log_checks(year: i16, checks: &[SpotCheck], as_of: Date) -> Option<Table> {
    let mut quarters = [[0_u64; 4]; 4];
    let mut total = [0_u64; 4];
    for check in checks {
        let Some(closed) = &check.closed else { continue };
        let day = swedish_date(closed.at);
        if day.year() != year {
            continue;
        }
        let counts = [
            1,
            check.readings.len() as u64,
            check.counted(Verdict::Proper) as u64,
            check.counted(Verdict::Improper) as u64,
        ];
        let quarter = usize::try_from((day.month() - 1) / 3).unwrap_or_default();
        for at in 0..4 {
            quarters[quarter][at] += counts[at];
            total[at] += counts[at];
        }
    }
    if total[0] == 0 {
        return None;
    }
    let column = |(id, title, set, limited): Told| Column {
        id: id.to_owned(),
        title: title.to_owned(),
        holds: Holds::Count,
        adds: true,
        set: set.to_owned(),
        year: Some(year),
        limits: limited
            .map(|(dimension, code)| Limit {
                dimension: dimension.to_owned(),
                code: Some(code.to_owned()),
            })
            .into_iter()
            .collect(),
        from: Vec::new(),
    };
    let cells = |counts: [u64; 4]| counts.map(Cell::Count).to_vec();
    let rows = quarters.into_iter().enumerate().map(|(at, counts)| Row {
        keys: vec![Label { code: Some((at + 1).to_string()), text: format!("Kvartal {}", at + 1) }],
        cells: cells(counts),
    });
    Some(Table {
        id: TABLE.to_owned(),
        title: "Kontroller av åtkomstloggen".to_owned(),
        counts: Counted::LogChecks,
        definition: "Stickprov i loggen över vem som har läst avvikelser, synpunkter och klagomål \
            (PDL 4 kap. 3 §), avslutade under året, efter den dag de avslutades. Varje läsning bedömdes av \
            någon annan än den som läste. En läsning som prövades och nekades räknas med."
            .to_owned(),
        as_of,
        asked_for: false,
        heads: vec![Head { id: "quarter".to_owned(), title: "Kvartal".to_owned() }],
        columns: COLUMNS.map(column).into(),
        rows: rows.collect(),
        total: Some(cells(total)),
        chart: None,
        notes: Vec::new(),
    })
}
