//! Coming by a link, or with the code of a letter; showing the factor; leaving.

use std::sync::Arc;

use domain::fault::{Fault, Reason};
use domain::ids::{EntryId, LinkId, SessionId, TenantId};
use domain::organisation::Tenant;
use domain::portal::{
    Addressed, Closed, Contact, Given, Link, Session, Shown, Way, enter, read_code, sight,
};
use jiff::Timestamp;
use store::{KeptCode, PortalEntry, Tx};
use uuid::Uuid;

use super::secrets::{STRETCHING, word_holds};
use super::{TRIES, Visitor};
use crate::context::App;
use crate::error::Error;

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct Let {
    /// By which token they go on.
    pub token: String,
    /// The value of the cookie.
    pub cookie: String,
    /// The session.
    pub session: Session,
}

fn wrong_code() -> Error {
    Error::Faults(vec![Fault::at("/code", Reason::inconsistent("wrong_code"))])
}

/// What a code was held against: the one it may be, whose that is, and whether it is.
type Held = Option<(KeptCode, Contact, bool)>;

impl App {
    /// The tenant of a public address.
    pub(super) async fn sender(&self, slug: &str) -> Result<Tenant, Error> {
        let tenant = self.store.tenant_by_slug(slug).await.map_err(|error| match error {
            store::Error::NotFound => Error::Gone,
            other => other.into(),
        })?;
        if tenant.suspended_at.is_some() { Err(Error::Gone) } else { Ok(tenant) }
    }

    /// Opens a link. `cookie` is what the browser kept of the factor, if anything.
    ///
    /// # Errors
    /// [`Error::Gone`] for whatever opens nothing: made up, over, locked, revoked, recalled. Which of
    /// these stands in the log alone.
    pub async fn visit(
        &self,
        slug: &str,
        token: &str,
        cookie: Option<&str>,
        request: Uuid,
    ) -> Result<Visitor, Error> {
        let tenant = self.sender(slug).await?;
        let id = self.sealer.read_link_token(tenant.id, token).ok_or(Error::Gone)?;
        let session = cookie.and_then(|cookie| self.sealer.open_cookie(tenant.id, cookie));
        let visitor = self.found(tenant, id, session, request).await?;
        match self.why_closed(&visitor).await? {
            None => Ok(visitor),
            Some(why) => {
                let entry = visitor.entry(self, "link.refused", Some(why));
                self.keep_portal_entry(visitor.tenant.id, &entry).await?;
                Err(Error::Gone)
            }
        }
    }

    async fn found(
        &self,
        tenant: Tenant,
        id: LinkId,
        session: Option<SessionId>,
        request: Uuid,
    ) -> Result<Visitor, Error> {
        let load = move |tx: &mut Tx<'_>| {
            let link = tx.link(id)?.ok_or(store::Error::NotFound)?;
            let contact = tx.contact(link.contact)?;
            let counterparty = tx.counterparty(contact.counterparty)?;
            let session = session.map(|id| tx.session(id)).transpose()?.flatten();
            Ok::<_, store::Error>((link, contact, counterparty, session))
        };
        let found = self.store.read(tenant.id, load).await;
        let (link, contact, counterparty, session) = found.map_err(|error| match error {
            store::Error::NotFound => Error::Gone,
            other => other.into(),
        })?;
        let now = self.now();
        let session = session.filter(|session| session.holds(&link, &contact, now));
        Ok(Visitor { tenant, link, contact, counterparty, session, now, request })
    }

    /// Why a link opens nothing, for the log.
    async fn why_closed(&self, visitor: &Visitor) -> Result<Option<&'static str>, Error> {
        if let Err(closed) = visitor.link.admits(visitor.now) {
            return Ok(Some(closed.code()));
        }
        if !visitor.contact.active() {
            return Ok(Some(Closed::Revoked.code()));
        }
        // A letter's link is about one forwarding: taken back, it opens nothing.
        let Some(only) = visitor.link.only else { return Ok(None) };
        let forwarding = self.store.read(visitor.tenant.id, move |tx| tx.forwarding(only)).await?;
        Ok(forwarding.shown_to(visitor.counterparty.id).is_err().then_some("recalled"))
    }

    /// Shows a factor besides the link: a code word or a one-time code, as somebody typed it.
    ///
    /// # Errors
    /// [`Error::Faults`] at `/code` for a wrong one; [`Error::Gone`] for one too many.
    pub async fn show_factor(
        self: &Arc<Self>,
        visitor: &Visitor,
        text: &str,
    ) -> Result<Let, Error> {
        let given = read_code(text);
        let word = match &given {
            Given::Word(word) => Some(self.is_code_word(visitor, word.clone()).await?),
            Given::Letter(_) | Given::Phone(_) => None,
        };
        let tenant = visitor.tenant.clone();
        let mut link = visitor.link.clone();
        for _ in 0..TRIES {
            let held = self.held(tenant.id, &visitor.contact, &given, visitor.now).await?;
            match self.shown(visitor, link, word, held).await {
                Err(Error::Stale) => {
                    let id = visitor.link.id;
                    let again = self.store.read(tenant.id, move |tx| tx.link(id)).await?;
                    link = again.ok_or(Error::Gone)?;
                }
                done => return done,
            }
        }
        Err(Error::Unavailable("the link is tried all the time".to_owned()))
    }

    /// Whether a word is the counterparty's, at the speed of one who guesses.
    async fn is_code_word(
        self: &Arc<Self>,
        visitor: &Visitor,
        word: String,
    ) -> Result<bool, Error> {
        let of = (visitor.tenant.id, visitor.counterparty.id);
        let kept = self.store.ask(of.0, move |tx| tx.code_word(of.1)).await?;
        // It is never closed.
        let turn = STRETCHING.acquire().await.ok();
        let app = Arc::clone(self);
        let work = move || word_holds(&app.sealer, of, &word, kept.as_ref());
        let held = tokio::task::spawn_blocking(work).await;
        drop(turn);
        held.map_err(|_| Error::Internal("stretching panicked".into()))
    }

    /// The one-time code that somebody may have typed.
    async fn held(
        &self,
        tenant: TenantId,
        contact: &Contact,
        given: &Given,
        now: Timestamp,
    ) -> Result<Held, Error> {
        let holds = |kept: &KeptCode, code: &str| {
            self.sealer.code_holds(tenant, kept.code.id, code, &kept.hash)
        };
        match given {
            Given::Word(_) => Ok(None),
            Given::Phone(code) => {
                let id = contact.id;
                let kept =
                    self.store.ask(tenant, move |tx| tx.unused_codes(id, Way::Phone)).await?;
                let mut live = kept.into_iter().filter(|kept| kept.code.admits(now).is_ok());
                // Where none is right, the newest pays for it.
                let Some(newest) = live.next() else { return Ok(None) };
                if holds(&newest, code) {
                    return Ok(Some((newest, contact.clone(), true)));
                }
                Ok(Some(match live.find(|kept| holds(kept, code)) {
                    Some(right) => (right, contact.clone(), true),
                    None => (newest, contact.clone(), false),
                }))
            }
            Given::Letter(code) => {
                let locator = self.sealer.code_locator(tenant, code);
                let load = move |tx: &mut Tx<'_>| {
                    let Some(kept) = tx.letter_code(&locator)? else { return Ok(None) };
                    let owner = tx.contact(kept.code.contact)?;
                    // The letter was about one forwarding: taken back, its code opens nothing.
                    if let Some(about) = kept.code.forwarding
                        && tx.forwarding(about)?.shown_to(owner.counterparty).is_err()
                    {
                        return Ok(None);
                    }
                    Ok::<_, store::Error>(Some((kept, owner)))
                };
                let found = self.store.read(tenant, load).await?;
                Ok(found.map(|(kept, owner)| {
                    let right = holds(&kept, code);
                    (kept, owner, right)
                }))
            }
        }
    }

    /// Carries out one try, and writes what it costs or opens.
    async fn shown(
        &self,
        visitor: &Visitor,
        link: Link,
        word: Option<bool>,
        held: Held,
    ) -> Result<Let, Error> {
        let (now, tenant) = (visitor.now, visitor.tenant.id);
        let id = SessionId(self.new_id());
        let shown = match &held {
            Some((kept, owner, right)) => {
                Shown::Code { code: kept.code.clone(), owner, right: *right }
            }
            None => Shown::Word { right: word.unwrap_or(false) },
        };
        let entered = enter(id, link, &visitor.contact, shown, now).map_err(|_| Error::Gone)?;
        let locked = entered.link.admits(now).is_err();
        let (act, detail) = match &entered.session {
            Some(session) => ("link.used", session.factor.code()),
            None if locked => ("link.locked", "wrong_factor"),
            None => ("link.refused", "wrong_factor"),
        };
        let entry = visitor.entry(self, act, Some(detail));
        let cookie = match &entered.session {
            Some(session) => Some(self.sealer.seal_cookie(tenant, session.id)?),
            None => None,
        };
        let code = entered.code.zip(held).map(|(code, (kept, ..))| KeptCode { code, ..kept });
        let (link, session) = (entered.link, entered.session.clone());
        let write = move |tx: &mut Tx<'_>| {
            tx.save_link(&link)?;
            if let Some(code) = &code {
                tx.save_code(code)?;
            }
            if let Some(session) = &session {
                tx.insert_session(session)?;
            }
            tx.add_rows(|rows| rows.portal_entry(&entry))
        };
        self.store.write(tenant, write).await?;
        match (entered.session, cookie) {
            (Some(session), Some(cookie)) => {
                let token = self.sealer.link_token(tenant, session.link);
                Ok(Let { token, cookie, session })
            }
            _ if locked => Err(Error::Gone),
            _ => Err(wrong_code()),
        }
    }

    /// Comes with the code of a letter and nothing else: it opens what that letter is about, without who
    /// it is about, for link and code came in one envelope.
    ///
    /// # Errors
    /// [`Error::Faults`] at `/code` for a code that is none; [`Error::Gone`] for one that opens nothing
    /// any more, or an unknown sender.
    pub async fn come_by_letter(
        &self,
        slug: &str,
        text: &str,
        request: Uuid,
    ) -> Result<Let, Error> {
        let tenant = self.sender(slug).await?;
        let given = read_code(text);
        let Given::Letter(typed) = &given else { return Err(wrong_code()) };
        let now = self.now();
        let locator = self.sealer.code_locator(tenant.id, typed);
        for _ in 0..TRIES {
            let wanted = locator.clone();
            let load = move |tx: &mut Tx<'_>| {
                let Some(kept) = tx.letter_code(&wanted)? else { return Ok(None) };
                let owner = tx.contact(kept.code.contact)?;
                let about = kept.code.forwarding.map(|id| tx.forwarding(id)).transpose()?;
                Ok::<_, store::Error>(Some((kept, owner, about)))
            };
            let Some((kept, owner, about)) = self.store.read(tenant.id, load).await? else {
                return Err(wrong_code());
            };
            let right = self.sealer.code_holds(tenant.id, kept.code.id, typed, &kept.hash);
            let link = Link::issue(
                LinkId(self.new_id()),
                owner.id,
                kept.code.forwarding,
                Some(kept.code.issued_by),
                now,
            );
            let entry = |act: &str, detail: &str, link: Option<LinkId>| PortalEntry {
                id: EntryId(self.new_id()),
                at: now,
                contact: owner.id,
                link,
                act: act.to_owned(),
                detail: Some(detail.to_owned()),
                request,
                exposed: Vec::new(),
            };
            if !right {
                // Without a link to count on, the code itself pays for what is tried on it.
                let Ok(code) = kept.code.clone().refuse(now) else { return Err(wrong_code()) };
                let (code, entry) =
                    (KeptCode { code, ..kept }, entry("code.refused", "wrong_factor", None));
                let write = move |tx: &mut Tx<'_>| {
                    tx.save_code(&code)?;
                    tx.add_rows(|rows| rows.portal_entry(&entry))
                };
                match self.store.write(tenant.id, write).await {
                    Err(store::Error::Stale) => continue,
                    done => done?,
                }
                return Err(wrong_code());
            }
            let id = SessionId(self.new_id());
            let shown = Shown::Code { code: kept.code.clone(), owner: &owner, right };
            let entered = enter(id, link.clone(), &owner, shown, now).ok();
            let let_in = entered.and_then(|it| Some((it.link, it.code?, it.session?)));
            let open = |session: &Session, link: &Link| {
                about.as_ref().is_some_and(|about| {
                    sight(&owner, link, session, &Addressed::from(about), now).is_some()
                })
            };
            let Some((used, code, session)) =
                let_in.filter(|(link, _, session)| open(session, link))
            else {
                let why = kept.code.admits(now).err().map_or("recalled", Closed::code);
                let entry = entry("code.refused", why, None);
                self.keep_portal_entry(tenant.id, &entry).await?;
                return Err(Error::Gone);
            };
            let cookie = self.sealer.seal_cookie(tenant.id, session.id)?;
            let entry = entry("link.used", session.factor.code(), Some(used.id));
            let (row, code) = (session.clone(), KeptCode { code, ..kept });
            let write = move |tx: &mut Tx<'_>| {
                tx.insert_link(&link)?;
                tx.save_link(&used)?;
                tx.save_code(&code)?;
                tx.insert_session(&row)?;
                tx.add_rows(|rows| rows.portal_entry(&entry))
            };
            match self.store.write(tenant.id, write).await {
                Err(store::Error::Stale) => continue,
                done => done?,
            }
            let token = self.sealer.link_token(tenant.id, session.link);
            return Ok(Let { token, cookie, session });
        }
        Err(Error::Unavailable("the code is tried all the time".to_owned()))
    }

    /// Ends the session: whoever comes after at the same machine sees nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub async fn leave_portal(&self, visitor: &Visitor) -> Result<(), Error> {
        let Some(session) = &visitor.session else { return Ok(()) };
        let (id, now) = (session.id, visitor.now);
        let entry = visitor.entry(self, "session.left", None);
        let write = move |tx: &mut Tx<'_>| {
            tx.leave_session(id, now)?;
            tx.add_rows(|rows| rows.portal_entry(&entry))
        };
        Ok(self.store.write(visitor.tenant.id, write).await?)
    }
}
