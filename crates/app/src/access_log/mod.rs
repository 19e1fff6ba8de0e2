//! Who has read what: searching the log, telling a person of it, checking it, and the grounds on which
//! somebody reads over a border. No text of a case is read for any of them.

mod checks;
mod extract;
mod facts;
mod grounds;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{CaseId, StaffId, SubjectId, UnitId};
use domain::law::Law;
use domain::policy::{Access, Act, LogScope, log_scopes};
use store::{AccessEntry, Tx};

use crate::context::Caller;
use crate::error::Error;

pub use checks::{CheckList, DrawAsked, Judgement, SeenCheck};
pub use extract::{Extract, ExtractAsked};
pub use search::{LogAsked, LogLine, LogPage};

/// Whether a case at a unit, under some laws, is in any of these scopes.
fn in_scope(scopes: &[LogScope], unit: &UnitId, laws: &[Law]) -> bool {
    let reaches = |scope: &LogScope| {
        scope.units.covers(unit)
            && (laws.is_empty() || laws.iter().any(|law| scope.laws.covers(law)))
    };
    scopes.iter().any(reaches)
}

/// The cases that are kept from somebody (jäv): the log tells them of those as little as the cases do.
fn kept_from(tx: &mut Tx<'_>, who: StaffId) -> Result<BTreeSet<CaseId>, store::Error> {
    let kept = tx.kept_from()?.into_iter().filter(|(_, from)| from.contains(&who));
    Ok(kept.map(|(case, _)| case).collect())
}

/// The cases that some entries exposed, each once, as the entry of who sees them names them.
fn exposed_by<'a>(
    entries: impl IntoIterator<Item = &'a AccessEntry>,
    seen: impl Fn(&CaseId) -> bool,
) -> Vec<(CaseId, Option<SubjectId>)> {
    let all = entries.into_iter().flat_map(|entry| &entry.exposed);
    let cases: BTreeMap<CaseId, Option<SubjectId>> =
        all.filter(|(case, _)| seen(case)).copied().collect();
    cases.into_iter().collect()
}

impl Caller {
    /// Of what the caller may do `act`, one of the acts on the log, and as what.
    fn log_scopes(&self, act: Act) -> Result<(Vec<LogScope>, Access), Error> {
        let access = self.may(act)?;
        Ok((log_scopes(&self.actor, act), access))
    }
}
