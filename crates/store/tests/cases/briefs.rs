//! The columns that worklists go by: kept with each case, and by the migration for those before it.

use std::collections::BTreeMap;

use domain::case::triage::{LexAnswer, LexQuestion, Severity, Vardskada};
use domain::case::{Case, Kind, Status, Track};
use domain::fault::{Fault, Reason};
use domain::law::Law;
use domain::policy::{Reading, Scope};
use domain::worklist::{Brief, awaits};
use store::{Backend, Store};

use crate::samples::{Place, bare, insert, state, with_each_database};

const POSTGRES: &str =
    include_str!("../../../../migrations/postgres/2026-11-23-000008_handovers/up.sql");
const SQLITE: &str =
    include_str!("../../../../migrations/sqlite/2026-11-23-000008_handovers/up.sql");

/// What the columns held before the migration filled them.
const EMPTIED: &str = "UPDATE cases SET lead_id = NULL, hops = 0, severity = NULL, \
     risk_score = NULL, vardskada = 'not_assessed', awaits = '', warned = ";

/// Open cases that are judged in every way there is.
fn cases(place: &Place) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |kind: Kind, change: &dyn Fn(&mut Case)| {
        let mut case = bare(place, cases.len() as u64);
        case.kind = kind;
        case.filing.law = vec!["HSL".into()];
        change(&mut case);
        cases.push(case);
    };
    add(Kind::Avvikelse, &|_| ());
    add(Kind::Synpunkt, &|_| ());
    add(Kind::Klagomal, &|case| case.assessment.category = Some("KLA.BEM".into()));
    for laws in [vec![Law::Hsl], vec![Law::Sol, Law::Hsl], vec![Law::Lss]] {
        add(Kind::Avvikelse, &|case| case.assessment.law.clone_from(&laws));
        add(Kind::Avvikelse, &|case| {
            case.assessment.law.clone_from(&laws);
            case.assessment.lex = [(LexQuestion::LexMaria, LexAnswer::No)].into();
            case.assessment.severity = Severity { actual: Some(2), potential: None };
            case.assessment.probability = Some(3);
            case.assessment.hops = 2;
        });
        add(Kind::Avvikelse, &|case| {
            case.assessment.law.clone_from(&laws);
            case.assessment.lex = [LexQuestion::LexMaria, LexQuestion::LexSarah]
                .map(|question| (question, LexAnswer::Yes))
                .into();
            case.assessment.category = Some("HSL.FAL".into());
            case.assessment.track = Some(Track::Deep);
            case.assessment.severity = Severity { actual: Some(2), potential: Some(4) };
            case.assessment.probability = Some(4);
            case.assessment.lead = Some(place.staff[0]);
            case.filing.warnings = vec![Fault::at("/law", Reason::Required)];
        });
    }
    for status in [Status::Triaged, Status::FollowingUp] {
        for (track, vardskada) in [
            (Track::Simple, Vardskada::NotAssessed),
            (Track::Standard, Vardskada::NotAssessed),
            (Track::Standard, Vardskada::CouldHave),
        ] {
            add(Kind::Avvikelse, &|case| {
                case.state = state(status, place, true);
                case.assessment.law = vec![Law::Hsl];
                case.assessment.track = Some(track);
                case.assessment.harm.vardskada = vardskada;
            });
        }
    }
    cases
}

async fn briefs(store: &Store, tenant: domain::ids::TenantId) -> BTreeMap<String, Brief> {
    let all =
        Reading { units: Scope::All, laws: Scope::All, kinds: Kind::ALL.to_vec(), lex: false };
    let read = store.read(tenant, move |tx| tx.open_briefs(&[all], &BTreeMap::new()));
    read.await.unwrap().into_iter().map(|brief| (brief.number.clone(), brief)).collect()
}

#[test]
fn a_migration_gives_cases_the_columns_they_would_have() {
    with_each_database(async |database, store, tenant| {
        let place = Place::new(&store, tenant).await;
        let cases = cases(&place);
        insert(&store, tenant, cases.clone()).await;
        let kept = briefs(&store, tenant).await;
        assert_eq!(kept.len(), cases.len());
        for case in &cases {
            let brief = &kept[&case.number.to_string()];
            assert_eq!(brief.awaits, awaits(case), "{}", case.number);
            assert_eq!(brief.risk_score, case.assessment.risk_score());
            assert_eq!(brief.lead, case.assessment.lead);
        }
        let (sql, no) = match database.backend {
            Backend::Postgres => (POSTGRES, "false"),
            Backend::Sqlite => (SQLITE, "0"),
        };
        database.execute(&format!("{EMPTIED}{no}")).unwrap();
        assert_ne!(briefs(&store, tenant).await, kept);
        let from = sql.find("UPDATE cases SET").expect("the statements that fill them");
        let to = sql.find("CREATE INDEX").expect("what comes after");
        database.execute(&sql[from..to]).unwrap();
        assert_eq!(briefs(&store, tenant).await, kept);
    });
}
