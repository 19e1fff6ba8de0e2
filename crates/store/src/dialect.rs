//! What must be asked of one database differently from the other.
//!
//! # Names of constraints
//!
//! SQLite names the columns of a broken unique constraint where PostgreSQL names the constraint.
//! So every unique constraint, primary keys included, is named after its table and its columns
//! without `tenant_id`: `staff_issuer_subject_key` is unique over `staff (tenant_id, issuer,
//! subject)`. On SQLite the name is put together by the same rule. A partial unique index that
//! would have no column but `tenant_id` takes the column of its condition as well. Catalogue tests
//! hold every table to it.

use diesel::result::DatabaseErrorInformation;

/// The name of the broken unique constraint, by the rule above, on either database.
pub(crate) fn unique_constraint(
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Option<String> {
    match info.constraint_name() {
        Some(name) => Some(name.to_owned()),
        None => unique_name(info.message().strip_prefix("UNIQUE constraint failed: ")?),
    }
}

/// The name of the broken check: PostgreSQL gives it apart, SQLite in the message.
pub(crate) fn check_constraint(
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Option<String> {
    let name =
        info.constraint_name().or_else(|| info.message().strip_prefix("CHECK constraint failed: "));
    name.map(str::to_owned)
}

/// Whether an error without a kind of its own will go away by itself: a lock that was not given in
/// time, a statement that took too long, a server that is going down.
pub(crate) fn is_passing(message: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "database is locked",
        "database table is locked",
        "disk is full",
        "due to statement timeout",
        "due to lock timeout",
        "deadlock detected",
        "terminating connection",
        "server closed the connection",
        "too many connections",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

/// `table.column, table.column` to the name the constraint has by the rule. An index over
/// expressions is given by its name instead: `index 'name'`.
fn unique_name(columns: &str) -> Option<String> {
    if let Some(index) = columns.strip_prefix("index '") {
        return index.strip_suffix('\'').map(str::to_owned);
    }
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.')?;
        if name.is_empty() {
            name.push_str(table);
        }
        if column != "tenant_id" {
            name.push('_');
            name.push_str(column);
        }
    }
    name.push_str("_key");
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::unique_name;

    #[test]
    fn a_unique_constraint_is_named_after_its_columns() {
        for (columns, name) in [
            ("staff.tenant_id, staff.issuer, staff.subject", "staff_issuer_subject_key"),
            ("tenants.slug", "tenants_slug_key"),
            ("tenants.tenant_id", "tenants_key"),
            ("index 'units_lower_key'", "units_lower_key"),
        ] {
            assert_eq!(unique_name(columns).as_deref(), Some(name));
        }
        assert_eq!(unique_name("nonsense"), None);
    }
}
