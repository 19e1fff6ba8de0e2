//! The statement of a reading of the facts, put together when it is asked.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Bool, SmallInt, Text};
use domain::case::{Kind, Subkind};
use domain::forms::Asked;
use domain::ids::{TenantId, UnitId};
use domain::statistics::{BaseQuery, Column, Condition, Held, Months, Part, Placed};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::cases::laws_column;
use crate::connection::{AnyConnection, MultiBackend};
use crate::sql_types::{Db, SqlDate, SqlInstant, SqlUuid};

/// The columns in the order they are selected; one that is not asked for is NULL.
const COLUMNS: [Column; 30] = [
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
    Column::Suggestion,
    Column::SuggestionReported,
    Column::Understood,
    Column::Helped,
    Column::Patientnamnd,
];

/// A piece of a statement: text of this file, or a value that is bound.
pub(crate) enum Piece {
    Sql(&'static str),
    Number(i16),
    Flag(bool),
    Code(String),
    Tenant(Db<TenantId>),
    Unit(Db<UnitId>),
    Instant(Db<Timestamp>),
    Day(Db<Date>),
    /// The answer to the question of this number, joined.
    Answer(usize),
    /// The case of that answer.
    Answered(usize),
}

/// The name of a column in a statement.
#[derive(Clone, Copy)]
enum Name {
    Fact(&'static str),
    /// The answer to the question of this number.
    Answer(usize),
}

/// A statement that gives rows of the SQL types `ST`.
pub(crate) struct Statement<ST> {
    pieces: Vec<Piece>,
    /// The questions that are joined.
    asked: Vec<Asked>,
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
                Piece::Day(value) => out.push_bind_param::<SqlDate, _>(value)?,
                Piece::Answer(number) => out.push_sql(&format!("answer_{number}")),
                Piece::Answered(number) => out.push_sql(&format!("answered_{number}")),
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
    /// Nothing yet, for the questions a reading asks for.
    pub fn new(query: &BaseQuery) -> Self {
        Self { pieces: Vec::new(), asked: asked(query).collect(), rows: PhantomData }
    }

    /// Nothing yet, of a reading that asks for no answers.
    pub fn plain() -> Self {
        Self { pieces: Vec::new(), asked: Vec::new(), rows: PhantomData }
    }

    /// Adds text.
    pub fn sql(&mut self, text: &'static str) -> &mut Self {
        self.pieces.push(Piece::Sql(text));
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, value: Piece) -> &mut Self {
        self.pieces.push(value);
        self
    }

    fn column(&mut self, name: Name) -> &mut Self {
        self.bind(match name {
            Name::Fact(name) => Piece::Sql(name),
            Name::Answer(number) => Piece::Answer(number),
        })
    }

    /// The name of a column; none for a question that is not joined.
    fn name(&self, column: Column, placed: Placed) -> Option<Name> {
        match column {
            Column::Answer(wanted) => {
                self.asked.iter().position(|asked| *asked == wanted).map(Name::Answer)
            }
            column => Some(Name::Fact(column_name(column, placed))),
        }
    }

    /// `SELECT` and the columns, NULL for what is not asked for. The answers come as one, by comma,
    /// which no code contains.
    pub fn select(&mut self, query: &BaseQuery) {
        for (index, column) in COLUMNS.into_iter().enumerate() {
            self.sql(if index == 0 { "SELECT " } else { ", " });
            let asked = query.columns.contains(&column);
            self.sql(if asked { column_name(column, query.placed) } else { "NULL" });
        }
        for number in 0..self.asked.len() {
            self.sql(if number == 0 { ", COALESCE(" } else { " || ',' || COALESCE(" });
            self.bind(Piece::Answer(number)).sql(", '')");
        }
        if self.asked.is_empty() {
            self.sql(", NULL");
        }
    }

    /// Where the facts are, and which of them.
    pub fn matching(&mut self, tenant: TenantId, query: &BaseQuery) {
        self.sql(" FROM case_facts");
        for (number, asked) in self.asked.clone().into_iter().enumerate() {
            self.sql(" LEFT JOIN (SELECT case_id AS ").bind(Piece::Answered(number));
            self.sql(", code AS ").bind(Piece::Answer(number));
            self.sql(" FROM case_answers WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
            self.sql(" AND question = ").bind(Piece::Code(asked.code().to_owned()));
            self.sql(") AS of_").bind(Piece::Answer(number)).sql(" ON ");
            self.bind(Piece::Answered(number)).sql(" = case_id");
        }
        self.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
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
                    match (self.name(*column, query.placed), column) {
                        (Some(name), _) => self.any(name, of, *or_none),
                        (None, Column::Answer(asked)) => self.answer(tenant, *asked, of, *or_none),
                        (None, _) => {}
                    }
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

    fn any(&mut self, column: Name, of: &BTreeSet<Held>, or_none: bool) {
        self.sql(" AND (");
        self.within(column, of);
        match (of.is_empty(), or_none) {
            (true, true) => _ = self.column(column).sql(" IS NULL)"),
            (true, false) => _ = self.sql("1 = 0)"),
            (false, true) => _ = self.sql(" OR ").column(column).sql(" IS NULL)"),
            (false, false) => _ = self.sql(")"),
        }
    }

    /// The values a column may have, if any are given.
    fn within(&mut self, column: Name, of: &BTreeSet<Held>) {
        for (index, held) in of.iter().enumerate() {
            if index == 0 {
                self.column(column).sql(" IN (");
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
        if !of.is_empty() {
            self.sql(")");
        }
    }

    /// Cases with one of these answers to a question, or with none to it.
    fn answer(&mut self, tenant: TenantId, asked: Asked, of: &BTreeSet<Held>, or_none: bool) {
        let rows = |statement: &mut Self| {
            statement.sql("EXISTS (SELECT 1 FROM case_answers WHERE tenant_id = ");
            statement.bind(Piece::Tenant(Db(tenant)));
            statement.sql(" AND case_answers.case_id = case_facts.case_id AND question = ");
            statement.bind(Piece::Code(asked.code().to_owned()));
        };
        self.sql(" AND (1 = 0");
        if !of.is_empty() {
            self.sql(" OR ");
            rows(self);
            self.sql(" AND ");
            self.within(Name::Fact("code"), of);
            self.sql(")");
        }
        if or_none {
            self.sql(" OR NOT ");
            rows(self);
            self.sql(")");
        }
        self.sql(")");
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

    /// By the columns asked for.
    pub fn group_by(&mut self, query: &BaseQuery) {
        for (index, column) in query.columns.iter().enumerate() {
            self.sql(if index == 0 { " GROUP BY " } else { ", " });
            if let Some(name) = self.name(*column, query.placed) {
                self.column(name);
            }
        }
    }
}

/// The questions that are grouped by, in the order of the columns.
pub(super) fn asked(query: &BaseQuery) -> impl Iterator<Item = Asked> {
    query.columns.iter().filter_map(|column| match column {
        Column::Answer(asked) => Some(*asked),
        _ => None,
    })
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
        Column::Suggestion => "suggestion",
        Column::SuggestionReported => "suggestion_reported",
        Column::Understood => "understood",
        Column::Helped => "helped",
        Column::Patientnamnd => "patientnamnd",
        // Joined under names of their own.
        Column::Answer(_) => "NULL",
    }
}
