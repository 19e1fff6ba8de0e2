//! The chart beside a table: the spreadsheet's own, over the table's cells.

use domain::table::{Chart as Drawn, Table};
use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine,
    ChartLineDashType, ChartMarker, ChartMarkerType, ChartPatternFill, ChartPatternFillType,
    ChartSolidFill, ChartType, Color,
};

use super::sheet::HEAD;
use super::{INK, column};
use crate::yearly::chart::by_year;

/// What lines are drawn with: the same as in the page.
const COLOURS: [u32; 6] = [0x0B_4F_5C, 0xA8_62_0B, 0x4A_6A_8A, 0x8A_3B_5C, 0x5D_6F_22, 0x4A_57_5B];

/// What lies behind the patterns of bars.
const BEHIND: [u32; 6] = [0x0B_4F_5C, 0xD7_E6_E8, 0xEE_F5_F6, 0xFF_FF_FF, 0xB9_D0_D4, 0xFF_FF_FF];

const PATTERNS: [Option<ChartPatternFillType>; 6] = [
    None,
    Some(ChartPatternFillType::DiagonalStripesWideUpwards),
    Some(ChartPatternFillType::LargeConfetti),
    Some(ChartPatternFillType::DiagonalStripesLightDownwards),
    Some(ChartPatternFillType::SmallConfetti),
    Some(ChartPatternFillType::HorizontalStripesNarrow),
];

const DASHES: [ChartLineDashType; 6] = [
    ChartLineDashType::Solid,
    ChartLineDashType::Dash,
    ChartLineDashType::RoundDot,
    ChartLineDashType::DashDot,
    ChartLineDashType::LongDash,
    ChartLineDashType::SquareDot,
];

const MARKERS: [ChartMarkerType; 6] = [
    ChartMarkerType::Circle,
    ChartMarkerType::Square,
    ChartMarkerType::Triangle,
    ChartMarkerType::Diamond,
    ChartMarkerType::X,
    ChartMarkerType::PlusSign,
];

/// The chart of a table whose sheet is called `sheet` and whose last row is in line `last`.
pub(crate) fn of(table: &Table, sheet: &str, last: u32) -> Option<Chart> {
    let drawn = table.chart.as_ref()?;
    if table.rows.is_empty() {
        return None;
    }
    let (mut chart, columns) = match drawn {
        Drawn::Bars { column } => (Chart::new(ChartType::Bar), by_year(table, &[*column])),
        Drawn::Grouped { columns } => (Chart::new(ChartType::Column), by_year(table, columns)),
        Drawn::Line { columns } => (Chart::new(ChartType::Line), by_year(table, columns)),
    };
    let heads = table.heads.len();
    let rows = table.rows.len();
    let font = |size: f64| {
        let mut font = ChartFont::new();
        font.set_size(size).set_color(INK);
        font
    };
    let newest = columns.len().saturating_sub(1);
    for (at, wanted) in columns.iter().enumerate() {
        let look = newest - at;
        let place = column(heads + wanted);
        let series = chart.add_series();
        series.set_name((sheet, HEAD, place));
        series.set_values((sheet, HEAD + 1, place, last, place));
        if heads > 0 {
            series.set_categories((sheet, HEAD + 1, 0, last, column(heads - 1)));
        }
        let many = columns.len() > 1;
        if matches!(drawn, Drawn::Line { .. }) {
            line(series, look);
        } else {
            fill(series, look);
            series.set_gap(60).set_overlap(if many { -5 } else { 0 });
            if rows * columns.len() <= 30 {
                let mut label = ChartDataLabel::new();
                label.show_value().set_font(&font(9.0));
                series.set_data_label(&label);
            }
        }
    }
    chart.title().set_name(&table.title).set_font(font(13.0).set_bold());
    chart.set_alt_text(format!(
        "Diagram över tabellen {}. Värdena står i tabellen på samma blad.",
        table.title
    ));
    let mut grid = ChartLine::new();
    grid.set_color(Color::RGB(0xD5_DD_DF)).set_width(0.75);
    match drawn {
        Drawn::Bars { .. } => {
            chart.legend().set_hidden();
            // The first row on top, as in the table.
            chart.y_axis().set_reverse().set_font(&font(10.0));
            chart.x_axis().set_major_gridlines(true).set_major_gridlines_line(&grid);
            chart.x_axis().set_font(&font(10.0)).set_num_format("#,##0");
            chart.set_width(680).set_height(tall(rows));
        }
        Drawn::Grouped { .. } | Drawn::Line { .. } => {
            chart.legend().set_position(ChartLegendPosition::Bottom).set_font(&font(10.0));
            chart.x_axis().set_font(&font(10.0));
            chart.y_axis().set_major_gridlines(true).set_major_gridlines_line(&grid);
            chart.y_axis().set_font(&font(10.0)).set_num_format("#,##0");
            chart.set_width(760).set_height(420);
        }
    }
    Some(chart)
}

/// The height of a chart with a bar a row, in pixels.
fn tall(rows: usize) -> u32 {
    120 + 26 * u32::try_from(rows.clamp(3, 40)).unwrap_or(40)
}

fn fill(series: &mut rust_xlsxwriter::ChartSeries, look: usize) {
    let (colour, behind) = (Color::RGB(COLOURS[0]), Color::RGB(BEHIND[look % BEHIND.len()]));
    let mut format = ChartFormat::new();
    let mut border = ChartLine::new();
    border.set_color(colour).set_width(1.0);
    format.set_border(&border);
    match PATTERNS[look % PATTERNS.len()] {
        None => {
            let mut fill = ChartSolidFill::new();
            fill.set_color(colour);
            format.set_solid_fill(&fill);
        }
        Some(pattern) => {
            let mut fill = ChartPatternFill::new();
            fill.set_pattern(pattern).set_foreground_color(colour);
            fill.set_background_color(behind);
            format.set_pattern_fill(&fill);
        }
    }
    series.set_format(&mut format);
}

fn line(series: &mut rust_xlsxwriter::ChartSeries, look: usize) {
    let colour = Color::RGB(COLOURS[look % COLOURS.len()]);
    let mut line = ChartLine::new();
    line.set_color(colour).set_width(if look == 0 { 2.75 } else { 1.5 });
    line.set_dash_type(DASHES[look % DASHES.len()]);
    let mut format = ChartFormat::new();
    format.set_line(&line);
    let mut marker = ChartMarker::new();
    marker.set_type(MARKERS[look % MARKERS.len()]).set_size(if look == 0 { 7 } else { 5 });
    let mut fill = ChartSolidFill::new();
    fill.set_color(colour);
    let mut inside = ChartFormat::new();
    inside.set_solid_fill(&fill);
    marker.set_format(&mut inside);
    series.set_format(&mut format);
    series.set_marker(&marker);
}
