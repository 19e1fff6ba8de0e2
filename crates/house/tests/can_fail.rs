//! Each rule of the house is broken here once, and must be seen to be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use house::dependencies::{self, Package};
use house::{deploy, migrations, source, words};

/// A made-up repository that goes when it is dropped.
struct Tree(PathBuf);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("house-{}-{number}", std::process::id()));
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folder");
            fs::write(path, text).expect("file");
        }
        Self(root)
    }

    fn root(&self) -> &Path {
        &self.0
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn package(name: &str, direct: &[&str], further: &[&str]) -> Package {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let all = &set(direct) | &set(further);
    Package { name: name.to_owned(), direct: set(direct), all }
}

#[test]
fn the_layers_as_drawn_are_fine() {
    let packages = [
        package("domain", &["jiff", "serde"], &[]),
        package("wire", &["domain", "utoipa"], &["jiff"]),
        package("store", &["domain", "diesel", "tokio"], &["pq-sys"]),
        package("app", &["domain", "store", "tokio"], &["diesel", "pq-sys"]),
        package("api", &["app", "wire", "actix-web"], &["diesel", "store", "tokio"]),
        package("avvikelse", &["api", "app", "store", "actix-web"], &["diesel"]),
        package("testkit", &["avvikelse", "api", "store"], &["diesel", "actix-web"]),
        package("avvikelse-tests", &["testkit"], &["avvikelse"]),
        package("bench", &["hyper", "rusqlite"], &["libsqlite3-sys", "tokio"]),
    ];
    assert_eq!(dependencies::faults(&packages), Vec::<String>::new());
}

#[test]
fn a_dependency_that_points_up_is_seen() {
    let cases: &[(&[Package], &str)] = &[
        (&[package("domain", &["tokio"], &[])], "domain knows tokio, in its own Cargo.toml"),
        (
            &[package("wire", &["utoipa"], &["actix-http"])],
            "wire knows actix-http (see: cargo tree -p wire -e normal,build -i actix-http)",
        ),
        (
            &[package("store", &["actix-rt"], &[]), package("app", &["store"], &["actix-rt"])],
            "app knows actix-rt through store",
        ),
        (&[package("app", &["diesel"], &[])], "app names diesel, in its own Cargo.toml"),
        (&[package("app", &["diesel_migrations"], &[])], "app names diesel_migrations"),
        (&[package("api", &["diesel"], &[])], "api names diesel"),
        (&[package("avvikelse", &["pq-sys"], &[])], "avvikelse names pq-sys"),
        (&[package("report", &["store"], &["diesel"])], "report knows store"),
        (&[package("report", &["csv"], &["diesel"])], "report knows diesel"),
        (&[package("mailer", &["actix-web"], &[])], "mailer knows actix-web"),
        (&[package("auth", &["store"], &[])], "auth knows store"),
        (&[package("auth", &["app"], &[])], "auth knows app"),
        (&[package("store", &["wire"], &[])], "store knows wire"),
        (&[package("store", &["app"], &[])], "store knows app"),
        (&[package("api", &["testkit"], &[])], "api depends on testkit; only tests may"),
        (
            &[package("bench", &["app"], &["diesel"]), package("app", &["store"], &["diesel"])],
            "bench knows diesel through app",
        ),
        (&[package("house", &["avvikelse"], &[])], "house depends on avvikelse; only tests may"),
    ];
    for (packages, expected) in cases {
        let faults = dependencies::faults(packages);
        assert!(faults.iter().any(|fault| fault.starts_with(expected)), "{expected}: {faults:?}");
    }
}

#[test]
fn sql_outside_store_is_seen() {
    let tree = Tree::new(&[
        ("crates/store/src/cases.rs", "use diesel::prelude::*;\n"),
        ("crates/app/src/lib.rs", "// diesel::prelude is for store\nfn a() {}\n"),
        ("crates/app/src/cases/file.rs", "\nuse diesel::prelude::*;\n"),
        ("crates/testkit/src/lib.rs", "fn a() { sql_query(\"SELECT 1\"); }\n"),
    ]);
    assert_eq!(
        source::sql_outside_store(tree.root()),
        [
            "crates/app/src/cases/file.rs:2: `diesel::`; only crates/store knows SQL",
            "crates/testkit/src/lib.rs:1: `sql_query(`; only crates/store knows SQL",
        ]
    );
}

#[test]
fn a_file_that_asks_which_database_it_is_is_seen() {
    let tree = Tree::new(&[
        ("crates/store/src/dialect.rs", "AnyConnection::Postgres(c) => 1,\n"),
        ("crates/store/src/cases.rs", "\n\nAnyConnection::Sqlite(c) => 1,\n"),
    ]);
    let faults = source::database_known_elsewhere(tree.root());
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("crates/store/src/cases.rs:3: `AnyConnection::Sqlite`"));

    let tree = Tree::new(&[
        (
            "crates/store/src/connection.rs",
            "#[derive(diesel::MultiConnection)]\npub enum Either {\n    /// One.\n    Pg(PgConnection),\n    Lite(SqliteConnection),\n}\n",
        ),
        ("crates/store/src/cases/dialect.rs", "match c { Either::Pg(c) => 1 }\n"),
    ]);
    let faults = source::database_known_elsewhere(tree.root());
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("crates/store/src/cases/dialect.rs:1: `Either::Pg`"));
}

#[test]
fn a_migration_without_its_namesake_or_its_way_back_is_seen() {
    let tree = Tree::new(&[
        ("migrations/postgres/0001_first/up.sql", ""),
        ("migrations/postgres/0001_first/down.sql", ""),
        ("migrations/postgres/0002_second/up.sql", ""),
        ("migrations/postgres/0002_second/down.sql", ""),
        ("migrations/sqlite/0001_first/up.sql", ""),
        ("migrations/sqlite/0003_third/down.sql", ""),
    ]);
    assert_eq!(
        migrations::unpaired(tree.root()),
        [
            "migrations/postgres/0002_second has no namesake in migrations/sqlite",
            "migrations/sqlite/0003_third has no namesake in migrations/postgres",
            "migrations/sqlite/0001_first has no down.sql",
            "migrations/sqlite/0003_third has no up.sql",
        ]
    );
}

#[test]
fn a_banned_statement_is_seen() {
    let fine = "-- no CREATE TRIGGER here\n/* FOREIGN KEY (a) */\nCREATE TABLE a (\n  b text DEFAULT 'FOREIGN KEY',\n  c int CONSTRAINT a_c REFERENCES d (e),\n  CONSTRAINT \"a_f\" FOREIGN KEY (tenant_id, f)\n    REFERENCES g (tenant_id, h) ON DELETE CASCADE\n);\nCREATE INDEX trigger_at ON a (b);\nCREATE TABLE x (y int); DROP TRIGGER z;\n";
    let tree = Tree::new(&[("migrations/sqlite/0001_a/up.sql", fine)]);
    assert_eq!(migrations::banned_statements(tree.root()), Vec::<String>::new());

    let broken = [
        ("\ncreate trigger t", "2: CREATE TRIGGER"),
        ("CREATE OR REPLACE\nCONSTRAINT TRIGGER t", "1: CREATE TRIGGER"),
        (
            "-- one\n/* two\n*/ a int,\n  CONSTRAINT a FOREIGN KEY (a) REFERENCES b ON DELETE\n SET NULL",
            "4: ON DELETE SET NULL",
        ),
        ("(\n a int,\n FOREIGN KEY (a) REFERENCES b (a)\n)", "3: FOREIGN KEY without CONSTRAINT"),
        ("(\n a int REFERENCES b (a)\n)", "2: REFERENCES without CONSTRAINT"),
        ("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c;", "1: FOREIGN KEY without"),
    ];
    for (text, expected) in broken {
        let tree = Tree::new(&[("migrations/postgres/0001_a/up.sql", text)]);
        let faults = migrations::banned_statements(tree.root());
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        let expected = format!("migrations/postgres/0001_a/up.sql:{expected}");
        assert!(faults[0].starts_with(&expected), "{expected}: {faults:?}");
    }
}

#[test]
fn a_word_of_the_workplace_is_seen() {
    for word in words::forbidden() {
        let text = format!("fine\nsee {} there\n", word.to_uppercase());
        let tree = Tree::new(&[("docs/a.md", &text), ("docs/b.md", "/verksamhet/farmakologi\n")]);
        let files = words::kept_files(tree.root());
        assert_eq!(files.len(), 2);
        assert_eq!(words::found(tree.root(), &files), [format!("docs/a.md:2: `{word}`")]);
    }
    let slashed = words::forbidden().pop().expect("a word");
    let tree = Tree::new(&[("a.md", &format!("{slashed}akologi {slashed}, {slashed}x"))]);
    assert_eq!(words::found(tree.root(), &words::kept_files(tree.root())).len(), 1);

    let named = words::forbidden()[1].clone();
    let tree = Tree::new(&[(named.as_str(), "fine\n")]);
    let faults = words::found(tree.root(), &words::kept_files(tree.root()));
    assert_eq!(faults, [format!("{named}: the name contains `{named}`")]);
}

#[test]
fn a_foreign_address_in_a_lock_file_is_seen() {
    let text = "{\n  \"resolved\": \"https://registry.npmjs.org/a\",\n  \"resolved\": \"http://mirror.example/b\"\n}\n";
    let tree = Tree::new(&[("tests/browser/package-lock.json", text)]);
    let faults = words::foreign_addresses(tree.root(), &words::kept_files(tree.root()));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("tests/browser/package-lock.json:3:"));
}

#[test]
fn unfinished_code_is_seen() {
    let words = [["to", "do!("], ["unimple", "mented!("], ["#[ig", "nore"]].map(|w| w.concat());
    for word in words {
        let tree = Tree::new(&[
            ("crates/domain/src/case/mod.rs", &format!("fn a() {{\n    {word}\n}}\n")),
            ("crates/domain/src/lib.rs", &format!("// {word}\n")),
        ]);
        assert_eq!(
            source::unfinished(tree.root()),
            [format!("crates/domain/src/case/mod.rs:2: `{word}`")]
        );
    }
}

#[test]
fn a_lifted_ban_is_seen() {
    let lifted = format!("#![allow(clippy::{}_methods)]\n", "disallowed");
    let tree = Tree::new(&[
        ("crates/api/src/routes.rs", &lifted),
        ("crates/server/src/commands/serve.rs", &lifted),
        ("crates/store/tests/races.rs", &lifted),
        ("crates/app/src/context.rs", &lifted),
    ]);
    let faults = source::bans_lifted(tree.root());
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("crates/app/src/context.rs:1: lifts a ban"));
}

#[test]
fn what_is_deployed_and_not_there_is_seen() {
    let tree = Tree::new(&[
        (
            "crates/server/src/config.rs",
            "env = \"AVVIKELSE_LISTEN\" counter!(\"avvikelse_there_total\")",
        ),
        ("crates/server/src/commands/mod.rs", "pub enum Command {\n    /// Run\n    Serve,\n}\n"),
        (
            "crates/api/src/page.rs",
            "#[get(\"/{tenant}/synpunkt\")] #[get(\"/{tenant}/svar/{token}\")]",
        ),
        ("deploy/nginx/avvikelse.conf", "    location ~ ^/[a-z0-9-]+/(synpunkt)(/|$) {\n"),
        (
            "deploy/x",
            "AVVIKELSE_LISTEN=1 AVVIKELSE_LISTN=1\navvikelse_there_total avvikelse_gone_total\navvikelse serve\n\
                      avvikelse server\n--traces-url\navvikelse_0.1.0_amd64.deb",
        ),
    ]);
    let faults = deploy::faults(tree.root());
    for expected in [
        "deploy/x: there is no setting AVVIKELSE_LISTN",
        "deploy/x: there is no metric avvikelse_gone_total",
        "deploy/x: there is no flag traces-url",
        "deploy/x: there is no command server",
        "deploy/nginx/avvikelse.conf: the public page svar leaves a trace",
    ] {
        assert!(faults.iter().any(|fault| fault == expected), "{expected}: {faults:#?}");
    }
    assert_eq!(faults.len(), 5, "{faults:#?}");
}

#[test]
fn a_crate_without_the_lints_is_seen() {
    let tree = Tree::new(&[
        ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"),
        ("crates/a/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"),
        ("crates/b/Cargo.toml", "[package]\n"),
        ("tests/Cargo.toml", "[lints]\nworkspace = true\n"),
    ]);
    assert_eq!(
        deploy::without_lints(tree.root()),
        ["crates/b/Cargo.toml: does not take the workspace's lints"]
    );
}
