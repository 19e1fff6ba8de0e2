//! A thousand tamperings with the database, each found.

use app::chain::{FaultKind, SignedHead};
use domain::ids::CaseId;
use jiff::SignedDuration;
use store::{ChainLink, Log};
use testkit::{Database, on_each_database};
use uuid::Uuid;

use crate::past::Past;
use crate::town::Town;

const TABLES: [&str; 7] = [
    "audit_entries",
    "access_entries",
    "access_exposures",
    "access_searches",
    "chain_links",
    "chain_heads",
    "case_history",
];

/// Numbers that look drawn, and are the same again for the same beginning.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).expect("small")).expect("small")
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| u8::try_from(self.below(256)).expect("a byte"))
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_bytes(self.bytes())
    }
}

/// What is there to tamper with.
struct There {
    links: Vec<ChainLink>,
    history: Vec<(CaseId, i64)>,
    exposures: Vec<Uuid>,
}

#[test]
fn each_of_a_thousand_tamperings_is_found() {
    on_each_database(|database| {
        let times = 1000;
        let postgres = matches!(database, Database::Postgres { .. });
        let town = Town::new(database);
        town.service.tenant("annanby");
        let cases: Vec<String> =
            (0..5).map(|number| town.file(&format!("Föll {number}"))).collect();
        cases.iter().for_each(|case| town.handle(case));
        town.search_the_log();
        town.link(1);
        // Some hours pass, in which the service goes on.
        town.service.clock.advance(SignedDuration::from_hours(2));
        let berit = town.service.reporter("provby", "berit");
        let body = serde_json::json!({"kind": "avvikelse", "unit": "gran", "description": "Föll"});
        berit.post("/api/v1/cases", body).expect(201);
        town.link(1);
        let heads = [town.head()];
        town.service.clock.advance(SignedDuration::from_hours(2));
        let whole = town.is_whole(&heads);
        assert_eq!((whole.unlinked.entries, whole.committed), (0, 21));

        let ids: Vec<CaseId> =
            cases.iter().map(|case| CaseId(case.parse().expect("an id"))).collect();
        let store = &town.service.app.store;
        let read = move |tx: &mut store::Tx<'_>| {
            let links = tx.links(0, 10_000)?;
            let history = tx.history_documents(&ids)?;
            let exposed = tx.access_entries(None, 10_000)?;
            Ok::<_, store::Error>((links, history, exposed))
        };
        let (links, history, exposed) =
            town.service.run(store.read(town.tenant, read)).expect("what is there");
        let there = There {
            links,
            history: history.iter().map(|it| (it.case, it.version)).collect(),
            exposures: exposed
                .iter()
                .filter(|entry| !entry.exposed.is_empty())
                .map(|entry| entry.id.0)
                .collect(),
        };
        let mut past = Past::open(&town.service.database_url());
        for table in TABLES {
            past.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        let seed = Uuid::new_v4().as_u64_pair().1 | 1;
        let mut drawn = Drawn(seed);
        for round in 0..times {
            let done = tamper(&mut drawn, &town, &mut past, &there, &heads);
            let verdict = town.verify(&heads);
            let found = verdict.faulty > 0;
            assert!(found, "not found, round {round} of seed {seed}: {done}");
            for table in TABLES {
                past.run(&format!(
                    "BEGIN; DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; COMMIT"
                ));
            }
        }
        town.is_whole(&heads);
        eprintln!("{times} tamperings found, seed {seed}, PostgreSQL: {postgres}");
    });
}

/// Does one, and tells what.
fn tamper(
    drawn: &mut Drawn,
    town: &Town,
    past: &mut Past,
    there: &There,
    heads: &[SignedHead],
) -> String {
    let sql = match drawn.below(13) {
        0..=2 => edit_entry(drawn, past, there),
        3 => edit_exposure(drawn, past, there),
        4 => edit_link(drawn, past, there),
        5 | 6 => edit_history(drawn, past, there),
        7 => delete(drawn, past, there),
        8 | 9 => swap(drawn, past, there),
        10 => insert(drawn, past, there, town),
        11 => edit_search(drawn),
        _ => return cut_or_rewrite(drawn, town, past, there, heads),
    };
    past.run(&sql);
    sql
}

/// Somewhere to another value, which a `CASE` makes sure of.
fn other(column: &str, one: &str, two: &str) -> String {
    format!("{column} = CASE WHEN {column} = {one} THEN {two} ELSE {one} END")
}

fn edit_entry(drawn: &mut Drawn, past: &Past, there: &There) -> String {
    let link = drawn.of(&there.links);
    let (table, columns) = match link.log {
        Log::Audit => (
            "audit_entries",
            &[
                "at",
                "staff_id",
                "action",
                "object_kind",
                "object_id",
                "details",
                "request_id",
                "commitment",
                "entry_id",
                "tenant_id",
            ][..],
        ),
        Log::Access => (
            "access_entries",
            &[
                "at",
                "staff_id",
                "act",
                "role",
                "request_id",
                "unit_id",
                "origin",
                "ground_id",
                "entry_id",
                "tenant_id",
            ][..],
        ),
    };
    let column = *drawn.of(columns);
    let set = match column {
        "at" => format!(
            "at = {}",
            past.moved("at", 1 + i64::try_from(drawn.below(1000)).expect("small"))
        ),
        "action" | "act" | "role" | "object_kind" => other(column, "'x'", "'y'"),
        // It may be empty.
        "origin" => "origin = '192.0.2.77'".to_owned(),
        "details" => "details = '{\"from\": 1}'".to_owned(),
        "commitment" => format!("commitment = {}", past.bytes(&drawn.bytes::<32>())),
        _ => format!("{column} = {}", past.id(drawn.id())),
    };
    format!("UPDATE {table} SET {set} WHERE entry_id = {}", past.id(link.entry.0))
}

fn edit_exposure(drawn: &mut Drawn, past: &Past, there: &There) -> String {
    let id = past.id(*drawn.of(&there.exposures));
    match drawn.below(4) {
        0 => format!(
            "UPDATE access_exposures SET case_id = {} WHERE entry_id = {id}",
            past.id(drawn.id())
        ),
        1 => format!(
            "UPDATE access_exposures SET subject_id = {} WHERE entry_id = {id}",
            past.id(drawn.id())
        ),
        2 => format!("DELETE FROM access_exposures WHERE entry_id = {id}"),
        _ => format!(
            "INSERT INTO access_exposures (tenant_id, entry_id, case_id) SELECT tenant_id, entry_id, {} \
             FROM access_entries WHERE entry_id = {id}",
            past.id(drawn.id())
        ),
    }
}

/// Why the log was searched.
fn edit_search(drawn: &mut Drawn) -> String {
    match drawn.below(3) {
        0 => format!(
            "UPDATE access_searches SET {}",
            other("purpose", "'complaint'", "'supervision'")
        ),
        1 => "UPDATE access_searches SET reason = reason || '.'".to_owned(),
        _ => "DELETE FROM access_searches".to_owned(),
    }
}

fn edit_link(drawn: &mut Drawn, past: &Past, there: &There) -> String {
    let link = drawn.of(&there.links);
    let set = match drawn.below(7) {
        0 => "sequence = sequence + 1000000".to_owned(),
        1 => other("log", "'audit'", "'access'"),
        2 => format!("entry_id = {}", past.id(drawn.id())),
        3 => "format = format + 1".to_owned(),
        4 => format!("linked_at = {}", past.moved("linked_at", 7)),
        5 => format!("tenant_id = {}", past.id(drawn.id())),
        _ => format!("hash = {}", past.bytes(&drawn.bytes::<32>())),
    };
    format!("UPDATE chain_links SET {set} WHERE sequence = {}", link.sequence)
}

fn edit_history(drawn: &mut Drawn, past: &Past, there: &There) -> String {
    let (case, version) = *drawn.of(&there.history);
    let columns = [
        "at",
        "staff_id",
        "command",
        "from_status",
        "to_status",
        "changes",
        "reason",
        "salt",
        "version",
        "case_id",
    ];
    let column = *drawn.of(&columns);
    let set = match column {
        "at" => format!("at = {}", past.moved("at", 1)),
        "command" | "to_status" => other(column, "'x'", "'y'"),
        // Either may be empty.
        "from_status" | "reason" => format!("{column} = 'Något annat'"),
        "changes" => {
            "changes = '[{\"field\": \"text\", \"old\": \"x\", \"new\": \"y\"}]'".to_owned()
        }
        "salt" if drawn.below(2) == 0 => "salt = NULL".to_owned(),
        "salt" => format!("salt = {}", past.bytes(&drawn.bytes::<16>())),
        "version" => "version = version + 100".to_owned(),
        _ => format!("{column} = {}", past.id(drawn.id())),
    };
    format!("UPDATE case_history SET {set} WHERE {}", at(past, (case, version)))
}

fn at(past: &Past, (case, version): (CaseId, i64)) -> String {
    format!("case_id = {} AND version = {version}", past.id(case.0))
}

fn delete(drawn: &mut Drawn, past: &Past, there: &There) -> String {
    let link = drawn.of(&there.links);
    let id = past.id(link.entry.0);
    match drawn.below(3) {
        0 => format!("DELETE FROM chain_links WHERE sequence = {}", link.sequence),
        1 => format!("DELETE FROM case_history WHERE {}", at(past, *drawn.of(&there.history))),
        _ => match link.log {
            Log::Audit => format!("DELETE FROM audit_entries WHERE entry_id = {id}"),
            Log::Access => format!(
                "DELETE FROM access_exposures WHERE entry_id = {id}; DELETE FROM access_entries WHERE \
                 entry_id = {id}"
            ),
        },
    }
}

/// Gives each the other's columns, by way of what was kept.
fn swapped(table: &str, columns: &[&str], one: &str, other: &str) -> String {
    let set = |from: &str| {
        let each = columns
            .iter()
            .map(|column| format!("{column} = (SELECT {column} FROM kept_{table} WHERE {from})"));
        each.collect::<Vec<_>>().join(", ")
    };
    format!(
        "BEGIN; UPDATE {table} SET {} WHERE {one}; UPDATE {table} SET {} WHERE {other}; COMMIT",
        set(other),
        set(one)
    )
}

fn swap(drawn: &mut Drawn, past: &Past, there: &There) -> String {
    match drawn.below(4) {
        0 => {
            // The entries of two links; out of the way first, since each has one link only.
            let [one, other] = two(drawn, &there.links);
            let set = |sequence: i64, id: &str, log: Log| {
                format!(
                    "UPDATE chain_links SET entry_id = {id}, log = '{}' WHERE sequence = {sequence}; ",
                    log.code()
                )
            };
            let aside = past.id(drawn.id());
            let (id_one, id_other) = (past.id(one.entry.0), past.id(other.entry.0));
            format!(
                "BEGIN; {}{}{}COMMIT",
                set(one.sequence, &aside, one.log),
                set(other.sequence, &id_one, one.log),
                set(one.sequence, &id_other, other.log),
            )
        }
        1 => {
            let [one, other] = two(drawn, &there.links);
            let place = |link: &ChainLink| format!("sequence = {}", link.sequence);
            swapped("chain_links", &["hash"], &place(one), &place(other))
        }
        2 => {
            let audits: Vec<&ChainLink> =
                there.links.iter().filter(|link| link.log == Log::Audit).collect();
            let [one, other] = two(drawn, &audits);
            let place = |link: &ChainLink| format!("entry_id = {}", past.id(link.entry.0));
            let columns = ["action", "object_id", "request_id", "details", "commitment"];
            swapped("audit_entries", &columns, &place(one), &place(other))
        }
        _ => {
            let [one, other] = two(drawn, &there.history);
            let columns = ["changes", "command", "reason", "salt"];
            swapped("case_history", &columns, &at(past, *one), &at(past, *other))
        }
    }
}

/// Two that are not the same.
fn two<'a, T>(drawn: &mut Drawn, all: &'a [T]) -> [&'a T; 2] {
    let one = drawn.below(all.len());
    let other = (one + 1 + drawn.below(all.len() - 1)) % all.len();
    [&all[one], &all[other]]
}

fn insert(drawn: &mut Drawn, past: &Past, there: &There, town: &Town) -> String {
    let audits: Vec<&ChainLink> = there.links.iter().filter(|it| it.log == Log::Audit).collect();
    let (model, new) = (past.id(drawn.of(&audits).entry.0), past.id(drawn.id()));
    let tenant = past.id(town.tenant.0);
    match drawn.below(3) {
        // As if it had been there all the time: by its time, or by its id as well.
        0 => {
            let before = Uuid::from_u128(drawn.of(&audits).entry.0.as_u128() - 1);
            let id = if drawn.below(2) == 0 { new } else { past.id(before) };
            format!(
                "INSERT INTO audit_entries (tenant_id, entry_id, at, action, object_kind, object_id, details, \
                 request_id) SELECT tenant_id, {id}, (SELECT linked_at FROM chain_links WHERE tenant_id = \
                 {tenant} AND sequence = 1), action, object_kind, object_id, details, request_id FROM \
                 audit_entries WHERE entry_id = {model}"
            )
        }
        // Behind the end, with the end moved.
        1 => {
            let (next, hash) = (there.links.len() + 1, past.bytes(&drawn.bytes::<32>()));
            format!(
                "BEGIN; INSERT INTO audit_entries (tenant_id, entry_id, at, action, object_kind, object_id, \
                 details, request_id) SELECT tenant_id, {new}, at, action, object_kind, object_id, details, \
                 request_id FROM audit_entries WHERE entry_id = {model}; INSERT INTO chain_links (tenant_id, \
                 sequence, log, entry_id, format, linked_at, hash) SELECT tenant_id, {next}, 'audit', {new}, 1, \
                 linked_at, {hash} FROM chain_links WHERE sequence = 1; UPDATE chain_heads SET sequence = {next}, \
                 hash = {hash} WHERE tenant_id = {tenant}; COMMIT"
            )
        }
        _ => {
            let (case, version) = *drawn.of(&there.history);
            format!(
                "INSERT INTO case_history (tenant_id, case_id, version, at, command, to_status, changes) \
                 SELECT tenant_id, case_id, version + 50, at, command, to_status, changes FROM case_history \
                 WHERE {}",
                at(past, (case, version))
            )
        }
    }
}

/// What only a head that lies elsewhere tells: the end cut off so that nothing inside says so, and
/// everything linked anew after a change.
fn cut_or_rewrite(
    drawn: &mut Drawn,
    town: &Town,
    past: &mut Past,
    there: &There,
    heads: &[SignedHead],
) -> String {
    let tenant = past.id(town.tenant.0);
    if drawn.below(4) > 0 {
        let last = 1 + drawn.below(there.links.len() - 1);
        let gone = &there.links[last..];
        let mut sql = format!("BEGIN; DELETE FROM chain_links WHERE sequence > {last}; ");
        for link in gone {
            let id = past.id(link.entry.0);
            for table in ["audit_entries", "access_exposures", "access_entries"] {
                sql.push_str(&format!("DELETE FROM {table} WHERE entry_id = {id}; "));
            }
        }
        sql.push_str(&format!(
            "UPDATE chain_heads SET sequence = {last}, hash = (SELECT hash FROM chain_links WHERE \
             tenant_id = {tenant} AND sequence = {last}) WHERE tenant_id = {tenant}; COMMIT"
        ));
        past.run(&sql);
        // Nothing in the database tells, but the histories of changes that nobody knows of any more.
        let told = |kind: FaultKind| kind == FaultKind::HistoryInserted;
        let inside = town.verify(&[]);
        assert!(inside.faults.iter().all(|fault| told(fault.kind)), "{:#?}", inside.faults);
        let verdict = town.verify(heads);
        assert!(verdict.faults.iter().any(|it| it.kind == FaultKind::CutOff), "{sql}");
        return sql;
    }
    let audits: Vec<&ChainLink> = there.links.iter().filter(|it| it.log == Log::Audit).collect();
    let id = past.id(drawn.of(&audits).entry.0);
    let sql = format!(
        "BEGIN; UPDATE audit_entries SET staff_id = {} WHERE entry_id = {id}; DELETE FROM chain_links; DELETE \
         FROM chain_heads; COMMIT",
        past.id(drawn.id())
    );
    past.run(&sql);
    town.service.clock.advance(jiff::SignedDuration::from_secs(10));
    town.link(1);
    assert_eq!(town.verify(&[]).faulty, 0, "whoever can compute hashes can make a chain");
    let verdict = town.verify(heads);
    assert!(verdict.faults.iter().any(|it| it.kind == FaultKind::Rewritten), "{sql}");
    sql
}
