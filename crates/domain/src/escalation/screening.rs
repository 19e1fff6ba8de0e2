//! Screening: MAS, MAR or SAS looks and sorts. Several reasons may hold, and several flags may be
//! answered at once, each guarded by itself.

use super::matter::{Report, Screening};
use super::{Around, Changed, Command, Escalation, Kind, Rejected, State, blank, held};
use crate::calendar::swedish_date;
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;

/// What becomes of a flag.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// It is no matter for this process.
    Out {
        /// Codes of the list `screening`, at least one.
        reasons: Vec<String>,
        /// In words.
        text: Option<String>,
    },
    /// It is taken up.
    TakeUp,
}

impl Escalation {
    /// Answers a flag. Taking up a lex Sarah flag is a report by whoever screens it: nobody else has
    /// made one, and its clock runs from here.
    ///
    /// # Errors
    /// [`Rejected`] for what is no flag any more; to screen out without a reason, or by an unknown code.
    pub fn screen(mut self, screen: Screen, around: Around<'_>) -> Result<Changed, Rejected> {
        let mut changes = Changes::default();
        match screen {
            Screen::Out { reasons, text } => {
                let from = self.begin(Command::ScreenOut, around)?;
                let mut faults = Faults::default();
                faults.require(!reasons.is_empty(), "/reasons", Reason::Required);
                let today = swedish_date(around.now);
                for (at, code) in reasons.iter().enumerate() {
                    if let Err(reason) = around.codes.check("screening", code, today) {
                        faults.push(format!("/reasons/{at}"), reason);
                    }
                    let first = !reasons[..at].contains(code);
                    faults.require(first, format!("/reasons/{at}"), Reason::NotUnique);
                }
                held(faults)?;
                let text = text.filter(|text| !blank(text));
                changes.note("reasons", &Vec::new(), &reasons);
                let why = text.clone();
                let screening = Screening { reasons, text, by: around.by, at: around.now };
                self.state = State::ScreenedOut(screening);
                Ok(self.changed(Command::ScreenOut, from, changes, why, around.now))
            }
            Screen::TakeUp => {
                let from = self.begin(Command::TakeUp, around)?;
                self.state = match self.kind {
                    Kind::LexMaria | Kind::Riskperson => State::Assessing,
                    Kind::LexSarah => {
                        self.reported_by_screener(around);
                        State::Reported
                    }
                };
                Ok(self.changed(Command::TakeUp, from, changes, None, around.now))
            }
        }
    }

    /// Puts down that whoever screens it reports it, where nobody has.
    pub(super) fn reported_by_screener(&mut self, around: Around<'_>) {
        if self.matter.report.is_none() {
            let (by, at) = (Some(around.by), around.now);
            self.matter.report = Some(Report { by, at, oral_from: None, text: None });
            self.starts_at = at;
        }
    }
}
