//! Start, memory, and filing over one connection and many beside the bare database.

use std::time::Duration;

use crate::bare::Bare;
use crate::failure::Result;
use crate::load::{self, Until};
use crate::outcome::{Level, Outcome, Process};
use crate::stage::{Stage, USUAL};

/// Connections at once.
pub const LEVELS: [usize; 3] = [1, 16, 64];

/// Starts the service several times, files over each number of connections, and goes on until there
/// are as many filings as memory is told after.
///
/// # Errors
/// When a filing is not taken.
pub async fn measure(stage: &Stage<'_>, bare: &Bare, outcome: &mut Outcome) -> Result<()> {
    stage.said("starts");
    let plan = stage.plan;
    let mut starts = Vec::new();
    for _ in 1..plan.starts {
        let service = stage.home.start().await?;
        starts.push(service.ready_after.as_secs_f64() * 1000.0);
        outcome.logged += service.stop().await?;
    }
    let service = stage.home.start().await?;
    starts.push(service.ready_after.as_secs_f64() * 1000.0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = service.memory()?;

    let before = stage.numbers.used();
    stage.warm_up(&service).await?;
    if !plan.warm_up.is_zero() {
        bare.filings(USUAL, plan.warm_up).await?;
    }
    for connections in LEVELS {
        stage.said(&format!("files over {connections} connections"));
        let until = Until::Elapsed(plan.filing);
        let filing = stage.filing.clone();
        let load = load::run(service.address, connections, until, filing, &stage.numbers);
        let (service, bare) = bare.around((connections, plan.filing), load).await?;
        outcome.levels.push(Level { connections, service, bare });
    }
    stage.said(&format!("files until there are {}", plan.filings));
    let missing = plan.filings.saturating_sub(stage.numbers.used() - before);
    let until = Until::Done(missing);
    load::run(service.address, USUAL, until, stage.filing.clone(), &stage.numbers).await?;
    let filings = stage.numbers.used() - before;
    outcome.process = Some(Process { starts, idle, filings, loaded: service.memory()? });
    outcome.logged += service.stop().await?;
    Ok(())
}
