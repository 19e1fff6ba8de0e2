//! Import and export in the interchange format: what a municipality brings along from its old
//! system, and takes along when it leaves.
//!
//! CSV with `;`, UTF-8 with or without BOM, CRLF or LF, times on a Swedish clock. An import is all
//! or nothing: a first pass reads every file row by row and names every fault; only when there is
//! none does a second one write, in one transaction. What the tenant has already is left as it is,
//! so importing the same files again adds nothing.

mod case_row;
mod cells;
mod delivery;
mod export;
mod fault;
pub(crate) mod fields;
pub(crate) mod lines;
mod ndjson;
mod out;
mod plan;
mod scan;
mod sheet;
mod table;
mod unit_book;
mod write;

use std::collections::{HashMap, HashSet};
use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use domain::calendar::swedish_date;
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, TenantId};
use jiff::Timestamp;
use store::{Store, Tx};
use tokio::sync::mpsc;
use uuid::Uuid;

pub use delivery::LOCAL_ISSUER;
pub use export::{ExportError, Exported, Format, export};
pub use fault::{Faults, ImportError, LineFault, MOST_FAULTS};

use crate::tenants::{TenantError, create_tenant, is_slug};
use plan::Plan;
use scan::{Known, Meter, Scanned, scan};

/// How many cases are read at a time.
const PAGE: i64 = 500;

/// How often an import begins again when somebody else wrote the same at the same time, or a number
/// that was drawn is taken.
const ATTEMPTS: usize = 3;

/// What an import is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking for faults; counts bytes.
    Checking,
    /// Reading what will be written; counts bytes.
    Reading,
    /// Writing; counts rows.
    Writing,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// How much of that is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The tenant.
    pub tenant: TenantId,
    /// It was made.
    pub tenant_created: bool,
    /// Units made.
    pub units: u64,
    /// Staff made.
    pub staff: u64,
    /// Staff who were there already.
    pub staff_already: u64,
    /// Grants made.
    pub grants: u64,
    /// Grants that were there already.
    pub grants_already: u64,
    /// Cases taken in.
    pub cases: u64,
    /// Cases whose number the tenant had already; they are left as they are.
    pub cases_already: u64,
    /// Lines of cases that say the same as one before them.
    pub cases_repeated: u64,
    /// Forwardings taken in.
    pub forwardings: u64,
    /// Forwardings that were there already.
    pub forwardings_already: u64,
    /// Escalations taken in.
    pub escalations: u64,
    /// Escalations that were there already.
    pub escalations_already: u64,
}

impl Imported {
    fn of(tenant: TenantId) -> Self {
        Self {
            tenant,
            tenant_created: false,
            units: 0,
            staff: 0,
            staff_already: 0,
            grants: 0,
            grants_already: 0,
            cases: 0,
            cases_already: 0,
            cases_repeated: 0,
            forwardings: 0,
            forwardings_already: 0,
            escalations: 0,
            escalations_already: 0,
        }
    }

    /// Whether anything was taken in.
    pub fn anything(&self) -> bool {
        let few = self.units + self.staff + self.grants;
        few + self.cases + self.forwardings + self.escalations > 0
    }
}

/// Imports the files in `dir` for the tenant with this slug, which is made when there is none:
/// with `tenant_name`, or else its slug with a capital letter. Reads files on the calling thread.
///
/// # Errors
/// [`ImportError::Refused`] with every faulty line; then, as with every other error, no row of the
/// files is in the database. A tenant made just before the database failed stays, empty.
#[allow(clippy::too_many_arguments, reason = "time, identity and chance are arguments here")]
pub async fn import(
    store: &Store,
    tenant_slug: &str,
    tenant_name: Option<&str>,
    dir: &Path,
    now: Timestamp,
    ids: &(dyn Fn() -> Uuid + Sync),
    seed: &(dyn Fn() -> u64 + Sync),
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Imported, ImportError> {
    if !is_slug(tenant_slug) {
        return Err(TenantError::Slug.into());
    }
    let today = swedish_date(now);
    let existing = match store.tenant_by_slug(tenant_slug).await {
        Ok(tenant) => Some(tenant.id),
        Err(store::Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };

    let mut known = known(store, existing).await?;
    let total = scan::size(dir);
    let meter = Meter { report: progress, phase: Phase::Checking, total };
    let Scanned { mut faults, own, doubtful, .. } = scan(dir, &known, today, false, &meter)?;
    let own = match existing {
        Some(tenant) if !own.is_empty() => own_cases(store, tenant, own).await?,
        _ => HashMap::new(),
    };
    for (number, fault) in doubtful {
        if !own.contains_key(&number) {
            faults.push(fault);
        }
    }
    if !faults.is_empty() {
        return Err(ImportError::Refused(faults));
    }
    known.numbers.extend(own.keys().cloned());

    let tenant = match existing {
        Some(tenant) => tenant,
        None => {
            let name = tenant_name.map_or_else(|| capitalised(tenant_slug), str::to_owned);
            create_tenant(store, tenant_slug, &name, now, ids).await?.id
        }
    };
    let mut attempt = 1;
    loop {
        let meter = Meter { phase: Phase::Reading, ..meter };
        // Checked anew: the files may have changed since.
        let Scanned { delivery, faults, doubtful, .. } = scan(dir, &known, today, true, &meter)?;
        if !faults.is_empty() || !doubtful.is_empty() {
            let mut faults = faults;
            doubtful.into_iter().for_each(|(_, fault)| faults.push(fault));
            return Err(ImportError::Refused(faults));
        }
        let plan = Plan::new(delivery, own.clone(), now, ids, seed);
        match carry_out(store, tenant, plan, progress).await {
            Ok(imported) => return Ok(Imported { tenant_created: existing.is_none(), ..imported }),
            Err(store::Error::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Writes the plan, and tells how far it is while another thread does.
async fn carry_out(
    store: &Store,
    tenant: TenantId,
    plan: Plan,
    report: &(dyn Fn(Progress) + Sync),
) -> Result<Imported, store::Error> {
    let total = plan.rows();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let mut writing = pin!(store.write(tenant, move |tx| write::write(tx, plan, sender)));
    let mut open = true;
    let result = poll_fn(|cx| {
        while open {
            match receiver.poll_recv(cx) {
                Poll::Ready(Some(done)) => report(Progress { phase: Phase::Writing, done, total }),
                Poll::Ready(None) => open = false,
                Poll::Pending => break,
            }
        }
        writing.as_mut().poll(cx)
    })
    .await;
    if result.is_ok() {
        report(Progress { phase: Phase::Writing, done: total, total });
    }
    result
}

/// What the tenant has; of one that is yet to be made, nothing.
async fn known(store: &Store, tenant: Option<TenantId>) -> Result<Known, store::Error> {
    let Some(tenant) = tenant else {
        return Ok(Known {
            codes: CodeLists::shared(),
            units: Vec::new(),
            numbers: HashSet::new(),
            staff: HashSet::new(),
        });
    };
    store
        .read(tenant, |tx| {
            let staff = tx.all_staff()?.into_iter().map(|one| (one.issuer, one.subject));
            Ok(Known {
                staff: staff.collect(),
                codes: CodeLists::with_own(tx.tenant_codes()?),
                units: tx.units()?,
                numbers: tx.external_numbers()?.into_iter().map(|(number, _)| number).collect(),
            })
        })
        .await
}

/// The tenant's cases that have one of these numbers as their own.
async fn own_cases(
    store: &Store,
    tenant: TenantId,
    wanted: HashSet<String>,
) -> Result<HashMap<String, CaseId>, store::Error> {
    store
        .read(tenant, move |tx| {
            let mut found = HashMap::new();
            let mut after = None;
            while let Some(page) = page(tx, &mut after)? {
                for case in page {
                    let number = case.number.to_string();
                    if wanted.contains(&number) {
                        found.insert(number, case.id);
                    }
                }
            }
            Ok::<_, store::Error>(found)
        })
        .await
}

/// The cases after `after`, which moves on; `None` at the end.
fn page(
    tx: &mut Tx<'_>,
    after: &mut Option<CaseId>,
) -> Result<Option<Vec<domain::case::Case>>, store::Error> {
    let cases = tx.cases_after(*after, PAGE)?;
    let Some(last) = cases.last() else { return Ok(None) };
    *after = Some(last.id);
    Ok(Some(cases))
}

fn capitalised(slug: &str) -> String {
    let mut chars = slug.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
