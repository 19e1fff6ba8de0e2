//! Charts of tables as SVG that stands in the page: no colour says anything alone, every chart has a title and a
//! description, and the table with its values stands beneath.
//!
//! A chart is drawn twice, for a wide window or paper and for a phone; the page shows the one that fits.

mod bars;
mod control;
mod lines;
mod scale;

use domain::table::{Cell, Chart, Table};
use maud::{Markup, html};

pub(crate) use self::control::{Control, why};
use super::words::TOTAL;

/// The most rows of which bars are drawn; the biggest are.
const MOST: usize = 20;

/// How much of each series is drawn in a group of bars before the biggest alone are.
const MOST_GROUPS: usize = 12;

/// The looks of series: what their bars are filled with, what their lines are drawn with.
const FILLS: [&str; 6] =
    ["#0b4f5c", "url(#p-diagonal)", "url(#p-dots)", "url(#p-back)", "#b9d0d4", "url(#p-lines)"];
const COLOURS: [&str; 6] = ["#0b4f5c", "#a8620b", "#4a6a8a", "#8a3b5c", "#5d6f22", "#4a575b"];
const DASHES: [&str; 6] = ["none", "7 4", "2 4", "9 4 2 4", "12 5", "4 2"];

/// What fills of the charts in a page refer to: once a page, before the first chart.
pub(crate) fn patterns() -> Markup {
    html! {
        svg.patterns width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                pattern id="p-diagonal" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="7" height="7" fill="#d7e6e8" {}
                    rect width="2.6" height="7" fill="#0b4f5c" {}
                }
                pattern id="p-dots" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect width="8" height="8" fill="#eef5f6" {}
                    circle cx="2" cy="2" r="1.5" fill="#0b4f5c" {}
                    circle cx="6" cy="6" r="1.5" fill="#0b4f5c" {}
                }
                pattern id="p-back" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)" {
                    rect width="9" height="9" fill="#ffffff" {}
                    rect width="1.4" height="9" fill="#0b4f5c" {}
                }
                pattern id="p-lines" width="6" height="6" patternUnits="userSpaceOnUse" {
                    rect width="6" height="6" fill="#ffffff" {}
                    rect width="6" height="1.6" fill="#0b4f5c" {}
                }
            }
        }
    }
}

/// The columns in the order they are drawn in: by year where each has one, else as they stand.
pub(crate) fn by_year(table: &Table, columns: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> =
        columns.iter().copied().filter(|at| *at < table.columns.len()).collect();
    let year = |at: &usize| table.columns[*at].year;
    let mut years: Vec<_> = order.iter().map(year).collect();
    years.sort_unstable();
    years.dedup();
    if years.len() == order.len() && !years.contains(&None) {
        order.sort_by_key(year);
    }
    order
}

/// A figure that is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Point {
    /// In units of the plot; `None` is drawn as nothing.
    value: Option<i64>,
    /// As it is printed.
    said: String,
}

/// What belongs together over the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Series {
    name: String,
    /// As short as it can be: the year.
    short: String,
    /// Which of the looks.
    look: usize,
    points: Vec<Point>,
}

/// What is drawn: whole numbers, `unit` of which are one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plot {
    rows: Vec<String>,
    /// The rows as they stand on an axis.
    ticks: Vec<String>,
    series: Vec<Series>,
    /// Whether the series are years.
    years: bool,
    unit: i64,
    /// Said where not all rows are drawn.
    left_out: Option<String>,
}

impl Plot {
    fn of(table: &Table, columns: &[usize]) -> Option<Self> {
        let drawn: Vec<usize> = by_year(table, columns);
        let cells = |at: usize| table.rows.iter().filter_map(move |row| row.cells.get(at));
        let unit = drawn.iter().flat_map(|at| cells(*at)).map(unit).max()?;
        let years = drawn.iter().all(|at| table.columns[*at].year.is_some());
        // The newest year stands out, or what is named first.
        let look = |at: usize| if years { drawn.len() - 1 - at } else { at };
        let series = drawn.iter().enumerate().map(|(at, column)| Series {
            name: table.columns[*column].title.clone(),
            short: match table.columns[*column].year {
                Some(year) => year.to_string(),
                None => table.columns[*column].title.clone(),
            },
            look: look(at),
            points: cells(*column).map(|cell| Point::of(cell, unit)).collect(),
        });
        let series: Vec<Series> = series.collect();
        let name = |row: &domain::table::Row| {
            row.keys.iter().map(|key| key.text.as_str()).collect::<Vec<_>>().join(", ")
        };
        let rows: Vec<String> = table.rows.iter().map(name).collect();
        let drawable = series.iter().flat_map(|one| &one.points).any(|point| point.value.is_some());
        let head = table.heads.first().map_or("", |head| head.id.as_str());
        let tick = |row: &String| match head {
            "month" => row.chars().take(3).collect(),
            _ => row.clone(),
        };
        let ticks = rows.iter().map(tick).collect();
        let mut plot = Self { rows, ticks, series, years, unit, left_out: None };
        // Tables have the latest year first; time goes to the right.
        if head == "year" && plot.rows.first() > plot.rows.last() {
            plot.rows.reverse();
            plot.ticks.reverse();
            plot.series.iter_mut().for_each(|one| one.points.reverse());
        }
        (drawable && !plot.rows.is_empty()).then_some(plot)
    }

    /// The series that stands out.
    fn lead(&self) -> Option<&Series> {
        self.series.iter().find(|one| one.look == 0)
    }

    /// The sum of all rows as one more group, where the table says it.
    fn with_total(mut self, table: &Table, columns: &[usize]) -> Self {
        let Some(total) = &table.total else { return self };
        let order = by_year(table, columns);
        if order.iter().all(|at| table.columns[*at].adds) {
            self.rows.push(TOTAL.to_owned());
            for (series, at) in self.series.iter_mut().zip(order) {
                series.points.push(Point::of(&total[at], self.unit));
            }
        }
        self
    }

    /// The rows with the highest values of the series that stands out, in the table's order.
    fn biggest(mut self, most: usize) -> Self {
        if self.rows.len() <= most {
            return self;
        }
        let Some(lead) = self.lead() else { return self };
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(lead.points[*at].value.map(i64::abs)));
        order.truncate(most);
        order.sort_unstable();
        let all = self.rows.len();
        self.rows = order.iter().map(|at| self.rows[*at].clone()).collect();
        for series in &mut self.series {
            series.points = order.iter().map(|at| series.points[*at].clone()).collect();
        }
        self.left_out = Some(format!("De {most} största av {all} visas i diagrammet."));
        self
    }

    fn values(&self) -> impl Iterator<Item = i64> {
        self.series.iter().flat_map(|one| &one.points).filter_map(|point| point.value)
    }
}

fn unit(cell: &Cell) -> i64 {
    match cell {
        Cell::Tenths(_) => 10,
        Cell::Hundredths(_) => 100,
        Cell::None | Cell::Count(_) | Cell::Change(_) | Cell::Text(_) | Cell::Suppressed => 1,
    }
}

impl Point {
    fn of(cell: &Cell, unit: i64) -> Self {
        let value = match cell {
            Cell::Count(count) => i64::try_from(*count).ok().and_then(|it| it.checked_mul(unit)),
            Cell::Change(value) => value.checked_mul(unit),
            Cell::Tenths(value) => value.checked_mul(unit / 10),
            Cell::Hundredths(value) => value.checked_mul(unit / 100),
            Cell::None | Cell::Text(_) | Cell::Suppressed => None,
        };
        // What cannot be added up by anybody is not drawn either.
        Self { value: value.filter(|it| it.abs() < 1 << 50), said: cell.swedish() }
    }
}

/// Where a drawing stands: in a wide window and on paper, or on a phone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Wide,
    Narrow,
}

impl Place {
    const BOTH: [Self; 2] = [Self::Wide, Self::Narrow];

    fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide-chart",
            Self::Narrow => "narrow-chart",
        }
    }

    fn width(self) -> f64 {
        match self {
            Self::Wide => 760.0,
            Self::Narrow => 340.0,
        }
    }
}

/// What was drawn, and how high it is.
struct Drawing {
    height: f64,
    marks: Markup,
}

/// The chart of a table, if it has one that shows anything. `id` is unique in the page.
pub(crate) fn figure(table: &Table, id: &str) -> Option<Markup> {
    let chart = table.chart.as_ref()?;
    let (plot, told) = match chart {
        Chart::Bars { column } => {
            let plot = Plot::of(table, &[*column])?.biggest(MOST);
            let told = format!("Liggande stapeldiagram med {} staplar.", plot.rows.len());
            (plot, told)
        }
        Chart::Grouped { columns } => {
            let plot = Plot::of(table, columns)?;
            let few = plot.rows.len() <= 4;
            let plot =
                if few { plot.with_total(table, columns) } else { plot.biggest(MOST_GROUPS) };
            let told = format!(
                "Stapeldiagram med {} grupper och en stapel var för {}.",
                plot.rows.len(),
                listed(&plot.series)
            );
            (plot, told)
        }
        Chart::Line { columns } => {
            let plot = Plot::of(table, columns)?;
            let told = format!(
                "Linjediagram från {} till {} med en linje för {}.",
                plot.rows.first()?,
                plot.rows.last()?,
                listed(&plot.series)
            );
            (plot, told)
        }
    };
    let described =
        format!("{told} {} Alla värden står i tabellen under diagrammet.", extremes(&plot));
    Some(html! {
        @for place in Place::BOTH {
            @let drawing = draw(chart, &plot, place);
            @let (title, about) = (format!("{id}-{}-t", place.class()), format!("{id}-{}-d", place.class()));
            svg.(place.class()) role="img" aria-labelledby=(title) aria-describedby=(about)
                viewBox=(format!("0 0 {} {}", at(place.width()), at(drawing.height)))
                xmlns="http://www.w3.org/2000/svg" focusable="false" {
                title id=(title) { (table.title) }
                desc id=(about) { (described) }
                (drawing.marks)
            }
        }
        @if let Some(said) = &plot.left_out { p.quiet { (said) } }
    })
}

fn draw(chart: &Chart, plot: &Plot, place: Place) -> Drawing {
    match chart {
        Chart::Bars { .. } => bars::lying(plot, place),
        Chart::Grouped { .. } => bars::grouped(plot, place),
        Chart::Line { .. } => lines::over_time(plot, place),
    }
}

fn listed(series: &[Series]) -> String {
    series.iter().map(|one| one.short.as_str()).collect::<Vec<_>>().join(", ")
}

/// The highest and the lowest of the series that stands out, in words.
fn extremes(plot: &Plot) -> String {
    let Some(lead) = plot.lead() else { return String::new() };
    let known = || {
        let points = plot.rows.iter().zip(&lead.points);
        points.filter(|(row, point)| point.value.is_some() && row.as_str() != TOTAL)
    };
    let high = known().rev().max_by_key(|(_, point)| point.value);
    let low = known().min_by_key(|(_, point)| point.value);
    let (Some((high, most)), Some((low, least))) = (high, low) else { return String::new() };
    let of = if plot.series.len() > 1 { format!(" {}", lead.short) } else { String::new() };
    if most.value == least.value {
        return format!("Alla kända värden{of} är {}.", most.said);
    }
    format!("Högst{of}: {high}, {}. Lägst: {low}, {}.", most.said, least.said)
}

/// A place in a drawing, to a tenth.
fn at(value: f64) -> String {
    let said = format!("{value:.1}");
    said.strip_suffix(".0").map_or_else(|| said.clone(), str::to_owned)
}

/// A text as lines of at most so many letters, at most `most` lines; what is left out is in the table.
fn wrapped(text: &str, letters: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let size = |line: &str| line.chars().count();
        match lines.last_mut() {
            Some(line) if size(line) + 1 + size(word) <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let more = lines.len() > most;
    lines.truncate(most);
    for line in &mut lines {
        *line = shortened(line, letters);
    }
    if more && let Some(last) = lines.last_mut() {
        *last = format!("{}…", shortened(last, letters.saturating_sub(1)).trim_end_matches('…'));
    }
    lines
}

fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use domain::table::{Column, Counted, Head, Holds, Label, Row};
    use jiff::civil::Date;

    use super::*;

    fn table(cells: &[Cell], chart: Chart) -> Table {
        let column = |year: i16| Column {
            id: format!("count_{year}"),
            title: year.to_string(),
            holds: Holds::Count,
            adds: false,
            set: "deviations".into(),
            year: Some(year),
            limits: Vec::new(),
            from: Vec::new(),
        };
        let row = |(at, cell): (usize, &Cell)| Row {
            keys: vec![Label { code: Some(at.to_string()), text: format!("Enhet {at}") }],
            cells: vec![cell.clone(), Cell::Count(1)],
        };
        Table {
            id: "t".into(),
            title: "Förändring <per> enhet".into(),
            counts: Counted::Deviations,
            definition: String::new(),
            as_of: Date::constant(2025, 12, 31),
            asked_for: false,
            heads: vec![Head { id: "unit".into(), title: "Enhet".into() }],
            columns: vec![column(2025), column(2024)],
            rows: cells.iter().enumerate().map(row).collect(),
            total: None,
            chart: Some(chart),
            notes: Vec::new(),
        }
    }

    #[test]
    fn bars_go_both_ways_from_zero_and_what_is_kept_back_has_none() {
        let cells = [Cell::Change(-120), Cell::Suppressed, Cell::Change(172)];
        let drawn = figure(&table(&cells, Chart::Bars { column: 0 }), "d").expect("a chart");
        let drawn = drawn.into_string();
        // Twice two bars: for a window and for a phone.
        assert_eq!(drawn.matches("<rect ").count(), 4, "{drawn}");
        for said in ["−120", "+172", "..", "Förändring &lt;per&gt; enhet"] {
            assert!(drawn.contains(&format!(">{said}<")), "{said}: {drawn}");
        }
        assert!(drawn.contains("Högst: Enhet 2, +172. Lägst: Enhet 0, −120."), "{drawn}");
        // The one ends where the other begins.
        let number = |from: &str, name: &str| -> f64 {
            let rest = &from[from.find(&format!(" {name}=\"")).expect("there") + name.len() + 3..];
            rest[..rest.find('"').expect("ends")].parse().expect("a number")
        };
        let bars: Vec<&str> = drawn.split("<rect").skip(1).collect();
        let (left, right) = (bars[0], bars[1]);
        let zero = number(left, "x") + number(left, "width");
        assert!((zero - number(right, "x")).abs() < 0.2, "{left} {right}");
    }

    #[test]
    fn years_go_from_left_to_right_and_the_newest_stands_out() {
        let cells = [Cell::Count(4), Cell::Count(5)];
        let grouped = table(&cells, Chart::Grouped { columns: vec![0, 1] });
        assert_eq!(by_year(&grouped, &[0, 1, 9]), [1, 0]);
        let plot = Plot::of(&grouped, &[0, 1]).expect("a plot");
        let names: Vec<_> = plot.series.iter().map(|one| (one.short.as_str(), one.look)).collect();
        assert_eq!(names, [("2024", 1), ("2025", 0)]);
    }

    #[test]
    fn nothing_to_draw_is_no_chart_and_of_many_rows_the_biggest_are_drawn() {
        let nothing = table(&[Cell::Suppressed], Chart::Bars { column: 0 });
        assert!(
            figure(&nothing, "d").is_none()
                && figure(&table(&[], Chart::Bars { column: 0 }), "d").is_none()
        );
        let many: Vec<Cell> = (0..30).map(Cell::Count).collect();
        let drawn = figure(&table(&many, Chart::Bars { column: 0 }), "d").expect("a chart");
        let drawn = drawn.into_string();
        assert_eq!(drawn.matches("<rect ").count(), 40);
        assert!(drawn.contains("De 20 största av 30") && !drawn.contains(">Enhet 9<"), "{drawn}");
    }

    #[test]
    fn a_label_is_broken_at_words_and_cut_when_it_must_be() {
        assert_eq!(wrapped("Särskilt boende för äldre", 16, 2), ["Särskilt boende", "för äldre"]);
        assert_eq!(wrapped("Läkemedelshantering", 10, 2), ["Läkemedel…"]);
        assert_eq!(wrapped("ett två tre fyra", 7, 1), ["ett t…"]);
        assert_eq!((at(12.0), at(12.34)), ("12".to_owned(), "12.3".to_owned()));
    }
}
