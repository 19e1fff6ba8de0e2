//! Reading beside the same statements by `pgbench`.

use crate::bare::Bare;
use crate::captured;
use crate::failure::{Context as _, Result};
use crate::load::{Ask, Client, bearer};
use crate::outcome::Compared;
use crate::own::{Database, Own};
use crate::pgbench::Baseline;
use crate::stage::{Stage, USUAL, cases_of};

/// A list as people see it first.
pub const LIST: &str = "/api/v1/cases?limit=50";
/// What waits for somebody.
pub const WORKLIST: &str = "/api/v1/worklist";
/// Cases that are read in turn.
const CASES: usize = 16;
/// One case with all that is on it.
pub const ONE_CASE: &str = "one case with all that is on it, by MAS; leaves an access entry";

/// What the service sets for each of its connections and what makes a difference to a statement.
const AS_THE_SERVICE: &str = "-c%20jit%3Doff%20-c%20random_page_cost%3D1.1%20-c%20timezone%3DUTC";

/// Reads over as many connections as usual; where the server's log can be read, around it `pgbench`
/// sends what the service sends.
///
/// # Errors
/// When a reading is not answered.
pub async fn measure(stage: &Stage<'_>, beside: &Stage<'_>, bare: &Bare) -> Result<Vec<Compared>> {
    let (mas, manager) = (bearer(&stage.tokens.mas)?, bearer(&stage.tokens.manager)?);
    let service = stage.home.start().await?;
    let list = format!("/api/v1/cases?limit={CASES}");
    let cases = cases_of(&stage.answer(&service, &stage.tokens.mas, &list).await?);
    service.stop().await?;
    let of = |token, path: &str| Ask::get(token, vec![path.to_owned()]);
    let kinds = [
        (ONE_CASE, Ask::get(&mas, cases)),
        ("a list of 50, by a unit manager", of(&manager, LIST)),
        ("a list of 50, by MAS", of(&mas, LIST)),
        ("the worklist of a unit manager", of(&manager, WORKLIST)),
        ("the worklist of MAS", of(&mas, WORKLIST)),
    ];
    let asks: Vec<_> = kinds.iter().map(|(_, ask)| ask.clone()).collect();
    let baselines = baselines(stage, beside, bare, "read", &asks).await?;
    let service = stage.home.start().await?;
    let mut reads = Vec::new();
    for (at, (what, ask)) in kinds.into_iter().enumerate() {
        stage.said(&format!("reads {what}"));
        let time = stage.plan.reading;
        stage.asks(&service, ask.clone(), stage.plan.warm_up / 2).await?;
        let load = stage.asks(&service, ask, time);
        let (service, bare) = match baselines.get(at) {
            None => (load.await?, None),
            Some(baseline) => {
                let bare = Bare::Postgres(baseline.clone());
                let (service, around) = bare.around((USUAL, time), load).await?;
                (service, Some(around))
            }
        };
        reads.push(Compared { what: what.to_owned(), service, bare });
    }
    service.stop().await?;
    Ok(reads)
}

/// What `pgbench` is to send for each of the requests; nothing where that cannot be known.
///
/// # Errors
/// When a request is not answered, or is answered by other statements each time.
pub async fn baselines(
    stage: &Stage<'_>,
    beside: &Stage<'_>,
    bare: &Bare,
    name: &str,
    asks: &[Ask],
) -> Result<Vec<Baseline>> {
    let (Database::Postgres(server), Some(baseline), Own::Postgres { service: url, .. }) =
        (stage.database, bare.pgbench(), &beside.own)
    else {
        return Ok(Vec::new());
    };
    let Some(log) = &server.log else { return Ok(Vec::new()) };
    stage.said("writes down what it sends for a reading");
    server.write_down(true).await?;
    let service = stage.home.start().await?;
    let mut client = Client::connect(service.address).await?;
    let tenant = beside.own.tenant().await?;
    let tenant = tenant.split('\'').nth(1).context("id of the tenant")?;
    let options = format!("options={AS_THE_SERVICE}%20-c%20avvikelse.tenant%3D{tenant}");
    let mark = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{mark}{options}");
    let mut baselines = Vec::new();
    for (at, ask) in asks.iter().enumerate() {
        let mut scripts = Vec::new();
        for path in &ask.paths {
            let one = Ask { paths: vec![path.clone()], ..ask.clone() };
            scripts.push(captured::script(&mut client, &one, &stage.numbers, log).await?);
        }
        baselines.push(baseline.with(&scripts, &format!("{name}-{at}"))?.by(url.clone()));
    }
    drop(client);
    service.stop().await?;
    server.write_down(false).await?;
    Ok(baselines)
}
