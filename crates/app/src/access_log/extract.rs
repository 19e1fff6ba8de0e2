//! What one person is told of who has read what is about them (PDL 8 kap. 5 §): from which unit and when,
//! in words that anyone understands.

use std::collections::{BTreeSet, HashMap};

use domain::access_log::{Line, Purpose, Stated};
use domain::calendar::{end_of_day, start_of_day, swedish_date};
use domain::ids::StaffId;
use domain::law::Law;
use domain::organisation::{Grant, Role, UnitTree};
use domain::personnummer::SubjectIdentity;
use domain::policy::{Act, Scope};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{AccessEntry, Additions, LogFilter, LogOrder, Tx};

use super::{in_scope, kept_from};
use crate::context::{App, Caller};
use crate::error::Error;

/// How many entries are read at a time.
const BATCH: i64 = 1_000;

/// Of whom, and of when.
#[derive(Clone, Debug)]
pub struct ExtractAsked {
    /// The person.
    pub person: SubjectIdentity,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// What it is given for: the number of the request, say.
    pub reason: String,
}

/// What one person is told.
#[derive(Clone, Debug)]
pub struct Extract {
    /// The tenant's name.
    pub tenant: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// The laws it is limited to, since whoever gives it stands on them; empty is all.
    pub laws: Vec<Law>,
    /// What was read, the earliest first.
    pub lines: Vec<Line>,
}

/// The names of the units that somebody held a role over when they read; empty is the whole tenant. Who read
/// without a role is at no unit but that of what was read.
fn units_of(entry: &AccessEntry, grants: &[Grant], units: &UnitTree) -> Vec<String> {
    let name = |id| units.get(id).map(|unit| unit.name.clone());
    let role: Option<Role> = entry.role.as_deref().and_then(|role| role.parse().ok());
    let day = swedish_date(entry.at);
    let held = |grant: &&Grant| Some(grant.role) == role && grant.held_at(entry.at, day);
    let mut held: Vec<&Grant> = grants.iter().filter(held).collect();
    if let Some(unit) = entry.unit {
        let above = units.with_ancestors(unit);
        let covers = |grant: &&&Grant| {
            grant.units.is_empty() || grant.units.iter().any(|unit| above.contains(unit))
        };
        let covering: Vec<&Grant> = held.iter().filter(covers).copied().collect();
        if !covering.is_empty() {
            held = covering;
        }
    }
    if held.is_empty() {
        return entry.unit.and_then(name).into_iter().collect();
    }
    if held.iter().any(|grant| grant.units.is_empty()) {
        return Vec::new();
    }
    let names: BTreeSet<String> =
        held.iter().flat_map(|grant| &grant.units).copied().filter_map(name).collect();
    names.into_iter().collect()
}

impl App {
    /// Makes the extract of one person. What was refused is not in it: nothing was read.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] for a reason that is missing; and no answer without its entry
    /// in the log.
    pub async fn log_extract(
        &self,
        caller: &Caller,
        asked: ExtractAsked,
    ) -> Result<Extract, Error> {
        let (scopes, access) = caller.log_scopes(Act::GiveLogExtract)?;
        let stated = Stated::new(Purpose::OwnExtract, &asked.reason);
        let stated = stated.map_err(|fault| Error::Faults(vec![fault]))?;
        let tenant = caller.tenant_id();
        let index = self.sealer.blind_index(tenant, &asked.person);
        let (seen, me) = (scopes.clone(), caller.staff.id);
        let (from, before) = (asked.from.map(start_of_day), asked.to.map(end_of_day));
        let load = move |tx: &mut Tx<'_>| {
            let subjects = tx.subjects_of_person(&index)?;
            let mut filter = LogFilter {
                scopes,
                staff: None,
                case: None,
                subjects: Some(subjects.clone()),
                from,
                before,
                refused: Some(false),
                after: None,
                order: LogOrder::Oldest,
                limit: BATCH,
            };
            let (mut entries, mut cases) = (Vec::new(), HashMap::new());
            loop {
                let mut found = tx.log_entries(&filter)?;
                let full = found.len() as i64 == BATCH;
                filter.after = found.last().map(|last| (last.at, last.id));
                // Others who were shown in the same request are no business of this person.
                for entry in &mut found {
                    entry.exposed.retain(|(_, subject)| {
                        subject.is_some_and(|subject| subjects.contains(&subject))
                    });
                }
                cases.extend(tx.logged_cases(&found)?);
                entries.extend(found);
                if !full {
                    break;
                }
            }
            let readers: BTreeSet<StaffId> = entries.iter().map(|entry| entry.by).collect();
            let mut grants = HashMap::new();
            for reader in &readers {
                grants.insert(*reader, tx.grants_of(*reader)?);
            }
            let kept = kept_from(tx, me)?;
            Ok::<_, store::Error>((entries, cases, tx.staff_among(&readers)?, grants, kept))
        };
        let (mut entries, cases, staff, grants, kept): (Vec<AccessEntry>, _, _, _, _) =
            self.store.read(tenant, load).await?;
        for entry in &mut entries {
            entry.exposed.retain(|(case, _)| {
                let read = cases.get(case).map(|case| &case.read);
                let within = read.is_some_and(|read| in_scope(&seen, &read.unit, &read.laws));
                within && !kept.contains(case)
            });
        }
        entries.retain(|entry| !entry.exposed.is_empty());
        let (names, units) = (caller.set_up.settings.access.names_staff, &caller.set_up.units);
        let line = |entry: &AccessEntry| {
            let numbers = entry.exposed.iter().filter_map(|(case, _)| cases.get(case));
            let held = grants.get(&entry.by).map_or(&[][..], Vec::as_slice);
            let who = staff.iter().find(|it| it.id == entry.by);
            Line {
                at: entry.at,
                units: units_of(entry, held, units),
                role: entry.role.as_deref().and_then(|role| role.parse().ok()),
                name: who.filter(|_| names).and_then(|it| it.name.clone()),
                act: entry.act.clone(),
                numbers: numbers.filter_map(|case| case.read.number.clone()).collect(),
            }
        };
        let lines = entries.iter().map(line).collect();
        let exposed = super::exposed_by(&entries, |_| true);
        let entry = caller.entry(self, "access_log.extract", access, exposed);
        let mut rows = Additions::to(tenant);
        rows.access(&entry);
        rows.access_search(entry.id, &stated);
        self.store.add(rows).await?;
        let all = seen.iter().any(|scope| scope.laws == Scope::All);
        let named = |law: &Law| seen.iter().any(|scope| scope.laws.covers(law));
        let laws = match all {
            true => Vec::new(),
            false => Law::ALL.into_iter().filter(named).collect(),
        };
        Ok(Extract {
            tenant: caller.tenant.name.clone(),
            made_at: caller.now,
            from: asked.from,
            to: asked.to,
            laws,
            lines,
        })
    }
}
