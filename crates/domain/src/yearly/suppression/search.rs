//! Looks for another set of figures: one that agrees with all that is known, in which a given figure is
//! larger or smaller.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::system::{Figure, System};

/// The most figures that change together.
const LONGEST: usize = 20;
/// The most where what is found first is taken.
const LONGEST_GREEDY: usize = 200;
/// How many ways on from each.
const BREADTH: usize = 48;

/// Figures that change together, each with its direction.
pub(super) type Change = Vec<(usize, i8)>;

/// A beginning: what changes, and the equations that do not hold yet.
#[derive(Clone, Debug, Default)]
struct Beginning {
    change: Change,
    open: Vec<(usize, i32)>,
    price: u32,
    /// The same for the same changes, in whatever order they came.
    mark: u64,
}

/// What a figure's change adds to the mark of a beginning.
fn mark(figure: usize, direction: i8) -> u64 {
    let given = (figure as u64) << 1 | u64::from(direction > 0);
    let mixed = given.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// What it costs the reader that a figure is kept back, too; where what is found first is taken, what law asks for
/// is dear and not out of reach.
fn price(figure: &Figure, greedy: bool) -> u32 {
    if figure.kept {
        return 1;
    }
    let places = u32::try_from(figure.places.len() + figure.told_by.len()).unwrap_or(u32::MAX);
    let of_a_part = figure.key.as_ref().is_some_and(|key| !key.limits.is_empty());
    let size = (figure.value + 1).ilog2();
    let whole = if of_a_part { 0 } else { 24 };
    let nothing = if figure.value == 0 { 12 } else { 0 };
    let fixed = match (figure.fixed, greedy) {
        (false, _) => 0,
        (true, false) => 10_000,
        (true, true) => 200,
    };
    16 + 2 * size + 8 * places.saturating_sub(1).min(100) + whole + nothing + fixed
}

impl Beginning {
    fn with(&self, system: &System, figure: usize, direction: i8, greedy: bool) -> Self {
        let mut next = self.clone();
        next.change.push((figure, direction));
        next.price += price(&system.figures[figure], greedy);
        next.mark = next.mark.wrapping_add(mark(figure, direction));
        for (equation, sign) in &system.figures[figure].equations {
            let by = i32::from(sign * direction);
            match next.open.iter().position(|(open, _)| open == equation) {
                Some(at) => {
                    next.open[at].1 += by;
                    if next.open[at].1 == 0 {
                        next.open.swap_remove(at);
                    }
                }
                None => next.open.push((*equation, by)),
            }
        }
        next
    }

    /// What it would be worth with another figure: the price, and what is still to be paid for.
    fn rank_with(&self, system: &System, figure: usize, direction: i8, greedy: bool) -> u32 {
        let haste = if greedy { 400 } else { 6 };
        let it = &system.figures[figure];
        let mut open = self.open.len();
        for (equation, sign) in &it.equations {
            match self.open.iter().find(|(open, _)| open == equation) {
                Some((_, lacks)) if *lacks == -i32::from(sign * direction) => open -= 1,
                Some(_) => {}
                None => open += 1,
            }
        }
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        self.price.saturating_add(price(it, greedy)).saturating_add(open.saturating_mul(haste))
    }
}

/// What whoever calculates is thought to know; the more, the fewer other sets of figures there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Knows {
    /// Everything, and that parts are all of their whole where they seem to be.
    All,
    /// That a row stands there because something is counted in it.
    Rows,
    /// That of rows among others.
    RowsAmongOthers,
    /// Sums, and that parts are no more than their whole.
    Sums,
}

impl Knows {
    /// From the most to the least.
    pub(super) const FALLING: [Knows; 4] =
        [Knows::All, Knows::Rows, Knows::RowsAmongOthers, Knows::Sums];

    fn of_row(self, among_others: bool) -> bool {
        match self {
            Self::All | Self::Rows => true,
            Self::RowsAmongOthers => among_others,
            Self::Sums => false,
        }
    }
}

/// From where a figure moves, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moving<'a> {
    /// Where all figures stand.
    pub now: &'a [u64],
    /// How far it moves.
    pub by: u64,
    /// What whoever calculates knows.
    pub knows: Knows,
    /// Whether what law or template asks for may be another figure, too.
    pub fixed_too: bool,
    /// How many beginnings are looked at.
    pub patience: usize,
    /// Whether what is found first is taken, whatever it costs: a figure that stands in many tables has no
    /// short change.
    pub greedy: bool,
}

/// The cheapest change found by which `figure` moves in `direction`.
pub(super) fn find(
    system: &System,
    moving: Moving<'_>,
    figure: usize,
    direction: i8,
) -> Option<Change> {
    let Moving { now, by, knows, fixed_too, mut patience, greedy } = moving;
    let longest = if greedy { LONGEST_GREEDY } else { LONGEST };
    let can = |figure: usize, direction: i8| direction > 0 || now[figure] >= by;
    let leaves_open =
        |it: &Figure| (it.kept || !it.fixed || fixed_too) && !(it.none_left && knows == Knows::All);
    if !can(figure, direction) {
        return None;
    }
    // What is to be looked at: how good it is, and which beginning goes on with which figure.
    let mut heap = BinaryHeap::from([Reverse((0, 0, figure, direction))]);
    let mut beginnings = vec![Beginning::default()];
    let mut seen: HashSet<u64> = HashSet::new();
    let mut changed = vec![false; system.figures.len()];
    while let Some(Reverse((_, from, figure, direction))) = heap.pop() {
        let beginning = beginnings[from].with(system, figure, direction, greedy);
        let shortest =
            beginning.open.iter().min_by_key(|(open, _)| (system.equations[*open].len(), *open));
        let next: Vec<(usize, i8)> = match shortest {
            Some((equation, lacks)) => {
                let back = |sign: i8| if *lacks > 0 { -sign } else { sign };
                let terms = system.equations[*equation].iter();
                terms.map(|(figure, sign)| (*figure, back(*sign))).collect()
            }
            // A row that is left with nothing needs something else that is counted in it.
            None => match left_empty(system, moving, &beginning.change) {
                Some(row) => system.rows[row].figures.iter().map(|figure| (*figure, 1)).collect(),
                None => return Some(beginning.change),
            },
        };
        if patience == 0 {
            return None;
        }
        patience -= 1;
        if beginning.change.len() >= longest {
            continue;
        }
        beginning.change.iter().for_each(|(figure, _)| changed[*figure] = true);
        let mut ways = Vec::new();
        for (next, direction) in next {
            if !changed[next] && leaves_open(&system.figures[next]) && can(next, direction) {
                ways.push((beginning.rank_with(system, next, direction, greedy), next, direction));
            }
        }
        beginning.change.iter().for_each(|(figure, _)| changed[*figure] = false);
        ways.sort_unstable();
        ways.truncate(BREADTH);
        for (rank, next, direction) in ways {
            if seen.insert(beginning.mark.wrapping_add(mark(next, direction))) {
                heap.push(Reverse((rank, beginnings.len(), next, direction)));
            }
        }
        beginnings.push(beginning);
    }
    None
}

/// A row that stands there because something is counted in it, and would not any more.
fn left_empty(system: &System, moving: Moving<'_>, change: &Change) -> Option<usize> {
    let Moving { now, by, knows, .. } = moving;
    let after = |figure: usize| {
        let moved = change.iter().find(|(moved, _)| *moved == figure);
        match moved.map_or(0, |(_, direction)| *direction) {
            0 => now[figure],
            ..0 => now[figure].saturating_sub(by),
            1.. => now[figure].saturating_add(by),
        }
    };
    let lowered = change.iter().filter(|(_, direction)| *direction < 0);
    let mut rows = lowered.flat_map(|(figure, _)| &system.figures[*figure].rows).copied();
    rows.find(|row| {
        let row = &system.rows[*row];
        knows.of_row(row.among_others) && row.figures.iter().all(|figure| after(*figure) == 0)
    })
}
