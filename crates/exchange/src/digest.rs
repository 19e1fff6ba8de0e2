//! What binds a content to its signature: Content-Digest (RFC 9530), SHA-256.

use aws_lc_rs::{constant_time, digest};
use sfv::{BareItem, DictSerializer, Dictionary, KeyRef, ListEntry, Parser};

use crate::refused::Refused;

/// The name of the algorithm.
const SHA_256: &str = "sha-256";

/// The SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// The field `Content-Digest` of a content.
#[must_use]
pub fn content_digest(body: &[u8]) -> String {
    let mut serializer = DictSerializer::new();
    // The name is a constant and a key of structured fields: this cannot fail.
    if let Ok(key) = KeyRef::from_str(SHA_256) {
        serializer.bare_item(key, sha256(body).as_slice());
    }
    serializer.finish().unwrap_or_default()
}

/// Holds a content to the field `Content-Digest` that came with it. Digests by other algorithms may
/// stand beside the one that counts.
///
/// # Errors
/// [`Refused::Malformed`] without a SHA-256, [`Refused::Altered`] when it is another content's.
pub fn hold(field: &str, body: &[u8]) -> Result<(), Refused> {
    let digests: Dictionary = Parser::new(field).parse().map_err(|_| Refused::Malformed)?;
    let Some(ListEntry::Item(item)) = digests.get(SHA_256) else {
        return Err(Refused::Malformed);
    };
    let BareItem::ByteSequence(given) = &item.bare_item else {
        return Err(Refused::Malformed);
    };
    constant_time::verify_slices_are_equal(given, &sha256(body)).map_err(|_| Refused::Altered)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9530, appendix B.1.
    #[test]
    fn the_digest_is_the_one_of_the_standard() {
        let field = content_digest(b"{\"hello\": \"world\"}\n");
        assert_eq!(field, "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    }

    #[test]
    fn a_content_is_held_to_its_digest() {
        let field = content_digest(b"one");
        assert_eq!(hold(&field, b"one"), Ok(()));
        assert_eq!(hold(&field, b"two"), Err(Refused::Altered));
        assert_eq!(hold(&format!("sha-512=:AAAA:, {field}"), b"one"), Ok(()));
        for wrong in ["", "sha-512=:AAAA:", "sha-256=AAAA", "sha-256=\"AAAA\"", "sha-256=:AAAA"] {
            assert_eq!(hold(wrong, b"one"), Err(Refused::Malformed), "{wrong}");
        }
        assert_eq!(hold("sha-256=:AAAA:", b"one"), Err(Refused::Altered));
    }
}
