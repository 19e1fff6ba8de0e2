//! Why a use case did not do what was asked.

use domain::case::Rejected;
use domain::escalation;
use domain::fault::Fault;
use domain::forwarding;

use crate::machines::NotTaken;

/// Why not. The HTTP layer turns each into a problem; texts inside are for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token's tenant does not exist or is suspended, or the person has left.
    #[error("not let in: {0}")]
    NotLetIn(&'static str),
    /// It does not exist, or must not be known to exist.
    #[error("not found")]
    NotFound,
    /// It was erased by the information plan, and the caller could have read it.
    #[error("erased on {on} by {decision:?}")]
    Erased {
        /// The day.
        on: jiff::civil::Date,
        /// The gallringsbeslut.
        decision: Option<String>,
    },
    /// It may be known to exist, but not touched so.
    #[error("forbidden")]
    Forbidden,
    /// Nobody has given the caller this to decide, on the day it was decided: what is missing is a line of
    /// the register.
    #[error("not delegated: {0}")]
    NotDelegated(&'static str),
    /// It is about the caller.
    #[error("one's own matter")]
    OwnMatter,
    /// It has changed since the caller read it.
    #[error("stale")]
    Stale,
    /// The figures that are to be signed are not those that were shown; what has changed is named.
    #[error("{} tables have changed", .0.len())]
    FiguresChanged(Vec<Fault>),
    /// The case does not take this command where it stands.
    #[error("{command} is not possible while {status}")]
    State {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// Something is missing or wrong; every fault is named.
    #[error("{} faults", .0.len())]
    Faults(Vec<Fault>),
    /// The file is of no kind that is taken.
    #[error("not a kind of file that is taken")]
    FileKind,
    /// Something with this identity exists already; the code says what.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// A message from another system was not taken.
    #[error("message not taken: {0}")]
    NotTaken(NotTaken),
    /// The Idempotency-Key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// What was opened opens nothing any more, or never did: which of these is for the log alone.
    #[error("gone")]
    Gone,
    /// The link opens, and the second thing is still to be shown.
    #[error("a factor is needed")]
    FactorNeeded,
    /// Too much at once, or the database is away: try again.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::State { status, command } => {
                Error::State { status: status.code(), command: command.code() }
            }
            Rejected::Stage { stage, command } => {
                Error::State { status: stage.code(), command: command.code() }
            }
            Rejected::Guard(faults) => Error::Faults(faults),
        }
    }
}

impl From<escalation::Rejected> for Error {
    fn from(rejected: escalation::Rejected) -> Self {
        use escalation::Rejected as R;
        match rejected {
            R::State { status, command } => {
                Error::State { status: status.code(), command: command.code() }
            }
            R::NotDelegated(matter) => Error::NotDelegated(matter.code()),
            R::OwnMatter => Error::OwnMatter,
            R::Guard(faults) => Error::Faults(faults),
        }
    }
}

impl From<forwarding::Rejected> for Error {
    fn from(rejected: forwarding::Rejected) -> Self {
        use forwarding::Rejected as R;
        match rejected {
            R::State { status, command } => {
                Error::State { status: status.code(), command: command.code() }
            }
            R::NotTheirs => Error::Forbidden,
            R::AlreadySaid => Error::Conflict("already_said"),
            R::Guard(faults) => Error::Faults(faults),
        }
    }
}

impl From<domain::yearly::state::Rejected> for Error {
    fn from(rejected: domain::yearly::state::Rejected) -> Self {
        use domain::yearly::state::Rejected as R;
        match rejected {
            R::State { status, command } => Error::State { status, command: command.code() },
            R::Guard(faults) => Error::Faults(faults),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Error::NotFound,
            store::Error::Stale => Error::Stale,
            store::Error::Busy | store::Error::Unavailable(_) => {
                Error::Unavailable(error.to_string())
            }
            other => Error::Internal(other.to_string()),
        }
    }
}
