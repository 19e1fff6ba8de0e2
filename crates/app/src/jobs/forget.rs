//! Forgetting what was kept long enough.

use exchange::signature::CLOCKS_DIFFER;

use crate::context::App;
use crate::error::Error;
use crate::idempotency::KEPT_FOR;

impl App {
    /// Forgets the answers that were kept under an Idempotency-Key for longer than they are good
    /// for, of every tenant, and the nonces of messages whose signatures have expired. Running it twice at once, or on several instances, does no harm.
    ///
    /// # Errors
    /// Those of the store, of the first tenant that has one; the others wait for the next time.
    pub async fn forget_old_answers(&self) -> Result<usize, Error> {
        let now = self.now();
        let since = now - KEPT_FOR;
        let mut forgotten = 0;
        // A signature that has expired is refused without its nonce, whatever clocks differ by.
        let expired = now - CLOCKS_DIFFER;
        for tenant in self.store.tenants().await? {
            let forget = move |tx: &mut store::Tx<'_>| {
                tx.forget_nonces(expired)?;
                tx.forget_answers(since)
            };
            forgotten += self.store.write(tenant.id, forget).await?;
        }
        Ok(forgotten)
    }
}
