//! A case with everything of it but the sealed identity, as one JSON object.

use std::collections::HashMap;

use domain::case::investigation::{Cause, Investigation};
use domain::case::measure::Measure;
use domain::case::{Case, Feedback, State};
use domain::ids::UnitId;
use serde_json::{Value, json};
use store::HistoryEntry;

/// The object of a case. Units are given by code; a reader without the database knows no ids.
pub(super) fn object(
    case: &Case,
    history: &[HistoryEntry],
    units: &HashMap<UnitId, String>,
) -> Result<Value, serde_json::Error> {
    let unit = |id: &UnitId| units.get(id).map_or_else(|| id.to_string(), Clone::clone);
    let ending = match &case.state {
        State::Closed(closing) => serde_json::to_value(closing)?,
        State::Void(voiding) => serde_json::to_value(voiding)?,
        State::Draft
        | State::Reported
        | State::Triaged
        | State::Investigating
        | State::MeasuresDecided
        | State::FollowingUp => Value::Null,
    };
    Ok(json!({
        "id": case.id,
        "number": case.number,
        "external_number": case.external_number,
        "diary_number": case.registered_as(),
        "kind": case.kind,
        "subkind": case.subkind,
        "status": case.status(),
        "unit": unit(&case.unit),
        "reporting_unit": unit(&case.reporting_unit),
        "also_units": case.also_units.iter().map(unit).collect::<Vec<_>>(),
        "reported_by": case.reported_by,
        "registered_by": case.registered_by,
        "occurred_at": case.occurred_at,
        "occurred_until": case.occurred_until,
        "discovered_at": case.discovered_at,
        "reported_at": case.reported_at,
        "registered_at": case.registered_at,
        "filing": case.filing,
        "assessment": case.assessment,
        "progress": {
            "triaged_at": case.progress.triaged_at,
            "investigation_started_at": case.progress.investigation_started_at,
            "investigation_done_at": case.progress.investigation_done_at,
            "measures_decided_at": case.progress.measures_decided_at,
            "following_up_at": case.progress.following_up_at,
            "patient_informed_at": case.progress.patient_informed_at,
        },
        "ending": ending,
        "investigation": case.investigation.as_ref().map(investigation).transpose()?,
        "feedback": case.feedback.iter().map(feedback).collect::<Vec<_>>(),
        "links": case.links,
        "has_subject": case.subject.is_some(),
        "history": history.iter().map(entry).collect::<Result<Vec<_>, _>>()?,
        "imported": case.imported,
        "version": case.version,
        "updated_at": case.updated_at,
    }))
}

fn investigation(inquiry: &Investigation) -> Result<Value, serde_json::Error> {
    let cause = |cause: &Cause| {
        json!({
            "id": cause.id, "code": cause.code, "text": cause.text, "waiver": cause.waiver,
        })
    };
    let measure = |measure: &Measure| {
        json!({
            "id": measure.id, "kind": measure.kind, "text": measure.text,
            "causes": measure.causes, "owner": measure.owner, "due_on": measure.due_on,
            "follow_up_on": measure.follow_up_on, "done_on": measure.done_on,
            "effect": measure.effect, "effect_note": measure.effect_note,
        })
    };
    Ok(json!({
        "id": inquiry.id,
        "in_common": inquiry.in_common.map(|it| it.code()),
        "grounds": serde_json::to_value(&inquiry.grounds)?,
        "investigator": inquiry.investigator,
        "started_at": inquiry.started_at,
        "completed_at": inquiry.completed_at,
        "course_of_events": inquiry.course_of_events,
        "assessment": inquiry.assessment,
        "person_account": inquiry.person_account,
        "support_offered": inquiry.support_offered,
        "causes": inquiry.causes.iter().map(cause).collect::<Vec<_>>(),
        "measures": inquiry.measures.iter().map(measure).collect::<Vec<_>>(),
        "version": inquiry.version,
    }))
}

fn feedback(given: &Feedback) -> Value {
    json!({
        "id": given.id, "audience": given.audience, "meeting_on": given.meeting_on,
        "text": given.text, "at": given.at, "by": given.by,
    })
}

fn entry(entry: &HistoryEntry) -> Result<Value, serde_json::Error> {
    Ok(json!({
        "version": entry.version, "at": entry.at, "by": entry.by, "command": entry.command,
        "from": entry.from, "to": entry.to, "changes": serde_json::to_value(&entry.changes)?,
        "reason": entry.reason,
    }))
}

#[cfg(test)]
mod tests {
    use domain::case::joint::{Ground, GroundKind, InCommon};
    use domain::ids::{InvestigationId, StaffId};
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_investigation_says_what_its_cases_have_in_common_and_on_what_grounds() {
        let mut inquiry =
            Investigation::begin(InvestigationId(Uuid::nil()), None, Timestamp::UNIX_EPOCH);
        inquiry.in_common = Some(InCommon::SamePerson);
        inquiry.grounds.push(Ground {
            kind: GroundKind::Consent,
            on: jiff::civil::date(2026, 3, 9),
            text: "Samtycke.".into(),
            by: StaffId(Uuid::nil()),
            at: Timestamp::UNIX_EPOCH,
        });
        let told = investigation(&inquiry).unwrap();
        assert_eq!((&told["in_common"], &told["version"]), (&json!("same_person"), &json!(1)));
        assert_eq!(told["grounds"][0]["text"], "Samtycke.");
    }
}
