//! Reports between a private provider and the nämnd that buys its care: both ends agree, the provider shares
//! what it has established, the nämnd reads it beside its own and notes it.
//!
//! Each tenant writes its own rows, in a transaction of its own: a report that is shared becomes a copy at
//! the other end, so that nothing is ever read across tenants but the word of the other end.

use std::collections::BTreeSet;

use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::ids::{EntryId, MessageId, StaffId, TenantId};
use domain::learning::Done;
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::organisation::{Role, UnitTree};
use domain::policy::{Act, reads_report};
use domain::table::Table;
use domain::worklist::Roster;
use domain::yearly::Yearly;
use domain::yearly::shared::{Partner, SharedReport, Side, agreed, beside, withdrawal};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::json;
use store::{AuditEntry, Message, SharedLine, Tx};
use uuid::Uuid;

use super::state::{established, read_content};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::{Refused, Trace};

/// Another tenant with which reports are shared, and whether it agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerShown {
    /// Our word.
    pub partner: Partner,
    /// Whether both ends agree.
    pub agreed: bool,
}

/// What was shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// With whom, by name in paths.
    pub with: String,
    /// The year.
    pub year: i16,
    /// Which version.
    pub version: u32,
    /// SHA-256 over its content.
    pub sha256: String,
}

/// Tells those who answer for the other tenant what came of a provider's report.
#[derive(Clone)]
struct Telling {
    topic: &'static str,
    step: Step,
    at: Timestamp,
    /// Names for the messages: nothing is drawn inside a transaction.
    ids: Vec<Uuid>,
}

/// How many are told at most.
const MOST_TOLD: usize = 20;

impl Telling {
    fn new(app: &App, caller: &Caller, topic: &'static str, step: Step) -> Self {
        let ids = (0..MOST_TOLD).map(|_| app.new_id()).collect();
        Self { topic, step, at: caller.now, ids }
    }

    /// A message to each who holds the directorship there, or answers as MAS or SAS.
    fn messages(
        &self,
        tx: &mut Tx<'_>,
        (year, version): (i16, u32),
    ) -> Result<Vec<Message>, store::Error> {
        let day = swedish_date(self.at);
        let roster = Roster::new(tx.grants_on(day)?, &BTreeSet::new(), &UnitTree::new([]));
        let mut told: BTreeSet<StaffId> = BTreeSet::new();
        for role in [Role::Director, Role::Mas, Role::Sas] {
            told.extend(roster.everyone(role, day));
        }
        let message = |(id, staff): (&Uuid, StaffId)| {
            let notice = Notice {
                about: About::Everything,
                number: None,
                step: self.step,
                urgency: Urgency::Normal,
                to: Audience::Staff(staff),
                due_on: None,
                while_open: false,
            };
            Message {
                id: MessageId(*id),
                at: self.at,
                topic: self.topic.to_owned(),
                case: None,
                payload: json!({ "year": year, "version": version, "notice": notice }),
            }
        };
        Ok(self.ids.iter().zip(told).map(message).collect())
    }
}

fn refused(field: &str, code: &'static str) -> Error {
    Error::Faults(vec![Fault::at(field, Reason::inconsistent(code))])
}

impl App {
    /// The word of another tenant about the caller's, if it has given it.
    async fn word_of(&self, other: TenantId, caller: &Caller) -> Result<Option<Partner>, Error> {
        let us = caller.tenant_id();
        Ok(self.store.ask(other, move |tx| tx.report_partner(us)).await?)
    }

    async fn other(
        &self,
        caller: &Caller,
        slug: &str,
    ) -> Result<domain::organisation::Tenant, Error> {
        let other = self.store.tenant_by_slug(slug).await?;
        if other.id == caller.tenant_id() { Err(Error::NotFound) } else { Ok(other) }
    }

    async fn with_word(&self, caller: &Caller, partner: Partner) -> Result<PartnerShown, Error> {
        let theirs = self.word_of(partner.other, caller).await?;
        let agreed = agreed(&partner, theirs.as_ref());
        Ok(PartnerShown { partner, agreed })
    }

    /// The other tenants with which reports are shared, or were.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn report_partners(&self, caller: &Caller) -> Result<Vec<PartnerShown>, Error> {
        if caller.may(Act::ManagePartners).is_err() {
            caller.may(Act::ShareReport)?;
        }
        let partners = self.store.ask(caller.tenant_id(), |tx| tx.report_partners()).await?;
        let mut found = Vec::with_capacity(partners.len());
        for partner in partners {
            found.push(self.with_word(caller, partner).await?);
        }
        Ok(found)
    }

    /// Our word about another tenant, for whoever gives it; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] where there is no such tenant.
    pub async fn report_partner(
        &self,
        caller: &Caller,
        slug: &str,
    ) -> Result<Option<Partner>, Error> {
        caller.may(Act::ManagePartners)?;
        let other = self.other(caller, slug).await?.id;
        Ok(self.store.ask(caller.tenant_id(), move |tx| tx.report_partner(other)).await?)
    }

    /// Says that reports are shared with another tenant, and which end we are.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Stale`].
    pub async fn agree_to_share(
        &self,
        caller: &Caller,
        slug: &str,
        before: Option<Partner>,
        side: Side,
    ) -> Result<PartnerShown, Error> {
        caller.may(Act::ManagePartners)?;
        let other = self.other(caller, slug).await?;
        let new = || Partner {
            other: other.id,
            slug: other.slug.clone(),
            name: other.name.clone(),
            side,
            agreed: caller.done(),
            ended: None,
            version: 1,
        };
        let partner = before.map_or_else(new, |before| before.agree(side, caller.done()));
        self.save_partner(caller, "report_partner.agree", partner).await
    }

    /// Takes our word back. What was shared stays where it is.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub async fn end_sharing(
        &self,
        caller: &Caller,
        before: Partner,
    ) -> Result<PartnerShown, Error> {
        caller.may(Act::ManagePartners)?;
        self.save_partner(caller, "report_partner.end", before.end(caller.done())).await
    }

    async fn save_partner(
        &self,
        caller: &Caller,
        action: &'static str,
        partner: Partner,
    ) -> Result<PartnerShown, Error> {
        let details = json!({ "side": partner.side.code(), "version": partner.version });
        let trace = Trace::new(self, caller, action, ("report_partner", partner.other.0), details);
        let row = partner.clone();
        let write = move |tx: &mut Tx<'_>| Ok(tx.save_report_partner(&row)?);
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        self.with_word(caller, partner).await
    }

    /// Shares the established report of a year with the nämnd that buys the care. Sharing twice does once.
    ///
    /// # Errors
    /// [`Error::State`] where no version is established; [`Error::Faults`] where the two have not agreed.
    pub async fn share_report(
        &self,
        caller: &Caller,
        year: i16,
        to: &str,
    ) -> Result<Shared, Error> {
        caller.may(Act::ShareReport)?;
        let unknown = || Error::Faults(vec![Fault::at("/to", Reason::NotFound)]);
        let partners = self.store.ask(caller.tenant_id(), |tx| tx.report_partners()).await?;
        let ours = partners.into_iter().find(|partner| partner.slug == to).ok_or_else(unknown)?;
        let theirs = self.word_of(ours.other, caller).await?;
        if ours.side != Side::Provider || !agreed(&ours, theirs.as_ref()) {
            return Err(refused("/to", "sharing_not_agreed"));
        }
        let read = move |tx: &mut Tx<'_>| Ok::<_, store::Error>(tx.established(year));
        let version = match self.store.read(caller.tenant_id(), read).await? {
            Err(store::Error::NotFound) => {
                let status = self.report_unasked(caller, year).await?.status().code();
                return Err(Error::State { status, command: "share" });
            }
            found => found?,
        };
        let (other, head) = (ours.other, &version.head);
        let Some(established) = &head.established else {
            return Err(Error::Internal("an established version without its day".into()));
        };
        let copy = SharedReport {
            provider: caller.tenant_id(),
            slug: caller.tenant.slug.clone(),
            name: caller.tenant.name.clone(),
            year,
            report_version: head.lock.version,
            content: version.content.clone(),
            sha256: head.sha256.clone(),
            locked_at: head.lock.done.at,
            established_on: established.on,
            shared_at: caller.now,
            noted: None,
            withdrawn: None,
            version: 1,
        };
        let shared = Shared {
            with: ours.slug,
            year,
            version: head.lock.version,
            sha256: head.sha256.clone(),
        };
        self.hand_over(caller, other, copy).await?;
        let details = json!({ "to": shared.with, "version": shared.version });
        let trace = self.report_trace(caller, "report.share", year, details);
        let (number, done) = (shared.version, caller.done());
        let write = move |tx: &mut Tx<'_>| {
            Ok(tx.add_rows(|rows| rows.report_share(year, number, other, &done))?)
        };
        match self.change_set_up(caller, trace, write).await {
            Err(refused)
                if refused.conflict() == Some("report_shares_year_report_version_other_id_key") => {
            }
            other => other.map_err(Refused::into_error)?,
        }
        Ok(shared)
    }

    /// Takes back a version that was shared. The other end keeps what it was given, and is told.
    ///
    /// # Errors
    /// [`Error::Faults`] for an end with which nothing was agreed, a version that was not shared or is taken back
    /// already, and without a reason.
    pub async fn withdraw_share(
        &self,
        caller: &Caller,
        year: i16,
        (to, version): (&str, u32),
        reason: &str,
    ) -> Result<Shared, Error> {
        caller.may(Act::ShareReport)?;
        let withdrawn = withdrawal(reason, caller.now)?;
        let unknown = |field: &str| Error::Faults(vec![Fault::at(field, Reason::NotFound)]);
        let partners = self.store.ask(caller.tenant_id(), |tx| tx.report_partners()).await?;
        let ours = partners.into_iter().find(|partner| partner.slug == to);
        let ours = ours.ok_or_else(|| unknown("/to"))?;
        let read = move |tx: &mut Tx<'_>| Ok::<_, store::Error>(tx.frozen(year, Some(version)));
        let frozen = match self.store.read(caller.tenant_id(), read).await? {
            Err(store::Error::NotFound) => return Err(unknown("/report_version")),
            found => found?,
        };
        let entry = self.other_entry(caller, "shared_report.withdraw", (year, version));
        let key = (caller.tenant_id(), year, version);
        let told = Telling::new(self, caller, "shared_report.withdrawn", Step::ReportWithdrawn);
        let write = move |tx: &mut Tx<'_>| {
            if !tx.withdraw_shared(key, Some(&withdrawn))? {
                return Ok::<_, store::Error>(false);
            }
            let messages = told.messages(tx, (year, version))?;
            tx.add_rows(|rows| {
                rows.audit(&entry);
                messages.iter().for_each(|it| rows.message(it));
            })?;
            Ok(true)
        };
        if !self.store.write(ours.other, write).await? {
            return Err(unknown("/report_version"));
        }
        let details = json!({ "to": ours.slug, "version": version });
        let trace = self.report_trace(caller, "report.withdraw_share", year, details);
        self.change_set_up(caller, trace, |_: &mut Tx<'_>| Ok(()))
            .await
            .map_err(Refused::into_error)?;
        Ok(Shared { with: ours.slug, year, version, sha256: frozen.head.sha256 })
    }

    /// The audit entry of what comes from here, among the other tenant's own.
    fn other_entry(
        &self,
        caller: &Caller,
        action: &str,
        (year, version): (i16, u32),
    ) -> AuditEntry {
        AuditEntry {
            id: EntryId(self.new_id()),
            at: caller.now,
            by: None,
            action: action.to_owned(),
            object_kind: "shared_report",
            object: caller.tenant_id().0,
            details: json!({ "year": year, "version": version }),
            request: caller.request,
        }
    }

    /// Puts the copy among the other tenant's own rows, once, and tells those who answer there. What was taken
    /// back is given again.
    async fn hand_over(
        &self,
        caller: &Caller,
        other: TenantId,
        copy: SharedReport,
    ) -> Result<(), Error> {
        let which = (copy.year, copy.report_version);
        let key = (copy.provider, copy.year, copy.report_version);
        let entry = self.other_entry(caller, "shared_report.receive", which);
        let told = Telling::new(self, caller, "shared_report.received", Step::ReportShared);
        let (again, entry_again) = (told.clone(), entry.clone());
        let write = move |tx: &mut Tx<'_>| {
            let messages = told.messages(tx, which)?;
            tx.add_rows(|rows| {
                rows.shared_report(&copy);
                rows.audit(&entry);
                messages.iter().for_each(|it| rows.message(it));
            })
        };
        let there = "shared_reports_provider_id_year_report_version_key";
        match self.store.write(other, write).await {
            Err(error) if error.conflict() == Some(there) => {}
            done => return done.map_err(Error::from),
        }
        let restore = move |tx: &mut Tx<'_>| {
            if tx.withdraw_shared(key, None)? {
                let messages = again.messages(tx, which)?;
                tx.add_rows(|rows| {
                    rows.audit(&entry_again);
                    messages.iter().for_each(|it| rows.message(it));
                })?;
            }
            Ok::<_, store::Error>(())
        };
        Ok(self.store.write(other, restore).await?)
    }

    /// What providers have shared with us, of one year or of all, without the content.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn shared_reports(
        &self,
        caller: &Caller,
        year: Option<i16>,
    ) -> Result<Vec<SharedLine>, Error> {
        caller.may(Act::ReadShared)?;
        Ok(self.store.ask(caller.tenant_id(), move |tx| tx.shared_lines(year)).await?)
    }

    /// The report of a provider: the version asked for, as it was shared, or the newest that was not taken back.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn shared_report(
        &self,
        caller: &Caller,
        slug: &str,
        (year, version): (i16, Option<u32>),
        act: Act,
    ) -> Result<SharedReport, Error> {
        caller.may(act)?;
        let slug = slug.to_owned();
        let read = move |tx: &mut Tx<'_>| tx.shared_report(&slug, year, version);
        Ok(self.store.ask(caller.tenant_id(), read).await?)
    }

    /// Notes a provider's report that was read as `before`.
    ///
    /// # Errors
    /// [`Error::Faults`]; [`Error::Stale`].
    pub async fn note_shared(
        &self,
        caller: &Caller,
        before: SharedReport,
        on: Date,
        paragraph: &str,
    ) -> Result<SharedReport, Error> {
        let done = Done { by: caller.staff.id, at: caller.now };
        let noted = before.note(on, paragraph, done)?;
        let details = json!({ "year": noted.year, "version": noted.report_version, "on": on });
        let object = ("shared_report", noted.provider.0);
        let trace = Trace::new(self, caller, "shared_report.note", object, details);
        let row = noted.clone();
        let write = move |tx: &mut Tx<'_>| Ok(tx.save_shared_report(&row)?);
        self.change_set_up(caller, trace, write).await.map_err(Refused::into_error)?;
        Ok(noted)
    }

    /// The counts that law asks for: those of our own established report of a year, where there is one the
    /// caller may read, and of every provider's.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn reports_beside(&self, caller: &Caller, year: i16) -> Result<Table, Error> {
        caller.may(Act::ReadShared)?;
        let reads_own = reads_report(&caller.actor, true);
        let read = move |tx: &mut Tx<'_>| {
            let own = match established(tx, year) {
                Ok(own) if reads_own => Some(own.report),
                Ok(_) | Err(store::Error::NotFound) => None,
                Err(other) => return Err(other),
            };
            let theirs = tx.shared_of_year(year)?;
            let read: Result<Vec<Yearly>, store::Error> =
                theirs.iter().map(|it| read_content(&it.content)).collect();
            Ok((own, theirs, read?))
        };
        let (own, theirs, read) = self.store.read(caller.tenant_id(), read).await?;
        let us = caller.tenant.slug.as_str();
        let mut reports: Vec<(&str, &str, &Yearly)> = Vec::new();
        reports.extend(own.as_ref().map(|own| (us, caller.tenant.name.as_str(), own)));
        let each = theirs.iter().zip(&read);
        reports.extend(each.map(|(it, report)| (it.slug.as_str(), it.name.as_str(), report)));
        let as_of = reports.iter().map(|(_, _, report)| report.as_of).max();
        Ok(beside(year, as_of.unwrap_or(date(year, 12, 31)), &reports))
    }
}
