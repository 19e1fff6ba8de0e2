//! What a tenant decides for itself about handling. Local rules, never law; each has a default
//! under which the service works as it comes.

use serde::{Deserialize, Serialize};

use crate::area_group::AreaGroups;
use crate::case::triage::{Limits, Vardskada};
use crate::case::{Case, Track};
use crate::clock::ClockSettings;
use crate::code_lists::{CodeLists, within};
use crate::diary::{self, DiarySeries};
use crate::escalation::flag::FlagRules;
use crate::fault::{Fault, Reason};
use crate::forwarding::ForwardingRules;
use crate::ladder::LadderSettings;
use crate::law::Law;
use crate::mail::MailRules;
use crate::opinion::Opinions;
use crate::organisation::{Role, Unit, UnitTree};
use crate::policy::RoleRules;
use crate::register::RegisterRules;
use crate::review::ReviewRules;
use crate::yearly::breaks::SeriesBreak;
use crate::yearly::publication::ReportPublication;

/// The roles that can lead or close a case by rule.
pub const LEADING: [Role; 7] = [
    Role::Team,
    Role::Deputy,
    Role::UnitManager,
    Role::AreaManager,
    Role::Mas,
    Role::Mar,
    Role::Sas,
];

/// A tenant's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The risk score, 1 to 16, at which a case is flagged, and below which it may take the simple
    /// track.
    pub risk_threshold: u8,
    /// How many of a hundred cases closed on the simple track are shown to MAS, MAR or SAS.
    pub simple_sample_percent: u8,
    /// How many falls or other events of one person, in how many days, propose one investigation.
    pub series: SeriesRule,
    /// Whether the team gives the unit's part of triage, or its own health part only.
    pub team_assesses: bool,
    /// Whether the team closes on the simple track.
    pub team_closes_simple: bool,
    /// Whether a deputy closes on the standard track.
    pub deputy_closes_standard: bool,
    /// Who leads and who may close. The first rule that fits a case holds.
    pub leads: Vec<LeadRule>,
    /// What whoever files is told to do now. Every rule that fits is told, in this order.
    pub act_now: Vec<ActNow>,
    /// When a case is flagged for lex Maria or lex Sarah.
    pub flags: FlagRules,
    /// The tenant is a private provider: it tells the nämnd of lex Sarah reports and notifications.
    pub private_provider: bool,
    /// When and how its people are written to.
    pub mail: MailRules,
    /// Targets and the days on which the tenant works.
    pub clocks: ClockSettings,
    /// When what nobody touches is told to whom.
    pub ladder: LadderSettings,
    /// How long is waited for answers between caregivers, and when they are reminded of.
    pub forwardings: ForwardingRules,
    /// Whether a deputy lets leave what goes to another caregiver, and answers what came from one.
    pub deputy_sends_forwardings: bool,
    /// How synpunkter and klagomål are handled.
    pub opinions: Opinions,
    /// How its boards write the numbers of their registers.
    pub diary: Vec<DiarySeries>,
    /// What the register of opinions shows.
    pub register: RegisterRules,
    /// Whether an opinion and its answer may be published without persons.
    pub publishes_answers: bool,
    /// The lines of the tenant's postal address, on letters to other caregivers.
    pub letterhead: Vec<String>,
    /// How the report of a year is published without persons.
    pub report_publication: ReportPublication,
    /// How areas are grouped in figures: särskilt and ordinärt boende …
    pub area_groups: AreaGroups,
    /// Which reviews are made after each half, and until when they are to be signed.
    pub reviews: ReviewRules,
    /// How the access log is checked, and what a person is told of it.
    pub access: AccessRules,
    /// From when the figures of the years are counted another way, such as by a new tool.
    pub series_breaks: Vec<SeriesBreak>,
}

/// How the access log is checked, and what a person is told of who has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessRules {
    /// A check is to be closed within so many months after the last one: a local target.
    pub check_months: u8,
    /// Whether a person's extract names the staff (PDL 8 kap. 5 § asks for unit and time alone).
    pub names_staff: bool,
}

impl Default for AccessRules {
    fn default() -> Self {
        Self { check_months: 3, names_staff: false }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            risk_threshold: 8,
            simple_sample_percent: 5,
            series: SeriesRule::default(),
            team_assesses: true,
            team_closes_simple: false,
            deputy_closes_standard: false,
            leads: Vec::new(),
            act_now: Vec::new(),
            flags: FlagRules::default(),
            private_provider: false,
            mail: MailRules::default(),
            clocks: ClockSettings::default(),
            ladder: LadderSettings::default(),
            forwardings: ForwardingRules::default(),
            deputy_sends_forwardings: false,
            opinions: Opinions::default(),
            diary: Vec::new(),
            register: RegisterRules::default(),
            publishes_answers: false,
            letterhead: Vec::new(),
            report_publication: ReportPublication::default(),
            area_groups: AreaGroups::default(),
            reviews: ReviewRules::default(),
            access: AccessRules::default(),
            series_breaks: Vec::new(),
        }
    }
}

/// When several events of one person are a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRule {
    /// How many events, at least 2.
    pub events: u8,
    /// Within how many days.
    pub days: u16,
}

impl Default for SeriesRule {
    fn default() -> Self {
        Self { events: 5, days: 21 }
    }
}

/// Who leads the cases that fit, and who may close them. What is `None` fits every case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadRule {
    /// Cases under this law.
    pub law: Option<Law>,
    /// Cases of this category, those below included.
    pub category: Option<String>,
    /// Cases whose potential severity is at least this.
    pub severity: Option<u8>,
    /// Cases that were, or could have been, a vårdskada.
    #[serde(default)]
    pub vardskada: bool,
    /// Who leads.
    pub lead: Role,
    /// Who may close them as handled; empty leaves it to the track.
    #[serde(default)]
    pub close: Vec<Role>,
}

/// What of a case decides who leads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadTraits<'a> {
    /// The laws that hold.
    pub laws: &'a [Law],
    /// The category that holds.
    pub category: Option<&'a str>,
    /// The potential severity.
    pub severity: Option<u8>,
    /// Whether it was a vårdskada.
    pub vardskada: Vardskada,
    /// The way it is handled.
    pub track: Option<Track>,
}

impl<'a> LeadTraits<'a> {
    fn of(case: &'a Case, laws: &'a [Law]) -> Self {
        let assessment = &case.assessment;
        Self {
            laws,
            category: case.category(),
            severity: assessment.severity.potential(),
            vardskada: assessment.harm.vardskada,
            track: assessment.track,
        }
    }
}

impl LeadRule {
    fn fits(&self, traits: LeadTraits<'_>) -> bool {
        self.law.is_none_or(|law| traits.laws.contains(&law))
            && self
                .category
                .as_deref()
                .is_none_or(|wanted| traits.category.is_some_and(|code| within(code, wanted)))
            && self
                .severity
                .is_none_or(|least| traits.severity.is_some_and(|severity| severity >= least))
            && (!self.vardskada
                || matches!(traits.vardskada, Vardskada::CouldHave | Vardskada::Yes))
    }
}

/// What whoever files is told to do now: a filing is no alarm. What is `None` fits every filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActNow {
    /// The code of a unit; those below it included.
    pub unit: Option<String>,
    /// Filings whose severity, actual or potential, is at least this.
    pub severity: Option<u8>,
    /// Filings of this category, those below included.
    pub category: Option<String>,
    /// In Swedish.
    pub sv: String,
    /// In plain Swedish; the Swedish text where there is none.
    pub easy: Option<String>,
    /// In English; the Swedish text where there is none.
    pub en: Option<String>,
}

impl ActNow {
    fn fits(&self, case: &Case, units: &UnitTree) -> bool {
        let at = |code: &str| {
            units
                .with_ancestors(case.unit)
                .into_iter()
                .any(|id| units.get(id).is_some_and(|unit: &Unit| unit.code == code))
        };
        let severity = case.assessment.severity;
        let worst = severity.potential().max(severity.actual);
        self.unit.as_deref().is_none_or(at)
            && self.severity.is_none_or(|least| worst.is_some_and(|it| it >= least))
            && self
                .category
                .as_deref()
                .is_none_or(|wanted| case.category().is_some_and(|code| within(code, wanted)))
    }
}

impl Settings {
    /// The limits for handling.
    pub fn limits(&self) -> Limits {
        Limits {
            risk_threshold: self.risk_threshold,
            unreachable_attempts: self.opinions.unreachable_attempts,
        }
    }

    /// What some roles may do here.
    pub fn role_rules(&self) -> RoleRules {
        RoleRules {
            team_assesses: self.team_assesses,
            team_closes_simple: self.team_closes_simple,
            deputy_closes_standard: self.deputy_closes_standard,
            deputy_sends_forwardings: self.deputy_sends_forwardings,
            deputy_answers: self.opinions.deputy_answers,
        }
    }

    /// The rule of who leads and closes that holds for a case.
    pub fn lead_rule(&self, case: &Case) -> Option<&LeadRule> {
        self.rule_for(LeadTraits::of(case, &case.laws()))
    }

    fn rule_for(&self, traits: LeadTraits<'_>) -> Option<&LeadRule> {
        self.leads.iter().find(|rule| rule.fits(traits))
    }

    /// Who leads a case while nobody has taken it.
    pub fn lead(&self, case: &Case) -> Role {
        self.lead_by(LeadTraits::of(case, &case.laws()))
    }

    /// Who leads a case of these traits while nobody has taken it: by rule; on the deep track MAS,
    /// or SAS where the case is no health care's; else the unit's manager.
    pub fn lead_by(&self, traits: LeadTraits<'_>) -> Role {
        if let Some(rule) = self.rule_for(traits) {
            return rule.lead;
        }
        match traits.track {
            Some(Track::Deep) if traits.laws.first().is_some_and(|law| *law != Law::Hsl) => {
                Role::Sas
            }
            Some(Track::Deep) => Role::Mas,
            Some(Track::Simple | Track::Standard) | None => Role::UnitManager,
        }
    }

    /// The roles that alone may close a case as handled; `None` leaves it to the track.
    pub fn closers(&self, case: &Case) -> Option<&[Role]> {
        self.lead_rule(case).map(|rule| rule.close.as_slice()).filter(|roles| !roles.is_empty())
    }

    /// What whoever files the case is told to do now.
    pub fn act_now<'a>(
        &'a self,
        case: &'a Case,
        units: &'a UnitTree,
    ) -> impl Iterator<Item = &'a ActNow> {
        self.act_now.iter().filter(move |rule| rule.fits(case, units))
    }

    /// Whether a case closed on the simple track is one of those shown to MAS, MAR or SAS. By its
    /// id, whose last half is random: nobody can choose, and asking twice gives the same answer.
    pub fn samples(&self, case: &Case) -> bool {
        let (_, random) = case.id.0.as_u64_pair();
        random % 100 < u64::from(self.simple_sample_percent)
    }

    /// Everything that is wrong with the settings, by JSON pointer.
    pub fn faults(&self, codes: &CodeLists, units: &UnitTree) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut hold = |held: bool, field: String, reason: Reason| {
            if !held {
                faults.push(Fault::at(field, reason));
            }
        };
        let within = |value: u16, min: u16, max: u16| (min..=max).contains(&value);
        let range = |min: i64, max: i64| Reason::OutOfRange { min, max };
        let threshold = u16::from(self.risk_threshold);
        hold(within(threshold, 1, 16), "/risk_threshold".into(), range(1, 16));
        let share = u16::from(self.simple_sample_percent);
        hold(within(share, 0, 100), "/simple_sample_percent".into(), range(0, 100));
        let events = u16::from(self.series.events);
        hold(within(events, 2, 50), "/series/events".into(), range(2, 50));
        hold(within(self.series.days, 1, 366), "/series/days".into(), range(1, 366));
        let hours = [
            ("quiet_from", self.mail.quiet_from),
            ("quiet_to", self.mail.quiet_to),
            ("digest_hour", self.mail.digest_hour),
        ];
        for (name, hour) in hours {
            hold(hour <= 23, format!("/mail/{name}"), range(0, 23));
        }
        let unknown = |list: &str, given: &str| Reason::UnknownCode {
            list: list.to_owned(),
            given: given.to_owned(),
        };
        for (at, rule) in self.leads.iter().enumerate() {
            let field = |name: &str| format!("/leads/{at}/{name}");
            if let Some(code) = &rule.category {
                let known = codes.get("category", code).is_some();
                hold(known, field("category"), unknown("category", code));
            }
            hold(
                rule.severity.is_none_or(|it| (1..=4).contains(&it)),
                field("severity"),
                range(1, 4),
            );
            hold(LEADING.contains(&rule.lead), field("lead"), unknown("role", rule.lead.code()));
            for (nth, role) in rule.close.iter().enumerate() {
                let place = field(&format!("close/{nth}"));
                hold(LEADING.contains(role), place, unknown("role", role.code()));
            }
        }
        for (at, rule) in self.act_now.iter().enumerate() {
            let field = |name: &str| format!("/act_now/{at}/{name}");
            if let Some(code) = &rule.unit {
                hold(units.find(code).is_some(), field("unit"), Reason::NotFound);
            }
            if let Some(code) = &rule.category {
                let known = codes.get("category", code).is_some();
                hold(known, field("category"), unknown("category", code));
            }
            hold(
                rule.severity.is_none_or(|it| (1..=4).contains(&it)),
                field("severity"),
                range(1, 4),
            );
            hold(!rule.sv.trim().is_empty(), field("sv"), Reason::Required);
        }
        faults.extend(self.flags.faults("/flags"));
        faults.extend(self.clocks.faults("/clocks"));
        faults.extend(self.ladder.faults("/ladder"));
        faults.extend(self.forwardings.faults("/forwardings"));
        faults.extend(self.opinions.faults("/opinions"));
        faults.extend(diary::series_faults(&self.diary, "/diary"));
        faults.extend(self.register.faults(units, "/register"));
        faults.extend(self.report_publication.faults("/report_publication"));
        faults.extend(self.area_groups.faults(codes, "/area_groups"));
        faults.extend(self.reviews.faults(units, "/reviews"));
        if !(1..=12).contains(&self.access.check_months) {
            faults.push(Fault::at("/access/check_months", range(1, 12)));
        }
        faults.extend(SeriesBreak::faults(&self.series_breaks, "/series_breaks"));
        for (at, line) in self.letterhead.iter().enumerate() {
            if line.trim().is_empty() {
                faults.push(Fault::at(format!("/letterhead/{at}"), Reason::Required));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_release_adds_has_its_default_in_what_was_kept_before() {
        let kept: Settings = serde_json::from_str(r#"{"risk_threshold": 6}"#).expect("settings");
        assert_eq!(kept, Settings { risk_threshold: 6, ..Settings::default() });
        assert_eq!(Settings::default().faults(&CodeLists::shared(), &UnitTree::default()), []);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let rule = LeadRule {
            law: None,
            category: Some("NEJ".into()),
            severity: Some(5),
            vardskada: false,
            lead: Role::Board,
            close: vec![Role::Mas, Role::Admin],
        };
        let act = ActNow {
            unit: Some("finns-inte".into()),
            severity: Some(0),
            category: None,
            sv: " ".into(),
            easy: None,
            en: None,
        };
        let settings = Settings {
            risk_threshold: 0,
            simple_sample_percent: 101,
            series: SeriesRule { events: 1, days: 0 },
            leads: vec![rule],
            act_now: vec![act],
            mail: MailRules { quiet_to: 24, digest_hour: 99, ..MailRules::default() },
            ..Settings::default()
        };
        let faults = settings.faults(&CodeLists::shared(), &UnitTree::default());
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "/risk_threshold",
                "/simple_sample_percent",
                "/series/events",
                "/series/days",
                "/mail/quiet_to",
                "/mail/digest_hour",
                "/leads/0/category",
                "/leads/0/severity",
                "/leads/0/lead",
                "/leads/0/close/1",
                "/act_now/0/unit",
                "/act_now/0/severity",
                "/act_now/0/sv",
            ]
        );
    }
}
