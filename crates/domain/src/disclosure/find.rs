//! What a program can find in texts that probably is to be masked: identity numbers, telephone numbers, addresses,
//! names it was told. It proposes; whoever decides looks.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Copy;
use crate::personnummer::find_in;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A personal identity number.
    PersonalNumber,
    /// A telephone number.
    Phone,
    /// An address of e-mail.
    Email,
    /// A street with a number.
    Address,
    /// The name of who left the opinion, or what else is known of them.
    Sender,
    /// The name of somebody of the staff.
    Staff,
}

impl What {
    /// Everything.
    pub const ALL: [What; 6] =
        [What::PersonalNumber, What::Phone, What::Email, What::Address, What::Sender, What::Staff];

    /// The value in JSON.
    pub fn code(self) -> &'static str {
        match self {
            What::PersonalNumber => "personal_number",
            What::Phone => "phone",
            What::Email => "email",
            What::Address => "address",
            What::Sender => "sender",
            What::Staff => "staff",
        }
    }
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// In which field.
    pub field: String,
    /// From which character, counted from 0.
    pub from: usize,
    /// To before which.
    pub to: usize,
    /// What it is.
    pub what: What,
}

/// Names that are known of a matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// Of who left the opinion: name, and whatever else they gave.
    pub sender: Vec<String>,
    /// Of the staff, as the copy names them, and of who reported without being of it.
    pub staff: Vec<String>,
}

/// The shortest name that is looked for: two letters stand in every other word.
const SHORTEST_NAME: usize = 3;
/// The fewest digits of a telephone number.
const SHORTEST_NUMBER: usize = 7;
/// What streets end with.
const STREETS: [&str; 14] = [
    "gatan", "gata", "vägen", "väg", "gränd", "gränden", "torget", "torg", "stigen", "plan",
    "allén", "backen", "kajen", "parken",
];

/// Everything that is found in the fields of a copy, in order.
pub fn propose(copy: &Copy, known: &KnownNames, today: Date) -> Vec<Found> {
    let mut found = Vec::new();
    for field in copy.fields() {
        let there = in_text(&field.text, known, today).into_iter();
        found.extend(there.map(|(from, to, what)| Found {
            field: field.field.clone(),
            from,
            to,
            what,
        }));
    }
    found.sort_by(|a, b| (&a.field, a.from, a.to, a.what).cmp(&(&b.field, b.from, b.to, b.what)));
    found.dedup();
    found
}

/// Everything that is found in one text: from which character, to before which, what.
pub fn in_text(text: &str, known: &KnownNames, today: Date) -> Vec<(usize, usize, What)> {
    let mut found = Vec::new();
    let mut add = |(from, to): (usize, usize), what| found.push((from, to, what));
    for number in find_in(text, today) {
        add((number.position, number.position + number.length), What::PersonalNumber);
    }
    let chars: Vec<char> = text.chars().collect();
    phones(&chars).into_iter().for_each(|range| add(range, What::Phone));
    emails(&chars).into_iter().for_each(|range| add(range, What::Email));
    addresses(&chars).into_iter().for_each(|range| add(range, What::Address));
    for (names, what) in [(&known.sender, What::Sender), (&known.staff, What::Staff)] {
        for name in names.iter().flat_map(|name| spellings(name)) {
            all_of(&chars, &name).into_iter().for_each(|range| add(range, what));
        }
    }
    found
}

/// A name as a whole, and each of its words.
fn spellings(name: &str) -> Vec<Vec<char>> {
    let whole = name.trim();
    let words = whole.split_whitespace().filter(|_| whole.contains(char::is_whitespace));
    let long = |text: &&str| text.chars().count() >= SHORTEST_NAME;
    [whole].into_iter().chain(words).filter(long).map(lower).collect()
}

fn lower(text: &str) -> Vec<char> {
    text.chars().map(lower_char).collect()
}

/// One character for one, so that places stay.
fn lower_char(char: char) -> char {
    let mut lower = char.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => char,
    }
}

/// Where a name stands as a word of its own, or in the genitive.
fn all_of(chars: &[char], name: &[char]) -> Vec<(usize, usize)> {
    let is =
        |at: usize| chars[at..at + name.len()].iter().zip(name).all(|(a, b)| lower_char(*a) == *b);
    let letter = |at: usize| chars.get(at).is_some_and(|char| char.is_alphanumeric());
    let mut found = Vec::new();
    for at in 0..chars.len().saturating_sub(name.len().saturating_sub(1)) {
        let before = at > 0 && letter(at - 1);
        if before || !is(at) {
            continue;
        }
        let mut end = at + name.len();
        if chars.get(end).is_some_and(|char| matches!(char, 's' | 'S')) && !letter(end + 1) {
            end += 1;
        }
        if !letter(end) {
            found.push((at, end));
        }
    }
    found
}

/// Digits in a row, with blanks, hyphens and brackets between, that begin as telephone numbers do.
fn phones(chars: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let begins =
            matches!(chars[at], '0' | '+') && (at == 0 || !chars[at - 1].is_alphanumeric());
        if !begins {
            at += 1;
            continue;
        }
        let (mut end, mut digits) = (at, 0);
        let mut next = at;
        while let Some(char) = chars.get(next) {
            if char.is_ascii_digit() {
                digits += 1;
                end = next + 1;
            } else if !matches!(char, ' ' | '-' | '(' | ')' | '+' | '/' | '\u{a0}')
                || next - end > 1
            {
                break;
            }
            next += 1;
        }
        let over = chars.get(end).is_none_or(|char| !char.is_alphanumeric());
        if digits >= SHORTEST_NUMBER && over {
            found.push((at, end));
        }
        at = end.max(at + 1);
    }
    found
}

/// Words with a sign of e-mail and a point behind it.
fn emails(chars: &[char]) -> Vec<(usize, usize)> {
    let part = |char: char| char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '+' | '%');
    let mut found = Vec::new();
    for (at, char) in chars.iter().enumerate() {
        if *char != '@' {
            continue;
        }
        let before = chars[..at].iter().rev().take_while(|char| part(**char)).count();
        let mut end = at + 1 + chars[at + 1..].iter().take_while(|char| part(**char)).count();
        while end > at + 1 && matches!(chars[end - 1], '.' | '-' | '_') {
            end -= 1;
        }
        if before > 0 && chars[at + 1..end].contains(&'.') {
            found.push((at - before, end));
        }
    }
    found
}

/// A word that is a street, with the number behind it.
fn addresses(chars: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_alphabetic() || (at > 0 && chars[at - 1].is_alphanumeric()) {
            at += 1;
            continue;
        }
        let length = chars[at..].iter().take_while(|char| char.is_alphabetic()).count();
        let word: String = chars[at..at + length].iter().map(|char| lower_char(*char)).collect();
        let mut end = at + length;
        if STREETS.iter().any(|street| word.ends_with(street)) {
            let blank = chars.get(end).is_some_and(|char| *char == ' ');
            let number = chars[(end + usize::from(blank)).min(chars.len())..]
                .iter()
                .take_while(|char| char.is_ascii_digit())
                .count();
            if blank && number > 0 {
                end += 1 + number;
                // The letter of a stairway.
                let stairs = |at: usize| {
                    chars.get(at).is_some_and(|char| char.is_ascii_alphabetic())
                        && chars.get(at + 1).is_none_or(|char| !char.is_alphanumeric())
                };
                if stairs(end) {
                    end += 1;
                } else if chars.get(end) == Some(&' ') && stairs(end + 1) {
                    end += 2;
                }
                found.push((at, end));
            }
        }
        at = end.max(at + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::super::{Field, Part};
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let field = Field { field: "filing/0".into(), label: String::new(), text: text.into() };
        let copy = Copy {
            number: String::new(),
            diary_number: None,
            tenant: String::new(),
            made_at: Timestamp::UNIX_EPOCH,
            parts: vec![Part {
                section: "filing".into(),
                heading: String::new(),
                fields: vec![field],
            }],
        };
        let known = KnownNames {
            sender: vec!["Märta Öström".into()],
            staff: vec!["Per-Olof Ek".into(), "Bo".into()],
        };
        let chars: Vec<char> = text.chars().collect();
        let found = propose(&copy, &known, date(2026, 3, 1));
        let part = |it: &Found| chars[it.from..it.to].iter().collect::<String>();
        found.iter().map(|it| format!("{}:{}", it.what.code(), part(it))).collect()
    }

    #[test]
    fn what_may_be_secret_is_found() {
        assert_eq!(told("Ring 0583-810 00 efter kl 14."), ["phone:0583-810 00"]);
        assert_eq!(told("tel +46 70 123 45 67"), ["phone:+46 70 123 45 67"]);
        assert_eq!(told("skriv till a.b@example.se."), ["email:a.b@example.se"]);
        assert_eq!(told("bor på Storgatan 12 B, vån 3"), ["address:Storgatan 12 B"]);
        assert_eq!(told("19121212-1212 föll"), ["personal_number:19121212-1212"]);
        let names = told("MÄRTA ringde; Öströms dotter och Per-Olof Ek kom");
        assert_eq!(
            names,
            ["sender:MÄRTA", "sender:Öströms", "staff:Per-Olof", "staff:Per-Olof Ek"]
        );
    }

    #[test]
    fn what_is_not_is_left_alone() {
        for text in ["2026-03-01 kl. 08:30", "AVV-2026-7K3Q9D2F", "5 mg x 3", "Boende", "vägen hem"]
        {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
