//! Memory over a long time, under the load of a day.

use std::time::Duration;

use crate::failure::Result;
use crate::load::{self, Until};
use crate::outcome::Minute;
use crate::parts::mixed;
use crate::stage::{Stage, USUAL};

/// How often memory is told.
const EVERY: u64 = 10;

/// Reads and files for as many minutes as asked for, and tells memory every ten.
///
/// # Errors
/// When a request is not answered as it should be.
pub async fn measure(stage: &Stage<'_>) -> Result<Vec<Minute>> {
    let used = stage.copy("hour").await?;
    let service = used.home.start().await?;
    let asks = mixed::asks(&used, &service).await?;
    let mut minutes =
        vec![Minute { minute: 0, answered: used.numbers.used(), memory: service.memory()? }];
    let before = used.numbers.used();
    minutes[0].answered = 0;
    let mut minute = 0;
    while minute < used.plan.minutes.max(1) {
        let stretch = EVERY.min(used.plan.minutes - minute.min(used.plan.minutes));
        used.said(&format!("reads and files, minute {minute} of {}", used.plan.minutes));
        let until = Until::Elapsed(Duration::from_secs(60 * stretch).max(used.plan.filing));
        load::run_each(service.address, USUAL, until, asks.clone(), &used.numbers).await?;
        minute += stretch.max(1);
        let answered = used.numbers.used() - before;
        minutes.push(Minute { minute, answered, memory: service.memory()? });
    }
    service.stop().await?;
    used.end().await?;
    Ok(minutes)
}
