//! The register of opinions: what a line of it is made from, without text or person.

use diesel::prelude::*;
use domain::case::{Kind, Status};
use domain::ids::{CaseId, StaffId, UnitId};
use domain::opinion::StageName;
use domain::register::{RegisterFact, Standing};
use jiff::Timestamp;

use crate::Tx;
use crate::cases::code;
use crate::error::Error;
use crate::schema::{case_facts, cases, opinions, subjects};
use crate::sql_types::Db;

/// Which lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterFilter {
    /// The year they came in; `None` is all.
    pub year: Option<i16>,
    /// What they are; empty is both.
    pub kinds: Vec<Kind>,
    /// Where they stand; empty is anywhere.
    pub standings: Vec<Standing>,
    /// Go on after this place.
    pub after: Option<(Timestamp, CaseId)>,
    /// How many at most.
    pub limit: i64,
}

/// An opinion, with who handles it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterRow {
    /// The case.
    pub case: CaseId,
    /// What its line is made from; as what it is handled nobody has said yet.
    pub fact: RegisterFact,
    /// Who handles it.
    pub handler: Option<StaffId>,
}

type Row = (
    (Db<CaseId>, String, Option<String>, String, Option<String>, Db<Timestamp>),
    (Option<String>, Option<String>, Db<UnitId>, String, Option<Db<Timestamp>>),
    (Option<String>, Option<String>, Option<Db<StaffId>>, Option<Db<StaffId>>, Option<String>),
);

/// Where an opinion stands: by its stage, and where it came without one, by its case.
fn standing(stage: Option<StageName>, status: Status) -> Standing {
    match stage {
        Some(StageName::Received) => Standing::Received,
        Some(StageName::Registered | StageName::Acknowledged) => Standing::Registered,
        Some(StageName::Assigned | StageName::Investigating) => Standing::Handled,
        Some(StageName::Answered) => Standing::Answered,
        Some(StageName::Closed) => Standing::Closed,
        Some(StageName::HandedOver) => Standing::HandedOver,
        None => match status {
            Status::Draft | Status::Reported | Status::Void => Standing::Registered,
            Status::Triaged
            | Status::Investigating
            | Status::MeasuresDecided
            | Status::FollowingUp => Standing::Handled,
            Status::Closed => Standing::Closed,
        },
    }
}

/// The stages, and the statuses of cases without one, that stand so.
fn of_standings(wanted: &[Standing]) -> (Vec<&'static str>, Vec<&'static str>) {
    let stages = StageName::ALL.into_iter();
    let stages = stages.filter(|stage| wanted.contains(&standing(Some(*stage), Status::Reported)));
    let statuses = Status::ALL.into_iter();
    let statuses = statuses.filter(|status| wanted.contains(&standing(None, *status)));
    (stages.map(StageName::code).collect(), statuses.map(Status::code).collect())
}

impl Tx<'_> {
    /// A page of the register, the last that came in first. What is not counted is not in it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn register(&mut self, filter: &RegisterFilter) -> Result<Vec<RegisterRow>, Error> {
        let opinions_of = opinions::tenant_id
            .eq(case_facts::tenant_id)
            .and(opinions::case_id.eq(case_facts::case_id));
        let subjects_of = subjects::tenant_id
            .eq(cases::tenant_id)
            .and(subjects::subject_id.nullable().eq(cases::subject_id));
        let cases_of =
            cases::tenant_id.eq(case_facts::tenant_id).and(cases::case_id.eq(case_facts::case_id));
        let mut query = case_facts::table
            .inner_join(cases::table.on(cases_of))
            .left_join(opinions::table.on(opinions_of))
            .left_join(subjects::table.on(subjects_of))
            .select((
                (
                    case_facts::case_id,
                    cases::number,
                    cases::diary_number,
                    case_facts::kind,
                    case_facts::subkind,
                    case_facts::reported_at,
                ),
                (
                    case_facts::source,
                    case_facts::category,
                    case_facts::unit_id,
                    case_facts::status,
                    case_facts::closed_at,
                ),
                (
                    opinions::stage.nullable(),
                    opinions::sender_kind.nullable(),
                    opinions::handler_id.nullable(),
                    cases::lead_id,
                    subjects::protected.nullable(),
                ),
            ))
            .filter(case_facts::tenant_id.eq(Db(self.tenant)))
            .filter(case_facts::counted)
            .filter(cases::erased_at.is_null())
            .order((case_facts::reported_at.desc(), case_facts::case_id.desc()))
            .limit(filter.limit)
            .into_boxed();
        let kinds = match filter.kinds.is_empty() {
            true => vec![Kind::Synpunkt.code(), Kind::Klagomal.code()],
            false => filter.kinds.iter().map(|kind| kind.code()).collect(),
        };
        query = query.filter(case_facts::kind.eq_any(kinds));
        if let Some(year) = filter.year {
            query = query.filter(case_facts::reported_year.eq(year));
        }
        if !filter.standings.is_empty() {
            let (stages, statuses) = of_standings(&filter.standings);
            let with = opinions::stage.nullable().assume_not_null().eq_any(stages);
            let without =
                opinions::stage.nullable().is_null().and(case_facts::status.eq_any(statuses));
            query = query.filter(with.or(without));
        }
        if let Some((at, case)) = filter.after {
            let at = Db(at);
            let earlier = case_facts::reported_at.lt(at);
            let same = case_facts::reported_at.eq(at).and(case_facts::case_id.lt(Db(case)));
            query = query.filter(earlier.or(same));
        }
        let rows: Vec<Row> = query.load(self.conn)?;
        rows.into_iter().map(row).collect()
    }
}

fn row((case, fact, opinion): Row) -> Result<RegisterRow, Error> {
    let (id, number, diary_number, kind, subkind, reported_at) = case;
    let (source, category, unit, status, closed_at) = fact;
    let (stage, sender_kind, handler, lead, protected) = opinion;
    let stage: Option<StageName> = stage.map(|stage| code(&stage, "opinions.stage")).transpose()?;
    let status: Status = code(&status, "case_facts.status")?;
    let fact = RegisterFact {
        number,
        diary_number,
        kind: code(&kind, "case_facts.kind")?,
        subkind: subkind.map(|it| code(&it, "case_facts.subkind")).transpose()?,
        reported_at: reported_at.get(),
        source: sender_kind.or(source),
        category,
        unit: unit.get(),
        handled_as: None,
        standing: standing(stage, status),
        closed_at: closed_at.map(Db::get),
        protected: protected.is_some(),
    };
    Ok(RegisterRow { case: id.get(), fact, handler: handler.or(lead).map(Db::get) })
}
