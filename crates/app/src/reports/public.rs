//! The public version of the reports of the years: what is established, without what would point at a
//! person, and what is kept back by hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::exposure::Kind;
use domain::fault::{Fault, Reason};
use domain::ids::{StaffId, TenantId};
use domain::organisation::UnitTree;
use domain::policy::Act;
use domain::review::IMPROVEMENTS;
use domain::table::{Cell, Label, Limit};
use domain::yearly::confirm::keep_confirmed;
use domain::yearly::first_page::compare_anew;
use domain::yearly::sentences::rewrite;
use domain::yearly::suppression::{
    Before, KeptBack, Mark, Public, Rules, Why, Within, publish, unknown_marks,
};
use domain::yearly::{About, Yearly, own};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use store::{FrozenHead, ReportIssue, Tx};

use super::confirm::name_of;
use super::{gather, read_content};
use crate::context::{App, Caller, SetUp};
use crate::error::Error;
use crate::opinions::Door;
use crate::setup::{Refused, Trace};

/// The longest ground, in characters.
pub const LONGEST_GROUND: usize = 500;
/// The most figures that are kept back by hand in a year.
pub const MOST_MARKS: usize = 500;
/// Tables that are not public. What the filer said of what was assessed is for those who teach and assess:
/// beside the figures by category and law it would give back what those keep back. What teams decided is in
/// their own words.
const INSIDE: [&str; 3] =
    ["law_by_filer_and_assessor", "category_by_filer_and_assessor", IMPROVEMENTS];
/// How many years back one report has others beside it.
const REACH: u16 = 5;
/// How many tenants' public versions stay in memory.
const TENANTS_KEPT: usize = 64;

/// What is public of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicYear {
    /// The year.
    pub year: i16,
    /// The version.
    pub version: u32,
    /// The day it was established.
    pub established_on: Date,
    /// When it was frozen.
    pub locked_at: Timestamp,
}

/// The public version of a year's report.
#[derive(Clone, Debug)]
pub struct PublicReport {
    /// Which.
    pub year: PublicYear,
    /// What it says.
    pub report: Arc<Yearly>,
}

/// What is kept back of a year, by hand and because it is small.
#[derive(Clone, Debug)]
pub struct MarksShown {
    /// The year.
    pub year: i16,
    /// By hand.
    pub marks: Vec<Mark>,
    /// Who marked last, and when.
    pub marked: Option<(StaffId, Timestamp)>,
    /// Everything that the public version leaves out, if it were made now.
    pub kept_back: Vec<KeptBack>,
    /// Grows by one with every change.
    pub version: i64,
}

/// What public versions are made from: where it is the same, so are they.
#[derive(Clone, Debug, PartialEq)]
struct Made {
    /// The number of the last issue.
    issued: usize,
    heads: Vec<FrozenHead>,
    marks: Marks,
    sizes: BTreeMap<i16, BTreeMap<String, u64>>,
    rules: Rules,
    /// The names of the words that may go out, by year.
    confirmed: BTreeMap<i16, BTreeSet<String>>,
}

/// One established version.
struct Version {
    head: FrozenHead,
    /// As it was frozen.
    whole: Yearly,
    /// With the figures that are public, as it was issued.
    public: Yearly,
    /// What anybody reads: that, with the words that are confirmed alone.
    shown: Arc<Yearly>,
}

impl Version {
    fn new(head: FrozenHead, whole: Yearly, public: Yearly, made: &Made) -> Self {
        let mut shown = public.clone();
        let confirmed = made.confirmed.get(&head.year);
        keep_confirmed(&mut shown, |text| {
            confirmed.is_some_and(|names| names.contains(&name_of(text)))
        });
        Self { head, whole, public, shown: Arc::new(shown) }
    }
}

/// Every public version of a tenant, oldest first, with what they are made from.
struct All {
    made: Made,
    versions: Vec<Version>,
}

/// Those of one tenant in memory.
type Versions = Arc<Mutex<Option<Arc<All>>>>;

/// Public versions in memory: making them is work, and anybody may ask.
#[derive(Default)]
pub struct Published(Mutex<HashMap<TenantId, Versions>>);

impl std::fmt::Debug for Published {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Published")
    }
}

impl Published {
    fn of(&self, tenant: TenantId) -> Versions {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= TENANTS_KEPT && !known.contains_key(&tenant) {
            known.clear();
        }
        Arc::clone(known.entry(tenant).or_default())
    }
}

/// What anybody knows of the tenant: which unit lies in which area, and which area in which group.
fn within(units: &UnitTree) -> Vec<Within> {
    let limit = |dimension: &str, code: &str| Limit {
        dimension: dimension.to_owned(),
        code: Some(code.to_owned()),
    };
    let mut found = Vec::new();
    for unit in units.iter() {
        let inner = limit("unit", &unit.id.to_string());
        // Rates count a unit with those below it.
        for above in units.with_ancestors(unit.id) {
            if units.with_descendants(above).len() > 1 {
                let outer = limit("unit_below", &above.to_string());
                found.push(Within { inner: inner.clone(), outer });
            }
        }
        let area = units.area_of(unit.id).map(|area| limit("area", area));
        let group = units.area_group_of(unit.id).map(|group| limit("area_group", &group.code));
        for outer in [&area, &group].into_iter().flatten() {
            found.push(Within { inner: inner.clone(), outer: outer.clone() });
        }
        if let (Some(inner), Some(outer)) = (area, group) {
            found.push(Within { inner, outer });
        }
    }
    found.sort_by(|one, other| (&one.inner, &one.outer).cmp(&(&other.inner, &other.outer)));
    found.dedup();
    found
}

/// How many persons each unit had in a year, at the most.
pub(super) fn sizes(
    tx: &mut Tx<'_>,
    from: i16,
    to: i16,
) -> Result<BTreeMap<i16, BTreeMap<String, u64>>, store::Error> {
    let mut sizes: BTreeMap<i16, BTreeMap<String, u64>> = BTreeMap::new();
    for exposure in tx.exposures(from, to)? {
        if exposure.kind == Kind::Persons {
            let of_year = sizes.entry(exposure.year()).or_default();
            let most = of_year.entry(exposure.unit.to_string()).or_default();
            *most = (*most).max(exposure.amount.hundredths / 100);
        }
    }
    Ok(sizes)
}

/// What the public versions of a tenant are made from, oldest first.
fn made(tx: &mut Tx<'_>, set_up: &SetUp) -> Result<Made, store::Error> {
    let mut heads = tx.frozen_heads(None)?;
    heads.retain(|head| head.established.is_some());
    heads.sort_by_key(|head| {
        (head.established.as_ref().map(|it| it.done.at), head.year, head.lock.version)
    });
    let years = || heads.iter().map(|head| head.year);
    let (first, last) = (years().min().unwrap_or(0), years().max().unwrap_or(0));
    let chosen = &set_up.settings.report_publication;
    let rules = Rules {
        threshold: u64::from(chosen.threshold),
        small_unit: u64::from(chosen.small_unit),
        within: within(&set_up.units),
        ..Rules::default()
    };
    let sizes = if heads.is_empty() { BTreeMap::new() } else { sizes(tx, first, last)? };
    Ok(Made {
        issued: tx.last_report_issue()?,
        marks: tx.all_report_marks()?,
        confirmed: tx.all_report_confirmations()?,
        sizes,
        rules,
        heads,
    })
}

impl Made {
    fn rules(&self, year: i16) -> Rules {
        Rules {
            sizes: self.sizes.get(&year).cloned().unwrap_or_default(),
            marks: self.marks.get(&year).cloned().unwrap_or_default(),
            ..self.rules.clone()
        }
    }
}

/// What is kept back by hand, by year.
type Marks = BTreeMap<i16, Vec<Mark>>;

/// Whether the report of the one year can have figures of the other beside its own.
fn is_near(one: i16, other: i16) -> bool {
    one.abs_diff(other) <= REACH
}

/// Those of the versions that have figures of the same years as a report of `year`.
fn beside<'a>(
    versions: impl Iterator<Item = &'a Version>,
    marks: &'a Marks,
    year: i16,
) -> Vec<Before<'a>> {
    let before = |version: &'a Version| Before {
        whole: &version.whole,
        public: &version.public,
        marks: marks.get(&version.head.year).map(Vec::as_slice).unwrap_or_default(),
    };
    versions.filter(|version| is_near(version.head.year, year)).map(before).collect()
}

/// What is public is said by the tenant: whoever wrote it stands in the tenant's own version.
fn without_names(report: &mut Yearly) {
    let tenant = report.tenant.clone();
    for section in &mut report.sections {
        // Where a figure was counted is somebody's own words, and who has not answered is nobody's business.
        for table in section.tables.iter_mut().filter(|table| table.id == own::TABLE) {
            table.notes.clear();
        }
        section.paragraphs.retain(|paragraph| paragraph.written.is_some());
        let given = section.paragraphs.iter_mut().filter_map(|it| it.written.as_mut());
        for written in section.text.iter_mut().chain(given) {
            written.by.clone_from(&tenant);
        }
    }
}

/// What a public version keeps back, as marks: what was kept back once stays so, or what was kept back to
/// protect a figure would give it back to whoever saved the version before. A row that is not there is kept back,
/// too.
fn kept_back(version: &Version) -> Vec<Mark> {
    let mut found = Vec::new();
    for table in version.whole.tables() {
        let public = version.public.table(&table.id);
        let shown = |keys: Option<&[Label]>| match keys {
            Some(keys) => {
                public?.rows.iter().find(|it| it.keys == keys).map(|row| row.cells.as_slice())
            }
            None => public?.total.as_deref(),
        };
        let rows = table.rows.iter().map(|row| (Some(row.keys.as_slice()), row.cells.len()));
        for (keys, cells) in rows.chain(table.total.iter().map(|total| (None, total.len()))) {
            let line = shown(keys);
            for (at, column) in table.columns.iter().enumerate().take(cells) {
                if line.and_then(|line| line.get(at)).is_none_or(|it| *it == Cell::Suppressed) {
                    found.push(Mark {
                        table: table.id.clone(),
                        row: keys.map(|keys| keys.iter().map(|key| key.code.clone()).collect()),
                        column: column.id.clone(),
                        ground: String::new(),
                    });
                }
            }
        }
    }
    found
}

/// What of a report anybody may read before anything of it is kept back.
fn open(mut whole: Yearly) -> Yearly {
    for section in &mut whole.sections {
        section.tables.retain(|table| !INSIDE.contains(&table.id.as_str()));
    }
    whole
}

/// Makes the public version of what is [`open`] of a year's report, beside those that are public: with figures kept back, and
/// what is kept back. `version` is that of what is frozen, if it is; `marks` are those of every year.
fn make(
    whole: &Yearly,
    (year, version): (i16, Option<u32>),
    mut rules: Rules,
    (done, marks): (&[Version], &Marks),
) -> Public {
    let same = |it: &&Version| it.head.year == year && Some(it.head.lock.version) == version;
    for earlier in done.iter().filter(same) {
        rules.marks.extend(kept_back(earlier));
    }
    let others = beside(done.iter().filter(|it| !same(it)), marks, year);
    let mut made = publish(whole, &rules, &others);
    rewrite(&mut made.report);
    compare_anew(&mut made.report);
    without_names(&mut made.report);
    made
}

/// [`make`] for a frozen version.
fn make_frozen(whole: &Yearly, head: &FrozenHead, made: &Made, done: &[Version]) -> Public {
    let rules = made.rules(head.year);
    make(whole, (head.year, Some(head.lock.version)), rules, (done, &made.marks))
}

/// Whether a public version still shows what is kept back by hand now, there or in the report of another year.
fn shows_marked(issued: &Yearly, kept_back: &[KeptBack]) -> bool {
    let mut marked = kept_back.iter().filter(|it| it.why == Why::Marked);
    marked.any(|it| {
        let Some(table) = issued.table(&it.table) else { return false };
        let line = match &it.row {
            None => table.total.as_ref(),
            Some(codes) => {
                let codes: Vec<Option<&str>> = codes.iter().map(Option::as_deref).collect();
                table.row(&codes).map(|row| &row.cells)
            }
        };
        let at = table.column(&it.column);
        let cell = line.zip(at).and_then(|(line, at)| line.get(at));
        cell.is_some_and(|cell| *cell != Cell::Suppressed)
    })
}

/// All public versions of a tenant, oldest first: from memory while nothing has changed. What was issued is as
/// it was; what was established and not issued yet is made.
fn versions(tx: &mut Tx<'_>, set_up: &SetUp, kept: &Versions) -> Result<Arc<All>, store::Error> {
    let made = made(tx, set_up)?;
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(all) = kept.as_ref()
        && all.made == made
    {
        return Ok(Arc::clone(all));
    }
    let issues = tx.report_issues()?;
    let mut done: Vec<Version> = Vec::new();
    for issue in &issues {
        let frozen = tx.frozen(issue.year, Some(issue.version))?;
        let (whole, public) = (open(read_content(&frozen.content)?), read_content(&issue.content)?);
        done.push(Version::new(frozen.head, whole, public, &made));
    }
    for head in &made.heads {
        if issues.iter().any(|it| (it.year, it.version) == (head.year, head.lock.version)) {
            continue;
        }
        let whole = open(read_content(&tx.frozen(head.year, Some(head.lock.version))?.content)?);
        let public = make_frozen(&whole, head, &made, &done).report;
        done.push(Version::new(head.clone(), whole, public, &made));
    }
    let all = Arc::new(All { made, versions: done });
    *kept = Some(Arc::clone(&all));
    Ok(all)
}

fn public_year(head: &FrozenHead) -> Option<PublicYear> {
    Some(PublicYear {
        year: head.year,
        version: head.lock.version,
        established_on: head.established.as_ref()?.on,
        locked_at: head.lock.done.at,
    })
}

impl App {
    /// The years whose reports are public, latest first, each in its newest established version.
    ///
    /// # Errors
    /// What the store says.
    pub async fn public_years(&self, door: &Door) -> Result<Vec<PublicYear>, Error> {
        let heads = self.store.read(door.tenant.id, |tx| tx.frozen_heads(None)).await?;
        let mut years: Vec<PublicYear> = heads.iter().filter_map(public_year).collect();
        years.sort_by_key(|it| std::cmp::Reverse((it.year, it.version)));
        years.dedup_by_key(|it| it.year);
        Ok(years)
    }

    /// The public version of a year's report.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none is established.
    pub async fn public_report(&self, door: &Door, year: i16) -> Result<PublicReport, Error> {
        let (set_up, kept) = (door.set_up.clone(), self.published.of(door.tenant.id));
        let read = move |tx: &mut Tx<'_>| {
            let all = versions(tx, &set_up, &kept)?;
            // Of several issues of one version the last.
            let newest = all.versions.iter().filter(|it| it.head.year == year);
            let newest = newest.max_by_key(|it| it.head.lock.version);
            Ok::<_, store::Error>(
                newest.and_then(|it| Some((public_year(&it.head)?, Arc::clone(&it.shown)))),
            )
        };
        let found = self.store.read(door.tenant.id, read).await?;
        let (year, report) = found.ok_or(Error::NotFound)?;
        Ok(PublicReport { year, report })
    }

    /// Makes public what is established of a year, or makes it anew where more is kept back by hand: from then
    /// on it is as it is, whatever is chosen later.
    ///
    /// # Errors
    /// [`Error::Stale`] when another year was made public at the same moment.
    pub(super) async fn issue_report(&self, caller: &Caller, year: i16) -> Result<(), Error> {
        self.issue(caller, year, false).await
    }

    /// Makes the public versions of other years anew that show a figure which is kept back by hand of a year:
    /// each has earlier years beside its own.
    async fn issue_beside(&self, caller: &Caller, year: i16) -> Result<(), Error> {
        let read = |tx: &mut Tx<'_>| tx.frozen_heads(None);
        let heads = self.store.read(caller.tenant_id(), read).await?;
        let established = heads.iter().filter(|head| head.established.is_some());
        let years: BTreeSet<i16> = established.map(|head| head.year).collect();
        for other in years.into_iter().filter(|other| *other != year && is_near(*other, year)) {
            self.issue(caller, other, true).await?;
        }
        Ok(())
    }

    /// Issues the newest established version of a year; `if_shown`: only where what was issued of it shows a
    /// figure that is marked.
    async fn issue(&self, caller: &Caller, year: i16, if_shown: bool) -> Result<(), Error> {
        let (set_up, kept) = (caller.set_up.clone(), self.published.of(caller.tenant_id()));
        let read = move |tx: &mut Tx<'_>| {
            let all = versions(tx, &set_up, &kept)?;
            let All { made, versions: done } = &*all;
            let newest = made.heads.iter().filter(|head| head.year == year);
            let Some(head) = newest.max_by_key(|head| head.lock.version) else { return Ok(None) };
            let whole = open(read_content(&tx.frozen(year, Some(head.lock.version))?.content)?);
            let version = head.lock.version;
            // What was only made to be shown is no earlier issue.
            let earlier = &done[..made.issued.min(done.len())];
            let public = make_frozen(&whole, head, made, earlier);
            let same = |it: &&Version| it.head.year == year && it.head.lock.version == version;
            let issued = earlier.iter().rev().find(same);
            let shown = issued.is_some_and(|it| shows_marked(&it.public, &public.kept_back));
            if if_shown && !shown {
                return Ok(None);
            }
            Ok::<_, store::Error>(Some((made.issued, version, public.report)))
        };
        let Some((issued, version, public)) = self.store.read(caller.tenant_id(), read).await?
        else {
            return Ok(());
        };
        let internal = |error: &dyn std::fmt::Display| Error::Internal(error.to_string());
        let issue = ReportIssue {
            issue: i32::try_from(issued + 1).map_err(|error| internal(&error))?,
            year,
            version,
            content: serde_json::to_string(&public).map_err(|error| internal(&error))?,
        };
        let details = json!({ "year": year, "version": version, "issue": issue.issue });
        let object = ("report", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "report.publish", object, details);
        let at = caller.now;
        let write = move |tx: &mut Tx<'_>| Ok(tx.insert_report_issue(&issue, at)?);
        match self.change_set_up(caller, trace, write).await {
            Err(refused) if refused.conflict() == Some("report_issues_issue_key") => {
                Err(Error::Stale)
            }
            other => other.map_err(Refused::into_error),
        }
    }

    /// What is kept back of a year, and would be if the public version were made now: of the newest frozen
    /// version, else of the figures as they stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who mark nothing.
    pub async fn report_marks(&self, caller: &Caller, year: i16) -> Result<MarksShown, Error> {
        caller.may(Act::MarkReport)?;
        let (set_up, kept) = (caller.set_up.clone(), self.published.of(caller.tenant_id()));
        let now = caller.now;
        let read = move |tx: &mut Tx<'_>| {
            let marked = tx.report_marks(year)?;
            let (whole, version) = latest(tx, &set_up, year, now)?;
            let all = versions(tx, &set_up, &kept)?;
            let others = &all.versions;
            // Those that were there before what is shown.
            let own = |it: &Version| it.head.year == year && Some(it.head.lock.version) >= version;
            let before = others.iter().position(own).unwrap_or(others.len());
            let sizes = sizes(tx, year, year)?.remove(&year).unwrap_or_default();
            let rules = Rules { marks: marked.marks.clone(), sizes, ..all.made.rules.clone() };
            let done = (&others[..before], &all.made.marks);
            let public = make(&whole, (year, version), rules, done);
            Ok::<_, store::Error>(MarksShown {
                year,
                marks: marked.marks,
                marked: marked.marked,
                kept_back: public.kept_back,
                version: marked.version,
            })
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// The version of what is kept back of a year by hand; 0 while nobody has marked.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who mark nothing.
    pub async fn marks_version(&self, caller: &Caller, year: i16) -> Result<i64, Error> {
        caller.may(Act::MarkReport)?;
        let read = move |tx: &mut Tx<'_>| tx.report_marks(year);
        Ok(self.store.read(caller.tenant_id(), read).await?.version)
    }

    /// Keeps figures of a year back by hand, instead of those that were before: `expected` is the version
    /// that was read.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`] with every mark of a figure that is not there, or without a
    /// ground; [`Error::Stale`] when somebody else was faster.
    pub async fn mark_report(
        &self,
        caller: &Caller,
        year: i16,
        marks: Vec<Mark>,
        expected: i64,
    ) -> Result<(), Error> {
        caller.may(Act::MarkReport)?;
        let mut faults = Vec::new();
        if marks.len() > MOST_MARKS {
            faults.push(Fault::at("/marks", Reason::TooMany { max: MOST_MARKS }));
        }
        for (at, mark) in marks.iter().enumerate() {
            let field = || format!("/marks/{at}/ground");
            if mark.ground.trim().is_empty() {
                faults.push(Fault::at(field(), Reason::Required));
            } else if mark.ground.chars().count() > LONGEST_GROUND {
                faults.push(Fault::at(field(), Reason::TooLong { max: LONGEST_GROUND }));
            }
        }
        let (set_up, now) = (caller.set_up.clone(), caller.now);
        let given = marks.clone();
        let read = move |tx: &mut Tx<'_>| {
            let (whole, _) = latest(tx, &set_up, year, now)?;
            Ok::<_, store::Error>(unknown_marks(&whole, &given))
        };
        for at in self.store.read(caller.tenant_id(), read).await? {
            faults.push(Fault::at(format!("/marks/{at}"), Reason::NotFound));
        }
        Refused::faults(faults).map_err(Refused::into_error)?;
        let places: Vec<_> = marks.iter().map(|it| json!([it.table, it.row, it.column])).collect();
        let details = json!({ "year": year, "version": expected + 1, "marks": places });
        let object = ("report", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "report.mark", object, details);
        let by = (caller.staff.id, caller.now);
        let any = !marks.is_empty();
        let write = move |tx: &mut Tx<'_>| {
            tx.save_report_marks(year, &marks, by, expected)?;
            Ok(())
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        self.issue_report(caller, year).await?;
        if any {
            self.issue_beside(caller, year).await?;
        }
        Ok(())
    }
}

/// What is [`open`] of the newest frozen version of a year with its number, else of the figures as they stand.
fn latest(
    tx: &mut Tx<'_>,
    set_up: &SetUp,
    year: i16,
    now: Timestamp,
) -> Result<(Yearly, Option<u32>), store::Error> {
    match tx.frozen(year, None) {
        Ok(it) => Ok((open(read_content(&it.content)?), Some(it.head.lock.version))),
        Err(store::Error::NotFound) => {
            Ok((open(gather(tx, set_up, year, &About::Whole, now)?), None))
        }
        Err(other) => Err(other),
    }
}
