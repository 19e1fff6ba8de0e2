//! As on a day: four readings in five requests, and a filing.

use crate::failure::Result;
use crate::load::{self, Ask, Until, bearer};
use crate::measure::Sample;
use crate::parts::reads::{LIST, WORKLIST};
use crate::service::Service;
use crate::stage::{Stage, USUAL, cases_of};

/// Asks over as many connections as usual, of ten requests four for a case, two for a list, two for a
/// worklist, and two with a filing.
///
/// # Errors
/// When a request is not answered as it should be.
pub async fn measure(stage: &Stage<'_>, service: &Service) -> Result<Vec<(&'static str, Sample)>> {
    stage.said("reads and files");
    let asks = asks(stage, service).await?;
    let until = Until::Elapsed(2 * stage.plan.reading);
    let kinds = ["one case, by MAS", "a list of 50, by a unit manager", "a worklist", "a filing"];
    let samples = load::run_each(service.address, USUAL, until, asks, &stage.numbers).await?;
    Ok(kinds.into_iter().zip(samples).collect())
}

/// The requests, with how often each comes.
///
/// # Errors
/// When there are no cases to read.
pub async fn asks(stage: &Stage<'_>, service: &Service) -> Result<Vec<(u64, Ask)>> {
    let (mas, manager) = (bearer(&stage.tokens.mas)?, bearer(&stage.tokens.manager)?);
    let cases = cases_of(&stage.answer(service, &stage.tokens.mas, LIST).await?);
    Ok(vec![
        (4, Ask::get(&mas, cases)),
        (2, Ask::get(&manager, vec![LIST.to_owned()])),
        (2, Ask::get(&manager, vec![WORKLIST.to_owned()])),
        (2, stage.filing.clone()),
    ])
}
