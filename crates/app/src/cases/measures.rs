//! Measures across cases: which there are, what helped in cases like another, and what was told where.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::swedish_date;
use domain::case::measure::{Effect, MeasureStatus};
use domain::ids::{CaseId, MeasureId, UnitId};
use domain::policy::{Access, Act, readings};
use jiff::civil::Date;
use store::{
    AccessEntry, Additions, CaseNamed, MeasureFilter, MeasureLine, Meeting, Reader, Similar,
    SimilarFilter,
};

use super::read::access_entry;
use crate::context::{App, Caller};
use crate::error::Error;

/// How many closed cases are looked back at.
const SIMILAR: i64 = 10;

/// How many measures are read at a time while those of an owner are looked for.
const BATCH: i64 = 500;

/// What is asked of a list of measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasureQuery {
    /// Of cases at these units; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// How far they have come; `None` is all.
    pub status: Option<MeasureStatus>,
    /// Codes of the list `measure_type`; empty is all.
    pub kinds: Vec<String>,
    /// Whether they helped; empty is all.
    pub effects: Vec<Effect>,
    /// A part of who does it, in any case of letters.
    pub owner: Option<String>,
    /// Go on after this measure.
    pub after: Option<MeasureId>,
    /// How many at most.
    pub limit: usize,
}

/// A page of measures.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurePage {
    /// The measures, newest first.
    pub lines: Vec<MeasureLine>,
    /// Where the next page begins, if there is one.
    pub next: Option<MeasureId>,
}

/// What was done in cases like another, and whether it helped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LikeIt {
    /// Their category, those below included.
    pub category: Option<String>,
    /// The area of their units.
    pub area: Option<String>,
    /// How many there are.
    pub cases: usize,
    /// Those that the caller may read.
    pub readable: Vec<Similar>,
    /// How often which measure was taken with which effect, in all of them.
    pub counts: BTreeMap<(String, &'static str), u32>,
}

impl App {
    fn reader(caller: &Caller) -> Reader {
        Reader { staff: caller.staff.id, readings: readings(&caller.actor) }
    }

    /// Lists the measures of the cases that the caller may read by what they hold. A measure says
    /// something of its case: an access entry names every case shown.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn measures(
        &self,
        caller: &Caller,
        query: MeasureQuery,
    ) -> Result<MeasurePage, Error> {
        let wanted = query.owner.as_ref().map(|owner| owner.to_lowercase());
        let one_more = query.limit.saturating_add(1);
        let limit = match wanted {
            Some(_) => BATCH,
            None => i64::try_from(one_more).unwrap_or(i64::MAX),
        };
        let mut filter = MeasureFilter {
            reader: Self::reader(caller),
            units: query.units,
            status: query.status,
            kinds: query.kinds,
            effects: query.effects,
            today: swedish_date(caller.now),
            after: query.after,
            limit,
        };
        let mut lines: Vec<MeasureLine> = Vec::new();
        loop {
            let asked = filter.clone();
            let read = self.store.read(caller.tenant_id(), move |tx| tx.measure_lines(&asked));
            let read: Vec<MeasureLine> = read.await?;
            let whole = i64::try_from(read.len()).unwrap_or(i64::MAX) < limit;
            filter.after = read.last().map(|line| line.measure.id);
            // By the program, since the databases fold letters differently.
            let is_theirs = |line: &MeasureLine| {
                wanted.as_ref().is_none_or(|wanted| {
                    let owner = line.measure.owner.as_ref().map(|owner| owner.to_lowercase());
                    owner.is_some_and(|owner| owner.contains(wanted))
                })
            };
            lines.extend(read.into_iter().filter(is_theirs));
            if whole || wanted.is_none() || lines.len() >= one_more {
                break;
            }
        }
        let more = lines.len() > query.limit;
        lines.truncate(query.limit);
        let next = lines.last().filter(|_| more).map(|line| line.measure.id);
        let shown = lines.iter().flat_map(|line| &line.cases);
        self.keep_access_to(caller, "measures.list", shown).await?;
        Ok(MeasurePage { lines, next })
    }

    /// What was done in the last closed cases like one: of the same kind and the same top category, at
    /// units of the same area. What the caller may not read is only counted.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever only reported it; and as [`App::read_case`].
    pub async fn similar(&self, caller: &Caller, id: CaseId) -> Result<LikeIt, Error> {
        let opened = self.open(caller, id, Act::Read).await?;
        if opened.access == Access::Own {
            return Err(Error::Forbidden);
        }
        let (case, set_up) = (&opened.case, &caller.set_up);
        let (codes, units) = (&set_up.codes, &set_up.units);
        let list = case.kind.category_list();
        let Some(category) = case.known_category(codes).map(|code| codes.top(list, code)) else {
            return Ok(LikeIt::default());
        };
        let area = units.area_of(case.unit);
        let there = match area {
            Some(area) => {
                let of_area =
                    |unit: &&domain::organisation::Unit| units.area_of(unit.id) == Some(area);
                units.iter().filter(of_area).map(|unit| unit.id).collect()
            }
            None => BTreeSet::from([case.unit]),
        };
        let filter = SimilarFilter {
            case: id,
            kind: case.kind.code(),
            categories: codes.with_descendants(list, category),
            units: there,
            limit: SIMILAR,
        };
        let reader = Self::reader(caller);
        let load = move |tx: &mut store::Tx<'_>| {
            let found = tx.similar_cases(&filter)?;
            let ids = found.iter().map(|similar| similar.case.id).collect();
            Ok::<_, store::Error>((tx.within_reach_of(&reader, &ids)?, found))
        };
        let (readable, found) = self.store.read(caller.tenant_id(), load).await?;
        let mut like = LikeIt {
            category: Some(category.to_owned()),
            area: area.map(str::to_owned),
            cases: found.len(),
            ..LikeIt::default()
        };
        for measure in found.iter().flat_map(|similar| &similar.measures) {
            *like.counts.entry((measure.kind.clone(), measure.effect.code())).or_default() += 1;
        }
        like.readable = found;
        like.readable.retain(|similar| readable.contains(&similar.case.id));
        let mut entry = access_entry(self, caller, "case.similar", opened.access, case);
        let shown = like.readable.iter().map(|similar| (similar.case.id, similar.case.subject));
        entry.exposed.extend(shown);
        self.keep_entry(caller, &entry).await?;
        Ok(like)
    }

    /// What was told and discussed at meetings of units, newest first: numbers and titles, no text.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever reads no cases; [`Error::Unavailable`] and the like.
    pub async fn meetings(
        &self,
        caller: &Caller,
        units: BTreeSet<UnitId>,
        days: (Date, Date),
    ) -> Result<Vec<(Date, UnitId, Meeting)>, Error> {
        caller.may(Act::Read)?;
        let reader = Self::reader(caller);
        let load = move |tx: &mut store::Tx<'_>| tx.meetings(&reader, &units, days);
        let found: Result<_, store::Error> = self.store.read(caller.tenant_id(), load).await;
        let found: BTreeMap<(Date, UnitId), Meeting> = found?;
        Ok(found.into_iter().rev().map(|((day, unit), it)| (day, unit, it)).collect())
    }

    async fn keep_access_to(
        &self,
        caller: &Caller,
        act: &str,
        shown: impl Iterator<Item = &CaseNamed>,
    ) -> Result<(), Error> {
        let exposed: BTreeMap<_, _> = shown.map(|case| (case.id, case.subject)).collect();
        if exposed.is_empty() {
            return Ok(());
        }
        // Whatever lets at each: there may be several roles.
        let entry = caller.entry(self, act, Access::Asked, exposed.into_iter().collect());
        self.keep_entry(caller, &entry).await
    }

    async fn keep_entry(&self, caller: &Caller, entry: &AccessEntry) -> Result<(), Error> {
        let mut rows = Additions::to(caller.tenant_id());
        rows.access(entry);
        Ok(self.store.add(rows).await?)
    }
}
