//! What a change leaves behind, in the transaction of the change.

use domain::case::link::LinkKind;
use domain::case::sample::Sample;
use domain::case::{Case, Changed, Command, Comment, Event, Status};
use domain::ids::{EntryId, MessageId, StaffId, TenantId};
use domain::opinion::Message as OpinionMessage;
use domain::statistics::Fact;
use serde_json::json;
use store::{
    AccessEntry, Additions, AuditEntry, KeptAnswer, KeptAttachment, Message, Sealed, SealedSubject,
    Tx,
};

use super::notice::{of_change, to_sender};
use crate::chain::Commitment;
use crate::context::{App, Caller, Doer};
use crate::escalations::by_change;
use crate::escalations::record::EscalationRecord;

/// Everything one change writes, ready before the transaction begins: inside it there is neither
/// cryptography nor thought.
pub(crate) struct Record {
    changed: Changed,
    fact: Fact,
    audit: AuditEntry,
    message: Option<Message>,
    /// The notices to those whom it concerns.
    pub notices: Vec<Message>,
    /// Its investigation is written once for all its cases, by what holds them together.
    pub joint: bool,
    /// What the change raises by itself, as far as none of the kind is open.
    raised: Vec<EscalationRecord>,
    /// The closing, where it is picked for the sample.
    sample: Option<Sample>,
    /// What was said, where that is the change.
    pub comment: Option<Comment>,
    /// A new sealed identity.
    pub subject: Option<SealedSubject>,
    /// Who left the opinion, sealed.
    pub sender: Option<Sealed>,
    /// What is said between sender and handler, where that is the change.
    pub said: Option<OpinionMessage>,
    /// What was done to a new case before the change that is written: one request may do several.
    earlier: Vec<(i64, Event, Option<Commitment>)>,
    /// What binds the history entry of the change into the chain.
    committed: Option<Commitment>,
    /// The answer to keep.
    pub kept: Option<KeptAnswer>,
    /// The reading that the answer itself is.
    pub access: Option<AccessEntry>,
    /// An attachment that comes; its content is written.
    pub attached: Option<KeptAttachment>,
    /// One that goes.
    pub withdrawn: Option<KeptAttachment>,
    by: Option<StaffId>,
}

impl Record {
    pub(crate) fn new(app: &App, caller: &Caller, changed: Changed) -> Self {
        let raised = by_change(app, caller, None, &changed.case, &changed.event);
        Self { raised, ..Self::by(app, caller.doer(), changed) }
    }

    /// As [`Record::new`], for what somebody outside may do: it raises nothing by itself.
    pub(crate) fn by(app: &App, doer: Doer<'_>, changed: Changed) -> Self {
        let (case, event) = (&changed.case, &changed.event);
        let action = format!("case.{}", event.command.code());
        let audit = AuditEntry {
            id: EntryId(app.new_id()),
            at: doer.now,
            by: doer.by,
            action: action.clone(),
            object_kind: "case",
            object: case.id.0,
            details: json!({
                "from": event.from.map(|status| status.code()),
                "to": event.to.code(),
                "version": case.version,
            }),
            request: doer.request,
        };
        // A draft is its author's alone: nobody is told of it.
        let message = (!case.private()).then(|| Message {
            id: MessageId(app.new_id()),
            at: doer.now,
            topic: action,
            case: Some(case.id),
            payload: json!({ "number": case.number }),
        });
        let fact = Fact::of(case, &doer.set_up.codes);
        let by = doer.by;
        let committed = Commitment::to((case.id, case.version), event, by, doer.now);
        let sample = Sample::of(&changed, &doer.set_up.settings);
        let mut notices = of_change(app, doer, &changed);
        notices.extend(to_sender(app, doer, &changed));
        Self {
            changed,
            fact,
            audit,
            message,
            notices,
            joint: false,
            raised: Vec::new(),
            sample,
            comment: None,
            subject: None,
            sender: None,
            said: None,
            earlier: Vec::new(),
            committed,
            kept: None,
            access: None,
            attached: None,
            withdrawn: None,
            by,
        }
    }

    /// Whether the change may make the case ask for what it did not ask for before: a triage, and a
    /// correction, of the law above all.
    pub(crate) fn may_ask(&self) -> bool {
        matches!(self.changed.event.command, Command::Triage | Command::Correct)
    }

    /// Adds what the change raises that the case did not ask for `before`.
    pub(crate) fn raise_flags(&mut self, app: &App, caller: &Caller, before: &Case) {
        let (case, event) = (&self.changed.case, &self.changed.event);
        self.raised = by_change(app, caller, Some(before), case, event);
    }

    /// Adds what was done to a new case before, by the versions it made.
    pub(crate) fn put_before(&mut self, earlier: Vec<(i64, Event)>) {
        let (id, by, at) = (self.changed.case.id, self.by, self.audit.at);
        let committed = |(version, event): (i64, Event)| {
            let commitment = Commitment::to((id, version), &event, by, at);
            (version, event, commitment)
        };
        self.earlier = earlier.into_iter().map(committed).collect();
    }

    /// Everything a new case leaves, which is rows to add and nothing else.
    pub(crate) fn of_new(&self, tenant: TenantId) -> Additions {
        let mut rows = Additions::to(tenant);
        if let Some(subject) = &self.subject {
            rows.subject(subject);
        }
        rows.case(&self.changed.case);
        self.parts(&mut rows);
        rows.fact(&self.fact);
        self.trace(&mut rows);
        // A new case has no escalation yet.
        self.raised.iter().for_each(|raised| raised.add(&mut rows));
        rows
    }

    /// As [`Record::of_new`], for a case that another goes on as: its investigation is there already.
    pub(crate) fn of_refiled(&self, tenant: TenantId) -> Additions {
        let mut rows = Additions::to(tenant);
        rows.case_alone(&self.changed.case);
        self.parts(&mut rows);
        rows.fact(&self.fact);
        self.trace(&mut rows);
        rows
    }

    /// Writes everything a change leaves. The rows it adds come early: with them another request with
    /// the same Idempotency-Key, or another change of the same version, collides.
    pub(crate) fn write(&self, before: &Case, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let case = &self.changed.case;
        let mut rows = Additions::to(tx.tenant());
        if let Some(subject) = &self.subject {
            rows.subject(subject);
        }
        for given in case.feedback.iter().filter(|given| !before.feedback.contains(given)) {
            rows.feedback(case.id, given);
        }
        for link in case.links.iter().filter(|link| !before.links.contains(link)) {
            rows.link(case.id, link);
        }
        for watch in &case.watches {
            if before.watches.iter().all(|known| known.id != watch.id) {
                rows.watch(case.id, watch);
            }
        }
        for conflict in case.conflicts.iter().filter(|it| !before.conflicts.contains(it)) {
            rows.conflict(case.id, conflict);
        }
        if let Some(comment) = &self.comment {
            rows.comment(case.id, comment);
        }
        if let Some(kept) = &self.attached {
            rows.attachment(kept);
        }
        self.trace(&mut rows);
        if let Some(sample) = &self.sample {
            rows.sample(sample);
        }
        let moved = case.investigation != before.investigation;
        let inquiry = case.investigation.as_ref().filter(|_| moved && !self.joint);
        if let Some(inquiry) = inquiry.filter(|_| before.investigation.is_none()) {
            rows.investigation(inquiry);
        }
        self.hold_others(tx, before)?;
        tx.add(rows)?;
        if let Some(kept) = &self.attached {
            tx.take_over(kept.content.id)?;
        }
        if let Some(kept) = &self.withdrawn {
            let (by, at) = (self.by, self.audit.at);
            tx.withdraw_attachment(kept, kept.attachment.scan, by, at)?;
        }
        if let Some(inquiry) = inquiry.filter(|_| before.investigation.is_some()) {
            tx.save_investigation(inquiry)?;
        }
        tx.save_case(case, (before.status(), before.version))?;
        // Whom a draft was about before it was edited stands nowhere else; what was corrected is in the history.
        if before.status() == Status::Draft
            && let Some(replaced) = before.subject.filter(|known| case.subject != Some(*known))
        {
            tx.erase_subject(replaced)?;
        }
        // Its opinion may have got its row just now.
        tx.add_rows(|rows| self.parts(rows))?;
        self.with_escalations(tx, before)?;
        tx.update_fact(&self.fact)?;
        if case.filing.details != before.filing.details {
            tx.replace_answers(case.id, &self.fact.answers)?;
        }
        if case.assessment.duties != before.assessment.duties {
            tx.replace_duties(case.id, &case.assessment.duties)?;
        }
        if case.also_units != before.also_units {
            tx.replace_also_units(case.id, &case.also_units)?;
        }
        for watch in case.watches.iter().filter(|it| !before.watches.contains(it)) {
            if before.watches.iter().any(|known| known.id == watch.id) {
                tx.save_watch(watch)?;
            }
        }
        for gone in before.conflicts.iter().filter(|it| !case.conflicts.contains(it)) {
            tx.delete_conflict(case.id, gone.staff)?;
        }
        for gone in before.links.iter().filter(|link| !case.links.contains(link)) {
            tx.delete_link(case.id, gone)?;
        }
        for link in case.links.iter().filter(|link| !before.links.contains(link)) {
            if link.kind == LinkKind::SameEvent {
                tx.join_events(case.id, link.to)?;
            }
        }
        Ok(())
    }

    /// What the change means for the escalations beside the case: what it raises, the unit they go to,
    /// and that nobody ends a case that one of them holds open. Asked here, where nobody can raise one
    /// any more unseen.
    fn with_escalations(&self, tx: &mut Tx<'_>, before: &Case) -> Result<(), store::Error> {
        let case = &self.changed.case;
        if !self.raised.is_empty() {
            let open = tx.open_escalations(&[case.id])?.remove(&case.id).unwrap_or_default();
            for raised in &self.raised {
                if !open.contains(&raised.escalation().kind) {
                    raised.write(tx)?;
                }
            }
        }
        if case.unit != before.unit {
            tx.move_escalations(case.id, case.unit)?;
            tx.move_forwardings(case.id, case.unit)?;
        }
        let ends = matches!(case.status(), Status::Closed | Status::Void);
        if ends && before.status() != case.status() && !before.private() {
            let open = tx.open_escalations(&[case.id])?;
            if !open.is_empty() {
                return Err(store::Error::Stale);
            }
        }
        Ok(())
    }

    /// What hangs on the opinion.
    fn parts(&self, rows: &mut Additions) {
        let id = self.changed.case.id;
        if let Some(sealed) = &self.sender {
            rows.opinion_sender(id, sealed, self.audit.at);
        }
        if let Some(said) = &self.said {
            rows.opinion_message(id, said);
        }
    }

    /// Adds an escalation that somebody raises with the change.
    pub(crate) fn raise(&mut self, raised: EscalationRecord) {
        self.raised.push(raised);
    }

    /// What every change leaves behind.
    fn trace(&self, rows: &mut Additions) {
        let (case, event) = (&self.changed.case, &self.changed.event);
        if let Some(kept) = &self.kept {
            rows.answer(kept);
        }
        let (by, at) = (self.by, self.audit.at);
        for (version, event, committed) in &self.earlier {
            let salt = committed.as_ref().map(|it| it.salt);
            rows.history((case.id, *version), event, by, at, salt);
        }
        let salt = self.committed.as_ref().map(|it| it.salt);
        rows.history((case.id, case.version), event, by, at, salt);
        let earlier = self.earlier.iter().map(|(_, _, committed)| committed.as_ref());
        let commitment = Commitment::join(earlier.chain([self.committed.as_ref()]));
        rows.audit_committed(&self.audit, commitment.as_deref());
        if let Some(access) = &self.access {
            rows.access(access);
        }
        for message in self.message.iter().chain(&self.notices) {
            rows.message(message);
        }
    }

    /// What depends on another case is asked once more, where nobody can change it any more: a
    /// duplicate needs an original that is counted, and an original with duplicates stays one.
    fn hold_others(&self, tx: &mut Tx<'_>, before: &Case) -> Result<(), store::Error> {
        let case = &self.changed.case;
        let mut new = case.links.iter().filter(|link| !before.links.contains(link)).peekable();
        let voided = case.status() == Status::Void;
        if new.peek().is_some() || voided {
            tx.one_at_a_time()?;
        }
        for link in new.filter(|link| link.kind == LinkKind::DuplicateOf) {
            if !tx.is_counted(link.to)? || tx.has_duplicates(case.id)? {
                return Err(store::Error::Stale);
            }
        }
        if voided && tx.has_duplicates(case.id)? {
            return Err(store::Error::Stale);
        }
        Ok(())
    }
}
