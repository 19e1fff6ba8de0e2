//! Who gets what waits for a role at a unit on a day: by grants, by who stands in for whom, and by
//! who has left.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::case::Kind;
use crate::ids::{StaffId, UnitId};
use crate::law::Law;
use crate::organisation::{Grant, Role, UnitTree};
use crate::policy::{Act, Held, role_may};

/// Where a case stands, as far as that decides who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The responsible unit.
    pub unit: UnitId,
    /// The laws that hold.
    pub laws: &'a [Law],
    /// What it is.
    pub kind: Kind,
}

impl Place<'_> {
    /// A unit, whatever the law.
    pub fn at(unit: UnitId) -> Self {
        Self { unit, laws: &[], kind: Kind::Avvikelse }
    }
}

/// One of those who get something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Who.
    pub staff: StaffId,
    /// For whom they stand in.
    pub stands_in_for: Option<StaffId>,
}

/// Those who get what waits for a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The role it waits for now.
    pub role: Role,
    /// The role it would wait for, where nobody is there.
    pub instead_of: Option<Role>,
    /// Everyone who gets it; nobody where the tenant has nobody at all.
    pub holders: Vec<Holder>,
}

impl Seat {
    /// The place of a person among those who get it.
    pub fn holder(&self, staff: StaffId) -> Option<Holder> {
        self.holders.iter().copied().find(|holder| holder.staff == staff)
    }

    /// Who gets it.
    pub fn staff(&self) -> Vec<StaffId> {
        self.holders.iter().map(|holder| holder.staff).collect()
    }
}

struct Entry {
    grant: Grant,
    held: Held,
}

/// Everyone who holds something, and what.
pub struct Roster(Vec<Entry>);

impl Roster {
    /// The roster by the tenant's grants, without those who have `left`.
    pub fn new(
        grants: impl IntoIterator<Item = Grant>,
        left: &BTreeSet<StaffId>,
        units: &UnitTree,
    ) -> Self {
        let there = grants.into_iter().filter(|grant| !left.contains(&grant.staff));
        Self(there.map(|grant| Entry { held: Held::of(&grant, units), grant }).collect())
    }

    fn here<'a>(&'a self, place: Place<'a>, day: Date) -> impl Iterator<Item = &'a Entry> + Clone {
        self.0.iter().filter(move |entry| {
            entry.grant.valid_on(day) && entry.held.reaches(place.unit, place.laws, place.kind)
        })
    }

    /// Whether somebody stands in for a person there over dates that include the day. Who stands in
    /// until further notice is a standing deputy, and the person is not away for it.
    fn away(&self, staff: StaffId, place: Place<'_>, day: Date) -> bool {
        self.here(place, day)
            .any(|entry| entry.grant.stands_in_for == Some(staff) && entry.grant.valid_to.is_some())
    }

    /// Whether a person holds any of `roles` there on the day.
    pub fn holds(&self, staff: StaffId, roles: &[Role], place: Place<'_>, day: Date) -> bool {
        self.here(place, day)
            .any(|entry| entry.grant.staff == staff && roles.contains(&entry.grant.role))
    }

    /// Whether anybody holds the role there on the day, at work or away.
    pub fn held_by_anyone(&self, role: Role, place: Place<'_>, day: Date) -> bool {
        self.here(place, day).any(|entry| entry.grant.role == role)
    }

    /// Whether anybody holds the role there on the day but for whom it is kept from.
    pub fn held_by_other(
        &self,
        role: Role,
        place: Place<'_>,
        day: Date,
        kept_from: &BTreeSet<StaffId>,
    ) -> bool {
        self.here(place, day)
            .any(|it| it.grant.role == role && !kept_from.contains(&it.grant.staff))
    }

    /// Who holds the role anywhere on the day.
    pub fn everyone(&self, role: Role, day: Date) -> BTreeSet<StaffId> {
        let held = self.0.iter().filter(|it| it.grant.role == role && it.grant.valid_on(day));
        held.map(|it| it.grant.staff).collect()
    }

    /// Who holds the role there on the day, at work or away.
    pub fn everyone_at(&self, role: Role, place: Place<'_>, day: Date) -> BTreeSet<StaffId> {
        let held = self.here(place, day).filter(|it| it.grant.role == role);
        held.map(|it| it.grant.staff).collect()
    }

    /// Who stands in for a person there on the day, and the person unless away.
    pub fn in_place_of(&self, staff: StaffId, place: Place<'_>, day: Date) -> Vec<Holder> {
        let there = self
            .here(place, day)
            .any(|entry| entry.grant.staff == staff && role_may(entry.grant.role, Act::Triage));
        let own = (there && !self.away(staff, place, day))
            .then_some(Holder { staff, stands_in_for: None });
        let mut found: Vec<Holder> = own.into_iter().collect();
        for entry in self.here(place, day) {
            if there
                && entry.grant.stands_in_for == Some(staff)
                && role_may(entry.grant.role, Act::Triage)
            {
                add(&mut found, entry);
            }
        }
        found
    }

    /// Who gets what waits for exactly this role there on the day: those who hold it and are not
    /// away, and those who stand in for one who holds it.
    pub fn holders(&self, role: Role, place: Place<'_>, day: Date, absence: bool) -> Vec<Holder> {
        self.holders_if(|held| role_may(held, Act::Triage), role, place, day, absence)
    }

    /// As [`Roster::holders`], of those who hold a role that `counts`.
    fn holders_if(
        &self,
        counts: impl Fn(Role) -> bool,
        role: Role,
        place: Place<'_>,
        day: Date,
        absence: bool,
    ) -> Vec<Holder> {
        let here = self.here(place, day);
        let away = |staff| absence && self.away(staff, place, day);
        let mut found = Vec::new();
        for entry in here.clone() {
            let of_role = entry.grant.role == role;
            let stands_in = entry.grant.stands_in_for.is_some_and(|staff| {
                here.clone().any(|it| it.grant.staff == staff && it.grant.role == role)
            });
            if (of_role || stands_in) && counts(entry.grant.role) && !away(entry.grant.staff) {
                add(&mut found, entry);
            }
        }
        found
    }

    /// Who gets what waits for a role there on the day, but for whom it is kept from. Where nobody
    /// is there it goes on along [`after`]; where everybody is away, to those who are.
    pub fn who_gets(
        &self,
        place: Place<'_>,
        role: Role,
        day: Date,
        kept_from: &BTreeSet<StaffId>,
    ) -> Seat {
        seat(role, place.laws, kept_from, |role, absence| self.holders(role, place, day, absence))
    }

    /// Who is told of what waits for a role there on the day, but for whom it is kept from. As
    /// [`Roster::who_gets`], and also for roles that handle no case: a director, a decider, the board.
    pub fn who_is_told(
        &self,
        place: Place<'_>,
        role: Role,
        day: Date,
        kept_from: &BTreeSet<StaffId>,
    ) -> Vec<StaffId> {
        let told = |next: Role, absence| {
            let counts = |held| held == role || role_may(held, Act::Triage);
            self.holders_if(counts, next, place, day, absence)
        };
        seat(role, place.laws, kept_from, told).staff()
    }
}

/// Adds whoever has the grant, once.
fn add(found: &mut Vec<Holder>, entry: &Entry) {
    let Grant { staff, stands_in_for, .. } = entry.grant;
    match found.iter_mut().find(|holder| holder.staff == staff) {
        // By a grant of their own they stand in for nobody.
        Some(holder) => {
            holder.stands_in_for = holder.stands_in_for.and(stands_in_for);
        }
        None => found.push(Holder { staff, stands_in_for }),
    }
}

/// The seat of a role, from who holds each role with absence regarded or not.
pub(super) fn seat(
    role: Role,
    laws: &[Law],
    kept_from: &BTreeSet<StaffId>,
    mut holders: impl FnMut(Role, bool) -> Vec<Holder>,
) -> Seat {
    for absence in [true, false] {
        for next in after(role, laws) {
            let mut found = holders(next, absence);
            found.retain(|holder| !kept_from.contains(&holder.staff));
            if !found.is_empty() {
                let instead_of = (next != role).then_some(role);
                return Seat { role: next, instead_of, holders: found };
            }
        }
    }
    Seat { role, instead_of: None, holders: Vec::new() }
}

/// The role itself and those to whom it goes on where nobody is there: a manager's cases to the
/// deputy, then to the area manager, then to whoever answers for the law; a MAS's to MAR first.
pub fn after(role: Role, laws: &[Law]) -> Vec<Role> {
    use Role::{AreaManager, Deputy, Mar, Mas, Sas, UnitManager};
    let hsl = laws.contains(&Law::Hsl);
    let social = laws.iter().any(|law| *law != Law::Hsl);
    let mut chain = vec![role];
    let mut then = |roles: &[Role]| {
        for next in roles {
            if !chain.contains(next) {
                chain.push(*next);
            }
        }
    };
    match role {
        Mas => then(&[Mar]),
        Mar => then(&[Mas]),
        Sas | AreaManager => {}
        _ => then(&[UnitManager, Deputy, AreaManager]),
    }
    if hsl || !social {
        then(&[Mas, Mar]);
    }
    if social || !hsl {
        then(&[Sas]);
    }
    // Somebody of the tenant has to see it.
    then(&[AreaManager, UnitManager, Deputy]);
    chain
}
