//! Answering without an account: what staff set up, and what a contact reads and writes.

mod replies;
mod staff;

pub use replies::{
    FactorRequest, HandOverRequest, LetView, LetterRequest, QuestionRequest, RepliesView,
    ReplyAnswerRequest, ReplyExchangeView, ReplyIdentityView, ReplyShort, ReplyView,
};
pub use staff::{
    CodeWordRequest, CodeWordView, ExposedView, OneTimeCodeView, PortalContactRequest,
    PortalContactView, PortalContactsView, PortalEntryView, PortalLinkView,
};
