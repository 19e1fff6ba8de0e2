//! Bytes that come from a corpus and are changed at random, the same for the same seed.

use std::path::Path;

/// A small generator of numbers (SplitMix64): its luck is repeatable.
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % (end.max(1) as u64)).unwrap_or(0)
    }
}

/// What has made trouble elsewhere, put in anywhere.
const PIECES: [&[u8]; 34] = [
    b"\0",
    b"\r\n",
    b"\"",
    b"\\",
    b"'",
    b";",
    b",",
    b"=1+1",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"{}",
    b"[]",
    b"null",
    b"-0",
    b"1e999",
    b"9223372036854775808",
    b"\\u0000",
    b"\\ud800",
    "å".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{feff}".as_bytes(),
    "١٢".as_bytes(),
    "\u{202e}".as_bytes(),
    b"20000229-2389",
    b"121212-1212",
    b"SE2321000016-1",
    b"%00",
    b"..%2f",
    b"--",
    b"%",
    b"0000-00-00",
    b"\t",
    b"a9f1c0-boundary",
];

/// The files of a corpus, in the order of their names.
pub fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.iter().map(|file| std::fs::read(file).expect("a file")).collect()
}

/// One of the corpus, changed some times.
pub fn mutated(corpus: &[Vec<u8>], luck: &mut Luck) -> Vec<u8> {
    let mut bytes = corpus[luck.below(corpus.len())].clone();
    for _ in 0..=luck.below(6) {
        let at = luck.below(bytes.len() + 1);
        match luck.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << luck.below(8),
            1 if at < bytes.len() => bytes[at] = (luck.draw() & 0xff) as u8,
            2 => {
                let end = (at + luck.below(16)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let piece = PIECES[luck.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let end = (at + luck.below(32)).min(bytes.len());
                let again: Vec<u8> = bytes[at..end].repeat(1 + luck.below(8));
                bytes.splice(at..at, again);
            }
            5 => {
                let other = &corpus[luck.below(corpus.len())];
                bytes.truncate(at);
                bytes.extend(&other[luck.below(other.len() + 1)..]);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes.truncate(64 * 1024);
    bytes
}
