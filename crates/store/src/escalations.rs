//! Escalations: the row of each, its history, who may see a riskperson, and who that is.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::case::Status as CaseStatus;
use domain::case::event::FieldChange;
use domain::escalation::ivo::Notification;
use domain::escalation::{Decision, Escalation, Event, Kind, Matter, State, Status};
use domain::ids::{CaseId, EscalationId, StaffId, TenantId, UnitId};
use domain::law::Law;
use domain::policy::OpenLex;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::among::{among, codes};
use crate::case_parts::HistoryEntry;
use crate::cases::{code, document, from_document};
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::record_keys::{Apart, Keyed, apart, keyed};
use crate::schema::{
    cases, escalation_history, escalation_persons, escalation_readers, escalations, record_keys,
};
use crate::sql_types::Db;
use crate::subjects::Sealed;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = escalations, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
// What is named a key here is not written by a change: a unit changes with the case's alone.
#[diesel(primary_key(tenant_id, escalation_id, unit_id), treat_none_as_null = true)]
pub(crate) struct EscalationRow {
    tenant_id: Db<TenantId>,
    escalation_id: Db<EscalationId>,
    kind: String,
    status: String,
    case_id: Option<Db<CaseId>>,
    unit_id: Db<UnitId>,
    law: String,
    starts_at: Db<Timestamp>,
    flagged_at: Db<Timestamp>,
    received_at: Option<Db<Timestamp>>,
    decided_at: Option<Db<Timestamp>>,
    decision: Option<String>,
    degree: Option<String>,
    notified_at: Option<Db<Timestamp>>,
    inquiry_submitted_at: Option<Db<Timestamp>>,
    supplement_due_on: Option<Db<Date>>,
    ivo_decided_at: Option<Db<Timestamp>>,
    closed_at: Option<Db<Timestamp>>,
    diary_number: Option<String>,
    ivo_number: Option<String>,
    motivation: Option<String>,
    investigator_id: Option<Db<StaffId>>,
    document: Db<Value>,
    imported: bool,
    version: i64,
    updated_at: Db<Timestamp>,
}

/// The document of a row.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: State,
    #[serde(default)]
    matter: Matter,
}

impl EscalationRow {
    fn of(tenant: TenantId, it: &Escalation) -> Result<Self, Error> {
        let matter = &it.matter;
        let deciding = matter.deciding();
        // An import may say why it was flagged though nothing was decided.
        let flagged = matter.flag.as_ref().filter(|_| it.imported);
        let motivation = deciding.and_then(|decision| decision.motivation.clone());
        let motivation = motivation.or_else(|| flagged?.text.clone());
        let kept = Kept { state: it.state.clone(), matter: matter.clone() };
        let notification = matter.notification.as_ref();
        Ok(Self {
            tenant_id: Db(tenant),
            escalation_id: Db(it.id),
            kind: it.kind.code().to_owned(),
            status: it.status().code().to_owned(),
            case_id: it.case.map(Db),
            unit_id: Db(it.unit),
            law: it.law.code().to_owned(),
            starts_at: Db(it.starts_at),
            flagged_at: Db(it.flagged_at),
            received_at: matter.receipt.as_ref().map(|receipt| Db(receipt.at)),
            decided_at: deciding.map(|decision| Db(decision.at)),
            decision: deciding.map(|it| if it.yes { "yes" } else { "no" }.to_owned()),
            degree: deciding.and_then(|it| it.degree).map(|degree| degree.code().to_owned()),
            notified_at: notification.map(|it| Db(it.sent_at)),
            inquiry_submitted_at: matter.submission.as_ref().map(|it| Db(it.sent_at)),
            supplement_due_on: it.state.supplement_due_on().map(Db),
            ivo_decided_at: matter.ivo.decided_at.map(Db),
            closed_at: it.state.closed_at().map(Db),
            diary_number: notification.and_then(|it| it.diary_number.clone()),
            ivo_number: matter.ivo.number.clone(),
            motivation,
            investigator_id: matter.investigator().map(Db),
            document: Db(document(&kept)?),
            imported: it.imported,
            version: it.version,
            updated_at: Db(it.updated_at),
        })
    }

    fn into_escalation(self, readers: BTreeSet<StaffId>) -> Result<Escalation, Error> {
        let Kept { state, mut matter } =
            from_document(self.document.get(), "escalations.document")?;
        // What an import brought before there were documents stands in columns alone.
        if let Some(Db(at)) = self.decided_at
            && matter.deciding().is_none()
        {
            matter.decision = Some(Decision {
                yes: self.decision.as_deref() == Some("yes"),
                degree: None,
                test: None,
                motivation: self.motivation.clone(),
                on: domain::calendar::swedish_date(at),
                at,
                by: None,
                delegation: None,
            });
        }
        if let Some(Db(at)) = self.notified_at
            && matter.notification.is_none()
        {
            matter.notification = Some(Notification::imported(at));
        }
        matter.ivo.decided_at = matter.ivo.decided_at.or(self.ivo_decided_at.map(Db::get));
        Ok(Escalation {
            id: self.escalation_id.get(),
            kind: code::<Kind>(&self.kind, "escalations.kind")?,
            state,
            case: self.case_id.map(Db::get),
            unit: self.unit_id.get(),
            law: code::<Law>(&self.law, "escalations.law")?,
            starts_at: self.starts_at.get(),
            flagged_at: self.flagged_at.get(),
            matter,
            readers,
            imported: self.imported,
            version: self.version,
            updated_at: self.updated_at.get(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = escalation_history, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct HistoryRow {
    tenant_id: Db<TenantId>,
    escalation_id: Db<EscalationId>,
    version: i64,
    at: Db<Timestamp>,
    staff_id: Option<Db<StaffId>>,
    command: String,
    from_status: Option<String>,
    to_status: String,
    changes: Db<Value>,
    reason: Option<String>,
}

/// The codes of the statuses in which something is still to be done.
pub(crate) fn open() -> Vec<&'static str> {
    Status::ALL.into_iter().filter(|status| status.open()).map(Status::code).collect()
}

impl Additions {
    /// Adds an escalation with those who may see it; a conflict over `escalations_case_id_kind_key` when
    /// its case has an open one of the kind.
    pub fn escalation(&mut self, escalation: &Escalation) {
        match EscalationRow::of(self.tenant, escalation) {
            Ok(row) => self.push(diesel::insert_into(escalations::table).values(row)),
            Err(fault) => self.refuse(fault),
        }
        for staff in &escalation.readers {
            self.escalation_reader(escalation.id, *staff);
        }
    }

    fn escalation_reader(&mut self, escalation: EscalationId, staff: StaffId) {
        self.push(diesel::insert_into(escalation_readers::table).values((
            escalation_readers::tenant_id.eq(Db(self.tenant)),
            escalation_readers::escalation_id.eq(Db(escalation)),
            escalation_readers::staff_id.eq(Db(staff)),
        )));
    }

    /// Adds what made `version` of an escalation to its history; a conflict over
    /// `escalation_history_escalation_id_version_key` when that version has its entry already.
    pub fn escalation_history(
        &mut self,
        escalation: EscalationId,
        version: i64,
        event: &Event,
        by: Option<StaffId>,
        at: Timestamp,
    ) {
        let changes = match document(&event.changes) {
            Ok(changes) => changes,
            Err(fault) => return self.refuse(fault),
        };
        self.push(diesel::insert_into(escalation_history::table).values(HistoryRow {
            tenant_id: Db(self.tenant),
            escalation_id: Db(escalation),
            version,
            at: Db(at),
            staff_id: by.map(Db),
            command: event.command.code().to_owned(),
            from_status: event.from.map(|status| status.code().to_owned()),
            to_status: event.to.code().to_owned(),
            changes: Db(changes),
            reason: event.reason.clone(),
        }));
    }

    /// Adds who a riskperson is, sealed.
    pub fn escalation_person(&mut self, escalation: EscalationId, sealed: &Sealed) {
        self.record_key(Keyed::Person, escalation.0, sealed);
        self.push(diesel::insert_into(escalation_persons::table).values((
            escalation_persons::tenant_id.eq(Db(self.tenant)),
            escalation_persons::escalation_id.eq(Db(escalation)),
            escalation_persons::key_version.eq(0),
            escalation_persons::wrapped_key.eq(Vec::<u8>::new()),
            escalation_persons::nonce.eq(sealed.nonce.clone()),
            escalation_persons::ciphertext.eq(sealed.ciphertext.clone()),
        )));
    }
}

impl Tx<'_> {
    /// Saves a changed escalation if it still stands where the change began. Its unit is that of the case,
    /// and goes with [`Tx::move_escalations`] alone.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster; [`Error::Conflict`] over
    /// `escalations_case_id_kind_key` when it opens again beside another of its kind.
    pub fn save_escalation(
        &mut self,
        before: &Escalation,
        escalation: &Escalation,
    ) -> Result<(), Error> {
        let row = EscalationRow::of(self.tenant, escalation)?;
        let here = escalations::tenant_id
            .eq(Db(self.tenant))
            .and(escalations::escalation_id.eq(Db(escalation.id)))
            .and(escalations::status.eq(before.status().code()))
            .and(escalations::version.eq(before.version));
        let changed =
            diesel::update(escalations::table.filter(here)).set(row).execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        if before.readers != escalation.readers {
            let gone: Vec<_> =
                before.readers.difference(&escalation.readers).copied().map(Db).collect();
            let of = escalation_readers::tenant_id
                .eq(Db(self.tenant))
                .and(escalation_readers::escalation_id.eq(Db(escalation.id)))
                .and(escalation_readers::staff_id.eq_any(among(gone)));
            diesel::delete(escalation_readers::table.filter(of)).execute(self.conn)?;
            let mut rows = Additions::to(self.tenant);
            for staff in escalation.readers.difference(&before.readers) {
                rows.escalation_reader(escalation.id, *staff);
            }
            self.add(rows)?;
        }
        Ok(())
    }

    pub(crate) fn with_readers(
        &mut self,
        rows: Vec<EscalationRow>,
    ) -> Result<Vec<Escalation>, Error> {
        let apart = |row: &&EscalationRow| row.kind == Kind::Riskperson.code();
        let ids: Vec<_> = rows.iter().filter(apart).map(|row| row.escalation_id).collect();
        let mut readers: BTreeMap<EscalationId, BTreeSet<StaffId>> = BTreeMap::new();
        if !ids.is_empty() {
            let found: Vec<(Db<EscalationId>, Db<StaffId>)> = escalation_readers::table
                .select((escalation_readers::escalation_id, escalation_readers::staff_id))
                .filter(escalation_readers::tenant_id.eq(Db(self.tenant)))
                .filter(escalation_readers::escalation_id.eq_any(among(ids)))
                .load(self.conn)?;
            for (id, staff) in found {
                readers.entry(id.get()).or_default().insert(staff.get());
            }
        }
        let whole = |row: EscalationRow| {
            let readers = readers.remove(&row.escalation_id.get()).unwrap_or_default();
            row.into_escalation(readers)
        };
        rows.into_iter().map(whole).collect()
    }

    /// An escalation.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn escalation(&mut self, id: EscalationId) -> Result<Escalation, Error> {
        let row: EscalationRow = escalations::table
            .select(EscalationRow::as_select())
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::escalation_id.eq(Db(id)))
            .filter(escalations::erased_at.is_null())
            .get_result(self.conn)?;
        self.with_readers(vec![row])?.pop().ok_or(Error::NotFound)
    }

    /// The escalations beside a case, oldest first; a riskperson is never among them.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn escalations_of(&mut self, case: CaseId) -> Result<Vec<Escalation>, Error> {
        let rows: Vec<EscalationRow> = escalations::table
            .select(EscalationRow::as_select())
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::case_id.eq(Db(case)))
            .filter(escalations::kind.ne(Kind::Riskperson.code()))
            .order((escalations::flagged_at, escalations::escalation_id))
            .load(self.conn)?;
        self.with_readers(rows)
    }

    /// What stands open beside each of some cases, as the policy sees it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_lex(
        &mut self,
        cases: &BTreeSet<CaseId>,
    ) -> Result<BTreeMap<CaseId, Vec<OpenLex>>, Error> {
        let ids: Vec<_> = cases.iter().copied().map(Db).collect();
        let rows: Vec<(Option<Db<CaseId>>, Db<UnitId>, String)> = escalations::table
            .select((escalations::case_id, escalations::unit_id, escalations::law))
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::case_id.eq_any(among(ids)))
            .filter(escalations::kind.ne(Kind::Riskperson.code()))
            .filter(escalations::status.eq_any(codes(open())))
            .load(self.conn)?;
        let mut found: BTreeMap<CaseId, Vec<OpenLex>> = BTreeMap::new();
        for (case, unit, law) in rows {
            let law = code::<Law>(&law, "escalations.law")?;
            if let Some(case) = case {
                found.entry(case.get()).or_default().push(OpenLex { unit: unit.get(), law });
            }
        }
        Ok(found)
    }

    /// Which of some cases have an open escalation, and of what kinds; a riskperson holds no case up.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_escalations(
        &mut self,
        cases: &[CaseId],
    ) -> Result<BTreeMap<CaseId, BTreeSet<Kind>>, Error> {
        let ids: Vec<_> = cases.iter().copied().map(Db).collect();
        let rows: Vec<(Option<Db<CaseId>>, String)> = escalations::table
            .select((escalations::case_id, escalations::kind))
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::case_id.eq_any(among(ids)))
            .filter(escalations::kind.ne(Kind::Riskperson.code()))
            .filter(escalations::status.eq_any(codes(open())))
            .load(self.conn)?;
        let mut found: BTreeMap<CaseId, BTreeSet<Kind>> = BTreeMap::new();
        for (case, kind) in rows {
            if let Some(case) = case {
                let kind = code::<Kind>(&kind, "escalations.kind")?;
                found.entry(case.get()).or_default().insert(kind);
            }
        }
        Ok(found)
    }

    /// Keeps others from ending a case until this transaction has ended: what it adds beside the case
    /// is seen by whoever ends it next.
    ///
    /// # Errors
    /// [`Error::Stale`] where somebody has made it void, or it is a draft, or erased: nothing stands beside that.
    pub fn hold_case(&mut self, case: CaseId) -> Result<(), Error> {
        let none = [CaseStatus::Draft, CaseStatus::Void].map(CaseStatus::code);
        let here = cases::tenant_id
            .eq(Db(self.tenant))
            .and(cases::case_id.eq(Db(case)))
            .and(cases::erased_at.is_null())
            .and(cases::status.ne_all(codes(none)));
        let held = diesel::update(cases::table.filter(here))
            .set(cases::version.eq(cases::version))
            .execute(self.conn)?;
        if held == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Takes the escalations of a case along to another unit.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn move_escalations(&mut self, case: CaseId, unit: UnitId) -> Result<(), Error> {
        let here = escalations::tenant_id
            .eq(Db(self.tenant))
            .and(escalations::case_id.eq(Db(case)))
            .and(escalations::kind.ne(Kind::Riskperson.code()));
        diesel::update(escalations::table.filter(here))
            .set(escalations::unit_id.eq(Db(unit)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Every escalation, oldest first, for an export.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what does not make sense.
    pub fn escalations(&mut self) -> Result<Vec<Escalation>, Error> {
        let rows: Vec<EscalationRow> = escalations::table
            .select(EscalationRow::as_select())
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::erased_at.is_null())
            .order((escalations::flagged_at, escalations::escalation_id))
            .load(self.conn)?;
        self.with_readers(rows)
    }

    /// Who did what to an escalation, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for changes that are none.
    pub fn escalation_history(&mut self, id: EscalationId) -> Result<Vec<HistoryEntry>, Error> {
        let rows: Vec<HistoryRow> = escalation_history::table
            .select(HistoryRow::as_select())
            .filter(escalation_history::tenant_id.eq(Db(self.tenant)))
            .filter(escalation_history::escalation_id.eq(Db(id)))
            .order(escalation_history::version)
            .load(self.conn)?;
        let entry = |row: HistoryRow| {
            let changes: Vec<FieldChange> =
                from_document(row.changes.get(), "escalation_history.changes")?;
            Ok(HistoryEntry {
                version: row.version,
                at: row.at.get(),
                by: row.staff_id.map(Db::get),
                command: row.command,
                from: row.from_status,
                to: row.to_status,
                changes,
                reason: row.reason,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// Who a riskperson is, sealed.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn escalation_person(&mut self, id: EscalationId) -> Result<Sealed, Error> {
        let its_own = record_keys::tenant_id
            .eq(escalation_persons::tenant_id)
            .and(record_keys::record_id.eq(escalation_persons::escalation_id))
            .and(record_keys::kind.eq(Keyed::Person.code()));
        type Row = (i32, Vec<u8>, Vec<u8>, Vec<u8>, Apart);
        let (version, wrapped, nonce, ciphertext, apart): Row = escalation_persons::table
            .left_join(record_keys::table.on(its_own))
            .select((
                escalation_persons::key_version,
                escalation_persons::wrapped_key,
                escalation_persons::nonce,
                escalation_persons::ciphertext,
                apart(),
            ))
            .filter(escalation_persons::tenant_id.eq(Db(self.tenant)))
            .filter(escalation_persons::escalation_id.eq(Db(id)))
            .get_result(self.conn)?;
        Ok(keyed(apart, (version, wrapped), nonce, ciphertext))
    }
}
