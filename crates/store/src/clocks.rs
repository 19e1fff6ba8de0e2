//! What clocks, the ladder and the board's figures ask for: few statements, whatever the number of
//! cases.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use domain::case::{CaseDuty, Status};
use domain::clock::{DutyFact, LexFact, LexKind};
use domain::ids::{CaseId, EscalationId, StaffId, UnitId};
use domain::ladder::{LadderStep, Rung};
use domain::organisation::Role;
use domain::policy::Reading;
use domain::worklist::Brief;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::Tx;
use crate::additions::Additions;
use crate::among::{among, codes};
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{board_months, cases, duties, escalations, ladder_rungs};
use crate::sql_types::Db;
use crate::worklist::{BriefRow, any, open};

/// A rung on which somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RungTold {
    /// The case or escalation.
    pub matter: Uuid,
    /// At which step it lay.
    pub step: LadderStep,
    /// Its version then.
    pub version: i64,
    /// The rung.
    pub rung: Rung,
}

/// Which cases clocks are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockedCases {
    /// Those that are being handled.
    Open,
    /// Those too that were closed since.
    ClosedSince(Timestamp),
}

/// The states in which nothing more is to be done about an escalation.
const ENDED: [&str; 5] = ["screened_out", "not_taken_up", "decided_no", "closed", "withdrawn"];

#[derive(Queryable, Selectable)]
#[diesel(table_name = escalations, check_for_backend(MultiBackend))]
struct LexRow {
    escalation_id: Db<EscalationId>,
    kind: String,
    status: String,
    case_id: Option<Db<CaseId>>,
    unit_id: Db<UnitId>,
    law: String,
    starts_at: Db<Timestamp>,
    flagged_at: Db<Timestamp>,
    received_at: Option<Db<Timestamp>>,
    decided_at: Option<Db<Timestamp>>,
    decision: Option<String>,
    notified_at: Option<Db<Timestamp>>,
    inquiry_submitted_at: Option<Db<Timestamp>>,
    supplement_due_on: Option<Db<Date>>,
    closed_at: Option<Db<Timestamp>>,
    imported: bool,
    version: i64,
    updated_at: Db<Timestamp>,
}

impl LexRow {
    /// The fact; `None` for what clocks do not ask of.
    fn into_fact(self) -> Result<Option<LexFact>, Error> {
        let kind = match self.kind.as_str() {
            "lex_maria" => LexKind::LexMaria,
            "lex_sarah" => LexKind::LexSarah,
            _ => return Ok(None),
        };
        let Some(case) = self.case_id else { return Ok(None) };
        Ok(Some(LexFact {
            id: self.escalation_id.get(),
            kind,
            case: case.get(),
            unit: self.unit_id.get(),
            law: code(&self.law, "escalations.law")?,
            status: self.status,
            starts_at: self.starts_at.get(),
            flagged_at: self.flagged_at.get(),
            received_at: self.received_at.map(Db::get),
            decided_at: self.decided_at.map(Db::get),
            decided_yes: self.decision.map(|decision| decision == "yes"),
            notified_at: self.notified_at.map(Db::get),
            inquiry_submitted_at: self.inquiry_submitted_at.map(Db::get),
            supplement_due_on: self.supplement_due_on.map(Db::get),
            closed_at: self.closed_at.map(Db::get),
            asleep: self.imported && self.version == 1,
            version: self.version,
            updated_at: self.updated_at.get(),
        }))
    }
}

impl Additions {
    /// Adds a duty of a case.
    pub fn duty(&mut self, case: CaseId, duty: &CaseDuty) {
        self.push(diesel::insert_into(duties::table).values((
            duties::tenant_id.eq(Db(self.tenant)),
            duties::case_id.eq(Db(case)),
            duties::code.eq(duty.code.clone()),
            duties::state.eq(duty.state.code()),
            duties::asked_at.eq(Db(duty.asked_at)),
            duties::known_at.eq(Db(duty.known_at)),
            duties::answered_at.eq(duty.answered_at().map(Db)),
        )));
    }

    /// Adds that somebody is told on a rung; a conflict over
    /// `ladder_rungs_matter_id_step_version_rung_key` when they were.
    pub fn rung(&mut self, told: &RungTold, role: Role, at: Timestamp) {
        self.push(diesel::insert_into(ladder_rungs::table).values((
            ladder_rungs::tenant_id.eq(Db(self.tenant)),
            ladder_rungs::matter_id.eq(Db(told.matter)),
            ladder_rungs::step.eq(told.step.code()),
            ladder_rungs::version.eq(told.version),
            ladder_rungs::rung.eq(told.rung.code()),
            ladder_rungs::role.eq(role.code()),
            ladder_rungs::told_at.eq(Db(at)),
        )));
    }

    /// Adds that the board is told of a month, `YYYY-MM`; a conflict over `board_months_month_key` when
    /// it was.
    pub fn board_month(&mut self, month: String, at: Timestamp) {
        self.push(diesel::insert_into(board_months::table).values((
            board_months::tenant_id.eq(Db(self.tenant)),
            board_months::month.eq(month),
            board_months::told_at.eq(Db(at)),
        )));
    }
}

impl Tx<'_> {
    /// Puts other duties in the place of those of a case.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn replace_duties(&mut self, case: CaseId, new: &[CaseDuty]) -> Result<(), Error> {
        let of = duties::tenant_id.eq(Db(self.tenant)).and(duties::case_id.eq(Db(case)));
        diesel::delete(duties::table.filter(of)).execute(self.conn)?;
        self.add_rows(|rows| new.iter().for_each(|duty| rows.duty(case, duty)))
    }

    /// The duties of the tenant's cases that are not answered; with `answered`, all of them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn duty_facts(&mut self, answered: bool) -> Result<Vec<DutyFact>, Error> {
        type Row = (Db<CaseId>, String, Db<Timestamp>, Db<Timestamp>, Option<Db<Timestamp>>);
        let mut query = duties::table
            .select((
                duties::case_id,
                duties::code,
                duties::asked_at,
                duties::known_at,
                duties::answered_at,
            ))
            .filter(duties::tenant_id.eq(Db(self.tenant)))
            .order((duties::case_id, duties::asked_at, duties::code))
            .into_boxed();
        if !answered {
            query = query.filter(duties::state.eq("asked"));
        }
        let rows: Vec<Row> = query.load(self.conn)?;
        let fact = |(case, code, asked_at, known_at, answered_at): Row| DutyFact {
            case: case.get(),
            code,
            asked_at: asked_at.get(),
            known_at: known_at.get(),
            answered_at: answered_at.map(Db::get),
        };
        Ok(rows.into_iter().map(fact).collect())
    }

    /// Cases for their clocks: those that stand at the units of any reading; with `None` all of the
    /// tenant's.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn clocked_briefs(
        &mut self,
        readings: Option<&[Reading]>,
        asked: ClockedCases,
        kept: &BTreeMap<CaseId, BTreeSet<StaffId>>,
    ) -> Result<Vec<Brief>, Error> {
        let mut query = cases::table
            .select(BriefRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::erased_at.is_null())
            .into_boxed();
        if let Some(readings) = readings {
            query = query.filter(any(readings));
        }
        query = match asked {
            ClockedCases::Open => query.filter(cases::status.eq_any(codes(open()))),
            ClockedCases::ClosedSince(since) => {
                let closed = cases::closed_at
                    .is_not_null()
                    .and(cases::closed_at.assume_not_null().ge(Db(since)));
                query.filter(cases::status.eq_any(codes(open())).or(closed))
            }
        };
        let rows: Vec<BriefRow> = query.load(self.conn)?;
        rows.into_iter().map(|row| row.into_brief(kept)).collect()
    }

    /// Open cases of the tenant for their clocks, by id, `after` one of them and at most so many: where all of
    /// them are looked at, they are not all in memory.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn open_briefs_after(
        &mut self,
        after: Option<CaseId>,
        limit: i64,
        kept: &BTreeMap<CaseId, BTreeSet<StaffId>>,
    ) -> Result<Vec<Brief>, Error> {
        let mut query = cases::table
            .select(BriefRow::as_select())
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::status.eq_any(codes(open())))
            .order(cases::case_id)
            .limit(limit)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(cases::case_id.gt(Db(after)));
        }
        let rows: Vec<BriefRow> = query.load(self.conn)?;
        rows.into_iter().map(|row| row.into_brief(kept)).collect()
    }

    /// The escalations of cases under lex Maria and lex Sarah; those that have ended only with `ended`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn lex_facts(&mut self, ended: bool) -> Result<Vec<LexFact>, Error> {
        let mut query = escalations::table
            .select(LexRow::as_select())
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .filter(escalations::kind.ne("riskperson"))
            .filter(escalations::erased_at.is_null())
            .into_boxed();
        if !ended {
            query = query.filter(escalations::status.ne_all(codes(ENDED)));
        }
        let rows: Vec<LexRow> = query.load(self.conn)?;
        rows.into_iter().filter_map(|row| row.into_fact().transpose()).collect()
    }

    /// How many escalations stand where, by kind and state.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn lex_counts(&mut self) -> Result<BTreeMap<(String, String), usize>, Error> {
        let rows: Vec<(String, String, i64)> = escalations::table
            .filter(escalations::tenant_id.eq(Db(self.tenant)))
            .group_by((escalations::kind, escalations::status))
            .select((escalations::kind, escalations::status, count_star()))
            .load(self.conn)?;
        let count = |(kind, status, count): (String, String, i64)| {
            ((kind, status), usize::try_from(count).unwrap_or_default())
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// What was told to the last rung: each matter with the step and the version that it had then.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn told_to_the_top(&mut self) -> Result<BTreeSet<(Uuid, LadderStep, i64)>, Error> {
        let rows: Vec<(Db<Uuid>, String, i64)> = ladder_rungs::table
            .select((ladder_rungs::matter_id, ladder_rungs::step, ladder_rungs::version))
            .filter(ladder_rungs::tenant_id.eq(Db(self.tenant)))
            .filter(ladder_rungs::rung.eq(Rung::Director.code()))
            .load(self.conn)?;
        let told = |(matter, step, version): (Db<Uuid>, String, i64)| {
            Ok((matter.get(), code(&step, "ladder_rungs.step")?, version))
        };
        rows.into_iter().map(told).collect()
    }

    /// The rungs on which somebody was told of any of these, whatever their version.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an unknown code.
    pub fn rungs_of(&mut self, matters: &BTreeSet<Uuid>) -> Result<BTreeSet<RungTold>, Error> {
        if matters.is_empty() {
            return Ok(BTreeSet::new());
        }
        let named: Vec<_> = matters.iter().copied().map(Db).collect();
        let rows: Vec<(Db<Uuid>, String, i64, String)> = ladder_rungs::table
            .select((
                ladder_rungs::matter_id,
                ladder_rungs::step,
                ladder_rungs::version,
                ladder_rungs::rung,
            ))
            .filter(ladder_rungs::tenant_id.eq(Db(self.tenant)))
            .filter(ladder_rungs::matter_id.eq_any(among(named)))
            .load(self.conn)?;
        rows.into_iter()
            .map(|(matter, step, version, rung)| {
                Ok(RungTold {
                    matter: matter.get(),
                    step: code(&step, "ladder_rungs.step")?,
                    version,
                    rung: code(&rung, "ladder_rungs.rung")?,
                })
            })
            .collect()
    }

    /// Whether the board was told of a month, `YYYY-MM`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn board_told(&mut self, month: &str) -> Result<bool, Error> {
        let found: Option<String> = board_months::table
            .select(board_months::month)
            .filter(board_months::tenant_id.eq(Db(self.tenant)))
            .filter(board_months::month.eq(month.to_owned()))
            .get_result(self.conn)
            .optional()?;
        Ok(found.is_some())
    }

    /// When each unit that ever reported anything last did; drafts and what never should have been do
    /// not count.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn last_reports(&mut self) -> Result<BTreeMap<UnitId, Timestamp>, Error> {
        let rows: Vec<(Db<UnitId>, Option<Db<Timestamp>>)> = cases::table
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::status.ne_all(codes([Status::Draft.code(), Status::Void.code()])))
            .group_by(cases::reporting_unit_id)
            .select((cases::reporting_unit_id, max(cases::reported_at)))
            .load(self.conn)?;
        Ok(rows.into_iter().filter_map(|(unit, at)| Some((unit.get(), at?.get()))).collect())
    }
}
