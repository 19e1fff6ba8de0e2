//! Whose hand acts on a forwarding: one of ours, a counterparty by a page or a machine, or a job.

use domain::forwarding::{Around, Hand};
use domain::ids::{ContactId, StaffId, TenantId};
use domain::organisation::Tenant;
use jiff::Timestamp;
use uuid::Uuid;

use crate::context::{App, Caller, SetUp};
use crate::error::Error;

/// Who acts, where, and when.
#[derive(Clone, Debug)]
pub struct Acting {
    /// The tenant.
    pub tenant: TenantId,
    /// Its set-up.
    pub set_up: SetUp,
    /// Whose hand it is.
    pub hand: Hand,
    /// The name of one of ours, as it is shown.
    pub name: Option<String>,
    /// When.
    pub now: Timestamp,
    /// The request, for log and audit.
    pub request: Uuid,
}

impl Acting {
    /// What a command is judged against.
    pub fn around(&self) -> Around<'_> {
        Around { by: self.hand, name: self.name.as_deref(), now: self.now }
    }

    /// Who of ours it is.
    pub fn staff(&self) -> Option<StaffId> {
        self.hand.staff()
    }
}

impl From<&Caller> for Acting {
    fn from(caller: &Caller) -> Self {
        Self {
            tenant: caller.tenant_id(),
            set_up: caller.set_up.clone(),
            hand: Hand::Staff(caller.staff.id),
            name: caller.staff.name.clone(),
            now: caller.now,
            request: caller.request,
        }
    }
}

impl App {
    /// A counterparty's own hand. Who it is was made sure of by whoever asks.
    ///
    /// # Errors
    /// [`Error::NotLetIn`] of a suspended tenant; [`Error::Unavailable`] and the like.
    pub async fn counterparty_acts(
        &self,
        tenant: &Tenant,
        contact: Option<ContactId>,
        request: Uuid,
    ) -> Result<Acting, Error> {
        if tenant.suspended_at.is_some() {
            return Err(Error::NotLetIn("tenant suspended"));
        }
        self.acts(tenant, Hand::Counterparty(contact), request).await
    }

    /// The service's own hand.
    pub(crate) async fn job_acts(&self, tenant: &Tenant) -> Result<Acting, Error> {
        self.acts(tenant, Hand::Job, self.new_id()).await
    }

    async fn acts(&self, tenant: &Tenant, hand: Hand, request: Uuid) -> Result<Acting, Error> {
        let set_up = self.set_up(tenant).await?;
        Ok(Acting { tenant: tenant.id, set_up, hand, name: None, now: self.now(), request })
    }
}
