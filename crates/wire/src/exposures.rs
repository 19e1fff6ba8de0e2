//! How much care there was, by unit and months.

use domain::exposure::{Amount, Exposure, Kind};
use domain::fault::{Fault, Reason};
use domain::organisation::UnitTree;
use domain::statistics::{Month, NamedUnit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::statistics::UnitKey;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExposureKind {
    /// Days that a person lived or was placed there (vårddygn).
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

impl From<ExposureKind> for Kind {
    fn from(kind: ExposureKind) -> Self {
        match kind {
            ExposureKind::BedDays => Kind::BedDays,
            ExposureKind::Interventions => Kind::Interventions,
            ExposureKind::Persons => Kind::Persons,
            ExposureKind::Staff => Kind::Staff,
            ExposureKind::SignedDoses => Kind::SignedDoses,
            ExposureKind::DosesToSign => Kind::DosesToSign,
        }
    }
}

impl From<Kind> for ExposureKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::BedDays => ExposureKind::BedDays,
            Kind::Interventions => ExposureKind::Interventions,
            Kind::Persons => ExposureKind::Persons,
            Kind::Staff => ExposureKind::Staff,
            Kind::SignedDoses => ExposureKind::SignedDoses,
            Kind::DosesToSign => ExposureKind::DosesToSign,
        }
    }
}

/// How much of something there was at a unit, and the units below it, in some months of one year.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "unit": "norr", "kind": "bed_days", "from": "2025-01", "to": "2025-12", "amount": 14235,
    "source": "Treserva, beläggning",
}))]
pub struct ExposureRequest {
    /// The unit, by its id or its own code.
    #[schema(max_length = 100)]
    pub unit: String,
    /// What is counted.
    pub kind: ExposureKind,
    /// The first month.
    #[schema(pattern = r"^\d{4}-(0[1-9]|1[0-2])$")]
    pub from: String,
    /// The last month, of the same year.
    #[schema(pattern = r"^\d{4}-(0[1-9]|1[0-2])$")]
    pub to: String,
    /// How much: the sum over the months; of persons and staff the average, with at most two decimals.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000_000)]
    pub amount: serde_json::Number,
    /// Where the figure was taken from.
    #[schema(max_length = 200)]
    pub source: Option<String>,
}

impl ExposureRequest {
    /// The first month, the last, and the amount.
    ///
    /// # Errors
    /// Every fault of theirs.
    pub fn parsed(&self) -> Result<(Month, Month, Amount), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, expected: &str| {
            faults.push(Fault::at(field, Reason::WrongType { expected: expected.to_owned() }));
        };
        let from = self.from.parse::<Month>();
        if from.is_err() {
            wrong("/from", "a month, YYYY-MM");
        }
        let to = self.to.parse::<Month>();
        if to.is_err() {
            wrong("/to", "a month, YYYY-MM");
        }
        // A number is written as it was given, 42.0 as one with a part.
        let written = self.amount.to_string();
        let amount = written.strip_suffix(".0").unwrap_or(&written).parse::<Amount>();
        if amount.is_err() {
            wrong("/amount", "a number, at most two decimals");
        }
        match (from, to, amount) {
            (Ok(from), Ok(to), Ok(amount)) => Ok((from, to, amount)),
            _ => Err(faults),
        }
    }
}

/// An exposure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExposureView {
    /// Its id.
    pub id: Uuid,
    /// Where; the units below it are covered, too.
    pub unit: UnitKey,
    /// What is counted.
    pub kind: ExposureKind,
    /// The first month.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub from: String,
    /// The last month.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub to: String,
    /// How much: the sum over the months; of persons and staff the average.
    pub amount: f64,
    /// Where the figure was taken from.
    pub source: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl ExposureView {
    /// As it is shown, with the name of its unit.
    pub fn of(it: &Exposure, units: &UnitTree) -> Self {
        let name = units.get(it.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        Self {
            id: it.id.0,
            unit: NamedUnit { id: it.unit, name }.into(),
            kind: it.kind.into(),
            from: it.period.from.to_string(),
            to: it.period.to.to_string(),
            amount: number(it.amount),
            source: it.source.clone(),
            version: it.version,
            updated_at: it.updated_at,
        }
    }
}

/// An amount as near as a float of JSON comes to it, which prints as written.
fn number(amount: Amount) -> f64 {
    // No amount is so large that a float could not hold it.
    #[allow(clippy::cast_precision_loss)]
    let hundredths = amount.hundredths as f64;
    hundredths / 100.0
}

/// What came of a file of exposures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExposuresImported {
    /// Lines that were not there.
    pub added: usize,
    /// Lines that took the place of another amount or source.
    pub changed: usize,
    /// Lines that stood there already.
    pub unchanged: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_taken_as_it_is_written() {
        let parsed = |amount: &str| {
            let text = format!(
                r#"{{"unit": "a", "kind": "staff", "from": "2025-01", "to": "2025-02", "amount": {amount}}}"#
            );
            let request: ExposureRequest = serde_json::from_str(&text).expect("a request");
            request.parsed().map(|(_, _, amount)| number(amount))
        };
        for (text, number) in [("0", 0.0), ("42", 42.0), ("42.0", 42.0), ("42.05", 42.05)] {
            assert_eq!(parsed(text), Ok(number), "{text}");
        }
        assert_eq!(parsed("1.234").map_err(|it| it[0].field.clone()), Err("/amount".to_owned()));
        assert!(parsed("1e40").is_err());
    }
}
