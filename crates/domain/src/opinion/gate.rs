//! The two questions that are asked of every opinion before it is answered: is it an avvikelse, and may
//! it be lex Sarah? People judge; nothing here does.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::event::Faults;
use crate::case::triage::LexAnswer;
use crate::fault::Reason;
use crate::ids::StaffId;

/// Both answers, with who gave them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gates {
    /// Whether it is an avvikelse: then one is made of it, and linked.
    pub avvikelse: bool,
    /// Whether it may be lex Sarah: anything but no raises a flag.
    pub lex_sarah: LexAnswer,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
}

/// The answers as somebody gives them: what is `None` stays as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatesGiven {
    /// Whether it is an avvikelse.
    pub avvikelse: Option<bool>,
    /// Whether it may be lex Sarah.
    pub lex_sarah: Option<LexAnswer>,
}

impl GatesGiven {
    /// The answers that hold after these, given before as `old`; a fault for each that nobody has given.
    pub fn over(
        self,
        old: Option<&Gates>,
        by: StaffId,
        now: Timestamp,
        faults: &mut Faults,
    ) -> Option<Gates> {
        let avvikelse = self.avvikelse.or(old.map(|gates| gates.avvikelse));
        let lex_sarah = self.lex_sarah.or(old.map(|gates| gates.lex_sarah));
        faults.require(avvikelse.is_some(), "/avvikelse", Reason::Required);
        faults.require(lex_sarah.is_some(), "/lex_sarah", Reason::Required);
        let (avvikelse, lex_sarah) = (avvikelse?, lex_sarah?);
        if let Some(old) = old
            && (old.avvikelse, old.lex_sarah) == (avvikelse, lex_sarah)
        {
            return Some(old.clone());
        }
        Some(Gates { avvikelse, lex_sarah, at: now, by })
    }
}
