//! What contacts did and saw: the access log of those who have no account.

use diesel::prelude::*;
use domain::ids::{ContactId, EntryId, ForwardingId, LinkId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::schema::{portal_entries, portal_exposures};
use crate::sql_types::Db;

/// One thing a contact did or saw, or that was done about their links: one entry a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalEntry {
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// Which contact.
    pub contact: ContactId,
    /// Through which link.
    pub link: Option<LinkId>,
    /// What, such as `replies.read`.
    pub act: String,
    /// More, as a code.
    pub detail: Option<String>,
    /// The request.
    pub request: Uuid,
    /// The forwardings shown, each with whether who it is about was shown.
    pub exposed: Vec<(ForwardingId, bool)>,
}

impl Additions {
    /// Adds an entry with everything it exposed.
    pub fn portal_entry(&mut self, entry: &PortalEntry) {
        self.push(diesel::insert_into(portal_entries::table).values((
            portal_entries::tenant_id.eq(Db(self.tenant)),
            portal_entries::entry_id.eq(Db(entry.id)),
            portal_entries::at.eq(Db(entry.at)),
            portal_entries::contact_id.eq(Db(entry.contact)),
            portal_entries::link_id.eq(entry.link.map(Db)),
            portal_entries::act.eq(entry.act.clone()),
            portal_entries::detail.eq(entry.detail.clone()),
            portal_entries::request_id.eq(Db(entry.request)),
        )));
        for (forwarding, identity) in &entry.exposed {
            self.push(diesel::insert_into(portal_exposures::table).values((
                portal_exposures::tenant_id.eq(Db(self.tenant)),
                portal_exposures::entry_id.eq(Db(entry.id)),
                portal_exposures::forwarding_id.eq(Db(*forwarding)),
                portal_exposures::identity.eq(*identity),
            )));
        }
    }
}

impl Tx<'_> {
    /// What some contacts did and saw, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn portal_entries(
        &mut self,
        contacts: &[ContactId],
        before: Option<EntryId>,
        limit: i64,
    ) -> Result<Vec<PortalEntry>, Error> {
        type Row = (
            Db<EntryId>,
            Db<Timestamp>,
            Db<ContactId>,
            Option<Db<LinkId>>,
            String,
            Option<String>,
            Db<Uuid>,
        );
        let mut query = portal_entries::table
            .select((
                portal_entries::entry_id,
                portal_entries::at,
                portal_entries::contact_id,
                portal_entries::link_id,
                portal_entries::act,
                portal_entries::detail,
                portal_entries::request_id,
            ))
            .filter(portal_entries::tenant_id.eq(Db(self.tenant)))
            .filter(portal_entries::contact_id.eq_any(contacts.iter().copied().map(Db)))
            .order(portal_entries::entry_id.desc())
            .limit(limit)
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(portal_entries::entry_id.lt(Db(before)));
        }
        let rows: Vec<Row> = query.load(self.conn)?;
        let exposed: Vec<(Db<EntryId>, Db<ForwardingId>, bool)> = portal_exposures::table
            .select((
                portal_exposures::entry_id,
                portal_exposures::forwarding_id,
                portal_exposures::identity,
            ))
            .filter(portal_exposures::tenant_id.eq(Db(self.tenant)))
            .filter(portal_exposures::entry_id.eq_any(rows.iter().map(|row| row.0)))
            .order((portal_exposures::entry_id, portal_exposures::forwarding_id))
            .load(self.conn)?;
        let entry = |(id, at, contact, link, act, detail, request): Row| PortalEntry {
            id: id.get(),
            at: at.get(),
            contact: contact.get(),
            link: link.map(Db::get),
            act,
            detail,
            request: request.get(),
            exposed: exposed
                .iter()
                .filter(|one| one.0 == id)
                .map(|one| (one.1.get(), one.2))
                .collect(),
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}
