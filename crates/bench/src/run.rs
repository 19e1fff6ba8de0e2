//! One database from beginning to end.

use std::fs;
use std::path::Path;

use crate::bare::Bare;
use crate::failure::{Context as _, Result};
use crate::load::{Client, Numbers};
use crate::outcome::Outcome;
use crate::own::{Database, Own};
use crate::parts;
use crate::plan::{Part, Plan};
use crate::service::Home;
use crate::sqlite;
use crate::stage::{Stage, base_filing};

/// Measures the service on a database, in a directory of its own.
///
/// # Errors
/// When anything fails: one request that is not answered as it should be is enough.
pub async fn run(
    binary: &Path,
    database: &Database<'_>,
    dir: &Path,
    plan: &Plan,
) -> Result<Outcome> {
    fs::create_dir(dir).context(dir.display())?;
    let name = format!("avvikelse_bench_{}", std::process::id());
    let own = Own::new(database, &name, dir).await?;
    let home = Home::new(binary, dir, &own.url());
    let (version, bare) = match database {
        Database::Sqlite => (format!("SQLite {}", sqlite::version()), "one connection"),
        Database::Postgres(server) => (format!("PostgreSQL {}", server.version), "pgbench"),
    };
    eprintln!("{version}: migrates, imports a year");
    match (&own, database) {
        (Own::Postgres { url, .. }, Database::Postgres(server)) => {
            home.migrate(Some((url, server.role()))).await?;
        }
        _ => home.migrate(None).await?,
    }
    let tokens = home.prepare().await?;
    let numbers = Numbers::default();
    let service = home.start().await?;
    let mut client = Client::connect(service.address).await?;
    let filing = base_filing(&mut client, &tokens).await?;
    let copies = own.file_twice(&mut client, &filing, &numbers, dir).await?;
    drop(client);
    let mut outcome = Outcome::new(version.clone(), bare, copies.tables());
    outcome.logged = service.stop().await?;
    outcome.binary = home.binary_size()?;

    // What is as it was in the beginning: copies of it are made for parts that need one.
    let dir = dir.to_owned();
    let stage = Stage { database, name, version, home, own, dir, plan, tokens, filing, numbers };
    let beside = stage.copy("bare").await?;
    let bare = Bare::filing(&beside.own, copies.clone(), &stage.dir)?;
    let used = stage.copy("used").await?;
    let has = |part| plan.has(part);
    if has(Part::Reading) {
        outcome.reads = parts::reads::measure(&used, &beside, &bare).await?;
    }
    let report = match has(Part::Figures) {
        true => Some(parts::figures::report(&used, &beside, &bare).await?),
        false => None,
    };
    let service = used.home.start().await?;
    used.warm_up(&service).await?;
    if let Some(report) = &report {
        let (cubes, report) = parts::figures::measure(&used, &service, report).await?;
        (outcome.cubes, outcome.report) = (cubes, Some(report));
    }
    if has(Part::Mixed) {
        outcome.mixed = parts::mixed::measure(&used, &service).await?;
    }
    if has(Part::Open) {
        outcome.open = parts::open::measure(&used, &service).await?;
    }
    if has(Part::Cells) {
        outcome.cells = Some(parts::cells::measure(&used, &service, &bare, &copies).await?);
    }
    if has(Part::Sealed) {
        outcome.sealed = Some(parts::sealed::measure(&used, &service).await?);
    }
    if has(Part::Many) {
        outcome.many = Some(parts::many::measure(&used, &service).await?);
    }
    outcome.logged += service.stop().await?;
    used.end().await?;
    if has(Part::Filing) {
        let filed = stage.copy("filed").await?;
        parts::levels::measure(&filed, &bare, &mut outcome).await?;
        filed.end().await?;
    }
    beside.end().await?;
    if has(Part::Transfer) {
        outcome.transfer = Some(parts::transfer::measure(&stage).await?);
    }
    if has(Part::Tenants) {
        outcome.tenants = parts::tenants::measure(&stage).await?;
    }
    if has(Part::Cases) {
        outcome.grown = parts::grown::measure(&stage).await?;
    }
    if has(Part::Hour) {
        outcome.hour = parts::hour::measure(&stage).await?;
    }
    stage.end().await?;
    Ok(outcome)
}
