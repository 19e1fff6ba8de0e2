//! Beginning a forwarding: writing one to a counterparty, or taking in one that came.

use std::sync::Arc;

use domain::case::Status as CaseStatus;
use domain::fault::{Fault, Reason};
use domain::forwarding::{
    Changed, Channel, Counterparty, Document, Forwarding, Kind, NewDraft, NewReceived,
};
use domain::ids::{CounterpartyId, ForwardingId, UnitId};
use domain::law::Law;
use domain::personnummer::SubjectIdentity;
use domain::policy::{Act, allow_in_tenant, received_for};
use jiff::Timestamp;
use jiff::civil::Date;

use super::SUBJECTS;
use super::acting::Acting;
use super::read::OpenedForwarding;
use super::record::{ForwardingRecord, Identity};
use crate::cases::Opened;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How often a number is drawn anew when it was taken: one in 2³⁵ is.
const DRAWS: usize = 5;

/// A draft on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftGiven {
    /// To whom.
    pub counterparty: CounterpartyId,
    /// Single or joint.
    pub kind: Kind,
    /// By whose rules it is judged; the case's first law unless given.
    pub law: Option<Law>,
    /// The document as far as it is written.
    pub document: Document,
}

/// One that came by a way that somebody has to register.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedGiven {
    /// Who sent it.
    pub counterparty: CounterpartyId,
    /// Single or joint.
    pub kind: Kind,
    /// What it says.
    pub document: Document,
    /// Where it happened with us.
    pub unit: Option<UnitId>,
    /// By whose rules it is judged.
    pub law: Law,
    /// By which way it came.
    pub channel: Channel,
    /// When it reached us.
    pub received_at: Option<Timestamp>,
    /// Until when they want an answer.
    pub due_on: Option<Date>,
    /// The diarienummer it has at the other end.
    pub their_number: Option<String>,
    /// Who the person is.
    pub subject: Option<SubjectIdentity>,
}

/// What makes one: drawn anew where its number was taken.
type Make<'a> = dyn Fn(ForwardingId, u64) -> Result<(Changed, Identity), Error> + Send + Sync + 'a;

/// One just begun, and where it stands.
struct Begun<'a> {
    opened: Option<&'a Opened>,
    counterparty: Arc<Counterparty>,
    make: Box<Make<'a>>,
}

impl App {
    /// Begins to write one beside a case that was opened. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::State`] beside a draft or a void case; [`Error::Faults`] from the
    /// domain, and for a counterparty that is not there.
    pub async fn draft_forwarding(
        &self,
        caller: &Caller,
        opened: &Opened,
        given: DraftGiven,
        once: Option<Once>,
        render: impl Fn(&OpenedForwarding) -> Answer,
    ) -> Result<Answer, Error> {
        opened.permit(caller, Act::DraftForwarding)?;
        let case = &opened.case;
        if matches!(case.status(), CaseStatus::Draft | CaseStatus::Void) {
            let status = case.status().code();
            return Err(Error::State { status, command: "draft_forwarding" });
        }
        let counterparty = Arc::new(self.known_end(caller, given.counterparty).await?);
        let acting = Acting::from(caller);
        let mut document = given.document;
        // Most counterparties are one unit.
        document.unit.get_or_insert_with(|| counterparty.name.clone());
        let law = given.law.or_else(|| case.laws().first().copied()).unwrap_or(Law::Hsl);
        let make = move |id: ForwardingId, seed: u64| {
            let new = NewDraft {
                id,
                seed,
                case: case.id,
                unit: case.unit,
                law,
                counterparty: given.counterparty,
                kind: given.kind,
                document: document.clone(),
            };
            Ok((Forwarding::draft(new, acting.around())?, Identity::Keep))
        };
        let begun = Begun { opened: Some(opened), counterparty, make: Box::new(make) };
        self.begin_forwarding(caller, begun, once, render).await
    }

    /// Takes in one that came. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] from the domain, and for a counterparty that is not there.
    pub async fn register_forwarding(
        &self,
        caller: &Caller,
        given: ReceivedGiven,
        once: Option<Once>,
        render: impl Fn(&OpenedForwarding) -> Answer,
    ) -> Result<Answer, Error> {
        self.may_register_forwarding(caller, given.unit, given.law)?;
        let counterparty = Arc::new(self.known_end(caller, given.counterparty).await?);
        let acting = Acting::from(caller);
        let rules = caller.set_up.settings.forwardings;
        let make = move |id: ForwardingId, seed: u64| {
            let new = NewReceived {
                id,
                seed,
                counterparty: given.counterparty,
                kind: given.kind,
                document: given.document.clone(),
                unit: given.unit,
                law: given.law,
                channel: given.channel,
                received_at: given.received_at,
                due_on: given.due_on,
                their_number: given.their_number.clone(),
                identity: given.subject.is_some(),
            };
            let changed = Forwarding::register(new, &rules, acting.around())?;
            let identity = match &given.subject {
                Some(subject) => Identity::Put(self.seal_forwarded_identity(caller, id, subject)?),
                None => Identity::Keep,
            };
            Ok((changed, identity))
        };
        let begun = Begun { opened: None, counterparty, make: Box::new(make) };
        self.begin_forwarding(caller, begun, once, render).await
    }

    /// Whether the caller may take in what concerns a unit, or nobody knows which.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may_register_forwarding(
        &self,
        caller: &Caller,
        unit: Option<UnitId>,
        law: Law,
    ) -> Result<(), Error> {
        let actor = &caller.actor;
        // Whoever opens the letter need not know where it belongs.
        let reached = received_for(actor, Act::ReceiveForwarding)
            .iter()
            .any(|it| it.laws.covers(&law) && unit.is_none_or(|unit| it.units.covers(&unit)));
        let may = allow_in_tenant(actor, Act::ReceiveForwarding).allowed();
        if may && reached { Ok(()) } else { Err(Error::Forbidden) }
    }

    pub(super) async fn known_end(
        &self,
        caller: &Caller,
        id: CounterpartyId,
    ) -> Result<Counterparty, Error> {
        match self.store.read(caller.tenant_id(), move |tx| tx.counterparty(id)).await {
            Ok(counterparty) => Ok(counterparty),
            Err(store::Error::NotFound) => {
                Err(Error::Faults(vec![Fault::at("/counterparty", Reason::NotFound)]))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Seals who the person is for a forwarding.
    pub(super) fn seal_forwarded_identity(
        &self,
        caller: &Caller,
        id: ForwardingId,
        identity: &SubjectIdentity,
    ) -> Result<store::Sealed, Error> {
        let content =
            serde_json::to_vec(identity).map_err(|error| Error::Internal(error.to_string()))?;
        self.sealer
            .seal(caller.tenant_id(), SUBJECTS, &id.to_string(), &content)
            .map_err(|error| Error::Internal(error.to_string()))
    }

    async fn begin_forwarding(
        &self,
        caller: &Caller,
        begun: Begun<'_>,
        once: Option<Once>,
        render: impl Fn(&OpenedForwarding) -> Answer,
    ) -> Result<Answer, Error> {
        let acting = Acting::from(caller);
        for _ in 0..DRAWS {
            let id = ForwardingId(self.new_id());
            let (changed, identity) = (begun.make)(id, self.new_seed())?;
            let case = begun.opened.map(|opened| Arc::new(opened.case.clone()));
            let end = Arc::clone(&begun.counterparty);
            let opened =
                OpenedForwarding::of(caller, changed.forwarding.clone(), case, end, Vec::new());
            // Whoever may begin one beside a case reads it; a letter for another unit may be out of sight.
            let opened = match opened {
                Some(opened) => opened,
                None => OpenedForwarding {
                    forwarding: changed.forwarding.clone(),
                    case: None,
                    counterparty: Arc::clone(&begun.counterparty),
                    access: domain::policy::Access::Own,
                    commands: Vec::new(),
                    open: Vec::new(),
                },
            };
            let answer = render(&opened);
            let mut record = ForwardingRecord::new(self, &acting, None, changed);
            record.identity = identity;
            let (access, trail) = self.forwarding_access(caller, "forwarding.begin", &opened);
            record.access.push(access);
            record.trail.extend(trail);
            if let Some(once) = &once {
                let case = begun.opened.map(|opened| opened.case.id);
                record.kept = Some(self.to_keep(caller, once, &answer, case)?);
            }
            let written = self.store.write(caller.tenant_id(), move |tx| record.write(tx)).await;
            match written {
                Ok(()) => return Ok(answer),
                Err(error) => match error.conflict() {
                    Some("forwardings_number_key") => {}
                    Some("idempotency_keys_principal_key_key") => {
                        let kept = match &once {
                            Some(once) => self.answered(caller, once).await?,
                            None => None,
                        };
                        let being = || Error::Unavailable("an answer is being kept".into());
                        return kept.ok_or_else(being);
                    }
                    _ => return Err(error.into()),
                },
            }
        }
        Err(Error::Internal("no free number was drawn".into()))
    }
}
