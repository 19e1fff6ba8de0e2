//! What is in the database, held against what was answered.

use auth::LOCAL_ISSUER;
use domain::ids::CaseId;
use store::{Error, RecordCounts, Tx, check_file};

use crate::load::{Filing, Ledger};
use crate::program::{Home, TENANT};

/// Holds the database, which nobody serves any more, to a ledger of everything `subject` filed.
///
/// Nobody else may have filed anything in it.
pub fn balance(home: &Home, subject: &str, ledger: &Ledger) {
    assert!(ledger.faults.is_empty(), "{:#?}", ledger.faults);
    let (acknowledged, subject) = (ledger.acknowledged.clone(), subject.to_owned());
    let (refused, unknown) = (ledger.refused.clone(), ledger.unknown.clone());
    let counts = read(home, move |tx| {
        let known = tx.staff_by_identity(LOCAL_ISSUER, &subject)?.expect("somebody who filed");
        for filing in &acknowledged {
            let case = tx.case(CaseId(filing.id));
            let case = case.unwrap_or_else(|error| panic!("{error}: {filing:?}"));
            assert_eq!(case.private(), filing.draft, "{filing:?}");
            let kept = tx.kept_answer(known.id.0, &filing.key)?;
            let kept = kept.and_then(|kept| kept.case);
            assert_eq!(kept, Some(CaseId(filing.id)), "its answer is kept: {filing:?}");
        }
        for filing in &refused {
            let gone = tx.case(CaseId(filing.id));
            assert!(matches!(gone, Err(Error::NotFound)), "refused, and there: {filing:?}");
        }
        let mut there = acknowledged;
        for filing in unknown {
            match tx.case(CaseId(filing.id)) {
                Ok(_) => there.push(filing),
                Err(Error::NotFound) => {}
                Err(error) => panic!("{error}: {filing:?}"),
            }
        }
        Ok((tx.record_counts()?, expected(&there)))
    });
    assert_eq!(counts.0, counts.1, "as there is, and as it should be");
    if let Some(file) = home.file() {
        // Its make, its references, and a history of each case.
        check_file(file).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// How many cases there are, which have everything that belongs to them.
pub fn whole_cases(home: &Home) -> i64 {
    let counts = read(home, |tx| tx.record_counts());
    let (cases, rows) = (counts.cases, counts.cases);
    let wanted = RecordCounts {
        cases,
        facts: rows,
        history: rows,
        audit_of_cases: rows,
        messages: rows,
        answers: rows,
    };
    assert_eq!(counts, wanted);
    cases
}

fn expected(there: &[Filing]) -> RecordCounts {
    let rows = |count: usize| i64::try_from(count).expect("a number of rows");
    let all = rows(there.len());
    let told = there.iter().filter(|filing| !filing.draft).count();
    RecordCounts {
        cases: all,
        facts: all,
        history: all,
        audit_of_cases: all,
        messages: rows(told),
        answers: all,
    }
}

/// Reads something of the tenant in a database that nobody serves.
pub fn read<T: Send + 'static>(
    home: &Home,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    let store = home.store();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let tenant = store.tenant_by_slug(TENANT).await.expect("the tenant").id;
        store.read(tenant, work).await.unwrap_or_else(|error| panic!("{error}"))
    })
}
