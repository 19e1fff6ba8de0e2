//! Lines over rows that are times in order.

use maud::{Markup, html};

use super::scale::Scale;
use super::{COLOURS, DASHES, Drawing, Place, Plot, Series, at, shortened};

/// A line a series, named at its end; what is not known breaks it.
pub(super) fn over_time(plot: &Plot, place: Place) -> Drawing {
    let scale = Scale::of(plot.values(), plot.unit);
    let (left, height, size, most) = match place {
        Place::Wide => (52.0, 280.0, 14.0, 24),
        Place::Narrow => (44.0, 220.0, 15.0, 12),
    };
    // Room for the names at the ends.
    let named = plot.series.iter().map(|one| one.short.chars().count().min(most)).max();
    let right = 14.0 + named.unwrap_or(0) as f64 * size * 0.6;
    let (width, top) = (place.width(), 14.0);
    let span = width - left - right;
    let apart = span / (plot.rows.len().max(2) - 1) as f64;
    let x = |row: usize| left + apart * row as f64;
    let y = |value: i64| top + height - scale.along(value, height);
    let known = |one: &Series| -> Vec<(usize, i64)> {
        let points = one.points.iter().enumerate();
        points.filter_map(|(row, point)| point.value.map(|value| (row, value))).collect()
    };
    // Names at the ends, none upon another.
    let mut ends: Vec<(f64, f64, &Series)> = Vec::new();
    for one in &plot.series {
        if let Some((row, value)) = known(one).last() {
            ends.push((x(*row) + 10.0, y(*value), one));
        }
    }
    ends.sort_by(|one, other| one.1.total_cmp(&other.1));
    let step = size + 3.0;
    let mut lowest = f64::MIN;
    for end in &mut ends {
        end.1 = end.1.max(lowest + step);
        lowest = end.1;
    }
    let over = lowest - (top + height);
    if over > 0.0 {
        for end in &mut ends {
            end.1 -= over;
        }
    }
    // As many names of rows as there is room for.
    let letters = if place == Place::Wide { 12 } else { 7 };
    let longest = plot.ticks.iter().map(|row| row.chars().count().min(letters)).max().unwrap_or(1);
    let every = ((longest as f64 + 1.5) * size * 0.54 / apart).ceil().max(1.0) as usize;
    let marks = html! {
        @for (value, said) in scale.ticks() {
            line x1=(at(left)) x2=(at(width - right)) y1=(at(y(value))) y2=(at(y(value)))
                stroke=(if value == 0 { "#16262b" } else { "#d5dddf" }) {}
            text.q x=(at(left - 8.0)) y=(at(y(value) + 4.0)) text-anchor="end" { (said) }
        }
        @for (row, name) in plot.ticks.iter().enumerate() {
            line x1=(at(x(row))) x2=(at(x(row))) y1=(at(top + height)) y2=(at(top + height + 5.0)) stroke="#16262b" {}
            @if row % every == 0 {
                text.t x=(at(x(row))) y=(at(top + height + 22.0)) text-anchor="middle" { (shortened(name, letters)) }
            }
        }
        @for one in &plot.series {
            @let look = one.look % COLOURS.len();
            @for run in runs(&known(one)) {
                @let path = path(&run, x, y);
                path d=(path) fill="none" stroke=(COLOURS[look]) stroke-dasharray=(DASHES[look])
                    stroke-width=(if look == 0 { "3" } else { "2" }) stroke-linejoin="round" {}
            }
            @for (row, value) in known(one) {
                (mark(look, x(row), y(value), if look == 0 { 4.5 } else { 3.5 }))
            }
        }
        @for (x, y, one) in &ends {
            text.v x=(at(*x)) y=(at(y + 5.0)) fill=(COLOURS[one.look % COLOURS.len()]) {
                (shortened(&one.short, most))
            }
        }
    };
    Drawing { height: top + height + 34.0, marks }
}

/// What hangs together.
fn runs(known: &[(usize, i64)]) -> Vec<Vec<(usize, i64)>> {
    known.chunk_by(|one, next| one.0 + 1 == next.0).map(<[_]>::to_vec).collect()
}

fn path(run: &[(usize, i64)], x: impl Fn(usize) -> f64, y: impl Fn(i64) -> f64) -> String {
    let step = |(place, (row, value)): (usize, &(usize, i64))| {
        format!("{}{} {}", if place == 0 { "M" } else { "L" }, at(x(*row)), at(y(*value)))
    };
    run.iter().enumerate().map(step).collect::<Vec<_>>().join(" ")
}

/// The sign of a series: a shape of its own each.
fn mark(look: usize, x: f64, y: f64, size: f64) -> Markup {
    let fill = COLOURS[look % COLOURS.len()];
    let path = |steps: &[(f64, f64)]| {
        let step = |(place, (right, down)): (usize, &(f64, f64))| {
            let letter = if place == 0 { "M" } else { "L" };
            format!("{letter}{} {}", at(x + right * size), at(y + down * size))
        };
        steps.iter().enumerate().map(step).collect::<Vec<_>>().join(" ") + " Z"
    };
    let shape = match look {
        0 => return html! { circle cx=(at(x)) cy=(at(y)) r=(at(size)) fill=(fill) {} },
        1 => path(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => path(&[(0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)]),
        3 => path(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        4 => path(&[(-1.1, -0.9), (1.1, -0.9), (0.0, 1.2)]),
        _ => path(&[(-1.2, -0.4), (1.2, -0.4), (1.2, 0.4), (-1.2, 0.4)]),
    };
    html! { path d=(shape) fill=(fill) {} }
}
