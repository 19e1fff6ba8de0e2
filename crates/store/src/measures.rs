//! Measures, and what was told at meetings, across the cases that somebody may read.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::case::Status;
use domain::case::feedback::Audience;
use domain::case::measure::{Effect, Measure, MeasureStatus};
use domain::ids::{CaseId, InvestigationId, LearningCardId, MeasureId, StaffId, SubjectId, UnitId};
use domain::policy::Reading;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::among::among;
use crate::case_lists::{HasCase, within_reach};
use crate::cases::code;
use crate::error::Error;
use crate::schema::{cases, feedback, learning_card_meetings, learning_cards, measures};
use crate::sql_types::Db;

/// Who reads, and what their grants let them read.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Who.
    pub staff: StaffId,
    /// What their grants let them read.
    pub readings: Vec<Reading>,
}

/// Which measures a list holds.
#[derive(Clone, Debug)]
pub struct MeasureFilter {
    /// Who lists.
    pub reader: Reader,
    /// Of cases at these units; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// How far they have come; `None` is all.
    pub status: Option<MeasureStatus>,
    /// Codes of the list `measure_type`; empty is all.
    pub kinds: Vec<String>,
    /// Whether they helped; empty is all.
    pub effects: Vec<Effect>,
    /// Today, Swedish time.
    pub today: Date,
    /// Go on after this measure.
    pub after: Option<MeasureId>,
    /// How many at most.
    pub limit: i64,
}

/// A case, as far as a list across cases names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseNamed {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// The responsible unit.
    pub unit: UnitId,
    /// Who it is about.
    pub subject: Option<SubjectId>,
}

/// A measure with the cases it belongs to, as far as one may read them.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureLine {
    /// The measure, without its causes.
    pub measure: Measure,
    /// Its cases, by number.
    pub cases: Vec<CaseNamed>,
}

/// A closed case like another.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// The case.
    pub case: CaseNamed,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// How it ended.
    pub outcome: Option<String>,
    /// Its measures, without their causes.
    pub measures: Vec<Measure>,
}

/// Which cases are like another.
#[derive(Clone, Debug)]
pub struct SimilarFilter {
    /// The case itself, which is not meant.
    pub case: CaseId,
    /// Their kind.
    pub kind: &'static str,
    /// Their categories.
    pub categories: BTreeSet<String>,
    /// Their units.
    pub units: BTreeSet<UnitId>,
    /// How many at most.
    pub limit: i64,
}

/// A meeting of a unit: the cases that were told of, and the learning cards that were discussed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meeting {
    /// The cases.
    pub cases: Vec<CaseNamed>,
    /// The cards, with their titles.
    pub cards: Vec<(LearningCardId, String)>,
}

type MeasureRow = (
    Db<InvestigationId>,
    Db<MeasureId>,
    String,
    String,
    Option<String>,
    Option<Db<Date>>,
    Option<Db<Date>>,
    Option<Db<Date>>,
    String,
    Option<String>,
);

type NamedRow = (Db<CaseId>, String, Db<UnitId>, Option<Db<SubjectId>>);

fn named((id, number, unit, subject): NamedRow) -> CaseNamed {
    CaseNamed { id: id.get(), number, unit: unit.get(), subject: subject.map(Db::get) }
}

fn measure(row: MeasureRow) -> Result<(InvestigationId, Measure), Error> {
    let measure = Measure {
        id: row.1.get(),
        kind: row.2,
        text: row.3,
        causes: Vec::new(),
        owner: row.4,
        due_on: row.5.map(Db::get),
        follow_up_on: row.6.map(Db::get),
        done_on: row.7.map(Db::get),
        effect: code(&row.8, "measures.effect")?,
        effect_note: row.9,
    };
    Ok((row.0.get(), measure))
}

const MEASURE: (
    measures::investigation_id,
    measures::measure_id,
    measures::kind,
    measures::text,
    measures::owner,
    measures::due_on,
    measures::follow_up_on,
    measures::done_on,
    measures::effect,
    measures::effect_note,
) = (
    measures::investigation_id,
    measures::measure_id,
    measures::kind,
    measures::text,
    measures::owner,
    measures::due_on,
    measures::follow_up_on,
    measures::done_on,
    measures::effect,
    measures::effect_note,
);

impl Tx<'_> {
    /// A list of measures of counted cases that the reader may read, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn measure_lines(&mut self, filter: &MeasureFilter) -> Result<Vec<MeasureLine>, Error> {
        let reader = &filter.reader;
        let mut reached = within_reach(reader.staff, &reader.readings);
        if let Some(units) = &filter.units {
            let units = units.iter().copied().map(Db);
            reached = Box::new(reached.and(cases::unit_id.eq_any(among(units))));
        }
        let of_case = HasCase { of: "measures", by: "investigation_id", condition: reached };
        let mut query = measures::table
            .select(MEASURE)
            .filter(measures::tenant_id.eq(Db(self.tenant)))
            .filter(of_case)
            .order(measures::measure_id.desc())
            .limit(filter.limit)
            .into_boxed();
        query = match filter.status {
            None => query,
            Some(MeasureStatus::Open) => query.filter(measures::done_on.is_null()),
            Some(MeasureStatus::Overdue) => query
                .filter(measures::done_on.is_null())
                .filter(measures::due_on.assume_not_null().lt(Db(filter.today))),
            Some(MeasureStatus::Done) => query.filter(measures::done_on.is_not_null()),
        };
        if !filter.kinds.is_empty() {
            query = query.filter(measures::kind.eq_any(among(filter.kinds.clone())));
        }
        if !filter.effects.is_empty() {
            let effects = filter.effects.iter().map(|effect| effect.code());
            query = query.filter(measures::effect.eq_any(among(effects)));
        }
        if let Some(after) = filter.after {
            query = query.filter(measures::measure_id.lt(Db(after)));
        }
        let rows: Vec<MeasureRow> = query.load(self.conn)?;
        let found = rows.into_iter().map(measure).collect::<Result<Vec<_>, _>>()?;
        let inquiries = found.iter().map(|(inquiry, _)| *inquiry).collect();
        let cases = self.cases_of_inquiries(reader, inquiries)?;
        let line = |(inquiry, measure)| MeasureLine {
            measure,
            cases: cases.get(&inquiry).cloned().unwrap_or_default(),
        };
        Ok(found.into_iter().map(line).collect())
    }

    fn cases_of_inquiries(
        &mut self,
        reader: &Reader,
        inquiries: BTreeSet<InvestigationId>,
    ) -> Result<BTreeMap<InvestigationId, Vec<CaseNamed>>, Error> {
        let inquiries: Vec<_> = inquiries.into_iter().map(|id| Some(Db(id))).collect();
        let rows: Vec<(Option<Db<InvestigationId>>, NamedRow)> = cases::table
            .select((
                cases::investigation_id,
                (cases::case_id, cases::number, cases::unit_id, cases::subject_id),
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::investigation_id.eq_any(among(inquiries)))
            .filter(cases::status.ne(Status::Void.code()))
            .filter(within_reach(reader.staff, &reader.readings))
            .order(cases::number)
            .load(self.conn)?;
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (inquiry, row) in rows {
            if let Some(inquiry) = inquiry {
                found.entry(inquiry.get()).or_default().push(named(row));
            }
        }
        Ok(found)
    }

    /// The last closed cases of some categories and units that have measures, with these.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn similar_cases(&mut self, filter: &SimilarFilter) -> Result<Vec<Similar>, Error> {
        type Row = (NamedRow, Option<Db<Timestamp>>, Option<String>, Option<Db<InvestigationId>>);
        let categories: Vec<_> = filter.categories.iter().cloned().map(Some).collect();
        let units: Vec<_> = filter.units.iter().copied().map(Db).collect();
        let with_measures = measures::table
            .select(measures::investigation_id)
            .filter(measures::tenant_id.eq(Db(self.tenant)));
        let rows: Vec<Row> = cases::table
            .select((
                (cases::case_id, cases::number, cases::unit_id, cases::subject_id),
                cases::closed_at,
                cases::outcome,
                cases::investigation_id,
            ))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::status.eq(Status::Closed.code()))
            .filter(cases::erased_at.is_null())
            .filter(cases::kind.eq(filter.kind))
            .filter(cases::category.eq_any(among(categories)))
            .filter(cases::unit_id.eq_any(among(units)))
            .filter(cases::case_id.ne(Db(filter.case)))
            .filter(cases::investigation_id.assume_not_null().eq_any(with_measures))
            .order((cases::closed_at.desc(), cases::case_id.desc()))
            .limit(filter.limit)
            .load(self.conn)?;
        let inquiries: Vec<_> = rows.iter().filter_map(|row| row.3).collect();
        let taken: Vec<MeasureRow> = measures::table
            .select(MEASURE)
            .filter(measures::tenant_id.eq(Db(self.tenant)))
            .filter(measures::investigation_id.eq_any(among(inquiries)))
            .order((measures::investigation_id, measures::position))
            .load(self.conn)?;
        let mut of: BTreeMap<InvestigationId, Vec<Measure>> = BTreeMap::new();
        for row in taken {
            let (inquiry, measure) = measure(row)?;
            of.entry(inquiry).or_default().push(measure);
        }
        let similar = |(case, closed_at, outcome, inquiry): Row| {
            let measures = inquiry.and_then(|inquiry| of.get(&inquiry.get()).cloned());
            Some(Similar {
                case: named(case),
                closed_at: closed_at?.get(),
                outcome,
                measures: measures.unwrap_or_default(),
            })
        };
        Ok(rows.into_iter().filter_map(similar).collect())
    }

    /// Those of some cases that the reader may read by what they hold or were asked.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn within_reach_of(
        &mut self,
        reader: &Reader,
        ids: &BTreeSet<CaseId>,
    ) -> Result<BTreeSet<CaseId>, Error> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let ids: Vec<_> = ids.iter().copied().map(Db).collect();
        let found: Vec<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(among(ids)))
            .filter(within_reach(reader.staff, &reader.readings))
            .load(self.conn)?;
        Ok(found.into_iter().map(Db::get).collect())
    }

    /// What was told and discussed at the meetings of some units on some days, by unit and day: of the
    /// cases, those the reader may read.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn meetings(
        &mut self,
        reader: &Reader,
        units: &BTreeSet<UnitId>,
        (from, to): (Date, Date),
    ) -> Result<BTreeMap<(Date, UnitId), Meeting>, Error> {
        let units: Vec<_> = units.iter().copied().map(Db).collect();
        let mut found: BTreeMap<(Date, UnitId), Meeting> = BTreeMap::new();
        let here = cases::unit_id.eq_any(among(units.clone()));
        let reached = within_reach(reader.staff, &reader.readings);
        let condition = Box::new(reached.and(here));
        let there = HasCase { of: "feedback", by: "case_id", condition };
        let told: Vec<(Option<Db<Date>>, Db<CaseId>)> = feedback::table
            .select((feedback::meeting_on, feedback::case_id))
            .filter(feedback::tenant_id.eq(Db(self.tenant)))
            .filter(feedback::audience.eq(Audience::Unit.code()))
            .filter(feedback::meeting_on.assume_not_null().between(Db(from), Db(to)))
            .filter(there)
            .load(self.conn)?;
        let ids: Vec<_> = told.iter().map(|(_, case)| *case).collect();
        let rows: Vec<NamedRow> = cases::table
            .select((cases::case_id, cases::number, cases::unit_id, cases::subject_id))
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::case_id.eq_any(among(ids)))
            .order(cases::number)
            .load(self.conn)?;
        for case in rows.into_iter().map(named) {
            let days: BTreeSet<Date> = told
                .iter()
                .filter(|(_, told)| told.get() == case.id)
                .filter_map(|(day, _)| day.map(Db::get))
                .collect();
            for day in days {
                found.entry((day, case.unit)).or_default().cases.push(case.clone());
            }
        }
        let discussed: Vec<(Db<Date>, Db<UnitId>, Db<LearningCardId>)> =
            learning_card_meetings::table
                .select((
                    learning_card_meetings::meeting_on,
                    learning_card_meetings::unit_id,
                    learning_card_meetings::card_id,
                ))
                .filter(learning_card_meetings::tenant_id.eq(Db(self.tenant)))
                .filter(learning_card_meetings::unit_id.eq_any(among(units)))
                .filter(learning_card_meetings::meeting_on.between(Db(from), Db(to)))
                .load(self.conn)?;
        let ids: Vec<_> = discussed.iter().map(|(_, _, card)| *card).collect();
        let titles: Vec<(Db<LearningCardId>, String)> = learning_cards::table
            .select((learning_cards::card_id, learning_cards::title))
            .filter(learning_cards::tenant_id.eq(Db(self.tenant)))
            .filter(learning_cards::card_id.eq_any(among(ids)))
            .load(self.conn)?;
        let titles: BTreeMap<_, _> =
            titles.into_iter().map(|(id, title)| (id.get(), title)).collect();
        for (day, unit, card) in discussed {
            let title = titles.get(&card.get()).cloned().unwrap_or_default();
            let meeting = found.entry((day.get(), unit.get())).or_default();
            meeting.cards.push((card.get(), title));
        }
        Ok(found)
    }
}
