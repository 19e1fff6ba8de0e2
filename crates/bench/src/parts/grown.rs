//! Filing and reading beside many cases.

use std::time::{Duration, Instant};

use crate::failure::Result;
use crate::generate::{Generator, summed};
use crate::load::{self, Ask, Until, bearer};
use crate::measure::{Around, Sample};
use crate::outcome::Grown;
use crate::parts::figures::{five_years, one_year};
use crate::parts::reads::{LIST, WORKLIST};
use crate::service::{Service, UNIT};
use crate::stage::{Stage, USUAL, cases_of, items};

/// Managers whose worklists are asked for in turn.
const MANAGERS: usize = 8;
/// What a unit's manager sees first in the morning.
pub const WORKLISTS: &str = "the worklists of unit managers";
/// The year that the newest cases lie in.
const YEAR: i64 = 2025;

/// Makes databases of each size in turn. The smallest stays and is served beside each of the others,
/// so that filing is measured in both within the same minute.
///
/// # Errors
/// When a request is not answered as it should be.
pub async fn measure(stage: &Stage<'_>) -> Result<Vec<Grown>> {
    let mut sizes = stage.plan.cases.iter().copied();
    let Some(fewest) = sizes.next() else { return Ok(Vec::new()) };
    let (small, small_service, mut grown) = {
        let (small, made) = filled(stage, fewest).await?;
        let service = settled(&small).await?;
        let grown = one(&small, &service, made, None).await?;
        (small, service, vec![grown])
    };
    for cases in sizes {
        let (large, made) = filled(stage, cases).await?;
        let service = settled(&large).await?;
        grown.push(one(&large, &service, made, Some((&small, &small_service))).await?);
        service.stop().await?;
        large.end().await?;
    }
    small_service.stop().await?;
    small.end().await?;
    Ok(grown)
}

/// A database with so many cases, and how long it took to make them.
async fn filled<'r>(stage: &Stage<'r>, cases: u64) -> Result<(Stage<'r>, Duration)> {
    let large = stage.copy(&format!("cases_{cases}")).await?;
    stage.said(&format!("makes {cases} cases"));
    let started = Instant::now();
    let generator = Generator::new(&large.own).await?;
    generator.fill(&large.own, cases, |made| stage.said(&format!("made {made} cases"))).await?;
    Ok((large, started.elapsed()))
}

/// The service over it, when it has done what such a database asks of it.
async fn settled(stage: &Stage<'_>) -> Result<Service> {
    let service = stage.home.start().await?;
    stage.said("makes its sums");
    summed(stage.database, &stage.own).await?;
    stage.warm_up(&service).await?;
    Ok(service)
}

async fn one(
    stage: &Stage<'_>,
    service: &Service,
    made: Duration,
    beside: Option<(&Stage<'_>, &Service)>,
) -> Result<Grown> {
    let cases = stage.own.number("SELECT COUNT(*) FROM cases").await?;
    let bytes = stage.own.bytes().await?;
    stage.said(&format!("files and reads beside {cases} cases"));
    let reads = reads(stage, service).await?;
    let cubes = vec![one_year(stage, service, YEAR).await?, five_years(stage, service).await?];
    let time = stage.plan.filing;
    let files = async |stage: &Stage<'_>, service: &Service| {
        stage.asks(service, stage.filing.clone(), time).await
    };
    let (filing, fewest) = match beside {
        None => (files(stage, service).await?, None),
        Some((small, small_service)) => {
            let before = files(small, small_service).await?;
            let filing = files(stage, service).await?;
            let after = files(small, small_service).await?;
            (filing, Some(Around { before, after }))
        }
    };
    let made = made.as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "counts of bytes and cases fit a double")]
    let bytes = bytes as f64 / cases.max(1) as f64;
    let memory = service.memory()?;
    Ok(Grown { cases, made, bytes, filing, fewest, reads, cubes, memory })
}

async fn reads(stage: &Stage<'_>, service: &Service) -> Result<Vec<(&'static str, Sample)>> {
    let (mas, manager) = (bearer(&stage.tokens.mas)?, bearer(&stage.tokens.manager)?);
    let cases = cases_of(&stage.answer(service, &stage.tokens.mas, LIST).await?);
    let units = stage.answer(service, &stage.tokens.director, "/api/v1/units?limit=500").await?;
    let mut asks = Vec::new();
    let units = items(&units).filter(|unit| unit["unknown"] != true);
    let codes = units.filter_map(|unit| unit["code"].as_str()).filter(|code| !code.contains(UNIT));
    for code in codes.take(MANAGERS - 1).chain([UNIT]) {
        let token = ["--role", "unit_manager", "--unit", code];
        let token = stage.home.token(crate::service::TENANT, &token).await?;
        asks.push(Ask::get(&bearer(&token)?, vec![WORKLIST.to_owned()]));
    }
    let until = Until::Elapsed(stage.plan.reading);
    let kinds = [
        ("one case, by MAS", vec![Ask::get(&mas, cases)]),
        ("a list of 50, by a unit manager", vec![Ask::get(&manager, vec![LIST.to_owned()])]),
        (WORKLISTS, asks),
        ("the worklist of MAS", vec![Ask::get(&mas, vec![WORKLIST.to_owned()])]),
    ];
    let mut reads = Vec::new();
    for (kind, asks) in kinds {
        let (address, numbers) = (service.address, &stage.numbers);
        let sample = load::run_in_turn(address, USUAL, until, asks, numbers).await?;
        reads.push((kind, sample));
    }
    Ok(reads)
}
