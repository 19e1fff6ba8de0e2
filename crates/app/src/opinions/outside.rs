//! What the public does: leave an opinion, say more, and follow it. Whoever does it is nobody of the
//! staff, and nothing here keeps who asked: neither an address nor a session reaches this far.

use domain::calendar::swedish_date;
use domain::case::filing::{self, Entry, Intake, Surroundings};
use domain::case::{Case, Kind};
use domain::fault::Fault;
use domain::ids::{CaseId, MessageId, SubjectId};
use domain::opinion::{Message, MessageKind, SenderSays, SenderView, StageName};
use domain::organisation::Tenant;
use domain::personnummer;
use jiff::Timestamp;
use store::Additions;
use uuid::Uuid;

use crate::cases::Record;
use crate::context::{App, Doer, SetUp};
use crate::error::Error;

/// How often something a sender says is added anew to a case that others keep changing.
const TRIES: usize = 5;

/// A tenant as the public meets it.
#[derive(Clone, Debug)]
pub struct Door {
    /// The tenant.
    pub tenant: Tenant,
    /// Its set-up.
    pub set_up: SetUp,
    /// When the request came.
    pub now: Timestamp,
    /// The request's id.
    pub request: Uuid,
}

impl Door {
    pub(super) fn doer(&self) -> Doer<'_> {
        let (set_up, now, request) = (&self.set_up, self.now, self.request);
        Doer { set_up, by: None, now, request }
    }
}

/// An opinion on its way in through the public form.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOpinion {
    /// A synpunkt or a klagomål.
    pub kind: Kind,
    /// What was said; `opinion` has who says it.
    pub intake: Intake,
    /// Faults found while reading the request, that do not keep a filing out.
    pub warnings: Vec<Fault>,
}

/// An opinion taken in: nothing is written yet.
#[derive(Debug)]
pub struct TakenOpinion {
    /// The case as it will stand.
    pub case: Case,
    /// Everything it leaves. A receipt, and an answer to keep, are added to these before
    /// [`store::Store::add`] writes them all or none.
    pub rows: Additions,
}

impl App {
    /// The tenant of a slug, to the public.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none, or it is suspended.
    pub async fn door(&self, slug: &str, request: Uuid) -> Result<Door, Error> {
        let id = match self.tenant_id(slug).await {
            Err(Error::NotLetIn(_)) => return Err(Error::NotFound),
            other => other?,
        };
        let tenant = self.store.ask(id, |tx| tx.own_tenant()).await?;
        if tenant.suspended_at.is_some() {
            return Err(Error::NotFound);
        }
        let set_up = self.set_up(&tenant).await?;
        Ok(Door { tenant, set_up, now: self.now(), request })
    }

    /// Takes in what the public leaves. What is wrong with it is kept as a warning in
    /// `case.filing.warnings`, but for a text with nothing in it.
    ///
    /// # Errors
    /// [`Error::Faults`] for that; those of the store.
    pub async fn take_opinion(&self, door: &Door, new: NewOpinion) -> Result<TakenOpinion, Error> {
        let NewOpinion { kind, mut intake, warnings } = new;
        let tenant = door.tenant.id;
        intake.opinion.get_or_insert_default();
        self.find_concerned(tenant, &door.set_up, (&mut intake, kind), door.now).await?;
        let entry = Entry {
            id: CaseId(self.new_id()),
            kind,
            number_seed: self.new_seed(),
            subject_id: SubjectId(self.new_id()),
            reported_by: None,
            registered_by: None,
            draft: false,
        };
        let around = Surroundings {
            units: &door.set_up.units,
            codes: &door.set_up.codes,
            now: door.now,
            may_backdate: false,
        };
        let mut filed = filing::file(entry, intake, around).map_err(Error::Faults)?;
        filed.changed.case.filing.warnings.extend(warnings);
        let case = filed.changed.case.clone();
        let mut record = Record::by(self, door.doer(), filed.changed);
        if let Some(subject) = &filed.subject {
            let sealed = self.seal_identity((tenant, door.now), entry.subject_id, subject)?;
            record.subject = Some(sealed);
        }
        if let Some(contact) = &filed.contact {
            record.sender = Some(self.seal_sender(tenant, case.id, contact)?);
        }
        Ok(TakenOpinion { case, rows: record.of_new(tenant) })
    }

    /// Adds what the sender of an opinion says. Where they ask again what was answered, or had ended, it is
    /// taken up again. Personal identity numbers are taken out of the text; the faults name them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no opinion; [`Error::Faults`] for an empty text; [`Error::State`]
    /// for what is void; [`Error::Unavailable`] when others keep being faster.
    pub async fn hear_sender(
        &self,
        door: &Door,
        id: CaseId,
        mut says: SenderSays,
    ) -> Result<Vec<Fault>, Error> {
        let tenant = door.tenant.id;
        let found = personnummer::find_in(&says.text, swedish_date(door.now));
        says.text = personnummer::redact(&says.text, &found);
        let taken_out = found.iter().map(|number| {
            let (position, length) = (number.position, number.length);
            let reason = domain::fault::Reason::PersonalNumber { position, length };
            Fault::at("/text", reason)
        });
        let taken_out: Vec<Fault> = taken_out.collect();
        for _ in 0..TRIES {
            let load = move |tx: &mut store::Tx<'_>| {
                Ok::<_, store::Error>((tx.case(id)?, tx.opinion_messages(id)?))
            };
            let (before, messages) = self.store.read(tenant, load).await?;
            let stage = before.opinion.as_ref().ok_or(Error::NotFound)?.stage_name();
            let kind = kind_of(&says, stage, &messages);
            let changed = before.clone().hear_sender(&says, door.now)?;
            let mut record = Record::by(self, door.doer(), changed);
            record.said = Some(Message {
                id: MessageId(self.new_id()),
                from_sender: true,
                kind,
                text: says.text.clone(),
                at: door.now,
                by: None,
                read_at: None,
            });
            let work = move |tx: &mut store::Tx<'_>| record.write(&before, tx);
            match self.store.write(tenant, work).await {
                Ok(()) => return Ok(taken_out),
                Err(error) if crate::cases::lost_a_race(&error) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable("others keep changing this case".into()))
    }

    /// What the sender of an opinion sees of it. What the staff said counts as read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no opinion, or void.
    pub async fn sender_view(&self, door: &Door, id: CaseId) -> Result<SenderView, Error> {
        let tenant = door.tenant.id;
        let load = move |tx: &mut store::Tx<'_>| {
            Ok::<_, store::Error>((tx.case(id)?, tx.opinion_messages(id)?))
        };
        let (case, messages) = self.store.read(tenant, load).await?;
        let unread = messages.iter().any(|it| !it.from_sender && it.read_at.is_none());
        let clocks = &door.set_up.settings.clocks;
        let view = SenderView::of(&case, messages, clocks).ok_or(Error::NotFound)?;
        if unread {
            let now = door.now;
            let read = move |tx: &mut store::Tx<'_>| tx.read_opinion_messages(id, false, now);
            self.store.write(tenant, read).await?;
        }
        Ok(view)
    }
}

/// What a sender's message is: asking again, answering the last question, or an addition.
fn kind_of(says: &SenderSays, stage: StageName, messages: &[Message]) -> MessageKind {
    let again = says.asks && stage.admits(domain::case::Command::Reopen);
    let asked = messages.iter().rfind(|it| it.kind != MessageKind::Notice);
    let asked = asked.is_some_and(|it| !it.from_sender && it.kind == MessageKind::Question);
    match (again, asked) {
        (true, _) => MessageKind::Question,
        (false, true) => MessageKind::Reply,
        (false, false) => MessageKind::Addition,
    }
}
