//! Closed sets of values as JSON enums, each the same as the domain's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] $variant,)+
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)+ }
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => $name::$variant,)+ }
            }
        }
    };
}

pub(crate) use wire_enum;

use domain::case as d;
use domain::organisation as o;

wire_enum!(
    /// What a case is.
    Kind = d::Kind { Avvikelse = "avvikelse", Synpunkt = "synpunkt", Klagomal = "klagomal" }
);
wire_enum!(
    /// What a synpunkt is more closely: praise (BER) or proposal (FOR).
    Subkind = d::Subkind { Praise = "BER", Proposal = "FOR" }
);
wire_enum!(
    /// Where a case stands.
    Status = d::Status {
        Draft = "draft", Reported = "reported", Triaged = "triaged", Investigating = "investigating",
        MeasuresDecided = "measures_decided", FollowingUp = "following_up", Closed = "closed",
        Void = "void",
    }
);
wire_enum!(
    /// The way a case is handled.
    Track = d::Track { Simple = "simple", Standard = "standard", Deep = "deep" }
);
wire_enum!(
    /// Whether the event was a vårdskada (PSL 1 kap. 5 §).
    Vardskada = d::triage::Vardskada {
        NotAssessed = "not_assessed", No = "no", CouldHave = "could_have", Yes = "yes",
    }
);
wire_enum!(
    /// What someone is asked.
    Wish = d::watch::Wish { Read = "read", Contribute = "contribute", Act = "act" }
);
wire_enum!(
    /// The answer to what one was asked: done, or it does not concern me.
    WatchAnswer = d::watch::WatchAnswer { Done = "done", NotMine = "not_mine" }
);
wire_enum!(
    /// The answer to a lex question. Anything but `no` raises the flag and decides nothing.
    LexAnswer = d::triage::LexAnswer { No = "no", Perhaps = "perhaps", Yes = "yes" }
);
wire_enum!(
    /// To whom feedback was given.
    Audience = d::feedback::Audience { Reporter = "reporter", Unit = "unit", Tenant = "tenant" }
);
wire_enum!(
    /// How one case belongs to another.
    LinkKind = d::link::LinkKind {
        SameEvent = "same_event", SamePersonSeries = "same_person_series",
        DuplicateOf = "duplicate_of", SpunOffFrom = "spun_off_from", RefiledAs = "refiled_as",
        Related = "related",
    }
);
wire_enum!(
    /// Whether a measure helped.
    Effect = d::measure::Effect { NotYet = "not_yet", Yes = "yes", Partly = "partly", No = "no" }
);
wire_enum!(
    /// A point of the information of PSL 3 kap. 8 §.
    InformationPoint = d::information::InformationPoint {
        Happened = "happened", Measures = "measures", Complaint = "complaint",
        PatientBoard = "patient_board", Ivo = "ivo", Compensation = "compensation",
    }
);
wire_enum!(
    /// What someone may be at the tenant.
    Role = o::Role {
        Intake = "intake", Team = "team", Deputy = "deputy", UnitManager = "unit_manager",
        AreaManager = "area_manager", Director = "director", Registrator = "registrator", Mas = "mas",
        Mar = "mar", Sas = "sas", Decider = "decider", Board = "board", Analyst = "analyst",
        Auditor = "auditor", Privacy = "privacy", Admin = "admin",
    }
);
wire_enum!(
    /// A kind of work on a worklist.
    WorkGroup = domain::worklist::Group {
        New = "new", Triage = "triage", Lead = "lead", Measures = "measures",
        FollowUps = "follow_ups", Watches = "watches", Corrections = "corrections",
        Questions = "questions", Samples = "samples", Handovers = "handovers",
        Screening = "screening", Escalations = "escalations", Decisions = "decisions",
        Duties = "duties", Opinions = "opinions", Forwardings = "forwardings",
        Reviews = "reviews",
    }
);
wire_enum!(
    /// What is asked of whom something waits for.
    WorkAsked = domain::worklist::Asked {
        Assess = "assess", HealthPart = "health_part", Handle = "handle", Measure = "measure",
        JudgeEffect = "judge_effect", Read = "read", Contribute = "contribute", Act = "act",
        Correct = "correct", Answer = "answer", LookAt = "look_at", Sign = "sign",
        AwaitSignature = "await_signature", Screen = "screen", Receive = "receive",
        Protect = "protect", Investigate = "investigate", Propose = "propose", Decide = "decide",
        NotifyIvo = "notify_ivo", SubmitInquiry = "submit_inquiry", Supplement = "supplement",
        FollowUp = "follow_up", CloseEscalation = "close_escalation",
        AnswerDuty = "answer_duty",
        Register = "register", Assign = "assign", AnswerOpinion = "answer_opinion",
        HearSender = "hear_sender", CloseOpinion = "close_opinion",
        CheckForwarding = "check_forwarding",
        SendForwarding = "send_forwarding",
        ReplyForwarding = "reply_forwarding",
        SettleForwarding = "settle_forwarding",
        ShareForwarding = "share_forwarding",
        CloseForwarding = "close_forwarding",
        AcknowledgeForwarding = "acknowledge_forwarding",
        AssignForwarding = "assign_forwarding",
        InvestigateForwarding = "investigate_forwarding",
        ApproveForwarding = "approve_forwarding",
        AnswerForwarding = "answer_forwarding",
        PassOnForwarding = "pass_on_forwarding",
        DeliverForwarding = "deliver_forwarding",
        WriteReview = "write_review", SignReview = "sign_review", Improve = "improve",
        JudgeImprovement = "judge_improvement",
    }
);
wire_enum!(
    /// A law a case falls under.
    Law = domain::law::Law { Hsl = "HSL", Sol = "SOL", Lss = "LSS" }
);
wire_enum!(
    /// A part of triage that somebody in particular gives: injury and vårdskada so far by someone
    /// licensed, everything else by whoever answers for the unit.
    TriagePart = d::parts::TriagePart { Health = "health", Unit = "unit" }
);
wire_enum!(
    /// What the cases of one investigation have in common.
    InCommon = d::joint::InCommon {
        SamePerson = "same_person", Place = "place", Round = "round", Cause = "cause",
    }
);
wire_enum!(
    /// On what the other branch reads: consent, a test that nobody suffers by it (menprövning), or a
    /// dated decision of the tenant.
    GroundKind = d::joint::GroundKind {
        Consent = "consent", HarmTest = "harm_test", Decision = "decision",
    }
);
wire_enum!(
    /// What was found of a closing in the sample.
    Verdict = d::sample::Verdict { Fine = "fine", Talk = "talk", Reopen = "reopen" }
);
wire_enum!(
    /// Where a learning card stands.
    CardStatus = domain::learning::CardStatus {
        Draft = "draft", Approved = "approved", Withdrawn = "withdrawn",
    }
);
wire_enum!(
    /// How much somebody is content.
    Satisfied = domain::survey::Satisfied { Yes = "yes", Partly = "partly", No = "no" }
);
wire_enum!(
    /// Where an opinion stands in the register.
    Standing = domain::register::Standing {
        Received = "received", Registered = "registered", Handled = "handled",
        Answered = "answered", Closed = "closed", HandedOver = "handed_over",
    }
);
wire_enum!(
    /// Where a publication stands.
    PublicationStatus = domain::publication::PublicationStatus {
        Draft = "draft", Published = "published", Withdrawn = "withdrawn",
    }
);
wire_enum!(
    /// How far a measure has come: not done, not done though its day has passed, done.
    MeasureStatus = d::measure::MeasureStatus { Open = "open", Overdue = "overdue", Done = "done" }
);
wire_enum!(
    /// A process beside a case.
    EscalationKind = domain::escalation::Kind {
        LexMaria = "lex_maria", LexSarah = "lex_sarah", Riskperson = "riskperson",
    }
);
wire_enum!(
    /// Where an escalation stands.
    EscalationStatus = domain::escalation::Status {
        Flagged = "flagged", ScreenedOut = "screened_out", Reported = "reported",
        Received = "received", ImmediateAction = "immediate_action",
        Investigating = "investigating", Assessed = "assessed", NotTakenUp = "not_taken_up",
        Assessing = "assessing", Reassessing = "reassessing", DecidedNo = "decided_no",
        DecidedYes = "decided_yes", Notified = "notified",
        InquirySubmitted = "inquiry_submitted", InquirySupplemented = "inquiry_supplemented",
        AtIvo = "at_ivo", SupplementRequested = "supplement_requested",
        IvoDecided = "ivo_decided", FollowingUp = "following_up", Closed = "closed",
        Withdrawn = "withdrawn",
    }
);
wire_enum!(
    /// How grave a missförhållande is judged to be; the last two are notified to IVO.
    Degree = domain::escalation::Degree {
        None = "none", PalpableRisk = "palpable_risk", Misconduct = "misconduct",
        PalpableRiskSerious = "palpable_risk_serious", Serious = "serious",
    }
);
wire_enum!(
    /// The test of PSL 1 kap. 5 §, second paragraph: what the event caused, or could have.
    SeriousTest = domain::escalation::SeriousTest {
        None = "none", PermanentNotSlight = "permanent_not_slight",
        IncreasedCare = "increased_care", Death = "death",
    }
);
wire_enum!(
    /// A way to IVO. E-mail and fax are none.
    EscalationChannel = domain::escalation::Channel { EService = "e_service", Post = "post" }
);
wire_enum!(
    /// What can be given to somebody to decide.
    Delegated = domain::escalation::Delegated {
        LexMaria = "lex_maria", LexSarah = "lex_sarah", Riskperson = "riskperson",
        Notify = "notify", YearlyReport = "yearly_report",
    }
);
wire_enum!(
    /// Why an escalation was raised.
    FlagCause = domain::escalation::flag::FlagCause {
        LexAnswer = "lex_answer", ActualSeverity = "actual_severity",
        PotentialSeverity = "potential_severity", RiskScore = "risk_score", ByHand = "by_hand",
    }
);

wire_enum!(
    /// For whom a case waits, outside the organisation.
    Outside = d::Outside {
        Police = "police", Ivo = "ivo", Region = "region", Other = "other",
    }
);
wire_enum!(
    /// What is to be done before time is up.
    ClockKind = domain::clock::Kind {
        Triage = "triage", Investigation = "investigation", Measure = "measure",
        PatientInformation = "patient_information",
        ComplaintAcknowledgement = "complaint_acknowledgement", ComplaintAnswer = "complaint_answer",
        LexMariaScreening = "lex_maria_screening",
        LexMariaNotification = "lex_maria_notification", LexMariaInquiry = "lex_maria_inquiry",
        LexSarahScreening = "lex_sarah_screening", LexSarahReceipt = "lex_sarah_receipt",
        LexSarahInvestigation = "lex_sarah_investigation",
        LexSarahNotification = "lex_sarah_notification", Supplement = "supplement", Duty = "duty",
        YearlyReport = "yearly_report", ForwardingAnswer = "forwarding_answer",
        CounterpartyAnswer = "counterparty_answer", Review = "review", Improvement = "improvement",
    }
);
wire_enum!(
    /// What a clock runs from.
    StartEvent = domain::clock::StartEvent {
        Occurred = "occurred", Reported = "reported", Triaged = "triaged", Judged = "judged",
        Planned = "planned", Flagged = "flagged", Received = "received", Decided = "decided",
        Notified = "notified", Requested = "requested", Known = "known", YearEnded = "year_ended",
        AskedAgain = "asked_again",
        Sent = "sent", HalfEnded = "half_ended",
    }
);
wire_enum!(
    /// Where a clock stands: it runs; it runs while the case waits for somebody outside; done in time;
    /// time is up.
    ClockState = domain::clock::ClockState {
        Running = "running", Waiting = "waiting", Kept = "kept", Missed = "missed",
    }
);
wire_enum!(
    /// Who has set the time: a statute, or the tenant itself.
    Binding = domain::clock::Binding { Statutory = "statutory", Local = "local" }
);
wire_enum!(
    /// A step at which something may lie.
    LadderStep = domain::ladder::LadderStep {
        Triage = "triage", Investigation = "investigation", Measures = "measures",
        FollowUp = "follow_up", Duty = "duty", Escalation = "escalation", Review = "review",
    }
);
wire_enum!(
    /// Where a half-yearly review stands: nobody has written anything; the team is at it; signed.
    ReviewStatus = domain::review::Status {
        Open = "open", Written = "written", Signed = "signed",
    }
);
wire_enum!(
    /// A day on which many work until noon.
    HalfDay = domain::calendar::holidays::HalfDay {
        TwelfthNight = "twelfth_night", MaundyThursday = "maundy_thursday", Walpurgis = "walpurgis",
        AfterAscension = "after_ascension", AllSaintsEve = "all_saints_eve",
        BeforeChristmasEve = "before_christmas_eve",
    }
);

/// Where a neighbouring duty stands: to be answered, done, or not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyStateCode {
    /// To be answered.
    Asked,
    /// Done.
    Done,
    /// Not needed.
    NotNeeded,
}
wire_enum!(
    /// Which way something goes between caregivers.
    ForwardingDirection = domain::forwarding::Direction { Sent = "sent", Received = "received" }
);
wire_enum!(
    /// How the sides work on a forwarding: one tells and the other answers, or both put together.
    ForwardingKind = domain::forwarding::Kind { Single = "single", Joint = "joint" }
);
wire_enum!(
    /// Where a forwarding stands.
    ForwardingStatus = domain::forwarding::Status {
        Draft = "draft", Checked = "checked", Sent = "sent", Acknowledged = "acknowledged",
        Answered = "answered", SharedWithUnit = "shared_with_unit",
        EscalatedUnanswered = "escalated_unanswered",
        ClosedWithoutAnswer = "closed_without_answer", Recalled = "recalled",
        Received = "received", Assigned = "assigned", Investigated = "investigated",
        AnswerApproved = "answer_approved", WrongRecipient = "wrong_recipient",
        PassedOn = "passed_on", Closed = "closed",
    }
);
wire_enum!(
    /// What can be done to a forwarding.
    ForwardingCommand = domain::forwarding::Command {
        Draft = "draft", Register = "register", Edit = "edit", Check = "check", Send = "send",
        Acknowledge = "acknowledge", Remind = "remind", Escalate = "escalate",
        RegisterAnswer = "register_answer", Converse = "converse",
        ShareWithUnit = "share_with_unit", Close = "close",
        CloseWithoutAnswer = "close_without_answer", Recall = "recall", Assign = "assign",
        Investigate = "investigate", ApproveAnswer = "approve_answer", Answer = "answer",
        WrongRecipient = "wrong_recipient", PassOn = "pass_on", ShareEvent = "share_event",
        AddMeasure = "add_measure", FinishMeasure = "finish_measure",
    }
);
wire_enum!(
    /// On what ground something may leave: the person agrees; it was weighed and does no harm; a statute
    /// obliges us to tell; the document is about nobody who could be known.
    ForwardingGround = domain::forwarding::Ground {
        Consent = "consent", NoHarm = "no_harm", Duty = "duty", NoPerson = "no_person",
    }
);
wire_enum!(
    /// By which way something goes between caregivers.
    BetweenChannel = domain::forwarding::Channel {
        Portal = "portal", Post = "post", Sdk = "sdk", Machine = "machine", Phone = "phone",
        Email = "email", Meeting = "meeting",
    }
);
wire_enum!(
    /// The two sides of a forwarding.
    ForwardingSide = domain::forwarding::Side { Us = "us", Them = "them" }
);

use domain::yearly as y;

wire_enum!(
    /// Where the report of a year stands.
    ReportStatus = y::state::Status {
        Open = "open", Locked = "locked", Checked = "checked", Established = "established",
    }
);
wire_enum!(
    /// What the nämnd has done with a report.
    ReportBoardStatus = y::state::BoardStatus {
        None = "none", Submitted = "submitted", Approved = "approved", Noted = "noted",
    }
);
wire_enum!(
    /// As whom a report is established: the vårdgivare, or a delegate by the register of delegations.
    ReportCapacity = y::state::Capacity { Vardgivare = "vardgivare", Delegate = "delegate" }
);
wire_enum!(
    /// What a goal came from: last year's report, or the nämnd's decision about it.
    ReportGoalKind = y::text::GoalKind { Goal = "goal", Decision = "decision" }
);
wire_enum!(
    /// How it went with a goal. `not_followed_up`: nobody knows, and the words say why.
    GoalReached = y::Reached {
        Yes = "yes", Partly = "partly", No = "no", NotFollowedUp = "not_followed_up",
    }
);
wire_enum!(
    /// Which end of an agreement to share reports one is: the provider of care, or the nämnd that buys it.
    ReportSide = y::shared::Side { Provider = "provider", Buyer = "buyer" }
);
wire_enum!(
    /// What people wrote in a report: the text of a section, a unit's paragraph, a goal with its answer, a line
    /// of the first page about what was decided, the name of an own figure, or why a series of years breaks.
    ReportTextKind = y::confirm::TextKind {
        Section = "section", Paragraph = "paragraph", Goal = "goal", Decided = "decided",
        OwnFigure = "own_figure", SeriesBreak = "series_break",
    }
);
wire_enum!(
    /// What a scan looks for in words that are to go out.
    ReportTextSign = y::confirm::Sign {
        PersonalNumber = "personal_number", Initials = "initials", StaffName = "staff_name",
        SmallUnit = "small_unit",
    }
);
