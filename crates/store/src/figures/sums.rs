//! Figures from the sums: what lies in each cell of the facts that are folded, with what is not folded yet set right.
//!
//! All of it is read in one snapshot, so the answer is that of a recount at its moment.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
use domain::ids::{TenantId, UnitId};
use domain::law::Law;
use domain::statistics::{BaseQuery, BaseRow, Column, Summed, Values};

use super::cell::{self, Cell, CellSql, UNCOUNTED};
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

/// A cell, and how many.
type SqlCell = (Text, BigInt);
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
        if is_fine(query) {
            self.cell_by_cell(query, unfolded > 0, &mut each)?;
        } else {
            self.by_columns(query, unfolded > 0, &mut each)?;
        }
        Ok(true)
    }

    /// Each cell as it is, taken apart here: two columns are soon sent, where there may be a hundred thousand rows.
    fn cell_by_cell(
        &mut self,
        query: &BaseQuery,
        unfolded: bool,
        each: &mut dyn FnMut(Summed<'_>),
    ) -> Result<(), Error> {
        let sql = dialect::cell_sql(self.conn);
        let mut statement = Statement::<SqlCell>::plain();
        statement.sql("SELECT cell, facts FROM fact_sums").cells(self.tenant, query);
        if unfolded {
            statement.sql(" UNION ALL SELECT cell, -times");
            statement.folded_otherwise(self.tenant, sql).cells(self.tenant, query);
            statement.sql(" UNION ALL SELECT ").sql(sql.cell).sql(", 1 FROM case_facts");
            statement.unfolded(self.tenant, query, sql);
        }
        let mut laws = KnownLaws::default();
        let wants = |column| query.columns.contains(&column);
        let (year, month, unit) = (wants(Column::Year), wants(Column::Month), wants(Column::Unit));
        let (by_law, category, kind) =
            (wants(Column::Laws), wants(Column::Category), wants(Column::Kind));
        for row in statement.load_iter::<(String, i64), _>(self.conn)? {
            let (text, count) = row?;
            let cell = Cell::parse(&text)?;
            each(Summed {
                year: year.then_some(cell.year),
                month: month.then_some(cell.month),
                unit: unit.then_some(cell.unit),
                laws: laws.of(if by_law { cell.laws } else { "" })?,
                category: cell.category.filter(|_| category),
                kind: kind.then_some(cell.kind),
                count,
            });
        }
        Ok(())
    }

    /// Added up by the database, where many cells make few rows.
    fn by_columns(
        &mut self,
        query: &BaseQuery,
        unfolded: bool,
        each: &mut dyn FnMut(Summed<'_>),
    ) -> Result<(), Error> {
        let sql = dialect::cell_sql(self.conn);
        let mut statement = Statement::<SqlSummed>::plain();
        statement.columns_of(query);
        statement.sql("CAST(COALESCE(SUM(facts), 0) AS bigint) FROM fact_sums");
        statement.cells(self.tenant, query);
        statement.group_by(query);
        if unfolded {
            statement.sql(" UNION ALL ").columns_of(query);
            statement.sql("-CAST(COALESCE(SUM(times), 0) AS bigint)");
            statement.folded_otherwise(self.tenant, sql).cells(self.tenant, query);
            statement.group_by(query);
            statement.sql(" UNION ALL ").columns_of(query);
            statement.sql("COUNT(*) FROM case_facts").unfolded(self.tenant, query, sql);
            statement.group_by(query);
        }
        let mut known = KnownLaws::default();
        for row in statement.load_iter::<SummedRow, _>(self.conn)? {
            let (year, month, unit, laws, category, kind, count) = row?;
            each(Summed {
                year,
                month,
                unit: unit.map(Db::get),
                laws: known.of(laws.as_deref().unwrap_or_default())?,
                category: category.as_deref(),
                kind: kind.as_deref(),
                count,
            });
        }
        Ok(())
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

/// The laws by the text of their column, of which there are few.
#[derive(Default)]
struct KnownLaws {
    texts: Vec<(String, Vec<Law>)>,
}

impl KnownLaws {
    fn of(&mut self, text: &str) -> Result<&[Law], Error> {
        let at = match self.texts.iter().position(|(known, _)| known == text) {
            Some(at) => at,
            None => {
                self.texts.push((text.to_owned(), laws_of(text)?));
                self.texts.len() - 1
            }
        };
        Ok(&self.texts[at].1)
    }
}

impl<ST> Statement<ST> {
    /// The cells of facts that lie elsewhere by now, and how many do: each cell is there, since they are in it.
    fn folded_otherwise(&mut self, tenant: TenantId, sql: &CellSql) -> &mut Self {
        self.sql(" FROM (SELECT folded_as, COUNT(*) AS times FROM case_facts");
        self.sql(sql.hint).sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND ").sql(sql.unfolded).sql(" AND folded_as <> ");
        self.bind(Piece::Code(UNCOUNTED.to_owned()));
        self.sql(" GROUP BY folded_as) AS was").sql(sql.look_up.0);
        self.bind(Piece::Tenant(Db(tenant))).sql(sql.look_up.1)
    }

    /// Which of the facts that are not folded.
    fn unfolded(&mut self, tenant: TenantId, query: &BaseQuery, sql: &CellSql) {
        self.sql(sql.hint).sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND ").sql(sql.unfolded).sql(" AND counted");
        self.conditions(tenant, query);
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
}

/// Whether nearly every cell makes a row of its own, so that the program may as well add them up.
fn is_fine(query: &BaseQuery) -> bool {
    query.columns.len() >= FINE
}
