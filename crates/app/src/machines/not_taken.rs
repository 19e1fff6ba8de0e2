//! Why a message from another system was not taken.

use exchange::Refused;

/// Why not. Of all but the last nothing is left here, and whoever sent it tries again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Not the sender's, not for us, not now.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// No message of this contract.
    #[error("no message of this contract")]
    NotUnderstood,
    /// Another message came with the same id before.
    #[error("another message had this id")]
    IdReused,
    /// One before it has not come yet.
    #[error("out of order: {expected} is expected")]
    OutOfOrder {
        /// Which number comes next.
        expected: i64,
    },
    /// Where the forwarding stands, or by what the message says, it cannot be done. The number is taken:
    /// sent again, it is answered the same.
    #[error("not possible: {0}")]
    NotPossible(String),
}

impl NotTaken {
    /// Its name in problems, logs and figures.
    pub fn code(&self) -> &'static str {
        match self {
            NotTaken::Refused(refused) => refused.code(),
            NotTaken::NotUnderstood => "exchange_not_understood",
            NotTaken::IdReused => ID_REUSED,
            NotTaken::OutOfOrder { .. } => "exchange_out_of_order",
            NotTaken::NotPossible(_) => NOT_POSSIBLE,
        }
    }
}

/// The code by which a message is known to have been taken with other words.
pub(super) const ID_REUSED: &str = "exchange_id_reused";
/// The code by which a message is refused for good.
pub(super) const NOT_POSSIBLE: &str = "exchange_not_possible";
