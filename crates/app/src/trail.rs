//! What a request touched of cases, so that what was refused is kept as well as what was shown.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::case::Case;
use domain::ids::{CaseId, EntryId, GroundId, StaffId, SubjectId, TenantId, UnitId};
use domain::policy::Access;
use jiff::Timestamp;
use store::{AccessEntry, Additions};
use uuid::Uuid;

use crate::context::App;
use crate::error::Error;

/// Who asks in one request, from where, and what of cases the request met. Whatever finds a case for a
/// caller notes it here; what was refused is written when the request is over.
#[derive(Debug)]
pub struct Trail {
    tenant: TenantId,
    by: StaffId,
    at: Timestamp,
    request: Uuid,
    from: Option<String>,
    noted: Mutex<Noted>,
}

/// Of a case, what an entry says.
type Touched = (Option<SubjectId>, UnitId);

#[derive(Debug, Default)]
struct Noted {
    opened: BTreeMap<CaseId, Touched>,
    refused: BTreeMap<CaseId, Touched>,
    grounds: BTreeMap<CaseId, GroundId>,
}

impl Trail {
    /// The trail of a request. `from` is the network it came from, where that may be kept.
    pub(crate) fn new(
        tenant: TenantId,
        by: StaffId,
        at: Timestamp,
        request: Uuid,
        from: Option<String>,
    ) -> Self {
        Self { tenant, by, at, request, from, noted: Mutex::default() }
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        // A panic elsewhere leaves the maps whole: each change is one insertion.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller was let at a case, by a ground if so.
    pub(crate) fn opened(&self, case: &Case, ground: Option<GroundId>) {
        let mut noted = self.noted();
        noted.opened.insert(case.id, (case.subject, case.unit));
        if let Some(ground) = ground {
            noted.grounds.insert(case.id, ground);
        }
    }

    /// The caller was refused a case that exists.
    pub(crate) fn refused(&self, case: &Case) {
        self.noted().refused.insert(case.id, (case.subject, case.unit));
    }

    /// An answer given before is given again: nothing was refused.
    pub(crate) fn replayed(&self) {
        self.noted().refused.clear();
    }

    /// An entry of this request, of what is shown of `exposed`.
    pub(crate) fn entry(
        &self,
        id: EntryId,
        act: String,
        role: Option<String>,
        exposed: Vec<(CaseId, Option<SubjectId>)>,
    ) -> AccessEntry {
        let noted = self.noted();
        let units = exposed.iter().filter_map(|(case, _)| noted.opened.get(case)).map(|it| it.1);
        let unit = alone(units);
        let ground = exposed.iter().find_map(|(case, _)| noted.grounds.get(case).copied());
        AccessEntry {
            id,
            at: self.at,
            by: self.by,
            act,
            role,
            request: self.request,
            unit,
            from: self.from.clone(),
            refused: false,
            ground,
            exposed,
        }
    }
}

/// The unit, where there is one and no other.
fn alone(mut units: impl Iterator<Item = UnitId>) -> Option<UnitId> {
    let first = units.next()?;
    units.all(|unit| unit == first).then_some(first)
}

/// The code of the role that let somebody at something.
pub(crate) fn role_of(access: Access) -> Option<String> {
    match access {
        Access::Role(role) => Some(role.code().to_owned()),
        Access::Asked | Access::Own | Access::Forbidden | Access::Hidden => None,
    }
}

impl App {
    /// Keeps what a request was refused, as one entry: the cases it was kept from and, where the request
    /// as a whole was `forbidden`, those it was let at for something else. `act` says what was tried.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn keep_refusals(
        &self,
        trail: &Trail,
        act: impl FnOnce() -> String,
        forbidden: bool,
    ) -> Result<(), Error> {
        let touched = {
            let noted = trail.noted();
            let mut touched = noted.refused.clone();
            if forbidden {
                touched.extend(noted.opened.iter().map(|(case, of)| (*case, *of)));
            }
            touched
        };
        if touched.is_empty() {
            return Ok(());
        }
        let unit = alone(touched.values().map(|(_, unit)| *unit));
        let exposed = touched.iter().map(|(case, (subject, _))| (*case, *subject)).collect();
        let entry = trail.entry(EntryId(self.new_id()), act(), None, exposed);
        let mut rows = Additions::to(trail.tenant);
        rows.access(&AccessEntry { unit, refused: true, ground: None, ..entry });
        Ok(self.store.add(rows).await?)
    }
}
