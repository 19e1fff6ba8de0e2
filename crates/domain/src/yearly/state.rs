//! Where the report of a year stands: `open → locked → checked → established`, and beside it what the
//! nämnd has done with it. What was locked stays as it was; locking again makes the next version.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::{start_of_year, swedish_date};
use crate::case::event::Faults;
use crate::fault::{Fault, Reason};
use crate::learning::Done;

/// The longest reference, paragraph or reason, in characters.
pub const LONGEST_LINE: usize = 200;
/// How many decisions of the nämnd are kept from one meeting at most.
pub const MOST_DECISIONS: usize = 30;
/// The longest decision or goal, in characters.
pub const LONGEST_GOAL: usize = 500;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Being written.
    Open,
    /// Its figures and words are frozen.
    Locked,
    /// The MAS has checked what is frozen.
    Checked,
    /// The vårdgivare has established it: it may be published.
    Established,
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Status; 4] =
        [Status::Open, Status::Locked, Status::Checked, Status::Established];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Locked => "locked",
            Status::Checked => "checked",
            Status::Established => "established",
        }
    }

    /// In Swedish, as it stands on what is printed.
    pub fn swedish(self) -> &'static str {
        match self {
            Status::Open => "öppen",
            Status::Locked => "låst",
            Status::Checked => "granskad",
            Status::Established => "fastställd",
        }
    }
}

impl FromStr for Status {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Status::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

/// As whom somebody establishes a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// The vårdgivare decided it: the nämnd, or the owner of a private provider.
    Vardgivare,
    /// Somebody to whom the register of delegations gives it.
    Delegate,
}

impl Capacity {
    /// Both.
    pub const ALL: [Capacity; 2] = [Capacity::Vardgivare, Capacity::Delegate];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Capacity::Vardgivare => "vardgivare",
            Capacity::Delegate => "delegate",
        }
    }
}

impl FromStr for Capacity {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Capacity::ALL.into_iter().find(|capacity| capacity.code() == code).ok_or(())
    }
}

/// What was frozen, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The number of the version, from 1.
    pub version: u32,
    /// Who locked it.
    pub done: Done,
}

/// That a report was established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Establishment {
    /// The day.
    pub on: Date,
    /// As whom.
    pub capacity: Capacity,
    /// By which decision: its paragraph or diarienummer.
    pub reference: String,
    /// Who noted it.
    pub done: Done,
}

/// The states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Being written.
    Open,
    /// Frozen.
    Locked(Lock),
    /// Frozen and checked.
    Checked {
        /// What was frozen.
        lock: Lock,
        /// Who checked it.
        checked: Done,
    },
    /// Frozen, checked and established.
    Established {
        /// What was frozen.
        lock: Lock,
        /// Who checked it.
        checked: Done,
        /// Who established it.
        established: Establishment,
    },
}

impl State {
    /// Of what was frozen, by who has checked and established it.
    pub fn of(lock: Lock, checked: Option<Done>, established: Option<Establishment>) -> Self {
        match (checked, established) {
            (Some(checked), Some(established)) => State::Established { lock, checked, established },
            (Some(checked), None) => State::Checked { lock, checked },
            (None, _) => State::Locked(lock),
        }
    }

    /// Its name.
    pub fn status(&self) -> Status {
        match self {
            State::Open => Status::Open,
            State::Locked(_) => Status::Locked,
            State::Checked { .. } => Status::Checked,
            State::Established { .. } => Status::Established,
        }
    }

    /// What is frozen, while it is.
    pub fn lock(&self) -> Option<&Lock> {
        match self {
            State::Open => None,
            State::Locked(lock) | State::Checked { lock, .. } | State::Established { lock, .. } => {
                Some(lock)
            }
        }
    }
}

/// What the nämnd decided about a report that was submitted to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minute {
    /// Which version.
    pub version: u32,
    /// The day of the meeting.
    pub on: Date,
    /// The paragraph of the minutes.
    pub paragraph: String,
    /// Who noted it.
    pub done: Done,
}

/// What the nämnd has done with the report, beside where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Board {
    /// Nothing.
    None,
    /// It has it.
    Submitted {
        /// Which version.
        version: u32,
        /// The day.
        on: Date,
        /// Who noted it.
        done: Done,
    },
    /// It approved it.
    Approved(Minute),
    /// It noted it (lagt till handlingarna).
    Noted(Minute),
}

/// What the nämnd has done, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoardStatus {
    /// Nothing.
    None,
    /// It has it.
    Submitted,
    /// It approved it.
    Approved,
    /// It noted it.
    Noted,
}

impl BoardStatus {
    /// Every one.
    pub const ALL: [BoardStatus; 4] =
        [BoardStatus::None, BoardStatus::Submitted, BoardStatus::Approved, BoardStatus::Noted];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            BoardStatus::None => "none",
            BoardStatus::Submitted => "submitted",
            BoardStatus::Approved => "approved",
            BoardStatus::Noted => "noted",
        }
    }
}

impl FromStr for BoardStatus {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        BoardStatus::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

impl Board {
    /// The version it has, or had; 0 is none.
    pub fn version(&self) -> u32 {
        match self {
            Board::None => 0,
            Board::Submitted { version, .. } => *version,
            Board::Approved(minute) | Board::Noted(minute) => minute.version,
        }
    }

    /// What it has done with a version.
    pub fn of(&self, version: u32) -> BoardStatus {
        if self.version() == version { self.status() } else { BoardStatus::None }
    }

    /// Its name.
    pub fn status(&self) -> BoardStatus {
        match self {
            Board::None => BoardStatus::None,
            Board::Submitted { .. } => BoardStatus::Submitted,
            Board::Approved(_) => BoardStatus::Approved,
            Board::Noted(_) => BoardStatus::Noted,
        }
    }
}

/// What can be done to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Change its words.
    Write,
    /// Freeze it.
    Lock,
    /// Say that it is checked.
    Check,
    /// Establish it.
    Establish,
    /// Open it again, for its words.
    Reopen,
    /// Submit it to the nämnd.
    Submit,
    /// Note that the nämnd approved it.
    Approve,
    /// Note that the nämnd noted it.
    Note,
}

impl Command {
    /// Every command.
    pub const ALL: [Command; 8] = [
        Command::Write,
        Command::Lock,
        Command::Check,
        Command::Establish,
        Command::Reopen,
        Command::Submit,
        Command::Approve,
        Command::Note,
    ];

    /// The name in answers and in the log.
    pub fn code(self) -> &'static str {
        match self {
            Command::Write => "write",
            Command::Lock => "lock",
            Command::Check => "check",
            Command::Establish => "establish",
            Command::Reopen => "reopen",
            Command::Submit => "submit",
            Command::Approve => "approve",
            Command::Note => "note",
        }
    }
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// Not where it stands.
    State {
        /// Where it stands, by its code.
        status: &'static str,
        /// What was asked.
        command: Command,
    },
    /// Something is missing or wrong.
    Guard(Vec<Fault>),
}

/// A meeting of the nämnd that took a report up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The day.
    pub on: Date,
    /// The paragraph of the minutes.
    pub paragraph: String,
    /// What else it decided, for next year's first page.
    pub decided: Vec<String>,
}

/// The report of a year, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The year.
    pub year: i16,
    /// Where it stands.
    pub state: State,
    /// What the nämnd has done.
    pub board: Board,
    /// The newest version that was ever frozen; 0 is none.
    pub newest: u32,
    /// The day on which a version of it was first established: the clock of 1 March stops there.
    pub established_on: Option<Date>,
    /// Grows with every change of its words, so that nothing is written while it is frozen.
    pub edits: i64,
    /// Grows by one with every change of state; the ETag. 0 while nothing was ever saved.
    pub version: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Report {
    /// The report of a year that nobody has begun.
    pub fn open(year: i16, now: Timestamp) -> Self {
        let (state, board) = (State::Open, Board::None);
        Self {
            year,
            state,
            board,
            newest: 0,
            established_on: None,
            edits: 0,
            version: 0,
            updated_at: now,
        }
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    fn refused<T>(&self, command: Command) -> Result<T, Rejected> {
        let status = match command {
            Command::Approve | Command::Note => self.board.status().code(),
            Command::Write
            | Command::Lock
            | Command::Check
            | Command::Establish
            | Command::Reopen
            | Command::Submit => self.status().code(),
        };
        Err(Rejected::State { status, command })
    }

    fn grown(mut self, at: Timestamp) -> Self {
        self.version += 1;
        self.updated_at = at;
        self
    }

    /// Whether its words may be changed.
    ///
    /// # Errors
    /// [`Rejected::State`] while it is frozen.
    pub fn may_write(&self) -> Result<(), Rejected> {
        match self.state {
            State::Open => Ok(()),
            State::Locked(_) | State::Checked { .. } | State::Established { .. } => {
                self.refused(Command::Write)
            }
        }
    }

    /// Whether it may be frozen now, before its figures are counted for that.
    ///
    /// # Errors
    /// `unanswered` as it is; the fault of a year that has not ended.
    pub fn may_lock(&self, unanswered: Vec<Fault>, now: Timestamp) -> Result<(), Rejected> {
        let mut faults = Faults::default();
        let ended = now >= start_of_year(self.year.saturating_add(1));
        faults.require(ended, "", Reason::inconsistent("year_not_ended"));
        faults.extend(unanswered);
        if faults.is_empty() { Ok(()) } else { Err(Rejected::Guard(faults.into_vec())) }
    }

    /// Freezes it as the next version, wherever it stands: a version that was checked or established
    /// stays so, and the new one starts anew.
    ///
    /// # Errors
    /// As [`Report::may_lock`].
    pub fn lock(mut self, unanswered: Vec<Fault>, done: Done) -> Result<Self, Rejected> {
        self.may_lock(unanswered, done.at)?;
        let at = done.at;
        self.newest += 1;
        self.state = State::Locked(Lock { version: self.newest, done });
        Ok(self.grown(at))
    }

    /// Takes up again what was frozen last, where nothing has changed since it was opened: it stands where
    /// that stood. No version is made that would say the same.
    ///
    /// # Errors
    /// As [`Report::may_lock`]; [`Rejected::State`] unless it is open.
    pub fn resume(
        mut self,
        unanswered: Vec<Fault>,
        frozen: State,
        at: Timestamp,
    ) -> Result<Self, Rejected> {
        self.may_lock(unanswered, at)?;
        match self.state {
            State::Open => {
                self.state = frozen;
                Ok(self.grown(at))
            }
            State::Locked(_) | State::Checked { .. } | State::Established { .. } => {
                self.refused(Command::Lock)
            }
        }
    }

    /// Says that what is frozen was checked.
    ///
    /// # Errors
    /// [`Rejected::State`] unless it is locked.
    pub fn check(mut self, done: Done) -> Result<Self, Rejected> {
        match self.state {
            State::Locked(lock) => {
                let at = done.at;
                self.state = State::Checked { lock, checked: done };
                Ok(self.grown(at))
            }
            State::Open | State::Checked { .. } | State::Established { .. } => {
                self.refused(Command::Check)
            }
        }
    }

    /// Establishes what was checked. Who may, is asked elsewhere.
    ///
    /// # Errors
    /// [`Rejected::State`] unless it is checked; the faults of a day ahead or before it was frozen, and
    /// without a reference.
    pub fn establish(mut self, it: Establishment) -> Result<Self, Rejected> {
        match self.state {
            State::Checked { lock, checked } => {
                let frozen = swedish_date(lock.done.at);
                let mut faults = Faults::default();
                day(&mut faults, it.on, frozen, "locked_at", it.done.at);
                line(&mut faults, "/reference", &it.reference);
                if !faults.is_empty() {
                    return Err(Rejected::Guard(faults.into_vec()));
                }
                let at = it.done.at;
                self.established_on = self.established_on.or(Some(it.on));
                self.state = State::Established { lock, checked, established: it };
                Ok(self.grown(at))
            }
            State::Open | State::Locked(_) | State::Established { .. } => {
                self.refused(Command::Establish)
            }
        }
    }

    /// Opens it again, so that its words may be changed. What was frozen stays.
    ///
    /// # Errors
    /// [`Rejected::State`] while it is open; the fault without a reason.
    pub fn reopen(mut self, reason: &str, now: Timestamp) -> Result<Self, Rejected> {
        match self.state {
            State::Open => self.refused(Command::Reopen),
            State::Locked(_) | State::Checked { .. } | State::Established { .. } => {
                let mut faults = Faults::default();
                line(&mut faults, "/reason", reason);
                if !faults.is_empty() {
                    return Err(Rejected::Guard(faults.into_vec()));
                }
                self.state = State::Open;
                Ok(self.grown(now))
            }
        }
    }

    /// Submits to the nämnd what was checked.
    ///
    /// # Errors
    /// [`Rejected::State`] unless it is checked or established; the faults of a day that cannot be,
    /// and of a version that the nämnd has.
    pub fn submit(mut self, on: Date, done: Done) -> Result<Self, Rejected> {
        let lock = match &self.state {
            State::Checked { lock, .. } | State::Established { lock, .. } => lock,
            State::Open | State::Locked(_) => return self.refused(Command::Submit),
        };
        let had = self.board.version();
        let mut faults = Faults::default();
        faults.require(had < lock.version, "", Reason::inconsistent("board_has_this_version"));
        day(&mut faults, on, swedish_date(lock.done.at), "locked_at", done.at);
        if !faults.is_empty() {
            return Err(Rejected::Guard(faults.into_vec()));
        }
        let (version, at) = (lock.version, done.at);
        self.board = Board::Submitted { version, on, done };
        Ok(self.grown(at))
    }

    /// Notes that the nämnd approved what it has, or (`approved` is false) noted it.
    ///
    /// # Errors
    /// [`Rejected::State`] unless it has it; the faults of a day ahead or before it had it, without a
    /// paragraph, and of what it decided.
    pub fn minute(
        mut self,
        approved: bool,
        meeting: &Meeting,
        done: Done,
    ) -> Result<Self, Rejected> {
        let command = if approved { Command::Approve } else { Command::Note };
        let (version, submitted_on) = match &self.board {
            Board::Submitted { version, on, .. } => (*version, *on),
            Board::None | Board::Approved(_) | Board::Noted(_) => return self.refused(command),
        };
        let mut faults = Faults::default();
        day(&mut faults, meeting.on, submitted_on, "submitted_on", done.at);
        line(&mut faults, "/paragraph", &meeting.paragraph);
        decided(&mut faults, &meeting.decided);
        if !faults.is_empty() {
            return Err(Rejected::Guard(faults.into_vec()));
        }
        let at = done.at;
        let paragraph = meeting.paragraph.trim().to_owned();
        let minute = Minute { version, on: meeting.on, paragraph, done };
        self.board = if approved { Board::Approved(minute) } else { Board::Noted(minute) };
        Ok(self.grown(at))
    }
}

/// A day that is not ahead, and not before something else was.
pub(super) fn day(faults: &mut Faults, on: Date, after: Date, what: &str, now: Timestamp) {
    if on > swedish_date(now) {
        faults.push("/on", Reason::InFuture { given: crate::calendar::start_of_day(on) });
    }
    faults.require(on >= after, "/on", Reason::Before { other: what.to_owned() });
}

/// A line that says something.
pub(super) fn line(faults: &mut Faults, field: &str, text: &str) {
    faults.require(!text.trim().is_empty(), field, Reason::Required);
    let fits = text.chars().count() <= LONGEST_LINE;
    faults.require(fits, field, Reason::TooLong { max: LONGEST_LINE });
}

fn decided(faults: &mut Faults, decided: &[String]) {
    for (at, text) in decided.iter().enumerate() {
        let field = format!("/decided/{at}");
        faults.require(!text.trim().is_empty(), &field, Reason::Required);
        let fits = text.chars().count() <= LONGEST_GOAL;
        faults.require(fits, &field, Reason::TooLong { max: LONGEST_GOAL });
    }
    let few = decided.len() <= MOST_DECISIONS;
    faults.require(few, "/decided", Reason::TooMany { max: MOST_DECISIONS });
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::ids::StaffId;

    fn done(hour: i64) -> Done {
        let from: Timestamp = "2026-02-10T08:00:00Z".parse().expect("a time");
        let at = from + jiff::SignedDuration::from_hours(hour);
        Done { by: StaffId(Uuid::from_u128(1)), at }
    }

    fn open() -> Report {
        Report::open(2025, done(0).at)
    }

    fn establishment(on: Date) -> Establishment {
        let (capacity, reference) = (Capacity::Vardgivare, "§ 12".to_owned());
        Establishment { on, capacity, reference, done: done(72) }
    }

    fn meeting(on: Date) -> Meeting {
        Meeting { on, paragraph: "§ 40".into(), decided: vec!["Fler extrasängar".into()] }
    }

    fn every() -> Vec<Report> {
        let locked = open().lock(Vec::new(), done(1)).expect("locks");
        let checked = locked.clone().check(done(2)).expect("checks");
        let established =
            checked.clone().establish(establishment(date(2026, 2, 11))).expect("establishes");
        vec![open(), locked, checked, established]
    }

    fn carry_out(report: Report, command: Command) -> Result<Report, Rejected> {
        let on = date(2026, 2, 12);
        match command {
            Command::Write => report.may_write().map(|()| report),
            Command::Lock => report.lock(Vec::new(), done(72)),
            Command::Check => report.check(done(72)),
            Command::Establish => report.establish(establishment(on)),
            Command::Reopen => report.reopen("Fel enhet", done(72).at),
            Command::Submit => report.submit(on, done(72)),
            Command::Approve => report.minute(true, &meeting(on), done(72)),
            Command::Note => report.minute(false, &meeting(on), done(72)),
        }
    }

    /// Every state × command, as a table that is read before it is changed.
    #[test]
    fn every_command_in_every_state_does_what_the_table_says() {
        let mut table = String::new();
        for report in every() {
            for command in Command::ALL {
                let told = match carry_out(report.clone(), command) {
                    Ok(after) => format!("{} v{}", after.status().code(), after.newest),
                    Err(Rejected::State { status, .. }) => format!("- ({status})"),
                    Err(Rejected::Guard(faults)) => format!("{faults:?}"),
                };
                let (from, command) = (report.status().code(), command.code());
                writeln!(table, "{from:<12}{command:<10}{told}").expect("writes");
            }
        }
        let expected = "\
open        write     open v0
open        lock      locked v1
open        check     - (open)
open        establish - (open)
open        reopen    - (open)
open        submit    - (open)
open        approve   - (none)
open        note      - (none)
locked      write     - (locked)
locked      lock      locked v2
locked      check     checked v1
locked      establish - (locked)
locked      reopen    open v1
locked      submit    - (locked)
locked      approve   - (none)
locked      note      - (none)
checked     write     - (checked)
checked     lock      locked v2
checked     check     - (checked)
checked     establish established v1
checked     reopen    open v1
checked     submit    checked v1
checked     approve   - (none)
checked     note      - (none)
established write     - (established)
established lock      locked v2
established check     - (established)
established establish - (established)
established reopen    open v1
established submit    established v1
established approve   - (none)
established note      - (none)
";
        assert_eq!(table, expected);
    }

    fn codes(rejected: Rejected) -> Vec<String> {
        let Rejected::Guard(faults) = rejected else { panic!("{rejected:?}") };
        faults.into_iter().map(|it| format!("{} {}", it.field, it.reason.code())).collect()
    }

    #[test]
    fn the_board_stands_beside_and_keeps_the_version_it_had() {
        let checked = every().swap_remove(2);
        let on = date(2026, 2, 12);
        let submitted = checked.submit(on, done(72)).expect("submits");
        let again = submitted.clone().submit(on, done(72)).expect_err("it has it");
        assert_eq!(codes(again), [" board_has_this_version"]);
        let early = submitted.clone().minute(true, &meeting(date(2026, 2, 11)), done(72));
        assert_eq!(codes(early.expect_err("before it had it")), ["/on before"]);
        let empty = Meeting { on, paragraph: " ".into(), decided: vec![String::new()] };
        let wrong = submitted.clone().minute(true, &empty, done(72)).expect_err("says nothing");
        assert_eq!(codes(wrong), ["/paragraph required", "/decided/0 required"]);
        let approved = submitted.minute(true, &meeting(on), done(72)).expect("approves");
        assert_eq!(approved.status(), Status::Checked);
        // A new version is not what the nämnd approved, and may be submitted anew.
        let relocked = approved.lock(Vec::new(), done(80)).expect("locks");
        assert!(matches!(&relocked.board, Board::Approved(minute) if minute.version == 1));
        let checked = relocked.check(done(81)).expect("checks");
        let submitted = checked.submit(date(2026, 2, 13), done(90)).expect("submits");
        assert!(matches!(submitted.board, Board::Submitted { version: 2, .. }));
        let noted = submitted.minute(false, &meeting(date(2026, 2, 13)), done(91)).expect("notes");
        assert_eq!(noted.board.status(), BoardStatus::Noted);
    }

    #[test]
    fn what_is_missing_or_cannot_be_is_named() {
        let early = Report::open(2026, done(0).at).lock(Vec::new(), done(0)).expect_err("too soon");
        assert_eq!(codes(early), [" year_not_ended"]);
        let unanswered = vec![Fault::at("/goals/0", Reason::inconsistent("goal_unanswered"))];
        assert_eq!(
            codes(open().lock(unanswered, done(0)).expect_err("a goal")),
            ["/goals/0 goal_unanswered"]
        );
        let checked = every().swap_remove(2);
        let mut wrong = establishment(date(2026, 2, 20));
        wrong.reference = String::new();
        let told = checked.clone().establish(wrong).expect_err("ahead");
        assert_eq!(codes(told), ["/on in_future", "/reference required"]);
        let told = checked.establish(establishment(date(2026, 2, 9))).expect_err("before");
        assert_eq!(codes(told), ["/on before"]);
        let locked = every().swap_remove(1);
        assert_eq!(codes(locked.reopen(" ", done(9).at).expect_err("why")), ["/reason required"]);
    }
}
