//! What goes between caregivers, and the register of who is at the other end.

mod asking;
mod counterparty;
mod ledger;
mod view;

pub use asking::{
    AcknowledgeForwardingRequest, AnswerLetterRequest, ApproveForwardingAnswerRequest,
    AssignReceivedRequest, CheckForwardingRequest, CloseForwardingRequest, FinishMeasureRequest,
    ForwardingDraftRequest, ForwardingEditRequest, ForwardingFindingsRequest,
    ForwardingMessageRequest, JointMeasureRequest, PassOnForwardingRequest,
    ReceivedForwardingRequest, RemindForwardingRequest, SendForwardingAnswerRequest,
    SendForwardingRequest, ShareAnswerRequest, SharedEventRequest, WrongRecipientRequest,
};
pub use counterparty::{CounterpartyContactView, CounterpartyRequest, CounterpartyView};
pub use ledger::{LedgerLineView, LedgerView, TallyView};
pub use view::{
    CounterpartyRef, ExchangeView, ForwardingDecisionView, ForwardingHistoryEntryView,
    ForwardingHistoryView, ForwardingLineView, ForwardingPreviewView, ForwardingView,
    ForwardingsView,
};
