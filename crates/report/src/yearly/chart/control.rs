//! A control chart: values in order, the centre line, the limits of each, and what is marked. What is marked is
//! told by a shape and a ring, never by a colour alone, and stands in words in the table beneath.

use domain::signal::{Chart, Mark, Signal};
use domain::table::Cell;
use maud::{Markup, html};

use super::scale::Scale;
use super::{Place, at, shortened};

/// A value of a control chart, in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// Which month, or which day.
    pub(crate) name: String,
    /// The value; `None` of nothing.
    pub(crate) value: Option<i64>,
    /// The lower limit.
    pub(crate) lower: Option<i64>,
    /// The upper limit.
    pub(crate) upper: Option<i64>,
    /// Why it is marked.
    pub(crate) marks: Vec<Mark>,
}

/// What is drawn of a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    /// The centre line, in hundredths.
    pub(crate) centre: i64,
    /// The values, in order.
    pub(crate) points: Vec<Watched>,
}

/// Ten-thousandths as hundredths, to the nearest.
fn hundredths(scaled: i64) -> i64 {
    scaled.saturating_add(50).div_euclid(100)
}

fn days(days: u64) -> i64 {
    i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(100)
}

impl Control {
    /// What a signal draws; `None` where there is too little for a chart.
    pub(crate) fn of(signal: &Signal) -> Option<Self> {
        match &signal.chart {
            Chart::TooShort | Chart::TooFew => None,
            Chart::U(chart) | Chart::P(chart) => {
                let points = chart.points.iter().map(|point| Watched {
                    name: point.month.to_string(),
                    value: point.value.map(hundredths),
                    lower: point.lower.map(hundredths),
                    upper: point.upper.map(hundredths),
                    marks: point.marks.clone(),
                });
                Some(Self { centre: hundredths(chart.centre), points: points.collect() })
            }
            Chart::T(chart) => {
                let points = chart.gaps.iter().map(|gap| Watched {
                    name: gap.day.to_string(),
                    value: gap.days.map(days),
                    lower: None,
                    upper: Some(days(chart.upper)),
                    marks: gap.marks.clone(),
                });
                Some(Self { centre: hundredths(chart.mean), points: points.collect() })
            }
        }
    }

    fn values(&self) -> impl Iterator<Item = i64> {
        let each = self.points.iter().flat_map(|it| [it.value, it.lower, it.upper]);
        each.flatten().chain([self.centre])
    }

    /// In words, for whoever does not see the drawing.
    fn told(&self) -> String {
        let marked: Vec<&str> = self
            .points
            .iter()
            .filter(|it| !it.marks.is_empty())
            .map(|it| it.name.as_str())
            .collect();
        let count = self.points.len();
        let marked = match marked.as_slice() {
            [] => "Inget värde är markerat.".to_owned(),
            some => format!("Markerade: {}.", some.join(", ")),
        };
        format!(
            "Styrdiagram med {count} värden, mittlinje vid {} och gränser. {marked} Alla värden står i \
             tabellen under diagrammet.",
            Cell::Hundredths(self.centre).swedish()
        )
    }

    /// The drawing, wide and narrow. `id` is unique in the page.
    pub(crate) fn figure(&self, title: &str, id: &str) -> Markup {
        html! {
            @for place in Place::BOTH {
                @let (named, about) = (format!("{id}-{}-t", place.class()), format!("{id}-{}-d", place.class()));
                @let (height, marks) = self.draw(place);
                svg.(place.class()) role="img" aria-labelledby=(named) aria-describedby=(about)
                    viewBox=(format!("0 0 {} {}", at(place.width()), at(height)))
                    xmlns="http://www.w3.org/2000/svg" focusable="false" {
                    title id=(named) { (title) }
                    desc id=(about) { (self.told()) }
                    (marks)
                }
            }
        }
    }

    fn draw(&self, place: Place) -> (f64, Markup) {
        let scale = Scale::of(self.values(), 100);
        let (left, right, height, size) = match place {
            Place::Wide => (60.0, 100.0, 240.0, 14.0),
            Place::Narrow => (52.0, 44.0, 200.0, 15.0),
        };
        let (width, top) = (place.width(), 14.0);
        let apart = (width - left - right) / (self.points.len().max(2) - 1) as f64;
        let x = |row: usize| left + apart * row as f64;
        let y = |value: i64| top + height - scale.along(value, height);
        // Limits are steps: each holds for its own value.
        let step = |limit: fn(&Watched) -> Option<i64>| -> String {
            let mut path = String::new();
            let mut open = false;
            for (row, point) in self.points.iter().enumerate() {
                let Some(limit) = limit(point) else {
                    open = false;
                    continue;
                };
                let from = (x(row) - apart / 2.0).max(left);
                let to = (x(row) + apart / 2.0).min(width - right);
                let letter = if open { "L" } else { "M" };
                path +=
                    &format!("{letter}{} {} L{} {} ", at(from), at(y(limit)), at(to), at(y(limit)));
                open = true;
            }
            path
        };
        let known: Vec<(usize, i64)> = self
            .points
            .iter()
            .enumerate()
            .filter_map(|(row, point)| Some((row, point.value?)))
            .collect();
        let line = known
            .iter()
            .enumerate()
            .map(|(nth, (row, value))| {
                format!("{}{} {}", if nth == 0 { "M" } else { "L" }, at(x(*row)), at(y(*value)))
            })
            .collect::<Vec<_>>()
            .join(" ");
        let letters = 10;
        let every = (letters as f64 * size * 0.56 / apart).ceil().max(1.0) as usize;
        let marks = html! {
            @for (value, said) in scale.ticks() {
                line x1=(at(left)) x2=(at(width - right)) y1=(at(y(value))) y2=(at(y(value)))
                    stroke=(if value == 0 { "#16262b" } else { "#d5dddf" }) {}
                text.q x=(at(left - 8.0)) y=(at(y(value) + 4.0)) text-anchor="end" { (said) }
            }
            @for (row, point) in self.points.iter().enumerate() {
                line x1=(at(x(row))) x2=(at(x(row))) y1=(at(top + height)) y2=(at(top + height + 5.0)) stroke="#16262b" {}
                @if row % every == 0 {
                    text.t x=(at(x(row))) y=(at(top + height + 22.0)) text-anchor="middle" {
                        (shortened(&point.name, letters))
                    }
                }
            }
            line x1=(at(left)) x2=(at(width - right)) y1=(at(y(self.centre))) y2=(at(y(self.centre)))
                stroke="#0b4f5c" stroke-width="1.5" {}
            @for path in [step(|it| it.upper), step(|it| it.lower)] {
                @if !path.is_empty() {
                    path d=(path) fill="none" stroke="#8a4f06" stroke-width="1.5" stroke-dasharray="6 4" {}
                }
            }
            @if place == Place::Wide {
                text.q x=(at(width - right + 6.0)) y=(at(y(self.centre) + 4.0)) { "mittlinje" }
                @if let Some(limit) = self.points.last().and_then(|it| it.upper) {
                    text.q x=(at(width - right + 6.0)) y=(at(y(limit) + 4.0)) { "övre gräns" }
                }
            }
            path d=(line) fill="none" stroke="#0b4f5c" stroke-width="2" stroke-linejoin="round" {}
            @for (row, value) in &known {
                circle cx=(at(x(*row))) cy=(at(y(*value))) r="4" fill="#0b4f5c" {}
                @if !self.points[*row].marks.is_empty() {
                    circle cx=(at(x(*row))) cy=(at(y(*value))) r="9" fill="none" stroke="#16262b" stroke-width="2.5" {}
                    text.v x=(at(x(*row))) y=(at((y(*value) - 14.0).max(12.0))) text-anchor="middle" { "!" }
                }
            }
        };
        (top + height + 34.0, marks)
    }
}

/// Why a value is marked, in Swedish.
pub(crate) fn why(mark: Mark) -> &'static str {
    match mark {
        Mark::Above => "över övre gränsen",
        Mark::Below => "under nedre gränsen",
        Mark::RunAbove => "lång följd över mittlinjen",
        Mark::RunBelow => "lång följd under mittlinjen",
        Mark::Close => "händelserna kom tätare än av slump",
        Mark::Far => "det dröjde längre än av slump",
    }
}

#[cfg(test)]
mod tests {
    use domain::signal::shewhart::{Point, Shewhart};
    use domain::signal::{Against, Of};
    use domain::statistics::{Month, Months};

    use super::*;

    fn month(month: i8) -> Month {
        Month { year: 2025, month }
    }

    fn point(of: i8, value: i64, marks: Vec<Mark>) -> Point {
        Point {
            month: month(of),
            events: 3,
            exposed: 31,
            value: Some(value),
            lower: Some(0),
            upper: Some(65_000),
            marks,
        }
    }

    fn signal(chart: Chart) -> Signal {
        Signal {
            unit: "00000000-0000-0000-0000-000000000001".parse().expect("an id"),
            category: None,
            of: Of::Reports,
            baseline: Months { from: month(1), to: month(12) },
            events: 30,
            against: Against::Days,
            exposed: 365,
            before: Vec::new(),
            chart,
        }
    }

    #[test]
    fn what_is_marked_has_a_ring_and_is_told_in_words() {
        let points = vec![point(1, 24_650, vec![]), point(2, 71_000, vec![Mark::Above])];
        let chart = Control::of(&signal(Chart::U(Shewhart { centre: 24_650, points })));
        let chart = chart.expect("a chart");
        assert_eq!((chart.centre, chart.points[1].value), (247, Some(710)));
        let drawn = chart.figure("Fall på Gran", "s-1").into_string();
        assert!(drawn.contains("Markerade: 2025-02."), "{drawn}");
        // One ring a drawing, and a drawing for a wide window and one for a phone.
        assert_eq!(drawn.matches("r=\"9\"").count(), 2);
        assert_eq!(drawn.matches("role=\"img\"").count(), 2);
        assert_eq!(Control::of(&signal(Chart::TooFew)), None);
    }
}
