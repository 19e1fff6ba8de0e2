//! The daily digest: once a working day, how much waits for somebody, in figures alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::calendar::swedish_date;
use domain::ids::MessageId;
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::organisation::{Staff, Tenant};
use domain::policy::Actor;
use domain::worklist::{Group, counts};
use jiff::Timestamp;
use jiff::civil::Date;
use mailer::Digest;
use serde_json::{Value, json};
use store::Message;
use uuid::Uuid;

use crate::context::{App, Caller, SetUp};
use crate::error::Error;
use crate::trail::Trail;

/// How many people a tenant's turn is.
const TURN: i64 = 50;
/// The member of a message's payload that holds the figures.
const DIGEST: &str = "digest";

/// The figures of a digest's message.
pub(super) fn figures(payload: &Value) -> Option<Digest> {
    let figures = payload.get(DIGEST)?.as_object()?;
    let figure = |(code, count): (&String, &Value)| {
        Some((code.parse::<Group>().ok()?, usize::try_from(count.as_u64()?).ok()?))
    };
    Some(figures.iter().filter_map(figure).collect())
}

impl App {
    /// Queues the digests of a day for some of those who have none yet. `true` when there may be more.
    pub(super) async fn make_digests(
        &self,
        tenant: &Tenant,
        set_up: &SetUp,
        day: Date,
        stop: &AtomicBool,
    ) -> Result<bool, Error> {
        let people = self.store.ask(tenant.id, move |tx| tx.without_digest(day, TURN)).await?;
        if people.is_empty() {
            self.mailing.all_digested(tenant.id, day);
            return Ok(false);
        }
        for person in people {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let (id, now) = (person.id, self.now());
            let figures = match self.waits_for(tenant, set_up, person, now).await {
                Ok(figures) => figures,
                Err(error @ Error::Unavailable(_)) => return Err(error),
                // One list that cannot be made keeps nobody else from theirs.
                Err(error) => {
                    tracing::error!(%error, staff = %id, "no digest could be made");
                    BTreeMap::new()
                }
            };
            let waits = figures.values().any(|count| *count > 0);
            let figures: BTreeMap<&str, usize> =
                figures.into_iter().map(|(group, count)| (group.code(), count)).collect();
            let notice = Notice {
                about: About::Everything,
                number: None,
                step: Step::Digest,
                urgency: Urgency::Normal,
                to: Audience::Staff(id),
                due_on: None,
                while_open: false,
            };
            let message = Message {
                id: MessageId(self.new_id()),
                at: now,
                topic: "digest".to_owned(),
                case: None,
                payload: json!({ "notice": notice, DIGEST: figures }),
            };
            let write = move |tx: &mut store::Tx<'_>| {
                if tx.begin_digest(id, day)? && waits {
                    tx.add_rows(|rows| rows.message(&message))?;
                }
                Ok::<_, store::Error>(())
            };
            self.store.write(tenant.id, write).await?;
        }
        Ok(true)
    }

    /// How much waits for a person, as their own worklist would say.
    async fn waits_for(
        &self,
        tenant: &Tenant,
        set_up: &SetUp,
        staff: Staff,
        now: Timestamp,
    ) -> Result<BTreeMap<Group, usize>, Error> {
        let id = staff.id;
        let grants = self.store.read(tenant.id, move |tx| tx.grants_of(id)).await?;
        let actor = Actor::new(id, &grants, &set_up.units, swedish_date(now));
        let caller = Caller {
            tenant: tenant.clone(),
            set_up: set_up.clone(),
            staff,
            actor: actor.under(set_up.settings.role_rules()),
            now,
            // Nobody asked.
            request: Uuid::nil(),
            trail: Arc::new(Trail::new(tenant.id, id, now, Uuid::nil(), None)),
        };
        Ok(counts(&self.worklist(&caller).await?.tasks))
    }
}
