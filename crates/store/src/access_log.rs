//! Searching the access log: whose entries of what one may see, page by page, and what stands behind them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;
use domain::access_log::Stated;
use domain::escalation::Kind as EscalationKind;
use domain::ids::{CaseId, EntryId, StaffId, SubjectId, UnitId};
use domain::law::Law;
use domain::policy::{LogScope, Scope};
use domain::spot_check::CaseRead;
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::cases::{code, law_columns_with, laws_of};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::records::{AccessEntry, EntryRow};
use crate::schema::{
    access_entries, access_exposures, access_searches, case_facts, case_history, case_units, cases,
    escalations, subjects, watches,
};
use crate::sql_types::Db;
use crate::subjects::Sealed;

/// In which order entries go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOrder {
    /// The latest first: for who searches.
    Newest,
    /// The earliest first: for a draw.
    Oldest,
}

/// Which entries of the log are wanted.
#[derive(Clone, Debug)]
pub struct LogFilter {
    /// Of what the caller may see; whoever sees all has a scope without limits.
    pub scopes: Vec<LogScope>,
    /// By this reader.
    pub staff: Option<StaffId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of these persons; `None` is of anybody or nobody.
    pub subjects: Option<BTreeSet<SubjectId>>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub before: Option<Timestamp>,
    /// Only what was refused, or only what was shown.
    pub refused: Option<bool>,
    /// Go on after this place.
    pub after: Option<(Timestamp, EntryId)>,
    /// In which order.
    pub order: LogOrder,
    /// How many at most.
    pub limit: i64,
}

/// A case as the log names it, without text or person.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedCase {
    /// What checks know of it. What is sealed is not looked at here.
    pub read: CaseRead,
    /// The persons it is, or was, about, as keyed hashes.
    pub persons: Vec<Vec<u8>>,
    /// Who left it, sealed.
    pub sender: Option<Sealed>,
}

type Condition = Box<dyn BoxableExpression<case_facts::table, MultiBackend, SqlType = Bool>>;

/// Whether an entry exposed what [`Exposed`] says.
const OF_ENTRY: &str = "EXISTS (SELECT 1 FROM access_exposures \
     JOIN case_facts ON case_facts.tenant_id = access_exposures.tenant_id \
     AND case_facts.case_id = access_exposures.case_id \
     WHERE access_exposures.tenant_id = access_entries.tenant_id \
     AND access_exposures.entry_id = access_entries.entry_id AND (";

/// Whether one exposure is of what [`Exposed`] says.
const OF_EXPOSURE: &str = "EXISTS (SELECT 1 FROM case_facts \
     WHERE case_facts.tenant_id = access_exposures.tenant_id \
     AND case_facts.case_id = access_exposures.case_id AND (";

/// That a case of one of these scopes was exposed. By hand, since a boxed condition cannot stand in a
/// subquery that is built. Facts outlive what they count, so that what was erased stays in its scope.
struct Exposed {
    /// By what, up to the condition.
    by: &'static str,
    scopes: Condition,
}

impl Expression for Exposed {
    type SqlType = Bool;
}

impl<QS: ?Sized> AppearsOnTable<QS> for Exposed {}
impl<QS: ?Sized> SelectableExpression<QS> for Exposed {}

impl<GroupBy> ValidGrouping<GroupBy> for Exposed {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for Exposed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<MultiBackend> for Exposed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(self.by);
        self.scopes.walk_ast(out.reborrow())?;
        out.push_sql("))");
        Ok(())
    }
}

fn condition(scope: &LogScope) -> Condition {
    let mut condition: Condition = Box::new(case_facts::case_id.is_not_null());
    if let Scope::Only(units) = &scope.units {
        let units: Vec<_> = units.iter().copied().map(Db).collect();
        condition = Box::new(condition.and(case_facts::unit_id.eq_any(units)));
    }
    if let Scope::Only(laws) = &scope.laws {
        let mut columns = law_columns_with(|law: &Law| laws.contains(law));
        columns.push(String::new());
        condition = Box::new(condition.and(case_facts::laws.eq_any(columns)));
    }
    condition
}

/// That a case is of any of these scopes; `None` where one of them has no limits.
fn in_any(scopes: &[LogScope]) -> Option<Condition> {
    if scopes.iter().any(LogScope::is_whole) {
        return None;
    }
    let nothing: Condition = Box::new(case_facts::case_id.is_null());
    let either = |one: Condition, other: Condition| -> Condition { Box::new(one.or(other)) };
    Some(scopes.iter().map(condition).fold(nothing, either))
}

impl Additions {
    /// Adds why the log was searched, beside the entry of the search.
    pub fn access_search(&mut self, entry: EntryId, stated: &Stated) {
        self.push(diesel::insert_into(access_searches::table).values((
            access_searches::tenant_id.eq(Db(self.tenant)),
            access_searches::entry_id.eq(Db(entry)),
            access_searches::purpose.eq(stated.purpose.code()),
            access_searches::reason.eq(stated.reason.clone()),
        )));
    }
}

impl Tx<'_> {
    /// Entries of the log, as a filter says, with whom they exposed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn log_entries(&mut self, filter: &LogFilter) -> Result<Vec<AccessEntry>, Error> {
        if filter.scopes.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = access_entries::table
            .select(EntryRow::as_select())
            .filter(access_entries::tenant_id.eq(Db(self.tenant)))
            .limit(filter.limit)
            .into_boxed();
        if filter.case.is_some() || filter.subjects.is_some() {
            let of = self.entries_exposing(filter)?;
            query = query.filter(access_entries::entry_id.eq_any(of));
        } else if let Some(scopes) = in_any(&filter.scopes) {
            query = query.filter(Exposed { by: OF_ENTRY, scopes });
        }
        if let Some(staff) = filter.staff {
            query = query.filter(access_entries::staff_id.eq(Db(staff)));
        }
        if let Some(from) = filter.from {
            query = query.filter(access_entries::at.ge(Db(from)));
        }
        if let Some(before) = filter.before {
            query = query.filter(access_entries::at.lt(Db(before)));
        }
        query = match filter.refused {
            Some(true) => query.filter(access_entries::outcome.is_not_null()),
            Some(false) => query.filter(access_entries::outcome.is_null()),
            None => query,
        };
        query = match filter.order {
            LogOrder::Newest => {
                if let Some((at, id)) = filter.after {
                    let tie =
                        access_entries::at.eq(Db(at)).and(access_entries::entry_id.lt(Db(id)));
                    query = query.filter(access_entries::at.le(Db(at)));
                    query = query.filter(access_entries::at.lt(Db(at)).or(tie));
                }
                query.order((access_entries::at.desc(), access_entries::entry_id.desc()))
            }
            LogOrder::Oldest => {
                if let Some((at, id)) = filter.after {
                    let tie =
                        access_entries::at.eq(Db(at)).and(access_entries::entry_id.gt(Db(id)));
                    query = query.filter(access_entries::at.ge(Db(at)));
                    query = query.filter(access_entries::at.gt(Db(at)).or(tie));
                }
                query.order((access_entries::at.asc(), access_entries::entry_id.asc()))
            }
        };
        let rows: Vec<EntryRow> = query.load(self.conn)?;
        self.with_exposed(rows)
    }

    /// The entries that exposed the case and any of the persons of a filter, within its scopes: one exposure
    /// is all of that, or whoever answers for some cases of an entry would learn who else is in it.
    fn entries_exposing(&mut self, filter: &LogFilter) -> Result<Vec<Db<EntryId>>, Error> {
        let mut query = access_exposures::table
            .select(access_exposures::entry_id)
            .distinct()
            .filter(access_exposures::tenant_id.eq(Db(self.tenant)))
            .into_boxed();
        if let Some(scopes) = in_any(&filter.scopes) {
            query = query.filter(Exposed { by: OF_EXPOSURE, scopes });
        }
        if let Some(case) = filter.case {
            query = query.filter(access_exposures::case_id.eq(Db(case)));
        }
        if let Some(subjects) = &filter.subjects {
            let subjects: Vec<_> = subjects.iter().map(|id| Some(Db(*id))).collect();
            query = query.filter(access_exposures::subject_id.eq_any(subjects));
        }
        Ok(query.load(self.conn)?)
    }

    /// Some entries, by id, with whom they exposed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn log_entries_named(&mut self, ids: &[EntryId]) -> Result<Vec<AccessEntry>, Error> {
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<EntryRow> = access_entries::table
            .select(EntryRow::as_select())
            .filter(access_entries::tenant_id.eq(Db(self.tenant)))
            .filter(access_entries::entry_id.eq_any(ids))
            .order((access_entries::at, access_entries::entry_id))
            .load(self.conn)?;
        self.with_exposed(rows)
    }

    /// Why searches of the log were made, by entry.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown purpose.
    pub fn log_searches(&mut self, ids: &[EntryId]) -> Result<HashMap<EntryId, Stated>, Error> {
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<(Db<EntryId>, String, String)> = access_searches::table
            .select((access_searches::entry_id, access_searches::purpose, access_searches::reason))
            .filter(access_searches::tenant_id.eq(Db(self.tenant)))
            .filter(access_searches::entry_id.eq_any(ids))
            .load(self.conn)?;
        let stated = |(id, purpose, reason): (Db<EntryId>, String, String)| {
            let purpose = code(&purpose, "access_searches.purpose")?;
            Ok((id.get(), Stated { purpose, reason }))
        };
        rows.into_iter().map(stated).collect()
    }

    /// The sealed identities of whoever this keyed hash is of. Nothing is opened.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn subjects_of_person(&mut self, index: &[u8]) -> Result<BTreeSet<SubjectId>, Error> {
        let rows: Vec<Db<SubjectId>> = subjects::table
            .select(subjects::subject_id)
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::blind_index.eq(index.to_vec()))
            .load(self.conn)?;
        Ok(rows.into_iter().map(Db::get).collect())
    }

    /// Some cases, each with the person it is about, as an entry names them. What was erased is left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn to_be_exposed(
        &mut self,
        ids: &BTreeSet<CaseId>,
    ) -> Result<Vec<(CaseId, Option<SubjectId>)>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let rows: Vec<(Db<CaseId>, Option<Db<SubjectId>>)> = cases::table
            .select((cases::case_id, cases::subject_id))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(ids))
            .filter(cases::erased_at.is_null())
            .order(cases::case_id)
            .load(self.conn)?;
        Ok(rows.into_iter().map(|(case, subject)| (case.get(), subject.map(Db::get))).collect())
    }

    /// What the log may say of the cases that some entries exposed, with the persons as they were exposed.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn logged_cases(
        &mut self,
        entries: &[AccessEntry],
    ) -> Result<HashMap<CaseId, LoggedCase>, Error> {
        let exposed = || entries.iter().flat_map(|entry| &entry.exposed);
        let ids: BTreeSet<CaseId> = exposed().map(|(case, _)| *case).collect();
        let ids: Vec<_> = ids.into_iter().map(Db).collect();
        type Fact =
            (Db<CaseId>, Db<UnitId>, Db<UnitId>, String, String, String, Option<Db<Timestamp>>);
        let facts: Vec<Fact> = case_facts::table
            .select((
                case_facts::case_id,
                case_facts::unit_id,
                case_facts::reporting_unit_id,
                case_facts::laws,
                case_facts::kind,
                case_facts::status,
                case_facts::closed_at,
            ))
            .filter(case_facts::tenant_id.eq(Db(self.tenant)))
            .filter(case_facts::case_id.eq_any(ids.clone()))
            .load(self.conn)?;
        let mut found = HashMap::new();
        for (case, unit, reporting_unit, laws, kind, status, closed_at) in facts {
            let read = CaseRead {
                case: case.get(),
                number: None,
                unit: unit.get(),
                reporting_unit: reporting_unit.get(),
                also_units: Vec::new(),
                laws: laws_of(&laws)?,
                kind: code(&kind, "case_facts.kind")?,
                status: code(&status, "case_facts.status")?,
                closed_at: closed_at.map(Db::get),
                reported_by: None,
                lead: None,
                asked: Vec::new(),
                lex: false,
                protected: false,
                about_reader: false,
                same_surname: false,
            };
            found.insert(case.get(), LoggedCase { read, persons: Vec::new(), sender: None });
        }
        self.who_works_on(&ids, &mut found)?;
        self.whom_they_are_about(entries, &mut found)?;
        Ok(found)
    }

    /// Puts to each case who reported and leads it, who was asked, and where else it belongs.
    fn who_works_on(
        &mut self,
        ids: &[Db<CaseId>],
        found: &mut HashMap<CaseId, LoggedCase>,
    ) -> Result<(), Error> {
        type Staff = Option<Db<StaffId>>;
        let rows: Vec<(Db<CaseId>, String, Staff, Staff, Staff)> = cases::table
            .select((
                cases::case_id,
                cases::number,
                cases::reported_by,
                cases::registered_by,
                cases::lead_id,
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(ids.to_vec()))
            .load(self.conn)?;
        for (case, number, reported, registered, lead) in rows {
            if let Some(case) = found.get_mut(&case.get()) {
                case.read.number = Some(number);
                case.read.reported_by = reported.or(registered).map(Db::get);
                case.read.lead = lead.map(Db::get);
            }
        }
        let rows: Vec<(Db<CaseId>, Db<UnitId>)> = case_units::table
            .select((case_units::case_id, case_units::unit_id))
            .filter(case_units::tenant_id.eq(Db(self.tenant)))
            .filter(case_units::case_id.eq_any(ids.to_vec()))
            .order((case_units::case_id, case_units::unit_id))
            .load(self.conn)?;
        for (case, unit) in rows {
            if let Some(case) = found.get_mut(&case.get()) {
                case.read.also_units.push(unit.get());
            }
        }
        let rows: Vec<(Db<CaseId>, Staff, Db<Timestamp>)> = watches::table
            .select((watches::case_id, watches::staff_id, watches::asked_at))
            .filter(watches::tenant_id.eq(Db(self.tenant)))
            .filter(watches::case_id.eq_any(ids.to_vec()))
            .order((watches::case_id, watches::asked_at))
            .load(self.conn)?;
        for (case, staff, at) in rows {
            if let (Some(case), Some(staff)) = (found.get_mut(&case.get()), staff) {
                case.read.asked.push((staff.get(), at.get()));
            }
        }
        let some: Vec<_> = ids.iter().copied().map(Some).collect();
        let rows: Vec<Option<Db<CaseId>>> = escalations::table
            .select(escalations::case_id)
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::case_id.eq_any(some))
            .filter(escalations::kind.ne(EscalationKind::Riskperson.code()))
            .load(self.conn)?;
        for case in rows.into_iter().flatten() {
            if let Some(case) = found.get_mut(&case.get()) {
                case.read.lex = true;
            }
        }
        Ok(())
    }

    /// Puts to each case the persons it was about when it was read, and who left it.
    fn whom_they_are_about(
        &mut self,
        entries: &[AccessEntry],
        found: &mut HashMap<CaseId, LoggedCase>,
    ) -> Result<(), Error> {
        let exposed = || entries.iter().flat_map(|entry| &entry.exposed);
        let persons: BTreeSet<SubjectId> = exposed().filter_map(|(_, subject)| *subject).collect();
        let persons: Vec<_> = persons.into_iter().map(Db).collect();
        let rows: Vec<(Db<SubjectId>, Vec<u8>, Option<String>)> = subjects::table
            .select((subjects::subject_id, subjects::blind_index, subjects::protected))
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::subject_id.eq_any(persons))
            .load(self.conn)?;
        let persons: BTreeMap<SubjectId, (Vec<u8>, bool)> = rows
            .into_iter()
            .map(|(id, index, protected)| (id.get(), (index, protected.is_some())))
            .collect();
        for (case, subject) in exposed() {
            let person = subject.and_then(|subject| persons.get(&subject));
            if let (Some(case), Some((index, protected))) = (found.get_mut(case), person) {
                case.read.protected |= protected;
                if !case.persons.contains(index) {
                    case.persons.push(index.clone());
                }
            }
        }
        let ids: Vec<CaseId> = found.keys().copied().collect();
        for (case, sealed) in self.opinion_senders_of(ids)? {
            if let Some(case) = found.get_mut(&case) {
                case.sender = Some(sealed);
            }
        }
        Ok(())
    }

    /// When somebody of the staff changed any of some cases, by case and person.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn changes_of(
        &mut self,
        cases: &BTreeSet<CaseId>,
    ) -> Result<HashMap<(CaseId, StaffId), Vec<Timestamp>>, Error> {
        type Row = (Db<CaseId>, Option<Db<StaffId>>, Db<Timestamp>);
        let ids: Vec<_> = cases.iter().copied().map(Db).collect();
        let rows: Vec<Row> = case_history::table
            .select((case_history::case_id, case_history::staff_id, case_history::at))
            .filter(case_history::tenant_id.eq(Db(self.tenant)))
            .filter(case_history::case_id.eq_any(ids))
            .load(self.conn)?;
        let mut found: HashMap<_, Vec<Timestamp>> = HashMap::new();
        for (case, staff, at) in rows {
            if let Some(staff) = staff {
                found.entry((case.get(), staff.get())).or_default().push(at.get());
            }
        }
        Ok(found)
    }

    /// Where some cases are, and under which laws.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown law.
    pub fn places_of(
        &mut self,
        cases: &BTreeSet<CaseId>,
    ) -> Result<HashMap<CaseId, (UnitId, Vec<Law>)>, Error> {
        let ids: Vec<_> = cases.iter().copied().map(Db).collect();
        let rows: Vec<(Db<CaseId>, Db<UnitId>, String)> = case_facts::table
            .select((case_facts::case_id, case_facts::unit_id, case_facts::laws))
            .filter(case_facts::tenant_id.eq(Db(self.tenant)))
            .filter(case_facts::case_id.eq_any(ids))
            .load(self.conn)?;
        let place = |(case, unit, laws): (Db<CaseId>, Db<UnitId>, String)| {
            Ok((case.get(), (unit.get(), laws_of(&laws)?)))
        };
        rows.into_iter().map(place).collect()
    }

    /// When the log begins.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn log_begins(&mut self) -> Result<Option<Timestamp>, Error> {
        let first: Option<Db<Timestamp>> = access_entries::table
            .select(access_entries::at)
            .filter(access_entries::tenant_id.eq(Db(self.tenant)))
            .order(access_entries::at)
            .first(self.conn)
            .optional()?;
        Ok(first.map(Db::get))
    }
}
