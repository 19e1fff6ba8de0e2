//! Checks of the log: drawing readings, judging them, and saying what came of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::calendar::{add_days, end_of_day, start_of_day, swedish_date};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, EntryId, SpotCheckId, StaffId, UnitId};
use domain::law::Law;
use domain::policy::{Access, Act, LogScope, Scope};
use domain::spot_check::{
    Asked, CASES_SHOWN, CaseRead, CaseShown, Draw, GrantShown, Looked, Reach, Reading, Rejected,
    Rule, Shown, SpotCheck, Verdict, WEEKS_BACK, Weeks, next_due,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{AccessEntry, Additions, LogFilter, LogOrder, LoggedCase, Tx};

use super::facts::Known;
use super::{exposed_by, in_scope, kept_from};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};
use crate::setup::Trace;

/// How many entries are read at a time.
const BATCH: i64 = 1_000;
/// Changes so long before and after a reading tell that somebody works on a case.
const AROUND: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct DrawAsked {
    /// Period, number, reason.
    pub asked: Asked,
    /// By which rules.
    pub rules: Vec<Rule>,
    /// The seed of a draw that is repeated.
    pub seed: Option<i64>,
}

/// A judgement of a reading that was drawn.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The reading's entry.
    pub entry: EntryId,
    /// What is said of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// A check, with the names of whom it names.
#[derive(Clone, Debug)]
pub struct SeenCheck {
    /// The check.
    pub check: SpotCheck,
    /// The names of staff.
    pub names: HashMap<StaffId, String>,
}

/// The checks, and when the next is to be closed.
#[derive(Clone, Debug)]
pub struct CheckList {
    /// The newest first.
    pub checks: Vec<SpotCheck>,
    /// When the next one is to be closed: a local target.
    pub due_on: Date,
    /// Whether that day is over.
    pub overdue: bool,
}

fn rejected(rejected: Rejected, command: &'static str) -> Error {
    match rejected {
        Rejected::Closed => Error::State { status: "closed", command },
        Rejected::OwnReading => Error::OwnMatter,
        Rejected::Faults(faults) => Error::Faults(faults),
    }
}

/// Of whose log somebody draws, for the record: what scopes without limits leave open is empty.
fn reach_of(scopes: &[LogScope]) -> Reach {
    let (mut laws, mut units) = (BTreeSet::new(), BTreeSet::new());
    let (mut all_laws, mut all_units) = (false, false);
    for scope in scopes {
        match &scope.laws {
            Scope::All => all_laws = true,
            Scope::Only(only) => laws.extend(only.iter().copied()),
        }
        match &scope.units {
            Scope::All => all_units = true,
            Scope::Only(only) => units.extend(only.iter().copied()),
        }
    }
    let laws: Vec<Law> = if all_laws { Vec::new() } else { laws.into_iter().collect() };
    let units: Vec<UnitId> = if all_units { Vec::new() } else { units.into_iter().collect() };
    Reach { laws, units, ..Reach::default() }
}

/// Whether whoever has `scopes` sees a check: it is no wider than theirs together, as it was drawn by theirs
/// together, and each case that it shows is in one of them. What names no case is for whoever sees all.
fn sees(scopes: &[LogScope], check: &SpotCheck) -> bool {
    if scopes.iter().any(LogScope::is_whole) {
        return true;
    }
    let Reach { laws, units, .. } = &check.reach;
    let of_law = |law: &Law| scopes.iter().any(|it| it.laws.covers(law));
    let of_unit = |unit: &UnitId| scopes.iter().any(|it| it.units.covers(unit));
    let all_laws = scopes.iter().any(|it| it.laws == Scope::All);
    let all_units = scopes.iter().any(|it| it.units == Scope::All);
    let shown = |reading: &Looked| {
        let cases = &reading.shown.cases;
        !cases.is_empty() && cases.iter().all(|it| in_scope(scopes, &it.unit, &it.laws))
    };
    (all_laws || (!laws.is_empty() && laws.iter().all(of_law)))
        && (all_units || (!units.is_empty() && units.iter().all(of_unit)))
        && check.readings.iter().all(shown)
}

/// A check without the cases that are kept from somebody, and without the readings of nothing else.
fn without(mut check: SpotCheck, kept: &BTreeMap<CaseId, String>) -> SpotCheck {
    check.readings.retain(|reading| !of_kept(reading, kept));
    for reading in &mut check.readings {
        let cases = reading.shown.cases.len();
        reading.shown.cases.retain(|case| !is_kept(case, kept));
        let left_out = cases - reading.shown.cases.len();
        reading.shown.of = reading.shown.of.saturating_sub(left_out);
    }
    check
}

fn is_kept(case: &CaseShown, kept: &BTreeMap<CaseId, String>) -> bool {
    case.number.as_ref().is_some_and(|number| kept.values().any(|it| it == number))
}

/// Whether a reading shows nothing but cases that are kept from somebody.
fn of_kept(reading: &Looked, kept: &BTreeMap<CaseId, String>) -> bool {
    let cases = &reading.shown.cases;
    !cases.is_empty() && cases.iter().all(|case| is_kept(case, kept))
}

fn filter(scopes: &[LogScope], from: Timestamp, before: Timestamp) -> LogFilter {
    LogFilter {
        scopes: scopes.to_vec(),
        staff: None,
        case: None,
        subjects: None,
        from: Some(from),
        before: Some(before),
        refused: None,
        after: None,
        order: LogOrder::Oldest,
        limit: BATCH,
    }
}

impl App {
    /// Reads the log of a period batch by batch, the earliest first.
    async fn each_batch(
        &self,
        caller: &Caller,
        mut filter: LogFilter,
        cases: bool,
        mut take: impl FnMut(&[AccessEntry], &HashMap<CaseId, LoggedCase>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            let wanted = filter.clone();
            let load = move |tx: &mut Tx<'_>| {
                let found = tx.log_entries(&wanted)?;
                let cases = if cases { tx.logged_cases(&found)? } else { HashMap::new() };
                Ok::<_, store::Error>((found, cases))
            };
            let (found, cases) = self.store.read(caller.tenant_id(), load).await?;
            take(&found, &cases)?;
            match found.last() {
                Some(last) if found.len() as i64 == filter.limit => {
                    filter.after = Some((last.at, last.id));
                }
                _ => return Ok(()),
            }
        }
    }

    /// Draws readings of a period. `render` makes the answer from the check.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Faults`], also for a seed of no check that is repeated; and no answer
    /// without its entry in the log.
    pub async fn draw_spot_check(
        &self,
        caller: &Caller,
        wanted: DrawAsked,
        once: Option<Once>,
        render: impl Fn(&SeenCheck) -> Answer,
    ) -> Result<Answer, Error> {
        let (scopes, access) = caller.log_scopes(Act::CheckAccessLog)?;
        let DrawAsked { asked, rules, seed } = wanted;
        let faults: Vec<Fault> = asked.faults(swedish_date(caller.now));
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let tenant = caller.tenant_id();
        // A number that every client can write down without loss.
        let drawn = || i64::try_from(self.new_seed() >> 12).unwrap_or_default();
        let (me, given) = (caller.staff.id, seed.is_some());
        let load = move |tx: &mut Tx<'_>| {
            let checks = if given { tx.spot_checks()? } else { Vec::new() };
            let kept = kept_from(tx, me)?;
            Ok::<_, store::Error>((tx.all_staff()?, tx.all_grants()?, kept, checks))
        };
        let (staff, grants, kept, checks) = self.store.read(tenant, load).await?;
        // Whoever could choose any seed could choose what is not drawn.
        let same = |it: &SpotCheck| {
            Some(it.seed) == seed
                && (it.from, it.to, it.sample) == (asked.from, asked.to, asked.sample)
                && sees(&scopes, it)
        };
        if given && !checks.iter().any(same) {
            return Err(Error::Faults(vec![Fault::at("/seed", Reason::NotFound)]));
        }
        let seed = seed.unwrap_or_else(drawn);
        let known = self.known_readers(tenant, staff, grants, caller.now);
        let (begin, before) = (start_of_day(asked.from), end_of_day(asked.to).min(caller.now));
        let mut weeks = Weeks::default();
        let earlier = start_of_day(add_days(asked.from, -7 * (WEEKS_BACK + 1)));
        self.each_batch(caller, filter(&scopes, earlier, before), false, |found, _| {
            let log = |act: &str| act.starts_with("access_log.") || act.starts_with("spot_check.");
            for entry in found.iter().filter(|entry| !entry.refused && !log(&entry.act)) {
                let cases = entry.exposed.iter().map(|(case, _)| *case);
                weeks.count(entry.by, entry.at, entry.unit, cases);
            }
            Ok(())
        })
        .await?;
        let units = &caller.set_up.units;
        let in_reach = |case: &CaseRead| {
            in_scope(&scopes, &case.unit, &case.laws) && !kept.contains(&case.case)
        };
        let mut draw = Draw::new(seed, asked.sample, rules.iter().copied());
        self.each_batch(caller, filter(&scopes, begin, before), true, |found, cases| {
            for entry in found {
                if let Some(known) = known.get(&entry.by) {
                    let reading = self.reading_of(tenant, entry, known, cases, in_reach)?;
                    let is_kept = |(case, _): &(CaseId, _)| kept.contains(case);
                    if reading.cases.is_empty() && entry.exposed.iter().any(is_kept) {
                        continue;
                    }
                    draw.offer(&reading, &known.reader, &weeks, units);
                }
            }
            Ok(())
        })
        .await?;
        let (drawn, met, considered) = draw.drawn();
        let ids: Vec<EntryId> = drawn.iter().map(|drawn| drawn.entry).collect();
        let (entries, readings) = self.looked_at(caller, &ids, &known, in_reach).await?;
        let reasons: HashMap<EntryId, Vec<Rule>> =
            drawn.into_iter().map(|drawn| (drawn.entry, drawn.reasons)).collect();
        let looked = |(entry, reader, shown): (EntryId, StaffId, Shown)| Looked {
            entry,
            reader,
            reasons: reasons.get(&entry).cloned().unwrap_or_default(),
            shown,
            judged: None,
        };
        let check = SpotCheck {
            id: SpotCheckId(self.new_id()),
            from: asked.from,
            to: asked.to,
            seed,
            sample: asked.sample,
            rules,
            reach: Reach { met, ..reach_of(&scopes) },
            considered,
            reason: asked.reason.trim().to_owned(),
            by: caller.staff.id,
            at: caller.now,
            readings: readings.into_iter().map(looked).collect(),
            closed: None,
            version: 1,
        };
        let name = |(id, known): (&StaffId, &Known)| Some((*id, known.name.clone()?));
        let seen = SeenCheck { check, names: known.iter().filter_map(name).collect() };
        let answer = render(&seen);
        let shown = |case: &CaseId| entries.1.get(case).is_some_and(|case| in_reach(&case.read));
        let exposed = exposed_by(&entries.0, shown);
        let entry = caller.entry(self, "spot_check.draw", access, exposed);
        let check = seen.check;
        let details = json!({ "readings": check.readings.len(), "seed": check.seed });
        let trace =
            Trace::new(self, caller, "spot_check.draw", ("spot_check", check.id.0), details);
        let work = move |tx: &mut Tx<'_>| {
            let mut rows = Additions::to(tx.tenant());
            rows.access(&entry);
            tx.add(rows)?;
            Ok(tx.insert_spot_check(&check)?)
        };
        let made = self.make(caller, trace, once.as_ref(), answer, work).await;
        made.map_err(crate::setup::Refused::into_error)
    }

    /// What the log says of the readings drawn, the earliest first; with their entries and cases.
    #[allow(clippy::type_complexity, reason = "what was read goes on to the entry of the draw")]
    async fn looked_at(
        &self,
        caller: &Caller,
        ids: &[EntryId],
        known: &HashMap<StaffId, Known>,
        in_reach: impl Fn(&CaseRead) -> bool,
    ) -> Result<
        ((Vec<AccessEntry>, HashMap<CaseId, LoggedCase>), Vec<(EntryId, StaffId, Shown)>),
        Error,
    > {
        let ids = ids.to_vec();
        let load = move |tx: &mut Tx<'_>| {
            let entries = tx.log_entries_named(&ids)?;
            let cases = tx.logged_cases(&entries)?;
            let all: BTreeSet<CaseId> = cases.keys().copied().collect();
            let mut grounds = HashMap::new();
            for ground in entries.iter().filter_map(|entry| entry.ground) {
                grounds.insert(ground, tx.reading_ground(ground)?.kind);
            }
            Ok::<_, store::Error>((entries, cases, tx.changes_of(&all)?, grounds))
        };
        let tenant = caller.tenant_id();
        let (entries, cases, changes, grounds) = self.store.read(tenant, load).await?;
        let mut looked = Vec::new();
        for entry in &entries {
            let Some(known) = known.get(&entry.by) else { continue };
            let reading = self.reading_of(tenant, entry, known, &cases, &in_reach)?;
            let works = |case: &CaseRead| {
                let of = changes.get(&(case.case, reading.reader)).map_or(&[][..], Vec::as_slice);
                let near = |at: &&Timestamp| at.duration_since(reading.at).abs() <= AROUND;
                u32::try_from(of.iter().filter(near).count()).unwrap_or(u32::MAX)
            };
            let ground = entry.ground.and_then(|id| grounds.get(&id).copied());
            let shown = shown(caller, entry, &reading, known, works);
            looked.push((entry.id, entry.by, Shown { ground, ..shown }));
        }
        Ok(((entries, cases), looked))
    }

    /// The checks that the caller may see, and when the next is to be closed.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_spot_checks(&self, caller: &Caller) -> Result<CheckList, Error> {
        let (scopes, _) = caller.log_scopes(Act::ReadAccessLog)?;
        let load = |tx: &mut Tx<'_>| Ok::<_, store::Error>((tx.spot_checks()?, tx.log_begins()?));
        let (mut checks, begins) = self.store.read(caller.tenant_id(), load).await?;
        checks.retain(|check| sees(&scopes, check));
        let closed = checks.iter().filter_map(|check| check.closed.as_ref()).map(|it| it.at).max();
        let today = swedish_date(caller.now);
        let since = begins.map_or(today, swedish_date);
        let months = caller.set_up.settings.access.check_months;
        let due_on = next_due(closed.map(swedish_date), since, months);
        Ok(CheckList { checks, due_on, overdue: due_on < today })
    }

    async fn seen_check(
        &self,
        caller: &Caller,
        id: SpotCheckId,
        act: Act,
    ) -> Result<(SpotCheck, Access), Error> {
        let (scopes, access) = caller.log_scopes(act)?;
        let check = self.store.read(caller.tenant_id(), move |tx| tx.spot_check(id)).await?;
        if sees(&scopes, &check) { Ok((check, access)) } else { Err(Error::NotFound) }
    }

    /// Finds a check, for a command that shows it after.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`], also of a check of what the caller does not check.
    pub async fn open_spot_check(
        &self,
        caller: &Caller,
        id: SpotCheckId,
    ) -> Result<SpotCheck, Error> {
        Ok(self.seen_check(caller, id, Act::CheckAccessLog).await?.0)
    }

    /// Reads a check.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; and no answer without its entry in the log.
    pub async fn read_spot_check(
        &self,
        caller: &Caller,
        id: SpotCheckId,
    ) -> Result<SeenCheck, Error> {
        let (check, access) = self.seen_check(caller, id, Act::ReadAccessLog).await?;
        let (seen, entry) = self.shown_check(caller, check, "spot_check.read", access).await?;
        let mut rows = Additions::to(caller.tenant_id());
        rows.access(&entry);
        self.store.add(rows).await?;
        Ok(seen)
    }

    /// The cases that are kept from the caller, with their numbers.
    async fn kept_numbers(&self, caller: &Caller) -> Result<BTreeMap<CaseId, String>, Error> {
        let me = caller.staff.id;
        let load = move |tx: &mut Tx<'_>| {
            let kept = kept_from(tx, me)?;
            tx.cases(&kept)
        };
        let cases = self.store.read(caller.tenant_id(), load).await?;
        Ok(cases.into_iter().map(|case| (case.id, case.number.to_string())).collect())
    }

    /// A check as the caller is shown it, and the entry of that.
    async fn shown_check(
        &self,
        caller: &Caller,
        check: SpotCheck,
        act: &str,
        access: Access,
    ) -> Result<(SeenCheck, AccessEntry), Error> {
        let kept = self.kept_numbers(caller).await?;
        let check = without(check, &kept);
        let ids: Vec<EntryId> = check.readings.iter().map(|reading| reading.entry).collect();
        let judges = check.readings.iter().filter_map(|it| Some(it.judged.as_ref()?.by));
        let mut staff: BTreeSet<StaffId> = judges.chain([check.by]).collect();
        staff.extend(check.readings.iter().map(|reading| reading.reader));
        staff.extend(check.closed.as_ref().map(|closed| closed.by));
        let load = move |tx: &mut Tx<'_>| {
            let entries = tx.log_entries_named(&ids)?;
            let cases: BTreeSet<CaseId> =
                entries.iter().flat_map(|entry| &entry.exposed).map(|it| it.0).collect();
            Ok::<_, store::Error>((entries, tx.places_of(&cases)?, tx.staff_among(&staff)?))
        };
        let (entries, places, staff) = self.store.read(caller.tenant_id(), load).await?;
        let reach = &check.reach;
        let shown = |case: &CaseId| {
            !kept.contains_key(case)
                && places.get(case).is_some_and(|(unit, laws)| {
                    (reach.units.is_empty() || reach.units.contains(unit))
                        && (reach.laws.is_empty()
                            || laws.is_empty()
                            || laws.iter().any(|law| reach.laws.contains(law)))
                })
        };
        let entry = caller.entry(self, act, access, exposed_by(&entries, shown));
        let names = staff.into_iter().filter_map(|it| Some((it.id, it.name?))).collect();
        Ok((SeenCheck { check, names }, entry))
    }

    /// Judges readings of a check that was found.
    ///
    /// # Errors
    /// [`Error::OwnMatter`] for one's own readings; [`Error::State`] when it is closed; [`Error::Faults`];
    /// [`Error::Stale`].
    pub async fn judge_spot_check(
        &self,
        caller: &Caller,
        before: SpotCheck,
        given: Vec<Judgement>,
    ) -> Result<SeenCheck, Error> {
        let kept = self.kept_numbers(caller).await?;
        let out_of_sight = |entry: EntryId| {
            before.readings.iter().any(|it| it.entry == entry && of_kept(it, &kept))
        };
        let faults: Vec<Fault> = (0..given.len())
            .filter(|place| out_of_sight(given[*place].entry))
            .map(|place| Fault::at(format!("/judgements/{place}/entry"), Reason::NotFound))
            .collect();
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let of = given.len();
        let given = given.into_iter().map(|it| (it.entry, it.verdict, it.reason)).collect();
        let judged = before.judge(caller.staff.id, caller.now, given);
        let judged = judged.map_err(|why| rejected(why, "judge"))?;
        self.change_spot_check(caller, judged, "spot_check.judge", json!({ "readings": of })).await
    }

    /// Closes a check that was found.
    ///
    /// # Errors
    /// As [`App::judge_spot_check`]; [`Error::Faults`] while readings are not judged.
    pub async fn close_spot_check(
        &self,
        caller: &Caller,
        before: SpotCheck,
        summary: &str,
    ) -> Result<SeenCheck, Error> {
        let closed = before.close(caller.staff.id, caller.now, summary);
        let closed = closed.map_err(|why| rejected(why, "close"))?;
        let counted = [Verdict::Proper, Verdict::Improper].map(|it| closed.counted(it));
        let details = json!({ "proper": counted[0], "improper": counted[1] });
        self.change_spot_check(caller, closed, "spot_check.close", details).await
    }

    async fn change_spot_check(
        &self,
        caller: &Caller,
        check: SpotCheck,
        act: &str,
        details: serde_json::Value,
    ) -> Result<SeenCheck, Error> {
        let (_, access) = caller.log_scopes(Act::CheckAccessLog)?;
        let trace = Trace::new(self, caller, act, ("spot_check", check.id.0), details);
        let saved = check.clone();
        let (seen, entry) = self.shown_check(caller, check, act, access).await?;
        let work = move |tx: &mut Tx<'_>| {
            let mut rows = Additions::to(tx.tenant());
            rows.access(&entry);
            tx.add(rows)?;
            Ok(tx.save_spot_check(&saved)?)
        };
        let changed = self.change_set_up(caller, trace, work).await;
        changed.map_err(crate::setup::Refused::into_error)?;
        Ok(seen)
    }
}

/// What the log says of a reading.
fn shown(
    caller: &Caller,
    entry: &AccessEntry,
    reading: &Reading,
    known: &Known,
    works: impl Fn(&CaseRead) -> u32,
) -> Shown {
    let units = &caller.set_up.units;
    let case = |case: &CaseRead| CaseShown {
        number: case.number.clone(),
        unit: case.unit,
        laws: case.laws.clone(),
        kind: case.kind,
        status: case.status,
        closed_at: case.closed_at,
        relation: reading.relation(case, &known.reader, units),
        asked: case.asked.iter().any(|(who, at)| *who == reading.reader && *at <= reading.at),
        leads: case.lead == Some(reading.reader),
        own: case.reported_by == Some(reading.reader),
        works: works(case),
        protected: case.protected,
        about_reader: case.about_reader,
        same_surname: case.same_surname,
    };
    Shown {
        at: reading.at,
        act: reading.act.clone(),
        role: reading.role,
        from: entry.from.clone(),
        refused: reading.refused,
        ground: None,
        ended_at: known.reader.ended_at,
        grants: known
            .reader
            .held_at(reading.at)
            .map(|grant| GrantShown {
                role: grant.role,
                units: grant.units.clone(),
                laws: grant.laws.clone(),
            })
            .collect(),
        cases: reading.cases.iter().take(CASES_SHOWN).map(case).collect(),
        of: reading.cases.len(),
    }
}
