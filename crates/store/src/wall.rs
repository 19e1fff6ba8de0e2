//! The second wall between tenants: row-level security of PostgreSQL.
//!
//! Every statement of this crate names its tenant. Should one ever not, the database shows it the rows of the tenant
//! that its connection was turned to, and takes no row of another; a connection that was turned to nobody shows
//! nothing. The policy of every table with a `tenant_id` compares it with a setting of the session, which is set when
//! a connection goes over to another tenant and at no other time: a filing of the same tenant as the one before pays
//! nothing for it. It is forced, so that it holds for the owner of the tables, too; a superuser alone goes past it.
//!
//! The setting is one of the session. A pool between us and the server that gives one session to several clients in
//! turn would mix them up: what is seen then is nothing, or a write that is refused, never another tenant's rows,
//! since the statements name theirs. On Citus the setting of a session does not reach the other nodes: there each
//! transaction is turned by itself ([`turn_for_transaction`]).

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use domain::ids::TenantId;

use crate::citus;
use crate::error::Error;

/// The setting that names the tenant.
pub(crate) const SETTING: &str = "avvikelse.tenant";
/// The policy of every table.
const POLICY: &str = "tenant_wall";
/// The policy that lets everybody find a tenant by its slug, and the jobs go from one to the next.
const FINDING: &str = "tenants_found";
/// Where Diesel keeps which migrations were run; belongs to no tenant.
pub(crate) const MIGRATIONS: &str = "__diesel_schema_migrations";

/// The tables a wall is due around, with their columns: ours, that have a `tenant_id`.
const WALLED: &str = "pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' \
     AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p') \
     AND c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace)";

/// How the role of the service stands to the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// The role that is connected.
    pub role: String,
    /// Whether row-level security is not asked for it: a superuser, or one with BYPASSRLS.
    pub bypasses: bool,
    /// Whether it owns tables, and could so change them.
    pub owns: bool,
    /// The tables around which the wall is not whole.
    pub open: Vec<String>,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    bypasses: bool,
    #[diesel(sql_type = Bool)]
    owns: bool,
}

/// What turns a session to a tenant, or away from all of them.
pub(crate) fn turn(tenant: Option<TenantId>) -> String {
    // A UUID has no letter that would need to be escaped.
    let id = tenant.map(|tenant| tenant.0.to_string()).unwrap_or_default();
    format!("SET {SETTING} = '{id}'")
}

/// What turns the open transaction, and nothing after it, to a tenant. Citus sends it along to the other nodes, where
/// `citus.propagate_set_commands` is `local` and the message has no other statement.
pub(crate) fn turn_for_transaction(tenant: TenantId) -> String {
    format!("SET LOCAL {SETTING} = '{}'", tenant.0)
}

/// How the connected role stands to the tables. Asks the catalogue alone.
pub(crate) fn standing(conn: &mut PgConnection) -> Result<Wall, Error> {
    let Standing { role, bypasses, owns } = diesel::sql_query(format!(
        "SELECT CAST(r.rolname AS text) AS role, r.rolsuper OR r.rolbypassrls AS bypasses, \
         EXISTS (SELECT 1 FROM {WALLED} AND pg_has_role(c.relowner, 'USAGE')) AS owns \
         FROM pg_roles r WHERE r.rolname = current_user"
    ))
    .get_result(conn)?;
    Ok(Wall { role, bypasses, owns, open: open(conn)? })
}

/// Whether the connected role may change the schema: make tables, and alter those that are there.
pub(crate) fn may_migrate(conn: &mut PgConnection) -> Result<bool, Error> {
    #[derive(QueryableByName)]
    struct May {
        #[diesel(sql_type = Bool)]
        may: bool,
    }
    let may: May = diesel::sql_query(format!(
        "SELECT has_schema_privilege(current_user, CAST(current_schema() AS text), 'CREATE') \
         AND NOT EXISTS (SELECT 1 FROM {WALLED} AND NOT pg_has_role(c.relowner, 'USAGE')) AS may"
    ))
    .get_result(conn)?;
    Ok(may.may)
}

/// The tables around which the wall is not whole: no row-level security, not for the owner, without our policy, or with
/// one that is not ours and lets more in.
pub(crate) fn open(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    texts(
        conn,
        &format!(
            "SELECT CAST(c.relname AS text) AS value FROM {WALLED} \
             AND NOT (c.relrowsecurity AND c.relforcerowsecurity \
             AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = '{POLICY}' \
             AND p.polcmd = '*' AND pg_get_expr(p.polqual, p.polrelid) LIKE '%''{SETTING}''%' \
             AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%''{SETTING}''%') \
             AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive \
             AND p.polname <> '{POLICY}' AND NOT (c.relname = 'tenants' AND p.polname = '{FINDING}' \
             AND p.polcmd = 'r'))) ORDER BY c.relname"
        ),
    )
}

/// Lets the owner of the tables see all rows while it migrates: a migration that changes rows changes those of every
/// tenant. For any other role the wall stands.
pub(crate) fn lower(conn: &mut PgConnection) -> Result<(), Error> {
    let forced = texts(
        conn,
        &format!("SELECT quote_ident(c.relname) AS value FROM {WALLED} AND c.relforcerowsecurity"),
    )?;
    let lowered: Vec<String> = forced
        .iter()
        .map(|table| format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
        .collect();
    batch(conn, &lowered)
}

/// Makes the wall whole, around tables of the newest migration as around the oldest. Touches no table that has it.
pub(crate) fn raise(conn: &mut PgConnection) -> Result<(), Error> {
    let own = format!("tenant_id = CAST(NULLIF(current_setting('{SETTING}', true), '') AS uuid)");
    let mut raised = Vec::new();
    for table in open(conn)? {
        // Names of our own making: letters and `_`.
        let others = texts(
            conn,
            &format!(
                "SELECT quote_ident(p.polname) AS value FROM pg_policy p \
                 WHERE p.polrelid = CAST('{table}' AS regclass)"
            ),
        )?;
        for other in others {
            raised.push(format!("DROP POLICY {other} ON {table}"));
        }
        raised.extend([
            format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
            format!("CREATE POLICY {POLICY} ON {table} USING ({own}) WITH CHECK ({own})"),
        ]);
        if table == "tenants" {
            raised.push(format!("CREATE POLICY {FINDING} ON tenants FOR SELECT USING (true)"));
        }
    }
    batch(conn, &raised)
}

/// Gives a role what the service needs, and nothing else: rows of every table, also of those that later migrations of
/// the connected role make, and which migrations were run.
pub(crate) fn grant(conn: &mut PgConnection, role: &str) -> Result<(), Error> {
    let names = |sql: &str| format!("SELECT {sql} AS value");
    let quoted = diesel::sql_query(names("quote_ident($1)"))
        .bind::<Text, _>(role)
        .get_result::<Value>(conn)?
        .value;
    let mut schema = texts(conn, &names("quote_ident(current_schema())"))?;
    let schema = schema.pop().ok_or_else(|| Error::Schema("there is no schema".to_owned()))?;
    let tables = texts(conn, &format!("SELECT quote_ident(c.relname) AS value FROM {WALLED}"))?;
    if tables.is_empty() {
        return Ok(());
    }
    let tables = tables.join(", ");
    let granted = [
        format!("GRANT USAGE ON SCHEMA {schema} TO {quoted}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {quoted}"),
        format!("REVOKE ALL ON {MIGRATIONS} FROM {quoted}"),
        format!("GRANT SELECT ON {MIGRATIONS} TO {quoted}"),
        format!(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} \
             GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {quoted}"
        ),
    ];
    batch(conn, &granted)
}

/// Carries out statements together: all, or none. Citus takes changes of the schema one by one; what is missing after
/// a failure is found again by whoever raises the wall next.
fn batch(conn: &mut PgConnection, statements: &[String]) -> Result<(), Error> {
    if citus::is_there(conn)? {
        return statements.iter().try_for_each(|statement| Ok(conn.batch_execute(statement)?));
    }
    // PostgreSQL takes an empty one for a mistake.
    if statements.is_empty() { Ok(()) } else { Ok(conn.batch_execute(&statements.join("; "))?) }
}

pub(crate) fn texts(conn: &mut PgConnection, sql: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<Value> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}
