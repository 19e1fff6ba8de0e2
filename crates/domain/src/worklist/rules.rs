//! The rules: which tasks the facts make for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::roster::{Holder, Roster, Seat, seat};
use super::{
    Asked, Brief, Facts, Group, HandoverBrief, Item, MEASURE_NOTICE_DAYS, OpenMeasure, Task,
    WaitingFor,
};
use crate::case::measure::Effect;
use crate::case::watch::Watcher;
use crate::case::{Kind, Status};
use crate::clock::{Clock, of_case};
use crate::duty;
use crate::ids::{CaseId, MeasureId, StaffId, UnitId};
use crate::law::Law;
use crate::opinion::{OpinionBrief, StageName};
use crate::organisation::Role;
use crate::policy::{Access, Act, Actor, allow};
use crate::settings::Settings;

/// From how many transfers on nobody wants a case, and the area manager decides.
const HOPS_TO_AREA_MANAGER: u16 = 2;

/// Those whom nobody's unit binds: a case they lead stays theirs wherever it is given.
const ABOVE_UNITS: [Role; 4] = [Role::AreaManager, Role::Mas, Role::Mar, Role::Sas];

/// Whose worklist it is.
#[derive(Clone, Copy, Debug)]
pub struct Me<'a> {
    /// Who, with what they hold today.
    pub actor: &'a Actor,
    /// Their profession.
    pub profession: Option<&'a str>,
    /// Their name.
    pub name: Option<&'a str>,
}

/// For whom a case waits.
struct Waiting {
    seat: Seat,
    /// Who leads it, where that is why.
    lead: Option<StaffId>,
}

type Known<K> = BTreeMap<(K, UnitId, Vec<Law>, Kind), Vec<Holder>>;

/// The rules at work. Cases of one unit, law and kind wait for the same people: what the roster says
/// of them is asked once.
pub(super) struct Desk<'a> {
    pub(super) me: Me<'a>,
    pub(super) roster: &'a Roster,
    pub(super) facts: &'a Facts,
    pub(super) settings: &'a Settings,
    pub(super) day: Date,
    /// Cases that the person was asked about by name.
    asked: BTreeSet<CaseId>,
    holders: Known<(Role, bool)>,
    in_place: Known<StaffId>,
    pub(super) tasks: Vec<Task>,
}

/// Everything that waits for a person on a day, first what comes first. What they may not read, or
/// what is kept from them, makes no task.
pub fn tasks(
    me: Me<'_>,
    roster: &Roster,
    facts: &Facts,
    settings: &Settings,
    day: Date,
) -> Vec<Task> {
    let by_name = Watcher::Staff(me.actor.staff);
    let asked = facts.requests.iter().filter(|request| request.to == by_name);
    let mut desk = Desk {
        me,
        roster,
        facts,
        settings,
        day,
        asked: asked.map(|request| request.case).collect(),
        holders: BTreeMap::new(),
        in_place: BTreeMap::new(),
        tasks: Vec::new(),
    };
    for case in facts.cases.values().filter(|case| case.status.open()) {
        desk.of_case(case);
    }
    desk.of_measures();
    desk.of_requests();
    desk.of_mentions();
    desk.of_samples();
    desk.of_escalations();
    desk.of_duties();
    desk.of_forwardings();
    desk.of_undelivered();
    desk.of_reviews();
    facts.handovers.iter().for_each(|handover| desk.of_handover(handover));
    let mut tasks = desk.tasks;
    tasks.sort_by_cached_key(Task::place);
    tasks
}

impl Desk<'_> {
    fn who_gets(&mut self, case: &Brief, role: Role) -> Seat {
        let (roster, day, place) = (self.roster, self.day, case.place());
        let known = &mut self.holders;
        seat(role, &case.laws, &case.kept_from, |role, absence| {
            let key = ((role, absence), case.unit, case.laws.clone(), case.kind);
            known.entry(key).or_insert_with(|| roster.holders(role, place, day, absence)).clone()
        })
    }

    fn in_place_of(&mut self, case: &Brief, staff: StaffId) -> Vec<Holder> {
        let (roster, day, place) = (self.roster, self.day, case.place());
        let key = (staff, case.unit, case.laws.clone(), case.kind);
        let found = self.in_place.entry(key);
        found.or_insert_with(|| roster.in_place_of(staff, place, day)).clone()
    }

    /// For whom a case waits: for who leads it, as long as they are there; else by rule.
    fn waiting(&mut self, case: &Brief) -> Waiting {
        let unwanted = case.hops >= HOPS_TO_AREA_MANAGER;
        if let Some(lead) = case.lead {
            let mut holders = self.in_place_of(case, lead);
            holders.retain(|holder| !case.kept_from.contains(&holder.staff));
            let above = || self.roster.holds(lead, &ABOVE_UNITS, case.place(), self.day);
            if !holders.is_empty() && (!unwanted || above()) {
                let role = Role::UnitManager;
                return Waiting {
                    seat: Seat { role, instead_of: None, holders },
                    lead: Some(lead),
                };
            }
        }
        let role = match unwanted {
            true => Role::AreaManager,
            false => self.settings.lead_by(case.traits()),
        };
        Waiting { seat: self.who_gets(case, role), lead: None }
    }

    /// For whom the unit's own part waits: for who leads, else for the unit's manager.
    fn at_unit(&mut self, case: &Brief) -> Waiting {
        let waiting = self.waiting(case);
        let by_rule = waiting.seat.instead_of.unwrap_or(waiting.seat.role);
        if waiting.lead.is_some() || by_rule == Role::AreaManager {
            return waiting;
        }
        Waiting { seat: self.who_gets(case, Role::UnitManager), lead: None }
    }

    /// Whether the person may know of the case by more than having filed it.
    fn may_read(&self, case: &Brief) -> bool {
        let me = self.me.actor.staff;
        let asked = self.asked.contains(&case.id).then_some(me).into_iter().collect();
        let access = allow(self.me.actor, Act::Read, &case.target(asked));
        matches!(access, Access::Role(_) | Access::Asked)
    }

    /// A task of a case, unless the person may not know of it.
    fn add(&mut self, case: &Arc<Brief>, task: Task) {
        if self.may_read(case) {
            self.tasks.push(task);
        }
    }

    fn task(&self, case: &Arc<Brief>, group: Group, asked: Asked) -> Task {
        Task {
            group,
            asked,
            case: Some(Arc::clone(case)),
            unit: None,
            item: Item::Case,
            awaits: Vec::new(),
            duty: None,
            due_on: None,
            waiting_for: WaitingFor::default(),
            inherited: false,
            weight: case.weight(self.settings),
            since: case.reported_at,
        }
    }

    /// A task for those a case waits for, when the person is one of them.
    fn seated(
        &self,
        case: &Arc<Brief>,
        waiting: &Waiting,
        group: Group,
        asked: Asked,
    ) -> Option<Task> {
        let seat = &waiting.seat;
        let holder = seat.holder(self.me.actor.staff)?;
        let manager = Role::UnitManager;
        let mut task = self.task(case, group, asked);
        task.inherited = seat.instead_of == Some(manager)
            && !self.roster.held_by_anyone(manager, case.place(), self.day);
        task.waiting_for = WaitingFor {
            role: waiting.lead.is_none().then_some(seat.role),
            staff: waiting.lead,
            profession: None,
            instead_of: seat.instead_of,
            stands_in_for: holder.stands_in_for,
            ..WaitingFor::default()
        };
        Some(task)
    }

    fn of_case(&mut self, case: &Arc<Brief>) {
        let lead = self.waiting(case);
        let at_unit = self.at_unit(case);
        let units_part = case.missing(false);
        let same = lead.seat == at_unit.seat;
        let reported = case.status == Status::Reported;
        let of_opinion = case.opinion.as_ref().map(asked_of);
        let (group, asked) = match () {
            () if of_opinion.is_some() => {
                (Group::Opinions, of_opinion.unwrap_or(Asked::AnswerOpinion))
            }
            () if case.untouched() => (Group::New, Asked::Assess),
            () if reported && same => (Group::Triage, Asked::Assess),
            () => (Group::Lead, Asked::Handle),
        };
        if let Some(mut task) = self.seated(case, &lead, group, asked) {
            task.awaits = if asked == Asked::Assess { units_part.clone() } else { Vec::new() };
            task.due_on = self.due_on(case);
            self.add(case, task);
        }
        if of_opinion.is_some() {
            self.of_registrar(case, &lead, asked);
        } else if !same
            && reported
            && let Some(mut task) = self.seated(case, &at_unit, Group::Triage, Asked::Assess)
        {
            task.awaits = units_part;
            task.due_on = self.due_on(case);
            self.add(case, task);
        }
        self.of_health(case);
        let registrar = match case.kind {
            Kind::Avvikelse => false,
            Kind::Synpunkt | Kind::Klagomal => true,
        };
        if reported && case.warned {
            let task = self.seated(case, &at_unit, Group::Corrections, Asked::Correct);
            let task = task.or_else(|| {
                let seat = registrar.then(|| self.who_holds(case, Role::Registrator))?;
                let waiting = Waiting { seat, lead: None };
                self.seated(case, &waiting, Group::Corrections, Asked::Correct)
            });
            if let Some(task) = task {
                self.add(case, task);
            }
        }
    }

    /// What is to be put into the register, acknowledged and given to somebody is a registrator's work,
    /// too.
    fn of_registrar(&mut self, case: &Arc<Brief>, lead: &Waiting, asked: Asked) {
        let theirs = matches!(asked, Asked::Register | Asked::Assign);
        if !theirs || lead.seat.holder(self.me.actor.staff).is_some() {
            return;
        }
        let seat = self.who_holds(case, Role::Registrator);
        let waiting = Waiting { seat, lead: None };
        if let Some(mut task) = self.seated(case, &waiting, Group::Opinions, asked) {
            task.due_on = self.due_on(case);
            self.add(case, task);
        }
    }

    /// Until which day the case is to be assessed, or investigated: the first of its clocks that nobody
    /// has met.
    fn due_on(&self, case: &Brief) -> Option<Date> {
        let clocks = of_case(case, &self.settings.clocks);
        let open = clocks.iter().filter(|clock| clock.met_at.is_none());
        open.filter_map(Clock::due_on).min()
    }

    /// A neighbouring duty waits for those its case waits for.
    fn of_duties(&mut self) {
        let facts = self.facts;
        for fact in facts.duties.iter().filter(|fact| fact.answered_at.is_none()) {
            let Some(case) = self.beside(fact.case) else { continue };
            let lead = self.waiting(&case);
            if let Some(mut task) = self.seated(&case, &lead, Group::Duties, Asked::AnswerDuty) {
                task.duty = Some(fact.code.clone());
                task.since = fact.asked_at;
                task.due_on = duty::clock(fact, &self.settings.clocks).due_on();
                self.add(&case, task);
            }
        }
    }

    /// Those who hold exactly this role over the case, whatever they may do by it.
    fn who_holds(&self, case: &Brief, role: Role) -> Seat {
        let me = self.me.actor.staff;
        let holds = self.roster.holds(me, &[role], case.place(), self.day);
        let holder = Holder { staff: me, stands_in_for: None };
        Seat { role, instead_of: None, holders: holds.then_some(holder).into_iter().collect() }
    }

    /// The health part waits for everyone licensed: the team, and MAS and MAR who answer for it.
    fn of_health(&mut self, case: &Arc<Brief>) {
        let missing = case.missing(true);
        if missing.is_empty() {
            return;
        }
        for role in [Role::Team, Role::Mas, Role::Mar] {
            let seat = self.who_gets(case, role);
            let licensed = seat.role == role;
            let waiting = Waiting { seat, lead: None };
            if licensed
                && let Some(mut task) =
                    self.seated(case, &waiting, Group::Triage, Asked::HealthPart)
            {
                task.awaits = missing;
                return self.add(case, task);
            }
        }
    }

    fn of_measures(&mut self) {
        let notice = self.day.saturating_add(MEASURE_NOTICE_DAYS.days());
        // One investigation may serve several cases: its measure is one task, of the oldest case.
        let mut seen: BTreeSet<(Group, MeasureId)> = BTreeSet::new();
        let facts = self.facts;
        let mut measures: Vec<(&OpenMeasure, &Arc<Brief>)> = facts
            .measures
            .iter()
            .filter_map(|measure| Some((measure, facts.cases.get(&measure.case)?)))
            .filter(|(_, case)| case.status != Status::Void)
            .collect();
        measures.sort_by_key(|(measure, case)| (case.reported_at, case.id, measure.id));
        for (measure, case) in measures {
            let due = measure.due_on.filter(|day| *day <= notice && measure.done_on.is_none());
            let judge = measure
                .follow_up_on
                .filter(|day| *day <= self.day && measure.effect == Effect::NotYet);
            for (group, asked, due_on) in [
                (Group::Measures, Asked::Measure, due),
                (Group::FollowUps, Asked::JudgeEffect, judge),
            ] {
                if due_on.is_none() || seen.contains(&(group, measure.id)) || !self.may_read(case) {
                    continue;
                }
                let task = self.own_measure(case, measure, group, asked).or_else(|| {
                    let at_unit = self.at_unit(case);
                    self.seated(case, &at_unit, group, asked).or_else(|| {
                        let seat = self.who_gets(case, Role::UnitManager);
                        self.seated(case, &Waiting { seat, lead: None }, group, asked)
                    })
                });
                if let Some(mut task) = task {
                    seen.insert((group, measure.id));
                    task.item = Item::Measure(measure.id);
                    task.due_on = due_on;
                    self.tasks.push(task);
                }
            }
        }
    }

    /// A measure whose owner is the person by name. Owners are words of those who planned it.
    fn own_measure(
        &self,
        case: &Arc<Brief>,
        measure: &OpenMeasure,
        group: Group,
        asked: Asked,
    ) -> Option<Task> {
        let plain = |text: &str| text.trim().to_lowercase();
        let (owner, name) = (measure.owner.as_deref()?, self.me.name?);
        let named = !plain(name).is_empty() && plain(owner) == plain(name);
        let mut task = named.then(|| self.task(case, group, asked))?;
        task.waiting_for.staff = Some(self.me.actor.staff);
        Some(task)
    }

    /// The case that something beside it speaks of, when it is not void.
    fn beside(&self, case: CaseId) -> Option<Arc<Brief>> {
        let case = self.facts.cases.get(&case)?;
        (case.status != Status::Void).then(|| Arc::clone(case))
    }

    fn of_requests(&mut self) {
        let facts = self.facts;
        for request in facts.requests.iter().filter(|request| request.open) {
            let Some(case) = self.beside(request.case) else { continue };
            let waiting_for = match &request.to {
                Watcher::Staff(staff) if *staff == self.me.actor.staff => {
                    WaitingFor { staff: Some(*staff), ..WaitingFor::default() }
                }
                Watcher::Profession(code) if self.me.profession == Some(code) => {
                    WaitingFor { profession: Some(code.clone()), ..WaitingFor::default() }
                }
                Watcher::Staff(_) | Watcher::Profession(_) => continue,
            };
            let task = self.task(&case, Group::Watches, request.wish.into());
            let (item, due_on) = (Item::Watch(request.id), request.due_on);
            self.add(&case, Task { item, due_on, waiting_for, ..task });
        }
    }

    fn of_mentions(&mut self) {
        let facts = self.facts;
        for mention in &facts.mentions {
            let Some(case) = self.beside(mention.case) else { continue };
            let mut task = self.task(&case, Group::Questions, Asked::Answer);
            task.item = Item::Comment(mention.comment);
            task.since = mention.at;
            task.waiting_for.staff = Some(self.me.actor.staff);
            self.add(&case, task);
        }
    }

    /// A closing in the sample is looked at by whoever answers for its law.
    fn of_samples(&mut self) {
        let facts = self.facts;
        for id in &facts.samples {
            let Some(case) = self.beside(*id) else { continue };
            for role in [Role::Mas, Role::Mar, Role::Sas] {
                let seat = self.who_holds(&case, role);
                let waiting = Waiting { seat, lead: None };
                if let Some(task) = self.seated(&case, &waiting, Group::Samples, Asked::LookAt) {
                    self.add(&case, task);
                    break;
                }
            }
        }
    }

    fn of_handover(&mut self, handover: &HandoverBrief) {
        let me = self.me.actor.staff;
        let sides =
            [(handover.giver, handover.giver_signed), (handover.taker, handover.taker_signed)];
        let unsigned =
            |wanted: bool| sides.iter().find(|(staff, signed)| !signed && (*staff == me) == wanted);
        if sides.iter().all(|(staff, _)| *staff != me) {
            return;
        }
        // Both see it until both have signed, and see who has not.
        let (asked, staff) = match (unsigned(true), unsigned(false)) {
            (Some((staff, _)), _) => (Asked::Sign, *staff),
            (None, Some((staff, _))) => (Asked::AwaitSignature, *staff),
            (None, None) => return,
        };
        self.tasks.push(Task {
            group: Group::Handovers,
            asked,
            case: None,
            unit: None,
            item: Item::Handover(handover.id),
            awaits: Vec::new(),
            duty: None,
            due_on: None,
            waiting_for: WaitingFor { staff: Some(staff), ..WaitingFor::default() },
            inherited: false,
            weight: self.settings.risk_threshold,
            since: handover.made_at,
        });
    }
}

/// What an opinion that stands there asks for.
fn asked_of(opinion: &OpinionBrief) -> Asked {
    match opinion.stage {
        StageName::Received => Asked::Register,
        _ if opinion.said_at.is_some() => Asked::HearSender,
        StageName::Registered | StageName::Acknowledged => Asked::Assign,
        StageName::Assigned | StageName::Investigating => Asked::AnswerOpinion,
        StageName::Answered | StageName::Closed | StageName::HandedOver => Asked::CloseOpinion,
    }
}
