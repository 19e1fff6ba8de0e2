//! What came out of one database, as sections of the page.

use crate::goals::{growth, import_ratio, over, p99_ratio, ratio};
use crate::markdown::{ms, short, table};
use crate::measure::{Sample, median};
use crate::outcome::{Compared, Cube, Grown, Level, Outcome};
use crate::parts::tenants;

/// Everything of one database that was measured.
pub fn section(outcome: &Outcome) -> String {
    let mut text = format!("## {}\n\n", outcome.database);
    text += &format!("A filing writes {} rows: {}. ", outcome.tables.len(), tables(outcome));
    text += &format!("Bare: {}.\n\n", outcome.bare);
    for part in [filing, reading, figures, rates, costs, transfer, grown, processes] {
        text += &part(outcome);
    }
    text
}

fn filing(outcome: &Outcome) -> String {
    let rows: Vec<_> = outcome.levels.iter().map(level_row).collect();
    let heads = [
        "Connections",
        "Filings/s",
        "Bare before, after /s",
        "Service ÷ bare",
        "p50 ms",
        "p99 ms",
        "Bare p50",
        "Bare p99",
        "p99 ÷ bare",
    ];
    table(&heads, &rows)
}

fn level_row(level: &Level) -> Vec<String> {
    let Level { connections, service, bare } = level;
    vec![
        connections.to_string(),
        format!("{:.0}", service.rate()),
        format!("{:.0}, {:.0}", bare.before.rate(), bare.after.rate()),
        format!("**{}**", short(ratio(level))),
        ms(service.p50),
        ms(service.p99),
        ms(bare.mean(|sample| sample.p50)),
        ms(bare.mean(|sample| sample.p99)),
        short(p99_ratio(level)),
    ]
}

/// What of a kind was done, and how long it took.
fn told(what: &str, sample: &Sample) -> Vec<String> {
    vec![what.to_owned(), format!("{:.0}", sample.rate()), ms(sample.p50), ms(sample.p99)]
}

fn reading(outcome: &Outcome) -> String {
    if outcome.reads.iter().all(|read| read.bare.is_none()) {
        let rows: Vec<_> =
            outcome.reads.iter().map(|read| told(&read.what, &read.service)).collect();
        return table(&["Reading, 16 connections", "Requests/s", "p50 ms", "p99 ms"], &rows);
    }
    let row = |Compared { what, service, bare }: &Compared| {
        let mut row = told(what, service);
        if let Some(bare) = bare {
            row.push(format!("{:.0}, {:.0}", bare.before.rate(), bare.after.rate()));
            row.push(format!("**{}**", short(over(service.rate(), bare.rate()))));
            row.push(ms(bare.mean(|sample| sample.p99)));
        }
        row
    };
    let heads = [
        "Reading, 16 connections",
        "Requests/s",
        "p50 ms",
        "p99 ms",
        "The statements by pgbench before, after /s",
        "Service ÷ pgbench",
        "pgbench p99",
    ];
    table(&heads, &outcome.reads.iter().map(row).collect::<Vec<_>>())
}

fn figures(outcome: &Outcome) -> String {
    let cubes: Vec<_> = outcome.cubes.iter().map(cube_row).collect();
    let report: Vec<_> = outcome
        .report
        .iter()
        .map(|it| {
            let mut row = vec![it.what.clone(), ms(it.service.p50), ms(it.service.p99)];
            if let Some(bare) = &it.bare {
                let bare = bare.mean(|sample| sample.p50);
                row.extend([ms(bare), format!("**{}**", short(over(it.service.p50, bare)))]);
            }
            row
        })
        .collect();
    let heads = ["Report", "HTTP p50 ms", "p99 ms", "The statements by pgbench p50 ms", "HTTP ÷"];
    let told = report.first().map_or(0, Vec::len);
    cube_table(&cubes) + &table(&heads[..told], &report)
}

fn cube_table(rows: &[Vec<String>]) -> String {
    let heads = [
        "By unit, category, law, month",
        "Cases",
        "Rows",
        "HTTP p50 ms",
        "GROUP BY p50 ms",
        "HTTP ÷ GROUP BY",
    ];
    table(&heads, rows)
}

fn cube_row(cube: &Cube) -> Vec<String> {
    let Cube { years, cases, rows, service, bare } = cube;
    vec![
        years.clone(),
        cases.to_string(),
        rows.to_string(),
        ms(service.p50),
        ms(bare.p50),
        short(over(service.p50, bare.p50)),
    ]
}

/// Mixed load, load at a rate, and tenants.
fn rates(outcome: &Outcome) -> String {
    let mixed: Vec<_> = outcome.mixed.iter().map(|(what, it)| told(what, it)).collect();
    let mut text = table(
        &["Four readings in five requests, 16 connections", "Requests/s", "p50 ms", "p99 ms"],
        &mixed,
    );
    let open: Vec<_> = outcome
        .open
        .iter()
        .map(|met| {
            vec![
                format!("{:.0}", met.rate),
                format!("{:.0}", met.intended.rate()),
                ms(met.intended.p50),
                ms(met.intended.p99),
                ms(met.sent.p99),
            ]
        })
        .collect();
    let heads = [
        "Filings/s that leave, whatever comes back",
        "Answered/s",
        "p50 ms from when they should leave",
        "p99 ms",
        "p99 ms from when they left",
    ];
    text += &table(&heads, &open);
    let one = outcome.tenants.first().map(|it| it.filing.rate());
    let tenants: Vec<_> = outcome
        .tenants
        .iter()
        .map(|it| {
            let mut row = told(&it.tenants.to_string(), &it.filing);
            row.push(one.map(|one| short(over(it.filing.rate(), one))).unwrap_or_default());
            row
        })
        .collect();
    let heads = [tenants::HEAD, "Filings/s", "p50 ms", "p99 ms", "÷ the first line"];
    text + &table(&heads, &tenants)
}

/// What something more costs a filing, and many cases at once.
fn costs(outcome: &Outcome) -> String {
    let mut rows = Vec::new();
    let mut row = |what: String, rate: f64, beside: String, of: f64| {
        rows.push(vec![
            what,
            format!("{rate:.0}"),
            beside,
            format!("{of:.0}"),
            short(over(rate, of)),
        ]);
    };
    if let Some(cells) = &outcome.cells {
        let spread = cells.spread.rate();
        row("filings into two cells".into(), cells.two.rate(), "into all".into(), spread);
        let what = "the rows of a filing, bare".to_owned();
        row(what, cells.with.rate(), "without statistics".into(), cells.without.rate());
    }
    if let Some(sealed) = &outcome.sealed {
        let what = "a filing about a new person, and a photo of 2 MB".to_owned();
        row(what, sealed.both.rate(), "the filing of above".into(), sealed.base.rate());
    }
    if let Some(many) = &outcome.many {
        let each = u32::try_from(many.cases).map_or(f64::NAN, f64::from);
        let what = format!("cases ended by {} a request, one request at a time", many.cases);
        let beside = "by one a request".to_owned();
        row(what, many.together.rate() * each, beside, many.alone.rate());
    }
    let mut text = table(&["What", "A second", "Beside", "A second", "Ratio"], &rows);
    if let Some(sealed) = &outcome.sealed {
        let rows = [
            told("the filing about a new person", &sealed.filing),
            told("the photo", &sealed.photo),
        ];
        text += &table(&["With a photo, 16 connections", "Requests/s", "p50 ms", "p99 ms"], &rows);
    }
    if let Some(many) = &outcome.many {
        let rows =
            [told(&format!("{} cases", many.cases), &many.together), told("1 case", &many.alone)];
        text += &table(&["Cases ended by a request", "Requests/s", "p50 ms", "p99 ms"], &rows);
    }
    text
}

fn transfer(outcome: &Outcome) -> String {
    let Some(transfer) = &outcome.transfer else { return String::new() };
    #[allow(clippy::cast_precision_loss, reason = "counts of rows fit a double")]
    let (rows, cases) = (transfer.rows as f64, transfer.cases as f64);
    let [before, after] = transfer.bare;
    let rows = [
        vec![
            format!("import of {} cases, {} rows", transfer.cases, transfer.rows),
            format!("{:.0} rows/s", rows / transfer.import),
            format!("{:.0}, {:.0} rows/s", rows / before, rows / after),
            format!("**{}**", short(import_ratio(transfer))),
            format!("{:.1} MiB", transfer.importing.peak),
        ],
        vec![
            format!("export of {} cases", transfer.cases),
            format!("{:.0} cases/s", cases / transfer.export),
            String::new(),
            String::new(),
            format!("{:.1} MiB", transfer.exporting.peak),
        ],
    ];
    table(&["Files", "How fast", "Bare, twice", "Ratio", "Memory at most"], &rows)
}

fn grown(outcome: &Outcome) -> String {
    let rows: Vec<_> = outcome
        .grown
        .iter()
        .map(|it| {
            let fewest = it.fewest.map(|fewest| ms(fewest.mean(|sample| sample.p50)));
            vec![
                it.cases.to_string(),
                format!("{:.0} s", it.made),
                format!("{:.0}", it.bytes),
                format!("{:.0}", it.filing.rate()),
                ms(it.filing.p50),
                ms(it.filing.p99),
                fewest.unwrap_or_default(),
                growth(it).map(|growth| format!("**{}**", short(growth))).unwrap_or_default(),
                format!("{:.1} MiB", it.memory.resident),
            ]
        })
        .collect();
    let heads = [
        "Cases there are",
        "Made in",
        "Bytes a case",
        "Filings/s, 16 connections",
        "p50 ms",
        "p99 ms",
        "p50 beside the fewest",
        "÷",
        "Memory",
    ];
    let mut text = table(&heads, &rows);
    let rows: Vec<_> = outcome
        .grown
        .iter()
        .flat_map(|it| {
            it.reads
                .iter()
                .map(|(what, sample)| told(&format!("{what}, {} cases", it.cases), sample))
        })
        .collect();
    text += &table(&["Reading, 16 connections", "Requests/s", "p50 ms", "p99 ms"], &rows);
    let cubes = outcome.grown.iter().flat_map(|it| it.cubes.iter().map(move |cube| (it, cube)));
    let row = |(it, cube): (&Grown, &Cube)| {
        let mut row = cube_row(cube);
        if let Some(first) = row.first_mut() {
            *first += &format!(", of {} cases there are", it.cases);
        }
        row
    };
    text + &cube_table(&cubes.map(row).collect::<Vec<_>>())
}

fn processes(outcome: &Outcome) -> String {
    let mut rows = Vec::new();
    let mut row = |name: String, value: String| rows.push(vec![name, value]);
    if let Some(process) = &outcome.process {
        let starts: Vec<_> = process.starts.iter().map(|start| format!("{start:.0}")).collect();
        let middle = median(&process.starts).unwrap_or(f64::NAN);
        let start = format!("{middle:.0} ms, the middle one of {}", starts.join(", "));
        row("Start to ready".to_owned(), start);
        row("Memory when idle".to_owned(), format!("{:.1} MiB", process.idle.resident));
        let loaded = process.loaded;
        let (held, most) = (loaded.resident, loaded.peak);
        row(
            "Memory after filing".to_owned(),
            format!("{held:.1} MiB after {} filings, {most:.1} MiB at most", process.filings),
        );
    }
    for it in &outcome.hour {
        let (held, most) = (it.memory.resident, it.memory.peak);
        row(
            format!("Memory after {} minutes", it.minute),
            format!("{held:.1} MiB after {} requests, {most:.1} MiB at most", it.answered),
        );
    }
    row("Size of the binary".to_owned(), format!("{:.1} MiB", outcome.binary));
    row("Logged at `warn` or above".to_owned(), format!("{} lines", outcome.logged));
    table(&["The process", ""], &rows)
}

/// The tables, those with several rows with their number.
fn tables(outcome: &Outcome) -> String {
    let mut named: Vec<(&str, usize)> = Vec::new();
    for table in &outcome.tables {
        match named.iter_mut().find(|(name, _)| name == table) {
            Some((_, count)) => *count += 1,
            None => named.push((table, 1)),
        }
    }
    let one = |(name, count): &(&str, usize)| match count {
        1 => format!("`{name}`"),
        more => format!("`{name}` ({more})"),
    };
    named.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goals::tests::outcome;

    #[test]
    fn a_table_that_gets_several_rows_is_named_once() {
        let mut outcome = outcome("SQLite 3");
        outcome.tables.push("outbox".to_owned());
        assert_eq!(tables(&outcome), "`cases`, `outbox` (2)");
    }

    #[test]
    fn each_part_is_told_and_what_was_not_measured_is_left_out() {
        let whole = section(&outcome("PostgreSQL 15"));
        for part in [
            "| 16          | 2400      | 3000, 5000            | **0.60**       |",
            "A filing writes 2 rows: `cases`, `outbox`. Bare: alone.",
            "| 10, 15 ",
            "| **0.80** ",
            "90 ms, the middle one of 90, 300, 45",
            "| import of 20000 cases, 80000 rows | 20000 rows/s  | 80000, 40000 rows/s | **0.38** | 32.0 MiB",
            "| 5001000         | 9 s     | 3000         | 1000                      | 2.60   |",
            "| the worklists of unit managers, 1003000 cases | 10 ",
            "| 500 ",
            "| a filing about a new person, and a photo of 2 MB ",
            "| cases ended by 200 a request, one request at a time | 100 ",
            "Memory after 60 minutes",
        ] {
            assert!(whole.contains(part), "{part} is missing:\n{whole}");
        }
        let nothing = section(&Outcome::new("SQLite 3".to_owned(), "alone", Vec::new()));
        assert_eq!(nothing.matches("\n| ---").count(), 1, "{nothing}");
    }
}
