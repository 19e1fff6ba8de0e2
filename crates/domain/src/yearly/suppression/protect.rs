//! Chooses what else is kept back, until every figure that could point at a person may as well be
//! another.

use std::collections::BTreeSet;

use super::bounds::Bounds;
use super::search::{Knows, Moving, find};
use super::system::{Figure, System};

/// Keeps back what is small or marked, and what it takes beside. Of each the figures that are published leave
/// open at least `threshold` other values, or as many as those that stay by law leave open.
pub(super) fn protect(system: &mut System, threshold: u64) {
    let wanted = |at: &usize| {
        let it = &system.figures[*at];
        it.marked || it.carried || ((it.few || it.recalled) && !it.fixed)
    };
    let wanted: Vec<usize> = (0..system.figures.len()).filter(wanted).collect();
    for figure in &wanted {
        system.figures[*figure].kept = true;
    }
    let stays = |figure: &Figure| figure.fixed && !figure.kept;
    let strict = Bounds::of(system, |figure| stays(figure) || figure.none_left);
    let loose = Bounds::of(system, stays);
    for figure in wanted {
        // Of what points at nobody itself any other value will do.
        let it = &system.figures[figure];
        let open = if it.marked || it.few { threshold } else { 1 };
        shield(system, figure, open, &strict, &loose);
    }
}

/// How many beginnings of another set of figures are looked at.
const PATIENCE: usize = 400;

/// How other values of a figure are looked for.
#[derive(Clone, Copy)]
struct Way {
    knows: Knows,
    /// Whether what law or template asks for may be another figure, too.
    fixed_too: bool,
    greedy: bool,
}

/// Keeps back what it takes that a figure may be another one, to somebody who knows as much as possible.
fn shield(system: &mut System, figure: usize, threshold: u64, strict: &Bounds, loose: &Bounds) {
    let it = &system.figures[figure];
    let (value, marked, points) = (it.value, it.marked, it.marked || it.few);
    let mut opened = false;
    for knows in Knows::FALLING {
        // Whoever marks a figure keeps it from those who know all rows, too, whatever that takes. Only that
        // nothing is counted where no row stands is told by the row that is not there, whatever is kept back.
        if marked && knows > Knows::Rows {
            let way = Way { knows: Knows::Sums, fixed_too: true, greedy: true };
            if !opened && (value > 0 || open_values(system, figure, 1, way, None) > 0) {
                keep_all_around(system, figure, true);
            }
            return;
        }
        let bounds = if knows == Knows::All { strict } else { loose };
        let opens = |system: &mut System, bounds: Option<&Bounds>, greedy: bool| {
            let way = Way { knows, fixed_too: bounds.is_none(), greedy };
            open_values(system, figure, threshold, way, bounds)
        };
        // One other value will do for what is small; what is marked has as many as it can, a nothing, too.
        let (below, above) = bounds.around(figure, value);
        let wanted = if marked { threshold.min(below.saturating_add(above)).max(1) } else { 1 };
        let mut open = opens(system, Some(bounds), false);
        if open < wanted && points {
            open = open.max(opens(system, Some(bounds), true));
        }
        if open >= wanted {
            return;
        }
        opened |= open > 0;
        if opened {
            continue;
        }
        // What follows from that which stays by law is no secret, and nothing else keeps it.
        if !marked
            && !bounds.tell(figure)
            && keep_all_around(system, figure, false)
            && opens(system, Some(bounds), false) > 0
        {
            return;
        }
        // Whoever marks a figure that the law asks for means that nobody shall have it.
        if marked && (opens(system, None, false) > 0 || opens(system, None, true) > 0) {
            return;
        }
    }
}

/// Finds other values of a figure, at most as many as are wanted, and keeps back what differs in them.
/// How many it found.
fn open_values(
    system: &mut System,
    figure: usize,
    wanted: u64,
    way: Way,
    bounds: Option<&Bounds>,
) -> u64 {
    let value = system.figures[figure].value;
    let (below, above) = bounds.map_or((u64::MAX, u64::MAX), |it| it.around(figure, value));
    // First upwards, so that it is not said to be small either.
    let far = wanted.saturating_sub(value).max(1).min(above);
    let up = push(system, (figure, 1), far, way, PATIENCE);
    let far = wanted.saturating_sub(up).min(value).min(below);
    let patience = if up > 0 { PATIENCE / 10 } else { PATIENCE };
    let down = push(system, (figure, -1), far, way, patience);
    let far = wanted.saturating_sub(down).min(above);
    if !way.greedy || far <= up {
        return up + down;
    }
    // What cannot be much less may be much more.
    down + up.max(push(system, (figure, 1), far, way, PATIENCE / 10))
}

/// Moves a figure in a direction as far as it goes, at most `far`. How far it went.
fn push(
    system: &mut System,
    (figure, direction): (usize, i8),
    far: u64,
    way: Way,
    patience: usize,
) -> u64 {
    let Way { knows, fixed_too, greedy } = way;
    let mut now: Vec<u64> = system.figures.iter().map(|figure| figure.value).collect();
    let mut went = 0;
    while went < far {
        let left = far - went;
        let steps = if left > 1 { vec![left, 1] } else { vec![1] };
        let found = steps.into_iter().find_map(|by| {
            // One other value must be found; how many more is worth less.
            let patience =
                if by == 1 && went == 0 { patience } else { patience.min(PATIENCE / 10) };
            let patience = if greedy { patience * 12 } else { patience };
            let moving = Moving { now: &now, by, knows, fixed_too, patience, greedy };
            find(system, moving, figure, direction).map(|change| (by, change))
        });
        let Some((by, change)) = found else { break };
        for (moved, direction) in change {
            let it = &mut now[moved];
            *it = if direction > 0 { it.saturating_add(by) } else { it.saturating_sub(by) };
            system.figures[moved].kept = true;
        }
        went += by;
    }
    went
}

/// What hangs together with a figure by sums: without what stays, or all of it.
fn around(system: &System, figure: usize, fixed_too: bool) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([figure]);
    let mut stack = vec![figure];
    let mut passed = BTreeSet::new();
    while let Some(at) = stack.pop() {
        for (equation, _) in &system.figures[at].equations {
            if !passed.insert(*equation) {
                continue;
            }
            for (next, _) in &system.equations[*equation] {
                let it = &system.figures[*next];
                if (it.kept || !it.fixed || fixed_too) && found.insert(*next) {
                    stack.push(*next);
                }
            }
        }
    }
    found
}

/// Whether that kept anything back that was not.
fn keep_all_around(system: &mut System, figure: usize, fixed_too: bool) -> bool {
    let mut more = false;
    for at in around(system, figure, fixed_too) {
        more |= !system.figures[at].kept;
        system.figures[at].kept = true;
    }
    more
}
