//! Makes the reviews of the half that has ended, once, whoever runs it how often ever.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::clock::Target;
use domain::ids::{ReviewId, TenantId, UnitId};
use domain::organisation::Tenant;
use domain::review::{Half, Period, Planned, Review, plan};
use domain::statistics::{BaseQuery, Column, Part, Placed};
use jiff::{SignedDuration, Timestamp};
use store::Tx;

use crate::context::{App, SetUp};
use crate::error::Error;
use crate::reviews::ReviewRecord;

/// The name of the lease.
const JOB: &str = "reviews";
/// How long it is taken: far longer than a tenant's turn.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

impl App {
    /// Makes the reviews that every tenant lacks of the last half that has ended. Gives how many were
    /// made.
    ///
    /// # Errors
    /// Those of the store, of the last tenant that has one; the others get their turn.
    pub async fn make_reviews(&self) -> Result<usize, Error> {
        let (mut made, mut failed) = (0, None);
        for tenant in self.store.tenants().await? {
            if tenant.suspended_at.is_some() {
                continue;
            }
            match self.make_reviews_of(&tenant).await {
                Ok(number) => made += number,
                Err(error) => {
                    tracing::error!(tenant = tenant.slug, %error, "a tenant's reviews are not made");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(made), Err)
    }

    async fn make_reviews_of(&self, tenant: &Tenant) -> Result<usize, Error> {
        let (now, set_up) = (self.now(), self.set_up(tenant).await?);
        let half = Half::ended_before(swedish_date(now));
        if self.planned(tenant.id, &set_up, half, now).await?.is_empty() {
            return Ok(0);
        }
        let (holder, ends_at) = (self.new_id(), now + LEASE);
        let take = move |tx: &mut Tx<'_>| tx.take_lease(JOB, holder, now, ends_at);
        match self.store.write(tenant.id, take).await {
            Ok(true) => {}
            Ok(false) | Err(store::Error::Conflict { .. }) => return Ok(0),
            Err(other) => return Err(other.into()),
        }
        let made = self.make_each(tenant.id, &set_up, half, now).await;
        let give_back = move |tx: &mut Tx<'_>| tx.give_back_lease(JOB, holder, now);
        self.store.write(tenant.id, give_back).await?;
        made
    }

    /// What of a half is to be reviewed and is not yet. A tenant that was not there while it lasted has
    /// nothing to review.
    async fn planned(
        &self,
        tenant: TenantId,
        set_up: &SetUp,
        half: Half,
        now: Timestamp,
    ) -> Result<Vec<Planned>, Error> {
        if !set_up.settings.reviews.made {
            return Ok(Vec::new());
        }
        let by_unit = BaseQuery {
            columns: BTreeSet::from([Column::Unit]),
            placed: Placed::Reported,
            spans: vec![Period::Half(half).months()],
            conditions: Vec::new(),
            duplicates: false,
            reported_before: None,
            closed_before: None,
            answered_before: None,
            part: Part::All,
        };
        let read = move |tx: &mut Tx<'_>| {
            if tx.tenant_began()? >= half.end() {
                return Ok::<_, store::Error>(None);
            }
            Ok(Some((tx.reviews(half.year())?, tx.figures(&by_unit)?)))
        };
        let Some((made, rows)) = self.store.read(tenant, read).await? else {
            return Ok(Vec::new());
        };
        let with_cases: BTreeSet<UnitId> = rows.iter().filter_map(|row| row.at.unit).collect();
        let rules = &set_up.settings.reviews;
        let mut planned = plan(half, &set_up.units, rules, &with_cases, swedish_date(now));
        // Whoever groups units later has reviewed them already, this half.
        let made = || made.iter().filter(|review| review.half == half);
        let covered: BTreeSet<UnitId> =
            made().flat_map(|review| review.subject.units.iter().copied()).collect();
        planned.retain(|subject| made().all(|review| review.subject.key != subject.key));
        for subject in &mut planned {
            subject.units.retain(|unit| !covered.contains(unit));
        }
        planned.retain(|subject| !subject.units.is_empty());
        Ok(planned)
    }

    async fn make_each(
        &self,
        tenant: TenantId,
        set_up: &SetUp,
        half: Half,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let settings = &set_up.settings;
        let (days, clocks) = (settings.reviews.due_days, &settings.clocks);
        let due = Target::Days(days).due(now, &clocks.working_days, clocks.rolls);
        let due_on = due.map_or(half.last_day(), |due| due.on);
        let request = self.new_id();
        let mut made = 0;
        // Read anew: what was planned before the lease another may have made.
        for subject in self.planned(tenant, set_up, half, now).await? {
            let id = ReviewId(self.new_id());
            let changed = Review::create(id, subject, half, due_on, now);
            let record = ReviewRecord::new(self, None, changed, (None, now, request));
            match self.store.write(tenant, move |tx| record.write(tx)).await {
                Ok(()) => made += 1,
                Err(error) if error.conflict() == Some("reviews_half_subject_key_key") => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(made)
    }
}
