//! The erasing itself: what goes, table by table, and what stays emptied. Closed years' figures are counted from
//! facts, coded answers, kinds of causes and measures, and the days of opinions, escalations and forwardings: those
//! stay, and nothing else does.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::case::{Case, State};
use domain::ids::{
    CaseId, ContentId, EscalationId, ForwardingId, InvestigationId, SubjectId, UnitId,
};
use domain::policy::Target;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use crate::Tx;
use crate::attachments::Place;
use crate::cases::{code, document, laws_of};
use crate::error::Error;
use crate::record_keys::Keyed;
use crate::schema::{
    case_history, case_links, case_units, cases, causes, comment_mentions, comments, conflicts,
    disclosures, duties, escalation_history, escalation_persons, escalation_readers, escalations,
    feedback, forwardings, idempotency_keys, investigations, ladder_rungs, measures,
    opinion_messages, opinion_senders, opinions, outbox, publications, receipt_renewals, receipts,
    retention_items, retention_runs, samples, subjects, watches,
};
use crate::sql_types::Db;

/// A case that is erased: what may be told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ErasedCase {
    /// What the policy needs to know.
    pub target: Target,
    /// When it was erased.
    pub at: Timestamp,
    /// By which decision.
    pub decision: Option<String>,
}

/// Deletes the rows of a table that belong to a case.
macro_rules! delete_of_case {
    ($tx:ident, $case:ident, $($table:ident),+ $(,)?) => {$(
        let of = $table::tenant_id.eq(Db($tx.tenant)).and($table::case_id.eq(Db($case)));
        diesel::delete($table::table.filter(of)).execute($tx.conn)?;
    )+};
}

pub(super) use delete_of_case;

impl Tx<'_> {
    /// What may be told of a case that is erased; `None` where it is not, or never was.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn erased_case(&mut self, id: CaseId) -> Result<Option<ErasedCase>, Error> {
        type Row = (String, Db<UnitId>, Db<UnitId>, String, bool, Option<Db<Timestamp>>);
        let row: Option<Row> = cases::table
            .select((
                cases::kind,
                cases::unit_id,
                cases::reporting_unit_id,
                cases::laws,
                cases::private,
                cases::erased_at,
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq(Db(id)))
            .filter(cases::erased_at.is_not_null())
            .get_result(self.conn)
            .optional()?;
        let Some((kind, unit, reporting_unit, laws, private, Some(at))) = row else {
            return Ok(None);
        };
        let of_run = retention_runs::tenant_id
            .eq(retention_items::tenant_id)
            .and(retention_runs::run_id.eq(retention_items::run_id));
        let decision: Option<Option<String>> = retention_items::table
            .inner_join(retention_runs::table.on(of_run))
            .select(retention_runs::decision)
            .filter(retention_items::tenant_id.eq(Db(self.tenant)))
            .filter(retention_items::object_id.eq(Db(id.0)))
            .filter(retention_items::outcome.eq("erased"))
            .order(retention_items::settled_at.desc())
            .first(self.conn)
            .optional()?;
        let conflicts = self.conflicts_of(id)?;
        Ok(Some(ErasedCase {
            target: Target {
                unit: unit.get(),
                reporting_unit: reporting_unit.get(),
                laws: laws_of(&laws)?,
                kind: code(&kind, "cases.kind")?,
                owner: None,
                registered_only: false,
                private,
                also_units: Vec::new(),
                asked: Default::default(),
                kept_from: conflicts.into_iter().map(|conflict| conflict.staff).collect(),
            },
            at: at.get(),
            decision: decision.flatten(),
        }))
    }

    /// Erases a case: `remains` is what stays of it. Gives the contents of its files that lie elsewhere; they are
    /// loose from here on.
    ///
    /// # Errors
    /// [`Error::Stale`] when the case is not as it was.
    pub fn erase_case(
        &mut self,
        before: &Case,
        remains: &Case,
        at: Timestamp,
    ) -> Result<Vec<(ContentId, Place)>, Error> {
        let (case, tenant) = (before.id, Db(self.tenant));
        let ending = match &remains.state {
            State::Closed(closing) => Some(document(closing)?),
            State::Void(voiding) => Some(document(voiding)?),
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp => None,
        };
        let here = cases::tenant_id
            .eq(tenant)
            .and(cases::case_id.eq(Db(case)))
            .and(cases::version.eq(before.version))
            .and(cases::erased_at.is_null());
        let changed = diesel::update(cases::table.filter(here))
            .set((
                (
                    cases::external_number.eq(None::<String>),
                    cases::diary_number.eq(None::<String>),
                    cases::also_units.eq(Db(json!([]))),
                    cases::reported_by.eq(None::<Db<Uuid>>),
                    cases::registered_by.eq(None::<Db<Uuid>>),
                    cases::lead_id.eq(None::<Db<Uuid>>),
                    cases::subject_id.eq(None::<Db<SubjectId>>),
                    cases::filing.eq(Db(document(&remains.filing)?)),
                    cases::assessment.eq(Db(document(&remains.assessment)?)),
                    cases::ending.eq(ending.map(Db)),
                ),
                (
                    cases::occurred_at.eq(None::<Db<Timestamp>>),
                    cases::occurred_until.eq(None::<Db<Timestamp>>),
                    cases::discovered_at.eq(None::<Db<Timestamp>>),
                    cases::patient_informed_at.eq(None::<Db<Timestamp>>),
                    cases::informed_at.eq(None::<Db<Timestamp>>),
                    cases::vardskada_at.eq(None::<Db<Timestamp>>),
                    cases::waiting_until.eq(None::<Db<Date>>),
                ),
                (
                    cases::awaits.eq(""),
                    cases::warned.eq(false),
                    cases::hops.eq(0_i16),
                    cases::version.eq(remains.version),
                    cases::updated_at.eq(Db(at)),
                    cases::erased_at.eq(Some(Db(at))),
                ),
            ))
            .execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        let loose = self.erase_attachments(case, at)?;
        // Whom it was about before it was put right stands in the history alone.
        let mut persons = self.persons_before(case)?;
        persons.extend(before.subject);
        delete_of_case!(
            self,
            case,
            comment_mentions,
            comments,
            feedback,
            watches,
            case_units,
            duties
        );
        delete_of_case!(self, case, case_history, case_links, publications, disclosures);
        delete_of_case!(self, case, receipt_renewals, receipts, opinion_messages, opinion_senders);
        self.erase_record_key(Keyed::Sender, case.0)?;
        let queued = outbox::tenant_id.eq(tenant).and(outbox::case_id.eq(Some(Db(case))));
        diesel::delete(outbox::table.filter(queued)).execute(self.conn)?;
        let kept = idempotency_keys::tenant_id
            .eq(tenant)
            .and(idempotency_keys::case_id.eq(Some(Db(case))));
        diesel::delete(idempotency_keys::table.filter(kept)).execute(self.conn)?;
        self.erase_rungs(case.0)?;
        let looked = samples::tenant_id
            .eq(tenant)
            .and(samples::case_id.eq(Db(case)))
            .and(samples::text.is_not_null());
        diesel::update(samples::table.filter(looked))
            .set(samples::text.eq(Some("")))
            .execute(self.conn)?;
        let of = opinions::tenant_id.eq(tenant).and(opinions::case_id.eq(Db(case)));
        diesel::update(opinions::table.filter(of))
            .set((
                opinions::document.eq(Db(json!({}))),
                opinions::diary_number.eq(None::<String>),
                opinions::handler_id.eq(None::<Db<Uuid>>),
                opinions::sender_kind.eq(None::<String>),
            ))
            .execute(self.conn)?;
        let beside: Vec<Db<EscalationId>> = escalations::table
            .select(escalations::escalation_id)
            .filter(escalations::tenant_id.eq(tenant))
            .filter(escalations::case_id.eq(Some(Db(case))))
            .load(self.conn)?;
        for id in beside {
            self.erase_escalation(id, at)?;
        }
        let sent: Vec<Db<ForwardingId>> = forwardings::table
            .select(forwardings::forwarding_id)
            .filter(forwardings::tenant_id.eq(tenant))
            .filter(forwardings::case_id.eq(Some(Db(case))))
            .load(self.conn)?;
        let mut loose = loose;
        for id in sent {
            loose.extend(self.erase_forwarding(id.get(), at)?);
        }
        if let Some(inquiry) = &before.investigation {
            self.erase_investigation(inquiry.id)?;
        }
        for subject in persons {
            self.erase_subject(subject)?;
        }
        // From whom it is kept still holds; why, and who said so, does not matter any more.
        let of = conflicts::tenant_id.eq(tenant).and(conflicts::case_id.eq(Db(case)));
        diesel::update(conflicts::table.filter(of))
            .set((conflicts::reason.eq(""), conflicts::kept_by.eq(None::<Db<Uuid>>)))
            .execute(self.conn)?;
        Ok(loose)
    }

    /// Whom a case was about at any time, by the changes in its history.
    fn persons_before(&mut self, case: CaseId) -> Result<BTreeSet<SubjectId>, Error> {
        let changes = self.history_of(case)?.into_iter().flat_map(|entry| entry.changes);
        let of_person = changes.filter(|change| change.field == "subject");
        let named = of_person.flat_map(|change| [change.old, change.new]);
        Ok(named.filter_map(|value| value.as_str()?.parse().ok()).collect())
    }

    pub(super) fn erase_rungs(&mut self, matter: Uuid) -> Result<(), Error> {
        let of =
            ladder_rungs::tenant_id.eq(Db(self.tenant)).and(ladder_rungs::matter_id.eq(Db(matter)));
        diesel::delete(ladder_rungs::table.filter(of)).execute(self.conn)?;
        Ok(())
    }

    /// What was found and done, in words; its causes and measures stay by their codes. Not while another case that
    /// is not erased rests on it.
    fn erase_investigation(&mut self, id: InvestigationId) -> Result<(), Error> {
        let tenant = Db(self.tenant);
        let others: i64 = cases::table
            .filter(cases::tenant_id.eq(tenant))
            .filter(cases::investigation_id.eq(Some(Db(id))))
            .filter(cases::erased_at.is_null())
            .count()
            .get_result(self.conn)?;
        if others > 0 {
            return Ok(());
        }
        let of =
            investigations::tenant_id.eq(tenant).and(investigations::investigation_id.eq(Db(id)));
        diesel::update(investigations::table.filter(of))
            .set((
                investigations::investigator.eq(None::<Db<Uuid>>),
                investigations::course_of_events.eq(None::<String>),
                investigations::assessment.eq(None::<String>),
                investigations::person_account.eq(None::<String>),
                investigations::grounds.eq(Db(json!([]))),
            ))
            .execute(self.conn)?;
        let of = causes::tenant_id.eq(tenant).and(causes::investigation_id.eq(Db(id)));
        diesel::update(causes::table.filter(of))
            .set((causes::text.eq(None::<String>), causes::waiver.eq(None::<String>)))
            .execute(self.conn)?;
        let of = measures::tenant_id.eq(tenant).and(measures::investigation_id.eq(Db(id)));
        diesel::update(measures::table.filter(of))
            .set((
                measures::text.eq(""),
                measures::owner.eq(None::<String>),
                measures::effect_note.eq(None::<String>),
                measures::follow_up_on.eq(None::<Db<Date>>),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Erases who a case was about, with the key, unless a case that is not erased is about the same envelope.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn erase_subject(&mut self, id: SubjectId) -> Result<(), Error> {
        let tenant = Db(self.tenant);
        let others: i64 = cases::table
            .filter(cases::tenant_id.eq(tenant))
            .filter(cases::subject_id.eq(Some(Db(id))))
            .count()
            .get_result(self.conn)?;
        if others == 0 {
            let of = subjects::tenant_id.eq(tenant).and(subjects::subject_id.eq(Db(id)));
            diesel::delete(subjects::table.filter(of)).execute(self.conn)?;
            self.erase_record_key(Keyed::Subject, id.0)?;
        }
        Ok(())
    }

    fn erase_escalation(&mut self, id: Db<EscalationId>, at: Timestamp) -> Result<(), Error> {
        let tenant = Db(self.tenant);
        macro_rules! delete {
            ($($table:ident),+) => {$(
                let of = $table::tenant_id.eq(tenant).and($table::escalation_id.eq(id));
                diesel::delete($table::table.filter(of)).execute(self.conn)?;
            )+};
        }
        delete!(escalation_history, escalation_readers, escalation_persons);
        self.erase_record_key(Keyed::Person, id.get().0)?;
        self.erase_rungs(id.get().0)?;
        let of = escalations::tenant_id.eq(tenant).and(escalations::escalation_id.eq(id));
        let here = escalations::table.filter(of);
        // Where the schema asks for a word there is an empty one.
        let told = of.and(escalations::motivation.is_not_null());
        diesel::update(escalations::table.filter(told))
            .set(escalations::motivation.eq(Some("")))
            .execute(self.conn)?;
        let numbered = of.and(escalations::diary_number.is_not_null());
        diesel::update(escalations::table.filter(numbered))
            .set(escalations::diary_number.eq(Some("")))
            .execute(self.conn)?;
        diesel::update(here)
            .set((
                escalations::document.eq(Db(json!({}))),
                escalations::ivo_number.eq(None::<String>),
                escalations::investigator_id.eq(None::<Db<Uuid>>),
                escalations::erased_at.eq(Some(Db(at))),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}
