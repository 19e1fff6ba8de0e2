//! Who left an opinion: sealed for its case, and opened again.

use domain::ids::{CaseId, TenantId};
use domain::opinion::Contact;
use store::Sealed;

use crate::context::App;
use crate::error::Error;
use crate::sealing::SealError;

/// The table whose name goes into the envelopes of senders.
pub(crate) const SENDERS: &str = "opinion_senders";

impl App {
    /// Seals who left the opinion of a case.
    pub(crate) fn seal_sender(
        &self,
        tenant: TenantId,
        case: CaseId,
        contact: &Contact,
    ) -> Result<Sealed, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
        let content = serde_json::to_vec(contact).map_err(|error| failed(&error))?;
        let sealed = self.sealer.seal(tenant, SENDERS, &case.to_string(), &content);
        sealed.map_err(|error| failed(&error))
    }

    /// Who left the opinion of a case, sealed anew for the one that goes on in its place.
    pub(crate) async fn resealed(
        &self,
        tenant: TenantId,
        from: CaseId,
        to: CaseId,
    ) -> Result<Option<Sealed>, Error> {
        let sealed = self.store.read(tenant, move |tx| tx.opinion_sender(from)).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let contact = self.unseal_sender(tenant, from, &sealed)?;
        contact.map(|contact| self.seal_sender(tenant, to, &contact)).transpose()
    }

    /// Opens who left the opinion of a case; whose key was erased is nobody any more.
    pub(crate) fn unseal_sender(
        &self,
        tenant: TenantId,
        case: CaseId,
        sealed: &Sealed,
    ) -> Result<Option<Contact>, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
        let content = match self.sealer.open(tenant, SENDERS, &case.to_string(), sealed) {
            Ok(content) => content,
            Err(SealError::Erased) => return Ok(None),
            Err(other) => return Err(failed(&other)),
        };
        serde_json::from_slice(&content).map(Some).map_err(|error| failed(&error))
    }
}
