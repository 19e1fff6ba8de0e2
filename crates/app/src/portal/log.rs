//! What contacts did and saw: kept before the answer leaves, and read by those who answer for it.

use domain::ids::{CounterpartyId, EntryId, TenantId};
use domain::policy::Act;
use store::{Additions, PortalEntry, Tx};

use crate::context::{App, Caller};
use crate::error::Error;

impl App {
    pub(super) async fn keep_portal_entry(
        &self,
        tenant: TenantId,
        entry: &PortalEntry,
    ) -> Result<(), Error> {
        let mut rows = Additions::to(tenant);
        rows.portal_entry(entry);
        Ok(self.store.add(rows).await?)
    }

    /// What the contacts of a counterparty did and saw, and what was done about their links, newest
    /// first.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn portal_log(
        &self,
        caller: &Caller,
        counterparty: CounterpartyId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<PortalEntry>, Error> {
        caller.may(Act::SendForwarding)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let load = move |tx: &mut Tx<'_>| {
            tx.counterparty(counterparty)?;
            let contacts = tx.contacts_of(counterparty)?;
            let contacts: Vec<_> = contacts.iter().map(|contact| contact.id).collect();
            tx.portal_entries(&contacts, before, limit)
        };
        Ok(self.store.read(caller.tenant_id(), load).await?)
    }
}
