//! Recomputes a chain from its beginning, and everything it commits to.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::ids::{CaseId, EntryId, TenantId};
use jiff::{SignedDuration, Timestamp};
use store::{ChainHead, ChainLink, HistoryDocument, Log, LoggedEntry, Store, Tx, Unlinked};

use super::commitment::{HASH, holds};
use super::head::{SignedHead, hex};
use super::link::{BEGINNING, hash};
use crate::error::Error;

/// Links, or cases, looked at in one go.
const PAGE: i64 = 500;
/// Faults told of one tenant; all are counted.
const TOLD: usize = 1000;
/// An entry whose link came so much later than itself is told; one that has none so long after itself is a fault.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// How long a service may take to link what it finds when it starts.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// Entry or link is not what it was when it was linked.
    Changed,
    /// The entry of a link is gone.
    EntryMissing,
    /// A place without a link.
    LinkMissing,
    /// Two links have each other's entries.
    Swapped,
    /// The chain ends before it ended once.
    CutOff,
    /// The chain was made anew: it has another hash where a head was exported.
    Rewritten,
    /// An entry lies where everything is linked, and is not: it was put there past the service.
    Inserted,
    /// A history entry is not what was committed to.
    HistoryChanged,
    /// A history entry is gone, and no erasure of the case is recorded.
    HistoryMissing,
    /// A history entry that no audit entry knows of.
    HistoryInserted,
    /// A link made in a way this release does not know.
    UnknownFormat,
}

impl FaultKind {
    /// In words, for whoever runs the command.
    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => "changed after it was linked",
            Self::EntryMissing => "the entry is missing",
            Self::LinkMissing => "the link is missing",
            Self::Swapped => "swapped with another",
            Self::CutOff => "cut off: the chain ends before it ended once",
            Self::Rewritten => "rewritten: another hash than in an exported head",
            Self::Inserted => "inserted past the service: no link, and older than what is linked",
            Self::HistoryChanged => "history does not match its commitment",
            Self::HistoryMissing => "history is missing, and no erasure is recorded",
            Self::HistoryInserted => "history that no audit entry knows of",
            Self::UnknownFormat => "made by a later release",
        }
    }
}

/// One fault, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFault {
    /// What is wrong.
    pub kind: FaultKind,
    /// At which place.
    pub sequence: Option<i64>,
    /// With which entry.
    pub entry: Option<(Log, EntryId)>,
    /// With which case's history, and which version.
    pub history: Option<(CaseId, i64)>,
}

/// What was found of one tenant.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// How many links were recomputed.
    pub links: u64,
    /// Where the chain ends: place and hash in hexadecimal.
    pub end: Option<(i64, String)>,
    /// How many history entries match what was committed to.
    pub committed: u64,
    /// How many are gone with a case that was erased.
    pub erased: u64,
    /// How many entries were linked more than an hour after they were made: from before there was a
    /// chain, or from while no service ran; else somebody may have put them there.
    pub late: u64,
    /// What waits to be linked.
    pub unlinked: Unlinked,
    /// How many exported heads were compared.
    pub heads: usize,
    /// The first faults.
    pub faults: Vec<ChainFault>,
    /// How many there are.
    pub faulty: usize,
}

impl Verdict {
    fn tell(&mut self, fault: ChainFault) {
        self.faulty += 1;
        if self.faults.len() < TOLD {
            self.faults.push(fault);
        }
    }

    fn at(&mut self, kind: FaultKind, link: &ChainLink) {
        let entry = Some((link.log, link.entry));
        self.tell(ChainFault { kind, sequence: Some(link.sequence), entry, history: None });
    }

    fn of_history(&mut self, kind: FaultKind, history: (CaseId, i64)) {
        self.tell(ChainFault { kind, sequence: None, entry: None, history: Some(history) });
    }
}

/// What one page of links is about.
struct Page {
    links: Vec<ChainLink>,
    entries: HashMap<EntryId, LoggedEntry>,
    history: HashMap<(CaseId, i64), HistoryDocument>,
    erased: BTreeSet<CaseId>,
    /// Where the chain is said to end, in the moment of the page.
    head: Option<ChainHead>,
}

fn page(tx: &mut Tx<'_>, after: i64) -> Result<Page, store::Error> {
    let links = tx.links(after, PAGE)?;
    let mut entries = HashMap::new();
    for log in Log::ALL {
        let ids: Vec<EntryId> =
            links.iter().filter(|link| link.log == log).map(|link| link.entry).collect();
        if !ids.is_empty() {
            entries.extend(tx.logged(log, &ids)?.into_iter().map(|entry| (entry.id, entry)));
        }
    }
    let of = |entry: &LoggedEntry| entry.commitment.as_ref().and(entry.case);
    let cases: Vec<CaseId> =
        entries.values().filter_map(of).collect::<BTreeSet<_>>().into_iter().collect();
    let (mut history, mut erased) = (HashMap::new(), BTreeSet::new());
    if !cases.is_empty() {
        let found = tx.history_documents(&cases)?;
        history.extend(found.into_iter().map(|it| ((it.case, it.version), it)));
        erased = tx.erased(&cases)?;
    }
    let head = tx.chain_head()?;
    Ok(Page { links, entries, history, erased, head })
}

/// The versions that an entry commits to, each with its commitment.
fn commitments(entry: &LoggedEntry) -> Vec<((CaseId, i64), &[u8])> {
    let (Some(case), Some(bytes)) = (entry.case, &entry.commitment) else { return Vec::new() };
    // Without a version it can match nothing, which is then told.
    let last = entry.version.unwrap_or(0);
    let parts: Vec<&[u8]> = bytes.chunks(HASH).collect();
    let first = last + 1 - i64::try_from(parts.len()).unwrap_or(0);
    (first..).zip(parts).map(|(version, part)| ((case, version), part)).collect()
}

/// Recomputes everything of one tenant, some hundred entries in memory at a time, while the service may
/// run; and holds it to heads that were exported.
///
/// # Errors
/// Those of the store.
pub async fn verify(
    store: &Store,
    tenant: TenantId,
    heads: &[SignedHead],
    now: Timestamp,
) -> Result<Verdict, Error> {
    let heads: Vec<&SignedHead> = heads.iter().filter(|head| head.tenant_id == tenant).collect();
    let mut verdict = Verdict { heads: heads.len(), ..Verdict::default() };
    let (mut last, mut stored) = (0, BEGINNING.to_vec());
    // The hash the last link should have had, where it has another: if only that was changed, what
    // follows still fits it.
    let mut meant: Option<Vec<u8>> = None;
    let mut wrong: Vec<(ChainLink, Vec<u8>, Option<LoggedEntry>)> = Vec::new();
    let mut went = Went::default();
    loop {
        let after = last;
        let found = store.read(tenant, move |tx| page(tx, after)).await?;
        for link in &found.links {
            while last + 1 < link.sequence {
                last += 1;
                // What the next was made of nobody knows any more.
                stored.clear();
                meant = None;
                let kind = FaultKind::LinkMissing;
                let (entry, history) = (None, None);
                verdict.tell(ChainFault { kind, sequence: Some(last), entry, history });
                // A hole is told link by link, but not without end.
                if verdict.faulty > TOLD {
                    last = link.sequence - 1;
                }
            }
            let hole = stored.is_empty();
            let entry = found.entries.get(&link.entry).filter(|entry| entry.log == link.log);
            match entry.map(|entry| hash(&stored, link, entry)) {
                None => {
                    verdict.at(FaultKind::EntryMissing, link);
                    meant = None;
                }
                Some(None) => verdict.at(FaultKind::UnknownFormat, link),
                Some(Some(made)) => {
                    let fits = made == link.hash
                        || hole
                        || meant.as_ref().is_some_and(|meant| {
                            entry.and_then(|entry| hash(meant, link, entry)).as_ref()
                                == Some(&link.hash)
                        });
                    meant = None;
                    if !fits {
                        if wrong.len() < TOLD {
                            wrong.push((link.clone(), stored.clone(), entry.cloned()));
                        } else {
                            verdict.at(FaultKind::Changed, link);
                        }
                        meant = Some(made);
                    }
                }
            }
            if let Some(entry) = entry {
                if link.at.duration_since(entry.at) > LATE {
                    verdict.late += 1;
                }
                check_history(&mut verdict, &found, entry);
            }
            for head in heads.iter().filter(|head| head.sequence == link.sequence) {
                if head.hash != hex(&link.hash) {
                    verdict.at(FaultKind::Rewritten, link);
                }
            }
            verdict.links += 1;
            last = link.sequence;
            went.on(link, now);
            stored.clone_from(&link.hash);
        }
        if i64::try_from(found.links.len()).unwrap_or(i64::MAX) < PAGE {
            cut_off(&mut verdict, last, &stored, found.head.as_ref(), &heads);
            break;
        }
    }
    sort_out(&mut verdict, wrong);
    verdict.end = Some((last, hex(&stored)));
    check_all_history(&mut verdict, store, tenant).await?;
    verdict.unlinked = store.read(tenant, |tx| tx.count_unlinked(None)).await?;
    put_there(&mut verdict, store, tenant, &went).await?;
    Ok(verdict)
}

/// Whether a chain ends where it is said to end, and not before any exported head.
fn cut_off(
    verdict: &mut Verdict,
    last: i64,
    stored: &[u8],
    head: Option<&ChainHead>,
    heads: &[&SignedHead],
) {
    let said = head.map_or((0, &BEGINNING[..]), |head| (head.sequence, &head.hash));
    let cut = |sequence| ChainFault {
        kind: FaultKind::CutOff,
        sequence: Some(sequence),
        entry: None,
        history: None,
    };
    if said.0 != last {
        verdict.tell(cut(last.min(said.0) + 1));
    } else if said.1 != stored {
        let kind = FaultKind::Changed;
        verdict.tell(ChainFault { kind, sequence: Some(last), entry: None, history: None });
    }
    if let Some(beyond) = heads.iter().map(|head| head.sequence).filter(|it| *it > last).max() {
        // Once is enough where the database itself tells the same.
        if said.0 <= last || said.0 < beyond {
            verdict.tell(cut(last + 1));
        }
    }
}

/// Tells of links that do not fit which were swapped, and that the others were changed.
fn sort_out(verdict: &mut Verdict, wrong: Vec<(ChainLink, Vec<u8>, Option<LoggedEntry>)>) {
    let mut swapped = HashSet::new();
    for (at, (one, before_one, entry_one)) in wrong.iter().enumerate() {
        for (other, before_other, entry_other) in wrong.iter().skip(at + 1) {
            let as_if = |link: &ChainLink, before: &[u8], entry: &Option<LoggedEntry>| {
                let Some(entry) = entry else { return false };
                let link = ChainLink { log: entry.log, entry: entry.id, ..link.clone() };
                hash(before, &link, entry).as_ref() == Some(&link.hash)
            };
            if as_if(one, before_one, entry_other) && as_if(other, before_other, entry_one) {
                swapped.extend([one.sequence, other.sequence]);
            }
        }
    }
    for (link, _, _) in &wrong {
        let is = swapped.contains(&link.sequence);
        verdict.at(if is { FaultKind::Swapped } else { FaultKind::Changed }, link);
    }
}

/// Holds the history entries of one change to what was committed to.
fn check_history(verdict: &mut Verdict, found: &Page, entry: &LoggedEntry) {
    for (place, commitment) in commitments(entry) {
        match found.history.get(&place) {
            Some(document) if holds(document, commitment) => verdict.committed += 1,
            Some(_) => verdict.of_history(FaultKind::HistoryChanged, place),
            None if found.erased.contains(&place.0) => verdict.erased += 1,
            None => verdict.of_history(FaultKind::HistoryMissing, place),
        }
    }
}

/// Looks for history entries that nothing commits to, though the case has commitments from an earlier
/// version on, or though they have a salt.
async fn check_all_history(
    verdict: &mut Verdict,
    store: &Store,
    tenant: TenantId,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let read = move |tx: &mut Tx<'_>| {
            let cases = tx.cases_with_history(after, PAGE)?;
            let history = tx.history_documents(&cases)?;
            let committed = tx.committed(&cases)?;
            Ok::<_, store::Error>((cases, history, committed))
        };
        let (cases, history, committed) = store.read(tenant, read).await?;
        let covered: HashSet<(CaseId, i64)> =
            committed.iter().flat_map(commitments).map(|(place, _)| place).collect();
        let mut first: HashMap<CaseId, i64> = HashMap::new();
        for (case, version) in &covered {
            let first = first.entry(*case).or_insert(*version);
            *first = (*first).min(*version);
        }
        for document in history {
            let place = (document.case, document.version);
            let since = first.get(&place.0).is_some_and(|first| *first <= place.1);
            if (since || document.salt.is_some()) && !covered.contains(&place) {
                verdict.of_history(FaultKind::HistoryInserted, place);
            }
        }
        match cases.last() {
            Some(last) if i64::try_from(cases.len()).unwrap_or(i64::MAX) == PAGE => {
                after = Some(*last);
            }
            _ => return Ok(()),
        }
    }
}

/// How linking went on, by what tells of an entry without a link whether it should have one.
#[derive(Default)]
struct Went {
    /// When the first link was made.
    begun: Option<Timestamp>,
    /// When the last was made that is more than a minute old: a service that has just started links what
    /// it finds first, and has not found everything yet.
    until: Option<Timestamp>,
    /// By log, the youngest entry that was linked more than an hour ago.
    reached: HashMap<Log, EntryId>,
}

impl Went {
    fn on(&mut self, link: &ChainLink, now: Timestamp) {
        self.begun = self.begun.or(Some(link.at));
        let ago = now.duration_since(link.at);
        if ago > SETTLED {
            self.until = self.until.max(Some(link.at));
        }
        if ago > LATE {
            let reached = self.reached.entry(link.log).or_insert(link.entry);
            *reached = (*reached).max(link.entry);
        }
    }

    /// Whether an entry without a link should have had one long ago.
    fn passed(&self, entry: &LoggedEntry) -> bool {
        let younger = self.reached.get(&entry.log).is_some_and(|reached| entry.id < *reached);
        let since = self.begun.is_some_and(|begun| entry.at >= begun);
        let long = self.until.is_some_and(|until| until.duration_since(entry.at) > LATE);
        younger || since && long
    }
}

/// Looks for entries without a link that should have had one long ago.
async fn put_there(
    verdict: &mut Verdict,
    store: &Store,
    tenant: TenantId,
    went: &Went,
) -> Result<(), Error> {
    for log in Log::ALL {
        let mut after = None;
        loop {
            let read = move |tx: &mut Tx<'_>| tx.unlinked(log, after, None, PAGE);
            let waiting = store.read(tenant, read).await?;
            for entry in &waiting {
                if went.passed(entry) {
                    let entry = Some((log, entry.id));
                    let kind = FaultKind::Inserted;
                    verdict.tell(ChainFault { kind, sequence: None, entry, history: None });
                }
            }
            match waiting.last() {
                Some(last) if i64::try_from(waiting.len()).unwrap_or(i64::MAX) == PAGE => {
                    after = Some(last.id);
                }
                _ => break,
            }
        }
    }
    Ok(())
}
