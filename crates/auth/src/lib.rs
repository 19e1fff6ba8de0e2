//! Whose token is this?
//!
//! The crate answers that one question and knows neither HTTP framework nor database. A [`Verifier`] holds the
//! registered issuers, or, where there are none, the [`LocalIssuer`]; it turns a token into an [`Identity`] or a
//! [`TokenError`]. What the identity may do is decided elsewhere.
//!
//! Rules that hold everywhere here:
//!
//! - The algorithm comes from the key, never from the token: a header that disagrees with its key is refused.
//! - Nothing in a token is followed, opened or fetched. A key id is a name to look up in a set already held.
//! - Time is an argument. The only clocks inside are the network time-outs.
//! - When in doubt the answer is no: a set of keys that grew too old is not used.

mod claims;
mod issuer;
mod jwks;
mod local;
mod mapping;
mod recent;
mod token;
mod verifier;

pub use issuer::{Algorithm, Audience, ConfigError, IssuerConfig, TenantClaim, Tenants};
pub use local::{LocalIssuer, LocalIssuerError};
pub use mapping::{Claims, Preset};
pub use verifier::Verifier;

use jiff::Timestamp;

/// The name of the built-in issuer, as it stands in `iss`.
pub const LOCAL_ISSUER: &str = "urn:avvikelse:local";

/// The audience of the tokens that the built-in issuer signs.
pub const LOCAL_AUDIENCE: &str = "avvikelse";

/// How the subject of a machine begins; that of a person never does.
pub const MACHINE: &str = "machine:";

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Who a valid token speaks for. A member of staff is the pair of issuer and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The issuer, exactly as registered.
    pub issuer: String,
    /// The subject, as the issuer names it: unique within the issuer only. Of a machine [`MACHINE`] and its client id.
    pub subject: String,
    /// Whether the subject is a personal identity number, which is to be kept nowhere as it is.
    pub personal: bool,
    /// The slug of the tenant the issuer vouches for.
    pub tenant: String,
    /// A name to show, where the token carries one.
    pub name: Option<String>,
    /// An address for notices, where the token carries one.
    pub email: Option<String>,
    /// The person's groups at the issuer, where groups of the issuer mean something here.
    pub groups: Option<Groups>,
    /// When the token stops being valid, without any leeway.
    pub expires_at: Timestamp,
}

/// What a token says of groups, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Their names or ids, sorted, each once.
    pub names: Vec<String>,
    /// When the token was issued: what a younger one says goes before it.
    pub issued_at: Timestamp,
}

/// Why a token was refused. No text here repeats anything from the token, so all of it is safe to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenError {
    /// There is no token.
    #[error("no token was given")]
    Missing,
    /// The token is longer than [`MAX_TOKEN_BYTES`]; it was not parsed.
    #[error("the token is too long")]
    TooLong,
    /// Not three base64url parts around two JSON objects, or a field of the wrong type.
    #[error("the token is malformed")]
    Malformed,
    /// A name occurs twice in one JSON object, so two readers could see two different tokens.
    #[error("the token names a claim twice")]
    DuplicateClaim,
    /// The header brings its own key, points to one, or asks for an extension.
    #[error("the token header carries a parameter that is not accepted")]
    UnacceptableHeader,
    /// The algorithm is not one of the issuer's, or not the one of the key.
    #[error("the token's algorithm is not accepted")]
    UnacceptableAlgorithm,
    /// An ID token, a refresh token or anything else that is not an access token.
    #[error("the token is not an access token")]
    IdToken,
    /// The issuer is missing or not registered.
    #[error("the token's issuer is not registered")]
    UnknownIssuer,
    /// The issuer has no such key, or the token names none.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The signature does not fit the key.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// The token is past its time.
    #[error("the token has expired")]
    Expired,
    /// The token's time has not come, or it claims to be made in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `exp` is missing, or a time is not a number within range.
    #[error("the token's times are missing or not numbers")]
    InvalidTime,
    /// The token is valid for longer than a day.
    #[error("the token is valid for too long")]
    LifetimeTooLong,
    /// The token is meant for somebody else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// `sub` is missing, empty, too long or no plain text.
    #[error("the token's subject is missing or unusable")]
    InvalidSubject,
    /// The issuer left the groups out since they are too many, and says where they could be asked for.
    #[error("the token carries no groups, since the issuer found them too many")]
    GroupsElsewhere,
    /// The groups are no list of texts, or the token does not say when it was issued.
    #[error("the token's groups are unusable")]
    InvalidGroups,
    /// The tenant is missing, no slug, or not one that the issuer may speak for.
    #[error("the token's issuer may not speak for that tenant")]
    TenantNotAllowed,
    /// The issuer's keys could not be had: the token may be good, nobody can tell.
    #[error("the issuer's keys are not available")]
    KeysUnavailable,
}

impl TokenError {
    /// Whether the fault is ours or the issuer's (503, try again) and not the token's (401).
    #[must_use]
    pub fn is_unavailable(self) -> bool {
        matches!(self, Self::KeysUnavailable)
    }

    /// A stable word for logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::TooLong => "token_too_long",
            Self::Malformed => "token_malformed",
            Self::DuplicateClaim => "token_duplicate_claim",
            Self::UnacceptableHeader => "token_header",
            Self::UnacceptableAlgorithm => "token_algorithm",
            Self::IdToken => "token_not_access",
            Self::UnknownIssuer => "token_issuer",
            Self::UnknownKey => "token_key",
            Self::BadSignature => "token_signature",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::InvalidTime => "token_time",
            Self::LifetimeTooLong => "token_lifetime",
            Self::WrongAudience => "token_audience",
            Self::InvalidSubject => "token_subject",
            Self::GroupsElsewhere => "token_groups_elsewhere",
            Self::InvalidGroups => "token_groups",
            Self::TenantNotAllowed => "token_tenant",
            Self::KeysUnavailable => "keys_unavailable",
        }
    }
}

/// `^[a-z0-9-]{1,63}$`: the form of a tenant's slug.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
