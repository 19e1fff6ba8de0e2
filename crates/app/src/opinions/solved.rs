//! Solved on the spot: an opinion that is put down, answered and ended in one request.

use domain::calendar::swedish_date;
use domain::case::closing::{Close, Ending};
use domain::case::filing::numbers_in;
use domain::case::triage::{LexAnswer, Triage};
use domain::case::{Changed, Event};
use domain::fault::{Fault, Reason};
use domain::opinion::AnswerGiven;
use domain::policy::{Act, Target, allow, closing_act};

use crate::context::{App, Caller};
use crate::error::Error;

/// Where it stands in the body of a filing.
const AT: &str = "/opinion/solved";

/// How an opinion was solved on the spot.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The answer.
    pub answer: AnswerGiven,
    /// How it ends: a code of the list `outcome`.
    pub outcome: String,
    /// In a sentence.
    pub summary: Option<String>,
    /// A code of the list `complaint`.
    pub category: Option<String>,
}

/// A filing with what was done to it in the same breath.
pub(crate) struct OnTheSpot {
    /// The case as it stands in the end.
    pub changed: Changed,
    /// What was done before, with the version that each made.
    pub earlier: Vec<(i64, Event)>,
}

fn placed(faults: Vec<Fault>) -> Error {
    let here = |fault: Fault| Fault::at(format!("{AT}{}", fault.field), fault.reason);
    Error::Faults(faults.into_iter().map(here).collect())
}

impl App {
    /// Answers and ends what was just filed. It is written by somebody at a desk: what is missing is
    /// refused, and nothing is filed.
    pub(crate) fn solve(
        &self,
        caller: &Caller,
        filed: Changed,
        solved: &Solved,
    ) -> Result<OnTheSpot, Error> {
        if filed.case.opinion.is_none() {
            let reason = Reason::inconsistent("opinion_of_avvikelse");
            return Err(Error::Faults(vec![Fault::at(AT, reason)]));
        }
        let target = Target::from(&filed.case);
        let handled = Ending::of(&solved.outcome) == Ending::Handled;
        for act in [Act::AnswerOpinion, closing_act(None, handled)] {
            if !allow(&caller.actor, act, &target).allowed() {
                return Err(Error::Forbidden);
            }
        }
        let mut texts = serde_json::to_value(&solved.answer)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let mut numbers = numbers_in(&mut texts, swedish_date(caller.now));
        let mut summary = serde_json::json!({ "summary": solved.summary });
        numbers.extend(numbers_in(&mut summary, swedish_date(caller.now)));
        if !numbers.is_empty() {
            return Err(placed(numbers));
        }
        let (by, now) = (caller.staff.id, caller.now);
        let first = (filed.case.version, filed.event);
        let answered = step(filed.case.answer_opinion(solved.answer.clone(), by, now))?;
        let gates = answered.case.opinion.as_ref().and_then(|opinion| opinion.gates.as_ref());
        if gates.is_some_and(|gates| gates.lex_sarah != LexAnswer::No) {
            // What may be lex Sarah stays open until somebody has looked.
            let reason = Reason::inconsistent("escalation_open");
            return Err(placed(vec![Fault::at("/lex_sarah", reason)]));
        }
        let second = (answered.case.version, answered.event);
        let close = Close {
            outcome: solved.outcome.clone(),
            summary: solved.summary.clone(),
            triage: Some(Triage { category: solved.category.clone(), ..Triage::default() }),
            ..Close::default()
        };
        let (codes, limits) = (&caller.set_up.codes, caller.limits());
        let changed = step(answered.case.close(close, codes, limits, by, now))?;
        Ok(OnTheSpot { changed, earlier: vec![first, second] })
    }
}

fn step(made: Result<Changed, domain::case::Rejected>) -> Result<Changed, Error> {
    match made {
        Err(domain::case::Rejected::Guard(faults)) => Err(placed(faults)),
        other => Ok(other?),
    }
}
