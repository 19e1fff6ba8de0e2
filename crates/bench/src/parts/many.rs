//! Ending many cases at once, as a unit does after its meeting.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::failure::{Context as _, Failure, Result};
use crate::load::{Ask, Client, bearer};
use crate::measure::Latencies;
use crate::outcome::Many;
use crate::service::{Service, UNIT};
use crate::stage::{Stage, items};

/// Files cases at one unit, and ends them: many with each request, as many as one takes, then each by
/// itself.
///
/// # Errors
/// When a case is not ended.
pub async fn measure(stage: &Stage<'_>, service: &Service) -> Result<Many> {
    let (times, count) = stage.plan.many;
    stage.said(&format!("ends {count} cases at once"));
    let manager = bearer(&stage.tokens.manager)?;
    let units = stage.answer(service, &stage.tokens.director, "/api/v1/units?limit=500").await?;
    let unit = items(&units).find(|unit| unit["name"] == UNIT).context(UNIT)?;
    let first = stage.filing.bodies.first().context("filing")?;
    let mut filing: Value = serde_json::from_slice(first).context("filing")?;
    filing["unit"] = unit["code"].clone();
    // What is judged milder than it was reported is ended by itself.
    filing["severity"] = json!({"actual": 1});
    let filing = Ask { bodies: vec![Bytes::from(filing.to_string())], ..stage.filing.clone() };
    let mut client = Client::connect(service.address).await?;
    let day = crate::machine::now()?.strftime("%Y-%m-%d").to_string();

    let mut together = Latencies::new()?;
    let mut took = Duration::ZERO;
    for _ in 0..times {
        let cases = filed(stage, &mut client, &filing, count).await?;
        took += ended(stage, &mut client, &manager, &cases, &day, &mut together).await?;
    }
    let together = together.sample(took);
    let mut alone = Latencies::new()?;
    let mut took = Duration::ZERO;
    for case in filed(stage, &mut client, &filing, count).await? {
        took += ended(stage, &mut client, &manager, &[case], &day, &mut alone).await?;
    }
    Ok(Many { cases: count, together, alone: alone.sample(took) })
}

/// Cases that are there to be ended, each with its version.
async fn filed(
    stage: &Stage<'_>,
    client: &mut Client,
    filing: &Ask,
    count: usize,
) -> Result<Vec<Value>> {
    let mut cases = Vec::new();
    for _ in 0..count {
        let case = client.json(filing, stage.numbers.next()).await?;
        cases.push(json!({"id": case["id"], "version": case["version"]}));
    }
    Ok(cases)
}

/// Ends cases with one request, and tells how long that took.
async fn ended(
    stage: &Stage<'_>,
    client: &mut Client,
    manager: &hyper::header::HeaderValue,
    cases: &[Value],
    day: &str,
    latencies: &mut Latencies,
) -> Result<Duration> {
    let body = json!({"cases": cases, "action": {"close": {
        "outcome": "UTF.DIR", "summary": "Genomgångna på enhetens möte.",
        "action_taken": "Mattorna är borta, och rutinen är påmind om.",
        "triage": {
            "law": ["HSL"], "category": "HSL.FAL", "severity": {"actual": 1}, "probability": 2,
            "lex": {"lex_maria": "no"}, "track": "simple",
        },
        "feedback": {"audience": "unit", "meeting_on": day, "text": "Genomgångna."},
    }}});
    let bodies = vec![Bytes::from(body.to_string())];
    let ask = Ask { expected: 200, ..Ask::post(manager, "/api/v1/cases/actions", bodies) };
    let at = std::time::Instant::now();
    let answer = client.json(&ask, stage.numbers.next()).await?;
    let took = at.elapsed();
    latencies.add(took);
    if answer["done"].as_u64() == u64::try_from(cases.len()).ok() {
        return Ok(took);
    }
    let first = items(&answer).find(|it| it["result"] != "done");
    Err(Failure::new(format!("cases are not ended: {}", first.unwrap_or(&answer))))
}
