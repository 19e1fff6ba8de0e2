//! What a tenant decides for itself.

use domain::area_group::{AreaGroup, AreaGroups};
use domain::calendar::holidays::WorkingDays;
use domain::clock::ClockSettings;
use domain::forwarding::ForwardingRules;
use domain::ladder::LadderSettings;
use domain::opinion::Opinions;
use domain::yearly::breaks::SeriesBreak;
use domain::yearly::publication::ReportPublication;
use domain::{diary, mail, register, review, settings};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::code::{HalfDay, Kind, Law, Role};
use crate::delegation::FlagRulesView;

/// When several events of one person are a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesRule {
    /// How many events.
    #[schema(minimum = 2, maximum = 50)]
    pub events: u8,
    /// Within how many days.
    #[schema(minimum = 1, maximum = 366)]
    pub days: u16,
}

/// Who leads the cases that fit, and who may close them. What is left out fits every case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadRule {
    /// Cases under this law.
    pub law: Option<Law>,
    /// Cases of this category, those below included.
    #[schema(max_length = 100)]
    pub category: Option<String>,
    /// Cases whose potential severity is at least this.
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<u8>,
    /// Only cases that were, or could have been, a vårdskada.
    #[serde(default)]
    pub vardskada: bool,
    /// Who leads: `team`, `deputy`, `unit_manager`, `area_manager`, `mas`, `mar` or `sas`.
    pub lead: Role,
    /// The only ones who may close as handled; empty leaves it to the track.
    #[serde(default)]
    pub close: Vec<Role>,
}

/// What whoever files is told to do now. What is left out fits every filing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActNowRule {
    /// The code of a unit; those below it included.
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// Filings whose severity, actual or potential, is at least this.
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<u8>,
    /// Filings of this category, those below included.
    #[schema(max_length = 100)]
    pub category: Option<String>,
    /// In Swedish.
    #[schema(min_length = 1, max_length = 1000)]
    pub sv: String,
    /// In plain Swedish.
    #[schema(max_length = 1000)]
    pub easy: Option<String>,
    /// In English.
    #[schema(max_length = 1000)]
    pub en: Option<String>,
}

/// The language of mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailLanguage {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

/// When and how the tenant's people are written to. Hours are those of a Swedish clock. What is left
/// out has its default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MailRules {
    /// Whether they are written to at all. `true` unless chosen.
    pub enabled: bool,
    /// In which language. `sv` unless chosen.
    pub language: MailLanguage,
    /// From which hour only what is urgent leaves. 20 unless chosen; the same as `quiet_to` is never.
    #[schema(minimum = 0, maximum = 23)]
    pub quiet_from: u8,
    /// At which hour the rest leaves. 7 unless chosen.
    #[schema(minimum = 0, maximum = 23)]
    pub quiet_to: u8,
    /// Whether everyone gets once a working day how much waits for them. `true` unless chosen; who
    /// does not want it says so at `/me/mail`.
    pub digest: bool,
    /// From which hour. 7 unless chosen.
    #[schema(minimum = 0, maximum = 23)]
    pub digest_hour: u8,
}

impl Default for MailRules {
    fn default() -> Self {
        Self::from(mail::MailRules::default())
    }
}

impl From<mail::MailRules> for MailRules {
    fn from(chosen: mail::MailRules) -> Self {
        let mail::MailRules { enabled, language, quiet_from, quiet_to, digest, digest_hour } =
            chosen;
        let language = match language {
            mail::Language::Sv => MailLanguage::Sv,
            mail::Language::En => MailLanguage::En,
        };
        Self { enabled, language, quiet_from, quiet_to, digest, digest_hour }
    }
}

impl From<MailRules> for mail::MailRules {
    fn from(given: MailRules) -> Self {
        let MailRules { enabled, language, quiet_from, quiet_to, digest, digest_hour } = given;
        let language = match language {
            MailLanguage::Sv => mail::Language::Sv,
            MailLanguage::En => mail::Language::En,
        };
        Self { enabled, language, quiet_from, quiet_to, digest, digest_hour }
    }
}

/// The days on which the tenant works: not on Saturdays, Sundays and public holidays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkingDaysView {
    /// Whether it rests on the eves of midsummer, Christmas and the new year. `true` unless chosen.
    pub rests_on_eves: bool,
    /// The half days that do not count as working days.
    #[schema(max_items = 6)]
    pub half_days: Vec<HalfDay>,
    /// Other days that do not count.
    #[schema(max_items = 400)]
    pub days_off: Vec<Date>,
}

impl Default for WorkingDaysView {
    fn default() -> Self {
        Self::from(&WorkingDays::default())
    }
}

impl From<&WorkingDays> for WorkingDaysView {
    fn from(chosen: &WorkingDays) -> Self {
        Self {
            rests_on_eves: chosen.rests_on_eves,
            half_days: chosen.half_days.iter().copied().map(HalfDay::from).collect(),
            days_off: chosen.days_off.iter().copied().collect(),
        }
    }
}

impl From<WorkingDaysView> for WorkingDays {
    fn from(given: WorkingDaysView) -> Self {
        Self {
            rests_on_eves: given.rests_on_eves,
            half_days: given.half_days.into_iter().map(Into::into).collect(),
            days_off: given.days_off.into_iter().collect(),
        }
    }
}

/// Targets of the tenant's own. They are never called statutory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClockTargets {
    /// The days on which the tenant works.
    pub working_days: WorkingDaysView,
    /// Whether a target's day that is no working day gives way to the next that is. `true` unless
    /// chosen.
    pub rolls: bool,
    /// Working days from report to triage.
    #[schema(minimum = 1, maximum = 60)]
    pub triage_working_days: u16,
    /// Days from triage to the end of the investigation.
    #[schema(minimum = 1, maximum = 366)]
    pub investigation_days: u16,
    /// Days from the judgement that it was a vårdskada until the patient is told.
    #[schema(minimum = 1, maximum = 366)]
    pub patient_information_days: u16,
    /// Working days from flag to screening.
    #[schema(minimum = 1, maximum = 60)]
    pub lex_maria_screening_working_days: u16,
    /// Days from the event to the notification.
    #[schema(minimum = 1, maximum = 366)]
    pub lex_maria_notification_days: u16,
    /// Days from the notification until the investigation has gone to IVO, too.
    #[schema(minimum = 1, maximum = 366)]
    pub lex_maria_inquiry_days: u16,
    /// Working days from flag to screening.
    #[schema(minimum = 1, maximum = 60)]
    pub lex_sarah_screening_working_days: u16,
    /// Working days from report to receipt.
    #[schema(minimum = 1, maximum = 60)]
    pub lex_sarah_receipt_working_days: u16,
    /// Days from receipt to the end of the investigation.
    #[schema(minimum = 1, maximum = 366)]
    pub lex_sarah_investigation_days: u16,
    /// Days from the decision to notify to the notification; `null` leaves it to the law's word.
    #[schema(minimum = 1, maximum = 366)]
    pub lex_sarah_notification_days: Option<u16>,
    /// Working days from report until whoever left a klagomål is told that it has come.
    #[schema(minimum = 1, maximum = 60)]
    pub complaint_acknowledgement_working_days: u16,
    /// Months from report until a klagomål is answered.
    #[schema(minimum = 1, maximum = 12)]
    pub complaint_answer_months: u16,
}

impl Default for ClockTargets {
    fn default() -> Self {
        Self::from(&ClockSettings::default())
    }
}

impl From<&ClockSettings> for ClockTargets {
    fn from(chosen: &ClockSettings) -> Self {
        Self {
            working_days: (&chosen.working_days).into(),
            rolls: chosen.rolls,
            triage_working_days: chosen.triage_working_days,
            investigation_days: chosen.investigation_days,
            patient_information_days: chosen.patient_information_days,
            lex_maria_screening_working_days: chosen.lex_maria_screening_working_days,
            lex_maria_notification_days: chosen.lex_maria_notification_days,
            lex_maria_inquiry_days: chosen.lex_maria_inquiry_days,
            lex_sarah_screening_working_days: chosen.lex_sarah_screening_working_days,
            lex_sarah_receipt_working_days: chosen.lex_sarah_receipt_working_days,
            lex_sarah_investigation_days: chosen.lex_sarah_investigation_days,
            lex_sarah_notification_days: chosen.lex_sarah_notification_days,
            complaint_acknowledgement_working_days: chosen.complaint_acknowledgement_working_days,
            complaint_answer_months: chosen.complaint_answer_months,
        }
    }
}

impl From<ClockTargets> for ClockSettings {
    fn from(given: ClockTargets) -> Self {
        Self {
            working_days: given.working_days.into(),
            rolls: given.rolls,
            triage_working_days: given.triage_working_days,
            investigation_days: given.investigation_days,
            patient_information_days: given.patient_information_days,
            lex_maria_screening_working_days: given.lex_maria_screening_working_days,
            lex_maria_notification_days: given.lex_maria_notification_days,
            lex_maria_inquiry_days: given.lex_maria_inquiry_days,
            lex_sarah_screening_working_days: given.lex_sarah_screening_working_days,
            lex_sarah_receipt_working_days: given.lex_sarah_receipt_working_days,
            lex_sarah_investigation_days: given.lex_sarah_investigation_days,
            lex_sarah_notification_days: given.lex_sarah_notification_days,
            complaint_acknowledgement_working_days: given.complaint_acknowledgement_working_days,
            complaint_answer_months: given.complaint_answer_months,
        }
    }
}

/// How long is waited for answers between caregivers, and when they are reminded of. Local targets,
/// never law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardingRulesView {
    /// Days until a counterparty's answer is due, where nothing else is agreed with it.
    #[schema(minimum = 1, maximum = 366)]
    pub answer_days: u16,
    /// Days until our own answer is due, where the sender names no day.
    #[schema(minimum = 1, maximum = 366)]
    pub our_answer_days: u16,
    /// How often the service reminds by itself; 0 leaves it to people.
    #[schema(minimum = 0, maximum = 10)]
    pub reminders: u8,
    /// Days between two reminders, and from the last one to the list for the samverkansmöte.
    #[schema(minimum = 1, maximum = 90)]
    pub remind_every_days: u16,
}

impl Default for ForwardingRulesView {
    fn default() -> Self {
        ForwardingRules::default().into()
    }
}

impl From<ForwardingRules> for ForwardingRulesView {
    fn from(chosen: ForwardingRules) -> Self {
        Self {
            answer_days: chosen.answer_days,
            our_answer_days: chosen.our_answer_days,
            reminders: chosen.reminders,
            remind_every_days: chosen.remind_every_days,
        }
    }
}

impl From<ForwardingRulesView> for ForwardingRules {
    fn from(given: ForwardingRulesView) -> Self {
        Self {
            answer_days: given.answer_days,
            our_answer_days: given.our_answer_days,
            reminders: given.reminders,
            remind_every_days: given.remind_every_days,
        }
    }
}

/// When what nobody touches is told to whom: after how many working days without a touch the unit's
/// manager, the area manager, MAS, MAR or SAS, and the director are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LadderView {
    /// Whether anybody is told at all. `true` unless chosen.
    pub climbs: bool,
    /// Reported, and not assessed.
    pub triage: [u16; 4],
    /// Assessed, and its investigation not done.
    pub investigation: [u16; 4],
    /// Measures decided, and not begun to be followed.
    pub measures: [u16; 4],
    /// Being followed up.
    pub follow_up: [u16; 4],
    /// A neighbouring duty not answered.
    pub duty: [u16; 4],
    /// An escalation on its way.
    pub escalation: [u16; 4],
    /// A half-yearly review that is not signed, counted from its day.
    pub review: [u16; 4],
}

impl Default for LadderView {
    fn default() -> Self {
        Self::from(&LadderSettings::default())
    }
}

impl From<&LadderSettings> for LadderView {
    fn from(chosen: &LadderSettings) -> Self {
        Self {
            climbs: chosen.climbs,
            triage: chosen.triage,
            investigation: chosen.investigation,
            measures: chosen.measures,
            follow_up: chosen.follow_up,
            duty: chosen.duty,
            escalation: chosen.escalation,
            review: chosen.review,
        }
    }
}

impl From<LadderView> for LadderSettings {
    fn from(given: LadderView) -> Self {
        Self {
            climbs: given.climbs,
            triage: given.triage,
            investigation: given.investigation,
            measures: given.measures,
            follow_up: given.follow_up,
            duty: given.duty,
            escalation: given.escalation,
            review: given.review,
        }
    }
}

/// Small units that are reviewed together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewGroupView {
    /// The group's own code, unique among the tenant's groups.
    #[schema(min_length = 1, max_length = 60)]
    pub code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The codes of its units, each with all below it. A unit is in one group at most.
    #[schema(min_items = 1, max_items = 100)]
    pub units: Vec<String>,
}

/// How the access log is checked, and what a person is told of who has read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccessRulesView {
    /// A check is to be closed within so many months after the last one: a target of the tenant's own. 3
    /// unless chosen.
    #[schema(minimum = 1, maximum = 12)]
    pub check_months: u8,
    /// Whether a person's extract names the staff. `false` unless chosen.
    pub names_staff: bool,
}

impl Default for AccessRulesView {
    fn default() -> Self {
        Self::from(settings::AccessRules::default())
    }
}

impl From<settings::AccessRules> for AccessRulesView {
    fn from(chosen: settings::AccessRules) -> Self {
        let settings::AccessRules { check_months, names_staff } = chosen;
        Self { check_months, names_staff }
    }
}

impl From<AccessRulesView> for settings::AccessRules {
    fn from(given: AccessRulesView) -> Self {
        let AccessRulesView { check_months, names_staff } = given;
        Self { check_months, names_staff }
    }
}

/// Which half-yearly reviews are made, and until when they are to be signed: a target of the tenant's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewRulesView {
    /// Whether a review is made of each unit after each half of the year. `true` unless chosen.
    pub made: bool,
    /// How many days after it is made a review is to be signed. 60 unless chosen.
    #[schema(minimum = 1, maximum = 180)]
    pub due_days: u16,
    /// Small units that are reviewed together.
    #[schema(max_items = 200)]
    pub groups: Vec<ReviewGroupView>,
}

impl Default for ReviewRulesView {
    fn default() -> Self {
        Self::from(&review::ReviewRules::default())
    }
}

impl From<&review::ReviewRules> for ReviewRulesView {
    fn from(chosen: &review::ReviewRules) -> Self {
        let review::ReviewRules { made, due_days, groups } = chosen.clone();
        let group = |it: review::ReviewGroup| ReviewGroupView {
            code: it.code,
            name: it.name,
            units: it.units,
        };
        Self { made, due_days, groups: groups.into_iter().map(group).collect() }
    }
}

impl From<ReviewRulesView> for review::ReviewRules {
    fn from(given: ReviewRulesView) -> Self {
        let ReviewRulesView { made, due_days, groups } = given;
        let group = |it: ReviewGroupView| review::ReviewGroup {
            code: it.code,
            name: it.name,
            units: it.units,
        };
        Self { made, due_days, groups: groups.into_iter().map(group).collect() }
    }
}

/// How one board writes the numbers of its register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiarySeriesView {
    /// Whose register it is.
    #[schema(min_length = 1, max_length = 200)]
    pub board: String,
    /// The kinds of case it takes; empty is all.
    #[serde(default)]
    #[schema(max_items = 3)]
    pub kinds: Vec<Kind>,
    /// How a number looks: text with `{number}` once, and `{year}` at most once.
    #[schema(min_length = 1, max_length = 40, example = "VON {year}/{number}")]
    pub pattern: String,
    /// How many digits the number has at least: 5 for `00123`. 1 unless given.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 9)]
    pub least_digits: u8,
    /// And at most. 9 unless given.
    #[serde(default = "nine")]
    #[schema(minimum = 1, maximum = 9)]
    pub most_digits: u8,
}

fn one() -> u8 {
    1
}

fn nine() -> u8 {
    9
}

impl From<&diary::DiarySeries> for DiarySeriesView {
    fn from(chosen: &diary::DiarySeries) -> Self {
        let diary::DiarySeries { board, kinds, pattern, least_digits, most_digits } =
            chosen.clone();
        let kinds = kinds.into_iter().map(Kind::from).collect();
        Self { board, kinds, pattern, least_digits, most_digits }
    }
}

impl From<DiarySeriesView> for diary::DiarySeries {
    fn from(given: DiarySeriesView) -> Self {
        let DiarySeriesView { board, kinds, pattern, least_digits, most_digits } = given;
        let kinds = kinds.into_iter().map(Into::into).collect();
        Self { board, kinds, pattern, least_digits, most_digits }
    }
}

/// What the register of opinions shows of who handles them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegisterRulesView {
    /// Whether units are named. `false` unless chosen: then their area is.
    pub names_units: bool,
    /// Codes of units that are never named, for so few live there that it would tell who it is; those
    /// below them included.
    #[schema(max_items = 500)]
    pub small_units: Vec<String>,
}

impl From<&register::RegisterRules> for RegisterRulesView {
    fn from(chosen: &register::RegisterRules) -> Self {
        Self { names_units: chosen.names_units, small_units: chosen.small_units.clone() }
    }
}

impl From<RegisterRulesView> for register::RegisterRules {
    fn from(given: RegisterRulesView) -> Self {
        Self { names_units: given.names_units, small_units: given.small_units }
    }
}

/// The tenant's settings: local rules, never law. What is left out of a request has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "risk_threshold": 8,
    "leads": [{"law": "HSL", "vardskada": true, "lead": "mas", "close": ["mas"]}],
    "act_now": [{"severity": 3, "sv": "Ring sjuksköterskan nu. Vid fara för liv: 112."}],
}))]
pub struct SettingsView {
    /// The risk score at which a case is flagged, and below which it may take the simple track. 8
    /// unless chosen.
    #[schema(minimum = 1, maximum = 16)]
    pub risk_threshold: u8,
    /// How many of a hundred cases closed on the simple track are shown to MAS, MAR or SAS. 5 unless
    /// chosen.
    #[schema(minimum = 0, maximum = 100)]
    pub simple_sample_percent: u8,
    /// When several events of one person propose one investigation. Five in 21 days unless chosen.
    pub series: SeriesRule,
    /// Whether the team gives the unit's part of triage, too. `true` unless chosen.
    pub team_assesses: bool,
    /// Whether the team closes on the simple track. `false` unless chosen.
    pub team_closes_simple: bool,
    /// Whether a deputy closes on the standard track. `false` unless chosen.
    pub deputy_closes_standard: bool,
    /// Who leads and who may close: the first rule that fits a case holds.
    #[schema(max_items = 100)]
    pub leads: Vec<LeadRule>,
    /// What whoever files is told to do now: every rule that fits, in this order.
    #[schema(max_items = 100)]
    pub act_now: Vec<ActNowRule>,
    /// When a case is flagged for lex Maria or lex Sarah.
    pub flags: FlagRulesView,
    /// Whether the tenant is a private provider, who tells the nämnd of lex Sarah reports and
    /// notifications. `false` unless chosen.
    pub private_provider: bool,
    /// When and how the tenant's people are written to.
    pub mail: MailRules,
    /// Targets, and the days on which the tenant works.
    pub clocks: ClockTargets,
    /// When what nobody touches is told to whom.
    pub ladder: LadderView,
    /// How the boards write the diarienummer of their registers. Where none takes a kind of case, any
    /// number is taken.
    #[schema(max_items = 20)]
    pub diary: Vec<DiarySeriesView>,
    /// What the register of opinions shows.
    pub register: RegisterRulesView,
    /// Whether an opinion and its answer may be published without persons. `false` unless chosen.
    pub publishes_answers: bool,
    /// How long is waited for answers between caregivers, and when they are reminded of.
    #[serde(default)]
    pub forwardings: ForwardingRulesView,
    /// Whether a deputy lets leave what goes to another caregiver, and answers what came from one.
    #[serde(default)]
    pub deputy_sends_forwardings: bool,
    /// The lines of the tenant's postal address, on letters to other caregivers.
    #[serde(default)]
    #[schema(max_items = 8, max_length = 200)]
    pub letterhead: Vec<String>,
    /// How areas are grouped in figures, in the order they are shown.
    #[serde(default = "AreaGroupView::usual")]
    #[schema(max_items = 20)]
    pub area_groups: Vec<AreaGroupView>,
    /// Which half-yearly reviews are made, and until when they are to be signed.
    #[serde(default)]
    pub reviews: ReviewRulesView,
    /// How the access log is checked, and what a person is told of who has read.
    #[serde(default)]
    pub access: AccessRulesView,
    /// How synpunkter and klagomål are handled.
    pub opinions: OpinionSettings,
    /// How the report of a year is published without persons.
    pub report_publication: ReportPublicationView,
    /// From when the figures are counted another way, such as by a new tool: it is said in the report of every
    /// year that has figures on both sides of it, and the first page warns where it compares across it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub series_breaks: Vec<SeriesBreakView>,
}

/// A month from which the figures of the years are counted another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"year": 2025, "month": 3, "why": "nytt verktyg för rapportering"}))]
pub struct SeriesBreakView {
    /// The year.
    #[schema(minimum = 1990, maximum = 2100)]
    pub year: i16,
    /// The first month that is counted the new way. One break a month.
    #[schema(minimum = 1, maximum = 12)]
    pub month: u8,
    /// Why, in Swedish: it stands in the report after "Brott i serien från mars 2025:". In the public version it
    /// stands once somebody has confirmed it there.
    #[schema(min_length = 1, max_length = 200)]
    pub why: String,
}

impl From<&SeriesBreak> for SeriesBreakView {
    fn from(chosen: &SeriesBreak) -> Self {
        let SeriesBreak { year, month, why } = chosen.clone();
        Self { year, month, why }
    }
}

impl From<SeriesBreakView> for SeriesBreak {
    fn from(given: SeriesBreakView) -> Self {
        let SeriesBreakView { year, month, why } = given;
        Self { year, month, why }
    }
}

/// How the report of a year is published without persons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"threshold": 5, "small_unit": 20, "contact": "oppnadata@kommun.example"}))]
pub struct ReportPublicationView {
    /// A count below this one is kept back where it is about a small unit, or tells injury, sex, age,
    /// severity, cause or a category below the highest. 5 unless chosen.
    #[schema(minimum = 3, maximum = 50)]
    pub threshold: u8,
    /// A unit with fewer persons than this is small; so is one of which no exposure of kind `persons` says
    /// how many it has. 20 unless chosen.
    #[schema(minimum = 0, maximum = 1000)]
    pub small_unit: u16,
    /// Where questions about the published figures go: an e-mail address.
    #[schema(max_length = 254)]
    pub contact: Option<String>,
    /// The ten digits of the publisher's organisationsnummer, by which the national data portal knows it.
    #[schema(max_length = 10)]
    pub organisation_number: Option<String>,
}

impl Default for ReportPublicationView {
    fn default() -> Self {
        ReportPublication::default().into()
    }
}

impl From<ReportPublication> for ReportPublicationView {
    fn from(chosen: ReportPublication) -> Self {
        let ReportPublication { threshold, small_unit, contact, organisation_number } = chosen;
        Self { threshold, small_unit, contact, organisation_number }
    }
}

impl From<ReportPublicationView> for ReportPublication {
    fn from(given: ReportPublicationView) -> Self {
        let ReportPublicationView { threshold, small_unit, contact, organisation_number } = given;
        Self { threshold, small_unit, contact, organisation_number }
    }
}

/// Areas that stand together in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "SABO", "name": "Särskilt boende", "areas": ["SABO", "KORT"]}))]
pub struct AreaGroupView {
    /// Its code in figures: upper-case letters, digits, `.`, `_` and `-`.
    #[schema(max_length = 40)]
    pub code: String,
    /// Its name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Codes of the list `area`, each with those below it that no other group names.
    #[schema(max_items = 100, max_length = 40)]
    pub areas: Vec<String>,
}

impl AreaGroupView {
    fn all(groups: &AreaGroups) -> Vec<Self> {
        let view = |group: &AreaGroup| Self {
            code: group.code.clone(),
            name: group.name.clone(),
            areas: group.areas.clone(),
        };
        groups.0.iter().map(view).collect()
    }

    /// As they are unless chosen.
    fn usual() -> Vec<Self> {
        Self::all(&AreaGroups::default())
    }
}

impl From<AreaGroupView> for AreaGroup {
    fn from(given: AreaGroupView) -> Self {
        Self { code: given.code, name: given.name, areas: given.areas }
    }
}

/// How synpunkter and klagomål are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"unreachable_attempts": 3, "deputy_answers": false}))]
pub struct OpinionSettings {
    /// After how many attempts a sender counts as out of reach.
    #[schema(minimum = 0, maximum = 255)]
    pub unreachable_attempts: u8,
    /// Whether a deputy answers.
    pub deputy_answers: bool,
}

impl Default for OpinionSettings {
    fn default() -> Self {
        Opinions::default().into()
    }
}

impl From<Opinions> for OpinionSettings {
    fn from(chosen: Opinions) -> Self {
        let Opinions { unreachable_attempts, deputy_answers } = chosen;
        Self { unreachable_attempts, deputy_answers }
    }
}

impl From<OpinionSettings> for Opinions {
    fn from(given: OpinionSettings) -> Self {
        let OpinionSettings { unreachable_attempts, deputy_answers } = given;
        Self { unreachable_attempts, deputy_answers }
    }
}

impl Default for SettingsView {
    fn default() -> Self {
        Self::from(&settings::Settings::default())
    }
}

impl From<&settings::Settings> for SettingsView {
    fn from(chosen: &settings::Settings) -> Self {
        let settings::SeriesRule { events, days } = chosen.series;
        Self {
            risk_threshold: chosen.risk_threshold,
            simple_sample_percent: chosen.simple_sample_percent,
            series: SeriesRule { events, days },
            team_assesses: chosen.team_assesses,
            team_closes_simple: chosen.team_closes_simple,
            deputy_closes_standard: chosen.deputy_closes_standard,
            leads: chosen
                .leads
                .iter()
                .map(|rule| LeadRule {
                    law: rule.law.map(Law::from),
                    category: rule.category.clone(),
                    severity: rule.severity,
                    vardskada: rule.vardskada,
                    lead: rule.lead.into(),
                    close: rule.close.iter().copied().map(Role::from).collect(),
                })
                .collect(),
            act_now: chosen
                .act_now
                .iter()
                .cloned()
                .map(|rule| ActNowRule {
                    unit: rule.unit,
                    severity: rule.severity,
                    category: rule.category,
                    sv: rule.sv,
                    easy: rule.easy,
                    en: rule.en,
                })
                .collect(),
            flags: chosen.flags.into(),
            private_provider: chosen.private_provider,
            mail: chosen.mail.into(),
            clocks: (&chosen.clocks).into(),
            ladder: (&chosen.ladder).into(),
            diary: chosen.diary.iter().map(Into::into).collect(),
            register: (&chosen.register).into(),
            publishes_answers: chosen.publishes_answers,
            forwardings: chosen.forwardings.into(),
            deputy_sends_forwardings: chosen.deputy_sends_forwardings,
            opinions: chosen.opinions.into(),
            letterhead: chosen.letterhead.clone(),
            report_publication: chosen.report_publication.clone().into(),
            area_groups: AreaGroupView::all(&chosen.area_groups),
            reviews: (&chosen.reviews).into(),
            access: chosen.access.into(),
            series_breaks: chosen.series_breaks.iter().map(Into::into).collect(),
        }
    }
}

impl From<SettingsView> for settings::Settings {
    fn from(given: SettingsView) -> Self {
        let SeriesRule { events, days } = given.series;
        Self {
            risk_threshold: given.risk_threshold,
            simple_sample_percent: given.simple_sample_percent,
            series: settings::SeriesRule { events, days },
            team_assesses: given.team_assesses,
            team_closes_simple: given.team_closes_simple,
            deputy_closes_standard: given.deputy_closes_standard,
            leads: given
                .leads
                .into_iter()
                .map(|rule| settings::LeadRule {
                    law: rule.law.map(Into::into),
                    category: rule.category,
                    severity: rule.severity,
                    vardskada: rule.vardskada,
                    lead: rule.lead.into(),
                    close: rule.close.into_iter().map(Into::into).collect(),
                })
                .collect(),
            act_now: given
                .act_now
                .into_iter()
                .map(|rule| settings::ActNow {
                    unit: rule.unit,
                    severity: rule.severity,
                    category: rule.category,
                    sv: rule.sv,
                    easy: rule.easy,
                    en: rule.en,
                })
                .collect(),
            flags: given.flags.into(),
            private_provider: given.private_provider,
            mail: given.mail.into(),
            clocks: given.clocks.into(),
            ladder: given.ladder.into(),
            diary: given.diary.into_iter().map(Into::into).collect(),
            register: given.register.into(),
            publishes_answers: given.publishes_answers,
            forwardings: given.forwardings.into(),
            deputy_sends_forwardings: given.deputy_sends_forwardings,
            opinions: given.opinions.into(),
            letterhead: given.letterhead,
            report_publication: given.report_publication.into(),
            area_groups: AreaGroups(given.area_groups.into_iter().map(Into::into).collect()),
            reviews: given.reviews.into(),
            access: given.access.into(),
            series_breaks: given.series_breaks.into_iter().map(Into::into).collect(),
        }
    }
}
