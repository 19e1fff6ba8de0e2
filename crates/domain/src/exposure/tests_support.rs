//! Units, exposures and lines as tests write them.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Exposure, Given, Kind, Line};
use crate::ids::{ExposureId, UnitId};
use crate::organisation::{Unit, UnitTree};
use crate::statistics::Months;

pub fn unit(number: u128) -> UnitId {
    UnitId(Uuid::from_u128(number))
}

/// Unit 2 lies below unit 1, unit 3 beside them.
pub fn tree() -> UnitTree {
    let made = |number: u128, name: &str, parent: Option<u128>| Unit {
        id: unit(number),
        code: number.to_string(),
        name: name.to_owned(),
        area: None,
        parent: parent.map(unit),
        successor: None,
        valid_from: None,
        valid_to: None,
        unknown: false,
        version: 1,
    };
    UnitTree::new([made(1, "Norr", None), made(2, "Norr 1", Some(1)), made(3, "Syd", None)])
}

fn months((from, to): (&str, &str)) -> Months {
    Months { from: from.parse().expect("a month"), to: to.parse().expect("a month") }
}

pub fn exposure(
    id: u128,
    unit: UnitId,
    kind: Kind,
    period: (&str, &str),
    amount: &str,
) -> Exposure {
    Exposure {
        id: ExposureId(Uuid::from_u128(id)),
        unit,
        kind,
        period: months(period),
        amount: amount.parse().expect("an amount"),
        source: None,
        version: 1,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

pub fn line(at: u64, unit: UnitId, kind: Kind, period: (&str, &str), amount: &str) -> Line {
    Line {
        at: format!("/{at}"),
        names: ["unit", "kind", "from", "to", "amount", "source"],
        instead: None,
        given: Given {
            unit,
            kind,
            period: months(period),
            amount: amount.parse().expect("an amount"),
            source: None,
        },
    }
}
