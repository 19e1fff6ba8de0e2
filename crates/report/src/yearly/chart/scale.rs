//! An axis: from where to where, and the round numbers on it.

use domain::table::Cell;

/// An axis that holds zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    low: i64,
    high: i64,
    step: i64,
    unit: i64,
}

impl Scale {
    /// The axis of these values, with some five steps.
    pub(super) fn of(values: impl Iterator<Item = i64>, unit: i64) -> Self {
        let (mut low, mut high) = (0, 0);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if low == high {
            high = unit;
        }
        let step = step(high - low, unit);
        let low = -((-low + step - 1) / step) * step;
        let high = (high + step - 1) / step * step;
        Self { low, high, step, unit }
    }

    /// The round numbers, lowest first, with what stands at them.
    pub(super) fn ticks(&self) -> Vec<(i64, String)> {
        let mut ticks = Vec::new();
        let mut value = self.low;
        while value <= self.high {
            ticks.push((value, self.said(value)));
            value += self.step;
        }
        ticks
    }

    fn said(&self, value: i64) -> String {
        if value % self.unit == 0 {
            let whole = value / self.unit;
            let said = Cell::Count(whole.unsigned_abs()).swedish();
            return if whole < 0 { format!("−{said}") } else { said };
        }
        match self.unit {
            10 => Cell::Tenths(value).swedish(),
            _ => Cell::Hundredths(value).swedish(),
        }
    }

    /// Where a value lies on a length, from its start.
    pub(super) fn along(&self, value: i64, length: f64) -> f64 {
        (value - self.low) as f64 / (self.high - self.low) as f64 * length
    }
}

/// 1, 2 or 5 and noughts, of which at most five span `span`; of whole things a whole number.
fn step(span: i64, unit: i64) -> i64 {
    let least = if unit == 1 { 1 } else { unit / 10 };
    let mut ten = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = ten * factor;
            if step >= least && span <= step * 5 {
                return step;
            }
        }
        ten *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[i64], unit: i64) -> Vec<String> {
        let ticks = Scale::of(values.iter().copied(), unit).ticks();
        ticks.into_iter().map(|(_, said)| said).collect()
    }

    #[test]
    fn an_axis_has_round_numbers_and_always_zero() {
        assert_eq!(labels(&[922, 729], 1), ["0", "200", "400", "600", "800", "1\u{a0}000"]);
        assert_eq!(labels(&[3, 1], 1), ["0", "1", "2", "3"]);
        assert_eq!(labels(&[0], 1), ["0", "1"]);
        assert_eq!(labels(&[], 1), ["0", "1"]);
        assert_eq!(labels(&[-120, 172], 1), ["−200", "−100", "0", "100", "200"]);
        assert_eq!(labels(&[977], 10), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(&[11], 10), ["0", "0,5", "1", "1,5"]);
    }

    #[test]
    fn a_value_lies_where_it_should() {
        let scale = Scale::of([-100, 100].into_iter(), 1);
        assert_eq!(scale.along(0, 200.0), 100.0);
        assert_eq!(scale.along(100, 200.0), 200.0);
    }
}
