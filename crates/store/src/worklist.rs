//! The brief facts that worklists are made of: few statements, whatever the number of cases.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use domain::case::closing::Ending;
use domain::case::measure::Effect;
use domain::case::watch::{WatchAnswer, Watcher};
use domain::case::{Status, Track};
use domain::ids::{CaseId, CommentId, InvestigationId, MeasureId, StaffId, UnitId, WatchId};
use domain::organisation::Grant;
use domain::policy::{Reading, Scope};
use domain::worklist::{Brief, Clocked, Mention, OpenMeasure, Request};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::Tx;
use crate::among::{Holds, among, codes};
use crate::cases::{code, from_document, law_columns_with, laws_of};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::grants::{GrantRow, joined};
use crate::schema::{
    cases, comment_mentions, comments, conflicts, grant_units, grants, measures, samples, staff,
    watches,
};
use crate::sql_types::Db;

/// How many values a statement names at most; a database has its own end somewhat later.
const MOST_NAMED: usize = 10_000;

/// Which measures are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasuresAsked {
    /// Those not done.
    Undone,
    /// Those not done whose day has come by the first day, and those not judged whose day of
    /// follow-up has come by the second.
    Due(Date, Date),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cases, check_for_backend(MultiBackend))]
pub(crate) struct BriefRow {
    case_id: Db<CaseId>,
    number: String,
    kind: String,
    status: String,
    track: Option<String>,
    unit_id: Db<UnitId>,
    reporting_unit_id: Db<UnitId>,
    also_units: Db<Value>,
    laws: String,
    category: Option<String>,
    severity: Option<i16>,
    risk_score: Option<i16>,
    vardskada: String,
    lead_id: Option<Db<StaffId>>,
    hops: i16,
    awaits: String,
    warned: bool,
    reported_at: Db<Timestamp>,
    outcome: Option<String>,
    occurred_at: Option<Db<Timestamp>>,
    triaged_at: Option<Db<Timestamp>>,
    investigation_done_at: Option<Db<Timestamp>>,
    measures_decided_at: Option<Db<Timestamp>>,
    following_up_at: Option<Db<Timestamp>>,
    closed_at: Option<Db<Timestamp>>,
    vardskada_at: Option<Db<Timestamp>>,
    informed_at: Option<Db<Timestamp>>,
    waiting_until: Option<Db<Date>>,
    imported: bool,
    version: i64,
    updated_at: Db<Timestamp>,
    opinion: Option<Db<Value>>,
}

/// Whom each case is kept from.
type KeptFrom = BTreeMap<CaseId, BTreeSet<StaffId>>;

impl BriefRow {
    pub(crate) fn into_brief(self, kept: &KeptFrom) -> Result<Brief, Error> {
        let small = |number: Option<i16>| number.and_then(|number| u8::try_from(number).ok());
        let id = self.case_id.get();
        Ok(Brief {
            id,
            number: self.number,
            kind: code(&self.kind, "cases.kind")?,
            status: code(&self.status, "cases.status")?,
            track: self.track.map(|text| code::<Track>(&text, "cases.track")).transpose()?,
            unit: self.unit_id.get(),
            reporting_unit: self.reporting_unit_id.get(),
            also_units: serde_json::from_value(self.also_units.get())
                .map_err(|error| Error::Corrupt(format!("cases.also_units: {error}")))?,
            laws: laws_of(&self.laws)?,
            category: self.category,
            severity: small(self.severity),
            risk_score: small(self.risk_score),
            vardskada: code(&self.vardskada, "cases.vardskada")?,
            lead: self.lead_id.map(Db::get),
            hops: u16::try_from(self.hops).unwrap_or_default(),
            awaits: self
                .awaits
                .split(',')
                .filter(|field| !field.is_empty())
                .map(str::to_owned)
                .collect(),
            warned: self.warned,
            reported_at: self.reported_at.get(),
            kept_from: kept.get(&id).cloned().unwrap_or_default(),
            opinion: self
                .opinion
                .map(|Db(value)| from_document(value, "cases.opinion"))
                .transpose()?,
            clocked: Clocked {
                occurred_at: self.occurred_at.map(Db::get),
                triaged_at: self.triaged_at.map(Db::get),
                investigation_done_at: self.investigation_done_at.map(Db::get),
                measures_decided_at: self.measures_decided_at.map(Db::get),
                following_up_at: self.following_up_at.map(Db::get),
                closed_at: self.closed_at.map(Db::get),
                vardskada_at: self.vardskada_at.map(Db::get),
                informed_at: self.informed_at.map(Db::get),
                waiting_until: self.waiting_until.map(Db::get),
                duplicate: self
                    .outcome
                    .is_some_and(|outcome| Ending::of(&outcome) == Ending::Duplicate),
                imported: self.imported,
                version: self.version,
                updated_at: self.updated_at.get(),
            },
        })
    }
}

type Condition = Box<dyn BoxableExpression<cases::table, MultiBackend, SqlType = Bool>>;

/// The cases that stand at the units of a reading, which is more than being allowed to read them.
fn responsible(reading: &Reading) -> Condition {
    let kinds = reading.kinds.iter().map(|kind| kind.code());
    let mut condition: Condition = Box::new(cases::kind.eq_any(among(kinds)));
    if let Scope::Only(units) = &reading.units {
        let units = units.iter().copied().map(Db);
        condition = Box::new(condition.and(cases::unit_id.eq_any(among(units))));
    }
    if let Scope::Only(laws) = &reading.laws {
        let mut columns = law_columns_with(|law| laws.contains(law));
        columns.push(String::new());
        condition = Box::new(condition.and(cases::laws.eq_any(among(columns))));
    }
    condition
}

/// Any of the readings; nothing where there is none.
pub(crate) fn any(readings: &[Reading]) -> Condition {
    let mut condition: Condition = Box::new(Holds(false));
    for reading in readings {
        condition = Box::new(condition.or(responsible(reading)));
    }
    condition
}

type MeasureCondition =
    Box<dyn BoxableExpression<measures::table, MultiBackend, SqlType = Nullable<Bool>>>;

/// The measures asked for.
fn wanted(asked: MeasuresAsked) -> MeasureCondition {
    match asked {
        MeasuresAsked::Undone => Box::new(measures::done_on.is_null().nullable()),
        MeasuresAsked::Due(due_by, follow_up_by) => {
            let due = measures::done_on.is_null().and(measures::due_on.le(Some(Db(due_by))));
            let judge = measures::effect
                .eq(Effect::NotYet.code())
                .and(measures::follow_up_on.le(Some(Db(follow_up_by))));
            Box::new(due.or(judge))
        }
    }
}

/// The statuses of the cases that are being handled.
pub(crate) fn open() -> Vec<&'static str> {
    Status::ALL.into_iter().filter(|status| status.open()).map(Status::code).collect()
}

impl Tx<'_> {
    /// The grants that hold on a day, of everyone who has not left.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a code is unknown.
    pub fn grants_on(&mut self, day: Date) -> Result<Vec<Grant>, Error> {
        let holder = staff::tenant_id
            .eq(grants::tenant_id)
            .and(staff::staff_id.eq(grants::staff_id))
            .and(staff::deactivated_at.is_null());
        let over = grant_units::tenant_id
            .eq(grants::tenant_id)
            .and(grant_units::grant_id.eq(grants::grant_id));
        let ends = grants::valid_to.is_null().or(grants::valid_to.assume_not_null().ge(Db(day)));
        let rows: Vec<(GrantRow, Option<Db<UnitId>>)> = grants::table
            .inner_join(staff::table.on(holder))
            .left_join(grant_units::table.on(over))
            .filter(grants::tenant_id.eq(Db(self.tenant)))
            .filter(grants::revoked_at.is_null())
            .filter(grants::valid_from.le(Db(day)))
            .filter(ends)
            .order((grants::grant_id, grant_units::unit_id))
            .select((GrantRow::as_select(), grant_units::unit_id.nullable()))
            .load(self.conn)?;
        let mut held: Vec<GrantRow> = Vec::new();
        let mut units = Vec::new();
        for (grant, unit) in rows {
            units.extend(unit.map(|unit| (grant.grant_id, unit)));
            if held.last().is_none_or(|last| last.grant_id != grant.grant_id) {
                held.push(grant);
            }
        }
        joined(held, units)
    }

    /// Whom each case of the tenant is kept from.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn kept_from(&mut self) -> Result<BTreeMap<CaseId, BTreeSet<StaffId>>, Error> {
        let rows: Vec<(Db<CaseId>, Db<StaffId>)> = conflicts::table
            .select((conflicts::case_id, conflicts::staff_id))
            .filter(conflicts::tenant_id.eq(Db(self.tenant)))
            .load(self.conn)?;
        let mut kept = KeptFrom::new();
        for (Db(case), Db(staff)) in rows {
            kept.entry(case).or_default().insert(staff);
        }
        Ok(kept)
    }

    /// The open cases that stand at the units of any reading.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_briefs(
        &mut self,
        readings: &[Reading],
        kept: &BTreeMap<CaseId, BTreeSet<StaffId>>,
    ) -> Result<Vec<Brief>, Error> {
        let rows: Vec<BriefRow> = cases::table
            .select(BriefRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::status.eq_any(codes(open())))
            .filter(any(readings))
            .load(self.conn)?;
        rows.into_iter().map(|row| row.into_brief(kept)).collect()
    }

    /// Some cases, wherever they stand; those that are private are not among them.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn briefs_of(
        &mut self,
        ids: &BTreeSet<CaseId>,
        kept: &BTreeMap<CaseId, BTreeSet<StaffId>>,
    ) -> Result<Vec<Brief>, Error> {
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<BriefRow> = cases::table
            .select(BriefRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(among(ids)))
            .filter(cases::private.eq(false))
            .filter(cases::erased_at.is_null())
            .load(self.conn)?;
        rows.into_iter().map(|row| row.into_brief(kept)).collect()
    }

    /// Measures of the cases that stand at the units of any reading, each with its case; also of
    /// closed ones.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn measures_in(
        &mut self,
        readings: &[Reading],
        asked: MeasuresAsked,
        kept: &BTreeMap<CaseId, BTreeSet<StaffId>>,
    ) -> Result<Vec<(OpenMeasure, Brief)>, Error> {
        type Row = (
            Db<InvestigationId>,
            Db<MeasureId>,
            Option<String>,
            Option<Db<Date>>,
            Option<Db<Date>>,
            Option<Db<Date>>,
            String,
        );
        let found: Vec<Row> = measures::table
            .select((
                measures::investigation_id,
                measures::measure_id,
                measures::owner,
                measures::due_on,
                measures::follow_up_on,
                measures::done_on,
                measures::effect,
            ))
            .filter(measures::tenant_id.eq(Db(self.tenant)))
            .filter(wanted(asked))
            .load(self.conn)?;
        if found.is_empty() || readings.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = cases::table
            .select((BriefRow::as_select(), cases::investigation_id))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::status.ne(Status::Void.code()))
            .filter(cases::erased_at.is_null())
            .filter(cases::investigation_id.is_not_null())
            .filter(any(readings))
            .into_boxed();
        let investigations: BTreeSet<_> = found.iter().map(|row| row.0).collect();
        if investigations.len() <= MOST_NAMED {
            let named = investigations.into_iter().map(Some);
            query = query.filter(cases::investigation_id.eq_any(among(named)));
        }
        let rows: Vec<(BriefRow, Option<Db<InvestigationId>>)> = query.load(self.conn)?;
        // One investigation may serve several cases.
        let mut briefs: BTreeMap<Db<InvestigationId>, Vec<Brief>> = BTreeMap::new();
        for (row, investigation) in rows {
            if let Some(investigation) = investigation {
                briefs.entry(investigation).or_default().push(row.into_brief(kept)?);
            }
        }
        let mut pairs = Vec::new();
        for (investigation, id, owner, due_on, follow_up_on, done_on, effect) in found {
            for brief in briefs.get(&investigation).into_iter().flatten() {
                let measure = OpenMeasure {
                    case: brief.id,
                    id: id.get(),
                    owner: owner.clone(),
                    due_on: due_on.map(Db::get),
                    follow_up_on: follow_up_on.map(Db::get),
                    done_on: done_on.map(Db::get),
                    effect: code(&effect, "measures.effect")?,
                };
                pairs.push((measure, brief.clone()));
            }
        }
        Ok(pairs)
    }

    /// What a person was asked by name, unless it does not concern them, and what nobody of their
    /// profession has answered.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn requests_to(
        &mut self,
        me: StaffId,
        profession: Option<&str>,
    ) -> Result<Vec<Request>, Error> {
        let mine = watches::staff_id.is_not_null().and(
            watches::staff_id.assume_not_null().eq(Db(me)).and(
                watches::answer
                    .is_null()
                    .or(watches::answer.assume_not_null().ne(WatchAnswer::NotMine.code())),
            ),
        );
        let ours = watches::profession
            .is_not_null()
            .and(watches::profession.assume_not_null().eq(profession.unwrap_or("").to_owned()))
            .and(watches::answer.is_null());
        let rows: Vec<RequestRow> = watches::table
            .select(REQUEST)
            .filter(watches::tenant_id.eq(Db(self.tenant)))
            .filter(mine.or(ours))
            .load(self.conn)?;
        rows.into_iter().map(request).collect()
    }

    /// What nobody has answered, whoever is asked.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_requests(&mut self) -> Result<Vec<Request>, Error> {
        let rows: Vec<RequestRow> = watches::table
            .select(REQUEST)
            .filter(watches::tenant_id.eq(Db(self.tenant)))
            .filter(watches::answer.is_null())
            .load(self.conn)?;
        rows.into_iter().map(request).collect()
    }

    /// The comments that mention a person and after which they have said nothing about the case.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn unanswered_mentions(&mut self, me: StaffId) -> Result<Vec<Mention>, Error> {
        let called = comment_mentions::tenant_id
            .eq(comments::tenant_id)
            .and(comment_mentions::case_id.eq(comments::case_id))
            .and(comment_mentions::comment_id.eq(comments::comment_id))
            .and(comment_mentions::staff_id.eq(Db(me)));
        let any = diesel::alias!(comment_mentions as any_mentions);
        let cases_called = any
            .select(any.field(comment_mentions::case_id))
            .filter(any.field(comment_mentions::tenant_id).eq(Db(self.tenant)))
            .filter(any.field(comment_mentions::staff_id).eq(Db(me)));
        type Row = (Db<CaseId>, Db<CommentId>, Db<StaffId>, Db<Timestamp>, Option<Db<StaffId>>);
        let rows: Vec<Row> = comments::table
            .left_join(comment_mentions::table.on(called))
            .filter(comments::tenant_id.eq(Db(self.tenant)))
            .filter(comments::case_id.eq_any(cases_called))
            .filter(comments::said_by.eq(Db(me)).or(comment_mentions::staff_id.is_not_null()))
            .select((
                comments::case_id,
                comments::comment_id,
                comments::said_by,
                comments::said_at,
                comment_mentions::staff_id.nullable(),
            ))
            .load(self.conn)?;
        // Ids of one moment still tell which came first.
        let mut said: BTreeMap<Db<CaseId>, (Db<Timestamp>, Db<CommentId>)> = BTreeMap::new();
        for (case, comment, _, at, _) in rows.iter().filter(|row| row.2.get() == me) {
            let last = said.entry(*case).or_insert((*at, *comment));
            *last = (*last).max((*at, *comment));
        }
        let open = rows.into_iter().filter(|(case, comment, by, at, called)| {
            let answered = said.get(case).is_some_and(|said| *said > (*at, *comment));
            called.is_some() && by.get() != me && !answered
        });
        Ok(open
            .map(|(case, comment, _, at, _)| Mention {
                case: case.get(),
                comment: comment.get(),
                at: at.get(),
            })
            .collect())
    }

    /// The closings in the sample that others have made and nobody has looked at, of the cases of any
    /// reading.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn samples_in(
        &mut self,
        me: StaffId,
        readings: &[Reading],
        kept: &BTreeMap<CaseId, BTreeSet<StaffId>>,
    ) -> Result<Vec<Brief>, Error> {
        let unseen = samples::table
            .select(samples::case_id)
            .filter(samples::tenant_id.eq(Db(self.tenant)))
            .filter(samples::closed_by.ne(Db(me)))
            .filter(samples::verdict.is_null());
        let rows: Vec<BriefRow> = cases::table
            .select(BriefRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(unseen))
            .filter(cases::status.eq(Status::Closed.code()))
            .filter(any(readings))
            .load(self.conn)?;
        rows.into_iter().map(|row| row.into_brief(kept)).collect()
    }
}

type RequestRow = (
    Db<WatchId>,
    Db<CaseId>,
    Option<Db<StaffId>>,
    Option<String>,
    String,
    Option<Db<Date>>,
    Option<String>,
);

/// The columns of a [`RequestRow`].
#[allow(clippy::type_complexity, reason = "the columns are the type")]
const REQUEST: (
    watches::watch_id,
    watches::case_id,
    watches::staff_id,
    watches::profession,
    watches::wish,
    watches::due_on,
    watches::answer,
) = (
    watches::watch_id,
    watches::case_id,
    watches::staff_id,
    watches::profession,
    watches::wish,
    watches::due_on,
    watches::answer,
);

fn request(row: RequestRow) -> Result<Request, Error> {
    let (id, case, staff, profession, wish, due_on, answer) = row;
    let to = match (staff, profession) {
        (Some(staff), _) => Watcher::Staff(staff.get()),
        (None, Some(profession)) => Watcher::Profession(profession),
        (None, None) => return Err(Error::Corrupt("a watch is for nobody".into())),
    };
    Ok(Request {
        case: case.get(),
        id: id.get(),
        to,
        wish: code(&wish, "watches.wish")?,
        due_on: due_on.map(Db::get),
        open: answer.is_none(),
    })
}
