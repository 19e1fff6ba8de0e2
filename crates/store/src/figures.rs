//! Figures: the facts counted by columns. Which rules make of them what is shown is the domain's.
//!
//! Diesel's own `GROUP BY` is part of a query's type; one that is only known when it is asked needs
//! a statement of our own. Values are bound, never written into it.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};
use domain::case::{Kind, Subkind};
use domain::ids::{CaseId, TenantId, UnitId};
use domain::statistics::{BaseQuery, BaseRow, CaseRow, Column, Condition, Held, Months, Part};
use domain::statistics::{Placed, Times, Values};
use jiff::Timestamp;

use crate::Tx;
use crate::cases::{laws_column, laws_of};
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::Error;
use crate::sql_types::{Db, SqlInstant, SqlUuid};

/// The columns in the order they are selected; one that is not asked for is NULL.
const COLUMNS: [Column; 25] = [
    Column::Year,
    Column::Month,
    Column::Week,
    Column::Weekday,
    Column::Hour,
    Column::Severity,
    Column::Probability,
    Column::Serious,
    Column::ReachedPerson,
    Column::Unit,
    Column::ReportingUnit,
    Column::Laws,
    Column::Kind,
    Column::Category,
    Column::Nature,
    Column::Vardskada,
    Column::Injury,
    Column::Track,
    Column::Outcome,
    Column::Status,
    Column::Source,
    Column::Channel,
    Column::Profession,
    Column::Sex,
    Column::AgeBand,
];

type SqlNumber = Nullable<SmallInt>;
type SqlNumbers = (SqlNumber, SqlNumber, SqlNumber, SqlNumber, SqlNumber, SqlNumber, SqlNumber);
type SqlCode = Nullable<Text>;
type SqlCodes = (
    (SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode),
    (SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode, SqlCode),
);
/// [`COLUMNS`] as they come back.
type SqlValues = (
    SqlNumbers,
    (Nullable<Bool>, Nullable<Bool>),
    (Nullable<SqlUuid>, Nullable<SqlUuid>),
    SqlCodes,
);
/// The event, the report, triage, investigation, the close.
type SqlTimes = (
    Nullable<SqlInstant>,
    SqlInstant,
    Nullable<SqlInstant>,
    Nullable<SqlInstant>,
    Nullable<SqlInstant>,
);

type Number = Option<i16>;
type Code = Option<String>;
type ValuesRow = (
    (Number, Number, Number, Number, Number, Number, Number),
    (Option<bool>, Option<bool>),
    (Option<Db<UnitId>>, Option<Db<UnitId>>),
    ((Code, Code, Code, Code, Code, Code, Code), (Code, Code, Code, Code, Code, Code, Code)),
);
type Instant = Option<Db<Timestamp>>;
type TimesRow = (Instant, Db<Timestamp>, Instant, Instant, Instant);

/// How many facts, and how many of them closed.
type Grouped = (SqlValues, BigInt, Nullable<BigInt>);
/// Case, event, whether the event is shared.
type Single = (SqlValues, SqlUuid, SqlUuid, Bool, SqlTimes);
type SingleRow = (ValuesRow, Db<CaseId>, Db<CaseId>, bool, TimesRow);

/// A piece of a statement: text of this file, or a value that is bound.
enum Piece {
    Sql(&'static str),
    Number(i16),
    Flag(bool),
    Code(String),
    Tenant(Db<TenantId>),
    Unit(Db<UnitId>),
    Instant(Db<Timestamp>),
}

/// A statement that gives rows of the SQL types `ST`.
struct Statement<ST> {
    pieces: Vec<Piece>,
    rows: PhantomData<ST>,
}

impl<ST> QueryFragment<MultiBackend> for Statement<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // There is no end of different ones, and a prepared one is kept as long as its connection.
        out.unsafe_to_cache_prepared();
        for piece in &self.pieces {
            match piece {
                Piece::Sql(text) => out.push_sql(text),
                Piece::Number(value) => out.push_bind_param::<SmallInt, _>(value)?,
                Piece::Flag(value) => out.push_bind_param::<Bool, _>(value)?,
                Piece::Code(value) => out.push_bind_param::<Text, _>(value)?,
                Piece::Tenant(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Unit(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Instant(value) => out.push_bind_param::<SqlInstant, _>(value)?,
            }
        }
        Ok(())
    }
}

impl<ST> QueryId for Statement<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Statement<ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<AnyConnection> for Statement<ST> {}

impl<ST> Statement<ST> {
    fn new() -> Self {
        Self { pieces: Vec::new(), rows: PhantomData }
    }

    fn sql(&mut self, text: &'static str) -> &mut Self {
        self.pieces.push(Piece::Sql(text));
        self
    }

    fn bind(&mut self, value: Piece) -> &mut Self {
        self.pieces.push(value);
        self
    }

    /// `SELECT` and the columns, NULL for what is not asked for.
    fn select(&mut self, query: &BaseQuery) {
        for (index, column) in COLUMNS.into_iter().enumerate() {
            self.sql(if index == 0 { "SELECT " } else { ", " });
            let asked = query.columns.contains(&column);
            self.sql(if asked { column_name(column, query.placed) } else { "NULL" });
        }
    }

    fn matching(&mut self, tenant: TenantId, query: &BaseQuery) {
        self.sql(" FROM case_facts WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND counted");
        if !query.duplicates {
            self.sql(" AND NOT duplicate");
        }
        match query.part {
            Part::All => {}
            Part::OwnEvent => _ = self.sql(" AND NOT event_shared"),
            Part::SharedEvent => _ = self.sql(" AND event_shared"),
        }
        if query.placed == Placed::ReportedOccurredUnknown {
            self.sql(" AND occurred_at IS NULL");
        }
        self.spans(query.placed, &query.spans);
        if let Some(before) = query.reported_before {
            self.sql(" AND reported_at < ").bind(Piece::Instant(Db(before)));
        }
        for condition in &query.conditions {
            match condition {
                Condition::Any { column, of, or_none } => {
                    self.any(column_name(*column, query.placed), of, *or_none);
                }
                Condition::Kinds(kinds) => self.kinds(kinds),
            }
        }
    }

    /// The first and the last year always stand alone, since that is what the index begins with.
    fn spans(&mut self, placed: Placed, spans: &[Months]) {
        let year = column_name(Column::Year, placed);
        if let (Some(first), Some(last)) = (spans.first(), spans.last()) {
            self.sql(" AND ").between(year, first.from.year, last.to.year);
        }
        let partial = spans.len() > 1 || spans.iter().any(|span| !span.whole_years());
        if !partial {
            return;
        }
        for (index, span) in spans.iter().enumerate() {
            self.sql(if index == 0 { " AND (" } else { " OR " }).span(placed, *span);
        }
        self.sql(")");
    }

    fn span(&mut self, placed: Placed, span: Months) {
        let year = column_name(Column::Year, placed);
        let month = column_name(Column::Month, placed);
        let (from, to) = (span.from, span.to);
        self.between(year, from.year, to.year);
        if from.year == to.year {
            self.sql(" AND ").between(month, from.month.into(), to.month.into());
            return;
        }
        for (edge, of_year, of_month) in [(from, " > ", " >= "), (to, " < ", " <= ")] {
            self.sql(" AND (").sql(year).sql(of_year).bind(Piece::Number(edge.year));
            self.sql(" OR ").sql(month).sql(of_month).bind(Piece::Number(edge.month.into()));
            self.sql(")");
        }
    }

    fn between(&mut self, column: &'static str, from: i16, to: i16) {
        self.sql(column);
        if from == to {
            self.sql(" = ").bind(Piece::Number(from));
        } else {
            self.sql(" BETWEEN ").bind(Piece::Number(from));
            self.sql(" AND ").bind(Piece::Number(to));
        }
    }

    fn any(&mut self, column: &'static str, of: &BTreeSet<Held>, or_none: bool) {
        self.sql(" AND (");
        for (index, held) in of.iter().enumerate() {
            if index == 0 {
                self.sql(column).sql(" IN (");
            } else {
                self.sql(", ");
            }
            self.bind(match held {
                Held::Number(number) => Piece::Number(*number),
                Held::Flag(flag) => Piece::Flag(*flag),
                Held::Code(code) => Piece::Code(code.clone()),
                Held::Unit(unit) => Piece::Unit(Db(*unit)),
                Held::Laws(laws) => Piece::Code(laws_column(laws)),
            });
        }
        match (of.is_empty(), or_none) {
            (true, true) => _ = self.sql(column).sql(" IS NULL)"),
            (true, false) => _ = self.sql("1 = 0)"),
            (false, true) => _ = self.sql(") OR ").sql(column).sql(" IS NULL)"),
            (false, false) => _ = self.sql("))"),
        }
    }

    fn kinds(&mut self, kinds: &BTreeSet<(Kind, Option<Subkind>)>) {
        self.sql(if kinds.is_empty() { " AND (1 = 0" } else { " AND (" });
        for (index, (kind, subkind)) in kinds.iter().enumerate() {
            self.sql(if index == 0 { "kind = " } else { " OR kind = " });
            self.bind(Piece::Code(kind.code().to_owned()));
            if let Some(subkind) = subkind {
                self.sql(" AND subkind = ").bind(Piece::Code(subkind.code().to_owned()));
            }
        }
        self.sql(")");
    }

    fn group_by(&mut self, query: &BaseQuery) {
        for (index, column) in query.columns.iter().enumerate() {
            self.sql(if index == 0 { " GROUP BY " } else { ", " });
            self.sql(column_name(*column, query.placed));
        }
    }
}

/// The name of a column; those of time are there twice.
fn column_name(column: Column, placed: Placed) -> &'static str {
    let by_event = placed == Placed::Occurred;
    let time = |reported, occurred| if by_event { occurred } else { reported };
    match column {
        Column::Year => time("reported_year", "occurred_year"),
        Column::Month => time("reported_month", "occurred_month"),
        Column::Week => time("reported_week", "occurred_week"),
        Column::Weekday => time("reported_weekday", "occurred_weekday"),
        Column::Hour => time("reported_hour", "occurred_hour"),
        Column::Kind => "kind",
        Column::Unit => "unit_id",
        Column::ReportingUnit => "reporting_unit_id",
        Column::Laws => "laws",
        Column::Category => "category",
        Column::Nature => "nature",
        Column::Severity => "severity",
        Column::Probability => "probability",
        Column::Vardskada => "vardskada",
        Column::Serious => "serious",
        Column::Injury => "injury",
        Column::ReachedPerson => "reached_person",
        Column::Track => "track",
        Column::Outcome => "outcome",
        Column::Status => "status",
        Column::Source => "source",
        Column::Channel => "channel",
        Column::Profession => "profession",
        Column::Sex => "sex",
        Column::AgeBand => "age_band",
    }
}

fn values(row: ValuesRow) -> Result<Values, Error> {
    let (numbers, (serious, reached_person), (unit, reporting_unit), (some, others)) = row;
    let (year, month, week, weekday, hour, severity, probability) = numbers;
    let (laws, kind, category, nature, vardskada, injury, track) = some;
    let (outcome, status, source, channel, profession, sex, age_band) = others;
    Ok(Values {
        year,
        month,
        week,
        weekday,
        hour,
        kind,
        unit: unit.map(Db::get),
        reporting_unit: reporting_unit.map(Db::get),
        laws: laws.map_or(Ok(Vec::new()), |laws| laws_of(&laws))?,
        category,
        nature,
        severity,
        probability,
        vardskada,
        serious,
        injury,
        reached_person,
        track,
        outcome,
        status,
        source,
        channel,
        profession,
        sex,
        age_band,
    })
}

/// No count is negative.
fn counted(count: i64) -> Result<u64, Error> {
    u64::try_from(count).map_err(|_| Error::Corrupt("a negative count".to_owned()))
}

impl Tx<'_> {
    /// Counts the facts by the columns asked for, in no order. With no column there is one row,
    /// also when nothing was found.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for laws that nobody knows; [`Error::Unavailable`] and the like.
    pub fn figures(&mut self, query: &BaseQuery) -> Result<Vec<BaseRow>, Error> {
        let mut statement = Statement::<Grouped>::new();
        statement.select(query);
        statement.sql(", COUNT(*), ");
        match query.closed_before {
            Some(before) => {
                statement.sql("COUNT(CASE WHEN closed_at < ").bind(Piece::Instant(Db(before)));
                statement.sql(" THEN 1 END)");
            }
            None => _ = statement.sql("NULL"),
        }
        statement.matching(self.tenant, query);
        statement.group_by(query);
        let rows: Vec<(ValuesRow, i64, Option<i64>)> = statement.load(self.conn)?;
        rows.into_iter()
            .map(|(at, count, closed)| {
                let closed = counted(closed.unwrap_or(0))?;
                Ok(BaseRow { at: values(at)?, count: counted(count)?, closed })
            })
            .collect()
    }

    /// Hands every fact by itself to `each`, in no order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for laws that nobody knows; [`Error::Unavailable`] and the like.
    pub fn figure_rows(
        &mut self,
        query: &BaseQuery,
        mut each: impl FnMut(CaseRow),
    ) -> Result<(), Error> {
        let mut statement = Statement::<Single>::new();
        statement.select(query);
        statement.sql(", case_id, event_id, event_shared");
        statement.sql(", occurred_at, reported_at, triaged_at, investigated_at, closed_at");
        statement.matching(self.tenant, query);
        let rows = statement.load_iter::<SingleRow, _>(self.conn)?;
        for row in rows {
            let (at, case, event, shared, times) = row?;
            let (occurred, reported, triaged, investigated, closed) = times;
            each(CaseRow {
                at: values(at)?,
                case: case.get(),
                shared_event: shared.then_some(event.get()),
                times: Times {
                    occurred: occurred.map(Db::get),
                    reported: reported.get(),
                    triaged: triaged.map(Db::get),
                    investigated: investigated.map(Db::get),
                    closed: closed.map(Db::get),
                },
            });
        }
        Ok(())
    }
}
