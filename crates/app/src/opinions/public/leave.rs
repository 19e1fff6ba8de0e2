//! Leaving an opinion.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::case::Case;
use domain::ids::{CaseId, TenantId};
use domain::receipt::ReceiptCode;
use mailer::Address;
use store::{KeptAnswer, Receipt};
use uuid::Uuid;

use super::super::{Door, NewOpinion};
use crate::context::App;
use crate::error::Error;
use crate::idempotency::KEPT_FOR;

/// How often a number or a code is drawn anew when it was taken.
const DRAWS: usize = 5;
/// The table whose name goes into the envelopes of kept answers.
const TABLE: &str = "idempotency_keys";

/// A request of the public that says who it is: neither its key nor its body is kept, but what is made of
/// them with a key of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOnce {
    key: String,
    mac: Vec<u8>,
}

/// What became of an opinion that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The code to follow it by.
    pub code: ReceiptCode,
    /// The case; `None` where the same request was answered before.
    pub case: Option<CaseId>,
    /// What `render` made of it, then or now.
    pub body: Vec<u8>,
}

impl AskedOnce {
    /// The request with this Idempotency-Key. Keys are the tenant's: what two senders chose alike is told
    /// apart by their bodies, and neither gets the other's answer.
    pub fn new(app: &App, door: &Door, key: &str, path: &str, body: &[u8]) -> Self {
        let tenant = door.tenant.id.0;
        let key = app.sealer.mac("public idempotency key", &[tenant.as_bytes(), key.as_bytes()]);
        let mac = app.sealer.request_mac(tenant, "POST", path, body);
        Self { key: format!("public:{}", URL_SAFE_NO_PAD.encode(key)), mac }
    }

    fn envelope(&self, tenant: TenantId) -> String {
        format!("{tenant}/{}", self.key)
    }
}

impl App {
    /// Takes what the public leaves, and gives the code to follow it by. `render` makes what is told of it,
    /// without the code: that is kept for whoever asks again, the code is made anew.
    ///
    /// # Errors
    /// [`Error::Faults`] for a text with nothing in it; [`Error::KeyReused`].
    pub async fn leave_opinion(
        &self,
        door: &Door,
        new: NewOpinion,
        once: Option<AskedOnce>,
        render: impl Fn(&Case) -> Vec<u8>,
    ) -> Result<Left, Error> {
        let tenant = door.tenant.id;
        for _ in 0..DRAWS {
            if let Some(once) = &once
                && let Some(left) = self.left_before(door, once).await?
            {
                return Ok(left);
            }
            let contact = self.renewable_at(tenant, &new);
            let taken = self.take_opinion(door, new.clone()).await?;
            let (case, mut rows) = (taken.case, taken.rows);
            let (id, body) = (case.id, render(&case));
            let code = match &once {
                Some(once) => self.derived_code(tenant, (&once.key, &once.mac), id),
                None => self.drawn_code(),
            };
            let hash = self.receipt_hash(tenant, code);
            rows.receipt(&Receipt { hash, case: id, contact, issued_at: door.now });
            if let Some(once) = &once {
                rows.answer(&self.to_keep_for_all(door, once, &body, id)?);
            }
            match self.store.add(rows).await {
                Ok(()) => return Ok(Left { code, case: Some(id), body }),
                Err(store::Error::Conflict { constraint }) => match constraint.as_deref() {
                    // Drawn anew; or the same request was a moment faster, and has its answer now.
                    Some(
                        "cases_number_key"
                        | "idempotency_keys_principal_key_key"
                        | "receipts_receipt_hash_key",
                    ) => {}
                    other => return Err(Error::Internal(format!("conflict over {other:?}"))),
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Internal("no free number was drawn".into()))
    }

    /// What the same request was answered before.
    async fn left_before(&self, door: &Door, once: &AskedOnce) -> Result<Option<Left>, Error> {
        let (tenant, key) = (door.tenant.id, once.key.clone());
        let since = door.now - KEPT_FOR;
        let kept = self.store.ask(tenant, move |tx| tx.kept_answer(tenant.0, &key)).await?;
        let Some(kept) = kept else { return Ok(None) };
        if kept.at < since {
            self.store.write(tenant, move |tx| tx.forget_answers(since)).await?;
            return Ok(None);
        }
        if kept.request_mac != once.mac {
            return Err(Error::KeyReused);
        }
        let body = self
            .sealer
            .open(tenant, TABLE, &once.envelope(tenant), &kept.body)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let case = kept.case.ok_or_else(|| Error::Internal("an answer without a case".into()))?;
        let code = self.derived_code(tenant, (&once.key, &once.mac), case);
        Ok(Some(Left { code, case: None, body: body.to_vec() }))
    }

    fn to_keep_for_all(
        &self,
        door: &Door,
        once: &AskedOnce,
        body: &[u8],
        case: CaseId,
    ) -> Result<KeptAnswer, Error> {
        let tenant = door.tenant.id;
        let sealed = self
            .sealer
            .seal(tenant, TABLE, &once.envelope(tenant), body)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let principal: Uuid = tenant.0;
        Ok(KeptAnswer {
            principal,
            key: once.key.clone(),
            request_mac: once.mac.clone(),
            status: 201,
            location: None,
            etag: None,
            case: Some(case),
            body: sealed,
            at: door.now,
        })
    }

    /// The keyed hash of the address that a new code may be sent to, of a sender who gives one.
    fn renewable_at(&self, tenant: TenantId, new: &NewOpinion) -> Option<Vec<u8>> {
        let given = new.intake.opinion.as_ref().filter(|given| !given.anonymous)?;
        self.contact_hash(tenant, given.sender.contact.email.as_deref()?)
    }

    /// The keyed hash of an address of e-mail; `None` for what is none.
    pub(super) fn contact_hash(&self, tenant: TenantId, email: &str) -> Option<Vec<u8>> {
        let email = email.trim().to_lowercase();
        email.parse::<Address>().ok()?;
        Some(self.sealer.mac("receipt contact", &[tenant.0.as_bytes(), email.as_bytes()]))
    }
}
