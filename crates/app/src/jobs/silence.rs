//! When nobody answers: what is due is reminded of, and goes to the list for the samverkansmöte when
//! reminders did not help.

use domain::calendar::swedish_date;
use domain::forwarding::silence::Overdue;
use domain::forwarding::{Changed, Channel, Forwarding, Rejected};
use domain::organisation::Tenant;
use store::Tx;

use crate::context::App;
use crate::error::Error;
use crate::forwardings::{Acting, ForwardingRecord};

/// What a turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SilenceTurn {
    /// How many were reminded of.
    pub reminded: u64,
    /// How many went to the list for the samverkansmöte.
    pub escalated: u64,
}

impl App {
    /// Looks at what every tenant waits for. Whatever was done by another instance meanwhile is left alone.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others get their turn.
    pub async fn watch_silence(&self) -> Result<SilenceTurn, Error> {
        let (mut turn, mut failed) = (SilenceTurn::default(), None);
        for tenant in self.store.tenants().await? {
            if tenant.suspended_at.is_none()
                && let Err(error) = self.silence_of(&tenant, &mut turn).await
            {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(turn), Err)
    }

    async fn silence_of(&self, tenant: &Tenant, turn: &mut SilenceTurn) -> Result<(), Error> {
        let acting = self.job_acts(tenant).await?;
        let today = swedish_date(acting.now);
        let load = move |tx: &mut Tx<'_>| tx.overdue_forwardings(today);
        let rules = acting.set_up.settings.forwardings;
        for forwarding in self.store.read(tenant.id, load).await? {
            let Some(step) = forwarding.overdue_step(&rules, today) else { continue };
            let changed = match done(&forwarding, step, &acting) {
                Ok(changed) => changed,
                // The machine does not take it after all: there is nothing to do.
                Err(_) => continue,
            };
            let record = ForwardingRecord::new(self, &acting, Some(forwarding), changed);
            match self.keep_forwarding(&acting, record).await {
                Ok(()) => match step {
                    Overdue::Remind => turn.reminded += 1,
                    Overdue::Escalate => turn.escalated += 1,
                },
                Err(Error::Stale) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

fn done(forwarding: &Forwarding, step: Overdue, acting: &Acting) -> Result<Changed, Rejected> {
    let around = acting.around();
    match step {
        Overdue::Remind => {
            let channel = forwarding.channel.unwrap_or(Channel::Post);
            forwarding.clone().remind(channel, around)
        }
        Overdue::Escalate => forwarding.clone().escalate(around),
    }
}
