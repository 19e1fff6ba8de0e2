//! What keeping statistics costs a filing, also where all filings fall in the same cells.

use crate::bare::{Bare, Copies};
use crate::failure::Result;
use crate::measure::Around;
use crate::outcome::Cells;
use crate::service::Service;
use crate::stage::{Stage, USUAL};

/// Files into two cells between filings over all units and categories; and lets the bare database
/// write the rows of a filing with those of the statistics between filings without.
///
/// # Errors
/// When a filing is not taken.
pub async fn measure(
    stage: &Stage<'_>,
    service: &Service,
    bare: &Bare,
    copies: &Copies,
) -> Result<Cells> {
    stage.said("files into two cells");
    let time = stage.plan.filing;
    let spread = &stage.filing;
    let mut two = spread.clone();
    two.bodies = crate::filing::two_cells(&spread.bodies);
    let before = stage.asks(service, spread.clone(), time).await?;
    let two = stage.asks(service, two, time).await?;
    let after = stage.asks(service, spread.clone(), time).await?;
    let spread = Around { before, after };
    let [without, with] = bare.without_and_with_figures(copies)?;
    let (with, without) = without.around((USUAL, time), with.filings(USUAL, time)).await?;
    Ok(Cells { two, spread, with, without })
}
