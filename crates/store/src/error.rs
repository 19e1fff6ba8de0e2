//! What can go wrong below the use cases.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::dialect;

/// Why a call to the store failed. The texts are for the log: they may name tables and
/// constraints, and never leave the house.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such row in this tenant.
    #[error("not found")]
    NotFound,
    /// A unique constraint forbids it.
    #[error("conflict with {}", constraint.as_deref().unwrap_or("an unnamed constraint"))]
    Conflict {
        /// Its name, the same on both databases; by the rule in `dialect.rs`.
        constraint: Option<String>,
    },
    /// The row has moved on: its version or status is not the expected one.
    #[error("stale")]
    Stale,
    /// The row points to one that does not exist, or is still pointed to.
    #[error("foreign key {} refused", constraint.as_deref().unwrap_or("(unnamed)"))]
    Reference {
        /// Its name; SQLite gives none.
        constraint: Option<String>,
    },
    /// A CHECK constraint refused a value the domain should have refused: a fault of the program.
    #[error("check {} refused", constraint.as_deref().unwrap_or("(unnamed)"))]
    Check {
        /// Its name.
        constraint: Option<String>,
    },
    /// Too much waits already. Nothing was done; try again soon.
    #[error("too many writes are waiting")]
    Busy,
    /// The database cannot be reached, or gave up. Nothing was saved, unless PostgreSQL went away
    /// during the very commit; then nobody knows. Try again later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// What was read does not make sense.
    #[error("corrupt data: {0}")]
    Corrupt(String),
    /// The schema is not the one this program was built for, or could not be migrated.
    #[error("schema: {0}")]
    Schema(String),
    /// The configuration cannot be used.
    #[error("database configuration: {0}")]
    Config(String),
    /// Another service already serves this file.
    #[error("{0} is already being served by another process")]
    AlreadyServed(String),
    /// The code inside the transaction panicked; what it did is rolled back.
    #[error("panicked inside a transaction: {0}")]
    Panicked(String),
    /// Any other failed statement.
    #[error("statement failed: {0}")]
    Statement(String),
}

impl Error {
    /// The name of the unique constraint that was hit, if that is what happened.
    pub fn conflict(&self) -> Option<&str> {
        match self {
            Error::Conflict { constraint } => constraint.as_deref(),
            _ => None,
        }
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Error::NotFound,
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    Error::Conflict { constraint: dialect::unique_constraint(&*info) }
                }
                DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
                    Error::Reference { constraint: dialect::foreign_key(&*info) }
                }
                DatabaseErrorKind::CheckViolation => {
                    Error::Check { constraint: dialect::check_constraint(&*info) }
                }
                // Two transactions got in each other's way; the loser may try again at once.
                DatabaseErrorKind::SerializationFailure => Error::Busy,
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    Error::Unavailable(info.message().to_owned())
                }
                _ if dialect::is_passing(info.message()) => {
                    // Told here, too: SQLite may roll the whole transaction back at once, and what is
                    // seen of it afterwards is a savepoint that is gone.
                    tracing::warn!(cause = info.message(), "the database gave a statement up");
                    Error::Unavailable(info.message().to_owned())
                }
                _ => Error::Statement(info.message().to_owned()),
            },
            DieselError::DeserializationError(cause) => Error::Corrupt(cause.to_string()),
            DieselError::BrokenTransactionManager => {
                Error::Unavailable("the connection is broken".to_owned())
            }
            other => Error::Statement(other.to_string()),
        }
    }
}

impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        Error::Unavailable(error.to_string())
    }
}
