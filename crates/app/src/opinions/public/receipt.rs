//! Receipts: a code, of which a keyed hash is kept.

use domain::ids::{CaseId, TenantId};
use domain::receipt::ReceiptCode;
use uuid::Uuid;

use super::super::Door;
use crate::context::App;
use crate::error::Error;

impl App {
    /// The code of a request that says who it is: asked twice, the same. It is made with a key of ours from
    /// the whole request and the case that came of it, so that nobody makes it who does not have all of
    /// them, and a key that is used again when it was forgotten gives another.
    pub(super) fn derived_code(
        &self,
        tenant: TenantId,
        (key, mac): (&str, &[u8]),
        case: CaseId,
    ) -> ReceiptCode {
        let case = case.0.as_bytes().as_slice();
        let parts = [tenant.0.as_bytes().as_slice(), key.as_bytes(), mac, case];
        ReceiptCode::from_random(first_half(&self.sealer.mac("receipt code", &parts)))
    }

    /// A code drawn.
    pub(super) fn drawn_code(&self) -> ReceiptCode {
        // An id of version 4 has 122 random bits; the keyed hash spreads them over all of it.
        let drawn = Uuid::new_v4();
        ReceiptCode::from_random(first_half(&self.sealer.mac("drawn code", &[drawn.as_bytes()])))
    }

    /// What is kept of a code.
    pub(super) fn receipt_hash(&self, tenant: TenantId, code: ReceiptCode) -> Vec<u8> {
        let digits = code.digits();
        self.sealer.mac("receipt", &[tenant.0.as_bytes(), digits.as_bytes()])
    }

    /// What a code opens.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a code that opens nothing.
    pub async fn open_receipt(&self, door: &Door, code: ReceiptCode) -> Result<CaseId, Error> {
        let tenant = door.tenant.id;
        let hash = self.receipt_hash(tenant, code);
        let opens = self.store.ask(tenant, move |tx| tx.receipt_opens(&hash)).await?;
        opens.ok_or(Error::NotFound)
    }
}

/// The first sixteen bytes of a hash.
fn first_half(hash: &[u8]) -> [u8; 16] {
    hash.first_chunk().copied().unwrap_or_default()
}
