//! How much there was that could go wrong: bed-days, visits, persons, staff, doses, by unit and months.
//! Reports are set against it, so that a large unit is not read as a dangerous one.
//!
//! An exposure of a unit covers the units below it, so no unit below may have one of the same kind for
//! the same months. All of it is local figures from other systems; none of it is law.

pub mod counts;
mod given;
pub mod tables;
#[cfg(test)]
mod tests_support;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::ids::{ExposureId, UnitId};
use crate::statistics::Months;

pub use given::{Given, Line, faults};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Days that a person lived at, or was placed at, the unit (vårddygn).
    BedDays,
    /// Visits, or other things done for persons (insatser).
    Interventions,
    /// Persons, on average over the months.
    Persons,
    /// Full-time staff, on average over the months (årsarbetare).
    Staff,
    /// Doses that were signed as given.
    SignedDoses,
    /// Doses that were to be given and signed.
    DosesToSign,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [
        Kind::BedDays,
        Kind::Interventions,
        Kind::Persons,
        Kind::Staff,
        Kind::SignedDoses,
        Kind::DosesToSign,
    ];

    /// Its name in requests, answers and files.
    pub fn code(self) -> &'static str {
        match self {
            Kind::BedDays => "bed_days",
            Kind::Interventions => "interventions",
            Kind::Persons => "persons",
            Kind::Staff => "staff",
            Kind::SignedDoses => "signed_doses",
            Kind::DosesToSign => "doses_to_sign",
        }
    }

    /// In Swedish.
    pub fn swedish(self) -> &'static str {
        match self {
            Kind::BedDays => "vårddygn",
            Kind::Interventions => "insatser",
            Kind::Persons => "personer",
            Kind::Staff => "årsarbetare",
            Kind::SignedDoses => "signerade doser",
            Kind::DosesToSign => "doser att signera",
        }
    }

    /// Whether months add up; else it is an average of which months are weighed.
    pub fn adds(self) -> bool {
        match self {
            Kind::BedDays | Kind::Interventions | Kind::SignedDoses | Kind::DosesToSign => true,
            Kind::Persons | Kind::Staff => false,
        }
    }

    /// Whether parts of one make sense: only of full-time staff and of averages.
    pub fn has_parts(self) -> bool {
        !self.adds()
    }

    /// For how many of it reports are counted.
    pub fn per(self) -> u64 {
        match self {
            Kind::BedDays | Kind::Interventions | Kind::SignedDoses | Kind::DosesToSign => 1_000,
            Kind::Persons | Kind::Staff => 100,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// How much, in hundredths: exact, and 42.5 full-time staff can be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// Hundredths.
    pub hundredths: u64,
}

impl Amount {
    /// The most that is taken: a thousand million.
    pub const MOST: Amount = Amount { hundredths: 100_000_000_000 };

    /// So many whole ones.
    pub fn whole(number: u64) -> Self {
        Self { hundredths: number.saturating_mul(100) }
    }

    /// Whether it has no parts.
    pub fn is_whole(self) -> bool {
        self.hundredths.is_multiple_of(100)
    }
}

impl fmt::Display for Amount {
    /// With a decimal point, without zeros at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, parts) = (self.hundredths / 100, self.hundredths % 100);
        match (parts, parts % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", parts / 10),
            _ => write!(f, "{whole}.{parts:02}"),
        }
    }
}

impl FromStr for Amount {
    type Err = ();

    /// Digits, with at most two after a decimal point or comma; blanks may stand between thousands.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text: String =
            text.trim().chars().filter(|letter| !matches!(letter, ' ' | '\u{a0}')).collect();
        let (whole, parts) = text.split_once([',', '.']).unwrap_or((&text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        if !digits(whole) || !digits(parts) || whole.len() > 12 || parts.len() > 2 {
            return Err(());
        }
        let whole: u64 = whole.parse().map_err(drop)?;
        let tenfold = if parts.len() == 1 { 10 } else { 1 };
        let parts: u64 = parts.parse().map_err(drop)?;
        Ok(Self { hundredths: whole * 100 + parts * tenfold })
    }
}

/// How much of something there was at a unit, and the units below it, in some months of one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Its id.
    pub id: ExposureId,
    /// Where.
    pub unit: UnitId,
    /// Of what.
    pub kind: Kind,
    /// In which months; all of one year.
    pub period: Months,
    /// How much: the sum over the months, or the average ([`Kind::adds`]).
    pub amount: Amount,
    /// Where the figure was taken from, as whoever gave it says.
    pub source: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Exposure {
    /// The year it lies in.
    pub fn year(&self) -> i16 {
        self.period.from.year
    }

    /// How many months it covers, 1–12.
    pub fn months(&self) -> u64 {
        self.covered().count() as u64
    }

    /// The months of its year that it covers.
    pub fn covered(&self) -> impl Iterator<Item = i16> + use<> {
        i16::from(self.period.from.month)..=i16::from(self.period.to.month)
    }

    /// Whether it has a month in common with another.
    pub fn meets(&self, period: Months) -> bool {
        self.period.from <= period.to && period.from <= self.period.to
    }

    /// What reports are set against, in hundredths: the sum, or the average times the months.
    pub fn weight(&self) -> u64 {
        if self.kind.adds() {
            self.amount.hundredths
        } else {
            self.amount.hundredths.saturating_mul(self.months())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_written_as_it_stands() {
        for (text, hundredths, written) in [
            ("0", 0, "0"),
            ("12 345", 1_234_500, "12345"),
            ("12\u{a0}345,5", 1_234_550, "12345.5"),
            ("42.05", 4_205, "42.05"),
            (" 7 ", 700, "7"),
            ("1000000000", Amount::MOST.hundredths, "1000000000"),
        ] {
            let amount: Amount = text.parse().expect(text);
            assert_eq!(amount.hundredths, hundredths, "{text}");
            assert_eq!(amount.to_string(), written, "{text}");
        }
        for text in ["", "-1", "1.234", "1e3", ",5", "5,", "1.2.3", "ett", "9999999999999"] {
            assert_eq!(text.parse::<Amount>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_kind_has_one_name() {
        for kind in Kind::ALL {
            assert_eq!(kind.code().parse(), Ok(kind));
        }
        assert_eq!("vardtygn".parse::<Kind>(), Err(()));
    }
}
