//! The fact of a case: its values on every dimension of the figures, as they are today.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::swedish;
use crate::case::closing::Ending;
use crate::case::triage::Vardskada;
use crate::case::{Case, Kind, Status, Subkind, Track};
use crate::code_lists::CodeLists;
use crate::forms::{Coded, coded};
use crate::ids::{CaseId, InvestigationId, UnitId};
use crate::law::Law;
use crate::patientnamnd;
use crate::suggest::Hit;
use crate::survey::Satisfied;

/// An instant as the figures see it: Swedish calendar and clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The day.
    pub day: Date,
    /// Calendar year.
    pub year: i16,
    /// Month, 1–12.
    pub month: i16,
    /// ISO week, 1–53.
    pub week: i16,
    /// Weekday, 1 = Monday.
    pub weekday: i16,
    /// Hour, 0–23.
    pub hour: i16,
}

impl From<Timestamp> for Period {
    fn from(at: Timestamp) -> Self {
        let moment = swedish(at);
        Self {
            day: moment.day,
            year: moment.year,
            month: moment.month.into(),
            week: moment.week.into(),
            weekday: moment.weekday.into(),
            hour: moment.hour.into(),
        }
    }
}

/// One case on every dimension. A code that no list knows counts as no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The case.
    pub case: CaseId,
    /// False for drafts and void cases: they are never counted.
    pub counted: bool,
    /// Closed as a duplicate of another: counted only when duplicates are asked for.
    pub duplicate: bool,
    /// When it was reported.
    pub reported: Period,
    /// When it happened, where known.
    pub occurred: Option<Period>,
    /// Kind.
    pub kind: Kind,
    /// Subkind.
    pub subkind: Option<Subkind>,
    /// Responsible unit; its area is looked up when counting.
    pub unit: UnitId,
    /// Reporting unit.
    pub reporting_unit: UnitId,
    /// Every law, the counted one first.
    pub laws: Vec<Law>,
    /// Category: assessed, else reported.
    pub category: Option<String>,
    /// The law the reporter named first.
    pub law_reported: Option<Law>,
    /// The law the assessor named first; `None` until somebody assessed it.
    pub law_assessed: Option<Law>,
    /// The reporter's category.
    pub category_reported: Option<String>,
    /// The assessor's category.
    pub category_assessed: Option<String>,
    /// Nature.
    pub nature: Option<String>,
    /// Actual severity.
    pub severity: Option<u8>,
    /// Probability.
    pub probability: Option<u8>,
    /// Whether it was a vårdskada.
    pub vardskada: Vardskada,
    /// Whether that was serious.
    pub serious: Option<bool>,
    /// Injury.
    pub injury: Option<String>,
    /// Whether it reached the person.
    pub reached_person: Option<bool>,
    /// Track.
    pub track: Option<Track>,
    /// Outcome.
    pub outcome: Option<String>,
    /// Status.
    pub status: Status,
    /// Source.
    pub source: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// Reporter's profession.
    pub profession: Option<String>,
    /// Sex.
    pub sex: Option<String>,
    /// Age band.
    pub age_band: Option<String>,
    /// How the category suggested at filing did, held against the assessor's; `None` where there
    /// is none to hold it against, or no suggestion was made.
    pub suggestion: Option<Hit>,
    /// The same, held against the reporter's.
    pub suggestion_reported: Option<Hit>,
    /// Whether the sender of an opinion understood the answer; `None` until they said.
    pub understood: Option<Satisfied>,
    /// Whether it helped.
    pub helped: Option<Satisfied>,
    /// The patientnämnd's category of an opinion.
    pub patientnamnd: Option<String>,
    /// The investigation, whose causes and measures are counted.
    pub investigation: Option<InvestigationId>,
    /// Whether it came by import.
    pub imported: bool,
    /// The answers to forms that are counted, in order.
    pub answers: Vec<Coded>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When triage was complete.
    pub triaged_at: Option<Timestamp>,
    /// When the investigation was complete, or began where an import says no more.
    pub investigated_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl Fact {
    /// The fact of a case as it is now.
    pub fn of(case: &Case, codes: &CodeLists) -> Self {
        let known = |list: &str, code: &Option<String>| {
            code.clone().filter(|code| codes.get(list, code).is_some())
        };
        let list = case.kind.category_list();
        let hit = |chosen: &Option<String>| {
            let chosen = chosen.as_ref().filter(|code| codes.get(list, code).is_some())?;
            let suggestion = case.filing.suggestion.as_ref()?;
            // One made for another kind, before the case was filed anew, says nothing here.
            let of_kind = suggestion.categories.iter().all(|code| codes.get(list, code).is_some());
            of_kind.then(|| suggestion.hit(chosen, list, codes))
        };
        let progress = &case.progress;
        let assessment = &case.assessment;
        Self {
            case: case.id,
            counted: !case.uncounted(),
            duplicate: case.outcome().is_some_and(|code| Ending::of(code) == Ending::Duplicate),
            reported: case.reported_at.into(),
            occurred: case.occurred_at.map(Period::from),
            kind: case.kind,
            subkind: case.subkind,
            unit: case.unit,
            reporting_unit: case.reporting_unit,
            laws: case.laws(),
            category: case.known_category(codes).map(str::to_owned),
            law_reported: case.filing.known_laws().first().copied(),
            law_assessed: assessment.law.first().copied(),
            category_reported: known(list, &case.filing.category),
            category_assessed: known(list, &assessment.category),
            nature: known("nature", &assessment.nature),
            severity: assessment.severity.actual,
            probability: assessment.probability,
            vardskada: assessment.harm.vardskada,
            serious: assessment.harm.serious,
            injury: known("injury", &assessment.harm.injury),
            reached_person: assessment.harm.reached_person,
            track: assessment.track,
            outcome: case.outcome().map(str::to_owned),
            status: case.status(),
            source: known("source", &case.filing.source),
            channel: known("channel", &case.filing.channel),
            profession: known("profession", &case.filing.profession),
            sex: known("sex", &case.filing.sex),
            age_band: known("age_band", &case.filing.age_band),
            suggestion: hit(&assessment.category),
            suggestion_reported: hit(&case.filing.category),
            understood: None,
            helped: None,
            patientnamnd: known(patientnamnd::LIST, &case.patientnamnd().map(str::to_owned)),
            investigation: case.investigation.as_ref().map(|inquiry| inquiry.id),
            imported: case.imported,
            answers: coded(case.kind, &case.filing.details, codes),
            occurred_at: case.occurred_at,
            reported_at: case.reported_at,
            triaged_at: progress.triaged_at,
            investigated_at: progress.investigation_done_at,
            closed_at: case.closed_at(),
        }
    }
}
