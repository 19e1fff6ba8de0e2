//! The code by which the public follows what it has left: sixteen digits, of which the last is a check
//! digit, so that a slip of the pen is told from a code that opens nothing.

use std::fmt;

/// Digits of a code.
pub const DIGITS: usize = 16;
/// How many codes there are: one with every choice of the digits before the last.
const CODES: u64 = 1_000_000_000_000_000;

/// A code. Shown to whoever left something, and kept by nobody else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiptCode(u64);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCode {
    /// It has not sixteen digits, or something else among them.
    Length,
    /// The last digit does not go with the others: a digit was mistaken, or two changed places.
    Check,
}

impl ReceiptCode {
    /// A code from random bits. Those of a keyed hash are as good as drawn ones.
    pub fn from_random(bits: [u8; 16]) -> Self {
        // Of 128 bits, so that no code is likelier than another by more than one in 10²³.
        let head = u128::from_be_bytes(bits) % u128::from(CODES);
        let head = u64::try_from(head).unwrap_or_default();
        Self(head * 10 + check_digit(head))
    }

    /// Reads a code as people write it: with spaces, hyphens or dots between the digits.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn parse(text: &str) -> Result<Self, NoCode> {
        let between = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '–');
        let digits: String = text.chars().filter(|c| !between(*c)).collect();
        if digits.len() != DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoCode::Length);
        }
        let value: u64 = digits.parse().map_err(|_| NoCode::Length)?;
        if check_digit(value / 10) == value % 10 { Ok(Self(value)) } else { Err(NoCode::Check) }
    }

    /// The sixteen digits.
    pub fn digits(self) -> String {
        format!("{:016}", self.0)
    }

    /// The digits in fours, as they are best read and written down.
    pub fn grouped(self) -> String {
        let digits = self.digits();
        let fours: Vec<&str> =
            (0..DIGITS).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
        fours.join(" ")
    }
}

/// A code says nothing of itself in a log.
impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(…)")
    }
}

/// The check digit after these digits (Luhn): finds any one wrong digit, and nearly all neighbours that
/// changed places.
fn check_digit(mut head: u64) -> u64 {
    let (mut sum, mut doubled) = (0, true);
    while head > 0 {
        let digit = head % 10;
        sum += match (doubled, digit * 2) {
            (false, _) => digit,
            (true, twice) if twice > 9 => twice - 9,
            (true, twice) => twice,
        };
        (head, doubled) = (head / 10, !doubled);
    }
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written() {
        for seed in 0..200_u8 {
            let code = ReceiptCode::from_random([seed.wrapping_mul(37); 16]);
            assert_eq!(code.digits().len(), DIGITS);
            assert_eq!(ReceiptCode::parse(&code.digits()), Ok(code));
            assert_eq!(ReceiptCode::parse(&format!(" {} ", code.grouped())), Ok(code));
            assert_eq!(ReceiptCode::parse(&code.grouped().replace(' ', "-")), Ok(code));
        }
        for text in ["", "123", "1234 5678 9012 345x", "１234567890123456", "12345678901234567"] {
            assert_eq!(ReceiptCode::parse(text), Err(NoCode::Length), "{text}");
        }
    }

    #[test]
    fn one_wrong_digit_is_found() {
        let code = ReceiptCode::from_random(*b"sixteen letters.").digits();
        for at in 0..DIGITS {
            for digit in b'0'..=b'9' {
                let mut bytes = code.clone().into_bytes();
                if bytes[at] != digit {
                    bytes[at] = digit;
                    let text = String::from_utf8(bytes).expect("digits");
                    assert_eq!(ReceiptCode::parse(&text), Err(NoCode::Check), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_code_is_not_told_by_accident() {
        let code = ReceiptCode::from_random([7; 16]);
        assert!(!format!("{code:?}").contains(|c: char| c.is_ascii_digit()));
    }
}
