//! Signatures over requests: HTTP Message Signatures (RFC 9421) with Ed25519, in one profile.
//!
//! A signature of the profile bears the tag `avvikelse-exchange`, covers [`COVERED`], and has
//! `created`, `expires`, `nonce` and `keyid`. It may cover more. It lasts [`LONGEST`] at most, and is
//! good for one use: whoever takes a message keeps its nonce until then.

use jiff::{SignedDuration, Timestamp};
use sfv::{
    BareItem, DictSerializer, Dictionary, InnerList, Integer, KeyRef, ListEntry, ListSerializer,
    Parser, StringRef,
};

use crate::digest::{content_digest, hold};
use crate::key::{PublicKey, SigningKey};
use crate::refused::Refused;
use crate::request::Request;

/// The tag of the profile.
pub const TAG: &str = "avvikelse-exchange";
/// The field that names the receiver, in small letters.
pub const RECEIVER: &str = "avvikelse-receiver";
/// What a signature covers at least.
pub const COVERED: [&str; 5] =
    ["@method", "@target-uri", "content-digest", "content-type", RECEIVER];
/// The longest a signature may last.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// How much two clocks may differ.
pub const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(60);
/// The label of the signatures that are made here; any other is read as well.
const LABEL: &str = "avvikelse";
/// How many characters a nonce may have.
const NONCE: std::ops::RangeInclusive<usize> = 16..=64;
/// How many components a signature may cover: each costs a look at the fields.
const MOST_COVERED: usize = 32;
/// How long the fields of a signature may be, in bytes.
const LONGEST_FIELD: usize = 4096;

/// What a signature says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is: the id of a key.
    pub key_id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it may be taken.
    pub expires: Timestamp,
    /// What makes it the only one of its kind.
    pub nonce: String,
}

/// A signature that has been read and not been verified.
#[derive(Clone, Debug)]
pub struct Unverified {
    claims: Claims,
    base: String,
    signature: Vec<u8>,
}

/// The value of a component of a request.
fn component(request: &Request, name: &str) -> Option<String> {
    let (scheme, rest) = request.target.split_once("://")?;
    let cut = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(cut);
    match name {
        "@method" => Some(request.method.clone()),
        "@target-uri" => Some(request.target.clone()),
        "@authority" => Some(authority.to_owned()),
        "@scheme" => Some(scheme.to_owned()),
        "@path" => {
            let path = path.split('?').next().unwrap_or_default();
            Some(if path.is_empty() { "/".to_owned() } else { path.to_owned() })
        }
        name if name.starts_with('@') => None,
        name => request.header(name),
    }
}

/// What is signed (RFC 9421, 2.5): a line for each component, and the parameters.
fn base(request: &Request, covered: &[&str], params: &str) -> Option<String> {
    let mut base = String::new();
    for name in covered {
        let value = component(request, name)?;
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {params}"));
    Some(base)
}

/// Signs a request to `receiver`, and gives it whole: with its fields, its digest and its signature.
/// `nonce` is 16 to 64 characters that were never used before with the key.
///
/// # Errors
/// [`Refused::Malformed`] when target, receiver or nonce have no place in a field.
pub fn sign(
    method: &str,
    target: &str,
    receiver: &str,
    body: Vec<u8>,
    claims: &Claims,
    key: &SigningKey,
) -> Result<Request, Refused> {
    let fields = [
        ("content-type", "application/json"),
        ("content-digest", &content_digest(&body)),
        (RECEIVER, receiver),
    ];
    let mut request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body,
    };
    let params = params(claims).ok_or(Refused::Malformed)?;
    let base = base(&request, &COVERED, &params).ok_or(Refused::Malformed)?;
    let signature = key.sign(base.as_bytes());
    let mut field = DictSerializer::new();
    let label = KeyRef::from_str(LABEL).map_err(|_| Refused::Malformed)?;
    field.bare_item(label, signature.as_slice());
    let signature = field.finish().ok_or(Refused::Malformed)?;
    request.headers.push(("signature-input".to_owned(), format!("{LABEL}={params}")));
    request.headers.push(("signature".to_owned(), signature));
    Ok(request)
}

/// The parameters of a signature of the profile.
fn params(claims: &Claims) -> Option<String> {
    let mut list = ListSerializer::new();
    let mut inner = list.inner_list();
    for name in COVERED {
        inner.bare_item(StringRef::from_str(name).ok()?);
    }
    let key = |name| KeyRef::from_str(name).ok();
    let text = |text| StringRef::from_str(text).ok();
    let at = |at: Timestamp| Integer::try_from(at.as_second()).ok();
    inner
        .finish()
        .parameter(key("created")?, at(claims.created)?)
        .parameter(key("expires")?, at(claims.expires)?)
        .parameter(key("nonce")?, text(&claims.nonce)?)
        .parameter(key("keyid")?, text(&claims.key_id)?)
        .parameter(key("tag")?, text(TAG)?);
    list.finish()
}

/// A list of components, spelt as RFC 9421 has it.
fn spell(list: &InnerList) -> Option<String> {
    let mut text = ListSerializer::new();
    let mut inner = text.inner_list();
    inner.items(&list.items);
    inner.finish().parameters(&list.params);
    text.finish()
}

/// The components of a list, none of which has a parameter.
fn names(list: &InnerList) -> Result<Vec<&str>, Refused> {
    if list.items.len() > MOST_COVERED {
        return Err(Refused::Malformed);
    }
    let mut names = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let BareItem::String(name) = &item.bare_item else { return Err(Refused::Malformed) };
        if !item.params.is_empty() || names.contains(&name.as_str()) {
            return Err(Refused::Malformed);
        }
        names.push(name.as_str());
    }
    Ok(names)
}

fn text_of<'a>(list: &'a InnerList, name: &str) -> Option<&'a str> {
    match list.params.get(name)? {
        BareItem::String(text) => Some(text.as_str()),
        _ => None,
    }
}

fn instant_of(list: &InnerList, name: &str) -> Result<Timestamp, Refused> {
    match list.params.get(name) {
        Some(BareItem::Integer(seconds)) => {
            Timestamp::from_second(i64::from(*seconds)).map_err(|_| Refused::Malformed)
        }
        Some(_) => Err(Refused::Malformed),
        None => Err(Refused::NotCovered),
    }
}

fn dictionary(request: &Request, name: &str) -> Result<Option<Dictionary>, Refused> {
    let Some(field) = request.header(name) else { return Ok(None) };
    if field.len() > LONGEST_FIELD {
        return Err(Refused::Malformed);
    }
    Parser::new(&field).parse().map(Some).map_err(|_| Refused::Malformed)
}

/// The one signature of the profile that a request bears.
///
/// # Errors
/// [`Refused::Unsigned`], [`Refused::Malformed`], [`Refused::NotCovered`].
pub fn read(request: &Request) -> Result<Unverified, Refused> {
    let inputs = dictionary(request, "signature-input")?.ok_or(Refused::Unsigned)?;
    let signatures = dictionary(request, "signature")?.ok_or(Refused::Unsigned)?;
    let mut ours = inputs.iter().filter_map(|(label, entry)| match entry {
        ListEntry::InnerList(list) if text_of(list, "tag") == Some(TAG) => Some((label, list)),
        _ => None,
    });
    let (label, list) = ours.next().ok_or(Refused::Unsigned)?;
    if ours.next().is_some() {
        return Err(Refused::Malformed);
    }
    let covered = names(list)?;
    if !COVERED.iter().all(|needed| covered.contains(needed)) {
        return Err(Refused::NotCovered);
    }
    if text_of(list, "alg").is_some_and(|alg| alg != "ed25519") {
        return Err(Refused::Malformed);
    }
    let nonce = text_of(list, "nonce").ok_or(Refused::NotCovered)?;
    if !NONCE.contains(&nonce.len()) {
        return Err(Refused::Malformed);
    }
    let claims = Claims {
        key_id: text_of(list, "keyid").ok_or(Refused::NotCovered)?.to_owned(),
        created: instant_of(list, "created")?,
        expires: instant_of(list, "expires")?,
        nonce: nonce.to_owned(),
    };
    let Some(ListEntry::Item(item)) = signatures.get(label) else {
        return Err(Refused::Unsigned);
    };
    let BareItem::ByteSequence(signature) = &item.bare_item else {
        return Err(Refused::Malformed);
    };
    let params = spell(list).ok_or(Refused::Malformed)?;
    // A component that is not there cannot have been signed.
    let base = base(request, &covered, &params).ok_or(Refused::NotCovered)?;
    Ok(Unverified { claims, base, signature: signature.clone() })
}

impl Unverified {
    /// What it says of itself: nothing to rely on yet, but which key to look for.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Holds the request to its signature: by this key, now, to this receiver. The content is not looked
    /// at: nobody need read that of a stranger.
    ///
    /// # Errors
    /// [`Refused::BadSignature`], [`Refused::FromTheFuture`], [`Refused::TooLong`],
    /// [`Refused::Expired`], [`Refused::WrongReceiver`], [`Refused::NotCovered`]; in this order.
    pub fn verify(
        self,
        request: &Request,
        key: &PublicKey,
        receiver: &str,
        now: Timestamp,
    ) -> Result<Verified, Refused> {
        if !key.verifies(self.base.as_bytes(), &self.signature) {
            return Err(Refused::BadSignature);
        }
        let Claims { created, expires, .. } = self.claims;
        if created.duration_since(now) > CLOCKS_DIFFER {
            return Err(Refused::FromTheFuture);
        }
        let lasts = expires.duration_since(created);
        if lasts > LONGEST {
            return Err(Refused::TooLong);
        }
        if expires <= now || lasts.is_negative() {
            return Err(Refused::Expired);
        }
        if request.header(RECEIVER).as_deref() != Some(receiver) {
            return Err(Refused::WrongReceiver);
        }
        let digest = request.header("content-digest").ok_or(Refused::NotCovered)?;
        Ok(Verified { claims: self.claims, digest })
    }
}

/// A request whose signature holds, and whose content is still to be held to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    claims: Claims,
    digest: String,
}

impl Verified {
    /// What it says of itself.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Holds a content to the signature.
    ///
    /// # Errors
    /// [`Refused::Malformed`], [`Refused::Altered`].
    pub fn hold(&self, body: &[u8]) -> Result<(), Refused> {
        hold(&self.digest, body)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    /// RFC 9421, appendix B.1.4 and B.2.6: the key, the base and the signature of the standard.
    #[test]
    fn the_test_vector_of_the_standard_passes() {
        let d = URL_SAFE_NO_PAD.decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU");
        let key = SigningKey::from_seed(&d.expect("base64url")).expect("a key");
        let x = URL_SAFE_NO_PAD.encode(key.public().as_bytes());
        assert_eq!(x, "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs");
        let headers = [
            ("host", "example.com"),
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            ("content-length", "18"),
        ];
        let request = Request {
            method: "POST".to_owned(),
            target: "https://example.com/foo?param=Value&Pet=dog".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: b"{\"hello\": \"world\"}".to_vec(),
        };
        let input = "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
                     \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
        let inputs: Dictionary = Parser::new(input).parse().expect("a dictionary");
        let Some(ListEntry::InnerList(list)) = inputs.get("sig-b26") else { panic!("a list") };
        let params = spell(list).expect("spelt");
        assert_eq!(format!("sig-b26={params}"), input);
        let covered = names(list).expect("names");
        let base = base(&request, &covered, &params).expect("a base");
        assert_eq!(
            base,
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
             \"@authority\": example.com\n\"content-type\": application/json\n\
             \"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \
             \"@authority\" \"content-type\" \"content-length\");created=1618884473\
             ;keyid=\"test-key-ed25519\""
        );
        let signature = STANDARD
            .decode(
                "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
            )
            .expect("base64");
        assert_eq!(key.sign(base.as_bytes()), signature);
        assert!(key.public().verifies(base.as_bytes(), &signature));
    }

    #[test]
    fn the_field_of_a_signature_is_read_back_as_it_was_written() {
        let at = |second| Timestamp::from_second(second).expect("an instant");
        let claims = Claims {
            key_id: "k\"\\ey".to_owned(),
            created: at(1_700_000_000),
            expires: at(1_700_000_100),
            nonce: "0123456789abcdef".to_owned(),
        };
        let params = params(&claims).expect("spelt");
        let list = format!("a={params}");
        let list: Dictionary = Parser::new(&list).parse().expect("a dictionary");
        let Some(ListEntry::InnerList(list)) = list.get("a") else { panic!("a list") };
        assert_eq!(spell(list).expect("spelt"), params);
        assert_eq!(text_of(list, "keyid"), Some("k\"\\ey"));
    }
}
