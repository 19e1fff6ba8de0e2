//! Swedish personal identity numbers (personnummer) and coordination numbers (samordningsnummer):
//! reading them, and finding them where they should not be.
//!
//! A number is sealed apart from the texts of a case. So nothing here prints one by itself: no
//! `Display`, a `Debug` without digits, errors that do not repeat what was given.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What [`redact`] puts in a number's place.
pub const REDACTED: &str = "[personnummer]";

/// Added to the day of birth in a coordination number.
const COORDINATION: i8 = 60;

/// Nobody a case can be about was born before; keeps long numbers that only look like a date out.
const FIRST_YEAR: i16 = 1800;

/// A personnummer or samordningsnummer with a possible date and the right check digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonalId {
    /// Year, month, day (60 added in a coordination number), three serial digits, check digit.
    digits: [u8; 12],
    birth: Date,
}

/// Why a text is no personal identity number. Says nothing of the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalIdError {
    /// Not ten or twelve digits with at most one separator before the last four.
    Form,
    /// The day does not exist, or has not come yet.
    Date,
    /// The last digit is wrong.
    CheckDigit,
}

impl fmt::Display for PersonalIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PersonalIdError::Form => "not the form of a personal identity number",
            PersonalIdError::Date => "the date in the personal identity number is impossible",
            PersonalIdError::CheckDigit => {
                "the check digit of the personal identity number is wrong"
            }
        })
    }
}

impl std::error::Error for PersonalIdError {}

impl PersonalId {
    /// Reads ten or twelve digits with `-`, `+`, a blank or nothing before the last four; blanks
    /// around are ignored.
    ///
    /// `today` (Swedish) settles the century of ten digits: the latest in which the person is born
    /// by today; `+` says the person turns 100 this year or has done so
    /// (folkbokföringslagen (1991:481) 18 §).
    ///
    /// # Errors
    ///
    /// Another form, a day that does not exist or lies after `today`, a wrong check digit.
    pub fn parse(text: &str, today: Date) -> Result<Self, PersonalIdError> {
        let chars: Vec<char> = text.trim().chars().collect();
        match candidate(&chars) {
            Some(candidate) if candidate.length == chars.len() => candidate.resolve(today),
            _ => Err(PersonalIdError::Form),
        }
    }

    /// Reads the twelve digits of [`PersonalId::canonical`], as they were stored.
    ///
    /// # Errors
    ///
    /// Anything but twelve digits, a day that does not exist, a wrong check digit.
    pub fn from_canonical(text: &str) -> Result<Self, PersonalIdError> {
        let mut digits = [0; 12];
        if text.len() != digits.len() {
            return Err(PersonalIdError::Form);
        }
        for (digit, byte) in digits.iter_mut().zip(text.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(PersonalIdError::Form);
            }
            *digit = byte - b'0';
        }
        Self::from_digits(digits)
    }

    fn from_digits(digits: [u8; 12]) -> Result<Self, PersonalIdError> {
        let year = number(&digits[..4]);
        let (month, day) = (number(&digits[4..6]) as i8, number(&digits[6..8]) as i8);
        let day = if day > COORDINATION { day - COORDINATION } else { day };
        let birth = Date::new(year, month, day).map_err(|_| PersonalIdError::Date)?;
        if year < FIRST_YEAR {
            return Err(PersonalIdError::Date);
        }
        if check_digit(&digits[2..11]) != digits[11] {
            return Err(PersonalIdError::CheckDigit);
        }
        Ok(Self { digits, birth })
    }

    /// The twelve digits without separator: what is sealed, searched for and compared. Where this
    /// goes a person is exposed.
    pub fn canonical(&self) -> String {
        self.digits.iter().map(|digit| char::from(b'0' + digit)).collect()
    }

    /// The code of the list `sex`: `K` when the last digit but one is even, else `M`.
    pub fn sex(&self) -> &'static str {
        if self.digits[10].is_multiple_of(2) { "K" } else { "M" }
    }

    /// Day of birth; in a coordination number the day it states.
    pub fn birth_date(&self) -> Date {
        self.birth
    }

    /// Whether this is a samordningsnummer (60 added to the day).
    pub fn is_coordination_number(&self) -> bool {
        self.digits[6] >= 6
    }

    /// Full years on `day`; 0 before birth. Who is born on a leap day turns on 1 March in other
    /// years.
    pub fn age_on(&self, day: Date) -> u16 {
        let had_birthday = (day.month(), day.day()) >= (self.birth.month(), self.birth.day());
        let years = day.year() - self.birth.year() - i16::from(!had_birthday);
        u16::try_from(years).unwrap_or(0)
    }
}

/// The code of the list `age_band` for an age in full years.
pub fn age_band(age: u16) -> &'static str {
    match age {
        0..=17 => "0-17",
        18..=64 => "18-64",
        65..=79 => "65-79",
        80.. => "80-",
    }
}

/// The check digit over nine digits (mod 10, weights 2, 1, 2 …).
fn check_digit(nine: &[u8]) -> u8 {
    let sum: u8 = nine
        .iter()
        .enumerate()
        .map(|(place, &digit)| {
            let weighed = if place % 2 == 0 { digit * 2 } else { digit };
            weighed / 10 + weighed % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

fn number(digits: &[u8]) -> i16 {
    digits.iter().fold(0, |number, &digit| number * 10 + i16::from(digit))
}

impl fmt::Debug for PersonalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalId(…)")
    }
}

/// For sealing: the twelve digits.
impl Serialize for PersonalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.canonical())
    }
}

impl<'de> Deserialize<'de> for PersonalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_canonical(&text).map_err(serde::de::Error::custom)
    }
}

/// Who a case is about, as it is sealed apart from the case.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectIdentity {
    /// A personnummer or samordningsnummer.
    Personal(PersonalId),
    /// Any other identity, such as a region's reserve number, which may hold letters. Opaque:
    /// compared as it stands.
    Other {
        /// As the issuer writes it.
        id: String,
        /// Who gave it out, when known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
}

impl fmt::Debug for SubjectIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubjectIdentity::Personal(_) => f.write_str("SubjectIdentity::Personal(…)"),
            SubjectIdentity::Other { .. } => f.write_str("SubjectIdentity::Other(…)"),
        }
    }
}

/// A personal identity number found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Position of its first digit, in characters from 0.
    pub position: usize,
    /// Its length in characters.
    pub length: usize,
    /// The number.
    pub id: PersonalId,
}

/// Every personnummer and samordningsnummer in `text`, in order, none overlapping another: ten or
/// twelve digits, the last four apart by nothing, a blank, `+` or any hyphen or dash (blanks around
/// it allowed), with no digit directly before or after. A day that does not exist or lies
/// after `today` (Swedish), or a wrong check digit, makes it none: most phone numbers and the like
/// fall there, but not all can, since one number in ten has the right check digit. The digits of a UUID are
/// none either: such ids stand in requests and links, and one in some ten thousand would look like a person.
pub fn find_in(text: &str, today: Date) -> Vec<Found> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut position = 0;
    while position < chars.len() {
        if is_uuid_at(&chars, position) {
            position += UUID_LENGTH;
            continue;
        }
        if !chars[position].is_ascii_digit() {
            position += 1;
            continue;
        }
        let standing_free = position == 0 || !chars[position - 1].is_ascii_digit();
        let candidate = if standing_free { candidate(&chars[position..]) } else { None };
        if let Some(candidate) = candidate
            && chars.get(position + candidate.length).is_none_or(|c| !c.is_ascii_digit())
            && let Ok(id) = candidate.resolve(today)
        {
            found.push(Found { position, length: candidate.length, id });
            position += candidate.length;
            continue;
        }
        position += digit_run(&chars[position..]);
    }
    found
}

const UUID_LENGTH: usize = 36;

/// Whether a UUID in its common form begins there: 8-4-4-4-12 hexadecimal digits, standing free.
fn is_uuid_at(chars: &[char], position: usize) -> bool {
    let end = position + UUID_LENGTH;
    let free = |at: Option<&char>| at.is_none_or(|c| !c.is_alphanumeric());
    let Some(token) = chars.get(position..end) else { return false };
    let in_form = |(at, c): (usize, &char)| match at {
        8 | 13 | 18 | 23 => *c == '-',
        _ => c.is_ascii_hexdigit(),
    };
    token.iter().enumerate().all(in_form)
        && free(position.checked_sub(1).map(|before| &chars[before]))
        && free(chars.get(end))
}

/// `text` with each of `found` replaced by [`REDACTED`]. `found` comes from [`find_in`] on the very
/// same text.
pub fn redact(text: &str, found: &[Found]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut found = found.iter().peekable();
    let mut skip_to = 0;
    for (at, c) in text.chars().enumerate() {
        if let Some(next) = found.next_if(|next| next.position == at) {
            clean.push_str(REDACTED);
            skip_to = at + next.length;
        }
        if at >= skip_to {
            clean.push(c);
        }
    }
    clean
}

/// Digits that have the form of a number; date and check digit not looked at yet.
struct Candidate {
    /// Ten or twelve.
    digits: Vec<u8>,
    plus: bool,
    /// In characters, with the separator.
    length: usize,
}

impl Candidate {
    fn resolve(&self, today: Date) -> Result<PersonalId, PersonalIdError> {
        if let Ok(digits) = <[u8; 12]>::try_from(self.digits.as_slice()) {
            return PersonalId::from_digits(digits).and_then(|id| born_by(id, today));
        }
        let short = number(&self.digits[..2]);
        let latest = if self.plus { today.year() - 100 } else { today.year() };
        let year = latest - (latest - short).rem_euclid(100);
        let id = self.in_year(year);
        if self.plus {
            return id.and_then(|id| born_by(id, today));
        }
        match id.and_then(|id| born_by(id, today)) {
            // Not born yet this year: then a hundred years ago, with the `+` left out, as it
            // mostly is when people write.
            Err(PersonalIdError::Date) if year == today.year() => self.in_year(year - 100),
            settled => settled,
        }
    }

    fn in_year(&self, year: i16) -> Result<PersonalId, PersonalIdError> {
        let mut digits = [0; 12];
        digits[0] = (year / 1000 % 10).unsigned_abs() as u8;
        digits[1] = (year / 100 % 10).unsigned_abs() as u8;
        digits[2..].copy_from_slice(&self.digits);
        PersonalId::from_digits(digits)
    }
}

fn born_by(id: PersonalId, today: Date) -> Result<PersonalId, PersonalIdError> {
    if id.birth <= today { Ok(id) } else { Err(PersonalIdError::Date) }
}

/// The candidate that begins with the first of `chars`, whatever follows it.
fn candidate(chars: &[char]) -> Option<Candidate> {
    let head = digit_run(chars);
    match head {
        10 | 12 => Some(Candidate { digits: values(&chars[..head]), plus: false, length: head }),
        6 | 8 => {
            let (gap, plus) = separator(&chars[head..])?;
            let tail = head + gap;
            if digit_run(&chars[tail..]) != 4 {
                return None;
            }
            let mut digits = values(&chars[..head]);
            digits.extend(values(&chars[tail..tail + 4]));
            Some(Candidate { digits, plus, length: tail + 4 })
        }
        _ => None,
    }
}

/// Length of the separator at the start of `chars`, and whether it is a plus: at most one blank,
/// at most one sign, at most one blank; at least one of them.
fn separator(chars: &[char]) -> Option<(usize, bool)> {
    let mut length = 0;
    let mut plus = false;
    let blank = |at: usize| chars.get(at).is_some_and(|&c| is_blank(c));
    if blank(length) {
        length += 1;
    }
    if let Some(&sign) = chars.get(length)
        && (sign == '+' || is_dash(sign))
    {
        plus = sign == '+';
        length += 1;
        if blank(length) {
            length += 1;
        }
    }
    (length > 0).then_some((length, plus))
}

fn digit_run(chars: &[char]) -> usize {
    chars.iter().take_while(|c| c.is_ascii_digit()).count()
}

fn values(chars: &[char]) -> Vec<u8> {
    chars
        .iter()
        .filter_map(|c| c.to_digit(10))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect()
}

/// Blanks that do not end a line.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}')
}

/// Hyphens, dashes and minus signs, as keyboards and word processors make them.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{AD}' | '\u{2010}'
            ..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 10);

    fn parse(text: &str) -> Result<PersonalId, PersonalIdError> {
        PersonalId::parse(text, TODAY)
    }

    /// A valid number for a day: `eight` digits and a serial, with the check digit computed.
    fn valid(eight: &str, serial: u16) -> String {
        let eleven = format!("{eight}{serial:03}");
        let digits: Vec<u8> = eleven.bytes().map(|byte| byte - b'0').collect();
        format!("{eleven}{}", check_digit(&digits[2..]))
    }

    #[test]
    fn published_test_number() {
        for text in [
            "640823-3234",
            "6408233234",
            "640823 3234",
            "640823–3234",
            "640823 - 3234",
            "19640823-3234",
            "196408233234",
            " 19640823 3234 ",
        ] {
            let id = parse(text).unwrap();
            assert_eq!(id.canonical(), "196408233234", "{text}");
            assert_eq!(id.birth_date(), date(1964, 8, 23));
            assert_eq!(id.sex(), "M");
            assert!(!id.is_coordination_number());
        }
        assert_eq!(parse("640823+3234").unwrap().canonical(), "186408233234");
    }

    #[test]
    fn coordination_number_adds_sixty_to_the_day() {
        let text = valid("19640883", 323);
        let id = parse(&text).unwrap();
        assert_eq!(id.canonical(), text);
        assert_eq!(id.birth_date(), date(1964, 8, 23));
        assert!(id.is_coordination_number());
        assert_eq!(parse(&valid("19640860", 323)), Err(PersonalIdError::Date));
        assert_eq!(parse(&valid("19640892", 323)), Err(PersonalIdError::Date));
        assert_eq!(parse(&valid("19640850", 323)), Err(PersonalIdError::Date));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "640823",
            "640823-323",
            "640823-32345",
            "64-08-23-3234",
            "640823--3234",
            "640823/3234",
            "640823-323A",
            "x640823-3234",
            "640823-3234x",
            "1640823-3234",
            "19810829M071",
            "６４０８２３-3234",
        ] {
            assert_eq!(parse(text), Err(PersonalIdError::Form), "{text}");
        }
        assert_eq!(parse("641323-3234"), Err(PersonalIdError::Date));
        assert_eq!(parse("640832-3234"), Err(PersonalIdError::Date));
        assert_eq!(parse(&valid("19630229", 323)), Err(PersonalIdError::Date));
        assert_eq!(parse(&valid("99640823", 323)), Err(PersonalIdError::Date));
        assert_eq!(parse(&valid("20260311", 238)), Err(PersonalIdError::Date));
        assert!(parse(&valid("20260310", 238)).is_ok());
        for last in (0..10).filter(|last| *last != 4) {
            assert_eq!(parse(&format!("640823-323{last}")), Err(PersonalIdError::CheckDigit));
        }
    }

    #[test]
    fn today_settles_the_century() {
        for (eight, short, birth) in [
            ("20250101", "-", date(2025, 1, 1)),
            ("20260310", "-", date(2026, 3, 10)),
            // Tomorrow has not come: born 1926, the plus left out.
            ("19260311", "-", date(1926, 3, 11)),
            ("19260311", "+", date(1926, 3, 11)),
            ("19260310", "+", date(1926, 3, 10)),
            ("19270311", "-", date(1927, 3, 11)),
            ("19250101", "+", date(1925, 1, 1)),
            ("20000229", "-", date(2000, 2, 29)),
        ] {
            let full = valid(eight, 238);
            let ten = format!("{}{short}{}", &full[2..8], &full[8..]);
            assert_eq!(parse(&ten).unwrap().birth_date(), birth, "{ten}");
        }
        // 29 February 1900 does not exist.
        let full = valid("20000229", 238);
        let ten = format!("{}+{}", &full[2..8], &full[8..]);
        assert_eq!(parse(&ten), Err(PersonalIdError::Date));
    }

    #[test]
    fn sex_age_and_band() {
        assert_eq!(parse(&valid("19450501", 239)).unwrap().sex(), "M");
        assert_eq!(parse(&valid("19450501", 240)).unwrap().sex(), "K");
        let id = parse(&valid("19450501", 240)).unwrap();
        assert_eq!(id.age_on(date(2025, 4, 30)), 79);
        assert_eq!(id.age_on(date(2025, 5, 1)), 80);
        assert_eq!(id.age_on(date(1945, 5, 1)), 0);
        assert_eq!(id.age_on(date(1900, 1, 1)), 0);
        let leap = parse(&valid("19640229", 240)).unwrap();
        assert_eq!(leap.age_on(date(2025, 2, 28)), 60);
        assert_eq!(leap.age_on(date(2025, 3, 1)), 61);
        let bands = [0, 17, 18, 64, 65, 79, 80, 120].map(age_band);
        assert_eq!(bands, ["0-17", "0-17", "18-64", "18-64", "65-79", "65-79", "80-", "80-"]);
    }

    #[test]
    fn debug_and_errors_show_no_digits() {
        let id = parse("640823-3234").unwrap();
        assert_eq!(format!("{id:?}"), "PersonalId(…)");
        let shown = [
            format!("{:?}", SubjectIdentity::Personal(id.clone())),
            format!(
                "{:?}",
                SubjectIdentity::Other {
                    id: "19810829M071".into(),
                    issuer: Some("Region 1".into())
                }
            ),
            format!("{:#?}", Found { position: 0, length: 0, id }.id),
            format!("{:?} {}", parse("640823-3235"), PersonalIdError::CheckDigit),
        ];
        for shown in shown {
            assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
        }
        let unsealed = serde_json::from_str::<PersonalId>("\"196408233235\"").unwrap_err();
        assert!(!unsealed.to_string().contains("3235"));
    }

    #[test]
    fn identities_are_sealed_and_opened_again() {
        for identity in [
            SubjectIdentity::Personal(parse("640823-3234").unwrap()),
            SubjectIdentity::Other { id: "19810829M071".into(), issuer: Some("Region".into()) },
            SubjectIdentity::Other { id: "okänd 3".into(), issuer: None },
        ] {
            let json = serde_json::to_string(&identity).unwrap();
            assert_eq!(serde_json::from_str::<SubjectIdentity>(&json).unwrap(), identity);
        }
        let json = serde_json::to_value(parse("640823-3234").unwrap()).unwrap();
        assert_eq!(json, "196408233234");
        let json = serde_json::to_value(SubjectIdentity::Personal(parse("640823-3234").unwrap()));
        assert_eq!(json.unwrap(), serde_json::json!({"personal": "196408233234"}));
        assert!(serde_json::from_str::<PersonalId>("\"6408233234\"").is_err());
    }

    #[test]
    fn finds_every_way_of_writing() {
        for written in [
            "19640823-3234",
            "640823-3234",
            "6408233234",
            "640823 3234",
            "196408233234",
            "640823+3234",
            "640823–3234",
            "640823—3234",
            "640823−3234",
            "640823\u{2011}3234",
            "640823\u{A0}3234",
            "640823 – 3234",
        ] {
            for (before, after) in [
                ("", ""),
                ("Åke (", ") föll."),
                ("pnr:", ", rum 12"),
                ("Vårdtagaren på rum 7 ", " ramlade"),
                ("Två: 12 ", "."),
                ("«", "»"),
                ("\n", "\n"),
                ("id_", "_"),
            ] {
                let text = format!("{before}{written}{after}");
                let found = find_in(&text, TODAY);
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(found[0].position, before.chars().count(), "{text}");
                assert_eq!(found[0].length, written.chars().count(), "{text}");
                assert_eq!(redact(&text, &found), format!("{before}{REDACTED}{after}"));
            }
        }
    }

    #[test]
    fn finds_several() {
        let other = valid("19450501", 240);
        let text = format!("Både 640823-3234 och {other}, 640823-3234/640823-3234.");
        let found = find_in(&text, TODAY);
        assert_eq!(found.len(), 4);
        assert_eq!(found[1].id.canonical(), other);
        assert_eq!(
            redact(&text, &found),
            format!("Både {REDACTED} och {REDACTED}, {REDACTED}/{REDACTED}.")
        );
        assert_eq!(find_in("123456 640823-3234", TODAY).len(), 1);
    }

    #[test]
    fn lets_other_numbers_be() {
        for text in [
            "",
            "Ingen siffra alls",
            "ring 070-123 45 67 eller 0583-810 00",
            "1640823-3234",
            "640823-32341",
            "6408233234123456",
            "1234640823323412",
            "+46708233234",
            "640823-3235",
            "641323-3234",
            "640823  3234",
            "640823\n3234",
            "640823.3234",
            "2026-03-10 08:30",
            "SYN-2026-00000000",
            "orgnr 212000-0142",
            "99640823-3234",
            "20640823-3234",
            "01a21cdc-5429-7188-a347-6408233234ab",
            "Se /cases/01A21CDC-5429-7188-A347-6408233234AB.",
        ] {
            let found = find_in(text, TODAY);
            assert!(found.is_empty(), "{text}");
            assert_eq!(redact(text, &found), text);
        }
    }

    #[test]
    fn what_only_begins_like_an_id_is_looked_at() {
        for text in [
            "01a21cdc-5429-7188-a347-6408233234abc",
            "01a21cdc-5429-7188-a347 6408233234ab",
            "a01a21cdc-5429-7188-a347-6408233234ab",
        ] {
            assert_eq!(find_in(text, TODAY).len(), 1, "{text}");
        }
    }

    /// Generated numbers in generated Swedish sentences: always found, nothing of them left, and
    /// the rest of the sentence untouched. The draws are the same in every run.
    #[test]
    fn any_number_in_any_sentence_is_found_and_gone() {
        const WORDS: [&str; 12] = [
            "Vårdtagaren",
            "föll",
            "på",
            "väg",
            "till",
            "toaletten,",
            "läkemedel",
            "ÅÄÖ",
            "kl.",
            "📞",
            "(närstående)",
            "é\u{301}",
        ];
        const SEPARATORS: [&str; 8] = ["-", "+", "", " ", "–", "\u{2011}", "\u{A0}", " - "];
        let mut seed = 7_u64;
        let mut draw = |below: u64| {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (z ^ (z >> 31)) % below
        };
        for _ in 0..20_000 {
            let birth = date(1900, 1, 1)
                .saturating_add(jiff::Span::new().days(i64::try_from(draw(46_000)).unwrap()));
            let day = birth.day() + if draw(5) == 0 { 60 } else { 0 };
            let eight = format!("{:04}{:02}{day:02}", birth.year(), birth.month());
            let full = valid(&eight, u16::try_from(draw(1000)).unwrap());
            let separator = SEPARATORS[usize::try_from(draw(8)).unwrap()];
            let short = draw(2) == 0 && full.as_str() > "1927";
            // Ten digits with a plus mean an earlier century.
            let separator = if separator == "+" { "-" } else { separator };
            let head = if short { &full[2..8] } else { &full[..8] };
            let written = format!("{head}{separator}{}", &full[8..]);

            let mut words = |count: u64| -> Vec<&str> {
                (0..count).map(|_| WORDS[usize::try_from(draw(12)).unwrap()]).collect()
            };
            let before = words(5).join(" ") + " ";
            let after = format!(" {}", words(3).join(" "));
            let text = format!("{before}{written}{after}");

            let found = find_in(&text, TODAY);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].id.canonical(), full, "{text}");
            let clean = redact(&text, &found);
            assert_eq!(clean, format!("{before}{REDACTED}{after}"));
            assert!(!clean.contains(|c: char| c.is_ascii_digit()), "{clean}");
            assert!(find_in(&clean, TODAY).is_empty());
        }
    }

    /// Whatever is put in, nothing panics and positions are within the text.
    #[test]
    fn any_jumble_is_survived() {
        const JUMBLE: [char; 12] =
            ['0', '1', '2', '6', '9', '-', '+', ' ', 'å', 'x', '–', '\u{10FFFF}'];
        let mut seed = 1_u64;
        for _ in 0..50_000 {
            let mut text = String::new();
            for _ in 0..24 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push(JUMBLE[usize::try_from((seed >> 33) % 12).unwrap()]);
            }
            let found = find_in(&text, TODAY);
            for found in &found {
                assert!(found.position + found.length <= text.chars().count());
            }
            redact(&text, &found);
            let _ = parse(&text);
        }
    }
}
