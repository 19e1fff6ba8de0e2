//! u- and p-charts by Shewhart: a centre line from the baseline, and limits three standard errors from it.
//! A standard error has two parts, that of the month and that of the baseline, which is itself an
//! estimate.

use super::{Against, Mark};
use crate::statistics::Month;

/// So many months in a row on one side of the centre line are a signal.
pub const RUN: usize = 9;

/// The formula of a u-chart, as it is shown.
pub const U_FORMULA: &str = "ū = D / N; gränser ū ± 3·√(ū·(1/n + 1/N)), där D är händelserna och N \
    exponeringen i basperioden och n månadens exponering. Nedre gränsen är minst 0.";

/// The formula of a p-chart, as it is shown.
pub const P_FORMULA: &str = "p̄ = D / N; gränser p̄ ± 3·√(p̄·(1 − p̄)·(1/n + 1/N)), där D är rapporterna \
    med skada och N rapporterna med känd skada i basperioden och n månadens rapporter med känd skada. \
    Gränserna ligger mellan 0 och 100 procent.";

/// A value in ten-thousandths, for each [`Against::per`].
pub type Scaled = i64;

/// A month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Which.
    pub month: Month,
    /// How many events.
    pub events: u64,
    /// What they are set against, in [`Against::parts`].
    pub exposed: u64,
    /// One against the other; `None` of nothing.
    pub value: Option<Scaled>,
    /// The lower limit of this month.
    pub lower: Option<Scaled>,
    /// The upper limit of this month.
    pub upper: Option<Scaled>,
    /// Why it is marked.
    pub marks: Vec<Mark>,
}

/// A chart of months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shewhart {
    /// The centre line.
    pub centre: Scaled,
    /// The watched months.
    pub points: Vec<Point>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Events may be any number: their variance is their mean.
    U,
    /// Events are some of what they are set against.
    P,
}

/// The baseline: events and what they are set against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// Events.
    pub events: u64,
    /// What they are set against, in [`Against::parts`]; more than nothing.
    pub exposed: u64,
}

impl Base {
    /// How far a month lies from the centre line: the difference times both exposures, as a whole number.
    fn off(self, events: u64, exposed: u64) -> i128 {
        i128::from(events) * i128::from(self.exposed)
            - i128::from(self.events) * i128::from(exposed)
    }

    /// Whether that is more than three standard errors. Both sides of the formula are squared and freed of
    /// fractions, so nothing is rounded.
    ///
    /// u: (c·N − D·n)² > 9·D·n·(N + n). p: (d·N − D·n)²·N > 9·D·(N − D)·n·(N + n).
    fn beyond(self, law: Law, events: u64, exposed: u64) -> bool {
        // In whole ones of the exposure: parts of a bed-day change no mark.
        let off = self.off(events, exposed).unsigned_abs();
        let (d, base, n) = (u128::from(self.events), u128::from(self.exposed), u128::from(exposed));
        let spread = match law {
            Law::U => d.checked_mul(n).and_then(|it| it.checked_mul(base + n)),
            Law::P => {
                let rest = base.saturating_sub(d);
                d.checked_mul(rest)
                    .and_then(|it| it.checked_mul(n))
                    .and_then(|it| it.checked_mul(base + n))
            }
        };
        let square = off.checked_mul(off).and_then(|it| match law {
            Law::U => Some(it),
            Law::P => it.checked_mul(base),
        });
        match (square, spread.and_then(|it| it.checked_mul(9))) {
            (Some(square), Some(limit)) => square > limit,
            // What no whole number holds is far beyond what any unit reports.
            _ => false,
        }
    }

    fn value(self) -> Option<f64> {
        (self.exposed > 0).then(|| float(self.events) / float(self.exposed))
    }

    /// The limits of a month, as they are shown.
    fn limits(self, law: Law, against: Against, exposed: u64) -> Option<(Scaled, Scaled)> {
        let centre = self.value().filter(|_| exposed > 0)?;
        let spread = match law {
            Law::U => centre,
            Law::P => centre * (1.0 - centre),
        };
        let error = (spread * (1.0 / float(exposed) + 1.0 / float(self.exposed))).sqrt();
        let (lower, upper) = (centre - 3.0 * error, centre + 3.0 * error);
        let upper = match law {
            Law::U => upper,
            Law::P => upper.min(1.0),
        };
        Some((scaled(lower.max(0.0), against), scaled(upper, against)))
    }
}

/// Counts of a chart are far below what a float holds exactly.
#[allow(clippy::cast_precision_loss, reason = "no count of a chart reaches 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A ratio for each [`Against::per`], to the nearest ten-thousandth.
fn scaled(ratio: f64, against: Against) -> Scaled {
    let value = ratio * float(against.per()) * float(against.parts()) * 10_000.0;
    #[allow(clippy::cast_possible_truncation, reason = "rounded, and saturating")]
    let whole = value.round() as i64;
    whole
}

/// Draws the watched months, each with its events and what they are set against.
pub fn draw(law: Law, against: Against, base: Base, watched: &[(Month, u64, u64)]) -> Shewhart {
    let (mut side, mut length) = (0, 0);
    let point = |(month, events, exposed): &(Month, u64, u64)| {
        let (events, exposed) = (*events, *exposed);
        let mut marks = Vec::new();
        let off = if exposed == 0 { 0 } else { base.off(events, exposed).signum() };
        if exposed > 0 && base.beyond(law, events, exposed) {
            marks.push(if off > 0 { Mark::Above } else { Mark::Below });
        }
        // A month on the line, or of nothing, ends a run.
        length = if off == 0 {
            0
        } else if off == side {
            length + 1
        } else {
            1
        };
        side = off;
        if length >= RUN {
            marks.push(if off > 0 { Mark::RunAbove } else { Mark::RunBelow });
        }
        let limits = base.limits(law, against, exposed);
        Point {
            month: *month,
            events,
            exposed,
            value: Base { events, exposed }.value().map(|value| scaled(value, against)),
            lower: limits.map(|(lower, _)| lower),
            upper: limits.map(|(_, upper)| upper),
            marks,
        }
    };
    Shewhart {
        centre: base.value().map_or(0, |value| scaled(value, against)),
        points: watched.iter().map(point).collect(),
    }
}
