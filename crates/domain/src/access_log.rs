//! The access log (HSLF-FS 2016:40 4 kap. 9 §): why it may be searched, and what a person is told of who
//! has read what is about them.

use jiff::Timestamp;

use crate::calendar::swedish;
use crate::fault::{Fault, Reason};
use crate::organisation::Role;

/// The longest reason for a search, in characters.
pub const LONGEST_REASON: usize = 500;

/// Why the log is searched. Finding out who has spoken to the press is not among them, and never a reason:
/// whoever looks for a media source breaks the law (TF 3 kap. 5 §).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A check that is done again and again (stickprov).
    SpotCheck,
    /// The person it is about has complained, or asked.
    Complaint,
    /// Something has happened: a suspected data breach.
    Incident,
    /// An authority, or whoever answers for the care, asks.
    Supervision,
    /// The extract that a person is given of who has read what is about them.
    OwnExtract,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 5] = [
        Purpose::SpotCheck,
        Purpose::Complaint,
        Purpose::Incident,
        Purpose::Supervision,
        Purpose::OwnExtract,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::SpotCheck => "spot_check",
            Purpose::Complaint => "complaint",
            Purpose::Incident => "incident",
            Purpose::Supervision => "supervision",
            Purpose::OwnExtract => "own_extract",
        }
    }
}

impl std::str::FromStr for Purpose {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Purpose::ALL.into_iter().find(|purpose| purpose.code() == code).ok_or(())
    }
}

/// Why somebody searches: from the list, and in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// From the list.
    pub purpose: Purpose,
    /// In words.
    pub reason: String,
}

impl Stated {
    /// What is stated, without outer blanks.
    ///
    /// # Errors
    /// A reason that is missing or too long.
    pub fn new(purpose: Purpose, reason: &str) -> Result<Self, Fault> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Fault::at("/reason", Reason::Required));
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(Fault::at("/reason", Reason::TooLong { max: LONGEST_REASON }));
        }
        Ok(Self { purpose, reason })
    }
}

/// One line of what a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The units of whoever read, by name; empty is the whole tenant.
    pub units: Vec<String>,
    /// In which role; `None` is whoever filed it, or was asked by name.
    pub role: Option<Role>,
    /// Who, where the tenant tells names.
    pub name: Option<String>,
    /// What was done, as an entry says it.
    pub act: String,
    /// The numbers of the cases.
    pub numbers: Vec<String>,
}

/// A day and a time as a Swede writes them: 12 mars 2026 kl. 14.05.
pub fn written(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ];
    let local = swedish(at);
    let month = usize::try_from(local.month).ok().and_then(|month| MONTHS.get(month - 1));
    let minute = at.as_second().div_euclid(60).rem_euclid(60);
    let (day, year, hour) = (local.day.day(), local.year, local.hour);
    format!("{day} {} {year} kl. {hour:02}.{minute:02}", month.copied().unwrap_or_default())
}

/// A role, in Swedish, within a sentence.
pub fn role_in_words(role: Option<Role>) -> &'static str {
    match role {
        None => "den som rapporterade, eller som ombetts av handläggaren",
        Some(Role::Intake) => "mottagning",
        Some(Role::Team) => "legitimerad personal i teamet",
        Some(Role::Deputy) => "ersättare för enhetschef",
        Some(Role::UnitManager) => "enhetschef",
        Some(Role::AreaManager) => "verksamhetschef",
        Some(Role::Director) => "förvaltningschef",
        Some(Role::Registrator) => "registrator",
        Some(Role::Mas) => "medicinskt ansvarig sjuksköterska (MAS)",
        Some(Role::Mar) => "medicinskt ansvarig för rehabilitering (MAR)",
        Some(Role::Sas) => "socialt ansvarig samordnare (SAS)",
        Some(Role::Decider) => "beslutsfattare",
        Some(Role::Board) => "nämndens ledamot",
        Some(Role::Analyst) => "analytiker",
        Some(Role::Auditor) => "logggranskare",
        Some(Role::Privacy) => "dataskyddsombud",
        Some(Role::Admin) => "systemadministratör",
    }
}

/// What an entry says was done, in Swedish. What was changed was also read.
pub fn act_in_words(act: &str) -> String {
    let known = match act {
        "case.read" | "case.follow" => "läste ärendet",
        "case.history" => "läste ärendets historik",
        "case.comments" => "läste kommentarer till ärendet",
        "case.duties" | "case.clocks" => "läste vad som ska göras i ärendet",
        "case.record" => "tog ut hela ärendet som handling",
        "case.similar" => "såg liknande ärenden",
        "subject.read" => "läste vem ärendet gäller",
        "opinion.read" => "läste synpunkten eller klagomålet",
        "opinion.sender" => "läste vem som lämnade synpunkten eller klagomålet",
        "attachment.list" => "såg vilka filer som finns i ärendet",
        "attachment.read" => "öppnade en fil i ärendet",
        "review.persons" => "såg vilka ärenden som gäller samma person, i enhetens genomgång",
        "forwarding.subject" => "läste vem det gäller, i det som gått mellan vårdgivare",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let kind = act.split('.').next().unwrap_or_default();
    match kind {
        "case" | "cases" => "handlade i ärendet",
        "investigation" => "läste eller skrev i utredningen",
        "escalation" => "läste eller handlade i en anmälan (lex Maria eller lex Sarah)",
        "forwarding" => "läste eller skrev det som gått mellan vårdgivare",
        "opinion" => "handlade synpunkten eller klagomålet",
        "attachment" => "hanterade en fil i ärendet",
        "access_log" | "spot_check" => "kontrollerade vem som har läst ärendet",
        _ => "läste uppgifter i ärendet",
    }
    .to_owned()
}

/// A line as a sentence.
pub fn sentence(line: &Line) -> String {
    let units = match line.units.as_slice() {
        [] => "hela verksamheten".to_owned(),
        units => units.join(", "),
    };
    let who = match &line.name {
        Some(name) => format!("{name}, {}", role_in_words(line.role)),
        None => role_in_words(line.role).to_owned(),
    };
    let numbers = line.numbers.join(", ");
    format!(
        "{}. Enhet: {units}. Roll: {who}. {} {numbers}.",
        written(line.at),
        {
            let act = act_in_words(&line.act);
            let mut letters = act.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
        }
        .unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_stated_in_words_and_a_source_is_none() {
        assert!(Stated::new(Purpose::Incident, "  ").is_err());
        assert!(Stated::new(Purpose::Incident, &"x".repeat(LONGEST_REASON + 1)).is_err());
        assert_eq!(Stated::new(Purpose::Incident, " a ").expect("stated").reason, "a");
        for purpose in Purpose::ALL {
            assert_eq!(purpose.code().parse(), Ok(purpose));
        }
        assert!("source".parse::<Purpose>().is_err() && "media".parse::<Purpose>().is_err());
    }

    #[test]
    fn a_line_is_a_sentence_that_anyone_understands() {
        let line = Line {
            at: "2026-03-12T13:05:40Z".parse().expect("a time"),
            units: vec!["Granen".into()],
            role: Some(Role::Mas),
            name: None,
            act: "subject.read".into(),
            numbers: vec!["AVV-2026-7K3Q9D2F".into()],
        };
        assert_eq!(
            sentence(&line),
            "12 mars 2026 kl. 14.05. Enhet: Granen. Roll: medicinskt ansvarig sjuksköterska (MAS). \
             Läste vem ärendet gäller AVV-2026-7K3Q9D2F."
        );
        let summer = Line { at: "2026-07-31T22:30:00Z".parse().expect("a time"), ..line };
        assert!(sentence(&summer).starts_with("1 augusti 2026 kl. 00.30. "));
    }
}
