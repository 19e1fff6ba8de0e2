//! The rules of the house, held against this repository.

use std::collections::BTreeSet;

use house::{assert_no_faults, dependencies, deploy, migrations, root, sbom, source, words};

#[test]
fn dependencies_point_down() {
    let packages = dependencies::packages(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(packages.len() > 8, "read {} packages only", packages.len());
    assert_no_faults(
        "server → api → app → store → domain, and nothing points back up",
        &dependencies::faults(&packages),
    );
}

#[test]
fn only_store_knows_sql() {
    assert_no_faults("Only store knows SQL", &source::sql_outside_store(&root()));
}

#[test]
fn few_files_ask_which_database_it_is() {
    assert_no_faults(
        "Every query is written once, for both databases",
        &source::database_known_elsewhere(&root()),
    );
}

#[test]
fn migrations_come_in_pairs() {
    assert_no_faults("Both databases go through the same versions", &migrations::unpaired(&root()));
}

#[test]
fn migrations_name_their_foreign_keys_and_make_no_triggers() {
    assert_no_faults("What a migration may not say", &migrations::banned_statements(&root()));
}

#[test]
fn nothing_tells_of_the_workplace() {
    let root = root();
    let files = words::kept_files(&root);
    assert!(files.len() > 20, "read {} files only", files.len());
    assert_no_faults("Words that do not belong here", &words::found(&root, &files));
    assert_no_faults("Addresses that do not belong here", &words::foreign_addresses(&root, &files));
}

#[test]
fn nothing_is_left_for_later() {
    assert_no_faults("Code is finished, tests run", &source::unfinished(&root()));
}

#[test]
fn bans_hold_everywhere_else() {
    assert_no_faults("Routes and the clock have one place each", &source::bans_lifted(&root()));
}

#[test]
fn what_is_deployed_speaks_of_the_program_as_it_is() {
    assert_no_faults("Settings, metrics, commands and pages are there", &deploy::faults(&root()));
}

#[test]
fn every_crate_forbids_unsafe_code() {
    assert_no_faults("The workspace's lints hold everywhere", &deploy::without_lints(&root()));
}

#[test]
fn the_bill_of_materials_is_the_lock_file() {
    let root = root();
    let components = sbom::components(&root).unwrap_or_else(|fault| panic!("{fault}"));
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("the lock file");
    let locked = sbom::locked(&lock);
    assert!(components.len() > 200, "{} components only", components.len());
    for component in &components {
        assert_eq!(locked.get(&component.id), Some(&component.checksum), "{:?}", component.id);
    }
    // What is missing is for tests, benchmarks and other machines alone: nothing that is linked.
    let there: BTreeSet<&str> = components.iter().map(|it| it.id.0.as_str()).collect();
    for name in ["actix-web", "aws-lc-sys", "diesel", "libsqlite3-sys", "lettre", "pq-src", "store"]
    {
        assert!(there.contains(name), "{name} is missing");
    }
    for name in ["proptest", "testkit", "rusqlite", "hdrhistogram"] {
        assert!(!there.contains(name), "{name} is no part of the program");
    }
    let bundled = sbom::bundled(&components).unwrap_or_else(|fault| panic!("{fault}"));
    let version =
        |name: &str| bundled.iter().find(|it| it.name == name).map(|it| it.version.clone());
    for name in ["sqlite", "libpq", "aws-lc"] {
        let version = version(name).unwrap_or_default();
        assert!(version.split('.').all(|part| part.parse::<u32>().is_ok()), "{name} {version}");
    }
    let text = sbom::document("0.1.0", &components, &bundled);
    assert_eq!(text.matches("\"bom-ref\"").count(), components.len() + bundled.len());
}
