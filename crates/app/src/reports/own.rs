//! Figures that are counted elsewhere: entered one by one, or as a file, all or nothing.

use std::collections::BTreeMap;

use domain::fault::{Fault, Reason};
use domain::ids::{OwnFigureId, UnitId};
use domain::policy::{Act, Scope, allow_at};
use domain::yearly::own::{OwnContent, OwnFigure, OwnKey, read_csv};
use jiff::civil::{Date, date};
use serde_json::json;
use store::Tx;

use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::{Refused, Trace, today};

/// What a file of figures did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Figures that were not there.
    pub added: usize,
    /// Figures that said something else.
    pub changed: usize,
    /// Figures that said the same.
    pub unchanged: usize,
}

/// The unique indexes over what makes two figures the same.
const SAME: [&str; 2] = [
    "own_figures_name_unit_id_period_from_period_to_key",
    "own_figures_name_period_from_period_to_key",
];

/// What is refused over one of them is there already.
fn unless_there(refused: Refused) -> Error {
    match refused.conflict() {
        Some(name) if SAME.contains(&name) => {
            Error::Faults(vec![Fault::at("/name", Reason::NotUnique)])
        }
        _ => refused.into_error(),
    }
}

/// The years that some days lie in, whole: no period goes over two.
fn years(days: impl Iterator<Item = Date>) -> Option<(Date, Date)> {
    let years: Vec<i16> = days.map(|day| day.year()).collect();
    let (first, last) = (years.iter().min()?, years.iter().max()?);
    Some((date(*first, 1, 1), date(*last, 12, 31)))
}

fn overlap(field: String) -> Fault {
    Fault::at(field, Reason::inconsistent("period_overlaps"))
}

fn may_enter(caller: &Caller, unit: Option<UnitId>) -> bool {
    allow_at(&caller.actor, Act::WriteOwnFigures, unit)
}

/// Everything that is wrong with what the caller says.
fn faults(caller: &Caller, content: &OwnContent) -> Result<(), Error> {
    let mut faults = content.faults(today(caller));
    if !may_enter(caller, content.unit) {
        faults.push(Fault::at("/unit", Reason::inconsistent("unit_not_yours")));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Faults(faults)) }
}

impl App {
    /// The figures of a year at the units whose figures the caller sees, and those of the whole tenant.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever sees no figures.
    pub async fn own_figures(
        &self,
        caller: &Caller,
        from: Date,
        to: Date,
    ) -> Result<Vec<OwnFigure>, Error> {
        let scope = caller.figures_scope()?;
        let read = move |tx: &mut Tx<'_>| tx.own_figures(from, to);
        let mut found = self.store.ask(caller.tenant_id(), read).await?;
        found.retain(|it| seen(&scope, it));
        Ok(found)
    }

    /// A figure at a unit whose figures the caller sees.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`], also for one that was withdrawn.
    pub async fn own_figure(&self, caller: &Caller, id: OwnFigureId) -> Result<OwnFigure, Error> {
        let scope = caller.figures_scope()?;
        let read = move |tx: &mut Tx<'_>| tx.own_figure(id);
        let found = self.store.ask(caller.tenant_id(), read).await?;
        if seen(&scope, &found) && !found.withdrawn { Ok(found) } else { Err(Error::NotFound) }
    }

    /// Whether the caller may change a figure they were shown.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may_change_figure(&self, caller: &Caller, figure: &OwnFigure) -> Result<(), Error> {
        if may_enter(caller, figure.content.unit) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Enters a figure. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Faults`], also where there is one of this name, place and period.
    pub async fn add_own_figure(
        &self,
        caller: &Caller,
        content: OwnContent,
        once: Option<Once>,
        render: impl FnOnce(&OwnFigure) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::WriteOwnFigures)?;
        faults(caller, &content)?;
        self.overlaps_none(caller, &content, None).await?;
        let figure = self.entered(caller, content);
        let answer = render(&figure);
        let trace = self.figure_trace(caller, "own_figure.enter", &figure);
        let write = move |tx: &mut Tx<'_>| Ok(tx.add_rows(|rows| rows.own_figure(&figure))?);
        let made = self.make(caller, trace, once.as_ref(), answer, write).await;
        made.map_err(unless_there)
    }

    /// Corrects a figure that was read as `before`.
    ///
    /// # Errors
    /// [`Error::Faults`]; [`Error::Stale`].
    pub async fn change_own_figure(
        &self,
        caller: &Caller,
        before: OwnFigure,
        content: OwnContent,
    ) -> Result<OwnFigure, Error> {
        faults(caller, &content)?;
        self.overlaps_none(caller, &content, Some(before.id)).await?;
        let version = before.version + 1;
        let figure = OwnFigure { content, entered: caller.done(), version, ..before };
        self.save_figure(caller, "own_figure.change", figure).await
    }

    /// Refuses days that another figure than `own` counts already.
    async fn overlaps_none(
        &self,
        caller: &Caller,
        content: &OwnContent,
        own: Option<OwnFigureId>,
    ) -> Result<(), Error> {
        let Some((first, last)) = years([content.to].into_iter()) else { return Ok(()) };
        let read = move |tx: &mut Tx<'_>| tx.own_figures(first, last);
        let known = self.store.ask(caller.tenant_id(), read).await?;
        let others = known.iter().filter(|it| Some(it.id) != own);
        match others.map(|it| &it.content).any(|other| content.overlaps(other)) {
            true => Err(Error::Faults(vec![overlap("/from".to_owned())])),
            false => Ok(()),
        }
    }

    /// Withdraws a figure that was a mistake: it counts nowhere from then on.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub async fn withdraw_own_figure(
        &self,
        caller: &Caller,
        before: OwnFigure,
    ) -> Result<OwnFigure, Error> {
        let version = before.version + 1;
        let figure = OwnFigure { withdrawn: true, entered: caller.done(), version, ..before };
        self.save_figure(caller, "own_figure.withdraw", figure).await
    }

    async fn save_figure(
        &self,
        caller: &Caller,
        action: &'static str,
        figure: OwnFigure,
    ) -> Result<OwnFigure, Error> {
        let trace = self.figure_trace(caller, action, &figure);
        let row = figure.clone();
        let write = move |tx: &mut Tx<'_>| Ok(tx.save_own_figure(&row)?);
        self.change_set_up(caller, trace, write).await.map_err(unless_there)?;
        Ok(figure)
    }

    fn entered(&self, caller: &Caller, content: OwnContent) -> OwnFigure {
        let (id, entered) = (OwnFigureId(self.new_id()), caller.done());
        OwnFigure { id, content, entered, withdrawn: false, version: 1 }
    }

    fn figure_trace(&self, caller: &Caller, action: &str, figure: &OwnFigure) -> Trace {
        let details = json!({
            "version": figure.version, "unit": figure.content.unit, "to": figure.content.to,
        });
        Trace::new(self, caller, action, ("own_figure", figure.id.0), details)
    }

    /// Takes a file of figures in: those that are there are corrected, others added; all or nothing.
    ///
    /// # Errors
    /// [`Error::Faults`] with every fault of every line; [`Error::Stale`] when somebody else changed one of
    /// them at the same moment.
    pub async fn import_own_figures(
        &self,
        caller: &Caller,
        file: &[u8],
    ) -> Result<Imported, Error> {
        caller.may(Act::WriteOwnFigures)?;
        let lines = read_csv(file, &caller.set_up.units, today(caller)).map_err(Error::Faults)?;
        let not_theirs = lines.iter().filter(|(_, content)| !may_enter(caller, content.unit));
        let wrong = || Reason::inconsistent("unit_not_yours");
        let faults: Vec<Fault> =
            not_theirs.map(|(line, _)| Fault::at(format!("/{line}/unit"), wrong())).collect();
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let Some((first, last)) = years(lines.iter().map(|(_, content)| content.to)) else {
            return Ok(Imported::default());
        };
        let read = move |tx: &mut Tx<'_>| tx.own_figures(first, last);
        let known = self.store.ask(caller.tenant_id(), read).await?;
        let there: Vec<&OwnContent> =
            known.iter().map(|it| &it.content).chain(lines.iter().map(|(_, it)| it)).collect();
        let twice = lines.iter().filter(|(_, it)| there.iter().any(|other| it.overlaps(other)));
        let faults: Vec<Fault> = twice.map(|(line, _)| overlap(format!("/{line}/from"))).collect();
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let known: BTreeMap<OwnKey, OwnFigure> =
            known.into_iter().map(|it| (it.content.key(), it)).collect();
        let mut done = Imported::default();
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (_, content) in lines {
            match known.get(&content.key()) {
                None => {
                    done.added += 1;
                    new.push(self.entered(caller, content));
                }
                Some(same) if same.content == content => done.unchanged += 1,
                Some(before) => {
                    done.changed += 1;
                    let (entered, version) = (caller.done(), before.version + 1);
                    changed.push(OwnFigure { content, entered, version, ..before.clone() });
                }
            }
        }
        let details = json!({ "added": done.added, "changed": done.changed });
        let object = ("own_figures", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "own_figure.import", object, details);
        let write = move |tx: &mut Tx<'_>| {
            for figure in &changed {
                tx.save_own_figure(figure)?;
            }
            // One statement takes so many values and no more.
            for some in new.chunks(AT_ONCE) {
                tx.add_rows(|rows| some.iter().for_each(|figure| rows.own_figure(figure)))?;
            }
            Ok(())
        };
        match self.change_set_up(caller, trace, write).await {
            Err(refused) if refused.conflict().is_some_and(|name| SAME.contains(&name)) => {
                Err(Error::Stale)
            }
            other => other.map(|()| done).map_err(Refused::into_error),
        }
    }
}

/// How many figures are added with one statement.
const AT_ONCE: usize = 500;

fn seen(scope: &Scope<UnitId>, figure: &OwnFigure) -> bool {
    figure.content.unit.is_none_or(|unit| scope.covers(&unit))
}
