//! What does the token say, before anything in it is believed?

use std::cell::Cell;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::issuer::Algorithm;
use crate::{MAX_TOKEN_BYTES, TokenError};

/// Header parameters that bring a key, point to one, or change how the rest is read. None is ever followed, and a
/// token that carries one was not made by an issuer that follows our set-up.
const REFUSED_PARAMETERS: [&str; 9] =
    ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "epk"];

/// A key id longer than this is nobody's.
const MAX_KEY_ID: usize = 255;

/// What the header's `typ` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// Nothing, or plain `JWT`.
    Unspecific,
    /// `at+jwt` (RFC 9068).
    AccessToken,
}

/// A token taken apart. Nothing in it has been verified.
pub(crate) struct Parsed<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) token_type: TokenType,
    pub(crate) claims: Map<String, Value>,
    /// The bytes that the signature covers.
    pub(crate) signed: &'a [u8],
    /// The signature, still in base64url, known to decode.
    pub(crate) signature: &'a str,
}

/// Takes a token apart, refusing whatever two readers could read differently.
pub(crate) fn parse(token: &str) -> Result<Parsed<'_>, TokenError> {
    if token.is_empty() {
        return Err(TokenError::Missing);
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::TooLong);
    }
    // The split leaves a fourth part, or any stray byte, to the strict base64 below.
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;

    let header = object(header)?;
    if REFUSED_PARAMETERS.iter().any(|name| header.contains_key(*name)) {
        return Err(TokenError::UnacceptableHeader);
    }
    let algorithm = header
        .get("alg")
        .and_then(Value::as_str)
        .and_then(Algorithm::from_name)
        .ok_or(TokenError::UnacceptableAlgorithm)?;
    let token_type = token_type(header.get("typ"))?;
    let kid = match header.get("kid") {
        None => None,
        Some(Value::String(kid)) if (1..=MAX_KEY_ID).contains(&kid.len()) => Some(kid.clone()),
        Some(_) => return Err(TokenError::Malformed),
    };

    let claims = object(payload)?;
    if signature.is_empty() || URL_SAFE_NO_PAD.decode(signature).is_err() {
        return Err(TokenError::Malformed);
    }
    Ok(Parsed { algorithm, kid, token_type, claims, signed: signed.as_bytes(), signature })
}

/// Media types compare without case, and `application/` may be left out (RFC 7515, 4.1.9).
fn token_type(typ: Option<&Value>) -> Result<TokenType, TokenError> {
    match typ {
        None => Ok(TokenType::Unspecific),
        Some(Value::String(typ)) => match typ.to_ascii_lowercase().as_str() {
            "jwt" => Ok(TokenType::Unspecific),
            "at+jwt" | "application/at+jwt" => Ok(TokenType::AccessToken),
            _ => Err(TokenError::IdToken),
        },
        Some(_) => Err(TokenError::Malformed),
    }
}

/// One part of a token: base64url without padding or spare bits, around one JSON object without repeated names.
fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    let duplicate = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
    let value = Strict { duplicate: &duplicate }.deserialize(&mut deserializer);
    match (value, deserializer.end()) {
        (Ok(Value::Object(map)), Ok(())) => Ok(map),
        _ if duplicate.get() => Err(TokenError::DuplicateClaim),
        _ => Err(TokenError::Malformed),
    }
}

/// Reads any JSON and stops at a name that occurs twice in one object. `serde_json::Value` keeps the last one and
/// other readers the first: an attacker picks the pair that suits him.
#[derive(Clone, Copy)]
struct Strict<'a> {
    duplicate: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON without repeated names")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if map.contains_key(&name) {
                self.duplicate.set(true);
                return Err(A::Error::custom("repeated name"));
            }
            map.insert(name, access.next_value_seed(self)?);
        }
        Ok(Value::Object(map))
    }
}
