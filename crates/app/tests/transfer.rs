//! Import and export: all or nothing, every fault named, and what goes out comes back the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use app::transfer::{
    ExportError, Exported, Format, ImportError, Imported, LineFault, Phase, Progress, export,
    import,
};
use domain::case::{Case, Kind as CaseKind, Status};
use domain::clock::{ClockSettings, of_case};
use domain::code_lists::CodeLists;
use domain::escalation::{self, Kind};
use domain::ids::{CaseId, TenantId, UnitId};
use domain::opinion::EntryWay;
use domain::statistics::Fact;
use domain::worklist::Brief;
use jiff::Timestamp;
use store::{Config, Store};
use uuid::Uuid;

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// A directory of its own, gone when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("transfer-{}", Uuid::now_v7().simple()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        fs::write(self.0.join(name), text).unwrap();
        self
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A PostgreSQL database of its own, gone when this is dropped.
struct Postgres {
    server: String,
    name: String,
}

/// Who owns the tables of a test's database.
const OWNER: &str = "avvikelse_test_owner";

impl Postgres {
    fn new() -> Option<Self> {
        let Ok(server) = std::env::var("AVVIKELSE_TEST_POSTGRES") else {
            let required =
                std::env::var("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
            assert!(!required, "AVVIKELSE_TEST_POSTGRES must name a PostgreSQL server");
            return None;
        };
        let database = Self { server, name: format!("transfer_{}", Uuid::now_v7().simple()) };
        // No superuser, so that row-level security is on.
        let role = format!(
            "DO $$ BEGIN CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        assert!(database.run(&role), "a role");
        let made = format!("CREATE DATABASE {} OWNER {OWNER}", database.name);
        assert!(database.run(&made), "a database");
        Some(database)
    }

    fn run(&self, statement: &str) -> bool {
        let psql = Command::new("psql").args([&self.server, "-qc", statement]).status();
        psql.is_ok_and(|status| status.success())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Runs a test on each database that is at hand, with the schema in place.
fn on_each_database<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scratch = Scratch::new();
    let postgres = Postgres::new();
    let mut urls = vec![format!("sqlite:{}", scratch.0.join("test.db").display())];
    urls.extend(postgres.as_ref().map(|database| {
        let (base, _) = database.server.rsplit_once('/').unwrap();
        let (_, place) = base.rsplit_once('@').unwrap();
        format!("postgres://{OWNER}@{place}/{}", database.name)
    }));
    for url in urls {
        runtime.block_on(async {
            let store = Store::open(Config::new(url.parse().unwrap())).unwrap();
            store.migrate().await.unwrap();
            test(store).await;
        });
    }
}

fn now() -> Timestamp {
    "2026-02-01T11:00:00Z".parse().unwrap()
}

fn seed() -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8
}

async fn take_in(store: &Store, slug: &str, dir: &Path) -> Result<Imported, ImportError> {
    import(store, slug, None, dir, now(), &Uuid::now_v7, &seed, &|_| {}).await
}

fn askersund() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/askersund-2025")
}

async fn cases(store: &Store, tenant: TenantId) -> Vec<Case> {
    let read = store.read(tenant, |tx| tx.cases_after(None, 100_000));
    read.await.unwrap_or_else(|error: store::Error| panic!("{error}"))
}

/// How many rows of everything a tenant has.
async fn counts(store: &Store, tenant: TenantId) -> [usize; 7] {
    let read = store.read(tenant, |tx| {
        let cases = tx.cases_after(None, 100_000)?;
        let mut history = 0;
        for case in cases.iter().take(50) {
            history += tx.history_of(case.id)?.len();
        }
        Ok::<_, store::Error>([
            cases.len(),
            tx.units()?.len(),
            tx.all_staff()?.len(),
            tx.all_grants()?.len(),
            tx.forwardings()?.len(),
            tx.escalations()?.len(),
            history,
        ])
    });
    read.await.unwrap()
}

/// The facts by the case's outer number, with ids of one tenant taken out of them.
async fn facts(store: &Store, tenant: TenantId) -> BTreeMap<String, (Fact, String)> {
    let read = store.read(tenant, |tx| tx.units());
    let units: Vec<domain::organisation::Unit> =
        read.await.unwrap_or_else(|error: store::Error| panic!("{error}"));
    let units: HashMap<UnitId, String> =
        units.into_iter().map(|unit| (unit.id, unit.code)).collect();
    let nothing = Uuid::nil();
    let fact = |case: Case| {
        let mut fact = Fact::of(&case, &CodeLists::shared());
        (fact.case, fact.unit, fact.reporting_unit) =
            (CaseId(nothing), UnitId(nothing), UnitId(nothing));
        (case.external_number.unwrap(), (fact, units[&case.unit].clone()))
    };
    cases(store, tenant).await.into_iter().map(fact).collect()
}

/// The lines of a file, header first and the rest sorted, as fields.
fn lines(path: &Path) -> Vec<Vec<String>> {
    let bytes = fs::read(path).unwrap();
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").expect("a BOM");
    let reader = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(text);
    let rows = reader.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows[1..].sort();
    rows
}

const HEADER: &str = "arendenummer;typ;handelse_intraffade;rapporterades;enhet;verksamhetsomrade;\
    kategori_bedomd;beskrivning;avslutad;utfall;status";

fn line(number: impl std::fmt::Display, text: &str) -> String {
    format!("{number};AVV;2025-03-01 08:00;2025-03-01 09:00;Eken;SABO;HSL.FAL;{text};;;pågår")
}

/// A file of sound lines, one from line 2 on, with some exchanged.
fn file(rows: u64, exchanged: &[(u64, String)], end: &str) -> String {
    let mut text = format!("{HEADER}{end}");
    for at in 2..2 + rows {
        let other = exchanged.iter().find(|(line, _)| *line == at);
        text += &other.map_or_else(|| line(format!("A-{at}"), "Föll."), |(_, text)| text.clone());
        text += end;
    }
    text
}

fn refused(result: Result<Imported, ImportError>) -> Vec<LineFault> {
    match result {
        Err(ImportError::Refused(faults)) => faults.kept,
        other => panic!("not refused: {other:?}"),
    }
}

async fn faults_of(store: &Store, text: impl AsRef<[u8]>) -> Vec<(u64, String)> {
    let dir = Scratch::new();
    dir.file("arenden.csv", text);
    let found = refused(take_in(store, "fel", &dir.0).await);
    found.into_iter().map(|fault| (fault.line, fault.column.unwrap_or_default())).collect()
}

#[test]
fn the_year_of_askersund_comes_in_once() {
    on_each_database(|store| async move {
        let seen = Mutex::new(Vec::new());
        let told = |progress: Progress| seen.lock().unwrap().push(progress);
        let began = std::time::Instant::now();
        let dir = askersund();
        let first = import(&store, "askersund", None, &dir, now(), &Uuid::now_v7, &seed, &told);
        let first = first.await.unwrap();
        eprintln!("{:?}: {} cases in {:?}", store.backend(), first.cases, began.elapsed());
        assert!(first.tenant_created);
        let all = [first.units, first.cases, first.forwardings, first.escalations];
        assert_eq!(all, [7, 4_845, 59, 1]);
        assert_eq!(store.tenant_by_slug("askersund").await.unwrap().name, "Askersund");
        let seen = seen.into_inner().unwrap();
        for phase in [Phase::Checking, Phase::Reading, Phase::Writing] {
            let steps: Vec<_> = seen.iter().filter(|step| step.phase == phase).collect();
            assert!(steps.len() > 20, "{phase:?}");
            assert!(steps.is_sorted_by_key(|step| step.done));
            assert!(steps.last().is_some_and(|step| step.done == step.total));
        }

        let before = counts(&store, first.tenant).await;
        let again = take_in(&store, "askersund", &askersund()).await.unwrap();
        assert!(!again.anything() && !again.tenant_created);
        let already = [again.cases_already, again.forwardings_already, again.escalations_already];
        assert_eq!(already, [4_845, 59, 1]);
        assert_eq!(counts(&store, first.tenant).await, before);

        let all = cases(&store, first.tenant).await;
        let count = |kept: &dyn Fn(&Case) -> bool| all.iter().filter(|case| kept(case)).count();
        assert_eq!(count(&|case| case.imported && case.registered_at == now()), 4_845);
        assert_eq!(count(&|case| case.status() == Status::Closed), 4_799);
        assert_eq!(count(&|case| case.status() == Status::Investigating), 21);
        assert_eq!(count(&|case| case.status() == Status::Reported), 25);
        assert_eq!(count(&|case| case.assessment.harm.serious == Some(true)), 1);
        assert_eq!(
            count(&|case| case.status() == Status::Closed && case.outcome().is_none()),
            33,
            "views that an old system closed without an outcome"
        );
        assert_eq!(count(&|case| case.progress.triaged_at.is_some()), 0);

        // What the public had left is an opinion, where it stood.
        let ids = all.iter().filter(|case| case.kind != CaseKind::Avvikelse).map(|case| case.id);
        let ids: BTreeSet<CaseId> = ids.collect();
        let left = store.read(first.tenant, move |tx| tx.cases(&ids)).await.unwrap();
        assert!(left.len() > 31, "{}", left.len());
        for case in &left {
            let opinion = case.opinion.as_ref().expect("of a synpunkt or klagomål");
            assert_eq!(opinion.entry, EntryWay::Import);
            assert_eq!(opinion.stage_name().status(), case.status(), "{}", case.number);
            assert_eq!(of_case(&Brief::of(case), &ClockSettings::default()), [], "no clock runs");
        }
    });
}

#[test]
fn what_was_notified_before_comes_in_quietly() {
    on_each_database(|store| async move {
        let tenant = take_in(&store, "askersund", &askersund()).await.unwrap().tenant;
        let read = store.read(tenant, |tx| {
            let span = ("2025-01-01T00:00:00Z".parse().unwrap(), now());
            let facts = tx.escalation_facts(span.0, span.1, &domain::policy::Scope::All)?;
            Ok::<_, store::Error>((tx.escalations()?, facts, tx.queued(None)?))
        });
        let (escalations, facts, queued) = read.await.unwrap();
        // One lex Maria, no lex Sarah, no riskperson; nobody is told, and nothing is flagged.
        assert_eq!(escalations.len(), 1);
        let it = &escalations[0];
        assert_eq!((it.kind, it.status()), (Kind::LexMaria, escalation::Status::Notified));
        assert!(it.imported && it.quiet());
        assert!(it.matter.flag.as_ref().is_some_and(|flag| flag.causes.is_empty()));
        assert_eq!(queued, []);
        assert_eq!((facts.len(), facts[0].notified_at.is_some()), (1, true));
        let decided = it.matter.decision.as_ref().unwrap();
        assert!(decided.yes && decided.by.is_none());
    });
}

#[test]
fn what_goes_out_comes_back_the_same() {
    on_each_database(|store| async move {
        let first = take_in(&store, "askersund", &askersund()).await.unwrap();
        let out = Scratch::new();
        let dir = out.0.join("ut");
        let exported = export(&store, first.tenant, &dir, Format::Csv).await.unwrap();
        let expected = Exported {
            cases: 4_845,
            units: 8,
            forwardings: 59,
            escalations: 1,
            ..Exported::default()
        };
        assert_eq!(exported, expected);
        for name in ["arenden.csv", "mellan_vardgivare.csv", "anmalningar.csv"] {
            assert_eq!(lines(&dir.join(name)), lines(&askersund().join(name)), "{name}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&dir), mode(&dir.join("arenden.csv"))), (0o700, 0o600));
        }
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 6);

        let second = take_in(&store, "andra", &dir).await.unwrap();
        assert_eq!(counts(&store, second.tenant).await, counts(&store, first.tenant).await);
        assert_eq!(facts(&store, second.tenant).await, facts(&store, first.tenant).await);
        // Into the tenant it came from, nothing is new.
        assert!(!take_in(&store, "askersund", &dir).await.unwrap().anything());

        let exported = export(&store, first.tenant, &dir, Format::Ndjson).await.unwrap();
        let text = fs::read_to_string(dir.join("arenden.ndjson")).unwrap();
        assert_eq!((exported.cases, text.lines().count()), (4_845, 4_845));
        let one: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(one["unit"], "Borgmästargården");
        assert_eq!(one["history"][0]["reason"], "import");
        let nowhere = export(&store, first.tenant, &dir.join("arenden.csv"), Format::Csv).await;
        assert!(matches!(nowhere, Err(ExportError::File(_))));
    });
}

#[test]
fn units_staff_grants_and_awkward_texts_make_the_round_trip() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        let text = "\"=1+1; \"\"Aj\"\"\r\nsade hon.\n -slut \"";
        let rows = format!(
            "{HEADER}\n{}\nA-2;SYN.BER;;2025-12-30 10:00:07;Norra;;K.BEM;@bra;2026-01-03 08:00;UTF.ING;avslutad\n",
            line("A-1", text).replace("Eken;SABO", "e1;SABO")
        );
        dir.file("arenden.csv", rows)
            .file(
                "enheter.csv",
                "parent;code;name;area;valid_to\nn;e1;Eken;SABO;\n;n;Norra;;\n;z;Zon;;2020-01-01\n",
            )
            .file("personal.csv", "identitet;namn;yrke;epost\nanna;Anna Å;SSK;anna@k.se\nbo;Bo;;\n")
            .file(
                "behorigheter.csv",
                "identitet;roll;enheter;lagrum;giltig_fran;giltig_till\n\
                 anna;team;n,Eken;SOL,HSL;2025-01-01;2025-12-31\nbo;mas;;;;\nbo;mas;;;;\n",
            );
        // Two forwardings that say the same are two.
        let sent = "A-1;skickad;Ekens vårdcentral;VC;2025-03-02;;Läkemedel\n";
        let header = "arendenummer;riktning;motpart;motpart_typ;skickad;svar;amne\n";
        dir.file("mellan_vardgivare.csv", format!("{header}{sent}{sent}"));
        let first = take_in(&store, "ett", &dir.0).await.unwrap();
        assert_eq!(first.forwardings, 2);
        let found = [first.units, first.staff, first.grants, first.grants_already, first.cases];
        assert_eq!(found, [3, 2, 2, 1, 2]);
        let all = cases(&store, first.tenant).await;
        assert_eq!(all[0].filing.description, "=1+1; \"Aj\"\r\nsade hon.\n -slut ");

        let out = Scratch::new();
        export(&store, first.tenant, &out.0, Format::Csv).await.unwrap();
        let second = take_in(&store, "tva", &out.0).await.unwrap();
        assert_eq!(facts(&store, second.tenant).await, facts(&store, first.tenant).await);
        assert_eq!(counts(&store, second.tenant).await, counts(&store, first.tenant).await);
        assert!(!take_in(&store, "ett", &dir.0).await.unwrap().anything());
        assert!(!take_in(&store, "ett", &out.0).await.unwrap().anything());
        let again = Scratch::new();
        export(&store, second.tenant, &again.0, Format::Csv).await.unwrap();
        for name in ["arenden.csv", "enheter.csv", "personal.csv", "behorigheter.csv"] {
            assert_eq!(lines(&out.0.join(name)), lines(&again.0.join(name)), "{name}");
        }
    });
}

#[test]
fn every_faulty_line_is_named_and_nothing_is_changed() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        dir.file("arenden.csv", file(10, &[], "\r\n"));
        let tenant = take_in(&store, "fel", &dir.0).await.unwrap().tenant;
        let before = counts(&store, tenant).await;

        let unknown = line("B-1", "Föll.").replace("HSL.FAL", "HSL.FALL");
        let no_date = line("B-2", "Föll.").replace("2025-03-01 09:00", "1 mars");
        let exchanged = [(3, unknown), (17, no_date), (4_000, "en;två".to_owned())];
        for end in ["\n", "\r\n"] {
            for bom in ["", "\u{FEFF}"] {
                dir.file("arenden.csv", format!("{bom}{}", file(5_000, &exchanged, end)));
                let found = refused(take_in(&store, "fel", &dir.0).await);
                let places: Vec<_> =
                    found.iter().map(|fault| (fault.line, fault.column.as_deref())).collect();
                let expected =
                    [(3, Some("kategori_bedomd")), (17, Some("rapporterades")), (4_000, None)];
                assert_eq!(places, expected);
                assert!(found[0].expected.contains("HSL.FAL"), "{}", found[0]);
                assert_eq!(counts(&store, tenant).await, before);
            }
        }
        // A tenant that is not there is not made for a faulty delivery.
        refused(take_in(&store, "ingen", &dir.0).await);
        assert!(store.tenant_by_slug("ingen").await.is_err());
    });
}

#[test]
fn a_thousand_faults_are_enough() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        let rows = (0..1_500).map(|at| line(format!("N-{at}"), "")).collect::<Vec<_>>();
        dir.file("arenden.csv", format!("{HEADER}\n{}", rows.join("\n")));
        match take_in(&store, "fel", &dir.0).await {
            Err(ImportError::Refused(faults)) => {
                assert_eq!((faults.kept.len(), faults.more), (1_000, 500));
                assert!(faults.to_string().ends_with("and 500 more\n"));
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn lines_are_those_an_editor_shows() {
    on_each_database(|store| async move {
        for end in ["\n", "\r\n"] {
            let broken = line("B", "Föll.").replace("AVV", "AVX");
            let broken_text = format!("\"ett{end}{end}två\"");
            let exchanged = [(3, line("A", &broken_text)), (5, broken.clone())];
            let found = faults_of(&store, file(8, &exchanged, end)).await;
            assert_eq!(found, [(7, "typ".to_owned())]);
            let blank = format!("{HEADER}{end}{end}{}{end}", broken);
            assert_eq!(faults_of(&store, blank).await, [(3, "typ".to_owned())]);
        }
        let mut latin = file(3, &[], "\n").into_bytes();
        latin.extend(b"X;AVV;;2025-01-01 08:00;Eken;SABO;;F\xF6ll;;;p\n");
        assert_eq!(faults_of(&store, latin).await, [(5, String::new())]);
        let open = [(3, line("A", "\"öppen"))];
        assert_eq!(faults_of(&store, file(4, &open, "\n")).await, [(3, String::new())]);
    });
}

#[test]
fn each_fault_is_found() {
    on_each_database(|store| async move {
        let sound = line("A-2", "Föll.");
        for (from, to, column) in [
            ("A-2", "", "arendenummer"),
            ("AVV", "", "typ"),
            ("AVV", "avv", "typ"),
            ("AVV", "KLA", "kategori_bedomd"),
            ("2025-03-01 08:00", "2025-02-29 08:00", "handelse_intraffade"),
            ("2025-03-01 09:00", "", "rapporterades"),
            ("2025-03-01 09:00", "2205-03-01 09:00", "rapporterades"),
            ("Eken", " ", "enhet"),
            ("SABO", "SAB", "verksamhetsomrade"),
            ("Föll.", "", "beskrivning"),
            ("pågår", "", "status"),
            ("pågår", "klar", "status"),
            (";;;pågår", ";2025-04-01 08:00;;pågår", "avslutad"),
            (";;;pågår", ";2025-04-01 08:00;;avslutad", "utfall"),
            (";;;pågår", ";;UTF.ATG;avslutad", "avslutad"),
            (";;;pågår", ";2025-02-01 08:00;UTF.ATG;avslutad", "avslutad"),
        ] {
            let found =
                faults_of(&store, format!("{HEADER}\n{}\n", sound.replacen(from, to, 1))).await;
            assert_eq!(found, [(2, column.to_owned())], "{from} to {to}");
        }
        let two = |second: &str| format!("{HEADER}\n{sound}\n{second}\n");
        let other = sound.replace("Föll.", "Föll igen.");
        assert_eq!(faults_of(&store, two(&other)).await, [(3, "arendenummer".to_owned())]);
        let area = line("A-3", "Föll.").replace("SABO", "KORT");
        assert_eq!(faults_of(&store, two(&area)).await, [(3, "verksamhetsomrade".to_owned())]);

        let header = HEADER.replace("status", "status;okänd;typ").replace("beskrivning;", "");
        let found = faults_of(&store, format!("{header}\n{sound}\n")).await;
        assert_eq!(found.len(), 3);
        assert!(found.contains(&(1, "beskrivning".to_owned())));

        let dir = Scratch::new();
        dir.file("arenden.csv", two(&line("A-3", "Föll.")))
            .file("enheter.csv", "kod;namn;overordnad\nAsk;Asken;Borta\nx;X;y\ny;Y;x\n")
            .file("personal.csv", "identitet\nanna\n")
            .file(
                "behorigheter.csv",
                "identitet;roll;enheter\nbo;mas;\nanna;chef;Lind\nanna;mas;Lind\n",
            )
            .file(
                "anmalningar.csv",
                "arendenummer;lag;flaggad\nA-9;lex_maria;2025-03-01\nA-3;lex;2025-03-01\n",
            )
            .file(
                "mellan_vardgivare.csv",
                "arendenummer;riktning;motpart;motpart_typ;skickad\nA-9;skickad;VC;VC;2025-03-01\n\
                 ;skickad;VC;VC;2025-03-01\nA-2;åt;VC;SPE;2025-03-01\n",
            );
        let found = refused(take_in(&store, "fel", &dir.0).await);
        let found: Vec<_> = found
            .iter()
            .map(|fault| (fault.file, fault.line, fault.column.as_deref().unwrap_or_default()))
            .collect();
        let expected = [
            ("enheter.csv", 2, "overordnad"),
            ("enheter.csv", 3, "overordnad"),
            ("enheter.csv", 4, "overordnad"),
            ("arenden.csv", 2, "enhet"),
            ("arenden.csv", 3, "enhet"),
            ("behorigheter.csv", 2, "identitet"),
            ("behorigheter.csv", 3, "roll"),
            ("behorigheter.csv", 4, "enheter"),
            ("mellan_vardgivare.csv", 2, "arendenummer"),
            ("mellan_vardgivare.csv", 3, "arendenummer"),
            ("mellan_vardgivare.csv", 4, "riktning"),
            ("anmalningar.csv", 2, "arendenummer"),
            ("anmalningar.csv", 3, "lag"),
        ];
        assert_eq!(found, expected);
    });
}

#[test]
fn a_personal_identity_number_is_refused_and_not_repeated() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        let in_text = line("A-2", "Föll, 640823-3234, hittad.");
        // In the wrong column too.
        let in_kind = line("A-3", "Föll.").replace("AVV", "640823-3234");
        dir.file("arenden.csv", format!("{HEADER}\n{in_text}\n{in_kind}\n"));
        let error = take_in(&store, "fel", &dir.0).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("3234") && !told.contains("640823"), "{told}");
        let found = refused(Err(error));
        assert_eq!((found[0].line, found[0].column.as_deref()), (2, Some("beskrivning")));
        assert!(found[0].reason.contains("character 7"), "{}", found[0]);
        assert_eq!((found[1].line, found[1].column.as_deref()), (3, Some("typ")));
    });
}

#[test]
fn a_failure_in_the_middle_leaves_nothing() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        dir.file("arenden.csv", file(3, &[], "\n"));
        // Every number drawn is the same: the second case breaks the unique constraint.
        let result =
            import(&store, "mitt", None, &dir.0, now(), &Uuid::now_v7, &|| 7, &|_| {}).await;
        assert!(
            matches!(result, Err(ImportError::Store(store::Error::Conflict { .. }))),
            "{result:?}"
        );
        let tenant = store.tenant_by_slug("mitt").await.unwrap().id;
        assert_eq!(counts(&store, tenant).await, [0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(take_in(&store, "mitt", &dir.0).await.unwrap().cases, 3);
    });
}

#[test]
fn times_are_those_of_a_swedish_clock() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        let autumn =
            line("H", "Föll.").replace("2025-03-01 0", "2025-10-26 0").replace("08:00", "02:30");
        let letter = line("B", "Brev.").replace("2025-03-01 09:00", "2025-12-30 23:30");
        let turn = line("N", "Sent.").replace("2025-03-01 09:00", "2025-12-31 23:59");
        dir.file("arenden.csv", format!("{HEADER}\n{autumn}\n{letter}\n{turn}\n"));
        let tenant = take_in(&store, "tid", &dir.0).await.unwrap().tenant;
        let all = cases(&store, tenant).await;
        // Of the hour that comes twice the first is meant.
        assert_eq!(all[0].occurred_at, Some("2025-10-26T00:30:00Z".parse().unwrap()));
        assert_eq!(all[1].reported_at, "2025-12-30T22:30:00Z".parse().unwrap());
        for case in &all[1..] {
            assert!(case.number.to_string().starts_with("AVV-2025-"));
            assert_eq!(Fact::of(case, &CodeLists::shared()).reported.year, 2025);
        }
        let out = Scratch::new();
        export(&store, tenant, &out.0, Format::Csv).await.unwrap();
        let rows = lines(&out.0.join("arenden.csv"));
        assert_eq!((rows[2][2].as_str(), rows[2][0].as_str()), ("2025-10-26 02:30", "H"));
        assert_eq!(rows[1][4], "2025-12-30 23:30");
    });
}

#[test]
fn cases_go_by_our_own_number_where_they_have_no_other() {
    on_each_database(|store| async move {
        let dir = Scratch::new();
        dir.file("arenden.csv", file(2, &[], "\n"));
        let tenant = take_in(&store, "egna", &dir.0).await.unwrap().tenant;
        let native = cases(&store, tenant).await.remove(0);
        let expected = (native.status(), native.version);
        let native = Case { external_number: None, version: 2, ..native };
        let saved = native.clone();
        let write = store.write(tenant, move |tx| tx.save_case(&saved, expected));
        write.await.unwrap_or_else(|error: store::Error| panic!("{error}"));
        let out = Scratch::new();
        export(&store, tenant, &out.0, Format::Csv).await.unwrap();
        let number = native.number.to_string();
        let escalation = format!("arendenummer;lag;flaggad\n{number};lex_sarah;2025-03-02 08:00\n");
        out.file("anmalningar.csv", &escalation);
        let again = take_in(&store, "egna", &out.0).await.unwrap();
        assert_eq!((again.cases, again.cases_already, again.escalations), (0, 2, 1));
        // Pointed to from outside, it is found in its tenant, and nowhere else.
        dir.file("anmalningar.csv", &escalation);
        assert_eq!(take_in(&store, "egna", &dir.0).await.unwrap().escalations_already, 1);
        let found = refused(take_in(&store, "annan", &dir.0).await);
        assert_eq!((found[0].file, found[0].line), ("anmalningar.csv", 2));
    });
}
