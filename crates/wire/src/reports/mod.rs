//! The report of a year.

mod confirm;
mod own;
mod public;
mod shared;
mod state;
mod text;
pub mod yearly;

pub use confirm::{ConfirmTextRequest, FoundInTextView, ReportTextView, ReportTextsView};
pub use own::{OwnFigureRequest, OwnFigureView, OwnFiguresImported, OwnFiguresView};
pub use public::{
    MarkView, MarksRequest, MarksView, PublicReportLine, PublicReportsView, PublicYearlyView,
};
pub use shared::{
    NoteSharedRequest, PartnerRequest, PartnerView, PartnersView, ReportsBesideView, ShareRequest,
    SharedReportView, SharedReportsView, SharedView, TableView, WithdrawShareRequest,
};
pub use state::{
    CellKeyView, CellView, ChangedCellView, EstablishRequest, EstablishmentView,
    ReportBoardRequest, ReportBoardView, ReportChangesView, ReportStateView, ReportVersionView,
    ReportVersionsView, ReportsView, VersionParts,
};
pub use text::{
    AskParagraphsRequest, GoalAnswerRequest, GoalAnswerView, GoalChange, GoalRequest, GoalView,
    ParagraphRequest, ParagraphView, ParagraphsView, ReportDraftView, SectionDraftView,
    SectionTextRequest, SectionTextView,
};
pub use yearly::{YearlyAnswer, YearlyView};
