//! Filing at rates that do not wait for the service.

use crate::failure::Result;
use crate::open::{Met, run};
use crate::service::Service;
use crate::stage::Stage;

/// Of what filing reached with connections that wait.
const SHARES: [f64; 2] = [0.5, 0.8];

/// Files at each rate that was asked for, else at half and at four fifths of what it reaches.
///
/// # Errors
/// When a filing is not taken.
pub async fn measure(stage: &Stage<'_>, service: &Service) -> Result<Vec<Met>> {
    stage.said("files at a rate");
    let mut rates = stage.plan.rates.clone();
    if rates.is_empty() {
        let reached = stage.asks(service, stage.filing.clone(), stage.plan.reading).await?;
        rates = SHARES.map(|share| (reached.rate() * share).round()).to_vec();
    }
    let mut met = Vec::new();
    for rate in rates {
        let time = stage.plan.filing;
        let filing = stage.filing.clone();
        met.push(run(service.address, rate, time, filing, &stage.numbers).await?);
    }
    Ok(met)
}
