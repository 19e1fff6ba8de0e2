//! How long a year's cube takes over HTTP: by unit, category, law and month, and five years of it with the change from the
//! year before. As it is, over a few thousand cases, to see that every cell is what was put there; with
//! `AVVIKELSE_CUBE_CASES=5000000` it tells what a fifth of so many and all of them take, and a release build fails
//! where that is too much (`docs/guides/figures-of-a-year.md`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use app::jobs::Folding;
use domain::ids::{TenantId, UnitId};
use domain::organisation::{Role, Unit};
use serde_json::Value;
use store::Tx;
use testkit::{Client, Database, Service, on_each_database};

use crate::million::{Dialect, id, number, run};

const UNITS: u64 = 60;
const CATEGORIES: [&str; 6] =
    ["HSL.FAL", "HSL.FAL.TIL", "HSL.LKM.UTE", "HSL.DOK", "SOC.BMT", "SOC.INF"];
const LAWS: [&str; 3] = ["HSL", "SOL", "LSS"];
/// The cells of a year.
const CELLS: u64 = UNITS * 6 * 3 * 12;
const YEAR: &str = "/api/v1/statistics?year=2025&group_by=unit,category,law,month";
const FIVE: &str = "/api/v1/statistics?year=2021,2022,2023,2024,2025&group_by=year,unit,category,law,month\
     &compare=previous_year";
/// What the same takes by one column.
const COARSE: &str =
    "/api/v1/statistics?year=2021,2022,2023,2024,2025&group_by=year&compare=previous_year";

/// What a fact has, by its number: year, unit, category, law, month.
fn at(n: u64) -> (u64, u64, &'static str, &'static str, u64) {
    let cell = n / 5;
    let pick = |of: u64, sides: usize| usize::try_from(of).expect("small") % sides;
    let category = CATEGORIES[pick(cell / UNITS, 6)];
    let law = LAWS[pick(cell / UNITS / 6, 3)];
    (2021 + n % 5, cell % UNITS, category, law, 1 + cell / UNITS / 18 % 12)
}

/// The facts from one number to another: of no cases, which nothing here asks for. `folded`: with the sums, as if the job
/// had been there, which takes its time on purpose.
fn fill(dialect: &Dialect, tenant: TenantId, (from, to): (u64, u64), folded: bool) -> String {
    let text = |of: &str, sides: &[&str]| {
        let whens: String =
            sides.iter().enumerate().map(|(at, it)| format!(" WHEN {at} THEN '{it}'")).collect();
        format!("CASE {of} % {}{whens} END", sides.len())
    };
    let (off, on, yes, no, day, moment) = if dialect.postgres {
        let off = "SET session_replication_role = replica;\n";
        (
            off,
            "VACUUM ANALYZE case_facts;\nVACUUM ANALYZE fact_sums;\n",
            "true",
            "false",
            "'2025-01-01'::date",
            "'2025-01-01'",
        )
    } else {
        let off = "PRAGMA foreign_keys = OFF;\nPRAGMA synchronous = OFF;\nBEGIN IMMEDIATE;\n";
        (off, "COMMIT;\n", "1", "0", "'2025-01-01'", "0")
    };
    let numbers = dialect.numbers(to - from);
    let n = format!("({from} + n)");
    let case = dialect.id(&n);
    let unit = dialect.id(&format!("1 + {n} / 5 % {UNITS}"));
    format!(
        "{off}INSERT INTO case_facts (tenant_id, case_id, counted, duplicate, event_id, event_shared, reported_on,
    reported_year, reported_month, reported_week, reported_weekday, reported_hour, kind, unit_id, reporting_unit_id, laws,
    category, vardskada, status, reported_at, imported, folded_as)
SELECT {tenant}, case_id, {yes}, {no}, case_id, {no}, {day}, year, month, 1, 1, 1, 'avvikelse', unit, unit, law, category, 'no',
    'closed', {moment}, {no}, {cell}
FROM (SELECT {case} AS case_id, 2021 + {n} % 5 AS year, 1 + {n} / {month} % 12 AS month, {unit} AS unit, {law} AS law,
    {category} AS category FROM {numbers}) AS made;
{sums}{on}",
        tenant = dialect.known(tenant.0),
        month = 5 * UNITS * 18,
        cell = match (folded, dialect.postgres) {
            (false, _) => "NULL",
            (true, true) => {
                "year || '|' || unit::text || '|' || category || '|' || law || '|' || month || '|avvikelse||'"
            }
            (true, false) => {
                "year || '|' || hex(unit) || '|' || category || '|' || law || '|' || month || '|avvikelse||'"
            }
        },
        sums = if folded { SUMS } else { "" },
        category = text(&format!("({n} / {})", 5 * UNITS), &CATEGORIES),
        law = text(&format!("({n} / {})", 5 * UNITS * 6), &LAWS),
    )
}

/// What lies in each cell, of the one tenant there is.
const SUMS: &str = "DELETE FROM fact_sums;
INSERT INTO fact_sums SELECT tenant_id, folded_as, reported_year, reported_month, unit_id, laws, category, kind, subkind,
    duplicate, COUNT(*) FROM case_facts GROUP BY tenant_id, folded_as, reported_year, reported_month, unit_id, laws, category,
    kind, subkind, duplicate;
";

fn units() -> Vec<Unit> {
    let unit = |number: u64| Unit {
        id: UnitId(id(number + 1)),
        code: format!("enhet-{number}"),
        name: format!("Enhet {number:02}"),
        area: Some("SABO".into()),
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    (0..UNITS).map(unit).collect()
}

type Key = (u64, String, String, String, u64);

/// What the answer says of each cell: how many, and how many a year before.
fn cells(answer: &Value, one_year: bool) -> BTreeMap<Key, (u64, u64)> {
    let rows = answer["rows"].as_array().expect("rows");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let cell = |row: &Value| {
        let keys = &row["keys"];
        let year = if one_year { 2025 } else { keys["year"].as_u64().expect("a year") };
        let month = keys["month"].as_u64().expect("a month");
        let unit = text(&keys["unit"]["name"]);
        let key = (year, unit, text(&keys["category"]), text(&keys["law"]), month);
        let count = |name: &str| row[name].as_u64().unwrap_or_default();
        (key, (count("count"), count("previous")))
    };
    let found: BTreeMap<_, _> = rows.iter().map(cell).collect();
    assert_eq!(found.len(), rows.len(), "a row came twice");
    found
}

/// The same from what was put there.
fn recount(cases: u64) -> BTreeMap<Key, u64> {
    let mut found = BTreeMap::new();
    for n in 1..=cases {
        let (year, unit, category, law, month) = at(n);
        let key = (year, format!("Enhet {unit:02}"), category.to_owned(), law.to_owned(), month);
        *found.entry(key).or_default() += 1;
    }
    found
}

/// That both questions are answered with what was put there.
fn is_right(mas: &Client, cases: u64) {
    let expected = recount(cases);
    let year = cells(&mas.get(YEAR).expect(200).json(), true);
    let of_2025: BTreeMap<_, _> = expected
        .iter()
        .filter(|(key, _)| key.0 == 2025)
        .map(|(key, n)| (key.clone(), *n))
        .collect();
    assert_eq!(year.into_iter().map(|(key, (n, _))| (key, n)).collect::<BTreeMap<_, _>>(), of_2025);
    let five = cells(&mas.get(FIVE).expect(200).json(), false);
    let before = |key: &Key| {
        let earlier = (key.0 - 1, key.1.clone(), key.2.clone(), key.3.clone(), key.4);
        expected.get(&earlier).copied().unwrap_or_default()
    };
    for (key, (count, previous)) in &five {
        assert_eq!(
            (expected.get(key).copied().unwrap_or_default(), before(key)),
            (*count, *previous),
            "{key:?}"
        );
    }
    assert!(expected.keys().all(|key| five.contains_key(key)));
}

fn unfolded(service: &Service, tenant: TenantId) -> i64 {
    let look = |tx: &mut Tx<'_>| tx.unfolded_facts(i64::MAX);
    service.run(service.app.store.read(tenant, look)).expect("a number")
}

fn fold(service: &Service, tenant: TenantId) -> Duration {
    let (began, folding) = (Instant::now(), Folding::restless());
    loop {
        let turn = service.run(folding.turn(&service.app)).expect("a turn");
        if !turn.more && unfolded(service, tenant) == 0 {
            return began.elapsed();
        }
    }
}

/// The middle one of some answers, and how large it was.
fn takes(client: &Client, path: &str, times: usize) -> (Duration, usize) {
    let size = client.get(path).expect(200).bytes.len();
    let mut took: Vec<Duration> = (0..times)
        .map(|_| {
            let began = Instant::now();
            client.get(path);
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    (took[times / 2], size)
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

fn measure(database: Database) {
    let dialect = Dialect { postgres: matches!(database, Database::Postgres { .. }) };
    let which = if dialect.postgres { "PostgreSQL" } else { "SQLite" };
    let now = "2026-02-01T12:00:00Z".parse().expect("a time");
    let service = Service::start_with(database, now, |config| {
        config.fold_every = Duration::from_secs(3600);
        config.chain_every = Duration::from_secs(3600);
    });
    let made =
        app::tenants::create_tenant(&service.app.store, "kub", "kub", now, &uuid::Uuid::now_v7);
    let tenant = service.run(made).expect("a tenant").id;
    let put = |tx: &mut Tx<'_>| {
        units().iter().try_for_each(|unit| tx.insert_unit(unit))?;
        tx.bump_config_version()
    };
    service.run(service.app.store.write(tenant, put)).expect("units");
    let mas = service.holder(("kub", tenant), "mas", Role::Mas, &[], &[]);
    let asked = number("AVVIKELSE_CUBE_CASES");
    let Some(cases) = asked else {
        let cases = 3_000;
        run(&service, &fill(&dialect, tenant, (0, cases), false));
        assert_eq!(unfolded(&service, tenant), 3_000);
        is_right(&mas, cases);
        fold(&service, tenant);
        is_right(&mas, cases);
        return;
    };
    let mut found = Vec::new();
    let mut filled = 0;
    for size in [cases / 5, cases] {
        run(&service, &fill(&dialect, tenant, (filled, size), true));
        filled = size;
        let wrong = |tx: &mut Tx<'_>| tx.wrong_sums();
        assert_eq!(service.run(service.app.store.read(tenant, wrong)).expect("a number"), 0);
        assert_eq!(unfolded(&service, tenant), 0);
        is_right(&mas, size);
        let plainly = format!("{YEAR}&measures=count,closed");
        let (plain, _) = takes(&mas, &plainly, 3);
        let ((year, bytes), (five, more), (coarse, _)) =
            (takes(&mas, YEAR, 25), takes(&mas, FIVE, 15), takes(&mas, COARSE, 15));
        eprintln!(
            "{which}: {size} cases: a year {year:?} ({bytes} bytes), five with change {five:?} ({more} bytes), by year \
             alone {coarse:?}; a year from the facts {plain:?}; load {}",
            load()
        );
        found.push((year, five));
    }
    let ratio = found[1].0.as_secs_f64() / found[0].0.as_secs_f64();
    // As many unfolded as are read one by one.
    let late = format!(
        "UPDATE case_facts SET reported_month = 1 + reported_month % 12 WHERE tenant_id = {} AND reported_year = 2025 AND \
         case_id IN (SELECT case_id FROM case_facts WHERE tenant_id = {} AND reported_year = 2025 LIMIT {{}});",
        dialect.known(tenant.0),
        dialect.known(tenant.0)
    );
    for many in [1_000, 10_000] {
        run(&service, &late.replace("{}", &many.to_string()));
        let (year, _) = takes(&mas, YEAR, 15);
        let left = unfolded(&service, tenant);
        let folding = fold(&service, tenant);
        eprintln!(
            "{which}: with {left} unfolded, a year {year:?}; without rest folded in {folding:?}"
        );
    }
    eprintln!("{which}: a year of {cases} is {ratio:.2} times one of {}", cases / 5);
    // Of a debug build the speed says nothing.
    if !cfg!(debug_assertions) {
        assert!(found[1].0 <= Duration::from_millis(50), "a year: {:?}", found[1].0);
        assert!(found[1].1 <= Duration::from_millis(150), "five years: {:?}", found[1].1);
        assert!(ratio <= 1.2, "{ratio:.2} times as long for five times the cases");
    }
}

#[test]
fn a_years_cube_is_what_was_put_there() {
    assert_eq!(CELLS, 12_960);
    on_each_database(measure);
}
