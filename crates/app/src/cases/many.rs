//! One command to many cases at once. Each is guarded by itself, as if it came alone; what can be
//! done is written together, with one access entry for the request.

use domain::case::{Case, Status};
use domain::fault::Fault;
use domain::ids::{CaseId, SubjectId};
use domain::number::CaseNumber;
use domain::policy::{Access, Act};
use store::AccessEntry;

use super::execute::{CaseCommand, Prepared, escalation_open};
use super::read::permitted;
use super::together::{Inquiry, Together};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// How often everything is decided anew when somebody else was faster with one of the cases.
const TRIES: usize = 5;

/// One command for many cases.
pub struct ForEach<'a> {
    /// What the policy is asked about before the command is known as a whole.
    pub act: Act,
    /// Makes the command for one case, with ids of its own.
    pub command: &'a (dyn Fn() -> CaseCommand + Sync),
}

/// What became of one of the cases.
#[derive(Debug)]
pub struct OfEach {
    /// The case asked for.
    pub id: CaseId,
    /// Its number, where the caller may read it.
    pub number: Option<CaseNumber>,
    /// Its new version and status, or why nothing was done.
    pub result: Result<(i64, Status), Error>,
}

impl App {
    /// Carries a command out on many cases, each on the version that was read. `render` makes the
    /// answer from what became of each.
    ///
    /// # Errors
    /// Only where nothing at all was done: [`Error::Unavailable`] and the like.
    pub async fn execute_each(
        &self,
        caller: &Caller,
        cases: &[(CaseId, i64)],
        each: ForEach<'_>,
        once: Option<Once>,
        render: impl Fn(Vec<OfEach>) -> Answer,
    ) -> Result<Answer, Error> {
        let ids: Vec<CaseId> = cases.iter().map(|(id, _)| *id).collect();
        for _ in 0..TRIES {
            let wanted = ids.clone();
            let tenant = caller.tenant_id();
            let ends = matches!((each.command)(), CaseCommand::Close(_) | CaseCommand::Void { .. });
            let load = move |tx: &mut store::Tx<'_>| {
                let held = match ends {
                    true => tx.open_escalations(&wanted)?,
                    false => Default::default(),
                };
                Ok::<_, store::Error>((tx.cases_there(&wanted)?, held))
            };
            let (found, held) = self.store.read(tenant, load).await?;
            let (mut results, mut prepared, mut shown) = (Vec::new(), Vec::new(), Shown::default());
            for (id, version) in cases {
                let case = found.iter().find(|case| case.id == *id);
                let access = case.map(|case| permitted(caller, Act::Read, case));
                if let (Some(case), Some(Err(_))) = (case, &access) {
                    caller.trail.refused(case);
                }
                let (Some(case), Some(Ok(access))) = (case, access) else {
                    // The same as for a case that is not there.
                    results.push(OfEach { id: *id, number: None, result: Err(Error::NotFound) });
                    continue;
                };
                shown.add(access, case);
                caller.trail.opened(case, None);
                let prepared_one = match self.prepare_one(caller, case, *version, &each).await {
                    Ok(_) if held.contains_key(id) => Err(escalation_open()),
                    prepared => prepared,
                };
                let result = match prepared_one {
                    Ok(one) => {
                        let after = &one.changed.case;
                        let stands = (after.version, after.status());
                        prepared.push(one);
                        Ok(stands)
                    }
                    Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
                    Err(refused) => Err(refused),
                };
                results.push(OfEach { id: *id, number: Some(case.number), result });
            }
            let answer = render(results);
            let command = (each.command)();
            let kept = once.as_ref().map(|once| self.to_keep(caller, once, &answer, None));
            let records = prepared.into_iter().map(|one| self.recorded_of_many(caller, one));
            let mut together = Together::of(Inquiry::Apart, records.collect());
            together.kept = kept.transpose()?;
            together.access = shown.entry(self, caller, command.act_name());
            match self.write_together(caller, together, answer, once.clone()).await {
                Err(Error::Stale) => {}
                done => return done,
            }
        }
        Err(Error::Unavailable("others keep changing these cases".into()))
    }

    async fn prepare_one(
        &self,
        caller: &Caller,
        case: &Case,
        version: i64,
        each: &ForEach<'_>,
    ) -> Result<Prepared, Error> {
        permitted(caller, each.act, case)?;
        if case.version != version {
            return Err(Error::Stale);
        }
        let command = (each.command)();
        let bars: Vec<Fault> = match &command {
            CaseCommand::Triage(triage) => case.bars_to_triage_at_once(triage),
            CaseCommand::Close(close) => case.bars_to_close_at_once(close),
            _ => Vec::new(),
        };
        if !bars.is_empty() {
            return Err(Error::Faults(bars));
        }
        self.prepare(caller, case.clone(), command).await
    }

    /// What a change writes, but for the access entry: the request has one for all its cases.
    fn recorded_of_many(&self, caller: &Caller, prepared: Prepared) -> super::together::Recorded {
        let (before, mut record) = self.recorded(caller, prepared, None);
        record.access = None;
        (before, record)
    }
}

/// The cases a request looked at, as its access entry names them.
#[derive(Default)]
struct Shown {
    role: Option<Access>,
    exposed: Vec<(CaseId, Option<SubjectId>)>,
}

impl Shown {
    fn add(&mut self, access: Access, case: &Case) {
        if let (None, Access::Role(_)) = (&self.role, access) {
            self.role = Some(access);
        }
        self.exposed.push((case.id, case.subject));
    }

    fn entry(self, app: &App, caller: &Caller, act: &str) -> Option<AccessEntry> {
        let access = self.role.unwrap_or(Access::Own);
        let entry = |exposed| caller.entry(app, format!("cases.{act}"), access, exposed);
        (!self.exposed.is_empty()).then(|| entry(self.exposed))
    }
}
