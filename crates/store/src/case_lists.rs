//! Lists of cases: which of them one may read, and a line of each without text or person.

use std::collections::BTreeSet;

use diesel::dsl::{exists, not};
use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;
use domain::case::watch::WatchAnswer;
use domain::case::{Kind, Status, Track};
use domain::escalation::Kind as EscalationKind;
use domain::ids::{CaseId, StaffId, SubjectId, UnitId};
use domain::law::Law;
use domain::policy::{Reading, Scope};
use jiff::Timestamp;

use crate::Tx;
use crate::among::{Holds, among, codes};
use crate::cases::{code, law_columns_with, laws_of};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::escalations::open;
use crate::schema::{case_units, cases, conflicts, escalations, samples, watches};
use crate::sql_types::Db;

/// One line of a list: what may be shown of a case without its text or its subject.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseLine {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub status: Status,
    /// The way it is handled.
    pub track: Option<Track>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The responsible unit.
    pub unit: UnitId,
    /// The reporting unit.
    pub reporting_unit: UnitId,
    /// The laws that hold.
    pub laws: Vec<Law>,
    /// The category that holds.
    pub category: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Its version.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

type LineRow = (
    Db<CaseId>,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Db<UnitId>,
    Db<UnitId>,
    String,
    Option<String>,
    Option<Db<Timestamp>>,
    Db<Timestamp>,
    Option<Db<Timestamp>>,
    i64,
    Db<Timestamp>,
);

/// In which order a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By report, newest first.
    NewestReported,
    /// By last change, oldest first: for clients that keep a copy.
    OldestChanged,
}

/// Which cases a list holds.
#[derive(Clone, Debug)]
pub struct CaseFilter {
    /// Who lists.
    pub staff: StaffId,
    /// What their grants let them read. Their own filings come on top.
    pub readings: Vec<Reading>,
    /// Only one's own filings.
    pub mine: bool,
    /// What one registered for a reporter without a token is one's own too; not on a shared phone.
    pub registered_too: bool,
    /// Kinds; empty is all.
    pub kinds: Vec<Kind>,
    /// Statuses; empty is all.
    pub statuses: Vec<Status>,
    /// Units, each as given and those below; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Laws, any of which the case names; empty is all.
    pub laws: Vec<Law>,
    /// Categories with those below; `None` is all.
    pub categories: Option<BTreeSet<String>>,
    /// Tracks; empty is all.
    pub tracks: Vec<Track>,
    /// Reported at or after.
    pub reported_from: Option<Timestamp>,
    /// Reported before.
    pub reported_before: Option<Timestamp>,
    /// Changed at or after, and before.
    pub changed: Option<(Timestamp, Timestamp)>,
    /// This number: ours, the register's or the old system's.
    pub number: Option<String>,
    /// About one of these; `None` is about anybody or nobody.
    pub subjects: Option<BTreeSet<SubjectId>>,
    /// Only those closed by others than the one who lists, picked for the sample and not looked at
    /// yet; one's own filings and what one was asked about count for nothing then.
    pub sampled: bool,
    /// Only these; `None` is all.
    pub ids: Option<BTreeSet<CaseId>>,
    /// Go on after this place.
    pub after: Option<(Timestamp, CaseId)>,
    /// In which order.
    pub order: Order,
    /// How many at most.
    pub limit: i64,
}

pub(crate) type Condition = Box<dyn BoxableExpression<cases::table, MultiBackend, SqlType = Bool>>;

/// What one grant lets read, as a condition: in its units, under its laws or none, of its kinds.
fn readable(reading: &Reading) -> Condition {
    let kinds = reading.kinds.iter().map(|kind| kind.code());
    let mut condition: Condition = Box::new(cases::kind.eq_any(among(kinds)));
    if let Scope::Only(units) = &reading.units {
        let units: Vec<_> = units.iter().copied().map(Db).collect();
        let here = cases::unit_id
            .eq_any(among(units.clone()))
            .or(cases::reporting_unit_id.eq_any(among(units.clone())));
        let concerned = case_units::table
            .filter(case_units::tenant_id.eq(cases::tenant_id))
            .filter(case_units::case_id.eq(cases::case_id))
            .filter(case_units::unit_id.eq_any(among(units)));
        condition = Box::new(condition.and(here.or(exists(concerned))));
    }
    if let Scope::Only(laws) = &reading.laws {
        let mut columns = law_columns_with(|law| laws.contains(law));
        columns.push(String::new());
        condition = Box::new(condition.and(cases::laws.eq_any(among(columns))));
    }
    condition
}

/// What one grant lets read, as a condition, with the cases that an open lex Maria or lex Sarah in its
/// units and under its laws rests on.
fn readable_beside(reading: &Reading) -> Condition {
    let condition = readable(reading);
    if !reading.lex {
        return condition;
    }
    let units = match &reading.units {
        Scope::All => None,
        Scope::Only(units) => Some(units.iter().copied().map(Db).collect::<Vec<_>>()),
    };
    let laws = Law::ALL.into_iter().filter(|law| reading.laws.covers(law)).map(Law::code);
    let beside = escalations::table
        .filter(escalations::tenant_id.eq(cases::tenant_id))
        .filter(escalations::case_id.assume_not_null().eq(cases::case_id))
        .filter(escalations::kind.ne(EscalationKind::Riskperson.code()))
        .filter(escalations::status.eq_any(codes(open())))
        .filter(escalations::law.eq_any(among(laws)));
    match units {
        None => Box::new(condition.or(exists(beside))),
        Some(units) => {
            Box::new(condition.or(exists(beside.filter(escalations::unit_id.eq_any(among(units))))))
        }
    }
}

/// What one grant lets act on, as a condition: as [`readable`], but at the unit responsible only.
fn answered_for(reading: &Reading) -> Condition {
    let condition = readable(reading);
    match &reading.units {
        Scope::All => condition,
        Scope::Only(units) => {
            let units = units.iter().copied().map(Db);
            Box::new(condition.and(cases::unit_id.eq_any(among(units))))
        }
    }
}

fn either(one: Condition, other: Condition) -> Condition {
    Box::new(one.or(other))
}

/// What is in the sample of closings, not closed by `me`, and not looked at.
fn picked(me: StaffId) -> Condition {
    let sample = samples::table
        .filter(samples::tenant_id.eq(cases::tenant_id))
        .filter(samples::case_id.eq(cases::case_id))
        .filter(samples::closed_at.eq(cases::closed_at.assume_not_null()))
        .filter(samples::closed_by.ne(Db(me)))
        .filter(samples::verdict.is_null());
    Box::new(exists(sample))
}

/// That there is a counted case with something in common with the row of another table, for which a
/// condition holds. By hand, since a subquery that is built must be one for each database by itself,
/// and a boxed condition is not.
pub(crate) struct HasCase {
    /// The other table.
    pub of: &'static str,
    /// The column they have in common.
    pub by: &'static str,
    /// What holds for the case.
    pub condition: Condition,
}

impl Expression for HasCase {
    type SqlType = Bool;
}

impl<QS: ?Sized> AppearsOnTable<QS> for HasCase {}
impl<QS: ?Sized> SelectableExpression<QS> for HasCase {}

impl<GroupBy> ValidGrouping<GroupBy> for HasCase {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for HasCase {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<MultiBackend> for HasCase {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let mut column = |lead: &str, table: &str, column: &str| -> QueryResult<()> {
            out.push_sql(lead);
            out.push_identifier(table)?;
            out.push_sql(".");
            out.push_identifier(column)
        };
        column("EXISTS (SELECT 1 FROM cases WHERE ", "cases", "tenant_id")?;
        column(" = ", self.of, "tenant_id")?;
        column(" AND ", "cases", self.by)?;
        column(" = ", self.of, self.by)?;
        column(" AND ", "cases", "status")?;
        out.push_sql(" NOT IN ('draft', 'void') AND (");
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql("))");
        Ok(())
    }
}

/// One's own filings; `registered_too` tells whether what one registered for a reporter without a token
/// is among them.
pub(crate) fn own(me: StaffId, registered_too: bool) -> Condition {
    // NULL is not me: an unknown reporter makes the condition unknown, which lets nothing through.
    let registered = || cases::registered_by.assume_not_null().eq(Db(me));
    let reported = cases::reported_by.assume_not_null().eq(Db(me));
    let own: Condition = Box::new(
        reported.and(cases::private.eq(false)).or(registered().and(cases::private.eq(true))),
    );
    match registered_too {
        true => Box::new(own.or(registered().and(cases::reported_by.is_null()))),
        false => own,
    }
}

/// The cases that somebody may read by what they hold or were asked, whoever filed them.
pub(crate) fn within_reach(me: StaffId, readings: &[Reading]) -> Condition {
    let asked = watches::table
        .filter(watches::tenant_id.eq(cases::tenant_id))
        .filter(watches::case_id.eq(cases::case_id))
        .filter(watches::staff_id.assume_not_null().eq(Db(me)))
        .filter(
            watches::answer
                .is_null()
                .or(watches::answer.assume_not_null().ne(WatchAnswer::NotMine.code())),
        );
    let visible =
        readings.iter().map(readable_beside).fold(Box::new(exists(asked)) as Condition, either);
    Box::new(visible.and(open_to(me)))
}

/// The cases that somebody may act on by what they hold, at the unit responsible.
pub(crate) fn acted_on(me: StaffId, readings: &[Reading]) -> Condition {
    let nothing: Condition = Box::new(Holds(false));
    let held = readings.iter().map(answered_for).fold(nothing, either);
    Box::new(held.and(open_to(me)))
}

/// The sample of closings that somebody may look at by what they hold; what they filed or were asked
/// counts for nothing.
fn to_look_at(me: StaffId, readings: &[Reading]) -> Condition {
    let nothing: Condition = Box::new(Holds(false));
    let held = readings.iter().map(answered_for).fold(nothing, either);
    Box::new(held.and(picked(me)).and(open_to(me)))
}

/// What is neither somebody's draft, nor kept from `me`, nor erased.
fn open_to(me: StaffId) -> Condition {
    let kept = conflicts::table
        .filter(conflicts::tenant_id.eq(cases::tenant_id))
        .filter(conflicts::case_id.eq(cases::case_id))
        .filter(conflicts::staff_id.eq(Db(me)));
    Box::new(cases::private.eq(false).and(cases::erased_at.is_null()).and(not(exists(kept))))
}

impl Tx<'_> {
    /// A list of cases that the caller may read.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn case_lines(&mut self, filter: &CaseFilter) -> Result<Vec<CaseLine>, Error> {
        let mut query = cases::table
            .select((
                cases::case_id,
                cases::number,
                cases::kind,
                cases::status,
                cases::track,
                cases::outcome,
                cases::unit_id,
                cases::reporting_unit_id,
                cases::laws,
                cases::category,
                cases::occurred_at,
                cases::reported_at,
                cases::closed_at,
                cases::version,
                cases::updated_at,
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .limit(filter.limit)
            .into_boxed();

        let me = filter.staff;
        let own = || own(me, filter.registered_too);
        if filter.sampled {
            query = query.filter(to_look_at(me, &filter.readings));
        } else if !filter.mine {
            query = query.filter(own().or(within_reach(me, &filter.readings)));
        }
        if filter.mine {
            query = query.filter(own());
        }

        if !filter.kinds.is_empty() {
            query = query
                .filter(cases::kind.eq_any(among(filter.kinds.iter().map(|kind| kind.code()))));
        }
        if !filter.statuses.is_empty() {
            query =
                query.filter(cases::status.eq_any(among(filter.statuses.iter().map(|s| s.code()))));
        }
        if !filter.tracks.is_empty() {
            let tracks = filter.tracks.iter().map(|track| Some(track.code().to_owned()));
            query = query.filter(cases::track.eq_any(among(tracks)));
        }
        if let Some(units) = &filter.units {
            let units: Vec<_> = units.iter().copied().map(Db).collect();
            // One alone is asked for as such, since an index then also gives the order.
            query = match units[..] {
                [unit] => query.filter(cases::unit_id.eq(unit)),
                _ => query.filter(cases::unit_id.eq_any(among(units))),
            };
        }
        if !filter.laws.is_empty() {
            let columns = law_columns_with(|law| filter.laws.contains(law));
            query = query.filter(cases::laws.eq_any(among(columns)));
        }
        if let Some(categories) = &filter.categories {
            let categories = categories.iter().cloned().map(Some).collect::<Vec<_>>();
            query = query.filter(cases::category.eq_any(among(categories)));
        }
        if let Some(from) = filter.reported_from {
            query = query.filter(cases::reported_at.ge(Db(from)));
        }
        if let Some(before) = filter.reported_before {
            query = query.filter(cases::reported_at.lt(Db(before)));
        }
        if let Some(ids) = &filter.ids {
            let ids = ids.iter().copied().map(Db);
            query = query.filter(cases::case_id.eq_any(among(ids)));
        }
        if let Some((from, before)) = filter.changed {
            query = query
                .filter(cases::updated_at.ge(Db(from)))
                .filter(cases::updated_at.lt(Db(before)));
        }
        if let Some(number) = &filter.number {
            let old = cases::external_number.assume_not_null().eq(number.clone());
            let registered = cases::diary_number.assume_not_null().eq(number.clone());
            query = query.filter(cases::number.eq(number.clone()).or(old).or(registered));
        }
        if filter.sampled {
            let Some(mine) = filter.readings.iter().map(answered_for).reduce(either) else {
                return Ok(Vec::new());
            };
            let reached = within_reach(filter.staff, &filter.readings);
            query = query.filter(picked(filter.staff)).filter(mine).filter(reached);
        }
        if let Some(subjects) = &filter.subjects {
            let subjects = subjects.iter().map(|id| Some(Db(*id)));
            query = query.filter(cases::subject_id.eq_any(among(subjects)));
        }
        query = match filter.order {
            Order::NewestReported => {
                if let Some((at, id)) = filter.after {
                    let tie = cases::reported_at.eq(Db(at)).and(cases::case_id.lt(Db(id)));
                    // Says no more than the next line, but an index can begin there.
                    query = query.filter(cases::reported_at.le(Db(at)));
                    query = query.filter(cases::reported_at.lt(Db(at)).or(tie));
                }
                query.order((cases::reported_at.desc(), cases::case_id.desc()))
            }
            Order::OldestChanged => {
                if let Some((at, id)) = filter.after {
                    let tie = cases::updated_at.eq(Db(at)).and(cases::case_id.gt(Db(id)));
                    query = query.filter(cases::updated_at.ge(Db(at)));
                    query = query.filter(cases::updated_at.gt(Db(at)).or(tie));
                }
                query.order((cases::updated_at.asc(), cases::case_id.asc()))
            }
        };
        query.load::<LineRow>(self.conn)?.into_iter().map(line).collect()
    }
}

fn line(row: LineRow) -> Result<CaseLine, Error> {
    Ok(CaseLine {
        id: row.0.get(),
        number: row.1,
        kind: code(&row.2, "cases.kind")?,
        status: code(&row.3, "cases.status")?,
        track: row.4.map(|text| code(&text, "cases.track")).transpose()?,
        outcome: row.5,
        unit: row.6.get(),
        reporting_unit: row.7.get(),
        laws: laws_of(&row.8)?,
        category: row.9,
        occurred_at: row.10.map(Db::get),
        reported_at: row.11.get(),
        closed_at: row.12.map(Db::get),
        version: row.13,
        updated_at: row.14.get(),
    })
}
