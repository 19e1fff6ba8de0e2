//! What goes between caregivers, and the register of who is at the other end.

mod asking;
mod counterparty;
mod ledger;
mod view;

pub use asking::{
    AcknowledgeRequest, AnswerLetterRequest, ApproveAnswerRequest, AssignRequest, CheckRequest,
    CloseForwardingRequest, FindingsRequest, FinishMeasureRequest, ForwardingDraftRequest,
    ForwardingEditRequest, JointMeasureRequest, MessageRequest, PassOnRequest, ReceivedRequest,
    RemindRequest, SendAnswerRequest, SendForwardingRequest, ShareAnswerRequest,
    SharedEventRequest, WrongRecipientRequest,
};
pub use counterparty::{ContactView, CounterpartyRequest, CounterpartyView};
pub use ledger::{LedgerLineView, LedgerView, TallyView};
pub use view::{
    CounterpartyRef, DecisionView, ExchangeView, ForwardingHistoryEntryView, ForwardingHistoryView,
    ForwardingLineView, ForwardingView, ForwardingsView, PreviewView,
};
