//! Folding: counting facts into the sums, some at a time.
//!
//! Nothing that writes a fact knows of the sums. A fact is folded while `folded_as` says of it what its columns say; what
//! was added or changed is found by an index over those of which it is not so, is counted where it lies now, taken
//! away from where it lay, and marked, in one transaction.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use domain::ids::CaseId;

use crate::Tx;
use crate::dialect;
use crate::error::Error;
use crate::figures::cell::{Cell, UNCOUNTED};
use crate::figures::statement::{Piece, Statement};
use crate::schema::fact_sums;
use crate::sql_types::{Db, SqlUuid};

/// The fact, the cell it was folded in, and that in which it lies.
type Taken = (SqlUuid, Nullable<Text>, Text);
type TakenRow = (Db<CaseId>, Option<String>, String);

/// What a step of folding did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// How many facts it folded.
    pub facts: usize,
    /// The last of them; `None` when there was none.
    pub last: Option<CaseId>,
    /// Whether a cell was left with nothing in it.
    pub emptied: bool,
}

impl Tx<'_> {
    /// Folds some facts whose cases come after `after`, at most `most`. Facts that somebody changes at the moment are left
    /// for another time. Whoever folds holds the lease of it, renewed in the same transaction, so that two who fold
    /// come one after the other.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a fact says that it is folded as what there is none of: nothing is folded then.
    pub fn fold_facts(&mut self, after: Option<CaseId>, most: i64) -> Result<Folded, Error> {
        let taken = self.take_unfolded(after, most)?;
        let Some((last, _, _)) = taken.last() else { return Ok(Folded::default()) };
        let mut moved: BTreeMap<&str, i64> = BTreeMap::new();
        for (_, was, is) in &taken {
            for (cell, by) in
                was.as_deref().map(|was| (was, -1)).into_iter().chain([(is.as_str(), 1)])
            {
                if cell != UNCOUNTED {
                    *moved.entry(cell).or_default() += by;
                }
            }
        }
        moved.retain(|_, by| *by != 0);
        let emptied = moved.values().any(|by| *by < 0);
        self.mark_folded(&taken)?;
        // A negative number is not what a new cell may hold, even if there is one to add it to.
        let (less, more) = moved.into_iter().partition(|(_, by)| *by < 0);
        self.take_from_sums(&less)?;
        self.add_to_sums(&more)?;
        Ok(Folded { facts: taken.len(), last: Some(last.get()), emptied })
    }

    /// Facts that are not folded, in order, kept from change until the transaction ends.
    fn take_unfolded(&mut self, after: Option<CaseId>, most: i64) -> Result<Vec<TakenRow>, Error> {
        let sql = dialect::cell_sql(self.conn);
        let mut statement = Statement::<Taken>::plain();
        statement.sql("SELECT case_id, folded_as, ").sql(sql.cell);
        statement.sql(" FROM case_facts").sql(sql.hint).sql(" WHERE tenant_id = ");
        statement.bind(Piece::Tenant(Db(self.tenant))).sql(" AND ").sql(sql.unfolded);
        if let Some(after) = after {
            statement.sql(" AND case_id > ").bind(Piece::Case(Db(after)));
        }
        statement.sql(" ORDER BY case_id LIMIT ").bind(Piece::Many(most)).sql(sql.take);
        Ok(statement.load(self.conn)?)
    }

    fn mark_folded(&mut self, taken: &[TakenRow]) -> Result<(), Error> {
        let mut statement = Statement::<BigInt>::plain();
        statement.sql("UPDATE case_facts SET folded_as = ").sql(dialect::cell_sql(self.conn).cell);
        statement.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(self.tenant)));
        for (nth, (case, _, _)) in taken.iter().enumerate() {
            statement
                .sql(if nth == 0 { " AND case_id IN (" } else { ", " })
                .bind(Piece::Case(*case));
        }
        statement.sql(")");
        let marked = statement.execute(self.conn)?;
        if marked == taken.len() {
            return Ok(());
        }
        Err(Error::Corrupt(format!("{marked} of {} facts could be marked", taken.len())))
    }

    /// A cell that would have less than nothing is refused by the table.
    fn take_from_sums(&mut self, less: &BTreeMap<&str, i64>) -> Result<(), Error> {
        if less.is_empty() {
            return Ok(());
        }
        let mut statement = Statement::<BigInt>::plain();
        statement.sql("UPDATE fact_sums SET facts = facts + less.column2 FROM (VALUES ");
        for (nth, (cell, by)) in less.iter().enumerate() {
            statement.sql(if nth == 0 { "(" } else { ", (" });
            statement.bind(Piece::Code((*cell).to_owned())).sql(", ");
            statement.bind(Piece::Many(*by)).sql(")");
        }
        statement.sql(") AS less WHERE tenant_id = ").bind(Piece::Tenant(Db(self.tenant)));
        statement.sql(" AND cell = less.column1");
        let changed = statement.execute(self.conn)?;
        if changed == less.len() {
            return Ok(());
        }
        Err(Error::Corrupt(format!("{changed} of {} cells of sums are there", less.len())))
    }

    fn add_to_sums(&mut self, moved: &BTreeMap<&str, i64>) -> Result<(), Error> {
        if moved.is_empty() {
            return Ok(());
        }
        let mut statement = Statement::<BigInt>::plain();
        statement.sql(
            "INSERT INTO fact_sums (tenant_id, cell, reported_year, reported_month, unit_id, laws, category, kind, subkind, \
             duplicate, facts)",
        );
        for (nth, (text, by)) in moved.iter().enumerate() {
            let cell = Cell::parse(text)?;
            let code = |code: &str| Piece::Code(code.to_owned());
            statement.sql(if nth == 0 { " VALUES (" } else { ", (" });
            statement.bind(Piece::Tenant(Db(self.tenant))).sql(", ").bind(code(text));
            statement.sql(", ").bind(Piece::Number(cell.year));
            statement.sql(", ").bind(Piece::Number(cell.month));
            statement.sql(", ").bind(Piece::Unit(Db(cell.unit)));
            statement.sql(", ").bind(code(cell.laws)).sql(", ");
            match cell.category {
                Some(category) => _ = statement.bind(code(category)),
                None => _ = statement.sql("NULL"),
            }
            statement.sql(", ").bind(code(cell.kind)).sql(", ");
            match cell.subkind {
                Some(subkind) => _ = statement.bind(code(subkind)),
                None => _ = statement.sql("NULL"),
            }
            statement.sql(", ").bind(Piece::Flag(cell.duplicate));
            statement.sql(", ").bind(Piece::Many(*by)).sql(")");
        }
        statement.sql(
            " ON CONFLICT (tenant_id, cell) DO UPDATE SET facts = fact_sums.facts + excluded.facts",
        );
        statement.execute(self.conn)?;
        Ok(())
    }

    /// Forgets the cells in which nothing lies any more. For whoever holds the lease of folding, like all of it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forget_empty_sums(&mut self) -> Result<usize, Error> {
        let empty = fact_sums::tenant_id.eq(Db(self.tenant)).and(fact_sums::facts.eq(0));
        Ok(diesel::delete(fact_sums::table.filter(empty)).execute(self.conn)?)
    }

    /// How many cells hold another number than there are facts folded in them. Reads every fact of the tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn wrong_sums(&mut self) -> Result<i64, Error> {
        let tenant = || Piece::Tenant(Db(self.tenant));
        let mut statement = Statement::<BigInt>::plain();
        statement.sql(
            "SELECT COUNT(*) FROM (SELECT cell FROM (\
             SELECT cell, facts FROM fact_sums WHERE tenant_id = ",
        );
        statement.bind(tenant());
        statement.sql(" UNION ALL SELECT folded_as, -COUNT(*) FROM case_facts WHERE tenant_id = ");
        statement.bind(tenant()).sql(" AND folded_as <> ");
        statement.bind(Piece::Code(UNCOUNTED.to_owned()));
        statement.sql(
            " GROUP BY folded_as) AS both_ways GROUP BY cell HAVING SUM(facts) <> 0) AS wrong",
        );
        Ok(statement.get_result(self.conn)?)
    }
}
