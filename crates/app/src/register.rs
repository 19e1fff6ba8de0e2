//! The register of opinions: who asks, which lines, and as what each is handled.

use std::collections::BTreeMap;

use domain::case::Kind;
use domain::ids::{CaseId, StaffId};
use domain::organisation::{Grant, Role};
use domain::policy::{Act, Held};
use domain::register::{RegisterFact, RegisterLine, Standing};
use jiff::Timestamp;
use store::{RegisterFilter, RegisterRow, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::today;

/// What is asked of the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterQuery {
    /// The year; `None` is all.
    pub year: Option<i16>,
    /// The kinds; empty is both.
    pub kinds: Vec<Kind>,
    /// Where they stand; empty is anywhere.
    pub standings: Vec<Standing>,
    /// Go on after this place.
    pub after: Option<(Timestamp, CaseId)>,
    /// How many at most.
    pub limit: usize,
}

/// A page of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterPage {
    /// The lines, the last that came in first.
    pub lines: Vec<RegisterLine>,
    /// Where the next page begins, if there is one.
    pub next: Option<(Timestamp, CaseId)>,
}

/// The role a line names, of several that somebody holds there.
const NAMED: [Role; 7] = [
    Role::Mas,
    Role::Mar,
    Role::Sas,
    Role::Director,
    Role::AreaManager,
    Role::UnitManager,
    Role::Registrator,
];

/// As what somebody handles an opinion: a role they hold at its unit today.
fn handled_as(caller: &Caller, grants: &[&Grant], fact: &RegisterFact) -> Option<Role> {
    let units = &caller.set_up.units;
    let there = |grant: &&&Grant| Held::of(grant, units).units.covers(&fact.unit);
    let held: Vec<Role> = grants.iter().filter(there).map(|grant| grant.role).collect();
    NAMED.into_iter().find(|role| held.contains(role)).or(held.first().copied())
}

impl App {
    /// A page of the register, in the words in which anybody may read it.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn register(
        &self,
        caller: &Caller,
        query: RegisterQuery,
    ) -> Result<RegisterPage, Error> {
        caller.may(Act::ReadRegister)?;
        let limit = query.limit;
        let filter = RegisterFilter {
            year: query.year,
            kinds: query.kinds,
            standings: query.standings,
            after: query.after,
            // One more than asked tells whether there is another page.
            limit: i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX),
        };
        let load = move |tx: &mut Tx<'_>| {
            let rows = tx.register(&filter)?;
            let grants = match rows.iter().any(|row| row.handler.is_some()) {
                true => tx.all_grants()?,
                false => Vec::new(),
            };
            Ok::<_, store::Error>((rows, grants))
        };
        let (mut rows, grants) = self.store.read(caller.tenant_id(), load).await?;
        let today = today(caller);
        let mut of_staff: BTreeMap<StaffId, Vec<&Grant>> = BTreeMap::new();
        for grant in grants.iter().filter(|grant| grant.valid_on(today)) {
            of_staff.entry(grant.staff).or_default().push(grant);
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next =
            rows.last().filter(|_| more).map(|row: &RegisterRow| (row.fact.reported_at, row.case));
        let set_up = &caller.set_up;
        let lines = rows.into_iter().map(|row| {
            let held = row.handler.and_then(|staff| of_staff.get(&staff));
            let role = held.and_then(|grants| handled_as(caller, grants, &row.fact));
            // Whoever handles it has left since: it is still handled.
            let role = role.or(row.handler.map(|_| Role::UnitManager));
            let fact = RegisterFact { handled_as: role, ..row.fact };
            RegisterLine::of(&fact, &set_up.settings.register, &set_up.units, &set_up.codes)
        });
        Ok(RegisterPage { lines: lines.collect(), next })
    }
}
