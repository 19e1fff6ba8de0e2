//! A joint forwarding: what each side chose to share of what happened, and one set of measures with an
//! owner on either side.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::answer::Side;
use super::document::{LONGEST_LINE, LONGEST_TEXT, outgoing};
use super::{Around, Changed, Command, Forwarding, Kind, Rejected, blank, held};
use crate::calendar::swedish_date;
use crate::case::event::{Changes, Faults};
use crate::fault::Reason;
use crate::ids::{ExchangeId, MeasureId};

/// What one side shares of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedEvent {
    /// Its id: the same twice is one.
    pub id: ExchangeId,
    /// Who shares it.
    pub from: Side,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What.
    pub text: String,
    /// When it was shared.
    pub shared_at: Timestamp,
}

/// What is done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointMeasure {
    /// Its id: the same twice is one.
    pub id: MeasureId,
    /// Which side does it.
    pub owner: Side,
    /// Who there: a role or a function.
    pub who: String,
    /// What.
    pub text: String,
    /// Until when.
    pub due_on: Option<Date>,
    /// Which side put it down.
    pub from: Side,
    /// The day it was done.
    pub done_on: Option<Date>,
}

/// What both sides put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Joint {
    /// What happened, in the order of time.
    pub timeline: Vec<SharedEvent>,
    /// What is done, oldest first.
    pub measures: Vec<JointMeasure>,
}

impl Forwarding {
    fn joint(&self, command: Command) -> Result<super::Status, Rejected> {
        let from = self.admit(command)?;
        match self.kind {
            Kind::Joint => Ok(from),
            Kind::Single => Err(Rejected::Guard(vec![crate::fault::Fault::at(
                "",
                Reason::inconsistent("not_joint"),
            )])),
        }
    }

    /// Shares what happened, as one side saw it.
    ///
    /// # Errors
    /// [`Rejected`] for one that is not joint, without words, for what has not happened yet, and for a
    /// personal identity number; [`Rejected::AlreadySaid`] for the same again.
    pub fn share_event(
        mut self,
        event: SharedEvent,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.joint(Command::ShareEvent)?;
        around.speaks_for(event.from)?;
        self.unsaid(event.id)?;
        let today = swedish_date(around.now);
        let mut faults = Faults::default();
        faults.require(!blank(&event.text), "/text", Reason::Required);
        outgoing(&event.text, "/text", LONGEST_TEXT, today, &mut faults);
        let given = event.happened_at;
        faults.require(given <= around.now, "/happened_at", Reason::InFuture { given });
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("timeline", &None, &Some(event.from.code()));
        let timeline = &mut self.matter.joint.timeline;
        timeline.push(SharedEvent { shared_at: around.now, ..event });
        timeline.sort_by_key(|it| (it.happened_at, it.shared_at));
        Ok(self.changed(Command::ShareEvent, from, changes, None, around))
    }

    /// Puts a measure down.
    ///
    /// # Errors
    /// [`Rejected`] for one that is not joint, without words or an owner, and for a personal identity number.
    pub fn add_measure(
        mut self,
        measure: JointMeasure,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.joint(Command::AddMeasure)?;
        around.speaks_for(measure.from)?;
        if self.matter.joint.measures.iter().any(|known| known.id == measure.id) {
            return Err(Rejected::AlreadySaid);
        }
        let today = swedish_date(around.now);
        let mut faults = Faults::default();
        for (field, text, longest) in
            [("/text", &measure.text, LONGEST_TEXT), ("/who", &measure.who, LONGEST_LINE)]
        {
            faults.require(!blank(text), field, Reason::Required);
            outgoing(text, field, longest, today, &mut faults);
        }
        held(faults)?;
        let mut changes = Changes::default();
        changes.note("measures", &None, &Some(measure.owner.code()));
        self.matter.joint.measures.push(JointMeasure { done_on: None, ..measure });
        Ok(self.changed(Command::AddMeasure, from, changes, None, around))
    }

    /// Says that a measure is done: only the side that owns it does.
    ///
    /// # Errors
    /// [`Rejected`] for one that is not joint, a measure that is not there or is the other side's, and a
    /// day that has not come.
    pub fn finish_measure(
        mut self,
        id: MeasureId,
        side: Side,
        on: Date,
        around: Around<'_>,
    ) -> Result<Changed, Rejected> {
        let from = self.joint(Command::FinishMeasure)?;
        around.speaks_for(side)?;
        let mut faults = Faults::default();
        let given = crate::calendar::start_of_day(on);
        let come = on <= swedish_date(around.now);
        faults.require(come, "/done_on", Reason::InFuture { given });
        let mut changes = Changes::default();
        match self.matter.joint.measures.iter_mut().find(|it| it.id == id) {
            None => faults.push("/measure", Reason::NotFound),
            Some(measure) if measure.owner != side => {
                faults.push("/measure", Reason::inconsistent("owned_by_other_side"));
            }
            Some(measure) => {
                changes.note("measures", &measure.done_on, &Some(on));
                measure.done_on = Some(on);
            }
        }
        held(faults)?;
        Ok(self.changed(Command::FinishMeasure, from, changes, None, around))
    }
}
