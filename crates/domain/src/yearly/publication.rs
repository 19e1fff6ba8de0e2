//! What a tenant chooses about the public version of its report. Local, not law.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Reason};

/// What a tenant chooses about the public version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportPublication {
    /// A count below this one is small: 3 to 50.
    pub threshold: u8,
    /// A unit with fewer persons than this is small, up to 1000; so is one of which nobody said how many it
    /// has.
    pub small_unit: u16,
    /// Where questions about the published figures go.
    pub contact: Option<String>,
    /// The ten digits by which the data portal knows the publisher.
    pub organisation_number: Option<String>,
}

impl Default for ReportPublication {
    fn default() -> Self {
        Self { threshold: 5, small_unit: 20, contact: None, organisation_number: None }
    }
}

impl ReportPublication {
    /// Everything that is wrong with it, below `at`.
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let wrong = |expected: &str| Reason::WrongType { expected: expected.to_owned() };
        let number = self.organisation_number.as_deref();
        let held = [
            (
                (3..=50).contains(&self.threshold),
                "threshold",
                Reason::OutOfRange { min: 3, max: 50 },
            ),
            (self.small_unit <= 1000, "small_unit", Reason::OutOfRange { min: 0, max: 1000 }),
            (self.contact.as_deref().is_none_or(is_address), "contact", wrong("an e-mail address")),
            (number.is_none_or(is_number), "organisation_number", wrong("ten digits")),
        ];
        let faults = held.into_iter().filter(|(held, _, _)| !held);
        faults.map(|(_, field, reason)| Fault::at(format!("{at}/{field}"), reason)).collect()
    }
}

/// Whether a text can stand in an address of the web as an e-mail address does.
fn is_address(text: &str) -> bool {
    let plain = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            plain(name) && plain(host) && host.contains('.') && !host.starts_with('.')
        })
}

/// Ten digits, the last of which checks the others (Luhn).
fn is_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let sum = |(at, digit): (usize, &u32)| {
        let weighed = digit * if at % 2 == 0 { 2 } else { 1 };
        weighed / 10 + weighed % 10
    };
    text.len() == 10
        && digits.len() == 10
        && digits.iter().enumerate().map(sum).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_checked_at_once() {
        assert_eq!(ReportPublication::default().faults("/report_publication"), []);
        let chosen = ReportPublication {
            threshold: 2,
            small_unit: 1001,
            contact: Some("nobody".to_owned()),
            organisation_number: Some("2120001891".to_owned()),
        };
        let fields: Vec<String> =
            chosen.faults("/x").into_iter().map(|fault| fault.field).collect();
        let all = ["/x/threshold", "/x/small_unit", "/x/contact", "/x/organisation_number"];
        assert_eq!(fields, all);
        let chosen = ReportPublication {
            contact: Some("oppnadata@kommun.example".to_owned()),
            organisation_number: Some("2120001892".to_owned()),
            ..ReportPublication::default()
        };
        assert_eq!(chosen.faults("/x"), []);
    }
}
