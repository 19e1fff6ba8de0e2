//! A plan into the database, in one transaction.

use std::collections::{HashMap, HashSet};

use domain::case::{Command, Event};
use domain::code_lists::CodeLists;
use domain::escalation::raise::{Beside, Brought as BroughtEscalation, imported};
use domain::forwarding::import::Brought;
use domain::forwarding::{Counterparty, Details, Forwarding, Hand};
use domain::ids::{
    CaseId, CounterpartyId, EntryId, EscalationId, ForwardingId, GrantId, StaffId, UnitId,
};
use domain::organisation::{Grant, Staff, Unit};
use domain::statistics::Fact;
use serde_json::{Value, json};
use store::{Additions, AuditEntry, Error, Tx};
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use super::Imported;
use super::plan::{NewForwarding, Plan};
use super::scan::REPORT_EVERY;
use crate::tenants::unknown_unit;

/// How many cases are made ready before they are written: enough to be many of each make.
const AT_ONCE: usize = 256;

/// The reason in the history of a case that came by import.
const REASON: &str = "import";

/// Writes everything that the tenant has not yet. Queues no message and raises no flag: what an
/// import brings has been handled where it comes from.
pub(super) fn write(
    tx: &mut Tx<'_>,
    plan: Plan,
    progress: UnboundedSender<u64>,
) -> Result<Imported, Error> {
    let mut writing = Writing {
        now: plan.now,
        request: plan.request,
        done: 0,
        progress,
        imported: Imported { cases_repeated: plan.cases_repeated, ..Imported::of(tx.tenant()) },
        units: HashMap::new(),
        staff: HashMap::new(),
        cases: plan.own.clone(),
    };
    let audit = plan.audit;
    writing.units(tx, &plan)?;
    writing.people(tx, &plan)?;
    let codes = CodeLists::with_own(tx.tenant_codes()?);
    let Plan { cases, forwardings, escalations, .. } = plan;

    writing.cases.extend(tx.external_numbers()?);
    let mut waiting = Vec::with_capacity(AT_ONCE);
    for item in cases {
        writing.tick();
        let (number, row) = item.row;
        if writing.cases.contains_key(&row.number) {
            writing.imported.cases_already += 1;
            continue;
        }
        let unit = writing.unit(&row.unit)?;
        writing.cases.insert(row.number.clone(), CaseId(item.id));
        let case = row.into_case(CaseId(item.id), number, unit, writing.now);
        let event = Event {
            command: Command::File,
            from: None,
            to: case.status(),
            changes: Vec::new(),
            reason: Some(REASON.to_owned()),
        };
        let mut rows = Additions::to(tx.tenant());
        rows.case(&case);
        // It tells that the case was taken in, and nothing else: there is nothing to commit to.
        rows.history((case.id, case.version), &event, None, writing.now, None);
        rows.fact(&Fact::of(&case, &codes));
        rows.audit(&writing.entry(item.audit, "case.import", "case", item.id, json!({})));
        waiting.push(rows);
        writing.imported.cases += 1;
        if waiting.len() == AT_ONCE {
            tx.add_many(waiting.drain(..))?;
        }
    }
    tx.add_many(waiting)?;

    let mut counterparties: HashMap<String, CounterpartyId> =
        tx.counterparties()?.into_iter().map(|known| (known.name, known.id)).collect();
    let mut keys: HashSet<String> =
        tx.forwardings()?.into_iter().filter_map(|(_, known)| known).collect();
    for item in forwardings {
        writing.tick();
        let NewForwarding { counterparty: counterparty_id, seed, key, row } = item.row;
        if !keys.insert(key.clone()) {
            writing.imported.forwardings_already += 1;
            continue;
        }
        let case = row.number.as_deref().map(|number| writing.case(number)).transpose()?;
        let other_end = match counterparties.get(&row.counterparty) {
            Some(known) => *known,
            None => {
                let counterparty = Counterparty {
                    id: CounterpartyId(counterparty_id),
                    name: row.counterparty.clone(),
                    kind: row.counterparty_kind,
                    hsa_id: None,
                    answer_days: None,
                    valid_from: None,
                    valid_to: None,
                    details: Details::default(),
                    version: 1,
                    updated_at: writing.now,
                };
                tx.insert_counterparty(&counterparty)?;
                counterparties.insert(row.counterparty, counterparty.id);
                counterparty.id
            }
        };
        let place = case.map(|case| tx.case_place(case)).transpose()?;
        let brought = Brought {
            id: ForwardingId(item.id),
            seed,
            direction: row.direction,
            counterparty: other_end,
            case: case.zip(place).map(|(case, (unit, law))| (case, unit, law)),
            matter: row.matter,
            sent_at: row.sent_at,
            answered_at: row.answered_at,
        };
        let forwarding = Forwarding::imported(brought, writing.now);
        tx.insert_forwarding(&forwarding, Some(&key))?;
        let event = domain::forwarding::Event {
            command: domain::forwarding::Command::Register,
            from: None,
            to: forwarding.status(),
            by: Hand::Job,
            changes: Vec::new(),
            reason: Some(REASON.to_owned()),
        };
        tx.add_rows(|rows| rows.forwarding_history(&forwarding, &event, writing.now))?;
        writing.audit(tx, item.audit, "forwarding.import", "forwarding", item.id, json!({}))?;
        writing.imported.forwardings += 1;
    }

    let known: HashSet<_> = tx
        .escalations()?
        .into_iter()
        .filter_map(|known| Some((known.case?, known.kind.code().to_owned(), known.flagged_at)))
        .collect();
    for item in escalations {
        writing.tick();
        let row = item.row;
        let case = writing.case(&row.number)?;
        if known.contains(&(case, row.kind.to_owned(), row.flagged_at)) {
            writing.imported.escalations_already += 1;
            continue;
        }
        let kind = row.kind.parse().map_err(|()| Error::Corrupt(row.kind.to_owned()))?;
        let brought = BroughtEscalation {
            kind,
            flagged_at: row.flagged_at,
            decided_at: row.decided_at,
            notified_at: row.notified_at,
            ivo_decided_at: row.ivo_decided_at,
            motivation: row.motivation,
        };
        let beside = Beside::of(&tx.case(case)?);
        let escalation = imported(EscalationId(item.id), brought, beside, writing.now);
        let event = domain::escalation::Event {
            command: domain::escalation::Command::Flag,
            from: None,
            to: escalation.status(),
            changes: Vec::new(),
            reason: Some(REASON.to_owned()),
        };
        tx.add_rows(|rows| {
            rows.escalation(&escalation);
            rows.escalation_history(escalation.id, 1, &event, None, writing.now);
        })?;
        writing.audit(tx, item.audit, "escalation.import", "escalation", item.id, json!({}))?;
        writing.imported.escalations += 1;
    }

    let found = &writing.imported;
    if found.anything() {
        let counts = json!({
            "units": found.units, "staff": found.staff, "grants": found.grants,
            "cases": found.cases, "forwardings": found.forwardings, "escalations": found.escalations,
        });
        writing.audit(tx, audit, "tenant.import", "tenant", tx.tenant().0, counts)?;
    }
    Ok(writing.imported)
}

/// The state of a writing.
struct Writing {
    now: jiff::Timestamp,
    request: Uuid,
    done: u64,
    progress: UnboundedSender<u64>,
    imported: Imported,
    units: HashMap<String, UnitId>,
    staff: HashMap<(String, String), StaffId>,
    /// By the number the files give.
    cases: HashMap<String, CaseId>,
}

impl Writing {
    fn tick(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(REPORT_EVERY) {
            // Nobody may be looking any more; the import goes on.
            let _ = self.progress.send(self.done);
        }
    }

    fn audit(
        &self,
        tx: &mut Tx<'_>,
        id: Uuid,
        action: &str,
        object_kind: &'static str,
        object: Uuid,
        details: Value,
    ) -> Result<(), Error> {
        let entry = self.entry(id, action, object_kind, object, details);
        tx.add_rows(|rows| rows.audit(&entry))
    }

    fn entry(
        &self,
        id: Uuid,
        action: &str,
        object_kind: &'static str,
        object: Uuid,
        details: Value,
    ) -> AuditEntry {
        AuditEntry {
            id: EntryId(id),
            at: self.now,
            by: None,
            action: action.to_owned(),
            object_kind,
            object,
            details,
            request: self.request,
        }
    }

    /// The unit with this code; the pass before found it, so it can be missing only when it was
    /// renamed in between.
    fn unit(&self, code: &str) -> Result<UnitId, Error> {
        self.units.get(code).copied().ok_or(Error::Stale)
    }

    /// The case with this number; it can be missing only when it went away in between.
    fn case(&self, number: &str) -> Result<CaseId, Error> {
        self.cases.get(number).copied().ok_or(Error::Stale)
    }

    fn units(&mut self, tx: &mut Tx<'_>, plan: &Plan) -> Result<(), Error> {
        let known = tx.units()?;
        let mut changed = false;
        if !known.iter().any(|unit| unit.unknown) {
            let unit = unknown_unit(UnitId(plan.unknown_unit));
            tx.insert_unit(&unit)?;
            self.units.insert(unit.code, unit.id);
            changed = true;
        }
        self.units.extend(known.into_iter().map(|unit| (unit.code, unit.id)));
        for item in &plan.units {
            self.tick();
            let row = &item.row;
            if self.units.contains_key(&row.code) {
                continue;
            }
            let parent = row.parent.as_deref().map(|code| self.unit(code)).transpose()?;
            tx.insert_unit(&Unit {
                id: UnitId(item.id),
                code: row.code.clone(),
                name: row.name.clone(),
                area: row.area.clone(),
                parent,
                successor: None,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                unknown: false,
                version: 1,
            })?;
            self.units.insert(row.code.clone(), UnitId(item.id));
            self.audit(
                tx,
                item.audit,
                "unit.import",
                "unit",
                item.id,
                json!({ "code": row.code }),
            )?;
            self.imported.units += 1;
            changed = true;
        }
        if changed {
            tx.bump_config_version()?;
        }
        Ok(())
    }

    fn people(&mut self, tx: &mut Tx<'_>, plan: &Plan) -> Result<(), Error> {
        for known in tx.all_staff()? {
            self.staff.insert((known.issuer, known.subject), known.id);
        }
        for item in &plan.staff {
            self.tick();
            let row = &item.row;
            let identity = (row.issuer.clone(), row.subject.clone());
            if self.staff.contains_key(&identity) {
                self.imported.staff_already += 1;
                continue;
            }
            tx.insert_staff(&Staff {
                id: StaffId(item.id),
                issuer: row.issuer.clone(),
                subject: row.subject.clone(),
                name: row.name.clone(),
                profession: row.profession.clone(),
                email: row.email.clone(),
                deactivated_at: None,
                version: 1,
            })?;
            self.staff.insert(identity, StaffId(item.id));
            self.audit(tx, item.audit, "staff.import", "staff", item.id, json!({}))?;
            self.imported.staff += 1;
        }
        // A grant that was taken back is known too: the same line must not bring it to life again.
        let known = tx.all_grants()?.into_iter();
        let mut known: HashSet<_> = known
            .map(|grant| {
                (grant.staff, grant.role, sorted(grant.units), sorted(grant.laws), grant.valid_from)
            })
            .collect();
        for item in &plan.grants {
            self.tick();
            let row = &item.row;
            let identity = (row.issuer.clone(), row.subject.clone());
            let staff = self.staff.get(&identity).copied().ok_or(Error::Stale)?;
            let units =
                row.units.iter().map(|code| self.unit(code)).collect::<Result<Vec<_>, _>>()?;
            let laws = row.laws.clone();
            if !known.insert((
                staff,
                row.role,
                sorted(units.clone()),
                sorted(laws.clone()),
                row.valid_from,
            )) {
                self.imported.grants_already += 1;
                continue;
            }
            tx.insert_grant(&Grant {
                id: GrantId(item.id),
                staff,
                role: row.role,
                units,
                laws,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                stands_in_for: None,
                revoked_at: None,
                version: 1,
            })?;
            let details = json!({ "role": row.role.code() });
            self.audit(tx, item.audit, "grant.import", "grant", item.id, details)?;
            self.imported.grants += 1;
        }
        Ok(())
    }
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values
}
