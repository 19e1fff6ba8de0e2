//! The rules of the house, held against this repository.

use house::{assert_no_faults, dependencies, migrations, root, source, words};

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
