//! Case numbers people read aloud: `AVV-2026-7K3Q9D2F`.
//!
//! Kind, year of the report, and eight characters of Crockford's base 32: seven drawn at random
//! and a Luhn mod 32 check over them. No counter, so filing waits for no lock and a number tells
//! nothing of how many cases there are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Crockford's base 32: no I, L, O (read as 1, 1, 0) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Random characters, ahead of the check character.
const DRAWN: usize = 7;

/// The kinds of case as a number shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberKind {
    /// Avvikelse.
    Avv,
    /// Synpunkt, whether praise or a suggestion.
    Syn,
    /// Klagomål.
    Kla,
    /// What goes between caregivers: no case, and counted apart.
    Vg,
}

impl NumberKind {
    /// Every kind.
    pub const ALL: [NumberKind; 4] =
        [NumberKind::Avv, NumberKind::Syn, NumberKind::Kla, NumberKind::Vg];

    /// The letters a number begins with; of a case the code in the list `kind`.
    pub fn code(self) -> &'static str {
        match self {
            NumberKind::Avv => "AVV",
            NumberKind::Syn => "SYN",
            NumberKind::Kla => "KLA",
            NumberKind::Vg => "VG",
        }
    }
}

/// A case number with a right check character. Its text form is always the canonical one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseNumber {
    kind: NumberKind,
    /// 0–9999.
    year: i16,
    drawn: [u8; DRAWN],
}

/// Why a text is not a case number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It does not have the form of a number at all.
    Form,
    /// It has the form, but the check character is another: something is mistyped.
    Check,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::Form => "not a case number of the form AVV-2026-7K3Q9D2F",
            NumberError::Check => "the case number is mistyped: its check character is wrong",
        })
    }
}

impl std::error::Error for NumberError {}

impl CaseNumber {
    /// The number with the lowest 35 bits of `random`; the rest are not used. Two draws collide
    /// rarely, not never: whoever stores the number draws again on conflict. A `year` outside
    /// 0–9999 is taken as the nearest.
    pub fn from_random(kind: NumberKind, year: i16, random: u64) -> Self {
        let mut bits = random;
        let drawn = std::array::from_fn(|_| {
            let value = (bits & 31) as u8;
            bits >>= 5;
            value
        });
        Self { kind, year: year.clamp(0, 9999), drawn }
    }

    /// The kind of case.
    pub fn kind(self) -> NumberKind {
        self.kind
    }

    /// The year the number was drawn for.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Reads a number as people give it: upper or lower case, O for 0, I or L for 1, blanks
    /// anywhere, hyphens or dashes anywhere or nowhere.
    ///
    /// # Errors
    ///
    /// [`NumberError::Form`], or [`NumberError::Check`] when a character is mistyped. Every single
    /// wrong character is caught, and every swap of two neighbours but that of `0` and `Z`.
    pub fn parse_lenient(text: &str) -> Result<Self, NumberError> {
        let given = text
            .chars()
            .filter(|c| !c.is_whitespace() && !is_dash(*c))
            .map(|c| c.to_ascii_uppercase());

        let mut given = given.peekable();
        let mut letters = String::with_capacity(3);
        // The year begins with a digit, and no kind has one.
        while letters.len() < 3
            && let Some(letter) = given.next_if(char::is_ascii_alphabetic)
        {
            letters.push(letter);
        }
        let kind = NumberKind::ALL.into_iter().find(|kind| kind.code() == letters);
        let kind = kind.ok_or(NumberError::Form)?;

        let mut year = 0;
        for _ in 0..4 {
            match given.next().and_then(value) {
                Some(digit) if digit < 10 => year = year * 10 + i16::from(digit),
                _ => return Err(NumberError::Form),
            }
        }
        let mut drawn = [0; DRAWN];
        for slot in &mut drawn {
            *slot = given.next().and_then(value).ok_or(NumberError::Form)?;
        }
        let check = given.next().and_then(value).ok_or(NumberError::Form)?;
        if given.next().is_some() {
            return Err(NumberError::Form);
        }
        if check != luhn(&drawn) {
            return Err(NumberError::Check);
        }
        Ok(Self { kind, year, drawn })
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The value of a character already in upper case.
fn value(c: char) -> Option<u8> {
    let c = match c {
        'O' => b'0',
        'I' | 'L' => b'1',
        _ => u8::try_from(c).ok()?,
    };
    ALPHABET.iter().position(|&known| known == c).and_then(|at| u8::try_from(at).ok())
}

/// Luhn mod 32: from the right every other value is doubled, beginning with the last, and its two
/// base-32 digits added; the check value fills the sum up to a multiple of 32.
fn luhn(values: &[u8]) -> u8 {
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &value)| {
            let weighed = u32::from(value) * if place % 2 == 0 { 2 } else { 1 };
            weighed / 32 + weighed % 32
        })
        .sum();
    ((32 - sum % 32) % 32) as u8
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}-", self.kind.code(), self.year)?;
        for value in self.drawn.iter().chain([&luhn(&self.drawn)]) {
            write!(f, "{}", char::from(ALPHABET[usize::from(*value)]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaseNumber({self})")
    }
}

impl FromStr for CaseNumber {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Self, NumberError> {
        Self::parse_lenient(text)
    }
}

impl Serialize for CaseNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SplitMix64: numbers that look random and are the same in every run.
    fn draws(count: u64) -> impl Iterator<Item = u64> {
        (1..=count).map(|n| {
            let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        })
    }

    fn code(number: CaseNumber) -> String {
        number.to_string()[9..].to_owned()
    }

    fn parse(code: &[u8]) -> Result<CaseNumber, NumberError> {
        format!("AVV-2026-{}", std::str::from_utf8(code).unwrap()).parse()
    }

    #[test]
    fn has_the_documented_form() {
        for random in draws(1000) {
            for kind in NumberKind::ALL {
                let number = CaseNumber::from_random(kind, 2026, random);
                let text = number.to_string();
                assert_eq!(text.len(), kind.code().len() + 14);
                assert!(text.starts_with(&format!("{}-2026-", kind.code())));
                assert!(text[kind.code().len() + 6..].bytes().all(|c| ALPHABET.contains(&c)));
                assert_eq!(text.parse(), Ok(number));
                assert_eq!((number.kind(), number.year()), (kind, 2026));
            }
        }
        let zero = CaseNumber::from_random(NumberKind::Syn, 2026, 0);
        assert_eq!(zero.to_string(), "SYN-2026-00000000");
        let ones = CaseNumber::from_random(NumberKind::Kla, -5, u64::MAX);
        assert_eq!(ones.year(), 0);
        assert_eq!(ones.to_string().parse(), Ok(ones));
    }

    #[test]
    fn every_single_wrong_character_is_caught() {
        for random in draws(200) {
            let right = code(CaseNumber::from_random(NumberKind::Avv, 2026, random)).into_bytes();
            for place in 0..8 {
                for &other in ALPHABET {
                    let mut wrong = right.clone();
                    wrong[place] = other;
                    assert_eq!(parse(&wrong).is_ok(), other == right[place]);
                }
            }
        }
    }

    #[test]
    fn swaps_of_neighbours_are_caught_but_for_0_and_z() {
        // All pairs of values at all places: the check must tell the pair from its swap.
        for place in 0..7 {
            for &a in ALPHABET {
                for &b in ALPHABET.iter().filter(|&&b| b != a) {
                    let mut values: Vec<u8> = b"3K7QD2X".to_vec();
                    let (right, swapped) = if place < 6 {
                        values[place] = a;
                        values[place + 1] = b;
                        let right = with_check(&values);
                        let mut swapped = right.clone();
                        swapped.swap(place, place + 1);
                        (right, swapped)
                    } else {
                        // The last pair is the seventh character and the check itself.
                        values[6] = a;
                        let right = with_check(&values);
                        let mut swapped = right.clone();
                        swapped.swap(6, 7);
                        (right, swapped)
                    };
                    assert!(parse(&right).is_ok());
                    if right == swapped {
                        continue;
                    }
                    let pair = [right[place], right[place + 1]];
                    let missed = pair == *b"0Z" || pair == *b"Z0";
                    assert_eq!(parse(&swapped).is_ok(), missed, "{pair:?} at {place}");
                }
            }
        }
    }

    fn with_check(characters: &[u8]) -> Vec<u8> {
        let values: Vec<u8> = characters.iter().map(|&c| value(char::from(c)).unwrap()).collect();
        let mut all = characters.to_vec();
        all.push(ALPHABET[usize::from(luhn(&values))]);
        all
    }

    #[test]
    fn is_read_as_people_write_it() {
        // 0, 1 and a letter in the number, so that each replacement is used.
        let text = format!("KLA-2010-{}", String::from_utf8(with_check(b"01AB0Z1")).unwrap());
        let number: CaseNumber = text.parse().unwrap();
        let sloppy = text.replace("-20", "-2O").replace("01AB", "oIab").replace("Z1", "zl");
        for given in [
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('-', "–"),
            format!("  {text}\n"),
            text.chars().flat_map(|c| [c, ' ']).collect(),
            sloppy,
        ] {
            assert_eq!(CaseNumber::parse_lenient(&given), Ok(number), "{given}");
        }
        assert_eq!(number.to_string(), text);
    }

    #[test]
    fn other_forms_are_refused() {
        let right = CaseNumber::from_random(NumberKind::Avv, 2026, 123_456_789).to_string();
        for given in [
            "",
            "AVV",
            "AVV-2026",
            "XYZ-2026-00000000",
            "AVV-2O2X-00000000",
            "AVV-2026-0000000",
            "AVV-2026-000000000",
            "AVV-2026-0000000U",
            "AVV-2026-000000Å0",
            "åäö-2026-00000000",
            &right[1..],
            &format!("{right}0"),
        ] {
            assert_eq!(CaseNumber::parse_lenient(given), Err(NumberError::Form), "{given}");
        }
        let wrong = CaseNumber::parse_lenient("AVV-2026-00000001");
        assert_eq!(wrong, Err(NumberError::Check));
    }

    #[test]
    fn is_a_string_in_json() {
        let number = CaseNumber::from_random(NumberKind::Avv, 2026, 42);
        let json = serde_json::to_string(&number).unwrap();
        assert_eq!(json, format!("\"{number}\""));
        assert_eq!(serde_json::from_str::<CaseNumber>(&json).unwrap(), number);
        assert!(serde_json::from_str::<CaseNumber>("\"AVV-2026-00000001\"").is_err());
        assert!(serde_json::from_str::<CaseNumber>("7").is_err());
    }
}
