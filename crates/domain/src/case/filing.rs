//! Filing: what a reporter says, taken in whatever state it comes.
//!
//! A filing is never refused for its content: an unknown code, an odd order of times or a closed
//! unit is kept and named as a warning. A personal identity number is taken out of every text.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::event::Faults;
use super::supplement::Supplement;
use super::triage::{Assessment, Severity};
use super::{Case, Changed, Command, Event, Kind, Progress, State, Subkind};
use crate::calendar::{swedish, swedish_date};
use crate::code_lists::CodeLists;
use crate::fault::{Fault, Reason};
use crate::forms::{self, FormVersion};
use crate::ids::{CaseId, StaffId, SubjectId, UnitId};
use crate::law::Law;
use crate::number::CaseNumber;
use crate::opinion::{Contact, EntryWay, OpinionGiven, arrival};
use crate::organisation::{Unit, UnitTree};
use crate::personnummer::{self, PersonalId, SubjectIdentity};
use crate::suggest::{Suggestion, suggested};

/// How far ahead of ours a client's clock may go before its time is taken as unknown.
pub const CLOCK_AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// How many warnings a filing keeps at most.
pub const MOST_WARNINGS: usize = 100;

/// What the reporter said, kept as said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filing {
    /// The laws as given, the first counts; an unknown code is kept.
    pub law: Vec<String>,
    /// The category as given.
    pub category: Option<String>,
    /// The name of a reporter who has no token, as on a shared phone.
    pub reporter_name: Option<String>,
    /// The reporter's profession, a code.
    pub profession: Option<String>,
    /// Who left it: a code of the list `source`.
    pub source: Option<String>,
    /// How it came in: a code of the list `channel`.
    pub channel: Option<String>,
    /// The person's sex: a code.
    pub sex: Option<String>,
    /// The person's age band: a code.
    pub age_band: Option<String>,
    /// Who was told at once: codes of the list `informed`.
    pub informed: Vec<String>,
    /// Answers to the questions of forms, as given.
    pub details: Map<String, Value>,
    /// The versions of the forms that were answered.
    pub forms: Vec<FormVersion>,
    /// What was suggested for it; `None` where nobody asked, as of an import.
    pub suggestion: Option<Suggestion>,
    /// What happened, in the reporter's words.
    pub description: String,
    /// What was done at once.
    pub immediate_action: Option<String>,
    /// When an offline client wrote it down; kept, never counted.
    pub composed_at: Option<Timestamp>,
    /// When it is said to have come in, where whoever registers may say so.
    pub received_at: Option<Timestamp>,
    /// Why it is said to have come in earlier than it was registered.
    pub received_reason: Option<String>,
    /// What the reporter added afterwards, oldest first.
    pub supplements: Vec<Supplement>,
    /// What was wrong with the filing and kept all the same.
    pub warnings: Vec<Fault>,
    /// Whoever files reports it under lex Sarah.
    #[serde(default)]
    pub lex_sarah: bool,
}

impl Filing {
    /// The reported laws that exist, each once, in the order given.
    pub fn known_laws(&self) -> Vec<Law> {
        let mut laws = Vec::new();
        for law in self.law.iter().filter_map(|code| code.parse().ok()) {
            if !laws.contains(&law) {
                laws.push(law);
            }
        }
        laws
    }
}

/// A filing as it comes from a client: every value as given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intake {
    /// What the synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// The unit, by id or code.
    pub unit: String,
    /// The unit that reports, when another.
    pub reporting_unit: Option<String>,
    /// Other units concerned.
    pub also_units: Vec<String>,
    /// When it happened, or began.
    pub occurred_at: Option<Timestamp>,
    /// When it ended.
    pub occurred_until: Option<Timestamp>,
    /// When it was found out.
    pub discovered_at: Option<Timestamp>,
    /// When it had reached the organisation before it was registered.
    pub received_at: Option<Timestamp>,
    /// The reporter's proposal for nature.
    pub nature: Option<String>,
    /// The reporter's proposal for severity.
    pub severity: Severity,
    /// The reporter's proposal for probability.
    pub probability: Option<u8>,
    /// Whether it reached the person.
    pub reached_person: Option<bool>,
    /// The injury.
    pub injury: Option<String>,
    /// The rest, as kept. Its `warnings` are made here.
    pub filing: Filing,
    /// Who the case is about, by a personal identity number or another id, as given.
    pub subject: Option<SubjectGiven>,
    /// Whether the person's data are protected, and how: a code of the list `protected`.
    pub protected: Option<String>,
    /// What is given of an opinion beside its text.
    pub opinion: Option<OpinionGiven>,
}

/// Who the case is about, as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectGiven {
    /// A personnummer or samordningsnummer.
    Personal(String),
    /// Another id, with who gave it out.
    Other {
        /// The id.
        id: String,
        /// Who gave it out.
        issuer: Option<String>,
    },
}

/// What filing needs to know of the world.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The tenant's units.
    pub units: &'a UnitTree,
    /// The code lists with the tenant's own.
    pub codes: &'a CodeLists,
    /// The server's clock.
    pub now: Timestamp,
    /// Whether the caller may say that it came in earlier.
    pub may_backdate: bool,
}

/// Who files, and the identity drawn for the case.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The case's id.
    pub id: CaseId,
    /// What it is.
    pub kind: Kind,
    /// Random bits for the number.
    pub number_seed: u64,
    /// The id for the person's sealed identity, if one turns out to be needed.
    pub subject_id: SubjectId,
    /// Who reports.
    pub reported_by: Option<StaffId>,
    /// Who registers; `None` for what comes through the public form.
    pub registered_by: Option<StaffId>,
    /// Keep it as a draft.
    pub draft: bool,
}

/// A filing taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Filed {
    /// The case with its event; `case.filing.warnings` holds what was wrong.
    pub changed: Changed,
    /// Who it is about, to be sealed: as given, or found in a text.
    pub subject: Option<Subject>,
    /// Who left the opinion, to be sealed.
    pub contact: Option<Contact>,
}

/// Who a case is about, in the clear, on the way to being sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The identity.
    pub identity: SubjectIdentity,
    /// Whether someone said so, rather than a number having been found in a text.
    pub confirmed: bool,
    /// Whether the person's data are protected, and how.
    pub protected: Option<String>,
}

/// Takes in a filing.
///
/// # Errors
/// The fault of the one thing that cannot be mended: a description with nothing in it, or a tenant
/// without any unit to file at.
pub fn file(
    entry: Entry,
    mut intake: Intake,
    around: Surroundings<'_>,
) -> Result<Filed, Vec<Fault>> {
    let Surroundings { units, codes, now, may_backdate } = around;
    let mut faults = Faults::default();
    if intake.filing.description.trim().is_empty() {
        return Err(vec![Fault::at("/description", Reason::Required)]);
    }
    let today = swedish_date(now);

    // Times first: the day of the event decides which codes and units are valid.
    let ahead = |given: Option<Timestamp>| given.is_some_and(|at| at > now);
    let too_far = |given: Option<Timestamp>| given.is_some_and(|at| at > now + CLOCK_AHEAD);
    for (field, value) in [
        ("/occurred_at", &mut intake.occurred_at),
        ("/occurred_until", &mut intake.occurred_until),
        ("/discovered_at", &mut intake.discovered_at),
        ("/composed_at", &mut intake.filing.composed_at),
    ] {
        if let Some(given) = *value
            && ahead(*value)
        {
            faults.push(field, Reason::InFuture { given });
            if too_far(*value) {
                *value = None;
            }
        }
    }
    if let (Some(from), Some(until)) = (intake.occurred_at, intake.occurred_until)
        && until < from
    {
        faults.push("/occurred_until", Reason::Before { other: "/occurred_at".into() });
    }
    if let (Some(occurred), Some(discovered)) = (intake.occurred_at, intake.discovered_at)
        && discovered < occurred
    {
        faults.push("/discovered_at", Reason::Before { other: "/occurred_at".into() });
    }
    let mut reported_at = now;
    if let Some(received) = intake.received_at {
        if !may_backdate {
            faults.push("/received_at", Reason::inconsistent("received_at_not_permitted"));
        } else if received > now {
            faults.push("/received_at", Reason::InFuture { given: received });
        } else {
            let filing = &intake.filing;
            let reason = filing.received_reason.as_deref().unwrap_or("");
            faults.require(!reason.trim().is_empty(), "/received_reason", Reason::Required);
            faults.require(filing.channel.is_some(), "/channel", Reason::Required);
            // Kept even without a reason: an earlier start of the clocks is on the safe side.
            reported_at = received;
            intake.filing.received_at = Some(received);
            if intake.occurred_at.is_some_and(|occurred| occurred > received) {
                faults.push("/received_at", Reason::Before { other: "/occurred_at".into() });
            }
        }
    }
    // The public reports nothing under lex Sarah: employees do.
    if intake.filing.lex_sarah && entry.kind != Kind::Avvikelse {
        faults.push("/lex_sarah", Reason::inconsistent("lex_sarah_only_for_avvikelse"));
        intake.filing.lex_sarah = false;
    }
    let event_day = swedish_date(intake.occurred_at.unwrap_or(reported_at));

    // Units: an unknown one goes to the tenant's "unknown unit", a closed one to who took over.
    let unknown = units.unknown().ok_or_else(|| {
        vec![Fault::at("/unit", Reason::UnknownUnit { given: intake.unit.clone() })]
    })?;
    let mut place = |given: &str, field: &str| -> Option<UnitId> {
        match units.find(given) {
            None => {
                faults.push(field, Reason::UnknownUnit { given: given.to_owned() });
                None
            }
            Some(unit) if unit.open_on(event_day) => Some(unit.id),
            Some(unit) => {
                let instead: Option<&Unit> = units.open_instead(unit.id, event_day);
                let code = instead.map(|unit| unit.code.clone());
                let given = given.to_owned();
                faults.push(field, Reason::ClosedUnit { given, instead: code });
                // With nobody to take over, the closed unit keeps it: its manager is still known.
                Some(instead.map_or(unit.id, |unit| unit.id))
            }
        }
    };
    let unit = place(&intake.unit, "/unit").unwrap_or(unknown.id);
    let reporting_unit = intake
        .reporting_unit
        .as_deref()
        .and_then(|given| place(given, "/reporting_unit"))
        .unwrap_or(unit);
    let also_units: Vec<UnitId> = intake
        .also_units
        .iter()
        .enumerate()
        .filter_map(|(at, given)| place(given, &format!("/also_units/{at}")))
        .collect();

    // Codes: kept as given, named when unknown or not valid on the day.
    let filing = &mut intake.filing;
    {
        let mut check = |list: &str, code: &str, field: String| {
            if let Err(reason) = codes.check(list, code, event_day) {
                faults.push(field, reason);
            }
        };
        for (list, field, code) in [
            (entry.kind.category_list(), "/category", &filing.category),
            ("profession", "/profession", &filing.profession),
            ("source", "/source", &filing.source),
            ("channel", "/channel", &filing.channel),
            ("sex", "/sex", &filing.sex),
            ("age_band", "/age_band", &filing.age_band),
            ("nature", "/nature", &intake.nature),
            ("injury", "/harm/injury", &intake.injury),
        ] {
            if let Some(code) = code {
                check(list, code, field.to_owned());
            }
        }
        for (at, code) in filing.law.iter().enumerate() {
            check("law", code, format!("/law/{at}"));
        }
        if let Some(code) = &intake.protected {
            check("protected", code, "/subject/protected".to_owned());
        }
        for (at, code) in filing.informed.iter().enumerate() {
            check("informed", code, format!("/informed/{at}"));
        }
    }
    for (at, code) in filing.law.iter().enumerate() {
        if filing.law[..at].contains(code) {
            faults.push(format!("/law/{at}"), Reason::NotUnique);
        }
    }
    if intake.protected.is_some() && intake.subject.is_none() {
        faults.push("/subject/personal_id", Reason::Required);
    }
    let protected = intake.protected.take().filter(|code| codes.get("protected", code).is_some());
    for (field, value) in [
        ("/severity/actual", &mut intake.severity.actual),
        ("/severity/potential", &mut intake.severity.potential),
        ("/probability", &mut intake.probability),
    ] {
        if value.is_some_and(|value| !(1..=4).contains(&value)) {
            faults.push(field, Reason::OutOfRange { min: 1, max: 4 });
            *value = None;
        }
    }

    // Who it is about, and numbers that slipped into a text.
    let mut subject = match intake.subject.take() {
        None => None,
        Some(SubjectGiven::Other { id, issuer }) => Some(Subject {
            identity: SubjectIdentity::Other { id, issuer },
            confirmed: true,
            protected: protected.clone(),
        }),
        Some(SubjectGiven::Personal(given)) => match PersonalId::parse(&given, today) {
            Ok(id) => Some(Subject {
                identity: SubjectIdentity::Personal(id),
                confirmed: true,
                protected: protected.clone(),
            }),
            Err(_) => {
                faults.push("/subject/personal_id", Reason::BadCheckDigit);
                let identity = SubjectIdentity::Other { id: given, issuer: None };
                Some(Subject { identity, confirmed: false, protected: protected.clone() })
            }
        },
    };
    let mut clean = |text: &mut String, field: String| {
        let found = personnummer::find_in(text, today);
        if found.is_empty() {
            return;
        }
        for number in &found {
            let (position, length) = (number.position, number.length);
            faults.push(field.clone(), Reason::PersonalNumber { position, length });
            if subject.is_none() {
                let identity = SubjectIdentity::Personal(number.id.clone());
                subject =
                    Some(Subject { identity, confirmed: false, protected: protected.clone() });
            }
        }
        *text = personnummer::redact(text, &found);
    };
    clean(&mut filing.description, "/description".into());
    for (field, text) in [
        ("/immediate_action", &mut filing.immediate_action),
        ("/reporter_name", &mut filing.reporter_name),
        ("/received_reason", &mut filing.received_reason),
    ] {
        if let Some(text) = text {
            clean(text, field.into());
        }
    }
    let mut details = Value::Object(std::mem::take(&mut filing.details));
    each_text(&mut details, "/details", &mut clean);
    if let Value::Object(answers) = details {
        filing.details = answers;
    }
    let details = &filing.details;
    for fault in forms::check(entry.kind, filing.category.as_deref(), details, codes, event_day) {
        faults.push(fault.field, fault.reason);
    }
    filing.forms = forms::answered(entry.kind, details);
    // From the text as it is kept. Whoever filed may have chosen by it; it is held against both.
    let area = units.area_of(unit);
    filing.suggestion = Some(suggested(entry.kind, &filing.description, area, codes));
    // Kept codes and unit names are echoed in warnings, so they must not carry a number either.
    for code in [
        &mut filing.category,
        &mut filing.profession,
        &mut filing.source,
        &mut filing.channel,
        &mut filing.sex,
        &mut filing.age_band,
        &mut intake.nature,
        &mut intake.injury,
    ]
    .into_iter()
    .flatten()
    .chain(&mut filing.law)
    .chain(&mut filing.informed)
    {
        *code = personnummer::redact(code, &personnummer::find_in(code, today));
    }
    if let Some(Subject { identity: SubjectIdentity::Personal(id), .. }) = &subject {
        filing.sex.get_or_insert_with(|| id.sex().to_owned());
        let age = id.age_on(event_day);
        filing.age_band.get_or_insert_with(|| personnummer::age_band(age).to_owned());
    }

    let number = CaseNumber::from_random(
        entry.kind.number_kind(),
        swedish(reported_at).year,
        entry.number_seed,
    );
    let mut case = Case {
        id: entry.id,
        number,
        external_number: None,
        diary_number: None,
        kind: entry.kind,
        subkind: match entry.kind {
            Kind::Synpunkt => intake.subkind,
            Kind::Avvikelse | Kind::Klagomal => None,
        },
        unit,
        reporting_unit,
        also_units,
        reported_by: entry.reported_by,
        registered_by: entry.registered_by,
        occurred_at: intake.occurred_at,
        occurred_until: intake.occurred_until,
        discovered_at: intake.discovered_at,
        reported_at,
        registered_at: now,
        filing: intake.filing,
        assessment: Assessment {
            nature: intake.nature,
            severity: intake.severity,
            probability: intake.probability,
            harm: super::triage::Harm {
                reached_person: intake.reached_person,
                injury: intake.injury,
                ..Default::default()
            },
            ..Default::default()
        },
        progress: Progress::default(),
        state: if entry.draft { State::Draft } else { State::Reported },
        investigation: None,
        feedback: Vec::new(),
        links: Vec::new(),
        watches: Vec::new(),
        conflicts: Vec::new(),
        subject: subject.as_ref().map(|_| entry.subject_id),
        imported: false,
        opinion: None,
        version: 1,
        updated_at: now,
    };
    let contact = take_opinion(&mut case, intake.opinion, codes, &mut faults, now);

    let mut warnings = faults.into_vec();
    for warning in &mut warnings {
        let given = match &mut warning.reason {
            Reason::UnknownCode { given, .. }
            | Reason::ExpiredCode { given, .. }
            | Reason::UnknownUnit { given }
            | Reason::ClosedUnit { given, .. } => given,
            _ => continue,
        };
        *given = personnummer::redact(given, &personnummer::find_in(given, today));
    }
    // Whoever would mend them needs to know the first; the answer must not outgrow the filing.
    warnings.truncate(MOST_WARNINGS);
    case.filing.warnings = warnings;
    let to = case.status();
    let event = Event { command: Command::File, from: None, to, changes: Vec::new(), reason: None };
    Ok(Filed { changed: Changed { case, event }, subject, contact })
}

/// Makes the opinion that a filing is, and gives who left it.
fn take_opinion(
    case: &mut Case,
    given: Option<OpinionGiven>,
    codes: &CodeLists,
    faults: &mut Faults,
    now: Timestamp,
) -> Option<Contact> {
    if case.kind == Kind::Avvikelse || case.private() {
        let code = match case.kind {
            Kind::Avvikelse => "opinion_of_avvikelse",
            Kind::Synpunkt | Kind::Klagomal => "opinion_of_draft",
        };
        faults.require(given.is_none(), "/opinion", Reason::inconsistent(code));
        return None;
    }
    let entry = match case.registered_by {
        Some(_) => EntryWay::Staff,
        None => EntryWay::Public,
    };
    arrival::take_in(case, entry, given.unwrap_or_default(), codes, faults, now).contact
}

/// The personal identity numbers in the texts of a request: where each stands.
pub fn numbers_in(value: &mut Value, today: jiff::civil::Date) -> Vec<Fault> {
    let mut faults = Vec::new();
    each_text(value, "", &mut |text, pointer| {
        for number in personnummer::find_in(text, today) {
            let (position, length) = (number.position, number.length);
            faults.push(Fault::at(pointer.clone(), Reason::PersonalNumber { position, length }));
        }
    });
    faults
}

/// Calls `clean` with every text inside `value` and the JSON pointer to it.
fn each_text(value: &mut Value, pointer: &str, clean: &mut impl FnMut(&mut String, String)) {
    match value {
        Value::String(text) => clean(text, pointer.to_owned()),
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                each_text(item, &format!("{pointer}/{at}"), clean);
            }
        }
        Value::Object(fields) => {
            // Names are texts as well: what is cleaned out of one must not stand in a pointer.
            for (mut name, mut field) in std::mem::take(fields) {
                clean(&mut name, pointer.to_owned());
                let escaped = name.replace('~', "~0").replace('/', "~1");
                each_text(&mut field, &format!("{pointer}/{escaped}"), clean);
                fields.insert(name, field);
            }
        }
        // A number of ten or twelve digits may be one too.
        Value::Number(number) => {
            let mut text = number.to_string();
            let before = text.clone();
            clean(&mut text, pointer.to_owned());
            if text != before {
                *value = Value::String(text);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

impl Case {
    /// Puts a new intake in place of a draft: same id, number and author.
    ///
    /// # Errors
    /// [`super::Rejected::State`] for anything but a draft, or the faults of [`file`].
    pub fn edit(self, mut filed: Filed, now: Timestamp) -> Result<Filed, super::Rejected> {
        let from = self.admit(Command::Edit)?;
        let new = &mut filed.changed.case;
        new.id = self.id;
        new.number = self.number;
        new.registered_by = self.registered_by;
        new.registered_at = self.registered_at;
        new.version = self.version;
        new.state = State::Draft;
        new.opinion = None;
        let case = filed.changed.case;
        filed.changed = case.changed(Command::Edit, from, Default::default(), None, now);
        Ok(filed)
    }
}
