//! Figures of a year and of five years, and the report of a year.

use crate::bare::Bare;
use crate::failure::{Failure, Result};
use crate::load::{self, Ask, Client, Until, bearer};
use crate::measure::Sample;
use crate::outcome::{Compared, Cube};
use crate::parts::reads::baselines;
use crate::pgbench::Baseline;
use crate::service::Service;
use crate::stage::Stage;

/// The year that the demo's cases lie in.
const YEAR: i64 = 2025;
/// By what is counted: columns that have one value each.
const BY: &str = "unit_id, category, laws, reported_month";

/// Counts as many times as the plan says, one after the other.
///
/// # Errors
/// When an answer does not count what the database has.
pub async fn measure(
    stage: &Stage<'_>,
    service: &Service,
    report: &Report,
) -> Result<(Vec<Cube>, Compared)> {
    stage.said("counts");
    let newest = stage.own.number("SELECT MAX(reported_year) FROM case_facts").await?;
    let mut cubes = vec![one_year(stage, service, YEAR).await?];
    if newest != YEAR {
        cubes.push(one_year(stage, service, newest).await?);
    }
    cubes.push(five_years(stage, service).await?);
    stage.said("makes the report of a year");
    let what = format!("the report of {YEAR}");
    let load = counted(stage, service, report.ask.clone());
    let (service, bare) = match &report.baseline {
        None => (load.await?, None),
        Some(baseline) => {
            let bare = Bare::Postgres(baseline.clone());
            let (service, around) = bare.around((1, stage.plan.reading), load).await?;
            (service, Some(around))
        }
    };
    Ok((cubes, Compared { what, service, bare }))
}

/// The report of a year, and what `pgbench` sends beside it.
pub struct Report {
    ask: Ask,
    baseline: Option<Baseline>,
}

/// Finds out which statements the report of a year is made of, where that can be known; nobody may be
/// connected to the service meanwhile.
///
/// # Errors
/// When the report is not made.
pub async fn report(stage: &Stage<'_>, beside: &Stage<'_>, bare: &Bare) -> Result<Report> {
    let path = format!("/api/v1/reports/yearly/{YEAR}");
    let ask = Ask::get(&bearer(&stage.tokens.director)?, vec![path]);
    let baselines = baselines(stage, beside, bare, "report", std::slice::from_ref(&ask)).await?;
    Ok(Report { ask, baseline: baselines.into_iter().next() })
}

/// A year.
///
/// # Errors
/// When it does not count what the database has.
pub async fn one_year(stage: &Stage<'_>, service: &Service, year: i64) -> Result<Cube> {
    let path = format!("/api/v1/statistics?year={year}&group_by=unit,category,law,month");
    cube(stage, service, path, (year, year), year).await
}

/// Five years, each beside the one before it.
///
/// # Errors
/// When they do not count what the database has.
pub async fn five_years(stage: &Stage<'_>, service: &Service) -> Result<Cube> {
    let first = YEAR - 4;
    let years: Vec<_> = (first..=YEAR).map(|year| year.to_string()).collect();
    let path = format!(
        "/api/v1/statistics?year={}&group_by=year,unit,category,law,month&compare=previous_year",
        years.join(",")
    );
    cube(stage, service, path, (first, YEAR), first - 1).await
}

/// Over HTTP, and by a statement that counts the same; with the year before, which is compared with,
/// where `from` is one.
async fn cube(
    stage: &Stage<'_>,
    service: &Service,
    path: String,
    (first, last): (i64, i64),
    from: i64,
) -> Result<Cube> {
    let ask = Ask::get(&bearer(&stage.tokens.director)?, vec![path]);
    let answer = Client::connect(service.address).await?.json(&ask, stage.numbers.next()).await?;
    let years = if first == last { first.to_string() } else { format!("{first} to {last}") };
    let tenant = stage.own.tenant().await?;
    let counted_since = |year: i64| {
        format!(
            "FROM case_facts WHERE tenant_id = {tenant} AND counted AND NOT duplicate \
             AND reported_year BETWEEN {year} AND {last}"
        )
    };
    let cases = stage.own.number(&format!("SELECT COUNT(*) {}", counted_since(first))).await?;
    if answer["total"]["count"].as_i64() != Some(cases) {
        let total = &answer["total"]["count"];
        return Err(Failure::new(format!("{years} has {cases} cases, and the cube {total}")));
    }
    let by = if from == last { BY.to_owned() } else { format!("reported_year, {BY}") };
    let sql = format!("SELECT {by}, COUNT(*) {} GROUP BY {by}", counted_since(from));
    let bare = stage.own.queries(&sql, stage.plan.counts, &stage.dir).await?;
    let sample = counted(stage, service, ask).await?;
    let rows = answer["rows"].as_array().map_or(0, Vec::len);
    Ok(Cube { years, cases, rows, service: sample, bare })
}

async fn counted(stage: &Stage<'_>, service: &Service, ask: Ask) -> Result<Sample> {
    let until = Until::Done(stage.plan.counts.into());
    load::run(service.address, 1, until, ask, &stage.numbers).await
}
