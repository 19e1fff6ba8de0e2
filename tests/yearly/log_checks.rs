//! Checks of the access log in the report: those that were closed in the year, with what was judged in them.

use domain::ids::{EntryId, SpotCheckId, StaffId};
use domain::organisation::Role;
use domain::spot_check::{Looked, Reach, Shown, SpotCheck, Verdict};
use domain::table::{Cell, Holds};
use jiff::Timestamp;
use jiff::civil::date;
use store::Tx;
use testkit::on_each_database;
use uuid::Uuid;

use crate::askersund::{imported, report};
use crate::swedish::local;

/// A check: when it was closed, in UTC, and how many of its readings were proper and improper.
type Check = (Option<&'static str>, usize, usize);

/// At the edges of Swedish years and quarters, some in one quarter, one with nothing to judge, and one still open.
const CHECKS: [Check; 9] = [
    (Some("2024-12-31T22:59:59Z"), 3, 1),
    (Some("2024-12-31T23:00:00Z"), 4, 0),
    (Some("2025-03-31T21:59:59Z"), 2, 3),
    (Some("2025-03-31T22:00:00Z"), 7, 1),
    (Some("2025-06-02T09:00:00Z"), 0, 0),
    (Some("2025-12-31T22:59:59Z"), 1, 2),
    (Some("2025-12-31T23:00:00Z"), 5, 0),
    (Some("2026-01-15T09:00:00Z"), 0, 1),
    (None, 6, 0),
];

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A check as it was drawn.
fn drawn(by: StaffId, reader: StaffId, readings: usize) -> SpotCheck {
    let looked = || Looked {
        entry: EntryId(Uuid::now_v7()),
        reader,
        reasons: Vec::new(),
        shown: Shown {
            at: at("2024-11-01T08:00:00Z"),
            act: "case.read".to_owned(),
            role: Some(Role::UnitManager),
            from: None,
            refused: false,
            ground: None,
            ended_at: None,
            grants: Vec::new(),
            cases: Vec::new(),
            of: 1,
        },
        judged: None,
    };
    SpotCheck {
        id: SpotCheckId(Uuid::now_v7()),
        from: date(2024, 10, 1),
        to: date(2024, 11, 30),
        seed: 1,
        sample: 10,
        rules: Vec::new(),
        reach: Reach::default(),
        considered: 40,
        reason: "Stickprov".to_owned(),
        by,
        at: at("2024-12-01T08:00:00Z"),
        readings: (0..readings).map(|_| looked()).collect(),
        closed: None,
        version: 1,
    }
}

/// Puts a check in, judges its readings, and closes it.
fn put(
    tx: &mut Tx<'_>,
    (by, reader): (StaffId, StaffId),
    (closed, proper, improper): Check,
) -> Result<(), store::Error> {
    let check = drawn(by, reader, proper + improper);
    tx.insert_spot_check(&check)?;
    let verdict = |nth: usize| if nth < proper { Verdict::Proper } else { Verdict::Improper };
    let judged = check.readings.iter().enumerate();
    let judged = judged.map(|(nth, it)| (it.entry, verdict(nth), "Läste sina egna".to_owned()));
    let when = at("2024-12-02T08:00:00Z");
    let check = check.clone().judge(by, when, judged.collect()).expect("judged");
    tx.save_spot_check(&check)?;
    if let Some(closed) = closed {
        tx.save_spot_check(&check.close(by, at(closed), "Klart").expect("closed"))?;
    }
    Ok(())
}

/// Checks, readings, proper and improper of a year, by quarter and all together.
fn expected(year: i16) -> ([[u64; 4]; 4], [u64; 4]) {
    let (mut quarters, mut all) = ([[0; 4]; 4], [0; 4]);
    for (closed, proper, improper) in CHECKS {
        let Some(day) = closed.map(|closed| local(at(closed))) else { continue };
        if day.year() != year {
            continue;
        }
        let quarter = match day.month() {
            1..=3 => 0,
            4..=6 => 1,
            7..=9 => 2,
            _ => 3,
        };
        let counts = [1, proper + improper, proper, improper].map(|count| count as u64);
        for (nth, count) in counts.into_iter().enumerate() {
            quarters[quarter][nth] += count;
            all[nth] += count;
        }
    }
    (quarters, all)
}

#[test]
fn checks_of_the_log_stand_in_the_quarter_they_were_closed_in() {
    // By hand: what the edges come to.
    assert_eq!(expected(2025).0, [[2, 9, 6, 3], [2, 8, 7, 1], [0; 4], [1, 3, 1, 2]]);
    on_each_database(|database| {
        let (service, tenant) = imported(database);
        let of = ("askersund", tenant);
        let mas = service.holder(of, "mas", Role::Mas, &[], &[]);
        let auditor = service.holder(of, "granskare", Role::Auditor, &[], &[]);
        auditor.get("/api/v1/spot-checks").expect(200);
        assert!(report(&mas, "2025").table("log_checks").is_none(), "nothing was checked");
        let store = &service.app.store;
        let staff = service.run(store.read(tenant, |tx| tx.all_staff())).expect("staff");
        let id = |subject: &str| staff.iter().find(|it| it.subject == subject).expect("known").id;
        let who = (id("granskare"), id("mas"));
        let work = move |tx: &mut Tx<'_>| CHECKS.into_iter().try_for_each(|it| put(tx, who, it));
        service.run(store.write(tenant, work)).expect("written");

        for year in [2024, 2025] {
            let shown = report(&mas, &year.to_string());
            let table = shown.table("log_checks").expect("a table of checks");
            let columns = table.columns.iter();
            let columns: Vec<_> = columns.map(|it| (it.id.as_str(), it.holds, it.year)).collect();
            let ids = ["checks", "readings", "proper", "improper"];
            assert_eq!(columns, ids.map(|id| (id, Holds::Count, Some(year))));
            let (quarters, all) = expected(year);
            let cells = |counts: [u64; 4]| counts.map(Cell::Count).to_vec();
            let rows = table.rows.iter();
            let rows: Vec<_> =
                rows.map(|row| (row.keys[0].code.clone(), row.cells.clone())).collect();
            let wanted = (1..).zip(quarters);
            let wanted: Vec<_> =
                wanted.map(|(nth, it): (u8, _)| (Some(nth.to_string()), cells(it))).collect();
            assert_eq!(rows, wanted, "{year}");
            assert_eq!(table.total, Some(cells(all)), "{year}");
        }
        // Whose readings they were is of no unit: an area tells nothing of them.
        assert!(report(&mas, "2025?area=ORD").table("log_checks").is_none());
        assert!(report(&mas, "2023").table("log_checks").is_none(), "none was closed then");
    });
}
