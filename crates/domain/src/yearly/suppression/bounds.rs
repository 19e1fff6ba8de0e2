//! What some of the figures say of the others: between which numbers each lies.

use super::system::{Figure, System};

/// For each figure the least and the most it can be, as far as sums tell.
#[derive(Debug)]
pub(super) struct Bounds(Vec<(i128, Option<i128>)>);

/// How often all sums are gone through. What is not narrowed by then is left as it is.
const ROUNDS: usize = 50;

impl Bounds {
    /// What follows from the figures that are `known`.
    pub(super) fn of(system: &System, known: impl Fn(&Figure) -> bool) -> Self {
        let bound = |it: &Figure| {
            let value = i128::from(it.value);
            if known(it) { (value, Some(value)) } else { (0, None) }
        };
        let mut bounds = Self(system.figures.iter().map(bound).collect());
        for _ in 0..ROUNDS {
            let mut narrowed = false;
            for terms in &system.equations {
                narrowed |= bounds.narrow(terms);
            }
            if !narrowed {
                break;
            }
        }
        bounds
    }

    /// How far a figure may lie below and above its value.
    pub(super) fn around(&self, figure: usize, value: u64) -> (u64, u64) {
        let (low, high) = self.0[figure];
        let value = i128::from(value);
        let far = |distance: i128| u64::try_from(distance.max(0)).unwrap_or(u64::MAX);
        (far(value - low), high.map_or(u64::MAX, |high| far(high - value)))
    }

    /// Whether they leave a figure one value.
    pub(super) fn tell(&self, figure: usize) -> bool {
        let (low, high) = self.0[figure];
        high == Some(low)
    }

    /// Each term of a sum that is nothing is what the others leave.
    fn narrow(&mut self, terms: &[(usize, i8)]) -> bool {
        // The least and the most of each term with its sign; `None` is without end.
        let signed = |bounds: &Self, at: usize, sign: i8| -> (Option<i128>, Option<i128>) {
            let (low, high) = bounds.0[at];
            if sign > 0 { (Some(low), high) } else { (high.map(|high| -high), Some(-low)) }
        };
        let (mut least, mut most) = ((0_i128, 0_usize), (0_i128, 0_usize));
        for (at, sign) in terms {
            let (low, high) = signed(self, *at, *sign);
            match low {
                Some(low) => least.0 += low,
                None => least.1 += 1,
            }
            match high {
                Some(high) => most.0 += high,
                None => most.1 += 1,
            }
        }
        let mut narrowed = false;
        for (at, sign) in terms {
            let (low, high) = signed(self, *at, *sign);
            let others = |(sum, endless): (i128, usize), own: Option<i128>| match own {
                Some(own) => (endless == 0).then_some(sum - own),
                None => (endless == 1).then_some(sum),
            };
            let (from, to) = (others(least, low), others(most, high));
            // sign × figure = −others
            let (new_low, new_high) =
                if *sign > 0 { (to.map(|to| -to), from.map(|from| -from)) } else { (from, to) };
            let (low, high) = &mut self.0[*at];
            if let Some(new) = new_low.filter(|new| new > low) {
                *low = new;
                narrowed = true;
            }
            if let Some(new) = new_high.filter(|new| high.is_none_or(|high| *new < high)) {
                *high = Some(new);
                narrowed = true;
            }
        }
        narrowed
    }
}
