//! Whom we write to at a counterparty, and their links.

use diesel::prelude::*;
use domain::ids::{ContactId, CounterpartyId, ForwardingId, LinkId, StaffId, TenantId};
use domain::portal::{Address, Contact, ContactState, Link, LinkState, Registrar, Told};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{portal_contacts, portal_links};
use crate::sql_types::Db;

/// The kinds of address in the table.
const MAIL: &str = "mail";
const POST: &str = "post";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portal_contacts, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, contact_id), treat_none_as_null = true)]
struct ContactRow {
    tenant_id: Db<TenantId>,
    contact_id: Db<ContactId>,
    counterparty_id: Db<CounterpartyId>,
    kind: String,
    email: Option<String>,
    name: Option<String>,
    registered_at: Db<Timestamp>,
    registered_by: Option<Db<StaffId>>,
    handed_over_by: Option<Db<ContactId>>,
    revoked_at: Option<Db<Timestamp>>,
    revoked_by: Option<Db<StaffId>>,
    revoked_reason: Option<String>,
    told_until: Option<Db<Timestamp>>,
    told_on: Option<Db<Date>>,
    told_week: Option<Db<Date>>,
    version: i64,
}

impl ContactRow {
    fn of(tenant: TenantId, contact: &Contact) -> Self {
        let (registered_by, handed_over_by) = match contact.registered_by {
            Registrar::Staff(staff) => (Some(Db(staff)), None),
            Registrar::Contact(other) => (None, Some(Db(other))),
        };
        let (revoked_at, revoked_by, revoked_reason) = match &contact.state {
            ContactState::Registered => (None, None, None),
            ContactState::Revoked { at, by, reason } => {
                (Some(Db(*at)), Some(Db(*by)), Some(reason.clone()))
            }
        };
        Self {
            tenant_id: Db(tenant),
            contact_id: Db(contact.id),
            counterparty_id: Db(contact.counterparty),
            kind: match contact.address {
                Address::Mail(_) => MAIL,
                Address::Post => POST,
            }
            .to_owned(),
            email: contact.address.mail().map(str::to_owned),
            name: contact.name.clone(),
            registered_at: Db(contact.registered_at),
            registered_by,
            handed_over_by,
            revoked_at,
            revoked_by,
            revoked_reason,
            told_until: contact.told.until.map(Db),
            told_on: contact.told.on.map(Db),
            told_week: contact.told.week.map(Db),
            version: contact.version,
        }
    }

    fn into_contact(self) -> Result<Contact, Error> {
        let registered_by = match (self.registered_by, self.handed_over_by) {
            (Some(staff), None) => Registrar::Staff(staff.get()),
            (None, Some(contact)) => Registrar::Contact(contact.get()),
            _ => return Err(Error::Corrupt("portal_contacts: registered by nobody".to_owned())),
        };
        let state = match (self.revoked_at, self.revoked_by, self.revoked_reason) {
            (Some(at), Some(by), Some(reason)) => {
                ContactState::Revoked { at: at.get(), by: by.get(), reason }
            }
            _ => ContactState::Registered,
        };
        Ok(Contact {
            id: self.contact_id.get(),
            counterparty: self.counterparty_id.get(),
            address: self.email.map_or(Address::Post, Address::Mail),
            name: self.name,
            registered_at: self.registered_at.get(),
            registered_by,
            state,
            told: Told {
                until: self.told_until.map(Db::get),
                on: self.told_on.map(Db::get),
                week: self.told_week.map(Db::get),
            },
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portal_links, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, link_id), treat_none_as_null = true)]
struct LinkRow {
    tenant_id: Db<TenantId>,
    link_id: Db<LinkId>,
    contact_id: Db<ContactId>,
    forwarding_id: Option<Db<ForwardingId>>,
    issued_at: Db<Timestamp>,
    issued_by: Option<Db<StaffId>>,
    expires_at: Db<Timestamp>,
    status: String,
    failures: i32,
    used_at: Option<Db<Timestamp>>,
    ended_at: Option<Db<Timestamp>>,
    ended_by: Option<Db<StaffId>>,
    ended_reason: Option<String>,
    version: i64,
}

impl LinkRow {
    fn of(tenant: TenantId, link: &Link) -> Self {
        let mut row = Self {
            tenant_id: Db(tenant),
            link_id: Db(link.id),
            contact_id: Db(link.contact),
            forwarding_id: link.only.map(Db),
            issued_at: Db(link.issued_at),
            issued_by: link.issued_by.map(Db),
            expires_at: Db(link.expires_at),
            status: String::new(),
            failures: 0,
            used_at: None,
            ended_at: None,
            ended_by: None,
            ended_reason: None,
            version: link.version,
        };
        match &link.state {
            LinkState::Open { failures, used_at } => {
                row.status = "open".to_owned();
                row.failures = i32::from(*failures);
                row.used_at = used_at.map(Db);
            }
            LinkState::Locked { at } => {
                row.status = "locked".to_owned();
                row.ended_at = Some(Db(*at));
            }
            LinkState::Revoked { at, by, reason } => {
                row.status = "revoked".to_owned();
                row.ended_at = Some(Db(*at));
                row.ended_by = Some(Db(*by));
                row.ended_reason = Some(reason.clone());
            }
        }
        row
    }

    fn into_link(self) -> Result<Link, Error> {
        let corrupt = || Error::Corrupt("portal_links: a status that does not go".to_owned());
        let state = match (self.status.as_str(), self.ended_at, self.ended_by, self.ended_reason) {
            ("open", None, None, None) => LinkState::Open {
                failures: u16::try_from(self.failures).map_err(|_| corrupt())?,
                used_at: self.used_at.map(Db::get),
            },
            ("locked", Some(at), None, None) => LinkState::Locked { at: at.get() },
            ("revoked", Some(at), Some(by), Some(reason)) => {
                LinkState::Revoked { at: at.get(), by: by.get(), reason }
            }
            _ => return Err(corrupt()),
        };
        Ok(Link {
            id: self.link_id.get(),
            contact: self.contact_id.get(),
            only: self.forwarding_id.map(Db::get),
            issued_at: self.issued_at.get(),
            issued_by: self.issued_by.map(Db::get),
            expires_at: self.expires_at.get(),
            state,
            version: self.version,
        })
    }
}

impl Tx<'_> {
    /// Every contact of a counterparty, also those revoked, in the order registered.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a row that does not hold together.
    pub fn contacts_of(&mut self, counterparty: CounterpartyId) -> Result<Vec<Contact>, Error> {
        let rows: Vec<ContactRow> = portal_contacts::table
            .select(ContactRow::as_select())
            .filter(portal_contacts::tenant_id.eq(Db(self.tenant)))
            .filter(portal_contacts::counterparty_id.eq(Db(counterparty)))
            .order(portal_contacts::contact_id)
            .load(self.conn)?;
        rows.into_iter().map(ContactRow::into_contact).collect()
    }

    /// Every contact of the tenant that is written to by mail.
    ///
    /// # Errors
    /// As [`Tx::contacts_of`].
    pub fn mail_contacts(&mut self) -> Result<Vec<Contact>, Error> {
        let rows: Vec<ContactRow> = portal_contacts::table
            .select(ContactRow::as_select())
            .filter(portal_contacts::tenant_id.eq(Db(self.tenant)))
            .filter(portal_contacts::kind.eq(MAIL))
            .filter(portal_contacts::revoked_at.is_null())
            .order(portal_contacts::contact_id)
            .load(self.conn)?;
        rows.into_iter().map(ContactRow::into_contact).collect()
    }

    /// A contact.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn contact(&mut self, id: ContactId) -> Result<Contact, Error> {
        let row: ContactRow = portal_contacts::table
            .select(ContactRow::as_select())
            .filter(portal_contacts::tenant_id.eq(Db(self.tenant)))
            .filter(portal_contacts::contact_id.eq(Db(id)))
            .get_result(self.conn)?;
        row.into_contact()
    }

    /// Registers a contact.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `portal_contacts_counterparty_id_email_key` for an address that is
    /// registered, and over `portal_contacts_counterparty_id_kind_key` for a second one by post.
    pub fn insert_contact(&mut self, contact: &Contact) -> Result<(), Error> {
        let row = ContactRow::of(self.tenant, contact);
        diesel::insert_into(portal_contacts::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed contact if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_contact(&mut self, contact: &Contact) -> Result<(), Error> {
        let here = portal_contacts::tenant_id
            .eq(Db(self.tenant))
            .and(portal_contacts::contact_id.eq(Db(contact.id)))
            .and(portal_contacts::version.eq(contact.version - 1));
        let row = ContactRow::of(self.tenant, contact);
        let changed =
            diesel::update(portal_contacts::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Notes that a contact is written to, and tells whether nobody had done so that day. Belongs in
    /// the transaction that queues the mail.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn begin_telling(&mut self, id: ContactId, told: &Told) -> Result<bool, Error> {
        let Some(today) = told.on else { return Ok(false) };
        let here = portal_contacts::tenant_id
            .eq(Db(self.tenant))
            .and(portal_contacts::contact_id.eq(Db(id)))
            .and(portal_contacts::revoked_at.is_null());
        let before = portal_contacts::told_on
            .is_null()
            .or(portal_contacts::told_on.assume_not_null().lt(Db(today)));
        let begun = diesel::update(portal_contacts::table.filter(here).filter(before))
            .set((
                portal_contacts::told_until.eq(told.until.map(Db)),
                portal_contacts::told_on.eq(Some(Db(today))),
                portal_contacts::told_week.eq(told.week.map(Db)),
            ))
            .execute(self.conn)?;
        Ok(begun == 1)
    }

    /// A link; `None` where there is no such.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a row that does not hold together.
    pub fn link(&mut self, id: LinkId) -> Result<Option<Link>, Error> {
        let row: Option<LinkRow> = portal_links::table
            .select(LinkRow::as_select())
            .filter(portal_links::tenant_id.eq(Db(self.tenant)))
            .filter(portal_links::link_id.eq(Db(id)))
            .get_result(self.conn)
            .optional()?;
        row.map(LinkRow::into_link).transpose()
    }

    /// The links of some contacts, newest first.
    ///
    /// # Errors
    /// As [`Tx::link`].
    pub fn portal_links_of(&mut self, contacts: &[ContactId]) -> Result<Vec<Link>, Error> {
        let rows: Vec<LinkRow> = portal_links::table
            .select(LinkRow::as_select())
            .filter(portal_links::tenant_id.eq(Db(self.tenant)))
            .filter(portal_links::contact_id.eq_any(contacts.iter().copied().map(Db)))
            .order((portal_links::issued_at.desc(), portal_links::link_id.desc()))
            .load(self.conn)?;
        rows.into_iter().map(LinkRow::into_link).collect()
    }

    /// Takes a link in.
    ///
    /// # Errors
    /// [`Error::Reference`] for a contact that is not there.
    pub fn insert_link(&mut self, link: &Link) -> Result<(), Error> {
        let row = LinkRow::of(self.tenant, link);
        diesel::insert_into(portal_links::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed link if it still has the version before.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_link(&mut self, link: &Link) -> Result<(), Error> {
        let here = portal_links::tenant_id
            .eq(Db(self.tenant))
            .and(portal_links::link_id.eq(Db(link.id)))
            .and(portal_links::version.eq(link.version - 1));
        let row = LinkRow::of(self.tenant, link);
        let changed =
            diesel::update(portal_links::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
