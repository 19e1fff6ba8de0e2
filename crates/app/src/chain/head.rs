//! Where a chain ends, signed, to be kept outside the database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::TenantId;
use domain::organisation::Tenant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Store;

use super::link::BEGINNING;
use crate::context::App;
use crate::error::Error;
use crate::sealing::Sealer;

const PURPOSE: &str = "chain.head";

/// Where a chain ended at some time, with a MAC by a key that the database does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The tenant's short name.
    pub tenant: String,
    /// Its id.
    pub tenant_id: TenantId,
    /// How many links the chain had.
    pub sequence: i64,
    /// The hash of the last, in hexadecimal.
    pub hash: String,
    /// When that was.
    pub at: Timestamp,
    /// HMAC-SHA-256 over all that, in base64.
    pub mac: String,
}

/// Why a head says nothing of a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// A line that is none.
    #[error("line {0} is no head of a chain")]
    Line(usize),
    /// Its MAC was not made with these keys, or it was changed.
    #[error("line {0}: these keys did not sign it, or it was changed")]
    Mac(usize),
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl SignedHead {
    fn mac(&self, sealer: &Sealer) -> String {
        let parts: [&[u8]; 5] = [
            self.tenant_id.0.as_bytes(),
            self.tenant.as_bytes(),
            &self.sequence.to_be_bytes(),
            self.hash.as_bytes(),
            &self.at.as_microsecond().to_be_bytes(),
        ];
        STANDARD.encode(sealer.mac(PURPOSE, &parts))
    }

    /// Signs where a chain ends now.
    pub(super) fn sign(sealer: &Sealer, tenant: &Tenant, end: (i64, &[u8]), at: Timestamp) -> Self {
        let mut head = Self {
            tenant: tenant.slug.clone(),
            tenant_id: tenant.id,
            sequence: end.0,
            hash: hex(end.1),
            at,
            mac: String::new(),
        };
        head.mac = head.mac(sealer);
        head
    }

    /// The heads of a file: a line of JSON each.
    ///
    /// # Errors
    /// [`HeadFault`] of the first line that cannot be believed.
    pub fn read_all(text: &str, sealer: &Sealer) -> Result<Vec<Self>, HeadFault> {
        let mut heads = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let number = at + 1;
            let head: Self = serde_json::from_str(line).map_err(|_| HeadFault::Line(number))?;
            if head.mac != head.mac(sealer) {
                return Err(HeadFault::Mac(number));
            }
            heads.push(head);
        }
        Ok(heads)
    }
}

/// Where the chain of a tenant ends now, signed.
///
/// # Errors
/// Those of the store.
pub async fn signed_head(
    store: &Store,
    sealer: &Sealer,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<SignedHead, Error> {
    let head = store.ask::<_, store::Error, _>(tenant.id, |tx| tx.chain_head()).await?;
    let end = head.as_ref().map_or((0, &BEGINNING[..]), |head| (head.sequence, &head.hash));
    Ok(SignedHead::sign(sealer, tenant, end, now))
}

impl App {
    /// Where the chain of a tenant ends now, signed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn signed_head(&self, tenant: &Tenant) -> Result<SignedHead, Error> {
        signed_head(&self.store, &self.sealer, tenant, self.now()).await
    }
}
