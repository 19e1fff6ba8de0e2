//! Carrying out what was ordered to go: case by case, each in a transaction of its own, so that it may be broken off
//! anywhere and goes on where it was.

use std::time::Duration;

use domain::calendar::swedish_date;
use domain::ids::{CaseId, EntryId, ForwardingId, RunId, TenantId};
use domain::retention::{Item, Kind, Outcome, Plan, Run, RunState, due_on, remains};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Additions, AuditEntry, Place, Tx};
use uuid::Uuid;

use crate::context::App;
use crate::error::Error;

/// How long a tenant's turn is kept from the other instances: whoever is killed is waited for no longer.
const LEASE: SignedDuration = SignedDuration::from_mins(1);
/// The name of the lease.
const JOB: &str = "retention";
/// How many lines are looked at between two looks at the lease.
const TURN: i64 = 50;

/// How often it is tried to write the file anew, and how long apart.
const WIPE_TRIES: usize = 20;
const WIPE_AGAIN: Duration = Duration::from_secs(3);

/// What a turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionTurn {
    /// How many lines were erased.
    pub erased: u64,
    /// How many stay after all.
    pub kept: u64,
    /// How many runs came to their end.
    pub done: u64,
}

impl App {
    /// Carries out what was ordered to go, of every tenant, to its end. When a run is done the database is told to
    /// leave nothing of it in its file.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others get their turn.
    pub async fn carry_out_retention(&self) -> Result<RetentionTurn, Error> {
        let (mut turn, mut failed) = (RetentionTurn::default(), None);
        for tenant in self.store.tenants().await? {
            if let Err(error) = self.retention_of(tenant.id, &mut turn).await {
                failed = Some(error);
            }
        }
        if turn.done > 0 {
            self.wipe().await;
        }
        failed.map_or(Ok(turn), Err)
    }

    /// Leaves nothing of what was erased in the file. Whoever has it in use for long is waited for; what was deleted is
    /// overwritten in any case.
    async fn wipe(&self) {
        for _ in 0..WIPE_TRIES {
            match self.store.wipe().await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "the file is not written anew yet; trying again")
                }
            }
            tokio::time::sleep(WIPE_AGAIN).await;
        }
        tracing::error!(
            "the file could not be written anew after what was erased: run VACUUM on it"
        );
    }

    async fn retention_of(&self, tenant: TenantId, turn: &mut RetentionTurn) -> Result<(), Error> {
        let runs = self.store.read(tenant, |tx| tx.ordered_runs()).await?;
        if runs.is_empty() {
            return Ok(());
        }
        let holder = self.new_id();
        loop {
            let (now, until) = (self.now(), self.now() + LEASE);
            let lease = move |tx: &mut Tx<'_>| tx.take_lease(JOB, holder, now, until);
            match self.store.write(tenant, lease).await {
                Ok(true) => {}
                Ok(false) | Err(store::Error::Conflict { .. }) => return Ok(()),
                Err(other) => return Err(other.into()),
            }
            if !self.some_lines(tenant, turn).await? {
                break;
            }
        }
        let now = self.now();
        let back = move |tx: &mut Tx<'_>| tx.give_back_lease(JOB, holder, now);
        Ok(self.store.write(tenant, back).await?)
    }

    /// Carries out some lines of the first run that has any; `false` when there is none.
    async fn some_lines(&self, tenant: TenantId, turn: &mut RetentionTurn) -> Result<bool, Error> {
        let load = |tx: &mut Tx<'_>| {
            let Some(run) = tx.ordered_runs()?.into_iter().next() else { return Ok(None) };
            let items = tx.open_retention_items(run.id, TURN)?;
            Ok::<_, store::Error>(Some((run, items)))
        };
        let Some((run, items)) = self.store.read(tenant, load).await? else { return Ok(false) };
        if items.is_empty() {
            self.finish_run(tenant, run).await?;
            turn.done += 1;
            return Ok(true);
        }
        for (position, item) in items {
            match self.carry_out(tenant, &run, position, item).await? {
                Outcome::Erased => turn.erased += 1,
                Outcome::Changed | Outcome::Held => turn.kept += 1,
            }
        }
        Ok(true)
    }

    async fn finish_run(&self, tenant: TenantId, run: Run) -> Result<(), Error> {
        let id = run.id;
        let done = run.finish(self.now())?;
        let audit = self.retention_entry(
            "retention.done",
            ("retention_run", id.0),
            &done,
            json!({ "decision": done.state.decision() }),
        );
        let write = move |tx: &mut Tx<'_>| {
            tx.add_rows(|rows| rows.audit(&audit))?;
            tx.save_retention_run(&done, "ordered")
        };
        Ok(self.store.write(tenant, write).await?)
    }

    /// The audit entry of what goes, by whoever ordered it.
    fn retention_entry(
        &self,
        action: &str,
        (object_kind, object): (&'static str, Uuid),
        run: &Run,
        details: serde_json::Value,
    ) -> AuditEntry {
        let by = match &run.state {
            RunState::Ordered { by, .. } | RunState::Done { by, .. } => Some(*by),
            RunState::Listed => None,
        };
        AuditEntry {
            id: EntryId(self.new_id()),
            at: self.now(),
            by,
            action: action.to_owned(),
            object_kind,
            object,
            details,
            // Nobody asked just now.
            request: Uuid::nil(),
        }
    }

    async fn carry_out(
        &self,
        tenant: TenantId,
        run: &Run,
        position: i64,
        item: Item,
    ) -> Result<Outcome, Error> {
        let details = json!({
            "decision": run.state.decision(), "run": run.id, "kind": item.kind, "basis": item.basis,
            "parts": item.parts,
        });
        let (action, of) = match item.kind {
            Kind::AvvikelseHsl
            | Kind::AvvikelseSol
            | Kind::AvvikelseLss
            | Kind::Synpunkt
            | Kind::Klagomal
            | Kind::Lex
            | Kind::Draft => ("case.erase", "case"),
            Kind::ForwardingReceived => ("forwarding.erase", "forwarding"),
            Kind::Notice => ("notice.erase", "notice"),
            Kind::Receipt => ("case.erase_receipts", "case"),
            Kind::Attachment => ("case.erase_attachments", "case"),
        };
        let audit = self.retention_entry(action, (of, item.object), run, details);
        let (id, now) = (run.id, self.now());
        let write = move |tx: &mut Tx<'_>| {
            let (outcome, loose) = erase(tx, id, &item, now)?;
            if outcome == Outcome::Erased {
                let mut rows = Additions::to(tx.tenant());
                rows.audit(&audit);
                tx.add(rows)?;
            }
            tx.settle_retention_item(id, position, outcome, now)?;
            Ok::<_, store::Error>((outcome, loose))
        };
        let (outcome, loose) = self.store.write(tenant, write).await?;
        for (content, place) in loose {
            self.erase_or_leave(tenant, content, place).await;
        }
        Ok(outcome)
    }
}

type Erased = (Outcome, Vec<(domain::ids::ContentId, Place)>);

/// Why a line stays after all, looked at by itself; `None` where it may go. The plan is asked once more: a list may be
/// older than a line of the plan, and than what came to stand beside a case without a change to it.
fn stays(
    tx: &mut Tx<'_>,
    plan: &Plan,
    item: &Item,
    day: Date,
) -> Result<Option<Outcome>, store::Error> {
    // Of a case, and of receipts and files, the case.
    let case = match item.case.filter(|_| item.kind != Kind::Notice) {
        None => None,
        Some(id) => match tx.ended_case(id, day)? {
            Some(case) if case.version == item.version => Some(case),
            Some(_) | None => return Ok(Some(Outcome::Changed)),
        },
    };
    let held = match item.kind {
        Kind::AvvikelseHsl
        | Kind::AvvikelseSol
        | Kind::AvvikelseLss
        | Kind::Synpunkt
        | Kind::Klagomal
        | Kind::Lex
        | Kind::Draft
        | Kind::Receipt
        | Kind::Attachment => case.as_ref().is_some_and(|it| it.standing.held().is_some()),
        Kind::ForwardingReceived => {
            let id = ForwardingId(item.object);
            if tx.forwarding_version(id)? != Some(item.version) {
                return Ok(Some(Outcome::Changed));
            }
            tx.received_on_hold(day)?.contains(&id)
        }
        Kind::Notice => match item.case {
            Some(id) => tx.cases_on_hold(day)?.contains(&id),
            None => false,
        },
    };
    if held {
        return Ok(Some(Outcome::Held));
    }
    let due = match case.filter(|_| item.kind.is_case()) {
        Some(case) => {
            let rule = plan.rule_of_case(&case.traits, day);
            let same = rule.filter(|(kind, _)| *kind == item.kind);
            same.and_then(|(_, rule)| due_on(rule.keep, case.since))
        }
        None => plan.rule(item.kind, day).and_then(|rule| due_on(rule.keep, item.since)),
    };
    Ok(due.is_none_or(|due| due > day).then_some(Outcome::Changed))
}

/// Whether the investigation of a case serves another that stays: one that this run does not erase, too.
fn stays_joint(
    tx: &mut Tx<'_>,
    plan: &Plan,
    (run, case): (RunId, CaseId),
    day: Date,
) -> Result<bool, store::Error> {
    for other in tx.sharing_investigation(case)? {
        let Some(item) = tx.open_retention_item(run, other)? else { return Ok(true) };
        if stays(tx, plan, &item, day)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Erases one line if it stands as it did when the list was made, the plan still lets it go, and nothing holds it
/// back.
fn erase(tx: &mut Tx<'_>, run: RunId, item: &Item, now: Timestamp) -> Result<Erased, store::Error> {
    let day = swedish_date(now);
    // From here on nobody raises anything beside the case, or places a hold, that this would not see. Of a case that
    // is void, or a draft, nothing is raised.
    match item.case.map_or(Ok(()), |case| tx.hold_case(case)) {
        Ok(()) | Err(store::Error::Stale) => tx.one_at_a_time()?,
        Err(other) => return Err(other),
    }
    let plan = tx.retention_plan()?.plan;
    if let Some(outcome) = stays(tx, &plan, item, day)? {
        return Ok((outcome, Vec::new()));
    }
    if item.kind.is_case() && stays_joint(tx, &plan, (run, CaseId(item.object)), day)? {
        return Ok((Outcome::Held, Vec::new()));
    }
    match item.kind {
        Kind::AvvikelseHsl
        | Kind::AvvikelseSol
        | Kind::AvvikelseLss
        | Kind::Synpunkt
        | Kind::Klagomal
        | Kind::Lex
        | Kind::Draft => {
            let before = tx.case(CaseId(item.object))?;
            let left = remains(before.clone());
            Ok((Outcome::Erased, tx.erase_case(&before, &left, now)?))
        }
        Kind::ForwardingReceived => {
            Ok((Outcome::Erased, tx.erase_forwarding(ForwardingId(item.object), now)?))
        }
        Kind::Notice => match tx.erase_notice(item.object)? {
            true => Ok((Outcome::Erased, Vec::new())),
            false => Ok((Outcome::Changed, Vec::new())),
        },
        Kind::Receipt => {
            tx.erase_receipts(CaseId(item.object))?;
            Ok((Outcome::Erased, Vec::new()))
        }
        Kind::Attachment => {
            let loose = tx.erase_attachments(CaseId(item.object), now)?;
            Ok((Outcome::Erased, loose))
        }
    }
}
