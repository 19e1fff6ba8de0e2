//! Reading the answers of a form, and taking them one by one: what is right is kept, whatever is wrong
//! with the others.

use app::Error;
use app::portal::{SaidByContact, Saying, Visitor};
use domain::fault::Fault;
use domain::ids::{ExchangeId, ForwardingId};
use jiff::civil::Date;
use pages::Flaw;
use uuid::Uuid;
use wire::Language;
use wire::fault::FaultView;
use wire::portal::ReplyShort;

use super::fields::Fields;
use super::short;
use super::words as w;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The faults of an answer as flaws of the fields of its matter.
fn flaws_of(error: Error, id: Uuid, language: Language) -> Result<Vec<Flaw>, ApiError> {
    let at = |fault: &Fault| {
        let field = match fault.field.as_str() {
            "/until" => "until",
            "/whom" => "whom",
            "/text" => "text",
            "/diary_number" => "diary",
            _ => "short",
        };
        Flaw::at(format!("{field}.{id}"), FaultView::new(fault, language).message)
    };
    match error {
        Error::Faults(faults) => Ok(faults.iter().map(at).collect()),
        Error::State { .. } | Error::NotFound => {
            Ok(vec![Flaw::at(format!("short.{id}"), w::TOO_LATE.to(language))])
        }
        other => Err(other.into()),
    }
}

/// Reads one answer of a form; `None` where there is none.
fn read_answer(fields: &Fields, id: Uuid, language: Language) -> Result<Option<Saying>, Flaw> {
    let name = |field: &str| format!("{field}.{id}");
    let text = fields.filled(&name("text"));
    let diary_number = fields.filled(&name("diary"));
    let answer = match fields.get(&name("short")) {
        "received" => ReplyShort::Received,
        "investigating" => ReplyShort::Investigating,
        "not_ours" => ReplyShort::NotOurs,
        "done" => ReplyShort::Done,
        _ if text.is_some() || diary_number.is_some() => {
            return Err(Flaw::at(name("short"), w::CHOOSE.to(language)));
        }
        _ => return Ok(None),
    };
    let no_day = || Flaw::at(name("until"), w::NO_DAY.to(language));
    let until = match fields.filled(&name("until")) {
        Some(day) if answer == ReplyShort::Investigating => {
            Some(day.parse::<Date>().map_err(|_| no_day())?)
        }
        _ => None,
    };
    let short = short(answer, until, fields.filled(&name("whom"))).map_err(|_| no_day())?;
    Ok(Some(Saying::Answer { short, text, diary_number }))
}

/// Takes every answer that a form has. Gives how many were taken, and what is wrong with the others.
pub(super) async fn take_answers(
    state: &ApiState,
    visitor: &Visitor,
    fields: &Fields,
    language: Language,
) -> Result<(usize, Vec<Flaw>), ApiError> {
    let (mut taken, mut flaws) = (0, Vec::new());
    for id in fields.matters() {
        let what = match read_answer(fields, id, language) {
            Ok(Some(what)) => what,
            Ok(None) => continue,
            Err(flaw) => {
                flaws.push(flaw);
                continue;
            }
        };
        let as_id = fields.get(&format!("as.{id}")).parse::<Uuid>();
        let said =
            SaidByContact { id: ExchangeId(as_id.unwrap_or_else(|_| state.app.new_id())), what };
        match state.app.say_by_portal(visitor, ForwardingId(id), said).await {
            Ok(_) => taken += 1,
            Err(error) => flaws.extend(flaws_of(error, id, language)?),
        }
    }
    Ok((taken, flaws))
}
