//! Figures that are counted elsewhere.

use domain::fault::{Fault, Reason};
use domain::ids::UnitId;
use domain::organisation::UnitTree;
use domain::yearly::own as d;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;

/// A figure that is counted elsewhere: a number, of so many where it is a part of something; or a share
/// whose parts nobody has.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Narkotikakontroller", "unit": "smedsgarden", "from": "2025-01-01", "to": "2025-12-31",
    "value": 128, "of": 156, "source": "Kontrollbok",
}))]
pub struct OwnFigureRequest {
    /// What is counted, the same from year to year.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// The unit's id or code; the whole tenant unless given.
    #[schema(max_length = 200)]
    pub unit: Option<String>,
    /// The first day.
    pub from: Date,
    /// The last day, in the same year.
    pub to: Date,
    /// How many.
    pub value: Option<u64>,
    /// Of how many.
    pub of: Option<u64>,
    /// In per cent, with at most one decimal, where there is no number.
    #[schema(minimum = 0, maximum = 100)]
    pub percent: Option<f64>,
    /// Where it was counted.
    #[schema(min_length = 1, max_length = 300)]
    pub source: String,
}

impl OwnFigureRequest {
    /// What it says.
    ///
    /// # Errors
    /// The faults of a unit that is not there, and of what is neither a number nor a share.
    pub fn content(self, units: &UnitTree) -> Result<d::OwnContent, Vec<Fault>> {
        let mut faults = Vec::new();
        let unit: Option<UnitId> = match &self.unit {
            None => None,
            Some(given) => {
                let found = units.find(given).map(|unit| unit.id);
                if found.is_none() {
                    let reason = Reason::UnknownUnit { given: given.clone() };
                    faults.push(Fault::at("/unit", reason));
                }
                found
            }
        };
        let amount = match (self.value, self.of, self.percent) {
            (Some(value), of, None) => Ok(d::Amount::Count { value, of }),
            (None, None, Some(percent)) => tenths(percent)
                .map(|tenths| d::Amount::Percent { tenths })
                .ok_or(Fault::at("/percent", not_a_share())),
            (None, _, None) => Err(Fault::at("/value", Reason::Required)),
            (_, _, Some(_)) => {
                Err(Fault::at("/percent", Reason::inconsistent("count_and_percent")))
            }
        };
        match amount {
            Ok(amount) if faults.is_empty() => Ok(d::OwnContent {
                name: self.name.trim().to_owned(),
                unit,
                from: self.from,
                to: self.to,
                amount,
                source: self.source.trim().to_owned(),
            }),
            amount => {
                faults.extend(amount.err());
                Err(faults)
            }
        }
    }
}

fn not_a_share() -> Reason {
    Reason::WrongType { expected: "0 to 100 with at most one decimal".to_owned() }
}

/// A share with at most one decimal, in tenths.
fn tenths(percent: f64) -> Option<u16> {
    let tenths = (percent * 10.0).round();
    let exact = (percent * 10.0 - tenths).abs() < 1e-6 && (0.0..=1000.0).contains(&tenths);
    // Within its range by the line above.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    exact.then_some(tenths as u16)
}

/// A figure that is counted elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OwnFigureView {
    /// Its id.
    pub id: Uuid,
    /// What is counted.
    pub name: String,
    /// Of which unit; null is the whole tenant.
    pub unit: Option<UnitRef>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// How many.
    pub value: Option<u64>,
    /// Of how many.
    pub of: Option<u64>,
    /// In per cent, where that is all that was given.
    pub percent: Option<f64>,
    /// Where it was counted.
    pub source: String,
    /// It was a mistake, and counts nowhere.
    pub withdrawn: bool,
    /// When it was entered last.
    pub entered_at: Timestamp,
    /// The staff id of who entered it.
    pub entered_by: Uuid,
    /// Grows by one with every change; the ETag is this in quotes.
    pub version: i64,
}

impl OwnFigureView {
    /// The figure.
    pub fn new(it: &d::OwnFigure, units: &UnitTree) -> Self {
        let content = &it.content;
        let (value, of, percent) = match content.amount {
            d::Amount::Count { value, of } => (Some(value), of, None),
            d::Amount::Percent { tenths } => (None, None, Some(f64::from(tenths) / 10.0)),
        };
        Self {
            id: it.id.0,
            name: content.name.clone(),
            unit: content.unit.map(|unit| UnitRef::of(units, unit)),
            from: content.from,
            to: content.to,
            value,
            of,
            percent,
            source: content.source.clone(),
            withdrawn: it.withdrawn,
            entered_at: it.entered.at,
            entered_by: it.entered.by.0,
            version: it.version,
        }
    }
}

/// Figures, by name and period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OwnFiguresView {
    /// The figures.
    pub items: Vec<OwnFigureView>,
}

/// What a file of figures did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnFiguresImported {
    /// Figures that were not there.
    pub added: usize,
    /// Figures that said something else.
    pub changed: usize,
    /// Figures that said the same.
    pub unchanged: usize,
}

#[cfg(test)]
mod tests {
    use super::tenths;

    #[test]
    fn a_share_has_one_decimal_at_most() {
        for (percent, right) in [(97.7, Some(977)), (0.0, Some(0)), (100.0, Some(1000))] {
            assert_eq!(tenths(percent), right);
        }
        for wrong in [97.75, -0.1, 100.1, f64::NAN, f64::INFINITY] {
            assert_eq!(tenths(wrong), None, "{wrong}");
        }
    }
}
