//! A town of the first schema that had cases, as SQL: what an installation of the first days has in its database.

use std::path::{Path, PathBuf};

use store::Backend;
use uuid::Uuid;

/// The directory of the workspace, from a test of whichever package.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let up = here.ancestors().find(|dir| dir.join("migrations").is_dir());
    up.expect("the workspace").to_owned()
}

/// The migrations of a database, oldest first.
pub fn folders(backend: Backend) -> Vec<PathBuf> {
    let name = match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    let root = root().join("migrations").join(name);
    let entries = std::fs::read_dir(root).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// What Diesel calls a migration: the digits its folder begins with.
pub fn version(folder: &Path) -> String {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let (digits, _) = name.split_once('_').unwrap();
    digits.replace('-', "")
}

/// Where Diesel notes what was run.
pub const TABLE: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations \
    (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);";

/// One migration as an earlier release ran it.
pub fn script(folder: &Path) -> String {
    let up = std::fs::read_to_string(folder.join("up.sql")).unwrap();
    let noted =
        format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{}');", version(folder));
    format!("BEGIN;\n{up}\n{noted}\nCOMMIT;\n")
}

/// Literals of a database.
struct Sql(Backend);

impl Sql {
    fn id(&self, number: u128) -> String {
        let id = Uuid::from_u128(number);
        match self.0 {
            Backend::Sqlite => format!("X'{}'", id.simple()),
            Backend::Postgres => format!("'{id}'"),
        }
    }

    fn at(&self, second: i64) -> String {
        let second = 1_767_225_600 + second;
        match self.0 {
            Backend::Sqlite => format!("{}", second * 1_000_000),
            Backend::Postgres => format!("to_timestamp({second})"),
        }
    }

    fn flag(&self, flag: bool) -> &'static str {
        match (self.0, flag) {
            (Backend::Sqlite, true) => "1",
            (Backend::Sqlite, false) => "0",
            (Backend::Postgres, true) => "true",
            (Backend::Postgres, false) => "false",
        }
    }

    fn bytes(&self) -> &'static str {
        match self.0 {
            Backend::Sqlite => "X'00FF'",
            Backend::Postgres => "'\\x00ff'",
        }
    }
}

/// Whose it is.
pub const TENANT: u128 = 1;
/// How many cases it has, numbered from [`FIRST`].
pub const CASES: u128 = 50;
/// The first of them.
pub const FIRST: u128 = 1000;

/// A town's first days, by the columns of the first schema that had cases.
pub fn filled(backend: Backend) -> String {
    let sql = Sql(backend);
    let (t, unit, staff, no, yes) =
        (sql.id(TENANT), sql.id(2), sql.id(3), sql.flag(false), sql.flag(true));
    let (now, bytes) = (sql.at(0), sql.bytes());
    let mut text = format!(
        "INSERT INTO tenants (tenant_id, slug, name, config_version, created_at) VALUES ({t}, 'provby', 'Provby', 1, {now});
         INSERT INTO units (tenant_id, unit_id, code, name, is_unknown, version) VALUES ({t}, {unit}, 'gran', 'GRAN', {no}, 1);
         INSERT INTO staff (tenant_id, staff_id, issuer, subject, version) VALUES ({t}, {staff}, 'i', 's', 1);
         INSERT INTO counterparties (tenant_id, counterparty_id, name, kind) VALUES ({t}, {end}, 'Region', 'VC');",
        end = sql.id(4),
    );
    for at in 0..CASES {
        let (case, subject, inquiry, cause, measure) = (
            sql.id(FIRST + at),
            sql.id(2000 + at),
            sql.id(3000 + at),
            sql.id(4000 + at),
            sql.id(5000 + at),
        );
        let closed = at % 2 == 0;
        let (status, outcome, closed_at, ending) = match closed {
            true => (
                "closed",
                "'UTF.ATE'".to_owned(),
                sql.at(3600),
                "'{\"outcome\":\"UTF.ATE\",\"summary\":\"Klart\",\"action_taken\":null,\"at\":\"2026-01-01T01:00:00Z\",\"by\":null}'",
            ),
            false => ("reported", "NULL".to_owned(), "NULL".to_owned(), "NULL"),
        };
        let number = domain::number::CaseNumber::from_random(
            domain::number::NumberKind::Avv,
            2026,
            u64::try_from(at).unwrap() * 7919,
        );
        text.push_str(&format!(
            "INSERT INTO subjects (tenant_id, subject_id, key_version, wrapped_key, nonce, ciphertext, blind_index, confirmed, created_at)
               VALUES ({t}, {subject}, 1, {bytes}, {bytes}, {bytes}, {bytes}, {yes}, {now});
             INSERT INTO investigations (tenant_id, investigation_id, started_at, course_of_events) VALUES ({t}, {inquiry}, {now}, 'Larmet var av {at}');
             INSERT INTO causes (tenant_id, investigation_id, cause_id, position, code, text) VALUES ({t}, {inquiry}, {cause}, 0, 'ORS.OKA', 'x');
             INSERT INTO measures (tenant_id, investigation_id, measure_id, position, kind, text, effect) VALUES ({t}, {inquiry}, {measure}, 0, 'ATG.RUT', 'x', 'not_yet');
             INSERT INTO measure_causes (tenant_id, investigation_id, measure_id, cause_id) VALUES ({t}, {inquiry}, {measure}, {cause});
             INSERT INTO cases (tenant_id, case_id, number, kind, status, outcome, unit_id, reporting_unit_id, also_units, reported_by,
               reported_at, registered_at, closed_at, laws, category, filing, assessment, ending, investigation_id, subject_id, imported, private, version, updated_at)
               VALUES ({t}, {case}, '{number}', 'avvikelse', '{status}', {outcome}, {unit}, {unit}, '[]', {staff},
               {now}, {now}, {closed_at}, 'HSL', 'HSL.FAL', '{{\"law\":[\"HSL\"],\"category\":\"HSL.FAL\",\"description\":\"Fall nr {at}\"}}', '{{}}', {ending}, {inquiry}, {subject}, {no}, {no}, 1, {now});
             INSERT INTO case_history (tenant_id, case_id, version, at, staff_id, command, to_status, changes) VALUES ({t}, {case}, 1, {now}, {staff}, 'file', '{status}', '[]');
             INSERT INTO audit_entries (tenant_id, entry_id, at, staff_id, action, object_kind, object_id, details, request_id)
               VALUES ({t}, {entry}, {now}, {staff}, 'case.file', 'case', {case}, '{{}}', {entry});
             INSERT INTO case_facts (tenant_id, case_id, counted, duplicate, event_id, event_shared, reported_on, reported_year, reported_month, reported_week,
               reported_weekday, reported_hour, kind, unit_id, reporting_unit_id, laws, category, vardskada, status, reported_at)
               VALUES ({t}, {case}, {yes}, {no}, {case}, {no}, '2026-01-01', 2026, 1, 1, 4, 1, 'avvikelse', {unit}, {unit}, 'HSL', 'HSL.FAL', 'not_assessed', '{status}', {now});
             INSERT INTO outbox (tenant_id, message_id, created_at, topic, case_id, payload) VALUES ({t}, {entry}, {now}, 'case.filed', {case}, '{{}}');",
            entry = sql.id(6000 + at),
        ));
        if at < 5 {
            text.push_str(&format!(
                "INSERT INTO forwardings (tenant_id, forwarding_id, case_id, direction, counterparty_id, matter, sent_at, import_key)
                   VALUES ({t}, {}, {case}, 'sent', {}, 'Läkemedel', {now}, 'k{at}');
                 INSERT INTO escalations (tenant_id, escalation_id, case_id, kind, flagged_at, imported) VALUES ({t}, {}, {case}, 'lex_maria', {now}, {yes});",
                sql.id(7000 + at),
                sql.id(4),
                sql.id(8000 + at),
            ));
        }
    }
    format!("BEGIN;{text}COMMIT;")
}
