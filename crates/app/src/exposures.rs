//! How much care there was, by unit and months: given one at a time, or many in a file, all or none.

mod sheet;

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::exposure::counts::Counts;
use domain::exposure::{Amount, Exposure, Given, Kind, Line, faults};
use domain::fault::{Fault, Reason};
use domain::ids::{ExposureId, UnitId};
use domain::organisation::UnitTree;
use domain::policy::{Act, Scope, units_for};
use domain::statistics::{Month, Months};
use jiff::civil::Date;
use serde_json::json;
use store::Tx;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace};

/// What is given of one exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposureGiven {
    /// The unit, by its id or its own code.
    pub unit: String,
    /// Of what.
    pub kind: Kind,
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
    /// How much.
    pub amount: Amount,
    /// Where the figure was taken from.
    pub source: Option<String>,
}

/// What came of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines that were not there.
    pub added: usize,
    /// Lines that took the place of another amount or source.
    pub changed: usize,
    /// Lines that stood there already.
    pub unchanged: usize,
}

/// The names of the fields in JSON.
const FIELDS: [&str; 6] = ["unit", "kind", "from", "to", "amount", "source"];

impl ExposureGiven {
    fn into_line(self, units: &UnitTree) -> Result<Line, Error> {
        let Some(unit) = units.find(&self.unit) else {
            let reason = Reason::UnknownUnit { given: self.unit };
            return Err(Error::Faults(vec![Fault::at("/unit", reason)]));
        };
        Ok(Line {
            at: String::new(),
            names: FIELDS,
            instead: None,
            given: Given {
                unit: unit.id,
                kind: self.kind,
                period: Months { from: self.from, to: self.to },
                amount: self.amount,
                source: self.source.filter(|text| !text.trim().is_empty()),
            },
        })
    }
}

/// The faults of lines at units for which the caller does not answer.
fn outside(lines: &[Line], scope: &Scope<UnitId>) -> Vec<Fault> {
    let outside = lines.iter().filter(|line| !scope.covers(&line.given.unit));
    let fault = |line: &Line| {
        let field = format!("{}/{}", line.at, line.names[0]);
        Fault::at(field, Reason::inconsistent("outside_your_units"))
    };
    outside.map(fault).collect()
}

/// Whether a year can be one of these figures at all: others are told as faults.
fn years(lines: &[Line]) -> Option<(i16, i16)> {
    let years: BTreeSet<i16> = lines.iter().map(|line| line.given.period.from.year).collect();
    Some((*years.first()?, *years.last()?))
}

/// What stands in the years of these lines, once nobody else changes it.
fn standing(tx: &mut Tx<'_>, lines: &[Line]) -> Result<Vec<Exposure>, store::Error> {
    tx.one_at_a_time()?;
    match years(lines) {
        Some((from, to)) => tx.exposures(from, to),
        None => Ok(Vec::new()),
    }
}

/// An exposure as a line says it.
fn made(line: &Line, id: ExposureId, version: i64, caller: &Caller) -> Exposure {
    let Given { unit, kind, period, amount, source } = line.given.clone();
    Exposure { id, unit, kind, period, amount, source, version, updated_at: caller.now }
}

/// The same as [`Refused::faults`], where nothing else is asked of the lines.
fn judged(lines: &[Line], kept: &[Exposure], units: &UnitTree, today: Date) -> Result<(), Refused> {
    Refused::faults(faults(lines, kept, units, today))
}

/// Two who give the same at once: the second is told that it is there.
fn refused(refused: Refused) -> Error {
    match refused.conflict() {
        Some("exposures_year_kind_unit_id_from_month_key") => {
            Error::Faults(vec![Fault::at("/from", Reason::NotUnique)])
        }
        _ => refused.into_error(),
    }
}

impl Caller {
    /// The units whose exposures the caller gives.
    fn exposed_units(&self) -> Result<Scope<UnitId>, Error> {
        units_for(&self.actor, Act::ManageExposures).ok_or(Error::Forbidden)
    }

    /// The units whose exposures the caller sees: those of the figures, and those given.
    fn exposures_seen(&self) -> Result<Scope<UnitId>, Error> {
        let seen = [Act::ReadFigures, Act::ManageExposures].map(|act| units_for(&self.actor, act));
        let mut units = BTreeSet::new();
        for scope in seen.iter().flatten() {
            match scope {
                Scope::All => return Ok(Scope::All),
                Scope::Only(only) => units.extend(only.iter().copied()),
            }
        }
        match seen {
            [None, None] => Err(Error::Forbidden),
            _ => Ok(Scope::Only(units)),
        }
    }
}

impl App {
    /// The exposures of some years, both included, of the units the caller sees; by year, kind, unit and
    /// month.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for none.
    pub async fn list_exposures(
        &self,
        caller: &Caller,
        (from, to): (i16, i16),
    ) -> Result<Vec<Exposure>, Error> {
        let seen = caller.exposures_seen()?;
        let found = self.store.read(caller.tenant_id(), move |tx| tx.exposures(from, to));
        let mut found = found.await?;
        found.retain(|it| seen.covers(&it.unit));
        Ok(found)
    }

    /// An exposure.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`], also of a unit the caller does not see.
    pub async fn read_exposure(&self, caller: &Caller, id: ExposureId) -> Result<Exposure, Error> {
        let seen = caller.exposures_seen()?;
        let found = self.store.read(caller.tenant_id(), move |tx| tx.exposure(id)).await?;
        if seen.covers(&found.unit) { Ok(found) } else { Err(Error::NotFound) }
    }

    /// Takes an exposure in. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with everything that is wrong.
    pub async fn enter_exposure(
        &self,
        caller: &Caller,
        given: ExposureGiven,
        once: Option<Once>,
        render: impl Fn(&Exposure) -> Answer,
    ) -> Result<Answer, Error> {
        let scope = caller.exposed_units()?;
        let units = caller.set_up.units.clone();
        let lines = [given.into_line(&units)?];
        Refused::faults(outside(&lines, &scope)).map_err(Refused::into_error)?;
        let exposure = made(&lines[0], ExposureId(self.new_id()), 1, caller);
        let answer = render(&exposure);
        let details = json!({ "kind": exposure.kind.code(), "year": exposure.year() });
        let trace =
            Trace::new(self, caller, "exposure.enter", ("exposure", exposure.id.0), details);
        let today = swedish_date(caller.now);
        let work = move |tx: &mut Tx<'_>| {
            let kept = standing(tx, &lines)?;
            judged(&lines, &kept, &units, today)?;
            Ok(tx.insert_exposures(&[exposure])?)
        };
        self.make(caller, trace, once.as_ref(), answer, work).await.map_err(refused)
    }

    /// Puts another figure in the place of one that was read.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also for the units of either; [`Error::Faults`]; [`Error::Stale`].
    pub async fn change_exposure(
        &self,
        caller: &Caller,
        before: &Exposure,
        given: ExposureGiven,
    ) -> Result<Exposure, Error> {
        let scope = self.changes_exposure(caller, before)?;
        let units = caller.set_up.units.clone();
        let line = Line { instead: Some(before.id), ..given.into_line(&units)? };
        let lines = [line];
        Refused::faults(outside(&lines, &scope)).map_err(Refused::into_error)?;
        let version = before.version;
        let changed = made(&lines[0], before.id, version + 1, caller);
        let details = json!({ "version": changed.version });
        let trace =
            Trace::new(self, caller, "exposure.change", ("exposure", changed.id.0), details);
        let (row, today) = (changed.clone(), swedish_date(caller.now));
        let work = move |tx: &mut Tx<'_>| {
            let kept = standing(tx, &lines)?;
            judged(&lines, &kept, &units, today)?;
            Ok(tx.save_exposure(&row, version)?)
        };
        self.change_set_up(caller, trace, work).await.map_err(refused)?;
        Ok(changed)
    }

    /// Takes a figure away that was read: it was wrong, or of the wrong unit.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Stale`].
    pub async fn remove_exposure(&self, caller: &Caller, before: &Exposure) -> Result<(), Error> {
        self.changes_exposure(caller, before)?;
        let details = json!({
            "unit": before.unit, "kind": before.kind.code(),
            "from": before.period.from.to_string(), "to": before.period.to.to_string(),
            "amount": before.amount.to_string(),
        });
        let trace = Trace::new(self, caller, "exposure.remove", ("exposure", before.id.0), details);
        let (id, version) = (before.id, before.version);
        let work = move |tx: &mut Tx<'_>| Ok(tx.remove_exposure(id, version)?);
        self.change_set_up(caller, trace, work).await.map_err(Refused::into_error)
    }

    /// Whether the caller may change this one: their units, if so.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn changes_exposure(
        &self,
        caller: &Caller,
        before: &Exposure,
    ) -> Result<Scope<UnitId>, Error> {
        let scope = caller.exposed_units()?;
        if scope.covers(&before.unit) { Ok(scope) } else { Err(Error::Forbidden) }
    }

    /// Takes a file of exposures in, all or none. A line of the same unit, kind and months as one that is
    /// there takes its place. `render` makes the answer.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with every faulty line: `/3/antal` is the field of that
    /// heading on the third line, as an editor counts.
    pub async fn import_exposures(
        &self,
        caller: &Caller,
        file: &[u8],
        once: Option<Once>,
        render: impl Fn(Imported) -> Answer,
    ) -> Result<Answer, Error> {
        let scope = caller.exposed_units()?;
        let units = caller.set_up.units.clone();
        let today = swedish_date(caller.now);
        let read = sheet::read(file, &units, today);
        let (mut lines, mut wrong) = (read.lines, read.faults);
        wrong.extend(outside(&lines, &scope));
        // What stands is read twice: to count for the answer, and once more behind the tenant's row.
        let kept = match years(&lines) {
            Some((from, to)) => {
                self.store.read(caller.tenant_id(), move |tx| tx.exposures(from, to)).await?
            }
            None => Vec::new(),
        };
        let plan = Plan::of(&mut lines, &kept, caller, || ExposureId(self.new_id()));
        wrong.extend(faults(&lines, &kept, &units, today));
        Refused::faults(wrong).map_err(Refused::into_error)?;
        let answer = render(plan.told);
        let details = json!({
            "added": plan.told.added, "changed": plan.told.changed,
            "unchanged": plan.told.unchanged,
        });
        let object = ("exposures", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "exposure.import", object, details);
        let work = move |tx: &mut Tx<'_>| {
            let now = standing(tx, &lines)?;
            judged(&lines, &now, &units, today)?;
            for (row, before) in &plan.changed {
                tx.save_exposure(row, *before)?;
            }
            Ok(tx.insert_exposures(&plan.added)?)
        };
        self.make(caller, trace, once.as_ref(), answer, work).await.map_err(refused)
    }
}

/// What a file changes.
struct Plan {
    added: Vec<Exposure>,
    /// Each with the version it had.
    changed: Vec<(Exposure, i64)>,
    told: Imported,
}

impl Plan {
    /// Of lines beside what stands; each line learns which one it takes the place of.
    fn of(
        lines: &mut [Line],
        kept: &[Exposure],
        caller: &Caller,
        mut id: impl FnMut() -> ExposureId,
    ) -> Self {
        let mut plan = Self { added: Vec::new(), changed: Vec::new(), told: Imported::default() };
        let mut taken = BTreeSet::new();
        for line in lines {
            let given = &line.given;
            let same = |it: &&Exposure| {
                (it.unit, it.kind, it.period) == (given.unit, given.kind, given.period)
            };
            // The second of two lines that are the same is a fault, not a change.
            let before = kept.iter().find(same).filter(|it| taken.insert(it.id));
            line.instead = before.map(|it| it.id);
            match before {
                None => {
                    plan.told.added += 1;
                    plan.added.push(made(line, id(), 1, caller));
                }
                Some(it) if it.amount == given.amount && it.source == given.source => {
                    plan.told.unchanged += 1;
                }
                Some(it) => {
                    plan.told.changed += 1;
                    plan.changed.push((made(line, it.id, it.version + 1, caller), it.version));
                }
            }
        }
        plan
    }
}

/// What was reported in a year by unit and month, of the units of `scope`: what exposures are set against.
///
/// # Errors
/// What the store says.
pub fn counts(tx: &mut Tx<'_>, year: i16, scope: &Scope<UnitId>) -> Result<Counts, store::Error> {
    Ok(Counts::of(&tx.figures(&Counts::base(year, scope))?))
}
