//! Bars: a lying one a row, or a group of them a row.

use maud::{Markup, html};

use super::scale::Scale;
use super::{Drawing, FILLS, Place, Plot, Point, Series, at, wrapped};

/// The space that a letter takes, of its size.
const LETTER: f64 = 0.54;

/// A bar a row, lying, with the value at its end.
pub(super) fn lying(plot: &Plot, place: Place) -> Drawing {
    let frame = Frame::new(plot, place, 0.0);
    let series = &plot.series[0];
    let mut y = frame.top;
    let mut marks = Vec::new();
    for (row, point) in plot.rows.iter().zip(&series.points) {
        let lines = wrapped(row, frame.letters, 2);
        match place {
            Place::Wide => {
                let height = if lines.len() > 1 { 40.0 } else { 32.0 };
                let middle = y + height / 2.0;
                let first = middle + 5.0 - 8.5 * (lines.len() as f64 - 1.0);
                marks.push(label(&lines, frame.left - 12.0, first, 17.0, "end"));
                marks.push(frame.bar(point, series, middle - 10.0, 20.0));
                y += height;
            }
            Place::Narrow => {
                marks.push(label(&lines, 0.0, y + 14.0, 19.0, "start"));
                y += 19.0 * lines.len() as f64;
                marks.push(frame.bar(point, series, y + 1.0, 18.0));
                y += 30.0;
            }
        }
    }
    frame.finish(y, marks)
}

/// Groups of bars: standing where there is room, else lying, each with its series' name.
pub(super) fn grouped(plot: &Plot, place: Place) -> Drawing {
    let (groups, series) = (plot.rows.len(), plot.series.len());
    if place == Place::Wide && groups <= 6 && groups * series <= 30 {
        return standing(plot);
    }
    let size = text_size(place);
    let longest = plot.series.iter().map(|one| one.short.chars().count()).max().unwrap_or(0);
    let named = longest.min(14);
    let room = named as f64 * size * LETTER + 8.0;
    let frame = Frame::new(plot, place, room);
    let mut y = frame.top;
    let mut marks = Vec::new();
    for (row, name) in plot.rows.iter().enumerate() {
        let lines = wrapped(name, frame.letters, if place == Place::Wide { 3 } else { 2 });
        let line = size + 3.0;
        match place {
            Place::Wide => {
                marks.push(label(&lines, frame.left - room - 12.0, y + 15.0, line, "end"))
            }
            Place::Narrow => {
                marks.push(label(&lines, 0.0, y + 14.0, line, "start"));
                y += line * lines.len() as f64 + 2.0;
            }
        }
        let begun = y;
        // What stands out comes first: that is what is looked for.
        let mut order: Vec<&Series> = plot.series.iter().collect();
        order.sort_by_key(|one| one.look);
        for one in order {
            let short = wrapped(&one.short, named, 1);
            marks.push(label(&short, frame.left - 8.0, y + 14.0, line, "end"));
            marks.push(frame.bar(&one.points[row], one, y + 1.0, 16.0));
            y += 21.0;
        }
        if place == Place::Wide {
            y = y.max(begun + line * lines.len() as f64);
        }
        y += 12.0;
    }
    frame.finish(y, marks)
}

fn text_size(place: Place) -> f64 {
    match place {
        Place::Wide => 14.0,
        Place::Narrow => 15.0,
    }
}

/// The room in which bars lie.
struct Frame {
    scale: Scale,
    left: f64,
    length: f64,
    top: f64,
    letters: usize,
}

impl Frame {
    /// `room` is kept free to the left of the bars.
    fn new(plot: &Plot, place: Place, room: f64) -> Self {
        let scale = Scale::of(plot.values(), plot.unit);
        let said =
            plot.series.iter().flat_map(|one| &one.points).map(|one| one.said.chars().count());
        let after = said.max().unwrap_or(1) as f64 * text_size(place) * 0.58 + 8.0;
        let (labels, letters) = match place {
            Place::Wide => (236.0, 30),
            Place::Narrow => (0.0, 42),
        };
        let left = labels + room + if labels > 0.0 { 12.0 } else { 6.0 };
        Self { scale, left, length: place.width() - left - after, top: 26.0, letters }
    }

    fn x(&self, value: i64) -> f64 {
        self.left + self.scale.along(value, self.length)
    }

    fn bar(&self, point: &Point, series: &Series, y: f64, height: f64) -> Markup {
        let zero = self.x(0);
        let end = point.value.map_or(zero, |value| self.x(value));
        let (from, to) = if end < zero { (end, zero) } else { (zero, end) };
        let below = y + height / 2.0 + 5.0;
        html! {
            @if point.value.is_some() {
                rect x=(at(from)) y=(at(y)) width=(at(to - from)) height=(at(height))
                    fill=(FILLS[series.look % FILLS.len()]) stroke="#0b4f5c" {}
            }
            text.v x=(at(to + 6.0)) y=(at(below)) { (point.said) }
        }
    }

    /// The axis behind the bars.
    fn finish(self, bottom: f64, marks: Vec<Markup>) -> Drawing {
        let marks = html! {
            @for (value, said) in self.scale.ticks() {
                @let x = at(self.x(value));
                line x1=(x) x2=(x) y1=(at(self.top - 4.0)) y2=(at(bottom))
                    stroke=(if value == 0 { "#16262b" } else { "#d5dddf" }) {}
                text.q x=(x) y=(at(self.top - 10.0)) text-anchor="middle" { (said) }
            }
            @for mark in &marks { (mark) }
        };
        Drawing { height: bottom + 4.0, marks }
    }
}

/// Groups of standing bars, with the series named above.
fn standing(plot: &Plot) -> Drawing {
    let width = Place::Wide.width();
    let scale = Scale::of(plot.values(), plot.unit);
    let (left, top, length) = (56.0, 52.0, 260.0);
    let group = (width - left) / plot.rows.len() as f64;
    let bar = (group * 0.8 / plot.series.len() as f64).min(64.0);
    let y = |value: i64| top + length - scale.along(value, length);
    let mut key = left;
    let mut keys = Vec::new();
    for one in &plot.series {
        keys.push((key, one));
        key += 46.0 + one.name.chars().count() as f64 * 14.0 * 0.58;
    }
    let letters = (group / (14.0 * LETTER)) as usize;
    let marks = html! {
        @for (x, one) in keys {
            rect x=(at(x)) y="6" width="18" height="14" fill=(FILLS[one.look % FILLS.len()]) stroke="#0b4f5c" {}
            text.v x=(at(x + 24.0)) y="18" { (one.name) }
        }
        @for (value, said) in scale.ticks() {
            line x1=(at(left)) x2=(at(width)) y1=(at(y(value))) y2=(at(y(value)))
                stroke=(if value == 0 { "#16262b" } else { "#d5dddf" }) {}
            text.q x=(at(left - 8.0)) y=(at(y(value) + 4.0)) text-anchor="end" { (said) }
        }
        @for (row, name) in plot.rows.iter().enumerate() {
            @let middle = left + group * (row as f64 + 0.5);
            @let first = middle - bar * plot.series.len() as f64 / 2.0;
            @for (place, one) in plot.series.iter().enumerate() {
                @let x = first + bar * place as f64;
                @let point = &one.points[row];
                @let (end, zero) = (y(point.value.unwrap_or(0)), y(0));
                @if point.value.is_some() {
                    rect x=(at(x + 1.5)) y=(at(end.min(zero))) width=(at(bar - 3.0)) height=(at((end - zero).abs()))
                        fill=(FILLS[one.look % FILLS.len()]) stroke="#0b4f5c" {}
                }
                @if small_width(&point.said) <= bar + 2.0 {
                    text.s x=(at(x + bar / 2.0)) y=(at(end.min(zero) - 5.0)) text-anchor="middle" { (point.said) }
                }
            }
            (label(&wrapped(name, letters.max(6), 2), middle, top + length + 22.0, 17.0, "middle"))
        }
    };
    Drawing { height: top + length + 48.0, marks }
}

/// How wide a figure is in small type; the space between thousands is half a digit.
fn small_width(said: &str) -> f64 {
    said.chars().map(|letter| if letter == '\u{a0}' { 3.4 } else { 6.8 }).sum()
}

/// Lines of a label, the first with its foot at `y`.
fn label(lines: &[String], x: f64, y: f64, step: f64, anchor: &str) -> Markup {
    html! {
        @for (line, said) in lines.iter().enumerate() {
            text.t x=(at(x)) y=(at(y + step * line as f64)) text-anchor=(anchor) { (said) }
        }
    }
}
