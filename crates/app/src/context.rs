//! The service as the use cases see it, and the caller of one request.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use domain::calendar::swedish_date;
use domain::case::triage::Limits;
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, EntryId, StaffId, SubjectId, TenantId};
use domain::learning::CardHead;
use domain::organisation::{Role, Staff, Tenant, UnitTree, is_machine};
use domain::policy::{Access, Act, Actor, allow_in_tenant};
use domain::settings::Settings;
use jiff::Timestamp;
use store::{AccessEntry, Entrance, Store, Tx};
use uuid::Uuid;

use crate::error::Error;
use crate::groups::KeptGroups;
use crate::jobs::Standing;
use crate::keeping::Keeping;
use crate::machines::Exchanging;
use crate::mailing::Mailing;
use crate::reports::Published;
use crate::sealing::Sealer;
use crate::trail::{Trail, role_of};

/// Tells the time. The program has one; tests set theirs.
pub trait Clock: Send + Sync {
    /// Now, to the microsecond: what the databases keep.
    fn now(&self) -> Timestamp;
}

/// What a tenant has set up, kept in memory while its version lasts.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// The units.
    pub units: Arc<UnitTree>,
    /// The code lists with the tenant's own.
    pub codes: CodeLists,
    /// What the tenant decides for itself.
    pub settings: Arc<Settings>,
    /// The approved learning cards, as they are shown at filing, newest first.
    pub learning_cards: Arc<[CardHead]>,
}

/// Set-ups kept in memory at most; more tenants than this take turns.
const SET_UPS_KEPT: usize = 512;

#[derive(Default)]
struct Kept {
    /// Slugs never change, so a tenant's id is kept for good.
    ids: HashMap<String, TenantId>,
    set_ups: HashMap<TenantId, (i64, SetUp)>,
}

/// The service: its database, keys and clock.
pub struct App {
    /// The database.
    pub store: Store,
    /// The keys.
    pub sealer: Sealer,
    /// Where attachments are kept.
    pub keeping: Keeping,
    /// How mail leaves.
    pub mailing: Mailing,
    /// The public versions of reports.
    pub(crate) published: Published,
    exchanging: OnceLock<Exchanging>,
    clock: Box<dyn Clock>,
    kept: Mutex<Kept>,
    standing: Mutex<Arc<[Standing]>>,
    pub(crate) groups: KeptGroups,
    personal_issuers: HashSet<String>,
}

/// Who a token says the caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who signed the token.
    pub issuer: String,
    /// The person at that issuer.
    pub subject: String,
    /// The tenant's slug.
    pub tenant: String,
    /// The person's name, if the token has it.
    pub name: Option<String>,
    /// What else the token says of them.
    pub more: Vouched,
}

/// What an issuer may vouch for beside who somebody is; nothing of it unless it is set up so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// An address for notices, kept when the person comes for the first time.
    pub email: Option<String>,
    /// Whether the subject is a personal identity number, which is kept nowhere as it is.
    pub personal: bool,
    /// The person's groups, and when the token was issued that says so.
    pub groups: Option<(Vec<String>, Timestamp)>,
}

/// The caller of one request: let in, with what they hold and where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub tenant: Tenant,
    /// Its set-up.
    pub set_up: SetUp,
    /// The person.
    pub staff: Staff,
    /// What they hold today.
    pub actor: Actor,
    /// When the request came.
    pub now: Timestamp,
    /// The request's id, for log, audit and problem details.
    pub request: Uuid,
    /// What it met.
    pub trail: Arc<Trail>,
}

/// Who makes a change, and where: somebody of the staff, or the sender of an opinion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doer<'a> {
    /// The tenant's set-up.
    pub set_up: &'a SetUp,
    /// Who of the staff.
    pub by: Option<StaffId>,
    /// When.
    pub now: Timestamp,
    /// The request's id.
    pub request: Uuid,
}

impl Caller {
    /// The caller as who makes a change.
    pub(crate) fn doer(&self) -> Doer<'_> {
        let by = Some(self.staff.id);
        let (set_up, now, request) = (&self.set_up, self.now, self.request);
        Doer { set_up, by, now, request }
    }

    /// The entry of what this request shows of `exposed`, and why it may.
    pub(crate) fn entry(
        &self,
        app: &App,
        act: impl Into<String>,
        access: Access,
        exposed: Vec<(CaseId, Option<SubjectId>)>,
    ) -> AccessEntry {
        self.trail.entry(EntryId(app.new_id()), act.into(), role_of(access), exposed)
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant.id
    }

    /// The tenant's limits for handling.
    pub fn limits(&self) -> Limits {
        self.set_up.settings.limits()
    }

    /// Lets through who may do `act` in the tenant.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn may(&self, act: Act) -> Result<Access, Error> {
        match allow_in_tenant(&self.actor, act) {
            access @ (Access::Role(_) | Access::Asked | Access::Own) => Ok(access),
            Access::Forbidden | Access::Hidden => Err(Error::Forbidden),
        }
    }
}

impl App {
    /// The service over a database that is migrated.
    pub fn new(store: Store, sealer: Sealer, clock: Box<dyn Clock>) -> Self {
        let (keeping, mailing) = (Keeping::default(), Mailing::default());
        let (kept, standing) = (Mutex::default(), Mutex::new(Arc::default()));
        let (exchanging, published) = (OnceLock::new(), Published::default());
        let (groups, personal_issuers) = (KeptGroups::default(), HashSet::new());
        Self {
            store,
            sealer,
            keeping,
            mailing,
            published,
            exchanging,
            clock,
            kept,
            standing,
            groups,
            personal_issuers,
        }
    }

    /// The service where these issuers name people by their personal identity number.
    #[must_use]
    pub fn with_personal_issuers(self, issuers: impl IntoIterator<Item = String>) -> Self {
        Self { personal_issuers: issuers.into_iter().collect(), ..self }
    }

    /// Whether an issuer names people by their personal identity number.
    pub(crate) fn names_by_number(&self, issuer: &str) -> bool {
        self.personal_issuers.contains(issuer)
    }

    /// The service with attachments kept, and looked at, elsewhere than by default.
    #[must_use]
    pub fn with_keeping(self, keeping: Keeping) -> Self {
        Self { keeping, ..self }
    }

    /// The service with mail.
    #[must_use]
    pub fn with_mailing(self, mailing: Mailing) -> Self {
        Self { mailing, ..self }
    }

    /// How messages go from machine to machine; `None` where they do not.
    pub fn exchanging(&self) -> Option<&Exchanging> {
        self.exchanging.get()
    }

    /// Lets messages go from machine to machine. Said once, when it is known where others see the
    /// service.
    pub fn begin_exchange(&self, exchanging: Exchanging) {
        // Whoever says it twice has said it before.
        let _ = self.exchanging.set(exchanging);
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where every tenant stood when the ladders were last looked at; empty before the first time.
    pub fn standing(&self) -> Arc<[Standing]> {
        Arc::clone(&self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn keep_standing(&self, new: Vec<Standing>) {
        // A panic elsewhere leaves it whole: each change is one assignment.
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = new.into();
    }

    /// A new id, sorted by time.
    pub fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// Random bits for a number.
    pub fn new_seed(&self) -> u64 {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        // Each half has fixed bits at another place.
        high ^ low.rotate_left(32)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A panic elsewhere leaves the maps whole: each change is one insertion.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn tenant_id(&self, slug: &str) -> Result<TenantId, Error> {
        if let Some(id) = self.kept().ids.get(slug) {
            return Ok(*id);
        }
        let tenant = self.store.tenant_by_slug(slug).await.map_err(|error| match error {
            store::Error::NotFound => Error::NotLetIn("no such tenant"),
            other => other.into(),
        })?;
        self.kept().ids.insert(slug.to_owned(), tenant.id);
        Ok(tenant.id)
    }

    /// Lets a caller in: finds the tenant, the person and what they hold. A person never seen
    /// before gets a staff row: anyone with an accepted token of the tenant may file.
    ///
    /// # Errors
    /// [`Error::NotLetIn`] for an unknown or suspended tenant or a person who has left.
    pub async fn enter(&self, identity: &Identity, request: Uuid) -> Result<Caller, Error> {
        self.enter_from(identity, request, None).await
    }

    /// As [`App::enter`], for somebody who comes `from` a network, which entries of what they read name.
    /// Of a shared phone it is not kept: whoever files there may not want to be found.
    ///
    /// # Errors
    /// As [`App::enter`].
    pub async fn enter_from(
        &self,
        identity: &Identity,
        request: Uuid,
        from: Option<String>,
    ) -> Result<Caller, Error> {
        let id = self.tenant_id(&identity.tenant).await?;
        let identity = &self.kept_identity(identity);
        let Entrance { tenant, staff, mut grants } =
            self.store.entrance(id, identity.issuer.clone(), identity.subject.clone()).await?;
        if tenant.suspended_at.is_some() {
            return Err(Error::NotLetIn("tenant suspended"));
        }
        let set_up = self.set_up(&tenant).await?;
        let staff = match staff {
            Some(staff) => staff,
            None if is_machine(&identity.subject) => {
                return Err(Error::NotLetIn("machine not registered"));
            }
            None => self.welcome(id, identity).await?,
        };
        if staff.deactivated_at.is_some() {
            return Err(Error::NotLetIn("staff deactivated"));
        }
        let now = self.now();
        if let Some(groups) = &identity.more.groups {
            grants = self.follow_groups(&tenant, &staff, groups, grants, request).await?;
        }
        let actor = Actor::new(staff.id, &grants, &set_up.units, swedish_date(now));
        let mut actor = actor.under(set_up.settings.role_rules());
        if staff.is_machine() {
            actor = actor.as_machine();
            if actor.held.is_empty() {
                return Err(Error::NotLetIn("machine without a grant"));
            }
        }
        let from = from.filter(|_| !actor.is(Role::Intake));
        let trail = Arc::new(Trail::new(id, staff.id, now, request, from));
        Ok(Caller { tenant, set_up, staff, actor, now, request, trail })
    }

    /// The tenant's set-up, at least as new as `tenant` says.
    pub(crate) async fn set_up(&self, tenant: &Tenant) -> Result<SetUp, Error> {
        let id = tenant.id;
        let known = self.kept().set_ups.get(&id).cloned();
        if let Some((version, set_up)) = known
            && version == tenant.config_version
        {
            return Ok(set_up);
        }
        let load = |tx: &mut Tx<'_>| {
            let settings = Arc::new(tx.settings()?.0);
            let units = UnitTree::new(tx.units()?).grouped(settings.area_groups.clone());
            let set_up = SetUp {
                units: Arc::new(units),
                codes: CodeLists::with_own(tx.tenant_codes()?),
                settings,
                learning_cards: tx.approved_cards()?.into(),
            };
            Ok::<_, store::Error>((tx.own_tenant()?.config_version, set_up, tx.tenant_keys()?))
        };
        let (version, set_up, keys) = self.store.read(id, load).await?;
        // Those that no master key opens are told of by the job that looks after the keys.
        self.sealer.learn(id, &keys, self.now());
        let mut kept = self.kept();
        if kept.set_ups.len() >= SET_UPS_KEPT && !kept.set_ups.contains_key(&id) {
            kept.set_ups.clear();
        }
        kept.set_ups.insert(id, (version, set_up.clone()));
        Ok(set_up)
    }

    /// The identity as it is kept: of a personal identity number a keyed hash.
    fn kept_identity(&self, identity: &Identity) -> Identity {
        if !identity.more.personal {
            return identity.clone();
        }
        let subject = self.sealer.personal_subject(&identity.issuer, &identity.subject);
        Identity { subject, ..identity.clone() }
    }

    /// Makes the staff row of a person who comes for the first time.
    async fn welcome(&self, tenant: TenantId, identity: &Identity) -> Result<Staff, Error> {
        let staff = Staff {
            id: StaffId(self.new_id()),
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            name: identity.name.clone(),
            profession: None,
            email: identity.more.email.clone(),
            deactivated_at: None,
            version: 1,
        };
        let row = staff.clone();
        let made = self.store.write(tenant, move |tx| tx.insert_staff(&row)).await;
        match made {
            Ok(()) => Ok(staff),
            // The same person came twice at once: the first one's row stands.
            Err(store::Error::Conflict { .. }) => {
                let (issuer, subject) = (identity.issuer.clone(), identity.subject.clone());
                self.store
                    .read(tenant, move |tx| tx.staff_by_identity(&issuer, &subject))
                    .await?
                    .ok_or_else(|| {
                        Error::Internal("a staff row was refused and is not there".into())
                    })
            }
            Err(other) => Err(other.into()),
        }
    }
}
