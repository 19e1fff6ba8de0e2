//! A filing about a person nobody knows yet, with a key of its own and a photo.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::header::HeaderValue;

use crate::failure::{Context as _, Result};
use crate::load::{self, Ask, Client, Until};
use crate::measure::{Around, Latencies};
use crate::outcome::Sealed;
use crate::person::{BOUNDARY, number, photo};
use crate::service::Service;
use crate::stage::{Stage, USUAL};

/// What the number of a photo is above that of its filing, so that it has a key of its own.
const OF_A_PHOTO: u64 = 1 << 62;

/// Files, and sends the photo as soon as the filing is answered, over as many connections as usual;
/// around it the base filing.
///
/// # Errors
/// When a filing or a photo is not taken.
pub async fn measure(stage: &Stage<'_>, service: &Service) -> Result<Sealed> {
    stage.said("files about new people, with photos");
    let time = stage.plan.reading;
    let before = stage.asks(service, stage.filing.clone(), time).await?;
    let (filing, photos) = (latencies()?, latencies()?);
    let kept = (Rc::clone(&filing), Rc::clone(&photos));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let base = stage.filing.clone();
    let photo = Ask {
        bodies: vec![photo()],
        kind: HeaderValue::try_from(kind).context("kind of the form")?,
        ..base.clone()
    };
    let one = async move |client: &mut Client, of: u64| {
        let at = Instant::now();
        let bodies = vec![about_somebody(&base, of)?];
        let case = client.json(&Ask { bodies, ..base.clone() }, of).await?;
        kept.0.borrow_mut().add(at.elapsed());
        let case = case["id"].as_str().context("id of the case")?;
        let at = Instant::now();
        let paths = vec![format!("/api/v1/cases/{case}/attachments")];
        client.ask(&Ask { paths, ..photo.clone() }, of + OF_A_PHOTO).await?;
        kept.1.borrow_mut().add(at.elapsed());
        Ok(())
    };
    let until = Until::Elapsed(time);
    let both = load::work(service.address, USUAL, until, &stage.numbers, one).await?;
    let after = stage.asks(service, stage.filing.clone(), time).await?;
    let over = Duration::from_secs_f64(both.seconds);
    let (filing, photo) = (filing.borrow().sample(over), photos.borrow().sample(over));
    Ok(Sealed { filing, photo, both, base: Around { before, after } })
}

fn latencies() -> Result<Rc<RefCell<Latencies>>> {
    Ok(Rc::new(RefCell::new(Latencies::new()?)))
}

/// One of the filings, about somebody else each time.
fn about_somebody(base: &Ask, of: u64) -> Result<Bytes> {
    let which = usize::try_from(of).context("number")? % base.bodies.len().max(1);
    let body = base.bodies.get(which).context("filing")?;
    let mut body: serde_json::Value = serde_json::from_slice(body).context("filing")?;
    body["subject"] = serde_json::json!({"personal_id": number(of)});
    Ok(Bytes::from(body.to_string()))
}
