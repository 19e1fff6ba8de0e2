//! Nothing rots: what nobody touches climbs, and the board is told once a month that there are figures.

use std::collections::{BTreeMap, BTreeSet};

use domain::board::Month;
use domain::calendar::{end_of_day, swedish_date};
use domain::case::Kind;
use domain::clock::of_case;
use domain::ids::{CaseId, EscalationId, MessageId, TenantId};
use domain::ladder::{LadderStep, Matter, Oldest, climbed};
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::organisation::{Role, Tenant};
use domain::review::Review;
use domain::settings::Settings;
use domain::worklist::{Brief, Place, Roster};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use store::{Additions, Message, RungTold, Tx};
use uuid::Uuid;

use crate::context::{App, SetUp};
use crate::error::Error;

/// What lies at a step of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lying {
    /// How many.
    pub open: usize,
    /// How many of them are past their day.
    pub late: usize,
    /// For how many seconds nobody has touched the oldest of them.
    pub oldest_seconds: i64,
}

/// Where a tenant stands, for the operator: no unit, no case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The tenant's slug.
    pub tenant: String,
    /// By step.
    pub steps: BTreeMap<LadderStep, Lying>,
}

/// One of those that may lie, with what its notice is about and whether it is late.
struct Found {
    matter: Matter,
    about: About,
    case: Option<CaseId>,
    late: bool,
}

impl AsRef<Matter> for Found {
    fn as_ref(&self) -> &Matter {
        &self.matter
    }
}

/// How many cases are looked at at once.
const PAGE: i64 = 500;

/// What lies at a tenant: the oldest of each unit and step, and how many there are.
struct Lies {
    oldest: Oldest<Found>,
    steps: BTreeMap<LadderStep, Lying>,
    /// What was told to the last rung.
    told: BTreeSet<(Uuid, LadderStep, i64)>,
    now: Timestamp,
}

impl Lies {
    fn show(&mut self, found: Found) {
        let matter = &found.matter;
        let lying = self.steps.entry(matter.step).or_default();
        lying.open += 1;
        lying.late += usize::from(found.late);
        let age = self.now.duration_since(matter.touched_at).as_secs();
        lying.oldest_seconds = lying.oldest_seconds.max(age);
        let told = self.told.contains(&(matter.id, matter.step, matter.version));
        self.oldest.show(found, told, swedish_date(self.now));
    }

    /// A review lies while it is not signed, and climbs from its day on: until then nobody is told.
    fn review(&mut self, review: &Review) {
        let Some(unit) = review.subject.units.first().copied() else { return };
        let day = swedish_date(self.now);
        if !review.overdue(day) {
            self.steps.entry(LadderStep::Review).or_default().open += 1;
            return;
        }
        let matter = Matter {
            id: review.id.0,
            number: review.half.to_string(),
            step: LadderStep::Review,
            unit,
            laws: Vec::new(),
            kind: Kind::Avvikelse,
            // What is written after its day is a touch; before it nothing was late.
            touched_at: review.updated_at.max(end_of_day(review.due_on)),
            version: review.version,
            waiting_until: None,
            kept_from: BTreeSet::new(),
        };
        let about = About::Review(review.id);
        self.show(Found { matter, about, case: None, late: true });
    }
}

/// Looks at everything of a tenant that may lie. What came by import and nobody has touched does not, nor
/// does what concerns a person as a risk. Of cases few are in memory at once.
fn lies(tx: &mut Tx<'_>, settings: &Settings, now: Timestamp) -> Result<Lies, store::Error> {
    let kept = tx.kept_from()?;
    let steps = LadderStep::ALL.map(|step| (step, Lying::default())).into();
    let told = tx.told_to_the_top()?;
    let mut lies = Lies { oldest: Oldest::default(), steps, told, now };
    let matter = |case: &Brief, step: LadderStep| Matter {
        id: case.id.0,
        number: case.number.clone(),
        step,
        unit: case.unit,
        laws: case.laws.clone(),
        kind: case.kind,
        touched_at: case.clocked.updated_at,
        version: case.clocked.version,
        waiting_until: case.clocked.waiting_until,
        kept_from: case.kept_from.clone(),
    };
    let duties = tx.duty_facts(false)?;
    // An escalation goes on beside a case that has ended, or that nobody has touched.
    let mut lex = tx.lex_facts(false)?;
    lex.retain(|fact| !fact.asleep);
    let mut beside: BTreeMap<CaseId, Option<Brief>> = BTreeMap::new();
    beside.extend(duties.iter().map(|fact| (fact.case, None)));
    beside.extend(lex.iter().map(|fact| (fact.case, None)));
    let mut after = None;
    loop {
        let page = tx.open_briefs_after(after, PAGE, &kept)?;
        after = page.last().map(|case| case.id);
        let full = i64::try_from(page.len()).is_ok_and(|cases| cases == PAGE);
        for case in page.into_iter().filter(|case| !case.asleep()) {
            if let Some(step) = LadderStep::of(case.status) {
                let late = of_case(&case, &settings.clocks).iter().any(|clock| clock.late(now));
                let (about, id) = (About::Case(case.id), case.id);
                let found = Found { matter: matter(&case, step), about, case: Some(id), late };
                lies.show(found);
            }
            if let Some(wanted) = beside.get_mut(&case.id) {
                *wanted = Some(case);
            }
        }
        if !full {
            break;
        }
    }
    for fact in duties {
        let Some(Some(case)) = beside.get(&fact.case) else { continue };
        let late = domain::duty::clock(&fact, &settings.clocks).late(now);
        let matter = matter(case, LadderStep::Duty);
        let (about, case) = (About::Case(case.id), Some(case.id));
        lies.show(Found { matter, about, case, late });
    }
    let missing: BTreeSet<CaseId> = lex
        .iter()
        .map(|fact| fact.case)
        .filter(|id| beside.get(id).is_none_or(Option::is_none))
        .collect();
    if !missing.is_empty() {
        let briefs = tx.briefs_of(&missing, &kept)?;
        beside.extend(briefs.into_iter().map(|case| (case.id, Some(case))));
    }
    for fact in lex {
        let Some(Some(case)) = beside.get(&fact.case) else { continue };
        let matter = Matter {
            id: fact.id.0,
            unit: fact.unit,
            laws: vec![fact.law],
            touched_at: fact.updated_at,
            version: fact.version,
            ..matter(case, LadderStep::Escalation)
        };
        let supplement = fact.supplement_due_on.is_some_and(|day| day < swedish_date(now));
        let about = About::Escalation(EscalationId(fact.id.0));
        lies.show(Found { matter, about, case: Some(case.id), late: supplement });
    }
    for review in tx.reviews_awaiting(None)?.iter().filter(|review| review.missing()) {
        lies.review(review);
    }
    Ok(lies)
}

/// The notice of a rung.
fn notice(found: &Found, role: Role) -> Notice {
    let matter = &found.matter;
    Notice {
        about: found.about,
        number: Some(matter.number.clone()),
        step: match found.about {
            About::Review(_) => Step::ReviewOverdue,
            About::Case(_) | About::Escalation(_) | About::Forwarding(_) | About::Everything => {
                Step::Untouched
            }
        },
        urgency: Urgency::Normal,
        to: Audience::Role {
            role,
            unit: matter.unit,
            laws: matter.laws.clone(),
            kind: matter.kind,
        },
        due_on: None,
        while_open: true,
    }
}

fn message(id: Uuid, at: Timestamp, topic: &str, case: Option<CaseId>, notice: &Notice) -> Message {
    Message {
        id: MessageId(id),
        at,
        topic: topic.to_owned(),
        case,
        payload: json!({ "number": notice.number, "notice": notice }),
    }
}

impl App {
    /// Lets everything that lies untouched climb, of every tenant: once a rung, whoever runs it how often
    /// ever. Gives how many notices were queued.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others' ladders are climbed all the same.
    pub async fn climb_ladders(&self) -> Result<usize, Error> {
        let now = self.now();
        let (mut told, mut standings, mut failed) = (0, Vec::new(), None);
        for tenant in self.store.tenants().await? {
            if tenant.suspended_at.is_some() {
                continue;
            }
            // What is wrong at one tenant must not let another's matters lie.
            match self.climb_at(&tenant, now).await {
                Ok((count, standing)) => {
                    told += count;
                    standings.push(standing);
                }
                Err(error) => {
                    tracing::error!(tenant = tenant.slug, %error, "a tenant's ladders stand still");
                    failed = Some(error);
                }
            }
        }
        self.keep_standing(standings);
        failed.map_or(Ok(told), Err)
    }

    /// One tenant's ladders, and its board.
    async fn climb_at(&self, tenant: &Tenant, now: Timestamp) -> Result<(usize, Standing), Error> {
        let set_up = self.set_up(tenant).await?;
        let (count, standing) = self.climb(tenant, &set_up, now).await?;
        Ok((count + self.tell_board(tenant.id, &set_up, now).await?, standing))
    }

    async fn climb(
        &self,
        tenant: &Tenant,
        set_up: &SetUp,
        now: Timestamp,
    ) -> Result<(usize, Standing), Error> {
        let (day, chosen) = (swedish_date(now), set_up.clone());
        let read = move |tx: &mut Tx<'_>| {
            let lies = lies(tx, &chosen.settings, now)?;
            let roster = Roster::new(tx.grants_on(day)?, &BTreeSet::new(), &chosen.units);
            let climbing = lies.oldest.found();
            let ids = climbing.iter().map(|found| found.matter.id).collect();
            Ok::<_, store::Error>((lies.steps, roster, climbing, tx.rungs_of(&ids)?))
        };
        let (steps, roster, climbing, known) = self.store.read(tenant.id, read).await?;
        let settings = &set_up.settings;
        let mut told = 0;
        for found in &climbing {
            let matter = &found.matter;
            let place = Place { unit: matter.unit, laws: &matter.laws, kind: matter.kind };
            let there = |role| roster.held_by_other(role, place, day, &matter.kept_from);
            let working = &settings.clocks.working_days;
            for next in climbed(matter, &settings.ladder, working, day, there) {
                let (step, version) = (matter.step, matter.version);
                let rung = RungTold { matter: matter.id, step, version, rung: next.rung };
                if known.contains(&rung) {
                    continue;
                }
                told += self.tell(tenant.id, found, rung, next.role, now).await?;
            }
        }
        Ok((told, Standing { tenant: tenant.slug.clone(), steps }))
    }

    /// Tells somebody on a rung, unless another instance just has.
    async fn tell(
        &self,
        tenant: TenantId,
        found: &Found,
        rung: RungTold,
        role: Role,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let mut rows = Additions::to(tenant);
        rows.rung(&rung, role, now);
        let notice = notice(found, role);
        rows.message(&message(self.new_id(), now, "ladder", found.case, &notice));
        match self.store.write(tenant, move |tx| tx.add(rows)).await {
            Ok(()) => Ok(1),
            Err(error)
                if error.conflict() == Some("ladder_rungs_matter_id_step_version_rung_key") =>
            {
                Ok(0)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Tells the board on the month's first working day, or when the service next runs, that last
    /// month's figures are there. Persons are named, since the board's role is over no unit.
    async fn tell_board(
        &self,
        tenant: TenantId,
        set_up: &SetUp,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let day: Date = swedish_date(now);
        if !set_up.settings.clocks.working_days.works_on(day) {
            return Ok(0);
        }
        let month = Month::of(day).before().to_string();
        let (asked, units) = (month.clone(), set_up.units.clone());
        let read = move |tx: &mut Tx<'_>| {
            if tx.board_told(&asked)? {
                return Ok::<_, store::Error>(BTreeSet::new());
            }
            let roster = Roster::new(tx.grants_on(day)?, &BTreeSet::new(), &units);
            Ok(roster.everyone(Role::Board, day))
        };
        let board = self.store.read(tenant, read).await?;
        if board.is_empty() {
            return Ok(0);
        }
        let mut rows = Additions::to(tenant);
        rows.board_month(month.clone(), now);
        for staff in &board {
            let notice = Notice {
                about: About::Everything,
                number: None,
                step: Step::BoardFigures,
                urgency: Urgency::Normal,
                to: Audience::Staff(*staff),
                due_on: None,
                while_open: false,
            };
            rows.message(&message(self.new_id(), now, "board.figures", None, &notice));
        }
        match self.store.write(tenant, move |tx| tx.add(rows)).await {
            Ok(()) => Ok(board.len()),
            Err(error) if error.conflict() == Some("board_months_month_key") => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}
