//! Escalations: what is asked of them, and how they are shown.

mod dossier;
mod ending;
mod handling;
mod ivo;
mod matter;
mod raising;
mod screening;
mod view;

pub use dossier::{DossierPartView, DossierProvisionView, DossierSupplementView, DossierView};
pub use ending::{CloseEscalationRequest, ReadersRequest, RemedyView};
pub use handling::{
    AssessRequest, BoardInformedView, DecideRequest, DismissRequest, ImmediateActionRequest,
    InquiryRequest, ProposeRequest, ReceiveRequest,
};
pub use ivo::{
    IvoDecidedRequest, IvoReceivedRequest, IvoRequest, NotifyRequest, SentRequest, SupplementAsked,
    SupplementToIvoRequest,
};
pub use matter::{
    DecisionView, EarlierView, FlagView, InquiryView, MatterView, ProposalView, ProtectionView,
    ReceiptView, ReportView, ScreeningView, SupplementSentView,
};
pub use raising::{EscalationRequest, OralReport, RiskpersonRequest};
pub use screening::{
    ScreenRequest, ScreeningOutcome, ScreeningRequest, ScreeningResultView, ScreeningsRequest,
    ScreeningsView,
};
pub use view::{EscalationView, EscalationsView, Shown};
