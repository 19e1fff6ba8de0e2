//! Answering without an account: what staff set up, and what a contact reads and writes.

mod replies;
mod staff;

pub use replies::{
    ExchangeView, FactorRequest, HandOverRequest, IdentityView, LetView, LetterRequest,
    QuestionRequest, RepliesView, ReplyAnswerRequest, ReplyView, ShortAnswer,
};
pub use staff::{
    CodeWordRequest, CodeWordView, ContactRequest, ContactView, ContactsView, ExposedView,
    LinkView, OneTimeCodeView, PortalEntryView,
};
