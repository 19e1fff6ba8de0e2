//! Answers of the cube.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use domain::statistics::{
    Cube, Days, EscalationCube, EscalationFigures, Figures, ForwardingCube, ForwardingFigures, Key,
    LeadTime, LeadTimes, Months, NamedUnit, Row,
};
use jiff::civil::Date;
use serde::ser::{Serialize, SerializeMap, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ObjectBuilder, OneOfBuilder, Ref, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// Months that follow each other, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct MonthSpan {
    /// The first, `YYYY-MM`.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub from: String,
    /// The last, `YYYY-MM`.
    #[schema(pattern = r"^\d{4}-\d{2}$")]
    pub to: String,
}

/// A unit by its name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct UnitKey {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// What a row has on one dimension: a number, true or false, a code, a unit, or null for no value.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum KeyValue<'a> {
    None,
    Number(i16),
    Flag(bool),
    Code(&'a str),
    Unit { id: Uuid, name: &'a str },
}

/// The keys of a row, in the order of the grouping: their names, which all rows share, and what the row has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    names: Arc<[&'static str]>,
    keys: Vec<Arc<Key>>,
}

impl Serialize for Keys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.keys.len()))?;
        for (name, key) in self.names.iter().zip(&self.keys) {
            map.serialize_entry(name, &KeyValue::from(&**key))?;
        }
        map.end()
    }
}

impl PartialSchema for Keys {
    fn schema() -> RefOr<Schema> {
        let value = OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Null))
            .item(ObjectBuilder::new().schema_type(Type::Integer))
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(ObjectBuilder::new().schema_type(Type::String))
            .item(Ref::from_schema_name(UnitKey::name()));
        ObjectBuilder::new()
            .description(Some("The value on each dimension of the grouping, by its name."))
            .additional_properties(Some(AdditionalProperties::RefOr(value.into())))
            .into()
    }
}

impl ToSchema for Keys {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((UnitKey::name().into_owned(), UnitKey::schema()));
        UnitKey::schemas(schemas);
    }
}

/// How long cases took from the event to one stage, in days.
#[derive(Clone, Debug, PartialEq, serde::Serialize, ToSchema)]
pub struct StageTime {
    /// How many cases it is about: the event is known and the stage was passed by `as_of`.
    pub n: u64,
    /// The middle one; of an even number the mean of the middle two.
    pub median: Option<f64>,
    /// The 90th percentile by nearest rank.
    pub p90: Option<f64>,
}

/// How long cases took from the event to each stage, in days.
#[derive(Clone, Debug, PartialEq, serde::Serialize, ToSchema)]
pub struct StageTimes {
    /// To the report.
    pub report: StageTime,
    /// To the end of triage.
    pub triage: StageTime,
    /// To the end of the investigation.
    pub investigation: StageTime,
    /// To the close.
    pub close: StageTime,
}

/// How long escalations took, in days.
#[derive(Clone, Debug, PartialEq, serde::Serialize, ToSchema)]
pub struct EscalationTimes {
    /// From the event (lex Sarah: the report) to the decision.
    pub to_decision: StageTime,
    /// From the decision to the notification.
    pub decision_to_notification: StageTime,
    /// From the event to the notification.
    pub to_notification: StageTime,
}

/// What is counted of a set of cases. What was not asked for is not there.
#[derive(Clone, Debug, PartialEq, serde::Serialize, ToSchema)]
pub struct CubeFigures {
    /// How many.
    pub count: u64,
    /// How many a year earlier, with `compare=previous_year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub previous: Option<u64>,
    /// `count` less `previous`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub change: Option<i64>,
    /// How many were open at the end of `as_of`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub open: Option<u64>,
    /// How many were closed by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed: Option<u64>,
    /// How long they took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lead_time: Option<Box<StageTimes>>,
    /// How long they took, with `of=escalations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub days: Option<Box<EscalationTimes>>,
    /// How many were answered by then, with `measures=answered`: of forwardings, or of the opinions among
    /// the cases. An avvikelse is not answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub answered: Option<u64>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, serde::Serialize, ToSchema)]
pub struct CubeRow {
    /// What its cases have in common.
    pub keys: Keys,
    /// What is counted of them.
    #[serde(flatten)]
    pub figures: CubeFigures,
}

/// Figures by what cases have in common. The rows add to the total.
#[derive(Clone, Debug, PartialEq, serde::Serialize, ToSchema)]
pub struct CubeAnswer {
    /// The months it covers.
    pub period: MonthSpan,
    /// The months it is compared with, with `compare=previous_year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub previous_period: Option<MonthSpan>,
    /// What places a case in the period: `reported` or `occurred`; an escalation `flagged`; a forwarding
    /// `sent`: when it left, or came in.
    pub count_by: &'static str,
    /// The last day that is known: a case closed later is open, one reported later is not there.
    pub as_of: Date,
    /// What is counted: `cases`, `events`, `mentions`, `escalations` or `forwardings`.
    pub of: &'static str,
    /// What is told of them.
    pub measures: Vec<&'static str>,
    /// What the rows are grouped by.
    pub group_by: Vec<&'static str>,
    /// The rows: numbers ascending, codes as in their list, units by name, null last.
    pub rows: Vec<CubeRow>,
    /// All of it.
    pub total: CubeFigures,
    /// With `count_by=occurred`: how many cases reported in the period are left out, since nobody
    /// knows when they happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unplaced: Option<u64>,
    /// The units the figures are limited to, because the reader sees no more; null is no limit.
    pub scope: Option<Vec<UnitKey>>,
}

impl CubeAnswer {
    /// The answer as it is sent: what serialising it gives. There may be a hundred thousand rows, and what they have in
    /// common is made into text once.
    ///
    /// # Errors
    /// None that is known: all of it can be written.
    pub fn into_json(mut self) -> Result<Vec<u8>, serde_json::Error> {
        const ROWS: &str = "\"rows\":[";
        let rows = std::mem::take(&mut self.rows);
        let around = serde_json::to_string(&self)?;
        // No name and no text before it has a quotation mark that is not escaped.
        let at = around.find(ROWS).map_or(around.len(), |at| at + ROWS.len());
        let (before, behind) = around.as_bytes().split_at(at);
        let mut body = Vec::with_capacity(around.len() + rows.len() * ROW_BYTES);
        body.extend_from_slice(before);
        let mut written = Written::default();
        for (nth, row) in rows.iter().enumerate() {
            body.extend_from_slice(if nth == 0 { b"{\"keys\":{" } else { b",{\"keys\":{" });
            for (place, (name, key)) in row.keys.names.iter().zip(&row.keys.keys).enumerate() {
                if place > 0 {
                    body.push(b',');
                }
                body.extend_from_slice(written.text(place, name, key)?);
            }
            body.push(b'}');
            let figures = body.len();
            serde_json::to_writer(&mut body, &row.figures)?;
            // They go on where the keys end, instead of beginning an object of their own.
            body[figures] = b',';
        }
        body.extend_from_slice(behind);
        Ok(body)
    }
}

/// About as long is a row.
const ROW_BYTES: usize = 200;

/// What rows have on each dimension, as it is written: rows share their keys, and are told apart by where these lie.
#[derive(Default)]
struct Written {
    texts: HashMap<(usize, *const Key), Vec<u8>>,
    /// What the row before had, by dimension: rows are in order, and all but the last dimension seldom change.
    last: Vec<(*const Key, Vec<u8>)>,
}

impl Written {
    fn text(
        &mut self,
        place: usize,
        name: &str,
        key: &Arc<Key>,
    ) -> Result<&[u8], serde_json::Error> {
        let lies = Arc::as_ptr(key);
        if self.last.len() <= place {
            self.last.resize(place + 1, (std::ptr::null(), Vec::new()));
        }
        if self.last[place].0 != lies {
            let text = match self.texts.entry((place, lies)) {
                Entry::Occupied(text) => text.into_mut(),
                Entry::Vacant(place) => {
                    let mut text = serde_json::to_vec(name)?;
                    text.push(b':');
                    serde_json::to_writer(&mut text, &KeyValue::from(&**key))?;
                    place.insert(text)
                }
            };
            let (before, written) = &mut self.last[place];
            *before = lies;
            written.clone_from(text);
        }
        Ok(&self.last[place].1)
    }
}

impl From<Months> for MonthSpan {
    fn from(months: Months) -> Self {
        Self { from: months.from.to_string(), to: months.to.to_string() }
    }
}

impl From<NamedUnit> for UnitKey {
    fn from(unit: NamedUnit) -> Self {
        Self { id: unit.id.0, name: unit.name }
    }
}

impl<'a> From<&'a Key> for KeyValue<'a> {
    fn from(key: &'a Key) -> Self {
        match key {
            Key::None => KeyValue::None,
            Key::Number(number) => KeyValue::Number(*number),
            Key::Flag(flag) => KeyValue::Flag(*flag),
            Key::Code(code) | Key::Group { code, .. } => KeyValue::Code(code),
            Key::Unit(unit) => KeyValue::Unit { id: unit.id.0, name: &unit.name },
            Key::Counterparty { id, name } => KeyValue::Unit { id: id.0, name },
        }
    }
}

/// A tenth is as near as a float of JSON comes to it, and prints as written.
fn days(days: Option<Days>) -> Option<f64> {
    // No span is so long that a float could not hold it.
    #[allow(clippy::cast_precision_loss)]
    days.map(|days| days.tenths as f64 / 10.0)
}

impl From<LeadTime> for StageTime {
    fn from(time: LeadTime) -> Self {
        Self { n: time.n, median: days(time.median), p90: days(time.p90) }
    }
}

impl From<LeadTimes> for StageTimes {
    fn from(times: LeadTimes) -> Self {
        Self {
            report: times.report.into(),
            triage: times.triage.into(),
            investigation: times.investigation.into(),
            close: times.close.into(),
        }
    }
}

impl From<Figures> for CubeFigures {
    fn from(figures: Figures) -> Self {
        Self {
            count: figures.count,
            previous: figures.previous,
            change: figures.change(),
            open: figures.open,
            closed: figures.closed,
            lead_time: figures.lead_time.map(|times| Box::new(StageTimes::from(*times))),
            days: None,
            answered: figures.answered,
        }
    }
}

impl From<Cube> for CubeAnswer {
    fn from(cube: Cube) -> Self {
        let names: Arc<[&'static str]> =
            cube.group_by.iter().map(|dimension| dimension.code()).collect();
        let row = |row: Row| CubeRow {
            keys: Keys { names: Arc::clone(&names), keys: row.keys },
            figures: row.figures.into(),
        };
        Self {
            period: cube.period.into(),
            previous_period: cube.previous_period.map(MonthSpan::from),
            count_by: cube.count_by.code(),
            as_of: cube.as_of,
            of: cube.of.code(),
            measures: cube.measures.iter().map(|measure| measure.code()).collect(),
            rows: cube.rows.into_iter().map(row).collect(),
            total: cube.total.into(),
            unplaced: cube.unplaced,
            scope: cube.scope.map(|units| units.into_iter().map(UnitKey::from).collect()),
            group_by: names.to_vec(),
        }
    }
}

impl From<EscalationFigures> for CubeFigures {
    fn from(figures: EscalationFigures) -> Self {
        Self {
            count: figures.count,
            previous: None,
            change: None,
            open: None,
            closed: None,
            lead_time: None,
            answered: None,
            days: Some(Box::new(EscalationTimes {
                to_decision: figures.to_decision.into(),
                decision_to_notification: figures.decision_to_notification.into(),
                to_notification: figures.to_notification.into(),
            })),
        }
    }
}

impl From<ForwardingCube> for CubeAnswer {
    fn from(cube: ForwardingCube) -> Self {
        let names: Arc<[&'static str]> =
            cube.query.group_by.iter().map(|dimension| dimension.code()).collect();
        let figures = |figures: ForwardingFigures| CubeFigures {
            count: figures.count,
            previous: None,
            change: None,
            open: None,
            closed: None,
            lead_time: None,
            days: None,
            answered: figures.answered,
        };
        let row = |(keys, of): (Vec<Key>, ForwardingFigures)| CubeRow {
            keys: Keys {
                names: Arc::clone(&names),
                keys: keys.into_iter().map(Arc::new).collect(),
            },
            figures: figures(of),
        };
        let mut measures = vec!["count"];
        if cube.query.answered {
            measures.push("answered");
        }
        Self {
            period: cube.query.period.into(),
            previous_period: None,
            count_by: "sent",
            as_of: cube.query.as_of,
            of: "forwardings",
            measures,
            rows: cube.rows.into_iter().map(row).collect(),
            total: figures(cube.total),
            unplaced: None,
            scope: cube.scope.map(|units| units.into_iter().map(UnitKey::from).collect()),
            group_by: names.to_vec(),
        }
    }
}

impl From<EscalationCube> for CubeAnswer {
    fn from(cube: EscalationCube) -> Self {
        let names: Arc<[&'static str]> =
            cube.query.group_by.iter().map(|dimension| dimension.code()).collect();
        let row = |(keys, figures): (Vec<Key>, EscalationFigures)| CubeRow {
            keys: Keys {
                names: Arc::clone(&names),
                keys: keys.into_iter().map(Arc::new).collect(),
            },
            figures: figures.into(),
        };
        Self {
            period: cube.query.period.into(),
            previous_period: None,
            count_by: "flagged",
            as_of: cube.query.as_of,
            of: "escalations",
            measures: vec!["count", "days"],
            rows: cube.rows.into_iter().map(row).collect(),
            total: cube.total.into(),
            unplaced: None,
            scope: cube.scope.map(|units| units.into_iter().map(UnitKey::from).collect()),
            group_by: names.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UnitId;
    use domain::statistics::{CountBy, Dimension, Measure, Of};
    use jiff::civil::date;

    #[test]
    fn the_answer_as_the_contract_has_it() {
        let unit = NamedUnit { id: UnitId(Uuid::from_u128(7)), name: "Åsen".to_owned() };
        let figures = Figures { count: 41, previous: Some(38), ..Figures::default() };
        let stage =
            LeadTime { n: 2, median: Some(Days { tenths: 15 }), p90: Some(Days { tenths: 30 }) };
        let row = |keys: Vec<Key>| Row::new(keys, figures.clone());
        let cube = Cube {
            period: Months::years(2025, 2025),
            previous_period: Some(Months::years(2024, 2024)),
            count_by: CountBy::Reported,
            of: Of::Cases,
            measures: vec![Measure::Count],
            as_of: date(2026, 2, 1),
            group_by: vec![Dimension::Unit, Dimension::Month, Dimension::Category],
            rows: vec![
                row(vec![Key::Unit(unit.clone()), Key::Number(3), Key::Code("HSL.FAL".to_owned())]),
                row(vec![Key::Unit(unit), Key::Number(3), Key::None]),
            ],
            total: Figures {
                count: 82,
                previous: Some(76),
                lead_time: Some(Box::new(LeadTimes { close: stage, ..LeadTimes::default() })),
                ..Figures::default()
            },
            unplaced: None,
            scope: None,
        };
        let id = "00000000-0000-0000-0000-000000000007";
        let none = r#"{"n":0,"median":null,"p90":null}"#;
        let expected = [
            r#"{"period":{"from":"2025-01","to":"2025-12"},"#,
            r#""previous_period":{"from":"2024-01","to":"2024-12"},"count_by":"reported","#,
            r#""as_of":"2026-02-01","of":"cases","measures":["count"],"#,
            r#""group_by":["unit","month","category"],"rows":["#,
            &format!(r#"{{"keys":{{"unit":{{"id":"{id}","name":"Åsen"}},"month":3,"#),
            r#""category":"HSL.FAL"},"count":41,"previous":38,"change":3},"#,
            &format!(r#"{{"keys":{{"unit":{{"id":"{id}","name":"Åsen"}},"month":3,"#),
            r#""category":null},"count":41,"previous":38,"change":3}],"#,
            r#""total":{"count":82,"previous":76,"change":6,"lead_time":{"#,
            &format!(r#""report":{none},"triage":{none},"investigation":{none},"#),
            r#""close":{"n":2,"median":1.5,"p90":3.0}}},"scope":null}"#,
        ];
        let answer = CubeAnswer::from(cube);
        assert_eq!(serde_json::to_string(&answer).unwrap(), expected.concat());
        assert_eq!(String::from_utf8(answer.into_json().unwrap()).unwrap(), expected.concat());
    }

    #[test]
    fn rows_are_written_at_once_as_they_are_one_by_one() {
        let names = ["Åsen \"rows\":[", "Berget", "Dalen"];
        let units = names.map(|name| {
            let id = UnitId(Uuid::from_u128(u128::try_from(name.len()).unwrap()));
            Arc::new(Key::Unit(NamedUnit { id, name: name.to_owned() }))
        });
        let others = [Key::None, Key::Flag(true), Key::Code("A.\"\\".to_owned()), Key::Number(-4)];
        let others = others.map(Arc::new);
        let figures = |count| Figures {
            count,
            previous: (count % 2 == 0).then_some(count + 3),
            open: Some(0),
            lead_time: (count % 3 == 0).then(Box::default),
            ..Figures::default()
        };
        let rows = (0..40_usize).map(|at| Row {
            // The same key may stand in two dimensions, and comes again after another.
            keys: vec![
                Arc::clone(&units[at / 2 % 3]),
                Arc::clone(&others[at % 4]),
                Arc::clone(&units[at % 3]),
            ],
            figures: figures(at as u64),
        });
        let mut cube = Cube {
            period: Months::years(2025, 2025),
            previous_period: None,
            count_by: CountBy::Reported,
            of: Of::Cases,
            measures: vec![Measure::Count],
            as_of: date(2026, 2, 1),
            group_by: vec![Dimension::Unit, Dimension::Category, Dimension::ReportingUnit],
            rows: rows.collect(),
            total: figures(6),
            unplaced: Some(1),
            scope: Some(vec![NamedUnit { id: UnitId(Uuid::nil()), name: "\"rows\":[".to_owned() }]),
        };
        loop {
            let answer = CubeAnswer::from(cube.clone());
            let expected = serde_json::to_vec(&answer).unwrap();
            assert_eq!(answer.into_json().unwrap(), expected);
            if cube.rows.pop().is_none() {
                break;
            }
        }
    }
}
