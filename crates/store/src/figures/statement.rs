//! The statement of a reading of the facts, put together when it is asked.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, SmallInt, Text};
use domain::case::{Kind, Subkind};
use domain::forwarding::Status;
use domain::ids::{CaseId, CounterpartyId, TenantId, UnitId};
use domain::statistics::{BaseQuery, Column, Condition, Held, Months, Part, Placed};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::cases::laws_column;
use crate::connection::{AnyConnection, MultiBackend};
use crate::sql_types::{Db, SqlDate, SqlInstant, SqlUuid};

/// The columns in the order they are selected; one that is not asked for is NULL.
const COLUMNS: [Column; 32] = [
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
    Column::Counterparty,
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
    Column::Cause,
];

/// A piece of a statement: text of this file, or a value that is bound.
pub(crate) enum Piece {
    Sql(&'static str),
    Number(i16),
    Many(i64),
    Flag(bool),
    Code(String),
    Tenant(Db<TenantId>),
    Case(Db<CaseId>),
    Unit(Db<UnitId>),
    Counterparty(Db<CounterpartyId>),
    Instant(Db<Timestamp>),
    Day(Db<Date>),
    /// The value of what is joined under this number.
    Joined(usize),
    /// The case of that value.
    JoinedCase(usize),
}

/// The name of a column in a statement.
#[derive(Clone, Copy)]
enum Name {
    Fact(&'static str),
    /// What is joined under this number.
    Joined(usize),
}

/// A statement that gives rows of the SQL types `ST`.
pub(crate) struct Statement<ST> {
    pieces: Vec<Piece>,
    /// What is joined: columns of which a case may have several values.
    joined: Vec<Column>,
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
                Piece::Many(value) => out.push_bind_param::<BigInt, _>(value)?,
                Piece::Flag(value) => out.push_bind_param::<Bool, _>(value)?,
                Piece::Code(value) => out.push_bind_param::<Text, _>(value)?,
                Piece::Tenant(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Case(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Unit(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Counterparty(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Piece::Instant(value) => out.push_bind_param::<SqlInstant, _>(value)?,
                Piece::Day(value) => out.push_bind_param::<SqlDate, _>(value)?,
                Piece::Joined(number) => out.push_sql(&format!("joined_{number}")),
                Piece::JoinedCase(number) => out.push_sql(&format!("case_of_{number}")),
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
    /// Nothing yet, for the columns a reading asks for.
    pub fn new(query: &BaseQuery) -> Self {
        let joined = query.columns.iter().copied().filter(|column| column.is_beside());
        Self { pieces: Vec::new(), joined: joined.collect(), rows: PhantomData }
    }

    /// Nothing yet, of a reading that asks for no answers.
    pub fn plain() -> Self {
        Self { pieces: Vec::new(), joined: Vec::new(), rows: PhantomData }
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
            Name::Joined(number) => Piece::Joined(number),
        })
    }

    /// The name of a column; none for one that would have to be joined and is not.
    fn name(&self, column: Column, placed: Placed) -> Option<Name> {
        if column.is_beside() {
            self.joined.iter().position(|joined| *joined == column).map(Name::Joined)
        } else {
            Some(Name::Fact(column_name(column, placed)))
        }
    }

    /// `SELECT` and the columns, NULL for what is not asked for. The answers come as one, by comma,
    /// which no code contains.
    pub fn select(&mut self, query: &BaseQuery) {
        for (index, column) in COLUMNS.into_iter().enumerate() {
            self.sql(if index == 0 { "SELECT " } else { ", " });
            let asked = query.columns.contains(&column);
            match self.name(column, query.placed).filter(|_| asked) {
                Some(name) => _ = self.column(name),
                None => _ = self.sql("NULL"),
            }
        }
        let is_answer = |column: &Column| matches!(column, Column::Answer(_));
        let answers: Vec<usize> =
            (0..self.joined.len()).filter(|number| is_answer(&self.joined[*number])).collect();
        for (nth, number) in answers.iter().enumerate() {
            self.sql(if nth == 0 { ", COALESCE(" } else { " || ',' || COALESCE(" });
            self.bind(Piece::Joined(*number)).sql(", '')");
        }
        if answers.is_empty() {
            self.sql(", NULL");
        }
    }

    /// When the opinion of the case was answered.
    pub fn answered_at(&mut self, tenant: TenantId) -> &mut Self {
        self.sql("(SELECT opinions.answered_at FROM opinions WHERE opinions.tenant_id = ");
        self.bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND opinions.case_id = case_facts.case_id)")
    }

    /// Where the facts are, and which of them.
    pub fn matching(&mut self, tenant: TenantId, query: &BaseQuery) {
        self.sql(" FROM case_facts");
        for (number, column) in self.joined.clone().into_iter().enumerate() {
            let Some(beside) = Beside::of(column) else { continue };
            // A cause may be found twice, and a case be sent twice to one counterparty.
            self.sql(" LEFT JOIN (SELECT DISTINCT ").sql(beside.case);
            self.sql(" AS ").bind(Piece::JoinedCase(number));
            self.sql(", ").sql(beside.value).sql(" AS ").bind(Piece::Joined(number));
            self.rows_beside(tenant, column, &beside);
            self.sql(") AS of_").bind(Piece::Joined(number)).sql(" ON ");
            self.bind(Piece::JoinedCase(number)).sql(" = case_facts.case_id");
        }
        self.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tenant)));
        self.sql(" AND counted");
        self.conditions(tenant, query);
    }

    /// What a fact must be, or a cell of sums, whose columns have the same names.
    pub fn conditions(&mut self, tenant: TenantId, query: &BaseQuery) {
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
                    match (self.name(*column, query.placed), Beside::of(*column)) {
                        (Some(name), _) => self.any(tenant, name, of, *or_none),
                        (None, Some(beside)) => {
                            self.beside(tenant, *column, &beside, (of, *or_none));
                        }
                        (None, None) => {}
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

    fn any(&mut self, tenant: TenantId, column: Name, of: &BTreeSet<Held>, or_none: bool) {
        self.sql(" AND (");
        self.within(tenant, column, of);
        match (of.is_empty(), or_none) {
            (true, true) => _ = self.column(column).sql(" IS NULL)"),
            (true, false) => _ = self.sql("1 = 0)"),
            (false, true) => _ = self.sql(" OR ").column(column).sql(" IS NULL)"),
            (false, false) => _ = self.sql(")"),
        }
    }

    /// The values a column may have, if any are given. Counterparties by id, or all of a kind.
    fn within(&mut self, tenant: TenantId, column: Name, of: &BTreeSet<Held>) {
        let by_id = |held: &&Held| matches!(held, Held::Counterparty(_));
        let ends = of.iter().any(|held| by_id(&held)) || self.is_counterparty(column);
        if !ends {
            self.list(column, of.iter());
            return;
        }
        self.list(column, of.iter().filter(by_id));
        let kinds: Vec<&Held> = of.iter().filter(|held| !by_id(held)).collect();
        if !kinds.is_empty() {
            self.sql(if kinds.len() < of.len() { " OR " } else { "" });
            self.column(column)
                .sql(" IN (SELECT counterparties.counterparty_id FROM counterparties");
            self.sql(" WHERE counterparties.tenant_id = ").bind(Piece::Tenant(Db(tenant)));
            self.sql(" AND ");
            self.list(Name::Fact("counterparties.kind"), kinds.into_iter());
            self.sql(")");
        }
    }

    fn is_counterparty(&self, column: Name) -> bool {
        match column {
            Name::Fact(name) => name == COUNTERPARTY,
            Name::Joined(number) => self.joined.get(number) == Some(&Column::Counterparty),
        }
    }

    fn list<'h>(&mut self, column: Name, of: impl Iterator<Item = &'h Held>) {
        let mut any = false;
        for held in of {
            if any {
                self.sql(", ");
            } else {
                self.column(column).sql(" IN (");
            }
            any = true;
            self.bind(match held {
                Held::Number(number) => Piece::Number(*number),
                Held::Flag(flag) => Piece::Flag(*flag),
                Held::Code(code) => Piece::Code(code.clone()),
                Held::Unit(unit) => Piece::Unit(Db(*unit)),
                Held::Counterparty(end) => Piece::Counterparty(Db(*end)),
                Held::Laws(laws) => Piece::Code(laws_column(laws)),
            });
        }
        if any {
            self.sql(")");
        }
    }

    /// The rows beside the facts that hold the values of a column, after what is selected of them.
    fn rows_beside(&mut self, tenant: TenantId, column: Column, beside: &Beside) {
        self.sql(" FROM ").sql(beside.from).sql(" WHERE ");
        for (nth, name) in beside.tenants.iter().enumerate() {
            self.sql(if nth == 0 { "" } else { " AND " });
            self.sql(name).sql(" = ").bind(Piece::Tenant(Db(tenant)));
        }
        match column {
            Column::Answer(asked) => {
                self.sql(" AND case_answers.question = ");
                self.bind(Piece::Code(asked.code().to_owned()));
            }
            Column::Counterparty => {
                // What has not left, and what was taken back, went to nobody.
                let gone = Status::ALL.iter().filter(|status| status.counted());
                for (nth, status) in gone.enumerate() {
                    self.sql(if nth == 0 { " AND forwardings.status IN (" } else { ", " });
                    self.bind(Piece::Code(status.code().to_owned()));
                }
                self.sql(") AND forwardings.case_id IS NOT NULL");
            }
            _ => {}
        }
    }

    /// Cases with one of these values beside them, or with none.
    fn beside(
        &mut self,
        tenant: TenantId,
        column: Column,
        beside: &Beside,
        (of, or_none): (&BTreeSet<Held>, bool),
    ) {
        let rows = |statement: &mut Self| {
            statement.sql("EXISTS (SELECT 1");
            statement.rows_beside(tenant, column, beside);
            statement.sql(" AND ").sql(beside.case).sql(" = case_facts.case_id");
        };
        self.sql(" AND (1 = 0");
        if !of.is_empty() {
            self.sql(" OR ");
            rows(self);
            self.sql(" AND (");
            self.within(tenant, Name::Fact(beside.value), of);
            self.sql("))");
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

/// The column of counterparties, beside the facts.
const COUNTERPARTY: &str = "forwardings.counterparty_id";

/// Where the values are of which a case may have several.
struct Beside {
    from: &'static str,
    case: &'static str,
    value: &'static str,
    /// The columns that hold the tenant.
    tenants: &'static [&'static str],
}

impl Beside {
    fn of(column: Column) -> Option<Self> {
        match column {
            Column::Answer(_) => Some(Self {
                from: "case_answers",
                case: "case_answers.case_id",
                value: "case_answers.code",
                tenants: &["case_answers.tenant_id"],
            }),
            Column::Cause => Some(Self {
                from: "causes JOIN cases ON cases.tenant_id = causes.tenant_id \
                       AND cases.investigation_id = causes.investigation_id",
                case: "cases.case_id",
                value: "causes.code",
                tenants: &["causes.tenant_id", "cases.tenant_id"],
            }),
            Column::Counterparty => Some(Self {
                from: "forwardings",
                case: "forwardings.case_id",
                value: COUNTERPARTY,
                tenants: &["forwardings.tenant_id"],
            }),
            _ => None,
        }
    }
}

/// The questions that are grouped by, in the order of the columns.
pub(super) fn asked(query: &BaseQuery) -> impl Iterator<Item = domain::forms::Asked> {
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
        Column::Cause | Column::Counterparty | Column::Answer(_) => "NULL",
    }
}
