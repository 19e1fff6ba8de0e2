//! Figures from the sums: what lies in each cell of the facts that are folded, with what is not folded yet set right.
//!
//! All of it is read in one snapshot, so the answer is that of a recount at its moment.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
use domain::ids::{TenantId, UnitId};
use domain::law::Law;
use domain::statistics::{BaseQuery, BaseRow, Column, Summed, Values};

use super::cell::{self, CellSql, UNCOUNTED};
use super::counted;
use super::statement::{Piece, Statement};
use crate::Tx;
use crate::cases::laws_of;
use crate::dialect;
use crate::error::Error;
use crate::sql_types::{Db, SqlUuid};

/// Beyond so many facts that are not folded, reading them one by one costs more than counting plainly is likely to.
pub const MOST_UNFOLDED: i64 = 10_000;
/// The years whose cells begin with four digits, and so stand in order.
const IN_ORDER: std::ops::RangeInclusive<i16> = 1000..=9998;
/// With so many columns of a cell, grouping spares no rows worth the trouble.
const FINE: usize = 4;

/// Year, month, unit, laws, category, kind, and how many.
type SqlSummed = (
    Nullable<SmallInt>,
    Nullable<SmallInt>,
    Nullable<SqlUuid>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    BigInt,
);
type SummedRow = (
    Option<i16>,
    Option<i16>,
    Option<Db<UnitId>>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
);

/// The columns in that order.
const COLUMNS: [(Column, &str); 6] = [
    (Column::Year, "reported_year"),
    (Column::Month, "reported_month"),
    (Column::Unit, "unit_id"),
    (Column::Laws, "laws"),
    (Column::Category, "category"),
    (Column::Kind, "kind"),
];

impl Tx<'_> {
    /// Whether the sums answer a reading. If they do, each row was handed to `each`, in no order: several may
    /// be alike, and a count may be negative; together they are right. If not, nothing was.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for laws that nobody knows; [`Error::Unavailable`] and the like.
    pub fn sums(
        &mut self,
        query: &BaseQuery,
        mut each: impl FnMut(Summed<'_>),
    ) -> Result<bool, Error> {
        if !cell::answers(query) {
            return Ok(false);
        }
        let unfolded = self.unfolded_facts(MOST_UNFOLDED + 1)?;
        if unfolded > MOST_UNFOLDED {
            return Ok(false);
        }
        let sql = dialect::cell_sql(self.conn);
        let mut statement = Statement::<SqlSummed>::plain();
        statement.folded(self.tenant, query);
        if unfolded > 0 {
            statement.folded_otherwise(self.tenant, query, sql);
            statement.unfolded(self.tenant, query, sql);
        }
        let mut known: Vec<(String, Vec<Law>)> = Vec::new();
        for row in statement.load_iter::<SummedRow, _>(self.conn)? {
            let (year, month, unit, laws, category, kind, count) = row?;
            let laws = laws.unwrap_or_default();
            let at = match known.iter().position(|(text, _)| *text == laws) {
                Some(at) => at,
                None => {
                    known.push((laws.clone(), laws_of(&laws)?));
                    known.len() - 1
                }
            };
            each(Summed {
                year,
                month,
                unit: unit.map(Db::get),
                laws: &known[at].1,
                category: category.as_deref(),
                kind: kind.as_deref(),
                count,
            });
        }
        Ok(true)
    }

    /// The rows of a reading that the sums answer, each once.
    pub(super) fn summed_figures(
        &mut self,
        query: &BaseQuery,
    ) -> Result<Option<Vec<BaseRow>>, Error> {
        let mut found: HashMap<Values, i64> = HashMap::new();
        if query.columns.is_empty() {
            // Of what groups by nothing there is one row.
            found.insert(Values::default(), 0);
        }
        let answered = self.sums(query, |row| {
            let at = Values {
                year: row.year,
                month: row.month,
                unit: row.unit,
                laws: row.laws.to_vec(),
                category: row.category.map(str::to_owned),
                kind: row.kind.map(str::to_owned),
                ..Values::default()
            };
            *found.entry(at).or_default() += row.count;
        })?;
        if !answered {
            return Ok(None);
        }
        found.retain(|_, count| *count != 0 || query.columns.is_empty());
        let row = |(at, count): (Values, i64)| {
            Ok(BaseRow { at, count: counted(count)?, closed: 0, answered: 0 })
        };
        found.into_iter().map(row).collect::<Result<_, _>>().map(Some)
    }

    /// How many facts are not folded; no more than `most` are looked at.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn unfolded_facts(&mut self, most: i64) -> Result<i64, Error> {
        let sql = dialect::cell_sql(self.conn);
        let mut statement = Statement::<BigInt>::plain();
        statement.sql("SELECT COUNT(*) FROM (SELECT 1 FROM case_facts").sql(sql.hint);
        statement.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(self.tenant)));
        statement.sql(" AND ").sql(sql.unfolded).sql(" LIMIT ").bind(Piece::Many(most));
        statement.sql(") AS found");
        Ok(statement.get_result(self.conn)?)
    }
}

impl Statement<SqlSummed> {
    /// What the sums say.
    fn folded(&mut self, tenant: TenantId, query: &BaseQuery) {
        self.columns_of(query);
        self.sql(if is_fine(query) { "facts" } else { "CAST(COALESCE(SUM(facts), 0) AS bigint)" });
        self.sql(" FROM fact_sums");
        self.cells(tenant, query);
        self.grouped(query);
    }

    /// Less the facts that lie elsewhere by now: of each the cell is there, since the fact is in it.
    fn folded_otherwise(&mut self, tenant: TenantId, query: &BaseQuery, sql: &CellSql) {
        self.sql(" UNION ALL ");
        self.columns_of(query);
        self.sql(if is_fine(query) {
            "-times"
        } else {
            "-CAST(COALESCE(SUM(times), 0) AS bigint)"
        });
        self.sql(" FROM fact_sums JOIN (SELECT folded_as, COUNT(*) AS times FROM case_facts");
        self.sql(sql.hint).sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND ").sql(sql.unfolded).sql(" AND folded_as <> ");
        self.bind(Piece::Code(UNCOUNTED.to_owned()));
        self.sql(" GROUP BY folded_as) AS was ON was.folded_as = fact_sums.cell");
        self.cells(tenant, query);
        self.grouped(query);
    }

    /// And where they lie now.
    fn unfolded(&mut self, tenant: TenantId, query: &BaseQuery, sql: &CellSql) {
        self.sql(" UNION ALL ");
        self.columns_of(query);
        self.sql("COUNT(*) FROM case_facts").sql(sql.hint);
        self.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND ").sql(sql.unfolded).sql(" AND counted");
        self.conditions(tenant, query);
        self.group_by(query);
    }

    /// `SELECT` and the columns, NULL for what is not asked for.
    fn columns_of(&mut self, query: &BaseQuery) {
        self.sql("SELECT ");
        for (column, name) in COLUMNS {
            self.sql(if query.columns.contains(&column) { name } else { "NULL" }).sql(", ");
        }
    }

    /// Which cells: those of the years lie together.
    fn cells(&mut self, tenant: TenantId, query: &BaseQuery) {
        self.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        if let (Some(first), Some(last)) = (query.spans.first(), query.spans.last()) {
            let (first, last) = (first.from.year, last.to.year);
            if IN_ORDER.contains(&first) && IN_ORDER.contains(&last) {
                self.sql(" AND cell >= ").bind(Piece::Code(first.to_string()));
                self.sql(" AND cell < ").bind(Piece::Code((last + 1).to_string()));
            }
        }
        self.conditions(tenant, query);
    }

    fn grouped(&mut self, query: &BaseQuery) {
        if !is_fine(query) {
            self.group_by(query);
        }
    }
}

/// Whether nearly every cell makes a row of its own, so that the program may as well add them up.
fn is_fine(query: &BaseQuery) -> bool {
    query.columns.len() >= FINE
}
