//! Telling contacts of counterparties what waits for their answer: what is new at most once a day,
//! gathered, and everything once a week. A mail holds a number and a link.

use std::collections::BTreeMap;

use domain::ids::{CounterpartyId, EntryId, LinkId};
use domain::notice::Step;
use domain::organisation::Tenant;
use domain::portal::{Contact, Link, MailKind, due, told};
use jiff::{SignedDuration, Timestamp};
use mailer::ReplyMail;
use serde_json::Value;
use store::{PortalEntry, Tx};
use uuid::Uuid;

use crate::context::{App, SetUp};
use crate::error::Error;
use crate::sealing::Sealer;

/// The name of the lease.
const JOB: &str = "portal";
/// How long it is taken: far longer than a tenant's turn.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// The member of a message's payload that has the link and how many wait.
pub(crate) const REPLY: &str = "reply";

/// The link of such a message.
pub(super) fn link_of(payload: &Value) -> Option<LinkId> {
    payload.get(REPLY)?.get("link")?.as_str()?.parse().ok()
}

/// What such a message says, with the token made only now: it lies nowhere.
pub(super) fn reply_mail(
    sealer: &Sealer,
    tenant: &Tenant,
    payload: &Value,
    public_url: &str,
) -> Option<ReplyMail> {
    let link = link_of(payload)?;
    let count = payload.get(REPLY)?.get("count").and_then(Value::as_u64);
    let token = sealer.link_token(tenant.id, link);
    let address = format!("{public_url}/{}/svar/{token}", tenant.slug);
    Some(ReplyMail { count: count.and_then(|count| usize::try_from(count).ok()), address })
}

impl App {
    /// Tells the contacts of every tenant what waits for them, where it is time. Gives how many mails
    /// were queued.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others get their turn.
    pub async fn tell_contacts(&self) -> Result<usize, Error> {
        // Without mail no link gets anywhere: none is made.
        let Some(holder) = self.mailing.plan().map(|plan| plan.holder) else { return Ok(0) };
        let (mut queued, mut failed) = (0, None);
        for tenant in self.store.tenants().await? {
            if tenant.suspended_at.is_some() {
                continue;
            }
            match self.tell_contacts_of(&tenant, holder).await {
                Ok(number) => queued += number,
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(queued), Err)
    }

    async fn tell_contacts_of(&self, tenant: &Tenant, holder: Uuid) -> Result<usize, Error> {
        let contacts = self.store.ask(tenant.id, |tx| tx.mail_contacts()).await?;
        if contacts.is_empty() {
            return Ok(0);
        }
        let (now, set_up) = (self.now(), self.set_up(tenant).await?);
        let ends_at = now + LEASE;
        let take = move |tx: &mut Tx<'_>| tx.take_lease(JOB, holder, now, ends_at);
        match self.store.write(tenant.id, take).await {
            Ok(true) => {}
            Ok(false) | Err(store::Error::Conflict { .. }) => return Ok(0),
            Err(other) => return Err(other.into()),
        }
        let done = self.tell_each(tenant, &set_up, now).await;
        let give_back = move |tx: &mut Tx<'_>| tx.give_back_lease(JOB, holder, now);
        self.store.write(tenant.id, give_back).await?;
        done
    }

    async fn tell_each(
        &self,
        tenant: &Tenant,
        set_up: &SetUp,
        now: Timestamp,
    ) -> Result<usize, Error> {
        // Read anew: what was read before the lease another may have told.
        let load = |tx: &mut Tx<'_>| Ok((tx.mail_contacts()?, tx.replies_awaited()?));
        let read: Result<_, store::Error> = self.store.read(tenant.id, load).await;
        let (contacts, awaited) = read?;
        let mut open: BTreeMap<CounterpartyId, Vec<Timestamp>> = BTreeMap::new();
        for (counterparty, sent_at) in awaited {
            open.entry(counterparty).or_default().push(sent_at);
        }
        let mut queued = 0;
        for contact in contacts {
            let open = open.get(&contact.counterparty).map_or(&[][..], Vec::as_slice);
            queued += usize::from(self.tell_one(tenant, set_up, &contact, open, now).await?);
        }
        Ok(queued)
    }

    async fn tell_one(
        &self,
        tenant: &Tenant,
        set_up: &SetUp,
        contact: &Contact,
        open: &[Timestamp],
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (rules, days) = (&set_up.settings.mail, &set_up.settings.clocks.working_days);
        let Some(kind) = due(&contact.told, open, rules, days, now) else { return Ok(false) };
        let (step, detail) = match kind {
            MailKind::News => (Step::Reply, "news"),
            MailKind::Digest => (Step::ReplyDigest, "digest"),
        };
        let id = contact.id;
        let link = Link::issue(LinkId(self.new_id()), id, None, None, now);
        let message = self.reply_mail(id, link.id, step, Some(open.len()), now);
        let entry = PortalEntry {
            id: EntryId(self.new_id()),
            at: now,
            contact: id,
            link: Some(link.id),
            act: "link.issued".to_owned(),
            detail: Some(detail.to_owned()),
            // Nobody asked.
            request: Uuid::nil(),
            exposed: Vec::new(),
        };
        let after = told(&contact.told, kind, open, now);
        let write = move |tx: &mut Tx<'_>| {
            if !tx.begin_telling(id, &after)? {
                return Ok(false);
            }
            tx.insert_link(&link)?;
            tx.add_rows(|rows| {
                rows.portal_entry(&entry);
                rows.message(&message);
            })?;
            Ok::<_, store::Error>(true)
        };
        Ok(self.store.write(tenant.id, write).await?)
    }
}
