//! Rows that a change only adds, written together.
//!
//! A filing is some six new rows and nothing else. On PostgreSQL what costs is neither the rows nor
//! the flush but the round trips: six statements between BEGIN and COMMIT are eight, and all rows in
//! one statement are one, which is also a transaction by itself. SQLite has no statement that
//! inserts into several tables and no round trips: there each row is a statement of its own.

use std::any::TypeId;
use std::collections::HashMap;

use diesel::connection::Connection as _;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, InsertStatement, QueryFragment, QueryId, ValuesClause};
use diesel::sqlite::Sqlite;
use domain::ids::TenantId;

use crate::error::Error;
use crate::{Store, Tx, dialect};

/// How many of one make [`Tx::add_many`] adds with one statement.
const TOGETHER: usize = 32;

/// An insert, without its types. Each database is spoken to in its own terms: over the connection that
/// is either, Diesel would put the text of a statement together three times for each execution.
pub(crate) trait Insert: Send {
    /// Of which make it is: two of the same make differ in nothing but their values.
    fn make(&self) -> TypeId;

    /// Carries it out; prepared once a connection.
    fn run(&self, conn: &mut SqliteConnection) -> QueryResult<usize>;

    /// As a part of a statement.
    fn part(&self) -> &dyn QueryFragment<Pg>;

    /// Its values alone, for one more row of an insert of the same make.
    fn values<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

/// What one caller adds, in the order in which the rows point to each other.
pub(crate) type Rows<'a> = Vec<&'a dyn Insert>;

/// The inserts of one caller.
pub(crate) fn rows(inserts: &[Box<dyn Insert>]) -> Rows<'_> {
    inserts.iter().map(|insert| &**insert).collect()
}

impl<T, V> Insert for InsertStatement<T, ValuesClause<V, T>>
where
    T: QuerySource,
    V: QueryFragment<Pg>,
    Self: QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId + Send + 'static,
{
    fn make(&self) -> TypeId {
        TypeId::of::<Self>()
    }

    fn run(&self, conn: &mut SqliteConnection) -> QueryResult<usize> {
        conn.execute_returning_count(self)
    }

    fn part(&self) -> &dyn QueryFragment<Pg> {
        self
    }

    fn values<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Diesel has no way to add rows to an insert whose type is forgotten, and shows what an insert is made of
        // only behind a feature.
        self.records.values.walk_ast(out)
    }
}

/// New rows of one tenant, in the order in which they point to each other. What can be added is in
/// the file of each table family.
pub struct Additions {
    pub(crate) tenant: TenantId,
    inserts: Vec<Box<dyn Insert>>,
    /// What cannot be written, with which nothing is.
    fault: Option<Error>,
}

impl std::fmt::Debug for Additions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Additions")
            .field("tenant", &self.tenant)
            .field("rows", &self.inserts.len())
            .finish()
    }
}

impl Additions {
    /// No rows yet.
    pub fn to(tenant: TenantId) -> Self {
        Self { tenant, inserts: Vec::new(), fault: None }
    }

    pub(crate) fn push(&mut self, insert: impl Insert + 'static) {
        self.inserts.push(Box::new(insert));
    }

    /// Keeps that a row could not be made, for [`Tx::add`] to tell.
    pub(crate) fn refuse(&mut self, fault: Error) {
        self.fault.get_or_insert(fault);
    }

    fn into_inserts(self) -> Result<Vec<Box<dyn Insert>>, Error> {
        self.fault.map_or(Ok(self.inserts), Err)
    }
}

impl Tx<'_> {
    /// Adds the rows to what the transaction does.
    ///
    /// # Errors
    /// [`Error::Conflict`] and [`Error::Reference`] over the first row that does not fit;
    /// [`Error::Corrupt`] for a document that is no JSON, which none is. Additions to another tenant
    /// than the transaction's are a fault of the program, and refused.
    pub fn add(&mut self, additions: Additions) -> Result<(), Error> {
        let inserts = self.inserts_of(additions)?;
        dialect::insert_together(self.conn, &[rows(&inserts)])
    }

    /// Adds the rows of many, none of which points to another's: on PostgreSQL many at a time, which takes a fraction.
    ///
    /// # Errors
    /// As [`Tx::add`], over any of them.
    pub fn add_many(&mut self, many: impl IntoIterator<Item = Additions>) -> Result<(), Error> {
        let mut alike: HashMap<Vec<TypeId>, Vec<Vec<Box<dyn Insert>>>> = HashMap::new();
        for additions in many {
            let inserts = self.inserts_of(additions)?;
            let make = inserts.iter().map(|insert| insert.make()).collect();
            alike.entry(make).or_default().push(inserts);
        }
        for alike in alike.into_values() {
            let all: Vec<_> = alike.iter().map(|inserts| rows(inserts)).collect();
            // Those that are left over one by one: a statement is kept for each number of callers.
            let (full, left) = all.as_chunks::<TOGETHER>();
            for chunk in full {
                dialect::insert_together(self.conn, chunk)?;
            }
            for one in left {
                dialect::insert_together(self.conn, std::slice::from_ref(one))?;
            }
        }
        Ok(())
    }

    /// What is to be added to the transaction's tenant.
    fn inserts_of(&self, additions: Additions) -> Result<Vec<Box<dyn Insert>>, Error> {
        if additions.tenant != self.tenant {
            return Err(Error::Statement("additions to another tenant".to_owned()));
        }
        additions.into_inserts()
    }

    /// Adds what `collect` names.
    ///
    /// # Errors
    /// As [`Tx::add`].
    pub fn add_rows(&mut self, collect: impl FnOnce(&mut Additions)) -> Result<(), Error> {
        let mut additions = Additions::to(self.tenant);
        collect(&mut additions);
        self.add(additions)
    }
}

impl Store {
    /// Adds the rows, all or none, and answers when they are on disk: a write that does nothing
    /// else, and on PostgreSQL a single statement, together with what else waits to be added. Two of
    /// them wait for each other only where they add the same key.
    ///
    /// # Errors
    /// As [`Tx::add`] and [`Store::write`].
    pub async fn add(&self, additions: Additions) -> Result<(), Error> {
        let tenant = additions.tenant;
        self.database.add(tenant, additions.into_inserts()?).await
    }
}
