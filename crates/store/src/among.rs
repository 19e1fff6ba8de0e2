//! Lists of values that a column is held against: `column.eq_any(among(ids))`, `column.ne_all(codes(ENDED))`.
//!
//! With Diesel's own lists SQLite parses and plans a statement anew each time, since its text differs with each number of
//! values; so it does, and PostgreSQL too, where there is a literal of SQL. Here a list has one of few lengths on SQLite, the
//! last value said again, and is one array on PostgreSQL, as Diesel's is: the statement is prepared once a connection, and
//! kept for as long as that, half an hour at most. Codes stand in the text, so that a plan that is kept knows how many
//! rows have them.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::array_comparison::{AsInExpression, InExpression};
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType,
    ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Bool, HasSqlType, SingleValue, SqlType};
use diesel::sqlite::Sqlite;

use crate::connection::MultiBackend;

/// Beyond so many values a statement is not kept: it is rare, and its text is long.
const MOST_KEPT: usize = 64;

/// Values that a column may be among.
pub(crate) fn among<T>(values: impl IntoIterator<Item = T>) -> Among<T> {
    Among(values.into_iter().collect())
}

/// Codes of ours that a column may be among, whose number does not depend on what is asked for.
pub(crate) fn codes(codes: impl IntoIterator<Item = &'static str>) -> Codes {
    Codes(codes.into_iter().collect())
}

/// What [`among`] gives.
#[derive(Clone, Debug)]
pub(crate) struct Among<T>(Vec<T>);

/// What [`codes`] gives.
#[derive(Clone, Debug)]
pub(crate) struct Codes(Vec<&'static str>);

/// A list in a statement.
#[derive(Clone, Debug)]
pub(crate) struct List<ST, L> {
    values: L,
    sql_type: PhantomData<ST>,
}

impl<ST, T> AsInExpression<ST> for Among<T>
where
    ST: SqlType + TypedExpressionType,
    T: AsExpression<ST>,
{
    type InExpression = List<ST, Among<T>>;

    fn as_in_expression(self) -> Self::InExpression {
        List { values: self, sql_type: PhantomData }
    }
}

impl<ST: SqlType + TypedExpressionType> AsInExpression<ST> for Codes {
    type InExpression = List<ST, Codes>;

    fn as_in_expression(self) -> Self::InExpression {
        List { values: self, sql_type: PhantomData }
    }
}

/// Whether there is nothing in it.
pub(crate) trait Length {
    fn is_empty(&self) -> bool;
}

impl<T> Length for Among<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Length for Codes {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<ST: SqlType, L: Length> InExpression for List<ST, L> {
    type SqlType = ST;

    fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn is_array(&self) -> bool {
        false
    }
}

impl<ST: TypedExpressionType, L> Expression for List<ST, L> {
    type SqlType = ST;
}

impl<ST, L, GB> ValidGrouping<GB> for List<ST, L> {
    type IsAggregate = is_aggregate::Never;
}

impl<ST: TypedExpressionType, L, QS> AppearsOnTable<QS> for List<ST, L> {}
impl<ST: TypedExpressionType, L, QS> SelectableExpression<QS> for List<ST, L> {}

impl<ST, L> QueryFragment<MultiBackend> for List<ST, L>
where
    Self: QueryFragment<Pg> + QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// One value: an array.
impl<ST, T> QueryFragment<Pg> for List<ST, Among<T>>
where
    Pg: HasSqlType<ST>,
    ST: SingleValue,
    Vec<T>: ToSql<Array<ST>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Array<ST>, Vec<T>>(&self.values.0)
    }
}

impl<ST, T> QueryFragment<Sqlite> for List<ST, Among<T>>
where
    Sqlite: HasSqlType<ST>,
    ST: SingleValue,
    T: ToSql<ST, Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let values = &self.values.0;
        let said = if values.len() <= MOST_KEPT {
            values.len().next_power_of_two()
        } else {
            out.unsafe_to_cache_prepared();
            values.len()
        };
        let again = values.last().into_iter().cycle();
        for (nth, value) in values.iter().chain(again).take(said).enumerate() {
            if nth > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param(value)?;
        }
        Ok(())
    }
}

impl Codes {
    fn text(&self) -> String {
        let quoted = self.0.iter().map(|code| format!("'{}'", code.replace('\'', "''")));
        quoted.collect::<Vec<_>>().join(", ")
    }
}

impl<ST> QueryFragment<Pg> for List<ST, Codes> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&format!("ARRAY[{}]", self.values.text()));
        Ok(())
    }
}

impl<ST> QueryFragment<Sqlite> for List<ST, Codes> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(&self.values.text());
        Ok(())
    }
}

// Prepared all the same: without a static id Diesel keeps a statement by its text.
impl<ST, L> QueryId for List<ST, L> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// What holds of every row, or of none: where conditions begin to be put together.
#[derive(Clone, Copy, Debug, ValidGrouping)]
pub(crate) struct Holds(pub(crate) bool);

impl Expression for Holds {
    type SqlType = Bool;
}

impl<QS> AppearsOnTable<QS> for Holds {}
impl<QS> SelectableExpression<QS> for Holds {}

impl<DB: Backend> QueryFragment<DB> for Holds {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(if self.0 { "1 = 1" } else { "1 = 0" });
        Ok(())
    }
}

// The text depends on the value.
impl QueryId for Holds {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::pg::Pg;
    use diesel::prelude::*;
    use diesel::sqlite::Sqlite;

    use super::{among, codes};
    use crate::schema::cases;

    /// How many values the statement names on SQLite.
    fn named(numbers: usize) -> usize {
        let numbers = (0..numbers).map(|nth| nth.to_string());
        let query = cases::table.select(cases::number).filter(cases::number.eq_any(among(numbers)));
        let said = debug_query::<Sqlite, _>(&query).to_string();
        let (text, _) = said.split_once(" -- ").expect("values");
        text.matches('?').count()
    }

    #[test]
    fn lists_have_one_of_few_lengths() {
        assert_eq!([0, 1, 2, 3, 4, 5, 33, 64].map(named), [0, 1, 2, 4, 4, 8, 64, 64]);
        assert_eq!([65, 100].map(named), [65, 100]);
    }

    #[test]
    fn a_list_is_one_value_on_postgresql() {
        let numbers = ["a", "b", "c"].map(str::to_owned);
        let query = cases::table.select(cases::number).filter(cases::number.eq_any(among(numbers)));
        let said = debug_query::<Pg, _>(&query).to_string();
        assert!(said.contains("= ANY($1)) -- binds: [[\"a\", \"b\", \"c\"]]"), "{said}");
    }

    #[test]
    fn codes_stand_in_the_text() {
        let query =
            cases::table.select(cases::number).filter(cases::status.ne_all(codes(["a", "b'c"])));
        let said = debug_query::<Sqlite, _>(&query).to_string();
        assert!(said.contains("NOT IN ('a', 'b''c')"), "{said}");
        let said = debug_query::<Pg, _>(&query).to_string();
        assert!(said.contains("!= ALL(ARRAY['a', 'b''c'])"), "{said}");
    }
}
