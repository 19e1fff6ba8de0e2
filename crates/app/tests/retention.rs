//! A year of a town goes by the information plan: what stands on the list and nothing else, broken off in the middle and
//! taken up again, without a trace of what was said, and without a change to any figure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::reports::{Which, YearlyQuery};
use app::retention::NewHold;
use app::sealing::Sealer;
use app::{Answer, App, Caller, Clock, Error, Identity};
use domain::ids::{CaseId, GrantId, HoldId, RunId};
use domain::organisation::{Grant, Role};
use domain::policy::Scope;
use domain::retention::{Held, Item, Keep, Kind, LegalHold, Outcome, Plan, Rule};
use domain::statistics::{CubeQuery, EscalationQuery, ForwardingQuery};
use domain::yearly::About;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use store::{Config, Store};
use uuid::Uuid;

/// What each text begins with; the number of its case follows.
const CANARY: &str = "Zzkanarie";

#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Where the database is, gone when this is dropped.
struct Place {
    dir: tempfile::TempDir,
    url: String,
    server: Option<(String, String)>,
}

impl Place {
    fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("test.db").display());
        Self { dir, url, server: None }
    }

    fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("AVVIKELSE_TEST_POSTGRES") else {
            let required =
                std::env::var("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
            assert!(!required, "AVVIKELSE_TEST_POSTGRES must name a PostgreSQL server");
            return None;
        };
        let name = format!("retention_{}", Uuid::now_v7().simple());
        psql(&server, &format!("CREATE DATABASE {name}"));
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Some(Self { dir: tempfile::tempdir().unwrap(), url, server: Some((server, name)) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            psql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn psql(url: &str, statement: &str) {
    let done = Command::new("psql").args([url, "-qXc", statement]).status();
    assert!(done.is_ok_and(|status| status.success()), "psql failed: {statement}");
}

/// A number without what separates its parts.
fn plain(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The year of Askersund with a canary in every text, which names its case.
fn with_canaries(to: &Path) {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/askersund-2025");
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_owned();
        if path.extension().is_none_or(|it| it != "csv") {
            continue;
        }
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_path(&path).unwrap();
        let head = reader.headers().unwrap().clone();
        let mut writer =
            csv::WriterBuilder::new().delimiter(b';').from_path(to.join(name)).unwrap();
        writer.write_record(&head).unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            let number = plain(&row[0]);
            let texts = ["beskrivning", "omedelbar_atgard", "motivering"];
            let cells = head.iter().zip(row.iter()).map(|(column, cell)| {
                match texts.contains(&column) && !cell.is_empty() {
                    true => format!("{CANARY}{number} {cell}"),
                    false => cell.to_owned(),
                }
            });
            writer.write_record(cells).unwrap();
        }
        writer.flush().unwrap();
    }
}

struct Town {
    app: App,
    clock: Hands,
    place: Place,
}

impl Town {
    async fn new(place: Place) -> Self {
        let store = Store::open(Config::new(place.url.parse().unwrap())).unwrap();
        store.migrate().await.unwrap();
        let files = place.dir.path().join("files");
        std::fs::create_dir(&files).unwrap();
        with_canaries(&files);
        let now: Timestamp = "2026-02-10T08:00:00Z".parse().unwrap();
        let seed = || Uuid::new_v4().as_u64_pair().1;
        app::transfer::import(
            &store,
            "askersund",
            Some("Askersund"),
            &files,
            now,
            &Uuid::now_v7,
            &seed,
            &|_| (),
        )
        .await
        .unwrap();
        std::fs::remove_dir_all(&files).unwrap();
        let sealer = Sealer::from_file(&place.dir.path().join("keys.json"), true).unwrap();
        let clock = Hands(Arc::new(Mutex::new("2040-03-10T11:00:00Z".parse().unwrap())));
        Self { app: App::new(store, sealer, Box::new(clock.clone())), clock, place }
    }

    fn advance(&self, by: SignedDuration) {
        *self.clock.0.lock().unwrap() += by;
    }

    async fn caller(&self, subject: &str, role: Option<Role>) -> Caller {
        let identity = Identity {
            issuer: "https://id.example".to_owned(),
            subject: subject.to_owned(),
            tenant: "askersund".to_owned(),
            name: None,
            more: app::Vouched::default(),
        };
        let caller = self.app.enter(&identity, Uuid::now_v7()).await.unwrap();
        let Some(role) = role else { return caller };
        let grant = Grant {
            id: GrantId(Uuid::now_v7()),
            staff: caller.staff.id,
            role,
            units: Vec::new(),
            laws: Vec::new(),
            valid_from: date(2026, 1, 1),
            valid_to: None,
            stands_in_for: None,
            revoked_at: None,
            version: 1,
        };
        let insert = move |tx: &mut store::Tx<'_>| tx.insert_grant(&grant);
        self.app.store.write(caller.tenant_id(), insert).await.unwrap();
        self.app.enter(&identity, Uuid::now_v7()).await.unwrap()
    }

    async fn list(&self, caller: &Caller) -> (RunId, Vec<Item>) {
        let render = |shown: &app::retention::RunShown| Answer {
            status: 201,
            location: None,
            etag: None,
            body: shown.run.id.to_string().into_bytes(),
        };
        let made = self.app.list_retention(caller, None, render).await.unwrap();
        let id: RunId = String::from_utf8(made.body).unwrap().parse().unwrap();
        (id, self.items(caller, id).await)
    }

    async fn items(&self, caller: &Caller, id: RunId) -> Vec<Item> {
        let items = self.app.retention_items(caller, id, 0, i64::MAX).await.unwrap();
        items.into_iter().map(|(_, item)| item).collect()
    }

    async fn order(&self, caller: &Caller, id: RunId, decision: &str) {
        let shown = self.app.retention_run(caller, id).await.unwrap();
        self.app.order_retention(caller, shown.run, decision).await.unwrap();
    }

    /// Every cell that is asked here, as text.
    async fn figures(&self, mas: &Caller) -> Vec<String> {
        let groups = [
            "kind,month",
            "unit,law",
            "category,severity",
            "area,vardskada",
            "injury,sex",
            "age_band,profession",
            "track,outcome",
            "status,source",
            "channel,nature",
            "week",
            "weekday,hour_band",
            "probability,serious",
            "reporting_unit",
            "reached_person,half",
        ];
        let mut asked = Vec::new();
        for year in [2024, 2025] {
            for group in groups {
                for more in ["", "&count_by=occurred", "&duplicates=all", "&of=events"] {
                    asked.push(format!("year={year}&group_by={group}{more}"));
                }
            }
            for more in [
                "group_by=cause&of=mentions",
                "group_by=counterparty&of=mentions",
                "group_by=kind&measures=count,open,closed,lead_time,answered",
                "group_by=unit&of=escalations",
                "group_by=month&of=forwardings",
            ] {
                asked.push(format!("year={year}&{more}"));
            }
        }
        let (units, codes) = (&mas.set_up.units, &mas.set_up.codes);
        let mut told = Vec::new();
        for query in asked {
            let pairs: Vec<(String, String)> = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let cube = if EscalationQuery::asked(&pairs) {
                let parsed = EscalationQuery::parse(&pairs, units, codes, mas.now).unwrap();
                format!("{:?}", self.app.count_escalations(mas, parsed, Scope::All).await.unwrap())
            } else if ForwardingQuery::asked(&pairs) {
                let parsed = ForwardingQuery::parse(&pairs, units, codes, mas.now).unwrap();
                format!("{:?}", self.app.count_forwardings(mas, parsed, Scope::All).await.unwrap())
            } else {
                let parsed = CubeQuery::parse(&pairs, units, codes, mas.now)
                    .unwrap_or_else(|faults| panic!("{query}: {faults:?}"));
                format!("{:?}", self.app.count(mas, parsed, Scope::All).await.unwrap())
            };
            told.push(format!("{query} {cube}"));
        }
        for year in [2024, 2025] {
            let query = YearlyQuery { year, about: About::Whole, version: Which::Open };
            told.push(format!("{:?}", self.app.live_report(mas, query).await.unwrap()));
        }
        told
    }

    /// The numbers of the cases whose words stand in the database, its log, or a dump of it.
    fn said(&self) -> BTreeSet<String> {
        let mut bytes = Vec::new();
        match &self.place.server {
            None => {
                for name in ["test.db", "test.db-wal"] {
                    bytes.extend(
                        std::fs::read(self.place.dir.path().join(name)).unwrap_or_default(),
                    );
                }
            }
            Some(_) => {
                let dump = Command::new("pg_dump").arg(&self.place.url).output().unwrap();
                assert!(dump.status.success(), "pg_dump");
                bytes = dump.stdout;
            }
        }
        let mut found = BTreeSet::new();
        let mark = CANARY.as_bytes();
        let mut at = 0;
        while let Some(next) = bytes[at..].windows(mark.len()).position(|window| window == mark) {
            let begin = at + next + mark.len();
            let number = bytes[begin..].iter().take_while(|byte| byte.is_ascii_alphanumeric());
            found.insert(String::from_utf8(number.copied().collect()).unwrap());
            at = begin;
        }
        found
    }
}

fn plan() -> Plan {
    let rule = |kind| Rule {
        kind,
        keep: Keep::Years(10),
        basis: "Dhp 4.2, SN 2025/401 § 12".into(),
        valid_from: date(2026, 1, 1),
    };
    Plan { rules: Kind::ALL.map(rule).to_vec() }
}

async fn goes(place: Place) {
    let town = Town::new(place).await;
    let admin = town.caller("admin", Some(Role::Admin)).await;
    let mas = town.caller("mas", Some(Role::Mas)).await;
    let nobody = town.caller("nobody", None).await;
    let before = town.figures(&mas).await;
    assert!(before.len() > 100);

    // Nothing goes without a plan, nor by it alone.
    let none = town.app.list_retention(&admin, None, |_| panic!("no list")).await;
    assert!(matches!(none, Err(Error::Conflict("no_retention_plan"))), "{none:?}");
    let refused = town.app.set_retention_plan(&nobody, plan(), 0).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    town.app.set_retention_plan(&admin, plan(), 0).await.unwrap();
    let stale = town.app.set_retention_plan(&admin, plan(), 0).await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");

    let numbers = town.app.store.read(admin.tenant_id(), |tx| tx.external_numbers()).await.unwrap();
    let numbers: BTreeMap<CaseId, String> =
        numbers.iter().map(|(number, id)| (*id, plain(number))).collect();
    let (_, first) = town.list(&admin).await;
    let kept = first.iter().find(|it| it.held.is_none() && it.case.is_some()).unwrap();
    let kept = kept.case.unwrap();
    let hold = NewHold {
        case: Some(kept.to_string()),
        subject: None,
        reason: "Ersättningsanspråk".into(),
        until: None,
    };
    let answer = |_: &domain::retention::LegalHold| Answer {
        status: 201,
        location: None,
        etag: None,
        body: Vec::new(),
    };
    town.app.place_hold(&admin, hold, None, answer).await.unwrap();

    let (run, list) = town.list(&admin).await;
    let of = |case: CaseId, list: &[Item]| {
        list.iter().find(|it| it.object == case.0).cloned().expect("is listed")
    };
    assert_eq!(of(kept, &list).held, Some(Held::LegalHold));
    let expected: BTreeSet<Uuid> =
        list.iter().filter(|it| it.held.is_none()).map(|it| it.object).collect();
    assert!(expected.len() > 2000, "{} of {}", expected.len(), list.len());
    assert_eq!(town.figures(&mas).await, before, "a list changes nothing");
    assert!(town.said().len() > 2000, "the canaries can be found");

    town.order(&admin, run, "SN 2040/17").await;
    // Broken off in the middle, twice: what was not done is done afterwards, and nothing twice.
    for _ in 0..2 {
        let work = town.app.carry_out_retention();
        let broken = tokio::time::timeout(Duration::from_millis(400), work).await;
        assert!(broken.is_err(), "it was broken off");
        let done = town.items(&admin, run).await;
        let done = done.iter().filter(|it| it.outcome.is_some()).count();
        assert!(done < expected.len(), "{done}");
        // Whoever broke off holds the lease for a minute.
        town.advance(SignedDuration::from_mins(2));
    }
    // Somebody places a hold on what is next, and is not done with it when its turn comes.
    let open = town.items(&admin, run).await;
    let next =
        open.iter().find(|it| it.outcome.is_none() && it.held.is_none() && it.kind.is_case());
    let next = next.unwrap().clone();
    let hold = LegalHold {
        id: HoldId(Uuid::now_v7()),
        case: next.case,
        blind_index: None,
        reason: "Begäran om utlämnande".into(),
        placed_by: admin.staff.id,
        placed_at: admin.now,
        until: None,
        lifted: None,
        version: 1,
    };
    let (placed, is_placed) = tokio::sync::oneshot::channel();
    let place = town.app.store.write(admin.tenant_id(), move |tx| {
        tx.one_at_a_time()?;
        tx.insert_legal_hold(&hold)?;
        placed.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        Ok::<_, store::Error>(())
    });
    let carry_out = async {
        is_placed.await.unwrap();
        town.app.carry_out_retention().await.unwrap()
    };
    let (placed, turn) = tokio::join!(place, carry_out);
    placed.unwrap();
    assert_eq!((turn.kept, turn.done), (1, 1));
    let mut expected = expected;
    assert!(expected.remove(&next.object));
    let after = town.items(&admin, run).await;
    assert_eq!(of(next.case.unwrap(), &after).outcome, Some(Outcome::Held));
    let erased: BTreeSet<Uuid> =
        after.iter().filter(|it| it.outcome == Some(Outcome::Erased)).map(|it| it.object).collect();
    assert_eq!(erased, expected, "the list is what went");

    // No figure changes, in any cell.
    let now = town.figures(&mas).await;
    let differ: Vec<_> = now.iter().zip(&before).filter(|(now, before)| now != before).collect();
    assert!(differ.is_empty(), "{} of {} differ: {:?}", differ.len(), now.len(), differ.first());

    // Not a word is left of what went; of what stays, all.
    let said = town.said();
    let gone: BTreeSet<&String> =
        numbers.iter().filter(|(id, _)| erased.contains(&id.0)).map(|(_, number)| number).collect();
    let left: Vec<_> = said.iter().filter(|number| gone.contains(number)).collect();
    assert!(left.is_empty(), "{} of {}: {:?}", left.len(), gone.len(), left.first());
    assert!(said.contains(&numbers[&kept]));

    // It was, and by which decision; to nobody else anything.
    let one = list.iter().find(|it| it.held.is_none() && it.kind == Kind::AvvikelseHsl).unwrap();
    let one = one.case.unwrap();
    match town.app.read_case(&mas, one).await {
        Err(Error::Erased { on, decision }) => {
            assert_eq!(on, date(2040, 3, 10));
            assert_eq!(decision.as_deref(), Some("SN 2040/17"));
        }
        other => panic!("{other:?}"),
    }
    let hidden = town.app.read_case(&nobody, one).await;
    assert!(matches!(hidden, Err(Error::NotFound)), "{hidden:?}");
    town.app.read_case(&mas, kept).await.unwrap();
    // Nothing of it is due any more.
    let (_, again) = town.list(&admin).await;
    let due: Vec<_> = again.iter().filter(|it| it.held.is_none()).collect();
    assert!(due.is_empty(), "{due:?}");
    if town.place.server.is_none() {
        let path = town.place.dir.path().join("copy.db");
        let content = town.app.store.backup_into(&path).await.unwrap();
        assert_eq!(
            content.cases(),
            i64::try_from(numbers.len()).unwrap(),
            "the rows stay, emptied"
        );
    }
    eprintln!(
        "{} listed, {} held, {} erased",
        list.len(),
        list.len() - expected.len(),
        erased.len()
    );
}

fn run(place: Place) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(goes(place));
}

#[test]
fn a_year_goes_and_its_figures_stay_on_sqlite() {
    run(Place::sqlite());
}

#[test]
fn a_year_goes_and_its_figures_stay_on_postgresql() {
    if let Some(place) = Place::postgres() {
        run(place);
    }
}
