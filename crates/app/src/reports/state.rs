//! Freezing the report of a year, checking and establishing it, and what the nämnd does with it.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use domain::escalation::Delegated;
use domain::fault::{Fault, Reason};
use domain::ids::{GoalId, MessageId};
use domain::learning::Done;
use domain::organisation::Role;
use domain::policy::{Act, Scope, reads_report};
use domain::spot_check::log_checks;
use domain::yearly::build::units_of;
use domain::yearly::differ::{Differences, differ};
use domain::yearly::first_page::first_page;
use domain::yearly::state::{Capacity, Establishment, Meeting, Rejected, Report, State, Status};
use domain::yearly::text::{CarriedGoal, Draft, GoalKind};
use domain::yearly::{About, Section, SectionId, Yearly, canonical, own};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use store::{FrozenHead, FrozenVersion, Message, Tx};

use super::gather;
use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::{Refused, Trace, today};

/// The section in which figures that are counted elsewhere stand: what the template calls egenkontroll.
const OF_OWN_FIGURES: SectionId = SectionId::ReliableProcesses;

/// What somebody says who establishes a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Establishing {
    /// The day.
    pub on: Date,
    /// As whom.
    pub capacity: Capacity,
    /// By which decision.
    pub reference: String,
}

/// What the nämnd has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoardCommand {
    /// It was given the report.
    Submit {
        /// The day.
        on: Date,
    },
    /// It approved it.
    Approve(Meeting),
    /// It noted it.
    Note(Meeting),
}

/// A frozen version, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Frozen {
    /// The version, with the exact text.
    pub version: FrozenVersion,
    /// What it says.
    pub report: Yearly,
}

/// The content of a frozen report.
///
/// # Errors
/// [`store::Error::Corrupt`] for what is no report.
pub fn read_content(content: &str) -> Result<Yearly, store::Error> {
    serde_json::from_str(content)
        .map_err(|error| store::Error::Corrupt(format!("report_versions.content: {error}")))
}

/// A frozen version of the report of a year: the one asked for, or the newest.
///
/// # Errors
/// [`store::Error::NotFound`].
pub fn frozen(tx: &mut Tx<'_>, year: i16, version: Option<u32>) -> Result<Frozen, store::Error> {
    let version = tx.frozen(year, version)?;
    Ok(Frozen { report: read_content(&version.content)?, version })
}

/// The newest version of the report of a year that is established: the one that is public.
///
/// # Errors
/// [`store::Error::NotFound`].
pub fn established(tx: &mut Tx<'_>, year: i16) -> Result<Frozen, store::Error> {
    let version = tx.established(year)?;
    Ok(Frozen { report: read_content(&version.content)?, version })
}

/// The figures of a year as they stand now, with those that are counted elsewhere at the units it is about.
///
/// # Errors
/// What the store says.
pub(super) fn with_own_figures(
    tx: &mut Tx<'_>,
    caller: &Caller,
    year: i16,
    about: &About,
) -> Result<Yearly, store::Error> {
    let set_up = &caller.set_up;
    let mut report = gather(tx, set_up, year, about, caller.now)?;
    let mut figures = tx.own_figures(date(year.saturating_sub(1), 1, 1), date(year, 12, 31))?;
    match units_of(about, &set_up.units, &set_up.codes) {
        None => figures.clear(),
        Some(Scope::All) => {}
        Some(Scope::Only(units)) => {
            figures.retain(|it| it.content.unit.is_some_and(|unit| units.contains(&unit)));
        }
    }
    if let Some(table) = own::table(&figures, &set_up.units, year, report.as_of) {
        let here = report.sections.iter_mut().find(|section| section.id == OF_OWN_FIGURES);
        if let Some(section) = here {
            section.tables.push(table);
        }
    }
    // Whose readings were looked at is of no unit: it stands in the report of the whole tenant alone.
    if *about == About::Whole
        && let Some(table) = log_checks(year, &tx.spot_checks_closed(year)?, report.as_of)
    {
        let here = |section: &&mut Section| section.id == SectionId::InformationSecurity;
        if let Some(section) = report.sections.iter_mut().find(here) {
            section.tables.push(table);
        }
    }
    Ok(report)
}

/// The report of the whole tenant with everything that people write, as it would be frozen now.
///
/// # Errors
/// What the store says.
pub fn whole(
    tx: &mut Tx<'_>,
    caller: &Caller,
    year: i16,
    draft: &Draft,
) -> Result<Yearly, store::Error> {
    let mut report = with_own_figures(tx, caller, year, &About::Whole)?;
    draft.write_into(&mut report, &caller.set_up.units);
    report.first_page = first_page(&report, &draft.decided(year));
    Ok(report)
}

/// SHA-256 in hexadecimal digits.
pub(super) fn sha256(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What keeps a report from being frozen once more: it would say the same.
fn unchanged() -> Rejected {
    Rejected::Guard(vec![Fault::at("", Reason::inconsistent("report_unchanged"))])
}

impl Caller {
    pub(super) fn done(&self) -> Done {
        Done { by: self.staff.id, at: self.now }
    }

    /// The name under which what the caller writes stands in a report.
    pub(super) fn author(&self) -> String {
        self.staff.name.clone().unwrap_or_else(|| self.staff.subject.clone())
    }
}

impl App {
    /// Where the report of a year stands, for whoever may do `act`.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn report(&self, caller: &Caller, year: i16, act: Act) -> Result<Report, Error> {
        caller.may(act)?;
        self.report_unasked(caller, year).await
    }

    pub(super) async fn report_unasked(&self, caller: &Caller, year: i16) -> Result<Report, Error> {
        let report = self.store.read(caller.tenant_id(), move |tx| tx.report(year)).await?;
        Ok(report.unwrap_or_else(|| Report::open(year, caller.now)))
    }

    /// Whether the register of delegations gives the caller to establish reports, on a day.
    async fn is_delegate(&self, caller: &Caller, on: Date) -> Result<bool, Error> {
        let me = caller.staff.id;
        let lines = self.store.read(caller.tenant_id(), move |tx| tx.delegations_of(me)).await?;
        Ok(lines.iter().any(|line| line.matter == Delegated::YearlyReport && line.valid_on(on)))
    }

    /// The report of a year, for whoever may establish it at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn report_to_establish(&self, caller: &Caller, year: i16) -> Result<Report, Error> {
        if caller.may(Act::EstablishReport).is_err()
            && !self.is_delegate(caller, today(caller)).await?
        {
            return Err(Error::Forbidden);
        }
        self.report_unasked(caller, year).await
    }

    /// Every year that was begun, the newest first, as far as the caller may read the reports.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may read none.
    pub async fn reports(&self, caller: &Caller) -> Result<Vec<Report>, Error> {
        let all =
            reads_report(&caller.actor, false) || self.is_delegate(caller, today(caller)).await?;
        let established = reads_report(&caller.actor, true);
        let board = caller.actor.is(Role::Board);
        if !all && !established && !board {
            return Err(Error::Forbidden);
        }
        let mut found = self.store.read(caller.tenant_id(), |tx| tx.reports()).await?;
        found.retain(|report| {
            all || (established && report.established_on.is_some())
                || (board && report.board.version() > 0)
        });
        if found.is_empty() && !all && !established {
            return Err(Error::Forbidden);
        }
        Ok(found)
    }

    /// Everything that people have written in the report of a year.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever does not write it.
    pub async fn report_draft(&self, caller: &Caller, year: i16) -> Result<(Report, Draft), Error> {
        caller.may(Act::WriteReport)?;
        let read = move |tx: &mut Tx<'_>| {
            Ok::<_, store::Error>((tx.report(year)?, tx.report_draft(year)?))
        };
        let (report, draft) = self.store.read(caller.tenant_id(), read).await?;
        Ok((report.unwrap_or_else(|| Report::open(year, caller.now)), draft))
    }

    /// Freezes the report that was read as `before`: its figures, counted now, and its words.
    ///
    /// # Errors
    /// [`Error::Faults`] with every goal nobody has answered, or where it would say the same as the newest
    /// version; [`Error::Stale`] when words or state have changed meanwhile.
    pub async fn lock_report(
        &self,
        caller: &Caller,
        before: Report,
    ) -> Result<(Report, FrozenHead), Error> {
        let asking = Arc::new(caller.clone());
        let known = before.clone();
        let year = before.year;
        let read = move |tx: &mut Tx<'_>| -> Result<_, Refused> {
            let report = tx.report(year)?.unwrap_or_else(|| Report::open(year, known.updated_at));
            if (report.version, report.edits) != (known.version, known.edits) {
                return Err(Refused::Own(Error::Stale));
            }
            let draft = tx.report_draft(year)?;
            let mut unanswered = draft.unanswered(year);
            let first = tx.first_year_of_figures()?.unwrap_or(i16::MAX);
            if year < first.min(today(&asking).year().saturating_sub(1)) {
                let early = Reason::inconsistent("year_before_any_data");
                unanswered.insert(0, Fault::at("", early));
            }
            report.may_lock(unanswered.clone(), asking.now).map_err(Error::from)?;
            let whole = whole(tx, &asking, year, &draft)?;
            let newest = match report.newest {
                0 => None,
                newest => Some(frozen(tx, year, Some(newest))?),
            };
            Ok((report, unanswered, whole, newest))
        };
        let read = self.store.read(caller.tenant_id(), read).await;
        let (before, unanswered, whole, newest) = read.map_err(Refused::into_error)?;
        if let Some(newest) = newest
            && differ(&newest.report, &whole).is_empty()
        {
            return self.resume_report(caller, before, unanswered, newest.version.head).await;
        }
        let flaws = whole.flaws();
        if !flaws.is_empty() {
            return Err(Error::Internal(format!("the report does not add up: {flaws:?}")));
        }
        let content = canonical(&whole).map_err(|error| Error::Internal(error.to_string()))?;
        let report = before.clone().lock(unanswered, caller.done())?;
        let Some(lock) = report.state.lock().cloned() else {
            return Err(Error::Internal("a locked report without its lock".into()));
        };
        let head = FrozenHead {
            year,
            sha256: sha256(&content),
            read_at: whole.read_at,
            as_of: whole.as_of,
            definitions: whole.definitions,
            checked: None,
            established: None,
            lock,
        };
        let details = json!({ "version": head.lock.version, "sha256": head.sha256 });
        let trace = self.report_trace(caller, "report.lock", year, details.clone());
        let message = self.report_message(caller, "report.locked", year, details);
        let (row, frozen) = (report.clone(), FrozenVersion { head: head.clone(), content });
        let write = move |tx: &mut Tx<'_>| {
            tx.save_report(&before, &row)?;
            tx.insert_frozen(&frozen)?;
            tx.add_rows(|rows| rows.message(&message))?;
            Ok(())
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok((report, head))
    }

    /// Takes up again the newest version, to which nothing has been changed.
    async fn resume_report(
        &self,
        caller: &Caller,
        before: Report,
        unanswered: Vec<Fault>,
        head: FrozenHead,
    ) -> Result<(Report, FrozenHead), Error> {
        if before.status() != Status::Open {
            return Err(unchanged().into());
        }
        let (checked, established) = (head.checked.clone(), head.established.clone());
        let state = State::of(head.lock.clone(), checked, established);
        let report = before.clone().resume(unanswered, state, caller.now)?;
        let trace = self.report_trace(
            caller,
            "report.resume",
            report.year,
            json!({ "version": head.lock.version }),
        );
        let row = report.clone();
        let write = move |tx: &mut Tx<'_>| Ok(tx.save_report(&before, &row)?);
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok((report, head))
    }

    pub(super) fn report_trace(
        &self,
        caller: &Caller,
        action: &str,
        year: i16,
        mut details: Value,
    ) -> Trace {
        details["year"] = json!(year);
        // A report has no id of its own: it is its tenant's, by year.
        Trace::new(self, caller, action, ("report", caller.tenant_id().0), details)
    }

    fn report_message(
        &self,
        caller: &Caller,
        topic: &str,
        year: i16,
        mut details: Value,
    ) -> Message {
        details["year"] = json!(year);
        Message {
            id: MessageId(self.new_id()),
            at: caller.now,
            topic: topic.to_owned(),
            case: None,
            payload: details,
        }
    }

    /// Saves a change of state, which stands on the frozen version, too.
    async fn save_state(
        &self,
        caller: &Caller,
        action: &'static str,
        before: Report,
        report: Report,
        details: Value,
    ) -> Result<Report, Error> {
        let trace = self.report_trace(caller, action, report.year, details.clone());
        let told = report.status() != before.status() && report.status() == Status::Established;
        let message = self.report_message(caller, "report.established", report.year, details);
        let row = report.clone();
        let write = move |tx: &mut Tx<'_>| {
            tx.save_report(&before, &row)?;
            if row.status() != before.status() {
                tx.mark_frozen(&row)?;
            }
            if told {
                tx.add_rows(|rows| rows.message(&message))?;
            }
            Ok(())
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(report)
    }

    /// Says that what is frozen was checked.
    ///
    /// # Errors
    /// [`Error::State`]; [`Error::Stale`].
    pub async fn check_report(&self, caller: &Caller, before: Report) -> Result<Report, Error> {
        let report = before.clone().check(caller.done())?;
        let details = json!({ "version": report.newest });
        self.save_state(caller, "report.check", before, report, details).await
    }

    /// Establishes what was checked, for the vårdgivare or by the register of delegations.
    ///
    /// # Errors
    /// [`Error::NotDelegated`] where the register does not give it on that day; [`Error::State`],
    /// [`Error::Faults`], [`Error::Stale`].
    pub async fn establish_report(
        &self,
        caller: &Caller,
        before: Report,
        it: Establishing,
    ) -> Result<Report, Error> {
        match it.capacity {
            Capacity::Vardgivare => {
                caller.may(Act::EstablishReport)?;
            }
            Capacity::Delegate if self.is_delegate(caller, it.on).await? => {}
            Capacity::Delegate => {
                return Err(Error::NotDelegated(Delegated::YearlyReport.code()));
            }
        }
        let (on, capacity) = (it.on, it.capacity);
        let reference = it.reference.trim().to_owned();
        let done = caller.done();
        let report = before.clone().establish(Establishment { on, capacity, reference, done })?;
        let details = json!({ "version": report.newest, "on": on, "capacity": capacity.code() });
        let report = self.save_state(caller, "report.establish", before, report, details).await?;
        // Established is established; what is not issued yet is made when it is asked for.
        if let Err(error) = self.issue_report(caller, report.year).await {
            tracing::warn!(year = report.year, %error, "the public version is not kept yet");
        }
        Ok(report)
    }

    /// Opens a frozen report, so that its words may be changed.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::Faults`], [`Error::Stale`].
    pub async fn reopen_report(
        &self,
        caller: &Caller,
        before: Report,
        reason: &str,
    ) -> Result<Report, Error> {
        let report = before.clone().reopen(reason, caller.now)?;
        let details = json!({ "version": report.newest, "reason": reason.trim() });
        self.save_state(caller, "report.reopen", before, report, details).await
    }

    /// Notes what the nämnd has done. What else it decided is carried to next year's report.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::Faults`], [`Error::Stale`].
    pub async fn note_board(
        &self,
        caller: &Caller,
        before: Report,
        command: BoardCommand,
    ) -> Result<Report, Error> {
        let from = before.clone();
        let (report, decided) = match command {
            BoardCommand::Submit { on } => (from.submit(on, caller.done())?, Vec::new()),
            BoardCommand::Approve(meeting) => {
                (from.minute(true, &meeting, caller.done())?, meeting.decided)
            }
            BoardCommand::Note(meeting) => {
                (from.minute(false, &meeting, caller.done())?, meeting.decided)
            }
        };
        let year = report.year;
        let decision = |text: String| CarriedGoal {
            id: GoalId(self.new_id()),
            kind: GoalKind::Decision,
            set_in: year,
            year: year.saturating_add(1),
            section: SectionId::Summary,
            text: text.trim().to_owned(),
            set: caller.done(),
            answer: None,
            version: 1,
        };
        let decided: Vec<CarriedGoal> = decided.into_iter().map(decision).collect();
        let details = json!({
            "board": report.board.status().code(), "decisions": decided.len(),
        });
        let trace = self.report_trace(caller, "report.board", year, details);
        let row = report.clone();
        let (now, this) = (caller.now, today(caller).year());
        let write = move |tx: &mut Tx<'_>| {
            tx.save_report(&before, &row)?;
            if !decided.is_empty() {
                tx.add_rows(|rows| decided.iter().for_each(|goal| rows.report_goal(goal)))?;
                touch_next(tx, year.saturating_add(1), this, now)?;
            }
            Ok(())
        };
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(report)
    }

    /// Which frozen versions the caller reads: all of them, or those of which `true` is said.
    async fn versions_read(&self, caller: &Caller, year: i16) -> Result<Read, Error> {
        let all =
            reads_report(&caller.actor, false) || self.is_delegate(caller, today(caller)).await?;
        // The nämnd reads what was submitted to it.
        let submitted = match caller.actor.is(Role::Board) {
            true => self.report_unasked(caller, year).await?.board.version(),
            false => 0,
        };
        Ok(Read { all, established: reads_report(&caller.actor, true), submitted })
    }

    /// Whether the caller reads frozen versions of the report of a year at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may read none.
    pub async fn may_read_versions(&self, caller: &Caller, year: i16) -> Result<(), Error> {
        self.versions_read(caller, year).await?.any()
    }

    /// What is known of the frozen versions of a year that the caller may read, the newest first, and where
    /// the report stands.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may read none.
    pub async fn report_versions(
        &self,
        caller: &Caller,
        year: i16,
    ) -> Result<(Report, Vec<FrozenHead>), Error> {
        let reads = self.versions_read(caller, year).await?;
        reads.any()?;
        let read = move |tx: &mut Tx<'_>| {
            Ok::<_, store::Error>((tx.report(year)?, tx.frozen_heads(Some(year))?))
        };
        let (report, mut found) = self.store.read(caller.tenant_id(), read).await?;
        found.retain(|head| reads.reads(head));
        Ok((report.unwrap_or_else(|| Report::open(year, caller.now)), found))
    }

    /// A frozen version that the caller may read: the one asked for, or the newest of those.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever may read none; [`Error::NotFound`].
    pub async fn report_version(
        &self,
        caller: &Caller,
        year: i16,
        version: Option<u32>,
    ) -> Result<FrozenVersion, Error> {
        let reads = self.versions_read(caller, year).await?;
        reads.any()?;
        let read = move |tx: &mut Tx<'_>| newest(tx, year, version, &reads);
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// Where the report of a year stands and its newest frozen version that the caller may read, if there
    /// is one, for the answer that has both.
    ///
    /// # Errors
    /// What the store says.
    pub async fn report_now(
        &self,
        caller: &Caller,
        year: i16,
    ) -> Result<(Report, Option<FrozenVersion>), Error> {
        let reads = self.versions_read(caller, year).await?;
        let now = caller.now;
        let read = move |tx: &mut Tx<'_>| {
            let report = tx.report(year)?.unwrap_or_else(|| Report::open(year, now));
            if report.newest == 0 || reads.any().is_err() {
                return Ok((report, None));
            }
            match newest(tx, year, None, &reads) {
                Ok(version) => Ok((report, Some(version))),
                Err(store::Error::NotFound) => Ok((report, None)),
                Err(other) => Err(other),
            }
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }

    /// What a frozen version says otherwise than another: unless said, the one before it. `None` where it
    /// is the first.
    ///
    /// # Errors
    /// As [`App::report_version`].
    pub async fn report_changes(
        &self,
        caller: &Caller,
        year: i16,
        version: u32,
        against: Option<u32>,
    ) -> Result<Option<(u32, Differences)>, Error> {
        let newer = self.report_version(caller, year, Some(version)).await?;
        let against = against.unwrap_or(version.saturating_sub(1));
        if against == 0 {
            return Ok(None);
        }
        let older = self.report_version(caller, year, Some(against)).await?;
        let (before, after) = (read_content(&older.content)?, read_content(&newer.content)?);
        Ok(Some((against, differ(&before, &after))))
    }
}

/// What was decided stands among the words of the next year's report: whoever is freezing that meanwhile has
/// not read it and meets [`store::Error::Stale`]. What is frozen already stays as it was, and cannot be frozen
/// again before the decision is answered.
fn touch_next(tx: &mut Tx<'_>, year: i16, this: i16, now: Timestamp) -> Result<(), store::Error> {
    let report = match tx.report(year)? {
        // Nobody can be freezing a year that has not ended.
        None if year >= this => return Ok(()),
        None => Report::open(year, now),
        Some(report) => report,
    };
    match report.status() {
        Status::Locked | Status::Checked | Status::Established => Ok(()),
        Status::Open => match tx.touch_report(&report, now) {
            // It was frozen, or begun, at the same moment: that saw no decision, and is told so.
            Err(store::Error::Stale) => Ok(()),
            touched => touched,
        },
    }
}

/// Which frozen versions somebody reads.
#[derive(Clone, Copy, Debug)]
struct Read {
    /// All of them.
    all: bool,
    /// Those that are established.
    established: bool,
    /// The one that was submitted to the nämnd, for the nämnd; 0 is none.
    submitted: u32,
}

impl Read {
    fn any(self) -> Result<(), Error> {
        if self.all || self.established || self.submitted > 0 {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    }

    fn reads(self, head: &FrozenHead) -> bool {
        self.all
            || (self.established && head.established.is_some())
            || self.submitted == head.lock.version
    }
}

/// The version asked for, or the newest, of those that somebody reads.
fn newest(
    tx: &mut Tx<'_>,
    year: i16,
    version: Option<u32>,
    reads: &Read,
) -> Result<FrozenVersion, store::Error> {
    let version = match version {
        None if !reads.all => {
            let heads = tx.frozen_heads(Some(year))?;
            let last = heads.iter().filter(|head| reads.reads(head)).map(|head| head.lock.version);
            Some(last.max().ok_or(store::Error::NotFound)?)
        }
        version => version,
    };
    let found = tx.frozen(year, version)?;
    if reads.reads(&found.head) { Ok(found) } else { Err(store::Error::NotFound) }
}
