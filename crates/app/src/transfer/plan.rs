//! A delivery with everything drawn that the database must not draw: ids and numbers.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use domain::ids::CaseId;
use domain::number::CaseNumber;
use jiff::Timestamp;
use uuid::Uuid;

use super::case_row::CaseRow;
use super::delivery::{Delivery, EscalationRow, ForwardingRow, GrantRow, StaffRow, UnitRow};

/// How often a number is drawn again that another row of the delivery has drawn.
const MOST_DRAWS: usize = 32;

/// A row with its id and that of its audit entry.
#[derive(Debug)]
pub(super) struct Item<T> {
    pub id: Uuid,
    pub audit: Uuid,
    pub row: T,
}

/// Everything to be written.
#[derive(Debug)]
pub(super) struct Plan {
    pub now: Timestamp,
    /// Ties the audit entries of one import together.
    pub request: Uuid,
    /// The id of the audit entry of the import as a whole.
    pub audit: Uuid,
    /// The id of the unknown unit, should the tenant have none.
    pub unknown_unit: Uuid,
    pub units: Vec<Item<UnitRow>>,
    pub staff: Vec<Item<StaffRow>>,
    pub grants: Vec<Item<GrantRow>>,
    pub cases: Vec<Item<(CaseNumber, CaseRow)>>,
    /// Forwardings.
    pub forwardings: Vec<Item<NewForwarding>>,
    pub escalations: Vec<Item<EscalationRow>>,
    pub cases_repeated: u64,
    /// Cases of the tenant that a line names by our own number.
    pub own: HashMap<String, CaseId>,
}

impl Plan {
    pub fn new(
        delivery: Delivery,
        own: HashMap<String, CaseId>,
        now: Timestamp,
        ids: &dyn Fn() -> Uuid,
        seed: &dyn Fn() -> u64,
    ) -> Self {
        let mut drawn = HashSet::with_capacity(delivery.cases.len());
        let cases = delivery.cases.into_iter().map(|row| {
            let mut number = row.number_for(seed());
            let mut draws = 1;
            while !drawn.insert(number) && draws < MOST_DRAWS {
                number = row.number_for(seed());
                draws += 1;
            }
            (number, row)
        });
        let cases = items(cases, ids);
        // Two lines may say the same and be two forwardings: they differ by their place among those
        // that say it.
        let mut alike: HashMap<String, u64> = HashMap::new();
        let mut lots = HashSet::new();
        let forwardings = delivery.forwardings.into_iter().map(|row| {
            let content = row.content();
            let place = alike.entry(content.clone()).or_default();
            *place += 1;
            let key = key(&content, *place);
            let mut lot = seed() & LOTS;
            while !lots.insert(lot) {
                lot = seed() & LOTS;
            }
            NewForwarding { counterparty: ids(), seed: lot, key, row }
        });
        Self {
            now,
            request: ids(),
            audit: ids(),
            unknown_unit: ids(),
            units: items(delivery.units, ids),
            staff: items(delivery.staff, ids),
            grants: items(delivery.grants, ids),
            cases,
            forwardings: items(forwardings, ids),
            escalations: items(delivery.escalations, ids),
            cases_repeated: delivery.cases_repeated,
            own,
        }
    }

    /// How many rows there are to write.
    pub fn rows(&self) -> u64 {
        let few = self.units.len() + self.staff.len() + self.grants.len();
        (few + self.cases.len() + self.forwardings.len() + self.escalations.len()) as u64
    }
}

/// What of some random bits makes a number.
const LOTS: u64 = (1 << 35) - 1;

/// A forwarding that an import may bring.
#[derive(Debug)]
pub(super) struct NewForwarding {
    /// The id of the counterparty, should it be new.
    pub counterparty: Uuid,
    /// Random bits for its number.
    pub seed: u64,
    /// The key it is recognised by.
    pub key: String,
    /// The line.
    pub row: ForwardingRow,
}

fn items<T>(rows: impl IntoIterator<Item = T>, ids: &dyn Fn() -> Uuid) -> Vec<Item<T>> {
    rows.into_iter().map(|row| Item { id: ids(), audit: ids(), row }).collect()
}

/// The key an imported forwarding is recognised by.
fn key(content: &str, place: u64) -> String {
    let hash = digest(&SHA256, format!("{content}\u{1F}{place}").as_bytes());
    hash.as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
