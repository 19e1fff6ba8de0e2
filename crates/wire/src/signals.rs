//! Signals, as control charts.

use domain::organisation::UnitTree;
use domain::signal::{Against, Chart, Gap, Mark, Point, Signal, between, shewhart};
use domain::statistics::NamedUnit;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::statistics::UnitKey;

/// Why a value is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalMark {
    /// Above the upper limit.
    Above,
    /// Below the lower limit.
    Below,
    /// The last of nine or more in a row above the centre line.
    RunAbove,
    /// The last of nine or more in a row below it.
    RunBelow,
    /// Events came closer together than chance lets them.
    Close,
    /// No event came for longer than chance lets it be.
    Far,
}

impl From<Mark> for SignalMark {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Above => SignalMark::Above,
            Mark::Below => SignalMark::Below,
            Mark::RunAbove => SignalMark::RunAbove,
            Mark::RunBelow => SignalMark::RunBelow,
            Mark::Close => SignalMark::Close,
            Mark::Far => SignalMark::Far,
        }
    }
}

/// Whether a chart could be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalState {
    /// It was.
    Charted,
    /// The baseline has too few events: fewer than one in two months, or, of a share, fewer than five a month
    /// of either outcome.
    TooFew,
    /// The baseline has fewer than twelve months.
    TooShort,
}

/// A month of the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignalBaseMonth {
    /// The month.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub month: String,
    /// How many events.
    pub events: u64,
    /// What they are set against.
    pub exposure: f64,
}

/// What is known from before.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignalBaseline {
    /// The first month.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub from: String,
    /// The last month.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub to: String,
    /// How many events, D of the formula.
    pub events: u64,
    /// What they are set against, N of the formula.
    pub exposure: f64,
    /// The months.
    pub months: Vec<SignalBaseMonth>,
}

/// A watched value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignalPoint {
    /// The month, of charts by month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = r"^\d{4}-\d{2}$")]
    pub month: Option<String>,
    /// The day of the event, of a chart of days between; of the last point the day after what is watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub day: Option<Date>,
    /// How many events; 0 at the end of a chart of days between.
    pub events: u64,
    /// What they are set against, n of the formula, of charts by month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub exposure: Option<f64>,
    /// The value: events for each `per`, or days since the event before. Null where there is none.
    pub value: Option<f64>,
    /// The lower limit.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// Why it is marked.
    pub marks: Vec<SignalMark>,
}

/// A rule by which values are marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignalRule {
    /// Its mark.
    pub mark: SignalMark,
    /// In Swedish.
    pub text: String,
}

/// Limits of a chart of days between events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignalDays {
    /// So many gaps are looked at together.
    pub gaps: usize,
    /// In fewer days than this they are marked.
    pub fewer_than: u64,
}

/// The control chart of a unit and a category.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignalView {
    /// The unit by itself, without those below.
    pub unit: UnitKey,
    /// The category, those below included; null is of no category.
    pub category: Option<String>,
    /// What is watched: `reports`, or `injury`, the share with injury where that is known.
    pub of: &'static str,
    /// Whether a chart could be drawn.
    pub state: SignalState,
    /// `u`, `p`, or `t`: days between rare events. Null where there is none.
    pub chart: Option<&'static str>,
    /// Whether anything in it is marked.
    pub marked: bool,
    /// What is known from before.
    pub baseline: SignalBaseline,
    /// What events are set against: `days`, `bed_days`, `interventions`, or `reports` of which it is known.
    pub against: &'static str,
    /// For how many of that values are told; null for days between events.
    pub per: Option<u64>,
    /// The centre line: events for each `per`, or days for each event.
    pub centre: Option<f64>,
    /// How the limits are calculated, in Swedish.
    pub formula: Option<String>,
    /// The rules.
    pub rules: Vec<SignalRule>,
    /// Of days between events: how close they may come.
    pub closest: Vec<SignalDays>,
    /// Of a hundred such charts of a year in which nothing changed, at most so many are marked.
    pub false_alarms_in_100: Option<u64>,
    /// The watched values, in order.
    pub points: Vec<SignalPoint>,
    /// What must be read beside it, in Swedish.
    pub note: &'static str,
}

/// What must be read beside every signal.
const NOTE: &str = "En markering säger att något har ändrats mer än slumpen brukar, inte vad eller varför: \
    det kan också vara att man har börjat rapportera.";

/// Ten-thousandths, or hundredths, as near as a float of JSON comes to them.
#[allow(clippy::cast_precision_loss, reason = "no figure of a chart is that large")]
fn parts(value: i64, parts: i64) -> f64 {
    value as f64 / parts as f64
}

fn exposure(against: Against, exposed: u64) -> f64 {
    let whole = i64::try_from(exposed).unwrap_or(i64::MAX);
    parts(whole, i64::try_from(against.parts()).unwrap_or(1))
}

fn days(days: u64) -> f64 {
    parts(i64::try_from(days).unwrap_or(i64::MAX), 1)
}

fn marks(marks: &[Mark]) -> Vec<SignalMark> {
    marks.iter().map(|mark| SignalMark::from(*mark)).collect()
}

fn by_month(against: Against, point: &Point) -> SignalPoint {
    let value = |value: Option<i64>| value.map(|value| parts(value, 10_000));
    SignalPoint {
        month: Some(point.month.to_string()),
        day: None,
        events: point.events,
        exposure: Some(exposure(against, point.exposed)),
        value: value(point.value),
        lower: value(point.lower),
        upper: value(point.upper),
        marks: marks(&point.marks),
    }
}

fn by_day(upper: u64, gap: &Gap) -> SignalPoint {
    SignalPoint {
        month: None,
        day: Some(gap.day),
        events: u64::from(gap.event),
        exposure: None,
        value: gap.days.map(days),
        lower: None,
        upper: Some(days(upper)),
        marks: marks(&gap.marks),
    }
}

fn rules(chart: &Chart) -> Vec<SignalRule> {
    let rule = |mark: SignalMark, text: String| SignalRule { mark, text };
    let run = shewhart::RUN;
    match chart {
        Chart::TooShort | Chart::TooFew => Vec::new(),
        Chart::U(_) | Chart::P(_) => vec![
            rule(SignalMark::Above, "Månaden ligger över den övre gränsen.".to_owned()),
            rule(SignalMark::Below, "Månaden ligger under den nedre gränsen.".to_owned()),
            rule(
                SignalMark::RunAbove,
                format!("Minst {run} månader i rad, till och med den här, ligger över mittlinjen."),
            ),
            rule(
                SignalMark::RunBelow,
                format!(
                    "Minst {run} månader i rad, till och med den här, ligger under mittlinjen."
                ),
            ),
        ],
        Chart::T(_) => {
            let [few, many] = between::GAPS.map(|gaps| gaps + 1);
            vec![
                rule(
                    SignalMark::Close,
                    format!(
                        "De senaste {few} eller {many} händelserna kom tätare än vad slumpen ger i 5 av \
                         10 000 fall."
                    ),
                ),
                rule(
                    SignalMark::Far,
                    "Det dröjde längre utan händelse än vad slumpen ger i 5 av 10 000 fall."
                        .to_owned(),
                ),
            ]
        }
    }
}

impl SignalView {
    /// As it is shown, with the name of its unit.
    pub fn of(signal: &Signal, units: &UnitTree) -> Self {
        let name = units.get(signal.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let (chart, against) = (&signal.chart, signal.against);
        let (centre, points, closest) = match chart {
            Chart::TooShort | Chart::TooFew => (None, Vec::new(), Vec::new()),
            Chart::U(drawn) | Chart::P(drawn) => {
                let points = drawn.points.iter().map(|point| by_month(against, point)).collect();
                (Some(parts(drawn.centre, 10_000)), points, Vec::new())
            }
            Chart::T(drawn) => {
                let closest = between::GAPS.into_iter().zip(drawn.lower);
                let closest =
                    closest.map(|(gaps, fewer_than)| SignalDays { gaps, fewer_than }).collect();
                let points = drawn.gaps.iter().map(|gap| by_day(drawn.upper, gap)).collect();
                (Some(parts(drawn.mean, 10_000)), points, closest)
            }
        };
        let month =
            |(month, events, exposed): &(domain::statistics::Month, u64, u64)| SignalBaseMonth {
                month: month.to_string(),
                events: *events,
                exposure: exposure(against, *exposed),
            };
        Self {
            unit: NamedUnit { id: signal.unit, name }.into(),
            category: signal.category.clone(),
            of: signal.of.code(),
            state: match chart {
                Chart::TooShort => SignalState::TooShort,
                Chart::TooFew => SignalState::TooFew,
                Chart::U(_) | Chart::P(_) | Chart::T(_) => SignalState::Charted,
            },
            chart: chart.code(),
            marked: chart.marked(),
            baseline: SignalBaseline {
                from: signal.baseline.from.to_string(),
                to: signal.baseline.to.to_string(),
                events: signal.events,
                exposure: exposure(against, signal.exposed),
                months: signal.before.iter().map(month).collect(),
            },
            against: against.code(),
            per: match chart {
                Chart::T(_) => None,
                Chart::TooShort | Chart::TooFew | Chart::U(_) | Chart::P(_) => Some(against.per()),
            },
            centre,
            formula: match chart {
                Chart::TooShort | Chart::TooFew => None,
                Chart::U(_) => Some(shewhart::U_FORMULA.to_owned()),
                Chart::P(_) => Some(shewhart::P_FORMULA.to_owned()),
                Chart::T(_) => Some(between::FORMULA.to_owned()),
            },
            rules: rules(chart),
            closest,
            false_alarms_in_100: chart.code().map(|_| chart.false_alarms()),
            points,
            note: NOTE,
        }
    }
}
