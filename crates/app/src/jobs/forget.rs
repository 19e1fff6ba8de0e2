//! Forgetting what was kept long enough.

use crate::context::App;
use crate::error::Error;
use crate::idempotency::KEPT_FOR;

impl App {
    /// Forgets the answers that were kept under an Idempotency-Key for longer than they are good
    /// for, of every tenant. Running it twice at once, or on several instances, does no harm.
    ///
    /// # Errors
    /// Those of the store, of the first tenant that has one; the others wait for the next time.
    pub async fn forget_old_answers(&self) -> Result<usize, Error> {
        let since = self.now() - KEPT_FOR;
        let mut forgotten = 0;
        for tenant in self.store.tenants().await? {
            forgotten += self.store.write(tenant.id, move |tx| tx.forget_answers(since)).await?;
        }
        Ok(forgotten)
    }
}
