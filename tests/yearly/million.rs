//! How long the report of a year takes. As it is, over a few thousand cases, to see that it counts them; with
//! `AVVIKELSE_YEARLY_CASES=1000000` it tells what a million take, and what the same statements take by
//! themselves (`docs/guides/figures-of-a-year.md`). `AVVIKELSE_YEARLY_OTHERS` puts so many of another tenant beside.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use app::SetUp;
use domain::code_lists::CodeLists;
use domain::ids::{TenantId, UnitId};
use domain::organisation::Unit;
use domain::organisation::UnitTree;
use domain::settings::Settings;
use domain::table::Cell;
use domain::yearly::{About, Yearly};
use testkit::{Database, Service, on_each_database};
use uuid::Uuid;

const UNITS: u64 = 100;

/// A number as an id, the same in both dialects and in the program.
pub(crate) fn id(number: u64) -> Uuid {
    let text = format!("{number:016}");
    Uuid::from_bytes(text.as_bytes().try_into().expect("sixteen digits"))
}

/// What differs between the two in the statements that fill a tenant.
pub(crate) struct Dialect {
    pub(crate) postgres: bool,
}

impl Dialect {
    pub(crate) fn id(&self, number: &str) -> String {
        if self.postgres {
            format!("encode(lpad(({number})::text, 16, '0')::bytea, 'hex')::uuid")
        } else {
            format!("CAST(printf('%016d', {number}) AS BLOB)")
        }
    }

    pub(crate) fn known(&self, id: Uuid) -> String {
        if self.postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    fn at(&self, seconds: &str) -> String {
        if self.postgres {
            format!("to_timestamp({seconds})")
        } else {
            format!("({seconds}) * 1000000")
        }
    }

    fn part(&self, of: &str, seconds: &str) -> String {
        if self.postgres {
            format!("extract({of} FROM to_timestamp({seconds}) AT TIME ZONE 'UTC')::smallint")
        } else {
            let format = if of == "year" { "%Y" } else { "%m" };
            format!("CAST(strftime('{format}', {seconds}, 'unixepoch') AS INTEGER)")
        }
    }

    fn flag(&self, condition: &str) -> String {
        format!("({condition})")
    }

    pub(crate) fn numbers(&self, most: u64) -> String {
        if self.postgres {
            format!("(SELECT generate_series(1::bigint, {most}) AS n) AS numbers")
        } else {
            format!(
                "(WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {most}) SELECT n FROM up) AS numbers"
            )
        }
    }

    /// A choice that looks random, of as many as `of` has.
    fn pick(&self, salt: u64, of: &[&str]) -> String {
        let sides = of.len();
        let cases: String =
            of.iter().enumerate().map(|(at, value)| format!(" WHEN {at} THEN {value}")).collect();
        format!("CASE {} % {sides}{cases} END", self.roll(salt))
    }

    fn roll(&self, salt: u64) -> String {
        format!("((n * 7919 + {salt} * 104729) % 1000003 / 7)")
    }

    /// Everything that fills a tenant with cases of five years.
    fn fill(&self, tenant: TenantId, first: u64, cases: u64) -> String {
        let tenant = self.known(tenant.0);
        let start = 1_609_459_200_u64;
        // Five years, evenly.
        let second = format!("({start} + n * {} / {cases})", 157_766_400_u64);
        let case = self.id(&format!("{first} + n"));
        let unit = self.id(&format!("1 + {} % {UNITS}", self.roll(1)));
        let text =
            |codes: &[&str]| codes.iter().map(|code| format!("'{code}'")).collect::<Vec<_>>();
        let pick = |salt, codes: &[&str]| {
            let texts = text(codes);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            self.pick(salt, &texts)
        };
        let opinion = format!("{} % 20 = 0", self.roll(2));
        let laws = pick(3, &["HSL", "HSL", "HSL", "SOL", "LSS", "HSL,SOL", ""]);
        let category = pick(
            4,
            &[
                "HSL.FAL",
                "HSL.FAL",
                "HSL.FAL.TIL",
                "HSL.LKM.UTE",
                "HSL.LKM.TID",
                "HSL.LKM.DOS",
                "HSL.LKM.NAR",
                "HSL.DOK",
                "HSL.TRY",
                "HSL.HYG",
                "HSL.NUT",
                "HSL.DEL",
                "SOC.BMT",
                "SOC.UTE",
                "SOC.INF",
                "SOC.FEL",
                "SOC.DOK",
            ],
        );
        let kind = format!("CASE WHEN {opinion} THEN 'klagomal' ELSE 'avvikelse' END");
        let inquiry = format!(
            "CASE WHEN {} % 4 = 0 THEN {} END",
            self.roll(5),
            self.id(&format!("{first} + n"))
        );
        let later = |salt: u64, least: u64, most: u64, often: u64| {
            format!(
                "CASE WHEN {} % 10 < {often} THEN {} END",
                self.roll(salt),
                self.at(&format!("{second} + {least} + {} % {most}", self.roll(salt + 50)))
            )
        };
        let severity = self.pick(7, &["NULL", "1", "1", "2", "2", "3", "4"]);
        let harm = pick(8, &["no", "no", "no", "no", "no", "not_assessed", "could_have", "yes"]);
        let injury =
            self.pick(9, &["NULL", "'ING'", "'ING'", "'ING'", "'OBE'", "'SMA'", "'SAR'", "'FRA'"]);
        let numbers = self.numbers(cases);
        let off = if self.postgres {
            "SET session_replication_role = replica;\n"
        } else {
            "PRAGMA foreign_keys = OFF;\nPRAGMA synchronous = OFF;\nBEGIN IMMEDIATE;\n"
        };
        let on =
            if self.postgres { "ANALYZE;\nVACUUM case_facts;\n" } else { "COMMIT;\nANALYZE;\n" };
        let (yes, no) = (self.flag("1 = 1"), self.flag("1 = 0"));
        let day = if self.postgres { "'2025-01-01'::date" } else { "'2025-01-01'" };
        format!(
            "{off}
INSERT INTO case_facts (tenant_id, case_id, counted, duplicate, event_id, event_shared, reported_on, reported_year,
    reported_month, reported_week, reported_weekday, reported_hour, kind, unit_id, reporting_unit_id, laws, category,
    severity, vardskada, serious, injury, track, status, sex, occurred_at, reported_at, triaged_at, investigated_at,
    closed_at, law_reported, law_assessed, category_reported, category_assessed, investigation_id, imported)
SELECT {tenant}, {case}, {yes}, {no}, {case}, {no}, {day}, {year}, {month}, 1, 1, 1, {kind}, {unit}, {unit}, {laws},
    CASE WHEN {opinion} THEN 'K.OMV' ELSE {category} END, {severity}, {harm}, {serious}, {injury}, 'standard', 'closed',
    {sex}, {occurred}, {reported}, {triaged}, {investigated}, {closed}, 'HSL', {assessed}, {category}, {category},
    {inquiry}, {no}
FROM {numbers};
INSERT INTO cases (tenant_id, case_id, number, kind, status, unit_id, reporting_unit_id, also_units, reported_at,
    registered_at, laws, filing, assessment, imported, private, version, updated_at)
SELECT {tenant}, {case}, 'X' || ({first} + n), 'klagomal', 'reported', {unit}, {unit}, '[]', {reported}, {reported}, '',
    '{{}}', '{{}}', {no}, {no}, 1, {reported}
FROM {numbers} WHERE {opinion};
INSERT INTO causes (tenant_id, investigation_id, cause_id, position, code)
SELECT {tenant}, {case}, {case}, 0, {cause} FROM {numbers} WHERE {five} % 4 = 0;
INSERT INTO measures (tenant_id, investigation_id, measure_id, position, kind, text, effect)
SELECT {tenant}, {case}, {case}, 0, {measure}, 'x', 'not_yet' FROM {numbers} WHERE {five} % 4 = 0;
{on}",
            year = self.part("year", &second),
            month = self.part("month", &second),
            serious = self.pick(10, &["NULL", &no, &no, &yes]),
            sex = pick(11, &["K", "K", "M", "O"]),
            occurred = self.at(&format!("{second} - {} % 90000", self.roll(12))),
            reported = self.at(&second),
            triaged = later(13, 3_600, 600_000, 9),
            investigated = later(14, 700_000, 2_000_000, 5),
            closed = later(15, 3_000_000, 3_000_000, 9),
            assessed = self.pick(16, &["'HSL'", "'HSL'", "'SOL'", "NULL"]),
            cause = pick(17, &["ORS.KOM", "ORS.TEK", "ORS.IND", "ORS.OKA"]),
            measure = pick(18, &["ATG.RUT", "ATG.UTB", "ATG.MIL"]),
            five = self.roll(5),
        )
    }

    /// What the service sets for a connection that makes a difference to how long a statement takes.
    fn as_the_service(&self) -> &'static str {
        if self.postgres { "SET random_page_cost = 1.1; SET jit = off;\n" } else { "" }
    }

    /// The statements of the report, as the service asks them.
    fn statements(&self, tenant: TenantId) -> Vec<String> {
        let tenant = self.known(tenant.0);
        let all = format!(
            "FROM case_facts WHERE tenant_id = {tenant} AND reported_year BETWEEN 2020 AND 2025 AND counted AND NOT duplicate"
        );
        let this = format!(
            "FROM case_facts WHERE tenant_id = {tenant} AND reported_year = 2025 AND counted AND NOT duplicate"
        );
        let by_month = if self.postgres { "" } else { " INDEXED BY case_facts_reported_ix" };
        let klagomal = if self.postgres { "" } else { " INDEXED BY case_facts_opinions_ix" };
        let one_by_one = this.replace("case_facts", &format!("case_facts{by_month}"));
        let harm = "vardskada IN ('could_have', 'yes') AND laws LIKE 'HSL%'";
        let end = |year: u64| self.at(&(1_577_833_200 + (year - 2019) * 31_557_600).to_string());
        let ends: String =
            (2020..=2025).map(|year| format!(" WHEN {year} THEN {}", end(year))).collect();
        let now = self.at("1769986800");
        let mut made = vec![
            format!(
                "SELECT reported_year, kind, subkind, unit_id, laws, category, imported, COUNT(*) {all} GROUP BY reported_year, kind, subkind, unit_id, laws, category, imported"
            ),
            format!(
                "SELECT reported_year, reported_month, kind, severity, vardskada, injury, sex, COUNT(*) {all} GROUP BY reported_year, reported_month, kind, severity, vardskada, injury, sex"
            ),
            format!(
                "SELECT reported_year, COUNT(DISTINCT CASE WHEN investigated_at IS NOT NULL THEN event_id END), COUNT(DISTINCT CASE WHEN vardskada = 'yes' THEN event_id END), COUNT(DISTINCT CASE WHEN vardskada = 'yes' AND serious THEN event_id END), COUNT(DISTINCT CASE WHEN vardskada = 'could_have' AND serious THEN event_id END) {all} AND {harm} GROUP BY reported_year"
            ),
            format!(
                "SELECT reported_year, kind, subkind, category, at_year_end, closed, COUNT(*) FROM (SELECT reported_year, kind, subkind, category, closed_at IS NOT NULL AND closed_at < CASE reported_year{ends} END AS at_year_end, closed_at IS NOT NULL AND closed_at < {now} AS closed {all} AND kind <> 'avvikelse') AS opinions GROUP BY reported_year, kind, subkind, category, at_year_end, closed"
            ),
            format!(
                "SELECT f.reported_at, f.closed_at, c.opinion FROM case_facts AS f{klagomal} JOIN cases AS c ON c.tenant_id = f.tenant_id AND c.case_id = f.case_id WHERE f.tenant_id = {tenant} AND f.reported_year = 2025 AND f.kind = 'klagomal' AND f.kind <> 'avvikelse' AND NOT f.imported AND f.counted AND NOT f.duplicate"
            ),
            format!(
                "SELECT unit_id, reported_month, category, injury, law_reported, law_assessed, category_reported, category_assessed, track, imported, occurred_at, reported_at, triaged_at, investigated_at, closed_at {one_by_one} AND kind = 'avvikelse'"
            ),
            format!(
                "SELECT c.code, COUNT(DISTINCT f.case_id) FROM (SELECT case_id, investigation_id {this} AND investigation_id IS NOT NULL AND kind = 'avvikelse') AS f JOIN causes AS c ON c.investigation_id = f.investigation_id AND c.tenant_id = {tenant} GROUP BY c.code UNION ALL SELECT NULL, COUNT(DISTINCT f.case_id) FROM (SELECT case_id, investigation_id {this} AND investigation_id IS NOT NULL AND kind = 'avvikelse') AS f JOIN causes AS c ON c.investigation_id = f.investigation_id AND c.tenant_id = {tenant}"
            ),
            format!(
                "SELECT kind, effect, done, late, COUNT(*) FROM (SELECT m.kind AS kind, m.effect AS effect, m.done_on IS NOT NULL AS done, m.done_on IS NULL AND m.due_on IS NOT NULL AND m.due_on < '2026-02-01' AS late FROM (SELECT DISTINCT investigation_id {this} AND investigation_id IS NOT NULL) AS f JOIN measures AS m ON m.investigation_id = f.investigation_id AND m.tenant_id = {tenant}) AS all_of_them GROUP BY kind, effect, done, late"
            ),
        ];
        for (from, to) in [(1_735_686_000_u64, 1_767_222_000_u64), (1_704_063_600, 1_735_686_000)] {
            made.push(format!(
                "SELECT COUNT(DISTINCT event_id) FROM case_facts WHERE tenant_id = {tenant} AND {harm} AND counted AND NOT duplicate AND investigated_at >= {} AND investigated_at < {}",
                self.at(&from.to_string()),
                self.at(&to.to_string())
            ));
        }
        made
    }
}

/// Runs statements in the database's own program.
pub(crate) fn run(service: &Service, sql: &str) -> Duration {
    let url = service.database_url();
    let mut command = match url.strip_prefix("sqlite:") {
        Some(file) => {
            let mut command = Command::new("sqlite3");
            // The service's jobs write as well, now and then.
            command.args(["-bail", "-cmd", ".timeout 60000", file]);
            command
        }
        None => {
            let mut command = Command::new("psql");
            command.args([url.as_str(), "-qX", "-v", "ON_ERROR_STOP=1"]);
            command
        }
    };
    let began = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("written");
    assert!(child.wait().expect("it ends").success(), "{}", &sql[..sql.len().min(2_000)]);
    began.elapsed()
}

pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn units() -> Vec<Unit> {
    let unit = |number: u64| Unit {
        id: UnitId(id(number)),
        code: format!("enhet-{number}"),
        name: format!("Enhet {number}"),
        area: Some(
            ["SABO", "ORD.HTJ", "FUN.GRP"][usize::try_from(number % 3).expect("small")].into(),
        ),
        parent: None,
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    (1..=UNITS).map(unit).collect()
}

fn measure(database: Database) {
    let dialect = Dialect { postgres: matches!(database, Database::Postgres { .. }) };
    let now = "2026-02-01T12:00:00Z".parse().expect("a time");
    let service = Service::start_at(database, now);
    let asked = number("AVVIKELSE_YEARLY_CASES");
    let cases = asked.unwrap_or(3_000);
    let others = number("AVVIKELSE_YEARLY_OTHERS").unwrap_or(0);
    let mut tenants = Vec::new();
    for (slug, first, cases) in [("stor", 1_000_u64, cases), ("granne", 100_000_000, others)] {
        let made = app::tenants::create_tenant(&service.app.store, slug, slug, now, &Uuid::now_v7);
        let tenant = service.run(made).expect("a tenant").id;
        let put = |tx: &mut store::Tx<'_>| units().iter().try_for_each(|unit| tx.insert_unit(unit));
        service.run(service.app.store.write(tenant, put)).expect("units");
        if cases > 0 {
            run(&service, &dialect.fill(tenant, first, cases));
        }
        tenants.push(tenant);
    }
    let tenant = tenants[0];
    let gather = || -> Yearly {
        let set_up = SetUp {
            units: UnitTree::new(units()).into(),
            codes: CodeLists::shared(),
            settings: Settings::default().into(),
            learning_cards: Vec::new().into(),
        };
        let read = move |tx: &mut store::Tx<'_>| {
            app::reports::gather(tx, &set_up, 2025, &About::Whole, now)
        };
        service.run(service.app.store.read(tenant, read)).expect("a report")
    };
    let report = gather();
    assert_eq!(report.flaws(), []);
    let table = report.table("totals_by_year").expect("a table");
    let all: u64 = table
        .rows
        .iter()
        .flat_map(|row| [&row.cells[0], &row.cells[table.column("opinions").expect("it")]])
        .map(|cell| if let Cell::Count(count) = cell { *count } else { 0 })
        .sum();
    // The last instant of five years is the first of the sixth.
    assert_eq!(all, cases - 1, "every case but the last");
    let statements = dialect.statements(tenant);
    if asked.is_none() {
        for statement in &statements {
            run(&service, &format!("{statement};"));
        }
        return;
    }
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        let began = Instant::now();
        gather();
        best.0 = best.0.min(began.elapsed());
        let mut alone = Duration::ZERO;
        for statement in &statements {
            let took = run(&service, &format!("{}{statement};", dialect.as_the_service()));
            eprintln!("    {took:?} {}", &statement[..statement.len().min(90)]);
            alone += took;
        }
        best.1 = best.1.min(alone);
    }
    let which = if dialect.postgres { "PostgreSQL" } else { "SQLite" };
    let ratio = best.0.as_secs_f64() / best.1.as_secs_f64();
    eprintln!(
        "{which}: {cases} cases beside {others}: report {:?}, its statements {:?}, {ratio:.2}",
        best.0, best.1
    );
    // Of a debug build the speed says nothing.
    if !cfg!(debug_assertions) && cases <= 1_000_000 {
        assert!(ratio <= 1.2, "{ratio:.2} times its statements");
        assert!(best.0 <= Duration::from_secs(2), "{:?}", best.0);
    }
}

#[test]
fn a_year_is_counted_by_few_statements() {
    on_each_database(measure);
}
