//! How a link is made of the one before and an entry.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use serde_json::json;
use store::{ChainHead, ChainLink, LoggedEntry};

use super::commitment::HASH;
use super::text::text;

/// How an entry is made into bytes. Whoever changes that gives it a new number and keeps the old way.
pub(super) const FORMAT: i16 = 1;

/// What the first link is made of instead of one before it.
pub(super) const BEGINNING: [u8; HASH] = [0; HASH];

/// The hash of a link: over the one before, and over place, time and everything that is kept of the
/// entry. `None` for a format of a later release.
pub(super) fn hash(before: &[u8], link: &ChainLink, entry: &LoggedEntry) -> Option<Vec<u8>> {
    if link.format != FORMAT {
        return None;
    }
    let linked = json!({
        "format": link.format,
        "sequence": link.sequence,
        "log": link.log.code(),
        "entry_id": link.entry.0,
        "linked_at": link.at.as_microsecond(),
        "entry": entry.columns,
    });
    let mut context = Context::new(&SHA256);
    context.update(before);
    context.update(text(&linked).as_bytes());
    Some(context.finish().as_ref().to_vec())
}

/// The links of entries, in their order, behind the end of a chain.
pub(super) fn links(
    head: Option<&ChainHead>,
    entries: &[LoggedEntry],
    now: Timestamp,
) -> Vec<ChainLink> {
    let (mut sequence, mut before) = match head {
        Some(head) => (head.sequence, head.hash.clone()),
        None => (0, BEGINNING.to_vec()),
    };
    let mut made = Vec::with_capacity(entries.len());
    for entry in entries {
        sequence += 1;
        let mut link = ChainLink {
            sequence,
            log: entry.log,
            entry: entry.id,
            format: FORMAT,
            at: now,
            hash: Vec::new(),
        };
        // The format is the one this program knows.
        link.hash = hash(&before, &link, entry).unwrap_or_default();
        before.clone_from(&link.hash);
        made.push(link);
    }
    made
}
