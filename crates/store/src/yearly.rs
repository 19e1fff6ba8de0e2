//! What the report of a year is counted from: a handful of statements over the facts, each in the order of
//! an index that holds all it asks for. What is shown of it is the domain's.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};
use domain::calendar::start_of_year;
use domain::case::measure::Effect;
use domain::case::{Kind, Subkind};
use domain::ids::UnitId;
use domain::law::Law;
use domain::policy::Scope;
use domain::statistics::{EscalationFact, Times};
use domain::yearly::sources::{
    CaseCount, ComplaintFact, DeviationFact, FirstYears, HarmCount, MeasureCount, OpinionCount,
    TraitCount,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::cases::{code, from_document, laws_of};
use crate::dialect::by_index;
use crate::error::Error;
use crate::figures::statement::{Piece, Statement};
use crate::schema::{case_facts, own_figures, tenants};
use crate::sql_types::{Db, SqlInstant, SqlJson, SqlUuid};

/// Which facts: of a tenant, reported in some years, at some units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearlyFilter {
    /// The first year.
    pub from: i16,
    /// The last year.
    pub to: i16,
    /// The units.
    pub units: Scope<UnitId>,
}

type Instant = Option<Db<Timestamp>>;
type SqlMoment = Nullable<SqlInstant>;

/// No count is negative.
fn counted(count: i64) -> Result<u64, Error> {
    u64::try_from(count).map_err(|_| Error::Corrupt("a negative count".to_owned()))
}

/// The law that is counted: the first named.
fn first_law(column: &str) -> Result<Option<Law>, Error> {
    Ok(laws_of(column)?.first().copied())
}

fn coded<T: std::str::FromStr>(column: Option<String>, name: &str) -> Result<Option<T>, Error> {
    column.map(|text| code(&text, name)).transpose()
}

impl<ST> Statement<ST> {
    /// The facts that are counted of the years and units asked for.
    fn of_years(&mut self, tx: &Tx<'_>, filter: &YearlyFilter) -> &mut Self {
        self.sql(" FROM case_facts").in_years(tx, filter)
    }

    fn in_years(&mut self, tx: &Tx<'_>, filter: &YearlyFilter) -> &mut Self {
        self.sql(" WHERE tenant_id = ").bind(Piece::Tenant(Db(tx.tenant)));
        if filter.from == filter.to {
            self.sql(" AND reported_year = ").bind(Piece::Number(filter.to));
        } else {
            self.sql(" AND reported_year BETWEEN ").bind(Piece::Number(filter.from));
            self.sql(" AND ").bind(Piece::Number(filter.to));
        }
        self.sql(" AND counted AND NOT duplicate");
        self.at(&filter.units)
    }

    fn at(&mut self, units: &Scope<UnitId>) -> &mut Self {
        if let Scope::Only(units) = units {
            self.these(units);
        }
        self
    }

    fn these(&mut self, units: &BTreeSet<UnitId>) {
        if units.is_empty() {
            self.sql(" AND 1 = 0");
            return;
        }
        for (at, unit) in units.iter().enumerate() {
            self.sql(if at == 0 { " AND unit_id IN (" } else { ", " });
            self.bind(Piece::Unit(Db(*unit)));
        }
        self.sql(")");
    }
}

impl Tx<'_> {
    /// The first year of which the tenant has anything: a case, or a figure that is counted elsewhere. `None`
    /// where it has nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn first_year_of_figures(&mut self) -> Result<Option<i16>, Error> {
        let cases: Option<i16> = case_facts::table
            .select(diesel::dsl::min(case_facts::reported_year))
            .filter(case_facts::tenant_id.eq(Db(self.tenant)))
            .get_result(self.conn)?;
        let own: Option<Db<Date>> = own_figures::table
            .select(own_figures::period_from)
            .filter(own_figures::tenant_id.eq(Db(self.tenant)))
            .filter(own_figures::withdrawn.eq(false))
            .order(own_figures::period_from)
            .limit(1)
            .get_result(self.conn)
            .optional()?;
        Ok(cases.into_iter().chain(own.map(|day| day.get().year())).min())
    }

    /// The tenant's name.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Unavailable`] and the like.
    pub fn tenant_name(&mut self) -> Result<String, Error> {
        let here = tenants::tenant_id.eq(Db(self.tenant));
        Ok(tenants::table.select(tenants::name).filter(here).get_result(self.conn)?)
    }

    /// The year of the tenant's first avvikelse, and of its first synpunkt or klagomål, up to a year.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn first_years(&mut self, until: i16) -> Result<FirstYears, Error> {
        let mut first = |kind: &'static str| {
            let mut statement = Statement::<(SmallInt,)>::plain();
            statement.sql("SELECT reported_year FROM case_facts WHERE tenant_id = ");
            statement.bind(Piece::Tenant(Db(self.tenant))).sql(" AND reported_year <= ");
            statement.bind(Piece::Number(until)).sql(" AND kind ").sql(kind);
            statement.sql(" AND counted AND NOT duplicate ORDER BY reported_year LIMIT 1");
            let rows: Vec<(i16,)> = statement.load(self.conn)?;
            Ok::<_, Error>(rows.first().map(|(year,)| *year))
        };
        let deviations = first("= 'avvikelse'")?;
        Ok(FirstYears { deviations, opinions: first("<> 'avvikelse'")? })
    }

    /// Cases by year, kind, unit, law, category and whether they were imported.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code; [`Error::Unavailable`] and the like.
    pub fn yearly_cases(&mut self, filter: &YearlyFilter) -> Result<Vec<CaseCount>, Error> {
        type Sql = (SmallInt, Text, Nullable<Text>, SqlUuid, Text, Nullable<Text>, Bool, BigInt);
        type Row = (i16, String, Option<String>, Db<UnitId>, String, Option<String>, bool, i64);
        let mut statement = Statement::<Sql>::plain();
        statement.sql("SELECT reported_year, kind, subkind, unit_id, laws, category, imported");
        statement.sql(", COUNT(*)").of_years(self, filter);
        statement.sql(" GROUP BY reported_year, kind, subkind, unit_id, laws, category, imported");
        let mut found = Vec::new();
        for row in statement.load_iter::<Row, _>(self.conn)? {
            let (year, kind, subkind, unit, laws, category, imported, count) = row?;
            found.push(CaseCount {
                year,
                kind: code::<Kind>(&kind, "case_facts.kind")?,
                subkind: coded::<Subkind>(subkind, "case_facts.subkind")?,
                unit: unit.get(),
                law: first_law(&laws)?,
                category,
                imported,
                count: counted(count)?,
            });
        }
        Ok(found)
    }

    /// Avvikelser by year, month, severity, harm, injury and sex.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code; [`Error::Unavailable`] and the like.
    pub fn yearly_traits(&mut self, filter: &YearlyFilter) -> Result<Vec<TraitCount>, Error> {
        type Sql = (
            (SmallInt, SmallInt, Text, Nullable<SmallInt>, Text),
            (Nullable<Text>, Nullable<Text>, BigInt),
        );
        type Row = ((i16, i16, String, Option<i16>, String), (Option<String>, Option<String>, i64));
        let mut statement = Statement::<Sql>::plain();
        statement.sql("SELECT reported_year, reported_month, kind, severity, vardskada");
        statement.sql(", injury, sex, COUNT(*)").of_years(self, filter);
        // A condition on the kind would make SQLite sort: it lies in the middle of the index.
        statement.sql(" GROUP BY reported_year, reported_month, kind, severity, vardskada");
        statement.sql(", injury, sex");
        let mut found = Vec::new();
        for row in statement.load_iter::<Row, _>(self.conn)? {
            let ((year, month, kind, severity, vardskada), (injury, sex, count)) = row?;
            if code::<Kind>(&kind, "case_facts.kind")? != Kind::Avvikelse {
                continue;
            }
            let vardskada = code(&vardskada, "case_facts.vardskada")?;
            let count = counted(count)?;
            found.push(TraitCount { year, month, severity, vardskada, injury, sex, count });
        }
        Ok(found)
    }

    /// Events under HSL that were, or could have been, a vårdskada, by the year they were reported.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn yearly_harm(&mut self, filter: &YearlyFilter) -> Result<Vec<HarmCount>, Error> {
        type Sql = (SmallInt, BigInt, BigInt, BigInt, BigInt);
        let mut statement = Statement::<Sql>::plain();
        statement.sql("SELECT reported_year");
        statement.sql(", COUNT(DISTINCT CASE WHEN investigated_at IS NOT NULL THEN event_id END)");
        statement.sql(", COUNT(DISTINCT CASE WHEN vardskada = 'yes' THEN event_id END)");
        statement
            .sql(", COUNT(DISTINCT CASE WHEN vardskada = 'yes' AND serious THEN event_id END)");
        statement.sql(
            ", COUNT(DISTINCT CASE WHEN vardskada = 'could_have' AND serious THEN event_id END)",
        );
        statement.of_years(self, filter).sql(" AND vardskada IN ('could_have', 'yes')");
        statement.sql(" AND laws LIKE 'HSL%' GROUP BY reported_year");
        let rows: Vec<(i16, i64, i64, i64, i64)> = statement.load(self.conn)?;
        let harm = |(year, investigated, harm, serious, risk)| {
            Ok(HarmCount {
                year,
                investigated: counted(investigated)?,
                harm: counted(harm)?,
                serious: counted(serious)?,
                serious_risk: counted(risk)?,
            })
        };
        rows.into_iter().map(harm).collect()
    }

    /// How many such events were investigated to the end in a calendar year, whenever they were reported.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn investigated_in(&mut self, year: i16, units: &Scope<UnitId>) -> Result<u64, Error> {
        let mut statement = Statement::<(BigInt,)>::plain();
        statement.sql("SELECT COUNT(DISTINCT event_id) FROM case_facts WHERE tenant_id = ");
        statement.bind(Piece::Tenant(Db(self.tenant)));
        statement.sql(" AND vardskada IN ('could_have', 'yes') AND laws LIKE 'HSL%'");
        statement.sql(" AND counted AND NOT duplicate AND investigated_at >= ");
        statement.bind(Piece::Instant(Db(start_of_year(year))));
        statement.sql(" AND investigated_at < ");
        statement.bind(Piece::Instant(Db(start_of_year(year.saturating_add(1)))));
        statement.at(units);
        let rows: Vec<(i64,)> = statement.load(self.conn)?;
        rows.first().map_or(Ok(0), |(count,)| counted(*count))
    }

    /// Synpunkter and klagomål by year, kind, category and whether they were closed by the end of the year
    /// they came in, and before `cutoff`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code; [`Error::Unavailable`] and the like.
    pub fn yearly_opinions(
        &mut self,
        filter: &YearlyFilter,
        cutoff: Timestamp,
    ) -> Result<Vec<OpinionCount>, Error> {
        type Sql = (SmallInt, Text, Nullable<Text>, Nullable<Text>, Bool, Bool, BigInt);
        type Row = (i16, String, Option<String>, Option<String>, bool, bool, i64);
        let mut statement = Statement::<Sql>::plain();
        statement.sql("SELECT reported_year, kind, subkind, category, at_year_end, closed");
        statement.sql(", COUNT(*) FROM (SELECT reported_year, kind, subkind, category");
        statement.sql(", closed_at IS NOT NULL AND closed_at < CASE reported_year");
        for year in filter.from..=filter.to {
            let end = start_of_year(year.saturating_add(1)).min(cutoff);
            statement.sql(" WHEN ").bind(Piece::Number(year));
            statement.sql(" THEN ").bind(Piece::Instant(Db(end)));
        }
        statement.sql(" END AS at_year_end, closed_at IS NOT NULL AND closed_at < ");
        statement.bind(Piece::Instant(Db(cutoff))).sql(" AS closed").of_years(self, filter);
        // In the words of the index, which holds nothing else.
        statement.sql(" AND kind <> 'avvikelse') AS opinions");
        statement.sql(" GROUP BY reported_year, kind, subkind, category, at_year_end, closed");
        let mut found = Vec::new();
        for row in statement.load_iter::<Row, _>(self.conn)? {
            let (year, kind, subkind, category, closed_at_year_end, closed, count) = row?;
            found.push(OpinionCount {
                year,
                kind: code(&kind, "case_facts.kind")?,
                subkind: coded(subkind, "case_facts.subkind")?,
                category,
                closed_at_year_end,
                closed,
                count: counted(count)?,
            });
        }
        Ok(found)
    }

    /// Klagomål of a year that did not come by import, one by one: what their clocks are made of.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code; [`Error::Unavailable`] and the like.
    pub fn yearly_complaints(
        &mut self,
        year: i16,
        units: &Scope<UnitId>,
    ) -> Result<Vec<ComplaintFact>, Error> {
        type Sql = (SqlInstant, SqlMoment, Nullable<SqlJson>);
        type Row = (Db<Timestamp>, Instant, Option<Db<Value>>);
        let mut statement = Statement::<Sql>::plain();
        statement.sql("SELECT facts.reported_at, facts.closed_at, cases.opinion FROM");
        statement.sql(" (SELECT tenant_id, case_id, reported_at, closed_at FROM case_facts");
        statement.sql(by_index(self.conn, " INDEXED BY case_facts_opinions_ix"));
        statement.in_years(self, &YearlyFilter { from: year, to: year, units: units.clone() });
        statement.sql(" AND kind <> 'avvikelse' AND kind = 'klagomal' AND NOT imported) AS facts");
        statement.sql(" JOIN cases ON cases.tenant_id = facts.tenant_id");
        statement.sql(" AND cases.case_id = facts.case_id AND cases.tenant_id = ");
        statement.bind(Piece::Tenant(Db(self.tenant)));
        let rows: Vec<Row> = statement.load(self.conn)?;
        let fact = |(reported, closed, brief): Row| {
            let brief = brief.map(|Db(brief)| from_document(brief, "cases.opinion")).transpose()?;
            let (reported_at, closed_at) = (reported.get(), closed.map(Db::get));
            Ok(ComplaintFact { reported_at, closed_at, brief })
        };
        rows.into_iter().map(fact).collect()
    }

    /// Hands every avvikelse by itself to `each`, in no order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code; [`Error::Unavailable`] and the like.
    pub fn yearly_deviations(
        &mut self,
        filter: &YearlyFilter,
        mut each: impl FnMut(&DeviationFact),
    ) -> Result<(), Error> {
        type Sql = (
            (SqlUuid, SmallInt, Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<Text>),
            (Nullable<Text>, Nullable<Text>, Nullable<Text>, Bool),
            (SqlMoment, SqlInstant, SqlMoment, SqlMoment, SqlMoment),
        );
        type Row = (
            (Db<UnitId>, i16, Option<String>, Option<String>, Option<String>, Option<String>),
            (Option<String>, Option<String>, Option<String>, bool),
            (Instant, Db<Timestamp>, Instant, Instant, Instant),
        );
        let mut statement = Statement::<Sql>::plain();
        statement
            .sql("SELECT unit_id, reported_month, category, injury, law_reported, law_assessed");
        statement.sql(", category_reported, category_assessed, track, imported");
        statement.sql(", occurred_at, reported_at, triaged_at, investigated_at, closed_at");
        statement.sql(" FROM case_facts");
        // Month by month the rows lie near each other, so that few pages are read twice.
        statement.sql(by_index(self.conn, " INDEXED BY case_facts_reported_ix"));
        statement.in_years(self, filter).sql(" AND kind = 'avvikelse'");
        for row in statement.load_iter::<Row, _>(self.conn)? {
            let ((unit, month, category, injury, law_reported, law_assessed), said, times) = row?;
            let (category_reported, category_assessed, track, imported) = said;
            let (occurred, reported, triaged, investigated, closed) = times;
            each(&DeviationFact {
                unit: unit.get(),
                month,
                category,
                injury,
                law_reported: coded(law_reported, "case_facts.law_reported")?,
                law_assessed: coded(law_assessed, "case_facts.law_assessed")?,
                category_reported,
                category_assessed,
                track: coded(track, "case_facts.track")?,
                imported,
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

    /// In how many avvikelser each cause was found, and in how many any was.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn yearly_causes(
        &mut self,
        filter: &YearlyFilter,
    ) -> Result<(Vec<(String, u64)>, u64), Error> {
        // Without a code it is all of them, each once.
        let mut statement = Statement::<(Nullable<Text>, BigInt)>::plain();
        for (at, select) in ["SELECT c.code", " UNION ALL SELECT NULL"].into_iter().enumerate() {
            statement.sql(select).sql(", COUNT(DISTINCT f.case_id) FROM (SELECT case_id");
            statement.sql(", investigation_id").of_years(self, filter);
            statement.sql(" AND investigation_id IS NOT NULL AND kind = 'avvikelse') AS f");
            statement.sql(" JOIN causes AS c ON c.investigation_id = f.investigation_id");
            statement.sql(" AND c.tenant_id = ").bind(Piece::Tenant(Db(self.tenant)));
            statement.sql(if at == 0 { " GROUP BY c.code" } else { "" });
        }
        let rows: Vec<(Option<String>, i64)> = statement.load(self.conn)?;
        let (mut causes, mut any) = (Vec::new(), 0);
        for (cause, count) in rows {
            match cause {
                Some(cause) => causes.push((cause, counted(count)?)),
                None => any = counted(count)?,
            }
        }
        Ok((causes, any))
    }

    /// The measures of the investigations of the cases asked for, each once; `today` says which are late.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown effect; [`Error::Unavailable`] and the like.
    pub fn yearly_measures(
        &mut self,
        filter: &YearlyFilter,
        today: Date,
    ) -> Result<Vec<MeasureCount>, Error> {
        let mut statement = Statement::<(Text, Text, Bool, Bool, BigInt)>::plain();
        statement.sql("SELECT kind, effect, done, late, COUNT(*) FROM (SELECT m.kind AS kind");
        statement.sql(", m.effect AS effect, m.done_on IS NOT NULL AS done");
        statement.sql(", m.done_on IS NULL AND m.due_on IS NOT NULL AND m.due_on < ");
        statement
            .bind(Piece::Day(Db(today)))
            .sql(" AS late FROM (SELECT DISTINCT investigation_id");
        statement.of_years(self, filter).sql(" AND investigation_id IS NOT NULL) AS f");
        statement.sql(" JOIN measures AS m ON m.investigation_id = f.investigation_id");
        statement.sql(" AND m.tenant_id = ").bind(Piece::Tenant(Db(self.tenant)));
        statement.sql(") AS all_of_them GROUP BY kind, effect, done, late");
        let rows: Vec<(String, String, bool, bool, i64)> = statement.load(self.conn)?;
        let measure = |(kind, effect, done, overdue, count): (String, String, bool, bool, i64)| {
            let effect = code::<Effect>(&effect, "measures.effect")?;
            Ok(MeasureCount { kind, effect, done, overdue, count: counted(count)? })
        };
        rows.into_iter().map(measure).collect()
    }

    /// The escalations that were raised, or notified to IVO, in a span, at some units.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code; [`Error::Unavailable`] and the like.
    pub fn yearly_escalations(
        &mut self,
        from: Timestamp,
        before: Timestamp,
        units: &Scope<UnitId>,
    ) -> Result<Vec<EscalationFact>, Error> {
        // Whatever is notified in the span was raised before its end.
        let mut facts = self.escalation_facts(Timestamp::UNIX_EPOCH, before, units)?;
        facts.retain(|it| it.flagged_at >= from || it.notified_at.is_some_and(|at| at >= from));
        Ok(facts)
    }
}
