//! What figures can be grouped and filtered by, and the columns of the facts behind it.

use std::fmt;
use std::str::FromStr;

use crate::forms::Asked;

/// A property by which cases are grouped and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Calendar year.
    Year,
    /// Half of the year, 1–2.
    Half,
    /// Third of the year, 1–3.
    Tertial,
    /// Month, 1–12.
    Month,
    /// ISO week, 1–53. Around New Year it may belong to another year than the case's.
    Week,
    /// Weekday, 1 (Monday) – 7.
    Weekday,
    /// Quarter of the day.
    HourBand,
    /// Avvikelse, synpunkt or klagomål.
    Kind,
    /// The responsible unit.
    Unit,
    /// The unit that reported.
    ReportingUnit,
    /// The area of the responsible unit.
    Area,
    /// The group of areas the responsible unit's area is in: särskilt boende, ordinärt boende …
    AreaGroup,
    /// The law; the first named is the one counted, unless mentions are.
    Law,
    /// The category.
    Category,
    /// The highest code above the category.
    CategoryTop,
    /// Negative event, near miss or risk.
    Nature,
    /// Actual severity, 1–4.
    Severity,
    /// Probability, 1–4.
    Probability,
    /// Whether it was a vårdskada.
    Vardskada,
    /// Whether that was serious.
    Serious,
    /// The injury.
    Injury,
    /// Whether it reached the person.
    ReachedPerson,
    /// The way it is handled.
    Track,
    /// How it ended.
    Outcome,
    /// Where it stands today.
    Status,
    /// Who it came from.
    Source,
    /// How it came.
    Channel,
    /// The reporter's profession.
    Profession,
    /// Sex of the person.
    Sex,
    /// Age of the person.
    AgeBand,
    /// How the category suggested at filing did, held against the assessor's.
    Suggestion,
    /// The same, held against the reporter's.
    SuggestionReported,
    /// Whether the sender understood the answer to an opinion.
    Understood,
    /// Whether it helped.
    Helped,
    /// The category by which a patientnämnd counts an opinion.
    Patientnamnd,
    /// The causes that its investigation found.
    Cause,
    /// The caregivers it was sent to, or came from.
    Counterparty,
    /// The answers to a question of a form.
    Answer(Asked),
}

/// Quarters of the day: hours from `00-06` on, the end not included.
pub const HOUR_BANDS: [&str; 4] = ["00-06", "06-12", "12-18", "18-24"];

impl Dimension {
    /// Every dimension but the questions of forms.
    pub const ALL: [Dimension; 37] = [
        Dimension::Year,
        Dimension::Half,
        Dimension::Tertial,
        Dimension::Month,
        Dimension::Week,
        Dimension::Weekday,
        Dimension::HourBand,
        Dimension::Kind,
        Dimension::Unit,
        Dimension::ReportingUnit,
        Dimension::Area,
        Dimension::AreaGroup,
        Dimension::Law,
        Dimension::Category,
        Dimension::CategoryTop,
        Dimension::Nature,
        Dimension::Severity,
        Dimension::Probability,
        Dimension::Vardskada,
        Dimension::Serious,
        Dimension::Injury,
        Dimension::ReachedPerson,
        Dimension::Track,
        Dimension::Outcome,
        Dimension::Status,
        Dimension::Source,
        Dimension::Channel,
        Dimension::Profession,
        Dimension::Sex,
        Dimension::AgeBand,
        Dimension::Suggestion,
        Dimension::SuggestionReported,
        Dimension::Understood,
        Dimension::Helped,
        Dimension::Patientnamnd,
        Dimension::Cause,
        Dimension::Counterparty,
    ];

    /// Its name in requests and answers.
    pub fn code(self) -> &'static str {
        match self {
            Dimension::Year => "year",
            Dimension::Half => "half",
            Dimension::Tertial => "tertial",
            Dimension::Month => "month",
            Dimension::Week => "week",
            Dimension::Weekday => "weekday",
            Dimension::HourBand => "hour_band",
            Dimension::Kind => "kind",
            Dimension::Unit => "unit",
            Dimension::ReportingUnit => "reporting_unit",
            Dimension::Area => "area",
            Dimension::AreaGroup => "area_group",
            Dimension::Law => "law",
            Dimension::Category => "category",
            Dimension::CategoryTop => "category_top",
            Dimension::Nature => "nature",
            Dimension::Severity => "severity",
            Dimension::Probability => "probability",
            Dimension::Vardskada => "vardskada",
            Dimension::Serious => "serious",
            Dimension::Injury => "injury",
            Dimension::ReachedPerson => "reached_person",
            Dimension::Track => "track",
            Dimension::Outcome => "outcome",
            Dimension::Status => "status",
            Dimension::Source => "source",
            Dimension::Channel => "channel",
            Dimension::Profession => "profession",
            Dimension::Sex => "sex",
            Dimension::AgeBand => "age_band",
            Dimension::Suggestion => "suggestion",
            Dimension::SuggestionReported => "suggestion_reported",
            Dimension::Understood => "understood",
            Dimension::Helped => "helped",
            Dimension::Patientnamnd => "patientnamnd",
            Dimension::Cause => "cause",
            Dimension::Counterparty => "counterparty",
            Dimension::Answer(asked) => asked.code(),
        }
    }

    /// The column of the facts it is read from, directly or by a rule.
    pub fn column(self) -> Column {
        match self {
            Dimension::Year => Column::Year,
            Dimension::Half | Dimension::Tertial | Dimension::Month => Column::Month,
            Dimension::Week => Column::Week,
            Dimension::Weekday => Column::Weekday,
            Dimension::HourBand => Column::Hour,
            Dimension::Kind => Column::Kind,
            Dimension::Unit | Dimension::Area | Dimension::AreaGroup => Column::Unit,
            Dimension::ReportingUnit => Column::ReportingUnit,
            Dimension::Law => Column::Laws,
            Dimension::Category | Dimension::CategoryTop => Column::Category,
            Dimension::Nature => Column::Nature,
            Dimension::Severity => Column::Severity,
            Dimension::Probability => Column::Probability,
            Dimension::Vardskada => Column::Vardskada,
            Dimension::Serious => Column::Serious,
            Dimension::Injury => Column::Injury,
            Dimension::ReachedPerson => Column::ReachedPerson,
            Dimension::Track => Column::Track,
            Dimension::Outcome => Column::Outcome,
            Dimension::Status => Column::Status,
            Dimension::Source => Column::Source,
            Dimension::Channel => Column::Channel,
            Dimension::Profession => Column::Profession,
            Dimension::Sex => Column::Sex,
            Dimension::AgeBand => Column::AgeBand,
            Dimension::Suggestion => Column::Suggestion,
            Dimension::SuggestionReported => Column::SuggestionReported,
            Dimension::Understood => Column::Understood,
            Dimension::Helped => Column::Helped,
            Dimension::Patientnamnd => Column::Patientnamnd,
            Dimension::Cause => Column::Cause,
            Dimension::Counterparty => Column::Counterparty,
            Dimension::Answer(asked) => Column::Answer(asked),
        }
    }

    /// Whether a case may have several values, so that only mentions of them can be counted.
    pub fn several(self) -> bool {
        match self {
            Dimension::Cause | Dimension::Counterparty => true,
            Dimension::Answer(asked) => asked.question().several(),
            _ => false,
        }
    }

    /// The code lists its values are in, in the order they are shown; empty where it has none.
    pub fn lists(self) -> &'static [&'static str] {
        match self {
            Dimension::Category | Dimension::CategoryTop => &["category", "complaint"],
            Dimension::Area => &["area"],
            Dimension::Law => &["law"],
            Dimension::Nature => &["nature"],
            Dimension::Severity => &["severity"],
            Dimension::Probability => &["probability"],
            Dimension::Vardskada => &["vardskada"],
            Dimension::Injury => &["injury"],
            Dimension::Track => &["track"],
            Dimension::Outcome => &["outcome"],
            Dimension::Source => &["source"],
            Dimension::Channel => &["channel"],
            Dimension::Profession => &["profession"],
            Dimension::Sex => &["sex"],
            Dimension::AgeBand => &["age_band"],
            Dimension::Patientnamnd => &["patientnamnd"],
            Dimension::Cause => &["cause"],
            Dimension::Answer(asked) => &asked.question().lists,
            Dimension::Year
            | Dimension::Half
            | Dimension::Tertial
            | Dimension::Month
            | Dimension::Week
            | Dimension::Weekday
            | Dimension::HourBand
            | Dimension::Kind
            | Dimension::Unit
            | Dimension::ReportingUnit
            | Dimension::Serious
            | Dimension::ReachedPerson
            | Dimension::Status
            | Dimension::Suggestion
            | Dimension::SuggestionReported
            | Dimension::Understood
            | Dimension::Helped
            | Dimension::AreaGroup
            | Dimension::Counterparty => &[],
        }
    }

    /// The least and the greatest number it can be; `None` where it is no number.
    pub fn range(self) -> Option<(i16, i16)> {
        match self {
            Dimension::Year => Some((FIRST_YEAR, LAST_YEAR)),
            Dimension::Half => Some((1, 2)),
            Dimension::Tertial => Some((1, 3)),
            Dimension::Month => Some((1, 12)),
            Dimension::Week => Some((1, 53)),
            Dimension::Weekday => Some((1, 7)),
            Dimension::Severity | Dimension::Probability => Some((1, 4)),
            Dimension::HourBand
            | Dimension::Kind
            | Dimension::Unit
            | Dimension::ReportingUnit
            | Dimension::Area
            | Dimension::AreaGroup
            | Dimension::Law
            | Dimension::Category
            | Dimension::CategoryTop
            | Dimension::Nature
            | Dimension::Vardskada
            | Dimension::Serious
            | Dimension::Injury
            | Dimension::ReachedPerson
            | Dimension::Track
            | Dimension::Outcome
            | Dimension::Status
            | Dimension::Source
            | Dimension::Channel
            | Dimension::Profession
            | Dimension::Sex
            | Dimension::AgeBand
            | Dimension::Suggestion
            | Dimension::SuggestionReported
            | Dimension::Understood
            | Dimension::Helped
            | Dimension::Patientnamnd
            | Dimension::Cause
            | Dimension::Counterparty
            | Dimension::Answer(_) => None,
        }
    }
}

/// The first year figures can be asked for.
pub const FIRST_YEAR: i16 = 1900;

/// The last one.
pub const LAST_YEAR: i16 = 2199;

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Dimension {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        let fixed = Dimension::ALL.into_iter().find(|dimension| dimension.code() == code);
        fixed.or_else(|| Asked::find(code).map(Dimension::Answer)).ok_or(())
    }
}

/// A column of the facts that figures are grouped by. Those of time are read from the report or
/// from the event, as the question says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Calendar year.
    Year,
    /// Month, 1–12.
    Month,
    /// ISO week, 1–53.
    Week,
    /// Weekday, 1 = Monday.
    Weekday,
    /// Hour, 0–23.
    Hour,
    /// Kind.
    Kind,
    /// Responsible unit.
    Unit,
    /// Reporting unit.
    ReportingUnit,
    /// Every law, the counted one first.
    Laws,
    /// Category.
    Category,
    /// Nature.
    Nature,
    /// Actual severity.
    Severity,
    /// Probability.
    Probability,
    /// Vårdskada.
    Vardskada,
    /// Whether serious.
    Serious,
    /// Injury.
    Injury,
    /// Whether it reached the person.
    ReachedPerson,
    /// Track.
    Track,
    /// Outcome.
    Outcome,
    /// Status.
    Status,
    /// Source.
    Source,
    /// Channel.
    Channel,
    /// Reporter's profession.
    Profession,
    /// Sex.
    Sex,
    /// Age band.
    AgeBand,
    /// How the suggestion did, held against the assessor's category.
    Suggestion,
    /// The same, held against the reporter's.
    SuggestionReported,
    /// Whether the answer was understood.
    Understood,
    /// Whether it helped.
    Helped,
    /// The patientnämnd's category.
    Patientnamnd,
    /// The causes of its investigation: no column of the facts, but rows beside them.
    Cause,
    /// The caregivers at the other end of its forwardings: rows beside the facts, too.
    Counterparty,
    /// The answers to a question: no column of the facts, but rows beside them.
    Answer(Asked),
}

impl Column {
    /// Whether it tells when, so that it depends on what places a case in time.
    pub fn is_time(self) -> bool {
        matches!(self, Column::Year | Column::Month | Column::Week | Column::Weekday | Column::Hour)
    }

    /// Whether a case may have several values, which are rows beside its fact.
    pub fn is_beside(self) -> bool {
        matches!(self, Column::Cause | Column::Counterparty | Column::Answer(_))
    }
}

/// The half of the year a month lies in.
pub fn half(month: i16) -> i16 {
    (month - 1) / 6 + 1
}

/// The third of the year a month lies in.
pub fn tertial(month: i16) -> i16 {
    (month - 1) / 4 + 1
}

/// The quarter of the day an hour lies in.
pub fn hour_band(hour: i16) -> &'static str {
    match hour {
        ..6 => HOUR_BANDS[0],
        6..12 => HOUR_BANDS[1],
        12..18 => HOUR_BANDS[2],
        18.. => HOUR_BANDS[3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_is_found_by_its_code() {
        for dimension in Dimension::ALL {
            assert_eq!(dimension.code().parse(), Ok(dimension));
        }
        for asked in Asked::all() {
            assert_eq!(asked.code().parse(), Ok(Dimension::Answer(asked)));
        }
        assert_eq!("Month".parse::<Dimension>(), Err(()));
        assert_eq!("med_name".parse::<Dimension>(), Err(()), "a text is not counted");
    }

    #[test]
    fn parts_of_the_year_and_of_the_day() {
        let halves: Vec<_> = (1..=12).map(half).collect();
        assert_eq!(halves, [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
        let tertials: Vec<_> = (1..=12).map(tertial).collect();
        assert_eq!(tertials, [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
        for (hour, band) in [
            (0, "00-06"),
            (5, "00-06"),
            (6, "06-12"),
            (11, "06-12"),
            (12, "12-18"),
            (17, "12-18"),
            (18, "18-24"),
            (23, "18-24"),
        ] {
            assert_eq!(hour_band(hour), band);
        }
    }
}
