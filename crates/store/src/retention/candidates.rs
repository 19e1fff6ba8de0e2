//! What has ended, and what stands around it. Narrow columns alone: neither text nor person is read.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::case::measure::Effect;
use domain::case::{Kind, Status};
use domain::forwarding::{Direction, Status as ForwardingStatus};
use domain::ids::{CaseId, ForwardingId, InvestigationId, SubjectId, UnitId};
use domain::retention::{CaseTraits, Standing};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::cases::{code, laws_of};
use crate::error::Error;
use crate::escalations::open as open_escalations;
use crate::schema::{
    attachments, case_history, case_links, cases, comments, escalations, forwardings, measures,
    opinion_messages, outbox, samples, subjects,
};
use crate::sql_types::Db;

/// A case that has ended, or a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedCase {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// What the plan needs to know of it.
    pub traits: CaseTraits,
    /// When it ended; of a draft, when it last changed.
    pub since: Timestamp,
    /// Its version.
    pub version: i64,
    /// Its investigation.
    pub investigation: Option<InvestigationId>,
    /// What stands around it.
    pub standing: Standing,
    /// What would go with it: how many of what.
    pub parts: BTreeMap<String, u64>,
}

type BriefRow = (
    (Db<CaseId>, String, String, String, String),
    (Option<Db<Timestamp>>, Option<Db<Timestamp>>, Db<Timestamp>, i64, bool),
    (Option<Db<InvestigationId>>, Option<Db<SubjectId>>, Db<UnitId>),
);

/// Which cases are asked for.
#[derive(Clone, Copy)]
enum Asked<'a> {
    /// Those that ended before a moment.
    Before(Timestamp),
    /// These, wherever they stand.
    These(&'a [Db<CaseId>]),
}

/// How many cases one statement asks about.
const AT_ONCE: usize = 400;

impl Tx<'_> {
    /// The cases that ended, and the drafts last changed, before a moment, by id. `day` says which holds hold.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn ended_cases(&mut self, before: Timestamp, day: Date) -> Result<Vec<EndedCase>, Error> {
        self.around(Asked::Before(before), day)
    }

    /// One case, wherever it stands; `None` where it is not there, or erased.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn ended_case(&mut self, id: CaseId, day: Date) -> Result<Option<EndedCase>, Error> {
        Ok(self.around(Asked::These(&[Db(id)]), day)?.pop())
    }

    fn around(&mut self, asked: Asked<'_>, day: Date) -> Result<Vec<EndedCase>, Error> {
        let mut query = cases::table
            .select((
                (cases::case_id, cases::number, cases::kind, cases::status, cases::laws),
                (
                    cases::closed_at,
                    cases::voided_at,
                    cases::updated_at,
                    cases::version,
                    cases::imported,
                ),
                (cases::investigation_id, cases::subject_id, cases::unit_id),
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::erased_at.is_null())
            .order(cases::case_id)
            .into_boxed();
        query = match asked {
            Asked::These(ids) => query.filter(cases::case_id.eq_any(ids.to_vec())),
            Asked::Before(before) => {
                let closed = cases::closed_at
                    .is_not_null()
                    .and(cases::closed_at.assume_not_null().lt(Db(before)));
                let voided = cases::voided_at
                    .is_not_null()
                    .and(cases::voided_at.assume_not_null().lt(Db(before)));
                let draft =
                    cases::status.eq(Status::Draft.code()).and(cases::updated_at.lt(Db(before)));
                query.filter(closed.or(voided).or(draft))
            }
        };
        let rows: Vec<BriefRow> = query.load(self.conn)?;
        let mut found = Vec::with_capacity(rows.len());
        for rows in rows.chunks(AT_ONCE) {
            found.extend(self.with_standing(rows, day)?);
        }
        Ok(found)
    }

    fn with_standing(&mut self, rows: &[BriefRow], day: Date) -> Result<Vec<EndedCase>, Error> {
        let tenant = Db(self.tenant);
        let ids: Vec<Db<CaseId>> = rows.iter().map(|row| row.0.0).collect();
        let set = |found: Vec<Db<CaseId>>| -> BTreeSet<CaseId> {
            found.into_iter().map(Db::get).collect()
        };
        let maybe = |found: Vec<Option<Db<CaseId>>>| -> BTreeSet<CaseId> {
            found.into_iter().flatten().map(Db::get).collect()
        };
        let some: Vec<_> = ids.iter().copied().map(Some).collect();
        let lex: BTreeSet<CaseId> = maybe(
            escalations::table
                .select(escalations::case_id)
                .filter(escalations::tenant_id.eq(tenant))
                .filter(escalations::case_id.eq_any(some.clone()))
                .load(self.conn)?,
        );
        let open_lex = maybe(
            escalations::table
                .select(escalations::case_id)
                .filter(escalations::tenant_id.eq(tenant))
                .filter(escalations::case_id.eq_any(some.clone()))
                .filter(escalations::status.eq_any(open_escalations()))
                .load(self.conn)?,
        );
        // What came by import and nobody has touched waits for nobody; what we have answered is at its end.
        let settled = [ForwardingStatus::Answered, ForwardingStatus::WrongRecipient];
        let answered = forwardings::direction
            .eq(Direction::Received.code())
            .and(forwardings::status.eq_any(settled.map(ForwardingStatus::code)));
        let untouched = forwardings::imported.eq(true).and(forwardings::version.eq(1));
        let open_forwarding = maybe(
            forwardings::table
                .select(forwardings::case_id)
                .filter(forwardings::tenant_id.eq(tenant))
                .filter(forwardings::case_id.eq_any(some.clone()))
                .filter(forwardings::ended_at.is_null())
                .filter(diesel::dsl::not(answered))
                .filter(diesel::dsl::not(untouched))
                .load(self.conn)?,
        );
        let unchecked = set(samples::table
            .select(samples::case_id)
            .filter(samples::tenant_id.eq(tenant))
            .filter(samples::case_id.eq_any(ids.clone()))
            .filter(samples::verdict.is_null())
            .load(self.conn)?);
        let held = self.on_hold(rows, day)?;
        let linked_open = self.linked_open(&ids)?;
        let inquiries: Vec<_> = rows.iter().filter_map(|row| row.2.0).collect();
        let unlooked =
            measures::effect.eq(Effect::NotYet.code()).and(measures::follow_up_on.is_not_null());
        let open_measures: Vec<Db<InvestigationId>> = measures::table
            .select(measures::investigation_id)
            .filter(measures::tenant_id.eq(tenant))
            .filter(measures::investigation_id.eq_any(inquiries))
            .filter(measures::done_on.is_null().or(unlooked))
            .load(self.conn)?;
        let open_measures: BTreeSet<InvestigationId> =
            open_measures.into_iter().map(Db::get).collect();
        let mut parts = self.parts_of(&ids)?;
        rows.iter()
            .map(|((id, number, kind, status, laws), times, (inquiry, _, _))| {
                let (closed, voided, updated, version, imported) = *times;
                let (id, inquiry) = (id.get(), inquiry.map(Db::get));
                let status: Status = code(status, "cases.status")?;
                let kind: Kind = code(kind, "cases.kind")?;
                let traits =
                    CaseTraits { kind, status, laws: laws_of(laws)?, lex: lex.contains(&id) };
                let measuring = !imported && inquiry.is_some_and(|it| open_measures.contains(&it));
                Ok(EndedCase {
                    id,
                    number: number.clone(),
                    traits,
                    since: closed.or(voided).unwrap_or(updated).get(),
                    version,
                    investigation: inquiry,
                    standing: Standing {
                        on_hold: held.contains(&id),
                        ended: matches!(status, Status::Closed | Status::Void | Status::Draft),
                        open_escalation: open_lex.contains(&id),
                        open_forwarding: open_forwarding.contains(&id),
                        linked_open: linked_open.contains(&id),
                        open_measure: measuring,
                        unchecked: unchecked.contains(&id),
                    },
                    parts: parts.remove(&id).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Those that a legal hold holds on a day.
    fn on_hold(&mut self, rows: &[BriefRow], day: Date) -> Result<BTreeSet<CaseId>, Error> {
        let holds = self.legal_holds()?;
        let holds: Vec<_> = holds.into_iter().filter(|hold| hold.holds_on(day)).collect();
        let mut held: BTreeSet<CaseId> = holds.iter().filter_map(|hold| hold.case).collect();
        let indexes: Vec<Vec<u8>> = holds.into_iter().filter_map(|hold| hold.blind_index).collect();
        if !indexes.is_empty() {
            let persons: Vec<Db<SubjectId>> = subjects::table
                .select(subjects::subject_id)
                .filter(subjects::tenant_id.eq(Db(self.tenant)))
                .filter(subjects::blind_index.eq_any(indexes))
                .load(self.conn)?;
            let persons: BTreeSet<SubjectId> = persons.into_iter().map(Db::get).collect();
            let about = |row: &&BriefRow| row.2.1.is_some_and(|id| persons.contains(&id.get()));
            held.extend(rows.iter().filter(about).map(|row| row.0.0.get()));
            // What other caregivers sent goes with the case that it became.
            let received = self.received_on_hold(day)?;
            let ids: Vec<_> = rows.iter().map(|row| Some(row.0.0)).collect();
            let sent: Vec<(Option<Db<CaseId>>, Db<ForwardingId>)> = forwardings::table
                .select((forwardings::case_id, forwardings::forwarding_id))
                .filter(forwardings::tenant_id.eq(Db(self.tenant)))
                .filter(forwardings::case_id.eq_any(ids))
                .load(self.conn)?;
            let sent = sent.into_iter().filter(|(_, id)| received.contains(&id.get()));
            held.extend(sent.filter_map(|(case, _)| case).map(Db::get));
        }
        Ok(held)
    }

    /// Those linked, in either direction, with a case that is open.
    fn linked_open(&mut self, ids: &[Db<CaseId>]) -> Result<BTreeSet<CaseId>, Error> {
        let tenant = Db(self.tenant);
        let pairs =
            |of: Vec<(Db<CaseId>, Db<CaseId>)>| of.into_iter().map(|(a, b)| (a.get(), b.get()));
        let forth: Vec<(Db<CaseId>, Db<CaseId>)> = case_links::table
            .select((case_links::case_id, case_links::to_case_id))
            .filter(case_links::tenant_id.eq(tenant))
            .filter(case_links::case_id.eq_any(ids.to_vec()))
            .load(self.conn)?;
        let back: Vec<(Db<CaseId>, Db<CaseId>)> = case_links::table
            .select((case_links::to_case_id, case_links::case_id))
            .filter(case_links::tenant_id.eq(tenant))
            .filter(case_links::to_case_id.eq_any(ids.to_vec()))
            .load(self.conn)?;
        let linked: Vec<(CaseId, CaseId)> = pairs(forth).chain(pairs(back)).collect();
        if linked.is_empty() {
            return Ok(BTreeSet::new());
        }
        let others: BTreeSet<CaseId> = linked.iter().map(|(_, other)| *other).collect();
        let ended = [Status::Closed, Status::Void, Status::Draft].map(Status::code);
        let open: Vec<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(tenant))
            .filter(cases::case_id.eq_any(others.into_iter().map(Db).collect::<Vec<_>>()))
            .filter(cases::status.ne_all(ended))
            .load(self.conn)?;
        let open: BTreeSet<CaseId> = open.into_iter().map(Db::get).collect();
        Ok(linked.into_iter().filter(|(_, it)| open.contains(it)).map(|(id, _)| id).collect())
    }

    /// How many of what hang on some cases.
    fn parts_of(
        &mut self,
        ids: &[Db<CaseId>],
    ) -> Result<BTreeMap<CaseId, BTreeMap<String, u64>>, Error> {
        let tenant = Db(self.tenant);
        let mut parts: BTreeMap<CaseId, BTreeMap<String, u64>> = BTreeMap::new();
        macro_rules! count {
            ($table:ident, $what:literal) => {
                let counted: Vec<(Db<CaseId>, i64)> = $table::table
                    .filter($table::tenant_id.eq(tenant))
                    .filter($table::case_id.eq_any(ids.to_vec()))
                    .group_by($table::case_id)
                    .select(($table::case_id, count_star()))
                    .load(self.conn)?;
                for (id, count) in counted {
                    let of = parts.entry(id.get()).or_default();
                    of.insert($what.to_owned(), count.unsigned_abs());
                }
            };
        }
        macro_rules! count_some {
            ($table:ident, $what:literal) => {
                let some: Vec<_> = ids.iter().copied().map(Some).collect();
                let counted: Vec<(Option<Db<CaseId>>, i64)> = $table::table
                    .filter($table::tenant_id.eq(tenant))
                    .filter($table::case_id.eq_any(some))
                    .group_by($table::case_id)
                    .select(($table::case_id, count_star()))
                    .load(self.conn)?;
                for (id, count) in counted {
                    if let Some(id) = id {
                        let of = parts.entry(id.get()).or_default();
                        of.insert($what.to_owned(), count.unsigned_abs());
                    }
                }
            };
        }
        count!(case_history, "history");
        count!(attachments, "attachments");
        count!(comments, "comments");
        count!(opinion_messages, "opinion_messages");
        count_some!(forwardings, "forwardings");
        count_some!(escalations, "escalations");
        count_some!(outbox, "notices");
        Ok(parts)
    }

    /// The other cases that the investigation of a case serves, by id, erased ones not among them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn sharing_investigation(&mut self, case: CaseId) -> Result<Vec<CaseId>, Error> {
        let inquiry: Option<Option<Db<InvestigationId>>> = cases::table
            .select(cases::investigation_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq(Db(case)))
            .get_result(self.conn)
            .optional()?;
        let Some(inquiry) = inquiry.flatten() else { return Ok(Vec::new()) };
        let found: Vec<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::investigation_id.eq(Some(inquiry)))
            .filter(cases::case_id.ne(Db(case)))
            .filter(cases::erased_at.is_null())
            .order(cases::case_id)
            .load(self.conn)?;
        Ok(found.into_iter().map(Db::get).collect())
    }

    /// The investigations that also serve a case that is none of these, and not erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn investigations_beyond(
        &mut self,
        inquiries: &BTreeSet<InvestigationId>,
        cases_listed: &BTreeSet<CaseId>,
    ) -> Result<BTreeSet<InvestigationId>, Error> {
        let mut beyond = BTreeSet::new();
        let inquiries: Vec<_> = inquiries.iter().copied().map(|id| Some(Db(id))).collect();
        for some in inquiries.chunks(AT_ONCE) {
            let rows: Vec<(Option<Db<InvestigationId>>, Db<CaseId>)> = cases::table
                .select((cases::investigation_id, cases::case_id))
                .filter(cases::tenant_id.eq(Db(self.tenant)))
                .filter(cases::investigation_id.eq_any(some.to_vec()))
                .filter(cases::erased_at.is_null())
                .load(self.conn)?;
            let others = rows.into_iter().filter(|row| !cases_listed.contains(&row.1.get()));
            beyond.extend(others.filter_map(|row| row.0).map(Db::get));
        }
        Ok(beyond)
    }
}
