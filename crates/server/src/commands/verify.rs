//! `avvikelse verify`: whether what was written down was tampered with.

use std::path::PathBuf;

use app::Clock as _;
use app::chain::{ChainFault, SignedHead, Verdict, signed_head, verify};
use domain::organisation::Tenant;

use super::operator::Operator;
use crate::chain::lines;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::Failure;
use crate::keys::open_keys;

/// Faults printed of one tenant.
const SHOWN: usize = 50;

/// What to verify.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Short name of one tenant; all unless given
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// Exported heads to compare with: an end that was cut off shows only there
    #[arg(long, value_name = "FILE", num_args = 1..)]
    heads: Vec<PathBuf>,
    /// Print where the chains end now, as lines to keep elsewhere, and verify nothing
    #[arg(long, conflicts_with = "heads")]
    print_heads: bool,
}

/// Recomputes the chains, and tells what is wrong where.
pub async fn run(config: Config, args: Args) -> Result<(), Failure> {
    let operator = Operator::open(config).await?;
    let tenants = match &args.tenant {
        Some(slug) => vec![operator.tenant(slug).await?],
        None => operator.store.tenants().await?,
    };
    if args.print_heads {
        return print_heads(&operator, &tenants).await;
    }
    let heads = read_heads(&operator, &args.heads).await?;
    let (mut faulty, mut faults) = (0, 0);
    for tenant in &tenants {
        let verdict = verify(&operator.store, tenant.id, &heads, operator.now).await;
        let verdict = verdict.map_err(|error| Failure::new(error.to_string()))?;
        tell(tenant, &verdict);
        faulty += usize::from(verdict.faulty > 0);
        faults += verdict.faulty;
    }
    if faults > 0 {
        return Err(Failure::new(format!("{faults} faults at {faulty} tenants, see above")));
    }
    println!("all is as it was written down");
    Ok(())
}

async fn print_heads(operator: &Operator, tenants: &[Tenant]) -> Result<(), Failure> {
    let sealer = open_keys(&operator.config, &operator.store).await?;
    let mut heads = Vec::new();
    for tenant in tenants {
        let head = signed_head(&operator.store, &sealer, tenant, operator.now).await;
        heads.push(head.map_err(|error| Failure::new(error.to_string()))?);
    }
    print!("{}", lines(&heads)?);
    Ok(())
}

async fn read_heads(operator: &Operator, files: &[PathBuf]) -> Result<Vec<SignedHead>, Failure> {
    let mut heads = Vec::new();
    if files.is_empty() {
        return Ok(heads);
    }
    let sealer = open_keys(&operator.config, &operator.store).await?;
    for file in files {
        let failed = |why: String| Failure::new(format!("{}: {why}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let read = SignedHead::read_all(&text, &sealer);
        heads.extend(read.map_err(|error| failed(error.to_string()))?);
    }
    Ok(heads)
}

/// Some lines a tenant.
fn tell(tenant: &Tenant, verdict: &Verdict) {
    let slug = &tenant.slug;
    for fault in verdict.faults.iter().take(SHOWN) {
        println!("{slug}\tFAULT\t{}", place(fault));
    }
    if let Some(more) = verdict.faulty.checked_sub(SHOWN).filter(|more| *more > 0) {
        println!("{slug}\tFAULT\tand {more} more");
    }
    let (sequence, hash) =
        verdict.end.as_ref().map_or((0, "none"), |(sequence, hash)| (*sequence, hash.as_str()));
    println!("{slug}\t{} links recomputed, to {sequence} {hash}", verdict.links);
    println!(
        "{slug}\t{} history entries match their commitments; {} are erased, as is recorded",
        verdict.committed, verdict.erased
    );
    if verdict.heads > 0 {
        println!("{slug}\t{} exported heads compared", verdict.heads);
    }
    if verdict.late > 0 {
        println!(
            "{slug}\t{} entries were linked more than an hour after they were made: from before the \
             chain, or while no service ran",
            verdict.late
        );
    }
    let waiting = &verdict.unlinked;
    match waiting.oldest {
        None => println!("{slug}\tno entry waits to be linked"),
        Some(oldest) => println!(
            "{slug}\t{} entries wait to be linked, the oldest for {} s: nothing vouches for them yet",
            waiting.entries,
            SystemClock.now().duration_since(oldest).as_secs().max(0)
        ),
    }
}

/// Where, and what.
fn place(fault: &ChainFault) -> String {
    let mut place = Vec::new();
    if let Some(sequence) = fault.sequence {
        place.push(format!("link {sequence}"));
    }
    if let Some((log, id)) = fault.entry {
        place.push(format!("{} entry {}", log.code(), id.0));
    }
    if let Some((case, version)) = fault.history {
        place.push(format!("case {} version {version}", case.0));
    }
    format!("{}: {}", place.join(", "), fault.kind.words())
}
