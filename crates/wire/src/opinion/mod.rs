//! Synpunkter and klagomål in JSON.

pub mod answer;
pub mod command;
pub mod ending;
pub mod request;
pub mod view;

pub use answer::{AnswerRequest, AnswerView};
pub use command::{
    AcknowledgeRequest, AskSenderRequest, AssignRequest, AttemptRequest, HandOverRequest,
    InvestigateOpinionRequest, PassOnRequest, RegisterOpinionRequest, SpinOffRequest,
};
pub use ending::EndingRequest;
pub use request::{OpinionRequest, SenderRequest, SolvedRequest};
pub use view::{OpinionBriefView, OpinionView};
