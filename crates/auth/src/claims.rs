//! Do the claims hold, now, for us? Asked after the signature was found good.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::issuer::{TenantClaim, Tenants};
use crate::{MACHINE, TokenError, is_slug};

type Claims = Map<String, Value>;

/// The longest subject; OpenID Connect allows no longer one.
const MAX_SUBJECT: usize = 255;
/// A name is for showing, so a longer one is cut and not refused.
const MAX_NAME: usize = 200;
/// 9999-12-30T22:00:00Z, the last instant a [`Timestamp`] holds.
const LAST_SECOND: i64 = 253_402_207_200;

/// Refuses what was made for another purpose than calling an API, by the marks that issuers leave.
///
/// `nonce` and the hashes are OpenID Connect's for ID tokens; `typ` in the payload is Keycloak's, `token_use` Cognito's;
/// `events` marks security events and logout tokens (RFC 8417).
pub(crate) fn refuse_other_purposes(claims: &Claims) -> Result<(), TokenError> {
    let marked = ["nonce", "at_hash", "c_hash", "s_hash", "events"]
        .iter()
        .any(|name| claims.contains_key(*name));
    let other_type = match claims.get("typ") {
        None => false,
        Some(Value::String(typ)) => {
            !["bearer", "jwt", "at+jwt"].contains(&typ.to_ascii_lowercase().as_str())
        }
        Some(_) => true,
    };
    let other_use =
        claims.get("token_use").is_some_and(|token_use| token_use.as_str() != Some("access"));
    if marked || other_type || other_use { Err(TokenError::IdToken) } else { Ok(()) }
}

/// `aud` must name one of ours: as a string, or within an array of nothing but strings.
pub(crate) fn check_audience<'a>(
    claims: &Claims,
    mut ours: impl Iterator<Item = &'a str>,
) -> Result<(), TokenError> {
    let theirs: Option<Vec<&str>> = match claims.get("aud") {
        Some(Value::String(audience)) => Some(vec![audience.as_str()]),
        Some(Value::Array(audiences)) => audiences.iter().map(Value::as_str).collect(),
        _ => None,
    };
    match theirs {
        Some(theirs) if ours.any(|audience| theirs.contains(&audience)) => Ok(()),
        _ => Err(TokenError::WrongAudience),
    }
}

/// Checks `exp` (required), `nbf` and `iat` against `now`, and gives when the token expires.
///
/// With `longest`, a token that was or still is valid for longer is refused: such a token outlives every change of
/// staff at the issuer.
pub(crate) fn check_times(
    claims: &Claims,
    now: Timestamp,
    leeway: SignedDuration,
    longest: Option<SignedDuration>,
) -> Result<Timestamp, TokenError> {
    let expires_at = numeric_date(claims.get("exp").ok_or(TokenError::InvalidTime)?)?;
    let not_before = claims.get("nbf").map(numeric_date).transpose()?;
    let issued_at = claims.get("iat").map(numeric_date).transpose()?;

    if now.duration_since(expires_at) >= leeway {
        return Err(TokenError::Expired);
    }
    for start in [not_before, issued_at].into_iter().flatten() {
        if start.duration_since(now) > leeway {
            return Err(TokenError::NotYetValid);
        }
    }
    if let Some(longest) = longest {
        // Without `iat` only what is left can be measured.
        let lifetime = match issued_at {
            Some(issued_at) => expires_at.duration_since(issued_at),
            None => expires_at.duration_since(now).saturating_sub(leeway),
        };
        if lifetime > longest {
            return Err(TokenError::LifetimeTooLong);
        }
    }
    Ok(expires_at)
}

/// Seconds since 1970. RFC 7519 allows fractions, which are cut off.
pub(crate) fn numeric_date(value: &Value) -> Result<Timestamp, TokenError> {
    let seconds = match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(seconds), _) => seconds,
            // The bounds are checked before the cast, so nothing is lost but the fraction.
            #[allow(clippy::cast_possible_truncation)]
            (None, Some(seconds)) if (0.0..=LAST_SECOND as f64).contains(&seconds) => {
                seconds as i64
            }
            _ => return Err(TokenError::InvalidTime),
        },
        _ => return Err(TokenError::InvalidTime),
    };
    if !(0..=LAST_SECOND).contains(&seconds) {
        return Err(TokenError::InvalidTime);
    }
    Timestamp::from_second(seconds).map_err(|_| TokenError::InvalidTime)
}

/// `sub`: present, not blank, no longer than a subject may be, and fit to stand in a log line.
pub(crate) fn subject(claims: &Claims) -> Result<String, TokenError> {
    match claims.get("sub") {
        Some(Value::String(subject)) if is_subject(subject) => Ok(subject.clone()),
        _ => Err(TokenError::InvalidSubject),
    }
}

/// Whether a claim can be a subject, or a part of one.
pub(crate) fn check_subject(text: &str) -> Result<(), TokenError> {
    if is_subject(text) { Ok(()) } else { Err(TokenError::InvalidSubject) }
}

/// Whether a text can be a subject of a person.
pub(crate) fn is_subject(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= MAX_SUBJECT
        && !text.chars().any(char::is_control)
        && !text.starts_with(MACHINE)
}

/// The tenant that the issuer may speak for and this token speaks for.
pub(crate) fn tenant(claims: &Claims, tenants: &Tenants) -> Result<String, TokenError> {
    match tenants {
        Tenants::Fixed(slug) => Ok(slug.clone()),
        Tenants::Claim(TenantClaim { claim, allowed }) => match claims.get(claim) {
            Some(Value::String(slug)) if is_slug(slug) && allowed.contains(slug) => {
                Ok(slug.clone())
            }
            _ => Err(TokenError::TenantNotAllowed),
        },
    }
}

/// The tenant of a token of the local issuer, which may speak for all of them.
pub(crate) fn any_tenant(claims: &Claims, claim: &str) -> Result<String, TokenError> {
    match claims.get(claim) {
        Some(Value::String(slug)) if is_slug(slug) => Ok(slug.clone()),
        _ => Err(TokenError::TenantNotAllowed),
    }
}

/// A name to show; whatever cannot be shown is left out, since nothing depends on it.
pub(crate) fn name(claims: &Claims, claim: &str) -> Option<String> {
    let name: String = claims
        .get(claim)?
        .as_str()?
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME)
        .collect();
    (!name.is_empty()).then_some(name)
}
