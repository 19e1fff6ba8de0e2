//! What a notification to IVO is made of, filled from the escalation and its case, with a list of what
//! is missing. Which parts there are is data (`domain/data/escalation/dossier.csv`): a local template,
//! printed as law only where the law was read.

use std::sync::LazyLock;

use serde::Deserialize;

use super::matter::{Channel, Degree, SeriousTest};
use super::{Escalation, Kind, State};
use crate::calendar::{format_local, swedish_date};
use crate::case::Case;
use crate::case::information::InformationPoint;
use crate::code_lists::CodeLists;
use crate::ids::StaffId;
use crate::law::{self, Basis, Duty};

/// One part of the template.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Part {
    /// Of which process.
    pub kind: Kind,
    /// Under which heading: `who`, `event`, `inquiry`, `information` or `decision`.
    pub section: String,
    /// What is filled in.
    pub code: String,
    /// Its title in Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
    /// Whether it is missing when it is empty: `yes` or `no`.
    needed: String,
    /// How well it is known that it is asked for.
    pub basis: Basis,
}

static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
    let text = include_str!("../../data/escalation/dossier.csv");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').comment(Some(b'#')).from_reader(text.as_bytes());
    let parts: Result<Vec<Part>, csv::Error> = reader.deserialize().collect();
    parts.expect("the built-in template is well formed")
});

/// The template.
pub fn parts() -> &'static [Part] {
    &PARTS
}

/// What the escalation and the case do not say themselves.
pub struct Known<'a> {
    /// The tenant's name.
    pub tenant: &'a str,
    /// The name of the unit.
    pub unit: &'a str,
    /// Who the case is about, or the riskperson, in the clear; `None` where nobody is named, or not to
    /// whoever reads.
    pub person: Option<&'a str>,
    /// Whether somebody is named, and not to whoever reads.
    pub person_hidden: bool,
    /// The names of staff.
    pub name: &'a dyn Fn(StaffId) -> String,
    /// The code lists.
    pub codes: &'a CodeLists,
}

/// One part, filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The part.
    pub part: &'static Part,
    /// What stands there; `None` is nothing.
    pub text: Option<String>,
    /// Something stands there that is not shown to whoever reads.
    pub hidden: bool,
}

impl Filled {
    /// Whether something is asked for that is not there.
    pub fn missing(&self) -> bool {
        self.text.is_none() && !self.hidden && self.part.needed == "yes"
    }
}

/// A dossier for IVO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// The paragraph it rests on and the number of its act, where somebody has read it.
    pub provision: Option<(String, String)>,
    /// Its parts, in order.
    pub parts: Vec<Filled>,
    /// IVO's diarienummer.
    pub ivo_number: Option<String>,
    /// What IVO has asked for and until when, with when it was sent.
    pub supplements: Vec<(String, jiff::civil::Date, Option<jiff::Timestamp>)>,
    /// What IVO decided, and when.
    pub ivo_decision: Option<(String, jiff::Timestamp)>,
}

impl Dossier {
    /// The dossier of an escalation as it stands.
    pub fn of(escalation: &Escalation, case: Option<&Case>, known: &Known<'_>) -> Self {
        let duty = match escalation.kind {
            Kind::LexMaria => Duty::LexMaria,
            Kind::LexSarah => Duty::LexSarahNotify,
            Kind::Riskperson => Duty::Riskperson,
        };
        let day = swedish_date(escalation.starts_at);
        let provision = law::provision(duty, escalation.law, day).filter(|it| it.verified());
        let of_kind = PARTS.iter().filter(|part| part.kind == escalation.kind);
        let filling = Filling { escalation, case, known };
        let matter = &escalation.matter;
        let asked = match &escalation.state {
            State::SupplementRequested(request) => Some((request, None)),
            _ => None,
        };
        let sent = matter.supplements.iter().map(|it| (&it.request, Some(it.sent.sent_at)));
        Self {
            provision: provision.map(|it| (it.paragraph.clone(), it.sfs.clone())),
            parts: of_kind
                .map(|part| Filled {
                    part,
                    text: filling.text(&part.code).filter(|it| !super::blank(it)),
                    hidden: known.person_hidden
                        && matches!(part.code.as_str(), "patient" | "person"),
                })
                .collect(),
            ivo_number: matter.ivo.number.clone(),
            supplements: sent
                .chain(asked)
                .map(|(request, sent)| (request.what.clone(), request.due_on, sent))
                .collect(),
            ivo_decision: matter.ivo.decision.clone().zip(matter.ivo.decided_at),
        }
    }

    /// The parts that are missing.
    pub fn missing(&self) -> impl Iterator<Item = &'static Part> {
        self.parts.iter().filter(|filled| filled.missing()).map(|filled| filled.part)
    }
}

struct Filling<'a> {
    escalation: &'a Escalation,
    case: Option<&'a Case>,
    known: &'a Known<'a>,
}

impl Filling<'_> {
    fn code_text(&self, list: &str, code: &str) -> String {
        self.known.codes.get(list, code).map_or_else(|| code.to_owned(), |it| it.sv.clone())
    }

    /// What stands in a part.
    fn text(&self, code: &str) -> Option<String> {
        let (matter, case) = (&self.escalation.matter, self.case);
        let of_case = case.and_then(|case| case.investigation.as_ref());
        let of_report = matter.inquiry.as_ref();
        let social = self.escalation.kind == Kind::LexSarah;
        let name = |staff: Option<StaffId>| staff.map(|staff| (self.known.name)(staff));
        match code {
            "caregiver" => Some(self.known.tenant.to_owned()),
            "unit" => Some(self.known.unit.to_owned()),
            "contact" => {
                let last = matter.proposals.last().map(|proposal| proposal.by);
                name(matter.notification.as_ref().and_then(|it| it.by).or(last))
            }
            "diary_number" => matter.notification.as_ref().and_then(|it| it.diary_number.clone()),
            "patient" | "person" => self.known.person.map(str::to_owned),
            "case_number" => case.map(|case| case.number.to_string()),
            "occurred_at" => case.and_then(|case| case.occurred_at).map(format_local),
            "description" => case.map(|case| case.filing.description.clone()),
            "immediate_action" => case.and_then(|case| case.filing.immediate_action.clone()),
            "consequence" if social => of_report.and_then(|it| it.consequences.clone()),
            "consequence" => {
                let harm = &case?.assessment.harm;
                let injury = harm.injury.as_deref().map(|code| self.code_text("injury", code));
                let death = (harm.death == Some(true)).then(|| "Dödsfall".to_owned());
                let told: Vec<String> = injury.into_iter().chain(death).collect();
                (!told.is_empty()).then(|| told.join(". "))
            }
            "serious_test" => matter.decision.as_ref()?.test.map(|test| {
                match test {
                    SeriousTest::None => {
                        "Varken bestående skada, väsentligt ökat vårdbehov eller dödsfall"
                    }
                    SeriousTest::PermanentNotSlight => "Bestående och inte ringa",
                    SeriousTest::IncreasedCare => "Väsentligt ökat vårdbehov",
                    SeriousTest::Death => "Dödsfall",
                }
                .to_owned()
            }),
            "course_of_events" if social => of_report.and_then(|it| it.course_of_events.clone()),
            "course_of_events" => of_case.and_then(|it| it.course_of_events.clone()),
            "assessment" => of_case.and_then(|it| it.assessment.clone()),
            "patient_account" => of_case.and_then(|it| it.person_account.clone()),
            "recurrence" => of_report.and_then(|it| it.recurrence.clone()),
            "causes" if social => of_report.and_then(|it| it.causes.clone()),
            "causes" => of_case.map(|it| {
                let one = |cause: &crate::case::investigation::Cause| {
                    let text = self.code_text("cause", &cause.code);
                    match &cause.text {
                        Some(said) => format!("{text}: {said}"),
                        None => text,
                    }
                };
                it.causes.iter().map(one).collect::<Vec<_>>().join("\n")
            }),
            "measures" if social => of_report.and_then(|it| it.measures.clone()),
            "measures" => of_case.map(|it| {
                let one = |measure: &crate::case::measure::Measure| {
                    let owner = measure.owner.as_deref().unwrap_or("–");
                    let due = measure.due_on.map_or_else(|| "–".to_owned(), |day| day.to_string());
                    format!("{} ({owner}, {due})", measure.text)
                };
                it.measures.iter().map(one).collect::<Vec<_>>().join("\n")
            }),
            "patient_information" => {
                let of_case = case?.assessment.patient_information.as_ref();
                let given = of_case.or(matter.patient_information.as_ref())?;
                Some(match &given.impediment {
                    Some(why) => format!("Inte lämnad: {why}"),
                    None => format!(
                        "{} av {} punkter, {}, {}",
                        given.points.len(),
                        InformationPoint::ALL.len(),
                        given.informed_at.map(format_local).unwrap_or_default(),
                        given.how.as_deref().unwrap_or_default(),
                    ),
                })
            }
            "reported" => matter.report.as_ref().map(|report| match &report.oral_from {
                Some(from) => format!("{}, muntligen av {from}", format_local(report.at)),
                None => format_local(report.at),
            }),
            "received" => matter
                .receipt
                .as_ref()
                .map(|it| format!("{}, {}", format_local(it.at), (self.known.name)(it.by))),
            "protection" => {
                let each: Vec<&str> =
                    matter.protections.iter().map(|it| it.text.as_str()).collect();
                (!each.is_empty()).then(|| each.join("\n"))
            }
            "informed" => matter.remedy.as_ref()?.person_informed.map(|yes| {
                let how = matter.remedy.as_ref().and_then(|it| it.person_informed_how.clone());
                let word = if yes { "Ja" } else { "Nej" };
                how.map_or_else(|| word.to_owned(), |how| format!("{word}. {how}"))
            }),
            "flagged" => matter.flag.as_ref().and_then(|flag| flag.text.clone()),
            "proposal" => matter.standing_proposal().map(|proposal| proposal.text.clone()),
            "decision" => matter.decision.as_ref().map(|decision| {
                let what = if decision.yes { "Anmälan till IVO" } else { "Ingen anmälan" };
                format!("{what}, {}", decision.on)
            }),
            "degree" => matter.deciding()?.degree.map(|degree| degree_text(degree).to_owned()),
            "motivation" => matter.deciding().and_then(|decision| decision.motivation.clone()),
            "decided_by" => matter.deciding().and_then(|decision| {
                let by = name(decision.by)?;
                let delegation = decision.delegation.as_deref().unwrap_or("–");
                Some(format!("{by}, {}, {delegation}", decision.on))
            }),
            _ => None,
        }
    }
}

/// A degree in words.
pub fn degree_text(degree: Degree) -> &'static str {
    match degree {
        Degree::None => "Inget missförhållande",
        Degree::PalpableRisk => "Påtaglig risk för missförhållande",
        Degree::Misconduct => "Missförhållande",
        Degree::PalpableRiskSerious => "Påtaglig risk för allvarligt missförhållande",
        Degree::Serious => "Allvarligt missförhållande",
    }
}

/// A channel in words.
pub fn channel_text(channel: Channel) -> &'static str {
    match channel {
        Channel::EService => "IVO:s e-tjänst",
        Channel::Post => "Post",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that [`Filling::text`] fills, read from its own source.
    const SOURCE: &str = include_str!("dossier.rs");

    #[test]
    fn every_part_of_the_template_can_be_filled() {
        assert!(Kind::ALL.iter().all(|kind| parts().iter().any(|part| part.kind == *kind)));
        for part in parts() {
            let arm = format!("\"{}\"", part.code);
            assert!(SOURCE.contains(&arm), "nothing fills {}", part.code);
            assert!(["yes", "no"].contains(&part.needed.as_str()), "{part:?}");
            assert!(!part.sv.is_empty() && !part.en.is_empty(), "{part:?}");
            let sections = ["who", "event", "inquiry", "information", "decision"];
            assert!(sections.contains(&part.section.as_str()), "{part:?}");
            let same = |it: &&Part| it.kind == part.kind && it.code == part.code;
            assert_eq!(parts().iter().filter(same).count(), 1, "{part:?}");
        }
    }
}
