use std::path::Path;

use rusqlite::Connection;

use super::*;

const TEMPLATE: &str = "
    CREATE TABLE tenants (tenant_id BLOB, slug TEXT);
    CREATE TABLE units (tenant_id BLOB, unit_id BLOB, code TEXT, name TEXT, parent_id BLOB,
        successor_id BLOB, is_unknown INTEGER, PRIMARY KEY (tenant_id, unit_id));
    CREATE TABLE cases (tenant_id BLOB, case_id BLOB, number TEXT, external_number TEXT,
        status TEXT, unit_id BLOB, reporting_unit_id BLOB, reported_at INTEGER, closed_at INTEGER,
        waiting_until TEXT, imported INTEGER, PRIMARY KEY (tenant_id, case_id),
        UNIQUE (tenant_id, number), UNIQUE (tenant_id, external_number));
    CREATE TABLE case_facts (tenant_id BLOB, case_id BLOB, event_id BLOB, reported_year INTEGER,
        reported_on TEXT, unit_id BLOB, folded_as TEXT, laws TEXT,
        PRIMARY KEY (tenant_id, case_id));
    CREATE TABLE audit_entries (tenant_id BLOB, entry_id BLOB, at INTEGER, object_id BLOB,
        PRIMARY KEY (tenant_id, entry_id));
    CREATE TABLE chain_links (tenant_id BLOB, sequence INTEGER, log TEXT, entry_id BLOB,
        format INTEGER, linked_at INTEGER, hash BLOB, PRIMARY KEY (tenant_id, sequence),
        UNIQUE (tenant_id, entry_id));
    CREATE TABLE chain_heads (tenant_id BLOB PRIMARY KEY, sequence INTEGER, hash BLOB,
        linked_at INTEGER);
    INSERT INTO tenants VALUES (x'aa', 'askersund');
    INSERT INTO units VALUES
        (x'aa', x'01900000000000000000000000000001', 'A', 'Alen', NULL, NULL, 0),
        (x'aa', x'01900000000000000000000000000002', 'B', 'Björken',
            x'01900000000000000000000000000001', NULL, 0),
        (x'aa', x'01900000000000000000000000000003', '?', 'Okänd', NULL, NULL, 1);
    INSERT INTO cases VALUES
        (x'aa', x'0190000000007000800000000000000a', 'AVV-2025-7K3Q9D2F', 'old-1', 'closed',
            x'01900000000000000000000000000002', x'01900000000000000000000000000001',
            1741600800000000, 1741700000000000, '2025-04-01', 1),
        (x'aa', x'0190000000007000800000000000000b', 'KLA-2025-00000001', 'old-2', 'reported',
            x'01900000000000000000000000000001', x'01900000000000000000000000000001',
            1741600800000000, NULL, NULL, 1),
        (x'aa', x'0190000000007000800000000000000c', 'AVV-2025-00000002', 'old-3', 'closed',
            x'01900000000000000000000000000003', x'01900000000000000000000000000001',
            1741600800000000, 1741700000000000, NULL, 1),
        (x'aa', x'0190000000007000800000000000000d', 'AVV-2026-00000003', NULL, 'reported',
            x'01900000000000000000000000000001', x'01900000000000000000000000000001',
            1770000000000000, NULL, NULL, 0);
    INSERT INTO case_facts SELECT tenant_id, case_id, case_id, 2025, '2025-03-10', unit_id,
        'folded', 'HSL' FROM cases;
    INSERT INTO audit_entries VALUES
        (x'aa', x'0190000000007000800000000000001a', 1741600800000000,
            x'0190000000007000800000000000000a'),
        (x'aa', x'0190000000007000800000000000001b', 1741600800000000,
            x'0190000000007000800000000000000b');
    INSERT INTO chain_links VALUES
        (x'aa', 1, 'audit', x'0190000000007000800000000000001a', 1, 5, zeroblob(32));
    INSERT INTO chain_heads VALUES (x'aa', 1, zeroblob(32), 5);";

/// The template with copies until there are so many cases.
fn filled(dir: &Path, cases: u64) -> Own {
    let path = dir.join("cases.db");
    Connection::open(&path).unwrap().execute_batch(TEMPLATE).unwrap();
    let own = Own::Sqlite(path);
    let fill = async {
        let generator = Generator::new(&own).await.unwrap();
        generator.fill(&own, cases, |_| ()).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(fill).unwrap();
    own
}

fn text(own: &Own, sql: &str) -> String {
    let Own::Sqlite(path) = own else { panic!("a file") };
    sqlite::value_of(path, sql).unwrap()
}

#[test]
fn copies_are_cases_of_their_own_in_earlier_years_and_other_towns() {
    let dir = tempfile::tempdir().unwrap();
    // Two closed cases came by import, one of them at a unit that is unknown.
    let own = filled(dir.path(), 8);
    let years = "SELECT group_concat(years) FROM (SELECT reported_year || '×' || COUNT(*) AS years
        FROM case_facts GROUP BY reported_year ORDER BY reported_year)";
    // Of four copies two go into the same years as the template, with what is open.
    assert_eq!(text(&own, years), "2021×1,2023×1,2025×8");
    let first = "hex(case_id) = '0100000100007000800000000000000A'";
    let row = format!(
        "SELECT number || ' ' || external_number || ' ' || date(reported_at / 1000000, 'unixepoch')
         || ' ' || waiting_until || ' ' || hex(unit_id) FROM cases WHERE {first}"
    );
    let expected = "AVV-2101-7K3Q9D2F old-1-1 2023-03-10 2023-04-01 \
                    01900000000000000000000000000002";
    assert_eq!(text(&own, &row), expected);
    let fact = format!(
        "SELECT reported_year || ' ' || reported_on || ' ' || (event_id = case_id) || ' '
         || (folded_as IS NULL) || ' ' || laws FROM case_facts WHERE {first}"
    );
    assert_eq!(text(&own, &fact), "2023 2023-03-10 1 1 HSL");
    // The fourth copy is of the second town, whose units are below each other as the first one's.
    let unit = "SELECT u.code || ' ' || p.name FROM cases AS c JOIN units AS u USING (unit_id)
        JOIN units AS p ON p.unit_id = u.parent_id WHERE c.number LIKE 'AVV-2103-%'";
    assert_eq!(text(&own, unit), "B 1 Alen 1");
    let open = "SELECT group_concat(number) FROM (SELECT number FROM cases
        WHERE imported AND status = 'reported' ORDER BY number)";
    assert_eq!(text(&own, open), "KLA-2025-00000001,KLA-2100-00000001,KLA-2103-00000001");
}

#[test]
fn the_chain_has_every_copied_entry_once_and_ends_where_its_head_says() {
    let dir = tempfile::tempdir().unwrap();
    let own = filled(dir.path(), 8);
    let links = "SELECT COUNT(*) || ' ' || MAX(l.sequence) || ' ' || COUNT(DISTINCT l.entry_id)
        FROM chain_links AS l JOIN audit_entries AS a USING (entry_id)";
    // One of the template is left to the service.
    assert_eq!(text(&own, links), "7 7 7");
    assert_eq!(text(&own, "SELECT '' || sequence FROM chain_heads"), "7");
    assert_eq!(text(&own, "SELECT '' || COUNT(*) FROM audit_entries"), "8");
}

#[test]
fn indexes_that_were_away_meanwhile_are_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let template = dir.path().join("template.db");
    let indexes = "
        CREATE INDEX case_facts_year_ix ON case_facts (tenant_id, reported_year)
            WHERE laws <> '';
        CREATE UNIQUE INDEX cases_waiting_key ON cases (tenant_id, case_id, waiting_until);
        CREATE INDEX audit_entries_object_ix ON audit_entries (tenant_id, object_id);";
    let conn = Connection::open(&template).unwrap();
    conn.execute_batch(&format!("{TEMPLATE}{indexes}")).unwrap();
    let own = Own::Sqlite(template);
    let named = || {
        let sql = "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema
            WHERE type = 'index' AND sql IS NOT NULL ORDER BY name)";
        text(&own, sql)
    };
    let before = named();
    let fill = async {
        let generator = Generator::new(&own).await.unwrap();
        generator.fill(&own, 3 * AT_ONCE, |_| ()).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(fill).unwrap();
    assert_eq!(named(), before);
    assert_eq!(before, "audit_entries_object_ix,case_facts_year_ix,cases_waiting_key");
}

#[test]
fn nothing_is_made_where_there_are_enough() {
    let dir = tempfile::tempdir().unwrap();
    let own = filled(dir.path(), 3);
    assert_eq!(text(&own, "SELECT '' || COUNT(*) FROM cases"), "4");
}

#[test]
fn more_cases_than_there_are_numbers_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let own = filled(dir.path(), 0);
    let fill = async {
        let generator = Generator::new(&own).await.unwrap();
        generator.fill(&own, 100_000_000, |_| ()).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(fill).unwrap_err().to_string().contains("have no number"));
}

#[test]
fn postgresql_is_told_the_same_in_its_own_words() {
    let column = |name: &str| crate::rows::Column { name: name.to_owned(), kind: String::new() };
    let table = |name: &str, columns: &[&str]| Table {
        name: name.to_owned(),
        columns: columns.iter().map(|name| column(name)).collect(),
        unique: Vec::new(),
        references: Vec::new(),
    };
    let tables = vec![table("cases", &["case_id", "number", "reported_at", "reported_on"])];
    let generator =
        Generator { dialect: Dialect::Postgres, tenant: "'t'::uuid".to_owned(), tables };
    let made = generator.statements(40..80);
    for part in [
        "INSERT INTO \"cases\" (\"case_id\", \"number\", \"reported_at\", \"reported_on\") SELECT",
        "(lpad(to_hex(16777216 + k), 8, '0') || substr(s.\"case_id\"::text, 9))::uuid",
        "FROM generate_series(40::bigint, 79) AS ks (k) CROSS JOIN cases AS c",
        "s.\"reported_at\" - make_interval(years => (k % 3 * 2)::int)",
        "a.entry_id >= '01000028-0000-0000-0000-000000000000'::uuid",
    ] {
        assert!(made.contains(part), "{part} is missing:\n{made}");
    }
}
