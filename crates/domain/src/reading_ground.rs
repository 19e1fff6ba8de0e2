//! Reading across: health care and social services of one body are separate branches, with secrecy between
//! them, and so may its units be. Whoever leads may read over that border on a ground, which is stated once
//! for a case or a unit, with a day on which it ends.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::add_days;
use crate::case::event::Faults;
use crate::case::joint::GroundKind;
use crate::fault::{Fault, Reason};
use crate::ids::{CaseId, GroundId, StaffId, UnitId};
use crate::law::Law;

/// How many days ahead a ground may hold: half a year. Local practice, not law.
pub const LONGEST_DAYS: i32 = 183;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 1_000;
/// The longest reference, in characters.
pub const LONGEST_REFERENCE: usize = 200;

/// Of what a ground is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroundOf {
    /// One case.
    Case(CaseId),
    /// All cases of a unit under a law.
    Unit(UnitId, Law),
}

/// A ground on which somebody reads what lies with the other branch, or another unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingGround {
    /// Its id.
    pub id: GroundId,
    /// Who reads on it.
    pub staff: StaffId,
    /// Of what.
    pub of: GroundOf,
    /// Which.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// The number of the decision.
    pub reference: Option<String>,
    /// Why it is needed.
    pub reason: String,
    /// The last day on which it holds, in Swedish time.
    pub until: Date,
    /// When it was stated.
    pub stated_at: Timestamp,
    /// Who took it back, and when.
    pub revoked: Option<(StaffId, Timestamp)>,
    /// Grows with every change; the ETag.
    pub version: i64,
}

/// What is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundGiven {
    /// Of what.
    pub of: GroundOf,
    /// Which.
    pub kind: GroundKind,
    /// The day of the consent, the test or the decision.
    pub on: Date,
    /// The number of the decision.
    pub reference: Option<String>,
    /// Why it is needed.
    pub reason: String,
    /// The last day.
    pub until: Date,
}

impl GroundGiven {
    /// The ground as it is stated by `staff` on `today`, in Swedish time.
    ///
    /// # Errors
    /// Every fault, by JSON pointer.
    pub fn stated(
        self,
        id: GroundId,
        staff: StaffId,
        at: Timestamp,
        today: Date,
    ) -> Result<ReadingGround, Vec<Fault>> {
        let mut faults = Faults::default();
        let reason = self.reason.trim().to_owned();
        faults.require(!reason.is_empty(), "/reason", Reason::Required);
        if reason.chars().count() > LONGEST_REASON {
            faults.push("/reason", Reason::TooLong { max: LONGEST_REASON });
        }
        let reference = self.reference.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        if reference.as_ref().is_some_and(|it| it.chars().count() > LONGEST_REFERENCE) {
            faults.push("/reference", Reason::TooLong { max: LONGEST_REFERENCE });
        }
        // What somebody else has decided can be looked up.
        if self.kind == GroundKind::Decision {
            faults.require(reference.is_some(), "/reference", Reason::Required);
        }
        if self.on > today {
            faults.push("/on", Reason::inconsistent("day_in_future"));
        }
        if self.until < today {
            faults.push("/until", Reason::inconsistent("day_in_past"));
        }
        if self.until > add_days(today, LONGEST_DAYS) {
            faults.push("/until", Reason::inconsistent("ground_too_long"));
        }
        if !faults.is_empty() {
            return Err(faults.into_vec());
        }
        Ok(ReadingGround {
            id,
            staff,
            of: self.of,
            kind: self.kind,
            on: self.on,
            reference,
            reason,
            until: self.until,
            stated_at: at,
            revoked: None,
            version: 1,
        })
    }
}

impl ReadingGround {
    /// Whether it held at an instant of `day`, in Swedish time.
    pub fn held_at(&self, at: Timestamp, day: Date) -> bool {
        self.stated_at <= at
            && day <= self.until
            && self.revoked.is_none_or(|(_, revoked)| at < revoked)
    }

    /// Whether it is of a case that stands at `units` under `laws`.
    pub fn covers(&self, case: CaseId, units: &[UnitId], laws: &[Law]) -> bool {
        match self.of {
            GroundOf::Case(of) => of == case,
            GroundOf::Unit(unit, law) => units.contains(&unit) && laws.contains(&law),
        }
    }

    /// The ground after `by` took it back; `None` where somebody did before.
    #[must_use]
    pub fn revoke(self, by: StaffId, at: Timestamp) -> Option<Self> {
        match self.revoked {
            Some(_) => None,
            None => Some(Self { revoked: Some((by, at)), version: self.version + 1, ..self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn given() -> GroundGiven {
        GroundGiven {
            of: GroundOf::Case(CaseId(Uuid::from_u128(1))),
            kind: GroundKind::Consent,
            on: date(2026, 3, 1),
            reference: None,
            reason: " samordnad plan ".into(),
            until: date(2026, 4, 1),
        }
    }

    fn stated(given: GroundGiven) -> Result<ReadingGround, Vec<String>> {
        let at = "2026-03-10T11:00:00Z".parse().expect("a time");
        let (id, staff) = (GroundId(Uuid::from_u128(2)), StaffId(Uuid::from_u128(3)));
        let stated = given.stated(id, staff, at, date(2026, 3, 10));
        stated.map_err(|faults| faults.into_iter().map(|fault| fault.field).collect())
    }

    #[test]
    fn a_ground_names_its_decision_and_its_end() {
        assert_eq!(stated(given()).expect("stated").reason, "samordnad plan");
        let decision = GroundGiven { kind: GroundKind::Decision, ..given() };
        assert_eq!(stated(decision.clone()), Err(vec!["/reference".into()]));
        let decision = GroundGiven { reference: Some("VON 2026/12".into()), ..decision };
        assert!(stated(decision).is_ok());
        for (until, fault) in [(date(2026, 3, 9), true), (date(2026, 3, 10), false)] {
            assert_eq!(stated(GroundGiven { until, ..given() }).is_err(), fault, "{until}");
        }
        let (long, longer) = (date(2026, 9, 9), date(2026, 9, 10));
        assert!(stated(GroundGiven { until: long, ..given() }).is_ok());
        assert!(stated(GroundGiven { until: longer, ..given() }).is_err());
        let empty = GroundGiven { reason: " ".into(), on: date(2026, 3, 11), ..given() };
        assert_eq!(stated(empty), Err(vec!["/reason".into(), "/on".into()]));
    }

    #[test]
    fn a_ground_holds_until_its_last_day_or_until_it_is_taken_back() {
        let ground = stated(given()).expect("stated");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert!(ground.held_at(at("2026-04-01T20:00:00Z"), date(2026, 4, 1)));
        assert!(!ground.held_at(at("2026-04-02T08:00:00Z"), date(2026, 4, 2)));
        assert!(!ground.held_at(at("2026-03-10T10:59:59Z"), date(2026, 3, 10)), "not yet");
        let back = at("2026-03-12T08:00:00Z");
        let gone = ground.revoke(StaffId(Uuid::from_u128(9)), back).expect("taken back");
        assert!(gone.held_at(at("2026-03-12T07:59:59Z"), date(2026, 3, 12)));
        assert!(!gone.held_at(back, date(2026, 3, 12)));
        assert_eq!(gone.revoke(StaffId(Uuid::from_u128(9)), back), None);
    }
}
