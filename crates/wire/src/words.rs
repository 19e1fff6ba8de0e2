//! Sentences about a case for whoever reported it, as a care assistant reads them.

use domain::case::{self as d, Kind, Status, Track};
use domain::code_lists::CodeLists;
use domain::escalation::matter::Reported;
use domain::organisation::Role;

use crate::language::Language;
use crate::reporter::Step;

/// A code in words; the code itself where nobody knows it.
pub fn of_code(codes: &CodeLists, list: &str, code: &str, language: Language) -> String {
    match (codes.get(list, code), language) {
        (Some(known), Language::En) if !known.en.is_empty() => known.en.clone(),
        (Some(known), Language::En | Language::Sv | Language::SvEasy) => known.sv.clone(),
        (None, _) => code.to_owned(),
    }
}

/// A case with what sentences about it are made of.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The case.
    pub case: &'a d::Case,
    /// Who has it in hand.
    pub lead: Role,
    /// The measures that are decided, in words.
    pub measures: Vec<String>,
    /// How it ended, in words.
    pub outcome: Option<String>,
    /// The language.
    pub language: Language,
}

fn pick<'a>(language: Language, sv: &'a str, easy: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Sv => sv,
        Language::SvEasy => easy,
        Language::En => en,
    }
}

/// A role at the beginning of a sentence.
pub fn who(role: Role, language: Language) -> &'static str {
    let (sv, easy, en) = match role {
        Role::Team => ("Teamet", "Sjuksköterskan eller rehab", "The team"),
        Role::Deputy => {
            ("Den som ersätter enhetschefen", "Den som ersätter chefen", "The deputy manager")
        }
        Role::UnitManager => ("Enhetschefen", "Chefen för enheten", "The unit manager"),
        Role::AreaManager => ("Verksamhetschefen", "Chefen över enhetschefen", "The area manager"),
        Role::Director => ("Förvaltningschefen", "Högsta chefen", "The director"),
        Role::Registrator => ("Registratorn", "Registratorn", "The registrar"),
        Role::Mas => (
            "Medicinskt ansvarig sjuksköterska (MAS)",
            "Kommunens ansvariga sjuksköterska (MAS)",
            "The nurse with medical responsibility (MAS)",
        ),
        Role::Mar => (
            "Medicinskt ansvarig för rehabilitering (MAR)",
            "Kommunens ansvariga för rehab (MAR)",
            "The therapist with medical responsibility (MAR)",
        ),
        Role::Sas => (
            "Socialt ansvarig samordnare (SAS)",
            "Kommunens ansvariga för omsorgen (SAS)",
            "The coordinator responsible for social care (SAS)",
        ),
        Role::Intake
        | Role::Decider
        | Role::Board
        | Role::Analyst
        | Role::Auditor
        | Role::Privacy
        | Role::Admin => ("Förvaltningen", "Kommunen", "The administration"),
    };
    pick(language, sv, easy, en)
}

/// Where a lex Sarah report stands, for whoever made it: no more than that.
pub fn lex_sarah(reported: Reported, language: Language) -> &'static str {
    let (sv, easy, en) = match reported {
        Reported::CameIn => (
            "Din rapport enligt lex Sarah har kommit in.",
            "Din rapport om lex Sarah har kommit fram.",
            "Your report under lex Sarah has come in.",
        ),
        Reported::Handled => (
            "Din rapport enligt lex Sarah är mottagen och handläggs.",
            "Någon har tagit emot din rapport om lex Sarah och arbetar med den nu.",
            "Your report under lex Sarah has been received and is being handled.",
        ),
        Reported::Ended => (
            "Handläggningen av din rapport enligt lex Sarah är avslutad.",
            "Arbetet med din rapport om lex Sarah är klart.",
            "The handling of your report under lex Sarah has ended.",
        ),
    };
    pick(language, sv, easy, en)
}

/// With its first letter as in the middle of a sentence.
fn in_sentence(text: &str) -> String {
    let mut letters = text.chars();
    let short = text.chars().take_while(|letter| letter.is_uppercase()).count() > 1;
    match letters.next() {
        Some(first) if !short => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

impl Case<'_> {
    fn pick<'b>(&self, sv: &'b str, easy: &'b str, en: &'b str) -> &'b str {
        pick(self.language, sv, easy, en)
    }

    /// What it is, as the one who left it calls it in the middle of a sentence.
    fn what(&self) -> &'static str {
        let (sv, easy, en) = match self.case.kind {
            Kind::Avvikelse => ("din rapport", "din rapport", "your report"),
            Kind::Synpunkt => ("synpunkten", "synpunkten", "the comment"),
            Kind::Klagomal => ("klagomålet", "klagomålet", "the complaint"),
        };
        pick(self.language, sv, easy, en)
    }

    fn with_measures(&self, sentence: &str) -> String {
        let mut named: Vec<String> = Vec::new();
        for measure in self.measures.iter().map(|measure| in_sentence(measure)) {
            if !named.contains(&measure) {
                named.push(measure);
            }
        }
        match named.is_empty() {
            true => format!("{sentence}."),
            false => format!("{sentence}: {}.", named.join(", ")),
        }
    }

    /// Where it stands.
    pub fn standing(&self) -> String {
        let (who, what) = (who(self.lead, self.language), self.what());
        let with = |sv: &str, easy: &str, en: &str| {
            self.pick(sv, easy, en).replace("{who}", who).replace("{what}", what)
        };
        match self.case.status() {
            Status::Draft => with(
                "Du har inte skickat in {what} än.",
                "Du har inte skickat in {what} än.",
                "You have not handed in {what} yet.",
            ),
            Status::Reported => {
                with("{who} läser {what}.", "{who} läser {what} nu.", "{who} is reading {what}.")
            }
            Status::Triaged => with(
                "{who} har läst och bedömt {what}.",
                "{who} har läst {what} och vet hur allvarligt det är.",
                "{who} has read and assessed {what}.",
            ),
            Status::Investigating => with(
                "{who} utreder vad som hände och varför.",
                "{who} tar reda på vad som hände och varför.",
                "{who} is finding out what happened and why.",
            ),
            Status::MeasuresDecided => self.with_measures(self.pick(
                "Åtgärder är beslutade",
                "Det är bestämt vad som ska göras",
                "It is decided what will be done",
            )),
            Status::FollowingUp => self.with_measures(self.pick(
                "Åtgärderna genomförs och följs upp",
                "Det som är bestämt görs nu",
                "What was decided is being done and followed up",
            )),
            Status::Closed => {
                let closed = self.pick("Ärendet är avslutat", "Det är klart", "The case is closed");
                match &self.outcome {
                    Some(outcome) => format!("{closed}: {}.", in_sentence(outcome)),
                    None => format!("{closed}."),
                }
            }
            Status::Void => self
                .pick(
                    "Ärendet är makulerat och räknas inte.",
                    "Ärendet är borttaget. Det räknas inte.",
                    "The case was made void and is not counted.",
                )
                .to_owned(),
        }
    }

    /// What happens next, and who does it; `None` is the reader.
    pub fn next(&self) -> Option<(String, Option<Role>)> {
        let simple = self.case.assessment.track == Some(Track::Simple);
        let (sv, easy, en) = match self.case.status() {
            Status::Draft => {
                let text = self.pick(
                    "Skicka in den när den är klar.",
                    "Skicka in den när du är klar.",
                    "Hand it in when it is ready.",
                );
                return Some((text.to_owned(), None));
            }
            Status::Reported => (
                "{who} bedömer hur allvarligt det är och vad som ska göras.",
                "{who} bestämmer hur allvarligt det är och vad som ska göras.",
                "{who} judges how grave it is and what to do.",
            ),
            Status::Triaged if simple => (
                "{who} avslutar ärendet och berättar vad som gjordes.",
                "{who} berättar vad som gjordes.",
                "{who} closes the case and tells what was done.",
            ),
            Status::Triaged => (
                "{who} tar reda på vad som hände och varför.",
                "{who} tar reda på vad som hände och varför.",
                "{who} finds out what happened and why.",
            ),
            Status::Investigating => (
                "{who} beslutar vad som ska göras för att det inte ska hända igen.",
                "{who} bestämmer vad som ska göras så att det inte händer igen.",
                "{who} decides what to do so that it does not happen again.",
            ),
            Status::MeasuresDecided => (
                "Åtgärderna genomförs, och {in} följer upp om de hjälper.",
                "Det som är bestämt görs. Sedan ser {in} om det hjälper.",
                "It is done, and {in} looks whether it helps.",
            ),
            Status::FollowingUp => (
                "{who} avslutar ärendet och berättar vad som blev gjort.",
                "{who} berättar när allt är klart.",
                "{who} closes the case and tells what was done.",
            ),
            Status::Closed | Status::Void => return None,
        };
        let who = who(self.lead, self.language);
        let text = self.pick(sv, easy, en).replace("{who}", who);
        Some((text.replace("{in}", &in_sentence(who)), Some(self.lead)))
    }

    /// A step of its history; `None` for what is nothing to the one who reported it.
    pub fn step(&self, step: &Step<'_>) -> Option<String> {
        let became = |status: Status| step.to == status.code() && step.from != Some(step.to);
        let (sv, easy, en) = match step.command {
            "file" if became(Status::Draft) => {
                ("Du började skriva.", "Du började skriva.", "You began to write.")
            }
            "file" | "submit" => ("Det rapporterades.", "Rapporten kom in.", "It was reported."),
            "import" => (
                "Det fördes över från ett äldre system.",
                "Det flyttades från ett gammalt system.",
                "It was brought over from an older system.",
            ),
            "refile" if step.from.is_none() => {
                let (sv, easy, en) = match self.case.kind {
                    Kind::Avvikelse => ("avvikelse", "avvikelse", "a deviation"),
                    Kind::Synpunkt => ("synpunkt", "synpunkt", "a comment"),
                    Kind::Klagomal => ("klagomål", "klagomål", "a complaint"),
                };
                let text = self.pick(
                    "Det registrerades om som {kind}. Din text är densamma.",
                    "Det är nu en annan sorts ärende: {kind}. Din text är densamma.",
                    "It was filed again as {kind}. Your text is the same.",
                );
                return Some(text.replace("{kind}", self.pick(sv, easy, en)));
            }
            "triage" if became(Status::Triaged) => {
                ("Det bedömdes.", "Det bedömdes.", "It was assessed.")
            }
            "investigate" if became(Status::Investigating) => {
                ("Utredningen började.", "Utredningen började.", "The investigation began.")
            }
            "decide_measures" => (
                "Åtgärder beslutades.",
                "Det bestämdes vad som ska göras.",
                "Measures were decided.",
            ),
            "follow_up" => ("Uppföljningen började.", "Uppföljningen började.", "Follow-up began."),
            "feedback" => (
                "Återkoppling gavs.",
                "Någon berättade vad som hände sedan.",
                "Feedback was given.",
            ),
            "comment" if step.to_reporter => {
                ("Du fick en kommentar.", "Någon skrev till dig.", "Somebody wrote to you.")
            }
            "supplement" => {
                ("En uppgift lades till.", "Du skrev till något.", "Something was added.")
            }
            "correct" => ("Uppgifter rättades.", "Något rättades.", "Something was corrected."),
            "transfer" => (
                "Det lämnades till en annan enhet.",
                "En annan enhet tog över.",
                "It was given to another unit.",
            ),
            "close" => ("Ärendet avslutades.", "Det blev klart.", "The case was closed."),
            "reopen" => {
                ("Ärendet togs upp igen.", "Det togs upp igen.", "The case was taken up again.")
            }
            "void" => ("Ärendet makulerades.", "Ärendet togs bort.", "The case was made void."),
            _ => return None,
        };
        Some(self.pick(sv, easy, en).to_owned())
    }
}
