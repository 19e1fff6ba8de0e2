//! Why a message is refused before anybody looks at what it says.

/// Why a message is refused. Says nothing of what the message says, and is told to whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refused {
    /// There is no signature of the profile.
    #[error("there is no signature tagged avvikelse-exchange")]
    Unsigned,
    /// The fields of the signature, or its digest, cannot be read.
    #[error("the signature's fields cannot be read")]
    Malformed,
    /// The signature leaves out what the profile wants covered.
    #[error("the signature does not cover all that it must")]
    NotCovered,
    /// The key is registered with nobody here.
    #[error("the key is not registered here")]
    UnknownKey,
    /// The key was registered and has been revoked.
    #[error("the key has been revoked")]
    RevokedKey,
    /// The signature is not this key's over this request.
    #[error("the signature is not that of this request")]
    BadSignature,
    /// The content is not the one that was signed.
    #[error("the content is not the one that was signed")]
    Altered,
    /// Its time is over.
    #[error("the signature has expired")]
    Expired,
    /// It is from the future, by more than clocks may differ.
    #[error("the signature was made in the future")]
    FromTheFuture,
    /// It lasts longer than the profile lets it.
    #[error("the signature lasts too long")]
    TooLong,
    /// It is addressed to somebody else.
    #[error("the message is addressed to somebody else")]
    WrongReceiver,
    /// The same signature has been taken before.
    #[error("the signature has been used before")]
    Replayed,
    /// The content says it is from somebody else than who signed it.
    #[error("the message is not from whoever signed it")]
    WrongSender,
}

impl Refused {
    /// Every one.
    pub const ALL: [Refused; 13] = [
        Refused::Unsigned,
        Refused::Malformed,
        Refused::NotCovered,
        Refused::UnknownKey,
        Refused::RevokedKey,
        Refused::BadSignature,
        Refused::Altered,
        Refused::Expired,
        Refused::FromTheFuture,
        Refused::TooLong,
        Refused::WrongReceiver,
        Refused::Replayed,
        Refused::WrongSender,
    ];

    /// Its name in problems, logs and figures.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Refused::Unsigned => "exchange_unsigned",
            Refused::Malformed => "exchange_malformed",
            Refused::NotCovered => "exchange_not_covered",
            Refused::UnknownKey => "exchange_unknown_key",
            Refused::RevokedKey => "exchange_revoked_key",
            Refused::BadSignature => "exchange_bad_signature",
            Refused::Altered => "exchange_altered",
            Refused::Expired => "exchange_expired",
            Refused::FromTheFuture => "exchange_from_the_future",
            Refused::TooLong => "exchange_too_long",
            Refused::WrongReceiver => "exchange_wrong_receiver",
            Refused::Replayed => "exchange_replayed",
            Refused::WrongSender => "exchange_wrong_sender",
        }
    }
}
