//! The page: everything from this sender that the contact may see, and who each is about where that was
//! decided to be told. It leaves an entry before it is shown.

use domain::forwarding::Forwarding;
use domain::ids::ForwardingId;
use domain::personnummer::SubjectIdentity;
use domain::portal::{Addressed, Sight, sight};
use store::Tx;

use super::Visitor;
use crate::context::App;
use crate::error::Error;

/// One of them, as the contact sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The forwarding; what is shown of it is made by `shown_to`.
    pub forwarding: Forwarding,
    /// How much of it they see.
    pub sight: Sight,
    /// Who it is about.
    pub identity: Option<SubjectIdentity>,
}

/// The page.
#[derive(Clone, Debug, PartialEq)]
pub struct RepliesShown {
    /// Those that wait for an answer, the longest first, and then those that are answered, the newest
    /// first.
    pub replies: Vec<Reply>,
}

impl App {
    /// Everything that a contact may see, and who each is about.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`]; and nothing is shown without its entry.
    pub async fn read_replies(&self, visitor: &Visitor) -> Result<RepliesShown, Error> {
        let replies = self.visible(visitor, None).await?;
        self.keep_showing(visitor, "replies.read", &replies).await?;
        Ok(RepliesShown { replies })
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::read_replies`]; [`Error::NotFound`] for one they do not see.
    pub async fn read_reply(&self, visitor: &Visitor, id: ForwardingId) -> Result<Reply, Error> {
        let replies = self.visible(visitor, Some(id)).await?;
        self.keep_showing(visitor, "reply.read", &replies).await?;
        replies.into_iter().next().ok_or(Error::NotFound)
    }

    async fn keep_showing(
        &self,
        visitor: &Visitor,
        act: &str,
        replies: &[Reply],
    ) -> Result<(), Error> {
        let mut entry = visitor.entry(self, act, None);
        let exposed = replies.iter().map(|it| (it.forwarding.id, it.identity.is_some()));
        entry.exposed = exposed.collect();
        self.keep_portal_entry(visitor.tenant.id, &entry).await
    }

    /// What a contact sees, in the order of the page; all, or one.
    pub(super) async fn visible(
        &self,
        visitor: &Visitor,
        only: Option<ForwardingId>,
    ) -> Result<Vec<Reply>, Error> {
        let session = visitor.session()?.clone();
        let (link, contact, now) = (visitor.link.clone(), visitor.contact.clone(), visitor.now);
        let load = move |tx: &mut Tx<'_>| {
            let mut seen = Vec::new();
            for forwarding in tx.forwardings_to(contact.counterparty)? {
                let shown = sight(&contact, &link, &session, &Addressed::from(&forwarding), now);
                let wanted = only.is_none_or(|only| only == forwarding.id);
                if let Some(sight) = shown.filter(|_| wanted) {
                    seen.push((forwarding, sight));
                }
            }
            let told = seen.iter().filter(|it| it.1.identity).map(|it| it.0.id).collect::<Vec<_>>();
            Ok::<_, store::Error>((seen, tx.identities_along(&told)?))
        };
        let (seen, mut sealed) = self.store.read(visitor.tenant.id, load).await?;
        let mut replies = Vec::new();
        for (forwarding, sight) in seen {
            let identity = sealed.remove(&forwarding.id);
            let identity = identity
                .map(|it| self.identity_sealed(visitor.tenant.id, forwarding.id, &it))
                .transpose()?
                .flatten();
            replies.push(Reply { forwarding, sight, identity });
        }
        let answered = |reply: &Reply| reply.forwarding.matter.answered_at;
        replies.sort_by_key(|reply| {
            (
                !reply.sight.open,
                if reply.sight.open { None } else { answered(reply).map(std::cmp::Reverse) },
            )
        });
        Ok(replies)
    }

    /// A forwarding that the contact sees, for what they do to it.
    ///
    /// # Errors
    /// [`Error::FactorNeeded`]; [`Error::NotFound`] for one they do not see.
    pub(super) async fn visible_alone(
        &self,
        visitor: &Visitor,
        id: ForwardingId,
    ) -> Result<Forwarding, Error> {
        let session = visitor.session()?;
        let found = self.store.read(visitor.tenant.id, move |tx| tx.forwarding(id)).await?;
        let (link, contact) = (&visitor.link, &visitor.contact);
        match sight(contact, link, session, &Addressed::from(&found), visitor.now) {
            Some(_) => Ok(found),
            None => Err(Error::NotFound),
        }
    }
}
