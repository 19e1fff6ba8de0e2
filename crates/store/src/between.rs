//! What lies between caregivers and towards IVO, as far as an import brings it.

use diesel::prelude::*;
use domain::ids::{CaseId, CounterpartyId, EscalationId, ForwardingId, TenantId, UnitId};
use jiff::Timestamp;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{cases, counterparties, escalations, forwardings};
use crate::sql_types::Db;

/// A caregiver at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterparty {
    /// Its id.
    pub id: CounterpartyId,
    /// Its name.
    pub name: String,
    /// A code of the list `counterparty`.
    pub kind: String,
}

/// One forwarding, sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// Its id.
    pub id: ForwardingId,
    /// `sent` or `received`.
    pub direction: String,
    /// The case sent; received ones have none yet.
    pub case: Option<CaseId>,
    /// The other end.
    pub counterparty: CounterpartyId,
    /// What it is about, in a few words.
    pub matter: String,
    /// When it was sent, or came.
    pub sent_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// What tells an imported line from another, so that it is taken in once.
    pub import_key: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = forwardings, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct ForwardingRow {
    tenant_id: Db<TenantId>,
    forwarding_id: Db<ForwardingId>,
    direction: String,
    case_id: Option<Db<CaseId>>,
    counterparty_id: Db<CounterpartyId>,
    matter: String,
    sent_at: Db<Timestamp>,
    answered_at: Option<Db<Timestamp>>,
    import_key: Option<String>,
}

/// One escalation, as an import brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Its id.
    pub id: EscalationId,
    /// The case it stands beside.
    pub case: CaseId,
    /// `lex_maria`, `lex_sarah` or `riskperson`.
    pub kind: String,
    /// When it was flagged.
    pub flagged_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When IVO was notified.
    pub notified_at: Option<Timestamp>,
    /// When IVO decided.
    pub ivo_decided_at: Option<Timestamp>,
    /// Why it was decided so.
    pub motivation: Option<String>,
    /// Came by import.
    pub imported: bool,
}

type EscalationRow = (
    Db<EscalationId>,
    Option<Db<CaseId>>,
    String,
    Db<Timestamp>,
    Option<Db<Timestamp>>,
    Option<Db<Timestamp>>,
    Option<Db<Timestamp>>,
    Option<String>,
    bool,
);

impl Tx<'_> {
    /// Every counterparty, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn counterparties(&mut self) -> Result<Vec<Counterparty>, Error> {
        let rows: Vec<(Db<CounterpartyId>, String, String)> = counterparties::table
            .select((counterparties::counterparty_id, counterparties::name, counterparties::kind))
            .filter(counterparties::tenant_id.eq(Db(self.tenant)))
            .order(counterparties::name)
            .load(self.conn)?;
        let counterparty = |(id, name, kind): (Db<CounterpartyId>, String, String)| Counterparty {
            id: id.get(),
            name,
            kind,
        };
        Ok(rows.into_iter().map(counterparty).collect())
    }

    /// Takes a counterparty in.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `counterparties_name_key`.
    pub fn insert_counterparty(&mut self, counterparty: &Counterparty) -> Result<(), Error> {
        diesel::insert_into(counterparties::table)
            .values((
                counterparties::tenant_id.eq(Db(self.tenant)),
                counterparties::counterparty_id.eq(Db(counterparty.id)),
                counterparties::name.eq(&counterparty.name),
                counterparties::kind.eq(&counterparty.kind),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Every forwarding, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn forwardings(&mut self) -> Result<Vec<Forwarding>, Error> {
        let rows: Vec<ForwardingRow> = forwardings::table
            .select(ForwardingRow::as_select())
            .filter(forwardings::tenant_id.eq(Db(self.tenant)))
            .order((forwardings::sent_at, forwardings::forwarding_id))
            .load(self.conn)?;
        let forwarding = |row: ForwardingRow| Forwarding {
            id: row.forwarding_id.get(),
            direction: row.direction,
            case: row.case_id.map(Db::get),
            counterparty: row.counterparty_id.get(),
            matter: row.matter,
            sent_at: row.sent_at.get(),
            answered_at: row.answered_at.map(Db::get),
            import_key: row.import_key,
        };
        Ok(rows.into_iter().map(forwarding).collect())
    }

    /// Takes a forwarding in.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `forwardings_import_key_key`.
    pub fn insert_forwarding(&mut self, forwarding: &Forwarding) -> Result<(), Error> {
        let row = ForwardingRow {
            tenant_id: Db(self.tenant),
            forwarding_id: Db(forwarding.id),
            direction: forwarding.direction.clone(),
            case_id: forwarding.case.map(Db),
            counterparty_id: Db(forwarding.counterparty),
            matter: forwarding.matter.clone(),
            sent_at: Db(forwarding.sent_at),
            answered_at: forwarding.answered_at.map(Db),
            import_key: forwarding.import_key.clone(),
        };
        diesel::insert_into(forwardings::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Every escalation, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn escalations(&mut self) -> Result<Vec<Escalation>, Error> {
        let rows: Vec<EscalationRow> = escalations::table
            .select((
                escalations::escalation_id,
                escalations::case_id,
                escalations::kind,
                escalations::flagged_at,
                escalations::decided_at,
                escalations::notified_at,
                escalations::ivo_decided_at,
                escalations::motivation,
                escalations::imported,
            ))
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .order((escalations::flagged_at, escalations::escalation_id))
            .load(self.conn)?;
        let escalation = |row: EscalationRow| {
            Some(Escalation {
                id: row.0.get(),
                case: row.1?.get(),
                kind: row.2,
                flagged_at: row.3.get(),
                decided_at: row.4.map(Db::get),
                notified_at: row.5.map(Db::get),
                ivo_decided_at: row.6.map(Db::get),
                motivation: row.7,
                imported: row.8,
            })
        };
        Ok(rows.into_iter().filter_map(escalation).collect())
    }

    /// Takes an escalation in, at the step that its times tell.
    ///
    /// # Errors
    /// [`Error::NotFound`] without its case.
    pub fn insert_escalation(&mut self, escalation: &Escalation) -> Result<(), Error> {
        type Place = (Db<UnitId>, String, Option<Db<Timestamp>>, Db<Timestamp>, Db<Timestamp>);
        let (unit, laws, occurred_at, reported_at, updated_at): Place = cases::table
            .select((
                cases::unit_id,
                cases::laws,
                cases::occurred_at,
                cases::reported_at,
                cases::updated_at,
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq(Db(escalation.case)))
            .get_result(self.conn)?;
        let Escalation { decided_at, notified_at, ivo_decided_at, .. } = *escalation;
        let sarah = escalation.kind == "lex_sarah";
        let status = match (ivo_decided_at, notified_at, decided_at) {
            (Some(_), ..) => "ivo_decided",
            (None, Some(_), _) => "notified",
            (None, None, Some(_)) if sarah => "not_taken_up",
            (None, None, Some(_)) => "decided_no",
            (None, None, None) => "flagged",
        };
        let decided_at = decided_at.or(notified_at).or(ivo_decided_at);
        let yes = notified_at.is_some() || ivo_decided_at.is_some();
        let (starts_at, law) = match escalation.kind.as_str() {
            "lex_maria" => (occurred_at.unwrap_or(reported_at), "HSL"),
            "lex_sarah" if laws.contains("LSS") && !laws.contains("SOL") => (reported_at, "LSS"),
            "lex_sarah" => (reported_at, "SOL"),
            _ => (Db(escalation.flagged_at), "HSL"),
        };
        diesel::insert_into(escalations::table)
            .values((
                escalations::tenant_id.eq(Db(self.tenant)),
                escalations::escalation_id.eq(Db(escalation.id)),
                escalations::case_id.eq(Some(Db(escalation.case))),
                escalations::kind.eq(&escalation.kind),
                escalations::status.eq(status),
                escalations::unit_id.eq(unit),
                escalations::law.eq(law),
                escalations::starts_at.eq(starts_at),
                escalations::flagged_at.eq(Db(escalation.flagged_at)),
                escalations::decided_at.eq(decided_at.map(Db)),
                escalations::decision.eq(decided_at.map(|_| if yes { "yes" } else { "no" })),
                escalations::notified_at.eq(notified_at.map(Db)),
                escalations::ivo_decided_at.eq(ivo_decided_at.map(Db)),
                escalations::motivation.eq(&escalation.motivation),
                escalations::document.eq(Db(serde_json::json!({ "state": status }))),
                escalations::imported.eq(escalation.imported),
                escalations::version.eq(1),
                escalations::updated_at.eq(updated_at),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}
