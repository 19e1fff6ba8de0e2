//! Synpunkter and klagomål in JSON.

pub mod answer;
pub mod command;
pub mod ending;
pub mod message;
pub mod request;
pub mod view;

pub use answer::{OpinionAnswerRequest, OpinionAnswerView};
pub use command::{
    AcknowledgeOpinionRequest, AskSenderRequest, AssignOpinionRequest, ContactAttemptRequest,
    HandOverOpinionRequest, InvestigateOpinionRequest, PassOnOpinionRequest,
    RegisterOpinionRequest, SpinOffRequest,
};
pub use ending::OpinionEndingRequest;
pub use message::{OpinionMessageKind, OpinionMessageView};
pub use request::{OpinionRequest, OpinionSenderRequest, SolvedRequest};
pub use view::{OpinionBriefView, OpinionView};
