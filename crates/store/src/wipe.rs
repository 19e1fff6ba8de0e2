//! Leaving nothing of what was erased in the file.

use std::time::Duration;

use crate::Store;
use crate::connection::{Backend, Connector};
use crate::dialect;
use crate::error::Error;

/// How often, and how long apart, the log is tried to be emptied: whoever still reads keeps it.
const TRIES: (u32, Duration) = (20, Duration::from_millis(500));

impl Store {
    /// Writes a SQLite file anew without what was deleted, and empties its log. Writes wait meanwhile, some seconds for
    /// each gigabyte. PostgreSQL does so by its own autovacuum, and its copies of the log go with their period.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the file was in use all the time, or is full: it may be tried again.
    pub async fn wipe(&self) -> Result<(), Error> {
        if self.backend() == Backend::Postgres {
            return Ok(());
        }
        let connector = self.database.connector().clone();
        let task = tokio::task::spawn_blocking(move || wipe(&connector));
        task.await.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string())))
    }
}

fn wipe(connector: &Connector) -> Result<(), Error> {
    let mut conn = connector.connect()?;
    dialect::vacuum(&mut conn)?;
    let (tries, apart) = TRIES;
    for _ in 0..tries {
        if dialect::empty_log(&mut conn)? {
            return Ok(());
        }
        std::thread::sleep(apart);
    }
    Err(Error::Unavailable("the log of the database could not be emptied".to_owned()))
}
