//! Requests that say who they are, so that asking twice does once.

use domain::ids::CaseId;
use jiff::SignedDuration;
use store::KeptAnswer;

use crate::context::{App, Caller};
use crate::error::Error;

/// How long an answer is kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(72);

/// The table whose name goes into the envelopes of kept answers.
const TABLE: &str = "idempotency_keys";

/// A request that carries an Idempotency-Key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key, 1–255 characters.
    pub key: String,
    /// MAC over method, path and body.
    pub mac: Vec<u8>,
}

/// An answer as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Location header.
    pub location: Option<String>,
    /// ETag header.
    pub etag: Option<String>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The id of what it says was made.
    pub fn made(&self) -> Option<&str> {
        self.location.as_deref()?.rsplit('/').next()
    }
}

impl Once {
    /// What the envelope of the kept answer is bound to: one person's answer opens under no other's
    /// key.
    fn envelope(&self, caller: &Caller) -> String {
        format!("{}/{}", caller.staff.id, self.key)
    }
}

impl App {
    /// The answer given before to the same request, if there is one. One that was kept long enough
    /// is forgotten here, so that the request may be made anew.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key came with another request.
    pub async fn answered(&self, caller: &Caller, once: &Once) -> Result<Option<Answer>, Error> {
        let (principal, key) = (caller.staff.id.0, once.key.clone());
        let since = caller.now - KEPT_FOR;
        let tenant = caller.tenant_id();
        let kept = self.store.ask(tenant, move |tx| tx.kept_answer(principal, &key)).await?;
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
            .open(tenant, TABLE, &once.envelope(caller), &kept.body)
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Some(Answer {
            status: u16::try_from(kept.status).unwrap_or(200),
            location: kept.location,
            etag: kept.etag,
            body: body.to_vec(),
        }))
    }

    /// What is kept of an answer: sealed here, so that the write itself does no cryptography.
    pub(crate) fn to_keep(
        &self,
        caller: &Caller,
        once: &Once,
        answer: &Answer,
        case: Option<CaseId>,
    ) -> Result<KeptAnswer, Error> {
        let body = self
            .sealer
            .seal(caller.tenant_id(), TABLE, &once.envelope(caller), &answer.body)
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(KeptAnswer {
            principal: caller.staff.id.0,
            key: once.key.clone(),
            request_mac: once.mac.clone(),
            status: i16::try_from(answer.status).unwrap_or(200),
            location: answer.location.clone(),
            etag: answer.etag.clone(),
            case,
            body,
            at: caller.now,
        })
    }
}
