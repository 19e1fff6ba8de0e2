//! A report as rich as they come, made by hand: every kind of cell, chart and text, and what tries to break out of
//! the format it is written in.

use domain::table::{
    Cell, Chart, Column, Counted, Head, Holds, Label, Limit, Row, Table, change, share,
};
use domain::yearly::{
    About, Break, FirstPage, FirstPart, Goal, GoalAnswer, Paragraph, Reached, Section, SectionId,
    Written, Yearly,
};
use jiff::civil::Date;

const YEAR: i16 = 2025;

fn label(text: &str) -> Label {
    Label { code: Some(text.to_uppercase().replace(' ', "_")), text: text.to_owned() }
}

fn count(year: i16) -> Column {
    column(&format!("count_{year}"), &year.to_string(), Holds::Count, Some(year))
}

fn column(id: &str, title: &str, holds: Holds, year: Option<i16>) -> Column {
    Column {
        id: id.to_owned(),
        title: title.to_owned(),
        holds,
        adds: matches!(holds, Holds::Count | Holds::Change),
        set: "deviations".to_owned(),
        year,
        limits: vec![Limit { dimension: "law".to_owned(), code: Some("HSL".to_owned()) }],
        from: Vec::new(),
    }
}

/// A table of counts of years, latest first, with the change.
fn by_year(
    (id, title): (&str, &str),
    head: &str,
    rows: &[(&str, &[u64])],
    chart: Option<Chart>,
) -> Table {
    let years = rows.first().map_or(0, |row| row.1.len());
    let mut columns: Vec<Column> = (0..years).map(|back| count(year_back(back))).collect();
    if years > 1 {
        columns.push(Column {
            from: vec![0, 1],
            ..column("change", "Förändring", Holds::Change, None)
        });
    }
    columns.push(Column {
        from: vec![0],
        adds: false,
        ..column("share", "Andel, %", Holds::Share, None)
    });
    let sums: Vec<u64> =
        (0..years).map(|at| rows.iter().map(|row| row.1[at]).sum::<u64>()).collect();
    let cells = |counts: &[u64]| {
        let mut cells: Vec<Cell> = counts.iter().map(|it| Cell::Count(*it)).collect();
        if counts.len() > 1 {
            cells.push(change(counts[0], counts[1]));
        }
        cells.push(share(counts[0], sums[0]));
        cells
    };
    Table {
        id: id.to_owned(),
        title: title.to_owned(),
        counts: Counted::Deviations,
        definition: "Avvikelser efter den dag de rapporterades. Utkast och makulerade räknas inte."
            .to_owned(),
        as_of: Date::constant(2026, 2, 1),
        asked_for: false,
        heads: vec![Head {
            id: if head == "Månad" { "month".to_owned() } else { head.to_lowercase() },
            title: head.to_owned(),
        }],
        columns,
        rows: rows
            .iter()
            .map(|(name, counts)| Row { keys: vec![label(name)], cells: cells(counts) })
            .collect(),
        total: Some(cells(&sums)),
        chart,
        notes: Vec::new(),
    }
}

fn year_back(back: usize) -> i16 {
    YEAR - i16::try_from(back).expect("few years")
}

fn months() -> Table {
    const NAMES: [&str; 12] = [
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
    let now = [198, 186, 214, 205, 221, 239, 251, 228, 199, 207, 188, 173];
    let then = [171, 166, 190, 182, 197, 201, 214, 198, 187, 181, 178, 172];
    let before = [0, 0, 0, 96, 130, 148, 161, 159, 150, 142, 141, 133];
    let rows: Vec<(&str, Vec<u64>)> = NAMES
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, vec![now[at], then[at], before[at]]))
        .collect();
    let rows: Vec<(&str, &[u64])> =
        rows.iter().map(|(name, counts)| (*name, counts.as_slice())).collect();
    let chart = Chart::Line { columns: vec![0, 1, 2] };
    let mut table =
        by_year(("deviations_by_month", "Avvikelser per månad"), "Månad", &rows, Some(chart));
    // What was not counted then is not nothing.
    for row in &mut table.rows[..3] {
        row.cells[2] = Cell::None;
    }
    table
        .notes
        .push("Före april 2023 rapporterades på papper; de månaderna är inte räknade.".to_owned());
    table
}

/// The years in rows, more columns than a page is wide.
fn totals() -> Table {
    const COUNTS: [(&str, &str, [u64; 3]); 6] = [
        ("deviations", "Avvikelser", [2509, 2237, 2104]),
        ("hsl", "HSL", [2187, 1985, 1870]),
        ("sol", "SoL", [202, 167, 160]),
        ("falls", "Fall", [922, 875, 840]),
        ("medication", "Läkemedel", [729, 696, 701]),
        ("opinions", "Synpunkter, förslag och klagomål", [31, 25, 19]),
    ];
    let count = |(id, title, _): &(&str, &str, [u64; 3])| Column {
        adds: false,
        ..column(id, title, Holds::Count, None)
    };
    let moved = |(at, (id, title, _)): (usize, &(&str, &str, [u64; 3]))| Column {
        from: vec![at],
        adds: false,
        ..column(&format!("{id}_change"), &format!("{title}, förändring"), Holds::Change, None)
    };
    let row = |back: usize| Row {
        keys: vec![Label {
            code: Some(year_back(back).to_string()),
            text: year_back(back).to_string(),
        }],
        cells: COUNTS
            .iter()
            .map(|(_, _, of)| Cell::Count(of[back]))
            .chain(COUNTS.iter().map(|(_, _, of)| {
                of.get(back + 1).map_or(Cell::None, |then| change(of[back], *then))
            }))
            .collect(),
    };
    Table {
        heads: vec![Head { id: "year".to_owned(), title: "År".to_owned() }],
        columns: COUNTS.iter().map(count).chain(COUNTS.iter().enumerate().map(moved)).collect(),
        rows: (0..3).map(row).collect(),
        total: None,
        chart: Some(Chart::Grouped { columns: vec![0, 1, 2] }),
        ..by_year(
            ("totals_by_year", "Avvikelser och synpunkter per år"),
            "År",
            &[("x", &[1])],
            None,
        )
    }
}

/// What tries to be something else, beside what is kept back.
fn hostile() -> Table {
    let mut table = by_year(
        ("social_by_unit", "Avvikelser enligt SoL & LSS per enhet: <b>\"alla\"</b>"),
        "Enhet",
        &[
            ("=HYPERLINK(\"http://x\";\"y\")", &[3, 2]),
            ("-1+1; \"Å\"", &[4, 4]),
            ("]]> &amp; <script>", &[5, 9]),
            ("Rad\u{1}bryt\nning", &[6, 1]),
        ],
        Some(Chart::Bars { column: 2 }),
    );
    table.columns[1].adds = false;
    table.columns[2].adds = false;
    for cell in [1, 2] {
        table.rows[1].cells[cell] = Cell::Suppressed;
        table.rows[2].cells[cell] = Cell::Suppressed;
    }
    table.columns.push(column("words", "Vad som står", Holds::Text, None));
    for (at, row) in table.rows.iter_mut().enumerate() {
        let said = ["@SUM(A1)", "+46 70 123", "vanlig text", "🙂 ]]>"][at];
        row.cells.push(Cell::Text(said.to_owned()));
    }
    if let Some(total) = &mut table.total {
        total.push(Cell::None);
    }
    table
}

fn lead_times() -> Table {
    let mut columns = Vec::new();
    for (id, title) in [("report", "rapport"), ("triage", "bedömning"), ("close", "avslut")] {
        columns.push(column(
            &format!("{id}_n"),
            &format!("Till {title}, antal"),
            Holds::Count,
            Some(YEAR),
        ));
        for (part, name) in [("median", "median"), ("p90", "90:e percentilen")] {
            let title = format!("Till {title}, {name}, dagar");
            columns.push(Column {
                adds: false,
                ..column(&format!("{id}_{part}"), &title, Holds::Days, Some(YEAR))
            });
        }
    }
    let row = |name: &str, base: i64, n: u64| Row {
        keys: vec![label(name)],
        cells: (1..=3)
            .flat_map(|step| {
                [
                    Cell::Count(n),
                    Cell::Tenths(base * step * step),
                    Cell::Tenths(base * step * step * 3),
                ]
            })
            .collect(),
    };
    let rows = vec![
        row("Smedsgården", 7, 611),
        row("Hemtjänsten", 11, 1048),
        row("Funktionsstöd", 19, 214),
    ];
    let mut total = row("x", 9, 1873).cells;
    total[0] = Cell::Count(1873);
    Table {
        id: "lead_times_by_unit".to_owned(),
        title: "Ledtider per enhet".to_owned(),
        counts: Counted::Days,
        definition: "Dagar från händelsen till respektive steg.".to_owned(),
        as_of: Date::constant(2026, 2, 1),
        asked_for: false,
        heads: vec![Head { id: "unit".to_owned(), title: "Enhet".to_owned() }],
        columns,
        rows,
        total: Some(total),
        chart: None,
        notes: Vec::new(),
    }
}

fn written(by: &str, text: &str) -> Option<Written> {
    let at = "2026-02-03T09:30:00Z".parse().expect("a time");
    Some(Written { text: text.to_owned(), by: by.to_owned(), at })
}

fn filled(id: SectionId) -> Section {
    let mut section = Section {
        id,
        sentences: Vec::new(),
        tables: Vec::new(),
        text: None,
        paragraphs: Vec::new(),
        goals: Vec::new(),
    };
    match id {
        SectionId::Summary => {
            section
                .sentences
                .push("Under 2025 rapporterades 2 509 avvikelser, 272 fler än 2024.".to_owned());
            section.tables.push(totals());
            let rows: &[(&str, &[u64])] = &[
                ("Händelser utredda enligt 3 kap. 3 § PSL", &[214, 188]),
                ("Vårdskador som bedömts som allvarliga", &[3, 5]),
                ("Anmälningar enligt lex Maria", &[1, 2]),
                ("Anmälningar enligt lex Sarah", &[0, 1]),
            ];
            let mut counts =
                by_year(("statutory_counts", "Det som lagen frågar efter"), "Uppgift", rows, None);
            for (row, code) in counts.rows.iter_mut().zip([
                "investigated",
                "serious_harm",
                "lex_maria",
                "lex_sarah",
            ]) {
                row.keys[0].code = Some(code.to_owned());
            }
            counts.total = None;
            counts.asked_for = true;
            section.tables.push(counts);
            section.text = written(
                "Kim Ek",
                "Året har präglats av att rapporteringen ökar.\nDet är bra.\n\nVi ser tre saker:\n- fler fall i ordinärt boende\n- färre läkemedelsavvikelser på korttidsenheten\n- snabbare utredningar",
            );
        }
        SectionId::Leadership => {
            section.goals = vec![
                Goal {
                    id: "signed".to_owned(),
                    year: YEAR,
                    text: "98 procent av läkemedelsinsatserna är signerade.".to_owned(),
                    answer: Some(GoalAnswer {
                        reached: Reached::Partly,
                        text: "97,7 procent var signerade.".to_owned(),
                    }),
                },
                Goal {
                    id: "time".to_owned(),
                    year: YEAR + 1,
                    text: "Varje utredning är klar inom 30 dagar.".to_owned(),
                    answer: None,
                },
            ];
        }
        SectionId::KnowledgeOfHarm => {
            let rows: &[(&str, &[u64])] = &[
                ("Fall", &[922, 875]),
                ("Läkemedel", &[729, 696]),
                ("Omvårdnad", &[281, 240]),
                ("Trycksår", &[64, 71]),
                ("Medicintekniska produkter", &[52, 38]),
                ("Informationsöverföring och samverkan mellan vårdgivare", &[148, 101]),
                ("Rehabilitering", &[38, 35]),
                ("Vårdrelaterade infektioner", &[21, 30]),
                ("Bemötande", &[52, 44]),
                ("Okänt", &[202, 107]),
            ];
            section.tables.push(by_year(
                ("deviations_by_category", "Avvikelser per kategori"),
                "Kategori",
                rows,
                Some(Chart::Bars { column: 0 }),
            ));
            section.sentences.push("Fall var vanligast: 922, 47 fler än 2024.".to_owned());
            section.sentences.push("De publicerade förändringarna per enhet summerar till +41, den tryckta förändringen är +47: de sex som skiljer ligger på Korttidsenheten.".to_owned());
        }
        SectionId::HereAndNow => {
            let rows: &[(&str, &[u64])] = &[
                ("Särskilt boende", &[1124, 1101, 1040, 930, 801]),
                ("Ordinärt boende", &[1172, 940, 880, 760, 520]),
            ];
            let chart = Chart::Grouped { columns: vec![0, 1, 2, 3, 4] };
            section.tables.push(by_year(
                ("deviations_by_area_group", "Avvikelser i särskilt och ordinärt boende"),
                "Boende",
                rows,
                Some(chart),
            ));
            let rows: &[(&str, &[u64])] = &[
                ("Smedsgården", &[611, 702]),
                ("Borgmästargården", &[318, 325]),
                ("Syrenen", &[97, 98]),
                ("Korttidsenheten", &[221, 238]),
                ("Hemtjänsten", &[876, 610]),
                ("Hemsjukvården", &[172, 90]),
                ("Funktionsstöd", &[214, 174]),
            ];
            section.tables.push(by_year(
                ("deviations_by_unit", "Avvikelser per enhet"),
                "Enhet",
                rows,
                Some(Chart::Grouped { columns: vec![0, 1] }),
            ));
            section.paragraphs = vec![
                Paragraph {
                    unit: "Smedsgården".to_owned(),
                    written: written("Bo Lind", "Vi har arbetat med fallprevention."),
                },
                Paragraph { unit: "Syrenen".to_owned(), written: None },
            ];
        }
        SectionId::Learning => {
            section.tables.push(months());
            section.tables.push(lead_times());
        }
        SectionId::SocialServices => section.tables.push(hostile()),
        SectionId::GoalsAhead => section.text = written("Kim Ek", "Vi fortsätter."),
        _ => {}
    }
    section
}

/// The report.
pub fn report() -> Yearly {
    let said = |part, lines: &[&str]| FirstPage {
        part,
        lines: lines.iter().map(|it| (*it).to_owned()).collect(),
    };
    Yearly {
        tenant: "Provby kommun".to_owned(),
        about: About::Whole,
        year: YEAR,
        read_at: "2026-02-01T07:15:09Z".parse().expect("a time"),
        as_of: Date::constant(2026, 2, 1),
        definitions: 1,
        beside: vec![2024, 2023, 2022, 2021],
        breaks: vec![Break {
            year: 2023,
            month: None,
            why: "Från april 2023 rapporteras digitalt; dessförinnan på papper.".to_owned(),
        }],
        first_page: vec![
            said(
                FirstPart::Better,
                &[
                    "Fallen minskade på Smedsgården, från 402 till 282.",
                    "Utredningarna går fortare: 19 dagar i median, mot 26 året innan.",
                    "Färre allvarliga vårdskador: 3, mot 5.",
                ],
            ),
            said(
                FirstPart::NotBetter,
                &[
                    "Fallen i hemtjänsten ökade med 172.",
                    "Vårdcentralen svarade inte på någon av 37 avvikelser.",
                ],
            ),
            said(
                FirstPart::Decided,
                &[
                    "98 procent signerade läkemedelsinsatser: delvis, 97,7 procent.",
                    "Fallronder på varje enhet: genomfört på sex av sju.",
                ],
            ),
        ],
        sections: SectionId::ALL.iter().map(|id| filled(*id)).collect(),
    }
}
