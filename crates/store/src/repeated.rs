//! What comes again in the avvikelser of some units: causes, places, persons as a number; and what was done
//! about it. No text and no person leaves: persons are told apart by the blind index, which stays here.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::ids::{CaseId, InvestigationId, MeasureId, UnitId};
use domain::review::MeasureFact;
use jiff::civil::Date;

use crate::Tx;
use crate::cases::code;
use crate::error::Error;
use crate::schema::{case_answers, case_facts, cases, causes, measures, subjects};
use crate::sql_types::Db;

/// Which avvikelser: those of some units that were reported on some days. Drafts, void ones and duplicates
/// are none of them.
#[derive(Clone, Debug)]
pub struct Within {
    /// The units.
    pub units: BTreeSet<UnitId>,
    /// The first day, in Sweden.
    pub from: Date,
    /// The last.
    pub to: Date,
}

impl Within {
    fn units(&self) -> Vec<Db<UnitId>> {
        self.units.iter().copied().map(Db).collect()
    }
}

/// The facts that are counted.
macro_rules! counted {
    ($query:expr, $tenant:expr, $within:expr) => {
        $query
            .filter(case_facts::tenant_id.eq(Db($tenant)))
            .filter(case_facts::counted.eq(true))
            .filter(case_facts::duplicate.eq(false))
            .filter(case_facts::kind.eq("avvikelse"))
            .filter(case_facts::reported_on.ge(Db($within.from)))
            .filter(case_facts::reported_on.le(Db($within.to)))
            .filter(case_facts::unit_id.eq_any($within.units()))
    };
}

/// How many cases each code has.
fn counts(rows: Vec<(String, Db<CaseId>)>) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (code, _) in rows {
        *counts.entry(code).or_default() += 1;
    }
    counts
}

impl Tx<'_> {
    /// How many have each cause.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn causes_found(&mut self, within: &Within) -> Result<BTreeMap<String, u64>, Error> {
        let of_fact =
            cases::tenant_id.eq(case_facts::tenant_id).and(cases::case_id.eq(case_facts::case_id));
        let of_case = causes::tenant_id
            .eq(cases::tenant_id)
            .and(causes::investigation_id.nullable().eq(cases::investigation_id));
        let joined = case_facts::table
            .inner_join(cases::table.on(of_fact))
            .inner_join(causes::table.on(of_case));
        let rows: Vec<(String, Db<CaseId>)> = counted!(joined, self.tenant, within)
            .select((causes::code, case_facts::case_id))
            .distinct()
            .load(self.conn)?;
        Ok(counts(rows))
    }

    /// How many have each answer to any of these questions.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn answers_found(
        &mut self,
        within: &Within,
        questions: &[String],
    ) -> Result<BTreeMap<String, u64>, Error> {
        let of_fact = case_answers::tenant_id
            .eq(case_facts::tenant_id)
            .and(case_answers::case_id.eq(case_facts::case_id));
        let joined = case_facts::table.inner_join(case_answers::table.on(of_fact));
        let rows: Vec<(String, Db<CaseId>)> = counted!(joined, self.tenant, within)
            .filter(case_answers::question.eq_any(questions.to_vec()))
            .select((case_answers::code, case_facts::case_id))
            .distinct()
            .load(self.conn)?;
        Ok(counts(rows))
    }

    /// How many each person has who has more than one, in no order.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn persons_again(&mut self, within: &Within) -> Result<Vec<u64>, Error> {
        let of_fact =
            cases::tenant_id.eq(case_facts::tenant_id).and(cases::case_id.eq(case_facts::case_id));
        let of_case = subjects::tenant_id
            .eq(cases::tenant_id)
            .and(subjects::subject_id.nullable().eq(cases::subject_id));
        let joined = case_facts::table
            .inner_join(cases::table.on(of_fact))
            .inner_join(subjects::table.on(of_case));
        let rows: Vec<i64> = counted!(joined, self.tenant, within)
            .group_by(subjects::blind_index)
            .having(count_star().gt(1))
            .select(count_star())
            .load(self.conn)?;
        Ok(rows.into_iter().map(|count| u64::try_from(count).unwrap_or(0)).collect())
    }

    /// The avvikelser of each person who has more than one: the person with most first, each person's by
    /// the day of report. Which persons they are is not told.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_of_persons_again(&mut self, within: &Within) -> Result<Vec<Vec<CaseId>>, Error> {
        let of_fact =
            cases::tenant_id.eq(case_facts::tenant_id).and(cases::case_id.eq(case_facts::case_id));
        let of_case = subjects::tenant_id
            .eq(cases::tenant_id)
            .and(subjects::subject_id.nullable().eq(cases::subject_id));
        let joined = case_facts::table
            .inner_join(cases::table.on(of_fact))
            .inner_join(subjects::table.on(of_case));
        let rows: Vec<(Vec<u8>, Db<CaseId>)> = counted!(joined, self.tenant, within)
            .select((subjects::blind_index, case_facts::case_id))
            .order((case_facts::reported_at, case_facts::case_id))
            .load(self.conn)?;
        let mut persons: BTreeMap<Vec<u8>, Vec<CaseId>> = BTreeMap::new();
        for (person, case) in rows {
            persons.entry(person).or_default().push(case.get());
        }
        let mut again: Vec<Vec<CaseId>> =
            persons.into_values().filter(|cases| cases.len() > 1).collect();
        again.sort_by_key(|cases| (usize::MAX - cases.len(), cases.first().copied()));
        Ok(again)
    }

    /// The measures of these cases, each once however many cases its investigation serves.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn measures_found(&mut self, within: &Within) -> Result<Vec<MeasureFact>, Error> {
        type Row = (Db<InvestigationId>, Db<MeasureId>, Option<Db<Date>>, Option<Db<Date>>, String);
        let of_fact =
            cases::tenant_id.eq(case_facts::tenant_id).and(cases::case_id.eq(case_facts::case_id));
        let of_case = measures::tenant_id
            .eq(cases::tenant_id)
            .and(measures::investigation_id.nullable().eq(cases::investigation_id));
        let joined = case_facts::table
            .inner_join(cases::table.on(of_fact))
            .inner_join(measures::table.on(of_case));
        let rows: Vec<Row> = counted!(joined, self.tenant, within)
            .select((
                measures::investigation_id,
                measures::measure_id,
                measures::due_on,
                measures::done_on,
                measures::effect,
            ))
            .distinct()
            .load(self.conn)?;
        let fact = |(_, _, due_on, done_on, effect): Row| {
            Ok(MeasureFact {
                due_on: due_on.map(Db::get),
                done_on: done_on.map(Db::get),
                effect: code(&effect, "measures.effect")?,
            })
        };
        rows.into_iter().map(fact).collect()
    }
}
